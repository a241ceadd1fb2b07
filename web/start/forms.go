package start

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"steward/kernel/calendar"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/page"
)

// view is a page of the assistant.
type view struct {
	Steps []step
	Step  step
	Form  url.Values
	Errs  map[string]string
	Sets  []choice
	Offer map[string][]choice
}

type choice struct{ Value, Label string }

func (d door) checklist(p *page.Page) error {
	steps, err := d.steps(p)
	if err != nil {
		return err
	}
	return p.OK(p.Frame("First steps"), checklistBody(steps))
}

func (d door) form(p *page.Page) error {
	return d.show(p, http.StatusOK, url.Values{}, nil)
}

func (d door) show(p *page.Page, status int, form url.Values, errs map[string]string) error {
	steps, err := d.steps(p)
	if err != nil {
		return err
	}
	v := view{Steps: steps, Form: form, Errs: errs, Offer: map[string][]choice{}}
	for _, s := range steps {
		if s.Key == p.R.PathValue("step") && s.Href == "/start/"+s.Key {
			v.Step = s
		}
	}
	if v.Step.Key == "" {
		return fault.New(fault.NotFound, "There is no such step.")
	}
	for _, set := range calendar.Sets() {
		v.Sets = append(v.Sets, choice{set.Code, set.Name})
	}
	for _, name := range []string{"customer", "calendar", "team", "service"} {
		all, err := p.Sys.Reader().All(p.Ctx(), name)
		if err != nil {
			return err
		}
		q := p.Sys.Registry.Process(name)
		for _, r := range all {
			v.Offer[name] = append(v.Offer[name], choice{q.Ref(r.Head().Num), string(r.Head().Title)})
		}
	}
	return p.Work(status, p.Frame(v.Step.Title), formBody(v))
}

// take carries out what a form says as ordinary commands, all or none.
func (d door) take(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	cmds, errs := commands(p.R.PathValue("step"), form, p.Who.Name, p.Now)
	if cmds == nil && errs == nil {
		return fault.New(fault.NotFound, "There is no such step.")
	}
	if len(errs) > 0 {
		return d.show(p, http.StatusUnprocessableEntity, form, errs)
	}
	for i := range cmds {
		cmds[i].Door = "web"
	}
	if _, _, err := p.Sys.DoAll(p.Ctx(), p.Who, cmds); err != nil {
		if errs, ok := page.Refusals(err); ok {
			return d.show(p, http.StatusUnprocessableEntity, form, errs)
		}
		return err
	}
	// A versioned record is a draft until it is handed in: then somebody else may approve it.
	if name := p.R.PathValue("step"); name == "calendar" || name == "agreement" {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: name, Sort: "-created_at", Limit: 1})
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			if _, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: name, Record: r.Head().ID, Verb: "version_submit", Number: 1, Door: "web"}); err != nil {
				return err
			}
		}
	}
	p.Redirect("/start")
	return nil
}

// commands are what a step's form asks for; errs name inputs that cannot be understood.
func commands(step string, form url.Values, who string, now time.Time) (cmds []lifecycle.Command, errs map[string]string) {
	errs = map[string]string{}
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	need := func(name, mend string) string {
		if get(name) == "" {
			errs[name] = mend
		}
		return get(name)
	}
	create := func(process string, set map[string]any) {
		raw := map[string]json.RawMessage{}
		for k, v := range set {
			raw[k], _ = json.Marshal(v) // text and lists of text
		}
		cmds = append(cmds, lifecycle.Command{Process: process, Verb: "create", Set: raw})
	}
	switch step {
	case "team":
		create("team", map[string]any{"title": need("title", "give the team a name, such as Service Desk"), "members": []any{map[string]any{"user": who}}})
	case "colleague":
		set := map[string]any{"title": need("title", "give the colleague's name"), "name": need("name", "give the name to sign in with"), "roles": []any{map[string]any{"role": need("role", "choose what the colleague may do")}}}
		if get("email") != "" {
			set["email"] = get("email")
		}
		create("user", set)
	case "calendar":
		hours := []any{}
		for day := 1; day <= 7; day++ {
			if form.Get("day"+string(rune('0'+day))) != "" {
				hours = append(hours, map[string]any{"weekday": day, "from": need("from", "give a time such as 08:00"), "to": need("to", "give a time such as 17:00")})
			}
		}
		if len(hours) == 0 {
			errs["day1"] = "choose at least one day"
		}
		zone := need("zone", "give an IANA name such as Europe/Berlin")
		if _, err := time.LoadLocation(zone); err != nil {
			errs["zone"] = "give an IANA name such as Europe/Berlin"
		}
		set := map[string]any{"title": need("title", "give the hours a name"), "zone": zone, "hours": hours}
		if get("holidays") != "" {
			set["holiday_sets"] = []any{map[string]any{"set": get("holidays")}}
		}
		if get("effective_from") != "" {
			set["effective_from"] = get("effective_from")
		}
		create("calendar", set)
	case "customer":
		create("customer", map[string]any{"title": need("title", "give the customer's name")})
	case "service":
		create("service", map[string]any{"title": need("title", "give the service's name"), "owner": who, "description": get("description"), "outcomes": get("outcomes")})
		id := record.NewID(now)
		cmds[0].ID = id
		cmds = append(cmds, lifecycle.Command{Process: "service", Record: id, Verb: "transition", Name: "go_live"})
	case "agreement":
		targets := []any{}
		for _, kind := range []string{"response", "resolution"} {
			for n := 1; n <= 4; n++ {
				name := kind + string(rune('0'+n))
				d, ok := face.ReadDuration(need(name, "give a working time such as 4 h"))
				if !ok && errs[name] == "" {
					errs[name] = "give a working time such as 30 min or 4 h"
				}
				targets = append(targets, map[string]any{"kind": kind, "priority": n, "duration": record.FormatDuration(d)})
			}
		}
		set := map[string]any{"title": need("title", "give the agreement a name"), "customer": need("customer", "choose the customer"), "calendar": need("calendar", "choose the service hours"), "targets": targets}
		if get("effective_from") != "" {
			set["effective_from"] = get("effective_from")
		}
		create("agreement", set)
	default:
		return nil, nil
	}
	return cmds, errs
}
