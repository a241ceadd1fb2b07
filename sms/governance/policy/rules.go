package policy

import (
	"context"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// items are what the standard wants a service management policy to say (5.2.1), with what they are
// called.
var items = []struct {
	name  record.Choice
	title string
}{
	{"purpose", "that it suits what the organization is for"}, {"objectives", "the frame from which objectives are set"},
	{"requirements", "the commitment to fulfil the requirements that apply"}, {"improvement", "the commitment to go on improving"},
}

// reviewEvery is how often a policy is reviewed that says nothing itself. A default of this product.
const reviewEvery = "P12M"

// known is what the approval of a version needs besides it: whether a document is linked that states
// the policy.
type known struct{ stated bool }

func load(ctx context.Context, r process.Reader, p *Policy, f *lifecycle.Facts) (any, error) {
	if f.Verb != "version_approve" {
		return known{}, nil
	}
	ends, err := r.Links(ctx, p.ID, "stated_in")
	return known{stated: len(ends) > 0}, err
}

func decide(p *Policy, f *lifecycle.Facts) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	every := p.ReviewEvery
	if every == "" {
		every = reviewEvery
	}
	period, err := catalogue.ParsePeriod(string(every))
	if err != nil || period.IsZero() {
		refuse("review_every", "not_a_period", "give an ISO 8601 period of more than nothing, such as P12M")
	}
	seen := map[record.Choice]bool{}
	for _, a := range p.Answers {
		if seen[a.Item] {
			refuse("answers["+a.ID.String()+"].item", "twice", "one line for an item")
		}
		seen[a.Item] = true
	}
	p.NextReview, p.DueAt = "", 0
	next := time.Time{}
	if p.ReviewedAt != 0 && p.State == Active && len(out) == 0 {
		next = period.After(p.ReviewedAt.Time().In(f.Zone))
		p.NextReview, p.DueAt = record.Day(next), record.At(next)
	}
	if f.Verb == "timer" && !next.After(f.Now) {
		next = time.Time{} // it was told; once is enough
	}
	f.Out.Timers = append(f.Out.Timers, lifecycle.Timer{Key: "review", At: next})
	return out
}

func due(p *Policy, _ string, f *lifecycle.Facts) {
	if p.State == Active {
		f.Out.Notices = append(f.Out.Notices, lifecycle.Notice{To: []record.ID{p.Owner}, Role: access.Management, Topic: "policy_review_due", Text: "A policy is to be reviewed: " + string(p.Title)})
	}
}

func reviewed(p *Policy, f *lifecycle.Facts) {
	p.ReviewedAt, p.ReviewedBy = record.At(f.Now), f.Actor.ID
}

func withWords(_ *Policy, f *lifecycle.Facts) []lifecycle.Refusal {
	if f.Reason == "" && !f.Replay {
		return lifecycle.Refuse("reason", "required", "say what was found, or why")
	}
	return nil
}

// approve holds what must be so before a version is in force, beyond the four eyes of the kernel.
// Approving it finds it suitable: its next review counts from there.
func approve(p *Policy, v *record.Version, f *lifecycle.Facts) []lifecycle.Refusal {
	reviewed(p, f)
	if f.Replay {
		return nil
	}
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	k, _ := f.Data.(known)
	if p.Text == "" && !k.stated {
		refuse("text", "empty", "write the text, or link the document that states it (stated_in)")
	}
	if p.Owner.IsZero() {
		refuse("owner", "required", "name who keeps it")
	}
	if v.EffectiveTo != "" && v.EffectiveTo <= record.Day(f.Now.In(f.Zone)) {
		refuse("effective_to", "past", "it would never be in force: give a later day, or none")
	}
	for _, a := range p.Answers {
		if p.Text != "" && !said(string(p.Text), string(a.SaidIn)) {
			refuse("answers["+a.ID.String()+"].said_in", "not_in_text", "give a heading of the text, or three words of it or more, as they stand there")
		}
	}
	if p.Kind != ServiceManagement {
		return out
	}
	if !f.Actor.System && !f.Actor.Has(access.Management) {
		refuse("approver", "not_authorised", "a service management policy is approved by top management (role manager)")
	}
	if p.Purpose == "" {
		refuse("purpose", "required", "say how it suits what the organization is for")
	}
	if p.Direction == "" {
		refuse("direction", "required", "say which strategic direction it serves")
	}
	for _, i := range items {
		if p.Answer(i.name) == nil {
			refuse("answers", "required", "say where it is said: "+i.title+" (item "+string(i.name)+")")
		}
	}
	return out
}

// Answer is where an item is said; nil when the policy does not tell.
func (p *Policy) Answer(item record.Choice) *Answer {
	for i := range p.Answers {
		if p.Answers[i].Item == item && strings.TrimSpace(string(p.Answers[i].SaidIn)) != "" {
			return &p.Answers[i]
		}
	}
	return nil
}

// said reports whether where names something of the text: a heading (a line, without the marks of
// Markdown and its number), or at least three words as they stand there. Case and white space do not
// count.
func said(text, where string) bool {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	w := plain(where)
	if w == "" {
		return false
	}
	for _, line := range strings.Split(text, "\n") {
		l := plain(strings.TrimLeft(strings.TrimSpace(line), "#*_ "))
		if l = strings.TrimRight(l, "*_ "); l == w || strings.TrimLeft(l, "0123456789. ") == w {
			return true
		}
	}
	return len(strings.Fields(w)) >= 3 && strings.Contains(plain(text), w)
}
