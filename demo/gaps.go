package demo

// Gap is something that the provider left undone, as a provider of that size would, and that
// conformity has to find.
type Gap struct {
	Requirement string
	State       string // of the requirement, by the names of conformity
	Says        string // part of the reason
	Process     string // of the record that shows it
	Title       string // of that record
	Why         string // how it came about
}

// Gaps are the things left undone on purpose: whoever looks at the demo finds them in the cockpit, each
// with the record that shows it. Of the five commonest findings of auditors those are among them
// whose processes exist: clauses that no audit covered (9.2-03), and a review without minutes and
// decisions (9.3-18).
var Gaps = []Gap{
	// Video meetings went live in a hurry, and nobody took them in whole.
	{"4.3-03", "gap", "neither covers it nor says why it is left out", "service", "Video meetings", "the scope was drawn before"},
	{"5.1-04", "partial", "nobody wrote down what it is worth", "service", "Video meetings", "it came with the offer of a maker"},
	{"6.1.2-02", "partial", "no assessment of a risk to what is required of it", "service", "Video meetings", "the register was gone through before"},
	{"7.1-02", "gap", "nothing says which resources it needs", "service", "Video meetings", "it runs at its maker's"},
	{"7.6-01", "gap", "no article helps with it", "service", "Video meetings", "two people know it, and are asked"},

	// Continuity was begun and not ended.
	{"4.4-01", "gap", "continuity: no description of the process", "document", "Continuity plan for the patient portal", "the owner waits for the plan"},
	{"7.5.4-07", "gap", "description of the process continuity", "document", "Continuity plan for the patient portal", "the owner waits for the plan"},
	{"7.5.1-02", "partial", "no version of it was ever in force", "document", "Continuity plan for the patient portal", "it was never submitted"},
	{"7.5.4-06", "gap", "no continuity plan in force covers it", "service", "Patient portal", "the plan is a draft"},
	{"7.5.4-13", "gap", "continuity procedure: none was ever in force", "document", "Continuity plan for the patient portal", "it is to follow the plan"},

	// People.
	{"5.3-01", "gap", "manager of suppliers", "appointment", "Manager of suppliers: Piotr Nowak", "he was appointed, and did not accept"},
	{"7.2-02", "gap", "nobody has assessed it", "user", "خالد منصور", "he joined while the assessor was ill"},
	{"7.2-03", "partial", "overdue since", "competence_assessment", "Takes and solves incidents: Tom Ó Briain", "nobody looked whether the course helped"},
	{"7.3-05", "gap", "10 of 12 people have confirmed", "awareness", "What everybody knows: nonconformity", "two have not answered for four months"},

	// Documents.
	{"7.5.2-03", "partial", "nobody other than its author reviewed it before its approval", "document", "Reporting to customers", "it was only one page"},
	{"7.5.3-01", "partial", "past its review", "document", "Change management policy", "its owner passed over the reminder"},
	{"7.5.3-07", "stale", "last compared with its source", "document", "ISO/IEC 20000-1", "nobody compared the copy with its publisher's list again"},

	// Incidents.
	{"8.6.1-06", "stale", "no entry since", "incident", "Scanner app loses its session", "the maker of the app was to call back"},

	// Looking at oneself.
	{"9.1-03", "stale", "last read for the time until", "metric", "Asset management: devices found where they should be", "who counted them has other duties since spring"},
	{"9.1-04", "stale", "last evaluation on", "metric", "Asset management: devices found where they should be", "there was nothing to evaluate"},
	{"9.2-03", "gap", "no audit of this cycle covered clause 8.4.1", "audit_programme", "Audit programme of three years", "they are planned for the year to come"},
	{"9.3-18", "partial", "overdue since", "management_review", "Management review of the half-year", "it was held, and nobody wrote down what was decided"},
	{"9.4-04", "partial", "overdue since", "report_definition", "Service report for Klinikum Westküste", "targets were missed in one month, and nobody decided what follows"},

	// Getting better.
	{"10.1-01", "partial", "no correction by", "nonconformity", lateReview, "the director it belongs to was away"},
	{"10.2-01", "partial", "nothing has happened to it since", "improvement", "Answer faster by routing on category", "approved, and then forgotten"},
	{"10.2-08", "partial", "overdue since", "improvement", "One page for new colleagues at the desk", "all like it, so nobody measured it"},
}

// Unbuilt are requirements that no provider can meet in this Steward, since a process that would show
// them is not in it: they leave this list when it comes.
var Unbuilt = []struct {
	Requirement string
	State       string
	Says        string
	Lacks       string
}{
	{"5.1-05", "gap", "other parties", "suppliers"},
	{"6.1.2-03", "gap", "no suppliers are on record", "suppliers"},
	{"6.3-11", "no_evidence", "no other plans", "plans of capacity, availability, continuity and new services"},
	{"7.5.1-01", "gap", "contract with an external supplier", "suppliers, continuity, and records that show the rest"},
	{"7.5.3-02", "gap", "backups are not kept as records", "backups"},
	{"7.5.3-03", "gap", "no opening of a document is on record", "somebody who opens one: the demo tells its past by commands, and looks are made by doors"},
	{"7.5.3-04", "gap", "no restore test is on record", "restore tests"},
	{"7.5.4-08", "gap", "no service requirements are kept as records", "requirements of services"},
	{"7.5.4-09", "gap", "no catalogue is kept as records", "the catalogue"},
	{"7.5.4-11", "no_evidence", "no suppliers are kept as records", "suppliers"},
	{"7.5.4-12", "no_evidence", "no suppliers are kept as records", "suppliers"},
	{"7.5.4-14", "no_evidence", "nothing of that kind is kept", "the processes of clause 8"},
	{"9.4-01", "gap", "asks for a report on complaints", "complaints, surveys, budgets, problems, transitions, continuity and security incidents"},
}
