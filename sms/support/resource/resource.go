// Package resource is the resources that the SMS and the services need (ISO/IEC 20000-1:2018, 7.1):
// people, technical means, information and money, as needed and as provided, and what is done where
// they fall short.
//
// In: plans, services and objectives say what they need. Out: shortfalls lead to actions (tasks under
// the record) or to risks that somebody accepts; management review reads them.
//
// Start at [Need].
// Always true: a shortfall is worked out, never typed.
package resource

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Need is what the SMS, or one service, needs of one kind.
type Need struct {
	record.Header
	Kind       record.Choice  `field:"required,index,choice=people|technical|information|money"`
	NeededBy   record.Choice  `field:"required,index,choice=sms|service"`
	Service    record.ID      `field:"ref=service,index"`
	What       record.Prose   `field:"search"`
	Unit       record.Text    `field:"required,len=40"`
	Needed     record.Decimal `field:"required"`
	Provided   record.Decimal `field:"required"`
	Forecast   record.Decimal `field:""` // needed in twelve months
	Shortfall  record.Bool    `field:"stamp,index"`
	ReviewedAt record.Instant `field:"stamp"`
	RaisedAt   record.Instant `field:"stamp"` // when as much as now was first asked for
	Decision   record.Prose   `field:""`      // of top management: provided, provided later, or not, and why
	DecidedAt  record.Instant `field:"stamp"`
	DecidedBy  record.ID      `field:"stamp,ref=user"`
}

// Process is the declaration.
var Process = process.Declare(process.Spec[Need]{
	Name: "resource", Prefix: "RES", Clause: "7.1", Stated: true,
	Doc:    "People, technical means, information and money: needed, provided, forecast.",
	States: []lifecycle.State{{Name: "current", Phase: lifecycle.Open}, {Name: "ended", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Need]{
		{Name: "review", From: []string{"current"}, Then: func(n *Need, f *lifecycle.Facts) { n.ReviewedAt = record.At(f.Now) }},
		{Name: "decide", From: []string{"current"}, Needs: func(n *Need) []any { return []any{&n.Decision} }, Guard: byManagement, Then: func(n *Need, f *lifecycle.Facts) {
			n.DecidedAt, n.DecidedBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "end", From: []string{"current"}, To: "ended"},
		{Name: "reactivate", From: []string{"ended"}, To: "current"},
	},
	Links: []process.LinkKind{{Name: "accepted_as", Inverse: "accepts_shortfall_of", To: []string{"risk"}}},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*", access.Agent: "read comment", access.Auditor: "read internal export", access.Approver: "read",
	},
	Decide: func(n *Need, f *lifecycle.Facts) []lifecycle.Refusal {
		n.Shortfall = record.Bool(n.Provided.Compare(&n.Needed) < 0)
		before, _ := f.Before.(*Need)
		if before == nil || before.Needed != n.Needed || before.Provided != n.Provided {
			n.ReviewedAt = record.At(f.Now)
		}
		if before == nil || before.Needed.Compare(&n.Needed) < 0 { // more is asked for: what was decided on less says nothing of it
			n.RaisedAt, n.DecidedAt, n.DecidedBy = record.At(f.Now), 0, record.ID{}
		}
		if n.NeededBy == "service" && n.Service.IsZero() {
			return lifecycle.Refuse("service", "required", "say which service needs it")
		}
		return nil
	},
})

func byManagement(_ *Need, f *lifecycle.Facts) []lifecycle.Refusal {
	if !f.Actor.System && !f.Replay && !f.Actor.Has(access.Management) {
		return lifecycle.Refuse("decided_by", "not_authorised", "top management decides what is provided (role manager)")
	}
	return nil
}

// Checks decide 7.1.
var Checks = []check.Check{
	check.Each(Process, check.Of[Need]{Requirement: "7.1-01", Version: 1, Where: `state = "current" and needed_by = "sms"`, Member: func(n *Need) bool { return n.State == "current" && n.NeededBy == "sms" }, Once: allKinds, Decide: provided,
		Reads: []check.Read{check.Children("task", "parent"), check.Links("accepted_as"), check.Set("resource")}, Mend: "provide it, plan an action, or have the shortfall accepted as a risk"}),
	check.Each(Process, check.Of[Need]{Requirement: "7.1-02", Version: 1, Where: `state = "current" and needed_by = "service"`, Member: func(n *Need) bool { return n.State == "current" && n.NeededBy == "service" }, Once: allServices, Decide: provided,
		Reads: []check.Read{check.Children("task", "parent"), check.Links("accepted_as"), check.Set("resource"), check.Set("service")}, Mend: "provide it, plan an action, or have the shortfall accepted as a risk"}),
}

func allKinds(f *check.Facts) []catalogue.Member {
	have := map[record.Choice]bool{}
	for _, k := range f.Set("resource") {
		if n := k.Record.(*Need); n.State == "current" && n.NeededBy == "sms" {
			have[n.Kind] = true
		}
	}
	var out []catalogue.Member
	for _, kind := range []record.Choice{"people", "technical", "information", "money"} {
		if !have[kind] {
			m := check.Missing("resource", string(kind), "nothing says what the SMS needs of this kind: "+string(kind), "say what the SMS needs of this kind: "+string(kind))
			if len(have) > 0 {
				m.Verdict = check.Gap("nothing says what the SMS needs of this kind: " + string(kind))
			}
			out = append(out, m)
		}
	}
	return out
}

func allServices(f *check.Facts) []catalogue.Member {
	have := map[record.ID]bool{}
	for _, k := range f.Set("resource") {
		if n := k.Record.(*Need); n.State == "current" && n.NeededBy == "service" {
			have[n.Service] = true
		}
	}
	var out []catalogue.Member
	for _, k := range f.Set("service") {
		if h := k.Record.Head(); h.State == "live" && !have[h.ID] {
			m := check.Found("service", k, h.CreatedAt.Time(), check.Gap("nothing says which resources it needs"), "say what the service needs")
			m.Required = true
			out = append(out, m)
		}
	}
	return out
}

func provided(n *Need, f *check.Facts) catalogue.Timeline {
	fresh := catalogue.FreshUntil(n.ReviewedAt.Time(), f.Interval.Period, "review")
	if !n.Shortfall {
		return fresh
	}
	out := fresh
	found := false
	for _, r := range f.Children("task", "parent", n.ID) {
		if t, ok := r.(*people.Task); ok && t.Phase != record.Choice(lifecycle.Void) {
			found = true
			out = catalogue.And(out, catalogue.NotOverdue(t.Due.Time(), t.DoneAt.Time()))
		}
	}
	for _, e := range f.Links("accepted_as", n.ID) {
		if e.Record != nil && e.Record.Head().State == "accepted" {
			found = true
		}
	}
	if !found {
		return check.Gap("less is provided than is needed, and nothing is done about it")
	}
	return out
}
