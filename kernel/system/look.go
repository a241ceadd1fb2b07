package system

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Looks: who looked at what, when, through which door. Doors tell of every request of an auditor, and
// of everybody's at the records of a process that is declared Logged. A look costs the reader no
// write: it is gathered and written with others, half a second later at most. What cannot be written
// is not forgotten; when too much waits, no more is shown to those who are watched.

const (
	lookEvery = 500 * time.Millisecond // how long a look waits to be written
	lookBatch = 500                    // at most so many in one transaction
	lookLimit = 20_000                 // how many may wait before nothing more is shown
	lookDays  = 1096                   // kept, where the organisation says nothing: three years
)

// lookLog is what was seen and is not written yet.
type lookLog struct {
	mu      sync.Mutex
	waiting []lookOf
	writing sync.Mutex // one writer at a time, so that nothing is written twice
	kick    chan struct{}
}

type lookOf struct {
	row *storage.Look
	ref string // of the record, as it was asked for; resolved when it is written
}

// Sight is what a door tells of a request.
type Sight struct {
	Door    string
	What    string
	Process *process.Process // nil: of none
	Ref     string           // of one record; "" for none
	Asked   string           // path and query
	Origin  string
	Stream  bool // it is written when it begins, for nobody knows whether it ends
}

// Watched reports whether what who looks at is kept.
func Watched(who *access.Principal, p *process.Process) bool {
	return who != nil && !who.System && (who.Has(access.Auditor) || p != nil && p.Logged)
}

// Looking says that who is about to be shown something; done says what was answered. An error means
// that it could not be kept, and that nothing must be shown.
func (s *System) Looking(ctx context.Context, who *access.Principal, v Sight) (done func(status int), err error) {
	if !Watched(who, v.Process) {
		return func(int) {}, nil
	}
	s.looks.mu.Lock()
	full := len(s.looks.waiting) >= lookLimit
	s.looks.mu.Unlock()
	if full {
		if err := s.FlushLooks(ctx); err != nil {
			f := fault.New(fault.Unavailable, "who looks at what cannot be kept just now, so nothing is shown; try again")
			f.Retry = 5
			return nil, f
		}
	}
	now := s.Now()
	row := &storage.Look{ID: record.NewID(now), At: record.At(now), Principal: who.ID, Door: record.Text(v.Door), What: record.Text(shortened(v.What, 60)),
		Asked: record.Prose(shortened(withoutSecrets(v.Asked), 2000)), Origin: record.Text(shortened(v.Origin, 100))}
	if v.Process != nil {
		row.Process = record.Text(v.Process.Name)
	}
	if v.Stream {
		s.keepLook(row, v.Ref)
		return func(int) {}, nil
	}
	return func(status int) {
		row.Status = record.Count(status)
		ref := v.Ref
		if status >= 400 {
			ref = "" // nothing was shown
		}
		s.keepLook(row, ref)
	}, nil
}

func (s *System) keepLook(row *storage.Look, ref string) {
	s.looks.mu.Lock()
	s.looks.waiting = append(s.looks.waiting, lookOf{row, ref})
	n := len(s.looks.waiting)
	s.looks.mu.Unlock()
	if n >= lookBatch {
		select {
		case s.looks.kick <- struct{}{}:
		default:
		}
	}
}

// withoutSecrets takes values out of an address that let somebody in.
func withoutSecrets(asked string) string {
	asked = strings.ToValidUTF8(strings.ReplaceAll(asked, "\x00", ""), "\uFFFD")
	path, query, ok := strings.Cut(asked, "?")
	if !ok {
		return asked
	}
	q, err := url.ParseQuery(query)
	if err != nil || !q.Has("token") {
		return asked
	}
	q.Set("token", "withheld")
	return path + "?" + q.Encode()
}

// FlushLooks writes what waits.
func (s *System) FlushLooks(ctx context.Context) error {
	s.looks.writing.Lock()
	defer s.looks.writing.Unlock()
	for {
		s.looks.mu.Lock()
		batch := s.looks.waiting[:min(len(s.looks.waiting), lookBatch)]
		s.looks.mu.Unlock()
		if len(batch) == 0 {
			return nil
		}
		var stmts []storage.Statement
		first := map[string]record.Instant{}
		for _, l := range batch {
			p := s.Registry.Process(string(l.row.Process))
			if p != nil && l.ref != "" && l.row.Record.IsZero() {
				id, err := s.Resolve(ctx, p, l.ref)
				if err != nil && !fault.Is(err, fault.NotFound) {
					return err
				}
				l.row.Record = id
			}
			if p != nil && p.Logged && !l.row.Record.IsZero() && first[p.Name] == 0 {
				first[p.Name] = l.row.At
			}
			stmts = append(stmts, s.Store.Insert(storage.TLook, nil, storage.Part(l.row)))
		}
		for name, at := range first {
			if since, err := s.LookedSince(ctx, name); err != nil {
				return err
			} else if since.IsZero() {
				stmts = append(stmts, s.Store.SetMeta(lookedSince+name, at.String()))
			}
		}
		if err := s.Store.Apply(ctx, stmts); err != nil {
			return err
		}
		s.looks.mu.Lock()
		s.looks.waiting = append([]lookOf(nil), s.looks.waiting[len(batch):]...)
		s.looks.mu.Unlock()
	}
}

// lookedSince is the setting that keeps since when openings of a process's records are on record:
// it stays when old looks have gone.
const lookedSince = "looked_since:"

// LookedSince is when the first opening of a record of a process came on record; zero for never.
func (s *System) LookedSince(ctx context.Context, name string) (time.Time, error) {
	text, err := s.Store.Meta(ctx, lookedSince+name)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("system: since when looks at %s are kept: %w", name, err)
	}
	return at, nil
}

// runLooks writes looks as they come, and lets go of old ones once an hour.
func (s *System) runLooks(ctx context.Context) {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	var dropped time.Time
	for {
		select {
		case <-ctx.Done():
			// What waits is written before the end: that ctx is over must not keep it from that.
			if err := s.FlushLooks(context.WithoutCancel(ctx)); err != nil {
				s.opt.Log.Error("looks that were not written are lost", "error", err)
			}
			return
		case <-t.C:
		case <-s.looks.kick:
		}
		if err := s.FlushLooks(ctx); err != nil && ctx.Err() == nil {
			s.opt.Log.Error("looks", "error", err)
		}
		if time.Since(dropped) > time.Hour {
			dropped = time.Now()
			if err := s.DropLooks(ctx); err != nil && ctx.Err() == nil {
				s.opt.Log.Error("looks", "error", err)
			}
		}
	}
}

// LookKeeping is what the kernel asks of the process "organisation": for how many days looks are
// kept; 0 is the default.
type LookKeeping interface {
	record.Record
	LookDays() int
}

// DropLooks lets go of looks that have been kept for long enough.
func (s *System) DropLooks(ctx context.Context) error {
	days := lookDays
	all, err := reader{s}.All(ctx, "organisation")
	if err != nil {
		return err
	}
	for _, r := range all {
		if k, ok := r.(LookKeeping); ok && r.Head().Phase == record.Choice(lifecycle.Open) && k.LookDays() > 0 {
			days = k.LookDays()
		}
	}
	before := record.At(s.Now().AddDate(0, 0, -days))
	return s.Store.Apply(ctx, []storage.Statement{s.Store.Remove(storage.TLook, []storage.Cond{{Col: "at", Op: "<", Val: &before}}, -1)})
}

// LookQuery asks for looks, newest first.
type LookQuery struct {
	Principal record.ID // zero: of all who may be shown
	Process   string
	Record    record.ID
	From, To  time.Time // from the first to before the second
	Before    record.ID // the last one seen, for the next page
	Limit     int
}

// SeesLooks reports whether actor sees everybody's looks, and not only their own.
func SeesLooks(actor *access.Principal) bool {
	return actor.System || !actor.External && (actor.Has(access.Administrator) || actor.Has(access.Management))
}

// Looks are who looked at what, newest first: everybody's for administrators and top management,
// else one's own.
func (s *System) Looks(ctx context.Context, actor *access.Principal, q LookQuery) ([]*storage.Look, error) {
	if !SeesLooks(actor) {
		if !q.Principal.IsZero() && q.Principal != actor.ID {
			return nil, fault.New(fault.Denied, "what others looked at is for administrators and top management")
		}
		q.Principal = actor.ID
	}
	if err := s.FlushLooks(ctx); err != nil {
		return nil, storageFault(err)
	}
	var where []storage.Cond
	if !q.Principal.IsZero() {
		where = append(where, storage.Eq("principal", &q.Principal))
	}
	if name := record.Text(q.Process); name != "" {
		where = append(where, storage.Eq("process", &name))
	}
	if !q.Record.IsZero() {
		where = append(where, storage.Eq("record", &q.Record))
	}
	for _, x := range []struct {
		op string
		at time.Time
	}{{">=", q.From}, {"<", q.To}} {
		if at := record.At(x.at); !x.at.IsZero() {
			where = append(where, storage.Cond{Col: "at", Op: x.op, Val: &at})
		}
	}
	if !q.Before.IsZero() {
		where = append(where, storage.Cond{Col: "id", Op: "<", Val: &q.Before})
	}
	if q.Limit <= 0 {
		q.Limit = 50
	}
	return rowsOf[storage.Look](ctx, s, storage.TLook, where, "t.id desc", q.Limit)
}

// SightOf names what a route shows by its pattern: the last of its words that is no placeholder.
// One record of a process is "record", all of them "list", a file "file".
func SightOf(pattern string, p *process.Process) string {
	what, last := "", ""
	for _, seg := range strings.Split(strings.Trim(pattern, "/"), "/") {
		last = seg
		if seg != "" && !strings.HasPrefix(seg, "{") && utf8.ValidString(seg) {
			what = seg
		}
	}
	one := strings.HasPrefix(last, "{") && last != "{$}"
	switch {
	case p != nil && what == p.Resource && one:
		return "record"
	case p != nil && what == p.Resource:
		return "list"
	case one && (what == "attachments" || what == "files"):
		return "file"
	case what == "":
		return "start"
	}
	return what
}
