package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Evidence names a record that a verdict is about or rests on.
type Evidence struct {
	Process string    // registry name: incident
	Ref     string    // INC-42
	ID      [16]byte  // the record's id; zero for one that ought to exist and does not
	At      time.Time // when what it shows took place; zero: not known
}

// Member is the verdict on one of those whom a duty is asked of: a record, or something that must
// exist once (a policy in force).
type Member struct {
	About    Evidence
	Verdict  Timeline
	Required bool       // one that must hold whatever the population: without it the duty is not met
	Rests    []Evidence // records the verdict rests on, such as a review; none: on About alone
	NextStep string     // what would mend it; none: the reason must do
}

// Search says how a population was looked for, so that an empty one can be told from a missing one.
type Search struct {
	Condition *Condition // the duty's; nil: it is due from the first day
	Query     string     // the filter that was run
	From      time.Time  // since when there were records to find; zero: not known, taken as long ago
}

// Quiet is the search without its warning, for a check that knows the circumstance the warning
// names to be false: no dispute, but suppliers there are.
func (s Search) Quiet() Search {
	if s.Condition != nil {
		c := *s.Condition
		c.Warn, c.SilentFor = "", Period{}
		s.Condition = &c
	}
	return s
}

// empty is the verdict on a population of nobody. It never conforms.
func (s Search) empty() Timeline {
	c := s.Condition
	if c == nil {
		return Always(NoEvidence, "nothing was found to judge"+s.told())
	}
	vacuous := Segment{State: Vacuous, Reason: "no occasion yet (" + c.When + ")" + s.told()}
	if c.Warn == "" {
		return Steps(vacuous)
	}
	silent := Segment{State: NoEvidence, Reason: c.Warn + s.told()}
	if s.From.IsZero() || c.SilentFor.IsZero() {
		return Steps(silent)
	}
	silent.From = c.SilentFor.After(s.From)
	return Steps(vacuous, silent)
}

func (s Search) told() string {
	var b strings.Builder
	if s.Query != "" {
		b.WriteString("; searched " + s.Query)
	}
	if !s.From.IsZero() {
		b.WriteString(" since " + day(s.From))
	}
	return b.String()
}

// Applied is the interval a verdict was judged by.
type Applied struct {
	Period Period
	SetBy  string    // who set it; none: the default of this product
	SetAt  time.Time // when; zero with the default
}

// Result is the state of one requirement at an instant, with what an auditor asks about it.
type Result struct {
	At         time.Time // the instant asked about
	State      State
	Since      time.Time // the state has held since; zero: as far as is known. Counts today's members only
	Changes    time.Time // it will change if nothing happens; zero: never
	Reason     string
	NextStep   string
	Population int        // how many it was asked of, those required included
	Failing    []Member   // required ones first, then the worst
	Evidence   []Evidence // what the state rests on, failing first; at most MaxEvidence
	Oldest     Evidence   // by At, among all that any member rests on; zero: none is dated
	Newest     Evidence
	Timeline   Timeline // only changes of state; each reason is that of the instant it began
	Search     Search

	Interval     Applied // set by the caller, who knows the settings of the day
	CheckVersion int     // set by the caller: tells a restated result from a changed check
}

// MaxEvidence is how many records a result names. The rest is found by the check's own query.
const MaxEvidence = 20

// Aggregate makes the state of a requirement at an instant from the verdicts on its members.
//
// population is how many there are besides the required ones; members may leave out those that
// conform for ever. An empty population is vacuous, or no_evidence where silence is suspicious or
// the duty is unconditional. Else: attested or conforms if all hold, stale if only age fails,
// partial if some fail, gap if all fail or a required one does, no_evidence if none was ever
// exercised. Members that are vacuous themselves are counted out.
func Aggregate(at time.Time, members []Member, population int, search Search) Result {
	listed := 0
	for _, m := range members {
		if !m.Required {
			listed++
		}
	}
	population = max(population, listed)
	l := sweep(members, population-listed, search)
	now := l.At(at)
	r := Result{
		At: at, State: now.State, Since: l.Since(at), Timeline: l, Search: search,
		Population: population + len(members) - listed, Reason: now.Reason,
	}
	if next, ok := l.NextChange(at); ok {
		r.Changes = next.From
	}
	// Worst first, in the members' order: buckets, for there may be a million.
	var failing [2][len(ranked)][]Member
	for _, m := range members {
		if s := m.Verdict.StateAt(at); s.Fails() {
			must := 1
			if m.Required {
				must = 0
			}
			failing[must][s.rank()] = append(failing[must][s.rank()], m)
		}
	}
	for _, by := range failing {
		r.Failing = append(r.Failing, slices.Concat(by[:]...)...)
	}
	r.gather(members)
	if len(r.Failing) > 0 {
		c := count(members, population-listed, at)
		r.Reason = c.words()
		for _, m := range r.Failing[:min(3, len(r.Failing))] {
			r.Reason += "; " + m.words(at)
		}
		if more := len(r.Failing) - 3; more > 0 {
			r.Reason += fmt.Sprintf("; and %d more", more)
		}
	}
	r.NextStep = r.next()
	return r
}

func (m Member) words(at time.Time) string {
	name := m.About.Ref
	if name == "" {
		name = m.About.Process
	}
	return strings.TrimPrefix(name+": ", ": ") + m.Verdict.At(at).Reason
}

// next is what would help most.
func (r *Result) next() string {
	if len(r.Failing) > 0 {
		m := r.Failing[0]
		if m.NextStep != "" {
			return m.NextStep
		}
		return "mend " + m.words(r.At)
	}
	if r.State == NoEvidence {
		return "record the first one, or record why there is none"
	}
	if r.State == Vacuous {
		return "nothing to do until the occasion arises"
	}
	if !r.Changes.IsZero() {
		return "renew before " + day(r.Changes)
	}
	return ""
}

// gather names what the result rests on.
func (r *Result) gather(members []Member) {
	named := map[Evidence]bool{}
	name := func(e Evidence) {
		if e.ID != [16]byte{} && len(r.Evidence) < MaxEvidence && !named[e] {
			named[e] = true
			r.Evidence = append(r.Evidence, e)
		}
	}
	for _, m := range r.Failing {
		name(m.About)
	}
	for _, m := range members {
		rests := m.Rests
		if len(rests) == 0 {
			rests = []Evidence{m.About}
		}
		for _, e := range rests {
			name(e)
			if e.At.IsZero() {
				continue
			}
			if r.Oldest.At.IsZero() || e.At.Before(r.Oldest.At) {
				r.Oldest = e
			}
			if e.At.After(r.Newest.At) {
				r.Newest = e
			}
		}
	}
}

// tally counts members by state, as indexes of ranked.
type tally struct{ ordinary, required [len(ranked)]int }

func (t *tally) add(m *Member, s State, n int) {
	if m.Required {
		t.required[s.rank()] += n
	} else {
		t.ordinary[s.rank()] += n
	}
}

func count(members []Member, unlisted int, at time.Time) *tally {
	var t tally
	t.ordinary[Conforms.rank()] = unlisted
	for i := range members {
		t.add(&members[i], members[i].Verdict.StateAt(at), 1)
	}
	return &t
}

// sum counts the members in one of states.
func sum(counts *[len(ranked)]int, states ...State) (n int) {
	for _, s := range states {
		n += counts[s.rank()]
	}
	return n
}

// judged counts the members who were asked anything.
func judged(counts *[len(ranked)]int) int {
	return sum(counts, Gap, NoEvidence, Partial, Stale, Attested, Conforms)
}

// state is the rule of Aggregate. empty is the verdict on an empty population at that instant.
func (t *tally) state(conditional bool, empty State) State {
	o, r := &t.ordinary, &t.required
	asked, must := judged(o), judged(r)
	both := func(states ...State) int { return sum(o, states...) + sum(r, states...) }
	switch {
	case asked == 0 && must == 0:
		if both(Vacuous) > 0 {
			return Vacuous // members there are, each with its own reason
		}
		return empty
	case both(NoEvidence) == asked+must:
		return NoEvidence
	case sum(r, Gap, NoEvidence) > 0:
		return Gap
	case asked > 0 && sum(o, Gap, NoEvidence, Stale) == asked && sum(o, Gap, NoEvidence) > 0:
		return Gap
	case both(Gap, NoEvidence, Partial) > 0:
		return Partial
	case both(Stale) > 0:
		return Stale
	case asked == 0 && conditional && sum(o, Vacuous) > 0:
		return Vacuous
	case asked == 0 && conditional:
		return empty // what must always hold does, and the occasion for the rest has not come
	case both(Attested) > 0:
		return Attested
	}
	return Conforms
}

func (t *tally) words() string {
	total, failing := 0, 0
	for _, c := range []*[len(ranked)]int{&t.ordinary, &t.required} {
		total += judged(c)
		failing += sum(c, Gap, NoEvidence, Partial)
	}
	stale := sum(&t.ordinary, Stale) + sum(&t.required, Stale)
	switch {
	case failing == 0 && stale == 0:
		return fmt.Sprintf("%d of %d hold", total, total)
	case stale == 0:
		return fmt.Sprintf("%d of %d fail", failing, total)
	case failing == 0:
		return fmt.Sprintf("%d of %d are stale", stale, total)
	}
	return fmt.Sprintf("%d of %d fail and %d are stale", failing, total, stale)
}

// reason says why the counts make the state that they do at an instant; e is the verdict on an empty population.
func (t *tally) reason(search Search, e Segment, members []Member, at time.Time) string {
	asked, must := judged(&t.ordinary), judged(&t.required)
	if asked > 0 || sum(&t.required, Gap, NoEvidence, Partial, Stale) > 0 || must > 0 && search.Condition == nil {
		return t.words()
	}
	reason := e.Reason
	for _, m := range members {
		if v := m.Verdict.At(at); v.State == Vacuous {
			reason = "asked of none of the members; " + m.words(at)
			break
		}
	}
	if must == 0 {
		return reason
	}
	always := "what must always hold does"
	if search.Condition.Always != "" {
		always += " (" + search.Condition.Always + ")"
	}
	return always + "; " + reason
}

// sweep walks all changes of all members once, in order of time, and judges the counts: the cost
// grows with the number of changes, not with members times changes.
func sweep(members []Member, unlisted int, search Search) Timeline {
	type change struct {
		at       time.Time
		member   *Member
		from, to State
	}
	var changes []change
	var t tally
	t.ordinary[Conforms.rank()] = unlisted
	for i := range members {
		segs := members[i].Verdict.all()
		t.add(&members[i], segs[0].State, 1)
		for j := 1; j < len(segs); j++ {
			if segs[j-1].State != segs[j].State {
				changes = append(changes, change{segs[j].From, &members[i], segs[j-1].State, segs[j].State})
			}
		}
	}
	empty := search.empty()
	for _, s := range empty.all()[1:] {
		changes = append(changes, change{at: s.From})
	}
	slices.SortFunc(changes, func(a, b change) int { return a.at.Compare(b.at) })

	var out []Segment
	judge := func(at time.Time) {
		e := empty.At(at)
		s := Segment{From: at, State: t.state(search.Condition != nil, e.State)}
		if n := len(out); n > 0 && out[n-1].State == s.State {
			return
		}
		s.Reason = t.reason(search, e, members, at)
		out = append(out, s)
	}
	judge(time.Time{})
	for i, c := range changes {
		if c.member != nil {
			t.add(c.member, c.from, -1)
			t.add(c.member, c.to, 1)
		}
		if i+1 == len(changes) || !changes[i+1].at.Equal(c.at) {
			judge(c.at)
		}
	}
	return Timeline{out}
}
