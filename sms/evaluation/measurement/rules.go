package measurement

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// counted is what a metric's records came to, for the period that has just ended.
type counted struct {
	ok     bool
	value  string
	query  string
	leaves int64
	from   time.Time
}

func load(ctx context.Context, r process.Reader, m *Metric, f *lifecycle.Facts) (any, error) {
	c := &counted{}
	if f.Verb != "timer" || m.Source != "records" || m.NextRead == 0 {
		return c, nil
	}
	to := m.NextRead.Time()
	every, err := catalogue.ParsePeriod(string(m.Frequency))
	if err != nil {
		return c, nil
	}
	c.from = every.Before(to)
	fill := strings.NewReplacer("{from}", record.At(c.from).String(), "{to}", record.At(to).String())
	part := fill.Replace(string(m.CountFilter))
	n, known, err := r.Count(ctx, string(m.CountProcess), part)
	if err != nil || !known {
		return c, nil // a filter that no longer fits is told to the owner, and does not stop time
	}
	c.ok, c.value, c.query = true, strconv.Itoa(n), string(m.CountProcess)+": "+part
	if m.WholeFilter != "" {
		whole := fill.Replace(string(m.WholeFilter))
		all, _, err := r.Count(ctx, string(m.CountProcess), whole)
		if err != nil {
			c.ok = false
			return c, nil
		}
		c.query += "\nof " + whole
		if all == 0 {
			c.ok, c.value = false, "" // of nothing there is no share
			return c, nil
		}
		c.value = strconv.FormatFloat(float64(n)*100/float64(all), 'f', 2, 64)
	}
	c.leaves, err = r.Leaves(ctx)
	return c, err
}

func decide(m *Metric, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	every, err := catalogue.ParsePeriod(string(m.Frequency))
	if err != nil || every.IsZero() {
		refuse("frequency", "not_a_period", "give an ISO 8601 period such as P1M")
	}
	if x, err := catalogue.ParsePeriod(string(m.EvaluateEvery)); err != nil || x.IsZero() {
		refuse("evaluate_every", "not_a_period", "give an ISO 8601 period such as P3M")
	}
	switch {
	case m.Of == "service" && m.Service.IsZero():
		refuse("service", "required", "say of which service")
	case m.Of == "sms_process" && m.ProcessName == "":
		refuse("process_name", "required", "say of which process")
	}
	if m.Source == "records" && (m.CountProcess == "" || m.CountFilter == "") {
		refuse("count_filter", "required", "say what is counted: a process and a filter with {from} and {to}")
	}
	if m.Target.Set && m.Better == "" {
		refuse("better", "required", "say whether higher or lower is better")
	}
	before, _ := f.Before.(*Metric)
	was := map[record.ID]Evaluation{}
	if before != nil {
		for _, e := range before.Evaluations {
			was[e.ID] = e
		}
	}
	for i := range m.Evaluations {
		e := &m.Evaluations[i]
		if old, there := was[e.ID]; there {
			delete(was, e.ID)
			old.Pos = e.Pos
			if *e != old {
				refuse("evaluations["+e.ID.String()+"]", "fixed", "it stays as it was written: add another evaluation")
			}
			continue
		}
		e.At, e.By = record.At(f.Now), f.Actor.ID
	}
	if len(was) > 0 && !f.Replay {
		refuse("evaluations", "fixed", "an evaluation is not taken away: add another")
	}
	if len(out) > 0 {
		return out
	}
	if m.State == "active" && (m.NextRead == 0 || before != nil && before.Frequency != m.Frequency) {
		m.NextRead = record.At(every.After(f.Now))
	}
	if f.Verb != "timer" { // the timer sets its own
		f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "read", At: m.NextRead.Time()})
	}
	return nil
}

// byAnother keeps who defined a metric from putting it into use themselves.
func byAnother(m *Metric, f *lifecycle.Facts) []lifecycle.Refusal {
	if !f.Actor.System && !f.Replay && m.CreatedBy == f.Actor.ID {
		return lifecycle.Refuse("approved_by", "own_work", "let somebody approve it who did not define it")
	}
	return nil
}

// timer reads the metric at the end of its period, or asks its owner to.
func timer(m *Metric, key string, f *lifecycle.Facts) {
	if key != "read" || m.State != "active" {
		return
	}
	c := f.Data.(*counted)
	if c.ok {
		f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "reading", Verb: "create", Set: values(map[string]any{
			"title": string(m.Title), "metric": m.ID.String(), "value": c.value, "period_from": record.At(c.from).String(), "period_to": m.NextRead.String(),
			"source": "counted from records by Steward", "query": c.query, "leaves": c.leaves})})
	} else {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{m.Owner}, Topic: "reading_due", Text: "A reading is due: " + string(m.Title)})
	}
	every, err := catalogue.ParsePeriod(string(m.Frequency))
	if err != nil {
		return
	}
	next := every.After(m.NextRead.Time())
	for !next.After(f.Now) { // what was missed while nothing ran is not made up: each period would be counted now
		next = every.After(next)
	}
	m.NextRead = record.At(next)
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "read", At: next})
}

func values(m map[string]any) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for k, v := range m {
		out[k], _ = json.Marshal(v) // text and numbers
	}
	return out
}

func loadReading(ctx context.Context, r process.Reader, x *Reading, _ *lifecycle.Facts) (any, error) {
	m, err := r.Get(ctx, "metric", x.Metric)
	if err != nil || m == nil {
		return (*Metric)(nil), err
	}
	return m.(*Metric), nil
}

func decideReading(x *Reading, f *lifecycle.Facts) []lifecycle.Refusal {
	m := f.Data.(*Metric)
	var out []lifecycle.Refusal
	if x.PeriodTo != 0 && x.PeriodTo <= x.PeriodFrom {
		out = append(out, lifecycle.Refusal{Field: "period_to", Reason: "before_start", Mend: "give an instant after the beginning of the period"})
	}
	if x.PeriodTo > record.At(f.Now) && !f.Replay {
		out = append(out, lifecycle.Refusal{Field: "period_to", Reason: "future", Mend: "a period is read when it has ended"})
	}
	if f.Before == nil && m != nil && m.Target.Set {
		c := x.Value.Compare(&m.Target)
		x.Met = "no"
		if m.Better == "higher" && c >= 0 || m.Better == "lower" && c <= 0 {
			x.Met = "yes"
		}
	}
	return out
}

// Rhythm is how often the metric is read.
func (m *Metric) Rhythm() string { return string(m.Frequency) }

// Of is the metric that was read, and the end of the period.
func (x *Reading) Of() (record.ID, time.Time) { return x.Metric, x.PeriodTo.Time() }
