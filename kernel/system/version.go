package system

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// versionSteps are the legal steps of a version: draft -> review -> approved or rejected.
var versionSteps = map[string]struct{ from, to string }{
	"version_submit":  {record.VersionDraft, record.VersionReview},
	"version_approve": {record.VersionReview, record.VersionApproved},
	"version_reject":  {record.VersionReview, record.VersionRejected},
}

// StepsOf are the steps that a version's state allows.
func StepsOf(state string) []string {
	out := []string{}
	for _, n := range []string{"submit", "approve", "reject"} {
		if versionSteps["version_"+n].from == state {
			out = append(out, n)
		}
	}
	return out
}

// versions loads all versions of the work's record.
func (u *unit) versions(w *work) ([]process.Content, error) {
	if !w.p.Versioned {
		return nil, fault.New(fault.NotFound, "a %s has no versions", w.p.Name)
	}
	return u.s.Store.Versions(u.ctx, w.p, w.rec.Head().ID)
}

// choose makes version number the content the work is about and gives it as it was.
func (u *unit) choose(w *work, number int) (process.Content, []process.Content, error) {
	all, err := u.versions(w)
	if err != nil {
		return process.Content{}, nil, err
	}
	for _, c := range all {
		if int(c.Version.Number) == number {
			v := *c.Version
			w.version = &v
			w.rec = w.p.Shape.Clone(c.Record).(record.Record)
			return c, all, nil
		}
	}
	return process.Content{}, nil, fault.New(fault.NotFound, "there is no version %d", number)
}

// versionDraft begins a new version from the newest one.
func (u *unit) versionDraft(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.May(w.p.Name, "update") {
		return nil, fault.New(fault.Denied, "you may not change %s", w.p.Name)
	}
	all, err := u.versions(w)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Version.Status == record.VersionDraft || c.Version.Status == record.VersionReview {
			return nil, fault.New(fault.Conflict, "version %d is still %s: finish or reject it first", c.Version.Number, c.Version.Status)
		}
	}
	base := all[len(all)-1]
	for i := len(all) - 1; i >= 0; i-- { // a rejected draft is not what people go on from
		if all[i].Version.Status == record.VersionApproved {
			base = all[i]
			break
		}
	}
	shown := w.version
	before := w.p.Shape.Clone(base.Record).(record.Record)
	w.rec = w.p.Shape.Clone(base.Record).(record.Record)
	f := u.facts(w, cmd, before)
	w.version = &record.Version{ID: record.NewID(u.now), Record: w.rec.Head().ID, Number: all[len(all)-1].Version.Number + 1,
		Status: record.VersionDraft, Author: u.actor.ID, DraftedAt: record.At(f.Now)}
	at := record.BaseOf(w.rec)
	for _, l := range w.p.ContentLines { // lines of another version are other lines
		for i := range l.Len(at) {
			l.Head(l.Each(at, i)).ID = record.NewID(u.now)
		}
	}
	refusals := u.set(w, cmd, setDraft)
	w.rec.Head().Revision++ // a new draft is a change that an editor must see
	res, err := u.finishVersion(w, before, nil, cmd, f, refusals, level)
	if err != nil {
		return nil, err
	}
	w.version = shown
	return res, nil
}

// versionUpdate edits a draft; nothing else of a version is ever edited.
func (u *unit) versionUpdate(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.May(w.p.Name, "update") {
		return nil, fault.New(fault.Denied, "you may not change %s", w.p.Name)
	}
	was, _, err := u.choose(w, cmd.Number)
	if err != nil {
		return nil, err
	}
	if w.version.Status != record.VersionDraft {
		return nil, illegalVersion(w)
	}
	f := u.facts(w, cmd, was.Record)
	refusals := u.set(w, cmd, setDraft)
	return u.finishVersion(w, was.Record, was.Version, cmd, f, refusals, level)
}

func illegalVersion(w *work) error {
	e := fault.New(fault.Illegal, "version %d is %s", w.version.Number, w.version.Status)
	e.Legal = StepsOf(string(w.version.Status))
	return e
}

// versionDecide submits, approves or rejects. Nobody approves what they wrote, by whatever door.
func (u *unit) versionDecide(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	verb := "approve"
	if cmd.Verb == "version_submit" {
		verb = "update"
	}
	if !u.actor.May(w.p.Name, verb) {
		return nil, fault.New(fault.Denied, "you may not %s versions of %s", verb, w.p.Name)
	}
	was, all, err := u.choose(w, cmd.Number)
	if err != nil {
		return nil, err
	}
	step := versionSteps[cmd.Verb]
	if string(w.version.Status) != step.from {
		return nil, illegalVersion(w)
	}
	f := u.facts(w, cmd, was.Record)
	v := w.version
	v.Status = record.Choice(step.to)
	refusals := only(cmd, "effective_from", "effective_to", "change_reason", "reason")
	for _, n := range []string{"effective_from", "effective_to", "change_reason"} {
		if raw, ok := cmd.Set[n]; ok {
			refusals = append(refusals, setVersionField(v, n, raw)...)
		}
	}
	var closed []storage.Statement
	switch cmd.Verb {
	case "version_submit":
		v.SubmittedAt = record.At(f.Now)
	case "version_reject":
		v.DecidedAt, v.Approver = record.At(f.Now), u.actor.ID
		if cmd.Reason == "" && !f.Replay {
			refusals = append(refusals, lifecycle.Refusal{Field: "reason", Reason: "required", Mend: "say what is wrong with it"})
		}
	case "version_approve":
		wrote, err := u.wrote(w)
		if err != nil {
			return nil, err
		}
		if wrote && !u.actor.System {
			refusals = append(refusals, lifecycle.Refusal{Field: "approver", Reason: "own_work", Mend: "let somebody approve who did not write it"})
		}
		r, stmts := u.takeEffect(w, all, f)
		refusals, closed = append(refusals, r...), stmts
		if w.p.Approve != nil {
			if w.p.Load != nil {
				data, err := w.p.Load(u.ctx, u.reader(), w.rec, f)
				if err != nil {
					return nil, err
				}
				f.Data = data
			}
			refusals = append(refusals, w.p.Approve(w.rec, v, f)...)
		}
	}
	if cmd.Verb != "version_reject" {
		v.ContentHash = record.Text(ContentHash(w.p, w.rec))
	}
	w.rec.Head().Revision++
	u.stmts = append(u.stmts, closed...)
	return u.finishVersion(w, was.Record, was.Version, cmd, f, refusals, level)
}

// takeEffect sets the span of an approved version and closes the one before it.
func (u *unit) takeEffect(w *work, all []process.Content, f *lifecycle.Facts) ([]lifecycle.Refusal, []storage.Statement) {
	v := w.version
	v.Approver, v.DecidedAt = u.actor.ID, record.At(f.Now)
	today := record.Day(f.Now.In(u.s.opt.Zone))
	if v.EffectiveFrom == "" {
		v.EffectiveFrom = today
	}
	var out []lifecycle.Refusal
	if v.EffectiveFrom < today {
		v.Retroactive = true
		if !u.actor.May(w.p.Name, "retroactive") {
			out = append(out, lifecycle.Refusal{Field: "effective_from", Reason: "retroactive", Mend: "give a day from today on: an earlier effect needs a permission of its own"})
		}
	}
	var stmts []storage.Statement
	ts := u.s.tables[w.p.Name]
	for _, c := range all {
		o := *c.Version
		if o.Status != record.VersionApproved || o.ID == v.ID {
			continue
		}
		switch {
		case o.EffectiveTo != "" && o.EffectiveTo <= v.EffectiveFrom:
		case v.EffectiveTo != "" && v.EffectiveTo <= o.EffectiveFrom:
		case o.EffectiveFrom < v.EffectiveFrom && (o.EffectiveTo == "" || v.EffectiveTo == "" || o.EffectiveTo <= v.EffectiveTo):
			o.EffectiveTo = v.EffectiveFrom
			stmts = append(stmts, u.s.Store.Update(ts.Version, []string{"effective_to"}, []storage.Cond{storage.Eq("id", &o.ID)}, 1, storage.Part(&o), record.BaseOf(c.Record)))
		default:
			out = append(out, lifecycle.Refusal{Field: "effective_from", Reason: "overlaps",
				Mend: "version " + strconv.Itoa(int(o.Number)) + " is in force from " + string(o.EffectiveFrom) + "; choose a later day or end this one before"})
		}
	}
	return out, stmts
}

// wrote reports whether the actor drafted or edited the version.
func (u *unit) wrote(w *work) (bool, error) {
	if w.version.Author == u.actor.ID {
		return true, nil
	}
	es, err := u.s.events(u.ctx, w.rec.Head().ID, 0, 0)
	if err != nil {
		return false, err
	}
	for _, e := range es {
		if e.Actor == u.actor.ID && e.OccurredAt >= w.version.DraftedAt && (e.Command == "version_update" || e.Command == "version" || e.Command == "create") {
			return true, nil
		}
	}
	return false, nil
}

// finishVersion writes the version's row and lines beside what every command writes.
func (u *unit) finishVersion(w *work, before record.Record, was *record.Version, cmd lifecycle.Command, f *lifecycle.Facts, refusals []lifecycle.Refusal, level int) (*Result, error) {
	ts := u.s.tables[w.p.Name]
	v := *w.version
	keep := before
	if was == nil { // a fresh version has no lines yet
		keep = w.p.New()
	}
	res, err := u.finish(w, before, cmd, f, refusals, nil, level, func(b *body) {
		b.put("version", "number", v.Number.AppendJSON(nil))
		if was == nil {
			was = new(record.Version)
		}
		for _, fd := range versionShape.Fields {
			switch fd.Name {
			case "id", "record", "number", "author", "drafted_at":
				continue
			}
			x, y := fd.At(storage.Part(was)), fd.At(storage.Part(&v))
			if !x.Equal(y) {
				b.put("version", fd.Name, pair(x, y))
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if was.ID.IsZero() {
		u.stmts = append(u.stmts, u.s.Store.Insert(ts.Version, nil, storage.Part(&v), record.BaseOf(w.rec)))
	} else {
		var cols []string
		for _, c := range ts.Version.Cols {
			x := []storage.Part{storage.Part(was), record.BaseOf(before)}[c.Part]
			y := []storage.Part{storage.Part(&v), record.BaseOf(w.rec)}[c.Part]
			if !c.Column.At(x).Equal(c.Column.At(y)) {
				cols = append(cols, c.Name)
			}
		}
		if len(cols) > 0 {
			u.stmts = append(u.stmts, u.s.Store.Update(ts.Version, cols, []storage.Cond{storage.Eq("id", &v.ID)}, 1, storage.Part(&v), record.BaseOf(w.rec)))
		}
	}
	u.writeLines(w.p, w.p.ContentLines, w.rec, keep, v.ID)
	res.Version = &v
	return res, nil
}

// ContentHash is the SHA-256, in hex, of a version's canonical content: its versioned fields and
// lines, without the ids of lines, so that equal content has equal hashes.
func ContentHash(p *process.Process, r record.Record) string {
	m := map[string]json.RawMessage{}
	for _, f := range p.Content {
		if c := f.Of(r); !c.Empty() {
			m[f.Name] = c.AppendJSON(nil)
		}
	}
	at := record.BaseOf(r)
	for _, l := range p.ContentLines {
		b := []byte{'['}
		for i := range l.Len(at) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, lineJSON(l, l.Each(at, i))...)
		}
		m[l.Name] = append(b, ']')
	}
	sum := sha256.Sum256([]byte(canonicalMap(m)))
	return hex.EncodeToString(sum[:])
}
