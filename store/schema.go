package store

import (
	"sort"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/process"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// schema is what one reader may ask of one process, as the query language sees it.
type schema struct {
	s      *Store
	p      *process.Process
	sc     access.Scope
	alias  string // of the record's table
	valias string // of its version's table
	fields map[string]query.Field
	names  []string
	hopped bool
	large  bool
}

// Schema describes p's fields for filters and orders of the reader with scope sc.
func (s *Store) Schema(sc access.Scope, p *process.Process, custom map[string]*record.Field) query.Schema {
	return s.schema(sc, p, custom, "t", "v", false)
}

var queryKinds = map[record.Kind]query.Kind{record.KText: query.Text, record.KProse: query.Prose, record.KBool: query.Bool,
	record.KInt: query.Int, record.KCount: query.Int, record.KDecimal: query.Decimal, record.KMoney: query.Money,
	record.KDate: query.Date, record.KInstant: query.Instant, record.KDuration: query.Duration, record.KPeriod: query.Period,
	record.KChoice: query.Choice, record.KRef: query.Ref, record.KURL: query.Text, record.KTags: query.Tags}

func (s *Store) schema(sc access.Scope, p *process.Process, custom map[string]*record.Field, alias, valias string, hopped bool) *schema {
	x := &schema{s: s, p: p, sc: sc, alias: alias, valias: valias, fields: map[string]query.Field{}, hopped: hopped}
	x.large = s.sizes.of(p.Name) > query.ServableRows
	leads := map[string]bool{"id": true}
	for _, ix := range append(append([][]string{}, s.tables[p.Name].Record.Indexes...), s.tables[p.Name].Record.Unique...) {
		leads[ix[0]] = true
	}
	content := map[*record.Field]bool{}
	for _, f := range p.Content {
		content[f] = true
	}
	for _, f := range p.Shape.Fields {
		k, ok := queryKinds[f.Kind]
		if !ok || (f.Hidden && f.Name != "num") {
			continue
		}
		a := alias
		if content[f] {
			a = valias
		}
		q := query.Field{Name: f.Name, Kind: k, Column: a + "." + quoted(f.Name), Choices: f.Choices, Ref: f.Ref,
			Indexed: leads[f.Name] && !content[f], NotNull: f.NotNull || f.Kind == record.KBool || f.Kind == record.KCount || f.Name == "id"}
		q.Sortable = !hopped && (q.Indexed || !x.large)
		switch {
		case f.Name == "id":
			q.Ref = p.Name
		case f.Name == "num":
			q.Name = "number"
		case k == query.Decimal:
			q.Column = a + "." + f.Name + "_e6"
		case k == query.Money:
			q.Column, q.Currency = a+"."+f.Name+"_e4", a+"."+f.Name+"_currency"
		case f.Name == "state":
			for _, st := range p.States {
				q.Choices = append(q.Choices, st.Name)
			}
		case f.Name == "phase":
			q.Choices = []string{"draft", "open", "waiting", "done", "void"}
		}
		x.add(q)
	}
	if p.Versioned {
		x.add(query.Field{Name: "version_state", Kind: query.Choice, Column: valias + ".status", Choices: []string{"draft", "review", "approved", "rejected"}, Sortable: false})
		x.add(query.Field{Name: "effective_from", Kind: query.Date, Column: valias + ".effective_from"})
		x.add(query.Field{Name: "effective_to", Kind: query.Date, Column: valias + ".effective_to"})
	}
	names := make([]string, 0, len(custom))
	for n := range custom {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if f, ok := x.custom(custom[n]); ok {
			x.add(f)
		}
	}
	if !hopped {
		x.add(query.Field{Name: "text", Kind: query.Search, Indexed: true})
	}
	return x
}

func (x *schema) add(f query.Field) {
	x.fields[f.Name] = f
	x.names = append(x.names, f.Name)
}

// custom reads a value out of the custom map. Names of custom fields are snake_case by their
// definition, so they can stand in the path.
func (x *schema) custom(f *record.Field) (query.Field, bool) {
	k, ok := queryKinds[f.Kind]
	if !ok || k == query.Money || k == query.Decimal || strings.Trim(f.Name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		return query.Field{}, false
	}
	q := query.Field{Name: "custom." + f.Name, Kind: k, Choices: f.Choices, Ref: f.Ref}
	path := x.alias + ".custom"
	q.Column = "json_extract(" + path + ", '$." + f.Name + "')"
	pg := "(" + path + "::jsonb ->> '" + f.Name + "')"
	switch k {
	case query.Int:
		pg += "::bigint"
	case query.Bool:
		pg = "coalesce(" + pg + "::boolean, false)"
		q.Column = "coalesce(" + q.Column + ", 0)"
	case query.Date:
		pg += "::date"
	case query.Instant, query.Duration, query.Ref:
		return query.Field{}, false // kept as text there, so not comparable as what they are
	}
	q.Postgres = pg
	return q, true
}

func (x *schema) Field(name string) (query.Field, bool) { f, ok := x.fields[name]; return f, ok }
func (x *schema) Fields() []string                      { return x.names }

// Hop leads over a reference, to what of the other process the same reader may see.
func (x *schema) Hop(ref query.Field) (query.Schema, query.Join, bool) {
	if x.hopped || ref.Ref == "" || ref.Ref == "*" {
		return nil, query.Join{}, false
	}
	p := x.s.reg.Process(ref.Ref)
	if p == nil {
		return nil, query.Join{}, false
	}
	h := x.s.schema(access.Scope{}, p, nil, "h", "hv", true)
	b := &builder{} // ? placeholders: the whole condition is numbered when it is taken over
	b.d = x.s.d
	name := x.s.tables[p.Name].Record.Name
	join := query.Join{From: name + " h"}
	if p.Versioned {
		day := record.Day(time.Now().UTC())
		v := name + "_version"
		cast := ""
		if x.s.d == record.Postgres {
			cast = "::date"
		}
		join.From += " left join " + v + " hv on hv.record = h.id and hv.status = 'approved' and hv.effective_from <= '" + string(day) + "'" + cast +
			" and (hv.effective_to is null or hv.effective_to > '" + string(day) + "'" + cast + ")"
	}
	join.On = query.Fragment{SQL: "h.id = " + ref.Column}
	if !x.sc.Every && !x.sc.Customer.IsZero() {
		c := x.sc.Customer
		join.On.SQL += " and (h.customer = ? or h.customer is null)"
		join.On.Args = append(join.On.Args, c.Bind(x.s.d))
	}
	join.On.SQL += " and h.restricted = "
	if x.s.d == record.Postgres {
		join.On.SQL += "false"
	} else {
		join.On.SQL += "0"
	}
	return h, join, true
}

var signatures = []query.Signature{
	{Name: "overdue"},
	{Name: "breached", Args: []string{"kind"}, Least: 0},
	{Name: "linked", Args: []string{"kind"}, Least: 0},
	{Name: "in_force", Args: []string{"date"}, Least: 0},
	{Name: "watched"},
}

// Predicates are those that make sense for the process.
func (x *schema) Predicates() []query.Signature {
	if x.hopped {
		return nil
	}
	var out []query.Signature
	for _, s := range signatures {
		if s.Name == "in_force" && !x.p.Versioned || s.Name == "breached" && x.p.Clocks == nil {
			continue
		}
		out = append(out, s)
	}
	return out
}

// Predicate is the meaning of one.
func (x *schema) Predicate(c query.Call) (query.Fragment, error) {
	a := x.alias
	switch c.Name {
	case "overdue":
		now := record.At(c.Env.Now)
		return query.Fragment{SQL: a + ".due_at < ? and " + a + ".phase in ('draft', 'open', 'waiting')", Args: []any{now.Bind(x.s.d)}}, nil
	case "breached":
		f := query.Fragment{SQL: "exists (select 1 from clock c where c.record = " + a + ".id and c.breached_at is not null"}
		if len(c.Args) > 0 {
			f.SQL += " and c.kind = ?"
			f.Args = append(f.Args, c.Args[0])
		}
		f.SQL += ")"
		return f, nil
	case "linked":
		open := storage.Open
		to := open.Bind(x.s.d)
		f := query.Fragment{}
		if len(c.Args) == 0 {
			f.SQL = "exists (select 1 from link l where l.a = " + a + ".id and l.valid_to = ?) or exists (select 1 from link l where l.b = " + a + ".id and l.valid_to = ?)"
			f.Args = []any{to, to}
			return f, nil
		}
		k, forward, ok := x.s.reg.Linked(x.p, c.Args[0])
		if !ok {
			return f, &query.Error{Reason: query.ReasonBadArguments, Detail: x.p.Name + " has no links " + c.Args[0], Mend: "the kinds of link stand in its schema"}
		}
		end := "b"
		if forward {
			end = "a"
		}
		f.SQL = "exists (select 1 from link l where l." + end + " = " + a + ".id and l.kind = ? and l.valid_to = ?)"
		f.Args = []any{k.Name, to}
		return f, nil
	case "in_force":
		day := c.Env.Now.Format(time.DateOnly)
		if len(c.Args) > 0 {
			if _, err := time.Parse(time.DateOnly, c.Args[0]); err != nil {
				return query.Fragment{}, &query.Error{Reason: query.ReasonBadDate, Detail: c.Args[0] + " is no day", Mend: "write it as 2026-01-31"}
			}
			day = c.Args[0]
		}
		cast := ""
		if x.s.d == record.Postgres {
			cast = "::date"
		}
		return query.Fragment{SQL: "exists (select 1 from " + x.s.tables[x.p.Name].Version.Name + " f where f.record = " + a + ".id and f.status = 'approved' and f.effective_from <= ?" + cast +
			" and (f.effective_to is null or f.effective_to > ?" + cast + "))", Args: []any{day, day}}, nil
	case "watched":
		id := x.sc.Viewer
		return query.Fragment{SQL: "exists (select 1 from watcher w where w.record = " + a + ".id and w.principal = ?)", Args: []any{id.Bind(x.s.d)}}, nil
	}
	return query.Fragment{}, &query.Error{Reason: query.ReasonUnknownPredicate, Detail: "there is no " + c.Name}
}

// Search finds the records that hold every phrase. Words of internal text stand in rows of their
// own, so that hits do not betray them.
func (x *schema) Search(d query.Dialect, phrases []query.Phrase) query.Fragment {
	aud := " and %.audience = 'all'"
	if x.sc.Internal || x.sc.Every {
		aud = ""
	}
	if d == query.Postgres {
		return query.Fragment{SQL: x.alias + ".id in (select s.record from search s where s.tokens @@ to_tsquery('simple', ?) and s.process = ?" +
			strings.ReplaceAll(aud, "%", "s") + ")", Args: []any{query.TSQuery(phrases), x.p.Name}}
	}
	return query.Fragment{SQL: x.alias + ".id in (select r.record from search f join search_row r on r.id = f.rowid where f.tokens match ? and r.process = ?" +
		strings.ReplaceAll(aud, "%", "r") + ")", Args: []any{query.FTS5Query(phrases), x.p.Name}}
}

func dialect(d record.Dialect) query.Dialect {
	if d == record.Postgres {
		return query.Postgres
	}
	return query.SQLite
}
