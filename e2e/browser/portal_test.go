package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// solve takes an incident of the portal to where the customer is asked.
func (s *server) solve(t *testing.T, ref, how string) {
	t.Helper()
	s.api(t, "POST", "/incidents/"+ref+"/transitions/start", fields{"assignee": "kim"})
	s.api(t, "POST", "/incidents/"+ref+"/transitions/resolve", fields{"resolution": how, "resolution_code": "fixed"})
}

func last(path string) string { return path[strings.LastIndex(path, "/")+1:] }

func TestACustomerReportsAnswersAndConfirmsByMouse(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := open(t, w)
	b.signIn("amadou", "/portal")
	b.see("portal")
	b.leads(func() { b.click("link", "Something is not working") })
	b.see("portal, report")
	b.waive(422, "/portal/report")
	b.leads(func() { b.click("button", "Send") })
	b.reads("Say in a few words what is not working.")
	b.see("portal, report refused")
	b.fill("What is not working?", "The crane's screen stays black 🏗️")
	b.fill("Tell us more", "Since the storm.\nWe switched it off and on.")
	b.choose("Which service?", "Kundenbeziehungsmanagementsystem")
	b.click("field", "A few people")
	b.click("field", "Hardly")
	b.leads(func() { b.click("button", "Send") })
	b.at("/portal/matters/INC-")
	ref := last(b.where())
	b.reads("The crane's screen stays black 🏗️", "Received", "We switched it off and on.")
	b.see("portal, a matter")
	b.fill("Your answer", "It is **urgent** by now.")
	b.leads(func() { b.click("button", "Send") })
	b.until(`[...document.querySelectorAll('.tl strong')].some((e) => e.textContent === 'urgent')`)
	if got := w.incidentOf(t, ref); got["channel"] != "portal" || got["impact"] != 3.0 || got["urgency"] != 2.0 {
		t.Errorf("%s says channel %v, impact %v, urgency %v", ref, got["channel"], got["impact"], got["urgency"])
	}

	w.solve(t, ref, "A new cable.")
	b.goTo("/portal")
	b.reads("We believe this is solved. Is it?")
	b.leads(func() { b.click("link", "The crane's screen stays black") })
	b.see("portal, a matter to confirm")
	b.fill("What is still wrong?", "It is black again.")
	b.leads(func() { b.click("button", "No, it is not solved") })
	b.reads("It is black again.", "Being looked at")
	w.api(t, "POST", "/incidents/"+ref+"/transitions/resolve", fields{"resolution": "A new screen.", "resolution_code": "fixed"})
	b.goTo("/portal/matters/" + ref)
	b.leads(func() { b.click("button", "Yes, it is solved") })
	b.lacks("We believe this is solved")
	if got := w.incidentOf(t, ref)["state"]; got != "closed" {
		t.Errorf("the customer confirmed, and the record is %v", got)
	}
	b.leads(func() { b.click("link", "My matters") })
	b.see("portal, matters")
	b.leads(func() { b.click("link", "Done") })
	b.reads("The crane's screen stays black")
	for _, at := range []string{"/portal/search?q=crane", "/portal/search?q=nothingofthatkind", "/portal/promised", "/status", "/me"} {
		b.goTo(at)
		b.see("portal " + at)
	}
	b.goTo("/portal")
	b.leads(func() { b.click("button", "Deutsch") })
	b.reads("Wie können wir helfen?")
	b.see("portal in German")
	b.leads(func() { b.click("link", "Etwas melden") })
	b.see("portal, report in German")
}

func TestACustomerNeedsNoMouse(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := open(t, w)
	b.signIn("zoe", "/portal")
	b.key(kb.Tab)
	b.until(`document.activeElement.matches('.skip')`)
	b.focused("the link past the navigation")
	b.tabTo("link", "Something is not working")
	b.leads(func() { b.key(kb.Enter) })
	b.tabTo("field", "What is not working?")
	b.write("Die Registrierkassenverwaltung antwortet nicht")
	b.tabTo("field", "Tell us more")
	b.write("Heute früh ging es noch.")
	b.tabUntil("how many", `document.activeElement.name === 'many'`)
	b.key(" ")
	b.key(kb.ArrowDown)
	b.tabUntil("whether one can work", `document.activeElement.name === 'work'`)
	b.key(" ")
	b.tabTo("button", "Send")
	b.leads(func() { b.key(kb.Enter) })
	b.at("/portal/matters/INC-")
	ref := last(b.where())
	got := w.incidentOf(t, ref)
	if got["impact"] != 2.0 || got["urgency"] != 1.0 || got["description"] != "Heute früh ging es noch." {
		t.Errorf("%s says impact %v, urgency %v, description %v", ref, got["impact"], got["urgency"], got["description"])
	}
	b.tabTo("field", "Your answer")
	b.write("Bitte eilig")
	b.tabTo("button", "Send")
	b.leads(func() { b.key(kb.Enter) })
	b.reads("Bitte eilig")
	w.solve(t, ref, "Neu gestartet.")
	b.goTo("/portal/matters/" + ref)
	b.tabTo("button", "Yes, it is solved")
	b.leads(func() { b.key(kb.Enter) })
	if got := w.incidentOf(t, ref)["state"]; got != "closed" {
		t.Errorf("the customer confirmed, and the record is %v", got)
	}
	b.tabTo("button", "Français")
	b.leads(func() { b.key(kb.Enter) })
	b.until(`document.documentElement.lang === 'fr'`)
}

func TestThePortalNeedsNoScript(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := open(t, w)
	b.noScript()
	leads := func(path string, f func()) { // what a page remembers tells nothing here: scripts are off
		t.Helper()
		f()
		b.at(path)
		b.rest()
	}
	b.goTo("/signin?next=%2Fportal%2Freport")
	if js[bool](b, `!!window.htmx`) {
		t.Fatal("the page's script ran")
	}
	b.fill("User name", "amadou")
	b.fill("Password", password)
	leads("/portal/report", func() { b.click("button", "Sign in") })
	b.fill("What is not working?", "No script, no sound")
	b.click("field", "Only me")
	b.click("field", "Yes, it can wait")
	leads("/portal/matters/INC-", func() { b.click("button", "Send") })
	ref := last(b.where())
	b.reads("No script, no sound")
	b.fill("Your answer", "Loudspeaker, not headphones")
	leads("/portal/matters/"+ref, func() { b.click("button", "Send") })
	b.reads("Loudspeaker, not headphones")
	w.solve(t, ref, "Volume up.")
	b.goTo("/portal/matters/" + ref)
	leads("/portal/matters/"+ref, func() { b.click("button", "Yes, it is solved") })
	b.until(`!document.body.innerText.includes('We believe this is solved')`)
	if got := w.incidentOf(t, ref)["state"]; got != "closed" {
		t.Errorf("the customer confirmed, and the record is %v", got)
	}
}
