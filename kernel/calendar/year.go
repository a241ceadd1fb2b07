package calendar

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// day is a date: days since 1970-01-01, without a zone.
type day int

func dayOf(y int, m time.Month, d int) day {
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d day) time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// weekday is 1 = Monday .. 7 = Sunday. Day 0 was a Thursday.
func (d day) weekday() int { return int(((d+3)%7+7)%7) + 1 }

func (d day) String() string { return d.time().Format(time.DateOnly) }

// wall is a span of one day on the wall clock, in minutes from its 00:00; to may be 1440.
type wall struct{ from, to int }

const wholeDay = 24 * 60

// override is what the exceptions of one date say, put together.
type override struct {
	works   bool   // working ones exist: they replace the hours
	working []wall // sorted, disjoint
	closed  []wall
	names   []string
}

// walls gives the working hours of a date by the wall clock, sorted and disjoint. holidays are those
// of the date.
func (c *Calendar) walls(d day, holidays []dated) []wall {
	o := c.dates[d]
	if o != nil && o.works {
		return without(o.working, o.closed)
	}
	w := c.weekly[d.weekday()]
	for _, h := range holidays {
		w = without(w, []wall{{h.from, wholeDay}})
	}
	if o != nil {
		w = without(w, o.closed)
	}
	return w
}

// without cuts spans out of others and leaves both arguments as they are.
func without(spans, cut []wall) []wall {
	for _, x := range cut {
		var left []wall
		for _, s := range spans {
			if before := (wall{s.from, min(s.to, x.from)}); before.from < before.to {
				left = append(left, before)
			}
			if after := (wall{max(s.from, x.to), s.to}); after.from < after.to {
				left = append(left, after)
			}
		}
		spans = left
	}
	return spans
}

// year holds the working time of one UTC year, 1 January 00:00 to the next, as real instants.
// It is cut by UTC and not by local years so that no span belongs to two of them.
type year struct {
	spans []open // sorted, disjoint, none touching the next
	total int64  // seconds worked in the year
}

// open is a span of working time in Unix seconds; before is what was worked earlier in the year.
type open struct{ from, to, before int64 }

// at is the index of the last span that began at or before s, or -1.
func (y *year) at(s int64) int {
	return sort.Search(len(y.spans), func(i int) bool { return y.spans[i].from > s }) - 1
}

var noYear = &year{}

// year gives the working time of a UTC year, building it when first asked for. Two goroutines may
// build the same one; they build the same.
func (c *Calendar) year(y int) *year {
	if y < firstYear || y > lastYear {
		return noYear
	}
	slot := &c.years[y-firstYear]
	b := slot.Load()
	if b == nil {
		b = c.build(y)
		slot.Store(b)
	}
	return b
}

func (c *Calendar) build(y int) *year {
	first, next := dayOf(y, time.January, 1), dayOf(y+1, time.January, 1)
	lo, hi := int64(first)*86400, int64(next)*86400
	// Two days more on each side: no zone is further from UTC, not even at a change of date.
	holidays := c.holidays(first-2, next+2)
	zones := periods(c.zone, lo-3*86400, hi+3*86400)
	var spans []open
	for d := first - 2; d < next+2; d++ {
		for _, s := range instants(d, c.walls(d, holidays[d]), zones) {
			if s.from, s.to = max(s.from, lo), min(s.to, hi); s.from < s.to {
				spans = append(spans, s)
			}
		}
	}
	b := &year{spans: joined(spans)}
	for i := range b.spans {
		s := &b.spans[i]
		s.before = b.total
		b.total += s.to - s.from
	}
	return b
}

// joined sorts spans and makes one of those that touch, so that 24 hours on 7 days are one span a
// year. They never overlap: every instant shows one wall clock.
func joined(spans []open) []open {
	slices.SortFunc(spans, func(a, b open) int { return cmp.Compare(a.from, b.from) })
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && out[n-1].to == s.from {
			out[n-1].to = s.to
			continue
		}
		out = append(out, s)
	}
	return slices.Clip(out)
}

// period is a stretch of real time, in Unix seconds, with one offset from UTC.
type period struct{ from, to, offset int64 }

// periods gives the offsets of a zone that touch [lo, hi), in order.
//
// time.Time.ZoneBounds finds them, but past the last listed transition it takes every year for 365
// days and so says of 31 December of a leap year that its period has ended already (Go 1.26,
// time.tzset). From there we go on hour by hour until it can be believed again.
func periods(zone *time.Location, lo, hi int64) []period {
	var ps []period
	for at := lo; at < hi; {
		t := time.Unix(at, 0).In(zone)
		offset := offsetOf(t)
		to := hi
		if _, end := t.ZoneBounds(); !end.IsZero() && end.Unix() < hi {
			to = end.Unix()
		}
		if to <= at {
			to = sameOffset(zone, at, at+3600)
		}
		if n := len(ps); n > 0 && ps[n-1].offset == offset {
			ps[n-1].to = to
		} else {
			ps = append(ps, period{at, to, offset})
		}
		at = to
	}
	return ps
}

func offsetOf(t time.Time) int64 {
	_, offset := t.Zone()
	return int64(offset)
}

// sameOffset is the first second in (lo, hi] whose offset is not that of lo, or hi.
func sameOffset(zone *time.Location, lo, hi int64) int64 {
	offset := offsetOf(time.Unix(lo, 0).In(zone))
	return lo + 1 + int64(sort.Search(int(hi-lo-1), func(i int) bool {
		return offsetOf(time.Unix(lo+1+int64(i), 0).In(zone)) != offset
	}))
}

// instants gives the real time in which the wall clock shows date d within one of the walls. Taking
// each period of one offset by itself makes the rules for change days fall out by themselves: hours
// in a gap lie outside both periods around it, hours in an overlap lie inside both, and a date that
// a zone leaves out lies in none.
func instants(d day, walls []wall, zones []period) []open {
	var spans []open
	for _, w := range walls {
		from, to := int64(d)*86400+int64(w.from)*60, int64(d)*86400+int64(w.to)*60
		for _, p := range zones {
			s := open{from: max(from-p.offset, p.from), to: min(to-p.offset, p.to)}
			if s.from < s.to {
				spans = append(spans, s)
			}
		}
	}
	return spans
}
