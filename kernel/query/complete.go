package query

import (
	"slices"
	"strings"
)

// A Suggestion is a word that may stand at the cursor.
type Suggestion struct {
	Text     string // canonical, with quotes where needed
	Class    string // field, predicate, operator, value, keyword
	Detail   string // kind of a field, how a predicate is called; may be empty
	From, To int    // the bytes of the input that it replaces
}

// Complete lists what may stand at the cursor (a byte offset), in the order of the schema, cut to
// what has been typed of it. It never fails: where the input before the cursor makes no sense it
// lists nothing. Names of records are not known here; offer them beside it, by scope.
func Complete(s Schema, input string, cursor int) []Suggestion {
	cursor = max(0, min(cursor, len(input), MaxBytes))
	tokens, err := lex(input[:cursor])
	c := completion{s: s, from: cursor, to: cursor}
	switch {
	case err != nil:
		// An open quote or a name that ends in a dot is what is being typed; all else is a mistake.
		c.from = err.Pos
		if err.Reason == ReasonSyntax && strings.HasSuffix(input[:cursor], ".") && err.Pos == cursor-1 {
			for c.from > 0 && (isLetter(input[c.from-1]) || isDigit(input[c.from-1])) {
				c.from--
			}
		} else if err.Reason != ReasonBadText || input[err.Pos] != '"' && input[err.Pos] != '\'' {
			return nil
		}
	default:
		tokens = tokens[:len(tokens)-1]
		if n := len(tokens); n > 0 && tokens[n-1].kind == tokName && tokens[n-1].end == cursor {
			c.from = tokens[n-1].at.Pos
			tokens = tokens[:n-1]
		}
	}
	c.typed = strings.ToLower(input[c.from:cursor])
	for c.to < len(input) && c.to > c.from && (isLetter(input[c.to]) || isDigit(input[c.to])) {
		c.to++
	}
	if first := input[c.from:c.to]; first != "" && (first[0] == '"' || first[0] == '\'') && c.to < len(input) && input[c.to] == first[0] {
		c.to++
	}
	if !c.read(tokens) {
		return nil
	}
	c.offer()
	return c.out
}

// What may come next.
type expecting uint8

const (
	wantTerm     expecting = iota // a field, a predicate, not, (
	wantOperator                  // after a field
	wantList                      // ( after in
	wantValue                     // after an operator
	wantItem                      // a value of a list
	wantBlank                     // after is
	wantJoin                      // and, or, )
	wantComma                     // after a value of a list
)

type completion struct {
	s        Schema
	typed    string // lower case, of the word at the cursor
	from, to int
	want     expecting
	not      bool // after "is not" or "FIELD not"
	field    string
	depth    int
	out      []Suggestion
}

// read follows the words before the cursor; false if they cannot be the beginning of a filter.
func (c *completion) read(tokens []token) bool {
	for i := 0; i < len(tokens); i++ {
		t := tokens[i]
		switch c.want {
		case wantTerm:
			switch {
			case t.sign("("):
				c.depth++
			case t.is("not"):
			case t.kind == tokName && !reserved[strings.ToLower(t.text)]:
				c.field, c.want, c.not = t.text, wantOperator, false
			default:
				return false
			}
		case wantOperator:
			switch {
			case t.is("is") && !c.not:
				c.want = wantBlank
			case t.is("in"):
				c.want, c.not = wantList, false
			case t.is("not") && !c.not:
				c.not = true
			case t.sign("(") && !c.not:
				c.want = wantItem
			case t.kind == tokSign && isOp(t.text) && !c.not:
				c.want = wantValue
			case c.not || !c.closes(t):
				return false
			}
		case wantBlank:
			switch {
			case t.is("not") && !c.not:
				c.not = true
			case t.is("blank"):
				c.want, c.not = wantJoin, false
			default:
				return false
			}
		case wantList:
			if !t.sign("(") {
				return false
			}
			c.want = wantItem
		case wantValue, wantItem:
			if t.sign(")") && c.want == wantItem {
				c.want = wantJoin
				break
			}
			p := parser{tokens: append(slices.Clone(tokens[i:]), token{})}
			if _, err := p.value(); err != nil {
				return false
			}
			i += p.i - 1
			if c.want == wantItem {
				c.want = wantComma
			} else {
				c.want = wantJoin
			}
		case wantComma:
			switch {
			case t.sign(","):
				c.want = wantItem
			case t.sign(")"):
				c.want = wantJoin
			default:
				return false
			}
		case wantJoin:
			if !c.closes(t) {
				return false
			}
		}
	}
	return true
}

// closes takes what may follow a whole condition.
func (c *completion) closes(t token) bool {
	switch {
	case t.is("and"), t.is("or"):
		c.want = wantTerm
	case t.sign(")") && c.depth > 0:
		c.depth--
		c.want = wantJoin
	default:
		return false
	}
	return true
}

func (c *completion) offer() {
	switch c.want {
	case wantTerm:
		c.offerNames()
	case wantOperator:
		f, known := findField(c.s, Name{Text: c.field})
		_, predicate := signature(c.s, c.field)
		if known == nil {
			for _, op := range operatorsOf(f.Kind) {
				if word, ok := strings.CutPrefix(op, "not "); c.not && ok {
					c.add(word, "operator", "")
				} else if !c.not {
					c.add(op, "operator", "")
				}
			}
		}
		if !c.not && (predicate || known == nil && f.Kind == Bool) {
			c.offerJoins()
		}
	case wantBlank:
		c.add("blank", "keyword", "")
		if !c.not {
			c.add("not blank", "keyword", "")
		}
	case wantList:
		c.add("(", "keyword", "")
	case wantValue, wantItem:
		c.offerValues()
	case wantJoin:
		c.offerJoins()
	case wantComma:
		c.add(",", "keyword", "")
		c.add(")", "keyword", "")
	}
}

func (c *completion) offerJoins() {
	c.add("and", "keyword", "")
	c.add("or", "keyword", "")
	if c.depth > 0 {
		c.add(")", "keyword", "")
	}
}

func (c *completion) offerNames() {
	c.offerFields(c.s, "")
	if head, _, dotted := strings.Cut(c.typed, "."); dotted {
		if ref, ok := c.s.Field(head); ok && ref.Kind == Ref && !ref.Sensitive {
			if inner, _, leads := c.s.Hop(ref); leads {
				c.offerFields(inner, head+".")
			}
		}
	}
	for _, sig := range c.s.Predicates() {
		text := sig.Name
		if sig.Least > 0 {
			text += "("
		}
		c.add(text, "predicate", sig.String())
	}
	c.add("not", "keyword", "")
}

func (c *completion) offerFields(s Schema, prefix string) {
	for _, name := range s.Fields() {
		f, ok := s.Field(name)
		if !ok || f.Sensitive || prefix != "" && f.Kind == Search {
			continue
		}
		c.add(prefix+name, "field", f.Kind.String())
	}
}

func (c *completion) offerValues() {
	f, bad := findField(c.s, Name{Text: c.field})
	if bad != nil {
		return
	}
	var words []string
	switch f.Kind {
	case Choice:
		for _, code := range f.Choices {
			words = append(words, quoteText(code))
		}
	case Bool:
		words = []string{"true", "false"}
	case Date, Instant:
		words = []string{"now", "today", "now - 7d", "today - 3mo"}
	case Ref:
		words = []string{"me", "my_teams"}
	}
	for _, w := range words {
		c.add(w, "value", "")
	}
}

// add keeps what begins as typed; a choice is also found by what stands in its quotes.
func (c *completion) add(text, class, detail string) {
	bare := strings.Trim(strings.ToLower(text), `"`)
	if strings.HasPrefix(strings.ToLower(text), c.typed) || strings.HasPrefix(bare, strings.Trim(c.typed, `"'`)) {
		c.out = append(c.out, Suggestion{text, class, detail, c.from, c.to})
	}
}
