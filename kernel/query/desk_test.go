package query

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"
)

// desk is a Schema such as the kernel makes of a declared process.
type desk struct{ alias string }

var deskFields = []Field{
	{Name: "id", Kind: Ref, Column: "id", Ref: "incident", Indexed: true, NotNull: true, Sortable: true},
	{Name: "title", Kind: Text, Column: "title", NotNull: true, Sortable: true},
	{Name: "description", Kind: Prose, Column: "description"},
	{Name: "text", Kind: Search},
	{Name: "state", Kind: Choice, Column: "state", Choices: []string{"new", "assigned", "in_progress", "pending", "resolved"}, Indexed: true, NotNull: true, Sortable: true},
	{Name: "priority", Kind: Int, Column: "priority", Indexed: true, Sortable: true},
	{Name: "urgency", Kind: Int, Column: "urgency", NotNull: true, Sortable: true},
	{Name: "major", Kind: Bool, Column: "major", NotNull: true, Sortable: true},
	{Name: "opened_at", Kind: Instant, Column: "opened_at", Indexed: true, NotNull: true, Sortable: true},
	{Name: "closed_at", Kind: Instant, Column: "closed_at", Sortable: true},
	{Name: "due_on", Kind: Date, Column: "due_on", Sortable: true},
	{Name: "effort", Kind: Duration, Column: "effort", Sortable: true},
	{Name: "weight", Kind: Decimal, Column: "weight_e6"},
	{Name: "cost", Kind: Money, Column: "cost_e4", Currency: "cost_currency", Sortable: true},
	{Name: "review", Kind: Period, Column: "review"},
	{Name: "service", Kind: Ref, Column: "service", Ref: "service", Indexed: true},
	{Name: "assignee", Kind: Ref, Column: "assignee", Ref: "user"},
	{Name: "team", Kind: Ref, Column: "team", Ref: "team"},
	{Name: "tags", Kind: Tags, Column: "tags"},
	{Name: "custom.floor", Kind: Int, Column: "custom"},
	{Name: "salary", Kind: Int, Column: "salary", Sortable: true, Sensitive: true},
}

func (s desk) Field(name string) (Field, bool) {
	for _, f := range deskFields {
		if f.Name != name {
			continue
		}
		if f.Column != "" {
			f.Column = s.alias + "." + f.Column
		}
		if f.Currency != "" {
			f.Currency = s.alias + "." + f.Currency
		}
		if name == "custom.floor" {
			f.Column, f.Postgres = "json_extract("+f.Column+", '$.floor')", "("+f.Column+"->>'floor')::bigint"
		}
		return f, true
	}
	return Field{}, false
}

func (s desk) Fields() []string {
	var out []string
	for _, f := range deskFields {
		out = append(out, f.Name)
	}
	return out
}

func (s desk) Hop(ref Field) (Schema, Join, bool) {
	if ref.Name != "service" {
		return nil, Join{}, false
	}
	return services{}, Join{"service h", Fragment{"h.id = " + ref.Column + " and h.customer <> ?", []any{"hidden"}}}, true
}

func (s desk) Predicates() []Signature {
	return []Signature{{Name: "overdue", Indexed: true}, {"linked", []string{"kind"}, 1, false}, {"in_force", []string{"date"}, 0, false}}
}

func (s desk) Predicate(c Call) (Fragment, error) {
	switch c.Name {
	case "overdue":
		return Fragment{s.alias + ".due_on < " + dateArg(c.Dialect, "").SQL, []any{c.Env.Now.In(c.Env.Zone).Format(time.DateOnly)}}, nil
	case "linked":
		if c.Args[0] != "duplicate" {
			return Fragment{}, fail(Place{}, ReasonBadArguments, "write duplicate", "there is no kind of link %s", c.Args[0])
		}
		return Fragment{SQL: s.alias + ".urgency = 1"}, nil
	}
	day := c.Env.Now.In(c.Env.Zone).Format(time.DateOnly)
	if len(c.Args) > 0 {
		day = c.Args[0]
	}
	return Fragment{s.alias + ".due_on >= " + dateArg(c.Dialect, "").SQL, []any{day}}, nil
}

func (s desk) Search(d Dialect, phrases []Phrase) Fragment {
	if d == Postgres {
		return Fragment{s.alias + ".id in (select record from search where words @@ to_tsquery('simple', ?))", []any{TSQuery(phrases)}}
	}
	return Fragment{s.alias + ".id in (select record from search where search match ?)", []any{FTS5Query(phrases)}}
}

// services is what may be asked of the service of a record.
type services struct{}

func (services) Field(name string) (Field, bool) {
	switch name {
	case "criticality":
		return Field{Name: name, Kind: Int, Column: "h.criticality"}, true
	case "title":
		return Field{Name: name, Kind: Text, Column: "h.title"}, true
	case "owner":
		return Field{Name: name, Kind: Ref, Column: "h.owner", Ref: "user"}, true
	case "live":
		return Field{Name: name, Kind: Bool, Column: "h.live"}, true
	case "text":
		return Field{Name: name, Kind: Search}, true
	}
	return Field{}, false
}
func (services) Fields() []string                  { return []string{"criticality", "title", "owner", "live", "text"} }
func (services) Hop(Field) (Schema, Join, bool)    { return nil, Join{}, false }
func (services) Predicates() []Signature           { return nil }
func (services) Predicate(Call) (Fragment, error)  { panic("has none") }
func (services) Search(Dialect, []Phrase) Fragment { panic("refused before") }

func zoneNamed(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func idOf(n int) (id ID) {
	id[0] = 0x01
	binary.BigEndian.PutUint32(id[12:], uint32(n))
	return id
}

var (
	vpn, mail, hiddenService = idOf(901), idOf(902), idOf(903)
	anna, ben                = idOf(801), idOf(802)
	network, desktop         = idOf(701), idOf(702)
)

// testEnv is Wednesday 11 March 2026, 10:00 in Berlin; Anna asks, who is in team network.
func testEnv(t testing.TB) Env {
	return Env{
		Now:  time.Date(2026, 3, 11, 9, 0, 0, 0, time.UTC),
		Zone: zoneNamed(t, "Europe/Berlin"),
		Me:   Self{"user": {anna}}, MyTeams: Self{"team": {network}},
		ResolveRef: func(process, literal string) (ID, bool, error) {
			id, ok := map[string]ID{
				"service SVC-3": vpn, "service VPN": vpn, "service Mail": mail, "user Anna": anna, "user Ben": ben, "team Network": network,
			}[process+" "+literal]
			return id, ok, nil
		},
	}
}

// An engine runs SQL with ? for arguments.
type engine struct {
	name    string
	dialect Dialect
	exec    func(t testing.TB, sql string, args ...any)
	query   func(t testing.TB, sql string, args ...any) [][]any
}

func onSQLite(t testing.TB) engine {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return engine{"sqlite", SQLite,
		func(t testing.TB, sql string, args ...any) {
			t.Helper()
			if _, err := db.Exec(sql, args...); err != nil {
				t.Fatalf("%s %v: %v", sql, args, err)
			}
		},
		func(t testing.TB, sql string, args ...any) (out [][]any) {
			t.Helper()
			rows, err := db.Query(sql, args...)
			if err != nil {
				t.Fatalf("%s %v: %v", sql, args, err)
			}
			defer rows.Close()
			names, _ := rows.Columns()
			for rows.Next() {
				row, into := make([]any, len(names)), make([]any, len(names))
				for i := range row {
					into[i] = &row[i]
				}
				if err := rows.Scan(into...); err != nil {
					t.Fatal(err)
				}
				out = append(out, row)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
			return out
		}}
}

// onPostgres uses a schema of its own, gone with the session, in the database that
// STEWARD_TEST_POSTGRES names.
func onPostgres(t testing.TB) engine {
	url := os.Getenv("STEWARD_TEST_POSTGRES")
	if url == "" {
		t.Skip("NOT TESTED ON POSTGRESQL: set STEWARD_TEST_POSTGRES to the URL of a database to run this there too")
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(ctx) })
	if _, err := conn.Exec(ctx, "set search_path to pg_temp"); err != nil {
		t.Fatal(err)
	}
	return engine{"postgres", Postgres,
		func(t testing.TB, sql string, args ...any) {
			t.Helper()
			if _, err := conn.Exec(ctx, Renumber(sql), args...); err != nil {
				t.Fatalf("%s %v: %v", sql, args, err)
			}
		},
		func(t testing.TB, sql string, args ...any) (out [][]any) {
			t.Helper()
			rows, err := conn.Query(ctx, Renumber(sql), args...)
			if err != nil {
				t.Fatalf("%s %v: %v", sql, args, err)
			}
			defer rows.Close()
			for rows.Next() {
				row, err := rows.Values()
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, row)
			}
			if err := rows.Err(); err != nil {
				t.Fatalf("%s %v: %v", Renumber(sql), args, err)
			}
			return out
		}}
}

func onBothEngines(t *testing.T, run func(*testing.T, engine)) {
	t.Run("sqlite", func(t *testing.T) { run(t, onSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { run(t, onPostgres(t)) })
}

// A ticket is one row; nil pointers and empty texts are blank.
type ticket struct {
	n                          int
	title, description, state  string
	priority, floor            *int64
	urgency                    int64
	major                      bool
	opened                     time.Time
	closed                     *time.Time
	due                        string
	effort, weight, cost       *int64
	currency, review           string
	service, assignee, teamRef *ID
	tags                       []string
}

func to[T any](v T) *T { return &v }

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func whole(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}

func (e engine) tables(t testing.TB) {
	ddl := `create table incident (id ID primary key, title text not null, description text, state text not null, priority bigint, urgency bigint not null,
		major BOOL not null, opened_at INSTANT not null, closed_at INSTANT, due_on DATE, effort bigint, weight_e6 bigint, cost_e4 bigint, cost_currency text,
		review text, service ID, assignee ID, team ID, tags text, custom JSON, salary bigint);
		create index by_urgency on incident (urgency, opened_at, id);
		create table service (id ID primary key, title text, criticality bigint, owner ID, live BOOL, customer text not null);`
	kinds := []string{"ID", "blob", "BOOL", "integer", "INSTANT", "integer", "DATE", "text", "JSON", "text"}
	search := `create virtual table search using fts5(record unindexed, words, tokenize='unicode61')`
	if e.dialect == Postgres {
		kinds = []string{"ID", "uuid", "BOOL", "boolean", "INSTANT", "timestamptz", "DATE", "date", "JSON", "jsonb"}
		search = `create table search (record uuid, words tsvector)`
	}
	for stmt := range strings.SplitSeq(strings.NewReplacer(kinds...).Replace(ddl)+search, ";") {
		e.exec(t, stmt)
	}
	for _, s := range []struct {
		id       ID
		title    string
		crit     any
		owner    *ID
		customer string
	}{{vpn, "VPN", int64(1), &anna, "acme"}, {mail, "Mail", nil, nil, "acme"}, {hiddenService, "Hidden", int64(1), &ben, "hidden"}} {
		e.insert(t, "service", Fragment{"?", []any{s.title}}, e.id(&s.id), e.id(s.owner), Fragment{"?", []any{s.crit}}, Fragment{"?", []any{boolArg(e.dialect, true)}}, Fragment{"?", []any{s.customer}})
	}
}

func (e engine) insert(t testing.TB, table string, values ...Fragment) {
	t.Helper()
	columns := map[string]string{"service": "title, id, owner, criticality, live, customer",
		"incident": "id, title, description, state, priority, urgency, major, opened_at, closed_at, due_on, effort, weight_e6, cost_e4, cost_currency, review, service, assignee, team, tags, custom"}
	f := joined(", ", values)
	e.exec(t, "insert into "+table+" ("+columns[table]+") values ("+f.SQL+")", f.Args...)
}

func (e engine) id(id *ID) Fragment {
	if id == nil {
		return Fragment{"?", []any{nil}}
	}
	return idArg(e.dialect, *id)
}

func (e engine) add(t testing.TB, k ticket) {
	t.Helper()
	plain := func(v any) Fragment { return Fragment{"?", []any{v}} }
	closed, due, tags, custom := plain(nil), plain(nil), plain(nil), plain(nil)
	if k.closed != nil {
		closed = instantArg(e.dialect, *k.closed)
	}
	if k.due != "" {
		due = dateArg(e.dialect, k.due)
	}
	if k.tags != nil {
		raw, _ := json.Marshal(k.tags)
		tags = plain(string(raw))
	}
	if k.floor != nil {
		custom = plain(fmt.Sprintf(`{"floor":%d}`, *k.floor))
	}
	id := idOf(k.n)
	e.insert(t, "incident", e.id(&id), plain(k.title), plain(text(k.description)), plain(k.state), plain(whole(k.priority)), plain(k.urgency),
		plain(boolArg(e.dialect, k.major)), instantArg(e.dialect, k.opened), closed, due, plain(whole(k.effort)), plain(whole(k.weight)), plain(whole(k.cost)),
		plain(text(k.currency)), plain(text(k.review)), e.id(k.service), e.id(k.assignee), e.id(k.teamRef), tags, custom)
	words := "?"
	if e.dialect == Postgres {
		words = "to_tsvector('simple', ?)"
	}
	record := e.id(&id)
	e.exec(t, "insert into search (record, words) values ("+record.SQL+", "+words+")", append(record.Args, IndexText(k.title+"\n"+k.description))...)
}

// find gives the numbers of the matching tickets, ascending.
func (e engine) find(t testing.TB, filter string) []int {
	t.Helper()
	x, err := Parse(filter)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	f, err := Compile(x, desk{"t"}, testEnv(t), e.dialect)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	var out []int
	for _, row := range e.query(t, "select t.id from incident t where "+f.SQL, f.Args...) {
		id, ok := normal(Ref, row[0])
		if !ok {
			t.Fatalf("id is %T", row[0])
		}
		raw := id.(ID)
		out = append(out, int(binary.BigEndian.Uint32(raw[12:])))
	}
	slices.SortFunc(out, cmp.Compare[int])
	return out
}
