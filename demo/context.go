package demo

import (
	"context"
	"fmt"

	"steward/kernel/record"
	"steward/kernel/system"
)

// context is what bears on the provider, who has a stake in it and what they require (4.1, 4.2).
func (l *load) context() []*tale {
	birgit, maren := l.ids["user/birgit"], l.ids["user/maren"]
	var tales []*tale
	add := func(t *tale) { tales = append(tales, t) }

	for _, i := range [][5]string{
		{"Skilled people are hard to find in the region", "external", "social", "hinders", "A vacancy at the desk stays open for four months; promises at night rest on few."},
		{"Hospitals must report outages to the authority", "external", "legal", "both", "The hospital asks for proof within hours; who can give it wins such customers."},
		{"Licences move from purchase to subscription", "external", "market", "hinders", "Costs follow the number of users, so budgets have to follow demand."},
		{"One person knows the warehouse application", "internal", "knowledge", "hinders", "A long absence would break the promise to the logistics customer."},
		{"The teams grew from one house and help each other", "internal", "culture", "helps", "Major incidents are joined by whoever can help, without asking."},
	} {
		t, _ := l.tell("issue", i[0], "birgit", 290, "kind", i[1], "topic", i[2], "influence", i[3], "effect", i[4], "owner", birgit, "source", "workshop of the process owners")
		add(t)
	}
	t, id := l.tell("issue", "Climate change", "birgit", 290, "kind", "external", "topic", "climate_change", "influence", "hinders", "owner", birgit, "source", "amendment of 2024 to the standard",
		"effect", "The second hall stands in Husum, five hundred metres behind the dike.")
	add(t.then("issue", id, "transition", "decide", "maren", "relevance", "relevant", "relevance_why", "A storm surge would reach the emergency hall, and two customers ask how we would go on."))

	for _, p := range []struct {
		title, kind, relevance, climate, what string
		requires                              []line
	}{
		{"The three customers", "customer", "They pay for the services and judge them.", "yes", "Two of them ask for a plan for storm surges.", []line{
			{"what": "what is agreed is kept, and shown each month", "kind": "performance", "taken": "agreements and service reports"}, {"what": "patients' data stay in the country", "kind": "security", "taken": "policy of information security"}}},
		{"People who work with the services", "user", "Their work stands still when a service does.", "no", "", []line{{"what": "an answer from a person within half an hour", "kind": "service", "taken": "objective of this year"}}},
		{"Suppliers of lines and certificates", "supplier", "Two services rest on them.", "no", "", []line{{"what": "faults are reported through their portal, with the circuit's number", "kind": "contractual", "taken": "instructions of the network team"}}},
		{"Data protection authority", "regulator", "It may ask at any time how personal data are handled.", "no", "", nil},
		{"Colleagues", "employee", "They do the work, at night too.", "no", "", []line{{"what": "a plan of duties four weeks ahead", "kind": "other", "taken": "the teams plan by quarter"}}},
	} {
		t, id := l.tell("interested_party", p.title, "birgit", 285, "kind", p.kind, "relevance", p.relevance, "owner", birgit, "requirements", p.requires)
		answer := []any{"climate", p.climate}
		if p.what != "" {
			answer = append(answer, "climate_what", p.what)
		}
		t.then("interested_party", id, "transition", "review", "birgit", answer...).because("looked through with the process owners")
		if p.kind == "regulator" {
			o := t.also("obligation", "Record of processing activities", "birgit", "kind", "legal", "source", "GDPR, article 30", "party", id, "requires", "A record of what personal data are processed, why, and for how long.",
				"applies_to", "Incidents and accounts hold names and addresses of customers' people.", "owner", birgit)
			t.then("obligation", o, "transition", "review", "birgit", "fulfilment", "met", "how_met", "the record is kept with the controlled documents")
		}
		if p.kind == "employee" {
			o := t.also("obligation", "Rest between shifts", "birgit", "kind", "legal", "source", "Arbeitszeitgesetz, section 5", "party", id, "requires", "Eleven hours without work between two shifts.",
				"applies_to", "duty at night", "owner", maren)
			t.then("obligation", o, "transition", "review", "maren", "fulfilment", "partly", "how_met", "kept in the plan; calls at night are not counted yet")
		}
		add(t)
	}
	return tales
}

// limits is the scope of the system (4.3), drawn in view of what was told before. One thing is left
// undone on purpose, and conformity finds it: the newest service is neither covered nor left out.
func (l *load) limits(ctx context.Context) (*tale, error) {
	const newest = "Video meetings"
	var covered []line
	for _, s := range l.p.Services {
		if s.Name != newest {
			covered = append(covered, line{"service": l.ids["service/"+s.Name]})
		}
	}
	t, id := l.tell("scope", "Scope of the service management system", "birgit", 270, "owner", l.ids["user/birgit"], "audience", "everybody here; customers find it on the page of the house",
		"organization", "Nordlicht IT", "statement", "The service management system of Nordlicht IT that delivers workplace, network and business application services from Hamburg and Husum to its customers.",
		"customers", "Three: a logistics company in Hamburg, a hospital in Husum, a joinery on Föhr.", "technology", "Two halls, the network between them, workplaces and the applications on them.",
		"rationale", "The hospital needs services around the clock and proof of them; so all that it uses is within, and so is the hall behind the dike.",
		"locations", []line{{"place": "Hamburg, harbour office", "role": "desk, teams, first hall"}, {"place": "Husum", "role": "second hall, desk at night"}},
		"services", covered,
		"parties", []line{{"name": "Telephone company", "service": l.ids["service/Telephony"], "part": "lines and numbers", "control": "the network team reads its figures each month"},
			{"name": "Certificate authority", "service": l.ids["service/Identity and sign-in"], "part": "certificates of the directory", "control": "the infrastructure team renews and checks them"}},
		"exclusions", []line{{"kind": "activity", "what": "sale of used equipment", "justification": "done once a year by the bookkeeping, for no customer and without a service"}},
		"blanks", because("units", "the whole organization belongs to it"))
	t.approved("scope", id).commit()
	for _, end := range [][2]string{{"issue", "Climate change"}, {"issue", "Hospitals must report outages to the authority"}, {"interested_party", "The three customers"}, {"obligation", "Record of processing activities"}} {
		found, err := l.o.List(ctx, l.o.Self(), system.ListQuery{Process: end[0], Filter: "title = " + string(record.AppendString(nil, end[1])), Limit: 1})
		if err != nil {
			return nil, err
		}
		if len(found.Records) == 0 {
			return nil, fmt.Errorf("demo: %s %q is not there", end[0], end[1])
		}
		t.then("scope", id, "link", "takes_account_of", "birgit", "to", found.Records[0].Head().ID)
	}
	return t.then("scope", id, "link", "takes_account_of", "birgit", "to", l.ids["service/"+l.p.Services[0].Name]), nil
}
