package guidance_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/guidance"
)

func TestEveryClauseWithRequirementsHasGuidance(t *testing.T) {
	leaves := catalogue.BuiltIn().Leaves()
	all := guidance.All()
	if len(all) != len(leaves) {
		t.Fatalf("%d clauses hold requirements, %d have guidance", len(leaves), len(all))
	}
	for i, c := range all {
		if c.Number != leaves[i] || c.Title == "" {
			t.Errorf("%s stands where %s belongs", c.Number, leaves[i])
		}
		words := 0
		for _, text := range append([]string{c.Wants, c.Ten, c.Hundred, c.Thousand, c.Auditor}, c.Findings...) {
			if n := len(strings.Fields(text)); n < 5 {
				t.Errorf("%s says next to nothing: %q", c.Number, text)
			} else {
				words += n
			}
		}
		if words < 100 || words > 300 {
			t.Errorf("%s has %d words; a page that is read has 100 to 300", c.Number, words)
		}
		if len(c.Findings) < 2 || len(c.Processes) == 0 {
			t.Errorf("%s names %d findings and %d processes", c.Number, len(c.Findings), len(c.Processes))
		}
	}
}

func TestNoTextOfTheGuidanceIsThereTwice(t *testing.T) {
	seen := map[string]string{}
	once := func(where string, texts ...string) {
		for _, x := range texts {
			key := strings.ToLower(strings.Join(strings.Fields(x), " "))
			if seen[key] != "" {
				t.Errorf("%s says what %s says: %s", where, seen[key], x)
			}
			seen[key] = where
		}
	}
	for _, c := range guidance.All() {
		once(c.Number, append([]string{c.Wants, c.Ten, c.Hundred, c.Thousand, c.Auditor}, c.Findings...)...)
	}
	for _, p := range guidance.Phases() {
		once("phase "+p.Key, append([]string{p.Title, p.Aim}, p.Steps...)...)
	}
}

func TestGuidanceNamesOnlyProcessesThatAreThere(t *testing.T) {
	reg := sms.Registry()
	screen := regexp.MustCompile(`^(/[a-z-]+)+$`)
	for _, c := range guidance.All() {
		seen := map[string]bool{}
		for _, name := range c.Processes {
			if reg.Process(name) == nil {
				t.Errorf("%s is said to be served by %s, which is not there", c.Number, name)
			}
			if seen[name] {
				t.Errorf("%s names %s twice", c.Number, name)
			}
			seen[name] = true
		}
		for _, s := range c.Screens {
			if !screen.MatchString(s) {
				t.Errorf("%s names a screen that is no path: %s", c.Number, s)
			}
		}
	}
}

// What a check in code reads is a process that serves its clause: guidance that does not name one of
// them sends people elsewhere.
func TestGuidanceNamesTheProcessThatDecidesItsClause(t *testing.T) {
	deciding := map[string]map[string]bool{}
	for _, k := range sms.Checks() {
		r, ok := catalogue.ByID(k.Requirement)
		if !ok {
			t.Fatalf("%s is no requirement", k.Requirement)
		}
		m := deciding[r.Clause]
		if m == nil {
			m = map[string]bool{}
			deciding[r.Clause] = m
		}
		if k.Process != "" {
			m[k.Process] = true
		}
		for _, r := range k.Reads {
			if r.Process != "" {
				m[r.Process] = true
			}
		}
	}
	if len(deciding) < 20 {
		t.Fatalf("only %d clauses are decided by checks", len(deciding))
	}
	for clause, from := range deciding {
		c, ok := guidance.Of(clause)
		if !ok {
			t.Fatalf("no guidance on %s", clause)
		}
		named := false
		for _, p := range c.Processes {
			named = named || from[p]
		}
		if !named && len(from) > 0 {
			t.Errorf("%s is decided from %v, and its guidance names only %v", clause, from, c.Processes)
		}
	}
}

func TestEveryClauseComesInOnePhaseAndLargerProvidersTakeLonger(t *testing.T) {
	phases := guidance.Phases()
	if len(phases) != 8 || !phases[7].Everything {
		t.Fatalf("%d phases, of which the last is about everything: %v", len(phases), phases[len(phases)-1].Everything)
	}
	for _, number := range catalogue.BuiltIn().Leaves() {
		n := 0
		for _, p := range phases[:7] {
			if p.Has(number) {
				n++
			}
		}
		if n != 1 || guidance.PhaseOf(number) == nil {
			t.Errorf("%s comes in %d phases", number, n)
		}
	}
	for _, p := range phases {
		w := p.Weeks
		if w.Ten[0] < 1 || w.Ten[0] > w.Ten[1] || w.Hundred[0] > w.Hundred[1] || w.Thousand[0] > w.Thousand[1] || w.Ten[1] > w.Hundred[1] || w.Hundred[1] > w.Thousand[1] {
			t.Errorf("the weeks of %s do not go up: %v", p.Key, w)
		}
		if len(p.Steps) < 3 || p.Aim == "" || p.Title == "" {
			t.Errorf("%s is incomplete", p.Key)
		}
	}
}

// report is one in which the first n requirements that count hold, and every rest is in a state.
func report(n int, rest catalogue.State) *conformity.Report {
	r := &conformity.Report{At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	for _, q := range catalogue.All() {
		it := conformity.Item{Requirement: q}
		it.State = rest
		if n > 0 && !q.Advisory {
			it.State = catalogue.Conforms
			n--
		}
		r.Items = append(r.Items, it)
	}
	return r
}

func TestProgressIsWhatHoldsOfAPhaseAndWhatIsNextIsWhatDoesNot(t *testing.T) {
	for _, s := range guidance.Progress(report(0, catalogue.NoEvidence)) {
		if s.Share != 0 || s.Held != 0 || s.Done() || len(s.Next) == 0 {
			t.Errorf("with nothing at hand %s stands at %d %%", s.Key, s.Share)
		}
	}
	total, advisory := 0, 0
	for _, q := range catalogue.All() {
		if q.Advisory {
			advisory++
		}
	}
	for _, s := range guidance.Progress(report(len(catalogue.All()), catalogue.Gap)) {
		if s.Share != 100 || !s.Done() || len(s.Next) != 0 {
			t.Errorf("with everything at hand %s stands at %d %%", s.Key, s.Share)
		}
		if !s.Everything {
			total += s.Of
		} else if s.Of != len(catalogue.All())-advisory {
			t.Errorf("the last phase is about %d requirements", s.Of)
		}
	}
	if total != len(catalogue.All())-advisory {
		t.Errorf("the phases have %d requirements, the catalogue %d that count", total, len(catalogue.All())-advisory)
	}
	some := guidance.Progress(report(6, catalogue.Gap))[0]
	if some.Held != 6 || some.Share != 6*100/some.Of || some.Next[0].State != catalogue.Gap {
		t.Errorf("six of %d hold: %+v", some.Of, some)
	}
}

func TestWhatHasNothingToJudgeIsNoProgress(t *testing.T) {
	for _, s := range guidance.Progress(report(0, catalogue.Vacuous)) {
		if s.Share != 0 || s.Done() || s.Idle != s.Of {
			t.Errorf("nothing was judged, and %s stands at %d %%, done: %v", s.Key, s.Share, s.Done())
		}
	}
}
