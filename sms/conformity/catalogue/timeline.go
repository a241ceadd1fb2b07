package catalogue

import (
	"slices"
	"strings"
	"time"
)

// State is what is known of a duty: the seven words of the contract.
type State string

// The states, worst first as [And] ranks them.
const (
	Gap        State = "gap"         // the duty is not met
	NoEvidence State = "no_evidence" // never exercised yet
	Partial    State = "partial"     // met by some of those it is asked of
	Stale      State = "stale"       // it held, but the evidence is older than its interval
	Attested   State = "attested"    // a person signed for it
	Conforms   State = "conforms"    // records show it
	Vacuous    State = "vacuous"     // its condition was searched for and not found
)

var ranked = [...]State{Gap, NoEvidence, Partial, Stale, Attested, Conforms, Vacuous}

func (s State) rank() int {
	if i := slices.Index(ranked[:], s); i >= 0 {
		return i
	}
	return 0 // an unknown word never passes for conforming
}

// Holds reports whether s raises no objection: conforms, attested or vacuous.
func (s State) Holds() bool { return s.rank() >= Attested.rank() }

// Shown reports whether something shows that the duty is met: it conforms or is attested. What is
// vacuous raises no objection, and shows nothing.
func (s State) Shown() bool { return s == Conforms || s == Attested }

// Fails is the opposite of Holds.
func (s State) Fails() bool { return !s.Holds() }

// A Segment is the state from an instant until that of the next segment.
type Segment struct {
	From   time.Time // zero: from ever
	State  State
	Reason string // a sentence without its full stop; several are joined by "; "
}

// Timeline is a verdict as a step function of time if nothing more happens: "conforms, stale from
// 1 March 2027". The zero Timeline is of something that nobody judged: no evidence, for ever.
type Timeline struct{ segments []Segment } // ascending; neighbours differ in state or reason; the first is from ever

const unjudged = "not judged"

// Steps makes a timeline of segments in any order; of two with one From the later argument counts.
// Before the first one nothing was judged.
func Steps(segments ...Segment) Timeline {
	in := slices.Clone(segments)
	slices.SortStableFunc(in, func(a, b Segment) int { return a.From.Compare(b.From) })
	if len(in) > 0 && !in[0].From.IsZero() {
		in = append([]Segment{{State: NoEvidence, Reason: unjudged}}, in...)
	}
	var out []Segment
	for i, s := range in {
		if i+1 < len(in) && in[i+1].From.Equal(s.From) {
			continue
		}
		out = extend(out, s)
	}
	return Timeline{out}
}

// extend adds a segment unless it says what the last one says already.
func extend(out []Segment, s Segment) []Segment {
	if n := len(out); n > 0 && out[n-1].State == s.State && out[n-1].Reason == s.Reason {
		return out
	}
	return append(out, s)
}

// Always is a verdict that time does not change.
func Always(s State, reason string) Timeline { return Timeline{[]Segment{{State: s, Reason: reason}}} }

// ConformsUntil conforms before t, and is then what it turns into: usually Stale.
func ConformsUntil(t time.Time, then State, reason string) Timeline {
	return Steps(Segment{State: Conforms}, Segment{From: t, State: then, Reason: reason})
}

// Segments is the timeline written out, the first from ever.
func (l Timeline) Segments() []Segment {
	if len(l.segments) == 0 {
		return []Segment{{State: NoEvidence, Reason: unjudged}}
	}
	return slices.Clone(l.segments)
}

func (l Timeline) all() []Segment {
	if len(l.segments) == 0 {
		return unjudgedSegments
	}
	return l.segments
}

var unjudgedSegments = []Segment{{State: NoEvidence, Reason: unjudged}}

// index is the place of the segment that holds at t.
func (l Timeline) index(t time.Time) int {
	i, found := slices.BinarySearchFunc(l.all(), t, func(s Segment, t time.Time) int { return s.From.Compare(t) })
	if found {
		return i
	}
	return max(i-1, 0) // before the zero instant there is nothing to know either
}

// At is the segment that holds at t.
func (l Timeline) At(t time.Time) Segment { return l.all()[l.index(t)] }

// StateAt is the state at t.
func (l Timeline) StateAt(t time.Time) State { return l.At(t).State }

// NextChange is the first segment that begins after t with another state than that at t. A change
// of reason alone is none.
func (l Timeline) NextChange(t time.Time) (Segment, bool) {
	segs := l.all()
	i := l.index(t)
	for _, s := range segs[i+1:] {
		if s.State != segs[i].State {
			return s, true
		}
	}
	return Segment{}, false
}

// Since is the instant from which the state at t has held without a break; zero: from ever.
func (l Timeline) Since(t time.Time) time.Time {
	segs := l.all()
	i := l.index(t)
	for i > 0 && segs[i-1].State == segs[i].State {
		i--
	}
	return segs[i].From
}

// Held is how long between from and to the state held. An auditor asks of a period, not of today.
func (l Timeline) Held(from, to time.Time) (held time.Duration) {
	segs := l.all()
	for i, s := range segs {
		if s.State.Fails() {
			continue
		}
		begin, end := from, to
		if s.From.After(begin) {
			begin = s.From
		}
		if i+1 < len(segs) && segs[i+1].From.Before(end) {
			end = segs[i+1].From
		}
		if begin.Before(end) {
			held += end.Sub(begin)
		}
	}
	return held
}

// Truncate keeps l before at and takes rest from at on: how a new event rewrites a member's tail
// and leaves what was so alone.
func (l Timeline) Truncate(at time.Time, rest Timeline) Timeline {
	if at.IsZero() {
		return rest
	}
	var out []Segment
	for _, s := range l.all() {
		if s.From.Before(at) {
			out = append(out, s)
		}
	}
	now := rest.At(at)
	now.From = at
	out = extend(out, now)
	for _, s := range rest.all() {
		if s.From.After(at) {
			out = extend(out, s)
		}
	}
	return Timeline{out}
}

// Equal reports whether both say the same at every instant.
func (l Timeline) Equal(m Timeline) bool {
	return slices.EqualFunc(l.all(), m.all(), func(a, b Segment) bool {
		return a.From.Equal(b.From) && a.State == b.State && a.Reason == b.Reason
	})
}

// And is the worst of its parts at every instant: every part is asked for. Of equally bad parts all
// reasons are told. A vacuous part asks for nothing; of no parts it is vacuous.
func And(parts ...Timeline) Timeline { return fold(parts, worse) }

// Any is the best of its parts at every instant: one of them is enough. A vacuous part is no
// answer; of no parts it is vacuous, so a caller with nothing to show says so itself, as [Covered]
// does.
func Any(parts ...Timeline) Timeline {
	return fold(parts, func(a, b Segment) (Segment, bool) {
		switch {
		case a.State == b.State:
			return Segment{}, false
		case a.State == Vacuous:
			return b, true
		case b.State == Vacuous || a.State.rank() > b.State.rank():
			return a, true
		}
		return b, true
	})
}

func worse(a, b Segment) (Segment, bool) {
	switch {
	case a.State == b.State:
		return Segment{}, false
	case a.State.rank() < b.State.rank():
		return a, true
	}
	return b, true
}

// fold combines timelines instant by instant. choose says which of two states that differ counts;
// equal ones keep the reasons of both.
func fold(parts []Timeline, choose func(a, b Segment) (Segment, bool)) Timeline {
	if len(parts) == 0 {
		return Always(Vacuous, "")
	}
	sum := parts[0].all()
	for _, p := range parts[1:] {
		var out []Segment
		a, b := sum, p.all()
		for i, j := 0, 0; ; {
			s, decided := choose(a[i], b[j])
			if !decided {
				s = Segment{State: a[i].State, Reason: joinReasons(a[i].Reason, b[j].Reason)}
			}
			s.From = a[i].From
			if b[j].From.After(s.From) {
				s.From = b[j].From
			}
			out = extend(out, s)
			// Step to whichever changes next, to both if they change together.
			nextA, nextB := i+1 < len(a), j+1 < len(b)
			switch {
			case nextA && nextB:
				c := a[i+1].From.Compare(b[j+1].From)
				if c <= 0 {
					i++
				}
				if c >= 0 {
					j++
				}
			case nextA:
				i++
			case nextB:
				j++
			}
			if !nextA && !nextB {
				break
			}
		}
		sum = out
	}
	return Timeline{slices.Clone(sum)}
}

// joinReasons tells each reason once, in order. It must stay associative, or And would not be.
func joinReasons(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "" || a == b:
		return a
	}
	told := strings.Split(a, "; ")
	for r := range strings.SplitSeq(b, "; ") {
		if !slices.Contains(told, r) {
			told = append(told, r)
		}
	}
	return strings.Join(told, "; ")
}
