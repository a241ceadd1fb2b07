package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// draft makes a document whose first version is a draft.
func (s *server) draft(t *testing.T, title, body string) string {
	t.Helper()
	return s.make(t, "documents", fields{"title": title, "kind": "policy", "classification": "internal", "owner": "birgit", "body": body, "format": "text", "medium": "electronic", "language": "en",
		"retention": "P6Y", "retention_rule": "tax law", "location": "Steward", "review_interval": "P1Y", "distribution": []fields{{"role": "agent", "must_know": true}}})
}

func TestADocumentIsWrittenComparedApprovedAndAcknowledgedByMouse(t *testing.T) {
	t.Parallel()
	w := world(t)
	ref := w.draft(t, "Policy on passwords", "Passwords have **eight** letters.\n\nThey are changed every month.")
	at := "/documents/" + ref
	b := open(t, w)
	b.signIn("birgit", "/documents?filter="+escape(`title ~ "passwords"`))
	b.see("documents")
	b.leads(func() { b.click("link", "Policy on passwords") })
	b.see("a document")
	b.leads(func() { b.click("link", "Versions") })
	b.see("versions")
	b.leads(func() { b.click("link", "Edit") })
	b.see("a version, edited")
	b.fill("Body", "Passwords have **fourteen** letters.\n\nThey are changed when somebody knows them.")
	b.fill("Reason for the change", "NIST says so")
	b.leads(func() { b.click("button", "Save the draft") })
	b.reads("fourteen")
	b.leads(func() { b.click("button", "Hand in for approval") })
	b.see("a version, handed in")

	m := open(t, w)
	m.signIn("maren", at+"/versions/1")
	m.leads(func() { m.click("button", "Approve") })
	m.reads("Decided by")

	b.goTo(at + "/versions")
	b.leads(func() { b.click("button", "Begin a new version") })
	b.at(at + "/versions/2/edit")
	b.fill("Body", "Passwords have **sixteen** letters.\n\nThey are changed when somebody knows them.")
	b.fill("Reason for the change", "Longer is better")
	b.leads(func() { b.click("button", "Save the draft") })
	b.leads(func() { b.click("link", "Compare with version 1") })
	b.until(`document.querySelector('.vers__d ins')?.textContent === 'sixteen' && document.querySelector('.vers__d del')?.textContent === 'fourteen'`)
	b.see("versions compared")
	b.leads(func() { b.click("button", "Hand in for approval") })
	m.goTo(at + "/versions/2")
	m.fill("What is wrong with it", "Fifteen will do")
	m.leads(func() { m.click("button", "Send back") })
	b.goTo(at + "/versions/2")
	b.reads("Rejected")

	a := open(t, w)
	a.signIn("jana", "/my-work")
	a.see("my work, something to acknowledge")
	a.leads(func() { a.click("link", "Policy on passwords") })
	a.see("an acknowledgement")
	a.leads(func() { a.click("link", "Acknowledge") })
	a.leads(func() { a.click("button", "Acknowledge") })
	a.reads("Acknowledged")
}

func TestAProcessOwnerNeedsNoMouse(t *testing.T) {
	t.Parallel()
	w := world(t)
	ref := w.draft(t, "Policy on visitors", "Visitors **sign** a list.")
	at := "/documents/" + ref
	b := open(t, w)
	b.signIn("birgit", at+"/versions")
	b.tabTo("link", "Edit")
	b.leads(func() { b.key(kb.Enter) })
	b.tabTo("field", "Body")
	b.key("a", chromedp.ModifierCtrl)
	b.write("Visitors **wear** a badge.")
	b.tabTo("field", "Reason for the change")
	b.write("Lists get lost")
	b.tabTo("button", "Save the draft")
	b.leads(func() { b.key(kb.Enter) })
	b.reads("Visitors wear a badge.")
	b.tabTo("button", "Hand in for approval")
	b.leads(func() { b.key(kb.Enter) })

	m := open(t, w)
	m.signIn("maren", at+"/versions/1")
	m.tabTo("button", "Approve")
	m.leads(func() { m.key(kb.Enter) })
	m.reads("Decided by")

	a := open(t, w)
	a.signIn("kim", "/my-work")
	a.tabTo("link", "Policy on visitors")
	a.leads(func() { a.key(kb.Enter) })
	a.leads(func() { a.key("s") })
	a.tabUntil("the step", `document.activeElement.matches('main button.btn--primary')`)
	a.leads(func() { a.key(kb.Enter) })
	a.reads("Acknowledged")
}
