package api

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// keptFor is how long the answer to a key is remembered.
const keptFor = 24 * time.Hour

// inFlight are the keys whose command this process is carrying out.
type inFlight struct {
	mu      sync.Mutex
	running map[string]bool
	swept   time.Time
}

// once carries a POST out, or, when its Idempotency-Key was used before, answers as then. hint is
// what of the answer is known before: status, and the address of the record.
func (c *Call) once(raw []byte, hint answer, run func(keep ...storage.Statement) (*answer, error)) (*answer, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	if key == "" {
		return run()
	}
	sum := digest([]byte(c.R.Method), []byte(c.R.URL.Path), []byte(c.R.URL.RawQuery), raw)
	return c.s.keyed(c.R.Context(), c.Who, key, sum, hint, run)
}

// key reads the Idempotency-Key of a POST; "" when there is none.
func (c *Call) key() (string, error) {
	vs := c.R.Header.Values("Idempotency-Key")
	if c.R.Method != http.MethodPost || len(vs) == 0 {
		return "", nil
	}
	k := strings.TrimSpace(vs[0])
	if len(vs) > 1 || k == "" || len(k) > 200 || strings.ContainsFunc(k, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
		return "", fault.New(fault.BadRequest, "Idempotency-Key takes 1 to 200 visible ASCII characters, once")
	}
	return k, nil
}

// keyed is the heart of once: look, run with the row that remembers, write down the answer. The
// row is part of the command's own transaction, so a second run is impossible even after a crash;
// the answer's text follows it, and is made again from the record if the crash came between.
func (s *server) keyed(ctx context.Context, who *access.Principal, key, sum string, hint answer, run func(keep ...storage.Statement) (*answer, error)) (*answer, error) {
	s.sweep(ctx)
	name := who.ID.String() + " " + key
	s.keys.mu.Lock()
	if s.keys.running[name] {
		s.keys.mu.Unlock()
		f := fault.New(fault.Conflict, "a request with this Idempotency-Key is still running")
		f.Retry = 1
		return nil, f
	}
	s.keys.running[name] = true
	s.keys.mu.Unlock()
	defer func() {
		s.keys.mu.Lock()
		delete(s.keys.running, name)
		s.keys.mu.Unlock()
	}()
	row, old, err := s.remembered(ctx, who.ID, key)
	if err != nil {
		return nil, err
	}
	if row != nil {
		return s.replay(ctx, who, row, sum)
	}
	now := record.At(s.sys.Now())
	row = &storage.Idempotency{Principal: who.ID, Key: record.Text(key), Request: record.Text(sum), At: now,
		Status: record.Count(hint.status), Location: record.Text(hint.location)}
	where := []storage.Cond{storage.Eq("principal", &row.Principal), storage.Eq("key", &row.Key)}
	var keep []storage.Statement
	if old {
		keep = append(keep, s.sys.Store.Remove(storage.TIdempotency, where, -1))
	}
	keep = append(keep, s.sys.Store.Insert(storage.TIdempotency, nil, storage.Part(row)))
	a, err := run(keep...)
	if err != nil {
		// Another node may have been faster with the same key: then its answer counts.
		if got, _, e := s.remembered(ctx, who.ID, key); e == nil && got != nil {
			return s.replay(ctx, who, got, sum)
		}
		return nil, err
	}
	row.Status, row.Location, row.ETag, row.Body = record.Count(a.status), record.Text(a.location), record.Text(a.etag), record.Prose(a.body)
	if a.secret != nil {
		row.Body = record.Prose(a.secret)
	}
	up := s.sys.Store.Update(storage.TIdempotency, []string{"status", "location", "etag", "body"}, where, -1, storage.Part(row))
	if err := s.sys.Store.Apply(ctx, []storage.Statement{up}); err != nil {
		s.log.Warn("the answer to an idempotent request was not kept", "error", err)
	}
	return a, nil
}

// remembered finds the row of a key; old says that there is one whose time is over.
func (s *server) remembered(ctx context.Context, who record.ID, key string) (row *storage.Idempotency, old bool, err error) {
	k := record.Text(key)
	err = s.sys.Store.Rows(ctx, storage.TIdempotency, []storage.Cond{storage.Eq("principal", &who), storage.Eq("key", &k)}, "", 1, func() []storage.Part {
		row = new(storage.Idempotency)
		return []storage.Part{storage.Part(row)}
	}, func() error { return nil })
	if err != nil || row == nil || row.At == 0 {
		return nil, false, err
	}
	if row.At <= record.At(s.sys.Now().Add(-keptFor)) {
		return nil, true, nil
	}
	return row, false, nil
}

// replay answers as the first time. Where the answer's text was lost between the command and its
// being written down, the record as it now is stands for it.
func (s *server) replay(ctx context.Context, who *access.Principal, row *storage.Idempotency, sum string) (*answer, error) {
	if string(row.Request) != sum {
		return nil, refuse("Idempotency-Key", "key_reused", "this key was used for another request; choose a new one")
	}
	a := &answer{status: int(row.Status), location: string(row.Location), etag: string(row.ETag), body: []byte(row.Body), replayed: true}
	if len(a.body) == 0 && a.status != http.StatusNoContent {
		parts := strings.Split(strings.TrimPrefix(a.location, "/api/v1/"), "/")
		p := s.sys.Registry.Resource(parts[0])
		if p == nil || len(parts) < 2 {
			return nil, fault.New(fault.Conflict, "the request with this Idempotency-Key was carried out, but its answer was lost; read what it was about")
		}
		res, err := s.sys.Get(ctx, who, p.Name, parts[1])
		if err != nil {
			return nil, err
		}
		a.etag, a.body = etag(res.Record), s.appendRecord(nil, p, res.Record, res.Version, nil)
		if a.status != http.StatusCreated {
			a.location = ""
		}
	}
	return a, nil
}

// sweep forgets keys whose time is over, at most once an hour.
func (s *server) sweep(ctx context.Context) {
	now := s.sys.Now()
	s.keys.mu.Lock()
	due := now.Sub(s.keys.swept) > time.Hour
	if due {
		s.keys.swept = now
	}
	s.keys.mu.Unlock()
	if !due {
		return
	}
	until := record.At(now.Add(-keptFor))
	gone := s.sys.Store.Remove(storage.TIdempotency, []storage.Cond{{Col: "at", Op: "<=", Val: &until}}, -1)
	if err := s.sys.Store.Apply(ctx, []storage.Statement{gone}); err != nil {
		s.log.Warn("old idempotency keys were not swept", "error", err)
	}
}
