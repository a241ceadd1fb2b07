package incident

import (
	"time"

	"steward/kernel/calendar"
	"steward/kernel/clock"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/agreement/calendars"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Checks decide 8.6.1. An incident that was cancelled, or merged into another, is asked nothing.
var Checks = []check.Check{
	check.Filled(Process, check.Of[Incident]{Requirement: "8.6.1-01", Version: 1, Where: notVoid, Member: real, When: opened,
		Mend: "fill in what is missing, or say why it cannot be"},
		func(i *Incident) []any {
			return []any{&i.Reporter, &i.OpenedAt, &i.Description, &i.Service, &i.Category}
		}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-02", Version: 1, Where: notVoid, Member: real, When: opened, Decide: prioritised,
		Mend: "set impact and urgency, and a reason where the priority is not the matrix's"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-03", Version: 1, Where: notVoid, Member: real, When: opened, Decide: passedOn,
		Reads: []check.Read{check.Clocks()}, Mend: "escalate it to more skill or authority"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-04", Version: 1, Where: notVoid, Member: real, When: opened, Decide: solved, Needs: (*Incident).Unsolved,
		Reads: []check.Read{check.Clocks(), check.Steps("escalate"), check.Set("calendar")}, Mend: "restore service and write down how, or escalate it with a reason"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-05", Version: 1, Where: `phase = "done"`, Member: done, When: resolved, Decide: formallyEnded,
		Reads: policies, Mend: "have the reporter confirm, or let it close by itself when the time is over"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-06", Version: 1, Where: notVoid, Member: real, When: opened, Decide: logged,
		Reads: policies, Mend: "write down what was done about it"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-07", Version: 1, Where: `priority = 1 and phase != "void"`, Member: top, When: opened, Decide: judgedMajor,
		Once: func(f *check.Facts) []catalogue.Member { return []catalogue.Member{criteria(f)} }, Reads: policies,
		Mend: "decide whether it is a major incident"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-08", Version: 2, Where: majors, Member: major, When: declared, Decide: byProcedure,
		Once: func(f *check.Facts) []catalogue.Member {
			return []catalogue.Member{criteria(f), check.InForce(f, "major_incident_procedure", "major incident procedure")}
		},
		Reads: append([]check.Read{check.Set(check.Documents)}, policies...), Mend: "name the procedure it is handled by and the criterion that makes it a major one"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-09", Version: 1, Where: majors, Member: major, When: declared, Decide: managementTold,
		Reads: append([]check.Read{check.Notices("major_declared"), check.Notices("major_resolved"), check.Set("user")}, policies...),
		Mend:  "give somebody the role manager, so that top management is told"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-10", Version: 1, Where: majors, Member: major, When: declared, Decide: led,
		Reads: policies, Mend: "name who leads it"}),
	check.Each(Process, check.Of[Incident]{Requirement: "8.6.1-11", Version: 1, Where: restoredMajors, Member: majorDone, When: resolved, Decide: reported,
		Reads: append([]check.Read{check.Links("leads_to")}, policies...), Mend: "report and review it, and link the improvements or say why there are none"}),
}

// The populations, as filters and as functions.
const (
	notVoid        = `phase != "void"`
	majors         = `major = true and phase != "void"`
	restoredMajors = `major = true and phase = "done"`
)

func real(i *Incident) bool      { return i.Phase != record.Choice(lifecycle.Void) }
func done(i *Incident) bool      { return i.Phase == record.Choice(lifecycle.Done) }
func top(i *Incident) bool       { return real(i) && i.Priority.N == 1 }
func major(i *Incident) bool     { return real(i) && bool(i.Major) }
func majorDone(i *Incident) bool { return done(i) && bool(i.Major) }

func opened(i *Incident) time.Time   { return i.OpenedAt.Time() }
func resolved(i *Incident) time.Time { return i.ResolvedAt.Time() }
func declared(i *Incident) time.Time { return i.MajorSince.Time() }

// policies is what must be read to know the incident policy of a day.
var policies = []check.Read{check.Set("incident_policy"), check.Set("calendar")}

// policyAt is the policy in force on the day of t; nil when there was none.
func policyAt(f *check.Facts, t time.Time) *Policy {
	p, _ := f.Memo("incident/policy/"+string(f.Day(t)), func() any {
		for _, k := range f.Set("incident_policy") {
			if c := f.InForce(k, t); c != nil && k.Record.Head().State == "active" {
				return c.Record
			}
		}
		return nil
	}).(*Policy)
	return p
}

// hours is the compiled calendar: of a version, or (with none) the one in force at t; nil when there
// is none or it cannot be used.
func hours(f *check.Facts, id, version record.ID, t time.Time) *calendar.Calendar {
	if id.IsZero() {
		return nil
	}
	var found *process.Content
	for _, k := range f.Set("calendar") {
		if k.Record.Head().ID != id {
			continue
		}
		if version.IsZero() {
			found = f.InForce(k, t)
		}
		for i := range k.Versions {
			if k.Versions[i].Version.ID == version {
				found = &k.Versions[i]
			}
		}
	}
	if found == nil {
		return nil
	}
	c, _ := f.Memo("incident/calendar/"+found.Version.ID.String(), func() any {
		c, problems := calendar.Compile(found.Record.(*calendars.Calendar).Spec())
		if len(problems) > 0 {
			return nil
		}
		return c
	}).(*calendar.Calendar)
	return c
}

// workingDays is the instant n working days after t, as the policy counts them.
func workingDays(f *check.Facts, p *Policy, t time.Time, n int) time.Time {
	var c *calendar.Calendar
	if p != nil {
		c = hours(f, p.CloseCalendar, record.ID{}, t)
	}
	return workingDaysAfter(t.In(f.Zone), n, c)
}

func gap(reason string) catalogue.Timeline { return catalogue.Always(catalogue.Gap, reason) }

func prioritised(i *Incident, _ *check.Facts) catalogue.Timeline {
	switch {
	case !i.Impact.Set || !i.Urgency.Set || !i.Priority.Set:
		return check.Answered(i, Process.Shape.Field("impact"), Process.Shape.Field("urgency"), Process.Shape.Field("priority"))
	case i.Priority == i.MatrixPriority || i.OverrideReason != "":
		return check.Holds()
	}
	return gap("the priority is not the matrix's, and nobody said why")
}

// grace is how long after a missed target the escalation may take that follows by itself.
const grace = 5 * time.Minute

// passedOn: an incident past a target was escalated. Before the target there is nothing to ask.
func passedOn(i *Incident, f *check.Facts) catalogue.Timeline {
	var all []catalogue.Timeline
	for _, c := range f.Clocks(i.ID) {
		late := missed(c)
		if late.IsZero() {
			continue
		}
		steps := []catalogue.Segment{{State: catalogue.Vacuous, Reason: "no target was missed"},
			{From: late, State: catalogue.Conforms, Reason: "the " + string(c.Kind) + " target was just missed"},
			{From: late.Add(grace), State: catalogue.Gap, Reason: "not escalated after the " + string(c.Kind) + " target was missed"}}
		at := c.EscalatedAt
		if at == 0 || i.EscalatedAt != 0 && i.EscalatedAt < at {
			at = i.EscalatedAt
		}
		if at != 0 && at.Time().Before(late.Add(grace)) {
			steps[2] = catalogue.Segment{From: late, State: catalogue.Conforms, Reason: "escalated"}
		} else if at != 0 {
			steps = append(steps, catalogue.Segment{From: at.Time(), State: catalogue.Conforms, Reason: "escalated"})
		}
		all = append(all, catalogue.Steps(steps...))
	}
	if len(all) == 0 {
		return neverLate
	}
	return catalogue.And(all...)
}

var neverLate = catalogue.Always(catalogue.Vacuous, "no target was missed")

// missed is when a clock was, or if it runs on will be, past its target; zero when it is not known to.
func missed(c *storage.Clock) time.Time {
	if c.BreachedAt != 0 {
		return c.BreachedAt.Time()
	}
	if c.EndedAt == 0 && c.State == "running" {
		return c.DueAt.Time()
	}
	return time.Time{}
}

// solved: what is resolved says how; what is open is not beyond twice its target unless somebody
// passed it on for a stated reason.
func solved(i *Incident, f *check.Facts) catalogue.Timeline {
	if !i.Unsolved() {
		if i.Resolution != "" && i.ResolutionCode != "" && i.ResolvedAt != 0 {
			return check.Holds()
		}
		return check.Answered(i, Process.Shape.Field("resolution"), Process.Shape.Field("resolution_code"), Process.Shape.Field("resolved_at"))
	}
	var all []catalogue.Timeline
	for _, c := range f.Clocks(i.ID) {
		if c.Kind != "resolution" || c.EndedAt != 0 {
			continue
		}
		twice := clock.Clock{Target: 2 * time.Duration(c.TargetS) * time.Second}
		if err := twice.Spans.UnmarshalText([]byte(c.Spans)); err != nil {
			all = append(all, gap("its clock cannot be read: "+err.Error()))
			continue
		}
		h := hours(f, c.Calendar, c.CalendarVersion, time.Time{})
		if h == nil {
			continue
		}
		limit := twice.DueAt(h)
		if limit.IsZero() {
			continue // it stands still
		}
		steps := []catalogue.Segment{{State: catalogue.Vacuous, Reason: unsolved}, {From: limit, State: catalogue.Gap, Reason: "open beyond twice its target without a decision"}}
		for _, e := range f.Steps("escalate", i.ID) {
			if t := e.OccurredAt.Time(); !t.Before(missed(c)) {
				steps = append(steps, catalogue.Segment{From: t, State: catalogue.Conforms, Reason: "passed on for a reason"})
				if t.Before(limit) {
					steps[1] = steps[0] // decided before the limit: the limit says nothing any more
				}
				break
			}
		}
		all = append(all, catalogue.Steps(steps...))
	}
	if len(all) == 0 {
		return stillOpen
	}
	return catalogue.And(all...)
}

// stillOpen shows nothing yet of service being restored.
var stillOpen = catalogue.Always(catalogue.Vacuous, unsolved)

const unsolved = "not resolved yet"

// closingDays is how many working days after its resolution an incident ends when no policy says.
const closingDays = 5

// formallyEnded: closed with a code by confirmation or by time, within the closing delay.
func formallyEnded(i *Incident, f *check.Facts) catalogue.Timeline {
	if i.State == Closed {
		switch {
		case i.ResolutionCode == "":
			return gap("closed without a code")
		case i.CloseReason == "confirmed" || i.CloseReason == "timed_out":
			return check.Holds()
		case i.CloseReason == "":
			return gap("closed, and it is not known whether the reporter agreed")
		}
		return gap("closed by somebody of ours before the reporter confirmed or the time was over")
	}
	if i.ResolvedAt == 0 {
		return gap("resolved, and it is not known when")
	}
	p, n := policyAt(f, i.ResolvedAt.Time()), closingDays
	if p != nil && p.CloseAfterDays.Set {
		n = int(p.CloseAfterDays.N)
	}
	return catalogue.Steps(catalogue.Segment{State: catalogue.Vacuous, Reason: "resolved, and not to be closed yet"},
		catalogue.Segment{From: workingDays(f, p, i.ResolvedAt.Time(), n).Add(grace), State: catalogue.Gap, Reason: "resolved for longer than the closing delay and not closed"})
}

// logged: the log tells what was done, and an open incident has an entry as often as the policy asks.
func logged(i *Incident, f *check.Facts) catalogue.Timeline {
	if !i.Unsolved() {
		if i.WorkedAt != 0 {
			return check.Holds()
		}
		return gap("no entry between recording and resolution")
	}
	p := policyAt(f, i.OpenedAt.Time())
	if p == nil {
		return catalogue.Always(catalogue.NoEvidence, "no policy in force says how often an open incident needs an entry")
	}
	so, state, reason := catalogue.Segment{State: catalogue.Conforms}, catalogue.Stale, "no entry since "
	if i.WorkedAt == 0 {
		so, state, reason = catalogue.Segment{State: catalogue.Vacuous, Reason: "no entry is due yet"}, catalogue.Gap, "no entry at all since "
	}
	for _, u := range p.UpdateEvery {
		if u.Priority.N == i.Priority.N && i.Priority.Set {
			last := max(i.LastEntryAt, i.OpenedAt, i.CreatedAt).Time()
			return catalogue.Steps(so, catalogue.Segment{From: last.Add(u.Every.Go()), State: state, Reason: reason + last.In(f.Zone).Format("2006-01-02 15:04 MST")})
		}
	}
	return catalogue.Steps(so) // no frequency is set for its priority
}

// criteria must be in force once: those of the organisation, approved by one of its people. The
// policy that a new system begins with is a proposal.
func criteria(f *check.Facts) catalogue.Member {
	const what = "policy with criteria for major incidents that a person has approved"
	m := catalogue.Member{About: catalogue.Evidence{Process: Policies.Name, Ref: "criteria for major incidents"}, NextStep: "approve an incident policy with your own criteria for major incidents"}
	var spans []catalogue.Span
	for _, k := range f.Set(Policies.Name) {
		if k.Record.Head().State != "active" {
			continue
		}
		s := f.Spans(k.Ref, k.Versions, func(c process.Content) bool {
			return len(c.Record.(*Policy).Criteria) > 0 && !c.Version.Approver.IsZero()
		})
		if len(s) > 0 {
			spans = append(spans, s...)
			m.Rests = append(m.Rests, check.About(Policies.Name, k.Ref, k.Record, s[len(s)-1].From))
		}
	}
	m.Verdict = check.InForceOnce(spans, what)
	return m
}

func judgedMajor(i *Incident, _ *check.Facts) catalogue.Timeline {
	if i.MajorDecision != "" {
		return check.Holds()
	}
	return gap("nobody decided whether it is a major incident")
}

// byProcedure: it names a procedure that was in force when it was declared, and its criterion.
func byProcedure(i *Incident, f *check.Facts) catalogue.Timeline {
	parts := []catalogue.Timeline{check.Answered(i, Process.Shape.Field("major_criterion"), Process.Shape.Field("major_procedure"))}
	if !i.MajorProcedure.IsZero() {
		held := gap("the procedure it names was not in force when it was declared")
		for _, k := range check.Fulfils(f, "major_incident_procedure") {
			if k.Record.Head().ID == i.MajorProcedure && f.InForce(k, i.MajorSince.Time()) != nil {
				held = check.Holds()
			}
		}
		parts = append(parts, held)
	}
	return catalogue.And(parts...)
}

// managementTold: somebody of top management was told in time, and again when it was over. A stamp
// alone is no evidence: the notice must have had a recipient.
func managementTold(i *Incident, f *check.Facts) catalogue.Timeline {
	p := policyAt(f, i.MajorSince.Time())
	within := time.Hour
	if p != nil && p.ManagementNotice.Set {
		within = p.ManagementNotice.Go()
	}
	start := catalogue.Moment{What: "declaration", At: i.MajorSince.Time()}
	out := []catalogue.Timeline{catalogue.AnsweredBy(start, start.At.Add(within), catalogue.Moment{What: "notice to top management", At: told(f, "major_declared", i)})}
	if i.ResolvedAt != 0 {
		end := catalogue.Moment{What: "end", At: i.ResolvedAt.Time()}
		out = append(out, catalogue.AnsweredBy(end, end.At.Add(within), catalogue.Moment{What: "notice of the end to top management", At: told(f, "major_resolved", i)}))
	}
	return catalogue.And(out...)
}

// told is when top management first was told under a topic; zero when it never was.
func told(f *check.Facts, topic string, i *Incident) time.Time {
	since := i.MajorSince
	if topic == "major_resolved" {
		since = i.ResolvedAt
	}
	for _, n := range f.Notices(topic, i.ID) {
		if n.At >= since && inOffice(f, n.Recipient, n.At.Time()) {
			return n.At.Time()
		}
	}
	return time.Time{}
}

// inOffice reports whether a user held the role of top management on the day of t.
func inOffice(f *check.Facts, user record.ID, t time.Time) bool {
	for _, k := range f.Set("user") {
		if u, ok := k.Record.(interface{ RolesOn(record.Date) []string }); ok && k.Record.Head().ID == user {
			for _, r := range u.RolesOn(f.Day(t)) {
				if r == "manager" {
					return true
				}
			}
		}
	}
	return false
}

func led(i *Incident, f *check.Facts) catalogue.Timeline {
	within := 30 * time.Minute
	if p := policyAt(f, i.MajorSince.Time()); p != nil && p.LeadWithin.Set {
		within = p.LeadWithin.Go()
	}
	start := catalogue.Moment{What: "declaration", At: i.MajorSince.Time()}
	lead := catalogue.Moment{What: "named lead", At: i.MajorLeadSince.Time()}
	if i.MajorLead.IsZero() {
		lead.At = time.Time{}
	} else if lead.At.Before(start.At) {
		lead.At = start.At // it had one before it was declared
	}
	return catalogue.AnsweredBy(start, start.At.Add(within), lead)
}

// reviewDays is how many working days a review may take when no policy says.
const reviewDays = 10

func reported(i *Incident, f *check.Facts) catalogue.Timeline {
	at := i.ResolvedAt.Time()
	p, n := policyAt(f, at), reviewDays
	if p != nil && p.ReviewWithinDays.Set {
		n = int(p.ReviewWithinDays.N)
	}
	due := workingDays(f, p, at, n)
	end := catalogue.Moment{What: "resolution", At: at}
	review := catalogue.Moment{What: "review", At: i.MajorReviewedAt.Time()}
	if i.MajorReview == "" {
		review.At = time.Time{}
	}
	parts := []catalogue.Timeline{catalogue.AnsweredBy(end, due, review)}
	if i.MajorReport == "" {
		parts = append(parts, catalogue.ConformsUntil(due, catalogue.Gap, "no report"))
	}
	if !review.At.IsZero() {
		var targets []catalogue.Target
		for _, l := range f.Links("leads_to", i.ID) {
			if l.Record != nil {
				targets = append(targets, catalogue.Target{Ref: l.Ref, State: string(l.Record.Head().State), Allowed: l.Record.Head().Phase != "void"})
			}
		}
		parts = append(parts, catalogue.Linked("improvement", i.Reasons()["leads_to"].Reason, targets...))
	}
	return catalogue.And(parts...)
}
