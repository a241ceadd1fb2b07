package conformity

import (
	"context"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// Setting is how one requirement is judged here: how old its evidence may be, which share is asked
// for. It is versioned, so that every day is judged by the settings of that day, with who set them.
// Without one the catalogue's default counts.
type Setting struct {
	record.Header
	Requirement record.Text   `field:"required,identity,index,len=20"` // of the catalogue: 8.7.2-08
	Interval    record.Period `field:""`
	Threshold   record.Int    `field:"min=1,max=100"` // percent, of a share
	Why         record.Prose  `field:"len=4000"`
}

// Settings is the process.
var Settings = process.Declare(process.Spec[Setting]{
	Name: "conformity_setting", Prefix: "COS", Clause: "9.1", Stated: true, Versioned: true, Config: true,
	Doc:    "How old the evidence for a requirement may be, and which share is asked for.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Setting]{
		{Name: "retire", From: []string{"active"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
	},
	Unique: []string{"requirement"},
	Grants: access.Table{
		access.ProcessOwner: "read create update export approve do:*", access.Management: "read create update approve do:*",
		access.Auditor: "read export", access.Agent: "read", access.Approver: "read approve",
	},
	Decide: func(s *Setting, f *lifecycle.Facts) []lifecycle.Refusal {
		var out []lifecycle.Refusal
		r, ok := catalogue.ByID(string(s.Requirement))
		switch {
		case s.Requirement == "":
		case !ok:
			out = append(out, lifecycle.Refusal{Field: "requirement", Reason: "unknown_choice", Mend: "give an id of the catalogue, such as 8.7.2-08"})
		case s.Interval != "" && (r.Interval == nil || r.Interval.Default.IsZero()):
			out = append(out, lifecycle.Refusal{Field: "interval", Reason: "no_interval", Mend: "this requirement has no interval that could be set"})
		}
		if b, ok := f.Before.(*Setting); ok && b.Requirement != s.Requirement {
			out = append(out, lifecycle.Refusal{Field: "requirement", Reason: "fixed", Mend: "make another setting"})
		}
		if s.Interval == "" && !s.Threshold.Set {
			out = append(out, lifecycle.Refusal{Field: "interval", Reason: "required", Mend: "set an interval or a threshold"})
		}
		return out
	},
})

// applied is what one requirement is judged by at the instant of l: the setting in force, else the
// catalogue's default.
func (l *loader) applied(ctx context.Context, r *catalogue.Requirement) (catalogue.Applied, int, error) {
	var a catalogue.Applied
	if r.Interval != nil {
		a.Period = r.Interval.Default
	}
	all, err := l.set(ctx, Settings.Name)
	if err != nil {
		return a, 0, err
	}
	for _, k := range all {
		s := k.Record.(*Setting)
		if string(s.Requirement) != r.ID || s.State != "active" {
			continue
		}
		day := record.Day(l.at.In(l.sys.Zone()))
		for _, c := range k.Versions {
			if !c.Version.InForce(day) {
				continue
			}
			in := c.Record.(*Setting)
			if in.Interval != "" {
				p, err := catalogue.ParsePeriod(string(in.Interval))
				if err != nil {
					return a, 0, err
				}
				a.Period = p
			}
			a.SetAt = c.Version.DecidedAt.Time()
			if a.SetBy, err = l.person(ctx, c.Version.Approver); err != nil {
				return a, 0, err
			}
			return a, int(in.Threshold.N), nil
		}
	}
	return a, 0, nil
}

// person is the name of a user, for people; Steward itself has no id.
func (l *loader) person(ctx context.Context, id record.ID) (string, error) {
	if id.IsZero() {
		return "Steward", nil
	}
	r, err := l.sys.Reader().Get(ctx, "user", id)
	if err != nil || r == nil {
		return "", err
	}
	return string(r.Head().Title), nil
}
