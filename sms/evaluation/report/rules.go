package report

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// counted are the figures of a period that has just ended, ready to become an issue.
type counted struct {
	from   time.Time
	to     time.Time
	values []map[string]any
	leaves int64
	broken string // a figure that could not be counted
}

func load(ctx context.Context, r process.Reader, d *Definition, f *lifecycle.Facts) (any, error) {
	c := &counted{}
	if f.Verb != "timer" && f.Transition != "issue" {
		return c, nil
	}
	c.to = f.Now
	if f.Verb == "timer" && d.NextIssue != 0 {
		c.to = d.NextIssue.Time()
	}
	every, err := catalogue.ParsePeriod(string(d.Frequency))
	if err != nil {
		return c, nil
	}
	c.from = every.Before(c.to)
	for _, x := range d.Figures {
		v := map[string]any{"label": string(x.Label), "query": string(x.Process) + ": " + string(x.Filter)}
		to := c.to
		for _, name := range []string{"now", "before", "before2"} {
			from := every.Before(to)
			filter := strings.NewReplacer("{from}", record.At(from).String(), "{to}", record.At(to).String()).Replace(string(x.Filter))
			n, known, err := r.Count(ctx, string(x.Process), filter)
			if err != nil || !known {
				c.broken = string(x.Label)
				break
			}
			v[name] = n
			if name == "now" {
				v["query"] = string(x.Process) + ": " + filter
				if x.Target.Set {
					v["target"], v["better"], v["met"] = x.Target.N, string(x.Better), "no"
					if x.Better == "higher" && int64(n) >= x.Target.N || x.Better == "lower" && int64(n) <= x.Target.N {
						v["met"] = "yes"
					}
				}
			}
			to = from
		}
		c.values = append(c.values, v)
	}
	c.leaves, err = r.Leaves(ctx)
	return c, err
}

func decide(d *Definition, f *lifecycle.Facts) []lifecycle.Refusal {
	every, err := catalogue.ParsePeriod(string(d.Frequency))
	if err != nil || every.IsZero() {
		return lifecycle.Refuse("frequency", "not_a_period", "give an ISO 8601 period such as P1M")
	}
	var out []lifecycle.Refusal
	for _, x := range d.Figures {
		if x.Target.Set && x.Better == "" {
			out = append(out, lifecycle.Refusal{Field: "figures[" + x.ID.String() + "].better", Reason: "required", Mend: "say whether higher or lower is better"})
		}
	}
	before, _ := f.Before.(*Definition)
	if d.State == "active" && (d.NextIssue == 0 || before != nil && before.Frequency != d.Frequency) {
		d.NextIssue = record.At(every.After(f.Now))
	}
	if f.Verb != "timer" {
		f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "issue", At: d.NextIssue.Time()})
	}
	return out
}

func timer(d *Definition, key string, f *lifecycle.Facts) {
	if key != "issue" || d.State != "active" {
		return
	}
	issue(d, f, d.NextIssue.Time())
	every, err := catalogue.ParsePeriod(string(d.Frequency))
	if err != nil {
		return
	}
	next := every.After(d.NextIssue.Time())
	for !next.After(f.Now) { // what was missed while nothing ran would be counted of today
		next = every.After(next)
	}
	d.NextIssue = record.At(next)
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "issue", At: next})
}

// issue makes the report of the period that ends at to, and tells its owner.
func issue(d *Definition, f *lifecycle.Facts, to time.Time) {
	c := f.Data.(*counted)
	if c.broken != "" || len(c.values) == 0 {
		why := "it has no figures"
		if c.broken != "" {
			why = "its figure \"" + c.broken + "\" cannot be counted"
		}
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{d.Owner}, Role: "process_owner", Topic: "report_not_issued", Text: "A report was not issued, since " + why + ": " + string(d.Title)})
		return
	}
	raw := map[string]json.RawMessage{}
	for k, v := range map[string]any{"title": string(d.Title) + ", " + c.from.In(f.Zone).Format("2 Jan 2006") + " to " + to.In(f.Zone).Format("2 Jan 2006"), "definition": d.ID.String(),
		"owner": d.Owner.String(), "period_from": record.At(c.from).String(), "period_to": record.At(to).String(), "counted_at": record.At(f.Now).String(), "leaves": c.leaves, "values": c.values} {
		if k == "owner" && d.Owner.IsZero() {
			continue
		}
		raw[k], _ = json.Marshal(v) // text and numbers
	}
	f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "report", Verb: "create", Set: raw})
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{d.Owner}, Topic: "report_issued", Text: "A report was issued: " + string(d.Title)})
}

// decideReport keeps figures as they were issued, and counts what was missed.
func decideReport(r *Report, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	if f.Before == nil && !f.Actor.System && !f.Replay {
		out = append(out, lifecycle.Refusal{Field: "values", Reason: "read_only", Mend: "reports are issued from their definition: use its transition issue"})
	}
	if f.Before != nil && !f.Replay {
		for _, name := range []string{"values", "period_from", "period_to", "definition", "leaves", "counted_at"} {
			if f.Asked(name) {
				out = append(out, lifecycle.Refusal{Field: name, Reason: "fixed", Mend: "figures stay as they were issued"})
			}
		}
	}
	r.Missed = 0
	for _, v := range r.Values {
		if v.Met == "no" {
			r.Missed++
		}
	}
	return out
}

func answered(r *Report, _ *lifecycle.Facts) []lifecycle.Refusal {
	if r.Missed > 0 && r.DecidedAt == 0 {
		return lifecycle.Refuse("decision", "required", "targets were missed: decide on that first")
	}
	return nil
}

func withWords(_ *Report, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}
