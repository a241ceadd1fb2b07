package work

import (
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

func recordRoutes(add func(method, path string, f func(*page.Page, *process.Process) error)) {
	add("GET", "/{ref}", show)
}

// recordView is one record as its page shows it.
type recordView struct {
	P      *process.Process
	Res    *system.Result
	Row    row
	Fields []*record.Field
	X      face.Context
}

func show(p *page.Page, q *process.Process) error {
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	v := recordView{P: q, Res: res, Row: rowOf(q, res.Record)}
	for _, f := range q.Shape.Fields {
		if !f.Hidden && !f.Of(res.Record).Empty() && f.Kind != record.KJSON {
			v.Fields = append(v.Fields, f)
		}
	}
	names, err := p.Names(face.RefIDs(v.Fields, record.BaseOf(res.Record)))
	if err != nil {
		return err
	}
	v.X = p.Context(names)
	return p.OK(p.Frame(res.Ref(), look.Crumb{Label: face.Plural(q), Href: "/" + q.Resource}), recordPage(v))
}
