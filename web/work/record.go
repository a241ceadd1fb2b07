package work

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

func recordRoutes(add func(method, path string, f func(*page.Page, *process.Process) error)) {
	add("GET", "/new", askNew)
	add("POST", "/new", create)
	add("GET", "/similar", similar)
	add("GET", "/{ref}", show)
	add("POST", "/{ref}", save)
	add("GET", "/{ref}/edit", edit)
	add("GET", "/{ref}/history", history)
	add("GET", "/{ref}/timeline", timelinePart)
	add("GET", "/{ref}/do/{step}", askStep)
	add("POST", "/{ref}/do/{step}", takeStep)
	add("POST", "/{ref}/comments", answer)
	add("POST", "/{ref}/files", addFile)
	add("GET", "/{ref}/files/{id}", sendFile)
	add("POST", "/{ref}/links", addLink)
	add("POST", "/{ref}/links/{id}/end", endLink)
	add("POST", "/{ref}/tasks", addTask)
	add("POST", "/{ref}/watch", watch)
	add("POST", "/{ref}/undo/{n}", undo)
	add("POST", "/{ref}/ask", askApproval)
}

// recordView is one record as its page shows it.
type recordView struct {
	P        *process.Process
	Res      *system.Result
	Row      row
	Steps    []step
	Clocks   []look.Clock
	Side     []*record.Field // the few that matter
	Rest     []*record.Field // the others that say something
	Lines    []*record.LineKind
	Long     []*record.Field // prose that belongs into the main column
	Custom   []customValue
	Entries  []entry
	Links    []linkRow
	Kinds    []face.Option // of links that can be made
	Files    []fileRow
	Tasks    []row
	Rounds   []roundRow
	Gates    []string
	Watching bool
	May      rights
	Typed    string // a draft, or what was refused
	Internal bool
	Err      string
	AsOf     time.Time
	Missing  []string // blanks with their reasons
	Versions bool
	Revision int64
	X        face.Context
}

// rights are what who is signed in may do here.
type rights struct{ Update, Comment, Internal, Link, Attach, Tasks bool }

type customValue struct{ Label, Value string }

type linkRow struct {
	Kind, Ref, Title, Href, State, ID string
	Shape, Tone                       string
}

type fileRow struct {
	Name, Href, Type string
	Size             string
	Internal         bool
	Author           string
	At               time.Time
}

type roundRow struct {
	Gate, Outcome, Why string
	Votes              []string
}

func crumbsOf(q *process.Process, more ...look.Crumb) []look.Crumb {
	return append([]look.Crumb{{Label: face.Plural(q), Href: "/" + q.Resource}}, more...)
}

func show(p *page.Page, q *process.Process) error {
	v, err := recordOf(p, q, p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	remember(p, v)
	return p.OK(p.Frame(v.Row.Ref+" "+string(v.Res.Record.Head().Title), crumbsOf(q)...), recordPage(v))
}

// seen is how many records a person's list of those lately seen holds.
const seen = 20

// remember puts the record on top of those lately seen. That it cannot be kept keeps nobody from
// reading.
func remember(p *page.Page, v *recordView) {
	list := []string{v.P.Name + "/" + v.Row.Ref}
	for _, s := range strings.Fields(p.Prefs["recent"]) {
		if s != list[0] && len(list) < seen {
			list = append(list, s)
		}
	}
	if text := strings.Join(list, " "); text != p.Prefs["recent"] {
		if err := p.Sys.Prefer(p.Ctx(), p.Who, "recent", text); err != nil {
			p.Site.Log.Warn("recent", "error", err)
		}
	}
}

// recordOf collects all that a record's page shows, as of now or of a past instant.
func recordOf(p *page.Page, q *process.Process, ref string) (*recordView, error) {
	at, err := p.Past()
	if err != nil {
		return nil, err
	}
	v := &recordView{P: q, AsOf: at, Versions: q.Versioned}
	if at.IsZero() {
		v.Res, err = p.Sys.Get(p.Ctx(), p.Who, q.Name, ref)
	} else {
		v.Res, err = p.Sys.AsOf(p.Ctx(), p.Who, q.Name, ref, at, false)
	}
	if err != nil {
		return nil, err
	}
	r := v.Res.Record
	h := r.Head()
	v.Row, v.Revision = rowOf(q, r), int64(h.Revision)
	now := at.IsZero()
	may := func(verb string) bool { return now && p.Who.May(q.Name, verb) }
	v.May = rights{Update: may("update"), Comment: may("comment"), Internal: p.Who.May(q.Name, "internal"), Link: may("link"), Attach: may("attach"), Tasks: now && p.Who.May("task", "create") && q.Name != "task"}
	v.sort(r)
	ids := face.RefIDs(append(append([]*record.Field{}, v.Side...), v.Rest...), record.BaseOf(r))
	ids = append(ids, face.LineRefs(v.Lines, record.BaseOf(r))...)
	if err := v.entries(p); err != nil {
		return nil, err
	}
	for _, e := range v.Entries {
		ids = append(ids, e.ids...)
	}
	links, err := p.Sys.Links(p.Ctx(), p.Who, q.Name, v.Row.Ref, at, false)
	if err != nil {
		return nil, err
	}
	files, err := p.Sys.Attachments(p.Ctx(), p.Who, q.Name, v.Row.Ref)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		ids = append(ids, f.Author)
	}
	names, err := p.Names(ids)
	if err != nil {
		return nil, err
	}
	v.X = p.Context(names)
	for i := range v.Entries {
		v.Entries[i].Who = names.Title(v.Entries[i].who)
		if v.Entries[i].who.IsZero() {
			v.Entries[i].Who = "Steward"
		}
		v.Entries[i].say(v.X)
	}
	for _, l := range links {
		v.Links = append(v.Links, v.link(p, l))
	}
	for _, f := range files {
		if f.Removed {
			continue
		}
		v.Files = append(v.Files, fileRow{Name: string(f.Name), Href: v.Row.Href + "/files/" + f.ID.String(), Type: string(f.Type), Size: size(int64(f.Size)), Internal: bool(f.Internal), Author: names.Title(f.Author), At: f.At.Time()})
	}
	if !now {
		return v, nil
	}
	return v, v.living(p)
}

// living is what belongs to a record only as it is now: clocks, steps, tasks, approvals, drafts.
func (v *recordView) living(p *page.Page) error {
	h := v.Res.Record.Head()
	v.Steps = stepsOf(p, v.P, string(h.State))
	if v.P.Clocks != nil {
		m, err := clocksOf(p, []record.ID{h.ID})
		if err != nil {
			return err
		}
		v.Clocks = m[h.ID]
		slices.SortFunc(v.Clocks, func(a, b look.Clock) int { return strings.Compare(b.Label, a.Label) })
	}
	if p.Who.Reads("task") && v.P.Name != "task" {
		l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: "task", Filter: `parent = "` + h.ID.String() + `"`, Limit: 100})
		if err != nil {
			return err
		}
		q := p.Sys.Registry.Process("task")
		for _, t := range l.Records {
			v.Tasks = append(v.Tasks, rowOf(q, t))
		}
	}
	rounds, err := p.Sys.Rounds(p.Ctx(), p.Who, v.P.Name, v.Row.Ref)
	if err != nil {
		return err
	}
	if len(rounds) > 0 {
		var ids []record.ID
		for _, r := range rounds {
			for _, x := range r.Votes {
				ids = append(ids, x.Voter)
			}
		}
		names, err := p.Names(ids)
		if err != nil {
			return err
		}
		for _, r := range rounds {
			x := roundRow{Gate: face.Human(string(r.Gate)), Outcome: face.Human(string(r.Outcome)), Why: string(r.Why)}
			for _, vote := range r.Votes {
				x.Votes = append(x.Votes, names.Title(vote.Voter)+": "+face.Human(string(vote.Vote)))
			}
			v.Rounds = append(v.Rounds, x)
		}
	}
	for _, g := range v.P.Gates {
		if v.May.Update {
			v.Gates = append(v.Gates, g.Name)
		}
	}
	if v.May.Link {
		for _, k := range v.P.Links {
			v.Kinds = append(v.Kinds, face.Option{Value: k.Name, Label: face.Human(k.Name)})
		}
	}
	ws, err := p.Sys.Watchers(p.Ctx(), p.Who, v.P.Name, v.Row.Ref)
	if err != nil {
		return err
	}
	for _, w := range ws {
		v.Watching = v.Watching || w.Principal == p.Who.ID
	}
	custom, err := p.Sys.CustomFields(p.Ctx(), v.P.Name)
	if err != nil {
		return err
	}
	v.custom(custom)
	d, err := p.Sys.Draft(p.Ctx(), p.Who, draftPlace(v.P, v.Row.Ref))
	if err != nil || d == nil {
		return err
	}
	var body map[string]string
	if json.Unmarshal([]byte(d.Body), &body) == nil {
		v.Typed, v.Internal = body["body"], body["internal"] == "true"
	}
	return nil
}

func (v *recordView) custom(defs map[string]*record.Field) {
	var vals map[string]any
	if json.Unmarshal([]byte(v.Res.Record.Head().Custom), &vals) != nil {
		return
	}
	for name := range defs {
		if x, ok := vals[name]; ok && x != nil {
			v.Custom = append(v.Custom, customValue{face.Label(name), fmt.Sprint(x)})
		}
	}
	slices.SortFunc(v.Custom, func(a, b customValue) int { return strings.Compare(a.Label, b.Label) })
}

// first are the fields that people look for first, in that order.
var first = []string{"customer", "service", "priority", "impact", "urgency", "category", "kind", "severity", "grade", "score", "level", "reporter", "assignee", "team", "owner", "due", "due_at", "tags"}

// sort puts the record's fields where the page shows them.
func (v *recordView) sort(r record.Record) {
	taken := map[string]bool{"id": true, "title": true, "state": true, "phase": true, "revision": true, "restricted": true}
	for _, n := range first {
		f := v.P.Shape.Field(n)
		if f == nil || f.Hidden || n == "due_at" && v.P.Clocks != nil {
			continue
		}
		taken[n] = true
		if f.Of(r).Empty() && (f.Stamp || n != "assignee" && n != "team" && n != "owner" && n != "priority" && n != "service") {
			if !f.Stamp {
				taken[n] = false
			}
			continue
		}
		v.Side = append(v.Side, f)
	}
	for _, f := range v.P.Shape.Fields {
		if taken[f.Name] || f.Hidden || f.Kind == record.KJSON || f.Kind == record.KSecret || f.Of(r).Empty() {
			continue
		}
		if f.Kind == record.KBool && !bool(*f.Of(r).(*record.Bool)) {
			continue
		}
		if f.Kind == record.KProse {
			v.Long = append(v.Long, f)
			continue
		}
		v.Rest = append(v.Rest, f)
	}
	for _, l := range v.P.Shape.Lines {
		if l.Len(record.BaseOf(r)) > 0 {
			v.Lines = append(v.Lines, l)
		}
	}
	for name, b := range r.Head().Reasons() {
		v.Missing = append(v.Missing, face.Label(name)+": "+b.Reason)
	}
	slices.Sort(v.Missing)
}

func (v *recordView) link(p *page.Page, l system.LinkView) linkRow {
	out := linkRow{Kind: face.Human(l.Name), Title: string(l.Other.Title), Href: p.Address(l.Other), State: face.Human(string(l.Other.State)), ID: l.ID.String()}
	if q := p.Sys.Registry.Process(string(l.Other.Process)); q != nil {
		out.Ref = q.Ref(l.Other.Num)
		out.Shape, out.Tone = face.Shape(q, string(l.Other.State))
	}
	return out
}

func size(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d kB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
