package conformity_test

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
)

// office is a provider that plans (6.2, 6.3) and supports its people (7.1 to 7.4, 7.6) as it should.
func office(w *world) {
	w.Helper()
	olga, boss := w.user("olga", access.ProcessOwner), w.user("boss", access.Management)
	ann := w.user("ann", access.Agent)
	w.make("mail", "service", fields{"title": "E-mail", "owner": "olga"})
	w.step(w.o.Self(), "mail", "go_live", nil)
	for _, item := range []string{"measurement_plan", "communication_plan"} {
		w.makeBy(olga, item, "document", fields{"title": item, "kind": "plan", "classification": "internal", "fulfils": item, "owner": w.ids["olga"].Ref(),
			"summary": "what", "body": "how", "language": "en", "format": "Markdown", "medium": "electronic", "retention": "P3Y", "retention_rule": "three years",
			"distribution": []fields{{"role": access.Agent}}, "change_reason": "first version", "review_interval": "P12M"})
		w.approve(item, 1, olga, boss, nil)
	}
	w.makeBy(olga, "speed", "metric", fields{"title": "Minutes to the answer", "of": "objective", "formula": "median", "source": "entered", "method": "compared", "frequency": "P1M", "evaluate_every": "P3M", "owner": w.ids["olga"].Ref()})
	for _, level := range []string{"sms", "services"} {
		name := "objective of " + level
		w.makeBy(olga, name, "objective", fields{"title": "Answer faster: " + level, "description": "x", "level": level, "metric": w.ids["speed"].Ref(), "target": "30", "unit": "min", "better": "lower",
			"due": "2040-01-01", "resources": "two days", "method": "median of the month", "owner": w.ids["olga"].Ref(), "audience": "everybody",
			"blanks": fields{"serves_policy": fields{"reason": "kept elsewhere"}, "takes_account_of": fields{"reason": "none apply"}}})
		w.step(boss, name, "approve", nil)
		w.makeBy(ann, "work for "+level, "task", fields{"title": "Route", "kind": "objective_action", "parent": w.ids[name].Ref(), "assignee": w.ids["ann"].Ref(), "due": "2039-01-01T00:00:00Z"})
		w.step(boss, name, "tell", nil)
	}
	w.read("speed")

	w.makeBy(olga, "plan", "sms_plan", fields{"title": "Service management plan", "services": "see the list", "limits": "one site", "obligations": "data protection", "authorities": "see roles", "people": "ten",
		"technical_means": "two halls", "information": "this system", "money": "budget", "other_parties": "none", "technology": "Steward", "effectiveness": "see metrics", "progress": []fields{{"text": "begun"}},
		"blanks": fields{"takes_account_of": fields{"reason": "stated in the text"}}})
	w.approve("plan", 1, olga, boss, nil)
	w.makeBy(olga, "programme", "audit_programme", fields{"title": "Audits", "cycle_from": "2026-01-01", "cycle_to": "2029-01-01", "frequency": "P12M"})
	w.approve("programme", 1, olga, boss, nil)
	w.makeBy(olga, "judging", "improvement_criteria", fields{"title": "Criteria", "items": []fields{{"criterion": "fit", "weight": 1, "objectives": true}}})
	w.approve("judging", 1, olga, boss, nil)
	w.makeBy(olga, "monthly", "report_definition", fields{"title": "Monthly", "purpose": "x", "audience": "x", "topic": "other", "source": "x", "frequency": "P99Y", "owner": w.ids["olga"].Ref()})

	for _, kind := range []string{"people", "technical", "information", "money"} {
		w.makeBy(olga, kind, "resource", fields{"title": kind, "kind": kind, "needed_by": "sms", "unit": "pieces", "needed": "2", "provided": "2"})
	}
	w.makeBy(olga, "agents", "resource", fields{"title": "Agents", "kind": "people", "needed_by": "service", "service": w.ids["mail"].Ref(), "unit": "people", "needed": "2", "provided": "2"})

	for name, role := range map[string]string{"olga": access.ProcessOwner, "boss": access.Management, "ann": access.Agent} {
		w.makeBy(olga, "needs of "+role, "competence", fields{"title": "Knows ISO 20000", "role": role, "level": 2})
		w.assessed(name, role, 3)
	}
	for _, topic := range []string{"policy", "objectives", "services", "contribution", "nonconformity"} {
		w.makeBy(olga, "module "+topic, "awareness", fields{"title": topic, "topic": topic, "text": "know it"})
		w.published("module " + topic)
	}
	w.makeBy(olga, "line", "communication", fields{"title": "Monthly letter", "internal": true, "frequency": "P1M", "audience": "everybody", "channel": "mail", "owner": w.ids["olga"].Ref()})
	w.step(olga, "line", "send", fields{"what": "letter of March"})
	w.makeBy(olga, "article", "knowledge_article", fields{"title": "Mail does not arrive", "audience": "agents", "service": w.ids["mail"].Ref(), "body": "look into the queue"})
	w.approve("article", 1, olga, boss, nil)
}

func (w *world) read(metric string) {
	w.Helper()
	w.makeBy(w.user("olga"), "reading of "+metric, "reading", fields{"title": "reading", "metric": w.ids[metric].Ref(), "value": "20", "source": "the board",
		"period_from": record.At(w.now.Add(-48 * time.Hour)).String(), "period_to": record.At(w.now).String()})
}

// assessed is an assessment of somebody for a role's need.
func (w *world) assessed(person, role string, level int) {
	w.Helper()
	who := w.user("boss")
	if person == "boss" {
		who = w.user("olga")
	}
	name := "assessment of " + person
	w.makeBy(who, name, "competence_assessment", fields{"title": person, "person": w.ids[person].Ref(), "competence": w.ids["needs of "+role].Ref()})
	w.step(who, name, "assess", fields{"level": level, "evidence": "course of 2025"})
}

// published publishes a module, and everybody confirms.
func (w *world) published(name string) {
	w.Helper()
	w.step(w.user("olga"), name, "publish", nil)
	w.confirmed(name)
}

func (w *world) confirmed(name string) {
	w.Helper()
	for _, r := range w.all("awareness_confirmation", `module = "`+w.id(name).String()+`" and state = "asked"`) {
		res, err := w.o.Get(ctx, w.o.Self(), "awareness_confirmation", r.Head().ID.String())
		if err != nil {
			w.Fatal(err)
		}
		w.ids["asked"] = res
		who, err := w.o.Principal(ctx, r.Head().Assignee)
		if err != nil {
			w.Fatal(err)
		}
		w.step(who, "asked", "confirm", nil)
	}
}

// refreshed does what is due once a year.
func (w *world) refreshed() {
	w.Helper()
	olga, boss := w.user("olga"), w.user("boss")
	w.step(boss, "objective of sms", "review", nil)
	w.step(boss, "objective of services", "review", nil)
	w.read("speed")
	w.step(olga, "plan", "review", nil)
	w.by(olga, w.command("plan", "update", "", fields{"progress": []fields{{"id": w.line("plan", "progress")}, {"text": "went on"}}}))
	for _, name := range []string{"people", "technical", "information", "money", "agents"} {
		w.step(olga, name, "review", nil)
	}
	for _, r := range w.all("competence_assessment", "") {
		if r.Head().State == "void" {
			continue
		}
		res, err := w.o.Get(ctx, w.o.Self(), "competence_assessment", r.Head().ID.String())
		if err != nil {
			w.Fatal(err)
		}
		w.ids["old"] = res
		w.step(olga, "old", "drop", nil)
	}
	for name, role := range map[string]string{"olga": access.ProcessOwner, "boss": access.Management, "ann": access.Agent} {
		w.assessed(name, role, 3)
	}
	w.published("module contribution")
	w.published("module nonconformity")
	w.step(olga, "line", "send", fields{"what": "a letter"})
	w.step(olga, "article", "review", nil)
}

var planningMutations = func() map[string][]mutation {
	lost := func(name, field string, value any) mutation { // what was approved is changed only as an import says it was
		return mutation{field + " is lost by an import", func(w *world) { w.importing(name, fields{field: nil}) }, func(w *world) { w.importing(name, fields{field: value}) }}
	}
	unsaid := func(name, kind string) mutation {
		return mutation{"the reason why there is none is taken back", func(w *world) { w.update(name, fields{"blanks": fields{kind: nil}}) }, func(w *world) { w.update(name, fields{"blanks": fields{kind: fields{"reason": "none"}}}) }}
	}
	again := func(topic string) mutation {
		return mutation{"a new edition is confirmed by nobody", func(w *world) { w.step(w.user("olga"), "module "+topic, "publish", nil); w.pass(91 * 24 * time.Hour) }, func(w *world) { w.confirmed("module " + topic) }}
	}
	retired := func(name string) mutation {
		return mutation{name + " is retired", func(w *world) { w.step(w.user("olga"), name, "retire", nil) }, func(w *world) { w.step(w.user("olga"), name, "reactivate", nil) }}
	}
	obj := "objective of sms"
	return map[string][]mutation{
		"6.2.1-01": {{"one is dropped", func(w *world) { w.step(w.user("boss"), obj, "drop", nil) }, func(w *world) {
			w.step(w.user("boss"), obj, "renew", nil)
			w.step(w.user("boss"), obj, "approve", nil)
			w.step(w.user("boss"), obj, "tell", nil)
		}}},
		"6.2.1-02": {unsaid(obj, "serves_policy")},
		"6.2.1-03": {lost(obj, "unit", "min")},
		"6.2.1-04": {unsaid(obj, "takes_account_of")},
		"6.2.1-05": {{"nothing is read for two months", func(w *world) { w.pass(62 * 24 * time.Hour) }, func(w *world) { w.read("speed") }}},
		"6.2.1-06": {{"nobody is told of a further one", func(w *world) {
			w.makeBy(w.user("olga"), "quiet", "objective", fields{"title": "Quiet", "description": "x", "level": "team", "metric": w.ids["speed"].Ref(), "target": "30", "unit": "min", "better": "lower", "due": "2040-01-01", "resources": "x", "method": "x",
				"owner": w.ids["olga"].Ref(), "blanks": fields{"serves_policy": fields{"reason": "x"}, "takes_account_of": fields{"reason": "x"}}})
			w.step(w.user("boss"), "quiet", "approve", nil)
			w.pass(31 * 24 * time.Hour)
		}, func(w *world) { w.step(w.user("boss"), "quiet", "drop", nil) }}},
		"6.2.1-07": {{"a year passes without a review", func(w *world) { w.pass(370 * 24 * time.Hour) }, func(w *world) {
			w.refreshed()
		}}},
		"6.2.1-08": {emptied(obj, "owner", "olga")},
		"6.2.2-01": {{"its action is cancelled", func(w *world) { w.step(w.user("ann"), "work for sms", "cancel", nil) }, func(w *world) {
			w.makeBy(w.user("ann"), "work for sms", "task", fields{"title": "Route", "kind": "objective_action", "parent": w.ids[obj].Ref(), "assignee": w.ids["ann"].Ref(), "due": "2039-01-01T00:00:00Z"})
		}}},
		"6.2.2-02": {emptied(obj, "resources", "two days")},
		"6.2.2-03": {{"who answers for it leaves", func(w *world) {
			w.make("zoe", "user", fields{"title": "Zoe", "name": "zoe"})
			w.update(obj, fields{"owner": "zoe"})
			w.step(w.o.Self(), "zoe", "disable", nil)
		}, func(w *world) { w.update(obj, fields{"owner": "olga"}) }}},
		"6.2.2-04": {{"an action loses its day", func(w *world) { w.update("work for sms", fields{"due": nil}) }, func(w *world) { w.update("work for sms", fields{"due": "2039-01-01T00:00:00Z"}) }}},
		"6.2.2-05": {emptied(obj, "method", "median")},

		"6.3-01": {{"the plan is retired", func(w *world) { w.step(w.user("olga"), "plan", "retire", nil) }, func(w *world) {
			w.step(w.user("olga"), "plan", "reactivate", nil)
		}}},
		"6.3-02": {unsaid("plan", "takes_account_of")},
		"6.3-03": {retired("plan")}, "6.3-04": {retired("plan")}, "6.3-05": {retired("plan"), {"nobody answers for an obligation", func(w *world) {
			w.makeBy(w.user("olga"), "loose", "obligation", fields{"title": "Keep logs", "kind": "legal", "source": "TKG 172", "requires": "keep them a year"})
		}, func(w *world) { w.update("loose", fields{"owner": "olga"}) }}}, "6.3-06": {retired("plan")}, "6.3-07": {retired("plan")}, "6.3-08": {retired("plan")},
		"6.3-09": {retired("plan")}, "6.3-10": {retired("plan"), retired("monthly")},

		"7.1-01": {{"less is provided than is needed", func(w *world) { w.update("money", fields{"provided": "1"}) }, func(w *world) { w.update("money", fields{"provided": "2"}) }},
			{"one kind is forgotten", func(w *world) { w.step(w.user("olga"), "people", "end", nil) }, func(w *world) { w.step(w.user("olga"), "people", "reactivate", nil) }}},
		"7.1-02": {{"a service's need ends", func(w *world) { w.step(w.user("olga"), "agents", "end", nil) }, func(w *world) { w.step(w.user("olga"), "agents", "reactivate", nil) }}},
		"7.2-01": {retired("needs of agent")},
		"7.2-02": {{"a year passes", func(w *world) { w.pass(370 * 24 * time.Hour) }, func(w *world) {
			w.refreshed()
			w.assessed("ann", access.Agent, 1)
			w.makeBy(w.user("boss"), "course", "task", fields{"title": "Course", "parent": w.ids["assessment of ann"].Ref(), "assignee": w.ids["ann"].Ref(), "due": record.At(w.now.AddDate(0, 1, 0)).String()})
		}}},
		"7.2-03": {{"the action for a gap is not carried out", func(w *world) { w.pass(40 * 24 * time.Hour) }, func(w *world) {
			w.step(w.user("ann"), "course", "complete", fields{"outcome": "done"})
			w.step(w.user("boss"), "assessment of ann", "close", fields{"effect": "effective", "effect_why": "she knows now"})
		}}},
		"7.2-04": {{"what shows it is emptied", func(w *world) { w.update("assessment of boss", fields{"evidence": nil}) }, func(w *world) { w.update("assessment of boss", fields{"evidence": "course"}) }}},
		"7.3-01": {again("policy")}, "7.3-02": {again("objectives")}, "7.3-03": {again("services")},
		"7.3-04": {{"a year passes", func(w *world) { w.pass(370 * 24 * time.Hour) }, func(w *world) { w.refreshed() }}},
		"7.3-05": {{"a year passes", func(w *world) { w.pass(370 * 24 * time.Hour) }, func(w *world) { w.refreshed() }}},
		"7.4-01": {gone("communication_plan")},
		"7.4-02": {{"nothing is sent for two months", func(w *world) { w.pass(62 * 24 * time.Hour) }, func(w *world) { w.step(w.user("olga"), "line", "send", fields{"what": "letter of June"}) }}},
		"7.4-03": {emptied("line", "audience", "everybody")}, "7.4-04": {emptied("line", "channel", "mail")}, "7.4-05": {emptied("line", "owner", "olga")},
		"7.6-01": {{"its article is retired", func(w *world) { w.step(w.user("olga"), "article", "retire", nil) }, func(w *world) { w.step(w.user("olga"), "article", "reactivate", nil) }}},
		"7.6-02": {{"many find an article unhelpful", func(w *world) {
			for range 5 {
				w.step(w.user("ann"), "article", "did_not_help", nil)
			}
		}, func(w *world) { w.step(w.user("ann"), "article", "question", nil) }}, emptied("article", "service", "E-mail")},
	}
}()
