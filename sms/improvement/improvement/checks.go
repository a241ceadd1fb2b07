package improvement

import (
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Checks decide 10.2.
var Checks = []check.Check{
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-01", Version: 1, Where: open, Member: isOpen, Decide: moving,
		Once: func(f *check.Facts) []catalogue.Member { return []catalogue.Member{completedLately(f)} }, Reads: []check.Read{check.Set("improvement")},
		Mend: "go on with it, or decide on its delay"}),
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-02", Version: 1, Where: decided, Member: isDecided, When: decidedAt, Decide: scored,
		Once: func(f *check.Facts) []catalogue.Member {
			return []catalogue.Member{criteriaInForce(f, "criteria for improvements", nil)}
		}, Reads: criteria, Mend: "evaluate it by the criteria in force"}),
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-03", Version: 1, Where: decided, Member: isDecided, When: decidedAt, Decide: serving,
		Once: func(f *check.Facts) []catalogue.Member {
			return []catalogue.Member{criteriaInForce(f, "criterion of fit with the objectives", aboutObjectives)}
		}, Reads: append([]check.Read{check.Links("serves")}, criteria...), Mend: "link the objective that it serves, or say why there is none"}),
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-04", Version: 1, Decide: registered, Mend: "say what it is, where it comes from and who owns it"}),
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-05", Version: 1, Where: approved, Member: isApproved, When: decidedAt, Decide: targeted, Mend: "say what it is to bring: metric and value"}),
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-06", Version: 1, Where: approved, Member: isApproved, When: decidedAt, Decide: planned, Mend: "give it priority, plan, owner and due day; carry it out or decide on its delay"}),
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-07", Version: 1, Where: approved, Member: isApproved, When: decidedAt, Decide: adapted, Reads: []check.Read{check.Links("changes_sms")}, Mend: "say whether the SMS has to be adapted, and link what adapts it"}),
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-08", Version: 1, Where: done, Member: isDone, When: implementedAt, Decide: measured, Mend: "measure it against each target, and act on those that were missed"}),
	check.Each(Process, check.Of[Improvement]{Requirement: "10.2-09", Version: 1, Where: done, Member: isDone, When: implementedAt, Decide: reported, Mend: "tell those concerned, and say where"}),
}

const (
	open     = `phase = "open" and state != "proposed"`
	decided  = `approved_at is not blank`
	approved = `phase != "void" and approved_at is not blank`
	done     = `implemented_at is not blank`
)

func isOpen(i *Improvement) bool {
	return i.Phase == record.Choice(lifecycle.Open) && i.State != Proposed
}
func isDecided(i *Improvement) bool { return i.ApprovedAt != 0 }
func isApproved(i *Improvement) bool {
	return i.Phase != record.Choice(lifecycle.Void) && i.ApprovedAt != 0
}
func isDone(i *Improvement) bool             { return i.ImplementedAt != 0 }
func decidedAt(i *Improvement) time.Time     { return i.ApprovedAt.Time() }
func implementedAt(i *Improvement) time.Time { return i.ImplementedAt.Time() }
func gap(reason string) catalogue.Timeline   { return catalogue.Always(catalogue.Gap, reason) }
func aboutObjectives(r record.Record) bool {
	for _, i := range r.(*Criteria).Items {
		if i.Objectives {
			return true
		}
	}
	return false
}

var criteria = []check.Read{check.Set("improvement_criteria")}

// moving: nothing rests for ninety days without a decision.
func moving(i *Improvement, _ *check.Facts) catalogue.Timeline {
	since := i.UpdatedAt.Time()
	return catalogue.Steps(catalogue.Segment{State: catalogue.Conforms, Reason: "last moved on " + since.Format(time.DateOnly)},
		catalogue.Segment{From: since.Add(stalled), State: catalogue.Gap, Reason: "nothing has happened to it since " + since.Format(time.DateOnly)})
}

// completedLately: at least one improvement was carried out within the interval.
func completedLately(f *check.Facts) catalogue.Member {
	var newest time.Time
	var rests []catalogue.Evidence
	for _, k := range f.Set("improvement") {
		if i, ok := k.Record.(*Improvement); ok && i.ImplementedAt != 0 && i.ImplementedAt.Time().After(newest) {
			newest = i.ImplementedAt.Time()
			rests = []catalogue.Evidence{{Process: Process.Name, Ref: k.Ref, ID: i.ID, At: newest}}
		}
	}
	return catalogue.Member{Required: true, Rests: rests, Verdict: catalogue.FreshUntil(newest, f.Interval.Period, "improvement that was carried out"), NextStep: "carry one of the approved improvements out"}
}

func criteriaInForce(f *check.Facts, what string, counts func(record.Record) bool) catalogue.Member {
	var spans []catalogue.Span
	for _, k := range f.Set("improvement_criteria") {
		spans = append(spans, f.Spans(k.Ref, k.Versions, func(c process.Content) bool { return counts == nil || counts(c.Record) })...)
	}
	if len(spans) == 0 {
		return catalogue.Member{Required: true, Verdict: catalogue.Always(catalogue.NoEvidence, "no "+what+" is approved"), NextStep: "approve improvement criteria"}
	}
	return catalogue.Member{Required: true, Verdict: catalogue.AtLeastOne(spans...), NextStep: "approve improvement criteria"}
}

func scored(i *Improvement, _ *check.Facts) catalogue.Timeline {
	if !i.Score.Set {
		return gap("it was decided on without a score")
	}
	return check.Holds()
}

func serving(i *Improvement, f *check.Facts) catalogue.Timeline {
	var ends []catalogue.Target
	for _, e := range f.Links("serves", i.ID) {
		ends = append(ends, catalogue.Target{Ref: e.Ref, Allowed: true})
	}
	return catalogue.Linked("objective", i.Reasons()["serves"].Reason, ends...)
}

func registered(i *Improvement, _ *check.Facts) catalogue.Timeline {
	return check.Answered(i, Process.Shape.Field("description"), Process.Shape.Field("source"), Process.Shape.Field("owner"))
}

func targeted(i *Improvement, _ *check.Facts) catalogue.Timeline {
	if len(i.Targets) == 0 {
		return gap("it was approved without a target")
	}
	return check.Holds()
}

func planned(i *Improvement, f *check.Facts) catalogue.Timeline {
	filled := check.Answered(i, Process.Shape.Field("priority"), Process.Shape.Field("plan"), Process.Shape.Field("owner"), Process.Shape.Field("due"))
	due := f.Midnight(i.Due)
	if due.IsZero() {
		return filled
	}
	return catalogue.And(filled, catalogue.NotOverdue(due.AddDate(0, 0, 1), i.ImplementedAt.Time()))
}

func adapted(i *Improvement, f *check.Facts) catalogue.Timeline {
	if i.AdaptSMS != "yes" {
		return check.Answered(i, Process.Shape.Field("adapt_sms"))
	}
	var ends []catalogue.Target
	for _, e := range f.Links("changes_sms", i.ID) {
		ends = append(ends, catalogue.Target{Ref: e.Ref, Allowed: true})
	}
	return catalogue.Linked("change of the SMS", i.Reasons()["changes_sms"].Reason, ends...)
}

// measured: against each target, within ninety days; late is late until it is done.
func measured(i *Improvement, _ *check.Facts) catalogue.Timeline {
	if i.MeasuredAt != 0 && i.TargetsMet != "all" && i.MissedAction == "" {
		return gap("targets were missed, and nothing says what is done about it")
	}
	return catalogue.NotOverdue(i.ImplementedAt.Time().Add(measuredWithin), i.MeasuredAt.Time())
}

func reported(i *Improvement, f *check.Facts) catalogue.Timeline {
	return catalogue.NotOverdue(f.Interval.Period.After(i.ImplementedAt.Time()), i.ReportedAt.Time())
}
