package work

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/web/face"
	"steward/web/page"
)

// chip is one part of the filter that can be taken away.
type chip struct {
	Words, Value string // "Team is", "Service Desk North"
	Exact        string // as it stands in the expression
	Without      string // the filter without it
}

// chipsOf takes a filter apart at its outermost "and"; a filter that cannot be read has none.
func chipsOf(filter string) []chip {
	if filter == "" {
		return nil
	}
	e, err := query.Parse(filter)
	if err != nil {
		return nil
	}
	terms := []query.Expr{e}
	if and, ok := e.(*query.And); ok {
		terms = and.Terms
	}
	var out []chip
	for i, t := range terms {
		c := chip{Exact: t.String()}
		c.Words, c.Value = wordsOf(t)
		if rest := query.All(slices.Delete(slices.Clone(terms), i, i+1)...); rest != nil {
			c.Without = rest.String()
		}
		out = append(out, c)
	}
	return out
}

var opWords = map[query.Op]string{query.Eq: "is", query.Ne: "is not", query.Lt: "before", query.Le: "up to", query.Gt: "after", query.Ge: "from", query.Contains: "contains"}

// wordsOf says a condition as people would; what is too involved stands as it is written.
func wordsOf(e query.Expr) (words, value string) {
	switch t := e.(type) {
	case *query.Comparison:
		op := opWords[t.Op]
		if t.Value.Kind == query.ValueNumber || t.Value.Kind == query.ValueSpan {
			op = map[query.Op]string{query.Eq: "is", query.Ne: "is not", query.Lt: "below", query.Le: "at most", query.Gt: "above", query.Ge: "at least", query.Contains: "contains"}[t.Op]
		}
		return fieldWords(t.Field.Text) + " " + op, valueWords(t.Value)
	case *query.Membership:
		var vs []string
		for _, v := range t.Values {
			vs = append(vs, valueWords(v))
		}
		if t.Not {
			return fieldWords(t.Field.Text) + " is none of", strings.Join(vs, ", ")
		}
		return fieldWords(t.Field.Text) + " is", strings.Join(vs, ", ")
	case *query.Blank:
		if t.Not {
			return fieldWords(t.Field.Text), "is set"
		}
		return fieldWords(t.Field.Text), "is blank"
	case *query.Not:
		w, v := wordsOf(t.X)
		return "Not: " + w, v
	case *query.Predicate:
		return "", face.Human(t.String())
	}
	return "", e.String()
}

func fieldWords(name string) string {
	var parts []string
	for i, p := range strings.Split(strings.TrimPrefix(name, "custom."), ".") {
		if p = face.Label(p); i > 0 {
			p = strings.ToLower(p)
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, "’s ")
}

func valueWords(v query.Value) string {
	switch v.Kind {
	case query.ValueText:
		if strings.ContainsAny(v.Text, " -.") || strings.ToLower(v.Text) != v.Text {
			return v.Text // a name, not a code
		}
		return strings.ToLower(face.Human(v.Text))
	case query.ValueMyTeams:
		return "my teams"
	}
	return v.String()
}

// operator is one way to compare in the form that adds to a filter.
type operator struct{ Op, Label string }

// operators offered for a field of kind k.
func operators(k query.Kind) []operator {
	blank := []operator{{"is blank", "is blank"}, {"is not blank", "is set"}}
	switch k {
	case query.Text, query.Prose, query.Tags:
		return append([]operator{{"~", "contains"}, {"=", "is"}, {"!=", "is not"}}, blank...)
	case query.Search:
		return []operator{{"~", "contains"}}
	case query.Bool:
		return []operator{{"=", "is"}}
	case query.Choice, query.Ref, query.Period:
		return append([]operator{{"=", "is"}, {"!=", "is not"}}, blank...)
	case query.Date, query.Instant:
		return append([]operator{{">=", "from"}, {"<=", "up to"}, {"=", "on"}}, blank...)
	}
	return append([]operator{{"=", "is"}, {"<=", "at most"}, {">=", "at least"}, {"!=", "is not"}}, blank...)
}

// term writes one condition of the language from what a form says.
func term(f query.Field, op, value string) (string, error) {
	value = strings.TrimSpace(value)
	if !slices.ContainsFunc(operators(f.Kind), func(o operator) bool { return o.Op == op }) {
		op = operators(f.Kind)[0].Op
	}
	if strings.HasPrefix(op, "is ") {
		return f.Name + " " + op, nil
	}
	if value == "" {
		return "", fault.New(fault.BadQuery, "say what %s should be", strings.ToLower(face.Label(f.Name)))
	}
	literal := quoted(value)
	switch f.Kind {
	case query.Bool:
		literal = strconv.FormatBool(value == "true" || value == "yes")
	case query.Int, query.Decimal, query.Money, query.Duration, query.Date, query.Instant:
		literal = value
	case query.Ref:
		if value == "me" || value == "my_teams" {
			literal = value
		}
	}
	return f.Name + " " + op + " " + literal, nil
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ", "\t", " ").Replace(s) + `"`
}

// schemaOf is what who is signed in may ask of q.
func schemaOf(p *page.Page, q *process.Process) (query.Schema, error) {
	custom, err := p.Sys.CustomFields(p.Ctx(), q.Name)
	if err != nil {
		return nil, err
	}
	return p.Sys.Store.Schema(p.Who.Scope(q.Name, q.Shared), q, custom), nil
}

// addFilter puts a condition from the form to the filter, and shows the list.
func addFilter(p *page.Page, q *process.Process) error {
	a, err := ask(p, q)
	if err != nil {
		return err
	}
	s, err := schemaOf(p, q)
	if err != nil {
		return err
	}
	f, ok := s.Field(p.Query("field"))
	if !ok {
		p.Redirect(a.here())
		return nil
	}
	t, err := term(f, p.Query("op"), p.Query("value"))
	if err != nil {
		p.Redirect(withParams(a.here(), q, "open", "filter"))
		return nil
	}
	p.Redirect(a.with(func(b *asking) { b.Filter = both(b.Filter, t) }))
	return nil
}

// both joins two filters; one that cannot be read is left out.
func both(a, b string) string {
	x, _ := query.Parse(a) // nil is everything
	y, err := query.Parse(b)
	if err != nil {
		return strings.TrimSpace(b) // shown with what is wrong about it
	}
	return query.All(x, y).String()
}

// named puts names where a chip stands for records by id or ref, as far as the reader sees them.
func named(p *page.Page, chips []chip) []chip {
	ids := map[string]record.ID{}
	var all []record.ID
	for _, c := range chips {
		for _, w := range strings.Split(c.Value, ", ") {
			id, err := record.ParseID(w)
			if err != nil {
				q, _, ok := p.Sys.Registry.ParseRef(w)
				if !ok {
					continue
				}
				if id, err = p.Sys.Lookup(p.Ctx(), p.Who, q.Name, w); err != nil || id.IsZero() {
					continue
				}
			}
			ids[w], all = id, append(all, id)
		}
	}
	if len(all) == 0 {
		return chips
	}
	names, err := p.Names(all)
	if err != nil {
		return chips // ids are words too
	}
	for i, c := range chips {
		words := strings.Split(c.Value, ", ")
		for j, w := range words {
			if d := names[ids[w]]; d != nil {
				words[j] = string(d.Title)
			}
		}
		chips[i].Value = strings.Join(words, ", ")
	}
	return chips
}

// filterField is a field of the form that adds to a filter, with what it may be compared with.
type filterField struct {
	F       query.Field
	Ops     []operator
	Options []face.Option
}

// filterValue is the rest of the form once a field is chosen.
func filterValue(p *page.Page, q *process.Process) error {
	s, err := schemaOf(p, q)
	if err != nil {
		return err
	}
	f, ok := s.Field(p.Query("field"))
	if !ok {
		return fault.New(fault.NotFound, "there is no such field")
	}
	ff := filterField{F: f, Ops: operators(f.Kind)}
	switch f.Kind {
	case query.Choice:
		for _, c := range f.Choices {
			ff.Options = append(ff.Options, face.Option{Value: c, Label: face.Human(c)})
		}
	case query.Bool:
		ff.Options = []face.Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
	case query.Int:
		for n := int64(1); face.Scale(f.Name, n) != ""; n++ {
			ff.Options = append(ff.Options, face.Option{Value: strconv.FormatInt(n, 10), Label: face.Scale(f.Name, n)})
		}
	case query.Ref:
		if ff.Options, err = recordOptions(p, f.Ref, 300); err != nil {
			return err
		}
		switch f.Ref {
		case "user":
			ff.Options = append([]face.Option{{Value: "me", Label: "Me"}}, ff.Options...)
		case "team":
			ff.Options = append([]face.Option{{Value: "my_teams", Label: "My teams"}}, ff.Options...)
		}
	}
	return p.Show(http.StatusOK, filterValuePart(ff))
}

// recordOptions are the records of a small process as choices, by name; none when there are too many.
func recordOptions(p *page.Page, name string, limit int) ([]face.Option, error) {
	q := p.Sys.Registry.Process(name)
	if q == nil || !q.Config {
		return nil, nil
	}
	ds, err := p.Sys.Store.Directory(p.Ctx(), p.Sys.Scopes(p.Who), directoryOfProcess(name), "r.title", limit+1)
	if err != nil || len(ds) > limit {
		return nil, err
	}
	var out []face.Option
	for _, d := range ds {
		if d.Phase != "void" {
			out = append(out, face.Option{Value: q.Ref(d.Num), Label: string(d.Title)})
		}
	}
	return out, nil
}

func directoryOfProcess(name string) []storage.Cond {
	n := record.Text(name)
	return []storage.Cond{storage.Eq("process", &n)}
}

// suggestion is one word that may stand at the cursor, with what the filter becomes by it.
type suggestion struct {
	Text   string `json:"text"`
	Detail string `json:"detail"`
	Value  string `json:"value"` // the whole filter
	Caret  int    `json:"caret"` // in UTF-16 units, as script counts
}

// complete answers what may stand at a place of a filter: the words of the language, and the names
// of records where one is meant.
func complete(p *page.Page, q *process.Process) error {
	s, err := schemaOf(p, q)
	if err != nil {
		return err
	}
	before, after := p.Query("before"), p.Query("after")
	text := before + after
	if len(text) > query.MaxBytes {
		return fault.New(fault.BadQuery, "the filter is too long")
	}
	out := []suggestion{}
	take := func(word, detail string, from, to int) {
		done := text[:from] + word
		tail := strings.TrimLeft(text[to:], " ")
		if !strings.HasSuffix(word, "(") {
			done += " "
		}
		out = append(out, suggestion{Text: word, Detail: detail, Value: done + tail, Caret: len(utf16.Encode([]rune(done)))})
	}
	for _, x := range query.Complete(s, text, len(before)) {
		if len(out) == 40 {
			break
		}
		take(x.Text, x.Detail, x.From, x.To)
	}
	if f, typed, from, ok := refAt(s, before); ok {
		opts, err := recordOptions(p, f.Ref, 2000)
		if err != nil {
			return err
		}
		ref := p.Sys.Registry.Process(f.Ref)
		for _, o := range opts {
			if len(out) == 40 || !strings.Contains(query.Fold(o.Label), query.Fold(typed)) {
				continue
			}
			if ref.NameField == "title" {
				take(quoted(o.Label), o.Value, from, len(before))
				continue
			}
			take(quoted(o.Value), o.Label, from, len(before)) // people are not told apart by their names
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	p.W.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = p.W.Write(b) // who is gone reads nothing
	return nil
}

// refAt finds the reference whose value is being typed at the end of text: what stands before the
// value must be FIELD OP, or a list that was begun.
func refAt(s query.Schema, text string) (f query.Field, typed string, from int, ok bool) {
	from = len(text)
	if i := strings.LastIndexByte(text, '"'); i >= 0 && strings.Count(text, `"`)%2 == 1 {
		from, typed = i, text[i+1:]
	} else {
		for from > 0 && !strings.ContainsRune(" =(,", rune(text[from-1])) {
			from--
		}
		typed = text[from:]
	}
	head := strings.TrimRight(text[:from], " ")
	if i := strings.LastIndexByte(head, '('); i >= 0 && !strings.Contains(head[i:], ")") && (strings.HasSuffix(head, "(") || strings.HasSuffix(head, ",")) {
		head = strings.TrimRight(head[:i], " ")
		if rest, in := strings.CutSuffix(head, "in"); in {
			head = strings.TrimSuffix(strings.TrimRight(rest, " "), " not")
		} else {
			return f, "", 0, false
		}
	} else if rest, is := strings.CutSuffix(head, "="); is {
		head = strings.TrimSuffix(rest, "!")
	} else {
		return f, "", 0, false
	}
	words := strings.FieldsFunc(head, func(r rune) bool { return r == ' ' || r == '(' })
	if len(words) == 0 {
		return f, "", 0, false
	}
	f, ok = s.Field(words[len(words)-1])
	return f, typed, from, ok && f.Kind == query.Ref
}

// mistake is what is wrong with a filter, and where.
type mistake struct {
	Detail        string
	Before, After string // of the filter, around the place
	At            int    // in UTF-16 units; -1 when there is no place
}

func mistakeIn(filter string, f *fault.Error) *mistake {
	m := &mistake{Detail: f.Detail, At: -1}
	if r := []rune(f.Detail); len(r) > 0 {
		m.Detail = string(unicode.ToUpper(r[0])) + string(r[1:]) + "."
	}
	if filter != "" && f.Position >= 0 && f.Position <= len(filter) {
		m.Before, m.After = filter[:f.Position], filter[f.Position:]
		m.At = len(utf16.Encode([]rune(m.Before)))
	}
	return m
}

// moment writes an instant as a filter has it.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
