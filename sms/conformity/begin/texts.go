package begin

import (
	"strings"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

type line = map[string]any

// scope is the statement of 4.3.
func (m *maker) scope(services []record.ID) {
	var covered, places, parties []line
	for _, id := range services {
		covered = append(covered, line{"service": id.String()})
	}
	for _, l := range m.Locations {
		places = append(places, line{"place": l, "role": "services are managed and delivered from here"})
	}
	set := map[string]any{"title": "Scope of the service management system", "owner": m.Owner.ID.String(), "audience": "Everybody here, in Steward; customers on request",
		"organization": m.Organization, "units": or(m.Units, "All units of "+m.Organization+"."), "customers": m.Customers, "technology": m.Technology,
		"statement": m.Organization + " manages and delivers " + listed(m.Services) + " from " + listed(m.Locations) + ".",
		"rationale": "The limits follow from the services that are delivered and from where they are delivered. To be held against issues and the requirements of parties before approval.",
		"services":  covered, "locations": places, "change_reason": m.origin()}
	for _, p := range m.Parties {
		parties = append(parties, line{"name": p.Name, "part": or(p.Part, "a part of the services"), "control": "managed here by the holder of the role for suppliers, who watches its performance"})
	}
	if len(parties) > 0 {
		set["parties"] = parties
	} else {
		set["blanks"] = line{"parties": line{"reason": "no other party runs a part of the services, by what " + m.By + " answered"}}
	}
	id, fresh := m.add(Key{"scope", "scope", `state = "active"`}, set)
	for _, s := range services {
		if fresh {
			m.link("scope", id, "takes_account_of", s)
		}
	}
}

// policy is the service management policy of 5.2, with where it says what the standard wants of it.
func (m *maker) policy() record.ID {
	text := "# Service management policy of " + m.Organization + "\n\n## What we are here for\n\n" + m.Purpose + "\n\n## Where we are going\n\n" + m.Direction +
		"\n\n## How we set objectives\n\nFrom this policy we derive each year a few objectives with figures, for the system as a whole and for our services, and we look at them every quarter." +
		"\n\n## What we commit ourselves to\n\nWe meet the requirements that apply to us: those we agreed with customers, those of law and contracts, and those we set ourselves." +
		"\n\n## How we get better\n\nWe go on improving the management system and our services: we measure, we listen, we decide, and we look at whether it helped.\n"
	id, _ := m.add(Key{"policy", "policy", `kind = "service_management" and state = "active"`}, map[string]any{"title": "Service management policy", "kind": "service_management", "owner": m.Owner.ID.String(), "review_every": "P12M",
		"text": text, "purpose": m.Purpose, "direction": m.Direction, "change_reason": m.origin(),
		"answers": []line{{"item": "purpose", "said_in": "What we are here for"}, {"item": "objectives", "said_in": "How we set objectives"}, {"item": "requirements", "said_in": "What we commit ourselves to"}, {"item": "improvement", "said_in": "How we get better"}}})
	return id
}

// criteria are those for accepting risks, and the approach (6.1.2).
func (m *maker) criteria() record.ID {
	id, _ := m.add(Key{"risk_criteria", "risk_criteria", `state = "active"`}, map[string]any{"title": "Criteria for risks", "acceptance_line": 6, "longest_until": "P12M", "review_every": "P12M", "change_reason": m.origin(),
		"approach":    "Risks to the system, to meeting service requirements and from other parties are found from issues, requirements and what went wrong. Each gets an owner, a likelihood and a consequence from 1 to 5 and words on what customers would notice. Above the line it is treated, or accepted by somebody with the authority until a day. Its score is judged again after treatment.",
		"levels":      []line{{"name": "low", "from": 1}, {"name": "medium", "from": 5}, {"name": "high", "from": 10}, {"name": "extreme", "from": 17}},
		"authorities": []line{{"role": "process_owner", "up_to": 9}, {"role": "manager", "up_to": 25}},
		"scales": []line{{"of": "likelihood", "value": 1, "meaning": "less than once in ten years"}, {"of": "likelihood", "value": 3, "meaning": "about once a year"}, {"of": "likelihood", "value": 5, "meaning": "every month or oftener"},
			{"of": "consequence", "value": 1, "meaning": "hardly noticed by a customer"}, {"of": "consequence", "value": 3, "meaning": "a service is down for hours, or a promise is broken"}, {"of": "consequence", "value": 5, "meaning": "a customer or the licence to operate is lost"}}})
	return id
}

// RoleKinds are the roles of the system that are made, in the order in which a form asks for them.
var RoleKinds = []struct{ Kind, Title, Answers string }{
	{"sms_manager", "Manager of the management system", "The system meets the standard and is run, kept up and improved; its plan is carried out."},
	{"sms_reporting", "Reporting to top management", "Top management is told at planned times how the system and the services perform, without polish."},
	{"process_owner", "Process owner", "The process reaches its criteria, is described as it runs, has what it needs, and gets better."},
	{"service_owner", "Service owner", "The service meets its requirements and agreements; who depends on it is known; changes to it are judged."},
	{"risk_owner", "Owner of risks", "Risks are assessed, treated or accepted by those with the authority, and looked at again in time."},
	{"information_security", "Information security", "The security policy is kept to, risks have controls that work, and incidents are dealt with and learned from."},
	{"business_relationship", "Business relationships", "Customers know whom to talk to, are listened to, asked whether they are satisfied, and told what follows."},
	{"supplier_manager", "Suppliers", "Contracts fit what is promised to customers, suppliers' performance is watched, disputes are settled."},
}

// roles are roles and, proposed, who holds them (5.3). Top management approves the one and makes the
// other.
func (m *maker) roles() {
	for _, r := range RoleKinds {
		set := map[string]any{"title": r.Title, "kind": r.Kind, "responsibilities": r.Answers, "reports_to": or(m.Top.Name, "top management"), "change_reason": m.origin()}
		if r.Kind == "sms_manager" {
			set["authorities"] = []line{{"decides": "other", "what": "changes to the management system", "limit": "top management decides on policy, scope and money"}}
		}
		id, _ := m.add(Key{"sms_role", "role/" + r.Kind, `kind = "` + r.Kind + `" and state = "active"`}, set)
		who := m.holder(r.Kind)
		m.add(Key{"appointment", "appointment/" + r.Kind, `role = "` + id.String() + `" and phase != "void"`}, map[string]any{"title": strings.TrimSuffix(r.Title+": "+m.People[who], ": "), "role": id.String(), "person": who.String()})
	}
}

// described are the processes that Steward runs, with what each is for and what it is judged by.
var described = []struct{ Name, Title, Purpose, Text, What, Target, Unit, Better, Evidence string }{
	{"risk", "Risk management", "Nothing that could have been foreseen keeps us from what we promised.", "Issues, requirements and incidents give rise to risks and opportunities. The owner scores each by the criteria in force, plans treatment as tasks, and judges again. What stays above the line is accepted by authority until a day.", "Risks above the line with neither treatment nor acceptance", "0", "risks", "lower", "risk"},
	{"document", "Documented information", "Everybody works by the right version, and what must be provable is.", "An author drafts, somebody else reviews, a third approves. The new version goes to those who need it, who confirm it where they must. Documents are reviewed when due and disposed of by the retention schedule.", "Documents past their review", "0", "documents", "lower", "document"},
	{"service_delivery", "Service delivery", "Customers get the services that were agreed, day by day.", "Service owners plan what each service needs, coordinate people, means and other parties, and see to it that the work is done.", "Live services with an owner and an agreement", "100", "percent", "higher", "service"},
	{"service_level", "Service level management", "What we promise is agreed, measured and kept.", "Requirements become targets, limits of workload and exceptions, agreed with the customer. Performance and workload are compared with them, and a missed target raises an improvement.", "Targets met", "95", "percent", "higher", "agreement"},
	{"incident", "Incident management", "Service is back as soon as it can be, the most harmful first.", "Every incident is recorded, classified and ordered by effect and urgency, passed on where needed, resolved and closed with the user. Major ones follow their procedure, with top management informed and a review.", "Incidents resolved within target", "90", "percent", "higher", "incident"},
	{"measurement", "Measurement and evaluation", "Decisions rest on figures whose origin is known.", "Each metric has an owner, a formula, a source and a rhythm. Readings come in when due; owners evaluate them and say what follows.", "Readings taken when due", "95", "percent", "higher", "reading"},
	{"internal_audit", "Internal audit", "We find out first what is not as it should be.", "A programme covers all clauses and weighs importance and earlier results. Auditors are competent and audit no work of their own. Findings go to owners, reports to managers.", "Clauses audited in the cycle", "100", "percent", "higher", "audit"},
	{"management_review", "Management review", "Top management knows how the system does, and decides.", "Inputs are gathered for the period, top management goes through each, concludes whether system and services are suitable, adequate and effective, and decides; actions are followed.", "Actions of reviews done in time", "90", "percent", "higher", "management_review"},
	{"reporting", "Service reporting", "Those who decide get the figures they need in time.", "Reports are defined with audience, purpose, source and rhythm, made from records, shown with their trend, and decided on.", "Reports issued in time", "95", "percent", "higher", "report"},
	{"nonconformity", "Nonconformity and corrective action", "The same thing does not go wrong twice.", "A nonconformity is corrected, its cause found, like cases looked for, action taken that fits its weight, and its effect checked by somebody else.", "Nonconformities that came back", "0", "cases", "lower", "nonconformity"},
	{"improvement", "Continual improvement", "System and services get better by decision, not by chance.", "Opportunities are judged by the criteria in force, approved ones get targets, are carried out and measured, and those concerned are told.", "Approved improvements that met their target", "70", "percent", "higher", "improvement"},
}

// flows are what processes give each other: from, to, what. Both descriptions tell it.
var flows = []struct{ From, To, What string }{
	{"outside", "risk", "issues and requirements"}, {"risk", "improvement", "opportunities and treatments"}, {"outside", "document", "laws, manuals and contracts"},
	{"document", "service_delivery", "instructions in force"}, {"document", "internal_audit", "documents that are audited"}, {"outside", "service_delivery", "need for services"},
	{"service_delivery", "outside", "services"}, {"service_delivery", "reporting", "what was delivered"}, {"outside", "service_level", "needs of customers"},
	{"service_level", "incident", "targets and service hours"}, {"service_level", "reporting", "targets to report against"}, {"outside", "incident", "calls and alarms"},
	{"incident", "outside", "restored service"}, {"incident", "measurement", "times and counts"}, {"incident", "improvement", "what reviews of major incidents taught"},
	{"measurement", "reporting", "readings"}, {"measurement", "management_review", "trends"}, {"reporting", "outside", "reports"}, {"reporting", "management_review", "performance"},
	{"internal_audit", "nonconformity", "findings"}, {"internal_audit", "management_review", "results of audits"}, {"nonconformity", "improvement", "lasting corrections"},
	{"nonconformity", "management_review", "state of nonconformities"}, {"management_review", "improvement", "decisions"}, {"improvement", "management_review", "results of improvements"},
}

// processes are descriptions and, put back to draft at once, what each is measured by (4.4, 8.1, 9.1).
// It gives the ids of the metrics by process.
func (m *maker) processes() map[string]record.ID {
	metrics := map[string]record.ID{}
	for _, p := range described {
		var in, out []line
		for _, f := range flows {
			if f.To == p.Name {
				in = append(in, line{"what": f.What, "other": f.From})
			}
			if f.From == p.Name {
				out = append(out, line{"what": f.What, "other": f.To})
			}
		}
		set := map[string]any{"title": p.Title, "name": p.Name, "owner": m.holder("process_owner").String(), "purpose": p.Purpose, "text": p.Text, "inputs": in, "outputs": out,
			"roles": "The process owner answers for it; those who work in it follow this description and say where it does not fit.", "criteria": []line{{"what": p.What, "target": p.Target + " " + p.Unit}}, "change_reason": m.origin()}
		if p.Evidence != p.Name {
			set["evidence"] = p.Evidence
		}
		m.add(Key{"process", "process/" + p.Name, `name = "` + p.Name + `"`}, set)
		id, fresh := m.add(Key{"metric", "metric/" + p.Name, `process_name = "` + p.Name + `" and phase != "void"`}, map[string]any{"title": p.What, "of": "sms_process", "process_name": p.Name, "owner": m.holder("process_owner").String(),
			"formula": "Counted at the end of the month from the records of the process: " + lower(p.What) + ".", "source": "entered", "method": "Compared with the target and with the months before; deviations are explained in a sentence.",
			"unit": p.Unit, "target": p.Target, "better": p.Better, "frequency": "P1M", "evaluate_every": "P3M"})
		if fresh {
			m.then(lifecycle.Command{Verb: "transition", Name: "propose"})
		}
		metrics[p.Name] = id
	}
	return metrics
}

// objectives are proposed for the two levels that the standard names (6.2).
func (m *maker) objectives(policy record.ID, metrics map[string]record.ID) []record.ID {
	var out []record.ID
	for _, o := range []struct{ key, title, text, level, metric, target, unit, better, resources string }{
		{"system", "Every clause audited by the end of the year", "One round of internal audits covers all clauses, so that what is missing is found by us.", "sms", "internal_audit", "100", "percent", "higher", "Four days of auditors, two days of process owners"},
		{"services", "Incidents resolved within target", "Nine of ten incidents are resolved within the time that was agreed.", "services", "incident", "90", "percent", "higher", "Half a day of the service desk each month for causes and articles"},
	} {
		id, fresh := m.add(Key{"objective", "objective/" + o.key, `level = "` + o.level + `" and phase != "void"`}, map[string]any{"title": o.title, "description": o.text, "level": o.level, "metric": metrics[o.metric].String(), "owner": m.Owner.ID.String(),
			"target": o.target, "unit": o.unit, "better": o.better, "due": string(m.Due), "resources": o.resources, "method": "The last reading before the day, against the target.", "audience": "Everybody who works in the system", "review_every": "P3M"})
		if fresh {
			m.link("objective", id, "serves_policy", policy)
		}
		out = append(out, id)
	}
	return out
}

// plan is the service management plan (6.3), each section with what is known so far.
func (m *maker) plan(policy, criteria record.ID, objectives, services []record.ID) {
	names := make([]string, len(m.Parties))
	for i, p := range m.Parties {
		names[i] = p.Name
	}
	parties := "No other party runs a part of the services."
	if len(names) > 0 {
		parties = "With " + listed(names) + " by the contracts and agreements on record; the holder of the role for suppliers watches performance and coordinates work."
	}
	id, fresh := m.add(Key{"sms_plan", "plan", `state = "active"`}, map[string]any{"title": "Service management plan", "owner": m.Owner.ID.String(), "review_every": "P12M", "change_reason": m.origin(),
		"services": "The services of the scope: " + listed(m.Services) + ". Steward keeps the list.", "limits": or(m.Limits, "[Known limits that could affect the system and the services: people, money, technology, dates.]"),
		"obligations": or(m.Obligations, "[Law, regulation, contracts and standards that apply, and how each bears on the services.]"),
		"authorities": "By the roles of the management system and their appointments; " + or(m.Top.Name, "top management") + " decides on policy, scope and money.",
		"people":      "The holders of roles and the teams on record; needs and gaps are kept as resources.", "technical_means": or(m.Technology, "[Systems, tools and sites that services and system need.]"),
		"information": "Service requirements, agreements, knowledge and documents, kept in Steward with access by role.", "money": "The yearly budget, approved by top management; shortfalls are decided on as resources.",
		"other_parties": parties, "technology": "Steward for records, documents, measurements and conformity; the tools of operation feed it.",
		"effectiveness": "Measured by the metrics on record, audited by the audit programme, reported by the defined reports, reviewed by top management, improved by the register of improvements."})
	if !fresh {
		return
	}
	for _, to := range append(append([]record.ID{policy, criteria}, objectives...), services...) {
		m.link("sms_plan", id, "takes_account_of", to)
	}
}

func or(s, otherwise string) string {
	if strings.TrimSpace(s) == "" {
		return otherwise
	}
	return s
}

func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// listed is a, b and c.
func listed(all []string) string {
	switch len(all) {
	case 0:
		return "[to be named]"
	case 1:
		return all[0]
	}
	return strings.Join(all[:len(all)-1], ", ") + " and " + all[len(all)-1]
}
