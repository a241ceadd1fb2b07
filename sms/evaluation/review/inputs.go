package review

import (
	"context"
	"fmt"
	"strings"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// counted is one figure of an input: how many records of a process a filter finds. {from}, {to} and
// {before} are the period's ends and the beginning of the one before it.
type counted struct {
	label, process, filter string
	earlier                string // the same for the period before; none: it is not compared
}

// period is a filter for what happened within the period, and within the one before it.
func during(field string) (now, earlier string) {
	return field + ` >= "{from}" and ` + field + ` < "{to}"`, field + ` >= "{before}" and ` + field + ` < "{from}"`
}

func within(label, name, field, also string) counted {
	now, earlier := during(field)
	if also != "" {
		now, earlier = now+" and "+also, earlier+" and "+also
	}
	return counted{label, name, now, earlier}
}

// Inputs lists the inputs in the standard's order, with the requirement that asks for each and what
// is counted for it.
var Inputs = []struct {
	Kind, Requirement, Title string
	figures                  []counted
}{
	{"earlier_actions", "9.3-02", "State of actions from earlier reviews", []counted{
		{"actions open", "task", `kind = "review_action" and phase = "open"`, ""}, {"of them overdue", "task", `kind = "review_action" and phase = "open" and due < now`, ""},
		within("actions done", "task", "done_at", `kind = "review_action"`)}},
	{"issues", "9.3-03", "Changes of external and internal issues", []counted{within("issues recorded or changed", "issue", "updated_at", ""), {"issues open", "issue", `phase = "open"`, ""}}},
	{"nonconformities", "9.3-04", "Nonconformities and their remedies", []counted{within("raised", "nonconformity", "created_at", ""), within("closed", "nonconformity", "closed_at", ""),
		{"open now", "nonconformity", `phase = "open"`, ""}, within("major ones raised", "nonconformity", "created_at", `severity = "major"`)}},
	{"measurement", "9.3-05", "Measured results", []counted{within("readings", "reading", "period_to", ""), within("readings that missed the target", "reading", "period_to", `met = "no"`)}},
	{"audits", "9.3-06", "Results of audits", []counted{within("audits reported", "audit", "reported_at", ""), within("findings that are nonconformities", "finding", "created_at", `grade in ("major","minor")`)}},
	{"improvements", "9.3-07", "What could be done better", []counted{within("proposed", "improvement", "created_at", ""), within("carried out", "improvement", "implemented_at", ""), {"open now", "improvement", `phase = "open"`, ""}}},
	{"feedback", "9.3-08", "Feedback of customers and others", []counted{within("complaints", "complaint", "created_at", ""), within("surveys", "survey", "created_at", ""), within("incidents reopened", "incident", "updated_at", `reopen_count > 0`)}},
	{"policies", "9.3-09", "How policies are kept to and whether they still suit", []counted{{"policies", "policy", `phase != "void"`, ""}}},
	{"objectives", "9.3-10", "How far objectives were reached", []counted{{"objectives running", "objective", `state = "running"`, ""}, within("met", "objective", "closed_at", `state = "met"`), within("missed", "objective", "closed_at", `state = "missed"`)}},
	{"services", "9.3-11", "How the services performed", []counted{within("incidents", "incident", "opened_at", ""), within("of them of priority 1 or 2", "incident", "opened_at", "priority <= 2"),
		within("major incidents", "incident", "opened_at", "major = true"), within("incidents that missed a promise", "incident", "opened_at", "breached"), {"services live", "service", `state = "live"`, ""}}},
	{"parties", "9.3-12", "How other parties performed", []counted{{"suppliers active", "supplier", `phase = "open"`, ""}}},
	{"resources", "9.3-13", "People, technical means, information and money, now and forecast", []counted{{"capacity plans", "capacity_plan", `phase != "void"`, ""}}},
	{"risks", "9.3-14", "Risks, opportunities and how well actions worked", []counted{{"risks open", "risk", `phase = "open"`, ""}, {"above the acceptance line", "risk", `phase = "open" and above_line = true`, ""},
		within("accepted", "risk", "accepted_at", ""), {"treatments overdue", "task", `kind = "treatment" and phase = "open" and due < now`, ""}}},
	{"changes", "9.3-15", "Changes that could bear on the SMS or services", []counted{within("changes", "change", "created_at", "")}},
}

// known is what a decision about a review needs besides the review.
type known struct {
	figures map[string]Input // by kind, counted just now; only when it is prepared
	top     map[record.ID]bool
	people  map[record.ID]bool
}

func load(ctx context.Context, r process.Reader, v *Review, f *lifecycle.Facts) (any, error) {
	k := &known{figures: map[string]Input{}, top: map[record.ID]bool{}, people: map[record.ID]bool{}}
	users, err := r.All(ctx, "user")
	if err != nil {
		return nil, err
	}
	day := record.Day(f.Now.In(f.Zone))
	for _, u := range users {
		k.people[u.Head().ID] = true
		if a, ok := u.(interface{ RolesOn(record.Date) []string }); ok {
			for _, role := range a.RolesOn(day) {
				k.top[u.Head().ID] = k.top[u.Head().ID] || role == "manager"
			}
		}
	}
	if f.Transition != "prepare" || v.PeriodFrom == "" || v.PeriodTo == "" {
		return k, nil
	}
	leaves, err := r.Leaves(ctx)
	if err != nil {
		return nil, err
	}
	from, to := midnight(v.PeriodFrom, f), midnight(v.PeriodTo, f)
	before := from.Add(-to.Sub(from))
	fill := strings.NewReplacer("{from}", record.At(from).String(), "{to}", record.At(to).String(), "{before}", record.At(before).String())
	for _, x := range Inputs {
		var figures, queries []string
		for _, c := range x.figures {
			filter := fill.Replace(c.filter)
			n, kept, err := r.Count(ctx, c.process, filter)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", x.Kind, err)
			}
			if !kept {
				continue // this Steward has no such process: people say what they know
			}
			text := fmt.Sprintf("%s: %d", c.label, n)
			if c.earlier != "" {
				was, _, err := r.Count(ctx, c.process, fill.Replace(c.earlier))
				if err != nil {
					return nil, fmt.Errorf("%s: %w", x.Kind, err)
				}
				text += fmt.Sprintf(" (period before: %d)", was)
			}
			figures = append(figures, text)
			queries = append(queries, c.process+": "+filter)
		}
		k.figures[x.Kind] = Input{Kind: record.Choice(x.Kind), Figures: record.Prose(strings.Join(figures, "\n")), Query: record.Prose(strings.Join(queries, "\n")),
			Leaves: record.Count(leaves), At: record.At(f.Now)}
	}
	return k, nil
}
