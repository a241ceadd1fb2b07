package work

import (
	"net/url"
	"slices"
	"strings"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/page"
)

// newest is the order of a list when nothing else is said: what changed last comes first.
const newest = "-updated_at"

// pageOf is how many records come at a time.
const pageOf = 50

// asking is what the address asks of a list: a view, and where it differs from that view.
type asking struct {
	P       *process.Process
	Views   []view
	View    *view // the chosen one
	Filter  string
	Sort    string
	Group   string
	Columns []string
	Cursor  string
	At      string // ref of the record in the preview
}

// ask reads the address. What the address does not say is as the view has it, and else as the
// person likes it.
func ask(p *page.Page, q *process.Process) (*asking, error) {
	a := &asking{P: q}
	var err error
	if a.Views, err = viewsOf(p, q); err != nil {
		return nil, err
	}
	x := p.R.URL.Query()
	a.View = &a.Views[0]
	for i := range a.Views {
		if a.Views[i].Key == x.Get("view") {
			a.View = &a.Views[i]
		}
	}
	given := func(name, otherwise string) string {
		if vs, ok := x[name]; ok {
			return strings.TrimSpace(vs[0])
		}
		return otherwise
	}
	a.Filter = given("filter", a.View.Filter)
	if a.Sort = given("sort", a.View.Sort); a.Sort == "" {
		a.Sort = newest
	}
	if a.Group = given("group", a.View.Group); a.Group != "" && !groupable(q, a.Group) {
		a.Group = ""
	}
	cols := given("cols", a.View.Columns)
	if cols == "" {
		cols = p.Prefs[prefColumns(q)]
	}
	if cols == "" {
		a.Columns = usualColumns(q)
	} else {
		a.Columns = strings.Split(cols, ",")
	}
	a.Cursor, a.At = x.Get("cursor"), x.Get("at")
	return a, nil
}

func prefColumns(q *process.Process) string { return "columns:" + q.Name }

// changed reports whether the list differs from the view that it began as.
func (a *asking) changed() bool {
	sort := a.View.Sort
	if sort == "" {
		sort = newest
	}
	return a.Filter != a.View.Filter || a.Sort != sort || a.Group != a.View.Group ||
		a.View.Columns != "" && strings.Join(a.Columns, ",") != a.View.Columns
}

// order is the whole order: what is grouped stands together.
func (a *asking) order() string {
	if a.Group == "" {
		return a.Sort
	}
	keys := []string{a.Group}
	for _, k := range strings.Split(a.Sort, ",") {
		if strings.TrimLeft(k, "-") != a.Group {
			keys = append(keys, k)
		} else {
			keys[0] = k
		}
	}
	return strings.Join(keys[:min(len(keys), 5)], ",")
}

// list is the question to the kernel.
func (a *asking) list() system.ListQuery {
	return system.ListQuery{Process: a.P.Name, Filter: a.Filter, Sort: a.order(), Cursor: a.Cursor, Limit: pageOf}
}

// values are the address's parameters: only what differs from the view.
func (a *asking) values() url.Values {
	x := url.Values{}
	if a.View.Key != a.Views[0].Key {
		x.Set("view", a.View.Key)
	}
	if a.Filter != a.View.Filter {
		x.Set("filter", a.Filter)
	}
	sort := a.View.Sort
	if sort == "" {
		sort = newest
	}
	if a.Sort != sort {
		x.Set("sort", a.Sort)
	}
	if a.Group != a.View.Group {
		x.Set("group", a.Group)
	}
	if a.View.Columns != "" && strings.Join(a.Columns, ",") != a.View.Columns {
		x.Set("cols", strings.Join(a.Columns, ","))
	}
	return x
}

func at(q *process.Process, path string, x url.Values) string {
	u := "/" + q.Resource + path
	if len(x) > 0 {
		u += "?" + x.Encode()
	}
	return u
}

// here is the address of the list as it stands, from its beginning.
func (a *asking) here() string { return at(a.P, "", a.values()) }

// path is the address of something about this list, such as its export.
func (a *asking) path(rest string, kv ...string) string {
	x := a.values()
	for i := 0; i+1 < len(kv); i += 2 {
		x.Set(kv[i], kv[i+1])
	}
	return at(a.P, rest, x)
}

// with is the list with one thing otherwise.
func (a *asking) with(change func(*asking)) string {
	b := *a
	b.Columns = slices.Clone(a.Columns)
	change(&b)
	return b.here()
}

// sorted is the list in the order of field, or turned round when it is in that order already.
func (a *asking) sorted(field string) string {
	return a.with(func(b *asking) {
		first, _, _ := strings.Cut(a.Sort, ",")
		switch {
		case first == field:
			b.Sort = "-" + field
		case first == "-"+field:
			b.Sort = field
		case descends(a.P.Shape.Field(field)):
			b.Sort = "-" + field
		default:
			b.Sort = field
		}
	})
}

// descends: of moments people want the newest first, but of promises the nearest.
func descends(f *record.Field) bool {
	return f != nil && f.Kind == record.KInstant && f.Name != "due_at"
}

// direction is aria-sort of a column; "" when the list is not in its order.
func (a *asking) direction(field string) string {
	switch first, _, _ := strings.Cut(a.Sort, ","); first {
	case field:
		return "ascending"
	case "-" + field:
		return "descending"
	}
	return ""
}

// orders are the orders offered by name.
var orders = []struct{ sort, label string }{
	{"-updated_at", "Newest change first"}, {"updated_at", "Longest unchanged first"}, {"-created_at", "Newest first"}, {"created_at", "Oldest first"},
	{"due_at", "Due first"}, {"priority", "Most urgent first"}, {"title", "By title"},
}

// orderName is the order in words.
func (a *asking) orderName() string {
	for _, o := range orders {
		if o.sort == a.Sort {
			return o.label
		}
	}
	first, _, _ := strings.Cut(a.Sort, ",")
	word := "By " + strings.ToLower(columnLabel(a.P, strings.TrimLeft(first, "-")))
	if strings.HasPrefix(first, "-") {
		word += ", downwards"
	}
	return word
}
