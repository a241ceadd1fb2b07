package store

import (
	"context"
	"fmt"
	"time"
	"unsafe"

	"steward/kernel/access"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Events reads events by conditions on the event table. The caller has seen their record, or
// reads as Steward itself.
func (s *Store) Events(ctx context.Context, where []storage.Cond, order string, limit int) ([]*storage.Event, error) {
	var out []*storage.Event
	var e *storage.Event
	err := s.Rows(ctx, storage.TEvent, where, order, limit, func() []storage.Part {
		e = new(storage.Event)
		return []storage.Part{storage.Part(e)}
	}, func() error { out = append(out, e); return nil })
	return out, err
}

// Feed is the change feed after leaf number after: events in leaf order whose records one of the
// scopes sees now, with their leaf numbers.
func (s *Store) Feed(ctx context.Context, scopes []access.Scope, after int64, limit int) ([]*storage.Event, []int64, error) {
	internal := map[string]bool{}
	for _, sc := range scopes {
		internal[sc.Process] = sc.Internal || sc.Every
	}
	b := &builder{d: s.d}
	b.sql("select l.no")
	columns(b, "e", storage.TEvent.Cols, true)
	b.sql(" from leaf l join event e on e.seq = l.seq join record r on r.id = e.record where l.no > ").val(after)
	b.sql(" and ").scopes("r", scopes)
	first := true
	for _, sc := range scopes {
		if sc.Valid() && !internal[sc.Process] {
			if first {
				b.sql(" and not (e.internal = ").arg(ptr(record.Bool(true))).sql(" and e.process in (")
			} else {
				b.sql(", ")
			}
			first = false
			b.val(sc.Process)
		}
	}
	if !first {
		b.sql("))")
	}
	b.sql(" order by l.no limit ").val(int64(limit))
	rows, err := s.query(ctx, b.s.String(), b.args...)
	if err != nil {
		return nil, nil, fmt.Errorf("read the feed: %w", err)
	}
	defer rows.Close()
	var out []*storage.Event
	var nos []int64
	for rows.Next() {
		e, no := new(storage.Event), int64(0)
		if err := rows.Scan(dests([]any{&no}, storage.TEvent.Cols, unsafe.Pointer(e))...); err != nil {
			return nil, nil, err
		}
		out, nos = append(out, e), append(nos, no)
	}
	return out, nos, rows.Err()
}

func ptr[T any](v T) *T { return &v }

// Unsequenced are committed events after seq that have no leaf yet, in order of seq.
func (s *Store) Unsequenced(ctx context.Context, after int64, limit int) ([]*storage.Event, error) {
	b := &builder{d: s.d}
	b.sql("select ")
	columns(b, "e", storage.TEvent.Cols, false)
	b.sql(" from event e where e.seq > ").val(after).sql(" and not exists (select 1 from leaf l where l.seq = e.seq) order by e.seq limit ").val(int64(limit))
	rows, err := s.query(ctx, b.s.String(), b.args...)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	defer rows.Close()
	var out []*storage.Event
	for rows.Next() {
		e := new(storage.Event)
		if err := rows.Scan(dests(nil, storage.TEvent.Cols, unsafe.Pointer(e))...); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// Since gives the records of p that have events after the instant, each with those events,
// newest first. Candidates come first and their events in batches, so that what is read is
// proportional to what changed and not to the table.
func (s *Store) Since(ctx context.Context, p *process.Process, after time.Time, known bool, each func(record.Record, []*storage.Event) error) error {
	at := record.At(after)
	sel := s.selection(p, nil)
	b := &builder{d: s.d}
	if known {
		b.sql("select distinct e.record from event e where e.at > ").arg(&at).sql(" and e.process = ").val(p.Name)
	} else {
		// Made by then and touched since. Which of the two narrows more depends on how far back it
		// is, and neither engine can know; so the other column is kept from leading.
		table := s.tables[p.Name].Record.Name
		made, touched := "t.created_at", "t.updated_at"
		if s.d == record.SQLite {
			early, err := s.early(ctx, table, at)
			if err != nil {
				return err
			}
			if early {
				touched = "+t.updated_at"
			} else {
				made = "+t.created_at"
			}
		}
		b.sql("select t.id from ", table, " t where ", touched, " > ").arg(&at).sql(" and ", made, " <= ").arg(&at)
		// "union all": to drop the few that are in both, SQLite would walk the whole table by id.
		// Disordered ones always: even untouched since, their row holds what was told last, not what was so.
		b.sql(" union all select t.id from ", table, " t where ", disordered(s.d))
	}
	rows, err := s.query(ctx, b.s.String(), b.args...)
	if err != nil {
		return fmt.Errorf("wind back %s: %w", p.Name, err)
	}
	var ids []record.ID
	seen := map[record.ID]bool{}
	for rows.Next() {
		var id record.ID
		if err := rows.Scan(&id); err != nil {
			rows.Close()
			return err
		}
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	if err := rows.Close(); err != nil {
		return err
	}
	for len(ids) > 0 {
		n := min(len(ids), 400)
		if err := s.sinceOf(ctx, sel, ids[:n], at, known, each); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func (s *Store) sinceOf(ctx context.Context, sel selection, ids []record.ID, at record.Instant, known bool, each func(record.Record, []*storage.Event) error) error {
	b := &builder{d: s.d}
	sel.from(b, "")
	cells := make([]record.Cell, len(ids))
	for i := range ids {
		cells[i] = &ids[i]
	}
	in := []storage.Cond{{Col: "id", Op: "in", Val: cells}}
	b.where("t.", in)
	recs, _, err := s.records(ctx, sel, b)
	if err != nil {
		return err
	}
	own := map[record.ID]record.Record{}
	for _, r := range recs {
		own[r.Head().ID] = r
	}
	if err := s.Lines(ctx, sel.p, sel.p.RecordLines, own); err != nil {
		return err
	}
	col := "occurred_at"
	if known {
		col = "at"
	}
	where := []storage.Cond{{Col: "record", Op: "in", Val: cells}}
	events, err := s.Events(ctx, append(where, storage.Cond{Col: col, Op: ">", Val: &at}), "t.record, t.n desc", 0)
	if err != nil {
		return err
	}
	by := map[record.ID][]*storage.Event{}
	for _, e := range events {
		by[e.Record] = append(by[e.Record], e)
	}
	for _, r := range recs {
		if err := each(r, by[r.Head().ID]); err != nil {
			return err
		}
	}
	return nil
}

// early says whether an instant lies in the first half of what a table has seen.
func (s *Store) early(ctx context.Context, table string, at record.Instant) (bool, error) {
	var first, last record.Instant
	rows, err := s.query(ctx, "select (select min(created_at) from "+table+"), (select max(updated_at) from "+table+")")
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&first, &last); err != nil {
			return false, err
		}
	}
	return at-first < last-at, rows.Err()
}
