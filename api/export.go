package api

import (
	"io"
	"net/http"
	"strings"
	"time"

	"steward/exchange/table"
	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// exportBatch is how many records are held at a time.
const exportBatch = 200

// export streams a list in constant memory. Text cannot run as a formula in what is written.
func export(c *Call) error {
	if !c.Who.May(c.Process.Name, "export") {
		return fault.New(fault.Denied, "you may not export %s", c.Process.Name)
	}
	lq, only, err := c.listQuery()
	if err != nil {
		return err
	}
	lq.Limit = exportBatch
	first, err := c.s.sys.List(c.R.Context(), c.Who, lq) // what is wrong with the query is told before anything is sent
	if err != nil {
		return err
	}
	if c.R.Method == http.MethodHead {
		l := *first
		l.Records, l.Next = nil, ""
		first = &l
	}
	h := c.W.Header()
	out := &streamed{c: c}
	var sink sink
	switch f := c.R.URL.Query().Get("format"); f {
	case "", "csv":
		h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		sink = newSheet(c, only, table.NewCSVWriter(out, table.WriteOptions{Zone: time.UTC}))
	case "xlsx":
		h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
		sink = newSheet(c, only, table.NewXLSXWriter(out, table.WriteOptions{Zone: c.s.sys.Zone()}))
	case "json":
		h.Set("Content-Type", "application/json; charset=utf-8")
		sink = &document{c: c, w: out, m: &more{only: only}}
	default:
		return fault.New(fault.BadRequest, "format takes csv, json or xlsx")
	}
	name := c.R.URL.Query().Get("format")
	if name == "" {
		name = "csv"
	}
	h.Set("Content-Disposition", disposition(c.Process.Resource+"."+name))
	err = pages(c, lq, first, sink.rows)
	if err := sink.end(err); err != nil {
		c.s.log.Error("export broke off", "process", c.Process.Name, "error", err)
		panic(http.ErrAbortHandler) // the reader must not take half a list for the whole
	}
	return nil
}

func pages(c *Call, lq system.ListQuery, l *system.List, each func(*system.List) error) error {
	for {
		if err := each(l); err != nil || l.Next == "" {
			return err
		}
		lq.Cursor = l.Next
		var err error
		if l, err = c.s.sys.List(c.R.Context(), c.Who, lq); err != nil {
			return err
		}
	}
}

// streamed gives the reader a time for each piece, instead of one for the whole.
type streamed struct{ c *Call }

func (s *streamed) Write(b []byte) (int, error) {
	_ = http.NewResponseController(s.c.W).SetWriteDeadline(time.Now().Add(writeBudget)) // not every connection knows deadlines
	return s.c.W.Write(b)
}

type sink interface {
	rows(*system.List) error
	end(error) error
}

// document is the export as JSON: the same objects as in lists.
type document struct {
	c     *Call
	w     io.Writer
	m     *more
	begun bool
	buf   []byte
}

func (d *document) rows(l *system.List) error {
	b := d.buf[:0]
	if !d.begun {
		b = append(b, `{"items":[`...)
	}
	for i, r := range l.Records {
		if d.begun {
			b = append(b, ",\n"...)
		}
		d.begun = true
		b = d.c.s.appendRecord(b, d.c.Process, r, l.Versions[i], d.m)
	}
	d.begun = true
	d.buf = b
	_, err := d.w.Write(b)
	return err
}

func (d *document) end(err error) error {
	if err != nil {
		return err
	}
	_, err = d.w.Write([]byte("]}\n"))
	return err
}

// sheet is the export as a table: one column a field, references by ref.
type sheet struct {
	c       *Call
	w       table.Writer
	fields  []*record.Field
	ref     bool
	custom  []string
	headed  bool
	version bool
}

func newSheet(c *Call, only map[string]bool, w table.Writer) *sheet {
	s := &sheet{c: c, w: w, ref: only == nil || only["ref"], version: c.Process.Versioned && (only == nil || only["version"])}
	fields := c.Process.Shape.Fields
	if only != nil { // in the order asked for
		fields = nil
		for _, n := range strings.Split(c.R.URL.Query().Get("fields"), ",") {
			if f := c.Process.Shape.Field(strings.TrimSpace(n)); f != nil {
				fields = append(fields, f)
			}
		}
	}
	for _, f := range fields {
		if shows(f) && f.Kind != record.KJSON {
			s.fields = append(s.fields, f)
		}
	}
	if only == nil || only["custom"] {
		defs, err := c.s.sys.CustomFields(c.R.Context(), c.Process.Name)
		if err == nil {
			s.custom = sortedKeys(defs)
		}
	}
	return s
}

func (s *sheet) head() error {
	s.headed = true
	var names []string
	if s.ref {
		names = append(names, "ref")
	}
	for _, f := range s.fields {
		names = append(names, f.Name)
		if f.Kind == record.KMoney {
			names = append(names, f.Name+"_currency")
		}
	}
	if s.version {
		names = append(names, "version", "version_state", "effective_from", "effective_to")
	}
	for _, n := range s.custom {
		names = append(names, "custom."+n)
	}
	return s.w.Header(names...)
}

func (s *sheet) rows(l *system.List) error {
	if !s.headed {
		if err := s.head(); err != nil {
			return err
		}
	}
	names, err := s.c.s.named(s.c.R.Context(), s.c.Who, s.c.Process, l.Records)
	if err != nil {
		return err
	}
	for i, r := range l.Records {
		var cells []table.Cell
		if s.ref {
			cells = append(cells, table.Text(s.c.Process.Ref(r.Head().Num)))
		}
		base := record.BaseOf(r)
		for _, f := range s.fields {
			cells = append(cells, s.cells(f, f.At(base), names)...)
		}
		if s.version {
			v := l.Versions[i]
			if v == nil {
				v = new(record.Version)
			}
			cells = append(cells, table.Integer(int64(v.Number)), table.Text(string(v.Status)), day(v.EffectiveFrom), day(v.EffectiveTo))
		}
		values := system.CustomValues(r)
		for _, n := range s.custom {
			t := record.Text("")
			if raw, ok := values[n]; ok && t.SetJSON(raw) != nil {
				t = record.Text(raw)
			}
			cells = append(cells, table.Text(string(t)))
		}
		if err := s.w.Write(cells...); err != nil {
			return err
		}
	}
	return nil
}

func day(d record.Date) table.Cell {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return table.Cell{}
	}
	return table.Day(t)
}

func (s *sheet) cells(f *record.Field, c record.Cell, names map[record.ID]*storage.Directory) []table.Cell {
	if c.Empty() && f.Kind != record.KMoney {
		return []table.Cell{{}}
	}
	switch x := c.(type) {
	case *record.Text:
		if f.Kind == record.KDate {
			return []table.Cell{day(record.Date(*x))}
		}
		return []table.Cell{table.Text(string(*x))}
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
	case *record.Money:
		if x.Empty() {
			return []table.Cell{{}, {}}
		}
		amount := record.Decimal{E6: x.E4 * 100, Set: true}
		return []table.Cell{table.Decimal(amount.String()), table.Text(string(x.Currency))}
	case *record.ID:
		if d := names[*x]; d != nil && f.Name != "id" {
			if p := s.c.s.sys.Registry.Process(string(d.Process)); p != nil {
				return []table.Cell{table.Text(p.Ref(d.Num))}
			}
		}
		return []table.Cell{table.Text(x.String())}
	case *record.Duration:
		return []table.Cell{table.Text(x.String())}
	case *record.Tags:
		text := ""
		for i, t := range *x {
			if i > 0 {
				text += ", "
			}
			text += t
		}
		return []table.Cell{table.Text(text)}
	}
	return []table.Cell{table.Text(string(c.AppendJSON(nil)))}
}

func (s *sheet) end(err error) error {
	if err == nil && !s.headed {
		err = s.head()
	}
	if e := s.w.Close(); err == nil {
		err = e
	}
	return err
}
