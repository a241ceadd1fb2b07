package servicenow

import "time"

// Incident is one incident with its history. Attributes that may change are those of the last
// snapshot; what they were before stands in the snapshots.
type Incident struct {
	Number      string
	OpenedAt    time.Time // zero if the log has none
	OpenedBy    string
	CreatedAt   time.Time // when ServiceNow made the row, zero if the log has none
	CreatedBy   string
	Caller      string
	ContactType string
	Location    string
	Category    string
	Subcategory string
	Symptom     string
	CI          string
	ProblemID   string
	RFC         string
	Vendor      string
	CausedBy    string
	ClosedCode  string
	ResolvedBy  string
	ResolvedAt  time.Time // of the last resolution, zero if the log has none; the last resolved snapshot then says it
	ClosedAt    time.Time // of the last closing, zero if the log has none

	Snapshots []Snapshot // at least one, in the order of the log

	// Declared is what the log counts (its last values), Seen what its snapshots show.
	Declared, Seen Counts
	// AssigneeChanges is how often the assignee is another than in the snapshot before. ServiceNow does
	// not count them as reassignments.
	AssigneeChanges int
	Disordered      bool // a snapshot is older than the one before it
	Reappeared      bool // rows of this number stood apart, and these are not the first
	Dropped         int  // rows of this incident that could not be understood
}

// Counts are the counters that ServiceNow keeps.
type Counts struct {
	// Reassignments: seen is how often the group differs from the snapshot before, also from or to
	// none; this is what reassignment_count counts (see the test on the public log).
	Reassignments int
	// Reopens: seen is how often a state of work follows resolved or closed.
	Reopens int
	// SysMods: seen is the number of snapshots after the first. Declared more means that the log
	// leaves changes out.
	SysMods int
}

// Snapshot is the incident as one row has it.
type Snapshot struct {
	Line        int // of the file
	At          time.Time
	State       State
	Pending     PendingReason // why, if State is pending and the log says it
	SourceState string        // as the log writes it
	Active      bool
	MadeSLA     bool // as far as the source knew then

	ReassignmentCount, ReopenCount, SysModCount int

	UpdatedBy   string
	Group       string
	Assignee    string
	Impact      int // 1 is highest; 0 if the log has none
	Urgency     int
	Priority    int
	Caller      string
	ContactType string
	Location    string
	Category    string
	Subcategory string
	Symptom     string
	CI          string
	ProblemID   string
	RFC         string
	Vendor      string
	CausedBy    string

	KnowledgeUsed     bool
	PriorityConfirmed bool
	Notify            string
}

// State is a state of Steward's incident.
type State string

// The states that a log can tell. ServiceNow's Active is work: the log has no row between a group
// being given and work beginning, so nothing maps to assigned.
const (
	New        State = "new"
	InProgress State = "in_progress"
	Pending    State = "pending"
	Resolved   State = "resolved"
	Closed     State = "closed"
	Cancelled  State = "cancelled"
)

// PendingReason is whom or what a pending incident waits for.
type PendingReason string

// The reasons that the log names.
const (
	AwaitingUserInfo PendingReason = "user_info"
	AwaitingVendor   PendingReason = "vendor"
	AwaitingProblem  PendingReason = "problem"
	AwaitingEvidence PendingReason = "evidence"
)

// stateOf maps a state of the log. Those of current releases (In Progress, On Hold, Canceled) are
// known too.
func stateOf(s string) (State, PendingReason, bool) {
	switch s {
	case "New":
		return New, "", true
	case "Active", "In Progress":
		return InProgress, "", true
	case "Awaiting User Info":
		return Pending, AwaitingUserInfo, true
	case "Awaiting Vendor":
		return Pending, AwaitingVendor, true
	case "Awaiting Problem":
		return Pending, AwaitingProblem, true
	case "Awaiting Evidence":
		return Pending, AwaitingEvidence, true
	case "On Hold":
		return Pending, "", true
	case "Resolved":
		return Resolved, "", true
	case "Closed":
		return Closed, "", true
	case "Canceled", "Cancelled":
		return Cancelled, "", true
	}
	return "", "", false
}

// ended says that nobody works on an incident in this state.
func (s State) ended() bool { return s == Resolved || s == Closed || s == Cancelled }

// count fills what the snapshots show, and what the log says of it.
func (i *Incident) count() {
	last := i.Snapshots[len(i.Snapshots)-1]
	i.Declared = Counts{Reassignments: last.ReassignmentCount, Reopens: last.ReopenCount, SysMods: last.SysModCount}
	i.Seen.SysMods = len(i.Snapshots) - 1
	for k := 1; k < len(i.Snapshots); k++ {
		before, now := &i.Snapshots[k-1], &i.Snapshots[k]
		if now.Group != before.Group {
			i.Seen.Reassignments++
		}
		if now.Assignee != before.Assignee {
			i.AssigneeChanges++
		}
		if before.State.ended() && !now.State.ended() {
			i.Seen.Reopens++
		}
		if now.At.Before(before.At) {
			i.Disordered = true
		}
	}
}

// lastIn is the time of the last snapshot that entered or confirmed state s.
func (i *Incident) lastIn(s State) (at time.Time) {
	for _, snap := range i.Snapshots {
		if snap.State == s {
			at = snap.At
		}
	}
	return at
}
