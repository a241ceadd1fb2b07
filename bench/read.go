package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"steward/kernel/access"
	"steward/kernel/system"
)

// reads measures a queue page, a record and a search against the bare statement.
func (w *world) reads(ctx context.Context, n int) error {
	list := func(who *access.Principal, q system.ListQuery) func() error {
		q.Process, q.Limit = "incident", 50
		return func() error { _, err := w.List(ctx, who, q); return err }
	}
	open := `phase in ("open", "waiting")`
	for _, x := range []struct {
		name string
		who  *access.Principal
		q    system.ListQuery
		bare string
	}{
		{"newest first, agent", w.agent, system.ListQuery{Sort: "-updated_at"}, "order by t.updated_at desc, t.id desc limit 51"},
		{"newest first, customer with 20", w.customer, system.ListQuery{Sort: "-updated_at"}, "where t.customer = '" + w.customer.Customer.String() + "' order by t.updated_at desc, t.id desc limit 51"},
		{"open ones of the desk, agent", w.agent, system.ListQuery{Filter: `team = "Desk" and ` + open, Sort: "-updated_at"}, ""},
		{"search for two words, agent", w.agent, system.ListQuery{Filter: `text ~ "scanner certificate"`, Sort: "-updated_at"}, ""},
	} {
		ours, err := measure(list(x.who, x.q))
		if err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
		if x.bare == "" {
			fmt.Printf("%-44s p50 %8s p99 %8s\n", x.name, short(ours.at(.5)), short(ours.at(.99)))
			continue
		}
		raw, err := measure(func() error { return w.Store.Bare(ctx, "incident", x.bare) })
		if err != nil {
			return err
		}
		compare(x.name, ours, raw)
	}
	l, err := w.List(ctx, w.agent, system.ListQuery{Process: "incident", Limit: 200})
	if err != nil {
		return err
	}
	i := 0
	ours, err := measure(func() error {
		i++
		_, err := w.Get(ctx, w.agent, "incident", l.Records[i%len(l.Records)].Head().ID.String())
		return err
	})
	if err != nil {
		return err
	}
	raw, err := measure(func() error {
		i++
		return w.Store.Bare(ctx, "incident", "where t.id = '"+l.Records[i%len(l.Records)].Head().ID.String()+"'")
	})
	if err != nil {
		return err
	}
	compare("one record, agent", ours, raw)

	began := time.Now()
	var wg sync.WaitGroup
	errs := make(chan error, 200)
	for k := range 200 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			_, _, err := w.Count(ctx, w.agent, system.ListQuery{Process: "incident", Filter: fmt.Sprintf(`%s and priority = %d`, open, 1+k%4)})
			errs <- err
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			return err
		}
	}
	fmt.Printf("200 counts of saved views at once: %s in all; %d MB resident\n\n", short(time.Since(began)), resident())
	return nil
}

// past measures a list as of a past date: the first page winds back, the next ones read.
func (w *world) past(ctx context.Context, n int) error {
	for _, days := range []int{7, 90, 500} {
		q := system.ListQuery{Process: "incident", Sort: "-updated_at", AsOf: w.Now().AddDate(0, 0, -days), Limit: 50}
		began := time.Now()
		l, err := w.List(ctx, w.agent, q)
		if err != nil {
			return err
		}
		first := time.Since(began)
		var next times
		for range 20 {
			if q.Cursor = l.Next; q.Cursor == "" {
				break
			}
			began = time.Now()
			if l, err = w.List(ctx, w.agent, q); err != nil {
				return err
			}
			next = append(next, time.Since(began))
		}
		fmt.Printf("list of %d as of %3d days ago: first page %8s, next p50 %8s p99 %8s\n", n, days, short(first), short(next.at(.5)), short(next.at(.99)))
	}
	fmt.Println()
	return nil
}
