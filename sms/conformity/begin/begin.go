// Package begin takes a new provider to the skeleton of a management system in a day: from what a
// person says of the organization it makes drafts of the scope, policy, plan, objectives, roles, risk
// criteria, process descriptions, measurements and the documents of the list (ISO/IEC 20000-1:2018,
// 4 to 7, 9.1; the start that part 5 of the series advises).
//
// In: [Answers], and which records there are. Out: ordinary commands, to be carried out all or none;
// nothing is made that a person could not make. What is made is a draft: [Unapproved] says so for as
// long as nobody has approved it, and no requirement conforms by it before.
//
// Start at [Drafts]; texts.go and documents.go are what the drafts say.
// Always true: what is there already is not made again, by whomever it was made; two people who begin
// at once make it once, for the id of a draft follows from what it is.
package begin

import (
	"crypto/sha256"
	"encoding/json"
	"strings"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// Mark is what a generated record is called until a person has approved it.
const Mark = "Generated draft: nobody has approved it."

// Answers are what a person says of the organization.
type Answers struct {
	Organization string
	Purpose      string // what it is for, in a sentence or two
	Direction    string // the strategic direction that services are to serve
	Units        string
	Customers    string
	Technology   string
	Locations    []string
	Services     []string
	Parties      []Party
	Limits       string
	Obligations  string

	Top    Person                   // of top management
	Owner  Person                   // owns processes and documents
	Roles  map[string]record.ID     // kind of role of the system -> who is to hold it
	People map[record.ID]string     // names, for titles
	By     string                   // who fills this in
	Today  record.Date              //
	Due    record.Date              // of objectives
	Have   func(Key) (id record.ID) // what is there already under a key; zero: nothing
	System string                   // this Steward's own id
}

// Party is another organization or unit that provides or runs a part.
type Party struct{ Name, Part string }

// Person is a user with the name people know.
type Person struct {
	ID   record.ID
	Name string
}

// Key says what a draft is, whoever makes it.
type Key struct {
	Process string
	Name    string // scope, role/sms_manager, document/retention_schedule
	Filter  string // finds another record that is the same thing; "" for none
}

// ID is the id of a draft: it follows from system and key, so that it can be made once only. Its
// version is 8 (RFC 9562: made by a rule of our own), which no other record of Steward has.
func ID(system string, k Key) record.ID {
	sum := sha256.Sum256([]byte("steward begin\n" + system + "\n" + k.Process + "\n" + k.Name))
	var id record.ID
	copy(id[:], sum[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Generated reports whether a record was made by the assistant.
func Generated(id record.ID) bool { return id[6]>>4 == 8 }

// Unapproved reports whether a record is a generated draft that nobody has approved. v is the version
// shown of a versioned record, which is the approved one as soon as there is any.
func Unapproved(h *record.Header, v *record.Version) bool {
	switch {
	case !Generated(h.ID) || h.Phase == record.Choice(lifecycle.Void):
		return false
	case v != nil:
		return v.Status != record.VersionApproved
	}
	return h.State == "proposed" || h.State == "draft"
}

// Draft is one record to be made.
type Draft struct {
	Key   Key
	ID    record.ID // its own, or that of what is there already
	There bool
	Cmds  []lifecycle.Command // none when it is there
}

// maker collects drafts in the order in which they refer to each other.
type maker struct {
	Answers
	out   []Draft
	links []lifecycle.Command
}

// add makes a draft, unless what it is is there. It gives the id to refer to, and whether it is new.
func (m *maker) add(k Key, set map[string]any) (record.ID, bool) {
	d := Draft{Key: k, ID: ID(m.System, k)}
	if have := m.Have(k); !have.IsZero() {
		d.ID, d.There = have, true
		m.out = append(m.out, d)
		return have, false
	}
	d.Cmds = []lifecycle.Command{{Process: k.Process, Verb: "create", ID: d.ID, Set: values(set)}}
	m.out = append(m.out, d)
	return d.ID, true
}

// then is a further command on the draft that was added last.
func (m *maker) then(c lifecycle.Command) {
	d := &m.out[len(m.out)-1]
	c.Process, c.Record = d.Key.Process, d.ID
	d.Cmds = append(d.Cmds, c)
}

// link joins a new draft to another record once all are made.
func (m *maker) link(process string, from record.ID, kind string, to record.ID) {
	m.links = append(m.links, lifecycle.Command{Process: process, Record: from, Verb: "link", Name: kind, Set: values(map[string]any{"to": to.String()})})
}

// Drafts are all drafts for the answers, in order; the links between them are the commands after.
func Drafts(a Answers) ([]Draft, []lifecycle.Command) {
	m := &maker{Answers: a}
	var services []record.ID
	for _, s := range a.Services {
		id, _ := m.add(Key{"service", "service/" + fold(s), "title = " + quote(s)}, map[string]any{"title": s, "owner": a.holder("service_owner").String()})
		services = append(services, id)
	}
	m.scope(services)
	policy := m.policy()
	criteria := m.criteria()
	m.roles()
	metrics := m.processes()
	objectives := m.objectives(policy, metrics)
	m.plan(policy, criteria, objectives, services)
	m.documents()
	return m.out, m.links
}

// Keys are what the assistant makes for every provider, whatever the answers: all but services.
func Keys() []Key {
	ds, _ := Drafts(Answers{Have: func(Key) record.ID { return record.ID{} }})
	out := make([]Key, len(ds))
	for i, d := range ds {
		out[i] = d.Key
	}
	return out
}

// holder is who is to hold a role of the system: whom the answers name, else the owner.
func (a *Answers) holder(kind string) record.ID {
	if id := a.Roles[kind]; !id.IsZero() {
		return id
	}
	return a.Owner.ID
}

// origin is why a version was made: it stays in the history after somebody approved it.
func (a *Answers) origin() string {
	return "First issue, generated by the assistant of Steward from what " + a.By + " answered."
}

func fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

func quote(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }

func values(set map[string]any) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for k, v := range set {
		if s, ok := v.(string); ok && s == "" {
			continue // what nobody said stays blank
		}
		b, err := json.Marshal(v)
		if err != nil {
			panic("begin: " + k + ": " + err.Error()) // texts, numbers and lists of this package
		}
		out[k] = b
	}
	return out
}
