package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// SchemaVersion is the version of the schema at url (0: there is none) and the newest one that this
// program knows. It changes nothing and makes no file.
func SchemaVersion(ctx context.Context, url string) (have, newest int64, err error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return 0, 0, nil
		}
	}
	db, p, err := provider(ctx, url)
	if err != nil {
		return 0, 0, err
	}
	defer db.Close()
	src := p.ListSources()
	newest = src[len(src)-1].Version
	if err := db.PingContext(ctx); err != nil {
		return 0, newest, fmt.Errorf("open database: %w", err)
	}
	there := "select count(*) from sqlite_master where name = 'goose_db_version'"
	if !strings.HasPrefix(url, "sqlite:") {
		there = "select count(*) from (select to_regclass('goose_db_version') as t) x where x.t is not null"
	}
	n := 0
	if err := db.QueryRowContext(ctx, there).Scan(&n); err != nil || n == 0 {
		return 0, newest, err
	}
	var v sql.NullInt64
	err = db.QueryRowContext(ctx, "select max(version_id) from goose_db_version").Scan(&v)
	return v.Int64, newest, err
}

// Examine holds the tables against each other. It only reads, and may run beside a server: each
// question is one statement, and so of one instant. served says that a server runs, which is when
// an overdue timer is a failure.
func (s *Store) Examine(ctx context.Context, now time.Time, served bool) ([]storage.Finding, error) {
	x := &examination{s: s, ctx: ctx, now: record.At(now), served: served}
	whole, err := s.Integrity(ctx)
	if err != nil {
		return nil, err
	}
	x.add("the database file is whole", "stop the server, keep a copy of the file, and restore the newest backup", whole)
	x.numbers()
	x.events()
	x.sides()
	x.clocks()
	x.timers()
	return x.out, x.err
}

// examination gathers findings; the first error ends it.
type examination struct {
	s      *Store
	ctx    context.Context
	now    record.Instant
	served bool
	out    []storage.Finding
	err    error
}

func (x *examination) add(what, mend string, things ...string) {
	var some []string
	for _, t := range things {
		if t != "" {
			some = append(some, t)
		}
	}
	x.out = append(x.out, storage.Find(what, mend, some))
}

// lines runs a query of one text column, at most one line more than is listed.
func (x *examination) lines(q string, args ...any) []string {
	if x.err != nil {
		return nil
	}
	b := &builder{d: x.s.d}
	b.frag(q, args)
	rows, err := x.s.read.QueryContext(x.ctx, b.sql(" limit ").val(int64(storage.Listed+1)).s.String(), b.args...)
	if err != nil {
		x.err = fmt.Errorf("examine: %w: %s", err, q)
		return nil
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			x.err = err
			return nil
		}
		out = append(out, line)
	}
	if x.err == nil {
		x.err = rows.Err()
	}
	return out
}

// id shows an id column as people and the API write it.
func (x *examination) id(col string) string {
	if x.s.d == record.Postgres {
		return "cast(" + col + " as text)"
	}
	h := "lower(hex(" + col + "))"
	part := func(at, n int) string { return fmt.Sprintf("substr(%s, %d, %d)", h, at, n) }
	return strings.Join([]string{part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)}, " || '-' || ")
}

// ref shows the number col of a record of p as its ref.
func ref(p *process.Process, col string) string {
	return "'" + p.Prefix + "-' || cast(" + col + " as text)"
}

// shared are the columns that the directory has from the records.
func shared() []string {
	var out []string
	for _, c := range storage.TDirectory.Cols {
		if c.Name != "id" && c.Name != "process" {
			out = append(out, c.Name)
		}
	}
	return out
}

const restore = "somebody wrote to the database around Steward: keep a copy, run steward verify, and restore the newest backup"

// numbers examines records, their directory and their numbers.
func (x *examination) numbers() {
	var differ, alone, twice, behind, gaps []string
	for _, p := range x.s.reg.All {
		t := x.s.tables[p.Name].Record.Name
		var cond []string
		for _, c := range shared() {
			cond = append(cond, "r."+c+" is distinct from t."+c)
		}
		differ = append(differ, x.lines("select "+ref(p, "t.num")+" from "+t+" t left join record r on r.id = t.id and r.process = ? where r.id is null or "+strings.Join(cond, " or "), p.Name)...)
		alone = append(alone, x.lines("select "+ref(p, "r.num")+" from record r where r.process = ? and not exists (select 1 from "+t+" t where t.id = r.id)", p.Name)...)
		twice = append(twice, x.lines("select "+ref(p, "t.num")+" from "+t+" t group by t.num having count(*) > 1")...)
		last := "(select max(t.num) from " + t + " t)"
		if x.s.d == record.Postgres {
			behind = append(behind, x.lines("select '"+p.Name+"' from num_"+p.Name+" q where q.last_value < "+last)...)
		} else {
			behind = append(behind, x.lines("select '"+p.Name+"' where coalesce((select c.n from counter c where c.process = ?), 0) < "+last, p.Name)...)
		}
		gaps = append(gaps, x.lines("select "+ref(p, "g.before + 1")+" || case when g.num - g.before > 2 then ' to ' || "+ref(p, "g.num - 1")+" else '' end from (select t.num, coalesce(lag(t.num) over (order by t.num), 0) as before from "+t+" t) g where g.num - g.before > 1 order by g.num")...)
	}
	x.add("the directory agrees with the records", "run steward doctor --recount; if that does not mend it, "+restore, differ...)
	x.add("every record of the directory is there", restore, alone...)
	x.add("refs are unique", restore, twice...)
	x.add("numbers to come are above those given", restore, behind...)
	f := storage.Find("numbers without a record", "", gaps)
	f.Note, f.Mend = true, "none needed: numbers may be left out on PostgreSQL and by imports, and are never given again; a record that was taken away would show above or in steward verify"
	x.out = append(x.out, f)
}

// events examines the history and its leaves.
func (x *examination) events() {
	var counts []string
	for _, p := range x.s.reg.All {
		t := x.s.tables[p.Name].Record.Name
		counts = append(counts, x.lines("select "+ref(p, "t.num")+" || ' counts ' || cast(t.n as text) || ' and has ' || cast(coalesce(e.c, 0) as text) from "+t+
			" t left join (select record, count(*) as c from event where process = ? group by record) e on e.record = t.id where t.n <> coalesce(e.c, 0)", p.Name)...)
	}
	x.add("every record has the events it counts", restore, counts...)
	x.add("events of a record are numbered without gaps", restore,
		x.lines("select "+x.id("e.record")+" from event e group by e.record having count(*) <> max(e.n) or min(e.n) <> 1")...)
	x.add("every event has its record", restore,
		x.lines("select "+x.id("e.record")+" from event e where not exists (select 1 from record r where r.id = e.record) group by e.record")...)
	x.add("leaves are numbered without gaps", restore,
		x.lines("select cast(l.c as text) || ' leaves up to number ' || cast(l.m as text) from (select count(*) as c, coalesce(max(no), -1) as m from leaf) l where l.c <> l.m + 1")...)
	f := storage.Find("events that wait for their leaf", "none needed: the server gives them one when it next runs; they are provable from then on",
		x.lines("select cast(w.c as text) from (select count(*) as c from event e where not exists (select 1 from leaf l where l.seq = e.seq)) w where w.c > 0"))
	f.Note = true
	x.out = append(x.out, f)
}

// sides examines what belongs to records: rows whose record is not there.
func (x *examination) sides() {
	var lost []string
	for _, t := range storage.Sides {
		cols := map[string][]string{"record": {"record"}, "timer": {}, "link": {"a", "b"}}[t.Name]
		switch t.Name {
		case "event", "record":
			continue
		case "timer":
			cols = []string{"subject"}
		case "link":
		default:
			for _, c := range t.Cols {
				if c.Name == "record" && c.Kind == record.KRef {
					cols = []string{"record"}
				}
			}
		}
		for _, c := range cols {
			// An inbox line, a grant or a remembered import row may be about nothing in particular.
			lost = append(lost, x.lines("select '"+t.Name+" ' || "+x.id("s."+quoted(c))+" from "+t.Name+" s where s."+quoted(c)+" is not null and not exists (select 1 from record r where r.id = s."+quoted(c)+")")...)
		}
	}
	x.add("comments, links, files, clocks and timers have their record", restore, lost...)
}

// clocks examines the service level clocks.
func (x *examination) clocks() {
	odd := x.lines("select " + x.id("c.record") + " || ' ' || c.kind || ': ' || c.state from clock c where " +
		"c.state not in ('running', 'paused', 'met', 'breached', 'dropped') or c.started_at is null or c.target_s <= 0" +
		" or c.state in ('met', 'dropped') and c.ended_at is null or c.state in ('running', 'paused') and c.ended_at is not null" +
		" or c.ended_at < c.started_at or c.due_at < c.started_at or c.breached_at < c.started_at")
	x.add("clocks make sense", "look at the record's history; a change of its agreement or priority works its clocks out anew", odd...)
	// A clock that runs towards an instant that lies ahead has the timer that will act then.
	open := "c.state = 'running' and c.ended_at is null and c.due_at > ?"
	x.add("clocks that run have their timer", "change the record (its team, say): every change works its clocks out anew",
		x.lines("select "+x.id("c.record")+" || ' ' || c.kind from clock c where "+open+" and not exists (select 1 from timer m where m.subject = c.record and m."+quoted("key")+" = 'clock:' || c.kind)", x.now.Bind(x.s.d))...)
	x.add("clocks that ended have no timer", "none needed: it will find nothing to do",
		x.lines("select "+x.id("c.record")+" || ' ' || c.kind from clock c join timer m on m.subject = c.record and m."+quoted("key")+" = 'clock:' || c.kind where c.ended_at is not null")...)
}

// late is how long a timer may be overdue while a server runs.
const late = 5 * time.Minute

// timers counts what is overdue. Whether that matters depends on whether a server runs.
func (x *examination) timers() {
	past := record.At(x.now.Time().Add(-late))
	f := storage.Find("timers that are overdue", "start the server; after a jump of the clock check the clock and run steward doctor --release-timers",
		x.lines("select cast(w.c as text) || ', the oldest is of ' || "+x.process()+" from (select count(*) as c from timer m where m."+quoted("at")+" < ?) w where w.c > 0", past.Bind(x.s.d)))
	f.Note = !x.served
	x.out = append(x.out, f)
}

func (x *examination) process() string {
	return "(select o.process || ' ' || o." + quoted("key") + " from timer o order by o." + quoted("at") + " limit 1)"
}

// MendDirectory makes the statements that write the directory's row of a record anew from the record.
func (s *Store) MendDirectory(p *process.Process, id record.ID) storage.Statement {
	b := &builder{d: s.d}
	var set []string
	for _, c := range shared() {
		set = append(set, c+" = t."+c)
	}
	b.sql("update record set ", strings.Join(set, ", "), " from ", s.tables[p.Name].Record.Name, " t where t.id = record.id and record.id = ").arg(&id)
	return storage.Statement{SQL: b.s.String(), Args: b.args, Want: -1}
}
