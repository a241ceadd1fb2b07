package check

import (
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity/catalogue"
)

// Read is something a check has loaded besides its members. The functions below make one.
type Read struct {
	Kind    ReadKind
	Name    string
	Process string
}

// ReadKind is one of the ways in which records hang together.
type ReadKind uint8

// The kinds of reads.
const (
	ReadClocks ReadKind = iota + 1
	ReadLinks
	ReadNotices
	ReadSteps
	ReadVersions
	ReadSet
	ReadChildren
	ReadLinksOf
	ReadOpenings
)

// Whole reports that r is read once for an evaluation, and not for each batch of members.
func (r Read) Whole() bool {
	return r.Kind == ReadSet || r.Kind == ReadChildren || r.Kind == ReadLinksOf || r.Kind == ReadOpenings
}

// Clocks reads the members' service level clocks.
func Clocks() Read { return Read{Kind: ReadClocks} }

// Links reads the members' links of a kind, named as it is from the member's end, with the records
// at the other end.
func Links(kind string) Read { return Read{Kind: ReadLinks, Name: kind} }

// Notices reads what people were told about the members under a topic.
func Notices(topic string) Read { return Read{Kind: ReadNotices, Name: topic} }

// Steps reads the events of the members that a command or transition of this name made.
func Steps(command string) Read { return Read{Kind: ReadSteps, Name: command} }

// Versions reads all versions of the members.
func Versions() Read { return Read{Kind: ReadVersions} }

// Set reads all records of a process, with all versions: for settings, documents, people; not for
// what comes by the thousand a day.
func Set(process string) Read { return Read{Kind: ReadSet, Process: process} }

// Children reads the records of a process that name the member in a field, such as the tasks under
// it. All of that process are read once, so it too is for what is not many.
func Children(process, field string) Read {
	return Read{Kind: ReadChildren, Process: process, Name: field}
}

// LinksOf reads the links of a kind of all records of a process, named as it is from their end: for
// what is asked of records at the other end that are no members. Like [Set], not for what is many.
func LinksOf(process, kind string) Read {
	return Read{Kind: ReadLinksOf, Process: process, Name: kind}
}

// Openings reads whether it is on record who opens the records of a process, and the newest of them.
func Openings(process string) Read { return Read{Kind: ReadOpenings, Process: process} }

// Opened is what is on record of who opened the records of a process.
type Opened struct {
	Since  time.Time // the first opening on record; zero: none ever
	Newest *storage.Look
	Ref    string // of the record that was opened then
}

// End is a link seen from a member.
type End struct {
	Process   string
	Ref       string
	Record    record.Record // at the other end; nil when it was not there yet
	ValidFrom time.Time
}

// Kept is a record with all its versions, as far as they were known.
type Kept struct {
	Record   record.Record
	Ref      string
	Versions []process.Content // oldest first; none of a process without versions
}

// Facts is everything a decision knows besides its member, all of it as of one instant.
type Facts struct {
	// At is the instant asked about: the boundary of what is known. It is not for comparing with
	// due times; the timeline does that.
	At        time.Time
	Zone      *time.Location // the organisation's: what a day is
	Interval  catalogue.Applied
	Threshold int // percent, of a share; 0: the check's own

	loaded *Loaded
	reads  []Read
	check  string
}

// Loaded is what was read for a batch of members. The runner fills it; checks ask [Facts].
type Loaded struct {
	Clocks   map[record.ID][]*storage.Clock
	Links    map[Read]map[record.ID][]End
	Notices  map[Read]map[record.ID][]*storage.Notice
	Steps    map[Read]map[record.ID][]*storage.Event // without bodies of others: oldest first
	Versions map[record.ID][]process.Content
	Children map[Read]map[record.ID][]record.Record
	Sets     map[string][]Kept
	Openings map[string]Opened
	Memo     map[string]any // kept for the whole evaluation
}

// NewFacts is what the runner hands to a check.
func NewFacts(c *Check, at time.Time, zone *time.Location, interval catalogue.Applied, threshold int, l *Loaded) *Facts {
	return &Facts{At: at, Zone: zone, Interval: interval, Threshold: threshold, loaded: l, reads: c.Reads, check: c.Requirement}
}

func (f *Facts) declared(r Read) {
	for _, have := range f.reads {
		if have == r {
			return
		}
	}
	panic("check " + f.check + ": reads what it does not declare")
}

// Clocks are the member's clocks.
func (f *Facts) Clocks(id record.ID) []*storage.Clock {
	f.declared(Clocks())
	return f.loaded.Clocks[id]
}

// Links are the member's links of a kind that held at [Facts.At].
func (f *Facts) Links(kind string, id record.ID) []End {
	f.declared(Links(kind))
	return f.loaded.Links[Links(kind)][id]
}

// LinksOf are the links of a kind of a record of process that held at [Facts.At].
func (f *Facts) LinksOf(process, kind string, id record.ID) []End {
	f.declared(LinksOf(process, kind))
	return f.loaded.Links[LinksOf(process, kind)][id]
}

// Notices are what people were told about the member.
func (f *Facts) Notices(topic string, id record.ID) []*storage.Notice {
	f.declared(Notices(topic))
	return f.loaded.Notices[Notices(topic)][id]
}

// Steps are the member's events of that name, oldest first.
func (f *Facts) Steps(command string, id record.ID) []*storage.Event {
	f.declared(Steps(command))
	return f.loaded.Steps[Steps(command)][id]
}

// Versions are the member's versions, oldest first.
func (f *Facts) Versions(id record.ID) []process.Content {
	f.declared(Versions())
	return f.loaded.Versions[id]
}

// Children are the records of process that name the member in field.
func (f *Facts) Children(process, field string, id record.ID) []record.Record {
	f.declared(Children(process, field))
	return f.loaded.Children[Children(process, field)][id]
}

// Set are all records of a process that was declared; none when this system has no such process.
func (f *Facts) Set(process string) []Kept {
	f.declared(Set(process))
	return f.loaded.Sets[process]
}

// Openings is what is on record of who opened the records of process.
func (f *Facts) Openings(process string) Opened {
	f.declared(Openings(process))
	return f.loaded.Openings[process]
}

// Memo keeps what is worked out once for a whole evaluation, such as a compiled calendar. The key
// names the check's package too.
func (f *Facts) Memo(key string, build func() any) any {
	if v, ok := f.loaded.Memo[key]; ok {
		return v
	}
	v := build()
	f.loaded.Memo[key] = v
	return v
}

// Day is the organisation's day of t.
func (f *Facts) Day(t time.Time) record.Date { return record.Day(t.In(f.Zone)) }

// InForce is the version of k in force on the day of t, as far as known at [Facts.At]; nil when none
// was, or k had ended by then.
func (f *Facts) InForce(k Kept, t time.Time) *process.Content {
	if at, ended := end(k.Record); ended && !t.Before(at) {
		return nil
	}
	day := f.Day(t)
	for i := len(k.Versions) - 1; i >= 0; i-- {
		if k.Versions[i].Version.InForce(day) {
			return &k.Versions[i]
		}
	}
	return nil
}

// Spans are the times in which versions were in force, each from its approval at the earliest:
// a term approved later holds for what it says, and is evidence only from then.
func (f *Facts) Spans(name string, versions []process.Content, counts func(process.Content) bool) []catalogue.Span {
	var out []catalogue.Span
	for _, c := range versions {
		v := c.Version
		if v.Status != record.VersionApproved || counts != nil && !counts(c) {
			continue
		}
		s := catalogue.Span{Name: name, From: v.DecidedAt.Time(), To: f.Midnight(v.EffectiveTo)}
		if from := f.Midnight(v.EffectiveFrom); from.After(s.From) {
			s.From = from
		}
		if s.To.IsZero() || s.From.Before(s.To) {
			out = append(out, s)
		}
	}
	return out
}

// SpansOf are the Spans of a record, none of them beyond its own end: a document that was withdrawn
// was in force until then, whatever its versions say.
func (f *Facts) SpansOf(k Kept, counts func(process.Content) bool) []catalogue.Span {
	all := f.Spans(k.Ref, k.Versions, counts)
	at, ended := end(k.Record)
	if !ended {
		return all
	}
	var out []catalogue.Span
	for _, s := range all {
		if s.To.IsZero() || at.Before(s.To) {
			s.To = at
		}
		if s.From.Before(s.To) {
			out = append(out, s)
		}
	}
	return out
}

// Midnight is the instant at which a day begins; zero for none.
func (f *Facts) Midnight(d record.Date) time.Time {
	if d == "" {
		return time.Time{}
	}
	t, err := time.ParseInLocation(time.DateOnly, string(d), f.Zone)
	if err != nil {
		panic("check: stored date " + string(d) + " is none") // written only as one
	}
	return t
}

// About names a record as evidence.
func About(process, ref string, r record.Record, at time.Time) catalogue.Evidence {
	return catalogue.Evidence{Process: process, Ref: ref, ID: r.Head().ID, At: at}
}
