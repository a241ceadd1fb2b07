package conformity_test

import (
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity/catalogue"
)

const policyText = "# Our policy\n\nWe run services for the trade of the north.\n\n## Aims\n\nFrom this policy we derive what we want to reach.\n\n## Duties\n\nWe keep what we promised and what the law asks.\n\n## Better\n\nWe go on getting better.\n"

var policyAnswers = []fields{{"item": "purpose", "said_in": "services for the trade of the north"}, {"item": "objectives", "said_in": "Aims"}, {"item": "requirements", "said_in": "Duties"}, {"item": "improvement", "said_in": "go on getting better"}}

// board is a provider whose top management leads as clause 5 asks, and shows it by what it did.
func board(w *world) {
	w.Helper()
	olga, boss := w.user("olga", access.ProcessOwner), w.user("boss", access.Management)
	w.user("dora", access.Management)
	w.user("ann", access.Agent)
	w.user("vera", access.Approver)
	w.make("mail", "service", fields{"title": "E-mail", "owner": "olga"})
	w.step(w.o.Self(), "mail", "go_live", nil)
	w.makeBy(olga, "value", "service_value", fields{"title": "E-mail", "service": w.ids["mail"].Ref(), "customers": "they are reached", "organization": "it carries half of the contract"})
	w.step(boss, "value", "review", nil)
	w.makeBy(olga, "process incident", "process", fields{"title": "Incidents", "name": "incident", "owner": w.ids["olga"].Ref(), "purpose": "service is back soon",
		"inputs": []fields{{"what": "needs", "other": "outside"}}, "outputs": []fields{{"what": "results", "other": "outside"}}})
	w.approve("process incident", 1, olga, boss, nil)

	w.makeBy(olga, "policy", "policy", fields{"title": "Service management policy", "kind": "service_management", "owner": w.ids["olga"].Ref(), "text": policyText, "purpose": "we run services for trade", "direction": "grow with the ports",
		"answers": policyAnswers, "available": []fields{{"to": "customers", "how": "on the website"}}})
	w.approve("policy", 1, olga, boss, nil)
	w.makeBy(olga, "module on the policy", "awareness", fields{"title": "Our policy", "topic": "policy", "text": "know it", "about": w.ids["policy"].Ref()})
	w.published("module on the policy")

	w.makeBy(olga, "speed", "metric", fields{"title": "Minutes to the answer", "of": "objective", "formula": "median", "source": "entered", "method": "compared", "frequency": "P1M", "evaluate_every": "P3M", "owner": w.ids["olga"].Ref()})
	w.aims("objective")
	w.serves("objective")
	w.aims("missed objective")
	w.serves("missed objective")
	w.step(olga, "missed objective", "miss", fields{"result": "the hall burnt down"})
	w.follow("missed objective")

	w.makeBy(olga, "plan", "sms_plan", fields{"title": "Service management plan", "services": "see the list", "limits": "one site", "obligations": "data protection", "authorities": "see roles", "people": "ten",
		"technical_means": "two halls", "information": "this system", "money": "budget", "other_parties": "none", "technology": "Steward", "effectiveness": "see metrics", "progress": []fields{{"text": "begun"}}})
	w.approve("plan", 1, olga, boss, nil)
	w.makeBy(olga, "money", "resource", fields{"title": "Money", "kind": "money", "needed_by": "sms", "unit": "euros", "needed": "2", "provided": "2"})
	w.step(boss, "money", "decide", fields{"decision": "provided from the budget of the year"})

	w.makeBy(olga, "criteria", "risk_criteria", fields{"title": "Risks", "acceptance_line": 6, "authorities": []fields{{"role": access.Approver, "up_to": 25}}})
	w.approve("criteria", 1, olga, boss, nil)
	w.makeBy(olga, "votes", "approval_policy", fields{"title": "Who accepts risks", "process": "risk", "gate": "acceptance", "stages": []fields{{"who": "role", "role": access.Approver}}})
	w.approve("votes", 1, olga, boss, nil)
	for _, kind := range roleKinds {
		set := fields{"title": "Role " + kind, "kind": kind, "responsibilities": "answers for it"}
		if kind == "sms_manager" {
			set["authorities"] = []fields{{"decides": "change_approval"}, {"decides": "risk_acceptance"}, {"decides": "policy_approval"}, {"decides": "release_approval"}, {"decides": "contract_approval"}}
		}
		w.makeBy(olga, "role "+kind, "sms_role", set)
		w.approve("role "+kind, 1, olga, boss, nil)
		w.appoint("appointment "+kind, kind, "olga", "boss")
	}

	w.reviewed("review")
	w.makeBy(olga, "performance", "report_definition", fields{"title": "Performance", "purpose": "to know", "audience": "management", "topic": "sms_performance", "source": "records", "frequency": "P2Y",
		"owner": w.ids["olga"].Ref(), "figures": []fields{{"label": "incidents", "process": "incident", "filter": `opened_at >= "{from}" and opened_at < "{to}"`}}})
	w.step(olga, "performance", "issue", nil)
	w.makeBy(olga, "letter", "communication", fields{"title": "Letter of the board", "topic": "sms_importance", "internal": true, "trigger": "each spring", "audience": "everybody", "channel": "mail", "owner": w.ids["olga"].Ref()})
	w.step(boss, "letter", "send", fields{"what": "why we do this"})
	w.makeBy(olga, "judging", "improvement_criteria", fields{"title": "How improvements are judged", "items": []fields{{"criterion": "fit with the objectives", "weight": 60, "objectives": true}, {"criterion": "effort", "weight": 40}}})
	w.approve("judging", 1, olga, boss, nil)
	w.better("faster")
	for _, requirement := range stated {
		w.states(requirement)
	}
}

var (
	roleKinds = strings.Fields("sms_manager sms_reporting risk_owner information_security business_relationship supplier_manager process_owner service_owner")
	stated    = strings.Fields("5.1-06 5.1-10 5.1-12")
)

// aims is an objective that top management approved.
func (w *world) aims(name string) {
	w.Helper()
	w.makeBy(w.user("olga"), name, "objective", fields{"title": "Answer faster: " + name, "description": "x", "level": "sms", "metric": w.ids["speed"].Ref(), "target": "30", "unit": "min", "better": "lower",
		"due": "2040-01-01", "resources": "two days", "method": "median of the month", "owner": w.ids["olga"].Ref()})
	w.step(w.user("boss"), name, "approve", nil)
}

func (w *world) serves(name string) {
	w.Helper()
	w.ids["service of "+name] = w.by(w.user("olga"), w.command(name, "link", "serves_policy", fields{"to": w.ids["policy"].Ref()}))
}

func (w *world) unlink(name, link string) {
	w.Helper()
	c := w.command(name, "unlink", "", nil)
	c.ID = w.ids[link].Side.(*storage.Link).ID
	w.by(w.user("olga"), c)
}

// follow plans what follows from missing an objective.
func (w *world) follow(name string) {
	w.Helper()
	w.makeBy(w.user("olga"), "what follows "+name, "task", fields{"title": "Look for another hall", "kind": "objective_action", "parent": w.ids[name].Ref(), "assignee": w.ids["ann"].Ref(), "due": "2039-01-01T00:00:00Z"})
}

// appoint has somebody appointed, who accepts.
func (w *world) appoint(name, kind, person, by string) {
	w.Helper()
	w.makeBy(w.user("boss"), name, "appointment", fields{"role": w.ids["role "+kind].Ref(), "person": w.ids[person].Ref()})
	w.step(w.user(by), name, "appoint", nil)
	w.step(w.user(person), name, "accept", nil)
}

// states has top management sign a statement, which names a process that shows it.
func (w *world) states(requirement string) {
	w.Helper()
	name, boss := "statement on "+requirement, w.user("boss")
	w.makeBy(boss, name, "attestation", fields{"title": name, "requirement": requirement, "statement": "we did it in March, and so", "until": string(record.Day(w.now.AddDate(0, 11, 0)))})
	w.ids["what shows "+requirement] = w.by(boss, w.command(name, "link", "shown_by", fields{"to": w.ids["process incident"].Ref()}))
	w.step(boss, name, "sign", nil)
}

// content is a next version of the policy with other answers. wrong: no rule lets it pass, so it
// comes by an import that says what was.
func (w *world) content(answers []fields, wrong bool) {
	w.Helper()
	w.sleep(24 * time.Hour)
	w.by(w.user("olga"), w.command("policy", "version", "", fields{"answers": answers, "change_reason": "times change"}))
	n := w.newest("policy")
	c := w.command("policy", "version_submit", "", nil)
	c.Number = n
	w.by(w.user("olga"), c)
	if !wrong {
		c.Verb = "version_approve"
		w.by(w.user("boss"), c)
		w.published("module on the policy")
		return
	}
	// An import runs as Steward; here it says who had approved.
	boss := w.user("boss")
	boss.Grants["policy:replay"] = true
	c.Verb, c.Replay = "version_approve", true
	w.by(boss, c)
}

// led does what is due once a year.
func (w *world) led() {
	w.Helper()
	olga, boss := w.user("olga"), w.user("boss")
	w.step(boss, "policy", "review", nil)
	w.step(boss, "value", "review", nil)
	w.step(olga, "plan", "review", nil)
	w.by(olga, w.command("plan", "update", "", fields{"progress": []fields{{"id": w.line("plan", "progress")}, {"text": "went on"}}}))
	w.reviewed("another review")
	w.step(olga, "performance", "issue", nil)
	w.step(boss, "letter", "send", fields{"what": "why we still do this"})
	w.better("faster again")
	for _, requirement := range stated {
		w.states(requirement)
	}
}

var leadershipMutations = func() map[string][]mutation {
	year := mutation{"a year passes", func(w *world) { w.pass(370 * 24 * time.Hour) }, (*world).led}
	unanswered := func(item string) mutation {
		return mutation{"a version does not say where it speaks of it", func(w *world) {
			var less []fields
			for _, a := range policyAnswers {
				if a["item"] != item {
					less = append(less, a)
				}
			}
			w.content(less, true)
		}, func(w *world) { w.content(policyAnswers, false) }}
	}
	elsewhere := func(item string) mutation {
		return mutation{"what is to say it does not stand in the text", func(w *world) {
			var other []fields
			for _, a := range policyAnswers {
				if a["item"] == item {
					a = fields{"item": item, "said_in": "Somewhere else"}
				}
				other = append(other, a)
			}
			w.content(other, true)
		}, func(w *world) { w.content(policyAnswers, false) }}
	}
	retired := func(name string) mutation {
		return mutation{name + " is retired", func(w *world) { w.step(w.user("boss"), name, "retire", nil) }, func(w *world) { w.step(w.user("boss"), name, "reactivate", nil) }}
	}
	vacant := func(kind string) mutation {
		return mutation{"the appointment to " + kind + " ends", func(w *world) { w.step(w.user("boss"), "appointment "+kind, "end", nil) }, func(w *world) { w.appoint("appointment "+kind, kind, "olga", "boss") }}
	}
	withdrawn := func(requirement string) mutation {
		return mutation{"the statement is withdrawn", func(w *world) { w.step(w.user("boss"), "statement on "+requirement, "withdraw", nil) }, func(w *world) { w.states(requirement) }}
	}
	unshown := func(requirement string) mutation {
		return mutation{"what shows it is unlinked", func(w *world) { w.unlink("statement on "+requirement, "what shows "+requirement) }, func(w *world) { w.states(requirement) }}
	}
	return map[string][]mutation{
		"5.1-01": {retired("policy"), {"an objective names no policy", func(w *world) { w.unlink("objective", "service of objective") }, func(w *world) { w.serves("objective") }},
			{"the last objective is dropped", func(w *world) { w.step(w.user("boss"), "objective", "drop", nil) }, func(w *world) {
				w.step(w.user("boss"), "objective", "renew", nil)
				w.step(w.user("boss"), "objective", "approve", nil)
			}},
			{"another is approved by no top management", func(w *world) {
				w.user("owen", access.ProcessOwner)
				w.makeBy(w.user("olga"), "minor", "objective", fields{"title": "Minor", "description": "x", "level": "team", "metric": w.ids["speed"].Ref(), "target": "30", "unit": "min", "better": "lower", "due": "2040-01-01", "resources": "x", "method": "x", "owner": w.ids["olga"].Ref()})
				w.serves("minor")
				w.step(w.user("owen"), "minor", "approve", nil)
			}, func(w *world) {
				w.step(w.user("olga"), "minor", "drop", nil)
				w.confirmed("module on the policy")
				w.step(w.o.Self(), "owen", "disable", nil)
			}}},
		"5.1-02": {{"the plan is retired", func(w *world) { w.step(w.user("olga"), "plan", "retire", nil) }, func(w *world) { w.step(w.user("olga"), "plan", "reactivate", nil) }}, year},
		"5.1-03": {vacant("sms_manager"), {"nobody is left in a role that may accept risks", func(w *world) { w.update("vera", fields{"roles": []fields{}}) }, func(w *world) {
			w.update("vera", fields{"roles": []fields{{"role": access.Approver}}})
		}}, retired("role sms_manager")},
		"5.1-04": {emptied("value", "organization", "half of the contract"), {"it ends", func(w *world) { w.step(w.user("olga"), "value", "end", nil) }, func(w *world) { w.step(w.user("olga"), "value", "reactivate", nil) }}, year},
		"5.1-06": {withdrawn("5.1-06"), unshown("5.1-06"), year, {"the process that shows it is retired", func(w *world) {
			w.step(w.user("boss"), "statement on 5.1-06", "withdraw", nil)
			w.stated("5.1-06", "value")
		}, func(w *world) { w.states("5.1-06") }}},
		"5.1-07": {{"nobody decides on another need for three months", func(w *world) {
			w.makeBy(w.user("olga"), "hands", "resource", fields{"title": "Hands", "kind": "people", "needed_by": "sms", "unit": "people", "needed": "2", "provided": "1"})
			w.pass(91 * 24 * time.Hour)
		}, func(w *world) { w.step(w.user("boss"), "hands", "decide", fields{"decision": "one more in summer"}) }},
			{"more is asked for than was decided", func(w *world) { w.update("money", fields{"needed": "3"}); w.pass(91 * 24 * time.Hour) }, func(w *world) { w.step(w.user("boss"), "money", "decide", fields{"decision": "next year"}) }}},
		"5.1-08": {{"a year passes, and somebody else sends the letter", func(w *world) {
			w.pass(370 * 24 * time.Hour)
			w.step(w.user("olga"), "letter", "send", fields{"what": "the board is away"})
		}, (*world).led}},
		"5.1-09": {{"nothing follows from missing one", func(w *world) {
			w.aims("second miss")
			w.step(w.user("olga"), "second miss", "miss", fields{"result": "no time"})
		}, func(w *world) { w.follow("second miss") }}, year},
		"5.1-10": {withdrawn("5.1-10"), {"who carries an improvement leaves", func(w *world) {
			w.user("zoe", access.Agent)
			w.makeBy(w.user("ann"), "lonely", "improvement", fields{"title": "Lonely", "description": "x", "source": "staff", "benefit": "x", "owner": w.ids["zoe"].Ref(), "points": []fields{{"criterion": "fit with the objectives", "points": 8}, {"criterion": "effort", "points": 5}}})
			w.step(w.user("ann"), "lonely", "evaluate", nil)
			w.step(w.o.Self(), "zoe", "disable", nil)
		}, func(w *world) { w.update("lonely", fields{"owner": "ann"}) }}},
		"5.1-11": {year},
		"5.1-12": {withdrawn("5.1-12"), vacant("process_owner")},

		"5.2.1-01": {retired("policy"), year, {"a second one is in force", func(w *world) {
			w.makeBy(w.user("olga"), "second policy", "policy", fields{"title": "Second policy", "kind": "service_management", "owner": w.ids["olga"].Ref(), "text": policyText, "purpose": "x", "direction": "x", "answers": policyAnswers})
			w.approve("second policy", 1, w.user("olga"), w.user("boss"), nil)
		}, func(w *world) { w.step(w.user("boss"), "second policy", "retire", nil) }}},
		"5.2.1-02": {unanswered("objectives"), elsewhere("objectives"), {"an objective does not serve it", func(w *world) { w.unlink("objective", "service of objective") }, func(w *world) { w.serves("objective") }}},
		"5.2.1-03": {unanswered("requirements"), elsewhere("requirements")},
		"5.2.1-04": {unanswered("improvement"), elsewhere("improvement")},
		"5.2.2-01": {emptied("policy", "owner", "olga"), retired("policy"), year},
		"5.2.2-02": {{"nobody knows a new version", func(w *world) { w.content(policyAnswers, true) }, func(w *world) { w.published("module on the policy") }},
			{"one who joins does not hear of it", func(w *world) {
				w.user("newcomer", access.Agent)
				w.pass(91 * 24 * time.Hour)
			}, func(w *world) { w.published("module on the policy") }},
			{"its module is retired", func(w *world) { w.step(w.user("olga"), "module on the policy", "retire", nil) }, func(w *world) { w.step(w.user("olga"), "module on the policy", "reactivate", nil) }}},
		"5.2.2-03": {{"it says to nobody that it is there", func(w *world) { w.update("policy", fields{"available": []fields{}}) }, func(w *world) {
			w.update("policy", fields{"blanks": fields{"available": fields{"reason": "we serve our own house only"}}})
		}}, {"the reason is taken back", func(w *world) { w.update("policy", fields{"blanks": fields{"available": nil}}) }, func(w *world) {
			w.update("policy", fields{"available": []fields{{"to": "customers", "how": "on request"}}})
			w.step(w.user("olga"), "performance", "issue", nil) // what comes next begins with a fresh one
		}}},
		"5.3-01": {vacant("risk_owner"), vacant("service_owner"), retired("role supplier_manager"),
			{"a service comes to somebody who was not appointed", func(w *world) { w.update("mail", fields{"owner": "ann"}) }, func(w *world) { w.update("mail", fields{"owner": "olga"}) }},
			{"one is appointed and does not accept", func(w *world) {
				w.step(w.user("boss"), "appointment risk_owner", "end", nil)
				w.makeBy(w.user("boss"), "appointment risk_owner", "appointment", fields{"role": w.ids["role risk_owner"].Ref(), "person": w.ids["olga"].Ref()})
				w.step(w.user("dora"), "appointment risk_owner", "appoint", nil)
			}, func(w *world) { w.step(w.user("olga"), "appointment risk_owner", "accept", nil) }},
			{"an appointment comes to its day", func(w *world) {
				w.update("appointment information_security", fields{"to": string(record.Day(w.now.AddDate(0, 0, 2)))})
				w.pass(3 * 24 * time.Hour)
			}, func(w *world) { w.appoint("appointment information_security", "information_security", "olga", "dora") }}},
		"5.3-02": {vacant("sms_manager"), {"two hold it", func(w *world) { w.appoint("second manager", "sms_manager", "ann", "boss") }, func(w *world) { w.step(w.user("boss"), "second manager", "end", nil) }},
			{"who held it leaves", func(w *world) { w.step(w.o.Self(), "olga", "disable", nil) }, func(w *world) { w.step(w.o.Self(), "olga", "enable", nil) }}},
		"5.3-03": {vacant("sms_reporting"), {"a quarter passes without a report", func(w *world) { w.pass(100 * 24 * time.Hour) }, func(w *world) { w.step(w.user("olga"), "performance", "issue", nil) }}},
	}
}()

// stated signs a statement that names a record of another kind.
func (w *world) stated(requirement, shown string) {
	w.Helper()
	name, boss := "statement on "+requirement, w.user("boss")
	w.makeBy(boss, name, "attestation", fields{"title": name, "requirement": requirement, "statement": "it is so", "until": string(record.Day(w.now.AddDate(0, 11, 0)))})
	w.by(boss, w.command(name, "link", "shown_by", fields{"to": w.ids[shown].Ref()}))
	w.step(boss, name, "sign", nil)
}

// TestOtherPartiesStayUnderControlOnlyAsFarAsTheReviewLooksAtThem: parties are not kept yet, so it
// does not conform; what the review says of them is decided all the same.
func TestOtherPartiesStayUnderControlOnlyAsFarAsTheReviewLooksAtThem(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.user("olga", access.ProcessOwner)
	w.user("boss", access.Management)
	failing := func() string {
		w.Helper()
		i := w.item("5.1-05")
		if i.State != catalogue.Gap && i.State != catalogue.NoEvidence {
			w.Errorf("it is %s although no parties are kept", i.State)
		}
		var out []string
		for _, m := range i.Failing {
			out = append(out, m.About.Process)
		}
		return strings.Join(out, " ")
	}
	if got := failing(); got != "supplier management_review" {
		t.Errorf("nothing was held: %s", got)
	}
	w.reviewed("review")
	if got := failing(); got != "supplier" {
		t.Errorf("a review looked at them: %s", got)
	}
	w.withoutInput("review", "parties")
	w.now = w.now.Add(time.Second)
	if got := failing(); got != "supplier management_review" && got != "management_review supplier" {
		t.Errorf("the review says nothing of them: %s", got)
	}
}

// TestAStatementIsAttestedAndNeverConforms keeps what a person says apart from what records show.
func TestAStatementIsAttestedAndNeverConforms(t *testing.T) {
	w := newWorld(t, "sqlite")
	board(w)
	for _, requirement := range stated {
		if i := w.item(requirement); i.State != catalogue.Attested {
			t.Errorf("%s is %s: %s", requirement, i.State, i.Reason)
		}
	}
	w.update("boss", fields{"roles": []fields{{"role": access.Management, "from": "2030-01-01"}}})
	for _, requirement := range stated {
		if i := w.item(requirement); i.State != catalogue.Gap || !strings.Contains(i.Reason, "authority") && !strings.Contains(i.Reason, "top management") {
			t.Errorf("signed by somebody who holds no office: %s is %s: %s", requirement, i.State, i.Reason)
		}
	}
}
