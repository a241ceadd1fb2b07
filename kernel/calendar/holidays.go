package calendar

import (
	"fmt"
	"slices"
	"time"
)

// Set is a list of statutory public holidays that a calendar can follow.
type Set struct {
	Code string // such as DE-BY; ISO 3166-2 where that has a code
	Name string // country or region, in its own language
}

// Holiday is one statutory public holiday. Observances, bank closings and school holidays are none:
// a promise must not stand still on them unless somebody wrote them as exceptions.
type Holiday struct {
	Date       string // YYYY-MM-DD
	Name       string // in the language of the region
	From       string // HH:MM when only the rest of the day is free, else empty
	Substitute bool   // stands in for a holiday that fell on a weekend
}

// Sets lists all holiday sets, countries before their regions.
func Sets() []Set {
	out := make([]Set, len(sets))
	for i, s := range sets {
		out[i] = s.Set
	}
	return out
}

// Holidays lists the holidays of a set in a year, in order of date. They follow the law as it stood
// from 2000 on; changes since then and one-off days are dated, earlier years are answered by the
// rules of 2000. Years outside 1900 to 2299 and sets that do not exist are errors.
func Holidays(code string, year int) ([]Holiday, error) {
	s, ok := setByCode[code]
	if !ok {
		return nil, fmt.Errorf("set: unknown: %q is no holiday set; give one that exists, such as DE-BY", code)
	}
	if year < firstYear || year > lastYear {
		return nil, fmt.Errorf("year: range: %d is outside %d to %d", year, firstYear, lastYear)
	}
	var out []Holiday
	for _, h := range s.between(dayOf(year, time.January, 1), dayOf(year+1, time.January, 1)) {
		v := Holiday{Date: h.day.String(), Name: h.name, Substitute: h.substitute}
		if h.from > 0 {
			v.From = fmt.Sprintf("%02d:%02d", h.from/60, h.from%60)
		}
		out = append(out, v)
	}
	return out, nil
}

// dated is a rule applied to a year.
type dated struct {
	day        day
	name       string
	from       int // minute of the day from which it is free; 0 = all day
	substitute bool
}

// holidays gives those of all sets of the calendar in [first, next), by date.
func (c *Calendar) holidays(first, next day) map[day][]dated {
	out := map[day][]dated{}
	for _, s := range c.sets {
		for _, h := range s.between(first, next) {
			if !slices.ContainsFunc(out[h.day], func(x dated) bool { return x.name == h.name }) {
				out[h.day] = append(out[h.day], h)
			}
		}
	}
	return out
}

type set struct {
	Set
	rules []rule
}

// between applies the rules to all years that can reach [first, next): a substitute may lie in the
// year before (31 December 2027 for 1 January 2028 in the United States).
func (s *set) between(first, next day) []dated {
	var out []dated
	for y := first.time().Year() - 1; y <= next.time().Year()+1; y++ {
		for i := range s.rules {
			for _, h := range s.rules[i].in(y) {
				if h.day >= first && h.day < next && !slices.Contains(out, h) {
					out = append(out, h)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b dated) int { return int(a.day - b.day) })
	return out
}

// rule is one holiday of a set. Its with-methods give a changed copy.
type rule struct {
	name    string
	on      func(year int) (day, bool)
	first   int             // first year, 0 = always
	moved   []int           // years in which it was held on another day or not at all
	instead func(d day) day // substitute of a day; the day itself when there is none
	suffix  string          // added to the name of a substitute
	from    int             // minute of the day, 0 = all day
}

func (r *rule) in(year int) []dated {
	if year < r.first || slices.Contains(r.moved, year) {
		return nil
	}
	d, ok := r.on(year)
	if !ok {
		return nil
	}
	out := []dated{{d, r.name, r.from, false}}
	if r.instead != nil {
		if s := r.instead(d); s != d {
			out = append(out, dated{s, r.name + r.suffix, r.from, true})
		}
	}
	return out
}

func (r rule) since(year int) rule     { r.first = year; return r }
func (r rule) notIn(years ...int) rule { r.moved = years; return r }
func (r rule) fromHour(hour int) rule  { r.from = hour * 60; return r }
func (r rule) named(name string) rule  { r.name = name; return r }
func (r rule) replaced(suffix string, by func(day) day) rule {
	r.suffix, r.instead = suffix, by
	return r
}

// notOn leaves the holiday out in years in which it falls on one of the weekdays (1 = Monday).
func (r rule) notOn(weekdays ...int) rule {
	on := r.on
	r.on = func(year int) (day, bool) {
		d, ok := on(year)
		return d, ok && !slices.Contains(weekdays, d.weekday())
	}
	return r
}

func fixed(name string, m time.Month, d int) rule {
	return rule{name: name, on: func(y int) (day, bool) { return dayOf(y, m, d), true }}
}

func once(name string, y int, m time.Month, d int) rule {
	return rule{name: name, on: func(year int) (day, bool) { return dayOf(y, m, d), year == y }}
}

func easter(name string, offset int) rule {
	return rule{name: name, on: func(y int) (day, bool) { return easterSunday(y) + day(offset), true }}
}

// nth is the n-th weekday (1 = Monday) of a month, plus some days.
func nth(name string, n, weekday int, m time.Month, plus int) rule {
	return rule{name: name, on: func(y int) (day, bool) {
		return onOrAfter(dayOf(y, m, 1), weekday) + day(7*(n-1)+plus), true
	}}
}

// last is the last weekday (1 = Monday) before the day that a month begins on.
func last(name string, weekday int, m time.Month) rule {
	return rule{name: name, on: func(y int) (day, bool) {
		return onOrAfter(dayOf(y, m+1, 1), weekday) - 7, true
	}}
}

func onOrAfter(d day, weekday int) day { return d + day((weekday-d.weekday()+7)%7) }

// nextMonday moves a weekend to the Monday after it.
func nextMonday(d day) day {
	if d.weekday() >= 6 {
		return onOrAfter(d, 1)
	}
	return d
}

// twoLater moves a weekend by two days: of two holidays in a row, the second has taken Monday.
func twoLater(d day) day {
	if d.weekday() >= 6 {
		return d + 2
	}
	return d
}

// easterSunday is the Gregorian computus (Meeus, Jones, Butcher; Nature, 20 April 1876).
func easterSunday(y int) day {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 19*l) / 433
	month := (h + l - 7*m + 90) / 25
	return dayOf(y, time.Month(month), (h+l-7*m+33*month+19)%32)
}
