package boot_test

import (
	"context"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/store/storetest/migrated"
)

// The warning of an imported incident may lie in the past and its breach ahead: the breach must come.
func TestAnImportedClockStillBreachesInTime(t *testing.T) {
	ctx := context.Background()
	o := must(boot.Open(ctx, boot.Options{Data: migrated.Data(t), CheapPasswords: true}))(t)
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	do := func(c lifecycle.Command) *system.Result {
		t.Helper()
		c.Door = "test"
		return must(o.Do(ctx, o.Self(), c))(t)
	}
	var hours []any
	for day := 1; day <= 7; day++ {
		hours = append(hours, map[string]any{"weekday": day, "from": "00:00", "to": "24:00"})
	}
	cal := do(lifecycle.Command{Process: "calendar", Verb: "create", Set: set("title", "Always", "zone", "UTC", "effective_from", "2000-01-01", "hours", hours)})
	cus := do(lifecycle.Command{Process: "customer", Verb: "create", Set: set("title", "Acme")})
	svc := do(lifecycle.Command{Process: "service", Verb: "create", Set: set("title", "E-mail")})
	sla := do(lifecycle.Command{Process: "agreement", Verb: "create", Set: set("title", "Gold", "customer", cus.Ref(), "calendar", cal.Ref(), "effective_from", "2000-01-01",
		"services", []any{map[string]any{"service": svc.Ref()}}, "targets", []any{map[string]any{"kind": "resolution", "priority": 2, "duration": "PT4H"}})})
	for _, r := range []*system.Result{cal, sla} {
		do(lifecycle.Command{Process: r.Process.Name, Record: r.Record.Head().ID, Verb: "version_submit", Number: 1})
		do(lifecycle.Command{Process: r.Process.Name, Record: r.Record.Head().ID, Verb: "version_approve", Number: 1})
	}
	opened := o.Now().Add(-3*time.Hour - 30*time.Minute) // warned at three hours, due in half an hour
	id := record.NewID(o.Now())
	past := &system.Past{Source: "test", Key: "1", Record: id, Commands: []lifecycle.Command{{Process: "incident", Verb: "create", ID: id, Door: "import", OccurredAt: opened,
		Set: set("title", "old", "customer", cus.Ref(), "service", svc.Ref(), "impact", 2, "urgency", 2)}}}
	if err := o.Replay(ctx, o.Self(), []*system.Past{past}); err != nil || past.Err != nil {
		t.Fatal(err, past.Err)
	}
	clocks := must(o.Clocks(ctx, id))(t)
	if len(clocks) != 1 || clocks[0].State != "running" {
		t.Fatalf("clocks: %+v", clocks)
	}
	due := must(o.DueTimers(ctx, opened.Add(4*time.Hour), 10))(t)
	if len(due) != 1 || due[0].Key != "clock:resolution" || !due[0].At.Time().Equal(opened.Add(4*time.Hour)) {
		t.Errorf("timers: %+v", due)
	}
	for _, f := range must(o.Examine(ctx, system.Doctor{Replay: -1}))(t) {
		if !f.Holds() {
			t.Errorf("%s: %s", f.What, f.Found)
		}
	}
}
