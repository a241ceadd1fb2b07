// Package improvement is continual improvement (ISO/IEC 20000-1:2018, 10.2): opportunities are
// written down wherever they come from, judged by criteria that were approved, given targets,
// carried out, measured against what they were to bring, and reported.
//
// In: incidents, problems, audits, reviews, risks, nonconformities and people lead to improvements
// (links of kind leads_to). Out: actions are tasks under the record, changes are linked; results go
// into management review and service reports.
//
// Start at [Improvement] and [Process]; [Criteria] is what judges them, rules.go when a step is
// legal, checks.go what 10.2 asks.
// Always true: the score is worked out from points on the criteria in force; who proposed it does
// not approve it alone; what is closed was measured against each of its targets.
package improvement

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Improvement is one opportunity to make the SMS or a service better. The owner in its header
// carries it out.
type Improvement struct {
	record.Header
	Description record.Prose  `field:"required,search"`
	Source      record.Choice `field:"required,index,choice=incident|problem|audit|review|risk|nonconformity|complaint|survey|measurement|supplier|staff|customer|other"`
	Service     record.ID     `field:"ref=service,index"`
	Benefit     record.Prose  `field:"search"`
	Effort      record.Prose  `field:""`

	Score       record.Int     `field:"stamp,index"` // 0 to 100: points by weight, of the criteria it was judged by
	Criteria    record.ID      `field:"stamp,ref=improvement_criteria"`
	CriteriaNo  record.Int     `field:"stamp"` // the version of them
	EvaluatedAt record.Instant `field:"stamp"`
	EvaluatedBy record.ID      `field:"stamp,ref=user"`

	Priority       record.Int     `field:"index,min=1,max=5"`
	Due            record.Date    `field:"index"`
	Plan           record.Prose   `field:"search"`
	AdaptSMS       record.Choice  `field:"choice=yes|no"` // does the SMS itself have to be adapted
	DecisionReason record.Prose   `field:"len=4000"`
	ApprovedAt     record.Instant `field:"stamp"`
	ApprovedBy     record.ID      `field:"stamp,ref=user"`
	DelayReason    record.Prose   `field:"len=4000"`
	DelayedAt      record.Instant `field:"stamp"` // a delay was decided on

	Result        record.Prose   `field:"search"`
	ImplementedAt record.Instant `field:"stamp"`
	MeasuredAt    record.Instant `field:"stamp"`
	TargetsMet    record.Choice  `field:"stamp,choice=all|some|none"`
	MissedAction  record.Prose   `field:"len=4000"` // what is done about targets that were missed
	ReportedIn    record.Text    `field:"len=300"`  // report, newsletter or meeting in which those concerned were told
	ReportedAt    record.Instant `field:"stamp"`
	ClosedAt      record.Instant `field:"stamp"`

	Points  []Points `lines:"max=30"`
	Targets []Target `lines:"max=30"`
}

// Points is how well the improvement does on one criterion.
type Points struct {
	record.Line
	Criterion record.Text `field:"required,len=120"`
	Points    record.Int  `field:"required,min=0,max=10"`
	Why       record.Text `field:"len=500"`
}

// Target is what the improvement is to bring, and what it brought.
type Target struct {
	record.Line
	Kind     record.Choice  `field:"required,choice=quality|value|capability|cost|productivity|resource_use|risk"`
	Metric   record.Text    `field:"required,len=200"`
	Unit     record.Text    `field:"len=40"`
	Before   record.Decimal `field:""`
	Goal     record.Decimal `field:"required"`
	Better   record.Choice  `field:"required,choice=higher|lower"`
	Measured record.Decimal `field:""`
	At       record.Instant `field:"stamp"`
	Met      record.Choice  `field:"stamp,choice=yes|no"`
}

// The states.
const (
	Proposed    = "proposed"
	Evaluated   = "evaluated"
	Approved    = "approved"
	Rejected    = "rejected"
	InProgress  = "in_progress"
	Implemented = "implemented"
	Measured    = "measured"
	Closed      = "closed"
)

// Gate is where an improvement is approved when a policy asks for a vote.
const Gate = "approval"

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Improvement]{
	Name: "improvement", Prefix: "IMV", Clause: "10.2",
	Doc: "Opportunities to make the SMS and the services better: judged, approved with targets, carried out, measured.",
	States: []lifecycle.State{{Name: Proposed, Phase: lifecycle.Open}, {Name: Evaluated, Phase: lifecycle.Open}, {Name: Approved, Phase: lifecycle.Open},
		{Name: InProgress, Phase: lifecycle.Open}, {Name: Implemented, Phase: lifecycle.Open}, {Name: Measured, Phase: lifecycle.Open},
		{Name: Closed, Phase: lifecycle.Done}, {Name: Rejected, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Improvement]{
		{Name: "evaluate", From: in(Proposed, Evaluated), To: Evaluated, Needs: worth, Guard: judged, Then: func(i *Improvement, f *lifecycle.Facts) {
			i.EvaluatedAt, i.EvaluatedBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "approve", From: in(Evaluated), To: Approved, Needs: decision, Guard: mayApprove, Then: func(i *Improvement, f *lifecycle.Facts) {
			i.ApprovedAt, i.ApprovedBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "reject", From: in(Proposed, Evaluated, Approved), To: Rejected, Needs: func(i *Improvement) []any { return []any{&i.DecisionReason} }},
		{Name: "start", From: in(Approved), To: InProgress},
		{Name: "delay", From: in(Approved, InProgress), Needs: func(i *Improvement) []any { return []any{&i.DelayReason, &i.Due} }, Guard: aheadAgain, Then: func(i *Improvement, f *lifecycle.Facts) { i.DelayedAt = record.At(f.Now) }},
		{Name: "implement", From: in(Approved, InProgress), To: Implemented, Needs: func(i *Improvement) []any { return []any{&i.Result} }, Tasks: true, Guard: adaptedSMS, Then: func(i *Improvement, f *lifecycle.Facts) {
			i.ImplementedAt = record.At(f.Now)
		}},
		{Name: "measure", From: in(Implemented, Measured), To: Measured, Guard: allMeasured, Then: func(i *Improvement, f *lifecycle.Facts) { i.MeasuredAt = record.At(f.Now) }},
		{Name: "report", From: in(Implemented, Measured, Closed), Needs: func(i *Improvement) []any { return []any{&i.ReportedIn} }, Then: func(i *Improvement, f *lifecycle.Facts) { i.ReportedAt = record.At(f.Now) }},
		{Name: "close", From: in(Measured), To: Closed, Guard: missesAnswered, Then: func(i *Improvement, f *lifecycle.Facts) { i.ClosedAt = record.At(f.Now) }},
		{Name: "reopen", From: in(Rejected, Closed), To: Evaluated, Guard: withWords, Then: again},
	},
	Links: []process.LinkKind{
		{Name: "serves", Inverse: "served_by", To: []string{"objective"}},
		{Name: "changes_sms", Inverse: "changed_for"},
		{Name: "carried_out_by", Inverse: "carries_out"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read create update comment internal link attach do:evaluate do:start do:implement do:measure do:report do:delay",
		access.Approver:     "read comment do:approve do:reject",
		access.Auditor:      "read internal export",
	},
	Load:   load,
	Decide: decide,
	Timer:  timer,
})

func worth(i *Improvement) []any { return []any{&i.Benefit, &i.Owner} }
func decision(i *Improvement) []any {
	return []any{&i.Priority, &i.Due, &i.Plan, &i.AdaptSMS, &i.Owner}
}

// Criteria judge improvements when they are decided on, in versions.
type Criteria struct {
	record.Header
	Approach record.Prose `field:"search"`
	Items    []Item       `lines:"max=30"`
}

// Item is one criterion with its weight.
type Item struct {
	record.Line
	Criterion  record.Text `field:"required,len=120"`
	Weight     record.Int  `field:"required,min=1,max=100"`
	Objectives record.Bool `field:""` // it is about fit with the objectives
}

// CriteriaProcess is the declaration of the criteria.
var CriteriaProcess = process.Declare(process.Spec[Criteria]{
	Name: "improvement_criteria", Prefix: "ICR", Resource: "improvement-criteria", Clause: "10.2", Stated: true, Versioned: true, Config: true,
	Doc:    "Criteria by which improvements are judged, in versions.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Criteria]{
		{Name: "retire", From: in("active"), To: "retired"},
		{Name: "reactivate", From: in("retired"), To: "active"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve do:*",
		access.Management:   "read comment export approve", access.Auditor: "read export", access.Agent: "read", access.Approver: "read",
	},
	Decide: func(c *Criteria, _ *lifecycle.Facts) []lifecycle.Refusal {
		seen, about := map[record.Text]bool{}, false
		var out []lifecycle.Refusal
		for _, i := range c.Items {
			if seen[i.Criterion] {
				out = append(out, lifecycle.Refusal{Field: "items[" + i.ID.String() + "]", Reason: "twice", Mend: "one line for a criterion"})
			}
			seen[i.Criterion] = true
			about = about || bool(i.Objectives)
		}
		if len(c.Items) > 0 && !about {
			out = append(out, lifecycle.Refusal{Field: "items", Reason: "required", Mend: "mark the criterion that is about fit with the objectives"})
		}
		return out
	},
	Approve: func(c *Criteria, _ *record.Version, _ *lifecycle.Facts) []lifecycle.Refusal {
		if len(c.Items) == 0 {
			return lifecycle.Refuse("items", "required", "name at least one criterion")
		}
		return nil
	},
})
