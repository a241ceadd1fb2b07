package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Store is one open database; it implements storage.Store.
type Store struct {
	d        record.Dialect
	reg      *process.Registry
	tables   map[string]*storage.Tables
	read     *sql.DB // SQLite: read-only connections; PostgreSQL: the one pool
	writer   writer
	path     string // of the SQLite file
	plans    sync.Map
	sizes    sizes
	prepared prepared
	closed   func() error
}

var _ storage.Store = (*Store)(nil)

// writer applies the statements of one command in one transaction.
type writer interface {
	apply(ctx context.Context, stmts []storage.Statement) error
	close() error
}

// Open opens url, `sqlite:PATH` or `postgres://...`, without migrating it.
func Open(ctx context.Context, url string, reg *process.Registry) (*Store, error) {
	s := &Store{reg: reg, tables: map[string]*storage.Tables{}}
	for _, p := range reg.All {
		s.tables[p.Name] = storage.TablesOf(p)
	}
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		s.d, s.path = record.SQLite, strings.TrimPrefix(url, "sqlite:")
		if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
			return nil, err
		}
		return s, s.openSQLite(ctx)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		s.d = record.Postgres
		return s, s.openPostgres(ctx, url)
	}
	return nil, fmt.Errorf("database %q: say sqlite:PATH or postgres://...", url)
}

// Dialect says which engine this is.
func (s *Store) Dialect() record.Dialect { return s.d }

// SQL is the handle that migrations, backup and move use. Nothing else may: every other read has
// a scope and every other write is an applied command.
func (s *Store) SQL() *sql.DB { return s.read }

// Close waits for what is being written.
func (s *Store) Close() error {
	err := s.writer.close()
	if e := s.read.Close(); err == nil {
		err = e
	}
	if s.closed != nil {
		if e := s.closed(); err == nil {
			err = e
		}
	}
	return err
}

// Apply carries out the statements in one transaction. It returns storage.ErrStale when somebody
// was faster, *storage.Conflict when a unique field is taken.
func (s *Store) Apply(ctx context.Context, stmts []storage.Statement) error {
	if len(stmts) == 0 {
		return nil
	}
	return s.writer.apply(ctx, stmts)
}
