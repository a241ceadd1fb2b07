package proof

import (
	"time"

	"steward/api"
	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// todoEach is how many members of one requirement a list of things to do names.
const todoEach = 200

func (d door) readiness(c *api.Call) error {
	rep, err := d.report(c)
	if err != nil {
		return err
	}
	r, ok, err := d.e.Readiness(c.R.Context(), rep, c.R.PathValue("stage"))
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.NotFound, "there is no such audit: there are stage-1, stage-2 and surveillance")
	}
	type ask struct {
		What    string   `json:"what"`
		Clauses []string `json:"clauses"`
		Held    int      `json:"held"`
		Of      int      `json:"of"`
		Fails   []string `json:"fails"` // requirements
	}
	out := struct {
		Stage string    `json:"stage"`
		At    time.Time `json:"at"`
		Ready bool      `json:"ready"`
		Held  int       `json:"held"`
		Of    int       `json:"of"`
		Short int       `json:"days_short"` // that records do not go back yet
		Asks  []ask     `json:"asks"`
	}{r.Stage.Name, r.At.UTC(), r.Ready(), r.Held, r.Of, r.Short, []ask{}}
	for _, a := range r.Asks {
		x := ask{a.What, a.Clauses, a.Held, a.Of, []string{}}
		for _, i := range a.Fails {
			x.Fails = append(x.Fails, i.Requirement.ID)
		}
		out.Asks = append(out.Asks, x)
	}
	return send(c, out)
}

func (d door) todo(c *api.Call) error {
	rep, err := d.report(c)
	if err != nil {
		return err
	}
	list, err := d.e.Todos(c.R.Context(), c.Who, rep, todoEach)
	if err != nil {
		return err
	}
	type todo struct {
		Requirement string          `json:"requirement"`
		Process     string          `json:"process"`
		Ref         string          `json:"ref"`
		ID          *record.ID      `json:"id"` // null: it ought to exist and does not
		State       catalogue.State `json:"state"`
		Reason      string          `json:"reason"`
		NextStep    string          `json:"next_step"`
		Owner       *record.ID      `json:"owner"` // null: nobody's
	}
	items := []todo{}
	for _, t := range list {
		x := todo{t.Requirement.ID, t.About.Process, t.About.Ref, nil, t.State, t.Reason, t.NextStep, nil}
		if id := record.ID(t.About.ID); !id.IsZero() {
			x.ID = &id
		}
		if !t.Owner.IsZero() {
			x.Owner = &t.Owner
		}
		items = append(items, x)
	}
	return send(c, map[string]any{"items": items, "at": rep.At.UTC()})
}
