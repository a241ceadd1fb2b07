package nonconformity

import (
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Checks decide 10.1. What was rejected is asked nothing but that it is on record (10.1-07).
var Checks = []check.Check{
	check.Each(Process, check.Of[Nonconformity]{Requirement: "10.1-01", Version: 1, Where: stands, Member: real, Decide: putRight, Mend: "put the case itself right, and deal with what followed from it"}),
	check.Each(Process, check.Of[Nonconformity]{Requirement: "10.1-02", Version: 1, Where: corrected, Member: wasCorrected, When: correctedAt, Decide: understood, Mend: "find the cause and like cases, and decide whether to take the cause away"}),
	check.Each(Process, check.Of[Nonconformity]{Requirement: "10.1-03", Version: 1, Where: acting, Member: needsAction, Decide: carriedOut, Reads: actions, Mend: "carry the corrective action out, or decide on its delay"}),
	check.Each(Process, check.Of[Nonconformity]{Requirement: "10.1-04", Version: 1, Where: acting, Member: needsAction, Decide: judgedByAnother, Reads: actions, Mend: "have somebody judge the effect who did not do it"}),
	check.Each(Process, check.Of[Nonconformity]{Requirement: "10.1-05", Version: 1, Where: analysedOnes, Member: wasAnalysed, When: analysedAt, Decide: adapted, Reads: []check.Read{check.Links("changes_sms")}, Mend: "say whether the SMS has to be adapted, and link what adapts it"}),
	check.Each(Process, check.Of[Nonconformity]{Requirement: "10.1-06", Version: 1, Where: analysedOnes, Member: wasAnalysed, When: analysedAt, Decide: weighed, Reads: actions, Mend: "say how severe it is and why; give a major one a corrective action"}),
	check.Each(Process, check.Of[Nonconformity]{Requirement: "10.1-07", Version: 1, Decide: described, Mend: "write down what was found, by what, against which requirement, and what shows it"}),
	check.Each(Process, check.Of[Nonconformity]{Requirement: "10.1-08", Version: 1, Where: acting, Member: needsAction, Decide: resultsKept, Reads: actions, Mend: "write down the result of each corrective action"}),
}

const (
	stands       = `phase != "void"`
	corrected    = `phase != "void" and corrected_at is not blank`
	acting       = `phase != "void" and action_needed = "yes"`
	analysedOnes = `phase != "void" and analysed_at is not blank`
)

var actions = []check.Read{check.Children("task", "parent")}

func real(n *Nonconformity) bool             { return n.Phase != record.Choice(lifecycle.Void) }
func wasCorrected(n *Nonconformity) bool     { return real(n) && n.CorrectedAt != 0 }
func wasAnalysed(n *Nonconformity) bool      { return real(n) && n.AnalysedAt != 0 }
func needsAction(n *Nonconformity) bool      { return real(n) && n.ActionNeeded == "yes" }
func correctedAt(n *Nonconformity) time.Time { return n.CorrectedAt.Time() }
func analysedAt(n *Nonconformity) time.Time  { return n.AnalysedAt.Time() }

func gap(reason string) catalogue.Timeline { return catalogue.Always(catalogue.Gap, reason) }

// tasks are the corrective actions under n, without those that were cancelled.
func tasks(n *Nonconformity, f *check.Facts) []*people.Task {
	var out []*people.Task
	for _, r := range f.Children("task", "parent", n.ID) {
		if t, ok := r.(*people.Task); ok && t.Kind == "corrective_action" && t.Phase != record.Choice(lifecycle.Void) {
			out = append(out, t)
		}
	}
	return out
}

// putRight: the case is corrected, and its consequences dealt with, within thirty days.
func putRight(n *Nonconformity, _ *check.Facts) catalogue.Timeline {
	raised := catalogue.Moment{What: "raising", At: n.CreatedAt.Time()}
	if n.CorrectedAt == 0 {
		return catalogue.AnsweredBy(raised, n.CreatedAt.Time().Add(containedWithin), catalogue.Moment{What: "correction"})
	}
	filled := check.Answered(n, Process.Shape.Field("correction"), Process.Shape.Field("consequences"))
	return catalogue.And(filled, catalogue.AnsweredBy(raised, n.CreatedAt.Time().Add(containedWithin), catalogue.Moment{What: "correction", At: n.CorrectedAt.Time()}))
}

func understood(n *Nonconformity, _ *check.Facts) catalogue.Timeline {
	if n.AnalysedAt == 0 {
		return catalogue.AnsweredBy(catalogue.Moment{What: "correction", At: n.CorrectedAt.Time()}, n.CorrectedAt.Time().Add(containedWithin), catalogue.Moment{What: "search for the cause"})
	}
	return check.Answered(n, Process.Shape.Field("cause"), Process.Shape.Field("similar_cases"), Process.Shape.Field("action_needed"), Process.Shape.Field("action_why"))
}

func carriedOut(n *Nonconformity, f *check.Facts) catalogue.Timeline {
	all := tasks(n, f)
	if len(all) == 0 {
		return gap("a corrective action is needed, and none stands under it")
	}
	out := check.Holds()
	for _, t := range all {
		out = catalogue.And(out, catalogue.NotOverdue(t.Due.Time(), t.DoneAt.Time()))
	}
	return out
}

func judgedByAnother(n *Nonconformity, f *check.Facts) catalogue.Timeline {
	out := check.Holds()
	for _, t := range tasks(n, f) {
		if t.DoneAt == 0 {
			continue
		}
		end := catalogue.Moment{What: "end of " + string(t.Title), At: t.DoneAt.Time()}
		var at time.Time
		for _, j := range n.Judgements {
			switch {
			case j.Task != t.ID:
			case j.By == t.DoneBy && !j.By.IsZero():
				return gap("the effect of " + string(t.Title) + " was judged by who did it")
			case at.IsZero():
				at = j.At.Time()
			}
		}
		out = catalogue.And(out, catalogue.AnsweredBy(end, t.DoneAt.Time().Add(judgedWithin), catalogue.Moment{What: "judgement of the effect", At: at}))
	}
	return out
}

func adapted(n *Nonconformity, f *check.Facts) catalogue.Timeline {
	if n.AdaptSMS != "yes" {
		return check.Answered(n, Process.Shape.Field("adapt_sms"))
	}
	var ends []catalogue.Target
	for _, e := range f.Links("changes_sms", n.ID) {
		ends = append(ends, catalogue.Target{Ref: e.Ref, Allowed: true})
	}
	return catalogue.Linked("change of the SMS", n.Reasons()["changes_sms"].Reason, ends...)
}

func weighed(n *Nonconformity, f *check.Facts) catalogue.Timeline {
	if n.Severity == "" || n.SeverityWhy == "" {
		return check.Answered(n, Process.Shape.Field("severity"), Process.Shape.Field("severity_why"))
	}
	if n.Severity == "major" && len(tasks(n, f)) == 0 {
		return gap("it is a major one, and no corrective action stands under it")
	}
	return check.Holds()
}

func described(n *Nonconformity, _ *check.Facts) catalogue.Timeline {
	return check.Answered(n, Process.Shape.Field("description"), Process.Shape.Field("source"), Process.Shape.Field("requirement"), Process.Shape.Field("evidence"))
}

func resultsKept(n *Nonconformity, f *check.Facts) catalogue.Timeline {
	for _, t := range tasks(n, f) {
		if t.DoneAt != 0 && (t.Evidence == "" || t.Outcome == "") {
			return gap("nothing says what came of " + string(t.Title))
		}
	}
	return check.Holds()
}
