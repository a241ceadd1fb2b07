package clock

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"steward/kernel/calendar"
)

// model is a clock made of minutes: one mark for each in which it ran, one for each that was working
// time by the wall clock. It shares no code with the clock or the calendar.
type model struct {
	base     time.Time
	open     []bool
	ran      []bool // recorded as running; a span that still runs is marked to the horizon
	from     int    // since when it runs, or the last thing recorded
	started  bool
	running  bool
	ended    bool
	end      int
	start    int
	cutShort bool // its end cut off a span that ran, or came with its pause
}

const horizon = 24 * 60 * 24 // minutes

// wallHours looks the wall clock up, minute by minute: Monday to Friday 08:00-12:00 and 13:00-17:00,
// Sunday 01:00-04:00 so that the hours of both change days count.
func wallHours(base time.Time, zone *time.Location, minutes int) []bool {
	open := make([]bool, minutes)
	for i := range open {
		l := base.Add(time.Duration(i) * time.Minute).In(zone)
		h, d := l.Hour(), l.Weekday()
		open[i] = d == time.Sunday && h >= 1 && h < 4 ||
			d >= time.Monday && d <= time.Friday && (h >= 8 && h < 12 || h >= 13 && h < 17)
	}
	return open
}

func (m *model) mark(from, to int, v bool) {
	for i := from; i < to; i++ {
		m.ran[i] = v
	}
}

func (m *model) event(name string, at int) {
	at = max(at, m.from)
	switch {
	case name == "start" && !m.started:
		m.started, m.running, m.start = true, true, at
		m.mark(at, horizon, true)
	case name == "pause" && m.running:
		m.running = false
		m.mark(at, horizon, false)
	case name == "resume" && m.started && !m.running && !m.ended:
		m.running = true
		m.mark(at, horizon, true)
	case name == "end" && m.started && !m.ended:
		m.ended, m.end, m.cutShort = true, at, m.running || at == m.from
		m.running = false
		m.mark(at, horizon, false)
	case name == "reopen" && m.ended:
		m.ended, m.running, m.cutShort = false, true, false
		m.mark(at, horizon, true)
	default:
		return
	}
	m.from = at
}

func (m *model) elapsed(now int) int {
	n := 0
	for i, ran := range m.ran {
		if ran && m.open[i] && (i < now || !m.running || i < m.from) {
			n++
		}
	}
	return n
}

// due is the first minute at whose beginning work minutes have been used up, or -1.
func (m *model) due(work int) int {
	if work == 0 {
		return m.start
	}
	for i := range m.ran {
		if m.open[i] && (m.ran[i] || m.cutShort && i >= m.end) {
			if work--; work == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// breached is the first running minute from the due one on, or -1. Of a span that still runs, now is
// the last one.
func (m *model) breached(target, now int) int {
	due := m.due(target)
	if due < 0 {
		return -1
	}
	for i := due; i < horizon; i++ {
		if m.ran[i] && (!m.running || i < m.from || i <= now) {
			return i
		}
	}
	return -1
}

func TestClockEqualsAMinuteByMinuteCount(t *testing.T) {
	rounds := 250
	if os.Getenv("STEWARD_LONG") == "1" {
		rounds = 60_000
	}
	seed := uint64(time.Now().UnixNano())
	if s, err := strconv.ParseUint(os.Getenv("STEWARD_SEED"), 10, 64); err == nil {
		seed = s
	}
	r := rand.New(rand.NewPCG(seed, 2))
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	spec := calendar.Spec{Zone: "Europe/Berlin", Hours: []calendar.Hours{{Weekday: 7, From: "01:00", To: "04:00"}}}
	for d := 1; d <= 5; d++ {
		spec.Hours = append(spec.Hours, calendar.Hours{Weekday: d, From: "08:00", To: "12:00"}, calendar.Hours{Weekday: d, From: "13:00", To: "17:00"})
	}
	cal, problems := calendar.Compile(spec)
	if problems != nil {
		t.Fatal(problems)
	}
	const week = 7 * 24 * 60
	seasons := []time.Time{ // the week before the clocks go back, and the one before they go forward
		time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC),
		time.Date(2027, 3, 22, 0, 0, 0, 0, time.UTC),
	}
	var open [][]bool
	for _, s := range seasons {
		open = append(open, wallHours(s, zone, week+horizon))
	}
	states := map[State]int{}
	for round := range rounds {
		season, shift := r.IntN(len(seasons)), r.IntN(week)
		base := seasons[season].Add(time.Duration(shift) * time.Minute)
		m, c := &model{base: base, open: open[season][shift : shift+horizon], ran: make([]bool, horizon)}, Clock{}
		instant := func(i int) time.Time { return base.Add(time.Duration(i) * time.Minute) }
		var log []string
		clock := r.IntN(1500)
		for range 1 + r.IntN(9) {
			name := []string{"start", "start", "pause", "pause", "resume", "resume", "reopen", "end"}[r.IntN(8)]
			if len(log) == 0 {
				name = "start"
			}
			clock = max(0, min(clock+r.IntN(2000)-300, horizon/2)) // sometimes back
			if r.IntN(3) == 0 {                                    // at an edge of working time
				for clock < horizon/2 && m.open[clock] == m.open[clock+1] {
					clock++
				}
				clock++
			}
			log = append(log, name+" "+instant(clock).In(zone).String())
			m.event(name, clock)
			switch name {
			case "start":
				c.Start(instant(clock))
			case "pause":
				c.Pause(instant(clock))
			case "resume":
				c.Resume(instant(clock))
			case "end":
				c.End(instant(clock))
			case "reopen":
				c.Reopen(instant(clock))
			}
			if text, err := c.Spans.MarshalText(); err != nil || c.Spans.UnmarshalText(text) != nil {
				t.Fatalf("seed %d: %v does not survive storage", seed, c.Spans)
			}
			for range 4 { // every look is under another target, so pauses are replayed each time
				target, now := r.IntN(2400), r.IntN(horizon/2+600)
				switch e := m.elapsed(now); r.IntN(4) {
				case 0:
					target = e
				case 1:
					target = max(0, e-1)
				}
				c.Target = time.Duration(target) * time.Minute
				fail := func(what string, got, want any) {
					t.Helper()
					t.Fatalf("seed %d round %d, %s = %v, want %v\ntarget %d min, now %v\n%q\n%v",
						seed, round, what, got, want, target, instant(now).In(zone), log, c)
				}
				if got, want := c.Elapsed(cal, instant(now)), time.Duration(m.elapsed(now))*time.Minute; got != want {
					fail("elapsed", got, want)
				}
				check := func(what string, got time.Time, want int) {
					t.Helper()
					if want < 0 && !got.IsZero() || want >= 0 && !got.Equal(instant(want)) {
						fail(what, got.In(zone), instant(want).In(zone))
					}
				}
				check("due", c.DueAt(cal), m.due(target))
				if target%2 == 0 {
					check("warning", c.WarnAt(cal, 0.5), m.due(target/2))
				}
				breached := m.breached(target, now)
				check("breached", c.BreachedAt(cal, instant(now)), breached)
				want := Paused
				switch {
				case breached >= 0:
					want = Breached
				case m.ended:
					want = Met
				case m.running:
					want = Running
				}
				if got := c.State(cal, instant(now)); got != want {
					fail("state", got, want)
				}
				states[want]++
			}
		}
	}
	for _, s := range []State{Running, Paused, Met, Breached} {
		if states[s] == 0 {
			t.Errorf("no case was %s", s)
		}
	}
	t.Logf("looks by state: %v", states)
}
