// Package document is the control of documented information (ISO/IEC 20000-1:2018, 7.5): policies,
// plans, procedures and what comes from outside, each in versions that somebody wrote, somebody
// else approved, and that are in force from a day to a day.
//
// In: people write drafts, review and approve them; the time for the next review comes by itself.
// Out: version and text in force on any day, for every process that rests on a document; requests
// to acknowledge to those who must know; tasks for reviews that are due; what each requirement
// that asks for a document rests on.
//
// Start at [Document], then [Process] for what may happen to one, rules.go for what always holds,
// approval.go for how a version comes into force, readers.go for who reads and who must know,
// reminders.go for what falls due, and [Acknowledgement].
// Always true: nobody approves what they wrote; an approved version never changes and no two are
// in force on one day; a document that has been withdrawn, or disposed of, stays in history; a
// customer's user reads a document only when it is public, in force and distributed to the
// customer.
package document

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Document is one controlled document. What is marked identity is about the document as a whole;
// the rest is content of its versions. Days are the organisation's.
type Document struct {
	record.Header
	Kind           record.Choice `field:"identity,required,index,choice=policy|plan|procedure|process_description|record_template|work_instruction|scope|criteria|manual|external|other"`
	Classification record.Choice `field:"identity,required,index,choice=public|internal|confidential|restricted"`
	// Fulfils is the item of the mandatory list that this document is (7.5.4, and the clauses that
	// ask for more); Describes is the process of the SMS whose description it is.
	Fulfils   record.Choice `field:"identity,index,choice=scope|service_management_policy|service_management_objectives|service_management_plan|change_management_policy|information_security_policy|continuity_plan|process_description|service_requirements|service_catalogue|service_level_agreement|supplier_contract|internal_agreement|major_incident_procedure|continuity_procedure|risk_criteria|risk_approach|party_criteria|ci_types|release_types|release_criteria|fulfilment_instructions|capacity_plan|measurement_plan|communication_plan|audit_programme|report_catalogue|improvement_criteria|complaint_procedure|budget_policy|retention_schedule"`
	Describes record.Text   `field:"identity,index,len=60"`
	Needed    record.Bool   `field:"identity"` // the organisation itself finds it necessary
	Language  record.Text   `field:"identity,len=35"`
	Format    record.Text   `field:"identity,len=60"`
	Medium    record.Choice `field:"identity,choice=electronic|paper|both"`
	Location  record.Text   `field:"identity,len=500"`
	Approver  record.ID     `field:"identity,ref=user"` // who alone is to approve; none: whoever may

	// Of a document from outside: who issues it, which version is held here, when it was last
	// found current.
	External         record.Bool    `field:"identity,index"`
	Source           record.Text    `field:"identity,len=300"`
	SourceVersion    record.Text    `field:"identity,len=100"`
	CurrencyInterval record.Period  `field:"identity"`
	CheckedAt        record.Instant `field:"identity,stamp"`
	CheckedBy        record.ID      `field:"identity,stamp,ref=user"`
	NextCheck        record.Date    `field:"identity,stamp,index"`
	CheckAskedFor    record.Date    `field:"identity,stamp"` // the due day that was asked for
	CheckTask        record.ID      `field:"identity,stamp,ref=task"`

	ReviewInterval record.Period  `field:"identity"`
	LeadDays       record.Int     `field:"identity,min=0,max=366"` // how long before a due day the owner is asked
	JudgedAt       record.Instant `field:"identity,stamp"`         // last found suitable: approved, or reviewed without change
	ReviewedAt     record.Instant `field:"identity,stamp"`
	ReviewedBy     record.ID      `field:"identity,stamp,ref=user"`
	NextReview     record.Date    `field:"identity,stamp,index"`
	ReviewAskedFor record.Date    `field:"identity,stamp"`
	ReviewTask     record.ID      `field:"identity,stamp,ref=task"`

	AcknowledgeDays record.Int `field:"identity,min=1,max=366"` // after approval or effect, the later

	Retention        record.Period  `field:"identity"` // kept so long after it is withdrawn
	RetentionRule    record.Text    `field:"identity,len=500"`
	LegalHold        record.Bool    `field:"identity,index"`
	HoldReason       record.Text    `field:"identity,len=500"`
	WithdrawalReason record.Text    `field:"identity,len=500"`
	WithdrawnAt      record.Instant `field:"identity,stamp"`
	RetainUntil      record.Date    `field:"identity,stamp,index"`
	DisposedAt       record.Instant `field:"identity,stamp"`
	DisposedBy       record.ID      `field:"identity,stamp,ref=user"`

	Distribution []Recipient `lines:"identity,max=200"`
	Readers      []Reader    `lines:"identity,max=5000"` // kept by Steward
	Reviews      []Review    `lines:"identity,max=1000"` // kept by Steward

	Summary   record.Prose `field:"search,len=4000"`
	Body      record.Prose `field:"search"`
	File      record.Text  `field:"len=64"` // SHA-256, in hex, of an attachment of the document
	Reviewers []Reviewer   `lines:"max=20"` // each must have endorsed a version before it is approved

	// approving is the version that the command at hand approves; it is in the database only after.
	approving *record.Version
}

// Recipient is one line of the distribution: exactly one of team, role, customer or user.
type Recipient struct {
	record.Line
	Team     record.ID   `field:"ref=team"`
	Role     record.Text `field:"len=60"`
	Customer record.ID   `field:"ref=customer"`
	User     record.ID   `field:"ref=user"`
	MustKnow record.Bool `field:""` // each of them is asked to acknowledge every version
}

// Reader is somebody who may read the document although others may not: the access list of what is
// confidential or restricted, and the customers' users who read what is public.
type Reader struct {
	record.Line
	User record.ID   `field:"stamp,ref=user"`
	Team record.ID   `field:"stamp,ref=team"`
	Why  record.Text `field:"stamp,len=40"` // owner, approver, author, reviewer or distribution
}

// Review is what a reviewer found: of a version before its approval, or of the version in force
// when its review was due.
type Review struct {
	record.Line
	Kind        record.Choice  `field:"stamp,choice=before_approval|periodic"`
	Version     record.Int     `field:"stamp"`
	VersionID   record.Text    `field:"stamp,len=36"`
	ContentHash record.Text    `field:"stamp,len=64"` // what the reviewer saw
	Reviewer    record.ID      `field:"stamp,ref=user"`
	At          record.Instant `field:"stamp"`
	Remark      record.Text    `field:"stamp,len=500"`
}

// Reviewer is somebody who must endorse a version before it is approved.
type Reviewer struct {
	record.Line
	User record.ID `field:"required,ref=user"`
}

// The states of a document. Those of its versions are the kernel's.
const (
	Active    = "active"
	Withdrawn = "withdrawn"
	Disposed  = "disposed"
)

// The classifications.
const (
	Public       = "public"
	Internal     = "internal"
	Confidential = "confidential"
	Restricted   = "restricted"
)

// FulfilsItem reports whether the document is that item of the mandatory list.
func (d *Document) FulfilsItem(item string) bool { return string(d.Fulfils) == item }

// EndedAt is when the document was withdrawn: until then its versions were in force.
func (d *Document) EndedAt() (time.Time, bool) { return d.WithdrawnAt.Time(), d.State != Active }

// SuitableAt is when somebody last found it suitable: by approving it, or by a review.
func (d *Document) SuitableAt() time.Time { return d.JudgedAt.Time() }

// Process is the declaration. A customer's user has no more than "read:own": what was granted, and
// grants to one are given only by readers.go.
var Process = process.Declare(process.Spec[Document]{
	Name: "document", Prefix: "DOC", Clause: "7.5", Stated: true, Versioned: true, Shared: true,
	Doc: "Controlled documents: what is in force, since when, who wrote, reviewed and approved it.",
	States: []lifecycle.State{{Name: Active, Phase: lifecycle.Open}, {Name: Withdrawn, Phase: lifecycle.Void},
		{Name: Disposed, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Document]{
		{Name: "endorse", From: []string{Active}, Guard: mayEndorse, Then: endorse},
		{Name: "review", From: []string{Active}, Guard: mayReview, Then: review},
		{Name: "confirm_current", From: []string{Active}, Guard: fromOutside, Then: confirm},
		{Name: "distribute", From: []string{Active}, Guard: mayDistribute, Then: distribute},
		{Name: "withdraw", From: []string{Active}, To: Withdrawn, Needs: whyWithdrawn, Then: withdraw},
		{Name: "reinstate", From: []string{Withdrawn}, To: Active, Guard: forAReason, Then: reinstate},
		{Name: "dispose", From: []string{Withdrawn}, To: Disposed, Guard: mayDispose, Then: dispose},
	},
	Links: []process.LinkKind{
		{Name: "supersedes", Inverse: "superseded_by", To: []string{"document"}, Acyclic: true},
		{Name: "covers", Inverse: "covered_by"},
		{Name: "changed_by", Inverse: "changes_document"},
	},
	Grants: access.Table{
		access.ProcessOwner:    "read create update comment internal link attach export approve grant do:*",
		access.Agent:           "read create update comment internal link attach do:endorse do:review do:confirm_current",
		access.Management:      "read comment internal export approve do:endorse do:review",
		access.Approver:        "read comment approve do:endorse",
		access.Auditor:         "read internal export",
		access.Requester:       "read:own",
		access.CustomerManager: "read:own",
	},
	Load:    load,
	Decide:  decide,
	Timer:   due,
	Approve: approve,
})

func whyWithdrawn(d *Document) []any { return []any{&d.WithdrawalReason} }
