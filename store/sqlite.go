package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite" // the one file that knows the driver
	sqlitelib "modernc.org/sqlite/lib"

	"steward/kernel/record"
	"steward/kernel/storage"
)

// groupSize is how many waiting commands one commit takes. Measured: 64 in a commit with
// synchronous=FULL write 3.3 times as many a second as one by one.
const groupSize = 64

func (s *Store) openSQLite(ctx context.Context) error {
	w, err := sql.Open("sqlite", sqliteDSN(s.path, "rwc", "_txlock=immediate"))
	if err != nil {
		return err
	}
	w.SetMaxOpenConns(1)
	conn, err := w.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open %s: %w", s.path, err)
	}
	for _, p := range []string{"pragma journal_mode=wal", "pragma synchronous=full", "pragma wal_autocheckpoint=0",
		"pragma cache_size=-32000", "pragma secure_delete=fast", "pragma temp_store=memory"} {
		if _, err := conn.ExecContext(ctx, p); err != nil {
			return fmt.Errorf("open %s: %s: %w", s.path, p, err)
		}
	}
	s.read, err = sql.Open("sqlite", sqliteDSN(s.path, "ro", ""))
	if err != nil {
		return err
	}
	s.read.SetMaxOpenConns(8)
	s.read.SetMaxIdleConns(8)
	ck, err := sql.Open("sqlite", sqliteDSN(s.path, "rw", ""))
	if err != nil {
		return err
	}
	ck.SetMaxOpenConns(1)
	g := &groupWriter{db: w, conn: conn, ck: ck, queue: make(chan *waiting, 4*groupSize), stop: make(chan struct{}), prepared: map[string]*sql.Stmt{}}
	g.done.Add(2)
	go g.run()
	go g.checkpoint()
	s.writer = g
	return nil
}

func sqliteDSN(path, mode, extra string) string {
	q := "?mode=" + mode + "&_pragma=busy_timeout(10000)&_pragma=cache_size(-8000)&_pragma=temp_store(2)"
	if extra != "" {
		q += "&" + extra
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + q
}

type waiting struct {
	ctx   context.Context
	stmts []storage.Statement
	done  chan error
	err   error
}

// groupWriter is the one writer of a SQLite database: it commits the commands that wait together,
// each in a savepoint, so that one refused command takes nothing with it.
type groupWriter struct {
	db, ck   *sql.DB
	conn     *sql.Conn
	queue    chan *waiting
	stop     chan struct{}
	stopping sync.Once
	done     sync.WaitGroup
	prepared map[string]*sql.Stmt
	numbers  map[string]int64 // newest number of each process, as of this transaction
	last     int64            // the clock handed out last, microseconds
	since    int              // commands since the last checkpoint beside the writer
	grown    int              // commits since the log last began at its start
	mu       sync.Mutex
}

func (g *groupWriter) apply(ctx context.Context, stmts []storage.Statement) error {
	w := &waiting{ctx: ctx, stmts: stmts, done: make(chan error, 1)}
	select {
	case g.queue <- w:
	case <-g.stop:
		return errors.New("store: closed")
	case <-ctx.Done():
		return ctx.Err()
	}
	// From here on the answer is awaited whatever becomes of the caller: it is a commit or it is
	// not, and saying "cancelled" of something committed would be a lie.
	select {
	case err := <-w.done:
		return err
	case <-g.stop:
		select {
		case err := <-w.done:
			return err
		case <-time.After(10 * time.Second):
			return storage.ErrUnknown
		}
	}
}

func (g *groupWriter) close() error {
	g.stopping.Do(func() { close(g.stop) })
	g.done.Wait()
	for _, st := range g.prepared {
		_ = st.Close()
	}
	_, _ = g.conn.ExecContext(context.Background(), "pragma wal_checkpoint(truncate)")
	_ = g.conn.Close()
	_ = g.ck.Close()
	return g.db.Close()
}

func (g *groupWriter) run() {
	defer g.done.Done()
	for {
		select {
		case w := <-g.queue:
			g.commit(g.gather(w))
		case <-g.stop:
			for { // what was accepted is finished
				select {
				case w := <-g.queue:
					g.commit(g.gather(w))
				default:
					return
				}
			}
		}
	}
}

func (g *groupWriter) gather(first *waiting) []*waiting {
	batch := []*waiting{first}
	for len(batch) < groupSize {
		select {
		case w := <-g.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

func (g *groupWriter) commit(batch []*waiting) {
	ctx := context.Background()
	err := g.exec(ctx, "begin immediate")
	landed := 0
	if err == nil {
		g.numbers = map[string]int64{}
		for _, w := range batch {
			if w.ctx.Err() != nil {
				w.err = w.ctx.Err()
				continue
			}
			if len(batch) == 1 { // alone: the transaction is its savepoint
				w.err = g.statements(ctx, w.stmts, false)
			} else {
				w.err = g.savepoint(ctx, w.stmts)
			}
			if w.err == nil {
				landed++
			}
		}
		if landed > 0 {
			err = g.keepNumbers(ctx)
		}
		for _, w := range batch {
			if err == nil && w.err == nil {
				err = g.statements(ctx, w.stmts, true)
			}
		}
		if landed == 0 || err != nil {
			if e := g.exec(ctx, "rollback"); err == nil {
				err = e
			}
		} else if err = g.exec(ctx, "commit"); err != nil {
			_ = g.exec(ctx, "rollback")
		}
	}
	for _, w := range batch {
		if err != nil && w.err == nil {
			w.err = sqliteError(err)
		}
		w.done <- w.err
	}
	g.mu.Lock()
	g.since += landed
	g.mu.Unlock()
	for _, w := range batch { // a bulk load is many commits' worth
		g.grown += len(w.stmts) / 200
	}
	if g.grown++; g.grown >= restartEvery {
		g.restart(ctx)
	}
}

// restartEvery is after how many commits the write-ahead log begins at its start again. A log that
// only grows makes every commit wait for the file system to note its new length: measured, 2.3 ms
// instead of 0.3 ms.
const restartEvery = 256

// restart moves what is left of the log into the database and has the next commit overwrite it. A
// reader that still needs the log is not waited for long: it is tried again after more commits.
func (g *groupWriter) restart(ctx context.Context) {
	g.grown = 0
	var busy, frames, moved int
	_, _ = g.conn.ExecContext(ctx, "pragma busy_timeout=20") // no command waits for a reader's sake
	defer func() { _, _ = g.conn.ExecContext(ctx, "pragma busy_timeout=10000") }()
	if err := g.conn.QueryRowContext(ctx, "pragma wal_checkpoint(restart)").Scan(&busy, &frames, &moved); err != nil {
		slog.Warn("checkpoint of the database", "error", err)
	}
	if busy != 0 {
		g.grown = restartEvery / 2
	}
}

func (g *groupWriter) savepoint(ctx context.Context, stmts []storage.Statement) error {
	if err := g.exec(ctx, "savepoint c"); err != nil {
		return sqliteError(err)
	}
	numbers := maps.Clone(g.numbers)
	err := g.statements(ctx, stmts, false)
	if err != nil {
		g.numbers = numbers // the counters go back with the savepoint
		if e := g.exec(ctx, "rollback to c"); e != nil {
			return sqliteError(e)
		}
	}
	if e := g.exec(ctx, "release c"); e != nil {
		return sqliteError(e)
	}
	return err
}

// statements carries out those of one command: the late ones, or all others.
func (g *groupWriter) statements(ctx context.Context, stmts []storage.Statement, late bool) error {
	for i := range stmts {
		st := &stmts[i]
		if st.Late != late {
			continue
		}
		if st.Num != nil {
			if err := g.number(ctx, st.Num); err != nil {
				return err
			}
		}
		args := st.Args
		for j, a := range args {
			switch v := a.(type) {
			case *storage.Num:
				args = replaced(args, st.Args, j, v.N)
			case clockArg:
				args = replaced(args, st.Args, j, g.now())
			}
		}
		p, err := g.prepare(ctx, st.SQL)
		if err != nil {
			return fmt.Errorf("%s: %w", st.SQL, err)
		}
		res, err := p.ExecContext(ctx, args...)
		if err != nil {
			return sqliteError(err)
		}
		if st.Want >= 0 {
			if n, err := res.RowsAffected(); err != nil || n != int64(st.Want) {
				return storage.ErrStale
			}
		}
	}
	return nil
}

// replaced copies the arguments before it changes one, since a stale command is applied again.
func replaced(args, orig []any, i int, v any) []any {
	if len(args) > 0 && &args[0] == &orig[0] {
		args = append([]any(nil), args...)
	}
	args[i] = v
	return args
}

// number takes the next number of a process, without gaps: the counter is read once a transaction
// (another process may have moved it before) and written once, before the commit.
func (g *groupWriter) number(ctx context.Context, n *storage.Num) error {
	last, read := g.numbers[n.Process]
	if !read {
		p, err := g.prepare(ctx, "select coalesce((select n from counter where process = ?), 0)")
		if err != nil {
			return err
		}
		if err := p.QueryRowContext(ctx, n.Process).Scan(&last); err != nil {
			return sqliteError(err)
		}
	}
	if n.Fixed {
		last = max(last, n.N)
	} else {
		last++
		n.N = last
	}
	g.numbers[n.Process] = last
	return nil
}

func (g *groupWriter) keepNumbers(ctx context.Context) error {
	for process, n := range g.numbers {
		p, err := g.prepare(ctx, "insert into counter (process, n) values (?, ?) on conflict (process) do update set n = max(n, excluded.n)")
		if err != nil {
			return err
		}
		if _, err := p.ExecContext(ctx, process, n); err != nil {
			return err
		}
	}
	return nil
}

// now is the database's clock: it never stands still and never goes back.
func (g *groupWriter) now() int64 {
	t := time.Now().UnixMicro()
	if t <= g.last {
		t = g.last + 1
	}
	g.last = t
	return t
}

func (g *groupWriter) exec(ctx context.Context, q string) error {
	p, err := g.prepare(ctx, q)
	if err != nil {
		return err
	}
	_, err = p.ExecContext(ctx)
	return err
}

func (g *groupWriter) prepare(ctx context.Context, q string) (*sql.Stmt, error) {
	if p := g.prepared[q]; p != nil {
		return p, nil
	}
	if len(g.prepared) > 500 { // updates of odd column sets must not pile up
		for k, p := range g.prepared {
			_ = p.Close()
			delete(g.prepared, k)
			if len(g.prepared) <= 250 {
				break
			}
		}
	}
	p, err := g.conn.PrepareContext(ctx, q)
	if err == nil {
		g.prepared[q] = p
	}
	return p, err
}

// checkpoint moves the write-ahead log into the database beside the writer, so that no command
// waits for it.
func (g *groupWriter) checkpoint() {
	defer g.done.Done()
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-g.stop:
			return
		case <-t.C:
		}
		g.mu.Lock()
		due := g.since > 0
		g.since = 0
		g.mu.Unlock()
		if !due {
			continue
		}
		if _, err := g.ck.Exec("pragma wal_checkpoint(passive)"); err != nil {
			slog.Warn("checkpoint of the database", "error", err)
		}
	}
}

func sqliteError(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlitelib.SQLITE_CONSTRAINT:
		_, at, ok := strings.Cut(e.Error(), "constraint failed: ")
		if !ok {
			return err
		}
		at, _, _ = strings.Cut(at, " (")
		table, field := "", ""
		for _, part := range strings.Split(at, ", ") {
			table, field, _ = strings.Cut(part, ".")
		}
		return conflict(table, field, err)
	case sqlitelib.SQLITE_FULL:
		return fmt.Errorf("%w: %v", storage.ErrFull, err)
	case sqlitelib.SQLITE_BUSY, sqlitelib.SQLITE_LOCKED:
		return fmt.Errorf("%w: %v", storage.ErrBusy, err)
	}
	return err
}

// conflict turns a violated unique key into what the kernel acts on.
func conflict(table, field string, err error) error {
	switch table {
	case "event", "timer", "clock", "import_row", "grant_row", "link", "approval_vote":
		return fmt.Errorf("%w (%s.%s)", storage.ErrStale, table, field)
	case "":
		return err
	}
	return &storage.Conflict{Table: table, Field: field}
}

var _ = record.SQLite
