package cli

import (
	"fmt"
	"time"

	"steward/boot"
	"steward/store"
)

type backupCmd struct {
	place
	Out string `required:"" help:"File to write; one that is there stays until the new one is whole." placeholder:"FILE"`
}

func (c *backupCmd) Run(e *env) error {
	return c.standing(e, func(o *boot.Opened) error {
		m, err := o.Backup(e.ctx, c.Out)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%s: %d files, verified\n", c.Out, len(m.Files))
		return err
	})
}

type restoreCmd struct {
	place
	From string `required:"" help:"The backup." placeholder:"FILE"`
}

func (c *restoreCmd) Run(e *env) error {
	m, err := boot.Restore(e.ctx, c.From, boot.Options{Data: c.Data, Database: c.Database})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "restored what was backed up on %s: %d files, verified\n", m.Made.Format(time.RFC3339), len(m.Files))
	return err
}

type moveCmd struct {
	From string `required:"" help:"sqlite:PATH or postgres://... to read." placeholder:"URL"`
	To   string `required:"" help:"An empty database." placeholder:"URL"`
}

func (c *moveCmd) Run(e *env) error {
	have, newest, err := store.SchemaVersion(e.ctx, c.From)
	if err != nil {
		return err
	}
	if have == 0 || have != newest {
		return fmt.Errorf("there is no system of this program's schema at %s: check the address, or run steward migrate on it", shown(c.From))
	}
	d, err := boot.Move(e.ctx, c.From, c.To, nil, func(table string, n int) {
		if n > 0 {
			fmt.Fprintf(e.stderr, "%s: %d\n", table, n)
		}
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%d tables moved; both databases hold the same\n", len(d))
	return err
}

type migrateCmd struct{ place }

func (c *migrateCmd) Run(e *env) error {
	have, newest, err := store.SchemaVersion(e.ctx, c.url())
	if err != nil {
		return err
	}
	if err := c.with(e, func(*boot.Opened) error { return nil }); err != nil {
		return err
	}
	switch {
	case have == 0:
		_, err = fmt.Fprintln(e.stdout, "a new system was set up")
	case have == newest:
		_, err = fmt.Fprintf(e.stdout, "the schema is at %d already\n", newest)
	default:
		_, err = fmt.Fprintf(e.stdout, "the schema was brought from %d to %d\n", have, newest)
	}
	return err
}
