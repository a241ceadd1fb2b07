package document_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/support/document"
	"steward/store/storetest/migrated"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var ctx = context.Background()

type fields map[string]any

// world is a system whose clock the test moves; timers fire only while it passes.
type world struct {
	*testing.T
	o   *boot.Opened
	now time.Time

	anna, ben, cora, omar *access.Principal // write, review, approve; omar owns
}

// onBoth runs f on a fresh system of each engine. It is the evening of 2 March 2026 in Zurich, when
// it is not yet another day anywhere.
func onBoth(t *testing.T, f func(w *world)) {
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w := &world{T: t, now: time.Date(2026, 3, 2, 18, 0, 0, 0, zone)}
			opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Zone: zone, Now: func() time.Time { return w.now }}
			if engine == "postgres" {
				opt.Data, opt.Database = t.TempDir(), migrated.Postgres(t)
			}
			if w.o, err = boot.Open(ctx, opt); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := w.o.Close(); err != nil {
					t.Error(err)
				}
			})
			w.anna, w.ben = w.user("anna", "", access.ProcessOwner), w.user("ben", "", access.ProcessOwner)
			w.cora, w.omar = w.user("cora", "", access.Approver), w.user("omar", "", access.ProcessOwner)
			f(w)
		})
	}
}

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

// try carries out a command as somebody; every command takes a second.
func (w *world) try(who *access.Principal, c lifecycle.Command) (*system.Result, error) {
	w.now = w.now.Add(time.Second)
	c.Door = "test"
	return w.o.Do(ctx, who, c)
}

func (w *world) do(who *access.Principal, c lifecycle.Command) *system.Result {
	w.Helper()
	r, err := w.try(who, c)
	if err != nil {
		w.Fatalf("%s %s %s %d: %v", c.Verb, c.Process, c.Name, c.Number, err)
	}
	return r
}

// refused fails unless the command is refused for reason at field ("": anywhere).
func (w *world) refused(who *access.Principal, c lifecycle.Command, field, reason string) {
	w.Helper()
	_, err := w.try(who, c)
	var f *fault.Error
	if !errors.As(err, &f) {
		w.Errorf("%s %s was not refused with %s: %v", c.Verb, c.Name, reason, err)
		return
	}
	for _, r := range f.Refusals {
		if r.Reason == reason && (field == "" || r.Field == field) {
			if r.Mend == "" {
				w.Errorf("the refusal %s does not say how to mend it", reason)
			}
			return
		}
	}
	w.Errorf("%s %s: refused with %v, not with %s %s", c.Verb, c.Name, err, field, reason)
}

func (w *world) make(process string, set fields) *system.Result {
	w.Helper()
	return w.do(w.o.Self(), lifecycle.Command{Process: process, Verb: "create", Set: raw(set)})
}

func (w *world) user(name, customer string, roles ...string) *access.Principal {
	w.Helper()
	set := fields{"title": name, "name": name}
	held := []fields{}
	for _, r := range roles {
		held = append(held, fields{"role": r})
	}
	set["roles"] = held
	if customer != "" {
		set["customer"] = customer
	}
	r := w.make("user", set)
	who, err := w.o.Principal(ctx, r.Record.Head().ID)
	if err != nil {
		w.Fatal(err)
	}
	return who
}

// again is the principal as it is now, with the teams joined since.
func (w *world) again(p *access.Principal) *access.Principal {
	w.Helper()
	who, err := w.o.Principal(ctx, p.ID)
	if err != nil {
		w.Fatal(err)
	}
	return who
}

// policy is what a controlled document needs; more overrides it.
func policy(more fields) fields {
	set := fields{"title": "Change policy", "kind": "policy", "fulfils": "change_management_policy", "owner": "omar", "language": "en", "format": "Markdown",
		"medium": "electronic", "retention": "P3Y", "retention_rule": "three years after it was withdrawn", "change_reason": "first issue",
		"body": "Every change is assessed by the walrus.", "distribution": []fields{{"role": access.ProcessOwner}}}
	for k, v := range more {
		set[k] = v
	}
	return set
}

// draft is a new document that anna wrote, with version 1 as a draft.
func (w *world) draft(more fields) record.ID {
	w.Helper()
	return w.do(w.anna, lifecycle.Command{Process: "document", Verb: "create", Set: raw(policy(more))}).Record.Head().ID
}

func version(id record.ID, verb string, n int, set fields) lifecycle.Command {
	return lifecycle.Command{Process: "document", Record: id, Verb: verb, Number: n, Set: raw(set)}
}

func step(id record.ID, name, reason string, set fields) lifecycle.Command {
	return lifecycle.Command{Process: "document", Record: id, Verb: "transition", Name: name, Reason: reason, Set: raw(set)}
}

func edit(id record.ID, set fields) lifecycle.Command {
	return lifecycle.Command{Process: "document", Record: id, Verb: "update", Set: raw(set)}
}

// issue has anna submit and cora approve version n.
func (w *world) issue(id record.ID, n int, set fields) {
	w.Helper()
	w.do(w.anna, version(id, "version_submit", n, set))
	w.do(w.cora, version(id, "version_approve", n, nil))
}

// inForce is a document with version 1 approved and in force.
func (w *world) inForce(more fields) record.ID {
	w.Helper()
	id := w.draft(more)
	w.issue(id, 1, nil)
	return id
}

// next has anna draft version n with body.
func (w *world) next(id record.ID, body string) {
	w.Helper()
	w.do(w.anna, version(id, "version", 0, fields{"body": body, "change_reason": "times change"}))
}

func (w *world) get(who *access.Principal, id record.ID) (*document.Document, *record.Version) {
	w.Helper()
	r, err := w.o.Get(ctx, who, "document", id.String())
	if err != nil {
		w.Fatal(err)
	}
	return r.Record.(*document.Document), r.Version
}

// sees reports whether who sees the document, by its id, in the list and in the full text alike.
func (w *world) sees(who *access.Principal, id record.ID) bool {
	w.Helper()
	who = w.again(who)
	_, err := w.o.Get(ctx, who, "document", id.String())
	if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
		w.Fatal(err)
	}
	listed := false
	if who.Reads("document") {
		for _, r := range w.list(who, "document", `text ~ "policy"`) {
			listed = listed || r.Head().ID == id
		}
	}
	if listed != (err == nil) {
		w.Errorf("listed is %v, but got is %v", listed, err == nil)
	}
	return err == nil
}

func (w *world) list(who *access.Principal, process, filter string) []record.Record {
	w.Helper()
	l, err := w.o.List(ctx, who, system.ListQuery{Process: process, Filter: filter, Limit: 200})
	if err != nil {
		w.Fatalf("%s: %v", filter, err)
	}
	return l.Records
}

func (w *world) count(process, filter string) int {
	w.Helper()
	n, _, err := w.o.Count(ctx, w.o.Self(), system.ListQuery{Process: process, Filter: filter})
	if err != nil {
		w.Fatalf("%s: %v", filter, err)
	}
	return n
}

// until lets time pass to the beginning of a day, and fires each timer when it is due.
func (w *world) until(day string) {
	w.Helper()
	end, err := time.ParseInLocation(time.DateOnly, day, w.o.Zone())
	if err != nil {
		w.Fatal(err)
	}
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

// sleep moves the clock to the beginning of a day while Steward is off: no timer fires.
func (w *world) sleep(day string) {
	w.Helper()
	at, err := time.ParseInLocation(time.DateOnly, day, w.o.Zone())
	if err != nil {
		w.Fatal(err)
	}
	w.now = at.Add(time.Second)
}

// attachmentOf is the attachment that a command made.
func attachmentOf(r *system.Result) record.ID { return r.Side.(*storage.Attachment).ID }
