// Package check is how a process says what conformity asks of its records: the half of a
// requirement that only the process knows (ISO/IEC 20000-1:2018, all clauses).
//
// A [Check] names a requirement of the catalogue, the population it is asked of, what has to be
// read besides the members, and a pure decision. In: a member and [Facts], both as of one instant.
// Out: a [catalogue.Timeline] per member. Package conformity runs checks and makes of their
// verdicts the state of each requirement.
//
// A check lives in its process's package, in checks.go, as an entry of `var Checks`; sms.Checks
// lists them all. Start at [Of] and [Each]; [Filled] is the family that most records need, the
// other families are those of package catalogue.
//
//	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-10", Version: 1, Where: majorWhere, Member: major,
//		Decide: func(i *Incident, f *check.Facts) catalogue.Timeline { ... }})
//
// Always true: nothing is read that the check does not declare, and what it declares is read once
// for each batch of members, never once for each; a decision does not ask what time it is, for a
// timeline says what holds when; Where and Member mean the same records (a test compares them).
package check

import (
	"fmt"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// Check decides one requirement.
type Check struct {
	Requirement string // of the catalogue: 8.6.1-09
	Version     int    // from 1; one more whenever its population or decision changes
	Process     string // whose records are asked; "" when only Once is
	Where       string // the population as a filter, for people and their lists; "" is every record
	Reads       []Read
	Mend        string // what to do for a member that fails; "" when its reason says it

	Member func(record.Record) bool // the same population as Where; nil: every record
	Needs  func(record.Record) bool // the members that Reads are loaded for; nil: all
	When   func(record.Record) time.Time
	Once   func(*Facts) []catalogue.Member // what must hold once, whatever the population
	Also   func(*Facts) []catalogue.Member // members of other processes, read as a Set: counted as those of Process are
	Decide func(record.Record, *Facts) catalogue.Timeline
}

// Of is a check of the records of one process, with its types on.
type Of[T any] struct {
	Requirement string
	Version     int
	Where       string
	Reads       []Read
	Mend        string

	Member func(*T) bool
	Needs  func(*T) bool
	When   func(*T) time.Time // when what the member shows took place; nil: when it was made
	Once   func(*Facts) []catalogue.Member
	Also   func(*Facts) []catalogue.Member
	Decide func(*T, *Facts) catalogue.Timeline
}

// Each is the check of every member of a population of p. It panics, so that every test run finds
// it, on a check that is incomplete.
func Each[T any](p *process.Process, c Of[T]) Check {
	if _, ok := p.New().(any).(*T); !ok {
		panic(fmt.Sprintf("check %s: %s has no records of type %T", c.Requirement, p.Name, *new(T)))
	}
	if c.Version < 1 || c.Decide == nil {
		panic("check " + c.Requirement + ": needs a version from 1 and a decision")
	}
	if (c.Where == "") != (c.Member == nil) {
		panic("check " + c.Requirement + ": Where and Member say the same population, or neither does")
	}
	out := Check{Requirement: c.Requirement, Version: c.Version, Process: p.Name, Where: c.Where, Reads: c.Reads, Mend: c.Mend, Once: c.Once, Also: c.Also}
	out.Decide = func(r record.Record, f *Facts) catalogue.Timeline { return c.Decide(any(r).(*T), f) }
	if c.Member != nil {
		out.Member = func(r record.Record) bool { return c.Member(any(r).(*T)) }
	}
	if c.Needs != nil {
		out.Needs = func(r record.Record) bool { return c.Needs(any(r).(*T)) }
	}
	out.When = func(r record.Record) time.Time { return r.Head().CreatedAt.Time() }
	if c.When != nil {
		out.When = func(r record.Record) time.Time { return c.When(any(r).(*T)) }
	}
	return out
}

// Single is the check of something that must hold once: a policy in force, the newest of a kind.
func Single(requirement string, version int, once func(*Facts) []catalogue.Member, reads ...Read) Check {
	if version < 1 || once == nil {
		panic("check " + requirement + ": needs a version from 1 and a decision")
	}
	return Check{Requirement: requirement, Version: version, Once: once, Reads: reads}
}

// Every is the check of members that stand in processes which the check's own package may not
// import, or in several: all that members gives are the population. once may be nil.
func Every(requirement string, version int, members, once func(*Facts) []catalogue.Member, reads ...Read) Check {
	if version < 1 || members == nil {
		panic("check " + requirement + ": needs a version from 1 and members")
	}
	return Check{Requirement: requirement, Version: version, Once: once, Also: members, Reads: reads}
}

// always is the verdict on a member that holds. One value serves all: a population may be large.
var always = catalogue.Always(catalogue.Conforms, "")

// Holds is the verdict on a member of which there is nothing to say.
func Holds() catalogue.Timeline { return always }

// Filled asks that every member has the fields answered: a value, or a blank with a reason. fields
// gives their addresses, as a transition's Needs does.
func Filled[T any](p *process.Process, c Of[T], fields func(*T) []any) Check {
	fresh := new(T)
	base := p.Shape.Base(fresh)
	var asked []*record.Field
	for _, ptr := range fields(fresh) {
		f := p.Shape.FieldAt(base, ptr)
		if f == nil {
			panic("check " + c.Requirement + ": asks for something that is not a declared field")
		}
		asked = append(asked, f)
	}
	c.Decide = func(t *T, _ *Facts) catalogue.Timeline { return Answered(any(t).(record.Record), asked...) }
	return Each(p, c)
}

// Answered is the verdict on fields of a record that must be filled, or blank for a reason.
func Answered(r record.Record, fields ...*record.Field) catalogue.Timeline {
	filled := true
	for _, f := range fields {
		filled = filled && !f.Of(r).Empty()
	}
	if filled {
		return always
	}
	reasons := r.Head().Reasons()
	answers := make([]catalogue.Answer, len(fields))
	for i, f := range fields {
		answers[i] = catalogue.Answer{Field: f.Name, Given: !f.Of(r).Empty(), Blank: reasons[f.Name].Reason}
	}
	return catalogue.Filled(answers...)
}
