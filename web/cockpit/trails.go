package cockpit

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/conformity"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// The three ways in which an auditor follows things (ISO 19011:2018, A.17 and the field's practice):
// one service from what was agreed to what was reported, one process over all services, and back from
// a promise that was missed. None knows a process by name: a process is on a trail because its records
// name a service, or are linked.

// trailFew is how many records a step of a trail names; its count tells of the rest.
const trailFew = 6

// lineRead bounds how many records of a process are looked through for lines that name a service.
const lineRead = 2000

type trailRecord struct {
	Ref, Title, Href, State, Via string
	Depth                        int // links away from where the trail begins
}

type trailStep struct {
	Clause, Process, Doc string
	N                    int
	More                 bool // N is a lower bound
	Href                 string
	Records              []trailRecord
}

type choice struct{ Label, Href, Sub string }

type trailsView struct {
	Services, Processes, Missed []choice
}

func (d door) trails(p *page.Page) error {
	if err := conformity.May(p.Who); err != nil {
		return err
	}
	var v trailsView
	if q := p.Process("service"); q != nil {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: `phase != "void"`, Sort: "title", Limit: 200})
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			h := r.Head()
			v.Services = append(v.Services, choice{string(h.Title), "/cockpit/trails/services/" + q.Ref(h.Num), string(h.State)})
		}
	}
	for _, q := range p.Sys.Registry.All {
		if p.Process(q.Name) != nil && serviceField(q) != nil {
			v.Processes = append(v.Processes, choice{face.Plural(q), "/cockpit/trails/processes/" + q.Name, "clause " + q.Clause})
		}
		if p.Process(q.Name) == nil || q.Clocks == nil {
			continue
		}
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: "breached", Limit: 12})
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			h := r.Head()
			v.Missed = append(v.Missed, choice{string(h.Title), "/cockpit/trails/missed/" + q.Name + "/" + q.Ref(h.Num), q.Ref(h.Num)})
		}
	}
	slices.SortFunc(v.Processes, func(a, b choice) int { return cmp.Compare(a.Label, b.Label) })
	return p.OK(p.Frame("Trails", look.Crumb{Label: "Cockpit", Href: "/cockpit"}), trailsBody(v))
}

// serviceField is the field by which records of q name a service; nil when they name none.
func serviceField(q *process.Process) *record.Field { return refTo(q.Shape, "service") }

func refTo(s *record.Shape, name string) *record.Field {
	for _, f := range s.Fields {
		if f.Kind == record.KRef && f.Ref == name {
			return f
		}
	}
	return nil
}

type serviceTrail struct {
	Title string
	Steps []trailStep
	Now   time.Time
	Zone  *time.Location
}

func (d door) serviceTrail(p *page.Page) error {
	if err := conformity.May(p.Who); err != nil {
		return err
	}
	res, err := p.Sys.Get(p.Ctx(), p.Who, "service", p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	h := res.Record.Head()
	v := serviceTrail{Title: string(h.Title), Now: p.Now, Zone: p.Zone}
	linked := map[string][]trailRecord{}
	links, err := p.Sys.Links(p.Ctx(), p.Who, "service", h.ID.String(), time.Time{}, false)
	if err != nil {
		return err
	}
	for _, l := range links {
		linked[string(l.Other.Process)] = append(linked[string(l.Other.Process)], trailRecord{Ref: p.Sys.Registry.Process(string(l.Other.Process)).Ref(l.Other.Num), Title: string(l.Other.Title), Href: p.Address(l.Other), State: string(l.Other.State), Via: face.Human(l.Name)})
	}
	for _, q := range p.Sys.Registry.All {
		if p.Process(q.Name) == nil || q.Clause == "" || q.Name == "service" {
			continue
		}
		step := trailStep{Clause: q.Clause, Process: face.Plural(q), Doc: q.Doc, Records: linked[q.Name], N: len(linked[q.Name])}
		switch f := serviceField(q); {
		case f != nil:
			filter := fmt.Sprintf("%s = %q", f.Name, res.Process.Ref(h.Num))
			n, exact, err := p.Sys.Count(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: filter})
			if err != nil {
				return err
			}
			l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: filter, Limit: trailFew})
			if err != nil {
				return err
			}
			step.N, step.More, step.Href = step.N+n, !exact, "/"+q.Resource+"?filter="+url.QueryEscape(filter)
			for _, r := range l.Records {
				step.Records = append(step.Records, trailOf(p, q, r))
			}
		case lineTo(q, "service") != nil:
			named, err := d.naming(p, q, h.ID)
			if err != nil {
				return err
			}
			step.N += len(named)
			for i := range min(len(named), trailFew) {
				step.Records = append(step.Records, trailOf(p, q, named[i]))
			}
		default:
			if len(step.Records) == 0 {
				continue
			}
		}
		if len(step.Records) > trailFew {
			step.Records = step.Records[:trailFew]
		}
		v.Steps = append(v.Steps, step)
	}
	slices.SortStableFunc(v.Steps, func(a, b trailStep) int { return byClause(a.Clause, b.Clause) })
	return p.OK(p.Frame("Trail of "+v.Title, look.Crumb{Label: "Cockpit", Href: "/cockpit"}, look.Crumb{Label: "Trails", Href: "/cockpit/trails"}), serviceTrailBody(v))
}

// lineTo is the kind of line by which records of q name records of a process.
func lineTo(q *process.Process, name string) *record.LineKind {
	for _, k := range q.Shape.Lines {
		if refTo(k.Shape, name) != nil {
			return k
		}
	}
	return nil
}

// naming are the newest records of q with a line that names id.
func (d door) naming(p *page.Page, q *process.Process, id record.ID) ([]record.Record, error) {
	k := lineTo(q, "service")
	f := refTo(k.Shape, "service")
	l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Lines: true, Limit: lineRead})
	if err != nil {
		return nil, err
	}
	var out []record.Record
	for _, r := range l.Records {
		base := record.BaseOf(r)
		for i := range k.Len(base) {
			if *f.At(k.Each(base, i)).(*record.ID) == id {
				out = append(out, r)
				break
			}
		}
	}
	return out, nil
}

func trailOf(p *page.Page, q *process.Process, r record.Record) trailRecord {
	h := r.Head()
	return trailRecord{Ref: q.Ref(h.Num), Title: string(h.Title), Href: page.Path(q, r), State: string(h.State)}
}

// byClause orders clauses as the standard does: 8.10 after 8.9.
func byClause(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(x), len(y)) {
		if c := cmp.Compare(len(x[i]), len(y[i])); c != 0 {
			return c
		}
		if c := cmp.Compare(x[i], y[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}

type processRow struct {
	Service, Href     string
	All, Open, Late   int
	AllHref, OpenHref string
	Newest            *trailRecord
}

type processTrail struct {
	Title, Doc string
	Promises   bool
	Rows       []processRow
	Now        time.Time
	Zone       *time.Location
}

func (d door) processTrail(p *page.Page) error {
	if err := conformity.May(p.Who); err != nil {
		return err
	}
	q := p.Process(p.R.PathValue("name"))
	if q == nil || serviceField(q) == nil {
		return fault.New(fault.NotFound, "There is no process of that name whose records name a service.")
	}
	f := serviceField(q)
	v := processTrail{Title: face.Plural(q), Doc: q.Doc, Promises: q.Clocks != nil, Now: p.Now, Zone: p.Zone}
	sq := p.Process("service")
	l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: "service", Filter: `phase != "void"`, Sort: "title", Limit: 200})
	if err != nil {
		return err
	}
	for _, s := range l.Records {
		h := s.Head()
		of := fmt.Sprintf("%s = %q", f.Name, sq.Ref(h.Num))
		row := processRow{Service: string(h.Title), Href: "/cockpit/trails/services/" + sq.Ref(h.Num), AllHref: "/" + q.Resource + "?filter=" + url.QueryEscape(of), OpenHref: "/" + q.Resource + "?filter=" + url.QueryEscape(of+` and phase in ("open", "waiting")`)}
		for filter, into := range map[string]*int{of: &row.All, of + ` and phase in ("open", "waiting")`: &row.Open, of + " and breached": &row.Late} {
			if into == &row.Late && !v.Promises {
				continue
			}
			if *into, _, err = p.Sys.Count(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: filter}); err != nil {
				return err
			}
		}
		newest, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: of, Limit: 1})
		if err != nil {
			return err
		}
		for _, r := range newest.Records {
			t := trailOf(p, q, r)
			row.Newest = &t
		}
		v.Rows = append(v.Rows, row)
	}
	return p.OK(p.Frame(v.Title+" over all services", look.Crumb{Label: "Cockpit", Href: "/cockpit"}, look.Crumb{Label: "Trails", Href: "/cockpit/trails"}), processTrailBody(v))
}

type backTrail struct {
	Start   trailRecord
	Steps   []trailRecord
	Lacks   []string // what one would look for at the end of such a trail and does not find
	Now     time.Time
	Zone    *time.Location
	Cut     bool
	Records int
}

// backMost bounds a trail back: past that a person follows the links by hand.
const backMost, backDepth = 100, 4

// wanted is where a trail back from a missed promise ought to lead, where such records are kept.
var wanted = []struct{ process, lack string }{
	{"problem", "no problem was opened for its cause"},
	{"change", "no change is linked: nothing was altered on account of it"},
	{"nonconformity", "no nonconformity was recorded"},
	{"improvement", "no improvement came of it"},
}

func (d door) missed(p *page.Page) error {
	if err := conformity.May(p.Who); err != nil {
		return err
	}
	q := p.Process(p.R.PathValue("name"))
	if q == nil {
		return fault.New(fault.NotFound, "There is no such process.")
	}
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	v := backTrail{Start: trailOf(p, q, res.Record), Now: p.Now, Zone: p.Zone}
	seen, reached := map[record.ID]bool{res.Record.Head().ID: true}, map[string]bool{q.Name: true}
	next := []record.ID{res.Record.Head().ID}
	for depth := 1; depth <= backDepth && len(next) > 0 && !v.Cut; depth++ {
		m, err := p.Sys.LinksOf(p.Ctx(), p.Who, next, time.Time{}, false)
		if err != nil {
			return err
		}
		from := next
		next = nil
		for _, id := range from {
			for _, l := range m[id] {
				if seen[l.Other.ID] {
					continue
				}
				if len(v.Steps) == backMost {
					v.Cut = true
					break
				}
				seen[l.Other.ID], reached[string(l.Other.Process)] = true, true
				o := p.Sys.Registry.Process(string(l.Other.Process))
				v.Steps = append(v.Steps, trailRecord{Ref: o.Ref(l.Other.Num), Title: string(l.Other.Title), Href: p.Address(l.Other), State: string(l.Other.State), Via: face.Human(l.Name), Depth: depth})
				next = append(next, l.Other.ID)
			}
		}
	}
	for _, w := range wanted {
		if p.Process(w.process) != nil && !reached[w.process] {
			v.Lacks = append(v.Lacks, w.lack)
		}
	}
	return p.OK(p.Frame("Back from "+v.Start.Ref, look.Crumb{Label: "Cockpit", Href: "/cockpit"}, look.Crumb{Label: "Trails", Href: "/cockpit/trails"}), backTrailBody(v))
}
