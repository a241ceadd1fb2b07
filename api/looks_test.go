package api_test

import (
	"strings"
	"testing"

	"steward/kernel/storage"
	"steward/kernel/system"
)

func TestWhatAnAuditorLooksAtComesOnRecordAndWhatOthersLookAtDoesNot(t *testing.T) {
	onBoth(t, func(w *world) {
		w.call("ann", "POST", "/incidents", map[string]any{"title": "It broke", "impact": 3, "urgency": 3}).is(201)
		for _, who := range []string{"aud", "ann"} {
			w.call(who, "GET", "/incidents/INC-1", nil).is(200)
			w.call(who, "GET", "/incidents?filter=priority%20%3C%202", nil).is(200)
			w.call(who, "GET", "/incidents/INC-1/history", nil).is(200)
			w.call(who, "GET", "/incidents/INC-99", nil).is(404)
		}
		w.call("aud", "GET", "/incidents/export?format=csv", nil).is(200)
		w.call("aud", "GET", "/search?q=broke", nil).is(200)
		rows, err := w.sys.Looks(t.Context(), w.sys.Self(), system.LookQuery{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]*storage.Look{}
		for _, l := range rows {
			if l.At == 0 || l.Principal.IsZero() || l.Door != "api" {
				t.Errorf("a look says too little: %+v", l)
			}
			got[string(l.What)+" "+string(l.Asked)] = l
		}
		if len(rows) != 6 {
			t.Errorf("%d looks, not 6 of the auditor's", len(rows))
		}
		for key, shown := range map[string]bool{"record /api/v1/incidents/INC-1": true, "list /api/v1/incidents?filter=priority%20%3C%202": false, "history /api/v1/incidents/INC-1/history": true,
			"record /api/v1/incidents/INC-99": false, "export /api/v1/incidents/export?format=csv": false, "search /api/v1/search?q=broke": false} {
			l := got[key]
			if l == nil {
				t.Errorf("not on record: %s", key)
			} else if l.Record.IsZero() == shown {
				t.Errorf("%s: it names a record: %v", key, !l.Record.IsZero())
			}
		}
		if l := got["record /api/v1/incidents/INC-99"]; l != nil && l.Status != 404 {
			t.Errorf("what was refused is on record as %d", l.Status)
		}
		// Who sees them: administrators and top management all, others their own.
		w.call("aud", "GET", "/looks?principal=ann", nil).is(403)
		if n := len(w.call("ann", "GET", "/looks", nil).is(200).at("items").([]any)); n != 0 {
			t.Errorf("an agent sees %d looks", n)
		}
		if n := len(w.call("aud", "GET", "/looks?limit=200", nil).is(200).at("items").([]any)); n < 6 {
			t.Errorf("an auditor sees %d of their own looks", n)
		}
		if n := len(w.call("mia", "GET", "/looks?record=INC-1&principal=aud", nil).is(200).at("items").([]any)); n != 2 {
			t.Errorf("top management sees %d looks of the auditor at INC-1, not 2", n)
		}
		w.call("mia", "GET", "/looks?record=INC-77", nil).is(400)
		if raw := w.call("adm", "GET", "/looks?limit=200", nil).is(200).Raw; !strings.Contains(raw, `"what":"export"`) {
			t.Error("the administrator does not see the export")
		}
	})
}

func TestWhoOpensADocumentComesOnRecordWhoeverItIs(t *testing.T) {
	onBoth(t, func(w *world) {
		w.call("olga", "POST", "/documents", map[string]any{"title": "How we work", "kind": "procedure"}).is(201)
		w.call("olga", "GET", "/documents/DOC-1", nil).is(200)
		w.call("olga", "GET", "/documents", nil).is(200)
		rows, err := w.sys.Looks(t.Context(), w.sys.Self(), system.LookQuery{Process: "document"})
		if err != nil || len(rows) != 2 || rows[0].What != "list" || rows[1].What != "record" || rows[1].Record.IsZero() {
			t.Errorf("%d looks at documents (%v)", len(rows), err)
		}
	})
}
