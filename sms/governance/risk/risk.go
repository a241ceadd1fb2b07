// Package risk is the management of risks and opportunities (ISO/IEC 20000-1:2018, 6.1): what could
// keep the SMS and the services from their results or help them, how it is scored, what is done
// about it, and who accepted what is left, until when.
//
// In: issues of the context, requirements of parties, audits, suppliers, incidents and plans lead to
// risks; the criteria in force say where acceptance ends and who may accept how much. Out: treatments
// are tasks under the risk and changes, improvements and controls linked to it; management review
// reads the register.
//
// Start at [Risk] and [Process], then rules.go for when a step is legal, acceptance.go for who may
// accept what, [Criteria] for the matrix, [Opportunity] for the other side.
// Always true: a score is likelihood times consequence, never typed; what is accepted was approved at
// the gate by somebody whose role covers the score, and above the acceptance line it ends on a day;
// an accepted risk that grew, or whose acceptance ended, is analysed again.
package risk

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Risk is one effect of uncertainty. The owner in its header answers for it.
type Risk struct {
	record.Header
	Description    record.Prose  `field:"search"`
	Category       record.Choice `field:"required,index,choice=organization|service_requirement|other_party|sms_outcome|information_security|continuity|availability|capacity|change|other"`
	Source         record.Text   `field:"len=500"` // what it was found by; the records it comes from are linked
	Cause          record.Prose  `field:"search"`
	Effect         record.Prose  `field:"search"`
	CustomerImpact record.Prose  `field:"search"`
	Service        record.ID     `field:"ref=service,index"`
	Party          record.ID     `field:"ref=*,index"` // the other party it comes from

	Likelihood  record.Int     `field:"min=1,max=5"`
	Consequence record.Int     `field:"min=1,max=5"`
	Score       record.Int     `field:"stamp,index"`
	Level       record.Text    `field:"stamp,len=60"` // of the matrix, for the score that counts
	AboveLine   record.Bool    `field:"stamp"`        // the score that counts is above the acceptance line
	Criteria    record.ID      `field:"stamp,ref=risk_criteria"`
	CriteriaNo  record.Int     `field:"stamp"` // the version of the criteria that it was judged by
	AnalysedAt  record.Instant `field:"stamp,index"`
	AnalysedBy  record.ID      `field:"stamp,ref=user"`

	Treatment          record.Choice `field:"choice=avoid|reduce|share|accept"`
	TreatmentReason    record.Prose  `field:"len=4000"`
	PreventsOrReduces  record.Choice `field:"choice=prevents|reduces|both"` // the unwanted effect
	ResidualLikelihood record.Int    `field:"min=1,max=5"`
	// ResidualConsequence, with the likelihood above, is what is left when the treatment works: a
	// forecast first, then what the evaluations of its actions found.
	ResidualConsequence record.Int     `field:"min=1,max=5"`
	ResidualScore       record.Int     `field:"stamp,index"`
	TreatedAt           record.Instant `field:"stamp"`

	AcceptanceReason record.Prose   `field:"len=4000"`
	AcceptedUntil    record.Date    `field:"index"` // the last day on which it is accepted
	AcceptedAt       record.Instant `field:"stamp"`
	AcceptedBy       record.ID      `field:"stamp,ref=user"` // whose role covers the score
	AcceptedAs       record.Text    `field:"stamp,len=60"`   // that role
	AcceptedScore    record.Int     `field:"stamp"`
	AcceptanceEnded  record.Instant `field:"stamp"`

	ReviewEvery record.Period  `field:""`
	ReviewedAt  record.Instant `field:"stamp"`
	ReviewedBy  record.ID      `field:"stamp,ref=user"`
	NextReview  record.Date    `field:"stamp,index"`

	Effectiveness    record.Choice  `field:"choice=effective|partly|not_effective"` // of the treatment as a whole
	EffectivenessWhy record.Prose   `field:"len=4000"`
	EffectivenessAt  record.Instant `field:"stamp"`
	EffectivenessBy  record.ID      `field:"stamp,ref=user"`

	CloseReason record.Prose   `field:"len=4000"`
	ClosedAt    record.Instant `field:"stamp"`

	Evaluations []Evaluation `lines:"max=500"`
}

// Evaluation is what one completed treatment brought: a line that stays as it was written.
type Evaluation struct {
	record.Line
	Task                record.ID      `field:"required,ref=task"`
	Result              record.Choice  `field:"required,choice=effective|partly|not_effective"`
	Finding             record.Prose   `field:"len=4000"`
	ResidualLikelihood  record.Int     `field:"required,min=1,max=5"`
	ResidualConsequence record.Int     `field:"required,min=1,max=5"`
	ResidualScore       record.Int     `field:"stamp"`
	At                  record.Instant `field:"stamp"`
	By                  record.ID      `field:"stamp,ref=user"`
}

// The states of a risk.
const (
	Identified = "identified"
	Analysed   = "analysed"
	Treated    = "treated" // what is to be done is decided and planned
	Accepted   = "accepted"
	Monitored  = "monitored"
	Closed     = "closed"
)

// Gate is where a risk is accepted.
const Gate = "acceptance"

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Risk]{
	Name: "risk", Prefix: "RSK", Clause: "6.1", Stated: true,
	Doc: "Risks to the SMS and the services: scored, treated, accepted until a day, reviewed.",
	States: []lifecycle.State{{Name: Identified, Phase: lifecycle.Open}, {Name: Analysed, Phase: lifecycle.Open}, {Name: Treated, Phase: lifecycle.Open},
		{Name: Accepted, Phase: lifecycle.Open}, {Name: Monitored, Phase: lifecycle.Open}, {Name: Closed, Phase: lifecycle.Done}},
	Lifecycle: lifecycle.Table[Risk]{
		{Name: "analyse", From: in(Identified, Analysed, Treated, Accepted, Monitored), To: Analysed, Needs: analysis, Guard: scored, Then: analysed},
		{Name: "treat", From: in(Analysed), To: Treated, Needs: treatment, Guard: planned, Then: treated},
		{Name: "accept", From: in(Analysed, Treated), To: Accepted, Needs: acceptance, Guard: mayAccept, Then: accepted, Gate: Gate},
		{Name: "monitor", From: in(Treated, Accepted), To: Monitored, Needs: watching, Guard: mayMonitor, Then: reviewed, Tasks: true},
		{Name: "review", From: in(Analysed, Treated, Accepted, Monitored), Guard: withWords, Then: reviewed},
		{Name: "close", From: in(Identified, Analysed, Treated, Accepted, Monitored), To: Closed, Needs: ending, Guard: mayClose, Then: closed, Tasks: true},
		{Name: "reopen", From: in(Closed), To: Identified, Guard: withWords, Then: reopened},
	},
	Gates: []lifecycle.Gate[Risk]{{Name: Gate,
		Covers: func(r *Risk) []any {
			return []any{&r.Effect, &r.CustomerImpact, &r.Likelihood, &r.Consequence, &r.Treatment, &r.ResidualLikelihood, &r.ResidualConsequence,
				&r.AcceptanceReason, &r.AcceptedUntil}
		},
		Excluded: func(r *Risk, _ *lifecycle.Facts) []record.ID { return []record.ID{r.AnalysedBy} }}}, // who scored it does not accept the score
	Links: []process.LinkKind{
		{Name: "arises_from", Inverse: "gives_rise_to"},
		{Name: "concerns", Inverse: "at_risk_by"},
		{Name: "treated_by", Inverse: "treats"},
		{Name: "leads_to", Inverse: "prompted_by", To: []string{"improvement"}},
		{Name: "contributes_to", Inverse: "contributed_by", To: []string{"risk"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve grant do:*",
		access.Management:   "read create update comment internal link attach export approve do:*",
		access.Agent:        "read create update comment internal link attach do:analyse do:treat do:review",
		access.Approver:     "read comment approve",
		access.Auditor:      "read internal export",
	},
	Load:   load,
	Decide: decide,
	Timer:  timer,
})

func analysis(r *Risk) []any {
	return []any{&r.Category, &r.Cause, &r.Effect, &r.CustomerImpact, &r.Likelihood, &r.Consequence, &r.Owner}
}

func treatment(r *Risk) []any {
	return []any{&r.Treatment, &r.PreventsOrReduces, &r.ResidualLikelihood, &r.ResidualConsequence}
}
func acceptance(r *Risk) []any { return []any{&r.Treatment, &r.AcceptanceReason} }
func watching(r *Risk) []any   { return []any{&r.ReviewEvery} }
func ending(r *Risk) []any     { return []any{&r.CloseReason} }

// Counts is the score that a decision goes by: what is left after treatment, or, with none, the
// score itself. It is not set while the risk was not scored.
func (r *Risk) Counts() record.Int {
	if r.ResidualScore.Set {
		return r.ResidualScore
	}
	return r.Score
}
