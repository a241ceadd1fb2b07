package system

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// grantWhy marks the grants that a round gives. They stay: who was asked may see what became of it.
func grantWhy(r *storage.Round) string { return "approval:" + r.ID.String() }

func roundTimer(r *storage.Round) string { return "approval:" + r.ID.String() }

func (b bars) asks(id record.ID) bool { return b.requester[id] }

// into is a part of an event's body that was gathered before.
func (b *body) into(to *body) {
	for part, m := range b.parts {
		for name, v := range m {
			to.put(part, name, v)
		}
	}
}

func roundJSON(r *storage.Round, voters []record.ID) []byte {
	b := newBody()
	put := func(name string, c record.Cell) {
		if !c.Empty() {
			b.put("r", name, c.AppendJSON(nil))
		}
	}
	put("gate", &r.Gate)
	put("stage", &r.Stage)
	put("outcome", (*record.Text)(&r.Outcome))
	put("why", &r.Why)
	put("due_at", &r.DueAt)
	put("policy", &r.Policy)
	put("subject", &r.Subject)
	if len(voters) > 0 {
		list := []byte{'['}
		for i := range voters {
			if i > 0 {
				list = append(list, ',')
			}
			list = voters[i].AppendJSON(list)
		}
		b.put("r", "asked", append(list, ']'))
	}
	return []byte(canonicalMap(b.parts["r"]))
}

func voteJSON(v *storage.Vote) []byte {
	b := newBody()
	put := func(name string, c record.Cell) {
		if !c.Empty() {
			b.put("v", name, c.AppendJSON(nil))
		}
	}
	put("round", &v.Round)
	put("voter", &v.Voter)
	put("by", &v.By)
	put("instead", &v.Instead)
	put("delegation", &v.Delegation)
	put("vote", (*record.Text)(&v.Vote))
	put("reason", (*record.Text)(&v.Reason))
	return []byte(canonicalMap(b.parts["v"]))
}

// ask opens a round: those who are asked, and the delegates of those who are away, are told and see
// the record from now on.
func (u *unit) ask(w *work, r *storage.Round, seats []seat, f *lifecycle.Facts, b *body) error {
	a, st := w.asked, u.s.Store
	u.stmts = append(u.stmts, st.Insert(storage.TRound, nil, storage.Part(r)))
	a.rounds = append(a.rounds, r)
	var voters []record.ID
	for _, s := range seats {
		v := &storage.Vote{ID: record.NewID(u.now), Round: r.ID, Record: r.Record, Voter: s.voter, Instead: s.instead, Delegation: s.delegation, Vote: voteAsked}
		u.stmts = append(u.stmts, st.Insert(storage.TVote, nil, storage.Part(v)))
		a.votes[r.ID] = append(a.votes[r.ID], v)
		voters = append(voters, s.voter)
		u.grantRow(r.Record, s.voter, grantWhy(r), false)
		text := "Your approval is asked: " + string(w.rec.Head().Title)
		if !s.instead.IsZero() {
			text = "Your approval is asked instead of " + u.names([]record.ID{s.instead}) + ": " + string(w.rec.Head().Title)
		}
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{s.voter}, Topic: "approval_asked", Text: text})
	}
	if err := u.tellDeputies(w, r, nil, f, b); err != nil {
		return err
	}
	u.setTimer(r.Record, w.p.Name, roundTimer(r), r.DueAt)
	f.Outcome = lifecycle.ApprovalOpen
	b.put("approval", r.ID.String(), roundJSON(r, voters))
	return nil
}

// tellDeputies lets the delegates of those who have not answered see the record, and tells them for
// whom they may; those in told were told before.
func (u *unit) tellDeputies(w *work, r *storage.Round, told map[record.ID]bool, f *lifecycle.Facts, b *body) error {
	if !bool(r.Delegable) {
		return nil
	}
	for _, v := range w.asked.votes[r.ID] {
		if v.Vote != voteAsked {
			continue
		}
		ds, err := u.deputies(v.Voter)
		if err != nil {
			return err
		}
		for _, d := range ds {
			_, to, _, _ := d.Delegates()
			if told[to] || slices.Contains(waiting(w.asked.votes[r.ID]), to) {
				continue // asked in person: a second answer would not count
			}
			u.grantRow(r.Record, to, grantWhy(r), false)
			f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{to}, Topic: "approval_asked",
				Text: "Approval is asked of " + u.names([]record.ID{v.Voter}) + ", for whom you may answer: " + string(w.rec.Head().Title)})
			b.put("deputy", to.String(), v.Voter.AppendJSON(nil))
		}
	}
	return nil
}

// decideRound counts, and carries on by what came out: the next stage, or the end of the asking.
func (u *unit) decideRound(w *work, g *process.Gate, r *storage.Round, a *asking, bar bars, f *lifecycle.Facts, b *body) error {
	switch tally(string(r.Quorum), a.votes[r.ID], bar.asks) {
	case lifecycle.ApprovalGranted:
		u.settle(w, r, lifecycle.ApprovalGranted, "enough agreed", f, b)
		if r.Stage < r.Stages {
			return u.nextStage(w, g, r, f, b)
		}
	case lifecycle.ApprovalRefused:
		u.settle(w, r, lifecycle.ApprovalRefused, "too few can still agree", f, b)
	case lifecycle.ApprovalLapsed:
		u.settle(w, r, lifecycle.ApprovalLapsed, "too few are left who can vote", f, b)
	default:
		f.Outcome = lifecycle.ApprovalOpen
	}
	return nil
}

// nextStage opens the stage after r by the policy version that the asking began with. When nobody
// can be asked any more, the asking lapses and who asked is told who is missing.
func (u *unit) nextStage(w *work, g *process.Gate, r *storage.Round, f *lifecycle.Facts, b *body) error {
	pol, err := u.pinned(r.Policy)
	if err != nil {
		return err
	}
	if pol == nil || int(r.Stage) >= len(pol.stages) {
		return fault.New(fault.Conflict, "the approval policy of this round is not there any more")
	}
	next := u.newRound(w, g, pol, int(r.Stage), r.OpenedBy)
	next.Request = r.Request
	seats, refusal, err := u.seats(w, g, next, pol.stages[r.Stage], f)
	if err != nil {
		return err
	}
	if refusal == nil {
		return u.ask(w, next, seats, f, b)
	}
	next.DueAt = 0
	if err := u.ask(w, next, nil, f, b); err != nil {
		return err
	}
	u.settle(w, next, lifecycle.ApprovalLapsed, refusal.Mend, f, b)
	return nil
}

// settle ends a round: nobody is asked any more, and those who were are told, as is who asked.
func (u *unit) settle(w *work, r *storage.Round, outcome, why string, f *lifecycle.Facts, b *body) {
	st := u.s.Store
	was := r.Outcome
	r.Outcome, r.Why, r.ClosedAt = record.Choice(outcome), record.Text(clip(why, 480)), record.At(u.now)
	u.stmts = append(u.stmts, st.Update(storage.TRound, []string{"outcome", "why", "closed_at"}, []storage.Cond{storage.Eq("id", &r.ID)}, 1, storage.Part(r)))
	b.put("approval", r.ID.String(), roundJSON(r, nil))
	f.Gate, f.Outcome = string(r.Gate), outcome
	title := string(w.rec.Head().Title)
	var left []record.ID
	if was == lifecycle.ApprovalOpen {
		u.setTimer(r.Record, w.p.Name, roundTimer(r), 0)
		for _, v := range w.asked.votes[r.ID] {
			if v.Vote == voteAsked {
				left = append(left, v.Voter)
				u.cancelVote(v, "the round is "+outcome, b)
			}
		}
	}
	if len(left) > 0 {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: left, Topic: "approval_not_needed", Text: "Your approval is not needed any more (" + outcome + "): " + title})
	}
	if outcome == lifecycle.ApprovalGranted && r.Stage < r.Stages {
		return
	}
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{r.OpenedBy, w.rec.Head().Reporter, w.rec.Head().Owner}, Topic: "approval_" + outcome,
		Text: clip("Approval "+outcome+": "+title+": "+string(r.Why), 480)})
}

func (u *unit) cancelVote(v *storage.Vote, why string, b *body) {
	v.Vote, v.Reason, v.At = voteCancelled, record.Prose(clip(why, 480)), record.At(u.now)
	asked := record.Text(voteAsked)
	u.stmts = append(u.stmts, u.s.Store.Update(storage.TVote, []string{"vote", "reason", "at"}, []storage.Cond{storage.Eq("id", &v.ID), storage.Eq("vote", &asked)}, 1, storage.Part(v)))
	b.put("vote", v.ID.String(), voteJSON(v))
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// recount looks at an open round again after an account or a delegation has changed: who can vote
// no more is left out, who may now answer for another is told.
func (u *unit) recount(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.System {
		return nil, fault.New(fault.BadRequest, "there is no command %s", cmd.Verb)
	}
	a, err := u.asked(w)
	if err != nil {
		return nil, err
	}
	same := &Result{Process: w.p, Record: w.rec, Version: w.version}
	r := a.round(cmd.ID)
	if r == nil || r.Outcome != lifecycle.ApprovalOpen || w.p.Gate(string(r.Gate)) == nil {
		return same, nil
	}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	f.Gate = string(r.Gate)
	b := newBody()
	if err := u.lookAgain(w, r, a, f, b); err != nil {
		return nil, err
	}
	if b.empty() {
		w.rec = before
		return same, nil
	}
	res, err := u.finish(w, before, cmd, f, nil, nil, level, b.into)
	if err != nil {
		return nil, err
	}
	res.Side = r
	return res, nil
}

// lookAgain leaves out those who can vote no more, tells new delegates, and counts.
func (u *unit) lookAgain(w *work, r *storage.Round, a *asking, f *lifecycle.Facts, b *body) error {
	g := w.p.Gate(string(r.Gate))
	bar, err := u.bars(w, g, r, f)
	if err != nil {
		return err
	}
	for _, v := range a.votes[r.ID] {
		if v.Vote != voteAsked {
			continue
		}
		name, why, err := u.unfit(w, v.Voter, bar)
		if err != nil {
			return err
		}
		if why == "" {
			continue
		}
		ds, err := u.deputies(v.Voter)
		if err != nil {
			return err
		}
		if bar.of(v.Voter) || !bool(r.Delegable) || len(ds) == 0 {
			u.cancelVote(v, name+" "+why, b)
		}
	}
	told := map[record.ID]bool{}
	reason := record.Text(grantWhy(r))
	gs, err := rowsOf[storage.Grant](u.ctx, u.s, storage.TGrant, []storage.Cond{storage.Eq("record", &r.Record), storage.Eq("why", &reason)}, "", 0)
	if err != nil {
		return err
	}
	for _, x := range gs {
		told[x.Principal] = true
	}
	if err := u.tellDeputies(w, r, told, f, b); err != nil {
		return err
	}
	return u.decideRound(w, g, r, a, bar, f, b)
}

// late is what happens when a round is due: others are told, and when as long again has passed, or
// the policy says so at once, it lapses. So no round waits for ever.
func (u *unit) late(w *work, key string) (*Result, error) {
	a, err := u.asked(w)
	if err != nil {
		return nil, err
	}
	var r *storage.Round
	for _, x := range a.rounds {
		if roundTimer(x) == key {
			r = x
		}
	}
	if r == nil || r.Outcome != lifecycle.ApprovalOpen || w.p.Gate(string(r.Gate)) == nil {
		return u.claimOnly(w)
	}
	cmd := lifecycle.Command{Process: w.p.Name, Record: w.rec.Head().ID, Verb: "timer", Name: key, Door: "timer"}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	f.Gate = string(r.Gate)
	f.Out.Mark = map[string]string{"timer": key}
	b := newBody()
	if err := u.lookAgain(w, r, a, f, b); err != nil {
		return nil, err
	}
	switch {
	case r.Outcome != lifecycle.ApprovalOpen:
	case r.OnLate == "lapse" || r.LateAt != 0:
		u.settle(w, r, lifecycle.ApprovalLapsed, "not answered in time by "+u.names(waiting(a.votes[r.ID])), f, b)
	default:
		r.LateAt = record.At(u.now)
		r.DueAt = record.At(u.now.Add(time.Duration(r.DueS) * time.Second))
		u.stmts = append(u.stmts, u.s.Store.Update(storage.TRound, []string{"late_at", "due_at"}, []storage.Cond{storage.Eq("id", &r.ID)}, 1, storage.Part(r)))
		u.setTimer(r.Record, w.p.Name, key, r.DueAt)
		b.put("approval", r.ID.String(), roundJSON(r, waiting(a.votes[r.ID])))
		if err := u.escalate(w, r, a, f); err != nil {
			return nil, err
		}
	}
	return u.finish(w, before, cmd, f, nil, nil, 0, b.into)
}

// escalate tells the leads of those who have not answered, and of the record's team, the owners of
// processes, and who asked.
func (u *unit) escalate(w *work, r *storage.Round, a *asking, f *lifecycle.Facts) error {
	late := waiting(a.votes[r.ID])
	teams, err := u.reader().All(u.ctx, "team")
	if err != nil {
		return err
	}
	to := append([]record.ID{r.OpenedBy}, late...)
	for _, t := range teams {
		g, ok := t.(Group)
		if !ok || lifecycle.Phase(g.Head().Phase) == lifecycle.Void {
			continue
		}
		theirs := g.Head().ID == w.rec.Head().Team
		for _, m := range g.MemberIDs() {
			theirs = theirs || slices.Contains(late, m)
		}
		if theirs {
			to = append(to, g.LeadIDs()...)
		}
	}
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: to, Role: access.ProcessOwner, Topic: "approval_late",
		Text: clip(fmt.Sprintf("Approval is late: %s has not answered about %s", u.names(late), strings.TrimSpace(string(w.rec.Head().Title))), 480)})
	return nil
}

// recounts has the open rounds looked at again whose voters an account's end, or a delegation,
// touches.
func (u *unit) recounts(w *work, before record.Record, f *lifecycle.Facts) error {
	if f.Replay {
		return nil
	}
	var voter record.ID
	switch w.p.Name {
	case "user":
		if f.Before == nil || !over(w.rec) || over(before) {
			return nil
		}
		voter = w.rec.Head().ID
	case "delegation":
		d, ok := w.rec.(Delegating)
		if !ok {
			return nil
		}
		voter, _, _, _ = d.Delegates()
	default:
		return nil
	}
	asked := record.Text(voteAsked)
	vs, err := rowsOf[storage.Vote](u.ctx, u.s, storage.TVote, []storage.Cond{storage.Eq("voter", &voter), storage.Eq("vote", &asked)}, "t.id", 0)
	if err != nil {
		return err
	}
	for _, v := range vs {
		rs, err := rowsOf[storage.Round](u.ctx, u.s, storage.TRound, []storage.Cond{storage.Eq("id", &v.Round)}, "", 1)
		if err != nil {
			return err
		}
		if len(rs) == 1 && rs[0].Outcome == lifecycle.ApprovalOpen {
			f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: string(rs[0].Process), Record: v.Record, Verb: "recount", ID: v.Round})
		}
	}
	return nil
}
