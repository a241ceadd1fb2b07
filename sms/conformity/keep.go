package conformity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity/catalogue"
)

// catchUp is how many missed days are kept after a stop.
const catchUp = 31

// Run keeps every day that has ended, until ctx ends. Several nodes may run it: a day is kept once.
func (e *Engine) Run(ctx context.Context, report func(error)) {
	t := time.NewTicker(time.Minute)
	defer t.Stop()
	for {
		if _, err := e.KeepDue(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
	}
}

// KeepDue keeps the days that have ended and were not kept, oldest first, and says how many.
func (e *Engine) KeepDue(ctx context.Context) (int, error) {
	zone := e.sys.Zone()
	now := e.sys.Now().In(zone)
	yesterday := time.Date(now.Year(), now.Month(), now.Day()-1, 0, 0, 0, 0, zone)
	first := yesterday
	last, err := e.newestDay(ctx)
	if err != nil {
		return 0, err
	}
	if last != "" {
		d, err := time.ParseInLocation(time.DateOnly, string(last), zone)
		if err != nil {
			return 0, fmt.Errorf("conformity: kept day: %w", err)
		}
		if first = d.AddDate(0, 0, 1); first.Before(yesterday.AddDate(0, 0, -catchUp)) {
			first = yesterday.AddDate(0, 0, -catchUp)
		}
	} else if began, err := e.setUp(ctx); err != nil || began.After(yesterday.AddDate(0, 0, 1)) {
		return 0, err // the first day has not ended
	}
	n := 0
	for d := first; !d.After(yesterday); d = d.AddDate(0, 0, 1) {
		if err := e.Keep(ctx, record.Day(d)); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// end is the last instant of a day.
func (e *Engine) end(day record.Date) (time.Time, error) {
	d, err := time.ParseInLocation(time.DateOnly, string(day), e.sys.Zone())
	if err != nil {
		return d, fault.New(fault.BadRequest, "%q is no day: write it as 2026-01-31", string(day))
	}
	return d.AddDate(0, 0, 1).Add(-time.Microsecond), nil
}

// Keep works out the results as of the end of a day and keeps them: one row a requirement, the
// verdicts that did not hold, and a [Run] with the hash. A day that was kept is left alone.
func (e *Engine) Keep(ctx context.Context, day record.Date) error {
	at, err := e.end(day)
	if err != nil {
		return err
	}
	if have, err := e.Kept(ctx, day); err != nil || len(have) > 0 {
		return err
	}
	if _, err := e.sys.SequenceAll(ctx); err != nil {
		return err
	}
	ev, err := e.evaluation(ctx, at)
	if err != nil {
		return err
	}
	before, err := e.keptSince(ctx, at.AddDate(0, 0, -1))
	if err != nil {
		return err
	}
	rows := ev.rows(day, at, before)
	if err := e.keepVerdicts(ctx, ev); err != nil {
		return err
	}
	count := map[catalogue.State]int{}
	var stmts []storage.Statement
	for _, r := range rows {
		count[catalogue.State(r.State)]++
		stmts = append(stmts, e.sys.Store.Insert(storage.TConformity, nil, storage.Part(r)))
	}
	set := map[string]any{"title": "Conformity on " + string(day), "day": string(day), "hash": digest(rows), "leaves": ev.mark.leaves}
	for _, s := range []catalogue.State{catalogue.Conforms, catalogue.Attested, catalogue.Vacuous, catalogue.Stale, catalogue.Partial, catalogue.Gap, catalogue.NoEvidence} {
		set[string(s)] = count[s]
	}
	cmd := lifecycle.Command{Process: Runs.Name, Verb: "create", Door: "conformity", Set: map[string]json.RawMessage{}}
	for k, v := range set {
		if cmd.Set[k], err = json.Marshal(v); err != nil {
			return err
		}
	}
	_, err = e.sys.Do(ctx, e.sys.Self(), cmd, stmts...)
	if err != nil {
		if have, e2 := e.Kept(ctx, day); e2 == nil && len(have) > 0 {
			return nil // another node was faster
		}
		var f *fault.Error
		if errors.As(err, &f) && len(f.Refusals) > 0 {
			return fmt.Errorf("conformity: keep %s: %w", day, f.Refusals[0])
		}
		return fmt.Errorf("conformity: keep %s: %w", day, err)
	}
	return nil
}

// rows are the results of a day as they are kept.
func (ev *evaluation) rows(day record.Date, at time.Time, before map[string]*storage.ConformityResult) []*storage.ConformityResult {
	out := make([]*storage.ConformityResult, 0, len(ev.answers))
	for _, a := range ev.answers {
		r := a.aggregate(at)
		row := &storage.ConformityResult{Day: day, Requirement: record.Text(a.req.ID), State: record.Choice(r.State), Since: day,
			Population: record.Count(r.Population), Failing: record.Count(len(r.Failing)), Oldest: record.At(r.Oldest.At), Newest: record.At(r.Newest.At),
			Reason: record.Prose(r.Reason), CheckVersion: record.Count(r.CheckVersion), Leaf: record.Count(ev.mark.leaves)}
		if b := before[a.req.ID]; b != nil && b.State == row.State {
			row.Since = b.Since
		}
		out = append(out, row)
	}
	return out
}

// digest is the SHA-256, in hex, of a day's rows: each as canonical JSON on a line of its own, in
// order of requirement.
func digest(rows []*storage.ConformityResult) string {
	sorted := append([]*storage.ConformityResult(nil), rows...)
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Requirement < sorted[j].Requirement })
	cols := append([]storage.Col(nil), storage.TConformity.Cols...)
	sort.Slice(cols, func(i, j int) bool { return cols[i].Name < cols[j].Name })
	var b []byte
	for _, r := range sorted {
		for i, c := range cols {
			sep := byte(',')
			if i == 0 {
				sep = '{'
			}
			b = record.AppendString(append(b, sep), c.Name)
			b = c.At(storage.Part(r)).AppendJSON(append(b, ':'))
		}
		b = append(b, "}\n"...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (e *Engine) results(ctx context.Context, where []storage.Cond, order string, limit int) ([]*storage.ConformityResult, error) {
	var out []*storage.ConformityResult
	var row *storage.ConformityResult
	err := e.sys.Store.Rows(ctx, storage.TConformity, where, order, limit, func() []storage.Part {
		row = new(storage.ConformityResult)
		return []storage.Part{storage.Part(row)}
	}, func() error { out = append(out, row); return nil })
	return out, err
}

// newestDay is the last day that was kept; "" when none was.
func (e *Engine) newestDay(ctx context.Context) (record.Date, error) {
	rows, err := e.results(ctx, nil, "t.day desc", 1)
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Day, nil
}

// Kept are the rows kept of a day, by requirement; none when it was not kept.
func (e *Engine) Kept(ctx context.Context, day record.Date) ([]*storage.ConformityResult, error) {
	d := record.Text(day)
	return e.results(ctx, []storage.Cond{storage.Eq("day", &d)}, "t.requirement", 0)
}

// keptSince are the rows of the last day kept up to an instant, for how long a state has held.
func (e *Engine) keptSince(ctx context.Context, at time.Time) (map[string]*storage.ConformityResult, error) {
	day := record.Text(record.Day(at.In(e.sys.Zone())))
	last, err := e.results(ctx, []storage.Cond{{Col: "day", Op: "<=", Val: &day}}, "t.day desc", 1)
	if err != nil || len(last) == 0 {
		return nil, err
	}
	rows, err := e.Kept(ctx, last[0].Day)
	out := map[string]*storage.ConformityResult{}
	for _, r := range rows {
		out[string(r.Requirement)] = r
	}
	return out, err
}

// History is what was kept of a requirement, newest day first.
func (e *Engine) History(ctx context.Context, requirement string, limit int) ([]*storage.ConformityResult, error) {
	id := record.Text(requirement)
	return e.results(ctx, []storage.Cond{storage.Eq("requirement", &id)}, "t.day desc", limit)
}
