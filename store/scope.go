package store

import (
	"steward/kernel/access"
	"steward/kernel/record"
)

// scope adds what sc sees, as a condition on the table or directory named alias. It is the only
// place where visibility becomes SQL.
func (b *builder) scope(alias string, sc access.Scope) *builder {
	if !sc.Valid() {
		return b.sql("1 = 0")
	}
	b.sql("1 = 1")
	if !sc.Customer.IsZero() {
		if sc.Shared {
			b.sql(" and (", alias, ".customer = ").arg(&sc.Customer).sql(" or ", alias, ".customer is null)")
		} else {
			b.sql(" and ", alias, ".customer = ").arg(&sc.Customer)
		}
	}
	if sc.Own {
		b.sql(" and (", alias, ".reporter = ").arg(&sc.Viewer).sql(" or ", alias, ".created_by = ").arg(&sc.Viewer).sql(" or ")
		b.granted(alias, sc).sql(")")
	}
	if !sc.Every {
		b.sql(" and (", alias, ".restricted = ")
		b.arg(new(record.Bool)).sql(" or ")
		b.granted(alias, sc).sql(")")
	}
	return b
}

func (b *builder) granted(alias string, sc access.Scope) *builder {
	b.sql("exists (select 1 from grant_row g where g.record = ", alias, ".id and g.principal in (").arg(&sc.Viewer)
	for i := range sc.Teams {
		b.sql(", ").arg(&sc.Teams[i])
	}
	return b.sql("))")
}

// scopes adds what any of the scopes sees of the directory: processes with equal rules together.
func (b *builder) scopes(alias string, scs []access.Scope) *builder {
	type group struct {
		sc        access.Scope
		processes []string
	}
	var groups []*group
	for _, sc := range scs {
		if !sc.Valid() {
			continue
		}
		key := sc
		key.Process = ""
		var at *group
		for _, g := range groups {
			if g.sc.Hash() == key.Hash() {
				at = g
			}
		}
		if at == nil {
			at = &group{sc: key}
			groups = append(groups, at)
		}
		at.processes = append(at.processes, sc.Process)
	}
	if len(groups) == 0 {
		return b.sql("1 = 0")
	}
	b.sql("(")
	for i, g := range groups {
		if i > 0 {
			b.sql(" or ")
		}
		b.sql("(", alias, ".process in (")
		for j, p := range g.processes {
			if j > 0 {
				b.sql(", ")
			}
			b.val(p)
		}
		b.sql(") and ")
		b.scope(alias, g.sc).sql(")")
	}
	return b.sql(")")
}
