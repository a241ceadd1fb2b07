// Package processmap describes the processes of the SMS and how they feed each other (ISO/IEC
// 20000-1:2018, 4.4 and 8.1): what each is for, who owns it, what goes in and out, by what its
// performance is judged.
//
// In: owners write descriptions, in versions. Out: the map of processes; internal audit asks it who
// owns what it audits; measurement knows the criteria.
//
// Start at [Description].
// Always true: a description in force was approved by somebody who did not write it.
package processmap

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Description is the description of one process of the SMS. The owner in its header owns the process;
// the assignee, if any, runs it day by day.
type Description struct {
	record.Header
	Name     record.Text  `field:"identity,required,index,len=60"` // short, such as incident: where records are kept for it, their name in the registry
	Evidence record.Text  `field:"identity,len=60"`                // registry name of the records that show it operating; blank is Name
	Note     record.Prose `field:"identity,len=4000"`              // why there are no records of the last twelve months, if there are none
	Purpose  record.Prose `field:"search"`
	Roles    record.Prose `field:""`
	Text     record.Prose `field:"search"` // the description itself, or where it is
	Inputs   []Flow       `lines:"max=50"`
	Outputs  []Flow       `lines:"max=50"`
	Criteria []Criterion  `lines:"max=50"`
}

// Flow is something that a process takes from another one or gives it.
type Flow struct {
	record.Line
	What  record.Text `field:"required,len=200"`
	Other record.Text `field:"required,len=60"` // name of the other process, or "outside"
}

// Criterion is what the performance of the process is judged by.
type Criterion struct {
	record.Line
	What   record.Text `field:"required,len=200"`
	Target record.Text `field:"required,len=120"`
}

// Runs is the name of the process that the description is of.
func (d *Description) Runs() string { return string(d.Name) }

// Process is the declaration.
var Process = process.Declare(process.Spec[Description]{
	Name: "process", Prefix: "PRC", Resource: "processes", Clause: "4.4", Stated: true, Versioned: true, Config: true, NameField: "name",
	Doc:    "The processes of the SMS: purpose, owner, inputs, outputs, criteria.",
	States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Description]{
		{Name: "retire", From: []string{"active"}, To: "retired"},
		{Name: "reactivate", From: []string{"retired"}, To: "active"},
	},
	Unique: []string{"name"},
	Links:  []process.LinkKind{{Name: "described_in", Inverse: "describes", To: []string{"document"}}},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link attach export approve do:*",
		access.Management:   "read comment export approve", access.Agent: "read comment", access.Auditor: "read internal export", access.Approver: "read comment approve",
	},
	Approve: func(d *Description, _ *record.Version, _ *lifecycle.Facts) []lifecycle.Refusal {
		var out []lifecycle.Refusal
		if d.Owner.IsZero() {
			out = append(out, lifecycle.Refusal{Field: "owner", Reason: "required", Mend: "a process in force has an owner"})
		}
		if d.Purpose == "" {
			out = append(out, lifecycle.Refusal{Field: "purpose", Reason: "required", Mend: "say what the process is for"})
		}
		return out
	},
})

// wanted are the processes that clauses 4 to 10 ask for, with the clause and the records that show
// them operating.
var wanted = []struct{ name, clause, records string }{
	{"risk", "6.1", "risk"}, {"document", "7.5", "document"}, {"service_delivery", "8.2", "service"}, {"asset", "8.2.5", "asset"}, {"configuration", "8.2.6", "configuration_item"},
	{"business_relationship", "8.3.2", "service_review"}, {"service_level", "8.3.3", "agreement"}, {"supplier", "8.3.4", "supplier"}, {"budget", "8.4.1", "budget"},
	{"demand", "8.4.2", "demand_forecast"}, {"capacity", "8.4.3", "capacity_plan"}, {"change", "8.5.1", "change"}, {"design_and_transition", "8.5.2", "service_plan"},
	{"release", "8.5.3", "release"}, {"incident", "8.6.1", "incident"}, {"service_request", "8.6.2", "service_request"}, {"problem", "8.6.3", "problem"},
	{"availability", "8.7.1", "availability_plan"}, {"continuity", "8.7.2", "continuity_plan"}, {"information_security", "8.7.3", "security_incident"},
	{"measurement", "9.1", "reading"}, {"internal_audit", "9.2", "audit"}, {"management_review", "9.3", "management_review"}, {"reporting", "9.4", "report"},
	{"nonconformity", "10.1", "nonconformity"}, {"improvement", "10.2", "improvement"},
}

// Named are the processes that clauses 4 to 10 ask for, in the order of the standard, each with its
// clause.
func Named() [][2]string {
	out := make([][2]string, len(wanted))
	for i, w := range wanted {
		out[i] = [2]string{w.name, w.clause}
	}
	return out
}

// Checks decide 4.4.
var Checks = []check.Check{
	check.Single("4.4-01", 1, described, check.Set("process")),
	check.Single("4.4-02", 1, joined, check.Set("process")),
}

// inForce is the description of a process that is in force at the instant asked about.
func inForce(f *check.Facts, name string) (*Description, check.Kept) {
	for _, k := range f.Set("process") {
		d, ok := k.Record.(*Description)
		if !ok || d.Runs() != name || d.Phase == record.Choice(lifecycle.Void) {
			continue
		}
		if c := f.InForce(k, f.At); c != nil {
			return c.Record.(*Description), k
		}
	}
	return nil, check.Kept{}
}

func described(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	if len(f.Set("process")) == 0 {
		return []catalogue.Member{check.Missing("process", "descriptions of the processes", "no process of the SMS is described", "describe the processes of the SMS and have them approved")}
	}
	for _, w := range wanted {
		d, k := inForce(f, w.name)
		if d == nil {
			m := check.Missing("process", w.name, "no description of the process "+w.name+" ("+w.clause+") is in force", "describe the process "+w.name+" and have it approved")
			m.Required = false
			m.Verdict = check.Gap("no description of the process " + w.name + " (" + w.clause + ") is in force")
			out = append(out, m)
			continue
		}
		verdict := check.Holds()
		if d.Owner.IsZero() {
			verdict = check.Gap("it has no owner")
		}
		out = append(out, check.Found("process", k, approved(k), verdict, "give it an owner"))
	}
	return out
}

func approved(k check.Kept) time.Time {
	at := time.Time{}
	for _, c := range k.Versions {
		if t := c.Version.DecidedAt.Time(); c.Version.Status == record.VersionApproved && t.After(at) {
			at = t
		}
	}
	return at
}

// joined: each description says what goes in and out, and what one gives another takes.
func joined(f *check.Facts) []catalogue.Member {
	taken := map[string]bool{}
	type one struct {
		d *Description
		k check.Kept
	}
	var all []one
	for _, k := range f.Set("process") {
		c := f.InForce(k, f.At)
		if c == nil || k.Record.Head().Phase == record.Choice(lifecycle.Void) {
			continue
		}
		d := c.Record.(*Description)
		all = append(all, one{d, k})
		for _, in := range d.Inputs {
			taken[string(in.Other)+">"+d.Runs()] = true
		}
	}
	if len(all) == 0 {
		return []catalogue.Member{check.Missing("process", "descriptions of the processes", "no description of a process is in force", "describe the processes and have them approved")}
	}
	var out []catalogue.Member
	for _, x := range all {
		verdict := check.Holds()
		switch {
		case len(x.d.Inputs) == 0:
			verdict = check.Gap("nothing says what goes in")
		case len(x.d.Outputs) == 0:
			verdict = check.Gap("nothing says what comes out")
		}
		for _, o := range x.d.Outputs {
			if o.Other != "outside" && !taken[x.d.Runs()+">"+string(o.Other)] {
				verdict = check.Gap("it gives " + string(o.What) + " to " + string(o.Other) + ", which takes nothing from it")
			}
		}
		out = append(out, check.Found("process", x.k, approved(x.k), verdict, "say what goes in and out, on both sides"))
	}
	return out
}
