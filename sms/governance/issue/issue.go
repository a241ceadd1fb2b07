// Package issue is the context of the organization (ISO/IEC 20000-1:2018, 4.1): what outside and inside
// of it bears on its purpose and on the results wanted from the SMS, for better or worse; among it the
// question whether climate change does (amendment of 2024).
//
// In: workshops, strategy, reviews, whatever people notice. Out: risks and opportunities arise from
// issues (link gives_rise_to); the scope takes account of them; management review reads what changed.
//
// Start at [Issue].
// Always true: that an issue is relevant, or is not, was decided by somebody, with a reason, on a day.
package issue

import (
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
	"steward/sms/governance/rhythm"
)

// Issue is one thing that bears on the SMS. The owner in its header watches it.
type Issue struct {
	record.Header
	Kind        record.Choice `field:"required,index,choice=external|internal"`
	Topic       record.Choice `field:"required,index,choice=political|economic|social|technological|legal|environmental|climate_change|market|supply|strategy|structure|people|culture|finance|knowledge|other"`
	Description record.Prose  `field:"search"`
	Effect      record.Prose  `field:"search"` // on the SMS and on the results wanted from it
	Influence   record.Choice `field:"choice=helps|hinders|both"`
	Source      record.Text   `field:"len=500"` // what it was found by

	// Relevance is decided by the step decide alone. Until then an issue counts as relevant: who
	// recorded it thought so.
	Relevance    record.Choice  `field:"index,choice=relevant|not_relevant"`
	RelevanceWhy record.Prose   `field:"len=4000"`
	DecidedAt    record.Instant `field:"stamp"`
	DecidedBy    record.ID      `field:"stamp,ref=user"`

	CloseReason record.Prose   `field:"len=4000"`
	ClosedAt    record.Instant `field:"stamp"`
	ChangedAt   record.Instant `field:"stamp,index"` // when what it says changed last: the scope looks at it anew
	rhythm.Reviewed
}

// The states of an issue.
const (
	Open      = "open"
	Closed    = "closed"    // it bears on the SMS no more
	Withdrawn = "withdrawn" // it was none
)

// Climate is the topic of the amendment of 2024.
const Climate = "climate_change"

// Changed is when what the issue says changed last.
func (i *Issue) Changed() time.Time { return i.ChangedAt.Time() }

// SetAside: somebody decided that it is not relevant, so planning (6.1.1) need not start from it.
func (i *Issue) SetAside() bool { return i.Relevance == "not_relevant" }

func in(states ...string) []string { return states }

// Process is the declaration.
var Process = process.Declare(process.Spec[Issue]{
	Name: "issue", Prefix: "ISS", Clause: "4.1", Stated: true,
	Doc:    "What outside and inside the organization bears on the SMS: effect, owner, decision, review.",
	States: []lifecycle.State{{Name: Open, Phase: lifecycle.Open}, {Name: Closed, Phase: lifecycle.Done}, {Name: Withdrawn, Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Issue]{
		{Name: "decide", From: in(Open), Needs: func(i *Issue) []any { return []any{&i.Relevance, &i.RelevanceWhy} }, Guard: answered, Then: func(i *Issue, f *lifecycle.Facts) {
			i.DecidedAt, i.DecidedBy = record.At(f.Now), f.Actor.ID
			i.Look(f)
		}},
		{Name: "review", From: in(Open), Guard: found, Then: func(i *Issue, f *lifecycle.Facts) { i.Look(f) }},
		{Name: "close", From: in(Open), To: Closed, Needs: func(i *Issue) []any { return []any{&i.CloseReason} }, Then: func(i *Issue, f *lifecycle.Facts) { i.ClosedAt = record.At(f.Now) }},
		{Name: "withdraw", From: in(Open), To: Withdrawn, Guard: found},
		{Name: "reopen", From: in(Closed, Withdrawn), To: Open, Guard: found, Then: func(i *Issue, f *lifecycle.Facts) {
			i.ClosedAt, i.CloseReason = 0, ""
			i.Look(f)
		}},
	},
	Links: []process.LinkKind{
		{Name: "concerns", Inverse: "in_context_of"},
		{Name: "leads_to", Inverse: "prompted_by", To: []string{"improvement"}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read create comment attach",
		access.Approver:     "read comment",
		access.Auditor:      "read internal export",
	},
	Decide: decide,
	Timer: func(i *Issue, _ string, f *lifecycle.Facts) {
		rhythm.Due(i.Head(), "issue_review_due", "An issue of the context is to be reviewed", f)
	},
})

func found(_ *Issue, f *lifecycle.Facts) []lifecycle.Refusal {
	return rhythm.InWords(f, "say what was found")
}

// answered: a decision says yes or no, and why. A blank with a reason is no decision.
func answered(i *Issue, _ *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	if i.Relevance == "" {
		out = append(out, lifecycle.Refusal{Field: "relevance", Reason: "required", Mend: "say relevant or not_relevant"})
	}
	if strings.TrimSpace(string(i.RelevanceWhy)) == "" {
		out = append(out, lifecycle.Refusal{Field: "relevance_why", Reason: "required", Mend: "say why"})
	}
	return out
}

func decide(i *Issue, f *lifecycle.Facts) []lifecycle.Refusal {
	before, _ := f.Before.(*Issue)
	var out []lifecycle.Refusal
	was := Issue{}
	var looked *rhythm.Reviewed
	if before != nil {
		was, looked = *before, &before.Reviewed
	}
	if f.Transition != "decide" && !f.Replay {
		const mend = "give it with the step decide: a decision has somebody who took it"
		if i.Relevance != was.Relevance {
			out = append(out, lifecycle.Refusal{Field: "relevance", Reason: "decided", Mend: mend})
		}
		if i.RelevanceWhy != was.RelevanceWhy {
			out = append(out, lifecycle.Refusal{Field: "relevance_why", Reason: "decided", Mend: mend})
		}
	}
	if before == nil || says(i) != says(before) {
		i.ChangedAt = record.At(f.Now)
	}
	return append(out, i.Keep(i.Head(), looked, i.State == Open, f)...)
}

// said is what an issue says: when it changes, what rests on the context is looked at anew.
type said struct {
	title                                 record.Text
	kind, topic, influence, relevance, at record.Choice
	description, effect                   record.Prose
}

func says(i *Issue) said {
	return said{i.Title, i.Kind, i.Topic, i.Influence, i.Relevance, i.State, i.Description, i.Effect}
}

// Checks decide 4.1.
var Checks = []check.Check{
	known("4.1-01", "external"),
	known("4.1-02", "internal"),
	check.Each(Process, check.Of[Issue]{Requirement: "4.1-03", Version: 1, Where: `topic = "climate_change" and state = "open"`,
		Member: func(i *Issue) bool { return i.Topic == Climate && i.State == Open },
		When:   func(i *Issue) time.Time { return i.DecidedAt.Time() }, Decide: decided,
		Mend: "decide, with the reason, whether climate change is relevant to the SMS (step decide)"}),
}

// known: the issues of a kind are written down, each with its effect and somebody who watches it, and
// were looked at within the interval. One that was decided not to be relevant is none.
func known(requirement string, kind record.Choice) check.Check {
	return check.Each(Process, check.Of[Issue]{Requirement: requirement, Version: 1,
		Where:  `kind = "` + string(kind) + `" and state = "open" and relevance != "not_relevant"`,
		Member: func(i *Issue) bool { return i.Kind == kind && i.State == Open && i.Relevance != "not_relevant" },
		When:   func(i *Issue) time.Time { return i.ReviewedAt.Time() },
		Decide: func(i *Issue, f *check.Facts) catalogue.Timeline {
			return catalogue.And(check.Fields(Process, i, "owner", "effect"), catalogue.FreshUntil(i.ReviewedAt.Time(), f.Interval.Period, "review"))
		},
		Mend: "say how it bears on the SMS and who watches it, and review it"})
}

// decided: somebody said yes or no, for a reason, and not too long ago.
func decided(i *Issue, f *check.Facts) catalogue.Timeline {
	if i.DecidedAt == 0 || i.Relevance == "" || i.RelevanceWhy == "" {
		return check.Gap("whether climate change is relevant is not decided")
	}
	return catalogue.FreshUntil(i.DecidedAt.Time(), f.Interval.Period, "decision")
}
