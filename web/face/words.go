// Package face turns what a process declares into what people read and fill in: names of
// processes, states and fields in plain words, values as text and as HTML, inputs for every kind
// of field, and what was posted back into values.
//
// In: declarations (kernel/process) and records. Out: components for lists, records and forms.
//
// Start at [Of] for words, [Cell] for values, [Input] for inputs, [Values] for what was posted.
// Always true: there is a display, an input and a reading for every kind of record.Kinds; a test
// walks them.
package face

import (
	"sort"
	"strings"
	"unicode"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Human turns a snake_case name into words: sla_breached, "Sla breached".
func Human(name string) string {
	s := strings.ReplaceAll(name, "_", " ")
	if s == "" {
		return ""
	}
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// words are names that would read badly if they were only taken apart.
var words = map[string]string{
	"id": "Id", "ref": "Ref", "due_at": "Due", "created_at": "Created", "updated_at": "Updated", "created_by": "Created by", "opened_at": "Opened",
	"resolved_at": "Resolved", "closed_at": "Closed", "external_id": "External id", "external_source": "External source", "matrix_priority": "Priority of the matrix",
	"override_reason": "Reason for another priority", "merged_into": "Merged into", "url": "Address", "effective_from": "In force from", "effective_to": "In force to",
	"review_due": "Review due", "email": "E-mail", "sms": "SMS", "sla": "SLA", "mttr": "MTTR", "rto": "Recovery time objective", "rpo": "Recovery point objective",
}

// Label is a field's name for people.
func Label(name string) string {
	if w := words[name]; w != "" {
		return w
	}
	return Human(name)
}

// Singular is what one record of p is called.
func Singular(p *process.Process) string {
	switch p.Name {
	case "custom_field":
		return "Field"
	}
	return Human(p.Name)
}

// Plural is what many are called: as in the address of the API.
func Plural(p *process.Process) string {
	return Human(strings.ReplaceAll(p.Resource, "-", "_"))
}

// icons of processes; the others get that of their group.
var icons = map[string]string{
	"incident": "circle-dot", "service": "layers", "customer": "building-2", "agreement": "handshake", "calendar": "calendar", "document": "file-text", "risk": "scale",
	"opportunity": "lightbulb", "user": "user-round", "team": "users", "role": "key-round", "task": "check", "view": "list", "acknowledgement": "circle-check",
	"service_request": "shopping-bag", "problem": "bug", "known_error": "triangle-alert", "change": "git-pull-request-arrow", "release": "package", "supplier": "truck",
	"audit": "clipboard-check", "improvement": "lightbulb", "knowledge_article": "book-open", "configuration_item": "network", "asset": "laptop", "report": "file-text",
	"measurement": "activity", "objective": "trending-up", "nonconformity": "octagon-alert", "management_review": "users", "policy": "file-text", "approval_policy": "clipboard-check", "service_notice": "bell", "organisation": "building-2",
}

// Icon is the name of a process's icon.
func Icon(name string) string {
	if i := icons[name]; i != "" {
		return i
	}
	return "table"
}

// Groups of the side bar, in order.
var Groups = []string{"Work", "Improve", "Change", "Promise", "Run", "Govern", "Set up"}

// groups puts a process where its clause belongs; the longest prefix counts.
var groups = []struct{ clause, group string }{
	{"8.6.3", "Improve"}, {"8.6", "Work"}, {"8.5", "Change"}, {"8.4", "Run"}, {"8.7", "Run"}, {"8.3", "Promise"}, {"8.2.5", "Run"}, {"8.2.6", "Run"}, {"8.2", "Promise"},
	{"10", "Improve"}, {"7", "Govern"}, {"9", "Govern"}, {"4", "Govern"}, {"5", "Govern"}, {"6", "Govern"},
}

// moved are processes that people look for elsewhere than their clause says.
var moved = map[string]string{
	"user": "Set up", "team": "Set up", "role": "Set up", "custom_field": "Set up", "view": "", "approval_policy": "Set up", "delegation": "Set up", "task": "Work",
	"calendar": "Promise", "incident_policy": "Set up", "risk_criteria": "Govern", "conformity_setting": "Set up", "acknowledgement": "",
}

// Group is the group of the side bar that p stands in; "" for none.
func Group(p *process.Process) string {
	if g, ok := moved[p.Name]; ok {
		return g
	}
	for _, g := range groups {
		if strings.HasPrefix(p.Clause, g.clause) {
			return g.group
		}
	}
	return "Set up"
}

// Shape is a state as shape and tone of the visual language: by name where the name says more than
// the phase.
func Shape(p *process.Process, state string) (shape, tone string) {
	switch state {
	case "new", "draft", "identified":
		return "new", "grey"
	case "in_progress", "in_review", "treating", "implementing", "running":
		return "half", "blue"
	case "retired", "withdrawn", "closed":
		return "check", "grey"
	case "accepted", "in_force", "approved":
		return "done", "green"
	}
	st, _ := p.State(state)
	switch st.Phase {
	case lifecycle.Draft:
		return "new", "grey"
	case lifecycle.Waiting:
		return "pause", "amber"
	case lifecycle.Done:
		return "done", "green"
	case lifecycle.Void:
		return "slash", "grey"
	}
	return "ring", "grey"
}

// scales give the numbers of an ordinal field their names.
var scales = map[string][]string{
	"priority": {"", "P1 Critical", "P2 High", "P3 Medium", "P4 Low", "P5 Planned"},
	"impact":   {"", "1 Everyone or a whole site", "2 A department", "3 A few people", "4 One person"},
	"urgency":  {"", "1 Work stands still", "2 Work is badly hindered", "3 Work is slowed", "4 Can wait"},
}

// Scale is the name of the number n of a field; "" when it has none.
func Scale(field string, n int64) string {
	s := scales[field]
	if n < 1 || int(n) >= len(s) {
		return ""
	}
	return s[n]
}

// Editable are the fields of p that a person may fill in, in the order of a form; content says of
// the version rather than of the record. A record that does not exist yet has both.
func Editable(p *process.Process, record_, content bool) []*record.Field {
	var out []*record.Field
	take := func(fs []*record.Field) {
		for _, f := range fs {
			if !f.Stamp && !f.Hidden && !f.Kernel && f.Kind != record.KJSON {
				out = append(out, f)
			}
		}
	}
	if record_ {
		take(p.RecordFields)
	}
	if content {
		take(p.Content)
	}
	rank := func(f *record.Field) int {
		switch {
		case f.Name == "title":
			return 0
		case f.Required:
			return 1
		case f.Name == "description":
			return 2
		case headerField[f.Name]:
			return 4
		}
		return 3
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i]) < rank(out[j]) })
	return out
}

var headerField = func() map[string]bool {
	m := map[string]bool{}
	for _, f := range record.ShapeOf[record.Header]("header").Fields {
		m[f.Name] = true
	}
	return m
}()

// IsHeader reports whether every record has the field.
func IsHeader(name string) bool { return headerField[name] }
