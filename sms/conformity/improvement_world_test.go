package conformity_test

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// workshop is a nonconformity that went its whole way and an improvement that did, with the criteria
// that judged it.
func workshop(w *world) {
	w.Helper()
	w.user("olga", access.ProcessOwner)
	w.user("boss", access.Management)
	w.user("ann", access.Agent)
	w.lapse("lapse", "minor")
	w.makeBy(w.user("olga"), "judging", "improvement_criteria", fields{"title": "How improvements are judged", "items": []fields{
		{"criterion": "fit with the objectives", "weight": 60, "objectives": true}, {"criterion": "effort", "weight": 40}}})
	w.approve("judging", 1, w.user("olga"), w.user("boss"), nil)
	w.better("faster")
}

// lapse raises a nonconformity and takes it to its end.
func (w *world) lapse(name, severity string) {
	w.Helper()
	ann, olga := w.user("ann"), w.user("olga")
	w.makeBy(ann, name, "nonconformity", fields{"title": "Backups were not checked", "description": "no check in March", "source": "audit", "requirement": "8.7.2-13",
		"evidence": "the log of checks ends in February", "owner": w.ids["olga"].Ref(), "severity": severity, "severity_why": "one case, no loss"})
	w.step(ann, name, "contain", fields{"correction": "checked at once", "consequences": "none: all were good"})
	w.step(ann, name, "find_cause", fields{"cause": "the duty had no deputy", "similar_cases": "looked at the other duties: none", "severity": severity,
		"action_needed": "yes", "action_why": "it would happen again", "adapt_sms": "no"})
	w.makeBy(ann, name+" action", "task", fields{"title": "Name a deputy", "kind": "corrective_action", "parent": w.ids[name].Ref(), "assignee": w.ids["ann"].Ref(),
		"due": record.At(w.now.Add(10 * 24 * time.Hour)).String(), "mandatory": true})
	w.step(ann, name, "plan", nil)
	w.by(ann, w.command(name+" action", "update", "", fields{"evidence": "Kim is the deputy"}))
	w.step(ann, name+" action", "complete", fields{"outcome": "done"})
	w.step(ann, name, "implement", nil)
	w.by(olga, w.command(name, "update", "", fields{"judgements": []fields{{"task": w.ids[name+" action"].Ref(), "result": "effective", "finding": "no gap since"}}}))
	w.step(olga, name, "judge", nil)
	w.step(olga, name, "close", nil)
}

// better proposes an improvement and takes it to its end.
func (w *world) better(name string) {
	w.Helper()
	ann := w.user("ann")
	w.makeBy(ann, name, "improvement", fields{"title": "Answer faster", "description": "route by category", "source": "measurement", "benefit": "half an hour less", "owner": w.ids["ann"].Ref(),
		"points":  []fields{{"criterion": "fit with the objectives", "points": 8}, {"criterion": "effort", "points": 5}},
		"targets": []fields{{"kind": "quality", "metric": "minutes to the first answer", "goal": "30", "better": "lower"}},
		"blanks":  fields{"serves": fields{"reason": "no objectives yet"}}})
	w.step(ann, name, "evaluate", nil)
	w.step(w.user("boss"), name, "approve", fields{"priority": 2, "due": string(record.Day(w.now.AddDate(0, 0, 30))), "plan": "two weeks of work", "adapt_sms": "no"})
	w.step(ann, name, "implement", fields{"result": "routes are set"})
	w.by(ann, w.command(name, "update", "", fields{"targets": []fields{{"id": w.line(name, "targets"), "measured": "20"}}}))
	w.step(ann, name, "measure", nil)
	w.step(ann, name, "report", fields{"reported_in": "newsletter of March"})
	w.step(w.user("olga"), name, "close", nil)
}

// line is the id of the first line of a kind.
func (w *world) line(name, kind string) string {
	w.Helper()
	res, err := w.o.Get(ctx, w.o.Self(), w.ids[name].Process.Name, w.ids[name].Record.Head().ID.String())
	if err != nil {
		w.Fatal(err)
	}
	l := res.Process.Shape.Line(kind)
	return l.Head(l.Each(record.BaseOf(res.Record), 0)).ID.String()
}

// emptied and filled are a field that loses its value and gets it back.
func emptied(name, field string, value any) mutation {
	return mutation{field + " is emptied", func(w *world) { w.update(name, fields{field: nil}) }, func(w *world) { w.update(name, fields{field: value}) }}
}

var improvementMutations = map[string][]mutation{
	"10.1-01": {emptied("lapse", "consequences", "none"), {"one is not put right for a month", func(w *world) {
		w.makeBy(w.user("ann"), "open", "nonconformity", fields{"title": "Another", "description": "x", "source": "observation", "requirement": "8.6.1", "evidence": "seen", "owner": w.ids["olga"].Ref()})
		w.pass(31 * 24 * time.Hour)
	}, func(w *world) { w.step(w.user("boss"), "open", "reject", fields{"reject_reason": "it was none"}) }}},
	"10.1-02": {emptied("lapse", "cause", "no deputy"), emptied("lapse", "similar_cases", "none")},
	"10.1-03": {{"an action runs past its day", func(w *world) {
		w.makeBy(w.user("ann"), "more", "task", fields{"title": "More", "kind": "corrective_action", "parent": w.ids["lapse"].Ref(), "assignee": w.ids["ann"].Ref(), "due": record.At(w.now.Add(time.Hour)).String()})
		w.pass(2 * time.Hour)
	}, func(w *world) { w.step(w.user("ann"), "more", "cancel", nil) }}},
	"10.1-04": {{"an action's effect is not judged for three months", func(w *world) {
		w.makeBy(w.user("ann"), "unjudged", "task", fields{"title": "Unjudged", "kind": "corrective_action", "parent": w.ids["lapse"].Ref(), "assignee": w.ids["ann"].Ref(), "due": record.At(w.now.Add(time.Hour)).String(), "evidence": "done"})
		w.step(w.user("ann"), "unjudged", "complete", fields{"outcome": "done"})
		w.pass(91 * 24 * time.Hour)
	}, func(w *world) {
		w.step(w.user("ann"), "unjudged", "reopen", nil)
		w.step(w.user("ann"), "unjudged", "cancel", nil)
	}}},
	"10.1-05": {emptied("lapse", "adapt_sms", "no"), {"a change of the SMS is needed and none is linked", func(w *world) { w.update("lapse", fields{"adapt_sms": "yes"}) },
		func(w *world) {
			w.by(w.user("olga"), w.command("lapse", "link", "changes_sms", fields{"to": w.ids["judging"].Record.Head().ID.String()}))
		}}},
	"10.1-06": {emptied("lapse", "severity_why", "one case"), emptied("lapse", "severity", "minor")},
	"10.1-07": {emptied("lapse", "evidence", "the log")},
	"10.1-08": {{"an action's result is emptied", func(w *world) { w.update("lapse action", fields{"evidence": nil}) }, func(w *world) { w.update("lapse action", fields{"evidence": "Kim is the deputy"}) }}},

	"10.2-01": {{"nothing is carried out for a year", func(w *world) { w.pass(370 * 24 * time.Hour) }, func(w *world) { w.better("lately") }}},
	"10.2-02": {{"the criteria are given up", func(w *world) { w.ends("judging") }, func(w *world) { w.renew("judging") }}},
	"10.2-03": {{"the reason is taken back", func(w *world) { w.update("faster", fields{"blanks": fields{"serves": nil}}) },
		func(w *world) {
			w.update("faster", fields{"blanks": fields{"serves": fields{"reason": "no objectives yet"}}})
		}}},
	"10.2-04": {emptied("faster", "owner", "ann")},
	"10.2-05": {{"an improvement is approved without a target", func(w *world) { w.hasty("hasty") }, func(w *world) {
		w.step(w.user("boss"), "hasty", "reject", fields{"decision_reason": "not thought through"})
	}}},
	"10.2-06": {emptied("faster", "plan", "two weeks"), {"one is overdue", func(w *world) {
		w.approved("slow")
		w.pass(31 * 24 * time.Hour)
	}, func(w *world) {
		w.step(w.user("ann"), "slow", "delay", fields{"delay_reason": "holidays", "due": string(record.Day(w.now.AddDate(0, 0, 30)))})
	}}},
	"10.2-07": {emptied("faster", "adapt_sms", "no")},
	"10.2-08": {{"one is not measured for three months", func(w *world) {
		w.approved("unmeasured")
		w.step(w.user("ann"), "unmeasured", "implement", fields{"result": "done"})
		w.pass(91 * 24 * time.Hour)
	}, func(w *world) {
		w.by(w.user("ann"), w.command("unmeasured", "update", "", fields{"targets": []fields{{"id": w.line("unmeasured", "targets"), "measured": "20"}}}))
		w.step(w.user("ann"), "unmeasured", "measure", nil)
	}}},
	"10.2-09": {{"nobody is told of one", func(w *world) {
		w.approved("silent")
		w.step(w.user("ann"), "silent", "implement", fields{"result": "done"})
		w.step(w.user("ann"), "unmeasured", "report", fields{"reported_in": "mail"})
		w.pass(100 * 24 * time.Hour)
	}, func(w *world) { w.step(w.user("ann"), "silent", "report", fields{"reported_in": "mail"}) }}},
}

// approved proposes an improvement that is decided on and not begun.
func (w *world) approved(name string) {
	w.Helper()
	ann := w.user("ann")
	w.makeBy(ann, name, "improvement", fields{"title": name, "description": "x", "source": "staff", "benefit": "less work", "owner": w.ids["ann"].Ref(),
		"points":  []fields{{"criterion": "fit with the objectives", "points": 8}, {"criterion": "effort", "points": 5}},
		"targets": []fields{{"kind": "quality", "metric": "minutes", "goal": "30", "better": "lower"}}, "blanks": fields{"serves": fields{"reason": "none"}}})
	w.step(ann, name, "evaluate", nil)
	w.step(w.user("boss"), name, "approve", fields{"priority": 2, "due": string(record.Day(w.now.AddDate(0, 0, 30))), "plan": "some days", "adapt_sms": "no"})
}

// hasty is an improvement as an import from another tool may bring it: approved, without a target.
func (w *world) hasty(name string) {
	w.Helper()
	w.approved(name)
	w.by(w.o.Self(), lifecycle.Command{Process: "improvement", Record: w.ids[name].Record.Head().ID, Verb: "update", Replay: true, Set: raw(fields{"targets": []fields{}})})
}

// ends is a version that has its last day, and whose last day has passed.
func (w *world) ends(name string) {
	w.Helper()
	w.sleep(24 * time.Hour)
	w.by(w.user("olga"), w.command(name, "version", "", fields{"effective_to": record.Day(w.now.AddDate(0, 0, 3))}))
	w.approve(name, w.newest(name), w.user("olga"), w.user("boss"), nil)
	w.sleep(4 * 24 * time.Hour)
}

// renew approves a further version of criteria.
func (w *world) renew(name string) {
	w.Helper()
	w.by(w.user("olga"), w.command(name, "version", "", nil))
	w.approve(name, w.newest(name), w.user("olga"), w.user("boss"), nil)
}

func (w *world) newest(name string) int {
	w.Helper()
	_, all, err := w.o.Versions(ctx, w.o.Self(), w.ids[name].Process.Name, w.ids[name].Record.Head().ID.String())
	if err != nil {
		w.Fatal(err)
	}
	return int(all[len(all)-1].Version.Number)
}
