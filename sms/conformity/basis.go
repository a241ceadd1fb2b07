package conformity

import (
	"steward/kernel/process"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Basis is from what a requirement was decided.
type Basis string

// Operation is records that the work made by itself; Statement is what somebody wrote to say how
// things are, or signed. A requirement that reads both is decided from operation: words alone do
// not make it hold.
const (
	Operation Basis = "operation"
	Statement Basis = "statement"
)

// Basis is from what c decides r; "" when nothing decides it. Settings of the house, such as
// services and people, say nothing either way.
func (e *Engine) basis(r *catalogue.Requirement, c *check.Check) Basis {
	switch {
	case c == nil:
		return ""
	case r.Attested:
		return Statement
	}
	worked := func(name string) bool {
		p := e.sys.Registry.Process(name)
		return p != nil && !p.Stated && !p.Config
	}
	if worked(c.Process) {
		return Operation
	}
	for _, x := range c.Reads {
		switch x.Kind {
		case check.ReadClocks, check.ReadNotices, check.ReadSteps:
			return Operation
		case check.ReadSet, check.ReadChildren, check.ReadLinksOf:
			if worked(x.Process) {
				return Operation
			}
		case check.ReadLinks:
			if p := e.sys.Registry.Process(c.Process); p != nil {
				if k, forward, ok := e.sys.Registry.Linked(p, x.Name); ok && forward && endsIn(k, worked) {
					return Operation
				}
			}
		}
	}
	return Statement
}

func endsIn(k process.LinkKind, worked func(string) bool) bool {
	for _, name := range k.To {
		if worked(name) {
			return true
		}
	}
	return false
}

// HeldFrom counts, of the requirements of a report that are shown to be met, those decided from each
// basis.
func (r *Report) HeldFrom() map[Basis]int {
	out := map[Basis]int{Operation: 0, Statement: 0}
	for _, i := range r.Items {
		if i.State.Shown() {
			out[i.Basis]++
		}
	}
	return out
}
