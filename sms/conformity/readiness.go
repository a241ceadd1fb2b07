package conformity

import (
	"context"
	"slices"
	"time"

	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/conformity/catalogue"
)

// Stage is an audit by a certification body, with what it asks for first (ISO/IEC 17021-1:2015, 9.3
// and 9.6.2).
type Stage struct {
	Name  string // stage-1, stage-2, surveillance
	Title string
	When  string
	Asks  []StageAsk
	Days  int // for how many days records must go back; 0: it does not say
}

// StageAsk is one thing that the audit asks for, and the clauses whose requirements show it.
type StageAsk struct {
	What    string
	Clauses []string
}

// Stages are the audits of a certification cycle.
var Stages = []Stage{
	{Name: "stage-1", Title: "Stage 1", When: "before certification: are the papers there, and is it worth going on?", Asks: []StageAsk{
		{"Context, parties and scope", []string{"4.1", "4.2", "4.3"}},
		{"The system and its processes are described", []string{"4.4"}},
		{"Leadership: commitment, policy, roles", []string{"5"}},
		{"Risks, objectives and the plan", []string{"6"}},
		{"Documented information", []string{"7.5"}},
		{"An internal audit has taken place", []string{"9.2"}},
		{"A management review has taken place", []string{"9.3"}},
	}},
	{Name: "stage-2", Title: "Stage 2", When: "within about six months of stage 1: does all of it work?", Days: 90, Asks: []StageAsk{
		{"Context of the organization", []string{"4"}},
		{"Leadership", []string{"5"}},
		{"Planning", []string{"6"}},
		{"Support", []string{"7"}},
		{"Planning and control of services", []string{"8.1", "8.2"}},
		{"Relationships and agreements", []string{"8.3"}},
		{"Supply and demand", []string{"8.4"}},
		{"Design, build and transition", []string{"8.5"}},
		{"Resolution and fulfilment", []string{"8.6"}},
		{"Assurance", []string{"8.7"}},
		{"Evaluation", []string{"9"}},
		{"Improvement", []string{"10"}},
	}},
	{Name: "surveillance", Title: "Surveillance", When: "once a calendar year: is it kept up?", Days: 365, Asks: []StageAsk{
		{"Internal audits", []string{"9.2"}},
		{"Management review", []string{"9.3"}},
		{"Nonconformities and corrective action", []string{"10.1"}},
		{"Complaints and satisfaction", []string{"8.3.2"}},
		{"Objectives", []string{"6.2"}},
		{"Continual improvement", []string{"10.2"}},
		{"Changes to the system and the services", []string{"6.3", "8.5.1"}},
		{"Operational control", []string{"8.1", "8.6.1"}},
	}},
}

// Ready is how far one ask of an audit is met.
type Ready struct {
	What     string
	Clauses  []string
	Held, Of int
	Fails    []Item // what does not hold, in the standard's order; advisory requirements are left out
}

// Readiness is how ready the system is for an audit.
type Readiness struct {
	Stage    Stage
	At       time.Time
	Asks     []Ready
	Held, Of int       // each requirement once, though several asks name it
	Since    time.Time // since when records are kept; zero: not known
	Short    int       // days that records do not go back yet, of those the audit wants to see
}

// Ready reports whether nothing is open.
func (r *Readiness) Ready() bool { return r.Held == r.Of && r.Short == 0 }

// Readiness judges a report by what an audit asks for. False: there is no such audit.
func (e *Engine) Readiness(ctx context.Context, rep *Report, stage string) (*Readiness, bool, error) {
	for _, s := range Stages {
		if s.Name != stage {
			continue
		}
		began, err := e.setUp(ctx)
		if err != nil {
			return nil, true, err
		}
		out := &Readiness{Stage: s, At: rep.At, Since: began}
		if !began.IsZero() && s.Days > 0 {
			out.Short = max(0, s.Days-int(rep.At.Sub(began).Hours()/24))
		}
		counted := map[string]bool{}
		for _, a := range s.Asks {
			r := Ready{What: a.What, Clauses: a.Clauses}
			for _, i := range rep.Items {
				if i.Requirement.Advisory || !slices.ContainsFunc(a.Clauses, func(c string) bool { return catalogue.Beneath(i.Requirement.Clause, c) }) {
					continue
				}
				r.Of++
				holds := i.State.Holds()
				if holds {
					r.Held++
				} else {
					r.Fails = append(r.Fails, i)
				}
				if counted[i.Requirement.ID] {
					continue
				}
				counted[i.Requirement.ID] = true
				out.Of++
				if holds {
					out.Held++
				}
			}
			out.Asks = append(out.Asks, r)
		}
		return out, true, nil
	}
	return nil, false, nil
}

// Day is the sum of what was kept of one day.
type Day struct {
	Day      record.Date
	Held, Of int
}

// Trend is how many requirements were shown to be met at the end of each day that was kept, oldest first, at most
// limit days.
func (e *Engine) Trend(ctx context.Context, limit int) ([]Day, error) {
	l, err := e.sys.List(ctx, e.sys.Self(), system.ListQuery{Process: Runs.Name, Sort: "-day", Limit: limit})
	if err != nil {
		return nil, err
	}
	out := make([]Day, len(l.Records))
	for i, x := range l.Records {
		r := x.(*Run)
		held := int(r.Conforms.N + r.Attested.N)
		out[len(out)-1-i] = Day{r.Day, held, held + int(r.Vacuous.N+r.Stale.N+r.Partial.N+r.Gap.N+r.NoEvidence.N)}
	}
	return out, nil
}

// Share is on how many of the days that were kept a requirement held.
type Share struct{ Held, Of int }

// ShareOf counts the kept days of a history, as [Engine.History] gives it.
func ShareOf(history []*storage.ConformityResult) Share {
	s := Share{Of: len(history)}
	for _, h := range history {
		if catalogue.State(h.State).Holds() {
			s.Held++
		}
	}
	return s
}
