package foreign_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"

	"steward/boot"
	"steward/exchange/importer"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/system"
	"steward/sms/conformity/foreign"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var ctx = context.Background()

func onBoth(t *testing.T, f func(t *testing.T, o *boot.Opened)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			opt := boot.Options{Data: t.TempDir(), CheapPasswords: true}
			if engine == "postgres" {
				opt.Database = pgtest.URL(t)
			}
			o, err := boot.Open(ctx, opt)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = o.Close() })
			f(t, o)
		})
	}
}

func take(t *testing.T, o *boot.Opened, file []byte, dry bool) (importer.Report, error) {
	t.Helper()
	return importer.Run(ctx, o.System, o.Self(), bytes.NewReader(file), importer.Options{Format: "oscal-catalog", Process: "control_catalogue", Read: foreign.FromOSCAL, DryRun: dry, Name: "catalog.json"})
}

func all(t *testing.T, o *boot.Opened) []*foreign.Catalogue {
	t.Helper()
	l, err := o.List(ctx, o.Self(), system.ListQuery{Process: "control_catalogue", Lines: true})
	if err != nil {
		t.Fatal(err)
	}
	var out []*foreign.Catalogue
	for _, r := range l.Records {
		out = append(out, r.(*foreign.Catalogue))
	}
	return out
}

func TestACatalogueOfOthersIsTakenOnceAndFollowsItsSource(t *testing.T) {
	file, err := os.ReadFile("../oscal/testdata/catalog.json")
	if err != nil {
		t.Fatal(err)
	}
	onBoth(t, func(t *testing.T, o *boot.Opened) {
		if r, err := take(t, o, file, true); err != nil || r.Records != 1 || len(all(t, o)) != 0 {
			t.Fatalf("a dry run wrote: %+v %v", r, err)
		}
		if r, err := take(t, o, file, false); err != nil || r.Records != 1 || r.Refused != 0 {
			t.Fatalf("%+v %v", r, err)
		}
		if r, err := take(t, o, file, false); err != nil || r.Records != 0 || r.Unchanged != 1 {
			t.Fatalf("again: %+v %v", r, err)
		}
		have := all(t, o)
		if len(have) != 1 {
			t.Fatalf("%d catalogues", len(have))
		}
		c := have[0]
		if c.Title != "Controls of a made-up bakery" || c.Edition != "3" || c.Format != "OSCAL 1.1.2" || c.UUID != c.ExternalID || len(c.Controls) != 3 {
			t.Errorf("%+v", c)
		}
		if k := c.Controls[1]; k.Code != "OV-1(1)" || k.Identifier != "ov-1.1" || k.Chapter != "Ovens / Heat" || bool(k.Withdrawn) || !bool(c.Controls[2].Withdrawn) {
			t.Errorf("%+v", c.Controls)
		}
		changed := bytes.Replace(file, []byte("At night too"), []byte("At night above all"), 1)
		if r, err := take(t, o, changed, false); err != nil || r.Records != 1 {
			t.Fatalf("changed: %+v %v", r, err)
		}
		have = all(t, o)
		if len(have) != 1 || len(have[0].Controls) != 3 || have[0].Controls[1].Title != "At night above all" {
			t.Errorf("%d catalogues, %+v", len(have), have[0].Controls)
		}
		if _, err := take(t, o, []byte(`{"catalog":{}}`), false); err == nil || len(all(t, o)) != 1 {
			t.Errorf("what is no catalogue was taken: %v", err)
		}
	})
}

func TestWhoMayNotReadConformityDoesNotReadForeignCatalogues(t *testing.T) {
	file, err := os.ReadFile("../oscal/testdata/catalog.json")
	if err != nil {
		t.Fatal(err)
	}
	onBoth(t, func(t *testing.T, o *boot.Opened) {
		if _, err := take(t, o, file, false); err != nil {
			t.Fatal(err)
		}
		for role, may := range map[string]bool{"auditor": true, "manager": true, "process_owner": true, "agent": false, "approver": false} {
			set := map[string]json.RawMessage{"title": json.RawMessage(`"` + role + `"`), "name": json.RawMessage(`"` + role + `"`), "roles": json.RawMessage(`[{"role":"` + role + `"}]`)}
			u, err := o.Do(ctx, o.Self(), lifecycle.Command{Process: "user", Verb: "create", Door: "test", Set: set})
			if err != nil {
				t.Fatal(err)
			}
			who, err := o.Principal(ctx, u.Record.Head().ID)
			if err != nil {
				t.Fatal(err)
			}
			_, err = o.Get(ctx, who, "control_catalogue", "CCT-1")
			if may && err != nil || !may && !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v", role, err)
			}
		}
	})
}
