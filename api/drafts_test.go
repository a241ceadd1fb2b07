package api_test

import (
	"strings"
	"testing"
)

// An offer that is still being negotiated is nobody's business but that of those who write it.
func TestACustomerSeesNothingOfAVersionThatIsNotApproved(t *testing.T) {
	onBoth(t, func(w *world) {
		w.promise()
		body := map[string]any{"title": "Hosting", "customer": w.acme, "calendar": "CAL-1", "description": "secret offer",
			"targets": []any{map[string]any{"kind": "response", "priority": 1, "duration": "PT30M"}}}
		ref := w.call("olga", "POST", "/agreements", body).is(201).text("ref")
		w.call("olga", "GET", "/agreements/"+ref, nil).is(200).want("version.state", "draft")
		for _, path := range []string{"/agreements/" + ref, "/agreements?sort=-id", "/agreements/" + ref + "/history"} {
			for _, who := range []string{"rita", "carl"} {
				g := w.call(who, "GET", path, nil).is(200)
				if s := g.Raw; strings.Contains(s, "PT30M") {
					t.Errorf("%s sees at %s what is only in a draft: %s", who, path, s)
				}
			}
		}
		for who, want := range map[string]float64{"rita": 0, "olga": 1} {
			w.call(who, "GET", "/agreements/count?filter=version_state+%3D+%22draft%22", nil).is(200).want("count", want)
		}
	})
}
