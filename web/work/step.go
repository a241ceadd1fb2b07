package work

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
	"strconv"
	"strings"
)

// stepView is a step about to be taken.
type stepView struct {
	P        *process.Process
	Row      row
	Step     step
	Inputs   []face.Asked
	Above    []string
	Reason   string
	Comment  string
	Internal bool // the comment
	To       state
	Revision int64
	Clash    []clash
	Place    string // of the draft
	Kept     bool
}

func stepAt(p *page.Page, q *process.Process) (stepView, *system.Result, error) {
	ref, name := p.R.PathValue("ref"), p.R.PathValue("step")
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, ref)
	if err != nil {
		return stepView{}, nil, err
	}
	t := q.Transition(name)
	if t == nil || !p.Who.May(q.Name, "do:"+name) {
		return stepView{}, nil, fault.New(fault.NotFound, "There is no such step.")
	}
	v := stepView{P: q, Row: rowOf(q, res.Record), Step: step{name, face.Human(name)}, To: stateOf(q, t.To), Revision: int64(res.Record.Head().Revision), Place: stepPlace(q, res.Ref(), name)}
	return v, res, nil
}

// useful are fields that a step is often taken with, beside those that it needs.
var useful = map[string][]string{"assign": {"team", "assignee"}, "wait": {"wait_reason"}, "merge": {"merged_into"}, "start": {"assignee"}, "delay": {"due", "delay_reason"}}

func (v *stepView) ask(p *page.Page, res *system.Result, sent url.Values, errs map[string]string) error {
	t := v.P.Transition(v.Step.Name)
	fields := slices.Clone(t.Needs)
	for _, n := range useful[v.Step.Name] {
		if f := v.P.Shape.Field(n); f != nil && !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	for name := range errs {
		if f := v.P.Shape.Field(name); f != nil && !f.Stamp && !slices.Contains(fields, f) {
			fields = append(fields, f)
		}
	}
	var err error
	if v.Inputs, err = asked(p, fields, record.BaseOf(res.Record), sent, errs); err != nil {
		return err
	}
	for i := range v.Inputs {
		v.Inputs[i].Must = slices.Contains(t.Needs, v.Inputs[i].F)
	}
	v.Above = unplaced(errs, v.Inputs, nil)
	v.Reason, v.Comment, v.Internal = sent.Get("reason"), sent.Get("comment"), sent.Get("internal") == "true"
	return nil
}

func askStep(p *page.Page, q *process.Process) error {
	v, res, err := stepAt(p, q)
	if err != nil {
		return err
	}
	if !q.Transition(v.Step.Name).Leaves(string(res.Record.Head().State)) {
		return fault.New(fault.Conflict, "%s is %s: that step is not possible now.", v.Row.Ref, lowered(v.Row.Word))
	}
	sent, err := kept(p, v.Place)
	if err != nil {
		return err
	}
	v.Kept, v.Revision = len(sent) > 0, since(sent, v.Revision)
	if err := v.ask(p, res, sent, nil); err != nil {
		return err
	}
	return showStep(p, q, http.StatusOK, v)
}

func showStep(p *page.Page, q *process.Process, status int, v stepView) error {
	return p.Work(status, p.Frame(v.Step.Label+" "+v.Row.Ref, crumbsOf(q, look.Crumb{Label: v.Row.Ref, Href: v.Row.Href})...), stepPage(v))
}

// takeStep takes a step, with what it needs and with a comment, all in one transaction.
func takeStep(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	v, res, err := stepAt(p, q)
	if err != nil {
		return err
	}
	if err := v.ask(p, res, form, nil); err != nil {
		return err
	}
	var fields []*record.Field
	for _, f := range q.Shape.Fields {
		if !f.Stamp && !f.Hidden {
			fields = append(fields, f)
		}
	}
	set := face.Values(form, fields, nil, p.Zone)
	for name, raw := range set {
		if f := q.Shape.Field(name); string(raw) == "null" && f.Of(res.Record).Empty() {
			delete(set, name)
		}
	}
	// Somebody who was faster on the state makes the step impossible, and the kernel says so; on one of
	// the fields that go along, both are shown.
	if seen, err := strconv.ParseInt(form.Get("revision"), 10, 64); err == nil && seen != v.Revision {
		was, err := asRevision(p, q, res, seen)
		if err != nil {
			return err
		}
		if v.Clash = clash2(p, q, was, res.Record, set, form); len(v.Clash) > 0 {
			return showStep(p, q, http.StatusPreconditionFailed, v)
		}
	}
	cmds := []lifecycle.Command{{Process: q.Name, Record: res.Record.Head().ID, Verb: "transition", Name: v.Step.Name, Set: set, IfMatch: v.Revision, Reason: strings.TrimSpace(form.Get("reason")), Door: "web"}}
	if text := strings.TrimSpace(form.Get("comment")); text != "" {
		c := map[string]json.RawMessage{}
		c["body"], _ = json.Marshal(text) // text
		if form.Get("internal") == "true" {
			c["internal"] = json.RawMessage("true")
		}
		cmds = append(cmds, lifecycle.Command{Process: q.Name, Record: res.Record.Head().ID, Verb: "comment", Set: c, Door: "web"})
	}
	_, _, err = p.Sys.DoAll(p.Ctx(), p.Who, cmds, p.Sys.DropDraft(p.Who, v.Place))
	if errs, ok := page.Refusals(err); ok {
		if err := v.ask(p, res, form, errs); err != nil {
			return err
		}
		return showStep(p, q, http.StatusUnprocessableEntity, v)
	}
	if fault.Is(err, fault.Stale) { // faster by a moment: once more, with what stands there now
		if v, res, err = stepAt(p, q); err != nil {
			return err
		}
		if err := v.ask(p, res, form, map[string]string{"": "Somebody saved at the same moment: look once more, and send it again."}); err != nil {
			return err
		}
		return showStep(p, q, http.StatusPreconditionFailed, v)
	}
	if err != nil {
		return err
	}
	p.Redirect(v.Row.Href)
	return nil
}
