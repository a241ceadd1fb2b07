package review

import (
	"strings"
	"time"

	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// Checks decide 9.3: of the latest review whose minutes were approved.
var Checks = checks()

func checks() []check.Check {
	reads := []check.Read{check.Set("management_review")}
	out := []check.Check{check.Single("9.3-01", 1, held, reads...)}
	for _, x := range Inputs {
		kind, title := record.Choice(x.Kind), x.Title
		out = append(out, check.Single(x.Requirement, 1, func(f *check.Facts) []catalogue.Member {
			return ofLatest(f, "fill the input: "+title, func(r *Review) catalogue.Timeline {
				for _, in := range r.Inputs {
					if in.Kind == kind {
						return input(in)
					}
				}
				return check.Gap("the input is missing: " + title)
			})
		}, reads...))
	}
	for _, x := range []struct{ requirement, kind string }{{"9.3-16", "improvement"}, {"9.3-17", "change"}} {
		out = append(out, check.Single(x.requirement, 1, func(f *check.Facts) []catalogue.Member {
			return ofLatest(f, "decide on "+x.kind+"s, or that none is needed", func(r *Review) catalogue.Timeline { return decidedOn(r, x.kind) })
		}, reads...))
	}
	return append(out, check.Each(Process, check.Of[Review]{Requirement: "9.3-18", Version: 1, Where: `held_at is not blank`, Member: func(r *Review) bool { return r.HeldAt != 0 },
		When: func(r *Review) time.Time { return r.HeldAt.Time() }, Decide: func(r *Review, _ *check.Facts) catalogue.Timeline {
			return catalogue.NotOverdue(r.HeldAt.Time().Add(approvedWithin), r.ApprovedAt.Time())
		}, Mend: "have the minutes approved by somebody who did not write them"}))
}

// approvedWithin is how long after it was held the minutes are to be approved. A default of this product.
const approvedWithin = 30 * 24 * time.Hour

func approvedAt(r record.Record) time.Time {
	if v, ok := r.(*Review); ok && v.ApprovedAt != 0 {
		return v.HeldAt.Time()
	}
	return time.Time{}
}

// latest is the newest review that was held and whose minutes were approved.
func latest(f *check.Facts) (*Review, check.Kept) {
	var newest *Review
	var at check.Kept
	for _, k := range f.Set("management_review") {
		if v := k.Record.(*Review); v.ApprovedAt != 0 && (newest == nil || v.HeldAt > newest.HeldAt) {
			newest, at = v, k
		}
	}
	return newest, at
}

func held(f *check.Facts) []catalogue.Member {
	m := check.Newest(f, "management_review", "management review with approved minutes", "hold the next management review", approvedAt)
	if v, k := latest(f); v != nil {
		top := false
		for _, a := range v.Attendees {
			top = top || bool(a.Top)
		}
		switch {
		case !top:
			m = check.Found("management_review", k, v.HeldAt.Time(), check.Gap("nobody of top management took part"), "hold it with top management")
		default:
			m.Verdict = catalogue.And(m.Verdict, check.Fields(Process, v, "suitability", "adequacy", "effective"))
		}
	}
	return []catalogue.Member{m}
}

func ofLatest(f *check.Facts, next string, decide func(*Review) catalogue.Timeline) []catalogue.Member {
	v, k := latest(f)
	if v == nil {
		return []catalogue.Member{check.Missing("management_review", "management review", "no management review has approved minutes", "hold a management review and have its minutes approved")}
	}
	return []catalogue.Member{check.Found("management_review", k, v.HeldAt.Time(), decide(v), next)}
}

func input(in Input) catalogue.Timeline {
	if strings.TrimSpace(string(in.Figures)) == "" && strings.TrimSpace(string(in.Text)) == "" {
		return check.Gap("the input is blank")
	}
	return check.Holds()
}

func decidedOn(r *Review, kind string) catalogue.Timeline {
	for _, d := range r.Decisions {
		if string(d.Kind) == kind && (bool(d.None) || !d.Who.IsZero() && d.Due != "") {
			return check.Holds()
		}
	}
	return check.Gap("nothing was decided about " + kind + "s, and nobody wrote down that none is needed")
}

// Concluded reports whether the review concluded on the effectiveness of the SMS, and when.
func (r *Review) Concluded() (bool, time.Time) {
	return r.ApprovedAt != 0 && r.Effective != "", r.HeldAt.Time()
}
