package start

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/conformity/begin"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// beginView is the assistant that drafts a management system.
type beginView struct {
	Form    url.Values
	Errs    map[string]string
	Problem string
	People  []choice
	Top     []choice
	Groups  []draftGroup
	Drafts  int // that nobody has approved
	Made    int
	HandIn  int // drafts that whoever looks may hand in as they are
	Open    int // drafts with places in brackets
}

type draftGroup struct {
	Name  string
	Items []draftRow
}

type draftRow struct {
	Ref, Title, Href, Note string
	Approved               bool
}

// mayBegin: who may set up scope and policy, which is administrators, process owners and top management
// as far as they may make everything the assistant makes.
func mayBegin(p *page.Page) error {
	for _, k := range begin.Keys() {
		if !p.Who.May(k.Process, "create") || !p.Who.Reads(k.Process) {
			return fault.New(fault.Denied, "the management system is drafted by administrators and process owners")
		}
	}
	return nil
}

func (d door) begin(p *page.Page) error {
	if err := mayBegin(p); err != nil {
		return err
	}
	return d.showBegin(p, http.StatusOK, url.Values{}, nil, "")
}

func (d door) showBegin(p *page.Page, status int, form url.Values, errs map[string]string, problem string) error {
	v := beginView{Form: form, Errs: errs, Problem: problem}
	all, err := p.Sys.Reader().All(p.Ctx(), "user")
	if err != nil {
		return err
	}
	for _, r := range all {
		a, ok := r.(system.Account)
		if !ok || !a.Active() || !a.Head().Customer.IsZero() {
			continue
		}
		c := choice{a.Head().ID.String(), string(a.Head().Title)}
		v.People = append(v.People, c)
		if slices.Contains(a.RolesOn(p.Sys.Today()), "manager") {
			v.Top = append(v.Top, c)
		}
	}
	if v.Form.Get("organization") == "" && len(form) == 0 {
		orgs, err := p.Sys.Reader().All(p.Ctx(), "organisation")
		if err != nil {
			return err
		}
		for _, o := range orgs {
			if o.Head().State == "active" {
				v.Form.Set("organization", string(o.Head().Title))
			}
		}
	}
	ds, err := d.drafts(p)
	if err != nil {
		return err
	}
	for _, x := range ds {
		v.Made++
		if !x.Approved {
			v.Drafts++
			switch {
			case x.open:
				v.Open++
			case x.mine:
				v.HandIn++
			}
		}
		name := face.Plural(p.Sys.Registry.Process(x.process))
		i := slices.IndexFunc(v.Groups, func(g draftGroup) bool { return g.Name == name })
		if i < 0 {
			v.Groups = append(v.Groups, draftGroup{Name: name})
			i = len(v.Groups) - 1
		}
		v.Groups[i].Items = append(v.Groups[i].Items, x.draftRow)
	}
	return p.Work(status, p.Frame("Begin the management system", look.Crumb{Label: "Cockpit", Href: "/cockpit"}), beginBody(v))
}

// drafted is a generated record as who is signed in sees it.
type drafted struct {
	draftRow
	process string
	id      record.ID
	mine    bool // a draft of who looks, not handed in yet
	open    bool // it has places that only the organization can fill
}

// drafts are the generated records that are there, in the order in which they were made.
func (d door) drafts(p *page.Page) ([]drafted, error) {
	sys, err := p.Sys.Store.Meta(p.Ctx(), "system")
	if err != nil {
		return nil, err
	}
	var ids []record.ID
	services, err := p.Sys.Reader().All(p.Ctx(), "service")
	if err != nil {
		return nil, err
	}
	for _, s := range services {
		if begin.Generated(s.Head().ID) {
			ids = append(ids, s.Head().ID)
		}
	}
	for _, k := range begin.Keys() {
		ids = append(ids, begin.ID(sys, k))
	}
	names, err := p.Names(ids)
	if err != nil {
		return nil, err
	}
	var out []drafted
	for _, id := range ids {
		dir := names[id]
		if dir == nil || dir.Phase == record.Choice(lifecycle.Void) {
			continue // not made, not to be seen, or over
		}
		x, err := d.drafted(p, dir)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (d door) drafted(p *page.Page, dir *storage.Directory) (drafted, error) {
	q := p.Sys.Registry.Process(string(dir.Process))
	x := drafted{draftRow: draftRow{Ref: q.Ref(dir.Num), Title: string(dir.Title), Href: p.Address(dir)}, process: q.Name, id: dir.ID}
	h := &record.Header{ID: dir.ID, State: dir.State, Phase: dir.Phase}
	if !q.Versioned {
		x.Approved = !begin.Unapproved(h, nil)
		return x, nil
	}
	vs, err := p.Sys.Reader().Versions(p.Ctx(), q.Name, dir.ID)
	if err != nil || len(vs) == 0 {
		return x, err
	}
	for _, c := range vs {
		x.Approved = x.Approved || c.Version.Status == record.VersionApproved
	}
	last := vs[len(vs)-1]
	switch {
	case x.Approved:
	case last.Version.Status == record.VersionReview:
		x.Note = "Handed in, waits for approval"
	case last.Version.Status == record.VersionDraft:
		x.mine = last.Version.Number == 1 && last.Version.Author == p.Who.ID
		for _, f := range q.Content {
			if begin.Open(face.Plain(f.Of(last.Record))) {
				x.open, x.Note = true, "Fill the places in brackets"
			}
		}
	}
	return x, nil
}

// takeBegin makes the drafts as ordinary commands, all or none.
func (d door) takeBegin(p *page.Page) error {
	if err := mayBegin(p); err != nil {
		return err
	}
	form, err := p.Form()
	if err != nil {
		return err
	}
	a, errs, err := d.answers(p, form)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return d.showBegin(p, http.StatusUnprocessableEntity, form, errs, "")
	}
	var failed error
	a.Have = func(k begin.Key) record.ID {
		id, err := d.have(p, begin.ID(a.System, k), k)
		failed = errors.Join(failed, err)
		return id
	}
	ds, links := begin.Drafts(a)
	if failed != nil {
		return failed
	}
	var cmds []lifecycle.Command
	var of []string
	for _, x := range ds {
		for _, c := range x.Cmds {
			cmds, of = append(cmds, c), append(of, x.Key.Name)
		}
	}
	for _, c := range links {
		cmds, of = append(cmds, c), append(of, "link "+c.Name)
	}
	for i := range cmds {
		cmds[i].Door = "web"
	}
	if len(cmds) > 0 {
		if _, at, err := p.Sys.DoAll(p.Ctx(), p.Who, cmds); err != nil {
			if refused, ok := page.Refusals(err); ok && at >= 0 {
				var words []string
				for field, mend := range refused {
					words = append(words, field+": "+mend)
				}
				slices.Sort(words)
				return d.showBegin(p, http.StatusUnprocessableEntity, form, nil, fmt.Sprintf("Nothing was made, since %s was refused. %s", of[at], strings.Join(words, "; ")))
			}
			return err
		}
	}
	p.Redirect("/cockpit/begin")
	return nil
}

// have finds what a draft would be: the draft itself, or another record that is the same thing.
func (d door) have(p *page.Page, id record.ID, k begin.Key) (record.ID, error) {
	r, err := p.Sys.Reader().Get(p.Ctx(), k.Process, id)
	if err != nil {
		return record.ID{}, err
	}
	if r != nil {
		return id, nil
	}
	found, err := p.Sys.Reader().Find(p.Ctx(), k.Process, k.Filter, 1)
	if err != nil || len(found) == 0 {
		return record.ID{}, err
	}
	return found[0].Head().ID, nil
}

// answers reads the form; errs name inputs that are missing or cannot be meant.
func (d door) answers(p *page.Page, form url.Values) (a begin.Answers, errs map[string]string, err error) {
	errs = map[string]string{}
	get := func(name string) string { return strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n")) }
	need := func(name, mend string) string {
		if get(name) == "" {
			errs[name] = mend
		}
		return get(name)
	}
	lines := func(name string) []string {
		var out []string
		seen := map[string]bool{}
		for _, l := range strings.Split(get(name), "\n") {
			if l = strings.Join(strings.Fields(l), " "); l != "" && !seen[strings.ToLower(l)] {
				seen[strings.ToLower(l)] = true
				out = append(out, l)
			}
			if len([]rune(l)) > 200 {
				errs[name] = "keep a line under 200 characters"
			}
		}
		if len(out) > 100 {
			errs[name] = "name at most a hundred here; add the others later"
		}
		return out
	}
	a = begin.Answers{Organization: strings.Join(strings.Fields(need("organization", "give the name of the organization, as a certificate would have it")), " "), Purpose: need("purpose", "say what the organization is for"), Direction: need("direction", "say where it wants to go"),
		Units: get("units"), Customers: need("customers", "say for whom the services are"), Technology: need("technology", "say by what the services are delivered"), Limits: get("limits"), Obligations: get("obligations"),
		Locations: lines("locations"), Services: lines("services"), Roles: map[string]record.ID{}, People: map[record.ID]string{}, By: string(p.Person.Title), Today: p.Sys.Today(), Due: record.Day(p.Now.AddDate(1, 0, 0))}
	if len([]rune(a.Organization)) > 200 {
		errs["organization"] = "keep it under 200 characters"
	}
	for _, name := range []string{"purpose", "direction", "units", "customers", "technology", "limits", "obligations"} {
		if len([]rune(get(name))) > 2000 {
			errs[name] = "keep it under 2000 characters; a document can say more"
		}
	}
	if len(a.Locations) == 0 {
		errs["locations"] = "name at least one place, one on a line"
	}
	if len(a.Services) == 0 {
		errs["services"] = "name at least one service, one on a line"
	}
	for _, l := range lines("parties") {
		name, part, _ := strings.Cut(l, ":")
		a.Parties = append(a.Parties, begin.Party{Name: strings.TrimSpace(name), Part: strings.TrimSpace(part)})
	}
	all, err := p.Sys.Reader().All(p.Ctx(), "user")
	if err != nil {
		return a, errs, err
	}
	known := map[string]record.ID{}
	for _, r := range all {
		if u, ok := r.(system.Account); ok && u.Active() && u.Head().Customer.IsZero() {
			known[u.Head().ID.String()] = u.Head().ID
			a.People[u.Head().ID] = string(u.Head().Title)
		}
	}
	person := func(name, mend string, must bool) record.ID {
		id, ok := known[get(name)]
		if !ok && (must || get(name) != "") {
			errs[name] = mend
		}
		return id
	}
	top := person("top", "choose who of top management decides", true)
	owner := person("owner", "choose who keeps processes and documents", true)
	a.Top, a.Owner = begin.Person{ID: top, Name: a.People[top]}, begin.Person{ID: owner, Name: a.People[owner]}
	for _, r := range begin.RoleKinds {
		if id := person("role_"+r.Kind, "choose somebody from the list, or nobody", false); !id.IsZero() {
			a.Roles[r.Kind] = id
		}
	}
	a.System, err = p.Sys.Store.Meta(p.Ctx(), "system")
	return a, errs, err
}

// handIn submits the drafts of who is signed in that have nothing left to fill, so that others can
// approve them.
func (d door) handIn(p *page.Page) error {
	if err := mayBegin(p); err != nil {
		return err
	}
	ds, err := d.drafts(p)
	if err != nil {
		return err
	}
	var cmds []lifecycle.Command
	for _, x := range ds {
		if x.mine && !x.open {
			cmds = append(cmds, lifecycle.Command{Process: x.process, Record: x.id, Verb: "version_submit", Number: 1, Door: "web"})
		}
	}
	if len(cmds) > 0 {
		if _, _, err := p.Sys.DoAll(p.Ctx(), p.Who, cmds); err != nil {
			if refused, ok := page.Refusals(err); ok {
				var words []string
				for field, mend := range refused {
					words = append(words, field+": "+mend)
				}
				slices.Sort(words)
				return d.showBegin(p, http.StatusUnprocessableEntity, url.Values{}, nil, "Nothing was handed in. "+strings.Join(words, "; "))
			}
			return err
		}
	}
	p.Redirect("/cockpit/begin")
	return nil
}
