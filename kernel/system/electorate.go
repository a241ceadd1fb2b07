package system

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// seat is one place among those who are asked.
type seat struct {
	voter, instead, delegation record.ID
}

// electorate is who is asked in a stage, and why others are not. Nobody is asked about their own
// work. Who is disabled is left out, and so is who asks; the delegate of either is asked in their
// own name, where the stage can be delegated. A delegation made after the record does not count for
// one who asks: nobody chooses who judges them.
func (u *unit) electorate(w *work, st lifecycle.Stage, bar bars) (seats []seat, missing []string, err error) {
	people, missing, err := u.candidates(w, st)
	if err != nil {
		return nil, nil, err
	}
	taken := map[record.ID]bool{}
	add := func(s seat) {
		if !taken[s.voter] {
			taken[s.voter] = true
			seats = append(seats, s)
		}
	}
	for _, id := range people {
		name, why, err := u.unfit(w, id, bar)
		if err != nil {
			return nil, nil, err
		}
		if why == "" {
			add(seat{voter: id})
			continue
		}
		instead := seat{}
		if st.Delegable {
			ds, err := u.deputies(id)
			if err != nil {
				return nil, nil, err
			}
			for _, d := range ds {
				_, to, _, _ := d.Delegates()
				if bar.of(id) && d.Head().UpdatedAt >= w.rec.Head().CreatedAt {
					continue
				}
				if _, no, err := u.unfit(w, to, bar); err != nil {
					return nil, nil, err
				} else if no == "" {
					instead = seat{to, id, d.Head().ID}
					break
				}
			}
		}
		if instead.voter.IsZero() {
			missing = append(missing, name+" "+why)
			continue
		}
		add(instead)
	}
	return seats, missing, nil
}

// unfit says why somebody cannot vote about the record; "" when they can.
func (u *unit) unfit(w *work, id record.ID, bar bars) (name, why string, err error) {
	r, err := u.reader().Get(u.ctx, "user", id)
	if err != nil {
		return "", "", err
	}
	acc, ok := r.(Account)
	if !ok {
		return "somebody", "has no account any more", nil
	}
	name = string(acc.Head().Title)
	if why, own := bar.own[id]; own {
		return name, why, nil
	}
	if !acc.Active() {
		return name, "is disabled", nil
	}
	who, err := u.s.Principal(u.ctx, id)
	if err != nil {
		return name, "is disabled", nil //nolint:nilerror // disabled a moment ago
	}
	if who.External {
		return name, "is from outside and decides nothing here", nil
	}
	of := w.rec.Head().Customer
	foreign := !who.Customer.IsZero() && who.Customer != of && !(w.p.Shared && of.IsZero())
	if !who.Scope(w.p.Name, w.p.Shared).Valid() || foreign {
		return name, "may not read it", nil
	}
	return name, "", nil
}

// candidates are the people a stage names, whether they can vote or not, and what leads to nobody.
func (u *unit) candidates(w *work, st lifecycle.Stage) (people []record.ID, missing []string, err error) {
	none := func(format string, a ...any) ([]record.ID, []string, error) {
		return nil, []string{fmt.Sprintf(format, a...)}, nil
	}
	h := w.rec.Head()
	switch st.Who {
	case "user":
		return []record.ID{st.User}, nil, nil
	case "owner":
		if h.Owner.IsZero() {
			return none("the record has no owner")
		}
		return []record.ID{h.Owner}, nil, nil
	case "role":
		if people, err = u.holders(st.Role, record.ID{}); err == nil && len(people) == 0 {
			return none("nobody holds the role %s", st.Role)
		}
	case "customer":
		if h.Customer.IsZero() {
			return none("the record has no customer")
		}
		if people, err = u.holders(access.CustomerManager, h.Customer); err == nil && len(people) == 0 {
			return none("nobody of the customer is %s", access.CustomerManager)
		}
	case "team", "team_lead":
		id := st.Team
		if id.IsZero() {
			id = h.Team
		}
		t, err := u.reader().Get(u.ctx, "team", id)
		if err != nil {
			return nil, nil, err
		}
		g, ok := t.(Group)
		if !ok {
			return none("the record has no team")
		}
		people = g.LeadIDs()
		if st.Who == "team" {
			people = g.MemberIDs()
		}
		if len(people) == 0 {
			return none("%s has no %s", g.Head().Title, map[string]string{"team": "members", "team_lead": "lead"}[st.Who])
		}
	case "service_owner":
		if people, err = u.serviceOwners(w); err == nil && len(people) == 0 {
			return none("no service with an owner is named")
		}
	default:
		return none("the policy asks %q, which is nobody", st.Who)
	}
	return people, missing, err
}

// holders are the users who hold a role today, disabled ones too, so that their delegates are
// found; of the provider, or of one customer.
func (u *unit) holders(role string, customer record.ID) ([]record.ID, error) {
	users, err := u.reader().All(u.ctx, "user")
	if err != nil {
		return nil, err
	}
	var out []record.ID
	for _, r := range users {
		if a := r.(Account); a.Head().Customer == customer && has(a.RolesOn(u.s.Today()), role) {
			out = append(out, a.Head().ID)
		}
	}
	return out, nil
}

// serviceOwners are the owners of what the record, or a line of it, names in a field "service".
func (u *unit) serviceOwners(w *work) ([]record.ID, error) {
	type at struct {
		f *record.Field
		p storage.Part
	}
	var found []at
	base := record.BaseOf(w.rec)
	if f := w.p.Shape.Field("service"); f != nil {
		found = append(found, at{f, base})
	}
	for _, l := range w.p.Shape.Lines {
		if f := l.Shape.Field("service"); f != nil {
			for i := range l.Len(base) {
				found = append(found, at{f, l.Each(base, i)})
			}
		}
	}
	var out []record.ID
	for _, x := range found {
		id, ok := x.f.At(x.p).(*record.ID)
		if !ok || id.IsZero() || x.f.Ref == "*" {
			continue
		}
		r, err := u.reader().Get(u.ctx, x.f.Ref, *id)
		if err != nil {
			return nil, err
		}
		if r != nil && !r.Head().Owner.IsZero() {
			out = append(out, r.Head().Owner)
		}
	}
	return out, nil
}

// deputies are the delegations of somebody that hold at this moment, oldest first: one hop, from
// the one who was asked.
func (u *unit) deputies(from record.ID) ([]Delegating, error) {
	return u.s.delegations(u.ctx, u.works, "from", from, record.At(u.now))
}

func (s *System) delegations(ctx context.Context, works map[record.ID]*work, end string, id record.ID, at record.Instant) ([]Delegating, error) {
	if s.Registry.Process("delegation") == nil || id.IsZero() {
		return nil, nil
	}
	rs, err := reader{s}.Find(ctx, "delegation", end+` = "`+id.String()+`" and phase = "open"`, 200)
	if err != nil {
		return nil, err
	}
	for _, w := range works { // made or ended in this very transaction
		if w.p.Name == "delegation" && w.dirty {
			rest := rs[:0:0]
			for _, r := range rs {
				if r.Head().ID != w.rec.Head().ID {
					rest = append(rest, r)
				}
			}
			rs = append(rest, w.rec)
		}
	}
	var out []Delegating
	for _, r := range rs {
		d, ok := r.(Delegating)
		if !ok || r.Head().Phase != record.Choice(lifecycle.Open) {
			continue
		}
		from, to, starts, ends := d.Delegates()
		if (end == "from" && from != id) || (end == "to" && to != id) || from == to || at < starts || ends != 0 && ends <= at {
			continue
		}
		out = append(out, d)
	}
	sort.Slice(out, func(i, j int) bool {
		return strings.Compare(out[i].Head().ID.String(), out[j].Head().ID.String()) < 0
	})
	return out, nil
}

// names are the names of people, for messages.
func (u *unit) names(ids []record.ID) string {
	var out []string
	for _, id := range ids {
		if r, err := u.reader().Get(u.ctx, "user", id); err == nil && r != nil {
			out = append(out, string(r.Head().Title))
		}
	}
	if len(out) == 0 {
		return "nobody"
	}
	return strings.Join(out, ", ")
}
