package system

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// asking is what was asked about a record at its gates, as it now would be in the unit.
type asking struct {
	rounds []*storage.Round // oldest first
	votes  map[record.ID][]*storage.Vote
}

// asked loads the rounds and votes of the record, once per unit. Every change of them is an event
// of the record, so of two commands that saw the same votes one lands and the other decides again.
func (u *unit) asked(w *work) (*asking, error) {
	if w.asked != nil {
		return w.asked, nil
	}
	a := &asking{votes: map[record.ID][]*storage.Vote{}}
	if !w.fresh {
		id := w.rec.Head().ID
		var err error
		if a.rounds, err = rowsOf[storage.Round](u.ctx, u.s, storage.TRound, []storage.Cond{storage.Eq("record", &id)}, "t.opened_at, t.id", 0); err != nil {
			return nil, err
		}
		if len(a.rounds) > 0 {
			vs, err := rowsOf[storage.Vote](u.ctx, u.s, storage.TVote, []storage.Cond{storage.Eq("record", &id)}, "t.id", 0)
			if err != nil {
				return nil, err
			}
			for _, v := range vs {
				a.votes[v.Round] = append(a.votes[v.Round], v)
			}
		}
	}
	w.asked = a
	return a, nil
}

// round finds a round by its id; nil when it is not one of this record.
func (a *asking) round(id record.ID) *storage.Round {
	for _, r := range a.rounds {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// newest is the newest asking at a gate, stage by stage; none when nobody has asked.
func (a *asking) newest(gate string) []*storage.Round {
	var out []*storage.Round
	for _, r := range a.rounds {
		if string(r.Gate) != gate {
			continue
		}
		if len(out) > 0 && out[0].Request != r.Request {
			out = nil
		}
		out = append(out, r)
	}
	return out
}

// subject is the hash of what a gate covers, as it stands in rec.
func subject(g *process.Gate, rec record.Record) record.Text {
	m := map[string]json.RawMessage{}
	for _, f := range g.Fields {
		if c := f.Of(rec); !c.Empty() {
			m[f.Name] = c.AppendJSON(nil)
		}
	}
	base := record.BaseOf(rec)
	for _, l := range g.Lines {
		b := []byte{'['}
		for i := range l.Len(base) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, lineJSON(l, l.Each(base, i))...)
		}
		m[l.Name] = append(b, ']')
	}
	sum := sha256.Sum256([]byte(canonicalMap(m)))
	return record.Text(hex.EncodeToString(sum[:]))
}

// gateFacts tells the decision which gates are granted for the record as it stands: asked about
// just that, answered by enough people, none of whom has since become one of those who may not.
func (u *unit) gateFacts(w *work, f *lifecycle.Facts) error {
	if len(w.p.Gates) == 0 {
		return nil
	}
	a, err := u.asked(w)
	if err != nil {
		return err
	}
	f.Granted, f.Approvals = map[string]bool{}, map[string][]lifecycle.Approval{}
	for i := range w.p.Gates {
		g := &w.p.Gates[i]
		yes, err := u.granted(w, g, a, f)
		if err != nil {
			return err
		}
		if len(yes) > 0 {
			f.Granted[g.Name], f.Approvals[g.Name] = true, yes
		}
	}
	return nil
}

// granted are those who said yes at a gate that is granted; none when it is not.
func (u *unit) granted(w *work, g *process.Gate, a *asking, f *lifecycle.Facts) ([]lifecycle.Approval, error) {
	rs := a.newest(g.Name)
	if len(rs) == 0 {
		return nil, nil
	}
	if last := rs[len(rs)-1]; last.Stage != last.Stages || last.Outcome != lifecycle.ApprovalGranted || last.Subject != subject(g, w.rec) {
		return nil, nil
	}
	var yes []lifecycle.Approval
	for _, r := range rs {
		bar, err := u.bars(w, g, r, f)
		if err != nil {
			return nil, err
		}
		for _, v := range a.votes[r.ID] {
			if v.Vote != "yes" {
				continue
			}
			if bar.of(v.Voter) || bar.of(v.By) {
				return nil, nil // it has become their own work
			}
			yes = append(yes, lifecycle.Approval{Voter: v.Voter, By: v.By, Instead: v.Instead, Delegation: v.Delegation, At: v.At.Time()})
		}
	}
	return yes, nil
}

// gateHeld refuses a transition that itself changes what was approved.
func (u *unit) gateHeld(w *work, before record.Record, f *lifecycle.Facts, t *process.Transition) []lifecycle.Refusal {
	if t == nil || t.Gate == "" || f.Replay || !f.Granted[t.Gate] {
		return nil
	}
	g := w.p.Gate(t.Gate)
	if subject(g, before) == subject(g, w.rec) {
		return nil
	}
	return []lifecycle.Refusal{{Field: changedIn(g, before, w.rec), Reason: "changed_since_approval", Mend: "change it first, then ask for approval again"}}
}

// changedIn names the first covered field that differs.
func changedIn(g *process.Gate, was, now record.Record) string {
	for _, f := range g.Fields {
		if !f.Of(was).Equal(f.Of(now)) {
			return f.Name
		}
	}
	if len(g.Lines) > 0 {
		return g.Lines[0].Name
	}
	return ""
}

// gateMoves ends what was asked, or granted, about a record that is no more what it was: a covered
// field was changed, the process says so, or the record has ended.
func (u *unit) gateMoves(w *work, before record.Record, f *lifecycle.Facts, b *body) error {
	if len(w.p.Gates) == 0 || f.Before == nil {
		return nil
	}
	ended := over(w.rec) && !over(before)
	var a *asking
	for i := range w.p.Gates {
		g := &w.p.Gates[i]
		changed := subject(g, before) != subject(g, w.rec)
		if !changed && !ended && !has(f.Out.Voids, g.Name) {
			continue
		}
		if a == nil {
			var err error
			if a, err = u.asked(w); err != nil {
				return err
			}
		}
		rs := a.newest(g.Name)
		if len(rs) == 0 {
			continue
		}
		last := rs[len(rs)-1]
		live := last.Outcome == lifecycle.ApprovalOpen || last.Outcome == lifecycle.ApprovalGranted
		switch {
		case live && changed:
			u.settle(w, last, lifecycle.ApprovalVoid, changedIn(g, before, w.rec)+" was changed", f, b)
		case live && has(f.Out.Voids, g.Name):
			u.settle(w, last, lifecycle.ApprovalVoid, "it holds no longer", f, b)
		case ended && last.Outcome == lifecycle.ApprovalOpen:
			u.settle(w, last, lifecycle.ApprovalCancelled, "the record is "+string(w.rec.Head().State), f, b)
		}
	}
	return nil
}

// over says that a record has ended: nothing is asked about it any more.
func over(r record.Record) bool {
	ph := lifecycle.Phase(r.Head().Phase)
	return ph == lifecycle.Done || ph == lifecycle.Void
}

// bars are the people who may not vote.
type bars struct {
	own       map[record.ID]string // whose own work it is, and how
	requester map[record.ID]bool   // who asks, where one of them may vote
}

func (b bars) of(id record.ID) bool { _, ok := b.own[id]; return ok }

// bars works out who may not vote in a round: who asks, and whom the process excludes.
func (u *unit) bars(w *work, g *process.Gate, r *storage.Round, f *lifecycle.Facts) (bars, error) {
	b := bars{own: map[record.ID]string{}, requester: map[record.ID]bool{}}
	h := w.rec.Head()
	for _, id := range []record.ID{r.OpenedBy, h.Reporter, h.CreatedBy} {
		switch {
		case id.IsZero():
		case bool(r.RequesterToo):
			b.requester[id] = true
		default:
			b.own[id] = "asks for it"
		}
	}
	if g.Excluded == nil {
		return b, nil
	}
	if w.p.Load != nil && f.Data == nil {
		data, err := w.p.Load(u.ctx, u.reader(), w.rec, f)
		if err != nil {
			return b, err
		}
		f.Data = data
	}
	for _, id := range g.Excluded(w.rec, f) {
		if !id.IsZero() {
			b.own[id] = "has a hand in it"
		}
	}
	return b, nil
}
