package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"steward/kernel/record"
	"steward/kernel/system"
)

// described is a process of the map, with what is measured of it.
type described struct {
	Name, Title, Owner, Purpose string
	Takes                       []string // "what < process"
	Criterion, Target           string
	Unit, Goal, Better          string
	Values                      []float64 // by month, the newest last
}

// metricOf is the title of what is measured of a process.
func (d described) metricOf() string { return d.Title + ": " + d.Criterion }

// processMap describes the processes, each with what it takes from others and so what these give, and
// measures them. Continuity is not described, since its plan is a draft; the devices were counted
// until spring (see gaps.go).
func (l *load) processMap(ctx context.Context) error {
	outputs := map[string][]line{}
	inputs := map[string][]line{}
	for _, p := range l.p.Processes {
		for _, text := range p.Takes {
			what, from, ok := strings.Cut(text, " < ")
			if !ok {
				return fmt.Errorf("demo: process %s: %q does not say from whom", p.Name, text)
			}
			inputs[p.Name] = append(inputs[p.Name], line{"what": what, "other": from})
			if from != "outside" {
				outputs[from] = append(outputs[from], line{"what": what, "other": p.Name})
			}
		}
	}
	var tales []*tale
	for _, p := range l.p.Processes {
		out := outputs[p.Name]
		if len(out) == 0 {
			out = []line{{"what": "results of the work", "other": "outside"}}
		}
		t, id := l.tell("process", p.Title, "birgit", 500, "name", p.Name, "owner", l.ids["user/"+p.Owner], "purpose", p.Purpose, "roles", "The owner decides; agents do the work; management is told when a promise breaks.",
			"inputs", inputs[p.Name], "outputs", out, "criteria", []line{{"what": p.Criterion, "target": p.Target}})
		tales = append(tales, t.approved("process", id))

		m, metric := l.tell("metric", p.metricOf(), "birgit", 285, "of", "sms_process", "process_name", p.Name, "formula", p.Criterion+", of the month", "source", "entered", "method", "compared with the target and the month before; three months in a row below it lead to a talk with the owner",
			"unit", p.Unit, "frequency", "P1M", "evaluate_every", "P3M", "target", p.Goal, "better", p.Better, "owner", l.ids["user/"+p.Owner])
		values := p.Values
		if p.Name == "asset" {
			values = values[:len(values)-4]
		}
		for i, v := range values {
			from := l.now.AddDate(0, i-len(p.Values), -1)
			m.read(metric, p.metricOf(), p.Owner, from, fmt.Sprint(v), "the register of the process owner")
			if (i+1)%3 == 0 {
				m.judged(metric, from.AddDate(0, -2, 0), from.AddDate(0, 1, 0), "effective", "Where it was to be, or on the way there; nothing to correct beyond what is under way.", "")
			}
		}
		tales = append(tales, m)
	}
	return l.happen(ctx, tales)
}

// read enters one reading of a month, an hour after it ended.
func (t *tale) read(metric record.ID, title, by string, from time.Time, value, source string, kv ...any) *tale {
	to := from.AddDate(0, 1, 0)
	t.at = to.Add(time.Hour)
	if by == "maren" {
		by = "birgit" // management reads figures, and does not enter them
	}
	t.also("reading", title+", "+from.Format("January 2006"), by, append([]any{"metric", metric, "value", value, "source", source, "period_from", record.At(from).String(), "period_to", record.At(to).String()}, kv...)...)
	return t
}

// judged adds what the process owners made of the readings of a time.
func (t *tale) judged(metric record.ID, from, to time.Time, conclusion, text, requirements string) *tale {
	kv := []any{"from", record.Day(from), "to", record.Day(to), "conclusion", conclusion, "text", text}
	if requirements != "" {
		kv = append(kv, "requirements", requirements)
	}
	return t.then("metric", metric, "line", "evaluations", "birgit", kv...)
}

// serviceMetrics measures each service from the incidents of half a year, which are here by now.
func (l *load) serviceMetrics(ctx context.Context) error {
	for _, s := range l.p.Services {
		title := "Incidents that missed a promise: " + s.Name
		owner := l.ownerOf(s.Name)
		t, metric := l.tell("metric", title, "birgit", 190, "of", "service", "service", l.ids["service/"+s.Name], "formula", "incidents that missed a promise, of all of the month, in percent", "source", "entered",
			"method", "compared with the target and the month before", "unit", "%", "frequency", "P1M", "evaluate_every", "P3M", "target", "20", "better", "lower", "owner", l.ids["user/"+owner])
		if have, err := l.here(ctx, "metric", title); err != nil || have || ctx.Err() != nil {
			if err != nil {
				return err
			}
			continue
		}
		worst := 0
		for month := -6; month < 0; month++ {
			from := l.now.AddDate(0, month, -1)
			filter := fmt.Sprintf(`service = "%s" and opened_at >= "%s" and opened_at < "%s"`, l.ids["service/"+s.Name], record.At(from), record.At(from.AddDate(0, 1, 0)))
			all, _, err := l.o.Count(ctx, l.o.Self(), system.ListQuery{Process: "incident", Filter: filter})
			if err != nil {
				return err
			}
			late, _, err := l.o.Count(ctx, l.o.Self(), system.ListQuery{Process: "incident", Filter: filter + " and breached"})
			if err != nil {
				return err
			}
			share := 0
			if all > 0 {
				share = late * 100 / all
			}
			worst = max(worst, share)
			t.read(metric, title, owner, from, fmt.Sprint(share), "the register of incidents", "query", "incident: "+filter+" and breached", "remark", fmt.Sprintf("%d of %d", late, all))
			if month == -4 || month == -1 {
				conclusion, text := "effective", "The promises of the service were kept as agreed; answers and solutions stayed within the target."
				if worst > 20 {
					conclusion, text = "partly", fmt.Sprintf("Up to %d in a hundred were late in one month: looked at case by case, and the routing by category is to help.", worst)
				}
				t.judged(metric, from.AddDate(0, -2, 0), from.AddDate(0, 1, 0), conclusion, text, "time to answer and to solve, as agreed with each customer; hours of service")
				worst = 0
			}
		}
		if err := t.end(ctx); err != nil {
			return err
		}
	}
	return nil
}

// here reports whether something was told of already.
func (l *load) here(ctx context.Context, process, title string) (bool, error) {
	have, err := l.o.List(ctx, l.o.Self(), system.ListQuery{Process: process, Filter: "title = " + string(record.AppendString(nil, title)), Limit: 1})
	return err == nil && len(have.Records) > 0, err
}

// ownerOf is who answers for a service: the lead of its team.
func (l *load) ownerOf(service string) string {
	for _, t := range l.p.Teams {
		if t.Name == l.teamOf[service] {
			return t.People[0]
		}
	}
	return "birgit"
}
