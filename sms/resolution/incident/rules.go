package incident

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"steward/kernel/calendar"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/agreement/calendars"
	"steward/sms/agreement/level"
	"steward/sms/portfolio/service"
)

// known is what a decision about an incident needs to know besides the incident.
type known struct {
	policy   *Policy
	service  *service.Service
	reporter record.Record // the user
	terms    level.Terms
	hours    *calendar.Calendar
	hoursV   *record.Version
	closing  *calendar.Calendar // whose working days count towards closing
	into     *Incident          // final target of a merge
	loop     bool               // the chain of merges leads back here
	children []record.ID
}

// load reads what the decision needs, from memory but for merges.
func load(ctx context.Context, r process.Reader, i *Incident, f *lifecycle.Facts) (any, error) {
	k := &known{}
	opened := i.OpenedAt.Time()
	if opened.IsZero() {
		opened = f.Now
	}
	day := record.Day(opened.In(f.Zone))
	var err error
	if k.policy, err = InForce(ctx, r, day); err != nil {
		return nil, err
	}
	if rec, err := r.Get(ctx, "service", i.Service); err != nil {
		return nil, err
	} else if rec != nil {
		k.service = rec.(*service.Service)
	}
	if k.reporter, err = r.Get(ctx, "user", i.Reporter); err != nil {
		return nil, err
	}
	if err := k.promise(ctx, r, i, f, day); err != nil {
		return nil, err
	}
	if k.policy != nil && !k.policy.CloseCalendar.IsZero() && f.Transition == "resolve" {
		if k.closing, _, err = calendars.InForce(ctx, r, k.policy.CloseCalendar, record.Day(f.Now.In(f.Zone))); err != nil {
			return nil, err
		}
	}
	if f.Transition == "merge" || f.Verb == "comment" && !i.MergedInto.IsZero() {
		if err := k.follow(ctx, r, i); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// follow walks a chain of merges to the one incident at its end.
func (k *known) follow(ctx context.Context, r process.Reader, i *Incident) error {
	seen := map[record.ID]bool{}
	for id := i.MergedInto; !id.IsZero(); {
		if id == i.ID || seen[id] {
			k.loop = true
			return nil
		}
		seen[id] = true
		rec, err := r.Get(ctx, "incident", id)
		if err != nil || rec == nil {
			return err
		}
		k.into = rec.(*Incident)
		id = k.into.MergedInto
	}
	return nil
}

// decide holds what is always true and derives the priority.
func decide(i *Incident, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	var out []lifecycle.Refusal
	before, _ := f.Before.(*Incident)
	if before == nil {
		if i.OpenedAt == 0 {
			i.OpenedAt = record.At(f.Now)
		}
		if i.Channel == "" {
			i.Channel = "api"
		}
		if i.Reporter.IsZero() && !f.Replay {
			i.Reporter = f.Actor.ID
		}
		if !i.Impact.Set && !f.Replay {
			i.Impact = record.N(3)
		}
		if !i.Urgency.Set && !f.Replay {
			i.Urgency = record.N(3)
		}
	}
	if i.Customer.IsZero() && k.reporter != nil {
		i.Customer = k.reporter.Head().Customer
	}
	if i.Customer.IsZero() && k.service != nil {
		i.Customer = k.service.Customer
	}
	if s := k.service; s != nil && (before == nil || before.Service != i.Service) && !f.Replay {
		if s.Retired() {
			out = append(out, lifecycle.Refusal{Field: "service", Reason: "retired", Mend: "choose a service that is delivered"})
		}
		if !s.Customer.IsZero() && !i.Customer.IsZero() && s.Customer != i.Customer {
			out = append(out, lifecycle.Refusal{Field: "service", Reason: "other_customer", Mend: "this service is delivered to another customer"})
		}
	}
	out = append(out, priority(i, k, f)...)
	out = append(out, majorRules(i, before, k, f)...)
	if before != nil && before.MergedInto != i.MergedInto && f.Transition != "merge" {
		out = append(out, lifecycle.Refusal{Field: "merged_into", Reason: "read_only", Mend: "use the transition merge"})
	}
	if len(codesOf(k.policy)) > 0 && f.Transition == "resolve" && !f.Replay && i.ResolutionCode != "" && !codesOf(k.policy)[i.ResolutionCode] {
		out = append(out, lifecycle.Refusal{Field: "resolution_code", Reason: "unknown_choice", Mend: "the codes stand in the incident policy in force"})
	}
	return out
}

func codesOf(p *Policy) map[record.Text]bool {
	m := map[record.Text]bool{}
	if p != nil {
		for _, c := range p.Codes {
			m[c.Code] = true
		}
	}
	return m
}

// priority sets the matrix's priority unless somebody overrode it for a stated reason. Changing
// impact or urgency takes an override back unless it is stated again.
func priority(i *Incident, k *known, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Replay && i.Priority.Set && (!i.Impact.Set || !i.Urgency.Set || f.Asked("priority")) {
		if k.policy != nil && i.Impact.Set && i.Urgency.Set {
			if p, r := k.policy.Priority(i.Impact.N, i.Urgency.N); r == nil {
				i.MatrixPriority = record.N(p)
				if p != i.Priority.N && i.OverrideReason == "" {
					i.OverrideReason = "as the source has it"
				}
			}
		}
		return nil // the source's own
	}
	if !i.Impact.Set || !i.Urgency.Set {
		return nil
	}
	if k.policy == nil {
		if f.Before != nil && !f.Asked("impact") && !f.Asked("urgency") && !f.Asked("priority") {
			return nil // a policy that has ended takes no priority back, and stops no timer
		}
		return lifecycle.Refuse("priority", "no_matrix", "approve an incident policy with a priority matrix that is in force on the day the incident opened")
	}
	p, refusal := k.policy.Priority(i.Impact.N, i.Urgency.N)
	if refusal != nil {
		return []lifecycle.Refusal{*refusal}
	}
	moved := i.MatrixPriority.N != p || !i.MatrixPriority.Set
	i.MatrixPriority = record.N(p)
	switch {
	case f.Asked("priority") && i.Priority.Set && i.Priority.N != p:
		if i.OverrideReason == "" || (!f.Asked("override_reason") && moved && f.Before != nil) {
			return lifecycle.Refuse("override_reason", "required", fmt.Sprintf("the matrix says priority %d; say why it is to be %d", p, i.Priority.N))
		}
	case f.Asked("priority") || moved || !i.Priority.Set:
		i.Priority, i.OverrideReason = record.N(p), ""
	case f.Asked("override_reason") && i.Priority.N == p:
		i.OverrideReason = ""
	}
	return nil
}

func toSomebody(i *Incident, f *lifecycle.Facts) []lifecycle.Refusal {
	if i.Assignee.IsZero() && i.Team.IsZero() {
		return lifecycle.Refuse("assignee", "required", "give an assignee or a team")
	}
	return nil
}

func takeOver(i *Incident, f *lifecycle.Facts) {
	if i.Assignee.IsZero() && !f.Replay {
		i.Assignee = f.Actor.ID
	}
}

func forAReason(i *Incident, f *lifecycle.Facts) []lifecycle.Refusal {
	if i.WaitReason == "" && f.Reason == "" {
		return lifecycle.Refuse("wait_reason", "required", "say what is waited for: a wait_reason, or a reason in words")
	}
	return nil
}

func goOn(i *Incident, _ *lifecycle.Facts) { i.WaitReason = "" }

// restored stamps the resolution and sets the day on which it closes by itself.
func restored(i *Incident, f *lifecycle.Facts) {
	i.WaitReason = ""
	if !f.Asked("resolved_at") {
		i.ResolvedAt = record.At(f.Now)
	}
	if !f.Asked("resolved_by") {
		i.ResolvedBy = f.Actor.ID
	}
	k, _ := f.Data.(*known)
	if k == nil || k.policy == nil || f.Replay {
		return
	}
	if n := k.policy.CloseAfterDays; n.Set {
		f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "close", At: workingDaysAfter(f.Now.In(f.Zone), int(n.N), k.closing)})
	}
	to := []record.ID{i.Reporter}
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: to, Topic: "resolved", Text: fmt.Sprintf("Solved: %s. Please confirm, or say that it is not solved.", i.Title)})
	if bool(i.Major) {
		i.MajorEndNoticeAt = record.At(f.Now)
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{Role: "manager", Topic: "major_resolved", Text: fmt.Sprintf("Major incident resolved: %s", i.Title)},
			lifecycle.Notice{Customer: i.Customer, Topic: "major_resolved", Text: fmt.Sprintf("Solved: %s", i.Title)})
	}
}

// workingDaysAfter is the same time of day, n working days on. Without a calendar those are
// Monday to Friday.
func workingDaysAfter(t time.Time, n int, c *calendar.Calendar) time.Time {
	if c != nil {
		t = t.In(c.Location())
	}
	for left, tries := n, 0; left > 0 && tries < 3660; tries++ {
		t = t.AddDate(0, 0, 1)
		if c != nil {
			if c.Day(t).Working > 0 {
				left--
			}
		} else if d := t.Weekday(); d != time.Saturday && d != time.Sunday {
			left--
		}
	}
	return t
}

// ended stamps the closure: by the customer's word, by time, or by somebody of ours.
func ended(i *Incident, f *lifecycle.Facts) {
	if !f.Asked("closed_at") {
		i.ClosedAt = record.At(f.Now)
	}
	switch {
	case f.Actor.System && !f.Replay:
		i.CloseReason = "timed_out"
	case f.Actor.ID == i.Reporter || !f.Actor.Customer.IsZero():
		i.CloseReason = "confirmed"
	default:
		i.CloseReason = "ended"
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "close"})
}

func notMerged(i *Incident, _ *lifecycle.Facts) []lifecycle.Refusal {
	if !i.MergedInto.IsZero() {
		return lifecycle.Refuse("merged_into", "merged", "go on with the incident it was merged into")
	}
	return nil
}

func again(i *Incident, f *lifecycle.Facts) {
	i.ResolvedAt, i.ResolvedBy, i.ClosedAt, i.CloseReason = 0, record.ID{}, 0, ""
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "close"})
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{i.Assignee}, Team: i.Team, Topic: "reopened", Text: "Not solved after all: " + string(i.Title)})
}

func called(i *Incident, f *lifecycle.Facts) {
	i.ClosedAt = record.At(f.Now)
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "close"})
}

// higher: escalation hands on to more skill (another team or person) or to more authority.
func higher(i *Incident, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" {
		return lifecycle.Refuse("reason", "required", "say why more skill or authority is needed")
	}
	return nil
}

func escalated(i *Incident, f *lifecycle.Facts) {
	i.EscalatedAt = record.At(f.Now)
	i.EscalationLevel++
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{i.Assignee, i.Owner}, Team: i.Team, Role: "process_owner", Topic: "escalated", Text: "Escalated: " + string(i.Title)})
}

func intoAnother(i *Incident, f *lifecycle.Facts) []lifecycle.Refusal {
	k, _ := f.Data.(*known)
	switch {
	case k == nil || i.MergedInto.IsZero():
		return nil // asked for by Needs
	case k.loop:
		return lifecycle.Refuse("merged_into", "cycle", "this would merge it into itself")
	case k.into == nil:
		return lifecycle.Refuse("merged_into", "unknown_reference", "there is no such incident")
	case k.into.Customer != i.Customer:
		return lifecycle.Refuse("merged_into", "other_customer", "incidents of different customers are not merged: relate them instead")
	case k.into.Phase == "void":
		return lifecycle.Refuse("merged_into", "cancelled", "that incident is cancelled")
	}
	return nil
}

// merged ends at the one incident at the end of the chain, and its reporter may see that one.
func merged(i *Incident, f *lifecycle.Facts) {
	k, _ := f.Data.(*known)
	if k == nil || k.into == nil {
		return
	}
	i.MergedInto, i.ClosedAt = k.into.ID, record.At(f.Now)
	if i.ResolutionCode == "" {
		i.ResolutionCode = "duplicate"
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "close"})
	f.Out.Links = append(f.Out.Links, lifecycle.Link{Kind: "duplicate_of", To: k.into.ID})
	f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "incident", Record: k.into.ID, Verb: "grant",
		Set: map[string]jsonRaw{"to": quote(i.Reporter.String())}, Reason: "reported a duplicate"})
}

// handOn passes what is written on an incident that was merged to the one at the end of the chain,
// where somebody reads it, in its author's name; the incident written on stays as it is.
func handOn(i *Incident, f *lifecycle.Facts) {
	k, _ := f.Data.(*known)
	if i.MergedInto.IsZero() || f.Replay || k == nil || k.into == nil || k.loop {
		return
	}
	f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "incident", Record: k.into.ID, Verb: "comment", For: f.Actor.ID,
		Set: map[string]jsonRaw{"body": f.Given["body"], "internal": jsonRaw(strconv.FormatBool(f.Internal))}, Reason: "written on an incident that was merged into this one"})
}

// fold keeps the counters and stamps that lists and checks need, on every event.
func fold(i *Incident, f *lifecycle.Facts) {
	before, _ := f.Before.(*Incident)
	now := record.At(f.Now)
	if before == nil {
		return
	}
	// A reassignment is a change of the team, also from or to none: what the field's tools count.
	if before.Team != i.Team && !f.Asked("reassignment_count") {
		i.ReassignmentCount++
	}
	if before.Phase == "done" && (i.Phase == "open" || i.Phase == "waiting") && !f.Asked("reopen_count") {
		i.ReopenCount++
	}
	if f.Verb == "update" || f.Verb == "transition" {
		i.ChangeCount++
	}
	if before.State != i.State {
		entered(i, f)
	}
	ours := f.Actor.Customer.IsZero()
	if f.Verb == "comment" {
		handOn(i, f)
		i.LastEntryAt = now
		if bool(i.Major) && ours && !f.Internal {
			i.MajorUpdatedAt = now
		}
	}
	if i.FirstResponseAt == 0 && (i.State == InProgress || f.Verb == "comment" && !f.Internal && ours && !f.Actor.System) {
		i.FirstResponseAt = now
	}
	if f.Verb == "transition" || f.Verb == "update" && ours {
		i.LastEntryAt = now
	}
	work := f.Verb == "comment" || f.Verb == "transition" || f.Verb == "update"
	if work && ours && before.Unsolved() && i.Unsolved() && !f.Asked("worked_at") {
		i.WorkedAt = now
	}
}

// Unsolved reports whether service is still to be restored.
func (i *Incident) Unsolved() bool { return i.Phase == "open" || i.Phase == "waiting" }

// entered keeps the stamps of a state that an import entered without a step, and takes back those
// of one that was left.
func entered(i *Incident, f *lifecycle.Facts) {
	switch {
	case i.State == Resolved && i.ResolvedAt == 0:
		i.ResolvedAt = record.At(f.Now)
	case i.State == Closed && i.ClosedAt == 0:
		i.ClosedAt = record.At(f.Now)
	case i.Phase == "open" || i.Phase == "waiting":
		i.ResolvedAt, i.ResolvedBy, i.ClosedAt, i.CloseReason = 0, record.ID{}, 0, ""
	}
}
