package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// word is the password of the accounts that can be tried.
const word = "nordlicht-demo-2026"

// people makes the provider: people, customers, teams, services, calendars, agreements. What is
// here already is kept.
func (l *load) people(ctx context.Context) error {
	began := l.now.AddDate(0, 0, -l.founded())
	var cmds []lifecycle.Command
	add := func(process, name string, values map[string]any) {
		if l.find(ctx, process, name) {
			return
		}
		id := record.NewID(l.o.Now())
		l.ids[process+"/"+name] = id
		c := lifecycle.Command{Process: process, Verb: "create", ID: id, Door: "demo", OccurredAt: began}
		var kv []any
		for k, v := range values {
			kv = append(kv, k, v)
		}
		c.Set = set(kv...)
		cmds = append(cmds, c)
	}
	roles := func(p person) []map[string]any {
		var out []map[string]any
		for _, r := range p.Roles {
			out = append(out, map[string]any{"role": r})
		}
		return out
	}
	for _, p := range l.p.People {
		add("user", p.Name, map[string]any{"title": p.Title, "name": p.Name, "email": p.Name + "@nordlicht.example", "roles": roles(p)})
	}
	add("organisation", "Nordlicht", map[string]any{"title": "Nordlicht", "public_status": true, "status_text": "How our services are, and what we do about it."})
	for i, c := range l.p.Customers {
		values := map[string]any{"title": c.Name}
		if i == 0 { // one has a portal in its own colours
			values["accent"], values["accent_dark"] = "#7a1f5c", "#e79ad0"
			values["notices"] = []map[string]any{{"text": "Between Christmas and New Year the desk answers from 8 to 12.", "until": string(record.Day(l.now.AddDate(0, 1, 0)))}}
		}
		add("customer", c.Name, values)
	}
	if err := l.flush(ctx, &cmds); err != nil {
		return err
	}
	for _, c := range l.p.Customers {
		for _, p := range c.Users {
			add("user", p.Name, map[string]any{"title": p.Title, "name": p.Name, "email": p.Name + "@customer.example", "roles": roles(p), "customer": l.ids["customer/"+c.Name]})
		}
	}
	for _, t := range l.p.Teams {
		var members []map[string]any
		for i, n := range t.People {
			members = append(members, map[string]any{"user": l.ids["user/"+n], "lead": i == 0})
		}
		add("team", t.Name, map[string]any{"title": t.Name, "members": members})
	}
	var hours []map[string]any
	for d := 1; d <= 5; d++ {
		hours = append(hours, map[string]any{"weekday": d, "from": "08:00", "to": "18:00"})
	}
	add("calendar", "Office hours", map[string]any{"title": "Office hours", "zone": "Europe/Berlin", "hours": hours,
		"holiday_sets": []map[string]any{{"set": "DE-HH"}}, "effective_from": "2020-01-01"})
	if err := l.flush(ctx, &cmds); err != nil {
		return err
	}
	for _, s := range l.p.Services {
		l.teamOf[s.Name] = s.Team
		add("service", s.Name, map[string]any{"title": s.Name, "criticality": s.Criticality, "public": s.Name != "Warehouse application" && s.Name != "Patient portal", "owner": l.ids["user/"+l.ownerOf(s.Name)], "team": l.ids["team/"+s.Team]})
	}
	for _, c := range l.p.Customers {
		var targets []map[string]any
		for p := 1; p <= 4; p++ {
			targets = append(targets, map[string]any{"kind": "response", "priority": p, "duration": c.Targets[p][0]},
				map[string]any{"kind": "resolution", "priority": p, "duration": c.Targets[p][1]})
		}
		add("agreement", c.Name, map[string]any{"title": "Agreement with " + c.Name, "customer": l.ids["customer/"+c.Name], "calendar": l.ids["calendar/Office hours"],
			"owner": l.ids["user/birgit"], "review_every": "P12M", "targets": targets})
	}
	fresh := len(cmds) > 0
	if err := l.flush(ctx, &cmds); err != nil {
		return err
	}
	return l.principals(ctx, fresh)
}

// founded is how many days ago the provider began to work with Steward: before its first incident,
// and before what its management did, however short the history of incidents is.
func (l *load) founded() int { return max(l.days, eighteenMonths) + 30 }

// agree brings calendars and agreements into force, and services to life with what they rest on.
func (l *load) agree(ctx context.Context) error {
	began := l.now.AddDate(0, 0, 1-l.founded())
	for key, id := range l.ids {
		name, _, _ := strings.Cut(key, "/")
		by := map[string][2]*access.Principal{"calendar": {}, "agreement": {l.who["birgit"], l.who["maren"]}} // the calendar holds from long before
		if who, ok := by[name]; ok {
			for i, verb := range []string{"version_submit", "version_approve"} {
				if _, err := l.do(ctx, lifecycle.Command{Process: name, Record: id, Verb: verb, Number: 1, By: who[i], OccurredAt: began}); err != nil {
					return err
				}
			}
		}
	}
	for _, s := range l.p.Services {
		id := l.ids["service/"+s.Name]
		if _, err := l.do(ctx, lifecycle.Command{Process: "service", Record: id, Verb: "transition", Name: "go_live", OccurredAt: began}); err != nil {
			return err
		}
		for _, other := range s.Supports {
			if _, err := l.do(ctx, lifecycle.Command{Process: "service", Record: l.ids["service/"+other], Verb: "link", Name: "depends_on", ID: id, OccurredAt: began}); err != nil {
				return err
			}
		}
	}
	return nil
}

// principals gives the accounts their password, hashed once for each, and marks the system as the
// demo's: what comes after is resumed when it is interrupted.
func (l *load) principals(ctx context.Context, fresh bool) error {
	all := append([]person(nil), l.p.People...)
	for _, c := range l.p.Customers {
		all = append(all, c.Users...)
	}
	for _, p := range all {
		who, err := l.o.Principal(ctx, l.ids["user/"+p.Name])
		if err != nil {
			return err
		}
		l.who[p.Name] = who
		if fresh && p.SignIn {
			if _, err := l.do(ctx, lifecycle.Command{Process: "user", Record: who.ID, Verb: "password", Set: set("password", word)}); err != nil {
				return err
			}
		}
	}
	if !fresh {
		return nil
	}
	if err := l.agree(ctx); err != nil {
		return err
	}
	if _, err := l.do(ctx, lifecycle.Command{Process: "user", Ref: "admin", Verb: "password", Set: set("password", word)}); err != nil {
		return err
	}
	return l.o.Mark(ctx, "demo", l.now.Format(time.RFC3339Nano))
}

func (l *load) signIns() []SignIn {
	out := []SignIn{{"admin", "Administrator", "administrator", word}}
	add := func(ps []person) {
		for _, p := range ps {
			if p.SignIn {
				out = append(out, SignIn{p.Name, p.Title, p.Roles[0], word})
			}
		}
	}
	add(l.p.People)
	for _, c := range l.p.Customers {
		add(c.Users)
	}
	return out
}

// find remembers a record of configuration that is here already.
func (l *load) find(ctx context.Context, process, name string) bool {
	p := l.o.Registry.Process(process)
	title := name
	if process == "agreement" {
		title = "Agreement with " + name
	}
	id, err := l.o.Resolve(ctx, p, title)
	if err != nil {
		return false
	}
	l.ids[process+"/"+name] = id
	return true
}

func (l *load) flush(ctx context.Context, cmds *[]lifecycle.Command) error {
	if len(*cmds) == 0 {
		return nil
	}
	_, i, err := l.o.DoAll(ctx, l.o.Self(), *cmds)
	if err != nil {
		if i >= 0 {
			return fmt.Errorf("demo: %s %s: %w", (*cmds)[i].Process, (*cmds)[i].Set["title"], err)
		}
		return err
	}
	*cmds = nil
	return nil
}
