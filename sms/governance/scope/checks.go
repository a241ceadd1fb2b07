package scope

import (
	"slices"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

const inUse = `state = "active"`

func used(s *Scope) bool      { return s.State == Active }
func when(s *Scope) time.Time { return s.ReviewedAt.Time() }
func asked(reads ...check.Read) []check.Read {
	return append([]check.Read{check.Set("scope"), check.Versions()}, reads...)
}

// Checks decide 4.3. Each asks that a scope is in force, and something of what is.
var Checks = []check.Check{
	check.Each(Process, check.Of[Scope]{Requirement: "4.3-01", Version: 1, Where: inUse, Member: used, When: when, Reads: asked(), Once: one,
		Decide: inForce(func(s *Scope, _ *record.Version, _ *check.Facts) catalogue.Timeline { return bounded(s) }),
		Mend:   "make a version that says organization, units, places, customers and technology, and have it approved"}),
	check.Each(Process, check.Of[Scope]{Requirement: "4.3-02", Version: 1, Where: inUse, Member: used, When: when, Reads: asked(check.Links("takes_account_of")), Once: some,
		Decide: inForce(inView), Mend: "link issues, requirements and services that it takes account of, and review it"}),
	check.Each(Process, check.Of[Scope]{Requirement: "4.3-03", Version: 1, Where: inUse, Member: used, When: when, Reads: asked(check.Set("service")), Once: reconciled,
		Decide: inForce(standing), Mend: "make a version without what has ended, and have it approved"}),
	check.Each(Process, check.Of[Scope]{Requirement: "4.3-04", Version: 1, Where: inUse, Member: used, When: when, Reads: asked(), Once: some,
		Decide: inForce(func(s *Scope, _ *record.Version, _ *check.Facts) catalogue.Timeline {
			if s.Organization != "" && !s.names() {
				return check.Gap("its statement does not name " + string(s.Organization))
			}
			return check.Fields(Process, s, "organization")
		}), Mend: "make a version that names the organization, and have it approved"}),
	check.Each(Process, check.Of[Scope]{Requirement: "4.3-05", Version: 1, Where: inUse, Member: used, When: when, Reads: asked(), Once: some,
		Decide: inForce(available), Mend: "review it, and say who is to get at it and where they find it"}),
}

// spans are the times in which versions were in force that somebody approved who did not write them.
func spans(f *check.Facts, ref string, vs []process.Content) []catalogue.Span {
	return f.Spans(ref, vs, func(c process.Content) bool {
		return !c.Version.Approver.IsZero() && c.Version.Approver != c.Version.Author
	})
}

// inForce decides on each version for the time in which it is in force. For the rest nothing is asked
// of the record: that one must be in force at all is asked once.
func inForce(decide func(*Scope, *record.Version, *check.Facts) catalogue.Timeline) func(*Scope, *check.Facts) catalogue.Timeline {
	return func(s *Scope, f *check.Facts) catalogue.Timeline {
		return over(f, "", f.Versions(s.ID), func(c process.Content) catalogue.Timeline {
			return decide(c.Record.(*Scope), c.Version, f)
		})
	}
}

// over is the verdicts on versions, each for its term.
func over(f *check.Facts, ref string, vs []process.Content, decide func(process.Content) catalogue.Timeline) catalogue.Timeline {
	idle := catalogue.Always(catalogue.Vacuous, "no version of it is in force")
	type term struct {
		catalogue.Span
		content process.Content
	}
	var terms []term
	for _, c := range vs {
		for _, s := range spans(f, ref, []process.Content{c}) {
			terms = append(terms, term{s, c})
		}
	}
	slices.SortFunc(terms, func(a, b term) int { return a.From.Compare(b.From) }) // a later number may come into force earlier
	out := idle
	for _, t := range terms {
		out = out.Truncate(t.From, decide(t.content))
		if !t.To.IsZero() {
			out = out.Truncate(t.To, idle)
		}
	}
	return out
}

// some is the member that says whether a scope is in force.
func some(f *check.Facts) []catalogue.Member { return standsOnce(f, catalogue.AtLeastOne) }

// one is the same, and none beside it.
func one(f *check.Facts) []catalogue.Member { return standsOnce(f, catalogue.ExactlyOne) }

func standsOnce(f *check.Facts, how func(...catalogue.Span) catalogue.Timeline) []catalogue.Member {
	m := check.Missing("scope", "scope statement", "no scope was ever in force", "write the scope statement and have it approved")
	var all []catalogue.Span
	for _, k := range f.Set("scope") {
		if k.Record.Head().State != Active {
			continue
		}
		s := spans(f, k.Ref, k.Versions)
		if len(s) > 0 {
			all = append(all, s...)
			m.Rests = append(m.Rests, check.About("scope", k.Ref, k.Record, s[len(s)-1].From))
		}
	}
	if len(all) > 0 {
		first := slices.MinFunc(all, func(a, b catalogue.Span) int { return a.From.Compare(b.From) }).From
		m.Verdict = catalogue.Always(catalogue.NoEvidence, "no scope was in force yet").Truncate(first, how(all...))
	}
	return []catalogue.Member{m}
}

// bounded: the statement says where the system ends.
func bounded(s *Scope) catalogue.Timeline {
	l := check.Fields(Process, s, "organization", "units", "customers", "technology")
	if len(s.Locations) == 0 && s.Reasons()["locations"].Reason == "" {
		l = catalogue.And(l, check.Gap("it names no place"))
	}
	return l
}

// inView: the scope links an issue, what a party requires and a service, and was approved or reviewed
// since what those say changed last. Of a service it counts that it is there: whether it still is, is
// asked by 4.3-03.
func inView(s *Scope, v *record.Version, f *check.Facts) catalogue.Timeline {
	wants := []struct {
		what string
		from []string
	}{{"an issue", []string{"issue"}}, {"what a party requires", []string{"interested_party", "obligation", "service_requirement"}}, {"a service", []string{"service"}}}
	looked := s.lookedAt(v)
	var lacks []string
	parts := []catalogue.Timeline{check.Holds()}
	for _, w := range wants {
		there := false
		for _, e := range f.Links("takes_account_of", s.ID) {
			if e.Record == nil || !slices.Contains(w.from, e.Process) {
				continue
			}
			there = there || e.Record.Head().Phase != record.Choice(lifecycle.Void)
			if at := changed(e.Record); at.After(looked) {
				parts = append(parts, catalogue.Steps(catalogue.Segment{State: catalogue.Conforms},
					catalogue.Segment{From: at, State: catalogue.Gap, Reason: e.Ref + " changed on " + string(f.Day(at)) + ", and the scope was not reviewed since"}))
			}
		}
		if !there {
			lacks = append(lacks, w.what)
		}
	}
	if len(lacks) > 0 {
		return check.Gap("it does not link " + strings.Join(lacks, ", nor "))
	}
	return catalogue.And(parts...)
}

// changed is when what a record says changed last: comments, reviews and the like change nothing.
func changed(r record.Record) time.Time {
	if c, ok := r.(interface{ Changed() time.Time }); ok {
		return c.Changed()
	}
	return r.Head().CreatedAt.Time()
}

// standing: each service that the statement names is on record and has not ended.
func standing(s *Scope, _ *record.Version, f *check.Facts) catalogue.Timeline {
	var gone []string
	n := 0
	for _, k := range f.Set("service") {
		if !s.Covers(k.Record.Head().ID) {
			continue
		}
		if n++; k.Record.Head().Phase == record.Choice(lifecycle.Void) {
			gone = append(gone, k.Ref)
		}
	}
	switch {
	case len(gone) > 0:
		return check.Gap("it covers what has ended: " + strings.Join(gone, ", "))
	case n == 0:
		return check.Gap("it covers no service that is on record")
	}
	return check.Holds()
}

// reconciled holds every service that is delivered against the scope in force: it is covered, or left
// out for a reason. The other way round is [standing].
func reconciled(f *check.Facts) []catalogue.Member {
	out := some(f)
	for _, k := range f.Set("service") {
		h := k.Record.Head()
		if h.Phase != record.Choice(lifecycle.Open) && h.Phase != record.Choice(lifecycle.Waiting) {
			continue
		}
		var verdicts []catalogue.Timeline
		for _, s := range f.Set("scope") {
			if s.Record.Head().State == Active {
				verdicts = append(verdicts, over(f, s.Ref, s.Versions, func(c process.Content) catalogue.Timeline {
					switch x := c.Record.(*Scope); {
					case x.Covers(h.ID):
						return catalogue.Always(catalogue.Conforms, "covered by "+s.Ref)
					case x.LeavesOut(h.ID):
						return catalogue.Always(catalogue.Conforms, "left out by "+s.Ref+", with its justification")
					}
					return check.Gap("it is " + string(h.State) + ", and " + s.Ref + " neither covers it nor says why it is left out")
				}))
			}
		}
		out = append(out, check.Found("service", k, h.CreatedAt.Time(), catalogue.Any(verdicts...), "make a version of the scope that covers the service, or leaves it out with a justification"))
	}
	return out
}

// available: it is kept up to date, and more people than its authors can read it.
func available(s *Scope, v *record.Version, f *check.Facts) catalogue.Timeline {
	l := catalogue.And(check.Fields(Process, s, "audience"), catalogue.FreshUntil(s.lookedAt(v), f.Interval.Period, "review"))
	if next := f.Midnight(s.NextReview); !next.IsZero() {
		l = catalogue.And(l, catalogue.Steps(catalogue.Segment{State: catalogue.Conforms},
			catalogue.Segment{From: next, State: catalogue.Stale, Reason: "its review was due on " + string(s.NextReview)}))
	}
	if s.Restricted {
		l = catalogue.And(l, check.Gap("only those can read it who were let in one by one"))
	}
	return l
}
