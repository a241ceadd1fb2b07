package query

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Check looks at fields, operators and types without asking who is reading or what a name refers to;
// it is for views and rules that are stored now and run later. Its errors are those of [Compile]
// without "unknown_reference".
func Check(e Expr, s Schema) error {
	env := Env{Now: time.Unix(0, 0), Zone: time.UTC}
	c := compiler{s: s, env: env, dry: true}
	_, err := c.filter(e)
	return err
}

// Compile gives the condition that e means for the reader in env. A nil e gives the empty Fragment.
//
// A comparison with a blank field is false; !=, not in and not turn exactly that around, so
// "priority != 1" takes in records without a priority, and "service.criticality != 1" those
// without a service. Money of another currency is never equal, less or greater. Instants against a
// day go by the whole day of the reader's zone: "opened_at <= 2026-01-31" takes in that evening.
func Compile(e Expr, s Schema, env Env, d Dialect) (Fragment, error) {
	env.Zone = env.zone()
	c := compiler{s: s, env: env, d: d}
	return c.filter(e)
}

type compiler struct {
	s   Schema
	env Env
	d   Dialect
	dry bool // types only
}

func (c *compiler) filter(e Expr) (Fragment, error) {
	if e == nil {
		return Fragment{}, nil
	}
	return c.expr(e)
}

// expr compiles e so that it may stand beside "and"; an "or" is put in parentheses.
func (c *compiler) expr(e Expr) (Fragment, error) {
	switch e := e.(type) {
	case *And:
		return c.list(e.Terms, " and ")
	case *Or:
		f, err := c.list(e.Terms, " or ")
		return parens(f), err
	case *Not:
		f, err := c.expr(e.X)
		return isNotTrue(f), err
	case *Comparison:
		return c.comparison(e)
	case *Membership:
		return c.membership(e)
	case *Blank:
		return c.blank(e)
	case *Predicate:
		return c.predicate(e)
	}
	return Fragment{}, fmt.Errorf("query: unknown expression %T", e)
}

func (c *compiler) list(terms []Expr, word string) (Fragment, error) {
	parts := make([]Fragment, len(terms))
	for i, t := range terms {
		f, err := c.expr(t)
		if err != nil {
			return f, err
		}
		parts[i] = f
	}
	return joined(word, parts), nil
}

func parens(f Fragment) Fragment { return Fragment{"(" + f.SQL + ")", f.Args} }

// isNotTrue is true where f is false or null, on both engines.
func isNotTrue(f Fragment) Fragment { return Fragment{"(" + f.SQL + ") is not true", f.Args} }

// A target is a field, perhaps behind a reference.
type target struct {
	Field
	name Name
	join *Join
}

func (c *compiler) target(n Name) (target, error) {
	t, err := findField(c.s, n)
	if err != nil {
		return t, err // a nil *Error is no nil error
	}
	return t, nil
}

func findField(s Schema, n Name) (target, *Error) {
	t := target{name: n}
	f, ok := s.Field(n.Text)
	head, tail, dotted := strings.Cut(n.Text, ".")
	if !ok && dotted {
		ref, found := s.Field(head)
		if !found {
			return t, unknownField(s, n)
		}
		if ref.Sensitive {
			return t, sensitive(n.Place, ref)
		}
		if ref.Kind != Ref {
			return t, fail(n.Place, ReasonUnknownField, "ask for "+head+" itself", "%s is no reference, so %s has no fields", head, head)
		}
		inner, join, leads := s.Hop(ref)
		if !leads {
			return t, fail(n.Place, ReasonUnknownField, "ask for "+head+" itself", "fields of %s cannot be asked for here", head)
		}
		at := Place{n.Pos + len(head) + 1, n.Line, n.Column + len(head) + 1}
		if f, ok = inner.Field(tail); !ok {
			if first, _, more := strings.Cut(tail, "."); more {
				if _, known := inner.Field(first); known {
					return t, fail(at, ReasonUnknownField, "ask for "+head+"."+first, "a filter follows one reference only")
				}
			}
			return t, unknownField(inner, Name{at, tail})
		}
		if f.Kind == Search {
			return t, fail(at, ReasonWrongOperator, "ask for a field such as "+head+".title", "full text is searched in the record itself only")
		}
		t.join = &join
		n.Place = at
	} else if !ok {
		return t, unknownField(s, n)
	}
	if f.Sensitive {
		return t, sensitive(n.Place, f)
	}
	t.Field = f
	return t, nil
}

func unknownField(s Schema, n Name) *Error {
	return fail(n.Place, ReasonUnknownField, didYouMean(n.Text, s.Fields(), "fields"), "there is no field %s", n.Text)
}

func sensitive(at Place, f Field) *Error {
	return fail(at, ReasonSensitive, "leave it out, or ask for the right to see it", "%s may not be known to you", f.Name)
}

// wrap carries a condition over the target's reference, if there is one.
func (t target) wrap(f Fragment, not bool) Fragment {
	if t.join == nil {
		if not {
			return isNotTrue(f)
		}
		return f
	}
	word := "exists"
	if not {
		word = "not exists"
	}
	return joined("", []Fragment{
		{SQL: word + " (select 1 from " + t.join.From + " where "},
		t.join.On, {SQL: " and "}, f, {SQL: ")"},
	})
}

func (c *compiler) comparison(e *Comparison) (Fragment, error) {
	t, err := c.target(e.Field)
	if err != nil {
		return Fragment{}, err
	}
	if bad := allowed(t, e.Op, e.OpPlace); bad != nil {
		return Fragment{}, bad
	}
	if e.Op == Contains {
		f, err := c.contains(t, e.Value)
		return t.wrap(f, false), err
	}
	if e.Value.Kind == ValueMyTeams && (e.Op == Eq || e.Op == Ne) {
		return c.oneOf(t, []Value{e.Value}, e.Op == Ne)
	}
	if e.Op != Ne {
		f, err := c.compare(t, e.Op, e.Value)
		return t.wrap(f, false), err
	}
	if t.join == nil {
		// The plain form lets both engines see what is meant.
		if x, ok, err := c.plain(t, e.Value); err != nil || ok {
			return c.unlessBlank(t, "<> "+x.SQL, x.Args), err
		}
	}
	f, err := c.compare(t, Eq, e.Value)
	return t.wrap(f, true), err
}

func (c *compiler) membership(e *Membership) (Fragment, error) {
	t, err := c.target(e.Field)
	if err != nil {
		return Fragment{}, err
	}
	if bad := allowed(t, Eq, e.OpPlace); bad != nil {
		return Fragment{}, bad
	}
	return c.oneOf(t, e.Values, e.Not)
}

// oneOf is true where the field has one of the values, or with not where it has none.
func (c *compiler) oneOf(t target, values []Value, not bool) (Fragment, error) {
	var list, others []Fragment
	for _, v := range values {
		if v.Kind == ValueMyTeams {
			ids, err := c.self(t, v, c.env.MyTeams)
			if err != nil {
				return Fragment{}, err
			}
			for _, id := range ids {
				list = append(list, c.idArg(id))
			}
			continue
		}
		x, ok, err := c.plain(t, v)
		if err != nil {
			return Fragment{}, err
		}
		if ok {
			list = append(list, x)
			continue
		}
		f, err := c.compare(t, Eq, v)
		if err != nil {
			return Fragment{}, err
		}
		others = append(others, f)
	}
	if len(list) > 0 {
		in := joined(", ", list)
		if len(others) == 0 && not && t.join == nil {
			return c.unlessBlank(t, "not in ("+in.SQL+")", in.Args), nil
		}
		others = append(others, Fragment{t.column(c.d) + " in (" + in.SQL + ")", in.Args})
	}
	f := joined(" or ", others)
	switch len(others) {
	case 0:
		f = Fragment{SQL: "1 = 0"} // of no team
	case 1:
	default:
		f = parens(f)
	}
	return t.wrap(f, not), nil
}

// unlessBlank is "column test", and true for a blank field.
func (c *compiler) unlessBlank(t target, test string, args []any) Fragment {
	col := t.column(c.d)
	if t.NotNull {
		return Fragment{col + " " + test, args}
	}
	return Fragment{"(" + col + " is null or " + col + " " + test + ")", args}
}

func (c *compiler) blank(e *Blank) (Fragment, error) {
	t, err := c.target(e.Field)
	if err != nil {
		return Fragment{}, err
	}
	if t.Kind == Search {
		return Fragment{}, fail(e.Field.Place, ReasonWrongOperator, "ask for a field of its own", "full text is never blank")
	}
	col := t.column(c.d)
	if t.Kind == Money {
		col = t.Currency // the amount may be 0 beside no currency
	}
	if t.join == nil {
		if e.Not {
			return Fragment{SQL: col + " is not null"}, nil
		}
		return Fragment{SQL: col + " is null"}, nil
	}
	// Behind a reference that is itself blank, every field is.
	return t.wrap(Fragment{SQL: col + " is not null"}, !e.Not), nil
}

func (c *compiler) predicate(e *Predicate) (Fragment, error) {
	name := e.Name.Text
	if sig, ok := signature(c.s, name); ok {
		return c.call(sig, e)
	}
	t, err := findField(c.s, e.Name)
	if err != nil {
		if err.Reason == ReasonUnknownField && (len(e.Args) > 0 || !strings.Contains(name, ".")) {
			return Fragment{}, c.unknownPredicate(e, err)
		}
		return Fragment{}, err
	}
	if t.Kind != Bool {
		return Fragment{}, fail(e.Name.Place, ReasonWrongType, "compare it: "+name+" "+example(t.Field), "%s is of kind %s and needs a comparison", name, t.Kind)
	}
	if len(e.Args) > 0 {
		return Fragment{}, fail(e.Args[0].Place, ReasonBadArguments, "write "+name, "%s is a field and takes nothing", name)
	}
	return t.wrap(Fragment{t.column(c.d) + " = ?", []any{c.boolArg(true)}}, false), nil
}

func signature(s Schema, name string) (Signature, bool) {
	for _, sig := range s.Predicates() {
		if sig.Name == name {
			return sig, true
		}
	}
	return Signature{}, false
}

func (c *compiler) unknownPredicate(e *Predicate, field *Error) *Error {
	var calls []string
	for _, sig := range c.s.Predicates() {
		calls = append(calls, sig.Name)
	}
	if len(e.Args) > 0 {
		return fail(e.Name.Place, ReasonUnknownPredicate, didYouMean(e.Name.Text, calls, "predicates"), "there is no predicate %s", e.Name.Text)
	}
	field.Detail = "there is no field or predicate " + e.Name.Text
	field.Mend = didYouMean(e.Name.Text, append(c.s.Fields(), calls...), "fields")
	return field
}

func (c *compiler) call(sig Signature, e *Predicate) (Fragment, error) {
	if len(e.Args) < sig.Least || len(e.Args) > len(sig.Args) {
		at := e.Name.Place
		if len(e.Args) > len(sig.Args) {
			at = e.Args[len(sig.Args)].Place
		}
		return Fragment{}, fail(at, ReasonBadArguments, "write "+sig.String(), "%s was given %d arguments", sig.Name, len(e.Args))
	}
	call := Call{Name: sig.Name, Dialect: c.d, Env: c.env}
	for _, v := range e.Args {
		text, err := c.argument(v)
		if err != nil {
			return Fragment{}, err
		}
		call.Args = append(call.Args, text)
	}
	f, err := c.s.Predicate(call)
	var own *Error
	if errors.As(err, &own) {
		// The schema knows what is wrong; where it stands is known here.
		at := e.Name.Place
		if len(e.Args) > 0 {
			at = e.Args[0].Place
		}
		return f, &Error{at, own.Reason, own.Detail, own.Mend}
	}
	return parens(f), err
}

// argument writes a value out for a predicate.
func (c *compiler) argument(v Value) (string, error) {
	switch v.Kind {
	case ValueToday:
		day, err := c.day(v)
		return day, err
	case ValueNow:
		t, err := c.moment(v)
		if err != nil {
			return "", err
		}
		return t.in(c.env.Zone).UTC().Format(instantLayout), nil
	case ValueMe, ValueMyTeams:
		return "", fail(v.Place, ReasonBadArguments, "name it", "%s cannot be handed to a predicate", v)
	case ValueText:
		return v.Text, nil
	}
	return v.String(), nil
}

// example is a comparison that a field takes, for errors.
func example(f Field) string {
	switch f.Kind {
	case Bool:
		return "= true"
	case Int:
		return "= 1"
	case Decimal:
		return "= 1.5"
	case Money:
		return `<= "12.50 EUR"`
	case Date:
		return ">= today - 7d"
	case Instant:
		return "> now - 7d"
	case Duration:
		return "> 4h"
	case Period:
		return `= "P3M"`
	case Choice:
		if len(f.Choices) > 0 {
			return "= " + quoteText(f.Choices[0])
		}
	case Search:
		return `~ "word"`
	}
	return `= "..."`
}

// allowed refuses operators that a kind does not have.
func allowed(t target, op Op, at Place) *Error {
	switch op {
	case Lt, Le, Gt, Ge:
		switch t.Kind {
		case Int, Decimal, Money, Date, Instant, Duration:
			return nil
		}
		return fail(at, ReasonWrongOperator, "use "+operators(t.Kind), "%s is of kind %s, which has no order", t.name.Text, t.Kind)
	case Contains:
		switch t.Kind {
		case Text, Prose, Tags, Search:
			return nil
		}
		mend := "use " + operators(t.Kind)
		if t.Kind == Ref && t.join == nil {
			mend += ", or " + t.name.Text + `.title ~ "..."`
		}
		return fail(at, ReasonWrongOperator, mend, "%s is of kind %s, not a text to search in", t.name.Text, t.Kind)
	}
	if t.Kind == Search {
		return fail(at, ReasonWrongOperator, `write `+t.name.Text+` ~ "word"`, "full text is searched, not compared")
	}
	return nil
}

// operators lists what a kind can be compared by.
func operators(k Kind) string {
	return strings.Join(operatorsOf(k), ", ")
}

func operatorsOf(k Kind) []string {
	switch k {
	case Search:
		return []string{"~"}
	case Text, Prose, Tags:
		return []string{"=", "!=", "~", "in", "not in", "is blank", "is not blank"}
	case Bool:
		return []string{"=", "!="}
	case Int, Decimal, Money, Date, Instant, Duration:
		return []string{"=", "!=", "<", "<=", ">", ">=", "in", "not in", "is blank", "is not blank"}
	}
	return []string{"=", "!=", "in", "not in", "is blank", "is not blank"}
}
