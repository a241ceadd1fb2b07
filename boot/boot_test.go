package boot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func onBoth(t *testing.T, f func(t *testing.T, o *boot.Opened)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			opt := boot.Options{Data: t.TempDir(), CheapPasswords: true}
			if engine == "postgres" {
				opt.Database = pgtest.URL(t)
			}
			o, err := boot.Open(context.Background(), opt)
			if err != nil {
				t.Fatal(err)
			}
			o.Start(context.Background())
			t.Cleanup(func() {
				o.Stop()
				if err := o.Close(); err != nil {
					t.Error(err)
				}
			})
			f(t, o)
		})
	}
}

func set(kv ...any) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i < len(kv); i += 2 {
		b, _ := json.Marshal(kv[i+1])
		m[kv[i].(string)] = b
	}
	return m
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestAnIncidentIsRecordedMeasuredAndRestored(t *testing.T) {
	onBoth(t, func(t *testing.T, o *boot.Opened) {
		ctx := context.Background()
		do := func(c lifecycle.Command) *system.Result {
			t.Helper()
			c.Door = "test"
			return must(o.Do(ctx, o.Self(), c))(t)
		}
		cus := do(lifecycle.Command{Process: "customer", Verb: "create", Set: set("title", "Acme")})
		svc := do(lifecycle.Command{Process: "service", Verb: "create", Set: set("title", "E-mail")})
		cal := do(lifecycle.Command{Process: "calendar", Verb: "create", Set: set("title", "Office", "zone", "Europe/Berlin", "effective_from", "2000-01-01",
			"hours", []any{map[string]any{"weekday": 1, "from": "00:00", "to": "24:00"}, map[string]any{"weekday": 2, "from": "00:00", "to": "24:00"}, map[string]any{"weekday": 3, "from": "00:00", "to": "24:00"},
				map[string]any{"weekday": 4, "from": "00:00", "to": "24:00"}, map[string]any{"weekday": 5, "from": "00:00", "to": "24:00"}, map[string]any{"weekday": 6, "from": "00:00", "to": "24:00"}, map[string]any{"weekday": 7, "from": "00:00", "to": "24:00"}})})
		sla := do(lifecycle.Command{Process: "agreement", Verb: "create", Set: set("title", "Acme gold", "customer", cus.Ref(), "calendar", cal.Ref(), "effective_from", "2000-01-01",
			"services", []any{map[string]any{"service": svc.Ref()}},
			"targets", []any{map[string]any{"kind": "response", "priority": 3, "duration": "PT1H"}, map[string]any{"kind": "resolution", "priority": 3, "duration": "PT4H"}})})
		for _, r := range []*system.Result{cal, sla} {
			do(lifecycle.Command{Process: r.Process.Name, Record: r.Record.Head().ID, Verb: "version_submit", Number: 1})
			do(lifecycle.Command{Process: r.Process.Name, Record: r.Record.Head().ID, Verb: "version_approve", Number: 1})
		}
		inc := do(lifecycle.Command{Process: "incident", Verb: "create", Set: set("title", "Mail is slow", "customer", cus.Ref(), "service", svc.Ref(), "description", "VPN users wait")})
		id := inc.Record.Head().ID
		if inc.Ref() != "INC-1" {
			t.Errorf("ref = %s", inc.Ref())
		}
		clocks := must(o.Clocks(ctx, id))(t)
		if len(clocks) != 2 || clocks[0].State != "running" {
			t.Fatalf("clocks = %+v", clocks)
		}
		before := time.Now()
		time.Sleep(5 * time.Millisecond)
		do(lifecycle.Command{Process: "incident", Record: id, Verb: "transition", Name: "start"})
		do(lifecycle.Command{Process: "incident", Record: id, Verb: "comment", Set: set("body", "we look")})
		do(lifecycle.Command{Process: "incident", Record: id, Verb: "update", Set: set("title", "Mail is very slow")})
		l := must(o.List(ctx, o.Self(), system.ListQuery{Process: "incident", Filter: `state = "in_progress" and text ~ "vpn" and service = "` + svc.Ref() + `"`, Sort: "-updated_at"}))(t)
		if len(l.Records) != 1 {
			t.Fatalf("list = %d", len(l.Records))
		}
		was := must(o.AsOf(ctx, o.Self(), "incident", inc.Ref(), before, false))(t)
		if h := was.Record.Head(); h.State != "new" || h.Title != "Mail is slow" || h.Revision != 1 {
			t.Errorf("as of: %+v", h)
		}
		past := must(o.List(ctx, o.Self(), system.ListQuery{Process: "incident", AsOf: before, Filter: `state = "new"`}))(t)
		if len(past.Records) != 1 || past.Records[0].Head().Title != "Mail is slow" {
			t.Errorf("list as of: %d", len(past.Records))
		}
		do(lifecycle.Command{Process: "incident", Record: id, Verb: "transition", Name: "resolve", Set: set("resolution", "restarted", "resolution_code", "fixed")})
		for _, c := range must(o.Clocks(ctx, id))(t) {
			if c.State != "met" {
				t.Errorf("clock %s is %s", c.Kind, c.State)
			}
		}
		must(o.SequenceAll(ctx))(t)
		time.Sleep(1100 * time.Millisecond)
		must(o.SequenceAll(ctx))(t)
		rep := must(o.Verify(ctx, []note.Verifier{o.Verifier}, nil))(t)
		if !rep.Holds() {
			t.Errorf("verify: %v", rep.Fault)
		}
		feed := must(o.Feed(ctx, o.Self(), -1, 1000))(t)
		if len(feed) < 10 {
			t.Errorf("feed has %d", len(feed))
		}
		_ = record.ID{}
		fmt.Println(len(feed), rep.Leaves, rep.Checkpoints)
	})
}

// Two nodes of a new system begin in the same second. Each would make keys of its own; the log goes
// on with one pair, so the other node has to be given that one.
func TestOfTwoThatStartOnOneEmptyDatabaseOneSetsItUp(t *testing.T) {
	url := pgtest.URL(t)
	type start struct {
		o   *boot.Opened
		dir string
		err error
	}
	starts := make(chan start)
	for range 3 {
		dir := t.TempDir()
		go func() {
			o, err := boot.Open(context.Background(), boot.Options{Data: dir, Database: url, CheapPasswords: true})
			starts <- start{o, dir, err}
		}()
	}
	var first start
	var others []start
	for range 3 {
		s := <-starts
		if s.err == nil && first.o != nil {
			t.Fatal("two of them set it up")
		}
		if s.err == nil {
			first = s
			continue
		}
		if !strings.Contains(s.err.Error(), "keys of this system are not in the folder") {
			t.Fatal(s.err)
		}
		others = append(others, s)
	}
	if first.o == nil {
		t.Fatalf("none of them set it up: %v", others[0].err)
	}
	t.Cleanup(func() { _ = first.o.Close() })
	l, err := first.o.List(context.Background(), first.o.Self(), system.ListQuery{Process: "incident_policy", InForce: first.o.Today()})
	if err != nil || len(l.Records) != 1 {
		t.Fatalf("%v: %v incident policies in force", err, l)
	}
	// With the keys of the one that set it up the others are its nodes.
	for _, name := range []string{"log.key", "log.pub", "master.key"} {
		b := must(os.ReadFile(filepath.Join(first.dir, name)))(t)
		if err := os.WriteFile(filepath.Join(others[0].dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := must(boot.Open(context.Background(), boot.Options{Data: others[0].dir, Database: url, CheapPasswords: true}))(t)
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}
