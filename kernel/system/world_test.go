package system_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms"
	"steward/store"
	"steward/store/storetest/migrated"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// Matter is what the tests ask approval for.
type Matter struct {
	record.Header
	Amount  record.Int   `field:""`
	Remark  record.Prose `field:""`
	Service record.ID    `field:"ref=service"`
	Doer    record.ID    `field:"ref=user"`
	Parts   []Part       `lines:""`
	Heard   record.Text  `field:"stamp"` // what the process heard of its gate
}

// Part is a line of a matter.
type Part struct {
	record.Line
	What record.Text `field:""`
}

func matters() *process.Process {
	return process.Declare(process.Spec[Matter]{
		Name: "matter", Prefix: "MAT",
		States: []lifecycle.State{{Name: "open", Phase: lifecycle.Open}, {Name: "approved", Phase: lifecycle.Open},
			{Name: "done", Phase: lifecycle.Done}, {Name: "withdrawn", Phase: lifecycle.Void}},
		Lifecycle: lifecycle.Table[Matter]{
			{Name: "submit", From: []string{"open"}, Then: func(_ *Matter, f *lifecycle.Facts) {
				f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "matter", Record: f.Before.(*Matter).ID, Verb: "round", Name: "release", For: f.Actor.ID})
			}},
			{Name: "approve", From: []string{"open"}, To: "approved", Gate: "release"},
			{Name: "finish", From: []string{"approved", "open"}, To: "done", Tasks: true},
			{Name: "withdraw", From: []string{"open", "approved"}, To: "withdrawn"},
			{Name: "void", From: []string{"open"}, Then: func(_ *Matter, f *lifecycle.Facts) { f.Out.Voids = []string{"release"} }},
		},
		Gates: []lifecycle.Gate[Matter]{{Name: "release",
			Covers:   func(m *Matter) []any { return []any{&m.Amount, &m.Service, "parts"} },
			Excluded: func(m *Matter, _ *lifecycle.Facts) []record.ID { return []record.ID{m.Doer} }}},
		Grants: access.Table{access.Agent: "read create update comment do:*", access.Management: "read", access.Approver: "read:own",
			access.ProcessOwner: "read create update grant do:*"},
		Fold: func(m *Matter, f *lifecycle.Facts) {
			if f.Gate != "" {
				m.Heard = record.Text(f.Verb + " " + f.Outcome)
			}
		},
	})
}

// world is a system with a clock that the test moves. Nothing runs by itself in it.
type world struct {
	*testing.T
	o   *boot.Opened
	now time.Time
	ids map[string]record.ID
}

func onBoth(t *testing.T, f func(w *world)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w := &world{T: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), ids: map[string]record.ID{}}
			p := matters()
			opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Now: func() time.Time { return w.now },
				Registry: process.NewRegistry(append(sms.Processes(), p)...)}
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
			have := store.Schema(o.Store.Dialect(), sms.Registry())
			var make []storage.Statement
			for _, text := range store.Schema(o.Store.Dialect(), opt.Registry) {
				if !slices.Contains(have, text) {
					make = append(make, storage.Statement{SQL: text, Want: -1})
				}
			}
			if err := o.Store.Apply(context.Background(), make); err != nil {
				t.Fatal(err)
			}
			w.o = o
			f(w)
		})
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

// as is a user as a principal; "" is Steward itself.
func (w *world) as(name string) *access.Principal {
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

func (w *world) try(name string, c lifecycle.Command) (*system.Result, error) {
	w.Helper()
	c.Door = "test"
	return w.o.Do(w.Context(), w.as(name), c)
}

func (w *world) do(name string, c lifecycle.Command) *system.Result {
	w.Helper()
	res, err := w.try(name, c)
	if err != nil {
		w.Fatal(err)
	}
	return res
}

// refused expects a command to be refused for a reason.
func (w *world) refused(reason, name string, c lifecycle.Command) {
	w.Helper()
	_, err := w.try(name, c)
	var e *fault.Error
	if !errors.As(err, &e) {
		w.Fatalf("wanted the refusal %s, got %v", reason, err)
	}
	for _, r := range e.Refusals {
		if r.Reason == reason {
			if r.Mend == "" {
				w.Errorf("%s does not say how to mend it", reason)
			}
			return
		}
	}
	if string(e.Kind) != reason {
		w.Fatalf("wanted the refusal %s, got %v", reason, err)
	}
}

func (w *world) user(name string, roles ...string) record.ID {
	w.Helper()
	var rs []fields
	for _, r := range roles {
		rs = append(rs, fields{"role": r})
	}
	w.ids[name] = w.do("", lifecycle.Command{Process: "user", Verb: "create", Set: raw(fields{"title": name, "name": name, "roles": rs})}).Record.Head().ID
	return w.ids[name]
}

// policy puts an approval policy for matters in force.
func (w *world) policy(when string, order int, stages ...fields) *system.Result {
	w.Helper()
	res := w.do("", lifecycle.Command{Process: "approval_policy", Verb: "create", Set: raw(fields{"title": "Policy " + when + string(rune('a'+len(w.ids))), "process": "matter",
		"gate": "release", "when": when, "order": order, "stages": stages})})
	w.ids["policy"+when] = res.Record.Head().ID
	for _, verb := range []string{"version_submit", "version_approve"} {
		w.do("", lifecycle.Command{Process: "approval_policy", Record: res.Record.Head().ID, Verb: verb, Number: 1})
	}
	return res
}

func (w *world) matter(by string, more fields) record.ID {
	w.Helper()
	f := fields{"title": "A matter", "amount": 5}
	for k, v := range more {
		f[k] = v
	}
	return w.do(by, lifecycle.Command{Process: "matter", Verb: "create", Set: raw(f)}).Record.Head().ID
}

func (w *world) round(by string, m record.ID) *storage.Round {
	w.Helper()
	return w.do(by, lifecycle.Command{Process: "matter", Record: m, Verb: "round", Name: "release"}).Side.(*storage.Round)
}

func vote(m, round record.ID, word string, more ...any) lifecycle.Command {
	f := fields{"vote": word}
	for i := 0; i < len(more); i += 2 {
		f[more[i].(string)] = more[i+1]
	}
	return lifecycle.Command{Process: "matter", Record: m, Verb: "vote", ID: round, Set: raw(f)}
}

func step(m record.ID, name string) lifecycle.Command {
	return lifecycle.Command{Process: "matter", Record: m, Verb: "transition", Name: name}
}

// rounds are the rounds of a matter, as Steward sees them.
func (w *world) rounds(m record.ID) []system.Asked {
	w.Helper()
	rs, err := w.o.Rounds(w.Context(), w.o.Self(), "matter", m.String())
	if err != nil {
		w.Fatal(err)
	}
	return rs
}

// last is the outcome of the newest round.
func (w *world) last(m record.ID) string {
	w.Helper()
	rs := w.rounds(m)
	if len(rs) == 0 {
		return ""
	}
	return string(rs[len(rs)-1].Outcome)
}

// told are the topics of somebody's inbox, newest first.
func (w *world) told(name string) []string {
	w.Helper()
	lines, err := w.o.Inbox(w.Context(), w.as(name), false, record.ID{}, 100)
	if err != nil {
		w.Fatal(err)
	}
	var out []string
	for _, l := range lines {
		out = append(out, string(l.Topic))
	}
	return out
}

// pass lets time go by and fires what is due.
func (w *world) pass(d time.Duration) {
	w.Helper()
	end := w.now.Add(d)
	for {
		due, err := w.o.DueTimers(w.Context(), end, 100)
		if err != nil {
			w.Fatal(err)
		}
		if len(due) == 0 {
			break
		}
		w.now = due[0].At.Time()
		if err := w.o.Fire(w.Context(), due[0]); err != nil {
			w.Fatal(err)
		}
	}
	w.now = end
}
