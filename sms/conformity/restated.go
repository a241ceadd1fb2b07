package conformity

import (
	"context"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity/check"
)

// Restated is a requirement whose state of a day reads otherwise now than it was kept then, with
// what accounts for it.
type Restated struct {
	Requirement string
	Kept        *storage.ConformityResult
	Now         *storage.ConformityResult
	Check       bool             // the check's code has changed since
	Events      []*storage.Event // recorded after the keeping about that time or before, oldest first; at most 20
}

// Explained reports whether anything accounts for the difference. One without an explanation is a
// fault: of this program, or of the database.
func (r Restated) Explained() bool { return r.Check || len(r.Events) > 0 }

// Comparison is a kept day against the same day worked out now.
type Comparison struct {
	Day      record.Date
	Intact   bool // the kept rows are those whose hash the log holds
	Restated []Restated
}

// Restated compares what was kept of a day with what is worked out for it now. The two may differ
// only by events that were recorded later and by changed checks.
func (e *Engine) Restated(ctx context.Context, day record.Date) (*Comparison, error) {
	at, err := e.end(day)
	if err != nil {
		return nil, err
	}
	kept, err := e.Kept(ctx, day)
	if err != nil {
		return nil, err
	}
	if len(kept) == 0 {
		return nil, fault.New(fault.NotFound, "nothing was kept of %s", day)
	}
	out := &Comparison{Day: day}
	if out.Intact, err = e.intact(ctx, day, kept); err != nil {
		return nil, err
	}
	ev, err := e.evaluation(ctx, at)
	if err != nil {
		return nil, err
	}
	now := map[string]*storage.ConformityResult{}
	for _, r := range ev.rows(day, at, nil) {
		now[string(r.Requirement)] = r
	}
	for _, k := range kept {
		n := now[string(k.Requirement)]
		if n == nil || n.State == k.State && n.Population == k.Population && n.Failing == k.Failing && n.Reason == k.Reason && n.Oldest == k.Oldest && n.Newest == k.Newest {
			continue
		}
		r := Restated{Requirement: string(k.Requirement), Kept: k, Now: n, Check: k.CheckVersion != n.CheckVersion}
		if r.Events, err = e.later(ctx, e.checks[r.Requirement], k.Leaf, record.At(at)); err != nil {
			return nil, err
		}
		out.Restated = append(out.Restated, r)
	}
	return out, nil
}

// intact reports whether the rows have the hash that the day's run carries.
func (e *Engine) intact(ctx context.Context, day record.Date, rows []*storage.ConformityResult) (bool, error) {
	found, err := e.sys.Reader().Find(ctx, Runs.Name, `day = `+string(day), 2)
	if err != nil || len(found) != 1 {
		return false, err
	}
	return string(found[0].(*Run).Hash) == digest(rows), nil
}

// later are events that got their leaf after the given number, of processes that c reads, about
// a time no later than at.
func (e *Engine) later(ctx context.Context, c *check.Check, leaf record.Count, at record.Instant) ([]*storage.Event, error) {
	if c == nil {
		return nil, nil
	}
	var seq record.Count
	if leaf > 0 {
		last := leaf - 1
		var row storage.Leaf
		err := e.sys.Store.Rows(ctx, storage.TLeaf, []storage.Cond{storage.Eq("no", &last)}, "", 1, func() []storage.Part { return []storage.Part{storage.Part(&row)} },
			func() error { seq = row.Seq; return nil })
		if err != nil {
			return nil, err
		}
	}
	names := map[string]bool{c.Process: true, Settings.Name: true}
	for _, r := range c.Reads {
		names[r.Process] = true
		if r.Kind != check.ReadLinks {
			continue
		}
		if k, forward, ok := e.sys.Registry.Linked(e.sys.Registry.Process(c.Process), r.Name); ok && forward {
			for _, to := range k.To {
				names[to] = true
			}
		} else if ok {
			for _, p := range e.sys.Registry.All {
				if own, _, declares := p.Link(k.Name); declares && own.Inverse == k.Inverse {
					names[p.Name] = true
				}
			}
		}
	}
	var cells []record.Cell
	for n := range names {
		if n != "" {
			t := record.Text(n)
			cells = append(cells, &t)
		}
	}
	return e.sys.Store.Events(ctx, []storage.Cond{{Col: "seq", Op: ">", Val: &seq}, {Col: "process", Op: "in", Val: cells}, {Col: "occurred_at", Op: "<=", Val: &at}}, "t.seq", 20)
}
