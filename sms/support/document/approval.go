package document

import (
	"encoding/json"
	"fmt"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/record"
)

// mayEndorse: a version waits, the actor did not write it, and is one of its reviewers if it names
// any.
func mayEndorse(d *Document, f *lifecycle.Facts) []lifecycle.Refusal {
	c := f.Data.(*known).underReview()
	switch {
	case c == nil:
		return lifecycle.Refuse("", "nothing_to_review", "submit a version first")
	case f.Actor.System:
		return lifecycle.Refuse("", "by_a_person", "sign in as the reviewer")
	case c.Version.Author == f.Actor.ID:
		return lifecycle.Refuse("reviewers", "own_work", "let somebody review it who did not write it")
	}
	named := c.Record.(*Document).Reviewers
	for _, r := range named {
		if r.User == f.Actor.ID {
			return nil
		}
	}
	if len(named) > 0 {
		return lifecycle.Refuse("reviewers", "not_a_reviewer", "the version names who reviews it")
	}
	return nil
}

func endorse(d *Document, f *lifecycle.Facts) {
	if c := f.Data.(*known).underReview(); c != nil {
		d.reviewed("before_approval", c.Version, f)
	}
}

// reviewed keeps who found what of a version.
func (d *Document) reviewed(kind string, v *record.Version, f *lifecycle.Facts) {
	remark := []rune(f.Reason)
	r := Review{Kind: record.Choice(kind), Version: record.N(int64(v.Number)), VersionID: record.Text(v.ID.String()),
		ContentHash: v.ContentHash, Reviewer: f.Actor.ID, At: record.At(f.Now), Remark: record.Text(remark[:min(len(remark), 500)])}
	r.ID, r.Pos = record.NewID(f.Now), record.Count(len(d.Reviews))
	d.Reviews = append(d.Reviews[:len(d.Reviews):len(d.Reviews)], r)
}

// approve holds what must be so before a version is approved, beyond the four eyes of the kernel;
// then those who must know are asked, and what was asked about older versions lapses.
func approve(d *Document, v *record.Version, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	d.approving = v
	d.JudgedAt = record.At(f.Now)
	endorsed := d.endorsements(v)
	for _, r := range d.Reviews {
		if endorsed[r.Reviewer] && r.Kind == "before_approval" && string(r.VersionID) == v.ID.String() {
			v.Reviewer = r.Reviewer
		}
	}
	if f.Replay {
		return nil
	}
	out := ready(d, v, k)
	for _, r := range d.Reviewers {
		if !endorsed[r.User] {
			out = append(out, lifecycle.Refusal{Field: "reviewers[" + r.ID.String() + "]", Reason: "review_missing", Mend: "let every reviewer endorse the version as it was submitted"})
		}
	}
	if !d.Approver.IsZero() && d.Approver != f.Actor.ID && !f.Actor.System {
		out = append(out, lifecycle.Refusal{Field: "approver", Reason: "not_the_approver", Mend: "the document names who approves it: let them, or name another"})
	}
	who, lapse := audience(d, v, k, nil)
	if out = append(out, tooMany(who, k)...); len(out) == 0 {
		request(d, v, who, lapse, f)
	}
	return out
}

// endorsements are the reviewers who endorsed v exactly as it was submitted.
func (d *Document) endorsements(v *record.Version) map[record.ID]bool {
	out := map[record.ID]bool{}
	for _, r := range d.Reviews {
		if r.Kind == "before_approval" && string(r.VersionID) == v.ID.String() && r.ContentHash == v.ContentHash {
			out[r.Reviewer] = true
		}
	}
	return out
}

var shape = record.ShapeOf[Document]("document")

// ready holds that the version has content, and that the document is identified and described as a
// controlled one is (7.5.2).
func ready(d *Document, v *record.Version, k *known) []lifecycle.Refusal {
	var out []lifecycle.Refusal
	refuse := func(field, reason, mend string) {
		out = append(out, lifecycle.Refusal{Field: field, Reason: reason, Mend: mend})
	}
	if d.Body == "" && d.File == "" && !(bool(d.External) && d.Location != "") {
		refuse("body", "empty", "write a body, name a file, or say where a document from outside is kept")
	}
	for _, cell := range []any{&d.Owner, &d.Language, &d.Format, &d.Medium, &d.Retention, &d.RetentionRule} {
		if fd := shape.FieldAt(shape.Base(d), cell); !record.Answered(d, fd) {
			refuse(fd.Name, "required", "a controlled document has one before a version is approved; or say why there is none")
		}
	}
	if len(d.Distribution) == 0 && !blankFor(d, "distribution") {
		refuse("distribution", "required", "say who gets it, or why nobody does")
	}
	if v.ChangeReason == "" {
		refuse("change_reason", "required", "say why this version was made")
	}
	if v.EffectiveTo != "" && v.EffectiveTo <= k.day {
		refuse("effective_to", "past", "it would never be in force: give a later day, or none")
	}
	return out
}

func blankFor(d *Document, name string) bool { _, ok := d.Reasons()[name]; return ok }

// audience is who is still to be asked about version v, and which open requests lapse: those about
// other versions, and those of people who need not know any more. said are those who were asked
// about v already.
func audience(d *Document, v *record.Version, k *known, said map[record.ID]bool) (ask []*people.User, lapse []*Acknowledgement) {
	in := map[record.ID]bool{}
	for _, u := range k.mustKnow(d) {
		in[u.ID] = true
		if !said[u.ID] {
			ask = append(ask, u)
		}
	}
	for _, a := range k.asked {
		if string(a.VersionID) != v.ID.String() || !in[a.Reporter] {
			lapse = append(lapse, a)
		}
	}
	return ask, lapse
}

// tooMany refuses what one transaction should not hold.
func tooMany(ask []*people.User, k *known) []lifecycle.Refusal {
	if len(ask) > crowd {
		return lifecycle.Refuse("distribution", "too_many", fmt.Sprintf("%d people would be asked to acknowledge at once, at most %d are: mark fewer lines as must_know, or make a document for each part of the audience", len(ask), crowd))
	}
	if len(k.asked) > crowd {
		return lifecycle.Refuse("distribution", "too_many", fmt.Sprintf("more than %d acknowledgements are open and would lapse at once: mark fewer lines as must_know and distribute first", crowd))
	}
	return nil
}

// request has people asked, and requests lapse, in the command's own transaction.
func request(d *Document, v *record.Version, ask []*people.User, lapse []*Acknowledgement, f *lifecycle.Facts) {
	due := begins(v.EffectiveFrom, f.Zone)
	if due.Before(f.Now) {
		due = f.Now.In(f.Zone)
	}
	due = due.AddDate(0, 0, int(d.AcknowledgeDays.N))
	for _, u := range ask {
		f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "acknowledgement", Verb: "create", Set: values(map[string]any{
			"title": fmt.Sprintf("Read and acknowledge %s, version %d", d.name(), v.Number), "document": d.ID, "version": int(v.Number), "version_id": v.ID,
			"reporter": u.ID, "assignee": u.ID, "customer": u.Customer, "due": due})})
	}
	for _, a := range lapse {
		f.Out.Commands = append(f.Out.Commands, lifecycle.Command{Process: "acknowledgement", Record: a.ID, Verb: "transition", Name: "lapse",
			Reason: fmt.Sprintf("version %d takes its place, or the audience changed", v.Number)})
	}
}

// name is how others than its readers hear of the document: what is not for everybody keeps its
// title.
func (d *Document) name() string {
	ref := fmt.Sprintf("DOC-%d", d.Num)
	if bool(d.Restricted) {
		return ref
	}
	title := []rune(d.Title)
	return ref + ": " + string(title[:min(len(title), 200)])
}

// mayDistribute: there is a version to distribute, and not to too many at once.
func mayDistribute(d *Document, f *lifecycle.Facts) []lifecycle.Refusal {
	k := f.Data.(*known)
	c := k.live(nil)
	if c == nil {
		return lifecycle.Refuse("", "nothing_in_force", "approve a version first")
	}
	ask, _ := audience(d, c.Version, k, k.said)
	return tooMany(ask, k)
}

// distribute asks those who came to the audience since the version was approved, and no longer
// those who left it.
func distribute(d *Document, f *lifecycle.Facts) {
	k := f.Data.(*known)
	if c := k.live(nil); c != nil && !f.Replay {
		ask, lapse := audience(d, c.Version, k, k.said)
		request(d, c.Version, ask, lapse, f)
	}
}

// values turns plain values into what a command sets; blank references are left out.
func values(m map[string]any) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, v := range m {
		switch x := v.(type) {
		case record.ID:
			if x.IsZero() {
				continue
			}
			v = x.String()
		case time.Time:
			v = record.At(x).String()
		}
		b, err := json.Marshal(v)
		if err != nil {
			panic("document: " + name + ": " + err.Error()) // texts, numbers and ids of this package
		}
		out[name] = b
	}
	return out
}
