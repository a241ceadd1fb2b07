package browser

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestAnEmptySystemIsSetUpByMouseAndByKeyboard(t *testing.T) {
	t.Parallel()
	chromium(t)
	w := &server{dir: folder(t)}
	w.start(t, "127.0.0.1:0")
	t.Cleanup(func() {
		if err := w.stop(); err != nil {
			t.Error(err)
		}
	})
	if w.setup == "" {
		t.Fatal("a new system does not print where to begin")
	}
	b := open(t, w)
	b.goTo(w.setup)
	b.see("set-up")
	b.fill("Password", password)
	b.fill("Again", password)
	b.leads(func() { b.click("button", "Set the password") })
	b.see("set-up, done")
	b.leads(func() { b.click("link", "Sign in and take the first steps") })
	b.fill("User name", "admin")
	b.fill("Password", password)
	b.leads(func() { b.click("button", "Sign in") })
	b.at("/start")
	b.reads("First steps")
	b.see("first steps")
	b.leads(func() { b.click("link", "Name the team") })
	b.see("first steps, the team")
	b.waive(422, "/start/team")
	b.leads(func() { b.click("button", "Name the team") })
	b.see("first steps, refused")
	b.fill("Name of the team", "Service Desk")
	b.leads(func() { b.click("button", "Name the team") })
	b.at("/start")

	// The rest without a mouse.
	step := func(action string, pairs ...string) {
		t.Helper()
		b.tabTo("link", action)
		b.leads(func() { b.key(kb.Enter) })
		for i := 0; i < len(pairs); i += 2 {
			b.tabTo("field", pairs[i])
			b.write(pairs[i+1])
		}
		b.see("first steps, " + action)
		b.tabTo("button", action)
		b.leads(func() { b.key(kb.Enter) })
		b.until(`location.pathname === '/start'`)
	}
	step("Add a colleague", "Name", "Kim Özdemir", "Signs in as", "kim")
	step("Set the hours")
	step("Name a customer", "Name of the customer", "Hafenlogistik Nord")
	step("Name a service", "Name of the service", "E-mail")
	step("Write the agreement", "Customer", "Hafen", "Service hours", "Working")
	b.reads("somebody other than its author has to approve it")
	b.see("first steps, waiting for a colleague")
	for _, at := range []string{"/incidents", "/my-work", "/approvals", "/inbox", "/tasks", "/cockpit", "/documents", "/risks", "/major", "/services", "/status", "/accounts"} {
		b.goTo(at)
		b.see("empty " + at)
	}
}
