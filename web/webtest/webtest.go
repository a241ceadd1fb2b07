// Package webtest lets tests use the door for people as a browser without script does: it keeps
// cookies, follows redirects and posts forms. Nothing of the program imports it.
//
// Start at [Open] and [Site.Browser].
package webtest

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/pack"
	"steward/store/storetest/migrated"
	"steward/web"
)

// Password of everybody whom [Site.User] makes.
const Password = "correct horse battery"

// Site is a whole system with its door, in a folder of the test's own.
type Site struct {
	T    testing.TB
	Sys  *boot.Opened
	Door *web.Door
	URL  string
	Now  func() time.Time
}

// Open begins a system; change, if given, alters the options (another database, another clock).
func Open(t testing.TB, change ...func(*boot.Options)) *Site {
	t.Helper()
	opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Log: slog.New(slog.DiscardHandler)}
	for _, f := range change {
		f(&opt)
	}
	o, err := boot.Open(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	engine := conformity.New(o.System, catalogue.BuiltIn(), sms.Checks())
	d := web.New(o.System, web.Options{Log: slog.New(slog.DiscardHandler), Version: "test", Engine: engine,
		Packs: pack.NewPress(o.System, engine, pack.Options{Key: o.VerifierKey, Version: "test"})})
	srv := httptest.NewServer(d)
	t.Cleanup(func() {
		srv.Close()
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return &Site{T: t, Sys: o, Door: d, URL: srv.URL}
}

// Do carries out a command as Steward itself; pairs are field and value.
func (s *Site) Do(process, ref, verb, name string, pairs ...any) string {
	s.T.Helper()
	set := map[string]json.RawMessage{}
	for i := 0; i+1 < len(pairs); i += 2 {
		b, err := json.Marshal(pairs[i+1])
		if err != nil {
			s.T.Fatal(err)
		}
		set[pairs[i].(string)] = b
	}
	cmd := lifecycle.Command{Process: process, Ref: ref, Verb: verb, Name: name, Set: set, Door: "test"}
	if strings.HasPrefix(verb, "version_") {
		cmd.Number = 1
	}
	res, err := s.Sys.Do(context.Background(), s.Sys.Self(), cmd)
	if err != nil {
		s.T.Fatalf("%s %s %s: %v", verb, process, ref, err)
	}
	return res.Ref()
}

// User makes somebody with roles, of a customer or ("") of the provider, who may sign in.
func (s *Site) User(name, customer string, roles ...string) {
	s.T.Helper()
	held := []any{}
	for _, r := range roles {
		held = append(held, map[string]any{"role": r})
	}
	pairs := []any{"title", strings.ToUpper(name[:1]) + name[1:], "name", name, "roles", held}
	if customer != "" {
		pairs = append(pairs, "customer", customer)
	}
	s.Do("user", "", "create", "", pairs...)
	s.Do("user", name, "password", "", "password", Password)
}

// Browser is somebody's browser. Name "" is nobody yet.
type Browser struct {
	s      *Site
	client *http.Client
	Header http.Header
}

// Browser signs name in.
func (s *Site) Browser(name string) *Browser {
	s.T.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.T.Fatal(err)
	}
	b := &Browser{s: s, client: &http.Client{Jar: jar}, Header: http.Header{}}
	if name != "" {
		if p := b.Post("/signin?next=/me", "name", name, "password", Password); p.Status != http.StatusOK || p.Path != "/me" {
			s.T.Fatalf("%s cannot sign in: %d at %s", name, p.Status, p.Path)
		}
	}
	return b
}

// Answer is a page as it came.
type Answer struct {
	Status int
	Path   string // after redirects
	Body   string
	Header http.Header
}

// Get opens a page.
func (b *Browser) Get(path string) Answer {
	b.s.T.Helper()
	return b.do(http.MethodGet, path, "", nil)
}

// Post sends a form; pairs are names and values.
func (b *Browser) Post(path string, pairs ...string) Answer {
	b.s.T.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// Send posts a form with a file in it.
func (b *Browser) Send(path, field, name, content string, pairs ...string) Answer {
	b.s.T.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1]) // a buffer takes all
	}
	f, err := w.CreateFormFile(field, name)
	if err != nil {
		b.s.T.Fatal(err)
	}
	_, _ = io.WriteString(f, content)
	_ = w.Close()
	return b.do(http.MethodPost, path, w.FormDataContentType(), &body)
}

func (b *Browser) do(method, path, kind string, body io.Reader) Answer {
	b.s.T.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, b.s.URL+path, body)
	if err != nil {
		b.s.T.Fatal(err)
	}
	for k, v := range b.Header {
		r.Header[k] = v
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.s.T.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.s.T.Fatal(err)
	}
	return Answer{Status: res.StatusCode, Path: res.Request.URL.RequestURI(), Body: string(raw), Header: res.Header}
}

var tags = regexp.MustCompile(`(?s)<(script|style|svg).*?</(script|style|svg)>|<[^>]*>`)

// Text is what a reader reads of the page.
func (a Answer) Text() string {
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(a.Body, " "))), " ")
}

// Has reports whether a reader reads all of the words.
func (a Answer) Has(words ...string) bool {
	text := a.Text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
