package conformity_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
)

// TestAHundredThousandIncidentsAreJudgedWithinTenSeconds prints what it took. One in a hundred
// lacks something, one in five hundred is a major one.
func TestAHundredThousandIncidentsAreJudgedWithinTenSeconds(t *testing.T) {
	if os.Getenv("STEWARD_LARGE") == "" {
		t.Skip("SKIPPED: 100,000 incidents take a minute to make on each engine; set STEWARD_LARGE=1")
	}
	const many = 100_000
	onBoth(t, func(w *world) {
		desk(w)
		began := time.Now()
		for n := 0; n < many; n += 1000 {
			past := make([]*system.Past, 1000)
			for i := range past {
				k := n + i
				at := w.now.Add(-time.Duration(k%500) * 24 * time.Hour).Add(-time.Duration(k) * time.Second)
				set := fields{"title": fmt.Sprintf("No. %d", k), "description": "it is slow", "category": "network", "impact": 3, "urgency": 3, "reporter": "ann",
					"customer": w.ids["acme"].Ref(), "service": w.ids["mail"].Ref(), "opened_at": at.Format(time.RFC3339),
					"state": "closed", "resolution": "restarted", "resolution_code": "fixed", "close_reason": "confirmed", "worked_at": at.Add(time.Minute).Format(time.RFC3339),
					"resolved_at": at.Add(time.Hour).Format(time.RFC3339), "closed_at": at.Add(2 * time.Hour).Format(time.RFC3339)}
				if k%100 == 0 {
					delete(set, "category")
				}
				if k%500 == 1 {
					set["major"], set["major_criterion"] = true, "critical_service_down"
				}
				id := record.NewID(w.now)
				past[i] = &system.Past{Record: id, Commands: []lifecycle.Command{{Process: "incident", Verb: "create", ID: id, Door: "test", Set: raw(set), OccurredAt: at}}}
			}
			if err := w.o.Replay(ctx, w.o.Self(), past); err != nil {
				w.Fatal(err)
			}
			if past[0].Err != nil {
				w.Fatal(past[0].Err)
			}
		}
		made := time.Since(began)
		began = time.Now()
		r := w.report(time.Time{})
		first := time.Since(began)
		if i := r.Item("8.6.1-01"); i.Population != many+3 || len(i.Failing) != many/100 {
			w.Errorf("population %d, failing %d", i.Population, len(i.Failing))
		}
		began = time.Now()
		w.report(time.Time{})
		again := time.Since(began)
		w.now = w.now.Add(48 * time.Hour)
		began = time.Now()
		past := w.report(w.now.Add(-40 * time.Hour)).Item("8.6.1-01")
		asOf := time.Since(began)
		if past.Population != many+3 {
			w.Errorf("as of: population %d", past.Population)
		}
		w.Logf("%d incidents made in %v; all %d requirements judged in %v, again in %v, as of another day in %v", many, made.Round(time.Second), len(r.Items), first.Round(time.Millisecond), again.Round(time.Microsecond), asOf.Round(time.Millisecond))
		if first > 10*time.Second || asOf > 10*time.Second {
			w.Errorf("too slow: %v, as of another day %v", first, asOf)
		}
		w.midnight()
		began = time.Now()
		if _, err := w.e.KeepDue(ctx); err != nil {
			w.Fatal(err)
		}
		w.Logf("kept with all verdicts in %v", time.Since(began).Round(time.Millisecond))
	})
}
