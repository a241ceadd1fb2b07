package boot_test

import (
	"context"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/store/storetest/migrated"
)

// After a jump of the clock more than a thousand timers are overdue by months at once. They wait until
// somebody has looked; the release holds for a day and not for ever.
func TestTimersAreHeldAfterAJumpOfTheClockUntilTheyAreReleased(t *testing.T) {
	ctx := context.Background()
	o := must(boot.Open(ctx, boot.Options{Data: migrated.Data(t), CheapPasswords: true}))(t)
	overdue := func() int {
		t.Helper()
		return len(must(o.DueTimers(ctx, o.Now(), 5000))(t))
	}
	fill := func() {
		t.Helper()
		var stmts []storage.Statement
		for range 1100 {
			x := &storage.Timer{Subject: record.NewID(o.Now()), Process: "gone", Key: "test", At: record.At(o.Now().Add(-60 * 24 * time.Hour))}
			stmts = append(stmts, o.Store.Insert(storage.TTimer, nil, storage.Part(x)))
		}
		if err := o.Store.Apply(ctx, stmts); err != nil {
			t.Fatal(err)
		}
	}
	within := func(d time.Duration) bool {
		for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if overdue() == 0 {
				return true
			}
		}
		return false
	}
	before := o.Store.SetMeta("release_timers", record.At(o.Now().Add(-48*time.Hour)).String()) // of an earlier jump
	if err := o.Store.Apply(ctx, []storage.Statement{before}); err != nil {
		t.Fatal(err)
	}
	fill()
	o.Start(ctx)
	t.Cleanup(func() {
		o.Stop()
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	if within(500 * time.Millisecond) {
		t.Fatal("they ran without being released")
	}
	if err := o.ReleaseTimers(ctx); err != nil {
		t.Fatal(err)
	}
	if !within(20 * time.Second) {
		t.Errorf("%d are still held after the release", overdue())
	}
}
