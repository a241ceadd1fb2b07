package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

func TestAnAgentWorksThroughTheQueueByMouse(t *testing.T) {
	t.Parallel()
	w := world(t)
	ref := w.incident(t, "Label printer of hall twelve is dead")
	b := open(t, w)
	b.goTo("/")
	b.at("/signin?next=")
	b.see("sign-in")
	b.fill("User name", "jana")
	b.fill("Password", "not the password")
	b.waive(422, "/signin")
	b.leads(func() { b.click("button", "Sign in") })
	b.reads("User name or password is wrong.")
	b.see("sign-in, refused")
	b.fill("Password", password)
	b.leads(func() { b.click("button", "Sign in") })
	b.at("/incidents")
	b.see("queue")

	b.click("button", "Filter")
	b.fill("Filter as an expression", `title ~ "hall twelve"`)
	b.leads(func() { b.key(kb.Enter) })
	b.reads(ref, "1 of 1")
	b.see("queue, filtered")
	b.leads(func() { b.click("link", "Remove filter Title contains hall twelve") })
	b.lacks("1 of 1")
	b.click("button", "Filter")
	b.fill("Filter as an expression", `title ~~ (`)
	b.waive(400, "/incidents")
	b.leads(func() { b.key(kb.Enter) })
	b.until(`document.querySelector('#filter-e')`)
	if got := b.value("#filter"); got != `title ~~ (` {
		t.Errorf("what was typed is gone: %q", got)
	}
	b.see("queue, a filter that cannot be read")

	b.goTo(`/incidents?view=all&filter=` + escape(`title ~ "hall twelve"`))
	b.click("link", "Label printer of hall twelve is dead")
	b.rest()
	b.at("/incidents/" + ref)
	b.see("record")
	b.click("field", "Internal note")
	b.fill("What you write", "Ask the port: is there power?")
	b.leads(func() { b.click("button", "Send") })
	b.reads("Ask the port: is there power?")
	b.until(`document.querySelector('.tl__box--int')`)
	b.click("field", "Reply to customer")
	b.fill("What you write", "We are **on our way**.")
	b.leads(func() { b.click("button", "Send") })
	b.until(`[...document.querySelectorAll('.tl__box:not(.tl__box--int) strong')].some((e) => e.textContent === 'on our way')`)
	b.see("record, with answers")

	b.leads(func() { b.click("link", "Start") })
	b.see("a step")
	b.find("Assignee", "Jana", "Jana Petersen")
	b.leads(func() { b.click("button", "Start") })
	b.reads("In progress")
	b.leads(func() { b.click("link", "Resolve") })
	b.fill("Resolution", "Plugged in.")
	b.fill("Resolution code", "fixed")
	b.leads(func() { b.click("button", "Resolve") })
	b.reads("Resolved")
	got := w.incidentOf(t, ref)
	if got["state"] != "resolved" || got["resolution"] != "Plugged in." {
		t.Errorf("the record says %v, %v", got["state"], got["resolution"])
	}
	b.leads(func() { b.click("link", "History") })
	b.see("history")
	for _, at := range []string{"/my-work", "/inbox", "/approvals", "/tasks", "/search?q=vpn", "/major", "/services", "/services/SVC-1", "/status", "/incidents/" + ref + "/edit", "/me"} {
		b.goTo(at)
		b.see(at)
	}
}

func TestAnAgentNeedsNoMouse(t *testing.T) {
	t.Parallel()
	w := world(t)
	first := w.incident(t, "Quayside crane A does not answer")
	second := w.incident(t, "Quayside crane B does not answer")
	b := open(t, w)
	b.signIn("kim", "/incidents?view=all&sort=id&filter="+escape(`title ~ "quayside crane"`))
	current := func(ref string) {
		t.Helper()
		b.until(`document.querySelector('tr.row--sel')?.dataset.ref === ` + quote(ref))
	}
	b.key("j")
	b.key("k")
	current(first)
	b.key("j")
	current(second)
	b.focused("the row")

	// c: where the preview is, its box has the focus; what is written is sent by Tab and Enter.
	b.until(`document.querySelector('#q-prev')?.dataset.ref === ` + quote(second))
	b.rest()
	b.key("c")
	b.until(`document.activeElement.id === 'q-body'`)
	b.write("We call the crane.")
	b.tabTo("button", "Send")
	b.key(kb.Enter)
	b.until(`document.querySelector('#q-prev .tl')?.textContent.includes('We call the crane.')`)
	b.rest()

	// a: a dialog that takes the focus, and gives it back.
	b.tabUntil("the current row", `document.activeElement.closest('tr.row--sel')`)
	b.key("a")
	b.until(`document.querySelector('#q-dialog').open`)
	b.see("queue, assign in a dialog")
	b.until(`document.querySelector('#q-dialog').contains(document.activeElement)`)
	b.tabTo("field", "Assignee")
	b.write("Kim")
	b.tabTo("button", "Assign")
	b.key(kb.Enter)
	b.until(`document.querySelector('#q-dialog [data-done]')`)
	b.key(kb.Escape)
	b.until(`!document.querySelector('#q-dialog').open && document.activeElement.closest('tr.row--sel')`)
	b.rest()
	if got := w.incidentOf(t, second)["assignee"]; got == nil || got == "" {
		t.Error("nobody is assigned")
	}

	// i: at once, told in a live region, and undone.
	b.key("k")
	current(first)
	b.key("i")
	b.until(`document.querySelector('#toasts').textContent.includes(` + quote(first) + `) || document.querySelector('#toasts a, #toasts button')`)
	b.rest()
	if got := w.incidentOf(t, first)["assignee"]; got == nil || got == "" {
		t.Error("nobody is assigned")
	}

	// o: the record; e, s, c and Ctrl-Enter there.
	b.leads(func() { b.key("o") })
	b.at("/incidents/" + first)
	b.key("c")
	b.write("A note by keys")
	b.leads(func() { b.key(kb.Enter, chromedp.ModifierCtrl) })
	b.reads("A note by keys")
	b.leads(func() { b.key("s") })
	b.at("/incidents/" + first + "/do/")
	was := w.incidentOf(t, first)["state"]
	b.tabUntil("the step", `document.activeElement.matches('main button.btn--primary')`)
	b.leads(func() { b.key(kb.Enter) })
	if now := w.incidentOf(t, first)["state"]; now == was {
		t.Errorf("the step was not taken: still %v", now)
	}
	b.leads(func() { b.key("e") })
	b.at("/incidents/" + first + "/edit")
	b.tabTo("field", "Description")
	b.key("a", chromedp.ModifierCtrl)
	b.write("Seen by nobody with a mouse")
	b.tabTo("button", "Save")
	b.leads(func() { b.key(kb.Enter) })
	b.reads("Seen by nobody with a mouse")

	// The palette, from anywhere: by words, by ref, by command.
	b.key("/")
	b.until(`document.querySelector('dialog.pal[open] [role=option]')`)
	b.see("palette")
	b.write(second)
	b.until(`document.querySelector('dialog.pal [aria-selected=true]')?.textContent.includes(` + quote(second) + `)`)
	b.leads(func() { b.key(kb.Enter) })
	b.at("/incidents/" + second)
	b.key("k", chromedp.ModifierCtrl)
	b.until(`document.querySelector('dialog.pal[open]')`)
	b.write("new incident")
	b.until(`document.querySelector('dialog.pal [aria-selected=true]')?.textContent.toLowerCase().includes('new incident')`)
	b.leads(func() { b.key(kb.Enter) })
	b.at("/incidents/new")

	// A new incident, without a mouse; one that is alike is told meanwhile.
	b.tabTo("field", "Title")
	b.write("Quayside crane C does not answer")
	b.until(`document.querySelector('#similar').textContent.includes(` + quote(first) + `)`)
	b.see("a new incident")
	b.tabTo("field", "Customer")
	b.write("Hafen")
	b.tabTo("field", "Impact")
	b.write("M")
	b.tabTo("field", "Urgency")
	b.write("M")
	b.tabTo("button", "Record it")
	b.leads(func() { b.key(kb.Enter) })
	b.at("/incidents/INC-")
	b.reads("Quayside crane C does not answer", "Hafenlogistik Nord")

	b.key("?")
	b.until(`document.querySelector('dialog[open] dl')`)
	b.see("help for keys")
	b.key(kb.Escape)
	b.until(`!document.querySelector('dialog[open]')`)
}

func TestManyRecordsAreChangedAtOnceAndTakenBack(t *testing.T) {
	t.Parallel()
	w := world(t)
	var refs []string
	for _, x := range []string{"one", "two", "three"} {
		refs = append(refs, w.incident(t, "Scanner tray "+x))
	}
	b := open(t, w)
	b.signIn("jana", "/incidents?view=all&sort=id&filter="+escape(`title ~ "scanner tray"`))
	for _, ref := range refs {
		b.click("field", "Select "+ref)
	}
	b.reads("3 selected")
	b.see("queue, three selected")
	b.clickAt(`.bulk [value=field]`)
	b.until(`document.querySelector('#q-dialog').open`)
	b.click("button", "Category")
	b.until(`document.querySelector('#q-dialog input[type=text], #q-dialog .input')`)
	b.fill("Category", "scanner")
	b.click("button", "See what will change")
	b.until(`document.querySelector('#q-dialog table')`)
	b.see("many records, what will change")
	b.clickAt(`#q-dialog [value=apply]`)
	b.until(`document.querySelector('#q-dialog [data-done]')`)
	for _, ref := range refs {
		if got := w.incidentOf(t, ref)["category"]; got != "scanner" {
			t.Errorf("%s: %v", ref, got)
		}
	}
	b.click("button", "Undo")
	b.until(`document.querySelector('#q-dialog [data-done]')`)
	b.rest()
	for _, ref := range refs {
		if got := w.incidentOf(t, ref)["category"]; got == "scanner" {
			t.Errorf("%s was not taken back", ref)
		}
	}
}
