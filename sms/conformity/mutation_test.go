package conformity_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
	"steward/sms/support/document"
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
	{"documents", library, documentMutations},
	{"improvement", workshop, improvementMutations},
	{"evaluation", chamber, evaluationMutations},
	{"planning", office, planningMutations},
	{"risks", register, riskMutations},
	{"context", lookout, contextMutations},
	{"leadership", board, leadershipMutations},
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
		if r, _ := catalogue.BuiltIn().ByID(c.Requirement); r.Advisory {
			continue // it says what is open and never fails: a test of its own moves it
		}
		if _, exempt := unprovable[c.Requirement]; exempt == named[c.Requirement] {
			t.Errorf("%s: add it to the table of its group, or say in unprovable why it cannot conform yet, and not both", c.Requirement)
		}
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			atOnce(t, func(w *world) {
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
							defer w.only(c)()
							move(w, c.Requirement, m)
						})
					}
				}
				samePopulation(w)
				w.asIfAskedAnew("")
			})
		})
	}
}

// exemption says why a check cannot conform yet. told is what it says about that itself; parts move
// what of it can be known already.
type exemption struct {
	why, told string
	parts     []mutation
}

// TestWhatCannotBeKnownYetKeepsACheckFromConforming holds it even where all else is as it should be,
// and that what can be known is decided nevertheless.
func TestWhatCannotBeKnownYetKeepsACheckFromConforming(t *testing.T) {
	atOnce(t, func(w *world) {
		shelves(w)
		for _, i := range w.report(time.Time{}).Items {
			for _, m := range i.Failing {
				if e, ok := unprovable[i.Requirement.ID]; ok && (!m.Required || m.About.ID != [16]byte{} || m.Verdict.StateAt(w.now) != catalogue.NoEvidence) {
					w.Errorf("%s fails for more than that %s: %s: %s", i.Requirement.ID, e.why, m.About.Ref, m.Verdict.At(w.now).Reason)
				}
			}
		}
		for _, c := range sms.Checks() {
			e, ok := unprovable[c.Requirement]
			if !ok {
				continue
			}
			all := w.only(c)
			failing := func() map[string]string {
				w.Helper()
				i := w.item(c.Requirement)
				if i.State != catalogue.Gap && i.State != catalogue.NoEvidence {
					w.Errorf("%s is %s although %s: %s", c.Requirement, i.State, e.why, i.Reason)
				}
				out, told := map[string]string{}, false
				for _, m := range i.Failing {
					why := m.Verdict.At(w.now).Reason
					out[m.About.Ref] = why
					told = told || m.Required && m.About.ID == [16]byte{} && strings.Contains(why, e.told)
					if why == "" || m.NextStep == "" {
						w.Errorf("%s: %s fails without a word: %q, next %q", c.Requirement, m.About.Ref, why, m.NextStep)
					}
				}
				if !told {
					w.Errorf("%s does not say that %s: %s", c.Requirement, e.why, i.Reason)
				}
				return out
			}
			for _, m := range e.parts {
				before := failing()
				m.hurt(w)
				hurt := failing()
				if maps.Equal(before, hurt) {
					w.Errorf("%s: %s did not move it", c.Requirement, m.name)
				}
				w.now = w.now.Add(time.Second)
				m.mend(w)
				if after := failing(); !maps.Equal(before, after) {
					w.Errorf("%s: after %s was put right: %v, before: %v", c.Requirement, m.name, after, before)
				}
			}
			failing()
			all()
		}
	})
}

// only has one check asked, until what it returns is called: the others cost time and say nothing
// about it.
func (w *world) only(c check.Check) (all func()) {
	every := w.e
	w.e = conformity.New(w.o.System, catalogue.BuiltIn(), []check.Check{c})
	return func() { w.e = every }
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
	w.asIfAskedAnew(requirement)
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

// TestATextThatWasAlteredBehindStewardsBackIsFound goes round the commands, for no command does it.
func TestATextThatWasAlteredBehindStewardsBackIsFound(t *testing.T) {
	w := newWorld(t, "sqlite")
	library(w)
	fails := func() string {
		w.Helper()
		for _, m := range w.report(w.now).Item("7.5.3-02").Failing {
			if m.About.Ref == w.ids["scope"].Ref() {
				return m.Verdict.At(w.now).Reason
			}
		}
		return ""
	}
	if why := fails(); why != "" {
		t.Fatalf("it fails already: %s", why)
	}
	p := w.o.Registry.Process("document")
	vs, err := w.o.Store.Versions(ctx, p, w.id("scope"))
	if err != nil || len(vs) != 1 {
		t.Fatal(len(vs), err)
	}
	vs[0].Record.(*document.Document).Body = "It says otherwise."
	st := w.o.Store.Update(storage.TablesOf(p).Version, []string{"body"}, []storage.Cond{storage.Eq("id", &vs[0].Version.ID)}, 1,
		storage.Part(vs[0].Version), record.BaseOf(vs[0].Record))
	if err := w.o.Store.Apply(ctx, []storage.Statement{st}); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Second) // what was answered for an instant is remembered
	if why := fails(); !strings.Contains(why, "no longer has the hash") {
		t.Errorf("it was altered, and is said to fail for %q", why)
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
