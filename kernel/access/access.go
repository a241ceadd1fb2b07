// Package access says who may do what, and which records a principal sees.
//
// A [Principal] signs in (a user, a service account); it holds roles. A process declares in a
// [Table] what each role may do with it. What a principal sees of a process is a [Scope], which
// every read carries into SQL: there is no reader without one, and the zero Scope sees nothing.
//
// Start at [Table] and [Principal.Scope].
// Always true: scopes only ever narrow; there are no deny rules.
package access

import (
	"fmt"
	"hash/fnv"
	"sort"
	"strings"

	"steward/kernel/record"
)

// The built-in roles of contract.md. More can be made from permissions.
const (
	Administrator   = "administrator"
	Agent           = "agent"
	ProcessOwner    = "process_owner"
	Management      = "manager" // top management
	Approver        = "approver"
	Auditor         = "auditor"
	Requester       = "requester"        // a customer's user
	CustomerManager = "customer_manager" // a customer's user who sees all of that customer
)

// ExternalAuditor names no role but what a process lets an auditor from outside do besides looking:
// somebody who holds the role auditor with an account that is marked external. Of what the role
// auditor may do such an account keeps only read and export.
const ExternalAuditor = "external_auditor"

// Roles lists the built-in roles in the order they are shown.
var Roles = []string{Administrator, Agent, ProcessOwner, Management, Approver, Auditor, Requester, CustomerManager}

// Verbs that a process may grant. "do:NAME" is a transition of that name, "do:*" all of them.
var Verbs = []string{
	"read",        // all records of the principal's customers
	"read:own",    // records the principal reported, made, or was granted
	"create",      // make one
	"update",      // change fields
	"comment",     // answers that the customer sees
	"internal",    // read and write internal notes
	"link",        // join to other records
	"attach",      // add files
	"export",      // take away lists
	"approve",     // vote at a gate, approve versions
	"retroactive", // an effective date before the approval
	"replay",      // import with times of the source
	"grant",       // let others see a restricted record
	"do:*",
}

// Table is what roles may do with a process: role -> verbs separated by spaces.
type Table map[string]string

// Principal is somebody or something that acts. The zero Principal may do nothing.
type Principal struct {
	ID       record.ID
	Name     string
	Roles    []string
	Customer record.ID   // set: a customer's user, who never sees another customer
	Teams    []record.ID // member of
	Grants   map[string]bool
	System   bool // Steward itself: timers, subscribers, import on the machine
	External bool // from outside the organisation, such as a certification body's auditor: asked for no vote
	TokenID  record.ID
	Narrow   []string // scopes of a token: "PROCESS:VERB", "PROCESS:*", "*:read"; nil means all of the roles'
}

// Has reports whether the principal holds role.
func (p *Principal) Has(role string) bool {
	for _, r := range p.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// May reports whether the principal may verb on process.
func (p *Principal) May(process, verb string) bool {
	if p.System {
		return true
	}
	if !p.narrowed(process, verb) {
		return false
	}
	if p.Grants["*:*"] || p.Grants[process+":"+verb] {
		return true
	}
	return strings.HasPrefix(verb, "do:") && p.Grants[process+":do:*"]
}

func (p *Principal) narrowed(process, verb string) bool {
	if p.Narrow == nil {
		return true
	}
	base, _, _ := strings.Cut(verb, ":")
	for _, n := range p.Narrow {
		np, nv, _ := strings.Cut(n, ":")
		if (np == "*" || np == process) && (nv == "*" || nv == verb || nv == base) {
			return true
		}
	}
	return false
}

// Carries reports whether what the principal signed in with carries verb at all: always, but for a
// token that was narrowed. Whoever was asked for a vote needs no role for it, and a token for lists
// casts none.
func (p *Principal) Carries(process, verb string) bool {
	return p.System || p.narrowed(process, verb)
}

// Reads reports whether the principal may read any record of process.
func (p *Principal) Reads(process string) bool {
	return p.May(process, "read") || p.May(process, "read:own")
}

// Drafts reports whether the principal may read versions of process that are not approved: those who
// write or approve them, and auditors.
func (p *Principal) Drafts(process string) bool {
	return p.May(process, "update") || p.May(process, "approve") || p.Has(Auditor)
}

// Scope is which records of one process a principal sees. Only [Principal.Scope] makes one.
type Scope struct {
	valid    bool
	Process  string
	Viewer   record.ID
	Teams    []record.ID
	Customer record.ID // zero: every customer
	Shared   bool      // records without a customer are seen too
	Own      bool      // only own and granted ones
	Internal bool      // sees internal notes
	Drafts   bool      // sees versions that are not approved
	Every    bool      // sees restricted ones without a grant: Steward itself
}

// Valid reports whether s sees anything at all.
func (s Scope) Valid() bool { return s.valid }

// Scope is what p sees of process; shared says that records without a customer are for everyone.
func (p *Principal) Scope(process string, shared bool) Scope {
	s := Scope{Process: process, Viewer: p.ID, Teams: p.Teams, Customer: p.Customer, Shared: shared,
		Internal: p.May(process, "internal"), Drafts: p.Drafts(process), Every: p.System}
	switch {
	case p.May(process, "read"):
		s.valid = true
	case p.May(process, "read:own"):
		s.valid, s.Own = true, true
	}
	return s
}

// Hash names what the scope sees, for cursors and caches: equal hashes see the same.
func (s Scope) Hash() uint64 {
	h := fnv.New64a()
	teams := make([]string, len(s.Teams))
	for i, t := range s.Teams {
		teams[i] = t.String()
	}
	sort.Strings(teams)
	fmt.Fprint(h, s.valid, s.Process, s.Viewer, teams, s.Customer, s.Shared, s.Own, s.Internal, s.Drafts, s.Every)
	return h.Sum64()
}

// Looking are the verbs that change nothing: all that an external account keeps of a role.
var Looking = []string{"read", "read:own", "export"}

// ExpandLooking is Expand for an account from outside: of role only what looks, and for an auditor
// what the process grants to [ExternalAuditor].
func (t Table) ExpandLooking(process, role string, into map[string]bool) {
	all := map[string]bool{}
	t.Expand(process, role, all)
	for _, v := range Looking {
		if all[process+":"+v] {
			into[process+":"+v] = true
		}
	}
	if role == Auditor {
		t.Expand(process, ExternalAuditor, into)
	}
}

// Expand turns a table's verbs for role into the set "process:verb".
func (t Table) Expand(process, role string, into map[string]bool) {
	for _, v := range strings.Fields(t[role]) {
		if !known(v) {
			panic("access: " + process + " grants unknown verb " + v + " to " + role)
		}
		into[process+":"+v] = true
	}
}

func known(v string) bool {
	if strings.HasPrefix(v, "do:") {
		return true
	}
	for _, k := range Verbs {
		if k == v {
			return true
		}
	}
	return false
}

// Check panics on an unknown verb, so that every test run finds the mistake. Roles outside the
// built-in ones are users' own and never stand in a declared table.
func (t Table) Check(process string) {
	for role := range t {
		found := role == ExternalAuditor
		for _, r := range Roles {
			found = found || r == role
		}
		if !found {
			panic("access: " + process + " grants to unknown role " + role)
		}
		t.Expand(process, role, map[string]bool{})
	}
}
