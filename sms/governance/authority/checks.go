package authority

import (
	"fmt"
	"strings"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Reads is what [Holders] and [InForce] read.
var Reads = []check.Read{check.Set("sms_role"), check.Set("appointment"), check.Set(check.Users)}

func reads(more ...check.Read) []check.Read { return append(append([]check.Read{}, Reads...), more...) }

// Checks decide 5.3-01 and 5.3-02. Whether performance is reported (5.3-03) is decided in package
// leadership, where reports can be read.
var Checks = []check.Check{
	check.Single("5.3-01", 1, assigned, reads(check.Set("process"), check.Set("service"))...),
	check.Single("5.3-02", 1, answerable, Reads...),
}

// mandatory are the kinds of roles of which each must be held, with what they are called.
var mandatory = []struct {
	kind  record.Choice
	title string
}{
	{"sms_manager", "manager of the SMS"}, {"sms_reporting", "reporting on the SMS"}, {"risk_owner", "owner of risks"}, {"information_security", "information security"},
	{"business_relationship", "business relationships"}, {"supplier_manager", "manager of suppliers"},
}

// InForce are the roles that are in force at the instant asked about, approved by top management.
func InForce(f *check.Facts) map[record.ID]*Role {
	return f.Memo("authority/in force", func() any {
		out := map[record.ID]*Role{}
		for _, k := range f.Set("sms_role") {
			if k.Record.Head().State != "active" {
				continue
			}
			if c := f.InForce(k, f.At); c != nil && c.Version.Approver != c.Version.Author && f.Top(c.Version.Approver, c.Version.DecidedAt.Time()) {
				out[k.Record.Head().ID] = c.Record.(*Role)
			}
		}
		return out
	}).(map[record.ID]*Role)
}

// Holder is an appointment to a role in force, with when it holds.
type Holder struct {
	*Appointment
	Kept check.Kept
	Role *Role
	Span catalogue.Span // from its acceptance at the earliest
}

// Holders are the holders of today of the roles for which is holds: people who are here, whom
// somebody else of top management appointed, and who accepted.
func Holders(f *check.Facts, is func(*Role) bool) []Holder {
	roles := InForce(f)
	day := f.Day(f.At)
	var out []Holder
	for _, k := range f.Set("appointment") {
		a := k.Record.(*Appointment)
		role := roles[a.Role]
		if role == nil || !is(role) || a.State != Accepted || !f.Here(a.Person) || a.From > day || a.To != "" && a.To <= day || !ByTop(f, a) {
			continue
		}
		s := catalogue.Span{Name: k.Ref, From: a.AcceptedAt.Time(), To: f.Midnight(a.To)}
		if from := f.Midnight(a.From); from.After(s.From) {
			s.From = from
		}
		out = append(out, Holder{a, k, role, s})
	}
	return out
}

// ByTop reports whether somebody of top management made the appointment, and not of themselves.
func ByTop(f *check.Facts, a *Appointment) bool {
	return a.AppointedBy != a.Person && f.Top(a.AppointedBy, a.AppointedAt.Time())
}

// OfKind are the holders of roles of a kind.
func OfKind(f *check.Facts, kind record.Choice) []Holder {
	return Holders(f, func(r *Role) bool { return r.Kind == kind })
}

// Held is the member that says that a role is held: what names it for people.
func Held(what string, all []Holder, kind, next string) catalogue.Member {
	if len(all) == 0 {
		return check.Missing("appointment", what, "nobody whom top management appointed and who accepted holds it: "+what+" ("+kind+")", next)
	}
	var spans []catalogue.Span
	m := check.Found("appointment", all[0].Kept, all[0].AcceptedAt.Time(), check.Holds(), next)
	m.Rests = nil
	for _, h := range all {
		spans = append(spans, h.Span)
		m.Rests = append(m.Rests, check.About("appointment", h.Kept.Ref, h.Appointment, h.AcceptedAt.Time()))
	}
	m.Verdict = catalogue.AtLeastOne(spans...)
	return m
}

func assigned(f *check.Facts) []catalogue.Member {
	var out []catalogue.Member
	for _, w := range mandatory {
		out = append(out, Held(w.title, OfKind(f, w.kind), string(w.kind), "have top management approve a role of kind "+string(w.kind)+", appoint somebody to it, and let them accept"))
	}
	for _, o := range []struct {
		set  string
		kind record.Choice
		live func(check.Kept) bool
	}{
		{"process", "process_owner", func(k check.Kept) bool {
			return k.Record.Head().Phase != record.Choice(lifecycle.Void) && f.InForce(k, f.At) != nil
		}},
		{"service", "service_owner", func(k check.Kept) bool { return k.Record.Head().State == "live" }},
	} {
		holders := OfKind(f, o.kind)
		found := false
		for _, k := range f.Set(o.set) {
			if o.live(k) {
				found = true
				m := check.Found(o.set, k, k.Record.Head().UpdatedAt.Time(), owned(k.Record.Head(), holders), "have top management appoint its owner ("+string(o.kind)+"), and let them accept")
				out = append(out, m)
			}
		}
		if !found {
			out = append(out, check.Missing(o.set, "owners of each "+o.set, "no "+o.set+" is there to be owned", "describe and approve a "+o.set+" with its owner"))
		}
	}
	return out
}

// owned: the owner holds the role, for this one or for all that they own.
func owned(h *record.Header, holders []Holder) catalogue.Timeline {
	if h.Owner.IsZero() {
		return check.Gap("it has no owner")
	}
	var spans []catalogue.Span
	for _, x := range holders {
		if x.Person == h.Owner && (x.About.IsZero() || x.About == h.ID) {
			spans = append(spans, x.Span)
		}
	}
	if len(spans) == 0 {
		return check.Gap("its owner holds no appointment that top management made and the owner accepted")
	}
	return catalogue.AtLeastOne(spans...)
}

// answerable: exactly one person answers for the SMS meeting the standard.
func answerable(f *check.Facts) []catalogue.Member {
	all := OfKind(f, "sms_manager")
	m := Held("manager of the SMS", all, "sms_manager", "leave one appointment to the role sms_manager, made by top management and accepted")
	people := map[record.ID]bool{}
	var names []string
	for _, h := range all {
		people[h.Person] = true
		names = append(names, h.Kept.Ref)
	}
	if len(people) > 1 {
		m.Verdict = check.Gap(fmt.Sprintf("%d people hold it: %s", len(people), strings.Join(names, ", ")))
	}
	return []catalogue.Member{m}
}
