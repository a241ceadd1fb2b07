package catalogue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Period is a stretch of the calendar (months, days) or of the clock, as ISO 8601 writes it: P12M,
// P1Y, P2W, P90D, PT60M. The zero Period means "none".
//
// Months and days are counted on the calendar of the instant's own location: hand in instants in
// the zone whose days are meant (the organisation's, for checks).
type Period struct {
	Months int           // P1Y is 12 months
	Days   int           // P1W is 7 days
	Clock  time.Duration // whole seconds
}

// IsZero reports whether p is none.
func (p Period) IsZero() bool { return p == Period{} }

// maxPeriod keeps arithmetic within what time.Time can show: 1,000 years.
const maxPeriod = 12 * 1000

// ParsePeriod reads an ISO 8601 period of whole parts, in their order. Negative, fractional, empty
// and absurdly long ones are refused.
func ParsePeriod(s string) (Period, error) {
	bad := func(why string) (Period, error) {
		return Period{}, fmt.Errorf("period %q: %s: write an ISO 8601 period such as P12M, P90D or PT60M", s, why)
	}
	rest, ok := strings.CutPrefix(s, "P")
	if !ok {
		return bad("malformed")
	}
	date, clock, timed := strings.Cut(rest, "T")
	if date == "" && clock == "" || timed && clock == "" {
		return bad("empty")
	}
	var p Period
	parse := func(text, units string, put func(unit byte, n int)) bool {
		for text != "" {
			i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
			if i < 1 || i > 6 {
				return false
			}
			u := strings.IndexByte(units, text[i])
			if u < 0 {
				return false
			}
			n, err := strconv.Atoi(text[:i])
			if err != nil {
				return false
			}
			put(text[i], n)
			text, units = text[i+1:], units[u+1:]
		}
		return true
	}
	ok = parse(date, "YMWD", func(unit byte, n int) {
		switch unit {
		case 'Y':
			p.Months += 12 * n
		case 'M':
			p.Months += n
		case 'W':
			p.Days += 7 * n
		case 'D':
			p.Days += n
		}
	}) && parse(clock, "HMS", func(unit byte, n int) {
		p.Clock += time.Duration(n) * map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}[unit]
	})
	switch {
	case !ok:
		return bad("malformed")
	case p.IsZero():
		return bad("nothing long")
	case p.Months > maxPeriod || p.Days > 31*maxPeriod:
		return bad("too long")
	}
	return p, nil
}

// MustPeriod is ParsePeriod for literals in code.
func MustPeriod(s string) Period {
	p, err := ParsePeriod(s)
	if err != nil {
		panic(err)
	}
	return p
}

// String is ISO 8601: months stay months (P12M, never P1Y), so that one period has one form.
func (p Period) String() string {
	if p.IsZero() {
		return ""
	}
	var b strings.Builder
	b.WriteByte('P')
	part := func(n int, unit byte) {
		if n != 0 {
			b.WriteString(strconv.Itoa(n))
			b.WriteByte(unit)
		}
	}
	part(p.Months, 'M')
	part(p.Days, 'D')
	if s := int(p.Clock / time.Second); s != 0 {
		b.WriteByte('T')
		part(s/3600, 'H')
		part(s/60%60, 'M')
		part(s%60, 'S')
	}
	return b.String()
}

// Words is the period for people: "12 months", "90 days", "1 hour 30 minutes".
func (p Period) Words() string {
	var w []string
	part := func(n int, unit string) {
		switch {
		case n == 1:
			w = append(w, "1 "+unit)
		case n != 0:
			w = append(w, strconv.Itoa(n)+" "+unit+"s")
		}
	}
	part(p.Months, "month")
	part(p.Days, "day")
	s := int(p.Clock / time.Second)
	part(s/3600, "hour")
	part(s/60%60, "minute")
	part(s%60, "second")
	return strings.Join(w, " ")
}

// After is t later by p. The end of a month clamps: 31 January and one month is the last day of
// February. Months are added first, then days, then clock time.
func (p Period) After(t time.Time) time.Time {
	if p.Months != 0 {
		y, m, d := t.Date()
		first := time.Date(y, m+time.Month(p.Months), 1, 0, 0, 0, 0, time.UTC)
		// The day before the first of the next month is the last day of the month we land in.
		last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
		hh, mm, ss := t.Clock()
		t = time.Date(first.Year(), first.Month(), min(d, last), hh, mm, ss, t.Nanosecond(), t.Location())
	}
	if p.Days != 0 {
		t = t.AddDate(0, 0, p.Days)
	}
	return t.Add(p.Clock)
}

// MarshalText is [Period.String].
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText is [ParsePeriod]; no text is none.
func (p *Period) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*p = Period{}
		return nil
	}
	*p, err = ParsePeriod(string(text))
	return err
}

// UnmarshalYAML is UnmarshalText, with the line where it went wrong.
func (p *Period) UnmarshalYAML(n *yaml.Node) error {
	if err := p.UnmarshalText([]byte(n.Value)); err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	return nil
}

// Before is the instant from which p leads to t; a day that a month has not is the last that it has.
func (p Period) Before(t time.Time) time.Time {
	guess := t.Add(-p.After(t).Sub(t)) // months differ: come closer until the period after it is t
	for range 8 {
		d := t.Sub(p.After(guess))
		if d == 0 {
			break
		}
		guess = guess.Add(d)
	}
	return guess
}
