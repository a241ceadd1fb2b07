package portal

import (
	"fmt"
	"slices"
	"sort"
	"time"

	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/agreement/level"
	"steward/sms/portfolio/service"
	"steward/sms/resolution/incident"
	"steward/sms/resolution/notice"
	"steward/web/page"
)

// serviceRow is a service as its customers see it.
type serviceRow struct {
	Ref, Title  string
	Word        string
	Shape, Tone string
	Days        []dayMark
	Running     []disturbance
	bad         int
}

// bads are the days on which something was the matter, for those who see no picture.
func (x serviceRow) bads() []dayMark {
	return slices.DeleteFunc(slices.Clone(x.Days), func(d dayMark) bool { return !d.Bad })
}

type dayMark struct {
	Day, Tone, Word string
	Bad             bool
}

// disturbance is a published notice, or a major incident that has none, as those affected are told of
// it.
type disturbance struct {
	Ref, Title, When, Solved string
	Since                    string
	Word, Shape, Tone        string
	Services                 []string
	Says                     []told
	At, Newest, End          time.Time // End is zero while it lasts
}

// told is what was said at an instant.
type told struct{ When, Text string }

// services are the customer's, each with how it is: worked out from the customer's own incidents, not
// only from those that the reader may open. days is how far back to look; 0 only for now.
func (s shell) services(days int) ([]serviceRow, error) {
	p := s.p
	all, err := p.Sys.Reader().All(p.Ctx(), "service")
	if err != nil {
		return nil, err
	}
	q := p.Sys.Registry.Process("service")
	customer := p.Who.Customer
	scope := ""
	if !customer.IsZero() {
		scope = ` and customer = "` + customer.String() + `"`
	}
	// The state of a service is for everybody of the customer: Steward looks, and tells only that.
	open, err := p.Sys.Reader().Find(p.Ctx(), "incident", `phase in ("open","waiting") and (major = true or priority <= 2)`+scope, 200)
	if err != nil {
		return nil, err
	}
	from := p.Now.AddDate(0, 0, -days)
	notices, err := s.notices(from, func(n *notice.Notice) bool { return customer.IsZero() || n.Customer.IsZero() || n.Customer == customer })
	if err != nil {
		return nil, err
	}
	var past []record.Record
	if days > 0 {
		if past, err = p.Sys.Reader().Find(p.Ctx(), "incident", `major = true and opened_at > "`+record.At(from).String()+`"`+scope, 200); err != nil {
			return nil, err
		}
	}
	var out []serviceRow
	for _, r := range all {
		x := r.(*service.Service)
		if x.State != "live" || !uses(x, customer) {
			continue
		}
		row := serviceRow{Ref: q.Ref(x.Num), Title: string(x.Title), Word: s.T.Say("st.ok"), Shape: "done", Tone: "green"}
		for _, o := range open {
			i := o.(*incident.Incident)
			if i.Service != x.ID {
				continue
			}
			if i.Major {
				row.is("outage", s)
				// What was published about it is said in its place.
				if !slices.ContainsFunc(notices, func(n *notice.Notice) bool { return n.Incident == i.ID && n.About(x.ID) }) {
					row.Running = append(row.Running, s.disturbance(i))
				}
			} else {
				row.is("disturbance", s)
			}
		}
		row.tell(s, notices, x.ID)
		row.Days = s.days(days, func(from, to time.Time) string {
			worst := badDay(notices, x.ID, from, to, p.Now)
			for _, o := range past {
				i := o.(*incident.Incident)
				end := p.Now
				if i.ResolvedAt != 0 {
					end = i.ResolvedAt.Time()
				}
				if i.Service == x.ID && i.OpenedAt.Time().Before(to) && end.After(from) {
					worst = "outage"
				}
			}
			return worst
		})
		out = append(out, row)
	}
	sort.SliceStable(out, func(a, b int) bool { return out[a].Title < out[b].Title })
	return out, nil
}

// uses reports whether the customer uses the service; a service without customers is for all.
func uses(x *service.Service, customer record.ID) bool {
	if customer.IsZero() || x.Customer == customer {
		return true
	}
	if !x.Customer.IsZero() {
		return false
	}
	if len(x.Customers) == 0 {
		return true
	}
	for _, c := range x.Customers {
		if c.Customer == customer {
			return true
		}
	}
	return false
}

func (s shell) disturbance(i *incident.Incident) disturbance {
	d := disturbance{Word: s.T.Say("st.down"), Shape: "oct", Tone: "red", Title: string(i.Title), When: s.T.Moment(i.OpenedAt.Time()), At: i.OpenedAt.Time(), Ref: s.p.Sys.Registry.Process("incident").Ref(i.Num)}
	d.Newest, d.Since = d.At, s.T.Say("since", d.When)
	if i.ResolvedAt != 0 {
		d.End, d.Newest = i.ResolvedAt.Time(), i.ResolvedAt.Time()
		d.Solved = s.T.Say("st.solvedat", s.T.Moment(i.ResolvedAt.Time()))
	}
	return d
}

type promiseLine struct{ Case, Answer, Solve string }

type agreementView struct {
	Title, Hours string
	Lines        []promiseLine
}

type promisedView struct {
	T    shell
	List []agreementView
}

// promised shows the customer's agreements in force, in plain words.
func promised(p *page.Page) error {
	s := begin(p)
	v := promisedView{T: s}
	if p.Process("agreement") != nil {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: "agreement", InForce: p.Sys.Today(), Lines: true, Limit: 50})
		if err != nil {
			return err
		}
		var ids []record.ID
		for _, r := range l.Records {
			ids = append(ids, r.(*level.Agreement).Calendar)
		}
		names, err := p.Names(ids)
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			a := r.(*level.Agreement)
			x := agreementView{Title: string(a.Title)}
			if names[a.Calendar] != nil {
				x.Hours = names.Title(a.Calendar)
			}
			for n := int64(1); n <= 4; n++ {
				line := promiseLine{Case: s.T.Say(fmt.Sprintf("agree.p%d", n))}
				for _, t := range a.Targets {
					if t.Priority.N != n {
						continue
					}
					if t.Kind == "response" {
						line.Answer = s.T.Span(t.Duration.Go())
					} else {
						line.Solve = s.T.Span(t.Duration.Go())
					}
				}
				x.Lines = append(x.Lines, line)
			}
			v.List = append(v.List, x)
		}
	}
	return s.ok("promised", promisedBody(v))
}
