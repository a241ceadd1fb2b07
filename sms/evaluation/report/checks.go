package report

import (
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Checks decide 9.4.
var Checks = []check.Check{
	check.Each(Definitions, check.Of[Definition]{Requirement: "9.4-01", Version: 1, Where: `state = "active"`, Member: active, Decide: func(d *Definition, _ *check.Facts) catalogue.Timeline {
		return check.Fields(Definitions, d, "purpose", "audience", "frequency", "owner", "source")
	}, Once: everyTopic, Reads: []check.Read{check.Set("report_definition")}, Mend: "say what it is for, for whom, how often, who owns it and where figures come from"}),
	check.Each(Definitions, check.Of[Definition]{Requirement: "9.4-02", Version: 1, Where: `state = "active"`, Member: active, Decide: issuedInTime, Reads: []check.Read{check.Children("report", "definition")}, Mend: "give it figures that are counted from records, and issue it"}),
	check.Each(Process, check.Of[Report]{Requirement: "9.4-03", Version: 1, Where: notVoid, Member: real, When: ended, Decide: compared, Mend: "issue it again from a definition that is counted"}),
	check.Each(Process, check.Of[Report]{Requirement: "9.4-04", Version: 1, Where: missed, Member: hasMissed, When: ended, Decide: func(r *Report, _ *check.Facts) catalogue.Timeline {
		return catalogue.NotOverdue(r.CreatedAt.Time().Add(decideWithin), r.DecidedAt.Time())
	}, Mend: "decide on what it shows"}),
	check.Each(Process, check.Of[Report]{Requirement: "9.4-05", Version: 1, Where: decidedOn, Member: hasDecision, When: ended, Decide: func(r *Report, _ *check.Facts) catalogue.Timeline {
		return catalogue.NotOverdue(r.DecidedAt.Time().Add(decideWithin), r.ToldAt.Time())
	}, Mend: "tell those concerned what was decided"}),
}

const (
	notVoid   = `phase != "void"`
	missed    = `phase != "void" and missed > 0`
	decidedOn = `phase != "void" and decided_at is not blank`
)

// decideWithin is how long a decision, and telling of it, may take. A default of this product.
const decideWithin = 30 * 24 * time.Hour

func active(d *Definition) bool  { return d.State == "active" }
func real(r *Report) bool        { return r.Phase != record.Choice(lifecycle.Void) }
func hasMissed(r *Report) bool   { return real(r) && r.Missed > 0 }
func hasDecision(r *Report) bool { return real(r) && r.DecidedAt != 0 }
func ended(r *Report) time.Time  { return r.PeriodTo.Time() }

// wanted are the reports that other clauses ask for, by topic.
var wanted = []struct{ topic, clause string }{
	{"complaints", "8.3.2"}, {"satisfaction", "8.3.2"}, {"service_levels", "8.3.3"}, {"cost", "8.4.1"}, {"demand", "8.4.2"}, {"transition_outcomes", "8.5.2.3"}, {"major_incidents", "8.6.1"},
	{"problems", "8.6.3"}, {"continuity_invocations", "8.7.2"}, {"security_incidents", "8.7.3.3"}, {"improvements", "10.2"}, {"sms_performance", "5.3"},
}

func everyTopic(f *check.Facts) []catalogue.Member {
	have := map[record.Choice]check.Kept{}
	for _, k := range f.Set("report_definition") {
		if d := k.Record.(*Definition); active(d) {
			have[d.Topic] = k
		}
	}
	if len(have) == 0 {
		return []catalogue.Member{check.Missing("report_definition", "definitions of reports", "no report is defined", "define the reports that other clauses ask for")}
	}
	var out []catalogue.Member
	for _, w := range wanted {
		k, ok := have[record.Choice(w.topic)]
		if !ok {
			m := check.Missing("report_definition", "report on "+w.topic, "clause "+w.clause+" asks for a report on "+w.topic+", and none is defined", "define a report on "+w.topic)
			m.Verdict = check.Gap("clause " + w.clause + " asks for a report on " + w.topic + ", and none is defined")
			m.Required = false
			out = append(out, m)
			continue
		}
		out = append(out, check.Found("report_definition", k, k.Record.Head().CreatedAt.Time(), check.Holds(), ""))
	}
	return out
}

func issuedInTime(d *Definition, f *check.Facts) catalogue.Timeline {
	if len(d.Figures) == 0 {
		return check.Gap("nothing is counted for it")
	}
	every, err := catalogue.ParsePeriod(string(d.Frequency))
	if err != nil {
		return check.Gap("nothing says how often it is issued")
	}
	newest := time.Time{}
	for _, r := range f.Children("report", "definition", d.ID) {
		x := r.(*Report)
		if t := x.PeriodTo.Time(); real(x) && t.After(newest) {
			newest = t
		}
	}
	if newest.IsZero() {
		return catalogue.AnsweredWithin(catalogue.Moment{What: "definition", At: d.CreatedAt.Time()}, every, catalogue.Moment{What: "issue"})
	}
	return catalogue.Steps(catalogue.Segment{State: catalogue.Conforms, Reason: "issued for the time until " + newest.Format(time.DateOnly)},
		catalogue.Segment{From: every.After(newest).Add(24 * time.Hour), State: catalogue.Stale, Reason: "last issued for the time until " + newest.Format(time.DateOnly)})
}

func compared(r *Report, _ *check.Facts) catalogue.Timeline {
	for _, v := range r.Values {
		if !v.Before.Set || !v.Before2.Set {
			return check.Gap("a figure is not compared with earlier periods: " + string(v.Label))
		}
	}
	if len(r.Values) == 0 {
		return check.Gap("it has no figures")
	}
	return check.Holds()
}
