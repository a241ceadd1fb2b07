package evidencerequest

import (
	"context"
	"slices"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
	"steward/sms/evaluation/sample"
)

// known is what a decision needs besides the request.
type known struct {
	owner record.ID // of the process that it is about
}

// load finds who answers for the process that is named, or that the sample was drawn from.
func load(ctx context.Context, r process.Reader, q *Request, f *lifecycle.Facts) (any, error) {
	k := &known{}
	if f.Before != nil && !f.Asked("process") && !f.Asked("sample") && !f.Asked("provider") {
		return k, nil
	}
	name := string(q.Process)
	if name == "" && !q.Sample.IsZero() {
		rec, err := r.Get(ctx, sample.Process.Name, q.Sample)
		if err != nil {
			return nil, err
		}
		if s, ok := rec.(*sample.Sample); ok {
			name = string(s.Process)
		}
	}
	if name == "" {
		return k, nil
	}
	described, err := r.All(ctx, "process")
	if err != nil {
		return nil, err
	}
	for _, d := range described {
		if n, ok := d.(interface{ Runs() string }); ok && n.Runs() == name && d.Head().Phase == record.Choice(lifecycle.Open) && !d.Head().Owner.IsZero() {
			k.owner = d.Head().Owner
		}
	}
	return k, nil
}

func decide(q *Request, f *lifecycle.Facts) []lifecycle.Refusal {
	before, _ := f.Before.(*Request)
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if before == nil && !f.Replay {
		q.AskedAt, q.AskedBy = record.At(f.Now), f.Actor.ID
	}
	if _, ok := catalogue.ByID(string(q.Requirement)); q.Requirement != "" && !ok {
		refuse("requirement", "unknown_choice", "give an id of the catalogue, such as 9.2-01")
	}
	if before != nil && f.Actor.External && before.AskedBy != f.Actor.ID {
		refuse("", "not_yours", "an auditor from outside works on their own requests only")
	}
	if before != nil && !f.Replay {
		out = append(out, others(q, before, f)...)
	}
	if before != nil && f.Asked("assignee") && q.State == Asked && q.Assignee != before.Assignee {
		q.Provider = q.Assignee // handed on
	}
	if q.Provider.IsZero() {
		q.Provider = f.Data.(*known).owner
	}
	if q.Provider == q.AskedBy && !q.Provider.IsZero() && !f.Replay {
		refuse("provider", "own_work", "who asks does not answer: name somebody else")
	}
	turn(q, before, f, refuse)
	return out
}

// others holds that each side writes its own part.
func others(q, before *Request, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	asker := f.Actor.System || f.Actor.ID == before.AskedBy || f.Actor.Has(access.Auditor)
	for field, same := range map[string]bool{"wanted": q.Wanted == before.Wanted, "requirement": q.Requirement == before.Requirement, "concerns": q.Concerns == before.Concerns,
		"sample": q.Sample == before.Sample, "audit": q.Audit == before.Audit, "due": q.Due == before.Due, "remark": q.Remark == before.Remark, "title": q.Title == before.Title} {
		switch {
		case same:
		case !asker:
			out = append(out, lifecycle.Refusal{Field: field, Reason: "not_yours", Mend: "what is asked is the auditor's: answer it, or comment on it"})
		case before.State != Asked && f.Transition != "ask_again":
			out = append(out, lifecycle.Refusal{Field: field, Reason: "fixed", Mend: "it was answered as it stood: ask again"})
		}
	}
	if f.Transition != "ask_again" && !slices.Equal(q.Earlier, before.Earlier) {
		out = append(out, lifecycle.Refusal{Field: "earlier", Reason: "fixed", Mend: "earlier answers stay as they were"})
	}
	if q.Answer != before.Answer && f.Transition != "ask_again" {
		switch {
		case f.Actor.ID == before.AskedBy && !f.Actor.System:
			out = append(out, lifecycle.Refusal{Field: "answer", Reason: "own_work", Mend: "who asked does not answer"})
		case before.State != Asked:
			out = append(out, lifecycle.Refusal{Field: "answer", Reason: "fixed", Mend: "it was given: it changes only when it is asked again"})
		}
	}
	return out
}

// turn says who has to act, until when, and tells them.
func turn(q, before *Request, f *lifecycle.Facts, refuse func(field, reason, mend string)) {
	due := time.Time{}
	if d, err := time.ParseInLocation(time.DateOnly, string(q.Due), f.Zone); err == nil {
		due = d.AddDate(0, 0, 1)
	}
	fresh := before == nil || before.State != q.State
	if fresh && q.State == Asked && !due.IsZero() && !due.After(f.Now) && !f.Replay {
		refuse("due", "past", "give a day from today on")
	}
	tell := func(to record.ID, topic, text string) {
		n := lifecycle.Notice{To: []record.ID{to}, Topic: topic, Text: text + string(q.Title)}
		if to.IsZero() {
			n.Role = access.ProcessOwner // nobody is named: those who run processes find who it is
		}
		f.Out.Notices = append(f.Out.Notices, n)
	}
	q.DueAt = 0
	switch q.State {
	case Asked:
		q.Assignee = q.Provider
		q.DueAt = record.At(due)
		if due.IsZero() {
			q.DueAt = 0
		}
		switch {
		case fresh && before != nil:
			tell(q.Provider, "evidence_asked_again", "An auditor asks again for evidence: ")
		case fresh || before.Provider != q.Provider:
			tell(q.Provider, "evidence_asked", "An auditor asks for evidence: ")
		}
	case Answered:
		q.Assignee = q.AskedBy
		if fresh {
			tell(q.AskedBy, "evidence_answered", "Your request for evidence was answered: ")
		}
	case Accepted:
		if fresh {
			tell(q.AnsweredBy, "evidence_accepted", "The auditor accepts the evidence: ")
		}
	case Withdrawn:
		if fresh {
			tell(q.Provider, "evidence_withdrawn", "A request for evidence was withdrawn: ")
		}
	}
	if q.State != Asked || f.Verb == "timer" && !due.After(f.Now) {
		due = time.Time{}
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "due", At: due})
}

func timer(q *Request, key string, f *lifecycle.Facts) {
	if key == "due" && q.State == Asked {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{q.Provider, q.AskedBy}, Role: access.ProcessOwner, Topic: "evidence_due",
			Text: "A request for evidence was not answered in time: " + string(q.Title)})
	}
}

// mayAnswer: the provider, or in their stead somebody who runs processes; never who asked.
func mayAnswer(q *Request, f *lifecycle.Facts) []lifecycle.Refusal {
	switch {
	case f.Actor.ID == q.AskedBy && !f.Actor.System:
		return lifecycle.Refuse("answer", "own_work", "who asked does not answer")
	case f.Actor.System, f.Actor.ID == q.Provider, f.Actor.Has(access.ProcessOwner), f.Actor.Has(access.Management), f.Actor.Has(access.Administrator):
		return nil
	}
	return lifecycle.Refuse("provider", "not_yours", "it is asked of somebody else: comment on it, or have it handed to you")
}

func answered(q *Request, f *lifecycle.Facts) {
	q.AnsweredAt, q.AnsweredBy = record.At(f.Now), f.Actor.ID
}

// mayJudge: an auditor, who did not answer it.
func mayJudge(q *Request, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Actor.ID == q.AnsweredBy && !f.Actor.System {
		return lifecycle.Refuse("decided_by", "own_work", "who answered does not accept: let another auditor look")
	}
	return nil
}

func accepted(q *Request, f *lifecycle.Facts) {
	q.DecidedAt, q.DecidedBy = record.At(f.Now), f.Actor.ID
}

// again keeps the answer that was not enough, and asks anew.
func again(q *Request, f *lifecycle.Facts) {
	r := Reply{Answer: q.Answer, AnsweredAt: q.AnsweredAt, AnsweredBy: q.AnsweredBy, Remark: q.Remark, At: record.At(f.Now)}
	r.ID, r.Pos = record.NewID(f.Now), record.Count(len(q.Earlier))
	q.Earlier = append(q.Earlier[:len(q.Earlier):len(q.Earlier)], r)
	q.Answer, q.AnsweredAt, q.AnsweredBy, q.DecidedAt, q.DecidedBy = "", 0, record.ID{}, 0, record.ID{}
}

func withWords(q *Request, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say why")
	}
	return nil
}
