package oscal_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/oscal"
)

func TestAForeignCatalogueIsReadByNumbersAndTitlesOnly(t *testing.T) {
	f, err := os.Open("testdata/catalog.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	x, err := oscal.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	want := []oscal.Control{
		{ID: "ov-1", Number: "OV-1", Title: "The oven is watched", Group: "Ovens / Heat"},
		{ID: "ov-1.1", Number: "OV-1(1)", Title: "At night too", Group: "Ovens / Heat"},
		{ID: "ov-2", Number: "ov-2", Title: "Coal is weighed", Group: "Ovens / Heat", Withdrawn: true},
	}
	if x.Title != "Controls of a made-up bakery" || x.Version != "3" || len(x.Controls) != len(want) {
		t.Fatalf("%+v", x)
	}
	for n, k := range x.Controls {
		if k != want[n] {
			t.Errorf("%+v, want %+v", k, want[n])
		}
	}
}

func TestWhatIsNoCatalogueIsRefusedWithTheReason(t *testing.T) {
	head := `"uuid":"0b6f3a52-6a5e-4c1e-9d0a-4c7f6f1c2a10","metadata":{"title":"T","oscal-version":"1.1.2"}`
	for name, tc := range map[string]struct{ text, want string }{
		"no JSON":                {"<catalog/>", "no OSCAL catalogue in JSON"},
		"another document":       {`{"profile":{}}`, `no member "catalog"`},
		"no UUID":                {`{"catalog":{"uuid":"x","metadata":{"title":"T","oscal-version":"1.1.2"}}}`, "is no UUID"},
		"no title":               {`{"catalog":{"uuid":"0b6f3a52-6a5e-4c1e-9d0a-4c7f6f1c2a10","metadata":{"oscal-version":"1.1.2"}}}`, "title is missing"},
		"another OSCAL":          {`{"catalog":{"uuid":"0b6f3a52-6a5e-4c1e-9d0a-4c7f6f1c2a10","metadata":{"title":"T","oscal-version":"7"}}}`, "not a version 1"},
		"no controls":            {`{"catalog":{` + head + `}}`, "has no controls"},
		"a control twice":        {`{"catalog":{` + head + `,"controls":[{"id":"a","title":"A"},{"id":"a","title":"B"}]}}`, "twice"},
		"a control without name": {`{"catalog":{` + head + `,"controls":[{"id":"a"}]}}`, "no title"},
		"too many controls":      {`{"catalog":{` + head + `,"controls":[` + manyControls(oscal.MaxControls+1) + `]}}`, "more than"},
		"nested without end":     {`{"catalog":{` + head + `,"groups":[` + strings.Repeat(`{"title":"g","groups":[`, 40) + strings.Repeat(`]}`, 40) + `]}}`, "nested deeper"},
	} {
		if _, err := oscal.Read(strings.NewReader(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func manyControls(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"id":"c`)
		b.WriteString(strings.Repeat("x", i%7))
		b.WriteString(string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)))
		b.WriteString(`","title":"T"}`)
	}
	return b.String()
}

func TestOurOwnCatalogueIsReadBack(t *testing.T) {
	doc, err := oscal.Catalog(catalogue.BuiltIn(), at)
	if err != nil {
		t.Fatal(err)
	}
	x, err := oscal.Read(bytes.NewReader(doc))
	if err != nil || len(x.Controls) != len(catalogue.All()) || x.Controls[0].Number != "4.1-01" {
		t.Fatalf("%v: %+v", err, x)
	}
}

// beside finds a path in a folder above this one.
func beside(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		p := filepath.Join(dir, path)
		if _, err := os.Stat(p); err == nil {
			return p
		}
		if dir == filepath.Dir(dir) {
			t.Skipf("SKIPPED, NOTHING WAS READ: no %s in or above the working directory; set STEWARD_SHARED", path)
		}
	}
}

// shared is a file of the public data sets; the test is skipped aloud where they are not.
func shared(t *testing.T, name string) io.Reader {
	t.Helper()
	path := filepath.Join(os.Getenv("STEWARD_SHARED"), "data", "oscal", name)
	if os.Getenv("STEWARD_SHARED") == "" {
		path = beside(t, filepath.Join("shared", "data", "oscal", name))
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if !strings.HasSuffix(name, ".gz") {
		return f
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestTheCatalogueOfSP80053IsRead(t *testing.T) {
	x, err := oscal.Read(shared(t, "NIST_SP-800-53_rev5_MODERATE-baseline-resolved-profile_catalog.json.gz"))
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]oscal.Control{}
	for _, k := range x.Controls {
		by[k.ID] = k
	}
	if len(x.Controls) != 287 || by["ac-2.1"].Number != "AC-2(1)" || by["ac-2"].Group != "Access Control" {
		t.Errorf("%d controls, %+v, %+v", len(x.Controls), by["ac-2.1"], by["ac-2"])
	}
}

func TestThePublishedExamplesAreValidByTheSameSchemaOrRefusedByName(t *testing.T) {
	b, err := io.ReadAll(shared(t, "basic-catalog.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := valid(t, schema(t), b); err != nil {
		t.Errorf("the schema refuses NIST's own sample: %v", err)
	}
	x, err := oscal.Read(bytes.NewReader(b))
	if err != nil || len(x.Controls) == 0 {
		t.Errorf("%v: %+v", err, x)
	}
	for _, name := range []string{"ssp-example.json", "ifa_assessment-results-example.json", "NIST_SP-800-53_rev5_MODERATE-baseline_profile.json"} {
		if _, err := oscal.Read(shared(t, name)); err == nil || !strings.Contains(err.Error(), `no member "catalog"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
