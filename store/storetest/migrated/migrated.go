// Package migrated gives tests databases that have the schema already: making some eighty tables anew
// for every test took most of the time of the suite.
//
// Start at [Postgres] and [Data].
// Always true: what a test gets holds the schema and not one row; a test of migrating itself begins
// with an empty database instead (pgtest.URL, an empty folder).
package migrated

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"steward/store"
	"steward/store/storetest/pgtest"
)

// Postgres is the URL of a PostgreSQL database of the test's own; see [pgtest.URL] for when it is
// dropped and what happens without a server.
func Postgres(t testing.TB) string {
	t.Helper()
	return pgtest.From(t, store.Fingerprint(), store.Migrate)
}

var empty = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "steward-migrated-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "steward.db")
	if err := store.Migrate(context.Background(), "sqlite:"+path); err != nil {
		return nil, err
	}
	return os.ReadFile(path) // closed, so the write-ahead log has been moved into it
})

// Data is a data folder of the test's own with an SQLite database in it.
func Data(t testing.TB) string {
	t.Helper()
	b, err := empty()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "steward.db"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
