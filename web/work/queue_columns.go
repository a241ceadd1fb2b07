package work

import (
	"encoding/json"
	"slices"
	"strings"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/page"
)

// column is one column of a list beside ref, state and title, which are always there.
type column struct {
	Name, Label string
	Class       string        // of its cells
	F           *record.Field // nil: of a custom field
	Sortable    bool
	Hidden      bool // the heading is for screen readers: the cells speak for themselves
}

// usualColumns are what a list of q shows before somebody chooses: what its people ask first.
func usualColumns(q *process.Process) []string {
	var out []string
	for _, n := range []string{"priority", "customer", "service", "kind", "category", "rating", "due_at", "assignee", "owner", "updated_at"} {
		f := q.Shape.Field(n)
		switch {
		case f == nil, n == "owner" && q.Shape.Field("service") != nil, n == "category" && q.Shape.Field("service") != nil, n == "assignee" && q.Shape.Field("priority") == nil && q.Name != "task":
		case n == "customer" && q.Config && q.Name != "agreement" && q.Name != "user":
		case n == "due_at" && q.Clocks == nil && q.Shape.Field("priority") == nil && q.Name != "task":
		default:
			out = append(out, n)
		}
	}
	return out
}

// choosable are the columns that a list of q can have.
func choosable(p *page.Page, q *process.Process) ([]column, error) {
	custom, err := p.Sys.CustomFields(p.Ctx(), q.Name)
	if err != nil {
		return nil, err
	}
	schema := p.Sys.Store.Schema(p.Who.Scope(q.Name, q.Shared), q, custom)
	var out []column
	for _, f := range q.Shape.Fields {
		switch {
		case f.Hidden, f.Kernel, f.Kind == record.KJSON, f.Kind == record.KSecret, f.Name == "id", f.Name == "title", f.Name == "state", f.Name == "revision":
			continue
		}
		c := column{Name: f.Name, Label: columnLabel(q, f.Name), F: f}
		if s, ok := schema.Field(f.Name); ok {
			if s.Sensitive {
				continue
			}
			c.Sortable = s.Sortable
		}
		c.Class, c.Hidden = classOf(f)
		out = append(out, c)
	}
	names := make([]string, 0, len(custom))
	for n := range custom {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, n := range names {
		out = append(out, column{Name: "custom." + n, Label: face.Label(n), Class: "q-f"})
	}
	return out, nil
}

// chosen are the columns of names, in that order; what there is no longer falls away.
func chosen(all []column, names []string) []column {
	var out []column
	for _, n := range names {
		i := slices.IndexFunc(all, func(c column) bool { return c.Name == n })
		if i < 0 || slices.ContainsFunc(out, func(c column) bool { return c.Name == n }) {
			continue
		}
		if all[i].Name == "priority" { // it reads as one with the ref
			out = slices.Insert(out, 0, all[i])
			continue
		}
		out = append(out, all[i])
	}
	return out
}

func columnLabel(q *process.Process, name string) string {
	if name == "due_at" && q.Clocks != nil {
		return "Time left"
	}
	return face.Label(name)
}

// classOf is how the cells of a field are set.
func classOf(f *record.Field) (class string, hidden bool) {
	switch {
	case f.Name == "priority":
		return "q-p", true
	case f.Name == "customer":
		return "q-c", false
	case f.Name == "service":
		return "q-v", false
	case f.Name == "due_at":
		return "q-l", false
	case f.Name == "assignee" || f.Name == "owner":
		return "q-a", true
	}
	switch f.Kind {
	case record.KInstant:
		return "q-u n", false
	case record.KInt, record.KCount, record.KDecimal, record.KMoney, record.KDuration:
		return "q-n n", false
	}
	return "q-f", false
}

// fieldNames are what must be read for a row with these columns.
func fieldNames(q *process.Process, cols []column, more ...string) []string {
	out := append([]string{"title", "due_at", "custom"}, more...)
	for _, n := range []string{"major"} {
		if q.Shape.Field(n) != nil {
			out = append(out, n)
		}
	}
	for _, c := range cols {
		if c.F != nil {
			out = append(out, c.Name)
		}
	}
	return slices.DeleteFunc(out, func(n string) bool { return q.Shape.Field(n) == nil })
}

// customText is the value of a custom column, as text.
func customText(r record.Record, name string) string {
	raw := system.CustomValues(r)[strings.TrimPrefix(name, "custom.")]
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return strings.Trim(string(raw), "[]")
}

// groupable reports whether a list of q can be grouped by a field.
func groupable(q *process.Process, name string) bool {
	return slices.Contains(groupings(q), name)
}

// groupings are the fields by which a list can be grouped.
func groupings(q *process.Process) []string {
	var out []string
	for _, n := range []string{"state", "priority", "team", "assignee", "owner", "customer", "service", "kind", "category", "process"} {
		f := q.Shape.Field(n)
		if f == nil || !f.Index && n != "priority" && n != "service" && n != "kind" && n != "category" && n != "process" {
			continue
		}
		if slices.Contains(q.Content, f) {
			continue
		}
		out = append(out, n)
	}
	return out
}

// saveColumns keeps which columns a person wants, and in which order: up and down move one, and the
// form comes back.
func saveColumns(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	all, err := choosable(p, q)
	if err != nil {
		return err
	}
	var names []string
	for _, c := range chosen(all, form["col"]) {
		names = append(names, c.Name)
	}
	open := ""
	for dir, step := range map[string]int{"up": -1, "down": 1} {
		if n := form.Get(dir); n != "" {
			open = "columns"
			if i := slices.Index(names, n); i >= 0 && i+step >= 0 && i+step < len(names) {
				names[i], names[i+step] = names[i+step], names[i]
			}
		}
	}
	value := strings.Join(names, ",")
	if form.Has("usual") {
		value = ""
	}
	if v := form.Get("view"); v != "" && value != "" {
		// A view with columns of its own shows those: here they are another wish about the list.
		vs, err := viewsOf(p, q)
		if err != nil {
			return err
		}
		for _, w := range vs {
			if w.Key == v && w.Columns != "" {
				p.Redirect(withParams(form.Get("back"), q, "cols", value, "open", open))
				return nil
			}
		}
	}
	if err := p.Sys.Prefer(p.Ctx(), p.Who, prefColumns(q), value); err != nil {
		return err
	}
	p.Redirect(withParams(form.Get("back"), q, "open", open))
	return nil
}
