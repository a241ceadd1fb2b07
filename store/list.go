package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
	"unsafe"

	"steward/kernel/access"
	"steward/kernel/process"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Page is one page of the records that sc sees and q asks for.
func (s *Store) Page(ctx context.Context, sc access.Scope, p *process.Process, q storage.Query) (*storage.Page, error) {
	if q.Set != nil {
		return s.pageAsOf(ctx, sc, p, q)
	}
	sel := s.selection(p, q.Fields)
	var rows []found
	var err error
	if filters := split(q.Filter); len(filters) > 1 && q.Limit > 0 && s.ordersAlike(q.Order) {
		rows, err = s.pageSplit(ctx, sel, sc, q, filters)
	} else {
		rows, err = s.page(ctx, s, sel, sc, q, sel.ts.Record.Name, nil)
	}
	if err != nil {
		return nil, err
	}
	return s.finishPage(ctx, sel, q, rows)
}

// found is a row of a page with its position.
type found struct {
	rec record.Record
	v   *record.Version
	at  []any
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// page reads at most Limit+1 rows of table, which has the shape of the process's own.
func (s *Store) page(ctx context.Context, db querier, sel selection, sc access.Scope, q storage.Query, table string, also func(*builder)) ([]found, error) {
	b := &builder{d: s.d}
	b.sql("select ")
	columns(b, "t", sel.record, false)
	if sel.ts.Version != nil {
		columns(b, "v", sel.version, true)
	}
	order := q.Order.Columns(dialect(s.d))
	for _, c := range order {
		b.sql(", ", c)
	}
	sel.approved = !sc.Drafts
	sel.tables(b, q.Day, table)
	b.sql(" where ").scope("t", sc)
	if err := s.conditions(b, q); err != nil {
		return nil, err
	}
	if also != nil {
		also(b)
	}
	if q.After != nil {
		f, err := q.Order.After(dialect(s.d), q.After)
		if err != nil {
			return nil, err
		}
		b.sql(" and (").frag(f.SQL, f.Args).sql(")")
	}
	if by := q.Order.By(dialect(s.d)); by != "" {
		b.sql(" order by ", by)
	}
	if q.Limit > 0 {
		b.sql(" limit ").val(int64(q.Limit + 1))
	}
	rows, err := db.QueryContext(ctx, b.s.String(), b.args...)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", sel.p.Name, err)
	}
	defer rows.Close()
	var out []found
	buf := make([]any, 0, 80)
	for rows.Next() {
		r := sel.p.New()
		base := record.BaseOf(r)
		f := found{rec: r, at: make([]any, len(order))}
		buf = dests(buf[:0], sel.record, base)
		if sel.ts.Version != nil {
			f.v = new(record.Version)
			buf = dests(buf, sel.version, unsafe.Pointer(f.v), base)
		}
		for i := range f.at {
			buf = append(buf, &f.at[i])
		}
		if err := rows.Scan(buf...); err != nil {
			return nil, fmt.Errorf("list %s: %w", sel.p.Name, err)
		}
		if f.v != nil && f.v.ID.IsZero() {
			f.v = nil
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// conditions adds what q asks for besides scope and position.
func (s *Store) conditions(b *builder, q storage.Query) error {
	if q.Filter != nil {
		f, err := query.Compile(q.Filter, q.Schema, q.Env, dialect(s.d))
		if err != nil {
			return err
		}
		if !f.IsZero() {
			b.sql(" and (").frag(f.SQL, f.Args).sql(")")
		}
	}
	if q.InForce {
		day := q.Day
		if day == "" {
			day = record.Day(time.Now().UTC())
		}
		d := record.Text(day)
		b.sql(" and v.status = 'approved' and v.effective_from <= ").date(&d).sql(" and (v.effective_to is null or v.effective_to > ").date(&d).sql(")")
	}
	if !q.From.IsZero() {
		b.sql(" and t.id >= ").arg(&q.From)
	}
	if !q.Before.IsZero() {
		b.sql(" and t.id < ").arg(&q.Before)
	}
	if q.IDs != nil {
		b.sql(" and t.id in (")
		if len(q.IDs) == 0 {
			b.sql("null")
		}
		for i := range q.IDs {
			if i > 0 {
				b.sql(", ")
			}
			b.arg(&q.IDs[i])
		}
		b.sql(")")
	}
	return nil
}

func (s *Store) finishPage(ctx context.Context, sel selection, q storage.Query, rows []found) (*storage.Page, error) {
	page := &storage.Page{}
	if q.Limit > 0 && len(rows) > q.Limit {
		rows, page.More = rows[:q.Limit], true
	}
	for _, f := range rows {
		page.Records, page.Versions = append(page.Records, f.rec), append(page.Versions, f.v)
		page.Last = f.at
	}
	if q.Lines {
		if err := s.linesOf(ctx, sel.p, page.Records, page.Versions); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// Count counts what Page would list, up to limit+1, so that "more than limit" can be said.
func (s *Store) Count(ctx context.Context, sc access.Scope, p *process.Process, q storage.Query, limit int) (int, error) {
	sel := s.selection(p, []*record.Field{})
	sel.approved = !sc.Drafts
	n := 0
	count := func(db querier, table string, also func(*builder)) error {
		b := &builder{d: s.d}
		b.sql("select count(*) from (select 1 as x")
		sel.tables(b, q.Day, table)
		b.sql(" where ").scope("t", sc)
		if err := s.conditions(b, q); err != nil {
			return err
		}
		if also != nil {
			also(b)
		}
		b.sql(" limit ").val(int64(limit + 1)).sql(") c")
		rows, err := db.QueryContext(ctx, b.s.String(), b.args...)
		if err != nil {
			return fmt.Errorf("count %s: %w", p.Name, err)
		}
		defer rows.Close()
		for rows.Next() {
			var k int
			if err := rows.Scan(&k); err != nil {
				return err
			}
			n += k
		}
		return rows.Err()
	}
	if q.Set == nil {
		filters := split(q.Filter)
		if len(filters) == 0 {
			filters = []query.Expr{q.Filter}
		}
		for _, f := range filters { // one by one, since an index serves a single value best
			q.Filter = f
			sel.hint = s.goBy(sel, f)
			if err := count(s, sel.ts.Record.Name, nil); err != nil {
				return 0, err
			}
		}
		return min(n, limit+1), nil
	}
	held := q.Set.Held.(*heldRows)
	held.mu.Lock()
	defer held.mu.Unlock()
	if err := count(s, sel.ts.Record.Name, s.untouched(q.Set)); err != nil {
		return 0, err
	}
	if err := count(held.conn, held.table, seenNow(sc)); err != nil {
		return 0, err
	}
	return min(n, limit+1), nil
}

// Each streams all records that q asks for, in constant memory.
func (s *Store) Each(ctx context.Context, sc access.Scope, p *process.Process, q storage.Query, f func(record.Record, *record.Version) error) error {
	q.Limit = 500
	for {
		page, err := s.Page(ctx, sc, p, q)
		if err != nil {
			return err
		}
		for i, r := range page.Records {
			if err := f(r, page.Versions[i]); err != nil {
				return err
			}
		}
		if !page.More {
			return nil
		}
		q.After = page.Last
	}
}

// sizes remembers roughly how many records a process has, so that a filter that no index serves
// can be refused before it is run.
type sizes struct {
	mu sync.Mutex
	n  map[string]int64
	at map[string]time.Time
}

func (z *sizes) of(name string) int64 {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.n[name]
}

// Size is the number of records of p, as it was at most a minute ago: the newest number given.
func (s *Store) Size(ctx context.Context, p *process.Process) (int64, error) {
	z := &s.sizes
	z.mu.Lock()
	if z.n == nil {
		z.n, z.at = map[string]int64{}, map[string]time.Time{}
	}
	n, at := z.n[p.Name], z.at[p.Name]
	z.mu.Unlock()
	if time.Since(at) < time.Minute {
		return n, nil
	}
	var v sql.NullInt64
	if err := s.read.QueryRowContext(ctx, "select max(num) from "+s.tables[p.Name].Record.Name).Scan(&v); err != nil {
		return 0, err
	}
	z.mu.Lock()
	z.n[p.Name], z.at[p.Name] = v.Int64, time.Now()
	z.mu.Unlock()
	return v.Int64, nil
}
