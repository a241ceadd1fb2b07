package system_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/resolution/incident"
)

func (w *world) revision(id record.ID) int64 {
	w.Helper()
	res, err := w.o.Get(w.Context(), w.o.Self(), "incident", id.String())
	if err != nil {
		w.Fatal(err)
	}
	return int64(res.Record.Head().Revision)
}

func TestOfWritersThatSawTheSameRevisionOneWins(t *testing.T) {
	onBoth(t, func(w *world) {
		const writers = 6
		for i := range writers {
			w.user(fmt.Sprint("w", i), access.Agent)
		}
		id := w.do("w0", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(fields{"title": "first"})}).Record.Head().ID
		for round := range rounds(5, 200) {
			seen := w.revision(id)
			errs := make([]error, writers)
			people := make([]*access.Principal, writers)
			for i := range people {
				people[i] = w.as(fmt.Sprint("w", i))
			}
			var wg sync.WaitGroup
			for i := range writers {
				wg.Go(func() {
					c := lifecycle.Command{Process: "incident", Record: id, Door: "test", IfMatch: seen, Verb: "update", Set: raw(fields{"title": fmt.Sprint(round, " of ", i)})}
					if i == 0 {
						c.Set = raw(fields{"category": fmt.Sprint("c", round)}) // even of another field: this writer saw an older record
					}
					_, errs[i] = w.o.Do(context.Background(), people[i], c)
				})
			}
			wg.Wait()
			won := -1
			for i, err := range errs {
				var e *fault.Error
				switch {
				case err == nil && won < 0:
					won = i
				case err == nil:
					w.Errorf("%d and %d both won over revision %d", won, i, seen)
				case !errors.As(err, &e) || e.Kind != fault.Stale:
					w.Errorf("%d: %v", i, err)
				default:
					now, ok := e.Current.(*system.Result)
					if !ok || int64(now.Record.Head().Revision) != seen+1 || !strings.Contains(e.Detail, fmt.Sprint(seen)) || !strings.Contains(e.Detail, fmt.Sprint(seen+1)) {
						w.Errorf("%d is not told both revisions: %q with %+v", i, e.Detail, e.Current)
					}
				}
			}
			if won < 0 {
				w.Fatal("nobody won")
			}
			res, err := w.o.Get(w.Context(), w.o.Self(), "incident", id.String())
			if err != nil {
				w.Fatal(err)
			}
			if h := res.Record.Head(); int64(h.Revision) != seen+1 || won > 0 && string(h.Title) != fmt.Sprint(round, " of ", won) {
				w.Errorf("%d won and the record is %q at revision %d after %d", won, h.Title, h.Revision, seen)
			}
		}
	})
}

func TestWhatIsNoChangeOfTheRecordDoesNotMoveItsRevision(t *testing.T) {
	onBoth(t, func(w *world) {
		w.promise()
		w.user("ag", access.Agent)
		id, other := w.promised(nil), w.promised(nil)
		w.do("ag", lifecycle.Command{Process: "incident", Record: id, Verb: "update", Set: raw(fields{"assignee": w.ids["ag"]})})
		seen := w.revision(id)
		still := func(what string) {
			w.Helper()
			if now := w.revision(id); now != seen {
				w.Errorf("%s moved the revision from %d to %d", what, seen, now)
				seen = now
			}
		}
		said := w.do("ag", lifecycle.Command{Process: "incident", Record: id, Verb: "comment", Set: raw(fields{"body": "we look"})})
		if said.Side == nil {
			w.Fatal("no comment")
		}
		link := w.do("ag", lifecycle.Command{Process: "incident", Record: other, Verb: "link", Name: "related_to", Set: raw(fields{"to": id.String()})})
		if link.Side == nil {
			w.Fatal("no link")
		}
		still("a link from the other end")
		w.do("ag", lifecycle.Command{Process: "incident", Record: other, Verb: "update", Set: raw(fields{"title": "the other"})})
		still("the other end")
		before := w.clock(id)
		w.pass(before.WarnAt.Time().Sub(w.now) + time.Minute)
		if w.times(id, ":warned") != 1 {
			w.Fatal("the clock did not warn")
		}
		still("a warning of its clock")
		if err := w.o.Watch(w.Context(), w.as("ag"), "incident", id.String(), true); err != nil {
			w.Fatal(err)
		}
		still("a watcher")
		w.do("ag", lifecycle.Command{Process: "incident", Record: id, IfMatch: seen, Verb: "update", Set: raw(fields{"title": "who saw it before all this still may change it"})})
	})
}

// A comment stamps when it was made on the incident itself; who edits meanwhile must not be turned away for it.
func TestACommentDoesNotTurnAwayWhoIsEditing(t *testing.T) {
	onBoth(t, func(w *world) {
		w.user("ag", access.Agent)
		id := w.do("ag", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(fields{"title": "x"})}).Record.Head().ID
		for _, body := range []string{"one", "two"} {
			seen := w.revision(id)
			w.now = w.now.Add(time.Minute)
			w.do("ag", lifecycle.Command{Process: "incident", Record: id, Verb: "comment", Set: raw(fields{"body": body})})
			if now := w.revision(id); now != seen {
				w.Errorf("comment %s moved the revision from %d to %d", body, seen, now)
			}
			if _, err := w.try("ag", lifecycle.Command{Process: "incident", Record: id, IfMatch: seen, Verb: "update", Set: raw(fields{"title": "x " + body})}); err != nil {
				w.Error(err)
			}
		}
	})
}

func TestDifferentFieldsOfTwoPeopleBothSurvive(t *testing.T) {
	onBoth(t, func(w *world) {
		names := []string{"description", "category", "title"}
		for _, n := range names {
			w.user(n, access.Agent)
		}
		id := w.do("title", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(fields{"title": "x"})}).Record.Head().ID
		people := map[string]*access.Principal{}
		for _, n := range names {
			people[n] = w.as(n)
		}
		last := rounds(6, 100)
		for _, careful := range []bool{true, false} { // with the revision seen and another try, and without
			var wg sync.WaitGroup
			for _, n := range names {
				wg.Go(func() {
					for i := range last {
						for try := 0; ; try++ {
							c := lifecycle.Command{Process: "incident", Record: id, Door: "test", Verb: "update", Set: raw(fields{n: fmt.Sprint(n, careful, i)})}
							if careful {
								res, err := w.o.Get(context.Background(), people[n], "incident", id.String())
								if err != nil {
									w.Error(err)
									return
								}
								c.IfMatch = int64(res.Record.Head().Revision)
							}
							_, err := w.o.Do(context.Background(), people[n], c)
							if err == nil {
								break
							}
							if again := fault.Is(err, fault.Stale) || fault.Is(err, fault.Unavailable); !again || try > 200 {
								w.Error(err)
								return
							}
						}
					}
				})
			}
			wg.Wait()
			res, err := w.o.Get(w.Context(), w.o.Self(), "incident", id.String())
			if err != nil {
				w.Fatal(err)
			}
			i := res.Record.(*incident.Incident)
			for n, got := range map[string]string{"description": string(i.Description), "category": string(i.Category), "title": string(i.Title)} {
				if want := fmt.Sprint(n, careful, last-1); got != want {
					w.Errorf("%s is %q, was last set to %q", n, got, want)
				}
			}
		}
		if got, want := w.revision(id), int64(1+2*len(names)*last); got != want {
			w.Errorf("revision %d after %d changes", got, want-1)
		}
	})
}
