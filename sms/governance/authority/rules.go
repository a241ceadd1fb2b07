package authority

import (
	"context"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
)

// known is what a decision about an appointment needs besides it.
type known struct {
	person *people.User
	role   *Role // with the content in force today; nil: none is
}

func load(ctx context.Context, r process.Reader, a *Appointment, f *lifecycle.Facts) (any, error) {
	k := &known{}
	if !a.Person.IsZero() {
		u, err := r.Get(ctx, "user", a.Person)
		if err != nil {
			return nil, err
		}
		k.person, _ = u.(*people.User)
	}
	if !a.Role.IsZero() {
		x, _, err := r.InForce(ctx, "sms_role", a.Role, record.Day(f.Now.In(f.Zone)))
		if err != nil {
			return nil, err
		}
		if role, ok := x.(*Role); ok && role.State == "active" {
			k.role = role
		}
	}
	return k, nil
}

func decide(a *Appointment, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	before, _ := f.Before.(*Appointment)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if a.From != "" && a.To != "" && a.To <= a.From {
		refuse("to", "before_start", "give a day after the one from which it holds")
	}
	if k.person != nil && !k.person.Customer.IsZero() && !f.Replay {
		refuse("person", "not_for_customers", "appoint somebody who works for the organization")
	}
	if before != nil && before.AppointedAt != 0 && !f.Replay && (a.Role != before.Role || a.Person != before.Person || a.About != before.About || a.From != before.From) {
		refuse("person", "fixed", "what was appointed stays: end it and make another appointment")
	}
	if before != nil && before.AppointedAt != 0 && !f.Replay && (a.To == "" && before.To != "" || before.To != "" && a.To > before.To) {
		refuse("to", "fixed", "top management appointed until that day: make another appointment for longer")
	}
	if a.Title == "" && k.person != nil && k.role != nil {
		title := []rune(string(k.role.Title) + ": " + string(k.person.Title))
		a.Title = record.Text(title[:min(len(title), 300)])
	}
	ends := time.Time{}
	if a.State == Appointed || a.State == Accepted {
		ends = midnight(a.To, f)
	}
	a.DueAt = 0
	if !ends.IsZero() {
		a.DueAt = record.At(ends)
	}
	if f.Verb == "timer" && !ends.After(f.Now) {
		ends = time.Time{}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "over", At: ends})
	return out
}

// over ends an appointment on its day, and says so to top management: the role may be vacant now.
func over(a *Appointment, _ string, f *lifecycle.Facts) {
	if end := midnight(a.To, f); a.State != Appointed && a.State != Accepted || end.IsZero() || end.After(f.Now) {
		return
	}
	a.State, a.Phase, a.EndedAt = Ended, record.Choice(lifecycle.Void), record.At(f.Now)
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{a.Person}, Role: access.Management, Topic: "appointment_over", Text: "An appointment has come to its end: " + string(a.Title)})
}

func midnight(d record.Date, f *lifecycle.Facts) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), f.Zone)
	if err != nil {
		return time.Time{} // blank: whatever is stored else was read as a date
	}
	return t
}

// mayAppoint: top management appoints, nobody themselves, somebody who is here, to a role in force.
func mayAppoint(a *Appointment, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Replay {
		return nil
	}
	k := f.Data.(*known)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if !f.Actor.System && !f.Actor.Has(access.Management) {
		refuse("appointed_by", "not_authorised", "top management appoints (role manager)")
	}
	if f.Actor.ID == a.Person && !a.Person.IsZero() {
		refuse("appointed_by", "own_work", "let somebody else of top management appoint you")
	}
	if k.role == nil {
		refuse("role", "not_in_force", "have top management approve a version of the role first")
	}
	if k.person == nil || !k.person.Active() {
		refuse("person", "disabled", "appoint somebody who is here")
	}
	if a.To != "" && a.To <= record.Day(f.Now.In(f.Zone)) {
		refuse("to", "past", "give a day that lies ahead, or none")
	}
	return out
}

func appointed(a *Appointment, f *lifecycle.Facts) {
	a.AppointedAt, a.AppointedBy = record.At(f.Now), f.Actor.ID
	if a.From == "" {
		a.From = record.Day(f.Now.In(f.Zone))
	}
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{a.Person}, Topic: "appointed", Text: "You were appointed, and are asked to accept: " + string(a.Title)})
}

func ownWord(a *Appointment, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Actor.ID != a.Person && !f.Replay {
		return lifecycle.Refuse("person", "not_yours", "only the person who was appointed says so")
	}
	return nil
}

func declines(a *Appointment, f *lifecycle.Facts) []lifecycle.Refusal {
	return append(ownWord(a, f), withWords(a, f)...)
}

func withWords(_ *Appointment, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}

// approveRole: top management says what a role is, and a role in force answers for something.
func approveRole(r *Role, _ *record.Version, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Replay {
		return nil
	}
	var out []lifecycle.Refusal
	if !f.Actor.System && !f.Actor.Has(access.Management) {
		out = append(out, lifecycle.Refusal{Field: "approver", Reason: "not_authorised", Mend: "top management assigns responsibilities and authorities (role manager)"})
	}
	if r.Responsibilities == "" {
		out = append(out, lifecycle.Refusal{Field: "responsibilities", Reason: "required", Mend: "say what the holder answers for"})
	}
	for _, d := range r.Authorities {
		if d.Decides == "other" && d.What == "" {
			out = append(out, lifecycle.Refusal{Field: "authorities[" + d.ID.String() + "].what", Reason: "required", Mend: "say what is decided"})
		}
	}
	return out
}
