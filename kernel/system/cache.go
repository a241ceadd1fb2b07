package system

import (
	"context"
	"math"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"steward/kernel/access"
	"steward/kernel/process"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// cache keeps the records of configuration processes (users, teams, services, agreements ...) in
// memory: a create needs a dozen of them, and they change rarely. A change made by this process is
// seen at once, one made by another process or node within a second (epoch).
type cache struct {
	s       *System
	mu      sync.Mutex
	kept    map[string]*shelf
	parsed  map[record.ID]any
	epoch   int64 // changes of configuration seen, by anybody
	counted int64 // of them, those that this process made
	looked  time.Time
	day     record.Date  // whose versions in force the shelves show
	made    atomic.Int64 // marks given out
	ours    atomic.Int64 // changes of configuration that this process committed
	people  map[record.ID]*access.Principal
}

// shelf is all records of one process. A shelf is never changed once it is handed out: a change
// makes another.
type shelf struct {
	list     []record.Record
	byID     map[record.ID]record.Record
	shown    map[record.ID]*record.Version
	versions map[record.ID][]process.Content
	byName   map[string]record.ID
	byNum    map[record.Count]record.ID
	dirty    map[record.ID]bool
}

func newCache(s *System) *cache {
	return &cache{s: s, kept: map[string]*shelf{}, parsed: map[record.ID]any{}, people: map[record.ID]*access.Principal{}}
}

// nextEpoch is the mark that tells other processes that configuration has changed.
func (c *cache) nextEpoch() string {
	e := strconv.FormatInt(time.Now().UnixNano(), 36) + "." + strconv.FormatInt(c.made.Add(1), 36)
	return e
}

// landed has the records that one committed unit changed read again before they are used next. It
// is called once for every counting up of config_epoch.
func (c *cache) landed(touch map[string][]record.ID) {
	if len(touch) == 0 {
		return
	}
	c.ours.Add(1)
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, ids := range touch {
		if sh := c.kept[name]; sh != nil {
			for _, id := range ids {
				sh.dirty[id] = true
			}
		}
	}
	clear(c.people)
	clear(c.parsed)
}

// fresh drops everything when another process has changed configuration, or when another day has
// begun: other versions may be in force.
func (c *cache) fresh(ctx context.Context) error {
	if day := c.s.Today(); day != c.day {
		clear(c.kept)
		clear(c.people)
		clear(c.parsed)
		c.day = day
	}
	if time.Since(c.looked) < time.Second {
		return nil
	}
	ours := c.ours.Load() // before the count of all, so that what comes between only drops too much
	text, err := c.s.Store.Meta(ctx, "config_epoch")
	if err != nil {
		return err
	}
	all, _ := strconv.ParseInt(text, 10, 64) // blank is none yet
	if all-c.epoch > ours-c.counted && !c.looked.IsZero() || c.epoch == 0 {
		clear(c.kept)
		clear(c.people)
		clear(c.parsed)
	}
	c.looked, c.epoch, c.counted = time.Now(), all, ours
	return nil
}

// shelf gives all records of a configuration process.
func (c *cache) shelf(ctx context.Context, p *process.Process) (*shelf, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.fresh(ctx); err != nil {
		return nil, err
	}
	sh := c.kept[p.Name]
	if sh != nil && len(sh.dirty) == 0 {
		return sh, nil
	}
	all := c.s.self.Scope(p.Name, p.Shared)
	next := &shelf{byID: map[record.ID]record.Record{}, shown: map[record.ID]*record.Version{}, versions: map[record.ID][]process.Content{},
		byName: map[string]record.ID{}, byNum: map[record.Count]record.ID{}, dirty: map[record.ID]bool{}}
	put := func(r record.Record, v *record.Version) error {
		id := r.Head().ID
		if next.byID[id] == nil {
			next.list = append(next.list, r)
		}
		next.byID[id], next.shown[id] = r, v
		if p.Versioned {
			vs, err := c.s.Store.Versions(ctx, p, id)
			if err != nil {
				return err
			}
			next.versions[id] = vs
		}
		return nil
	}
	if sh == nil {
		q := storage.Query{Schema: c.s.Store.Schema(all, p, nil), Lines: true, Day: c.day}
		var err error
		if q.Order, err = sortOf("id", q.Schema); err != nil {
			return nil, err
		}
		if err := c.s.Store.Each(ctx, all, p, q, put); err != nil {
			return nil, err
		}
	} else {
		for _, r := range sh.list {
			id := r.Head().ID
			if !sh.dirty[id] {
				next.list = append(next.list, r)
				next.byID[id], next.shown[id], next.versions[id] = r, sh.shown[id], sh.versions[id]
			}
		}
		for id := range sh.dirty {
			r, v, err := c.s.Store.Get(ctx, all, p, id, c.day)
			if err != nil {
				return nil, err
			}
			if r != nil {
				if err := put(r, v); err != nil {
					return nil, err
				}
			}
		}
	}
	f := p.Shape.Field(p.NameField)
	for _, r := range next.list {
		next.byNum[r.Head().Num] = r.Head().ID
		if f != nil {
			if name, ok := f.Of(r).(*record.Text); ok && *name != "" {
				k := nameKey(string(*name))
				if _, twice := next.byName[k]; !twice {
					next.byName[k] = r.Head().ID
				}
			}
		}
	}
	c.kept[p.Name] = next
	return next, nil
}

// reader is the system as a process's Load sees it.
type reader struct{ s *System }

func (r reader) Get(ctx context.Context, name string, id record.ID) (record.Record, error) {
	if id.IsZero() {
		return nil, nil
	}
	p := r.s.Registry.Process(name)
	if p.Config {
		sh, err := r.s.cache.shelf(ctx, p)
		if err != nil {
			return nil, err
		}
		if rec := sh.byID[id]; rec != nil {
			return rec, nil
		}
		return nil, nil
	}
	rec, _, err := r.s.Store.Get(ctx, r.s.self.Scope(name, p.Shared), p, id, r.s.Today())
	return rec, err
}

func (r reader) Versions(ctx context.Context, name string, id record.ID) ([]process.Content, error) {
	p := r.s.Registry.Process(name)
	if p.Config {
		sh, err := r.s.cache.shelf(ctx, p)
		if err != nil {
			return nil, err
		}
		return sh.versions[id], nil
	}
	return r.s.Store.Versions(ctx, p, id)
}

func (r reader) InForce(ctx context.Context, name string, id record.ID, day record.Date) (record.Record, *record.Version, error) {
	vs, err := r.Versions(ctx, name, id)
	if err != nil {
		return nil, nil, err
	}
	for i := len(vs) - 1; i >= 0; i-- {
		if vs[i].Version.InForce(day) {
			return vs[i].Record, vs[i].Version, nil
		}
	}
	return nil, nil, nil
}

func (r reader) All(ctx context.Context, name string) ([]record.Record, error) {
	p := r.s.Registry.Process(name)
	if p == nil {
		return nil, nil // a system wired without that process
	}
	sh, err := r.s.cache.shelf(ctx, p)
	if err != nil {
		return nil, err
	}
	return sh.list, nil
}

func (r reader) Links(ctx context.Context, id record.ID, kind string) ([]process.LinkEnd, error) {
	ls, err := r.s.openLinks(ctx, id, kind)
	if err != nil {
		return nil, err
	}
	out := make([]process.LinkEnd, 0, len(ls))
	for _, l := range ls {
		e := process.LinkEnd{ID: l.ID, Kind: string(l.Kind), Other: l.B, Process: string(l.BProcess), From: true}
		if l.A != id {
			e.Other, e.Process, e.From = l.A, string(l.AProcess), false
		}
		out = append(out, e)
	}
	return out, nil
}

func (r reader) Find(ctx context.Context, name, filter string, limit int) ([]record.Record, error) {
	l, err := r.s.List(ctx, r.s.self, ListQuery{Process: name, Filter: filter, Limit: limit, Lines: true})
	if err != nil {
		return nil, err
	}
	return l.Records, nil
}

func (r reader) Count(ctx context.Context, name, filter string) (int, bool, error) {
	if r.s.Registry.Process(name) == nil {
		return 0, false, nil
	}
	p, sc, q, err := r.s.prepare(ctx, r.s.self, ListQuery{Process: name, Filter: filter})
	if err != nil {
		return 0, true, err
	}
	n, err := r.s.Store.Count(ctx, sc, p, q, math.MaxInt32)
	return n, true, err
}

func (r reader) Each(ctx context.Context, actor *access.Principal, name, filter string, at time.Time, fields []string, f func(record.Record, func(string) record.Cell) error) error {
	p := r.s.Registry.Process(name)
	return r.s.Each(ctx, actor, ListQuery{Process: name, Filter: filter, AsOf: at, Sort: "id", Fields: fields}, func(rec record.Record, _ *record.Version) error {
		return f(rec, func(field string) record.Cell {
			if fd := p.Shape.Field(field); fd != nil {
				return fd.Of(rec)
			}
			return nil
		})
	})
}

func (r reader) Leaves(ctx context.Context) (int64, error) { return r.s.logSize(ctx) }

func (r reader) Parsed(key record.ID, build func() (any, error)) (any, error) {
	c := r.s.cache
	c.mu.Lock()
	v, ok := c.parsed[key]
	c.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := build()
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.parsed[key] = v
	c.mu.Unlock()
	return v, nil
}

// Reader gives doors and checks the same view that processes have. It reads as Steward itself.
func (s *System) Reader() process.Reader { return reader{s} }

// pendingReader sees, beside what is stored, the records as this very unit has changed them: what
// one command of a transaction did, the next one decides by.
type pendingReader struct {
	reader
	works map[record.ID]*work
}

func (u *unit) reader() process.Reader { return pendingReader{reader{u.s}, u.works} }

func (r pendingReader) Get(ctx context.Context, name string, id record.ID) (record.Record, error) {
	if w := r.works[id]; w != nil && w.dirty && w.p.Name == name {
		return w.rec, nil
	}
	return r.reader.Get(ctx, name, id)
}

// Gates are the names of the gates of a process; known is false when there is no such process.
func (r reader) Gates(name string) (gates []string, known bool) {
	p := r.s.Registry.Process(name)
	if p == nil {
		return nil, false
	}
	return gateNames(p), true
}

// CheckFilter says what is wrong with a filter over a process: a fault of kind BadQuery.
func (r reader) CheckFilter(ctx context.Context, name, filter string) error {
	p := r.s.Registry.Process(name)
	if p == nil || strings.TrimSpace(filter) == "" {
		return nil
	}
	custom, err := r.s.CustomFields(ctx, name)
	if err != nil {
		return err
	}
	e, err := query.Parse(filter)
	if err != nil {
		return queryFault(err)
	}
	_, err = query.Compile(e, r.s.Store.Schema(r.s.self.Scope(name, p.Shared), p, custom), r.s.env(ctx, r.s.self), query.SQLite)
	return queryFault(err)
}
