package system

import (
	"context"
	"errors"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// CountLimit is how far counts are exact.
const CountLimit = 10_000

func nameKey(s string) string { return strings.ToLower(norm.NFC.String(strings.TrimSpace(s))) }

// sortOf reads an order; a mistake in it is the caller's.
func sortOf(s string, sc query.Schema) (query.Order, error) {
	o, err := query.ParseSort(s, sc)
	return o, queryFault(err)
}

func queryFault(err error) error {
	var q *query.Error
	if !errors.As(err, &q) {
		return err
	}
	f := fault.New(fault.BadQuery, "%s", q.Detail)
	if q.Mend != "" {
		f.Detail += "; " + q.Mend
	}
	f.Position = q.Pos
	f.Legal = []string{q.Reason}
	return f
}

// Resolve finds the id behind an id, a ref, or the name of a configuration record, whoever asks;
// what they may see is decided when it is read.
func (s *System) Resolve(ctx context.Context, p *process.Process, ref string) (record.ID, error) {
	none := fault.New(fault.NotFound, "there is no such %s", p.Name)
	if id, err := record.ParseID(ref); err == nil {
		return id, nil
	}
	if q, num, ok := s.Registry.ParseRef(ref); ok && q == p {
		n, name := record.Count(num), record.Text(p.Name)
		rows, err := rowsOf[storage.Directory](ctx, s, storage.TDirectory, []storage.Cond{storage.Eq("process", &name), storage.Eq("num", &n)}, "", 1)
		if err != nil {
			return record.ID{}, err
		}
		if len(rows) > 0 {
			return rows[0].ID, nil
		}
		return record.ID{}, none
	}
	if p.Config {
		sh, err := s.cache.shelf(ctx, p)
		if err != nil {
			return record.ID{}, err
		}
		if id, ok := sh.byName[nameKey(ref)]; ok {
			return id, nil
		}
	}
	return record.ID{}, none
}

// Lookup finds the record of process (or of any, with "*") that s names, as actor sees it: by id,
// ref, name or external_id. The zero ID when there is none or it may not be known.
func (s *System) Lookup(ctx context.Context, actor *access.Principal, name, text string) (record.ID, error) {
	if name == "*" {
		if p, _, ok := s.Registry.ParseRef(text); ok {
			return s.Lookup(ctx, actor, p.Name, text)
		}
		id, err := record.ParseID(text)
		if err != nil {
			return record.ID{}, nil
		}
		d, err := s.directory(ctx, actor, id)
		if d == nil {
			return record.ID{}, err
		}
		return id, nil
	}
	p := s.Registry.Process(name)
	if p == nil {
		return record.ID{}, nil
	}
	if name == "user" && text == "me" && !actor.ID.IsZero() {
		return actor.ID, nil
	}
	id, err := s.Resolve(ctx, p, text)
	if fault.Is(err, fault.NotFound) {
		return record.ID{}, nil
	}
	if err != nil {
		return record.ID{}, err
	}
	if p.Config {
		sh, err := s.cache.shelf(ctx, p)
		if err != nil {
			return record.ID{}, err
		}
		r := sh.byID[id]
		if r == nil || !knows(actor, p, r) {
			return record.ID{}, nil
		}
		return id, nil
	}
	d, err := s.directory(ctx, actor, id)
	if err != nil || d == nil || string(d.Process) != p.Name {
		return record.ID{}, err
	}
	return id, nil
}

// knows says whether actor may name a configuration record: a customer's user only those of the
// customer or of everyone, and colleagues of the provider by being handed them.
func knows(a *access.Principal, p *process.Process, r record.Record) bool {
	if a.System || a.Customer.IsZero() {
		return true
	}
	h := r.Head()
	return h.Customer == a.Customer || h.Customer.IsZero() && (p.Shared || p.Name == "team")
}

// Get is one record, with the version shown today; NotFound for what the actor may not know of.
func (s *System) Get(ctx context.Context, actor *access.Principal, name, ref string) (*Result, error) {
	p := s.Registry.Process(name)
	if p == nil {
		return nil, fault.New(fault.NotFound, "there is no process %s", name)
	}
	if !actor.Reads(p.Name) {
		return nil, fault.New(fault.Denied, "you may not read %s", p.Name)
	}
	id, err := s.Resolve(ctx, p, ref)
	if err != nil {
		return nil, err
	}
	rec, v, err := s.Store.Get(ctx, actor.Scope(p.Name, p.Shared), p, id, s.Today())
	if err != nil {
		return nil, err
	}
	if rec == nil {
		return nil, fault.New(fault.NotFound, "there is no such %s", p.Name)
	}
	return &Result{Process: p, Record: rec, Version: v}, nil
}

// ListQuery asks for a list.
type ListQuery struct {
	Process string
	Filter  string
	Sort    string // "" is newest first
	Cursor  string
	Limit   int // 0 is 50
	Fields  []string
	Lines   bool
	InForce record.Date // only records with a version in force that day
	IDs     []record.ID // only these; nil: all
	From    record.ID   // only ids from this one; zero: all
	Before  record.ID   // only ids before this one; zero: all
	AsOf    time.Time   // what was so
	KnownAt time.Time   // what Steward knew
}

// List is a page of records.
type List struct {
	Process  *process.Process
	Records  []record.Record
	Versions []*record.Version
	Next     string
	AsOf     time.Time
}

// prepare turns a list query into the store's, with everything refused that is wrong about it.
func (s *System) prepare(ctx context.Context, actor *access.Principal, lq ListQuery) (*process.Process, access.Scope, storage.Query, error) {
	var q storage.Query
	p := s.Registry.Process(lq.Process)
	if p == nil {
		return nil, access.Scope{}, q, fault.New(fault.NotFound, "there is no process %s", lq.Process)
	}
	if !actor.Reads(p.Name) {
		return nil, access.Scope{}, q, fault.New(fault.Denied, "you may not read %s", p.Name)
	}
	sc := actor.Scope(p.Name, p.Shared)
	custom, err := s.CustomFields(ctx, p.Name)
	if err != nil {
		return nil, sc, q, err
	}
	size, err := s.Store.Size(ctx, p)
	if err != nil {
		return nil, sc, q, err
	}
	q.Schema = s.Store.Schema(sc, p, custom)
	q.Env = s.env(ctx, actor)
	q.Lines, q.IDs, q.From, q.Before = lq.Lines, lq.IDs, lq.From, lq.Before
	if lq.Filter != "" {
		if q.Filter, err = query.Parse(lq.Filter); err != nil {
			return nil, sc, q, queryFault(err)
		}
		if err := query.CheckServable(q.Filter, q.Schema, size); err != nil {
			return nil, sc, q, queryFault(err)
		}
	}
	if lq.Sort == "" {
		lq.Sort = "-id"
	}
	if q.Order, err = sortOf(lq.Sort, q.Schema); err != nil {
		return nil, sc, q, err
	}
	if lq.InForce != "" {
		if !p.Versioned {
			return nil, sc, q, fault.New(fault.BadQuery, "a %s has no versions, so none is in force", p.Name)
		}
		if _, err := time.Parse(time.DateOnly, string(lq.InForce)); err != nil {
			return nil, sc, q, fault.New(fault.BadQuery, "in_force_on takes a day, such as 2026-01-31")
		}
		q.InForce, q.Day = true, lq.InForce
	}
	if q.Day == "" {
		q.Day = s.Today()
	}
	for _, name := range lq.Fields {
		f := p.Shape.Field(name)
		if f == nil {
			if name == "ref" || name == "version" || name == "links" || p.Shape.Line(name) != nil {
				continue
			}
			return nil, sc, q, fault.New(fault.BadQuery, "fields: %s has no field %s", p.Name, name)
		}
		q.Fields = append(q.Fields, f)
	}
	return p, sc, q, nil
}

func (s *System) env(ctx context.Context, actor *access.Principal) query.Env {
	e := query.Env{Now: s.Now(), Zone: s.opt.Zone, Me: query.Self{"user": {actor.ID}}, MyTeams: query.Self{"team": {}}}
	for _, t := range actor.Teams {
		e.MyTeams["team"] = append(e.MyTeams["team"], t)
	}
	e.ResolveRef = func(name, literal string) (query.ID, bool, error) {
		id, err := s.Lookup(ctx, actor, name, literal)
		return id, !id.IsZero(), err
	}
	return e
}

// List is one page of what actor sees.
func (s *System) List(ctx context.Context, actor *access.Principal, lq ListQuery) (*List, error) {
	p, sc, q, err := s.prepare(ctx, actor, lq)
	if err != nil {
		return nil, err
	}
	if q.Limit = lq.Limit; q.Limit <= 0 {
		q.Limit = 50
	}
	asOf, known := lq.AsOf, false
	if !lq.KnownAt.IsZero() {
		asOf, known = lq.KnownAt, true
	}
	seal, qh, sh, err := s.sealer(ctx, p, q, lq, sc)
	if err != nil {
		return nil, err
	}
	if lq.Cursor != "" {
		if q.After, err = seal.Open(q.Order, lq.Cursor, qh, sh); err != nil {
			return nil, queryFault(err)
		}
	}
	if !asOf.IsZero() {
		set, done, err := s.asof.take(ctx, s, p, asOf, known)
		if err != nil {
			return nil, err
		}
		defer done()
		q.Set, q.Day = set, record.Day(asOf.In(s.opt.Zone))
	}
	page, err := s.Store.Page(ctx, sc, p, q)
	if err != nil {
		return nil, queryFault(err)
	}
	l := &List{Process: p, Records: page.Records, Versions: page.Versions, AsOf: asOf}
	if page.More {
		if l.Next, err = seal.Seal(q.Order, page.Last, qh, sh); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (s *System) sealer(ctx context.Context, p *process.Process, q storage.Query, lq ListQuery, sc access.Scope) (*query.Sealer, []byte, []byte, error) {
	secret, err := s.secret(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	seal, err := query.NewSealer(secret)
	if err != nil {
		return nil, nil, nil, err
	}
	filter := ""
	if q.Filter != nil {
		filter = q.Filter.String()
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.FormatUint(sc.Hash(), 16)))
	return seal, query.Fingerprint(p.Name, filter, string(lq.InForce), lq.AsOf.String(), lq.KnownAt.String()),
		query.Fingerprint(strconv.FormatUint(sc.Hash(), 16)), nil
}

// Count counts what List would list; exact up to CountLimit.
func (s *System) Count(ctx context.Context, actor *access.Principal, lq ListQuery) (n int, exact bool, err error) {
	p, sc, q, err := s.prepare(ctx, actor, lq)
	if err != nil {
		return 0, false, err
	}
	asOf, known := lq.AsOf, false
	if !lq.KnownAt.IsZero() {
		asOf, known = lq.KnownAt, true
	}
	if !asOf.IsZero() {
		set, done, err := s.asof.take(ctx, s, p, asOf, known)
		if err != nil {
			return 0, false, err
		}
		defer done()
		q.Set, q.Day = set, record.Day(asOf.In(s.opt.Zone))
	}
	n, err = s.Store.Count(ctx, sc, p, q, CountLimit)
	if err != nil {
		return 0, false, queryFault(err)
	}
	if n > CountLimit {
		return CountLimit, false, nil
	}
	return n, true, nil
}

// Each streams everything that matches, in constant memory; for exports and jobs. Of the past too,
// when lq says so.
func (s *System) Each(ctx context.Context, actor *access.Principal, lq ListQuery, f func(record.Record, *record.Version) error) error {
	p, sc, q, err := s.prepare(ctx, actor, lq)
	if err != nil {
		return err
	}
	asOf, known := lq.AsOf, false
	if !lq.KnownAt.IsZero() {
		asOf, known = lq.KnownAt, true
	}
	if !asOf.IsZero() {
		set, done, err := s.asof.take(ctx, s, p, asOf, known)
		if err != nil {
			return err
		}
		defer done()
		q.Set, q.Day = set, record.Day(asOf.In(s.opt.Zone))
	}
	return queryFault(s.Store.Each(ctx, sc, p, q, f))
}

// Versions are all versions of a record that actor sees, oldest first. Drafts are for those who
// may change the record or approve it.
func (s *System) Versions(ctx context.Context, actor *access.Principal, name, ref string) (*Result, []process.Content, error) {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return nil, nil, err
	}
	if !res.Process.Versioned {
		return nil, nil, fault.New(fault.NotFound, "a %s has no versions", name)
	}
	all, err := s.Store.Versions(ctx, res.Process, res.Record.Head().ID)
	if err != nil {
		return nil, nil, err
	}
	if actor.Drafts(name) {
		return res, all, nil
	}
	seen := all[:0]
	for _, c := range all {
		if c.Version.Status == record.VersionApproved {
			seen = append(seen, c)
		}
	}
	return res, seen, nil
}

func (s *System) secret(ctx context.Context) ([]byte, error) {
	v, err := s.Store.Meta(ctx, "secret")
	if err != nil {
		return nil, err
	}
	if len(v) < 32 {
		return nil, errors.New("this database was not set up: run `steward migrate`")
	}
	return []byte(v), nil
}

// rowsOf reads rows of a kernel table into their structs.
func rowsOf[T any](ctx context.Context, s *System, t *storage.Table, where []storage.Cond, order string, limit int) ([]*T, error) {
	var out []*T
	var row *T
	err := s.Store.Rows(ctx, t, where, order, limit, func() []storage.Part {
		row = new(T)
		return []storage.Part{storage.Part(row)}
	}, func() error { out = append(out, row); return nil })
	return out, err
}

// directory is the directory row of a record that actor sees; nil otherwise.
func (s *System) directory(ctx context.Context, actor *access.Principal, id record.ID) (*storage.Directory, error) {
	rows, err := s.Store.Directory(ctx, s.Scopes(actor), []storage.Cond{storage.Eq("id", &id)}, "", 1)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// Scopes is what actor sees, process by process.
func (s *System) Scopes(actor *access.Principal) []access.Scope {
	out := make([]access.Scope, 0, len(s.Registry.All))
	for _, p := range s.Registry.All {
		if sc := actor.Scope(p.Name, p.Shared); sc.Valid() {
			out = append(out, sc)
		}
	}
	return out
}

// nameOf is the ref of a record, for messages to people who may see it.
func (s *System) nameOf(ctx context.Context, id record.ID) string {
	d, err := s.directory(ctx, s.self, id)
	if err != nil || d == nil {
		return id.String()
	}
	return s.Registry.Process(string(d.Process)).Ref(d.Num)
}

// openLinks are the links that have not ended, those that will end on a day included.
func (s *System) openLinks(ctx context.Context, id record.ID, kind string) ([]*storage.Link, error) {
	now := record.At(s.Now())
	var out []*storage.Link
	for _, end := range []string{"a", "b"} {
		where := []storage.Cond{storage.Eq(end, &id)}
		if kind != "" {
			k := record.Text(kind)
			where = append(where, storage.Eq("kind", &k))
		}
		where = append(where, storage.Cond{Col: "valid_to", Op: ">", Val: &now})
		rows, err := rowsOf[storage.Link](ctx, s, storage.TLink, where, "t.id", 0)
		if err != nil {
			return nil, err
		}
		for _, l := range rows {
			if end == "b" && l.A == l.B {
				continue
			}
			out = append(out, l)
		}
	}
	return out, nil
}

func (s *System) lastEvent(ctx context.Context, id record.ID) (int64, error) {
	es, err := s.Store.Events(ctx, []storage.Cond{storage.Eq("record", &id)}, "t.n desc", 1)
	if err != nil || len(es) == 0 {
		return 0, err
	}
	return int64(es[0].N), nil
}

// events are a record's events after number n, oldest first; limit 0 is all.
func (s *System) events(ctx context.Context, id record.ID, n int64, limit int) ([]*storage.Event, error) {
	after := record.Count(n)
	return s.Store.Events(ctx, []storage.Cond{storage.Eq("record", &id), {Col: "n", Op: ">", Val: &after}}, "t.n", limit)
}
