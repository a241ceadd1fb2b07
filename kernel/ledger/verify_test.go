package ledger

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

func TestALogThatNobodyTouchedHolds(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 7, 8, 9, 64, 300, 1000} {
		l := newLog(t, fixed(), n, 5, 10)
		for _, src := range []Source{plainSource{l}, fullSource{plainSource{l}}} {
			rep := verify(t, src, l.key, l.note(t, int64(n/2)), l.note(t, int64(n)))
			if !rep.Holds() || rep.Leaves != int64(n) || rep.Whole != int64(n) || rep.Outside != 2 || rep.Checkpoints != len(l.checkpoints) {
				t.Fatalf("%d leaves: %+v, fault %v", n, rep, rep.Fault)
			}
			if len(rep.Caveats) != 0 {
				t.Errorf("%d leaves, all under an outside checkpoint, yet caveats: %q", n, rep.Caveats)
			}
		}
	}
}

func TestWithoutAnOutsideCheckpointReplacementIsNotExcluded(t *testing.T) {
	l := newLog(t, fixed(), 20, 3, 10)
	if rep := verify(t, plainSource{l}, l.key); !rep.Holds() || len(rep.Caveats) != 1 || !strings.Contains(rep.Caveats[0], "cannot be excluded") {
		t.Errorf("%+v", rep)
	}
}

// A manipulation falsifies a log at position at (leaf 23 of 40, checkpoints after 10, 20, 30, 40).
type manipulation struct {
	name    string
	do      func(t *testing.T, l *log)
	outside int64 // size of the checkpoint kept outside before the manipulation, -1 for none
	full    string
	plain   string // without stored tree hashes; "" for the same
}

// manipulations are those of trust.md 4.4 and a few between them. What is expected is the printed
// beginning of the fault.
var manipulations = []manipulation{
	{"change a byte of a body", func(t *testing.T, l *log) { l.leaves[23].Entry.Body[20] ^= 1 }, -1,
		"leaf 23 (event 24): altered: the event hashes to", ""},
	{"change a header field", func(t *testing.T, l *log) { l.leaves[23].Entry.Reason = "another" }, -1,
		"leaf 23 (event 24): altered", ""},
	{"change the time of an event", func(t *testing.T, l *log) { l.leaves[23].Entry.OccurredAt = dayOne }, -1,
		"leaf 23 (event 24): altered", ""},
	{"change the number of an event", func(t *testing.T, l *log) { l.leaves[23].Entry.Seq = 99 }, -1,
		"leaf 23 (event 99): altered", ""},
	{"change bytes to such that are not text", func(t *testing.T, l *log) { l.leaves[23].Entry.Reason = "\xff" }, -1,
		"leaf 23 (event 24): altered: the event cannot be", ""},
	{"change a leaf hash", func(t *testing.T, l *log) { l.leaves[23].Hash[3] ^= 1 }, -1,
		"leaf 23 (event 24): altered: the stored leaf hash", "leaf 23 (event 24): altered: the event hashes to"},
	{"change a byte and its leaf hash", func(t *testing.T, l *log) {
		l.leaves[23].Entry.Body[20] ^= 1
		l.leaves[23].Hash = LeafHash(LeafData(l.leaves[23].Entry))
	}, -1, "leaf 23 (event 24): tree_altered", "leaves 20 to 29, checkpoint 3: root_mismatch"},
	{"rebuild the tree after a change", func(t *testing.T, l *log) {
		l.leaves[23].Entry.Body[20] ^= 1
		l.rebuild()
	}, -1, "leaves 20 to 29, checkpoint 3: root_mismatch", ""},
	{"rebuild the tree and sign with the stolen key", func(t *testing.T, l *log) {
		l.leaves[23].Entry.Body[20] ^= 1
		l.rebuild()
		l.resign(t, l.key)
	}, 35, "leaves 0 to 34, outside checkpoint 1: replaced", ""},
	{"sign with another key", func(t *testing.T, l *log) {
		l.leaves[23].Entry.Body[20] ^= 1
		l.rebuild()
		l.resign(t, newKey(t, "test"))
	}, -1, "leaves 0 to 9, checkpoint 1: other_key", ""},
	{"sign one checkpoint with another key", func(t *testing.T, l *log) {
		k := l.key
		l.key = newKey(t, "test")
		l.checkpoints[2].Note = l.note(t, 30)
		l.key = k
	}, -1, "leaves 20 to 29, checkpoint 3: other_key", ""},
	{"change the root in a checkpoint", func(t *testing.T, l *log) {
		l.checkpoints[2].Note = strings.Replace(l.checkpoints[2].Note, "\n30\n", "\n31\n", 1)
	}, -1, "leaves 20 to 29, checkpoint 3: bad_signature", ""},
	{"write rubbish into a checkpoint", func(t *testing.T, l *log) { l.checkpoints[2].Note = "rubbish\n" }, -1,
		"leaves 20 to 29, checkpoint 3: bad_checkpoint", ""},
	{"delete an event", func(t *testing.T, l *log) { l.leaves[23].Held, l.leaves[23].Entry = Lost, Entry{} }, -1,
		"leaf 23: event_missing", ""},
	{"delete an event in the middle of a record, renumber, rebuild", func(t *testing.T, l *log) {
		l.leaves = slices.Delete(l.leaves, 20, 21)
		l.rebuild()
	}, -1, "leaf 22 (event 24): record_order: event 4 of its record follows event 2", ""},
	{"delete an event and its leaf", func(t *testing.T, l *log) { l.leaves = slices.Delete(l.leaves, 23, 24) }, -1,
		"leaf 23: leaf_missing", ""},
	{"delete the leaf of an event", func(t *testing.T, l *log) {
		l.pending = append(l.pending, l.leaves[39].Entry)
		l.leaves = l.leaves[:39]
	}, -1, "leaf 39, checkpoint 4: truncated", ""},
	{"delete the last event of a record, renumber and rebuild", func(t *testing.T, l *log) {
		i := lastOfSomeRecord(l)
		l.leaves = slices.Delete(l.leaves, i, i+1)
		l.rebuild()
	}, -1, "leaves 20 to 29, checkpoint 3: root_mismatch", ""},
	{"insert an event and renumber, tree untouched", func(t *testing.T, l *log) {
		x := l.leaves[22]
		x.Entry.Record, x.Entry.N, x.Entry.Seq = [16]byte{77}, 1, 500
		x.Hash = LeafHash(LeafData(x.Entry))
		l.leaves = slices.Insert(l.leaves, 23, x)
		renumber(l)
	}, -1, "leaf 23 (event 500): tree_altered", "leaves 20 to 29, checkpoint 3: root_mismatch"},
	{"insert a back-dated event at the end", func(t *testing.T, l *log) {
		x := Leaf{Entry: Entry{Seq: 500, Record: [16]byte{77}, N: 1, At: dayOne.Add(5 * tick), OccurredAt: dayOne, Body: []byte("{}")}}
		l.leaves = append(l.leaves, x)
		l.rebuild()
		l.sign(t, 41)
	}, 40, "leaf 40 (event 500): back_dated", ""},
	{"post-date an event", func(t *testing.T, l *log) {
		x := Leaf{Entry: Entry{Seq: 500, Record: [16]byte{77}, N: 1, At: dayOne.Add(90 * tick), OccurredAt: dayOne, Body: []byte("{}")}}
		l.leaves = append(l.leaves, x)
		l.rebuild()
		l.sign(t, 41)
	}, 40, "leaf 40 (event 500): back_dated", ""},
	{"insert an event that has no leaf", func(t *testing.T, l *log) {
		l.pending = append(l.pending, Entry{Seq: 25, Record: [16]byte{77}, N: 1, At: dayOne.Add(24 * tick)})
	}, -1, "leaf 40 (event 25): event_unlogged", ""},
	{"give a leaf number twice", func(t *testing.T, l *log) { l.leaves = slices.Insert(l.leaves, 24, l.leaves[23]) }, -1,
		"leaf 23 (event 24): leaf_order", ""},
	{"reorder two events of one record and rebuild", func(t *testing.T, l *log) {
		i, j := twoOfOneRecord(l, 20)
		l.leaves[i].Entry, l.leaves[j].Entry = l.leaves[j].Entry, l.leaves[i].Entry
		l.rebuild()
	}, -1, "leaf 20 (event 24): record_order", ""},
	{"reorder two leaves", func(t *testing.T, l *log) {
		l.leaves[23], l.leaves[24] = l.leaves[24], l.leaves[23]
	}, -1, "leaf 23: leaf_missing: the next leaf stored is 24", ""},
	{"truncate the tail", func(t *testing.T, l *log) { l.leaves = l.leaves[:33]; l.rebuild() }, -1,
		"leaves 33 to 39, checkpoint 4: truncated", ""},
	{"truncate the tail with its checkpoint", func(t *testing.T, l *log) {
		l.leaves = l.leaves[:33]
		l.checkpoints = l.checkpoints[:3]
		l.rebuild()
	}, 40, "leaves 33 to 39, outside checkpoint 1: truncated", ""},
	{"truncate leaves but not the tree", func(t *testing.T, l *log) {
		l.leaves = l.leaves[:33]
		l.checkpoints = l.checkpoints[:3]
	}, -1, "leaf 33: tree_altered", "holds"},
	{"roll back the whole database", func(t *testing.T, l *log) {
		l.leaves = l.leaves[:20]
		l.checkpoints = l.checkpoints[:2]
		l.rebuild()
	}, 40, "leaves 20 to 39, outside checkpoint 1: truncated", ""},
	{"replay an old checkpoint as the newest", func(t *testing.T, l *log) { l.checkpoints[3].Note = l.checkpoints[1].Note }, -1,
		"leaves 30 to 39, checkpoint 4: replayed: signed for 20", ""},
	{"replay an old checkpoint as a row of its own", func(t *testing.T, l *log) { l.checkpoints = append(l.checkpoints, l.checkpoints[1]) }, -1,
		"leaf 40, checkpoint 5: replayed: signed for 20", ""},
	{"change a stored tree hash", func(t *testing.T, l *log) {
		for i, h := range l.hashes {
			if h.Hash == l.leaves[23].Hash {
				l.hashes[i+1].Hash[0] ^= 1
			}
		}
	}, -1, "leaf 23 (event 24): tree_altered", "holds"},
	{"delete a stored tree hash", func(t *testing.T, l *log) { l.hashes = l.hashes[:len(l.hashes)-1] }, -1,
		"leaf 39 (event 40): tree_altered: the stored tree ends", "holds"},
}

func TestEveryManipulationIsNamedAtItsFirstBadPosition(t *testing.T) {
	for _, m := range manipulations {
		t.Run(m.name, func(t *testing.T) {
			l := newLog(t, fixed(), 40, 6, 10)
			k := l.key
			var outside []string
			if m.outside >= 0 {
				outside = append(outside, l.note(t, m.outside))
				without := l.clone()
				if m.do(t, without); m.outside > without.size() || strings.Contains(m.full, "outside") {
					if rep := verify(t, fullSource{plainSource{without}}, k); !rep.Holds() {
						t.Fatalf("found without the outside checkpoint, which this case is to prove necessary: %v", rep.Fault)
					}
				}
			}
			m.do(t, l)
			if m.plain == "" {
				m.plain = m.full
			}
			for _, c := range []struct {
				src  Source
				want string
			}{{fullSource{plainSource{l}}, m.full}, {plainSource{l}, m.plain}} {
				rep := verify(t, c.src, k, outside...)
				got := "holds"
				if rep.Fault != nil {
					got = rep.Fault.Error()
				}
				if !strings.HasPrefix(got, c.want) {
					t.Errorf("%T: %s, want %s", c.src, got, c.want)
				}
			}
		})
	}
}

func renumber(l *log) {
	for i := range l.leaves {
		l.leaves[i].No = int64(i)
	}
}

// lastOfSomeRecord is the first leaf after which its record has no event.
func lastOfSomeRecord(l *log) int {
	for i := range l.leaves {
		later := func(o Leaf) bool { return o.Entry.Record == l.leaves[i].Entry.Record }
		if !slices.ContainsFunc(l.leaves[i+1:], later) {
			return i
		}
	}
	panic("a record's last event is somewhere")
}

// twoOfOneRecord is the first pair of leaves, from leaf from on, of one record.
func twoOfOneRecord(l *log, from int) (int, int) {
	for i := from; i < len(l.leaves); i++ {
		for j := i + 1; j < len(l.leaves); j++ {
			if l.leaves[i].Entry.Record == l.leaves[j].Entry.Record {
				return i, j
			}
		}
	}
	panic("more leaves than records")
}

func TestErasedAndArchivedEventsStillVerify(t *testing.T) {
	l := newLog(t, fixed(), 40, 6, 10)
	l.dispose(3)
	l.leaves[5].Held, l.leaves[5].Entry = HashOnly, Entry{}
	l.leaves[8].Held, l.leaves[8].Entry = HashOnly, Entry{}
	rep := verify(t, fullSource{plainSource{l}}, l.key, l.note(t, 40))
	if !rep.Holds() || rep.Bodiless != 1 || rep.HashOnly != 2 || rep.Whole != 37 {
		t.Fatalf("%+v, fault %v", rep, rep.Fault)
	}
	if len(rep.Caveats) != 2 || !strings.HasPrefix(rep.Caveats[0], "1 events have no body") || !strings.HasPrefix(rep.Caveats[1], "2 events are not kept") {
		t.Errorf("caveats %q", rep.Caveats)
	}
	l.leaves[3].Entry.Reason += "!"
	if rep := verify(t, plainSource{l}, l.key); rep.Holds() || rep.Fault.Kind != Altered || rep.Fault.Leaf != 3 {
		t.Errorf("a changed header whose body is gone: %v", rep.Fault)
	}
	l.leaves[3].Entry.Reason = strings.TrimSuffix(l.leaves[3].Entry.Reason, "!")
	l.leaves[3].Entry.BodyHash[0] ^= 1
	if rep := verify(t, plainSource{l}, l.key); rep.Holds() || rep.Fault.Kind != Altered || rep.Fault.Leaf != 3 {
		t.Errorf("another hash in place of the body that is gone: %v", rep.Fault)
	}
	l.leaves[3].Entry.BodyHash[0] ^= 1
	l.leaves[5].Hash[0] ^= 1
	if rep := verify(t, plainSource{l}, l.key); rep.Holds() || rep.Fault.Kind != RootMismatch || rep.Fault.Leaf != 0 {
		t.Errorf("a changed hash without its event: %v", rep.Fault)
	}
}

func TestOneUnseenLeafExplainsOneMissingNumberOnly(t *testing.T) {
	l := newLog(t, fixed(), 10, 1, 10) // one record: n = 1..10
	l.leaves[4].Held, l.leaves[4].Entry = HashOnly, Entry{}
	l.leaves[7].Entry.N = 9 // was 8, after 7: two numbers gone, one explained (and already used)
	l.rebuild()
	l.checkpoints = nil
	l.sign(t, 10)
	if rep := verify(t, plainSource{l}, l.key); rep.Holds() || rep.Fault.Kind != RecordOrder || rep.Fault.Leaf != 7 {
		t.Errorf("%v", rep.Fault)
	}
}

func TestEventsAfterTheLastCheckpointAreSaidToBeUnsigned(t *testing.T) {
	l := newLog(t, fixed(), 40, 6, 10)
	l.checkpoints = l.checkpoints[:3]
	l.pending = []Entry{{Seq: 41, Record: [16]byte{9}, N: 1, At: dayOne.Add(41 * tick)}}
	rep := verify(t, plainSource{l}, l.key, l.note(t, 20))
	if !rep.Holds() || rep.Pending != 1 {
		t.Fatalf("%v", rep.Fault)
	}
	all := strings.Join(rep.Caveats, "\n")
	for _, want := range []string{"before 20;", "10 leaves after the last checkpoint", "1 events have no leaf yet"} {
		if !strings.Contains(all, want) {
			t.Errorf("caveats lack %q: %s", want, all)
		}
	}
}

func TestAnOldKeyStillCountsAfterTheKeyWasChanged(t *testing.T) {
	l := newLog(t, fixed(), 40, 6, 10)
	older := l.key
	l.key = newKey(t, "test")
	l.checkpoints[3].Note = l.note(t, 40)
	rep, err := Verify(t.Context(), plainSource{l}, Options{Keys: []note.Verifier{older.Verifier, l.key.Verifier, older.Verifier}})
	if err != nil || !rep.Holds() {
		t.Errorf("%v %v", err, rep.Fault)
	}
	if rep := verify(t, plainSource{l}, older); rep.Holds() || rep.Fault.Checkpoint != 4 || rep.Fault.Kind != OtherKey {
		t.Errorf("only the older key given: %v", rep.Fault)
	}
}

func TestAnOutsideCheckpointUnderAnotherKeyIsAFault(t *testing.T) {
	l := newLog(t, fixed(), 40, 6, 10)
	kept := l.note(t, 40)
	l.resign(t, newKey(t, "test")) // and the key shown to the verifier is the forger's
	if rep := verify(t, plainSource{l}, l.key, kept); rep.Holds() || rep.Fault.Outside != 1 || rep.Fault.Kind != OtherKey {
		t.Errorf("%v", rep.Fault)
	}
}

type brokenSource struct {
	plainSource
	after int
}

func (s brokenSource) Leaves(ctx context.Context) iter.Seq2[Leaf, error] {
	return func(yield func(Leaf, error) bool) {
		for _, l := range s.leaves[:s.after] {
			if !yield(l, nil) {
				return
			}
		}
		yield(Leaf{}, errDisk)
	}
}

var errDisk = errors.New("disk on fire")

func TestASourceThatFailsIsNotALogThatFails(t *testing.T) {
	l := newLog(t, fixed(), 1000, 6, 10)
	_, err := Verify(t.Context(), brokenSource{plainSource{l}, 900}, Options{Keys: []note.Verifier{l.key}})
	if !errors.Is(err, errDisk) {
		t.Errorf("err = %v", err)
	}
	l.leaves[50].Entry.Reason = "changed"
	rep, err := Verify(t.Context(), brokenSource{plainSource{l}, 900}, Options{Keys: []note.Verifier{l.key}})
	if err != nil || rep.Holds() || rep.Fault.Leaf != 50 {
		t.Errorf("a fault before the failure: %v, %v", err, rep.Fault)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Verify(ctx, plainSource{l}, Options{Keys: []note.Verifier{l.key}}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := Verify(t.Context(), plainSource{l}, Options{}); err == nil {
		t.Error("verified without a key")
	}
}

func TestSkewIsFiveMinutesToTheMicrosecond(t *testing.T) {
	for _, tc := range []struct {
		off  time.Duration // from the checkpoint before (20 leaves), resp. after
		last bool
		want bool
	}{
		{-DefaultSkew, false, true}, {-DefaultSkew - time.Microsecond, false, false},
		{DefaultSkew, true, true}, {DefaultSkew + time.Microsecond, true, false},
	} {
		l := newLog(t, fixed(), 40, 6, 10)
		edge := dayOne.Add(20*tick - tick/2)
		if tc.last {
			edge = dayOne.Add(30*tick - tick/2)
		}
		l.leaves[25].Entry.At = edge.Add(tc.off)
		l.rebuild()
		l.resign(t, l.key)
		if rep := verify(t, plainSource{l}, l.key); rep.Holds() != tc.want {
			t.Errorf("%+v: %v", tc, rep.Fault)
		}
	}
}
