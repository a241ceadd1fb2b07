package risk

import (
	"fmt"
	"slices"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Checks decide 6.1: here what is asked of the register as planning (6.1.1), in checks_register.go
// what must be in it and by which criteria (6.1.2), in checks_actions.go what is done (6.1.3).
//
// "Above the line" is the score before treatment: by what is left after it a risk would drop out of
// the population as soon as somebody wrote down a hopeful forecast.
var Checks = []check.Check{
	check.Every("6.1.1-01", 1, considered, contextKept, check.Set("issue"), check.Set("interested_party"), check.Set("risk"), check.Set("opportunity"),
		check.LinksOf("risk", "arises_from"), check.LinksOf("opportunity", "arises_from")),
	check.Single("6.1.1-02", 1, forResults, check.Set("risk"), check.Set("opportunity")),
	check.Each(Process, check.Of[Risk]{Requirement: "6.1.1-03", Version: 1, Where: scoredOnes, Member: isScored, When: assessedAt, Reads: criteriaKept, Decide: aboveLine(stated),
		Mend: "choose its treatment, and say whether that prevents or reduces the effect; or have it accepted until a day"}),
	check.Each(Opportunities, check.Of[Opportunity]{Requirement: "6.1.1-04", Version: 1, Where: taken, Member: isTaken, When: chosenAt, Reads: []check.Read{check.Links("leads_to"), check.Links("pursued_by")}, Decide: improves,
		Mend: "link the improvement that it leads to"}),

	check.Each(Process, check.Of[Risk]{Requirement: "6.1.2-01", Version: 1, Where: organizations, Member: isOrganizations, When: assessedAt, Reads: []check.Read{check.Set("risk")}, Decide: inRegister,
		Once: func(f *check.Facts) []catalogue.Member {
			return []catalogue.Member{newestRisk(f, "a risk to the organization", Organization)}
		}, Mend: "analyse it, or review it, and give it an owner"}),
	check.Every("6.1.2-02", 1, everyService, nil, check.Set("service"), check.Set("risk"), check.LinksOf("risk", "concerns")),
	check.Every("6.1.2-03", 1, everyParty, partiesKept, check.Set("supplier"), check.Set("risk"), check.LinksOf("risk", "concerns")),
	check.Each(Process, check.Of[Risk]{Requirement: "6.1.2-04", Version: 1, Where: openOnes, Member: isOpen, Reads: []check.Read{check.Set("risk"), check.Set("opportunity")}, Once: anyRisk, Also: opportunitiesForCustomers,
		Decide: func(r *Risk, _ *check.Facts) catalogue.Timeline { return check.Fields(Process, r, "customer_impact") },
		Mend:   "say what it means for customers"}),
	check.Each(Process, check.Of[Risk]{Requirement: "6.1.2-05", Version: 1, Where: retained, Member: isRetained, When: assessedAt, Reads: criteriaKept, Decide: withinCriteria,
		Once: func(f *check.Facts) []catalogue.Member {
			return []catalogue.Member{check.VersionInForce(f, CriteriaProcess.Name, "risk criteria", "approve risk criteria, with a day from which they are in force", nil)}
		}, Mend: "have somebody accept it whose role covers its score, until a day"}),
	check.Single("6.1.2-06", 1, approach, check.Set(CriteriaProcess.Name), check.Set(check.Documents)),

	check.Each(Process, check.Of[Risk]{Requirement: "6.1.3-01", Version: 1, Where: scoredOnes, Member: isScored, When: assessedAt, Reads: slices.Concat(actionsUnder, criteriaKept, []check.Read{check.Set("opportunity")}),
		Decide: aboveLine(func(r *Risk, f *check.Facts) catalogue.Timeline { return inHand(r.ID, f) }), Also: opportunitiesActedOn,
		Mend: "plan a task of kind treatment under it, with assignee, due time and priority; complete what is overdue, or give it a later day for a reason"}),
	check.Each(people.Tasks, check.Of[people.Task]{Requirement: "6.1.3-02", Version: 1, Where: treatments, Member: isTreatment, Reads: []check.Read{check.Links("works_on"), check.Links("carries_out")}, Decide: workedIn,
		Mend: "link the process, change, improvement or control that it works on"}),
	check.Each(people.Tasks, check.Of[people.Task]{Requirement: "6.1.3-03", Version: 1, Where: completed, Member: isCompleted, When: func(t *people.Task) time.Time { return t.DoneAt.Time() },
		Reads: slices.Concat(actionsUnder, []check.Read{check.Set("risk"), check.Set("opportunity")}), Decide: judgedAfter,
		Mend: "write down in the risk what the action brought and what score is left"}),
}

// The populations, as filters and as functions.
const (
	openOnes      = `phase = "open"`
	scoredOnes    = `phase = "open" and analysed_at is not blank`
	organizations = `phase = "open" and category = "organization"`
	retained      = `state in ("accepted", "monitored")`
	taken         = `state in ("pursued", "done")`
	treatments    = `kind = "treatment" and phase != "void"`
	completed     = `kind = "treatment" and state = "done"`
)

// Categories that the standard asks for by name.
const (
	Organization       = "organization"
	ServiceRequirement = "service_requirement"
	OtherParty         = "other_party"
	SMSOutcome         = "sms_outcome"
)

func isOpen(r *Risk) bool          { return r.Phase == record.Choice(lifecycle.Open) }
func isScored(r *Risk) bool        { return isOpen(r) && r.AnalysedAt != 0 }
func isOrganizations(r *Risk) bool { return isOpen(r) && r.Category == Organization }
func isRetained(r *Risk) bool      { return r.State == Accepted || r.State == Monitored }
func isTaken(o *Opportunity) bool  { return o.State == Pursued || o.State == Done }
func isTreatment(t *people.Task) bool {
	return t.Kind == "treatment" && t.Phase != record.Choice(lifecycle.Void)
}
func isCompleted(t *people.Task) bool { return t.Kind == "treatment" && t.State == "done" }

// assessedAt is when a risk was looked at last: analysed, or reviewed since. Zero: never.
func assessedAt(r *Risk) time.Time {
	if r.AnalysedAt == 0 {
		return time.Time{}
	}
	return max(r.AnalysedAt, r.ReviewedAt).Time()
}

// chosenAt is when an opportunity was weighed last: evaluated, or decided on since.
func chosenAt(o *Opportunity) time.Time { return max(o.EvaluatedAt, o.DecidedAt).Time() }

var criteriaKept = []check.Read{check.Set("risk_criteria")}

// line is where acceptance ended by the criteria that r was judged by last; of one that was judged by
// none, by those in force at the instant asked about. False: there are none.
func line(r *Risk, f *check.Facts) (*Criteria, bool) {
	for _, k := range f.Set(CriteriaProcess.Name) {
		if k.Record.Head().ID != r.Criteria {
			continue
		}
		if i := slices.IndexFunc(k.Versions, func(c process.Content) bool { return int64(c.Version.Number) == r.CriteriaNo.N }); i >= 0 {
			return k.Versions[i].Record.(*Criteria), true
		}
	}
	for _, k := range f.Set(CriteriaProcess.Name) {
		if c := f.InForce(k, f.At); c != nil && k.Record.Head().Phase == record.Choice(lifecycle.Open) {
			return c.Record.(*Criteria), true
		}
	}
	return nil, false
}

// within is how long it may take from finding something to deciding on it. A default of this product.
const within = 30 * 24 * time.Hour

// pending asks nothing until so long after from, and is a gap then.
func pending(from time.Time, waits, missing string) catalogue.Timeline {
	due := from.Add(within)
	return catalogue.Steps(catalogue.Segment{State: catalogue.Vacuous, Reason: waits + " by " + due.Format(time.DateOnly)},
		catalogue.Segment{From: due, State: catalogue.Gap, Reason: missing})
}

// aboveLine asks decide of a risk whose score is above the acceptance line and that is treated. One
// that is borne as it is must be accepted, and only until its day.
func aboveLine(decide func(*Risk, *check.Facts) catalogue.Timeline) func(*Risk, *check.Facts) catalogue.Timeline {
	return func(r *Risk, f *check.Facts) catalogue.Timeline {
		c, known := line(r, f)
		switch {
		case !known:
			return check.Gap("no criteria say where acceptance ends")
		case r.Score.N <= c.AcceptanceLine.N:
			return catalogue.Always(catalogue.Vacuous, fmt.Sprintf("its score of %d is not above the acceptance line of %d", r.Score.N, c.AcceptanceLine.N))
		case r.Treatment == "":
			return pending(r.AnalysedAt.Time(), "to be treated", fmt.Sprintf("its score of %d is above the acceptance line of %d, and no treatment is chosen", r.Score.N, c.AcceptanceLine.N))
		case r.Treatment == "accept" && r.AcceptedAt == 0:
			return pending(r.AnalysedAt.Time(), "to be accepted", "it is to be borne as it is, and nobody has accepted it")
		case r.Treatment == "accept":
			return borne(r, f)
		}
		return decide(r, f)
	}
}

// borne holds to the end of the last day on which the risk is accepted.
func borne(r *Risk, f *check.Facts) catalogue.Timeline {
	if r.AcceptedUntil == "" {
		return check.Gap("it is accepted without an end")
	}
	return catalogue.ConformsUntil(f.Midnight(r.AcceptedUntil).AddDate(0, 0, 1), catalogue.Gap, "it was accepted until "+string(r.AcceptedUntil))
}

func stated(r *Risk, _ *check.Facts) catalogue.Timeline {
	return check.Fields(Process, r, "treatment", "prevents_or_reduces")
}

// contextKept: planning starts from what is on record of the context. Nothing on record is no
// evidence, and never an empty list that is all considered.
func contextKept(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	for _, x := range [][3]string{{"issue", "issues of the context", "record the issues inside and outside the organization"},
		{"interested_party", "interested parties", "record the interested parties and what they require"}} {
		if len(f.Set(x[0])) == 0 {
			out = append(out, check.Missing(x[0], x[1], "no "+x[1]+" are on record", x[2]))
		}
	}
	return out
}

// Weighed is a record of the context (an issue, an interested party) that can say of itself that
// somebody decided that planning need not start from it. One that cannot is always asked.
type Weighed interface {
	record.Record
	SetAside() bool
}

// considered: a risk or an opportunity arises from every open issue and party, or it says why not.
func considered(f *check.Facts) []catalogue.Member {
	from := map[record.ID][]catalogue.Target{}
	for _, name := range []string{Process.Name, Opportunities.Name} {
		for _, k := range f.Set(name) {
			for _, e := range f.LinksOf(name, "arises_from", k.Record.Head().ID) {
				if e.Record != nil {
					id := e.Record.Head().ID
					from[id] = append(from[id], catalogue.Target{Ref: k.Ref, State: string(k.Record.Head().State), Allowed: true})
				}
			}
		}
	}
	var out []catalogue.Member
	for _, name := range []string{"issue", "interested_party"} {
		for _, k := range f.Set(name) {
			h := k.Record.Head()
			if w, ok := k.Record.(Weighed); h.Phase != record.Choice(lifecycle.Open) || ok && w.SetAside() {
				continue
			}
			out = append(out, check.Found(name, k, h.CreatedAt.Time(), catalogue.Linked("risk or opportunity", h.Reasons()["gives_rise_to"].Reason, from[h.ID]...),
				"link a risk or an opportunity that arises from it, or say why there is none (blanks.gives_rise_to)"))
		}
	}
	return out
}

// forResults: at least one risk and one opportunity for what the SMS is to bring, weighed lately.
func forResults(f *check.Facts) []catalogue.Member {
	return []catalogue.Member{newestRisk(f, "a risk to the results of the SMS", SMSOutcome),
		check.Newest(f, Opportunities.Name, "evaluation of an opportunity for the results of the SMS", "evaluate an opportunity of the category "+SMSOutcome, func(r record.Record) time.Time {
			if o := r.(*Opportunity); o.Category == SMSOutcome && o.Phase != record.Choice(lifecycle.Void) {
				return chosenAt(o)
			}
			return time.Time{}
		})}
}

// newestRisk is the member that says whether the newest assessment of an open risk of a category is
// younger than the interval.
func newestRisk(f *check.Facts, what, category string) catalogue.Member {
	return check.Newest(f, Process.Name, "assessment of "+what, "identify "+what+" (category "+category+") and analyse it", func(r record.Record) time.Time {
		if x := r.(*Risk); isOpen(x) && string(x.Category) == category {
			return assessedAt(x)
		}
		return time.Time{}
	})
}

// improves: an opportunity that was taken leads to an improvement.
func improves(o *Opportunity, f *check.Facts) catalogue.Timeline {
	var ends []catalogue.Target
	for _, kind := range []string{"leads_to", "pursued_by"} {
		for _, e := range f.Links(kind, o.ID) {
			if e.Process == "improvement" && e.Record != nil {
				h := e.Record.Head()
				ends = append(ends, catalogue.Target{Ref: e.Ref, State: string(h.State), Allowed: h.Phase != record.Choice(lifecycle.Void)})
			}
		}
	}
	return catalogue.Linked("improvement", o.Reasons()["leads_to"].Reason, ends...)
}
