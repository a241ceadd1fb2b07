package cockpit

import (
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/sms/conformity"
	"steward/sms/conformity/guidance"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

type place struct{ Label, Href, Icon string }

// screens are the pages that guidance may name beside lists of records.
var screens = map[string]place{
	"/cockpit": {"Cockpit", "/cockpit", "compass"}, "/my-work": {"My work", "/my-work", "inbox"}, "/major": {"Major incidents", "/major", "siren"},
	"/cockpit/todo": {"What keeps requirements from holding", "/cockpit/todo", "clipboard-check"}, "/cockpit/trails": {"Trails through the records", "/cockpit/trails", "search"},
}

type adviceView struct {
	*guidance.Clause
	Phase  *guidance.Phase
	Places []place // only what who looks may open
}

type adviceListRow struct {
	Number, Title, Href string
	Phase               *guidance.Phase
}

type adviceGroup struct {
	Number, Title string
	Rows          []adviceListRow
}

func (d door) advice(p *page.Page, c *guidance.Clause) adviceView {
	v := adviceView{Clause: c, Phase: guidance.PhaseOf(c.Number)}
	for _, name := range c.Processes {
		if q := p.Process(name); q != nil && p.Who.Reads(name) {
			v.Places = append(v.Places, place{face.Plural(q), "/" + q.Resource, face.Icon(name)})
		}
	}
	for _, s := range c.Screens {
		if x, ok := screens[s]; ok {
			v.Places = append(v.Places, x)
		}
	}
	return v
}

// guidanceList is every clause that there is guidance on.
func (d door) guidanceList(p *page.Page) error {
	if err := conformity.May(p.Who); err != nil {
		return err
	}
	var groups []adviceGroup
	for _, top := range d.e.Catalogue().Clauses() {
		g := adviceGroup{Number: top.Number, Title: top.Title}
		for _, c := range guidance.Under(top.Number) {
			g.Rows = append(g.Rows, adviceListRow{c.Number, c.Title, "/cockpit/guidance/" + c.Number, guidance.PhaseOf(c.Number)})
		}
		groups = append(groups, g)
	}
	return p.OK(p.Frame("Guidance", look.Crumb{Label: "Cockpit", Href: "/cockpit"}), guidanceListBody(groups))
}

// guidanceOn is the guidance on one clause, or on all beneath one.
func (d door) guidanceOn(p *page.Page) error {
	if err := conformity.May(p.Who); err != nil {
		return err
	}
	number := p.R.PathValue("clause")
	var vs []adviceView
	for _, c := range guidance.Under(number) {
		vs = append(vs, d.advice(p, c))
	}
	k, ok := d.e.Catalogue().Clause(number)
	if !ok || len(vs) == 0 {
		return fault.New(fault.NotFound, "The standard has no clause %s with requirements.", number)
	}
	title := k.Number + " " + k.Title
	return p.OK(p.Frame(title, look.Crumb{Label: "Cockpit", Href: "/cockpit"}, look.Crumb{Label: "Guidance", Href: "/cockpit/guidance"}), guidanceBody(number, title, vs))
}

type phaseView struct {
	*guidance.Standing
	Next []itemRow
	seal
	Clauses []place
}

type planView struct {
	Phases   []phaseView
	AsOf     string
	At       time.Time
	Zone     *time.Location
	MayBegin bool
}

// plan is the implementation plan, with how far each phase has come.
func (d door) plan(p *page.Page) error {
	r, asOf, err := d.report(p)
	if err != nil {
		return err
	}
	v := planView{AsOf: asOf, At: r.At, Zone: p.Zone, MayBegin: p.Who.May("scope", "create") && p.Who.May("document", "create")}
	for _, s := range guidance.Progress(r) {
		x := phaseView{Standing: s, seal: seal{"ring", "grey", "Not begun"}}
		switch {
		case s.Done():
			x.seal = seal{"done", "green", "Done"}
		case s.Held > 0:
			x.seal = seal{"half", "amber", "Under way"}
		}
		for _, it := range s.Next {
			x.Next = append(x.Next, rowOf(*it, asOf))
		}
		for _, c := range s.Phase.Clauses {
			if g, ok := guidance.Of(c); ok {
				x.Clauses = append(x.Clauses, place{g.Number + " " + g.Title, "/cockpit/guidance/" + g.Number, ""})
			}
		}
		v.Phases = append(v.Phases, x)
	}
	return p.OK(p.Frame("Implementation plan", look.Crumb{Label: "Cockpit", Href: with("/cockpit", asOf)}), planBody(v))
}

// guidanceAt is where the guidance on a clause is; "" for what is no clause with requirements.
func guidanceAt(clause string) string {
	if len(guidance.Under(clause)) == 0 || strings.Contains(clause, "/") {
		return ""
	}
	return "/cockpit/guidance/" + clause
}

// clauseOf is the clause that a requirement's id begins with.
func clauseOf(id string) string {
	clause, _, _ := strings.Cut(id, "-")
	return clause
}
