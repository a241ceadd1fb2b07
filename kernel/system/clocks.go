package system

import (
	"fmt"
	"time"

	"steward/kernel/calendar"
	"steward/kernel/clock"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// warnShare is the part of a target after which people are warned when nothing else is said.
const warnShare = 0.75

// clocks loads the clocks of a record, once per unit.
func (u *unit) clocks(w *work) ([]*storage.Clock, error) {
	if w.loadedClocks {
		return w.clocks, nil
	}
	rows, err := u.s.Clocks(u.ctx, w.rec.Head().ID)
	if err != nil {
		return nil, err
	}
	w.clocks, w.loadedClocks = rows, true
	return rows, nil
}

// clockFacts tells the decision which clocks there are and what they are pinned to.
func (u *unit) clockFacts(w *work, f *lifecycle.Facts) error {
	if w.p.Clocks == nil {
		return nil
	}
	rows, err := u.clocks(w)
	if err != nil {
		return err
	}
	for _, c := range rows {
		f.Clocks = append(f.Clocks, &lifecycle.Clock{Kind: string(c.Kind), Key: string(c.Key), State: string(c.State),
			Line: c.Line, Agreement: c.Agreement, AgreementVersion: c.AgreementVersion, Calendar: c.Calendar,
			CalendarVersion: c.CalendarVersion, Target: time.Duration(c.TargetS) * time.Second,
			DueAt: c.DueAt.Time(), BreachedAt: c.BreachedAt.Time(), EndedAt: c.EndedAt.Time()})
	}
	return nil
}

// runClocks moves the record's clocks to what its state and its promises now say: it starts,
// pauses, resumes, ends and retargets them, and sets the one timer of each.
func (u *unit) runClocks(w *work, f *lifecycle.Facts, b *body) error {
	if w.p.Clocks == nil {
		return nil
	}
	rows, err := u.clocks(w)
	if err != nil {
		return err
	}
	h := w.rec.Head()
	var due record.Instant
	for _, spec := range w.p.Clocks(w.rec, f) {
		row := clockOf(rows, spec.Kind)
		fresh := row == nil
		if fresh {
			row = &storage.Clock{ID: record.NewID(u.now), Record: h.ID, Process: record.Text(w.p.Name), Kind: record.Text(spec.Kind)}
			w.clocks = append(w.clocks, row)
		}
		was := *row
		if err := moveClock(row, spec, lifecycle.Phase(h.Phase), f.Now, fresh); err != nil {
			return err
		}
		if row.State == "running" && row.DueAt != 0 && (due == 0 || row.DueAt < due) {
			due = row.DueAt
		}
		if *row != was || fresh {
			if fresh {
				u.stmts = append(u.stmts, u.s.Store.Insert(storage.TClock, nil, storage.Part(row)))
			} else {
				cols := u.changed(storage.TClock, storage.Part(row), storage.Part(&was))
				u.stmts = append(u.stmts, u.s.Store.Update(storage.TClock, cols, []storage.Cond{storage.Eq("id", &row.ID)}, -1, storage.Part(row)))
			}
			b.put("clock", spec.Kind, clockChange(&was, row))
			u.clockTimer(h.ID, w.p.Name, row, f)
		}
	}
	h.DueAt = due
	return nil
}

func clockOf(rows []*storage.Clock, kind string) *storage.Clock {
	for _, r := range rows {
		if string(r.Kind) == kind {
			return r
		}
	}
	return nil
}

// moveClock is the pure step: the row as it should stand after what has happened by now.
func moveClock(row *storage.Clock, spec lifecycle.ClockSpec, phase lifecycle.Phase, now time.Time, fresh bool) error {
	c := clock.Clock{Target: time.Duration(row.TargetS) * time.Second, EndedAt: row.EndedAt.Time()}
	if row.Spans != "" {
		if err := c.Spans.UnmarshalText([]byte(row.Spans)); err != nil {
			return fmt.Errorf("clock %s: %w", row.ID, err)
		}
	}
	if fresh {
		c.Target = spec.Target
		c.Start(spec.From)
	}
	if c.EndedAt.IsZero() { // an ended clock keeps what it was measured by
		c.Target = spec.Target
		row.Key, row.Line = record.Text(spec.Key), spec.Line
		row.Agreement, row.AgreementVersion = spec.Agreement, spec.AgreementVersion
		row.Calendar, row.CalendarVersion = spec.Calendar, spec.CalendarVersion
	}
	switch {
	case !spec.Ended.IsZero():
		c.End(spec.Ended)
	case phase == lifecycle.Waiting:
		c.Pause(now)
	case phase == lifecycle.Done || phase == lifecycle.Void:
		c.End(now)
	default:
		c.Reopen(now)
		c.Resume(now)
	}
	if row.EndedAt != 0 && record.At(c.EndedAt) == row.EndedAt {
		return nil // what it came to has been reported: another calendar does not change it
	}
	spans, err := c.Spans.MarshalText()
	if err != nil {
		return err
	}
	row.TargetS = record.Count(c.Target / time.Second)
	row.StartedAt, row.Spans, row.EndedAt = record.At(c.StartedAt()), record.Prose(spans), record.At(c.EndedAt)
	row.DueAt = record.At(c.DueAt(spec.Hours))
	share := spec.Warn
	if share == 0 {
		share = warnShare
	}
	row.WarnAt = record.At(c.WarnAt(spec.Hours, share))
	row.BreachedAt = record.At(c.BreachedAt(spec.Hours, now))
	row.State = record.Choice(c.State(spec.Hours, now))
	return nil
}

// clockTimer sets the clock's next instant: the warning, then the breach. While it stands still,
// or when it has ended, there is none.
func (u *unit) clockTimer(id record.ID, processName string, row *storage.Clock, f *lifecycle.Facts) {
	next := record.Instant(0)
	if row.EndedAt == 0 && row.DueAt != 0 && row.State != "paused" {
		switch {
		case row.WarnedAt == 0 && row.WarnAt != 0 && row.BreachedAt == 0:
			next = row.WarnAt
		case row.EscalatedAt == 0:
			next = row.DueAt
		}
	}
	if now := u.s.Now(); f.Replay && next != 0 && next.Time().Before(now) {
		next = 0 // an import raises no alarms for what is long past
		if row.EscalatedAt == 0 && row.DueAt.Time().After(now) {
			next = row.DueAt // but it does for what lies ahead
		}
	}
	u.setTimer(id, processName, "clock:"+string(row.Kind), next)
}

func clockChange(was, now *storage.Clock) []byte {
	m := map[string][]byte{}
	for _, c := range storage.TClock.Cols {
		switch c.Name {
		case "id", "record", "process", "kind", "spans":
			continue
		}
		x, y := c.Column.At(storage.Part(was)), c.Column.At(storage.Part(now))
		if !x.Equal(y) {
			m[c.Name] = pair(x, y)
		}
	}
	out := newBody()
	for k, v := range m {
		out.put("c", k, v)
	}
	if out.empty() {
		return []byte("{}")
	}
	return []byte(canonicalMap(out.parts["c"]))
}

// Elapsed is the working time a clock has used by now on its calendar.
func Elapsed(row *storage.Clock, hours *calendar.Calendar, now time.Time) (time.Duration, error) {
	c := clock.Clock{Target: time.Duration(row.TargetS) * time.Second, EndedAt: row.EndedAt.Time()}
	if err := c.Spans.UnmarshalText([]byte(row.Spans)); err != nil {
		return 0, err
	}
	return c.Elapsed(hours, now), nil
}
