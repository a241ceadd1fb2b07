package system

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"steward/kernel/access"
	"steward/kernel/ledger"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// sequenced is how many events one step of the sequencer takes.
const sequenced = 1000

// LogEntry is the event as the log commits to it.
func LogEntry(e *storage.Event) ledger.Entry {
	return ledger.Entry{Seq: int64(e.Seq), Record: e.Record, Process: string(e.Process), N: int64(e.N), Revision: int64(e.Revision),
		At: e.At.Time(), OccurredAt: e.OccurredAt.Time(), Actor: e.Actor, ForActor: e.ForActor, Door: string(e.Door),
		Command: string(e.Command), Cause: int64(e.Cause), Reason: string(e.Reason), Body: []byte(e.Body)}
}

// runLog gives every committed event its leaf, in the order in which they are found without one,
// and signs a checkpoint every second in which something happened.
func (s *System) runLog(ctx context.Context) {
	woken, done := s.Woken()
	defer done()
	for ctx.Err() == nil {
		n, err := s.Sequence(ctx)
		if err != nil && ctx.Err() == nil {
			s.opt.Log.Error("log", "error", err)
			pause(ctx, nil, time.Second)
			continue
		}
		if n < sequenced {
			pause(ctx, woken, time.Second)
		}
	}
	flush, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if _, err := s.SequenceAll(flush); err != nil {
		s.opt.Log.Warn("log: some events wait for their leaf until the next start", "error", err)
	}
}

// SequenceAll sequences until nothing is left, and signs for all of it: whoever ends leaves nothing
// behind that waits for the next event to be vouched for.
func (s *System) SequenceAll(ctx context.Context) (int, error) {
	total := 0
	for {
		n, err := s.Sequence(ctx)
		total += n
		if err != nil {
			return total, err
		}
		if n < sequenced {
			break
		}
	}
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return total, s.sign(ctx)
}

// Sequence takes up to 1,000 committed events that have no leaf yet, in order of seq, and gives
// them the next leaves, in one transaction. Nodes that try at once collide on the leaf number,
// and one of them lands. It returns how many were taken.
func (s *System) Sequence(ctx context.Context) (int, error) {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	size, err := s.logSize(ctx)
	if err != nil {
		return 0, err
	}
	if s.edge.Size() != size || size == 0 {
		if s.edge, err = ledger.ReadEdge(size, hashReader{ctx, s}); err != nil {
			return 0, err
		}
		s.low = 0
		if s.unsigned, err = s.unvouched(ctx, size); err != nil {
			return 0, err
		}
		if s.Store.Dialect() == record.SQLite && size > 0 {
			// SQLite commits in order of seq, so nothing before the last leaf's event is missing.
			last := record.Count(size - 1)
			rows, err := rowsOf[storage.Leaf](ctx, s, storage.TLeaf, []storage.Cond{storage.Eq("no", &last)}, "", 1)
			if err != nil {
				return 0, err
			}
			if len(rows) == 1 {
				s.low = int64(rows[0].Seq)
			}
		}
	}
	es, err := s.Store.Unsequenced(ctx, s.low, sequenced)
	if err != nil {
		return 0, err
	}
	if len(es) == 0 {
		return 0, s.checkpointLate(ctx)
	}
	edge := s.edge
	var stmts []storage.Statement
	var hasher ledger.Hasher
	var hashes []ledger.IndexedHash
	for i, e := range es {
		entry := LogEntry(e)
		h := hasher.Hash(&entry)
		hashes = edge.Push(h, hashes[:0])
		leaf := &storage.Leaf{No: record.Count(size + int64(i)), Seq: e.Seq, Hash: record.Text(base64.StdEncoding.EncodeToString(h[:]))}
		stmts = append(stmts, s.Store.Insert(storage.TLeaf, nil, storage.Part(leaf)))
		for _, x := range hashes {
			t := &storage.TreeHash{Idx: record.Count(x.Index), Hash: record.Text(base64.StdEncoding.EncodeToString(x.Hash[:]))}
			stmts = append(stmts, s.Store.Insert(storage.TTreeHash, nil, storage.Part(t)))
		}
	}
	if due := time.Since(s.signed) >= time.Second || len(es) == sequenced; due {
		st, err := s.checkpoint(ctx, edge)
		if err != nil {
			return 0, err
		}
		stmts = append(stmts, st...)
		s.unsigned = false
	} else {
		s.unsigned = true
	}
	if err := s.Store.Apply(ctx, stmts); err != nil {
		s.edge = ledger.Edge{}
		var c *storage.Conflict
		if errors.As(err, &c) || errors.Is(err, storage.ErrStale) {
			return 0, nil // another node sequenced; look again
		}
		return 0, err
	}
	s.edge = edge
	if s.Store.Dialect() == record.SQLite {
		s.low = int64(es[len(es)-1].Seq)
	} else if len(es) < sequenced {
		s.raiseLow(int64(es[0].Seq))
	}
	s.committed()
	return len(es), nil
}

// raiseLow moves the low mark of PostgreSQL behind what cannot be missing any more. A transaction
// lasts at most 30 seconds (its deadline), so a seq taken two minutes ago has landed or never will.
func (s *System) raiseLow(seq int64) {
	now := time.Now()
	s.marks = append(s.marks, lowMark{now, seq})
	for len(s.marks) > 0 && now.Sub(s.marks[0].at) > 2*time.Minute {
		s.low = max(s.low, s.marks[0].seq-1)
		s.marks = s.marks[1:]
	}
	if len(s.marks) > 1000 {
		s.marks = append(s.marks[:1], s.marks[500:]...)
	}
}

type lowMark struct {
	at  time.Time
	seq int64
}

// unvouched reports whether the newest checkpoint is of fewer leaves than there are, as after a
// power cut within the second in which they came.
func (s *System) unvouched(ctx context.Context, size int64) (bool, error) {
	cs, err := rowsOf[storage.Checkpoint](ctx, s, storage.TCheckpoint, nil, "t.size desc", 1)
	return size > 0 && (len(cs) == 0 || int64(cs[0].Size) < size), err
}

// checkpointLate signs what was sequenced within the last second.
func (s *System) checkpointLate(ctx context.Context) error {
	if time.Since(s.signed) < time.Second {
		return nil
	}
	return s.sign(ctx)
}

// sign signs for the leaves that no checkpoint vouches for yet, if there are any.
func (s *System) sign(ctx context.Context) error {
	if !s.unsigned {
		return nil
	}
	st, err := s.checkpoint(ctx, s.edge)
	if err != nil {
		return err
	}
	if err := s.Store.Apply(ctx, st); err != nil {
		var c *storage.Conflict
		if errors.As(err, &c) {
			return nil
		}
		return err
	}
	s.unsigned = false
	return nil
}

// checkpoint signs for what edge holds. Its time is never before the newest one's, though that was
// signed by a node whose clock is ahead, or by this one before its clock was set back: verify takes
// times that run backwards for a forgery.
func (s *System) checkpoint(ctx context.Context, edge ledger.Edge) ([]storage.Statement, error) {
	if s.opt.Signer == nil || edge.Size() == 0 {
		return nil, nil
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	cs, err := rowsOf[storage.Checkpoint](ctx, s, storage.TCheckpoint, nil, "t.size desc", 1)
	if err != nil {
		return nil, err
	}
	if len(cs) == 1 && cs[0].At.Time().After(now) {
		now = cs[0].At.Time()
	}
	text, err := ledger.SignCheckpoint(ledger.Checkpoint{Origin: s.opt.Signer.Name(), Size: edge.Size(), Root: edge.Root(), Time: now}, s.opt.Signer)
	if err != nil {
		return nil, err
	}
	s.signed = time.Now()
	c := &storage.Checkpoint{Size: record.Count(edge.Size()), At: record.At(now), Note: record.Prose(text)}
	return []storage.Statement{s.Store.Insert(storage.TCheckpoint, nil, storage.Part(c))}, nil
}

func (s *System) logSize(ctx context.Context) (int64, error) {
	rows, err := rowsOf[storage.Leaf](ctx, s, storage.TLeaf, nil, "t.no desc", 1)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return int64(rows[0].No) + 1, nil
}

type hashReader struct {
	ctx context.Context
	s   *System
}

func (r hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		idx := record.Count(x)
		rows, err := rowsOf[storage.TreeHash](r.ctx, r.s, storage.TTreeHash, []storage.Cond{storage.Eq("idx", &idx)}, "", 1)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, fmt.Errorf("tree hash %d is missing", x)
		}
		if out[i], err = parseHash(rows[0].Hash); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func parseHash(t record.Text) (h tlog.Hash, err error) {
	b, err := base64.StdEncoding.DecodeString(string(t))
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("stored hash %q is not one", t)
	}
	copy(h[:], b)
	return h, nil
}

// Change is one entry of the feed.
type Change struct {
	No int64 // leaf number: the order of the feed
	*storage.Event
}

// Feed is what happened after leaf number after (-1: from the start), as far as actor sees its
// records now.
func (s *System) Feed(ctx context.Context, actor *access.Principal, after int64, limit int) ([]Change, error) {
	es, nos, err := s.Store.Feed(ctx, s.Scopes(actor), after, limit)
	if err != nil {
		return nil, err
	}
	out := make([]Change, len(es))
	for i := range es {
		out[i] = Change{nos[i], es[i]}
	}
	return out, nil
}

// LogSource reads the whole log for verification and export, as it is when the first of it is
// read: leaves, tree hashes and checkpoints are only ever added, so what was added since is left out
// by its number.
func (s *System) LogSource() ledger.Source { return &logSource{s: s} }

type logSource struct {
	s    *System
	once sync.Once
	logBounds
	err error
}

// logBounds are the first numbers that are left out.
type logBounds struct{ leaf, hash, checkpoint record.Count }

const logPage = 2000

// bounds freezes what is read. Checkpoints and hashes are looked at before leaves: those that are
// there without their leaves are evidence that leaves were taken away, and must not be left out.
func (l *logSource) bounds(ctx context.Context) (logBounds, error) {
	l.once.Do(func() { l.logBounds, l.err = l.s.logBounds(ctx) })
	return l.logBounds, l.err
}

func (s *System) logBounds(ctx context.Context) (b logBounds, err error) {
	cs, err := rowsOf[storage.Checkpoint](ctx, s, storage.TCheckpoint, nil, "t.size desc", 1)
	if err != nil {
		return b, err
	}
	hs, err := rowsOf[storage.TreeHash](ctx, s, storage.TTreeHash, nil, "t.idx desc", 1)
	if err != nil {
		return b, err
	}
	size, err := s.logSize(ctx)
	if err != nil {
		return b, err
	}
	b = logBounds{record.Count(size), record.Count(tlog.StoredHashCount(size)), record.Count(size) + 1}
	if len(cs) > 0 {
		b.checkpoint = max(b.checkpoint, cs[0].Size+1)
	}
	if len(hs) > 0 {
		b.hash = max(b.hash, hs[0].Idx+1)
	}
	return b, nil
}

func (l *logSource) Leaves(ctx context.Context) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		end, err := l.bounds(ctx)
		if err != nil {
			yield(ledger.Leaf{}, err)
			return
		}
		for from := record.Count(0); from < end.leaf; from += logPage {
			to := min(from+logPage, end.leaf)
			between := []storage.Cond{{Col: "no", Op: ">=", Val: &from}, {Col: "no", Op: "<", Val: &to}}
			leaves, err := rowsOf[storage.Leaf](ctx, l.s, storage.TLeaf, between, "t.no", 0)
			if err != nil {
				yield(ledger.Leaf{}, err)
				return
			}
			events, err := l.eventsOf(ctx, leaves)
			if err != nil {
				yield(ledger.Leaf{}, err)
				return
			}
			for _, x := range leaves {
				h, err := parseHash(x.Hash)
				out := ledger.Leaf{No: int64(x.No), Hash: h, Held: ledger.Lost}
				if e := events[x.Seq]; e != nil {
					out.Held, out.Entry = ledger.Whole, LogEntry(e)
					if x.Body != "" && e.Body == "" && err == nil {
						var sum []byte
						sum, err = hex.DecodeString(string(x.Body))
						out.Held = ledger.Bodiless
						copy(out.Entry.BodyHash[:], sum)
					}
				}
				if !yield(out, err) {
					return
				}
			}
		}
	}
}

func (l *logSource) eventsOf(ctx context.Context, leaves []*storage.Leaf) (map[record.Count]*storage.Event, error) {
	out := map[record.Count]*storage.Event{}
	for len(leaves) > 0 {
		n := min(len(leaves), 500)
		cells := make([]record.Cell, n)
		for i, x := range leaves[:n] {
			cells[i] = &x.Seq
		}
		es, err := l.s.Store.Events(ctx, []storage.Cond{{Col: "seq", Op: "in", Val: cells}}, "", 0)
		if err != nil {
			return nil, err
		}
		for _, e := range es {
			out[e.Seq] = e
		}
		leaves = leaves[n:]
	}
	return out, nil
}

func (l *logSource) Checkpoints(ctx context.Context) iter.Seq2[ledger.StoredCheckpoint, error] {
	return func(yield func(ledger.StoredCheckpoint, error) bool) {
		after := record.Count(-1)
		end, err := l.bounds(ctx)
		for {
			var rows []*storage.Checkpoint
			if err == nil {
				rows, err = rowsOf[storage.Checkpoint](ctx, l.s, storage.TCheckpoint, []storage.Cond{{Col: "size", Op: ">", Val: &after}, {Col: "size", Op: "<", Val: &end.checkpoint}}, "t.size", logPage)
			}
			if err != nil {
				yield(ledger.StoredCheckpoint{}, err)
				return
			}
			for _, c := range rows {
				if !yield(ledger.StoredCheckpoint{Size: int64(c.Size), Note: string(c.Note)}, nil) {
					return
				}
				after = c.Size
			}
			if len(rows) < logPage {
				return
			}
		}
	}
}

func (l *logSource) Pending(ctx context.Context) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		after := int64(0)
		for {
			es, err := l.s.Store.Unsequenced(ctx, after, logPage)
			if err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			for _, e := range es {
				if !yield(LogEntry(e), nil) {
					return
				}
				after = int64(e.Seq)
			}
			if len(es) < logPage {
				return
			}
		}
	}
}

func (l *logSource) Hashes(ctx context.Context) iter.Seq2[ledger.IndexedHash, error] {
	return func(yield func(ledger.IndexedHash, error) bool) {
		after := record.Count(-1)
		end, err := l.bounds(ctx)
		for {
			var rows []*storage.TreeHash
			if err == nil {
				rows, err = rowsOf[storage.TreeHash](ctx, l.s, storage.TTreeHash, []storage.Cond{{Col: "idx", Op: ">", Val: &after}, {Col: "idx", Op: "<", Val: &end.hash}}, "t.idx", logPage)
			}
			if err != nil {
				yield(ledger.IndexedHash{}, err)
				return
			}
			for _, r := range rows {
				h, err := parseHash(r.Hash)
				if !yield(ledger.IndexedHash{Index: int64(r.Idx), Hash: h}, err) {
					return
				}
				after = r.Idx
			}
			if len(rows) < logPage {
				return
			}
		}
	}
}

// Verify checks this system's own log against its events, its tree and its checkpoints.
func (s *System) Verify(ctx context.Context, keys []note.Verifier, outside []string) (ledger.Report, error) {
	return ledger.Verify(ctx, s.LogSource(), ledger.Options{Keys: keys, Outside: outside})
}

// Vouch signs lines of a kind with the key of the log, such as the list of files of an audit pack.
func (s *System) Vouch(kind string, lines []string) (string, error) {
	if s.opt.Signer == nil {
		return "", errors.New("this system has no key to sign with")
	}
	return ledger.SignStatement(kind, lines, s.opt.Signer)
}

// Prover gives the hashes of the log's tree, to prove leaves with [ledger.Prove].
func (s *System) Prover(ctx context.Context) ledger.HashReader {
	return &prover{s, ctx, map[int64]tlog.Hash{}}
}

// prover remembers hashes, since the proofs of neighbours share most of theirs.
type prover struct {
	s    *System
	ctx  context.Context
	held map[int64]tlog.Hash
}

// proverHeld is how many hashes are remembered: 4 MB.
const proverHeld = 1 << 17

func (p *prover) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var ask []record.Cell
	for _, x := range indexes {
		if _, ok := p.held[x]; !ok {
			idx := record.Count(x)
			ask = append(ask, &idx)
		}
	}
	if len(p.held)+len(ask) > proverHeld {
		clear(p.held)
		return p.ReadHashes(indexes)
	}
	if len(ask) > 0 {
		rows, err := rowsOf[storage.TreeHash](p.ctx, p.s, storage.TTreeHash, []storage.Cond{{Col: "idx", Op: "in", Val: ask}}, "", 0)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			if p.held[int64(r.Idx)], err = parseHash(r.Hash); err != nil {
				return nil, err
			}
		}
	}
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		h, ok := p.held[x]
		if !ok {
			return nil, fmt.Errorf("tree hash %d is missing", x)
		}
		out[i] = h
	}
	return out, nil
}
