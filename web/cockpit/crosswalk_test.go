package cockpit_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"steward/boot"
	"steward/exchange/importer"
	"steward/sms/conformity/crosswalk"
	"steward/sms/conformity/foreign"
	"steward/store/storetest/pgtest"
	"steward/web/webtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func onBoth(t *testing.T, f func(t *testing.T, s *webtest.Site)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			f(t, webtest.Open(t, func(o *boot.Options) {
				if engine == "postgres" {
					o.Database = pgtest.URL(t)
				}
			}))
		})
	}
}

func TestThePagesOfTheCrosswalkLeadFromAFrameworkToARecordAndBack(t *testing.T) {
	onBoth(t, func(t *testing.T, s *webtest.Site) {
		s.User("fay", "", "auditor")
		ref := s.Do("incident", "", "create", "", "title", "No <mail>", "description", "none", "reporter", "fay")
		b := s.Browser("fay")
		if a := b.Get("/cockpit"); !strings.Contains(a.Body, `href="/cockpit/crosswalk"`) {
			t.Error("the cockpit does not lead to the crosswalk")
		}
		a := b.Get("/cockpit/crosswalk")
		for _, f := range crosswalk.BuiltIn().Frameworks {
			if !strings.Contains(a.Body, `href="/cockpit/crosswalk/`+f.ID+`"`) || !a.Has(f.Title) {
				t.Errorf("%s is not listed", f.ID)
			}
			page := b.Get("/cockpit/crosswalk/" + f.ID)
			if page.Status != http.StatusOK || !page.Has(f.Title, "What the evidence does not show there", f.Limits[0], "not a claim of equivalence") {
				t.Errorf("%s: %d", f.ID, page.Status)
			}
			for _, i := range f.Items() {
				if !strings.Contains(page.Body, `href="/cockpit/crosswalk/`+f.ID+"/"+i.Path()+`"`) {
					t.Errorf("%s does not lead to %s", f.ID, i.Code)
				}
			}
		}
		if a.Has("Other catalogues") {
			t.Error("catalogues of others that are not there")
		}
		item := b.Get("/cockpit/crosswalk/itil4/incident-management")
		if !item.Has("8.6.1-02", "Conforms", "nothing of that kind is kept yet") || !strings.Contains(item.Body, `href="/cockpit/crosswalk/records/`+ref+`"`) {
			t.Errorf("%d %s", item.Status, item.Text())
		}
		serves := b.Get("/cockpit/crosswalk?record=" + ref)
		if serves.Path != "/cockpit/crosswalk/records/"+ref || !serves.Has(ref, "PR9", "A.5.26", "8.6.1-02") || strings.Contains(serves.Body, "<mail>") {
			t.Errorf("%d at %s: %s", serves.Status, serves.Path, serves.Text())
		}
		past := b.Get("/cockpit/crosswalk/itil4/incident-management?as_of=2020-01-01")
		if past.Status != http.StatusOK || past.Has(ref) || !past.Has("Not supported") {
			t.Errorf("before there was anything: %d %s", past.Status, past.Text())
		}
		if a := b.Get("/cockpit/crosswalk/records/" + ref + "?as_of=2020-01-01"); !a.Has("serves no framework") {
			t.Errorf("it was not there yet: %s", a.Text())
		}
		for path, want := range map[string]int{
			"/cockpit/crosswalk/itil3": 404, "/cockpit/crosswalk/itil4/witchcraft": 404, "/cockpit/crosswalk/records/INC-99": 404, "/cockpit/crosswalk/records/nonsense": 404,
			"/cockpit/crosswalk/itil4?as_of=2999-01-01": 400, "/cockpit/crosswalk?as_of=soon": 400,
		} {
			if a := b.Get(path); a.Status != want {
				t.Errorf("%s: %d, want %d", path, a.Status, want)
			}
		}
	})
}

func TestTheCrosswalkIsForThoseWhoMaySeeConformity(t *testing.T) {
	onBoth(t, func(t *testing.T, s *webtest.Site) {
		s.Do("customer", "", "create", "", "title", "Harbour")
		s.User("ann", "", "agent")
		s.User("rita", "CUS-1", "requester")
		ref := s.Do("incident", "", "create", "", "title", "No mail", "description", "none", "reporter", "rita", "customer", "CUS-1")
		for _, who := range []string{"ann", "rita"} {
			b := s.Browser(who)
			for _, path := range []string{"/cockpit/crosswalk", "/cockpit/crosswalk/itil4", "/cockpit/crosswalk/itil4/incident-management", "/cockpit/crosswalk/records/" + ref} {
				if a := b.Get(path); a.Status != http.StatusForbidden && a.Status != http.StatusNotFound || a.Has("8.6.1-02") {
					t.Errorf("%s %s: %d", who, path, a.Status)
				}
			}
		}
	})
}

func TestACatalogueOfOthersStandsBesideOursAndIsSaidToBeUnmapped(t *testing.T) {
	onBoth(t, func(t *testing.T, s *webtest.Site) {
		f, err := os.Open("../../sms/conformity/oscal/testdata/catalog.json")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := importer.Run(context.Background(), s.Sys.System, s.Sys.Self(), f, importer.Options{Format: "oscal-catalog", Process: foreign.Process.Name, Read: foreign.FromOSCAL}); err != nil {
			t.Fatal(err)
		}
		s.User("fay", "", "auditor")
		b := s.Browser("fay")
		if a := b.Get("/cockpit/crosswalk"); !a.Has("Other catalogues on record", "Controls of a made-up bakery", "3 controls, edition 3", foreign.Unmapped) {
			t.Errorf("%s", a.Text())
		}
		if a := b.Get("/control-catalogues/CCT-1"); !a.Has("OV-1(1)", "At night too", "Ovens / Heat") || a.Has("This prose is not kept") {
			t.Errorf("%s", a.Text())
		}
	})
}
