package audit

import (
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Checks decide 9.2.
var Checks = []check.Check{
	check.Each(Process, check.Of[Audit]{Requirement: "9.2-01", Version: 1, Where: notVoid, Member: real, Decide: inTime, Once: func(f *check.Facts) []catalogue.Member {
		return []catalogue.Member{check.Newest(f, "audit", "internal audit that was done", "carry out the next audit of the programme", doneAt)}
	}, Reads: []check.Read{check.Set("audit")}, Mend: "carry it out, or move it with a reason"}),
	check.Single("9.2-02", 1, ownRulesAudited, check.Set("audit"), check.Set("audit_programme")),
	check.Single("9.2-03", 1, clausesCovered, check.Set("audit"), check.Set("audit_programme")),
	check.Each(Process, check.Of[Audit]{Requirement: "9.2-04", Version: 1, Where: done, Member: isDone, When: reportedAt, Decide: practiceSeen, Reads: []check.Read{check.Links("examines")}, Mend: "link the records that were looked at, and say whether practice is effective"}),
	check.Single("9.2-05", 1, func(f *check.Facts) []catalogue.Member {
		return []catalogue.Member{check.VersionInForce(f, "audit_programme", "audit programme", "approve an audit programme with all its parts", whole)}
	}, check.Set("audit_programme")),
	check.Single("9.2-06", 1, func(f *check.Facts) []catalogue.Member {
		return []catalogue.Member{check.VersionInForce(f, "audit_programme", "audit programme whose lines are weighed", "say for each line how important it is, what changed and what earlier audits showed", weighed)}
	}, check.Set("audit_programme")),
	check.Each(Process, check.Of[Audit]{Requirement: "9.2-07", Version: 1, Where: begun, Member: isBegun, When: startedAt, Decide: func(a *Audit, _ *check.Facts) catalogue.Timeline {
		return check.Fields(Process, a, "criteria", "scope", "clauses")
	}, Mend: "say what it is held against, and what it covers"}),
	check.Each(Process, check.Of[Audit]{Requirement: "9.2-08", Version: 1, Where: begun, Member: isBegun, When: startedAt, Decide: impartial, Reads: []check.Read{check.Set("process")}, Mend: "have it done by somebody who does not run what is audited, and show that they are able"}),
	check.Each(Process, check.Of[Audit]{Requirement: "9.2-09", Version: 1, Where: begun, Member: isBegun, When: startedAt, Decide: resultsTold, Reads: []check.Read{check.Notices("audit_reported")}, Mend: "report it to the owners and to top management"}),
	check.Each(Process, check.Of[Audit]{Requirement: "9.2-10", Version: 1, Where: done, Member: isDone, When: reportedAt, Decide: func(a *Audit, _ *check.Facts) catalogue.Timeline {
		return check.Fields(Process, a, "criteria", "scope", "methods", "conclusion", "report", "reported_to")
	}, Once: func(f *check.Facts) []catalogue.Member {
		return []catalogue.Member{check.VersionInForce(f, "audit_programme", "audit programme", "approve an audit programme", nil)}
	}, Reads: []check.Read{check.Set("audit_programme")}, Mend: "keep its plan, evidence and report"}),
}

const (
	notVoid = `phase != "void"`
	begun   = `phase != "void" and started_at is not blank`
	done    = `phase != "void" and reported_at is not blank`
)

func real(a *Audit) bool            { return a.Phase != record.Choice(lifecycle.Void) }
func isBegun(a *Audit) bool         { return real(a) && a.StartedAt != 0 }
func isDone(a *Audit) bool          { return real(a) && a.ReportedAt != 0 }
func startedAt(a *Audit) time.Time  { return a.StartedAt.Time() }
func reportedAt(a *Audit) time.Time { return a.ReportedAt.Time() }

func doneAt(r record.Record) time.Time {
	if a, ok := r.(*Audit); ok && isDone(a) {
		return a.ReportedAt.Time()
	}
	return time.Time{}
}

// reportWithin is how long after its beginning an audit is to be reported. A default of this product.
const reportWithin = 30 * 24 * time.Hour

func inTime(a *Audit, f *check.Facts) catalogue.Timeline {
	due := f.Midnight(a.PlannedFor)
	if due.IsZero() {
		return check.Gap("it is planned for no day")
	}
	return catalogue.NotOverdue(due.AddDate(0, 0, 1), a.StartedAt.Time())
}

func whole(r record.Record) bool {
	p := r.(*Programme)
	return p.Frequency != "" && p.Methods != "" && p.Responsibilities != "" && p.Planning != "" && p.Reporting != "" && len(p.Lines) > 0
}

func weighed(r record.Record) bool {
	p := r.(*Programme)
	for _, l := range p.Lines {
		if l.Importance == "" || l.Changes == "" || l.Earlier == "" {
			return false
		}
	}
	return len(p.Lines) > 0
}

// cycle is the programme in force now: what was done within its cycle counts.
func cycle(f *check.Facts) (*Programme, *process.Content, check.Kept) {
	for _, k := range f.Set("audit_programme") {
		if c := f.InForce(k, f.At); c != nil && k.Record.Head().State == "active" {
			return c.Record.(*Programme), c, k
		}
	}
	return nil, nil, check.Kept{}
}

// within are the audits that were reported in the cycle of the programme in force.
func within(f *check.Facts) (p *Programme, audits []check.Kept, member *catalogue.Member) {
	p, _, _ = cycle(f)
	if p == nil {
		m := check.Missing("audit_programme", "audit programme", "no audit programme is in force, so there is no cycle to cover", "approve an audit programme")
		return nil, nil, &m
	}
	for _, k := range f.Set("audit") {
		a := k.Record.(*Audit)
		if day := f.Day(a.ReportedAt.Time()); isDone(a) && p.CycleFrom <= day && day < p.CycleTo {
			audits = append(audits, k)
		}
	}
	return p, audits, nil
}

func ownRulesAudited(f *check.Facts) []catalogue.Member {
	_, audits, none := within(f)
	if none != nil {
		return []catalogue.Member{*none}
	}
	for _, k := range audits {
		if a := k.Record.(*Audit); a.OwnRules {
			return []catalogue.Member{check.Found("audit", k, a.ReportedAt.Time(), check.Holds(), "")}
		}
	}
	return []catalogue.Member{check.Missing("audit", "audit against the organization's own documents", "no audit of this cycle was held against the organization's own documents", "hold an audit of this cycle against your own documents too")}
}

// clausesCovered asks for each clause of 4 to 10 one audit of the cycle. A clause is covered by an
// audit of itself, of a part of it or of the whole it belongs to.
func clausesCovered(f *check.Facts) []catalogue.Member {
	_, audits, none := within(f)
	if none != nil {
		return []catalogue.Member{*none}
	}
	var out []catalogue.Member
	for _, clause := range catalogue.BuiltIn().Leaves() {
		found := false
		for _, k := range audits {
			a := k.Record.(*Audit)
			for _, c := range a.Covers() {
				if catalogue.Beneath(clause, c) {
					out = append(out, check.Found("audit", k, a.ReportedAt.Time(), check.Holds(), ""))
					found = true
					break
				}
			}
			if found {
				break
			}
		}
		if !found {
			m := check.Missing("audit", "clause "+clause, "no audit of this cycle covered clause "+clause, "audit clause "+clause+" within the cycle")
			m.Required = false
			m.Verdict = check.Gap("no audit of this cycle covered clause " + clause)
			out = append(out, m)
		}
	}
	return out
}

func practiceSeen(a *Audit, f *check.Facts) catalogue.Timeline {
	return catalogue.And(check.LinkedTo(f, "examines", "record that was looked at", a, nil), check.Fields(Process, a, "conclusion", "effective"))
}

// impartial: no auditor owns or does a process that is audited, and each was shown to be able.
func impartial(a *Audit, f *check.Facts) catalogue.Timeline {
	if len(a.Auditors) == 0 {
		return check.Gap("no auditor is named")
	}
	audited := map[string]bool{}
	for _, n := range strings.Fields(string(a.Processes)) {
		audited[n] = true
	}
	for _, who := range a.Auditors {
		if who.Competence == "" {
			return check.Gap("nothing shows that an auditor is able")
		}
		for _, k := range f.Set("process") {
			n, ok := k.Record.(interface{ Runs() string })
			h := k.Record.Head()
			if ok && audited[n.Runs()] && (h.Owner == who.User || h.Assignee == who.User) {
				return check.Gap("an auditor runs " + n.Runs() + ", which was audited")
			}
		}
	}
	return check.Holds()
}

func resultsTold(a *Audit, f *check.Facts) catalogue.Timeline {
	at := time.Time{}
	if a.ReportedAt != 0 && len(f.Notices("audit_reported", a.ID)) > 0 {
		at = a.ReportedAt.Time()
	}
	return catalogue.NotOverdue(a.StartedAt.Time().Add(reportWithin), at)
}
