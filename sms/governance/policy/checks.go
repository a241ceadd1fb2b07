package policy

import (
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Reads is what [Of] and [InForce] read.
var Reads = []check.Read{check.Set("policy"), check.Set(check.Users)}

// Where and Asked are the population of the checks of the policy itself, as filter and as function.
const Where = `kind = "service_management" and state = "active"`

// Asked reports whether it is the policy that 5.2 asks for, and in use.
func Asked(p *Policy) bool { return p.Kind == ServiceManagement && p.State == Active }

func reads(more ...check.Read) []check.Read { return append(append([]check.Read{}, Reads...), more...) }

// Checks decide 5.2.1 and what 5.2.2 asks of the policy itself; how it reaches people is decided in
// package leadership, from what other processes keep.
var Checks = []check.Check{
	check.Single("5.2.1-01", 1, func(f *check.Facts) []catalogue.Member {
		return Of(f, "review it, and have top management approve what changed", func(p *Policy, k check.Kept, v *record.Version) catalogue.Timeline {
			return catalogue.And(ByTop(f, v), answered(p, "purpose"), check.Fields(Process, p, "purpose"), catalogue.FreshUntil(k.Record.(*Policy).ReviewedAt.Time(), f.Interval.Period, "review of the policy"))
		})
	}, Reads...),
	check.Each(Process, check.Of[Policy]{Requirement: "5.2.1-02", Version: 1, Where: Where, Member: Asked, Reads: reads(check.Set("objective"), check.Links("served_by_objective")),
		Once: func(f *check.Facts) []catalogue.Member { return saying(f, "objectives") }, Decide: serves, Mend: "link the policy from each objective that runs (serves_policy)"}),
	item("5.2.1-03", "requirements"),
	item("5.2.1-04", "improvement"),
	check.Each(Process, check.Of[Policy]{Requirement: "5.2.2-01", Version: 1, Where: Where, Member: Asked, Reads: reads(check.Versions(), check.Links("stated_in"), check.Set(check.Documents)), When: reviewedAt,
		Once: func(f *check.Facts) []catalogue.Member {
			return Of(f, "", func(*Policy, check.Kept, *record.Version) catalogue.Timeline { return check.Holds() })
		}, Decide: controlled, Mend: "have a version approved that was written by one and approved by another, with its text or the document that states it, and review it when it is due"}),
}

func reviewedAt(p *Policy) time.Time { return p.ReviewedAt.Time() }

// item asks that the policy in force says where it says something.
func item(requirement string, name record.Choice) check.Check {
	return check.Single(requirement, 1, func(f *check.Facts) []catalogue.Member { return saying(f, name) }, Reads...)
}

func saying(f *check.Facts, name record.Choice) []catalogue.Member {
	return Of(f, "say in a new version where it is said ("+string(name)+"), and have top management approve it", func(p *Policy, _ check.Kept, v *record.Version) catalogue.Timeline {
		return catalogue.And(ByTop(f, v), answered(p, name))
	})
}

// answered: the item has an answer, and what it points at stands in the text.
func answered(p *Policy, name record.Choice) catalogue.Timeline {
	a := p.Answer(name)
	switch {
	case a == nil:
		return check.Gap("it does not tell where it is said: " + string(name))
	case p.Text != "" && !said(string(p.Text), string(a.SaidIn)):
		return check.Gap("what is to say it does not stand in the text: " + string(a.SaidIn))
	}
	return catalogue.Always(catalogue.Conforms, string(name)+" is said in: "+string(a.SaidIn))
}

// ByTop is the verdict that a version was approved by somebody of top management who did not write
// it.
func ByTop(f *check.Facts, v *record.Version) catalogue.Timeline {
	switch {
	case v.Approver.IsZero() || !f.Top(v.Approver, v.DecidedAt.Time()):
		return check.Gap("it was not approved by top management")
	case v.Approver == v.Author:
		return check.Gap("who wrote it approved it")
	}
	return check.Holds()
}

// InForce is the service management policy in force at the instant asked about: of several the one
// kept longest. Nil when there is none.
func InForce(f *check.Facts) (*Policy, check.Kept, *record.Version) {
	for _, k := range f.Set("policy") {
		if p := k.Record.(*Policy); Asked(p) {
			if c := f.InForce(k, f.At); c != nil {
				return c.Record.(*Policy), k, c.Version
			}
		}
	}
	return nil, check.Kept{}, nil
}

// Of is the verdict on the service management policy in force, which there is one of exactly. The
// check must declare [Reads].
func Of(f *check.Facts, next string, decide func(*Policy, check.Kept, *record.Version) catalogue.Timeline) []catalogue.Member {
	p, k, v := InForce(f)
	if p == nil {
		return []catalogue.Member{check.Missing("policy", "service management policy", "no service management policy is in force", "write a service management policy and have top management approve it")}
	}
	p.Blanks = k.Record.Head().Blanks
	var spans []catalogue.Span
	for _, o := range f.Set("policy") {
		if Asked(o.Record.(*Policy)) {
			spans = append(spans, f.Spans(o.Ref, o.Versions, nil)...)
		}
	}
	if next == "" {
		next = "leave one service management policy in force"
	}
	return []catalogue.Member{check.Found("policy", k, v.DecidedAt.Time(), catalogue.And(catalogue.ExactlyOne(spans...), decide(p, k, v)), next)}
}

// content is the version of p in force; nil when none is.
func content(p *Policy, f *check.Facts) *process.Content {
	for _, k := range f.Set("policy") {
		if k.Record.Head().ID == p.ID {
			return f.InForce(k, f.At)
		}
	}
	return nil
}

func notInForce() catalogue.Timeline {
	return catalogue.Always(catalogue.Vacuous, "no version of it is in force")
}

// serves: every objective that runs serves the policy in force: they were derived from it.
func serves(p *Policy, f *check.Facts) catalogue.Timeline {
	if content(p, f) == nil {
		return notInForce()
	}
	linked := map[record.ID]bool{}
	for _, e := range f.Links("served_by_objective", p.ID) {
		if e.Record != nil {
			linked[e.Record.Head().ID] = true
		}
	}
	var lone []string
	for _, k := range f.Set("objective") {
		if h := k.Record.Head(); h.State == "running" && !linked[h.ID] {
			lone = append(lone, k.Ref)
		}
	}
	if len(lone) > 0 {
		return check.Gap("objectives that do not serve it: " + strings.Join(lone[:min(len(lone), 5)], ", "))
	}
	return check.Holds()
}

// controlled: written by one and approved by another, its content fixed, kept by somebody, with a
// text here or a document in force that states it, and reviewed when it is due.
func controlled(p *Policy, f *check.Facts) catalogue.Timeline {
	c := content(p, f)
	if c == nil {
		return notInForce()
	}
	v := c.Version
	switch {
	case v.Author.IsZero() || v.Approver.IsZero() || v.DecidedAt == 0:
		return check.Gap("it is not on record who wrote and who approved it")
	case v.Author == v.Approver:
		return check.Gap("who wrote it approved it")
	case v.ContentHash == "":
		return check.Gap("what was approved is not fixed")
	case p.Owner.IsZero():
		return check.Gap("nobody keeps it")
	}
	parts := []catalogue.Timeline{}
	if c.Record.(*Policy).Text == "" {
		parts = append(parts, Stated(p, f))
	}
	due := f.Midnight(p.NextReview)
	if due.IsZero() {
		return check.Gap("it was never found suitable: no review is on record")
	}
	parts = append(parts, catalogue.Steps(catalogue.Segment{State: catalogue.Conforms}, catalogue.Segment{From: due, State: catalogue.Stale, Reason: "its review was due on " + string(p.NextReview)}))
	return catalogue.And(parts...)
}

// Stated is the verdict that a document in force states the policy.
func Stated(p *Policy, f *check.Facts) catalogue.Timeline {
	for _, e := range f.Links("stated_in", p.ID) {
		for _, k := range f.Set(check.Documents) {
			if e.Record == nil || k.Record.Head().ID != e.Record.Head().ID || k.Record.Head().Phase == record.Choice(lifecycle.Void) {
				continue
			}
			if spans := f.Spans(k.Ref, k.Versions, nil); len(spans) > 0 {
				return catalogue.AtLeastOne(spans...)
			}
		}
	}
	return check.Gap("it has no text, and no document in force states it")
}
