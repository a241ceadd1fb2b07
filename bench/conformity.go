package main

import (
	"context"
	"fmt"
	"time"

	"steward/kernel/lifecycle"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
)

// conformity measures deciding every requirement: now, after one change, and as of a past day.
func (w *world) conformity(ctx context.Context, n int) error {
	e := conformity.New(w.System, catalogue.BuiltIn(), sms.Checks())
	if _, err := w.SequenceAll(ctx); err != nil {
		return err
	}
	timed := func(at time.Time) (time.Duration, error) {
		began := time.Now()
		_, err := e.Evaluate(ctx, at)
		return time.Since(began), err
	}
	whole, err := timed(time.Time{})
	if err != nil {
		return err
	}
	if _, err := w.Do(ctx, w.Self(), lifecycle.Command{Process: "incident", Verb: "create", Door: "bench", Set: set("title", "One more", "service", "Mail", "customer", "Large")}); err != nil {
		return err
	}
	again, err := timed(time.Time{})
	if err != nil {
		return err
	}
	past, err := timed(w.Now().AddDate(0, 0, -7))
	if err != nil {
		return err
	}
	fmt.Printf("conformity over %d incidents: all %8s, after one more %8s, as of a week ago %8s; %d MB resident\n\n", n, short(whole), short(again), short(past), resident())
	return nil
}
