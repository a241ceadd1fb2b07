package api

import (
	"net/http"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/system"
)

// looks answers who looked at what, newest first: everybody's for administrators and top management,
// else the caller's own. The last id is where the next page begins.
func looks(c *Call) error {
	n, err := c.limit()
	if err != nil {
		return err
	}
	q, ctx := c.R.URL.Query(), c.R.Context()
	lq := system.LookQuery{Limit: n, Process: q.Get("process")}
	p := c.s.sys.Registry.Process(lq.Process)
	if lq.Process != "" && p == nil {
		return fault.New(fault.BadRequest, "process: there is no process %q", lq.Process)
	}
	if who := q.Get("principal"); who != "" {
		if lq.Principal, err = c.s.sys.Lookup(ctx, c.Who, "user", who); err != nil {
			return err
		} else if lq.Principal.IsZero() {
			return fault.New(fault.BadRequest, "principal: there is no user %q that you know of", who)
		}
	}
	if ref := q.Get("record"); ref != "" {
		name := lq.Process
		if name == "" {
			name = "*"
		}
		if lq.Record, err = c.s.sys.Lookup(ctx, c.Who, name, ref); err != nil {
			return err
		} else if lq.Record.IsZero() {
			return fault.New(fault.BadRequest, "record: there is no record %q that you know of", ref)
		}
	}
	if lq.From, err = c.edge("from", 0); err != nil {
		return err
	}
	if lq.To, err = c.edge("to", 1); err != nil {
		return err
	}
	if v := q.Get("before"); v != "" {
		if lq.Before, err = record.ParseID(v); err != nil {
			return fault.New(fault.BadRequest, "before takes the id of the last look seen")
		}
	}
	rows, err := c.s.sys.Looks(ctx, c.Who, lq)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, items(len(rows), func(b []byte, i int) []byte {
		l := rows[i]
		return members(b, "id", &l.ID, "at", &l.At, "principal", &l.Principal, "door", &l.Door, "what", &l.What, "process", &l.Process, "record", &l.Record,
			"asked", (*record.Text)(&l.Asked), "origin", &l.Origin, "status", &l.Status)
	}))
}

// edge reads where a span begins or ends: a time, or a day of the organisation, of which days more
// are meant.
func (c *Call) edge(name string, days int) (time.Time, error) {
	v := c.R.URL.Query().Get(name)
	if v == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339Nano, strings.ReplaceAll(v, " ", "+")); err == nil { // a bare + in a query reads as a space
		return at.UTC(), nil
	}
	day, err := time.ParseInLocation(time.DateOnly, v, c.s.sys.Zone())
	if err != nil {
		return day, fault.New(fault.BadRequest, "%s takes an RFC 3339 time or a day, such as 2026-01-31T08:00:00Z or 2026-01-31", name)
	}
	return day.AddDate(0, 0, days).UTC(), nil
}
