package query

import "strings"

// What one filter may hold.
const (
	MaxBytes  = 8000 // of the expression, as written and in canonical form
	MaxTerms  = 40   // comparisons and predicates
	MaxValues = 500  // in one "in (...)"
	MaxDepth  = 50   // parentheses and "not" within each other
)

// Parse reads a filter. It knows the grammar only; fields and types are looked at by [Check] and
// [Compile]. Nothing but white space is an [*Error] with reason "empty": whoever takes "no filter"
// for "everything" says so by a nil Expr.
func Parse(src string) (Expr, error) {
	e, err := parse(src)
	if err != nil {
		return nil, err // not "return parse(src)": a nil *Error is no nil error
	}
	return e, nil
}

// MustParse is for filters that are part of the program; it panics on an error.
func MustParse(src string) Expr {
	e, err := Parse(src)
	if err != nil {
		panic("query: " + src + ": " + err.Error())
	}
	return e
}

func parse(src string) (Expr, *Error) {
	if len(src) > MaxBytes {
		return nil, fail(placeOf(src, MaxBytes), ReasonTooLong, "ask for less at once", "a filter has at most %d bytes", MaxBytes)
	}
	tokens, err := lex(src)
	if err != nil {
		return nil, err
	}
	if tokens[0].kind == tokEnd {
		return nil, fail(tokens[0].at, ReasonEmpty, "write a condition such as priority = 1", "the filter is empty")
	}
	p := parser{tokens: tokens}
	e, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		if t.sign(")") {
			return nil, fail(t.at, ReasonSyntax, "take it away, or open one before", "this parenthesis was never opened")
		}
		return nil, fail(t.at, ReasonSyntax, "join conditions by and or or", "%s was not expected here", t.quote())
	}
	if len(e.String()) > MaxBytes {
		// What was stored in canonical form must be readable again.
		return nil, fail(placeOf(src, len(src)), ReasonTooLong, "ask for less at once", "a filter has at most %d bytes in canonical form", MaxBytes)
	}
	return e, nil
}

type parser struct {
	tokens []token
	i      int
	terms  int
}

func (p *parser) peek() token { return p.tokens[p.i] }

func (p *parser) ahead(n int) token { return p.tokens[min(p.i+n, len(p.tokens)-1)] }

func (p *parser) take() token {
	t := p.tokens[p.i]
	if t.kind != tokEnd {
		p.i++
	}
	return t
}

func (p *parser) or(depth int) (Expr, *Error) {
	return p.list("or", depth, p.and, func(terms []Expr) Expr {
		var flat []Expr
		for _, t := range terms {
			if o, ok := t.(*Or); ok {
				flat = append(flat, o.Terms...)
			} else {
				flat = append(flat, t)
			}
		}
		return &Or{flat}
	})
}

func (p *parser) and(depth int) (Expr, *Error) {
	return p.list("and", depth, p.not, func(terms []Expr) Expr { return All(terms...) })
}

func (p *parser) list(word string, depth int, part func(int) (Expr, *Error), join func([]Expr) Expr) (Expr, *Error) {
	first, err := part(depth)
	if err != nil || !p.peek().is(word) {
		return first, err
	}
	terms := []Expr{first}
	for p.peek().is(word) {
		p.take()
		next, err := part(depth)
		if err != nil {
			return nil, err
		}
		terms = append(terms, next)
	}
	return join(terms), nil
}

func (p *parser) not(depth int) (Expr, *Error) {
	t := p.peek()
	if depth > MaxDepth {
		return nil, fail(t.at, ReasonTooDeep, "take parentheses away", "at most %d parentheses and nots may stand within each other", MaxDepth)
	}
	switch {
	case t.is("not"):
		p.take()
		x, err := p.not(depth + 1)
		if err != nil {
			return nil, err
		}
		return &Not{t.at, x}, nil
	case t.sign("("):
		p.take()
		e, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if c := p.take(); !c.sign(")") {
			if c.kind == tokEnd {
				return nil, fail(t.at, ReasonSyntax, "close it", "this parenthesis is never closed")
			}
			return nil, fail(c.at, ReasonSyntax, "join conditions by and or or, or close the parenthesis", "%s was not expected here", c.quote())
		}
		return e, nil
	}
	return p.term()
}

// reserved words cannot be the name of a field.
var reserved = map[string]bool{"and": true, "or": true, "not": true, "in": true, "is": true, "blank": true, "true": true, "false": true, "now": true, "today": true, "me": true, "my_teams": true}

func (p *parser) term() (Expr, *Error) {
	t := p.take()
	if t.kind != tokName || reserved[strings.ToLower(t.text)] {
		return nil, fail(t.at, ReasonSyntax, "a condition begins with a field, such as priority = 1", "a field was expected, not %s", t.quote())
	}
	if p.terms++; p.terms > MaxTerms {
		return nil, fail(t.at, ReasonTooManyTerms, `use in (...) for several values of a field`, "a filter has at most %d conditions", MaxTerms)
	}
	name := Name{t.at, t.text}
	next := p.peek()
	switch {
	case next.sign("("):
		args, err := p.values(true)
		if err != nil {
			return nil, err
		}
		return &Predicate{name, args}, nil
	case next.is("in"), next.is("not") && p.ahead(1).is("in"):
		not := p.take().is("not")
		if not {
			p.take()
		}
		values, err := p.values(false)
		if err != nil {
			return nil, err
		}
		return &Membership{name, not, next.at, values}, nil
	case next.is("is"):
		p.take()
		not := p.peek().is("not")
		if not {
			p.take()
		}
		if b := p.take(); !b.is("blank") {
			return nil, fail(b.at, ReasonSyntax, "write is blank or is not blank", "blank was expected, not %s", b.quote())
		}
		return &Blank{name, not}, nil
	case next.kind == tokSign && isOp(next.text):
		p.take()
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		return &Comparison{name, Op(next.text), next.at, v}, nil
	case next.kind == tokEnd, next.is("and"), next.is("or"), next.sign(")"):
		return &Predicate{Name: name}, nil
	}
	return nil, fail(next.at, ReasonSyntax, "use = != < <= > >= ~, in (...), is blank", "an operator was expected after %s, not %s", t.text, next.quote())
}

func isOp(s string) bool {
	switch Op(s) {
	case Eq, Ne, Lt, Le, Gt, Ge, Contains:
		return true
	}
	return false
}

// values reads a list in parentheses; only that of a predicate may be empty.
func (p *parser) values(mayBeEmpty bool) ([]Value, *Error) {
	open := p.take()
	if !open.sign("(") {
		return nil, fail(open.at, ReasonSyntax, `write in ("a", "b")`, "( was expected, not %s", open.quote())
	}
	if mayBeEmpty && p.peek().sign(")") {
		p.take()
		return nil, nil
	}
	var out []Value
	for {
		at := p.peek().at
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) > MaxValues {
			return nil, fail(at, ReasonTooManyValues, "ask for fewer at once", "a list has at most %d values", MaxValues)
		}
		switch t := p.take(); {
		case t.sign(")"):
			return out, nil
		case t.kind == tokEnd:
			return nil, fail(open.at, ReasonSyntax, "close it", "this parenthesis is never closed")
		case !t.sign(","):
			return nil, fail(t.at, ReasonSyntax, "put a comma between values", ", or ) was expected, not %s", t.quote())
		}
	}
}

func (p *parser) value() (Value, *Error) {
	t := p.take()
	v := Value{Place: t.at, Text: t.text}
	switch {
	case t.kind == tokString:
		v.Kind = ValueText
	case t.kind == tokNumber:
		v.Kind = ValueNumber
	case t.kind == tokMoment:
		v.Kind = ValueMoment
	case t.kind == tokSpan:
		v.Kind, v.Text, v.Shift = ValueSpan, "", Shift{t.n, t.unit}
	case t.sign("-"):
		next := p.take()
		switch next.kind {
		case tokNumber:
			v.Kind, v.Text = ValueNumber, next.text
			if v.Text != "0" {
				v.Text = "-" + v.Text
			}
		case tokSpan:
			v.Kind, v.Text, v.Shift = ValueSpan, "", Shift{-next.n, next.unit}
		default:
			return v, fail(next.at, ReasonSyntax, "write -5 or -4h", "a number was expected after -, not %s", next.quote())
		}
	case t.is("true"), t.is("false"):
		v.Kind, v.Text = ValueBool, strings.ToLower(t.text)
	case t.is("me"):
		v.Kind, v.Text = ValueMe, ""
	case t.is("my_teams"):
		v.Kind, v.Text = ValueMyTeams, ""
	case t.is("my") && p.peek().is("teams"):
		p.take()
		v.Kind, v.Text = ValueMyTeams, ""
	case t.is("now"), t.is("today"):
		v.Kind, v.Text = ValueNow, ""
		if t.is("today") {
			v.Kind = ValueToday
		}
		sign := p.peek()
		if !sign.sign("+") && !sign.sign("-") {
			break
		}
		p.take()
		span := p.take()
		if span.kind != tokSpan {
			return v, fail(span.at, ReasonBadDuration, "write now - 7d (units s m h d w mo y)", "a length of time was expected, not %s", span.quote())
		}
		v.Shift = Shift{span.n, span.unit}
		if sign.text == "-" {
			v.Shift.N = -span.n
		}
	case t.kind == tokName && !reserved[strings.ToLower(t.text)]:
		return v, fail(t.at, ReasonSyntax, `put text in quotes: "`+t.text+`"`, "%s is no value", t.text)
	default:
		return v, fail(t.at, ReasonSyntax, `write a value such as 1, "new", 2026-01-31 or now - 7d`, "a value was expected, not %s", t.quote())
	}
	return v, nil
}
