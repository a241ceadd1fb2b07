package work

import (
	"encoding/json"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/web/face"
	"steward/web/page"
)

// entry is one thing that happened: a comment, or an event in words.
type entry struct {
	At       time.Time
	Who      string
	Body     string // of a comment
	Internal bool
	Edited   bool
	Words    string // of an event
	Icon     string
	Tone     string // red or green: what stands out
	From, To state  // of a step
	ID       string // of a comment
	N        int64
	Door     string
	Reason   string
	Changes  []change
	Undo     bool

	who    record.ID
	ids    []record.ID // that its words name
	event  *storage.Event
	q      *process.Process
	parts  map[string]map[string]json.RawMessage
	moment time.Time // when Steward learned of it
}

type state struct{ Word, Shape, Tone string }

// change is one field with what stood in it before and after, in words.
type change struct{ Label, Old, New string }

// shownEntries is how much of a long life the page shows at once; history has all of it.
const shownEntries = 300

// entries collects what happened, oldest first.
func (v *recordView) entries(p *page.Page) error {
	ref := v.Row.Ref
	cs, err := p.Sys.Comments(p.Ctx(), p.Who, v.P.Name, ref)
	if err != nil {
		return err
	}
	for _, c := range cs {
		if bool(c.Withdrawn) || !v.AsOf.IsZero() && c.At.Time().After(v.AsOf) {
			continue
		}
		v.Entries = append(v.Entries, entry{At: c.At.Time(), Body: string(c.Body), Internal: bool(c.Internal), Edited: c.EditedAt != 0, ID: c.ID.String(), who: c.Author, ids: []record.ID{c.Author}})
	}
	_, es, err := p.Sys.History(p.Ctx(), p.Who, v.P.Name, ref, max(0, int64(v.Res.Record.Head().N)-shownEntries), shownEntries)
	if err != nil {
		return err
	}
	for _, e := range es {
		if !v.AsOf.IsZero() && e.OccurredAt.Time().After(v.AsOf) {
			continue
		}
		x := entryOf(p, v.P, e)
		if strings.HasPrefix(string(e.Command), "comment") || x.silent() {
			continue
		}
		v.Entries = append(v.Entries, x)
	}
	sort.SliceStable(v.Entries, func(i, j int) bool { return v.Entries[i].At.Before(v.Entries[j].At) })
	return nil
}

// entryOf reads an event; its words come when names are known.
func entryOf(p *page.Page, q *process.Process, e *storage.Event) entry {
	x := entry{At: e.OccurredAt.Time(), N: int64(e.N), Door: string(e.Door), Reason: string(e.Reason), who: e.Actor, event: e, q: q, parts: p.Sys.Reveal(e), moment: e.At.Time()}
	x.ids = append(x.ids, e.Actor)
	for name, raw := range x.parts["set"] {
		if f := q.Shape.Field(name); f != nil && f.Kind == record.KRef {
			for _, side := range pairOf(raw) {
				var id record.ID
				if id.SetJSON(side) == nil && !id.IsZero() {
					x.ids = append(x.ids, id)
				}
			}
		}
	}
	for _, raw := range x.parts["link"] {
		var l struct {
			To record.ID `json:"to"`
		}
		if json.Unmarshal(raw, &l) == nil && !l.To.IsZero() {
			x.ids = append(x.ids, l.To)
		}
	}
	return x
}

func pairOf(raw json.RawMessage) [2]json.RawMessage {
	var pair [2]json.RawMessage
	if json.Unmarshal(raw, &pair) != nil {
		return [2]json.RawMessage{[]byte("null"), raw}
	}
	return pair
}

// silent events say nothing that people read: counters and clocks that moved on.
func (x *entry) silent() bool {
	c := string(x.event.Command)
	if c == "timer" {
		return !strings.Contains(string(x.event.Body), "breach")
	}
	return c == "recount" || c == "retarget" && len(x.parts["set"]) == 0
}

// say puts an event into words, once the names of those it is about are known.
func (x *entry) say(c face.Context) {
	if x.event == nil {
		return
	}
	for _, name := range slices.Sorted(mapsKeys(x.parts["set"])) {
		f := x.q.Shape.Field(name)
		if f == nil || f.Hidden || f.Kind == record.KJSON || f.Kind == record.KSecret || name == "updated_at" || name == "phase" || name == "created_at" {
			continue
		}
		pair := pairOf(x.parts["set"][name])
		ch := change{Label: face.Label(name), Old: wordOf(f, pair[0], c), New: wordOf(f, pair[1], c)}
		if name == "state" {
			x.From, x.To = stateOf(x.q, unquoted(pair[0])), stateOf(x.q, unquoted(pair[1]))
			continue
		}
		if !f.Stamp {
			x.Changes = append(x.Changes, ch)
		}
	}
	x.Icon = "arrow-right-left"
	switch cmd := string(x.event.Command); {
	case cmd == "create":
		x.Words, x.Icon, x.Changes = "recorded this", "plus", nil
	case cmd == "update":
		x.Icon, x.Words = "sparkles", "changed "+labels(x.Changes)
		x.Undo = len(x.Changes) > 0
	case cmd == "undo":
		x.Icon, x.Words = "history", "took back a change of "+labels(x.Changes)
	case cmd == "timer":
		x.Icon, x.Tone, x.Words = "circle-alert", "red", "A target was missed"
	case cmd == "link":
		x.Icon, x.Words = "link", "linked this"
		for kind, raw := range x.parts["link"] {
			var l struct {
				To record.ID `json:"to"`
			}
			if json.Unmarshal(raw, &l) == nil {
				if t := c.Names[l.To]; t != nil {
					x.Words = "linked this, " + strings.ToLower(face.Human(strings.SplitN(kind, ":", 2)[0])) + ": " + string(t.Title)
				}
			}
		}
	case cmd == "attach":
		x.Icon, x.Words = "paperclip", "attached a file"
	case strings.HasPrefix(cmd, "version"):
		x.Icon, x.Words = "file-text", map[string]string{"version": "began a new version", "version_update": "changed the draft", "version_submit": "handed the version in", "version_approve": "approved the version", "version_reject": "sent the version back"}[cmd]
	case x.q.Transition(cmd) != nil:
		x.Words = strings.ToLower(face.Human(cmd))
		if x.To.Word != "" && x.From.Word != "" {
			x.Words = "moved this"
		}
		if x.To.Tone == "green" {
			x.Tone = "green"
		}
	default:
		x.Words = strings.ToLower(face.Human(cmd))
	}
	if cmd := string(x.event.Command); cmd == "assign" {
		for _, ch := range x.Changes {
			if ch.Label == "Assignee" && ch.New != "" {
				x.Words, x.Icon, x.From, x.To = "assigned this to "+ch.New, "user-plus", state{}, state{}
			}
		}
	}
}

func mapsKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func unquoted(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s) // null is ""
	return s
}

func stateOf(q *process.Process, name string) state {
	if name == "" {
		return state{}
	}
	s := state{Word: face.Human(name)}
	s.Shape, s.Tone = face.Shape(q, name)
	return s
}

// wordOf is a value of an event in words.
func wordOf(f *record.Field, raw json.RawMessage, c face.Context) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	cell := record.NewCell(f.Kind)
	if cell.SetJSON(raw) != nil {
		return string(raw)
	}
	return face.Text(f, cell, c.Names, c.Zone)
}

func labels(cs []change) string {
	var names []string
	for _, c := range cs {
		names = append(names, strings.ToLower(c.Label))
	}
	if len(names) == 0 {
		return "something"
	}
	if len(names) > 4 {
		names = append(names[:4], "more")
	}
	return strings.Join(names, ", ")
}

// timelinePart is the timeline alone, for a page that hears that something new happened.
func timelinePart(p *page.Page, q *process.Process) error {
	v, err := recordOf(p, q, p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	return p.Show(http.StatusOK, timeline(v))
}

// historyView is all events of a record with exact differences, newest first.
type historyView struct {
	P       *process.Process
	Row     row
	Events  []entry
	Before  int64 // there are earlier ones
	Undo    bool
	X       face.Context
	Version bool
}

// historyPage is how many events one page of history shows.
const historyPage = 100

func history(p *page.Page, q *process.Process) error {
	ref := p.R.PathValue("ref")
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, ref)
	if err != nil {
		return err
	}
	v := historyView{P: q, Row: rowOf(q, res.Record), Undo: p.Who.May(q.Name, "update")}
	last := int64(res.Record.Head().N)
	if n := p.Query("before"); n != "" {
		var c record.Count
		if c.SetJSON([]byte(n)) == nil && int64(c) > 0 {
			last = min(last, int64(c)-1)
		}
	}
	from := max(0, last-historyPage)
	_, es, err := p.Sys.History(p.Ctx(), p.Who, q.Name, ref, from, int(last-from))
	if err != nil {
		return err
	}
	var ids []record.ID
	for _, e := range es {
		if int64(e.N) > last {
			continue
		}
		x := entryOf(p, q, e)
		ids = append(ids, x.ids...)
		v.Events = append(v.Events, x)
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	v.X = p.Context(names)
	for i := range v.Events {
		x := &v.Events[i]
		x.say(v.X)
		x.Who = names.Title(x.who)
		if x.who.IsZero() {
			x.Who = "Steward"
		}
	}
	slices.Reverse(v.Events)
	if from > 0 {
		v.Before = from + 1
	}
	return p.OK(p.Frame("History of "+v.Row.Ref, crumbsOf(q)...), historyBody(v))
}
