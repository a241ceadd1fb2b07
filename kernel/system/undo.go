package system

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// undo takes back one edit: a command built from the event's old values. A field that was changed
// again since is refused by name; the others are not touched then either.
func (u *unit) undo(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.May(w.p.Name, "update") {
		return nil, fault.New(fault.Denied, "you may not change %s", w.p.Name)
	}
	id, n := w.rec.Head().ID, record.Count(cmd.Number)
	es, err := u.s.Store.Events(u.ctx, []storage.Cond{storage.Eq("record", &id), storage.Eq("n", &n)}, "", 1)
	if err != nil {
		return nil, err
	}
	if len(es) == 0 {
		return nil, fault.New(fault.NotFound, "there is no event %d", cmd.Number)
	}
	if es[0].Command != "update" && es[0].Command != "undo" {
		return nil, fault.Refuse(lifecycle.Refusal{Field: "event", Reason: "not_undoable", Mend: "only edits can be undone; use the transition that leads back"})
	}
	var b eventBody
	if err := json.Unmarshal([]byte(es[0].Body), &b); err != nil {
		return nil, err
	}
	before := u.fork(w)
	cmd.Set = map[string]json.RawMessage{}
	var refusals []lifecycle.Refusal
	names := make([]string, 0, len(b.Set))
	for name := range b.Set {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		pair := b.Set[name]
		if strings.Contains(name, ".") {
			refusals = append(refusals, u.undoMap(w, name, pair)...)
			continue
		}
		f := w.p.Shape.Field(name)
		if f == nil || f.Stamp {
			continue // counters and stamps are folded anew
		}
		if string(f.Of(w.rec).AppendJSON(nil)) != string(pair[1]) {
			refusals = append(refusals, lifecycle.Refusal{Field: name, Reason: "changed_since", Mend: "it was changed again after this edit; set it by hand"})
			continue
		}
		if err := f.Of(w.rec).SetJSON(pair[0]); err != nil {
			return nil, err
		}
	}
	for name, changes := range b.Lines {
		if l := w.p.Shape.Line(name); l != nil && !isContentLine(w.p, l) {
			if err := unwindLines(l, w.rec, changes, 0); err != nil {
				return nil, err
			}
		}
	}
	f := u.facts(w, cmd, before)
	f.Out.Mark = map[string]string{"undoes": fmt.Sprint(cmd.Number)}
	return u.finish(w, before, cmd, f, refusals, nil, level)
}

func (u *unit) undoMap(w *work, name string, pair [2]json.RawMessage) []lifecycle.Refusal {
	prefix, key, _ := strings.Cut(name, ".")
	now := map[string]json.RawMessage{}
	src := w.rec.Head().Custom
	if prefix == "blanks" {
		src = w.rec.Head().Blanks
	}
	if src != "" {
		_ = json.Unmarshal([]byte(src), &now) // canonical by construction
	}
	have := now[key]
	if have == nil {
		have = json.RawMessage("null")
	}
	if string(have) != string(pair[1]) {
		return []lifecycle.Refusal{{Field: name, Reason: "changed_since", Mend: "it was changed again after this edit; set it by hand"}}
	}
	unwindMap(w.rec.Head(), prefix, key, pair[0])
	return nil
}

// retarget measures the record's open clocks anew, by the versions in force now instead of those
// they are pinned to. The event says which due instants moved.
func (u *unit) retarget(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.May(w.p.Name, "update") {
		return nil, fault.New(fault.Denied, "you may not change %s", w.p.Name)
	}
	if w.p.Clocks == nil {
		return nil, fault.New(fault.NotFound, "a %s has no clocks", w.p.Name)
	}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	f.Out.Mark = map[string]string{"retarget": "asked"}
	return u.finish(w, before, cmd, f, nil, nil, level)
}
