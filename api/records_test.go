package api_test

import (
	"testing"
)

func TestARecordIsMadeReadChangedAndMoved(t *testing.T) {
	onBoth(t, func(w *world) {
		made := w.incident("ann", "customer", w.acme, "service", w.mail, "tags", []string{"b", "a"})
		if made.Header.Get("ETag") != `"1"` || made.Header.Get("Location") != "/api/v1/incidents/"+made.text("id") {
			t.Errorf("headers: %v", made.Header)
		}
		made.want("ref", "INC-1").want("state", "new").want("priority", 3).want("resolution", nil).want("custom", "map[]").want("revision", 1).want("tags", "[a b]")
		for _, hidden := range []string{"num", "n", "disordered", "refs"} {
			if _, there := made.JSON[hidden]; there {
				t.Errorf("%s is answered", hidden)
			}
		}
		one := w.call("ann", "GET", made.Header.Get("Location")+"?expand=refs", nil).is(200)
		one.want("refs.service.ref", w.mail).want("refs.service.title", "E-mail").want("refs.customer.title", "Acme").want("links", "[]")
		changed := w.call("ann", "PATCH", "/incidents/INC-1", map[string]any{"title": "Mail stands still", "urgency": 1}, "If-Match", `"1"`).is(200)
		changed.want("title", "Mail stands still").want("revision", 2)
		moved := w.call("ann", "POST", "/incidents/INC-1/transitions/resolve", map[string]any{"resolution": "restarted", "resolution_code": "fixed", "comment": "it works again"}).is(200)
		moved.want("state", "resolved")
		w.call("ann", "GET", "/incidents/INC-1/comments", nil).is(200).want("items.0.body", "it works again")
		w.call("ann", "GET", "/incidents/inc-1", nil).is(200)
	})
}
