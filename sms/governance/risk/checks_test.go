package risk

import (
	"strings"
	"testing"
	"time"

	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

func noon(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }

func of(t *testing.T, requirement string) *check.Check {
	t.Helper()
	for i := range Checks {
		if Checks[i].Requirement == requirement {
			return &Checks[i]
		}
	}
	t.Fatalf("no check %s", requirement)
	return nil
}

func facts(c *check.Check, l *check.Loaded) *check.Facts {
	if l.Memo == nil {
		l.Memo = map[string]any{}
	}
	return check.NewFacts(c, noon(20), time.UTC, catalogue.Applied{Period: catalogue.MustPeriod("P12M")}, 0, l)
}

// thing is a record of a process that this Steward may not have yet.
type thing struct {
	record.Header
	aside bool
}

func (x *thing) SetAside() bool { return x.aside }

func kept(ref string, id byte, phase record.Choice) check.Kept {
	x := &thing{}
	x.ID, x.Phase, x.State = record.ID{id}, phase, phase
	return check.Kept{Record: x, Ref: ref}
}

// onRecord is a risk of a category that was analysed on a day of March 2026.
func onRecord(id byte, category string, day int) *Risk {
	r := &Risk{Category: record.Choice(category), AnalysedAt: record.At(noon(day))}
	r.ID, r.Phase, r.State = record.ID{id}, "open", Analysed
	return r
}

// told is what check says of each member that fails, by ref.
func told(c *check.Check, f *check.Facts, at time.Time) map[string]string {
	out := map[string]string{}
	for _, members := range []func(*check.Facts) []catalogue.Member{c.Once, c.Also} {
		if members == nil {
			continue
		}
		for _, m := range members(f) {
			if s := m.Verdict.At(at); s.State.Fails() {
				out[m.About.Ref] = string(s.State) + ": " + s.Reason
			}
		}
	}
	return out
}

func TestEveryOpenIssueAndPartyGivesRiseToARiskOrSaysWhyNot(t *testing.T) {
	c := of(t, "6.1.1-01")
	if got := told(c, facts(c, &check.Loaded{}), noon(20)); len(got) != 2 || !strings.HasPrefix(got["issues of the context"], "no_evidence") {
		t.Errorf("nothing on record: %v", got)
	}
	closed, aside, answered := kept("ISS-2", 2, "done"), kept("ISS-3", 3, "open"), kept("ISS-4", 4, "open")
	aside.Record.(*thing).aside = true
	answered.Record.Head().SetReasons(map[string]record.BlankReason{"gives_rise_to": {Reason: "no action: it passes"}})
	open, party := kept("ISS-1", 1, "open"), kept("PTY-5", 5, "open")
	r := onRecord(9, SMSOutcome, 1)
	l := &check.Loaded{Sets: map[string][]check.Kept{"issue": {open, closed, aside, answered}, "interested_party": {party}, "risk": {{Record: r, Ref: "RSK-9"}}},
		Links: map[check.Read]map[record.ID][]check.End{}}
	if got := told(c, facts(c, l), noon(20)); len(got) != 2 || got["ISS-1"] == "" || got["PTY-5"] == "" {
		t.Errorf("two are not considered: %v", got)
	}
	l.Links[check.LinksOf("risk", "arises_from")] = map[record.ID][]check.End{r.ID: {{Process: "issue", Record: open.Record}, {Process: "interested_party", Record: party.Record}, {Process: "issue"}}}
	if got := told(c, facts(c, l), noon(20)); len(got) != 0 {
		t.Errorf("a risk arises from both: %v", got)
	}
}

func TestEveryActiveSupplierHasARiskThatWasAssessedLately(t *testing.T) {
	c := of(t, "6.1.2-03")
	old, line, gone := kept("SUP-1", 1, "open"), kept("SUP-2", 2, "open"), kept("SUP-3", 3, "void")
	named, concerned := onRecord(8, OtherParty, 1), onRecord(9, OtherParty, 15)
	named.Party = old.Record.Head().ID
	l := &check.Loaded{Sets: map[string][]check.Kept{"supplier": {old, line, gone}, "risk": {{Record: named, Ref: "RSK-8"}, {Record: concerned, Ref: "RSK-9"}}},
		Links: map[check.Read]map[record.ID][]check.End{check.LinksOf("risk", "concerns"): {concerned.ID: {{Process: "supplier", Record: line.Record}}}}}
	if got := told(c, facts(c, l), noon(20)); len(got) != 0 {
		t.Errorf("each has one: %v", got)
	}
	if got := told(c, facts(c, l), noon(10).AddDate(1, 0, 0)); len(got) != 1 || !strings.HasPrefix(got["SUP-1"], "stale") {
		t.Errorf("a year later: %v", got)
	}
	concerned.Category = Organization
	if got := told(c, facts(c, l), noon(20)); len(got) != 1 || !strings.HasPrefix(got["SUP-2"], "no_evidence") {
		t.Errorf("one of another category: %v", got)
	}
}

// criteriaInForce are criteria whose line is 8, by which management may accept up to 20.
func criteriaInForce() []check.Kept {
	c := &Criteria{AcceptanceLine: record.N(8), Authorities: []Authority{{Role: "manager", UpTo: record.N(20)}}}
	c.ID, c.Phase = record.ID{7}, "open"
	return []check.Kept{{Record: c, Ref: "RCR-1", Versions: []process.Content{{Record: c, Version: &record.Version{Number: 1, Status: record.VersionApproved, EffectiveFrom: "2026-03-01", DecidedAt: record.At(noon(1))}}}}}
}

func TestWhatIsKeptIsWithinTheCriteriaOrAcceptedByARoleThatCoversIt(t *testing.T) {
	c := of(t, "6.1.2-05")
	who, other := record.ID{1}, record.ID{2}
	for _, tc := range []struct {
		name   string
		score  int64
		change func(*Risk)
		want   catalogue.State
		reason string
	}{
		{"within the line, accepted by nobody", 8, func(r *Risk) { r.AcceptedAt = 0 }, catalogue.Conforms, ""},
		{"above it, accepted by nobody", 9, func(r *Risk) { r.AcceptedAt = 0 }, catalogue.Gap, "nobody has accepted it"},
		{"above it, until a day", 20, func(*Risk) {}, catalogue.Conforms, ""},
		{"above it, the day has passed", 20, func(r *Risk) { r.AcceptedUntil = "2026-03-19" }, catalogue.Gap, "until 2026-03-19"},
		{"on its last day", 20, func(r *Risk) { r.AcceptedUntil = "2026-03-20" }, catalogue.Conforms, ""},
		{"above it, without an end", 20, func(r *Risk) { r.AcceptedUntil = "" }, catalogue.Gap, "without an end"},
		{"more than the role covers", 25, func(*Risk) {}, catalogue.Gap, "role covers"},
		{"by another role", 12, func(r *Risk) { r.AcceptedAs = "agent" }, catalogue.Gap, "role covers"},
		{"by who scored it", 12, func(r *Risk) { r.AnalysedBy = who }, catalogue.Gap, "who scored it"},
		{"it has grown since", 12, func(r *Risk) { r.AcceptedScore = record.N(10) }, catalogue.Gap, "is 12 now"},
		{"without a score", 12, func(r *Risk) { r.Score = record.Int{} }, catalogue.Gap, "no score"},
	} {
		r := onRecord(9, "change", 2)
		r.State, r.Score, r.AcceptedScore, r.AcceptedAt, r.AcceptedBy, r.AcceptedAs = Accepted, record.N(tc.score), record.N(tc.score), record.At(noon(3)), who, "manager"
		r.AnalysedBy, r.AcceptedUntil, r.Criteria, r.CriteriaNo = other, "2026-06-30", record.ID{7}, record.N(1)
		tc.change(r)
		f := facts(c, &check.Loaded{Sets: map[string][]check.Kept{"risk_criteria": criteriaInForce()}})
		if s := c.Decide(r, f).At(noon(20)); s.State != tc.want || !strings.Contains(s.Reason, tc.reason) {
			t.Errorf("%s: %s: %s", tc.name, s.State, s.Reason)
		}
		if s := c.Decide(r, facts(c, &check.Loaded{})).At(noon(20)); s.State != catalogue.Gap {
			t.Errorf("%s, without criteria: %s", tc.name, s.State)
		}
	}
}

// A hopeful forecast of what is left must not take a risk out of what is asked.
func TestARiskAboveTheLineIsAskedByItsScoreBeforeTreatment(t *testing.T) {
	c := of(t, "6.1.1-03")
	r := onRecord(9, "change", 2)
	r.Score, r.ResidualScore, r.Treatment = record.N(16), record.N(2), "reduce"
	f := facts(c, &check.Loaded{Sets: map[string][]check.Kept{"risk_criteria": criteriaInForce()}})
	at := func(d int) catalogue.State { return c.Decide(r, f).StateAt(noon(d)) }
	if at(20) != catalogue.Gap {
		t.Errorf("it does not say whether its treatment prevents or reduces, and is %s", at(20))
	}
	r.PreventsOrReduces = "prevents"
	if at(20) != catalogue.Conforms {
		t.Errorf("it says so, and is %s", at(20))
	}
	r.Treatment = ""
	if at(20) != catalogue.Vacuous || c.Decide(r, f).StateAt(noon(2).AddDate(0, 0, 31)) != catalogue.Gap {
		t.Error("a month to decide, and no longer")
	}
	if r.Score = record.N(8); at(20) != catalogue.Vacuous {
		t.Errorf("within the line it is %s", at(20))
	}
}

func TestACompletedActionIsJudgedAfterItsCompletionAndInTime(t *testing.T) {
	c := of(t, "6.1.3-03")
	r := onRecord(9, "change", 1)
	task := &people.Task{Kind: "treatment", Parent: r.ID, DoneAt: record.At(noon(10)), Outcome: "done"}
	task.ID, task.State, task.Phase = record.ID{3}, "done", "done"
	decide := func() catalogue.Timeline {
		f := facts(c, &check.Loaded{Sets: map[string][]check.Kept{"risk": {{Record: r, Ref: "RSK-9"}}},
			Children: map[check.Read]map[record.ID][]record.Record{check.Children("task", "parent"): {r.ID: {task}}}})
		return c.Decide(task, f)
	}
	line := func(at time.Time, score int64) []Evaluation {
		return []Evaluation{{Task: task.ID, At: record.At(at), ResidualScore: record.N(score)}}
	}
	later := noon(10).AddDate(0, 0, 91)
	for _, tc := range []struct {
		name  string
		lines []Evaluation
		want  catalogue.State
	}{
		{"not", nil, catalogue.Gap},
		{"in time", line(noon(11), 4), catalogue.Conforms},
		{"before it was completed", line(noon(9), 4), catalogue.Gap},
		{"without a score", []Evaluation{{Task: task.ID, At: record.At(noon(11))}}, catalogue.Gap},
		{"of another action", []Evaluation{{Task: record.ID{4}, At: record.At(noon(11)), ResidualScore: record.N(4)}}, catalogue.Gap},
		{"too late", line(noon(10).AddDate(0, 0, 90).Add(time.Hour), 4), catalogue.Gap},
	} {
		r.Evaluations = tc.lines
		if s := decide().At(later); s.State != tc.want {
			t.Errorf("judged %s: %s: %s", tc.name, s.State, s.Reason)
		}
	}
	if r.Evaluations = nil; decide().StateAt(noon(20)) != catalogue.Conforms {
		t.Error("there is still time")
	}
	if task.Outcome = "not_needed"; decide().StateAt(later) != catalogue.Vacuous {
		t.Error("what was not needed has no effect to judge")
	}
}
