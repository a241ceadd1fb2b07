package query

import (
	"slices"
	"strings"
	"time"
)

// MaxSortKeys is how many fields one order may name.
const MaxSortKeys = 5

// A SortKey is one field of an order.
type SortKey struct {
	Field Field
	Desc  bool
}

// An Order is a total order of records: its last key is always the id, which no two share. Blank is
// lowest: first in ascending order, last in descending.
type Order struct{ Keys []SortKey }

// ParseSort reads "-priority,opened_at". Only sortable fields of the record itself may be named. The
// id is added as the last key, in the direction of the one before; an empty s sorts by id alone.
func ParseSort(s string, schema Schema) (Order, error) {
	o, err := parseSort(s, schema)
	if err != nil {
		return Order{}, err
	}
	return o, nil
}

func parseSort(s string, schema Schema) (Order, *Error) {
	var o Order
	pos := 0
	for part := range strings.SplitSeq(s, ",") {
		start := pos + len(part) - len(strings.TrimLeft(part, " \t\r\n"))
		pos += len(part) + 1
		word := strings.TrimSpace(part)
		if word == "" && strings.TrimSpace(s) == "" {
			break
		}
		name, desc := strings.CutPrefix(word, "-")
		if !desc {
			name = strings.TrimPrefix(name, "+")
		}
		at := placeOf(s, start+len(word)-len(name))
		if name == "" {
			return o, fail(at, ReasonSyntax, "write fields with commas between them: -priority,opened_at", "a field is missing")
		}
		f, ok := schema.Field(name)
		switch {
		case !ok:
			return o, fail(at, ReasonUnknownField, didYouMean(name, sortable(schema), "sortable fields"), "there is no field %s", name)
		case f.Sensitive:
			return o, sensitive(at, f)
		case !f.Sortable || !hasOrder(f.Kind):
			return o, fail(at, ReasonNotSortable, "sortable fields are "+strings.Join(sortable(schema), ", "), "lists cannot be sorted by %s", name)
		case slices.ContainsFunc(o.Keys, func(k SortKey) bool { return k.Field.Name == f.Name }):
			return o, fail(at, ReasonSyntax, "name it once", "%s is named twice", name)
		case len(o.Keys) > 0 && o.Keys[len(o.Keys)-1].Field.Name == "id":
			return o, fail(at, ReasonSyntax, "put id last", "nothing is left to sort after id")
		case len(o.Keys) == MaxSortKeys:
			return o, fail(at, ReasonTooManyTerms, "", "an order has at most %d fields", MaxSortKeys)
		}
		o.Keys = append(o.Keys, SortKey{f, desc})
	}
	id, ok := schema.Field("id")
	if !ok {
		return o, fail(placeOf(s, len(s)), ReasonUnknownField, "declare id in the schema", "there is no field id to sort by last")
	}
	id.NotNull = true
	if n := len(o.Keys); n == 0 || o.Keys[n-1].Field.Name != id.Name {
		o.Keys = append(o.Keys, SortKey{id, n > 0 && o.Keys[n-1].Desc})
	}
	return o, nil
}

func hasOrder(k Kind) bool { return k != Prose && k != Tags && k != Search }

func sortable(s Schema) []string {
	var out []string
	for _, name := range s.Fields() {
		if f, ok := s.Field(name); ok && f.Sortable && !f.Sensitive && hasOrder(f.Kind) {
			out = append(out, name)
		}
	}
	return out
}

// String is the canonical form, with the id: "-priority,opened_at,id".
func (o Order) String() string {
	parts := make([]string, len(o.Keys))
	for i, k := range o.Keys {
		if parts[i] = k.Field.Name; k.Desc {
			parts[i] = "-" + k.Field.Name
		}
	}
	return strings.Join(parts, ",")
}

// A column is one SQL expression of an order; money has two.
type column struct {
	sql     string
	kind    Kind
	desc    bool
	notNull bool
}

func (o Order) columns(d Dialect) []column {
	var out []column
	for _, k := range o.Keys {
		c := column{k.Field.column(d), k.Field.Kind, k.Desc, k.Field.NotNull}
		if c.kind == Money {
			c.kind = Int
			out = append(out, column{k.Field.Currency, Text, k.Desc, k.Field.NotNull})
		}
		out = append(out, c)
	}
	return out
}

// Columns is the SQL of the values that make up a position, to be selected beside the fields of the
// page. What is scanned from them into []any (as any) is what After and Sealer take.
func (o Order) Columns(d Dialect) []string {
	var out []string
	for _, c := range o.columns(d) {
		out = append(out, c.sql)
	}
	return out
}

// By is what follows "order by". An index on PostgreSQL serves a nullable field only if declared
// "nulls first"; SQLite's are so by nature.
func (o Order) By(d Dialect) string {
	var parts []string
	for _, c := range o.columns(d) {
		s := c.sql
		if c.desc {
			s += " desc"
		}
		if d == Postgres && !c.notNull {
			if c.desc {
				s += " nulls last"
			} else {
				s += " nulls first"
			}
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

// After is the condition that a record comes after the position given by the values of Columns.
// Reason "bad_cursor" if the values are not of this order.
func (o Order) After(d Dialect, values []any) (Fragment, error) {
	values, err := o.position(values)
	if err != nil {
		return Fragment{}, err
	}
	cols := o.columns(d)
	rowWise := true
	for _, c := range cols {
		rowWise = rowWise && c.notNull && c.desc == cols[0].desc
	}
	if rowWise {
		return afterRow(cols, values, d), nil
	}
	return afterEach(cols, values, d), nil
}

// afterRow compares all at once, which both engines answer from one range of an index.
func afterRow(cols []column, values []any, d Dialect) Fragment {
	var names []string
	var args []Fragment
	for i, c := range cols {
		names = append(names, c.sql)
		args = append(args, bound(c.kind, values[i], d))
	}
	op := " > "
	if cols[0].desc {
		op = " < "
	}
	if len(cols) == 1 {
		return Fragment{names[0] + op + args[0].SQL, args[0].Args}
	}
	f := joined(", ", args)
	return Fragment{"(" + strings.Join(names, ", ") + ")" + op + "(" + f.SQL + ")", f.Args}
}

// afterEach spells it out: beyond the first value, or equal in it and beyond the second, and so on.
// A bound on the first column stands before that, so that an index can begin there. A nullable
// descending column has none before its blanks: "<= or null" bounds nothing (SQLite then reads the
// index from its start with or without it), so deep pages of such an order cost their depth.
func afterEach(cols []column, values []any, d Dialect) Fragment {
	var branches, same []Fragment
	for i, c := range cols {
		v := values[i]
		arg := bound(c.kind, v, d)
		if beyond, some := c.beyond(v, arg); some {
			branches = append(branches, parens(joined(" and ", append(slices.Clone(same), beyond))))
		}
		if v == nil {
			same = append(same, Fragment{SQL: c.sql + " is null"})
		} else {
			same = append(same, Fragment{c.sql + " = " + arg.SQL, arg.Args})
		}
	}
	after := parens(joined(" or ", branches)) // never without: the id is never blank
	first, arg := cols[0], bound(cols[0].kind, values[0], d)
	switch {
	case values[0] == nil && first.desc:
		return joined(" and ", []Fragment{{SQL: first.sql + " is null"}, after})
	case values[0] == nil || first.desc && !first.notNull:
		return after
	case first.desc:
		return joined(" and ", []Fragment{{first.sql + " <= " + arg.SQL, arg.Args}, after})
	}
	return joined(" and ", []Fragment{{first.sql + " >= " + arg.SQL, arg.Args}, after})
}

// beyond is the condition that a column comes after v; false if nothing does.
func (c column) beyond(v any, arg Fragment) (Fragment, bool) {
	switch {
	case v == nil && c.desc:
		return Fragment{}, false
	case v == nil:
		return Fragment{SQL: c.sql + " is not null"}, true
	case !c.desc:
		return Fragment{c.sql + " > " + arg.SQL, arg.Args}, true
	case c.notNull:
		return Fragment{c.sql + " < " + arg.SQL, arg.Args}, true
	}
	return Fragment{"(" + c.sql + " < " + arg.SQL + " or " + c.sql + " is null)", arg.Args}, true
}

// position brings scanned values of either engine to one form: nil, int64 (also bool and instants in
// microseconds), string (also days), ID.
func (o Order) position(values []any) ([]any, error) {
	cols := o.columns(SQLite)
	if len(values) != len(cols) {
		return nil, badCursor("it has another number of fields")
	}
	out := make([]any, len(cols))
	for i, c := range cols {
		v, ok := normal(c.kind, values[i])
		if !ok || v == nil && c.notNull {
			return nil, badCursor("its fields are of other kinds")
		}
		out[i] = v
	}
	return out, nil
}

func normal(k Kind, v any) (any, bool) {
	if v == nil {
		return nil, true
	}
	switch k {
	case Bool, Int, Decimal, Duration:
		switch v := v.(type) {
		case int64:
			return v, true
		case int32:
			return int64(v), true
		case int16:
			return int64(v), true
		case int:
			return int64(v), true
		case bool:
			return boolArg(SQLite, v), true
		}
		return nil, false
	case Instant:
		switch v := v.(type) {
		case int64:
			return v, true
		case time.Time:
			return v.UnixMicro(), true
		}
		return nil, false
	case Ref:
		switch v := v.(type) {
		case ID:
			return v, true
		case []byte:
			if len(v) == len(ID{}) {
				return ID(v), true
			}
			id, ok := parseUUID(string(v))
			return id, ok
		case string:
			id, ok := parseUUID(v)
			return id, ok
		}
		return nil, false
	}
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	case time.Time:
		return v.Format(time.DateOnly), k == Date
	}
	return nil, false
}

// bound makes an argument of a normal value.
func bound(k Kind, v any, d Dialect) Fragment {
	switch v := v.(type) {
	case ID:
		return idArg(d, v)
	case int64:
		switch k {
		case Bool:
			return Fragment{"?", []any{boolArg(d, v != 0)}}
		case Instant:
			return instantArg(d, time.UnixMicro(v))
		}
	case string:
		if k == Date {
			return dateArg(d, v)
		}
	}
	return Fragment{"?", []any{v}}
}
