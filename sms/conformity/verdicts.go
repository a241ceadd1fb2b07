package conformity

import (
	"context"
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity/catalogue"
)

// verdictsAt is the key under which the store remembers up to when verdicts are kept.
const verdictsAt = "conformity_verdicts"

// atOnce is how many statements one transaction of verdicts has at most.
const atOnce = 1000

// subject is whom a verdict is about.
type subject struct {
	member record.ID
	ref    string
	proc   string
}

// keepVerdicts brings the table of verdicts up to an evaluation: stretches that went on as foreseen
// stand, those that ended are cut off, new ones are added. What was kept of the time before the
// last keeping is left alone. It may be repeated.
func (e *Engine) keepVerdicts(ctx context.Context, ev *evaluation) error {
	text, err := e.sys.Store.Meta(ctx, verdictsAt)
	if err != nil {
		return err
	}
	var from record.Instant
	if text != "" {
		if err := from.SetJSON([]byte(`"` + text + `"`)); err != nil {
			return err
		}
	}
	if from >= record.At(ev.at) {
		return nil
	}
	began, err := e.setUp(ctx)
	if err != nil {
		return err
	}
	var stmts []storage.Statement
	flush := func(least int) error {
		if len(stmts) < least {
			return nil
		}
		err := e.sys.Store.Apply(ctx, stmts)
		stmts = nil
		return err
	}
	for _, a := range ev.answers {
		if a.check == nil {
			continue
		}
		open, err := e.openVerdicts(ctx, a.req.ID, from)
		if err != nil {
			return err
		}
		for _, m := range a.members {
			s := subject{m.About.ID, m.About.Ref, m.About.Process}
			next := stretches(a, m, from, began)
			for i, old := range open[s] {
				if j := continues(old, next, from); j >= 0 {
					next = append(next[:j], next[j+1:]...)
					continue
				}
				stmts = append(stmts, e.cutOff(old, from))
				open[s][i] = nil
			}
			delete(open, s)
			for _, v := range next {
				v.ID = record.NewID(e.sys.Now())
				stmts = append(stmts, e.sys.Store.Insert(storage.TVerdict, nil, storage.Part(v)))
			}
			if err := flush(atOnce); err != nil {
				return err
			}
		}
		for _, left := range open { // members that are no longer asked
			for _, old := range left {
				stmts = append(stmts, e.cutOff(old, from))
			}
			if err := flush(atOnce); err != nil {
				return err
			}
		}
	}
	stmts = append(stmts, e.sys.Store.SetMeta(verdictsAt, record.At(ev.at).String()))
	return flush(1)
}

// openVerdicts are the stretches of a requirement that reach beyond an instant.
func (e *Engine) openVerdicts(ctx context.Context, requirement string, from record.Instant) (map[subject][]*storage.Verdict, error) {
	id := record.Text(requirement)
	from = max(from, 1) // blank is no bound in SQL
	rows, err := e.verdicts(ctx, []storage.Cond{storage.Eq("requirement", &id), {Col: "until_at", Op: ">", Val: &from}}, "t.id", 0)
	out := map[subject][]*storage.Verdict{}
	for _, v := range rows {
		s := subject{v.Member, string(v.Ref), string(v.Process)}
		out[s] = append(out[s], v)
	}
	return out, err
}

func (e *Engine) verdicts(ctx context.Context, where []storage.Cond, order string, limit int) ([]*storage.Verdict, error) {
	var out []*storage.Verdict
	var row *storage.Verdict
	err := e.sys.Store.Rows(ctx, storage.TVerdict, where, order, limit, func() []storage.Part {
		row = new(storage.Verdict)
		return []storage.Part{storage.Part(row)}
	}, func() error { out = append(out, row); return nil })
	return out, err
}

// stretches are the times from an instant on in which a member does not hold. The first keeping
// takes what is known of the time before as well.
func stretches(a *answer, m catalogue.Member, from record.Instant, began time.Time) []*storage.Verdict {
	segs := m.Verdict.Segments()
	var out []*storage.Verdict
	for i, s := range segs {
		if s.State.Holds() {
			continue
		}
		v := &storage.Verdict{Requirement: record.Text(a.req.ID), Process: record.Text(m.About.Process), Member: m.About.ID, Ref: record.Text(m.About.Ref),
			FromAt: record.At(s.From), UntilAt: storage.Open, State: record.Choice(s.State), Reason: record.Prose(s.Reason), CheckVersion: record.Count(a.check.Version)}
		if s.From.IsZero() { // from ever: since there was something to judge
			if v.FromAt = record.At(m.About.At); v.FromAt == 0 {
				v.FromAt = record.At(began)
			}
		}
		if i+1 < len(segs) {
			v.UntilAt = record.At(segs[i+1].From)
		}
		v.FromAt = max(v.FromAt, from)
		if v.FromAt < v.UntilAt {
			out = append(out, v)
		}
	}
	return out
}

// continues finds the stretch that says from now on what old says already; -1 when there is none.
func continues(old *storage.Verdict, next []*storage.Verdict, from record.Instant) int {
	for i, v := range next {
		if v.State == old.State && v.Reason == old.Reason && v.UntilAt == old.UntilAt && v.CheckVersion == old.CheckVersion && v.FromAt == max(old.FromAt, from) {
			return i
		}
	}
	return -1
}

// cutOff cuts a stretch off at an instant, or takes it away when it had not begun.
func (e *Engine) cutOff(v *storage.Verdict, at record.Instant) storage.Statement {
	key := []storage.Cond{storage.Eq("id", &v.ID)}
	if v.FromAt >= at {
		return e.sys.Store.Remove(storage.TVerdict, key, -1)
	}
	cut := *v
	cut.UntilAt = at
	return e.sys.Store.Update(storage.TVerdict, []string{"until_at"}, key, -1, storage.Part(&cut))
}

// Failed are the stretches in which members did not meet a requirement, newest first, as actor may
// see them: what an auditor asks of a period. Both ends may be zero: from ever, until ever.
func (e *Engine) Failed(ctx context.Context, actor *access.Principal, requirement string, from, until time.Time, limit int) ([]*storage.Verdict, error) {
	id, begin, end := record.Text(requirement), max(record.At(from), 1), storage.Open // blank is no bound in SQL
	if !until.IsZero() {
		end = record.At(until)
	}
	rows, err := e.verdicts(ctx, []storage.Cond{storage.Eq("requirement", &id), {Col: "until_at", Op: ">", Val: &begin}, {Col: "from_at", Op: "<", Val: &end}}, "t.from_at desc, t.id", limit)
	if err != nil {
		return nil, err
	}
	ids := make([]record.ID, len(rows))
	for i, v := range rows {
		ids[i] = v.Member
	}
	seen, err := e.sees(ctx, actor, ids)
	out := rows[:0]
	for _, v := range rows {
		if v.Member.IsZero() || seen[v.Member] {
			out = append(out, v)
		}
	}
	return out, err
}
