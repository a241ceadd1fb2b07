package people

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// Grounds that a customer's accent stands on or bears on its portal: the tokens --p-canvas,
// --p-surface, --p-sunken, --p-hover and --on-accent of the style sheet (a test holds them equal).
var (
	LightGrounds = []string{"#ffffff", "#faf8f4", "#f5f1ea", "#f7f3ec"}
	DarkGrounds  = []string{"#1a1917", "#12110f", "#211f1c", "#23211e", "#05191d"}
)

// enough is the contrast that WCAG 2.2, 1.4.3 (AA), asks of text.
const enough = 4.5

// rgb reads #rrggbb.
func rgb(colour string) ([3]float64, bool) {
	var out [3]float64
	if len(colour) != 7 || colour[0] != '#' {
		return out, false
	}
	n, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil {
		return out, false
	}
	return [3]float64{float64(n >> 16), float64(n >> 8 & 255), float64(n & 255)}, true
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c [3]float64) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		v := c[i] / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}

// Contrast of two colours #rrggbb, 1 to 21; 0 if one of them is none.
func Contrast(a, b string) float64 {
	x, ok := rgb(a)
	y, also := rgb(b)
	if !ok || !also {
		return 0
	}
	l, m := luminance(x), luminance(y)
	return (math.Max(l, m) + 0.05) / (math.Min(l, m) + 0.05)
}

// worst is the ground on which the colour stands out least.
func worst(colour string, grounds []string) (string, float64) {
	at, least := "", math.Inf(1)
	for _, g := range grounds {
		if c := Contrast(colour, g); c < least {
			at, least = g, c
		}
	}
	return at, least
}

// nearest is the colour that stands out enough, on the way from c to black or to white.
func nearest(colour string, grounds []string, to float64) string {
	c, _ := rgb(colour)
	for part := 0.0; part <= 1; part += 0.01 {
		x := fmt.Sprintf("#%02x%02x%02x", int(math.Round(c[0]+(to-c[0])*part)), int(math.Round(c[1]+(to-c[1])*part)), int(math.Round(c[2]+(to-c[2])*part)))
		if _, r := worst(x, grounds); r >= enough {
			return x
		}
	}
	return "" // black on light grounds and white on dark ones always do
}

// branded decides on a customer's colours and notices.
func branded(c *Customer, _ *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	check := func(field string, colour *record.Text, grounds []string, to float64, way string) {
		if *colour == "" {
			return
		}
		*colour = record.Text(strings.ToLower(string(*colour)))
		if _, ok := rgb(string(*colour)); !ok {
			refuse(field, "not_a_colour", "give it as # and six hexadecimal digits, such as #0a6070")
			return
		}
		if ground, ratio := worst(string(*colour), grounds); ratio < enough {
			// Rounded down: 4.49 must not read as 4.5.
			refuse(field, "low_contrast", fmt.Sprintf("its contrast with %s is %.2f to 1 and must be 4.5 at least: take a %s one, such as %s", ground, math.Floor(ratio*100)/100, way, nearest(string(*colour), grounds, to)))
		}
	}
	check("accent", &c.Accent, LightGrounds, 0, "darker")
	check("accent_dark", &c.AccentDark, DarkGrounds, 255, "lighter")
	switch {
	case c.Accent != "" && c.AccentDark == "":
		mend := "say which colour stands in its place on dark ground"
		if _, ok := rgb(string(c.Accent)); ok {
			mend += ", such as " + nearest(string(c.Accent), DarkGrounds, 255)
		}
		refuse("accent_dark", "required", mend)
	case c.Accent == "" && c.AccentDark != "":
		refuse("accent", "required", "say which colour stands in its place on light ground, or take both away")
	}
	for _, n := range c.Notices {
		if n.From != "" && n.Until < n.From {
			refuse("notices["+n.ID.String()+"].until", "before_from", "the last day is not before the first")
		}
	}
	return out
}

// NoticesOn are the texts for the customer's people on a day, for a reader of lang.
func (c *Customer) NoticesOn(day record.Date, lang string) []string {
	var out []string
	for _, n := range c.Notices {
		if (n.From == "" || n.From <= day) && day <= n.Until && (n.Language == "" || string(n.Language) == lang) {
			out = append(out, string(n.Text))
		}
	}
	return out
}
