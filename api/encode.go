package api

import (
	"context"
	"net/http"
	"strconv"
	"time"
	"unsafe"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// face is how records of one process look, worked out once.
type face struct {
	fields  []shown
	lines   []*record.LineKind
	content []shown // of a version: its fields
	refs    []*record.Field
}

type shown struct {
	key  []byte // "title":
	f    *record.Field
	name string
	map_ bool // an object also when blank
}

func shows(f *record.Field) bool { return !f.Hidden && f.Kind != record.KSecret }

func newFace(p *process.Process) *face {
	out := &face{lines: p.Shape.Lines}
	entry := func(f *record.Field) shown {
		return shown{key: append(record.AppendString(nil, f.Name), ':'), f: f, name: f.Name, map_: f.Kind == record.KJSON}
	}
	for _, f := range p.Shape.Fields {
		if !shows(f) {
			continue
		}
		out.fields = append(out.fields, entry(f))
		if f.Kind == record.KRef && f.Ref != "" {
			out.refs = append(out.refs, f)
		}
	}
	for _, f := range p.Content {
		if shows(f) {
			out.content = append(out.content, entry(f))
		}
	}
	return out
}

// more is what a record's answer carries beside its own fields.
type more struct {
	only  map[string]bool // fields asked for; nil: all
	links []byte          // JSON, when resolved
	refs  map[record.ID]*storage.Directory
}

func (m *more) wants(name string) bool { return m == nil || m.only == nil || m.only[name] }

// appendRecord writes one record: every declared field, its lines, the version it shows.
func (s *server) appendRecord(b []byte, p *process.Process, r record.Record, v *record.Version, m *more) []byte {
	fc := s.faces[p]
	base := record.BaseOf(r)
	b = append(b, '{')
	first := true
	comma := func() {
		if !first {
			b = append(b, ',')
		}
		first = false
	}
	for i := range fc.fields {
		e := &fc.fields[i]
		if m.wants(e.name) {
			comma()
			b = append(b, e.key...)
			b = e.append(b, base)
		}
		if e.name == "id" && m.wants("ref") {
			comma()
			b = append(b, `"ref":"`...)
			b = append(b, p.Prefix...)
			b = append(b, '-')
			b = strconv.AppendInt(b, int64(r.Head().Num), 10)
			b = append(b, '"')
		}
	}
	for _, l := range fc.lines {
		if m.wants(l.Name) {
			comma()
			b = append(record.AppendString(b, l.Name), ':')
			b = appendLines(b, l, base)
		}
	}
	if p.Versioned && m.wants("version") {
		comma()
		b = append(b, `"version":`...)
		if v == nil {
			b = append(b, "null"...)
		} else {
			b = append(appendVersion(append(b, '{'), v), '}')
		}
	}
	if m != nil && m.links != nil && m.wants("links") {
		comma()
		b = append(append(b, `"links":`...), m.links...)
	}
	if m != nil && m.refs != nil {
		comma()
		b = append(b, `"refs":`...)
		b = s.appendRefs(b, fc, base, m)
	}
	return append(b, '}')
}

func (e *shown) append(b []byte, base unsafe.Pointer) []byte {
	c := e.f.At(base)
	if e.map_ && c.Empty() {
		return append(b, "{}"...)
	}
	return c.AppendJSON(b)
}

func appendLines(b []byte, l *record.LineKind, base unsafe.Pointer) []byte {
	b = append(b, '[')
	for i := range l.Len(base) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendLine(b, l, l.Each(base, i))
	}
	return append(b, ']')
}

func appendLine(b []byte, l *record.LineKind, at unsafe.Pointer) []byte {
	b = append(b, '{')
	first := true
	for _, f := range l.Shape.Fields {
		if !shows(f) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(record.AppendString(b, f.Name), ':')
		b = f.At(at).AppendJSON(b)
	}
	return append(b, '}')
}

var versionShape = record.ShapeOf[record.Version]("version")

// appendVersion writes the members of a version, without its content and without braces.
func appendVersion(b []byte, v *record.Version) []byte {
	first := true
	for _, f := range versionShape.Fields {
		if f.Hidden {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		name := f.Name
		if name == "status" {
			name = "state"
		}
		b = append(record.AppendString(b, name), ':')
		b = f.At(unsafe.Pointer(v)).AppendJSON(b)
	}
	return b
}

// appendContent writes a version with its content, as members beside it and under "content".
func (s *server) appendContent(b []byte, p *process.Process, r record.Record, v *record.Version) []byte {
	fc := s.faces[p]
	base := record.BaseOf(r)
	b = appendVersion(append(b, '{'), v)
	inner := []byte{}
	for i := range fc.content {
		e := &fc.content[i]
		inner = append(append(inner, ','), e.key...)
		inner = e.append(inner, base)
	}
	for _, l := range p.ContentLines {
		inner = append(inner, ',')
		inner = append(record.AppendString(inner, l.Name), ':')
		inner = appendLines(inner, l, base)
	}
	if len(inner) == 0 {
		return append(b, `,"content":{}}`...)
	}
	for i := range fc.content {
		if e := &fc.content[i]; !versionName(e.name) {
			b = append(append(b, ','), e.key...)
			b = e.append(b, base)
		}
	}
	for _, l := range p.ContentLines {
		if !versionName(l.Name) {
			b = append(b, ',')
			b = append(record.AppendString(b, l.Name), ':')
			b = appendLines(b, l, base)
		}
	}
	b = append(b, `,"content":{`...)
	b = append(b, inner[1:]...)
	return append(b, "}}"...)
}

func versionName(n string) bool {
	return n == "state" || n == "content" || versionShape.Field(n) != nil
}

// appendRefs names the records that r points at, as far as the caller sees them.
func (s *server) appendRefs(b []byte, fc *face, base unsafe.Pointer, m *more) []byte {
	b = append(b, '{')
	first := true
	for _, f := range fc.refs {
		d := m.refs[*f.At(base).(*record.ID)]
		if d == nil || !m.wants(f.Name) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(record.AppendString(b, f.Name), ':')
		b = s.appendNamed(b, d)
	}
	return append(b, '}')
}

// appendNamed is a record by its name: id, ref, process, title.
func (s *server) appendNamed(b []byte, d *storage.Directory) []byte {
	b = append(b, `{"id":`...)
	b = d.ID.AppendJSON(b)
	p := s.sys.Registry.Process(string(d.Process))
	if p != nil {
		b = append(b, `,"ref":`...)
		b = record.AppendString(b, p.Ref(d.Num))
	}
	b = append(b, `,"process":`...)
	b = d.Process.AppendJSON(b)
	b = append(b, `,"title":`...)
	b = d.Title.AppendJSON(b)
	return append(b, '}')
}

// named looks up what the records point at, in one question for all of them.
func (s *server) named(ctx context.Context, who *access.Principal, p *process.Process, rows []record.Record) (map[record.ID]*storage.Directory, error) {
	var ids []record.ID
	for _, r := range rows {
		base := record.BaseOf(r)
		for _, f := range s.faces[p].refs {
			ids = append(ids, *f.At(base).(*record.ID))
		}
	}
	return s.directory(ctx, who, ids)
}

// directory finds records of any process by id, as who sees them.
func (s *server) directory(ctx context.Context, who *access.Principal, ids []record.ID) (map[record.ID]*storage.Directory, error) {
	out := map[record.ID]*storage.Directory{}
	seen := map[record.ID]bool{{}: true}
	var cells []record.Cell
	for i := range ids {
		if !seen[ids[i]] {
			seen[ids[i]] = true
			cells = append(cells, &ids[i])
		}
	}
	scopes := s.sys.Scopes(who)
	for len(cells) > 0 {
		n := min(len(cells), 500)
		ds, err := s.sys.Store.Directory(ctx, scopes, []storage.Cond{{Col: "id", Op: "in", Val: cells[:n]}}, "", 0)
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			out[d.ID] = d
		}
		cells = cells[n:]
	}
	return out, nil
}

// appendLinks writes links as one end sees them.
func (s *server) appendLinks(b []byte, links []system.LinkView) []byte {
	b = append(b, '[')
	for i := range links {
		if i > 0 {
			b = append(b, ',')
		}
		b = s.appendLink(b, &links[i])
	}
	return append(b, ']')
}

func (s *server) appendLink(b []byte, l *system.LinkView) []byte {
	b = append(b, `{"id":`...)
	b = l.ID.AppendJSON(b)
	b = append(b, `,"kind":`...)
	b = record.AppendString(b, l.Name)
	b = append(b, `,"to":`...)
	b = s.appendNamed(b, l.Other)
	b = append(b, `,"other":`...)
	b = s.appendNamed(b, l.Other)
	b = append(b, `,"outward":`...)
	b = strconv.AppendBool(b, l.Other.ID == l.B)
	b = append(b, `,"valid_from":`...)
	b = l.ValidFrom.AppendJSON(b)
	b = append(b, `,"valid_to":`...)
	if l.ValidTo == storage.Open {
		b = append(b, "null"...)
	} else {
		b = l.ValidTo.AppendJSON(b)
	}
	b = append(b, `,"note":`...)
	b = l.Note.AppendJSON(b)
	return append(b, '}')
}

// etag is the entity tag of a record: its revision.
func etag(r record.Record) string {
	return `"` + strconv.FormatInt(int64(r.Head().Revision), 10) + `"`
}

// send writes a JSON answer.
func (c *Call) send(status int, body []byte) error {
	h := c.W.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.W.WriteHeader(status)
	_, _ = c.W.Write(body) // who is gone reads nothing
	return nil
}

// JSON answers what can be said in JSON.
func (c *Call) JSON(status int, v any) error { return c.value(status, v) }

// Bytes answers JSON that is written already.
func (c *Call) Bytes(status int, body []byte) error { return c.send(status, body) }

// Past reads as_of and known_at: the zero time when neither was given.
func (c *Call) Past() (at time.Time, known bool, err error) { return c.past() }

func (c *Call) none() error {
	c.W.WriteHeader(http.StatusNoContent)
	return nil
}

func refuse(field, reason, mend string) error {
	return fault.Refuse(lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
}
