package conformity

import (
	"context"
	"slices"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity/catalogue"
)

// View is one requirement's state as doors tell it.
type View struct {
	Requirement  string           `json:"requirement"`
	Clause       string           `json:"clause"`
	Title        string           `json:"title"`
	State        catalogue.State  `json:"state"`
	Since        *time.Time       `json:"since"` // null: as far back as is known
	Reason       string           `json:"reason"`
	Evidence     []EvidenceView   `json:"evidence"`
	NextStep     string           `json:"next_step"`
	Advisory     bool             `json:"advisory"` // never counts against conformity
	Decided      bool             `json:"decided"`  // by a check; false: nothing of that kind is kept yet
	DecidedFrom  Basis            `json:"decided_from,omitempty"`
	Population   int              `json:"population"`
	Failing      int              `json:"failing"`
	Oldest       *time.Time       `json:"oldest,omitempty"`  // evidence
	Newest       *time.Time       `json:"newest,omitempty"`  // evidence
	Changes      *time.Time       `json:"changes,omitempty"` // when the state changes if nothing happens
	Interval     catalogue.Period `json:"interval,omitzero"`
	IntervalBy   string           `json:"interval_set_by,omitempty"` // none: the default
	IntervalAt   *time.Time       `json:"interval_set_at,omitempty"`
	CheckVersion int              `json:"check_version,omitempty"`
}

// EvidenceView names a record that a state rests on.
type EvidenceView struct {
	Process string    `json:"process"`
	Ref     string    `json:"ref"`
	ID      record.ID `json:"id"`
}

// FailingView is a member that does not meet a requirement.
type FailingView struct {
	Process  string          `json:"process"`
	Ref      string          `json:"ref"`
	ID       *record.ID      `json:"id"` // null: it ought to exist and does not
	State    catalogue.State `json:"state"`
	Since    *time.Time      `json:"since"`
	Reason   string          `json:"reason"`
	NextStep string          `json:"next_step"`
}

// May reports whether actor may see the state of the management system: top management, process
// owners, auditors and administrators.
func May(actor *access.Principal) error {
	if actor.May(Runs.Name, "read") && (actor.System || actor.Customer.IsZero()) {
		return nil
	}
	return fault.New(fault.Denied, "the state of conformity is for administrators, process owners, managers and auditors")
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Views are the items as actor may see them: evidence that they may not know of is left out, its
// number stays.
func (e *Engine) Views(ctx context.Context, actor *access.Principal, items []Item) ([]View, error) {
	var ids []record.ID
	for _, i := range items {
		for _, x := range i.Evidence {
			ids = append(ids, x.ID)
		}
	}
	seen, err := e.sees(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	out := make([]View, len(items))
	for n, i := range items {
		v := View{Requirement: i.Requirement.ID, Clause: i.Requirement.Clause, Title: i.Requirement.Title, State: i.State, Since: moment(i.Since),
			Reason: i.Reason, Evidence: []EvidenceView{}, NextStep: i.NextStep, Advisory: i.Requirement.Advisory, Decided: i.Decided, DecidedFrom: i.Basis,
			Population: i.Population, Failing: len(i.Failing), Oldest: moment(i.Oldest.At), Newest: moment(i.Newest.At), Changes: moment(i.Changes),
			Interval: i.Interval.Period, IntervalBy: i.Interval.SetBy, IntervalAt: moment(i.Interval.SetAt), CheckVersion: i.CheckVersion}
		for _, x := range i.Evidence {
			if seen[x.ID] {
				v.Evidence = append(v.Evidence, EvidenceView{x.Process, x.Ref, x.ID})
			}
		}
		out[n] = v
	}
	return out, nil
}

// Failing are at most limit members of an item that fail, as actor may see them.
func (e *Engine) Failing(ctx context.Context, actor *access.Principal, i *Item, limit int) ([]FailingView, error) {
	members := i.Failing[:min(limit, len(i.Failing))]
	ids := make([]record.ID, len(members))
	for n, m := range members {
		ids[n] = m.About.ID
	}
	seen, err := e.sees(ctx, actor, ids)
	if err != nil {
		return nil, err
	}
	out := []FailingView{}
	for _, m := range members {
		id := record.ID(m.About.ID)
		at := m.Verdict.At(i.At)
		v := FailingView{Process: m.About.Process, Ref: m.About.Ref, State: at.State, Since: moment(m.Verdict.Since(i.At)), Reason: at.Reason, NextStep: m.NextStep}
		if !id.IsZero() {
			if !seen[id] {
				continue
			}
			v.ID = &id
		}
		out = append(out, v)
	}
	return out, nil
}

// sees is which of the records actor may know of.
func (e *Engine) sees(ctx context.Context, actor *access.Principal, ids []record.ID) (map[record.ID]bool, error) {
	entries, err := e.entries(ctx, actor, ids)
	out := make(map[record.ID]bool, len(entries))
	for id := range entries {
		out[id] = true
	}
	return out, err
}

// entries are the directory's lines of those of ids that actor may know of.
func (e *Engine) entries(ctx context.Context, actor *access.Principal, ids []record.ID) (map[record.ID]*storage.Directory, error) {
	out := map[record.ID]*storage.Directory{}
	scopes := e.sys.Scopes(actor)
	for some := range slices.Chunk(ids, batchSize) {
		cells := make([]record.Cell, len(some))
		for i := range cells {
			cells[i] = &some[i]
		}
		ds, err := e.sys.Store.Directory(ctx, scopes, []storage.Cond{{Col: "id", Op: "in", Val: cells}}, "", 0)
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			out[d.ID] = d
		}
	}
	return out, nil
}

// Catalogue is what the engine's requirements are.
func (e *Engine) Catalogue() *catalogue.Catalogue { return e.cat }

// Instant reads what a person gives as a moment of the past: an RFC 3339 time, or a day, which
// means its end, or now when that is still to come. "" is the zero time: the present.
func (e *Engine) Instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	now := e.sys.Now()
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		if t.After(now) {
			return t, fault.New(fault.BadRequest, "as_of lies in the future: nobody knows yet")
		}
		return t.UTC().Truncate(time.Microsecond), nil
	}
	d, err := time.ParseInLocation(time.DateOnly, text, e.sys.Zone())
	if err != nil {
		return d, fault.New(fault.BadRequest, "as_of takes an RFC 3339 time or a day, such as 2026-01-31T08:00:00Z or 2026-01-31")
	}
	if d.After(now) {
		return d, fault.New(fault.BadRequest, "as_of lies in the future: nobody knows yet")
	}
	if end := d.AddDate(0, 0, 1).Add(-time.Microsecond); end.Before(now) {
		return end.UTC(), nil
	}
	return now, nil
}
