package account_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"steward/boot"
	"steward/web/webtest"
)

func TestSigningInLeadsToOnesOwnDoor(t *testing.T) {
	s := webtest.Open(t)
	s.Do("customer", "", "create", "", "title", "Harbour")
	s.User("jana", "", "agent")
	s.User("olaf", "Harbour", "requester")
	if a := s.Browser("").Get("/incidents"); !strings.HasPrefix(a.Path, "/signin?next=%2Fincidents") {
		t.Errorf("a stranger was let to %s", a.Path)
	}
	b := s.Browser("")
	if a := b.Post("/signin?next=%2Fme", "name", "jana", "password", webtest.Password); a.Path != "/me" {
		t.Errorf("went on to %s instead of where she wanted to", a.Path)
	}
	if a := s.Browser("olaf").Get("/incidents"); a.Status != http.StatusNotFound {
		t.Errorf("a customer's user opened the workspace: %d", a.Status)
	}
	for _, evil := range []string{"https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"} {
		if a := s.Browser("").Post("/signin?next="+evil, "name", "jana", "password", webtest.Password); a.Status != http.StatusOK || strings.Contains(a.Path, "evil") {
			t.Errorf("next=%s led to %s", evil, a.Path)
		}
	}
}

func TestAWrongNameAndAWrongPasswordLookTheSame(t *testing.T) {
	s := webtest.Open(t)
	s.User("jana", "", "agent")
	clean := regexp.MustCompile(`value="(jana|nobody)"`)
	a := s.Browser("").Post("/signin", "name", "jana", "password", "wrong")
	b := s.Browser("").Post("/signin", "name", "nobody", "password", "wrong")
	if a.Status != b.Status || clean.ReplaceAllString(a.Body, "") != clean.ReplaceAllString(b.Body, "") {
		t.Error("the page tells whether the name exists")
	}
}

func TestASessionEndsWhenItIsOverAndEverywhereAfterANewPassword(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	s := webtest.Open(t, func(o *boot.Options) { o.Now = func() time.Time { return now } })
	s.User("jana", "", "agent")
	here, there := s.Browser("jana"), s.Browser("jana")
	const fresh = "another horse battery staple"
	if a := here.Post("/me/password", "old", "wrong", "password", fresh, "again", fresh); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the old password was not asked for: %d", a.Status)
	}
	if a := here.Post("/me/password", "old", webtest.Password, "password", "short", "again", "short"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "field--err") {
		t.Errorf("a weak password was taken: %d", a.Status)
	}
	if a := here.Post("/me/password", "old", webtest.Password, "password", fresh, "again", fresh); a.Status != http.StatusOK {
		t.Fatalf("the password was not changed: %d %s", a.Status, a.Text())
	}
	if a := here.Get("/me"); a.Path != "/me" {
		t.Error("who changed the password was signed out")
	}
	now = now.Add(2 * time.Second) // other nodes hear of it within a second
	if a := there.Get("/me"); a.Path == "/me" {
		t.Error("the other browser is still signed in")
	}
	s.Do("user", "jana", "password", "", "password", "yet another horse's battery") // by an administrator, through the API
	if a := here.Get("/me"); a.Path == "/me" {
		t.Error("somebody set another password, and who is signed in by the old one still is")
	}
	s.Do("user", "jana", "password", "", "password", webtest.Password)
	here = s.Browser("jana")
	now = now.Add(13 * time.Hour)
	if a := here.Get("/me"); a.Path == "/me" {
		t.Error("a session that rested for 13 hours still holds")
	}
}

func TestAnInvitationWorksOnceAndOnlyFromThoseWhoMay(t *testing.T) {
	s := webtest.Open(t)
	s.User("boss", "", "administrator")
	s.User("jana", "", "agent")
	s.Do("user", "", "create", "", "title", "Kim New", "name", "kim", "roles", []any{map[string]any{"role": "agent"}})
	if a := s.Browser("jana").Get("/accounts"); a.Status != http.StatusForbidden {
		t.Errorf("an agent may invite: %d", a.Status)
	}
	boss := s.Browser("boss")
	page := boss.Get("/accounts")
	ref := regexp.MustCompile(`/users/(USR-\d+)">Kim New`).FindStringSubmatch(page.Body)
	if ref == nil {
		t.Fatal("Kim is not on the page")
	}
	a := boss.Post("/accounts/"+ref[1]+"/invite", "kind", "invitation")
	link := regexp.MustCompile(`/welcome\?token=\w+`).FindString(a.Body)
	if link == "" {
		t.Fatalf("no address was given: %s", a.Text())
	}
	b := s.Browser("")
	if a := b.Get(link); a.Status != http.StatusOK || !a.Has("Welcome, Kim New") {
		t.Fatalf("%d %s", a.Status, a.Text())
	}
	_, token, _ := strings.Cut(link, "=")
	if a := b.Post("/welcome", "token", token, "password", "short", "again", "short"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a weak password used the address up: %d", a.Status)
	}
	b.Post("/welcome", "token", token, "password", webtest.Password, "again", webtest.Password)
	if a := b.Get("/me"); a.Path != "/me" || !a.Has("Kim New") {
		t.Error("Kim is not signed in")
	}
	if a := s.Browser("").Post("/welcome", "token", token, "password", webtest.Password, "again", webtest.Password); a.Status != http.StatusNotFound {
		t.Errorf("the address worked twice: %d", a.Status)
	}
	boss.Post("/accounts/"+ref[1]+"/invite", "kind", "end")
	time.Sleep(1100 * time.Millisecond)
	if a := b.Get("/me"); a.Path == "/me" {
		t.Error("Kim was not signed out everywhere")
	}
}

func TestPagesOfOtherSitesCannotActForWhoIsSignedIn(t *testing.T) {
	s := webtest.Open(t)
	s.User("jana", "", "agent")
	b := s.Browser("jana")
	b.Header.Set("Sec-Fetch-Site", "cross-site")
	b.Header.Set("Origin", "https://evil.example")
	for _, path := range []string{"/signout", "/me/preferences", "/me/tokens"} {
		if a := b.Post(path, "token", "x", "days", "7"); a.Status != http.StatusForbidden {
			t.Errorf("%s from another site: %d", path, a.Status)
		}
	}
}

func TestPreferencesAreOnesOwn(t *testing.T) {
	s := webtest.Open(t)
	s.User("jana", "", "agent")
	s.User("kim", "", "agent")
	b := s.Browser("jana")
	if a := b.Post("/me/preferences", "scheme", "dark", "density", "comfortable", "zone", "Asia/Kathmandu", "language", "de"); !a.Has("Saved.") {
		t.Fatalf("%d %s", a.Status, a.Text())
	}
	if a := b.Get("/me"); !strings.Contains(a.Body, `data-scheme="dark"`) || !strings.Contains(a.Body, "+0545") {
		t.Error("scheme or zone does not show")
	}
	if a := s.Browser("kim").Get("/me"); strings.Contains(a.Body, `data-scheme="dark"`) {
		t.Error("it shows for others too")
	}
	if a := b.Post("/me/preferences", "scheme", "pink", "density", "compact", "zone", "Mars/Base"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("nonsense was taken: %d", a.Status)
	}
}
