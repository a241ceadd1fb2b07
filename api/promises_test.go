package api_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"steward/api"
	"steward/kernel/record"
	"steward/kernel/storage"
)

func TestAChangeSaysWhatItHasSeen(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann")
		patch := map[string]any{"category": "mail"}
		w.call("ann", "PATCH", "/incidents/INC-1", patch).is(428)
		w.call("ann", "PATCH", "/incidents/INC-1", patch, "If-Match", `"1"`).is(200)
		stale := w.call("ann", "PATCH", "/incidents/INC-1", map[string]any{"category": "net"}, "If-Match", `"1"`).is(412)
		stale.want("type", "urn:steward:problem:stale").want("your_revision", 1).want("current.revision", 2).want("current.category", "mail")
		w.call("ann", "PATCH", "/incidents/INC-1", patch, "If-Match", `W/"2"`).is(412)
		w.call("ann", "PATCH", "/incidents/INC-1", map[string]any{"category": "net"}, "If-Match", `*`).is(200).want("revision", 3)
		w.call("ann", "PATCH", "/incidents/INC-1", map[string]any{"category": nil}, "If-Match", `"3"`, "Content-Type", "application/merge-patch+json").is(200).want("category", nil)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "x"}).is(201)
		w.call("ann", "GET", "/incidents/INC-1", nil).is(200).want("revision", 4)
		w.call("ann", "POST", "/incidents/INC-1/transitions/start", nil, "If-Match", `"2"`).is(412)
	})
}

func TestWhatWasSeenIsNotSentAgain(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann")
		g := w.call("ann", "GET", "/incidents/INC-1", nil, "If-None-Match", `W/"1"`).is(304)
		if g.Raw != "" || g.Header.Get("ETag") != `"1"` {
			t.Errorf("304 with %q, ETag %s", g.Raw, g.Header.Get("ETag"))
		}
		w.call("ann", "GET", "/incidents/INC-1", nil, "If-None-Match", `"2"`).is(200)
	})
}

func TestABodyHasOneMeaningOrNone(t *testing.T) {
	onBoth(t, func(w *world) {
		for name, c := range map[string]struct {
			body, kind string
			status     int
		}{
			"broken":         {`{"title": }`, "application/json", 400},
			"cut":            {`{"title": "x"`, "application/json", 400},
			"key twice":      {`{"title": "x", "title": "y"}`, "application/json", 400},
			"key twice deep": {`{"title": "x", "custom": {"a": 1, "a": 2}}`, "application/json", 400},
			"two objects":    {`{"title": "x"}{"title": "y"}`, "application/json", 400},
			"a list":         {`[{"title": "x"}]`, "application/json", 400},
			"null":           {`null`, "application/json", 400},
			"nothing":        {``, "application/json", 400},
			"byte mark":      {"\xef\xbb\xbf" + `{"title": "x"}`, "application/json", 400},
			"not utf-8":      {"{\"title\": \"\xff\"}", "application/json", 400},
			"too deep":       {`{"title": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, "application/json", 400},
			"plain text":     {`{"title": "x"}`, "text/plain", 415},
			"a form":         {`title=x`, "application/x-www-form-urlencoded", 415},
			"latin 1":        {`{"title": "x"}`, "application/json; charset=iso-8859-1", 415},
			"utf-8":          {`{"title": "x"}`, "application/json; charset=utf-8", 201},
			"too large":      {`{"title": "` + strings.Repeat("x", 1<<20) + `"}`, "application/json", 413},
		} {
			g := w.call("ann", "POST", "/incidents", c.body, "Content-Type", c.kind)
			if g.Status != c.status {
				t.Errorf("%s: %d, want %d: %.300s", name, g.Status, c.status, g.Raw)
			}
			if _, there := g.JSON["position"]; c.status == 400 && name != "nothing" && !there {
				t.Errorf("%s: no position: %s", name, g.Raw)
			}
		}
		w.call("ann", "POST", "/incidents", `{"title": "x", "title": "y"}`).want("position", 22)
		w.call("ann", "GET", "/incidents/count", nil).is(200).want("count", 1)
	})
}

func TestEveryWrongFieldIsNamedAtOnce(t *testing.T) {
	onBoth(t, func(w *world) {
		g := w.call("ann", "POST", "/incidents", map[string]any{"title": "", "nonsense": 1, "state": "closed", "id": "x", "num": 7, "impact": 9, "service": "SVC-99", "phase": "void", "revision": 4}).is(422)
		found := map[string]string{}
		for _, e := range g.at("errors").([]any) {
			x := e.(map[string]any)
			found[x["field"].(string)] = x["reason"].(string)
			if x["mend"] == "" || x["mend"] == nil {
				t.Errorf("%v does not say how to mend it", x)
			}
		}
		for field, reason := range map[string]string{"title": "required", "nonsense": "unknown_field", "state": "read_only", "id": "read_only", "num": "unknown_field", "impact": "out_of_range",
			"service": "unknown_reference", "phase": "read_only", "revision": "read_only"} {
			if found[field] != reason {
				t.Errorf("%s: %q, want %q", field, found[field], reason)
			}
		}
		w.call("ann", "GET", "/incidents/count", nil).want("count", 0)
	})
}

func TestEveryKindOfNoIsAProblem(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann")
		for _, c := range []struct {
			who, method, path string
			body              any
			status            int
		}{
			{"", "GET", "/incidents", nil, 401}, {"", "GET", "/", nil, 401}, {"", "GET", "/stream", nil, 401},
			{"aud", "POST", "/incidents", map[string]any{"title": "x"}, 403}, {"rita", "GET", "/incidents/export", nil, 403},
			{"ann", "GET", "/incidents/INC-99", nil, 404}, {"ann", "GET", "/incidents/nonsense", nil, 404}, {"ann", "GET", "/nonsense", nil, 404}, {"ann", "GET", "=/nonsense", nil, 404},
			{"ann", "DELETE", "/incidents/INC-1", nil, 405}, {"ann", "PUT", "/incidents", nil, 405}, {"ann", "OPTIONS", "/incidents", nil, 405}, {"ann", "TRACE", "/incidents", nil, 405},
			{"ann", "POST", "/incidents/INC-1/transitions/close", nil, 409}, {"ann", "POST", "/incidents/INC-1/transitions/nonsense", nil, 409},
			{"ann", "GET", "/incidents?limit=0", nil, 400}, {"ann", "GET", "/incidents?limit=201", nil, 400}, {"ann", "GET", "/incidents?limit=x", nil, 400}, {"ann", "GET", "/incidents?limit=", nil, 400},
			{"ann", "GET", "/incidents?nonsense=1", nil, 400}, {"ann", "GET", "/incidents?limit=1&limit=2", nil, 400}, {"ann", "GET", "/incidents?fields=nonsense", nil, 400},
			{"ann", "GET", "/incidents?fields=num", nil, 400}, {"ann", "GET", "/incidents?as_of=2999-01-01", nil, 400}, {"ann", "GET", "/incidents?as_of=soon", nil, 400},
			{"ann", "GET", "/incidents?expand=all", nil, 400}, {"ann", "GET", "/incidents/INC-1/clocks/nonsense", nil, 404}, {"ann", "GET", "/incidents?cursor=nonsense", nil, 400},
		} {
			g := w.call(c.who, c.method, c.path, c.body)
			if g.Status != c.status {
				t.Errorf("%s: %d, want %d: %.300s", g.what, g.Status, c.status, g.Raw)
				continue
			}
			if g.Header.Get("Content-Type") != "application/problem+json; charset=utf-8" || g.at("status") != float64(c.status) || !strings.HasPrefix(g.text("type"), "urn:steward:problem:") || g.text("title") == "" {
				t.Errorf("%s: not a problem: %s %.300s", g.what, g.Header.Get("Content-Type"), g.Raw)
			}
			switch c.status {
			case 401:
				if !strings.HasPrefix(g.Header.Get("WWW-Authenticate"), "Bearer") {
					t.Errorf("%s: no challenge", g.what)
				}
			case 405:
				if g.Header.Get("Allow") == "" {
					t.Errorf("%s: no Allow", g.what)
				}
			}
		}
		g := w.call("ann", "POST", "/incidents/INC-1/transitions/close", nil).is(409)
		g.want("legal", "[assign start wait resolve cancel escalate merge]")
		w.call("ann", "PUT", "/incidents", nil).is(405)
		if a := w.call("ann", "PUT", "/incidents", nil).Header.Get("Allow"); a != "GET, HEAD, POST" {
			t.Errorf("Allow: %s", a)
		}
	})
}

func TestAWrongQuerySaysWhere(t *testing.T) {
	onBoth(t, func(w *world) {
		w.call("ann", "GET", `/incidents?filter=priority+%3C%3D+%22x%22`, nil).is(400).want("position", 12)
		w.call("ann", "GET", `/incidents?filter=state+in+%28%22new%22`, nil).is(400)
		w.call("ann", "GET", `/incidents?filter=nonsense+%3D+1`, nil).is(400).want("position", 0).want("errors.0.reason", "unknown_field")
		w.call("ann", "GET", `/incidents?sort=-priority,nonsense`, nil).is(400).want("position", 10)
		w.call("ann", "GET", `/incidents/count?filter=%28`, nil).is(400)
		w.call("ann", "GET", `/search?q=`, nil).is(400)
	})
}

func TestAListIsPagedProjectedAndCounted(t *testing.T) {
	onBoth(t, func(w *world) {
		for i := range 7 {
			w.incident("ann", "title", fmt.Sprint("no ", i), "urgency", i%4+1)
		}
		seen := map[string]bool{}
		path := "/incidents?limit=3&sort=-priority,opened_at&fields=ref,title"
		for cursor, pages := "", 0; pages < 5; pages++ {
			g := w.call("ann", "GET", path+cursor, nil).is(200)
			for _, x := range g.items() {
				o := x.(map[string]any)
				if len(o) != 2 {
					t.Errorf("fields: %v", o)
				}
				seen[o["ref"].(string)] = true
			}
			next, more := g.at("next").(string)
			if !more {
				if _, there := g.JSON["next"]; there {
					t.Error("next is there on the last page")
				}
				break
			}
			cursor = "&cursor=" + next
		}
		if len(seen) != 7 {
			t.Errorf("seen %d of 7", len(seen))
		}
		w.call("ann", "GET", `/incidents/count?filter=priority+%3C+3`, nil).is(200).want("exact", true)
		if g := w.call("ann", "GET", "/incidents?expand=refs&limit=1", nil).is(200); g.at("items.0.refs.reporter.title") != "Ann" {
			t.Errorf("refs: %.400s", g.Raw)
		}
	})
}

func TestThePastIsAnsweredAsItWasAndAsItWasKnown(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		time.Sleep(5 * time.Millisecond)
		then := w.sys.Now().Format(time.RFC3339Nano)
		time.Sleep(5 * time.Millisecond)
		w.call("ann", "PATCH", "/incidents/INC-1", map[string]any{"title": "changed"}, "If-Match", "*").is(200)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "later"}).is(201)
		for _, p := range []string{"as_of", "known_at"} {
			q := "?" + p + "=" + then
			w.call("ann", "GET", "/incidents/INC-1"+q, nil).is(200).want("title", "Mail is slow").want("revision", 1)
			w.call("ann", "GET", "/incidents"+q, nil).is(200).want("items.0.title", "Mail is slow")
			w.call("ann", "GET", "/incidents/count"+q, nil).is(200).want("count", 1)
			w.call("ann", "GET", "/incidents/INC-1/comments"+q, nil).is(200).want("items", "[]")
			w.call("ann", "GET", "/incidents/export"+q+"&format=json", nil).is(200).want("items.0.title", "Mail is slow")
			w.call("ann", "GET", "/incidents/INC-1?"+p+"=2001-01-01", nil).is(404)
			w.call("ann", "GET", "/incidents?"+p+"=2001-01-01", nil).is(200).want("items", "[]")
			w.call("ann", "GET", "/incidents/INC-1?"+p+"="+string(w.sys.Today()), nil).is(200).want("title", "changed")
			if g := w.call("rob", "GET", "/incidents/INC-1"+q, nil); g.Status != 404 {
				t.Errorf("%s", g.Raw)
			}
		}
		w.call("ann", "GET", "/incidents?as_of="+then+"&known_at="+then, nil).is(400)
	})
}

func TestAKeyCarriesAPostOutOnce(t *testing.T) {
	onBoth(t, func(w *world) {
		key := []string{"Idempotency-Key", "k-1"}
		one := w.call("ann", "POST", "/incidents", map[string]any{"title": "once"}, key...).is(201)
		two := w.call("ann", "POST", "/incidents", map[string]any{"title": "once"}, key...).is(201)
		if two.Raw != one.Raw || two.Header.Get("Location") != one.Header.Get("Location") || two.Header.Get("ETag") != one.Header.Get("ETag") || two.Header.Get("Idempotency-Replayed") != "true" || one.Header.Get("Idempotency-Replayed") != "" {
			t.Errorf("replay: %v\n%s\n%s", two.Header, one.Raw, two.Raw)
		}
		w.call("ann", "POST", "/incidents", map[string]any{"title": "other"}, key...).is(422).want("errors.0.reason", "key_reused")
		w.call("olga", "POST", "/incidents", map[string]any{"title": "hers"}, key...).is(201)
		w.call("ann", "GET", "/incidents/count", nil).want("count", 2)
		w.call("ann", "POST", "/incidents", map[string]any{"title": ""}, "Idempotency-Key", "k-2").is(422)
		w.call("ann", "POST", "/incidents", map[string]any{"title": "mended"}, "Idempotency-Key", "k-2").is(201)
		for range 2 {
			w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "said once"}, "Idempotency-Key", "c").is(201)
			w.call("ann", "POST", "/incidents/INC-1/transitions/start", nil, "Idempotency-Key", "t").is(200).want("state", "in_progress")
			w.call("ann", "POST", "/batch", map[string]any{"commands": []any{map[string]any{"method": "POST", "path": "/incidents", "body": map[string]any{"title": "b"}}}}, "Idempotency-Key", "b").is(200)
			w.call("ann", "POST", "/batch", map[string]any{"atomic": true, "commands": []any{map[string]any{"method": "POST", "path": "/incidents", "body": map[string]any{"title": "b"}}}}, "Idempotency-Key", "ba").is(200)
			w.call("ann", "POST", "/incidents/INC-1/attachments?name=a.txt", "hello", "Content-Type", "text/plain", "Idempotency-Key", "f").is(201)
		}
		if n := len(w.call("ann", "GET", "/incidents/INC-1/comments", nil).items()); n != 1 {
			t.Errorf("%d comments", n)
		}
		if n := len(w.call("ann", "GET", "/incidents/INC-1/attachments", nil).items()); n != 1 {
			t.Errorf("%d files", n)
		}
		w.call("ann", "GET", "/incidents/count", nil).want("count", 5)
		w.call("ann", "POST", "/incidents", map[string]any{"title": "x"}, "Idempotency-Key", strings.Repeat("x", 300)).is(400)
	})
}

func TestATokenOfAKeyIsNotKept(t *testing.T) {
	onBoth(t, func(w *world) {
		one := w.call("ann", "POST", "/tokens", map[string]any{"name": "ci"}, "Idempotency-Key", "t").is(201)
		two := w.call("ann", "POST", "/tokens", map[string]any{"name": "ci"}, "Idempotency-Key", "t").is(201)
		if one.at("token") == nil || two.at("token") != nil || one.at("id") != two.at("id") {
			t.Errorf("%s\n%s", one.Raw, two.Raw)
		}
	})
}

func TestOneOfManyWithTheSameKeyIsCarriedOut(t *testing.T) {
	onBoth(t, func(w *world) {
		done := make(chan int, 12)
		for range 12 {
			go func() {
				done <- w.call("ann", "POST", "/incidents", map[string]any{"title": "race"}, "Idempotency-Key", "race").Status
			}()
		}
		for range 12 {
			if s := <-done; s != 201 && s != 409 {
				t.Errorf("status %d", s)
			}
		}
		w.call("ann", "GET", "/incidents/count", nil).want("count", 1)
	})
}

func TestEveryAnswerCarriesTheHeadersOfTrust(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann")
		for _, c := range []struct{ who, method, path string }{{"ann", "GET", "/incidents"}, {"ann", "GET", "/incidents/INC-1"}, {"", "GET", "/incidents"}, {"ann", "GET", "=/nonsense"},
			{"", "GET", "/api/docs"}, {"", "GET", "/api/docs/style.css"}, {"", "GET", "/api/openapi.json"}, {"", "GET", "=/healthz"}, {"ann", "DELETE", "/incidents"}, {"ann", "GET", "/incidents/export"}} {
			g := w.call(c.who, c.method, c.path, nil, "Origin", "https://evil.example")
			for h, v := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin"} {
				if g.Header.Get(h) != v {
					t.Errorf("%s: %s is %q", g.what, h, g.Header.Get(h))
				}
			}
			csp := g.Header.Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: CSP %q", g.what, csp)
			}
			for h := range g.Header {
				if strings.HasPrefix(h, "Access-Control-") {
					t.Errorf("%s: %s", g.what, h)
				}
			}
			if ct := g.Header.Get("Content-Type"); !strings.Contains(ct, "charset=utf-8") {
				t.Errorf("%s: Content-Type %q", g.what, ct)
			}
			if c.who != "" && g.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s: Cache-Control %q", g.what, g.Header.Get("Cache-Control"))
			}
		}
	})
}

func TestAPageOfAnotherSiteCannotWrite(t *testing.T) {
	onBoth(t, func(w *world) {
		w.call("ann", "POST", "/incidents", map[string]any{"title": "x"}, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").is(403)
		w.call("ann", "POST", "/incidents", map[string]any{"title": "x"}, "Origin", "https://evil.example").is(403)
		w.call("ann", "POST", "/incidents", map[string]any{"title": "x"}, "Origin", "http://example.com", "Sec-Fetch-Site", "same-origin").is(201)
		w.call("ann", "GET", "/incidents/count", nil).want("count", 1)
	})
}

func TestAPanicIsOneAnswerAndTheProcessLives(t *testing.T) {
	var logged strings.Builder
	onBoth(t, func(w *world) {
		logged.Reset()
		g := w.call("ann", "GET", "/boom", nil).is(500)
		if strings.Contains(g.Raw, "secret detail") || len(g.text("id")) != 16 {
			t.Errorf("answer: %s", g.Raw)
		}
		if !strings.Contains(logged.String(), g.text("id")) || !strings.Contains(logged.String(), "secret detail") {
			t.Errorf("log: %s", logged.String())
		}
		g = w.call("ann", "GET", "/fails", nil).is(500)
		if strings.Contains(g.Raw, "secret detail") {
			t.Errorf("answer: %s", g.Raw)
		}
		w.call("ann", "GET", "/me", nil).is(200)
	}, func(o *api.Options) {
		o.Log = logTo(&logged)
		o.Extra = []api.Route{{Method: "GET", Path: "/api/v1/boom", Doc: "panics", Serve: func(*api.Call) error { panic("secret detail") }},
			{Method: "GET", Path: "/api/v1/fails", Doc: "fails", Serve: func(*api.Call) error { return errors.New("secret detail") }}}
	})
}

func TestReadinessSaysUpOrDownAndNoMore(t *testing.T) {
	var down error
	onBoth(t, func(w *world) {
		down = nil
		w.call("", "GET", "=/healthz", nil).is(200)
		w.call("", "GET", "=/readyz", nil).is(200)
		down = errors.New("password of db is x")
		g := w.call("", "GET", "=/readyz", nil).is(503)
		if strings.Contains(g.Raw, "password") || g.Header.Get("Retry-After") == "" {
			t.Errorf("%v %s", g.Header, g.Raw)
		}
		w.call("", "GET", "=/healthz", nil).is(200)
		if g := w.call("", "GET", "=/", nil); g.Status != 303 || g.Header.Get("Location") != "/api/docs" {
			t.Errorf("/ gives %d %s", g.Status, g.Header.Get("Location"))
		}
	}, func(o *api.Options) { o.Health = func(context.Context) error { return down } })
}

func TestMetricsAreForThisMachineAndThoseWhoWatch(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann")
		ask := func(addr, who string, header ...string) int {
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.RemoteAddr = addr
			if who != "" {
				r.Header.Set("Authorization", "Bearer "+w.tokens[who])
			}
			for i := 0; i < len(header); i += 2 {
				r.Header.Set(header[i], header[i+1])
			}
			rec := httptest.NewRecorder()
			w.door.ServeHTTP(rec, r)
			if rec.Code == 200 {
				for _, name := range []string{`steward_http_requests_total{method="POST",route="POST /api/v1/incidents",status="201"} 1`, "steward_commands_total", "steward_timers_due", "steward_log_queue", "steward_http_request_seconds_bucket"} {
					if !strings.Contains(rec.Body.String(), name) {
						t.Errorf("%s is not told", name)
					}
				}
			}
			return rec.Code
		}
		for i, c := range []struct{ got, want int }{{ask("127.0.0.1:5", ""), 200}, {ask("[::1]:5", ""), 200}, {ask("10.0.0.1:5", ""), 401}, {ask("127.0.0.1:5", "", "X-Forwarded-For", "127.0.0.1"), 401},
			{ask("10.0.0.1:5", "ann"), 403}, {ask("10.0.0.1:5", "aud"), 200}, {ask("10.0.0.1:5", "adm"), 200}} {
			if c.got != c.want {
				t.Errorf("case %d: %d, want %d", i, c.got, c.want)
			}
		}
	})
}

func TestTwoNodesWithTheSameKeyCarryItOutOnce(t *testing.T) {
	onBoth(t, func(w *world) {
		other := *w
		other.door = api.New(w.sys.System, api.Options{Log: logTo(io.Discard)})
		done := make(chan *got, 16)
		for i := range 16 {
			go func() {
				door := w
				if i%2 == 1 {
					door = &other
				}
				done <- door.call("ann", "POST", "/incidents", map[string]any{"title": "race"}, "Idempotency-Key", "race")
			}()
		}
		ids := map[any]bool{}
		for range 16 {
			g := <-done
			switch g.Status {
			case 201:
				ids[g.at("id")] = true
			case 409:
			default:
				t.Errorf("status %d: %s", g.Status, g.Raw)
			}
		}
		if len(ids) != 1 {
			t.Errorf("%d records", len(ids))
		}
		w.call("ann", "GET", "/incidents/count", nil).want("count", 1)
	})
}

func TestAnAnswerThatWasLostIsMadeAgain(t *testing.T) {
	onBoth(t, func(w *world) {
		one := w.call("ann", "POST", "/incidents", map[string]any{"title": "once"}, "Idempotency-Key", "k").is(201)
		id, k := w.users["ann"], record.Text("k")
		row := &storage.Idempotency{}
		lost := w.sys.Store.Update(storage.TIdempotency, []string{"body"}, []storage.Cond{storage.Eq("principal", &id), storage.Eq("key", &k)}, 1, storage.Part(row))
		if err := w.sys.Store.Apply(context.Background(), []storage.Statement{lost}); err != nil {
			t.Fatal(err)
		}
		two := w.call("ann", "POST", "/incidents", map[string]any{"title": "once"}, "Idempotency-Key", "k").is(201)
		if two.at("id") != one.at("id") || two.at("ref") != "INC-1" || two.Header.Get("Location") != one.Header.Get("Location") || two.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%v %s", two.Header, two.Raw)
		}
	})
}

func TestAKeyIsForgottenAfterADay(t *testing.T) {
	onBoth(t, func(w *world) {
		w.call("ann", "POST", "/incidents", map[string]any{"title": "once"}, "Idempotency-Key", "k").is(201)
		id, k := w.users["ann"], record.Text("k")
		row := &storage.Idempotency{At: record.At(w.sys.Now().Add(-25 * time.Hour))}
		aged := w.sys.Store.Update(storage.TIdempotency, []string{"at"}, []storage.Cond{storage.Eq("principal", &id), storage.Eq("key", &k)}, 1, storage.Part(row))
		if err := w.sys.Store.Apply(context.Background(), []storage.Statement{aged}); err != nil {
			t.Fatal(err)
		}
		if g := w.call("ann", "POST", "/incidents", map[string]any{"title": "another"}, "Idempotency-Key", "k").is(201); g.at("ref") != "INC-2" {
			t.Errorf("%s", g.Raw)
		}
	})
}
