package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/evaluation/report"
)

// held is a review of top management: what was said of each input, concluded and decided.
type held struct {
	Title                                     string
	Held                                      int // days ago
	Said                                      map[string]string
	Suitability, Adequacy, Effective, Minutes string
	Decisions                                 []struct {
		Kind, Text, Who string
		Within          int // days
	}
}

// reviews are the half-yearly reviews of top management (9.3). They come last, when what they count
// is here. The newest was held, and nobody wrote down what was decided; see gaps.go.
func (l *load) reviews(ctx context.Context) error {
	user := func(name string) record.ID { return l.ids["user/"+name] }
	day := func(days int) string { return string(record.Day(l.now.AddDate(0, 0, -days))) }
	for _, r := range l.p.Reviews {
		var said []line
		for _, kind := range slices.Sorted(maps.Keys(r.Said)) {
			said = append(said, line{"kind": kind, "text": r.Said[kind]})
		}
		t, id := l.tell("management_review", r.Title, "birgit", r.Held+14, "period_from", day(r.Held+184), "period_to", day(r.Held+1), "planned_for", day(r.Held), "owner", user("birgit"), "inputs", said,
			"attendees", []line{{"user": user("maren"), "role": "managing director"}, {"user": user("thore"), "role": "managing director"}, {"user": user("birgit"), "role": "manager of the system"}})
		t.ago(r.Held+2).commit().then("management_review", id, "transition", "prepare", "birgit")
		t.ago(r.Held).commit().then("management_review", id, "transition", "hold", "birgit")
		if len(r.Decisions) > 0 {
			var decisions []line
			for _, d := range r.Decisions {
				decisions = append(decisions, line{"kind": d.Kind, "text": d.Text, "who": user(d.Who), "due": day(r.Held - d.Within)})
			}
			t.then("management_review", id, "update", "", "birgit", "suitability", r.Suitability, "adequacy", r.Adequacy, "effective", r.Effective, "minutes", r.Minutes, "decisions", decisions)
			for _, d := range r.Decisions {
				task := t.also("task", d.Text, "birgit", "kind", "review_action", "parent", id, "assignee", user(d.Who), "due", record.At(l.now.AddDate(0, 0, d.Within-r.Held)).String())
				t.then("task", task, "update", "", d.Who, "evidence", "done as decided").then("task", task, "transition", "complete", d.Who, "outcome", "done")
			}
			t.ago(r.Held-12).commit().then("management_review", id, "transition", "approve", "maren")
			t.ago(r.Held-95).commit().then("management_review", id, "transition", "close", "birgit")
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
			[]figure{{"incidents", "incident", of + within("opened_at"), -1}, {"late", "incident", of + within("opened_at") + " and breached", []int{18, 3, 18}[i]}, {"of priority 1 or 2", "incident", of + within("opened_at") + " and priority <= 2", -1}}})
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
	follows := []string{"More were late than agreed. The cases were read: two of three hung on one supplier, who is asked for a second contact at night.",
		"More were late than agreed, most of them on the day of updates: the next rings begin a day later.",
		"More were late than agreed, while one was ill at the desk: the teams take what they solve without the desk until then."}
	for n, r := range issues.Records {
		x := r.(*report.Report)
		at := x.PeriodTo.Time()
		age := l.now.Sub(at)
		if age < 24*time.Hour*10 || age < 24*time.Hour*45 && age > 24*time.Hour*30 && title == "Service report for "+undecided {
			continue // the newest is not due yet; that of the month before was forgotten
		}
		t.at = at.AddDate(0, 0, 5)
		if x.Missed > 0 {
			t.then("report", x.ID, "transition", "decide", "birgit", "decision", follows[n%len(follows)])
			t.then("report", x.ID, "transition", "tell", "birgit", "told_to", "the customer's manager and both directors")
		}
		t.then("report", x.ID, "transition", "close", "birgit")
	}
	return t.give(ctx)
}
