// Package communication is communication (ISO/IEC 20000-1:2018, 7.4): about what the organization
// talks to whom, when, how, and who sees to it.
//
// In: process owners keep the lines of the plan. Out: each line is a record; what was sent stays on
// it as evidence; what is due is told to its owner.
//
// Start at [Line].
// Always true: what was sent stays as it was written down.
package communication

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Line is one communication that is planned. Its title is the subject; its owner sees to it.
type Line struct {
	record.Header
	Topic     record.Choice  `field:"index,choice=sms_importance|policy|objectives|services|changes|performance|other"`
	Internal  record.Bool    `field:""` // within the organization, else to the outside
	Frequency record.Period  `field:""`
	Trigger   record.Text    `field:"len=300"` // what it follows, if it has no rhythm
	Audience  record.Text    `field:"len=300"`
	Channel   record.Text    `field:"len=200"`
	Purpose   record.Prose   `field:""`
	LastSent  record.Instant `field:"stamp,index"`
	What      record.Text    `field:"len=500"` // of the last one, or where it is
	Sent      []Sent         `lines:"max=1000"`
}

// Sent is one communication that took place.
type Sent struct {
	record.Line
	What record.Text    `field:"stamp,len=500"`
	At   record.Instant `field:"stamp"`
	By   record.ID      `field:"stamp,ref=user"`
}

// Process is the declaration.
var Process = process.Declare(process.Spec[Line]{
	Name: "communication", Prefix: "COM", Clause: "7.4", Stated: true, Config: true,
	Doc:    "The communication plan, line by line: subject, audience, rhythm, channel, owner, and what was sent.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Line]{
		{Name: "send", From: []string{"active"}, Needs: func(l *Line) []any { return []any{&l.What} }, Then: func(l *Line, f *lifecycle.Facts) {
			l.LastSent = record.At(f.Now)
			l.Sent = append(l.Sent, Sent{Line: record.Line{ID: record.NewID(f.Now)}, What: l.What, At: record.At(f.Now), By: f.Actor.ID})
		}},
		{Name: "retire", From: []string{"active"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read update comment internal export do:send", access.Agent: "read do:send", access.Auditor: "read internal export", access.Approver: "read",
	},
	Decide: func(l *Line, f *lifecycle.Facts) []lifecycle.Refusal {
		due := time.Time{}
		if l.Frequency != "" {
			every, err := catalogue.ParsePeriod(string(l.Frequency))
			if err != nil || every.IsZero() {
				return lifecycle.Refuse("frequency", "not_a_period", "give an ISO 8601 period such as P1M")
			}
			from := l.CreatedAt.Time()
			if l.LastSent != 0 {
				from = l.LastSent.Time()
			}
			if from.IsZero() || l.CreatedAt == 0 {
				from = f.Now
			}
			due = every.After(from)
		}
		l.DueAt = 0
		if !due.IsZero() && l.State == "active" {
			l.DueAt = record.At(due)
		}
		if f.Verb == "timer" && !due.After(f.Now) {
			due = time.Time{}
		}
		f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "due", At: due})
		return nil
	},
	Timer: func(l *Line, _ string, f *lifecycle.Facts) {
		if l.State == "active" {
			f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{l.Owner}, Topic: "communication_due", Text: "A communication is due: " + string(l.Title)})
		}
	},
})

const inUse = `state = "active"`

func used(l *Line) bool { return l.State == "active" }

func asks(requirement, mend string, fields ...string) check.Check {
	return check.Each(Process, check.Of[Line]{Requirement: requirement, Version: 1, Where: inUse, Member: used, Mend: mend,
		Decide: func(l *Line, _ *check.Facts) catalogue.Timeline { return check.Fields(Process, l, fields...) }})
}

// Checks decide 7.4.
var Checks = []check.Check{
	check.Each(Process, check.Of[Line]{Requirement: "7.4-01", Version: 2, Where: inUse, Member: used, Mend: "say what it is about", Reads: []check.Read{check.Set(check.Documents)},
		Once: func(f *check.Facts) []catalogue.Member {
			m := check.InForce(f, "communication_plan", "communication plan")
			m.Required = true
			return []catalogue.Member{m}
		},
		Decide: func(l *Line, _ *check.Facts) catalogue.Timeline { return check.Fields(Process, l, "title") }}),
	check.Each(Process, check.Of[Line]{Requirement: "7.4-02", Version: 1, Where: inUse, Member: used, Mend: "say when it takes place, and send what is due", Decide: inRhythm}),
	asks("7.4-03", "say to whom it goes", "audience"),
	asks("7.4-04", "say by which means", "channel"),
	check.Each(Process, check.Of[Line]{Requirement: "7.4-05", Version: 1, Where: inUse, Member: used, Mend: "name somebody who is here and sees to it", Reads: []check.Read{check.Set("user")}, Decide: func(l *Line, f *check.Facts) catalogue.Timeline {
		for _, k := range f.Set("user") {
			if k.Record.Head().ID == l.Owner && k.Record.Head().State == "active" {
				return check.Holds()
			}
		}
		return check.Gap("nobody who is here sees to it")
	}}),
}

func inRhythm(l *Line, _ *check.Facts) catalogue.Timeline {
	if l.Frequency == "" {
		return check.Fields(Process, l, "trigger")
	}
	every, err := catalogue.ParsePeriod(string(l.Frequency))
	if err != nil {
		return check.Gap("its rhythm cannot be read")
	}
	if l.LastSent == 0 {
		return catalogue.AnsweredWithin(catalogue.Moment{What: "plan", At: l.CreatedAt.Time()}, every, catalogue.Moment{What: "communication"})
	}
	return catalogue.FreshUntil(l.LastSent.Time(), every, "communication")
}
