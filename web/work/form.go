package work

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// formView is a record about to be made or changed.
type formView struct {
	P        *process.Process
	Title    string
	Action   string
	Back     string
	Button   string
	First    []face.Asked // what is asked at once
	More     []face.Asked // what can be added
	Lines    []face.LinesAsked
	Custom   []face.Asked
	Above    []string
	Revision int64
	Reason   bool // a reason may be given
	Why      string
	Clash    []clash
	Place    string // of the draft
	Kept     bool   // what was begun and not sent stands in the form
	Doc      string
	Similar  bool
}

// clash is a field that two people changed: what stood there when the form was opened is not kept,
// but what stands there now, and what was typed, are.
type clash struct{ Name, Label, Theirs, Mine string }

// few are the fields that a new record is asked for at once, where it has them.
var few = []string{"title", "description", "customer", "service", "category", "impact", "urgency", "kind", "reporter", "owner"}

func askNew(p *page.Page, q *process.Process) error {
	if !p.Who.May(q.Name, "create") {
		return fault.New(fault.Denied, "You may not make a new %s.", lowered(face.Singular(q)))
	}
	posted := url.Values{}
	for _, f := range q.Shape.Fields { // an address may fill in what is known, such as the service
		if v := p.Query(f.Name); v != "" {
			posted.Set(f.Name, v)
		}
	}
	begun, err := kept(p, q.Name+"/new")
	if err != nil {
		return err
	}
	for k := range begun {
		if !posted.Has(k) {
			posted.Set(k, begun.Get(k))
		}
	}
	return showNew(p, q, http.StatusOK, posted, nil)
}

func lowered(s string) string { return strings.ToLower(s) }

func showNew(p *page.Page, q *process.Process, status int, posted url.Values, errs map[string]string) error {
	fresh := q.New()
	v := formView{P: q, Title: "New " + lowered(face.Singular(q)), Action: "/" + q.Resource + "/new", Back: "/" + q.Resource, Button: "Record it", Place: q.Name + "/new", Doc: q.Doc, Similar: q.Name == "incident"}
	all, err := asked(p, face.Editable(q, true, true), record.BaseOf(fresh), posted, errs)
	if err != nil {
		return err
	}
	for _, a := range all {
		if a.F.Required || slices.Contains(few, a.F.Name) || errs[a.F.Name] != "" || posted.Get(a.F.Name) != "" {
			v.First = append(v.First, a)
		} else {
			v.More = append(v.More, a)
		}
	}
	at := func(a face.Asked) int {
		if i := slices.Index(few, a.F.Name); i >= 0 {
			return i
		}
		return len(few)
	}
	slices.SortStableFunc(v.First, func(a, b face.Asked) int { return at(a) - at(b) })
	if v.Lines, err = askedLines(p, q.Shape.Lines, record.BaseOf(fresh), posted, errs); err != nil {
		return err
	}
	if v.Custom, err = customAsked(p, q, nil, posted, errs); err != nil {
		return err
	}
	v.Above = unplaced(errs, append(all, v.Custom...), v.Lines)
	return p.Work(status, p.Frame(v.Title, crumbsOf(q)...), formPage(v))
}

// customAsked are the inputs of fields that users added; their names begin with "custom.".
func customAsked(p *page.Page, q *process.Process, r record.Record, posted url.Values, errs map[string]string) ([]face.Asked, error) {
	defs, err := p.Sys.CustomFields(p.Ctx(), q.Name)
	if err != nil {
		return nil, err
	}
	vals := map[string]json.RawMessage{}
	if r != nil {
		_ = json.Unmarshal([]byte(r.Head().Custom), &vals) // written by the kernel
	}
	var out []face.Asked
	for _, name := range slices.Sorted(mapsKeys(defs)) {
		f := defs[name]
		a := face.Asked{F: f, Name: "custom." + name, Label: face.Label(name), Err: errs["custom."+name]}
		cell := record.NewCell(f.Kind)
		if raw, ok := vals[name]; ok && cell.SetJSON(raw) == nil {
			a.Value = face.Given(f, cell, p.Zone)
		}
		if posted.Has(a.Name) {
			a.Value = posted[a.Name][len(posted[a.Name])-1]
		}
		out = append(out, a)
	}
	return out, nil
}

// posted reads a form of a record into what a command sets.
func posted(p *page.Page, q *process.Process, form url.Values, content bool) (map[string]json.RawMessage, error) {
	lines := q.RecordLines
	if content {
		lines = q.Shape.Lines
	}
	set := face.Values(form, face.Editable(q, true, content), lines, p.Zone)
	defs, err := p.Sys.CustomFields(p.Ctx(), q.Name)
	if err != nil {
		return nil, err
	}
	custom := map[string]json.RawMessage{}
	for name, f := range defs {
		if vals, ok := form["custom."+name]; ok {
			custom[name] = face.Posted(f, vals, p.Zone)
		}
	}
	if len(custom) > 0 {
		set["custom"], _ = json.Marshal(custom) // made of JSON
	}
	return set, nil
}

func create(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	set, err := posted(p, q, form, true)
	if err != nil {
		return err
	}
	for name, raw := range set { // a blank input of a new record was not answered
		if string(raw) == "null" || string(raw) == "[]" {
			delete(set, name)
		}
	}
	res, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Verb: "create", Set: set, Door: "web"}, p.Sys.DropDraft(p.Who, q.Name+"/new"))
	if errs, ok := page.Refusals(err); ok {
		return showNew(p, q, http.StatusUnprocessableEntity, form, errs)
	}
	if err != nil {
		return err
	}
	p.Redirect(page.Path(q, res.Record))
	return nil
}

func edit(p *page.Page, q *process.Process) error {
	return showEdit(p, q, http.StatusOK, url.Values{}, nil, nil)
}

func showEdit(p *page.Page, q *process.Process, status int, sent url.Values, errs map[string]string, clashes []clash) error {
	ref := p.R.PathValue("ref")
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, ref)
	if err != nil {
		return err
	}
	if !p.Who.May(q.Name, "update") {
		return fault.New(fault.Denied, "You may not change it.")
	}
	r := res.Record
	v := formView{P: q, Title: "Edit " + res.Ref(), Action: page.Path(q, r), Back: page.Path(q, r), Button: "Save", Revision: int64(r.Head().Revision), Reason: true, Why: sent.Get("reason"), Clash: clashes, Place: editPlace(q, res.Ref())}
	if errs == nil && clashes == nil { // what was begun and not sent
		if sent, err = kept(p, v.Place); err != nil {
			return err
		}
		v.Kept, v.Why, v.Revision = len(sent) > 0, sent.Get("reason"), since(sent, v.Revision)
	}
	if v.First, err = asked(p, face.Editable(q, true, false), record.BaseOf(r), sent, errs); err != nil {
		return err
	}
	if v.Lines, err = askedLines(p, q.RecordLines, record.BaseOf(r), sent, errs); err != nil {
		return err
	}
	if v.Custom, err = customAsked(p, q, r, sent, errs); err != nil {
		return err
	}
	v.Above = unplaced(errs, append(append([]face.Asked{}, v.First...), v.Custom...), v.Lines)
	return p.Work(status, p.Frame(v.Title, crumbsOf(q, look.Crumb{Label: res.Ref(), Href: v.Back})...), formPage(v))
}

// save changes a record. Only what differs from what the form showed is set, so that two people who
// change different fields do not meet; where both changed one, the page shows both.
func save(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref := p.R.PathValue("ref")
	seen, err := strconv.ParseInt(form.Get("revision"), 10, 64)
	if err != nil {
		return fault.New(fault.BadRequest, "the form does not say which revision it was made from")
	}
	set, err := posted(p, q, form, false)
	if err != nil {
		return err
	}
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, ref)
	if err != nil {
		return err
	}
	was, err := asRevision(p, q, res, seen)
	if err != nil {
		return err
	}
	set = changed(q, was, set, p)
	if len(set) == 0 {
		if err := p.Sys.KeepDraft(p.Ctx(), p.Who, editPlace(q, res.Ref()), ""); err != nil {
			return err
		}
		p.Redirect(page.Path(q, res.Record))
		return nil
	}
	var clashes []clash
	if int64(res.Record.Head().Revision) != seen {
		clashes = clash2(p, q, was, res.Record, set, form)
		if len(clashes) > 0 && form.Get("over") == "" {
			return showEdit(p, q, http.StatusPreconditionFailed, form, nil, clashes)
		}
	}
	_, err = p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: ref, Verb: "update", Set: set, IfMatch: int64(res.Record.Head().Revision), Reason: strings.TrimSpace(form.Get("reason")), Door: "web"},
		p.Sys.DropDraft(p.Who, editPlace(q, res.Ref())))
	if errs, ok := page.Refusals(err); ok {
		return showEdit(p, q, http.StatusUnprocessableEntity, form, errs, nil)
	}
	if fault.Is(err, fault.Stale) { // faster by a moment: once more, with what stands there now
		return showEdit(p, q, http.StatusPreconditionFailed, form, map[string]string{"": "Somebody saved at the same moment: look once more, and save."}, nil)
	}
	if err != nil {
		return err
	}
	p.Redirect(page.Path(q, res.Record))
	return nil
}

// asRevision is the record as the form had it: wound back to the last event of that revision.
func asRevision(p *page.Page, q *process.Process, res *system.Result, revision int64) (record.Record, error) {
	if int64(res.Record.Head().Revision) == revision {
		return res.Record, nil
	}
	_, es, err := p.Sys.History(p.Ctx(), p.Who, q.Name, res.Ref(), 0, 0)
	if err != nil {
		return nil, err
	}
	for i := len(es) - 1; i >= 0; i-- {
		if int64(es[i].Revision) <= revision {
			old, err := p.Sys.AsOf(p.Ctx(), p.Who, q.Name, res.Ref(), es[i].At.Time(), true)
			if err != nil {
				return nil, err
			}
			return old.Record, nil
		}
	}
	return res.Record, nil
}

// changed are the values of set that differ from what the form was made from.
func changed(q *process.Process, was record.Record, set map[string]json.RawMessage, p *page.Page) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, raw := range set {
		f := q.Shape.Field(name)
		if f == nil { // lines and custom fields are matched by the kernel, one by one
			out[name] = raw
			continue
		}
		if f.Kind == record.KRef {
			id, err := p.Sys.Lookup(p.Ctx(), p.Who, f.Ref, unquoted(raw))
			if err == nil && id == *f.Of(was).(*record.ID) {
				continue
			}
		} else {
			cell := record.NewCell(f.Kind)
			if cell.SetJSON(raw) == nil && sameToTheMinute(f, cell, f.Of(was)) {
				continue
			}
		}
		out[name] = raw
	}
	return out
}

// sameToTheMinute: an input shows instants to the minute, and must not cut seconds off by itself.
func sameToTheMinute(f *record.Field, a, b record.Cell) bool {
	if f.Kind == record.KInstant {
		const minute = record.Instant(60_000_000)
		return *a.(*record.Instant)/minute == *b.(*record.Instant)/minute
	}
	return a.Equal(b)
}

// clash2 are the fields that somebody else changed too since the form was opened.
func clash2(p *page.Page, q *process.Process, was, now record.Record, set map[string]json.RawMessage, form url.Values) []clash {
	names, err := p.Names(face.RefIDs(q.Shape.Fields, record.BaseOf(now)))
	if err != nil {
		return nil
	}
	var out []clash
	for name := range set {
		f := q.Shape.Field(name)
		if f == nil || f.Of(was).Equal(f.Of(now)) {
			continue
		}
		mine := form[name]
		out = append(out, clash{name, face.Label(name), face.Text(f, f.Of(now), names, p.Zone), mine[len(mine)-1]})
	}
	slices.SortFunc(out, func(a, b clash) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// taskField is a field of a task, for the short form under a record.
func taskField(name string) *record.Field { return people.Tasks.Shape.Field(name) }

// similar are open incidents whose words are alike, while somebody types a title.
func similar(p *page.Page, q *process.Process) error {
	var words []string
	for _, w := range strings.Fields(p.Query("title")) {
		if w = strings.Trim(w, `"'.,;:!?()`); len([]rune(w)) > 3 && len(words) < 3 {
			words = append(words, w)
		}
	}
	if len(words) < 2 {
		return p.Show(http.StatusOK, similarPart(nil))
	}
	text, _ := json.Marshal(strings.Join(words, " ")) // text
	l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: `phase in ("open","waiting") and text ~ ` + string(text), Sort: "-updated_at", Limit: 5})
	if err != nil {
		return err
	}
	var rows []row
	for _, r := range l.Records {
		rows = append(rows, rowOf(q, r))
	}
	return p.Show(http.StatusOK, similarPart(rows))
}
