// Package plan is the service management plan (ISO/IEC 20000-1:2018, 6.3): what the SMS is to do,
// with what, within which limits and duties, in versions that top management approves.
//
// In: policies, objectives, risks, services and obligations. Out: the plan in force; other plans
// name the version that they follow.
//
// Start at [Plan]; [Missing] is the checker of its sections.
// Always true: a plan is approved only when each section says something, or why it is empty.
package plan

import (
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Plan is the service management plan.
type Plan struct {
	record.Header
	ReviewEvery record.Period  `field:"identity"`
	ReviewedAt  record.Instant `field:"identity,stamp"`
	Progress    []Progress     `lines:"identity,max=500"`

	Services       record.Prose `field:"search"` // which they are, or where the list is
	Limits         record.Prose `field:""`       // known limits that could affect the SMS and services
	Obligations    record.Prose `field:""`       // policies, standards, law, contracts, and how they bear on it
	Authorities    record.Prose `field:""`       // who has which authority and responsibility
	People         record.Prose `field:""`       // resources, by kind
	TechnicalMeans record.Prose `field:""`
	Information    record.Prose `field:""`
	Money          record.Prose `field:""`
	OtherParties   record.Prose `field:""` // how work with them is organised
	Technology     record.Prose `field:""` // that supports the SMS
	Effectiveness  record.Prose `field:""` // how it is measured, audited, reported and improved
}

// Progress is how the plan was carried out until a day.
type Progress struct {
	record.Line
	Text record.Prose   `field:"required,len=4000"`
	At   record.Instant `field:"stamp"`
	By   record.ID      `field:"stamp,ref=user"`
}

var sections = []struct{ field, title string }{{"services", "services"}, {"limits", "known limits"}, {"obligations", "obligations"}, {"authorities", "authorities and responsibilities"}, {"people", "people"},
	{"technical_means", "technical means"}, {"information", "information"}, {"money", "money"}, {"other_parties", "other parties"}, {"technology", "technology"}, {"effectiveness", "effectiveness"}}

// Missing are the sections that say nothing, nor why they are empty.
func (p *Plan) Missing() []string {
	var out []string
	why := p.Reasons()
	for _, s := range sections {
		if Process.Shape.Field(s.field).Of(p).Empty() && why[s.field].Reason == "" {
			out = append(out, s.field)
		}
	}
	return out
}

// Process is the declaration. It is made in init, since the checker of sections asks it for fields.
var Process *process.Process

func init() {
	Process = process.Declare(process.Spec[Plan]{
		Name: "sms_plan", Prefix: "SMP", Clause: "6.3", Stated: true, Versioned: true, Config: true,
		Doc:    "The service management plan, in versions: services, limits, duties, authorities, resources, parties, technology.",
		States: []lifecycle.State{{Name: "active", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
		Lifecycle: lifecycle.Table[Plan]{
			{Name: "review", From: []string{"active"}, Guard: withWords, Then: func(p *Plan, f *lifecycle.Facts) { p.ReviewedAt = record.At(f.Now) }},
			{Name: "retire", From: []string{"active"}, To: "retired"},
			{Name: "reactivate", From: []string{"retired"}, To: "active"},
		},
		Links: []process.LinkKind{{Name: "takes_account_of", Inverse: "in_view_of_plan"}, {Name: "rests_on", Inverse: "rested_on_by"}},
		Grants: access.Table{
			access.ProcessOwner: "read create update comment internal link attach export approve do:*",
			access.Management:   "read update comment internal link attach export approve do:*", access.Agent: "read comment", access.Auditor: "read internal export", access.Approver: "read comment approve",
		},
		Decide: func(p *Plan, f *lifecycle.Facts) []lifecycle.Refusal {
			for i := range p.Progress {
				if p.Progress[i].At == 0 {
					p.Progress[i].At, p.Progress[i].By = record.At(f.Now), f.Actor.ID
				}
			}
			return nil
		},
		Approve: func(p *Plan, _ *record.Version, _ *lifecycle.Facts) []lifecycle.Refusal {
			var out []lifecycle.Refusal
			for _, name := range p.Missing() {
				out = append(out, lifecycle.Refusal{Field: name, Reason: "required", Mend: "say something about it, or why it is empty (blanks." + name + ")"})
			}
			return out
		},
	})
	Checks = checks()
}

func withWords(_ *Plan, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say what the review found")
	}
	return nil
}

// Checks decide 6.3.
var Checks []check.Check

func checks() []check.Check {
	section := func(requirement string, names ...string) check.Check {
		return check.Single(requirement, 1, func(f *check.Facts) []catalogue.Member {
			return ofPlan(f, "write the section on "+strings.Join(names, ", ")+", or why it is empty", func(p *Plan, _ check.Kept) catalogue.Timeline { return check.Fields(Process, p, names...) })
		}, check.Set("sms_plan"))
	}
	other := []string{"capacity_plan", "availability_plan", "continuity_plan", "service_plan"}
	return []check.Check{
		check.Single("6.3-01", 1, carriedOut, check.Set("sms_plan")),
		check.Each(Process, check.Of[Plan]{Requirement: "6.3-02", Version: 1, Where: `state = "active"`, Member: func(p *Plan) bool { return p.State == "active" }, Reads: []check.Read{check.Links("takes_account_of")}, Decide: inView,
			Mend: "link the policy, objectives, risk criteria and services that it takes into account"}),
		section("6.3-03", "services"), section("6.3-04", "limits"),
		check.Single("6.3-05", 1, func(f *check.Facts) []catalogue.Member {
			out := ofPlan(f, "write the section on obligations", func(p *Plan, _ check.Kept) catalogue.Timeline { return check.Fields(Process, p, "obligations") })
			for _, k := range f.Set("obligation") {
				if h := k.Record.Head(); h.Phase != record.Choice(lifecycle.Void) && h.Owner.IsZero() {
					out = append(out, check.Found("obligation", k, h.CreatedAt.Time(), check.Gap("nobody answers for it"), "name who answers for the obligation"))
				}
			}
			return out
		}, check.Set("sms_plan"), check.Set("obligation")),
		section("6.3-06", "authorities"), section("6.3-07", "people", "technical_means", "information", "money"), section("6.3-08", "other_parties"), section("6.3-09", "technology"),
		check.Single("6.3-10", 2, func(f *check.Facts) []catalogue.Member {
			return append(ofPlan(f, "write the section on effectiveness", func(p *Plan, _ check.Kept) catalogue.Timeline { return check.Fields(Process, p, "effectiveness") }),
				check.InForce(f, "measurement_plan", "measurement plan"), check.VersionInForce(f, "audit_programme", "audit programme", "approve an audit programme", nil),
				check.VersionInForce(f, "improvement_criteria", "criteria for improvements", "approve improvement criteria", nil), reportsDefined(f))
		}, check.Set("sms_plan"), check.Set(check.Documents), check.Set("audit_programme"), check.Set("improvement_criteria"), check.Set("report_definition")),
		check.Single("6.3-11", 1, func(f *check.Facts) []catalogue.Member {
			var out []catalogue.Member
			for _, name := range other {
				for _, k := range f.Set(name) {
					out = append(out, check.Found(name, k, k.Record.Head().UpdatedAt.Time(), check.LinkedTo(f, "follows", "service management plan", k.Record, nil), "link the service management plan that it follows"))
				}
			}
			if len(out) == 0 {
				out = append(out, check.Missing("sms_plan", "other plans", "no other plans (capacity, availability, continuity, new services) are kept by this Steward yet", "show by other means that other plans follow this one"))
			}
			return out
		}, check.Set("capacity_plan"), check.Set("availability_plan"), check.Set("continuity_plan"), check.Set("service_plan"), check.Links("follows")),
	}
}

// ofPlan is the verdict on the plan in force.
func ofPlan(f *check.Facts, next string, decide func(*Plan, check.Kept) catalogue.Timeline) []catalogue.Member {
	m := check.VersionInForce(f, "sms_plan", "service management plan", "approve a service management plan", nil)
	for _, k := range f.Set("sms_plan") {
		if c := f.InForce(k, f.At); c != nil && k.Record.Head().State == "active" {
			p := c.Record.(*Plan)
			p.Blanks = k.Record.Head().Blanks
			return []catalogue.Member{m, check.Found("sms_plan", k, c.Version.DecidedAt.Time(), decide(p, k), next)}
		}
	}
	return []catalogue.Member{m}
}

func carriedOut(f *check.Facts) []catalogue.Member {
	return ofPlan(f, "review the plan, and write down how far it was carried out", func(_ *Plan, k check.Kept) catalogue.Timeline {
		p := k.Record.(*Plan)
		newest := p.ReviewedAt.Time()
		for _, c := range k.Versions {
			if t := c.Version.DecidedAt.Time(); c.Version.Status == record.VersionApproved && t.After(newest) {
				newest = t
			}
		}
		progress := time.Time{}
		for _, x := range p.Progress {
			if t := x.At.Time(); t.After(progress) {
				progress = t
			}
		}
		return catalogue.And(catalogue.FreshUntil(newest, f.Interval.Period, "review"), catalogue.FreshUntil(progress, f.Interval.Period, "record of progress"))
	})
}

// inView: a policy, an objective, risks, services are linked.
func inView(p *Plan, f *check.Facts) catalogue.Timeline {
	have := map[string]bool{}
	for _, e := range f.Links("takes_account_of", p.ID) {
		have[e.Process] = true
	}
	var lacks []string
	for _, name := range []string{"policy", "objective", "risk_criteria", "service"} {
		if !have[name] {
			lacks = append(lacks, name)
		}
	}
	if len(lacks) > 0 && p.Reasons()["takes_account_of"].Reason == "" {
		return check.Gap("not linked: " + strings.Join(lacks, ", "))
	}
	return check.Holds()
}

func reportsDefined(f *check.Facts) catalogue.Member {
	for _, k := range f.Set("report_definition") {
		if k.Record.Head().State == "active" {
			return check.Found("report_definition", k, k.Record.Head().CreatedAt.Time(), check.Holds(), "")
		}
	}
	return check.Missing("report_definition", "catalogue of reports", "no report is defined", "define the reports that are needed")
}
