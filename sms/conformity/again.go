package conformity

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity/check"
)

// After a change only what depends on it is decided again. What a check depends on is what it
// declares: its members, and what it reads of them or as a whole. Members are asked in blocks of
// neighbouring ids; a change has the blocks of the records that it touched, and of those that are
// joined to them, asked again, and checks that read a touched process as a whole asked anew.

// blockSize is how many members are asked again at least when one of them changes. Smaller ones
// would cost memory for nothing: each keeps its newest members as evidence.
var blockSize = 5000

// wholeEvery is after what time everything is asked again all the same: a version that comes into
// force records nothing on that day. The end of a day counts as such a time too.
const wholeEvery = 15 * time.Minute

// touchedMost is how many records may have changed since: past that everything is asked again.
const touchedMost = 2000

// touched are the records with events since, by process.
type touched map[string]map[record.ID]bool

func (t touched) add(processName string, id record.ID) {
	if t[processName] == nil {
		t[processName] = map[record.ID]bool{}
	}
	t[processName][id] = true
}

// outlived reports whether everything has to be asked again, whatever was recorded.
func (ev *evaluation) outlived(now time.Time, zone *time.Location) bool {
	return now.Before(ev.at) || now.Sub(ev.whole) > wholeEvery || record.Day(now.In(zone)) != record.Day(ev.whole.In(zone))
}

// again is the evaluation of now, made of that of a moment ago and of what changed since; nil when
// everything has to be asked.
func (e *Engine) again(ctx context.Context, now time.Time, m mark) (*evaluation, error) {
	old := e.now
	if old.mark.looked != m.looked { // the first look at a process's records, which is no event
		return nil, nil
	}
	since, err := e.since(ctx, old.mark, m)
	if err != nil || since == nil || len(since[Settings.Name]) > 0 {
		return nil, err
	}
	l := newLoader(e.sys, now, false)
	ev := &evaluation{at: now, mark: m, whole: old.whole, blocks: maps.Clone(old.blocks)}
	joined := map[string]touched{} // by kind of link: the touched, and what they are joined to
	anew, parts := map[string][]*answer{}, map[string]map[int][]*answer{}
	for _, a := range old.answers {
		ids, whole, err := e.depends(ctx, l, a.check, since, joined)
		if err != nil {
			return nil, err
		}
		if a.check == nil || !whole && len(ids) == 0 {
			ev.answers = append(ev.answers, a)
			continue
		}
		name := a.check.Process
		b := &answer{req: a.req, check: a.check, search: a.search, applied: a.applied, threshold: a.threshold, once: a.once, parts: slices.Clone(a.parts)}
		ev.answers = append(ev.answers, b)
		if whole {
			b.once, b.parts = tally{}, nil
			if err := b.prepare(ctx, l); err != nil {
				return nil, err
			}
			if name != "" {
				anew[name] = append(anew[name], b)
			}
			continue
		}
		for id := range ids {
			n := blockOf(old.blocks[name], id)
			if parts[name] == nil {
				parts[name] = map[int][]*answer{}
			}
			if !slices.Contains(parts[name][n], b) {
				b.parts[n] = tally{}
				parts[name][n] = append(parts[name][n], b)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		for n, answers := range parts[name] {
			if err := l.block(ctx, name, old.blocks[name], n, answers); err != nil {
				return nil, err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(anew)) {
		for _, b := range anew[name] {
			b.parts = make([]tally, len(old.blocks[name])+1)
		}
		for n := range len(old.blocks[name]) + 1 {
			if err := l.block(ctx, name, old.blocks[name], n, anew[name]); err != nil {
				return nil, err
			}
		}
	}
	for i, a := range ev.answers {
		if a != old.answers[i] {
			a.finish()
		}
	}
	ev.queries = l.queries
	return ev, nil
}

// since are the records that changed between two marks. Nil when there are too many to be worth it.
func (e *Engine) since(ctx context.Context, old, now mark) (touched, error) {
	out := touched{}
	from, to := record.Count(old.leaves), record.Count(now.leaves)
	var leaf *storage.Leaf
	var seqs []record.Cell
	if to-from > touchedMost {
		return nil, nil
	}
	err := e.sys.Store.Rows(ctx, storage.TLeaf, []storage.Cond{{Col: "no", Op: ">=", Val: &from}, {Col: "no", Op: "<", Val: &to}}, "t.no", 0, func() []storage.Part {
		leaf = new(storage.Leaf)
		return []storage.Part{storage.Part(leaf)}
	}, func() error { seqs = append(seqs, &leaf.Seq); return nil })
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(seqs, batchSize) {
		es, err := e.sys.Store.Events(ctx, []storage.Cond{{Col: "seq", Op: "in", Val: some}}, "t.seq", 0)
		if err != nil {
			return nil, err
		}
		for _, x := range es {
			out.add(string(x.Process), x.Record)
		}
	}
	return out, nil
}

// depends says which members of c have to be asked again, or that all have.
func (e *Engine) depends(ctx context.Context, l *loader, c *check.Check, since touched, joined map[string]touched) (map[record.ID]bool, bool, error) {
	if c == nil {
		return nil, false, nil
	}
	ids := map[record.ID]bool{}
	if c.Process != "" {
		maps.Copy(ids, since[c.Process])
	}
	for _, r := range c.Reads {
		switch r.Kind {
		case check.ReadSet, check.ReadChildren:
			if len(since[r.Process]) > 0 {
				return nil, true, nil
			}
		case check.ReadLinks, check.ReadLinksOf:
			of := c.Process
			if r.Kind == check.ReadLinksOf {
				of = r.Process
			}
			p := e.sys.Registry.Process(of)
			if p == nil {
				continue
			}
			k, _, ok := e.sys.Registry.Linked(p, r.Name)
			if !ok {
				panic("check: " + p.Name + " has no links " + r.Name)
			}
			if joined[k.Name] == nil {
				var err error
				if joined[k.Name], err = l.joinedTo(ctx, k.Name, since); err != nil {
					return nil, false, err
				}
			}
			if r.Kind == check.ReadLinksOf && len(joined[k.Name][of]) > 0 {
				return nil, true, nil
			}
			maps.Copy(ids, joined[k.Name][of])
		}
	}
	return ids, false, nil
}

// joinedTo are the touched records and those that are or were joined to one of them by a link of a
// kind.
func (l *loader) joinedTo(ctx context.Context, kind string, since touched) (touched, error) {
	out := touched{}
	var all []record.Cell
	for name, ids := range since {
		for id := range ids {
			out.add(name, id)
			all = append(all, &id)
		}
	}
	text := record.Text(kind)
	for some := range slices.Chunk(all, batchSize) {
		for _, end := range []string{"a", "b"} {
			rows, err := rowsFor[storage.Link](ctx, l, storage.TLink, end, some, "t.id", storage.Eq("kind", &text))
			if err != nil {
				return nil, err
			}
			for _, x := range rows {
				out.add(string(x.AProcess), x.A)
				out.add(string(x.BProcess), x.B)
			}
		}
	}
	return out, nil
}

// blockOf is the number of the block that an id is in.
func blockOf(firsts []record.ID, id record.ID) int {
	n, found := slices.BinarySearchFunc(firsts, id, func(a, b record.ID) int { return bytes.Compare(a[:], b[:]) })
	if found {
		n++
	}
	return n
}

// all asks the answers of every record of a process, and divides the records into blocks.
func (l *loader) all(ctx context.Context, name string, answers []*answer) ([]record.ID, error) {
	p := l.sys.Registry.Process(name)
	var firsts []record.ID
	n, count := 0, 0
	for _, a := range answers {
		a.parts = make([]tally, 1)
	}
	err := l.each(ctx, name, func(batch []record.Record) error {
		for len(batch) > 0 {
			if count == blockSize {
				firsts = append(firsts, batch[0].Head().ID)
				n, count = n+1, 0
				for _, a := range answers {
					a.parts = append(a.parts, tally{})
				}
			}
			some := batch[:min(len(batch), blockSize-count)]
			if err := l.decide(ctx, p, answers, n, some); err != nil {
				return err
			}
			batch, count = batch[len(some):], count+len(some)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("conformity: %s: %w", name, err)
	}
	return firsts, nil
}

// block asks the answers of the records of one block.
func (l *loader) block(ctx context.Context, name string, firsts []record.ID, n int, answers []*answer) error {
	q := l.query(name)
	if n > 0 {
		q.From = firsts[n-1]
	}
	if n < len(firsts) {
		q.Before = firsts[n]
	}
	p := l.sys.Registry.Process(name)
	err := l.eachOf(ctx, q, func(batch []record.Record) error { return l.decide(ctx, p, answers, n, batch) })
	if err != nil {
		return fmt.Errorf("conformity: %s: %w", name, err)
	}
	return nil
}
