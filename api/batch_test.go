package api_test

import (
	"fmt"
	"testing"
)

func cmd(method, path string, body any, more ...any) map[string]any {
	c := map[string]any{"method": method, "path": path}
	if body != nil {
		c["body"] = body
	}
	for i := 0; i+1 < len(more); i += 2 {
		c[more[i].(string)] = more[i+1]
	}
	return c
}

func TestABatchIsAllOrNothingWhenItSaysSo(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incident("ann", "customer", w.acme)
		type set = map[string]any
		good := []any{
			cmd("POST", "/incidents", set{"title": "parent"}),
			cmd("POST", "/api/v1/incidents", set{"title": "child"}),
			cmd("POST", "/incidents/$1/links", set{"kind": "child_of", "to": "$0"}),
			cmd("POST", "/incidents/$0/comments", set{"body": "$0 costs more"}),
			cmd("PATCH", "/incidents/$1", set{"title": "child changed"}, "if_match", "*"),
			cmd("POST", "/incidents/INC-1/transitions/start", nil),
			cmd("PATCH", "/incidents/INC-1", set{"category": "x"}, "if_match", `"2"`),
		}
		g := w.call("ann", "POST", "/batch", set{"atomic": true, "commands": good}).is(200)
		for i, status := range []int{201, 201, 201, 201, 200, 200, 200} {
			g.want(fmt.Sprintf("results.%d.status", i), status)
		}
		g.want("results.0.body.ref", "INC-2").want("results.2.body.to.id", g.at("results.0.body.id")).want("results.3.body.body", "$0 costs more").want("results.4.body.title", "child changed").want("results.5.body.state", "in_progress")
		bad := append(append([]any{}, good[:2]...), cmd("POST", "/incidents", set{"title": "", "nonsense": 1}))
		g = w.call("ann", "POST", "/batch", set{"atomic": true, "commands": bad}).is(422)
		g.want("results.2.status", 422).want("results.0.status", 424).want("type", "urn:steward:problem:refused")
		w.call("ann", "GET", "/incidents/count", nil).want("count", 3)
		g = w.call("ann", "POST", "/batch", set{"atomic": true, "commands": []any{cmd("PATCH", "/incidents/INC-1", set{"category": "y"}, "if_match", `"1"`)}}).is(412)
		g.want("results.0.status", 412).want("results.0.body.current.revision", 3)
	})
}

func TestABatchCarriesOutEachOnItsOwnOtherwise(t *testing.T) {
	onBoth(t, func(w *world) {
		type set = map[string]any
		w.incident("carl")
		g := w.call("ann", "POST", "/batch", set{"commands": []any{
			cmd("POST", "/incidents", set{"title": "one"}),
			cmd("POST", "/incidents", set{"title": ""}),
			cmd("POST", "/incidents/$0/comments", set{"body": "a"}),
			cmd("PATCH", "/incidents/$0/comments/$2", set{"body": "b"}),
			cmd("PATCH", "/incidents/$0", set{"title": "x"}),
			cmd("POST", "/incidents/$1/comments", set{"body": "a"}),
			cmd("POST", "/incidents/$9/comments", set{"body": "a"}),
			cmd("GET", "/incidents", nil),
			cmd("POST", "/nonsense", nil),
			cmd("POST", "/incidents?x=1", nil),
			cmd("POST", "/incidents", set{"title": "two"}),
		}}).is(200)
		for i, status := range []int{201, 422, 201, 200, 428, 422, 422, 405, 404, 422, 201} {
			g.want(fmt.Sprintf("results.%d.status", i), status)
		}
		g.want("results.3.body.body", "b")
		// A batch reaches no further than its caller.
		g = w.call("rob", "POST", "/batch", set{"commands": []any{cmd("PATCH", "/incidents/INC-1", set{"title": "x"}, "if_match", "*"), cmd("POST", "/incidents/INC-1/comments", set{"body": "x"}), cmd("POST", "/incidents", set{"title": "mine"})}}).is(200)
		g.want("results.0.status", 404).want("results.1.status", 404).want("results.2.status", 201).want("results.2.body.customer", w.call("rob", "GET", "/me", nil).at("customer"))
	})
}

func TestABatchTakesAThousandCommandsAndNoMore(t *testing.T) {
	onBoth(t, func(w *world) {
		var many []any
		for i := range 1000 {
			many = append(many, cmd("POST", "/incidents", map[string]any{"title": fmt.Sprint("no ", i)}))
		}
		g := w.call("ann", "POST", "/batch", map[string]any{"atomic": true, "commands": many}).is(200)
		if n := len(g.at("results").([]any)); n != 1000 {
			t.Errorf("%d results", n)
		}
		w.call("ann", "GET", "/incidents/count", nil).want("count", 1000)
		w.call("ann", "POST", "/batch", map[string]any{"commands": append(many, many[0])}).is(422)
		w.call("ann", "POST", "/batch", map[string]any{"commands": []any{}}).is(422)
		w.call("ann", "POST", "/batch", map[string]any{"commands": 5}).is(422)
		w.call("ann", "POST", "/batch", map[string]any{"atomic": "yes", "commands": many[:1]}).is(422)
		w.call("ann", "POST", "/batch", map[string]any{"commands": []any{map[string]any{"verb": "x"}}}).is(422)
	})
}

func TestARepeatedBatchGoesOnWhereItBrokeOff(t *testing.T) {
	onBoth(t, func(w *world) {
		type set = map[string]any
		body := set{"commands": []any{cmd("POST", "/incidents", set{"title": "a"}), cmd("POST", "/incidents/$0/comments", set{"body": "b"})}}
		one := w.call("ann", "POST", "/batch", body, "Idempotency-Key", "k").is(200)
		two := w.call("ann", "POST", "/batch", body, "Idempotency-Key", "k").is(200)
		if one.Raw != two.Raw {
			t.Errorf("%s\n%s", one.Raw, two.Raw)
		}
		w.forgetKey("ann", "k") // as if the process had died before the last row
		three := w.call("ann", "POST", "/batch", body, "Idempotency-Key", "k").is(200)
		if three.at("results.0.body.id") != one.at("results.0.body.id") || three.at("results.1.body.id") != one.at("results.1.body.id") {
			t.Errorf("%s\n%s", one.Raw, three.Raw)
		}
		w.call("ann", "GET", "/incidents/count", nil).want("count", 1)
	})
}
