package system

import (
	"context"
	"errors"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Past is one record as a source has it: the commands that make it what it became, and the key
// under which it is remembered, so that a second run adds nothing.
type Past struct {
	Source, Key string
	Digest      string // of what the source says; another one than last time adds what is new
	Record      record.ID
	Commands    []lifecycle.Command
	Err         error // set by Replay: why nothing of this record was taken
	Events      int   // set by Replay
}

// Known are the keys of a source that were taken before, with their digests and records.
func (s *System) Known(ctx context.Context, source string, keys []string) (map[string]*storage.ImportRow, error) {
	out := map[string]*storage.ImportRow{}
	src := record.Text(source)
	for len(keys) > 0 {
		n := min(len(keys), 400)
		cells := make([]record.Cell, n)
		for i, k := range keys[:n] {
			t := record.Text(k)
			cells[i] = &t
		}
		rows, err := rowsOf[storage.ImportRow](ctx, s, storage.TImportRow, []storage.Cond{storage.Eq("source", &src), {Col: "key", Op: "in", Val: cells}}, "", 0)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[string(r.Key)] = r
		}
		keys = keys[n:]
	}
	return out, nil
}

// Replay takes over what was, through the ordinary road with the permission "replay": each record
// with all its events or not at all, many records in one transaction. Records must not depend on
// each other. What is refused carries its error; the others land.
func (s *System) Replay(ctx context.Context, actor *access.Principal, past []*Past) error {
	d, err := s.DecideAll(ctx, actor, past)
	if err != nil {
		return err
	}
	return d.Land(ctx)
}

// Decided is what a batch of past records would write.
type Decided struct {
	s     *System
	actor *access.Principal
	past  []*Past
	units []*unit
}

// DecideAll is the first half of Replay: it writes nothing, so the next batch can be decided while
// one is landing.
func (s *System) DecideAll(ctx context.Context, actor *access.Principal, past []*Past) (*Decided, error) {
	d := &Decided{s, actor, past, make([]*unit, len(past))}
	for i := range past {
		d.units[i], past[i].Err = s.decidePast(ctx, actor, past[i])
	}
	return d, ctx.Err()
}

// Land is the second half of Replay.
func (d *Decided) Land(ctx context.Context) error {
	s, past := d.s, d.past
	var all []storage.Statement
	touch := map[string][]record.ID{}
	processes := map[string]bool{}
	for i, u := range d.units {
		if u == nil {
			continue
		}
		all = append(all, s.statements(u, past[i])...)
		for name, ids := range u.touch {
			touch[name] = append(touch[name], ids...)
		}
		processes[past[i].Commands[0].Process] = true
	}
	if len(all) == 0 {
		return nil
	}
	for name := range processes { // lists of the past that were kept are made anew
		all = append(all, s.Store.SetMeta("imported:"+name, s.cache.nextEpoch()))
	}
	if len(touch) > 0 {
		all = append(all, s.Store.Bump("config_epoch"))
	}
	err := s.Store.Apply(ctx, all)
	var c *storage.Conflict
	switch {
	case err == nil:
		for i, u := range d.units {
			if u != nil {
				past[i].Events = u.events
			}
		}
	case errors.As(err, &c) || errors.Is(err, storage.ErrStale):
		s.oneByOne(ctx, d.actor, past)
		s.committed()
		return nil
	default:
		return storageFault(err)
	}
	s.cache.landed(touch)
	s.committed()
	return nil
}

// decidePast decides all commands of one record in a unit of its own.
func (s *System) decidePast(ctx context.Context, actor *access.Principal, p *Past) (*unit, error) {
	if p.Err != nil || len(p.Commands) == 0 {
		return nil, p.Err
	}
	u := s.unit(ctx, actor)
	for _, c := range p.Commands {
		c.Replay = true
		if _, err := u.do(c, 0); err != nil {
			return nil, err
		}
	}
	return u, nil
}

func (s *System) statements(u *unit, p *Past) []storage.Statement {
	u.notices = nil
	out := u.rows()
	if p.Source == "" {
		return out
	}
	row := &storage.ImportRow{Source: record.Text(p.Source), Key: record.Text(p.Key), Digest: record.Text(p.Digest), Record: p.Record}
	key := []storage.Cond{storage.Eq("source", &row.Source), storage.Eq("key", &row.Key)}
	return append(out, s.Store.Remove(storage.TImportRow, key, -1), s.Store.Insert(storage.TImportRow, nil, storage.Part(row)))
}

// oneByOne takes the records singly, after some of them could not land together.
func (s *System) oneByOne(ctx context.Context, actor *access.Principal, past []*Past) {
	for _, p := range past {
		if p.Err != nil || len(p.Commands) == 0 {
			continue
		}
		for try := 1; ; try++ {
			u, err := s.decidePast(ctx, actor, p)
			if err == nil {
				stmts := s.statements(u, p)
				if len(u.touch) > 0 {
					stmts = append(stmts, s.Store.Bump("config_epoch"))
				}
				if err = s.Store.Apply(ctx, stmts); err == nil {
					s.cache.landed(u.touch)
				}
			}
			if errors.Is(err, storage.ErrStale) && try < attempts {
				time.Sleep(time.Duration(try) * time.Millisecond)
				continue
			}
			if p.Err = storageFault(err); err == nil {
				p.Err, p.Events = nil, u.events
			}
			break
		}
	}
}

// TryReplay decides everything and writes nothing: a dry run.
func (s *System) TryReplay(ctx context.Context, actor *access.Principal, past []*Past) error {
	for _, p := range past {
		u, err := s.decidePast(ctx, actor, p)
		if p.Err = err; u != nil {
			p.Events = u.events
		}
	}
	return ctx.Err()
}
