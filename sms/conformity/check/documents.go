package check

import (
	"maps"
	"slices"
	"time"

	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// Documents is the process of documented information, and what a check reads that asks for a
// document.
const Documents = "document"

// Fulfilling is a document that says which of the items that the standard asks for it is.
type Fulfilling interface {
	record.Record
	FulfilsItem(item string) bool
}

// Ending is a record that is taken out of use by itself, whatever its versions say.
type Ending interface {
	record.Record
	// EndedAt is when it was; the zero time with true when that is not on record.
	EndedAt() (at time.Time, ended bool)
}

// end is when a record was taken out of use, as far as it says so itself.
func end(r record.Record) (time.Time, bool) {
	if e, ok := r.(Ending); ok {
		return e.EndedAt()
	}
	return time.Time{}, false
}

// Fulfils finds the documents, and of each the versions, that are an item of the mandatory list. One
// that was withdrawn is among them, for it was in force until then: ask [Facts.SpansOf] and
// [Facts.InForce] of it. The check must declare Set(Documents).
func Fulfils(f *Facts, item string) []Kept {
	var out []Kept
	for _, k := range f.Set(Documents) {
		if at, _ := end(k.Record); k.Record.Head().Phase == "void" && at.IsZero() {
			continue // nobody knows until when it was in force: it shows nothing
		}
		mine := Kept{Record: k.Record, Ref: k.Ref}
		for _, c := range k.Versions {
			if d, ok := c.Record.(Fulfilling); ok && d.FulfilsItem(item) {
				mine.Versions = append(mine.Versions, c)
			}
		}
		if len(mine.Versions) > 0 {
			out = append(out, mine)
		}
	}
	return out
}

// InForce is the verdict that a document of the item is in force, resting on all of them. Never
// having had one is no evidence; having had one that lapsed is a gap.
func InForce(f *Facts, item, what string) catalogue.Member {
	docs := Fulfils(f, item)
	m := catalogue.Member{About: catalogue.Evidence{Process: Documents, Ref: what}, NextStep: "approve a document that is the " + what + ", with a day from which it is in force"}
	var spans []catalogue.Span
	for _, k := range docs {
		spans = append(spans, f.SpansOf(k, nil)...)
		at := time.Time{}
		for _, c := range k.Versions {
			if t := c.Version.DecidedAt.Time(); c.Version.Status == record.VersionApproved && t.After(at) {
				at = t
			}
		}
		m.Rests = append(m.Rests, About(Documents, k.Ref, k.Record, at))
	}
	m.Verdict = InForceOnce(spans, what)
	return m
}

// InForceOnce is the verdict on times of being in force: no evidence before the first of them, a
// gap whenever none runs afterwards.
func InForceOnce(spans []catalogue.Span, what string) catalogue.Timeline {
	if len(spans) == 0 {
		return catalogue.Always(catalogue.NoEvidence, "no "+what+" was ever in force")
	}
	first := spans[0].From
	for _, s := range spans {
		if s.From.Before(first) {
			first = s.From
		}
	}
	never := catalogue.Always(catalogue.NoEvidence, "no "+what+" was in force yet")
	if first.IsZero() {
		return catalogue.AtLeastOne(spans...)
	}
	return never.Truncate(first, catalogue.AtLeastOne(spans...))
}

// Documented is the family of requirements that ask for a document in force: one check, which asks
// for each of the items (their keys, with their names for people) once.
func Documented(requirement string, version int, items map[string]string) Check {
	keys := slices.Sorted(maps.Keys(items))
	return Single(requirement, version, func(f *Facts) []catalogue.Member {
		var out []catalogue.Member
		for _, k := range keys {
			out = append(out, InForce(f, k, items[k]))
		}
		return out
	}, Set(Documents))
}
