package leadership

import (
	"fmt"
	"slices"
	"time"

	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
	"steward/sms/evaluation/report"
	"steward/sms/governance/authority"
	"steward/sms/governance/policy"
	"steward/sms/support/awareness"
	"steward/sms/support/communication"
	"steward/sms/support/document"
)

var reach = []check.Check{
	check.Each(policy.Process, check.Of[policy.Policy]{Requirement: "5.2.2-02", Version: 1, Where: policy.Where, Member: policy.Asked, When: func(p *policy.Policy) time.Time { return p.ReviewedAt.Time() },
		Reads: append([]check.Read{check.Links("stated_in"), check.Links("announced_by"), check.Set("awareness"), check.Set("awareness_confirmation"), check.Set("acknowledgement")}, policy.Reads...),
		Once:  inForce, Decide: known, Mend: "publish a module of awareness about the policy (about), or mark those who must know the document that states it; remind who has not answered"}),
	check.Each(policy.Process, check.Of[policy.Policy]{Requirement: "5.2.2-03", Version: 1, Where: policy.Where, Member: policy.Asked, When: func(p *policy.Policy) time.Time { return p.ReviewedAt.Time() },
		Reads: append([]check.Read{check.Links("stated_in"), check.Set(check.Documents)}, policy.Reads...),
		Once:  inForce, Decide: available, Mend: "say to which interested parties it is available and how, or why to none (blanks.available)"}),
	check.Single("5.3-03", 1, reported, append([]check.Read{check.Set("report"), check.Set("report_definition"), check.Set("management_review")}, authority.Reads...)...),
}

// inForce asks that there is a policy in force at all: of drafts alone nothing is shown.
func inForce(f *check.Facts) []catalogue.Member {
	return policy.Of(f, "", func(*policy.Policy, check.Kept, *record.Version) catalogue.Timeline { return check.Holds() })
}

// threshold is the share of people, in percent, who must know; within is how long knowing may take
// after approval or joining. Defaults of this product.
const (
	threshold = 95
	within    = 90 * 24 * time.Hour
)

// known: of those who work here enough acknowledged the version in force, within ninety days of its
// approval or of joining: by confirming a module about it that they were asked since, or, where a
// document states the policy, the version of that document in force. What was sent alone shows that
// it was told, and bridges the ninety days; it does not show that it arrived.
func known(p *policy.Policy, f *check.Facts) catalogue.Timeline {
	c, since := inForceOf(p, f)
	if c == nil {
		return catalogue.Always(catalogue.Vacuous, "no version of it is in force")
	}
	said := acknowledged(p, c, since, f)
	staff := f.Staff()
	if len(staff) == 0 {
		return catalogue.Always(catalogue.NoEvidence, "nobody works here who could know it")
	}
	n := 0
	var late []time.Time // when each who has not acknowledged it becomes late
	for _, u := range staff {
		if said[u.ID] {
			n++
			continue
		}
		from := since
		if t := u.CreatedAt.Time(); t.After(from) {
			from = t
		}
		late = append(late, from.Add(within))
	}
	words := fmt.Sprintf("%d of %d people acknowledged it", n, len(staff))
	if n == 0 && !announced(p, since, f) {
		return catalogue.Always(catalogue.NoEvidence, "nobody acknowledged the version in force yet, and nothing was sent about it")
	}
	limit := f.Threshold
	if limit == 0 {
		limit = threshold
	}
	slices.SortFunc(late, time.Time.Compare)
	spare := len(staff) * (100 - limit) / 100 // so many may be late
	if len(late) <= spare {
		return catalogue.Always(catalogue.Conforms, words)
	}
	return catalogue.Steps(catalogue.Segment{State: catalogue.Conforms, Reason: words + "; there is time until " + late[spare].Format(time.DateOnly)},
		catalogue.Segment{From: late[spare], State: catalogue.Gap, Reason: words + fmt.Sprintf("; %d %% are needed", limit)})
}

// inForceOf is the version of p in force, and since when it is: its approval, or its effect if later.
func inForceOf(p *policy.Policy, f *check.Facts) (*policy.Policy, time.Time) {
	for _, k := range f.Set("policy") {
		if k.Record.Head().ID != p.ID {
			continue
		}
		c := f.InForce(k, f.At)
		if c == nil {
			return nil, time.Time{}
		}
		since := c.Version.DecidedAt.Time()
		if from := f.Midnight(c.Version.EffectiveFrom); from.After(since) {
			since = from
		}
		return c.Record.(*policy.Policy), since
	}
	return nil, time.Time{}
}

// acknowledged are those who gave their word.
func acknowledged(p, content *policy.Policy, since time.Time, f *check.Facts) map[record.ID]bool {
	said, modules := map[record.ID]bool{}, map[record.ID]bool{}
	for _, k := range f.Set("awareness") {
		if m := k.Record.(*awareness.Module); m.About == p.ID && m.State == "published" {
			modules[m.ID] = true
		}
	}
	for _, k := range f.Set("awareness_confirmation") {
		if c := k.Record.(*awareness.Confirmation); modules[c.Module] && c.ConfirmedAt != 0 && !c.CreatedAt.Time().Before(since) {
			said[c.Assignee] = true
		}
	}
	if content.Text != "" { // it is said here, not in the document
		return said
	}
	for _, e := range f.Links("stated_in", p.ID) {
		if e.Record == nil {
			continue
		}
		newest := int64(0) // acknowledgements are asked for when a version is approved
		for _, k := range f.Set("acknowledgement") {
			if a := k.Record.(*document.Acknowledgement); a.Document == e.Record.Head().ID {
				newest = max(newest, a.Version.N)
			}
		}
		for _, k := range f.Set("acknowledgement") {
			if a := k.Record.(*document.Acknowledgement); a.Document == e.Record.Head().ID && a.Version.N == newest && a.AcknowledgedAt != 0 {
				said[a.Reporter] = true
			}
		}
	}
	return said
}

// announced reports whether something was sent about the policy since.
func announced(p *policy.Policy, since time.Time, f *check.Facts) bool {
	for _, e := range f.Links("announced_by", p.ID) {
		if l, ok := e.Record.(*communication.Line); ok && !l.LastSent.Time().Before(since) {
			return true
		}
	}
	return false
}

// available: lines of the policy say to whom; or the document that states it is public, in force and
// goes to customers; or there is a reason for which nobody outside gets it.
func available(p *policy.Policy, f *check.Facts) catalogue.Timeline {
	if c, _ := inForceOf(p, f); c == nil {
		return catalogue.Always(catalogue.Vacuous, "no version of it is in force")
	}
	first := time.Time{}
	for i, a := range p.Available {
		from := f.Midnight(a.From)
		if i == 0 || from.Before(first) {
			first = from
		}
	}
	if len(p.Available) > 0 {
		later := catalogue.Segment{From: first, State: catalogue.Conforms, Reason: "available to " + string(p.Available[0].To)}
		if first.IsZero() {
			return catalogue.Steps(later)
		}
		return catalogue.Steps(catalogue.Segment{State: catalogue.Gap, Reason: "it is available to nobody before " + string(f.Day(first))}, later)
	}
	for _, e := range f.Links("stated_in", p.ID) {
		d, ok := e.Record.(*document.Document)
		if !ok || d.Classification != document.Public || d.State != document.Active {
			continue
		}
		outside := false
		for _, r := range d.Distribution {
			outside = outside || !r.Customer.IsZero()
		}
		for _, k := range f.Set(check.Documents) {
			if outside && k.Record.Head().ID == d.ID {
				if spans := f.Spans(k.Ref, k.Versions, nil); len(spans) > 0 {
					return catalogue.AtLeastOne(spans...)
				}
			}
		}
	}
	if why := p.Reasons()["available"].Reason; why != "" {
		return catalogue.Always(catalogue.Conforms, "nobody outside gets it: "+why)
	}
	return check.Gap("nothing says to which interested parties it is available")
}

// reported: somebody was appointed to report, and top management was told of the performance within
// the interval: by a report on it that was issued, or in a management review.
func reported(f *check.Facts) []catalogue.Member {
	holder := authority.Held("reporting on the SMS", authority.OfKind(f, "sms_reporting"), "sms_reporting", "have top management appoint somebody who reports to it (sms_reporting)")
	of := map[record.ID]bool{}
	for _, k := range f.Set("report_definition") {
		if d := k.Record.(*report.Definition); d.Topic == "sms_performance" {
			of[d.ID] = true
		}
	}
	m := check.Newest(f, "report", "report on the performance of the SMS to top management", "issue a report on the performance of the SMS, or hold a management review", func(r record.Record) time.Time {
		if x := r.(*report.Report); of[x.Definition] && x.Phase != void {
			return x.CountedAt.Time()
		}
		return time.Time{}
	})
	if v, k := latest(f); v != nil && (len(m.Rests) == 0 || v.HeldAt.Time().After(m.Rests[0].At)) {
		m = check.Found("management_review", k, v.HeldAt.Time(), catalogue.FreshUntil(v.HeldAt.Time(), f.Interval.Period, "management review"), m.NextStep)
	}
	return []catalogue.Member{holder, m}
}
