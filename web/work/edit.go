package work

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unsafe"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/web/face"
	"steward/web/page"
)

// What forms of records and of versions have in common.

// blankRows is how many lines can be added without script at once.
const blankRows = 3

// asked are the inputs of fields of a record; posted and errs are of a form that was refused.
func asked(p *page.Page, fields []*record.Field, base unsafe.Pointer, posted url.Values, errs map[string]string) ([]face.Asked, error) {
	names, err := p.Names(face.RefIDs(fields, base))
	if err != nil {
		return nil, err
	}
	var out []face.Asked
	for _, f := range fields {
		a := face.Asked{F: f, Value: given(p, f, f.At(base), names), Err: errs[f.Name]}
		if posted.Has(f.Name) {
			a.Value = posted[f.Name][len(posted[f.Name])-1]
		}
		if f.Kind == record.KRef {
			if a.Options, err = options(p, f.Ref); err != nil {
				return nil, err
			}
		}
		if f.Kind == record.KProse && f.Name == "body" {
			a.Rows = 24
		}
		out = append(out, a)
	}
	return out, nil
}

// given is a value as its input shows it; a reference by the name that a person would type.
func given(p *page.Page, f *record.Field, c record.Cell, names face.Names) string {
	id, ok := c.(*record.ID)
	if !ok || f.Ref == "" {
		return face.Given(f, c, p.Zone)
	}
	if id.IsZero() {
		return ""
	}
	if d := names[*id]; d != nil {
		if q := p.Sys.Registry.Process(string(d.Process)); q != nil {
			return q.Ref(d.Num)
		}
	}
	return id.String()
}

// offered is how many records a reference offers as a list; more are looked up by name.
const offered = 200

// options are the records that a reference to a small configuration process offers.
func options(p *page.Page, name string) ([]face.Option, error) {
	q := p.Sys.Registry.Process(name)
	if q == nil || !q.Config || !p.Who.Reads(name) {
		return nil, nil
	}
	all, err := p.Sys.Reader().All(p.Ctx(), name)
	if err != nil || len(all) > offered {
		return nil, err
	}
	var out []face.Option
	for _, r := range all {
		h := r.Head()
		if h.Phase == "void" || !p.Who.Customer.IsZero() && h.Customer != p.Who.Customer {
			continue
		}
		out = append(out, face.Option{Value: q.Ref(h.Num), Label: string(h.Title)})
	}
	return out, nil
}

// askedLines are the inputs of lines of a record.
func askedLines(p *page.Page, kinds []*record.LineKind, base unsafe.Pointer, posted url.Values, errs map[string]string) ([]face.LinesAsked, error) {
	names, err := p.Names(face.LineRefs(kinds, base))
	if err != nil {
		return nil, err
	}
	var out []face.LinesAsked
	for _, l := range kinds {
		if !face.EditableLines(l) {
			continue
		}
		a := face.LinesAsked{Kind: l, Options: map[string][]face.Option{}, Err: errs[l.Name]}
		for _, f := range l.Shape.Fields {
			if f.Kind == record.KRef && !f.Stamp {
				if a.Options[f.Name], err = options(p, f.Ref); err != nil {
					return nil, err
				}
			}
		}
		if posted.Has(l.Name) {
			a.Rows = postedRows(l, posted, errs)
		} else {
			for i := range l.Len(base) {
				at := l.Each(base, i)
				row := face.Row{ID: l.Head(at).ID.String(), Values: map[string]string{}}
				for _, f := range l.Shape.Fields {
					row.Values[f.Name] = given(p, f, f.At(at), names)
				}
				a.Rows = append(a.Rows, row)
			}
		}
		for range blankRows {
			a.Rows = append(a.Rows, face.Row{})
		}
		out = append(out, a)
	}
	return out, nil
}

var ofLine = regexp.MustCompile(`^(\w+)\[([^\]]*)\]\.(\w+)$`)

// postedRows are lines as a form that was refused had them, with what is wrong beside each input.
// Refusals name a line by its id or by its place among those that were sent.
func postedRows(l *record.LineKind, posted url.Values, errs map[string]string) []face.Row {
	var rows []face.Row
	sent := 0
	for i := 0; ; i++ {
		prefix := l.Name + "." + strconv.Itoa(i) + "."
		if !posted.Has(prefix + "id") {
			break
		}
		row := face.Row{ID: posted.Get(prefix + "id"), Values: map[string]string{}, Errs: map[string]string{}}
		filled := false
		for _, f := range l.Shape.Fields {
			if vals := posted[prefix+f.Name]; len(vals) > 0 {
				row.Values[f.Name] = vals[len(vals)-1]
				filled = filled || row.Values[f.Name] != "" && row.Values[f.Name] != "false"
			}
		}
		if !filled {
			continue
		}
		for where, what := range errs {
			if m := ofLine.FindStringSubmatch(where); m != nil && m[1] == l.Name && (m[2] == row.ID && row.ID != "" || m[2] == strconv.Itoa(sent)) {
				row.Errs[m[3]] = what
			}
		}
		sent++
		rows = append(rows, row)
	}
	return rows
}

// unplaced are refusals that no input of the form shows: they stand above it.
func unplaced(errs map[string]string, fields []face.Asked, lines []face.LinesAsked) []string {
	shown := map[string]bool{}
	for _, a := range fields {
		shown[a.F.Name] = true
	}
	for _, a := range lines {
		shown[a.Kind.Name] = true
		for _, r := range a.Rows {
			for f := range r.Errs {
				shown[a.Kind.Name+"."+f] = true
			}
		}
	}
	var out []string
	for where, what := range errs {
		key := where
		if m := ofLine.FindStringSubmatch(where); m != nil {
			key = m[1] + "." + m[3]
		}
		if shown[key] {
			continue
		}
		if where != "" {
			what = face.Label(strings.TrimSuffix(where, "]")) + ": " + what
		}
		out = append(out, what)
	}
	return out
}

// contentKinds are the lines of a version; of what is not versioned, none.
func contentKinds(q *process.Process) []*record.LineKind { return q.ContentLines }
