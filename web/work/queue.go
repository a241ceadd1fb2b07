package work

import (
	"net/http"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

func queueRoutes(add func(method, path string, f func(*page.Page, *process.Process) error)) {
	add("GET", "", queue)
	add("GET", "/counts", counts)
	add("GET", "/fresh", fresh)
	add("GET", "/complete", complete)
	add("GET", "/filter", addFilter)
	add("GET", "/filter/value", filterValue)
	add("GET", "/export", export)
	add("POST", "/columns", saveColumns)
	add("POST", "/split", saveSplit)
	add("POST", "/views", saveView)
	add("GET", "/{ref}/preview", preview)
	add("POST", "/{ref}/preview", answerPreview)
	add("GET", "/bulk", bulk)
	add("POST", "/bulk", bulk)
	add("POST", "/bulk/undo", bulkUndo)
}

// queueView is a list as it is shown.
type queueView struct {
	P       *process.Process
	Ask     *asking
	Title   string
	Columns []column
	All     []column // that could be chosen
	Rows    []queueRow
	Next    string
	Mistake *mistake
	Chips   []chip
	Split   bool
	Preview *previewView
	Open    string // which menu stands open
	Gone    string // ref of a view that was just deleted
	Bulk    bool   // rows may be selected
	Export  bool
	MayView bool
	MayAdd  bool
	Void    bool // there is no record of this process at all
	Teams   []face.Option
	Fields  []face.Option // to filter by
	X       face.Context
	Me      string // ref or id of who is signed in
}

// row is a record in a list.
type row struct {
	Rec         record.Record
	Ref, Href   string
	Word        string // of the state
	Shape, Tone string
}

// queueRow is a row with what is said of it in a list.
type queueRow struct {
	row
	Version *record.Version
	Clock   *look.Clock
	Group   string // heading before it; "" when it is in the same group as the one above
	GroupIn string // filter for its group
	On      bool   // in the preview
}

// queue shows a list of records: filter, sort and cursor stand in the address.
func queue(p *page.Page, q *process.Process) error {
	a, err := ask(p, q)
	if err != nil {
		return err
	}
	v := queueView{P: q, Ask: a, Title: face.Plural(q), Split: p.Prefs[prefSplit(q)] != "off", Open: p.Query("open"), Gone: p.Query("gone")}
	if v.All, err = choosable(p, q); err != nil {
		return err
	}
	v.Columns = chosen(v.All, a.Columns)
	status := http.StatusOK
	lq := a.list()
	lq.Fields = fieldNames(q, v.Columns, a.groupField()...)
	l, err := p.Sys.List(p.Ctx(), p.Who, lq)
	if err != nil {
		st, f := page.Status(err)
		if st != http.StatusBadRequest || f == nil {
			return err
		}
		status, v.Mistake, l = http.StatusBadRequest, mistakeIn(a.Filter, f), &system.List{}
		v.Open = "filter"
	}
	if err := v.fill(p, l); err != nil {
		return err
	}
	v.Bulk = p.Who.May(q.Name, "update") || mayStep(p, q)
	if p.Part() && a.Cursor != "" {
		return p.Show(status, queueRows(v))
	}
	v.Export, v.MayView, v.MayAdd = p.Who.May(q.Name, "export"), p.Who.May("view", "create"), p.Who.May(q.Name, "create")
	v.Chips, v.Me = named(p, chipsOf(a.Filter)), p.Who.ID.String()
	if v.MayView {
		v.Teams = teamsOf(p)
	}
	if v.Fields, err = filterFields(p, q); err != nil {
		return err
	}
	if len(v.Rows) == 0 && v.Mistake == nil && a.Cursor == "" {
		any, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Limit: 1, Fields: []string{"title"}})
		if err != nil {
			return err
		}
		v.Void = len(any.Records) == 0
	}
	if v.Split && len(v.Rows) > 0 {
		if err := v.choose(p); err != nil {
			return err
		}
	}
	f := p.Frame(v.Title)
	if v.MayAdd {
		f.New = &look.Item{Label: "New " + strings.ToLower(face.Singular(q)), Href: "/" + q.Resource + "/new", Icon: "plus"}
	}
	return p.Work(status, f, queuePage(v))
}

// fill takes a page of records in: names and clocks of all of them in one question each.
func (v *queueView) fill(p *page.Page, l *system.List) error {
	var fields []*record.Field
	timed := false
	for _, c := range v.Columns {
		if c.F != nil {
			fields = append(fields, c.F)
			timed = timed || c.Name == "due_at"
		}
	}
	if v.Ask.Group != "" {
		fields = append(fields, v.P.Shape.Field(v.Ask.Group))
	}
	var refs, ids []record.ID
	for _, r := range l.Records {
		refs = append(refs, face.RefIDs(fields, record.BaseOf(r))...)
		ids = append(ids, r.Head().ID)
	}
	names, err := p.Names(refs)
	if err != nil {
		return err
	}
	clocks := map[record.ID][]look.Clock{}
	if timed && v.P.Clocks != nil {
		if clocks, err = clocksOf(p, ids); err != nil {
			return err
		}
	}
	v.X, v.Next = p.Context(names), l.Next
	last := "\x00"
	for i, r := range l.Records {
		x := queueRow{row: rowOf(v.P, r), Version: l.Versions[i]}
		h := r.Head()
		if v.P.Clocks != nil {
			x.Clock = nearest(clocks[h.ID])
		} else if timed {
			x.Clock = dueChip(p, h.DueAt, h.Phase == "done" || h.Phase == "void")
		}
		if f := v.P.Shape.Field("major"); f != nil && (h.Phase == "open" || h.Phase == "waiting") {
			if b, ok := f.Of(r).(*record.Bool); ok && bool(*b) {
				x.Shape, x.Tone, x.Word = "hex", "violet", "Major"
			}
		}
		if v.Ask.Group != "" {
			f := v.P.Shape.Field(v.Ask.Group)
			g := face.Text(f, f.Of(r), v.X.Names, p.Zone)
			if g == "" {
				g = "No " + strings.ToLower(columnLabel(v.P, f.Name))
			}
			if g != last {
				x.Group, last = g, g
				x.GroupIn = groupFilter(f, f.Of(r))
			}
		}
		v.Rows = append(v.Rows, x)
	}
	return nil
}

// choose puts a record into the preview: the one that the address names, else the first.
func (v *queueView) choose(p *page.Page) error {
	on := 0
	for i, r := range v.Rows {
		if r.Ref == v.Ask.At {
			on = i
		}
	}
	pv, err := previewOf(p, v.P, v.Rows[on].Ref)
	if fault.Is(err, fault.NotFound) {
		return nil // gone in this very moment
	}
	if err != nil {
		return err
	}
	pv.Back = v.Ask.here()
	v.Rows[on].On, v.Preview = true, pv
	return nil
}

func rowOf(q *process.Process, r record.Record) row {
	h := r.Head()
	out := row{Rec: r, Ref: q.Ref(h.Num), Href: page.Path(q, r), Word: face.Human(string(h.State))}
	out.Shape, out.Tone = face.Shape(q, string(h.State))
	return out
}

func (a *asking) groupField() []string {
	if a.Group == "" {
		return nil
	}
	return []string{a.Group}
}

// groupFilter is the condition for one group.
func groupFilter(f *record.Field, c record.Cell) string {
	switch v := c.(type) {
	case *record.ID:
		if !v.IsZero() {
			return f.Name + " = " + quoted(v.String())
		}
	case *record.Int:
		if !v.Empty() {
			return f.Name + " = " + face.Plain(c)
		}
	default:
		if !c.Empty() {
			return f.Name + " = " + quoted(face.Plain(c))
		}
	}
	return f.Name + " is blank"
}

// inGroup is the list of one group only.
func (a *asking) inGroup(cond string) string {
	return a.with(func(b *asking) { b.Filter, b.Group = both(b.Filter, cond), "" })
}

func (v queueView) more() string {
	return v.Ask.path("", "cursor", v.Next)
}

// span is how many columns a heading goes over.
func (v queueView) span() int {
	n := len(v.Columns) + 3
	if v.Bulk {
		n++
	}
	return n
}

// mayStep reports whether who is signed in may take any step of q.
func mayStep(p *page.Page, q *process.Process) bool {
	for _, t := range q.Transitions {
		if p.Who.May(q.Name, "do:"+t.Name) {
			return true
		}
	}
	return false
}

// filterFields are the fields that a condition can be put on, by their names for people.
func filterFields(p *page.Page, q *process.Process) ([]face.Option, error) {
	s, err := schemaOf(p, q)
	if err != nil {
		return nil, err
	}
	var out []face.Option
	for _, n := range s.Fields() {
		f, ok := s.Field(n)
		if !ok || f.Sensitive || n == "id" || n == "number" || n == "revision" {
			continue
		}
		out = append(out, face.Option{Value: n, Label: fieldWords(n)})
	}
	return out, nil
}

func prefSplit(q *process.Process) string { return "split:" + q.Name }

// saveSplit keeps whether a person wants the record beside the list.
func saveSplit(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	value := ""
	if form.Get("show") == "off" {
		value = "off"
	}
	if err := p.Sys.Prefer(p.Ctx(), p.Who, prefSplit(q), value); err != nil {
		return err
	}
	if p.Part() {
		p.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	p.Redirect(withParams(form.Get("back"), q))
	return nil
}
