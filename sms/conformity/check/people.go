package check

import (
	"time"

	"steward/kernel/access"
	"steward/kernel/people"
	"steward/kernel/record"
)

// Users is what a check reads that asks who held which role, or who is here.
const Users = "user"

// User is the account of somebody as known at [Facts.At]; nil when there was none. The check must
// declare Set(Users).
func (f *Facts) User(id record.ID) *people.User {
	all := f.Set(Users)
	by := f.Memo("check/users", func() any {
		m := make(map[record.ID]*people.User, len(all))
		for _, k := range all {
			if u, ok := k.Record.(*people.User); ok {
				m[u.ID] = u
			}
		}
		return m
	}).(map[record.ID]*people.User)
	return by[id]
}

// Held reports whether somebody held the role on the day of t. The check must declare Set(Users).
func (f *Facts) Held(id record.ID, role string, t time.Time) bool {
	u := f.User(id)
	if u == nil || t.IsZero() {
		return false
	}
	for _, r := range u.RolesOn(f.Day(t)) {
		if r == role {
			return true
		}
	}
	return false
}

// Top reports whether somebody was of top management on the day of t. The check must declare
// Set(Users).
func (f *Facts) Top(id record.ID, t time.Time) bool { return f.Held(id, access.Management, t) }

// Here reports whether somebody has an account that is active. The check must declare Set(Users).
func (f *Facts) Here(id record.ID) bool {
	u := f.User(id)
	return u != nil && u.Active()
}

// Staff are the people who work for the organization and are here: no customers, no accounts of
// services, not the account that sets a system up. The check must declare Set(Users).
func (f *Facts) Staff() []*people.User {
	var out []*people.User
	for _, k := range f.Set(Users) {
		if u, ok := k.Record.(*people.User); ok && u.Active() && u.Customer.IsZero() && u.Kind != "service" && u.Name != "admin" {
			out = append(out, u)
		}
	}
	return out
}
