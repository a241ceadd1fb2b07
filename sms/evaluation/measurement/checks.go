package measurement

import (
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Checks decide 9.1.
var Checks = []check.Check{
	check.Single("9.1-01", 2, planned, check.Set("metric"), check.Set("service"), check.Set("process"), check.Set(check.Documents)),
	check.Each(Metrics, check.Of[Metric]{Requirement: "9.1-02", Version: 1, Where: active, Member: isActive, Decide: func(m *Metric, _ *check.Facts) catalogue.Timeline {
		return check.Fields(Metrics, m, "formula", "source", "method")
	}, Mend: "say how it is worked out, from what, and how it is analysed"}),
	check.Each(Metrics, check.Of[Metric]{Requirement: "9.1-03", Version: 1, Where: active, Member: isActive, Decide: readInTime, Reads: readings, Mend: "take the reading that is due"}),
	check.Each(Metrics, check.Of[Metric]{Requirement: "9.1-04", Version: 1, Where: active, Member: isActive, Decide: evaluatedInTime, Mend: "evaluate its readings"}),
	check.Each(Readings, check.Of[Reading]{Requirement: "9.1-05", Version: 1, Where: `phase = "done"`, Member: func(x *Reading) bool { return x.Phase == record.Choice(lifecycle.Done) },
		When: func(x *Reading) time.Time { return x.PeriodTo.Time() }, Decide: func(x *Reading, _ *check.Facts) catalogue.Timeline {
			return check.Fields(Readings, x, "value", "source", "period_from", "period_to")
		}, Mend: "say where the value comes from"}),
	check.Single("9.1-06", 1, smsEvaluated, check.Set("objective"), check.Set("management_review")),
	check.Single("9.1-07", 1, servicesEvaluated, check.Set("service"), check.Set("metric")),
}

const active = `state = "active"`

var readings = []check.Read{check.Children("reading", "metric")}

func isActive(m *Metric) bool { return m.State == "active" }

// planned: the plan is in force, and each process that is described and each live service has a metric.
func planned(f *check.Facts) []catalogue.Member {
	out := []catalogue.Member{check.InForce(f, "measurement_plan", "measurement plan")}
	out[0].Required = true
	byProcess, byService := map[string]check.Kept{}, map[record.ID]check.Kept{}
	for _, k := range f.Set("metric") {
		m := k.Record.(*Metric)
		if !isActive(m) {
			continue
		}
		if m.ProcessName != "" {
			byProcess[string(m.ProcessName)] = k
		}
		if !m.Service.IsZero() {
			byService[m.Service] = k
		}
	}
	ask := func(process, what string, k check.Kept, by check.Kept, found bool) {
		if found {
			m := check.Found(process, k, by.Record.Head().CreatedAt.Time(), check.Holds(), "")
			m.Rests = append(m.Rests, check.About("metric", by.Ref, by.Record, by.Record.Head().CreatedAt.Time()))
			out = append(out, m)
			return
		}
		out = append(out, check.Found(process, k, k.Record.Head().CreatedAt.Time(), check.Gap("nothing is measured of "+what), "define a metric for "+what))
	}
	for _, k := range f.Set("process") {
		if d, ok := k.Record.(interface{ Runs() string }); ok && k.Record.Head().Phase != "void" {
			by, found := byProcess[d.Runs()]
			ask("process", "the process "+d.Runs(), k, by, found)
		}
	}
	for _, k := range f.Set("service") {
		if k.Record.Head().State == "live" {
			by, found := byService[k.Record.Head().ID]
			ask("service", string(k.Record.Head().Title), k, by, found)
		}
	}
	return out
}

func readInTime(m *Metric, f *check.Facts) catalogue.Timeline {
	every, err := catalogue.ParsePeriod(string(m.Frequency))
	if err != nil {
		return check.Gap("nothing says how often it is read")
	}
	newest := time.Time{}
	for _, r := range f.Children("reading", "metric", m.ID) {
		x := r.(*Reading)
		if t := x.PeriodTo.Time(); x.Phase == record.Choice(lifecycle.Done) && t.After(newest) {
			newest = t
		}
	}
	if newest.IsZero() { // until the first period has ended there is nothing to read
		return catalogue.AnsweredWithin(catalogue.Moment{What: "definition", At: m.CreatedAt.Time()}, catalogue.MustPeriod(string(m.Frequency)), catalogue.Moment{What: "reading"})
	}
	return catalogue.Steps(catalogue.Segment{State: catalogue.Conforms, Reason: "read for the time until " + newest.Format(time.DateOnly)},
		catalogue.Segment{From: every.After(newest).Add(grace), State: catalogue.Stale, Reason: "last read for the time until " + newest.Format(time.DateOnly)})
}

// grace is how long after the end of a period its reading may take.
const grace = 24 * time.Hour

func evaluatedInTime(m *Metric, _ *check.Facts) catalogue.Timeline {
	every, err := catalogue.ParsePeriod(string(m.EvaluateEvery))
	if err != nil {
		return check.Gap("nothing says how often it is evaluated")
	}
	newest := m.EvaluatedLast()
	if newest.IsZero() {
		return catalogue.AnsweredWithin(catalogue.Moment{What: "definition", At: m.CreatedAt.Time()}, every, catalogue.Moment{What: "evaluation"})
	}
	return catalogue.FreshUntil(newest, every, "evaluation")
}

// EvaluatedLast is when the newest evaluation was written; zero when there is none.
func (m *Metric) EvaluatedLast() time.Time {
	newest := time.Time{}
	for _, e := range m.Evaluations {
		if t := e.At.Time(); t.After(newest) {
			newest = t
		}
	}
	return newest
}

// evaluatedOnce is what an objective says of itself.
type evaluatedOnce interface{ EvaluatedLast() time.Time }

// concluding is what a management review says of the SMS.
type concluding interface {
	Concluded() (effective bool, at time.Time)
}

// smsEvaluated: each running objective was evaluated within the interval, and top management has
// concluded on the effectiveness of the SMS.
func smsEvaluated(f *check.Facts) []catalogue.Member {
	var newest time.Time
	m := check.Missing("management_review", "evaluation of the SMS", "nobody has concluded whether the SMS is effective", "conclude on the effectiveness of the SMS in a management review")
	for _, k := range f.Set("management_review") {
		if c, ok := k.Record.(concluding); ok {
			if said, at := c.Concluded(); said && at.After(newest) {
				newest = at
				m.Rests = []catalogue.Evidence{check.About("management_review", k.Ref, k.Record, at)}
			}
		}
	}
	if !newest.IsZero() {
		m.Verdict = catalogue.FreshUntil(newest, f.Interval.Period, "evaluation of the SMS")
	}
	out := []catalogue.Member{m}
	for _, k := range f.Set("objective") {
		e, ok := k.Record.(evaluatedOnce)
		if !ok || k.Record.Head().State != "running" {
			continue
		}
		out = append(out, check.Found("objective", k, e.EvaluatedLast(), catalogue.FreshUntil(e.EvaluatedLast(), f.Interval.Period, "evaluation"), "evaluate the objective"))
	}
	return out
}

// servicesEvaluated: for each live service somebody has judged its requirements within the interval.
func servicesEvaluated(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	for _, s := range f.Set("service") {
		if s.Record.Head().State != "live" {
			continue
		}
		newest := time.Time{}
		var rest *catalogue.Evidence
		for _, k := range f.Set("metric") {
			m := k.Record.(*Metric)
			if m.Service != s.Record.Head().ID || !isActive(m) {
				continue
			}
			for _, e := range m.Evaluations {
				if t := e.At.Time(); e.Requirements != "" && t.After(newest) {
					newest = t
					x := check.About("metric", k.Ref, k.Record, t)
					rest = &x
				}
			}
		}
		m := check.Found("service", s, newest, catalogue.FreshUntil(newest, f.Interval.Period, "evaluation against the requirements of the service"), "evaluate a metric of the service and name the requirements that were judged")
		if rest != nil {
			m.Rests = []catalogue.Evidence{*rest}
		}
		out = append(out, m)
	}
	if len(out) == 0 {
		out = append(out, check.Missing("service", "live services", "no service is live", "bring a service live"))
	}
	return out
}
