package browser

import (
	"net/http"
	"strings"
	"testing"
)

func TestAnotherCustomersRecordIsNowhere(t *testing.T) {
	t.Parallel()
	w := world(t)
	ref := w.incident(t, "Confidential: the harbour's new tariff")
	b := open(t, w)
	b.signIn("zoe", "/portal")
	type answer struct {
		Status int
		Text   string
	}
	ask := func(path string, headers string) answer {
		t.Helper()
		return js[answer](b, `fetch(`+quote(path)+`, { headers: `+headers+`, redirect: 'manual' }).then(async (r) => ({ Status: r.status, Text: await r.text() }))`)
	}
	b.waive(http.StatusNotFound, "")
	in := "/incidents/" + ref
	for _, path := range []string{"/portal/matters/" + ref, "/portal/matters/" + ref + "/files/00000000-0000-7000-8000-000000000000", in, in + "/edit", in + "/history", in + "/timeline", in + "/preview", in + "/do/start", in + "/versions",
		"/incidents", "/major/" + ref, "/customers/CUS-1", "/incidents/bulk?ref=" + ref, "/incidents/similar?title=tariff", "/palette?q=tariff", "/search?q=tariff", "/cockpit", "/accounts", "/start"} {
		for _, headers := range []string{`{}`, `{ 'HX-Request': 'true' }`} { // as a page, and as a part of one
			if a := ask(path, headers); a.Status != http.StatusNotFound {
				t.Errorf("%s with %s: %d", path, headers, a.Status)
			}
		}
	}
	b.goTo("/portal/matters/" + ref)
	b.reads("There is no such page")
	b.see("another customer's record")
	for _, path := range []string{"/portal", "/portal/matters", "/portal/search?q=tariff", "/status", "/status/feed.xml", "/lookup/*?q=tariff", "/lookup/incident?q=" + ref, "/inbox"} {
		if a := ask(path, `{}`); a.Status == http.StatusOK && (strings.Contains(a.Text, "new tariff") || strings.Contains(a.Text, "/"+ref)) {
			t.Errorf("%s shows it", path)
		}
	}
	for _, path := range []string{"/portal/matters/" + ref + "/answer", "/portal/matters/" + ref + "/confirm", "/portal/matters/" + ref + "/reopen", in + "/comments", in + "/do/resolve"} {
		got := js[int](b, `fetch(`+quote(path)+`, { method: 'POST', body: new URLSearchParams({ body: 'x', why: 'x', resolution: 'x' }) }).then((r) => r.status)`)
		if got != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, got)
		}
	}
	b.hold()
	b.waive(http.StatusNotFound, "/nowhere")
	b.goTo("/nowhere")
	b.see("no such page")
}
