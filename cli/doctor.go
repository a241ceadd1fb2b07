package cli

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"steward/boot"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/store"
)

type doctorCmd struct {
	place
	output
	Replay        int  `help:"Rebuild so many of the newest records of each process from their events and compare; -1 for all." default:"200" placeholder:"N"`
	Files         bool `help:"Read every attached file and compare its hash." default:"true" negatable:""`
	Recount       bool `help:"First put counters, stamps and the directory back to what the events make them."`
	ReleaseTimers bool `help:"Let timers run that are held because too many were long overdue at once, as after a jump of the clock." name:"release-timers"`
}

// scarce is how many free bytes are too few to go on writing.
const scarce = 200 << 20

// Run examines one thing after the other and says how to mend what does not hold.
func (c *doctorCmd) Run(e *env) error {
	have, newest, err := store.SchemaVersion(e.ctx, c.url())
	closed := func(err error) error {
		return c.tell(e, []storage.Finding{{What: "the system opens", Found: err.Error(), Mend: "make that possible again; a database that cannot be read is restored from the newest backup"}})
	}
	switch {
	case err != nil:
		return closed(err)
	case have == 0:
		return fmt.Errorf("there is no system at %s: give its place with --data or --database", shown(c.url()))
	case have != newest:
		f := storage.Finding{What: "the schema is this program's", Found: fmt.Sprintf("it is %d, this program's is %d", have, newest), Mend: "run steward migrate"}
		if have > newest {
			f.Mend = "use the newer program that made it"
		}
		return c.tell(e, []storage.Finding{f})
	}
	opens := false
	err = c.with(e, func(o *boot.Opened) error {
		opens = true
		if c.ReleaseTimers {
			if err := o.ReleaseTimers(e.ctx); err != nil {
				return err
			}
			fmt.Fprintln(e.stderr, "timers that are held will run within seconds, for one day")
		}
		if c.Recount {
			mended, err := o.Recount(e.ctx)
			for _, m := range mended {
				fmt.Fprintln(e.stderr, "recounted:", m)
			}
			if err != nil {
				return err
			}
		}
		pid, err := boot.Running(o.Data)
		if err != nil {
			return err
		}
		out, err := c.around(o)
		if err != nil {
			return err
		}
		within, err := o.Examine(e.ctx, system.Doctor{Replay: c.Replay, Files: c.Files, Keys: []note.Verifier{o.Verifier}, Served: pid != ""})
		if err != nil {
			return err
		}
		return c.tell(e, append(out, within...))
	})
	if err != nil && !opens {
		return closed(err)
	}
	return err
}

// around examines what lies around the database: schema, keys, disk.
func (c *doctorCmd) around(o *boot.Opened) ([]storage.Finding, error) {
	loose, err := boot.LooseKeys(o.Data)
	if err != nil {
		return nil, err
	}
	free, all, err := boot.Space(o.Data)
	if err != nil {
		return nil, err
	}
	var full []string
	if free < scarce {
		full = append(full, fmt.Sprintf("%d MB are free of %d MB", free>>20, all>>20))
	}
	return []storage.Finding{
		{What: "the schema is this program's"},
		storage.Find("keys are readable by their owner only", "chmod 600 the files in "+o.Data+", and think about who may have read them", loose),
		storage.Find("there is room on the disk", "free some space, or move the data folder", full),
	}, nil
}

func (c *doctorCmd) tell(e *env, found []storage.Finding) error {
	bad := 0
	rows := []map[string]any{}
	for _, f := range found {
		state := "ok"
		switch {
		case !f.Holds():
			state = "FAIL"
			bad++
		case f.Found != "":
			state = "note"
		}
		rows = append(rows, map[string]any{"state": state, "what": f.What, "found": f.Found, "mend": f.Mend})
		if c.Output != "table" {
			continue
		}
		fmt.Fprintf(e.stdout, "%-5s %s", state, f.What)
		if f.Found != "" {
			fmt.Fprintf(e.stdout, ": %s\n      mend: %s", f.Found, f.Mend)
		}
		fmt.Fprintln(e.stdout)
	}
	if c.Output != "table" {
		if err := c.rows(e.stdout, nil, rows); err != nil {
			return err
		}
	}
	if bad > 0 {
		return notHeld("%d of %d checks do not hold", bad, len(found))
	}
	return nil
}
