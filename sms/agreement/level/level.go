// Package level is service level management (ISO/IEC 20000-1:2018, 8.3.3): agreements with
// customers about services, with targets per priority, in versions.
//
// In: customers, services, calendars. Out: incidents take their clocks from the version that was
// in force for their customer and service when they were opened.
//
// Start at [Agreement], then [For], which chooses.
// Always true: what was agreed never changes; a new version takes effect from a day on.
package level

import (
	"context"
	"fmt"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Agreement is a service level agreement. Its customer stands in the header and never changes;
// the rest is content of its versions.
type Agreement struct {
	record.Header
	Description record.Prose  `field:"search"`
	Calendar    record.ID     `field:"required,ref=calendar"`
	ReviewEvery record.Period `field:""`
	Services    []Covered     `lines:"max=2000"`
	Targets     []Target      `lines:"max=200"`
	Limits      []Limit       `lines:"max=100"`
	Exclusions  []Exclusion   `lines:"max=100"`
}

// Covered is a service under the agreement; with none it covers all services of the customer.
type Covered struct {
	record.Line
	Service record.ID `field:"required,ref=service"`
}

// Target is one promise: working time on the agreement's calendar for incidents of a priority.
type Target struct {
	record.Line
	Kind     record.Choice   `field:"required,choice=response|resolution"`
	Priority record.Int      `field:"required,min=1,max=5"`
	Duration record.Duration `field:"required"`
}

// Limit is a workload up to which the targets hold.
type Limit struct {
	record.Line
	What   record.Text   `field:"required,len=200"`
	Amount record.Int    `field:"required"`
	Period record.Period `field:"required"`
}

// Exclusion is a case in which the targets do not hold.
type Exclusion struct {
	record.Line
	What record.Text `field:"required,len=500"`
}

// Process is the declaration.
var Process = process.Declare(process.Spec[Agreement]{
	Name: "agreement", Prefix: "SLA", Clause: "8.3.3", Versioned: true, Config: true,
	Doc:    "What was promised to a customer: services, hours and targets, in versions.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "ended", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Agreement]{
		{Name: "end", From: []string{"active"}, To: "ended"},
		{Name: "reactivate", From: []string{"ended"}, To: "active"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve do:*", access.Agent: "read comment internal",
		access.Management: "read export approve", access.Auditor: "read export", access.Approver: "read approve comment",
		access.Requester: "read", access.CustomerManager: "read comment",
	},
	Decide: func(a *Agreement, f *lifecycle.Facts) []lifecycle.Refusal {
		var out []lifecycle.Refusal
		if a.Customer.IsZero() {
			out = append(out, lifecycle.Refusal{Field: "customer", Reason: "required", Mend: "say with whom"})
		}
		if b, ok := f.Before.(*Agreement); ok && b.Customer != a.Customer {
			out = append(out, lifecycle.Refusal{Field: "customer", Reason: "fixed", Mend: "make another agreement"})
		}
		seen := map[string]bool{}
		for _, t := range a.Targets {
			key := fmt.Sprint(t.Kind, t.Priority.N)
			if seen[key] {
				out = append(out, lifecycle.Refusal{Field: "targets[" + t.ID.String() + "]", Reason: "twice", Mend: "one target for a kind and priority"})
			}
			seen[key] = true
			if t.Duration.Set && t.Duration.Seconds == 0 {
				out = append(out, lifecycle.Refusal{Field: "targets[" + t.ID.String() + "].duration", Reason: "out_of_range", Mend: "promise more than no time"})
			}
		}
		return out
	},
})

// Terms is what was promised for one record: an agreement version.
type Terms struct {
	Agreement *Agreement
	Version   *record.Version
}

// Target finds the promise of a kind for a priority.
func (t Terms) Target(kind string, priority int64) (Target, time.Duration, bool) {
	for _, x := range t.Agreement.Targets {
		if string(x.Kind) == kind && x.Priority.N == priority {
			return x, x.Duration.Go(), true
		}
	}
	return Target{}, 0, false
}

// For chooses the agreement for a customer and service on a day: one that names the service before
// one that covers all, then the older one. The zero Terms when nothing was promised.
func For(ctx context.Context, r process.Reader, customer, service record.ID, day record.Date) (Terms, error) {
	if customer.IsZero() {
		return Terms{}, nil
	}
	all, err := r.All(ctx, "agreement")
	if err != nil {
		return Terms{}, err
	}
	var found Terms
	named := false
	for _, x := range all {
		h := x.Head()
		if h.Customer != customer {
			continue
		}
		rec, v, err := r.InForce(ctx, "agreement", h.ID, day)
		if err != nil {
			return Terms{}, err
		}
		if rec == nil {
			continue
		}
		a := rec.(*Agreement)
		names, covers := false, len(a.Services) == 0
		for _, s := range a.Services {
			names = names || s.Service == service
		}
		switch {
		case !names && !covers:
		case found.Agreement == nil, names && !named, names == named && a.Num < found.Agreement.Num:
			found, named = Terms{a, v}, names
		}
	}
	return found, nil
}

// Pinned is the terms of one version, whether still in force or not.
func Pinned(ctx context.Context, r process.Reader, agreement, version record.ID) (Terms, error) {
	all, err := r.Versions(ctx, "agreement", agreement)
	if err != nil {
		return Terms{}, err
	}
	for _, c := range all {
		if c.Version.ID == version {
			return Terms{c.Record.(*Agreement), c.Version}, nil
		}
	}
	return Terms{}, nil
}
