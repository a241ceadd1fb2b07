package conformity_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/store/storetest/migrated"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var ctx = context.Background()

// fields is what a command sets.
type fields map[string]any

// world is a system whose clock the test moves. Nothing runs by itself in it: timers fire when the
// test lets time pass.
type world struct {
	*testing.T
	o   *boot.Opened
	e   *conformity.Engine
	now time.Time
	ids map[string]*system.Result // things by the name the test gave them
}

// onBoth runs f on a fresh system of each engine. It is a Monday morning.
func onBoth(t *testing.T, f func(w *world)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { f(newWorld(t, engine)) })
	}
}

// atOnce is onBoth with both engines at the same time, beside whatever else the test runs so.
func atOnce(t *testing.T, f func(w *world)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			f(newWorld(t, engine))
		})
	}
}

func newWorld(t *testing.T, engine string) *world {
	t.Helper()
	w := &world{T: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), ids: map[string]*system.Result{}}
	opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Now: func() time.Time { return w.now }}
	if engine == "postgres" {
		opt.Data, opt.Database = t.TempDir(), migrated.Postgres(t)
	}
	o, err := boot.Open(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	w.o, w.e = o, conformity.New(o.System, catalogue.BuiltIn(), sms.Checks())
	return w
}

// in is the world seen by a subtest.
func (w *world) in(t *testing.T) *world { v := *w; v.T = t; return &v }

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

// user is somebody with roles, as a principal.
func (w *world) user(name string, roles ...string) *access.Principal {
	w.Helper()
	if w.ids[name] == nil {
		var held []fields
		for _, r := range roles {
			held = append(held, fields{"role": r})
		}
		w.make(name, "user", fields{"title": strings.ToUpper(name[:1]) + name[1:], "name": name, "roles": held})
	}
	who, err := w.o.Principal(ctx, w.id(name))
	if err != nil {
		w.Fatal(err)
	}
	return who
}

func (w *world) id(name string) record.ID {
	w.Helper()
	r := w.ids[name]
	if r == nil {
		w.Fatalf("the test made no %s", name)
	}
	return r.Record.Head().ID
}

// by carries out a command as somebody; every command takes a second.
func (w *world) by(who *access.Principal, c lifecycle.Command) *system.Result {
	w.Helper()
	w.now = w.now.Add(time.Second)
	c.Door = "test"
	r, err := w.o.Do(ctx, who, c)
	if err != nil {
		w.Fatalf("%s %s %s: %v", c.Verb, c.Process, c.Name, err)
	}
	return r
}

func (w *world) make(name, process string, set fields) *system.Result {
	w.Helper()
	return w.makeBy(w.o.Self(), name, process, set)
}

func (w *world) makeBy(who *access.Principal, name, process string, set fields) *system.Result {
	w.Helper()
	r := w.by(who, lifecycle.Command{Process: process, Verb: "create", Set: raw(set)})
	w.ids[name] = r
	return r
}

func (w *world) command(name, verb, what string, set fields) lifecycle.Command {
	w.Helper()
	return lifecycle.Command{Process: w.ids[name].Process.Name, Record: w.id(name), Verb: verb, Name: what, Set: raw(set), Reason: "the test wants it"}
}

func (w *world) update(name string, set fields) {
	w.Helper()
	w.by(w.o.Self(), w.command(name, "update", "", set))
}

func (w *world) step(who *access.Principal, name, transition string, set fields) {
	w.Helper()
	w.by(who, w.command(name, "transition", transition, set))
}

func (w *world) comment(who *access.Principal, name, text string) {
	w.Helper()
	w.by(who, w.command(name, "comment", "", fields{"body": text}))
}

// approve submits and approves a version: by two people, as nobody approves their own.
func (w *world) approve(name string, number int, author, approver *access.Principal, set fields) {
	w.Helper()
	c := w.command(name, "version_submit", "", nil)
	c.Number = number
	w.by(author, c)
	c = w.command(name, "version_approve", "", set)
	c.Number = number
	w.by(approver, c)
}

// pass lets time go by, and fires each timer when it is due.
func (w *world) pass(d time.Duration) {
	w.Helper()
	end := w.now.Add(d)
	for {
		due, err := w.o.DueTimers(ctx, end, 1)
		if err != nil {
			w.Fatal(err)
		}
		if len(due) == 0 {
			break
		}
		if at := due[0].At.Time(); at.After(w.now) {
			w.now = at
		}
		if err := w.o.Fire(ctx, due[0]); err != nil {
			w.Fatal(err)
		}
	}
	w.now = end.Add(time.Second)
}

// sleep lets time go by while Steward is switched off: no timer fires.
func (w *world) sleep(d time.Duration) { w.now = w.now.Add(d) }

func (w *world) report(asOf time.Time) *conformity.Report {
	w.Helper()
	r, err := w.e.Evaluate(ctx, asOf)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

func (w *world) item(requirement string) *conformity.Item {
	w.Helper()
	i := w.report(time.Time{}).Item(requirement)
	if i == nil {
		w.Fatalf("no item %s", requirement)
	}
	return i
}

// all are the records that a filter finds.
func (w *world) all(process, filter string) []record.Record {
	w.Helper()
	var out []record.Record
	err := w.o.Each(ctx, w.o.Self(), system.ListQuery{Process: process, Filter: filter}, func(r record.Record, _ *record.Version) error {
		out = append(out, r)
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return out
}
