package ledger

import (
	"context"
	"iter"

	"golang.org/x/mod/sumdb/tlog"
)

// Held says how much of an event is still there.
type Held uint8

const (
	Whole    Held = iota // header and body
	Bodiless             // the header with the body's hash; the body is archived or was disposed of
	HashOnly             // nothing but the hash: archived whole, or left out of an export
	Lost                 // nothing, and nothing explains why
)

// A Leaf is one stored leaf with its event. Entry is read as far as Held says.
type Leaf struct {
	No    int64
	Hash  tlog.Hash // as stored
	Held  Held
	Entry Entry
}

// A StoredCheckpoint is a row of the checkpoint table. Only the note is evidence; Size is the
// column beside it, which says where the row belongs when the note cannot be read.
type StoredCheckpoint struct {
	Size int64
	Note string
}

// A Source reads a log. All of it must be one snapshot, or leaves appended meanwhile look like a
// fault. Each sequence is read once and may be left early; an error ends it. Leaves and checkpoints
// are read by turns in one goroutine, tree hashes in another: a source that has one connection
// reads pages and takes turns itself. What was yielded is not changed afterwards by the source.
type Source interface {
	// Leaves in the order of their numbers.
	Leaves(context.Context) iter.Seq2[Leaf, error]
	// Checkpoints in the order they were written.
	Checkpoints(context.Context) iter.Seq2[StoredCheckpoint, error]
	// Pending are the events that have no leaf, in order of seq; read last.
	Pending(context.Context) iter.Seq2[Entry, error]
}

// A HashSource also reads the stored tree hashes, in order of their indexes. With it the verifier
// names the very leaf where leaves and stored tree part; without it, the stretch between two
// checkpoints.
type HashSource interface {
	Source
	Hashes(context.Context) iter.Seq2[IndexedHash, error]
}

// An item is one line of the merged stream that both a Source and a bundle are read as.
type item struct {
	kind       itemKind
	leaf       Leaf // Entry only, of a pending event
	checkpoint StoredCheckpoint
}

type itemKind uint8

const (
	leafItem itemKind = iota
	checkpointItem
	pendingItem
)

// merge puts each checkpoint directly before the leaves it adds, so that its time is known when
// they are read, and pending events last.
func merge(ctx context.Context, src Source) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		next, stop := iter.Pull2(src.Checkpoints(ctx))
		defer stop()
		more := true
		var covered int64 // leaves that the checkpoints yielded so far vouch for
		checkpoint := func() bool {
			c, err, ok := next()
			if !ok {
				more = false
				return true
			}
			covered = c.Size
			return yield(item{kind: checkpointItem, checkpoint: c}, err) && err == nil
		}
		for l, err := range src.Leaves(ctx) {
			if err != nil {
				yield(item{}, err)
				return
			}
			for more && covered <= l.No {
				if !checkpoint() {
					return
				}
			}
			if !yield(item{kind: leafItem, leaf: l}, nil) {
				return
			}
		}
		for more {
			if !checkpoint() {
				return
			}
		}
		for e, err := range src.Pending(ctx) {
			if !yield(item{kind: pendingItem, leaf: Leaf{Entry: e}}, err) || err != nil {
				return
			}
		}
	}
}
