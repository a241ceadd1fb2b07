package scope

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

var (
	now               = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	mail, games, chat = record.ID{1}, record.ID{2}, record.ID{3}
)

// told are the fields and reasons of refusals; the ids of lines are left out.
func told(rs []lifecycle.Refusal) string {
	var out []string
	for _, r := range rs {
		field := r.Field
		if a, b, ok := strings.Cut(field, "["); ok {
			_, b, _ = strings.Cut(b, "]")
			field = a + b
		}
		out = append(out, field+" "+r.Reason)
		if r.Mend == "" {
			out = append(out, "and does not say how to mend it")
		}
	}
	return strings.Join(out, ", ")
}

// whole is a statement that says everything.
func whole() *Scope {
	return &Scope{Organization: "Nordlicht IT", Statement: "The system of nordlicht  it that delivers mail from Husum", Units: "all", Customers: "two", Technology: "halls",
		Locations: []Location{{Place: "Husum"}}, Services: []Covered{{Service: mail}}, Parties: []Involved{{Name: "Telecom", Part: "the line", Control: "monthly"}}}
}

func TestAStatementIsApprovedOnlyWhole(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Scope)
		known  known
		want   string
	}{
		"whole":   {func(*Scope) {}, known{}, ""},
		"nothing": {func(s *Scope) { *s = Scope{} }, known{}, "units required, customers required, technology required, locations required, parties required, organization required, statement required, services required"},
		"blank for a reason": {func(s *Scope) {
			s.Parties = nil
			s.SetReasons(map[string]record.BlankReason{"parties": {Reason: "none"}})
		}, known{}, ""},
		"no service, for whatever reason": {func(s *Scope) {
			s.Services = nil
			s.SetReasons(map[string]record.BlankReason{"services": {Reason: "none"}})
		}, known{}, "services required"},
		"another organization":           {func(s *Scope) { s.Organization = "Südlicht" }, known{}, "statement other_organization"},
		"a service that has ended":       {func(*Scope) {}, known{retired: map[record.ID]string{mail: "Mail"}}, "services.service retired"},
		"run by others":                  {func(s *Scope) { s.Parties[0].Service, s.Parties[0].Whole = mail, true }, known{}, "parties.whole run_by_others"},
		"others run what is not covered": {func(s *Scope) { s.Parties[0].Service, s.Parties[0].Whole = games, true }, known{}, ""},
		"a second one":                   {func(*Scope) {}, known{other: "The old scope"}, "state another_in_force"},
	} {
		s := whole()
		tc.change(s)
		if got := told(complete(s, nil, &lifecycle.Facts{Data: &tc.known})); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func TestAServiceIsCoveredOrLeftOutForAReason(t *testing.T) {
	for name, tc := range map[string]struct {
		services   []Covered
		exclusions []Exclusion
		want       string
	}{
		"fine":             {[]Covered{{Service: mail}}, []Exclusion{{Kind: "service", Service: games, Justification: "for staff"}, {Kind: "location", Justification: "a store"}}, ""},
		"twice":            {[]Covered{{Service: mail}, {Service: mail}}, nil, "services.service twice"},
		"both":             {[]Covered{{Service: mail}}, []Exclusion{{Kind: "service", Service: mail, Justification: "x"}}, "exclusions.service covered_too"},
		"which one?":       {nil, []Exclusion{{Kind: "service", Justification: "x"}}, "exclusions.service required"},
		"not a service":    {nil, []Exclusion{{Kind: "unit", Service: games, Justification: "x"}}, "exclusions.service not_a_service"},
		"no justification": {nil, []Exclusion{{Kind: "unit", Justification: " "}}, "exclusions.justification required"},
	} {
		s := &Scope{Services: tc.services, Exclusions: tc.exclusions}
		s.State = Active
		for verb, want := range map[string]string{"version_update": tc.want, "update": ""} { // what stands does not stop a change of the owner
			f := &lifecycle.Facts{Now: now, Zone: time.UTC, Verb: verb, Actor: &access.Principal{}, Data: &known{}}
			if got := told(decide(s, f)); got != want {
				t.Errorf("%s, %s: %s, want %s", name, verb, got, want)
			}
		}
	}
}

// kept is a scope with versions, each from a day to a day, approved on the first of them.
func kept(id byte, terms ...[2]record.Date) check.Kept {
	s := whole()
	s.ID, s.State, s.Phase = record.ID{id}, Active, "open"
	k := check.Kept{Record: s, Ref: "SCP-" + string('0'+rune(id))}
	for i, t := range terms {
		at, err := time.Parse(time.DateOnly, string(t[0]))
		if err != nil {
			panic(err)
		}
		c := whole()
		c.Header = s.Header
		k.Versions = append(k.Versions, process.Content{Record: c, Version: &record.Version{Number: record.Count(i + 1), Status: record.VersionApproved,
			EffectiveFrom: t[0], EffectiveTo: t[1], DecidedAt: record.At(at), Author: record.ID{8}, Approver: record.ID{9}}})
	}
	return k
}

func facts(requirement int, sets map[string][]check.Kept) *check.Facts {
	c := Checks[requirement]
	return check.NewFacts(&c, now, time.UTC, catalogue.Applied{Period: catalogue.MustPeriod("P12M")}, 0, &check.Loaded{Sets: sets})
}

func TestExactlyOneScopeIsInForce(t *testing.T) {
	self := kept(3, [2]record.Date{"2026-01-01", ""})
	self.Versions[0].Version.Approver = self.Versions[0].Version.Author
	retired := kept(4, [2]record.Date{"2026-01-01", ""})
	retired.Record.Head().State = Retired
	for name, tc := range map[string]struct {
		scopes []check.Kept
		want   catalogue.State
	}{
		"none":                          {nil, catalogue.NoEvidence},
		"a draft":                       {[]check.Kept{kept(1)}, catalogue.NoEvidence},
		"one":                           {[]check.Kept{kept(1, [2]record.Date{"2026-01-01", ""})}, catalogue.Conforms},
		"one after another":             {[]check.Kept{kept(1, [2]record.Date{"2026-01-01", "2026-02-01"}), kept(2, [2]record.Date{"2026-02-01", ""})}, catalogue.Conforms},
		"two at once":                   {[]check.Kept{kept(1, [2]record.Date{"2026-01-01", ""}), kept(2, [2]record.Date{"2026-02-01", ""})}, catalogue.Gap},
		"it lapsed":                     {[]check.Kept{kept(1, [2]record.Date{"2026-01-01", "2026-02-01"})}, catalogue.Gap},
		"approved by its author":        {[]check.Kept{self}, catalogue.NoEvidence},
		"a second one that was retired": {[]check.Kept{kept(1, [2]record.Date{"2026-01-01", ""}), retired}, catalogue.Conforms},
	} {
		if s := one(facts(0, map[string][]check.Kept{"scope": tc.scopes}))[0].Verdict.At(now); s.State != tc.want {
			t.Errorf("%s: %s (%s), want %s", name, s.State, s.Reason, tc.want)
		}
	}
}

func TestEachVersionIsJudgedForItsOwnTerm(t *testing.T) {
	// The second version was approved for a later day than the third.
	k := kept(1, [2]record.Date{"2026-01-01", "2026-02-01"}, [2]record.Date{"2026-04-01", ""}, [2]record.Date{"2026-02-01", "2026-04-01"})
	f := facts(0, nil)
	l := over(f, k.Ref, k.Versions, func(c process.Content) catalogue.Timeline {
		return catalogue.Always(catalogue.Conforms, string('0'+rune(c.Version.Number)))
	})
	for day, want := range map[string]string{"2025-12-31": "no version of it is in force", "2026-01-15": "1", "2026-03-01": "3", "2026-05-01": "2"} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		if got := l.At(at).Reason; got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

func TestEveryServiceThatIsDeliveredIsReconciledWithTheScope(t *testing.T) {
	service := func(id record.ID, phase record.Choice) check.Kept {
		h := &record.Header{ID: id, State: phase, Phase: phase, CreatedAt: record.At(now)}
		return check.Kept{Record: h, Ref: "SVC-" + string('0'+rune(id[0]))}
	}
	k := kept(1, [2]record.Date{"2026-01-01", ""})
	k.Versions[0].Record.(*Scope).Exclusions = []Exclusion{{Kind: "service", Service: games, Justification: "for staff"}}
	f := facts(2, map[string][]check.Kept{"scope": {k}, "service": {service(mail, "open"), service(games, "waiting"), service(chat, "open"), service(record.ID{4}, "draft"), service(record.ID{5}, "void")}})
	got := map[string]catalogue.State{}
	for _, m := range reconciled(f)[1:] {
		got[m.About.Ref] = m.Verdict.StateAt(now)
	}
	want := map[string]catalogue.State{"SVC-1": catalogue.Conforms, "SVC-2": catalogue.Conforms, "SVC-3": catalogue.Gap}
	if len(got) != len(want) {
		t.Errorf("%v, want %v", got, want)
	}
	for ref, state := range want {
		if got[ref] != state {
			t.Errorf("%s: %s, want %s", ref, got[ref], state)
		}
	}
	for name, tc := range map[string]struct {
		services []Covered
		want     catalogue.State
	}{"what is there": {[]Covered{{Service: mail}}, catalogue.Conforms}, "what was planned": {[]Covered{{Service: record.ID{4}}}, catalogue.Conforms},
		"what has ended": {[]Covered{{Service: mail}, {Service: record.ID{5}}}, catalogue.Gap}, "what is not on record": {[]Covered{{Service: record.ID{6}}}, catalogue.Gap}} {
		if s := standing(&Scope{Services: tc.services}, nil, f).StateAt(now); s != tc.want {
			t.Errorf("it covers %s: %s, want %s", name, s, tc.want)
		}
	}
}

func TestAScopeThatOnlyItsAuthorsCanReadIsNotAvailable(t *testing.T) {
	f := facts(4, nil)
	s := whole()
	s.Audience, s.ReviewedAt = "everybody", record.At(now)
	v := &record.Version{DecidedAt: record.At(now)}
	if got := available(s, v, f).StateAt(now); got != catalogue.Conforms {
		t.Errorf("open: %s", got)
	}
	s.Restricted = true
	if got := available(s, v, f).StateAt(now); got != catalogue.Gap {
		t.Errorf("restricted: %s", got)
	}
}
