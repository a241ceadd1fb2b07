package browser

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/chromedp"
)

// emulateNetwork is a command that every Chromium knows; cdproto has only the two that replace it in
// the newest.
var emulateNetwork = cdp.Command[conditions, cdp.Empty]{Method: "Network.emulateNetworkConditions"}

type conditions struct {
	Offline bool    `json:"offline"`
	Latency float64 `json:"latency"`
	Down    float64 `json:"downloadThroughput"`
	Up      float64 `json:"uploadThroughput"`
}

// offline takes the connection away, or gives it back.
func (b *tab) offline(on bool) {
	b.t.Helper()
	call(b, func(ctx context.Context, p conditions) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulateNetwork, p)
		return chromedp.Void{}, err
	}, conditions{Offline: on, Down: -1, Up: -1})
}

// signOut ends all sessions of somebody elsewhere, as an administrator may.
func (s *server) signOut(t *testing.T, name string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	admin := &http.Client{Jar: jar}
	ref, _ := s.api(t, "GET", "/users/"+name, nil)["ref"].(string)
	for _, step := range []struct {
		path string
		form url.Values
	}{{"/signin?next=/me", url.Values{"name": {"admin"}, "password": {password}}}, {"/accounts/" + ref + "/invite", url.Values{"kind": {"end"}}}} {
		res, err := admin.PostForm(s.url+step.path, step.form)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // only the status counts
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", step.path, res.StatusCode)
		}
	}
}

func TestTwoAgentsOnOneRecordBothKeepWhatTheyWrote(t *testing.T) {
	t.Parallel()
	w := world(t)
	ref := w.incident(t, "Two at the same crane")
	at := "/incidents/" + ref
	jana, kim := open(t, w), open(t, w)
	jana.signIn("jana", at+"/edit")
	kim.signIn("kim", at+"/edit")

	// Different fields: both land.
	kim.fill("Category", "hydraulics")
	kim.leads(func() { kim.click("button", "Save") })
	kim.at(at)
	jana.fill("Description", "It leaks oil on the quay.")
	jana.leads(func() { jana.click("button", "Save") })
	jana.at(at)
	if got := w.incidentOf(t, ref); got["category"] != "hydraulics" || got["description"] != "It leaks oil on the quay." {
		t.Fatalf("one of the two saves is lost: category %v, description %v", got["category"], got["description"])
	}

	// The same field: who comes later sees both, and what was typed stays in the form.
	jana.goTo(at + "/edit")
	kim.goTo(at + "/edit")
	kim.fill("Category", "electrics")
	kim.leads(func() { kim.click("button", "Save") })
	jana.fill("Category", "hydraulics of the boom")
	jana.waive(412, at)
	jana.leads(func() { jana.click("button", "Save") })
	jana.reads("Somebody else changed the same fields meanwhile.", "electrics")
	if got := jana.value("#f-category"); got != "hydraulics of the boom" {
		t.Errorf("what was typed is gone: %q", got)
	}
	jana.see("a stale save")
	jana.leads(func() { jana.click("button", "Save") })
	if got := w.incidentOf(t, ref)["category"]; got != "hydraulics of the boom" {
		t.Errorf("the second save wrote %v", got)
	}

	// A reply half written stays while the other changes the record, and is told of it.
	jana.goTo(at)
	jana.fill("What you write", "We are sending somebody with a seal")
	jana.until(`document.querySelector('[data-draft-state]').textContent === 'Draft kept'`)
	kim.goTo(at)
	kim.fill("What you write", "I called the harbour master")
	kim.leads(func() { kim.click("button", "Send") })
	jana.until(`!document.querySelector('#fresh').hidden`)
	jana.lacks("I called the harbour master")
	jana.see("record, something new is told")
	jana.click("link", "1 new, by Kim")
	jana.reads("I called the harbour master")
	if got := jana.value("#rp"); got != "We are sending somebody with a seal" {
		t.Errorf("the half written reply is %q", got)
	}
	jana.goTo(at) // reload
	if got := jana.value("#rp"); got != "We are sending somebody with a seal" {
		t.Errorf("after a reload the half written reply is %q", got)
	}
	kim.goTo(at)
	if got := kim.value("#rp"); got != "" {
		t.Errorf("a colleague finds the draft of another: %q", got)
	}
	kim.until(`document.querySelector('#presence').textContent.includes('Jana')`)
	jana.leads(func() { jana.click("button", "Send") })
	if got := jana.value("#rp"); got != "" {
		t.Errorf("what was sent stands in the form still: %q", got)
	}
}

func TestWhatIsTypedAtTheLastMomentSurvivesAClosedPage(t *testing.T) {
	t.Parallel()
	w := world(t)
	ref := w.incident(t, "Closed at once")
	b := open(t, w)
	b.signIn("jana", "/incidents/"+ref)
	b.fill("What you write", "Typed a blink before leaving")
	b.goTo("/my-work") // before the pause after which drafts are kept
	b.goTo("/incidents/" + ref)
	if got := b.value("#rp"); got != "Typed a blink before leaving" {
		t.Errorf("the form has %q", got)
	}
	b.goTo("/incidents/new")
	b.fill("Title", "Half a new incident")
	b.goTo("/incidents/new")
	if got := b.value("#f-title"); got != "Half a new incident" {
		t.Errorf("the new record has %q", got)
	}
	b.goTo("/incidents/" + ref + "/do/start")
	b.fill("Say something about it", "Half a step")
	b.goTo("/incidents/" + ref + "/do/start")
	if got := b.value("#f-comment"); got != "Half a step" {
		t.Errorf("the step has %q", got)
	}
}

func TestADroppedConnectionLosesNothingAndIsTold(t *testing.T) {
	t.Parallel()
	w := world(t)
	ref := w.incident(t, "The cable was cut")
	b := open(t, w)
	b.waive(0, "")
	b.waive(spoken, "htmx:")
	b.signIn("jana", "/incidents/"+ref)
	b.offline(true)
	b.fill("What you write", "Written on a train")
	b.until(`document.querySelector('[data-draft-state]').textContent.includes('No connection')`)
	b.see("record without a connection")
	b.click("button", "Send")
	time.Sleep(300 * time.Millisecond)
	if got := b.value("#rp"); got != "Written on a train" {
		t.Fatalf("after a try without a connection the form has %q", got)
	}
	b.offline(false)
	b.until(`document.querySelector('[data-draft-state]').textContent === 'Draft kept'`)
	b.leads(func() { b.click("button", "Send") })
	b.reads("Written on a train")

	// In the queue's preview, which htmx sends.
	b.goTo("/incidents?view=all&filter=" + escape(`title ~ "cable was cut"`))
	b.until(`document.querySelector('#q-body')`)
	b.clickAt("#q-body")
	b.write("Tunnel")
	b.offline(true)
	b.click("button", "Send")
	b.until(`document.querySelector('#toasts').textContent.includes('No connection')`)
	if got := b.value("#q-body"); got != "Tunnel" {
		t.Errorf("the preview has %q", got)
	}
	b.offline(false)
	b.click("button", "Send")
	b.until(`document.querySelector('#q-prev .tl')?.textContent.includes('Tunnel')`)
	b.rest()
}

func TestASessionThatEndsWhileSomebodyTypesLosesNothing(t *testing.T) {
	t.Parallel()
	w := world(t)
	ref := w.incident(t, "A long night")
	at := "/incidents/" + ref
	b := open(t, w)
	b.waive(401, "")
	b.waive(spoken, "htmx:")
	b.signIn("nils", at)
	b.fill("What you write", "Before the session ends, ")
	w.signOut(t, "nils")
	b.write("and after it.")
	b.until(`document.querySelector('[data-draft-state]').textContent.includes('signed out')`)
	b.see("record, signed out meanwhile")
	b.click("button", "Send")
	b.rest()
	if got := b.value("#rp"); got != "Before the session ends, and after it." {
		t.Fatalf("after a try without a session the form has %q", got)
	}
	// Signed in again in another tab, the same page sends it.
	again := b.another()
	again.signIn("nils", "/my-work")
	b.leads(func() { b.click("button", "Send") })
	b.reads("Before the session ends, and after it.")

	// The preview of the queue.
	b.goTo("/incidents?view=all&filter=" + escape(`title ~ "long night"`))
	b.until(`document.querySelector('#q-body')`)
	b.clickAt("#q-body")
	b.write("Said from the queue")
	w.signOut(t, "nils")
	b.click("button", "Send")
	b.until(`document.querySelector('#toasts').textContent.includes('signed out')`)
	if got := b.value("#q-body"); got != "Said from the queue" {
		t.Errorf("the preview has %q", got)
	}
}

func TestWithoutScriptASessionThatEndedHandsBackWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := open(t, w)
	b.noScript()
	b.waive(401, "/portal/report")
	b.goTo("/signin?next=%2Fportal%2Freport")
	b.fill("User name", "omar")
	b.fill("Password", password)
	b.click("button", "Sign in")
	b.at("/portal/report")
	b.rest()
	b.fill("What is not working?", "The gate stays shut")
	b.fill("Tell us more", "A long story\nof two lines & <angles>")
	b.click("field", "A department")
	b.click("field", "Hardly")
	w.signOut(t, "omar")
	b.click("button", "Send")
	b.reads("You are not signed in any more.")
	b.rest()
	b.see("signed out, with something typed")
	b.fill("User name", "omar")
	b.fill("Password", password)
	b.click("button", "Sign in")
	b.reads("A long story")
	b.rest()
	b.see("signed in again, with something typed")
	b.click("button", "Send it now")
	b.at("/portal/matters/INC-")
	b.reads("The gate stays shut", "of two lines & <angles>")
}

func TestAServerThatStartsAgainLosesNothing(t *testing.T) {
	t.Parallel()
	chromium(t)
	s := &server{dir: folder(t)}
	s.token = s.run(t, "", "token", "create", "--user", "admin")
	s.start(t, "127.0.0.1:0")
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	s.api(t, "POST", "/users/admin/password", fields{"password": password})
	s.user(t, "jana", "Jana Petersen", "", "agent")
	ref := s.make(t, "incidents", fields{"title": "Before the restart", "impact": 3, "urgency": 3})
	b := open(t, s)
	b.waive(0, "")
	b.waive(spoken, "htmx:")
	b.signIn("jana", "/incidents/"+ref)
	b.fill("What you write", "Kept, ")
	b.until(`document.querySelector('[data-draft-state]').textContent === 'Draft kept'`)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	b.write("and written while it was down.")
	b.until(`document.querySelector('[data-draft-state]').textContent.includes('No connection')`)
	s.start(t, strings.TrimPrefix(s.url, "http://"))
	b.leads(func() { b.click("button", "Send") })
	b.at("/incidents/" + ref)
	b.reads("Kept, and written while it was down.")
}
