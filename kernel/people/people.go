// Package people holds the records that the kernel itself needs: customers, users, teams and
// roles, tasks, and the fields that users add (ISO/IEC 20000-1:2018, 5.3, 7.1 and 7.2 rest on
// them; 8.3.2 begins with the customer).
//
// In: administrators, SCIM, imports. Out: principals with roles, which every permission and scope
// is worked out from.
//
// Start at [User], then [Processes].
// Always true: nobody is deleted; an account that ends is disabled, and its name stands where it
// was written.
package people

import (
	"strings"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Processes in the order in which they refer to each other.
func Processes() []*process.Process {
	return []*process.Process{Organisations, Customers, Users, Teams, Roles, CustomFields, Tasks, Views, Policies, Delegations}
}

var active = []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}}

func ending[T any]() lifecycle.Table[T] {
	return lifecycle.Table[T]{
		{Name: "retire", From: []string{"active"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
	}
}

// Customer is an organisation, or a part of one, that services are delivered to. Its own header
// points at itself as customer, so that its people see it.
type Customer struct {
	record.Header
	Description record.Prose  `field:"search"`
	Language    record.Choice `field:"choice=en|de|fr|es"`
	Zone        record.Text   `field:"len=60"`
	PortalName  record.Text   `field:"len=80"` // at the head of its portal; blank: the title
	Accent      record.Text   `field:"len=7"`  // of its portal on light ground, #rrggbb; blank: Steward's
	AccentDark  record.Text   `field:"len=7"`  // the same on dark ground
	Notices     []Notice      `lines:"max=50"`
}

// Notice is a text that a customer's people read at the head of their portal until a day.
type Notice struct {
	record.Line
	Text     record.Prose  `field:"required,len=2000"`
	Language record.Choice `field:"choice=en|de|fr|es"` // blank: for all readers
	From     record.Date   `field:""`
	Until    record.Date   `field:"required"` // the last day
}

// Brand is the name at the head of its portal.
func (c *Customer) Brand() string {
	if c.PortalName != "" {
		return string(c.PortalName)
	}
	return string(c.Title)
}

// Customers is the process.
var Customers = process.Declare(process.Spec[Customer]{
	Name: "customer", Prefix: "CUS", Clause: "8.3.2", Config: true,
	Doc:    "Organisations that services are delivered to.",
	States: active, Lifecycle: ending[Customer](),
	Unique: []string{"title"},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Agent:        "read comment internal link export", access.Management: "read export", access.Auditor: "read export",
		access.Approver: "read", access.Requester: "read", access.CustomerManager: "read",
	},
	Decide: branded,
})

// User is a person's or a service's account. Title is the name people are shown by.
type User struct {
	record.Header
	Name     record.Text   `field:"required,index,unique,len=100"` // signs in with it
	Email    record.Text   `field:"personal,len=254"`
	Phone    record.Text   `field:"personal,len=60"`
	Kind     record.Choice `field:"choice=person|service"`
	Language record.Choice `field:"choice=en|de|fr|es"`
	Zone     record.Text   `field:"len=60"`
	Until    record.Date   `field:""` // the last day on which the account signs in; blank is for ever
	External record.Bool   `field:""` // somebody from outside, such as a certification body's auditor: only looks
	Roles    []RoleHeld    `lines:""`
}

// RoleHeld is a role from a day to a day, with who appointed: a line of the user.
type RoleHeld struct {
	record.Line
	Role record.Text `field:"required,len=60"`
	From record.Date `field:""`
	To   record.Date `field:""` // exclusive
	Note record.Text `field:""`
}

// Login is the name to sign in with.
func (u *User) Login() string { return string(u.Name) }

// Active reports whether the account is not disabled. One whose last day is over does not sign in
// either.
func (u *User) Active() bool { return u.State == "active" }

// LastDay is the last day on which the account signs in; "" for ever.
func (u *User) LastDay() record.Date { return u.Until }

// Outside reports whether the account is of somebody from outside the organisation.
func (u *User) Outside() bool { return bool(u.External) }

// RolesOn are the roles held on a day.
func (u *User) RolesOn(day record.Date) []string {
	var out []string
	for _, r := range u.Roles {
		if (r.From == "" || r.From <= day) && (r.To == "" || day < r.To) {
			out = append(out, string(r.Role))
		}
	}
	return out
}

func needUser(u *User) []any { return []any{&u.Name} }

// Users is the process.
var Users = process.Declare(process.Spec[User]{
	Name: "user", Prefix: "USR", Clause: "5.3", Config: true, NameField: "name",
	Doc:    "Accounts of people and services, with the roles they hold.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "disabled", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[User]{
		{Name: "disable", From: []string{"active"}, To: "disabled"},
		{Name: "enable", From: []string{"disabled"}, To: "active", Needs: needUser},
	},
	Unique: []string{"name"},
	Grants: access.Table{
		access.ProcessOwner: "read export", access.Agent: "read", access.Management: "read", access.Auditor: "read export",
		access.Approver: "read", access.Requester: "read:own", access.CustomerManager: "read",
	},
	Load: loadRoles,
	Decide: func(u *User, f *lifecycle.Facts) []lifecycle.Refusal {
		if u.Kind == "" {
			u.Kind = "person"
		}
		known, _ := f.Data.(map[string]bool)
		var out []lifecycle.Refusal
		for _, r := range u.Roles {
			if !known[string(r.Role)] {
				out = append(out, lifecycle.Refusal{Field: "roles[" + r.ID.String() + "].role", Reason: "unknown_choice", Mend: "built in are " + strings.Join(access.Roles, ", ")})
			}
			provider := r.Role != access.Requester && r.Role != access.CustomerManager
			if !u.Head().Customer.IsZero() && provider && builtIn(string(r.Role)) {
				out = append(out, lifecycle.Refusal{Field: "roles[" + r.ID.String() + "].role", Reason: "not_for_customers", Mend: "a customer's user is requester or customer_manager"})
			}
		}
		out = append(out, outside(u, f)...)
		if strings.ContainsAny(string(u.Name), " \t/\\\"'<>,;") {
			out = append(out, lifecycle.Refusal{Field: "name", Reason: "bad_character", Mend: "use letters, digits, dot, hyphen, underscore or an e-mail address"})
		}
		return out
	},
})

// outside holds what makes an account from outside harmless: it audits and nothing else, and ends.
// That it may do no more than look does not rest on this, but on the grants.
func outside(u *User, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	before, _ := f.Before.(*User)
	today := record.Day(f.Now.In(f.Zone))
	if u.Until != "" && u.Until < today && !f.Replay && (before == nil || before.Until != u.Until) {
		out = append(out, lifecycle.Refusal{Field: "until", Reason: "past", Mend: "give a day from today on; to end it at once disable the account"})
	}
	if !u.External {
		return out
	}
	if u.Until == "" {
		out = append(out, lifecycle.Refusal{Field: "until", Reason: "required", Mend: "say the last day: an account from outside ends by itself"})
	}
	if !u.Head().Customer.IsZero() {
		out = append(out, lifecycle.Refusal{Field: "customer", Reason: "not_for_customers", Mend: "an auditor from outside belongs to no customer"})
	}
	for _, r := range u.Roles {
		if r.Role != access.Auditor {
			out = append(out, lifecycle.Refusal{Field: "roles[" + r.ID.String() + "].role", Reason: "only_auditor", Mend: "an account from outside holds the role auditor and no other"})
		}
	}
	return out
}

func builtIn(role string) bool {
	for _, r := range access.Roles {
		if r == role {
			return true
		}
	}
	return false
}

// Team is a group of people that work is assigned to.
type Team struct {
	record.Header
	Description record.Prose `field:"search"`
	Email       record.Text  `field:"len=254"`
	Members     []Member     `lines:"max=5000"`
}

// Member is one user of a team.
type Member struct {
	record.Line
	User record.ID   `field:"required,ref=user"`
	Lead record.Bool `field:""`
}

// MemberIDs are the users in the team.
func (t *Team) MemberIDs() []record.ID {
	out := make([]record.ID, len(t.Members))
	for i, m := range t.Members {
		out[i] = m.User
	}
	return out
}

// LeadIDs are those who lead it.
func (t *Team) LeadIDs() []record.ID {
	var out []record.ID
	for _, m := range t.Members {
		if m.Lead {
			out = append(out, m.User)
		}
	}
	return out
}

// Teams is the process.
var Teams = process.Declare(process.Spec[Team]{
	Name: "team", Prefix: "TEA", Clause: "7.1", Config: true,
	Doc:    "Groups of people that work is assigned to.",
	States: active, Lifecycle: ending[Team](),
	Unique: []string{"title"},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link export do:*", access.Agent: "read", access.Management: "read",
		access.Auditor: "read export", access.Approver: "read",
	},
	Decide: func(t *Team, _ *lifecycle.Facts) []lifecycle.Refusal {
		seen := map[record.ID]bool{}
		for _, m := range t.Members {
			if seen[m.User] {
				return lifecycle.Refuse("members["+m.ID.String()+"].user", "twice", "a user is a member once")
			}
			seen[m.User] = true
		}
		return nil
	},
})
