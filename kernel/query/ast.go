package query

import (
	"slices"
	"strings"
)

// An Expr is a parsed filter: one of [*And], [*Or], [*Not], [*Comparison], [*Membership], [*Blank],
// [*Predicate]. A nil Expr stands for "everything" wherever one is taken.
type Expr interface {
	// String prints the canonical form; parsing it gives an equal Expr.
	String() string
	// Equal ignores where things were written.
	Equal(Expr) bool
	// Place is where the expression begins.
	place() Place
	// rank is how tightly it binds, for parentheses.
	rank() int
}

// A Name is a field as written: priority, custom.floor, service.criticality.
type Name struct {
	Place
	Text string
}

// And holds two or more terms, none of which is an And.
type And struct{ Terms []Expr }

// Or holds two or more terms, none of which is an Or.
type Or struct{ Terms []Expr }

// Not is true where X is not.
type Not struct {
	Place
	X Expr
}

// An Op compares a field with one value.
type Op string

// The operators.
const (
	Eq       Op = "="
	Ne       Op = "!="
	Lt       Op = "<"
	Le       Op = "<="
	Gt       Op = ">"
	Ge       Op = ">="
	Contains Op = "~"
)

// Comparison is FIELD OP VALUE.
type Comparison struct {
	Field   Name
	Op      Op
	OpPlace Place
	Value   Value
}

// Membership is FIELD in (...) or FIELD not in (...).
type Membership struct {
	Field   Name
	Not     bool
	OpPlace Place
	Values  []Value
}

// Blank is FIELD is blank or FIELD is not blank.
type Blank struct {
	Field Name
	Not   bool
}

// Predicate is a named predicate, with or without arguments, or a yes-no field on its own.
type Predicate struct {
	Name Name
	Args []Value
}

func (e *And) place() Place        { return e.Terms[0].place() }
func (e *Or) place() Place         { return e.Terms[0].place() }
func (e *Not) place() Place        { return e.Place }
func (e *Comparison) place() Place { return e.Field.Place }
func (e *Membership) place() Place { return e.Field.Place }
func (e *Blank) place() Place      { return e.Field.Place }
func (e *Predicate) place() Place  { return e.Name.Place }

func (e *Or) rank() int         { return 1 }
func (e *And) rank() int        { return 2 }
func (e *Not) rank() int        { return 3 }
func (e *Comparison) rank() int { return 4 }
func (e *Membership) rank() int { return 4 }
func (e *Blank) rank() int      { return 4 }
func (e *Predicate) rank() int  { return 4 }

// inside prints e where something of the given rank is wanted.
func inside(e Expr, rank int) string {
	if e.rank() < rank {
		return "(" + e.String() + ")"
	}
	return e.String()
}

func printAll(terms []Expr, word string, rank int) string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = inside(t, rank)
	}
	return strings.Join(out, word)
}

func printValues(values []Value) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.String()
	}
	return "(" + strings.Join(out, ", ") + ")"
}

func (e *And) String() string { return printAll(e.Terms, " and ", 3) }
func (e *Or) String() string  { return printAll(e.Terms, " or ", 2) }
func (e *Not) String() string { return "not " + inside(e.X, 3) }

func (e *Comparison) String() string {
	return e.Field.Text + " " + string(e.Op) + " " + e.Value.String()
}

func (e *Membership) String() string {
	if e.Not {
		return e.Field.Text + " not in " + printValues(e.Values)
	}
	return e.Field.Text + " in " + printValues(e.Values)
}

func (e *Blank) String() string {
	if e.Not {
		return e.Field.Text + " is not blank"
	}
	return e.Field.Text + " is blank"
}

func (e *Predicate) String() string {
	if len(e.Args) == 0 {
		return e.Name.Text
	}
	return e.Name.Text + printValues(e.Args)
}

func equalTerms(a, b []Expr) bool {
	return slices.EqualFunc(a, b, func(x, y Expr) bool { return x.Equal(y) })
}

func equalValues(a, b []Value) bool {
	return slices.EqualFunc(a, b, Value.Equal)
}

func (e *And) Equal(o Expr) bool { p, ok := o.(*And); return ok && equalTerms(e.Terms, p.Terms) }
func (e *Or) Equal(o Expr) bool  { p, ok := o.(*Or); return ok && equalTerms(e.Terms, p.Terms) }
func (e *Not) Equal(o Expr) bool { p, ok := o.(*Not); return ok && e.X.Equal(p.X) }

func (e *Comparison) Equal(o Expr) bool {
	p, ok := o.(*Comparison)
	return ok && e.Field.Text == p.Field.Text && e.Op == p.Op && e.Value.Equal(p.Value)
}

func (e *Membership) Equal(o Expr) bool {
	p, ok := o.(*Membership)
	return ok && e.Field.Text == p.Field.Text && e.Not == p.Not && equalValues(e.Values, p.Values)
}

func (e *Blank) Equal(o Expr) bool {
	p, ok := o.(*Blank)
	return ok && e.Field.Text == p.Field.Text && e.Not == p.Not
}

func (e *Predicate) Equal(o Expr) bool {
	p, ok := o.(*Predicate)
	return ok && e.Name.Text == p.Name.Text && equalValues(e.Args, p.Args)
}

// All joins filters by "and". Nil ones stand for everything and fall away; of none it gives nil.
func All(exprs ...Expr) Expr {
	var terms []Expr
	for _, e := range exprs {
		switch e := e.(type) {
		case nil:
		case *And:
			terms = append(terms, e.Terms...)
		default:
			terms = append(terms, e)
		}
	}
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return &And{terms}
}

// Fields lists the names a filter uses, each once, in order of appearance.
func Fields(e Expr) []string {
	var out []string
	add := func(n Name) {
		if !slices.Contains(out, n.Text) {
			out = append(out, n.Text)
		}
	}
	var walk func(Expr)
	walk = func(e Expr) {
		switch e := e.(type) {
		case *And:
			for _, t := range e.Terms {
				walk(t)
			}
		case *Or:
			for _, t := range e.Terms {
				walk(t)
			}
		case *Not:
			walk(e.X)
		case *Comparison:
			add(e.Field)
		case *Membership:
			add(e.Field)
		case *Blank:
			add(e.Field)
		case *Predicate:
			add(e.Name)
		}
	}
	walk(e)
	return out
}
