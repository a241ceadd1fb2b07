package portal

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sort"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/resolution/incident"
	"steward/web/page"
)

// matterRow is a matter in a list.
type matterRow struct {
	Ref, Title, Href, Who string
	Stages                []stage
	Asks                  bool // waits for the customer
	Confirm               bool // asks whether it is solved
}

func (s shell) row(r record.Record, ref, who string) matterRow {
	i := r.(*incident.Incident)
	m := matterRow{Ref: ref, Title: string(i.Title), Href: "/portal/matters/" + ref, Who: who}
	m.Stages = s.stagesOf(string(i.State), string(i.WaitReason), i.OpenedAt.Time(), i.FirstResponseAt.Time(), i.ResolvedAt.Time(), i.ClosedAt.Time(), dueOf(i))
	m.Asks = i.State == "pending" && i.WaitReason == "customer"
	m.Confirm = i.State == "resolved"
	return m
}

func dueOf(i *incident.Incident) time.Time {
	if i.DueAt == 0 {
		return time.Time{}
	}
	return i.DueAt.Time()
}

// list are matters that the reader may see.
func (s shell) list(filter, sortBy, cursor string, limit int) ([]matterRow, string, error) {
	p := s.p
	q, err := incidents(p)
	if err != nil {
		return nil, "", err
	}
	l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: filter, Sort: sortBy, Cursor: cursor, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	var ids []record.ID
	for _, r := range l.Records {
		ids = append(ids, r.Head().Reporter)
	}
	names, err := p.Names(ids)
	if err != nil {
		return nil, "", err
	}
	var out []matterRow
	for _, r := range l.Records {
		who := ""
		if id := r.Head().Reporter; id != p.Who.ID && names[id] != nil {
			who = string(names[id].Title)
		}
		out = append(out, s.row(r, q.Ref(r.Head().Num), who))
	}
	return out, l.Next, nil
}

type homeView struct {
	T        shell
	Mine     []matterRow
	Services []serviceRow
	News     []newsRow
	Docs     []docRow
	Majors   []matterRow
}

type newsRow struct{ Text, Href, When string }
type docRow struct{ Title, Href string }

func home(p *page.Page) error {
	s := begin(p)
	v := homeView{T: s}
	var err error
	if v.Mine, _, err = s.list(`phase in ("open","waiting") or state = "resolved"`, "-updated_at", "", 6); err != nil {
		return err
	}
	if v.Services, err = s.services(0); err != nil {
		return err
	}
	ns, err := p.Sys.Inbox(p.Ctx(), p.Who, true, record.ID{}, 5)
	if err != nil {
		return err
	}
	for _, n := range ns {
		row := newsRow{Text: string(n.Text), When: s.T.Moment(n.At.Time())}
		if n.Process == "incident" {
			row.Href = "/portal/matters/" + p.Sys.Registry.Process("incident").Ref(n.Record.Num)
		}
		v.News = append(v.News, row)
	}
	if q := p.Process("document"); q != nil {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: "document", InForce: p.Sys.Today(), Limit: 6})
		if err != nil {
			return err
		}
		for _, d := range l.Records {
			v.Docs = append(v.Docs, docRow{Title: string(d.Head().Title)})
		}
	}
	return s.ok("home", homeBody(v))
}

type mattersView struct {
	T      shell
	Rows   []matterRow
	Closed bool
	Next   string
	All    bool // sees those of colleagues too
	Brand  string
}

func matters(p *page.Page) error {
	s := begin(p)
	v := mattersView{T: s, Closed: p.Query("show") == "closed", All: p.Who.May("incident", "read"), Brand: s.frame("matters").Brand}
	filter := `phase in ("open","waiting") or state = "resolved"`
	if v.Closed {
		filter = `state in ("closed","cancelled")`
	}
	var next string
	var err error
	if v.Rows, next, err = s.list(filter, "-updated_at", p.Query("cursor"), 20); err != nil {
		return err
	}
	if next != "" {
		x := url.Values{"cursor": {next}}
		if v.Closed {
			x.Set("show", "closed")
		}
		v.Next = "/portal/matters?" + x.Encode()
	}
	return s.ok("matters", mattersBody(v))
}

type searchView struct {
	T    shell
	Text string
	Rows []matterRow
}

func search(p *page.Page) error {
	s := begin(p)
	v := searchView{T: s, Text: strings.TrimSpace(p.Query("q"))}
	if v.Text != "" {
		words, _ := json.Marshal(v.Text) // text
		var err error
		if v.Rows, _, err = s.list("text ~ "+string(words), "-updated_at", "", 30); err != nil && !fault.Is(err, fault.BadQuery) {
			return err
		}
	}
	return s.ok("search", searchBody(v))
}

type saidRow struct {
	Who, Body, When string
	Mine            bool
}

type fileRow struct{ Name, Href string }

type promiseRow struct{ What, When, State, Tone string }

type matterView struct {
	T        shell
	Row      matterRow
	Body     string
	Service  string
	Said     []saidRow
	Files    []fileRow
	Promises []promiseRow
	Answer   bool
	Confirm  bool
	Reopen   bool
	Typed    string
	Why      string
	Err      string
	ErrAt    string
}

func matter(p *page.Page) error { return showMatter(p, http.StatusOK, "", "", "", "") }

func showMatter(p *page.Page, status int, typed, why, errAt, problem string) error {
	s := begin(p)
	q, err := incidents(p)
	if err != nil {
		return err
	}
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	i := res.Record.(*incident.Incident)
	cs, err := p.Sys.Comments(p.Ctx(), p.Who, q.Name, res.Ref())
	if err != nil {
		return err
	}
	ids := []record.ID{i.Reporter, i.Service}
	for _, c := range cs {
		ids = append(ids, c.Author)
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	v := matterView{T: s, Row: s.row(i, res.Ref(), names.Title(i.Reporter)), Body: string(i.Description), Service: names.Title(i.Service), Answer: p.Who.May(q.Name, "comment") && i.State != "closed" && i.State != "cancelled",
		Confirm: i.State == "resolved" && p.Who.May(q.Name, "do:close"), Reopen: (i.State == "resolved" || i.State == "closed") && p.Who.May(q.Name, "do:reopen"), Typed: typed, Why: why, Err: problem, ErrAt: errAt}
	for _, c := range cs {
		if c.Withdrawn || c.Internal { // the reader has seen to it; a second look costs nothing
			continue
		}
		who := names.Title(c.Author)
		if names[c.Author] == nil {
			who = "Service Desk"
		}
		v.Said = append(v.Said, saidRow{Who: who, Body: string(c.Body), When: s.T.Moment(c.At.Time()), Mine: c.Author == p.Who.ID})
	}
	fs, err := p.Sys.Attachments(p.Ctx(), p.Who, q.Name, res.Ref())
	if err != nil {
		return err
	}
	for _, f := range fs {
		if !f.Removed && !f.Internal {
			v.Files = append(v.Files, fileRow{string(f.Name), v.Row.Href + "/files/" + f.ID.String()})
		}
	}
	clocks, err := p.Sys.Clocks(p.Ctx(), i.ID)
	if err != nil {
		return err
	}
	sort.Slice(clocks, func(a, b int) bool { return clocks[a].Kind > clocks[b].Kind })
	for _, c := range clocks {
		x := promiseRow{What: s.T.Say("promise.solve")}
		if c.Kind == "response" {
			x.What = s.T.Say("promise.answer")
		}
		switch c.State {
		case "met":
			x.State, x.Tone = s.T.Say("kept"), "green"
		case "breached":
			x.State, x.Tone = s.T.Say("missed"), "red"
		case "dropped":
			continue
		default:
			if c.DueAt != 0 {
				x.When = s.T.Say("by", s.T.Moment(c.DueAt.Time()))
			}
		}
		v.Promises = append(v.Promises, x)
	}
	return p.Work(status, s.frame("matters"), matterBody(v))
}

func sendFile(p *page.Page) error {
	id, err := record.ParseID(p.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	a, err := p.Sys.Attachment(p.Ctx(), p.Who, "incident", p.R.PathValue("ref"), id)
	if err != nil {
		return err
	}
	if a.Internal {
		return fault.New(fault.NotFound, "There is no such file.")
	}
	return page.SendFile(p, a)
}

// attach takes the files of a form.
func attach(p *page.Page, ref string) error {
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
		if _, err := p.Sys.Attach(p.Ctx(), p.Who, "incident", ref, a, "portal"); err != nil {
			return err
		}
	}
	return nil
}

func draftPlace(ref string) string { return "comment/incident/" + ref }

func answer(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	s, ref := begin(p), p.R.PathValue("ref")
	body := strings.TrimSpace(strings.ReplaceAll(form.Get("body"), "\r\n", "\n"))
	files := p.R.MultipartForm != nil && len(p.R.MultipartForm.File["file"]) > 0 && p.R.MultipartForm.File["file"][0].Size > 0
	if body == "" && !files {
		return showMatter(p, http.StatusUnprocessableEntity, "", "", "body", s.T.Say("answer.need"))
	}
	if err := attach(p, ref); err != nil {
		return s.refused(p, err, body, "", "body")
	}
	if body != "" {
		set := map[string]json.RawMessage{}
		set["body"], _ = json.Marshal(body) // text
		if _, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: "incident", Ref: ref, Verb: "comment", Set: set, Door: "portal"}, p.Sys.DropDraft(p.Who, draftPlace(ref))); err != nil {
			return s.refused(p, err, body, "", "body")
		}
	}
	p.Redirect("/portal/matters/" + ref)
	return nil
}

// decide confirms that a matter is solved, or says that it is not.
func decide(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	s, ref := begin(p), p.R.PathValue("ref")
	why := strings.TrimSpace(form.Get("why"))
	var cmds []lifecycle.Command
	switch p.R.PathValue("step") {
	case "confirm":
		cmds = []lifecycle.Command{{Process: "incident", Ref: ref, Verb: "transition", Name: "close", Door: "portal"}}
	case "reopen":
		if why == "" {
			return showMatter(p, http.StatusUnprocessableEntity, "", "", "why", s.T.Say("answer.need"))
		}
		set := map[string]json.RawMessage{}
		set["body"], _ = json.Marshal(why) // text
		cmds = []lifecycle.Command{{Process: "incident", Ref: ref, Verb: "transition", Name: "reopen", Reason: why, Door: "portal"}, {Process: "incident", Ref: ref, Verb: "comment", Set: set, Door: "portal"}}
	default:
		return fault.New(fault.NotFound, "There is no such step.")
	}
	if _, _, err := p.Sys.DoAll(p.Ctx(), p.Who, cmds); err != nil {
		return s.refused(p, err, "", why, "why")
	}
	p.Redirect("/portal/matters/" + ref)
	return nil
}

// refused shows the matter again with what was typed.
func (s shell) refused(p *page.Page, err error, typed, why, at string) error {
	errs, ok := page.Refusals(err)
	if !ok {
		return err
	}
	var all []string
	for _, m := range errs {
		all = append(all, m)
	}
	sort.Strings(all)
	return showMatter(p, http.StatusUnprocessableEntity, typed, why, at, strings.Join(all, "; "))
}

type reportView struct {
	T        shell
	Form     url.Values
	Errs     map[string]string
	Services []serviceRow
	Above    string
}

func askReport(p *page.Page) error {
	form := url.Values{}
	if v := p.Query("service"); v != "" {
		form.Set("service", v)
	}
	d, err := p.Sys.Draft(p.Ctx(), p.Who, "portal/report")
	if err != nil {
		return err
	}
	if d != nil {
		var kept map[string]string
		if json.Unmarshal([]byte(d.Body), &kept) == nil {
			for k, v := range kept {
				form.Set(k, v)
			}
		}
	}
	return showReport(p, http.StatusOK, form, nil, "")
}

func showReport(p *page.Page, status int, form url.Values, errs map[string]string, above string) error {
	s := begin(p)
	v := reportView{T: s, Form: form, Errs: errs, Above: above}
	var err error
	if v.Services, err = s.services(0); err != nil {
		return err
	}
	return p.Work(status, s.frame("report"), reportBody(v))
}

// takeReport makes an incident of what a customer says: how many and whether they can work are its
// impact and urgency.
func takeReport(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	s := begin(p)
	errs := map[string]string{}
	if strings.TrimSpace(form.Get("title")) == "" {
		errs["title"] = s.T.Say("need.title")
	}
	for _, k := range []string{"many", "work"} {
		if v := form.Get(k); len(v) != 1 || v < "1" || v > "4" {
			errs[k] = s.T.Say("need.choice")
		}
	}
	if len(errs) > 0 {
		return showReport(p, http.StatusUnprocessableEntity, form, errs, s.T.Say("again"))
	}
	set := map[string]json.RawMessage{"impact": json.RawMessage(form.Get("many")), "urgency": json.RawMessage(form.Get("work"))}
	put := func(k, v string) {
		if v != "" {
			set[k], _ = json.Marshal(v) // text
		}
	}
	put("title", strings.TrimSpace(form.Get("title")))
	put("description", strings.TrimSpace(strings.ReplaceAll(form.Get("more"), "\r\n", "\n")))
	put("service", form.Get("service"))
	put("channel", "portal")
	put("reporter", p.Who.ID.String())
	put("customer", p.Who.Customer.String())
	res, err := p.Sys.Do(p.Ctx(), p.Who, lifecycle.Command{Process: "incident", Verb: "create", Set: set, Door: "portal"}, p.Sys.DropDraft(p.Who, "portal/report"))
	if refused, ok := page.Refusals(err); ok {
		var all []string
		for f, m := range refused {
			all = append(all, strings.ReplaceAll(f, "_", " ")+": "+m)
		}
		sort.Strings(all)
		return showReport(p, http.StatusUnprocessableEntity, form, nil, strings.Join(all, "; "))
	}
	if err != nil {
		return err
	}
	if err := attach(p, res.Ref()); err != nil {
		return s.refused(p, err, "", "", "body")
	}
	p.Redirect("/portal/matters/" + res.Ref())
	return nil
}
