package party

import (
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func facts(transition string, before any) *lifecycle.Facts {
	return &lifecycle.Facts{Now: now, Zone: time.UTC, Transition: transition, Before: before, Actor: &access.Principal{ID: record.ID{7}}}
}

func told(rs []lifecycle.Refusal) string {
	var out []string
	for _, r := range rs {
		out = append(out, r.Field+" "+r.Reason)
		if r.Mend == "" {
			out = append(out, "and does not say how to mend it")
		}
	}
	return strings.Join(out, ", ")
}

func TestTheClimateAnswerBelongsToAReview(t *testing.T) {
	for _, tc := range []struct {
		transition string
		climate    record.Choice
		what       record.Prose
		want       string
	}{
		{"", "no", "", "climate by_review"}, {"review", "no", "", ""}, {"review", "yes", "", "climate_what required"}, {"review", "yes", "cool rooms", ""}, {"", "", "", ""},
	} {
		p := &Party{Climate: tc.climate, ClimateWhat: tc.what}
		if got := told(decide(p, facts(tc.transition, &Party{}))); got != tc.want {
			t.Errorf("%q %q: %s, want %s", tc.transition, tc.climate, got, tc.want)
		}
	}
}

func TestAJudgementOfAnObligationIsMadeInAReview(t *testing.T) {
	o := &Obligation{Fulfilment: "met", BindsFrom: "2026-03-02", BindsUntil: "2026-03-01"}
	if got := told(bound(o, facts("", &Obligation{}))); got != "binds_until before_from, fulfilment by_review" {
		t.Errorf("%s", got)
	}
	o.BindsUntil = "2026-03-02"
	if got := told(bound(o, facts("review", &Obligation{}))); got != "" {
		t.Errorf("%s", got)
	}
}

func TestRequirementsOfAPartyCountHoweverTheyAreKept(t *testing.T) {
	c := Checks[1]
	p := &Party{}
	p.ID, p.ReviewedAt = record.ID{1}, record.At(now)
	ended, stands, other := &Obligation{}, &Obligation{}, &Obligation{}
	ended.Phase, stands.Phase, other.Phase = "void", "open", "open"
	gone := &Party{Requirements: []Requirement{{What: "x"}}}
	gone.ID, gone.ReviewedAt = p.ID, p.ReviewedAt
	reasoned := &Party{}
	reasoned.ID, reasoned.ReviewedAt = p.ID, p.ReviewedAt
	reasoned.SetReasons(map[string]record.BlankReason{"requirements": {Reason: "its people ask through their employer"}})
	type children = map[check.Read]map[record.ID][]record.Record
	under := func(rs ...record.Record) children {
		return children{check.Children("obligation", "party"): {p.ID: rs}}
	}
	linked := func(r record.Record) map[check.Read]map[record.ID][]check.End {
		return map[check.Read]map[record.ID][]check.End{check.Links("requires"): {p.ID: {{Process: "service_requirement", Ref: "SRQ-1", Record: r}}}}
	}
	for _, tc := range []struct {
		name  string
		party *Party
		l     check.Loaded
		want  catalogue.State
	}{
		{"nothing", p, check.Loaded{}, catalogue.Gap},
		{"a line", gone, check.Loaded{}, catalogue.Conforms},
		{"a reason why not", reasoned, check.Loaded{}, catalogue.Conforms},
		{"an obligation", p, check.Loaded{Children: under(stands)}, catalogue.Conforms},
		{"an obligation that ended", p, check.Loaded{Children: under(ended)}, catalogue.Gap},
		{"a requirement of its own", p, check.Loaded{Links: linked(other)}, catalogue.Conforms},
		{"one that ended", p, check.Loaded{Links: linked(ended)}, catalogue.Gap},
		{"one that is not there yet", p, check.Loaded{Links: linked(nil)}, catalogue.Gap},
	} {
		f := check.NewFacts(&c, now, time.UTC, catalogue.Applied{Period: catalogue.MustPeriod("P12M")}, 0, &tc.l)
		if s := understood(tc.party, f).StateAt(now); s != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, s, tc.want)
		}
	}
}
