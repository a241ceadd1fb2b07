package risk

import (
	"fmt"
	"strings"

	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// mayAccept: somebody whose role covers the score said yes at the gate, and what is above the line
// ends on a day that lies ahead and not too far.
func mayAccept(r *Risk, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	if k.criteria == nil {
		return lifecycle.Refuse("score", "no_criteria", "approve risk criteria that are in force today")
	}
	n := product(r.ResidualLikelihood, r.ResidualConsequence)
	if !n.Set {
		n = product(r.Likelihood, r.Consequence)
	}
	if !n.Set {
		return lifecycle.Refuse("score", "required", "analyse it first")
	}
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if r.Treatment != "accept" && r.TreatedAt == 0 {
		refuse("treatment", "not_treated", "treat it first, or choose to accept it as it is")
	}
	if who, _ := k.authority(n.N, f); f.Granted[Gate] && who.IsZero() {
		roles := k.criteria.WhoMayAccept(n.N)
		mend := fmt.Sprintf("a score of %d is accepted by %s: have one of them approve it", n.N, strings.Join(roles, " or "))
		if len(roles) == 0 {
			mend = fmt.Sprintf("by the criteria in force nobody may accept a score of %d: treat it", n.N)
		}
		refuse("accepted_by", "not_authorised", mend)
	}
	longest := k.criteria.LongestUntil
	if longest == "" {
		longest = "P12M"
	}
	switch {
	case r.AcceptedUntil == "" && n.N > k.criteria.AcceptanceLine.N:
		refuse("accepted_until", "required", fmt.Sprintf("a score of %d is above the acceptance line of %d: say until when it is accepted", n.N, k.criteria.AcceptanceLine.N))
	case r.AcceptedUntil != "" && r.AcceptedUntil < k.day:
		refuse("accepted_until", "past", "give a day from today on")
	case n.N > k.criteria.AcceptanceLine.N && r.AcceptedUntil > later(k.day, longest):
		refuse("accepted_until", "too_far", "above the acceptance line nothing is accepted for longer than "+string(longest)+": at most until "+string(later(k.day, longest)))
	}
	return out
}

// authority is who of those that said yes may accept the score, and by which role: held on the day
// of the vote by the voter, or by the one for whom the voter was asked.
func (k *known) authority(score int64, f *lifecycle.Facts) (record.ID, string) {
	for _, a := range f.Approvals[Gate] {
		day := record.Day(a.At.In(f.Zone))
		for _, id := range []record.ID{a.Voter, a.Instead} {
			u := k.users[id]
			if u == nil {
				continue
			}
			for _, role := range u.RolesOn(day) {
				if k.criteria.MayAccept(role, score) {
					return a.By, role
				}
			}
		}
	}
	return record.ID{}, ""
}

func accepted(r *Risk, f *lifecycle.Facts) {
	k := f.Data.(*known)
	r.AcceptedAt, r.AcceptanceEnded = record.At(f.Now), 0
	if r.AcceptedScore = product(r.ResidualLikelihood, r.ResidualConsequence); !r.AcceptedScore.Set {
		r.AcceptedScore = product(r.Likelihood, r.Consequence)
	}
	if k.criteria == nil {
		return // an import of what was
	}
	who, role := k.authority(r.AcceptedScore.N, f)
	if f.Replay && who.IsZero() {
		who = f.Actor.ID
	}
	r.AcceptedBy, r.AcceptedAs = who, record.Text(role)
}

// outgrown says in what a risk is no more the one that was accepted; "" when it is, or none was.
func outgrown(r, before *Risk) string {
	if r.AcceptedAt == 0 || before.AcceptedAt == 0 || r.State != Accepted && r.State != Monitored {
		return ""
	}
	switch n := r.Counts(); {
	case !n.Set || n.N > r.AcceptedScore.N:
		return "it has grown beyond the score that was accepted"
	case r.AcceptedUntil != before.AcceptedUntil && (r.AcceptedUntil == "" || before.AcceptedUntil != "" && r.AcceptedUntil > before.AcceptedUntil):
		return "it is to be accepted for longer"
	case r.Treatment != before.Treatment:
		return "another treatment was chosen"
	}
	return ""
}

// again has an accepted risk analysed anew.
func again(r *Risk, why string, f *lifecycle.Facts) {
	r.State, r.Phase = Analysed, record.Choice(lifecycle.Open)
	r.dropAcceptance(f)
	text := "A risk is accepted no longer, since " + why + ": " + string(r.Title)
	f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{r.Owner, r.Assignee}, Role: "process_owner", Topic: "risk_acceptance_ended", Text: text})
	if f.Out.Mark == nil {
		f.Out.Mark = map[string]string{}
	}
	f.Out.Mark["acceptance"] = why
}
