package work

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/query"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/page"
)

// view is a list that can be come back to: one that every process has, or one that was saved.
type view struct {
	Key, Label          string
	Filter, Sort, Group string
	Columns             string
	Saved               *people.View // nil: it comes with the process
	Mine                bool         // may be renamed, shared and deleted by who is signed in
	Shared              string       // with whom, in words; "" with nobody
	ShareWith           string       // the same as a value of the form
}

// viewsOf are the views of q that who is signed in has: those of the process, then the saved ones.
func viewsOf(p *page.Page, q *process.Process) ([]view, error) {
	out := builtIn(q, p.Who)
	if !p.Who.Reads("view") || p.Sys.Registry.Process("view") == nil {
		return out, nil
	}
	name, _ := json.Marshal(q.Name) // text
	l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: "view", Sort: "created_at", Limit: 50,
		Filter: `process = ` + string(name) + ` and state = "active" and (created_by = me or shared = true and (team is blank or team = my_teams))`})
	if err != nil {
		return nil, err
	}
	for _, r := range l.Records {
		s := r.(*people.View)
		v := view{Key: l.Process.Ref(s.Num), Label: string(s.Title), Filter: string(s.Filter), Sort: string(s.Sort), Group: string(s.Group), Columns: string(s.Columns), Saved: s}
		v.Mine = s.CreatedBy == p.Who.ID && p.Who.May("view", "update") || p.Who.Has(access.ProcessOwner)
		switch {
		case bool(s.Shared) && s.Team.IsZero():
			v.Shared, v.ShareWith = "everyone", "everyone"
		case bool(s.Shared):
			v.Shared, v.ShareWith = "the team", s.Team.String()
		}
		out = append(out, v)
	}
	return out, nil
}

// builtIn are the views that come with a process: what is open first.
func builtIn(q *process.Process, who *access.Principal) []view {
	open, named := openPhases(q)
	switch {
	case q.Name == "incident":
		var out []view
		if len(who.Teams) > 0 {
			out = append(out, view{Key: "team", Label: "My team, open", Filter: `team = my_teams and ` + open})
		}
		return append(out,
			view{Key: "open", Label: "Everything open", Filter: open},
			view{Key: "mine", Label: "Mine", Filter: `assignee = me and ` + open},
			view{Key: "unassigned", Label: "Unassigned", Filter: `assignee is blank and ` + open},
			view{Key: "today", Label: "Due today", Filter: `due_at <= today and ` + open, Sort: "due_at"},
			view{Key: "waiting", Label: "Waiting", Filter: `phase = "waiting"`},
			view{Key: "all", Label: "All"})
	case open == "":
		return []view{{Key: "all", Label: "All"}, {Key: "mine", Label: "Mine", Filter: "created_by = me"}}
	}
	mine := "(owner = me or assignee = me)"
	return []view{{Key: "open", Label: named, Filter: open}, {Key: "mine", Label: "Mine", Filter: mine + " and " + open}, {Key: "all", Label: "All"}}
}

// openPhases is the filter for what is not over in q, and what such a list is called; "" when
// nothing ever ends there.
func openPhases(q *process.Process) (filter, named string) {
	has := map[lifecycle.Phase]bool{}
	for _, s := range q.States {
		has[s.Phase] = true
	}
	var open []string
	over := false
	for _, ph := range []lifecycle.Phase{lifecycle.Draft, lifecycle.Open, lifecycle.Waiting, lifecycle.Done, lifecycle.Void} {
		switch {
		case !has[ph]:
		case ph == lifecycle.Done || ph == lifecycle.Void:
			over = true
		default:
			open = append(open, `"`+string(ph)+`"`)
		}
	}
	if !over || len(open) == 0 {
		return "", ""
	}
	named = "Open"
	if _, ok := q.State("active"); ok {
		named = "Active"
	}
	if len(open) == 1 {
		return "phase = " + open[0], named
	}
	return "phase in (" + strings.Join(open, ", ") + ")", named
}

// counted is a view with how many records it lists.
type counted struct {
	ID    string // of the place that shows it
	N     int
	Exact bool
	Error bool
}

// counts answers how many records stand behind each tab and behind the list as it stands: the same
// question as the list's, so the same number.
func counts(p *page.Page, q *process.Process) error {
	a, err := ask(p, q)
	if err != nil {
		return err
	}
	var out []counted
	count := func(id, filter string) error {
		c := counted{ID: id}
		var err error
		c.N, c.Exact, err = p.Sys.Count(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: filter})
		if c.Error = fault.Is(err, fault.BadQuery); err != nil && !c.Error {
			return err
		}
		out = append(out, c)
		return nil
	}
	for _, v := range a.Views {
		if err := count("n-"+v.Key, v.Filter); err != nil {
			return err
		}
	}
	if err := count("q-total", a.Filter); err != nil {
		return err
	}
	return p.Show(http.StatusOK, countsPart(out))
}

// fresh answers how many records of the list have changed since the reader saw it.
func fresh(p *page.Page, q *process.Process) error {
	a, err := ask(p, q)
	if err != nil {
		return err
	}
	filter := `updated_at > ` + p.Query("since")
	if _, err := query.Parse(filter); err != nil {
		return fault.New(fault.BadRequest, "since takes an instant")
	}
	if a.Filter != "" {
		filter = "(" + a.Filter + ") and " + filter
	}
	n, exact, err := p.Sys.Count(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: filter})
	if err != nil {
		return err
	}
	return p.Show(http.StatusOK, freshPart(a, n, exact))
}

// saveView makes a view of the list as it stands, or changes one: its name, with whom it is shared,
// what it lists.
func saveView(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	back := form.Get("back")
	switch form.Get("do") {
	case "retire", "reactivate":
		return endView(p, q, form)
	}
	set := map[string]json.RawMessage{}
	put := func(name, value string) {
		set[name] = json.RawMessage("null")
		if value != "" {
			set[name], _ = json.Marshal(value) // text
		}
	}
	if form.Has("title") {
		put("title", strings.TrimSpace(form.Get("title")))
	}
	if form.Has("share") {
		share := form.Get("share")
		set["shared"], _ = json.Marshal(share != "")
		put("team", "")
		if share != "" && share != "everyone" {
			put("team", share)
		}
	}
	if form.Has("filter") {
		put("filter", form.Get("filter"))
		put("sort", form.Get("sort"))
		put("group", form.Get("group"))
		put("columns", form.Get("cols"))
	}
	cmd := lifecycle.Command{Process: "view", Verb: "create", Set: set, Door: "web"}
	if ref := form.Get("ref"); ref != "" {
		if err := mayChangeView(p, q, ref); err != nil {
			return err
		}
		cmd.Verb, cmd.Ref = "update", ref
	} else {
		put("process", q.Name)
	}
	res, err := p.Sys.Do(p.Ctx(), p.Who, cmd)
	if errs, refused := page.Refusals(err); refused {
		return p.Work(http.StatusUnprocessableEntity, p.Frame("Save as view"), viewFormPage(viewForm{P: q, Form: form, Errs: errs, Teams: teamsOf(p)}))
	}
	if err != nil {
		return err
	}
	if cmd.Verb == "update" && !form.Has("filter") {
		p.Redirect(withParams(back, q))
		return nil
	}
	p.Redirect(at(q, "", url.Values{"view": {res.Ref()}}))
	return nil
}

// endView takes a view away, or brings it back: it is retired, so nothing is lost.
func endView(p *page.Page, q *process.Process, form url.Values) error {
	ref, step := form.Get("ref"), form.Get("do")
	if err := mayChangeView(p, q, ref); err != nil {
		return err
	}
	if _, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: "view", Verb: "transition", Name: step, Ref: ref, Door: "web"}); err != nil {
		return err
	}
	if step == "retire" {
		p.Redirect(at(q, "", url.Values{"gone": {ref}}))
		return nil
	}
	p.Redirect(at(q, "", url.Values{"view": {ref}}))
	return nil
}

// mayChangeView holds a view against who wants to change it: those of others are theirs.
func mayChangeView(p *page.Page, q *process.Process, ref string) error {
	res, err := p.Sys.Get(p.Ctx(), p.Who, "view", ref)
	if err != nil {
		return err
	}
	v, ok := res.Record.(*people.View)
	if !ok || string(v.Process) != q.Name {
		return fault.New(fault.NotFound, "there is no such view")
	}
	if v.CreatedBy != p.Who.ID && !p.Who.Has(access.ProcessOwner) {
		return fault.New(fault.Denied, "this view belongs to somebody else; save one of your own")
	}
	return nil
}

// viewForm is what is asked to save a view.
type viewForm struct {
	P     *process.Process
	Form  url.Values
	Errs  map[string]string
	Teams []face.Option
}

// teamsOf are the teams of who is signed in, as choices.
func teamsOf(p *page.Page) []face.Option {
	names, err := p.Names(p.Who.Teams)
	if err != nil {
		p.Site.Log.Warn("teams", "error", err) // a view can be saved without
		return nil
	}
	var out []face.Option
	for _, t := range p.Who.Teams {
		if names[t] != nil {
			out = append(out, face.Option{Value: t.String(), Label: names.Title(t)})
		}
	}
	return out
}

// withParams is a list's address with parameters set, or taken away where they are blank. What is no
// address of q's list is its beginning.
func withParams(back string, q *process.Process, kv ...string) string {
	u, err := url.Parse(back)
	if err != nil || u.Path != "/"+q.Resource || u.Host != "" {
		u = &url.URL{Path: "/" + q.Resource}
	}
	x := u.Query()
	x.Del("open")
	for i := 0; i+1 < len(kv); i += 2 {
		x.Del(kv[i])
		if kv[i+1] != "" {
			x.Set(kv[i], kv[i+1])
		}
	}
	return at(q, "", x)
}
