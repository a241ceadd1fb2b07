package api

import (
	"net/http"
	"strconv"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"

	"context"

	"steward/kernel/process"
)

// items writes a list of n things, each by one call.
func items(n int, each func(b []byte, i int) []byte) []byte {
	b := []byte(`{"items":[`)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = each(b, i)
	}
	return append(b, "]}"...)
}

// before drops what came after the instant asked for.
func before[T any](rows []T, at time.Time, when func(T) record.Instant) []T {
	if at.IsZero() {
		return rows
	}
	out := rows[:0]
	for _, r := range rows {
		if when(r) <= record.At(at) {
			out = append(out, r)
		}
	}
	return out
}

func comments(c *Call) error {
	at, _, err := c.past()
	if err != nil {
		return err
	}
	ks, err := c.s.sys.Comments(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	ks = before(ks, at, func(k *storage.Comment) record.Instant { return k.At })
	return c.send(http.StatusOK, items(len(ks), func(b []byte, i int) []byte { return appendComment(b, ks[i]) }))
}

func comment(c *Call) error {
	ks, err := c.s.sys.Comments(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	for _, k := range ks {
		if k.ID.String() == c.R.PathValue("comment") {
			return c.send(http.StatusOK, appendComment(nil, k))
		}
	}
	return fault.New(fault.NotFound, "there is no such comment")
}

func appendComment(b []byte, k *storage.Comment) []byte {
	return members(b, "id", &k.ID, "author", &k.Author, "internal", &k.Internal, "body", (*record.Text)(&k.Body), "at", &k.At,
		"edited_at", &k.EditedAt, "withdrawn", &k.Withdrawn)
}

// members writes an object of names and cells.
func members(b []byte, pairs ...any) []byte {
	b = append(b, '{')
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(record.AppendString(b, pairs[i].(string)), ':')
		b = pairs[i+1].(record.Cell).AppendJSON(b)
	}
	return append(b, '}')
}

func links(c *Call) error {
	at, _, err := c.past()
	if err != nil {
		return err
	}
	all, err := c.flag("all")
	if err != nil {
		return err
	}
	ls, err := c.s.sys.Links(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"), at, all)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, items(len(ls), func(b []byte, i int) []byte { return c.s.appendLink(b, &ls[i]) }))
}

func link(c *Call) error {
	ls, err := c.s.sys.Links(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"), time.Time{}, true)
	if err != nil {
		return err
	}
	for i := range ls {
		if ls[i].ID.String() == c.R.PathValue("link") {
			return c.send(http.StatusOK, c.s.appendLink(nil, &ls[i]))
		}
	}
	return fault.New(fault.NotFound, "there is no such link")
}

// oneLink is a link that was just made, as the record's end sees it.
func (s *server) oneLink(ctx context.Context, who *access.Principal, p *process.Process, res *system.Result, l *storage.Link) ([]byte, error) {
	v := system.LinkView{Link: l, Name: string(l.Kind)}
	other := l.B
	if l.A != res.Record.Head().ID {
		other = l.A
		if q := s.sys.Registry.Process(string(l.AProcess)); q != nil {
			if k, _, ok := q.Link(string(l.Kind)); ok && k.Inverse != "" {
				v.Name = k.Inverse
			}
		}
	}
	ds, err := s.directory(ctx, who, []record.ID{other})
	if err != nil {
		return nil, err
	}
	if v.Other = ds[other]; v.Other == nil {
		v.Other = &storage.Directory{ID: other}
	}
	return s.appendLink(nil, &v), nil
}

func attachments(c *Call) error {
	at, _, err := c.past()
	if err != nil {
		return err
	}
	as, err := c.s.sys.Attachments(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	as = before(as, at, func(a *storage.Attachment) record.Instant { return a.At })
	return c.send(http.StatusOK, items(len(as), func(b []byte, i int) []byte { return appendAttachment(b, as[i]) }))
}

func appendAttachment(b []byte, a *storage.Attachment) []byte {
	return members(b, "id", &a.ID, "name", &a.Name, "type", &a.Type, "size", &a.Size, "sha256", &a.SHA256, "author", &a.Author,
		"internal", &a.Internal, "at", &a.At)
}

// history answers a record's events, oldest first.
func history(c *Call) error {
	at, known, err := c.past()
	if err != nil {
		return err
	}
	n, err := c.limit()
	if err != nil {
		return err
	}
	after, err := c.whole("after", 0)
	if err != nil {
		return err
	}
	_, es, err := c.s.sys.History(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"), after, n+1)
	if err != nil {
		return err
	}
	more := len(es) > n
	if more {
		es = es[:n]
	}
	next := int64(0)
	if more {
		next = int64(es[n-1].N)
	}
	es = before(es, at, func(e *storage.Event) record.Instant {
		if known {
			return e.At
		}
		return e.OccurredAt
	})
	names, err := c.tellers(es)
	if err != nil {
		return err
	}
	b := []byte(`{"items":[`)
	for i, e := range es {
		if i > 0 {
			b = append(b, ',')
		}
		b = c.appendEvent(append(b, '{'), e, names)
		b = append(b, '}')
	}
	b = append(b, ']')
	if more {
		b = strconv.AppendInt(append(b, `,"next":`...), next, 10)
	}
	return c.send(http.StatusOK, append(b, '}'))
}

// whole reads a whole number of zero or more.
func (c *Call) whole(name string, none int64) (int64, error) {
	v := c.R.URL.Query().Get(name)
	if v == "" {
		return none, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 {
		return 0, fault.New(fault.BadRequest, "%s takes a whole number", name)
	}
	return n, nil
}

func watch(on bool) func(*Call) error {
	return func(c *Call) error {
		if err := c.s.sys.Watch(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"), on); err != nil {
			return err
		}
		return c.none()
	}
}

func watchers(c *Call) error {
	ws, err := c.s.sys.Watchers(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	mine := false
	for _, w := range ws {
		mine = mine || w.Principal == c.Who.ID
	}
	b := strconv.AppendBool([]byte(`{"watching":`), mine)
	list := items(len(ws), func(b []byte, i int) []byte {
		return members(b, "user", &ws[i].Principal, "at", &ws[i].At)
	})
	return c.send(http.StatusOK, append(append(b, ','), list[1:]...))
}

func grants(c *Call) error {
	res, err := c.seen()
	if err != nil {
		return err
	}
	if !c.Who.May(c.Process.Name, "grant") && !c.Who.Has(access.Auditor) {
		return fault.New(fault.Denied, "you may not see who was let in")
	}
	id := res.Record.Head().ID
	gs, err := rows[storage.Grant](c, storage.TGrant, []storage.Cond{storage.Eq("record", &id)}, "t.principal", 0)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, items(len(gs), func(b []byte, i int) []byte {
		return members(b, "to", &gs[i].Principal, "why", &gs[i].Why, "until", &gs[i].Until)
	}))
}

// approvals answers the rounds of a record with their votes.
func approvals(c *Call) error {
	res, err := c.seen()
	if err != nil {
		return err
	}
	id := res.Record.Head().ID
	rs, err := rows[storage.Round](c, storage.TRound, []storage.Cond{storage.Eq("record", &id)}, "t.opened_at, t.id", 0)
	if err != nil {
		return err
	}
	vs, err := rows[storage.Vote](c, storage.TVote, []storage.Cond{storage.Eq("record", &id)}, "t.id", 0)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, items(len(rs), func(b []byte, i int) []byte {
		of := []*storage.Vote{}
		for _, v := range vs {
			if v.Round == rs[i].ID {
				of = append(of, v)
			}
		}
		return c.s.appendRound(b, rs[i], of)
	}))
}

func (s *server) appendRound(b []byte, r *storage.Round, votes []*storage.Vote) []byte {
	b = members(b, "id", &r.ID, "gate", &r.Gate, "stage", &r.Stage, "quorum", &r.Quorum, "delegable", &r.Delegable, "outcome", (*record.Text)(&r.Outcome),
		"opened_by", &r.OpenedBy, "opened_at", &r.OpenedAt, "due_at", &r.DueAt, "closed_at", &r.ClosedAt, "policy", &r.Policy, "subject", &r.Subject)
	if votes == nil {
		return b
	}
	b = append(b[:len(b)-1], `,"votes":[`...)
	for i, v := range votes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendVote(b, v)
	}
	return append(b, "]}"...)
}

func appendVote(b []byte, v *storage.Vote) []byte {
	return members(b, "id", &v.ID, "round", &v.Round, "voter", &v.Voter, "by", &v.By, "vote", (*record.Text)(&v.Vote), "reason", (*record.Text)(&v.Reason), "at", &v.At)
}

// lines answers all lines of a kind; line answers one.
func lines(c *Call) error {
	res, l, err := c.lineKind()
	if err != nil {
		return err
	}
	base := record.BaseOf(res.Record)
	c.W.Header().Set("ETag", etag(res.Record))
	return c.send(http.StatusOK, items(l.Len(base), func(b []byte, i int) []byte { return appendLine(b, l, l.Each(base, i)) }))
}

func line(c *Call) error {
	res, l, err := c.lineKind()
	if err != nil {
		return err
	}
	base := record.BaseOf(res.Record)
	for i := range l.Len(base) {
		if at := l.Each(base, i); l.Head(at).ID.String() == c.R.PathValue("line") {
			c.W.Header().Set("ETag", etag(res.Record))
			return c.send(http.StatusOK, appendLine(nil, l, at))
		}
	}
	return fault.New(fault.NotFound, "there is no such line")
}

// lineKind is the record and the kind of line that the path names: of the version shown, or of
// the one that ?version= names.
func (c *Call) lineKind() (*system.Result, *record.LineKind, error) {
	n, err := c.whole("version", 0)
	if err != nil {
		return nil, nil, err
	}
	at, known, err := c.past()
	if err != nil {
		return nil, nil, err
	}
	var res *system.Result
	switch {
	case n > 0:
		res, err = c.version(int(n))
	case !at.IsZero():
		res, err = c.s.sys.AsOf(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"), at, known)
	default:
		res, err = c.seen()
	}
	if err != nil {
		return nil, nil, err
	}
	l := c.Process.Shape.Line(c.R.PathValue("kind"))
	if l == nil {
		return nil, nil, fault.New(fault.NotFound, "a %s has no lines %q", c.Process.Name, c.R.PathValue("kind"))
	}
	return res, l, nil
}

// version is the record as it reads in one of its versions.
func (c *Call) version(n int) (*system.Result, error) {
	res, all, err := c.s.sys.Versions(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"))
	if err != nil {
		return nil, err
	}
	for _, v := range all {
		if int(v.Version.Number) == n {
			return &system.Result{Process: res.Process, Record: v.Record, Version: v.Version}, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no version %d", n)
}

func versions(c *Call) error {
	res, all, err := c.s.sys.Versions(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	at, _, err := c.past()
	if err != nil {
		return err
	}
	all = before(all, at, func(v process.Content) record.Instant { return v.Version.DraftedAt })
	c.W.Header().Set("ETag", etag(res.Record))
	return c.send(http.StatusOK, items(len(all), func(b []byte, i int) []byte {
		return c.s.appendContent(b, c.Process, all[i].Record, all[i].Version)
	}))
}

func versionOne(c *Call) error {
	w := &wish{}
	if err := number(w, c.R.PathValue("n"), "version"); err != nil {
		if _, e := c.seen(); e != nil {
			return e
		}
		return err
	}
	res, err := c.version(w.cmd.Number)
	if err != nil {
		return err
	}
	c.W.Header().Set("ETag", etag(res.Record))
	return c.send(http.StatusOK, c.s.appendContent(nil, c.Process, res.Record, res.Version))
}
