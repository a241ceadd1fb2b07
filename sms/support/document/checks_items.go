package document

import (
	"fmt"
	"maps"
	"slices"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/agreement/level"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
	"steward/sms/portfolio/service"
)

// mandatory are the items of the mandatory list by their keys, as people call them: those of 7.5.4,
// and what single clauses ask to be documented. A document says which one it is in fulfils.
var mandatory = map[string]string{
	"scope":                         "scope of the management system",
	"service_management_policy":     "service management policy",
	"service_management_objectives": "service management objectives",
	"service_management_plan":       "service management plan",
	"change_management_policy":      "change management policy",
	"information_security_policy":   "information security policy",
	"continuity_plan":               "service continuity plan",
	"process_description":           "process description",
	"service_requirements":          "service requirements",
	"service_catalogue":             "service catalogue",
	"service_level_agreement":       "service level agreement",
	"supplier_contract":             "contract with an external supplier",
	"internal_agreement":            "agreement with an internal supplier, or a customer who supplies",
	"major_incident_procedure":      "major incident procedure",
	"continuity_procedure":          "continuity procedure",
	"risk_criteria":                 "criteria for accepting risks",
	"risk_approach":                 "approach to risks",
	"party_criteria":                "criteria for evaluating and choosing other parties",
	"ci_types":                      "types of configuration items",
	"release_types":                 "types of releases",
	"release_criteria":              "acceptance criteria of releases",
	"fulfilment_instructions":       "instructions for fulfilling service requests",
	"capacity_plan":                 "capacity plan",
	"measurement_plan":              "measurement plan",
	"communication_plan":            "communication plan",
	"audit_programme":               "audit programme",
	"report_catalogue":              "catalogue of service reports",
	"improvement_criteria":          "criteria for improvements",
	"complaint_procedure":           "complaint procedure",
	"budget_policy":                 "budget policy",
	"retention_schedule":            "retention schedule",
}

// keptAs are the items that this Steward keeps as records of their own, by process.
var keptAs = map[string]string{"service_level_agreement": level.Process.Name, "risk_criteria": "risk_criteria", "scope": "scope"}

// items asks for a document in force for each of the items.
func items(requirement string, keys ...string) check.Check {
	return check.Single(requirement, 1, func(f *check.Facts) []catalogue.Member {
		var out []catalogue.Member
		for _, k := range keys {
			out = append(out, itemInForce(f, k))
		}
		return out
	}, check.Set(check.Documents))
}

// keptItem asks for an item that is kept as a record of its own: that in force, or a document that is.
func keptItem(requirement string, version int, item string) check.Check {
	return check.Single(requirement, version, func(f *check.Facts) []catalogue.Member {
		return []catalogue.Member{inForce(f, mandatory[item], "approve the "+mandatory[item]+": a record of "+keptAs[item]+", or a document (fulfils "+item+")", keptAs[item],
			func(d *Document) bool { return d.FulfilsItem(item) })}
	}, check.Set(check.Documents), check.Set(keptAs[item]))
}

// itemInForce is the verdict that a document of an item is in force, which a person has approved.
func itemInForce(f *check.Facts, item string) catalogue.Member {
	return inForce(f, mandatory[item], "approve a document that is the "+mandatory[item]+" (fulfils "+item+")", "",
		func(d *Document) bool { return d.FulfilsItem(item) })
}

// inForce is the verdict that a document is in force for which is holds, or a record of the process
// kept, if that is named.
func inForce(f *check.Facts, what, next, kept string, is func(*Document) bool) catalogue.Member {
	return inForceOf(f, what, next, kept, is, func(record.Record) bool { return true })
}

// inForceOf is inForce where only some of the records of the process kept count.
func inForceOf(f *check.Facts, what, next, kept string, is func(*Document) bool, counts func(record.Record) bool) catalogue.Member {
	m := catalogue.Member{About: catalogue.Evidence{Process: Process.Name, Ref: what}, NextStep: next}
	var all []catalogue.Span
	rest := func(process string, k check.Kept, s []catalogue.Span) {
		if len(s) > 0 {
			all = append(all, s...)
			m.Rests = append(m.Rests, check.About(process, k.Ref, k.Record, s[len(s)-1].From))
		}
	}
	for _, k := range f.Set(check.Documents) {
		if d := k.Record.(*Document); is(d) {
			rest(Process.Name, k, spans(f, k.Ref, d, k.Versions))
		}
	}
	if kept != "" {
		for _, k := range f.Set(kept) {
			if k.Record.Head().Phase != record.Choice(lifecycle.Void) && counts(k.Record) {
				rest(kept, k, f.Spans(k.Ref, k.Versions, func(c process.Content) bool { return !c.Version.Approver.IsZero() }))
			}
		}
	}
	m.Verdict = once(all, during(all, "none is in force"), "none was ever in force")
	return m
}

// unkeptItem is the check of an item whose records this Steward does not keep yet: a document that
// fulfils it is named as evidence, and is not enough.
func unkeptItem(requirement, item, why string) check.Check {
	return check.Single(requirement, 1, func(f *check.Facts) []catalogue.Member {
		return []catalogue.Member{
			unkept("records of the "+mandatory[item], why, "show it by other means; nothing of that kind is kept yet"),
			itemInForce(f, item),
		}
	}, check.Set(check.Documents))
}

// continued: a continuity plan in force covers the service, or it says why it needs none.
func continued(s *service.Service, f *check.Facts) catalogue.Timeline {
	var all []catalogue.Span
	for _, e := range f.Links("covered_by", s.ID) {
		d, ok := e.Record.(*Document)
		if !ok || !d.FulfilsItem("continuity_plan") {
			continue
		}
		for _, k := range f.Set(check.Documents) {
			if k.Record.Head().ID != d.ID {
				continue
			}
			for _, x := range spans(f, k.Ref, d, k.Versions) {
				if x.From.Before(e.ValidFrom) {
					x.From = e.ValidFrom
				}
				if x.To.IsZero() || x.From.Before(x.To) {
					all = append(all, x)
				}
			}
		}
	}
	if why := s.Reasons()["covered_by"].Reason; why != "" && len(all) == 0 {
		return catalogue.Always(catalogue.Vacuous, "it needs no continuity plan: "+why)
	}
	return during(all, "no continuity plan in force covers it")
}

// promised: an agreement in force covers the service for each of its customers. Of a service that
// names none, and so is offered to all, one agreement that covers it must be in force.
func promised(s *service.Service, f *check.Facts) catalogue.Timeline {
	by := map[record.ID][]catalogue.Span{}
	var offered []catalogue.Span
	for _, k := range f.Set(level.Process.Name) {
		if k.Record.Head().Phase == record.Choice(lifecycle.Void) {
			continue
		}
		covering := f.Spans(k.Ref, k.Versions, func(c process.Content) bool {
			named := c.Record.(*level.Agreement).Services
			return len(named) == 0 || slices.ContainsFunc(named, func(x level.Covered) bool { return x.Service == s.ID })
		})
		by[k.Record.Head().Customer] = append(by[k.Record.Head().Customer], covering...)
		offered = append(offered, covering...)
	}
	customers := map[record.ID]bool{}
	for _, u := range s.Customers {
		customers[u.Customer] = true
	}
	if !s.Customer.IsZero() {
		customers[s.Customer] = true
	}
	if len(customers) == 0 {
		if why := s.Reasons()["customers"].Reason; why != "" {
			return catalogue.Always(catalogue.Vacuous, "it is delivered to no customer: "+why)
		}
		return during(offered, "it names no customer, and no agreement in force covers it")
	}
	var parts []catalogue.Timeline
	for _, k := range f.Set("customer") {
		if h := k.Record.Head(); customers[h.ID] && h.Phase != record.Choice(lifecycle.Void) {
			parts = append(parts, during(by[h.ID], "no agreement in force covers it for "+k.Ref))
		}
	}
	if len(parts) == 0 {
		return gap("none of the customers it names is active")
	}
	return catalogue.And(parts...)
}

// Listed are the checks that need to know what this Steward is made of: which processes it has, and
// which requirements the other checks decide.
//
// named are the processes of the SMS that need a description, each with its clause.
func Listed(named [][2]string, others []check.Check) []check.Check {
	return []check.Check{complete(others), described(named), shown(others)}
}

// complete is 7.5.1-01: every item of the mandatory list, and the records.
func complete(others []check.Check) check.Check {
	reads := []check.Read{check.Set(check.Documents)}
	for _, p := range slices.Sorted(maps.Values(keptAs)) {
		reads = append(reads, check.Set(p))
	}
	for _, item := range shape.Field("fulfils").Choices {
		if mandatory[item] == "" {
			panic("document: the mandatory list has no name for " + item)
		}
	}
	return check.Single("7.5.1-01", 2, func(f *check.Facts) []catalogue.Member {
		var out []catalogue.Member
		for _, item := range shape.Field("fulfils").Choices {
			out = append(out, inForce(f, mandatory[item], "approve a document that is the "+mandatory[item]+" (fulfils "+item+")", keptAs[item], func(d *Document) bool {
				return d.FulfilsItem(item) || item == "process_description" && d.Describes != ""
			}))
		}
		missing, of := unshown(others)
		return append(out, unkept("records that show conformity", fmt.Sprintf("of %d requirements that records must show, %d have none kept yet", of, len(missing)), elsewhere))
	}, reads...)
}

// elsewhere is what to do about records that are not kept.
const elsewhere = "see 7.5.4-14 and the state of each requirement; show by other means what is not kept yet"

// described is 7.5.4-07: every process of the SMS has its description in force, in the map of
// processes or as a document.
func described(named [][2]string) check.Check {
	return check.Single("7.5.4-07", 2, func(f *check.Facts) []catalogue.Member {
		var out []catalogue.Member
		for _, n := range named {
			name := n[0]
			out = append(out, inForceOf(f, "description of the process "+name+" ("+n[1]+")", "describe "+name+" in the map of processes, or approve a document that describes it", mapped,
				func(d *Document) bool { return string(d.Describes) == name },
				func(r record.Record) bool {
					d, ok := r.(interface{ Runs() string })
					return ok && d.Runs() == name
				}))
		}
		return out
	}, check.Set(check.Documents), check.Set(mapped))
}

// mapped are the descriptions in the map of processes (4.4).
const mapped = "process"

// unshown are the requirements whose evidence is records and that no check decides, of how many.
func unshown(others []check.Check) (missing []*catalogue.Requirement, of int) {
	for _, r := range catalogue.All() {
		switch r.Kind {
		case catalogue.Record, catalogue.Measurement, catalogue.Review:
		default:
			continue
		}
		if r.ID == "7.5.4-14" {
			continue
		}
		of++
		if !slices.ContainsFunc(others, func(c check.Check) bool { return c.Requirement == r.ID }) {
			missing = append(missing, r)
		}
	}
	return missing, of
}

// shown is 7.5.4-14. A check does not see what others answer, so that even where records are kept
// it is not known here whether each requirement has one within its window.
func shown(others []check.Check) check.Check {
	return check.Single("7.5.4-14", 1, func(*check.Facts) []catalogue.Member {
		out := []catalogue.Member{unkept("freshness of the records", "whether every requirement has a record within its window is told by each one's own state, and not summed up yet", elsewhere)}
		missing, _ := unshown(others)
		for _, r := range missing {
			out = append(out, unkept(r.ID, "nothing of that kind is kept yet", elsewhere))
		}
		return out
	})
}
