// Package audit is internal audit (ISO/IEC 20000-1:2018, 9.2): a programme that covers every clause
// in its cycle and weighs what matters, audits with criteria, scope and sampled records, auditors
// who are able and impartial, findings on the very records, and reports to those who must know.
//
// In: the catalogue of requirements, processes and their owners, changes and earlier results.
// Out: findings open nonconformities and improvements; management review reads results.
//
// Start at [Programme], [Audit] and [Finding], then rules.go for independence, checks.go for what
// 9.2 asks.
// Always true: nobody audits what they own or do; a report is sent by the lead and stays as it was;
// a finding that is a nonconformity is closed only when its nonconformity is.
package audit

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Programme is the audit programme, in versions: what is audited in a cycle, how often, why.
type Programme struct {
	record.Header
	CycleFrom        record.Date   `field:"required"`
	CycleTo          record.Date   `field:"required"`
	Frequency        record.Period `field:"required"` // of audits
	Methods          record.Prose  `field:"search"`
	Responsibilities record.Prose  `field:""`
	Planning         record.Prose  `field:""` // how audits are planned
	Reporting        record.Prose  `field:""` // how and to whom results go
	ReviewEvery      record.Period `field:""`
	Lines            []Planned     `lines:"max=300"`
}

// Planned is one line of the programme: what is to be audited when, and what speaks for it.
type Planned struct {
	record.Line
	Clauses    record.Text `field:"required,len=300"` // numbers, separated by blanks: 8.6 9.2
	Process    record.Text `field:"len=60"`
	Due        record.Date `field:"required"`
	Importance record.Text `field:"len=500"` // of the process
	Changes    record.Text `field:"len=500"` // that affect it
	Earlier    record.Text `field:"len=500"` // results of earlier audits
}

// Programmes is the declaration of the programme.
var Programmes = process.Declare(process.Spec[Programme]{
	Name: "audit_programme", Prefix: "APR", Clause: "9.2", Stated: true, Versioned: true, Config: true,
	Doc:    "Audit programmes, in versions: what is audited in a cycle, when and why.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "ended", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Programme]{
		{Name: "end", From: in("active"), To: "ended"},
		{Name: "reactivate", From: in("ended"), To: "active"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve do:*",
		access.Management:   "read comment export approve", access.Auditor: "read create update comment link attach export", access.Agent: "read", access.Approver: "read comment approve",
	},
	Decide: func(p *Programme, _ *lifecycle.Facts) []lifecycle.Refusal {
		if p.CycleFrom != "" && p.CycleTo != "" && p.CycleTo <= p.CycleFrom {
			return lifecycle.Refuse("cycle_to", "before_start", "give a day after the beginning of the cycle")
		}
		return nil
	},
})

// Audit is one internal audit. The lead auditor is its owner.
type Audit struct {
	record.Header
	Programme  record.ID    `field:"ref=audit_programme,index"`
	Criteria   record.Prose `field:"search"` // against which it is held
	OwnRules   record.Bool  `field:""`       // the criteria include the organization's own documents
	Scope      record.Prose `field:"search"`
	Clauses    record.Text  `field:"index,len=500"` // numbers, separated by blanks
	Processes  record.Text  `field:"len=500"`       // names in the registry, separated by blanks
	Methods    record.Prose `field:""`
	PlannedFor record.Date  `field:"required,index"`
	MovedWhy   record.Prose `field:"len=4000"` // why it was moved to another day

	StartedAt   record.Instant `field:"stamp"`
	Seed        record.Text    `field:"stamp,len=40"` // of the samples
	Conclusion  record.Prose   `field:"search"`
	Effective   record.Choice  `field:"choice=effective|partly|not_effective"` // practice, as the sample showed it
	Report      record.Prose   `field:"search"`
	ReportedAt  record.Instant `field:"stamp"`
	ReportedTo  record.Prose   `field:"len=4000"`
	ClosedAt    record.Instant `field:"stamp"`
	FindingsN   record.Count   `field:"stamp"` // findings under it, kept when it is reported
	CancelledBy record.ID      `field:"stamp,ref=user"`

	Auditors []Auditor `lines:"max=30"`
	Samples  []Sample  `lines:"max=500"`
}

// Auditor is one of the audit's auditors.
type Auditor struct {
	record.Line
	User       record.ID   `field:"required,ref=user"`
	Competence record.Text `field:"len=500"` // what shows that they are able: record, course, experience
}

// Sample is what was drawn from a population and looked at.
type Sample struct {
	record.Line
	Population record.Text  `field:"required,len=300"` // as a filter: incident: state = "closed"
	Size       record.Int   `field:"required,min=0"`
	Drawn      record.Int   `field:"min=0"`
	Records    record.Prose `field:"len=8000"` // their refs
	Result     record.Text  `field:"len=500"`
}

// The states of an audit.
const (
	PlannedState = "planned"
	Prepared     = "prepared"
	InProgress   = "in_progress"
	Reported     = "reported"
	Closed       = "closed"
	Cancelled    = "cancelled"
)

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Audit]{
	Name: "audit", Prefix: "AUD", Clause: "9.2",
	Doc: "Internal audits: criteria, scope, impartial auditors, samples, findings, report.",
	States: []lifecycle.State{{Name: PlannedState, Phase: lifecycle.Open}, {Name: Prepared, Phase: lifecycle.Open}, {Name: InProgress, Phase: lifecycle.Open},
		{Name: Reported, Phase: lifecycle.Open}, {Name: Closed, Phase: lifecycle.Done}, {Name: Cancelled, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Audit]{
		{Name: "prepare", From: in(PlannedState), To: Prepared, Needs: preparation, Guard: independent},
		{Name: "start", From: in(Prepared), To: InProgress, Needs: preparation, Guard: independent, Then: begin},
		{Name: "report", From: in(InProgress), To: Reported, Needs: reporting, Guard: byTheLead, Then: tell},
		{Name: "close", From: in(Reported), To: Closed, Tasks: true, Then: func(a *Audit, f *lifecycle.Facts) { a.ClosedAt = record.At(f.Now) }},
		{Name: "move", From: in(PlannedState, Prepared), Needs: func(a *Audit) []any { return []any{&a.PlannedFor, &a.MovedWhy} }},
		{Name: "cancel", From: in(PlannedState, Prepared), To: Cancelled, Guard: withWords, Then: func(a *Audit, f *lifecycle.Facts) { a.CancelledBy = f.Actor.ID }},
	},
	Links: []process.LinkKind{
		{Name: "examines", Inverse: "examined_by"}, // the records that were looked at
		{Name: "held_against", Inverse: "criteria_of", To: []string{"document", "policy"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:move do:cancel",
		access.Management:   "read create update comment internal link attach export do:move do:cancel do:close",
		access.Auditor:      "read create update comment internal link attach export do:*",
		access.Agent:        "read comment", access.Approver: "read comment",
	},
	Load:   load,
	Decide: decide,
	Timer:  timer,
})

func preparation(a *Audit) []any { return []any{&a.Criteria, &a.Scope, &a.Clauses, &a.Owner} }
func reporting(a *Audit) []any {
	return []any{&a.Conclusion, &a.Effective, &a.Report, &a.ReportedTo}
}

// Finding is what an audit found about one requirement, on the very records.
type Finding struct {
	record.Header
	Audit       record.ID      `field:"required,ref=audit,index"`
	Requirement record.Text    `field:"required,index,len=60"`
	Statement   record.Prose   `field:"required,search"`
	Evidence    record.Prose   `field:"search"`
	Grade       record.Choice  `field:"required,index,choice=major|minor|opportunity|strength"`
	Process     record.Text    `field:"len=60"`
	Answer      record.Prose   `field:""` // of who was audited
	VerifiedAt  record.Instant `field:"stamp"`
	VerifiedBy  record.ID      `field:"stamp,ref=user"`
	Reason      record.Prose   `field:"len=4000"` // why it was taken back
}

// Findings is the declaration of findings.
var Findings = process.Declare(process.Spec[Finding]{
	Name: "finding", Prefix: "FND", Clause: "9.2",
	Doc: "What audits found about one requirement, with the records that show it.",
	States: []lifecycle.State{{Name: "raised", Phase: lifecycle.Open}, {Name: "agreed", Phase: lifecycle.Open}, {Name: "verified", Phase: lifecycle.Done},
		{Name: "withdrawn", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Finding]{
		{Name: "agree", From: in("raised"), To: "agreed", Needs: func(x *Finding) []any { return []any{&x.Answer} }},
		{Name: "verify", From: in("raised", "agreed"), To: "verified", Guard: settled, Then: func(x *Finding, f *lifecycle.Facts) {
			x.VerifiedAt, x.VerifiedBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "withdraw", From: in("raised", "agreed"), To: "withdrawn", Needs: func(x *Finding) []any { return []any{&x.Reason} }},
	},
	Links: []process.LinkKind{
		{Name: "shown_by", Inverse: "shows_finding"}, // the records that show it
		{Name: "raises", Inverse: "raised_by", To: []string{"nonconformity"}},
		{Name: "leads_to", Inverse: "prompted_by", To: []string{"improvement"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read update comment internal link attach export do:agree",
		access.Management:   "read comment internal export do:agree",
		access.Auditor:      "read create update comment internal link attach export do:*",
		access.Agent:        "read comment", access.Approver: "read comment",
	},
	Load: loadFinding,
})
