package pack_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/conformity/pack"
)

// TestAPackOfAHundredThousandIncidentsIsMadeAndVerifiedInBoundedMemory prints what it took.
func TestAPackOfAHundredThousandIncidentsIsMadeAndVerifiedInBoundedMemory(t *testing.T) {
	if os.Getenv("STEWARD_LARGE") == "" {
		t.Skip("SKIPPED: 100,000 incidents take a minute to make; set STEWARD_LARGE=1")
	}
	const many, most = 100_000, 400 << 20
	w := newWorld(t, boot.Options{Data: t.TempDir()})
	w.provider()
	for n := 0; n < many; n += 1000 {
		past := make([]*system.Past, 1000)
		for i := range past {
			at := w.now.Add(-time.Duration((n+i)%400) * 24 * time.Hour).Add(-time.Duration(n+i) * time.Second)
			set := fields{"title": fmt.Sprintf("No. %d", n+i), "description": "it is slow", "category": "network", "impact": 3, "urgency": 3, "reporter": "ann",
				"customer": w.ref("acme"), "service": w.ref("mail"), "opened_at": at.Format(time.RFC3339), "state": "closed", "resolution": "restarted", "resolution_code": "fixed",
				"close_reason": "confirmed", "worked_at": at.Add(time.Minute).Format(time.RFC3339), "resolved_at": at.Add(time.Hour).Format(time.RFC3339), "closed_at": at.Add(2 * time.Hour).Format(time.RFC3339)}
			id := record.NewID(w.now)
			past[i] = &system.Past{Record: id, Commands: []lifecycle.Command{{Process: "incident", Verb: "create", ID: id, Door: "test", Set: raw(set), OccurredAt: at}}}
		}
		if err := w.o.Replay(ctx, w.o.Self(), past); err != nil {
			t.Fatal(err)
		}
		if past[0].Err != nil {
			t.Fatal(past[0].Err)
		}
	}
	w.sequence()
	o := w.options(w.o.Self())
	o.From = o.To.AddDate(-1, 0, 0)
	path := filepath.Join(t.TempDir(), "pack.zip")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var about *pack.About
	made, held := watched(func() { about, err = pack.Build(ctx, w.o.System, w.e, f, o) })
	if err != nil {
		t.Fatal(err)
	}
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	var rep *pack.Report
	took, heldThen := watched(func() { rep, err = pack.Verify(ctx, f, st.Size(), w.keys(), nil) })
	if err != nil || !rep.Holds() {
		t.Fatal(err, rep.Fault)
	}
	for _, r := range about.Registers {
		if r.Process == "incident" && (r.Sample < 300 || r.Sample > 320 || r.Population < many*9/10) {
			t.Errorf("register of incidents: %+v", r)
		}
	}
	t.Logf("%d records with proofs of a log of %d: made in %v with at most %d MB of heap, %.1f MB; verified in %v with at most %d MB",
		len(about.Records), about.Leaves, made.Round(time.Millisecond), held>>20, float64(st.Size())/1e6, took.Round(time.Millisecond), heldThen>>20)
	if held > most || heldThen > most {
		t.Errorf("memory: %d MB to make, %d MB to verify", held>>20, heldThen>>20)
	}
}

// watched runs f and gives how long it took and the most heap that was in use meanwhile.
func watched(f func()) (time.Duration, uint64) {
	runtime.GC()
	var most atomic.Uint64
	done := make(chan struct{})
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	began := time.Now()
	f()
	took := time.Since(began)
	close(done)
	<-gone
	return took, most.Load()
}
