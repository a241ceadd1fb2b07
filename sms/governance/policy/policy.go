// Package policy is the policies of top management, that for service management before all (ISO/IEC
// 20000-1:2018, 5.2): what the organization means to do, why, and what it commits itself to, in
// versions.
//
// In: the purpose and direction of the organization. Out: objectives serve a policy; people are told
// of it by modules of awareness about it, by the document that states it, by what is sent; others
// can get it where its lines say.
//
// Start at [Policy], then rules.go for what must be so before one is approved, checks.go for what
// 5.2.1 and 5.2.2 ask.
// Always true: a service management policy in force was approved by somebody of top management who
// did not write it, and says of each item that the standard wants of it where it is said: in words
// that stand in its text.
package policy

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Policy is one policy. Its owner keeps it; what is marked identity is about the policy as a whole,
// the rest is content of its versions.
type Policy struct {
	record.Header
	Kind        record.Choice  `field:"identity,required,index,choice=service_management|information_security|change_management|service_continuity|supplier|other"`
	ReviewEvery record.Period  `field:"identity"` // blank is 12 months
	ReviewedAt  record.Instant `field:"identity,stamp"`
	ReviewedBy  record.ID      `field:"identity,stamp,ref=user"`
	NextReview  record.Date    `field:"identity,stamp,index"`
	Available   []Available    `lines:"identity,max=100"` // to which interested parties; blank for a reason: to none

	Text      record.Prose `field:"search"` // or the document that states it (link stated_in)
	Purpose   record.Prose `field:"search"` // how it suits what the organization is for
	Direction record.Prose `field:"search"` // the strategic direction that it serves
	Answers   []Answer     `lines:"max=20"`
}

// Available says to whom outside, or to which party, the policy is available, and how.
type Available struct {
	record.Line
	Party record.ID   `field:"ref=*"` // the party, if there is a record of it
	To    record.Text `field:"required,len=300"`
	How   record.Text `field:"required,len=300"` // on the website, with the contract, on request
	From  record.Date `field:""`                 // blank is from the beginning
}

// Answer says where in the text an item is said that the standard wants of such a policy.
type Answer struct {
	record.Line
	Item   record.Choice `field:"required,choice=purpose|objectives|requirements|improvement"`
	SaidIn record.Text   `field:"required,len=500"` // a heading of the text, or three words of it or more
	Note   record.Prose  `field:"len=4000"`
}

// ServiceManagement is the kind of policy that 5.2 asks for.
const ServiceManagement = "service_management"

// The states. Those of versions are the kernel's.
const (
	Active  = "active"
	Retired = "retired"
)

// Process is the declaration.
var Process = process.Declare(process.Spec[Policy]{
	Name: "policy", Prefix: "POL", Resource: "policies", Clause: "5.2", Stated: true, Versioned: true, Config: true,
	Doc:    "Policies in versions: what the organization commits itself to, approved by top management, known to its people.",
	States: []lifecycle.State{{Name: Active, Phase: lifecycle.Open}, {Name: Retired, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Policy]{
		{Name: "review", From: []string{Active}, Guard: withWords, Then: reviewed},
		{Name: "retire", From: []string{Active}, To: Retired, Guard: withWords},
		{Name: "reactivate", From: []string{Retired}, To: Active},
	},
	Unique: []string{"title"},
	Links: []process.LinkKind{
		{Name: "stated_in", Inverse: "states_policy", To: []string{"document"}, One: true},
		{Name: "announced_by", Inverse: "announces_policy", To: []string{"communication"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve do:*",
		access.Management:   "read create update comment internal link attach export approve do:*",
		access.Agent:        "read comment", access.Auditor: "read internal export", access.Approver: "read comment approve",
	},
	Load:    load,
	Decide:  decide,
	Timer:   due,
	Approve: approve,
})
