// Package desk is what surrounds lists and records: one's work, inbox and approvals, search and the
// palette, what others do at this moment, and the room of a major incident.
//
// In: who is signed in. Out: the same questions that the API answers, as pages; a stream of what
// changes, of what the reader may see.
//
// Start at [Routes].
// Always true: a page works without script; nobody hears of a record that they may not see.
package desk

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/query"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// Routes of the package.
func Routes(s *page.Site) []page.Route {
	d := &door{here: newHere(s.Sys.Now)}
	return []page.Route{
		{Pattern: "GET /my-work", For: page.Provider, Serve: myWork},
		{Pattern: "GET /inbox", For: page.SignedIn, Serve: inbox},
		{Pattern: "POST /inbox/read", For: page.SignedIn, Serve: readNotices},
		{Pattern: "GET /approvals", For: page.Provider, Serve: approvals},
		{Pattern: "POST /approvals/{process}/{ref}", For: page.Provider, Serve: vote},
		{Pattern: "GET /search", For: page.Provider, Serve: search},
		{Pattern: "GET /palette", For: page.Provider, Serve: palette},
		{Pattern: "GET /lookup/{process}", For: page.SignedIn, Serve: lookup},
		{Pattern: "POST /prefer", For: page.SignedIn, Serve: prefer},
		{Pattern: "GET /live", For: page.SignedIn, Long: true, Serve: d.live},
		{Pattern: "POST /presence", For: page.Provider, Serve: d.presence},
		{Pattern: "GET /major", For: page.Provider, Serve: majors},
		{Pattern: "GET /major/{ref}", For: page.Provider, Serve: room},
		{Pattern: "POST /major/{ref}/update", For: page.Provider, Serve: publishUpdate},
	}
}

type door struct{ here *here }

// thin is a record of any process in a list.
type thin struct {
	Ref, Title, Href, Word, Shape, Tone, Kind, Icon string
	Due                                             time.Time
	Late                                            bool
}

func thinOf(p *page.Page, d *storage.Directory) thin {
	q := p.Sys.Registry.Process(string(d.Process))
	if q == nil {
		return thin{}
	}
	t := thin{Ref: q.Ref(d.Num), Title: string(d.Title), Href: p.Address(d), Word: face.Human(string(d.State)), Kind: face.Singular(q), Icon: face.Icon(q.Name), Due: d.DueAt.Time()}
	if d.DueAt == 0 {
		t.Due = time.Time{}
	}
	t.Shape, t.Tone = face.Shape(q, string(d.State))
	t.Late = !t.Due.IsZero() && t.Due.Before(p.Now)
	return t
}

// group is a part of a list under a heading.
type group struct {
	Title string
	Rows  []thin
}

type workView struct {
	Groups []group
	Drafts []draft
	More   bool
	Now    time.Time
	Zone   *time.Location
}

type draft struct {
	Place, Href, Text string
	At                time.Time
}

// workShown is how much of one's work a page shows.
const workShown = 200

func myWork(p *page.Page) error {
	ds, err := p.Sys.MyWork(p.Ctx(), p.Who, workShown)
	if err != nil {
		return err
	}
	v := workView{Now: p.Now, Zone: p.Zone, More: len(ds) == workShown}
	end := time.Date(p.Now.In(p.Zone).Year(), p.Now.In(p.Zone).Month(), p.Now.In(p.Zone).Day()+1, 0, 0, 0, 0, p.Zone)
	late, today, later, open := group{Title: "Late"}, group{Title: "Due today"}, group{Title: "Due later"}, group{Title: "Without a day"}
	for _, d := range ds {
		t := thinOf(p, d)
		switch {
		case t.Due.IsZero():
			open.Rows = append(open.Rows, t)
		case t.Late:
			late.Rows = append(late.Rows, t)
		case t.Due.Before(end):
			today.Rows = append(today.Rows, t)
		default:
			later.Rows = append(later.Rows, t)
		}
	}
	for _, g := range []group{late, today, later, open} {
		if len(g.Rows) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	drafts, err := p.Sys.Drafts(p.Ctx(), p.Who)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if x, ok := draftOf(p, d); ok {
			v.Drafts = append(v.Drafts, x)
		}
	}
	return p.OK(p.Frame("My work"), workBody(v))
}

// draftOf finds the page that a draft belongs to: comment/PROCESS/REF, PROCESS/new,
// PROCESS/REF/edit, PROCESS/REF/do/STEP, PROCESS/REF/version/N.
func draftOf(p *page.Page, d *storage.Draft) (draft, bool) {
	var body map[string]string
	_ = json.Unmarshal([]byte(d.Body), &body) // written by us
	x := draft{Place: string(d.Place), At: d.UpdatedAt.Time()}
	for _, k := range []string{"body", "title", "description", "comment", "reason"} {
		if x.Text == "" {
			x.Text = body[k]
		}
	}
	if r := []rune(x.Text); len(r) > 120 {
		x.Text = string(r[:120]) + "…"
	}
	parts := strings.Split(x.Place, "/")
	at := func(name string, rest ...string) bool {
		q := p.Sys.Registry.Process(name)
		if q == nil {
			return false
		}
		x.Href = "/" + strings.Join(append([]string{q.Resource}, rest...), "/")
		return true
	}
	switch {
	case len(parts) == 3 && parts[0] == "comment":
		x.Place = "Reply to " + parts[2]
		return x, at(parts[1], parts[2]+"#end")
	case len(parts) == 2 && parts[1] == "new":
		x.Place = "New " + strings.ReplaceAll(parts[0], "_", " ")
		return x, at(parts[0], "new")
	case len(parts) == 3 && parts[2] == "edit":
		x.Place = "Changes of " + parts[1]
		return x, at(parts[0], parts[1], "edit")
	case len(parts) == 4 && parts[2] == "do":
		x.Place = face.Human(parts[3]) + " " + parts[1]
		return x, at(parts[0], parts[1], "do", parts[3])
	case len(parts) == 4 && parts[2] == "version":
		x.Place = "Version " + parts[3] + " of " + parts[1]
		return x, at(parts[0], parts[1], "versions", parts[3], "edit")
	}
	return x, false
}

type noticeRow struct {
	thin
	ID, Text string
	At       time.Time
	Unread   bool
}

type inboxView struct {
	Rows   []noticeRow
	Before string
	Unread int
	Now    time.Time
	Zone   *time.Location
}

// inboxPage is how many notices a page shows.
const inboxPage = 50

func inbox(p *page.Page) error {
	var before record.ID
	if v := p.Query("before"); v != "" {
		id, err := record.ParseID(v)
		if err != nil {
			return fault.New(fault.BadRequest, "That place in the inbox does not exist.")
		}
		before = id
	}
	ns, err := p.Sys.Inbox(p.Ctx(), p.Who, false, before, inboxPage)
	if err != nil {
		return err
	}
	v := inboxView{Now: p.Now, Zone: p.Zone}
	for _, n := range ns {
		r := noticeRow{thin: thinOf(p, n.Record), ID: n.ID.String(), Text: string(n.Text), At: n.At.Time(), Unread: n.ReadAt == 0}
		if r.Unread {
			v.Unread++
		}
		v.Rows = append(v.Rows, r)
	}
	if len(ns) == inboxPage {
		v.Before = ns[len(ns)-1].ID.String()
	}
	f := p.Frame("Inbox")
	if !p.Who.Customer.IsZero() {
		f.Kind = "bare"
	}
	return p.OK(f, inboxBody(v))
}

// readNotices marks one notice as read, or all that the page showed.
func readNotices(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	for _, s := range form["id"] {
		id, err := record.ParseID(s)
		if err != nil {
			return fault.New(fault.BadRequest, "There is no such notice.")
		}
		if err := p.Sys.ReadNotice(p.Ctx(), p.Who, id); err != nil {
			return err
		}
	}
	p.Redirect("/inbox")
	return nil
}

type waiting struct {
	thin
	Gate, Asked, Instead, For string
	At, DueAt                 time.Time
	Covers                    []string // what is approved, as it stands
	Process, Round            string
}

func approvals(p *page.Page) error { return showApprovals(p, http.StatusOK, "") }

func showApprovals(p *page.Page, status int, problem string) error {
	ws, err := p.Sys.MyApprovals(p.Ctx(), p.Who)
	if err != nil {
		return err
	}
	var ids []record.ID
	for _, w := range ws {
		ids = append(ids, w.Round.OpenedBy, w.For)
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	var rows []waiting
	for _, w := range ws {
		x := waiting{thin: thinOf(p, w.Record), Gate: string(w.Round.Gate), Asked: names.Title(w.Round.OpenedBy), At: w.Round.OpenedAt.Time(), Process: string(w.Record.Process), Round: w.Round.ID.String()}
		if w.Round.DueAt != 0 {
			x.DueAt = w.Round.DueAt.Time()
		}
		if !w.For.IsZero() {
			x.For, x.Instead = w.For.String(), names.Title(w.For)
		}
		if x.Covers, err = covered(p, x); err != nil {
			return err
		}
		rows = append(rows, x)
	}
	return p.Work(status, p.Frame("Approvals"), approvalsBody(rows, problem, p.Now, p.Zone))
}

// covered is what a gate approves, in words.
func covered(p *page.Page, w waiting) ([]string, error) {
	q := p.Sys.Registry.Process(w.Process)
	g := q.Gate(w.Gate)
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, w.Ref)
	if err != nil || g == nil {
		return nil, err
	}
	names, err := p.Names(face.RefIDs(g.Fields, record.BaseOf(res.Record)))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range g.Fields {
		if c := f.Of(res.Record); !c.Empty() {
			out = append(out, face.Label(f.Name)+": "+face.Text(f, c, names, p.Zone))
		}
	}
	return out, nil
}

func vote(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	set := map[string]json.RawMessage{}
	for _, k := range []string{"vote", "reason", "for"} {
		if v := strings.TrimSpace(form.Get(k)); v != "" {
			set[k], _ = json.Marshal(v) // text
		}
	}
	q := p.Process(p.R.PathValue("process"))
	if q == nil {
		return fault.New(fault.NotFound, "There is no such record.")
	}
	round, err := record.ParseID(form.Get("round"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such asking.")
	}
	_, err = p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: q.Name, Ref: p.R.PathValue("ref"), Verb: "vote", ID: round, Set: set, Door: "web"})
	if errs, ok := page.Refusals(err); ok {
		var all []string
		for _, m := range errs {
			all = append(all, m)
		}
		slices.Sort(all)
		return showApprovals(p, http.StatusUnprocessableEntity, strings.Join(all, "; "))
	}
	if err != nil {
		return err
	}
	p.Redirect("/approvals")
	return nil
}

// found answers a search: an exact ref first, then what has the words, newest first.
func found(p *page.Page, text string, limit int) ([]thin, error) {
	text = strings.TrimSpace(strings.TrimPrefix(text, "#"))
	if text == "" {
		return nil, nil
	}
	var out []thin
	seen := map[string]bool{}
	if id, err := p.Sys.Lookup(p.Ctx(), p.Who, "*", text); err != nil {
		return nil, err
	} else if !id.IsZero() {
		names, err := p.Names([]record.ID{id})
		if err != nil {
			return nil, err
		}
		if d := names[id]; d != nil {
			t := thinOf(p, d)
			out, seen[t.Href] = append(out, t), true
		}
	}
	phrases, err := query.SearchQuery(text)
	if err != nil {
		return out, nil // nothing in it that could be looked for
	}
	ds, err := p.Sys.Store.Search(p.Ctx(), p.Sys.Scopes(p.Who), phrases, limit)
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		if t := thinOf(p, d); t.Href != "" && !seen[t.Href] {
			out = append(out, t)
		}
	}
	return out, nil
}

func search(p *page.Page) error {
	text := p.Query("q")
	rows, err := found(p, text, 50)
	if err != nil {
		return err
	}
	return p.OK(p.Frame("Search"), searchBody(text, rows, commandsFor(p, text)))
}

func palette(p *page.Page) error {
	text := p.Query("q")
	rows, err := found(p, text, 12)
	if err != nil {
		return err
	}
	cmds := commandsFor(p, text)
	if text == "" {
		if rows, err = recent(p); err != nil {
			return err
		}
	}
	return p.Show(http.StatusOK, paletteRows(rows, cmds))
}

// recent are the records that the person looked at last.
func recent(p *page.Page) ([]thin, error) {
	var out []thin
	for _, s := range strings.Fields(p.Prefs["recent"]) {
		name, ref, _ := strings.Cut(s, "/")
		id, err := p.Sys.Lookup(p.Ctx(), p.Who, name, ref)
		if err != nil {
			return nil, err
		}
		if id.IsZero() || len(out) == 8 {
			continue
		}
		names, err := p.Names([]record.ID{id})
		if err != nil {
			return nil, err
		}
		if d := names[id]; d != nil {
			out = append(out, thinOf(p, d))
		}
	}
	return out, nil
}

// commandsFor are the pages and commands whose words begin as text does.
func commandsFor(p *page.Page, text string) []look.Item {
	var all []look.Item
	for _, g := range p.Frame("").Groups {
		for _, it := range g.Items {
			all = append(all, look.Item{Label: "Go to " + it.Label, Href: it.Href, Icon: it.Icon})
		}
	}
	for _, q := range p.Sys.Registry.All {
		if face.Group(q) != "" && p.Who.May(q.Name, "create") {
			all = append(all, look.Item{Label: "New " + strings.ToLower(face.Singular(q)), Href: "/" + q.Resource + "/new", Icon: "plus"})
		}
	}
	all = append(all, look.Item{Label: "Go to your account", Href: "/me", Icon: "user-round"})
	var out []look.Item
	for _, it := range all {
		ok := true
		for _, w := range strings.Fields(strings.ToLower(text)) {
			ok = ok && strings.Contains(" "+strings.ToLower(it.Label), " "+w)
		}
		if ok && len(out) < 8 {
			out = append(out, it)
		}
	}
	return out
}

// lookup answers what may stand in an input that names a record: value, then title.
func lookup(p *page.Page) error {
	text, name := strings.TrimSpace(p.Query("q")), p.R.PathValue("process")
	type item struct {
		Value string `json:"value"`
		Title string `json:"title"`
	}
	out := []item{}
	add := func(ref, title string) {
		if len(out) < 12 {
			out = append(out, item{ref, title})
		}
	}
	switch q := p.Sys.Registry.Process(name); {
	case name != "*" && (q == nil || !p.Who.Reads(name)):
		return fault.New(fault.NotFound, "There is nothing of that kind.")
	case name != "*" && q.Config:
		all, err := p.Sys.Reader().All(p.Ctx(), name)
		if err != nil {
			return err
		}
		for _, r := range all {
			h := r.Head()
			if !p.Who.Customer.IsZero() && h.Customer != p.Who.Customer {
				continue
			}
			if strings.Contains(strings.ToLower(string(h.Title)), strings.ToLower(text)) || strings.EqualFold(q.Ref(h.Num), text) {
				add(q.Ref(h.Num), string(h.Title))
			}
		}
	default:
		rows, err := found(p, text, 40)
		if err != nil {
			return err
		}
		for _, t := range rows {
			if name == "*" || t.Kind == face.Singular(q) {
				add(t.Ref, t.Title)
			}
		}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	p.W.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = p.W.Write(b) // who is gone reads nothing
	return nil
}

// prefer keeps how somebody likes a page.
func prefer(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	name := form.Get("name")
	ok := strings.HasPrefix(name, "side:") && slices.Contains(face.Groups, strings.TrimPrefix(name, "side:")) && (form.Get("value") == "open" || form.Get("value") == "closed")
	if !ok {
		return fault.New(fault.BadRequest, "That is no preference.")
	}
	if err := p.Sys.Prefer(p.Ctx(), p.Who, name, form.Get("value")); err != nil {
		return err
	}
	p.W.WriteHeader(http.StatusNoContent)
	return nil
}
