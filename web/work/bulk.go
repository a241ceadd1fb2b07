package work

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// bulkLimit is how many records one edit may touch.
const bulkLimit = 500

// What can be done to records from a list.
const (
	actAssign  = "assign"
	actField   = "field"
	actStep    = "step"
	actComment = "comment"
)

// bulkView is an edit of one or many records: asked for, looked at before it happens, or done.
type bulkView struct {
	P      *process.Process
	Refs   []string
	Act    string
	Title  string
	Fields []face.Option // to choose one from
	Steps  []face.Option
	Field  *record.Field
	Step   *process.Transition
	Asked  []face.Asked
	Form   url.Values
	Errs   map[string]string
	Err    string
	Lines  []bulkLine
	Will   int // how many will change, or have
	Done   bool
	Undo   []string // REF:EVENT
	Back   string
	Chosen bool // it is clear what to do; else that is asked first
	May    struct{ Assign, Field, Step, Comment, Internal bool }
}

// bulkLine is what becomes of one record.
type bulkLine struct {
	row
	Title, Now, Then string
	Person           bool // Now and Then are people
	Same             bool
	Refused          string
	Revision         int64
	rec, after       record.Record
	cmd              lifecycle.Command
}

// bulk leads through an edit of the selected records: what to do, what it will do to each, done.
// Nothing is written before the last of these.
func bulk(p *page.Page, q *process.Process) error {
	if err := p.R.ParseForm(); err != nil {
		if _, err := p.Form(); err != nil {
			return err
		}
	}
	form := p.R.Form
	v := bulkView{P: q, Refs: unique(form["ref"]), Act: form.Get("act"), Form: form, Back: withParams(form.Get("back"), q), Errs: map[string]string{}}
	if len(v.Refs) == 0 {
		return fault.New(fault.BadRequest, "Select records first: nothing was selected.")
	}
	if len(v.Refs) > bulkLimit {
		return fault.New(fault.TooLarge, "At most %d records can be changed in one go; %d are selected.", bulkLimit, len(v.Refs))
	}
	if err := v.understand(p); err != nil {
		return err
	}
	stage := form.Get("stage")
	if p.R.Method != http.MethodPost || !v.Chosen || stage == "" {
		return v.show(p, http.StatusOK)
	}
	if err := v.decide(p); err != nil {
		return err
	}
	apply := stage == "apply" || len(v.Refs) == 1
	if v.Will == 0 && (len(v.Refs) == 1 || v.mended()) {
		return v.refused(p)
	}
	if !apply {
		return v.show(p, http.StatusOK)
	}
	if err := v.apply(p); err != nil {
		return err
	}
	if v.Will == 0 && len(v.Refs) == 1 {
		return v.refused(p)
	}
	v.Done = true
	return v.show(p, http.StatusOK)
}

func unique(in []string) []string {
	var out []string
	for _, s := range in {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

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

// command is the wish for one record.
func (v *bulkView) command(p *page.Page, ref string) lifecycle.Command {
	cmd := lifecycle.Command{Process: v.P.Name, Ref: ref, Door: "web", Set: map[string]json.RawMessage{}, Reason: strings.TrimSpace(v.Form.Get("reason"))}
	cmd.IfMatch, _ = strconv.ParseInt(v.Form.Get("rev."+ref), 10, 64) // none was seen when there is none
	text := func(name string) string {
		return strings.TrimSpace(strings.ReplaceAll(v.Form.Get(name), "\r\n", "\n"))
	}
	switch v.Act {
	case actComment:
		cmd.Verb, cmd.IfMatch = "comment", 0
		cmd.Set["body"], _ = json.Marshal(text("comment"))
		if v.Form.Get("internal") == "true" {
			cmd.Set["internal"] = json.RawMessage("true")
		}
		return cmd
	case actStep:
		cmd.Verb, cmd.Name = "transition", v.Step.Name
		if c := text("comment"); c != "" {
			cmd.Set["comment"], _ = json.Marshal(c)
			if v.Form.Get("internal") == "true" {
				cmd.Set["internal"] = json.RawMessage("true")
			}
		}
	default:
		cmd.Verb = "update"
	}
	for _, a := range v.Asked {
		vals, given := v.Form[a.F.Name]
		if !given || v.Act != actField && strings.Join(vals, "") == "" {
			continue // left as it is
		}
		cmd.Set[a.F.Name] = face.Posted(a.F, vals, p.Zone)
	}
	return cmd
}

// decide asks of each record what would become of it, and writes nothing.
func (v *bulkView) decide(p *page.Page) error {
	for _, ref := range v.Refs {
		res, err := p.Sys.Get(p.Ctx(), p.Who, v.P.Name, ref)
		if err != nil {
			return err
		}
		h := res.Record.Head()
		l := bulkLine{row: rowOf(v.P, res.Record), Title: string(h.Title), Revision: int64(h.Revision), rec: res.Record, cmd: v.command(p, ref)}
		after, err := p.Sys.Try(p.Ctx(), p.Who, l.cmd)
		switch {
		case err == nil:
			l.after = after.Record
			l.Same = after.Record.Head().N == h.N
		default:
			if l.Refused, err = v.reason(p, err); err != nil {
				return err
			}
		}
		if l.Refused == "" && !l.Same {
			v.Will++
		}
		v.Lines = append(v.Lines, l)
	}
	return v.words(p)
}

// words says what each record was and will be.
func (v *bulkView) words(p *page.Page) error {
	var fs []*record.Field
	for _, a := range v.Asked {
		if _, set := v.Lines[0].cmd.Set[a.F.Name]; set && v.Act != actStep {
			fs = append(fs, a.F)
		}
	}
	var ids []record.ID
	for _, l := range v.Lines {
		ids = append(ids, face.RefIDs(fs, record.BaseOf(l.rec))...)
		if l.after != nil {
			ids = append(ids, face.RefIDs(fs, record.BaseOf(l.after))...)
		}
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	say := func(r record.Record) string {
		if r == nil {
			return ""
		}
		if v.Act == actStep {
			return face.Human(string(r.Head().State))
		}
		var parts []string
		for _, f := range fs {
			t := face.Text(f, f.Of(r), names, p.Zone)
			if t == "" {
				t = "none"
			}
			parts = append(parts, t)
		}
		return strings.Join(parts, ", ")
	}
	for i := range v.Lines {
		l := &v.Lines[i]
		l.Now, l.Then = say(l.rec), say(l.after)
		if v.Act == actComment {
			l.Now, l.Then = "", "one more entry"
		}
		l.Person = v.Act != actStep && len(fs) == 1 && fs[0].Ref == "user"
	}
	return nil
}

// reason is why a record is refused, in words; what is no refusal of this record is an error of the
// whole.
func (v *bulkView) reason(p *page.Page, err error) (string, error) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return "", err
	}
	switch f.Kind {
	case fault.Refused:
		var parts []string
		for _, r := range f.Refusals {
			m := r.Mend
			if m == "" {
				m = strings.ReplaceAll(r.Reason, "_", " ")
			}
			if r.Field != "" {
				v.Errs[r.Field] = m
				m = face.Label(r.Field) + ": " + m
			}
			parts = append(parts, m)
		}
		return strings.Join(parts, ". "), nil
	case fault.Illegal:
		return "its state does not allow this", nil
	case fault.Stale:
		return "somebody changed it in the meantime", nil
	case fault.Denied, fault.Conflict, fault.NotFound, fault.BadRequest:
		return f.Detail, nil
	}
	return "", err
}

// mended reports whether every refusal could be mended by filling something in.
func (v *bulkView) mended() bool {
	return len(v.Errs) > 0 && !slices.ContainsFunc(v.Lines, func(l bulkLine) bool { return l.Same || !strings.Contains(l.Refused, ": ") })
}

// refused shows the form again, with what is wrong beside the fields; fields that were not asked for
// come along.
func (v *bulkView) refused(p *page.Page) error {
	v.Err = "Nothing was changed."
	for _, l := range v.Lines {
		if l.Same {
			v.Err = "Nothing to change: it is so already."
		} else if l.Refused != "" {
			v.Err = "Nothing was changed. " + l.Refused + "."
		}
	}
	for n, e := range v.Errs {
		if f := v.P.Shape.Field(n); f != nil {
			if err := v.ask(p, f, e); err != nil {
				return err
			}
			v.Err = "Nothing was changed. Please look at what is marked."
		}
	}
	v.Lines, v.Done = nil, false
	return v.show(p, http.StatusUnprocessableEntity)
}

// apply does it: all in one transaction, and where somebody was faster on one of them, each for
// itself, so that one does not hold up the others.
func (v *bulkView) apply(p *page.Page) error {
	var at []int
	var cmds []lifecycle.Command
	for i, l := range v.Lines {
		if l.Refused == "" && !l.Same {
			at, cmds = append(at, i), append(cmds, l.cmd)
		}
	}
	v.Will = 0
	done := func(i int, r *system.Result) {
		l := &v.Lines[i]
		if h := r.Record.Head(); h.N == l.rec.Head().N {
			l.Same = true
		} else {
			v.Will++
			if l.cmd.Verb == "update" {
				v.Undo = append(v.Undo, fmt.Sprintf("%s:%d", l.Ref, h.N))
			}
		}
	}
	all, _, err := p.Sys.DoAll(p.Ctx(), p.Who, cmds)
	if err == nil {
		for n, r := range all {
			done(at[n], r)
		}
		return nil
	}
	for n, i := range at {
		r, err := p.Sys.Do(p.Ctx(), p.Who, cmds[n])
		if err == nil {
			done(i, r)
			continue
		}
		if v.Lines[i].Refused, err = v.reason(p, err); err != nil {
			return err
		}
	}
	return nil
}

// bulkUndo takes edits back, each by the kernel's own undo: what was changed since stays.
func bulkUndo(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	v := bulkView{P: q, Act: "undo", Title: "Undone", Form: form, Done: true, Back: withParams(form.Get("back"), q), Errs: map[string]string{}}
	for _, u := range form["undo"] {
		ref, no, _ := strings.Cut(u, ":")
		n, err := strconv.Atoi(no)
		if err != nil || len(v.Refs) == bulkLimit {
			return fault.New(fault.BadRequest, "undo takes REF:EVENT, of at most %d records", bulkLimit)
		}
		v.Refs = append(v.Refs, ref)
		res, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: ref, Verb: "undo", Number: n, Door: "web"})
		if err == nil {
			v.Will++
			v.Lines = append(v.Lines, bulkLine{row: rowOf(q, res.Record), Title: string(res.Record.Head().Title)})
			continue
		}
		l := bulkLine{row: row{Ref: ref, Href: "/" + q.Resource + "/" + url.PathEscape(ref)}}
		if l.Refused, err = v.reason(p, err); err != nil {
			return err
		}
		v.Lines = append(v.Lines, l)
	}
	return v.show(p, http.StatusOK)
}

// show answers the dialog, the toast of a single key, or a page of its own.
func (v bulkView) show(p *page.Page, status int) error {
	switch {
	case p.Part() && v.Form.Get("quick") != "" && (v.Done || status != http.StatusOK):
		return p.Show(status, bulkToast(v))
	case p.Part():
		return p.Show(status, bulkPart(v))
	}
	return p.Work(status, p.Frame(v.Title, look.Crumb{Label: face.Plural(v.P), Href: v.Back}), bulkPage(v))
}

// result says what was done, in one sentence.
func (v bulkView) result() string {
	word := "changed"
	if v.Act == "undo" {
		word = "as before"
	}
	if len(v.Refs) == 1 && v.Will == 1 {
		return v.Refs[0] + " " + word
	}
	s := fmt.Sprintf("%d %s", v.Will, word)
	if n := v.count(func(l bulkLine) bool { return l.Same }); n > 0 {
		s += fmt.Sprintf(", %d were so already", n)
	}
	if n := v.count(func(l bulkLine) bool { return l.Refused != "" }); n > 0 {
		s += fmt.Sprintf(", %d not", n)
	}
	return s
}

func (v bulkView) count(f func(bulkLine) bool) int {
	n := 0
	for _, l := range v.Lines {
		if f(l) {
			n++
		}
	}
	return n
}

// kept are the values that go along from one step to the next.
func (v bulkView) kept() []struct{ Name, Value string } {
	var out []struct{ Name, Value string }
	put := func(n, val string) { out = append(out, struct{ Name, Value string }{n, val}) }
	for _, r := range v.Refs {
		put("ref", r)
	}
	put("act", v.Act)
	put("back", v.Back)
	if v.Field != nil {
		put("field", v.Field.Name)
	}
	if v.Step != nil {
		put("step", v.Step.Name)
	}
	for _, a := range v.Asked {
		if v.Step != nil && !slices.Contains(v.Step.Needs, a.F) {
			put("also", a.F.Name)
		}
	}
	return out
}

// filled are the values that were given, for the step from looking to doing.
func (v bulkView) filled() []struct{ Name, Value string } {
	out := v.kept()
	put := func(n, val string) { out = append(out, struct{ Name, Value string }{n, val}) }
	for _, a := range v.Asked {
		for _, val := range v.Form[a.F.Name] {
			put(a.F.Name, val)
		}
	}
	for _, n := range []string{"comment", "internal", "reason"} {
		if v.Form.Get(n) != "" {
			put(n, v.Form.Get(n))
		}
	}
	for _, l := range v.Lines {
		put("rev."+l.Ref, strconv.FormatInt(l.Revision, 10))
	}
	return out
}

// verb is what the last button says.
func (v bulkView) verb() string {
	n := ""
	if len(v.Refs) > 1 {
		n = fmt.Sprintf(" %d", v.Will)
	}
	switch v.Act {
	case actAssign:
		return "Assign" + n
	case actStep:
		return face.Human(v.Step.Name) + n
	case actComment:
		return "Write on" + n
	}
	return "Change" + n
}
