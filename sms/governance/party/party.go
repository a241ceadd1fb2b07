// Package party is the interested parties and what they require (ISO/IEC 20000-1:2018, 4.2): who matters
// to the SMS and the services, why, what each of them asks for, and the obligations that come with it
// from law, regulation and contract (6.3 plans within them).
//
// In: people record who has a stake; contracts and law are read. Out: the scope takes account of what
// parties require; the service management plan, assets and suppliers see the obligations.
//
// Start at [Party] and [Obligation]; checks.go says what conformity asks of them.
// Always true: what a party requires is written down, or why it requires nothing; a review of a party
// says whether it has requirements that come of climate change (note of 2024); an obligation has a
// source.
package party

import (
	"slices"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/governance/rhythm"
)

// Party is a person, group or organization that has a stake in the SMS or the services. The owner in
// its header keeps in touch with it.
type Party struct {
	record.Header
	Kind        record.Choice  `field:"required,index,choice=customer|user|supplier|internal_supplier|regulator|employee|management|owner|partner|public|other"`
	Description record.Prose   `field:"search"`
	Relevance   record.Prose   `field:"search"`                 // why it matters to the SMS and the services
	Influence   record.Choice  `field:"choice=low|medium|high"` // on them
	Climate     record.Choice  `field:"index,choice=yes|no"`    // whether it requires anything on account of climate change
	ClimateWhat record.Prose   `field:"len=4000"`               // what
	ClimateAt   record.Instant `field:"stamp"`                  // the review that answered it
	NoneWhy     record.Prose   `field:"len=4000"`               // of a kind that does not exist here: why, and where it was looked for
	EndReason   record.Prose   `field:"len=4000"`
	ChangedAt   record.Instant `field:"stamp,index"` // when what it says changed last
	rhythm.Reviewed

	Requirements []Requirement `lines:"max=500"`
}

// Requirement is one thing that the party needs or expects and that is not an obligation of its own.
type Requirement struct {
	record.Line
	What  record.Text   `field:"required,len=500"`
	Kind  record.Choice `field:"required,choice=service|performance|security|legal|regulatory|contractual|climate|other"`
	Taken record.Text   `field:"len=500"` // how the SMS takes it up, or where
}

// The states of a party.
const (
	Active = "active"
	None   = "not_applicable" // a kind of party that was looked for and does not exist here
	Ended  = "ended"
)

// Changed is when what is known of the party changed last.
func (p *Party) Changed() time.Time { return p.ChangedAt.Time() }

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Party]{
	Name: "interested_party", Prefix: "IPT", Resource: "interested-parties", Clause: "4.2", Stated: true,
	Doc:    "Who has a stake in the SMS and the services, why, and what each of them requires.",
	States: []lifecycle.State{{Name: Active, Phase: lifecycle.Open}, {Name: None, Phase: lifecycle.Done}, {Name: Ended, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Party]{
		{Name: "review", From: in(Active), Needs: func(p *Party) []any { return []any{&p.Climate} }, Guard: found, Then: func(p *Party, f *lifecycle.Facts) {
			p.Look(f)
			if p.Climate != "" {
				p.ClimateAt = record.At(f.Now)
			}
		}},
		{Name: "rule_out", From: in(Active, None), To: None, Needs: func(p *Party) []any { return []any{&p.NoneWhy} }, Then: func(p *Party, f *lifecycle.Facts) { p.Look(f) }},
		{Name: "end", From: in(Active, None), To: Ended, Needs: func(p *Party) []any { return []any{&p.EndReason} }},
		{Name: "reactivate", From: in(None, Ended), To: Active, Guard: found, Then: func(p *Party, f *lifecycle.Facts) {
			p.NoneWhy, p.EndReason = "", ""
			p.Look(f)
		}},
	},
	Links: []process.LinkKind{
		{Name: "stands_for", Inverse: "interested_as"}, // the customer, supplier, team or user that it is here
		{Name: "requires", Inverse: "required_by"},     // requirements that are records of their own
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read create comment attach",
		access.Approver:     "read comment",
		access.Auditor:      "read internal export",
	},
	Decide: decide,
	Timer: func(p *Party, _ string, f *lifecycle.Facts) {
		rhythm.Due(p.Head(), "party_review_due", "An interested party is to be reviewed", f)
	},
})

func found(_ *Party, f *lifecycle.Facts) []lifecycle.Refusal {
	return rhythm.InWords(f, "say what was found")
}

func decide(p *Party, f *lifecycle.Facts) []lifecycle.Refusal {
	before, _ := f.Before.(*Party)
	var out []lifecycle.Refusal
	var looked *rhythm.Reviewed
	if before != nil {
		looked = &before.Reviewed
	}
	if !f.Replay {
		if p.Climate == "yes" && strings.TrimSpace(string(p.ClimateWhat)) == "" {
			out = append(out, lifecycle.Refusal{Field: "climate_what", Reason: "required", Mend: "say what it requires on account of climate change"})
		}
		if (before == nil || before.Climate != p.Climate) && f.Transition != "review" && p.Climate != "" {
			out = append(out, lifecycle.Refusal{Field: "climate", Reason: "by_review", Mend: "give it with the step review: the answer belongs to a review"})
		}
	}
	if p.Climate == "" {
		p.ClimateAt = 0
	}
	if before == nil || !sameParty(p, before) {
		p.ChangedAt = record.At(f.Now)
	}
	return append(out, p.Keep(p.Head(), looked, p.State != Ended, f)...)
}

// sameParty reports whether both say the same of who it is and what it requires.
func sameParty(a, b *Party) bool {
	return a.Title == b.Title && a.Kind == b.Kind && a.State == b.State && a.Description == b.Description && a.Relevance == b.Relevance &&
		slices.EqualFunc(a.Requirements, b.Requirements, func(x, y Requirement) bool { return x.What == y.What && x.Kind == y.Kind })
}
