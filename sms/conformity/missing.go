package conformity

import (
	"context"
	"slices"
	"sort"
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Lack is what one requirement says of one record.
type Lack struct {
	Requirement *catalogue.Requirement
	State       catalogue.State
	Reason      string
	NextStep    string
	Changes     time.Time // when this will be otherwise if nothing happens; zero: never
	Then        catalogue.State
}

// Missing asks every check whose population holds the record of this one record, worst first.
// What it asks nothing of is left out. NotFound for what the actor may not know of.
func (e *Engine) Missing(ctx context.Context, actor *access.Principal, processName, ref string) ([]Lack, error) {
	seen, err := e.sys.Get(ctx, actor, processName, ref)
	if err != nil {
		return nil, err
	}
	now := e.sys.Now()
	l := newLoader(e.sys, now, false)
	var asked []*answer
	for _, r := range e.cat.All() {
		c := e.checks[r.ID]
		if c == nil || c.Process != processName || c.Decide == nil {
			continue
		}
		a := &answer{req: r, check: c, parts: make([]tally, 1)}
		if !a.of(seen.Record) {
			continue
		}
		if a.applied, a.threshold, err = l.applied(ctx, r); err != nil {
			return nil, err
		}
		asked = append(asked, a)
	}
	var out []Lack
	if err := l.decide(ctx, seen.Process, asked, 0, []record.Record{seen.Record}); err != nil {
		return nil, err
	}
	for _, a := range asked {
		all := slices.Concat(a.parts[0].members, a.parts[0].newest)
		if len(all) == 0 {
			continue
		}
		v := all[0].Verdict
		at := v.At(now)
		lack := Lack{Requirement: a.req, State: at.State, Reason: at.Reason}
		if next, ok := v.NextChange(now); ok {
			lack.Changes, lack.Then = next.From, next.State
		}
		if at.State.Fails() || lack.Then.Fails() && !lack.Changes.IsZero() {
			lack.NextStep = a.check.Mend
		}
		out = append(out, lack)
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i]) < rank(out[j]) })
	return out, nil
}

// rank puts what fails first, then what will, then what holds.
func rank(l Lack) int {
	switch {
	case l.State.Fails():
		return 0
	case !l.Changes.IsZero() && l.Then.Fails():
		return 1
	case l.State == catalogue.Vacuous:
		return 3
	}
	return 2
}

// Check is the check of a requirement; nil when none decides it.
func (e *Engine) Check(requirement string) *check.Check { return e.checks[requirement] }
