package desk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/resolution/incident"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

type majorRow struct {
	Ref, Title, Href, Room, Word, Shape, Tone, Lead, Customer string
	Since, Next                                               time.Time
	Late                                                      bool
}

// majors lists the major incidents: those running first, then those lately ended.
func majors(p *page.Page) error {
	q := p.Process("incident")
	if q == nil {
		p.Redirect("/")
		return nil
	}
	var running, ended []majorRow
	for _, part := range []struct {
		filter string
		into   *[]majorRow
	}{{`major = true and phase in ("open","waiting")`, &running}, {`major = true and phase = "done"`, &ended}} {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: "incident", Filter: part.filter, Sort: "-opened_at", Limit: 50})
		if err != nil {
			return err
		}
		var ids []record.ID
		for _, r := range l.Records {
			i := r.(*incident.Incident)
			ids = append(ids, i.MajorLead, i.Customer)
		}
		names, err := p.Names(ids)
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			i := r.(*incident.Incident)
			x := majorRow{Ref: q.Ref(i.Num), Title: string(i.Title), Href: page.Path(q, r), Room: "/major/" + q.Ref(i.Num), Word: face.Human(string(i.State)), Lead: names.Title(i.MajorLead), Customer: names.Title(i.Customer), Since: i.MajorSince.Time()}
			x.Shape, x.Tone = face.Shape(q, string(i.State))
			if i.MajorUpdateDue != 0 {
				x.Next = i.MajorUpdateDue.Time()
				x.Late = x.Next.Before(p.Now)
			}
			*part.into = append(*part.into, x)
		}
	}
	return p.OK(p.Frame("Major incidents"), majorsBody(running, ended, p.Now, p.Zone))
}

type roomView struct {
	majorRow
	Says        string // what was said last
	SaidAt      time.Time
	Criterion   string
	Service     string
	Team        string
	Priority    string
	Description string
	Entries     []said
	Answer      bool
	Typed, Err  string
	NextIn      string
	Now         time.Time
	Zone        *time.Location
}

type said struct {
	Who, Body string
	At        time.Time
	Internal  bool
}

func room(p *page.Page) error { return showRoom(p, http.StatusOK, "", "") }

func showRoom(p *page.Page, status int, typed, problem string) error {
	res, err := p.Sys.Get(p.Ctx(), p.Who, "incident", p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	i := res.Record.(*incident.Incident)
	cs, err := p.Sys.Comments(p.Ctx(), p.Who, "incident", res.Ref())
	if err != nil {
		return err
	}
	ids := []record.ID{i.MajorLead, i.Customer, i.Service, i.Team}
	for _, c := range cs {
		ids = append(ids, c.Author)
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	v := roomView{Now: p.Now, Zone: p.Zone, Typed: typed, Err: problem, Criterion: face.Human(string(i.MajorCriterion)), Service: names.Title(i.Service), Team: names.Title(i.Team), Priority: face.Scale("priority", i.Priority.N),
		Description: string(i.Description), Answer: p.Who.May("incident", "comment") && p.Who.May("incident", "update")}
	v.majorRow = majorRow{Ref: res.Ref(), Title: string(i.Title), Href: page.Path(res.Process, i), Word: face.Human(string(i.State)), Lead: names.Title(i.MajorLead), Customer: names.Title(i.Customer), Since: i.MajorSince.Time()}
	v.Shape, v.Tone = face.Shape(res.Process, string(i.State))
	if i.MajorUpdateDue != 0 {
		v.Next = i.MajorUpdateDue.Time()
		v.Late = v.Next.Before(p.Now)
		v.NextIn = look.Ago(v.Next, p.Now)
	}
	for k := len(cs) - 1; k >= 0; k-- {
		c := cs[k]
		if c.Withdrawn {
			continue
		}
		if !c.Internal && v.Says == "" {
			v.Says, v.SaidAt = string(c.Body), c.At.Time()
		}
		v.Entries = append(v.Entries, said{names.Title(c.Author), string(c.Body), c.At.Time(), bool(c.Internal)})
	}
	return p.Work(status, p.Frame("Major incident "+res.Ref(), look.Crumb{Label: "Major incidents", Href: "/major"}), roomBody(v))
}

// publishUpdate tells those affected how it stands, and says when they hear again: one transaction.
func publishUpdate(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref, text := p.R.PathValue("ref"), strings.TrimSpace(form.Get("body"))
	body, _ := json.Marshal(text) // text
	cmds := []lifecycle.Command{{Process: "incident", Ref: ref, Verb: "comment", Set: map[string]json.RawMessage{"body": body}, Door: "web"}}
	if m, ok := face.ReadDuration(form.Get("next")); ok && m > 0 {
		set := face.Values(url.Values{"major_update_due": {p.Now.Add(m).In(p.Zone).Format("2006-01-02T15:04")}}, []*record.Field{incident.Process.Shape.Field("major_update_due")}, nil, p.Zone)
		cmds = append(cmds, lifecycle.Command{Process: "incident", Ref: ref, Verb: "update", Set: set, Door: "web"})
	} else {
		return showRoom(p, http.StatusUnprocessableEntity, text, "Say when those affected hear again, such as 30 min.")
	}
	if _, _, err := p.Sys.DoAll(p.Ctx(), p.Who, cmds); err != nil {
		if errs, ok := page.Refusals(err); ok {
			for _, m := range errs {
				return showRoom(p, http.StatusUnprocessableEntity, text, m)
			}
		}
		return err
	}
	p.Redirect("/major/" + ref)
	return nil
}
