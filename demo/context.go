package demo

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

// because gives the last thing that was done its reason.
func (t *tale) because(reason string) *tale { t.cmds[len(t.cmds)-1].Reason = reason; return t }
