package conformity_test

import (
	"time"

	"steward/kernel/access"
	"steward/sms/resolution/incident"
)

// desk builds a service desk whose evidence conforms: people, a policy somebody approved, promises,
// an ordinary incident, a late one that was escalated, and a major one.
func desk(w *world) {
	w.Helper()
	w.user("ann", access.Agent)
	boss, ben := w.user("boss", access.Management), w.user("ben", access.ProcessOwner)
	pol, err := w.o.Reader().All(ctx, "incident_policy")
	if err != nil || len(pol) != 1 {
		w.Fatal(len(pol), err)
	}
	got, err := w.o.Get(ctx, w.o.Self(), "incident_policy", pol[0].Head().ID.String())
	if err != nil {
		w.Fatal(err)
	}
	w.ids["policy"] = got
	std := incident.Standard()
	delete(std, "effective_from")
	delete(std, "title")
	w.by(ben, w.command("policy", "version", "", fields(std)))
	w.approve("policy", 2, ben, boss, nil)

	w.make("acme", "customer", fields{"title": "Acme"})
	w.make("mail", "service", fields{"title": "E-mail"})
	var hours []fields
	for d := 1; d <= 7; d++ {
		hours = append(hours, fields{"weekday": d, "from": "00:00", "to": "24:00"})
	}
	w.make("always", "calendar", fields{"title": "Always", "zone": "UTC", "effective_from": "2000-01-01", "hours": hours})
	w.approve("always", 1, w.o.Self(), w.o.Self(), nil)
	var targets []fields
	for p := 1; p <= 4; p++ {
		targets = append(targets, fields{"kind": "response", "priority": p, "duration": "PT1H"}, fields{"kind": "resolution", "priority": p, "duration": "PT4H"})
	}
	w.make("gold", "agreement", fields{"title": "Gold", "customer": w.ids["acme"].Ref(), "calendar": w.ids["always"].Ref(), "effective_from": "2000-01-01", "targets": targets})
	w.approve("gold", 1, w.o.Self(), w.o.Self(), nil)
	if w.o.Registry.Process("document") != nil {
		procedure(w)
	}

	w.incident("plain", 3)
	w.solve("plain")
	w.confirm("plain")

	w.incident("late", 3)
	w.pass(5 * time.Hour) // both targets are missed, and escalated by the timers
	w.comment(w.user("ann"), "late", "sorry")
	w.solve("late")
	w.confirm("late")

	w.major("big")
}

func (w *world) incident(name string, urgency int) {
	w.Helper()
	w.makeBy(w.user("ann"), name, "incident", fields{"title": name, "description": "it is slow", "category": "network", "impact": urgency, "urgency": urgency,
		"customer": w.ids["acme"].Ref(), "service": w.ids["mail"].Ref(), "channel": "phone"})
}

func (w *world) solve(name string) {
	w.Helper()
	ann := w.user("ann")
	w.step(ann, name, "start", nil)
	w.comment(ann, name, "we look into it")
	w.step(ann, name, "resolve", fields{"resolution": "restarted", "resolution_code": "fixed"})
}

// confirm closes it in the reporter's name.
func (w *world) confirm(name string) {
	w.Helper()
	w.step(w.user("ann"), name, "close", nil)
}

func (w *world) major(name string) {
	w.Helper()
	w.incident(name, 1)
	set := fields{"major": true, "major_criterion": "critical_service_down", "major_lead": w.ids["ann"].Ref()}
	if w.ids["procedure"] != nil {
		set["major_procedure"] = w.ids["procedure"].Ref()
	}
	w.by(w.user("ann"), w.command(name, "update", "", set))
	w.solve(name)
	w.update(name, fields{"major_report": "a disk was full", "major_review": "we watch disks now", "blanks": fields{"leads_to": fields{"reason": "nothing further to improve"}}})
	w.confirm(name)
}

// procedure is the documented one for major incidents.
func procedure(w *world) {
	w.Helper()
	ben, boss := w.user("ben", access.ProcessOwner), w.user("boss", access.Management)
	w.makeBy(ben, "procedure", "document", fields{"title": "Major incident procedure", "kind": "procedure", "classification": "internal",
		"fulfils": "major_incident_procedure", "owner": w.ids["ben"].Ref(), "summary": "who leads, who is told", "body": "The duty lead is named within thirty minutes.",
		"language": "en", "format": "Markdown", "medium": "electronic", "retention": "P3Y", "retention_rule": "three years after it is withdrawn",
		"distribution": []fields{{"role": access.Agent}}, "change_reason": "first version", "review_interval": "P12M"})
	w.approve("procedure", 1, ben, boss, nil)
}

var incidentMutations = map[string][]mutation{
	"8.6.1-01": {
		{"a category is emptied", func(w *world) { w.update("plain", fields{"category": nil}) }, func(w *world) { w.update("plain", fields{"category": "network"}) }},
		{"a description is emptied", func(w *world) { w.update("plain", fields{"description": nil}) },
			func(w *world) {
				w.update("plain", fields{"blanks": fields{"description": fields{"reason": "the caller hung up"}}})
			}},
	},
	"8.6.1-02": {{"an impact is emptied", func(w *world) { w.update("plain", fields{"impact": nil}) }, func(w *world) { w.update("plain", fields{"impact": 3}) }}},
	"8.6.1-03": {{"targets are missed while nothing fires", func(w *world) { w.incident("slept", 3); w.sleep(2 * time.Hour) },
		func(w *world) { w.pass(0); w.pass(3 * time.Hour); w.solve("slept"); w.confirm("slept") }}},
	"8.6.1-04": {
		{"an incident is open beyond twice its target", func(w *world) { w.incident("stuck", 3); w.pass(9 * time.Hour) }, func(w *world) { w.step(w.user("ann"), "stuck", "escalate", nil) }},
		{"a resolution is emptied", func(w *world) {
			w.solve("stuck")
			w.confirm("stuck")
			w.update("plain", fields{"resolution": nil})
		}, func(w *world) { w.update("plain", fields{"resolution": "restarted"}) }},
	},
	"8.6.1-05": {
		{"it stays resolved for two weeks", func(w *world) { w.incident("open end", 3); w.solve("open end"); w.sleep(14 * 24 * time.Hour) }, func(w *world) { w.pass(0) }},
		{"a colleague closes it at once", func(w *world) {
			w.incident("hasty", 3)
			w.solve("hasty")
			w.step(w.user("ben"), "hasty", "close", nil)
		}, func(w *world) {
			w.step(w.user("ann"), "hasty", "reopen", nil)
			w.step(w.user("ann"), "hasty", "resolve", nil)
			w.confirm("hasty")
		}},
	},
	"8.6.1-06": {
		{"nobody writes for a month", func(w *world) {
			w.incident("quiet", 3)
			w.comment(w.user("ann"), "quiet", "seen")
			w.pass(30 * 24 * time.Hour)
		}, func(w *world) { w.solve("quiet"); w.confirm("quiet") }},
		{"one is resolved without an entry", func(w *world) {
			w.incident("mute", 3)
			w.step(w.user("ann"), "mute", "resolve", fields{"resolution": "?", "resolution_code": "fixed"})
		}, func(w *world) {
			w.step(w.user("ann"), "mute", "reopen", nil)
			w.comment(w.user("ann"), "mute", "it was the cable")
			w.step(w.user("ann"), "mute", "resolve", nil)
			w.confirm("mute")
		}},
	},
	"8.6.1-07": {
		{"nobody judges one of the highest priority", func(w *world) { w.incident("top", 1) }, func(w *world) { w.update("top", fields{"major_decision": "no"}) }},
		{"the policy is retired", func(w *world) { w.step(w.o.Self(), "policy", "retire", nil) }, func(w *world) { w.step(w.o.Self(), "policy", "reactivate", nil) }},
	},
	"8.6.1-08": {{"the criterion is emptied", func(w *world) { w.update("big", fields{"major_criterion": nil}) }, func(w *world) { w.update("big", fields{"major_criterion": "critical_service_down"}) }}},
	"8.6.1-09": {{"nobody holds the role of top management", func(w *world) {
		w.update("boss", fields{"roles": []fields{{"role": access.Approver}}})
		w.major("unseen")
	}, func(w *world) {
		w.update("boss", fields{"roles": []fields{{"role": access.Management, "from": "2026-01-01"}}})
		w.update("unseen", fields{"major": false})
	}}},
	"8.6.1-10": {{"the lead is taken away", func(w *world) { w.update("big", fields{"major_lead": nil}) }, func(w *world) { w.update("big", fields{"major_lead": w.ids["ann"].Ref()}) }}},
	"8.6.1-11": {
		{"the answer about improvements is taken away", func(w *world) { w.update("big", fields{"blanks": fields{"leads_to": nil}}) },
			func(w *world) {
				w.update("big", fields{"blanks": fields{"leads_to": fields{"reason": "nothing further"}}})
			}},
		{"the report is emptied", func(w *world) {
			w.update("big", fields{"major_report": nil})
			w.pass(21 * 24 * time.Hour)
		}, func(w *world) { w.update("big", fields{"major_report": "a disk was full"}) }},
	},
}
