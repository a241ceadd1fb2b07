package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// EnvURL names the variable with the URL of a server to use instead of starting one.
const EnvURL = "STEWARD_TEST_POSTGRES"

// patience is how long creating or dropping a database may take on a busy machine.
const patience = time.Minute

var (
	shared     sync.Mutex // guards the three below
	sharedURL  string
	sharedErr  error
	ownStarted *Server
)

// Main runs the tests of a package and stops the server they started. Call it from TestMain. A
// package without it is tidied up as well, a moment after its process has ended.
func Main(m *testing.M) {
	code := m.Run()
	if err := stopShared(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func stopShared() error {
	shared.Lock()
	defer shared.Unlock()
	if ownStarted == nil {
		return nil
	}
	err := ownStarted.Stop()
	ownStarted, sharedURL, sharedErr = nil, "", nil
	return err
}

// serverURL is the server of this test process, started at the first call.
func serverURL(ctx context.Context) (string, error) {
	shared.Lock()
	defer shared.Unlock()
	if sharedURL != "" || sharedErr != nil {
		return sharedURL, sharedErr
	}
	if sharedURL = os.Getenv(EnvURL); sharedURL != "" {
		return sharedURL, nil
	}
	ownStarted, sharedErr = Start(ctx)
	if sharedErr == nil {
		sharedURL = ownStarted.URL()
	}
	return sharedURL, sharedErr
}

// URL is a new, empty database for this test, dropped when the test and its subtests have ended,
// with whoever is still connected thrown out. Without PostgreSQL the test is skipped, and fails if
// CI is "true".
func URL(t testing.TB) string {
	t.Helper()
	// template0: template1 may have been given objects by whoever runs the server.
	return database(t, reached(t), "template0")
}

// From is URL with a database that holds already what prepare puts into an empty one. It is prepared
// once on a server, whatever packages ask for it: key says what prepare does, in letters and digits.
func From(t testing.TB, key string, prepare func(ctx context.Context, url string) error) string {
	t.Helper()
	server := reached(t)
	name := "steward_template_" + key
	if err := template(server, name, prepare); err != nil {
		t.Fatalf("preparing a database for tests: %v", err)
	}
	return database(t, server, name)
}

func reached(t testing.TB) string {
	t.Helper()
	// Not the test's own context: the server outlives the test that happened to ask first.
	server, err := serverURL(context.Background())
	switch {
	case errors.Is(err, ErrMissing) && os.Getenv("CI") != "true":
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	case err != nil:
		t.Fatalf("no PostgreSQL to test on: %v", err)
	}
	return server
}

func database(t testing.TB, server, template string) string {
	t.Helper()
	name := "steward_test_" + rand.Text()[:16]
	quoted := pgx.Identifier{name}.Sanitize()
	if err := run(server, "create database "+quoted+" template "+pgx.Identifier{template}.Sanitize()+" strategy file_copy"); err != nil {
		t.Fatalf("creating the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := run(server, "drop database if exists "+quoted+" with (force)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	return on(server, name)
}

// on is the URL of another database on the server.
func on(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(EnvURL + " is not a URL: write postgres://user:password@host:port/database")
	}
	u.Path = "/" + name
	return u.String()
}

// templateLock is the advisory lock under which a template is made: packages are tested at once.
const templateLock = 20000_2018

var templates sync.Map // those that are known to exist

// template makes the database name unless the server has it. It gets its name last: one that was
// left half-made by a test that was killed is never used.
func template(server, name string, prepare func(ctx context.Context, url string) error) error {
	if _, ok := templates.Load(name); ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }() // and with it the lock is given back
	if _, err := c.Exec(ctx, "select pg_advisory_lock($1)", templateLock); err != nil {
		return err
	}
	var have bool
	if err := c.QueryRow(ctx, "select exists (select 1 from pg_database where datname = $1)", name).Scan(&have); err != nil {
		return err
	}
	if !have {
		making := name + "_" + rand.Text()[:8]
		if _, err := c.Exec(ctx, "create database "+pgx.Identifier{making}.Sanitize()+" template template0"); err != nil {
			return err
		}
		if err := prepare(ctx, on(server, making)); err != nil {
			return err
		}
		if _, err := c.Exec(ctx, "alter database "+pgx.Identifier{making}.Sanitize()+" rename to "+pgx.Identifier{name}.Sanitize()); err != nil {
			return err
		}
	}
	templates.Store(name, true)
	return nil
}

// run runs one statement on the server's own database, on a connection of its own: create and drop
// database want no transaction, and an idle connection would be one more to leak.
func run(server, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close(ctx) }() // the statement has told all there is to know
	_, err = c.Exec(ctx, sql)
	return err
}
