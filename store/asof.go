package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"steward/kernel/access"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// heldRows is where wound back rows stand: a temporary table on a connection of its own.
type heldRows struct {
	mu    sync.Mutex
	conn  *sql.Conn
	table string
	shape *storage.Table
}

var heldCount atomic.Int64

// WindBack puts wound back rows into a temporary table of the process's shape, over which the
// ordinary query then runs beside the untouched rows.
func (s *Store) WindBack(ctx context.Context, p *process.Process, w *storage.WoundBack, rows []record.Record) error {
	h, _ := w.Held.(*heldRows)
	if h == nil {
		var err error
		if h, err = s.holdRows(ctx, p, w); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	fail := func(err error) error { return fmt.Errorf("wind back %s: %w", p.Name, err) }
	tx, err := h.conn.BeginTx(ctx, nil)
	if err != nil {
		return fail(err)
	}
	defer func() { _ = tx.Rollback() }()
	plan := makePlan(s.d, h.shape, nil, "")
	st, err := tx.PrepareContext(ctx, plan.sql)
	if err != nil {
		return fail(err)
	}
	args := make([]any, len(plan.cols))
	for _, r := range rows {
		base := record.BaseOf(r)
		for i, c := range plan.cols {
			args[i] = c.At(base).Bind(s.d)
		}
		if _, err := st.ExecContext(ctx, args...); err != nil {
			return fail(err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fail(err)
	}
	w.Rows += len(rows)
	return nil
}

// holdRows makes the temporary table.
func (s *Store) holdRows(ctx context.Context, p *process.Process, w *storage.WoundBack) (*heldRows, error) {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return nil, err
	}
	t := *s.tables[p.Name].Record
	t.Name = fmt.Sprintf("asof_%s_%d", p.Name, heldCount.Add(1))
	h := &heldRows{conn: conn, table: t.Name, shape: &t}
	var cols []string
	for _, c := range t.Cols {
		k := record.Kinds[c.Kind]
		typ := k.SQLite
		if s.d == record.Postgres {
			typ = k.Postgres
		}
		cols = append(cols, quoted(c.Name)+" "+typ)
	}
	for _, text := range []string{"create temporary table " + t.Name + " (" + strings.Join(cols, ", ") + ")",
		"create index ix_" + t.Name + "_updated on " + t.Name + " (updated_at, id)", "create index ix_" + t.Name + "_id on " + t.Name + " (id)"} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("wind back %s: %w", p.Name, err)
		}
	}
	w.Held = h
	w.Close = func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		_, _ = conn.ExecContext(context.Background(), "drop table "+t.Name)
		_ = conn.Close()
	}
	return h, nil
}

// Newest is when the last thing happened to a record of p, or when Steward last learned of one.
func (s *Store) Newest(ctx context.Context, p *process.Process, known bool) (record.Instant, error) {
	text := "select max(t.updated_at) from " + s.tables[p.Name].Record.Name + " t"
	if known {
		text = "select max(e.at) from event e"
	}
	var at record.Instant
	rows, err := s.query(ctx, text)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&at); err != nil {
			return 0, err
		}
	}
	return at, rows.Err()
}

// untouched are the rows that stand as they were: nothing happened to them since.
func (s *Store) untouched(w *storage.WoundBack) func(*builder) {
	at := record.At(w.Until)
	return func(b *builder) {
		if !w.Known {
			b.sql(" and t.updated_at <= ").arg(&at)
			b.sql(" and not (", disordered(s.d), ")")
			return
		}
		b.sql(" and not exists (select 1 from event e where e.record = t.id and e.at > ").arg(&at).sql(")")
	}
}

// seenNow leaves of wound back rows those whose record sc sees as it is now, as for a single record:
// what has since been restricted, or was filed under the wrong customer, is not read in the past.
// Steward itself sees all, and lays beside the table what is not stored yet.
func seenNow(sc access.Scope) func(*builder) {
	return func(b *builder) {
		if sc.Every {
			return
		}
		b.sql(" and exists (select 1 from record r where r.id = t.id and ").scope("r", sc).sql(")")
	}
}

// pageAsOf merges a page of the untouched rows with a page of the wound back ones.
func (s *Store) pageAsOf(ctx context.Context, sc access.Scope, p *process.Process, q storage.Query) (*storage.Page, error) {
	held := q.Set.Held.(*heldRows)
	held.mu.Lock()
	defer held.mu.Unlock()
	sel := s.selection(p, q.Fields)
	out, err := s.rowsAsOf(ctx, sel, sc, q, held)
	if err != nil {
		return nil, err
	}
	page, err := s.finishPage(ctx, sel, q, out)
	if err == nil && q.Lines {
		for _, r := range page.Records {
			if was := q.Set.Lines[r.Head().ID]; was != nil {
				for _, l := range p.RecordLines {
					takeLines(l, r, was)
				}
			}
		}
	}
	return page, err
}

// rowsAsOf reads at most Limit+1 rows in q's order from the untouched and the wound back ones. They
// are read apart, each by its indexes, and merged here, unless only PostgreSQL knows their order.
func (s *Store) rowsAsOf(ctx context.Context, sel selection, sc access.Scope, q storage.Query, held *heldRows) ([]found, error) {
	untouched := s.untouched(q.Set)
	if !s.ordersAlike(q.Order) {
		names := make([]string, len(held.shape.Cols))
		for i, c := range held.shape.Cols {
			names[i] = quoted(c.Name)
		}
		cols := strings.Join(names, ", ")
		both := "(select " + cols + ", false as wound from " + sel.ts.Record.Name + " union all select " + cols + ", true from " + held.table + ")"
		seen := seenNow(sc)
		return s.page(ctx, held.conn, sel, sc, q, both, func(b *builder) {
			b.sql(" and (t.wound or true")
			untouched(b)
			b.sql(") and (not t.wound or true")
			seen(b)
			b.sql(")")
		})
	}
	a, err := s.page(ctx, s, sel, sc, q, sel.ts.Record.Name, untouched)
	if err != nil {
		return nil, err
	}
	b, err := s.page(ctx, held.conn, sel, sc, q, held.table, seenNow(sc))
	if err != nil {
		return nil, err
	}
	out := merge(a, b, q)
	if q.Limit > 0 && len(out) > q.Limit+1 {
		out = out[:q.Limit+1]
	}
	return out, nil
}

// takeLines puts the lines of from in place of those of to.
func takeLines(l *record.LineKind, to, from record.Record) {
	dst, src := record.BaseOf(to), record.BaseOf(from)
	l.Resize(dst, 0)
	l.Resize(dst, l.Len(src))
	for i := range l.Len(src) {
		for _, f := range l.Shape.Fields {
			f.At(l.Each(dst, i)).Copy(f.At(l.Each(src, i)))
		}
	}
}

// before says whether position x comes before y in q's order; blank is lowest.
func before(x, y []any, q storage.Query) bool {
	i := 0
	for _, k := range q.Order.Keys {
		n := 1
		if k.Field.Currency != "" {
			n = 2
		}
		for range n {
			if c := compareAny(x[i], y[i]); c != 0 {
				return (c < 0) != k.Desc
			}
			i++
		}
	}
	return false
}

// disordered is the condition of the partial index on such rows; written out, since a bound value
// could not be told to imply it.
func disordered(d record.Dialect) string {
	if d == record.Postgres {
		return "t.disordered"
	}
	return "t.disordered = 1"
}
