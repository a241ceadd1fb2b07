package api_test

import (
	"strings"
	"testing"
)

// F14: a reply to a merged ticket landed on the dead one, where nobody read it.
func TestF14AnAnswerOnAMergedIncidentReachesTheOneAtTheEndOfTheChain(t *testing.T) {
	onBoth(t, func(w *world) {
		for range 3 {
			w.call("rita", "POST", "/incidents", map[string]any{"title": "No mail"}).is(201)
		}
		merge := func(from, into string) *got {
			return w.call("ann", "POST", "/incidents/"+from+"/transitions/merge", map[string]any{"merged_into": into})
		}
		merge("INC-1", "INC-2").is(200)
		merge("INC-2", "INC-3").is(200)
		if g := merge("INC-3", "INC-1"); g.Status == 200 {
			t.Fatalf("a cycle of merges was taken: %s", g.Raw)
		}
		w.call("rita", "POST", "/incidents/INC-1/comments", map[string]any{"body": "still no mail"}).is(201)
		w.call("ann", "POST", "/incidents/INC-2/comments", map[string]any{"body": "it is the relay", "internal": true}).is(201)

		end := w.call("ann", "GET", "/incidents/INC-3/comments", nil).is(200)
		if n := len(end.items()); n != 2 {
			t.Fatalf("%d comments at the end of the chain: %s", n, end.Raw)
		}
		end.want("items.0.body", "still no mail").want("items.0.author", w.users["rita"]).want("items.0.internal", false)
		end.want("items.1.body", "it is the relay").want("items.1.author", w.users["ann"]).want("items.1.internal", true)
		w.call("ann", "GET", "/incidents/INC-1", nil).is(200).want("state", "cancelled")
		if s := w.call("rita", "GET", "/incidents/INC-3/comments", nil).is(200).Raw; strings.Contains(s, "relay") {
			t.Errorf("an internal note reached the customer: %s", s)
		}
	})
}
