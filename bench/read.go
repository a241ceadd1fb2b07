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
	desk, err := w.Lookup(ctx, w.Self(), "team", "Desk")
	if err != nil {
		return err
	}
	for _, x := range []struct {
		name string
		who  *access.Principal
		q    system.ListQuery
		bare string
	}{
		{"newest first, agent", w.agent, system.ListQuery{Sort: "-updated_at"}, "order by t.updated_at desc, t.id desc limit 51"},
		{"newest first, customer with 20", w.customer, system.ListQuery{Sort: "-updated_at"}, "where t.customer = '" + w.customer.Customer.String() + "' order by t.updated_at desc, t.id desc limit 51"},
		{"open ones of the desk, agent", w.agent, system.ListQuery{Filter: `team = "Desk" and ` + open, Sort: "-updated_at"}, "where t.team = '" + desk.String() + "' and t.phase in ('open','waiting') order by t.updated_at desc, t.id desc limit 51"},
		{"search for two words, agent", w.agent, system.ListQuery{Filter: `text ~ "scanner certificate"`, Sort: "-updated_at"}, ""},
	} {
		ours, err := measure(list(x.who, x.q))
		if err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
		raw, err := measure(func() error {
			if x.bare == "" {
				return w.Store.BareText(ctx, "incident", []string{"scanner", "certificate"}, "order by t.updated_at desc, t.id desc limit 51")
			}
			return w.Store.Bare(ctx, "incident", x.bare)
		})
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

	counts := func(count func(priority int) error) (time.Duration, error) {
		began := time.Now()
		var wg sync.WaitGroup
		errs := make(chan error, 200)
		for k := range 200 {
			wg.Go(func() { errs <- count(1 + k%4) })
		}
		wg.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				return 0, err
			}
		}
		return time.Since(began), nil
	}
	mine, err := counts(func(priority int) error {
		_, _, err := w.Count(ctx, w.agent, system.ListQuery{Process: "incident", Filter: fmt.Sprintf(`%s and priority = %d`, open, priority)})
		return err
	})
	if err != nil {
		return err
	}
	bare, err := counts(func(priority int) error {
		return w.Store.BareCount(ctx, "incident", fmt.Sprintf("where t.phase in ('open','waiting') and t.priority = %d", priority), system.CountLimit+1)
	})
	if err != nil {
		return err
	}
	fmt.Printf("200 counts of saved views at once: %s in all | bare %s | x%.2f; %d MB resident\n\n", short(mine), short(bare), mine.Seconds()/bare.Seconds(), resident())
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
