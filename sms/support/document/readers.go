package document

import (
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/record"
)

// grantedAs marks the grants that follow from a document's own fields. People may share it besides.
const grantedAs = "document"

// recipients are the active users of one line of the distribution.
func (k *known) recipients(r Recipient) []*people.User {
	var out []*people.User
	take := func(x record.Record) {
		if u := x.(*people.User); u.Active() {
			out = append(out, u)
		}
	}
	switch {
	case !r.User.IsZero():
		if u := k.user(r.User); u != nil {
			take(u)
		}
	case !r.Team.IsZero():
		in := map[record.ID]bool{}
		if t := k.team(r.Team); t != nil {
			for _, id := range t.MemberIDs() {
				in[id] = true
			}
		}
		for _, u := range k.users {
			if in[u.Head().ID] {
				take(u)
			}
		}
	case !r.Customer.IsZero():
		for _, u := range k.users {
			if u.Head().Customer == r.Customer {
				take(u)
			}
		}
	case r.Role != "":
		for _, x := range k.users {
			for _, role := range x.(*people.User).RolesOn(k.day) {
				if role == string(r.Role) && x.Head().Customer.IsZero() {
					take(x)
					break
				}
			}
		}
	}
	return out
}

// mustKnow is everybody who is to acknowledge a version, once each.
func (k *known) mustKnow(d *Document) []*people.User {
	var out []*people.User
	seen := map[record.ID]bool{}
	for _, r := range d.Distribution {
		if !bool(r.MustKnow) {
			continue
		}
		for _, u := range k.recipients(r) {
			if !seen[u.ID] {
				seen[u.ID] = true
				out = append(out, u)
			}
		}
	}
	return out
}

// access is who may read the document by a grant of their own: of what is confidential or
// restricted the people named on it and its distribution, of what is public and in force the
// customers' users it is distributed to. Teams are granted as teams, so that who joins or leaves
// one gains or loses it at once.
func (k *known) access(d *Document) []Reader {
	var out []Reader
	seen := map[record.ID]bool{}
	add := func(why record.Text, user, team record.ID) {
		r := Reader{User: user, Team: team, Why: why}
		if id := principal(r); !id.IsZero() && !seen[id] {
			seen[id] = true
			out = append(out, r)
		}
	}
	none := record.ID{}
	switch {
	case d.Classification == Confidential || d.Classification == Restricted:
		add("owner", d.Owner, none)
		add("approver", d.Approver, none)
		add("author", d.CreatedBy, none)
		for _, r := range d.Reviewers {
			add("reviewer", r.User, none)
		}
		for _, c := range k.all(d) {
			v := c.Version
			if v.Status == record.VersionRejected || v.Status == record.VersionApproved && v.EffectiveTo != "" && v.EffectiveTo <= k.day {
				continue
			}
			add("author", v.Author, none)
			if k.editing && v.Status == record.VersionDraft {
				continue // d has its reviewers as they are to be
			}
			for _, r := range c.Record.(*Document).Reviewers {
				add("reviewer", r.User, none)
			}
		}
		for _, r := range d.Distribution {
			if !r.Team.IsZero() {
				add("distribution", none, r.Team)
				continue
			}
			for _, u := range k.recipients(r) {
				add("distribution", u.ID, none)
			}
		}
	case d.Classification == Public && d.State == Active && k.inForce(d) != nil:
		for _, r := range d.Distribution {
			for _, u := range k.recipients(r) {
				if !u.Customer.IsZero() {
					add("distribution", u.ID, none)
				}
			}
		}
	}
	return out
}

// keepReaders brings the access list, and the grants that follow from it, up to date.
func keepReaders(d, before *Document, k *known, f *lifecycle.Facts) {
	d.Restricted = record.Bool(d.Classification == Confidential || d.Classification == Restricted)
	want := map[record.ID]Reader{}
	var order []record.ID
	for _, r := range k.access(d) {
		id := principal(r)
		want[id] = r
		order = append(order, id)
	}
	var kept []Reader
	if before != nil {
		for _, r := range before.Readers {
			id := principal(r)
			w, ok := want[id]
			if !ok {
				f.Out.Grants = append(f.Out.Grants, lifecycle.Grant{To: id, Why: grantedAs, End: true})
				continue
			}
			delete(want, id)
			r.Why = w.Why
			kept = append(kept, r)
		}
	}
	for _, id := range order {
		r, fresh := want[id]
		if !fresh {
			continue
		}
		f.Out.Grants = append(f.Out.Grants, lifecycle.Grant{To: id, Why: grantedAs})
		r.ID = record.NewID(f.Now)
		kept = append(kept, r)
	}
	for i := range kept {
		kept[i].Pos = record.Count(i)
	}
	d.Readers = kept
	keepEffect(d, k, f)
}

func principal(r Reader) record.ID {
	if !r.Team.IsZero() {
		return r.Team
	}
	return r.User
}

// keepEffect sets the timer for the day on which another version of a public document comes into
// force, or the last one ends, when customers read it. Should the timer be late, they read it later:
// being in force itself waits for nothing.
func keepEffect(d *Document, k *known, f *lifecycle.Facts) {
	toCustomers := false
	for _, r := range d.Distribution {
		toCustomers = toCustomers || !r.Customer.IsZero() || !r.Team.IsZero() || !r.User.IsZero()
	}
	if d.Classification != Public || !toCustomers {
		return
	}
	var next record.Date
	for _, c := range k.all(d) {
		if c.Version.Status != record.VersionApproved {
			continue
		}
		for _, day := range []record.Date{c.Version.EffectiveFrom, c.Version.EffectiveTo} {
			if k.day < day && (next == "" || day < next) {
				next = day
			}
		}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "effect", At: begins(next, f.Zone)})
}
