package cockpit

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/evaluation/sample"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// judgeView is a drawn sample with a verdict to be given on each record.
type judgeView struct {
	Ref, Title, Href, At string
	Revision             int64
	Rows                 []judgeRow
	Errs                 []string
}

type judgeRow struct{ ID, Ref, Title, Href, Month, Verdict, Note string }

// verdicts are what can be said of a drawn record, with "" for nothing yet.
var verdicts = []face.Option{{Value: "", Label: "Not yet"}, {Value: "ok", Label: "As it should be"}, {Value: "finding", Label: "Finding"}, {Value: "not_applicable", Label: "Not applicable"}}

func (d door) judge(p *page.Page) error { return showJudge(p, http.StatusOK, nil, nil) }

func showJudge(p *page.Page, status int, typed func(row int, field string) string, errs []string) error {
	q := p.Process(sample.Process.Name)
	if q == nil {
		return fault.New(fault.NotFound, "There is no page at this address.")
	}
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	s := res.Record.(*sample.Sample)
	v := judgeView{Ref: res.Ref(), Title: string(s.Title), Href: page.Path(q, s), At: "/cockpit/samples/" + res.Ref(), Revision: int64(s.Revision), Errs: errs}
	var ids []record.ID
	for _, it := range s.Items {
		ids = append(ids, it.Record)
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	for i, it := range s.Items {
		x := judgeRow{ID: it.ID.String(), Ref: "not visible to you", Month: string(it.Month), Verdict: string(it.Verdict), Note: string(it.Note)}
		if dir := names[it.Record]; dir != nil {
			x.Ref, x.Title, x.Href = p.Sys.Registry.Process(string(dir.Process)).Ref(dir.Num), string(dir.Title), p.Address(dir)
		}
		if typed != nil {
			x.Verdict, x.Note = typed(i, "verdict"), typed(i, "note")
		}
		v.Rows = append(v.Rows, x)
	}
	return p.Work(status, p.Frame("Verdicts on "+v.Ref, look.Crumb{Label: "Cockpit", Href: "/cockpit"}, look.Crumb{Label: "Audit room", Href: "/cockpit/audit"}), judgeBody(v))
}

// takeVerdicts saves all verdicts at once; what is refused stays typed.
func (d door) takeVerdicts(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	typed := func(row int, field string) string { return form.Get("items." + strconv.Itoa(row) + "." + field) }
	items := []map[string]any{}
	for i := 0; typed(i, "id") != ""; i++ {
		x := map[string]any{"id": typed(i, "id"), "verdict": nil, "note": nil}
		for _, f := range []string{"verdict", "note"} {
			if s := typed(i, f); s != "" {
				x[f] = s
			}
		}
		items = append(items, x)
	}
	b, err := json.Marshal(items)
	if err != nil {
		return err
	}
	seen, err := strconv.ParseInt(form.Get("revision"), 10, 64)
	if err != nil {
		return fault.New(fault.BadRequest, "The form does not say which state of the sample it was made from.")
	}
	_, err = p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: sample.Process.Name, Ref: p.R.PathValue("ref"), Verb: "update", IfMatch: seen, Door: "web", Set: map[string]json.RawMessage{"items": b}})
	if refused, ok := page.Refusals(err); ok {
		var all []string
		for _, m := range refused {
			if !slices.Contains(all, m) {
				all = append(all, m)
			}
		}
		slices.Sort(all)
		return showJudge(p, http.StatusUnprocessableEntity, typed, all)
	}
	if fault.Is(err, fault.Stale) {
		return showJudge(p, http.StatusPreconditionFailed, typed, []string{"Somebody saved meanwhile: look once more, and send it again."})
	}
	if err != nil {
		return err
	}
	p.Redirect("/samples/" + p.R.PathValue("ref"))
	return nil
}
