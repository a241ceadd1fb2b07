package demo

import (
	"fmt"
	"time"

	"steward/kernel/calendar"
	"steward/kernel/clock"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/agreement/calendars"
	"steward/sms/resolution/incident"
)

// promises is what the demo's customers were promised, as far as a story has to know it: while a
// story is told nobody's timers run, so whoever watched the clock then has to escalate in it.
type promises struct {
	hours   *calendar.Calendar
	policy  *incident.Policy
	targets [][]map[int]time.Duration // by customer, then response and resolution, by priority
}

func (l *load) promised(c *calendars.Calendar, p *incident.Policy) (*promises, error) {
	hours, problems := calendar.Compile(c.Spec())
	if len(problems) > 0 {
		return nil, fmt.Errorf("demo: the calendar: %v", problems)
	}
	out := &promises{hours: hours, policy: p}
	for _, c := range l.p.Customers {
		by := []map[int]time.Duration{{}, {}}
		for priority, pair := range c.Targets {
			for i, text := range pair {
				var d record.Duration
				if err := d.SetJSON(record.AppendString(nil, text)); err != nil {
					return nil, fmt.Errorf("demo: targets of %s: %w", c.Name, err)
				}
				by[i][priority] = d.Go()
			}
		}
		out.targets = append(out.targets, by)
	}
	return out, nil
}

// watched lets the desk escalate where a promise ran out, a minute or two after it did, as the desk
// is told to: it follows the clocks through what happened, and puts the escalations between.
func (s *story) watched(p *promises, customer, impact, urgency int) error {
	priority, refusal := p.policy.Priority(int64(impact), int64(urgency))
	if refusal != nil {
		return fmt.Errorf("demo: %s", refusal.Mend)
	}
	desk := s.cmds[0].By
	type promise struct {
		clock.Clock
		what string
		told bool
	}
	var all [2]*promise
	for i, what := range []string{"answer", "solution"} {
		all[i] = &promise{Clock: clock.Clock{Target: p.targets[customer][i][int(priority)]}, what: what}
		all[i].Start(s.cmds[0].OccurredAt)
	}
	var out []lifecycle.Command
	late := func(now time.Time) {
		for _, c := range all {
			due := c.DueAt(p.hours)
			if c.told || !c.EndedAt.IsZero() || due.IsZero() || !due.Before(now) || c.RunningSince().IsZero() {
				continue
			}
			c.told = true
			at := due.Add(90 * time.Second)
			if !at.Before(now) {
				at = due.Add(now.Sub(due) / 2)
			}
			out = append(out, lifecycle.Command{Process: "incident", Record: s.id, Verb: "transition", Name: "escalate", By: desk, OccurredAt: at, Door: "demo",
				Reason: "the promised time for the " + c.what + " has run out: the team's lead and the process owner look at it"})
		}
	}
	for i, c := range s.cmds {
		if i > 0 {
			late(c.OccurredAt)
		}
		out = append(out, c)
		answer, solution := all[0], all[1]
		switch {
		case c.Verb == "comment" && string(c.Set["internal"]) == "false":
			answer.End(c.OccurredAt)
		case c.Name == "start":
			answer.End(c.OccurredAt)
		case c.Name == "wait":
			answer.Pause(c.OccurredAt)
			solution.Pause(c.OccurredAt)
		case c.Name == "resume":
			answer.End(c.OccurredAt)
			solution.Resume(c.OccurredAt)
		case c.Name == "resolve" || c.Name == "close":
			answer.End(c.OccurredAt)
			solution.End(c.OccurredAt)
		case c.Name == "reopen":
			solution.Reopen(c.OccurredAt)
		}
	}
	late(s.l.now)
	s.cmds = out
	return nil
}
