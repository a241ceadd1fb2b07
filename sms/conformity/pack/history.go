package pack

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"iter"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"steward/kernel/ledger"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// logged is a leaf with its event, as the log holds them.
type logged struct {
	no   int64
	hash tlog.Hash
	gone string // SHA-256 of a body that is not kept any more
	e    *storage.Event
	seen bool // the builder may know of it
}

// logPage is how many leaves are held at a time.
const logPage = 2000

// log reads the leaves of the pack from one number on, page by page.
func (b *builder) log(ctx context.Context, from int64, each func([]logged) error) error {
	for at := from; at < b.head.Size; at += logPage {
		lo, hi := record.Count(at), record.Count(min(at+logPage, b.head.Size))
		var page []logged
		var seqs []record.Cell
		var row *storage.Leaf
		err := b.sys.Store.Rows(ctx, storage.TLeaf, []storage.Cond{{Col: "no", Op: ">=", Val: &lo}, {Col: "no", Op: "<", Val: &hi}}, "t.no", 0,
			func() []storage.Part { row = new(storage.Leaf); return []storage.Part{storage.Part(row)} },
			func() error {
				raw, err := base64.StdEncoding.DecodeString(string(row.Hash))
				l := logged{no: int64(row.No), gone: string(row.Body)}
				copy(l.hash[:], raw)
				page, seqs = append(page, l), append(seqs, &row.Seq)
				return err
			})
		if err != nil {
			return err
		}
		events := map[record.Count]*storage.Event{}
		for rest := seqs; len(rest) > 0; {
			n := min(len(rest), 500)
			es, err := b.sys.Store.Events(ctx, []storage.Cond{{Col: "seq", Op: "in", Val: rest[:n]}}, "", 0)
			if err != nil {
				return err
			}
			for _, e := range es {
				events[e.Seq] = e
			}
			rest = rest[n:]
		}
		var ids []record.ID
		for i := range page {
			if page[i].e = events[*seqs[i].(*record.Count)]; page[i].e != nil {
				ids = append(ids, page[i].e.Record)
			}
		}
		seen, err := b.visible(ctx, ids)
		if err != nil {
			return err
		}
		for i := range page {
			if e := page[i].e; e != nil {
				page[i].seen = seen[e.Record] && b.knows(e)
			}
		}
		if err := each(page); err != nil {
			return err
		}
	}
	return nil
}

// visible is which of the records the builder may know of and take away.
func (b *builder) visible(ctx context.Context, ids []record.ID) (map[record.ID]bool, error) {
	out := make(map[record.ID]bool, len(ids))
	if b.o.By.System {
		for _, id := range ids {
			out[id] = true
		}
		return out, nil
	}
	names, err := b.sees(ctx, ids)
	for id := range names {
		out[id] = true
	}
	return out, err
}

// knows reports whether the builder may know of an event of a record that it sees.
func (b *builder) knows(e *storage.Event) bool {
	return !bool(e.Internal) || b.o.By.May(string(e.Process), "internal")
}

// ledgerCounts is how much of the log is in the pack.
type ledgerCounts struct{ Whole, Headers, Hashes int64 }

// proved is an event that gets a proof.
type proved struct {
	leaf int64
	hash tlog.Hash
}

// history writes the log: whole events of records in the pack, headers of what else happened since
// the period began, hashes of the rest.
func (b *builder) history(ctx context.Context) error {
	return b.a.file(logName, func(w io.Writer) error { return ledger.WriteBundle(ctx, w, (*source)(b)) })
}

// source is the log as it stands in the pack.
type source builder

func (s *source) Leaves(ctx context.Context) iter.Seq2[ledger.Leaf, error] {
	b := (*builder)(s)
	return func(yield func(ledger.Leaf, error) bool) {
		stopped := io.EOF
		err := b.log(ctx, 0, func(page []logged) error {
			for i := range page {
				if !yield(b.leaf(&page[i])) {
					return stopped
				}
			}
			return nil
		})
		if err != nil && err != stopped {
			yield(ledger.Leaf{}, err)
		}
	}
}

// leaf is what is told of a leaf.
func (b *builder) leaf(l *logged) (ledger.Leaf, error) {
	out := ledger.Leaf{No: l.no, Hash: l.hash, Held: ledger.Lost}
	if l.e == nil {
		return out, nil // shows when the pack is verified
	}
	in := b.included[l.e.Record]
	n := int64(l.e.N)
	switch {
	case !l.seen:
		out.Held = ledger.HashOnly
		if l.no >= b.about.Window {
			b.about.Withheld++
		}
		if in != nil {
			in.Withheld = append(in.Withheld, n)
		}
	case in == nil && l.no < b.about.Window:
		out.Held = ledger.HashOnly
	default:
		out.Held, out.Entry = ledger.Whole, system.LogEntry(l.e)
		gone := l.gone != "" && l.e.Body == ""
		if in == nil || gone {
			out.Held = ledger.Bodiless
			out.Entry.BodyHash = sha256.Sum256(out.Entry.Body)
			if gone {
				if _, err := hex.Decode(out.Entry.BodyHash[:], []byte(l.gone)); err != nil {
					return out, err
				}
			}
			out.Entry.Body = nil
		}
		if in != nil {
			if gone {
				in.Bodiless = append(in.Bodiless, n)
			}
			b.proofs = append(b.proofs, proved{l.no, l.hash})
		}
	}
	if in != nil {
		in.Events = max(in.Events, n)
	}
	switch out.Held {
	case ledger.Whole:
		b.logged.Whole++
	case ledger.Bodiless:
		b.logged.Headers++
	default:
		b.logged.Hashes++
	}
	return out, nil
}

func (s *source) Checkpoints(ctx context.Context) iter.Seq2[ledger.StoredCheckpoint, error] {
	return func(yield func(ledger.StoredCheckpoint, error) bool) {
		for c, err := range s.sys.LogSource().Checkpoints(ctx) {
			if err == nil && c.Size > s.head.Size {
				return
			}
			if !yield(c, err) {
				return
			}
		}
	}
}

// Pending is nothing: what has no leaf yet is not in the pack.
func (s *source) Pending(context.Context) iter.Seq2[ledger.Entry, error] {
	return func(func(ledger.Entry, error) bool) {}
}

// proof is a line of log/proofs.jsonl.
type proof struct {
	Hash string   `json:"hash"`
	Leaf int64    `json:"leaf"`
	Path []string `json:"path"`
}

// prove writes an inclusion proof of every event of a record in the pack.
func (b *builder) prove(ctx context.Context) error {
	hashes := b.sys.Prover(ctx)
	return b.a.file(proofsName, func(w io.Writer) error {
		out := bufio.NewWriter(w)
		for _, x := range b.proofs {
			path, err := ledger.Prove(b.head.Size, x.leaf, hashes)
			if err != nil {
				return err
			}
			if err := ledger.CheckInclusion(b.head, x.leaf, x.hash, path); err != nil {
				return err // the stored tree was changed
			}
			p := proof{Hash: x.hash.String(), Leaf: x.leaf, Path: make([]string, len(path))}
			for i, h := range path {
				p.Path[i] = h.String()
			}
			line, err := json.Marshal(p)
			if err != nil {
				return err
			}
			// Base64 has a plus and a slash, neither of which json.Marshal escapes.
			if _, err := out.Write(append(line, '\n')); err != nil {
				return err
			}
		}
		return out.Flush()
	})
}

// leavesOf are the leaf numbers of events.
func (b *builder) leavesOf(ctx context.Context, es []*storage.Event) (map[record.Count]int64, error) {
	out := map[record.Count]int64{}
	for len(es) > 0 {
		n := min(len(es), 500)
		cells := make([]record.Cell, n)
		for i, e := range es[:n] {
			cells[i] = &e.Seq
		}
		var row storage.Leaf
		err := b.sys.Store.Rows(ctx, storage.TLeaf, []storage.Cond{{Col: "seq", Op: "in", Val: cells}}, "", 0,
			func() []storage.Part { row = storage.Leaf{}; return []storage.Part{storage.Part(&row)} },
			func() error { out[row.Seq] = int64(row.No); return nil })
		if err != nil {
			return nil, err
		}
		es = es[n:]
	}
	return out, nil
}

// pathOf is where a record's page lies, without its extension.
func pathOf(process, ref string) string {
	return "records/" + process + "/" + strings.ReplaceAll(ref, "/", "-")
}
