package conformity_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// asIfAskedAnew holds that what an engine makes of its last evaluation and of what changed since is
// what one says that asks everything; of one requirement, or of all.
func (w *world) asIfAskedAnew(requirement string) {
	w.Helper()
	var checks []check.Check
	for _, c := range sms.Checks() {
		if requirement == "" || c.Requirement == requirement {
			checks = append(checks, c)
		}
	}
	got := w.report(time.Time{})
	want, err := conformity.New(w.o.System, catalogue.BuiltIn(), checks).Evaluate(ctx, time.Time{})
	if err != nil {
		w.Fatal(err)
	}
	told := func(i conformity.Item) string {
		s := fmt.Sprint(i.State, i.Reason, i.NextStep, i.Population, i.Evidence, i.Oldest, i.Newest, i.Changes, i.Since)
		for _, m := range i.Failing {
			s += fmt.Sprint(m.About, m.Verdict)
		}
		return s
	}
	for n, i := range want.Items {
		if requirement != "" && i.Requirement.ID != requirement {
			continue
		}
		if g := told(got.Items[n]); g != told(i) {
			w.Errorf("%s, decided again where something changed: %s\nall anew: %s", i.Requirement.ID, g, told(i))
		}
	}
}

func TestOnlyWhatDependsOnAChangeIsDecidedAgain(t *testing.T) {
	t.Cleanup(conformity.SetBlockSize(3))
	onBoth(t, func(w *world) {
		w.make("mail", "service", fields{"title": "E-mail"})
		for n := range 5 {
			w.make(fmt.Sprint("incident ", n), "incident", fields{"title": "x", "service": "E-mail"})
		}
		if _, err := w.o.SequenceAll(ctx); err != nil {
			w.Fatal(err)
		}
		w.report(time.Time{})
		before := w.e.Answers()
		again := func() map[string]bool {
			w.Helper()
			w.now = w.now.Add(time.Second)
			w.report(time.Time{})
			after, out := w.e.Answers(), map[string]bool{}
			for id := range after {
				if after[id] != before[id] {
					out[id] = true
				}
			}
			before = after
			w.asIfAskedAnew("")
			return out
		}
		w.make("another", "incident", fields{"title": "x", "service": "E-mail"})
		if ids := again(); !ids["8.6.1-01"] || ids["7.2-01"] || ids["10.1-01"] {
			t.Errorf("a new incident: decided again %v", ids)
		}
		w.update("incident 2", fields{"title": "y"})
		if ids := again(); !ids["8.6.1-01"] || ids["7.2-01"] || ids["10.1-01"] {
			t.Errorf("a changed incident: decided again %v", ids)
		}
		w.user("somebody", access.Agent)
		if ids := again(); !ids["7.2-01"] {
			t.Errorf("a new user: decided again %v", ids)
		}
		if ids := again(); len(ids) != 0 {
			t.Errorf("nothing happened: decided again %v", ids)
		}
	})
}

// A look is no event: what is decided from looks is decided again all the same.
func TestTheFirstOpeningOfADocumentIsSeenAtOnce(t *testing.T) {
	onBoth(t, func(w *world) {
		w.user("olga", access.ProcessOwner)
		w.user("rita", access.ProcessOwner)
		w.user("mia", access.Management)
		w.issued("handbook", fields{"needed": true})
		if _, err := w.o.SequenceAll(ctx); err != nil {
			w.Fatal(err)
		}
		unopened := func() (n int) {
			w.Helper()
			for _, m := range w.item("7.5.3-03").Failing {
				if strings.Contains(m.Verdict.At(w.now).Reason, "no opening of a document is on record") {
					n++
				}
			}
			return n
		}
		if unopened() == 0 {
			w.Fatal("a document that nobody opened is taken for opened")
		}
		w.opens("rita", "handbook")
		if unopened() != 0 {
			w.Error("the opening is not seen")
		}
	})
}

func TestEverythingIsAskedAgainAfterAWhileThoughNothingWasRecorded(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.make("mail", "service", fields{"title": "E-mail"})
	w.report(time.Time{})
	before := w.e.Answers()["7.2-01"]
	w.now = w.now.Add(5 * time.Minute)
	if w.report(time.Time{}); w.e.Answers()["7.2-01"] != before {
		t.Error("nothing was recorded, and it was decided again within minutes")
	}
	w.now = w.now.Add(time.Hour)
	if w.report(time.Time{}); w.e.Answers()["7.2-01"] == before {
		t.Error("a version that came into force meanwhile would not be seen")
	}
}
