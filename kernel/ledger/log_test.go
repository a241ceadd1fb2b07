package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// log is a log in memory: the tables that the store keeps, as slices that a test may falsify.
type log struct {
	leaves      []Leaf
	hashes      []IndexedHash // nil: not offered to the verifier
	checkpoints []StoredCheckpoint
	pending     []Entry
	key         keyPair
}

type keyPair struct {
	note.Signer
	note.Verifier
	public string
}

func (k keyPair) Name() string    { return k.Signer.Name() }
func (k keyPair) KeyHash() uint32 { return k.Signer.KeyHash() }

func newKey(t testing.TB, systemID string) keyPair {
	t.Helper()
	s, p, err := GenerateKey(systemID)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := NewSigner(s)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := NewVerifier(p)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{signer, verifier, p}
}

func each[T any](ctx context.Context, list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, ctx.Err()) {
				return
			}
		}
	}
}

type plainSource struct{ *log }

func (s plainSource) Leaves(ctx context.Context) iter.Seq2[Leaf, error] { return each(ctx, s.leaves) }
func (s plainSource) Checkpoints(ctx context.Context) iter.Seq2[StoredCheckpoint, error] {
	return each(ctx, s.checkpoints)
}
func (s plainSource) Pending(ctx context.Context) iter.Seq2[Entry, error] {
	return each(ctx, s.pending)
}

type fullSource struct{ plainSource }

func (s fullSource) Hashes(ctx context.Context) iter.Seq2[IndexedHash, error] {
	return each(ctx, s.hashes)
}

var dayOne = time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)

const tick = 100 * time.Second // between events: four leaves reach beyond the skew

// newLog has n leaves, event i at dayOne + i ticks, of records/2+1 records in turn or at random, and a
// checkpoint after each step leaves and after the last.
func newLog(t testing.TB, r *rand.Rand, n, records, step int) *log {
	l := &log{key: newKey(t, "test")}
	count := map[byte]int64{}
	for i := range n {
		rec := byte(r.IntN(records)) + 1
		count[rec]++
		e := Entry{Seq: int64(i + 1), Record: [16]byte{7: 0x70, 15: rec}, Process: "incident", N: count[rec], Revision: count[rec],
			At: dayOne.Add(time.Duration(i) * tick), OccurredAt: dayOne.Add(time.Duration(i)*tick - time.Hour),
			Actor: [16]byte{9}, Door: "api", Command: "assign", Cause: int64(i / 2), Reason: "naïve \"reason\"\n€",
			Body: fmt.Appendf(nil, `{"set":{"state":["new","s%d"]}}`, r.IntN(1000))}
		l.leaves = append(l.leaves, Leaf{No: int64(i), Hash: LeafHash(LeafData(e)), Entry: e})
	}
	l.rebuild()
	for i := step; i < n; i += step {
		l.sign(t, int64(i))
	}
	l.sign(t, int64(n))
	return l
}

// dispose takes the body of a leaf away, and leaves its hash.
func (l *log) dispose(i int) {
	x := &l.leaves[i]
	x.Held, x.Entry.Body, x.Entry.BodyHash = Bodiless, nil, sha256.Sum256(x.Entry.Body)
}

// hashes says whether what is left of the event is what its leaf committed to.
func (l *Leaf) hashes() bool {
	switch l.Held {
	case Whole:
		return LeafHash(LeafData(l.Entry)) == l.Hash
	case Bodiless:
		return LeafHash(HeaderData(l.Entry)) == l.Hash
	}
	return true
}

func (l *log) size() int64 { return int64(len(l.leaves)) }

func (l *log) root(size int64) tlog.Hash {
	var e Edge
	for _, leaf := range l.leaves[:size] {
		e.Push(leaf.Hash, nil)
	}
	return e.Root()
}

func (l *log) note(t testing.TB, size int64) string {
	t.Helper()
	text, err := SignCheckpoint(Checkpoint{Size: size, Root: l.root(size), Time: dayOne.Add(time.Duration(size)*tick - tick/2)}, l.key.Signer)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (l *log) sign(t testing.TB, size int64) {
	l.checkpoints = append(l.checkpoints, StoredCheckpoint{size, l.note(t, size)})
}

// rebuild numbers the leaves anew and makes all hashes fit what the events say now: what a forger
// with the whole database, but without the key, does.
func (l *log) rebuild() {
	var e Edge
	l.hashes = l.hashes[:0]
	for i := range l.leaves {
		leaf := &l.leaves[i]
		leaf.No = int64(i)
		if leaf.Held == Whole {
			leaf.Hash = LeafHash(LeafData(leaf.Entry))
		}
		l.hashes = e.Push(leaf.Hash, l.hashes)
	}
}

// resign makes the checkpoints fit too: what a forger with a key does.
func (l *log) resign(t testing.TB, k keyPair) {
	l.key = k
	for i, c := range l.checkpoints {
		l.checkpoints[i].Size = min(c.Size, l.size())
		l.checkpoints[i].Note = l.note(t, l.checkpoints[i].Size)
	}
}

func (l *log) clone() *log {
	c := *l
	c.leaves = slices.Clone(l.leaves)
	c.hashes = slices.Clone(l.hashes)
	c.checkpoints = slices.Clone(l.checkpoints)
	c.pending = slices.Clone(l.pending)
	for i := range c.leaves {
		c.leaves[i].Entry.Body = slices.Clone(c.leaves[i].Entry.Body)
	}
	return &c
}

func verify(t testing.TB, src Source, k keyPair, outside ...string) Report {
	t.Helper()
	rep, err := Verify(t.Context(), src, Options{Keys: []note.Verifier{k.Verifier}, Outside: outside})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

func fixed() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }
