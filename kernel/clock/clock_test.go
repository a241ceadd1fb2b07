package clock

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"steward/kernel/calendar"
)

func officeHours(t testing.TB, spans ...[2]string) *calendar.Calendar {
	t.Helper()
	s := calendar.Spec{Zone: "Europe/Berlin"}
	for d := 1; d <= 5; d++ {
		for _, x := range spans {
			s.Hours = append(s.Hours, calendar.Hours{Weekday: d, From: x[0], To: x[1]})
		}
	}
	c, problems := calendar.Compile(s)
	if problems != nil {
		t.Fatal(problems)
	}
	return c
}

func at(t testing.TB, local string) time.Time {
	t.Helper()
	if local == "" {
		return time.Time{}
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	v, err := time.ParseInLocation("2006-01-02 15:04", local, berlin)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// play runs a clock through lines such as "pause", "2026-11-20 16:50".
func play(t testing.TB, target time.Duration, lines ...string) Clock {
	t.Helper()
	c := Clock{Target: target}
	for i := 0; i < len(lines); i += 2 {
		when := at(t, lines[i+1])
		switch lines[i] {
		case "start":
			c.Start(when)
		case "pause":
			c.Pause(when)
		case "resume":
			c.Resume(when)
		case "end":
			c.End(when)
		case "reopen":
			c.Reopen(when)
		default:
			t.Fatalf("no event %q", lines[i])
		}
	}
	return c
}

func same(t testing.TB, what string, got time.Time, want string) {
	t.Helper()
	if !got.Equal(at(t, want)) {
		t.Errorf("%s = %v, want %q", what, got, want)
	}
}

func TestClockStandsStillWhileTheCustomerIsAsked(t *testing.T) {
	cal := calendar.Always("UTC")
	c := play(t, 4*time.Hour, "start", "2026-11-20 08:00", "pause", "2026-11-20 09:00")
	now := at(t, "2026-11-23 09:00")
	if got := c.Elapsed(cal, now); got != time.Hour {
		t.Errorf("elapsed = %v, want 1h", got)
	}
	if got := c.Remaining(cal, now); got != 3*time.Hour {
		t.Errorf("remaining = %v, want 3h", got)
	}
	same(t, "due while paused", c.DueAt(cal), "")
	if got := c.State(cal, now); got != Paused {
		t.Errorf("state = %s", got)
	}
	c.Resume(now)
	same(t, "due", c.DueAt(cal), "2026-11-23 12:00")
	same(t, "warning", c.WarnAt(cal, 0.75), "2026-11-23 11:00")
	same(t, "warning that has passed", c.WarnAt(cal, 0.25), "2026-11-20 09:00")
	same(t, "warning at a share beyond reason", c.WarnAt(cal, 7), "2026-11-23 12:00")
	same(t, "warning at no number", c.WarnAt(cal, math.NaN()), "2026-11-20 08:00")
}

func TestPauseOverTheWeekendAddsNothing(t *testing.T) { // F17
	cal := officeHours(t, [2]string{"08:00", "17:00"})
	c := play(t, 9*time.Hour, "start", "2026-11-20 16:50", "pause", "2026-11-21 00:00", "resume", "2026-11-22 23:59")
	same(t, "due", c.DueAt(cal), "2026-11-23 16:50")
}

func TestAnotherTargetReplaysTheHistoryOfPauses(t *testing.T) { // F18
	cal := calendar.Always("UTC")
	c := play(t, 24*time.Hour, "start", "2026-11-16 08:00", "pause", "2026-11-16 10:00", "resume", "2026-11-19 10:00")
	before, after := c.Retarget(4*time.Hour, cal, cal)
	same(t, "due before", before, "2026-11-20 08:00")
	same(t, "due after", after, "2026-11-19 12:00")
	if got := c.State(cal, at(t, "2026-11-19 10:05")); got != Running {
		t.Errorf("state = %s: the pause of three days was forgotten", got)
	}
	office := officeHours(t, [2]string{"08:00", "17:00"})
	before, after = c.Retarget(9*time.Hour, cal, office)
	same(t, "due on the old calendar", before, "2026-11-19 12:00")
	same(t, "due on the new calendar", after, "2026-11-19 17:00")
	c.Retarget(time.Hour, office, office)
	same(t, "breached", c.BreachedAt(office, at(t, "2026-11-19 10:05")), "2026-11-16 09:00")
	c.End(at(t, "2026-11-19 11:00"))
	if before, after = c.Retarget(99*time.Hour, office, cal); !before.Equal(after) || c.Target != time.Hour {
		t.Errorf("an ended clock moved: %v, %v, %v", before, after, c.Target)
	}
}

func TestEndAtTheTargetIsInTimeAndLaterIsNot(t *testing.T) {
	cal := officeHours(t, [2]string{"08:00", "17:00"})
	for _, tc := range []struct {
		name  string
		lines []string
		now   string
		state State
		due   string
		hit   string
	}{
		{"ended at the target", []string{"end", "2026-11-20 17:00"}, "2026-12-01 00:00", Met, "2026-11-20 17:00", ""},
		{"ended before", []string{"end", "2026-11-20 16:59"}, "2026-12-01 00:00", Met, "2026-11-20 17:00", ""},
		{"ended a working minute later", []string{"end", "2026-11-23 08:01"}, "2026-12-01 00:00", Breached, "2026-11-20 17:00", "2026-11-20 17:00"},
		{"ended after the due instant, office closed", []string{"end", "2026-11-21 10:00"}, "2026-12-01 00:00", Breached, "2026-11-20 17:00", "2026-11-20 17:00"},
		{"runs, a minute to go", nil, "2026-11-20 16:59", Running, "2026-11-20 17:00", ""},
		{"runs at the due instant", nil, "2026-11-20 17:00", Breached, "2026-11-20 17:00", "2026-11-20 17:00"},
		{"stood still at the target", []string{"pause", "2026-11-20 17:00"}, "2026-12-01 00:00", Paused, "2026-11-20 17:00", ""},
		{"stood still at the target, ended", []string{"pause", "2026-11-20 17:00", "end", "2026-11-30 10:00"}, "2026-12-01 00:00", Met, "2026-11-20 17:00", ""},
		{"stood still at the target, ran on", []string{"pause", "2026-11-20 17:00", "resume", "2026-11-24 10:00"}, "2026-11-24 10:00", Breached, "2026-11-20 17:00", "2026-11-24 10:00"},
		{"stands still, late", []string{"pause", "2026-11-23 10:00"}, "2026-12-01 00:00", Breached, "2026-11-20 17:00", "2026-11-20 17:00"},
		{"ended standing still, in time", []string{"pause", "2026-11-20 14:00", "end", "2026-11-30 10:00"}, "2026-12-01 00:00", Met, "", ""},
		{"reopened, time left", []string{"end", "2026-11-20 16:00", "reopen", "2026-11-24 09:00"}, "2026-11-24 09:30", Running, "2026-11-24 10:00", ""},
		{"reopened, late", []string{"end", "2026-11-20 16:00", "reopen", "2026-11-24 09:00", "end", "2026-11-24 11:00"}, "2026-12-01 00:00", Breached, "2026-11-24 10:00", "2026-11-24 10:00"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := play(t, 4*time.Hour, append([]string{"start", "2026-11-20 13:00"}, tc.lines...)...)
			now := at(t, tc.now)
			if got := c.State(cal, now); got != tc.state {
				t.Errorf("state = %s, want %s", got, tc.state)
			}
			same(t, "due", c.DueAt(cal), tc.due)
			same(t, "breached", c.BreachedAt(cal, now), tc.hit)
		})
	}
}

func TestTimesOutOfOrderAreMovedUp(t *testing.T) {
	cal := calendar.Always("UTC")
	c := play(t, time.Hour, "start", "2026-11-20 10:00", "pause", "2026-11-20 09:00", "resume", "2026-11-20 08:00",
		"pause", "2026-11-20 10:20", "resume", "2026-11-20 10:10", "pause", "2026-11-20 10:15", "resume", "2026-11-20 11:00", "end", "2026-11-20 07:00")
	if got := c.Elapsed(cal, at(t, "2026-11-20 01:00")); got != 20*time.Minute {
		t.Errorf("elapsed = %v, want 20m", got)
	}
	same(t, "end", c.EndedAt, "2026-11-20 11:00")
	running := play(t, time.Hour, "start", "2026-11-20 10:00")
	if got := running.Elapsed(cal, at(t, "2026-11-20 09:00")); got != 0 { // the machine's clock went back
		t.Errorf("elapsed = %v, want 0", got)
	}
}

func TestEventsThatDoNotFitChangeNothing(t *testing.T) {
	var c Clock
	c.Pause(at(t, "2026-11-20 10:00"))
	c.Resume(at(t, "2026-11-20 10:00"))
	c.End(at(t, "2026-11-20 10:00"))
	c.Reopen(at(t, "2026-11-20 10:00"))
	c.Start(time.Time{})
	if c.started() || !c.EndedAt.IsZero() || !c.StartedAt().IsZero() || !c.RunningSince().IsZero() {
		t.Errorf("a clock that has not started: %+v", c)
	}
	if s := c.State(calendar.Always("UTC"), at(t, "2026-11-20 10:00")); s != Paused {
		t.Errorf("state = %s", s)
	}
	c = play(t, time.Hour, "start", "2026-11-20 10:00", "start", "2026-11-20 09:00", "resume", "2026-11-20 12:00",
		"end", "2026-11-20 13:00", "end", "2026-11-20 14:00", "resume", "2026-11-20 15:00", "pause", "2026-11-20 16:00")
	same(t, "started", c.StartedAt(), "2026-11-20 10:00")
	same(t, "ended", c.EndedAt, "2026-11-20 13:00")
	if len(c.Spans) != 1 {
		t.Errorf("spans %v", c.Spans)
	}
}

func TestCopiesAreIndependent(t *testing.T) {
	a := play(t, time.Hour, "start", "2026-11-20 10:00", "pause", "2026-11-20 11:00", "resume", "2026-11-20 12:00")
	b := a
	b.Pause(at(t, "2026-11-20 13:00"))
	d := a
	d.End(at(t, "2026-11-20 14:00"))
	same(t, "running since", a.RunningSince(), "2026-11-20 12:00")
	same(t, "pause of one copy", b.Spans[1].To, "2026-11-20 13:00")
	same(t, "end of the other", d.Spans[1].To, "2026-11-20 14:00")
}

func TestSpansAreStoredToTheMicrosecond(t *testing.T) {
	c := Clock{}
	c.Start(time.Unix(1795190400, 123456789))
	c.Pause(time.Unix(1795194000, 0))
	c.Resume(time.Unix(1795197600, 1))
	got, err := json.Marshal(c.Spans)
	if want := "[[1795190400123456,1795194000000000],[1795197600000000]]"; err != nil || string(got) != want {
		t.Fatalf("%s, %v; want %s", got, err, want)
	}
	var back Spans
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	for i := range back {
		if back[i] != c.Spans[i] {
			t.Errorf("span %d: %v, want %v", i, back[i], c.Spans[i])
		}
	}
	for _, bad := range []string{"", "[", "[[]]", "[[1]", "[[1,]]", "[[1],[2]]", "[[2,1]]", "[[1,3],[2]]", "[[1,2],[4,3]]", "[[1,2],]", "[[1,2][3]]", "[[01]]", "[[1 ]]", "[[1,2,3]]", "[[-62135596800000000]]", "[[99999999999999999999]]", "[1]"} {
		if err := back.UnmarshalText([]byte(bad)); err == nil || len(back) != 2 {
			t.Errorf("%q was read as %v", bad, back)
		}
	}
	if err := json.Unmarshal([]byte("null"), &back); err != nil || len(back) != 2 {
		t.Errorf("null: %v, %v", back, err)
	}
}

func FuzzSpansReadWhatTheyWrite(f *testing.F) {
	for _, s := range []string{"[]", "[[5]]", "[[5,5]]", "[[1,2],[3]]", "[[-9,2],[3,4]]", "[[1,2],[2]]", "[[1"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var s Spans
		if s.UnmarshalText(in) != nil {
			return
		}
		out, err := s.MarshalText()
		if err != nil || string(out) != string(in) {
			t.Errorf("%q became %q, %v", in, out, err)
		}
		for i, x := range s {
			if i > 0 && x.From.Before(s[i-1].To) || !x.To.IsZero() && x.To.Before(x.From) {
				t.Errorf("%q is out of order", in)
			}
		}
	})
}

func BenchmarkDueAndState(b *testing.B) {
	cal := officeHours(b, [2]string{"08:00", "17:00"})
	c := play(b, 40*time.Hour, "start", "2026-11-16 08:00", "pause", "2026-11-16 10:00", "resume", "2026-11-18 10:00", "pause", "2026-11-19 10:00", "resume", "2026-11-20 10:00")
	now := at(b, "2026-11-24 12:00")
	b.ReportAllocs()
	for b.Loop() {
		c.DueAt(cal)
		c.State(cal, now)
		c.Elapsed(cal, now)
	}
}
