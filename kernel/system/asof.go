package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// eventBody is what an event's body says, for winding back and showing.
type eventBody struct {
	Set     map[string][2]json.RawMessage            `json:"set"`
	Lines   map[string]map[string][2]json.RawMessage `json:"lines"`
	Version map[string]json.RawMessage               `json:"version"`
	Clock   map[string]map[string][2]json.RawMessage `json:"clock"`
	Comment map[string]json.RawMessage               `json:"comment"`
	Link    map[string]json.RawMessage               `json:"link"`
	Mark    map[string]string                        `json:"mark"`
}

// unwind takes the event's changes back out of the record: side 0 puts the old values, side 1 the
// new ones (to go forward). Fields that exist no more are undone into nothing.
func (s *System) unwind(p *process.Process, r record.Record, e *storage.Event, side int) error {
	var b eventBody
	if err := json.Unmarshal([]byte(e.Body), &b); err != nil {
		return fmt.Errorf("event %d of %s: %w", e.N, e.Record, err)
	}
	h := r.Head()
	for name, pair := range b.Set {
		if prefix, key, ok := strings.Cut(name, "."); ok {
			unwindMap(h, prefix, key, pair[side])
			continue
		}
		f := p.Shape.Field(name)
		if f == nil {
			for _, g := range p.Shape.Fields {
				if g.Was == name {
					f = g
				}
			}
		}
		if f == nil {
			continue
		}
		if err := f.Of(r).SetJSON(s.unseal(e.Record, pair[side])); err != nil {
			return fmt.Errorf("event %d of %s: field %s: %w", e.N, e.Record, name, err)
		}
		if name == "state" {
			st, _ := p.State(string(h.State))
			h.Phase = record.Choice(st.Phase)
		}
	}
	for name, changes := range b.Lines {
		if l := p.Shape.Line(name); l != nil && !isContentLine(p, l) {
			if err := unwindLines(l, r, changes, side); err != nil {
				return fmt.Errorf("event %d of %s: %w", e.N, e.Record, err)
			}
		}
	}
	return nil
}

// sealed says that a value is ciphertext whose key may be gone; it reads as blank.
func sealed(v json.RawMessage) bool { return strings.HasPrefix(string(v), `{"sealed":`) }

func isContentLine(p *process.Process, l *record.LineKind) bool {
	for _, c := range p.ContentLines {
		if c == l {
			return true
		}
	}
	return false
}

func unwindMap(h *record.Header, prefix, key string, v json.RawMessage) {
	target := &h.Custom
	if prefix == "blanks" {
		target = &h.Blanks
	}
	m := map[string]json.RawMessage{}
	if *target != "" {
		_ = json.Unmarshal([]byte(*target), &m) // canonical by construction
	}
	if string(v) == "null" {
		delete(m, key)
	} else {
		m[key] = v
	}
	*target = canonicalMap(m)
}

// unwindLines puts lines back as they were.
func unwindLines(l *record.LineKind, r record.Record, changes map[string][2]json.RawMessage, side int) error {
	base := record.BaseOf(r)
	for text, pair := range changes {
		id, err := record.ParseID(text)
		if err != nil {
			return err
		}
		at := -1
		for i := range l.Len(base) {
			if l.Head(l.Each(base, i)).ID == id {
				at = i
			}
		}
		v := pair[side]
		if string(v) == "null" {
			if at >= 0 {
				l.Remove(base, at)
			}
			continue
		}
		if at < 0 {
			at = l.Len(base)
			l.Resize(base, at+1)
			l.Head(l.Each(base, at)).ID = id
		}
		var obj map[string]json.RawMessage
		if err := json.Unmarshal(v, &obj); err != nil {
			return err
		}
		p := l.Each(base, at)
		for _, f := range l.Shape.Fields {
			if f.Hidden || f.Name == "id" {
				continue
			}
			c := f.At(p)
			c.Clear()
			if raw, ok := obj[f.Name]; ok {
				if err := c.SetJSON(raw); err != nil {
					return err
				}
			}
		}
		_ = l.Head(p).Pos.SetJSON(obj["pos"])
	}
	sortLines(l, base)
	return nil
}

func sortLines(l *record.LineKind, base storage.Part) {
	n := l.Len(base)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool {
		return l.Head(l.Each(base, order[i])).Pos < l.Head(l.Each(base, order[j])).Pos
	})
	l.Reorder(base, order)
}

// AsOf is the record as of an instant: what was so (or, with known, what Steward knew). NotFound
// when it was not there yet. Versioned content is that of the version in force that day.
func (s *System) AsOf(ctx context.Context, actor *access.Principal, name, ref string, at time.Time, known bool) (*Result, error) {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return nil, err
	}
	h := res.Record.Head()
	es, err := s.events(ctx, h.ID, 0, 0)
	if err != nil {
		return nil, err
	}
	rec, err := s.rewind(res.Process, res.Record, es, record.At(at), known)
	if err != nil {
		return nil, err
	}
	if rec == nil {
		return nil, fault.New(fault.NotFound, "there was no such %s then", name)
	}
	out := &Result{Process: res.Process, Record: rec}
	if res.Process.Versioned {
		vs, err := s.Store.Versions(ctx, res.Process, h.ID)
		if err != nil {
			return nil, err
		}
		day := record.Day(at.In(s.opt.Zone))
		drafts := actor.Drafts(name)
		for _, c := range vs {
			if !drafts && (c.Version.Status != record.VersionApproved || c.Version.DecidedAt > record.At(at)) {
				continue
			}
			if c.Version.InForce(day) && c.Version.DecidedAt <= record.At(at) || c.Version.DraftedAt <= record.At(at) && out.Version == nil {
				out.Version = c.Version
				for _, f := range res.Process.Content {
					f.Of(rec).Copy(f.Of(c.Record))
				}
				for _, l := range res.Process.ContentLines {
					copyLines(l, rec, c.Record)
				}
			}
		}
		if out.Version == nil { // what was approved later was not so then
			fresh := res.Process.New()
			for _, f := range res.Process.Content {
				f.Of(rec).Copy(f.Of(fresh))
			}
			for _, l := range res.Process.ContentLines {
				copyLines(l, rec, fresh)
			}
		}
	}
	return out, nil
}

func copyLines(l *record.LineKind, to, from record.Record) {
	dst, src := record.BaseOf(to), record.BaseOf(from)
	n := l.Len(src)
	l.Resize(dst, 0)
	l.Resize(dst, n)
	for i := range n {
		for _, f := range l.Shape.Fields {
			f.At(l.Each(dst, i)).Copy(f.At(l.Each(src, i)))
		}
	}
}

// rewind is the pure step: the record with every event after at taken back; nil when it was not
// there yet. es are all its events in order of n. A disordered record (an event that occurred
// before its predecessor) is folded forward from its start in order of time instead.
func (s *System) rewind(p *process.Process, now record.Record, es []*storage.Event, at record.Instant, known bool) (record.Record, error) {
	when := func(e *storage.Event) record.Instant {
		if known {
			return e.At
		}
		return e.OccurredAt
	}
	r := p.Shape.Clone(now).(record.Record)
	h := r.Head()
	if bool(h.Disordered) && !known {
		r = p.New()
		n := r.Head()
		*n = record.Header{ID: h.ID, Num: h.Num, CreatedBy: h.CreatedBy, Disordered: true, ExternalSource: h.ExternalSource, ExternalID: h.ExternalID}
		for i := len(es) - 1; i >= 0; i-- { // everything back first, so that fields without an event stay
			if err := s.unwind(p, r, es[i], 0); err != nil {
				return nil, err
			}
		}
		ordered := append([]*storage.Event(nil), es...)
		sort.SliceStable(ordered, func(i, j int) bool {
			if ordered[i].N == 1 || ordered[j].N == 1 { // nothing is before its making
				return ordered[i].N == 1 && ordered[j].N != 1
			}
			return ordered[i].OccurredAt < ordered[j].OccurredAt
		})
		there := func(e *storage.Event) bool { return e.OccurredAt <= at }
		if !slices.ContainsFunc(ordered, there) {
			return nil, nil
		}
		for _, e := range ordered {
			if e.N != 1 && !there(e) { // it is as old as the oldest of it, with what it was made with
				continue
			}
			if err := s.unwind(p, r, e, 1); err != nil {
				return nil, err
			}
			stamp(r.Head(), e)
		}
		n.UpdatedAt = min(n.UpdatedAt, at)
		return r, nil
	}
	left := 0
	for i := len(es) - 1; i >= 0; i-- {
		if when(es[i]) <= at {
			left = i + 1
			break
		}
		if err := s.unwind(p, r, es[i], 0); err != nil {
			return nil, err
		}
	}
	if left == 0 {
		return nil, nil
	}
	last := es[left-1]
	h.N, h.Revision, h.UpdatedAt = last.N, last.Revision, last.OccurredAt
	return r, nil
}

// stamp sets the counters that an event's own columns tell.
func stamp(h *record.Header, e *storage.Event) {
	h.N, h.Revision = e.N, e.Revision
	if e.OccurredAt > h.UpdatedAt {
		h.UpdatedAt = e.OccurredAt
	}
	if h.CreatedAt == 0 || e.OccurredAt < h.CreatedAt {
		h.CreatedAt = e.OccurredAt
	}
}

// asofCache keeps the last few wound back processes, since pages follow pages.
type asofCache struct {
	mu   sync.Mutex
	kept []*keptSet
}

type keptSet struct {
	process string
	until   time.Time
	known   bool
	made    time.Time
	leaf    string             // the imports that it knows of
	newest  record.Instant     // of what had happened when it was made or topped up
	have    map[record.ID]bool // the records in it
	set     *storage.WoundBack
	users   int
	dropped bool
}

// asofKept is how many wound back processes are kept, each on a connection of its own.
const asofKept = 3

// asofLife is how long one serves: what changes meanwhile changes the past only through imports.
const asofLife = 2 * time.Minute

func (c *asofCache) take(ctx context.Context, s *System, p *process.Process, until time.Time, known bool) (*storage.WoundBack, func(), error) {
	if until.After(s.Now()) {
		return nil, nil, fault.New(fault.BadQuery, "as_of lies in the future: nobody knows yet")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	imported, err := s.Store.Meta(ctx, "imported:"+p.Name) // what was known late changes the past
	if err != nil {
		return nil, nil, err
	}
	newest, err := s.Store.Newest(ctx, p, known)
	if err != nil {
		return nil, nil, err
	}
	for i, k := range c.kept {
		if k.process == p.Name && k.until.Equal(until) && k.known == known {
			if time.Since(k.made) < asofLife && k.leaf == imported {
				if err := k.topUp(ctx, s, p, newest); err != nil {
					return nil, nil, err
				}
				k.users++
				return k.set, func() { c.release(k) }, nil
			}
			c.kept = append(c.kept[:i], c.kept[i+1:]...)
			c.drop(k)
			break
		}
	}
	var rows []record.Record
	err = s.Store.Since(ctx, p, until, known, func(r record.Record, es []*storage.Event) error {
		back, err := s.rewindListed(ctx, p, r, es, record.At(until), known)
		if back != nil {
			rows = append(rows, back)
		}
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	k := &keptSet{process: p.Name, until: until, known: known, made: time.Now(), leaf: imported, newest: newest, have: map[record.ID]bool{}, set: &storage.WoundBack{Until: until, Known: known}, users: 1}
	if err := s.Store.WindBack(ctx, p, k.set, k.fresh(p, rows)); err != nil {
		return nil, nil, err
	}
	c.kept = append(c.kept, k)
	for len(c.kept) > asofKept {
		old := c.kept[0]
		c.kept = c.kept[1:]
		c.drop(old)
	}
	return k.set, func() { c.release(k) }, nil
}

func (c *asofCache) release(k *keptSet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k.users--
	if k.users == 0 && k.dropped {
		k.set.Close()
	}
}

func (c *asofCache) drop(k *keptSet) {
	k.dropped = true
	if k.users == 0 {
		k.set.Close()
	}
}

// Close lets go of what is held open for lists of the past.
func (c *asofCache) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.kept {
		c.drop(k)
	}
	c.kept = nil
}

// fresh are those of rows that the set does not hold yet; it holds them from now on.
func (k *keptSet) fresh(p *process.Process, rows []record.Record) []record.Record {
	out := rows[:0]
	for _, r := range rows {
		id := r.Head().ID
		if k.have[id] {
			continue
		}
		k.have[id] = true
		out = append(out, r)
		if len(p.RecordLines) > 0 {
			if k.set.Lines == nil {
				k.set.Lines = map[record.ID]record.Record{}
			}
			k.set.Lines[id] = r
		}
	}
	return out
}

// topUp winds back the records that were touched since the set was made: they stood among the
// untouched ones until then.
func (k *keptSet) topUp(ctx context.Context, s *System, p *process.Process, newest record.Instant) error {
	if newest <= k.newest {
		return nil
	}
	var rows []record.Record
	err := s.Store.Since(ctx, p, k.newest.Time(), k.known, func(r record.Record, es []*storage.Event) error {
		if k.have[r.Head().ID] {
			return nil
		}
		back, err := s.rewindListed(ctx, p, r, es, record.At(k.until), k.known)
		if back != nil {
			rows = append(rows, back)
		}
		return err
	})
	if err != nil {
		return err
	}
	k.newest = newest
	return s.Store.WindBack(ctx, p, k.set, k.fresh(p, rows))
}

// rewindListed is rewind for a list: es are only the events after the instant, newest first.
func (s *System) rewindListed(ctx context.Context, p *process.Process, r record.Record, es []*storage.Event, at record.Instant, known bool) (record.Record, error) {
	h := r.Head()
	if bool(h.Disordered) && !known {
		all, err := s.events(ctx, h.ID, 0, 0)
		if err != nil {
			return nil, err
		}
		return s.rewind(p, r, all, at, known)
	}
	if len(es) == 0 {
		return nil, errors.New("system: a row was touched after an instant without an event: run `steward doctor`")
	}
	first := es[len(es)-1]
	if first.N == 1 {
		return nil, nil // made after the instant
	}
	for _, e := range es {
		if err := s.unwind(p, r, e, 0); err != nil {
			return nil, err
		}
	}
	h.N = first.N - 1
	h.UpdatedAt = at // it was last touched no later than then; the exact instant stands in its history
	return r, nil
}
