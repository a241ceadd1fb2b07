package query

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A ValueKind is how a value was written; what it means depends on the field beside it.
type ValueKind uint8

// The kinds of values.
const (
	ValueText    ValueKind = iota + 1 // "in quotes"
	ValueNumber                       // 12, -3.5
	ValueBool                         // true, false
	ValueMoment                       // 2026-01-31, 2026-01-31T08:00:00Z
	ValueSpan                         // 4h, 7d
	ValueNow                          // now, now - 7d
	ValueToday                        // today, today - 3mo
	ValueMe                           // me
	ValueMyTeams                      // my_teams
)

// A Value is a literal of the language.
type Value struct {
	Place
	Kind  ValueKind
	Text  string // of ValueText, ValueNumber, ValueBool, ValueMoment; canonical but for text
	Shift Shift  // the length of a ValueSpan, or what is added to now and today
}

// A Shift is a length of time in one unit: s m h are elapsed time, d w mo y go by the calendar.
type Shift struct {
	N    int64
	Unit string // "" for no shift
}

var unitSeconds = map[string]int64{"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "mo": 31 * 86400, "y": 366 * 86400}

// Equal compares kind and meaning, not the place.
func (v Value) Equal(o Value) bool {
	return v.Kind == o.Kind && v.Text == o.Text && v.Shift == o.Shift
}

// String is the canonical form.
func (v Value) String() string {
	switch v.Kind {
	case ValueText:
		return quoteText(v.Text)
	case ValueSpan:
		return strconv.FormatInt(v.Shift.N, 10) + v.Shift.Unit
	case ValueNow:
		return "now" + v.Shift.suffix()
	case ValueToday:
		return "today" + v.Shift.suffix()
	case ValueMe:
		return "me"
	case ValueMyTeams:
		return "my_teams"
	}
	return v.Text
}

func (s Shift) suffix() string {
	switch {
	case s.Unit == "":
		return ""
	case s.N < 0:
		return " - " + strconv.FormatInt(-s.N, 10) + s.Unit
	}
	return " + " + strconv.FormatInt(s.N, 10) + s.Unit
}

// smallInt reads digits; lengths of time have at most ten.
func smallInt(s string) (int64, bool) {
	s = strings.TrimLeft(s, "0")
	if s == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && len(s) <= 10
}

// canonicalNumber takes needless zeros away: 007 is 7, 1.50 is 1.5, 1.0 is 1.
func canonicalNumber(s string) string {
	whole, frac, _ := strings.Cut(s, ".")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if frac = strings.TrimRight(frac, "0"); frac != "" {
		return whole + "." + frac
	}
	return whole
}

// scaled reads a canonical number as a whole number of 10^-scale. The reason is "" when it fits.
func scaled(s string, scale int) (int64, string) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > scale {
		return 0, ReasonBadNumber
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", scale-len(frac)), 10, 64)
	if err != nil {
		return 0, ReasonOutOfRange
	}
	return n, ""
}

// A moment is a day, a local time of the reader, or an instant.
type moment struct {
	t     time.Time // of a day: its midnight; of a local time: its face value; both in UTC
	day   bool
	local bool
}

// momentLength is how many bytes of s look like a date or instant; 0 if none.
func momentLength(s string) int {
	if !shaped(s, "0000-00-00") {
		return 0
	}
	n := len("2026-01-31")
	if !shaped(s[n:], "T00:00") {
		return n
	}
	n += len("T08:00")
	if shaped(s[n:], ":00") {
		n += len(":00")
		if shaped(s[n:], ".0") {
			n++
			for n < len(s) && isDigit(s[n]) {
				n++
			}
		}
	}
	switch {
	case strings.HasPrefix(s[n:], "Z"):
		n++
	case shaped(s[n:], "+00:00"), shaped(s[n:], "-00:00"):
		n += len("+00:00")
	}
	return n
}

// shaped tells whether s begins like pattern, where 0 stands for any digit.
func shaped(s, pattern string) bool {
	if len(s) < len(pattern) {
		return false
	}
	for i := range len(pattern) {
		if pattern[i] == '0' && !isDigit(s[i]) || pattern[i] != '0' && pattern[i] != s[i] {
			return false
		}
	}
	return true
}

const (
	localLayout   = "2006-01-02T15:04:05.999999"
	instantLayout = "2006-01-02T15:04:05.999999Z07:00"
)

// parseMoment reads 2026-01-31, 2026-01-31T08:00 and 2026-01-31T08:00:00.5+02:00. The reason is ""
// when there is such a moment. Nothing is rounded: more than microseconds are refused.
func parseMoment(s string) (m moment, reason string) {
	if momentLength(s) != len(s) || s == "" {
		return m, ReasonBadDate
	}
	if _, after, ok := strings.Cut(s, "."); ok && len(strings.TrimRight(after, "Z0123456789:+-")) == 0 {
		if digits := strings.IndexAny(after+"Z", "Z+-"); digits > 6 {
			return m, ReasonBadDate
		}
	}
	var err error
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04Z07:00", time.RFC3339} {
		if m.t, err = time.Parse(layout, s); err == nil {
			m.day = layout == time.DateOnly
			m.local = !strings.HasSuffix(layout, "Z07:00") && !m.day
			m.t = m.t.UTC()
			if y := m.t.Year(); y < 1 || y > 9999 {
				return m, ReasonOutOfRange
			}
			return m, ""
		}
	}
	return m, ReasonBadDate
}

func (m moment) String() string {
	switch {
	case m.day:
		return m.t.Format(time.DateOnly)
	case m.local:
		return m.t.Format(localLayout)
	}
	return m.t.Format(instantLayout)
}

// in gives the instant at which a local time is shown in the zone; a day gives its beginning.
func (m moment) in(zone *time.Location) time.Time {
	if m.day {
		return dayStart(m.t.Year(), m.t.Month(), m.t.Day(), zone)
	}
	if m.local {
		return time.Date(m.t.Year(), m.t.Month(), m.t.Day(), m.t.Hour(), m.t.Minute(), m.t.Second(), m.t.Nanosecond(), zone)
	}
	return m.t
}

// dayStart is the first instant of a day in a zone: midnight, or what the clock shows instead where
// midnight is skipped. A day that a zone left out altogether begins where the next one does.
func dayStart(y int, mo time.Month, d int, zone *time.Location) time.Time {
	midnight := time.Date(y, mo, d, 0, 0, 0, 0, time.UTC)
	want := midnight.Format(time.DateOnly)
	var first time.Time
	// Zones lie between UTC-12 and UTC+14, so whichever offset holds at that midnight, it holds
	// at one of these two as well, unless a zone moves twice within 28 hours.
	for _, near := range []time.Duration{-15 * time.Hour, 13 * time.Hour} {
		_, offset := midnight.Add(near).In(zone).Zone()
		t := midnight.Add(-time.Duration(offset) * time.Second).In(zone)
		if t.Format(time.DateOnly) >= want && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// addTo moves t, calendar units in t's own zone. The end of a month stays within the month:
// 31 March less a month is the last day of February.
func (s Shift) addTo(t time.Time) (time.Time, bool) {
	unit := unitSeconds[s.Unit]
	if unit != 0 && (s.N > math.MaxInt64/unit || s.N*unit > 4e11 || s.N*unit < -4e11) {
		return t, false
	}
	n := int(s.N)
	switch s.Unit {
	case "s", "m", "h":
		t = time.Unix(t.Unix()+s.N*unit, int64(t.Nanosecond())).In(t.Location())
	case "d":
		t = t.AddDate(0, 0, n)
	case "w":
		t = t.AddDate(0, 0, 7*n)
	case "mo":
		t = addMonths(t, n)
	case "y":
		t = addMonths(t, 12*n)
	}
	y := t.UTC().Year()
	return t, y >= 1 && y <= 9999
}

func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return time.Date(first.Year(), first.Month(), min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// seconds is a length of time as durations are stored; months and years have none.
func (s Shift) seconds() (int64, bool) {
	return s.N * unitSeconds[s.Unit], s.Unit != "mo" && s.Unit != "y"
}

// isoSeconds reads PT4H, P1DT30M, -PT5M: weeks, days of 24 hours, hours, minutes, seconds.
func isoSeconds(s string) (int64, bool) {
	rest, negative := strings.CutPrefix(s, "-")
	rest, ok := strings.CutPrefix(rest, "P")
	if !ok || rest == "" || strings.HasSuffix(rest, "T") {
		return 0, false
	}
	units := []struct {
		letter  byte
		seconds int64
	}{{'W', 7 * 86400}, {'D', 86400}, {'T', 0}, {'H', 3600}, {'M', 60}, {'S', 1}}
	var total int64
	i := 0
	for rest != "" {
		digits := 0
		for digits < len(rest) && isDigit(rest[digits]) {
			digits++
		}
		if digits == len(rest) {
			return 0, false
		}
		for i < len(units) && units[i].letter != rest[digits] {
			if i++; i < len(units) && units[i-1].letter == 'T' {
				return 0, false // hours and less come after a T
			}
		}
		if i == len(units) || (units[i].letter == 'T') != (digits == 0) {
			return 0, false
		}
		n, ok := smallInt(rest[:digits])
		if !ok {
			return 0, false
		}
		total += n * units[i].seconds
		rest = rest[digits+1:]
		i++
	}
	if negative {
		total = -total
	}
	return total, true
}
