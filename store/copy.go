package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"strings"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Digests names what a database holds: for each table the number of rows and a hash of them all, in
// the order of their key. Two databases with equal digests hold the same, whatever their engine.
type Digests map[string]string

// Diff names the tables that differ.
func (d Digests) Diff(o Digests) []string {
	var out []string
	for t, v := range d {
		if o[t] != v {
			out = append(out, fmt.Sprintf("%s: %s here, %s there", t, v, o[t]))
		}
	}
	for t := range o {
		if _, ok := d[t]; !ok {
			out = append(out, t+": only there")
		}
	}
	sort.Strings(out)
	return out
}

// meta as a table, so that it is copied like the others.
type metaRow struct {
	Key   record.Text `field:""`
	Value record.Text `field:""`
}

var metaTable = func() *storage.Table {
	sh := record.ShapeOf[metaRow]("meta")
	t := &storage.Table{Name: "meta", Key: []string{"key"}}
	for i := range sh.Columns {
		t.Cols = append(t.Cols, storage.Col{Column: &sh.Columns[i]})
	}
	return t
}()

// all are the tables that hold what cannot be made anew; the full text can.
func (s *Store) all() []*storage.Table {
	out := append([]*storage.Table{metaTable}, storage.Sides...)
	for _, p := range s.reg.All {
		ts := s.tables[p.Name]
		out = append(out, ts.Record)
		if ts.Version != nil {
			out = append(out, ts.Version)
		}
		for _, l := range p.Shape.Lines {
			out = append(out, ts.Lines[l])
		}
	}
	return out
}

// Empty reports whether nothing was ever written here.
func (s *Store) Empty(ctx context.Context) (bool, error) {
	var n int
	err := s.read.QueryRowContext(ctx, "select count(*) from (select 1 from event limit 1) e").Scan(&n)
	return n == 0, err
}

// rows streams a table in the order of its key, as cells by column.
func (s *Store) rows(ctx context.Context, q querier, t *storage.Table, each func([]record.Cell) error) error {
	b := &builder{d: s.d}
	b.sql("select ")
	columns(b, "t", t.Cols, false)
	b.sql(" from ", t.Name, " t order by ")
	for i, k := range t.Key {
		if i > 0 {
			b.sql(", ")
		}
		b.sql("t.", quoted(k))
		if s.d == record.Postgres && textual(t, k) {
			b.sql(` collate "C"`) // as SQLite orders it
		}
	}
	rows, err := q.QueryContext(ctx, b.s.String(), b.args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.Name, err)
	}
	defer rows.Close()
	cells := make([]record.Cell, len(t.Cols))
	into := make([]any, len(t.Cols))
	for i, c := range t.Cols {
		cells[i] = record.NewCell(c.Kind)
		into[i] = cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read %s: %w", t.Name, err)
		}
		if err := each(cells); err != nil {
			return err
		}
	}
	return rows.Err()
}

func textual(t *storage.Table, col string) bool {
	for _, c := range t.Cols {
		if c.Name == col {
			return record.Kinds[c.Kind].Postgres == "text"
		}
	}
	return false
}

// Digests reads everything, in one snapshot.
func (s *Store) Digests(ctx context.Context) (Digests, error) {
	tx, err := s.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	out := Digests{}
	for _, t := range s.all() {
		h := newDigest()
		if err := s.rows(ctx, tx, t, func(cells []record.Cell) error { h.add(cells); return nil }); err != nil {
			return nil, err
		}
		out[t.Name] = h.String()
	}
	return out, nil
}

func (s *Store) snapshot(ctx context.Context) (*sql.Tx, error) {
	level := sql.LevelDefault // of SQLite: a read transaction is a snapshot
	if s.d == record.Postgres {
		level = sql.LevelRepeatableRead
	}
	return s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: level})
}

type digest struct {
	n   int
	sum [32]byte
	buf []byte
}

func newDigest() *digest { return &digest{} }

// add chains the row's canonical JSON into the hash.
func (d *digest) add(cells []record.Cell) {
	d.buf = append(d.buf[:0], d.sum[:]...)
	for _, c := range cells {
		d.buf = append(c.AppendJSON(d.buf), ',')
	}
	d.sum = sha256.Sum256(d.buf)
	d.n++
}

func (d *digest) String() string {
	return fmt.Sprintf("%d rows, %s", d.n, hex.EncodeToString(d.sum[:12]))
}

// copied is how many rows one transaction of a copy takes.
const copied = 1000

// Copy copies everything from one database into an empty, migrated one, from one snapshot, and
// gives the digests of what was read. Compare them with those of the target.
func Copy(ctx context.Context, from, to *Store, progress func(table string, rows int)) (Digests, error) {
	if empty, err := to.Empty(ctx); err != nil || !empty {
		if err == nil {
			err = errors.New("the target is not empty: choose an empty database")
		}
		return nil, err
	}
	tx, err := from.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	out := Digests{}
	for _, t := range from.all() {
		h := newDigest()
		var batch []storage.Statement
		flush := func() error {
			err := to.Apply(ctx, batch)
			batch = batch[:0]
			return err
		}
		if t == metaTable { // what the target's set-up may have written
			batch = append(batch, storage.Statement{SQL: "delete from meta", Want: -1})
		}
		err := from.rows(ctx, tx, t, func(cells []record.Cell) error {
			h.add(cells)
			batch = append(batch, to.insertCells(t, cells))
			if len(batch) < copied {
				return nil
			}
			if progress != nil {
				progress(t.Name, h.n)
			}
			return flush()
		})
		if err == nil && len(batch) > 0 {
			err = flush()
		}
		if err != nil {
			return nil, fmt.Errorf("copy %s: %w", t.Name, err)
		}
		out[t.Name] = h.String()
		if progress != nil {
			progress(t.Name, h.n)
		}
	}
	if err := to.afterCopy(ctx); err != nil {
		return nil, err
	}
	return out, nil
}

// insertCells writes a row whole, also what the database numbers and stamps itself otherwise.
func (s *Store) insertCells(t *storage.Table, cells []record.Cell) storage.Statement {
	b := &builder{d: s.d}
	b.sql("insert into ", t.Name, " (")
	for i, c := range t.Cols {
		if i > 0 {
			b.sql(", ")
		}
		b.sql(quoted(c.Name))
	}
	b.sql(") values (")
	for i, c := range cells {
		if i > 0 {
			b.sql(", ")
		}
		b.arg(c)
	}
	b.sql(")")
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: -1}
}

// afterCopy sets counters behind what was copied and makes the full text anew.
func (s *Store) afterCopy(ctx context.Context) error {
	var stmts []storage.Statement
	for _, p := range s.reg.All {
		t := s.tables[p.Name].Record.Name
		if s.d == record.Postgres {
			stmts = append(stmts, storage.Statement{Want: -1, SQL: "select setval('num_" + p.Name + "', coalesce((select max(num) from " + t + "), 0) + 1, false)"})
		} else {
			stmts = append(stmts, storage.Statement{Want: -1, SQL: "insert into counter (process, n) select '" + p.Name + "', coalesce(max(num), 0) from " + t + " where true on conflict (process) do update set n = excluded.n"})
		}
	}
	if s.d == record.Postgres {
		stmts = append(stmts, storage.Statement{Want: -1, SQL: "select setval(pg_get_serial_sequence('event', 'seq'), coalesce((select max(seq) from event), 0) + 1, false)"})
	}
	if err := s.Apply(ctx, stmts); err != nil {
		return err
	}
	return s.Reindex(ctx)
}

// Reindex makes the full text anew from the records. A versioned record is found by the content
// in force, else by its newest draft.
func (s *Store) Reindex(ctx context.Context) error {
	wipe := []storage.Statement{{SQL: "delete from search", Want: -1}}
	if s.d == record.SQLite {
		wipe = []storage.Statement{{SQL: "insert into search (search) values ('delete-all')", Want: -1}, {SQL: "delete from search_row", Want: -1}}
	}
	if err := s.Apply(ctx, wipe); err != nil {
		return err
	}
	for _, p := range s.reg.All {
		if err := s.reindex(ctx, p); err != nil {
			return fmt.Errorf("full text of %s: %w", p.Name, err)
		}
	}
	return nil
}

func (s *Store) reindex(ctx context.Context, p *process.Process) error {
	sel := s.selection(p, nil)
	after := record.Count(0)
	for {
		b := &builder{d: s.d}
		sel.from(b, "")
		b.sql(" where t.num > ").arg(&after).sql(" order by t.num limit ").val(int64(copied))
		recs, _, err := s.records(ctx, sel, b)
		if err != nil {
			return err
		}
		var stmts []storage.Statement
		for _, r := range recs {
			after = r.Head().Num
			if text := SearchText(p, r); text != "" {
				stmts = append(stmts, s.Index(r.Head().ID, p.Name, "all", text, true))
			}
		}
		if err := s.Apply(ctx, stmts); err != nil {
			return err
		}
		if len(recs) < copied {
			return nil
		}
	}
}

// SearchText is what the full text holds of a record: its searchable fields and its external id.
func SearchText(p *process.Process, r record.Record) string {
	var b strings.Builder
	for _, f := range p.Shape.Fields {
		if t, ok := f.Of(r).(*record.Text); ok && f.Search && *t != "" {
			b.WriteString(string(*t))
			b.WriteByte('\n')
		}
	}
	b.WriteString(string(r.Head().ExternalID))
	return b.String()
}

// SnapshotInto writes a consistent copy of a SQLite database to path while it is being used.
func (s *Store) SnapshotInto(ctx context.Context, path string) error {
	if s.d != record.SQLite {
		return errors.New("store: only SQLite can be copied as a file")
	}
	_, err := s.read.ExecContext(ctx, "vacuum into ?", path)
	return err
}

// Integrity asks the engine whether its file is whole; "" when it is.
func (s *Store) Integrity(ctx context.Context) (string, error) {
	if s.d != record.SQLite {
		return "", nil
	}
	rows, err := s.read.QueryContext(ctx, "pragma integrity_check(20)")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var bad []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return "", err
		}
		if line != "ok" {
			bad = append(bad, line)
		}
	}
	return strings.Join(bad, "; "), rows.Err()
}
