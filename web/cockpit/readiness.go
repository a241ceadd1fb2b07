package cockpit

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/sms/conformity"
	"steward/web/look"
	"steward/web/page"
)

type readyAsk struct {
	What     string
	Held, Of int
	Items    []itemRow
}

type readyView struct {
	Title, When, Path, AsOf string
	Stages                  []choice
	Asks                    []readyAsk
	Held, Of, Short, Days   int
	Ready                   bool
	Zone                    *time.Location
	At                      time.Time
}

// readiness is how ready the system is for an audit by a certification body.
func (d door) readiness(p *page.Page) error {
	rep, asOf, err := d.report(p)
	if err != nil {
		return err
	}
	r, ok, err := d.e.Readiness(p.Ctx(), rep, p.R.PathValue("stage"))
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.NotFound, "There is no such audit: there are stage-1, stage-2 and surveillance.")
	}
	v := readyView{Title: r.Stage.Title, When: r.Stage.When, Path: "/cockpit/readiness/" + r.Stage.Name, AsOf: asOf, Held: r.Held, Of: r.Of, Short: r.Short, Days: r.Stage.Days, Ready: r.Ready(), Zone: p.Zone, At: r.At}
	for _, s := range conformity.Stages {
		c := choice{Label: s.Title, Href: with("/cockpit/readiness/"+s.Name, asOf)}
		if s.Name == r.Stage.Name {
			c.Sub = "page"
		}
		v.Stages = append(v.Stages, c)
	}
	for _, a := range r.Asks {
		x := readyAsk{What: a.What, Held: a.Held, Of: a.Of}
		for _, i := range a.Fails {
			x.Items = append(x.Items, rowOf(i, asOf))
		}
		v.Asks = append(v.Asks, x)
	}
	return p.OK(p.Frame("Readiness: "+v.Title, look.Crumb{Label: "Cockpit", Href: with("/cockpit", asOf)}), readyBody(v))
}

// todoEach is how many members of one requirement a list of things to do names.
const todoEach = 25

type todoRow struct {
	memberRow
	Requirement, Needs, RequirementHref string
	seal
}

type todoGroup struct {
	Owner, Href string
	Mine        bool
	Rows        []todoRow
}

type todoView struct {
	Groups []todoGroup
	N      int
	Mine   bool
}

// todo is what keeps requirements from holding, by whose it is; ?mine=1 is one's own.
func (d door) todo(p *page.Page) error {
	rep, _, err := d.report(p)
	if err != nil {
		return err
	}
	list, err := d.e.Todos(p.Ctx(), p.Who, rep, todoEach)
	if err != nil {
		return err
	}
	v := todoView{Mine: p.Query("mine") != ""}
	var ids []record.ID
	for _, t := range list {
		ids = append(ids, t.About.ID, t.Owner)
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	at := map[record.ID]int{}
	for _, t := range list {
		if v.Mine && t.Owner != p.Who.ID {
			continue
		}
		n, ok := at[t.Owner]
		if !ok {
			n = len(v.Groups)
			at[t.Owner] = n
			g := todoGroup{Owner: "Nobody", Mine: t.Owner == p.Who.ID}
			if dir := names[t.Owner]; dir != nil {
				g.Owner, g.Href = string(dir.Title), p.Address(dir)
			}
			v.Groups = append(v.Groups, g)
		}
		row := todoRow{memberRow: memberRow{Ref: t.About.Ref, Reason: t.Reason, Next: t.NextStep}, Requirement: t.Requirement.ID, Needs: t.Requirement.Needs,
			RequirementHref: "/cockpit/requirements/" + t.Requirement.ID, seal: seals[t.State]}
		if dir := names[t.About.ID]; dir != nil {
			row.Title, row.Href = string(dir.Title), p.Address(dir)
		}
		v.Groups[n].Rows = append(v.Groups[n].Rows, row)
		v.N++
	}
	// One's own first, then by name; what is nobody's stands last.
	slices.SortStableFunc(v.Groups, func(a, b todoGroup) int {
		rank := func(g todoGroup) string {
			switch {
			case g.Mine:
				return "0"
			case g.Href == "":
				return "2"
			}
			return "1" + g.Owner
		}
		return strings.Compare(rank(a), rank(b))
	})
	return p.Work(http.StatusOK, p.Frame("To do for conformity", look.Crumb{Label: "Cockpit", Href: "/cockpit"}), todoBody(v))
}
