package servicenow

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"steward/exchange/table"
)

// sharedData finds a public data set beside the repository; without it the test says so and is skipped.
func sharedData(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("STEWARD_SHARED")
	if root != "" {
		root = filepath.Join(root, "data")
	} else if dir, err := os.Getwd(); err == nil {
		for ; ; dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "shared", "data")); err == nil {
				root = filepath.Join(dir, "shared", "data")
				break
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	file := filepath.Join(root, filepath.FromSlash(name))
	if _, err := os.Stat(file); root == "" || err != nil {
		t.Skipf("NOT TESTED: %s is missing; put shared/data beside the repository or set STEWARD_SHARED", name)
	}
	return file
}

// TestThePublicLogIsReadWholeAndItsCountersAreChecked pins what the log says and what it does not:
// its reassignment_count counts changes of the group and nothing else (99.6 % of incidents, never
// fewer than seen), its reopen_count agrees everywhere, and its sys_mod_count shows that 38 % of
// incidents had changes that the log left out.
func TestThePublicLogIsReadWholeAndItsCountersAreChecked(t *testing.T) {
	f, err := os.Open(sharedData(t, "servicenow-incident-log.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	start := time.Now()
	r, err := table.Open(f, "servicenow-incident-log.csv.gz", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dropped := map[string]int{}
	l, err := Open(r, Options{}, func(p Problem) {
		if p.Dropped {
			dropped[p.Reason+" "+p.Incident]++
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	var reopened, disordered, assigneeChanges, mostReassigned int
	last := map[State]int{}
	for {
		i, err := l.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if i.Seen.Reopens > 0 {
			reopened++
		}
		if i.Disordered {
			disordered++
		}
		assigneeChanges += i.AssigneeChanges
		mostReassigned = max(mostReassigned, i.Declared.Reassignments)
		last[i.Snapshots[len(i.Snapshots)-1].State]++
	}
	s := l.Summary()
	t.Logf("in %v: %+v, %d changes of assignee", time.Since(start), s, assigneeChanges)
	if s.Incidents != 20_768 || s.Rows != 119_997 || s.Snapshots != 119_995 || s.Dropped != 2 {
		t.Errorf("read %+v", s)
	}
	if want := map[string]int{"unknown_state INC0028089": 2}; !maps.Equal(dropped, want) {
		t.Errorf("dropped %v", dropped)
	}
	if reopened != 234 || disordered != 1 || mostReassigned != 27 || last[Closed] != 20_768 {
		t.Errorf("reopened %d, disordered %d, most %d, last %v", reopened, disordered, mostReassigned, last)
	}
	if want := (Agreement{Agree: 20_768}); s.Reopens != want {
		t.Errorf("reopens %+v", s.Reopens)
	}
	if want := (Agreement{Agree: 12_797, DeclaredMore: 7_971}); s.SysMods != want {
		t.Errorf("modifications %+v", s.SysMods)
	}
	if want := map[string]int{UnknownState: 2, BackInTime: 1, CountFalls: 4, OpenedLater: 5, ActiveDisagrees: 1}; !maps.Equal(s.Problems, want) {
		t.Errorf("problems %v", s.Problems)
	}
	if want := (Agreement{Agree: 20_687, DeclaredMore: 81}); s.Reassignments != want {
		t.Errorf("reassignments %+v", s.Reassignments)
	}
}
