package system

import (
	"context"
	"errors"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// attempts is how often a command is decided again when somebody was faster.
const attempts = 6

// depth is how deep the commands of a decision's effects may lead to further ones.
const depth = 4

// Result is what a command left behind.
type Result struct {
	Process *process.Process
	Record  record.Record
	Version *record.Version // of a versioned process: the one the command was about, else the one shown
	Side    any             // the comment, link, attachment, round or vote that was made
	Fresh   bool            // the record was made by this command
}

// Ref is the record's ref, such as INC-42.
func (r *Result) Ref() string { return r.Process.Ref(r.Record.Head().Num) }

// unit is the work of one transaction: what was loaded, what will be written.
type unit struct {
	s       *System
	ctx     context.Context
	actor   *access.Principal
	now     time.Time
	stmts   []storage.Statement
	works   map[record.ID]*work
	touch   map[string][]record.ID // configuration records that change, for the cache
	grants  map[record.ID]bool     // records that the actor was granted within this unit
	extra   []storage.Statement    // of the door: an idempotency row
	notices []noticeOf
	pend    *pending
	events  int
	claim   []storage.Statement // comes first: the timer that this unit claims

	signsOut bool // sessions end with it
}

// pending is what is written once, at the end of the unit.
type pending struct {
	order  []*work          // records in the order in which they were first changed
	timers []*storage.Timer // the last word on each timer
}

// work is one record in a unit: as it now would be.
type work struct {
	p            *process.Process
	rec          record.Record
	version      *record.Version
	clocks       []*storage.Clock // nil until loaded
	loadedClocks bool
	fresh        bool
	last         record.Instant // newest occurred_at
	num          *storage.Num
	stored       record.Record // as the database has it; nil for a new one
	dirty        bool
	text         string // of the full text, when indexed
	indexed      bool
	asked        *asking // nil until loaded
}

// Do carries out one command for actor. keep are statements of the door's own that belong into
// the same transaction.
func (s *System) Do(ctx context.Context, actor *access.Principal, cmd lifecycle.Command, keep ...storage.Statement) (*Result, error) {
	res, err := s.transact(ctx, actor, keep, func(u *unit) (*Result, error) { return u.do(cmd, 0) })
	return res, err
}

// Timed is Do for commands whose effects belong to a timer that is claimed with them.
func (s *System) transact(ctx context.Context, actor *access.Principal, keep []storage.Statement, f func(*unit) (*Result, error)) (*Result, error) {
	for try := 1; ; try++ {
		u := s.unit(ctx, actor)
		u.extra = keep
		res, err := f(u)
		if err != nil {
			return nil, err
		}
		err = u.commit()
		if err == nil {
			u.number(res)
			return res, nil
		}
		if errors.Is(err, storage.ErrStale) && try < attempts {
			continue
		}
		return nil, storageFault(err)
	}
}

func (s *System) unit(ctx context.Context, actor *access.Principal) *unit {
	return &unit{s: s, ctx: ctx, actor: actor, now: s.Now(), works: map[record.ID]*work{}, touch: map[string][]record.ID{}, pend: &pending{}}
}

// DoAll carries out commands in order, all or nothing: one transaction. A later command may name
// a record made by an earlier one by its Command.ID.
func (s *System) DoAll(ctx context.Context, actor *access.Principal, cmds []lifecycle.Command, keep ...storage.Statement) ([]*Result, int, error) {
	for try := 1; ; try++ {
		u := s.unit(ctx, actor)
		u.extra = keep
		out := make([]*Result, 0, len(cmds))
		for i, cmd := range cmds {
			res, err := u.do(cmd, 0)
			if err != nil {
				return nil, i, err
			}
			out = append(out, res)
		}
		err := u.commit()
		if err == nil {
			u.number(out...)
			return out, -1, nil
		}
		if errors.Is(err, storage.ErrStale) && try < attempts {
			continue
		}
		return nil, -1, storageFault(err)
	}
}

// number tells the results the numbers that the commit gave: a record that was changed again in the
// same unit has moved on from what an earlier result holds.
func (u *unit) number(results ...*Result) {
	for _, r := range results {
		if r == nil || r.Record.Head().Num != 0 {
			continue
		}
		if w := u.works[r.Record.Head().ID]; w != nil && w.num != nil {
			r.Record.Head().Num = record.Count(w.num.N)
		}
	}
}

func (u *unit) commit() error {
	u.stmts = append(u.stmts, u.extra...)
	if err := u.flushNotices(); err != nil {
		return err
	}
	if len(u.touch) > 0 {
		u.stmts = append(u.stmts, u.s.Store.Bump("config_epoch"))
	}
	claim := u.claim
	if err := u.s.Store.Apply(u.ctx, append(claim, u.rows()...)); err != nil {
		return err
	}
	for _, w := range u.works {
		if w.num != nil {
			w.rec.Head().Num = record.Count(w.num.N)
		}
	}
	u.s.cache.landed(u.touch)
	if u.signsOut {
		u.s.forgetTokens()
	}
	u.s.committed()
	return nil
}

func storageFault(err error) error {
	var c *storage.Conflict
	switch {
	case errors.As(err, &c):
		if c.Field == "external_source_external_id" || c.Field == "external_id" {
			return fault.New(fault.Conflict, "a record from that source with that external_id is here already")
		}
		return fault.Refuse(lifecycle.Refusal{Field: c.Field, Reason: "taken", Mend: "choose another value: this one is in use"})
	case errors.Is(err, storage.ErrStale):
		e := fault.New(fault.Unavailable, "others keep changing the same record; try again")
		e.Retry = 1
		return e
	case errors.Is(err, storage.ErrUnknown):
		e := fault.New(fault.Unavailable, "whether this was saved is not known; repeat it with the same Idempotency-Key")
		e.Retry = 1
		return e
	case errors.Is(err, storage.ErrBusy):
		e := fault.New(fault.Unavailable, "too much waits to be written; try again")
		e.Retry = 1
		return e
	case errors.Is(err, storage.ErrFull):
		return fault.New(fault.NoSpace, "no space is left to write to; nothing was saved")
	}
	return err
}

// do carries out one command inside the unit.
func (u *unit) do(cmd lifecycle.Command, level int) (*Result, error) {
	if level > depth {
		return nil, fault.New(fault.Conflict, "commands led to commands %d levels deep; stopped", depth)
	}
	if by := cmd.By; by != nil && u.actor.System {
		cmd.By = nil
		as := *u
		as.actor = by
		res, err := as.do(cmd, level)
		u.stmts, u.notices, u.events = as.stmts, as.notices, as.events
		return res, err
	}
	p := u.s.Registry.Process(cmd.Process)
	if p == nil {
		return nil, fault.New(fault.NotFound, "there is no process %s", cmd.Process)
	}
	if cmd.Replay && !u.actor.May(p.Name, "replay") { // it passes guards, whatever the verb
		return nil, fault.New(fault.Denied, "you may not replay %s", p.Name)
	}
	if cmd.Verb == "create" {
		return u.create(p, cmd, level)
	}
	w, err := u.load(p, cmd)
	if err != nil {
		return nil, err
	}
	if cmd.IfMatch > 0 && int64(w.rec.Head().Revision) != cmd.IfMatch {
		e := fault.New(fault.Stale, "the record is at revision %d, you saw %d", w.rec.Head().Revision, cmd.IfMatch)
		e.Current = &Result{Process: p, Record: w.rec, Version: w.version}
		return nil, e
	}
	switch cmd.Verb {
	case "update":
		return u.update(w, cmd, level)
	case "transition":
		return u.transition(w, cmd, level)
	case "comment", "comment_edit", "comment_withdraw":
		return u.comment(w, cmd, level)
	case "link":
		return u.link(w, cmd, level)
	case "unlink":
		return u.unlink(w, cmd, level)
	case "version":
		return u.versionDraft(w, cmd, level)
	case "version_update":
		return u.versionUpdate(w, cmd, level)
	case "version_submit", "version_approve", "version_reject":
		return u.versionDecide(w, cmd, level)
	case "line", "line_update", "line_remove":
		return u.line(w, cmd, level)
	case "attach", "detach":
		return u.attach(w, cmd, level)
	case "grant", "revoke":
		return u.grant(w, cmd, level)
	case "round", "vote", "recount":
		return u.approval(w, cmd, level)
	case "retarget":
		return u.retarget(w, cmd, level)
	case "undo":
		return u.undo(w, cmd, level)
	case "password":
		return u.password(w, cmd, level)
	case "erase":
		return u.erase(w, cmd, level)
	}
	return nil, fault.New(fault.BadRequest, "there is no command %s", cmd.Verb)
}

// load finds the command's record: within this unit, else in the store through the actor's scope.
func (u *unit) load(p *process.Process, cmd lifecycle.Command) (*work, error) {
	id := cmd.Record
	if id.IsZero() {
		var err error
		if id, err = u.s.Resolve(u.ctx, p, cmd.Ref); err != nil {
			return nil, err
		}
	}
	if w := u.works[id]; w != nil {
		return w, nil
	}
	sc := u.actor.Scope(p.Name, p.Shared)
	rec, v, err := u.s.Store.Get(u.ctx, sc, p, id, u.s.Today())
	if err != nil {
		return nil, err
	}
	if rec == nil {
		return nil, fault.New(fault.NotFound, "there is no such %s", p.Name)
	}
	w := &work{p: p, rec: rec, version: v, last: rec.Head().UpdatedAt}
	u.works[id] = w
	return w, nil
}

// occurred is when the command's event was so: now, or what the source says on an import. Events
// of ordinary doors never occur before their predecessor.
func (u *unit) occurred(w *work, cmd lifecycle.Command) (time.Time, bool) {
	at := u.now
	if !cmd.OccurredAt.IsZero() {
		at = cmd.OccurredAt.UTC().Truncate(time.Microsecond)
	}
	if w == nil || record.At(at) > w.last {
		return at, false
	}
	if cmd.Replay {
		return at, record.At(at) < w.last
	}
	return (w.last + 1).Time(), false
}
