package demo

import (
	"context"
	"fmt"

	"steward/kernel/record"
	"steward/kernel/system"
)

// policyTitle is the title of the policy, and of the document that states it for those outside.
const policyTitle = "Service management policy"

// worth is what a service is worth, what it needs and what helps with it.
type worth struct {
	Service, Customers, Organization string
	Needs                            []any
	Article, Body                    string
}

// topic is something people are to know; Pending have not confirmed it.
type topic struct {
	Topic, Text string
	Pending     []string
}

// direct is what top management did (clause 5): policy, roles and who holds them, what services are
// worth, what it said to people.
func (l *load) direct(ctx context.Context) error {
	stated, err := l.known(ctx, "document", policyTitle)
	if err != nil {
		return err
	}
	birgit, maren := l.ids["user/birgit"], l.ids["user/maren"]
	var tales []*tale
	add := func(t *tale) { tales = append(tales, t) }

	letter, told := l.tell("communication", "Our policy, to everybody here and to customers", "birgit", 514, "topic", "policy", "audience", "everybody here, and the customers", "channel", "letter and board",
		"trigger", "a new version of the policy", "owner", birgit, "purpose", "who works with us knows what we stand for")
	add(letter.ago(508).then("communication", told, "transition", "send", "birgit", "what", "the policy on one page"))
	t, id := l.tell("policy", policyTitle, "birgit", 515, "kind", "service_management", "owner", birgit, "text", l.p.Policy,
		"purpose", "Customers came to us because services were there and somebody told them the truth when they were not.", "direction", "Grow with hospitals and trade on this coast, by keeping promises rather than by price.",
		"answers", []line{{"item": "purpose", "said_in": "What we are for"}, {"item": "objectives", "said_in": "How objectives are set"}, {"item": "requirements", "said_in": "What we commit ourselves to"}, {"item": "improvement", "said_in": "How we get better"}},
		"available", []line{{"to": "customers", "how": "with the contract and on the website"}, {"to": "whoever asks", "how": "on the website"}})
	t.then("policy", id, "link", "stated_in", "birgit", "to", stated)
	t.approved("policy", id)
	t.ago(507).commit().then("policy", id, "link", "announced_by", "birgit", "to", told)
	add(t.ago(150).commit().then("policy", id, "transition", "review", "thore").because("read aloud in the round of directors: it still says what we do"))

	roles := map[string]record.ID{}
	for _, r := range []struct {
		title, kind, answers string
		decides              []line
	}{
		{"Managing director", "other", "The organization and its system; that there are people, means and money.", []line{{"decides": "policy_approval"}, {"decides": "contract_approval"}, {"decides": "expenditure", "limit": "no limit; above 50 000 both directors"}}},
		{"Manager of the management system", "sms_manager", "That the system meets the standard and its own rules, and that management knows how it does.", []line{{"decides": "risk_acceptance", "limit": "up to a score of 6; management above"}}},
		{"Reporting to management", "sms_reporting", "Each month the figures of the system, each half year the inputs of the review.", nil},
		{"Owner of a process", "process_owner", "That the process is described, followed, measured and improved.", []line{{"decides": "change_approval", "limit": "standard and normal changes; management for high risk"}}},
		{"Owner of a service", "service_owner", "That the service brings what was promised, and what it needs is known.", []line{{"decides": "release_approval", "limit": "releases of the service"}}},
		{"Owner of risks", "risk_owner", "That risks are weighed, treated and looked at again.", []line{{"decides": "risk_acceptance", "limit": "up to a score of 6"}}},
		{"Information security", "information_security", "Rules for access, holes closed in time, security incidents led.", nil},
		{"Business relationships", "business_relationship", "What customers need is known; they are heard each quarter.", nil},
		{"Manager of suppliers", "supplier_manager", "Contracts pass on what we promised, and are looked at each year.", nil},
	} {
		t, id := l.tell("sms_role", r.title, "birgit", 512, "kind", r.kind, "responsibilities", r.answers, "reports_to", "the managing directors", "competence", "see the competences of the roles", "authorities", r.decides)
		roles[r.title] = id
		add(t.approved("sms_role", id))
	}
	appoint := func(role, person string, accepts bool) {
		by := "maren"
		if person == "maren" {
			by = "thore"
		}
		t, id := l.tell("appointment", role+": "+l.titleOf(person), "birgit", 505, "role", roles[role], "person", l.ids["user/"+person], "told_to", "everybody, at the Monday meeting")
		t.commit().then("appointment", id, "transition", "appoint", by)
		if accepts {
			t.then("appointment", id, "transition", "accept", person).then("appointment", id, "transition", "tell", "birgit")
		}
		add(t)
	}
	for _, person := range []string{"maren", "thore"} {
		appoint("Managing director", person, true)
	}
	for _, role := range []string{"Manager of the management system", "Reporting to management", "Owner of risks"} {
		appoint(role, "birgit", true)
	}
	for _, person := range []string{"birgit", "maren", "jana", "lena", "ines", "piotr", "samuel", "khaled"} {
		appoint("Owner of a process", person, true)
	}
	for _, person := range []string{"piotr", "aylin", "ines", "lena"} {
		appoint("Owner of a service", person, true)
	}
	appoint("Information security", "lena", true)
	appoint("Business relationships", "jana", true)
	appoint("Manager of suppliers", "piotr", false) // he has not said yes; see gaps.go

	for _, w := range l.p.ServicesKnown {
		t, id := l.tell("service_value", "What it is worth: "+w.Service, "birgit", 205, "service", l.ids["service/"+w.Service], "customers", w.Customers, "organization", w.Organization, "measure", "renewals, and what customers say each quarter")
		add(t.ago(198).then("service_value", id, "transition", "review", "maren"))
	}

	t, id = l.tell("communication", "Why our management system matters", "birgit", 400, "topic", "sms_importance", "internal", true, "frequency", "P6M", "audience", "everybody here", "channel", "staff meeting",
		"owner", maren, "purpose", "people know why records are made while one works")
	for _, days := range []int{390, 215, 41} {
		t.ago(days).then("communication", id, "transition", "send", "maren", "what", "twenty minutes at the staff meeting: what the figures changed, and what would go wrong without them")
	}
	add(t)
	t, id = l.tell("communication", "Objectives of the year", "birgit", 330, "topic", "objectives", "internal", true, "trigger", "objectives are approved", "audience", "everybody here", "channel", "board and staff meeting", "owner", birgit, "purpose", "each team knows its share")
	add(t.ago(180).then("communication", id, "transition", "send", "birgit", "what", "the objectives on the board of each team"))
	t, id = l.tell("communication", "Changes of services", "birgit", 330, "topic", "changes", "trigger", "a service changes", "audience", "the customers concerned", "channel", "portal and mail", "owner", l.ids["user/jana"], "purpose", "nobody is surprised on Monday")
	add(t.ago(12).then("communication", id, "transition", "send", "jana", "what", "move to new storage, a week ahead"))
	t, id = l.tell("communication", "Letter to customers", "birgit", 150, "topic", "services", "frequency", "P1M", "audience", "customers", "channel", "mail", "owner", birgit, "purpose", "what we promised, and what comes")
	for _, days := range []int{126, 96, 66, 36, 6} {
		t.ago(days).then("communication", id, "transition", "send", "birgit", "what", "letter of the month: maintenance, promises kept, new target for answers")
	}
	add(t)
	return l.happen(ctx, tales)
}

func (l *load) titleOf(name string) string {
	for _, p := range l.p.People {
		if p.Name == name {
			return p.Title
		}
	}
	return name
}

// happen lets tales happen one after the other; when the load is stopped the next start goes on.
func (l *load) happen(ctx context.Context, tales []*tale) error {
	for _, t := range tales {
		if ctx.Err() != nil {
			return nil
		}
		if err := t.end(ctx); err != nil {
			return err
		}
	}
	return nil
}

// awareness is what people were to know, and that they said they do (7.3).
func (l *load) awareness(ctx context.Context) error {
	policy, err := l.known(ctx, "policy", policyTitle)
	if err != nil {
		return err
	}
	for _, w := range l.p.Awareness {
		title := "What everybody knows: " + w.Topic
		days := 180
		if len(w.Pending) > 0 {
			days = 120
		}
		kv := []any{"topic", w.Topic, "text", w.Text}
		if w.Topic == "policy" {
			kv = append(kv, "about", policy)
		}
		t, id := l.tell("awareness", title, "birgit", days, kv...)
		if err := t.then("awareness", id, "transition", "publish", "birgit").end(ctx); err != nil {
			return err
		}
		if err := l.confirm(ctx, title, days-1, w.Pending); err != nil {
			return err
		}
	}
	return nil
}

// confirm has everybody say that they know a module, but those who did not yet.
func (l *load) confirm(ctx context.Context, title string, days int, pending []string) error {
	module, err := l.known(ctx, "awareness", title)
	if err != nil {
		return err
	}
	asked, err := l.o.List(ctx, l.o.Self(), system.ListQuery{Process: "awareness_confirmation", Filter: fmt.Sprintf(`module = "%s" and phase = "open"`, module), Limit: 100})
	if err != nil {
		return err
	}
	by := map[record.ID]record.ID{}
	for _, r := range asked.Records {
		by[r.Head().Assignee] = r.Head().ID
	}
	t := &tale{l: l, title: title}
	t.ago(days)
person:
	for _, p := range l.p.People {
		for _, x := range pending {
			if x == p.Name {
				continue person
			}
		}
		if id, ok := by[l.ids["user/"+p.Name]]; ok {
			t.then("awareness_confirmation", id, "transition", "confirm", p.Name)
		}
	}
	return t.give(ctx)
}

// stated are the words of top management for what no record of the work decides (5.1 f, j, l), each
// with records of others that show it.
func (l *load) stated(ctx context.Context) error {
	until := string(record.Day(l.now.AddDate(0, 9, 0)))
	for _, s := range []struct{ requirement, title, says, process, shown string }{
		{"5.1-06", "The system is how we work", "Calls, changes and reports are not made beside the work: duties of the teams, budgets and the rounds of directors follow the processes described here.", "process", "Incident management"},
		{"5.1-10", "People are steered and backed", "Each Monday the directors ask the teams what stands in their way. In this half year that brought a deputy for backups and a second person for the warehouse application.", "nonconformity", deputyNonconformity},
		{"5.1-12", "Team leads are helped to lead", "Each owner of a process has two hours a week for it, and once a month an hour with one of the directors.", "appointment", "Owner of a process: Jana Weiß"},
	} {
		shown, err := l.known(ctx, s.process, s.shown)
		if err != nil {
			return err
		}
		t, id := l.tell("attestation", s.title, "birgit", 61, "requirement", s.requirement, "statement", s.says, "until", until, "owner", l.ids["user/birgit"])
		t.then("attestation", id, "link", "shown_by", "birgit", "to", shown)
		if err := t.commit().ago(60).then("attestation", id, "transition", "sign", "maren").end(ctx); err != nil {
			return err
		}
	}
	return nil
}
