package importer_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"steward/boot"
	"steward/exchange/importer"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// shared finds a file of the shared data, beside the repository; the test is skipped aloud without.
func shared(t testing.TB, name string) string {
	t.Helper()
	roots := []string{os.Getenv("STEWARD_SHARED")}
	dir, _ := os.Getwd()
	for range 6 {
		dir = filepath.Dir(dir)
		roots = append(roots, filepath.Join(dir, "shared"))
	}
	for _, r := range roots {
		if p := filepath.Join(r, "data", name); r != "" {
			if _, err := os.Stat(p); err == nil {
				return p
			}
		}
	}
	t.Skipf("SKIPPED: %s is not here; it lies in ../shared/data, or set STEWARD_SHARED", name)
	return ""
}

func open(t testing.TB, url string) *boot.Opened {
	t.Helper()
	o, err := boot.Open(context.Background(), boot.Options{Data: t.TempDir(), Database: url, CheapPasswords: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		o.Stop()
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func run(t testing.TB, o *boot.Opened, path string, opt importer.Options) importer.Report {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	opt.Name = filepath.Base(path)
	rep, err := importer.Run(context.Background(), o.System, o.Self(), f, opt)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// TestTheServiceNowLogReplaysWithItsRealHistory needs ../shared/data.
func TestTheServiceNowLogReplaysWithItsRealHistory(t *testing.T) {
	path := shared(t, "servicenow-incident-log.csv.gz")
	o := open(t, "")
	rep := run(t, o, path, importer.Options{Format: "servicenow-csv"})
	t.Logf("%d incidents, %d events in %.1f s: %.0f events a second", rep.Records, rep.Events, rep.Seconds, float64(rep.Events)/rep.Seconds)
	for _, n := range rep.Notes {
		t.Log(n)
	}
	if rep.Records != 20768 || rep.Events+rep.Refused != 119997 {
		t.Errorf("%d incidents, %d events, %d refused; the log has 20768 and 119997", rep.Records, rep.Events, rep.Refused)
		for _, r := range rep.Rows[:min(5, len(rep.Rows))] {
			t.Log(r)
		}
	}
	again := run(t, o, path, importer.Options{Format: "servicenow-csv"})
	if again.Records != 0 || again.Events != 0 || again.Unchanged != 20768 {
		t.Errorf("a second run: %d records, %d events, %d unchanged, %d refused", again.Records, again.Events, again.Unchanged, again.Refused)
	}
	n, exact, err := o.Count(context.Background(), o.Self(), system.ListQuery{Process: "incident", Filter: `state = "closed"`})
	if err != nil || exact || n != system.CountLimit {
		t.Errorf("closed: %d %v %v", n, exact, err)
	}
	_ = storage.Open
}
