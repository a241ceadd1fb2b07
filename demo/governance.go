package demo

import (
	"context"
	"fmt"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// tale is one record and what was done with it, in one transaction. What has to see what was written
// before it (the approval of a version, a plan of actions) is in a further one: a load that is killed
// between the two leaves the record at that step, as a colleague could.
type tale struct {
	l     *load
	title string
	cmds  []lifecycle.Command
	cuts  []int // where a further transaction begins
	at    time.Time
}

// tell begins a tale by making a record; days is how long ago that was.
func (l *load) tell(process, title, by string, days int, kv ...any) (*tale, record.ID) {
	t := &tale{l: l, title: title, at: l.now.AddDate(0, 0, -days)}
	return t, t.also(process, title, by, kv...)
}

func (t *tale) also(process, title, by string, kv ...any) record.ID {
	id := record.NewID(t.at)
	t.cmds = append(t.cmds, lifecycle.Command{Process: process, Verb: "create", ID: id, By: t.l.who[by], OccurredAt: t.at, Set: set(append([]any{"title", title}, kv...)...)})
	return id
}

// then is the next thing that was done, an hour later.
func (t *tale) then(process string, id record.ID, verb, name, by string, kv ...any) *tale {
	t.at = t.at.Add(time.Hour)
	c := lifecycle.Command{Process: process, Record: id, Verb: verb, Name: name, By: t.l.who[by], OccurredAt: t.at, Set: set(kv...)}
	if verb == "version_submit" || verb == "version_approve" {
		c.Number = 1
	}
	t.cmds = append(t.cmds, c)
	return t
}

func (t *tale) commit() *tale { t.cuts = append(t.cuts, len(t.cmds)); return t }

func (t *tale) approved(process string, id record.ID) *tale {
	return t.commit().then(process, id, "version_submit", "", "birgit").commit().then(process, id, "version_approve", "", "maren")
}

// end lets it have happened, unless it is here already.
func (t *tale) end(ctx context.Context) error {
	process := t.cmds[0].Process
	have, err := t.l.o.List(ctx, t.l.o.Self(), system.ListQuery{Process: process, Filter: "title = " + string(record.AppendString(nil, t.title)), Limit: 1})
	if err != nil || len(have.Records) > 0 {
		return err
	}
	for i := range t.cmds {
		t.cmds[i].Door = "demo"
	}
	from := 0
	var round *storage.Round
	for _, to := range append(t.cuts, len(t.cmds)) {
		asked(t.cmds[from:to], round)
		done, i, err := t.l.o.DoAll(ctx, t.l.o.Self(), t.cmds[from:to])
		if err != nil {
			c := t.cmds[from+max(i, 0)]
			return fmt.Errorf("demo: %s %q, %s %s: %w", process, t.title, c.Verb, c.Name, err)
		}
		for _, r := range done {
			if x, ok := r.Side.(*storage.Round); ok {
				round = x
			}
		}
		from = to
	}
	return nil
}

type line = map[string]any

func because(field, reason string) line { return line{field: line{"reason": reason}} }

// governance is what the provider does besides the work of the day: processes, objectives, people,
// audit, review, improvement; risks.go tells of risks, context.go of the scope. Some things are left
// undone on purpose, and conformity finds them: a nonconformity that nobody put right, most processes
// still without a description, and a service that the scope says nothing of.
func (l *load) governance(ctx context.Context) error {
	user := func(name string) record.ID { return l.ids["user/"+name] }
	birgit, maren := user("birgit"), user("maren")
	tales := l.context()
	add := func(t *tale) { tales = append(tales, t) }

	for _, p := range [][3]string{
		{"incident", "Incident management", "Service is restored soon, and whoever waits knows where it stands."},
		{"document", "Control of documents", "Everyone works by the version in force."},
		{"risk", "Risk management", "What could go wrong is known, weighed and treated."},
		{"measurement", "Measurement and evaluation", "Decisions rest on figures that are comparable."},
		{"internal_audit", "Internal audit", "We find our lapses before others do."},
		{"nonconformity", "Nonconformity and corrective action", "A lapse happens once."},
		{"improvement", "Continual improvement", "What helps most is done first."},
	} {
		t, id := l.tell("process", p[1], "birgit", 300, "name", p[0], "owner", birgit, "purpose", p[2], "roles", "The owner decides; agents do the work.",
			"inputs", []line{{"what": "needs and findings", "other": "outside"}}, "outputs", []line{{"what": "results and figures", "other": "measurement"}},
			"criteria", []line{{"what": "done in time", "target": "95 %"}})
		add(t.approved("process", id))
	}

	told := func(title, kind, service string, days, hours int, texts ...string) {
		t, id := l.tell("service_notice", title, "jana", days, "kind", kind, "services", []line{{"service": l.ids["service/"+service]}},
			"updates", []line{{"text": texts[0]}, {"text": texts[1], "language": "de"}})
		t.commit().then("service_notice", id, "transition", "publish", "jana")
		if hours > 0 {
			t.at = t.at.Add(time.Duration(hours) * time.Hour)
			t.commit().then("service_notice", id, "transition", "end", "jana")
		}
		add(t)
	}
	told("Move to new storage", "maintenance", "File storage", 12, 3, "We move to new storage during the night. Short interruptions are possible.", "In der Nacht ziehen wir auf neuen Speicher um. Kurze Unterbrechungen sind möglich.")
	told("Sign-in was slow", "disturbance", "Identity and sign-in", 39, 5, "Signing in took minutes. A faulty node was taken out.", "Die Anmeldung dauerte Minuten. Ein fehlerhafter Knoten wurde herausgenommen.")

	t, answer := l.tell("metric", "Minutes to the first answer", "birgit", 200, "of", "objective", "formula", "median over the month", "source", "entered", "method", "compared with the month before",
		"frequency", "P1M", "evaluate_every", "P3M", "owner", birgit)
	for month, value := range []string{"41", "38", "33", "31", "27", "24"} {
		from := l.now.AddDate(0, month-6, -1)
		t.at = from.AddDate(0, 1, 0).Add(time.Hour)
		t.also("reading", "Minutes to the first answer, "+from.Format("January 2006"), "birgit", "metric", answer, "value", value, "source", "the desk's weekly figures",
			"period_from", record.At(from).String(), "period_to", record.At(from.AddDate(0, 1, 0)).String())
	}
	add(t)
	t, _ = l.tell("metric", "Incidents opened in the month", "birgit", 120, "of", "service", "service", l.ids["service/"+l.p.Services[0].Name], "formula", "count", "source", "records",
		"count_process", "incident", "count_filter", `opened_at >= "{from}" and opened_at < "{to}"`, "method", "compared with the month before", "frequency", "P1M", "evaluate_every", "P3M",
		"target", "250", "better", "lower", "owner", birgit)
	add(t)

	t, id := l.tell("objective", "Answer within half an hour", "birgit", 190, "description", "The first answer comes from a person within half an hour.", "level", "services", "metric", answer,
		"target", "30", "unit", "min", "better", "lower", "due", string(record.Day(l.now.AddDate(0, 6, 0))), "resources", "two days a month at the desk", "method", "median of the month", "owner", birgit, "audience", "everybody",
		"blanks", line{"serves_policy": line{"reason": "the policy promises it in its first line"}, "takes_account_of": line{"reason": "no requirement sets another figure"}})
	t.then("objective", id, "transition", "approve", "maren")
	t.also("task", "Route new matters by category", "birgit", "kind", "objective_action", "parent", id, "assignee", user("jana"), "due", record.At(l.now.AddDate(0, 1, 0)).String())
	add(t.then("objective", id, "transition", "tell", "maren"))

	t, id = l.tell("sms_plan", "Service management plan of the year", "birgit", 180, "services", "The twelve services of the catalogue.", "limits", "Two sites, office hours for all but critical services.",
		"obligations", "Data protection, contracts with three customers.", "authorities", "Owners decide within their process, management above that.", "people", "Forty, thirteen of them in this system.",
		"technical_means", "Two halls, one of them for emergencies.", "information", "This system and the controlled documents in it.", "money", "The budget of the year.", "other_parties", "The telephone line and the certificate authority.",
		"technology", "Steward, monitoring, backup.", "effectiveness", "Metrics, audit and review as planned.", "blanks", because("takes_account_of", "said in the text"))
	add(t.approved("sms_plan", id))

	for _, r := range [][4]string{{"people", "Agents at the service desk", "persons", "3"}, {"technical", "Halls", "halls", "2"}, {"information", "Monitoring of all services", "services", "12"}, {"money", "Budget of the system", "thousand euros", "180"}} {
		t, _ = l.tell("resource", r[1], "birgit", 170, "kind", r[0], "needed_by", "sms", "unit", r[2], "needed", r[3], "provided", r[3])
		add(t)
	}
	for _, c := range [][2]string{{"agent", "Takes and solves incidents"}, {"process_owner", "Knows ISO/IEC 20000-1"}} {
		t, id = l.tell("competence", c[1], "birgit", 160, "role", c[0], "level", 2)
		people := []string{"jana", "tom", "aylin", "piotr", "lena", "samuel", "ines"} // one colleague is not assessed yet
		assessor := "birgit"
		if c[0] == "process_owner" {
			people, assessor = []string{"birgit"}, "maren"
		}
		for _, who := range people {
			a := t.also("competence_assessment", c[1]+": "+who, assessor, "person", user(who), "competence", id)
			t.then("competence_assessment", a, "transition", "assess", assessor, "level", 3, "evidence", "seen at work for a quarter; course of last year")
		}
		add(t)
	}
	for topic, text := range map[string]string{"policy": "We promise what we can keep, and say so when we fail.", "services": "Twelve services, three customers, one desk."} {
		t, id = l.tell("awareness", "What everybody knows: "+topic, "birgit", 20, "topic", topic, "text", text)
		add(t.then("awareness", id, "transition", "publish", "birgit"))
	}
	t, id = l.tell("communication", "Letter to customers", "birgit", 150, "frequency", "P1M", "audience", "customers", "channel", "mail", "owner", birgit)
	t.at = l.now.AddDate(0, 0, -6)
	add(t.then("communication", id, "transition", "send", "birgit", "what", "letter of the month: maintenance, new target for answers"))
	for _, k := range [][3]string{
		{"Password expired during leave", "Identity and sign-in", "Call back on the number we know, reset, have it changed at the first sign-in."},
		{"Notebook stays dark after an update", "Managed workplace", "Roll the graphics driver back; the vendor's fix is in the next ring."},
		{"Labels are printed crooked", "Printing", "Adjust the guide, print a test page, note the printer's number."},
	} {
		t, id = l.tell("knowledge_article", k[0], "birgit", 90, "audience", "agents", "service", l.ids["service/"+k[1]], "body", k[2])
		add(t.approved("knowledge_article", id))
	}

	t, programme := l.tell("audit_programme", "Audit programme of three years", "birgit", 280, "cycle_from", string(record.Day(l.now.AddDate(-1, 0, 0))), "cycle_to", string(record.Day(l.now.AddDate(2, 0, 0))), "frequency", "P12M",
		"methods", "interviews and samples", "responsibilities", "Felix leads", "planning", "each quarter", "reporting", "to owners and management",
		"lines", []line{{"clauses": "4 5 6 7 8 9 10", "due": string(record.Day(l.now.AddDate(0, 3, 0))), "importance": "all of it once", "changes": "none", "earlier": "backups were late"}})
	add(t.approved("audit_programme", programme))
	t, id = l.tell("audit", "Internal audit of incident management", "felix", 45, "programme", programme, "owner", user("felix"), "criteria", "the standard and our own documents", "own_rules", true, "scope", "desk and teams",
		"clauses", "8.6", "processes", "incident", "methods", "interviews, thirty incidents as a sample", "planned_for", string(record.Day(l.now.AddDate(0, 0, -44))),
		"auditors", []line{{"user": user("felix"), "competence": "lead auditor since 2022"}})
	for _, step := range []string{"prepare", "start"} {
		t.then("audit", id, "transition", step, "felix")
	}
	t.then("audit", id, "link", "examines", "felix", "to", l.ids["service/"+l.p.Services[0].Name])
	add(t.then("audit", id, "transition", "report", "felix", "conclusion", "kept to, with one lapse", "effective", "effective", "report", "Thirty incidents were read from first call to confirmation.", "reported_to", "owners and management"))

	t, id = l.tell("nonconformity", "Checks of backups were left out in one month", "felix", 140, "description", "No check of a restored file for a month.", "source", "audit", "requirement", "8.7.2-13",
		"evidence", "the log of checks has a hole", "owner", birgit, "severity", "minor", "severity_why", "one case, no loss")
	t.then("nonconformity", id, "transition", "contain", "lena", "correction", "checked at once", "consequences", "none: all were good")
	t.then("nonconformity", id, "transition", "find_cause", "lena", "cause", "the duty had no deputy", "similar_cases", "other duties were looked at: none", "severity", "minor", "action_needed", "yes", "action_why", "it would happen again", "adapt_sms", "no")
	deputy := t.also("task", "Name a deputy for the duty of backups", "lena", "kind", "corrective_action", "parent", id, "assignee", user("lena"), "due", record.At(t.at.AddDate(0, 0, 10)).String(), "mandatory", true)
	t.commit().then("nonconformity", id, "transition", "plan", "lena").then("task", deputy, "update", "", "lena", "evidence", "Khaled is the deputy")
	t.then("task", deputy, "transition", "complete", "lena", "outcome", "done").commit().then("nonconformity", id, "transition", "implement", "lena")
	t.commit().then("nonconformity", id, "update", "", "birgit", "judgements", []line{{"task": deputy, "result": "effective", "finding": "no gap since"}})
	add(t.commit().then("nonconformity", id, "transition", "judge", "birgit").then("nonconformity", id, "transition", "close", "birgit"))
	t, _ = l.tell("nonconformity", "Major incident reviewed too late", "felix", 44, "description", "The review came six weeks after the solution.", "source", "audit", "requirement", "8.6.1", "evidence", "the dates of the record", "owner", maren)
	add(t)

	t, criteria := l.tell("improvement_criteria", "How improvements are judged", "birgit", 290, "items", []line{{"criterion": "fit with the objectives", "weight": 60, "objectives": true}, {"criterion": "effort", "weight": 40}})
	add(t.approved("improvement_criteria", criteria))
	points := []line{{"criterion": "fit with the objectives", "points": 8}, {"criterion": "effort", "points": 5}}
	t, id = l.tell("improvement", "Answer faster by routing on category", "jana", 110, "description", "New matters go to the team that solves them.", "source", "measurement", "benefit", "ten minutes less for each", "owner", user("jana"),
		"points", points, "targets", []line{{"kind": "quality", "metric": "minutes to the first answer", "goal": "30", "better": "lower"}}, "blanks", because("serves", "the objective was set later"))
	t.then("improvement", id, "transition", "evaluate", "birgit")
	add(t.then("improvement", id, "transition", "approve", "maren", "priority", 2, "due", string(record.Day(l.now.AddDate(0, 1, 0))), "plan", "two weeks of work", "adapt_sms", "no"))
	t, _ = l.tell("improvement", "Let customers reset their passwords themselves", "tom", 12, "description", "One call in eight is a password.", "source", "staff", "benefit", "a third of the calls in the morning", "owner", user("tom"), "points", points)
	add(t)

	t, _ = l.tell("management_review", "Management review of the half-year", "birgit", 5, "period_from", string(record.Day(l.now.AddDate(0, -6, 0))), "period_to", string(record.Day(l.now)), "planned_for", string(record.Day(l.now.AddDate(0, 0, 9))),
		"attendees", []line{{"user": maren, "role": "managing director"}, {"user": birgit, "role": "process owner"}})
	add(t)
	t, _ = l.tell("report_definition", "Service report of the month", "birgit", 70, "purpose", "what we promised and what we kept", "audience", "customers and management", "topic", "service_levels", "source", "incidents", "frequency", "P1M", "owner", birgit,
		"figures", []line{{"label": "incidents", "process": "incident", "filter": `opened_at >= "{from}" and opened_at < "{to}"`}, {"label": "late", "process": "incident", "filter": `breached and opened_at >= "{from}" and opened_at < "{to}"`}})
	add(t)

	for _, t := range tales {
		if ctx.Err() != nil {
			return nil // the next start goes on
		}
		if err := t.end(ctx); err != nil {
			return err
		}
	}
	scope, err := l.limits(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if err := scope.end(ctx); err != nil {
		return err
	}
	return l.risks(ctx)
}
