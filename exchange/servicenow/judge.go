package servicenow

import (
	"fmt"
	"time"
)

// snapshot reads the row; r.faults says what cannot be read.
func (r *row) snapshot() Snapshot {
	s := Snapshot{
		Line: r.line, At: r.instant(fUpdatedAt), SourceState: r.text(fState), Active: r.truth(fActive), MadeSLA: r.truth(fMadeSLA),
		ReassignmentCount: r.number(fReassignments), ReopenCount: r.number(fReopens), SysModCount: r.number(fSysMods),
		UpdatedBy: r.text(fUpdatedBy), Group: r.text(fGroup), Assignee: r.text(fAssignee),
		Impact: r.code(fImpact), Urgency: r.code(fUrgency), Priority: r.code(fPriority),
		Caller: r.text(fCaller), ContactType: r.text(fContactType), Location: r.text(fLocation),
		Category: r.text(fCategory), Subcategory: r.text(fSubcategory), Symptom: r.text(fSymptom), CI: r.text(fCI),
		ProblemID: r.text(fProblemID), RFC: r.text(fRFC), Vendor: r.text(fVendor), CausedBy: r.text(fCausedBy),
		KnowledgeUsed: r.truth(fKnowledge), PriorityConfirmed: r.truth(fConfirmed), Notify: r.text(fNotify),
	}
	// the incident's own times: a row that has a wrong one is not trusted for the rest
	r.instant(fOpenedAt)
	r.instant(fCreatedAt)
	r.instant(fResolvedAt)
	r.instant(fClosedAt)
	if r.text(fUpdatedAt) == "" {
		r.fault(fUpdatedAt, Blank, "say when the incident became so")
	}
	known := false
	switch s.State, s.Pending, known = stateOf(s.SourceState); {
	case s.SourceState == "":
		r.fault(fState, Blank, "say the state of the incident")
	case !known:
		r.fault(fState, UnknownState, fmt.Sprintf("state %q is not known; correct it, or leave the row out", s.SourceState))
	}
	return s
}

// last takes what belongs to the incident from its newest row.
func (g *gathering) last(r *row) {
	s := &g.Snapshots[len(g.Snapshots)-1]
	i := &g.Incident
	i.OpenedAt, i.OpenedBy, i.CreatedAt, i.CreatedBy = r.instant(fOpenedAt), r.text(fOpenedBy), r.instant(fCreatedAt), r.text(fCreatedBy)
	i.Caller, i.ContactType, i.Location = s.Caller, s.ContactType, s.Location
	i.Category, i.Subcategory, i.Symptom, i.CI = s.Category, s.Subcategory, s.Symptom, s.CI
	i.ProblemID, i.RFC, i.Vendor, i.CausedBy = s.ProblemID, s.RFC, s.Vendor, s.CausedBy
	i.ClosedCode, i.ResolvedBy, i.ResolvedAt, i.ClosedAt = r.text(fClosedCode), r.text(fResolvedBy), r.instant(fResolvedAt), r.instant(fClosedAt)
}

// constant fields have one value on all rows of an incident.
var constant = []field{fOpenedBy, fOpenedAt, fCreatedBy, fCreatedAt, fClosedCode, fResolvedBy, fResolvedAt, fClosedAt}

// compare looks at the newest row beside the one before it and the first.
func (l *Log) compare(r *row) {
	g := l.open
	n := len(g.Snapshots)
	now := &g.Snapshots[n-1]
	if l.at[fActive] >= 0 && r.text(fActive) != "" && now.Active == (now.State == Closed || now.State == Cancelled) {
		l.tell(l.problem(r.line, fActive, ActiveDisagrees, fmt.Sprintf("active is %v in state %s; the state is taken", now.Active, now.SourceState)))
	}
	if n == 1 {
		return
	}
	before := &g.Snapshots[n-2]
	if now.At.Before(before.At) {
		l.tell(l.problem(r.line, fUpdatedAt, BackInTime, fmt.Sprintf("it is %v older than line %d; the order of the log is kept", before.At.Sub(now.At), before.Line)))
	}
	for _, c := range []struct {
		f             field
		before, after int
	}{{fReassignments, before.ReassignmentCount, now.ReassignmentCount}, {fReopens, before.ReopenCount, now.ReopenCount}, {fSysMods, before.SysModCount, now.SysModCount}} {
		if c.after < c.before {
			l.tell(l.problem(r.line, c.f, CountFalls, fmt.Sprintf("it falls from %d to %d; the rows are counted as well", c.before, c.after)))
		}
	}
	for _, f := range constant {
		if first, now := g.first.text(f), r.text(f); first != now {
			l.tell(l.problem(r.line, f, ValueDiffers, fmt.Sprintf("it is %q and was %q on line %d; the last is taken", now, first, g.first.line)))
		}
	}
}

// judge looks at a whole incident.
func (l *Log) judge(i *Incident) {
	first, last := &i.Snapshots[0], &i.Snapshots[len(i.Snapshots)-1]
	tell := func(line int, f field, reason, mend string) {
		p := l.problem(line, f, reason, mend)
		p.Incident = i.Number
		l.tell(p)
	}
	if i.OpenedAt.After(first.At) {
		tell(first.Line, fOpenedAt, OpenedLater, fmt.Sprintf("it was opened %v after its first row; the row is kept", i.OpenedAt.Sub(first.At)))
	}
	for _, c := range []struct {
		f      field
		said   time.Time
		state  State
		reason string
	}{{fResolvedAt, i.ResolvedAt, Resolved, ResolvedElse}, {fClosedAt, i.ClosedAt, Closed, ClosedElse}} {
		if seen := i.lastIn(c.state); !c.said.IsZero() && !c.said.Equal(seen) {
			shown := "no row shows that state"
			if !seen.IsZero() {
				shown = "the last row in that state is of " + seen.Format(time.DateTime)
			}
			tell(last.Line, c.f, c.reason, fmt.Sprintf("it says %s and %s", c.said.Format(time.DateTime), shown))
		}
	}
}
