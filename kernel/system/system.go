package system

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/kernel/access"
	"steward/kernel/ledger"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/secret"
	"steward/kernel/storage"
)

// Options of a system. Zero values are sensible.
type Options struct {
	Signer    note.Signer       // signs the log's checkpoints; nil: none are made
	Passwords *secret.Passwords // nil: passwords cannot be set or checked
	Now       func() time.Time  // the clock; nil is the real one
	Log       *slog.Logger
	Zone      *time.Location // the organisation's zone: what "day" means in a check or report
	Vault     Vault          // seals personal parts of events; nil leaves them plain (tests of single processes)
	Blobs     Blobs
}

// Vault seals what must be erasable, under a key per subject.
type Vault interface {
	Seal(ctx context.Context, subject record.ID, plain []byte) (sealed []byte, keep []storage.Statement, err error)
	Open(ctx context.Context, subject record.ID, sealed []byte) ([]byte, error)
	Destroy(ctx context.Context, subject record.ID) ([]storage.Statement, error)
}

// System is a running service management system over one database.
type System struct {
	Registry *process.Registry
	Store    storage.Store

	opt    Options
	tables map[string]*storage.Tables
	cache  *cache
	self   *access.Principal

	mu   sync.Mutex
	wake []chan struct{} // told after every commit
	bg   sync.WaitGroup
	stop context.CancelFunc
	asof asofCache

	logMu    sync.Mutex
	edge     ledger.Edge
	low      int64 // every event up to this seq has a leaf
	marks    []lowMark
	signed   time.Time
	unsigned bool

	matching sync.Mutex // of records that are not stored yet against filters

	tokenMu  sync.Mutex
	tokens   map[string]heldToken // by hash, for a second
	sessions map[string]heldSession

	looks lookLog
}

// New makes a system over an open, migrated store. It starts nothing: see [System.Start].
func New(st storage.Store, reg *process.Registry, opt Options) *System {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	s := &System{Registry: reg, Store: st, opt: opt, tables: map[string]*storage.Tables{}, tokens: map[string]heldToken{}, sessions: map[string]heldSession{}}
	for _, p := range reg.All {
		s.tables[p.Name] = storage.TablesOf(p)
	}
	s.cache = newCache(s)
	s.looks.kick = make(chan struct{}, 1)
	if k, ok := opt.Vault.(*Keys); ok {
		k.sys = s
	}
	s.self = &access.Principal{Name: "steward", System: true}
	return s
}

// Self is Steward itself as a principal: timers, subscribers, and work on the machine.
func (s *System) Self() *access.Principal { return s.self }

// Now is the system's clock, in microseconds, UTC.
func (s *System) Now() time.Time { return s.opt.Now().UTC().Truncate(time.Microsecond) }

// Zone is the organisation's zone.
func (s *System) Zone() *time.Location { return s.opt.Zone }

// Today is the day in the organisation's zone.
func (s *System) Today() record.Date { return record.Day(s.Now().In(s.opt.Zone)) }

// Woken gives a channel that is told after commits, and a way to let go of it. It may be told
// less often than there are commits, never later than the last.
func (s *System) Woken() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	s.wake = append(s.wake, ch)
	s.mu.Unlock()
	return ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for i, c := range s.wake {
			if c == ch {
				s.wake = append(s.wake[:i], s.wake[i+1:]...)
				return
			}
		}
	}
}

func (s *System) committed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ch := range s.wake {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// Close lets go of what is held for lists of the past. Stop comes first.
func (s *System) Close() { s.asof.close() }

// Mark keeps one of the system's own settings, such as that its demo was loaded.
func (s *System) Mark(ctx context.Context, key, value string) error {
	return s.Store.Apply(ctx, []storage.Statement{s.Store.SetMeta(key, value)})
}
