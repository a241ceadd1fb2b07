package main

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// clocks measures 100,000 running clocks at rest, and 1,000 that fall due within one second: each
// must fire once, within two.
func (w *world) clocks(ctx context.Context) error {
	n := min(50_000, *size)
	var past []*system.Past
	for i := range n { // two clocks each
		id := record.NewID(w.Now())
		past = append(past, &system.Past{Record: id, Commands: []lifecycle.Command{{Process: "incident", Verb: "create", ID: id, Door: "bench",
			Set: set("title", fmt.Sprintf("running %d", i), "customer", "Large", "service", "Mail", "impact", 3, "urgency", 3)}}})
		if len(past) == 500 {
			if err := w.Replay(ctx, w.Self(), past); err != nil {
				return err
			}
			past = nil
		}
	}
	time.Sleep(2 * time.Second)
	cpu := processor()
	time.Sleep(3 * time.Second)
	fmt.Printf("%d clocks running: %.1f %% of a core at rest, %d MB resident\n", 2*n, 100*float64(processor()-cpu)/float64(3*time.Second), resident())

	const due = 1000
	at := w.Now().Add(2 * time.Second)
	var stmts []storage.Statement
	l, err := w.List(ctx, w.Self(), system.ListQuery{Process: "incident", Filter: `phase = "open"`, Sort: "-updated_at", Limit: 200})
	for got := 0; got < due && err == nil; {
		for _, r := range l.Records {
			if got++; got > due {
				break
			}
			t := &storage.Timer{Subject: r.Head().ID, Process: "incident", Key: "bench", At: record.At(at.Add(time.Duration(got) * time.Millisecond))}
			stmts = append(stmts, w.Store.Insert(storage.TTimer, nil, storage.Part(t)))
		}
		if l.Next == "" {
			break
		}
		l, err = w.List(ctx, w.Self(), system.ListQuery{Process: "incident", Filter: `phase = "open"`, Sort: "-updated_at", Limit: 200, Cursor: l.Next})
	}
	if err != nil {
		return err
	}
	if err := w.Store.Apply(ctx, stmts); err != nil {
		return err
	}
	time.Sleep(time.Until(at.Add(time.Second)))
	last := at.Add(time.Second)
	for {
		left, err := w.DueTimers(ctx, w.Now(), 1)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			break
		}
		if time.Since(last) > time.Minute {
			return fmt.Errorf("timers that are due do not fire")
		}
		time.Sleep(5 * time.Millisecond)
	}
	fmt.Printf("%d timers due within one second: all fired %s after the last was due\n\n", len(stmts), short(max(time.Since(last), 0)))
	return nil
}

// processor is the processor time this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
