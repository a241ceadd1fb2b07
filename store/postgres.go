package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"steward/kernel/storage"
)

func (s *Store) openPostgres(ctx context.Context, url string) error {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	if cfg.MaxConns < 16 {
		cfg.MaxConns = 16
	}
	cfg.ConnConfig.RuntimeParams["timezone"] = "UTC"
	cfg.ConnConfig.RuntimeParams["application_name"] = "steward"
	cfg.ConnConfig.StatementCacheCapacity = 1024
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return fmt.Errorf("open database: %w", err)
	}
	s.read = stdlib.OpenDBFromPool(pool)
	s.read.SetMaxIdleConns(0) // the pool keeps them
	s.writer = pgWriter{pool}
	s.closed = func() error { pool.Close(); return nil }
	return nil
}

// pgWriter sends a command's statements as one batch: one round trip, one implicit transaction.
type pgWriter struct{ pool *pgxpool.Pool }

func (w pgWriter) close() error { return nil }

func (w pgWriter) apply(ctx context.Context, stmts []storage.Statement) error {
	// A cancelled wait for a commit leaves its outcome unknown, so the commit is waited for even
	// when the caller has gone; the deadline is ours.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	b := &pgx.Batch{}
	for _, st := range stmts {
		sql := st.SQL
		if st.Want >= 0 && !strings.HasPrefix(sql, "insert") {
			// Rows affected are known here only after the commit, so the database itself refuses.
			sql = fmt.Sprintf("with done as (%s returning 1) select steward_want((select count(*) from done), %d)", sql, st.Want)
		}
		b.Queue(sql, st.Args...)
	}
	res := w.pool.SendBatch(ctx, b)
	for _, st := range stmts {
		if st.Num != nil && !st.Num.Fixed {
			var n int64
			if err := res.QueryRow().Scan(&n); err != nil {
				_ = res.Close()
				return pgError(err)
			}
			st.Num.N = n
			continue
		}
		if _, err := res.Exec(); err != nil {
			_ = res.Close()
			return pgError(err)
		}
	}
	return pgError(res.Close())
}

func pgError(err error) error {
	if err == nil {
		return nil
	}
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code {
		case "ST001", "40001", "40P01": // our own check, serialization, deadlock
			return fmt.Errorf("%w: %s", storage.ErrStale, e.Message)
		case "23505":
			table := e.TableName
			field := strings.TrimPrefix(e.ConstraintName, "ux_"+table+"_")
			return conflict(table, field, err)
		case "53100":
			return fmt.Errorf("%w: %v", storage.ErrFull, err)
		case "53300", "55P03":
			return fmt.Errorf("%w: %v", storage.ErrBusy, err)
		case "57P01", "57P02", "57P03", "08006", "08003", "08000":
			return fmt.Errorf("%w: %v", storage.ErrUnknown, err)
		}
		return err
	}
	if pgconn.SafeToRetry(err) {
		return fmt.Errorf("%w: %v", storage.ErrBusy, err)
	}
	return fmt.Errorf("%w: %v", storage.ErrUnknown, err) // the connection broke: committed or not
}

func pgConfig(url string) (*pgx.ConnConfig, error) { return pgx.ParseConfig(url) }
