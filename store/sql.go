package store

import (
	"strconv"
	"strings"
	"sync"

	"steward/kernel/record"
	"steward/kernel/storage"
)

// builder grows a statement and its arguments together. Text never holds a value.
type builder struct {
	d    record.Dialect
	s    strings.Builder
	args []any
}

func (b *builder) sql(parts ...string) *builder {
	for _, p := range parts {
		b.s.WriteString(p)
	}
	return b
}

// arg binds a cell's value.
func (b *builder) arg(c record.Cell) *builder { return b.val(c.Bind(b.d)) }

// val binds a value already in the dialect's form.
func (b *builder) val(v any) *builder {
	b.args = append(b.args, v)
	if b.d == record.Postgres {
		b.s.WriteByte('$')
		b.s.WriteString(strconv.Itoa(len(b.args)))
	} else {
		b.s.WriteByte('?')
	}
	return b
}

// frag takes over SQL with ? placeholders and its arguments.
func (b *builder) frag(sql string, args []any) *builder {
	if b.d != record.Postgres {
		b.s.WriteString(sql)
		b.args = append(b.args, args...)
		return b
	}
	i, quoted := 0, false
	for _, r := range sql {
		switch {
		case r == '\'':
			quoted = !quoted
			b.s.WriteRune(r)
		case r == '?' && !quoted:
			b.val(args[i])
			i++
		default:
			b.s.WriteRune(r)
		}
	}
	return b
}

func (b *builder) cond(alias string, c storage.Cond) {
	b.sql(alias, c.Col)
	switch c.Op {
	case "null", "notnull":
		b.sql(map[string]string{"null": " is null", "notnull": " is not null"}[c.Op])
	case "in":
		cells := c.Val.([]record.Cell)
		if len(cells) == 0 {
			b.sql(" is null and 1 = 0")
			return
		}
		b.sql(" in (")
		for i, v := range cells {
			if i > 0 {
				b.sql(", ")
			}
			b.arg(v)
		}
		b.sql(")")
	case "=", "<", "<=", ">", ">=":
		b.sql(" ", c.Op, " ").arg(c.Val.(record.Cell))
	default:
		panic("store: no operator " + c.Op)
	}
}

func (b *builder) where(alias string, conds []storage.Cond) {
	for i, c := range conds {
		if i == 0 {
			b.sql(" where ")
		} else {
			b.sql(" and ")
		}
		b.cond(alias, c)
	}
}

// clockArg is filled by the SQLite writer with its own clock, which never goes back.
type clockArg struct{}

type insertKey struct {
	t   *storage.Table
	num string
}

// insertPlan is the fixed part of an insert: its text and the columns it binds.
type insertPlan struct {
	sql  string
	cols []storage.Col
	num  int // position of the number among the arguments; -1 when the text gives it
	at   int // position of the clock; -1 when the text gives it
}

var insertPlans sync.Map // insertKey and dialect -> *insertPlan

func planInsert(d record.Dialect, t *storage.Table, num *storage.Num) *insertPlan {
	key := insertKey{t, ""}
	if num != nil && d == record.Postgres && !num.Fixed {
		key.num = num.Process
	}
	type full struct {
		insertKey
		d record.Dialect
	}
	if p, ok := insertPlans.Load(full{key, d}); ok {
		return p.(*insertPlan)
	}
	p := makePlan(d, t, num, key.num)
	insertPlans.Store(full{key, d}, p)
	return p
}

// makePlan works the plan out; numOf is the process whose sequence gives the number, if one does.
func makePlan(d record.Dialect, t *storage.Table, num *storage.Num, numOf string) *insertPlan {
	p := &insertPlan{num: -1, at: -1}
	var cols, vals []string
	mark := func() string {
		if d == record.Postgres {
			return "$" + strconv.Itoa(len(p.cols))
		}
		return "?"
	}
	for _, c := range t.Cols {
		if c.Name == t.Auto {
			continue
		}
		cols = append(cols, quoted(c.Name))
		switch {
		case c.Name == t.Clock && d == record.Postgres:
			vals = append(vals, "clock_timestamp()")
		case numOf != "" && c.Name == "num" && t == storage.TDirectory:
			vals = append(vals, "nextval('num_"+numOf+"')")
		case numOf != "" && c.Name == "num":
			vals = append(vals, "currval('num_"+numOf+"')")
		default:
			if c.Name == t.Clock {
				p.at = len(p.cols)
			}
			if num != nil && c.Name == "num" {
				p.num = len(p.cols)
			}
			p.cols = append(p.cols, c)
			vals = append(vals, mark())
		}
	}
	p.sql = "insert into " + t.Name + " (" + strings.Join(cols, ", ") + ") values (" + strings.Join(vals, ", ") + ")"
	if numOf != "" && t == storage.TDirectory {
		p.sql += " returning num"
	}
	return p
}

// reserved words of either engine that are column names of ours.
func quoted(name string) string {
	switch name {
	case "set", "values", "column", "index", "process_", "key", "from", "to", "order", "user", "by", "no", "text", "at", "group", "default", "when", "references", "check", "table", "limit", "offset", "end":
		return `"` + name + `"`
	}
	return name
}

// Insert makes the statement that adds a row.
func (s *Store) Insert(t *storage.Table, num *storage.Num, parts ...storage.Part) storage.Statement {
	p := planInsert(s.d, t, num)
	st := storage.Statement{SQL: p.sql, Args: make([]any, len(p.cols)), Want: 1}
	for i, c := range p.cols {
		st.Args[i] = c.At(parts[c.Part]).Bind(s.d)
	}
	if p.num >= 0 {
		st.Args[p.num] = num
		if num.Fixed {
			st.Args[p.num] = num.N
		}
	}
	if p.at >= 0 {
		st.Args[p.at] = clockArg{}
	}
	if num != nil && t == storage.TDirectory {
		st.Num = num
	}
	return st
}

// Update makes the statement that changes the named columns of the rows that key selects.
func (s *Store) Update(t *storage.Table, cols []string, key []storage.Cond, want int, parts ...storage.Part) storage.Statement {
	b := &builder{d: s.d}
	b.sql("update ", t.Name, " set ")
	first := true
	for _, name := range cols {
		for _, c := range t.Cols {
			if c.Name == name {
				if !first {
					b.sql(", ")
				}
				first = false
				b.sql(quoted(name), " = ").arg(c.At(parts[c.Part]))
			}
		}
	}
	b.where("", quoteConds(key))
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: want}
}

// Remove makes the statement that takes rows away: timers, lines, grants; never records or events.
func (s *Store) Remove(t *storage.Table, key []storage.Cond, want int) storage.Statement {
	b := &builder{d: s.d}
	b.sql("delete from ", t.Name)
	b.where("", quoteConds(key))
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: want}
}

func quoteConds(in []storage.Cond) []storage.Cond {
	out := make([]storage.Cond, len(in))
	for i, c := range in {
		c.Col = quoted(c.Col)
		out[i] = c
	}
	return out
}

// Expect makes the statement that fails with ErrStale when rec has an event after number n.
func (s *Store) Expect(rec record.ID, n int64) storage.Statement {
	b := &builder{d: s.d}
	if s.d == record.Postgres {
		b.sql("select steward_want((select count(*) from event where record = ").arg(&rec).sql(" and n > ").val(n).sql("), 0)")
		return storage.Statement{SQL: b.s.String(), Args: b.args, Want: -1}
	}
	b.sql("update meta set value = value where key = 'system' and not exists (select 1 from event where record = ").arg(&rec)
	b.sql(" and n > ").val(n).sql(")")
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: 1}
}

// Meta reads one of the system's own settings; "" when it was never set.
// NewMeta makes the statement that sets it for the first time; [storage.Conflict] when it was set.
func (s *Store) NewMeta(key, value string) storage.Statement {
	b := &builder{d: s.d}
	b.sql(`insert into meta ("key", value) values (`).val(key).sql(", ").val(value).sql(")")
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: -1}
}

// SetMeta makes the statement that sets it.
func (s *Store) SetMeta(key, value string) storage.Statement {
	b := &builder{d: s.d}
	b.sql(`insert into meta ("key", value) values (`).val(key).sql(", ").val(value)
	b.sql(`) on conflict ("key") do update set value = excluded.value`)
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: -1}
}

// Bump makes the statement that counts up one of the system's own counters.
func (s *Store) Bump(key string) storage.Statement {
	b := &builder{d: s.d}
	b.sql(`insert into meta ("key", value) values (`).val(key)
	b.sql(`, '1') on conflict ("key") do update set value = cast(cast(meta.value as bigint) + 1 as text)`)
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: -1}
}
