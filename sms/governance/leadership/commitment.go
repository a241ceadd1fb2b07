package leadership

import (
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
	"steward/sms/evaluation/review"
	"steward/sms/governance/objective"
	"steward/sms/governance/plan"
	"steward/sms/governance/policy"
	"steward/sms/portfolio/service"
	"steward/sms/portfolio/value"
	"steward/sms/support/resource"
)

const void = record.Choice(lifecycle.Void)

var commitment = []check.Check{
	check.Each(objective.Process, check.Of[objective.Objective]{Requirement: "5.1-01", Version: 1, Where: `state = "running"`, Member: func(o *objective.Objective) bool { return o.State == "running" },
		When: func(o *objective.Objective) time.Time { return o.ApprovedAt.Time() }, Reads: append([]check.Read{check.Links("serves_policy"), check.Set("objective")}, policy.Reads...),
		Once: directed, Decide: approvedByTop, Mend: "have top management approve it, and link the policy whose direction it serves (serves_policy)"}),
	check.Single("5.1-02", 1, planned, check.Set("sms_plan"), check.Set(check.Users)),
	check.Each(service.Process, check.Of[service.Service]{Requirement: "5.1-04", Version: 1, Where: `state = "live"`, Member: func(s *service.Service) bool { return s.State == "live" },
		Reads: []check.Read{check.Children("service_value", "service")}, Decide: valued, Mend: "say what its customers gain by it and what the organization does (a service value), and review it"}),
	check.Single("5.1-05", 1, controlled, check.Set("management_review"), check.Set(check.Users)),
	check.Each(resource.Process, check.Of[resource.Need]{Requirement: "5.1-07", Version: 1, Where: `state = "current"`, Member: func(n *resource.Need) bool { return n.State == "current" },
		When: func(n *resource.Need) time.Time { return n.DecidedAt.Time() }, Reads: []check.Read{check.Set(check.Users)}, Decide: decided, Mend: "have top management decide on it (decide)"}),
	check.Each(objective.Process, check.Of[objective.Objective]{Requirement: "5.1-09", Version: 1, Where: `state = "missed"`, Member: func(o *objective.Objective) bool { return o.State == "missed" },
		When: func(o *objective.Objective) time.Time { return o.ClosedAt.Time() }, Reads: []check.Read{check.Children("task", "parent"), check.Links("served_by"), check.Set("management_review"), check.Set(check.Users)},
		Once: concluded, Decide: actedOn, Mend: "plan what follows from missing it: a task under it, an improvement that serves it, or renew it"}),
}

// directed: the policy in force was approved by top management and says which direction it serves;
// and there is an objective at all.
func directed(f *check.Facts) []catalogue.Member {
	out := policy.Of(f, "say which strategic direction the policy serves, and have top management approve it", func(p *policy.Policy, _ check.Kept, v *record.Version) catalogue.Timeline {
		return catalogue.And(policy.ByTop(f, v), check.Fields(policy.Process, p, "direction"))
	})
	for _, k := range f.Set("objective") {
		if k.Record.Head().State == "running" {
			return out
		}
	}
	return append(out, check.Missing("objective", "objectives", "no objective is running", "set objectives and have top management approve them"))
}

func approvedByTop(o *objective.Objective, f *check.Facts) catalogue.Timeline {
	if !f.Top(o.ApprovedBy, o.ApprovedAt.Time()) {
		return check.Gap("it was not approved by top management")
	}
	p, _, _ := policy.InForce(f)
	return check.LinkedTo(f, "serves_policy", "policy in force", o, func(r record.Record) bool { return p != nil && r.Head().ID == p.ID })
}

// planned: the plan in force was approved by top management, and it is reviewed and followed.
func planned(f *check.Facts) []catalogue.Member {
	for _, k := range f.Set("sms_plan") {
		c := f.InForce(k, f.At)
		p := k.Record.(*plan.Plan)
		if c == nil || p.State != "active" {
			continue
		}
		newest, progress := p.ReviewedAt.Time(), time.Time{}
		if t := c.Version.DecidedAt.Time(); t.After(newest) {
			newest = t
		}
		for _, x := range p.Progress {
			if t := x.At.Time(); t.After(progress) {
				progress = t
			}
		}
		verdict := check.Gap("it was not approved by top management")
		if f.Top(c.Version.Approver, c.Version.DecidedAt.Time()) {
			verdict = catalogue.And(catalogue.AtLeastOne(f.Spans(k.Ref, k.Versions, nil)...), catalogue.FreshUntil(newest, f.Interval.Period, "review of the plan"),
				catalogue.FreshUntil(progress, f.Interval.Period, "record of progress"))
		}
		return []catalogue.Member{check.Found("sms_plan", k, newest, verdict, "have top management approve the plan; review it, and write down how far it was carried out")}
	}
	return []catalogue.Member{check.Missing("sms_plan", "service management plan", "no service management plan is in force", "write a service management plan and have top management approve it")}
}

// valued: what it is worth to both sides is written down, and was reviewed in time.
func valued(s *service.Service, f *check.Facts) catalogue.Timeline {
	for _, r := range f.Children("service_value", "service", s.ID) {
		if v := r.(*value.Value); v.State == "current" {
			return catalogue.And(check.Fields(value.Process, v, "customers", "organization"), catalogue.FreshUntil(v.ReviewedAt.Time(), f.Interval.Period, "review of its value"))
		}
	}
	return check.Gap("nobody wrote down what it is worth, and to whom")
}

// latest is the newest review with approved minutes that top management took part in.
func latest(f *check.Facts) (*review.Review, check.Kept) {
	var newest *review.Review
	var at check.Kept
	for _, k := range f.Set("management_review") {
		v := k.Record.(*review.Review)
		attended := false
		for _, a := range v.Attendees {
			attended = attended || bool(a.Top) && f.Top(a.User, v.HeldAt.Time())
		}
		if v.ApprovedAt != 0 && attended && (newest == nil || v.HeldAt > newest.HeldAt) {
			newest, at = v, k
		}
	}
	return newest, at
}

func ofLatest(f *check.Facts, next string, decide func(*review.Review) catalogue.Timeline) catalogue.Member {
	v, k := latest(f)
	if v == nil {
		return check.Missing("management_review", "management review", "no management review that top management took part in has approved minutes", "hold a management review with top management and have its minutes approved")
	}
	return check.Found("management_review", k, v.HeldAt.Time(), decide(v), next)
}

// controlled is what can be known of other parties: that top management looked at their performance.
// Which there are is not kept yet, so it does not conform.
func controlled(f *check.Facts) []catalogue.Member {
	return []catalogue.Member{
		check.Missing("supplier", "other parties", "which other parties take part in the services is not kept as records yet", "show by other means that each has an owner and is controlled: parties are not kept yet"),
		ofLatest(f, "look at the performance of other parties in the next management review", func(v *review.Review) catalogue.Timeline {
			for _, in := range v.Inputs {
				if in.Kind == "parties" && strings.TrimSpace(string(in.Text)) != "" {
					return check.Holds()
				}
			}
			return check.Gap("the latest management review says nothing of other parties")
		}),
	}
}

// decidesWithin is how long a decision on what is needed may take. A default of this product.
const decidesWithin = 90 * 24 * time.Hour

func decided(n *resource.Need, f *check.Facts) catalogue.Timeline {
	if n.DecidedAt != 0 && !f.Top(n.DecidedBy, n.DecidedAt.Time()) {
		return check.Gap("who decided on it was not of top management")
	}
	due := n.RaisedAt.Time().Add(decidesWithin)
	if n.DecidedAt == 0 {
		return catalogue.Steps(catalogue.Segment{State: catalogue.Vacuous, Reason: "nothing was decided on it yet; there is time until " + due.Format(time.DateOnly)},
			catalogue.Segment{From: due, State: catalogue.Gap, Reason: "nothing was decided on it since " + n.RaisedAt.Time().Format(time.DateOnly)})
	}
	return catalogue.NotOverdue(due, n.DecidedAt.Time())
}

// concluded: the latest review concluded whether the SMS reaches what it is for.
func concluded(f *check.Facts) []catalogue.Member {
	return []catalogue.Member{ofLatest(f, "conclude in a management review whether the SMS is effective", func(v *review.Review) catalogue.Timeline {
		return catalogue.And(check.Fields(review.Process, v, "effective"), catalogue.FreshUntil(v.HeldAt.Time(), f.Interval.Period, "management review"))
	})}
}

// actedOn: something was planned after an objective was missed.
func actedOn(o *objective.Objective, f *check.Facts) catalogue.Timeline {
	for _, r := range f.Children("task", "parent", o.ID) {
		if h := r.Head(); h.Phase != void && h.CreatedAt >= o.ClosedAt {
			return check.Holds()
		}
	}
	for _, e := range f.Links("served_by", o.ID) {
		if e.Record != nil && e.Record.Head().Phase != void && !e.ValidFrom.Before(o.ClosedAt.Time()) {
			return catalogue.Always(catalogue.Conforms, "improvement "+e.Ref)
		}
	}
	return check.Gap("nothing was planned after it was missed")
}
