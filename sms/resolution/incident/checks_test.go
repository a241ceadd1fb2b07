package incident

import (
	"testing"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// paper stands in for a document that says which item it is.
type paper struct {
	record.Header
	item string
}

func (p *paper) FulfilsItem(item string) bool { return p.item == item }

func TestAMajorIncidentNamesTheProcedureThatWasInForce(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 9, 0, 0, 0, time.UTC) }
	kept := func(item string, from record.Date) check.Kept {
		p := &paper{item: item}
		p.ID, p.Phase = record.ID{1}, "open"
		return check.Kept{Record: p, Ref: "DOC-1", Versions: []process.Content{{Record: p, Version: &record.Version{Status: record.VersionApproved, EffectiveFrom: from, DecidedAt: record.At(day(1))}}}}
	}
	var asked check.Check
	for _, c := range Checks {
		if c.Requirement == "8.6.1-08" {
			asked = c
		}
	}
	for _, tc := range []struct {
		name      string
		doc       check.Kept
		procedure record.ID
		criterion record.Text
		want      catalogue.State
		once      catalogue.State
	}{
		{"all there", kept("major_incident_procedure", "2026-03-01"), record.ID{1}, "down", catalogue.Conforms, catalogue.Conforms},
		{"no procedure named", kept("major_incident_procedure", "2026-03-01"), record.ID{}, "down", catalogue.Gap, catalogue.Conforms},
		{"no criterion", kept("major_incident_procedure", "2026-03-01"), record.ID{1}, "", catalogue.Gap, catalogue.Conforms},
		{"not in force then", kept("major_incident_procedure", "2026-03-04"), record.ID{1}, "down", catalogue.Gap, catalogue.Conforms},
		{"another document", kept("something_else", "2026-03-01"), record.ID{1}, "down", catalogue.Gap, catalogue.NoEvidence},
	} {
		f := check.NewFacts(&asked, day(5), time.UTC, catalogue.Applied{}, 0, &check.Loaded{Sets: map[string][]check.Kept{check.Documents: {tc.doc}}, Memo: map[string]any{}})
		i := &Incident{Major: true, MajorSince: record.At(day(3)), MajorProcedure: tc.procedure, MajorCriterion: tc.criterion}
		if got := asked.Decide(i, f).At(day(5)); got.State != tc.want {
			t.Errorf("%s: %s: %s", tc.name, got.State, got.Reason)
		}
		if got := check.InForce(f, "major_incident_procedure", "procedure").Verdict.At(day(5)); got.State != tc.once {
			t.Errorf("%s: in force: %s: %s", tc.name, got.State, got.Reason)
		}
	}
}

func TestACheckReadsOnlyWhatItDeclares(t *testing.T) {
	c := check.Check{Requirement: "8.6.1-03", Reads: []check.Read{check.Clocks()}}
	f := check.NewFacts(&c, time.Now(), time.UTC, catalogue.Applied{}, 0, &check.Loaded{})
	f.Clocks(record.ID{1})
	defer func() {
		if recover() == nil {
			t.Error("it read notices that it never declared")
		}
	}()
	f.Notices("major_declared", record.ID{1})
}
