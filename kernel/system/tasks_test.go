package system_test

import (
	"slices"
	"strings"
	"testing"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

func (w *world) task(m record.ID, more fields) record.ID {
	w.Helper()
	f := fields{"title": "A task", "parent": m, "mandatory": true}
	for k, v := range more {
		f[k] = v
	}
	return w.do("ask", lifecycle.Command{Process: "task", Verb: "create", Set: raw(f)}).Record.Head().ID
}

func complete(id record.ID) lifecycle.Command {
	return lifecycle.Command{Process: "task", Record: id, Verb: "transition", Name: "complete", Set: raw(fields{"outcome": "done"})}
}

func TestARecordWaitsForItsMandatoryTasksAsTheyAreInTheTransaction(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		m := w.matter("ask", nil)
		a := w.task(m, nil)
		w.task(m, fields{"mandatory": false})
		_, err := w.try("ask", step(m, "finish"))
		if err == nil || !strings.Contains(err.Error(), "tasks_open") || !strings.Contains(err.Error(), "TSK-1") {
			t.Fatalf("finished over an open task: %v", err)
		}
		made := lifecycle.Command{Process: "task", Verb: "create", Set: raw(fields{"title": "late", "parent": m, "mandatory": true})}
		if _, at, err := w.o.DoAll(t.Context(), w.as("ask"), []lifecycle.Command{complete(a), made, step(m, "finish")}); at != 2 || !strings.Contains(err.Error(), "made just now") {
			t.Fatalf("finished over a task made in the same transaction: %v", err)
		}
		if _, _, err := w.o.DoAll(t.Context(), w.as("ask"), []lifecycle.Command{complete(a), step(m, "finish")}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWhoDoesATaskSeesItAndItsRecordAsLongAsItIsTheirs(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		m := w.matter("ask", nil)
		sees := func(name string, id record.ID, process string, want bool) {
			t.Helper()
			_, err := w.o.Get(t.Context(), w.as(name), process, id.String())
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			if (err == nil) != want {
				t.Errorf("%s sees the %s: %v", name, process, err == nil)
			}
		}
		sees("ann", m, "matter", false)
		a := w.task(m, fields{"assignee": w.ids["ann"]})
		b := w.task(m, fields{"assignee": w.ids["ann"]})
		sees("ann", m, "matter", true)
		sees("ann", a, "task", true)
		give := func(id record.ID, to string) {
			w.do("ask", lifecycle.Command{Process: "task", Record: id, Verb: "update", Set: raw(fields{"assignee": w.ids[to]})})
		}
		give(a, "ben")
		sees("ann", m, "matter", true) // by the other task
		sees("ann", a, "task", false)
		sees("ben", m, "matter", true)
		give(b, "ben")
		sees("ann", m, "matter", false)
		w.do("ben", complete(b))
		sees("ben", b, "task", true) // who did it may look at what they did
		w.do("ask", lifecycle.Command{Process: "task", Record: a, Verb: "transition", Name: "cancel"})
		sees("ben", a, "task", false)
	})
}

func TestATaskIsReadyWhenTheLastOfThoseBeforeItEnds(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		m := w.matter("ask", nil)
		a, b, c := w.task(m, nil), w.task(m, nil), w.task(m, fields{"assignee": w.ids["ann"]})
		for _, before := range []record.ID{a, b} {
			w.do("ask", lifecycle.Command{Process: "task", Record: c, Verb: "link", Name: "after", ID: before})
		}
		w.refused("predecessors_open", "ann", complete(c))
		w.do("ask", complete(a))
		if slices.Contains(w.told("ann"), "task_ready") {
			t.Fatal("told ready while one before it is open")
		}
		w.do("ask", lifecycle.Command{Process: "task", Record: b, Verb: "transition", Name: "cancel"})
		if !slices.Contains(w.told("ann"), "task_ready") {
			t.Errorf("ann was told %v", w.told("ann"))
		}
		w.do("ask", lifecycle.Command{Process: "task", Record: a, Verb: "transition", Name: "reopen"})
		w.refused("predecessors_open", "ann", complete(c))
		w.do("ask", complete(a))
		w.refused("by_steward", "ask", lifecycle.Command{Process: "task", Record: c, Verb: "transition", Name: "release"})
		w.do("ann", complete(c))
	})
}

func TestATaskWhoseLastTwoEndAtTheSameMomentIsNotForgotten(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.user("other", access.Agent)
		for range 5 {
			m := w.matter("ask", nil)
			a, b, c := w.task(m, nil), w.task(m, nil), w.task(m, nil)
			for _, before := range []record.ID{a, b} {
				w.do("ask", lifecycle.Command{Process: "task", Record: c, Verb: "link", Name: "after", ID: before})
			}
			errs := make(chan error, 2)
			for n, id := range map[string]record.ID{"ask": a, "other": b} {
				who := w.as(n)
				go func() { _, err := w.o.Do(t.Context(), who, complete(id)); errs <- err }()
			}
			for range 2 {
				if err := <-errs; err != nil {
					t.Fatal(err)
				}
			}
			res, err := w.o.Get(t.Context(), w.o.Self(), "task", c.String())
			if err != nil {
				t.Fatal(err)
			}
			ready := res.Process.Shape.Field("ready_at").Of(res.Record)
			if ready.Empty() {
				t.Fatal("both ended and it was never ready")
			}
		}
	})
}
