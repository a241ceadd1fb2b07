package system

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// given reads one value of a command that is not a field; unknown names are refused by only.
func given[T any](cmd lifecycle.Command, name string, into *T) []lifecycle.Refusal {
	raw, ok := cmd.Set[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return []lifecycle.Refusal{{Field: name, Reason: "wrong_type", Mend: "see the API's description"}}
	}
	return nil
}

func only(cmd lifecycle.Command, names ...string) []lifecycle.Refusal {
	var out []lifecycle.Refusal
next:
	for k := range cmd.Set {
		for _, n := range names {
			if n == k {
				continue next
			}
		}
		out = append(out, lifecycle.Refusal{Field: k, Reason: "unknown_field", Mend: "known here: " + strings.Join(names, ", ")})
	}
	return out
}

// comment adds, edits or withdraws what somebody wrote. It is an event of the record, so that
// folds see it (the first answer that the customer can read stops the response clock).
func (u *unit) comment(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	var text string
	var internal bool
	refusals := append(only(cmd, "body", "internal"), given(cmd, "body", &text)...)
	refusals = append(refusals, given(cmd, "internal", &internal)...)
	c := &storage.Comment{Record: w.rec.Head().ID, Author: u.actor.ID, Internal: record.Bool(internal), Body: record.Prose(text)}
	if u.actor.System && !cmd.For.IsZero() {
		c.Author = cmd.For // what Steward hands on stays its author's
	}
	var was storage.Comment
	if cmd.Verb != "comment" {
		rows, err := rowsOf[storage.Comment](u.ctx, u.s, storage.TComment, []storage.Cond{storage.Eq("id", &cmd.ID), storage.Eq("record", &c.Record)}, "", 1)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 || bool(rows[0].Internal) && !u.actor.May(w.p.Name, "internal") {
			return nil, fault.New(fault.NotFound, "there is no such comment")
		}
		was, *c = *rows[0], *rows[0]
		if c.Author != u.actor.ID {
			return nil, fault.New(fault.Denied, "only its author may change a comment")
		}
		if c.Withdrawn {
			return nil, fault.New(fault.Conflict, "the comment was withdrawn")
		}
		c.Body = record.Prose(text)
	}
	verb := "comment"
	if c.Internal {
		verb = "internal"
	}
	if !u.actor.May(w.p.Name, verb) {
		return nil, fault.New(fault.Denied, "you may not write this on a %s", w.p.Name)
	}
	switch {
	case cmd.Verb == "comment_withdraw":
		c.Withdrawn, c.Body = true, ""
	case strings.TrimSpace(text) == "":
		refusals = append(refusals, lifecycle.Refusal{Field: "body", Reason: "required", Mend: "write something"})
	case utf8.RuneCountInString(text) > 100_000:
		refusals = append(refusals, lifecycle.Refusal{Field: "body", Reason: "too_long", Mend: "at most 100000 characters"})
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		refusals = append(refusals, lifecycle.Refusal{Field: "body", Reason: "bad_character", Mend: "give UTF-8 text without NUL"})
	}
	if len(refusals) > 0 {
		return nil, fault.Refuse(refusals...)
	}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	f.Internal = bool(c.Internal)
	if cmd.Verb == "comment" {
		c.ID, c.At = record.NewID(u.now), record.At(f.Now)
		u.stmts = append(u.stmts, u.s.Store.Insert(storage.TComment, nil, storage.Part(c)))
	} else {
		c.EditedAt = record.At(f.Now)
		u.stmts = append(u.stmts, u.s.Store.Update(storage.TComment, []string{"body", "withdrawn", "edited_at"}, []storage.Cond{storage.Eq("id", &c.ID)}, 1, storage.Part(c)))
	}
	res, err := u.finish(w, before, cmd, f, nil, nil, level, func(b *body) {
		b.put("comment", "id", c.ID.AppendJSON(nil))
		if cmd.Verb != "comment" {
			b.put("comment", "was", record.AppendString(nil, string(was.Body)))
		}
		if !c.Withdrawn {
			b.put("comment", "body", record.AppendString(nil, string(c.Body)))
		}
		b.put("comment", "internal", c.Internal.AppendJSON(nil))
	})
	if err != nil {
		return nil, err
	}
	res.Side = c
	return res, nil
}

// link joins the record to another. One event, at the end that declares the kind: linking 500
// incidents to a problem does not fight over the problem.
func (u *unit) link(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	k, a, other, err := u.ends(w, cmd)
	if err != nil {
		return nil, err
	}
	if !u.actor.May(a.p.Name, "link") {
		return nil, fault.New(fault.Denied, "you may not link a %s", a.p.Name)
	}
	aid, bid := a.rec.Head().ID, other.ID
	refuse := func(reason, mend string) error {
		return fault.Refuse(lifecycle.Refusal{Field: "to", Reason: reason, Mend: mend})
	}
	if aid == bid {
		return nil, refuse("itself", "choose another record")
	}
	have, err := u.s.openLinks(u.ctx, aid, k.Name)
	if err != nil {
		return nil, err
	}
	for _, l := range have {
		if l.A == aid && l.B == bid {
			return nil, refuse("already_linked", "they are linked so already")
		}
		if l.A == aid && k.One {
			return nil, refuse("one_only", "end the link to the other record first")
		}
	}
	if k.Acyclic {
		path, err := u.walk(bid, k.Name, aid)
		if err != nil {
			return nil, err
		}
		if path != nil {
			return nil, refuse("cycle", "this would close a circle: "+strings.Join(path, " > "))
		}
		u.stmts = append([]storage.Statement{u.s.Store.SetMeta("guard:link:"+k.Name, "1")}, u.stmts...)
		if _, mine := u.works[bid]; !mine {
			n, err := u.s.lastEvent(u.ctx, bid)
			if err != nil {
				return nil, err
			}
			u.stmts = append(u.stmts, u.s.Store.Expect(bid, n))
		}
	}
	before := u.fork(a)
	f := u.facts(a, cmd, before)
	l := &storage.Link{ID: record.NewID(u.now), Kind: record.Text(k.Name), A: aid, B: bid, AProcess: record.Text(a.p.Name),
		BProcess: other.Process, ValidFrom: record.At(f.Now), ValidTo: storage.Open}
	var refusals []lifecycle.Refusal
	for _, x := range []struct {
		name string
		cell record.Cell
	}{{"valid_from", &l.ValidFrom}, {"valid_to", &l.ValidTo}, {"note", &l.Note}} {
		if raw, ok := cmd.Set[x.name]; ok {
			if err := x.cell.SetJSON(raw); err != nil {
				refusals = append(refusals, lifecycle.Refusal{Field: x.name, Reason: reasonOf(err), Mend: "give an RFC 3339 time"})
			}
		}
	}
	refusals = append(refusals, only(cmd, "kind", "to", "valid_from", "valid_to", "note")...)
	if l.ValidTo == 0 {
		l.ValidTo = storage.Open
	}
	if l.ValidFrom == 0 {
		l.ValidFrom = record.At(f.Now)
	}
	if l.ValidTo <= l.ValidFrom {
		refusals = append(refusals, lifecycle.Refusal{Field: "valid_to", Reason: "before_start", Mend: "give a time after valid_from"})
	}
	u.stmts = append(u.stmts, u.s.Store.Insert(storage.TLink, nil, storage.Part(l)))
	res, err := u.finish(a, before, cmd, f, refusals, nil, level, func(b *body) { b.put("link", l.ID.String(), linkJSON(l, true)) })
	if err != nil {
		return nil, err
	}
	res.Side = l
	if a != w {
		res.Record, res.Process, res.Version = w.rec, w.p, w.version
	}
	return res, nil
}

func linkJSON(l *storage.Link, open bool) []byte {
	b := newBody()
	b.put("l", "kind", record.AppendString(nil, string(l.Kind)))
	b.put("l", "to", l.B.AppendJSON(nil))
	b.put("l", "valid_from", l.ValidFrom.AppendJSON(nil))
	if l.ValidTo != storage.Open {
		b.put("l", "valid_to", l.ValidTo.AppendJSON(nil))
	}
	op := "linked"
	if !open {
		op = "ended"
	}
	b.put("l", "what", record.AppendString(nil, op))
	return []byte(canonicalMap(b.parts["l"]))
}

// ends finds the kind, the work at the declaring end and the record at the other, both visible.
func (u *unit) ends(w *work, cmd lifecycle.Command) (process.LinkKind, *work, *storage.Directory, error) {
	bad := func(field, reason, mend string) (process.LinkKind, *work, *storage.Directory, error) {
		return process.LinkKind{}, nil, nil, fault.Refuse(lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	k, forward, ok := u.s.Registry.Linked(w.p, cmd.Name)
	if !ok {
		return bad("kind", "unknown_kind", "the kinds of link stand in the schema of "+w.p.Name)
	}
	to := cmd.ID
	if to.IsZero() {
		var s string
		if r := given(cmd, "to", &s); r != nil || s == "" {
			return bad("to", "required", "give the id or ref of the other record")
		}
		id, err := u.lookup("*", s)
		if err != nil {
			return process.LinkKind{}, nil, nil, err
		}
		if id.IsZero() {
			return bad("to", "unknown_reference", "there is no such record that you know of")
		}
		to = id
	}
	d, err := u.s.directory(u.ctx, u.actor, to)
	if err != nil {
		return process.LinkKind{}, nil, nil, err
	}
	if d == nil {
		if x := u.works[to]; x != nil {
			d = directoryOf(x.p, x.rec.Head())
		}
	}
	if d == nil {
		return bad("to", "unknown_reference", "there is no such record that you know of")
	}
	other := u.s.Registry.Process(string(d.Process))
	if forward {
		if len(k.To) > 0 && !has(k.To, other.Name) {
			return bad("to", "wrong_process", "a link "+k.Name+" leads to "+strings.Join(k.To, ", "))
		}
		return k, w, d, nil
	}
	declares := false
	for _, x := range other.Links {
		declares = declares || x.Name == k.Name
	}
	if !declares {
		return bad("to", "wrong_process", "a "+other.Name+" has no links "+k.Inverse)
	}
	a, err := u.load(other, lifecycle.Command{Process: other.Name, Record: to})
	if err != nil {
		return process.LinkKind{}, nil, nil, err
	}
	return k, a, directoryOf(w.p, w.rec.Head()), nil
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// walk follows open links of kind from a record; it gives the path when it comes to goal.
func (u *unit) walk(from record.ID, kind string, goal record.ID) ([]string, error) {
	seen := map[record.ID]bool{}
	var path []string
	var step func(id record.ID) (bool, error)
	step = func(id record.ID) (bool, error) {
		if id == goal {
			path = append(path, u.s.nameOf(u.ctx, id))
			return true, nil
		}
		if seen[id] || len(seen) > 100_000 {
			return false, nil
		}
		seen[id] = true
		ls, err := u.s.openLinks(u.ctx, id, kind)
		if err != nil {
			return false, err
		}
		for _, l := range ls {
			if l.A != id {
				continue
			}
			found, err := step(l.B)
			if err != nil || found {
				path = append(path, u.s.nameOf(u.ctx, id))
				return found, err
			}
		}
		return false, nil
	}
	found, err := step(from)
	if err != nil || !found {
		return nil, err
	}
	return path, nil
}

// unlink ends a link: its span is closed, nothing is deleted.
func (u *unit) unlink(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	ls, err := u.s.openLinks(u.ctx, w.rec.Head().ID, "")
	if err != nil {
		return nil, err
	}
	var l *storage.Link
	for _, x := range ls {
		if x.ID == cmd.ID || (cmd.Name != "" && string(x.Kind) == cmd.Name && x.B == cmd.ID) {
			l = x
		}
	}
	if l == nil {
		return nil, fault.New(fault.NotFound, "there is no such link")
	}
	a := w
	if l.A != w.rec.Head().ID {
		if a, err = u.load(u.s.Registry.Process(string(l.AProcess)), lifecycle.Command{Process: string(l.AProcess), Record: l.A}); err != nil {
			return nil, err
		}
	} else if d, err := u.s.directory(u.ctx, u.actor, l.B); err != nil || d == nil {
		return nil, fault.New(fault.NotFound, "there is no such link")
	}
	if !u.actor.May(a.p.Name, "link") {
		return nil, fault.New(fault.Denied, "you may not link a %s", a.p.Name)
	}
	before := u.fork(a)
	f := u.facts(a, cmd, before)
	was := l.ValidTo
	l.ValidTo = record.At(f.Now)
	if l.ValidTo < l.ValidFrom {
		l.ValidTo = l.ValidFrom
	}
	u.stmts = append(u.stmts, u.s.Store.Update(storage.TLink, []string{"valid_to"}, []storage.Cond{storage.Eq("id", &l.ID), {Col: "valid_to", Op: "=", Val: &was}}, 1, storage.Part(l)))
	res, err := u.finish(a, before, cmd, f, nil, nil, level, func(b *body) { b.put("link", l.ID.String(), linkJSON(l, false)) })
	if err != nil {
		return nil, err
	}
	res.Side = l
	return res, nil
}

// grant lets one more principal see the record, or no longer.
func (u *unit) grant(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.May(w.p.Name, "grant") {
		return nil, fault.New(fault.Denied, "you may not share a %s", w.p.Name)
	}
	var to string
	refusals := append(only(cmd, "to"), given(cmd, "to", &to)...)
	id, err := u.lookup("user", to)
	if err != nil {
		return nil, err
	}
	if id.IsZero() {
		if id, err = u.lookup("team", to); err != nil {
			return nil, err
		}
	}
	if id.IsZero() {
		refusals = append(refusals, lifecycle.Refusal{Field: "to", Reason: "unknown_reference", Mend: "give a user or a team"})
	}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	f.Out.Grants = []lifecycle.Grant{{To: id, Why: "shared", End: cmd.Verb == "revoke"}}
	return u.finish(w, before, cmd, f, refusals, nil, level, func(b *body) { b.put("grant", cmd.Verb, id.AppendJSON(nil)) })
}

func (u *unit) grantRow(rec, to record.ID, why string, end bool) {
	if to.IsZero() {
		return
	}
	reason := record.Text(why)
	u.stmts = append(u.stmts, u.s.Store.Remove(storage.TGrant, []storage.Cond{storage.Eq("record", &rec), storage.Eq("principal", &to), storage.Eq("why", &reason)}, -1))
	if !end {
		u.stmts = append(u.stmts, u.s.Store.Insert(storage.TGrant, nil, storage.Part(&storage.Grant{Record: rec, Principal: to, Why: reason})))
	}
}
