package proof_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"steward/sms/conformity/guidance"
)

func TestGuidanceAndPlanAreToldAndDescribed(t *testing.T) {
	onBoth(t, func(d *desk) {
		var one struct {
			Clause, Title, Wants, Ten, Auditor string
			Findings, Processes, Resources     []string
			Phase                              int
		}
		d.get("aud", "/api/v1/guidance/8.6.1", 200, &one)
		g, _ := guidance.Of("8.6.1")
		if one.Clause != "8.6.1" || one.Wants != g.Wants || one.Ten != g.Ten || len(one.Findings) != len(g.Findings) || one.Phase != 5 || one.Resources[0] != "/api/v1/incidents" {
			d.Errorf("%+v", one)
		}
		var all struct{ Items []struct{ Clause string } }
		d.get("own", "/api/v1/guidance", 200, &all)
		if len(all.Items) != len(guidance.All()) {
			d.Errorf("%d clauses", len(all.Items))
		}
		d.get("aud", "/api/v1/guidance/8.6", 404, nil) // holds no requirements itself
		for _, path := range []string{"/api/v1/guidance", "/api/v1/guidance/4.1", "/api/v1/implementation-plan"} {
			d.get("ann", path, 403, nil)
			d.get("rita", path, 403, nil)
		}

		type plan struct {
			Items []struct {
				Key                               string
				Number, Requirements, Held, Share int
				Done                              bool
				Next                              []struct{ Requirement, State string }
			}
		}
		share := func(path string) int {
			d.Helper()
			var p plan
			d.get("mgr", path, 200, &p)
			if len(p.Items) != 8 || p.Items[4].Key != "resolution" || len(p.Items[4].Next) == 0 {
				d.Fatalf("%+v", p)
			}
			return p.Items[4].Held
		}
		if n := share("/api/v1/implementation-plan"); n != 0 {
			d.Errorf("with nothing at hand %d requirements of resolution hold", n)
		}
		d.do("incident", map[string]any{"title": "slow", "description": "it is slow", "reporter": "ann"})
		if n := share("/api/v1/implementation-plan"); n != 1 { // 8.6.1-02: it has a priority by the matrix
			d.Errorf("with one incident %d requirements of resolution hold", n)
		}
		if n := share("/api/v1/implementation-plan?as_of=2020-01-01"); n != 0 {
			d.Errorf("in 2020 %d held", n)
		}
		d.get("mgr", "/api/v1/implementation-plan?as_of=2999-01-01", 400, nil)

		r := httptest.NewRequest(http.MethodGet, "/api/openapi.json", nil)
		w := httptest.NewRecorder()
		d.door.ServeHTTP(w, r)
		for _, path := range []string{`"/api/v1/guidance/{clause}"`, `"/api/v1/implementation-plan"`} {
			if !strings.Contains(w.Body.String(), path) {
				d.Errorf("the description does not name %s", path)
			}
		}
	})
}
