package nonconformity

import (
	"context"
	"fmt"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
)

// known is what a decision needs besides the nonconformity.
type known struct {
	actions map[record.ID]*people.Task // corrective actions under it that were not cancelled
	changes int                        // links to what adapts the SMS
}

// actionsOf is how many actions of one nonconformity are read.
const actionsOf = 500

// judgedWithin is how long after its end an action's effect is to be judged; containedWithin how
// long after its raising a case is to be put right. Defaults of this product: the standard gives none.
const (
	judgedWithin    = 90 * 24 * time.Hour
	containedWithin = 30 * 24 * time.Hour
)

func load(ctx context.Context, r process.Reader, n *Nonconformity, f *lifecycle.Facts) (any, error) {
	k := &known{actions: map[record.ID]*people.Task{}}
	if f.Before == nil || f.Transition == "" && !f.Asked("judgements") {
		return k, nil
	}
	found, err := r.Find(ctx, "task", `parent = "`+n.ID.String()+`" and kind = "corrective_action" and phase != "void"`, actionsOf)
	if err != nil {
		return nil, err
	}
	for _, x := range found {
		k.actions[x.Head().ID] = x.(*people.Task)
	}
	ends, err := r.Links(ctx, n.ID, "changes_sms")
	k.changes = len(ends)
	return k, err
}

// decide stamps new judgements, keeps what was written, and derives the worst of them.
func decide(n *Nonconformity, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	before, _ := f.Before.(*Nonconformity)
	was := map[record.ID]Judgement{}
	if before != nil {
		for _, j := range before.Judgements {
			was[j.ID] = j
		}
	}
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	n.Effective = ""
	last := map[record.ID]Judgement{}
	for i := range n.Judgements {
		j := &n.Judgements[i]
		at := "judgements[" + j.ID.String() + "]"
		if old, there := was[j.ID]; there {
			delete(was, j.ID)
			old.Pos = j.Pos
			if *j != old {
				refuse(at, "fixed", "it stays as it was written: add another judgement")
			}
		} else {
			j.At, j.By = record.At(f.Now), f.Actor.ID
			t := k.actions[j.Task]
			switch {
			case f.Replay:
			case t == nil:
				refuse(at+".task", "not_an_action", "name a task of kind corrective_action under this nonconformity")
			case t.Phase != record.Choice(lifecycle.Done):
				refuse(at+".task", "not_done", "complete the corrective action first")
			case !f.Actor.System && (t.DoneBy == f.Actor.ID || t.Assignee == f.Actor.ID):
				refuse(at+".by", "own_work", "let somebody judge it who did not do it")
			}
		}
		last[j.Task] = *j
	}
	if len(was) > 0 && !f.Replay {
		refuse("judgements", "fixed", "a judgement is not taken away: add another")
	}
	for _, j := range last {
		if n.Effective == "" || worse(j.Result, n.Effective) {
			n.Effective = j.Result
		}
	}
	if before != nil && before.CorrectedAt == 0 && n.State != Raised && n.CorrectedAt == 0 && n.Correction != "" {
		n.CorrectedAt, n.CorrectedBy = record.At(f.Now), f.Actor.ID
	}
	due := time.Time{}
	if n.State == Implemented && n.ImplementedAt != 0 {
		due = n.ImplementedAt.Time().Add(judgedWithin)
	} else if n.State == Raised {
		due = n.CreatedAt.Time().Add(containedWithin)
	}
	n.DueAt = record.At(due)
	if due.IsZero() {
		n.DueAt = 0
	}
	if f.Verb == "timer" && !due.After(f.Now) {
		due = time.Time{} // told just now
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "due", At: due})
	return out
}

var rank = map[record.Choice]int{"effective": 1, "partly": 2, "not_effective": 3}

func worse(a, b record.Choice) bool { return rank[a] > rank[b] }

func timer(n *Nonconformity, key string, f *lifecycle.Facts) {
	if key != "due" {
		return
	}
	text := "A nonconformity waits to be put right: " + string(n.Title)
	if n.State == Implemented {
		text = "The effect of a corrective action waits to be judged: " + string(n.Title)
	}
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{n.Owner, n.Assignee}, Role: "process_owner", Topic: "nonconformity_due", Text: text})
}

func contained(n *Nonconformity, f *lifecycle.Facts) {
	n.CorrectedAt, n.CorrectedBy = record.At(f.Now), f.Actor.ID
}

func correctedFirst(n *Nonconformity, _ *lifecycle.Facts) []lifecycle.Refusal {
	if n.Correction == "" && n.Reasons()["correction"].Reason == "" {
		return lifecycle.Refuse("correction", "required", "put the case itself right first, or say why that is not possible (blanks.correction)")
	}
	return nil
}

func analysed(n *Nonconformity, f *lifecycle.Facts) {
	n.AnalysedAt, n.AnalysedBy = record.At(f.Now), f.Actor.ID
}

// actionsStand: what is to be done has who does it and until when.
func actionsStand(n *Nonconformity, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	if n.ActionNeeded != "yes" {
		return lifecycle.Refuse("action_needed", "nothing_to_plan", "no corrective action is needed: close it")
	}
	if len(k.actions) == 0 {
		return lifecycle.Refuse("tasks", "required", "add a task of kind corrective_action under it")
	}
	var out []lifecycle.Refusal
	open := 0
	for _, t := range k.actions {
		if t.Phase == record.Choice(lifecycle.Done) {
			continue
		}
		open++
		if t.Assignee.IsZero() || t.Due == 0 {
			out = append(out, lifecycle.Refusal{Field: fmt.Sprintf("TSK-%d", t.Num), Reason: "action_incomplete", Mend: "give it an assignee and a due time"})
		}
	}
	if n.State == Reviewed && open == 0 {
		out = append(out, lifecycle.Refusal{Field: "tasks", Reason: "required", Mend: "add the further corrective action that is needed"})
	}
	return out
}

func actionsDone(n *Nonconformity, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	var out []lifecycle.Refusal
	for _, t := range k.actions {
		switch {
		case t.Phase != record.Choice(lifecycle.Done):
			out = append(out, lifecycle.Refusal{Field: fmt.Sprintf("TSK-%d", t.Num), Reason: "not_done", Mend: "complete or cancel it"})
		case t.Evidence == "":
			out = append(out, lifecycle.Refusal{Field: fmt.Sprintf("TSK-%d", t.Num), Reason: "no_result", Mend: "write down what was done, as its evidence"})
		}
	}
	if len(k.actions) == 0 {
		out = lifecycle.Refuse("tasks", "required", "add the corrective action that was decided on")
	}
	if n.AdaptSMS == "yes" && k.changes == 0 {
		out = append(out, lifecycle.Refusal{Field: "changes_sms", Reason: "required", Mend: "link the change, document or plan by which the SMS is adapted"})
	}
	return out
}

// allJudged: each action that was done has a judgement.
func allJudged(n *Nonconformity, f *lifecycle.Facts) []lifecycle.Refusal {
	judged := map[record.ID]bool{}
	for _, j := range n.Judgements {
		judged[j.Task] = true
	}
	var out []lifecycle.Refusal
	for id, t := range f.Data.(*known).actions {
		if t.Phase == record.Choice(lifecycle.Done) && !judged[id] {
			out = append(out, lifecycle.Refusal{Field: "judgements", Reason: "required", Mend: fmt.Sprintf("judge the effect of TSK-%d", t.Num)})
		}
	}
	return out
}

func mayClose(n *Nonconformity, _ *lifecycle.Facts) []lifecycle.Refusal {
	switch {
	case n.State == CauseFound && n.ActionNeeded == "yes":
		return lifecycle.Refuse("", "action_open", "carry out the corrective action and have its effect judged first")
	case n.State == CauseFound && n.Severity == "major":
		return lifecycle.Refuse("severity", "action_required", "a major nonconformity has at least one corrective action")
	case n.State == Reviewed && n.Effective != "effective":
		return lifecycle.Refuse("effective", "not_effective", "what was done did not help enough: plan further action")
	}
	return nil
}

func withWords(_ *Nonconformity, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}

func reopened(n *Nonconformity, _ *lifecycle.Facts) {
	n.ClosedAt, n.JudgedAt, n.ImplementedAt, n.PlannedAt = 0, 0, 0, 0
}

// byAnother: whoever answers for it does not wave it away.
func byAnother(n *Nonconformity, f *lifecycle.Facts) []lifecycle.Refusal {
	if !f.Actor.System && !f.Replay && n.Owner == f.Actor.ID {
		return lifecycle.Refuse("owner", "own_work", "let somebody reject it who does not answer for it")
	}
	return nil
}
