package work_test

import (
	"net/http"
	"strings"
	"testing"

	"steward/web/webtest"
)

func deskOf(t *testing.T) (*webtest.Site, string) {
	s := webtest.Open(t)
	s.Do("customer", "", "create", "", "title", "Harbour")
	s.User("jana", "", "agent")
	s.User("kim", "", "agent")
	s.User("olaf", "Harbour", "customer_manager")
	return s, s.Do("incident", "", "create", "", "title", "No mail", "customer", "Harbour", "impact", 3, "urgency", 3)
}

func TestTwoPeopleWhoChangeDifferentFieldsDoNotMeet(t *testing.T) {
	s, ref := deskOf(t)
	at := "/incidents/" + ref
	jana, kim := s.Browser("jana"), s.Browser("kim")
	rev := revision.FindStringSubmatch(jana.Get(at + "/edit").Body)[1]
	kim.Post(at, "revision", rev, "category", "mail")
	jana.Post(at, "revision", rev, "description", "since nine")
	if a := jana.Get(at); !a.Has("since nine") || !strings.Contains(a.Body, ">mail<") && !a.Has("mail") {
		t.Errorf("one of them was lost: %s", a.Text())
	}
}

func TestAStaleSaveShowsBothAndLosesNothing(t *testing.T) {
	s, ref := deskOf(t)
	at := "/incidents/" + ref
	jana, kim := s.Browser("jana"), s.Browser("kim")
	rev := revision.FindStringSubmatch(jana.Get(at + "/edit").Body)[1]
	kim.Post(at, "revision", rev, "category", "network")
	a := jana.Post(at, "revision", rev, "category", "mail", "description", "my long text")
	if a.Status != http.StatusPreconditionFailed || !a.Has("Theirs", "network") || !strings.Contains(a.Body, "my long text") || !strings.Contains(a.Body, `value="mail"`) {
		t.Fatalf("%d %s", a.Status, a.Text())
	}
	rev = revision.FindStringSubmatch(a.Body)[1]
	if a := jana.Post(at, "revision", rev, "category", "mail", "description", "my long text"); a.Path != at || !a.Has("my long text") {
		t.Errorf("%d at %s: %s", a.Status, a.Path, a.Text())
	}
}

func TestAReplyThatWasBegunIsThereAgainAndGoesWhenSent(t *testing.T) {
	s, ref := deskOf(t)
	at := "/incidents/" + ref
	jana := s.Browser("jana")
	jana.Post("/drafts", "place", "comment/incident/"+ref, "body", "Dear customer, we")
	if a := s.Browser("jana").Get(at); !strings.Contains(a.Body, "Dear customer, we") {
		t.Error("the draft is not in the form")
	}
	if a := s.Browser("kim").Get(at); strings.Contains(a.Body, "Dear customer, we") {
		t.Error("a colleague reads the draft")
	}
	jana.Post(at+"/comments", "body", "Dear customer, we mended it.", "internal", "false")
	a := jana.Get(at)
	if strings.Contains(a.Body, "Dear customer, we</textarea>") || !a.Has("we mended it") {
		t.Errorf("%s", a.Text())
	}
}

func TestAStepAsksForWhatItNeedsAndKeepsWhatWasTyped(t *testing.T) {
	s, ref := deskOf(t)
	at := "/incidents/" + ref
	jana := s.Browser("jana")
	jana.Post(at + "/do/start")
	a := jana.Post(at+"/do/resolve", "resolution", "", "resolution_code", "fixed", "comment", "all well again")
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "all well again") || !strings.Contains(a.Body, "field--err") {
		t.Fatalf("%d %s", a.Status, a.Text())
	}
	a = jana.Post(at+"/do/resolve", "resolution", "restarted", "resolution_code", "fixed", "comment", "all well again")
	if a.Path != at || !a.Has("Resolved", "all well again", "restarted") {
		t.Errorf("%d at %s: %s", a.Status, a.Path, a.Text())
	}
	if a := jana.Get(at + "/do/start"); a.Status != http.StatusConflict {
		t.Errorf("a step that is not possible was offered: %d", a.Status)
	}
}

func TestARecordIsShownAsItWas(t *testing.T) {
	s, ref := deskOf(t)
	at := "/incidents/" + ref
	jana := s.Browser("jana")
	if a := jana.Get(at + "?as_of=2001-01-01"); a.Status != http.StatusNotFound {
		t.Errorf("it was there before it was made: %d", a.Status)
	}
	if a := jana.Get(at + "?as_of=2999-01-01"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the future was shown: %d", a.Status)
	}
	if a := jana.Get(at + "/history"); !a.Has("recorded this") {
		t.Errorf("%s", a.Text())
	}
}

func TestTheWorkspaceIsNotThereForCustomers(t *testing.T) {
	s, ref := deskOf(t)
	olaf := s.Browser("olaf")
	for _, rt := range s.Door.Site.Routes() {
		if rt.For != "provider" || !strings.HasPrefix(rt.Pattern, "GET ") {
			continue
		}
		path := strings.NewReplacer("{ref}", ref, "{id}", "00000000-0000-7000-8000-000000000000", "{n}", "1", "{step}", "start", "{clause}", "8.6", "{process}", "incident", "{$}", "").Replace(strings.TrimPrefix(rt.Pattern, "GET "))
		if path == "/" {
			continue
		}
		if a := olaf.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestNobodyComesInWithoutSigningIn(t *testing.T) {
	s, ref := deskOf(t)
	b := s.Browser("")
	for _, rt := range s.Door.Site.Routes() {
		method, path, _ := strings.Cut(rt.Pattern, " ")
		if rt.For == "" {
			continue
		}
		path = strings.NewReplacer("{ref}", ref, "{id}", "00000000-0000-7000-8000-000000000000", "{n}", "1", "{step}", "start", "{clause}", "8.6", "{process}", "incident", "{$}", "").Replace(path)
		if method == "GET" {
			if a := b.Get(path); !strings.HasPrefix(a.Path, "/signin") {
				t.Errorf("%s is open: %d at %s", rt.Pattern, a.Status, a.Path)
			}
		} else if a := b.Post(path, "title", "x"); a.Status != http.StatusUnauthorized {
			t.Errorf("%s is open: %d", rt.Pattern, a.Status)
		}
	}
}

func TestEveryKindOfRecordHasAListAFormAndAPage(t *testing.T) {
	s, _ := deskOf(t)
	s.User("boss", "", "administrator")
	b := s.Browser("boss")
	for _, q := range s.Sys.Registry.All {
		for _, path := range []string{"/" + q.Resource, "/" + q.Resource + "/new"} {
			if a := b.Get(path); a.Status != http.StatusOK {
				t.Errorf("%s: %d %s", path, a.Status, a.Text())
			}
		}
	}
	for _, path := range []string{"/customers/CUS-1", "/users/USR-2", "/incidents/INC-1", "/customers/CUS-1/edit", "/users/USR-2/edit", "/incidents/INC-1/edit", "/my-work", "/inbox", "/approvals", "/search?q=mail", "/major", "/cockpit", "/start", "/me", "/accounts", "/status", "/palette?q=inc"} {
		if a := b.Get(path); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.Status, a.Text())
		}
	}
}

func TestWhatPeopleWriteIsNeverRun(t *testing.T) {
	s, ref := deskOf(t)
	jana := s.Browser("jana")
	const evil = `<script>alert(1)</script><img src=x onerror=alert(1)>"'><a href="javascript:alert(1)">x</a> [x](javascript:alert(1)) ![x](https://evil.example/x.png)`
	jana.Post("/incidents/"+ref+"/comments", "body", evil, "internal", "false")
	rev := revision.FindStringSubmatch(jana.Get("/incidents/" + ref + "/edit").Body)[1]
	jana.Post("/incidents/"+ref, "revision", rev, "title", evil[:120], "description", evil)
	for _, path := range []string{"/incidents/" + ref, "/incidents/" + ref + "/history", "/incidents?view=all", "/incidents/" + ref + "/edit", "/incidents/" + ref + "/preview", "/search?q=" + "alert"} {
		a := jana.Get(path)
		for _, bad := range []string{"<script>alert", "<img src=x", `href="javascript:`, "evil.example/x.png\""} {
			if strings.Contains(a.Body, bad) {
				t.Errorf("%s has %s", path, bad)
			}
		}
	}
	jana.Send("/incidents/"+ref+"/files", "file", "evil.html", "<script>alert(1)</script>")
	page := jana.Get("/incidents/" + ref)
	i := strings.Index(page.Body, "/incidents/"+ref+"/files/")
	if i < 0 {
		t.Fatal("the file is not on the page")
	}
	href := page.Body[i : i+strings.Index(page.Body[i:], `"`)]
	if a := jana.Get(href); !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a file is answered as a page: %v", a.Header)
	}
}
