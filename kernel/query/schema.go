package query

import (
	"strconv"
	"strings"
	"time"
)

// A Kind is how a field is compared and how its values are bound. Kinds that a filter treats alike
// share one: an address is Text, a counter is Int, the record's own id is a Ref to its process.
type Kind uint8

// The kinds of fields.
const (
	Text     Kind = iota + 1 // one line; = != in ~
	Prose                    // many lines; = != in ~
	Bool                     // = !=, or on its own
	Int                      // 64 bit; all comparisons
	Decimal                  // exact, stored in millionths
	Money                    // Column holds ten-thousandths, Currency the code
	Date                     // a day of the calendar
	Instant                  // microseconds; compared with a day it means that whole day of the reader's
	Duration                 // seconds
	Period                   // calendar period as ISO 8601 text, P3M; = != in
	Choice                   // one of Choices; = != in
	Ref                      // a record of process Ref, by id, ref or name; = != in
	Tags                     // JSON array of words; = has the word, ~ has one that contains it
	Search                   // full text, only ~; has no column
)

var kindNames = [...]string{"", "text", "prose", "bool", "int", "decimal", "money", "date", "instant", "duration", "period", "choice", "ref", "tags", "search"}

func (k Kind) String() string { return kindNames[k] }

// A Field is what the language must know about one field.
type Field struct {
	Name      string
	Kind      Kind
	Column    string   // SQL, qualified: t.priority, t.cost_e4, json_extract(t.custom, '$.floor')
	Postgres  string   // SQL for PostgreSQL where it differs from Column
	Currency  string   // Money only: SQL of its currency
	Folded    string   // Text and Prose: SQL of the column folded by Fold, the same on both engines; "" if there is none
	Choices   []string // Choice: the codes; none means any
	Ref       string   // Ref: the process
	Indexed   bool     // an index begins with it
	NotNull   bool     // never blank
	Sortable  bool
	Sensitive bool // this reader may not know its values: neither filter nor sort by it
}

// column is its SQL for an engine.
func (f Field) column(d Dialect) string {
	if d == Postgres && f.Postgres != "" {
		return f.Postgres
	}
	return f.Column
}

// A Schema is what one reader may ask of one process. Implementations may differ by reader, by
// dialect and by as-of (which changes what the columns are qualified with).
type Schema interface {
	// Field finds a field by the name people write: priority, custom.floor, text.
	Field(name string) (Field, bool)
	// Fields lists all names that Field knows, in the order to offer them.
	Fields() []string
	// Hop leads over a reference to the fields of the record it names, their columns qualified with
	// the join's alias. It is asked for one hop only. False: this reference leads nowhere.
	Hop(ref Field) (Schema, Join, bool)
	// Predicates lists the named predicates.
	Predicates() []Signature
	// Predicate is the meaning of one of them. The number of arguments has been checked. Its SQL is
	// put in parentheses; null counts as false. An *Error gets the place of the call.
	Predicate(Call) (Fragment, error)
	// Search finds the records that hold every phrase. Its SQL is put in parentheses.
	Search(d Dialect, phrases []Phrase) Fragment
}

// A Join is how to reach a referenced record: exists (select 1 from FROM where ON and ...).
type Join struct {
	From string   // service h
	On   Fragment // h.id = t.service, and what of that process the reader may see
}

// A Signature is how a predicate is called.
type Signature struct {
	Name    string
	Args    []string // what each argument is, for errors and completion: kind, date
	Least   int      // how many of them must be given
	Indexed bool     // an index serves it
}

// String is how it is called: overdue, linked(kind), in_force([date]).
func (s Signature) String() string {
	if len(s.Args) == 0 {
		return s.Name
	}
	args := make([]string, len(s.Args))
	for i, a := range s.Args {
		if args[i] = a; i >= s.Least {
			args[i] = "[" + a + "]"
		}
	}
	return s.Name + "(" + strings.Join(args, ", ") + ")"
}

// A Call is a use of a predicate. Moments among the arguments are written out: today - 7d is
// 2026-01-24, now is an RFC 3339 instant in UTC.
type Call struct {
	Name    string
	Args    []string
	Dialect Dialect
	Env     Env // with Now and Zone set
}

// An ID is the identity of a record, a UUID.
type ID = [16]byte

// Self says who stands behind a word, by the process that a field refers to: {"user": {id}}.
type Self map[string][]ID

// Env is the circumstances in which a filter is read.
type Env struct {
	Now     time.Time
	Zone    *time.Location // the reader's; nil is UTC
	Me      Self           // one id for each process that may stand for the reader
	MyTeams Self           // may be present and empty: a reader in no team

	// ResolveRef finds the record that a ref (SVC-3) or a name means, among those that the reader may
	// see. It is not asked about UUIDs. An error ends the compilation and is passed through.
	ResolveRef func(process, literal string) (id ID, ok bool, err error)
}

func (e Env) zone() *time.Location {
	if e.Zone == nil {
		return time.UTC
	}
	return e.Zone
}

// A Dialect is the SQL engine.
type Dialect int

// The two engines.
const (
	SQLite Dialect = iota
	Postgres
)

// A Fragment is a condition in SQL; each ? stands for one of Args, in order, on either engine
// (see [Renumber]). No value of a user is part of SQL.
type Fragment struct {
	SQL  string
	Args []any
}

// IsZero tells whether there is no condition.
func (f Fragment) IsZero() bool { return f.SQL == "" }

// Both joins two conditions by "and"; an empty one falls away.
func Both(a, b Fragment) Fragment {
	switch {
	case a.IsZero():
		return b
	case b.IsZero():
		return a
	}
	return joined(" and ", []Fragment{{"(" + a.SQL + ")", a.Args}, {"(" + b.SQL + ")", b.Args}})
}

func joined(word string, parts []Fragment) Fragment {
	var out Fragment
	for i, p := range parts {
		if i > 0 {
			out.SQL += word
		}
		out.SQL += p.SQL
		out.Args = append(out.Args, p.Args...)
	}
	return out
}

// Renumber turns each ? into $1, $2 ... for PostgreSQL. Question marks within quotes and comments
// stay as they are; dollar quoting is not known here and must not be used around one.
func Renumber(sql string) string {
	var b strings.Builder
	n := 0
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			// A doubled quote ends one literal and begins the next, which comes to the same.
			i = copyThrough(&b, sql, i, i+1, string(c))
		case strings.HasPrefix(sql[i:], "--"):
			i = copyThrough(&b, sql, i, i+2, "\n")
		case strings.HasPrefix(sql[i:], "/*"):
			i = copyThrough(&b, sql, i, i+2, "*/")
		case c == '?':
			n++
			b.WriteByte('$')
			b.WriteString(strconv.Itoa(n))
			i++
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// copyThrough copies sql[from:] up to and with the first end at or after search.
func copyThrough(b *strings.Builder, sql string, from, search int, end string) int {
	to := len(sql)
	if i := strings.Index(sql[search:], end); i >= 0 {
		to = search + i + len(end)
	}
	b.WriteString(sql[from:to])
	return to
}
