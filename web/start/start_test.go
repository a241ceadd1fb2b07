package start_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"steward/web/webtest"
)

func TestAnEmptySystemIsLedToItsFirstPromise(t *testing.T) {
	s := webtest.Open(t)
	s.User("boss", "", "administrator")
	b := s.Browser("boss")
	if a := b.Get("/start"); !a.Has("1 of 8 done") {
		t.Fatalf("%s", a.Text())
	}
	b.Post("/start/team", "title", "Service Desk")
	b.Post("/start/colleague", "title", "Kim", "name", "kim", "role", "process_owner")
	if a := b.Post("/start/calendar", "title", "Working days", "from", "08:00", "to", "17:00", "zone", "Nowhere/At All", "day1", "1"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `value="Nowhere/At All"`) {
		t.Errorf("a zone that does not exist was taken, or what was typed is gone: %d", a.Status)
	}
	b.Post("/start/calendar", "title", "Working days", "from", "08:00", "to", "17:00", "zone", "Europe/Berlin", "holidays", "DE-BY", "day1", "1", "day2", "1")
	b.Post("/start/customer", "title", "Harbour")
	b.Post("/start/service", "title", "E-mail")
	b.Post("/start/agreement", "title", "Harbour agreement", "customer", "CUS-1", "calendar", "CAL-1",
		"response1", "15 min", "response2", "30 min", "response3", "4 h", "response4", "8 h", "resolution1", "4 h", "resolution2", "8 h", "resolution3", "24 h", "resolution4", "40 h")
	a := b.Get("/start")
	if !a.Has("4 of 8 done", "somebody other than its author has to approve it") {
		t.Fatalf("%s", a.Text())
	}
	s.Do("calendar", "Working days", "version_approve", "")
	s.Do("agreement", "SLA-1", "version_approve", "")
	if a := b.Get("/start"); !a.Has("7 of 8 done") {
		t.Errorf("%s", a.Text())
	}
	ref := s.Do("incident", "", "create", "", "title", "No mail", "customer", "Harbour", "service", "E-mail", "impact", 2, "urgency", 2)
	clocks := 0
	res, err := s.Sys.Get(context.Background(), s.Sys.Self(), "incident", ref)
	if err != nil {
		t.Fatal(err)
	}
	cs, err := s.Sys.Clocks(context.Background(), res.Record.Head().ID)
	if err != nil {
		t.Fatal(err)
	}
	if clocks = len(cs); clocks != 2 {
		t.Errorf("the promise that the assistant wrote down started %d clocks, not 2", clocks)
	}
	s.User("jana", "", "agent")
	if a := s.Browser("jana").Post("/start/team", "title", "Mine"); a.Status != http.StatusForbidden {
		t.Errorf("an agent set up a team: %d", a.Status)
	}
}
