package cockpit_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"steward/boot"
	"steward/web/webtest"
)

// harbour is a provider with one service, an agreement and an incident whose promise is missed.
func harbour(t *testing.T) (*webtest.Site, *time.Time) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) // a Monday
	s := webtest.Open(t, func(o *boot.Options) { o.Now = func() time.Time { return now } })
	s.Do("customer", "", "create", "", "title", "Harbour")
	s.User("olga", "", "process_owner")
	s.User("jana", "", "agent")
	s.User("felix", "", "auditor")
	s.User("kim", "Harbour", "requester")
	s.Do("team", "", "create", "", "title", "Desk")
	s.Do("service", "", "create", "", "title", "E-mail", "owner", "olga", "customers", []any{map[string]any{"customer": "Harbour"}})
	s.Do("service", "E-mail", "transition", "go_live")
	s.Do("service", "", "create", "", "title", "Fax", "owner", "olga")
	s.Do("incident", "", "create", "", "title", "Mail is late", "customer", "Harbour", "service", "E-mail", "impact", 2, "urgency", 2)
	return s, &now
}

func TestTheCockpitOpensEveryFigureAndIsForTheProvidersLeadersAlone(t *testing.T) {
	s, _ := harbour(t)
	felix := s.Browser("felix")
	pages := map[string][]string{
		"/cockpit":                           {"Requirements that hold", "Held by records of the work", "4.1"},
		"/cockpit?as_of=2026-03-01":          {"Cockpit"},
		"/cockpit/clauses/8.6.1":             {"8.6.1-01"},
		"/cockpit/clauses/all?state=gap":     {"Requirements: gap"},
		"/cockpit/requirements/8.6.1-01":     {"Mail is late", "Decided from", "records that the work made"},
		"/cockpit/requirements/5.1-06":       {"what was written to say so"},
		"/cockpit/readiness/stage-1":         {"An internal audit has taken place"},
		"/cockpit/readiness/stage-2":         {"records of 90 days"},
		"/cockpit/readiness/surveillance":    {"Complaints and satisfaction"},
		"/cockpit/todo":                      {"Nobody"},
		"/cockpit/trails":                    {"E-mail", "Incidents"},
		"/cockpit/trails/services/SVC-1":     {"INC-1", "None names it."},
		"/cockpit/trails/processes/incident": {"Fax", "Promise missed"},
	}
	for path, want := range pages {
		if a := felix.Get(path); a.Status != http.StatusOK || !a.Has(want...) {
			t.Errorf("%s: %d: %s", path, a.Status, a.Text())
		}
		for _, name := range []string{"jana", "kim"} {
			if a := s.Browser(name).Get(path); a.Status == http.StatusOK && !strings.HasPrefix(a.Path, "/portal") {
				t.Errorf("%s sees %s", name, path)
			}
		}
	}
	for _, path := range []string{"/cockpit/readiness/stage-9", "/cockpit/clauses/3.1", "/cockpit/requirements/8.6.1-99", "/cockpit/trails/services/SVC-9", "/cockpit/trails/processes/team", "/cockpit/trails/missed/incident/INC-9"} {
		if a := felix.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := felix.Get("/cockpit?as_of=yesterday"); a.Status != http.StatusBadRequest {
		t.Errorf("as of no day: %d", a.Status)
	}
}

func TestATrailBackSaysWhatItDoesNotReach(t *testing.T) {
	s, now := harbour(t)
	s.Do("improvement", "", "create", "", "title", "More disks", "description", "x", "source", "staff", "benefit", "fewer delays")
	s.Do("incident", "", "create", "", "title", "Late again", "customer", "Harbour", "service", "E-mail")
	s.Do("incident", "INC-2", "link", "leads_to", "to", "IMV-1")
	*now = now.Add(time.Minute)
	felix := s.Browser("felix")
	if a := felix.Get("/cockpit/trails/missed/incident/INC-1"); !a.Has("no improvement came of it", "no nonconformity was recorded") || a.Has("IMV-1") {
		t.Errorf("%s", a.Text())
	}
	if a := felix.Get("/cockpit/trails/missed/incident/INC-2"); !a.Has("IMV-1 More disks") || a.Has("no improvement came of it") {
		t.Errorf("%s", a.Text())
	}
}

func TestWhatIsToBeDoneStandsWithItsOwner(t *testing.T) {
	s, now := harbour(t)
	s.Do("service", "SVC-2", "transition", "go_live")
	*now = now.Add(time.Hour)
	olga := s.Browser("olga")
	a := olga.Get("/cockpit/todo?mine=1")
	if a.Status != http.StatusOK || !a.Has("Olga", "SVC-2 Fax") || a.Has("Nobody") {
		t.Errorf("%d: %s", a.Status, a.Text())
	}
	if a := s.Browser("felix").Get("/cockpit/todo?mine=1"); !a.Has("Nothing to do") {
		t.Errorf("%s", a.Text())
	}
}

func TestOnAnEmptySystemNothingIsCountedAsHeld(t *testing.T) {
	s := webtest.Open(t)
	s.User("felix", "", "auditor")
	if a := s.Browser("felix").Get("/cockpit"); !a.Has("No requirement holds yet", "0 of 395") {
		t.Errorf("%s", a.Text())
	}
}
