// Package service is the service portfolio (ISO/IEC 20000-1:2018, 8.2.2 and 8.2.3): what is
// delivered, to whom, how critical it is and what it rests on.
//
// In: proposals, later changes and transitions. Out: every other process refers to services;
// incidents find their agreement by customer and service.
//
// Start at [Service], then [Process].
// Always true: a service is never deleted; one that ends is retired and keeps its history.
package service

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Service is one service. Without a customer in its header it is offered to every customer.
type Service struct {
	record.Header
	Description    record.Prose `field:"search"`
	Outcomes       record.Prose `field:""` // what the customer gains
	Criticality    record.Int   `field:"min=1,max=4"`
	CriticalityWhy record.Prose `field:"len=4000"`
	Public         record.Bool  `field:""` // may be named on the public status page
	Customers      []Use        `lines:"max=5000"`
}

// Use says that a customer uses the service.
type Use struct {
	record.Line
	Customer record.ID `field:"required,ref=customer"`
}

// Retired reports whether nothing new may name the service.
func (s *Service) Retired() bool { return s.State == "retired" }

// Process is the declaration.
var Process = process.Declare(process.Spec[Service]{
	Name: "service", Prefix: "SVC", Clause: "8.2.2", Config: true, Shared: true,
	Doc: "What is delivered, to whom, how critical it is and what it rests on.",
	States: []lifecycle.State{{Name: "proposed", Phase: lifecycle.Draft}, {Name: "live", Phase: lifecycle.Open},
		{Name: "suspended", Phase: lifecycle.Waiting}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Service]{
		{Name: "go_live", From: []string{"proposed"}, To: "live", Needs: whatLiveNeeds},
		{Name: "suspend", From: []string{"live"}, To: "suspended"},
		{Name: "resume", From: []string{"suspended"}, To: "live"},
		{Name: "retire", From: []string{"proposed", "live", "suspended"}, To: "retired"},
	},
	Links: []process.LinkKind{
		{Name: "depends_on", Inverse: "supports", To: []string{"service"}}, // circles happen in the world
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Agent:        "read comment internal export", access.Management: "read export", access.Auditor: "read export", access.Approver: "read",
		access.Requester: "read", access.CustomerManager: "read",
	},
	Decide: func(s *Service, _ *lifecycle.Facts) []lifecycle.Refusal {
		if !s.Criticality.Set {
			s.Criticality = record.N(3)
		}
		return nil
	},
})

func whatLiveNeeds(s *Service) []any { return []any{&s.Owner} }
