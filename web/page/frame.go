package page

import (
	"net/http"
	"strings"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/web/face"
	"steward/web/look"
)

// Preference names that every page heeds.
const (
	PrefScheme  = "scheme"  // light or dark; none: as the system has it
	PrefDensity = "density" // compact or comfortable
)

// Frame is what surrounds a page of the workspace for who is signed in: only what they may use.
func (p *Page) Frame(title string, crumbs ...look.Crumb) look.Frame {
	f := look.Frame{Title: title, Lang: "en", Scheme: p.Prefs[PrefScheme], Density: p.Prefs[PrefDensity], Crumbs: crumbs, Path: p.R.URL.Path}
	if f.Density == "" {
		f.Density = "compact"
	}
	if p.Who == nil {
		f.Kind = "bare"
		return f
	}
	f.Name = string(p.Person.Title)
	if unread, err := p.Sys.Inbox(p.Ctx(), p.Who, true, record.ID{}, 100); err == nil {
		f.Unread = len(unread)
	} else {
		p.Site.Log.Warn("inbox", "error", err) // a page without its bell is better than none
	}
	first := "/" + strings.SplitN(strings.TrimPrefix(p.R.URL.Path, "/"), "/", 2)[0]
	item := func(label, href, icon string) look.Item {
		return look.Item{Label: label, Href: href, Icon: icon, Current: href == first, Count: -1}
	}
	for _, name := range face.Groups {
		g := look.Group{Label: name, Open: p.Prefs["side:"+name] == "open" || p.Prefs["side:"+name] == "" && name != "Set up" && name != "Govern"}
		switch name {
		case "Work":
			g.Items = append(g.Items, item("My work", "/my-work", "inbox"), item("Approvals", "/approvals", "circle-check"))
			if p.Who.Reads("incident") {
				g.Items = append(g.Items, item("Major incidents", "/major", "siren"))
			}
		case "Set up":
			g.Items = append(g.Items, item("First steps", "/start", "sparkles"))
			if p.Who.May("user", "update") {
				g.Items = append(g.Items, item("Sign-in of users", "/accounts", "key-round"))
			}
		case "Govern":
			g.Items = append(g.Items, item("Cockpit", "/cockpit", "compass"))
		}
		for _, q := range p.Sys.Registry.All {
			if face.Group(q) == name && p.Who.Reads(q.Name) {
				it := item(face.Plural(q), "/"+q.Resource, face.Icon(q.Name))
				g.Open = g.Open || it.Current
				g.Items = append(g.Items, it)
			}
		}
		if len(g.Items) > 0 {
			f.Groups = append(f.Groups, g)
		}
	}
	f.Foot = []look.Item{item("Service status", "/status", "activity")}
	if q := p.Sys.Registry.Process("incident"); q != nil && p.Who.May("incident", "create") {
		f.New = &look.Item{Label: "New incident", Href: "/" + q.Resource + "/new", Icon: "plus"}
	}
	return f
}

// Names are the records with these ids, as far as who is signed in sees them, in one question.
func (p *Page) Names(ids []record.ID) (face.Names, error) {
	out := face.Names{}
	seen := map[record.ID]bool{{}: true}
	var cells []record.Cell
	for i := range ids {
		if !seen[ids[i]] {
			seen[ids[i]] = true
			cells = append(cells, &ids[i])
		}
	}
	scopes := p.Sys.Scopes(p.Who)
	for len(cells) > 0 {
		n := min(len(cells), 500)
		ds, err := p.Sys.Store.Directory(p.Ctx(), scopes, []storage.Cond{{Col: "id", Op: "in", Val: cells[:n]}}, "", 0)
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			out[d.ID] = d
		}
		cells = cells[n:]
	}
	return out, nil
}

// Context shows values to who is signed in.
func (p *Page) Context(names face.Names) face.Context {
	return face.Context{Names: names, Zone: p.Zone, Now: p.Now, Link: func(id record.ID) string { return p.Address(names[id]) }}
}

// Address is where a record's page is; "" for one that may not be seen.
func (p *Page) Address(d *storage.Directory) string {
	if d == nil {
		return ""
	}
	q := p.Sys.Registry.Process(string(d.Process))
	if q == nil {
		return ""
	}
	return "/" + q.Resource + "/" + q.Ref(d.Num)
}

// Path is the address of a record of q.
func Path(q *process.Process, r record.Record) string {
	return "/" + q.Resource + "/" + q.Ref(r.Head().Num)
}

// Process is the process of name, for a page that belongs to one; nil when who is signed in may
// not read it: to them there is none.
func (p *Page) Process(name string) *process.Process {
	q := p.Sys.Registry.Process(name)
	if q == nil || p.Who == nil || !p.Who.Reads(name) {
		return nil
	}
	return q
}

// Work shows a page of the workspace.
func (p *Page) Work(status int, f look.Frame, body Component) error {
	return p.Show(status, shell(f, body))
}

// OK is Work of a page that is as it should be.
func (p *Page) OK(f look.Frame, body Component) error { return p.Work(http.StatusOK, f, body) }
