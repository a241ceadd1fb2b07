package review

import (
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

func midnight(d record.Date, f *lifecycle.Facts) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), f.Zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// decide stamps who of top management takes part, and keeps what was approved.
func decide(r *Review, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	before, _ := f.Before.(*Review)
	var out []lifecycle.Refusal
	if r.PeriodFrom != "" && r.PeriodTo != "" && r.PeriodTo <= r.PeriodFrom {
		out = append(out, lifecycle.Refusal{Field: "period_to", Reason: "before_start", Mend: "give a day after the beginning of the period"})
	}
	if before != nil && before.ApprovedAt != 0 && !f.Replay {
		for _, name := range []string{"inputs", "attendees", "suitability", "adequacy", "effective", "minutes", "period_from", "period_to"} {
			if f.Asked(name) {
				out = append(out, lifecycle.Refusal{Field: name, Reason: "fixed", Mend: "the minutes were approved: what they say stays"})
			}
		}
	}
	for i := range r.Attendees {
		if r.State == Planned || r.State == Prepared || r.State == Held {
			r.Attendees[i].Top = record.Bool(k.top[r.Attendees[i].User])
		}
	}
	kinds := map[record.Choice]bool{}
	for _, in := range r.Inputs {
		if kinds[in.Kind] {
			out = append(out, lifecycle.Refusal{Field: "inputs[" + in.ID.String() + "].kind", Reason: "twice", Mend: "one line for an input"})
		}
		kinds[in.Kind] = true
	}
	due := time.Time{}
	if r.State == Planned || r.State == Prepared {
		if d := midnight(r.PlannedFor, f); !d.IsZero() {
			due = d.AddDate(0, 0, 1)
		}
	}
	r.DueAt = 0
	if !due.IsZero() {
		r.DueAt = record.At(due)
	}
	if f.Verb == "timer" && !due.After(f.Now) {
		due = time.Time{}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "due", At: due})
	return out
}

func timer(r *Review, key string, f *lifecycle.Facts) {
	if key == "due" {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{r.Owner}, Role: "manager", Topic: "management_review_due", Text: "A management review was planned and not held: " + string(r.Title)})
	}
}

func periodStands(r *Review, f *lifecycle.Facts) []lifecycle.Refusal {
	if midnight(r.PeriodFrom, f).After(f.Now) {
		return lifecycle.Refuse("period_from", "future", "choose a period that has begun")
	}
	return nil
}

// fill puts the figures of the period into the inputs, and keeps what people wrote.
func fill(r *Review, f *lifecycle.Facts) {
	k := f.Data.(*known)
	r.PreparedAt, r.PreparedBy = record.At(f.Now), f.Actor.ID
	for _, x := range Inputs {
		fresh := k.figures[x.Kind]
		found := false
		for i := range r.Inputs {
			if in := &r.Inputs[i]; string(in.Kind) == x.Kind {
				in.Figures, in.Query, in.Leaves, in.At = fresh.Figures, fresh.Query, fresh.Leaves, fresh.At
				found = true
			}
		}
		if !found {
			fresh.ID = record.NewID(f.Now)
			r.Inputs = append(r.Inputs, fresh)
		}
	}
}

func attended(r *Review, f *lifecycle.Facts) []lifecycle.Refusal {
	for _, a := range r.Attendees {
		if a.Top {
			return nil
		}
	}
	if f.Replay {
		return nil
	}
	return lifecycle.Refuse("attendees", "required", "name who of top management (role manager) takes part")
}

// complete: every input says something, there are decisions or an explicit none, and somebody
// approves who did not write it.
func complete(r *Review, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	have := map[string]bool{}
	for _, in := range r.Inputs {
		have[string(in.Kind)] = in.Figures != "" || in.Text != ""
	}
	for _, x := range Inputs {
		if !have[x.Kind] {
			refuse("inputs", "required", "the input is blank: "+x.Title)
		}
	}
	kinds := map[record.Choice]bool{}
	for _, d := range r.Decisions {
		kinds[d.Kind] = true
		if !bool(d.None) && (d.Who.IsZero() || d.Due == "") {
			refuse("decisions["+d.ID.String()+"]", "required", "say who carries it out and until when, or that nothing is needed")
		}
	}
	for _, kind := range []record.Choice{"improvement", "change"} {
		if !kinds[kind] {
			refuse("decisions", "required", "decide on "+string(kind)+"s, or write down that none is needed")
		}
	}
	if !f.Actor.System && !f.Replay && (f.Actor.ID == r.PreparedBy || f.Actor.ID == r.CreatedBy) {
		refuse("approved_by", "own_work", "let somebody approve the minutes who did not prepare them")
	}
	return out
}

func withWords(_ *Review, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}
