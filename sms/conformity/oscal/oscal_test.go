package oscal_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/oscal"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var at = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// schema is NIST's, of all models.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("testdata/oscal_complete_schema-1-1-2.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(z)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("oscal.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("oscal.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(t *testing.T, s *jsonschema.Schema, doc []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func small(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load([]byte(`clauses:
  - {number: '4', title: Bread}
  - {number: '4.1', title: Dough}
requirements:
  - {id: 4.1-01, clause: '4.1', needs: Dough rests., kind: process, evidence: A clock, check: It rested an hour, interval: {default: P1D}}
  - {id: 4.1-02, clause: '4.1', needs: The baker signs., kind: decision, evidence: A signature, check: Signed, attested: true}
  - {id: 4.1-03, clause: '4.1', needs: Burnt bread is thrown away., kind: record, evidence: A bin, check: None sold, condition: {when: bread burnt}, advisory: true}
`))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func resource(process string) string { return process + "s" }

// views are verdicts in the states given, in the catalogue's order, beginning again when they end.
func views(c *catalogue.Catalogue, states ...catalogue.State) []conformity.View {
	var out []conformity.View
	since := at.AddDate(0, -1, 0)
	changes := at.AddDate(0, 1, 0)
	for n, r := range c.All() {
		v := conformity.View{Requirement: r.ID, Clause: r.Clause, Title: r.Title, State: states[n%len(states)], Since: &since, Changes: &changes, Reason: "1 of 2 fail; LOAF-2: it did not rest",
			NextStep: "let it rest", Advisory: r.Advisory, Decided: n%2 == 0, Population: 2, Failing: 1, CheckVersion: 1,
			Evidence: []conformity.EvidenceView{{Process: "loaf", Ref: "LOAF-2"}}}
		out = append(out, v)
	}
	return out
}

func documents(t *testing.T, c *catalogue.Catalogue, when time.Time, states ...catalogue.State) map[string][]byte {
	t.Helper()
	cat, err := oscal.Catalog(c, when)
	if err != nil {
		t.Fatal(err)
	}
	prof, err := oscal.Profile(c, when, "catalog.json")
	if err != nil {
		t.Fatal(err)
	}
	res, err := oscal.Results(&conformity.Report{At: when, Leaves: 7}, views(c, states...), oscal.Options{Base: "https://steward.example", Resource: resource, Catalog: c})
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"catalog": cat, "profile": prof, "assessment-results": res}
}

var everyState = []catalogue.State{catalogue.Conforms, catalogue.Attested, catalogue.Vacuous, catalogue.Stale, catalogue.Partial, catalogue.NoEvidence, catalogue.Gap}

func TestWhatIsWrittenIsValidByTheSchemaOfNIST(t *testing.T) {
	s := schema(t)
	for name, c := range map[string]*catalogue.Catalogue{"built in": catalogue.BuiltIn(), "small": small(t)} {
		for root, doc := range documents(t, c, at, everyState...) {
			if err := valid(t, s, doc); err != nil {
				t.Errorf("%s, %s: %v", name, root, err)
			}
		}
	}
	broken := bytes.Replace(documents(t, small(t), at, catalogue.Gap)["assessment-results"], []byte(`"not-satisfied"`), []byte(`"fine"`), 1)
	broken = bytes.Replace(broken, []byte(`"objective-id"`), []byte(`"anything"`), 1)
	if valid(t, s, broken) == nil {
		t.Error("the schema passes everything: this test could not fail")
	}
}

func TestOSCALDocumentsLookAsTheyDid(t *testing.T) {
	for root, doc := range documents(t, small(t), at, catalogue.Partial, catalogue.Attested, catalogue.Vacuous) {
		path := filepath.Join("testdata", "golden_"+root+".json")
		if *update {
			if err := os.WriteFile(path, doc, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(doc, want) {
			t.Errorf("%s differs from %s; if that is meant, run with -update:\n%s", root, path, doc)
		}
	}
}

var anyUUID = regexp.MustCompile(`"(?:uuid|observation-uuid)": "([^"]*)"`)

func ids(doc []byte) []string {
	var out []string
	for _, m := range anyUUID.FindAllSubmatch(doc, -1) {
		out = append(out, string(m[1]))
	}
	return out
}

func TestTheSameContentHasTheSameIDsAndAnotherHasOthers(t *testing.T) {
	c := small(t)
	first, again := documents(t, c, at, catalogue.Gap), documents(t, c, at, catalogue.Gap)
	for root := range first {
		if !bytes.Equal(first[root], again[root]) {
			t.Errorf("%s is not the same twice", root)
		}
	}
	later := documents(t, c, at.Add(time.Hour), catalogue.Gap)
	if strings.Join(ids(first["catalog"]), " ") != strings.Join(ids(later["catalog"]), " ") {
		t.Error("the catalogue has other ids because it was written later")
	}
	old := map[string]bool{}
	for _, id := range ids(first["assessment-results"]) {
		if id[14] != '5' {
			t.Errorf("%s is not of version 5", id)
		}
		old[id] = true
	}
	fresh := 0
	for _, id := range ids(later["assessment-results"]) {
		if !old[id] {
			fresh++
		}
	}
	if fresh < 8 { // document, result, three observations, three findings; only that of the plan stays
		t.Errorf("%d ids of another result are new", fresh)
	}
}

type results struct {
	AssessmentResults struct {
		Results []struct {
			Observations []struct {
				UUID     string
				Methods  []string
				Evidence []struct{ Href string } `json:"relevant-evidence"`
				Props    []struct{ Name, Value string }
			}
			Findings []struct {
				Target struct {
					ID     string `json:"target-id"`
					Status struct{ State, Reason, Remarks string }
				}
				Related []struct {
					UUID string `json:"observation-uuid"`
				} `json:"related-observations"`
			}
		}
	} `json:"assessment-results"`
}

func TestOnlyWhatHoldsIsSatisfiedAndWhatWasNeverDueHasNoFinding(t *testing.T) {
	c := small(t)
	for _, tc := range []struct {
		state         catalogue.State
		finding, why  string
		method, about string
	}{
		{catalogue.Conforms, "satisfied", "pass", "TEST", ""}, {catalogue.Attested, "satisfied", "other", "INTERVIEW", "signed"},
		{catalogue.Stale, "not-satisfied", "fail", "TEST", ""}, {catalogue.Partial, "not-satisfied", "fail", "TEST", ""}, {catalogue.Gap, "not-satisfied", "fail", "TEST", ""},
		{catalogue.NoEvidence, "not-satisfied", "other", "TEST", "either way"}, {catalogue.Vacuous, "", "", "TEST", ""}, {"fine", "not-satisfied", "fail", "TEST", ""},
	} {
		var got results
		if err := json.Unmarshal(documents(t, c, at, tc.state)["assessment-results"], &got); err != nil {
			t.Fatal(err)
		}
		r := got.AssessmentResults.Results[0]
		if len(r.Observations) != 3 || r.Observations[0].Methods[0] != tc.method || r.Observations[0].Evidence[0].Href != "https://steward.example/api/v1/loafs/LOAF-2" {
			t.Errorf("%s: %+v", tc.state, r.Observations)
		}
		if tc.finding == "" {
			if len(r.Findings) > 0 {
				t.Errorf("%s: %+v", tc.state, r.Findings)
			}
			continue
		}
		if len(r.Findings) != 3 {
			t.Fatalf("%s: %d findings", tc.state, len(r.Findings))
		}
		f := r.Findings[0]
		if f.Target.Status.State != tc.finding || f.Target.Status.Reason != tc.why || !strings.Contains(f.Target.Status.Remarks, tc.about) || f.Target.ID != "req-4.1-01_obj" {
			t.Errorf("%s: %+v", tc.state, f)
		}
		for n, f := range r.Findings {
			if f.Related[0].UUID != r.Observations[n].UUID {
				t.Errorf("%s: finding %d names another observation", tc.state, n)
			}
		}
	}
}
