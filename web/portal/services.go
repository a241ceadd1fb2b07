package portal

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"sort"
	"time"

	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/agreement/level"
	"steward/sms/portfolio/service"
	"steward/sms/resolution/incident"
	"steward/web/page"
)

// serviceRow is a service as its customers see it.
type serviceRow struct {
	Ref, Title  string
	Word        string
	Shape, Tone string
	Days        []dayMark
	Running     []disturbance
}

type dayMark struct{ Day, Tone, Word string }

// disturbance is a major incident as those affected are told of it.
type disturbance struct {
	Title, When, Solved, Says string
	At                        time.Time
	Ref                       string
}

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
	var past []record.Record
	if days > 0 {
		from := p.Now.AddDate(0, 0, -days)
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
				row.Word, row.Shape, row.Tone = s.T.Say("st.down"), "oct", "red"
				row.Running = append(row.Running, s.disturbance(i))
			} else if row.Tone == "green" {
				row.Word, row.Shape, row.Tone = s.T.Say("st.degraded"), "tri", "amber"
			}
		}
		for d := days - 1; d >= 0; d-- {
			from := time.Date(p.Now.In(p.Zone).Year(), p.Now.In(p.Zone).Month(), p.Now.In(p.Zone).Day()-d, 0, 0, 0, 0, p.Zone)
			to := from.AddDate(0, 0, 1)
			m := dayMark{Day: s.T.Day(from), Tone: "g", Word: s.T.Say("st.ok")}
			for _, o := range past {
				i := o.(*incident.Incident)
				end := p.Now
				if i.ResolvedAt != 0 {
					end = i.ResolvedAt.Time()
				}
				if i.Service == x.ID && i.OpenedAt.Time().Before(to) && end.After(from) {
					m.Tone, m.Word = "x", s.T.Say("st.down")
				}
			}
			row.Days = append(row.Days, m)
		}
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
	d := disturbance{Title: string(i.Title), When: s.T.Moment(i.OpenedAt.Time()), At: i.OpenedAt.Time(), Ref: s.p.Sys.Registry.Process("incident").Ref(i.Num)}
	if i.ResolvedAt != 0 {
		d.Solved = s.T.Say("st.solvedat", s.T.Moment(i.ResolvedAt.Time()))
	}
	return d
}

type statusView struct {
	T        shell
	Services []serviceRow
	Past     []disturbance
}

// historyDays is how far back the status page looks.
const historyDays = 90

func (s shell) status() (statusView, error) {
	v := statusView{T: s}
	var err error
	if v.Services, err = s.services(historyDays); err != nil {
		return v, err
	}
	scope := ""
	if !s.p.Who.Customer.IsZero() {
		scope = ` and customer = "` + s.p.Who.Customer.String() + `"`
	}
	past, err := s.p.Sys.Reader().Find(s.p.Ctx(), "incident", `major = true and phase = "done" and opened_at > "`+record.At(s.p.Now.AddDate(0, 0, -historyDays)).String()+`"`+scope, 50)
	if err != nil {
		return v, err
	}
	for _, r := range past {
		v.Past = append(v.Past, s.disturbance(r.(*incident.Incident)))
	}
	sort.SliceStable(v.Past, func(a, b int) bool { return v.Past[a].At.After(v.Past[b].At) })
	return v, nil
}

func status(p *page.Page) error {
	s := begin(p)
	v, err := s.status()
	if err != nil {
		return err
	}
	if p.Who.Customer.IsZero() {
		return p.OK(p.Frame(s.T.Say("status")), statusBody(v))
	}
	return s.ok("status", statusBody(v))
}

// feed is the disturbances as an Atom feed (RFC 4287): the same instants as on the page.
func feed(p *page.Page) error {
	s := begin(p)
	v, err := s.status()
	if err != nil {
		return err
	}
	type entry struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Summary string `xml:"summary"`
	}
	type atom struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Author  string   `xml:"author>name"`
		Entries []entry  `xml:"entry"`
	}
	out := atom{ID: p.Origin() + "/status", Title: s.T.Say("status"), Updated: p.Now.UTC().Format(time.RFC3339), Author: "Steward"}
	add := func(d disturbance, service string) {
		sum := d.Solved
		if sum == "" {
			sum = s.T.Say("st.down")
		}
		out.Entries = append(out.Entries, entry{fmt.Sprintf("%s/status#%s", p.Origin(), d.Ref), d.Title, d.At.UTC().Format(time.RFC3339), service + " " + sum})
	}
	for _, x := range v.Services {
		for _, d := range x.Running {
			add(d, x.Title+":")
		}
	}
	for _, d := range v.Past {
		add(d, "")
	}
	b, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	p.W.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	p.W.WriteHeader(http.StatusOK)
	_, _ = p.W.Write(append([]byte(xml.Header), b...)) // who is gone reads nothing
	return nil
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
