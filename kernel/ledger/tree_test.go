package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// The tree of RFC 6962, 2.1, as it stands there: recursive, slow, over the data themselves.

func half(n int) int { // the largest power of two below n
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

func mth(d []tlog.Hash) tlog.Hash { // leaf hashes in, they are MTH({d(i)})
	switch len(d) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return d[0]
	}
	l, r := mth(d[:half(len(d))]), mth(d[half(len(d)):])
	return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
}

func path(m int, d []tlog.Hash) []tlog.Hash { // PATH(m, D[n])
	if len(d) == 1 {
		return nil
	}
	k := half(len(d))
	if m < k {
		return append(path(m, d[:k]), mth(d[k:]))
	}
	return append(path(m-k, d[k:]), mth(d[:k]))
}

func proof(m int, d []tlog.Hash) []tlog.Hash { return subproof(m, d, true) } // PROOF(m, D[n])

func subproof(m int, d []tlog.Hash, whole bool) []tlog.Hash {
	if m == len(d) {
		if whole {
			return nil
		}
		return []tlog.Hash{mth(d)}
	}
	k := half(len(d))
	if m <= k {
		return append(subproof(m, d[:k], whole), mth(d[k:]))
	}
	return append(subproof(m-k, d[k:], false), mth(d[:k]))
}

// stored is a table of tree hashes that counts how it is read.
type stored struct {
	hashes []tlog.Hash
	reads  int
}

func (s *stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	s.reads++
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x >= int64(len(s.hashes)) {
			return nil, fmt.Errorf("hash %d is not stored", x)
		}
		out[i] = s.hashes[x]
	}
	return out, nil
}

func (s *stored) put(t interface{ Fatalf(string, ...any) }, hs []IndexedHash) {
	for _, h := range hs {
		if h.Index != int64(len(s.hashes)) {
			t.Fatalf("hash of index %d follows %d stored", h.Index, len(s.hashes))
		}
		s.hashes = append(s.hashes, h.Hash)
	}
}

func leafNo(i int) tlog.Hash { return LeafHash(binary.BigEndian.AppendUint64(nil, uint64(i))) }

func TestTreeIsThatOfRFC6962(t *testing.T) {
	var s stored
	var d []tlog.Hash
	for n := range 140 {
		root, err := Root(int64(n), &s)
		if err != nil || root != mth(d) {
			t.Fatalf("root of %d: %v, %v", n, root, err)
		}
		now := Checkpoint{Origin: "steward/x", Size: int64(n), Root: root}
		for m := range n {
			p, err := Prove(int64(n), int64(m), &s)
			if err != nil || !slices.Equal(p, path(m, d)) {
				t.Fatalf("proof of %d in %d: %v", m, n, err)
			}
			if err := CheckInclusion(now, int64(m), d[m], p); err != nil {
				t.Fatal(err)
			}
			if CheckInclusion(now, int64(m), leafNo(9999), p) == nil || n > 1 && CheckInclusion(now, int64((m+1)%n), d[m], p) == nil {
				t.Fatalf("false proof of %d in %d accepted", m, n)
			}
		}
		for m := range n + 1 {
			p, err := Consistency(int64(m), int64(n), &s)
			if err != nil || m > 0 && !slices.Equal(p, proof(m, d)) {
				t.Fatalf("consistency of %d with %d: %v", m, n, err)
			}
			old := Checkpoint{Origin: "steward/x", Size: int64(m), Root: mth(d[:m])}
			if err := CheckConsistency(old, now, p); err != nil {
				t.Fatal(err)
			}
			if old.Root[5] ^= 1; CheckConsistency(old, now, p) == nil {
				t.Fatalf("false consistency of %d with %d accepted", m, n)
			}
		}
		hs, _, err := Append(int64(n), []tlog.Hash{leafNo(n)}, &s)
		if err != nil {
			t.Fatal(err)
		}
		s.put(t, hs)
		d = append(d, leafNo(n))
	}
}

func TestProofsOfWhatIsNotThereAreRefused(t *testing.T) {
	var s stored
	hs, root, _ := Append(0, []tlog.Hash{leafNo(0), leafNo(1)}, &s)
	s.put(t, hs)
	if _, err := Prove(2, 2, &s); err == nil {
		t.Error("proved leaf 2 of 2")
	}
	if _, err := Consistency(3, 2, &s); err == nil {
		t.Error("proved that 3 is a beginning of 2")
	}
	a, b := Checkpoint{Origin: "steward/a", Size: 2, Root: root}, Checkpoint{Origin: "steward/b", Size: 2, Root: root}
	if CheckConsistency(a, b, nil) == nil {
		t.Error("two systems passed as one log")
	}
	if _, _, err := Append(5, nil, &s); err == nil {
		t.Error("appended to a tree whose hashes are missing")
	}
}

func TestAppendingInBatchesGivesTheSameTreeAndReadsOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s stored
		var d []tlog.Hash
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 70), 1, 8).Draw(t, "batches") {
			size := int64(len(d))
			var batch []tlog.Hash
			for range n {
				batch = append(batch, leafNo(len(d)))
				d = append(d, leafNo(len(d)))
			}
			s.reads = 0
			hs, root, err := Append(size, batch, &s)
			if err != nil || s.reads > 1 {
				t.Fatalf("%v, %d reads", err, s.reads)
			}
			s.put(t, hs)
			if want := mth(d); root != want {
				t.Fatalf("root of %d: %v, want %v", len(d), root, want)
			}
			if byTlog, err := tlog.TreeHash(int64(len(d)), &s); err != nil || byTlog != root {
				t.Fatalf("stored hashes give %v, %v", byTlog, err)
			}
			if int64(len(s.hashes)) != tlog.StoredHashCount(int64(len(d))) {
				t.Fatalf("%d hashes stored, tlog counts %d", len(s.hashes), tlog.StoredHashCount(int64(len(d))))
			}
		}
	})
}

func TestLeafDataIsTheDocumentedBytes(t *testing.T) {
	at := time.Date(2026, 11, 25, 9, 0, 0, 120_000, time.FixedZone("", 3600))
	e := Entry{Seq: 12, Record: [16]byte{0x01, 0x98, 0xa2, 0xf0, 0x11, 0x11, 0x70, 15: 0xff}, Process: "incident", N: 3, Revision: 2,
		At: at, OccurredAt: at.Add(-time.Hour), Door: "mail", Command: "reply", Cause: 7, Reason: "she said \"no\"\n", Body: []byte(`{"set":{}}`)}
	sum := sha256.Sum256(e.Body)
	want := `{"actor":null,"at":"2026-11-25T08:00:00.000120Z","body_sha256":"` + hex.EncodeToString(sum[:]) + `","cause":7,"command":"reply","door":"mail","for_actor":null,"n":3,` +
		`"occurred_at":"2026-11-25T07:00:00.000120Z","process":"incident","reason":"she said \"no\"\n",` +
		`"record":"0198a2f0-1111-7000-0000-0000000000ff","revision":2,"seq":12,"v":1}`
	if got := string(LeafData(e)); got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
	// Pinned: whoever changes this line breaks every log that exists.
	if got := LeafHash(LeafData(e)).String(); got != "eyD02//kVHv3rjSiOzHJx32ruqRq+DvqUV9G0a+vtBM=" {
		t.Errorf("leaf hash %s", got)
	}
	var h Hasher
	if h.Hash(&Entry{Reason: "longer than the next, so that the buffer is reused"}); h.Hash(&e) != LeafHash(LeafData(e)) {
		t.Error("Hasher and LeafHash differ")
	}
	bodiless := e
	bodiless.Body, bodiless.BodyHash = nil, sum
	if h.HashHeader(&bodiless) != LeafHash(LeafData(e)) || string(HeaderData(bodiless)) != want {
		t.Error("the header without its body is another leaf")
	}
	e.BodyHash[3] = 1
	if h.Hash(&e) == LeafHash(LeafData(e)) {
		t.Error("a header that names another body passes for the leaf")
	}
}

func TestHeaderIsCanonicalAndComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := anyEntry(t)
		if err := e.encodable(); err != nil {
			t.Fatal(err)
		}
		if err := IsCanonical(appendHeader(nil, &e)); err != nil {
			t.Fatal(err)
		}
		it := item{leaf: Leaf{No: 3, Hash: leafNo(3), Entry: e}}
		line := appendItem(nil, &it)
		if err := IsCanonical(line[:len(line)-1]); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	})
}

func TestDifferentEntriesHaveDifferentLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyEntry(t)
		b := a
		b.Body = slices.Clone(a.Body)
		switch rapid.IntRange(0, 13).Draw(t, "field") {
		case 0:
			b.Seq++
		case 1:
			b.Record[15]++
		case 2:
			b.Process += "x"
		case 3:
			b.N++
		case 4:
			b.Revision--
		case 5:
			b.At = b.At.Add(time.Microsecond)
		case 6:
			b.OccurredAt = b.OccurredAt.Add(-time.Microsecond)
		case 7:
			b.Actor[0]++
		case 8:
			b.ForActor[7]++
		case 9:
			b.Door += "x"
		case 10:
			b.Command = b.Command + "\n"
		case 11:
			b.Cause++
		case 12: // what one field loses the next gains
			b.Reason, b.Body = b.Reason+"\n", append([]byte("\n"), b.Body...)
		case 13:
			b.Body = append(b.Body, 'x')
		}
		if string(LeafData(a)) == string(LeafData(b)) {
			t.Fatalf("%+v and %+v have the same leaf", a, b)
		}
	})
}

func anyEntry(t *rapid.T) Entry {
	text := rapid.StringN(0, 20, -1)
	id := rapid.Custom(func(t *rapid.T) [16]byte {
		return [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	})
	small := rapid.Int64Range(-9, MaxInt-1)
	us := rapid.Int64Range(-62_000_000_000_000_000, 250_000_000_000_000_000)
	return Entry{Seq: small.Draw(t, "seq"), Record: id.Draw(t, "record"), Process: text.Draw(t, "process"), N: small.Draw(t, "n"),
		Revision: small.Draw(t, "revision"), At: time.UnixMicro(us.Draw(t, "at")), OccurredAt: time.UnixMicro(us.Draw(t, "occurred")),
		Actor: id.Draw(t, "actor"), Door: text.Draw(t, "door"), Command: text.Draw(t, "command"), Cause: small.Draw(t, "cause"),
		Reason: text.Draw(t, "reason"), Body: []byte(text.Draw(t, "body"))}
}

func TestEntriesThatCannotBeKeptAreRefusedBeforeTheyAreWritten(t *testing.T) {
	good := Entry{Seq: 1, N: 1, At: dayOne, OccurredAt: dayOne, Body: []byte("{}")}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(e *Entry){
		"reason: not_utf8":        func(e *Entry) { e.Reason = "\xff" },
		"cause: too_large":        func(e *Entry) { e.Cause = MaxInt + 1 },
		"at: too_fine":            func(e *Entry) { e.At = e.At.Add(1) },
		"occurred_at: year":       func(e *Entry) { e.OccurredAt = e.OccurredAt.AddDate(9000, 0, 0) },
		"seq, n: not_positive":    func(e *Entry) { e.N = 0 },
		"body: not_canonical: wr": func(e *Entry) { e.Body = []byte(`{"b":1,"a":2}`) },
	} {
		e := good
		spoil(&e)
		if err := e.Check(); err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestTimesAreWrittenAsGoFormatsThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.UnixMicro(rapid.Int64Range(-62_135_596_800_000_000, 253_402_300_799_999_999).Draw(t, "us"))
		if got, want := string(AppendTime(nil, at)), at.UTC().Format(`"`+timeForm+`"`); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	})
}

func BenchmarkLeaf(b *testing.B) { // an event of 400 bytes
	l := newLog(b, fixed(), 1, 1, 1)
	e := l.leaves[0].Entry
	e.Body, _ = Canonical(body)
	var h Hasher
	b.SetBytes(int64(len(LeafData(e))))
	b.ReportAllocs()
	for b.Loop() {
		h.Hash(&e)
	}
}

func BenchmarkAppend1000(b *testing.B) {
	var s stored
	leaves := make([]tlog.Hash, 1000)
	for i := range leaves {
		leaves[i] = leafNo(i)
	}
	hs, _, _ := Append(0, leaves[:999], &s)
	s.put(b, hs)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Append(999, leaves, &s); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/leaf")
}
