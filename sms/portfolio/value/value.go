// Package value is what counts as value of a service, for those who use it and for the organization
// that delivers it (ISO/IEC 20000-1:2018, 5.1 d). It is kept beside the service and not in it, since
// customers read services, and what the organization gains is not for them.
//
// In: service owners write it, top management reviews it. Out: conformity asks each live service for
// one that is looked at in time.
//
// Start at [Value].
// Always true: a service has one that is current; its review looks at both sides.
package value

import (
	"context"
	"fmt"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Value is what one service is worth, and to whom.
type Value struct {
	record.Header
	Service      record.ID      `field:"required,ref=service,index"`
	Customers    record.Prose   `field:"search"` // what those who use it gain
	Organization record.Prose   `field:"search"` // what the organization gains by delivering it
	Measure      record.Prose   `field:""`       // by what one sees it
	ReviewedAt   record.Instant `field:"stamp"`
	ReviewedBy   record.ID      `field:"stamp,ref=user"`
}

// Process is the declaration.
var Process = process.Declare(process.Spec[Value]{
	Name: "service_value", Prefix: "SVV", Clause: "5.1", Stated: true,
	Doc:    "What counts as value of a service, for its customers and for the organization.",
	States: []lifecycle.State{{Name: "current", Phase: lifecycle.Open}, {Name: "ended", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Value]{
		{Name: "review", From: []string{"current"}, Needs: func(v *Value) []any { return []any{&v.Customers, &v.Organization} }, Then: func(v *Value, f *lifecycle.Facts) {
			v.ReviewedAt, v.ReviewedBy = record.At(f.Now), f.Actor.ID
		}},
		{Name: "end", From: []string{"current"}, To: "ended"},
		{Name: "reactivate", From: []string{"ended"}, To: "current"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read create update comment internal link attach export do:*",
		access.Agent:        "read comment", access.Auditor: "read internal export", access.Approver: "read",
	},
	Load: func(ctx context.Context, r process.Reader, v *Value, _ *lifecycle.Facts) (any, error) {
		if v.Service.IsZero() || v.State == "ended" {
			return false, nil
		}
		others, err := r.Find(ctx, "service_value", fmt.Sprintf("service = %q and state = %q", v.Service.String(), "current"), 2)
		for _, o := range others {
			if o.Head().ID != v.ID {
				return true, err
			}
		}
		return false, err
	},
	Decide: func(v *Value, f *lifecycle.Facts) []lifecycle.Refusal {
		if another, _ := f.Data.(bool); another && v.State == "current" && !f.Replay {
			return lifecycle.Refuse("service", "twice", "the service has one already: change that, or end it first")
		}
		return nil
	},
})
