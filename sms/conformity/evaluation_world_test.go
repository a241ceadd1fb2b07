package conformity_test

import (
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/sms/evaluation/review"
)

// chamber is a provider that measures, audits, reviews and reports as 9.1 to 9.4 ask, with the
// processes that it does so of (4.4).
func chamber(w *world) {
	w.Helper()
	olga, boss := w.user("olga", access.ProcessOwner), w.user("boss", access.Management)
	w.user("audrey", access.Auditor)
	w.make("mail", "service", fields{"title": "E-mail", "owner": "olga"})
	w.step(w.o.Self(), "mail", "go_live", nil)
	w.makeBy(olga, "plan of measurement", "document", fields{"title": "Measurement plan", "kind": "plan", "classification": "internal", "fulfils": "measurement_plan", "owner": w.ids["olga"].Ref(),
		"summary": "what is measured", "body": "see the metrics", "language": "en", "format": "Markdown", "medium": "electronic", "retention": "P3Y", "retention_rule": "three years",
		"distribution": []fields{{"role": access.Agent}}, "change_reason": "first version", "review_interval": "P12M"})
	w.approve("plan of measurement", 1, olga, boss, nil)

	for _, name := range processNames {
		w.makeBy(olga, "process "+name, "process", fields{"title": name, "name": name, "owner": w.ids["olga"].Ref(), "purpose": "it has one",
			"inputs": []fields{{"what": "needs", "other": "outside"}}, "outputs": []fields{{"what": "results", "other": "outside"}}})
		w.approve("process "+name, 1, olga, boss, nil)
		w.makeBy(olga, "metric of "+name, "metric", fields{"title": "Metric of " + name, "of": "sms_process", "process_name": name, "formula": "a number", "source": "entered", "method": "compared with last time",
			"frequency": "P99Y", "evaluate_every": "P99Y", "owner": w.ids["olga"].Ref()})
	}
	w.makeBy(olga, "lateness", "metric", fields{"title": "Incidents", "of": "service", "service": w.ids["mail"].Ref(), "formula": "incidents opened in the month", "source": "records",
		"count_process": "incident", "count_filter": `opened_at >= "{from}" and opened_at < "{to}"`, "method": "compared with the month before", "frequency": "P1M", "evaluate_every": "P3M",
		"target": "10", "better": "lower", "owner": w.ids["olga"].Ref()})
	w.pass(32 * 24 * time.Hour) // the first month is read by itself
	w.evaluate("lateness")

	w.makeBy(olga, "programme", "audit_programme", fields{"title": "Audits", "cycle_from": "2026-01-01", "cycle_to": "2029-01-01", "frequency": "P12M", "methods": "sampling", "responsibilities": "Audrey leads",
		"planning": "each quarter", "reporting": "to owners and management", "lines": []fields{{"clauses": "4 5 6 7 8 9 10", "due": "2026-06-01", "importance": "all", "changes": "none", "earlier": "none"}}})
	w.approve("programme", 1, olga, boss, nil)
	w.audited("audit", "4 5 6 7 8 9 10")

	w.reviewed("review")
	for _, topic := range reportTopics {
		w.makeBy(olga, "report on "+topic, "report_definition", fields{"title": "Report on " + topic, "purpose": "to know", "audience": "management", "topic": topic, "source": "records", "frequency": "P2Y",
			"owner": w.ids["olga"].Ref(), "figures": []fields{{"label": "incidents", "process": "incident", "filter": `opened_at >= "{from}" and opened_at < "{to}"`}}})
		w.step(olga, "report on "+topic, "issue", nil)
	}
	w.makeBy(olga, "strict", "report_definition", fields{"title": "Strict report", "purpose": "to know", "audience": "management", "topic": "other", "source": "records", "frequency": "P2Y",
		"owner": w.ids["olga"].Ref(), "figures": []fields{{"label": "incidents", "process": "incident", "filter": `opened_at >= "{from}" and opened_at < "{to}"`, "target": 1, "better": "higher"}}})
	w.issue("strict", "issue of strict")
	w.step(olga, "issue of strict", "decide", fields{"decision": "we look into it"})
	w.step(olga, "issue of strict", "tell", fields{"told_to": "the board"})
}

// processNames and reportTopics are what 4.4 and 9.4 ask for.
var (
	processNames = strings.Fields("risk document service_delivery asset configuration business_relationship service_level supplier budget demand capacity change design_and_transition release incident service_request problem availability continuity information_security measurement internal_audit management_review reporting nonconformity improvement")
	reportTopics = strings.Fields("complaints satisfaction service_levels cost demand transition_outcomes major_incidents problems continuity_invocations security_incidents improvements sms_performance")
)

func (w *world) evaluate(metric string) {
	w.Helper()
	var kept []fields
	res, err := w.o.Get(ctx, w.o.Self(), "metric", w.id(metric).String())
	if err != nil {
		w.Fatal(err)
	}
	l := res.Process.Shape.Line("evaluations")
	for i := range l.Len(record.BaseOf(res.Record)) {
		kept = append(kept, fields{"id": l.Head(l.Each(record.BaseOf(res.Record), i)).ID.String()})
	}
	day := string(record.Day(w.now))
	w.by(w.user("olga"), w.command(metric, "update", "", fields{"evaluations": append(kept, fields{"from": "2026-03-01", "to": day, "conclusion": "effective", "text": "fewer than before", "requirements": "answer within an hour"})}))
}

// issue has a report issued now, and remembers it.
func (w *world) issue(definition, name string) {
	w.Helper()
	w.step(w.user("olga"), definition, "issue", nil)
	all := w.all("report", `definition = "`+w.id(definition).String()+`"`)
	newest := all[0].Head()
	for _, r := range all {
		if r.Head().Num > newest.Num {
			newest = r.Head()
		}
	}
	res, err := w.o.Get(ctx, w.o.Self(), "report", newest.ID.String())
	if err != nil {
		w.Fatal(err)
	}
	w.ids[name] = res
}

// audited plans an audit and takes it to its report.
func (w *world) audited(name, clauses string) {
	w.Helper()
	audrey := w.user("audrey")
	w.makeBy(audrey, name, "audit", fields{"title": "Audit " + name, "programme": w.ids["programme"].Ref(), "owner": w.ids["audrey"].Ref(), "criteria": "the standard and our own documents", "own_rules": true,
		"scope": "the whole SMS", "clauses": clauses, "processes": "incident", "methods": "interviews and samples", "planned_for": string(record.Day(w.now.AddDate(0, 0, 1))),
		"auditors": []fields{{"user": w.ids["audrey"].Ref(), "competence": "course of 2024"}}})
	w.step(audrey, name, "prepare", nil)
	w.step(audrey, name, "start", nil)
	w.by(audrey, w.command(name, "link", "examines", fields{"to": w.id("mail").String()}))
	w.step(audrey, name, "report", fields{"conclusion": "it is kept to", "effective": "effective", "report": "all in all good", "reported_to": "owners and management"})
}

// reviewed plans a management review and takes it to approved minutes.
func (w *world) reviewed(name string) {
	w.Helper()
	olga, boss := w.user("olga"), w.user("boss")
	w.makeBy(olga, name, "management_review", fields{"title": "Review " + name, "period_from": "2026-03-01", "period_to": string(record.Day(w.now)), "planned_for": string(record.Day(w.now)),
		"attendees": []fields{{"user": w.ids["boss"].Ref(), "role": "managing director"}}})
	w.step(olga, name, "prepare", nil)
	res, err := w.o.Get(ctx, w.o.Self(), "management_review", w.id(name).String())
	if err != nil {
		w.Fatal(err)
	}
	var inputs []fields
	for _, in := range res.Record.(*review.Review).Inputs {
		inputs = append(inputs, fields{"id": in.ID.String(), "text": "seen and discussed"})
	}
	w.by(olga, w.command(name, "update", "", fields{"inputs": inputs}))
	w.step(olga, name, "hold", nil)
	w.by(olga, w.command(name, "update", "", fields{"decisions": []fields{{"kind": "improvement", "text": "none is needed", "none": true},
		{"kind": "change", "text": "a second line", "who": w.ids["olga"].Ref(), "due": "2027-01-01"}}}))
	w.step(boss, name, "approve", fields{"suitability": "yes", "adequacy": "yes", "effective": "yes", "minutes": "we met"})
}

var evaluationMutations = func() map[string][]mutation {
	ended := func(name string) mutation {
		return mutation{name + " is retired", func(w *world) { w.step(w.user("olga"), name, "retire", nil) }, func(w *world) { w.step(w.user("olga"), name, "reactivate", nil) }}
	}
	moved := func(name string) mutation {
		return mutation{"another audit is not begun in time", func(w *world) {
			w.makeBy(w.user("audrey"), name, "audit", fields{"title": name, "criteria": "x", "scope": "x", "clauses": "9", "owner": w.ids["audrey"].Ref(), "planned_for": string(record.Day(w.now)), "auditors": []fields{{"user": w.ids["audrey"].Ref(), "competence": "course"}}})
			w.pass(49 * time.Hour)
		}, func(w *world) { w.step(w.user("audrey"), name, "cancel", nil) }}
	}
	out := map[string][]mutation{
		"4.4-01": {ended("process incident")},
		"4.4-02": {{"one says it gives something to another that takes nothing", func(w *world) {
			w.sleep(24 * time.Hour)
			w.by(w.user("olga"), w.command("process risk", "version", "", fields{"outputs": []fields{{"what": "actions", "other": "improvement"}}}))
			w.approve("process risk", w.newest("process risk"), w.user("olga"), w.user("boss"), nil)
		}, func(w *world) {
			w.sleep(24 * time.Hour)
			w.by(w.user("olga"), w.command("process risk", "version", "", fields{"outputs": []fields{{"what": "actions", "other": "outside"}}}))
			w.approve("process risk", w.newest("process risk"), w.user("olga"), w.user("boss"), nil)
		}}},
		"9.1-01": {ended("metric of incident"), gone("plan of measurement")},
		"9.1-02": {{"a metric's method is emptied by an import", func(w *world) { w.importing("lateness", fields{"method": nil}) }, func(w *world) { w.importing("lateness", fields{"method": "compared"}) }}},
		"9.1-03": {{"nothing is read while Steward is off", func(w *world) { w.sleep(70 * 24 * time.Hour) }, func(w *world) { w.pass(0); w.pass(32 * 24 * time.Hour); w.evaluate("lateness") }}},
		"9.1-04": {{"nobody evaluates for a quarter", func(w *world) { w.pass(100 * 24 * time.Hour) }, func(w *world) { w.evaluate("lateness") }}},
		"9.1-05": {{"a reading loses its source by an import", func(w *world) { w.importing(w.reading(), fields{"source": nil}) }, func(w *world) { w.importing("a reading", fields{"source": "counted"}) }}},
		"9.1-06": {{"a year passes without a review", func(w *world) { w.pass(380 * 24 * time.Hour) }, func(w *world) { w.reviewed("next"); w.evaluate("lateness") }}},
		"9.1-07": {{"a year passes without an evaluation", func(w *world) { w.pass(380 * 24 * time.Hour) }, func(w *world) { w.evaluate("lateness") }}},
		"9.2-01": {moved("forgotten")},
		"9.2-02": {{"own documents were no criteria", func(w *world) { w.update("audit", fields{"own_rules": false}) }, func(w *world) { w.update("audit", fields{"own_rules": true}) }}},
		"9.2-03": {{"a clause was not covered", func(w *world) { w.update("audit", fields{"clauses": "4 5 6 7 8 9"}) }, func(w *world) { w.update("audit", fields{"clauses": "4 5 6 7 8 9 10"}) }}},
		"9.2-04": {{"the conclusion is emptied", func(w *world) { w.update("audit", fields{"effective": nil}) }, func(w *world) { w.update("audit", fields{"effective": "effective"}) }}},
		"9.2-05": {{"the programme ends", func(w *world) { w.step(w.user("olga"), "programme", "end", nil) }, func(w *world) { w.step(w.user("olga"), "programme", "reactivate", nil) }}},
		"9.2-06": {{"the programme ends", func(w *world) { w.step(w.user("olga"), "programme", "end", nil) }, func(w *world) { w.step(w.user("olga"), "programme", "reactivate", nil) }}},
		"9.2-07": {emptied("audit", "scope", "the whole SMS")},
		"9.2-08": {{"the auditor comes to run what was audited", func(w *world) { w.update("process incident", fields{"assignee": w.ids["audrey"].Ref()}) }, func(w *world) { w.update("process incident", fields{"assignee": nil}) }}},
		"9.2-09": {{"an audit is not reported in a month", func(w *world) {
			a := w.user("audrey")
			w.makeBy(a, "unreported", "audit", fields{"title": "Unreported", "owner": w.ids["audrey"].Ref(), "criteria": "x", "scope": "x", "clauses": "9", "methods": "x", "planned_for": string(record.Day(w.now.AddDate(0, 0, 1))), "auditors": []fields{{"user": w.ids["audrey"].Ref(), "competence": "course"}}})
			w.step(a, "unreported", "prepare", nil)
			w.step(a, "unreported", "start", nil)
			w.pass(31 * 24 * time.Hour)
		}, func(w *world) {
			w.step(w.user("audrey"), "unreported", "report", fields{"conclusion": "x", "effective": "effective", "report": "x", "reported_to": "owners"})
		}}},
		"9.2-10": {emptied("audit", "methods", "interviews")},
		"9.3-01": {{"a year passes without a review", func(w *world) { w.pass(380 * 24 * time.Hour) }, func(w *world) { w.reviewed("later"); w.evaluate("lateness") }}},
		"9.3-16": {{"the decision is taken away", func(w *world) {
			w.update(w.latestReview(), fields{"decisions": []fields{{"kind": "change", "text": "none", "none": true}}})
		},
			func(w *world) { w.update(w.latestReview(), fields{"decisions": decisionsNone}) }}},
		"9.3-17": {{"the decision is taken away", func(w *world) {
			w.update(w.latestReview(), fields{"decisions": []fields{{"kind": "improvement", "text": "none", "none": true}}})
		},
			func(w *world) { w.update(w.latestReview(), fields{"decisions": decisionsNone}) }}},
		"9.3-18": {{"minutes are not approved in a month", func(w *world) {
			olga := w.user("olga")
			w.makeBy(olga, "unapproved", "management_review", fields{"title": "Unapproved", "period_from": "2026-03-01", "period_to": "2026-04-01", "planned_for": string(record.Day(w.now)), "attendees": []fields{{"user": w.ids["boss"].Ref()}}})
			w.step(olga, "unapproved", "prepare", nil)
			w.step(olga, "unapproved", "hold", nil)
			w.pass(31 * 24 * time.Hour)
		}, func(w *world) { w.finished("unapproved") }}},
		"9.4-01": {ended("report on cost")},
		"9.4-02": {{"one is not issued for three years", func(w *world) { w.sleep(3 * 366 * 24 * time.Hour) }, func(w *world) {
			for _, topic := range append(reportTopics, "") {
				if topic == "" {
					w.step(w.user("olga"), "strict", "retire", nil)
					continue
				}
				w.step(w.user("olga"), "report on "+topic, "issue", nil)
			}
			w.pass(32 * 24 * time.Hour) // what else has become old is put right too
			w.evaluate("lateness")
			w.reviewed("after years")
		}}},
		"9.4-03": {{"a figure loses its comparison by an import", func(w *world) { w.compared(nil) }, func(w *world) { w.compared(0) }}},
	}
	out["9.4-04"] = []mutation{{"a missed target waits for a decision", func(w *world) {
		w.step(w.user("olga"), "strict", "reactivate", nil)
		w.issue("strict", "second issue")
		w.pass(31 * 24 * time.Hour)
	}, func(w *world) {
		for _, r := range w.all("report", `missed > 0 and state = "issued"`) {
			res, err := w.o.Get(ctx, w.o.Self(), "report", r.Head().ID.String())
			if err != nil {
				w.Fatal(err)
			}
			w.ids["one"] = res
			w.step(w.user("olga"), "one", "decide", fields{"decision": "we mend it"})
		}
	}}}
	out["9.4-05"] = []mutation{{"nobody is told of a decision", func(w *world) { w.pass(31 * 24 * time.Hour) }, func(w *world) {
		for _, r := range w.all("report", `state = "decided" and told_at is blank`) {
			res, err := w.o.Get(ctx, w.o.Self(), "report", r.Head().ID.String())
			if err != nil {
				w.Fatal(err)
			}
			w.ids["one"] = res
			w.step(w.user("olga"), "one", "tell", fields{"told_to": "the board"})
		}
	}}}
	for _, x := range review.Inputs {
		if x.Requirement == "9.3-02" { // the first one shows it for all: an import that lost an input
			out[x.Requirement] = []mutation{{"the input is lost by an import", func(w *world) { w.withoutInput("later", x.Kind) }, func(w *world) { w.reviewed("again") }}}
			continue
		}
		out[x.Requirement] = []mutation{{"the input is lost by an import", func(w *world) { w.withoutInput(w.latestReview(), x.Kind) }, func(w *world) { w.reviewed("after " + x.Kind) }}}
	}
	return out
}()

var decisionsNone = []fields{{"kind": "improvement", "text": "none", "none": true}, {"kind": "change", "text": "none", "none": true}}

// importing is a change as an import of what another tool kept may bring it: it says what was.
func (w *world) importing(name string, set fields) {
	w.Helper()
	c := w.command(name, "update", "", set)
	c.Replay = true
	w.by(w.o.Self(), c)
}

// reading remembers a reading that was counted.
func (w *world) reading() string {
	w.Helper()
	all := w.all("reading", "")
	res, err := w.o.Get(ctx, w.o.Self(), "reading", all[0].Head().ID.String())
	if err != nil {
		w.Fatal(err)
	}
	w.ids["a reading"] = res
	return "a reading"
}

// finished fills and approves a review that was held.
func (w *world) finished(name string) {
	w.Helper()
	res, err := w.o.Get(ctx, w.o.Self(), "management_review", w.id(name).String())
	if err != nil {
		w.Fatal(err)
	}
	var inputs []fields
	for _, in := range res.Record.(*review.Review).Inputs {
		inputs = append(inputs, fields{"id": in.ID.String(), "text": "seen"})
	}
	w.by(w.user("olga"), w.command(name, "update", "", fields{"inputs": inputs, "decisions": decisionsNone}))
	w.step(w.user("boss"), name, "approve", fields{"suitability": "yes", "adequacy": "yes", "effective": "yes", "minutes": "we met"})
}

// latestReview remembers the newest review with approved minutes.
func (w *world) latestReview() string {
	w.Helper()
	all := w.all("management_review", "approved_at is not blank")
	newest := all[0].(*review.Review)
	for _, r := range all {
		if x := r.(*review.Review); x.HeldAt > newest.HeldAt {
			newest = x
		}
	}
	res, err := w.o.Get(ctx, w.o.Self(), "management_review", newest.ID.String())
	if err != nil {
		w.Fatal(err)
	}
	w.ids["the latest"] = res
	return "the latest"
}

// withoutInput takes an input of a review away, as an import may.
func (w *world) withoutInput(name, kind string) {
	w.Helper()
	res, err := w.o.Get(ctx, w.o.Self(), "management_review", w.id(name).String())
	if err != nil {
		w.Fatal(err)
	}
	var kept []fields
	for _, in := range res.Record.(*review.Review).Inputs {
		if string(in.Kind) != kind {
			kept = append(kept, fields{"id": in.ID.String()})
		}
	}
	w.importing(name, fields{"inputs": kept})
}

// compared sets what a figure of a report is compared with.
func (w *world) compared(with any) {
	w.Helper()
	w.importing("issue of strict", fields{"values": []fields{{"id": w.line("issue of strict", "values"), "before": with}}})
}
