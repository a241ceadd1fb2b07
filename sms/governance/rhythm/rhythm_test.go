package rhythm_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/governance/rhythm"
	"steward/store/storetest/migrated"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func TestTheNextReviewIsADayOfTheOrganisation(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	late := record.At(time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)) // in Berlin it is the 2nd
	for _, tc := range []struct {
		every record.Period
		want  record.Date
	}{{"", "2027-03-02"}, {"P6M", "2026-09-02"}, {"P30D", "2026-04-01"}} {
		if got := rhythm.Next(late, tc.every, berlin); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.every, got, tc.want)
		}
	}
}

type fields map[string]any

func raw(v fields) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for k, x := range v {
		b, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		m[k] = b
	}
	return m
}

// provider is a system whose clock the test moves, with people of several roles.
type provider struct {
	*testing.T
	o   *boot.Opened
	now time.Time
	ids map[string]record.ID
}

func onBoth(t *testing.T, f func(w *provider)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w := &provider{T: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), ids: map[string]record.ID{}}
			opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Now: func() time.Time { return w.now }}
			if engine == "postgres" {
				opt.Data, opt.Database = t.TempDir(), migrated.Postgres(t)
			}
			o, err := boot.Open(context.Background(), opt)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := o.Close(); err != nil {
					t.Error(err)
				}
			})
			w.o = o
			acme := w.do("", lifecycle.Command{Process: "customer", Verb: "create", Set: raw(fields{"title": "Acme"})}).Record.Head().ID
			for name, role := range map[string]string{"olga": access.ProcessOwner, "max": access.Management, "ada": access.Agent, "audrey": access.Auditor, "rob": access.Requester} {
				set := fields{"title": name, "name": name, "roles": []fields{{"role": role}}}
				if role == access.Requester {
					set["customer"] = acme
				}
				w.ids[name] = w.do("", lifecycle.Command{Process: "user", Verb: "create", Set: raw(set)}).Record.Head().ID
			}
			f(w)
		})
	}
}

func (w *provider) as(name string) *access.Principal {
	w.Helper()
	if name == "" {
		return w.o.Self()
	}
	p, err := w.o.Principal(w.Context(), w.ids[name])
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *provider) try(name string, c lifecycle.Command) (*system.Result, error) {
	w.Helper()
	c.Door = "test"
	return w.o.Do(w.Context(), w.as(name), c)
}

func (w *provider) do(name string, c lifecycle.Command) *system.Result {
	w.Helper()
	res, err := w.try(name, c)
	if err != nil {
		w.Fatal(err)
	}
	return res
}

// pass lets time go by, and fires each timer when it is due.
func (w *provider) pass(d time.Duration) {
	w.Helper()
	end := w.now.Add(d)
	for {
		due, err := w.o.DueTimers(w.Context(), end, 1)
		if err != nil {
			w.Fatal(err)
		}
		if len(due) == 0 {
			w.now = end
			return
		}
		w.now = due[0].At.Time()
		if err := w.o.Fire(w.Context(), due[0]); err != nil {
			w.Fatal(err)
		}
	}
}

// asked is how often somebody was told of a topic.
func (w *provider) asked(name, topic string) int {
	w.Helper()
	all, err := w.o.Inbox(w.Context(), w.as(name), false, record.ID{}, 100)
	if err != nil {
		w.Fatal(err)
	}
	n := 0
	for _, x := range all {
		if string(x.Topic) == topic {
			n++
		}
	}
	return n
}

var kinds = map[string]struct {
	topic  string
	set    fields
	review fields
}{
	"issue":            {"issue_review_due", fields{"kind": "external", "topic": "market"}, nil},
	"interested_party": {"party_review_due", fields{"kind": "customer"}, fields{"climate": "no"}},
	"obligation":       {"obligation_review_due", fields{"kind": "legal", "source": "GDPR, 30", "requires": "a record of processing"}, fields{"fulfilment": "met", "how_met": "it is kept"}},
}

func TestTheOwnerIsAskedOnceForEachDayOnWhichAReviewFallsDue(t *testing.T) {
	onBoth(t, func(w *provider) {
		for name, k := range kinds {
			set := fields{"title": name, "owner": w.ids["olga"], "review_every": "P6M"}
			for f, v := range k.set {
				set[f] = v
			}
			id := w.do("olga", lifecycle.Command{Process: name, Verb: "create", Set: raw(set)}).Record.Head().ID
			if _, err := w.try("olga", lifecycle.Command{Process: name, Record: id, Verb: "update", Set: raw(fields{"review_every": "P0D"})}); !fault.Is(err, fault.Refused) {
				t.Errorf("%s: a period of nothing: %v", name, err)
			}
			w.pass(150 * 24 * time.Hour)
			if n := w.asked("olga", k.topic); n != 0 {
				t.Errorf("%s: asked %d times before it is due", name, n)
			}
			w.pass(40 * 24 * time.Hour)
			w.do("olga", lifecycle.Command{Process: name, Record: id, Verb: "update", Set: raw(fields{"tags": []string{"overdue"}})})
			w.do("ada", lifecycle.Command{Process: name, Record: id, Verb: "comment", Set: raw(fields{"body": "seen"})})
			w.pass(40 * 24 * time.Hour)
			if n := w.asked("olga", k.topic); n != 1 {
				t.Errorf("%s: asked %d times about a review that is overdue", name, n)
			}
			res := w.do("olga", lifecycle.Command{Process: name, Record: id, Verb: "transition", Name: "review", Set: raw(k.review), Reason: "as before"})
			if due := res.Record.Head().DueAt.Time(); !due.Equal(w.now.Truncate(24*time.Hour).AddDate(0, 6, 0)) {
				t.Errorf("%s: reviewed on %s, due %s", name, w.now, due)
			}
			w.pass(190 * 24 * time.Hour)
			if n := w.asked("olga", k.topic); n != 2 {
				t.Errorf("%s: asked %d times in all", name, n)
			}
		}
	})
}

func TestWhoMaySeeAndChangeTheContext(t *testing.T) {
	onBoth(t, func(w *provider) {
		for name, k := range kinds {
			set := fields{"title": name}
			for f, v := range k.set {
				set[f] = v
			}
			c := lifecycle.Command{Process: name, Verb: "create", Set: raw(set)}
			id := w.do("max", c).Record.Head().ID
			_, err := w.try("ada", c)
			if denied := fault.Is(err, fault.Denied); denied != (name == "obligation") {
				t.Errorf("%s: an agent records one: %v", name, err)
			}
			review := lifecycle.Command{Process: name, Record: id, Verb: "transition", Name: "review", Set: raw(k.review), Reason: "as before"}
			for _, who := range []string{"ada", "audrey"} {
				if _, err := w.try(who, review); !fault.Is(err, fault.Denied) {
					t.Errorf("%s: %s reviews it: %v", name, who, err)
				}
				if _, err := w.o.Get(w.Context(), w.as(who), name, id.String()); err != nil {
					t.Errorf("%s: %s reads it: %v", name, who, err)
				}
			}
			if _, err := w.o.Get(w.Context(), w.as("rob"), name, id.String()); err == nil {
				t.Errorf("%s: a customer's user reads it", name)
			}
			if _, err := w.try("rob", review); err == nil {
				t.Errorf("%s: a customer's user reviews it", name)
			}
		}
	})
}
