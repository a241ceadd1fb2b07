package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"steward/kernel/access"
	"steward/kernel/process"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// columns writes the columns of t under alias.
func columns(b *builder, alias string, cols []storage.Col, comma bool) {
	for _, c := range cols {
		if comma {
			b.sql(", ")
		}
		comma = true
		b.sql(alias, ".", quoted(c.Name))
	}
}

// dests are the scan destinations for cols in the structs that begin at parts.
func dests(into []any, cols []storage.Col, parts ...unsafe.Pointer) []any {
	for _, c := range cols {
		into = append(into, c.At(parts[c.Part]))
	}
	return into
}

// selection is a process's select list: which columns, from which tables.
type selection struct {
	p        *process.Process
	ts       *storage.Tables
	record   []storage.Col
	version  []storage.Col
	hint     string // of SQLite: the index to go by
	approved bool   // no version that is not approved
}

func (s *Store) selection(p *process.Process, fields []*record.Field) selection {
	sel := selection{p: p, ts: s.tables[p.Name]}
	want := map[string]bool{}
	for _, f := range fields {
		want[f.Name] = true
	}
	for _, c := range sel.ts.Record.Cols {
		if fields == nil || want[c.Field.Name] || always[c.Name] {
			sel.record = append(sel.record, c)
		}
	}
	if sel.ts.Version != nil {
		for _, c := range sel.ts.Version.Cols {
			if fields == nil || c.Part == 0 || want[c.Field.Name] {
				sel.version = append(sel.version, c)
			}
		}
	}
	return sel
}

// always read, whatever fields were asked for: identity, and what scope and paging need.
var always = map[string]bool{"id": true, "num": true, "n": true, "revision": true, "state": true, "phase": true,
	"customer": true, "created_at": true, "updated_at": true, "disordered": true}

// from writes "select ... from ..." with the version in force on day, else the newest one that the
// reader may see.
func (sel selection) from(b *builder, day record.Date) {
	b.sql("select ")
	columns(b, "t", sel.record, false)
	if sel.ts.Version != nil {
		columns(b, "v", sel.version, true)
	}
	sel.tables(b, day, sel.ts.Record.Name)
}

func (sel selection) tables(b *builder, day record.Date, table string) {
	b.sql(" from ", table, " t", sel.hint)
	if sel.ts.Version == nil {
		return
	}
	v := sel.ts.Version.Name
	if day == "" {
		day = record.Day(time.Now().UTC())
	}
	d := record.Text(day)
	b.sql(" left join ", v, " v on v.id = coalesce((select x.id from ", v, " x where x.record = t.id and x.status = 'approved' and x.effective_from <= ")
	b.date(&d).sql(" and (x.effective_to is null or x.effective_to > ").date(&d)
	b.sql(") order by x.number desc limit 1), (select y.id from ", v, " y where y.record = t.id")
	if sel.approved {
		b.sql(" and y.status = 'approved'")
	}
	b.sql(" order by y.number desc limit 1))")
}

// date binds a day; PostgreSQL cannot tell a date from text by itself in every position.
func (b *builder) date(d *record.Text) *builder {
	b.arg(d)
	if b.d == record.Postgres {
		b.sql("::date")
	}
	return b
}

func (sel selection) scan(rows *sql.Rows, buf []any) (record.Record, *record.Version, error) {
	r := sel.p.New()
	base := record.BaseOf(r)
	buf = dests(buf[:0], sel.record, base)
	var v *record.Version
	if sel.ts.Version != nil {
		v = new(record.Version)
		buf = dests(buf, sel.version, unsafe.Pointer(v), base)
	}
	if err := rows.Scan(buf...); err != nil {
		return nil, nil, err
	}
	if v != nil && v.ID.IsZero() {
		v = nil
	}
	return r, v, nil
}

// Get is the record with its lines and the version in force on day (else the newest draft); nil
// when there is none or sc does not see it, which is the same to the caller.
func (s *Store) Get(ctx context.Context, sc access.Scope, p *process.Process, id record.ID, day record.Date) (record.Record, *record.Version, error) {
	sel := s.selection(p, nil)
	sel.approved = !sc.Drafts
	b := &builder{d: s.d}
	sel.from(b, day)
	b.sql(" where t.id = ").arg(&id).sql(" and ").scope("t", sc)
	rows, vs, err := s.records(ctx, sel, b)
	if err != nil || len(rows) == 0 {
		return nil, nil, err
	}
	if err := s.linesOf(ctx, p, rows, vs); err != nil {
		return nil, nil, err
	}
	return rows[0], vs[0], nil
}

func (s *Store) records(ctx context.Context, sel selection, b *builder) ([]record.Record, []*record.Version, error) {
	rows, err := s.query(ctx, b.s.String(), b.args...)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", sel.p.Name, err)
	}
	defer rows.Close()
	var out []record.Record
	var vs []*record.Version
	buf := make([]any, 0, 64)
	for rows.Next() {
		r, v, err := sel.scan(rows, buf)
		if err != nil {
			return nil, nil, fmt.Errorf("read %s: %w", sel.p.Name, err)
		}
		out, vs = append(out, r), append(vs, v)
	}
	return out, vs, rows.Err()
}

// linesOf loads all lines of the records: two statements at most, whatever their number.
func (s *Store) linesOf(ctx context.Context, p *process.Process, rows []record.Record, vs []*record.Version) error {
	if len(p.Shape.Lines) == 0 {
		return nil
	}
	own, content := map[record.ID]record.Record{}, map[record.ID]record.Record{}
	for i, r := range rows {
		own[r.Head().ID] = r
		if vs[i] != nil {
			content[vs[i].ID] = r
		}
	}
	if err := s.Lines(ctx, p, p.RecordLines, own); err != nil {
		return err
	}
	return s.Lines(ctx, p, p.ContentLines, content)
}

// Lines loads the lines of the kinds for the parents (records, or versions by their own id).
func (s *Store) Lines(ctx context.Context, p *process.Process, kinds []*record.LineKind, parents map[record.ID]record.Record) error {
	if len(parents) == 0 {
		return nil
	}
	ids := make([]record.Cell, 0, len(parents))
	for id := range parents {
		ids = append(ids, &id)
	}
	for _, l := range kinds {
		t := s.tables[p.Name].Lines[l]
		for len(ids) > 0 { // engines bound the number of arguments
			n := min(len(ids), 500)
			if err := s.linesOfKind(ctx, t, l, ids[:n], parents); err != nil {
				return err
			}
			ids = ids[n:]
		}
		ids = ids[:0]
		for id := range parents {
			ids = append(ids, &id)
		}
	}
	return nil
}

func (s *Store) linesOfKind(ctx context.Context, t *storage.Table, l *record.LineKind, ids []record.Cell, parents map[record.ID]record.Record) error {
	b := &builder{d: s.d}
	b.sql("select t.parent")
	columns(b, "t", t.Cols, true)
	b.sql(" from ", t.Name, " t")
	b.where("t.", []storage.Cond{{Col: "parent", Op: "in", Val: ids}})
	b.sql(" order by t.parent, t.pos")
	rows, err := s.query(ctx, b.s.String(), b.args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		// The parent decides where the row goes, and is known only after reading: scan into a
		// spare struct, then copy.
		spare := l.Shape.New()
		var parent record.ID
		from := l.Shape.Base(spare)
		if err := rows.Scan(dests([]any{&parent}, t.Cols, from)...); err != nil {
			return fmt.Errorf("read %s: %w", t.Name, err)
		}
		r := parents[parent]
		if r == nil {
			continue
		}
		base := record.BaseOf(r)
		n := l.Len(base)
		l.Resize(base, n+1)
		to := l.Each(base, n)
		for _, f := range l.Shape.Fields {
			f.At(to).Copy(f.At(from))
		}
	}
	return rows.Err()
}

// Versions are all versions of rec, oldest first, each with the record as it reads in it. The
// caller has seen the record.
func (s *Store) Versions(ctx context.Context, p *process.Process, rec record.ID) ([]process.Content, error) {
	if !p.Versioned {
		return nil, errors.New("store: " + p.Name + " has no versions")
	}
	sel := s.selection(p, nil)
	b := &builder{d: s.d}
	b.sql("select ")
	columns(b, "t", sel.record, false)
	columns(b, "v", sel.version, true)
	b.sql(" from ", sel.ts.Record.Name, " t join ", sel.ts.Version.Name, " v on v.record = t.id where t.id = ").arg(&rec).sql(" order by v.number")
	rows, vs, err := s.records(ctx, sel, b)
	if err != nil {
		return nil, err
	}
	out := make([]process.Content, len(rows))
	content := map[record.ID]record.Record{}
	for i := range rows {
		out[i] = process.Content{Version: vs[i], Record: rows[i]}
		content[vs[i].ID] = rows[i]
		if err := s.Lines(ctx, p, p.RecordLines, map[record.ID]record.Record{rec: rows[i]}); err != nil {
			return nil, err
		}
	}
	return out, s.Lines(ctx, p, p.ContentLines, content)
}

// Rows reads side rows: where, in order, at most limit (0: all). make gives the structs to scan
// into, each is called after every row.
func (s *Store) Rows(ctx context.Context, t *storage.Table, where []storage.Cond, order string, limit int, make func() []storage.Part, each func() error) error {
	b := &builder{d: s.d}
	b.sql("select ")
	columns(b, "t", t.Cols, false)
	b.sql(" from ", t.Name, " t")
	b.where("t.", quoteConds(where))
	if order != "" {
		b.sql(" order by ", order)
	}
	if limit > 0 {
		b.sql(" limit ").val(int64(limit))
	}
	rows, err := s.query(ctx, b.s.String(), b.args...)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.Name, err)
	}
	defer rows.Close()
	buf := []any{}
	for rows.Next() {
		buf = dests(buf[:0], t.Cols, make()...)
		if err := rows.Scan(buf...); err != nil {
			return fmt.Errorf("read %s: %w", t.Name, err)
		}
		if err := each(); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Directory reads the directory: records of any process that one of the scopes sees.
func (s *Store) Directory(ctx context.Context, scopes []access.Scope, where []storage.Cond, order string, limit int) ([]*storage.Directory, error) {
	b := &builder{d: s.d}
	b.sql("select ")
	columns(b, "r", storage.TDirectory.Cols, false)
	b.sql(" from record r where ")
	b.scopes("r", scopes)
	for _, c := range where {
		b.sql(" and ")
		b.cond("r.", c)
	}
	if order != "" {
		b.sql(" order by ", order)
	}
	if limit > 0 {
		b.sql(" limit ").val(int64(limit))
	}
	return s.directory(ctx, b)
}

func (s *Store) directory(ctx context.Context, b *builder) ([]*storage.Directory, error) {
	rows, err := s.query(ctx, b.s.String(), b.args...)
	if err != nil {
		return nil, fmt.Errorf("read the directory: %w", err)
	}
	defer rows.Close()
	var out []*storage.Directory
	for rows.Next() {
		d := new(storage.Directory)
		if err := rows.Scan(dests(nil, storage.TDirectory.Cols, unsafe.Pointer(d))...); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// Meta reads one of the system's own settings; "" when it was never set.
func (s *Store) Meta(ctx context.Context, key string) (string, error) {
	var v string
	b := &builder{d: s.d}
	b.sql(`select value from meta where "key" = `).val(key)
	err := s.read.QueryRowContext(ctx, b.s.String(), b.args...).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, err
}

var _ query.Expr
