package cockpit

import (
	"fmt"
	"time"

	"steward/kernel/people"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/evaluation/evidencerequest"
	"steward/sms/evaluation/sample"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// What an audit needs on one page: what was drawn, what is asked for, who is here from outside.

type sampleRow struct {
	Ref, Title, Href, State, What, Progress, Judge string
	Shape, Tone                                    string
	Findings                                       int
}

type askedRow struct {
	Ref, Title, Href, State, Turn, Requirement string
	Shape, Tone                                string
	Due                                        time.Time
}

type guestRow struct{ Name, Login, Until string }

type auditsView struct {
	Samples                 []sampleRow
	Asked                   []askedRow
	Guests                  []guestRow
	MayDraw, MayAsk, MaySee bool
	Now                     time.Time
	Zone                    *time.Location
}

// auditsShown is how many of each the page names; the lists behind it have the rest.
const auditsShown = 20

func (d door) audits(p *page.Page) error {
	v := auditsView{MayDraw: p.Who.May("sample", "create"), MayAsk: p.Who.May("evidence_request", "create"), MaySee: system.SeesLooks(p.Who), Now: p.Now, Zone: p.Zone}
	if q := p.Process("sample"); q != nil {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: `phase != "void"`, Limit: auditsShown})
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			s := r.(*sample.Sample)
			x := sampleRow{Ref: q.Ref(s.Num), Title: string(s.Title), Href: page.Path(q, r), State: face.Human(string(s.State)), What: fmt.Sprintf("%s, %s to %s", s.Process, s.From, s.To), Findings: int(s.Findings)}
			x.Shape, x.Tone = face.Shape(q, string(s.State))
			if s.DrawnAt != 0 {
				x.Judge = "/cockpit/samples/" + x.Ref
				x.Progress = fmt.Sprintf("%d of %d judged, drawn from %d", s.Judged, min(s.Size.N, int64(s.Population)), s.Population)
			}
			v.Samples = append(v.Samples, x)
		}
	}
	if q := p.Process("evidence_request"); q != nil {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: `phase = "open"`, Sort: "due_at", Limit: auditsShown})
		if err != nil {
			return err
		}
		var ids []record.ID
		for _, r := range l.Records {
			ids = append(ids, r.Head().Assignee)
		}
		names, err := p.Names(ids)
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			e := r.(*evidencerequest.Request)
			x := askedRow{Ref: q.Ref(e.Num), Title: string(e.Title), Href: page.Path(q, r), State: face.Human(string(e.State)), Turn: names.Title(e.Assignee), Requirement: string(e.Requirement), Due: e.DueAt.Time()}
			if e.DueAt == 0 {
				x.Due = time.Time{}
			}
			x.Shape, x.Tone = face.Shape(q, string(e.State))
			v.Asked = append(v.Asked, x)
		}
	}
	if p.Process("user") != nil {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: "user", Filter: `external = true and state = "active"`, Limit: auditsShown})
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			u := r.(*people.User)
			v.Guests = append(v.Guests, guestRow{string(u.Title), string(u.Name), string(u.Until)})
		}
	}
	return p.OK(p.Frame("Audit room", look.Crumb{Label: "Cockpit", Href: "/cockpit"}), auditsBody(v))
}
