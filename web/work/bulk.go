package work

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
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
	Rev    map[string]int64 // the revision of each as it was looked at, where that is known
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
	Clash  *bulkLine // somebody was faster on the one record
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
	Stale            bool // changed since it was looked at; Then is what was wished for
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
		v.Title = "Too many records"
		v.Err = fmt.Sprintf("At most %d records can be changed in one go; %d are selected. Nothing was changed: narrow the list by a filter, or do it in parts.", bulkLimit, len(v.Refs))
		v.Refs = nil
		return v.show(p, http.StatusRequestEntityTooLarge)
	}
	v.Rev = map[string]int64{}
	for _, ref := range v.Refs {
		if n, err := strconv.ParseInt(form.Get("rev."+ref), 10, 64); err == nil && n > 0 {
			v.Rev[ref] = n
		}
	}
	if form.Get("from") == "record" && len(v.Refs) == 1 {
		v.Back = "/" + q.Resource + "/" + url.PathEscape(v.Refs[0])
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
	if len(v.Refs) == 1 && !p.Part() && form.Get("from") == "record" { // asked on the record's own page
		p.Redirect(v.Lines[0].Href)
		return nil
	}
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
