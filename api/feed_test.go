package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"steward/kernel/record"
	"steward/kernel/storage"
)

func (w *world) forgetKey(who, key string) {
	id, k := w.users[who], record.Text(key)
	gone := w.sys.Store.Remove(storage.TIdempotency, []storage.Cond{storage.Eq("principal", &id), storage.Eq("key", &k)}, 1)
	if err := w.sys.Store.Apply(context.Background(), []storage.Statement{gone}); err != nil {
		w.t.Fatal(err)
	}
}

func TestTheFeedTellsEverythingInOrderToThoseWhoMaySeeIt(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		w.incident("ann", "customer", w.boreal)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "note", "internal": true}).is(201)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "answer"}).is(201)
		all := func(who string) (out []map[string]any) {
			for after := "0"; ; {
				g := w.call(who, "GET", "/events?limit=5&after="+after, nil).is(200)
				if len(g.items()) == 0 {
					return out
				}
				for _, x := range g.items() {
					out = append(out, x.(map[string]any))
				}
				after = fmt.Sprint(int(g.at("next").(float64)))
			}
		}
		w.eventually("the comments are in the feed", func() bool { return strings.Contains(fmt.Sprint(all("ann")), "answer") })
		last := 0.0
		for _, e := range all("ann") {
			if e["seq"].(float64) <= last {
				t.Errorf("out of order: %v", e)
			}
			last = e["seq"].(float64)
		}
		seen := fmt.Sprint(all("carl"))
		if !strings.Contains(seen, "answer") || strings.Contains(seen, "note") || strings.Contains(seen, "INC-2") {
			t.Errorf("carl sees %s", seen)
		}
	})
}

func TestTheStreamTellsAtOnceAndEndsWithItsToken(t *testing.T) {
	onBoth(t, func(w *world) {
		srv := httptest.NewServer(w.door)
		defer srv.Close()
		token, row, err := w.sys.NewToken(context.Background(), w.users["carl"], "stream", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		r, _ := http.NewRequest("GET", srv.URL+"/api/v1/stream", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.StatusCode != 200 || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
			t.Fatalf("%v", resp)
		}
		said := make(chan string, 100)
		go func() {
			defer close(said)
			sc := bufio.NewScanner(resp.Body)
			for sc.Scan() {
				said <- sc.Text()
			}
		}()
		w.incident("ann", "customer", w.boreal, "title", "not for carl")
		began := time.Now()
		w.incident("ann", "customer", w.acme, "title", "for carl")
		id := ""
		for line := range said {
			if strings.Contains(line, "not for carl") {
				t.Fatal("another customer's change is in the stream")
			}
			if v, ok := strings.CutPrefix(line, "id: "); ok {
				id = v
			}
			if strings.HasPrefix(line, "data: ") && strings.Contains(line, "for carl") {
				break
			}
			if time.Since(began) > 5*time.Second {
				t.Fatal("nothing within 5 s")
			}
		}
		r2, _ := http.NewRequest("GET", srv.URL+"/stream", nil)
		r2.Header.Set("Authorization", "Bearer "+token)
		r2.Header.Set("Last-Event-ID", "0")
		resp2, err := http.DefaultClient.Do(r2)
		if err != nil {
			t.Fatal(err)
		}
		sc := bufio.NewScanner(resp2.Body)
		for sc.Scan() && sc.Text() != "id: "+id {
		}
		resp2.Body.Close()
		if err := w.sys.RevokeToken(context.Background(), row.ID, record.ID{}); err != nil {
			t.Fatal(err)
		}
		revoked := time.Now()
		for range said {
		}
		if d := time.Since(revoked); d > 5*time.Second {
			t.Errorf("the stream lived %v after its token", d)
		}
	})
}

func TestAnExportStreamsWhatTheCallerSeesAndRunsNoFormula(t *testing.T) {
	onBoth(t, func(w *world) {
		for i := range 450 {
			w.do("incident", "create", "", "title", fmt.Sprint("=1+", i), "customer", w.acme)
		}
		w.incident("ann", "customer", w.boreal, "title", "not for carl")
		g := w.call("carl", "GET", "/incidents/export?fields=ref,title,customer,opened_at&sort=id", nil).is(200)
		rows := strings.Split(strings.TrimSpace(g.Raw), "\r\n")
		if len(rows) != 451 || rows[0] != "ref,title,customer,opened_at" || !strings.HasPrefix(rows[1], "INC-1,'=1+0,"+w.acme+",") || strings.Contains(g.Raw, "not for carl") {
			t.Errorf("%d rows: %.200s", len(rows), g.Raw)
		}
		if !strings.Contains(g.Header.Get("Content-Disposition"), "incidents.csv") {
			t.Errorf("%v", g.Header)
		}
		if n := len(w.call("ann", "GET", "/incidents/export?format=json", nil).is(200).items()); n != 451 {
			t.Errorf("%d as JSON", n)
		}
		if x := w.call("ann", "GET", "/incidents/export?format=xlsx", nil).is(200); !strings.HasPrefix(x.Raw, "PK") {
			t.Error("no workbook")
		}
		w.call("ann", "GET", "/incidents/export?filter=title+%3D+%22none%22", nil).is(200)
		w.call("ann", "GET", "/incidents/export?filter=title+%3D+%22none%22&format=json", nil).is(200).want("items", "[]")
		w.call("ann", "GET", "/incidents/export?format=pdf", nil).is(400)
		w.call("ann", "GET", "/incidents/export?filter=%28", nil).is(400)
		w.call("rita", "GET", "/incidents/export", nil).is(403)
	})
}
