// Package nonconformity is nonconformity and corrective action (ISO/IEC 20000-1:2018, 10.1): a
// requirement that was not met is corrected, its cause and like cases are looked for, the cause is
// taken away where that is worth it, and somebody else finds out whether that helped.
//
// In: audits, incidents, complaints, missed promises, reviews, and gaps that conformity finds.
// Out: corrective actions are tasks under the record; changes of the SMS and improvements are
// linked; management review reads the register.
//
// Start at [Nonconformity] and [Process], then rules.go for when a step is legal, checks.go for what
// 10.1 asks.
// Always true: nobody judges the effect of what they did themselves; a judgement stays as it was
// written; what is closed has been judged effective, or needed no action for a stated reason.
package nonconformity

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Nonconformity is one requirement that was not met, where and how. The owner in its header answers
// for its end.
type Nonconformity struct {
	record.Header
	Description record.Prose  `field:"required,search"`
	Source      record.Choice `field:"required,index,choice=audit|conformity|incident|complaint|missed_promise|review|supplier|measurement|observation"`
	Requirement record.Text   `field:"required,index,len=60"` // of the catalogue, or the clause, contract or rule
	Evidence    record.Prose  `field:"search"`
	Severity    record.Choice `field:"index,choice=minor|major"`
	SeverityWhy record.Prose  `field:"len=4000"`

	Correction   record.Prose   `field:"search"` // what put the case itself right
	CorrectedAt  record.Instant `field:"stamp"`
	CorrectedBy  record.ID      `field:"stamp,ref=user"`
	Consequences record.Prose   `field:"search"` // and what was done about what followed from it

	Cause        record.Prose   `field:"search"`
	CauseMethod  record.Choice  `field:"choice=five_whys|fishbone|fault_tree|timeline|comparison|other"`
	SimilarCases record.Prose   `field:"search"` // what the search for like cases found
	ActionNeeded record.Choice  `field:"choice=yes|no"`
	ActionWhy    record.Prose   `field:"len=4000"`
	AdaptSMS     record.Choice  `field:"choice=yes|no"` // does the SMS itself have to be adapted
	AnalysedAt   record.Instant `field:"stamp"`
	AnalysedBy   record.ID      `field:"stamp,ref=user"`

	PlannedAt     record.Instant `field:"stamp"`
	ImplementedAt record.Instant `field:"stamp"`
	JudgedAt      record.Instant `field:"stamp"`
	Effective     record.Choice  `field:"stamp,choice=effective|partly|not_effective"` // the worst of the judgements
	RecurrenceOf  record.ID      `field:"ref=nonconformity,index"`
	RejectReason  record.Prose   `field:"len=4000"`
	ClosedAt      record.Instant `field:"stamp"`

	Judgements []Judgement `lines:"max=200"`
}

// Judgement is what somebody found of the effect of one corrective action: a line that stays.
type Judgement struct {
	record.Line
	Task    record.ID      `field:"required,ref=task"`
	Result  record.Choice  `field:"required,choice=effective|partly|not_effective"`
	Finding record.Prose   `field:"required,len=4000"`
	At      record.Instant `field:"stamp"`
	By      record.ID      `field:"stamp,ref=user"`
}

// PutRightBy is who put the case itself right.
func (n *Nonconformity) PutRightBy() record.ID { return n.CorrectedBy }

// The states.
const (
	Raised      = "raised"
	Contained   = "contained" // the case itself is put right
	CauseFound  = "cause_found"
	Planned     = "action_planned"
	Implemented = "implemented"
	Reviewed    = "effectiveness_reviewed"
	Closed      = "closed"
	Rejected    = "rejected"
)

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Nonconformity]{
	Name: "nonconformity", Prefix: "NCF", Resource: "nonconformities", Clause: "10.1",
	Doc: "Requirements that were not met: corrected, their causes found and taken away, the effect judged by somebody else.",
	States: []lifecycle.State{{Name: Raised, Phase: lifecycle.Open}, {Name: Contained, Phase: lifecycle.Open}, {Name: CauseFound, Phase: lifecycle.Open},
		{Name: Planned, Phase: lifecycle.Open}, {Name: Implemented, Phase: lifecycle.Open}, {Name: Reviewed, Phase: lifecycle.Open},
		{Name: Closed, Phase: lifecycle.Done}, {Name: Rejected, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Nonconformity]{
		{Name: "contain", From: in(Raised), To: Contained, Needs: correction, Then: contained},
		{Name: "find_cause", From: in(Raised, Contained, CauseFound), To: CauseFound, Needs: analysis, Guard: correctedFirst, Then: analysed},
		{Name: "plan", From: in(CauseFound, Reviewed), To: Planned, Guard: actionsStand, Then: func(n *Nonconformity, f *lifecycle.Facts) { n.PlannedAt = record.At(f.Now) }},
		{Name: "implement", From: in(Planned), To: Implemented, Tasks: true, Guard: actionsDone, Then: func(n *Nonconformity, f *lifecycle.Facts) { n.ImplementedAt = record.At(f.Now) }},
		{Name: "judge", From: in(Implemented, Reviewed), To: Reviewed, Guard: allJudged, Then: func(n *Nonconformity, f *lifecycle.Facts) { n.JudgedAt = record.At(f.Now) }},
		{Name: "close", From: in(CauseFound, Reviewed), To: Closed, Guard: mayClose, Then: func(n *Nonconformity, f *lifecycle.Facts) { n.ClosedAt = record.At(f.Now) }},
		{Name: "reopen", From: in(Closed, Rejected), To: Raised, Guard: withWords, Then: reopened},
		{Name: "reject", From: in(Raised, Contained), To: Rejected, Needs: func(n *Nonconformity) []any { return []any{&n.RejectReason} }, Guard: byAnother},
	},
	Links: []process.LinkKind{
		{Name: "found_by", Inverse: "found"},
		{Name: "concerns", Inverse: "nonconforming_by"},
		{Name: "similar_to", Inverse: "similar_of", To: []string{"nonconformity"}},
		{Name: "changes_sms", Inverse: "changed_for"}, // the change, document or plan by which the SMS is adapted
		{Name: "leads_to", Inverse: "prompted_by", To: []string{"improvement"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read create update comment internal link attach do:contain do:find_cause do:plan do:implement do:judge",
		access.Approver:     "read comment",
		access.Auditor:      "read create comment internal link attach export do:judge",
	},
	Load:   load,
	Decide: decide,
	Timer:  timer,
})

func correction(n *Nonconformity) []any { return []any{&n.Correction, &n.Consequences, &n.Owner} }

func analysis(n *Nonconformity) []any {
	return []any{&n.Cause, &n.SimilarCases, &n.Severity, &n.ActionNeeded, &n.ActionWhy, &n.AdaptSMS}
}
