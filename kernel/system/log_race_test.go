package system_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/boot"
	"steward/kernel/ledger"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// beside is the database itself, for what goes past Steward.
func (w *world) beside() *sql.DB {
	w.Helper()
	driver, at := "pgx", w.o.Database
	if path, ok := strings.CutPrefix(at, "sqlite:"); ok {
		driver, at = "sqlite", path+"?_pragma=busy_timeout(5000)"
	}
	db, err := sql.Open(driver, at)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = db.Close() })
	return db
}

// node is a second system over the same database.
func (w *world) node() *boot.Opened {
	w.Helper()
	o, err := boot.Open(w.Context(), boot.Options{Data: w.o.Data, Database: w.o.Database, CheapPasswords: true,
		Now: func() time.Time { return w.now }, Registry: w.o.Registry})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		if err := o.Close(); err != nil {
			w.Error(err)
		}
	})
	return o
}

func (w *world) verified(o *boot.Opened) ledger.Report {
	w.Helper()
	rep, err := o.Verify(w.Context(), []note.Verifier{o.Verifier}, nil)
	if err != nil {
		w.Fatal(err)
	}
	return rep
}

func (w *world) number(db *sql.DB, query string) (n int64) {
	w.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
	return n
}

// denselyLogged expects every event to have exactly one leaf, and the leaves no gap.
func (w *world) denselyLogged(db *sql.DB) {
	w.Helper()
	events, leaves := w.number(db, "select count(*) from event"), w.number(db, "select count(*) from leaf")
	seqs := w.number(db, "select count(distinct l.seq) from leaf l join event e on e.seq = l.seq")
	last := w.number(db, `select max("no") from leaf`)
	if events != leaves || seqs != leaves || last != leaves-1 {
		w.Errorf("%d events, %d leaves of %d events, the last is %d", events, leaves, seqs, last)
	}
}

// A transaction takes its seq when it writes and may commit after others with higher ones.
func TestWhatCommitsLateGetsItsLeafOnce(t *testing.T) {
	onBoth(t, func(w *world) {
		if strings.HasPrefix(w.o.Database, "sqlite:") {
			w.Skip("SQLite commits in order of seq: there is one writer")
		}
		db, other := w.beside(), w.node()
		late := func() *sql.Tx {
			tx, err := db.Begin()
			if err != nil {
				w.Fatal(err)
			}
			_, err = tx.Exec(`insert into event (record, process, n, revision, "at", occurred_at, door, command, reason, body)
				values (gen_random_uuid(), 'incident', 1, 1, now(), now(), 'test', 'create', '', '{}')`)
			if err != nil {
				w.Fatal(err)
			}
			return tx
		}
		both := func() {
			w.Helper()
			var wg sync.WaitGroup
			for _, o := range []*boot.Opened{w.o, other, w.o, other} {
				wg.Go(func() {
					if _, err := o.SequenceAll(context.Background()); err != nil {
						w.Error(err)
					}
				})
			}
			wg.Wait()
		}
		for range rounds(4, 40) {
			slow, slower := late(), late()
			before := w.number(db, "select count(*) from leaf")
			for i := range 5 {
				o := []*boot.Opened{w.o, other}[i%2]
				if _, err := o.Do(w.Context(), o.Self(), lifecycle.Command{Process: "incident", Verb: "create", Door: "test", Set: raw(fields{"title": "x"})}); err != nil {
					w.Fatal(err)
				}
			}
			both()
			if n := w.number(db, "select count(*) from leaf"); n < before+5 {
				w.Errorf("what is committed waits for what is not: %d leaves after %d", n, before)
			}
			if err := slower.Commit(); err != nil {
				w.Fatal(err)
			}
			both()
			if err := slow.Commit(); err != nil {
				w.Fatal(err)
			}
			both()
			w.denselyLogged(db)
		}
		for _, o := range []*boot.Opened{w.o, other} {
			if rep := w.verified(o); !rep.Holds() || rep.Pending != 0 {
				w.Errorf("%d pending: %v", rep.Pending, rep.Fault)
			}
		}
	})
}

// Two nodes that both write, sequence and verify, with transactions that end out of order.
func TestTwoSequencersMakeOneLog(t *testing.T) {
	onBoth(t, func(w *world) {
		if strings.HasPrefix(w.o.Database, "sqlite:") {
			w.Skip("one process at a time opens an SQLite database")
		}
		db, other := w.beside(), w.node()
		ctx, stop := context.WithTimeout(w.Context(), time.Duration(rounds(1500, 60_000))*time.Millisecond)
		defer stop()
		var wg sync.WaitGroup
		for _, o := range []*boot.Opened{w.o, other} {
			for range 2 {
				wg.Go(func() {
					for ctx.Err() == nil {
						if _, err := o.Do(context.Background(), o.Self(), lifecycle.Command{Process: "incident", Verb: "create", Door: "test", Set: raw(fields{"title": "x"})}); err != nil {
							w.Error(err)
							return
						}
					}
				})
			}
			wg.Go(func() {
				for ctx.Err() == nil {
					if _, err := o.Sequence(context.Background()); err != nil {
						w.Error(err)
						return
					}
				}
			})
			wg.Go(func() {
				for ctx.Err() == nil {
					if rep := w.verified(o); !rep.Holds() {
						w.Errorf("after %d leaves: %v", rep.Leaves, rep.Fault)
						return
					}
				}
			})
		}
		wg.Wait()
		if _, err := other.SequenceAll(w.Context()); err != nil {
			w.Fatal(err)
		}
		w.denselyLogged(db)
		if rep := w.verified(w.o); !rep.Holds() {
			w.Error(rep.Fault)
		}
	})
}

// A node whose clock is ahead signed last; what is signed after it must not look like a forgery.
func TestTheClockOfAnotherNodeTurnsNoCheckpointBack(t *testing.T) {
	onBoth(t, func(w *world) {
		db := w.beside()
		signed := func() {
			w.do("", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(fields{"title": "x"})})
			if _, err := w.o.SequenceAll(w.Context()); err != nil {
				w.Fatal(err)
			}
		}
		signed()
		key, err := os.ReadFile(filepath.Join(w.o.Data, "log.key"))
		if err != nil {
			w.Fatal(err)
		}
		signer, err := ledger.NewSigner(strings.TrimSpace(string(key)))
		if err != nil {
			w.Fatal(err)
		}
		var text string
		if err := db.QueryRow(`select note from checkpoint order by size desc limit 1`).Scan(&text); err != nil {
			w.Fatal(err)
		}
		c, err := ledger.ParseCheckpoint(text, w.o.Verifier)
		if err != nil {
			w.Fatal(err)
		}
		c.Time = c.Time.Add(20 * time.Second)
		if text, err = ledger.SignCheckpoint(c, signer); err != nil {
			w.Fatal(err)
		}
		moved := `"at" + 20000000`
		if strings.HasPrefix(w.o.Database, "postgres") {
			moved = `"at" + interval '20 seconds'`
		}
		if n := w.exec(db, fmt.Sprintf(`update checkpoint set note = '%s', "at" = %s where size = %d`, text, moved, c.Size)); n != 1 {
			w.Fatal(n)
		}
		signed()
		signed()
		if rep := w.verified(w.o); !rep.Holds() || rep.Checkpoints < 3 || rep.Last.Time.Before(c.Time) {
			w.Errorf("%d checkpoints, the last of %s: %v", rep.Checkpoints, rep.Last.Time, rep.Fault)
		}
	})
}

func TestWhateverIsChangedPastStewardIsFoundAndNamed(t *testing.T) {
	onBoth(t, func(w *world) {
		db := w.beside()
		for range 3 {
			for range 4 {
				id := w.do("", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(fields{"title": "honest"})}).Record.Head().ID
				w.do("", lifecycle.Command{Process: "incident", Record: id, Verb: "update", Set: raw(fields{"title": "also honest"})})
			}
			if _, err := w.o.SequenceAll(w.Context()); err != nil {
				w.Fatal(err)
			}
		}
		if rep := w.verified(w.o); !rep.Holds() || rep.Checkpoints < 3 {
			w.Fatalf("%d checkpoints: %v", rep.Checkpoints, rep.Fault)
		}
		size := w.number(db, "select count(*) from leaf")
		leaf := size - 11 // of an update, under a checkpoint that others follow
		seq := w.number(db, fmt.Sprintf(`select seq from leaf where "no" = %d`, leaf))
		next := w.number(db, fmt.Sprintf(`select seq from leaf where "no" = %d`, leaf+1))
		second := w.number(db, `select size from checkpoint order by size limit 1 offset 1`)
		places := w.number(db, `select count(*) from checkpoint where size <= `+fmt.Sprint(second))
		lastHash := w.number(db, `select max(idx) from tree_hash`)
		const cols = `record, process, n, revision, "at", occurred_at, actor, for_actor, door, command, cause, reason, internal, body`
		earlier := `"at" - 3600000000`
		if strings.HasPrefix(w.o.Database, "postgres") {
			earlier = `"at" - interval '1 hour'`
		}
		flip := `replace(%s, substr(%[1]s, %d, 1), '~')`
		for _, x := range []struct {
			what       string
			do         []string
			leaf, seq  int64
			checkpoint int
			kinds      []ledger.Kind
		}{
			{"one byte of a body", []string{fmt.Sprintf(`update event set body = `+fmt.Sprintf(flip, "body", 9)+` where seq = %d`, seq)}, leaf, seq, 0, []ledger.Kind{ledger.Altered}},
			{"who did it", []string{fmt.Sprintf(`update event set actor = record where seq = %d`, seq)}, leaf, seq, 0, []ledger.Kind{ledger.Altered}},
			{"when it was", []string{fmt.Sprintf(`update event set "at" = %s where seq = %d`, earlier, seq)}, leaf, seq, 0, []ledger.Kind{ledger.Altered}},
			{"an event taken away", []string{fmt.Sprintf(`delete from event where seq = %d`, seq)}, leaf, 0, 0, []ledger.Kind{ledger.EventMissing}},
			{"an event taken away with its leaf", []string{fmt.Sprintf(`delete from event where seq = %d`, seq), fmt.Sprintf(`delete from leaf where seq = %d`, seq)}, leaf, 0, 0, []ledger.Kind{ledger.LeafMissing}},
			{"an event put in", []string{fmt.Sprintf(`insert into event (seq, %s) select (select max(seq) + 7 from event), %s from event where seq = %d`, cols, strings.NewReplacer(`"at"`, earlier, " n,", " n + 1,").Replace(cols), seq)}, size, w.number(db, `select max(seq) + 7 from event`), 0,
				[]ledger.Kind{ledger.EventUnlogged, ledger.RecordOrder}},
			{"two events swapped", []string{fmt.Sprintf(`update event set seq = -1 where seq = %d`, seq), fmt.Sprintf(`update event set seq = %d where seq = %d`, seq, next), fmt.Sprintf(`update event set seq = %d where seq = -1`, next)}, leaf, seq, 0, []ledger.Kind{ledger.Altered}},
			{"two leaves swapped", []string{fmt.Sprintf(`update leaf set "no" = -1 where "no" = %d`, leaf), fmt.Sprintf(`update leaf set "no" = %d where "no" = %d`, leaf, leaf+1), fmt.Sprintf(`update leaf set "no" = %d where "no" = -1`, leaf+1)}, leaf, next, 0, []ledger.Kind{ledger.TreeAltered, ledger.Altered}},
			{"a tree hash", []string{fmt.Sprintf(`update tree_hash set hash = (select hash from tree_hash where idx = 0) where idx = %d`, lastHash)}, size - 1, -1, 0, []ledger.Kind{ledger.TreeAltered}},
			{"the end cut off", []string{fmt.Sprintf(`delete from event where seq in (select seq from leaf where "no" >= %d)`, size-2), fmt.Sprintf(`delete from leaf where "no" >= %d`, size-2)}, size - 2, 0, -1, []ledger.Kind{ledger.Truncated, ledger.TreeAltered}},
			{"a checkpoint's note", []string{fmt.Sprintf(`update checkpoint set note = `+fmt.Sprintf(flip, "note", 3)+` where size = %d`, second)}, -1, 0, int(places), []ledger.Kind{ledger.BadCheckpoint, ledger.BadSignature, ledger.OtherKey}},
			{"a checkpoint of another size", []string{fmt.Sprintf(`update checkpoint set size = size - 1 where size = %d`, second)}, -1, 0, int(places), []ledger.Kind{ledger.Replayed}},
		} {
			for _, table := range []string{"event", "leaf", "tree_hash", "checkpoint"} {
				w.exec(db, `create table kept_`+table+` as select * from `+table)
			}
			for _, text := range x.do {
				if n := w.exec(db, text); n == 0 {
					w.Fatalf("%s: nothing was changed by %s", x.what, text)
				}
			}
			rep := w.verified(w.o)
			switch f := rep.Fault; {
			case f == nil:
				w.Errorf("%s: not found", x.what)
			case x.leaf >= 0 && f.Leaf != x.leaf || x.seq > 0 && f.Seq != x.seq || x.checkpoint >= 0 && f.Checkpoint != x.checkpoint:
				w.Errorf("%s: leaf %d event %d checkpoint %d, wanted %d, %d, %d: %v", x.what, f.Leaf, f.Seq, f.Checkpoint, x.leaf, x.seq, x.checkpoint, f)
			default:
				known := false
				for _, k := range x.kinds {
					known = known || k == f.Kind
				}
				if !known {
					w.Errorf("%s: told as %v", x.what, f)
				}
			}
			for _, table := range []string{"event", "leaf", "tree_hash", "checkpoint"} {
				w.exec(db, `delete from `+table)
				w.exec(db, `insert into `+table+` select * from kept_`+table)
				w.exec(db, `drop table kept_`+table)
			}
		}
		if rep := w.verified(w.o); !rep.Holds() {
			w.Errorf("put back as it was: %v", rep.Fault)
		}
	})
}

func (w *world) exec(db *sql.DB, text string) int64 {
	w.Helper()
	res, err := db.Exec(text)
	if err != nil {
		w.Fatalf("%s: %v", text, err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// promise puts an agreement in force: resolution of priority 3 within 4 hours and of 2 within 8, at
// any hour. It answers with the calendar.
func (w *world) promise() record.ID {
	w.Helper()
	var hours []fields
	for day := 1; day <= 7; day++ {
		hours = append(hours, fields{"weekday": day, "from": "00:00", "to": "24:00"})
	}
	made := map[string]record.ID{}
	for _, x := range []struct {
		process string
		set     fields
	}{{"customer", fields{"title": "Acme"}}, {"service", fields{"title": "E-mail"}},
		{"calendar", fields{"title": "Always", "zone": "UTC", "effective_from": "2000-01-01", "hours": hours}},
		{"agreement", fields{"title": "Gold", "effective_from": "2000-01-01", "targets": []fields{{"kind": "resolution", "priority": 3, "duration": "PT4H"}, {"kind": "resolution", "priority": 2, "duration": "PT8H"}}}}} {
		if x.process == "agreement" {
			x.set["customer"], x.set["calendar"], x.set["services"] = made["customer"], made["calendar"], []fields{{"service": made["service"]}}
		}
		id := w.do("", lifecycle.Command{Process: x.process, Verb: "create", Set: raw(x.set)}).Record.Head().ID
		made[x.process], w.ids[x.process] = id, id
		if x.process == "calendar" || x.process == "agreement" {
			for _, verb := range []string{"version_submit", "version_approve"} {
				w.do("", lifecycle.Command{Process: x.process, Record: id, Verb: verb, Number: 1})
			}
		}
	}
	return made["calendar"]
}

func (w *world) promised(more fields) record.ID {
	w.Helper()
	f := fields{"title": "Mail is slow", "customer": w.ids["customer"], "service": w.ids["service"], "impact": 3, "urgency": 3}
	for k, v := range more {
		f[k] = v
	}
	return w.do("", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(f)}).Record.Head().ID
}
