package system

import (
	"fmt"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// approval carries out what is asked and answered at gates. Each is an event of the record.
//
//	round {gate}                 asks: opens stage 1 of the policy in force
//	vote {vote, reason?, for?}   answers once, in one's own name or (for) as a delegate
//	recount                      Steward's own: somebody's account or delegation has changed
func (u *unit) approval(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if len(w.p.Gates) == 0 {
		return nil, fault.New(fault.NotFound, "a %s has no gates", w.p.Name)
	}
	if cmd.Replay {
		return nil, fault.Refuse(lifecycle.Refusal{Reason: "not_replayed", Mend: "approvals are given here; keep those of elsewhere as comments or files"})
	}
	switch cmd.Verb {
	case "round":
		return u.openRound(w, cmd, level)
	case "vote":
		return u.vote(w, cmd, level)
	}
	return u.recount(w, cmd, level)
}

// openRound asks for approval at a gate.
func (u *unit) openRound(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if !u.actor.May(w.p.Name, "update") {
		return nil, fault.New(fault.Denied, "you may not ask for approval of a %s", w.p.Name)
	}
	name := cmd.Name
	refusals := append(only(cmd, "gate"), given(cmd, "gate", &name)...)
	g := w.p.Gate(name)
	switch {
	case g == nil:
		refusals = append(refusals, lifecycle.Refusal{Field: "gate", Reason: "unknown_gate", Mend: "the gates of a " + w.p.Name + " are " + strings.Join(gateNames(w.p), ", ")})
	case over(w.rec):
		refusals = append(refusals, lifecycle.Refusal{Reason: "ended", Mend: "nothing is asked about a record that has ended"})
	}
	if len(refusals) > 0 {
		return nil, fault.Refuse(refusals...)
	}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	f.Gate = g.Name
	a, err := u.asked(w)
	if err != nil {
		return nil, err
	}
	b := newBody()
	if refusals, err = u.again(w, g, a, f, b); err != nil {
		return nil, err
	}
	pol, err := u.policyFor(w, g.Name)
	if err != nil {
		return nil, err
	}
	if pol == nil {
		refusals = append(refusals, lifecycle.Refusal{Field: "gate", Reason: "no_policy",
			Mend: "approve an approval policy for process " + w.p.Name + " and gate " + g.Name + " that is in force today and whose filter fits this record"})
	}
	if len(refusals) > 0 {
		return nil, fault.Refuse(refusals...)
	}
	opener := u.actor.ID
	if u.actor.System {
		opener = cmd.For
	}
	var first []seat
	for i, st := range pol.stages { // who could answer only the first stage is not asked at all
		seats, refusal, err := u.seats(w, g, u.newRound(w, g, pol, i, opener), st, f)
		if err != nil {
			return nil, err
		}
		if refusal != nil {
			refusals = append(refusals, *refusal)
		}
		if i == 0 {
			first = seats
		}
	}
	if len(refusals) > 0 {
		return nil, fault.Refuse(refusals...)
	}
	r := u.newRound(w, g, pol, 0, opener)
	r.Request = r.ID
	if err := u.ask(w, r, first, f, b); err != nil {
		return nil, err
	}
	res, err := u.finish(w, before, cmd, f, nil, nil, level, b.into)
	if err != nil {
		return nil, err
	}
	res.Side = r
	return res, nil
}

func gateNames(p *process.Process) []string {
	var out []string
	for _, g := range p.Gates {
		out = append(out, g.Name)
	}
	return out
}

// again refuses to ask what is being asked, or was granted, and ends what no longer fits.
func (u *unit) again(w *work, g *process.Gate, a *asking, f *lifecycle.Facts, b *body) ([]lifecycle.Refusal, error) {
	rs := a.newest(g.Name)
	if len(rs) == 0 {
		return nil, nil
	}
	last := rs[len(rs)-1]
	if last.Subject != subject(g, w.rec) { // such as after the gate was declared anew
		if last.Outcome == lifecycle.ApprovalOpen {
			u.settle(w, last, lifecycle.ApprovalVoid, "what it covers was changed", f, b)
		}
		return nil, nil
	}
	if last.Outcome == lifecycle.ApprovalOpen {
		return []lifecycle.Refusal{{Field: "gate", Reason: "already_asked", Mend: "wait for those who were asked: " + u.names(waiting(a.votes[last.ID]))}}, nil
	}
	yes, err := u.granted(w, g, a, f)
	if err != nil || len(yes) == 0 {
		return nil, err
	}
	return []lifecycle.Refusal{{Field: "gate", Reason: "already_granted", Mend: "go on: it is approved as it stands"}}, nil
}

// waiting are the voters who have not answered.
func waiting(votes []*storage.Vote) []record.ID {
	var out []record.ID
	for _, v := range votes {
		if v.Vote == voteAsked {
			out = append(out, v.Voter)
		}
	}
	return out
}

func (u *unit) newRound(w *work, g *process.Gate, pol *chosen, stage int, opener record.ID) *storage.Round {
	st := pol.stages[stage]
	r := &storage.Round{ID: record.NewID(u.now), Record: w.rec.Head().ID, Process: record.Text(w.p.Name), Gate: record.Text(g.Name), Policy: pol.version.ID,
		Stage: record.Count(stage + 1), Stages: record.Count(len(pol.stages)), Quorum: record.Text(st.Quorum), Delegable: record.Bool(st.Delegable),
		RequesterToo: record.Bool(st.RequesterMayVote), Subject: subject(g, w.rec), OpenedBy: opener, OpenedAt: record.At(u.now),
		DueS: record.Count(st.Due / time.Second), OnLate: record.Choice(st.OnLate), Outcome: lifecycle.ApprovalOpen}
	if r.DueS > 0 {
		r.DueAt = record.At(u.now.Add(st.Due))
	}
	return r
}

// seats is who is asked in a stage, or why that cannot be.
func (u *unit) seats(w *work, g *process.Gate, r *storage.Round, st lifecycle.Stage, f *lifecycle.Facts) ([]seat, *lifecycle.Refusal, error) {
	bar, err := u.bars(w, g, r, f)
	if err != nil {
		return nil, nil, err
	}
	seats, missing, err := u.electorate(w, st, bar)
	if err != nil {
		return nil, nil, err
	}
	votes := make([]*storage.Vote, len(seats))
	for i, s := range seats {
		votes[i] = &storage.Vote{Voter: s.voter, Vote: voteAsked}
	}
	if tally(string(r.Quorum), votes, bar.asks) == lifecycle.ApprovalOpen {
		return seats, nil, nil
	}
	reason := "nobody_to_ask"
	if len(seats) > 0 {
		reason = "too_few_to_ask"
		missing = append(missing, fmt.Sprintf("%d can vote and the quorum is %s", len(seats), r.Quorum))
	}
	mend := fmt.Sprintf("stage %d: %s; appoint somebody, or change the policy", r.Stage, strings.Join(missing, "; "))
	return seats, &lifecycle.Refusal{Field: "gate", Reason: reason, Mend: mend}, nil
}

// vote answers a round, once and for good.
func (u *unit) vote(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	a, err := u.asked(w)
	if err != nil {
		return nil, err
	}
	r := a.round(cmd.ID)
	if r == nil {
		return nil, fault.New(fault.NotFound, "there is no such round")
	}
	if u.actor.System || u.actor.ID.IsZero() {
		return nil, fault.New(fault.Denied, "only a person votes")
	}
	if u.actor.External {
		return nil, fault.New(fault.Denied, "an account from outside casts no vote")
	}
	if !u.actor.Carries(w.p.Name, "approve") {
		return nil, fault.New(fault.Denied, "this token does not carry %s:approve", w.p.Name)
	}
	var word, why, whom string
	refusals := append(only(cmd, "vote", "reason", "for"), given(cmd, "vote", &word)...)
	refusals = append(refusals, given(cmd, "reason", &why)...)
	refusals = append(refusals, given(cmd, "for", &whom)...)
	if why == "" {
		why = cmd.Reason
	}
	g := w.p.Gate(string(r.Gate))
	if word != voteYes && word != voteNo {
		refusals = append(refusals, lifecycle.Refusal{Field: "vote", Reason: "unknown_choice", Mend: "say yes or no"})
	}
	if word == voteNo && strings.TrimSpace(why) == "" {
		refusals = append(refusals, lifecycle.Refusal{Field: "reason", Reason: "required", Mend: "say why not"})
	}
	if len(why) > 4000 {
		refusals = append(refusals, lifecycle.Refusal{Field: "reason", Reason: "too_long", Mend: "at most 4000 bytes"})
	}
	switch {
	case r.Outcome != lifecycle.ApprovalOpen:
		refusals = append(refusals, lifecycle.Refusal{Field: "round", Reason: "closed", Mend: "it is " + string(r.Outcome) + ": " + string(r.Why)})
	case g == nil || r.Subject != subject(g, w.rec):
		refusals = append(refusals, lifecycle.Refusal{Field: "round", Reason: "changed_since", Mend: "it is no more what was asked about: ask again"})
	}
	if len(refusals) > 0 {
		return nil, fault.Refuse(refusals...)
	}
	before := u.fork(w)
	cmd.Reason = why
	f := u.facts(w, cmd, before)
	f.Gate = string(r.Gate)
	bar, err := u.bars(w, g, r, f)
	if err != nil {
		return nil, err
	}
	v, d, err := u.ballot(r, a.votes[r.ID], whom, bar)
	if err != nil {
		return nil, err
	}
	if d != nil {
		v.Delegation = d.Head().ID
		if x := u.works[d.Head().ID]; x == nil || !x.dirty { // it must still hold when this lands
			u.stmts = append(u.stmts, u.s.Store.Expect(d.Head().ID, int64(d.Head().N)))
		}
	}
	v.Vote, v.By, v.Reason, v.Door, v.At = record.Choice(word), u.actor.ID, record.Prose(why), record.Text(cmd.Door), record.At(u.now)
	asked := record.Choice(voteAsked)
	u.stmts = append(u.stmts, u.s.Store.Update(storage.TVote, []string{"vote", "by", "reason", "door", "at", "delegation"},
		[]storage.Cond{storage.Eq("id", &v.ID), storage.Eq("vote", (*record.Text)(&asked))}, 1, storage.Part(v)))
	b := newBody()
	b.put("vote", v.ID.String(), voteJSON(v))
	if err := u.decideRound(w, g, r, a, bar, f, b); err != nil {
		return nil, err
	}
	res, err := u.finish(w, before, cmd, f, nil, nil, level, b.into)
	if err != nil {
		return nil, err
	}
	res.Side = v
	return res, nil
}

// ballot finds the vote that the actor may cast: their own, or that of whom they stand for by a
// delegation that holds now. Nobody votes on their own work, whoever's vote it is, and nobody
// answers twice in a round.
func (u *unit) ballot(r *storage.Round, votes []*storage.Vote, whom string, bar bars) (*storage.Vote, Delegating, error) {
	me, voter := u.actor.ID, u.actor.ID
	refuse := func(field, reason, mend string) (*storage.Vote, Delegating, error) {
		return nil, nil, fault.Refuse(lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if whom != "" {
		id, err := u.s.Lookup(u.ctx, u.s.self, "user", whom)
		if err != nil {
			return nil, nil, err
		}
		if id.IsZero() {
			return refuse("for", "unknown_reference", "name somebody who was asked")
		}
		voter = id
	}
	if why, own := bar.own[me]; own {
		return refuse("vote", "own_work", "let somebody vote who does not stand behind it: you are one who "+why)
	}
	if _, own := bar.own[voter]; own {
		return refuse("for", "own_work", "nobody votes for one whose own work it is")
	}
	var mine *storage.Vote
	for _, v := range votes {
		if v.Voter == voter {
			mine = v
		}
	}
	switch {
	case mine == nil && voter != me:
		return refuse("for", "not_asked", "they were not asked in this round")
	case mine == nil:
		return nil, nil, u.notAsked(r, votes)
	case mine.Vote == voteCancelled:
		return refuse("vote", "cancelled", "the vote is not needed any more: "+string(mine.Reason))
	case mine.Vote != voteAsked:
		return refuse("vote", "voted", "a vote stands as it was cast")
	}
	for _, v := range votes {
		if v.By == me {
			return refuse("for", "voted", "one person answers once in a round: another delegate, or the voter, must")
		}
	}
	if voter == me {
		return mine, nil, nil
	}
	if !bool(r.Delegable) {
		return refuse("for", "not_delegable", "the policy wants the voter's own word")
	}
	ds, err := u.deputies(voter)
	if err != nil {
		return nil, nil, err
	}
	for _, d := range ds {
		if _, to, _, _ := d.Delegates(); to == me {
			return mine, d, nil
		}
	}
	return refuse("for", "no_delegation", "a delegation from them to you must hold at this moment")
}

// notAsked tells somebody who was not asked in person whom they might answer for.
func (u *unit) notAsked(r *storage.Round, votes []*storage.Vote) error {
	var standsFor []record.ID
	for _, v := range votes {
		if v.Vote != voteAsked || !bool(r.Delegable) {
			continue
		}
		ds, err := u.deputies(v.Voter)
		if err != nil {
			return err
		}
		for _, d := range ds {
			if _, to, _, _ := d.Delegates(); to == u.actor.ID {
				standsFor = append(standsFor, v.Voter)
			}
		}
	}
	if len(standsFor) > 0 {
		return fault.Refuse(lifecycle.Refusal{Field: "for", Reason: "required", Mend: "say whom you answer for: " + u.names(standsFor)})
	}
	return fault.New(fault.Denied, "you were not asked in this round")
}
