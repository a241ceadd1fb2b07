// Package rhythm is when what was found about the organization's context is looked at again: issues,
// interested parties, obligations, the scope (ISO/IEC 20000-1:2018, 4.1 to 4.3). The standard names no
// interval; the usual one here is a default of this product, and each record may have its own.
//
// In: reviews that people made. Out: the day of the next one, on which the owner is asked.
//
// Start at [Reviewed], which a record embeds, and call [Reviewed.Keep] last in its Decide.
// Always true: the owner is asked once for each day on which a review falls due.
package rhythm

import (
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// Usual is how long after one review the next is due, of a record that says nothing itself.
const Usual = record.Period("P12M")

// Reviewed are the fields of a record that is reviewed. Of a versioned one they belong to the record.
type Reviewed struct {
	ReviewEvery record.Period  `field:"identity"`
	ReviewedAt  record.Instant `field:"identity,stamp,index"` // making the record counts as the first look
	ReviewedBy  record.ID      `field:"identity,stamp,ref=user"`
	NextReview  record.Date    `field:"identity,stamp,index"`
}

// Look notes that somebody looked at the record just now.
func (r *Reviewed) Look(f *lifecycle.Facts) {
	r.ReviewedAt, r.ReviewedBy = record.At(f.Now), f.Actor.ID
}

// Keep derives the day of the next review, and sets the timer "review" when that day moves. before is
// what stood there; nil of a new record. runs is whether the record is reviewed at all any more.
func (r *Reviewed) Keep(h *record.Header, before *Reviewed, runs bool, f *lifecycle.Facts) []lifecycle.Refusal {
	if p, err := catalogue.ParsePeriod(string(r.ReviewEvery)); r.ReviewEvery != "" && (err != nil || p.IsZero()) {
		return lifecycle.Refuse("review_every", "not_a_period", "give an ISO 8601 period of more than nothing, such as P6M")
	}
	if before == nil && r.ReviewedAt == 0 {
		r.Look(f)
	}
	was := record.Date("")
	if before != nil {
		was = before.NextReview
	}
	r.NextReview, h.DueAt = "", 0
	if runs && r.ReviewedAt != 0 {
		r.NextReview = Next(r.ReviewedAt, r.ReviewEvery, f.Zone)
		h.DueAt = record.At(begins(r.NextReview, f.Zone))
	}
	if r.NextReview != was {
		f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "review", At: h.DueAt.Time()})
	}
	return nil
}

// Next is the day on which what was looked at on an instant is to be looked at again.
func Next(at record.Instant, every record.Period, zone *time.Location) record.Date {
	if every == "" {
		every = Usual
	}
	p, err := catalogue.ParsePeriod(string(every))
	if err != nil {
		return "" // refused when it was given
	}
	return record.Day(p.After(begins(record.Day(at.Time().In(zone)), zone)))
}

// Due asks the owner for the review; where nobody owns the record, whoever owns processes.
func Due(h *record.Header, topic, text string, f *lifecycle.Facts) {
	n := lifecycle.Notice{To: []record.ID{h.Owner}, Topic: topic, Text: text + ": " + string(h.Title)}
	if h.Owner.IsZero() {
		n.To, n.Role = nil, "process_owner"
	}
	f.Out.Notices = append(f.Out.Notices, n)
}

// InWords refuses a step that nobody gave a reason for: what a review found stands in history.
func InWords(f *lifecycle.Facts, mend string) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", mend)
	}
	return nil
}

func begins(day record.Date, zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(day), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}
