package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Verify reads a log once, in the order of its leaves, and reports the first position that does not
// hold. The error is about reading (the source, the options, ctx); what is wrong with the log is
// in the report. It keeps one number per record and one per checkpoint ahead, nothing per event.
func Verify(ctx context.Context, src Source, opt Options) (Report, error) {
	v, err := newChecker(opt)
	if err != nil {
		return Report{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if h, ok := src.(HashSource); ok {
		next, stop := iter.Pull2(h.Hashes(ctx))
		defer stop()
		v.stored = next
	}
	return v.run(ctx, merge(ctx, src), opt.Workers)
}

// checker is one pass over a log. It is used by one goroutine, the hashing happens beside it.
type checker struct {
	keys    []note.Verifier
	skew    time.Duration
	edge    Edge
	fresh   []IndexedHash // scratch: hashes that the leaf in hand adds
	stored  func() (IndexedHash, error, bool)
	n       map[[16]byte]int64 // record -> n of its last event
	unseen  int64              // leaves of which not even the header is kept: they may explain a gap in n
	ahead   []aheadCheckpoint  // read, but its leaves are not
	newest  *Checkpoint        // the last good one read
	seen    int                // checkpoints read
	outside []outsideCheckpoint
	vouched int64 // leaves under the last outside checkpoint that held
	rep     Report
}

type aheadCheckpoint struct {
	no   int
	size int64 // as stored beside the note
	Checkpoint
	fault *Fault // found while reading the note; counts when its place is reached
}

type outsideCheckpoint struct {
	no int
	Checkpoint
}

func newChecker(opt Options) (*checker, error) {
	if len(opt.Keys) == 0 {
		return nil, errors.New("keys: required: give the public key of the log")
	}
	v := &checker{skew: cmp.Or(opt.Skew, DefaultSkew), n: map[[16]byte]int64{}}
	for _, k := range opt.Keys { // the note package refuses the same key twice
		same := func(o note.Verifier) bool { return o.Name() == k.Name() && o.KeyHash() == k.KeyHash() }
		if !slices.ContainsFunc(v.keys, same) {
			v.keys = append(v.keys, k)
		}
	}
	for i, text := range opt.Outside {
		c, err := ParseCheckpoint(text, v.keys...)
		if err != nil {
			if v.rep.Fault == nil {
				v.rep.Fault = &Fault{Kind: kindOf(err), Outside: i + 1, Detail: err.Error()}
			}
			continue
		}
		v.outside = append(v.outside, outsideCheckpoint{i + 1, c})
	}
	slices.SortStableFunc(v.outside, func(a, b outsideCheckpoint) int { return cmp.Compare(a.Size, b.Size) })
	return v, nil
}

func kindOf(err error) Kind {
	switch {
	case errors.Is(err, ErrOtherKey):
		return OtherKey
	case errors.Is(err, ErrBadSignature):
		return BadSignature
	}
	return BadCheckpoint
}

func (v *checker) run(ctx context.Context, items iter.Seq2[item, error], workers int) (Report, error) {
	outside := len(v.outside)
	err := hashAhead(ctx, items, cmp.Or(workers, 2), func(it *item, hash tlog.Hash) (bool, error) {
		if v.rep.Fault != nil { // of an outside checkpoint, before the first item
			return false, nil
		}
		return v.take(it, hash)
	})
	if err != nil {
		var malformed *Fault
		if !errors.As(err, &malformed) {
			return v.rep, err
		}
		if v.rep.Fault == nil {
			malformed.Leaf = v.edge.size
			v.rep.Fault = malformed
		}
	}
	if v.rep.Fault == nil {
		v.end()
	}
	if f := v.rep.Fault; f != nil {
		f.Vouched = v.vouched
		if f.Kind != Replaced { // then the log's own checkpoints are worth nothing
			f.Vouched = max(f.Vouched, v.rep.Last.Size)
		}
	}
	v.rep.Root = v.edge.Root()
	v.rep.caveats(v.vouched, outside)
	return v.rep, nil
}

// fail notes the fault and ends the pass.
func (v *checker) fail(f Fault, form string, args ...any) {
	f.Detail = fmt.Sprintf(form, args...)
	v.rep.Fault = &f
}

// take checks the next item; false ends the pass.
func (v *checker) take(it *item, hash tlog.Hash) (bool, error) {
	switch it.kind {
	case checkpointItem:
		v.read(it.checkpoint)
	case leafItem:
		if v.settle(); v.rep.Fault == nil {
			if err := v.leaf(&it.leaf, hash); err != nil {
				return false, err
			}
		}
	case pendingItem:
		if v.settle(); v.rep.Fault == nil {
			v.pending(&it.leaf.Entry)
		}
	}
	return v.rep.Fault == nil, nil
}

// read parses a checkpoint that lies ahead. What is wrong with it is reported when its place comes,
// so that an earlier leaf is named first.
func (v *checker) read(s StoredCheckpoint) {
	v.seen++
	a := aheadCheckpoint{no: v.seen, size: s.Size}
	bad := func(kind Kind, form string, args ...any) {
		a.fault = &Fault{Kind: kind, Checkpoint: a.no, Detail: fmt.Sprintf(form, args...)}
	}
	c, err := ParseCheckpoint(s.Note, v.keys...)
	switch last := v.newest; {
	case err != nil:
		bad(kindOf(err), "%v", err)
	case c.Size != s.Size:
		bad(Replayed, "signed for %d leaves, stored as the checkpoint of %d", c.Size, s.Size)
	case last != nil && (c.Size < last.Size || c.Time.Before(last.Time) || c.Size == last.Size && c.Time.Equal(last.Time)):
		bad(Replayed, "signed for %d leaves at %s, stored after that of %d leaves at %s",
			c.Size, c.Time.Format(time.RFC3339), last.Size, last.Time.Format(time.RFC3339))
	default:
		a.Checkpoint, v.newest = c, &c
	}
	v.ahead = append(v.ahead, a)
}

// settle checks the checkpoints, stored and outside, whose leaves have all been read.
func (v *checker) settle() {
	for len(v.ahead) > 0 && v.ahead[0].size <= v.edge.size && v.rep.Fault == nil {
		v.judge(v.ahead[0])
		v.ahead = v.ahead[1:]
	}
	for len(v.outside) > 0 && v.outside[0].Size <= v.edge.size && v.rep.Fault == nil {
		o := v.outside[0]
		if o.Root != v.edge.Root() {
			v.fail(Fault{Kind: Replaced, Leaf: v.vouched, Until: o.Size, Outside: o.no},
				"the checkpoint kept outside, of %d leaves at %s, is of another log than this one", o.Size, o.Time.Format(time.RFC3339))
			return
		}
		v.vouched = o.Size
		v.rep.Outside++
		v.outside = v.outside[1:]
	}
}

func (v *checker) judge(a aheadCheckpoint) {
	place := Fault{Leaf: v.rep.Last.Size, Until: a.size, Checkpoint: a.no}
	switch {
	case a.fault != nil:
		a.fault.Leaf, a.fault.Until = place.Leaf, place.Until
		v.rep.Fault = a.fault
	case a.size < v.edge.size:
		place.Kind = BadCheckpoint
		v.fail(place, "it stands after the leaves it covers, so its root cannot be compared")
	case a.Root != v.edge.Root():
		place.Kind = RootMismatch
		v.fail(place, "the root of %d leaves is %v, signed was %v: a leaf was changed, dropped, inserted or moved", a.size, v.edge.Root(), a.Root)
	default:
		v.rep.Last = a.Checkpoint
		v.rep.Checkpoints++
	}
}

func (v *checker) leaf(l *Leaf, hash tlog.Hash) error {
	at := Fault{Leaf: v.edge.size, Until: v.edge.size + 1}
	if l.Held == Whole || l.Held == Bodiless {
		at.Seq, at.Record = l.Entry.Seq, l.Entry.Record
	}
	switch {
	case l.No > v.edge.size:
		at.Kind, at.Until, at.Seq, at.Record = LeafMissing, l.No, 0, [16]byte{}
		v.fail(at, "the next leaf stored is %d", l.No)
		return nil
	case l.No < v.edge.size:
		at.Kind, at.Leaf, at.Until = LeafOrder, l.No, l.No+1
		v.fail(at, "it comes after leaf %d", v.edge.size-1)
		return nil
	}
	v.fresh = v.edge.Push(l.Hash, v.fresh[:0])
	inTree, err := v.compareTree(at, hash, l)
	if err != nil {
		return err
	}
	if v.rep.Fault != nil {
		return nil
	}
	switch l.Held {
	case Lost:
		at.Kind = EventMissing
		v.fail(at, "the leaf is there, its event is not, and nothing says that it was archived or disposed of")
		return nil
	case HashOnly:
		v.unseen++
		v.rep.HashOnly++
		v.rep.Leaves++
		return nil
	case Whole, Bodiless:
		if err := l.Entry.encodable(); err != nil {
			at.Kind = Altered
			v.fail(at, "the event cannot be one that was logged: %v", err)
			return nil
		}
		if hash != l.Hash {
			at.Kind = Altered
			switch {
			case inTree && v.stored != nil:
				v.fail(at, "the event hashes to %v, leaf and tree say %v: header or body was changed", hash, l.Hash)
			default:
				v.fail(at, "the event hashes to %v, its leaf says %v", hash, l.Hash)
			}
			return nil
		}
		if l.Held == Bodiless {
			v.rep.Bodiless++
		} else {
			v.rep.Whole++
		}
	}
	v.rep.Leaves++
	v.order(at, &l.Entry)
	if v.rep.Fault == nil {
		v.dated(at, &l.Entry)
	}
	return nil
}

// compareTree compares the hashes that leaf l adds with those stored, and says whether the leaf's
// own is the same.
func (v *checker) compareTree(at Fault, hash tlog.Hash, l *Leaf) (inTree bool, err error) {
	if v.stored == nil {
		return true, nil
	}
	for i, want := range v.fresh {
		got, err, ok := v.stored()
		if err != nil {
			return false, fmt.Errorf("stored tree hashes: %w", err)
		}
		if ok && got == want {
			continue
		}
		at.Kind = TreeAltered
		switch {
		case !ok:
			v.fail(at, "the stored tree ends before hash %d", want.Index)
		case got.Index != want.Index:
			v.fail(at, "stored tree hash %d is missing, the next is %d", want.Index, got.Index)
		case i == 0 && (l.Held == Whole || l.Held == Bodiless) && hash == got.Hash:
			at.Kind = Altered
			v.fail(at, "the stored leaf hash %v was changed: event and tree say %v", l.Hash, hash)
		case i == 0:
			v.fail(at, "the leaf hash is %v, the stored tree has %v: event and leaf, or the tree, were changed", l.Hash, got.Hash)
		default:
			v.fail(at, "stored tree hash %d is %v, computed %v", want.Index, got.Hash, want.Hash)
		}
		return false, nil
	}
	return true, nil
}

// order holds that n ascends by one within a record, in the order of leaves.
func (v *checker) order(at Fault, e *Entry) {
	last := v.n[e.Record]
	gap := e.N - last - 1
	if gap != 0 && (gap < 0 || gap > v.unseen) {
		at.Kind = RecordOrder
		v.fail(at, "event %d of its record follows event %d", e.N, last)
		return
	}
	v.unseen -= gap // each unseen leaf explains one missing number, of one record
	v.n[e.Record] = e.N
}

// dated holds that at lies between the times of the checkpoints around the leaf (already pushed:
// its number is edge.size-1).
func (v *checker) dated(at Fault, e *Entry) {
	at.Kind = BackDated
	if v.rep.Checkpoints > 0 && e.At.Before(v.rep.Last.Time.Add(-v.skew)) {
		v.fail(at, "at is %s, but its leaf was made after the checkpoint of %s",
			e.At.UTC().Format(time.RFC3339), v.rep.Last.Time.Format(time.RFC3339))
		return
	}
	if len(v.ahead) == 0 || v.ahead[0].fault != nil {
		return
	}
	if next := v.ahead[0].Time; e.At.After(next.Add(v.skew)) {
		v.fail(at, "at is %s, but its leaf was made before the checkpoint of %s",
			e.At.UTC().Format(time.RFC3339), next.Format(time.RFC3339))
	}
}

// pending counts an event without a leaf. It may be newer than the last checkpoint; if it is older,
// the sequencer would have taken it, so it was slipped in or its leaf was taken away.
func (v *checker) pending(e *Entry) {
	v.rep.Pending++
	if v.rep.Checkpoints > 0 && e.At.Before(v.rep.Last.Time.Add(-v.skew)) {
		v.fail(Fault{Kind: EventUnlogged, Leaf: v.edge.size, Until: v.edge.size, Seq: e.Seq, Record: e.Record},
			"at is %s, the last checkpoint is of %s, and it has no leaf", e.At.UTC().Format(time.RFC3339), v.rep.Last.Time.Format(time.RFC3339))
	}
}

// end checks what is left when the last item is read: checkpoints of more leaves than there are,
// and stored tree hashes of leaves that are not there.
func (v *checker) end() {
	v.settle()
	if v.rep.Fault == nil && len(v.ahead) > 0 {
		a := v.ahead[0]
		if a.fault != nil {
			a.fault.Leaf, a.fault.Until = v.rep.Last.Size, a.size
			v.rep.Fault = a.fault
			return
		}
		v.fail(Fault{Kind: Truncated, Leaf: v.edge.size, Until: a.size, Checkpoint: a.no},
			"%d leaves are left of the %d that the checkpoint was signed for", v.edge.size, a.size)
	}
	if v.rep.Fault == nil && len(v.outside) > 0 {
		o := v.outside[0]
		v.fail(Fault{Kind: Truncated, Leaf: v.edge.size, Until: o.Size, Outside: o.no},
			"%d leaves are left of the %d that the checkpoint kept outside was signed for at %s", v.edge.size, o.Size, o.Time.Format(time.RFC3339))
	}
	if v.rep.Fault == nil && v.stored != nil {
		if h, err, ok := v.stored(); ok && err == nil {
			v.fail(Fault{Kind: TreeAltered, Leaf: v.edge.size, Until: v.edge.size + 1},
				"the stored tree goes on with hash %d, the leaves end: leaves were dropped", h.Index)
		}
	}
}
