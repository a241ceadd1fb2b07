package system_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

func (w *world) clock(id record.ID) *storage.Clock {
	w.Helper()
	cs, err := w.o.Clocks(w.Context(), id)
	if err != nil || len(cs) != 1 {
		w.Fatalf("%d clocks: %v", len(cs), err)
	}
	return cs[0]
}

// times is how often something stands in a record's history.
func (w *world) times(id record.ID, what string) (n int) {
	w.Helper()
	_, es, err := w.o.History(w.Context(), w.o.Self(), "incident", id.String(), 0, 0)
	if err != nil {
		w.Fatal(err)
	}
	for _, e := range es {
		if strings.Contains(string(e.Body), what) {
			n++
		}
	}
	return n
}

// F24
func TestATimerThatManyFireEscalatesOnce(t *testing.T) {
	onBoth(t, func(w *world) {
		w.promise()
		lead := w.user("lead", "agent")
		nodes := []*boot.Opened{w.o}
		if strings.HasPrefix(w.o.Database, "postgres") {
			nodes = append(nodes, w.node())
		}
		for range rounds(3, 50) {
			id := w.promised(fields{"owner": lead, "assignee": lead})
			due := w.clock(id).DueAt.Time()
			w.pass(due.Add(-time.Minute).Sub(w.now))
			if n := w.times(id, "clock:resolution:warned"); n != 1 {
				w.Fatalf("warned %d times", n)
			}
			before := len(w.told("lead"))
			w.now = due
			all, err := w.o.DueTimers(w.Context(), w.now, 100)
			if err != nil {
				w.Fatal(err)
			}
			var timers []*storage.Timer
			for _, x := range all {
				if x.Subject == id {
					timers = append(timers, x)
				}
			}
			if len(timers) != 1 {
				w.Fatalf("%d timers", len(timers))
			}
			gone, cancel := context.WithCancel(w.Context())
			cancel()
			_ = w.o.Fire(gone, timers[0]) // this one dies on the way
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					x := *timers[0]
					if err := nodes[i%len(nodes)].Fire(context.Background(), &x); err != nil {
						w.Error(err)
					}
				})
			}
			wg.Wait()
			w.now = w.now.Add(-time.Hour) // the clock goes back, and comes again to where it was
			w.pass(0)
			for range 3 {
				w.pass(30 * time.Minute)
				for _, o := range nodes {
					x := *timers[0]
					if err := o.Fire(w.Context(), &x); err != nil {
						w.Error(err)
					}
				}
			}
			if n := w.times(id, "clock:resolution:breached"); n != 1 {
				w.Errorf("breached %d times", n)
			}
			if c := w.clock(id); c.State != "breached" || !c.BreachedAt.Time().Equal(due) {
				w.Errorf("%s at %v, due at %v", c.State, c.BreachedAt.Time(), due)
			}
			topics := map[string]int{}
			all2 := w.told("lead")
			for _, topic := range all2[:len(all2)-before] {
				if topics[topic]++; topics[topic] > 1 {
					w.Errorf("told %d times: %s", topics[topic], topic)
				}
			}
			if len(topics) == 0 {
				w.Error("nobody was told")
			}
			w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "transition", Name: "cancel"})
		}
	})
}

// F18
func TestAnotherPriorityKeepsThePausesOfTheTicket(t *testing.T) {
	onBoth(t, func(w *world) {
		w.promise()
		made := w.now
		id := w.promised(nil)
		if c := w.clock(id); !c.DueAt.Time().Equal(made.Add(4 * time.Hour)) {
			w.Fatalf("due %v", c.DueAt.Time())
		}
		w.pass(time.Hour)
		w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "transition", Name: "wait", Set: raw(fields{"wait_reason": "customer"})})
		w.pass(72 * time.Hour)
		if c := w.clock(id); c.State != "paused" {
			w.Errorf("%s while the customer is asked", c.State)
		}
		w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "transition", Name: "resume"})
		w.pass(30 * time.Minute)
		w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "update", Set: raw(fields{"impact": 2, "urgency": 2})})
		res, err := w.o.Get(w.Context(), w.o.Self(), "incident", id.String())
		if err != nil {
			w.Fatal(err)
		}
		c := w.clock(id)
		if c.TargetS != 8*3600 {
			w.Fatalf("the target is %d s, the impact and urgency give another priority", c.TargetS)
		}
		if due := made.Add(80 * time.Hour); c.State != "running" || !c.DueAt.Time().Equal(due) || !res.Record.Head().DueAt.Time().Equal(due) {
			w.Errorf("%s, due %v, wanted running, due %v", c.State, c.DueAt.Time(), due)
		}
		w.pass(6 * time.Hour)
		if w.times(id, ":breached") > 0 {
			w.Error("breached too early")
		}
		w.pass(time.Hour)
		if w.times(id, ":breached") != 1 {
			w.Error("did not breach in time")
		}
	})
}

// F22
func TestANewHolidayMovesOpenPromisesByARecordAndNoClosedOnes(t *testing.T) {
	onBoth(t, func(w *world) {
		calendar := w.promise()
		open, closed := w.promised(nil), w.promised(nil)
		due := w.clock(open).DueAt
		w.pass(time.Hour)
		w.do("", lifecycle.Command{Process: "incident", Record: closed, Verb: "transition", Name: "resolve", Set: raw(fields{"resolution": "x", "resolution_code": "y"})})
		ended := *w.clock(closed)
		version := w.clock(open).CalendarVersion
		w.do("", lifecycle.Command{Process: "calendar", Record: calendar, Verb: "version", Set: raw(fields{"effective_from": "2026-03-02"})})
		w.do("", lifecycle.Command{Process: "calendar", Record: calendar, Verb: "version_update", Number: 2,
			Set: raw(fields{"exceptions": []fields{{"date": "2026-03-02", "working": false, "name": "Founders' day"}}})})
		for _, verb := range []string{"version_submit", "version_approve"} {
			w.do("", lifecycle.Command{Process: "calendar", Record: calendar, Verb: verb, Number: 2})
		}
		w.do("", lifecycle.Command{Process: "incident", Record: open, Verb: "comment", Set: raw(fields{"body": "an entry moves no promise"})})
		if c := w.clock(open); c.DueAt != due || c.CalendarVersion != version {
			w.Errorf("moved without a word from %v to %v", due.Time(), c.DueAt.Time())
		}
		for _, id := range []record.ID{open, closed} {
			w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "retarget", Reason: "a new holiday"})
		}
		c := w.clock(open)
		if c.CalendarVersion == version || c.DueAt <= due {
			w.Errorf("measured anew: due %v, was %v, calendar version the same: %v", c.DueAt.Time(), due.Time(), c.CalendarVersion == version)
		}
		if w.times(open, `"due_at"`) < 2 { // when it was made, and now
			w.Error("its history does not say that the promise moved")
		}
		if c := *w.clock(closed); c != ended {
			w.Errorf("the closed one was measured anew: %+v, was %+v", c, ended)
		}
	})
}

// office puts an agreement of another customer in force, measured on office hours in Berlin, and
// goes on to four o'clock on a Friday there.
func (w *world) office() (friday time.Time, calendar record.ID) {
	w.Helper()
	w.promise()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		w.Fatal(err)
	}
	var hours []fields
	for day := 1; day <= 5; day++ {
		hours = append(hours, fields{"weekday": day, "from": "09:00", "to": "17:00"})
	}
	make := func(process string, set fields) record.ID {
		id := w.do("", lifecycle.Command{Process: process, Verb: "create", Set: raw(set)}).Record.Head().ID
		if process != "customer" {
			for _, verb := range []string{"version_submit", "version_approve"} {
				w.do("", lifecycle.Command{Process: process, Record: id, Verb: verb, Number: 1})
			}
		}
		return id
	}
	w.ids["customer"] = make("customer", fields{"title": "Office"})
	calendar = make("calendar", fields{"title": "Office hours", "zone": "Europe/Berlin", "effective_from": "2000-01-01", "hours": hours})
	make("agreement", fields{"title": "Silver", "effective_from": "2000-01-01", "customer": w.ids["customer"], "calendar": calendar,
		"targets": []fields{{"kind": "resolution", "priority": 3, "duration": "PT4H"}}})
	at := w.now.In(berlin)
	friday = time.Date(at.Year(), at.Month(), at.Day(), 16, 0, 0, 0, berlin)
	for friday.Weekday() != time.Friday || friday.Before(w.now) {
		friday = friday.AddDate(0, 0, 1)
	}
	w.pass(friday.Sub(w.now))
	return friday, calendar
}

// F23: the organisation works round the clock in UTC; what counts is the agreement's calendar, and
// the clock says which one that is.
func TestAPromiseIsMeasuredOnTheCalendarOfItsAgreement(t *testing.T) {
	onBoth(t, func(w *world) {
		friday, calendar := w.office()
		c := w.clock(w.promised(nil))
		if due := friday.AddDate(0, 0, 3).Add(-4 * time.Hour); !c.DueAt.Time().Equal(due) {
			w.Errorf("due %v, want %v", c.DueAt.Time(), due)
		}
		if c.Calendar != calendar {
			w.Error("the clock names another calendar")
		}
	})
}

// F26: nobody is woken for a promise that is kept in office hours.
func TestWhoIsWarnedUnderOfficeHoursIsWarnedWithinThem(t *testing.T) {
	onBoth(t, func(w *world) {
		friday, _ := w.office()
		id := w.promised(nil)
		monday := friday.AddDate(0, 0, 3)
		for _, x := range []struct {
			until            time.Time
			warned, breached int
		}{
			{monday.Add(-5*time.Hour - time.Minute), 0, 0}, // 10:59
			{monday.Add(-5 * time.Hour), 1, 0},             // three of four hours are used
			{monday.Add(-4*time.Hour - time.Minute), 1, 0},
			{monday.Add(-4 * time.Hour), 1, 1},
		} {
			w.pass(x.until.Sub(w.now))
			if a, b := w.times(id, "clock:resolution:warned"), w.times(id, "clock:resolution:breached"); a != x.warned || b != x.breached {
				w.Errorf("at %v: warned %d times, breached %d times; want %d and %d", x.until, a, b, x.warned, x.breached)
			}
		}
	})
}
