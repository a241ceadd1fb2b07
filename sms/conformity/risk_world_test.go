package conformity_test

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/governance/risk"
)

// register is a provider with risk criteria in force, a risk of each kind that is asked for (treated,
// accepted until a day, within the line) and opportunities, as 6.1 wants them.
func register(w *world) {
	w.Helper()
	olga, boss, ann := w.user("olga", access.ProcessOwner), w.user("boss", access.Management), w.user("ann", access.Agent)
	w.make("mail", "service", fields{"title": "E-mail", "owner": "olga"})
	w.step(w.o.Self(), "mail", "go_live", nil)
	w.makeBy(olga, "way of working", "process", fields{"title": "Incident management", "name": "incident", "owner": w.ids["olga"].Ref(), "purpose": "it has one",
		"inputs": []fields{{"what": "needs", "other": "outside"}}, "outputs": []fields{{"what": "results", "other": "outside"}}})
	w.make("acceptance", "approval_policy", fields{"title": "Acceptance", "process": "risk", "gate": risk.Gate, "stages": []fields{{"who": "role", "role": access.Management, "quorum": "any"}}})
	w.approve("acceptance", 1, w.o.Self(), w.o.Self(), nil)
	w.makeBy(olga, "criteria", "risk_criteria", fields{"title": "Criteria", "approach": "every quarter, by the owners", "acceptance_line": 8,
		"levels": []fields{{"name": "low", "from": 1}, {"name": "high", "from": 9}}, "authorities": []fields{{"role": access.Management, "up_to": 20}}})
	w.approve("criteria", 1, olga, boss, nil)

	w.hazard("expert", "organization", 2, 3, nil)
	w.hazard("results", "sms_outcome", 2, 2, nil)
	w.hazard("party", "other_party", 2, 2, nil)
	w.hazard("outage", "service_requirement", 4, 4, fields{"service": w.ids["mail"].Ref()})
	w.treated("outage", "second hall")
	w.accepted("outage elsewhere", string(record.Day(w.now.AddDate(0, 10, 0))))

	w.makeBy(ann, "self service", "improvement", fields{"title": "Self service", "description": "x", "source": "staff", "benefit": "fewer calls", "owner": w.ids["ann"].Ref()})
	w.chance("fewer calls")
	w.step(boss, "fewer calls", "pursue", fields{"decision_reason": "pays for itself"})
	w.linked("fewer calls", "leads_to", "self service")
	w.action("build it", "fewer calls", "self service")

	w.makeBy(olga, "market", "issue", fields{"title": "Few people to be had", "kind": "external", "topic": "market"})
	w.makeBy(olga, "clients", "interested_party", fields{"title": "Clients", "kind": "customer"})
	w.linked("expert", "arises_from", "market")
	w.linked("fewer calls", "arises_from", "clients")
}

// hazard is a risk that was analysed.
func (w *world) hazard(name, category string, likelihood, consequence int, more fields) {
	w.Helper()
	set := fields{"title": name, "category": category, "cause": "one person knows it", "effect": "long outages", "customer_impact": "mail is down for days",
		"owner": w.ids["olga"].Ref(), "likelihood": likelihood, "consequence": consequence}
	for k, v := range more {
		set[k] = v
	}
	w.makeBy(w.user("ann"), name, "risk", set)
	w.step(w.user("ann"), name, "analyse", nil)
}

// action is a treatment under a risk or an opportunity, that works on something of the SMS.
func (w *world) action(name, under, on string) {
	w.Helper()
	w.makeBy(w.user("ann"), name, "task", fields{"title": name, "kind": "treatment", "parent": w.ids[under].Ref(), "assignee": w.ids["ann"].Ref(),
		"due": "2039-01-01T00:00:00Z", "priority": 2})
	w.linked(name, "works_on", on)
}

// completed completes an action, and says in its risk what came of it.
func (w *world) completed(name string) {
	w.Helper()
	w.step(w.user("ann"), name, "complete", fields{"outcome": "done"})
}

func (w *world) judged(name, action string) {
	w.Helper()
	w.by(w.user("olga"), w.command(name, "update", "", fields{"evaluations": append(w.lines(name), fields{"task": w.ids[action].Ref(), "result": "effective", "residual_likelihood": 1, "residual_consequence": 4})}))
}

// lines are the evaluations that a risk has already, as an update names them.
func (w *world) lines(name string) []fields {
	w.Helper()
	res, err := w.o.Get(ctx, w.o.Self(), "risk", w.id(name).String())
	if err != nil {
		w.Fatal(err)
	}
	var out []fields
	for _, e := range res.Record.(*risk.Risk).Evaluations {
		out = append(out, fields{"id": e.ID.String()})
	}
	return out
}

// treated has an analysed risk treated by an action that is completed and judged.
func (w *world) treated(name, action string) {
	w.Helper()
	w.action(action, name, "way of working")
	w.step(w.user("olga"), name, "treat", fields{"treatment": "reduce", "prevents_or_reduces": "reduces", "residual_likelihood": 1, "residual_consequence": 4})
	w.completed(action)
	w.judged(name, action)
	w.step(w.user("olga"), name, "monitor", fields{"review_every": "P6M", "effectiveness": "effective"})
}

// accepted is a risk above the line that the boss accepts until a day.
func (w *world) accepted(name, until string) {
	w.Helper()
	w.hazard(name, "continuity", 3, 4, nil)
	w.accept(name, until)
}

func (w *world) accept(name, until string) {
	w.Helper()
	olga := w.user("olga")
	w.by(olga, w.command(name, "update", "", fields{"treatment": "accept", "acceptance_reason": "cheaper than the cure", "accepted_until": until}))
	c := w.command(name, "round", risk.Gate, nil)
	vote := w.command(name, "vote", "", fields{"vote": "yes"})
	vote.ID = w.by(olga, c).Side.(*storage.Round).ID
	w.by(w.user("boss"), vote)
	w.step(olga, name, "accept", nil)
}

// chance is an opportunity that was evaluated.
func (w *world) chance(name string) {
	w.Helper()
	w.makeBy(w.user("ann"), name, "opportunity", fields{"title": name, "category": "sms_outcome", "benefit": "fewer calls", "effort": "two weeks", "benefit_score": 4, "effort_score": 2,
		"customer_impact": "answers at night", "owner": w.ids["olga"].Ref()})
	w.step(w.user("ann"), name, "evaluate", nil)
}

// linked links two, and remembers the link by both names; unlinked ends it.
func (w *world) linked(from, kind, to string) {
	w.Helper()
	w.ids[from+" "+kind+" "+to] = w.by(w.o.Self(), w.command(from, "link", kind, fields{"to": w.id(to).String()}))
}

func (w *world) unlinked(from, kind, to string) {
	w.Helper()
	c := w.command(from, "unlink", "", nil)
	c.ID = w.ids[from+" "+kind+" "+to].Side.(*storage.Link).ID
	w.by(w.o.Self(), c)
}

func (w *world) ended(name string) {
	w.Helper()
	w.step(w.user("olga"), name, "close", fields{"close_reason": "it has gone"})
}

// yearly does what is due once a year: criteria are approved anew, what was accepted until a day that
// has come is accepted again, every other open risk is reviewed.
func (w *world) yearly() {
	w.Helper()
	w.pass(0)
	w.sleep(24 * time.Hour)
	w.renew("criteria")
	for _, r := range w.all("risk", `phase = "open"`) {
		name := string(r.Head().Title)
		if x := r.(*risk.Risk); x.State == risk.Analysed && x.Treatment == "accept" {
			w.accept(name, string(record.Day(w.now.AddDate(0, 10, 0))))
		}
		w.step(w.user("ann"), name, "review", nil)
	}
}

var riskMutations = func() map[string][]mutation {
	unlink := func(from, kind, to string) mutation {
		return mutation{"the link " + kind + " is taken away", func(w *world) { w.unlinked(from, kind, to) }, func(w *world) { w.linked(from, kind, to) }}
	}
	closes := func(name, category string) mutation {
		return mutation{"the only one is closed", func(w *world) { w.ended(name) }, func(w *world) {
			w.step(w.user("olga"), name, "reopen", nil)
			w.step(w.user("ann"), name, "analyse", nil)
		}}
	}
	ages := mutation{"nobody looks at it for a year", func(w *world) { w.sleep(13 * month) }, (*world).yearly}
	renewed := func(set fields) func(*world) {
		return func(w *world) {
			w.sleep(24 * time.Hour)
			w.by(w.user("olga"), w.command("criteria", "version", "", set))
			w.approve("criteria", w.newest("criteria"), w.user("olga"), w.user("boss"), nil)
		}
	}
	return map[string][]mutation{
		"6.1.1-02": {closes("results", "sms_outcome"), {"the opportunity is declined", func(w *world) {
			w.step(w.user("boss"), "fewer calls", "decline", fields{"decision_reason": "no money"})
		}, func(w *world) {
			w.step(w.user("boss"), "fewer calls", "reopen", nil)
			w.step(w.user("boss"), "fewer calls", "pursue", fields{"decision_reason": "there is money"})
		}}, {"nobody looks at them for a year", func(w *world) { w.sleep(13 * month) }, func(w *world) {
			w.yearly()
			w.chance("later")
		}}},
		"6.1.1-03": {emptied("outage", "prevents_or_reduces", "reduces"),
			{"nobody decides on a further one for a month", func(w *world) {
				w.hazard("undecided", "change", 5, 4, nil)
				w.pass(31 * 24 * time.Hour)
			}, func(w *world) { w.accept("undecided", string(record.Day(w.now.AddDate(0, 0, 90)))) }},
			{"the day has passed until which it was accepted", func(w *world) { w.sleep(91 * 24 * time.Hour) }, (*world).yearly}},
		"6.1.1-01": {unlink("expert", "arises_from", "market"), unlink("fewer calls", "arises_from", "clients"),
			{"an issue nobody planned for", func(w *world) {
				w.makeBy(w.user("olga"), "weather", "issue", fields{"title": "Storms", "kind": "external", "topic": "environmental"})
			}, func(w *world) {
				w.update("weather", fields{"blanks": fields{"gives_rise_to": fields{"reason": "the halls stand high"}}})
			}},
			{"a party nobody planned for", func(w *world) {
				w.makeBy(w.user("olga"), "press", "interested_party", fields{"title": "Press", "kind": "public"})
			}, func(w *world) { w.linked("results", "arises_from", "press") }},
			{"another issue, which is found not to matter", func(w *world) {
				w.makeBy(w.user("olga"), "tides", "issue", fields{"title": "Tides", "kind": "external", "topic": "environmental"})
			}, func(w *world) {
				w.step(w.user("boss"), "tides", "decide", fields{"relevance": "not_relevant", "relevance_why": "the coast is far"})
			}}},
		"6.1.1-04": {unlink("fewer calls", "leads_to", "self service"), {"the improvement is rejected", func(w *world) { w.step(w.user("boss"), "self service", "reject", fields{"decision_reason": "no"}) },
			func(w *world) { w.step(w.user("boss"), "self service", "reopen", nil) }}},

		"6.1.2-01": {emptied("expert", "owner", "olga"), closes("expert", "organization"), ages, {"a further one is never analysed", func(w *world) {
			w.makeBy(w.user("ann"), "raw", "risk", fields{"title": "raw", "category": "organization", "customer_impact": "x"})
			w.pass(31 * 24 * time.Hour)
		}, func(w *world) { w.ended("raw") }}},
		"6.1.2-02": {{"it names the service no more", func(w *world) { w.update("outage", fields{"service": nil}) }, func(w *world) { w.linked("outage", "concerns", "mail") }}, unlink("outage", "concerns", "mail"), ages,
			{"another service goes live without one", func(w *world) {
				w.make("print", "service", fields{"title": "Printing", "owner": "olga"})
				w.step(w.o.Self(), "print", "go_live", nil)
			}, func(w *world) {
				w.update("print", fields{"blanks": fields{"at_risk_by": fields{"reason": "nothing is required of it"}}})
			}}},
		"6.1.2-04": {emptied("party", "customer_impact", "none"), {"an opportunity does not say", func(w *world) { w.update("fewer calls", fields{"customer_impact": nil}) }, func(w *world) { w.update("fewer calls", fields{"customer_impact": "answers at night"}) }}},
		"6.1.2-05": {
			{"the criteria are given up", func(w *world) { w.step(w.user("olga"), "criteria", "retire", nil) }, func(w *world) { w.step(w.user("olga"), "criteria", "reactivate", nil) }},
			{"an import says that somebody accepted one whose role does not cover it", func(w *world) {
				w.hazard("imported", "change", 5, 5, nil)
				w.by(w.o.Self(), lifecycle.Command{Process: "risk", Record: w.id("imported"), Verb: "transition", Name: "accept", Replay: true, Reason: "so it was", Set: raw(fields{"treatment": "accept", "acceptance_reason": "so it was", "accepted_until": "2039-01-01"})})
			}, func(w *world) {
				w.step(w.user("olga"), "imported", "close", fields{"close_reason": "the service has ended", "treatment": "avoid"})
			}},
			{"the day passes until which one was accepted", func(w *world) {
				w.accepted("for a while", string(record.Day(w.now.AddDate(0, 0, 20))))
				w.sleep(22 * 24 * time.Hour)
			}, func(w *world) { w.pass(0) }}, // Steward has it analysed again when it runs
		},
		"6.1.2-06": {{"the criteria say it no more", renewed(fields{"approach": nil}), renewed(fields{"approach": "each quarter"})},
			ages,
			{"it is in no document either", func(w *world) {
				w.makeBy(w.user("olga"), "approach", "document", fields{"title": "Approach", "kind": "procedure", "classification": "internal", "fulfils": "risk_approach", "owner": w.ids["olga"].Ref(),
					"summary": "how", "body": "each quarter", "language": "en", "format": "Markdown", "medium": "electronic", "retention": "P3Y", "retention_rule": "three years",
					"distribution": []fields{{"role": access.Agent}}, "change_reason": "first version", "review_interval": "P12M"})
				w.approve("approach", 1, w.user("olga"), w.user("boss"), nil)
				renewed(fields{"approach": nil})(w)
				w.withdraw("approach")
			}, func(w *world) { w.reinstate("approach") }},
			{"the document is not reviewed for a year", func(w *world) { w.sleep(13 * month) }, func(w *world) {
				w.step(w.user("boss"), "approach", "review", nil)
				w.yearly()
			}}},

		"6.1.3-01": {emptied("second hall", "priority", 3), {"a further one is overdue", func(w *world) {
			w.hazard("planned", "change", 4, 4, nil)
			w.action("slow", "planned", "way of working")
			w.step(w.user("olga"), "planned", "treat", fields{"treatment": "reduce", "prevents_or_reduces": "reduces", "residual_likelihood": 1, "residual_consequence": 4})
			w.update("slow", fields{"due": record.At(w.now.Add(24 * time.Hour)).String()})
			w.pass(48 * time.Hour)
		}, func(w *world) { w.update("slow", fields{"due": "2039-01-01T00:00:00Z"}) }},
			{"its only action is cancelled", func(w *world) { w.step(w.user("ann"), "slow", "cancel", nil) }, func(w *world) { w.action("quick", "planned", "way of working") }},
			{"an opportunity's only action is cancelled", func(w *world) { w.step(w.user("ann"), "build it", "cancel", nil) }, func(w *world) { w.action("build it better", "fewer calls", "self service") }}},
		"6.1.3-02": {unlink("second hall", "works_on", "way of working"), {"what it works on is retired", func(w *world) { w.step(w.user("olga"), "way of working", "retire", nil) }, func(w *world) {
			w.step(w.user("olga"), "way of working", "reactivate", nil)
		}}},
		"6.1.3-03": {{"an action is not judged for three months", func(w *world) {
			w.action("more", "outage", "way of working")
			w.completed("more")
			w.pass(91 * 24 * time.Hour)
		}, func(w *world) {
			w.step(w.user("ann"), "more", "reopen", nil)
			w.completed("more")
			w.judged("outage", "more")
		}}, {"an action is completed again after it was judged", func(w *world) {
			w.step(w.user("ann"), "more", "reopen", nil)
			w.completed("more")
			w.pass(91 * 24 * time.Hour)
		}, func(w *world) {
			w.step(w.user("ann"), "more", "reopen", nil)
			w.step(w.user("ann"), "more", "cancel", nil)
		}}, {"an opportunity is not judged for three months", func(w *world) {
			for _, t := range w.all("task", `kind = "treatment" and phase = "open" and parent = "`+w.id("fewer calls").String()+`"`) {
				w.by(w.user("ann"), lifecycle.Command{Process: "task", Record: t.Head().ID, Verb: "transition", Name: "complete", Set: raw(fields{"outcome": "done"}), Reason: "done"})
			}
			w.pass(91 * 24 * time.Hour)
		}, func(w *world) { w.action("one more", "fewer calls", "self service") }}},
	}
}()
