package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"steward/web/text"
	"steward/web/webtest"
)

// harbour is a provider with two customers; kim reports for one, bo manages the same one, eve is of
// the other.
func harbour(t *testing.T) *webtest.Site {
	s := webtest.Open(t)
	s.Do("customer", "", "create", "", "title", "Harbour")
	s.Do("customer", "", "create", "", "title", "Other")
	s.Do("service", "", "create", "", "title", "E-mail", "owner", "admin")
	s.Do("service", "E-mail", "transition", "go_live")
	s.User("jana", "", "agent")
	s.User("kim", "Harbour", "requester")
	s.User("bo", "Harbour", "customer_manager")
	s.User("eve", "Other", "customer_manager")
	return s
}

func TestACustomerReportsAnswersAndConfirmsWithoutScript(t *testing.T) {
	s := harbour(t)
	kim, jana := s.Browser("kim"), s.Browser("jana")
	if a := kim.Post("/portal/report", "title", "", "more", "since this morning", "many", "3"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "since this morning") {
		t.Fatalf("%d: what was typed is gone: %s", a.Status, a.Text())
	}
	a := kim.Send("/portal/report", "file", "error.txt", "it says 42", "title", "Mail does not arrive", "more", "since this morning", "service", "SVC-1", "many", "3", "work", "2")
	if !strings.HasPrefix(a.Path, "/portal/matters/INC-") || !a.Has("Mail does not arrive", "Received", "error.txt") {
		t.Fatalf("%d at %s: %s", a.Status, a.Path, a.Text())
	}
	at := a.Path
	ref := strings.TrimPrefix(at, "/portal/matters/")
	jana.Post("/incidents/"+ref+"/comments", "body", "We look into it.", "internal", "false")
	jana.Post("/incidents/"+ref+"/comments", "body", "SECRET: the customer's disk is full", "internal", "true")
	if a := kim.Get(at); !a.Has("We look into it.") || a.Has("SECRET") {
		t.Errorf("the answer is missing, or the note among colleagues shows: %s", a.Text())
	}
	kim.Post(at+"/answer", "body", "Thank you, it is urgent.")
	jana.Post("/incidents/"+ref+"/do/start", "comment", "")
	if a := jana.Post("/incidents/"+ref+"/do/resolve", "resolution", "queue emptied", "resolution_code", "fixed"); a.Path != "/incidents/"+ref {
		t.Fatalf("%d at %s: %s", a.Status, a.Path, a.Text())
	}
	if a := kim.Get(at); !a.Has("We believe this is solved") {
		t.Fatalf("%s", a.Text())
	}
	if a := kim.Post(at+"/reopen", "why", ""); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("said not solved without a word: %d", a.Status)
	}
	if a := kim.Post(at+"/reopen", "why", "still nothing arrives"); !a.Has("still nothing arrives", "Being looked at") {
		t.Errorf("%s", a.Text())
	}
	jana.Post("/incidents/"+ref+"/do/resolve", "resolution", "rule removed", "resolution_code", "fixed")
	if a := kim.Post(at + "/confirm"); !a.Has("Done") || a.Has("We believe") {
		t.Errorf("%s", a.Text())
	}
}

func TestNobodySeesAnotherCustomersMattersOnAnyPage(t *testing.T) {
	s := harbour(t)
	kim := s.Browser("kim")
	a := kim.Post("/portal/report", "title", "Harbour matter", "many", "4", "work", "4")
	at := a.Path
	eve, bo := s.Browser("eve"), s.Browser("bo")
	for _, path := range []string{at, at + "/files/00000000-0000-7000-8000-000000000000"} {
		if a := eve.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	for _, path := range []string{at + "/answer", at + "/confirm", at + "/reopen"} {
		if a := eve.Post(path, "body", "x", "why", "x"); a.Status != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, a.Status)
		}
	}
	for _, path := range []string{"/portal", "/portal/matters", "/portal/matters?show=closed", "/portal/search?q=harbour", "/status", "/status/feed.xml"} {
		if a := eve.Get(path); strings.Contains(a.Body, "Harbour matter") {
			t.Errorf("%s shows it", path)
		}
	}
	if a := bo.Get("/portal/matters"); !a.Has("Harbour matter") {
		t.Error("the customer's manager does not see it")
	}
	s.User("kai", "Harbour", "requester")
	if a := s.Browser("kai").Get(at); a.Status != http.StatusNotFound {
		t.Errorf("a colleague who only sees own matters opened it: %d", a.Status)
	}
}

var key = regexp.MustCompile(`>\s*[a-z]+\.[a-z0-9]+\s*<`)

func TestEveryPageIsWrittenInEveryLanguage(t *testing.T) {
	s := harbour(t)
	kim := s.Browser("kim")
	a := kim.Post("/portal/report", "title", "Donaudampfschifffahrtsgesellschaftskapitänsmütze", "many", "4", "work", "4")
	for _, lang := range text.Languages {
		kim.Post("/lang", "lang", lang, "to", "/portal")
		for _, path := range []string{"/portal", "/portal/report", "/portal/matters", a.Path, "/status", "/portal/promised", "/portal/search?q=x"} {
			got := kim.Get(path)
			if got.Status != http.StatusOK || !strings.Contains(got.Body, `lang="`+lang+`"`) {
				t.Errorf("%s in %s: %d", path, lang, got.Status)
			}
			if m := key.FindString(got.Body); m != "" {
				t.Errorf("%s in %s shows the key %s", path, lang, m)
			}
		}
		if got := kim.Get("/portal"); !got.Has(text.For(lang, nil).Say("hello")) {
			t.Errorf("%s is not in %s", got.Path, lang)
		}
	}
}

func TestTheStateOfAServiceIsToldToAllOfItsCustomerAndToNobodyElse(t *testing.T) {
	s := harbour(t)
	s.Do("incident", "", "create", "", "title", "No mail at all", "customer", "Harbour", "service", "E-mail", "impact", 1, "urgency", 1, "major", true, "major_criterion", "critical_service_down")
	if a := s.Browser("kim").Get("/status"); !a.Has("E-mail: Major disturbance", "No mail at all") {
		t.Errorf("%s", a.Text())
	}
	if a := s.Browser("eve").Get("/status"); !a.Has("E-mail: Works") || a.Has("No mail at all") {
		t.Errorf("%s", a.Text())
	}
	if a := s.Browser("kim").Get("/status/feed.xml"); !strings.Contains(a.Body, "No mail at all") || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/atom+xml") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}
