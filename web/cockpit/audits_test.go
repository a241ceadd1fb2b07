package cockpit_test

import (
	"regexp"
	"testing"

	"steward/kernel/record"
	"steward/web/webtest"
)

// TestAnAuditorFromOutsideDrawsJudgesAndAsks does by forms what an auditor from outside may, and finds
// it on record what they looked at.
func TestAnAuditorFromOutsideDrawsJudgesAndAsks(t *testing.T) {
	s := webtest.Open(t)
	s.User("maren", "", "manager")
	s.Do("user", "", "create", "", "title", "Eva", "name", "eva", "external", true, "until", string(record.Day(s.Sys.Now().AddDate(0, 1, 0))), "roles", []any{map[string]any{"role": "auditor"}})
	s.Do("user", "eva", "password", "", "password", webtest.Password)
	s.Do("incident", "", "create", "", "title", "It broke", "impact", 3, "urgency", 3)
	today := string(record.Day(s.Sys.Now().In(s.Sys.Zone())))
	eva := s.Browser("eva")
	if p := eva.Post("/samples/new", "title", "Of today", "process", "incident", "from", today, "to", today, "size", "3"); p.Path != "/samples/SAM-1" {
		t.Fatalf("%d at %s: %s", p.Status, p.Path, p.Text())
	}
	if p := eva.Post("/samples/SAM-1/do/draw"); !p.Has("Drawn", "It broke") {
		t.Errorf("drawn: %s", p.Text())
	}
	form := eva.Get("/cockpit/samples/SAM-1")
	id := regexp.MustCompile(`name="items.0.id" value="([^"]+)"`).FindStringSubmatch(form.Body)
	rev := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(form.Body)
	if id == nil || rev == nil || !form.Has("INC-1", "It broke") {
		t.Fatalf("no form of verdicts: %s", form.Text())
	}
	if p := eva.Post("/cockpit/samples/SAM-1", "revision", rev[1], "items.0.id", id[1], "items.0.verdict", "finding", "items.0.note", ""); p.Status != 422 || !p.Has("say what was found") {
		t.Errorf("a finding without words: %d %s", p.Status, p.Text())
	}
	if p := eva.Post("/cockpit/samples/SAM-1", "revision", rev[1], "items.0.id", id[1], "items.0.verdict", "finding", "items.0.note", "nobody was told"); p.Path != "/samples/SAM-1" || !p.Has("nobody was told") {
		t.Errorf("judged: %d at %s %s", p.Status, p.Path, p.Text())
	}
	if p := eva.Post("/evidence-requests/new", "title", "Who was told?", "wanted", "Show the mails.", "due", today, "process", "incident"); p.Path != "/evidence-requests/EVR-1" {
		t.Errorf("asked: %d at %s %s", p.Status, p.Path, p.Text())
	}
	if p := eva.Get("/cockpit/audit"); !p.Has("EVR-1", "SAM-1", "1 of 1 judged", "Eva") {
		t.Errorf("the audit room: %s", p.Text())
	}
	if p := eva.Get("/incidents/new"); p.Status != 403 {
		t.Errorf("she is asked for a new incident: %d", p.Status)
	}
	eva.Get("/incidents/INC-1")
	maren := s.Browser("maren")
	if p := maren.Get("/cockpit/looks?who=eva&record=INC-1"); !p.Has("Eva", "INC-1 It broke", "/incidents/INC-1", "web", "Shown") {
		t.Errorf("what she looked at: %s", p.Text())
	}
	if p := maren.Get("/cockpit/looks.csv?who=eva"); p.Status != 200 || !regexp.MustCompile(`/incidents/new.*Refused`).MatchString(p.Body) {
		t.Errorf("the file: %d %.400s", p.Status, p.Body)
	}
	if p := eva.Get("/cockpit/looks?who=maren"); p.Status != 403 {
		t.Errorf("she sees what others looked at: %d", p.Status)
	}
}
