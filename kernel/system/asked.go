package system

import (
	"context"
	"sort"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Asked is a round with its votes.
type Asked struct {
	*storage.Round
	Votes []*storage.Vote
}

// Rounds are the rounds of approval of a record that actor sees, oldest first: every asking stays.
func (s *System) Rounds(ctx context.Context, actor *access.Principal, name, ref string) ([]Asked, error) {
	res, err := s.Get(ctx, actor, name, ref)
	if err != nil {
		return nil, err
	}
	id := res.Record.Head().ID
	rs, err := rowsOf[storage.Round](ctx, s, storage.TRound, []storage.Cond{storage.Eq("record", &id)}, "t.opened_at, t.id", 0)
	if err != nil {
		return nil, err
	}
	vs, err := rowsOf[storage.Vote](ctx, s, storage.TVote, []storage.Cond{storage.Eq("record", &id)}, "t.id", 0)
	if err != nil {
		return nil, err
	}
	out := make([]Asked, len(rs))
	for i, r := range rs {
		out[i].Round = r
		for _, v := range vs {
			if v.Round == r.ID {
				out[i].Votes = append(out[i].Votes, v)
			}
		}
	}
	return out, nil
}

// Waiting is an answer that somebody may give.
type Waiting struct {
	Round  *storage.Round
	Vote   *storage.Vote
	For    record.ID // of the vote command; zero in one's own name
	Record *storage.Directory
}

// MyApprovals are the answers that wait for actor, in their own name or as a delegate, what is due
// first first.
func (s *System) MyApprovals(ctx context.Context, actor *access.Principal) ([]Waiting, error) {
	voters := map[record.ID]bool{actor.ID: true}
	ds, err := s.delegations(ctx, nil, "to", actor.ID, record.At(s.Now()))
	if err != nil {
		return nil, err
	}
	for _, d := range ds {
		from, _, _, _ := d.Delegates()
		voters[from] = true
	}
	var cells []record.Cell
	for id := range voters {
		cells = append(cells, &id)
	}
	asked := record.Text(voteAsked)
	vs, err := rowsOf[storage.Vote](ctx, s, storage.TVote, []storage.Cond{{Col: "voter", Op: "in", Val: cells}, storage.Eq("vote", &asked)}, "t.id", 500)
	if err != nil || len(vs) == 0 {
		return nil, err
	}
	var rounds, records []record.Cell
	for _, v := range vs {
		rounds, records = append(rounds, &v.Round), append(records, &v.Record)
	}
	open := record.Text(lifecycle.ApprovalOpen)
	rs, err := rowsOf[storage.Round](ctx, s, storage.TRound, []storage.Cond{{Col: "id", Op: "in", Val: rounds}, storage.Eq("outcome", &open)}, "t.id", 0)
	if err != nil {
		return nil, err
	}
	seen, err := s.Store.Directory(ctx, s.Scopes(actor), []storage.Cond{{Col: "id", Op: "in", Val: records}}, "", 0)
	if err != nil {
		return nil, err
	}
	round, dir := map[record.ID]*storage.Round{}, map[record.ID]*storage.Directory{}
	for _, r := range rs {
		round[r.ID] = r
	}
	for _, d := range seen {
		dir[d.ID] = d
	}
	mine := map[record.ID]bool{} // rounds in which actor answers in person: they answer no second time
	for _, v := range vs {
		mine[v.Round] = mine[v.Round] || v.Voter == actor.ID
	}
	var out []Waiting
	for _, v := range vs {
		r, d := round[v.Round], dir[v.Record]
		own := v.Voter == actor.ID
		if r == nil || d == nil || !own && (mine[v.Round] || !bool(r.Delegable) || r.OpenedBy == actor.ID) {
			continue
		}
		x := Waiting{Round: r, Vote: v, Record: d}
		if !own {
			x.For = v.Voter
		}
		out = append(out, x)
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i].Round.DueAt, out[j].Round.DueAt
		if (a == 0) != (b == 0) {
			return a != 0
		}
		return a < b
	})
	return out, nil
}
