package demo

import (
	"context"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// risks is what the provider knows could go wrong or well, and what became of it. One service is
// left without a risk on purpose, and conformity names it: video meetings (6.1.2-02).
func (l *load) risks(ctx context.Context) error {
	for _, tell := range []func(context.Context) error{l.criteria, l.register, l.opportunities} {
		if err := tell(ctx); err != nil || ctx.Err() != nil {
			return err // when stopped the next start goes on
		}
	}
	return nil
}

// criteria are the rules by which risks are judged, a year old and made stricter since, and who is
// asked to accept one.
func (l *load) criteria(ctx context.Context) error {
	levels := []line{{"name": "low", "from": 1}, {"name": "medium", "from": 7}, {"name": "high", "from": 12}, {"name": "extreme", "from": 20}}
	var scales []line
	for of, words := range map[string][]string{
		"likelihood":  {"once in ten years", "once in three years", "once a year", "once a quarter", "once a month"},
		"consequence": {"nobody notices", "some wait for hours", "a service is down for a day", "a promise to a customer is broken", "a customer is harmed"},
	} {
		for i, w := range words {
			scales = append(scales, line{"of": of, "value": i + 1, "meaning": w})
		}
	}
	t, id := l.tell("risk_criteria", "Risk criteria", "birgit", 420, "approach", "Owners look for risks each quarter, from issues, audits, incidents and changes. Whoever finds one records it at once; it is analysed within a month.",
		"acceptance_line", 8, "longest_until", "P12M", "review_every", "P12M", "levels", levels, "scales", scales,
		"authorities", []line{{"role": "process_owner", "up_to": 8}, {"role": "manager", "up_to": 16}})
	t.approved("risk_criteria", id)
	t.at = l.now.AddDate(0, 0, -250) // after the audit
	t.commit().then("risk_criteria", id, "version", "", "birgit", "acceptance_line", 6, "authorities", []line{{"role": "process_owner", "up_to": 6}, {"role": "manager", "up_to": 16}})
	for _, step := range [][2]string{{"version_submit", "birgit"}, {"version_approve", "maren"}} {
		t.commit().then("risk_criteria", id, step[0], "", step[1])
		t.cmds[len(t.cmds)-1].Number = 2
	}
	if err := t.end(ctx); err != nil {
		return err
	}
	t, id = l.tell("approval_policy", "Acceptance of risks", "birgit", 419, "process", "risk", "gate", "acceptance", "purpose", "Who scored a risk does not accept it; management does.",
		"stages", []line{{"who": "role", "role": "manager", "quorum": "any"}})
	return t.approved("approval_policy", id).end(ctx)
}

// hazard begins the tale of a risk that somebody analysed.
func (l *load) hazard(title, by string, days int, category string, likelihood, consequence int, cause, effect, customers string, kv ...any) (*tale, record.ID) {
	t, id := l.tell("risk", title, by, days, append([]any{"category", category, "likelihood", likelihood, "consequence", consequence, "cause", cause, "effect", effect,
		"customer_impact", customers, "owner", l.ids["user/birgit"]}, kv...)...)
	return t.then("risk", id, "transition", "analyse", by), id
}

// treatment is an action under a risk or an opportunity; days is when it is due, counted from today.
func (t *tale) treatment(under record.ID, title, by string, days int, on record.ID) record.ID {
	id := t.also("task", title, by, "kind", "treatment", "parent", under, "assignee", t.l.ids["user/"+by], "due", record.At(t.l.now.AddDate(0, 0, days)).String(), "priority", 2, "mandatory", true)
	t.then("task", id, "link", "works_on", by, "to", on)
	return id
}

// completed has an action completed, days ago, and what it brought written down by the risk's owner.
func (t *tale) completed(risk, task record.ID, by string, days, likelihood, consequence int, finding string) *tale {
	t.at = t.l.now.AddDate(0, 0, -days)
	t.then("task", task, "update", "", by, "evidence", finding).then("task", task, "transition", "complete", by, "outcome", "done")
	return t.commit().then("risk", risk, "update", "", "birgit", "evaluations", []line{{"task": task, "result": "effective", "finding": finding, "residual_likelihood": likelihood, "residual_consequence": consequence}})
}

// accepted has management accept the risk until a day, which lies ahead.
func (t *tale) accepted(risk record.ID, days int, why string) *tale {
	until := string(record.Day(t.l.now.AddDate(0, 0, days)))
	t.commit().then("risk", risk, "update", "", "birgit", "treatment", "accept", "acceptance_reason", why, "accepted_until", until)
	t.commit().then("risk", risk, "round", "acceptance", "birgit").commit().then("risk", risk, "vote", "", "maren", "vote", "yes")
	return t.commit().then("risk", risk, "transition", "accept", "birgit")
}

// asked gives votes their round: its id is known only once it was opened.
func asked(cmds []lifecycle.Command, round *storage.Round) {
	for i := range cmds {
		if cmds[i].Verb == "vote" && round != nil {
			cmds[i].ID = round.ID
		}
	}
}

func (l *load) register(ctx context.Context) error {
	process := map[string]record.ID{}
	for _, title := range []string{"Incident management", "Control of documents", "Measurement and evaluation"} {
		id, err := l.known(ctx, "process", title)
		if err != nil {
			return err
		}
		process[title] = id
	}
	concerns := func(t *tale, id record.ID, services ...string) {
		for _, s := range services {
			t.then("risk", id, "link", "concerns", "birgit", "to", l.ids["service/"+s])
		}
	}
	var tales []*tale
	add := func(t *tale) { tales = append(tales, t) }

	// Treated, judged, watched.
	t, id := l.hazard("One person alone knows the warehouse application", "ines", 230, "organization", 4, 4, "it grew over ten years and nobody wrote it down", "a failure lasts until she is back", "pickers of Hafenkontor stand still")
	pair := t.treatment(id, "Have Khaled solve every second matter of it", "khaled", -150, process["Incident management"])
	t.commit().then("risk", id, "transition", "treat", "birgit", "treatment", "reduce", "prevents_or_reduces", "reduces", "residual_likelihood", 2, "residual_consequence", 3)
	t.completed(id, pair, "khaled", 160, 2, 3, "eleven of twenty matters were his")
	add(t.commit().then("risk", id, "transition", "monitor", "birgit", "review_every", "P12M", "effectiveness", "effective"))

	t, id = l.hazard("An update breaks what works", "samuel", 190, "service_requirement", 4, 3, "updates come when their makers like", "many workplaces stand still in one morning", "nobody at the customer can work until noon")
	concerns(t, id, "Managed workplace", "E-mail and calendar", "Printing", "Warehouse application", "Patient portal")
	rings := t.treatment(id, "Roll out in three rings", "samuel", -120, process["Control of documents"])
	t.commit().then("risk", id, "transition", "treat", "birgit", "treatment", "reduce", "prevents_or_reduces", "both", "residual_likelihood", 2, "residual_consequence", 2)
	t.completed(id, rings, "samuel", 130, 2, 2, "two faulty updates stopped in the first ring")
	add(t.commit().then("risk", id, "transition", "monitor", "birgit", "review_every", "P6M", "effectiveness", "effective"))

	// Accepted until a day.
	t, id = l.hazard("The telephone provider fails", "piotr", 120, "other_party", 3, 3, "there is one line and one provider", "nobody is reached by telephone", "calls are lost; mail and portal go on", "service", l.ids["service/Telephony"])
	add(t.accepted(id, 120, "a second provider costs more than a day without telephones; the contract ends then"))

	// Treated, with an action that is not done yet.
	t, id = l.hazard("The main hall loses its power", "lena", 100, "service_requirement", 3, 5, "the batteries are eight years old", "all services stop at once", "every promise to every customer is broken")
	concerns(t, id, "Office network", "Remote access", "Telephony", "File storage", "Backup", "Identity and sign-in")
	test := t.treatment(id, "Test the batteries under load", "lena", -60, process["Measurement and evaluation"])
	t.treatment(id, "Exchange the batteries", "khaled", 40, process["Incident management"])
	t.commit().then("risk", id, "transition", "treat", "birgit", "treatment", "reduce", "prevents_or_reduces", "prevents", "residual_likelihood", 1, "residual_consequence", 5)
	add(t.completed(id, test, "lena", 65, 2, 3, "they last nine minutes, and five are needed"))

	t, id = l.hazard("Files are encrypted by an intruder", "lena", 75, "information_security", 3, 5, "somebody opens what they should not", "files are gone until they are restored", "projects of all three customers stand still")
	t.treatment(id, "Keep one copy of the backup out of reach", "lena", 25, process["Control of documents"])
	add(t.commit().then("risk", id, "transition", "treat", "birgit", "treatment", "reduce", "prevents_or_reduces", "reduces", "residual_likelihood", 2, "residual_consequence", 3))

	// Within the line: watched by reviews.
	t, id = l.hazard("The system is kept for the auditor and helps nobody", "birgit", 200, "sms_outcome", 2, 3, "records are made after the work", "decisions rest on figures that are not true", "reports promise what nobody measured")
	t.at = l.now.AddDate(0, 0, -30)
	t.then("risk", id, "transition", "review", "birgit")
	t.cmds[len(t.cmds)-1].Reason = "two records of twenty were made afterwards: as likely as before"
	add(t)
	t, _ = l.hazard("Storage is full before new disks come", "khaled", 40, "capacity", 3, 2, "pictures of the clinic grow by a tenth each month", "nothing more can be saved", "new findings must wait")
	add(t)

	// Found this week, and not analysed yet.
	t, _ = l.tell("risk", "Two of the desk go on parental leave", "jana", 4, "category", "organization", "effect", "the desk is thin for half a year", "customer_impact", "answers take longer in the morning", "owner", l.ids["user/birgit"])
	add(t)

	for _, t := range tales {
		if err := t.end(ctx); err != nil || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

func (l *load) opportunities(ctx context.Context) error {
	reset, err := l.known(ctx, "improvement", "Let customers reset their passwords themselves")
	if err != nil {
		return err
	}
	t, id := l.tell("opportunity", "Passwords without a call", "tom", 60, "category", "service_requirement", "benefit", "a third of the calls in the morning", "effort", "three weeks", "benefit_score", 4, "effort_score", 2,
		"customer_impact", "nobody waits for a call back", "owner", l.ids["user/birgit"])
	t.then("opportunity", id, "transition", "evaluate", "tom")
	t.at = l.now.AddDate(0, 0, -11) // when the improvement had been proposed
	t.then("opportunity", id, "transition", "pursue", "maren", "decision_reason", "it pays for itself in half a year").then("opportunity", id, "link", "leads_to", "birgit", "to", reset)
	t.treatment(id, "Try it with the staff of the joinery", "tom", 45, reset)
	if err := t.end(ctx); err != nil {
		return err
	}
	t, id = l.tell("opportunity", "Figures that customers read themselves", "birgit", 50, "category", "sms_outcome", "benefit", "reviews speak of what to do, and no more of what was", "effort", "a view for each customer", "benefit_score", 3, "effort_score", 2,
		"customer_impact", "they see each day what we promised and kept", "owner", l.ids["user/birgit"])
	if err := t.then("opportunity", id, "transition", "evaluate", "birgit").end(ctx); err != nil {
		return err
	}
	t, id = l.tell("opportunity", "Answer at night as well", "jana", 90, "category", "other", "benefit", "the clinic works at night", "effort", "four more people", "benefit_score", 3, "effort_score", 5,
		"customer_impact", "the clinic need not wait for the morning", "owner", l.ids["user/birgit"])
	t.then("opportunity", id, "transition", "evaluate", "jana")
	return t.then("opportunity", id, "transition", "decline", "maren", "decision_reason", "six calls in a year do not carry four people").end(ctx)
}
