package system

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// backlogLimit is how many timers may be overdue at once before Steward asks before it acts: a
// clock that jumped must not set off a storm of escalations.
const backlogLimit = 1000

// setTimer sets, moves or (with 0) takes away the timer key of a record.
func (u *unit) setTimer(id record.ID, processName, key string, at record.Instant) {
	t := &storage.Timer{Subject: id, Process: record.Text(processName), Key: record.Text(key), At: at}
	for i, x := range u.pend.timers {
		if x.Subject == id && x.Key == t.Key {
			u.pend.timers[i] = t
			return
		}
	}
	u.pend.timers = append(u.pend.timers, t)
}

// DueTimers are the timers due by now, earliest first.
func (s *System) DueTimers(ctx context.Context, now time.Time, limit int) ([]*storage.Timer, error) {
	at := record.At(now)
	return rowsOf[storage.Timer](ctx, s, storage.TTimer, []storage.Cond{{Col: "at", Op: "<=", Val: &at}}, "t.at", limit)
}

// Fire claims one due timer and carries out what it stands for, in one transaction: the effect
// happens once, on whichever node is first.
func (s *System) Fire(ctx context.Context, t *storage.Timer) error {
	now := s.Now()
	claim := s.Store.Remove(storage.TTimer, []storage.Cond{storage.Eq("subject", &t.Subject), storage.Eq("key", &t.Key), storage.Eq("at", &t.At)}, 1)
	p := s.Registry.Process(string(t.Process))
	if p == nil {
		return s.Store.Apply(ctx, []storage.Statement{claim})
	}
	for try := 1; ; try++ {
		u := s.unit(ctx, s.self)
		u.now = now
		u.claim = []storage.Statement{claim}
		w, err := u.load(p, lifecycle.Command{Process: p.Name, Record: t.Subject})
		if err != nil {
			if fault.Is(err, fault.NotFound) {
				return s.Store.Apply(ctx, []storage.Statement{claim})
			}
			return err
		}
		if _, err := u.fire(w, string(t.Key)); err != nil {
			return err
		}
		err = u.commit()
		if !errors.Is(err, storage.ErrStale) || try >= attempts {
			if errors.Is(err, storage.ErrStale) {
				return nil // another node was faster, or it was moved: not lost, it is due again
			}
			return err
		}
		left, err := s.timerStands(ctx, t)
		if err != nil || !left {
			return err
		}
	}
}

func (s *System) timerStands(ctx context.Context, t *storage.Timer) (bool, error) {
	rows, err := rowsOf[storage.Timer](ctx, s, storage.TTimer, []storage.Cond{storage.Eq("subject", &t.Subject), storage.Eq("key", &t.Key), storage.Eq("at", &t.At)}, "", 1)
	return len(rows) > 0, err
}

// fire lets the process act on its timer. A clock's timer is a warning or a breach, each of which
// happens exactly once per clock.
func (u *unit) fire(w *work, key string) (*Result, error) {
	cmd := lifecycle.Command{Process: w.p.Name, Record: w.rec.Head().ID, Verb: "timer", Door: "timer"}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	what := key
	if strings.HasPrefix(key, "approval:") {
		w.rec = before
		return u.late(w, key)
	}
	if kind, ok := strings.CutPrefix(key, "clock:"); ok {
		rows, err := u.clocks(w)
		if err != nil {
			return nil, err
		}
		row := clockOf(rows, kind)
		if row == nil || row.EndedAt != 0 {
			return u.claimOnly(w)
		}
		was := *row
		now := record.At(f.Now)
		switch {
		case row.WarnedAt == 0 && row.WarnAt != 0 && row.WarnAt <= now && row.DueAt > now:
			row.WarnedAt, what = now, key+":warned"
		case row.DueAt != 0 && row.DueAt <= now && row.EscalatedAt == 0:
			if row.WarnedAt == 0 {
				row.WarnedAt = now // a warning after the breach helps nobody
			}
			row.EscalatedAt, row.BreachedAt, row.State, what = now, row.DueAt, "breached", key+":breached"
		default:
			u.clockTimer(w.rec.Head().ID, w.p.Name, row, f)
			return u.claimOnly(w)
		}
		cols := u.changed(storage.TClock, storage.Part(row), storage.Part(&was))
		u.stmts = append(u.stmts, u.s.Store.Update(storage.TClock, cols, []storage.Cond{storage.Eq("id", &row.ID)}, -1, storage.Part(row)))
		u.clockTimer(w.rec.Head().ID, w.p.Name, row, f)
		change := clockChange(&was, row)
		f.Out.Mark = map[string]string{"timer": what}
		return u.timed(w, before, cmd, f, what, func(b *body) { b.put("clock", kind, change) })
	}
	return u.timed(w, before, cmd, f, what)
}

func (u *unit) timed(w *work, before record.Record, cmd lifecycle.Command, f *lifecycle.Facts, what string, parts ...func(*body)) (*Result, error) {
	if err := u.clockFacts(w, f); err != nil {
		return nil, err
	}
	f.Clocks = nil // finish tells them again
	if w.p.Timer != nil {
		if w.p.Load != nil {
			data, err := w.p.Load(u.ctx, u.reader(), w.rec, f)
			if err != nil {
				return nil, err
			}
			f.Data = data
		}
		w.p.Timer(w.rec, what, f)
	}
	if f.Out.Mark == nil {
		f.Out.Mark = map[string]string{}
	}
	f.Out.Mark["timer"] = what
	cmd.Name = what
	return u.finish(w, before, cmd, f, nil, nil, 0, parts...)
}

func (u *unit) claimOnly(w *work) (*Result, error) {
	return &Result{Process: w.p, Record: w.rec, Version: w.version}, nil
}

// Start runs what runs by itself: timers, the log's sequencer and the keeping of looks. Stop ends
// them and waits.
func (s *System) Start(ctx context.Context) {
	ctx, s.stop = context.WithCancel(ctx)
	s.bg.Add(3)
	go func() { defer s.bg.Done(); s.runLooks(ctx) }()
	go func() { defer s.bg.Done(); s.runTimers(ctx) }()
	go func() { defer s.bg.Done(); s.runLog(ctx) }()
}

// Stop ends what Start began.
func (s *System) Stop() {
	if s.stop != nil {
		s.stop()
	}
	s.bg.Wait()
}

// runTimers fires what is due, sleeping until the earliest timer or the next commit.
func (s *System) runTimers(ctx context.Context) {
	woken, done := s.Woken()
	defer done()
	held := false
	for ctx.Err() == nil {
		due, err := s.DueTimers(ctx, s.Now(), backlogLimit+1)
		switch {
		case err != nil:
			if ctx.Err() == nil {
				s.opt.Log.Error("timers", "error", err)
			}
			pause(ctx, nil, time.Second)
		case len(due) > 0:
			if len(due) > backlogLimit && s.oldBacklog(due) {
				if !held {
					s.opt.Log.Error("timers are held: too many are overdue at once, as after a jump of the clock",
						"overdue", len(due), "mend", "check the clock, then run `steward doctor --release-timers`")
				}
				held = true
				if !s.released(ctx) {
					pause(ctx, nil, 5*time.Second)
					continue
				}
			}
			held = false
			s.fireAll(ctx, due)
		default:
			pause(ctx, woken, s.untilNext(ctx))
		}
	}
}

// released reports whether somebody let held timers run within the last day; the next jump of the
// clock is asked about anew.
func (s *System) released(ctx context.Context) bool {
	v, err := s.Store.Meta(ctx, "release_timers")
	if err != nil {
		return false
	}
	at, err := time.Parse(time.RFC3339Nano, v)
	return err == nil && s.Now().Sub(at).Abs() < 24*time.Hour
}

// oldBacklog reports whether most of the backlog is long overdue: a jump of the clock, not a busy
// minute or a short stop.
func (s *System) oldBacklog(due []*storage.Timer) bool {
	return s.Now().Sub(due[len(due)/2].At.Time()) > 30*24*time.Hour
}

func (s *System) fireAll(ctx context.Context, due []*storage.Timer) {
	work := make(chan *storage.Timer)
	var wg sync.WaitGroup
	for range min(16, len(due)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for t := range work {
				if err := s.Fire(ctx, t); err != nil && ctx.Err() == nil {
					s.opt.Log.Error("timer", "process", t.Process, "record", t.Subject, "key", t.Key, "error", err)
					s.postpone(ctx, t)
				}
			}
		}()
	}
	for _, t := range due {
		select {
		case work <- t:
		case <-ctx.Done():
		}
	}
	close(work)
	wg.Wait()
}

// postpone moves a timer that cannot be carried out, so that it does not hold up the others.
func (s *System) postpone(ctx context.Context, t *storage.Timer) {
	later := *t
	later.At = record.At(s.Now().Add(time.Minute))
	st := s.Store.Update(storage.TTimer, []string{"at"}, []storage.Cond{storage.Eq("subject", &t.Subject), storage.Eq("key", &t.Key), storage.Eq("at", &t.At)}, -1, storage.Part(&later))
	if err := s.Store.Apply(ctx, []storage.Statement{st}); err != nil {
		s.opt.Log.Error("timer", "key", t.Key, "error", err)
	}
}

// untilNext is how long to sleep: until the earliest timer, at most a second, since another
// node may have set one.
func (s *System) untilNext(ctx context.Context) time.Duration {
	rows, err := rowsOf[storage.Timer](ctx, s, storage.TTimer, nil, "t.at", 1)
	if err != nil || len(rows) == 0 {
		return time.Second
	}
	return min(max(rows[0].At.Time().Sub(s.Now()), time.Millisecond), time.Second)
}

// pause waits for d, for woken or for the end of ctx. A burst of commits wakes it once.
func pause(ctx context.Context, woken <-chan struct{}, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-woken:
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	case <-t.C:
	}
}
