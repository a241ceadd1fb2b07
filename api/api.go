package api

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/secret"
	"steward/kernel/system"
)

// Options of the door. Zero values are sensible.
type Options struct {
	Log     *slog.Logger
	Version string                      // of the program; told to those who are signed in
	Health  func(context.Context) error // nil when ready to serve; nil itself: always ready
	Extra   []Route                     // further routes, such as those of the conformity process
}

// Route is one thing that is answered.
type Route struct {
	Method string
	Path   string // as net/http.ServeMux reads it: /api/v1/incidents/{id}
	Doc    string // one line for people
	Open   bool   // without signing in
	Basic  bool   // also with user name and password
	Long   bool   // streams: no time budget
	Query  []string
	Status int // of success; 0 is 200
	Serve  func(*Call) error

	// What stands in the description.
	Process *process.Process
	Takes   string // name of the schema of the body; "" is none
	Gives   string // name of the schema of the answer
	Answer  any    // of a further route: that schema itself
	Kind    string // media type of the answer; "" is JSON

	template []string // path below the resource, for writes
	match    bool     // needs If-Match
}

// Call is one request on its way. Extra routes answer through it as the built-in ones do.
type Call struct {
	W       http.ResponseWriter
	R       *http.Request
	Who     *access.Principal
	Process *process.Process // of the route, if it belongs to one

	s     *server
	route *Route
}

type server struct {
	sys      *system.System
	opt      Options
	log      *slog.Logger
	mux      *http.ServeMux
	routes   []*Route
	faces    map[*process.Process]*face
	throttle *secret.Throttle
	origin   *http.CrossOriginProtection
	meter    *meter
	once     sync.Once
	openapi  []byte
	docs     []byte
	keys     inFlight
}

// requestBudget is how long a request may take that does not stream.
const requestBudget = 60 * time.Second

// New is the whole door over sys.
func New(sys *system.System, opt Options) http.Handler {
	s := newServer(sys, opt)
	for _, rt := range s.routes {
		s.mux.HandleFunc(rt.Method+" "+rt.Path, func(w http.ResponseWriter, r *http.Request) { s.serve(rt, w, r) })
	}
	s.mux.HandleFunc("/", s.elsewhere)
	return http.HandlerFunc(s.front)
}

// newServer has its routes and does not answer yet.
func newServer(sys *system.System, opt Options) *server {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	s := &server{sys: sys, opt: opt, log: opt.Log, mux: http.NewServeMux(), faces: map[*process.Process]*face{},
		throttle: secret.NewThrottle(sys.Now, 10_000), origin: http.NewCrossOriginProtection()}
	s.keys.running = map[string]bool{}
	for _, p := range sys.Registry.All {
		s.faces[p] = newFace(p)
	}
	s.meter = newMeter(s)
	s.table()
	for i := range opt.Extra {
		s.add(opt.Extra[i])
	}
	return s
}

func (s *server) add(r Route) { s.routes = append(s.routes, &r) }

// front is what every answer has in common, also those that no route gives.
func (s *server) front(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	sw := &statusWriter{ResponseWriter: w}
	secure(sw.Header(), r)
	s.meter.inFlight.Inc()
	route := ""
	defer func() {
		s.meter.inFlight.Dec()
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler {
				panic(v)
			}
			s.panicked(sw, r, v)
		}
		if route = r.Pattern; route == "" {
			route = "none"
		}
		s.meter.request(r.Method, route, sw.code(), time.Since(began))
		s.log.Debug("request", "method", r.Method, "route", route, "status", sw.code(), "ms", time.Since(began).Milliseconds())
	}()
	if err := s.origin.Check(r); err != nil {
		s.problem(sw, r, fault.New(fault.Denied, "the request comes from a page of another site"))
		return
	}
	s.mux.ServeHTTP(sw, r)
}

// secure sets the headers that hold for every answer; handlers widen them where they must.
func secure(h http.Header, r *http.Request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if r.TLS != nil {
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	}
}

// serve signs the caller in, holds the query to what the route knows, and answers.
func (s *server) serve(rt *Route, w http.ResponseWriter, r *http.Request) {
	c := &Call{W: w, R: r, Process: rt.Process, s: s, route: rt}
	if !rt.Open {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Vary", "Authorization")
		if err := c.signIn(); err != nil {
			s.problem(w, r, err)
			return
		}
	}
	if !rt.Long {
		ctx, cancel := context.WithTimeout(r.Context(), requestBudget)
		defer cancel()
		c.R = r.WithContext(ctx)
	}
	err := c.known()
	if err == nil {
		err = rt.Serve(c)
	}
	if err != nil {
		s.refused(c, err)
		s.problem(w, r, err)
	}
}

// known refuses query parameters that the route does not know, and any given twice: what is
// silently ignored, or read in one of two ways, misleads.
func (c *Call) known() error {
	q := c.R.URL.Query()
	if c.R.URL.RawQuery != "" && strings.Contains(c.R.URL.RawQuery, ";") {
		return fault.New(fault.BadRequest, "separate query parameters with &")
	}
	for name, vs := range q {
		if len(vs) > 1 {
			return fault.New(fault.BadRequest, "the query parameter %q is given twice", name)
		}
		ok := false
		for _, k := range c.route.Query {
			ok = ok || k == name
		}
		if !ok {
			if len(c.route.Query) == 0 {
				return fault.New(fault.BadRequest, "there is no query parameter %q here", name)
			}
			return fault.New(fault.BadRequest, "there is no query parameter %q here; known are %s", name, strings.Join(c.route.Query, ", "))
		}
	}
	return nil
}

// refused notes what a security review looks for.
func (s *server) refused(c *Call, err error) {
	if !fault.Is(err, fault.Denied) || c.Who == nil {
		return
	}
	s.log.Warn("denied", "user", c.Who.Name, "method", c.R.Method, "route", c.R.Pattern, "from", c.R.RemoteAddr)
}

var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

// elsewhere answers what no route does: 405 where another method would be answered, else 404.
func (s *server) elsewhere(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range methods {
		try := *r
		try.Method = m
		if _, pattern := s.mux.Handler(&try); pattern != "/" && pattern != "" {
			allow = append(allow, m)
		}
	}
	if len(allow) == 0 {
		s.problem(w, r, fault.New(fault.NotFound, "there is nothing at this address; /api/v1/ lists what there is"))
		return
	}
	sort.Strings(allow)
	w.Header().Set("Allow", strings.Join(allow, ", "))
	s.problem(w, r, &fault.Error{Kind: methodNotAllowed, Detail: r.Method + " is not answered here", Legal: allow, Position: -1})
}

// panicked answers 500 with an id by which the log is found, and nothing of what went wrong.
func (s *server) panicked(w *statusWriter, r *http.Request, v any) {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails
	name := hex.EncodeToString(id)
	s.log.Error("panic", "id", name, "method", r.Method, "route", r.Pattern, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	if w.status == 0 {
		s.broken(w, r, name)
	}
}

// statusWriter remembers what was answered.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
