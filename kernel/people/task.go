package people

import (
	"context"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// Under is the record that a task belongs to, and whether that must wait for it.
func (t *Task) Under() (parent record.ID, mandatory bool) { return t.Parent, bool(t.Mandatory) }

func ended(ph record.Choice) bool {
	return ph == record.Choice(lifecycle.Done) || ph == record.Choice(lifecycle.Void)
}

// taskFacts are the tasks before and after a task.
type taskFacts struct {
	open int         // tasks it comes after that have not ended
	next []record.ID // tasks that come after it
}

// loadTask reads the graph only for the steps that ask for it.
func loadTask(ctx context.Context, r process.Reader, t *Task, f *lifecycle.Facts) (any, error) {
	k := &taskFacts{}
	switch f.Transition {
	case "complete", "cancel", "reopen", "release":
	default:
		return k, nil
	}
	ends, err := r.Links(ctx, t.ID, "after")
	if err != nil {
		return nil, err
	}
	for _, e := range ends {
		o, err := r.Get(ctx, "task", e.Other)
		if err != nil {
			return nil, err
		}
		switch {
		case o == nil:
		case e.From && !ended(o.Head().Phase):
			k.open++
		case !e.From && !ended(o.Head().Phase):
			k.next = append(k.next, e.Other)
		}
	}
	return k, nil
}

func predecessorsDone(_ *Task, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Data.(*taskFacts).open > 0 {
		return lifecycle.Refuse("", "predecessors_open", "finish the tasks it comes after first")
	}
	return nil
}

func bySteward(_ *Task, f *lifecycle.Facts) []lifecycle.Refusal {
	if !f.Actor.System {
		return lifecycle.Refuse("", "by_steward", "it follows by itself when the tasks it comes after end")
	}
	return nil
}

// release is told to a task whenever one that it comes after ends, or is opened again. Two that end
// at the same moment both tell it, and the second finds the first one's end: it is never forgotten.
func release(t *Task, f *lifecycle.Facts) {
	if ended(t.Phase) {
		return
	}
	if f.Data.(*taskFacts).open > 0 {
		t.ReadyAt = 0
		return
	}
	t.ReadyAt = record.At(f.Now)
	who := t.Assignee
	n := lifecycle.Notice{To: []record.ID{t.Assignee}, Topic: "task_ready", Text: "Ready to be done: " + clip(string(t.Title), 400)}
	if t.Assignee.IsZero() {
		n.Team, who = t.Team, t.Team
	}
	f.Out.Notices = append(f.Out.Notices, n)
	t.shared(f, who, false)
}

func decideTask(t *Task, f *lifecycle.Facts) []lifecycle.Refusal {
	t.DueAt = 0
	if t.Phase == "open" || t.Phase == "waiting" {
		t.DueAt = t.Due
	}
	if t.Kind == "" {
		t.Kind = "step"
	}
	before, _ := f.Before.(*Task)
	if before != nil && before.Parent != t.Parent {
		return lifecycle.Refuse("parent", "fixed", "a task stays under its record")
	}
	if f.Verb == "link" {
		t.ReadyAt = 0 // it may come after one more now
	}
	if before != nil && ended(before.Phase) != ended(t.Phase) {
		for _, id := range f.Data.(*taskFacts).next {
			f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "task", Record: id, Verb: "transition", Name: "release", Reason: "a task it comes after is " + string(t.State)})
		}
	}
	keepAccess(t, before, f)
	return nil
}

// keepAccess lets who does the task (the team, while nobody of it has taken it) see it and the record
// it is under, as long as it is theirs.
func keepAccess(t, before *Task, f *lifecycle.Facts) {
	who := func(t *Task) record.ID {
		switch {
		case t == nil || t.Phase == "void":
			return record.ID{}
		case t.Assignee.IsZero():
			return t.Team
		}
		return t.Assignee
	}
	if was, now := who(before), who(t); was != now {
		t.shared(f, was, true)
		t.shared(f, now, false)
	}
}

func (t *Task) shared(f *lifecycle.Facts, to record.ID, end bool) {
	if to.IsZero() {
		return
	}
	f.Out.Grants = append(f.Out.Grants, lifecycle.Grant{To: to, Why: "task", End: end})
	if !t.Parent.IsZero() {
		f.Out.Grants = append(f.Out.Grants, lifecycle.Grant{To: to, Why: "task:" + t.ID.String(), End: end, On: t.Parent})
	}
}
