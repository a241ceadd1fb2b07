package api

import (
	"encoding/json"
	"net/http"
	"strconv"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// wish is what a write asks for: a command, and what its answer shows.
type wish struct {
	cmd    lifecycle.Command
	status int
	show   show
	match  bool // needs If-Match
}

// show names the part of a result that is answered.
type show uint8

const (
	showRecord show = iota
	showComment
	showLink
	showVersion
	showLine
	showSide // a round or a vote
	showNothing
)

// step is one kind of write: its path below the resource, and how path and body become a command.
type step struct {
	method string
	path   []string // {id} {name} ... stand for what the path says
	status int
	show   show
	match  bool
	doc    string
	takes  string
	read   func(w *wish, p *process.Process, at []string, body object) error
	only   func(p *process.Process) bool // for which processes; nil: all
}

// steps is the one table of writes, for single requests and batches alike.
var steps = []step{
	{method: "POST", status: 201, doc: "Make one.", takes: "new", read: asCreate},
	{method: "PATCH", path: segs("{id}"), match: true, doc: "Change fields: a JSON merge patch.", takes: "patch", read: asVerb("update")},
	{method: "POST", path: segs("{id}", "transitions", "{name}"), doc: "Take a step of the lifecycle; fields that it needs, a reason and a comment may come along.", takes: "transition", read: asTransition},
	{method: "POST", path: segs("{id}", "comments"), status: 201, show: showComment, doc: "Write a comment, or an internal note.", takes: "comment", read: asVerb("comment")},
	{method: "PATCH", path: segs("{id}", "comments", "{comment}"), show: showComment, doc: "Change one's own comment.", takes: "comment", read: asSide("comment_edit", 2)},
	{method: "DELETE", path: segs("{id}", "comments", "{comment}"), status: 204, show: showNothing, doc: "Withdraw one's own comment.", read: asSide("comment_withdraw", 2)},
	{method: "POST", path: segs("{id}", "links"), status: 201, show: showLink, doc: "Link to another record.", takes: "link", read: asLink},
	{method: "DELETE", path: segs("{id}", "links", "{link}"), status: 204, show: showNothing, doc: "End a link; it stays in history.", read: asSide("unlink", 2)},
	{method: "DELETE", path: segs("{id}", "attachments", "{attachment}"), status: 204, show: showNothing, doc: "Take a file away; it stays in history.", read: asSide("detach", 2)},
	{method: "POST", path: segs("{id}", "grants"), doc: "Let a user or a team see the record.", takes: "grant", read: asVerb("grant")},
	{method: "DELETE", path: segs("{id}", "grants", "{to}"), status: 204, show: showNothing, doc: "No longer.", read: asRevoke},
	{method: "POST", path: segs("{id}", "history", "{n}", "undo"), doc: "Take one edit back.", read: asUndo},
	{method: "POST", path: segs("{id}", "clocks", "retarget"), doc: "Measure the open clocks by what is in force now.", takes: "reason", read: asReasoned("retarget"), only: hasClocks},
	{method: "POST", path: segs("{id}", "approvals"), status: 201, show: showSide, doc: "Ask for approval at a gate.", takes: "round", read: asRound},
	{method: "POST", path: segs("{id}", "approvals", "{round}", "votes"), status: 201, show: showSide, doc: "Vote.", takes: "vote", read: asSide("vote", 2)},
	{method: "POST", path: segs("{id}", "lines", "{kind}"), status: 201, show: showLine, doc: "Add a line.", takes: "line", read: asLine("line"), only: hasLines},
	{method: "PATCH", path: segs("{id}", "lines", "{kind}", "{line}"), show: showLine, match: true, doc: "Change a line: a JSON merge patch.", takes: "line", read: asLine("line_update"), only: hasLines},
	{method: "DELETE", path: segs("{id}", "lines", "{kind}", "{line}"), status: 204, show: showNothing, doc: "Take a line away.", read: asLine("line_remove"), only: hasLines},
	{method: "POST", path: segs("{id}", "versions"), status: 201, show: showVersion, doc: "Make a draft from the newest approved version.", takes: "version", read: asVerb("version"), only: versioned},
	{method: "PATCH", path: segs("{id}", "versions", "{n}"), show: showVersion, match: true, doc: "Change a draft: a JSON merge patch.", takes: "version", read: asVersion("version_update"), only: versioned},
	{method: "POST", path: segs("{id}", "versions", "{n}", "transitions", "{step}"), show: showVersion, doc: "submit, approve or reject.", takes: "decision", read: asDecision, only: versioned},
	{method: "POST", path: segs("{id}", "password"), status: 204, show: showNothing, doc: "Set a password.", takes: "password", read: asVerb("password"), only: isUser},
	{method: "POST", path: segs("{id}", "erase"), doc: "Erase personal data for good.", takes: "reason", read: asReasoned("erase"), only: hasPersonal},
}

func segs(s ...string) []string { return s }

func versioned(p *process.Process) bool { return p.Versioned }
func hasClocks(p *process.Process) bool { return p.Clocks != nil }
func hasLines(p *process.Process) bool  { return len(p.Shape.Lines) > 0 }
func isUser(p *process.Process) bool    { return p.Name == "user" }
func hasPersonal(p *process.Process) bool {
	for _, f := range p.Shape.Fields {
		if f.Personal {
			return true
		}
	}
	return false
}

// fits says whether the path at, below the resource, is the step's.
func (st *step) fits(method string, at []string) bool {
	if st.method != method || len(at) != len(st.path) {
		return false
	}
	for i, s := range st.path {
		if s[0] != '{' && s != at[i] {
			return false
		}
	}
	return true
}

// wishOf turns a write into a command. at is its path below the resource.
func wishOf(st *step, p *process.Process, at []string, body object) (*wish, error) {
	w := &wish{status: st.status, show: st.show, match: st.match, cmd: lifecycle.Command{Process: p.Name, Door: "api", Set: body}}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if len(at) > 0 {
		w.cmd.Ref = at[0]
	}
	return w, st.read(w, p, at, body)
}

func asCreate(w *wish, p *process.Process, _ []string, body object) error {
	w.cmd.Verb = "create"
	return nil
}

func asVerb(verb string) func(*wish, *process.Process, []string, object) error {
	return func(w *wish, _ *process.Process, _ []string, _ object) error {
		w.cmd.Verb = verb
		return nil
	}
}

// asSide names what hangs on the record by its id in the path.
func asSide(verb string, place int) func(*wish, *process.Process, []string, object) error {
	return func(w *wish, _ *process.Process, at []string, _ object) error {
		w.cmd.Verb = verb
		id, err := record.ParseID(at[place])
		if err != nil || id.IsZero() {
			return fault.New(fault.NotFound, "there is nothing with that id here")
		}
		w.cmd.ID = id
		return nil
	}
}

func asReasoned(verb string) func(*wish, *process.Process, []string, object) error {
	return func(w *wish, p *process.Process, _ []string, body object) error {
		w.cmd.Verb = verb
		if err := w.takeReason(p, body); err != nil {
			return err
		}
		return known(w.cmd.Set)
	}
}

// known refuses every member of a body that names no fields of a record.
func known(set object, names ...string) error {
	var out []lifecycle.Refusal
next:
	for k := range set {
		for _, n := range names {
			if n == k {
				continue next
			}
		}
		out = append(out, lifecycle.Refusal{Field: k, Reason: "unknown_field", Mend: "leave it out"})
	}
	if len(out) > 0 {
		return fault.Refuse(out...)
	}
	return nil
}

// takeReason moves "reason" from the body to the command, unless the process has such a field.
func (w *wish) takeReason(p *process.Process, body object) error {
	if _, ok := body["reason"]; !ok || p.Shape.Field("reason") != nil {
		return nil
	}
	text, err := body.text("reason")
	if err != nil {
		return err
	}
	if len(text) > 4000 {
		return refuse("reason", "too_long", "at most 4000 bytes")
	}
	w.cmd.Reason = text
	w.cmd.Set = without(body, "reason")
	return nil
}

func without(o object, names ...string) object {
	out := object{}
next:
	for k, v := range o {
		for _, n := range names {
			if k == n {
				continue next
			}
		}
		out[k] = v
	}
	return out
}

func asTransition(w *wish, p *process.Process, at []string, body object) error {
	w.cmd.Verb, w.cmd.Name = "transition", at[2]
	return w.takeReason(p, body)
}

func asLink(w *wish, _ *process.Process, _ []string, body object) error {
	w.cmd.Verb = "link"
	kind, err := body.text("kind")
	w.cmd.Name = kind
	return err
}

func asRevoke(w *wish, _ *process.Process, at []string, body object) error {
	w.cmd.Verb = "revoke"
	to, _ := json.Marshal(at[2])
	w.cmd.Set = object{"to": to}
	return known(body)
}

func asUndo(w *wish, p *process.Process, at []string, body object) error {
	w.cmd.Verb = "undo"
	if err := number(w, at[2], "event"); err != nil {
		return err
	}
	if err := w.takeReason(p, body); err != nil {
		return err
	}
	return known(w.cmd.Set)
}

func number(w *wish, s, what string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return fault.New(fault.NotFound, "there is no %s %q", what, s)
	}
	w.cmd.Number = n
	return nil
}

func asVersion(verb string) func(*wish, *process.Process, []string, object) error {
	return func(w *wish, _ *process.Process, at []string, _ object) error {
		w.cmd.Verb = verb
		return number(w, at[2], "version")
	}
}

func asDecision(w *wish, p *process.Process, at []string, body object) error {
	switch at[4] {
	case "submit", "approve", "reject":
		w.cmd.Verb = "version_" + at[4]
	default:
		f := fault.New(fault.Illegal, "a version knows no step %q", at[4])
		f.Legal = []string{"submit", "approve", "reject"}
		return f
	}
	text, err := body.text("reason")
	if err != nil {
		return err
	}
	w.cmd.Reason, w.cmd.Set = text, without(body, "reason")
	return number(w, at[2], "version")
}

func asRound(w *wish, _ *process.Process, _ []string, body object) error {
	w.cmd.Verb = "round"
	gate, err := body.text("gate")
	if err != nil {
		return err
	}
	if gate == "" {
		return refuse("gate", "required", "say at which gate")
	}
	w.cmd.Name = gate
	return nil
}

func asLine(verb string) func(*wish, *process.Process, []string, object) error {
	return func(w *wish, p *process.Process, at []string, body object) error {
		w.cmd.Verb, w.cmd.Name = verb, at[2]
		if p.Shape.Line(at[2]) == nil {
			return fault.New(fault.NotFound, "a %s has no lines %q", p.Name, at[2])
		}
		if len(at) > 3 {
			id, err := record.ParseID(at[3])
			if err != nil || id.IsZero() {
				return fault.New(fault.NotFound, "there is no such line")
			}
			w.cmd.ID = id
		}
		return nil
	}
}
