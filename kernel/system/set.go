package system

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// mode says which fields a command may set.
type mode uint8

const (
	setAll    mode = iota // a new record: everything but stamps
	setRecord             // an existing one: not the versioned content
	setNeeds              // only what the transition asks for
	setDraft              // a version's content
)

func (u *unit) set(w *work, cmd lifecycle.Command, m mode) []lifecycle.Refusal {
	return u.setFor(w, cmd, m, nil)
}

// setFor puts the given values into the record. It refuses every field it does not know, may not
// set or cannot understand, all at once.
func (u *unit) setFor(w *work, cmd lifecycle.Command, m mode, needs []*record.Field) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	names := make([]string, 0, len(cmd.Set))
	for n := range cmd.Set {
		names = append(names, n)
	}
	sort.Strings(names)
	content := map[*record.Field]bool{}
	for _, f := range w.p.Content {
		content[f] = true
	}
	for _, name := range names {
		raw := cmd.Set[name]
		switch name {
		case "blanks":
			out = append(out, u.setBlanks(w, raw)...)
			continue
		case "custom":
			out = append(out, u.setCustom(w, raw)...)
			continue
		case "effective_from", "effective_to", "change_reason":
			if w.version != nil && m != setNeeds {
				out = append(out, setVersionField(w.version, name, raw)...)
				continue
			}
		}
		if l := w.p.Shape.Line(name); l != nil {
			if r, ok := lineAllowed(w, l, m); !ok {
				out = append(out, r)
				continue
			}
			out = append(out, u.setLines(w, l, raw, cmd.Replay)...)
			continue
		}
		f := w.p.Shape.Field(name)
		if f == nil || f.Hidden {
			out = append(out, unknownField(w, name))
			continue
		}
		stamp := f.Stamp && !(cmd.Replay && replayable[name])
		if cmd.Replay && f.Stamp && !header[name] {
			stamp = false // an import says what was: stamps of the process are the source's
		}
		switch {
		case stamp:
			out = append(out, lifecycle.Refusal{Field: name, Reason: "read_only", Mend: "leave it out: Steward sets it"})
		case m == setRecord && content[f]:
			out = append(out, lifecycle.Refusal{Field: name, Reason: "versioned", Mend: "make a draft with POST .../versions and change that"})
		case m == setDraft && !content[f]:
			out = append(out, lifecycle.Refusal{Field: name, Reason: "not_versioned", Mend: "change it on the record itself"})
		case m == setNeeds && !hasField(needs, f):
			out = append(out, lifecycle.Refusal{Field: name, Reason: "not_permitted", Mend: "you may not set this field"})
		default:
			out = append(out, u.setField(w.rec, f, f.Of(w.rec), name, raw)...)
			if !f.Of(w.rec).Empty() {
				dropBlank(w.rec, name)
			}
		}
	}
	return out
}

// replayable are stamps of the header that an import brings along.
var replayable = map[string]bool{"external_source": true, "external_id": true, "state": true}

var header = func() map[string]bool {
	m := map[string]bool{}
	for _, f := range record.ShapeOf[record.Header]("header").Fields {
		m[f.Name] = true
	}
	return m
}()

func hasField(list []*record.Field, f *record.Field) bool {
	for _, x := range list {
		if x == f {
			return true
		}
	}
	return false
}

func unknownField(w *work, name string) lifecycle.Refusal {
	return lifecycle.Refusal{Field: name, Reason: "unknown_field", Mend: "the fields of " + w.p.Name + " stand at /api/v1/" + w.p.Resource + "/schema"}
}

func lineAllowed(w *work, l *record.LineKind, m mode) (lifecycle.Refusal, bool) {
	versioned := false
	for _, c := range w.p.ContentLines {
		versioned = versioned || c == l
	}
	switch {
	case m == setNeeds:
		return lifecycle.Refusal{Field: l.Name, Reason: "not_permitted", Mend: "you may not set this field"}, false
	case m == setRecord && versioned:
		return lifecycle.Refusal{Field: l.Name, Reason: "versioned", Mend: "make a draft with POST .../versions and change that"}, false
	case m == setDraft && !versioned:
		return lifecycle.Refusal{Field: l.Name, Reason: "not_versioned", Mend: "change it on the record itself"}, false
	}
	return lifecycle.Refusal{}, true
}

// setField puts one value into a cell and checks it against the field's limits.
func (u *unit) setField(owner record.Record, f *record.Field, cell record.Cell, path string, raw json.RawMessage) []lifecycle.Refusal {
	if f.Kind == record.KRef {
		return u.setRef(f, cell.(*record.ID), path, raw)
	}
	old := append([]byte(nil), cell.AppendJSON(nil)...)
	fail := func(reason, mend string) []lifecycle.Refusal {
		_ = cell.SetJSON(old)
		return []lifecycle.Refusal{{Field: path, Reason: reason, Mend: mend}}
	}
	if err := cell.SetJSON(raw); err != nil {
		return fail(reasonOf(err), expects(f))
	}
	if r := Check(f, cell); r != nil {
		return fail(r.Reason, r.Mend)
	}
	return nil
}

func reasonOf(err error) string {
	s := err.Error()
	if strings.ContainsAny(s, " :") {
		return "wrong_type"
	}
	return s
}

// expects says in words what a field takes.
func expects(f *record.Field) string {
	switch f.Kind {
	case record.KInt, record.KCount:
		return "give a whole number"
	case record.KBool:
		return "give true or false"
	case record.KInstant:
		return "give an RFC 3339 time, such as 2026-01-31T08:00:00Z"
	case record.KDate:
		return "give a date, such as 2026-01-31"
	case record.KDuration:
		return "give an ISO 8601 duration, such as PT4H"
	case record.KPeriod:
		return "give an ISO 8601 period, such as P3M"
	case record.KDecimal:
		return `give a decimal as text, such as "12.5"`
	case record.KMoney:
		return `give {"amount": "12.50", "currency": "EUR"}`
	case record.KTags:
		return "give a list of at most 50 short words"
	case record.KChoice:
		return "give one of " + strings.Join(f.Choices, ", ")
	case record.KRef:
		return "give the id or ref of a " + f.Ref
	}
	return "give text"
}

// Check holds a value against its field's limits; nil when it is fine. Blank is always fine here.
func Check(f *record.Field, cell record.Cell) *lifecycle.Refusal {
	if cell.Empty() {
		return nil
	}
	bad := func(reason, mend string) *lifecycle.Refusal {
		return &lifecycle.Refusal{Field: f.Name, Reason: reason, Mend: mend}
	}
	switch c := cell.(type) {
	case *record.Text:
		s := string(*c)
		if !utf8.ValidString(s) {
			return bad("not_utf8", "give UTF-8 text")
		}
		if strings.ContainsRune(s, 0) {
			return bad("bad_character", "take out the NUL character")
		}
		if f.Kind != record.KProse && strings.ContainsAny(s, "\n\r") {
			return bad("one_line", "give a single line")
		}
		if n := utf8.RuneCountInString(s); f.MaxLen > 0 && n > f.MaxLen {
			return bad("too_long", fmt.Sprintf("at most %d characters, this has %d", f.MaxLen, n))
		}
		switch f.Kind {
		case record.KText:
			if strings.TrimSpace(s) == "" {
				return bad("required", "give more than spaces")
			}
		case record.KChoice:
			if len(f.Choices) == 0 {
				return nil // states: the lifecycle knows them
			}
			for _, ch := range f.Choices {
				if ch == s {
					return nil
				}
			}
			return bad("unknown_choice", expects(f))
		case record.KDate:
			if _, err := time.Parse(time.DateOnly, s); err != nil {
				return bad("not_a_date", expects(f))
			}
		case record.KPeriod:
			if !periodOK(s) {
				return bad("not_a_period", expects(f))
			}
		case record.KURL:
			p, err := url.Parse(s)
			if err != nil || (p.Scheme != "http" && p.Scheme != "https" && p.Scheme != "mailto") {
				return bad("not_a_url", "give an http, https or mailto address")
			}
		}
	case *record.Int:
		if (f.Min != 0 || f.Max != 0) && (c.N < f.Min || c.N > f.Max) {
			return bad("out_of_range", fmt.Sprintf("give %d to %d", f.Min, f.Max))
		}
	case *record.Duration:
		if c.Seconds < 0 {
			return bad("out_of_range", "give a duration of zero or more")
		}
	}
	return nil
}

func periodOK(s string) bool {
	if len(s) < 3 || s[0] != 'P' {
		return false
	}
	digits := 0
	for _, r := range s[1:] {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case strings.ContainsRune("YMWD", r) && digits > 0 && digits <= 4:
			digits = 0
		default:
			return false
		}
	}
	return digits == 0
}

// setRef reads an id, a ref such as SVC-3, or the name of a configuration record, and holds that
// the actor may know of it.
func (u *unit) setRef(f *record.Field, cell *record.ID, path string, raw json.RawMessage) []lifecycle.Refusal {
	raw = bytes.TrimSpace(raw)
	if string(raw) == "null" {
		cell.Clear()
		return nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return []lifecycle.Refusal{{Field: path, Reason: "wrong_type", Mend: expects(f)}}
	}
	if s == "" {
		cell.Clear()
		return nil
	}
	id, err := u.lookup(f.Ref, s)
	if err != nil {
		return []lifecycle.Refusal{{Field: path, Reason: "unreadable", Mend: "try again"}}
	}
	if id.IsZero() {
		return []lifecycle.Refusal{{Field: path, Reason: "unknown_reference", Mend: "there is no such " + f.Ref + " that you know of"}}
	}
	*cell = id
	return nil
}

// lookup finds a record of process by id, ref or name, as the actor sees it; zero when none.
func (u *unit) lookup(processName, s string) (record.ID, error) {
	if id, err := record.ParseID(s); err == nil {
		if w := u.works[id]; w != nil && (processName == "*" || w.p.Name == processName) {
			return id, nil // made earlier in this very transaction
		}
	}
	return u.s.Lookup(u.ctx, u.actor, processName, s)
}

func (u *unit) setBlanks(w *work, raw json.RawMessage) []lifecycle.Refusal {
	var in map[string]*struct {
		Reason string `json:"reason"`
		By     string `json:"by"`
		At     string `json:"at"`
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return []lifecycle.Refusal{{Field: "blanks", Reason: "wrong_type", Mend: `give {"field": {"reason": "..."}}`}}
	}
	var out []lifecycle.Refusal
	reasons := w.rec.Head().Reasons()
	for name, b := range in {
		f := w.p.Shape.Field(name)
		switch {
		case b == nil:
			delete(reasons, name)
		case f == nil && w.p.Shape.Line(name) == nil && !isLink(u, w, name):
			out = append(out, lifecycle.Refusal{Field: "blanks." + name, Reason: "unknown_field", Mend: "only declared fields, lines and links can be blank for a reason"})
		case strings.TrimSpace(b.Reason) == "":
			out = append(out, lifecycle.Refusal{Field: "blanks." + name + ".reason", Reason: "required", Mend: "say why there is no value"})
		case utf8.RuneCountInString(b.Reason) > 1000:
			out = append(out, lifecycle.Refusal{Field: "blanks." + name + ".reason", Reason: "too_long", Mend: "at most 1000 characters"})
		case f != nil && !f.Of(w.rec).Empty():
			out = append(out, lifecycle.Refusal{Field: "blanks." + name, Reason: "has_value", Mend: "take the value away first"})
		default:
			reasons[name] = record.BlankReason{Reason: b.Reason, By: u.actor.Name, At: record.At(u.now).String()}
		}
	}
	w.rec.Head().SetReasons(reasons)
	return out
}

func isLink(u *unit, w *work, name string) bool {
	_, _, ok := u.s.Registry.Linked(w.p, name)
	return ok
}

func dropBlank(r record.Record, name string) {
	h := r.Head()
	if h.Blanks == "" {
		return
	}
	m := h.Reasons()
	if _, ok := m[name]; ok {
		delete(m, name)
		h.SetReasons(m)
	}
}

// setCustom merges values of fields that users added.
func (u *unit) setCustom(w *work, raw json.RawMessage) []lifecycle.Refusal {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(raw, &in); err != nil {
		return []lifecycle.Refusal{{Field: "custom", Reason: "wrong_type", Mend: `give {"name": value}`}}
	}
	defs, err := u.s.CustomFields(u.ctx, w.p.Name)
	if err != nil {
		return []lifecycle.Refusal{{Field: "custom", Reason: "unreadable", Mend: "try again"}}
	}
	now := CustomValues(w.rec)
	var out []lifecycle.Refusal
	for name, v := range in {
		f := defs[name]
		if f == nil {
			out = append(out, lifecycle.Refusal{Field: "custom." + name, Reason: "unknown_field", Mend: "no custom field of that name is defined for " + w.p.Name})
			continue
		}
		cell := record.NewCell(f.Kind)
		if old, ok := now[name]; ok {
			_ = cell.SetJSON(old)
		}
		if r := u.setField(w.rec, f, cell, "custom."+name, v); len(r) > 0 {
			out = append(out, r...)
			continue
		}
		if cell.Empty() {
			delete(now, name)
		} else {
			now[name] = cell.AppendJSON(nil)
		}
	}
	for name, f := range defs {
		if f.Required && w.fresh && now[name] == nil && !u.actor.System {
			out = append(out, lifecycle.Refusal{Field: "custom." + name, Reason: "required", Mend: "give a value"})
		}
	}
	w.rec.Head().Custom = canonicalMap(now)
	return out
}

// CustomValues reads the custom values of a record as canonical JSON each.
func CustomValues(r record.Record) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	if c := r.Head().Custom; c != "" {
		if err := json.Unmarshal([]byte(c), &m); err != nil {
			panic("system: stored custom values are not JSON: " + err.Error()) // written only above
		}
	}
	return m
}

func canonicalMap(m map[string]json.RawMessage) record.JSON {
	if len(m) == 0 {
		return ""
	}
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	b := []byte{'{'}
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = record.AppendString(b, n)
		b = append(b, ':')
		b = append(b, m[n]...)
	}
	return record.JSON(append(b, '}'))
}

func setVersionField(v *record.Version, name string, raw json.RawMessage) []lifecycle.Refusal {
	f := versionShape.Field(name)
	cell := f.At(storage.Part(v))
	old := cell.AppendJSON(nil)
	if err := cell.SetJSON(raw); err != nil {
		_ = cell.SetJSON(old)
		return []lifecycle.Refusal{{Field: name, Reason: reasonOf(err), Mend: expects(f)}}
	}
	if r := Check(f, cell); r != nil {
		_ = cell.SetJSON(old)
		return []lifecycle.Refusal{*r}
	}
	if v.EffectiveTo != "" && v.EffectiveFrom != "" && v.EffectiveTo <= v.EffectiveFrom {
		return []lifecycle.Refusal{{Field: "effective_to", Reason: "before_start", Mend: "give a day after effective_from"}}
	}
	return nil
}

var versionShape = record.ShapeOf[record.Version]("version")

// setLines takes the whole list of one kind of line. An element with the id of a line changes
// that line and keeps what it does not name; one without an id is new; a line not in the list
// goes.
func (u *unit) setLines(w *work, l *record.LineKind, raw json.RawMessage, replay bool) []lifecycle.Refusal {
	wrong := []lifecycle.Refusal{{Field: l.Name, Reason: "wrong_type", Mend: "give a list of objects"}}
	var in []map[string]json.RawMessage
	if string(bytes.TrimSpace(raw)) != "null" {
		if err := json.Unmarshal(raw, &in); err != nil {
			return wrong
		}
	}
	if len(in) > l.Max {
		return []lifecycle.Refusal{{Field: l.Name, Reason: "too_many", Mend: fmt.Sprintf("at most %d", l.Max)}}
	}
	base := record.BaseOf(w.rec)
	old := map[record.ID]int{}
	was := w.p.Shape.Clone(w.rec).(record.Record)
	wasBase := record.BaseOf(was)
	for i := range l.Len(base) {
		old[l.Head(l.Each(base, i)).ID] = i
	}
	l.Resize(base, 0)
	l.Resize(base, len(in))
	var out []lifecycle.Refusal
	for i, obj := range in {
		if obj == nil {
			return wrong
		}
		at := l.Each(base, i)
		where := fmt.Sprintf("%s[%d]", l.Name, i)
		var id record.ID
		if v, ok := obj["id"]; ok {
			if err := id.SetJSON(v); err != nil {
				out = append(out, lifecycle.Refusal{Field: where + ".id", Reason: "not_an_id", Mend: "leave it out for a new line"})
				continue
			}
			j, known := old[id]
			if !known && !id.IsZero() && !replay {
				out = append(out, lifecycle.Refusal{Field: where + ".id", Reason: "unknown_line", Mend: "leave it out for a new line"})
				continue
			}
			if known {
				where = l.Name + "[" + id.String() + "]"
				from := l.Each(wasBase, j)
				for _, f := range l.Shape.Fields {
					f.At(at).Copy(f.At(from))
				}
				delete(old, id)
			}
		}
		if id.IsZero() {
			id = record.NewID(u.now)
		}
		l.Head(at).ID, l.Head(at).Pos = id, record.Count(i)
		out = append(out, u.setLineFields(w, l, at, where, obj)...)
	}
	return out
}

func (u *unit) setLineFields(w *work, l *record.LineKind, at storage.Part, where string, obj map[string]json.RawMessage) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	names := make([]string, 0, len(obj))
	for n := range obj {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if n == "id" {
			continue
		}
		f := l.Shape.Field(n)
		switch {
		case f == nil || f.Hidden:
			out = append(out, lifecycle.Refusal{Field: where + "." + n, Reason: "unknown_field", Mend: "the fields of a line stand in the schema of " + w.p.Name})
		case f.Stamp:
			out = append(out, lifecycle.Refusal{Field: where + "." + n, Reason: "read_only", Mend: "leave it out: Steward sets it"})
		default:
			out = append(out, u.setField(w.rec, f, f.At(at), where+"."+n, obj[n])...)
		}
	}
	for _, f := range l.Shape.Fields {
		if cell := f.At(at); f.Default != "" && cell.Empty() {
			_ = cell.SetJSON([]byte(f.Default))
		}
	}
	return out
}
