// Package incident is incident management (ISO/IEC 20000-1:2018, 8.6.1): restoring service as the
// customer was promised, major incidents included.
//
// In: people and monitoring report; services, agreements and calendars say what was promised.
// Out: clocks and breaches feed service reports; major incidents a review; repeated ones problems.
//
// Start at [Incident], then [Process] for what may happen to one, then rules.go for when,
// clocks.go for the promises, major.go for major incidents.
// Always true: the priority is the matrix's, or an override with a reason; a major incident is
// closed only after its review; an incident is measured by the agreement and calendar that were
// in force when it was opened.
package incident

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Incident is one interruption of a service, or a reduction of its quality.
type Incident struct {
	record.Header
	Description record.Prose `field:"search"`
	Service     record.ID    `field:"ref=service,index"`
	Category    record.Text  `field:"index,len=120"`
	Impact      record.Int   `field:"min=1,max=4"`
	Urgency     record.Int   `field:"min=1,max=4"`
	// Priority is 1 to 4 from the matrix; 5 (planned) and any other than the matrix says only by
	// an override with a reason. MatrixPriority keeps what the matrix said.
	Priority       record.Int     `field:"index,min=1,max=5"`
	MatrixPriority record.Int     `field:"stamp"`
	OverrideReason record.Text    `field:"len=500"`
	Channel        record.Choice  `field:"choice=portal|email|phone|chat|monitoring|api|walk_in|other"`
	OpenedAt       record.Instant `field:"stamp,notnull,sort"`

	WaitReason     record.Choice `field:"choice=customer|supplier|change|problem|evidence|other"`
	Resolution     record.Prose  `field:"search"`
	ResolutionCode record.Text   `field:"len=60"`
	CloseReason    record.Text   `field:"stamp,len=60"` // confirmed, timed_out, ended
	MergedInto     record.ID     `field:"ref=incident"`

	FirstResponseAt   record.Instant `field:"stamp"`
	LastEntryAt       record.Instant `field:"stamp"`
	WorkedAt          record.Instant `field:"stamp"` // newest entry of ours about the work, made while it was open
	ResolvedAt        record.Instant `field:"stamp"`
	ResolvedBy        record.ID      `field:"stamp,ref=user"`
	ClosedAt          record.Instant `field:"stamp"`
	EscalatedAt       record.Instant `field:"stamp"`
	EscalationLevel   record.Count   `field:"stamp"`
	ReassignmentCount record.Count   `field:"stamp"`
	ReopenCount       record.Count   `field:"stamp"`
	ChangeCount       record.Count   `field:"stamp"` // edits and steps after it was recorded

	Major            record.Bool    `field:""`
	MajorDecision    record.Choice  `field:"choice=yes|no"` // asked of every incident of the highest priority
	MajorCriterion   record.Text    `field:"len=300"`
	MajorProcedure   record.ID      `field:"ref=*"` // the documented procedure it is handled by
	MajorSince       record.Instant `field:"stamp"`
	MajorLead        record.ID      `field:"ref=user"`
	MajorLeadSince   record.Instant `field:"stamp"`
	MajorUpdateDue   record.Instant `field:""`
	MajorUpdatedAt   record.Instant `field:"stamp"`
	MajorNoticeAt    record.Instant `field:"stamp"` // top management was told
	MajorEndNoticeAt record.Instant `field:"stamp"`
	MajorReport      record.Prose   `field:""`
	MajorReview      record.Prose   `field:""`
	MajorReviewedAt  record.Instant `field:"stamp"`
}

// The states, by the names of contract.md.
const (
	New        = "new"
	Assigned   = "assigned"
	InProgress = "in_progress"
	Pending    = "pending"
	Resolved   = "resolved"
	Closed     = "closed"
	Cancelled  = "cancelled"
)

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Incident]{
	Name: "incident", Prefix: "INC", Clause: "8.6.1",
	Doc: "Interruptions of a service and reductions of its quality, until service is restored.",
	States: []lifecycle.State{{Name: New, Phase: lifecycle.Open}, {Name: Assigned, Phase: lifecycle.Open}, {Name: InProgress, Phase: lifecycle.Open},
		{Name: Pending, Phase: lifecycle.Waiting}, {Name: Resolved, Phase: lifecycle.Done}, {Name: Closed, Phase: lifecycle.Done}, {Name: Cancelled, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Incident]{
		{Name: "assign", From: in(New, Assigned), To: Assigned, Guard: toSomebody},
		{Name: "start", From: in(New, Assigned), To: InProgress, Then: takeOver},
		{Name: "wait", From: in(New, Assigned, InProgress), To: Pending, Guard: forAReason},
		{Name: "resume", From: in(Pending), To: InProgress, Then: goOn},
		{Name: "resolve", From: in(New, Assigned, InProgress, Pending), To: Resolved, Needs: outcome, Then: restored},
		{Name: "close", From: in(Resolved), To: Closed, Guard: reviewed, Then: ended},
		{Name: "reopen", From: in(Resolved, Closed), To: InProgress, Guard: notMerged, Then: again},
		{Name: "cancel", From: in(New, Assigned, InProgress, Pending), To: Cancelled, Then: called},
		{Name: "escalate", From: in(New, Assigned, InProgress, Pending), Guard: higher, Then: escalated},
		{Name: "merge", From: in(New, Assigned, InProgress, Pending, Resolved), To: Cancelled, Needs: target, Guard: intoAnother, Then: merged},
	},
	Links: []process.LinkKind{
		{Name: "child_of", Inverse: "parent_of", To: []string{"incident"}, One: true, Acyclic: true},
		{Name: "duplicate_of", Inverse: "duplicated_by", To: []string{"incident"}, One: true, Acyclic: true},
		{Name: "related_to", Inverse: "related_from"},
		{Name: "leads_to", Inverse: "prompted_by", To: []string{"improvement"}}, // none, for a reason, is an answer too
	},
	Grants: access.Table{
		access.ProcessOwner:    "read create update comment internal link attach export grant do:*",
		access.Agent:           "read create update comment internal link attach export do:*",
		access.Management:      "read comment internal export",
		access.Approver:        "read comment",
		access.Auditor:         "read internal export",
		access.Requester:       "read:own create comment attach do:close do:reopen",
		access.CustomerManager: "read create comment attach export do:close do:reopen",
	},
	Load:   load,
	Decide: decide,
	Fold:   fold,
	Clocks: clocks,
	Timer:  timer,
})

func outcome(i *Incident) []any { return []any{&i.Resolution, &i.ResolutionCode} }
func target(i *Incident) []any  { return []any{&i.MergedInto} }
