package system

import (
	"encoding/json"
	"sort"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// body gathers what an event says: old and new of everything that changed. It is written as
// canonical JSON, whose very bytes are hashed into the log:
//
//	{"approval": {"<round>": {...}}, "clock": {"resolution": {...}}, "comment": {...}, "lines": {"targets": {"<id>": [old, new]}},
//	 "link": {...}, "mark": {...}, "set": {"state": ["new", "assigned"]}, "version": {...}, "vote": {"<vote>": {...}}}
type body struct {
	parts map[string]map[string]json.RawMessage
}

func newBody() *body { return &body{parts: map[string]map[string]json.RawMessage{}} }

func (b *body) empty() bool { return len(b.parts) == 0 }

func (b *body) put(part, name string, v []byte) {
	m := b.parts[part]
	if m == nil {
		m = map[string]json.RawMessage{}
		b.parts[part] = m
	}
	m[name] = v
}

func (b *body) marks(m map[string]string) {
	for k, v := range m {
		b.put("mark", k, record.AppendString(nil, v))
	}
}

func (b *body) bytes() []byte {
	names := make([]string, 0, len(b.parts))
	for n := range b.parts {
		names = append(names, n)
	}
	sort.Strings(names)
	out := []byte{'{'}
	for i, n := range names {
		if i > 0 {
			out = append(out, ',')
		}
		out = record.AppendString(out, n)
		out = append(out, ':')
		out = append(out, canonicalMap(b.parts[n])...)
	}
	return append(out, '}')
}

func pair(was, now record.Cell) []byte {
	b := []byte{'['}
	b = was.AppendJSON(b)
	b = append(b, ',')
	b = now.AppendJSON(b)
	return append(b, ']')
}

// untold are header fields that the event's own columns tell, or that never change.
var untold = map[string]bool{"id": true, "num": true, "n": true, "revision": true, "created_at": true, "updated_at": true,
	"created_by": true, "disordered": true, "phase": true}

// diff writes every field and line that differs, and reports whether the revision moves: stamps
// alone (counters, clocks' due times) do not move it.
func (u *unit) diff(w *work, before record.Record, b *body) bool {
	moved := false
	p := w.p
	now, was := record.BaseOf(w.rec), record.BaseOf(before)
	versioned := map[*record.Field]bool{}
	for _, f := range p.Content {
		versioned[f] = true
	}
	for _, f := range p.Shape.Fields {
		if untold[f.Name] || f.Kind == record.KSecret {
			continue
		}
		x, y := f.At(was), f.At(now)
		if x.Equal(y) {
			continue
		}
		if f.Kernel {
			diffMap(f.Name, x.(*record.JSON), y.(*record.JSON), b)
			moved = true
			continue
		}
		if versioned[f] {
			b.put("version", f.Name, pair(x, y))
		} else {
			b.put("set", f.Name, pair(x, y))
		}
		moved = moved || !f.Stamp || f.Name == "state"
	}
	for _, l := range p.Shape.Lines {
		if diffLines(l, was, now, b) {
			moved = true
		}
	}
	return moved
}

// diffMap tells a kernel map apart by key: blanks.field, custom.floor.
func diffMap(name string, was, now *record.JSON, b *body) {
	x, y := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if *was != "" {
		_ = json.Unmarshal([]byte(*was), &x) // canonical by construction
	}
	if *now != "" {
		_ = json.Unmarshal([]byte(*now), &y)
	}
	null := json.RawMessage("null")
	for k, v := range x {
		if string(v) != string(y[k]) {
			n := y[k]
			if n == nil {
				n = null
			}
			b.put("set", name+"."+k, append(append(append(append([]byte{'['}, v...), ','), n...), ']'))
		}
	}
	for k, v := range y {
		if _, ok := x[k]; !ok {
			b.put("set", name+"."+k, append(append([]byte("[null,"), v...), ']'))
		}
	}
}

// diffLines writes lines that came, went or changed, each whole.
func diffLines(l *record.LineKind, was, now storage.Part, b *body) bool {
	old := map[record.ID][]byte{}
	for i := range l.Len(was) {
		at := l.Each(was, i)
		old[l.Head(at).ID] = lineJSON(l, at)
	}
	m := map[string]json.RawMessage{}
	for i := range l.Len(now) {
		at := l.Each(now, i)
		id, js := l.Head(at).ID, lineJSON(l, at)
		prev, ok := old[id]
		delete(old, id)
		if !ok {
			prev = []byte("null")
		}
		if string(prev) != string(js) {
			m[id.String()] = append(append(append(append([]byte{'['}, prev...), ','), js...), ']')
		}
	}
	for id, prev := range old {
		m[id.String()] = append(append([]byte{'['}, prev...), ",null]"...)
	}
	if len(m) == 0 {
		return false
	}
	b.put("lines", l.Name, []byte(canonicalMap(m)))
	return true
}

// lineJSON is a line's canonical JSON: its position and every field that has a value.
func lineJSON(l *record.LineKind, at storage.Part) []byte {
	m := map[string]json.RawMessage{"pos": l.Head(at).Pos.AppendJSON(nil)}
	for _, f := range l.Shape.Fields {
		if f.Hidden || f.Name == "id" {
			continue
		}
		if c := f.At(at); !c.Empty() {
			m[f.Name] = c.AppendJSON(nil)
		}
	}
	return []byte(canonicalMap(m))
}

// writeLines adds the statements for lines that came, went or changed.
func (u *unit) writeLines(p *process.Process, kinds []*record.LineKind, rec, before record.Record, parent record.ID) {
	now, was := record.BaseOf(rec), record.BaseOf(before)
	for _, l := range kinds {
		t := u.s.tables[p.Name].Lines[l]
		old := map[record.ID]storage.Part{}
		for i := range l.Len(was) {
			at := l.Each(was, i)
			old[l.Head(at).ID] = at
		}
		for i := range l.Len(now) {
			at := l.Each(now, i)
			h := l.Head(at)
			prev, ok := old[h.ID]
			delete(old, h.ID)
			h.Parent, h.Pos = parent, record.Count(i)
			if !ok {
				u.stmts = append(u.stmts, u.s.Store.Insert(t, nil, at))
				continue
			}
			if cols := u.changed(t, at, prev); len(cols) > 0 {
				id := h.ID
				u.stmts = append(u.stmts, u.s.Store.Update(t, cols, []storage.Cond{storage.Eq("id", &id)}, -1, at))
			}
		}
		for id := range old {
			u.stmts = append(u.stmts, u.s.Store.Remove(t, []storage.Cond{storage.Eq("id", &id)}, -1))
		}
	}
}
