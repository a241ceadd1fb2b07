package work

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/conformity/begin"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// Versions of what is versioned: documents, agreements, calendars, policies. Each is drafted by
// somebody and approved by somebody else; what is in force on a day is worked out, never set.
func versionRoutes(add func(method, path string, f func(*page.Page, *process.Process) error)) {
	versioned := func(f func(*page.Page, *process.Process) error) func(*page.Page, *process.Process) error {
		return func(p *page.Page, q *process.Process) error {
			if !q.Versioned {
				return fault.New(fault.NotFound, "There is no page at this address.")
			}
			return f(p, q)
		}
	}
	add("GET", "/{ref}/versions", versioned(showVersions))
	add("POST", "/{ref}/versions", versioned(draftVersion))
	add("GET", "/{ref}/versions/{n}", versioned(showVersion))
	add("POST", "/{ref}/versions/{n}", versioned(saveVersion))
	add("GET", "/{ref}/versions/{n}/edit", versioned(editVersion))
	add("POST", "/{ref}/versions/{n}/{step}", versioned(stepVersion))
}

// versionView is one version in a list or on its page.
type versionView struct {
	Number                 int
	Word, Shape, Tone      string
	From, To               string
	Author, Approver       string
	Why                    string
	InForce, Retroactive   bool
	Steps                  []versionStep
	Href                   string
	Version                *record.Version
	Record                 record.Record
	Hash                   string
	DraftedAt, SubmittedAt record.Instant
	DecidedAt              record.Instant
}

// versionStep is a step that who looks may take; Locked says why not, where the reason is theirs.
type versionStep struct {
	Name, Label  string
	Primary      bool
	Locked       string
	AsksReason   bool
	AsksEffect   bool
	MayBackdated bool
}

// versionsPage is all versions of a record.
type versionsPage struct {
	P        *process.Process
	Row      row
	Versions []versionView // newest first
	Draft    bool          // a new draft may be begun
	Error    string
	X        face.Context

	Generated bool // by the assistant, and nobody has approved any version
}

// versionPage is one version, perhaps beside another.
type versionPage struct {
	versionsPage
	One     versionView
	With    *versionView
	Fields  []*record.Field
	Lines   []*record.LineKind
	Changed map[string]bool
	Inputs  []face.Asked
	Rows    []face.LinesAsked
	Above   []string // refusals that belong to no input
	Why     string
	From    string
	To      string
	Rev     int64
	Kept    bool // what was begun and not sent stands in the form
	Errs    map[string]string
}

func versionsOf(p *page.Page, q *process.Process) (versionsPage, []process.Content, error) {
	res, all, err := p.Sys.Versions(p.Ctx(), p.Who, q.Name, p.R.PathValue("ref"))
	if err != nil {
		return versionsPage{}, nil, err
	}
	v := versionsPage{P: q, Row: rowOf(q, res.Record), Draft: p.Who.May(q.Name, "update")}
	v.Generated = begin.Generated(res.Record.Head().ID)
	var ids []record.ID
	for _, c := range all {
		v.Generated = v.Generated && c.Version.Status != record.VersionApproved
		ids = append(ids, c.Version.Author, c.Version.Approver)
		ids = append(ids, face.RefIDs(q.Content, record.BaseOf(c.Record))...)
		ids = append(ids, face.LineRefs(q.ContentLines, record.BaseOf(c.Record))...)
	}
	names, err := p.Names(ids)
	if err != nil {
		return v, nil, err
	}
	v.X = p.Context(names)
	today := p.Sys.Today()
	for i := len(all) - 1; i >= 0; i-- {
		c := all[i]
		x := versionView{Number: int(c.Version.Number), From: string(c.Version.EffectiveFrom), To: string(c.Version.EffectiveTo), Author: names.Title(c.Version.Author),
			Approver: names.Title(c.Version.Approver), Why: string(c.Version.ChangeReason), InForce: c.Version.InForce(today), Retroactive: bool(c.Version.Retroactive),
			Version: c.Version, Record: c.Record, Hash: string(c.Version.ContentHash), Href: v.Row.Href + "/versions/" + strconv.Itoa(int(c.Version.Number)),
			DraftedAt: c.Version.DraftedAt, SubmittedAt: c.Version.SubmittedAt, DecidedAt: c.Version.DecidedAt}
		x.Word, x.Shape, x.Tone = versionWord(c.Version, today)
		for _, step := range system.StepsOf(string(c.Version.Status)) {
			x.Steps = append(x.Steps, versionStepOf(p, q, c.Version, step))
		}
		if c.Version.Status == record.VersionDraft || c.Version.Status == record.VersionReview {
			v.Draft = false
		}
		v.Versions = append(v.Versions, x)
	}
	return v, all, nil
}

// versionWord says where a version stands, in the reader's terms: in force, coming, over.
func versionWord(v *record.Version, today record.Date) (word, shape, tone string) {
	switch {
	case v.Status == record.VersionDraft:
		return "Draft", "new", "grey"
	case v.Status == record.VersionReview:
		return "Waits for approval", "half", "blue"
	case v.Status == record.VersionRejected:
		return "Rejected", "slash", "grey"
	case v.InForce(today):
		return "In force", "done", "green"
	case v.EffectiveFrom > today:
		return "Approved, comes into force", "clock", "blue"
	}
	return "Superseded", "check", "grey"
}

func versionStepOf(p *page.Page, q *process.Process, v *record.Version, name string) versionStep {
	s := versionStep{Name: name}
	switch name {
	case "submit":
		s.Label, s.Primary = "Hand in for approval", true
		if !p.Who.May(q.Name, "update") {
			s.Locked = "You may not change it."
		}
	case "approve":
		s.Label, s.Primary, s.AsksEffect = "Approve", true, true
		s.MayBackdated = p.Who.May(q.Name, "retroactive")
		switch {
		case !p.Who.May(q.Name, "approve"):
			s.Locked = "You may not approve it."
		case v.Author == p.Who.ID:
			s.Locked = "You wrote it: somebody else approves it."
		}
	case "reject":
		s.Label, s.AsksReason = "Send back", true
		if !p.Who.May(q.Name, "approve") {
			s.Locked = "You may not decide on it."
		}
	}
	return s
}

func (v versionsPage) crumbs() []look.Crumb {
	return []look.Crumb{{Label: face.Plural(v.P), Href: "/" + v.P.Resource}, {Label: v.Row.Ref, Href: v.Row.Href}}
}

func showVersions(p *page.Page, q *process.Process) error {
	v, _, err := versionsOf(p, q)
	if err != nil {
		return err
	}
	return p.OK(p.Frame("Versions of "+v.Row.Ref, v.crumbs()...), versionsBody(v))
}

// draftVersion begins the next version from the one that was approved last.
func draftVersion(p *page.Page, q *process.Process) error {
	res, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: p.R.PathValue("ref"), Verb: "version", Door: "web"})
	if err != nil {
		return err
	}
	p.Redirect(fmt.Sprintf("%s/versions/%d/edit", page.Path(q, res.Record), res.Version.Number))
	return nil
}

func (v versionsPage) version(n string) (versionView, error) {
	for _, x := range v.Versions {
		if strconv.Itoa(x.Number) == n {
			return x, nil
		}
	}
	return versionView{}, fault.New(fault.NotFound, "There is no such version.")
}

func oneVersion(p *page.Page, q *process.Process) (versionPage, error) {
	v, _, err := versionsOf(p, q)
	if err != nil {
		return versionPage{}, err
	}
	out := versionPage{versionsPage: v, Changed: map[string]bool{}}
	if out.One, err = v.version(p.R.PathValue("n")); err != nil {
		return out, err
	}
	out.Rev = int64(out.One.Record.Head().Revision)
	if with := p.Query("with"); with != "" {
		other, err := v.version(with)
		if err != nil {
			return out, err
		}
		out.With = &other
	}
	for _, f := range q.Content {
		if f.Hidden || f.Kind == record.KJSON || f.Kind == record.KSecret {
			continue
		}
		a := f.Of(out.One.Record)
		if out.With != nil {
			b := f.Of(out.With.Record)
			out.Changed[f.Name] = !a.Equal(b)
			if a.Empty() && b.Empty() {
				continue
			}
		} else if a.Empty() {
			continue
		}
		out.Fields = append(out.Fields, f)
	}
	for _, l := range q.ContentLines {
		if l.Len(record.BaseOf(out.One.Record)) > 0 || out.With != nil && l.Len(record.BaseOf(out.With.Record)) > 0 {
			out.Lines = append(out.Lines, l)
			out.Changed[l.Name] = out.With != nil && linesText(l, out.One.Record, v.X) != linesText(l, out.With.Record, v.X)
		}
	}
	return out, nil
}

// linesText is the lines of a kind as text, one a line, for comparing.
func linesText(l *record.LineKind, r record.Record, x face.Context) string {
	var b strings.Builder
	base := record.BaseOf(r)
	for i := range l.Len(base) {
		var cells []string
		for _, f := range l.Shape.Fields {
			if f.Hidden || f.Stamp {
				continue
			}
			if c := f.At(l.Each(base, i)); !c.Empty() {
				cells = append(cells, face.Label(f.Name)+": "+face.Text(f, c, x.Names, x.Zone))
			}
		}
		b.WriteString(strings.Join(cells, " · ") + "\n")
	}
	return b.String()
}

func showVersion(p *page.Page, q *process.Process) error {
	v, err := oneVersion(p, q)
	if err != nil {
		return err
	}
	return p.OK(p.Frame(fmt.Sprintf("%s, version %d", v.Row.Ref, v.One.Number), v.crumbs()...), versionBody(v))
}

func editVersion(p *page.Page, q *process.Process) error {
	return askVersion(p, q, http.StatusOK, url.Values{}, nil)
}

func askVersion(p *page.Page, q *process.Process, status int, posted url.Values, errs map[string]string) error {
	v, err := oneVersion(p, q)
	if err != nil {
		return err
	}
	if v.One.Version.Status != record.VersionDraft {
		return fault.New(fault.Conflict, "Version %d is no draft any more: what was handed in is not changed.", v.One.Number)
	}
	if !p.Who.May(q.Name, "update") {
		return fault.New(fault.Denied, "You may not change it.")
	}
	if errs == nil { // what was begun and not sent
		if posted, err = kept(p, versionPlace(q, v.Row.Ref, v.One.Number)); err != nil {
			return err
		}
		v.Kept, v.Rev = len(posted) > 0, since(posted, v.Rev)
	}
	base := record.BaseOf(v.One.Record)
	if v.Inputs, err = asked(p, face.Editable(q, false, true), base, posted, errs); err != nil {
		return err
	}
	if v.Rows, err = askedLines(p, contentKinds(q), base, posted, errs); err != nil {
		return err
	}
	v.Errs, v.Why, v.From, v.To = errs, v.One.Why, v.One.From, v.One.To
	for name, into := range map[string]*string{"change_reason": &v.Why, "effective_from": &v.From, "effective_to": &v.To} {
		if posted.Has(name) {
			*into = posted.Get(name)
		}
	}
	rest := map[string]string{}
	for k, m := range errs {
		if k != "change_reason" && k != "effective_from" && k != "effective_to" {
			rest[k] = m
		}
	}
	v.Above = unplaced(rest, v.Inputs, v.Rows)
	return p.Work(status, p.Frame(fmt.Sprintf("Edit %s, version %d", v.Row.Ref, v.One.Number), v.crumbs()...), versionForm(v))
}

// saveVersion changes a draft. Who saves on top of somebody else's change sees it first; what was
// typed stays in the form.
func saveVersion(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(p.R.PathValue("n"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such version.")
	}
	set := face.Values(form, q.Content, contentKinds(q), p.Zone)
	for _, name := range []string{"change_reason", "effective_from", "effective_to"} {
		if form.Has(name) {
			set[name] = face.Posted(versionField(name), form[name], p.Zone)
		}
	}
	seen, err := strconv.ParseInt(form.Get("revision"), 10, 64)
	if err != nil {
		return fault.New(fault.BadRequest, "the form does not say which revision it was made from")
	}
	res, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: p.R.PathValue("ref"), Verb: "version_update", Number: n, Set: set, IfMatch: seen, Door: "web"},
		p.Sys.DropDraft(p.Who, versionPlace(q, p.R.PathValue("ref"), n)))
	if fault.Is(err, fault.Stale) {
		return askVersion(p, q, http.StatusPreconditionFailed, form, map[string]string{"": "Somebody changed it since you opened this form. What you typed stands below; save again to put it over theirs, or compare first in another window."})
	}
	if errs, ok := page.Refusals(err); ok {
		return askVersion(p, q, http.StatusUnprocessableEntity, form, errs)
	}
	if err != nil {
		return err
	}
	p.Redirect(fmt.Sprintf("%s/versions/%d", page.Path(q, res.Record), n))
	return nil
}

var versionShape = record.ShapeOf[record.Version]("version")

func versionField(name string) *record.Field { return versionShape.Field(name) }

// stepVersion hands in, approves or sends back.
func stepVersion(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(p.R.PathValue("n"))
	step := p.R.PathValue("step")
	if err != nil || step != "submit" && step != "approve" && step != "reject" {
		return fault.New(fault.NotFound, "There is no such step.")
	}
	cmd := lifecycle.Command{Process: q.Name, Ref: p.R.PathValue("ref"), Verb: "version_" + step, Number: n, Reason: strings.TrimSpace(form.Get("reason")), Door: "web"}
	if v := form.Get("effective_from"); v != "" && step == "approve" {
		cmd.Set = face.Values(url.Values{"effective_from": {v}}, []*record.Field{versionField("effective_from")}, nil, p.Zone)
	}
	res, err := p.Sys.Do(p.Ctx(), p.Who, cmd)
	if errs, ok := page.Refusals(err); ok {
		v, _, err := versionsOf(p, q)
		if err != nil {
			return err
		}
		var all []string
		for field, m := range errs {
			if field != "" {
				m = face.Label(field) + ": " + m
			}
			all = append(all, m)
		}
		v.Error = strings.Join(all, "; ")
		return p.Work(http.StatusUnprocessableEntity, p.Frame("Versions of "+v.Row.Ref, v.crumbs()...), versionsBody(v))
	}
	if err != nil {
		return err
	}
	p.Redirect(page.Path(q, res.Record) + "/versions")
	return nil
}
