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
	"steward/web/face"
	"steward/web/page"
	"strconv"
	"strings"
)

// refused shows the page again with what was typed, and what was wrong with it.
func refused(p *page.Page, q *process.Process, ref, typed string, internal bool, err error) error {
	errs, ok := page.Refusals(err)
	if !ok {
		return err
	}
	v, e := recordOf(p, q, ref)
	if e != nil {
		return e
	}
	v.Typed, v.Internal = typed, internal
	v.Err = joined(errs)
	return p.Work(http.StatusUnprocessableEntity, p.Frame(v.Row.Ref, crumbsOf(q)...), recordPage(v))
}

func joined(errs map[string]string) string {
	var all []string
	for f, m := range errs {
		if f != "" && f != "body" {
			m = face.Label(f) + ": " + m
		}
		all = append(all, m)
	}
	slices.Sort(all)
	return strings.Join(all, "; ")
}

// answer takes a reply or a note; a draft of it goes with it, in the same transaction.
func answer(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref := p.R.PathValue("ref")
	body, internal := strings.ReplaceAll(form.Get("body"), "\r\n", "\n"), form.Get("internal") == "true"
	if err := attach(p, q, ref, internal); err != nil {
		return refused(p, q, ref, body, internal, err)
	}
	set := map[string]json.RawMessage{"internal": json.RawMessage(strconv.FormatBool(internal))}
	set["body"], _ = json.Marshal(body) // text
	if !internal {
		delete(set, "internal")
	}
	if strings.TrimSpace(body) != "" || p.R.MultipartForm == nil || len(p.R.MultipartForm.File["file"]) == 0 {
		_, err = p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: ref, Verb: "comment", Set: set, Door: "web"}, p.Sys.DropDraft(p.Who, draftPlace(q, ref)))
		if err != nil {
			return refused(p, q, ref, body, internal, err)
		}
	}
	p.Redirect("/" + q.Resource + "/" + ref + "#end")
	return nil
}

func undo(p *page.Page, q *process.Process) error {
	n, err := strconv.Atoi(p.R.PathValue("n"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such change.")
	}
	ref := p.R.PathValue("ref")
	if _, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: ref, Verb: "undo", Number: n, Door: "web"}); err != nil {
		return refused(p, q, ref, "", false, err)
	}
	p.Redirect("/" + q.Resource + "/" + ref + "/history")
	return nil
}

func watch(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref := p.R.PathValue("ref")
	if err := p.Sys.Watch(p.Ctx(), p.Who, q.Name, ref, form.Get("on") == "true"); err != nil {
		return err
	}
	p.Redirect("/" + q.Resource + "/" + ref)
	return nil
}

func addLink(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref := p.R.PathValue("ref")
	set := map[string]json.RawMessage{}
	set["to"], _ = json.Marshal(strings.TrimSpace(form.Get("to"))) // text
	_, err = p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: ref, Verb: "link", Name: form.Get("kind"), Set: set, Door: "web"})
	if err != nil {
		return refused(p, q, ref, "", false, err)
	}
	p.Redirect("/" + q.Resource + "/" + ref + "#related")
	return nil
}

func endLink(p *page.Page, q *process.Process) error {
	id, err := record.ParseID(p.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such link.")
	}
	ref := p.R.PathValue("ref")
	if _, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: ref, Verb: "unlink", ID: id, Door: "web"}); err != nil {
		return refused(p, q, ref, "", false, err)
	}
	p.Redirect("/" + q.Resource + "/" + ref + "#related")
	return nil
}

// addTask makes a task under the record.
func addTask(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref := p.R.PathValue("ref")
	tq := p.Sys.Registry.Process("task")
	form.Set("parent", ref)
	set := face.Values(url.Values{"title": form["title"], "assignee": form["assignee"], "due": form["due"], "kind": form["kind"], "parent": {ref}}, tq.RecordFields, nil, p.Zone)
	if _, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: "task", Verb: "create", Set: set, Door: "web"}); err != nil {
		return refused(p, q, ref, "", false, err)
	}
	p.Redirect("/" + q.Resource + "/" + ref + "#tasks")
	return nil
}

func askApproval(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref := p.R.PathValue("ref")
	if _, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: ref, Verb: "round", Name: form.Get("gate"), Door: "web"}); err != nil {
		return refused(p, q, ref, "", false, err)
	}
	p.Redirect("/" + q.Resource + "/" + ref)
	return nil
}

// attach takes the files of a form.
func attach(p *page.Page, q *process.Process, ref string, internal bool) error {
	if p.R.MultipartForm == nil {
		return nil
	}
	for _, head := range p.R.MultipartForm.File["file"] {
		if head.Size == 0 {
			continue
		}
		f, err := head.Open()
		if err != nil {
			return err
		}
		a, err := p.Sys.Upload(p.Ctx(), f, head.Filename)
		_ = f.Close() // read already
		if err != nil {
			return err
		}
		a.Internal = record.Bool(internal)
		if _, err := p.Sys.Attach(p.Ctx(), p.Who, q.Name, ref, a, "web"); err != nil {
			return err
		}
	}
	return nil
}

func addFile(p *page.Page, q *process.Process) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	ref := p.R.PathValue("ref")
	if err := attach(p, q, ref, form.Get("internal") == "true"); err != nil {
		return refused(p, q, ref, "", false, err)
	}
	p.Redirect("/" + q.Resource + "/" + ref + "#files")
	return nil
}

// sendFile answers a file as something to keep: what others wrote is never run in this site's name.
func sendFile(p *page.Page, q *process.Process) error {
	id, err := record.ParseID(p.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	a, err := p.Sys.Attachment(p.Ctx(), p.Who, q.Name, p.R.PathValue("ref"), id)
	if err != nil {
		return err
	}
	return page.SendFile(p, a)
}
