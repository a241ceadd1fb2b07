// Package storage says what the kernel asks of a database, in the kernel's own words.
//
// Two engines implement [Store] (package store). The kernel holds no SQL: it asks the store for
// statements, collects those of one command, and has them applied in one transaction. Reads of
// records carry an [access.Scope]; reads of side rows follow only after their record was seen.
//
// Start at [Store], then tables.go for the kernel's own tables.
package storage

import (
	"context"
	"errors"
	"time"
	"unsafe"

	"steward/kernel/access"
	"steward/kernel/process"
	"steward/kernel/query"
	"steward/kernel/record"
)

// Errors of a store that the kernel acts on.
var (
	ErrStale   = errors.New("storage: the record has moved on")                  // decide again
	ErrUnknown = errors.New("storage: whether the commit took place is unknown") // answer 503, repeat with the key
	ErrBusy    = errors.New("storage: too much waits to be written")
	ErrFull    = errors.New("storage: no space left")
)

// Conflict is a unique field that is taken.
type Conflict struct{ Table, Field string }

func (c *Conflict) Error() string { return "storage: " + c.Table + "." + c.Field + " is taken" }

// Statement is one prepared change. Only a store makes one.
type Statement struct {
	SQL  string
	Args []any
	Want int  // rows that must be affected, else [ErrStale]; -1 for any
	Num  *Num // where the record's number is handed back
	Late bool // may be carried out after the other commands of a group, just before the commit
}

// Num is the number of a record to be made. The store gives it: without gaps on SQLite.
type Num struct {
	Process string
	N       int64
	Fixed   bool // brought by an import into an empty process
}

// Part is one struct that a row is made of.
type Part = unsafe.Pointer

// Col is one column of a table: column Column of part Part.
type Col struct {
	*record.Column
	Part int
}

// Table is a table as both engines have it.
type Table struct {
	Name    string
	Cols    []Col
	Key     []string   // primary key
	Auto    string     // column that the database numbers
	Clock   string     // column that the database's own clock fills
	Unique  [][]string // further unique keys
	Indexes [][]string
	NumOf   string           // process whose number the column "num" takes
	Process *process.Process // of a record's, line's or version's table
}

// Cond is one condition on a side table.
type Cond struct {
	Col string
	Op  string // = < <= > >= in null notnull
	Val any    // record.Cell, or []record.Cell for in
}

// Eq is the condition col = val.
func Eq(col string, val record.Cell) Cond { return Cond{col, "=", val} }

// Query asks for records of one process.
type Query struct {
	Filter  query.Expr // nil: all
	Schema  query.Schema
	Order   query.Order
	After   []any // position of the last record seen; nil: from the start
	Limit   int
	Fields  []*record.Field // nil: all
	Lines   bool            // load lines too
	Env     query.Env
	Day     record.Date // of the version shown; "" today
	InForce bool        // only records with a version in force on Day
	IDs     []record.ID // only these; nil: all
	From    record.ID   // only ids from this one; zero: all
	Before  record.ID   // only ids before this one; zero: all
	Set     *WoundBack  // nil: as it is now
}

// Rows is a page of records.
type Page struct {
	Records  []record.Record
	Versions []*record.Version
	Last     []any // position of the last record, for the next page
	More     bool
}

// WoundBack is a process's records as of a past instant: rows last touched before Until stand in
// the table as they were; those touched since are wound back into a table of the same shape.
type WoundBack struct {
	Until time.Time
	Known bool // by when Steward knew, not by when it was so
	Rows  int
	Held  any // the store's own: where the wound back rows stand
	Skip  []record.ID
	Lines map[record.ID]record.Record // wound back records with their lines; nil when the process has none
	Close func()
}

// Store is one open database.
type Store interface {
	Dialect() record.Dialect

	Insert(t *Table, num *Num, parts ...Part) Statement
	Update(t *Table, cols []string, key []Cond, want int, parts ...Part) Statement
	Remove(t *Table, key []Cond, want int) Statement
	Index(rec record.ID, process, audience, text string, fresh bool) Statement // full text
	Expect(rec record.ID, n int64) Statement                                   // else ErrStale: no event of rec after number n
	Apply(ctx context.Context, stmts []Statement) error

	// Get is one record; of a versioned process with the content in force on day.
	Get(ctx context.Context, sc access.Scope, p *process.Process, id record.ID, day record.Date) (record.Record, *record.Version, error)
	Schema(sc access.Scope, p *process.Process, custom map[string]*record.Field) query.Schema
	Page(ctx context.Context, sc access.Scope, p *process.Process, q Query) (*Page, error)
	Count(ctx context.Context, sc access.Scope, p *process.Process, q Query, limit int) (int, error)
	Each(ctx context.Context, sc access.Scope, p *process.Process, q Query, f func(record.Record, *record.Version) error) error
	Lines(ctx context.Context, p *process.Process, kinds []*record.LineKind, parents map[record.ID]record.Record) error
	Versions(ctx context.Context, p *process.Process, rec record.ID) ([]process.Content, error)

	Rows(ctx context.Context, t *Table, where []Cond, order string, limit int, make func() []Part, each func() error) error
	Feed(ctx context.Context, scopes []access.Scope, after int64, limit int) ([]*Event, []int64, error)
	Events(ctx context.Context, where []Cond, order string, limit int) ([]*Event, error)
	Search(ctx context.Context, scopes []access.Scope, phrases []query.Phrase, limit int) ([]*Directory, error)
	Directory(ctx context.Context, scopes []access.Scope, where []Cond, order string, limit int) ([]*Directory, error)

	Unsequenced(ctx context.Context, after int64, limit int) ([]*Event, error)
	// Since gives the records of p with events after the instant, with those events, newest
	// first, in batches; used to wind a list back.
	Since(ctx context.Context, p *process.Process, after time.Time, known bool, each func(record.Record, []*Event) error) error
	Newest(ctx context.Context, p *process.Process, known bool) (record.Instant, error) // of what happened to p, or of what became known
	WindBack(ctx context.Context, p *process.Process, w *WoundBack, rows []record.Record) error

	// Examine holds the tables against each other; MendDirectory writes the directory's row of a
	// record anew from the record.
	Examine(ctx context.Context, now time.Time, served bool) ([]Finding, error)
	MendDirectory(p *process.Process, id record.ID) Statement

	Meta(ctx context.Context, key string) (string, error)
	SetMeta(key, value string) Statement
	Bump(key string) Statement                                   // counts up
	Size(ctx context.Context, p *process.Process) (int64, error) // rows, roughly; for refusing what no index serves
	Close() error
}
