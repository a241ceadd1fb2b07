package party

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/governance/rhythm"
)

// Obligation is something that law, a regulator or a contract asks of the SMS or the services. The
// owner in its header sees that it is met.
type Obligation struct {
	record.Header
	Kind       record.Choice `field:"required,index,choice=legal|regulatory|contractual"`
	Source     record.Text   `field:"required,len=500,search"` // the act, rule or contract, and the place in it
	Address    record.URL    `field:""`                        // where it can be read
	Party      record.ID     `field:"ref=interested_party,index"`
	Requires   record.Prose  `field:"required,search"` // what it asks for, in our own words
	AppliesTo  record.Prose  `field:"search"`          // how it bears on the SMS and the services
	BindsFrom  record.Date   `field:"index"`
	BindsUntil record.Date   `field:"index"` // that day included

	Fulfilment record.Choice  `field:"index,choice=met|partly|not_met"` // as the last review found
	HowMet     record.Prose   `field:"search"`                          // by what it is met, or what is missing
	JudgedAt   record.Instant `field:"stamp"`
	EndReason  record.Prose   `field:"len=4000"`
	ChangedAt  record.Instant `field:"stamp,index"`
	rhythm.Reviewed
}

// Changed is when what the obligation says changed last.
func (o *Obligation) Changed() time.Time { return o.ChangedAt.Time() }

// Obligations is the declaration.
var Obligations = process.Declare(process.Spec[Obligation]{
	Name: "obligation", Prefix: "OBL", Clause: "4.2", Stated: true,
	Doc:    "What law, regulators and contracts ask: source, what it bears on, who sees that it is met, reviews.",
	States: []lifecycle.State{{Name: Active, Phase: lifecycle.Open}, {Name: Ended, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Obligation]{
		{Name: "review", From: in(Active), Needs: func(o *Obligation) []any { return []any{&o.Fulfilment, &o.HowMet} }, Then: func(o *Obligation, f *lifecycle.Facts) {
			o.Look(f)
			o.JudgedAt = record.At(f.Now)
		}},
		{Name: "end", From: in(Active), To: Ended, Needs: func(o *Obligation) []any { return []any{&o.EndReason} }},
		{Name: "reactivate", From: in(Ended), To: Active, Guard: func(_ *Obligation, f *lifecycle.Facts) []lifecycle.Refusal {
			return rhythm.InWords(f, "say why it binds again")
		}, Then: func(o *Obligation, f *lifecycle.Facts) {
			o.EndReason = ""
			o.Look(f)
		}},
	},
	Links: []process.LinkKind{
		{Name: "applies_to", Inverse: "bound_by"}, // services, assets, suppliers
		{Name: "met_by", Inverse: "meets"},        // documents, controls, contracts
		{Name: "leads_to", Inverse: "prompted_by", To: []string{"improvement"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read comment",
		access.Approver:     "read comment",
		access.Auditor:      "read internal export",
	},
	Decide: bound,
	Timer: func(o *Obligation, _ string, f *lifecycle.Facts) {
		rhythm.Due(o.Head(), "obligation_review_due", "An obligation is to be reviewed", f)
	},
})

func bound(o *Obligation, f *lifecycle.Facts) []lifecycle.Refusal {
	before, _ := f.Before.(*Obligation)
	var out []lifecycle.Refusal
	was := Obligation{}
	var looked *rhythm.Reviewed
	if before != nil {
		was, looked = *before, &before.Reviewed
	}
	if o.BindsFrom != "" && o.BindsUntil != "" && o.BindsUntil < o.BindsFrom {
		out = append(out, lifecycle.Refusal{Field: "binds_until", Reason: "before_from", Mend: "give a day from " + string(o.BindsFrom) + " on"})
	}
	if f.Transition != "review" && !f.Replay && o.Fulfilment != was.Fulfilment {
		out = append(out, lifecycle.Refusal{Field: "fulfilment", Reason: "by_review", Mend: "give it with the step review: a judgement has somebody who made it"})
	}
	if before == nil || o.Title != was.Title || o.Kind != was.Kind || o.Source != was.Source || o.Requires != was.Requires ||
		o.AppliesTo != was.AppliesTo || o.BindsFrom != was.BindsFrom || o.BindsUntil != was.BindsUntil || o.Party != was.Party || o.State != was.State {
		o.ChangedAt = record.At(f.Now)
	}
	return append(out, o.Keep(o.Head(), looked, o.State == Active, f)...)
}
