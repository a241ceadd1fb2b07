package issue

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

func facts(at time.Time, before *Issue) *lifecycle.Facts {
	f := &lifecycle.Facts{Now: at, Zone: time.UTC, Actor: &access.Principal{ID: record.ID{7}}}
	if before != nil {
		f.Before = before
	}
	return f
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

func TestRelevanceIsDecidedByTheStepAlone(t *testing.T) {
	for _, tc := range []struct{ transition, want string }{
		{"", "relevance decided, relevance_why decided"}, {"review", "relevance decided, relevance_why decided"}, {"decide", ""},
	} {
		i := &Issue{Relevance: "relevant", RelevanceWhy: "the river ran warm"}
		i.State = Open
		f := facts(now, &Issue{})
		f.Transition = tc.transition
		if got := told(decide(i, f)); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.transition, got, tc.want)
		}
	}
	i := &Issue{Relevance: "relevant", RelevanceWhy: "so it was at the source"}
	f := facts(now, nil)
	f.Replay = true
	if got := told(decide(i, f)); got != "" {
		t.Errorf("an import of what was decided elsewhere: %s", got)
	}
}

func TestADecisionSaysWhy(t *testing.T) {
	for _, tc := range []struct {
		relevance record.Choice
		why       record.Prose
		want      string
	}{{"relevant", "yes", ""}, {"not_relevant", " ", "relevance_why required"}, {"", "", "relevance required, relevance_why required"}} {
		if got := told(answered(&Issue{Relevance: tc.relevance, RelevanceWhy: tc.why}, nil)); got != tc.want {
			t.Errorf("%q %q: %s, want %s", tc.relevance, tc.why, got, tc.want)
		}
	}
}

func TestOnlyWhatAnIssueSaysMovesWhenItChanged(t *testing.T) {
	was := &Issue{Kind: "external", Topic: "market", Effect: "prices fall", ChangedAt: record.At(now)}
	was.Title, was.State, was.ReviewedAt = "Prices", Open, record.At(now)
	later := now.Add(time.Hour)
	for name, tc := range map[string]struct {
		change func(*Issue)
		moves  bool
	}{
		"effect":  {func(i *Issue) { i.Effect = "prices rise" }, true},
		"kind":    {func(i *Issue) { i.Kind = "internal" }, true},
		"state":   {func(i *Issue) { i.State = Closed }, true},
		"review":  {func(i *Issue) { i.ReviewedAt = record.At(later) }, false},
		"owner":   {func(i *Issue) { i.Owner = record.ID{1} }, false},
		"nothing": {func(*Issue) {}, false},
	} {
		i := *was
		tc.change(&i)
		decide(&i, facts(later, was))
		if moved := i.Changed().Equal(later); moved != tc.moves {
			t.Errorf("%s: moved %v, want %v", name, moved, tc.moves)
		}
	}
}

func TestTheClimateDecisionAges(t *testing.T) {
	c := Checks[2]
	f := check.NewFacts(&c, now, time.UTC, catalogue.Applied{Period: catalogue.MustPeriod("P12M")}, 0, &check.Loaded{})
	undecided := &Issue{Topic: Climate}
	if s := decided(undecided, f).StateAt(now); s != catalogue.Gap {
		t.Errorf("undecided: %s", s)
	}
	for _, relevance := range []record.Choice{"relevant", "not_relevant"} {
		i := &Issue{Topic: Climate, Relevance: relevance, RelevanceWhy: "because", DecidedAt: record.At(now)}
		l := decided(i, f)
		if a, b := l.StateAt(now.AddDate(0, 11, 0)), l.StateAt(now.AddDate(0, 12, 1)); a != catalogue.Conforms || b != catalogue.Stale {
			t.Errorf("%s: after 11 months %s, after 12 %s", relevance, a, b)
		}
	}
}
