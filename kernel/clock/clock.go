// Package clock is one service level clock: how much of a target is used up, when it will be, and
// whether the promise was kept (ISO/IEC 20000-1:2018, 8.3.3 and 8.6.1).
//
// In: the instants at which it started, stood still, went on and ended; a target of working time; the
// calendar it is pinned to. Out: elapsed and remaining time, due, warning and breach instants, state.
// Start at [Clock]; its methods that take a time record facts, those that take a calendar only look.
//
// Always true:
//   - A clock holds only facts: its spans of running, its end, its target. Whatever depends on a
//     calendar is computed from them, so another target or calendar replays the whole history with
//     every pause in it.
//   - Only working time counts, in spans and in pauses alike: a pause over a weekend neither adds nor
//     saves anything.
//   - Times are kept in microseconds UTC, as they are stored. One that lies before what is already
//     recorded is moved up to it, so nothing is ever negative, whatever machine clocks do.
//   - An ended clock never moves, unless it is reopened.
package clock

import (
	"slices"
	"time"

	"steward/kernel/calendar"
)

// Clock is the recorded state of one service level clock. The zero Clock has not started.
//
// Copies are independent: recording in one changes no other.
type Clock struct {
	Target  time.Duration // working time promised
	Spans   Spans         // when it ran
	EndedAt time.Time     // zero while it has not ended
}

// State is what a clock shows.
type State string

const (
	Running  State = "running"
	Paused   State = "paused"   // also a clock that has not started
	Met      State = "met"      // ended in time
	Breached State = "breached" // went on after the target was used up, ended or not
)

// Start lets the clock run from at. A clock that has started is left alone, and so is one given a zero
// time.
func (c *Clock) Start(at time.Time) {
	if !c.started() && !at.IsZero() {
		c.Spans = Spans{{From: instant(at)}}
	}
}

// Pause makes the clock stand still from at. A clock that does not run is left alone.
func (c *Clock) Pause(at time.Time) {
	if !c.runs() {
		return
	}
	c.Spans = slices.Clone(c.Spans)
	last := &c.Spans[len(c.Spans)-1]
	last.To = later(instant(at), last.From)
}

// Resume lets a paused clock run on from at. A clock that runs, has ended or has not started is left
// alone.
func (c *Clock) Resume(at time.Time) {
	if c.started() && !c.runs() && c.EndedAt.IsZero() {
		c.goOn(instant(at))
	}
}

// End ends the clock for good, whether it runs or stands still. A clock that has ended or has not
// started is left alone.
func (c *Clock) End(at time.Time) {
	if !c.started() || !c.EndedAt.IsZero() {
		return
	}
	if c.runs() {
		end := later(instant(at), c.last().From)
		c.Pause(end)
		c.EndedAt = end
		return
	}
	c.EndedAt = later(instant(at), c.last().To)
}

// Reopen takes an end back: the clock runs on from at, and the time since its end was a pause. A clock
// that has not ended is left alone.
func (c *Clock) Reopen(at time.Time) {
	if c.EndedAt.IsZero() {
		return
	}
	at = later(instant(at), c.EndedAt)
	c.EndedAt = time.Time{}
	c.goOn(at)
}

// Retarget promises another target, for instance because the priority changed, and tells when the
// clock was due before and is due now, each on its own calendar (zero as in [Clock.DueAt]). All pauses
// so far count for the new target as they did for the old one, so the new one may be used up already.
// An ended clock keeps its target and both instants are the same.
func (c *Clock) Retarget(target time.Duration, was, is *calendar.Calendar) (before, after time.Time) {
	before = c.DueAt(was)
	if !c.EndedAt.IsZero() {
		return before, before
	}
	c.Target = max(target, 0)
	return before, c.DueAt(is)
}

// StartedAt is when the clock started, zero when it has not.
func (c Clock) StartedAt() time.Time {
	if !c.started() {
		return time.Time{}
	}
	return c.Spans[0].From
}

// RunningSince is when the clock began to run without a pause, zero when it does not run.
func (c Clock) RunningSince() time.Time {
	if !c.runs() {
		return time.Time{}
	}
	return c.last().From
}

func (c Clock) started() bool { return len(c.Spans) > 0 }
func (c Clock) runs() bool    { return c.started() && c.last().To.IsZero() }
func (c Clock) last() Span    { return c.Spans[len(c.Spans)-1] }

// goOn begins a span even where the last one has just ended: joining them would forget up to when
// times are recorded, and a later event out of order could then take working time back.
func (c *Clock) goOn(at time.Time) {
	c.Spans = append(slices.Clone(c.Spans), Span{From: later(at, c.last().To)})
}

// instant is t as it is stored.
func instant(t time.Time) time.Time { return time.UnixMicro(t.UnixMicro()).UTC() }

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
