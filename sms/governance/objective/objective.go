// Package objective is service management objectives and the planning to reach them (ISO/IEC
// 20000-1:2018, 6.2): what is to be reached by when, measured by what, who answers for it, what is
// done for it, and what came of it.
//
// In: policies and requirements lead to objectives; metrics measure them. Out: actions are tasks
// under the objective; management review and evaluation read them.
//
// Start at [Objective].
// Always true: an objective that runs has a metric with a target, a day and an owner, and was
// approved by somebody who did not propose it.
package objective

import (
	"context"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Objective is one thing to be reached. The owner in its header answers for it.
type Objective struct {
	record.Header
	Description record.Prose   `field:"required,search"`
	Level       record.Choice  `field:"required,index,choice=sms|services|process|team"`
	Metric      record.ID      `field:"ref=metric,index"`
	Baseline    record.Decimal `field:""`
	Target      record.Decimal `field:""`
	Unit        record.Text    `field:"len=40"`
	Better      record.Choice  `field:"choice=higher|lower"`
	Due         record.Date    `field:"index"`
	Resources   record.Prose   `field:""`
	Method      record.Prose   `field:""` // how results are judged
	Audience    record.Text    `field:"len=500"`
	ToldAt      record.Instant `field:"stamp"`
	ReviewEvery record.Period  `field:""`
	ReviewedAt  record.Instant `field:"stamp"`
	ApprovedAt  record.Instant `field:"stamp"`
	ApprovedBy  record.ID      `field:"stamp,ref=user"`
	ClosedAt    record.Instant `field:"stamp"`
	Result      record.Prose   `field:"search"`
	Evaluations []Evaluation   `lines:"max=200"`
}

// Evaluation is how far it had come at a time: a line that stays.
type Evaluation struct {
	record.Line
	Value record.Decimal `field:""`
	Text  record.Prose   `field:"required,len=4000"`
	At    record.Instant `field:"stamp"`
	By    record.ID      `field:"stamp,ref=user"`
}

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Objective]{
	Name: "objective", Prefix: "OBJ", Clause: "6.2", Stated: true,
	Doc: "What is to be reached by when: measured, owned, planned, followed.",
	States: []lifecycle.State{{Name: "proposed", Phase: lifecycle.Open}, {Name: "running", Phase: lifecycle.Open}, {Name: "met", Phase: lifecycle.Done}, {Name: "missed", Phase: lifecycle.Done},
		{Name: "dropped", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Objective]{
		{Name: "approve", From: in("proposed"), To: "running", Needs: measurable, Guard: byAnother, Then: func(o *Objective, f *lifecycle.Facts) {
			o.ApprovedAt, o.ApprovedBy, o.ReviewedAt = record.At(f.Now), f.Actor.ID, record.At(f.Now)
		}},
		{Name: "tell", From: in("running"), Needs: func(o *Objective) []any { return []any{&o.Audience} }, Then: func(o *Objective, f *lifecycle.Facts) { o.ToldAt = record.At(f.Now) }},
		{Name: "review", From: in("running"), Guard: withWords, Then: func(o *Objective, f *lifecycle.Facts) { o.ReviewedAt = record.At(f.Now) }},
		{Name: "meet", From: in("running"), To: "met", Needs: outcome, Then: closed},
		{Name: "miss", From: in("running"), To: "missed", Needs: outcome, Then: closed},
		{Name: "drop", From: in("proposed", "running"), To: "dropped", Guard: withWords, Then: closed},
		{Name: "renew", From: in("met", "missed", "dropped"), To: "proposed", Guard: withWords, Then: func(o *Objective, _ *lifecycle.Facts) {
			o.ApprovedAt, o.ApprovedBy, o.ClosedAt, o.ToldAt = 0, record.ID{}, 0, 0
		}},
	},
	Links: []process.LinkKind{
		{Name: "serves_policy", Inverse: "served_by_objective"},
		{Name: "takes_account_of", Inverse: "in_view_of_objective"},
		{Name: "measured_by", Inverse: "measures", To: []string{"metric"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:tell do:review do:meet do:miss do:drop do:renew do:approve",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read comment", access.Auditor: "read internal export", access.Approver: "read comment do:approve",
	},
	Decide: decide,
	Timer: func(o *Objective, key string, f *lifecycle.Facts) {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{o.Owner}, Role: "manager", Topic: "objective_due", Text: "An objective has come to its day: say whether it was met: " + string(o.Title)})
	},
	Load: func(context.Context, process.Reader, *Objective, *lifecycle.Facts) (any, error) { return nil, nil },
})

func measurable(o *Objective) []any {
	return []any{&o.Owner, &o.Metric, &o.Target, &o.Unit, &o.Better, &o.Due, &o.Resources, &o.Method}
}
func outcome(o *Objective) []any { return []any{&o.Result} }

func closed(o *Objective, f *lifecycle.Facts) { o.ClosedAt = record.At(f.Now) }

func byAnother(o *Objective, f *lifecycle.Facts) []lifecycle.Refusal {
	if !f.Actor.System && !f.Replay && (o.CreatedBy == f.Actor.ID || o.Owner == f.Actor.ID) {
		return lifecycle.Refuse("approved_by", "own_work", "let somebody approve it who neither proposed it nor answers for it")
	}
	return nil
}

func withWords(_ *Objective, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}

func decide(o *Objective, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	before, _ := f.Before.(*Objective)
	was := map[record.ID]Evaluation{}
	if before != nil {
		for _, e := range before.Evaluations {
			was[e.ID] = e
		}
	}
	for i := range o.Evaluations {
		e := &o.Evaluations[i]
		if old, there := was[e.ID]; there {
			delete(was, e.ID)
			old.Pos = e.Pos
			if *e != old && !f.Replay {
				out = append(out, lifecycle.Refusal{Field: "evaluations[" + e.ID.String() + "]", Reason: "fixed", Mend: "it stays as it was written: add another"})
			}
			continue
		}
		e.At, e.By = record.At(f.Now), f.Actor.ID
	}
	if len(was) > 0 && !f.Replay {
		out = append(out, lifecycle.Refusal{Field: "evaluations", Reason: "fixed", Mend: "an evaluation is not taken away: add another"})
	}
	if before != nil && before.ApprovedAt != 0 && o.State == "running" && !f.Replay && (o.Target != before.Target || o.Due != before.Due || o.Metric != before.Metric) {
		out = append(out, lifecycle.Refusal{Field: "target", Reason: "fixed", Mend: "what was approved stays: close it with a reason and renew it"})
	}
	due := time.Time{}
	if d, err := time.ParseInLocation(time.DateOnly, string(o.Due), f.Zone); err == nil && o.State == "running" {
		due = d.AddDate(0, 0, 1)
	}
	o.DueAt = 0
	if !due.IsZero() {
		o.DueAt = record.At(due)
	}
	if f.Verb == "timer" && !due.After(f.Now) {
		due = time.Time{}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "due", At: due})
	return out
}

// EvaluatedLast is when it was evaluated last; its approval counts as the first time.
func (o *Objective) EvaluatedLast() time.Time {
	newest := o.ApprovedAt.Time()
	for _, e := range o.Evaluations {
		if t := e.At.Time(); t.After(newest) {
			newest = t
		}
	}
	return newest
}

const current = `state = "running"`

func running(o *Objective) bool { return o.State == "running" }
func fields(names ...string) func(*Objective, *check.Facts) catalogue.Timeline {
	return func(o *Objective, _ *check.Facts) catalogue.Timeline { return check.Fields(Process, o, names...) }
}
func since(o *Objective) time.Time { return o.ApprovedAt.Time() }

// Checks decide 6.2.
var Checks = []check.Check{
	check.Single("6.2.1-01", 1, everyLevel, check.Set("objective")),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.1-02", Version: 1, Where: current, Member: running, When: since, Reads: []check.Read{check.Links("serves_policy")}, Decide: func(o *Objective, f *check.Facts) catalogue.Timeline {
		return check.LinkedTo(f, "serves_policy", "policy", o, nil)
	}, Mend: "link the policy that it serves"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.1-03", Version: 1, Where: current, Member: running, When: since, Decide: fields("metric", "unit", "target", "due"), Mend: "say by which number success shows, and until when"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.1-04", Version: 1, Where: current, Member: running, When: since, Reads: []check.Read{check.Links("takes_account_of")}, Decide: func(o *Objective, f *check.Facts) catalogue.Timeline {
		return check.LinkedTo(f, "takes_account_of", "requirement", o, nil)
	}, Mend: "link the requirements that it takes into account, or say why there are none"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.1-05", Version: 1, Where: current, Member: running, When: since, Reads: []check.Read{check.Set("metric"), check.Set("reading")}, Decide: followed, Mend: "read its metric"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.1-06", Version: 1, Where: current, Member: running, When: since, Decide: func(o *Objective, _ *check.Facts) catalogue.Timeline {
		return catalogue.NotOverdue(o.ApprovedAt.Time().Add(toldWithin), o.ToldAt.Time())
	}, Mend: "tell those concerned"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.1-07", Version: 1, Where: current, Member: running, When: since, Decide: renewed, Mend: "review it; close what has come to its day, with its result"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.1-08", Version: 1, Decide: func(o *Objective, _ *check.Facts) catalogue.Timeline {
		if o.State == "met" || o.State == "missed" {
			return check.Fields(Process, o, "description", "owner", "result")
		}
		return check.Fields(Process, o, "description", "owner")
	}, Mend: "write down what it is, whose it is, and what came of it"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.2-01", Version: 1, Where: current, Member: running, When: since, Reads: actions, Decide: func(o *Objective, f *check.Facts) catalogue.Timeline {
		if len(tasks(o, f)) == 0 {
			return check.Gap("no action is planned for it")
		}
		return check.Holds()
	}, Mend: "plan an action: a task of kind objective_action under it"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.2-02", Version: 1, Where: current, Member: running, When: since, Decide: fields("resources"), Mend: "say what it needs"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.2-03", Version: 1, Where: current, Member: running, When: since, Reads: []check.Read{check.Set("user")}, Decide: answerable, Mend: "name somebody who answers for it"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.2-04", Version: 1, Where: current, Member: running, When: since, Reads: actions, Decide: dated, Mend: "give it and its actions a day"}),
	check.Each(Process, check.Of[Objective]{Requirement: "6.2.2-05", Version: 1, Where: current, Member: running, When: since, Decide: fields("method"), Mend: "say how results are judged"}),
}

// toldWithin is how long telling may take after approval. A default of this product.
const toldWithin = 30 * 24 * time.Hour

var actions = []check.Read{check.Children("task", "parent")}

func tasks(o *Objective, f *check.Facts) []*people.Task {
	var out []*people.Task
	for _, r := range f.Children("task", "parent", o.ID) {
		if t, ok := r.(*people.Task); ok && t.Kind == "objective_action" && t.Phase != record.Choice(lifecycle.Void) {
			out = append(out, t)
		}
	}
	return out
}

// everyLevel: there are objectives for the SMS as a whole and for the services.
func everyLevel(f *check.Facts) []catalogue.Member {
	have := map[record.Choice]*check.Kept{}
	all := f.Set("objective")
	for i := range all {
		if o := all[i].Record.(*Objective); running(o) && have[o.Level] == nil {
			have[o.Level] = &all[i]
		}
	}
	var out []catalogue.Member
	for _, level := range []record.Choice{"sms", "services"} {
		if k := have[level]; k != nil {
			out = append(out, check.Found("objective", *k, k.Record.(*Objective).ApprovedAt.Time(), check.Holds(), ""))
			continue
		}
		out = append(out, check.Missing("objective", "objective for the "+string(level), "no objective for the "+string(level)+" is running", "approve an objective at the level "+string(level)))
	}
	return out
}

func followed(o *Objective, f *check.Facts) catalogue.Timeline {
	every := catalogue.MustPeriod("P1M")
	for _, k := range f.Set("metric") {
		if k.Record.Head().ID != o.Metric {
			continue
		}
		if p, err := catalogue.ParsePeriod(rhythm(k.Record)); err == nil && !p.IsZero() {
			every = p
		}
	}
	newest := time.Time{}
	for _, k := range f.Set("reading") {
		if m, ok := k.Record.(interface {
			Of() (record.ID, time.Time)
		}); ok && k.Record.Head().Phase == record.Choice(lifecycle.Done) {
			if of, at := m.Of(); of == o.Metric && at.After(newest) {
				newest = at
			}
		}
	}
	if newest.IsZero() {
		return catalogue.AnsweredWithin(catalogue.Moment{What: "approval", At: o.ApprovedAt.Time()}, every, catalogue.Moment{What: "reading"})
	}
	return catalogue.Steps(catalogue.Segment{State: catalogue.Conforms, Reason: "read for the time until " + newest.Format(time.DateOnly)},
		catalogue.Segment{From: every.After(newest).Add(24 * time.Hour), State: catalogue.Stale, Reason: "last read for the time until " + newest.Format(time.DateOnly)})
}

func rhythm(r record.Record) string {
	if m, ok := r.(interface{ Rhythm() string }); ok {
		return m.Rhythm()
	}
	return ""
}

func renewed(o *Objective, f *check.Facts) catalogue.Timeline {
	due := f.Midnight(o.Due)
	if due.IsZero() {
		return check.Gap("it has no day")
	}
	return catalogue.And(catalogue.FreshUntil(o.ReviewedAt.Time(), f.Interval.Period, "review"), catalogue.NotOverdue(due.AddDate(0, 0, 1), o.ClosedAt.Time()))
}

func answerable(o *Objective, f *check.Facts) catalogue.Timeline {
	for _, k := range f.Set("user") {
		if k.Record.Head().ID == o.Owner && k.Record.Head().State == "active" {
			return check.Holds()
		}
	}
	return check.Gap("nobody who is here answers for it")
}

func dated(o *Objective, f *check.Facts) catalogue.Timeline {
	for _, t := range tasks(o, f) {
		if t.Due == 0 {
			return check.Gap("an action has no day: " + string(t.Title))
		}
	}
	return check.Fields(Process, o, "due")
}
