package system

import (
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
)

func (u *unit) gateFacts(w *work, f *lifecycle.Facts) error { return nil }

func (u *unit) approval(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	return nil, fault.New(fault.NotFound, "a %s has no gates", w.p.Name)
}

func (u *unit) openTasks(w *work) (int, error) {
	p := u.s.Registry.Process("task")
	if p == nil {
		return 0, nil
	}
	ts, err := reader{u.s}.Find(u.ctx, "task", `parent = "`+w.rec.Head().ID.String()+`" and mandatory and phase in ("draft", "open", "waiting")`, 1)
	return len(ts), err
}
