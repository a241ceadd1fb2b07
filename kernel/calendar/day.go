package calendar

import "time"

// Span is a stretch of real time that holds From and not To.
type Span struct{ From, To time.Time }

// Day is one date of a calendar, for showing it.
type Day struct {
	Date       string   // YYYY-MM-DD
	Weekday    int      // 1 = Monday .. 7 = Sunday
	Spans      []Span   // working time in the calendar's zone, in order; none when closed
	Holidays   []string // names of its holidays, also when an exception makes it a working day
	Exceptions []string // names of its exceptions, as written
	Working    int64    // seconds of working time
}

// Day shows the date that t has in the calendar's zone.
func (c *Calendar) Day(t time.Time) Day {
	y, m, d := t.In(c.zone).Date()
	at := dayOf(y, m, d)
	return c.days(at, at+1)[0]
}

// Days shows every date of a year, 1 January to 31 December. A date that the zone leaves out has no
// spans.
func (c *Calendar) Days(year int) []Day {
	return c.days(dayOf(year, time.January, 1), dayOf(year+1, time.January, 1))
}

func (c *Calendar) days(first, next day) []Day {
	holidays := c.holidays(first, next)
	zones := periods(c.zone, int64(first-2)*86400, int64(next+2)*86400)
	out := make([]Day, 0, next-first)
	for d := first; d < next; d++ {
		v := Day{Date: d.String(), Weekday: d.weekday()}
		for _, h := range holidays[d] {
			v.Holidays = append(v.Holidays, h.name)
		}
		if o := c.dates[d]; o != nil {
			v.Exceptions = append(v.Exceptions, o.names...)
		}
		if y := d.time().Year(); y >= firstYear && y <= lastYear {
			for _, s := range joined(instants(d, c.walls(d, holidays[d]), zones)) {
				v.Spans = append(v.Spans, Span{time.Unix(s.from, 0).In(c.zone), time.Unix(s.to, 0).In(c.zone)})
				v.Working += s.to - s.from
			}
		}
		out = append(out, v)
	}
	return out
}
