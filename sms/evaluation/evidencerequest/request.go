// Package evidencerequest is what an auditor asks to be shown (ISO/IEC 20000-1:2018, 9.2): for a
// requirement, a record or a sample, until a day; answered in place with text, links and files;
// accepted, or asked again.
//
// In: an auditor, of the house or from outside, asks. Out: the owner of the process is told, finds it
// in their work and answers; the audit rests on what was accepted.
//
// Start at [Request], then rules.go for whose turn it is.
// Always true: who asked does not answer, and who answered does not accept; what was answered stays on
// record when it is asked again; an auditor from outside touches only their own requests.
package evidencerequest

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Request is one thing asked for. The assignee in its header is whoever has to act next: the provider
// while it is asked, the auditor once it is answered.
type Request struct {
	record.Header
	Wanted      record.Prose `field:"required,search"` // what is to be shown
	Requirement record.Text  `field:"index,len=20"`    // of the catalogue, such as 9.2-01
	Concerns    record.ID    `field:"ref=*,index"`     // the record it is about
	Sample      record.ID    `field:"ref=sample,index"`
	Audit       record.ID    `field:"ref=audit,index"`
	Process     record.Text  `field:"index,len=60"` // whose owner answers, where no provider is named
	Provider    record.ID    `field:"ref=user,index"`
	Due         record.Date  `field:"required,index"` // the last day

	AskedAt record.Instant `field:"stamp"`
	AskedBy record.ID      `field:"stamp,ref=user,index"`

	Answer     record.Prose   `field:"search"`
	AnsweredAt record.Instant `field:"stamp"`
	AnsweredBy record.ID      `field:"stamp,ref=user"`

	Remark    record.Prose   `field:"len=4000"` // of the auditor on the answer
	DecidedAt record.Instant `field:"stamp"`
	DecidedBy record.ID      `field:"stamp,ref=user"`

	Earlier []Reply `lines:"max=50"`
}

// Reply is an answer that was not enough, with why.
type Reply struct {
	record.Line
	Answer     record.Prose   `field:"stamp"`
	AnsweredAt record.Instant `field:"stamp"`
	AnsweredBy record.ID      `field:"stamp,ref=user"`
	Remark     record.Prose   `field:"stamp"`
	At         record.Instant `field:"stamp"`
}

// The states.
const (
	Asked     = "asked"
	Answered  = "answered"
	Accepted  = "accepted"
	Withdrawn = "withdrawn"
)

// ShownBy is the kind of link to the records that show what was asked for.
const ShownBy = "shown_by"

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Request]{
	Name: "evidence_request", Prefix: "EVR", Clause: "9.2",
	Doc: "What auditors ask to be shown, answered in place, accepted or asked again.",
	States: []lifecycle.State{{Name: Asked, Phase: lifecycle.Open}, {Name: Answered, Phase: lifecycle.Open}, {Name: Accepted, Phase: lifecycle.Done},
		{Name: Withdrawn, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Request]{
		{Name: "answer", From: in(Asked), To: Answered, Needs: func(q *Request) []any { return []any{&q.Answer} }, Guard: mayAnswer, Then: answered},
		{Name: "accept", From: in(Answered), To: Accepted, Guard: mayJudge, Then: accepted},
		{Name: "ask_again", From: in(Answered, Accepted), To: Asked, Needs: func(q *Request) []any { return []any{&q.Remark, &q.Due} }, Guard: mayJudge, Then: again},
		{Name: "withdraw", From: in(Asked, Answered), To: Withdrawn, Guard: withWords},
	},
	Links: []process.LinkKind{{Name: ShownBy, Inverse: "shown_for"}},
	Grants: access.Table{
		access.ProcessOwner: "read update comment internal link attach export do:answer",
		access.Management:   "read update comment internal link attach export do:answer",
		access.Agent:        "read comment link attach do:answer", access.Approver: "read comment link attach do:answer",
		access.Auditor:         "read create update comment internal link attach export do:accept do:ask_again do:withdraw",
		access.ExternalAuditor: "create update comment do:accept do:ask_again do:withdraw",
	},
	Load:   load,
	Decide: decide,
	Timer:  timer,
})
