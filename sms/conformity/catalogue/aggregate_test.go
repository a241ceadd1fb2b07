package catalogue

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func member(i int, l Timeline) Member {
	return Member{About: Evidence{Process: "incident", Ref: fmt.Sprintf("INC-%d", i), ID: [16]byte{byte(i), byte(i >> 8), 1}, At: d(i % 300)}, Verdict: l}
}

func required(l Timeline) Member {
	return Member{About: Evidence{Process: "policy"}, Verdict: l, Required: true}
}

func TestStateOfARequirementFollowsFromItsMembers(t *testing.T) {
	good, old, bad := Always(Conforms, ""), Always(Stale, "old"), Always(Gap, "wrong")
	never, signed, half := Always(NoEvidence, "never"), Always(Attested, "signed"), Always(Partial, "half")
	unasked := Always(Vacuous, "unasked")
	major := Search{Condition: &Condition{When: "a major incident exists"}}
	noisy := Search{Condition: &Condition{When: "an external supplier is active", Warn: "no supplier at all"}}
	slow := Search{Condition: &Condition{When: "a complaint exists", Warn: "no complaint in 12 months", SilentFor: MustPeriod("P12M")}, From: d(1)}
	var due Search // unconditional
	for _, tc := range []struct {
		name       string
		population int
		search     Search
		members    []Member
		want       State
	}{
		{"nobody, unconditional", 0, due, nil, NoEvidence},
		{"nobody, and the condition was not met", 0, major, nil, Vacuous},
		{"nobody, and that is suspicious", 0, noisy, nil, NoEvidence},
		{"nobody, suspicious, but the check knows better", 0, noisy.Quiet(), nil, Vacuous},
		{"nobody, not silent for long", 0, slow, nil, Vacuous},
		{"all unlisted conform", 7, due, nil, Conforms},
		{"all hold", 2, due, []Member{member(1, good), member(2, good)}, Conforms},
		{"one of them by signature", 2, due, []Member{member(1, good), member(2, signed)}, Attested},
		{"one is stale", 2, due, []Member{member(1, good), member(2, old)}, Stale},
		{"all are stale", 2, due, []Member{member(1, old), member(2, old)}, Stale},
		{"one fails", 2, due, []Member{member(1, good), member(2, bad)}, Partial},
		{"one fails among the unlisted", 900, due, []Member{member(2, bad)}, Partial},
		{"one fails, one is stale, one conforms", 3, due, []Member{member(1, old), member(2, bad), member(3, good)}, Partial},
		{"one fails, the other is stale", 2, due, []Member{member(1, old), member(2, bad)}, Gap},
		{"all fail", 2, due, []Member{member(1, bad), member(2, never)}, Gap},
		{"none was ever exercised", 2, due, []Member{member(1, never), member(2, never)}, NoEvidence},
		{"one was never exercised", 2, due, []Member{member(1, never), member(2, good)}, Partial},
		{"a half member", 1, due, []Member{member(1, half)}, Partial},
		{"population told too small", 0, due, []Member{member(1, good), member(2, bad)}, Partial},
		{"one is not asked, the other fails", 2, due, []Member{member(1, unasked), member(2, bad)}, Gap},
		{"none is asked", 2, due, []Member{member(1, unasked), member(2, unasked)}, Vacuous},
		{"none is asked, though the search warns", 2, noisy, []Member{member(1, unasked), member(2, unasked)}, Vacuous},
		{"the required one holds", 0, due, []Member{required(good)}, Conforms},
		{"the required one is missing", 5, due, []Member{required(bad)}, Gap},
		{"the required one was never exercised", 5, due, []Member{required(never)}, Gap},
		{"the required one alone was never exercised", 0, due, []Member{required(never)}, NoEvidence},
		{"the required one is stale", 5, due, []Member{required(old)}, Stale},
		{"the required one is half met", 5, due, []Member{required(half)}, Partial},
		{"the required one holds and there was no occasion", 0, major, []Member{required(good)}, Vacuous},
		{"the required one holds and silence is suspicious", 0, noisy, []Member{required(good)}, NoEvidence},
		{"the required one is missing and there was no occasion", 0, major, []Member{required(bad)}, Gap},
		{"the required one holds, all others fail", 2, major, []Member{required(good), member(1, bad), member(2, bad)}, Gap},
		{"the required one holds, the others too", 2, major, []Member{required(good), member(1, good)}, Conforms},
		{"the required one holds, the members are not asked", 2, noisy, []Member{required(good), member(1, unasked), member(2, unasked)}, Vacuous},
	} {
		r := Aggregate(d(40), tc.members, tc.population, tc.search)
		if r.State != tc.want {
			t.Errorf("%s: %s (%s), want %s", tc.name, r.State, r.Reason, tc.want)
		}
		if r.Reason == "" {
			t.Errorf("%s: no reason", tc.name)
		}
		if r.State.Fails() && r.NextStep == "" {
			t.Errorf("%s: no next step", tc.name)
		}
	}
}

func TestEmptyDataSaysWhatWasSearched(t *testing.T) {
	s := Search{
		Condition: &Condition{When: "a complaint exists", Warn: "no complaint in 12 months", SilentFor: MustPeriod("P12M")},
		Query:     "complaint", From: d(1),
	}
	r := Aggregate(d(40), nil, 0, s)
	if want := "no occasion yet (a complaint exists); searched complaint since 2026-01-01"; r.Reason != want {
		t.Errorf("reason %q, want %q", r.Reason, want)
	}
	// After a year of silence it becomes suspicious by itself.
	if want := MustPeriod("P12M").After(d(1)); !r.Changes.Equal(want) || r.Timeline.StateAt(want) != NoEvidence {
		t.Errorf("changes %v into %s", r.Changes, r.Timeline.StateAt(want))
	}
	if r := Aggregate(d(40), []Member{required(Always(Conforms, ""))}, 0, s); !strings.HasPrefix(r.Reason, "what must always hold does; no occasion yet") {
		t.Errorf("reason %q", r.Reason)
	}
}

func TestResultNamesFailingMembersAndEvidence(t *testing.T) {
	review := Evidence{Process: "service_review", Ref: "SRV-1", ID: [16]byte{9}, At: d(200)}
	old := member(3, FreshUntil(d(2), MustPeriod("P1M"), "review"))
	old.Rests = []Evidence{review}
	wrong := member(5, Always(Gap, "not filled: owner"))
	wrong.NextStep = "name an owner"
	policy := required(Always(Gap, "none is in force"))
	r := Aggregate(d(40), []Member{old, member(4, ConformsUntil(d(60), Stale, "old")), wrong, policy}, 10, Search{})
	if r.State != Gap || r.Population != 11 || len(r.Failing) != 3 {
		t.Fatalf("%+v", r)
	}
	if want := "2 of 11 fail and 1 are stale; policy: none is in force; INC-5: not filled: owner; " +
		"INC-3: last review on 2026-01-02, older than 1 month"; r.Reason != want {
		t.Errorf("reason %q, want %q", r.Reason, want)
	}
	if r.NextStep != "mend policy: none is in force" {
		t.Errorf("next step %q", r.NextStep)
	}
	if r.Oldest.Ref != "INC-4" || r.Newest != review {
		t.Errorf("oldest %+v, newest %+v", r.Oldest, r.Newest)
	}
	var refs []string
	for _, e := range r.Evidence {
		refs = append(refs, e.Ref)
	}
	if got := strings.Join(refs, " "); got != "INC-5 INC-3 SRV-1 INC-4" {
		t.Errorf("evidence %s", got)
	}

	r = Aggregate(d(10), []Member{old, member(4, Always(Conforms, ""))}, 2, Search{})
	if r.State != Conforms || !r.Changes.Equal(d(33)) || r.NextStep != "renew before 2026-02-02" {
		t.Errorf("%s, changes %v, %q", r.State, r.Changes, r.NextStep)
	}
	r = Aggregate(d(10), []Member{wrong}, 2, Search{})
	if r.State != Partial || r.NextStep != "name an owner" {
		t.Errorf("%s, %q", r.State, r.NextStep)
	}
}

// The sweep must say at every instant what counting afresh says.
func TestAggregateOverTimeIsAggregateAtEachTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var members []Member
		for i := range rapid.IntRange(0, 6).Draw(t, "members") {
			m := member(i+1, timelines().Draw(t, "verdict"))
			m.Required = rapid.IntRange(0, 4).Draw(t, "required") == 0
			members = append(members, m)
		}
		search := rapid.SampledFrom([]Search{
			{},
			{Condition: &Condition{When: "x"}},
			{Condition: &Condition{When: "x", Warn: "y"}},
			{Condition: &Condition{When: "x", Warn: "y", SilentFor: MustPeriod("P3D")}, From: d(2)},
		}).Draw(t, "search")
		population := rapid.IntRange(0, 9).Draw(t, "population")
		whole := Aggregate(d(1), members, population, search)
		for _, at := range instants() {
			var frozen []Member // the same members, as if time stood still
			for _, m := range members {
				s := m.Verdict.At(at)
				m.Verdict = Always(s.State, s.Reason)
				frozen = append(frozen, m)
			}
			still := search
			if search.empty().StateAt(at) == NoEvidence && search.Condition != nil {
				still.Condition = &Condition{When: "x", Warn: "y"}
			} else if search.Condition != nil {
				still = search.Quiet()
			}
			want := Aggregate(at, frozen, population, still)
			if got := whole.Timeline.StateAt(at); got != want.State {
				t.Errorf("at %v: %s, counted afresh %s", at, got, want.State)
			}
			if population == 0 && len(members) == 0 && (want.State == Conforms || want.State == Attested) {
				t.Errorf("empty data reads %s", want.State)
			}
			if r := Aggregate(at, members, population, search); r.State == Conforms && len(r.Failing) > 0 {
				t.Errorf("conforms with %d failing", len(r.Failing))
			}
		}
	})
}

func BenchmarkAggregate100k(b *testing.B) {
	members := make([]Member, 100_000)
	for i := range members {
		members[i] = member(i, FreshUntil(d(i%300+1), MustPeriod("P3M"), "review"))
	}
	b.ResetTimer()
	for b.Loop() {
		if r := Aggregate(d(350), members, len(members), Search{}); r.Population != len(members) {
			b.Fatal(r.Population)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(members)), "ns/member")
}
