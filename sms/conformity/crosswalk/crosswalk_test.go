package crosswalk_test

import (
	"strings"
	"testing"

	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/crosswalk"
)

func TestEveryClauseOfTheCatalogueHasItsLineAndEveryCodeIsAKey(t *testing.T) {
	c := crosswalk.BuiltIn() // panics on an unknown code, a clause left out, a link given twice
	linked := map[string]bool{}
	items := map[string]int{}
	for _, f := range c.Frameworks {
		for _, g := range f.Groups {
			for _, l := range g.Links {
				linked[l.Clause] = true
			}
		}
		for _, i := range f.Items() {
			items[f.ID]++
			for _, l := range i.Links {
				if _, ok := catalogue.BuiltIn().Clause(l.Clause); !ok {
					t.Errorf("%s %s: clause %s is not in the catalogue", f.ID, i.Code, l.Clause)
				}
				linked[l.Clause] = true
			}
		}
	}
	requirements := 0
	for _, r := range catalogue.All() {
		requirements++
		if !linked[r.Clause] {
			t.Errorf("%s: clause %s leads to no framework", r.ID, r.Clause)
		}
	}
	if requirements != 395 {
		t.Errorf("%d requirements", requirements)
	}
	for id, want := range map[string]int{"itil4": 34, "iso9001-2015": 58, "iso27001-2022": 30 + 93, "cmmi-svc-1.3": 24 + 12, "fitsm-1": 7 + 14, "iso20000-1-2011": 39} {
		if items[id] != want {
			t.Errorf("%s has %d items, want %d", id, items[id], want)
		}
	}
}

// small is a mapping of three clauses; its words stand for what they test.
const small = `about: a test
frameworks:
  - id: other
    title: Other
    item: clause
    items: clauses
    limits: [much]
    groups:
      - {code: G, title: Group, items: [['1.1', first], ['1.2', second], ['2', third]]}
clauses:
`

func cat(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	entry := func(id, clause string) string {
		return "  - {id: " + id + ", clause: '" + clause + "', needs: n, kind: record, evidence: e, check: c}\n"
	}
	c, err := catalogue.Load([]byte("clauses:\n  - {number: '4', title: A}\n  - {number: '4.1', title: B}\n  - {number: '4.2', title: C}\nrequirements:\n" +
		entry("4.1-01", "4.1") + entry("4.1-02", "4.1") + entry("4.2-01", "4.2")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestABrokenMappingIsRefusedWithAllItsFaults(t *testing.T) {
	for name, tc := range map[string]struct{ clauses, want string }{
		"an unknown code":             {"  - {clause: '4.1', other: ['9']}\n  - {clause: '4.2', other: ['8']}\n", "unknown_code"},
		"a clause left out":           {"  - {clause: '4.1'}\n", "add 4.2"},
		"a clause that is none":       {"  - {clause: '4.9'}\n", "out_of_order"},
		"a framework that is none":    {"  - {clause: '4.1', nobody: ['1.1']}\n  - {clause: '4.2'}\n", "unknown_framework"},
		"a link twice":                {"  - {clause: '4.1', other: ['1.1', '1.1']}\n  - {clause: '4.2'}\n", "twice"},
		"a link with two limitations": {"  - {clause: '4.1', other: ['1.1 (a) (b)']}\n  - {clause: '4.2'}\n", "malformed"},
	} {
		if _, err := crosswalk.Load([]byte(small+tc.clauses), cat(t)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := crosswalk.Load([]byte(small+"  - {clause: '4.1', other: ['9']}\n  - {clause: '4.2', other: ['8']}\n"), cat(t)); strings.Count(err.Error(), "unknown_code") != 2 {
		t.Errorf("only the first is told: %v", err)
	}
	if _, err := crosswalk.Load([]byte(small+"  - {clause: '4.1', other: ['1.1']}\n  - {clause: '4.2'}\nnote: x\n"), cat(t)); err == nil {
		t.Error("a misspelt key passed")
	}
}

func TestANumberAboveMeansEachBeneathAndAGroupMeansNoneByItself(t *testing.T) {
	c, err := crosswalk.Load([]byte(small+"  - {clause: '4.1', other: ['1', '1.2 (figures)', 'G (through a list)']}\n  - {clause: '4.2', other: ['1.1 (part)']}\n"), cat(t))
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.Framework("other")
	if err != nil {
		t.Fatal(err)
	}
	first, _ := f.Item("1.1")
	second, _ := f.Item("1.2")
	third, _ := f.Item("2")
	if got := first.Links; len(got) != 2 || got[0] != (crosswalk.Link{Clause: "4.1", As: "1"}) || got[1] != (crosswalk.Link{Clause: "4.2", Part: true}) {
		t.Errorf("%+v", got)
	}
	if got := second.Links; len(got) != 1 || got[0] != (crosswalk.Link{Clause: "4.1", Part: true, Aspect: "figures"}) {
		t.Errorf("what names the item counts before what names a number above it: %+v", got)
	}
	if len(third.Links) != 0 || len(third.Group.Links) != 1 || third.Group.Links[0].Aspect != "through a list" {
		t.Errorf("%+v %+v", third.Links, third.Group.Links)
	}
}

func TestWhatIsNamedWronglyIsToldWithWhatThereIs(t *testing.T) {
	_, err := crosswalk.BuiltIn().Framework("itil3")
	if err == nil || !strings.Contains(err.Error(), "itil4, iso9001-2015") {
		t.Error(err)
	}
	f, err := crosswalk.BuiltIn().Framework("itil4")
	if err != nil {
		t.Fatal(err)
	}
	if i, err := f.Item("change-enablement"); err != nil || i.Code != "change enablement" {
		t.Error(i, err)
	}
	if _, err := f.Item("witchcraft"); err == nil {
		t.Error("found")
	}
}
