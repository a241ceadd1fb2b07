package check

import (
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// What must hold once, and links: parts that the checks of many processes are made of.

// VersionInForce is the member that says whether a record of a versioned process is in force whose
// content counts (nil: any). what names it for people; next is what to do when there is none.
func VersionInForce(f *Facts, name, what, next string, counts func(record.Record) bool) catalogue.Member {
	m := catalogue.Member{About: catalogue.Evidence{Process: name, Ref: what}, NextStep: next, Required: true}
	var spans []catalogue.Span
	for _, k := range f.Set(name) {
		if k.Record.Head().Phase == "void" {
			continue
		}
		s := f.Spans(k.Ref, k.Versions, func(c process.Content) bool { return counts == nil || counts(c.Record) })
		if len(s) > 0 {
			spans = append(spans, s...)
			m.Rests = append(m.Rests, About(name, k.Ref, k.Record, s[len(s)-1].From))
		}
	}
	m.Verdict = InForceOnce(spans, what)
	return m
}

// Newest is the member that says whether the newest record of a process that counts is younger than
// the requirement's interval. at is when what it shows took place; the zero time: it does not count.
func Newest(f *Facts, name, what, next string, at func(record.Record) time.Time) catalogue.Member {
	m := catalogue.Member{About: catalogue.Evidence{Process: name, Ref: what}, NextStep: next, Required: true}
	var newest time.Time
	for _, k := range f.Set(name) {
		if t := at(k.Record); t.After(newest) {
			newest = t
			m.Rests = []catalogue.Evidence{About(name, k.Ref, k.Record, t)}
		}
	}
	m.Verdict = catalogue.FreshUntil(newest, f.Interval.Period, what)
	return m
}

// Missing is the member for something of a list that must exist and does not.
func Missing(name, what, why, next string) catalogue.Member {
	return catalogue.Member{About: catalogue.Evidence{Process: name, Ref: what}, Verdict: catalogue.Always(catalogue.NoEvidence, why), NextStep: next, Required: true}
}

// Found is the member for something of a list that exists: verdict of the record it rests on.
func Found(name string, k Kept, at time.Time, verdict catalogue.Timeline, next string) catalogue.Member {
	e := About(name, k.Ref, k.Record, at)
	return catalogue.Member{About: e, Verdict: verdict, NextStep: next, Rests: []catalogue.Evidence{e}}
}

// LinkedTo is the verdict that the member has a link of the kind to a record that counts (nil: any),
// or a reason why it has none (a blank under the kind's name).
func LinkedTo(f *Facts, kind, what string, r record.Record, counts func(record.Record) bool) catalogue.Timeline {
	var ends []catalogue.Target
	for _, e := range f.Links(kind, r.Head().ID) {
		ok := e.Record != nil && e.Record.Head().Phase != "void" && (counts == nil || counts(e.Record))
		state := ""
		if e.Record != nil {
			state = string(e.Record.Head().State)
		}
		ends = append(ends, catalogue.Target{Ref: e.Ref, State: state, Allowed: ok})
	}
	return catalogue.Linked(what, r.Head().Reasons()[kind].Reason, ends...)
}

// Gap is a verdict that never holds.
func Gap(reason string) catalogue.Timeline { return catalogue.Always(catalogue.Gap, reason) }

// Fields asks for fields of r by name, each a value or a reason.
func Fields(p *process.Process, r record.Record, names ...string) catalogue.Timeline {
	fields := make([]*record.Field, len(names))
	for i, n := range names {
		if fields[i] = p.Shape.Field(n); fields[i] == nil {
			panic("check: " + p.Name + " has no field " + n)
		}
	}
	return Answered(r, fields...)
}
