// Package style is the living style guide: every component of web/look and of the style sheet, in
// every state, light beside dark and in both densities. It is drawn by the components themselves, so
// that it cannot be out of date.
//
// Start at [Routes]: /style, for the provider's people.
package style

import (
	"regexp"
	"sync"
	"time"

	"steward/web/look"
	"steward/web/page"
	"steward/web/static"
)

// Routes of the style guide.
func Routes() []page.Route {
	return []page.Route{{Pattern: "GET /style", For: page.Provider, Serve: show}}
}

type sample struct{ Name, Use string }

// The names that style sheet and symbols know; a test holds that each of them exists there.
var (
	states   = []sample{{"new", "Not begun"}, {"ring", "Open"}, {"quarter", "Begun"}, {"half", "In part"}, {"pause", "Waiting"}, {"done", "Done"}, {"check", "Confirmed"}, {"slash", "Given up"}, {"clock", "Stale"}, {"seal", "Attested"}, {"tri", "Look here"}, {"oct", "Gap"}, {"hex", "Stopped"}, {"q", "Not known"}, {"empty", "Nothing to judge"}}
	tones    = []string{"grey", "blue", "violet", "amber", "red", "green"}
	sizes    = []sample{{"26", "figures"}, {"20", "page titles"}, {"16", "lead"}, {"14", "text"}, {"13", "side and tables"}, {"12", "small print"}}
	personas = []string{"Jana Petersen", "خالد منصور", "Zoë Ångström-Überschär", "李 小龍"}
)

// long are words that break layouts: German compounds, names in other scripts, emoji.
var long = []string{"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", "طابعة الميناء لا تعمل 🖨️", "C++ & \"quotes\" <tags> 100%"}

// swatches are the colours that the style sheet can draw.
var swatches = sync.OnceValue(func() []string {
	var out []string
	for _, m := range regexp.MustCompile(`\.sw-([a-z0-9-]+) \{`).FindAllStringSubmatch(string(static.Sheet()), -1) {
		out = append(out, m[1])
	}
	return out
})

func clocks(scheme string) []look.Clock {
	at := func(id, label, state, left, tone string, used int) look.Clock {
		return look.Clock{ID: scheme + "-" + id, Label: label, State: state, Left: left, Tone: tone, Used: used, Due: "Mon 2 Mar 2026, 17:00", Explain: "Working time of the calendar Working days, 8:00 to 17:00."}
	}
	return []look.Clock{at("r", "Respond", "met", "met in 12 min", "green", 20), at("a", "Resolve", "running", "2 h 10", "", 40), at("b", "Resolve", "running", "20 min", "amber", 85),
		at("p", "Resolve", "paused", "3 h left", "grey", 50), at("l", "Resolve", "breached", "late 3 h", "red", 100)}
}

type view struct {
	Now  time.Time
	Zone *time.Location
}

func show(p *page.Page) error {
	return p.OK(p.Frame("Style guide"), body(view{p.Now, p.Zone}))
}
