// Package scope is the scope of the service management system (ISO/IEC 20000-1:2018, 4.3, with the
// guidance of part 3): which services of which organization the system covers, from where, with what,
// for whom, with which other parties, and what is left out and why, in versions.
//
// In: issues (4.1), what parties require (4.2) and the services that are delivered; the scope links
// what it takes account of. Out: the statement in force; conformity holds it against the services on
// record, both ways.
//
// Start at [Scope], then rules.go for what a statement must say before it is approved, and checks.go.
// Always true: a version in force was approved by somebody who did not write it, leaves nothing out
// without a justification, and does not claim a service that another party runs whole. No requirement
// of clauses 4 to 10 can be left out: there is no line for it.
package scope

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/governance/rhythm"
)

// Scope is the scope statement. The owner in its header keeps it up to date.
type Scope struct {
	record.Header
	Audience record.Text `field:"identity,len=500"` // who is to get at it, and where they find it
	rhythm.Reviewed

	Organization record.Text  `field:"search,len=300"`  // that manages and delivers the services
	Statement    record.Prose `field:"search,len=4000"` // in a sentence or two, as a certificate would say it
	Units        record.Prose `field:"len=4000"`        // of the organization; blank for a reason: all of it
	Customers    record.Prose `field:"len=4000"`        // whom, and where they are
	Technology   record.Prose `field:"len=4000"`        // by which the services are delivered
	Rationale    record.Prose `field:"len=8000"`        // how issues, requirements and services led to these limits
	Locations    []Location   `lines:"max=500"`
	Services     []Covered    `lines:"max=5000"`
	Parties      []Involved   `lines:"max=500"`
	Exclusions   []Exclusion  `lines:"max=5000"`
}

// Location is a place from which the services are managed or delivered.
type Location struct {
	record.Line
	Place record.Text `field:"required,len=300"`
	Role  record.Text `field:"len=300"` // what is done there
}

// Covered is a service that the system covers.
type Covered struct {
	record.Line
	Service record.ID `field:"required,ref=service"`
}

// Involved is another party that provides or runs a part of the services, and how control stays here.
type Involved struct {
	record.Line
	Name    record.Text `field:"required,len=300"`
	Party   record.ID   `field:"ref=interested_party"`
	Service record.ID   `field:"ref=service"`      // none: several
	Part    record.Text `field:"required,len=500"` // services, components or processes
	Whole   record.Bool `field:""`                 // it runs the service from end to end
	Control record.Text `field:"required,len=500"` // who here sees to it, and by what
}

// Exclusion is something near the system that is not within it.
type Exclusion struct {
	record.Line
	Kind          record.Choice `field:"required,choice=service|location|unit|customer|technology|activity"`
	Service       record.ID     `field:"ref=service"`
	What          record.Text   `field:"required,len=300"`
	Justification record.Prose  `field:"required,len=4000"`
}

// The states of a scope. Those of its versions are the kernel's.
const (
	Active  = "active"
	Retired = "retired"
)

// Covers reports whether the statement names the service.
func (s *Scope) Covers(service record.ID) bool {
	for _, c := range s.Services {
		if c.Service == service {
			return true
		}
	}
	return false
}

// LeavesOut reports whether the statement says why the service is outside.
func (s *Scope) LeavesOut(service record.ID) bool {
	for _, e := range s.Exclusions {
		if e.Service == service {
			return true
		}
	}
	return false
}

// lookedAt is when the version was last found right: approved, or reviewed since.
func (s *Scope) lookedAt(v *record.Version) time.Time {
	return max(s.ReviewedAt, v.DecidedAt).Time()
}

// Process is the declaration.
var Process = process.Declare(process.Spec[Scope]{
	Name: "scope", Prefix: "SCP", Clause: "4.3", Stated: true, Versioned: true, Config: true,
	Doc:    "The scope of the system, in versions: organization, services, places, technology, parties, what is left out and why.",
	States: []lifecycle.State{{Name: Active, Phase: lifecycle.Open}, {Name: Retired, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Scope]{
		{Name: "review", From: []string{Active}, Guard: func(_ *Scope, f *lifecycle.Facts) []lifecycle.Refusal {
			return rhythm.InWords(f, "say what the review found")
		}, Then: func(s *Scope, f *lifecycle.Facts) { s.Look(f) }},
		{Name: "retire", From: []string{Active}, To: Retired},
		{Name: "reactivate", From: []string{Retired}, To: Active, Guard: alone},
	},
	Links: []process.LinkKind{
		{Name: "takes_account_of", Inverse: "in_view_of_scope"},
		{Name: "described_in", Inverse: "describes", To: []string{"document"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve do:*",
		access.Management:   "read create update comment internal link attach export approve do:*",
		access.Agent:        "read comment",
		access.Approver:     "read comment approve",
		access.Auditor:      "read internal export",
	},
	Load:    load,
	Decide:  decide,
	Approve: complete,
	Timer: func(s *Scope, _ string, f *lifecycle.Facts) {
		rhythm.Due(s.Head(), "scope_review_due", "The scope is to be reviewed", f)
	},
})
