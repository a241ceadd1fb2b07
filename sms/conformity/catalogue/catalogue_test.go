package catalogue

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestCatalogueHoldsEveryRequirementOfClauses4To10(t *testing.T) {
	if n := len(All()); n != 395 {
		t.Errorf("%d requirements, want 395", n)
	}
	var top []string
	n := 0
	for _, c := range Clauses() {
		top = append(top, c.Number+" "+c.Title)
		n += len(c.All())
	}
	if got, want := strings.Join(top, "; "), "4 Context of the organization; 5 Leadership; 6 Planning; "+
		"7 Support of the service management system; 8 Operation of the service management system; "+
		"9 Performance evaluation; 10 Improvement"; got != want {
		t.Errorf("top clauses %s, want %s", got, want)
	}
	if n != len(All()) {
		t.Errorf("the tree holds %d requirements, the list %d", n, len(All()))
	}
	var ids, tree []string
	for _, r := range All() {
		ids = append(ids, r.ID)
	}
	for _, c := range Clauses() {
		for _, r := range c.All() {
			tree = append(tree, r.ID)
		}
	}
	if !slices.Equal(ids, tree) {
		t.Error("the tree and the list are in different orders")
	}
}

func TestEveryLeafClauseHasARequirement(t *testing.T) {
	var walk func(c *Clause)
	walk = func(c *Clause) {
		if len(c.Clauses) == 0 && len(c.Requirements) == 0 {
			t.Errorf("clause %s has neither clauses nor requirements", c.Number)
		}
		for _, sub := range c.Clauses {
			if !strings.HasPrefix(sub.Number, c.Number+".") {
				t.Errorf("%s lies beneath %s", sub.Number, c.Number)
			}
			walk(sub)
		}
	}
	for _, c := range Clauses() {
		walk(c)
	}
}

func TestSpecialEntriesAreMarked(t *testing.T) {
	var advisory, attested []string
	for _, r := range All() {
		if r.Advisory {
			advisory = append(advisory, r.ID)
			if r.Blocks(Gap) {
				t.Errorf("%s is advisory and blocks", r.ID)
			}
		} else if !r.Blocks(Gap) || !r.Blocks(Stale) || r.Blocks(Attested) {
			t.Errorf("%s: a gap must block, an attestation must not", r.ID)
		}
		if r.Attested {
			attested = append(attested, r.ID)
		}
	}
	if got := strings.Join(advisory, " "); got != "4.2-03 8.3.1-01" {
		t.Errorf("advisory: %s", got)
	}
	if got := strings.Join(attested, " "); got != "5.1-06 5.1-10 5.1-12" {
		t.Errorf("attested: %s", got)
	}

	for _, tc := range []struct{ id, when, warn, silent, always string }{
		{"8.6.1-09", "a major incident exists", "", "", ""},
		{"8.6.1-08", "a major incident exists", "", "", "a major incident procedure and criteria are in force"},
		{"8.3.4.1-01", "an external supplier is active", "there is no external supplier at all", "", ""},
		{"8.3.4.1-13", "a dispute with an external supplier exists", "", "", ""},
		{"8.5.1.3-01", "a request for change exists", "no request for change was recorded in 3 months", "P3M", ""},
		{"8.7.3.3-05", "an information security incident exists", "no information security incident was recorded in 12 months", "P12M", ""},
	} {
		r, ok := ByID(tc.id)
		if !ok || r.Condition == nil {
			t.Errorf("%s has no condition", tc.id)
			continue
		}
		if c := *r.Condition; c.When != tc.when || c.Warn != tc.warn || c.SilentFor.String() != tc.silent || c.Always != tc.always {
			t.Errorf("%s: %+v, want %+v", tc.id, c, tc)
		}
	}
	for _, id := range []string{"8.7.3.3-06", "8.2.3-01", "8.6.1-01", "9.2-01"} { // due whatever happens
		if r, _ := ByID(id); r.Condition != nil {
			t.Errorf("%s is conditional on %q", id, r.Condition.When)
		}
	}
	if r, _ := ByID("8.3.3-06"); !r.Interval.Planned || r.Interval.Default != MustPeriod("P3M") || r.Interval.Readings != MustPeriod("P1M") {
		t.Errorf("8.3.3-06: interval %+v", r.Interval)
	}
	if r, _ := ByID("8.6.1-09"); r.Title != "Incident management" {
		t.Errorf("8.6.1-09 is titled %q", r.Title)
	}
}

func TestLoadRefusesABrokenCatalogueAndSaysAllThatIsWrong(t *testing.T) {
	const clauses = "clauses: [{number: '8', title: Operation}, {number: '8.6', title: Resolution}, {number: '10', title: Improvement}]\n"
	entry := func(id, clause, more string) string {
		return "  - {id: " + id + ", clause: '" + clause + "', needs: n, kind: record, evidence: e, check: c" + more + "}\n"
	}
	for _, tc := range []struct{ name, in, want string }{
		{"twice the same id", clauses + "requirements:\n" + entry("8.6-01", "8.6", "") + entry("8.6-01", "8.6", ""), "twice"},
		{"clause unknown", clauses + "requirements:\n" + entry("8.7-01", "8.7", ""), "unknown_clause"},
		{"number left out", clauses + "requirements:\n" + entry("8.6-02", "8.6", ""), "wrong_id"},
		{"clauses mixed", clauses + "requirements:\n" + entry("10-01", "10", "") + entry("8.6-01", "8.6", ""), "out_of_order"},
		{"kind unknown", clauses + "requirements:\n" + strings.Replace(entry("8.6-01", "8.6", ""), "record", "feeling", 1), "unknown_kind"},
		{"words missing", clauses + "requirements:\n" + strings.Replace(entry("8.6-01", "8.6", ""), "check: c", "check: ''", 1), "no_check"},
		{"condition without words", clauses + "requirements:\n" + entry("8.6-01", "8.6", ", condition: {silent_for: P1M}"), "no_condition no_warning"},
		{"planned without default", clauses + "requirements:\n" + entry("8.6-01", "8.6", ", interval: {planned: true, note: x}"), "no_default"},
		{"interval that says nothing", clauses + "requirements:\n" + entry("8.6-01", "8.6", ", interval: {}"), "no_interval"},
		{"nothing at all", clauses, "empty"},
		{"clause twice", "clauses: [{number: '8', title: a}, {number: '8', title: b}]\nrequirements:\n" + entry("8-01", "8", ""), "twice"},
		{"clause without parent", "clauses: [{number: '8.6.1', title: a}]\nrequirements:\n" + entry("8.6.1-01", "8.6.1", ""), "no_parent"},
		{"10 before 9", "clauses: [{number: '10', title: a}, {number: '9', title: b}]\nrequirements:\n" + entry("10-01", "10", ""), "out_of_order"},
		{"clause that is no number", "clauses: [{number: '8.x', title: a}]\nrequirements:\n" + entry("8-01", "8", ""), "malformed unknown_clause"},
		{"two faults", clauses + "requirements:\n" + entry("8.7-01", "8.7", "") + entry("8.6-02", "8.6", ""), "unknown_clause wrong_id"},
	} {
		_, err := Load([]byte(tc.in))
		var faults Faults
		if !errors.As(err, &faults) {
			t.Errorf("%s: error %v, want faults", tc.name, err)
			continue
		}
		var got []string
		for _, f := range faults {
			got = append(got, f.Reason)
			if f.Where == "" || f.Mend == "" {
				t.Errorf("%s: %+v does not say where or how to mend", tc.name, f)
			}
		}
		if s := strings.Join(got, " "); s != tc.want {
			t.Errorf("%s: %s, want %s", tc.name, s, tc.want)
		}
	}
	for _, in := range []string{
		clauses + "requirements:\n" + entry("8.6-01", "8.6", ", conditon: {when: x}"), // a misspelt key
		clauses + "requirements:\n" + entry("8.6-01", "8.6", ", interval: {default: 12 months}"),
		"clauses: 3",
	} {
		if _, err := Load([]byte(in)); err == nil || errors.As(err, new(Faults)) {
			t.Errorf("%q was read: %v", in, err)
		} else if !strings.Contains(err.Error(), "line ") {
			t.Errorf("%q: %v does not name the line", in, err)
		}
	}
	if c, err := Load([]byte(clauses + "requirements:\n" + entry("8.6-01", "8.6", ""))); err != nil || len(c.All()) != 1 {
		t.Errorf("a good catalogue was refused: %v", err)
	}
}
