package conformity

import (
	"context"
	"slices"
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// Borne is what one record shows for one requirement: its own verdict, not that of the population.
type Borne struct {
	Requirement *catalogue.Requirement
	State       catalogue.State // of the member that is this record or rests on it; the worst of several
	Reason      string
}

// Bears are the requirements whose verdicts are about one record or rest on it, in the standard's
// order, now or as of a past instant: of an audit, what that audit shows. What is asked nothing of it
// (vacuous) is left out. NotFound for what the actor may not know of.
func (e *Engine) Bears(ctx context.Context, actor *access.Principal, processName, ref string, asOf time.Time) ([]Borne, error) {
	seen, err := e.sys.Get(ctx, actor, processName, ref)
	if err != nil {
		return nil, err
	}
	at, past := e.sys.Now(), !asOf.IsZero()
	if past {
		at = asOf
	}
	l := newLoader(e.sys, at, past)
	id := seen.Record.Head().ID
	q := l.query(processName)
	q.IDs = []record.ID{id}
	var then []record.Record // the record as it was; none: it was not there yet
	err = e.sys.Each(ctx, e.sys.Self(), q, func(r record.Record, _ *record.Version) error { then = append(then, r); return nil })
	if err != nil {
		return nil, err
	}
	var answers, asked []*answer
	for _, r := range e.cat.All() {
		c := e.checks[r.ID]
		if c == nil {
			continue
		}
		a := &answer{req: r, check: c, parts: make([]tally, 1)}
		if a.applied, a.threshold, err = l.applied(ctx, r); err != nil {
			return nil, err
		}
		answers = append(answers, a)
		if c.Once != nil || c.Also != nil {
			if err := a.resting(ctx, l, id); err != nil {
				return nil, err
			}
		}
		if c.Process == processName && c.Decide != nil && len(then) > 0 && a.of(then[0]) {
			asked = append(asked, a)
		}
	}
	if len(then) > 0 {
		if err := l.decide(ctx, seen.Process, asked, 0, then); err != nil {
			return nil, err
		}
	}
	var out []Borne
	for _, a := range answers {
		if b, ok := a.worst(at); ok {
			out = append(out, b)
		}
	}
	return out, nil
}

// resting keeps what must hold once, and members of other processes, where they are the record or
// rest on it.
func (a *answer) resting(ctx context.Context, l *loader, id record.ID) error {
	f, err := a.facts(ctx, l)
	if err != nil {
		return err
	}
	var all []catalogue.Member
	if a.check.Also != nil {
		all = append(all, a.check.Also(f)...)
	}
	if a.check.Once != nil {
		all = append(all, a.check.Once(f)...)
	}
	for _, m := range all {
		if m.About.ID == id || slices.ContainsFunc(m.Rests, func(x catalogue.Evidence) bool { return x.ID == id }) {
			a.once.members = append(a.once.members, m)
		}
	}
	return nil
}

// worst is what the members kept say of the requirement; false when none of them is asked anything.
func (a *answer) worst(at time.Time) (Borne, bool) {
	var verdicts []catalogue.Timeline
	for _, m := range slices.Concat(a.once.members, a.parts[0].members, a.parts[0].newest) {
		verdicts = append(verdicts, m.Verdict)
	}
	if len(verdicts) == 0 {
		return Borne{}, false
	}
	s := catalogue.And(verdicts...).At(at)
	return Borne{a.req, s.State, s.Reason}, s.State != catalogue.Vacuous
}
