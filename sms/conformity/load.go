package conformity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/conformity/check"
)

// batchSize is how many members are read, decided and forgotten together.
const batchSize = 500

// loader reads for one evaluation, everything as of one instant.
type loader struct {
	sys      *system.System
	at       time.Time
	past     bool // at is not now: what happened since is wound back
	sets     map[string][]check.Kept
	children map[check.Read]map[record.ID][]record.Record
	setLinks map[check.Read]map[record.ID][]check.End
	memo     map[string]any
	queries  int // statements of batches, for the test that counts them
}

func newLoader(sys *system.System, at time.Time, past bool) *loader {
	return &loader{sys: sys, at: at, past: past, sets: map[string][]check.Kept{},
		children: map[check.Read]map[record.ID][]record.Record{}, setLinks: map[check.Read]map[record.ID][]check.End{}, memo: map[string]any{}}
}

func (l *loader) query(processName string) system.ListQuery {
	q := system.ListQuery{Process: processName, Sort: "id", Lines: len(l.sys.Registry.Process(processName).Shape.Lines) > 0}
	if l.past {
		q.AsOf = l.at
	}
	return q
}

// each streams the records of a process in batches.
func (l *loader) each(ctx context.Context, processName string, f func([]record.Record) error) error {
	return l.eachOf(ctx, l.query(processName), f)
}

func (l *loader) eachOf(ctx context.Context, q system.ListQuery, f func([]record.Record) error) error {
	var batch []record.Record
	err := l.sys.Each(ctx, l.sys.Self(), q, func(r record.Record, _ *record.Version) error {
		if batch = append(batch, r); len(batch) < batchSize {
			return nil
		}
		full := batch
		batch = make([]record.Record, 0, batchSize)
		return f(full)
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	return f(batch)
}

// set is a whole process with its versions, read once per evaluation; nothing when this system has
// no such process.
func (l *loader) set(ctx context.Context, processName string) ([]check.Kept, error) {
	if have, ok := l.sets[processName]; ok {
		return have, nil
	}
	p := l.sys.Registry.Process(processName)
	out := []check.Kept{}
	if p != nil {
		err := l.each(ctx, processName, func(batch []record.Record) error {
			vs, err := l.versions(ctx, p, batch)
			for _, r := range batch {
				out = append(out, check.Kept{Record: r, Ref: p.Ref(r.Head().Num), Versions: vs[r.Head().ID]})
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	l.sets[processName] = out
	return out, nil
}

// versions are all versions of the records, as they were known, in one query and one per kind of
// line.
func (l *loader) versions(ctx context.Context, p *process.Process, batch []record.Record) (map[record.ID][]process.Content, error) {
	if !p.Versioned || len(batch) == 0 {
		return nil, nil
	}
	ids := make([]record.Cell, len(batch))
	by := map[record.ID]record.Record{}
	for i, r := range batch {
		ids[i] = &r.Head().ID
		by[r.Head().ID] = r
	}
	var all []process.Content
	t := storage.TablesOf(p).Version
	l.queries++
	err := l.sys.Store.Rows(ctx, t, []storage.Cond{{Col: "record", Op: "in", Val: ids}}, "t.record, t.number", 0, func() []storage.Part {
		c := process.Content{Version: new(record.Version), Record: p.New()}
		all = append(all, c)
		return []storage.Part{storage.Part(c.Version), record.BaseOf(c.Record)}
	}, func() error { return nil })
	if err != nil {
		return nil, err
	}
	out := map[record.ID][]process.Content{}
	lines := map[record.ID]record.Record{}
	for _, c := range all {
		r := by[c.Version.Record]
		for _, f := range p.RecordFields {
			f.Of(c.Record).Copy(f.Of(r))
		}
		lines[c.Version.ID] = c.Record
		out[c.Version.Record] = append(out[c.Version.Record], c)
	}
	if err := l.sys.Store.Lines(ctx, p, p.ContentLines, lines); err != nil {
		return nil, err
	}
	if l.past {
		for id, vs := range out {
			out[id] = knownVersions(vs, record.At(l.at))
		}
	}
	return out, nil
}

// load reads what the checks declare for their members of a batch: each read once, for all checks
// that ask for it.
func (l *loader) load(ctx context.Context, p *process.Process, wants map[check.Read]map[record.ID]record.Record) (*check.Loaded, error) {
	out := &check.Loaded{Links: map[check.Read]map[record.ID][]check.End{}, Notices: map[check.Read]map[record.ID][]*storage.Notice{},
		Steps: map[check.Read]map[record.ID][]*storage.Event{}, Children: l.children, Sets: l.sets, Memo: l.memo}
	for r, members := range wants {
		ids := make([]record.Cell, 0, len(members))
		rows := make([]record.Record, 0, len(members))
		for _, m := range members {
			ids = append(ids, &m.Head().ID)
			rows = append(rows, m)
		}
		if len(ids) == 0 && !r.Whole() {
			continue
		}
		var err error
		switch r.Kind {
		case check.ReadSet:
			_, err = l.set(ctx, r.Process)
		case check.ReadChildren:
			err = l.childrenOf(ctx, r)
		case check.ReadLinksOf:
			out.Links[r], err = l.linksOf(ctx, r)
		case check.ReadVersions:
			out.Versions, err = l.versions(ctx, p, rows)
		case check.ReadClocks:
			out.Clocks, err = l.clocks(ctx, ids)
		case check.ReadLinks:
			out.Links[r], err = l.links(ctx, p, r.Name, ids)
		case check.ReadNotices:
			out.Notices[r], err = l.notices(ctx, r.Name, ids)
		case check.ReadSteps:
			out.Steps[r], err = l.steps(ctx, r.Name, ids)
		}
		if err != nil {
			return nil, fmt.Errorf("conformity: %s: %w", p.Name, err)
		}
	}
	return out, nil
}

func (l *loader) childrenOf(ctx context.Context, r check.Read) error {
	if _, ok := l.children[r]; ok {
		return nil
	}
	out := map[record.ID][]record.Record{}
	l.children[r] = out
	p := l.sys.Registry.Process(r.Process)
	if p == nil {
		return nil
	}
	f := p.Shape.Field(r.Name)
	if f == nil || f.Kind != record.KRef {
		panic("check: " + r.Process + " has no reference " + r.Name)
	}
	return l.each(ctx, p.Name, func(batch []record.Record) error {
		for _, c := range batch {
			if id := *f.Of(c).(*record.ID); !id.IsZero() {
				out[id] = append(out[id], c)
			}
		}
		return nil
	})
}

// linksOf are the links of every record of a process; none when this system has no such process.
func (l *loader) linksOf(ctx context.Context, r check.Read) (map[record.ID][]check.End, error) {
	if have, ok := l.setLinks[r]; ok {
		return have, nil
	}
	all, err := l.set(ctx, r.Process)
	if err != nil {
		return nil, err
	}
	out := map[record.ID][]check.End{}
	for batch := range slices.Chunk(all, batchSize) {
		ids := make([]record.Cell, len(batch))
		for i, k := range batch {
			ids[i] = &k.Record.Head().ID
		}
		found, err := l.links(ctx, l.sys.Registry.Process(r.Process), r.Name, ids)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, found)
	}
	l.setLinks[r] = out
	return out, nil
}

// rows reads side rows whose column col names one of ids.
func rowsFor[T any](ctx context.Context, l *loader, t *storage.Table, col string, ids []record.Cell, order string, more ...storage.Cond) ([]*T, error) {
	l.queries++
	var out []*T
	var row *T
	err := l.sys.Store.Rows(ctx, t, append([]storage.Cond{{Col: col, Op: "in", Val: ids}}, more...), order, 0, func() []storage.Part {
		row = new(T)
		return []storage.Part{storage.Part(row)}
	}, func() error { out = append(out, row); return nil })
	return out, err
}

func (l *loader) clocks(ctx context.Context, ids []record.Cell) (map[record.ID][]*storage.Clock, error) {
	rows, err := rowsFor[storage.Clock](ctx, l, storage.TClock, "record", ids, "t.record, t.kind")
	if err != nil {
		return nil, err
	}
	if l.past && len(rows) > 0 {
		at := record.At(l.at)
		l.queries++
		es, err := l.sys.Store.Events(ctx, []storage.Cond{{Col: "record", Op: "in", Val: ids}, {Col: "occurred_at", Op: ">", Val: &at}}, "t.record, t.n desc", 0)
		if err != nil {
			return nil, err
		}
		if rows, err = knownClocks(rows, es, at); err != nil {
			return nil, err
		}
	}
	out := map[record.ID][]*storage.Clock{}
	for _, c := range rows {
		out[c.Record] = append(out[c.Record], c)
	}
	return out, nil
}

func (l *loader) notices(ctx context.Context, topic string, ids []record.Cell) (map[record.ID][]*storage.Notice, error) {
	at, name := record.At(l.at), record.Text(topic)
	rows, err := rowsFor[storage.Notice](ctx, l, storage.TNotice, "record", ids, "t.record, t.at", storage.Eq("topic", &name), storage.Cond{Col: "at", Op: "<=", Val: &at})
	out := map[record.ID][]*storage.Notice{}
	for _, n := range rows {
		out[n.Record] = append(out[n.Record], n)
	}
	return out, err
}

func (l *loader) steps(ctx context.Context, command string, ids []record.Cell) (map[record.ID][]*storage.Event, error) {
	at, name := record.At(l.at), record.Text(command)
	l.queries++
	es, err := l.sys.Store.Events(ctx, []storage.Cond{{Col: "record", Op: "in", Val: ids}, storage.Eq("command", &name), {Col: "occurred_at", Op: "<=", Val: &at}}, "t.record, t.n", 0)
	out := map[record.ID][]*storage.Event{}
	for _, e := range es {
		out[e.Record] = append(out[e.Record], e)
	}
	return out, err
}

// links are the links that held at the instant, with the other ends as they were then.
func (l *loader) links(ctx context.Context, p *process.Process, name string, ids []record.Cell) (map[record.ID][]check.End, error) {
	k, forward, ok := l.sys.Registry.Linked(p, name)
	if !ok {
		panic("check: " + p.Name + " has no links " + name)
	}
	here, kind, at := "b", record.Text(k.Name), record.At(l.at)
	if forward {
		here = "a"
	}
	rows, err := rowsFor[storage.Link](ctx, l, storage.TLink, here, ids, "t.id", storage.Eq("kind", &kind),
		storage.Cond{Col: "valid_from", Op: "<=", Val: &at}, storage.Cond{Col: "valid_to", Op: ">", Val: &at})
	if err != nil {
		return nil, err
	}
	others := map[string][]record.ID{}
	far := func(x *storage.Link) (string, record.ID) {
		if forward {
			return string(x.BProcess), x.B
		}
		return string(x.AProcess), x.A
	}
	for _, x := range rows {
		name, id := far(x)
		others[name] = append(others[name], id)
	}
	found := map[record.ID]record.Record{}
	for name, ids := range others {
		for len(ids) > 0 {
			n := min(len(ids), batchSize)
			q := l.query(name)
			q.IDs = ids[:n]
			l.queries++
			if err := l.sys.Each(ctx, l.sys.Self(), q, func(r record.Record, _ *record.Version) error {
				found[r.Head().ID] = r
				return nil
			}); err != nil {
				return nil, err
			}
			ids = ids[n:]
		}
	}
	out := map[record.ID][]check.End{}
	for _, x := range rows {
		name, id := far(x)
		member := x.A
		if !forward {
			member = x.B
		}
		e := check.End{Process: name, ValidFrom: x.ValidFrom.Time(), Record: found[id]}
		if e.Record != nil {
			e.Ref = l.sys.Registry.Process(name).Ref(e.Record.Head().Num)
		}
		out[member] = append(out[member], e)
	}
	return out, nil
}
