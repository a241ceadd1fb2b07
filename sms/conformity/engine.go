package conformity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Engine asks the checks of the records of one system.
type Engine struct {
	sys    *system.System
	cat    *catalogue.Catalogue
	checks map[string]*check.Check

	mu   sync.Mutex
	now  *evaluation   // of the present, while nothing new has been recorded
	then []*evaluation // of a few past instants
}

// New is the engine over sys. It panics on a check of an unknown requirement and on two of one,
// so that every test run finds it. Checks of processes that sys does not have are left out: their
// requirements have no evidence.
func New(sys *system.System, cat *catalogue.Catalogue, checks []check.Check) *Engine {
	e := &Engine{sys: sys, cat: cat, checks: map[string]*check.Check{}}
	for i := range checks {
		c := &checks[i]
		if _, ok := cat.ByID(c.Requirement); !ok {
			panic("conformity: a check decides " + c.Requirement + ", which the catalogue does not know")
		}
		if e.checks[c.Requirement] != nil {
			panic("conformity: two checks decide " + c.Requirement)
		}
		if c.Process == "" || sys.Registry.Process(c.Process) != nil {
			e.checks[c.Requirement] = c
		}
	}
	return e
}

// Item is the state of one requirement.
type Item struct {
	Requirement *catalogue.Requirement
	catalogue.Result
	Decided bool  // a check in code decides it; else nothing of that kind is kept yet
	Basis   Basis // from what; "" when it is not decided
}

// Report is the state of every requirement at an instant, in the standard's order.
type Report struct {
	At     time.Time
	AsOf   bool  // of the past, else of the present
	Leaves int64 // of the log when it was worked out
	Items  []Item
}

// Gaps are the items that count against conformity as gaps.
func (r *Report) Gaps() []Item {
	var out []Item
	for _, i := range r.Items {
		if i.State == catalogue.Gap && i.Requirement.Blocks(i.State) {
			out = append(out, i)
		}
	}
	return out
}

// Item is the state of one requirement; nil when the catalogue does not know it.
func (r *Report) Item(requirement string) *Item {
	for i := range r.Items {
		if r.Items[i].Requirement.ID == requirement {
			return &r.Items[i]
		}
	}
	return nil
}

// Under keeps the items of a clause and of those beneath it; "" keeps all.
func (r *Report) Under(clause string) *Report {
	if clause == "" {
		return r
	}
	out := *r
	out.Items = nil
	for _, i := range r.Items {
		if catalogue.Beneath(i.Requirement.Clause, clause) {
			out.Items = append(out.Items, i)
		}
	}
	return &out
}

// Now is the present by the clock of the system.
func (e *Engine) Now() time.Time { return e.sys.Now() }

// Resource is the name under which doors have the records of a process.
func (e *Engine) Resource(process string) string {
	if p := e.sys.Registry.Process(process); p != nil {
		return p.Resource
	}
	return process
}

// mark says what had been recorded when something was worked out.
type mark struct {
	leaves, seq int64
	looked      string // since when looks are on record, of each process that keeps them
}

// evaluation is the answers of all checks, before they are aggregated at an instant. Being
// timelines they stay right while time passes and nothing is recorded.
type evaluation struct {
	at      time.Time
	past    bool
	mark    mark
	answers []*answer
	queries int // statements for what checks read besides their members

	whole  time.Time              // when everything was asked
	blocks map[string][]record.ID // the first id of each block of a process's records but the first
}

// pastKept is how many past instants are remembered, and pastMembers with how many members at most
// each: what fails is kept member by member, about half a kilobyte each.
const (
	pastKept    = 4
	pastMembers = 50_000
)

// members is how many members an evaluation keeps.
func (ev *evaluation) members() (n int) {
	for _, a := range ev.answers {
		n += len(a.tally.members)
	}
	return n
}

// Evaluate is the state of every requirement now, or with asOf as of then. Asking again is
// answered from memory until something is recorded.
func (e *Engine) Evaluate(ctx context.Context, asOf time.Time) (*Report, error) {
	ev, err := e.evaluation(ctx, asOf)
	if err != nil {
		return nil, err
	}
	at := ev.at
	if !ev.past {
		at = e.sys.Now()
	}
	kept, err := e.keptSince(ctx, at)
	if err != nil {
		return nil, err
	}
	r := &Report{At: at, AsOf: ev.past, Leaves: ev.mark.leaves}
	for _, a := range ev.answers {
		it := Item{Requirement: a.req, Result: a.aggregate(at), Decided: a.check != nil, Basis: e.basis(a.req, a.check)}
		if k := kept[a.req.ID]; k != nil && it.Since.IsZero() && string(k.State) == string(it.State) && k.Since != "" {
			if since, err := time.ParseInLocation(time.DateOnly, string(k.Since), e.sys.Zone()); err == nil {
				it.Since = since
			}
		}
		r.Items = append(r.Items, it)
	}
	return r, nil
}

// evaluation has the checks asked, or gives what they answered when nothing has changed.
func (e *Engine) evaluation(ctx context.Context, asOf time.Time) (*evaluation, error) {
	now := e.sys.Now()
	if asOf.After(now) {
		return nil, fault.New(fault.BadRequest, "as_of lies in the future: nobody knows yet")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	m, err := e.mark(ctx)
	if err == nil && asOf.IsZero() && e.now != nil && e.now.mark != m {
		// What is committed gets its leaf now: leaves tell what has changed, in an order without holes.
		if _, err = e.sys.SequenceAll(ctx); err == nil {
			m, err = e.mark(ctx)
		}
	}
	if err != nil {
		return nil, err
	}
	if asOf.IsZero() {
		stale := e.now == nil || e.now.outlived(now, e.sys.Zone())
		if stale || e.now.mark != m {
			var ev *evaluation
			var err error
			if !stale {
				ev, err = e.again(ctx, now, m)
			}
			if ev == nil && err == nil {
				ev, err = e.ask(ctx, now, false, m)
			}
			if err != nil {
				e.now = nil
				return nil, err
			}
			e.now = ev
		}
		return e.now, nil
	}
	asOf = asOf.UTC().Truncate(time.Microsecond)
	for _, x := range e.then {
		if x.at.Equal(asOf) && x.mark == m {
			return x, nil
		}
	}
	x, err := e.ask(ctx, asOf, true, m)
	if err != nil {
		return nil, err
	}
	if x.members() <= pastMembers {
		if e.then = append(e.then, x); len(e.then) > pastKept {
			e.then = e.then[1:]
		}
	}
	return x, nil
}

// mark is what has been recorded so far. The number of leaves alone would do a moment later: the
// newest event tells of what has no leaf yet.
func (e *Engine) mark(ctx context.Context) (mark, error) {
	var m mark
	var leaf storage.Leaf
	err := e.sys.Store.Rows(ctx, storage.TLeaf, nil, "t.no desc", 1, func() []storage.Part { return []storage.Part{storage.Part(&leaf)} },
		func() error { m.leaves = int64(leaf.No) + 1; return nil })
	if err != nil {
		return m, err
	}
	es, err := e.sys.Store.Events(ctx, nil, "t.seq desc", 1)
	if err != nil {
		return m, err
	}
	if len(es) > 0 {
		m.seq = int64(es[0].Seq)
	}
	for _, p := range e.sys.Registry.All {
		if p.Logged { // a look is no event
			since, err := e.sys.LookedSince(ctx, p.Name)
			if err != nil {
				return m, err
			}
			m.looked += since.String() + " "
		}
	}
	return m, nil
}

// ask has every check asked of its population.
func (e *Engine) ask(ctx context.Context, at time.Time, past bool, m mark) (*evaluation, error) {
	l := newLoader(e.sys, at, past)
	ev := &evaluation{at: at, past: past, mark: m, whole: at, blocks: map[string][]record.ID{}}
	began, err := e.setUp(ctx)
	if err != nil {
		return nil, err
	}
	asked := map[string][]*answer{}
	for _, r := range e.cat.All() {
		a := &answer{req: r, check: e.checks[r.ID], search: catalogue.Search{Condition: r.Condition, From: began}}
		ev.answers = append(ev.answers, a)
		if err := a.prepare(ctx, l); err != nil {
			return nil, err
		}
		if a.check != nil && a.check.Process != "" {
			asked[a.check.Process] = append(asked[a.check.Process], a)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if ev.blocks[name], err = l.all(ctx, name, asked[name]); err != nil {
			return nil, err
		}
	}
	for _, a := range ev.answers {
		a.finish()
	}
	ev.queries = l.queries
	return ev, nil
}

// setUp is when this system began to keep records; zero when that is not known.
func (e *Engine) setUp(ctx context.Context) (time.Time, error) {
	text, err := e.sys.Store.Meta(ctx, "set_up")
	if err != nil || text == "" {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("conformity: when the system was set up: %w", err)
	}
	return t.In(e.sys.Zone()), nil
}
