package proof

import (
	"time"

	"steward/api"
	"steward/kernel/fault"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/guidance"
)

// advised is guidance with the phase in which its clause comes and where its processes are.
type advised struct {
	*guidance.Clause
	Phase     int      `json:"phase"`
	Resources []string `json:"resources"` // of the processes, in their order
}

func (d door) advise(c *guidance.Clause) advised {
	out := advised{Clause: c, Resources: []string{}}
	if p := guidance.PhaseOf(c.Number); p != nil {
		out.Phase = p.Number
	}
	for _, name := range c.Processes {
		if p := d.reg.Process(name); p != nil {
			out.Resources = append(out.Resources, "/api/v1/"+p.Resource)
		}
	}
	return out
}

func (d door) advice(c *api.Call) error {
	if err := conformity.May(c.Who); err != nil {
		return err
	}
	items := []advised{}
	for _, g := range guidance.All() {
		items = append(items, d.advise(g))
	}
	return send(c, map[string]any{"items": items})
}

func (d door) adviceOn(c *api.Call) error {
	if err := conformity.May(c.Who); err != nil {
		return err
	}
	g, ok := guidance.Of(c.R.PathValue("clause"))
	if !ok {
		return fault.New(fault.NotFound, "no clause %q holds requirements; write one such as 8.6.1", c.R.PathValue("clause"))
	}
	return send(c, d.advise(g))
}

// phases is the implementation plan, with what the verdicts of the instant say of it.
func (d door) phases(c *api.Call) error {
	r, err := d.report(c)
	if err != nil {
		return err
	}
	type next struct {
		Requirement string          `json:"requirement"`
		Needs       string          `json:"needs"`
		State       catalogue.State `json:"state"`
		Reason      string          `json:"reason"`
		NextStep    string          `json:"next_step,omitempty"`
	}
	type phase struct {
		*guidance.Phase
		Requirements int    `json:"requirements"`
		Held         int    `json:"held"`
		Idle         int    `json:"nothing_to_judge"`
		Share        int    `json:"share"` // percent of those with something to judge
		Done         bool   `json:"done"`
		Next         []next `json:"next"`
	}
	items := []phase{}
	for _, s := range guidance.Progress(r) {
		x := phase{s.Phase, s.Of, s.Held, s.Idle, s.Share, s.Done(), []next{}}
		for _, it := range s.Next {
			x.Next = append(x.Next, next{it.Requirement.ID, it.Requirement.Needs, it.State, it.Reason, it.NextStep})
		}
		items = append(items, x)
	}
	return send(c, struct {
		Items []phase   `json:"items"`
		At    time.Time `json:"at"`
	}{items, r.At.UTC()})
}
