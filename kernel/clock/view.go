package clock

import (
	"math"
	"time"

	"steward/kernel/calendar"
)

// Elapsed is the working time used up until now. What is recorded counts as it was recorded even when
// now lies before it; now only ends a span that still runs.
func (c Clock) Elapsed(cal *calendar.Calendar, now time.Time) time.Duration {
	var sum time.Duration
	for _, s := range c.Spans {
		to := s.To
		if to.IsZero() {
			to = now
		}
		sum += cal.Between(s.From, to) // 0 when now lies before From
	}
	return sum
}

// Remaining is the working time left of the target. Less than zero says how late the clock is. It does
// not move while the clock stands still.
func (c Clock) Remaining(cal *calendar.Calendar, now time.Time) time.Duration {
	return c.Target - c.Elapsed(cal, now)
}

// DueAt is the earliest instant at which the target is used up if nothing more happens: Friday 17:00,
// not Monday 08:00. For an ended clock it is what it was at the end. It is zero while that is not
// known, which is while the clock stands still, ended standing still or has not started, with some of
// the target left; also when the calendar has not that much time within 50 years.
func (c Clock) DueAt(cal *calendar.Calendar) time.Time {
	due, _ := c.usedUp(cal, c.Target)
	return due
}

// WarnAt is when a share of the target (0 to 1) is used up; otherwise as [Clock.DueAt].
func (c Clock) WarnAt(cal *calendar.Calendar, share float64) time.Time {
	if !(share > 0) { // not a number warns at once rather than never
		share = 0
	}
	if share >= 1 {
		return c.DueAt(cal)
	}
	warn, _ := c.usedUp(cal, time.Duration(math.Round(float64(c.Target)*share)))
	return warn
}

// BreachedAt is when the promise was broken, zero when it was not broken by now. That is the due
// instant if the clock ran on after it, even through hours that are no working time: a clock due
// Friday 17:00 and ended Saturday is breached. One that ended, or stood still, exactly when the target
// was used up is not; should that one run on, it is breached from then.
func (c Clock) BreachedAt(cal *calendar.Calendar, now time.Time) time.Time {
	due, i := c.usedUp(cal, c.Target)
	if due.IsZero() {
		return due
	}
	for ; i < len(c.Spans); i++ {
		s := c.Spans[i]
		at := later(due, s.From)
		if s.To.IsZero() && !now.Before(at) { // used up, and not ended: a timer set to due finds it so
			return at
		}
		if s.To.After(at) {
			return at
		}
	}
	return time.Time{}
}

// State is what the clock shows at now. A breach stays visible while the clock stands still.
func (c Clock) State(cal *calendar.Calendar, now time.Time) State {
	switch {
	case !c.BreachedAt(cal, now).IsZero():
		return Breached
	case !c.EndedAt.IsZero():
		return Met
	case c.runs():
		return Running
	}
	return Paused
}

// usedUp is the earliest instant at which work has been used up, and the span it lies in. A span that
// still runs, or that the end of the clock cut off, is taken to go on. Zero when it is not reached.
func (c Clock) usedUp(cal *calendar.Calendar, work time.Duration) (time.Time, int) {
	work = max(work, 0)
	for i, s := range c.Spans {
		if s.To.IsZero() || s.To.Equal(c.EndedAt) {
			at, ok := cal.Add(s.From, work)
			if !ok {
				return time.Time{}, 0
			}
			return at, i
		}
		spent := cal.Between(s.From, s.To)
		if spent >= work {
			at, _ := cal.Add(s.From, work)
			return at, i
		}
		work -= spent
	}
	return time.Time{}, 0
}
