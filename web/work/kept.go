package work

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"steward/kernel/process"
	"steward/web/page"
)

// What was typed into a form and not sent, brought back to it.

// mark are values of a form that nobody types: alone they are no draft.
var mark = map[string]bool{"revision": true, "internal": true}

// keepDraft keeps what is being typed, for whoever types it. A field that was emptied is kept empty:
// that is a change too. With a way back, the draft is thrown away.
func keepDraft(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	place := form.Get("place")
	if back := form.Get("discard"); back != "" {
		if err := p.Sys.KeepDraft(p.Ctx(), p.Who, place, ""); err != nil {
			return err
		}
		p.Redirect(back)
		return nil
	}
	kept, typed := map[string]string{}, false
	for k, vals := range form {
		if k != "place" && len(vals) > 0 {
			kept[k] = vals[len(vals)-1]
			typed = typed || kept[k] != "" && !mark[k]
		}
	}
	body := ""
	if _, changes := kept["revision"]; typed || changes {
		b, _ := json.Marshal(kept) // text
		body = string(b)
	}
	if err := p.Sys.KeepDraft(p.Ctx(), p.Who, place, body); err != nil {
		return err
	}
	p.W.WriteHeader(http.StatusNoContent)
	return nil
}

// kept is what was typed at place; empty when nothing was.
func kept(p *page.Page, place string) (url.Values, error) {
	out := url.Values{}
	d, err := p.Sys.Draft(p.Ctx(), p.Who, place)
	if err != nil || d == nil {
		return out, err
	}
	var body map[string]string
	if json.Unmarshal([]byte(d.Body), &body) == nil { // written by keepDraft
		for k, v := range body {
			out.Set(k, v)
		}
	}
	return out, nil
}

// since is the revision that what was typed was typed over, so that what a colleague changed
// meanwhile is not put back; now, when it was not said.
func since(sent url.Values, now int64) int64 {
	if r, err := strconv.ParseInt(sent.Get("revision"), 10, 64); err == nil && r > 0 && r <= now {
		return r
	}
	return now
}

func editPlace(q *process.Process, ref string) string { return q.Name + "/" + ref + "/edit" }
func stepPlace(q *process.Process, ref, step string) string {
	return q.Name + "/" + ref + "/do/" + step
}
func versionPlace(q *process.Process, ref string, n int) string {
	return q.Name + "/" + ref + "/version/" + strconv.Itoa(n)
}
