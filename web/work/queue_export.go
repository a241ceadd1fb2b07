package work

import (
	"net/http"
	"time"

	"steward/exchange/table"
	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/page"
)

// What an export holds at a time, and how long a reader may take for one piece of it.
const (
	exportPage  = 200
	exportPiece = 30 * time.Second
)

// piecewise gives the reader a time for each piece instead of one for the whole.
type piecewise struct{ p *page.Page }

func (w piecewise) Write(b []byte) (int, error) {
	_ = http.NewResponseController(w.p.W).SetWriteDeadline(time.Now().Add(exportPiece)) // not every connection knows deadlines
	return w.p.W.Write(b)
}

// export sends exactly what the list shows, all pages of it, in constant memory. Text cannot run as
// a formula in what is written.
func export(p *page.Page, q *process.Process) error {
	if !p.Who.May(q.Name, "export") {
		return fault.New(fault.Denied, "You may not export these.")
	}
	a, err := ask(p, q)
	if err != nil {
		return err
	}
	all, err := choosable(p, q)
	if err != nil {
		return err
	}
	v := queueView{P: q, Ask: a, Columns: chosen(all, a.Columns)}
	lq := a.list()
	lq.Cursor, lq.Limit, lq.Fields = "", exportPage, fieldNames(q, v.Columns)
	l, err := p.Sys.List(p.Ctx(), p.Who, lq) // what is wrong with the list is told before anything is sent
	if err != nil {
		return err
	}
	h := p.W.Header()
	var out table.Writer
	ending := "csv"
	switch p.Query("format") {
	case "", "csv":
		h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		out = table.NewCSVWriter(piecewise{p}, table.WriteOptions{Zone: p.Zone, BOM: true})
	case "xlsx":
		ending = "xlsx"
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		out = table.NewXLSXWriter(piecewise{p}, table.WriteOptions{Zone: p.Zone})
	default:
		return fault.New(fault.BadRequest, "format takes csv or xlsx")
	}
	h.Set("Content-Disposition", `attachment; filename="`+q.Resource+"-"+p.Now.In(p.Zone).Format("2006-01-02")+"."+ending+`"`)
	err = v.write(p, lq, l, out)
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		p.Site.Log.Error("export broke off", "process", q.Name, "error", err)
		panic(http.ErrAbortHandler) // the reader must not take half a list for the whole
	}
	return nil
}

func (v *queueView) write(p *page.Page, lq system.ListQuery, l *system.List, out table.Writer) error {
	names := []string{"Ref", "State", "Title"}
	for _, c := range v.Columns {
		if c.Name == "due_at" {
			c.Label = "Due" // how much is left is true for a moment only
		}
		names = append(names, c.Label)
		if c.F != nil && c.F.Kind == record.KMoney {
			names = append(names, c.Label+" currency")
		}
	}
	if err := out.Header(names...); err != nil {
		return err
	}
	for {
		var refs []record.ID
		var fields []*record.Field
		for _, c := range v.Columns {
			if c.F != nil {
				fields = append(fields, c.F)
			}
		}
		for _, r := range l.Records {
			refs = append(refs, face.RefIDs(fields, record.BaseOf(r))...)
		}
		known, err := p.Names(refs)
		if err != nil {
			return err
		}
		for _, r := range l.Records {
			w := rowOf(v.P, r)
			cells := []table.Cell{table.Text(w.Ref), table.Text(w.Word), table.Text(string(r.Head().Title))}
			for _, c := range v.Columns {
				cells = append(cells, exported(c, r, known, p.Zone)...)
			}
			if err := out.Write(cells...); err != nil {
				return err
			}
		}
		if l.Next == "" {
			return nil
		}
		lq.Cursor = l.Next
		if l, err = p.Sys.List(p.Ctx(), p.Who, lq); err != nil {
			return err
		}
	}
}

// exported is a value as a spreadsheet can reckon with it: numbers as numbers, instants as instants.
func exported(col column, r record.Record, names face.Names, zone *time.Location) []table.Cell {
	if col.F == nil {
		return []table.Cell{table.Text(customText(r, col.Name))}
	}
	c := col.F.Of(r)
	if m, ok := c.(*record.Money); ok {
		if m.Empty() {
			return []table.Cell{{}, {}}
		}
		amount := record.Decimal{E6: m.E4 * 100, Set: true}
		return []table.Cell{table.Decimal(amount.String()), table.Text(string(m.Currency))}
	}
	if c.Empty() {
		return []table.Cell{{}}
	}
	switch x := c.(type) {
	case *record.Text:
		if d, err := time.Parse(time.DateOnly, string(*x)); err == nil && col.F.Kind == record.KDate {
			return []table.Cell{table.Day(d)}
		}
		if col.F.Kind != record.KChoice {
			return []table.Cell{table.Text(string(*x))}
		}
	case *record.Bool:
		return []table.Cell{table.Bool(bool(*x))}
	case *record.Int:
		return []table.Cell{table.Integer(x.N)}
	case *record.Count:
		return []table.Cell{table.Integer(int64(*x))}
	case *record.Decimal:
		return []table.Cell{table.Decimal(x.String())}
	case *record.Instant:
		return []table.Cell{table.Instant(x.Time())}
	}
	return []table.Cell{table.Text(face.Text(col.F, c, names, zone))}
}
