// Package look is the visual language: the components that every page is made of, in the words of
// design and of steward.css. It knows no process and reads nothing; pages hand it values.
//
// Start at [Shell] for the frame of a page, then parts.templ for chips, people, times and fields.
// /style shows every component in every state.
package look

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"steward/web/static"
)

// Frame is what surrounds a page.
type Frame struct {
	Title   string
	Lang    string
	Scheme  string // light, dark; "" as the system has it
	Density string // compact or comfortable
	Name    string // of who is signed in; "" nobody
	Unread  int    // notices
	Groups  []Group
	Crumbs  []Crumb
	New     *Item    // the likeliest thing to make
	Path    string   // of this page
	Kind    string   // "", "portal" or "bare"
	Brand   string   // a customer's name on its portal
	Sheet   string   // a style sheet after Steward's own: a customer's colours
	Notices []string // said at the head of a portal until a day
	Words   func(string) string
	Foot    []Item
	Wide    bool
}

// Group is one group of the side bar.
type Group struct {
	Label string
	Open  bool
	Items []Item
}

// Item is a link with an icon.
type Item struct {
	Label, Href, Icon string
	Count             int // -1: none is shown
	Hot, Current      bool
	Key               string
}

// Crumb is a step on the way to a page.
type Crumb struct{ Label, Href string }

// Icon is the address of an icon of icons.svg.
func iconURL(name string) string { return static.URL("icons.svg") + "#" + name }

// Initials of a person's name, one or two letters.
func Initials(name string) string {
	var out []rune
	for _, w := range strings.Fields(name) {
		r, _ := utf8.DecodeRuneInString(w)
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToUpper(r))
		}
	}
	switch {
	case len(out) == 0:
		return "?"
	case len(out) > 2:
		out = []rune{out[0], out[len(out)-1]}
	}
	return string(out)
}

// tint is the quiet colour of a person: the same one everywhere.
func tint(name string) string {
	n := 0
	for _, r := range name {
		n += int(r)
	}
	return string("abcd"[n%4])
}

// Span is how long, in the shortest honest unit: 18 min, 2 h 10, 3 d.
func Span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 24*time.Hour:
		h, m := int(d.Hours()), int(d.Minutes())%60
		if m == 0 || h >= 10 {
			return fmt.Sprintf("%d h", h)
		}
		return fmt.Sprintf("%d h %02d", h, m)
	case d < 60*24*time.Hour:
		return fmt.Sprintf("%d d", int(d.Hours())/24)
	case d < 2*365*24*time.Hour:
		return fmt.Sprintf("%d mo", int(d.Hours())/24/30)
	}
	return fmt.Sprintf("%d y", int(d.Hours())/24/365)
}

// Ago is how long before now t was, or how long after it will be.
func Ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d > -time.Minute && d < time.Minute:
		return "just now"
	case d < 0:
		return "in " + Span(d)
	default:
		return Span(d) + " ago"
	}
}

// Exact is an instant to the minute with its zone, as it stands in tooltips.
func Exact(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Mon 2 Jan 2006, 15:04 MST")
}

// Clock is a service level clock as a chip shows it.
type Clock struct {
	ID, Label string // Resolve, Respond
	State     string // running, paused, met, breached
	Left      string // 2 h 10, late 3 h, met in 12 min
	Used      int    // percent of the target
	Tone      string // grey, amber, red, green or ""
	Due       string // exact
	Explain   string
	DueISO    string // running ones: for counting down
}

// dash is the stroke pattern of a ring that is n percent full.
func dash(n int) string { return fmt.Sprintf("%d 100", max(0, min(100, n))) }
