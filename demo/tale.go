package demo

import (
	"context"
	"fmt"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// tale is one record and what was done with it, in one transaction. What has to see what was written
// before it (the approval of a version, a plan of actions) is in a further one: a load that is killed
// between the two leaves the record at that step, as a colleague could.
type tale struct {
	l     *load
	title string
	cmds  []lifecycle.Command
	cuts  []int // where a further transaction begins
	at    time.Time
	goes  bool // another tale goes on with it
}

// tell begins a tale by making a record; days is how long ago that was.
func (l *load) tell(process, title, by string, days int, kv ...any) (*tale, record.ID) {
	t := &tale{l: l, title: title, at: l.now.AddDate(0, 0, -days)}
	return t, t.also(process, title, by, kv...)
}

func (t *tale) also(process, title, by string, kv ...any) record.ID {
	id := record.NewID(t.at)
	t.cmds = append(t.cmds, lifecycle.Command{Process: process, Verb: "create", ID: id, By: t.l.who[by], OccurredAt: t.at, Set: set(append([]any{"title", title}, kv...)...)})
	return id
}

// then is the next thing that was done, an hour later.
func (t *tale) then(process string, id record.ID, verb, name, by string, kv ...any) *tale {
	t.at = t.at.Add(time.Hour)
	c := lifecycle.Command{Process: process, Record: id, Verb: verb, Name: name, By: t.l.who[by], OccurredAt: t.at, Set: set(kv...)}
	if verb == "version_submit" || verb == "version_approve" {
		c.Number = 1
	}
	t.cmds = append(t.cmds, c)
	return t
}

// because gives the last thing that was done its reason.
func (t *tale) because(reason string) *tale { t.cmds[len(t.cmds)-1].Reason = reason; return t }

// ago goes on so many days before today.
func (t *tale) ago(days int) *tale { t.at = t.l.now.AddDate(0, 0, -days); return t }

func (t *tale) commit() *tale { t.cuts = append(t.cuts, len(t.cmds)); return t }

func (t *tale) approved(process string, id record.ID) *tale {
	return t.commit().then(process, id, "version_submit", "", "birgit").commit().then(process, id, "version_approve", "", "maren")
}

// end lets it have happened, unless it is here already.
func (t *tale) end(ctx context.Context) error {
	have, err := t.l.o.List(ctx, t.l.o.Self(), system.ListQuery{Process: t.cmds[0].Process, Filter: "title = " + string(record.AppendString(nil, t.title)), Limit: 1})
	if err != nil || len(have.Records) > 0 {
		return err
	}
	return t.give(ctx)
}

// give gives the commands, cut into transactions. Between two of them no timer fires that was due in
// between and is long past: it would happen today, and what the tale tells after it could not have
// happened before. Those that are still due at its end fire then, as reminders of what is overdue.
func (t *tale) give(ctx context.Context) error {
	for i := range t.cmds {
		t.cmds[i].Door = "demo"
	}
	from := 0
	var round *storage.Round
	for _, to := range append(t.cuts, len(t.cmds)) {
		if from == to {
			continue
		}
		asked(t.cmds[from:to], round)
		var past []storage.Statement
		if to < len(t.cmds) || t.goes {
			past = t.past(t.cmds[:to])
		}
		done, i, err := t.l.o.DoAll(ctx, t.l.o.Self(), t.cmds[from:to], past...)
		if err != nil {
			c := t.cmds[from+max(i, 0)]
			return fmt.Errorf("demo: %s %q, %s %s: %w", c.Process, t.title, c.Verb, c.Name, err)
		}
		for _, r := range done {
			if x, ok := r.Side.(*storage.Round); ok {
				round = x
			}
		}
		from = to
	}
	return nil
}

// past takes away the timers of what was told of that are due already.
func (t *tale) past(cmds []lifecycle.Command) []storage.Statement {
	var out []storage.Statement
	seen := map[record.ID]bool{}
	now := record.At(t.l.o.Now())
	for _, c := range cmds {
		id := c.Record
		if c.Verb == "create" {
			id = c.ID
		}
		if !seen[id] {
			seen[id] = true
			out = append(out, t.l.o.Store.Remove(storage.TTimer, []storage.Cond{storage.Eq("subject", &id), {Col: "at", Op: "<=", Val: &now}}, -1))
		}
	}
	return out
}

type line = map[string]any

func because(field, reason string) line { return line{field: line{"reason": reason}} }
