package api_test

import (
	"io"
	"log/slog"
	"regexp"
	"sort"
	"strings"
	"testing"
)

func logTo(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

func TestTheIndexTellsOfEveryProcess(t *testing.T) {
	onBoth(t, func(w *world) {
		g := w.call("ann", "GET", "/", nil).is(200)
		list := g.at("resources").([]any)
		if len(list) != len(w.sys.Registry.All) {
			t.Errorf("%d of %d", len(list), len(w.sys.Registry.All))
		}
		for i, p := range w.sys.Registry.All {
			x := list[i].(map[string]any)
			if x["process"] != p.Name || x["resource"] != p.Resource || x["versioned"] != p.Versioned || len(x["states"].([]any)) != len(p.States) || len(x["transitions"].([]any)) != len(p.Transitions) {
				t.Errorf("%s: %v", p.Name, x)
			}
		}
		s := w.call("ann", "GET", "/incidents/schema", nil).is(200)
		s.want("schema.properties.priority.maximum", 5).want("schema.properties.title.maxLength", 300).want("schema.properties.opened_at.readOnly", true).
			want("schema.properties.state.enum", "[new assigned in_progress pending resolved closed cancelled]").want("schema.properties.service.x-ref", "service").want("states.0.phase", "open")
		if !strings.Contains(s.Raw, `"name":"resolve"`) || !strings.Contains(s.Raw, `"needs":["resolution","resolution_code"]`) || !strings.Contains(s.Raw, `"name":"parent_of"`) {
			t.Errorf("%.900s", s.Raw)
		}
		w.call("olga", "POST", "/custom-fields", map[string]any{"title": "Floor", "process": "incident", "name": "floor", "kind": "int"}).is(201)
		w.call("ann", "GET", "/incidents/schema", nil).is(200).want("schema.properties.custom.properties.floor.x-kind", "int")
		w.incident("ann", "custom", map[string]any{"floor": 3}).want("custom.floor", 3)
		w.call("ann", "GET", "/incidents?filter=custom.floor+%3D+3", nil).is(200).want("items.0.ref", "INC-1")
	})
}

func TestTheDescriptionHoldsEveryRoute(t *testing.T) {
	onBoth(t, func(w *world) {
		g := w.call("", "GET", "/api/openapi.json", nil).is(200).want("openapi", "3.1.0")
		paths := g.at("paths").(map[string]any)
		n := 0
		ids := map[string]bool{}
		for path, ops := range paths {
			for method, op := range ops.(map[string]any) {
				n++
				id := op.(map[string]any)["operationId"].(string)
				if ids[id] {
					t.Errorf("%s is there twice", id)
				}
				ids[id] = true
				// What stands there is answered: never 404 for the path or 405 for the method.
				if strings.HasSuffix(path, "stream") {
					continue
				}
				at := regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(path, "x")
				a := w.call("", strings.ToUpper(method), "="+at, nil)
				if a.Status == 405 || a.Status == 404 {
					t.Errorf("%s %s is described and answered %d", method, path, a.Status)
				}
			}
		}
		if n < 100 {
			t.Errorf("only %d operations", n)
		}
		names := g.at("components.schemas").(map[string]any)
		for _, m := range regexp.MustCompile(`"#/components/schemas/([^"]*)"`).FindAllStringSubmatch(g.Raw, -1) {
			if names[m[1]] == nil {
				t.Errorf("schema %s is named and not there", m[1])
			}
		}
	})
}

func TestTheDocumentationRunsNoScriptAndLoadsNothingFromElsewhere(t *testing.T) {
	onBoth(t, func(w *world) {
		g := w.call("", "GET", "/api/docs", nil).is(200)
		if strings.Contains(g.Raw, "<script") || strings.Contains(g.Raw, "style=") || strings.Contains(g.Raw, "http://") || strings.Contains(g.Raw, "https://") || !strings.Contains(g.Raw, "/incidents/{id}/transitions/{name}") {
			t.Errorf("%.300s", g.Raw)
		}
		w.call("", "GET", "/api/docs/style.css", nil).is(200)
	})
}

func TestOnlyWhatIsListedHereIsAnsweredWithoutSigningIn(t *testing.T) {
	onBoth(t, func(w *world) {
		open := []string{}
		for path, ops := range w.call("", "GET", "/api/openapi.json", nil).is(200).at("paths").(map[string]any) {
			for method, op := range ops.(map[string]any) {
				if len(op.(map[string]any)["security"].([]any)) == 0 {
					open = append(open, method+" "+path)
					continue
				}
				if g := w.call("", strings.ToUpper(method), "="+path, nil); g.Status != 401 {
					t.Errorf("%s %s without a token: %d", method, path, g.Status)
				}
			}
		}
		sort.Strings(open)
		if got := strings.Join(open, ", "); got != "get /, get /api/docs, get /api/docs/style.css, get /api/openapi.json, get /healthz, get /metrics, get /readyz" {
			t.Errorf("open: %s", got)
		}
	})
}
