package conformity

import (
	"context"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/conformity/catalogue"
)

// Todo is one thing that somebody has to do for a requirement to hold.
type Todo struct {
	Requirement *catalogue.Requirement
	About       catalogue.Evidence // the record that fails; without id: one that ought to exist
	State       catalogue.State
	Reason      string
	NextStep    string
	Owner       record.ID // of the record, else who works on it, else of the description of its process; zero: nobody
}

// Todos is what keeps the requirements of a report from holding, in the standard's order, with whose
// it is: at most each members of one requirement, and none that actor may not see.
func (e *Engine) Todos(ctx context.Context, actor *access.Principal, rep *Report, each int) ([]Todo, error) {
	owners, err := e.processOwners(ctx)
	if err != nil {
		return nil, err
	}
	var out []Todo
	var ids []record.ID
	for _, i := range rep.Items {
		if i.State.Holds() || i.Requirement.Advisory || !i.Decided {
			continue
		}
		for n, m := range i.Failing {
			if n == each {
				break
			}
			at := m.Verdict.At(rep.At)
			out = append(out, Todo{i.Requirement, m.About, at.State, at.Reason, m.NextStep, record.ID{}})
			if id := record.ID(m.About.ID); !id.IsZero() {
				ids = append(ids, id)
			}
		}
	}
	seen, err := e.entries(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	kept := out[:0]
	for _, t := range out {
		d := seen[record.ID(t.About.ID)]
		switch {
		case d == nil && t.About.ID != [16]byte{}:
			continue
		case d != nil && !d.Owner.IsZero():
			t.Owner = d.Owner
		case d != nil && !d.Assignee.IsZero():
			t.Owner = d.Assignee
		default:
			t.Owner = owners[t.About.Process]
		}
		kept = append(kept, t)
	}
	return kept, nil
}

// processOwners are the owners of the processes that are described (4.4), by the name of the records
// of each; none where this system keeps no descriptions.
func (e *Engine) processOwners(ctx context.Context) (map[string]record.ID, error) {
	p := e.sys.Registry.Process("process")
	if p == nil {
		return nil, nil
	}
	out := map[string]record.ID{}
	err := e.sys.Each(ctx, e.sys.Self(), system.ListQuery{Process: p.Name, Filter: `phase = "open"`}, func(r record.Record, _ *record.Version) error {
		if d, ok := r.(interface{ Runs() string }); ok {
			out[d.Runs()] = r.Head().Owner
		}
		return nil
	})
	return out, err
}
