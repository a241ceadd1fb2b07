package system

import (
	"context"
	"sort"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// What stands beneath a record. Each first sees the record with the caller's scope.

// Comments are what was written on a record, oldest first; internal notes only for those who may
// read them.
func (s *System) Comments(ctx context.Context, actor *access.Principal, name, ref string) ([]*storage.Comment, error) {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return nil, err
	}
	id := res.Record.Head().ID
	where := []storage.Cond{storage.Eq("record", &id)}
	if !actor.May(name, "internal") {
		no := record.Bool(false)
		where = append(where, storage.Eq("internal", &no))
	}
	return rowsOf[storage.Comment](ctx, s, storage.TComment, where, "t.at, t.id", 0)
}

// LinkView is a link as one end sees it.
type LinkView struct {
	*storage.Link
	Name  string // kind as read from this end
	Other *storage.Directory
}

// Links are a record's links, both directions: those open at the instant (zero: now); all, ended
// ones too, with all. An end that actor may not see is absent.
func (s *System) Links(ctx context.Context, actor *access.Principal, name, ref string, at time.Time, all bool) ([]LinkView, error) {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return nil, err
	}
	return s.linksOf(ctx, actor, res, at, all)
}

func (s *System) linksOf(ctx context.Context, actor *access.Principal, res *Result, at time.Time, all bool) ([]LinkView, error) {
	id := res.Record.Head().ID
	m, err := s.LinksOf(ctx, actor, []record.ID{id}, at, all)
	return m[id], err
}

// LinksOf is Links for many records that actor has seen, such as a page of a list, in a few
// questions for all of them.
func (s *System) LinksOf(ctx context.Context, actor *access.Principal, ids []record.ID, at time.Time, all bool) (map[record.ID][]LinkView, error) {
	out := map[record.ID][]LinkView{}
	when := record.At(at)
	if at.IsZero() {
		when = record.At(s.Now())
	}
	type seen struct {
		link *storage.Link
		from record.ID
	}
	var found []seen
	for from := 0; from < len(ids); from += 400 {
		part := ids[from:min(from+400, len(ids))]
		cells := make([]record.Cell, len(part))
		for i := range part {
			cells[i] = &part[i]
		}
		for _, end := range []string{"a", "b"} {
			where := []storage.Cond{{Col: end, Op: "in", Val: cells}}
			if !all {
				where = append(where, storage.Cond{Col: "valid_to", Op: ">", Val: &when})
			}
			rows, err := rowsOf[storage.Link](ctx, s, storage.TLink, where, "t.id", 0)
			if err != nil {
				return nil, err
			}
			for _, l := range rows {
				if !all && l.ValidFrom > when {
					continue
				}
				x := seen{l, l.A}
				if end == "b" {
					x.from = l.B
				}
				found = append(found, x)
			}
		}
	}
	others := map[record.ID]*storage.Directory{}
	scopes := s.Scopes(actor)
	for from := 0; from < len(found); from += 500 {
		var cells []record.Cell
		for _, x := range found[from:min(from+500, len(found))] {
			other := x.link.B
			if x.from == other {
				other = x.link.A
			}
			cells = append(cells, &other)
		}
		ds, err := s.Store.Directory(ctx, scopes, []storage.Cond{{Col: "id", Op: "in", Val: cells}}, "", 0)
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			others[d.ID] = d
		}
	}
	for _, x := range found {
		l := x.link
		v := LinkView{Link: l, Name: string(l.Kind), Other: others[l.B]}
		if l.A != x.from {
			v.Other = others[l.A]
			if p := s.Registry.Process(string(l.AProcess)); p != nil {
				if k, _, ok := p.Link(string(l.Kind)); ok && k.Inverse != "" {
					v.Name = k.Inverse
				}
			}
		}
		if v.Other != nil {
			out[x.from] = append(out[x.from], v)
		}
	}
	return out, nil
}

// Clocks are the service level clocks of a record. The caller has seen the record.
func (s *System) Clocks(ctx context.Context, id record.ID) ([]*storage.Clock, error) {
	return rowsOf[storage.Clock](ctx, s, storage.TClock, []storage.Cond{storage.Eq("record", &id)}, "t.kind", 0)
}

// History is a record's events after number n, oldest first; what is internal only for those who
// may read it.
func (s *System) History(ctx context.Context, actor *access.Principal, name, ref string, n int64, limit int) (*Result, []*storage.Event, error) {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return nil, nil, err
	}
	after := record.Count(n)
	id := res.Record.Head().ID
	where := []storage.Cond{storage.Eq("record", &id), {Col: "n", Op: ">", Val: &after}}
	if !actor.May(name, "internal") {
		no := record.Bool(false)
		where = append(where, storage.Eq("internal", &no))
	}
	es, err := s.Store.Events(ctx, where, "t.n", limit)
	return res, es, err
}

// Attachments are the files of a record, oldest first.
func (s *System) Attachments(ctx context.Context, actor *access.Principal, name, ref string) ([]*storage.Attachment, error) {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return nil, err
	}
	id, no := res.Record.Head().ID, record.Bool(false)
	where := []storage.Cond{storage.Eq("record", &id), storage.Eq("removed", &no)}
	if !actor.May(name, "internal") {
		where = append(where, storage.Eq("internal", &no))
	}
	return rowsOf[storage.Attachment](ctx, s, storage.TAttachment, where, "t.at, t.id", 0)
}

// Attachment is one file of a record that actor sees.
func (s *System) Attachment(ctx context.Context, actor *access.Principal, name, ref string, id record.ID) (*storage.Attachment, error) {
	all, err := s.Attachments(ctx, actor, name, ref)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if a.ID == id {
			return a, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no such attachment")
}

// MyWork is what waits for actor, over all processes: records assigned to actor or to actor's
// teams without anyone, in an open phase, the nearest promise first.
func (s *System) MyWork(ctx context.Context, actor *access.Principal, limit int) ([]*storage.Directory, error) {
	phases := []record.Cell{}
	for _, p := range []record.Text{"draft", "open", "waiting"} {
		phases = append(phases, &p)
	}
	open := storage.Cond{Col: "phase", Op: "in", Val: phases}
	const order = "r.due_at is null, r.due_at, r.updated_at desc"
	mine, err := s.Store.Directory(ctx, s.Scopes(actor), []storage.Cond{storage.Eq("assignee", &actor.ID), open}, order, limit)
	if err != nil || len(actor.Teams) == 0 {
		return mine, err
	}
	teams := make([]record.Cell, len(actor.Teams))
	for i := range actor.Teams {
		teams[i] = &actor.Teams[i]
	}
	ours, err := s.Store.Directory(ctx, s.Scopes(actor), []storage.Cond{{Col: "team", Op: "in", Val: teams}, {Col: "assignee", Op: "null"}, open}, order, limit)
	if err != nil {
		return nil, err
	}
	all := append(mine, ours...)
	sort.SliceStable(all, func(i, j int) bool {
		a, b := all[i], all[j]
		if (a.DueAt == 0) != (b.DueAt == 0) {
			return a.DueAt != 0
		}
		if a.DueAt != b.DueAt {
			return a.DueAt < b.DueAt
		}
		return a.UpdatedAt > b.UpdatedAt
	})
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all, nil
}
