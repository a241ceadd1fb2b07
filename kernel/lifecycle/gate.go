package lifecycle

import (
	"time"

	"steward/kernel/record"
)

// Gate is a place in the life of a record that people must approve first. A transition names it;
// who is asked stands in the approval policy in force, not in code.
type Gate[T any] struct {
	Name string
	// Covers are what is approved: addresses of fields, and lines by name. Whoever changes one of
	// them ends the approval: what was approved is not what stands there any more.
	Covers func(*T) []any
	// Excluded are the users who may not vote: who did the work, whose work it judges. The
	// requester is excluded by the kernel. Nil: nobody else.
	Excluded func(*T, *Facts) []record.ID
}

// Stage is one step of an approval policy: who is asked, and how many must agree. Stages follow
// each other.
type Stage struct {
	Who              string    // user, role, team, owner, team_lead, service_owner or customer
	User             record.ID // of user
	Role             string    // of role
	Team             record.ID // of team, and of team_lead: none is the record's own
	Quorum           string    // all, any, majority or a number
	Due              time.Duration
	OnLate           string // escalate: tell others, and lapse when as long again has passed; or lapse
	Delegable        bool   // a delegate may answer for who was asked
	RequesterMayVote bool   // who asks may be one of those who agree, never the only one
}

// Approval is one yes at a gate.
type Approval struct {
	Voter      record.ID // who was asked
	By         record.ID // who answered: the voter, or a delegate
	Instead    record.ID // whom the voter was asked instead of; zero for who was asked as themselves
	Delegation record.ID
	At         time.Time
}

// What becomes of an asking for approval.
const (
	ApprovalOpen      = "open"
	ApprovalGranted   = "granted"
	ApprovalRefused   = "refused"
	ApprovalVoid      = "void"      // what was to be approved was changed, or the process ended it
	ApprovalLapsed    = "lapsed"    // nobody answered in time, or nobody was left to ask
	ApprovalCancelled = "cancelled" // the record ended first
)
