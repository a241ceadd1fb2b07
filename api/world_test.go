package api_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"steward/api"
	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/store/storetest/migrated"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is a system with two customers, people of every role, and the door to it.
type world struct {
	t      *testing.T
	sys    *boot.Opened
	door   http.Handler
	tokens map[string]string
	users  map[string]record.ID
	acme   string // refs
	boreal string
	mail   string // a service for everyone
}

// everyone are the callers of the matrix: name, role, customer.
var everyone = []struct{ name, role, customer string }{
	{"adm", "administrator", ""}, {"olga", "process_owner", ""}, {"ann", "agent", ""}, {"mia", "manager", ""}, {"app", "approver", ""}, {"aud", "auditor", ""},
	{"rita", "requester", "acme"}, {"carl", "customer_manager", "acme"}, {"rob", "requester", "boreal"}, {"cleo", "customer_manager", "boreal"},
}

func onBoth(t *testing.T, f func(w *world), opts ...func(*api.Options)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
			if engine == "postgres" {
				opt.Data, opt.Database = t.TempDir(), migrated.Postgres(t)
			}
			o, err := boot.Open(context.Background(), opt)
			if err != nil {
				t.Fatal(err)
			}
			o.Start(context.Background())
			t.Cleanup(func() {
				o.Stop()
				if err := o.Close(); err != nil {
					t.Error(err)
				}
			})
			f(newWorld(t, o, opts...))
		})
	}
}

func newWorld(t *testing.T, o *boot.Opened, opts ...func(*api.Options)) *world {
	w := &world{t: t, sys: o, tokens: map[string]string{}, users: map[string]record.ID{}}
	ao := api.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "test"}
	for _, f := range opts {
		f(&ao)
	}
	w.door = api.New(o.System, ao)
	w.acme = w.do("customer", "create", "", "title", "Acme").Ref()
	w.boreal = w.do("customer", "create", "", "title", "Borealis").Ref()
	w.mail = w.do("service", "create", "", "title", "E-mail", "owner", "admin").Ref()
	for _, p := range everyone {
		kv := []any{"title", strings.ToUpper(p.name[:1]) + p.name[1:], "name", p.name, "roles", []any{map[string]any{"role": p.role}}}
		switch p.customer {
		case "acme":
			kv = append(kv, "customer", w.acme)
		case "boreal":
			kv = append(kv, "customer", w.boreal)
		}
		id := w.do("user", "create", "", kv...).Record.Head().ID
		token, _, err := o.NewToken(context.Background(), id, "test", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		w.users[p.name], w.tokens[p.name] = id, token
	}
	return w
}

// do gives a command past the door, as Steward itself, to lay out what a test needs.
func (w *world) do(process, verb, ref string, kv ...any) *system.Result {
	w.t.Helper()
	c := lifecycle.Command{Process: process, Verb: verb, Ref: ref, Door: "test", Set: values(kv...)}
	if name, ok := strings.CutPrefix(verb, "transition "); ok {
		c.Verb, c.Name = "transition", name
	}
	if strings.HasPrefix(verb, "version_") {
		c.Number = 1
	}
	res, err := w.sys.Do(context.Background(), w.sys.Self(), c)
	if err != nil {
		w.t.Fatalf("%s %s %s: %v", verb, process, ref, err)
	}
	return res
}

func values(kv ...any) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i+1 < len(kv); i += 2 {
		b, err := json.Marshal(kv[i+1])
		if err != nil {
			panic(err)
		}
		m[kv[i].(string)] = b
	}
	return m
}

// got is an answer.
type got struct {
	t      *testing.T
	Status int
	Header http.Header
	Raw    string
	JSON   map[string]any
	what   string
}

// call sends a request as who; body may be nil, a string, or anything that JSON can say. Further
// arguments are header names and values.
func (w *world) call(who, method, path string, body any, header ...string) *got {
	w.t.Helper()
	var rd io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		rd = strings.NewReader(b)
	case []byte:
		rd = bytes.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		rd = bytes.NewReader(raw)
	}
	if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/api") && !strings.HasPrefix(path, "//") {
		path = "/api/v1" + path
	}
	path = strings.TrimPrefix(path, "=")
	r := httptest.NewRequest(method, path, rd)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token, ok := w.tokens[who]; ok {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			r.Header.Del(header[i])
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.door.ServeHTTP(rec, r)
	g := &got{t: w.t, Status: rec.Code, Header: rec.Header(), Raw: rec.Body.String(), what: who + " " + method + " " + path}
	if strings.Contains(g.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(rec.Body.Bytes(), &g.JSON); err != nil {
			w.t.Errorf("%s: the answer is not JSON: %v: %.200s", g.what, err, g.Raw)
		}
	}
	return g
}

// is fails the test unless the answer has the status.
func (g *got) is(status int) *got {
	g.t.Helper()
	if g.Status != status {
		g.t.Fatalf("%s: %d, want %d: %.600s", g.what, g.Status, status, g.Raw)
	}
	return g
}

// at reads a value by its path: items.0.title.
func (g *got) at(path string) any {
	var v any = g.JSON
	for _, k := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[k]
		case []any:
			var i int
			if _, err := fmt.Sscan(k, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (g *got) text(path string) string {
	g.t.Helper()
	s, ok := g.at(path).(string)
	if !ok {
		g.t.Fatalf("%s: %s is %v, not text: %.600s", g.what, path, g.at(path), g.Raw)
	}
	return s
}

func (g *got) items() []any {
	l, _ := g.at("items").([]any)
	return l
}

func (g *got) want(path string, v any) *got {
	g.t.Helper()
	if fmt.Sprint(g.at(path)) != fmt.Sprint(v) {
		g.t.Errorf("%s: %s = %v, want %v: %.400s", g.what, path, g.at(path), v, g.Raw)
	}
	return g
}

// incident makes one through the door.
func (w *world) incident(who string, kv ...any) *got {
	w.t.Helper()
	set := map[string]any{"title": "Mail is slow", "description": "it is"}
	for i := 0; i+1 < len(kv); i += 2 {
		set[kv[i].(string)] = kv[i+1]
	}
	return w.call(who, "POST", "/incidents", set).is(201)
}

// eventually waits until f holds.
func (w *world) eventually(what string, f func() bool) {
	w.t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if f() {
			return
		}
	}
	w.t.Fatalf("never: %s", what)
}

func base64of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
