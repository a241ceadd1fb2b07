// Package start takes a new provider from an empty system to the first resolved incident and the
// first requirement that conforms: a checklist that is worked out from what is there, and an
// assistant of a few forms; and, by a second assistant, to drafts of the whole management system.
//
// In: who sets the system up. Out: ordinary commands; nothing is made that the workspace could not
// make.
//
// Start at [Routes]; forms.go is the assistant of first steps, begin.go that of the management system.
// Always true: a step is done when records say so, never because somebody clicked it away.
package start

import (
	"context"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/web/page"
)

// Routes of the package. engine decides the last step.
func Routes(engine *conformity.Engine) []page.Route {
	d := door{engine}
	return []page.Route{
		{Pattern: "GET /start", For: page.Provider, Serve: d.checklist},
		{Pattern: "GET /start/{step}", For: page.Provider, Serve: d.form},
		{Pattern: "POST /start/{step}", For: page.Provider, Serve: d.take},
		{Pattern: "GET /cockpit/begin", For: page.Provider, Serve: d.begin},
		{Pattern: "POST /cockpit/begin", For: page.Provider, Serve: d.takeBegin},
		{Pattern: "POST /cockpit/begin/hand-in", For: page.Provider, Serve: d.handIn},
	}
}

type door struct{ engine *conformity.Engine }

// step is one line of the checklist.
type step struct {
	Key, Title, Why string
	Href, Action    string
	Done            bool
	Found           string // what shows that it is done
	Locked          string // why it cannot be done by who looks
}

func (d door) steps(p *page.Page) ([]step, error) {
	has := func(process, filter string) (bool, error) {
		if !p.Who.Reads(process) {
			return false, nil
		}
		n, _, err := p.Sys.Count(p.Ctx(), p.Who, system.ListQuery{Process: process, Filter: filter})
		return n > 0, err
	}
	inForce := func(process string) (bool, error) {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: process, InForce: p.Sys.Today(), Limit: 1})
		if fault.Is(err, fault.Denied) {
			return false, nil
		}
		return err == nil && len(l.Records) > 0, err
	}
	out := []step{
		{Key: "team", Title: "A team that takes work", Why: "Work belongs to a team before it belongs to a person. Name the first one and put yourself and a colleague in it.", Href: "/start/team", Action: "Name the team"},
		{Key: "colleague", Title: "A second pair of eyes", Why: "Nobody approves what they wrote: agreements, calendars and documents need a colleague who may.", Href: "/start/colleague", Action: "Add a colleague"},
		{Key: "calendar", Title: "Service hours", Why: "A promise of four hours means working hours. Which ones, in which zone, with which holidays?", Href: "/start/calendar", Action: "Set the hours"},
		{Key: "customer", Title: "A customer", Why: "Services are delivered to somebody, and what is theirs is seen by nobody else.", Href: "/start/customer", Action: "Name a customer"},
		{Key: "service", Title: "A service", Why: "What the customer would miss. Everything else hangs on it.", Href: "/start/service", Action: "Name a service"},
		{Key: "agreement", Title: "What you promise", Why: "How fast you answer and restore, by priority. Clocks run from the day the agreement is in force.", Href: "/start/agreement", Action: "Write the agreement"},
		{Key: "incident", Title: "A first incident, resolved", Why: "Record one, start it, resolve it: the history that it leaves is the first evidence.", Href: "/incidents/new", Action: "Record an incident"},
		{Key: "conforms", Title: "A first requirement that conforms", Why: "Conformity is worked out from what you do. Watch it turn.", Href: "/cockpit", Action: "Open the cockpit"},
	}
	for i := range out {
		s := &out[i]
		var err error
		switch s.Key {
		case "team":
			s.Done, err = has("team", "")
		case "colleague":
			s.Done, err = d.twoPeople(p)
		case "calendar":
			s.Done, err = inForce("calendar")
			if !s.Done && err == nil {
				s.Locked, err = d.waiting(p, "calendar")
			}
		case "customer":
			s.Done, err = has("customer", "")
		case "service":
			s.Done, err = has("service", `state = "live"`)
		case "agreement":
			s.Done, err = inForce("agreement")
			if !s.Done && err == nil {
				s.Locked, err = d.waiting(p, "agreement")
			}
		case "incident":
			s.Done, err = has("incident", `state in ("resolved","closed")`)
		case "conforms":
			s.Done, s.Found, err = d.firstConforming(p.Ctx())
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// waiting says that there is one, but nobody has approved it.
func (d door) waiting(p *page.Page, process string) (string, error) {
	n, _, err := p.Sys.Count(p.Ctx(), p.Who, system.ListQuery{Process: process})
	if err != nil || n == 0 {
		return "", err
	}
	return "It is written; somebody other than its author has to approve it.", nil
}

// twoPeople reports whether somebody besides the first account may approve.
func (d door) twoPeople(p *page.Page) (bool, error) {
	all, err := p.Sys.Reader().All(p.Ctx(), "user")
	if err != nil {
		return false, err
	}
	n := 0
	for _, r := range all {
		a, ok := r.(system.Account)
		if !ok || !a.Active() || !a.Head().Customer.IsZero() {
			continue
		}
		for _, role := range a.RolesOn(record.Day(p.Now)) {
			if role == "administrator" || role == "process_owner" || role == "manager" || role == "approver" {
				n++
				break
			}
		}
	}
	return n > 1, nil
}

func (d door) firstConforming(ctx context.Context) (bool, string, error) {
	rep, err := d.engine.Evaluate(ctx, time.Time{})
	if err != nil {
		return false, "", err
	}
	for _, it := range rep.Items {
		if it.State == catalogue.Conforms {
			return true, it.Requirement.ID, nil
		}
	}
	return false, "", nil
}
