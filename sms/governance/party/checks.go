package party

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// wanted are the kinds of parties that every provider has, or knows why not.
var wanted = []record.Choice{"customer", "user", "supplier", "regulator"}

// Checks decide 4.2.
var Checks = []check.Check{
	check.Each(Process, check.Of[Party]{Requirement: "4.2-01", Version: 1, Where: `state in ("active", "not_applicable")`,
		Member: func(p *Party) bool { return p.State == Active || p.State == None }, When: reviewed,
		Reads: []check.Read{check.Set("interested_party")}, Once: everyKind, Decide: identified,
		Mend: "say why the party matters and who keeps in touch with it, and review it"}),
	check.Each(Process, check.Of[Party]{Requirement: "4.2-02", Version: 1, Where: `state = "active"`, Member: isActive, When: reviewed,
		Reads: []check.Read{check.Children("obligation", "party"), check.Links("requires"), check.Set("obligation"), check.Set("interested_party")}, Once: obligations, Decide: understood,
		Mend: "write down what it requires, or why it requires nothing (blanks.requirements), and review it"}),
	check.Single("4.2-03", 1, askedOfClimate, check.Set("interested_party")),
}

func isActive(p *Party) bool       { return p.State == Active }
func reviewed(p *Party) time.Time  { return p.ReviewedAt.Time() }
func live(h *record.Header) bool   { return h.Phase != record.Choice(lifecycle.Void) }
func words(k record.Choice) string { return strings.ReplaceAll(string(k), "_", " ") }

// everyKind tells the kinds that are neither there nor ruled out.
func everyKind(f *check.Facts) []catalogue.Member {
	have, any := map[record.Choice]bool{}, false
	for _, k := range f.Set("interested_party") {
		if p := k.Record.(*Party); live(p.Head()) {
			have[p.Kind], any = true, true
		}
	}
	var out []catalogue.Member
	for _, kind := range wanted {
		if have[kind] {
			continue
		}
		why := "no party of this kind is on record, nor that there is none: " + words(kind)
		m := check.Missing("interested_party", words(kind), why, "record who it is, or that there is none and why (step rule_out)")
		if any {
			m.Verdict = check.Gap(why)
		}
		out = append(out, m)
	}
	return out
}

func identified(p *Party, f *check.Facts) catalogue.Timeline {
	fresh := catalogue.FreshUntil(p.ReviewedAt.Time(), f.Interval.Period, "review")
	if p.State == None {
		return catalogue.And(check.Fields(Process, p, "none_why"), fresh)
	}
	return catalogue.And(check.Fields(Process, p, "relevance", "owner"), fresh)
}

// understood: something that it requires is on record, here or as a record of its own, or why there is
// nothing.
func understood(p *Party, f *check.Facts) catalogue.Timeline {
	known := len(p.Requirements) > 0 || p.Reasons()["requirements"].Reason != ""
	for _, o := range f.Children("obligation", "party", p.ID) {
		known = known || live(o.Head())
	}
	for _, e := range f.Links("requires", p.ID) {
		known = known || e.Record != nil && live(e.Record.Head())
	}
	if !known {
		return check.Gap("what it requires is not on record, nor that it requires nothing")
	}
	return catalogue.FreshUntil(p.ReviewedAt.Time(), f.Interval.Period, "review")
}

// obligations: each was looked at within the interval. Those that nobody answers for are told by 6.3.
// Obligations alone show nothing: there has to be a party whose requirements are known.
func obligations(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	if !slices.ContainsFunc(f.Set("interested_party"), func(k check.Kept) bool { return isActive(k.Record.(*Party)) }) {
		out = append(out, check.Missing("interested_party", "interested parties", "no interested party is on record", "record who has a stake in the SMS and the services"))
	}
	for _, k := range f.Set("obligation") {
		if o := k.Record.(*Obligation); o.State == Active {
			out = append(out, check.Found("obligation", k, o.ReviewedAt.Time(), catalogue.FreshUntil(o.ReviewedAt.Time(), f.Interval.Period, "review"), "review the obligation: is it met, and by what"))
		}
	}
	return out
}

// askedOfClimate is a note of the standard and no duty: it conforms while every active party's review
// answers the question, and asks for nothing otherwise. So it never fails, and says what is open.
func askedOfClimate(f *check.Facts) []catalogue.Member {
	m := catalogue.Member{About: catalogue.Evidence{Process: "interested_party", Ref: "climate question"}}
	var parts []catalogue.Timeline
	var open []string
	for _, k := range f.Set("interested_party") {
		p := k.Record.(*Party)
		if p.State != Active {
			continue
		}
		if p.Climate == "" || p.ClimateAt == 0 {
			open = append(open, k.Ref)
			continue
		}
		m.Rests = append(m.Rests, check.About("interested_party", k.Ref, p, p.ClimateAt.Time()))
		parts = append(parts, catalogue.FreshUntil(p.ClimateAt.Time(), f.Interval.Period, "answer of "+k.Ref))
	}
	switch {
	case len(open) > 0:
		m.Verdict = catalogue.Always(catalogue.Vacuous, fmt.Sprintf("no duty, a note: %d reviews do not say whether the party requires anything on account of climate change: %s", len(open), strings.Join(open, ", ")))
	case len(parts) == 0:
		m.Verdict = catalogue.Always(catalogue.Vacuous, "no duty, a note: there is no interested party yet to ask it of")
	default:
		m.Verdict = advice(catalogue.And(parts...))
	}
	return []catalogue.Member{m}
}

// advice turns what would fail into what asks for nothing.
func advice(l catalogue.Timeline) catalogue.Timeline {
	segs := l.Segments()
	for i := range segs {
		if segs[i].State.Fails() {
			segs[i].State, segs[i].Reason = catalogue.Vacuous, "no duty, a note: "+segs[i].Reason
		}
	}
	return catalogue.Steps(segs...)
}
