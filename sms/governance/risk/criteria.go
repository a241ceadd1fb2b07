package risk

import (
	"context"
	"fmt"
	"sort"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// Criteria are the organisation's criteria for risks (6.1.2 c and d), in versions: where acceptance
// ends, what the levels of the matrix are called, and which role may accept how much.
type Criteria struct {
	record.Header
	Approach       record.Prose  `field:"search"`                // how risks are managed
	AcceptanceLine record.Int    `field:"required,min=1,max=25"` // the highest score that is accepted without an end
	LongestUntil   record.Period `field:""`                      // how long one above the line is accepted at most; blank is 12 months
	ReviewEvery    record.Period `field:""`                      // for risks that say nothing themselves; blank is 12 months
	Levels         []Level       `lines:"max=10"`
	Authorities    []Authority   `lines:"max=50"`
	Scales         []Scale       `lines:"max=10"`
}

// Level is a band of the matrix, from its lowest score to the next level.
type Level struct {
	record.Line
	Name record.Text `field:"required,len=60"`
	From record.Int  `field:"required,min=1,max=25"`
}

// Authority says up to which score a role may accept.
type Authority struct {
	record.Line
	Role record.Text `field:"required,len=60"`
	UpTo record.Int  `field:"required,min=1,max=25"`
}

// Scale says in words what a value of likelihood or consequence means.
type Scale struct {
	record.Line
	Of      record.Choice `field:"required,choice=likelihood|consequence"`
	Value   record.Int    `field:"required,min=1,max=5"`
	Meaning record.Text   `field:"required,len=500"`
}

// CriteriaProcess is the declaration.
var CriteriaProcess = process.Declare(process.Spec[Criteria]{
	Name: "risk_criteria", Prefix: "RCR", Resource: "risk-criteria", Clause: "6.1.2", Stated: true, Versioned: true, Config: true,
	Doc:    "Criteria for accepting risks, in versions: the line, the matrix, and who may accept how much.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Criteria]{
		{Name: "retire", From: in("active"), To: "retired"},
		{Name: "reactivate", From: in("retired"), To: "active"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve do:*",
		access.Management:   "read comment export approve",
		access.Auditor:      "read export", access.Agent: "read", access.Approver: "read",
	},
	Load:   loadRoles,
	Decide: decideCriteria,
})

// loadRoles are the roles that somebody can hold.
func loadRoles(ctx context.Context, r process.Reader, _ *Criteria, _ *lifecycle.Facts) (any, error) {
	known := map[string]bool{}
	for _, n := range access.Roles {
		known[n] = true
	}
	all, err := r.All(ctx, "role")
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if role, ok := x.(*people.Role); ok && role.State == "active" {
			known[role.RoleName()] = true
		}
	}
	return known, nil
}

func decideCriteria(c *Criteria, f *lifecycle.Facts) []lifecycle.Refusal {
	known := f.Data.(map[string]bool)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	for field, p := range map[string]record.Period{"longest_until": c.LongestUntil, "review_every": c.ReviewEvery} {
		if x, err := catalogue.ParsePeriod(string(p)); p != "" && (err != nil || x.IsZero()) {
			refuse(field, "not_a_period", "give an ISO 8601 period of more than nothing, such as P12M")
		}
	}
	if len(c.Authorities) == 0 {
		refuse("authorities", "required", "say which role may accept up to which score")
	}
	roles, levels, scales := map[record.Text]bool{}, map[record.Int]bool{}, map[string]bool{}
	for _, a := range c.Authorities {
		at := "authorities[" + a.ID.String() + "]"
		switch {
		case !known[string(a.Role)]:
			refuse(at+".role", "unknown_choice", "name a built-in role or one of your own")
		case roles[a.Role]:
			refuse(at, "twice", "one line for a role")
		}
		roles[a.Role] = true
	}
	for _, l := range c.Levels {
		if levels[l.From] {
			refuse("levels["+l.ID.String()+"]", "twice", "one level begins at a score")
		}
		levels[l.From] = true
	}
	for _, s := range c.Scales {
		key := fmt.Sprint(s.Of, s.Value.N)
		if scales[key] {
			refuse("scales["+s.ID.String()+"]", "twice", "one meaning for a value")
		}
		scales[key] = true
	}
	return out
}

// LevelOf is the name of the level of a score; "" when no level covers it.
func (c *Criteria) LevelOf(score int64) string {
	name, from := "", int64(0)
	for _, l := range c.Levels {
		if l.From.N <= score && l.From.N > from {
			name, from = string(l.Name), l.From.N
		}
	}
	return name
}

// MayAccept reports whether a holder of role may accept a score.
func (c *Criteria) MayAccept(role string, score int64) bool {
	for _, a := range c.Authorities {
		if string(a.Role) == role && score <= a.UpTo.N {
			return true
		}
	}
	return false
}

// WhoMayAccept are the roles that may accept a score, by name.
func (c *Criteria) WhoMayAccept(score int64) []string {
	var out []string
	for _, a := range c.Authorities {
		if score <= a.UpTo.N {
			out = append(out, string(a.Role))
		}
	}
	sort.Strings(out)
	return out
}

// InForce are the criteria in force on a day: of several, the oldest. Nil when there are none.
func InForce(ctx context.Context, r process.Reader, day record.Date) (*Criteria, *record.Version, error) {
	all, err := r.All(ctx, "risk_criteria")
	if err != nil {
		return nil, nil, err
	}
	var found *Criteria
	var version *record.Version
	for _, x := range all {
		if x.Head().State != "active" || found != nil && found.Num <= x.Head().Num {
			continue
		}
		rec, v, err := r.InForce(ctx, "risk_criteria", x.Head().ID, day)
		if err != nil {
			return nil, nil, err
		}
		if rec != nil {
			found, version = rec.(*Criteria), v
		}
	}
	return found, version, nil
}
