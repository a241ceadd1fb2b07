package portal_test

import (
	"encoding/xml"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"steward/kernel/people"
	"steward/web/text"
	"steward/web/webtest"
)

// opened is a provider whose status page is open to everybody: E-mail may be named there, Crane not.
func opened(t *testing.T) *webtest.Site {
	s := harbour(t)
	s.Do("organisation", "", "create", "", "title", "Nordlicht", "public_status", true, "status_text", "How our services are.")
	s.Do("service", "E-mail", "update", "", "public", true)
	s.Do("service", "", "create", "", "title", "Crane", "owner", "admin")
	s.Do("service", "Crane", "transition", "go_live")
	return s
}

func notice(s *webtest.Site, service string, pairs ...any) string {
	return s.Do("service_notice", "", "create", "", append([]any{"services", []any{map[string]any{"service": service}}, "kind", "outage"}, pairs...)...)
}

func TestTheStatusPageIsOpenOnlyWhileASettingSaysSo(t *testing.T) {
	s := harbour(t)
	nobody := s.Browser("")
	for _, path := range []string{"/status", "/status/feed.xml"} {
		if a := nobody.Get(path); !strings.HasPrefix(a.Path, "/signin") {
			t.Errorf("%s without a setting: %d at %s", path, a.Status, a.Path)
		}
	}
	s.Do("organisation", "", "create", "", "title", "Nordlicht", "public_status", true)
	if a := nobody.Get("/status"); a.Status != http.StatusOK || a.Path != "/status" || !a.Has("Nordlicht", "Sign in") || a.Has("Sign out") {
		t.Errorf("opened: %d at %s: %s", a.Status, a.Path, a.Text())
	}
	s.Do("organisation", "ORG-1", "update", "", "public_status", false)
	if a := nobody.Get("/status"); !strings.HasPrefix(a.Path, "/signin") {
		t.Errorf("closed again: %d at %s", a.Status, a.Path)
	}
}

func TestThePublicStatusPageTellsOnlyWhatWasPublishedForIt(t *testing.T) {
	s := opened(t)
	inc := s.Do("incident", "", "create", "", "title", "INTERNAL disk of host db7 full", "description", "INTERNAL", "customer", "Harbour", "service", "E-mail", "impact", 1, "urgency", 1, "major", true, "major_criterion", "critical_service_down")
	s.Do("incident", inc, "comment", "", "body", "INTERNAL word to the customer")
	said := func(text string) []any { return []any{map[string]any{"text": text}} }
	draft := notice(s, "E-mail", "title", "DRAFT headline", "updates", said("DRAFT text"), "incident", inc)
	notice(s, "E-mail", "title", "HARBOUR headline", "customer", "Harbour", "updates", said("HARBOUR text"))
	hidden := notice(s, "Crane", "title", "CRANE headline", "updates", said("CRANE text"))
	gone := notice(s, "E-mail", "title", "GONE headline", "updates", said("GONE text"))
	for _, ref := range []string{"SNO-2", hidden, gone} {
		s.Do("service_notice", ref, "transition", "publish")
	}
	s.Do("service_notice", gone, "transition", "withdraw")
	nobody := s.Browser("")
	secret := regexp.MustCompile(`INTERNAL|DRAFT|HARBOUR|Harbour|CRANE|Crane|GONE|INC-|SNO-|critical_service`)
	for _, path := range []string{"/status", "/status/feed.xml"} {
		if a := nobody.Get(path); a.Status != http.StatusOK || secret.MatchString(a.Body) {
			t.Errorf("%s: %d tells %q", path, a.Status, secret.FindString(a.Body))
		}
	}
	if a := nobody.Get("/status"); !a.Has("E-mail: Works", "No disturbance in the last 90 days") {
		t.Errorf("before anything is published: %s", a.Text())
	}
	s.Do("service_notice", draft, "update", "", "title", "Mail is not delivered", "updates", said("We are restoring a store."))
	s.Do("service_notice", draft, "transition", "publish")
	if a := nobody.Get("/status"); !a.Has("E-mail: Major disturbance", "Mail is not delivered", "We are restoring a store.", "planned work: 1") || secret.MatchString(a.Body) {
		t.Errorf("published: tells %q: %s", secret.FindString(a.Body), a.Text())
	}
	var feed struct {
		Entries []struct {
			Title   string `xml:"title"`
			Content string `xml:"content"`
		} `xml:"entry"`
	}
	a := nobody.Get("/status/feed.xml")
	if err := xml.Unmarshal([]byte(a.Body), &feed); err != nil || len(feed.Entries) != 1 || feed.Entries[0].Title != "Mail is not delivered" || !strings.Contains(feed.Entries[0].Content, "restoring a store") || secret.MatchString(a.Body) {
		t.Errorf("%v %+v: %s", err, feed, a.Body)
	}
	s.Do("service_notice", draft, "transition", "end")
	if a := nobody.Get("/status"); !a.Has("E-mail: Works", "restored", "Mail is not delivered") {
		t.Errorf("ended: %s", a.Text())
	}
	// Those concerned read what was published instead of the incident's title; others' notices are not theirs.
	if a := s.Browser("kim").Get("/status"); !a.Has("HARBOUR text", "CRANE headline", "Mail is not delivered") || a.Has("INTERNAL") {
		t.Errorf("the customer concerned: %s", a.Text())
	}
	if a := s.Browser("eve").Get("/status"); a.Has("HARBOUR") || a.Has("INTERNAL") {
		t.Errorf("another customer: %s", a.Text())
	}
}

func TestANoticeIsReadInTheReadersLanguageAndElseInOneThatIsThere(t *testing.T) {
	s := opened(t)
	ref := notice(s, "E-mail", "title", "Mail is slow", "kind", "disturbance",
		"headlines", []any{map[string]any{"language": "de", "headline": "E-Mail ist langsam"}},
		"updates", []any{map[string]any{"text": "We look into it."}, map[string]any{"text": "Wir sehen nach.", "language": "de"}})
	s.Do("service_notice", ref, "transition", "publish")
	want := map[string][]string{"en": {"Mail is slow", "We look into it."}, "de": {"E-Mail ist langsam", "Wir sehen nach."}, "fr": {"Mail is slow", "We look into it."}, "es": {"Mail is slow", "We look into it."}}
	for _, lang := range text.Languages {
		b := s.Browser("")
		b.Header.Set("Accept-Language", lang+"-XX,xx;q=0.5")
		if a := b.Get("/status"); !a.Has(want[lang]...) || !a.Has(text.For(lang, nil).Say("st.degraded")) || !strings.Contains(a.Body, `lang="`+lang+`"`) || key.MatchString(a.Body) {
			t.Errorf("%s: %s", lang, a.Text())
		}
	}
}

func TestNothingIsPublishedThatSaysNothing(t *testing.T) {
	s := opened(t)
	s.User("ann", "", "agent")
	ann := s.Browser("ann")
	ref := s.Do("service_notice", "", "create", "", "title", "Empty", "kind", "outage")
	if a := ann.Post("/service-notices/" + ref + "/do/publish"); a.Status != http.StatusUnprocessableEntity || !a.Has("name the services", "write what those concerned are to read") {
		t.Errorf("%d %s", a.Status, a.Text())
	}
	if a := s.Browser("kim").Get("/service-notices"); a.Status != http.StatusNotFound {
		t.Errorf("a customer sees what is not published: %d", a.Status)
	}
}

func TestAPortalBearsItsCustomersNameColoursAndNoticesAndNobodyElses(t *testing.T) {
	s := harbour(t)
	s.User("pat", "", "process_owner")
	pat := s.Browser("pat")
	form := pat.Get("/customers/CUS-1/edit")
	rev := regexp.MustCompile(`name="revision" value="(\d+)"`).FindStringSubmatch(form.Body)[1]
	save := func(light, dark string) webtest.Answer {
		return pat.Post("/customers/CUS-1", "revision", rev, "title", "Harbour", "portal_name", "Harbour Help", "accent", light, "accent_dark", dark,
			"notices.0.id", "", "notices.0.text", "Closed on Friday", "notices.0.language", "", "notices.0.from", "", "notices.0.until", "2999-12-31",
			"notices.1.id", "", "notices.1.text", "Long past", "notices.1.language", "", "notices.1.from", "", "notices.1.until", "2001-01-01")
	}
	for _, wrong := range []struct{ light, dark, says string }{
		{"#ffcc00", "#58bccb", "must be 4.5 at least"}, {"#0a6070", "#0a6070", "must be 4.5 at least"}, {"teal", "#58bccb", "six hexadecimal digits"}, {"#0a6070", "", "dark ground"}, {"", "#58bccb", "light ground"},
	} {
		if a := save(wrong.light, wrong.dark); a.Status != http.StatusUnprocessableEntity || !a.Has(wrong.says) {
			t.Errorf("%v: %d %s", wrong, a.Status, a.Text())
		}
	}
	if a := save("#7A1F5C", "#e79ad0"); a.Status != http.StatusOK || a.Path != "/customers/CUS-1" {
		t.Fatalf("%d at %s: %s", a.Status, a.Path, a.Text())
	}
	kim, eve := s.Browser("kim"), s.Browser("eve")
	a := kim.Get("/portal")
	sheet := regexp.MustCompile(`href="(/portal/accent/[^"]+)"`).FindStringSubmatch(a.Body)
	if sheet == nil || !a.Has("Harbour Help", "Closed on Friday") || a.Has("Long past") || strings.Contains(a.Body, "style=") {
		t.Fatalf("%v %s", sheet, a.Text())
	}
	if css := kim.Get(sheet[1]); css.Status != http.StatusOK || !strings.HasPrefix(css.Header.Get("Content-Type"), "text/css") || !strings.Contains(css.Body, "light-dark(#7a1f5c, #e79ad0)") || !strings.Contains(css.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v %s", css.Status, css.Header, css.Body)
	}
	if a := eve.Get("/portal"); a.Has("Harbour") || a.Has("Closed on Friday") || strings.Contains(a.Body, "/portal/accent/") {
		t.Errorf("another customer's portal: %s", a.Text())
	}
	for _, path := range []string{"/portal/accent/x.css", "/portal/accent/7a1f5c-e79ad0.css;}", "/portal/accent/7a1f5c-e79ad0", "/portal/accent/zzzzzz-e79ad0.css"} {
		if a := kim.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestContrastIsReckonedAgainstTheGroundsOfThePortal(t *testing.T) {
	css, err := os.ReadFile("../static/css/00-steward.css")
	if err != nil {
		t.Fatal(err)
	}
	find := func(token string) []string {
		m := regexp.MustCompile(`--` + token + `:\s*light-dark\((#\w{6}), (#\w{6})\)`).FindStringSubmatch(string(css))
		if m == nil {
			t.Fatalf("the style sheet has no --%s", token)
		}
		return m[1:]
	}
	for _, token := range []string{"p-canvas", "p-surface", "p-sunken", "p-hover", "on-accent"} {
		got := find(token)
		if !strings.Contains(strings.Join(people.LightGrounds, " "), got[0]) || !strings.Contains(strings.Join(people.DarkGrounds, " "), got[1]) {
			t.Errorf("--%s is %v, which the check of contrast does not know", token, got)
		}
	}
}
