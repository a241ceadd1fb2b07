package work

import (
	"fmt"
	"slices"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/web/face"
	"steward/web/page"
	"strconv"
	"strings"
)

// understand finds out what is wanted, and what must be asked for it.
func (v *bulkView) understand(p *page.Page) error {
	q := v.P
	v.May.Field = p.Who.May(q.Name, "update")
	v.May.Assign = v.May.Field && (q.Shape.Field("team") != nil || q.Shape.Field("assignee") != nil) && q.Clocks != nil || v.May.Field && !q.Config
	v.May.Comment, v.May.Internal = p.Who.May(q.Name, "comment"), p.Who.May(q.Name, "internal")
	v.May.Step = mayStep(p, q)
	if v.May.Field {
		for _, f := range bulkFields(q) {
			v.Fields = append(v.Fields, face.Option{Value: f.Name, Label: face.Label(f.Name)})
		}
	}
	for _, t := range q.Transitions {
		if p.Who.May(q.Name, "do:"+t.Name) {
			v.Steps = append(v.Steps, face.Option{Value: t.Name, Label: face.Human(t.Name)})
		}
	}
	what := v.Refs[0]
	if len(v.Refs) > 1 {
		what = fmt.Sprintf("%d records", len(v.Refs))
	}
	var err error
	switch v.Act {
	case actAssign:
		v.Chosen, v.Title = true, "Assign "+what
		for _, n := range []string{"assignee", "team"} {
			if err = v.ask(p, q.Shape.Field(n), ""); err != nil {
				return err
			}
		}
	case actField:
		v.Title = "Change " + what
		if i := slices.IndexFunc(bulkFields(q), func(f *record.Field) bool { return f.Name == v.Form.Get("field") }); i >= 0 {
			v.Field, v.Chosen = bulkFields(q)[i], true
			v.Title = "Change " + strings.ToLower(face.Label(v.Field.Name)) + " of " + what
			err = v.ask(p, v.Field, "")
		}
	case actStep:
		v.Title = "Next step of " + what
		if t := q.Transition(v.Form.Get("step")); t != nil && p.Who.May(q.Name, "do:"+t.Name) {
			v.Step, v.Chosen, v.Title = t, true, face.Human(t.Name)+" "+what
			for _, f := range t.Needs {
				if err = v.ask(p, f, ""); err != nil {
					return err
				}
			}
			for _, n := range v.Form["also"] { // what a refusal asked for
				if err = v.ask(p, q.Shape.Field(n), ""); err != nil {
					return err
				}
			}
		}
	case actComment:
		v.Chosen, v.Title = true, "Write on "+what
	default:
		v.Title = "Change " + what
	}
	return err
}

// ask adds an input for f, once.
func (v *bulkView) ask(p *page.Page, f *record.Field, wrong string) error {
	if f == nil || f.Stamp || f.Hidden || f.Kernel {
		return nil
	}
	for i := range v.Asked {
		if v.Asked[i].F == f {
			if wrong != "" {
				v.Asked[i].Err = wrong
			}
			return nil
		}
	}
	a := face.Asked{F: f, Value: v.Form.Get(f.Name), Err: wrong}
	if f.Kind == record.KRef {
		opts, err := recordOptions(p, f.Ref, 300)
		if err != nil {
			return err
		}
		if f.Ref == "user" {
			if opts, err = colleagues(p, opts); err != nil {
				return err
			}
		}
		a.Options = opts
	}
	v.Asked = append(v.Asked, a)
	return nil
}

// colleagues are the choices among the provider's people: who can be given work.
func colleagues(p *page.Page, opts []face.Option) ([]face.Option, error) {
	all, err := p.Sys.Reader().All(p.Ctx(), "user")
	if err != nil {
		return nil, err
	}
	ours := map[string]bool{}
	q := p.Sys.Registry.Process("user")
	for _, r := range all {
		if h := r.Head(); h.Customer.IsZero() {
			ours[q.Ref(h.Num)] = true
		}
	}
	return slices.DeleteFunc(opts, func(o face.Option) bool { return !ours[o.Value] }), nil
}

// bulkFields are the fields that can be the same on many records.
func bulkFields(q *process.Process) []*record.Field {
	return slices.DeleteFunc(face.Editable(q, true, false), func(f *record.Field) bool {
		return f.Unique || f.Name == "title" || f.Kind == record.KSecret || f.Kind == record.KProse || f.Name == "reporter"
	})
}

// quick reports whether f can be changed by itself, beside a record.
func quick(q *process.Process, f *record.Field) bool { return slices.Contains(bulkFields(q), f) }

// quickAt is where one field of the record is changed by itself, from the revision that is shown.
func (v *recordView) quickAt(f *record.Field) string {
	return bulkAt(v.P, "ref", v.Row.Ref, "rev."+v.Row.Ref, strconv.FormatInt(int64(v.Res.Record.Head().Revision), 10), "act", actField, "field", f.Name, "from", "record")
}
