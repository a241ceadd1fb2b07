package system

import (
	"encoding/json"
	"sort"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// create makes a record.
func (u *unit) create(p *process.Process, cmd lifecycle.Command, level int) (*Result, error) {
	verb := "create"
	if cmd.Replay {
		verb = "replay"
	}
	if !u.actor.May(p.Name, verb) {
		return nil, fault.New(fault.Denied, "you may not %s %s", verb, p.Name)
	}
	rec := p.New()
	h := rec.Head()
	if h.ID = cmd.ID; h.ID.IsZero() {
		h.ID = record.NewID(u.now)
	}
	at, _ := u.occurred(nil, cmd)
	h.CreatedAt, h.CreatedBy = record.At(at), u.actor.ID
	u.start(p, rec, p.States[0].Name)
	w := &work{p: p, rec: rec, fresh: true, loadedClocks: true, num: &storage.Num{Process: p.Name}}
	before := p.New()
	before.Head().ID = h.ID
	f := u.facts(w, cmd, nil)
	f.Now = at
	if p.Versioned {
		w.version = &record.Version{ID: record.NewID(u.now), Record: h.ID, Number: 1, Status: record.VersionDraft,
			Author: u.actor.ID, DraftedAt: h.CreatedAt}
	}
	refusals := append(u.set(w, cmd, setAll), u.replayState(w, cmd)...)
	if !u.actor.Customer.IsZero() && !u.actor.System {
		h.Customer = u.actor.Customer // a customer's user never makes a record of another's
		if h.Reporter.IsZero() {
			h.Reporter = u.actor.ID
		}
	}
	if p.Name == "customer" {
		h.Customer = h.ID // so that a customer's own record is in its scope
	}
	if p.Name == "user" {
		h.Reporter = h.ID // so that one's own account is one's own
	}
	return u.finish(w, before, cmd, f, refusals, nil, level)
}

func (u *unit) start(p *process.Process, rec record.Record, state string) {
	st, _ := p.State(state)
	rec.Head().State, rec.Head().Phase = record.Choice(st.Name), record.Choice(st.Phase)
}

// update changes fields of a record.
func (u *unit) update(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.May(w.p.Name, "update") {
		return nil, fault.New(fault.Denied, "you may not change %s", w.p.Name)
	}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	refusals := append(u.set(w, cmd, setRecord), u.replayState(w, cmd)...)
	return u.finish(w, before, cmd, f, refusals, nil, level)
}

// replayState lets an import say which state a record was in, whatever step led there.
func (u *unit) replayState(w *work, cmd lifecycle.Command) []lifecycle.Refusal {
	if !cmd.Replay || cmd.Set["state"] == nil {
		return nil
	}
	h := w.rec.Head()
	st, ok := w.p.State(string(h.State))
	if !ok {
		return lifecycle.Refuse("state", "unknown_choice", "the states stand in the schema of "+w.p.Name)
	}
	h.Phase = record.Choice(st.Phase)
	return nil
}

// transition takes one legal step.
func (u *unit) transition(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	h := w.rec.Head()
	t := w.p.Transition(cmd.Name)
	if t == nil {
		return nil, illegal(w, cmd.Name)
	}
	if !u.actor.May(w.p.Name, "do:"+t.Name) {
		return nil, fault.New(fault.Denied, "you may not %s a %s", t.Name, w.p.Name)
	}
	if !t.Leaves(string(h.State)) {
		return nil, illegal(w, t.Name)
	}
	before := u.fork(w)
	cmd, said := splitComment(cmd)
	f := u.facts(w, cmd, before)
	f.Transition = t.Name
	if err := u.gateFacts(w, f); err != nil {
		return nil, err
	}
	mode := setRecord
	if !u.actor.May(w.p.Name, "update") {
		mode = setNeeds // only what the step itself asks for
	}
	refusals := u.setFor(w, cmd, mode, t.Needs)
	if t.Tasks && !cmd.Replay {
		open, err := u.openTasks(w)
		if err != nil {
			return nil, err
		}
		if len(open) > 0 {
			refusals = append(refusals, lifecycle.Refusal{Reason: "tasks_open", Mend: "finish its mandatory tasks first: " + strings.Join(open, ", ")})
		}
	}
	if t.Gate != "" && !cmd.Replay && !f.Granted[t.Gate] {
		refusals = append(refusals, lifecycle.Refusal{Reason: "approval_missing", Mend: "ask for approval at gate " + t.Gate + " first"})
	}
	if t.To != "" {
		st, _ := w.p.State(t.To)
		h = w.rec.Head()
		h.State, h.Phase = record.Choice(st.Name), record.Choice(st.Phase)
	}
	res, err := u.finish(w, before, cmd, f, refusals, t, level)
	if err != nil || said == nil {
		return res, err
	}
	if _, err := u.comment(w, *said, level); err != nil {
		return nil, err
	}
	res.Record = w.rec
	return res, nil
}

// splitComment takes an answer that came along with a transition out of its fields.
func splitComment(cmd lifecycle.Command) (lifecycle.Command, *lifecycle.Command) {
	text, ok := cmd.Set["comment"]
	if !ok {
		return cmd, nil
	}
	set := map[string]json.RawMessage{}
	for k, v := range cmd.Set {
		if k != "comment" && k != "internal" {
			set[k] = v
		}
	}
	said := cmd
	said.Verb, said.Name, said.IfMatch = "comment", "", 0
	said.Set = map[string]json.RawMessage{"body": text}
	if v, ok := cmd.Set["internal"]; ok {
		said.Set["internal"] = v
	}
	cmd.Set = set
	return cmd, &said
}

func illegal(w *work, name string) error {
	e := fault.New(fault.Illegal, "%s is in state %s, which does not allow %q", w.p.Name, w.rec.Head().State, name)
	e.Legal = w.p.Legal(string(w.rec.Head().State))
	return e
}

// fork keeps the record as it was and lets the decision change a copy.
func (u *unit) fork(w *work) record.Record {
	before := w.rec
	w.rec = w.p.Shape.Clone(before).(record.Record)
	return before
}

func (u *unit) facts(w *work, cmd lifecycle.Command, before record.Record) *lifecycle.Facts {
	at, disordered := u.occurred(w, cmd)
	if disordered {
		w.rec.Head().Disordered = true
	}
	f := &lifecycle.Facts{Now: at, Zone: u.s.opt.Zone, Actor: u.actor, Verb: cmd.Verb, Reason: cmd.Reason, Replay: cmd.Replay, Given: cmd.Set}
	if before != nil {
		f.Before = before
	}
	return f
}

// finish decides and writes: what every command that changes a record has in common.
func (u *unit) finish(w *work, before record.Record, cmd lifecycle.Command, f *lifecycle.Facts, refusals []lifecycle.Refusal, t *process.Transition, level int, parts ...func(*body)) (*Result, error) {
	p := w.p
	refusals, err := u.decide(w, before, cmd, f, refusals, t)
	if err != nil {
		return nil, err
	}
	if refusals = append(refusals, u.gateHeld(w, before, f, t)...); len(refusals) > 0 {
		return nil, fault.Refuse(refusals...)
	}
	body := newBody()
	if err := u.runClocks(w, f, body); err != nil {
		return nil, err
	}
	moved := u.diff(w, before, body)
	body.marks(f.Out.Mark)
	for _, add := range parts {
		add(body)
	}
	if err := u.gateMoves(w, before, f, body); err != nil {
		return nil, err
	}
	if err := u.recounts(w, before, f); err != nil {
		return nil, err
	}
	res := &Result{Process: p, Record: w.rec, Version: w.version, Fresh: w.fresh}
	if !w.fresh && !moved && body.empty() && len(f.Out.Commands)+len(f.Out.Links)+len(f.Out.Timers)+len(f.Out.Notices)+len(f.Out.Grants) == 0 && cmd.Verb == "update" && !f.Replay {
		return res, nil // nothing changed: no event, no new revision
	}
	name := cmd.Verb
	if t != nil {
		name = t.Name
	}
	if err := u.write(w, before, cmd, f, body, moved, name, f.Internal); err != nil {
		return nil, err
	}
	return res, u.effects(w, cmd, f, level)
}

// decide runs the process's own functions. All refusals are collected, none hides another.
func (u *unit) decide(w *work, before record.Record, cmd lifecycle.Command, f *lifecycle.Facts, refusals []lifecycle.Refusal, t *process.Transition) ([]lifecycle.Refusal, error) {
	p := w.p
	if err := u.clockFacts(w, f); err != nil {
		return nil, err
	}
	if p.Load != nil {
		data, err := p.Load(u.ctx, u.reader(), w.rec, f)
		if err != nil {
			return nil, err
		}
		f.Data = data
	}
	if t != nil {
		if t.Guard != nil && !f.Replay {
			refusals = append(refusals, t.Guard(w.rec, f)...)
		}
		if t.Then != nil {
			t.Then(w.rec, f)
		}
	}
	if p.Decide != nil {
		refusals = append(refusals, p.Decide(w.rec, f)...)
	}
	if t != nil && !f.Replay {
		for _, fd := range t.Needs {
			if !record.Answered(w.rec, fd) {
				refusals = append(refusals, lifecycle.Refusal{Field: fd.Name, Reason: "required", Mend: "give a value, or a blank with a reason, to " + t.Name})
			}
		}
	}
	if p.Fold != nil {
		p.Fold(w.rec, f)
	}
	if !f.Replay {
		refusals = append(refusals, u.required(w, before)...)
	}
	return once(refusals), nil
}

// required holds required fields. What was missing before a rule became stricter does not stop
// an edit of something else.
func (u *unit) required(w *work, before record.Record) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	for _, fd := range w.p.Shape.Fields {
		if fd.Required && !record.Answered(w.rec, fd) && (w.fresh || record.Answered(before, fd)) {
			out = append(out, lifecycle.Refusal{Field: fd.Name, Reason: "required", Mend: "give a value"})
		}
	}
	for _, l := range append(append([]*record.LineKind{}, w.p.RecordLines...), w.p.ContentLines...) {
		base := record.BaseOf(w.rec)
		for i := range l.Len(base) {
			at := l.Each(base, i)
			for _, fd := range l.Shape.Fields {
				if fd.Required && fd.At(at).Empty() {
					out = append(out, lifecycle.Refusal{Field: l.Name + "[" + l.Head(at).ID.String() + "]." + fd.Name, Reason: "required", Mend: "give a value"})
				}
			}
		}
	}
	return out
}

// once drops repeated refusals of the same field and reason.
func once(in []lifecycle.Refusal) []lifecycle.Refusal {
	seen := map[string]bool{}
	out := in[:0]
	for _, r := range in {
		k := r.Field + "\x00" + r.Reason
		if !seen[k] {
			seen[k] = true
			out = append(out, r)
		}
	}
	return out
}

// effects carries out what the decision asked for besides its own record.
func (u *unit) effects(w *work, cmd lifecycle.Command, f *lifecycle.Facts, level int) error {
	h := w.rec.Head()
	for _, t := range f.Out.Timers {
		if f.Replay {
			continue // an import sets no alarms for what is past
		}
		u.setTimer(h.ID, w.p.Name, t.Key, record.At(t.At))
	}
	for _, g := range f.Out.Grants {
		on := h.ID
		if !g.On.IsZero() {
			on = g.On
		}
		u.grantRow(on, g.To, g.Why, g.End)
	}
	if !f.Replay {
		for _, n := range f.Out.Notices {
			u.notices = append(u.notices, noticeOf{w: w, n: n, at: f.Now, no: h.N})
		}
	}
	sys := *u
	sys.actor = u.s.self
	for _, l := range f.Out.Links {
		verb := "link"
		if l.End {
			verb = "unlink"
		}
		c := lifecycle.Command{Process: w.p.Name, Record: h.ID, Verb: verb, Name: l.Kind, ID: l.To, Door: cmd.Door, Replay: f.Replay, OccurredAt: f.Now}
		if _, err := sys.do(c, level+1); err != nil {
			return err
		}
	}
	for _, c := range f.Out.Commands {
		if c.Door == "" {
			c.Door = cmd.Door
		}
		if c.OccurredAt.IsZero() {
			c.OccurredAt = f.Now
		}
		c.Replay = f.Replay
		if _, err := sys.do(c, level+1); err != nil {
			return err
		}
	}
	u.stmts, u.notices, u.events = sys.stmts, sys.notices, sys.events
	return nil
}

// write adds the event, and has the row written at the end of the unit: a record that several
// commands of one transaction change is written once, its events each.
func (u *unit) write(w *work, before record.Record, cmd lifecycle.Command, f *lifecycle.Facts, body *body, moved bool, name string, internal bool) error {
	p, h, st := w.p, w.rec.Head(), u.s.Store
	at := record.At(f.Now)
	if w.fresh && h.N == 0 {
		h.CreatedAt = at
	}
	h.N++
	if at > h.UpdatedAt {
		h.UpdatedAt = at
	}
	if at < h.CreatedAt {
		h.CreatedAt = at
	}
	if at > w.last {
		w.last = at
	}
	created := w.fresh && h.N == 1
	if created || moved {
		h.Revision++
	}
	if !w.dirty {
		w.dirty = true
		if !created {
			w.stored = before
		}
		u.pend.order = append(u.pend.order, w)
	}
	if err := u.index(w, before, cmd, created); err != nil {
		return err
	}
	raw, err := u.seal(w, body)
	if err != nil {
		return err
	}
	e := &storage.Event{Record: h.ID, Process: record.Text(p.Name), N: h.N, Revision: h.Revision, OccurredAt: at,
		Actor: u.actor.ID, ForActor: cmd.For, Door: record.Text(cmd.Door), Command: record.Text(name), Cause: record.Count(cmd.Cause),
		Reason: record.Prose(cmd.Reason), Internal: record.Bool(internal), Body: record.Prose(raw)}
	u.stmts = append(u.stmts, st.Insert(storage.TEvent, nil, storage.Part(e)))
	u.events++
	u.works[h.ID] = w
	if p.Config {
		u.touch[p.Name] = append(u.touch[p.Name], h.ID)
	}
	return nil
}

// rows adds the statements for the records that the unit changed: row, directory, lines, search.
func (u *unit) rows() []storage.Statement {
	var rest []storage.Statement
	rest, u.stmts = u.stmts, nil
	st := u.s.Store
	for _, w := range u.pend.order {
		p, h, ts := w.p, w.rec.Head(), u.s.tables[w.p.Name]
		base := record.BaseOf(w.rec)
		dir := directoryOf(p, h)
		was := w.stored
		if was == nil {
			was = p.New()
			was.Head().ID = h.ID
			u.stmts = append(u.stmts, st.Insert(storage.TDirectory, w.num, storage.Part(dir)), st.Insert(ts.Record, w.num, base))
			if w.version != nil {
				u.stmts = append(u.stmts, st.Insert(ts.Version, nil, storage.Part(w.version), base))
				u.writeLines(p, p.ContentLines, w.rec, was, w.version.ID)
			}
		} else {
			cols := u.changed(ts.Record, base, record.BaseOf(was))
			u.stmts = append(u.stmts, st.Update(ts.Record, cols, []storage.Cond{storage.Eq("id", &h.ID)}, -1, base))
			if cols := directoryChanges(dir, directoryOf(p, was.Head())); len(cols) > 0 {
				u.stmts = append(u.stmts, st.Update(storage.TDirectory, cols, []storage.Cond{storage.Eq("id", &h.ID)}, -1, storage.Part(dir)))
			}
		}
		u.writeLines(p, p.RecordLines, w.rec, was, h.ID)
		if w.indexed {
			u.stmts = append(u.stmts, st.Index(h.ID, p.Name, "all", w.text, w.fresh))
		}
	}
	for _, t := range u.pend.timers {
		if w := u.works[t.Subject]; w == nil || !w.fresh {
			u.stmts = append(u.stmts, st.Remove(storage.TTimer, []storage.Cond{storage.Eq("subject", &t.Subject), storage.Eq("key", &t.Key)}, -1))
		}
		if t.At != 0 {
			u.stmts = append(u.stmts, st.Insert(storage.TTimer, nil, storage.Part(t)))
		}
	}
	return append(u.stmts, rest...)
}

// changed are the columns that differ, and the counters, which always do.
func (u *unit) changed(t *storage.Table, now, was storage.Part) []string {
	var cols []string
	for _, c := range t.Cols {
		if c.Name == "num" || c.Name == "id" {
			continue
		}
		if !c.Column.At(now).Equal(c.Column.At(was)) {
			cols = append(cols, c.Name)
		}
	}
	sort.Strings(cols)
	return cols
}

func directoryOf(p *process.Process, h *record.Header) *storage.Directory {
	return &storage.Directory{ID: h.ID, Process: record.Text(p.Name), Num: h.Num, Title: h.Title, State: h.State, Phase: h.Phase,
		Customer: h.Customer, Team: h.Team, Assignee: h.Assignee, Owner: h.Owner, Reporter: h.Reporter,
		CreatedBy: h.CreatedBy, Restricted: h.Restricted, DueAt: h.DueAt, UpdatedAt: h.UpdatedAt}
}

// directoryChanges are the columns of the directory row that differ.
func directoryChanges(now, was *storage.Directory) []string {
	var cols []string
	for _, c := range storage.TDirectory.Cols {
		if c.Name != "num" && c.Name != "id" && !c.Column.At(storage.Part(now)).Equal(c.Column.At(storage.Part(was))) {
			cols = append(cols, c.Name)
		}
	}
	return cols
}

// index has the full text hold what the record now says, if that is something else than before. Of a
// versioned record every event but those of drafts writes it anew.
func (u *unit) index(w *work, before record.Record, cmd lifecycle.Command, created bool) error {
	var b, was strings.Builder
	searchText(&b, w.p.RecordFields, w.rec)
	if !w.p.Versioned {
		searchText(&was, w.p.RecordFields, before)
		if created || b.String() != was.String() {
			w.text, w.indexed = b.String(), true
		}
		return nil
	}
	if draftOnly(w, cmd) && !created {
		return nil
	}
	if !created {
		if err := u.versionedText(&b, w); err != nil {
			return err
		}
	}
	w.text, w.indexed = b.String(), true
	return nil
}

// searchText writes the searchable ones of fields.
func searchText(b *strings.Builder, fields []*record.Field, r record.Record) {
	for _, fd := range fields {
		if !fd.Search && fd.Name != "external_id" {
			continue
		}
		if t, ok := fd.Of(r).(*record.Text); ok && *t != "" {
			b.WriteString(string(*t))
			b.WriteByte('\n')
		}
	}
}

// versionedText writes the content of every approved version that has not ended: that in force, and
// that which will be, since nothing happens on the day on which it comes into force.
func (u *unit) versionedText(b *strings.Builder, w *work) error {
	all, err := u.versions(w)
	if err != nil {
		return err
	}
	today, now := record.Day(u.now.In(u.s.opt.Zone)), w.version
	for _, c := range all {
		v, r := *c.Version, c.Record
		switch {
		case now != nil && v.ID == now.ID:
			v, r = *now, w.rec
		case now != nil && now.Status == record.VersionApproved && v.EffectiveFrom < now.EffectiveFrom && (v.EffectiveTo == "" || now.EffectiveFrom < v.EffectiveTo):
			v.EffectiveTo = now.EffectiveFrom // this very command may close it
		}
		if v.Status == record.VersionApproved && (v.EffectiveTo == "" || today < v.EffectiveTo) {
			searchText(b, w.p.Content, r)
		}
	}
	return nil
}

// draftOnly: what stands only in a draft is not found by searching.
func draftOnly(w *work, cmd lifecycle.Command) bool {
	return w.p.Versioned && strings.HasPrefix(cmd.Verb, "version") && w.version != nil && w.version.Status != record.VersionApproved
}
