package check_test

import (
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

type thing struct {
	record.Header
	Colour record.Text `field:""`
	Size   record.Int  `field:""`
}

var things = process.Declare(process.Spec[thing]{Name: "thing", Prefix: "THG", States: []lifecycle.State{{Name: "here", Phase: lifecycle.Open}}, Grants: access.Table{}})

type other struct{ record.Header }

func holds(*thing, *check.Facts) catalogue.Timeline { return check.Holds() }

func TestAnIncompleteCheckStopsTheProgramAtOnce(t *testing.T) {
	for name, declare := range map[string]func(){
		"no version":  func() { check.Each(things, check.Of[thing]{Requirement: "1-01", Decide: holds}) },
		"no decision": func() { check.Each(things, check.Of[thing]{Requirement: "1-01", Version: 1}) },
		"a filter without a func": func() {
			check.Each(things, check.Of[thing]{Requirement: "1-01", Version: 1, Decide: holds, Where: "size = 1"})
		},
		"another type": func() {
			check.Each(things, check.Of[other]{Requirement: "1-01", Version: 1, Decide: func(*other, *check.Facts) catalogue.Timeline { return check.Holds() }})
		},
		"a field that is none": func() {
			n := 0
			check.Filled(things, check.Of[thing]{Requirement: "1-01", Version: 1}, func(*thing) []any { return []any{&n} })
		},
		"once without a decision": func() { check.Single("1-01", 1, nil) },
		"every without members":   func() { check.Every("1-01", 1, nil, nil) },
		"every without a version": func() { check.Every("1-01", 0, func(*check.Facts) []catalogue.Member { return nil }, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: was taken", name)
				}
			}()
			declare()
		}()
	}
}

func TestFieldsAreFilledOrBlankForAReason(t *testing.T) {
	c := check.Filled(things, check.Of[thing]{Requirement: "1-01", Version: 1}, func(x *thing) []any { return []any{&x.Colour, &x.Size} })
	decide := func(x *thing) catalogue.Segment { return c.Decide(x, nil).At(time.Now()) }
	x := &thing{Colour: "red", Size: record.N(3)}
	if s := decide(x); s.State != catalogue.Conforms {
		t.Errorf("filled: %v", s)
	}
	x.Size = record.Int{}
	if s := decide(x); s.State != catalogue.Gap || !strings.Contains(s.Reason, "size") || strings.Contains(s.Reason, "colour") {
		t.Errorf("one is missing: %v", s)
	}
	x.SetReasons(map[string]record.BlankReason{"size": {Reason: "it has none"}})
	if s := decide(x); s.State != catalogue.Conforms {
		t.Errorf("blank for a reason: %v", s)
	}
}

func TestInForceFromApprovalOrEffectWhicheverIsLater(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c := check.Single("1-01", 1, func(*check.Facts) []catalogue.Member { return nil })
	f := check.NewFacts(&c, time.Now(), berlin, catalogue.Applied{}, 0, &check.Loaded{})
	v := func(status, from, to string, decided time.Time) process.Content {
		return process.Content{Version: &record.Version{Status: record.Choice(status), EffectiveFrom: record.Date(from), EffectiveTo: record.Date(to), DecidedAt: record.At(decided)}}
	}
	noon := func(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }
	got := f.Spans("DOC-1", []process.Content{
		v("approved", "2026-03-01", "2026-03-10", noon(3)), // retroactive: evidence only from its approval
		v("approved", "2026-03-10", "2026-03-20", noon(4)),
		v("approved", "2026-03-01", "2026-03-02", noon(5)), // over before it was approved
		v("review", "2026-03-20", "", time.Time{}),
	}, nil)
	if len(got) != 2 || !got[0].From.Equal(noon(3)) || !got[1].From.Equal(time.Date(2026, 3, 9, 23, 0, 0, 0, time.UTC)) {
		t.Fatalf("%v", got)
	}
	l := check.InForceOnce(got, "policy")
	for day, want := range map[int]catalogue.State{2: catalogue.NoEvidence, 5: catalogue.Conforms, 15: catalogue.Conforms, 21: catalogue.Gap} {
		if s := l.StateAt(noon(day)); s != want {
			t.Errorf("on the %d.: %s, want %s", day, s, want)
		}
	}
	if s := check.InForceOnce(nil, "policy").StateAt(noon(5)); s != catalogue.NoEvidence {
		t.Errorf("never one: %s", s)
	}
}

// paper is a document that says which item it is.
type paper struct {
	record.Header
	item string
}

func (p *paper) FulfilsItem(item string) bool { return p.item == item }

// sheet is a paper that says when it was withdrawn.
type sheet struct {
	paper
	withdrawn time.Time
}

func (s *sheet) EndedAt() (time.Time, bool) { return s.withdrawn, s.Phase == "void" }

func TestAWithdrawnDocumentWasInForceUntilThen(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 12, 0, 0, 0, time.UTC) }
	c := check.Documented("7.5.4-13", 1, map[string]string{"major": "major incident procedure"})
	inForce := func(withdrawn time.Time, until string) (*check.Facts, check.Kept) {
		s := &sheet{paper: paper{item: "major"}, withdrawn: withdrawn}
		s.ID, s.Phase = record.ID{1}, "void"
		k := check.Kept{Record: s, Ref: "DOC-1", Versions: []process.Content{{Record: s, Version: &record.Version{Status: record.VersionApproved, EffectiveFrom: "2026-03-02", EffectiveTo: record.Date(until), DecidedAt: record.At(day(1))}}}}
		return check.NewFacts(&c, day(20), time.UTC, catalogue.Applied{}, 0, &check.Loaded{Sets: map[string][]check.Kept{check.Documents: {k}}, Memo: map[string]any{}}), k
	}
	f, k := inForce(day(10), "")
	for d, want := range map[int]catalogue.State{1: catalogue.NoEvidence, 5: catalogue.Conforms, 11: catalogue.Gap} {
		if s := check.InForce(f, "major", "procedure").Verdict.At(day(d)); s.State != want {
			t.Errorf("on the %d.: %s: %s", d, s.State, s.Reason)
		}
	}
	if len(check.Fulfils(f, "major")) != 1 || f.InForce(k, day(5)) == nil || f.InForce(k, day(10)) != nil {
		t.Error("it was not in force until it was withdrawn")
	}
	f, _ = inForce(day(10), "2026-03-08")
	if s := check.InForce(f, "major", "procedure").Verdict.StateAt(day(9)); s != catalogue.Gap {
		t.Errorf("its version had ended before it was withdrawn: %s", s)
	}
	f, k = inForce(time.Time{}, "")
	if s := check.InForce(f, "major", "procedure").Verdict.StateAt(day(5)); s != catalogue.NoEvidence || len(check.Fulfils(f, "major")) != 0 || f.InForce(k, day(5)) != nil {
		t.Errorf("nobody knows until when it was in force, and it is %s", s)
	}
}

func TestDocumentedAsksForEveryItem(t *testing.T) {
	now := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	c := check.Documented("7.5.4-13", 1, map[string]string{"major": "major incident procedure", "continuity": "continuity procedure"})
	doc := func(item, until string) check.Kept {
		p := &paper{item: item}
		p.ID = record.ID{1}
		return check.Kept{Record: p, Ref: "DOC-1", Versions: []process.Content{{Record: p, Version: &record.Version{Status: record.VersionApproved, EffectiveFrom: "2026-03-01", EffectiveTo: record.Date(until), DecidedAt: record.At(now.AddDate(0, 0, -4))}}}}
	}
	for _, tc := range []struct {
		name string
		docs []check.Kept
		want catalogue.State
	}{
		{"none", nil, catalogue.NoEvidence},
		{"one of two", []check.Kept{doc("major", "")}, catalogue.Gap},
		{"both", []check.Kept{doc("major", ""), doc("continuity", "")}, catalogue.Conforms},
		{"one has lapsed", []check.Kept{doc("major", ""), doc("continuity", "2026-03-04")}, catalogue.Gap},
	} {
		f := check.NewFacts(&c, now, time.UTC, catalogue.Applied{}, 0, &check.Loaded{Sets: map[string][]check.Kept{check.Documents: tc.docs}, Memo: map[string]any{}})
		ms := c.Once(f)
		for i := range ms {
			ms[i].Required = true
		}
		if r := catalogue.Aggregate(now, ms, 0, catalogue.Search{}); r.State != tc.want || r.Reason == "" {
			t.Errorf("%s: %s: %s", tc.name, r.State, r.Reason)
		}
	}
}
