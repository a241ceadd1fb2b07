package system_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms"
	"steward/store/storetest/pgtest"
)

// onGerman is onBoth for a PostgreSQL database whose texts are ordered as people order them: a, B,
// ä, z. Those of tests are ordered by code point like SQLite's, which hides who relies on it.
func onGerman(t *testing.T, f func(w *world)) {
	t.Run("postgres in German order", func(t *testing.T) {
		at := pgtest.URL(t)
		db, err := sql.Open("pgx", at)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		u, err := url.Parse(at)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(u.Path, "/") + "_german"
		if _, err := db.Exec(`create database "` + name + `" template template0 encoding 'UTF8' locale_provider icu icu_locale 'de-DE'`); err != nil {
			t.Skipf("SKIPPED: this server has no ICU collations, so the order of texts is not tested: %v", err)
		}
		u.Path = "/" + name
		t.Cleanup(func() {
			db, err := sql.Open("pgx", at)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(`drop database "` + name + `" with (force)`); err != nil {
				t.Error(err)
			}
		})
		w := &world{T: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), ids: map[string]record.ID{}}
		w.o, err = boot.Open(context.Background(), boot.Options{Data: t.TempDir(), Database: u.String(), CheapPasswords: true,
			Now: func() time.Time { return w.now }, Registry: process.NewRegistry(sms.Processes()...)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := w.o.Close(); err != nil {
				t.Error(err)
			}
		})
		f(w)
	})
}

func onAll(t *testing.T, f func(w *world)) {
	onBoth(t, f)
	onGerman(t, f)
}

// crowd makes incidents whose fields are often equal, often blank and hard to order.
func (w *world) crowd(n int) []record.ID {
	w.Helper()
	titles := []string{"a", "A", "ä", "Ä", "z", "Z", "b", "straße", "Strasse", "🙂", "🙂🙂", "a b", "a-b", "ab", "é", "é", "_x", "10", "9", "a"}
	var out []record.ID
	for i := range n {
		w.now = w.now.Add(time.Duration(i%3) * time.Minute)
		f := fields{"title": titles[i%len(titles)], "impact": 1 + i%4, "urgency": 1 + i/3%4}
		if i%3 != 0 {
			f["category"] = titles[(i*7)%len(titles)]
		}
		if i%4 == 1 {
			f["assignee"] = w.ids["ann"]
		}
		id := w.do("", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(f)}).Record.Head().ID
		for _, step := range [][]string{{}, {"start"}, {"wait"}, {"start", "resolve"}, {"cancel"}}[i%5] {
			w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "transition", Name: step,
				Set: raw(map[string]fields{"wait": {"wait_reason": "customer"}, "resolve": {"resolution": "x", "resolution_code": "y"}}[step])})
		}
		out = append(out, id)
	}
	return out
}

var cursorSorts = []string{"", "id", "title", "-title", "category", "-category,title", "assignee,-title", "due_at", "-assignee,category,-id", "priority,-updated_at", "state,-category", "phase,title", "-created_at", "updated_at"}

var cursorFilters = []string{"", `state in ("new","in_progress","pending")`, `state in ("new","new","cancelled")`, `phase in ("open","waiting") and impact <= 3`, `phase = "done"`,
	`category is blank or state = "new"`, `title in ("a","ä","🙂","straße") or title ~ "z"`}

// once walks a list and expects each of want exactly once.
func (w *world) once(about string, lq system.ListQuery, want map[record.ID]bool) {
	w.Helper()
	seen := map[record.ID]int{}
	for _, r := range w.pages(w.o.Self(), lq) {
		seen[r.Head().ID]++
	}
	twice, extra, missing := 0, 0, 0
	for id, n := range seen {
		if n > 1 {
			twice++
		}
		if !want[id] {
			extra++
		}
	}
	for id := range want {
		if seen[id] == 0 {
			missing++
		}
	}
	if twice+extra+missing > 0 {
		w.Errorf("%s: where %s by %q at limit %d: of %d %d came twice, %d are missing, %d do not belong", about, lq.Filter, lq.Sort, lq.Limit, len(want), twice, missing, extra)
	}
}

func TestAWalkOfPagesVisitsEveryRowOnce(t *testing.T) {
	onAll(t, func(w *world) {
		w.user("ann", "agent")
		ids := w.crowd(rounds(45, 400))
		then := w.now.Add(time.Second) // a record's second event at one instant is told a microsecond later
		w.now = w.now.Add(time.Hour)
		want := map[string]map[record.ID]bool{}
		for _, filter := range cursorFilters {
			want[filter] = map[record.ID]bool{}
			for _, r := range w.pages(w.o.Self(), system.ListQuery{Process: "incident", Filter: filter, Limit: 200}) {
				want[filter][r.Head().ID] = true
			}
			if n, _, err := w.o.Count(w.Context(), w.o.Self(), system.ListQuery{Process: "incident", Filter: filter}); err != nil || n != len(want[filter]) || n == 0 {
				w.Errorf("%s: counted %d, listed %d: %v", filter, n, len(want[filter]), err)
			}
		}
		for i, sort := range cursorSorts {
			for j, filter := range cursorFilters {
				limit := []int{7, 1, 200, 3}[(i+j)%4]
				w.once("now", system.ListQuery{Process: "incident", Filter: filter, Sort: sort, Limit: limit}, want[filter])
			}
		}
		for i, id := range ids { // now half of what was so then stands in the table, half is wound back
			if i%2 == 0 {
				w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "update", Set: raw(fields{"title": "zz", "category": nil})})
			}
		}
		for i, sort := range cursorSorts {
			filter := cursorFilters[i%len(cursorFilters)]
			w.once("then", system.ListQuery{Process: "incident", Filter: filter, Sort: sort, Limit: 1 + i%5, AsOf: then}, want[filter])
			w.once("then", system.ListQuery{Process: "incident", Sort: sort, Limit: 4, AsOf: then}, want[""])
		}
	})
}

func TestWhatIsWrittenDuringAWalkNeitherRepeatsNorHidesTheRest(t *testing.T) {
	onAll(t, func(w *world) {
		w.user("ann", "agent")
		ids := w.crowd(30)
		for _, sort := range []string{"id", "title", "-category,title", "priority,-id", "created_at"} {
			lq := system.ListQuery{Process: "incident", Sort: sort, Limit: 4, Filter: `state in ("new","in_progress","pending","resolved","cancelled")`}
			seen := map[record.ID]bool{}
			for page := 0; ; page++ {
				l, err := w.o.List(w.Context(), w.o.Self(), lq)
				if err != nil {
					w.Fatal(err)
				}
				for _, r := range l.Records {
					if seen[r.Head().ID] {
						w.Errorf("by %s: %s came twice", sort, r.Head().ID)
					}
					seen[r.Head().ID] = true
				}
				if l.Next == "" {
					break
				}
				lq.Cursor = l.Next
				w.do("", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(fields{"title": "A", "category": "Ä"})})
				for _, id := range []record.ID{ids[page%len(ids)], ids[(page*11+5)%len(ids)]} { // fields that the order does not know
					w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "update", Set: raw(fields{"description": fmt.Sprint(sort, page)})})
				}
			}
			for _, id := range ids {
				if !seen[id] {
					w.Errorf("by %s: %s was passed over", sort, id)
				}
			}
		}
	})
}

func TestACursorIsOfOneListOnly(t *testing.T) {
	onBoth(t, func(w *world) {
		w.user("ann", "agent")
		w.user("bob", "requester")
		w.crowd(12)
		own := system.ListQuery{Process: "incident", Sort: "title", Filter: `state = "new"`, Limit: 1}
		l, err := w.o.List(w.Context(), w.o.Self(), own)
		if err != nil || l.Next == "" {
			t.Fatal(err, "no further page")
		}
		own.Cursor = l.Next
		other := map[string]func(*system.ListQuery){
			"sort":     func(q *system.ListQuery) { q.Sort = "-title" },
			"filter":   func(q *system.ListQuery) { q.Filter = `state = "pending"` },
			"none":     func(q *system.ListQuery) { q.Filter = "" },
			"as_of":    func(q *system.ListQuery) { q.AsOf = w.now },
			"known_at": func(q *system.ListQuery) { q.KnownAt = w.now },
			"process":  func(q *system.ListQuery) { q.Process, q.Filter = "task", "" },
			"altered":  func(q *system.ListQuery) { q.Cursor = "A" + q.Cursor[1:] + "A" },
			"cut":      func(q *system.ListQuery) { q.Cursor = q.Cursor[:len(q.Cursor)-4] },
			"nonsense": func(q *system.ListQuery) { q.Cursor = "🙂" },
		}
		for name, change := range other {
			lq := own
			change(&lq)
			_, err := w.o.List(w.Context(), w.o.Self(), lq)
			var e *fault.Error
			if !errors.As(err, &e) || e.Kind != fault.BadQuery || !strings.Contains(e.Detail, "first page") {
				w.Errorf("%s: wanted a clear refusal, got %v", name, err)
			}
		}
		if _, err := w.o.List(w.Context(), w.as("bob"), own); !fault.Is(err, fault.BadQuery) {
			w.Errorf("another's cursor: %v", err)
		}
		own.Limit, own.Filter = 200, `state  =  "new"` // another length of page, and the same filter in other words, are the same list
		if _, err := w.o.List(w.Context(), w.o.Self(), own); err != nil {
			w.Error(err)
		}
	})
}
