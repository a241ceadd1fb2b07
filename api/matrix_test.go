package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// sample makes a record of p for a customer, with every required field filled by its kind; nil
// when the process asks for more than that.
func (w *world) sample(p *process.Process, customer, reporter string) record.Record {
	set := map[string]json.RawMessage{}
	put := func(m map[string]json.RawMessage, f *record.Field) {
		switch {
		case f.Name == "title":
			m[f.Name] = quoted(fmt.Sprintf("canary %s %s %d", p.Name, customer, time.Now().UnixNano()))
		case f.Kind == record.KRef:
			if f.Ref == "customer" {
				m[f.Name] = quoted(customer)
			} else if q := w.sys.Registry.Process(f.Ref); q != nil && q != p {
				if r := w.any(q, customer, reporter); r != nil {
					m[f.Name] = quoted(r.Head().ID.String())
				}
			}
		case len(f.Choices) > 0:
			m[f.Name] = quoted(f.Choices[0])
		case f.Kind == record.KInt:
			m[f.Name] = json.RawMessage(fmt.Sprint(max(1, f.Min)))
		case f.Kind == record.KDate:
			m[f.Name] = quoted("2026-01-31")
		case f.Kind == record.KInstant:
			m[f.Name] = quoted("2026-01-31T08:00:00Z")
		case f.Kind == record.KDuration:
			m[f.Name] = quoted("PT1H")
		case f.Kind == record.KPeriod:
			m[f.Name] = quoted("P1M")
		case f.Kind == record.KURL:
			m[f.Name] = quoted("https://example.org")
		case f.Kind == record.KDecimal:
			m[f.Name] = quoted("1")
		case f.Kind == record.KMoney:
			m[f.Name] = json.RawMessage(`{"amount":"1.00","currency":"EUR"}`)
		case f.Name == "zone":
			m[f.Name] = quoted("UTC")
		case f.Kind == record.KText || f.Kind == record.KProse:
			m[f.Name] = quoted(fmt.Sprintf("n%d", time.Now().UnixNano()))
		}
	}
	for _, f := range p.Shape.Fields {
		if f.Required && !f.Stamp || f.Name == "customer" {
			put(set, f)
		}
	}
	set["customer"] = quoted(customer)
	if reporter != "" {
		set["reporter"] = quoted(reporter)
	}
	res, err := w.sys.Do(w.t.Context(), w.sys.Self(), lifecycle.Command{Process: p.Name, Verb: "create", Door: "test", Set: set})
	if err != nil {
		w.t.Logf("no sample of %s: %v", p.Name, err)
		return nil
	}
	return res.Record
}

func (w *world) any(q *process.Process, customer, reporter string) record.Record {
	rs, err := w.sys.Reader().Find(w.t.Context(), q.Name, "", 1)
	if err == nil && len(rs) > 0 {
		return rs[0]
	}
	return w.sample(q, customer, reporter)
}

func quoted(s string) json.RawMessage { return record.AppendString(nil, s) }

// fill is the body that a route is asked with, so that the answer is about the record and not
// about the body.
func fill(method, path string) any {
	last := path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case method == "GET" || method == "DELETE" || method == "PUT":
		return nil
	case strings.Contains(path, "/comments"):
		return map[string]any{"body": "x"}
	case last == "links":
		return map[string]any{"kind": "related_to", "to": "SVC-1"}
	case last == "grants":
		return map[string]any{"to": "ann"}
	case last == "approvals":
		return map[string]any{"gate": "release"}
	case last == "votes":
		return map[string]any{"vote": "yes"}
	case last == "password":
		return map[string]any{"password": "purple monkey dishwasher"}
	case last == "erase":
		return map[string]any{"reason": "x"}
	case last == "attachments":
		return "content"
	case method == "PATCH" && last == "{id}":
		return map[string]any{"title": "taken over"}
	}
	return map[string]any{}
}

// TestWhatACallerMayNotKnowIsAnsweredLikeWhatIsNotThere walks every route that names a record, for
// every caller of a customer, with a record of the other customer of every process that one can be
// made of, and with a colleague's for those who see only their own. The answer must be, byte for
// byte, the one for a record that never was.
func TestWhatACallerMayNotKnowIsAnsweredLikeWhatIsNotThere(t *testing.T) {
	onBoth(t, func(w *world) {
		w.promise()
		made := map[string]map[string]record.Record{"acme": {}, "boreal": {}}
		for _, p := range w.sys.Registry.All {
			for name, ref := range map[string]string{"acme": w.acme, "boreal": w.boreal} {
				if p.Name == "customer" {
					made[name][p.Name] = w.must("customer", ref)
					continue
				}
				if r := w.sample(p, ref, ""); r != nil {
					made[name][p.Name] = r
				}
			}
		}
		for _, name := range []string{"incident", "service", "task", "view", "team", "customer"} {
			if made["acme"][name] == nil {
				t.Errorf("no sample of %s: the walk does not reach it", name)
			}
		}
		never := record.NewID(time.Now()).String()
		routes := w.call("", "GET", "/api/openapi.json", nil).is(200).at("paths").(map[string]any)
		walked := 0
		before := w.events()
		for path, ops := range routes {
			rest, ok := strings.CutPrefix(path, "/api/v1/")
			resource, below, one := strings.Cut(rest, "/{id}")
			if !ok || !one {
				continue
			}
			p := w.sys.Registry.Resource(resource)
			for method := range ops.(map[string]any) {
				method = strings.ToUpper(method)
				for _, c := range everyone {
					other := map[string]string{"acme": "boreal", "boreal": "acme"}[c.customer]
					if other == "" {
						continue
					}
					r := made[other][p.Name]
					if r == nil || r.Head().Customer.IsZero() {
						continue
					}
					at := func(id string) *got {
						x := strings.NewReplacer("{name}", "x", "{n}", "1", "{kind}", "x", "{to}", "ann", "{step}", "approve").Replace(below)
						if len(p.Transitions) > 0 {
							x = strings.Replace(below, "{name}", p.Transitions[0].Name, 1)
							x = strings.NewReplacer("{n}", "1", "{to}", "ann", "{step}", "approve").Replace(x)
						}
						if len(p.Shape.Lines) > 0 {
							x = strings.Replace(x, "{kind}", p.Shape.Lines[0].Name, 1)
						}
						for _, side := range []string{"{comment}", "{link}", "{attachment}", "{round}", "{line}"} {
							x = strings.Replace(x, side, never, 1)
						}
						h := []string{"If-Match", "*"}
						if below == "/attachments" && method == "POST" {
							h = append(h, "Content-Type", "text/plain")
						}
						return w.call(c.name, method, "/"+resource+"/"+id+x, fill(method, resource+"/{id}"+below), h...)
					}
					walked++
					foreign, none := at(r.Head().ID.String()), at(never)
					if foreign.Status != none.Status || foreign.Raw != none.Raw || foreign.Status < 400 {
						t.Errorf("%s %s as %s: another customer's gives %d %.200s, none gives %d %.200s", method, path, c.name, foreign.Status, foreign.Raw, none.Status, none.Raw)
					}
					if byRef := w.call(c.name, method, strings.Replace("/"+resource+"/"+p.Ref(r.Head().Num), "//", "/", 1), fill(method, "/{id}"), "If-Match", "*"); below == "" && byRef.Raw != none.Raw {
						t.Errorf("%s %s as %s by ref: %s", method, path, c.name, byRef.Raw)
					}
				}
			}
		}
		if walked < 500 {
			t.Errorf("only %d cells were walked", walked)
		}
		if n := w.events(); n != before {
			t.Errorf("%d events were made by callers who may not know the records", n-before)
		}
	})
}

func (w *world) must(process, ref string) record.Record {
	res, err := w.sys.Get(w.t.Context(), w.sys.Self(), process, ref)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.Record
}

func (w *world) events() int64 {
	es, err := w.sys.Store.Events(w.t.Context(), nil, "t.seq desc", 1)
	if err != nil || len(es) == 0 {
		w.t.Fatal(err)
	}
	return int64(es[0].Seq)
}

// TestCountsEqualTheListsBehindThem holds for every caller and every process (F35).
func TestCountsEqualTheListsBehindThem(t *testing.T) {
	onBoth(t, func(w *world) {
		for _, p := range w.sys.Registry.All {
			for _, who := range []struct{ customer, reporter string }{{w.acme, "rita"}, {w.acme, "carl"}, {w.boreal, "rob"}, {w.boreal, ""}} {
				if p.Name != "customer" {
					w.sample(p, who.customer, who.reporter)
				}
			}
		}
		for _, c := range everyone {
			me := w.call(c.name, "GET", "/me", nil).is(200)
			for _, p := range w.sys.Registry.All {
				l := w.call(c.name, "GET", "/"+p.Resource+"?limit=200", nil)
				n := w.call(c.name, "GET", "/"+p.Resource+"/count", nil)
				if l.Status != n.Status {
					t.Errorf("%s %s: list %d, count %d", c.name, p.Resource, l.Status, n.Status)
				}
				if l.Status != 200 {
					if l.Status != 403 {
						t.Errorf("%s %s: %d", c.name, p.Resource, l.Status)
					}
					continue
				}
				if len(l.items()) != int(n.at("count").(float64)) {
					t.Errorf("%s %s: list %d, count %v", c.name, p.Resource, len(l.items()), n.at("count"))
				}
				if e := w.call(c.name, "GET", "/"+p.Resource+"/export?format=json", nil); e.Status == 200 && len(e.items()) != len(l.items()) {
					t.Errorf("%s %s: list %d, export %d", c.name, p.Resource, len(l.items()), len(e.items()))
				}
				for _, x := range l.items() {
					o := x.(map[string]any)
					if mine := me.at("customer"); mine != nil && o["customer"] != nil && o["customer"] != mine && p.Name != "customer" {
						t.Errorf("%s sees another customer's %v", c.name, o["ref"])
					}
					if g := w.call(c.name, "GET", "/"+p.Resource+"/"+o["id"].(string), nil); g.Status != 200 {
						t.Errorf("%s lists %v and is answered %d", c.name, o["ref"], g.Status)
					}
				}
			}
		}
	})
}

// TestAnotherCustomersRecordIsReachedFromNoSide tries the ways around: as a value, as the other
// end of a link, in filters, search, completion, the feed, batches and exports.
func TestAnotherCustomersRecordIsReachedFromNoSide(t *testing.T) {
	onBoth(t, func(w *world) {
		w.call("adm", "POST", "/roles", map[string]any{"title": "Linker", "name": "linker", "allows": []any{map[string]any{"permission": "incident:link"}, map[string]any{"permission": "incident:update"}}}).is(201)
		w.call("adm", "PATCH", "/users/carl", map[string]any{"roles": []any{map[string]any{"role": "customer_manager"}, map[string]any{"role": "linker"}}}, "If-Match", "*").is(200)
		theirs := w.incident("ann", "customer", w.boreal, "title", "zanzibar secret")
		mine := w.incident("carl", "title", "mine")
		own := "/incidents/" + mine.text("id")
		for _, to := range []string{theirs.text("id"), theirs.text("ref")} {
			a := w.call("carl", "POST", own+"/links", map[string]any{"kind": "related_to", "to": to}).is(422)
			b := w.call("carl", "POST", own+"/links", map[string]any{"kind": "related_to", "to": "INC-999"}).is(422)
			if a.Raw != b.Raw {
				t.Errorf("links tell: %s %s", a.Raw, b.Raw)
			}
			w.call("carl", "PATCH", own, map[string]any{"major_procedure": to}, "If-Match", "*").is(422).want("errors.0.reason", "unknown_reference")
			w.call("carl", "PATCH", own, map[string]any{"reporter": "rob"}, "If-Match", "*").is(422).want("errors.0.reason", "unknown_reference")
		}
		w.call("carl", "PATCH", own, map[string]any{"customer": w.boreal}, "If-Match", "*").is(422)
		w.call("ann", "POST", own+"/links", map[string]any{"kind": "related_to", "to": theirs.text("ref")}).is(201)
		for _, p := range []string{own, own + "/links", own + "/history", "/search?q=zanzibar", "/incidents?filter=" + url.QueryEscape(`text ~ "zanzibar"`), "/incidents?filter=" + url.QueryEscape(`title ~ "zanzibar"`),
			"/incidents/export?format=json", "/events?limit=200", "/my-work", "/inbox", "/incidents/complete?filter=", own + "?expand=refs"} {
			g := w.call("carl", "GET", p, nil)
			if strings.Contains(g.Raw, "zanzibar secret") || strings.Contains(g.Raw, theirs.text("id")) || strings.Contains(g.Raw, `"`+theirs.text("ref")+`"`) {
				t.Errorf("%s tells of it: %.500s", p, g.Raw)
			}
		}
		w.call("carl", "GET", "/incidents/count?filter="+url.QueryEscape(`title ~ "zanzibar"`), nil).is(200).want("count", 0)
		w.call("carl", "GET", "/incidents/count?filter="+url.QueryEscape(`linked("related_to")`), nil)
		w.call("rita", "GET", own, nil).is(404)
		w.call("rita", "GET", "/incidents", nil).is(200).want("items", "[]")
	})
}

func TestReadingWritesNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		w.promise()
		w.incident("ann", "customer", w.acme)
		before := w.events()
		routes := w.call("", "GET", "/api/openapi.json", nil).at("paths").(map[string]any)
		for path, ops := range routes {
			if ops.(map[string]any)["get"] == nil || strings.HasSuffix(path, "stream") {
				continue
			}
			x := strings.NewReplacer("{id}", "1", "{comment}", "1", "{link}", "1", "{attachment}", "1", "{kind}", "x", "{line}", "1", "{n}", "1", "/incidents/{id}", "/incidents/INC-1").Replace(path)
			w.call("adm", "GET", "="+x, nil)
			w.call("adm", "HEAD", "="+x, nil)
		}
		if n := w.events(); n != before {
			t.Errorf("reading made %d events", n-before)
		}
	})
}
