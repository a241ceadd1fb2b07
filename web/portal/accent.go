package portal

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/people"
	"steward/web/page"
)

// accentURL is the style sheet of a customer's colours: named by them, so that it needs no look into
// the database and a browser asks for it once. "" for a customer without.
func accentURL(c *people.Customer) string {
	if c.Accent == "" || c.AccentDark == "" {
		return ""
	}
	return "/portal/accent/" + strings.TrimPrefix(string(c.Accent), "#") + "-" + strings.TrimPrefix(string(c.AccentDark), "#") + ".css"
}

var colours = regexp.MustCompile(`^([0-9a-f]{6})-([0-9a-f]{6})\.css$`)

// accent answers the colours as tokens of the style sheet; what hovers and what lies beneath is mixed
// from them, away from the ground, so that contrast only grows.
func accent(p *page.Page) error {
	m := colours.FindStringSubmatch(p.R.PathValue("colours"))
	if m == nil {
		return fault.New(fault.NotFound, "There is no style sheet at this address.")
	}
	h := p.W.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	p.W.WriteHeader(http.StatusOK)
	_, _ = fmt.Fprintf(p.W, `:root {
  --accent: light-dark(#%[1]s, #%[2]s);
  --accent-hover: light-dark(color-mix(in srgb, #%[1]s 82%%, #000), color-mix(in srgb, #%[2]s 82%%, #fff));
  --accent-soft: light-dark(color-mix(in srgb, #%[1]s 12%%, #fff), color-mix(in srgb, #%[2]s 18%%, #1a1917));
}
`, m[1], m[2]) // who is gone reads nothing
	return nil
}
