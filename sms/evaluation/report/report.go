// Package report is service reporting (ISO/IEC 20000-1:2018, 9.4): which reports are needed and why,
// what they show and how that moved, what was decided on what they show, and who was told.
//
// In: definitions say what is counted, how often, for whom. Out: issues, each with figures for its
// period and two earlier ones, frozen with the queries and the length of the log, so that they can
// be made again exactly; decisions, and actions as tasks.
//
// Start at [Definition] and [Report], then rules.go, checks.go for what 9.4 asks.
// Always true: figures of an issue are never typed and never change; a missed target waits for a
// decision.
package report

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Definition is a report that is needed. Its owner answers for the issues.
type Definition struct {
	record.Header
	Purpose   record.Prose   `field:"required,len=4000"`
	Audience  record.Text    `field:"required,len=500"`
	Topic     record.Choice  `field:"required,index,choice=complaints|satisfaction|service_levels|cost|demand|transition_outcomes|major_incidents|problems|continuity_invocations|security_incidents|improvements|sms_performance|other"`
	Source    record.Prose   `field:"required,len=4000"`
	Frequency record.Period  `field:"required"`
	Service   record.ID      `field:"ref=service,index"`
	NextIssue record.Instant `field:"stamp,index"`
	Figures   []Figure       `lines:"max=60"`
}

// Figure is one figure of the report: how many records of a process a filter finds; {from} and {to}
// are the ends of the period.
type Figure struct {
	record.Line
	Label   record.Text   `field:"required,len=200"`
	Process record.Text   `field:"required,len=60"`
	Filter  record.Prose  `field:"required,len=4000"`
	Target  record.Int    `field:""`
	Better  record.Choice `field:"choice=higher|lower"`
}

// Definitions is the declaration.
var Definitions = process.Declare(process.Spec[Definition]{
	Name: "report_definition", Prefix: "RDF", Clause: "9.4", Stated: true, Config: true,
	Doc:    "Reports that are needed: purpose, audience, rhythm, and what is counted.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Definition]{
		{Name: "retire", From: []string{"active"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
		{Name: "issue", From: []string{"active"}, Then: func(d *Definition, f *lifecycle.Facts) { issue(d, f, f.Now) }},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read comment internal export do:issue", access.Agent: "read", access.Auditor: "read internal export", access.Approver: "read",
	},
	Load:   load,
	Decide: decide,
	Timer:  timer,
})

// Report is one issue of a report.
type Report struct {
	record.Header
	Definition record.ID      `field:"required,ref=report_definition,index"`
	PeriodFrom record.Instant `field:"required"`
	PeriodTo   record.Instant `field:"required,index"`
	CountedAt  record.Instant `field:""`
	Leaves     record.Int     `field:""` // of the log when it was counted
	Missed     record.Count   `field:"stamp"`
	Decision   record.Prose   `field:"search"` // what was decided on what it shows
	DecidedAt  record.Instant `field:"stamp"`
	DecidedBy  record.ID      `field:"stamp,ref=user"`
	ToldTo     record.Text    `field:"len=500"` // who was told of the agreed actions
	ToldAt     record.Instant `field:"stamp"`
	Values     []Value        `lines:"max=60"`
}

// Value is one figure of an issue, with those of the two periods before.
type Value struct {
	record.Line
	Label   record.Text   `field:"len=200"`
	Query   record.Prose  `field:"len=8000"`
	Now     record.Int    `field:""`
	Before  record.Int    `field:""`
	Before2 record.Int    `field:""`
	Target  record.Int    `field:""`
	Better  record.Choice `field:"choice=higher|lower"`
	Met     record.Choice `field:"choice=yes|no"`
}

// Process is the declaration of issues.
var Process = process.Declare(process.Spec[Report]{
	Name: "report", Prefix: "REP", Clause: "9.4",
	Doc:    "Issues of reports: figures of a period with trend, decisions, who was told.",
	States: []lifecycle.State{{Name: "issued", Phase: lifecycle.Open}, {Name: "decided", Phase: lifecycle.Open}, {Name: "closed", Phase: lifecycle.Done}, {Name: "withdrawn", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Report]{
		{Name: "decide", From: []string{"issued"}, To: "decided", Needs: func(r *Report) []any { return []any{&r.Decision} }, Then: func(r *Report, f *lifecycle.Facts) {
			r.DecidedAt, r.DecidedBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "tell", From: []string{"decided"}, Needs: func(r *Report) []any { return []any{&r.ToldTo} }, Then: func(r *Report, f *lifecycle.Facts) { r.ToldAt = record.At(f.Now) }},
		{Name: "close", From: []string{"issued", "decided"}, To: "closed", Tasks: true, Guard: answered},
		{Name: "withdraw", From: []string{"issued", "decided"}, To: "withdrawn", Guard: withWords},
	},
	Links: []process.LinkKind{{Name: "leads_to", Inverse: "prompted_by"}},
	Grants: access.Table{
		access.ProcessOwner: "read comment internal link attach export do:*",
		access.Management:   "read comment internal link export do:*", access.Agent: "read comment", access.Auditor: "read internal export", access.Approver: "read",
	},
	Decide: decideReport,
})
