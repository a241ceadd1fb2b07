package system_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/system"
)

// firms is two customers with people and incidents of both, told apart by the word in every text.
type firms struct {
	*world
	incidents map[record.ID]string // -> whose: acme, beta, or "" for the provider's own
	reporter  map[record.ID]string
	all       []record.ID
}

func (w *world) twoFirms() *firms {
	w.Helper()
	f := &firms{world: w, incidents: map[record.ID]string{}, reporter: map[record.ID]string{}}
	for _, c := range []string{"acme", "beta"} {
		w.ids[c] = w.do("", lifecycle.Command{Process: "customer", Verb: "create", Set: raw(fields{"title": c})}).Record.Head().ID
	}
	person := func(name, customer string, roles ...string) {
		w.user(name, roles...)
		if customer != "" {
			w.do("", lifecycle.Command{Process: "user", Record: w.ids[name], Verb: "update", Set: raw(fields{"customer": w.ids[customer]})})
		}
	}
	person("ann", "acme", access.Requester)
	person("art", "acme", access.Requester)
	person("abe", "acme", access.CustomerManager)
	person("bob", "beta", access.Requester)
	person("bea", "beta", access.CustomerManager)
	person("gus", "", access.Agent)
	person("aud", "", access.Auditor)
	w.ids["team"] = w.do("", lifecycle.Command{Process: "team", Verb: "create", Set: raw(fields{"title": "Desk", "members": []fields{{"user": w.ids["gus"]}}})}).Record.Head().ID
	for i := range 24 {
		by := []string{"ann", "art", "bob", "bea", "gus", "abe"}[i%6]
		whose := map[string]string{"ann": "acme", "art": "acme", "abe": "acme", "bob": "beta", "bea": "beta"}[by]
		v := fields{"title": fmt.Sprintf("word%s %d", whose, i), "description": "secret" + whose, "impact": 1 + i%4, "urgency": 2}
		if by == "gus" && i%4 == 0 { // an agent writes down what a customer says
			whose = "beta"
			v["customer"], v["title"] = w.ids["beta"], fmt.Sprintf("wordbeta %d", i)
		}
		id := w.do(by, lifecycle.Command{Process: "incident", Verb: "create", Set: raw(v)}).Record.Head().ID
		f.incidents[id], f.reporter[id], f.all = whose, by, append(f.all, id)
		w.now = w.now.Add(time.Minute)
		w.do("gus", lifecycle.Command{Process: "incident", Record: id, Verb: "update", Set: raw(fields{"team": w.ids["team"], "assignee": []any{nil, w.ids["gus"], w.ids["ann"], w.ids["bob"]}[i%4]})})
		w.do("gus", lifecycle.Command{Process: "incident", Record: id, Verb: "comment", Set: raw(fields{"body": "for us", "internal": true})})
		w.do("gus", lifecycle.Command{Process: "incident", Record: id, Verb: "comment", Set: raw(fields{"body": "for all of " + whose, "internal": false})})
		if i%3 == 0 {
			w.do("gus", lifecycle.Command{Process: "incident", Record: id, Verb: "transition", Name: "start"})
		}
		if i > 0 {
			w.do("gus", lifecycle.Command{Process: "incident", Record: id, Verb: "link", Name: "related_to", Set: raw(fields{"to": f.all[i-1].String()})})
		}
	}
	w.now = w.now.Add(time.Minute)
	if _, err := w.o.SequenceAll(w.Context()); err != nil {
		w.Fatal(err)
	}
	return f
}

var viewers = []string{"ann", "abe", "bob", "bea", "gus", "aud"}

// sees says what a viewer should see: the provider's people everything, a manager what is the
// customer's, a user what is their own.
func (f *firms) sees(who string, id record.ID) bool {
	switch who {
	case "ann", "bob":
		return f.reporter[id] == who
	case "abe":
		return f.incidents[id] == "acme"
	case "bea":
		return f.incidents[id] == "beta"
	}
	return true
}

func TestListsCountsAndStreamsAgreeForEveryViewer(t *testing.T) {
	onBoth(t, func(w *world) {
		f := w.twoFirms()
		for _, who := range viewers {
			for _, filter := range []string{"", `state = "new"`, `state in ("new","in_progress")`, `phase = "open" and impact <= 2`, `not (state = "new")`, `text ~ "secretbeta"`, `text ~ "wordacme"`, `title ~ "beta"`,
				`reporter = me`, `assignee = me or assignee is blank`, `team = my_teams`, `customer is not blank`, `updated_at > now - 1d`} {
				for _, at := range []time.Time{{}, w.now} {
					lq := system.ListQuery{Process: "incident", Filter: filter, Limit: 3, AsOf: at}
					listed := w.pages(w.as(who), lq)
					n, exact, err := w.o.Count(w.Context(), w.as(who), lq)
					if err != nil || !exact || n != len(listed) {
						w.Errorf("%s where %s: counted %d, listed %d: %v", who, filter, n, len(listed), err)
					}
					streamed := 0
					if err := w.o.Each(w.Context(), w.as(who), lq, func(record.Record, *record.Version) error { streamed++; return nil }); err != nil || streamed != n {
						w.Errorf("%s where %s: streamed %d, counted %d: %v", who, filter, streamed, n, err)
					}
					for _, r := range listed {
						if !f.sees(who, r.Head().ID) {
							w.Errorf("%s where %s: sees %s", who, filter, r.Head().Title)
						}
					}
				}
			}
			want := 0
			for _, id := range f.all {
				if f.sees(who, id) {
					want++
				}
			}
			if got := len(w.pages(w.as(who), system.ListQuery{Process: "incident", Limit: 200})); got != want || want == 0 {
				w.Errorf("%s sees %d incidents of %d", who, got, want)
			}
		}
	})
}

// hidden asks at every door for a record and expects nothing of it.
func (f *firms) hidden(who string, id record.ID) {
	f.Helper()
	ctx, p, ref := f.Context(), f.as(who), id.String()
	num := ""
	if res, err := f.o.Get(ctx, f.o.Self(), "incident", ref); err == nil {
		num = res.Ref()
	}
	none := func(what string, err error) {
		f.Helper()
		if !fault.Is(err, fault.NotFound) {
			f.Errorf("%s, %s of %s: wanted that there is no such record, got %v", who, what, num, err)
		}
	}
	same := func(what string, err error) { // it reads like a record that never was
		f.Helper()
		none(what, err)
		_, made := f.o.Get(ctx, p, "incident", "INC-999999")
		var a, b *fault.Error
		if errors.As(err, &a) && errors.As(made, &b) && a.Detail != b.Detail {
			f.Errorf("%s, %s: %q tells it from what never was (%q)", who, what, a.Detail, b.Detail)
		}
	}
	_, err := f.o.Get(ctx, p, "incident", ref)
	same("get", err)
	_, err = f.o.Get(ctx, p, "incident", num)
	same("get by ref", err)
	_, err = f.o.AsOf(ctx, p, "incident", ref, f.now, false)
	same("as of", err)
	_, _, err = f.o.History(ctx, p, "incident", ref, 0, 0)
	none("history", err)
	_, err = f.o.Comments(ctx, p, "incident", ref)
	none("comments", err)
	_, err = f.o.Links(ctx, p, "incident", ref, time.Time{}, true)
	none("links", err)
	_, err = f.o.Attachments(ctx, p, "incident", ref)
	none("attachments", err)
	_, err = f.o.Rounds(ctx, p, "incident", ref)
	none("rounds", err)
	_, err = f.o.Watchers(ctx, p, "incident", ref)
	none("watchers", err)
	none("watch", f.o.Watch(ctx, p, "incident", ref, true))
	for _, c := range []lifecycle.Command{{Verb: "update", Set: raw(fields{"title": "mine"})}, {Verb: "comment", Set: raw(fields{"body": "hello"})}, {Verb: "transition", Name: "close"},
		{Verb: "comment", IfMatch: 1, Set: raw(fields{"body": "hello"})}, {Verb: "grant", Set: raw(fields{"to": f.ids[who]})}} {
		c.Process, c.Record = "incident", id
		_, err := f.try(who, c)
		same(c.Verb, err)
	}
	for _, text := range []string{ref, num} {
		for _, process := range []string{"incident", "*"} {
			if got, err := f.o.Lookup(ctx, p, process, text); err != nil || !got.IsZero() {
				f.Errorf("%s looks up %s as %s: %s, %v", who, text, process, got, err)
			}
		}
	}
	for _, lq := range []system.ListQuery{{IDs: []record.ID{id}}, {Filter: `id = "` + ref + `"`}, {Filter: `related_to = "` + num + `"`}} {
		lq.Process = "incident"
		n, _, err := f.o.Count(ctx, p, lq)
		if err == nil && n != 0 {
			f.Errorf("%s counts %d where %s", who, n, lq.Filter)
		}
	}
	work, err := f.o.MyWork(ctx, p, 1000)
	if err != nil {
		f.Fatal(err)
	}
	for _, d := range work {
		if d.ID == id {
			f.Errorf("%s has %s as work", who, num)
		}
	}
	inbox, err := f.o.Inbox(ctx, p, false, record.ID{}, 1000)
	if err != nil {
		f.Fatal(err)
	}
	for _, l := range inbox {
		if l.Notice.Record == id {
			f.Errorf("%s is told of %s: %s", who, num, l.Text)
		}
	}
	feed, err := f.o.Feed(ctx, p, -1, 100_000)
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range feed {
		if e.Record == id {
			f.Errorf("%s has event %d of %s in the feed", who, e.N, num)
		}
	}
	for _, word := range []string{"secretbeta", "secretacme", "secret", "wordbeta", "wordacme"} {
		phrases, err := query.SearchQuery(word)
		if err != nil {
			f.Fatal(err)
		}
		found, err := f.o.Store.Search(ctx, f.o.Scopes(p), phrases, 1000)
		if err != nil {
			f.Fatal(err)
		}
		for _, d := range found {
			if d.ID == id {
				f.Errorf("%s finds %s by %q", who, num, word)
			}
		}
	}
	for _, seen := range f.all { // neither at the other end of a link
		if !f.sees(who, seen) {
			continue
		}
		links, err := f.o.Links(ctx, p, "incident", seen.String(), time.Time{}, true)
		if err != nil {
			continue
		}
		for _, l := range links {
			if l.Other != nil && l.Other.ID == id {
				f.Errorf("%s sees %s at the end of a link", who, num)
			}
		}
	}
}

func TestAnotherCustomersRecordIsNowhere(t *testing.T) {
	onBoth(t, func(w *world) {
		f := w.twoFirms()
		for _, who := range []string{"ann", "abe", "bob", "bea"} {
			checked := 0
			for i, id := range f.all {
				if !f.sees(who, id) && checked < 5+rounds(0, 100) && (i+len(who))%2 == 0 {
					f.hidden(who, id)
					checked++
				}
			}
			feed, err := w.o.Feed(w.Context(), w.as(who), -1, 100_000)
			if err != nil {
				w.Fatal(err)
			}
			if len(feed) == 0 {
				w.Errorf("%s has an empty feed", who)
			}
			for _, e := range feed {
				if bool(e.Internal) {
					w.Errorf("%s is fed the internal event %d", who, e.Seq)
				}
			}
			for _, id := range f.all {
				if !f.sees(who, id) {
					continue
				}
				cs, err := w.o.Comments(w.Context(), w.as(who), "incident", id.String())
				if err != nil || len(cs) != 1 {
					w.Errorf("%s reads %d comments, one is for them: %v", who, len(cs), err)
				}
			}
		}
	})
}

// A record that was filed under the wrong customer is theirs no more, in what was as in what is.
func TestWhatMovedToAnotherCustomerIsGoneFromListsOfThePastToo(t *testing.T) {
	onBoth(t, func(w *world) {
		f := w.twoFirms()
		then := w.now
		var moved record.ID
		for _, id := range f.all {
			if f.reporter[id] == "ann" && moved.IsZero() {
				moved = id
			}
		}
		if err := w.o.Watch(w.Context(), w.as("abe"), "incident", moved.String(), true); err != nil {
			w.Fatal(err)
		}
		w.now = w.now.Add(time.Hour)
		w.do("gus", lifecycle.Command{Process: "incident", Record: moved, Verb: "comment", Set: raw(fields{"body": "told while it was theirs"})})
		w.do("gus", lifecycle.Command{Process: "incident", Record: moved, Verb: "update", Set: raw(fields{"customer": w.ids["beta"]})})
		f.incidents[moved], f.reporter[moved] = "beta", ""
		w.now = w.now.Add(time.Hour)
		if _, err := w.o.SequenceAll(w.Context()); err != nil {
			w.Fatal(err)
		}
		for _, who := range []string{"ann", "abe"} {
			f.hidden(who, moved)
			for _, lq := range []system.ListQuery{{AsOf: then}, {AsOf: then, Sort: "title"}, {AsOf: w.now}} {
				lq.Process, lq.Limit = "incident", 200
				listed := w.pages(w.as(who), lq)
				for _, r := range listed {
					if r.Head().ID == moved {
						w.Errorf("%s sees it in the list as of %s by %q", who, lq.AsOf, lq.Sort)
					}
				}
				if n, _, err := w.o.Count(w.Context(), w.as(who), lq); err != nil || n != len(listed) {
					w.Errorf("%s: counted %d, listed %d: %v", who, n, len(listed), err)
				}
			}
		}
	})
}
