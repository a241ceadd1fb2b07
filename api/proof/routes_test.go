package proof_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"steward/api"
	"steward/api/proof"

	"steward/boot"
	"steward/kernel/ledger"
	"steward/kernel/lifecycle"
	"steward/kernel/system"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/pack"
	"steward/store/storetest/migrated"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type desk struct {
	*testing.T
	o      *boot.Opened
	door   http.Handler
	tokens map[string]string
}

func onBoth(t *testing.T, f func(d *desk)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			ctx := context.Background()
			quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
			opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Log: quiet}
			if engine == "postgres" {
				opt.Data, opt.Database = t.TempDir(), migrated.Postgres(t)
			}
			o, err := boot.Open(ctx, opt)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = o.Close() })
			e := conformity.New(o.System, catalogue.BuiltIn(), sms.Checks())
			d := &desk{t, o, api.New(o.System, api.Options{Log: quiet, Extra: proof.Routes(e, o.Registry, pack.NewPress(o.System, e, pack.Options{Key: o.VerifierKey, Version: "test"}))}), map[string]string{}}
			acme := d.do("customer", map[string]any{"title": "Acme"})
			for name, role := range map[string]string{"adm": "administrator", "own": "process_owner", "mgr": "manager", "aud": "auditor", "ann": "agent", "app": "approver", "rita": "requester"} {
				set := map[string]any{"title": name, "name": name, "roles": []map[string]any{{"role": role}}}
				if role == "requester" {
					set["customer"] = acme.Ref()
				}
				u := d.do("user", set)
				if d.tokens[name], _, err = o.NewToken(ctx, u.Record.Head().ID, "test", nil, 0); err != nil {
					t.Fatal(err)
				}
			}
			f(d)
		})
	}
}

func (d *desk) do(process string, set map[string]any) *system.Result {
	d.Helper()
	m := map[string]json.RawMessage{}
	for k, v := range set {
		m[k], _ = json.Marshal(v)
	}
	r, err := d.o.Do(context.Background(), d.o.Self(), lifecycle.Command{Process: process, Verb: "create", Door: "test", Set: m})
	if err != nil {
		d.Fatal(err)
	}
	return r
}

// get asks as somebody, and reads the answer into out.
func (d *desk) get(who, path string, want int, out any) {
	d.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+d.tokens[who])
	w := httptest.NewRecorder()
	d.door.ServeHTTP(w, r)
	if w.Code != want {
		d.Fatalf("%s %s: %d, want %d: %s", who, path, w.Code, want, w.Body)
	}
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			d.Fatalf("%s: %v in %s", path, err, w.Body)
		}
	}
}

type items struct {
	Items []struct {
		Requirement, Clause, State, Reason string
		Since                              *time.Time
		Evidence                           []struct{ Process, Ref, ID string }
		NextStep                           string `json:"next_step"`
		Population, Failing                int
	}
	Counts map[string]int
}

func TestConformityIsToldInTheWordsOfTheContract(t *testing.T) {
	onBoth(t, func(d *desk) {
		inc := d.do("incident", map[string]any{"title": "slow", "description": "it is slow", "reporter": "ann"})
		var all items
		d.get("aud", "/api/v1/conformity", 200, &all)
		if len(all.Items) != 395 || all.Counts["conforms"] != 1 { // 8.6.1-02 alone: it has a priority by the matrix
			d.Errorf("%d items, %v", len(all.Items), all.Counts)
		}
		var under items
		d.get("aud", "/api/v1/conformity?clause=8.6.1", 200, &under)
		if len(under.Items) != 11 {
			d.Fatalf("clause: %d", len(under.Items))
		}
		first := under.Items[0]
		if first.Requirement != "8.6.1-01" || first.Clause != "8.6.1" || first.State != "gap" || first.Failing != 1 || first.NextStep == "" || len(first.Evidence) != 1 || first.Evidence[0].Ref != inc.Ref() || first.Evidence[0].Process != "incident" {
			d.Errorf("%+v", first)
		}
		var none items
		d.get("aud", "/api/v1/conformity?as_of=2020-01-01", 200, &none)
		if none.Counts["gap"]+none.Counts["conforms"]+none.Counts["partial"] > 0 {
			d.Errorf("before there was anything: %v", none.Counts)
		}
		var one struct {
			State, Process, Filter, Needs string
			Population                    int
			FailingMembers                []struct{ Ref, State, Reason string } `json:"failing_members"`
			History                       []any
		}
		d.get("mgr", "/api/v1/conformity/8.6.1-01", 200, &one)
		if one.State != "gap" || one.Process != "incident" || one.Population != 1 || len(one.FailingMembers) != 1 || !strings.Contains(one.FailingMembers[0].Reason, "category") || one.History == nil || one.Needs == "" {
			d.Errorf("%+v", one)
		}
		d.get("aud", "/api/v1/conformity/8.6.1-99", 404, nil)
		d.get("aud", "/api/v1/conformity?as_of=2999-01-01", 400, nil)
		d.get("aud", "/api/v1/conformity?as_of=yesterday", 400, nil)
		d.get("aud", "/api/v1/conformity?clause=99", 400, nil)
		d.get("aud", "/api/v1/conformity?colour=red", 400, nil)
		d.get("aud", "/api/v1/conformity/restated?day=2020-01-01", 404, nil)

		var lacks struct {
			Items []struct{ Requirement, State, Reason string }
		}
		d.get("ann", "/api/v1/incidents/"+inc.Ref()+"/missing", 200, &lacks)
		if len(lacks.Items) == 0 || lacks.Items[0].Requirement != "8.6.1-01" || lacks.Items[0].State != "gap" {
			d.Errorf("%+v", lacks)
		}
		d.get("ann", "/api/v1/incidents/INC-99/missing", 404, nil)
	})
}

func TestOnlySomeMaySeeTheStateOfConformity(t *testing.T) {
	onBoth(t, func(d *desk) {
		for who, want := range map[string]int{"adm": 200, "own": 200, "mgr": 200, "aud": 200, "ann": 403, "app": 403, "rita": 403, "nobody": 401} {
			for _, path := range []string{"/api/v1/conformity", "/api/v1/conformity/8.6.1-01"} {
				d.get(who, path, want, nil)
			}
		}
		inc := d.do("incident", map[string]any{"title": "slow", "description": "it is slow", "reporter": "rita"})
		d.get("rita", "/api/v1/incidents/"+inc.Ref()+"/missing", 403, nil)
	})
}

type picture struct {
	Framework string
	Totals    struct {
		Items, Supported, Unsupported int
		InPart                        int `json:"in_part"`
		GroupOnly                     int `json:"group_only"`
		NotCovered                    int `json:"not_covered"`
		Requirements, Conforms        int
	}
	Items []struct {
		Code, Seen             string
		Requirements, Conforms int
		DoesNotShow            []string `json:"does_not_show"`
		Bearing                []struct {
			Requirement, State string
			Part               bool
		}
	}
}

func TestTheCrosswalkShowsTheSameVerdictsByTheItemsOfAnotherFramework(t *testing.T) {
	onBoth(t, func(d *desk) {
		inc := d.do("incident", map[string]any{"title": "slow", "description": "it is slow", "reporter": "ann"})
		var all struct {
			Items []picture
		}
		d.get("aud", "/api/v1/crosswalk", 200, &all)
		if len(all.Items) != 6 || all.Items[0].Framework != "itil4" || all.Items[0].Totals.Items != 34 {
			d.Errorf("%+v", all)
		}
		var p picture
		d.get("aud", "/api/v1/crosswalk/itil4", 200, &p)
		sum := p.Totals.Supported + p.Totals.InPart + p.Totals.Unsupported + p.Totals.GroupOnly + p.Totals.NotCovered
		if len(p.Items) != 34 || sum != 34 || p.Totals.Conforms != 1 {
			d.Errorf("%+v", p.Totals)
		}
		seen := false
		for _, i := range p.Items {
			if i.Code != "incident management" {
				continue
			}
			for _, b := range i.Bearing {
				seen = seen || b.Requirement == "8.6.1-02" && b.State == "conforms" && !b.Part
			}
			if i.Seen != "in_part" || i.Conforms != 1 || len(i.DoesNotShow) == 0 {
				d.Errorf("%+v", i)
			}
		}
		if !seen {
			d.Error("incident management does not rest on the incident")
		}
		var past picture
		d.get("aud", "/api/v1/crosswalk/itil4?as_of=2020-01-01", 200, &past)
		if past.Totals.Conforms != 0 || past.Totals.Supported+past.Totals.InPart != 0 || past.Totals.Items != 34 {
			d.Errorf("before there was anything: %+v", past.Totals)
		}

		var serves struct {
			Items []struct {
				Framework string
				Items     []struct {
					Code     string
					Verdicts []struct{ Requirement, State string }
				}
			}
		}
		d.get("aud", "/api/v1/incidents/"+inc.Ref()+"/crosswalk", 200, &serves)
		codes := map[string]bool{}
		for _, s := range serves.Items {
			for _, i := range s.Items {
				codes[s.Framework+" "+i.Code] = len(i.Verdicts) > 0
			}
		}
		if !codes["fitsm-1 PR9"] || !codes["itil4 incident management"] || !codes["iso27001-2022 A.5.26"] || codes["iso9001-2015 9.2"] {
			d.Errorf("an incident serves %v", codes)
		}
		d.get("aud", "/api/v1/incidents/INC-99/crosswalk", 404, nil)
		d.get("aud", "/api/v1/crosswalk/itil3", 404, nil)
		d.get("aud", "/api/v1/crosswalk/itil4?as_of=2999-01-01", 400, nil)
		d.get("aud", "/api/v1/crosswalk/itil4?as_of=yesterday", 400, nil)
		d.get("aud", "/api/v1/crosswalk?colour=red", 400, nil)
		for who, want := range map[string]int{"adm": 200, "own": 200, "mgr": 200, "aud": 200, "ann": 403, "app": 403, "rita": 403, "nobody": 401} {
			for _, path := range []string{"/api/v1/crosswalk", "/api/v1/crosswalk/itil4", "/api/v1/incidents/" + inc.Ref() + "/crosswalk"} {
				d.get(who, path, want, nil)
			}
		}
		d.get("rita", "/api/v1/crosswalk/itil3", 403, nil)
	})
}

func TestTheDescriptionOfTheAPIHasTheAnswersOfTheCrosswalk(t *testing.T) {
	onBoth(t, func(d *desk) {
		var doc struct {
			Paths map[string]map[string]struct {
				Responses map[string]struct {
					Content map[string]struct {
						Schema struct {
							Properties map[string]any
						}
					}
				}
			}
		}
		d.get("aud", "/api/openapi.json", 200, &doc)
		for path, want := range map[string]string{"/api/v1/crosswalk": "about", "/api/v1/crosswalk/{framework}": "totals", "/api/v1/audits/{id}/crosswalk": "items"} {
			if _, ok := doc.Paths[path]["get"].Responses["200"].Content["application/json"].Schema.Properties[want]; !ok {
				d.Errorf("%s does not describe %s", path, want)
			}
		}
	})
}

func TestAnAuditPackIsAnsweredToThoseWhoMayTakeIt(t *testing.T) {
	onBoth(t, func(d *desk) {
		d.do("incident", map[string]any{"title": "slow", "description": "it is slow", "reporter": "rita"})
		key, err := ledger.NewVerifier(d.o.VerifierKey)
		if err != nil {
			d.Fatal(err)
		}
		for who, want := range map[string]int{"adm": 200, "mgr": 200, "aud": 200, "own": 403, "ann": 403, "app": 403, "rita": 403, "nobody": 401} {
			r := httptest.NewRequest(http.MethodGet, "/api/v1/audit-pack?seed=dice", nil)
			r.Header.Set("Authorization", "Bearer "+d.tokens[who])
			w := httptest.NewRecorder()
			d.door.ServeHTTP(w, r)
			if w.Code != want {
				d.Errorf("%s: %d, want %d", who, w.Code, want)
			}
			if w.Code != 200 {
				continue
			}
			zip := w.Body.Bytes()
			rep, err := pack.Verify(context.Background(), bytes.NewReader(zip), int64(len(zip)), []note.Verifier{key}, nil)
			if err != nil || !rep.Holds() || rep.About.By != who || rep.About.Seed != "dice" || w.Header().Get("Content-Type") != "application/zip" {
				d.Errorf("%s: %v, %+v", who, err, rep)
			}
		}
		d.get("aud", "/api/v1/audit-pack?from=2999-01-01", 400, nil)
		d.get("aud", "/api/v1/audit-pack?to=2999-01-01", 400, nil)
		d.get("aud", "/api/v1/audit-pack?until=2026-01-01", 400, nil)
	})
}
