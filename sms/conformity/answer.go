package conformity

import (
	"context"
	"slices"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// answer is what one check said of its population.
type answer struct {
	req       *catalogue.Requirement
	check     *check.Check // nil: no check decides it
	search    catalogue.Search
	applied   catalogue.Applied
	threshold int

	once  tally   // what must hold once, and members of other processes
	parts []tally // the members of the check's process, block by block
	tally         // of all of them, made by finish
}

// tally is what a check said of some members. Those that hold for ever are counted and forgotten,
// but for the newest few, which are named as evidence: a population may be a million.
type tally struct {
	population int
	members    []catalogue.Member // those that change or do not hold, and what must hold once
	newest     []catalogue.Member // of those that hold for ever: at most catalogue.MaxEvidence
	unasked    *catalogue.Member  // one of those the check asks nothing of
	oldest     catalogue.Evidence
	latest     catalogue.Evidence
}

// prepare reads what the check needs once, and asks what must hold once and of members of other
// processes.
func (a *answer) prepare(ctx context.Context, l *loader) (err error) {
	if a.applied, a.threshold, err = l.applied(ctx, a.req); err != nil || a.check == nil {
		return err
	}
	c := a.check
	if c.Process != "" {
		p := l.sys.Registry.Process(c.Process)
		if a.search.Query = p.Resource; c.Where != "" {
			a.search.Query += " with " + c.Where
		}
	}
	f, err := a.facts(ctx, l)
	if err != nil {
		return err
	}
	if c.Also != nil {
		for _, m := range c.Also(f) {
			if m.NextStep == "" {
				m.NextStep = c.Mend
			}
			a.once.take(m)
		}
	}
	if c.Once == nil {
		return nil
	}
	for _, m := range c.Once(f) {
		if m.NextStep == "" {
			m.NextStep = c.Mend
		}
		m.Required = true
		a.once.see(m.About)
		for _, x := range m.Rests {
			a.once.see(x)
		}
		a.once.members = append(a.once.members, m)
	}
	return nil
}

// facts are what the check may look at besides its members: the processes it reads whole.
func (a *answer) facts(ctx context.Context, l *loader) (*check.Facts, error) {
	wants := map[check.Read]map[record.ID]record.Record{}
	for _, r := range a.check.Reads {
		if r.Whole() {
			wants[r] = nil
		}
	}
	loaded, err := l.load(ctx, nil, wants)
	if err != nil {
		return nil, err
	}
	return check.NewFacts(a.check, l.at, l.sys.Zone(), a.applied, a.threshold, loaded), nil
}

// decide asks the answers' checks of a batch of records of p, which are in the block of that number.
func (l *loader) decide(ctx context.Context, p *process.Process, answers []*answer, block int, batch []record.Record) error {
	wants := map[check.Read]map[record.ID]record.Record{}
	for _, a := range answers {
		for _, r := range a.check.Reads {
			if wants[r] == nil {
				wants[r] = map[record.ID]record.Record{}
			}
			if r.Whole() {
				continue
			}
			for _, m := range batch {
				if a.of(m) && (a.check.Needs == nil || a.check.Needs(m)) {
					wants[r][m.Head().ID] = m
				}
			}
		}
	}
	loaded, err := l.load(ctx, p, wants)
	if err != nil {
		return err
	}
	for _, a := range answers {
		f := check.NewFacts(a.check, l.at, l.sys.Zone(), a.applied, a.threshold, loaded)
		for _, m := range batch {
			if a.of(m) {
				a.parts[block].take(a.member(p, m, a.check.Decide(m, f)))
			}
		}
	}
	return nil
}

// of reports whether r belongs to the population.
func (a *answer) of(r record.Record) bool { return a.check.Member == nil || a.check.Member(r) }

func (a *answer) member(p *process.Process, r record.Record, v catalogue.Timeline) catalogue.Member {
	return catalogue.Member{About: check.About(p.Name, p.Ref(r.Head().Num), r, a.check.When(r)), Verdict: v, NextStep: a.check.Mend}
}

// take counts a member, and keeps it if it may ever say something.
func (a *tally) take(m catalogue.Member) {
	if _, changes := m.Verdict.NextChange(time.Time{}); !changes {
		switch m.Verdict.StateAt(time.Time{}) {
		case catalogue.Conforms:
			a.population++
			a.see(m.About)
			a.keepNewest(m)
			return
		case catalogue.Vacuous:
			if a.unasked == nil {
				a.unasked = &m
			}
			return
		}
	}
	a.population++
	a.see(m.About)
	a.members = append(a.members, m)
}

// keepNewest keeps the newest members as evidence. The oldest kept stands first.
func (a *tally) keepNewest(m catalogue.Member) {
	full := len(a.newest) == catalogue.MaxEvidence
	if full && !m.About.At.After(a.newest[0].About.At) {
		return
	}
	if full {
		a.newest = a.newest[1:]
	}
	i, _ := slices.BinarySearchFunc(a.newest, m, func(x, y catalogue.Member) int { return x.About.At.Compare(y.About.At) })
	a.newest = slices.Insert(a.newest, i, m)
}

// see notes how old the evidence is.
func (a *tally) see(x catalogue.Evidence) {
	if x.At.IsZero() || x.ID == [16]byte{} {
		return
	}
	if a.oldest.At.IsZero() || x.At.Before(a.oldest.At) {
		a.oldest = x
	}
	if x.At.After(a.latest.At) {
		a.latest = x
	}
}

// add takes in what another tally counted.
func (a *tally) add(b *tally) {
	a.population += b.population
	a.members = append(a.members, b.members...)
	for _, m := range b.newest {
		a.keepNewest(m)
	}
	if a.unasked == nil {
		a.unasked = b.unasked
	}
	a.see(b.oldest)
	a.see(b.latest)
}

// finish sums up, and puts the members into the order in which they are told: what must hold once,
// those that may fail, then the newest that hold.
func (a *answer) finish() {
	a.tally = tally{}
	a.add(&a.once)
	for i := range a.parts {
		a.add(&a.parts[i])
	}
	slices.Reverse(a.newest)
	a.members = append(a.members, a.newest...)
	if a.unasked != nil {
		a.members = append(a.members, *a.unasked)
		a.population++ // counted out again by the aggregate, for it is vacuous
	}
}

// unbuilt is the state of a requirement that no check decides.
const unbuilt = "nothing of that kind is kept yet"

// aggregate is the state at an instant.
func (a *answer) aggregate(at time.Time) catalogue.Result {
	if a.check == nil {
		return catalogue.Result{At: at, State: catalogue.NoEvidence, Reason: unbuilt, Search: a.search, Interval: a.applied,
			Timeline: catalogue.Always(catalogue.NoEvidence, unbuilt),
			NextStep: "show it by other means: this Steward keeps no records that could decide it"}
	}
	r := catalogue.Aggregate(at, a.members, a.population, a.search)
	if a.unasked != nil {
		r.Population--
	}
	r.Oldest, r.Newest = a.oldest, a.latest
	r.Interval, r.CheckVersion = a.applied, a.check.Version
	return r
}
