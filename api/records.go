package api

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// list answers a page of records.
func list(c *Call) error {
	lq, only, err := c.listQuery()
	if err != nil {
		return err
	}
	if lq.Limit, err = c.limit(); err != nil {
		return err
	}
	lq.Cursor = c.R.URL.Query().Get("cursor")
	expand, err := c.expand()
	if err != nil {
		return err
	}
	l, err := c.s.sys.List(c.R.Context(), c.Who, lq)
	if err != nil {
		return err
	}
	m := &more{only: only}
	if expand {
		if m.refs, err = c.s.named(c.R.Context(), c.Who, c.Process, l.Records); err != nil {
			return err
		}
	}
	var joined map[record.ID][]system.LinkView
	if only["links"] {
		ids := make([]record.ID, len(l.Records))
		for i, r := range l.Records {
			ids[i] = r.Head().ID
		}
		if joined, err = c.s.sys.LinksOf(c.R.Context(), c.Who, ids, l.AsOf, false); err != nil {
			return err
		}
	}
	b := make([]byte, 0, 1024*(len(l.Records)+1))
	b = append(b, `{"items":[`...)
	for i, r := range l.Records {
		if i > 0 {
			b = append(b, ',')
		}
		if joined != nil {
			m.links = c.s.appendLinks(nil, joined[r.Head().ID])
		}
		b = c.s.appendRecord(b, c.Process, r, l.Versions[i], m)
	}
	b = append(b, ']')
	if l.Next != "" {
		b = append(b, `,"next":`...)
		b = record.AppendString(b, l.Next)
	}
	return c.send(http.StatusOK, append(b, '}'))
}

// count answers how many there are.
func count(c *Call) error {
	lq, _, err := c.listQuery()
	if err != nil {
		return err
	}
	n, exact, err := c.s.sys.Count(c.R.Context(), c.Who, lq)
	if err != nil {
		return err
	}
	b := strconv.AppendInt([]byte(`{"count":`), int64(n), 10)
	b = strconv.AppendBool(append(b, `,"exact":`...), exact)
	return c.send(http.StatusOK, append(b, '}'))
}

// listQuery reads what lists, counts and exports have in common.
func (c *Call) listQuery() (lq system.ListQuery, only map[string]bool, err error) {
	q := c.R.URL.Query()
	lq = system.ListQuery{Process: c.Process.Name, Filter: q.Get("filter"), Sort: q.Get("sort"), Lines: true}
	at, known, err := c.past()
	if err != nil {
		return lq, nil, err
	}
	if known {
		lq.KnownAt = at
	} else {
		lq.AsOf = at
	}
	if lq.InForce, err = c.day("in_force_on"); err != nil {
		return lq, nil, err
	}
	if only, lq.Fields, err = c.fields(); err != nil {
		return lq, nil, err
	}
	if only != nil {
		lq.Lines = false
		for _, l := range c.Process.Shape.Lines {
			lq.Lines = lq.Lines || only[l.Name]
		}
	}
	return lq, only, nil
}

// fields reads which members are asked for; nil is all of them.
func (c *Call) fields() (map[string]bool, []string, error) {
	if !c.R.URL.Query().Has("fields") {
		return nil, nil, nil
	}
	only := map[string]bool{}
	names := []string{}
	for _, n := range strings.Split(c.R.URL.Query().Get("fields"), ",") {
		n = strings.TrimSpace(n)
		if !visibleName(c.Process, n) {
			return nil, nil, fault.New(fault.BadRequest, "fields: a %s has no field %q; they stand at /api/v1/%s/schema", c.Process.Name, n, c.Process.Resource)
		}
		only[n] = true
		if c.Process.Shape.Field(n) != nil {
			names = append(names, n)
		}
	}
	if len(names) == 0 {
		names = []string{"id"} // only lines, ref or version: no column needs to be read but those always read
	}
	return only, names, nil
}

func visibleName(p *process.Process, n string) bool {
	if f := p.Shape.Field(n); f != nil {
		return shows(f)
	}
	return n == "ref" || n == "links" || n == "version" && p.Versioned || p.Shape.Line(n) != nil
}

func (c *Call) expand() (bool, error) {
	switch c.R.URL.Query().Get("expand") {
	case "":
		return false, nil
	case "refs":
		return true, nil
	}
	return false, fault.New(fault.BadRequest, "expand takes refs")
}

// get1 answers one record, as it is or as it was.
func get1(c *Call) error {
	ctx, sys, ref := c.R.Context(), c.s.sys, c.R.PathValue("id")
	only, _, err := c.fields()
	if err != nil {
		return err
	}
	expand, err := c.expand()
	if err != nil {
		return err
	}
	at, known, err := c.past()
	if err != nil {
		return err
	}
	day, err := c.day("in_force_on")
	if err != nil {
		return err
	}
	var res *system.Result
	switch {
	case day != "":
		res, err = c.inForce(ref, day)
	case !at.IsZero():
		res, err = sys.AsOf(ctx, c.Who, c.Process.Name, ref, at, known)
	default:
		res, err = sys.Get(ctx, c.Who, c.Process.Name, ref)
	}
	if err != nil {
		return err
	}
	if at.IsZero() && day == "" {
		tag := etag(res.Record)
		c.W.Header().Set("ETag", tag)
		if sameTag(c.R.Header.Get("If-None-Match"), tag) {
			c.W.WriteHeader(http.StatusNotModified)
			return nil
		}
	}
	m := &more{only: only}
	if m.wants("links") {
		if m.links, err = c.linksOf(res.Record.Head().ID.String(), at); err != nil {
			return err
		}
	}
	if expand {
		if m.refs, err = c.s.named(ctx, c.Who, c.Process, []record.Record{res.Record}); err != nil {
			return err
		}
	}
	return c.send(http.StatusOK, c.s.appendRecord(make([]byte, 0, 2048), c.Process, res.Record, res.Version, m))
}

func (c *Call) linksOf(ref string, at time.Time) ([]byte, error) {
	ls, err := c.s.sys.Links(c.R.Context(), c.Who, c.Process.Name, ref, at, false)
	if err != nil {
		return nil, err
	}
	return c.s.appendLinks(nil, ls), nil
}

// inForce is the record with the content in force on a day.
func (c *Call) inForce(ref string, day record.Date) (*system.Result, error) {
	res, all, err := c.s.sys.Versions(c.R.Context(), c.Who, c.Process.Name, ref)
	if err != nil {
		return nil, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Version.InForce(day) {
			return &system.Result{Process: res.Process, Record: all[i].Record, Version: all[i].Version}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no version of this %s is in force on %s", c.Process.Name, day)
}

// sameTag says whether If-None-Match names tag; the comparison is the weak one of RFC 9110.
func sameTag(header, tag string) bool {
	for _, t := range strings.Split(header, ",") {
		t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
		if t == tag || t == "*" {
			return true
		}
	}
	return false
}

// seen is the record that stands above what the path names, as the caller sees it.
func (c *Call) seen() (*system.Result, error) {
	return c.s.sys.Get(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"))
}

// rows reads rows of a kernel table whose record the caller has seen.
func rows[T any](c *Call, t *storage.Table, where []storage.Cond, order string, limit int) ([]*T, error) {
	var out []*T
	var row *T
	err := c.s.sys.Store.Rows(c.R.Context(), t, where, order, limit, func() []storage.Part {
		row = new(T)
		return []storage.Part{storage.Part(row)}
	}, func() error { out = append(out, row); return nil })
	return out, err
}
