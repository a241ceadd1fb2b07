package conformity_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"steward/sms"
	"steward/sms/conformity/catalogue"
)

// mutation is something that happens to evidence that conformed, and how it is put right.
type mutation struct {
	name string
	hurt func(*world)
	mend func(*world)
}

// group is a world in which checks conform, and what moves each of them.
type group struct {
	name      string
	build     func(*world)
	mutations map[string][]mutation
}

var groups = []group{
	{"incidents", desk, incidentMutations},
}

// TestEveryCheckIsMovedByItsEvidence builds conforming evidence by ordinary commands, ends, empties,
// unlinks or ages it, and puts it right again. A check that nothing moves says nothing.
func TestEveryCheckIsMovedByItsEvidence(t *testing.T) {
	named := map[string]bool{}
	for _, g := range groups {
		for id := range maps.Keys(g.mutations) {
			named[id] = true
		}
	}
	for _, c := range sms.Checks() {
		if !named[c.Requirement] {
			t.Errorf("no mutation moves the check of %s: add it to the table of its group", c.Requirement)
		}
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			onBoth(t, func(w *world) {
				g.build(w)
				for _, c := range sms.Checks() {
					for _, m := range g.mutations[c.Requirement] {
						w.Run(c.Requirement+" "+m.name, func(t *testing.T) {
							for _, r := range c.Reads {
								if r.Process != "" && w.o.Registry.Process(r.Process) == nil {
									t.Skipf("SKIPPED: %s rests on records of %s, which this Steward does not have", c.Requirement, r.Process)
								}
							}
							outer := w.T
							w.T = t
							defer func() { w.T = outer }()
							move(w, c.Requirement, m)
						})
					}
				}
				samePopulation(w)
			})
		})
	}
}

func move(w *world, requirement string, m mutation) {
	holds := func(when string) {
		w.Helper()
		if i := w.item(requirement); i.State != catalogue.Conforms && i.State != catalogue.Attested {
			w.Fatalf("%s: %s is %s: %s", when, requirement, i.State, i.Reason)
		} else if len(i.Evidence) == 0 || i.Population == 0 {
			w.Errorf("%s: it conforms without evidence", when)
		}
	}
	holds("before")
	good := w.now
	m.hurt(w)
	i := w.item(requirement)
	if !i.State.Fails() {
		w.Fatalf("%s did not move it: %s is %s: %s", m.name, requirement, i.State, i.Reason)
	}
	if i.Reason == "" || i.NextStep == "" {
		w.Errorf("it fails without a word: %q, next %q", i.Reason, i.NextStep)
	}
	bad := w.now
	w.now = w.now.Add(time.Second)
	m.mend(w)
	holds("after it was put right")
	if was := w.report(good).Item(requirement); was.State.Fails() {
		w.Errorf("as of before: %s: %s", was.State, was.Reason)
	}
	if was := w.report(bad).Item(requirement); was.State != i.State {
		w.Errorf("as of while it failed: %s (%s), was %s (%s)", was.State, was.Reason, i.State, i.Reason)
	}
}

// samePopulation holds that the filter people see means the records that were asked.
func samePopulation(w *world) {
	w.Helper()
	for _, c := range sms.Checks() {
		if c.Process == "" || c.Where == "" {
			continue
		}
		by := map[string]bool{}
		for _, x := range w.all(c.Process, c.Where) {
			by[x.Head().ID.String()] = true
		}
		for _, r := range w.all(c.Process, "") {
			if got := c.Member(r); got != by[r.Head().ID.String()] {
				w.Errorf("%s: %d is a member: %v, by %q: %v", c.Requirement, r.Head().Num, got, c.Where, !got)
			}
		}
	}
}

func TestReasonsNameWhatFails(t *testing.T) {
	w := newWorld(t, "sqlite")
	desk(w)
	w.update("plain", fields{"category": nil})
	i := w.item("8.6.1-01")
	if i.State != catalogue.Partial || !strings.Contains(i.Reason, w.ids["plain"].Ref()+": not filled: category") {
		t.Errorf("%s: %s", i.State, i.Reason)
	}
	if i.Evidence[0].Ref != w.ids["plain"].Ref() {
		t.Errorf("the failing one does not come first: %v", i.Evidence[0])
	}
	lacks, err := w.e.Missing(ctx, w.user("ann"), "incident", w.ids["plain"].Ref())
	if err != nil {
		t.Fatal(err)
	}
	if len(lacks) < 5 || lacks[0].Requirement.ID != "8.6.1-01" || lacks[0].NextStep == "" {
		t.Errorf("missing: %+v", lacks)
	}
}
