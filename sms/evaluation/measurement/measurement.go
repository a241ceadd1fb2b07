// Package measurement is monitoring, measurement, analysis and evaluation (ISO/IEC 20000-1:2018,
// 9.1): what is measured of the SMS and the services, how, when, what it showed, and what follows.
//
// In: metrics are defined by their owners; readings are counted from records at the end of each
// period, or entered by people and tools. Out: objectives, service reports and management review use
// readings; evaluations say whether SMS and services are effective.
//
// Start at [Metric] and [Reading], then rules.go, checks.go for what 9.1 asks.
// Always true: a reading stays as it was; one that was counted says by which query and from how much
// of the log; whether it met the target is worked out, never typed.
package measurement

import (
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Metric is something that is measured. Its owner analyses it.
type Metric struct {
	record.Header
	Description   record.Prose   `field:"search"`
	Of            record.Choice  `field:"required,index,choice=sms_process|service|objective"`
	ProcessName   record.Text    `field:"index,len=60"` // of a process: as in the map of processes
	Service       record.ID      `field:"ref=service,index"`
	Formula       record.Prose   `field:"required,len=4000"`
	Source        record.Choice  `field:"required,choice=records|entered|tool"`
	CountProcess  record.Text    `field:"len=60"`   // of records: what is counted
	CountFilter   record.Prose   `field:"len=4000"` // {from} and {to} are the ends of the period
	WholeFilter   record.Prose   `field:"len=4000"` // of which it is the share in percent; blank: the count itself
	Method        record.Prose   `field:"required,len=4000"`
	Unit          record.Text    `field:"len=40"`
	Frequency     record.Period  `field:"required"`
	EvaluateEvery record.Period  `field:"required"`
	Target        record.Decimal `field:""`
	Better        record.Choice  `field:"choice=higher|lower"`
	NextRead      record.Instant `field:"stamp,index"`
	Evaluations   []Evaluation   `lines:"max=500"`
}

// Evaluation is what somebody made of the readings of a time: a line that stays.
type Evaluation struct {
	record.Line
	From         record.Date    `field:"required"`
	To           record.Date    `field:"required"`
	Conclusion   record.Choice  `field:"required,choice=effective|partly|not_effective"`
	Text         record.Prose   `field:"required,len=8000"`
	Requirements record.Text    `field:"len=500"` // of a service: which of its requirements were judged
	At           record.Instant `field:"stamp"`
	By           record.ID      `field:"stamp,ref=user"`
}

// Metrics is the declaration.
var Metrics = process.Declare(process.Spec[Metric]{
	Name: "metric", Prefix: "MET", Clause: "9.1", Stated: true, Config: true,
	Doc:    "What is measured of the SMS and the services: formula, source, method, rhythm, target.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Metric]{
		{Name: "retire", From: []string{"active"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
	},
	Links: []process.LinkKind{{Name: "measures", Inverse: "measured_by"}},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export do:*",
		access.Management:   "read update comment internal export", access.Agent: "read comment", access.Auditor: "read internal export", access.Approver: "read",
	},
	Load:   load,
	Decide: decide,
	Timer:  timer,
})

// Reading is one value of a metric for a period.
type Reading struct {
	record.Header
	Metric     record.ID      `field:"required,ref=metric,index"`
	Value      record.Decimal `field:"required"`
	PeriodFrom record.Instant `field:"required,index"`
	PeriodTo   record.Instant `field:"required,index"`
	Source     record.Text    `field:"required,len=300"` // who or what says so
	Query      record.Prose   `field:"len=8000"`         // of one that was counted
	Leaves     record.Int     `field:""`                 // of the log when it was counted
	Met        record.Choice  `field:"stamp,index,choice=yes|no"`
	Remark     record.Prose   `field:"len=4000"`
}

// Readings is the declaration.
var Readings = process.Declare(process.Spec[Reading]{
	Name: "reading", Prefix: "RDG", Clause: "9.1",
	Doc:    "Values that were measured, each with its period and where it comes from.",
	States: []lifecycle.State{{Name: "recorded", Phase: lifecycle.Done}, {Name: "withdrawn", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Reading]{
		{Name: "withdraw", From: []string{"recorded"}, To: "withdrawn", Guard: func(_ *Reading, f *lifecycle.Facts) []lifecycle.Refusal {
			if f.Reason == "" && !f.Replay {
				return lifecycle.Refuse("reason", "required", "say what is wrong with it")
			}
			return nil
		}},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create comment internal link attach export do:*",
		access.Agent:        "read create comment", access.Management: "read comment internal export", access.Auditor: "read internal export", access.Approver: "read",
	},
	Load:   loadReading,
	Decide: decideReading,
})
