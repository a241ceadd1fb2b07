package risk

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Opportunity is a chance for the SMS or a service to become better. Whether it is pursued is a
// decision of somebody, with a reason.
type Opportunity struct {
	record.Header
	Description    record.Prose  `field:"search"`
	Category       record.Choice `field:"required,index,choice=organization|service_requirement|other_party|sms_outcome|information_security|continuity|availability|capacity|change|other"`
	Source         record.Text   `field:"len=500"`
	CustomerImpact record.Prose  `field:"search"`
	Service        record.ID     `field:"ref=service,index"`
	Party          record.ID     `field:"ref=*,index"`

	Benefit      record.Prose   `field:"search"`
	Effort       record.Prose   `field:""`
	BenefitScore record.Int     `field:"min=1,max=5"`
	EffortScore  record.Int     `field:"min=1,max=5"`
	Score        record.Int     `field:"stamp,index"` // benefit times ease: 25 is much for little
	EvaluatedAt  record.Instant `field:"stamp,index"`
	EvaluatedBy  record.ID      `field:"stamp,ref=user"`

	DecisionReason record.Prose   `field:"len=4000"`
	DecidedAt      record.Instant `field:"stamp"`
	DecidedBy      record.ID      `field:"stamp,ref=user"`

	Result        record.Prose   `field:"search"`
	Effectiveness record.Choice  `field:"choice=effective|partly|not_effective"`
	DoneAt        record.Instant `field:"stamp"`
}

// The states of an opportunity that a risk has not.
const (
	Evaluated = "evaluated"
	Pursued   = "pursued"
	Declined  = "declined"
	Done      = "done"
)

// Opportunities is the declaration.
var Opportunities = process.Declare(process.Spec[Opportunity]{
	Name: "opportunity", Prefix: "OPP", Resource: "opportunities", Clause: "6.1", Stated: true,
	Doc: "Opportunities for the SMS and the services: evaluated, then pursued or declined for a reason.",
	States: []lifecycle.State{{Name: Identified, Phase: lifecycle.Open}, {Name: Evaluated, Phase: lifecycle.Open}, {Name: Pursued, Phase: lifecycle.Open},
		{Name: Declined, Phase: lifecycle.Void}, {Name: Done, Phase: lifecycle.Done}},
	Lifecycle: lifecycle.Table[Opportunity]{
		{Name: "evaluate", From: in(Identified, Evaluated), To: Evaluated, Needs: worth, Then: func(o *Opportunity, f *lifecycle.Facts) {
			o.EvaluatedAt, o.EvaluatedBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "pursue", From: in(Evaluated), To: Pursued, Needs: decision, Then: decided},
		{Name: "decline", From: in(Identified, Evaluated, Pursued), To: Declined, Needs: decision, Then: decided},
		{Name: "finish", From: in(Pursued), To: Done, Needs: outcome, Tasks: true, Then: func(o *Opportunity, f *lifecycle.Facts) { o.DoneAt = record.At(f.Now) }},
		{Name: "reopen", From: in(Declined, Done), To: Evaluated, Then: func(o *Opportunity, _ *lifecycle.Facts) {
			o.DecisionReason, o.DecidedAt, o.DecidedBy, o.DoneAt = "", 0, record.ID{}, 0
		}},
	},
	Links: []process.LinkKind{
		{Name: "arises_from", Inverse: "gives_rise_to"},
		{Name: "concerns", Inverse: "improved_by"},
		{Name: "leads_to", Inverse: "prompted_by", To: []string{"improvement"}},
		{Name: "pursued_by", Inverse: "pursues"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read create update comment internal link attach do:evaluate",
		access.Approver:     "read comment",
		access.Auditor:      "read internal export",
	},
	Decide: func(o *Opportunity, _ *lifecycle.Facts) []lifecycle.Refusal {
		o.Score = record.Int{}
		if o.BenefitScore.Set && o.EffortScore.Set {
			o.Score = record.N(o.BenefitScore.N * (6 - o.EffortScore.N))
		}
		return nil
	},
})

func worth(o *Opportunity) []any {
	return []any{&o.Category, &o.Benefit, &o.Effort, &o.BenefitScore, &o.EffortScore, &o.CustomerImpact, &o.Owner}
}
func decision(o *Opportunity) []any { return []any{&o.DecisionReason} }
func outcome(o *Opportunity) []any  { return []any{&o.Result, &o.Effectiveness} }

func decided(o *Opportunity, f *lifecycle.Facts) {
	o.DecidedAt, o.DecidedBy = record.At(f.Now), f.Actor.ID
}
