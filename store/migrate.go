package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrations embed.FS

// Fingerprint tells one set of migrations from another, for whoever keeps a database made by them.
func Fingerprint() string {
	h := sha256.New()
	_ = fs.WalkDir(migrations, ".", func(path string, d fs.DirEntry, err error) error { // embedded: nothing can fail
		if err == nil && !d.IsDir() {
			b, _ := migrations.ReadFile(path)
			fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil))[:16]
}

// ErrNewer says that the database was made by a newer Steward.
var ErrNewer = errors.New("the database has a newer schema than this Steward knows: use the newer binary")

// Migrate brings the schema of the database at url up to this binary's. Each step is one
// transaction; a second node that starts at the same time waits.
func Migrate(ctx context.Context, url string) error {
	db, p, err := provider(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close()
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	src := p.ListSources()
	if newest := src[len(src)-1].Version; have > newest {
		return fmt.Errorf("%w (schema %d, known %d)", ErrNewer, have, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func provider(ctx context.Context, url string) (*sql.DB, *goose.Provider, error) {
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, nil, err
		}
		db, err := sql.Open("sqlite", sqliteDSN(path, "rwc", "_txlock=immediate"))
		if err != nil {
			return nil, nil, err
		}
		db.SetMaxOpenConns(1)
		if _, err := db.ExecContext(ctx, "pragma journal_mode=wal"); err != nil {
			db.Close()
			return nil, nil, fmt.Errorf("open %s: %w", path, err)
		}
		sub, err := fs.Sub(migrations, "migrations/sqlite")
		if err != nil {
			return nil, nil, err
		}
		p, err := goose.NewProvider(goose.DialectSQLite3, db, sub)
		return db, p, err
	}
	cfg, err := pgConfig(url)
	if err != nil {
		return nil, nil, err
	}
	db := stdlib.OpenDB(*cfg)
	sub, err := fs.Sub(migrations, "migrations/postgres")
	if err != nil {
		return nil, nil, err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, nil, err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, sub, goose.WithSessionLocker(locker))
	return db, p, err
}
