package risk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// known is what a decision about a risk needs besides the risk.
type known struct {
	day      record.Date
	criteria *Criteria // in force today; nil when there are none
	version  *record.Version
	tasks    map[record.ID]*people.Task // treatments under the risk
	users    map[record.ID]*people.User
}

// tasksOf is how many treatments of one risk are read.
const tasksOf = 1000

func load(ctx context.Context, r process.Reader, t *Risk, f *lifecycle.Facts) (any, error) {
	k := &known{day: record.Day(f.Now.In(f.Zone)), tasks: map[record.ID]*people.Task{}, users: map[record.ID]*people.User{}}
	var err error
	if k.criteria, k.version, err = InForce(ctx, r, k.day); err != nil {
		return nil, err
	}
	if f.Before != nil && (f.Transition == "treat" || f.Asked("evaluations")) {
		found, err := r.Find(ctx, "task", `parent = "`+t.ID.String()+`" and kind = "treatment"`, tasksOf)
		if err != nil {
			return nil, err
		}
		for _, x := range found {
			k.tasks[x.Head().ID] = x.(*people.Task)
		}
	}
	if f.Transition == "accept" {
		all, err := r.All(ctx, "user")
		if err != nil {
			return nil, err
		}
		for _, x := range all {
			k.users[x.Head().ID] = x.(*people.User)
		}
	}
	return k, nil
}

// product is likelihood times consequence; blank while either is.
func product(likelihood, consequence record.Int) record.Int {
	if !likelihood.Set || !consequence.Set {
		return record.Int{}
	}
	return record.N(likelihood.N * consequence.N)
}

// decide derives scores, level and due days, keeps evaluations as they were written, and takes an
// acceptance back that does not cover any more what the risk has become.
func decide(r *Risk, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	before, _ := f.Before.(*Risk)
	out := evaluations(r, before, k, f)
	if x, err := catalogue.ParsePeriod(string(r.ReviewEvery)); r.ReviewEvery != "" && (err != nil || x.IsZero()) {
		out = append(out, lifecycle.Refusal{Field: "review_every", Reason: "not_a_period", Mend: "give an ISO 8601 period of more than nothing, such as P6M"})
	}
	r.Score, r.ResidualScore = product(r.Likelihood, r.Consequence), product(r.ResidualLikelihood, r.ResidualConsequence)
	judge(r, before, k)
	if before != nil && before.Effectiveness != r.Effectiveness && r.Effectiveness != "" {
		r.EffectivenessAt, r.EffectivenessBy = record.At(f.Now), f.Actor.ID
	}
	if before != nil && f.Transition != "analyse" && f.Transition != "accept" && !f.Replay {
		if why := outgrown(r, before); why != "" {
			again(r, why, f)
		}
	}
	due(r, k, f)
	return out
}

// judge says what the criteria make of the score. What was judged stays so until something about the
// risk changes that is judged: new criteria apply to new judgements.
func judge(r, before *Risk, k *known) {
	n := r.Counts()
	if before != nil && before.Counts() == n && before.State == r.State && before.AnalysedAt == r.AnalysedAt && !r.Criteria.IsZero() {
		return
	}
	r.Level, r.AboveLine, r.Criteria, r.CriteriaNo = "", false, record.ID{}, record.Int{}
	if !n.Set || k.criteria == nil {
		return
	}
	r.Level, r.AboveLine = record.Text(k.criteria.LevelOf(n.N)), record.Bool(n.N > k.criteria.AcceptanceLine.N)
	r.Criteria, r.CriteriaNo = k.criteria.ID, record.N(int64(k.version.Number))
}

// evaluations stamps new lines, and keeps what was written.
func evaluations(r, before *Risk, k *known, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	was := map[record.ID]Evaluation{}
	if before != nil {
		for _, e := range before.Evaluations {
			was[e.ID] = e
		}
	}
	for i := range r.Evaluations {
		e := &r.Evaluations[i]
		at := "evaluations[" + e.ID.String() + "]"
		if old, there := was[e.ID]; there {
			delete(was, e.ID)
			old.Pos = e.Pos
			if *e != old {
				out = append(out, lifecycle.Refusal{Field: at, Reason: "fixed", Mend: "it stays as it was written: add another evaluation"})
			}
			continue
		}
		e.ResidualScore, e.At, e.By = product(e.ResidualLikelihood, e.ResidualConsequence), record.At(f.Now), f.Actor.ID
		t := k.tasks[e.Task]
		switch {
		case f.Replay:
		case t == nil:
			out = append(out, lifecycle.Refusal{Field: at + ".task", Reason: "not_a_treatment", Mend: "name a task of kind treatment under this risk"})
		case t.Phase != record.Choice(lifecycle.Done):
			out = append(out, lifecycle.Refusal{Field: at + ".task", Reason: "not_done", Mend: "complete the treatment first"})
		}
		if !f.Asked("residual_likelihood") && !f.Asked("residual_consequence") && e.ResidualScore.Set {
			r.ResidualLikelihood, r.ResidualConsequence = e.ResidualLikelihood, e.ResidualConsequence
		}
	}
	if len(was) > 0 && !f.Replay {
		out = append(out, lifecycle.Refusal{Field: "evaluations", Reason: "fixed", Mend: "an evaluation is not taken away: add another"})
	}
	return out
}

// due sets the days on which the owner is asked, and on which an acceptance ends.
func due(r *Risk, k *known, f *lifecycle.Facts) {
	r.NextReview, r.DueAt = "", 0
	from := max(r.ReviewedAt, r.AnalysedAt)
	every := r.ReviewEvery
	if every == "" {
		every = "P12M"
		if k.criteria != nil && k.criteria.ReviewEvery != "" {
			every = k.criteria.ReviewEvery
		}
	}
	if from != 0 && r.State != Closed {
		r.NextReview = later(record.Day(from.Time().In(f.Zone)), every)
		r.DueAt = record.At(begins(r.NextReview, f.Zone))
	}
	ends, soon := time.Time{}, time.Time{}
	if (r.State == Accepted || r.State == Monitored) && r.AcceptedUntil != "" && r.AcceptedAt != 0 {
		ends = begins(r.AcceptedUntil, f.Zone).AddDate(0, 0, 1) // at the end of that day
		soon = ends.AddDate(0, 0, -warning)
	}
	if !soon.After(f.Now) {
		soon = time.Time{}
	}
	review := r.DueAt.Time()
	if f.Verb == "timer" && !review.After(f.Now) {
		review = time.Time{} // asked just now
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "review", At: review},
		lifecycle.Timer{Key: "acceptance_ends", At: ends}, lifecycle.Timer{Key: "acceptance_ends_soon", At: soon})
}

// warning is how many days before an acceptance ends its owner is told.
const warning = 30

func timer(r *Risk, key string, f *lifecycle.Facts) {
	tell := func(topic, text string) {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{r.Owner, r.Assignee}, Topic: topic, Text: text})
	}
	switch key {
	case "review":
		tell("risk_review_due", "A risk is to be reviewed: "+string(r.Title))
	case "acceptance_ends_soon":
		tell("risk_acceptance_ends_soon", fmt.Sprintf("A risk is accepted only until %s: %s", r.AcceptedUntil, r.Title))
	case "acceptance_ends":
		if (r.State == Accepted || r.State == Monitored) && r.AcceptedUntil != "" && r.AcceptedUntil < record.Day(f.Now.In(f.Zone)) {
			again(r, "it was accepted until "+string(r.AcceptedUntil), f)
		}
	}
}

// begins is the instant at which a day begins in zone; the zero time for a blank one.
func begins(day record.Date, zone *time.Location) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(day), zone)
	if err != nil {
		return time.Time{}
	}
	return t
}

// later is the day a period after day; blank when either is.
func later(day record.Date, p record.Period) record.Date {
	x, err := catalogue.ParsePeriod(string(p))
	if err != nil || day == "" {
		return ""
	}
	return record.Day(x.After(begins(day, time.UTC)))
}

// scored: the criteria that it is judged by are in force.
func scored(_ *Risk, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Data.(*known).criteria == nil {
		return lifecycle.Refuse("score", "no_criteria", "approve risk criteria that are in force today: without them no score says anything")
	}
	return nil
}

func analysed(r *Risk, f *lifecycle.Facts) {
	r.AnalysedAt, r.AnalysedBy = record.At(f.Now), f.Actor.ID
	r.dropAcceptance(f)
}

// dropAcceptance takes back what was accepted, and the approval it rested on.
func (r *Risk) dropAcceptance(f *lifecycle.Facts) {
	if r.AcceptedAt != 0 {
		r.AcceptanceEnded = record.At(f.Now)
	}
	r.AcceptedAt, r.AcceptedBy, r.AcceptedAs, r.AcceptedScore = 0, record.ID{}, "", record.Int{}
	f.Out.Voids = append(f.Out.Voids, Gate)
}

// planned: what is above the line has actions, each with who does it, until when, and how urgent.
func planned(r *Risk, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	if r.Treatment == "accept" {
		return lifecycle.Refuse("treatment", "nothing_to_treat", "a risk that is only accepted goes on with accept")
	}
	if s := product(r.Likelihood, r.Consequence); k.criteria != nil && s.N <= k.criteria.AcceptanceLine.N {
		return nil
	}
	var out []lifecycle.Refusal
	n := 0
	for _, t := range k.tasks {
		if t.Phase == record.Choice(lifecycle.Void) {
			continue
		}
		n++
		var lacks []string
		if t.Assignee.IsZero() {
			lacks = append(lacks, "an assignee")
		}
		if t.Due == 0 {
			lacks = append(lacks, "a due time")
		}
		if !t.Priority.Set {
			lacks = append(lacks, "a priority")
		}
		if len(lacks) > 0 {
			out = append(out, lifecycle.Refusal{Field: fmt.Sprintf("TSK-%d", t.Num), Reason: "action_incomplete", Mend: "give it " + strings.Join(lacks, ", ")})
		}
	}
	if n == 0 {
		out = append(out, lifecycle.Refusal{Field: "treatment", Reason: "no_action", Mend: "its score is above the acceptance line: make a task of kind treatment under it"})
	}
	return out
}

func treated(r *Risk, f *lifecycle.Facts) { r.TreatedAt = record.At(f.Now) }

// mayMonitor: it was accepted, or what is left is within the criteria; a treatment was judged.
func mayMonitor(r *Risk, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	k := f.Data.(*known)
	n := product(r.ResidualLikelihood, r.ResidualConsequence)
	if b, ok := f.Before.(*Risk); ok && b.State == Treated && (k.criteria == nil || !n.Set || n.N > k.criteria.AcceptanceLine.N) {
		out = append(out, lifecycle.Refusal{Field: "residual_score", Reason: "not_accepted", Mend: "what is left is above the acceptance line: have it accepted first"})
	}
	if r.Treatment != "accept" && r.Effectiveness == "" {
		out = append(out, lifecycle.Refusal{Field: "effectiveness", Reason: "required", Mend: "say whether the treatment worked"})
	}
	return out
}

func reviewed(r *Risk, f *lifecycle.Facts) {
	r.ReviewedAt, r.ReviewedBy = record.At(f.Now), f.Actor.ID
}

func withWords(_ *Risk, f *lifecycle.Facts) []lifecycle.Refusal {
	if strings.TrimSpace(f.Reason) == "" {
		return lifecycle.Refuse("reason", "required", "say what was found")
	}
	return nil
}

// mayClose: what is above the line is not closed, unless it was avoided or was never one.
func mayClose(r *Risk, f *lifecycle.Facts) []lifecycle.Refusal {
	b, _ := f.Before.(*Risk)
	if b != nil && b.State == Identified || r.Treatment == "avoid" || !bool(r.AboveLine) {
		return nil
	}
	return lifecycle.Refuse("score", "above_line", "treat it, or analyse it anew when it has gone: a risk above the acceptance line is watched, not closed")
}

func closed(r *Risk, f *lifecycle.Facts) { r.ClosedAt = record.At(f.Now) }

func reopened(r *Risk, f *lifecycle.Facts) {
	r.ClosedAt, r.CloseReason = 0, ""
	r.dropAcceptance(f)
}
