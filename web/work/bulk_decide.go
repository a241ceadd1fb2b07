package work

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/page"
	"strconv"
	"strings"
)

// command is the wish for one record.
func (v *bulkView) command(p *page.Page, ref string) lifecycle.Command {
	cmd := lifecycle.Command{Process: v.P.Name, Ref: ref, Door: "web", Set: map[string]json.RawMessage{}, Reason: strings.TrimSpace(v.Form.Get("reason"))}
	cmd.IfMatch = v.Rev[ref] // 0: no page showed one, as in a command from elsewhere
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
			l.Stale = fault.Is(err, fault.Stale)
			if l.Refused, err = v.reason(p, err); err != nil {
				return err
			}
			if l.Stale { // what was wished for is said beside what stands there now
				wish := l.cmd
				wish.IfMatch = 0
				if after, err := p.Sys.Try(p.Ctx(), p.Who, wish); err == nil {
					l.after = after.Record
				}
			}
		}
		if !l.Stale && v.Act != actComment { // what was decided on is what stands there now
			l.cmd.IfMatch, v.Rev[ref] = l.Revision, l.Revision
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
		if l.Stale && l.after == nil && v.Act == actStep { // not even possible any more
			l.Then = face.Human(v.Step.To)
		}
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
	if l := v.Lines[0]; len(v.Lines) == 1 && l.Stale {
		v.Clash, v.Rev[l.Ref] = &l, l.Revision // sent once more, it is a change of what stands there now
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
