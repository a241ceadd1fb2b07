package cockpit_test

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/kernel/ledger"
	"steward/sms/conformity/pack"
	"steward/web/webtest"
)

func TestThoseWhoMayTakeAnAuditPackAreOfferedOneAndGetOneThatHolds(t *testing.T) {
	s := webtest.Open(t)
	acme := s.Do("customer", "", "create", "", "title", "Acme")
	s.User("audrey", "", "auditor")
	s.User("mia", "", "manager")
	s.User("olga", "", "process_owner")
	s.User("rita", acme, "requester")
	key, err := ledger.NewVerifier(s.Sys.VerifierKey)
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().UTC()
	from, to := today.AddDate(0, -1, 0).Format(time.DateOnly), today.Format(time.DateOnly)
	for _, name := range []string{"audrey", "mia"} {
		b := s.Browser(name)
		if home := b.Get("/cockpit"); !strings.Contains(home.Body, `href="/cockpit/audit-pack"`) {
			t.Errorf("the cockpit does not offer it to %s", name)
		}
		if form := b.Get("/cockpit/audit-pack"); form.Status != 200 || !strings.Contains(form.Body, `name="seed"`) {
			t.Errorf("%s: the form answers %d", name, form.Status)
		}
		got := b.Post("/cockpit/audit-pack", "from", from, "to", to, "seed", "my own")
		if got.Status != 200 || got.Header.Get("Content-Type") != "application/zip" || !strings.HasPrefix(got.Header.Get("Content-Disposition"), `attachment; filename="audit-pack-`+from) {
			t.Fatalf("%s: %d, %v", name, got.Status, got.Header)
		}
		rep, err := pack.Verify(context.Background(), bytes.NewReader([]byte(got.Body)), int64(len(got.Body)), []note.Verifier{key}, nil)
		if err != nil || !rep.Holds() || rep.About.By != name || rep.About.Seed != "my own" {
			t.Errorf("%s: %v, %+v, %v", name, err, rep.About, rep.Fault)
		}
		if wrong := b.Post("/cockpit/audit-pack", "from", to, "to", from); wrong.Status != 400 || !strings.Contains(wrong.Text(), "the period has to begin before it ends") {
			t.Errorf("a period that ends before it begins: %d, %s", wrong.Status, wrong.Text())
		}
	}
	for name, want := range map[string]int{"olga": 403, "rita": 404} {
		b := s.Browser(name)
		if home := b.Get("/cockpit"); strings.Contains(home.Body, "/cockpit/audit-pack") {
			t.Errorf("the cockpit offers it to %s", name)
		}
		if got := b.Get("/cockpit/audit-pack").Status; got != want {
			t.Errorf("%s opens the form: %d", name, got)
		}
		if got := b.Post("/cockpit/audit-pack", "from", from, "to", to); got.Status != want || strings.HasPrefix(got.Body, "PK") {
			t.Errorf("%s gets %d", name, got.Status)
		}
	}
}
