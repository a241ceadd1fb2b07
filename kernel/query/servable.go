package query

import "strings"

// ServableRows is the size of a table from which on a filter needs an index.
const ServableRows = 100_000

// Servable tells whether an index can answer e without reading the whole table: at least one of its
// conditions joined by "and" is on an indexed field of the record itself with = in < <= > >= or is
// blank, on full text, or on a predicate that declares an index; of an "or" every branch must be.
// Nil is servable: a list without a filter runs along its order.
func Servable(e Expr, s Schema) bool {
	switch e := e.(type) {
	case nil:
		return true
	case *And:
		for _, t := range e.Terms {
			if Servable(t, s) {
				return true
			}
		}
		return false
	case *Or:
		for _, t := range e.Terms {
			if !Servable(t, s) {
				return false
			}
		}
		return true
	case *Comparison:
		f, ok := s.Field(e.Field.Text)
		if e.Op == Contains {
			return ok && f.Kind == Search
		}
		return ok && f.Indexed && e.Op != Ne && f.Kind != Tags
	case *Membership:
		f, ok := s.Field(e.Field.Text)
		return ok && f.Indexed && !e.Not && f.Kind != Tags
	case *Blank:
		f, ok := s.Field(e.Field.Text)
		return ok && f.Indexed && !e.Not
	case *Predicate:
		if sig, ok := signature(s, e.Name.Text); ok {
			return sig.Indexed
		}
		f, ok := s.Field(e.Name.Text)
		return ok && f.Indexed && f.Kind == Bool
	}
	return false
}

// CheckServable refuses, with reason "unservable", a filter that no index can answer on a table of
// more than ServableRows rows.
func CheckServable(e Expr, s Schema, rows int64) error {
	if rows <= ServableRows || Servable(e, s) {
		return nil
	}
	var names []string
	for _, name := range s.Fields() {
		if f, ok := s.Field(name); ok && (f.Indexed || f.Kind == Search) && !f.Sensitive {
			names = append(names, name)
		}
	}
	return fail(e.place(), ReasonUnservable, "add a condition on one of "+strings.Join(names, ", ")+", or run it as a report",
		"no index can answer this, and the table has over %d rows", ServableRows)
}
