package people

import (
	"context"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Organisation is the provider's own organisation with the settings that hold for all of it. There is
// one at most; without it every setting is as it is when blank. Its title is the name.
type Organisation struct {
	record.Header
	// PublicStatus opens the status page to everybody; else one signs in to see it.
	PublicStatus record.Bool  `field:""`
	StatusText   record.Prose `field:"len=2000"` // said at the head of the public status page
	// LooksKept is for how many days it stays on record who looked at what; blank is three years, the
	// cycle of a certificate.
	LooksKept record.Int `field:"min=30,max=3660"`
}

// LookDays is for how many days looks are kept; 0: as long as the product's default.
func (o *Organisation) LookDays() int { return int(o.LooksKept.N) }

// Organisations is the process.
var Organisations = process.Declare(process.Spec[Organisation]{
	Name: "organisation", Prefix: "ORG", Config: true,
	Doc:    "The provider's own organisation and the settings that hold for all of it.",
	States: active, Lifecycle: ending[Organisation](),
	Grants: access.Table{access.ProcessOwner: "read", access.Agent: "read", access.Management: "read", access.Auditor: "read export", access.Approver: "read"},
	Load: func(ctx context.Context, r process.Reader, o *Organisation, _ *lifecycle.Facts) (any, error) {
		all, err := r.All(ctx, "organisation")
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			if h := x.Head(); h.ID != o.ID && h.State == "active" {
				return true, nil
			}
		}
		return false, nil
	},
	Decide: func(o *Organisation, f *lifecycle.Facts) []lifecycle.Refusal {
		if another, _ := f.Data.(bool); another && o.State == "active" {
			return lifecycle.Refuse("title", "taken", "there is an organisation already: change that one")
		}
		return nil
	},
})
