package incident

import (
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// majorRules: an incident is declared a major one by a criterion of the policy; it then has a lead,
// tells top management and those affected at once, and needs a report and a review to be closed.
func majorRules(i, before *Incident, k *known, f *lifecycle.Facts) []lifecycle.Refusal {
	now := record.At(f.Now)
	if i.Major && i.MajorSince == 0 {
		i.MajorSince, i.MajorDecision = now, "yes"
		if k.policy != nil && k.policy.MajorUpdateEvery.Set && i.MajorUpdateDue == 0 {
			i.MajorUpdateDue = record.At(f.Now.Add(k.policy.MajorUpdateEvery.Go()))
		}
		if !f.Replay {
			i.MajorNoticeAt = now
			f.Out.Notices = append(f.Out.Notices,
				lifecycle.Notice{Role: "manager", Topic: "major_declared", Text: "Major incident: " + string(i.Title)},
				lifecycle.Notice{Role: "process_owner", Topic: "major_declared", Text: "Major incident: " + string(i.Title)},
				lifecycle.Notice{Customer: i.Customer, Topic: "major_declared", Text: "We are working on this with priority: " + string(i.Title)})
		}
	}
	if before != nil && bool(before.Major) && !bool(i.Major) {
		if f.Reason == "" && !f.Replay {
			return lifecycle.Refuse("reason", "required", "say why it is no major incident after all")
		}
		i.MajorDecision, i.MajorSince, i.MajorUpdateDue = "no", 0, 0
	}
	if !i.MajorLead.IsZero() && i.MajorLeadSince == 0 {
		i.MajorLeadSince = now
	}
	if before != nil && bool(i.Major) && f.Verb == "comment" && !f.Internal && f.Actor.Customer.IsZero() && k.policy != nil && k.policy.MajorUpdateEvery.Set {
		i.MajorUpdateDue = record.At(f.Now.Add(k.policy.MajorUpdateEvery.Go()))
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{Customer: i.Customer, Topic: "major_update", Text: "News about: " + string(i.Title)})
	}
	if bool(i.Major) && (before == nil || before.MajorUpdateDue != i.MajorUpdateDue) && i.MajorUpdateDue != 0 {
		f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "major_update", At: i.MajorUpdateDue.Time()})
	}
	if before != nil && before.MajorReview == "" && i.MajorReview != "" {
		if i.Phase == "open" || i.Phase == "waiting" {
			return lifecycle.Refuse("major_review", "too_early", "review it after it is resolved")
		}
		i.MajorReviewedAt = now
	}
	return nil
}

// reviewed: a major incident is closed only with a report and a review.
func reviewed(i *Incident, f *lifecycle.Facts) []lifecycle.Refusal {
	if !i.Major {
		return nil
	}
	var out []lifecycle.Refusal
	if i.MajorReport == "" {
		out = append(out, lifecycle.Refusal{Field: "major_report", Reason: "required", Mend: "report what happened before closing"})
	}
	if i.MajorReview == "" {
		out = append(out, lifecycle.Refusal{Field: "major_review", Reason: "required", Mend: "review it for improvement before closing"})
	}
	return out
}
