// Package competence is competence (ISO/IEC 20000-1:2018, 7.2): what each kind of work asks of those
// who do it, whether they have it, what is done where they have not, and whether that helped.
//
// In: roles lead to requirements; people are assessed. Out: gaps are closed by actions (tasks under
// the assessment); internal audit looks at the competence of auditors.
//
// Start at [Requirement] and [Assessment].
// Always true: nobody assesses themselves; what is met says what shows it, and until when.
package competence

import (
	"context"
	"maps"
	"slices"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Requirement is a competence that a role needs.
type Requirement struct {
	record.Header
	Role  record.Text   `field:"required,index,len=60"` // built-in, or one of your own
	Level record.Int    `field:"required,min=1,max=4"`  // 1 knows of it, 4 teaches it
	How   record.Prose  `field:""`                      // education, training or experience by which it is had
	Every record.Period `field:""`                      // how long an assessment holds; blank is 12 months
}

var active = []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}}

// Requirements is the declaration.
var Requirements = process.Declare(process.Spec[Requirement]{
	Name: "competence", Prefix: "CMP", Resource: "competences", Clause: "7.2", Stated: true, Config: true,
	Doc:       "Competences that roles need, with their level.",
	States:    active,
	Lifecycle: lifecycle.Table[Requirement]{{Name: "retire", From: []string{"active"}, To: "retired"}, {Name: "reactivate", From: []string{"retired"}, To: "active"}},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read comment export", access.Agent: "read", access.Auditor: "read export", access.Approver: "read",
	},
	Decide: func(q *Requirement, _ *lifecycle.Facts) []lifecycle.Refusal {
		if p, err := catalogue.ParsePeriod(string(q.Every)); q.Every != "" && (err != nil || p.IsZero()) {
			return lifecycle.Refuse("every", "not_a_period", "give an ISO 8601 period such as P12M")
		}
		return nil
	},
})

// Assessment is how far somebody has a competence.
type Assessment struct {
	record.Header
	Person     record.ID      `field:"required,ref=user,index"`
	Competence record.ID      `field:"required,ref=competence,index"`
	Level      record.Int     `field:"min=0,max=4"`
	Evidence   record.Prose   `field:"search"` // what shows it
	Expires    record.Date    `field:"index"`
	AssessedAt record.Instant `field:"stamp"`
	AssessedBy record.ID      `field:"stamp,ref=user"`
	Needed     record.Int     `field:"stamp"` // level that the competence asked for then
	Gap        record.Bool    `field:"stamp"`
	Effect     record.Choice  `field:"choice=effective|partly|not_effective"` // of the action that was to close the gap
	EffectWhy  record.Prose   `field:"len=4000"`
	EffectAt   record.Instant `field:"stamp"`
}

// Process is the declaration of assessments.
var Process = process.Declare(process.Spec[Assessment]{
	Name: "competence_assessment", Prefix: "CAS", Clause: "7.2",
	Doc:    "How far somebody has a competence, by whose judgement, what shows it, and what is done about gaps.",
	States: []lifecycle.State{{Name: "asked", Phase: lifecycle.Draft}, {Name: "met", Phase: lifecycle.Done}, {Name: "gap", Phase: lifecycle.Open}, {Name: "closed", Phase: lifecycle.Done}, {Name: "void", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Assessment]{
		{Name: "assess", From: []string{"asked", "met", "gap", "closed"}, Needs: func(a *Assessment) []any { return []any{&a.Level, &a.Evidence} }, Guard: notOneself, Then: judged},
		{Name: "close", From: []string{"gap"}, To: "closed", Needs: func(a *Assessment) []any { return []any{&a.Effect, &a.EffectWhy} }, Tasks: true, Then: func(a *Assessment, f *lifecycle.Facts) { a.EffectAt = record.At(f.Now) }},
		{Name: "drop", From: []string{"asked", "met", "gap", "closed"}, To: "void"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*", access.Agent: "read:own comment attach", access.Auditor: "read internal export", access.Approver: "read:own",
	},
	Load: func(ctx context.Context, r process.Reader, a *Assessment, _ *lifecycle.Facts) (any, error) {
		q, err := r.Get(ctx, "competence", a.Competence)
		if err != nil || q == nil {
			return (*Requirement)(nil), err
		}
		return q.(*Requirement), nil
	},
})

func notOneself(a *Assessment, f *lifecycle.Facts) []lifecycle.Refusal {
	if !f.Actor.System && !f.Replay && a.Person == f.Actor.ID {
		return lifecycle.Refuse("assessed_by", "own_work", "let somebody else assess you")
	}
	return nil
}

func judged(a *Assessment, f *lifecycle.Facts) {
	q := f.Data.(*Requirement)
	a.AssessedAt, a.AssessedBy = record.At(f.Now), f.Actor.ID
	a.Effect, a.EffectWhy, a.EffectAt = "", "", 0
	every := catalogue.MustPeriod("P12M")
	if q != nil {
		a.Needed = q.Level
		if p, err := catalogue.ParsePeriod(string(q.Every)); err == nil && q.Every != "" {
			every = p
		}
	}
	if !f.Asked("expires") {
		a.Expires = record.Day(every.After(f.Now.In(f.Zone)))
	}
	a.Gap = record.Bool(a.Level.N < a.Needed.N)
	a.State, a.Phase = "met", record.Choice(lifecycle.Done)
	if a.Gap {
		a.State, a.Phase = "gap", record.Choice(lifecycle.Open)
	}
}

// Checks decide 7.2.
var Checks = []check.Check{
	check.Single("7.2-01", 1, rolesCovered, check.Set("competence"), check.Set("user")),
	check.Single("7.2-02", 1, holdersAble, check.Set("competence"), check.Set("competence_assessment"), check.Set("user")),
	check.Each(Process, check.Of[Assessment]{Requirement: "7.2-03", Version: 1, Where: `gap = true and phase != "void"`, Member: func(a *Assessment) bool { return bool(a.Gap) && a.Phase != record.Choice(lifecycle.Void) },
		When: func(a *Assessment) time.Time { return a.AssessedAt.Time() }, Reads: []check.Read{check.Children("task", "parent")}, Decide: gapClosed, Mend: "plan an action (a task under it), carry it out, and judge its effect"}),
	check.Each(Process, check.Of[Assessment]{Requirement: "7.2-04", Version: 1, Where: `state = "met"`, Member: func(a *Assessment) bool { return a.State == "met" },
		When: func(a *Assessment) time.Time { return a.AssessedAt.Time() }, Decide: func(a *Assessment, f *check.Facts) catalogue.Timeline {
			return catalogue.And(check.Fields(Process, a, "evidence"), until(f, a.Expires))
		}, Mend: "say what shows it, and assess it again when it expires"}),
}

// until holds to the end of a day.
func until(f *check.Facts, day record.Date) catalogue.Timeline {
	end := f.Midnight(day)
	if end.IsZero() {
		return check.Holds()
	}
	return catalogue.Steps(catalogue.Segment{State: catalogue.Conforms, Reason: "holds until " + string(day)}, catalogue.Segment{From: end, State: catalogue.Stale, Reason: "expired on " + string(day)})
}

// rolesInUse are the roles that the provider's people hold on the day asked about.
func rolesInUse(f *check.Facts) map[string][]check.Kept {
	out := map[string][]check.Kept{}
	for _, k := range f.Set("user") {
		u, ok := k.Record.(*people.User)
		if !ok || !u.Active() || !u.Customer.IsZero() || u.Kind == "service" {
			continue
		}
		for _, role := range u.RolesOn(f.Day(f.At)) {
			out[role] = append(out[role], k)
		}
	}
	return out
}

func rolesCovered(f *check.Facts) []catalogue.Member {
	needed := map[string]check.Kept{}
	for _, k := range f.Set("competence") {
		if q := k.Record.(*Requirement); q.State == "active" {
			needed[string(q.Role)] = k
		}
	}
	var out []catalogue.Member
	for _, role := range slices.Sorted(maps.Keys(rolesInUse(f))) {
		if role == access.Administrator {
			continue // keeps the tool, not the services
		}
		k, ok := needed[role]
		if !ok {
			m := check.Missing("competence", "role "+role, "nothing says what the role "+role+" needs to know", "say which competence the role "+role+" needs")
			if len(needed) > 0 {
				m.Verdict, m.Required = check.Gap("nothing says what the role "+role+" needs to know"), false
			}
			out = append(out, m)
			continue
		}
		out = append(out, check.Found("competence", k, k.Record.Head().CreatedAt.Time(), check.Holds(), ""))
	}
	if len(out) == 0 {
		out = append(out, check.Missing("competence", "competences", "nobody of the provider holds a role", "give people roles, and say what these need"))
	}
	return out
}

func holdersAble(f *check.Facts) []catalogue.Member {
	type key struct{ person, competence record.ID }
	newest := map[key]check.Kept{}
	for _, k := range f.Set("competence_assessment") {
		a := k.Record.(*Assessment)
		if a.AssessedAt == 0 || a.Phase == record.Choice(lifecycle.Void) {
			continue
		}
		at := key{a.Person, a.Competence}
		if old, ok := newest[at]; !ok || old.Record.(*Assessment).AssessedAt < a.AssessedAt {
			newest[at] = k
		}
	}
	holders := rolesInUse(f)
	var out []catalogue.Member
	for _, k := range f.Set("competence") {
		q := k.Record.(*Requirement)
		if q.State != "active" {
			continue
		}
		for _, u := range holders[string(q.Role)] {
			x, ok := newest[key{u.Record.Head().ID, q.ID}]
			who := string(u.Record.Head().Title) + ", " + string(q.Title)
			if !ok {
				m := check.Missing("competence_assessment", who, "nobody has assessed it", "assess "+who)
				m.Required = false
				out = append(out, m)
				continue
			}
			a := x.Record.(*Assessment)
			verdict := until(f, a.Expires)
			if a.State == "gap" {
				verdict = catalogue.Always(catalogue.Conforms, "a gap that is being closed (7.2-03)")
			}
			out = append(out, check.Found("competence_assessment", x, a.AssessedAt.Time(), verdict, "assess it again"))
		}
	}
	if len(out) == 0 {
		out = append(out, check.Missing("competence_assessment", "assessments", "nobody was assessed", "assess those who hold roles"))
	}
	return out
}

func gapClosed(a *Assessment, f *check.Facts) catalogue.Timeline {
	var open, done int
	out := check.Holds()
	var last time.Time
	for _, r := range f.Children("task", "parent", a.ID) {
		t, ok := r.(*people.Task)
		if !ok || t.Phase == record.Choice(lifecycle.Void) {
			continue
		}
		if t.DoneAt == 0 {
			open++
			out = catalogue.And(out, catalogue.NotOverdue(t.Due.Time(), time.Time{}))
			continue
		}
		done++
		if at := t.DoneAt.Time(); at.After(last) {
			last = at
		}
	}
	switch {
	case open+done == 0:
		return check.Gap("no action is planned to close it")
	case open == 0:
		return catalogue.And(out, catalogue.NotOverdue(last.Add(90*24*time.Hour), a.EffectAt.Time()))
	}
	return out
}
