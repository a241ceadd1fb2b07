package browser

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

func TestALeaderGoesFromAClauseToItsEvidenceByMouse(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := open(t, w)
	b.signIn("maren", "/cockpit")
	b.reads("Clauses 4 to 10")
	b.see("cockpit")
	b.leads(func() { b.clickAt(`a.cm__t[href^="/cockpit/clauses/8.6"]`) })
	b.at("/cockpit/clauses/8.6")
	b.see("cockpit, a clause")
	b.leads(func() { b.click("link", "8.6.1-01") })
	b.at("/cockpit/requirements/8.6.1-01")
	b.see("cockpit, a requirement")
	b.until(`document.querySelector('main a[href^="/incidents/INC-"]')`)
	b.leads(func() { b.clickAt(`main a[href^="/incidents/INC-"]`) })
	b.at("/incidents/INC-")

	// As of a day before anything was kept, nothing holds, and the way down keeps to that day.
	day := time.Now().AddDate(0, 0, -30).Format(time.DateOnly)
	b.goTo("/cockpit?as_of=" + day)
	b.see("cockpit, as of a day")
	if n := js[string](b, `[...document.querySelectorAll('.cm__k a')].find((a) => a.textContent.includes('Conforms')).querySelector('.count').textContent`); n != "0" {
		t.Errorf("a month before the first record %s requirements conform", n)
	}
	b.leads(func() { b.clickAt(`a.cm__t[href^="/cockpit/clauses/8.6"]`) })
	b.until(`location.search.includes('as_of=` + day + `')`)
	b.leads(func() { b.click("link", "8.6.1-01") })
	b.until(`location.search.includes('as_of=` + day + `')`)
	b.see("cockpit, a requirement as of a day")
}

func TestALeaderNeedsNoMouse(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := open(t, w)
	b.signIn("maren", "/cockpit")
	b.tabUntil("clause 8.6", `document.activeElement.matches('a.cm__t[href^="/cockpit/clauses/8.6"]')`)
	b.leads(func() { b.key(kb.Enter) })
	b.tabTo("link", "8.6.1-01")
	b.leads(func() { b.key(kb.Enter) })
	b.tabUntil("evidence", `document.activeElement.matches('main a[href^="/incidents/INC-"]')`)
	b.leads(func() { b.key(kb.Enter) })
	b.at("/incidents/INC-")
	b.goTo("/cockpit")
	b.tabTo("field", "As of")
	b.write("10012025") // month, day, year: as the browser of an American asks
	b.tabTo("button", "Show")
	b.leads(func() { b.key(kb.Enter) })
	b.at("/cockpit?as_of=2025-10-01")
}
