package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"
)

// The tests of this file carry the numbers of faults that other tools of the field had.

// F34: figures that were kept for one person were shown to the next, of another organisation.
func TestF34FiguresAreThoseOfWhoAsks(t *testing.T) {
	onBoth(t, func(w *world) {
		for range 3 {
			w.call("rita", "POST", "/incidents", map[string]any{"title": "of Acme"}).is(201)
		}
		w.call("rob", "POST", "/incidents", map[string]any{"title": "of Borealis"}).is(201)
		for range 2 { // in turn, and again from whatever is kept
			for who, want := range map[string]float64{"ann": 4, "carl": 3, "cleo": 1, "rita": 3, "rob": 1} {
				w.call(who, "GET", "/incidents/count", nil).is(200).want("count", want)
				if n := len(w.call(who, "GET", "/incidents", nil).is(200).items()); float64(n) != want {
					t.Errorf("%s is shown %d", who, n)
				}
			}
		}
	})
}

// F37: an internal note reached the customer by another way than the page: the feed, an export, a
// search, a merge, the inbox.
func TestF37AnInternalNoteReachesTheCustomerByNoWay(t *testing.T) {
	onBoth(t, func(w *world) {
		const word = "zyxwvut"
		w.call("rita", "POST", "/incidents", map[string]any{"title": "No mail"}).is(201)
		w.call("rita", "POST", "/incidents", map[string]any{"title": "No mail again"}).is(201)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "they did not pay " + word, "internal": true}).is(201)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "we look into it"}).is(201)
		w.call("ann", "POST", "/incidents/INC-1/transitions/merge", map[string]any{"merged_into": "INC-2"}).is(200)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "still not paid " + word, "internal": true}).is(201)
		if s := w.call("ann", "GET", "/incidents/INC-2/comments", nil).is(200).Raw; !strings.Contains(s, word) {
			t.Fatal("the agents themselves do not see it")
		}
		for _, who := range []string{"rita", "carl", "rob"} {
			for _, path := range []string{"/incidents/INC-1", "/incidents/INC-1/comments", "/incidents/INC-1/history", "/incidents/INC-2/comments", "/incidents/INC-2/history",
				"/events?after=0", "/inbox", "/incidents/export?format=csv", "/incidents/export?format=json", "/search?q=" + word, "/incidents?filter=" + url.QueryEscape(`text ~ "`+word+`"`)} {
				if s := w.call(who, "GET", path, nil).Raw; strings.Contains(strings.ReplaceAll(strings.ReplaceAll(s, url.QueryEscape(`text ~ "`+word+`"`), ""), `"q":"`+word, ""), word) {
					t.Errorf("%s reads it at %s: %.400s", who, path, s)
				}
			}
		}
	})
}

// F40: what must have no circle has none, however long the way round, and the refusal says the way;
// where the world has circles, they are kept and followed once.
func TestF40HierarchiesHaveNoCircleAndNetworksMay(t *testing.T) {
	onBoth(t, func(w *world) {
		const n = 30
		for range n {
			w.incident("ann", "customer", w.acme)
		}
		child := func(of, to int) *got {
			return w.call("ann", "POST", fmt.Sprintf("/incidents/INC-%d/links", of), map[string]any{"kind": "child_of", "to": fmt.Sprintf("INC-%d", to)})
		}
		child(1, 1).is(422).want("errors.0.reason", "itself")
		for i := 1; i < n; i++ {
			child(i, i+1).is(201)
		}
		if g := child(n, 1).is(422).want("errors.0.reason", "cycle"); !strings.Contains(g.Raw, "INC-2") {
			t.Errorf("the way round is not told: %s", g.Raw)
		}
		other := w.do("service", "create", "", "title", "Files", "owner", "admin").Ref()
		for _, x := range [][2]string{{w.mail, other}, {other, w.mail}} {
			w.call("olga", "POST", "/services/"+x[0]+"/links", map[string]any{"kind": "depends_on", "to": x[1]}).is(201)
		}
		w.call("olga", "GET", "/services/"+w.mail+"/links", nil).is(200)
	})
}

// F45 and F54: one instant reads the same in the record, the list, the export, the clocks and the
// history, with its offset, whoever reads it.
func TestF45AnInstantIsTheSameEverywhere(t *testing.T) {
	onBoth(t, func(w *world) {
		w.promise()
		w.incident("ann", "customer", w.acme)
		one := w.call("ann", "GET", "/incidents/INC-1", nil).is(200)
		for _, field := range []string{"opened_at", "due_at", "created_at"} {
			s := one.text(field)
			at, err := time.Parse(time.RFC3339Nano, s)
			if err != nil || !strings.HasSuffix(s, "Z") {
				t.Fatalf("%s is %q: %v", field, s, err)
			}
			for _, who := range []string{"ann", "carl", "aud"} {
				if got := w.call(who, "GET", "/incidents?fields="+field, nil).is(200).text("items.0." + field); got != s {
					t.Errorf("%s: %s reads %s in the list, the record says %s", field, who, got, s)
				}
			}
			csv := w.call("ann", "GET", "/incidents/export?format=csv&fields="+field, nil).is(200).Raw
			lines := strings.Fields(strings.TrimPrefix(csv, "\ufeff"))
			if len(lines) != 2 {
				t.Fatalf("%q", csv)
			}
			if there, err := time.Parse(time.RFC3339Nano, lines[1]); err != nil || !there.Equal(at) {
				t.Errorf("%s: the export says %s, the record %s", field, lines[1], s)
			}
		}
		first := ""
		for _, who := range []string{"ann", "carl"} {
			b, err := json.Marshal(w.call(who, "GET", "/incidents/INC-1/clocks", nil).is(200).at("items"))
			if err != nil {
				t.Fatal(err)
			}
			var clocks []map[string]any
			if err := json.Unmarshal(b, &clocks); err != nil || len(clocks) == 0 {
				t.Fatalf("%v: %s", err, b)
			}
			said := ""
			for _, c := range clocks {
				said += fmt.Sprint(c["kind"], c["state"], c["due_at"], c["started_at"], ";")
			}
			if first == "" {
				first = said
			} else if said != first {
				t.Errorf("%s: %s, before %s", who, said, first)
			}
		}
	})
}

// F52: nobody is deleted. Who has gone keeps their name where they worked, can do nothing more, and
// no list breaks for it.
func TestF52WhoHasGoneStaysWhereTheyWorked(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		w.call("olga", "POST", "/incidents/INC-1/transitions/assign", map[string]any{"assignee": "ann"}).is(200)
		w.call("ann", "POST", "/incidents/INC-1/comments", map[string]any{"body": "mine"}).is(201)
		w.call("adm", "DELETE", "/users/ann", nil).is(405)
		w.call("adm", "POST", "/users/ann/transitions/disable", map[string]any{}).is(200)
		w.call("ann", "GET", "/incidents", nil).is(401)
		w.call("olga", "GET", "/incidents?expand=refs", nil).is(200).want("items.0.assignee", w.users["ann"])
		w.call("olga", "GET", "/incidents/count?filter="+url.QueryEscape(`assignee = "ann"`), nil).is(200).want("count", 1.0)
		if s := w.call("olga", "GET", "/incidents/INC-1/history", nil).is(200).Raw; !strings.Contains(s, `"actor_name":"Ann"`) {
			t.Errorf("the history forgot who did it: %s", s)
		}
		w.call("olga", "GET", "/incidents/INC-1/comments", nil).is(200).want("items.0.body", "mine")
	})
}
