package document

import (
	"slices"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
	"steward/sms/portfolio/service"
)

// Checks decide 7.5; three more, that need to know what this Steward is made of, are [Listed]. Of
// what is not kept as records yet (backups, restore tests, requirements of
// services, catalogues, suppliers) each says so, and does not conform however good the rest is.
//
// Those of 7.5.2 and 7.5.3 are asked of a document while a version is in force: a draft is not
// controlled yet. See checks_control.go for them and checks_items.go for the mandatory list.
var Checks = []check.Check{
	check.Each(Process, check.Of[Document]{Requirement: "7.5.1-02", Version: 1, Where: `needed = true`, Member: needed, When: judged, Decide: present,
		Reads: []check.Read{check.Versions()}, Mend: "bring a version of it into force, or take the mark away that says it is needed"}),

	check.Each(Process, check.Of[Document]{Requirement: "7.5.2-01", Version: 1, Where: inUse, Member: used, When: judged, Once: controlled, Decide: identified,
		Reads: versions(), Mend: "give it the title, owner and description it lacks"}),
	check.Each(Process, check.Of[Document]{Requirement: "7.5.2-02", Version: 1, Where: inUse, Member: used, When: judged, Once: controlled, Decide: wellFormed,
		Reads: versions(attached...), Mend: "say which language, format and medium it has, and attach the file it names"}),
	check.Each(Process, check.Of[Document]{Requirement: "7.5.2-03", Version: 1, Where: inUse, Member: used, When: judged, Once: controlled, Decide: foundSuitable,
		Reads: versions(), Mend: "have somebody other than its author review it, and another approve it before it takes effect"}),

	check.Each(Process, check.Of[Document]{Requirement: "7.5.3-01", Version: 1, Where: inUse, Member: used, When: judged, Once: controlled, Decide: available,
		Reads: versions(check.Set("user"), check.Set("team")), Mend: "say where it is and who gets it, and review it when it is due"}),
	check.Each(Process, check.Of[Document]{Requirement: "7.5.3-02", Version: 1, Where: inUse, Member: used, When: judged, Decide: protected,
		Once:  withUnkept("backup that covers the documents", noBackup, "show the backups by other means: none is kept as a record"),
		Reads: versions(), Mend: "say who gets it; if its text no longer has its hash, restore it"}),
	check.Each(Process, check.Of[Document]{Requirement: "7.5.3-03", Version: 2, Where: inUse, Member: used, When: judged, Decide: distributed,
		Once: func(f *check.Facts) []catalogue.Member {
			return append([]catalogue.Member{openings(f)}, controlled(f)...)
		},
		Reads: versions(check.Children(Acknowledgements.Name, "document"), check.Openings(Process.Name)), Mend: "say who gets it, and have those who must know it acknowledge it"}),
	check.Each(Process, check.Of[Document]{Requirement: "7.5.3-04", Version: 1, Where: inUse, Member: used, When: judged, Decide: stored,
		Once:  withUnkept("restore test of the documents", noRestoreTest, "show the restore test by other means: none is kept as a record"),
		Reads: versions(attached...), Mend: "say where it is stored, and attach the file it names"}),
	check.Each(Process, check.Of[Document]{Requirement: "7.5.3-05", Version: 1, Where: inUse, Member: used, When: judged, Once: controlled, Decide: chained,
		Reads: versions(), Mend: "withdraw it, and issue it again with an author, a reason and an approver"}),
	check.Each(Process, check.Of[Document]{Requirement: "7.5.3-06", Version: 1, When: judged, Once: func(f *check.Facts) []catalogue.Member {
		return append(controlled(f), itemInForce(f, "retention_schedule"))
	}, Decide: retained, Reads: versions(), Mend: "say how long it is kept and by which rule; dispose of it when that is over, or hold it for a reason"}),
	check.Each(Process, check.Of[Document]{Requirement: "7.5.3-07", Version: 1, Where: `external = true and phase != "void"`, Member: external, When: compared, Decide: current,
		Mend: "compare it with its source and confirm that it is current"}),

	keptItem("7.5.4-01", 2, "scope"),
	items("7.5.4-02", "service_management_policy", "service_management_objectives"),
	items("7.5.4-03", "service_management_plan"),
	items("7.5.4-04", "change_management_policy"),
	items("7.5.4-05", "information_security_policy"),
	check.Each(service.Process, check.Of[service.Service]{Requirement: "7.5.4-06", Version: 1, Where: `state = "live"`, Member: live,
		Once:   func(f *check.Facts) []catalogue.Member { return []catalogue.Member{itemInForce(f, "continuity_plan")} },
		Decide: continued, Reads: []check.Read{check.Set(check.Documents), check.Links("covered_by")},
		Mend: "link it from the continuity plan that covers it, or say why it needs none (blanks.covered_by)"}),
	unkeptItem("7.5.4-08", "service_requirements", "no service requirements are kept as records yet: a document does not show that every live service has an approved one"),
	unkeptItem("7.5.4-09", "service_catalogue", "no catalogue is kept as records yet: a document does not show that every live service is in one"),
	check.Each(service.Process, check.Of[service.Service]{Requirement: "7.5.4-10", Version: 1, Where: `state = "live"`, Member: live, Decide: promised,
		Reads: []check.Read{check.Set("agreement"), check.Set("customer")},
		Mend:  "approve an agreement that covers it for each of its customers, or say why it has none (blanks.customers)"}),
	unkeptItem("7.5.4-11", "supplier_contract", "no suppliers are kept as records yet: it is not known which external ones are active and need a contract"),
	unkeptItem("7.5.4-12", "internal_agreement", "no suppliers are kept as records yet: it is not known which internal ones, or customers, supply and need an agreement"),
	items("7.5.4-13", "major_incident_procedure", "continuity_procedure"),
}

// The populations, as filters and as functions.
const inUse = `phase != "void"`

func used(d *Document) bool        { return d.Phase != record.Choice(lifecycle.Void) }
func needed(d *Document) bool      { return bool(d.Needed) }
func external(d *Document) bool    { return used(d) && bool(d.External) }
func live(s *service.Service) bool { return s.State == "live" }

func judged(d *Document) time.Time {
	if d.JudgedAt != 0 {
		return d.JudgedAt.Time()
	}
	return d.CreatedAt.Time()
}

func compared(d *Document) time.Time { return d.CheckedAt.Time() }

// versions is what every check of documents in force reads, and more.
func versions(more ...check.Read) []check.Read {
	return append([]check.Read{check.Versions(), check.Set(check.Documents)}, more...)
}

// attached is what tells which files a document has.
var attached = []check.Read{check.Steps("attach"), check.Steps("detach")}

func gap(reason string) catalogue.Timeline { return catalogue.Always(catalogue.Gap, reason) }

// whileInForce is what decide says of a version while that is in force; else nothing is asked.
func whileInForce(f *check.Facts, d *Document, decide func(process.Content) catalogue.Timeline) catalogue.Timeline {
	type stretch struct {
		catalogue.Span
		process.Content
	}
	var all []stretch
	for _, c := range f.Versions(d.ID) {
		for _, s := range f.Spans("", []process.Content{c}, nil) {
			all = append(all, stretch{s, c})
		}
	}
	slices.SortStableFunc(all, func(a, b stretch) int { return a.From.Compare(b.From) })
	out := catalogue.Always(catalogue.Vacuous, "no version of it is in force")
	never := out
	for _, s := range all {
		out = out.Truncate(s.From, decide(s.Content))
		if !s.To.IsZero() {
			out = out.Truncate(s.To, never)
		}
	}
	return out
}

// spans are the times in which versions that a person approved were in force; they end when the
// document is withdrawn.
func spans(f *check.Facts, ref string, d *Document, versions []process.Content) []catalogue.Span {
	var out []catalogue.Span
	for _, s := range f.Spans(ref, versions, func(c process.Content) bool { return !c.Version.Approver.IsZero() }) {
		if d.State != Active {
			if end := d.WithdrawnAt.Time(); s.To.IsZero() || end.Before(s.To) {
				s.To = end
			}
			if d.WithdrawnAt == 0 || !s.From.Before(s.To) {
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// during conforms within any of the spans, and is a gap for a reason outside them. It stays short
// however many there are.
func during(in []catalogue.Span, otherwise string) catalogue.Timeline {
	all := slices.Clone(in)
	slices.SortFunc(all, func(a, b catalogue.Span) int { return a.From.Compare(b.From) })
	segments := []catalogue.Segment{{State: catalogue.Gap, Reason: otherwise}}
	for i := 0; i < len(all); {
		from, to := all[i].From, all[i].To
		for i++; i < len(all) && (to.IsZero() || !all[i].From.After(to)); i++ {
			if !to.IsZero() && (all[i].To.IsZero() || all[i].To.After(to)) {
				to = all[i].To
			}
		}
		segments = append(segments, catalogue.Segment{From: from, State: catalogue.Conforms})
		if !to.IsZero() {
			segments = append(segments, catalogue.Segment{From: to, State: catalogue.Gap, Reason: otherwise})
		}
	}
	return catalogue.Steps(segments...)
}

// controlled asks that there is a document in force at all: of drafts alone nothing is shown.
func controlled(f *check.Facts) []catalogue.Member {
	return f.Memo("document/controlled", func() any {
		m := catalogue.Member{About: catalogue.Evidence{Process: Process.Name, Ref: "documents in force"}, NextStep: "approve the first document"}
		var all []catalogue.Span
		for _, k := range f.Set(check.Documents) {
			d := k.Record.(*Document)
			s := spans(f, k.Ref, d, k.Versions)
			if all = append(all, s...); len(s) > 0 && len(m.Rests) < catalogue.MaxEvidence {
				m.Rests = append(m.Rests, check.About(Process.Name, k.Ref, d, judged(d)))
			}
		}
		m.Verdict = once(all, during(all, "no document is in force"), "no document was ever in force")
		return []catalogue.Member{m}
	}).([]catalogue.Member)
}

// once is no evidence before the first of the spans, and then the rest.
func once(all []catalogue.Span, rest catalogue.Timeline, never string) catalogue.Timeline {
	none := catalogue.Always(catalogue.NoEvidence, never)
	if len(all) == 0 {
		return none
	}
	first := slices.MinFunc(all, func(a, b catalogue.Span) int { return a.From.Compare(b.From) }).From
	return none.Truncate(first, rest)
}

// What nobody can know from records, because none are kept.
const (
	noBackup      = "no backup is on record, for backups are not kept as records yet"
	noRestoreTest = "no restore test is on record, for they are not kept as records yet"
)

// unkept is the verdict on something that must be and of which nothing is kept.
func unkept(what, why, next string) catalogue.Member {
	return catalogue.Member{About: catalogue.Evidence{Process: Process.Name, Ref: what}, Verdict: catalogue.Always(catalogue.NoEvidence, why), NextStep: next}
}

// withUnkept adds it to what is asked once of all documents.
func withUnkept(what, why, next string) func(*check.Facts) []catalogue.Member {
	return func(f *check.Facts) []catalogue.Member {
		return append([]catalogue.Member{unkept(what, why, next)}, controlled(f)...)
	}
}

// openings: who opens documents comes on record by itself, from the first opening on. That nobody ever
// opened one shows nothing.
func openings(f *check.Facts) catalogue.Member {
	o := f.Openings(Process.Name)
	m := catalogue.Member{About: catalogue.Evidence{Process: Process.Name, Ref: "log of who opened which document"}, NextStep: "open a document: who does comes on record by itself",
		Verdict: catalogue.Always(catalogue.NoEvidence, "no opening of a document is on record")}
	if o.Since.IsZero() {
		return m
	}
	m.Verdict = m.Verdict.Truncate(o.Since, check.Holds())
	if o.Newest != nil {
		m.Rests = []catalogue.Evidence{{Process: Process.Name, Ref: o.Ref, ID: o.Newest.Record, At: o.Newest.At.Time()}}
	}
	return m
}
