package people

import (
	"math"
	"strings"
	"testing"

	"steward/kernel/record"
)

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#777777", "#ffffff", 4.48}, {"#767676", "#ffffff", 4.54}, {"#ff0000", "#ffffff", 4.00}, {"red", "#ffffff", 0}} {
		if got := Contrast(c.a, c.b); math.Abs(got-c.want) > 0.005 {
			t.Errorf("%s on %s: %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

func TestAColourThatIsRefusedIsRefusedWithItsRatioAndWithOneThatPasses(t *testing.T) {
	for _, c := range []Customer{{Accent: "#ffcc00", AccentDark: "#58bccb"}, {Accent: "#0a6070", AccentDark: "#333333"}, {Accent: "#ffffff", AccentDark: "#000000"}} {
		refusals := branded(&c, nil)
		if len(refusals) == 0 {
			t.Errorf("%s, %s: taken", c.Accent, c.AccentDark)
		}
		for _, r := range refusals {
			i := strings.LastIndex(r.Mend, "#")
			if r.Reason != "low_contrast" || !strings.Contains(r.Mend, "to 1") || i < 0 {
				t.Fatalf("%+v", r)
			}
			grounds := LightGrounds
			if r.Field == "accent_dark" {
				grounds = DarkGrounds
			}
			if _, ratio := worst(r.Mend[i:], grounds); ratio < 4.5 {
				t.Errorf("%s is offered, and has %.2f", r.Mend[i:], ratio)
			}
		}
	}
	if r := branded(&Customer{Accent: "#0A6070", AccentDark: "#58BCCB"}, nil); r != nil {
		t.Errorf("Steward's own colours: %+v", r)
	}
}

func TestANoticeIsShownFromItsFirstToItsLastDay(t *testing.T) {
	c := Customer{Notices: []Notice{{Text: "a", From: "2026-03-02", Until: "2026-03-03"}, {Text: "b", Until: "2026-03-01", Language: "de"}}}
	for _, x := range []struct{ day, lang, want string }{{"2026-03-01", "en", ""}, {"2026-03-01", "de", "b"}, {"2026-03-02", "en", "a"}, {"2026-03-03", "de", "a"}, {"2026-03-04", "de", ""}} {
		if got := strings.Join(c.NoticesOn(record.Date(x.day), x.lang), ","); got != x.want {
			t.Errorf("%s %s: %q, want %q", x.day, x.lang, got, x.want)
		}
	}
}
