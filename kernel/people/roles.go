package people

import (
	"context"
	"strings"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Role is a set of permissions under a name of the organisation's own, beside the built-in roles.
type Role struct {
	record.Header
	Name    record.Text  `field:"required,index,unique,len=60"`
	Purpose record.Prose `field:""`
	Allows  []Permission `lines:""`
}

// Permission is one thing the role may do: PROCESS:VERB.
type Permission struct {
	record.Line
	Permission record.Text `field:"required,len=120"`
}

// RoleName is what users hold it by.
func (r *Role) RoleName() string { return string(r.Name) }

// Permissions are what it allows.
func (r *Role) Permissions() []string {
	out := make([]string, len(r.Allows))
	for i, a := range r.Allows {
		out[i] = string(a.Permission)
	}
	return out
}

// Roles is the process.
var Roles = process.Declare(process.Spec[Role]{
	Name: "role", Prefix: "ROL", Clause: "5.3", Config: true, NameField: "name",
	Doc:    "Roles made from permissions, beside the built-in ones.",
	States: active, Lifecycle: ending[Role](),
	Unique: []string{"name"},
	Grants: access.Table{access.ProcessOwner: "read", access.Agent: "read", access.Management: "read", access.Auditor: "read export"},
	Decide: func(r *Role, _ *lifecycle.Facts) []lifecycle.Refusal {
		var out []lifecycle.Refusal
		if builtIn(string(r.Name)) {
			out = append(out, lifecycle.Refusal{Field: "name", Reason: "taken", Mend: "choose a name that is not a built-in role"})
		}
		for _, a := range r.Allows {
			p, v, ok := strings.Cut(string(a.Permission), ":")
			if !ok || p == "" || v == "" || p == "*" {
				out = append(out, lifecycle.Refusal{Field: "allows[" + a.ID.String() + "].permission", Reason: "unknown_permission", Mend: "say PROCESS:VERB, such as incident:read"})
			}
		}
		return out
	},
})

// loadRoles are the names a user may hold.
func loadRoles(ctx context.Context, r process.Reader, _ *User, _ *lifecycle.Facts) (any, error) {
	known := map[string]bool{}
	for _, n := range access.Roles {
		known[n] = true
	}
	all, err := r.All(ctx, "role")
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if role, ok := x.(*Role); ok && role.State == "active" {
			known[string(role.Name)] = true
		}
	}
	return known, nil
}

// CustomField is a field that the organisation added to a process.
type CustomField struct {
	record.Header
	Process  record.Text   `field:"required,len=60"`
	Name     record.Text   `field:"required,len=40"` // snake_case; the key in "custom"
	Kind     record.Choice `field:"required,choice=text|prose|bool|int|date|choice|url"`
	Choices  record.Prose  `field:"len=4000"` // one code a line
	Required record.Bool   `field:""`
	Help     record.Text   `field:""`
}

var customKinds = map[record.Choice]record.Kind{"text": record.KText, "prose": record.KProse, "bool": record.KBool,
	"int": record.KInt, "date": record.KDate, "choice": record.KChoice, "url": record.KURL}

// Definition is the field as every door walks it.
func (c *CustomField) Definition() (string, *record.Field) {
	f := &record.Field{Name: string(c.Name), Kind: customKinds[c.Kind], Custom: true}
	f.Required, f.MaxLen = bool(c.Required), 4000
	for _, line := range strings.Split(string(c.Choices), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			f.Choices = append(f.Choices, line)
		}
	}
	return string(c.Process), f
}

// CustomFields is the process.
var CustomFields = process.Declare(process.Spec[CustomField]{
	Name: "custom_field", Prefix: "FLD", Config: true,
	Doc:    "Fields that the organisation adds to a process.",
	States: active, Lifecycle: ending[CustomField](),
	Grants: access.Table{access.ProcessOwner: "read create update export do:*", access.Agent: "read", access.Management: "read",
		access.Auditor: "read export", access.Approver: "read"},
	Load: func(ctx context.Context, r process.Reader, c *CustomField, _ *lifecycle.Facts) (any, error) {
		all, err := r.All(ctx, "custom_field")
		for _, x := range all {
			o := x.(*CustomField)
			if o.ID != c.ID && o.Process == c.Process && o.Name == c.Name && o.State == "active" {
				return true, err
			}
		}
		return false, err
	},
	Decide: func(c *CustomField, f *lifecycle.Facts) []lifecycle.Refusal {
		var out []lifecycle.Refusal
		if taken, _ := f.Data.(bool); taken {
			out = append(out, lifecycle.Refusal{Field: "name", Reason: "taken", Mend: "the process has a custom field of that name"})
		}
		if s := string(c.Name); strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || s != "" && (s[0] < 'a' || s[0] > 'z') {
			out = append(out, lifecycle.Refusal{Field: "name", Reason: "bad_character", Mend: "use small letters, digits and underscores, a letter first"})
		}
		if _, def := c.Definition(); c.Kind == "choice" && len(def.Choices) == 0 {
			out = append(out, lifecycle.Refusal{Field: "choices", Reason: "required", Mend: "give one code a line"})
		}
		if b, ok := f.Before.(*CustomField); ok && (b.Name != c.Name || b.Process != c.Process || b.Kind != c.Kind) {
			out = append(out, lifecycle.Refusal{Field: "name", Reason: "fixed", Mend: "values stand under it; retire it and make another"})
		}
		return out
	},
})

// Task is a piece of work under a record: a treatment, a corrective action, a checklist item, an
// implementation step. One kind of task serves all, so that one "not overdue" and one "my work"
// do too.
type Task struct {
	record.Header
	Parent      record.ID      `field:"ref=*,index"`
	Description record.Prose   `field:"search"`
	Kind        record.Choice  `field:"choice=step|treatment|corrective_action|review_action|check|objective_action"`
	Mandatory   record.Bool    `field:""`
	Due         record.Instant `field:""`
	Priority    record.Int     `field:"min=1,max=5"`
	Outcome     record.Choice  `field:"choice=done|not_needed|failed"`
	Evidence    record.Prose   `field:"search"`
	DoneAt      record.Instant `field:"stamp"`
	DoneBy      record.ID      `field:"stamp,ref=user"`
	ReadyAt     record.Instant `field:"stamp"` // when the last of the tasks it comes after ended
}

func needOutcome(t *Task) []any { return []any{&t.Outcome} }

// Tasks is the process.
var Tasks = process.Declare(process.Spec[Task]{
	Name: "task", Prefix: "TSK",
	Doc:    "Pieces of work under any record, with who does them until when.",
	States: []lifecycle.State{{Name: "open", Phase: lifecycle.Open}, {Name: "waiting", Phase: lifecycle.Waiting}, {Name: "done", Phase: lifecycle.Done}, {Name: "cancelled", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Task]{
		{Name: "complete", From: []string{"open", "waiting"}, To: "done", Needs: needOutcome, Guard: predecessorsDone, Then: func(t *Task, f *lifecycle.Facts) {
			t.DoneAt, t.DoneBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "wait", From: []string{"open"}, To: "waiting"},
		{Name: "resume", From: []string{"waiting"}, To: "open"},
		{Name: "reopen", From: []string{"done"}, To: "open", Then: func(t *Task, _ *lifecycle.Facts) { t.DoneAt, t.DoneBy, t.Outcome = 0, record.ID{}, "" }},
		{Name: "cancel", From: []string{"open", "waiting"}, To: "cancelled"},
		{Name: "release", Guard: bySteward, Then: release},
	},
	Links: []process.LinkKind{
		{Name: "after", Inverse: "before", To: []string{"task"}, Acyclic: true},
		{Name: "works_on", Inverse: "worked_on_by"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*", access.Agent: "read create update comment internal link attach export do:*",
		access.Management: "read create update comment internal link do:*", access.Auditor: "read export", access.Approver: "read:own comment do:complete",
	},
	Load:   loadTask,
	Decide: decideTask,
})

// View is a saved view: the text of a query, run with the reader's own scope.
type View struct {
	record.Header
	Process record.Text  `field:"required,len=60"`
	Filter  record.Prose `field:"len=8000"`
	Sort    record.Text  `field:"len=200"`
	Columns record.Text  `field:"len=1000"`
	Group   record.Text  `field:"len=60"`
	Shared  record.Bool  `field:""` // with the team, or with everyone when there is none
}

// Views is the process.
var Views = process.Declare(process.Spec[View]{
	Name: "view", Prefix: "VIEW", Shared: true,
	Doc:    "Saved views: filter, order and columns of a list.",
	States: active, Lifecycle: ending[View](),
	Grants: access.Table{
		access.ProcessOwner: "read create update do:*", access.Agent: "read create update do:*", access.Management: "read create update do:*",
		access.Auditor: "read create", access.Approver: "read create", access.CustomerManager: "read:own create update do:*", access.Requester: "read:own create update do:*",
	},
})
