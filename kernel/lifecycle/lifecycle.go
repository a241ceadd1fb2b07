// Package lifecycle says what may happen to a record, and when: states with phases, transitions
// as a literal table, and the values that pure decisions take and give.
//
// A decision never reads a database and never looks at a clock: everything it needs arrives in
// [Facts], everything it wants done besides changing its own record goes into [Effects].
// The decision is handed a copy of the record and changes that; the kernel compares it with the
// original and writes row, event and effects in one transaction.
//
// Start at [Transition], then [Facts].
package lifecycle

import (
	"encoding/json"
	"time"

	"steward/kernel/access"
	"steward/kernel/calendar"
	"steward/kernel/record"
)

// Phase is all that the kernel, lists and clocks know of a state.
type Phase string

// The phases. Clocks run in Open, stand still in Waiting, end in Done and Void.
const (
	Draft   Phase = "draft"
	Open    Phase = "open"
	Waiting Phase = "waiting"
	Done    Phase = "done"
	Void    Phase = "void"
)

// State is one state of a process.
type State struct {
	Name  string
	Phase Phase
}

// Refusal says why a command was not carried out. People see it, so it says how to mend.
type Refusal struct {
	Field  string `json:"field,omitempty"` // none: the record; a line: targets[<id>].duration
	Reason string `json:"reason"`          // a stable word
	Mend   string `json:"mend,omitempty"`
}

func (r Refusal) Error() string { return r.Field + ": " + r.Reason + ": " + r.Mend }

// Transition is one legal step. From empty means from every state that is not To.
type Transition[T any] struct {
	Name  string
	From  []string
	To    string                     // "" keeps the state
	Needs func(*T) []any             // addresses of fields that must be answered; asked once, of a fresh record
	Guard func(*T, *Facts) []Refusal // all of them, not the first
	Then  func(*T, *Facts)           // changes the copy, and adds to f.Out
	Tasks bool                       // mandatory tasks must be done
	Gate  string                     // name of the approval that must be granted
}

// Table is the whole lifecycle.
type Table[T any] []Transition[T]

// Facts is everything a decision knows.
type Facts struct {
	Now        time.Time      // when this is so: the event's occurred_at
	Zone       *time.Location // the organisation's: what a day is
	Actor      *access.Principal
	Verb       string // create, update, transition, comment, version, timer
	Transition string
	Reason     string
	Internal   bool                       // of a comment
	Replay     bool                       // an import that says what was, not what may be
	Given      map[string]json.RawMessage // what the command asked to set
	Before     any                        // *T as it was; nil on create
	Data       any                        // what the process's Load returned
	Clocks     []*Clock
	OpenTasks  int
	Granted    map[string]bool       // gates that are granted for the record as it stands
	Approvals  map[string][]Approval // who said yes at a gate that is granted
	Gate       string                // of the commands round, vote and recount: which gate
	Outcome    string                // and what became of its approval by this command: ApprovalGranted ...
	Out        Effects
}

// Asked reports whether the command sets field.
func (f *Facts) Asked(field string) bool { _, ok := f.Given[field]; return ok }

// Effects is what a decision wants done in the same transaction.
type Effects struct {
	Timers   []Timer
	Notices  []Notice
	Grants   []Grant
	Links    []Link
	Commands []Command         // further commands, run as Steward itself on records named here
	Mark     map[string]string // words the event carries beside its changes
	Voids    []string          // gates whose approval, asked or granted, ends with this
}

// Timer sets (or, with a zero At, takes away) the timer Key of the record.
type Timer struct {
	Key string
	At  time.Time
}

// Notice tells people about the record through their inbox.
type Notice struct {
	To       []record.ID // users
	Role     string      // or everyone of the provider who holds the role
	Team     record.ID   // or every member of the team
	Customer record.ID   // or every user of the customer
	Topic    string      // stable word, such as sla_breached
	Text     string      // one line in plain words
}

// Grant lets one principal see a restricted record, or one outside its own ones.
type Grant struct {
	To  record.ID
	Why string
	End bool      // take it away
	On  record.ID // of another record than this; such as the parent of a task
}

// Link joins the record to another.
type Link struct {
	Kind string
	To   record.ID
	End  bool
}

// Command is a wish to change one record.
type Command struct {
	Process    string
	Record     record.ID
	Ref        string // instead of Record: ref, user name or slug
	Verb       string // create, update, transition, comment, link, unlink, version_*, ...
	Name       string // of the transition, link kind, ...
	Number     int    // of the version
	Set        map[string]json.RawMessage
	IfMatch    int64 // revision seen; 0 means none was said
	Reason     string
	OccurredAt time.Time // zero: now
	Door       string    // api, cli, import, timer, ...
	Cause      int64     // seq of the event that led to it
	Replay     bool
	ID         record.ID         // of the record to be made, when the caller has chosen it
	For        record.ID         // who did it at the source of an import
	By         *access.Principal // who does it, where Steward itself acts for several people in one transaction (demo, mail)
}

// Clock is one service level clock as the decision sees it.
type Clock struct {
	Kind                                                         string
	Key                                                          string // what decided it: see ClockSpec.Key
	Line, Agreement, AgreementVersion, Calendar, CalendarVersion record.ID
	Target                                                       time.Duration
	State                                                        string // running, paused, met, breached
	DueAt                                                        time.Time
	BreachedAt                                                   time.Time
	EndedAt                                                      time.Time
}

// ClockSpec is a promise that should be kept for the record as it now stands. The kernel keeps
// one clock per Kind and moves it: it pauses in phase Waiting and ends in Done and Void.
type ClockSpec struct {
	Kind             string
	Key              string        // what decided the promise (priority, service): while it stays, so do the pins
	Warn             float64       // share of the target after which to warn; 0 is 0.75
	Target           time.Duration // working time
	From             time.Time
	Ended            time.Time // met early, such as by the first answer
	Line             record.ID
	Agreement        record.ID
	AgreementVersion record.ID
	Calendar         record.ID
	CalendarVersion  record.ID
	Hours            *calendar.Calendar
}

// Refuse names a field of t by its address.
func Refuse(field, reason, mend string) []Refusal {
	return []Refusal{{field, reason, mend}}
}
