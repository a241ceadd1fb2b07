// Package calendars is service hours: the calendars that promises are measured by (ISO/IEC
// 20000-1:2018, 8.3.3). The arithmetic is kernel/calendar; here are the records.
//
// In: people, SMS as code. Out: agreements name a calendar; clocks are pinned to a version of one.
// Start at [Calendar].
// Always true: an approved version compiles; editing a calendar makes a new version from a later
// day and moves no clock that runs.
package calendars

import (
	"context"
	"strings"

	"steward/kernel/access"
	"steward/kernel/calendar"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Calendar is working time: hours by weekday, holidays by country and region, exceptions, a zone.
type Calendar struct {
	record.Header
	Zone        record.Text  `field:"required,len=60"` // IANA name
	Description record.Prose `field:""`
	Hours       []Hours      `lines:"max=200"`
	HolidaySets []HolidaySet `lines:"max=20"`
	Exceptions  []Exception  `lines:"max=2000"`
}

// Hours is one stretch of working time on a weekday.
type Hours struct {
	record.Line
	Weekday record.Int  `field:"required,min=1,max=7"` // 1 is Monday
	From    record.Text `field:"required,len=5"`       // 08:00
	To      record.Text `field:"required,len=5"`       // 17:00; 24:00 ends a day
}

// HolidaySet names the public holidays of a country or region, such as DE-BY.
type HolidaySet struct {
	record.Line
	Set record.Text `field:"required,len=20"`
}

// Exception is a day that differs.
type Exception struct {
	record.Line
	Date    record.Date `field:"required"`
	Working record.Bool `field:""`
	From    record.Text `field:"len=5"`
	To      record.Text `field:"len=5"`
	Name    record.Text `field:"len=200"`
}

// Spec is the calendar as the arithmetic takes it.
func (c *Calendar) Spec() calendar.Spec {
	s := calendar.Spec{Zone: string(c.Zone)}
	for _, h := range c.Hours {
		s.Hours = append(s.Hours, calendar.Hours{Weekday: int(h.Weekday.N), From: string(h.From), To: string(h.To)})
	}
	for _, h := range c.HolidaySets {
		s.HolidaySets = append(s.HolidaySets, string(h.Set))
	}
	for _, e := range c.Exceptions {
		s.Exceptions = append(s.Exceptions, calendar.Exception{Date: string(e.Date), Working: bool(e.Working), From: string(e.From), To: string(e.To), Name: string(e.Name)})
	}
	return s
}

// Process is the declaration.
var Process = process.Declare(process.Spec[Calendar]{
	Name: "calendar", Prefix: "CAL", Clause: "8.3.3", Versioned: true, Config: true, Shared: true,
	Doc:    "Service hours: working time by weekday, holidays, exceptions and zone.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Calendar]{
		{Name: "retire", From: []string{"active"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link export approve do:*", access.Agent: "read", access.Management: "read approve",
		access.Auditor: "read export", access.Approver: "read approve", access.Requester: "read", access.CustomerManager: "read",
	},
	Decide: func(c *Calendar, _ *lifecycle.Facts) []lifecycle.Refusal {
		_, problems := calendar.Compile(c.Spec())
		out := make([]lifecycle.Refusal, 0, len(problems))
		for _, p := range problems {
			out = append(out, lifecycle.Refusal{Field: p.Field, Reason: p.Reason, Mend: p.Mend})
		}
		return out
	},
})

// InForce is the compiled calendar of a version: what clocks are measured by. nil when no version
// is in force on day.
func InForce(ctx context.Context, r process.Reader, id record.ID, day record.Date) (*calendar.Calendar, *record.Version, error) {
	rec, v, err := r.InForce(ctx, "calendar", id, day)
	if err != nil || rec == nil {
		return nil, nil, err
	}
	c, err := compiled(r, rec.(*Calendar), v)
	return c, v, err
}

// Version is the compiled calendar of one version, whether in force or not.
func Version(ctx context.Context, r process.Reader, id, version record.ID) (*calendar.Calendar, error) {
	all, err := r.Versions(ctx, "calendar", id)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Version.ID == version {
			return compiled(r, c.Record.(*Calendar), c.Version)
		}
	}
	return nil, nil
}

func compiled(r process.Reader, c *Calendar, v *record.Version) (*calendar.Calendar, error) {
	got, err := r.Parsed(v.ID, func() (any, error) {
		cal, problems := calendar.Compile(c.Spec())
		if cal == nil || len(problems) > 0 {
			texts := make([]string, len(problems))
			for i, p := range problems {
				texts[i] = p.Error()
			}
			return nil, lifecycle.Refusal{Field: "calendar", Reason: "unusable", Mend: strings.Join(texts, "; ")}
		}
		return cal, nil
	})
	if err != nil {
		return nil, err
	}
	return got.(*calendar.Calendar), nil
}
