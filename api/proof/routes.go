// Package proof is the HTTP door of conformity (ISO/IEC 20000-1:2018, 9.1 and 9.2): the state of
// every requirement, one of them with all that belongs to it, what a record lacks, and the same seen
// by other frameworks.
//
// In: requests. Out: questions to conformity.Engine, nothing else.
// Start at [Routes], which api.Options.Extra takes.
// Always true: what the caller may not know of is not named as evidence.
package proof

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"steward/api"
	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/pack"
)

// failingShown and historyShown bound what one answer carries.
const (
	failingShown = 200
	historyShown = 400
)

// Routes are the routes over e for the processes of reg; press makes audit packs.
func Routes(e *conformity.Engine, reg *process.Registry, press *pack.Press) []api.Route {
	d := door{e}
	get := func(path, doc string, serve func(*api.Call) error, query ...string) api.Route {
		return api.Route{Method: http.MethodGet, Path: "/api/v1" + path, Doc: doc, Query: query, Serve: serve}
	}
	out := []api.Route{
		get("/conformity", "The state of every requirement, as it is or was.", d.all, "as_of", "clause"),
		get("/conformity/restated", "What was kept of a day against what is worked out for it now.", d.restated, "day"),
		get("/conformity/readiness/{stage}", "What an audit (stage-1, stage-2, surveillance) asks for, and what of it holds.", d.readiness, "as_of"),
		get("/conformity/todo", "What keeps requirements from holding, with whose it is.", d.todo, "as_of"),
		get("/conformity/{requirement}", "One requirement: population, failing members, what was kept of it.", d.one, "as_of"),
		packs(press),
	}
	answers := func(r api.Route, schema any) { r.Answer = schema; out = append(out, r) }
	answers(get("/crosswalk", "The same evidence as other frameworks see it: which there are, and how much of each is shown.", d.frameworks, "as_of"), frameworksSchema)
	answers(get("/crosswalk/{framework}", "One framework by its practices, clauses, controls or process areas: what the verdicts show of each, and what not.", d.framework, "as_of"), pictureSchema)
	answers(get("/oscal/catalog", "The requirements as an OSCAL catalogue.", d.oscalCatalog), oscalSchema("catalog"))
	answers(get("/oscal/profile", "The OSCAL profile that selects all of them.", d.oscalProfile), oscalSchema("profile"))
	answers(get("/oscal/assessment-results", "The verdicts as OSCAL assessment results, with links to evidence.", d.oscalResults, "as_of"), oscalSchema("assessment-results"))
	for _, p := range reg.All {
		r := get("/"+p.Resource+"/{id}/missing", "What conformity asks of this record, worst first.", d.missing)
		r.Process = p
		out = append(out, r)
		r = get("/"+p.Resource+"/{id}/crosswalk", "The items of other frameworks that this record's own verdicts serve.", d.serves, "as_of")
		r.Process = p
		answers(r, servesSchema)
	}
	return out
}

type door struct{ e *conformity.Engine }

func send(c *api.Call, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "application/json")
	_, _ = c.W.Write(append(b, '\n')) // a caller who has gone away is no error of ours
	return nil
}

func (d door) report(c *api.Call) (*conformity.Report, error) {
	if err := conformity.May(c.Who); err != nil {
		return nil, err
	}
	at, err := d.e.Instant(c.R.URL.Query().Get("as_of"))
	if err != nil {
		return nil, err
	}
	return d.e.Evaluate(c.R.Context(), at)
}

func (d door) all(c *api.Call) error {
	r, err := d.report(c)
	if err != nil {
		return err
	}
	if clause := c.R.URL.Query().Get("clause"); clause != "" {
		if _, ok := d.e.Catalogue().Clause(clause); !ok {
			return fault.New(fault.BadRequest, "clause: the standard has no clause %q with requirements; write 8 or 8.6.1", clause)
		}
		r = r.Under(clause)
	}
	items, err := d.e.Views(c.R.Context(), c.Who, r.Items)
	if err != nil {
		return err
	}
	counts := map[catalogue.State]int{}
	for _, i := range items {
		counts[i.State]++
	}
	return send(c, struct {
		Items  []conformity.View        `json:"items"`
		At     time.Time                `json:"at"`
		Counts map[catalogue.State]int  `json:"counts"`
		Leaves int64                    `json:"leaves"`    // of the log when it was worked out
		Held   map[conformity.Basis]int `json:"held_from"` // how many of those that hold were decided from what
	}{items, r.At.UTC(), counts, r.Leaves, r.HeldFrom()})
}

// kept is one day's result as it was kept.
type kept struct {
	Day          record.Date   `json:"day"`
	State        record.Choice `json:"state"`
	Population   record.Count  `json:"population"`
	Failing      record.Count  `json:"failing"`
	Reason       record.Prose  `json:"reason"`
	CheckVersion record.Count  `json:"check_version"`
}

func keptOf(r *storage.ConformityResult) kept {
	return kept{r.Day, r.State, r.Population, r.Failing, r.Reason, r.CheckVersion}
}

// failed is a time in which a member did not meet the requirement.
type failed struct {
	Process record.Text   `json:"process"`
	Ref     record.Text   `json:"ref"`
	From    time.Time     `json:"from"`
	Until   *time.Time    `json:"until"` // null: nothing ends it
	State   record.Choice `json:"state"`
	Reason  record.Prose  `json:"reason"`
}

func (d door) one(c *api.Call) error {
	r, err := d.report(c)
	if err != nil {
		return err
	}
	ctx := c.R.Context()
	i := r.Item(c.R.PathValue("requirement"))
	if i == nil {
		return fault.New(fault.NotFound, "there is no such requirement")
	}
	out := struct {
		conformity.View
		At          time.Time                `json:"at"`
		Needs       string                   `json:"needs"`
		Wanted      string                   `json:"wanted"` // evidence an auditor would look at
		Check       string                   `json:"check"`
		Kind        catalogue.Kind           `json:"kind"`
		Condition   string                   `json:"condition,omitempty"`
		Process     string                   `json:"process,omitempty"` // whose records are asked
		Filter      string                   `json:"filter,omitempty"`  // the population
		FailingList []conformity.FailingView `json:"failing_members"`
		History     []kept                   `json:"history"`
		Failed      []failed                 `json:"failed"`
	}{At: r.At.UTC(), Needs: i.Requirement.Needs, Wanted: i.Requirement.Evidence, Check: i.Requirement.Check, Kind: i.Requirement.Kind, History: []kept{}, Failed: []failed{}}
	views, err := d.e.Views(ctx, c.Who, []conformity.Item{*i})
	if err != nil {
		return err
	}
	out.View = views[0]
	if i.Requirement.Condition != nil {
		out.Condition = i.Requirement.Condition.When
	}
	if k := d.e.Check(i.Requirement.ID); k != nil {
		out.Process, out.Filter = k.Process, k.Where
	}
	if out.FailingList, err = d.e.Failing(ctx, c.Who, i, failingShown); err != nil {
		return err
	}
	h, err := d.e.History(ctx, i.Requirement.ID, historyShown)
	if err != nil {
		return err
	}
	for _, x := range h {
		out.History = append(out.History, keptOf(x))
	}
	fs, err := d.e.Failed(ctx, c.Who, i.Requirement.ID, time.Time{}, r.At, failingShown)
	if err != nil {
		return err
	}
	for _, v := range fs {
		f := failed{v.Process, v.Ref, v.FromAt.Time(), nil, v.State, v.Reason}
		if v.UntilAt != storage.Open {
			t := v.UntilAt.Time()
			f.Until = &t
		}
		out.Failed = append(out.Failed, f)
	}
	return send(c, out)
}

func (d door) restated(c *api.Call) error {
	if err := conformity.May(c.Who); err != nil {
		return err
	}
	got, err := d.e.Restated(c.R.Context(), record.Date(c.R.URL.Query().Get("day")))
	if err != nil {
		return err
	}
	type difference struct {
		Requirement string   `json:"requirement"`
		Kept        kept     `json:"kept"`
		Now         kept     `json:"now"`
		Explained   bool     `json:"explained"`
		Check       bool     `json:"check_changed"`
		Events      []string `json:"events"` // what was recorded later: process, command, when it was so
	}
	out := struct {
		Day    record.Date  `json:"day"`
		Intact bool         `json:"intact"` // the rows have the hash that the log holds
		Items  []difference `json:"items"`
	}{got.Day, got.Intact, []difference{}}
	for _, r := range got.Restated {
		x := difference{r.Requirement, keptOf(r.Kept), keptOf(r.Now), r.Explained(), r.Check, []string{}}
		for _, e := range r.Events {
			x.Events = append(x.Events, fmt.Sprintf("%d %s %s %s", e.Seq, e.Process, e.Command, e.OccurredAt))
		}
		out.Items = append(out.Items, x)
	}
	return send(c, out)
}

func (d door) missing(c *api.Call) error {
	if !c.Who.Customer.IsZero() {
		return fault.New(fault.Denied, "what conformity asks of a record is for the provider's people")
	}
	lacks, err := d.e.Missing(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	type lack struct {
		Requirement string          `json:"requirement"`
		Clause      string          `json:"clause"`
		Needs       string          `json:"needs"`
		State       catalogue.State `json:"state"`
		Reason      string          `json:"reason"`
		NextStep    string          `json:"next_step,omitempty"`
		Changes     *time.Time      `json:"changes,omitempty"` // when it will be otherwise if nothing happens
		Then        catalogue.State `json:"then,omitempty"`
	}
	items := []lack{}
	for _, l := range lacks {
		x := lack{l.Requirement.ID, l.Requirement.Clause, l.Requirement.Needs, l.State, l.Reason, l.NextStep, nil, l.Then}
		if !l.Changes.IsZero() {
			t := l.Changes.UTC()
			x.Changes = &t
		}
		items = append(items, x)
	}
	return send(c, map[string]any{"items": items})
}
