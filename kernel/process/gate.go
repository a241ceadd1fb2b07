package process

import (
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// Gate is lifecycle.Gate with its type taken off.
type Gate struct {
	Name     string
	Fields   []*record.Field
	Lines    []*record.LineKind
	Excluded func(record.Record, *lifecycle.Facts) []record.ID
}

// Gate finds a gate by name; nil if there is none.
func (p *Process) Gate(name string) *Gate {
	for i := range p.Gates {
		if p.Gates[i].Name == name {
			return &p.Gates[i]
		}
	}
	return nil
}

// gatesOf reads what the gates cover. Versioned content is approved as versions, never at a gate.
func gatesOf[T any](p *Process, gates []lifecycle.Gate[T], fail func(string, ...any)) []Gate {
	own := map[*record.Field]bool{}
	for _, f := range p.RecordFields {
		own[f] = true
	}
	var out []Gate
	seen := map[string]bool{}
	for _, g := range gates {
		if g.Name == "" || seen[g.Name] {
			fail("has two gates %q, or one without a name", g.Name)
		}
		seen[g.Name] = true
		e := Gate{Name: g.Name}
		if g.Covers == nil {
			fail("gate %s covers nothing: say what is approved there", g.Name)
		}
		fresh := new(T)
		base := p.Shape.Base(fresh)
		for _, c := range g.Covers(fresh) {
			if name, ok := c.(string); ok {
				l := p.Shape.Line(name)
				if l == nil || p.Versioned && !l.Identity {
					fail("gate %s covers lines %s, which the record itself has not", g.Name, name)
				}
				e.Lines = append(e.Lines, l)
				continue
			}
			f := p.Shape.FieldAt(base, c)
			if f == nil || !own[f] {
				fail("gate %s covers something that is not a field of the record itself", g.Name)
			}
			e.Fields = append(e.Fields, f)
		}
		if len(e.Fields)+len(e.Lines) == 0 {
			fail("gate %s covers nothing: say what is approved there", g.Name)
		}
		if x := g.Excluded; x != nil {
			e.Excluded = func(r record.Record, f *lifecycle.Facts) []record.ID { return x(any(r).(*T), f) }
		}
		out = append(out, e)
	}
	for _, t := range p.Transitions {
		if t.Gate != "" && !seen[t.Gate] {
			fail("transition %s names unknown gate %s", t.Name, t.Gate)
		}
	}
	return out
}
