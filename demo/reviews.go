package demo

import (
	"context"
	"fmt"
	"time"

	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/evaluation/report"
)

// reviews are the half-yearly reviews of top management (9.3). They come last, when what they count
// is here. The newest was held, and nobody wrote down what was decided; see gaps.go.
func (l *load) reviews(ctx context.Context) error {
	user := func(name string) record.ID { return l.ids["user/"+name] }
	day := func(days int) string { return string(record.Day(l.now.AddDate(0, 0, -days))) }
	said := []line{
		{"kind": "earlier_actions", "text": "Of the last review all but one are done; the missing one is the fourth person for the desk."},
		{"kind": "issues", "text": "Skilled people are as hard to find as before. The clinic has to report outages within hours now."},
		{"kind": "nonconformities", "text": "Each was put right; none came back."},
		{"kind": "measurement", "text": "Answers are faster month by month. Promises kept: 88 of a hundred."},
		{"kind": "audits", "text": "Felix Auer reported in person. Minor lapses only."},
		{"kind": "improvements", "text": "Rings for updates brought what they were to bring."},
		{"kind": "feedback", "text": "The clinic is content with answers, and less with the portal in the evening. No complaint went to the directors."},
		{"kind": "policies", "text": "Known to all who were asked, and still right."},
		{"kind": "objectives", "text": "Three of four are on the way; nine of ten promises was missed."},
		{"kind": "services", "text": "Sign-in was down once for an hour and a quarter; all else was within what was agreed."},
		{"kind": "parties", "text": "The telephone company solved nine of ten faults in time; the certificate authority changed its portal without notice."},
		{"kind": "resources", "text": "One person is missing at the desk. Storage suffices until summer; money as planned."},
		{"kind": "risks", "text": "The batteries of the main hall are the highest; their exchange is ordered. The telephone provider is borne until its contract ends."},
		{"kind": "changes", "text": "A fourth customer is likely in spring, and needs nights."},
	}
	for _, r := range []struct {
		title   string
		held    int
		minuted bool
	}{{"Management review, first half-year", 385, true}, {"Management review, second half-year", 205, true}, {"Management review of the half-year", 41, false}} {
		t, id := l.tell("management_review", r.title, "birgit", r.held+14, "period_from", day(r.held+184), "period_to", day(r.held+1), "planned_for", day(r.held), "owner", user("birgit"), "inputs", said,
			"attendees", []line{{"user": user("maren"), "role": "managing director"}, {"user": user("thore"), "role": "managing director"}, {"user": user("birgit"), "role": "manager of the system"}})
		t.ago(r.held+2).commit().then("management_review", id, "transition", "prepare", "birgit")
		t.ago(r.held).commit().then("management_review", id, "transition", "hold", "birgit")
		if r.minuted {
			t.then("management_review", id, "update", "", "birgit", "suitability", "The system fits what we do; a fourth customer would not change that.", "adequacy", "Enough, but for the plan of continuity, which has to be finished.",
				"effective", "It reaches what it is for: promises are kept or named, and causes are taken away.", "minutes", "Both directors and the manager of the system went through the inputs one by one, for three hours. What was decided stands below.",
				"decisions", []line{
					{"kind": "improvement", "text": "Teams take what they solve without the desk.", "who": user("jana"), "due": day(r.held - 60)},
					{"kind": "change", "text": "Objectives are told at the staff meeting, not by mail.", "who": user("birgit"), "due": day(r.held - 30)},
					{"kind": "other", "text": "Batteries of the main hall are tested under load.", "who": user("lena"), "due": day(r.held - 90)},
				})
			for _, x := range [][2]string{{"Teams take what they solve without the desk", "jana"}, {"Objectives at the staff meeting", "birgit"}, {"Test the batteries of the main hall", "lena"}} {
				task := t.also("task", x[0]+" ("+r.title+")", "birgit", "kind", "review_action", "parent", id, "assignee", user(x[1]), "due", record.At(l.now.AddDate(0, 0, 60-r.held)).String())
				t.then("task", task, "update", "", x[1], "evidence", "done as decided").then("task", task, "transition", "complete", x[1], "outcome", "done")
			}
			t.ago(r.held-12).commit().then("management_review", id, "transition", "approve", "maren")
			t.ago(r.held-95).commit().then("management_review", id, "transition", "close", "birgit")
		}
		if ctx.Err() != nil {
			return nil
		}
		if err := t.end(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reports are the service reports (9.4): each thirty days until last month, monthly by Steward itself
// from now on. What missed its target was decided on and told, but for one of the clinic.
func (l *load) reports(ctx context.Context) error {
	type figure struct {
		label, process, filter string
		target                 int
	}
	within := func(field string) string { return field + ` >= "{from}" and ` + field + ` < "{to}"` }
	undecided := l.p.Customers[1].Name
	type definition struct {
		title, topic, purpose, audience, source string
		figures                                 []figure
	}
	var all []definition
	for i, c := range l.p.Customers {
		of := fmt.Sprintf(`customer = "%s" and `, l.ids["customer/"+c.Name])
		all = append(all, definition{"Service report for " + c.Name, "service_levels", "what we promised and what we kept, and what follows", c.Name, "the register of incidents, counted when it is issued",
			[]figure{{"incidents", "incident", of + within("opened_at"), -1}, {"late", "incident", of + within("opened_at") + " and breached", []int{12, 2, 12}[i]}, {"of priority 1 or 2", "incident", of + within("opened_at") + " and priority <= 2", -1}}})
	}
	all = append(all,
		definition{"Performance of the management system", "sms_performance", "management sees where the system does not do what it is to do", "both directors", "the registers of the system",
			[]figure{{"nonconformities raised", "nonconformity", within("created_at"), -1}, {"improvements carried out", "improvement", within("implemented_at"), -1}, {"readings that missed their target", "reading", within("period_to") + ` and met = "no"`, -1}}},
		definition{"Major incidents", "major_incidents", "each major incident is known to those who decide", "directors and customers", "the register of incidents", []figure{{"major incidents", "incident", within("opened_at") + " and major = true", -1}}},
		definition{"Improvements", "improvements", "what was proposed, carried out and measured", "directors, customers and teams", "the register of improvements", []figure{{"proposed", "improvement", within("created_at"), -1}, {"carried out", "improvement", within("implemented_at"), -1}}})
	for _, d := range all {
		var figures []line
		for _, f := range d.figures {
			x := line{"label": f.label, "process": f.process, "filter": f.filter}
			if f.target >= 0 {
				x["target"], x["better"] = f.target, "lower"
			}
			figures = append(figures, x)
		}
		if ctx.Err() != nil {
			return nil
		}
		t, id := l.tell("report_definition", d.title, "birgit", 335, "purpose", d.purpose, "audience", d.audience, "topic", d.topic, "source", d.source, "frequency", "P30D", "owner", l.ids["user/birgit"], "figures", figures)
		for days := 302; days > 0; days -= 30 {
			t.ago(days).then("report_definition", id, "transition", "issue", "birgit")
		}
		t.ago(1).then("report_definition", id, "update", "", "birgit", "frequency", "P1M") // Steward issues it from now on
		if err := t.end(ctx); err != nil {
			return err
		}
		if err := l.answered(ctx, d.title, undecided); err != nil {
			return err
		}
	}
	return nil
}

// answered decides on each issue of a report what follows from a target that was missed, and tells it.
// One issue, of the customer that is undecided, waits longer than it may.
func (l *load) answered(ctx context.Context, title, undecided string) error {
	definition, err := l.known(ctx, "report_definition", title)
	if err != nil {
		return err
	}
	issues, err := l.o.List(ctx, l.o.Self(), system.ListQuery{Process: "report", Filter: fmt.Sprintf(`definition = "%s" and state = "issued"`, definition), Limit: 100})
	if err != nil {
		return err
	}
	t := &tale{l: l, title: title}
	for _, r := range issues.Records {
		x := r.(*report.Report)
		at := x.PeriodTo.Time()
		age := l.now.Sub(at)
		if age < 24*time.Hour*10 || age < 24*time.Hour*45 && age > 24*time.Hour*30 && title == "Service report for "+undecided {
			continue // the newest is not due yet; that of the month before was forgotten
		}
		t.at = at.AddDate(0, 0, 5)
		if x.Missed > 0 {
			t.then("report", x.ID, "transition", "decide", "birgit", "decision", "More were late than agreed: the cases were read, two of three hung on one supplier; the teams take what they can without the desk.")
			t.then("report", x.ID, "transition", "tell", "birgit", "told_to", "the customer's manager and both directors")
		}
		t.then("report", x.ID, "transition", "close", "birgit")
	}
	return t.give(ctx)
}
