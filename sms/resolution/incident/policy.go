package incident

import (
	"context"
	"fmt"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Policy is how the organisation handles incidents: the priority matrix, the criteria of a major
// incident and the times that go with it. It is versioned, so that every incident is judged by
// the settings of its day, with who set them. The first policy in force counts.
type Policy struct {
	record.Header
	Matrix           []Cell          `lines:"max=16"`
	Criteria         []Criterion     `lines:"max=50"`
	Codes            []Code          `lines:"max=100"` // of resolution; none: any is taken
	UpdateEvery      []Update        `lines:"max=5"`
	CloseAfterDays   record.Int      `field:"min=0,max=365"` // working days after which a resolved incident closes by itself
	CloseCalendar    record.ID       `field:"ref=calendar"`  // whose working days; none: Monday to Friday
	ManagementNotice record.Duration `field:""`              // top management is told of a major incident within
	LeadWithin       record.Duration `field:""`              // a major incident has a lead within
	MajorUpdateEvery record.Duration `field:""`              // those affected hear of it at least so often
	ReviewWithinDays record.Int      `field:"min=1,max=365"` // working days after resolution
}

// Cell is one cell of the priority matrix.
type Cell struct {
	record.Line
	Impact   record.Int `field:"required,min=1,max=4"`
	Urgency  record.Int `field:"required,min=1,max=4"`
	Priority record.Int `field:"required,min=1,max=4"`
}

// Criterion is one that makes an incident a major one.
type Criterion struct {
	record.Line
	Code        record.Text  `field:"required,len=60"`
	Description record.Prose `field:"required,len=2000"`
}

// Code is a way in which an incident can be resolved.
type Code struct {
	record.Line
	Code record.Text `field:"required,len=60"`
	Name record.Text `field:"len=200"`
}

// Update is how often an open incident of a priority needs an entry.
type Update struct {
	record.Line
	Priority record.Int      `field:"required,min=1,max=5"`
	Every    record.Duration `field:"required"`
}

// Priority is 1 (highest) to 4 from the matrix. A cell that is missing is refused: a promise is
// never guessed.
func (p *Policy) Priority(impact, urgency int64) (int64, *lifecycle.Refusal) {
	for _, c := range p.Matrix {
		if c.Impact.N == impact && c.Urgency.N == urgency {
			return c.Priority.N, nil
		}
	}
	return 0, &lifecycle.Refusal{Field: "urgency", Reason: "no_cell", Mend: fmt.Sprintf("complete the priority matrix: impact %d and urgency %d have no cell", impact, urgency)}
}

// Policies is the process of incident policies.
var Policies = process.Declare(process.Spec[Policy]{
	Name: "incident_policy", Prefix: "IPO", Clause: "8.6.1", Stated: true, Resource: "incident-policies", Versioned: true, Config: true, Shared: true,
	Doc:    "How incidents are handled: priority matrix, criteria of a major incident, times.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Policy]{
		{Name: "retire", From: in("active"), To: "retired"},
		{Name: "reactivate", From: in("retired"), To: "active"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update export approve do:*", access.Agent: "read", access.Management: "read approve",
		access.Auditor: "read export", access.Approver: "read approve",
	},
	Decide: func(p *Policy, _ *lifecycle.Facts) []lifecycle.Refusal {
		var out []lifecycle.Refusal
		seen := map[string]bool{}
		for _, c := range p.Matrix {
			k := fmt.Sprint(c.Impact.N, "/", c.Urgency.N)
			if seen[k] {
				out = append(out, lifecycle.Refusal{Field: "matrix[" + c.ID.String() + "]", Reason: "twice", Mend: "one cell for an impact and urgency"})
			}
			seen[k] = true
		}
		if n := len(p.Matrix); n > 0 && n < 16 {
			out = append(out, lifecycle.Refusal{Field: "matrix", Reason: "incomplete", Mend: "give all sixteen cells of impact 1 to 4 and urgency 1 to 4"})
		}
		return out
	},
})

// InForce is the policy of a day; nil when none is in force.
func InForce(ctx context.Context, r process.Reader, day record.Date) (*Policy, error) {
	all, err := r.All(ctx, "incident_policy")
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		rec, _, err := r.InForce(ctx, "incident_policy", x.Head().ID, day)
		if err != nil {
			return nil, err
		}
		if rec != nil && x.Head().State == "active" {
			return rec.(*Policy), nil
		}
	}
	return nil, nil
}

// Standard is the policy a new system begins with: the matrix and times of common practice
// (spec/practice.md, section 5), each meant to be changed.
func Standard() map[string]any {
	matrix := [4][4]int{{1, 1, 2, 3}, {1, 2, 3, 3}, {2, 3, 3, 4}, {3, 3, 4, 4}}
	var cells []map[string]any
	for i := range matrix {
		for u := range matrix[i] {
			cells = append(cells, map[string]any{"impact": i + 1, "urgency": u + 1, "priority": matrix[i][u]})
		}
	}
	return map[string]any{
		"title": "Incident policy", "matrix": cells,
		"criteria": []map[string]any{
			{"code": "critical_service_down", "description": "A service of criticality 1 is down for its customers."},
			{"code": "several_customers", "description": "Customers of several organisations are hit by the same fault."},
			{"code": "data_breach", "description": "Information of a customer has been disclosed or lost."},
		},
		"update_every":       []map[string]any{{"priority": 1, "every": "PT1H"}, {"priority": 2, "every": "PT4H"}, {"priority": 3, "every": "P3D"}, {"priority": 4, "every": "P10D"}, {"priority": 5, "every": "P30D"}},
		"close_after_days":   5,
		"management_notice":  "PT1H",
		"lead_within":        "PT30M",
		"major_update_every": "PT1H",
		"review_within_days": 10,
		"effective_from":     "2000-01-01",
	}
}
