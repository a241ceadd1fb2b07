package document

import (
	"fmt"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// mayReview: a version is in force, and somebody who did not write it looks at it.
func mayReview(d *Document, f *lifecycle.Facts) []lifecycle.Refusal {
	c := f.Data.(*known).inForce(nil)
	switch {
	case c == nil:
		return lifecycle.Refuse("", "nothing_in_force", "a version that is not in force yet is endorsed, not reviewed")
	case f.Actor.System:
		return lifecycle.Refuse("", "by_a_person", "sign in as the reviewer")
	case c.Version.Author == f.Actor.ID:
		return lifecycle.Refuse("reviewed_by", "own_work", "let somebody review it who did not write the version in force")
	}
	return nil
}

// review stamps that the version in force was found suitable as it stands.
func review(d *Document, f *lifecycle.Facts) {
	d.JudgedAt, d.ReviewedAt, d.ReviewedBy = record.At(f.Now), record.At(f.Now), f.Actor.ID
	if c := f.Data.(*known).inForce(nil); c != nil {
		d.reviewed("periodic", c.Version, f)
	}
}

func fromOutside(d *Document, _ *lifecycle.Facts) []lifecycle.Refusal {
	if !bool(d.External) {
		return lifecycle.Refuse("external", "not_external", "only a document from outside is compared with its source")
	}
	return nil
}

// confirm stamps that the version held here is the one its source has now.
func confirm(d *Document, f *lifecycle.Facts) {
	d.CheckedAt, d.CheckedBy = record.At(f.Now), f.Actor.ID
}

// withdraw ends the document's use; what was asked of people about it lapses.
func withdraw(d *Document, f *lifecycle.Facts) {
	k := f.Data.(*known)
	d.WithdrawnAt = record.At(f.Now)
	if f.Replay {
		return
	}
	for _, a := range k.asked {
		f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "acknowledgement", Record: a.ID, Verb: "transition", Name: "lapse", Reason: "the document was withdrawn"})
	}
}

func forAReason(_ *Document, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" {
		return lifecycle.Refuse("reason", "required", "say why it is used again")
	}
	return nil
}

func reinstate(d *Document, _ *lifecycle.Facts) { d.WithdrawnAt, d.WithdrawalReason = 0, "" }

// mayDispose: its retention has ended, and nothing holds it.
func mayDispose(d *Document, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	today := record.Day(f.Now.In(f.Zone))
	switch {
	case d.RetainUntil == "":
		out = append(out, lifecycle.Refusal{Field: "retention", Reason: "required", Mend: "say how long it is kept after it was withdrawn"})
	case today < d.RetainUntil:
		out = append(out, lifecycle.Refusal{Field: "retain_until", Reason: "too_early", Mend: "it is kept until " + string(d.RetainUntil)})
	}
	if bool(d.LegalHold) {
		out = append(out, lifecycle.Refusal{Field: "legal_hold", Reason: "held", Mend: "it is held: " + string(d.HoldReason)})
	}
	if f.Reason == "" {
		out = append(out, lifecycle.Refusal{Field: "reason", Reason: "required", Mend: "say on whose word, or by which rule, it is disposed of"})
	}
	return out
}

func dispose(d *Document, f *lifecycle.Facts) {
	d.DisposedAt, d.DisposedBy = record.At(f.Now), f.Actor.ID
}

// remind derives the days on which something falls due, and sets a timer for each that the owner
// was not asked about yet. A task for a review that has taken place is done.
func remind(d, before *Document, k *known, f *lifecycle.Facts) {
	d.NextReview, d.NextCheck, d.RetainUntil, d.DueAt = "", "", "", 0
	if d.State == Active {
		if d.JudgedAt != 0 {
			d.NextReview = after(record.Day(d.JudgedAt.Time().In(f.Zone)), d.ReviewInterval)
		}
		if bool(d.External) {
			from := d.CheckedAt
			if from == 0 {
				from = d.CreatedAt
			}
			d.NextCheck = after(record.Day(from.Time().In(f.Zone)), d.CurrencyInterval)
		}
		next := d.NextReview
		if d.NextCheck != "" && (next == "" || d.NextCheck < next) {
			next = d.NextCheck
		}
		if next != "" {
			d.DueAt = record.At(begins(next, f.Zone))
		}
	} else if d.State == Withdrawn && d.Retention != "" {
		d.RetainUntil = after(record.Day(d.WithdrawnAt.Time().In(f.Zone)), d.Retention)
	}
	for _, key := range []string{"review", "currency", "retention"} {
		was := time.Time{}
		if before != nil {
			was = timerAt(before, key, f.Zone)
		}
		if at := timerAt(d, key, f.Zone); !at.Equal(was) {
			f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: key, At: at})
		}
	}
	if before == nil || f.Replay {
		return
	}
	ended := d.State != Active
	if ended || d.JudgedAt != before.JudgedAt {
		finish(d.ReviewTask, "the review took place", ended, k, f)
	}
	if ended || d.CheckedAt != before.CheckedAt {
		finish(d.CheckTask, "it was compared with its source", ended, k, f)
	}
}

// timerAt is when the owner is to be asked; the zero time for never, or not any more.
func timerAt(d *Document, key string, zone *time.Location) time.Time {
	day := record.Date("")
	switch {
	case key == "retention":
		return begins(d.RetainUntil, zone)
	case key == "review" && d.NextReview != d.ReviewAskedFor:
		day = d.NextReview
	case key == "currency" && d.NextCheck != d.CheckAskedFor:
		day = d.NextCheck
	}
	if day == "" {
		return time.Time{}
	}
	return begins(day, zone).AddDate(0, 0, -int(d.LeadDays.N))
}

// finish ends the task that was made for the owner.
func finish(task record.ID, how string, cancelled bool, k *known, f *lifecycle.Facts) {
	t := k.tasks[task]
	if t == nil {
		return
	}
	c := lifecycle.Command{Process: "task", Record: task, Verb: "transition", Name: "complete", Set: values(map[string]any{"outcome": "done", "evidence": how})}
	switch {
	case cancelled:
		c.Name, c.Set, c.Reason = "cancel", nil, "the document is no longer in use"
	case !t.free:
		return // it comes after other tasks: people end it
	}
	f.Out.Commands = append(f.Out.Commands, c)
	delete(k.tasks, task)
}

// due asks the owner for what falls due: a notice and a task, once for each due day. The timer
// "effect" only has the access list looked at again, which decide does.
func due(d *Document, key string, f *lifecycle.Facts) {
	switch key {
	case "review":
		d.ReviewAskedFor = d.NextReview
		d.ReviewTask = d.askOwner(d.ReviewTask, "review_due", "Review", d.NextReview, f)
	case "currency":
		d.CheckAskedFor = d.NextCheck
		d.CheckTask = d.askOwner(d.CheckTask, "currency_due", "Compare with its source", d.NextCheck, f)
	case "retention":
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{d.Owner}, Topic: "retention_ended",
			Text: fmt.Sprintf("%s may be disposed of: it was kept until %s", d.name(), d.RetainUntil)})
	}
}

// askOwner tells the owner and makes a task, unless that of the last time is still open.
func (d *Document) askOwner(task record.ID, topic, what string, day record.Date, f *lifecycle.Facts) record.ID {
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{d.Owner}, Topic: topic, Text: fmt.Sprintf("%s %s by %s", what, d.name(), day)})
	if f.Data.(*known).tasks[task] != nil {
		return task
	}
	id := record.NewID(f.Now)
	f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "task", Verb: "create", ID: id, Set: values(map[string]any{
		"title": fmt.Sprintf("%s %s", what, d.name()), "parent": d.ID, "kind": "check", "assignee": d.Owner, "team": d.Team, "due": begins(day, f.Zone)})})
	return id
}
