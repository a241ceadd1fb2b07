package start_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/begin"
	"steward/sms/conformity/catalogue"
	"steward/web/face"
	"steward/web/webtest"
)

// states are the verdicts of now.
func states(t *testing.T, s *webtest.Site) map[string]catalogue.State {
	t.Helper()
	e := conformity.New(s.Sys.System, catalogue.BuiltIn(), sms.Checks())
	r, err := e.Evaluate(context.Background(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]catalogue.State{}
	for _, it := range r.Items {
		out[it.Requirement.ID] = it.State
	}
	return out
}

func who(t *testing.T, s *webtest.Site, name string) (*access.Principal, string) {
	t.Helper()
	res, err := s.Sys.Get(context.Background(), s.Sys.Self(), "user", name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Sys.Principal(context.Background(), res.Record.Head().ID)
	if err != nil {
		t.Fatal(err)
	}
	return p, res.Record.Head().ID.String()
}

func answers(t *testing.T, s *webtest.Site) []string {
	_, mia := who(t, s, "mia")
	_, ann := who(t, s, "ann")
	_, olga := who(t, s, "olga")
	return []string{"organization", "Harbour IT", "purpose", "We keep the offices of the port running.", "direction", "Grow with the ports of the north.", "customers", "Companies of the port", "technology", "Two halls and a cloud",
		"locations", "Hamburg\r\nKiel", "services", "E-mail\r\nDesktop\r\n e-mail ", "parties", "North Hosting: data centre", "limits", "One site at night", "obligations", "Data protection",
		"top", mia, "owner", ann, "role_risk_owner", olga}
}

func provider(t *testing.T) *webtest.Site {
	s := webtest.Open(t)
	s.User("ann", "", "process_owner")
	s.User("olga", "", "process_owner", "manager")
	s.User("mia", "", "manager")
	s.User("kim", "", "agent")
	return s
}

func count(t *testing.T, s *webtest.Site) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, p := range s.Sys.Registry.All {
		n, _, err := s.Sys.Reader().Count(context.Background(), p.Name, "")
		if err != nil {
			t.Fatal(err)
		}
		out[p.Name] = n
	}
	return out
}

func do(t *testing.T, s *webtest.Site, by *access.Principal, c lifecycle.Command) (*system.Result, error) {
	t.Helper()
	c.Door = "test"
	return s.Sys.Do(context.Background(), by, c)
}

func must(t *testing.T, s *webtest.Site, by *access.Principal, c lifecycle.Command) {
	t.Helper()
	if _, err := do(t, s, by, c); err != nil {
		t.Fatalf("%s %s of %s: %v", c.Verb, c.Name, c.Process, err)
	}
}

func TestDraftsOfTheAssistantMakeNothingConformBeforeAnotherPersonApprovesThem(t *testing.T) {
	s := provider(t)
	ctx := context.Background()
	before := states(t, s)
	b := s.Browser("ann")
	if a := b.Post("/cockpit/begin", answers(t, s)...); a.Status != http.StatusOK || a.Path != "/cockpit/begin" || !a.Has(begin.Mark, "Scope of the service management system", "Retention schedule") {
		t.Fatalf("%d at %s: %s", a.Status, a.Path, a.Text())
	}
	after := states(t, s)
	for id, st := range after {
		if st.Holds() && !before[id].Holds() {
			t.Errorf("%s is %s by drafts that nobody has approved", id, st)
		}
	}
	sysID, err := s.Sys.Store.Meta(ctx, "system")
	if err != nil {
		t.Fatal(err)
	}
	ann, _ := who(t, s, "ann")
	olga, _ := who(t, s, "olga")
	mia, _ := who(t, s, "mia")

	// Each says on its own page that it is a draft.
	for _, k := range begin.Keys() {
		if k.Name != "scope" && k.Name != "policy" && k.Name != "objective/system" && k.Name != "metric/incident" && k.Name != "appointment/sms_manager" && k.Name != "document/capacity_plan" {
			continue
		}
		q := s.Sys.Registry.Process(k.Process)
		if a := b.Get("/" + q.Resource + "/" + begin.ID(sysID, k).String()); !a.Has(begin.Mark) {
			t.Errorf("the page of %s does not say that it is a draft: %d", k.Name, a.Status)
		}
	}

	// Who wrote them cannot approve them.
	submit := func(k begin.Key) {
		must(t, s, ann, lifecycle.Command{Process: k.Process, Record: begin.ID(sysID, k), Verb: "version_submit", Number: 1})
	}
	if a := b.Post("/cockpit/begin/hand-in"); a.Status != http.StatusOK || !a.Has("Handed in, waits for approval") {
		t.Fatalf("%d: %s", a.Status, a.Text())
	}
	for _, k := range begin.Keys() {
		q := s.Sys.Registry.Process(k.Process)
		id := begin.ID(sysID, k)
		if !q.Versioned {
			continue
		}
		vs, err := s.Sys.Reader().Versions(ctx, q.Name, id)
		if err != nil || len(vs) != 1 {
			t.Fatalf("%s: %d versions: %v", k.Name, len(vs), err)
		}
		open := false
		for _, f := range q.Content {
			open = open || begin.Open(face.Plain(f.Of(vs[0].Record)))
		}
		if handed := vs[0].Version.Status == record.VersionReview; handed == open {
			t.Errorf("%s has places to fill: %v; it was handed in: %v", k.Name, open, handed)
		}
		if open {
			submit(k)
		}
		if _, err := do(t, s, ann, lifecycle.Command{Process: k.Process, Record: id, Verb: "version_approve", Number: 1}); err == nil {
			t.Errorf("who wrote %s approved it", k.Name)
		}
	}
	for id, st := range states(t, s) {
		if st.Holds() && !before[id].Holds() {
			t.Errorf("%s is %s by what was handed in and not approved", id, st)
		}
	}

	// Another person approves: each is in force, and what depends on it turns.
	for _, k := range begin.Keys() {
		q := s.Sys.Registry.Process(k.Process)
		id := begin.ID(sysID, k)
		switch {
		case q.Versioned:
			must(t, s, olga, lifecycle.Command{Process: k.Process, Record: id, Verb: "version_approve", Number: 1})
		case k.Process == "objective" || k.Process == "metric":
			if _, err := do(t, s, ann, lifecycle.Command{Process: k.Process, Record: id, Verb: "transition", Name: "approve"}); err == nil {
				t.Errorf("who proposed %s approved it", k.Name)
			}
			must(t, s, mia, lifecycle.Command{Process: k.Process, Record: id, Verb: "transition", Name: "approve"})
		}
	}
	for _, r := range begin.RoleKinds {
		id := begin.ID(sysID, begin.Key{Process: "appointment", Name: "appointment/" + r.Kind})
		must(t, s, mia, lifecycle.Command{Process: "appointment", Record: id, Verb: "transition", Name: "appoint"})
		person := ann
		if r.Kind == "risk_owner" {
			person = olga
		}
		must(t, s, person, lifecycle.Command{Process: "appointment", Record: id, Verb: "transition", Name: "accept"})
	}
	now := states(t, s)
	for _, id := range strings.Fields("4.3-01 4.3-04 4.4-02 5.2.1-01 5.2.1-02 5.2.1-03 5.2.1-04 5.2.2-01 5.3-02 6.1.2-05 6.1.2-06 6.2.1-01 6.2.1-02 6.2.1-03 6.2.2-02 6.2.2-05 6.3-02 6.3-03 6.3-04 6.3-05 6.3-06 6.3-07 6.3-08 6.3-09 7.5.4-01 7.5.4-02 7.5.4-03 7.5.4-04 7.5.4-05 7.5.4-13 9.1-02") {
		if before[id].Holds() || now[id] != catalogue.Conforms {
			t.Errorf("%s was %s and is %s after approval", id, before[id], now[id])
		}
	}
	if a := b.Get("/cockpit/begin"); strings.Count(a.Text(), begin.Mark) != 2 { // the two services, which are not live yet
		t.Errorf("of what was approved %d still say that they are drafts", strings.Count(a.Text(), begin.Mark))
	}
}

func TestTheAssistantRunTwiceMakesNothingTwice(t *testing.T) {
	s := provider(t)
	b := s.Browser("ann")
	first := answers(t, s)
	b.Post("/cockpit/begin", first...)
	once := count(t, s)
	if once["document"] != 29 || once["service"] != 2 || once["sms_role"] != 8 || once["scope"] != 1 {
		t.Fatalf("%v", once)
	}
	if a := b.Post("/cockpit/begin", first...); a.Status != http.StatusOK {
		t.Fatalf("%d: %s", a.Status, a.Text())
	}
	// Somebody else with other words, too: a service more is all that is new.
	other := append([]string{}, first...)
	for i := range other {
		if other[i] == "services" {
			other[i+1] = "Desktop\nTelephony"
		}
	}
	if a := s.Browser("olga").Post("/cockpit/begin", other...); a.Status != http.StatusOK {
		t.Fatalf("%d: %s", a.Status, a.Text())
	}
	once["service"]++
	if twice := count(t, s); fmt.Sprint(twice) != fmt.Sprint(once) {
		t.Errorf("once:  %v\ntwice: %v", once, twice)
	}
}

func TestWhatAPersonWroteIsNotMadeAgainByTheAssistant(t *testing.T) {
	s := provider(t)
	ann, id := who(t, s, "ann")
	text := func(x any) json.RawMessage { raw, _ := json.Marshal(x); return raw }
	must(t, s, ann, lifecycle.Command{Process: "policy", Verb: "create", Set: map[string]json.RawMessage{"title": text("Ours"), "kind": text("service_management"), "owner": text(id)}})
	must(t, s, ann, lifecycle.Command{Process: "service", Verb: "create", Set: map[string]json.RawMessage{"title": text("E-mail"), "owner": text(id)}})
	if a := s.Browser("ann").Post("/cockpit/begin", answers(t, s)...); a.Status != http.StatusOK {
		t.Fatalf("%d: %s", a.Status, a.Text())
	}
	if n := count(t, s); n["policy"] != 1 || n["service"] != 2 || n["objective"] != 2 {
		t.Errorf("%v", n)
	}
}

func TestTheAssistantAsksForWhatItNeedsAndKeepsWhatWasTyped(t *testing.T) {
	s := provider(t)
	b := s.Browser("ann")
	a := b.Post("/cockpit/begin", "organization", "Harbour IT", "purpose", "<b>port</b>", "top", "nobody")
	if a.Status != http.StatusUnprocessableEntity || !a.Has("Please look at", "name at least one service", "choose who of top management decides") || !strings.Contains(a.Body, `value="Harbour IT"`) || !strings.Contains(a.Body, "&lt;b&gt;port") {
		t.Errorf("%d: %s", a.Status, a.Text())
	}
	if n := count(t, s); n["scope"]+n["policy"]+n["document"] != 0 {
		t.Errorf("something was made of half an answer: %v", n)
	}
	for _, name := range []string{"kim", "mia"} {
		for _, path := range []string{"/cockpit/begin", "/cockpit/begin/hand-in"} {
			if a := s.Browser(name).Post(path, answers(t, s)...); a.Status != http.StatusForbidden {
				t.Errorf("%s may post %s: %d", name, path, a.Status)
			}
		}
	}
	if ids := regexp.MustCompile(`value="[0-9a-f-]{36}"`).FindAllString(b.Get("/cockpit/begin").Body, -1); len(ids) == 0 {
		t.Error("nobody can be chosen")
	}
}
