package attestation

import (
	"time"

	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Attested is the check of a requirement by a statement about it, with what must hold besides it.
// shown says which records it must name at least one of; nil: any. reads are those of once.
func Attested(requirement string, version int, shown func(check.End) bool, what string, once func(*check.Facts) []catalogue.Member, reads ...check.Read) check.Check {
	return check.Each(Process, check.Of[Attestation]{Requirement: requirement, Version: version,
		Where:  `state = "signed" and requirement = "` + requirement + `"`,
		Member: func(a *Attestation) bool { return a.State == Signed && string(a.Requirement) == requirement },
		When:   func(a *Attestation) time.Time { return a.SignedAt.Time() },
		Reads:  append([]check.Read{check.Links(ShownBy), check.Set("attestation"), check.Set(check.Users)}, reads...),
		Once: func(f *check.Facts) []catalogue.Member {
			var out []catalogue.Member
			if newest(f, requirement) == nil {
				out = append(out, check.Missing("attestation", "statement of top management", "top management has signed no statement about it", "have top management sign a statement that names the records which show it"))
			}
			if once != nil {
				out = append(out, once(f)...)
			}
			return out
		},
		Decide: func(a *Attestation, f *check.Facts) catalogue.Timeline {
			if n := newest(f, requirement); n != nil && n.ID != a.ID {
				return catalogue.Always(catalogue.Vacuous, "a later statement took its place")
			}
			return catalogue.And(catalogue.AttestedBy(statement(a, f)), names(a, f, shown, what))
		}, Mend: "have top management sign another statement, which names " + what})
}

// newest is the statement about a requirement that was signed last and not withdrawn.
func newest(f *check.Facts, requirement string) *Attestation {
	var out *Attestation
	for _, k := range f.Set("attestation") {
		if a := k.Record.(*Attestation); a.State == Signed && string(a.Requirement) == requirement && (out == nil || a.SignedAt > out.SignedAt) {
			out = a
		}
	}
	return out
}

// statement is what was signed, as it can be shown today: the office is that of the day, the end the
// statement's own or that of the interval, whichever is earlier.
func statement(a *Attestation, f *check.Facts) catalogue.Statement {
	s := catalogue.Statement{Signed: a.SignedAt.Time(), Expires: after(a.Until, f.Zone), OnlySelf: len(f.Links(ShownBy, a.ID)) > 0}
	if end := f.Interval.Period.After(s.Signed); !f.Interval.Period.IsZero() && end.Before(s.Expires) {
		s.Expires = end
	}
	if f.Top(a.SignedBy, s.Signed) {
		s.Role = string(a.SignedAs)
	}
	if hash(a) == a.Hash { // altered behind Steward's back, it is not what was signed
		s.Document = string(a.Hash)
	}
	for _, e := range f.Links(ShownBy, a.ID) {
		if e.Record == nil {
			continue
		}
		if !ownOf(e.Record.Head(), a.SignedBy) {
			s.OnlySelf = false
		}
	}
	return s
}

// names: at least one of the records that show it is one of those asked for.
func names(a *Attestation, f *check.Facts, shown func(check.End) bool, what string) catalogue.Timeline {
	for _, e := range f.Links(ShownBy, a.ID) {
		if e.Record != nil && e.Record.Head().Phase != record.Choice("void") && (shown == nil || shown(e)) {
			return catalogue.Always(catalogue.Attested, "it names "+e.Ref)
		}
	}
	return check.Gap("it names none of: " + what)
}
