package work

import (
	"net/http"
	"net/url"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/page"
)

func queueRoutes(add func(method, path string, f func(*page.Page, *process.Process) error)) {
	add("GET", "", queue)
}

// queueView is a list as it is shown.
type queueView struct {
	P       *process.Process
	Title   string
	Columns []*record.Field
	Rows    []row
	Next    string
	Filter  string
	Sort    string
	Error   string
	X       face.Context
}

// row is a record in a list.
type row struct {
	Rec         record.Record
	Ref, Href   string
	Word        string // of the state
	Shape, Tone string
}

// queue shows a list of records: filter, sort and cursor stand in the address.
func queue(p *page.Page, q *process.Process) error {
	v := queueView{P: q, Title: face.Plural(q), Filter: p.Query("filter"), Sort: p.Query("sort"), Columns: columns(q)}
	l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: v.Filter, Sort: v.Sort, Cursor: p.Query("cursor"), Limit: 50})
	status := http.StatusOK
	if err != nil {
		st, f := page.Status(err)
		if st != http.StatusBadRequest || f == nil {
			return err
		}
		status, v.Error, l = http.StatusUnprocessableEntity, f.Detail, &system.List{}
	}
	var ids []record.ID
	for _, r := range l.Records {
		ids = append(ids, face.RefIDs(v.Columns, record.BaseOf(r))...)
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	v.X, v.Next = p.Context(names), l.Next
	for _, r := range l.Records {
		v.Rows = append(v.Rows, rowOf(q, r))
	}
	return p.Work(status, p.Frame(v.Title), queuePage(v))
}

func rowOf(q *process.Process, r record.Record) row {
	h := r.Head()
	out := row{Rec: r, Ref: q.Ref(h.Num), Href: page.Path(q, r), Word: face.Human(string(h.State))}
	out.Shape, out.Tone = face.Shape(q, string(h.State))
	return out
}

// columns are what a list of q shows before somebody chooses: what its people ask first.
func columns(q *process.Process) []*record.Field {
	var out []*record.Field
	for _, n := range []string{"customer", "service", "kind", "category", "assignee", "owner", "updated_at"} {
		if f := q.Shape.Field(n); f != nil && !(n == "owner" && q.Shape.Field("service") != nil) {
			out = append(out, f)
		}
	}
	return out
}

func (v queueView) more() string {
	x := url.Values{}
	for k, s := range map[string]string{"filter": v.Filter, "sort": v.Sort, "cursor": v.Next} {
		if s != "" {
			x.Set(k, s)
		}
	}
	return "/" + v.P.Resource + "?" + x.Encode()
}
