// Package process is the declaration of a process and the registry of them all.
//
// A process is one package that calls [Declare] once. From that value come its table, REST
// resource, CLI verbs, permissions, history, search and export; its rules stay ordinary
// functions. Declare registers nothing: cmd/steward lists its processes in order, so a test can
// run with a single one.
//
// Start at [Spec], then [Process], the same with its type taken off.
package process

import (
	"context"
	"fmt"
	"strings"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// Reader is what a process may read before it decides. It reads as Steward itself: what the
// actor may know is the kernel's business, what the rule needs is the process's.
type Reader interface {
	// Get is the record with its lines (and the version shown today); nil when there is none.
	Get(ctx context.Context, process string, id record.ID) (record.Record, error)
	// InForce is the record with the content in force on day; nil when there is none.
	InForce(ctx context.Context, process string, id record.ID, day record.Date) (record.Record, *record.Version, error)
	// All are the records of a small configuration process, from memory.
	All(ctx context.Context, process string) ([]record.Record, error)
	// Versions are all versions of a record with their content, oldest first.
	Versions(ctx context.Context, process string, id record.ID) ([]Content, error)
	// Links are the record's open links, of kind or of any.
	Links(ctx context.Context, id record.ID, kind string) ([]LinkEnd, error)
	// Find are at most limit records of process that match filter.
	Find(ctx context.Context, process, filter string, limit int) ([]record.Record, error)
	// Count is exactly how many records of process match filter; known is false when this system has
	// no such process.
	Count(ctx context.Context, process, filter string) (n int, known bool, err error)
	// Leaves is how long the log is: what a figure was worked out from can be found again by it.
	Leaves(ctx context.Context) (int64, error)
	// Parsed keeps a value made from a record (such as a compiled calendar) until it changes.
	Parsed(key record.ID, build func() (any, error)) (any, error)
}

// Content is one version with the record as it reads in it.
type Content struct {
	Version *record.Version
	Record  record.Record
}

// LinkEnd is a link seen from one of its ends.
type LinkEnd struct {
	ID      record.ID
	Kind    string
	Other   record.ID
	Process string // of the other end
	From    bool   // the link was made at this end
}

// LinkKind declares how records may be joined.
type LinkKind struct {
	Name    string   // from this end, such as caused_by
	Inverse string   // from the other end, such as causes
	To      []string // processes allowed at the other end; empty means any
	One     bool     // at most one open link of this kind from a record
	Acyclic bool     // following it never comes back
}

// Spec is everything a process tells the kernel.
type Spec[T any] struct {
	Name     string // singular, snake_case, as in the registry
	Prefix   string // of its refs: INC
	Clause   string // of ISO/IEC 20000-1:2018; "" for what the kernel itself needs
	Resource string // plural kebab-case; "" means Name plus s
	Doc      string // one sentence for people

	Versioned bool   // content in versions with approval and effect
	Stated    bool   // its records say what is meant to be, written for that; not what work left behind
	Config    bool   // few records, kept in memory, named by title or slug
	Shared    bool   // a record without customer is for every customer
	NameField string // field by which people name a record besides its ref; default title of Config processes

	States    []lifecycle.State // the first is where a new record begins
	Lifecycle lifecycle.Table[T]
	Gates     []lifecycle.Gate[T] // approvals that transitions ask for
	Links     []LinkKind
	Grants    access.Table
	Unique    []string // fields unique within the process

	// Load reads what the decision needs. It runs before every command.
	Load func(ctx context.Context, r Reader, t *T, f *lifecycle.Facts) (any, error)
	// Decide holds what must be true of every record whatever is done to it, and derives fields.
	Decide func(t *T, f *lifecycle.Facts) []lifecycle.Refusal
	// Fold keeps stamps and counters: it runs last, on every event, also on comments.
	Fold func(t *T, f *lifecycle.Facts)
	// Clocks are the promises that apply to the record as it now stands.
	Clocks func(t *T, f *lifecycle.Facts) []lifecycle.ClockSpec
	// Timer says what happens when the timer key of the record is due.
	Timer func(t *T, key string, f *lifecycle.Facts)
	// Approve guards the approval of a version beyond the four-eyes rule.
	Approve func(t *T, v *record.Version, f *lifecycle.Facts) []lifecycle.Refusal
}

// Process is a Spec with its type taken off, plus what Declare worked out.
type Process struct {
	Name, Prefix, Clause, Resource, Doc string
	Versioned, Stated, Config, Shared   bool
	NameField                           string

	Shape        *record.Shape
	RecordFields []*record.Field // columns of the process's own table
	Content      []*record.Field // columns of its version table; none unless Versioned
	RecordLines  []*record.LineKind
	ContentLines []*record.LineKind

	States      []lifecycle.State
	Transitions []Transition
	Gates       []Gate
	Links       []LinkKind
	Grants      access.Table
	Unique      []*record.Field

	New     func() record.Record
	Load    func(ctx context.Context, r Reader, t record.Record, f *lifecycle.Facts) (any, error)
	Decide  func(t record.Record, f *lifecycle.Facts) []lifecycle.Refusal
	Fold    func(t record.Record, f *lifecycle.Facts)
	Clocks  func(t record.Record, f *lifecycle.Facts) []lifecycle.ClockSpec
	Timer   func(t record.Record, key string, f *lifecycle.Facts)
	Approve func(t record.Record, v *record.Version, f *lifecycle.Facts) []lifecycle.Refusal
}

// Transition is lifecycle.Transition with its type taken off.
type Transition struct {
	Name  string
	From  []string
	To    string
	Needs []*record.Field
	Guard func(record.Record, *lifecycle.Facts) []lifecycle.Refusal
	Then  func(record.Record, *lifecycle.Facts)
	Tasks bool
	Gate  string
}

// Declare reads the spec once and panics, with process and reason, on whatever cannot work.
func Declare[T any](s Spec[T]) *Process {
	fail := func(format string, args ...any) { panic("process " + s.Name + ": " + fmt.Sprintf(format, args...)) }
	if _, ok := any(new(T)).(record.Record); !ok {
		fail("%T does not embed record.Header", *new(T))
	}
	p := &Process{Name: s.Name, Prefix: s.Prefix, Clause: s.Clause, Resource: s.Resource, Doc: s.Doc,
		Versioned: s.Versioned, Stated: s.Stated, Config: s.Config, Shared: s.Shared, NameField: s.NameField,
		Shape: record.ShapeOf[T](s.Name), States: s.States, Links: s.Links, Grants: s.Grants}
	p.New = func() record.Record { return any(new(T)).(record.Record) }
	if p.Resource == "" {
		p.Resource = strings.ReplaceAll(s.Name, "_", "-") + "s"
	}
	if p.NameField == "" && p.Config {
		p.NameField = "title"
	}
	header := record.ShapeOf[record.Header]("header")
	for _, f := range p.Shape.Fields {
		if p.Versioned && header.Field(f.Name) == nil && !f.Identity {
			p.Content = append(p.Content, f)
		} else {
			p.RecordFields = append(p.RecordFields, f)
		}
	}
	for _, l := range p.Shape.Lines {
		if p.Versioned && !l.Identity {
			p.ContentLines = append(p.ContentLines, l)
		} else {
			p.RecordLines = append(p.RecordLines, l)
		}
	}
	if len(p.States) == 0 {
		fail("has no states")
	}
	for _, n := range s.Unique {
		f := p.Shape.Field(n)
		if f == nil {
			fail("unique field %s is not declared", n)
		}
		p.Unique = append(p.Unique, f)
	}
	seen := map[string]bool{}
	for _, t := range s.Lifecycle {
		if seen[t.Name] {
			fail("has two transitions %s", t.Name)
		}
		seen[t.Name] = true
		for _, st := range append(append([]string{}, t.From...), t.To) {
			if _, ok := p.State(st); !ok && st != "" {
				fail("transition %s names unknown state %s", t.Name, st)
			}
		}
		e := Transition{Name: t.Name, From: t.From, To: t.To, Tasks: t.Tasks, Gate: t.Gate}
		if t.Needs != nil {
			fresh := new(T)
			base := p.Shape.Base(fresh)
			for _, ptr := range t.Needs(fresh) {
				f := p.Shape.FieldAt(base, ptr)
				if f == nil {
					fail("transition %s needs something that is not a declared field", t.Name)
				}
				e.Needs = append(e.Needs, f)
			}
		}
		if g := t.Guard; g != nil {
			e.Guard = func(r record.Record, f *lifecycle.Facts) []lifecycle.Refusal { return g(any(r).(*T), f) }
		}
		if th := t.Then; th != nil {
			e.Then = func(r record.Record, f *lifecycle.Facts) { th(any(r).(*T), f) }
		}
		p.Transitions = append(p.Transitions, e)
	}
	p.Gates = gatesOf(p, s.Gates, fail)
	s.Grants.Check(s.Name)
	if s.Load != nil {
		p.Load = func(ctx context.Context, rd Reader, r record.Record, f *lifecycle.Facts) (any, error) {
			return s.Load(ctx, rd, any(r).(*T), f)
		}
	}
	if s.Decide != nil {
		p.Decide = func(r record.Record, f *lifecycle.Facts) []lifecycle.Refusal { return s.Decide(any(r).(*T), f) }
	}
	if s.Fold != nil {
		p.Fold = func(r record.Record, f *lifecycle.Facts) { s.Fold(any(r).(*T), f) }
	}
	if s.Clocks != nil {
		p.Clocks = func(r record.Record, f *lifecycle.Facts) []lifecycle.ClockSpec { return s.Clocks(any(r).(*T), f) }
	}
	if s.Timer != nil {
		p.Timer = func(r record.Record, key string, f *lifecycle.Facts) { s.Timer(any(r).(*T), key, f) }
	}
	if s.Approve != nil {
		p.Approve = func(r record.Record, v *record.Version, f *lifecycle.Facts) []lifecycle.Refusal {
			return s.Approve(any(r).(*T), v, f)
		}
	}
	return p
}

// State finds a state by name.
func (p *Process) State(name string) (lifecycle.State, bool) {
	for _, s := range p.States {
		if s.Name == name {
			return s, true
		}
	}
	return lifecycle.State{}, false
}

// Transition finds a transition by name; nil if there is none.
func (p *Process) Transition(name string) *Transition {
	for i := range p.Transitions {
		if p.Transitions[i].Name == name {
			return &p.Transitions[i]
		}
	}
	return nil
}

// Leaves reports whether t is legal from state.
func (t *Transition) Leaves(state string) bool {
	if len(t.From) == 0 {
		return state != t.To
	}
	for _, f := range t.From {
		if f == state {
			return true
		}
	}
	return false
}

// Legal are the names of the transitions that state allows, in the order declared.
func (p *Process) Legal(state string) []string {
	out := []string{}
	for i := range p.Transitions {
		if p.Transitions[i].Leaves(state) {
			out = append(out, p.Transitions[i].Name)
		}
	}
	return out
}

// Ref is the text form of a record's number: INC-42.
func (p *Process) Ref(num record.Count) string { return fmt.Sprintf("%s-%d", p.Prefix, num) }

// Link finds the kind by its name at either end; forward is false for the inverse name.
func (p *Process) Link(name string) (k LinkKind, forward, ok bool) {
	for _, k := range p.Links {
		if k.Name == name {
			return k, true, true
		}
	}
	return LinkKind{}, false, false
}

// Registry is all processes of a running system, in the order wired.
type Registry struct {
	All      []*Process
	byName   map[string]*Process
	byRes    map[string]*Process
	byPrefix map[string]*Process
}

// NewRegistry panics on clashes of names, resources or prefixes and on references to processes
// that are not there.
func NewRegistry(ps ...*Process) *Registry {
	r := &Registry{All: ps, byName: map[string]*Process{}, byRes: map[string]*Process{}, byPrefix: map[string]*Process{}}
	for _, p := range ps {
		if r.byName[p.Name] != nil || r.byRes[p.Resource] != nil || r.byPrefix[p.Prefix] != nil {
			panic("process " + p.Name + ": name, resource or prefix is taken")
		}
		r.byName[p.Name], r.byRes[p.Resource], r.byPrefix[p.Prefix] = p, p, p
	}
	for _, p := range ps {
		check := func(f *record.Field, where string) {
			if f.Ref != "" && f.Ref != "*" && r.byName[f.Ref] == nil {
				panic("process " + p.Name + ": " + where + f.Name + " points at unknown process " + f.Ref)
			}
		}
		for _, f := range p.Shape.Fields {
			check(f, "")
		}
		for _, l := range p.Shape.Lines {
			for _, f := range l.Shape.Fields {
				check(f, l.Name+".")
			}
		}
	}
	return r
}

// Process finds by name; nil if there is none.
func (r *Registry) Process(name string) *Process { return r.byName[name] }

// Resource finds by REST resource; nil if there is none.
func (r *Registry) Resource(name string) *Process { return r.byRes[name] }

// ParseRef reads INC-42.
func (r *Registry) ParseRef(s string) (p *Process, num int64, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i <= 0 || i == len(s)-1 || len(s)-i > 19 {
		return nil, 0, false
	}
	for _, c := range s[i+1:] {
		if c < '0' || c > '9' {
			return nil, 0, false
		}
		num = num*10 + int64(c-'0')
	}
	p = r.byPrefix[strings.ToUpper(s[:i])]
	return p, num, p != nil && s[i+1] != '0'
}

// Linked finds a link kind by its name at either end, for a record of process p: the kind, the
// process that declares it, and whether p stands at the declaring end.
func (r *Registry) Linked(p *Process, name string) (k LinkKind, forward, ok bool) {
	if k, _, ok := p.Link(name); ok {
		return k, true, true
	}
	for _, q := range r.All {
		for _, k := range q.Links {
			if k.Inverse == name && (len(k.To) == 0 || contains(k.To, p.Name)) {
				return k, false, true
			}
		}
	}
	return LinkKind{}, false, false
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
