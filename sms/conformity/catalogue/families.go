package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The thirteen families of checks. Each takes plain values that were read before and gives the
// timeline of one member; [And] joins several. They decide, they never fetch.

// Moment is something that happened, or is yet to.
type Moment struct {
	What string    // "approval"
	At   time.Time // zero: not yet
}

// Span is a time within which something is in force, From included and To not.
type Span struct {
	Name     string
	From, To time.Time // To zero: open
}

// InForce is a gap outside from (included) and to (not; zero is open). A lapse is a gap and not
// stale: the duty is to have one, not to have had one.
func InForce(from, to time.Time) Timeline { return AtLeastOne(Span{From: from, To: to}) }

// AtLeastOne conforms while one of the spans, or more, is in force.
func AtLeastOne(spans ...Span) Timeline { return inForce(spans, len(spans)) }

// ExactlyOne conforms while one of the spans is in force and no second.
func ExactlyOne(spans ...Span) Timeline { return inForce(spans, 1) }

func inForce(spans []Span, most int) Timeline {
	edges := []time.Time{{}}
	for _, s := range spans {
		edges = append(edges, s.From)
		if !s.To.IsZero() {
			edges = append(edges, s.To)
		}
	}
	var out []Segment
	for _, t := range edges {
		var names []string
		n := 0
		for _, s := range spans {
			if !s.From.After(t) && (s.To.IsZero() || t.Before(s.To)) {
				n++
				names = append(names, s.Name)
			}
		}
		seg := Segment{From: t, State: Conforms, Reason: strings.TrimSpace("in force " + strings.Join(names, ", "))}
		switch {
		case n == 0:
			seg.State, seg.Reason = Gap, "none is in force"
		case n > most:
			seg.State, seg.Reason = Gap, fmt.Sprintf("%d are in force at once: %s", n, strings.Join(names, ", "))
		}
		out = append(out, seg)
	}
	return Steps(out...)
}

// Answer is a field that must be filled, or left blank for a stated reason.
type Answer struct {
	Field string
	Given bool   // has a value
	Blank string // the reason why it has none
}

// Answered reports a value or a reason.
func (a Answer) Answered() bool { return a.Given || strings.TrimSpace(a.Blank) != "" }

// Filled is a gap that names every field without a value and without a reason.
func Filled(fields ...Answer) Timeline {
	var missing []string
	for _, a := range fields {
		if !a.Answered() {
			missing = append(missing, a.Field)
		}
	}
	if len(missing) == 0 {
		return Always(Conforms, "")
	}
	return Always(Gap, "not filled: "+strings.Join(missing, ", "))
}

// Target is the other end of a link.
type Target struct {
	Ref     string
	State   string
	Allowed bool // its state is one that counts
}

// Linked asks for a link of a kind to a record in an allowed state, or a reason why there is none.
func Linked(kind, none string, targets ...Target) Timeline {
	if len(targets) == 0 {
		if strings.TrimSpace(none) != "" {
			return Always(Conforms, "no "+kind+": "+none)
		}
		return Always(Gap, "no link to any "+kind)
	}
	var wrong []string
	for _, t := range targets {
		if t.Allowed {
			return Always(Conforms, kind+" "+t.Ref)
		}
		wrong = append(wrong, t.Ref+" is "+t.State)
	}
	return Always(Gap, "no "+kind+" in a state that counts: "+strings.Join(wrong, ", "))
}

// Covered asks that one of the records of a kind which cover the member holds.
func Covered(kind string, covers ...Timeline) Timeline {
	if len(covers) == 0 {
		return Always(Gap, "no "+kind+" covers it")
	}
	return Any(covers...)
}

// FreshUntil conforms from the evidence on and turns stale an interval later. Without evidence
// there is no_evidence; without an interval it never ages.
func FreshUntil(evidenceAt time.Time, interval Period, what string) Timeline {
	if evidenceAt.IsZero() {
		return Always(NoEvidence, "no "+what+" is on record")
	}
	steps := []Segment{
		{State: NoEvidence, Reason: "no " + what + " was on record"},
		{From: evidenceAt, State: Conforms, Reason: what + " of " + day(evidenceAt)},
	}
	if !interval.IsZero() {
		steps = append(steps, Segment{
			From: interval.After(evidenceAt), State: Stale,
			Reason: "last " + what + " on " + day(evidenceAt) + ", older than " + interval.Words(),
		})
	}
	return Steps(steps...)
}

// Ordered asks that first has happened when then does, at the same instant at the latest. Until
// then happens there is nothing to order.
func Ordered(first, then Moment) Timeline {
	waiting := Segment{State: Vacuous, Reason: "no " + then.What + " yet"}
	if then.At.IsZero() {
		return Steps(waiting)
	}
	s := Segment{From: then.At, State: Conforms, Reason: first.What + " before " + then.What}
	switch {
	case first.At.IsZero():
		s.State, s.Reason = Gap, then.What+" without "+first.What
	case first.At.After(then.At):
		s.State, s.Reason = Gap, first.What+" on "+minute(first.At)+", after "+then.What+" on "+minute(then.At)
	}
	return Steps(waiting, s)
}

// AnsweredWithin asks for an answer to start within the limit. It conforms while there is time,
// and an answer that came late stays late. For limits in working time use [AnsweredBy].
func AnsweredWithin(start Moment, limit Period, answer Moment) Timeline {
	if start.At.IsZero() {
		return Always(Vacuous, "no "+start.What+" yet")
	}
	return AnsweredBy(start, limit.After(start.At), answer)
}

// AnsweredBy is AnsweredWithin with the due instant worked out by the caller, on a calendar say.
// An answer before its start answers something else.
func AnsweredBy(start Moment, due time.Time, answer Moment) Timeline {
	waiting := Segment{State: Vacuous, Reason: "no " + start.What + " yet"}
	if start.At.IsZero() {
		return Steps(waiting)
	}
	if answer.At.Before(start.At) {
		answer.At = time.Time{}
	}
	inTime := Segment{From: start.At, State: Conforms, Reason: answer.What + " due by " + minute(due)}
	if !answer.At.IsZero() && !answer.At.After(due) {
		return Steps(waiting, inTime, Segment{From: answer.At, State: Conforms, Reason: answer.What + " in time"})
	}
	late := Segment{From: due, State: Gap, Reason: "no " + answer.What + " by " + minute(due)}
	if answer.At.IsZero() {
		return Steps(waiting, inTime, late)
	}
	return Steps(waiting, inTime, late, Segment{
		From: answer.At, State: Gap, Reason: answer.What + " on " + minute(answer.At) + ", late: due by " + minute(due),
	})
}

// NotOverdue is a gap from the due instant until the action is done or a decision about its delay
// is recorded. Done late is done: the duty is to have nothing open past its date. An open action
// without a due date fails, for it could never be late.
func NotOverdue(due, done time.Time, decided ...time.Time) Timeline {
	settled, how := done, "done"
	for _, d := range decided {
		if !d.IsZero() && (settled.IsZero() || d.Before(settled)) {
			settled, how = d, "delay decided"
		}
	}
	open := Segment{State: Conforms, Reason: "due " + day(due)}
	if due.IsZero() {
		open = Segment{State: Gap, Reason: "open without a due date"}
	}
	steps := []Segment{open}
	if !due.IsZero() {
		steps = append(steps, Segment{From: due, State: Gap, Reason: "overdue since " + day(due)})
	}
	if settled.IsZero() {
		return Steps(steps...)
	}
	end := Segment{From: settled, State: Conforms, Reason: how + " on " + day(settled)}
	if !due.IsZero() && !settled.After(due) {
		steps = steps[:1] // never became overdue
	}
	return Steps(append(steps, end)...)
}

// Share asks that part is at least percent of whole. Of nobody it is vacuous; below the threshold
// it is partial, or a gap when nobody meets it.
func Share(part, whole, percent int) Timeline {
	told := fmt.Sprintf("%d of %d, asked for are %d %%", part, whole, percent)
	switch {
	case whole <= 0:
		return Always(Vacuous, "there is nobody to ask it of")
	case int64(part)*100 >= int64(percent)*int64(whole):
		return Always(Conforms, told)
	case part > 0:
		return Always(Partial, told)
	}
	return Always(Gap, told)
}

// Actor is who took a step.
type Actor struct {
	Step  string
	Who   [16]byte // principal; zero: the step has not been taken
	For   [16]byte // whom they stood in for; zero: nobody
	Role  string   // the role the step needs; none: anybody may
	Holds bool     // Who (or For) held it then
}

// Segregated asks that no person took two of the steps, in their own name or for another, and that
// each held the role needed. Steps not taken yet are left out.
func Segregated(actors ...Actor) Timeline {
	var wrong []string
	taken := 0
	for i, a := range actors {
		if a.Who == ([16]byte{}) {
			continue
		}
		taken++
		if a.Role != "" && !a.Holds {
			wrong = append(wrong, a.Step+" by somebody without the role "+a.Role)
		}
		for _, b := range actors[:i] {
			if b.Who != ([16]byte{}) && (a.Who == b.Who || a.Who == b.For || a.For != ([16]byte{}) && (a.For == b.Who || a.For == b.For)) {
				wrong = append(wrong, b.Step+" and "+a.Step+" by the same person")
			}
		}
	}
	switch {
	case taken == 0:
		return Always(Vacuous, "no step was taken yet")
	case len(wrong) > 0:
		return Always(Gap, strings.Join(wrong, "; "))
	}
	return Always(Conforms, "")
}

// Source is what one side says of something both know.
type Source struct{ Name, Value string }

// Consistent asks that all sources say the same.
func Consistent(sources ...Source) Timeline {
	for _, s := range sources[min(1, len(sources)):] {
		if first := sources[0]; s.Value != first.Value {
			return Always(Gap, fmt.Sprintf("%s says %q, %s says %q", first.Name, first.Value, s.Name, s.Value))
		}
	}
	if len(sources) < 2 {
		return Always(NoEvidence, "there is nothing to compare")
	}
	return Always(Conforms, "")
}

// ConsistentSets asks that both sides name the same things, in any order. Two empty sides agree on
// nothing, and nothing is no evidence.
func ConsistentSets(nameA string, a []string, nameB string, b []string) Timeline {
	if len(a) == 0 && len(b) == 0 {
		return Always(NoEvidence, "neither "+nameA+" nor "+nameB+" names anything")
	}
	var wrong []string
	only := func(here, there []string, has, lacks string) {
		var odd []string
		for _, x := range here {
			if !slices.Contains(there, x) && !slices.Contains(odd, x) {
				odd = append(odd, x)
			}
		}
		if len(odd) > 0 {
			slices.Sort(odd)
			wrong = append(wrong, "in "+has+" and not in "+lacks+": "+strings.Join(odd, ", "))
		}
	}
	only(a, b, nameA, nameB)
	only(b, a, nameB, nameA)
	if len(wrong) > 0 {
		return Always(Gap, strings.Join(wrong, "; "))
	}
	return Always(Conforms, "")
}

// Step is one entry of a record's history.
type Step struct {
	N        int64 // its number, dense from 1
	From, To string
	At       time.Time
}

// CompleteChain asks that the history has no gap in its numbers, goes on where it stopped, and took
// only allowed transitions. The first forbidden one breaks the chain from its instant on.
func CompleteChain(history []Step, allowed func(from, to string) bool) Timeline {
	if len(history) == 0 {
		return Always(NoEvidence, "there is no history")
	}
	var steps []Segment
	for i, s := range history {
		reason := ""
		switch {
		case s.N != int64(i)+1:
			reason = fmt.Sprintf("entry %d follows where %d should", s.N, i+1)
		case i > 0 && s.From != history[i-1].To:
			reason = fmt.Sprintf("entry %d goes on from %s, the one before ended in %s", s.N, s.From, history[i-1].To)
		case !allowed(s.From, s.To):
			reason = fmt.Sprintf("entry %d went from %s to %s, which is not allowed", s.N, s.From, s.To)
		}
		if reason != "" {
			return Steps(append(steps, Segment{From: s.At, State: Gap, Reason: reason})...)
		}
		if i == 0 {
			steps = []Segment{{State: NoEvidence, Reason: "there was no history"}, {From: s.At, State: Conforms}}
		}
	}
	return Steps(steps...)
}

// Statement is an attestation: a person in office signed, with a document, for a while.
type Statement struct {
	Signed   time.Time // zero: not yet
	Expires  time.Time // zero: never, which no statement may
	Role     string    // the office held when signing; none: none
	Document string    // content hash of what was signed
	OnlySelf bool      // the signer is the sole subject
}

// AttestedBy is attested while the statement lasts and stale afterwards; one that lacks office,
// document or expiry, or that only praises its signer, is a gap.
func AttestedBy(s Statement) Timeline {
	if s.Signed.IsZero() {
		return Always(NoEvidence, "nobody has signed")
	}
	var wrong []string
	for _, w := range []struct {
		is   bool
		what string
	}{
		{s.Role == "", "the signer held no role of authority"},
		{s.Document == "", "no document is attached"},
		{s.Expires.IsZero(), "it does not expire"},
		{s.OnlySelf, "the signer is its only subject"},
	} {
		if w.is {
			wrong = append(wrong, w.what)
		}
	}
	before := Segment{State: NoEvidence, Reason: "nobody had signed"}
	if len(wrong) > 0 {
		return Steps(before, Segment{From: s.Signed, State: Gap, Reason: strings.Join(wrong, "; ")})
	}
	return Steps(before,
		Segment{From: s.Signed, State: Attested, Reason: "signed on " + day(s.Signed) + " as " + s.Role},
		Segment{From: s.Expires, State: Stale, Reason: "the statement of " + day(s.Signed) + " expired"})
}

func day(t time.Time) string    { return t.Format("2006-01-02") }
func minute(t time.Time) string { return t.Format("2006-01-02 15:04 MST") }
