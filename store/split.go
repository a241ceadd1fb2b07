package store

import (
	"context"

	"steward/kernel/access"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// splitMost is how many values of a state or phase are read one by one.
const splitMost = 6

// split parts a filter that asks for one of a few states or phases into one filter for each. An
// index that begins with (team, phase) or with state runs in the list's order only for a single
// value: for "phase in (open, waiting)" the engines would gather every open record and sort them
// for each page. Duplicate values count once, so that no record comes twice.
func split(e query.Expr) []query.Expr {
	terms := []query.Expr{e}
	if and, ok := e.(*query.And); ok {
		terms = and.Terms
	}
	for i, t := range terms {
		m, ok := t.(*query.Membership)
		if !ok || m.Not || (m.Field.Text != "phase" && m.Field.Text != "state") {
			continue
		}
		var out []query.Expr
	values:
		for j, v := range m.Values {
			for _, earlier := range m.Values[:j] {
				if v.Equal(earlier) {
					continue values
				}
			}
			one := append(append([]query.Expr(nil), terms[:i]...), terms[i+1:]...)
			out = append(out, query.All(append(one, &query.Comparison{Field: m.Field, Op: query.Eq, OpPlace: m.OpPlace, Value: v})...))
		}
		if len(out) > splitMost {
			return nil
		}
		return out
	}
	return nil
}

// pageSplit reads a page of each filter and merges them in the list's order.
func (s *Store) pageSplit(ctx context.Context, sel selection, sc access.Scope, q storage.Query, filters []query.Expr) ([]found, error) {
	var out []found
	for _, f := range filters {
		part := q
		part.Filter = f
		sel.hint = s.goBy(sel, f)
		rows, err := s.page(ctx, s, sel, sc, part, sel.ts.Record.Name, nil)
		if err != nil {
			return nil, err
		}
		out = merge(out, rows, q)
	}
	if len(out) > q.Limit+1 {
		out = out[:q.Limit+1]
	}
	return out, nil
}

// merge puts two lists that are in q's order together.
func merge(a, b []found, q storage.Query) []found {
	out := make([]found, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && before(a[0].at, b[0].at, q) {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
}

// ordersAlike says whether rows can be merged here in the order that the engine gives them: texts
// are ordered by PostgreSQL's collation, which is not ours.
func (s *Store) ordersAlike(o query.Order) bool {
	if s.d == record.SQLite {
		return true
	}
	for _, k := range o.Keys {
		switch k.Field.Kind {
		case query.Int, query.Decimal, query.Date, query.Instant, query.Duration, query.Ref, query.Bool:
		default:
			return false
		}
	}
	return true
}

// goBy is the index to read by: what is open or waits is a small part of everything, which
// SQLite cannot know of a bound value; it would rather count a quarter of all by their priority.
// Where a filter names a team or an assignee, their own indexes are as good.
func (s *Store) goBy(sel selection, e query.Expr) string {
	if s.d != record.SQLite {
		return ""
	}
	terms := []query.Expr{e}
	if and, ok := e.(*query.And); ok {
		terms = and.Terms
	}
	active := false
	for _, t := range terms {
		c, ok := t.(*query.Comparison)
		if !ok {
			continue
		}
		switch c.Field.Text {
		case "team", "assignee", "id", "number", "external_id":
			return ""
		case "phase":
			active = c.Op == query.Eq && (c.Value.Text == "draft" || c.Value.Text == "open" || c.Value.Text == "waiting")
		}
	}
	if !active {
		return ""
	}
	return " indexed by ix_" + sel.ts.Record.Name + "_phase_updated_at_id"
}
