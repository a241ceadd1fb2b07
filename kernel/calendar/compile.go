package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Problem is one thing wrong with a [Spec]. Field is a path into it such as hours[2].from or
// holiday_sets[0]; Reason is a stable word (required, unknown, format, range, order, overlap,
// duplicate, contradiction); Mend says what to do.
type Problem struct{ Field, Reason, Mend string }

func (p Problem) Error() string { return p.Field + ": " + p.Reason + ": " + p.Mend }

// Compile checks a calendar version and makes it fit for arithmetic. It reports every problem, in the
// order of the fields, and gives a calendar only when there is none. It keeps nothing of s.
func Compile(s Spec) (*Calendar, []Problem) {
	c := &Calendar{dates: map[day]*override{}}
	var k checker
	c.zone = k.zone(s.Zone)
	k.hours(c, s.Hours)
	k.sets(c, s.HolidaySets)
	k.exceptions(c, s.Exceptions)
	if len(k.problems) == 0 && !c.worksEver() {
		k.add("hours", "required", "give working hours for at least one weekday, or an exception that is worked")
	}
	if len(k.problems) > 0 {
		return nil, k.problems
	}
	return c, nil
}

// Always is a calendar without closing time, in the named zone. It panics for a zone that does not
// exist, so give it a constant or a name that was checked.
func Always(zone string) *Calendar {
	s := Spec{Zone: zone}
	for d := 1; d <= 7; d++ {
		s.Hours = append(s.Hours, Hours{Weekday: d, From: "00:00", To: "24:00"})
	}
	c, problems := Compile(s)
	if len(problems) > 0 {
		panic(fmt.Sprintf("calendar.Always(%q): %v", zone, problems[0]))
	}
	return c
}

// worksEver asks the hours as written. It does not look whether holidays or zone rules eat them all,
// which no statutory set does.
func (c *Calendar) worksEver() bool {
	for _, w := range c.weekly {
		if len(w) > 0 {
			return true
		}
	}
	for d, o := range c.dates {
		if o.works && len(c.walls(d, nil)) > 0 {
			return true
		}
	}
	return false
}

type checker struct{ problems []Problem }

func (k *checker) add(field, reason, mend string) {
	k.problems = append(k.problems, Problem{field, reason, mend})
}

func (k *checker) zone(name string) *time.Location {
	switch name {
	case "":
		k.add("zone", "required", "give an IANA zone name such as Europe/Berlin")
		return time.UTC
	case "Local": // the zone of whatever machine this runs on is no promise
		k.add("zone", "unknown", "Local differs from machine to machine; give an IANA zone name such as Europe/Berlin")
		return time.UTC
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		k.add("zone", "unknown", fmt.Sprintf("%q is no IANA zone name; give one such as Europe/Berlin", name))
		return time.UTC
	}
	return zone
}

// written is a span with the place it was written at, so that an overlap can name both.
type written struct {
	wall
	field string
}

func (k *checker) hours(c *Calendar, hours []Hours) {
	var byDay [8][]written
	for i, h := range hours {
		field := fmt.Sprintf("hours[%d]", i)
		dayOK := h.Weekday >= 1 && h.Weekday <= 7
		if !dayOK {
			k.add(field+".weekday", "range", "give 1 (Monday) to 7 (Sunday)")
		}
		if w, ok := k.span(field, h.From, h.To); ok && dayOK {
			byDay[h.Weekday] = append(byDay[h.Weekday], written{w, field})
		}
	}
	for d := range byDay {
		c.weekly[d] = k.disjoint(byDay[d])
	}
}

func (k *checker) sets(c *Calendar, codes []string) {
	for i, code := range codes {
		field := fmt.Sprintf("holiday_sets[%d]", i)
		s, ok := setByCode[code]
		switch {
		case !ok:
			k.add(field, "unknown", fmt.Sprintf("%q is no holiday set; give one that exists, such as DE-BY, or write its days as exceptions", code))
		case slices.Contains(c.sets, s):
			k.add(field, "duplicate", "take out the second "+code)
		default:
			c.sets = append(c.sets, s)
		}
	}
}

func (k *checker) exceptions(c *Calendar, exceptions []Exception) {
	type closing struct {
		field string
		at    day
	}
	works := map[day][]written{}
	var shut []closing
	for i, e := range exceptions {
		field := fmt.Sprintf("exceptions[%d]", i)
		t, err := time.Parse(time.DateOnly, e.Date)
		dateOK := err == nil
		switch {
		case err != nil:
			k.add(field+".date", "format", "give a date that exists as YYYY-MM-DD")
		case t.Year() < firstYear || t.Year() > lastYear:
			dateOK = false
			k.add(field+".date", "range", fmt.Sprintf("give a year from %d to %d", firstYear, lastYear))
		}
		w, ok := wall{0, wholeDay}, true
		whole := e.From == "" && e.To == ""
		if !whole {
			w, ok = k.span(field, e.From, e.To)
		}
		if !dateOK || !ok {
			continue
		}
		d := day(t.Unix() / 86400)
		o := c.dates[d]
		if o == nil {
			o = &override{}
			c.dates[d] = o
		}
		o.names = append(o.names, e.Name)
		if e.Working {
			o.works = true
			works[d] = append(works[d], written{w, field})
			continue
		}
		o.closed = append(o.closed, w)
		if whole {
			shut = append(shut, closing{field, d})
		}
	}
	for _, s := range shut {
		if o := c.dates[s.at]; o.works {
			k.add(s.field+".working", "contradiction", "another exception says that this date is worked; keep one of them, or close only from .. to")
		}
	}
	dates := make([]day, 0, len(works))
	for d := range works {
		dates = append(dates, d)
	}
	slices.Sort(dates) // problems must come in the same order every time
	for _, d := range dates {
		c.dates[d].working = k.disjoint(works[d])
	}
}

// span reads from and to of one line.
func (k *checker) span(field, from, to string) (wall, bool) {
	f, okFrom := minutes(from)
	if okFrom && f == wholeDay {
		okFrom = false
	}
	if !okFrom {
		k.clock(field+".from", from, "give 00:00 to 23:59 as HH:MM")
	}
	t, okTo := minutes(to)
	if !okTo {
		k.clock(field+".to", to, "give 00:01 to 24:00 as HH:MM; 24:00 ends the day")
	}
	if !okFrom || !okTo {
		return wall{}, false
	}
	if f >= t {
		k.add(field+".to", "order", "give a time later than from; hours over midnight are two lines, one to 24:00 and one from 00:00 of the next day")
		return wall{}, false
	}
	return wall{f, t}, true
}

func (k *checker) clock(field, text, mend string) {
	if text == "" {
		k.add(field, "required", mend)
		return
	}
	k.add(field, "format", mend)
}

// disjoint sorts the spans of one day and reports those that overlap. Spans that touch are fine.
func (k *checker) disjoint(spans []written) []wall {
	slices.SortStableFunc(spans, func(a, b written) int { return cmp.Compare(a.from, b.from) })
	var out []wall
	var longest written // of those before, the one that ends last
	for i, s := range spans {
		if i > 0 && s.from < longest.to {
			k.add(s.field+".from", "overlap", "it overlaps "+longest.field+"; join them or move one")
		}
		if s.to > longest.to {
			longest = s
		}
		out = append(out, s.wall)
	}
	return out
}

// minutes reads HH:MM, 00:00 to 24:00, as minutes of the day.
func minutes(s string) (int, bool) {
	digit := func(i int) int { return strings.IndexByte("0123456789", s[i]) }
	if len(s) != 5 || s[2] != ':' {
		return 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if digit(i) < 0 {
			return 0, false
		}
	}
	h, m := digit(0)*10+digit(1), digit(3)*10+digit(4)
	if m > 59 || h*60+m > wholeDay {
		return 0, false
	}
	return h*60 + m, true
}
