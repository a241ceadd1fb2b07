package portal

import (
	"encoding/xml"
	"net/http"
	"sort"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/people"
	"steward/kernel/record"
	"steward/sms/portfolio/service"
	"steward/sms/resolution/incident"
	"steward/sms/resolution/notice"
	"steward/web/page"
)

// The status page has two readers. Who is signed in sees the services of their customer, by incidents
// and notices. Everybody else sees it only if the organisation opened it, and then only services that
// are marked as public, only by notices that were published, and of those only what was written to be
// read outside.

type statusView struct {
	T        shell
	Intro    string
	Services []serviceRow
	Running  []disturbance
	Past     []disturbance
}

// historyDays is how far back the status page looks.
const historyDays = 90

// organisation is the provider's settings; nil while none were made.
func organisation(p *page.Page) (*people.Organisation, error) {
	all, err := p.Sys.Reader().All(p.Ctx(), "organisation")
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		if o, ok := r.(*people.Organisation); ok && o.State == "active" {
			return o, nil
		}
	}
	return nil, nil
}

// notices are those that were published and lasted after from, newest first.
func (s shell) notices(from time.Time, keep func(*notice.Notice) bool) ([]*notice.Notice, error) {
	found, err := s.p.Sys.Reader().Find(s.p.Ctx(), "service_notice", notice.Shown+` and (ended_at is blank or ended_at > "`+record.At(from).String()+`")`, 200)
	if err != nil {
		return nil, err
	}
	var out []*notice.Notice
	for _, r := range found {
		if n := r.(*notice.Notice); keep(n) {
			out = append(out, n)
		}
	}
	sort.SliceStable(out, func(a, b int) bool { return out[a].BeganAt > out[b].BeganAt })
	return out, nil
}

// badness orders what can be the matter with a service.
var badness = map[string]int{"": 0, "maintenance": 1, "disturbance": 2, "outage": 3}

// is makes the row at least as bad as kind.
func (x *serviceRow) is(kind string, s shell) {
	if badness[kind] <= x.bad {
		return
	}
	x.bad = badness[kind]
	x.Word, x.Shape, x.Tone = s.kind(kind)
}

// kind is what is the matter, in the reader's words.
func (s shell) kind(kind string) (word, shape, tone string) {
	switch kind {
	case "outage":
		return s.T.Say("st.down"), "oct", "red"
	case "disturbance":
		return s.T.Say("st.degraded"), "tri", "amber"
	case "maintenance":
		return s.T.Say("st.work"), "half", "blue"
	}
	return s.T.Say("st.ok"), "done", "green"
}

// tell takes what the running notices say into the row of a service.
func (x *serviceRow) tell(s shell, notices []*notice.Notice, id record.ID) {
	for _, n := range notices {
		if n.About(id) && !n.BeganAt.Time().After(s.p.Now) && !s.over(n) {
			x.is(string(n.Kind), s)
			x.Running = append(x.Running, s.told(n, nil))
		}
	}
}

// over reports whether what the notice is about has ended: it was said so, or its planned end is past.
func (s shell) over(n *notice.Notice) bool {
	return n.State == notice.Ended || n.EndedAt != 0 && !n.EndedAt.Time().After(s.p.Now)
}

// badDay is the worst that notices say of a service between two instants.
func badDay(notices []*notice.Notice, id record.ID, from, to, now time.Time) string {
	worst := ""
	for _, n := range notices {
		end := now
		if n.EndedAt != 0 {
			end = n.EndedAt.Time()
		}
		if n.About(id) && n.BeganAt.Time().Before(to) && end.After(from) && badness[string(n.Kind)] > badness[worst] {
			worst = string(n.Kind)
		}
	}
	return worst
}

// days are the last days in the reader's zone, oldest first, with the worst of each.
func (s shell) days(n int, worst func(from, to time.Time) string) []dayMark {
	var out []dayMark
	y, m, d := s.p.Now.In(s.p.Zone).Date()
	for k := n - 1; k >= 0; k-- {
		from := time.Date(y, m, d-k, 0, 0, 0, 0, s.p.Zone)
		kind := worst(from, time.Date(y, m, d-k+1, 0, 0, 0, 0, s.p.Zone)) // by date: a day may have 23 hours
		mark := dayMark{Day: s.T.Day(from)}
		mark.Word, _, _ = s.kind(kind)
		mark.Tone = map[string]string{"": "g", "maintenance": "b", "disturbance": "a", "outage": "x"}[kind]
		mark.Bad = kind != ""
		out = append(out, mark)
	}
	return out
}

// told is a notice as its readers see it: headline and texts in their language. names are the services
// that may be named.
func (s shell) told(n *notice.Notice, names map[record.ID]string) disturbance {
	title, says := n.Says(s.T.Lang)
	d := disturbance{Ref: n.ID.String(), Title: title, At: n.BeganAt.Time(), When: s.T.Moment(n.BeganAt.Time()), Newest: n.BeganAt.Time()}
	d.Word, d.Shape, d.Tone = s.kind(string(n.Kind))
	for _, u := range says {
		if at := u.At.Time(); at.After(d.Newest) {
			d.Newest = at
		}
		d.Says = append(d.Says, told{s.T.Moment(u.At.Time()), string(u.Text)})
	}
	d.Since = s.T.Say("since", d.When)
	if d.At.After(s.p.Now) {
		d.Since = s.T.Say("st.from", d.When)
		d.Newest = n.PublishedAt.Time()
	}
	if n.EndedAt != 0 && !s.over(n) {
		d.Since += ", " + s.T.Say("by", s.T.Moment(n.EndedAt.Time()))
	}
	if s.over(n) {
		d.End = n.EndedAt.Time()
		d.Solved = s.T.Say("st.solvedat", s.T.Moment(d.End))
		if d.End.After(d.Newest) {
			d.Newest = d.End
		}
	}
	for _, x := range n.Services {
		if name := names[x.Service]; name != "" {
			d.Services = append(d.Services, name)
		}
	}
	return d
}

// status is the page of who is signed in.
func (s shell) status() (statusView, error) {
	v := statusView{T: s}
	var err error
	if v.Services, err = s.services(historyDays); err != nil {
		return v, err
	}
	customer := s.p.Who.Customer
	scope := ""
	if !customer.IsZero() {
		scope = ` and customer = "` + customer.String() + `"`
	}
	from := s.p.Now.AddDate(0, 0, -historyDays)
	past, err := s.p.Sys.Reader().Find(s.p.Ctx(), "incident", `major = true and phase = "done" and opened_at > "`+record.At(from).String()+`"`+scope, 50)
	if err != nil {
		return v, err
	}
	all, err := s.p.Sys.Reader().All(s.p.Ctx(), "service")
	if err != nil {
		return v, err
	}
	names := map[record.ID]string{}
	for _, r := range all {
		if x := r.(*service.Service); uses(x, customer) {
			names[x.ID] = string(x.Title)
		}
	}
	ns, err := s.notices(from, func(n *notice.Notice) bool {
		return (customer.IsZero() || n.Customer.IsZero() || n.Customer == customer) && concerns(n, names)
	})
	if err != nil {
		return v, err
	}
	said := map[record.ID]bool{}
	for _, n := range ns {
		if !n.Incident.IsZero() {
			said[n.Incident] = true
		}
		switch {
		case s.over(n):
			v.Past = append(v.Past, s.told(n, names))
		case n.BeganAt.Time().After(s.p.Now): // what runs is told beside its services
			v.Running = append(v.Running, s.told(n, names))
		}
	}
	for _, r := range past {
		if i := r.(*incident.Incident); !said[i.ID] {
			v.Past = append(v.Past, s.disturbance(i))
		}
	}
	sort.SliceStable(v.Past, func(a, b int) bool { return v.Past[a].At.After(v.Past[b].At) })
	return v, nil
}

func concerns(n *notice.Notice, names map[record.ID]string) bool {
	for _, x := range n.Services {
		if names[x.Service] != "" {
			return true
		}
	}
	return false
}

// public is the page of everybody. It reads services and notices, and no other record.
func (s shell) public(o *people.Organisation) (statusView, error) {
	v := statusView{T: s, Intro: string(o.StatusText)}
	all, err := s.p.Sys.Reader().All(s.p.Ctx(), "service")
	if err != nil {
		return v, err
	}
	names := map[record.ID]string{}
	for _, r := range all {
		if x := r.(*service.Service); bool(x.Public) && x.Customer.IsZero() && x.State == "live" {
			names[x.ID] = string(x.Title)
		}
	}
	ns, err := s.notices(s.p.Now.AddDate(0, 0, -historyDays), func(n *notice.Notice) bool { return n.Customer.IsZero() && concerns(n, names) })
	if err != nil {
		return v, err
	}
	for id, name := range names {
		row := serviceRow{Title: name}
		row.Word, row.Shape, row.Tone = s.kind("")
		row.tell(s, ns, id)
		row.Running = nil // told once, above the services
		row.Days = s.days(historyDays, func(from, to time.Time) string { return badDay(ns, id, from, to, s.p.Now) })
		v.Services = append(v.Services, row)
	}
	sort.Slice(v.Services, func(a, b int) bool { return v.Services[a].Title < v.Services[b].Title })
	for _, n := range ns {
		if s.over(n) {
			v.Past = append(v.Past, s.told(n, names))
		} else {
			v.Running = append(v.Running, s.told(n, names))
		}
	}
	return v, nil
}

// seen is the page of whoever asks.
func seen(p *page.Page) (shell, statusView, error) {
	s := begin(p)
	if p.Who != nil {
		v, err := s.status()
		return s, v, err
	}
	o, err := organisation(p)
	if err != nil {
		return s, statusView{}, err
	}
	if o == nil || !o.PublicStatus {
		return s, statusView{}, fault.New(fault.Unauthorised, "Sign in to see this page.")
	}
	v, err := s.public(o)
	return s, v, err
}

func status(p *page.Page) error {
	s, v, err := seen(p)
	if err != nil {
		return err
	}
	if p.Who != nil && p.Who.Customer.IsZero() {
		return p.OK(p.Frame(s.T.Say("status")), statusBody(v))
	}
	return s.ok("status", statusBody(v))
}

// feed is the disturbances as an Atom feed (RFC 4287): the same as on the page.
func feed(p *page.Page) error {
	s, v, err := seen(p)
	if err != nil {
		return err
	}
	type link struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	}
	type entry struct {
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Link    link   `xml:"link"`
		Content string `xml:"content"`
	}
	type atom struct {
		XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string   `xml:"xml:lang,attr"`
		ID      string   `xml:"id"`
		Title   string   `xml:"title"`
		Updated string   `xml:"updated"`
		Author  string   `xml:"author>name"`
		Links   []link   `xml:"link"`
		Entries []entry  `xml:"entry"`
	}
	at := p.Origin() + "/status"
	out := atom{Lang: s.T.Lang, ID: at, Title: s.T.Say("status"), Author: s.author(), Links: []link{{"self", at + "/feed.xml"}, {"alternate", at}}}
	newest := time.Time{}
	have := map[string]bool{}
	add := func(d disturbance, service string) {
		if have[d.Ref] { // one that several services share is one entry
			return
		}
		have[d.Ref] = true
		said := []string{d.Word}
		if service != "" {
			said[0] = service + ": " + d.Word
		} else if len(d.Services) > 0 {
			said[0] = strings.Join(d.Services, ", ") + ": " + d.Word
		}
		if d.Solved != "" {
			said = append(said, d.Solved)
		}
		for _, t := range d.Says {
			said = append(said, t.When+"\n"+t.Text)
		}
		if d.Newest.After(newest) {
			newest = d.Newest
		}
		out.Entries = append(out.Entries, entry{at + "#" + d.Ref, d.Title, d.Newest.UTC().Format(time.RFC3339), link{"alternate", at + "#" + d.Ref}, strings.Join(said, "\n\n")})
	}
	for _, d := range v.Running {
		add(d, "")
	}
	for _, x := range v.Services {
		for _, d := range x.Running {
			add(d, x.Title)
		}
	}
	for _, d := range v.Past {
		add(d, "")
	}
	if newest.IsZero() {
		newest = p.Now
	}
	out.Updated = newest.UTC().Format(time.RFC3339)
	b, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return err
	}
	p.W.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	p.W.WriteHeader(http.StatusOK)
	_, _ = p.W.Write(append([]byte(xml.Header), b...)) // who is gone reads nothing
	return nil
}

// author is who speaks in the feed.
func (s shell) author() string {
	if o, err := organisation(s.p); err == nil && o != nil {
		return string(o.Title)
	}
	return "Steward"
}
