// Package authority is organizational roles, responsibilities and authorities (ISO/IEC 20000-1:2018,
// 5.3): which roles the SMS and the services need, what each answers for and may decide, who holds
// them since when, appointed by whom, and that the holder took it on.
//
// In: top management approves what a role is, and appoints people to it. Out: the holders of today,
// for every process that asks who may decide; conformity asks whether those who decide are there.
//
// Start at [Role] for what a role is and [Appointment] for who holds it; rules.go says when a step is
// legal, checks.go what 5.3 asks.
// Always true: nobody appoints themselves, and only top management appoints; a role is taken on only
// by the one appointed; what was agreed stays, and a change is another appointment.
package authority

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Role is one role of the SMS. It is not a role of this software (those give permissions): it is what
// the organization asks of a person.
type Role struct {
	record.Header
	Kind             record.Choice `field:"identity,required,index,choice=sms_manager|sms_reporting|process_owner|service_owner|risk_owner|information_security|business_relationship|supplier_manager|other"`
	Responsibilities record.Prose  `field:"search"` // what the holder answers for
	ReportsTo        record.Text   `field:"len=300"`
	Competence       record.Prose  `field:""`       // what the holder has to know and be able to do
	Authorities      []Decision    `lines:"max=50"` // what the holder may decide
}

// Decision is one thing that a holder may decide, within limits.
type Decision struct {
	record.Line
	Decides record.Choice `field:"required,choice=change_approval|risk_acceptance|policy_approval|release_approval|contract_approval|expenditure|other"`
	What    record.Text   `field:"len=300"`
	Limit   record.Text   `field:"len=300"` // up to what, and who decides beyond
}

// Roles is the declaration.
var Roles = process.Declare(process.Spec[Role]{
	Name: "sms_role", Prefix: "SRO", Clause: "5.3", Stated: true, Versioned: true, Config: true,
	Doc:    "Roles of the management system: what each answers for and may decide, approved by top management.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Role]{
		{Name: "retire", From: []string{"active"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
	},
	Unique: []string{"title"},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export approve do:*",
		access.Agent:        "read comment", access.Auditor: "read internal export", access.Approver: "read comment",
	},
	Approve: approveRole,
})

// Appointment is one person in one role, for a time.
type Appointment struct {
	record.Header
	Role        record.ID      `field:"required,ref=sms_role,index"`
	Person      record.ID      `field:"required,ref=user,index"`
	About       record.ID      `field:"ref=*,index"` // the process or service; blank: all that the person owns
	From        record.Date    `field:""`            // blank is the day of the appointment
	To          record.Date    `field:"index"`       // exclusive; blank is open
	ToldTo      record.Text    `field:"len=500"`     // who was told, besides the person
	AppointedAt record.Instant `field:"stamp"`
	AppointedBy record.ID      `field:"stamp,ref=user"`
	AcceptedAt  record.Instant `field:"stamp"`
	ToldAt      record.Instant `field:"stamp"`
	EndedAt     record.Instant `field:"stamp"`
}

// The states of an appointment.
const (
	Proposed  = "proposed"
	Appointed = "appointed"
	Accepted  = "accepted"
	Declined  = "declined"
	Ended     = "ended"
)

func in(states ...string) []string { return states }

// Appointments is the declaration.
var Appointments = process.Declare(process.Spec[Appointment]{
	Name: "appointment", Prefix: "APT", Clause: "5.3", Config: true,
	Doc: "Who holds which role of the management system: appointed by top management, taken on by the person.",
	States: []lifecycle.State{{Name: Proposed, Phase: lifecycle.Draft}, {Name: Appointed, Phase: lifecycle.Open}, {Name: Accepted, Phase: lifecycle.Open},
		{Name: Declined, Phase: lifecycle.Void}, {Name: Ended, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Appointment]{
		{Name: "appoint", From: in(Proposed), To: Appointed, Guard: mayAppoint, Then: appointed},
		{Name: "accept", From: in(Appointed), To: Accepted, Guard: ownWord, Then: func(a *Appointment, f *lifecycle.Facts) { a.AcceptedAt = record.At(f.Now) }},
		{Name: "decline", From: in(Appointed), To: Declined, Guard: declines},
		{Name: "tell", From: in(Appointed, Accepted), Needs: func(a *Appointment) []any { return []any{&a.ToldTo} }, Then: func(a *Appointment, f *lifecycle.Facts) { a.ToldAt = record.At(f.Now) }},
		{Name: "end", From: in(Proposed, Appointed, Accepted), To: Ended, Guard: withWords, Then: func(a *Appointment, f *lifecycle.Facts) { a.EndedAt = record.At(f.Now) }},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:accept do:decline do:tell do:end",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read comment do:accept do:decline", access.Auditor: "read internal export do:accept do:decline",
		access.Approver: "read comment do:accept do:decline",
	},
	Load:   load,
	Decide: decide,
	Timer:  over,
})
