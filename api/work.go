package api

import (
	"net/http"
	"strconv"

	"steward/kernel/fault"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// appendThin is a record as lists over all processes show it.
func (s *server) appendThin(b []byte, d *storage.Directory) []byte {
	b = s.appendNamed(b, d)
	b = b[:len(b)-1]
	if p := s.sys.Registry.Process(string(d.Process)); p != nil {
		b = record.AppendString(append(b, `,"resource":`...), p.Resource)
	}
	for _, m := range []struct {
		name string
		cell record.Cell
	}{{"state", (*record.Text)(&d.State)}, {"phase", (*record.Text)(&d.Phase)}, {"customer", &d.Customer}, {"assignee", &d.Assignee},
		{"team", &d.Team}, {"due_at", &d.DueAt}, {"updated_at", &d.UpdatedAt}} {
		b = append(record.AppendString(append(b, ','), m.name), ':')
		b = m.cell.AppendJSON(b)
	}
	return append(b, '}')
}

// search finds records of any process by words, newest first.
func search(c *Call) error {
	n, err := c.limit()
	if err != nil {
		return err
	}
	phrases, err := query.SearchQuery(c.R.URL.Query().Get("q"))
	if err != nil {
		return queryProblem(err)
	}
	ds, err := c.s.sys.Store.Search(c.R.Context(), c.s.sys.Scopes(c.Who), phrases, n)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, items(len(ds), func(b []byte, i int) []byte { return c.s.appendThin(b, ds[i]) }))
}

func queryProblem(err error) error {
	q, ok := err.(*query.Error)
	if !ok {
		return err
	}
	f := fault.New(fault.BadQuery, "%s", q.Detail)
	if q.Mend != "" {
		f.Detail += "; " + q.Mend
	}
	f.Position, f.Legal = q.Pos, []string{q.Reason}
	return f
}

func myWork(c *Call) error {
	n, err := c.limit()
	if err != nil {
		return err
	}
	ds, err := c.s.sys.MyWork(c.R.Context(), c.Who, n)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, items(len(ds), func(b []byte, i int) []byte { return c.s.appendThin(b, ds[i]) }))
}

// inbox answers what the caller was told, newest first.
func inbox(c *Call) error {
	n, err := c.limit()
	if err != nil {
		return err
	}
	unread, err := c.flag("unread")
	if err != nil {
		return err
	}
	var before record.ID
	if v := c.R.URL.Query().Get("before"); v != "" {
		if before, err = record.ParseID(v); err != nil {
			return fault.New(fault.BadRequest, "before takes the id of the last notice seen")
		}
	}
	ns, err := c.s.sys.Inbox(c.R.Context(), c.Who, unread, before, n)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, items(len(ns), func(b []byte, i int) []byte {
		k := ns[i]
		b = members(b, "id", &k.ID, "topic", &k.Topic, "text", &k.Text, "at", &k.At, "read_at", &k.ReadAt)
		b = append(b[:len(b)-1], `,"record":`...)
		return append(c.s.appendThin(b, k.Record), '}')
	}))
}

func readNotice(c *Call) error {
	id, err := c.id("notice")
	if err != nil {
		return err
	}
	_, raw, err := c.body(false, bodyLimit)
	if err != nil {
		return err
	}
	a, err := c.once(raw, answer{status: http.StatusNoContent}, func(keep ...storage.Statement) (*answer, error) {
		if err := c.s.sys.ReadNotice(c.R.Context(), c.Who, id); err != nil {
			return nil, err
		}
		return &answer{status: http.StatusNoContent}, c.s.sys.Store.Apply(c.R.Context(), keep) // marking it twice is marking it once
	})
	if err != nil {
		return err
	}
	return c.answer(a)
}

// complete answers what may stand at a place of a filter.
func complete(c *Call) error {
	p := c.Process
	if !c.Who.Reads(p.Name) {
		return fault.New(fault.Denied, "you may not read %s", p.Name)
	}
	q := c.R.URL.Query()
	text := q.Get("filter")
	at, err := c.whole("cursor", int64(len(text)))
	if err != nil {
		return err
	}
	custom, err := c.s.sys.CustomFields(c.R.Context(), p.Name)
	if err != nil {
		return err
	}
	sc := c.Who.Scope(p.Name, p.Shared)
	found := query.Complete(c.s.sys.Store.Schema(sc, p, custom), text, int(min(at, int64(len(text)))))
	return c.send(http.StatusOK, items(len(found), func(b []byte, i int) []byte {
		x := found[i]
		b = record.AppendString(append(b, `{"text":`...), x.Text)
		b = record.AppendString(append(b, `,"class":`...), x.Class)
		b = record.AppendString(append(b, `,"detail":`...), x.Detail)
		b = strconv.AppendInt(append(b, `,"from":`...), int64(x.From), 10)
		b = strconv.AppendInt(append(b, `,"to":`...), int64(x.To), 10)
		return append(b, '}')
	}))
}
