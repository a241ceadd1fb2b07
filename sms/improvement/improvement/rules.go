package improvement

import (
	"context"
	"fmt"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// known is what a decision needs besides the improvement.
type known struct {
	criteria *Criteria // in force today; nil when there are none
	version  *record.Version
	changes  int  // links to what adapts the SMS
	serves   bool // an objective is linked
}

// measuredWithin is how long after it was carried out an improvement is to be measured; stalled is
// how long nothing may happen to one. Defaults of this product.
const (
	measuredWithin = 90 * 24 * time.Hour
	stalled        = 90 * 24 * time.Hour
)

func load(ctx context.Context, r process.Reader, i *Improvement, f *lifecycle.Facts) (any, error) {
	k := &known{}
	all, err := r.All(ctx, "improvement_criteria")
	if err != nil {
		return nil, err
	}
	day := record.Day(f.Now.In(f.Zone))
	for _, c := range all {
		if c.Head().State != "active" {
			continue
		}
		x, v, err := r.InForce(ctx, "improvement_criteria", c.Head().ID, day)
		if err != nil {
			return nil, err
		}
		if x != nil && (k.version == nil || v.EffectiveFrom > k.version.EffectiveFrom) {
			k.criteria, k.version = x.(*Criteria), v
		}
	}
	if f.Before == nil || f.Transition == "" {
		return k, nil
	}
	ends, err := r.Links(ctx, i.ID, "")
	for _, e := range ends {
		if e.From && e.Kind == "changes_sms" {
			k.changes++
		}
		k.serves = k.serves || e.From && e.Kind == "serves"
	}
	return k, err
}

// decide works out the score, what was met, and what is due next.
func decide(i *Improvement, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	before, _ := f.Before.(*Improvement)
	var out []lifecycle.Refusal
	if before == nil || f.Asked("points") || f.Transition == "evaluate" {
		out = append(out, score(i, k)...)
	}
	met, measured := 0, 0
	was := map[record.ID]Target{}
	if before != nil {
		for _, t := range before.Targets {
			was[t.ID] = t
		}
	}
	for n := range i.Targets {
		t := &i.Targets[n]
		if !t.Measured.Set {
			t.At, t.Met = 0, ""
			continue
		}
		measured++
		if old := was[t.ID]; !old.Measured.Set || old.Measured != t.Measured {
			t.At = record.At(f.Now)
		}
		t.Met = "no"
		if c := t.Measured.Compare(&t.Goal); t.Better == "higher" && c >= 0 || t.Better == "lower" && c <= 0 {
			t.Met = "yes"
			met++
		}
	}
	switch {
	case measured == 0:
		i.TargetsMet = ""
	case met == len(i.Targets):
		i.TargetsMet = "all"
	case met == 0:
		i.TargetsMet = "none"
	default:
		i.TargetsMet = "some"
	}
	if before != nil && before.ApprovedAt != 0 && !f.Replay && f.Transition != "reopen" {
		for _, old := range before.Targets {
			kept := false
			for _, t := range i.Targets {
				kept = kept || t.ID == old.ID && t.Goal == old.Goal && t.Better == old.Better && t.Metric == old.Metric
			}
			if !kept {
				out = append(out, lifecycle.Refusal{Field: "targets[" + old.ID.String() + "]", Reason: "fixed", Mend: "a target that was approved stays; reopen it to decide anew"})
			}
		}
	}
	due := time.Time{}
	switch i.State {
	case Approved, InProgress:
		if d, err := time.ParseInLocation(time.DateOnly, string(i.Due), f.Zone); err == nil {
			due = d.AddDate(0, 0, 1)
		}
	case Implemented:
		due = i.ImplementedAt.Time().Add(measuredWithin)
	}
	i.DueAt = 0
	if !due.IsZero() {
		i.DueAt = record.At(due)
	}
	if f.Verb == "timer" && !due.After(f.Now) {
		due = time.Time{}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "due", At: due})
	return out
}

// score is points by weight, on the criteria in force: each of them answered, and none besides.
func score(i *Improvement, k *known) []lifecycle.Refusal {
	i.Score, i.Criteria, i.CriteriaNo = record.Int{}, record.ID{}, record.Int{}
	if len(i.Points) == 0 || k.criteria == nil {
		return nil
	}
	weights := map[record.Text]int64{}
	total := int64(0)
	for _, c := range k.criteria.Items {
		weights[c.Criterion] = c.Weight.N
		total += c.Weight.N
	}
	var out []lifecycle.Refusal
	sum := int64(0)
	seen := map[record.Text]bool{}
	for _, p := range i.Points {
		w, ok := weights[p.Criterion]
		if !ok || seen[p.Criterion] {
			out = append(out, lifecycle.Refusal{Field: "points[" + p.ID.String() + "].criterion", Reason: "unknown_choice", Mend: "name each criterion of the criteria in force once"})
		}
		seen[p.Criterion] = true
		sum += w * p.Points.N
	}
	if len(out) == 0 && len(seen) == len(weights) && total > 0 {
		i.Score, i.Criteria, i.CriteriaNo = record.N(sum*10/total), k.criteria.ID, record.N(int64(k.version.Number))
	}
	return out
}

func timer(i *Improvement, key string, f *lifecycle.Facts) {
	if key != "due" {
		return
	}
	text := "An improvement is overdue: carry it out, or decide on its delay: " + string(i.Title)
	if i.State == Implemented {
		text = "An improvement waits to be measured against its targets: " + string(i.Title)
	}
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{i.Owner, i.Assignee}, Role: "process_owner", Topic: "improvement_due", Text: text})
}

func judged(i *Improvement, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	if k.criteria == nil {
		return lifecycle.Refuse("points", "no_criteria", "approve improvement criteria that are in force today")
	}
	if len(i.Points) == 0 || !i.Score.Set && !complete(i, k) {
		return lifecycle.Refuse("points", "required", fmt.Sprintf("give points on each of the %d criteria in force", len(k.criteria.Items)))
	}
	return nil
}

func complete(i *Improvement, k *known) bool {
	have := map[record.Text]bool{}
	for _, p := range i.Points {
		have[p.Criterion] = true
	}
	for _, c := range k.criteria.Items {
		if !have[c.Criterion] {
			return false
		}
	}
	return true
}

// mayApprove: it was scored, has a target, serves an objective or says why not, and somebody
// decides who did not propose it.
func mayApprove(i *Improvement, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if !i.Score.Set {
		refuse("points", "required", "evaluate it by the criteria in force first")
	}
	if len(i.Targets) == 0 {
		refuse("targets", "required", "say what it is to bring: a metric and the value it shall reach")
	}
	if !k.serves && i.Reasons()["serves"].Reason == "" {
		refuse("serves", "required", "link the objective that it serves, or say why it serves none (blanks.serves)")
	}
	if !f.Actor.System && (i.CreatedBy == f.Actor.ID || i.Owner == f.Actor.ID) {
		refuse("approved_by", "own_work", "let somebody approve it who neither proposed it nor carries it out")
	}
	return out
}

func aheadAgain(i *Improvement, f *lifecycle.Facts) []lifecycle.Refusal {
	if i.Due <= record.Day(f.Now.In(f.Zone)) && !f.Replay {
		return lifecycle.Refuse("due", "past", "give a day that lies ahead")
	}
	return nil
}

func adaptedSMS(i *Improvement, f *lifecycle.Facts) []lifecycle.Refusal {
	if i.AdaptSMS == "yes" && f.Data.(*known).changes == 0 {
		return lifecycle.Refuse("changes_sms", "required", "link the change, document or plan by which the SMS is adapted")
	}
	return nil
}

func allMeasured(i *Improvement, _ *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	for _, t := range i.Targets {
		if !t.Measured.Set {
			out = append(out, lifecycle.Refusal{Field: "targets[" + t.ID.String() + "].measured", Reason: "required", Mend: "say what " + string(t.Metric) + " became"})
		}
	}
	return out
}

func missesAnswered(i *Improvement, _ *lifecycle.Facts) []lifecycle.Refusal {
	if i.TargetsMet != "all" && i.MissedAction == "" {
		return lifecycle.Refuse("missed_action", "required", "say what is done about the targets that were missed")
	}
	return nil
}

func withWords(_ *Improvement, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}

func again(i *Improvement, _ *lifecycle.Facts) {
	i.ApprovedAt, i.ApprovedBy, i.ImplementedAt, i.MeasuredAt, i.ClosedAt, i.DelayedAt = 0, record.ID{}, 0, 0, 0, 0
	i.ReportedAt, i.ReportedIn, i.DelayReason = 0, "", ""
}
