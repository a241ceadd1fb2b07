package work

import (
	"encoding/json"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// previewView is a record beside the list: what one needs to know to do the next thing.
type previewView struct {
	row
	P        *process.Process
	Res      *system.Result
	Fields   []*record.Field
	Clocks   []look.Clock
	Steps    []step
	Summary  string
	Latest   []latest
	Comments int
	Answer   bool // who is signed in may write
	Internal bool // and notes among colleagues
	Edit     bool
	Typed    string // what was typed and not sent
	Ticked   bool   // as an internal note
	Err      string
	Back     string
	X        face.Context
}

// step is a transition that the record's state and the reader's role allow.
type step struct{ Name, Label string }

// latest is one entry of what happened last.
type latest struct {
	At       time.Time
	Who      record.ID
	Did      string // an event in words; "" for a comment
	Body     string
	Internal bool
}

// preview is the record beside the list, as a part of that page.
func preview(p *page.Page, q *process.Process) error {
	v, err := previewOf(p, q, p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	v.Back = withParams(p.Query("back"), q)
	if p.Part() {
		return p.Show(http.StatusOK, previewPart(*v))
	}
	return p.OK(p.Frame(v.Ref, look.Crumb{Label: face.Plural(q), Href: "/" + q.Resource}), previewPage(*v))
}

func previewOf(p *page.Page, q *process.Process, ref string) (*previewView, error) {
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, ref)
	if err != nil {
		return nil, err
	}
	h := res.Record.Head()
	v := &previewView{row: rowOf(q, res.Record), P: q, Res: res, Answer: p.Who.May(q.Name, "comment"), Internal: p.Who.May(q.Name, "internal"), Edit: p.Who.May(q.Name, "update")}
	v.Fields = keyFields(q, res.Record)
	if f := q.Shape.Field("description"); f != nil {
		v.Summary = face.Plain(f.Of(res.Record))
	}
	if q.Clocks != nil {
		m, err := clocksOf(p, []record.ID{h.ID})
		if err != nil {
			return nil, err
		}
		v.Clocks = m[h.ID]
		slices.SortFunc(v.Clocks, func(a, b look.Clock) int { return strings.Compare(b.Label, a.Label) })
	}
	v.Steps = stepsOf(p, q, string(h.State))
	if err := v.lately(p); err != nil {
		return nil, err
	}
	ids := face.RefIDs(v.Fields, record.BaseOf(res.Record))
	for _, e := range v.Latest {
		ids = append(ids, e.Who)
	}
	names, err := p.Names(ids)
	if err != nil {
		return nil, err
	}
	v.X = p.Context(names)
	begun, err := kept(p, draftPlace(q, res.Ref()))
	v.Typed, v.Ticked = begun.Get("body"), begun.Get("internal") == "true"
	return v, err
}

// keyFields are what a preview shows of a record: what has a value, what matters first, and no prose.
func keyFields(q *process.Process, r record.Record) []*record.Field {
	var out []*record.Field
	take := func(f *record.Field) {
		if f != nil && len(out) < 9 && !f.Of(r).Empty() && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	for _, n := range []string{"customer", "service", "priority", "reporter", "team", "assignee", "owner", "category", "kind", "due_at"} {
		if n == "due_at" && q.Clocks != nil {
			continue
		}
		take(q.Shape.Field(n))
	}
	for _, f := range q.Shape.Fields {
		if f.Hidden || f.Kernel || f.Stamp || face.IsHeader(f.Name) || f.Kind == record.KProse || f.Kind == record.KJSON || f.Kind == record.KSecret || f.Kind == record.KBool {
			continue
		}
		take(f)
	}
	return out
}

// stepsOf are the steps that a state allows to who is signed in, in the order declared.
func stepsOf(p *page.Page, q *process.Process, state string) []step {
	var out []step
	for _, n := range q.Legal(state) {
		if p.Who.May(q.Name, "do:"+n) {
			out = append(out, step{n, face.Human(n)})
		}
	}
	// What leads on comes first; then waiting, then what stays, then giving up.
	rank := func(s step) int {
		to := q.Transition(s.Name).To
		st, _ := q.State(to)
		switch {
		case st.Phase == lifecycle.Void:
			return 3
		case to == "" || to == state:
			return 2
		case st.Phase == lifecycle.Waiting:
			return 1
		}
		return 0
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i]) < rank(out[j]) })
	return out
}

// hasStep reports whether a step of that name can be taken.
func (v previewView) hasStep(name string) bool {
	return slices.ContainsFunc(v.Steps, func(s step) bool { return s.Name == name })
}

// lately collects what was said and done last, oldest first.
func (v *previewView) lately(p *page.Page) error {
	cs, err := p.Sys.Comments(p.Ctx(), p.Who, v.P.Name, v.Ref)
	if err != nil {
		return err
	}
	for _, c := range cs {
		if c.Withdrawn {
			continue
		}
		v.Comments++
		v.Latest = append(v.Latest, latest{At: c.At.Time(), Who: c.Author, Body: string(c.Body), Internal: bool(c.Internal)})
	}
	n := int64(v.Res.Record.Head().N)
	_, es, err := p.Sys.History(p.Ctx(), p.Who, v.P.Name, v.Ref, max(0, n-8), 8)
	if err != nil {
		return err
	}
	for _, e := range es {
		if did := didWords(v.P, e); did != "" {
			v.Latest = append(v.Latest, latest{At: e.OccurredAt.Time(), Who: e.Actor, Did: did})
		}
	}
	sort.SliceStable(v.Latest, func(i, j int) bool { return v.Latest[i].At.Before(v.Latest[j].At) })
	v.Latest = v.Latest[max(0, len(v.Latest)-4):]
	return nil
}

// didWords says an event in a few words; "" for what has an entry of its own, such as a comment.
func didWords(q *process.Process, e *storage.Event) string {
	switch c := string(e.Command); {
	case strings.HasPrefix(c, "comment"):
		return ""
	case c == "timer", c == "recount":
		return ""
	case c == "create":
		return "recorded this"
	case c == "update" || c == "undo":
		var b struct {
			Set map[string]json.RawMessage `json:"set"`
		}
		_ = json.Unmarshal([]byte(e.Body), &b) // a body that is sealed names no fields
		var names []string
		for n := range b.Set {
			if f := q.Shape.Field(n); f != nil && !f.Stamp {
				names = append(names, strings.ToLower(face.Label(n)))
			}
		}
		sort.Strings(names)
		word := "changed "
		if c == "undo" {
			word = "took back a change of "
		}
		if len(names) == 0 {
			return ""
		}
		if len(names) > 3 {
			names = append(names[:3], "more")
		}
		return word + strings.Join(names, ", ")
	default:
		if q.Transition(c) != nil {
			return "took the step “" + strings.ToLower(face.Human(c)) + "”"
		}
		return strings.ToLower(face.Human(c))
	}
}

// answerPreview takes what was written in the preview.
func answerPreview(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref := p.R.PathValue("ref")
	set := map[string]json.RawMessage{}
	set["body"], _ = json.Marshal(strings.ReplaceAll(form.Get("body"), "\r\n", "\n")) // text
	if form.Get("internal") == "true" {
		set["internal"] = json.RawMessage("true")
	}
	_, err = p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: ref, Verb: "comment", Set: set, Door: "web"}, p.Sys.DropDraft(p.Who, draftPlace(q, ref)))
	errs, refused := page.Refusals(err)
	if err != nil && !refused {
		return err
	}
	if err == nil && !p.Part() {
		p.Redirect(withParams(form.Get("back"), q, "at", ref))
		return nil
	}
	v, err := previewOf(p, q, ref)
	if err != nil {
		return err
	}
	v.Back = withParams(form.Get("back"), q)
	status := http.StatusOK
	if refused {
		status, v.Typed, v.Ticked = http.StatusUnprocessableEntity, form.Get("body"), form.Get("internal") == "true"
		for _, e := range errs {
			v.Err = e
		}
	}
	if !p.Part() {
		return p.Work(status, p.Frame(v.Ref, look.Crumb{Label: face.Plural(q), Href: "/" + q.Resource}), previewPage(*v))
	}
	return p.Show(status, previewPart(*v))
}

// draftPlace is where an answer that is being typed is kept.
func draftPlace(q *process.Process, ref string) string { return "comment/" + q.Name + "/" + ref }
