package risk

import (
	"fmt"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

var actionsUnder = []check.Read{check.Children("task", "parent")}

// actions are the treatments under a risk or an opportunity, without those that were cancelled.
func actions(id record.ID, f *check.Facts) []*people.Task {
	var out []*people.Task
	for _, r := range f.Children("task", "parent", id) {
		if t := r.(*people.Task); isTreatment(t) {
			out = append(out, t)
		}
	}
	return out
}

// lacking is what an action must have before anybody can rank it or see that it is late.
func lacking(t *people.Task) []string {
	var out []string
	if t.Assignee.IsZero() {
		out = append(out, "an assignee")
	}
	if t.Due == 0 {
		out = append(out, "a due time")
	}
	if !t.Priority.Set {
		out = append(out, "a priority")
	}
	return out
}

// inHand: an action is planned, each is complete, and none is past its day. A later day that somebody
// gave it is the decision on its delay: it stands in the history.
func inHand(id record.ID, f *check.Facts) catalogue.Timeline {
	all := actions(id, f)
	if len(all) == 0 {
		return check.Gap("no action is planned for it")
	}
	out := check.Holds()
	for _, t := range all {
		if lacks := lacking(t); len(lacks) > 0 {
			return check.Gap(fmt.Sprintf("TSK-%d lacks %s", t.Num, strings.Join(lacks, ", ")))
		}
		out = catalogue.And(out, catalogue.NotOverdue(t.Due.Time(), t.DoneAt.Time()))
	}
	return out
}

func opportunitiesActedOn(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	for _, k := range f.Set(Opportunities.Name) {
		if o := k.Record.(*Opportunity); o.State == Pursued {
			out = append(out, check.Found(Opportunities.Name, k, chosenAt(o), inHand(o.ID, f), ""))
		}
	}
	return out
}

// carriers are the processes whose records make an action part of the SMS.
var carriers = map[string]bool{"process": true, "change": true, "improvement": true, "control": true, "document": true}

// workedIn: an action is carried out through something of the SMS, and not beside it.
func workedIn(t *people.Task, f *check.Facts) catalogue.Timeline {
	var ends []catalogue.Target
	for _, kind := range []string{"works_on", "carries_out"} {
		for _, e := range f.Links(kind, t.ID) {
			if carriers[e.Process] && e.Record != nil {
				h := e.Record.Head()
				ends = append(ends, catalogue.Target{Ref: e.Ref, State: string(h.State), Allowed: h.Phase != record.Choice(lifecycle.Void)})
			}
		}
	}
	return catalogue.Linked("process, change, improvement, control or document", t.Reasons()["works_on"].Reason, ends...)
}

// judgedLate is how long after an action was completed its effect may stay unjudged.
var judgedLate = catalogue.MustPeriod("P90D")

// judgedAfter: what a completed action brought was written down, with the score that is left, after
// it was completed and in time. An opportunity has no score: it is judged as a whole, after the last
// of its actions.
func judgedAfter(t *people.Task, f *check.Facts) catalogue.Timeline {
	if t.Outcome == "not_needed" {
		return catalogue.Always(catalogue.Vacuous, "it was not needed: there is no effect to judge")
	}
	end, judged := t.DoneAt.Time(), time.Time{}
	if o, ok := held(f)[t.Parent].(*Opportunity); ok {
		for _, x := range actions(o.ID, f) {
			if x.DoneAt == 0 {
				return catalogue.Always(catalogue.Vacuous, "its opportunity is judged when all its actions are completed")
			}
			if at := x.DoneAt.Time(); at.After(end) {
				end = at
			}
		}
		if o.Effectiveness != "" {
			judged = o.DoneAt.Time()
		}
	} else if r, ok := held(f)[t.Parent].(*Risk); ok {
		for _, e := range r.Evaluations {
			if at := e.At.Time(); e.Task == t.ID && e.ResidualScore.Set && !at.Before(end) && (judged.IsZero() || at.Before(judged)) {
				judged = at
			}
		}
	} else {
		return catalogue.Always(catalogue.Vacuous, "it stands under neither a risk nor an opportunity")
	}
	return catalogue.AnsweredWithin(catalogue.Moment{What: "completion", At: end}, judgedLate, catalogue.Moment{What: "judgement of its effect", At: judged})
}

// held are the risks and opportunities by their ids.
func held(f *check.Facts) map[record.ID]record.Record {
	return f.Memo("risk/held", func() any {
		out := map[record.ID]record.Record{}
		for _, name := range []string{Process.Name, Opportunities.Name} {
			for _, k := range f.Set(name) {
				out[k.Record.Head().ID] = k.Record
			}
		}
		return out
	}).(map[record.ID]record.Record)
}
