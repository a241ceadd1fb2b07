package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"steward/boot"
	"steward/kernel/record"
	"steward/store"
)

// place says where a system lives.
type place struct {
	Data     string `help:"Folder of keys, files and the SQLite database." default:"./data" env:"STEWARD_DATA" placeholder:"DIR"`
	Database string `help:"sqlite:PATH or postgres://...; by default SQLite in the data folder." env:"STEWARD_DATABASE" placeholder:"URL"`
	Config   string `help:"YAML file with the settings of serve." env:"STEWARD_CONFIG" placeholder:"FILE"`
}

func (p place) url() string {
	if p.Database != "" {
		return p.Database
	}
	return "sqlite:" + filepath.Join(p.Data, "steward.db")
}

// with opens the system for f beside a server that may be running, and closes it. What is not there
// yet is set up, and an older schema is migrated: for commands that write.
func (p place) with(e *env, f func(*boot.Opened) error) error {
	return p.opened(e.ctx, boot.Options{Data: p.Data, Database: p.Database}, f)
}

// standing is with for commands that only look: they set nothing up and migrate nothing, so that a
// slip in a path makes no second system.
func (p place) standing(e *env, f func(*boot.Opened) error) error {
	have, newest, err := store.SchemaVersion(e.ctx, p.url())
	switch {
	case err != nil:
		return err
	case have == 0:
		return fmt.Errorf("there is no system at %s: give its place with --data or --database", shown(p.url()))
	case have > newest:
		return fmt.Errorf("%w (schema %d, known %d)", store.ErrNewer, have, newest)
	case have < newest:
		return fmt.Errorf("the schema at %s is %d, this program's is %d: run steward migrate first", shown(p.url()), have, newest)
	}
	return p.with(e, f)
}

func (p place) opened(ctx context.Context, o boot.Options, f func(*boot.Opened) error) error {
	s, err := boot.Open(ctx, o)
	if err != nil {
		return err
	}
	err = f(s)
	if e := s.Close(); err == nil {
		err = e
	}
	return err
}

// shown is a database URL without the password in it.
func shown(url string) string {
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	who, where, ok := strings.Cut(rest, "@")
	if !ok {
		return url
	}
	name, _, _ := strings.Cut(who, ":")
	return scheme + "://" + name + "@" + where
}

// sequenced gives what this command wrote its place in the log, unless a server runs that does so.
func sequenced(e *env, o *boot.Opened) error {
	if pid, err := boot.Running(o.Data); err != nil || pid != "" {
		return err
	}
	_, err := o.SequenceAll(e.ctx)
	return err
}

// user finds a user by name, ref or id.
func user(ctx context.Context, o *boot.Opened, name string) (record.ID, error) {
	id, err := o.Lookup(ctx, o.Self(), "user", name)
	if err == nil && id.IsZero() {
		err = fmt.Errorf("there is no user %s: steward user list shows who there is", name)
	}
	return id, err
}

// raw is a plain value as a command takes it.
func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("cli: " + err.Error()) // strings, and lists of them
	}
	return b
}
