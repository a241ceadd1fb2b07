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
	// Not the test's own context: the server outlives the test that happened to ask first.
	server, err := serverURL(context.Background())
	switch {
	case errors.Is(err, ErrMissing) && os.Getenv("CI") != "true":
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	case err != nil:
		t.Fatalf("no PostgreSQL to test on: %v", err)
	}
	name := "steward_test_" + rand.Text()[:16]
	quoted := pgx.Identifier{name}.Sanitize()
	// template0: template1 may have been given objects by whoever runs the server.
	if err := run(server, "create database "+quoted+" template template0"); err != nil {
		t.Fatalf("creating the test's database: %v", err)
	}
	t.Cleanup(func() {
		if err := run(server, "drop database if exists "+quoted+" with (force)"); err != nil {
			t.Errorf("dropping the test's database: %v", err)
		}
	})
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is not a URL: write postgres://user:password@host:port/database", EnvURL)
	}
	u.Path = "/" + name
	return u.String()
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
