package risk

import (
	"fmt"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// inRegister: a risk is scored, owned, and was looked at within the interval. What was found just now
// may wait for its analysis.
func inRegister(r *Risk, f *check.Facts) catalogue.Timeline {
	if r.AnalysedAt == 0 {
		return pending(r.CreatedAt.Time(), "to be analysed", "it was identified on "+r.CreatedAt.Time().Format(time.DateOnly)+" and never analysed")
	}
	return catalogue.And(check.Fields(Process, r, "likelihood", "consequence", "owner"), catalogue.FreshUntil(assessedAt(r), f.Interval.Period, "assessment"))
}

// newest is the risk of a category about something that was assessed last.
type newest struct {
	check.Kept
	at time.Time
}

// about is, for everything that open risks of a category name or concern, the newest of them.
func about(f *check.Facts, category string) map[record.ID]newest {
	out := map[record.ID]newest{}
	for _, k := range f.Set(Process.Name) {
		r := k.Record.(*Risk)
		at := assessedAt(r)
		if !isOpen(r) || string(r.Category) != category || at.IsZero() {
			continue
		}
		named := []record.ID{r.Service, r.Party}
		for _, e := range f.LinksOf(Process.Name, "concerns", r.ID) {
			if e.Record != nil {
				named = append(named, e.Record.Head().ID)
			}
		}
		for _, id := range named {
			if !id.IsZero() && at.After(out[id].at) {
				out[id] = newest{k, at}
			}
		}
	}
	return out
}

// assessedFor is the member for a record that a risk of a category must be assessed for.
func assessedFor(f *check.Facts, name string, k check.Kept, by map[record.ID]newest, what, category string) catalogue.Member {
	h := k.Record.Head()
	m := check.Found(name, k, h.CreatedAt.Time(), catalogue.FreshUntil(by[h.ID].at, f.Interval.Period, what), "analyse a risk of the category "+category+" that names it, or review the one there is; if there is none, say why (blanks.at_risk_by)")
	if n := by[h.ID]; !n.at.IsZero() {
		m.Rests = append(m.Rests, check.About(Process.Name, n.Ref, n.Record, n.at))
	} else if why := h.Reasons()["at_risk_by"].Reason; why != "" {
		m.Verdict = catalogue.Always(catalogue.Vacuous, "no risk of it is known: "+why)
	}
	return m
}

func everyService(f *check.Facts) []catalogue.Member {
	by := about(f, ServiceRequirement)
	var out []catalogue.Member
	for _, k := range f.Set("service") {
		if k.Record.Head().State == "live" {
			out = append(out, assessedFor(f, "service", k, by, "assessment of a risk to what is required of it", ServiceRequirement))
		}
	}
	return out
}

func everyParty(f *check.Facts) []catalogue.Member {
	by := about(f, OtherParty)
	var out []catalogue.Member
	for _, k := range f.Set("supplier") {
		if k.Record.Head().Phase == record.Choice(lifecycle.Open) {
			out = append(out, assessedFor(f, "supplier", k, by, "assessment of a risk that comes from it", OtherParty))
		}
	}
	return out
}

// partiesKept: it must be known who the other parties are, and one risk at least come from one.
func partiesKept(f *check.Facts) []catalogue.Member {
	out := []catalogue.Member{newestRisk(f, "a risk that comes from another party", OtherParty)}
	if len(f.Set("supplier")) == 0 {
		out = append(out, check.Missing("supplier", "other parties", "no suppliers are on record: it is not known which other parties take part", "show by other means that the risks of every other party were assessed"))
	}
	return out
}

// anyRisk: a register without an open risk says nothing of what it means for customers.
func anyRisk(f *check.Facts) []catalogue.Member {
	for _, k := range f.Set(Process.Name) {
		if isOpen(k.Record.(*Risk)) {
			return nil
		}
	}
	return []catalogue.Member{check.Missing(Process.Name, "risks", "no open risk is on record", "identify the risks to the SMS and the services")}
}

func opportunitiesForCustomers(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	for _, k := range f.Set(Opportunities.Name) {
		if o := k.Record.(*Opportunity); o.Phase == record.Choice(lifecycle.Open) {
			out = append(out, check.Found(Opportunities.Name, k, o.CreatedAt.Time(), check.Fields(Opportunities, o, "customer_impact"), "say what it means for customers"))
		}
	}
	return out
}

// withinCriteria: what is kept is within the line, or was accepted by somebody whose role covers it,
// until a day. Accepted is the score that was accepted; one that grew since is not.
func withinCriteria(r *Risk, f *check.Facts) catalogue.Timeline {
	c, known := line(r, f)
	n := r.Counts()
	switch {
	case !known:
		return check.Gap("no criteria say where acceptance ends")
	case !n.Set:
		return check.Gap("it has no score")
	case r.AcceptedAt == 0 && n.N <= c.AcceptanceLine.N:
		return check.Holds()
	case r.AcceptedAt == 0:
		return check.Gap(fmt.Sprintf("its score of %d is above the acceptance line of %d, and nobody has accepted it", n.N, c.AcceptanceLine.N))
	case n.N > r.AcceptedScore.N:
		return check.Gap(fmt.Sprintf("a score of %d was accepted, and it is %d now", r.AcceptedScore.N, n.N))
	case r.AcceptedBy.IsZero() || !c.MayAccept(string(r.AcceptedAs), r.AcceptedScore.N):
		return check.Gap(fmt.Sprintf("nobody whose role covers a score of %d has accepted it", r.AcceptedScore.N))
	case r.AcceptedBy == r.AnalysedBy:
		return check.Gap("it was accepted by who scored it")
	case n.N > c.AcceptanceLine.N || r.AcceptedUntil != "":
		return borne(r, f)
	}
	return check.Holds()
}

// approach: how risks are managed is written down, as part of the criteria or as a document, and was
// approved or found suitable within the interval.
func approach(f *check.Facts) []catalogue.Member {
	const what = "approach to risks"
	m := catalogue.Member{About: catalogue.Evidence{Process: CriteriaProcess.Name, Ref: what},
		NextStep: "write in the risk criteria how risks are managed and have them approved, or approve a document that is the approach to risks and review it when it is due"}
	var sources []catalogue.Timeline
	var all []catalogue.Span
	source := func(name string, k check.Kept, spans []catalogue.Span, judged time.Time) {
		if len(spans) == 0 {
			return
		}
		all = append(all, spans...)
		sources = append(sources, catalogue.And(catalogue.AtLeastOne(spans...), catalogue.FreshUntil(judged, f.Interval.Period, "review of the "+what)))
		m.Rests = append(m.Rests, check.About(name, k.Ref, k.Record, judged))
	}
	says := func(c process.Content) bool { return c.Record.(*Criteria).Approach != "" }
	for _, k := range f.Set(CriteriaProcess.Name) {
		if k.Record.Head().Phase != record.Choice(lifecycle.Open) {
			continue
		}
		judged := time.Time{}
		for _, c := range k.Versions {
			if t := c.Version.DecidedAt.Time(); c.Version.Status == record.VersionApproved && says(c) && t.After(judged) {
				judged = t
			}
		}
		source(CriteriaProcess.Name, k, f.SpansOf(k, says), judged)
	}
	for _, k := range check.Fulfils(f, "risk_approach") {
		if d, ok := k.Record.(interface{ SuitableAt() time.Time }); ok {
			source(check.Documents, k, f.SpansOf(k, nil), d.SuitableAt())
		}
	}
	m.Verdict = check.InForceOnce(all, what) // before the first of them there was none
	if len(sources) > 0 {
		m.Verdict = catalogue.And(m.Verdict, catalogue.Any(sources...))
	}
	return []catalogue.Member{m}
}
