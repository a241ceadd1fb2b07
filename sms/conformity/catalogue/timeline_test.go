package catalogue

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// d is midnight UTC of a day in 2026: d(1) is 1 January, d(32) 1 February.
func d(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }

// show writes a timeline as "conforms | 5 stale: old": day of the year, state, reason.
func show(l Timeline) string {
	s := ""
	for i, seg := range l.Segments() {
		if i > 0 {
			s += fmt.Sprintf(" | %d ", int(seg.From.Sub(d(1)).Hours()/24)+1)
		}
		s += string(seg.State)
		if seg.Reason != "" {
			s += ": " + seg.Reason
		}
	}
	return s
}

func TestTimelineOfNothingIsNoEvidence(t *testing.T) {
	var none Timeline
	if s := none.At(d(1)); s.State != NoEvidence || s.Reason == "" {
		t.Errorf("nobody judged, and it reads %+v", s)
	}
	if _, ok := none.NextChange(time.Time{}); ok {
		t.Error("it changes by itself")
	}
	if State("fine").Holds() {
		t.Error("an unknown word passes")
	}
}

func TestTimeTurnsConformsIntoStaleByItself(t *testing.T) {
	l := ConformsUntil(d(10), Stale, "old")
	if l.StateAt(d(10).Add(-time.Nanosecond)) != Conforms || l.StateAt(d(10)) != Stale {
		t.Errorf("around the change: %s", show(l))
	}
	if next, ok := l.NextChange(d(1)); !ok || !next.From.Equal(d(10)) || next.State != Stale {
		t.Errorf("next change %+v, %v", next, ok)
	}
	if _, ok := l.NextChange(d(10)); ok {
		t.Error("stale turns into something else by itself")
	}
	if since := l.Since(d(20)); !since.Equal(d(10)) {
		t.Errorf("stale since %v", since)
	}
	if held := l.Held(d(1), d(13)); held != 9*24*time.Hour {
		t.Errorf("held for %v of the first twelve days, want 9 days", held)
	}
}

func TestTruncateRewritesTheTailAndLeavesThePastAlone(t *testing.T) {
	l := ConformsUntil(d(10), Stale, "old")
	got := l.Truncate(d(15), ConformsUntil(d(40), Stale, "old"))
	if want := "conforms | 10 stale: old | 15 conforms | 40 stale: old"; show(got) != want {
		t.Errorf("%s, want %s", show(got), want)
	}
	if got := l.Truncate(d(5), ConformsUntil(d(40), Stale, "old")); show(got) != "conforms | 40 stale: old" {
		t.Errorf("renewed in time: %s", show(got))
	}
	if got := l.Truncate(time.Time{}, Always(Gap, "x")); show(got) != "gap: x" {
		t.Errorf("truncated from ever: %s", show(got))
	}
}

func TestAndTellsAllReasonsOfTheWorstState(t *testing.T) {
	got := And(Always(Gap, "a; b"), Always(Conforms, "c"), Always(Gap, "b; d"), Always(Stale, "e"))
	if show(got) != "gap: a; b; d" {
		t.Error(show(got))
	}
	if got := And(ConformsUntil(d(10), Stale, "x"), ConformsUntil(d(5), Gap, "y")); show(got) != "conforms | 5 gap: y" {
		t.Error(show(got))
	}
	if got := And(Always(Vacuous, "not asked"), ConformsUntil(d(10), Stale, "x")); show(got) != "conforms | 10 stale: x" {
		t.Error(show(got))
	}
	if got := Any(Always(Vacuous, "not asked"), Always(Gap, "a"), ConformsUntil(d(10), Stale, "x")); show(got) != "conforms | 10 stale: x" {
		t.Error(show(got))
	}
	if got := Any(Always(Vacuous, "not asked"), Always(Gap, "a")); show(got) != "gap: a" {
		t.Errorf("a question that is not asked answered another: %s", show(got))
	}
}

func TestOfTwoSegmentsAtOneInstantTheLaterArgumentCounts(t *testing.T) {
	got := Steps(Segment{From: d(5), State: Gap}, Segment{From: d(3), State: Stale}, Segment{From: d(5), State: Conforms})
	if show(got) != "no_evidence: not judged | 3 stale | 5 conforms" {
		t.Error(show(got))
	}
}

func timelines() *rapid.Generator[Timeline] {
	return rapid.Custom(func(t *rapid.T) Timeline {
		n := rapid.IntRange(0, 5).Draw(t, "n")
		segs := make([]Segment, n)
		for i := range segs {
			segs[i].State = rapid.SampledFrom(ranked[:]).Draw(t, "state")
			segs[i].Reason = rapid.SampledFrom([]string{"", "a", "b", "a; c", "c; b"}).Draw(t, "reason")
			if day := rapid.IntRange(0, 9).Draw(t, "day"); day > 0 {
				segs[i].From = d(day)
			}
		}
		return Steps(segs...)
	})
}

// instants are those at which anything can change, and those between.
func instants() []time.Time {
	out := []time.Time{{}}
	for i := range 11 {
		out = append(out, d(i), d(i).Add(-time.Nanosecond), d(i).Add(12*time.Hour))
	}
	return out
}

func TestAlgebraOfTimelines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := timelines().Draw(t, "a"), timelines().Draw(t, "b"), timelines().Draw(t, "c")
		for name, op := range map[string]func(...Timeline) Timeline{"And": And, "Any": Any} {
			if x, y := op(op(a, b), c), op(a, op(b, c)); !x.Equal(y) {
				t.Errorf("%s is not associative: %s, %s", name, show(x), show(y))
			}
			if x := op(a, b, c); !x.Equal(op(op(a, b), c)) {
				t.Errorf("%s of three is not that of two and one: %s", name, show(x))
			}
			if x := op(a, a); !x.Equal(a) {
				t.Errorf("%s with itself is %s, was %s", name, show(x), show(a))
			}
			if x, y := op(a, op()), op(op(), a); !x.Equal(a) || !y.Equal(a) {
				t.Errorf("%s with nothing is %s and %s, was %s", name, show(x), show(y), show(a))
			}
			x, y := op(a, b), op(b, a)
			for _, at := range instants() {
				if x.StateAt(at) != y.StateAt(at) {
					t.Errorf("%s does not commute at %v", name, at)
				}
				if s := x.StateAt(at); s != a.StateAt(at) && s != b.StateAt(at) {
					t.Errorf("%s made up %s at %v", name, s, at)
				}
			}
		}
		and := And(a, b)
		for _, at := range instants() {
			want := a.StateAt(at)
			if s := b.StateAt(at); s.rank() < want.rank() {
				want = s
			}
			if got := and.StateAt(at); got != want {
				t.Errorf("And at %v is %s, want %s", at, got, want)
			}
		}
	})
}

func TestSegmentsAndQuestionsOfTimeAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, rest := timelines().Draw(t, "l"), timelines().Draw(t, "rest")
		segs := l.Segments()
		if !segs[0].From.IsZero() {
			t.Errorf("%s does not begin from ever", show(l))
		}
		for i := 1; i < len(segs); i++ {
			if !segs[i-1].From.Before(segs[i].From) || segs[i-1].State == segs[i].State && segs[i-1].Reason == segs[i].Reason {
				t.Errorf("%s is not in normal form", show(l))
			}
		}
		if !Steps(segs...).Equal(l) {
			t.Errorf("%s is not made again of its segments", show(l))
		}
		cut := d(rapid.IntRange(-1, 11).Draw(t, "cut"))
		spliced := l.Truncate(cut, rest)
		var held time.Duration
		for _, at := range instants() {
			want := segs[0] // the last that began by then, found the slow way
			for _, s := range segs {
				if !s.From.After(at) {
					want = s
				}
			}
			if got := l.At(at); got != want {
				t.Errorf("at %v: %+v, want %+v", at, got, want)
			}
			if next, ok := l.NextChange(at); ok && (!next.From.After(at) || next.State == want.State ||
				l.StateAt(next.From) != next.State || l.StateAt(next.From.Add(-1)) != want.State) {
				t.Errorf("next change after %v: %+v in %s", at, next, show(l))
			}
			if since := l.Since(at); l.StateAt(since) != want.State || since.After(at) ||
				!since.IsZero() && l.StateAt(since.Add(-1)) == want.State {
				t.Errorf("since %v at %v in %s", since, at, show(l))
			}
			side := l
			if !at.Before(cut) {
				side = rest
			}
			if spliced.StateAt(at) != side.StateAt(at) {
				t.Errorf("truncated at %v, at %v: %s", cut, at, show(spliced))
			}
		}
		for i := range 10 { // changes fall on midnights only
			if l.StateAt(d(i)).Holds() {
				held += 24 * time.Hour
			}
		}
		if got := l.Held(d(0), d(10)); got != held {
			t.Errorf("held %v, counted %v in %s", got, held, show(l))
		}
	})
}
