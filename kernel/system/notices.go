package system

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// noticeOf is a notice that a decision asked for, before its people are worked out.
type noticeOf struct {
	w  *work
	n  lifecycle.Notice
	at time.Time
	no record.Count // of the event that it tells of
}

// flushNotices works out who is told and writes one inbox line each, in the command's own
// transaction. Whether they still may see the record is judged when they read it.
func (u *unit) flushNotices() error {
	told := map[string]bool{} // once to everybody, whichever way they are reached
	for _, x := range u.notices {
		to, err := u.s.audience(u.ctx, x)
		if err != nil {
			return err
		}
		h := x.w.rec.Head()
		dedupe := fmt.Sprintf("%s:%d:%s", h.ID, x.no, x.n.Topic)
		for _, id := range to {
			if id.IsZero() || told[id.String()+dedupe] || id == u.actor.ID {
				continue
			}
			told[id.String()+dedupe] = true
			text := x.n.Text
			for utf8.RuneCountInString(text) > 480 {
				text = text[:len(text)-len(text)/10]
			}
			n := &storage.Notice{ID: record.NewID(u.now), Recipient: id, Record: h.ID, Process: record.Text(x.w.p.Name), Topic: record.Text(x.n.Topic),
				Text: record.Text(text), Dedupe: record.Text(dedupe), At: record.At(x.at)}
			u.stmts = append(u.stmts, u.s.Store.Insert(storage.TNotice, nil, storage.Part(n)))
		}
	}
	u.notices = nil
	return nil
}

func (s *System) audience(ctx context.Context, x noticeOf) ([]record.ID, error) {
	to := append([]record.ID(nil), x.n.To...)
	if x.n.Role != "" {
		ids, err := s.HoldersOf(ctx, x.n.Role)
		if err != nil {
			return nil, err
		}
		to = append(to, ids...)
	}
	if !x.n.Team.IsZero() {
		t, err := reader{s}.Get(ctx, "team", x.n.Team)
		if err != nil {
			return nil, err
		}
		if g, ok := t.(Group); ok {
			to = append(to, g.MemberIDs()...)
		}
	}
	if !x.n.Customer.IsZero() {
		users, err := reader{s}.All(ctx, "user")
		if err != nil {
			return nil, err
		}
		for _, r := range users {
			if a := r.(Account); s.usable(a) && a.Head().Customer == x.n.Customer {
				to = append(to, a.Head().ID)
			}
		}
	}
	id := x.w.rec.Head().ID
	if !x.w.fresh {
		ws, err := rowsOf[storage.Watcher](ctx, s, storage.TWatcher, []storage.Cond{storage.Eq("record", &id)}, "", 500)
		if err != nil {
			return nil, err
		}
		for _, w := range ws {
			to = append(to, w.Principal)
		}
	}
	return to, nil
}

// InboxLine is one notice with the record it is about.
type InboxLine struct {
	*storage.Notice
	Record *storage.Directory
}

// Inbox is what actor was told, newest first; only of records that actor may see now.
func (s *System) Inbox(ctx context.Context, actor *access.Principal, unread bool, before record.ID, limit int) ([]InboxLine, error) {
	where := []storage.Cond{storage.Eq("recipient", &actor.ID)}
	if unread {
		where = append(where, storage.Cond{Col: "read_at", Op: "null"})
	}
	if !before.IsZero() {
		where = append(where, storage.Cond{Col: "id", Op: "<", Val: &before})
	}
	rows, err := rowsOf[storage.Notice](ctx, s, storage.TNotice, where, "t.id desc", limit)
	if err != nil {
		return nil, err
	}
	var ids []record.Cell
	for _, n := range rows {
		ids = append(ids, &n.Record)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	ds, err := s.Store.Directory(ctx, s.Scopes(actor), []storage.Cond{{Col: "id", Op: "in", Val: ids}}, "", 0)
	if err != nil {
		return nil, err
	}
	by := map[record.ID]*storage.Directory{}
	for _, d := range ds {
		by[d.ID] = d
	}
	var out []InboxLine
	for _, n := range rows {
		if d := by[n.Record]; d != nil {
			out = append(out, InboxLine{n, d})
		}
	}
	return out, nil
}

// ReadNotice marks a line of actor's inbox as read.
func (s *System) ReadNotice(ctx context.Context, actor *access.Principal, id record.ID) error {
	n := &storage.Notice{ReadAt: record.At(s.Now())}
	where := []storage.Cond{storage.Eq("id", &id), storage.Eq("recipient", &actor.ID)}
	rows, err := rowsOf[storage.Notice](ctx, s, storage.TNotice, where, "", 1)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return fault.New(fault.NotFound, "there is no such notice")
	}
	return s.Store.Apply(ctx, []storage.Statement{s.Store.Update(storage.TNotice, []string{"read_at"}, where, -1, storage.Part(n))})
}

// Watch has actor told of what happens to a record, or no longer.
func (s *System) Watch(ctx context.Context, actor *access.Principal, name, ref string, on bool) error {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return err
	}
	id := res.Record.Head().ID
	stmts := []storage.Statement{s.Store.Remove(storage.TWatcher, []storage.Cond{storage.Eq("record", &id), storage.Eq("principal", &actor.ID)}, -1)}
	if on {
		stmts = append(stmts, s.Store.Insert(storage.TWatcher, nil, storage.Part(&storage.Watcher{Record: id, Principal: actor.ID, At: record.At(s.Now())})))
	}
	return s.Store.Apply(ctx, stmts)
}

// Watchers are the users told of what happens to a record that actor sees.
func (s *System) Watchers(ctx context.Context, actor *access.Principal, name, ref string) ([]*storage.Watcher, error) {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return nil, err
	}
	id := res.Record.Head().ID
	return rowsOf[storage.Watcher](ctx, s, storage.TWatcher, []storage.Cond{storage.Eq("record", &id)}, "t.at", 500)
}
