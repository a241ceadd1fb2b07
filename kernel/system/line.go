package system

import (
	"encoding/json"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// LineAt names a line of a record: what Result.Side is after a command about one line.
type LineAt struct {
	Kind string
	ID   record.ID
}

// line adds (line), changes (line_update) or takes away (line_remove) one line of kind cmd.Name,
// so that who changes one need not send them all. It becomes the update that says the same of the
// whole list; a line of versioned content belongs to the draft there is.
func (u *unit) line(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	l := w.p.Shape.Line(cmd.Name)
	if l == nil {
		return nil, fault.New(fault.NotFound, "a %s has no lines %q", w.p.Name, cmd.Name)
	}
	verb, rec := "update", w.rec
	if isContentLine(w.p, l) {
		all, err := u.versions(w)
		if err != nil {
			return nil, err
		}
		newest := all[len(all)-1]
		if newest.Version.Status != record.VersionDraft {
			return nil, fault.Refuse(lifecycle.Refusal{Field: l.Name, Reason: "versioned", Mend: "make a draft with POST .../versions and change that"})
		}
		verb, rec, cmd.Number = "version_update", newest.Record, int(newest.Version.Number)
	}
	base := record.BaseOf(rec)
	var list []map[string]json.RawMessage
	found := false
	for i := range l.Len(base) {
		id := l.Head(l.Each(base, i)).ID
		item := map[string]json.RawMessage{}
		if id == cmd.ID {
			found = true
			if cmd.Verb == "line_remove" {
				continue
			}
			for k, v := range cmd.Set {
				item[k] = v
			}
		}
		item["id"] = id.AppendJSON(nil)
		list = append(list, item)
	}
	var out []lifecycle.Refusal
	if _, ok := cmd.Set["id"]; ok {
		out = append(out, lifecycle.Refusal{Field: "id", Reason: "read_only", Mend: "leave it out: Steward sets it"})
	}
	switch {
	case len(out) > 0:
		return nil, fault.Refuse(out...)
	case cmd.Verb == "line":
		list = append(list, cmd.Set)
	case !found:
		return nil, fault.New(fault.NotFound, "there is no such line")
	}
	raw, err := json.Marshal(list)
	if err != nil {
		return nil, err
	}
	at := LineAt{l.Name, cmd.ID}
	added := cmd.Verb == "line"
	cmd.Verb, cmd.Name, cmd.ID, cmd.Set = verb, "", record.ID{}, map[string]json.RawMessage{l.Name: raw}
	var res *Result
	if verb == "update" {
		res, err = u.update(w, cmd, level)
	} else {
		res, err = u.versionUpdate(w, cmd, level)
	}
	if err != nil {
		return nil, err
	}
	if base := record.BaseOf(res.Record); added {
		at.ID = l.Head(l.Each(base, l.Len(base)-1)).ID
	}
	res.Side = at
	return res, nil
}
