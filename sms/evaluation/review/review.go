// Package review is management review (ISO/IEC 20000-1:2018, 9.3): top management looks at planned
// intervals at what the SMS and the services did, concludes whether they are suitable, adequate and
// effective, and decides on improvements and changes.
//
// In: each input is filled from the records of the period when the review is prepared, frozen with
// its figures, the query they were counted by and the length of the log. Out: decisions become
// actions (tasks), improvements and changes that are linked; minutes that somebody else approved.
//
// Start at [Review], then inputs.go for what is counted, rules.go for when a step is legal, checks.go
// for what 9.3 asks.
// Always true: figures are never typed; the minutes are not approved while an input or a conclusion
// is blank, nor by who wrote them; what was approved does not change.
package review

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Review is one management review of a period.
type Review struct {
	record.Header
	PeriodFrom  record.Date    `field:"required"`
	PeriodTo    record.Date    `field:"required"` // exclusive
	PlannedFor  record.Date    `field:"required,index"`
	PreparedAt  record.Instant `field:"stamp"`
	PreparedBy  record.ID      `field:"stamp,ref=user"`
	HeldAt      record.Instant `field:"stamp"`
	Suitability record.Prose   `field:"search"` // is the SMS still the right one
	Adequacy    record.Prose   `field:"search"` // is it enough
	Effective   record.Prose   `field:"search"` // does it reach what it is for
	Minutes     record.Prose   `field:"search"`
	ApprovedAt  record.Instant `field:"stamp"`
	ApprovedBy  record.ID      `field:"stamp,ref=user"`
	ClosedAt    record.Instant `field:"stamp"`

	Attendees []Attendee `lines:"max=100"`
	Inputs    []Input    `lines:"max=40"`
	Decisions []Decision `lines:"max=200"`
}

// Attendee is somebody who took part.
type Attendee struct {
	record.Line
	User record.ID   `field:"required,ref=user"`
	Role record.Text `field:"len=120"`
	Top  record.Bool `field:"stamp"` // held a role of top management on that day
}

// Input is one of the inputs that the standard asks for. Figures come from records; Text is what
// people say about them, and all there is where nothing is kept yet.
type Input struct {
	record.Line
	Kind    record.Choice  `field:"required,choice=earlier_actions|issues|nonconformities|measurement|audits|improvements|feedback|policies|objectives|services|parties|resources|risks|changes"`
	Figures record.Prose   `field:"stamp,len=8000"`
	Query   record.Prose   `field:"stamp,len=8000"` // what was counted, a filter a line
	Leaves  record.Count   `field:"stamp"`          // of the log when it was counted
	At      record.Instant `field:"stamp"`
	Text    record.Prose   `field:"len=20000"`
}

// Decision is what was decided, or that nothing was.
type Decision struct {
	record.Line
	Kind record.Choice `field:"required,choice=improvement|change|other"`
	Text record.Prose  `field:"required,len=4000"`
	None record.Bool   `field:""` // it was decided that nothing is needed
	Who  record.ID     `field:"ref=user"`
	Due  record.Date   `field:""`
	Done record.ID     `field:"ref=*"` // task, improvement or change that carries it out
}

// The states.
const (
	Planned  = "planned"
	Prepared = "prepared"
	Held     = "held"
	Approved = "approved"
	Closed   = "closed"
)

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Review]{
	Name: "management_review", Prefix: "MRV", Clause: "9.3",
	Doc: "Reviews by top management: inputs counted from records, conclusions, decisions, approved minutes.",
	States: []lifecycle.State{{Name: Planned, Phase: lifecycle.Open}, {Name: Prepared, Phase: lifecycle.Open}, {Name: Held, Phase: lifecycle.Open},
		{Name: Approved, Phase: lifecycle.Open}, {Name: Closed, Phase: lifecycle.Done}, {Name: "cancelled", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Review]{
		{Name: "prepare", From: in(Planned, Prepared), To: Prepared, Guard: periodStands, Then: fill},
		{Name: "hold", From: in(Prepared), To: Held, Guard: attended, Then: func(r *Review, f *lifecycle.Facts) { r.HeldAt = record.At(f.Now) }},
		{Name: "approve", From: in(Held), To: Approved, Needs: conclusions, Guard: complete, Then: func(r *Review, f *lifecycle.Facts) {
			r.ApprovedAt, r.ApprovedBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "close", From: in(Approved), To: Closed, Tasks: true, Then: func(r *Review, f *lifecycle.Facts) { r.ClosedAt = record.At(f.Now) }},
		{Name: "cancel", From: in(Planned, Prepared), To: "cancelled", Guard: withWords},
	},
	Links: []process.LinkKind{
		{Name: "looked_at", Inverse: "reviewed_in"},
		{Name: "leads_to", Inverse: "prompted_by"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:prepare do:hold do:close do:cancel",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Auditor:      "read internal export", access.Approver: "read comment do:approve",
	},
	Load:   load,
	Decide: decide,
	Timer:  timer,
})

func conclusions(r *Review) []any {
	return []any{&r.Suitability, &r.Adequacy, &r.Effective, &r.Minutes}
}
