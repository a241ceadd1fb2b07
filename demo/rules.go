package demo

import (
	"context"
	"fmt"

	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/agreement/calendars"
	"steward/sms/resolution/incident"
)

// majorProcedure is the document by which major incidents are handled.
const majorProcedure = "Major incident procedure"

// rules is what the first incident has to find: how incidents are handled, with criteria for major
// ones that a person approved, and the procedure for these. They are the provider's own, from before
// its first incident: the policy of a new system is in force only from its first day.
func (l *load) rules(ctx context.Context) error {
	kv := []any{"owner", l.ids["user/birgit"], "change_reason", "our own criteria, and how often we look at what is open",
		"criteria", []line{
			{"code": "critical_service_down", "description": "A service of criticality 1 is down for all who use it at one customer."},
			{"code": "several_customers", "description": "Two customers or more are hit by the same fault."},
			{"code": "data_breach", "description": "Information of a customer was disclosed, altered or lost."},
			{"code": "patients_at_risk", "description": "The clinic says that patients are in danger if it lasts."},
		},
		"update_every", []line{{"priority": 1, "every": "PT1H"}, {"priority": 2, "every": "P1D"}, {"priority": 3, "every": "P5D"}, {"priority": 4, "every": "P14D"}, {"priority": 5, "every": "P30D"}}}
	for k, v := range incident.Standard() { // the matrix, and the times that are left as they are
		switch k {
		case "title", "effective_from", "criteria", "update_every":
		default:
			kv = append(kv, k, v)
		}
	}
	const title = "How we handle incidents"
	t, id := l.tell("incident_policy", title, "birgit", l.founded(), kv...)
	t.approved("incident_policy", id)
	if err := t.end(ctx); err != nil {
		return err
	}
	// What a new system begins with is a proposal, and no longer needed.
	const proposal = "Incident policy"
	first, err := l.o.Get(ctx, l.o.Self(), "incident_policy", proposal)
	if err != nil {
		return err
	}
	if first.Record.Head().State == "active" {
		old := &tale{l: l, title: proposal, at: l.now}
		if err := old.then("incident_policy", first.Record.Head().ID, "transition", "retire", "birgit").because("ours is in force").give(ctx); err != nil {
			return err
		}
	}
	found, err := l.o.Get(ctx, l.o.Self(), "incident_policy", title)
	if err != nil {
		return err
	}
	if err := l.documents(ctx, func(d document) bool { return d.Title == majorProcedure }); err != nil {
		return err
	}
	if l.ids["document/"+majorProcedure], err = l.known(ctx, "document", majorProcedure); err != nil {
		return err
	}
	hours, err := l.o.Get(ctx, l.o.Self(), "calendar", "Office hours")
	if err != nil {
		return err
	}
	l.promises, err = l.promised(hours.Record.(*calendars.Calendar), found.Record.(*incident.Policy))
	return err
}

// known is a record that was told of before. It is looked up, for what one start made the next one
// finds.
func (l *load) known(ctx context.Context, process, title string) (record.ID, error) {
	if id, ok := l.ids[process+"/"+title]; ok {
		return id, nil
	}
	have, err := l.o.List(ctx, l.o.Self(), system.ListQuery{Process: process, Filter: "title = " + string(record.AppendString(nil, title)), Limit: 1})
	if err != nil {
		return record.ID{}, err
	}
	if len(have.Records) == 0 {
		return record.ID{}, fmt.Errorf("demo: there is no %s %q", process, title)
	}
	return have.Records[0].Head().ID, nil
}
