// Package page is the ground that all pages stand on: who is signed in, in which language and zone
// they read, what was posted, and how an answer or an error becomes a page or a part of one.
//
// In: requests of browsers. Out: HTML by the components of web/look.
//
// Start at [Route] and [Page]; [Site.Handler] is what every request passes.
// Always true: a page never reads or writes but through kernel/system with [Page.Who]; nothing
// that was posted is lost by an error; no page needs script to be read.
package page

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/people"
	"steward/kernel/record"
	"steward/kernel/secret"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/web/static"
)

// Account is a sign-in that a demo offers.
type Account struct{ Name, Title, Role, Password string }

// Site is what all pages of one server have in common.
type Site struct {
	Sys     *system.System
	Log     *slog.Logger
	Version string
	Secure  bool // reached by HTTPS only, such as behind a proxy that says so

	Throttle *secret.Throttle

	routes   []Route
	origin   *http.CrossOriginProtection
	accounts sync.Mutex
	demo     []Account
	shown    func(*Page, int, string, string) error // an error as a page
	again    func(*Page, Held) error                // the sign-in, with a form that came too late
}

// NewSite begins a site; routes are added by the packages of the doors.
func NewSite(sys *system.System, log *slog.Logger, version string) *Site {
	return &Site{Sys: sys, Log: log, Version: version, Throttle: secret.NewThrottle(sys.Now, 10_000), origin: http.NewCrossOriginProtection()}
}

// Offer shows the sign-ins of a demo on the sign-in page.
func (s *Site) Offer(a []Account) {
	s.accounts.Lock()
	defer s.accounts.Unlock()
	s.demo = a
}

// Offered are the sign-ins of a demo.
func (s *Site) Offered() []Account {
	s.accounts.Lock()
	defer s.accounts.Unlock()
	return s.demo
}

// ShowErrors sets how an error becomes a page: status, title, text.
func (s *Site) ShowErrors(f func(*Page, int, string, string) error) { s.shown = f }

// AskAgain sets how somebody whose session ended is asked to sign in, with what they sent.
func (s *Site) AskAgain(f func(*Page, Held) error) { s.again = f }

// Audience is whose door a page belongs to.
type Audience string

// The audiences. Somebody signed in who comes to a door of others is sent to their own.
const (
	Anyone   Audience = ""         // signed in or not
	Provider Audience = "provider" // the provider's people
	Customer Audience = "customer" // people of a customer
	SignedIn Audience = "signedin" // both
)

// Route is one page, or a part of one.
type Route struct {
	Pattern string // as net/http.ServeMux reads it: "GET /incidents/{ref}"
	For     Audience
	Long    bool  // streams: no time budget
	Limit   int64 // of the body in bytes; 0 is 1 MiB
	Serve   func(*Page) error
}

// Add takes routes in.
func (s *Site) Add(routes ...Route) { s.routes = append(s.routes, routes...) }

// Routes lists all pages, for tests that walk them.
func (s *Site) Routes() []Route { return s.routes }

// Page is one request on its way.
type Page struct {
	W       http.ResponseWriter
	R       *http.Request
	Site    *Site
	Sys     *system.System
	Who     *access.Principal // nil: not signed in
	Person  *people.User      // who that is
	Session *storage.Session
	Prefs   map[string]string
	Lang    string // en, de, fr or es
	Zone    *time.Location
	Now     time.Time
}

// Ctx is the request's context.
func (p *Page) Ctx() context.Context { return p.R.Context() }

const budget = 60 * time.Second

// Handler is the whole site; what it does not know is handed to next.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, rt := range s.routes {
		mux.HandleFunc(rt.Pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(rt, w, r) })
	}
	mux.HandleFunc("GET /static/", static.Handler)
	mux.HandleFunc("GET /favicon.ico", static.Favicon)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.serve(Route{Serve: func(*Page) error { return fault.New(fault.NotFound, "There is no page at this address.") }}, w, r)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header(), r, s.Secure)
		if err := s.origin.Check(r); err != nil {
			http.Error(w, "The request comes from a page of another site.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// secure sets the headers of every page (trust.md 3.4).
func secure(h http.Header, r *http.Request, https bool) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	if r.TLS != nil || https {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

func (s *Site) serve(rt Route, w http.ResponseWriter, r *http.Request) {
	p := &Page{W: w, R: r, Site: s, Sys: s.Sys, Zone: s.Sys.Zone(), Now: s.Sys.Now(), Lang: "en"}
	began := time.Now()
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			id := make([]byte, 8)
			_, _ = rand.Read(id) // never fails
			s.Log.Error("panic", "id", hex.EncodeToString(id), "method", r.Method, "route", r.Pattern, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			p.fail(fmt.Errorf("reference %x", id))
		}
		s.Log.Debug("page", "method", r.Method, "route", r.Pattern, "ms", time.Since(began).Milliseconds())
	}()
	w.Header().Set("Cache-Control", "no-store")
	if !rt.Long {
		ctx, cancel := context.WithTimeout(r.Context(), budget)
		defer cancel()
		p.R = r.WithContext(ctx)
	}
	limit := rt.Limit
	if limit == 0 {
		limit = 1 << 20
	}
	p.R.Body = http.MaxBytesReader(w, p.R.Body, limit)
	if err := p.signIn(); err != nil {
		p.fail(err)
		return
	}
	switch {
	case rt.For == Anyone:
	case p.Who == nil:
		if h, ok := p.held(); ok && s.again != nil && s.again(p, h) == nil {
			return
		}
		p.fail(fault.New(fault.Unauthorised, "Sign in to see this page."))
		return
	case rt.For == Provider && !p.Who.Customer.IsZero():
		if r.Method == http.MethodGet && r.URL.Path == "/" {
			p.Redirect("/portal")
			return
		}
		p.fail(fault.New(fault.NotFound, "There is no page at this address."))
		return
	case rt.For == Customer && p.Who.Customer.IsZero():
		p.Redirect("/")
		return
	}
	if err := rt.Serve(p); err != nil {
		p.fail(err)
	}
}

// Cookie names: with TLS the browser itself holds the cookie to this host.
const (
	cookieTLS   = "__Host-steward"
	cookiePlain = "steward"
)

// ID names a record; here so that pages need not import the kernel for an empty one.
type ID = record.ID

// Origin is the address of this site as the browser knows it.
func (p *Page) Origin() string {
	if p.https() {
		return "https://" + p.R.Host
	}
	return "http://" + p.R.Host
}

func (p *Page) https() bool { return p.R.TLS != nil || p.Site.Secure }

func (p *Page) cookie() string {
	if p.https() {
		return cookieTLS
	}
	return cookiePlain
}

// signIn finds who asks. Being signed in no longer is not an error here: the page decides.
func (p *Page) signIn() error {
	c, err := p.R.Cookie(p.cookie())
	if err == nil && c.Value != "" {
		p.Who, p.Session, err = p.Sys.Session(p.Ctx(), c.Value)
		if err != nil && !fault.Is(err, fault.Unauthorised) {
			return err
		}
	}
	p.Lang = accepted(p.R.Header.Get("Accept-Language"))
	if c, err := p.R.Cookie("lang"); err == nil && known(c.Value) {
		p.Lang = c.Value
	}
	if p.Who == nil {
		return nil
	}
	r, err := p.Sys.Reader().Get(p.Ctx(), "user", p.Who.ID)
	if err != nil {
		return err
	}
	p.Person, _ = r.(*people.User)
	if p.Person == nil {
		return fault.New(fault.Unauthorised, "Sign in to see this page.")
	}
	if p.Prefs, err = p.Sys.Preferences(p.Ctx(), p.Who); err != nil {
		return err
	}
	if known(string(p.Person.Language)) {
		p.Lang = string(p.Person.Language)
	}
	if z, err := time.LoadLocation(string(p.Person.Zone)); err == nil && p.Person.Zone != "" {
		p.Zone = z
	}
	return nil
}

// Languages in which Steward speaks to customers.
var Languages = []string{"en", "de", "fr", "es"}

func known(l string) bool {
	for _, k := range Languages {
		if k == l {
			return true
		}
	}
	return false
}

func accepted(header string) string {
	for _, part := range strings.Split(header, ",") {
		l, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		l, _, _ = strings.Cut(strings.ToLower(l), "-")
		if known(l) {
			return l
		}
	}
	return "en"
}

// Enter signs user in on this browser.
func (p *Page) Enter(user record.ID) error {
	token, x, err := p.Sys.NewSession(p.Ctx(), user, p.R.UserAgent(), p.R.RemoteAddr)
	if err != nil {
		return err
	}
	http.SetCookie(p.W, &http.Cookie{Name: p.cookie(), Value: token, Path: "/", MaxAge: int(system.SessionLife.Seconds()), Secure: p.https(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	p.Session = x
	return nil
}

// Leave signs this browser out.
func (p *Page) Leave() error {
	http.SetCookie(p.W, &http.Cookie{Name: p.cookie(), Path: "/", MaxAge: -1, Secure: p.https(), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	if p.Session == nil {
		return nil
	}
	return p.Sys.EndSession(p.Ctx(), p.Session.ID, p.Who.ID)
}

// HTMX reports whether htmx asks for a part of a page.
func (p *Page) HTMX() bool { return p.R.Header.Get("HX-Request") == "true" }

// Boosted reports whether htmx asks for a whole page.
func (p *Page) Boosted() bool { return p.R.Header.Get("HX-Boosted") == "true" }

// Part reports whether only a part of a page should be answered.
func (p *Page) Part() bool { return p.HTMX() && !p.Boosted() }

// Redirect goes on to another page of this site, after a POST by GET.
func (p *Page) Redirect(to string) {
	if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, "\\") {
		to = "/"
	}
	if p.Part() {
		p.W.Header().Set("HX-Redirect", to)
		p.W.WriteHeader(http.StatusNoContent)
		return
	}
	http.Redirect(p.W, p.R, to, http.StatusSeeOther)
}

// Show answers with HTML. A component that fails leaves nothing half written.
func (p *Page) Show(status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(p.Ctx(), &b); err != nil {
		return err
	}
	h := p.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Add("Vary", "HX-Request, Accept-Encoding")
	if b.Len() > 1400 && strings.Contains(p.R.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		p.W.WriteHeader(status)
		z := writers.Get().(*gzip.Writer)
		defer writers.Put(z)
		z.Reset(p.W)
		_, _ = z.Write(b.Bytes()) // who is gone reads nothing
		_ = z.Close()
		return nil
	}
	p.W.WriteHeader(status)
	_, _ = p.W.Write(b.Bytes())
	return nil
}

var writers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level that exists
	return w
}}

// Statuses of the kinds of "no".
var statuses = map[fault.Kind]int{
	fault.BadQuery: 400, fault.BadRequest: 400, fault.Unauthorised: 401, fault.Denied: 403, fault.NotFound: 404, fault.Illegal: 409, fault.Conflict: 409,
	fault.Stale: 412, fault.TooLarge: 413, fault.Unsupported: 415, fault.Refused: 422, fault.NeedMatch: 428, fault.TooMany: 429, fault.Unavailable: 503, fault.NoSpace: 507,
}

// Status is the HTTP status of err and the fault in it, if there is one.
func Status(err error) (int, *fault.Error) {
	var f *fault.Error
	if errors.As(err, &f) {
		if s := statuses[f.Kind]; s != 0 {
			return s, f
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return http.StatusRequestEntityTooLarge, nil
	}
	return http.StatusInternalServerError, nil
}

// fail answers err as a page, or, for a part of one, as a message.
func (p *Page) fail(err error) {
	if errors.Is(err, context.Canceled) && p.R.Context().Err() != nil {
		return // the reader went on to another page: nobody is there to be told, and nothing is wrong
	}
	status, f := Status(err)
	if status == http.StatusUnauthorized && p.R.Method == http.MethodGet && !p.Part() {
		p.Redirect("/signin?next=" + escaped(p.R.URL.RequestURI()))
		return
	}
	title, text := titles[status], ""
	switch {
	case f != nil:
		text = f.Detail
		for _, r := range f.Refusals {
			text = strings.TrimSpace(text + " " + sentence(r.Field, r.Mend))
		}
	case status == http.StatusRequestEntityTooLarge:
		text = "What was sent is larger than is taken here."
	default:
		p.Site.Log.Error("page", "method", p.R.Method, "route", p.R.Pattern, "error", err)
		text = "Something went wrong on our side; it has been logged. Nothing was saved."
	}
	if title == "" {
		title = "That did not work"
	}
	if p.Site.shown == nil || p.Site.shown(p, status, title, text) != nil {
		http.Error(p.W, title+". "+text, status)
	}
}

var titles = map[int]string{400: "That cannot be understood", 401: "You are not signed in", 403: "You may not do that", 404: "There is no such page", 409: "That is not possible now",
	412: "Somebody else was faster", 413: "Too large", 422: "Please look at this again", 429: "Too many tries", 500: "That did not work", 503: "Try again in a moment"}

func sentence(field, mend string) string {
	if field == "" {
		return mend + "."
	}
	return strings.ReplaceAll(field, "_", " ") + ": " + mend + "."
}

// Token is the session token that the browser sent.
func (p *Page) Token() string {
	c, err := p.R.Cookie(p.cookie())
	if err != nil {
		return ""
	}
	return c.Value
}
