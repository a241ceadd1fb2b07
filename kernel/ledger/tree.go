package ledger

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// A HashReader reads stored tree hashes by their index: one answer per index asked, in the same
// order, or an error. The store implements it over its table of tree hashes.
type HashReader interface {
	ReadHashes(indexes []int64) ([]tlog.Hash, error)
}

// An IndexedHash is a hash of the tree with the index it is stored under.
type IndexedHash struct {
	Index int64
	Hash  tlog.Hash
}

// An Edge is the right edge of a tree: the roots of the complete subtrees that its leaves fall
// into, largest first (one per bit that is set in the number of leaves). It is all that appending
// needs, so a sequencer that keeps it reads nothing. The zero Edge is the empty tree.
type Edge struct {
	size  int64
	roots []tlog.Hash
}

// ReadEdge reads the edge of the tree of size leaves, at most 63 hashes in one call.
func ReadEdge(size int64, r HashReader) (Edge, error) {
	e := Edge{size: size}
	if size < 0 {
		return e, fmt.Errorf("tree of %d leaves: size is negative: pass the number of leaves stored", size)
	}
	if size == 0 {
		return e, nil
	}
	var want []int64
	for left, first := size, int64(0); left > 0; {
		level := bits.Len64(uint64(left)) - 1
		want = append(want, tlog.StoredHashIndex(level, first>>level))
		first += 1 << level
		left -= 1 << level
	}
	got, err := r.ReadHashes(want)
	if err != nil {
		return e, fmt.Errorf("right edge of the tree of %d leaves: %w", size, err)
	}
	if len(got) != len(want) {
		return e, fmt.Errorf("right edge of the tree of %d leaves: asked for %d hashes, got %d: stored tree hashes are missing", size, len(want), len(got))
	}
	e.roots = append([]tlog.Hash(nil), got...)
	return e, nil
}

// Size is the number of leaves.
func (e *Edge) Size() int64 { return e.size }

// Push appends one leaf and appends the hashes to be stored for it to out: the leaf's own, then
// those of the subtrees it completes; their indexes ascend without a gap from one leaf to the next.
func (e *Edge) Push(leaf tlog.Hash, out []IndexedHash) []IndexedHash {
	index := tlog.StoredHashIndex(0, e.size)
	out = append(out, IndexedHash{index, leaf})
	for full := e.size; full&1 == 1; full >>= 1 {
		last := len(e.roots) - 1
		leaf = tlog.NodeHash(e.roots[last], leaf)
		e.roots = e.roots[:last]
		index++
		out = append(out, IndexedHash{index, leaf})
	}
	e.roots = append(e.roots, leaf)
	e.size++
	return out
}

// Root is the root of the tree as it stands (RFC 6962, 2.1).
func (e *Edge) Root() tlog.Hash {
	if e.size == 0 {
		root, _ := tlog.TreeHash(0, nil) // the hash of nothing; reads nothing and cannot fail
		return root
	}
	root := e.roots[len(e.roots)-1]
	for i := len(e.roots) - 2; i >= 0; i-- {
		root = tlog.NodeHash(e.roots[i], root)
	}
	return root
}

// Append appends leaves to the tree of size leaves. It returns the new hashes in order of their
// indexes, to be stored in the same transaction as the leaves, and the root of the tree of
// size+len(leaves). It reads at most 63 hashes, once, whatever the number of leaves.
func Append(size int64, leaves []tlog.Hash, r HashReader) (newHashes []IndexedHash, root tlog.Hash, err error) {
	e, err := ReadEdge(size, r)
	if err != nil {
		return nil, root, err
	}
	newHashes = make([]IndexedHash, 0, 2*len(leaves)+64)
	for _, l := range leaves {
		newHashes = e.Push(l, newHashes)
	}
	return newHashes, e.Root(), nil
}

// Root reads the root of the tree of size leaves.
func Root(size int64, r HashReader) (tlog.Hash, error) {
	e, err := ReadEdge(size, r)
	if err != nil {
		return tlog.Hash{}, err
	}
	return e.Root(), nil
}

// Prove proves that leaf no is in the tree of size leaves: the sister hashes on its way to the
// root, nearest first, at most 63.
func Prove(size, no int64, r HashReader) (tlog.RecordProof, error) {
	if no < 0 || no >= size {
		return nil, fmt.Errorf("leaf %d: not in a tree of %d leaves: it is provable only after the next checkpoint", no, size)
	}
	p, err := tlog.ProveRecord(size, no, r)
	if err != nil {
		return nil, fmt.Errorf("proof of leaf %d in %d: %w", no, size, err)
	}
	return p, nil
}

// CheckInclusion says whether proof proves that the leaf of this hash is leaf no under c.
func CheckInclusion(c Checkpoint, no int64, leaf tlog.Hash, proof tlog.RecordProof) error {
	if err := tlog.CheckRecord(proof, c.Size, c.Root, no, leaf); err != nil {
		return fmt.Errorf("leaf %d under the checkpoint of %d leaves: not proved: %w", no, c.Size, err)
	}
	return nil
}

// Consistency proves that the tree of older leaves is a beginning of the tree of newer leaves.
func Consistency(older, newer int64, r HashReader) (tlog.TreeProof, error) {
	if older < 0 || older > newer {
		return nil, fmt.Errorf("consistency of %d with %d leaves: the older tree must not be larger: swap them, or the log lost its tail", older, newer)
	}
	if older == 0 {
		return tlog.TreeProof{}, nil // nothing is a beginning of everything
	}
	p, err := tlog.ProveTree(newer, older, r)
	if err != nil {
		return nil, fmt.Errorf("consistency of %d with %d leaves: %w", older, newer, err)
	}
	return p, nil
}

// CheckConsistency says whether proof proves that nothing older vouched for was changed or dropped
// by the time of newer.
func CheckConsistency(older, newer Checkpoint, proof tlog.TreeProof) error {
	if older.Origin != newer.Origin {
		return fmt.Errorf("checkpoints of %q and %q: different logs: compare checkpoints of one system", older.Origin, newer.Origin)
	}
	if older.Size == 0 && newer.Size >= 0 && len(proof) == 0 {
		if empty := new(Edge).Root(); older.Root != empty {
			return fmt.Errorf("checkpoint of 0 leaves: its root is not that of an empty tree")
		}
		return nil
	}
	if err := tlog.CheckTree(proof, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fmt.Errorf("checkpoint of %d leaves is not a beginning of that of %d: %w", older.Size, newer.Size, err)
	}
	return nil
}
