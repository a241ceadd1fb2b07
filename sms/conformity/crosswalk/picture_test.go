package crosswalk_test

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/crosswalk"
)

// mapped is the small mapping with one item of every sort.
const mapped = small + `  - {clause: '4.1', other: ['1.1', '1.2 (part)']}
  - {clause: '4.2', other: ['1.1 (figures)']}
`

// states is a report in which the requirements are in these states, in the catalogue's order.
func states(c *catalogue.Catalogue, in ...catalogue.State) *conformity.Report {
	r := &conformity.Report{}
	for n, q := range c.All() {
		r.Items = append(r.Items, conformity.Item{Requirement: q, Result: catalogue.Result{State: in[n]}, Decided: true})
	}
	return r
}

func TestWhatAnItemShowsFollowsFromItsLinksAndTheVerdicts(t *testing.T) {
	k := cat(t)
	c, err := crosswalk.Load([]byte(mapped), k)
	if err != nil {
		t.Fatal(err)
	}
	const (
		ok, gap, none, empty, word = catalogue.Conforms, catalogue.Gap, catalogue.NoEvidence, catalogue.Vacuous, catalogue.Attested
	)
	for _, tc := range []struct {
		name   string
		states []catalogue.State // 4.1-01, 4.1-02, 4.2-01
		want   []crosswalk.Seen  // 1.1, 1.2, 2
		share  int               // of 1.1
	}{
		{"all conform", []catalogue.State{ok, ok, ok}, []crosswalk.Seen{crosswalk.Supported, crosswalk.InPart, crosswalk.NotCovered}, 100},
		{"one does not", []catalogue.State{ok, gap, ok}, []crosswalk.Seen{crosswalk.InPart, crosswalk.InPart, crosswalk.NotCovered}, 66},
		{"only what overlaps partly conforms", []catalogue.State{empty, empty, ok}, []crosswalk.Seen{crosswalk.InPart, crosswalk.Unsupported, crosswalk.NotCovered}, 33},
		{"nothing is there", []catalogue.State{none, none, none}, []crosswalk.Seen{crosswalk.Unsupported, crosswalk.Unsupported, crosswalk.NotCovered}, 0},
		{"there was no occasion", []catalogue.State{empty, empty, empty}, []crosswalk.Seen{crosswalk.Unsupported, crosswalk.Unsupported, crosswalk.NotCovered}, 0},
		{"a person's word is no record", []catalogue.State{word, word, word}, []crosswalk.Seen{crosswalk.Supported, crosswalk.InPart, crosswalk.NotCovered}, 0},
		{"an unknown state", []catalogue.State{ok, "fine", ok}, []crosswalk.Seen{crosswalk.InPart, crosswalk.InPart, crosswalk.NotCovered}, 66},
	} {
		p := c.Frameworks[0].Picture(states(k, tc.states...))
		for n, want := range tc.want {
			if got := p.Items[n]; got.Seen != want {
				t.Errorf("%s: %s is %s, want %s", tc.name, got.Code, got.Seen, want)
			}
		}
		if got := p.Items[0].Share; got != tc.share {
			t.Errorf("%s: share %d, want %d", tc.name, got, tc.share)
		}
		if p.Totals.Items != 3 || p.Totals.Requirements != 3 || p.Totals.NotCovered != 1 {
			t.Errorf("%s: %+v", tc.name, p.Totals)
		}
	}
	p := c.Frameworks[0].Picture(states(k, ok, none, word))
	if got := strings.Join(p.Items[0].NotShown, "; "); got != "clause 4.2 bears on it only as to: figures; 1 of 3 requirements are not met; 1 of 3 requirements rest on a person's word" {
		t.Error(got)
	}
	if got := strings.Join(p.Items[1].NotShown, "; "); !strings.HasPrefix(got, "no clause overlaps with it wholly; clause 4.1 bears on it only partly") {
		t.Error(got)
	}
	if got := p.Items[2].NotShown; len(got) != 1 || !strings.Contains(got[0], "no clause of ISO/IEC 20000-1:2018 is linked") {
		t.Error(got)
	}
}

func TestAdvisoryRequirementsNeverCountAgainstAnItem(t *testing.T) {
	k := cat(t)
	k.All()[1].Advisory = true
	c, err := crosswalk.Load([]byte(mapped), k)
	if err != nil {
		t.Fatal(err)
	}
	i := c.Frameworks[0].Picture(states(k, catalogue.Conforms, catalogue.Gap, catalogue.Conforms)).Items[0]
	if i.Seen != crosswalk.Supported || i.Requirements != 2 || i.Advisory != 1 || i.Share != 100 {
		t.Errorf("%+v", i)
	}
	i = c.Frameworks[0].Picture(states(k, catalogue.Vacuous, catalogue.Conforms, catalogue.Vacuous)).Items[0]
	if i.Seen != crosswalk.Unsupported {
		t.Errorf("supported by advice alone: %+v", i)
	}
}

func TestNoControlOfAnnexAIsShownByTheStatementOfApplicabilityAlone(t *testing.T) {
	f, err := crosswalk.BuiltIn().Framework("iso27001-2022")
	if err != nil {
		t.Fatal(err)
	}
	r := &conformity.Report{}
	for _, q := range catalogue.All() {
		r.Items = append(r.Items, conformity.Item{Requirement: q, Result: catalogue.Result{State: catalogue.Conforms}, Decided: true})
	}
	p := f.Picture(r) // the best that there can be
	if p.Totals.GroupOnly != 32 || p.Totals.NotCovered != 0 {
		t.Errorf("%+v", p.Totals)
	}
	for _, v := range p.Items {
		if v.Code == "A.8.24" && (v.Seen != crosswalk.GroupOnly || !strings.Contains(v.NotShown[0], "8.7.3.2") || !strings.Contains(v.NotShown[0], "statement of applicability")) {
			t.Errorf("%+v", v)
		}
		if v.Code == "A.8.21" && v.Seen != crosswalk.InPart {
			t.Errorf("a partial link shows it wholly: %+v", v)
		}
	}
}

func TestOneRecordServesItemsOfSeveralFrameworks(t *testing.T) {
	q, _ := catalogue.ByID("9.2-01")
	services := crosswalk.BuiltIn().Serves([]conformity.Borne{{Requirement: q, State: catalogue.Conforms}})
	got := map[string][]string{}
	for _, s := range services {
		for _, i := range s.Items {
			if len(i.Verdicts) != 1 || i.Verdicts[0].Requirement != "9.2-01" || i.Part {
				t.Errorf("%s %+v", s.Framework, i)
			}
			got[s.Framework] = append(got[s.Framework], i.Code)
		}
	}
	for id, want := range map[string][]string{
		"itil4": {"measurement and reporting", "risk management"}, "iso9001-2015": {"9.2"}, "iso27001-2022": {"9.2.1", "9.2.2", "A.5.35", "A.5.36", "A.8.34"},
		"cmmi-svc-1.3": {"PPQA", "GP 2.9"}, "fitsm-1": {"GR6"}, "iso20000-1-2011": {"4.5.4.2"},
	} {
		slices.Sort(want)
		slices.Sort(got[id])
		if !slices.Equal(got[id], want) {
			t.Errorf("%s: %v, want %v", id, got[id], want)
		}
	}
	for _, s := range crosswalk.BuiltIn().Serves(nil) {
		if len(s.Items) > 0 {
			t.Errorf("a record that shows nothing serves %v", s.Items)
		}
	}
}

var update = flag.Bool("update", false, "rewrite the golden file")

func TestAPictureIsToldAsItWas(t *testing.T) {
	k := cat(t)
	c, err := crosswalk.Load([]byte(mapped), k)
	if err != nil {
		t.Fatal(err)
	}
	p := c.Frameworks[0].Picture(states(k, catalogue.Conforms, catalogue.Gap, catalogue.Attested))
	got, err := json.MarshalIndent(map[string]any{"totals": p.Totals, "items": p.Items}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/golden_picture.json"
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("what doors print differs from %s; if that is meant, run with -update:\n%s", golden, got)
	}
}
