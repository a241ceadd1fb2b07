package begin

import "strings"

// outlines are the documents of the list that are not kept as records of their own, with what each is
// to say. What stands in brackets only the organization knows.
var outlines = []struct {
	Fulfils, Kind, Title string
	Parts                []string // heading | text
}{
	{"service_management_policy", "policy", "Service management policy (document)", []string{"Policy|The policy in force is kept in Steward under Policies; this document is its controlled copy for those outside the system.", "Text|[Copy the approved text here.]"}},
	{"service_management_objectives", "plan", "Service management objectives", []string{"Where they are|Objectives are kept in Steward with metric, target, day, owner and plan.", "For this year|[Which ones, and which sentence of the policy each serves.]"}},
	{"service_management_plan", "plan", "Service management plan (document)", []string{"Plan|The plan in force is kept in Steward section by section; this document is its controlled copy.", "Text|[Copy the approved sections here.]"}},
	{"change_management_policy", "policy", "Change management policy", []string{"What is under change control|[Services, components, agreements, documents and settings that change only by request.]", "Categories|Standard: pre-approved, by a recipe. Normal: assessed and approved by somebody else. Emergency: done first with the consent of the service owner, reviewed the next working day.", "Major effect|A change has a major effect when it touches [which customers, which services, how many users, what money]; it then goes through design and transition, as do new, removed and transferred services."}},
	{"information_security_policy", "policy", "Information security policy", []string{"What we protect|Information of customers and our own: that only the right people read it, that it is right, and that it is there.", "Rules|[Sign-in, devices, data carriers, suppliers, where to report.]", "For whom|It holds for everybody who works for us, and for suppliers by contract; customers and users are told what concerns them.", "If it is not kept to|[What follows, and who decides.]"}},
	{"continuity_plan", "plan", "Service continuity plan", []string{"When and by whom it is invoked|[Criteria, and two people who may.]", "Procedures|[What is done in a major loss of service, step by step, with contacts outside our systems.]", "Targets meanwhile|[Availability while it is invoked.]", "Recovery|[Times and data loss that are required, for each service.]", "Return|[How normal working comes back.]"}},
	{"process_description", "process_description", "Processes of the management system", []string{"Where they are|Each process is described in Steward with purpose, owner, inputs, outputs and criteria, and approved by somebody who did not write it.", "How they hang together|[Show the map, and who looks after it.]"}},
	{"service_requirements", "other", "Service requirements", []string{"For each service|[What customers, users, law and we ourselves require of it, who said so, and since when.]", "Criticality|[How critical each is, and why.]"}},
	{"service_catalogue", "other", "Service catalogue", []string{"Services|[For each: what it is, what one gains by it, for whom, what depends on it.]", "Who sees what|[Which part customers and users can reach, and where.]"}},
	{"service_level_agreement", "other", "Frame of service level agreements", []string{"Frame|Agreements are kept in Steward with targets by priority and service hours, approved by both sides.", "Limits and exceptions|[Workload limits and exceptions that hold for all.]"}},
	{"supplier_contract", "other", "Contracts with external suppliers", []string{"Register|[Each supplier with contract, what it supplies, targets, contact on both sides, day of review.]", "Alignment|[Where a supplier promises less than we do, and the risk that follows.]"}},
	{"internal_agreement", "other", "Agreements with internal suppliers and customers who supply", []string{"Register|[Each unit or customer with what it does, targets, interfaces and who answers for it; or that there is none, and how you know.]"}},
	{"major_incident_procedure", "procedure", "Major incident procedure", []string{"What a major incident is|[Criteria: which service, how many users, how long.]", "Who leads|[By name and deputy.]", "Steps|Declare, name who leads, tell top management and customers, restore, tell again at set intervals, close with those concerned.", "Afterwards|A report and a review within a week; actions become tasks with an owner."}},
	{"continuity_procedure", "procedure", "Continuity procedure", []string{"Assessment|[How and when risks to continuity are assessed.]", "Tests|Each plan is tested once a year and after major change, times are measured against what is required, shortcomings become tasks.", "Access|[Where plans and contacts are when our systems are not.]"}},
	{"risk_approach", "policy", "Approach to risks", []string{"Approach|Risks and opportunities are found from issues, requirements, incidents and audits, scored by the criteria in force, treated or accepted by authority, and judged again.", "Rhythm|[When the register is looked through, and by whom.]"}},
	{"party_criteria", "criteria", "Criteria for other parties", []string{"Evaluation and choice|[What a party must show before it provides or runs a part: competence, security, finances, references.]", "Performance|[What is measured, how often, and what follows.]"}},
	{"ci_types", "criteria", "Types of configuration items", []string{"Types|[Services and the kinds of component that are recorded, with the attributes of each.]", "Detail|[How detailed for which criticality.]"}},
	{"release_types", "criteria", "Types of releases", []string{"Types|[Kinds of release, emergency included, how often each, and how it is handled.]"}},
	{"release_criteria", "criteria", "Acceptance criteria of releases", []string{"Criteria|[What is verified before a release goes live, and who decides when something is not met.]"}},
	{"fulfilment_instructions", "work_instruction", "Instructions for service requests", []string{"Requests|[Each frequent request: who may ask, who approves, how it is done, how long it takes.]"}},
	{"capacity_plan", "plan", "Capacity plan", []string{"Now and next|[Present and forecast capacity of people, technical means, information and money, from demand.]", "Thresholds|[At which level and when capacity changes.]"}},
	{"measurement_plan", "plan", "Measurement plan", []string{"What is measured|Each process and each live service has a metric in Steward, with formula, source, method, rhythm and owner.", "When it is evaluated|Owners evaluate every quarter; top management concludes in its review."}},
	{"communication_plan", "plan", "Communication plan", []string{"Plan|Subjects, occasions, audiences, means and who answers for each are kept in Steward under Communication.", "Crises|[Who speaks to whom when things go badly wrong.]"}},
	{"audit_programme", "plan", "Audit programme (document)", []string{"Programme|The programme in force is kept in Steward with clauses, methods and auditors.", "Independence|Nobody audits their own work; [who audits the manager of the system].", "Cycle|[Which clauses when.]"}},
	{"report_catalogue", "plan", "Catalogue of service reports", []string{"Reports|Each report is defined in Steward with audience, purpose, source and rhythm.", "Asked for by the clauses|[Complaints and satisfaction, service levels, cost, demand, outcomes of new services, major incidents, problems, continuity, security, improvements.]"}},
	{"improvement_criteria", "criteria", "Criteria for improvements (document)", []string{"Criteria|The criteria in force are kept in Steward; fit with the objectives is one of them.", "Authority|[Who approves what.]"}},
	{"complaint_procedure", "procedure", "Complaint procedure", []string{"Taking in|A complaint is recorded as one, acknowledged within a working day, and given to somebody who was not involved.", "Escalation|[To whom when the usual way does not settle it.]", "Reporting|Complaints are counted and reported each quarter, with what was learned."}},
	{"budget_policy", "policy", "Budgeting and accounting policy", []string{"Budget|[By service or group of services; kinds of cost; how shared cost is attributed.]", "Control|[How often actual cost and forecast are compared, and who decides on deviations.]"}},
	{"retention_schedule", "other", "Retention schedule", []string{"Periods|Documents of the system are kept for three years after they were replaced; records for one certification cycle at least. [Where law asks for more.]", "Disposal|[Who disposes of what, how, and how it is recorded; what is held back in a dispute.]"}},
}

// documents are the documents of the list, as outlines (7.5.4 and single clauses).
func (m *maker) documents() {
	for _, o := range outlines {
		var b strings.Builder
		b.WriteString("# " + o.Title + "\n\n" + strings.TrimSpace(m.Organization+" · outline") + "\n")
		for _, part := range o.Parts {
			heading, text, _ := strings.Cut(part, "|")
			b.WriteString("\n## " + heading + "\n\n" + text + "\n")
		}
		m.add(Key{"document", "document/" + o.Fulfils, `fulfils = "` + o.Fulfils + `" and phase != "void"`}, map[string]any{"title": o.Title, "kind": o.Kind, "fulfils": o.Fulfils, "owner": m.Owner.ID.String(), "classification": "internal",
			"language": "en", "format": "Markdown", "medium": "electronic", "location": "Steward", "review_interval": "P12M", "retention": "P3Y", "retention_rule": "Three years after a version was replaced.",
			"distribution": []line{{"role": "process_owner"}, {"role": "agent"}}, "summary": "Outline of what the document is to say.", "body": b.String(), "change_reason": m.origin()})
	}
}

// Open reports whether a text still has places in brackets that only the organization can fill.
func Open(text string) bool {
	i := strings.IndexByte(text, '[')
	return i >= 0 && strings.IndexByte(text[i:], ']') > 0
}
