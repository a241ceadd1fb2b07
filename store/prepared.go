package store

import (
	"context"
	"database/sql"
	"sync"

	"steward/kernel/record"
)

// preparedMost is how many read statements SQLite keeps prepared. The texts are those of the
// builder, with values bound, so there are few; what comes after that is run unprepared.
const preparedMost = 400

// prepared keeps read statements: parsing one of forty columns costs as much as running it.
type prepared struct {
	mu   sync.RWMutex
	kept map[string]*sql.Stmt
}

// query runs a read, from a prepared statement where that pays. pgx keeps its own.
func (s *Store) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if s.d == record.Postgres {
		return s.read.QueryContext(ctx, text, args...)
	}
	p := &s.prepared
	p.mu.RLock()
	st := p.kept[text]
	p.mu.RUnlock()
	if st == nil {
		var err error
		if st, err = s.read.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
		p.mu.Lock()
		have := p.kept[text]
		switch {
		case have != nil:
			_ = st.Close()
			st = have
		case len(p.kept) >= preparedMost: // full: this one is run once and forgotten
			p.mu.Unlock()
			_ = st.Close()
			return s.read.QueryContext(ctx, text, args...)
		default:
			if p.kept == nil {
				p.kept = map[string]*sql.Stmt{}
			}
			p.kept[text] = st
		}
		p.mu.Unlock()
	}
	return st.QueryContext(ctx, args...)
}

// QueryContext makes the store itself what page asks of a database.
func (s *Store) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	return s.query(ctx, text, args...)
}
