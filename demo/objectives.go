package demo

import (
	"context"
	"time"

	"steward/kernel/record"
	"steward/kernel/storage"
)

// objectives is what is to be reached (6.2), on each level, with how far it has come, and the plan of
// the year (6.3). One objective was missed, and something follows from it.
func (l *load) objectives(ctx context.Context) error {
	policy, err := l.known(ctx, "policy", policyTitle)
	if err != nil {
		return err
	}
	users, err := l.known(ctx, "interested_party", "People who work with the services")
	if err != nil {
		return err
	}
	customers, err := l.known(ctx, "interested_party", "The three customers")
	if err != nil {
		return err
	}
	user := func(name string) record.ID { return l.ids["user/"+name] }

	t, answer := l.tell("metric", "Minutes to the first answer", "birgit", 200, "of", "objective", "formula", "median over the month", "source", "entered", "method", "compared with the month before", "unit", "min",
		"frequency", "P1M", "evaluate_every", "P3M", "owner", user("birgit"))
	for month, value := range []string{"41", "38", "33", "31", "27", "24"} {
		from := l.now.AddDate(0, month-6, -1)
		t.read(answer, "Minutes to the first answer", "birgit", from, value, "the desk's weekly figures")
		if month == 2 || month == 5 {
			t.judged(answer, from.AddDate(0, -2, 0), from.AddDate(0, 1, 0), "effective", "Falls month by month since matters go to the team that solves them.", "")
		}
	}
	// One that Steward counts by itself from now on.
	count, _ := l.tell("metric", "Incidents opened in the month", "birgit", 20, "of", "service", "service", l.ids["service/"+l.p.Services[0].Name], "formula", "count", "source", "records",
		"count_process", "incident", "count_filter", `opened_at >= "{from}" and opened_at < "{to}"`, "method", "compared with the month before", "frequency", "P1M", "evaluate_every", "P3M",
		"target", "250", "better", "lower", "owner", user("birgit"))
	tales := []*tale{t, count}

	metric := func(process string) string {
		for _, p := range l.p.Processes {
			if p.Name == process {
				return p.metricOf()
			}
		}
		return ""
	}
	for _, o := range []struct {
		title, says, level, metric, target, unit, better, owner string
		view                                                    record.ID
		action, assignee, how                                   string
	}{
		{"Answer within half an hour", "The first answer comes from a person within half an hour.", "services", "Minutes to the first answer", "30", "min", "lower", "birgit", users, "Route new matters by category", "jana", "median of the month"},
		{"Lapses are put right within thirty days", "Of nonconformities, nineteen of twenty are put right within thirty days.", "sms", metric("nonconformity"), "95", "%", "higher", "birgit", customers, "Ask owners each Monday for what is open", "birgit", "share of the month"},
		{"Changes that nobody notices", "Of changes, ninety-seven in a hundred bring no incident.", "process", metric("change"), "97", "%", "higher", "lena", customers, "Test rings for applications too", "samuel", "share of the month"},
		{"Known errors have a way round", "For nine of ten known errors the desk knows a way round.", "team", metric("problem"), "90", "%", "higher", "ines", users, "Write an article with each known error", "ines", "share at the end of the month"},
	} {
		measure, id := answer, record.ID{}
		if o.metric != "Minutes to the first answer" {
			if measure, err = l.known(ctx, "metric", o.metric); err != nil {
				return err
			}
		}
		t, id = l.tell("objective", o.title, "birgit", 190, "description", o.says, "level", o.level, "metric", measure, "target", o.target, "unit", o.unit, "better", o.better,
			"due", string(record.Day(l.now.AddDate(0, 6, 0))), "resources", "two days a month", "method", o.how, "owner", user(o.owner), "audience", "everybody")
		t.then("objective", id, "link", "serves_policy", "birgit", "to", policy).then("objective", id, "link", "takes_account_of", "birgit", "to", o.view)
		t.then("objective", id, "transition", "approve", "maren")
		t.also("task", o.action, "birgit", "kind", "objective_action", "parent", id, "assignee", user(o.assignee), "due", record.At(l.now.AddDate(0, 1, 0)).String())
		t.then("objective", id, "transition", "tell", "maren")
		t.ago(100).then("objective", id, "line", "evaluations", "birgit", "text", "on the way: better than when it was set")
		tales = append(tales, t.ago(9).then("objective", id, "line", "evaluations", "birgit", "text", "on the way; the action takes effect since two months"))
	}
	kept, err := l.known(ctx, "metric", metric("service_level"))
	if err != nil {
		return err
	}
	t, id := l.tell("objective", "Nine of ten promises are kept by summer", "birgit", 470, "description", "Of all incidents nine of ten are answered and solved in time.", "level", "services", "metric", kept, "target", "90", "unit", "%", "better", "higher",
		"due", string(record.Day(l.now.AddDate(0, 0, -140))), "resources", "one more at the desk", "method", "share of the month", "owner", user("birgit"), "audience", "everybody")
	t.then("objective", id, "link", "serves_policy", "birgit", "to", policy).then("objective", id, "link", "takes_account_of", "birgit", "to", customers)
	t.then("objective", id, "transition", "approve", "maren")
	t.also("task", "Fill the vacancy at the desk", "birgit", "kind", "objective_action", "parent", id, "assignee", user("birgit"), "due", record.At(l.now.AddDate(0, 0, -200)).String())
	t.then("objective", id, "transition", "tell", "maren")
	t.ago(141).then("objective", id, "transition", "miss", "birgit", "result", "88 of a hundred: the vacancy was open for four months")
	t.at = t.at.Add(24 * time.Hour)
	t.also("task", "Let the teams take what they solve without the desk", "birgit", "kind", "objective_action", "parent", id, "assignee", user("jana"), "due", record.At(l.now.AddDate(0, 0, 20)).String())
	tales = append(tales, t)

	t, id = l.tell("sms_plan", smsPlan, "birgit", 182, "services", "The twelve services of the catalogue.", "limits", "Two sites, office hours for all but critical services; one person knows the warehouse application.",
		"obligations", "Data protection, rest between shifts, contracts with three customers; each with who answers for it.", "authorities", "Owners decide within their process, management above that; see the roles of the system.", "people", "Forty, fourteen of them in this system.",
		"technical_means", "Two halls, one of them for emergencies.", "information", "This system and the controlled documents in it.", "money", "180 000 euros for the system; budgets of the services beside it.", "other_parties", "The telephone company and the certificate authority, read each month by the teams that rest on them.",
		"technology", "Steward, monitoring, backup.", "effectiveness", "Metrics read each month and judged each quarter, audits by the programme, reports each month, review each half year, improvements after each.")
	t.approved("sms_plan", id)
	for _, p := range []struct {
		days int
		text string
	}{{91, "Roles are held, metrics are read, half of the clauses are audited; the second person for the warehouse application learns."}, {9, "All of the plan but two things: the continuity plan is a draft, and video meetings have to be taken in whole."}} {
		t.ago(p.days).commit().then("sms_plan", id, "line", "progress", "birgit", "text", p.text)
	}
	tales = append(tales, t.commit().then("sms_plan", id, "transition", "review", "maren").because("goes on as it is until the next half-year"))
	return l.happen(ctx, tales)
}

// smsPlan is the title of the plan of the management system.
const smsPlan = "Service management plan of the year"

// inView links what was made after what it has to take into account: the plan to policy, objectives,
// criteria and services (6.3); risks and opportunities to what they arise from (6.1.1).
func (l *load) inView(ctx context.Context) error {
	for _, x := range []struct {
		process, title, kind string
		to                   [][2]string
	}{
		{"sms_plan", smsPlan, "takes_account_of", [][2]string{{"policy", policyTitle}, {"objective", "Answer within half an hour"}, {"objective", "Lapses are put right within thirty days"}, {"risk_criteria", "Risk criteria"}, {"service", "Patient portal"}, {"service", "Warehouse application"}}},
		{"risk", "One person alone knows the warehouse application", "arises_from", [][2]string{{"issue", "One person knows the warehouse application"}, {"issue", "Skilled people are hard to find in the region"}, {"interested_party", "Colleagues"}}},
		{"risk", "The telephone provider fails", "arises_from", [][2]string{{"interested_party", "Suppliers of lines and certificates"}}},
		{"risk", "The main hall loses its power", "arises_from", [][2]string{{"issue", "Climate change"}, {"issue", "Hospitals must report outages to the authority"}, {"interested_party", "The three customers"}}},
		{"risk", "Files are encrypted by an intruder", "arises_from", [][2]string{{"interested_party", "Data protection authority"}}},
		{"risk", "Storage is full before new disks come", "arises_from", [][2]string{{"issue", "Licences move from purchase to subscription"}}},
		{"opportunity", "Passwords without a call", "arises_from", [][2]string{{"interested_party", "People who work with the services"}}},
		{"opportunity", "Figures that customers read themselves", "arises_from", [][2]string{{"issue", "The teams grew from one house and help each other"}}},
	} {
		from, err := l.known(ctx, x.process, x.title)
		if err != nil {
			return err
		}
		have, err := l.linked(ctx, from, x.kind)
		if err != nil {
			return err
		}
		t := (&tale{l: l, title: x.title}).ago(33)
		for _, end := range x.to {
			to, err := l.known(ctx, end[0], end[1])
			if err != nil {
				return err
			}
			if !have[to] {
				t.then(x.process, from, "link", x.kind, "birgit", "to", to)
			}
		}
		if err := t.give(ctx); err != nil {
			return err
		}
	}
	return nil
}

// linked are the ends of the links of a kind that stand at a record.
func (l *load) linked(ctx context.Context, from record.ID, kind string) (map[record.ID]bool, error) {
	out := map[record.ID]bool{}
	k := record.Text(kind)
	var row storage.Link
	err := l.o.Store.Rows(ctx, storage.TLink, []storage.Cond{storage.Eq("a", &from), storage.Eq("kind", &k)}, "t.id", 0,
		func() []storage.Part { return []storage.Part{storage.Part(&row)} }, func() error { out[row.B] = row.ValidTo == storage.Open; return nil })
	return out, err
}
