package audit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// known is what a decision about an audit needs besides the audit.
type known struct {
	owners   map[string][]record.ID // of the processes that are described, by name
	findings []*Finding
}

// findingsOf is how many findings of one audit are read.
const findingsOf = 1000

func load(ctx context.Context, r process.Reader, a *Audit, f *lifecycle.Facts) (any, error) {
	k := &known{owners: map[string][]record.ID{}}
	if f.Before == nil || f.Transition == "" && !f.Asked("auditors") {
		return k, nil
	}
	if f.Transition == "report" {
		found, err := r.Find(ctx, "finding", `audit = "`+a.ID.String()+`" and phase != "void"`, findingsOf)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			k.findings = append(k.findings, x.(*Finding))
		}
	}
	described, err := r.All(ctx, "process")
	if err != nil {
		return nil, err
	}
	for _, d := range described {
		name := strings.ToLower(string(d.Head().Title))
		if n, ok := d.(interface{ Runs() string }); ok {
			name = n.Runs()
		}
		k.owners[name] = append(k.owners[name], d.Head().Owner, d.Head().Assignee)
	}
	return k, nil
}

// Covers are the clauses that an audit covers, as they were written: numbers, separated by blanks.
func (a *Audit) Covers() []string { return strings.Fields(string(a.Clauses)) }

func decide(a *Audit, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	for _, c := range a.Covers() {
		if !catalogue.IsClause(c) {
			out = append(out, lifecycle.Refusal{Field: "clauses", Reason: "unknown_choice", Mend: fmt.Sprintf("%q is no clause with requirements; give numbers such as 8.6.1, separated by blanks", c)})
		}
	}
	due := time.Time{}
	if a.State == PlannedState || a.State == Prepared {
		if d, err := time.ParseInLocation(time.DateOnly, string(a.PlannedFor), f.Zone); err == nil {
			due = d.AddDate(0, 0, 1)
		}
	}
	a.DueAt = 0
	if !due.IsZero() {
		a.DueAt = record.At(due)
	}
	if f.Verb == "timer" && !due.After(f.Now) {
		due = time.Time{}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "due", At: due})
	return out
}

func timer(a *Audit, key string, f *lifecycle.Facts) {
	if key == "due" {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{a.Owner}, Role: "process_owner", Topic: "audit_due",
			Text: "An audit was planned and is not done: carry it out, or move it with a reason: " + string(a.Title)})
	}
}

// independent: there are auditors, each shown to be able, and none owns or does what is audited.
func independent(a *Audit, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	var out []lifecycle.Refusal
	if len(a.Auditors) == 0 {
		return lifecycle.Refuse("auditors", "required", "name at least one auditor")
	}
	for _, who := range a.Auditors {
		at := "auditors[" + who.ID.String() + "]"
		if who.Competence == "" {
			out = append(out, lifecycle.Refusal{Field: at + ".competence", Reason: "required", Mend: "say what shows that the auditor is able"})
		}
		for _, name := range strings.Fields(string(a.Processes)) {
			for _, owner := range k.owners[name] {
				if owner == who.User && !owner.IsZero() {
					out = append(out, lifecycle.Refusal{Field: at + ".user", Reason: "own_work", Mend: "the auditor runs " + name + ": nobody audits their own work"})
				}
			}
		}
	}
	return out
}

// begin fixes the seed from which samples are drawn, so that they can be drawn again.
func begin(a *Audit, f *lifecycle.Facts) {
	a.StartedAt = record.At(f.Now)
	a.Seed = record.Text(fmt.Sprintf("%x", f.Now.UnixMicro()))
}

func byTheLead(a *Audit, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Actor.System || f.Replay || a.Owner == f.Actor.ID {
		return nil
	}
	return lifecycle.Refuse("owner", "not_the_lead", "the lead auditor sends the report")
}

// tell sends the report to top management and to those who run what was audited.
func tell(a *Audit, f *lifecycle.Facts) {
	k := f.Data.(*known)
	a.ReportedAt, a.FindingsN = record.At(f.Now), record.Count(len(k.findings))
	var to []record.ID
	for _, name := range strings.Fields(string(a.Processes)) {
		to = append(to, k.owners[name]...)
	}
	text := fmt.Sprintf("Audit report with %d findings: %s", len(k.findings), a.Title)
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{Role: "manager", Topic: "audit_reported", Text: text},
		lifecycle.Notice{To: to, Role: "process_owner", Topic: "audit_reported", Text: text})
}

func withWords(_ *Audit, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}

// of is what a decision about a finding needs.
type of struct {
	audit *Audit
	open  []string // nonconformities that it raised and that are not closed
	any   bool
	doers map[record.ID]bool // who put them right
}

func loadFinding(ctx context.Context, r process.Reader, x *Finding, f *lifecycle.Facts) (any, error) {
	k := &of{doers: map[record.ID]bool{}}
	if f.Transition != "verify" {
		return k, nil
	}
	a, err := r.Get(ctx, "audit", x.Audit)
	if err != nil {
		return nil, err
	}
	k.audit, _ = a.(*Audit)
	ends, err := r.Links(ctx, x.ID, "raises")
	if err != nil {
		return nil, err
	}
	for _, e := range ends {
		n, err := r.Get(ctx, e.Process, e.Other)
		if err != nil {
			return nil, err
		}
		if n == nil {
			continue
		}
		k.any = true
		if x, ok := n.(interface{ PutRightBy() record.ID }); ok {
			k.doers[x.PutRightBy()] = true
		}
		done, err := r.Find(ctx, "task", `parent = "`+e.Other.String()+`" and kind = "corrective_action" and phase = "done"`, actionsOf)
		if err != nil {
			return nil, err
		}
		for _, t := range done {
			k.doers[t.Head().Assignee] = true
			if x, ok := t.(*people.Task); ok {
				k.doers[x.DoneBy] = true
			}
		}
		if p := n.Head().Phase; p != record.Choice(lifecycle.Done) && p != record.Choice(lifecycle.Void) {
			k.open = append(k.open, string(n.Head().Title))
		}
	}
	return k, nil
}

// actionsOf is how many corrective actions of one nonconformity are read.
const actionsOf = 500

// settled: what it found is put right, by the nonconformity that it raised, and by somebody else than
// who verifies it.
func settled(x *Finding, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*of)
	if !f.Actor.ID.IsZero() && k.doers[f.Actor.ID] && !f.Replay {
		return lifecycle.Refuse("verified_by", "own_work", "you put it right: let another auditor verify it")
	}
	if x.Grade != "major" && x.Grade != "minor" || f.Replay {
		return nil
	}
	switch {
	case !k.any:
		return lifecycle.Refuse("raises", "required", "link the nonconformity that it raises")
	case len(k.open) > 0:
		return lifecycle.Refuse("raises", "open", "its nonconformity is not closed: "+strings.Join(k.open, ", "))
	}
	return nil
}
