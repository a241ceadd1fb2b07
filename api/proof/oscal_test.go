package proof_test

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// nist is NIST's schema of all OSCAL documents, which package oscal has for its tests.
func nist(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("../../sms/conformity/oscal/testdata/oscal_complete_schema-1-1-2.json.gz")
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

func TestVerdictsLeaveAsValidOSCALWithLinksToTheirEvidence(t *testing.T) {
	schema := nist(t)
	onBoth(t, func(d *desk) {
		inc := d.do("incident", map[string]any{"title": "slow", "description": "it is slow", "reporter": "ann"})
		for _, root := range []string{"catalog", "profile", "assessment-results"} {
			var doc any
			d.get("aud", "/api/v1/oscal/"+root, 200, &doc)
			if err := schema.Validate(doc); err != nil {
				d.Errorf("%s: %v", root, err)
			}
			for who, want := range map[string]int{"adm": 200, "own": 200, "mgr": 200, "ann": 403, "app": 403, "rita": 403, "nobody": 401} {
				d.get(who, "/api/v1/oscal/"+root, want, nil)
			}
		}
		type results struct {
			AssessmentResults struct {
				Results []struct {
					Observations []struct {
						Title    string
						Evidence []struct{ Href string } `json:"relevant-evidence"`
					}
					Findings []struct {
						Target struct {
							ID     string `json:"target-id"`
							Status struct{ State string }
						}
					}
				}
			} `json:"assessment-results"`
		}
		satisfied := func(path string) (out []string, links string) {
			var got json.RawMessage
			d.get("aud", path, 200, &got)
			var r results
			if err := json.Unmarshal(got, &r); err != nil {
				d.Fatal(err)
			}
			one := r.AssessmentResults.Results[0]
			if len(one.Observations) != 395 {
				d.Errorf("%d observations", len(one.Observations))
			}
			for _, f := range one.Findings {
				if f.Target.Status.State == "satisfied" {
					out = append(out, f.Target.ID)
				}
			}
			return out, string(got)
		}
		now, text := satisfied("/api/v1/oscal/assessment-results")
		if len(now) != 1 || now[0] != "req-8.6.1-02_obj" || !strings.Contains(text, `"/api/v1/incidents/`+inc.Ref()+`"`) {
			d.Errorf("satisfied: %v", now)
		}
		if then, _ := satisfied("/api/v1/oscal/assessment-results?as_of=2020-01-01"); len(then) > 0 {
			d.Errorf("before there was anything: %v", then)
		}
		d.get("aud", "/api/v1/oscal/assessment-results?as_of=2999-01-01", 400, nil)
		d.get("aud", "/api/v1/oscal/assessment-results?as_of=soon", 400, nil)
		d.get("aud", "/api/v1/oscal/component-definition", 404, nil)
	})
}
