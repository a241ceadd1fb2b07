// Package calendar is working time: the hours in which a promise runs (ISO/IEC 20000-1:2018, 8.3.3,
// service level targets are met or missed on a calendar agreed with the customer).
//
// In: a calendar version as people write it ([Spec]: zone, weekly hours, holiday sets, exceptions).
// Out: arithmetic on real instants ([Calendar.Add], [Calendar.Between], [Calendar.Open]) and a
// picture of a year ([Calendar.Days]); statutory holidays by rule ([Holidays]).
// Start at [Compile], then year.go for how local hours become instants.
//
// Always true:
//   - An instant is working time exactly when the wall clock of the zone shows it to be. Wall-clock
//     hours that the zone skips do not exist; hours it repeats count as often as they happen, so an
//     hour that is half repeated counts for the real time it lasts.
//   - What holds for a date comes first from its exceptions, then from holidays, then from the week.
//   - A span holds its first instant and not its last; 24:00 ends a day and 00:00-24:00 leaves no
//     minute out.
//   - Add gives the earliest instant at which the work is used up (Friday 17:00, not Monday 08:00).
//   - A Calendar never changes once compiled and may be used by any number of goroutines.
//
// Working time is known from 1900 to 2299; outside there is none.
package calendar

import (
	"math"
	"sort"
	"sync/atomic"
	"time"
	_ "time/tzdata" // a host without zone files must not lose its calendars
)

// Spec is a calendar version as people write it.
type Spec struct {
	Zone        string      `json:"zone"` // IANA name, such as Europe/Berlin
	Hours       []Hours     `json:"hours"`
	HolidaySets []string    `json:"holiday_sets"` // codes of [Sets]; several are joined
	Exceptions  []Exception `json:"exceptions"`
}

// Hours is one span of working time of a weekday, in local time. A day may have several; hours over
// midnight are two of them.
type Hours struct {
	Weekday int    `json:"weekday"` // 1 = Monday .. 7 = Sunday
	From    string `json:"from"`    // HH:MM
	To      string `json:"to"`      // HH:MM, later than From; 24:00 ends the day
}

// Exception says what holds on one date, whatever the week and the holidays say. Several may name
// one date.
//
// Working ones replace the hours of that date (two of them make a split day); without From and To
// the whole day is worked. Others close it: from From to To when given, else all of it.
type Exception struct {
	Date    string `json:"date"` // YYYY-MM-DD, 1900 to 2299
	Working bool   `json:"working"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Name    string `json:"name"`
}

// firstYear and lastYear bound what is computed, so that a zero time or a slip of the pen in a year
// cannot make one call build thousands of years.
const (
	firstYear = 1900
	lastYear  = 2299
	// horizon is how far ahead Add and NextOpen look, in years.
	horizon = 50
)

// Calendar answers questions about working time. Make one with [Compile] or [Always].
type Calendar struct {
	zone   *time.Location
	weekly [8][]wall // by weekday, 1 = Monday; sorted, disjoint
	sets   []*set
	dates  map[day]*override

	years [lastYear - firstYear + 1]atomic.Pointer[year] // filled when first asked for
}

// Zone is the IANA name of the calendar's zone.
func (c *Calendar) Zone() string { return c.zone.String() }

// Location is the calendar's zone, for showing its times.
func (c *Calendar) Location() *time.Location { return c.zone }

// Add gives the earliest instant at which work of working time has been used up, counted from from.
// No work, or less than none, gives from itself even where that is not working time. It is false when
// the work does not fit into the 50 years after from. The result keeps the location of from and is
// exact to the nanosecond.
func (c *Calendar) Add(from time.Time, work time.Duration) (time.Time, bool) {
	if work <= 0 {
		return from, true
	}
	end := from.AddDate(horizon, 0, 0)
	if work > end.Sub(from) { // also keeps the sums below from overflowing
		return time.Time{}, false
	}
	at := c.position(from)
	need := at.seconds*int64(time.Second) + at.nanos + int64(work) // from the start of the year, ns
	for y := at.year; y <= min(end.UTC().Year(), lastYear); y++ {
		b := c.year(y)
		if total := b.total * int64(time.Second); need > total {
			need -= total
			continue
		}
		i := sort.Search(len(b.spans), func(i int) bool {
			s := &b.spans[i]
			return (s.before+s.to-s.from)*int64(time.Second) >= need
		})
		s := &b.spans[i]
		rest := need - s.before*int64(time.Second)
		due := time.Unix(s.from+rest/int64(time.Second), rest%int64(time.Second)).In(from.Location())
		if due.After(end) {
			break
		}
		return due, true
	}
	return time.Time{}, false
}

// Between is the working time in [a, b). It is never negative: when a is not before b it is 0. More
// than a Duration can hold (292 years) is given as the longest Duration.
func (c *Calendar) Between(a, b time.Time) time.Duration {
	if !a.Before(b) {
		return 0
	}
	p, q := c.position(a), c.position(b)
	seconds := q.seconds - p.seconds
	for y := p.year; y < q.year; y++ {
		seconds += c.year(y).total
	}
	if seconds > math.MaxInt64/int64(time.Second)-1 {
		return math.MaxInt64
	}
	return time.Duration(seconds*int64(time.Second) + q.nanos - p.nanos)
}

// Open says whether t is working time.
func (c *Calendar) Open(t time.Time) bool {
	s := t.Unix()
	b := c.year(yearOf(t))
	i := b.at(s)
	return i >= 0 && s < b.spans[i].to
}

// NextOpen is the earliest instant of working time at or after t: t itself when it is open. It is
// false when the 50 years after t have none.
func (c *Calendar) NextOpen(t time.Time) (time.Time, bool) {
	if c.Open(t) {
		return t, true
	}
	end, s := t.AddDate(horizon, 0, 0), t.Unix()
	for y := max(yearOf(t), firstYear); y <= min(yearOf(end), lastYear); y++ {
		b := c.year(y)
		i := sort.Search(len(b.spans), func(i int) bool { return b.spans[i].from > s })
		if i == len(b.spans) {
			continue
		}
		next := time.Unix(b.spans[i].from, 0).In(t.Location())
		return next, !next.After(end)
	}
	return time.Time{}, false
}

// position is a place on the scale of working time: what has been worked in the UTC year until then.
// Spans begin and end on whole seconds, so nanoseconds count only within one.
type position struct {
	year           int
	seconds, nanos int64
}

func (c *Calendar) position(t time.Time) position {
	y := yearOf(t)
	switch {
	case y < firstYear:
		return position{year: firstYear}
	case y > lastYear:
		return position{year: lastYear, seconds: c.year(lastYear).total}
	}
	b, s := c.year(y), t.Unix()
	i := b.at(s)
	switch {
	case i < 0:
		return position{year: y}
	case s >= b.spans[i].to:
		return position{year: y, seconds: b.spans[i].before + b.spans[i].to - b.spans[i].from}
	}
	return position{y, b.spans[i].before + s - b.spans[i].from, int64(t.Nanosecond())}
}

func yearOf(t time.Time) int { return t.UTC().Year() }
