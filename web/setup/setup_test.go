package setup_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"steward/boot"
	"steward/store/storetest/migrated"
	"steward/web/setup"
)

const good = "correct horse battery staple"

type site struct {
	t   *testing.T
	o   *boot.Opened
	d   *setup.Door
	now time.Time
}

func open(t *testing.T) *site {
	s := &site{t: t, now: time.Now()}
	o, err := boot.Open(context.Background(), boot.Options{Data: migrated.Data(t), CheapPasswords: true, Now: func() time.Time { return s.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	s.o = o
	s.d = setup.New(o.System, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	return s
}

func (s *site) invite() string {
	s.t.Helper()
	token, err := s.d.Invite(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

func (s *site) ask(method, path string, form url.Values, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	s.d.ServeHTTP(w, r)
	return w
}

func (s *site) signsIn(password string) bool {
	who, err := s.o.CheckPassword(context.Background(), "admin", password)
	return err == nil && who.Name == "admin"
}

func TestThePasswordOfTheAdministratorIsSetOnce(t *testing.T) {
	s := open(t)
	token := s.invite()
	if w := s.ask("GET", "/setup?token="+token, nil); w.Code != 200 || !strings.Contains(w.Body.String(), `autocomplete="new-password"`) {
		t.Fatalf("the form: %d %s", w.Code, w.Body)
	}
	form := url.Values{"token": {token}, "password": {good}, "again": {good}}
	if w := s.ask("POST", "/setup", form); w.Code != 200 {
		t.Fatalf("setting: %d %s", w.Code, w.Body)
	}
	if !s.signsIn(good) {
		t.Error("the password that was set does not sign in")
	}
	form.Set("password", good+"2")
	form.Set("again", good+"2")
	if w := s.ask("POST", "/setup", form); w.Code != 404 || s.signsIn(good+"2") {
		t.Errorf("a second use: %d", w.Code)
	}
}

func TestTwoWhoUseTheAddressAtOnceDoNotBothSetIt(t *testing.T) {
	s := open(t)
	token := s.invite()
	var mu sync.Mutex
	var done sync.WaitGroup
	set := 0
	for i := range 8 {
		done.Go(func() {
			pw := good + strings.Repeat("x", i)
			if w := s.ask("POST", "/setup", url.Values{"token": {token}, "password": {pw}, "again": {pw}}); w.Code == 200 {
				mu.Lock()
				set++
				mu.Unlock()
			}
		})
	}
	done.Wait()
	if set != 1 {
		t.Errorf("%d set a password, want 1", set)
	}
}

func TestTheAddressDiesAfterADay(t *testing.T) {
	s := open(t)
	token := s.invite()
	s.now = s.now.Add(24*time.Hour - time.Minute)
	if w := s.ask("GET", "/setup?token="+token, nil); w.Code != 200 {
		t.Errorf("just before: %d", w.Code)
	}
	s.now = s.now.Add(2 * time.Minute)
	if w := s.ask("GET", "/setup?token="+token, nil); w.Code != 404 {
		t.Errorf("just after: %d", w.Code)
	}
	if open, err := s.d.Open(context.Background()); err != nil || !open {
		t.Errorf("an address that ended unused is to be given anew: %v %v", open, err)
	}
}

func TestANewAddressKillsTheOldOne(t *testing.T) {
	s := open(t)
	old, fresh := s.invite(), s.invite()
	for token, want := range map[string]int{old: 404, fresh: 200, "": 404, "stw_guess": 404} {
		if w := s.ask("GET", "/setup?token="+token, nil); w.Code != want {
			t.Errorf("token %q: %d, want %d", token, w.Code, want)
		}
	}
}

func TestOnlyAHashOfTheAddressIsKept(t *testing.T) {
	s := open(t)
	token := s.invite()
	mark, err := s.o.Store.Meta(context.Background(), "setup")
	if err != nil || mark == "" || strings.Contains(mark, token) || strings.Contains(mark, strings.TrimPrefix(token, "stw_")) {
		t.Errorf("kept: %q %v", mark, err)
	}
}

func TestThePageRunsNothingAndIsRememberedNowhere(t *testing.T) {
	s := open(t)
	w := s.ask("GET", "/setup?token="+s.invite(), nil)
	for name, want := range map[string]string{"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Body.String(), "style=") {
		t.Error("the page holds what its policy forbids")
	}
}

func TestAPageOfAnotherSiteCannotSetIt(t *testing.T) {
	s := open(t)
	form := url.Values{"token": {s.invite()}, "password": {good}, "again": {good}}
	if w := s.ask("POST", "/setup", form, "Sec-Fetch-Site", "cross-site"); w.Code != 403 || s.signsIn(good) {
		t.Errorf("cross-site: %d", w.Code)
	}
	if w := s.ask("PUT", "/setup", form); w.Code != 405 || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("PUT: %d", w.Code)
	}
}

func TestAWeakOrMistypedPasswordIsRefusedAndTheAddressStays(t *testing.T) {
	s := open(t)
	token := s.invite()
	for _, pw := range [][2]string{{"short", "short"}, {good, good + "x"}, {"", ""}} {
		w := s.ask("POST", "/setup", url.Values{"token": {token}, "password": {pw[0]}, "again": {pw[1]}})
		if w.Code != 422 || !strings.Contains(w.Body.String(), `role="alert"`) || strings.Contains(w.Body.String(), good) {
			t.Errorf("%v: %d %s", pw, w.Code, w.Body)
		}
	}
	if w := s.ask("GET", "/setup?token="+token, nil); w.Code != 200 {
		t.Errorf("afterwards: %d", w.Code)
	}
}

func TestEverythingElseIsHandedOn(t *testing.T) {
	s := open(t)
	for _, path := range []string{"/", "/setup/", "/setupx", "/api/v1/incidents"} {
		if w := s.ask("GET", path, nil); w.Code != http.StatusTeapot {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
