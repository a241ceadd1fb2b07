package document

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/check"
)

// present: what the organisation itself finds necessary is in force.
func present(d *Document, f *check.Facts) catalogue.Timeline {
	all := spans(f, "", d, f.Versions(d.ID))
	why := "no version of it is in force"
	if d.State != Active {
		why = "it was withdrawn, and is still marked as needed"
	}
	return once(all, during(all, why), "no version of it was ever in force")
}

func fields(names ...string) []*record.Field {
	out := make([]*record.Field, len(names))
	for i, n := range names {
		if out[i] = shape.Field(n); out[i] == nil {
			panic("document: a check asks for " + n + ", which is no field")
		}
	}
	return out
}

var (
	identity  = fields("title", "kind", "owner")
	form      = fields("language", "format", "medium")
	retention = fields("retention", "retention_rule")
	origin    = fields("source", "source_version", "owner")
)

// identified: number and uniqueness are the kernel's; the rest stands on document and version.
func identified(d *Document, f *check.Facts) catalogue.Timeline {
	return whileInForce(f, d, func(c process.Content) catalogue.Timeline {
		v := c.Version
		return catalogue.And(check.Answered(d, identity...), catalogue.Filled(
			catalogue.Answer{Field: "version", Given: v.Number > 0},
			catalogue.Answer{Field: "author", Given: !v.Author.IsZero()},
			catalogue.Answer{Field: "effective_from", Given: v.EffectiveFrom != ""}))
	})
}

// wellFormed: the file was attached, which is when its checksum was made; that it still has it is
// asked by 7.5.3-02 and 7.5.3-04.
func wellFormed(d *Document, f *check.Facts) catalogue.Timeline {
	return whileInForce(f, d, func(c process.Content) catalogue.Timeline {
		return catalogue.And(check.Answered(d, form...), attachedFile(d, c, f))
	})
}

// attachedFile: the file that a version names is one the document has.
func attachedFile(d *Document, c process.Content, f *check.Facts) catalogue.Timeline {
	file := strings.ToLower(string(c.Record.(*Document).File))
	if file == "" {
		return check.Holds()
	}
	has := map[string]bool{} // attachments with that content
	for _, step := range []string{"attach", "detach"} {
		for _, e := range f.Steps(step, d.ID) {
			var b struct {
				Attachment struct{ ID, SHA256 string }
			}
			if err := json.Unmarshal([]byte(e.Body), &b); err != nil {
				return gap(fmt.Sprintf("event %d of it cannot be read: %v", e.N, err))
			}
			switch {
			case step == "detach":
				delete(has, b.Attachment.ID)
			case strings.ToLower(b.Attachment.SHA256) == file:
				has[b.Attachment.ID] = true
			}
		}
	}
	if len(has) == 0 {
		return gap(fmt.Sprintf("the file of version %d is not attached", c.Version.Number))
	}
	return check.Holds()
}

// foundSuitable: reviewed and approved by others than the author before it took effect, and looked
// at again as often as the document says. That the approver was one who may, the kernel saw to when
// they approved.
func foundSuitable(d *Document, f *check.Facts) catalogue.Timeline {
	return whileInForce(f, d, func(c process.Content) catalogue.Timeline {
		v := c.Version
		var wrong []string
		reviewed := false
		for _, r := range d.Reviews {
			reviewed = reviewed || r.Kind == "before_approval" && string(r.VersionID) == v.ID.String() && r.ContentHash == v.ContentHash &&
				r.Reviewer != v.Author && r.At <= v.DecidedAt
		}
		if !reviewed {
			wrong = append(wrong, "nobody other than its author reviewed it before its approval")
		}
		switch {
		case v.Approver.IsZero():
			wrong = append(wrong, "no person approved it")
		case v.Approver == v.Author:
			wrong = append(wrong, "its author approved it")
		}
		if day := f.Day(v.DecidedAt.Time()); day > v.EffectiveFrom {
			wrong = append(wrong, "it took effect on "+string(v.EffectiveFrom)+" and was approved on "+string(day))
		}
		if d.NextReview == "" {
			wrong = append(wrong, "no day is set for its next review")
		}
		if len(wrong) > 0 {
			return gap(fmt.Sprintf("version %d: %s", v.Number, strings.Join(wrong, ", ")))
		}
		return catalogue.ConformsUntil(f.Midnight(d.NextReview), catalogue.Stale, "its review was due on "+string(d.NextReview))
	})
}

// available: it says where it is, somebody gets it, and it is not past its review.
func available(d *Document, f *check.Facts) catalogue.Timeline {
	return whileInForce(f, d, func(c process.Content) catalogue.Timeline {
		due := gap("no day is set for its next review")
		if d.NextReview != "" {
			due = catalogue.ConformsUntil(f.Midnight(d.NextReview), catalogue.Gap, "past its review, which was due on "+string(d.NextReview))
		}
		return catalogue.And(placed(d, c), reaches(d, f), due)
	})
}

// placed: its content is kept here, or it says where. On paper it always says where.
func placed(d *Document, c process.Content) catalogue.Timeline {
	x := c.Record.(*Document)
	if d.Location != "" || d.Medium != "paper" && d.Medium != "both" && (x.Body != "" || x.File != "") {
		return check.Holds()
	}
	return check.Answered(d, shape.Field("location"))
}

// reaches: one line of the distribution, or more, names somebody who may sign in.
func reaches(d *Document, f *check.Facts) catalogue.Timeline {
	if len(d.Distribution) == 0 {
		return gap("it is distributed to nobody")
	}
	var who []catalogue.Span
	for _, r := range d.Distribution {
		members := map[record.ID]bool{}
		for _, k := range f.Set("team") {
			if k.Record.Head().ID == r.Team && k.Record.Head().Phase != record.Choice(lifecycle.Void) {
				for _, id := range k.Record.(*people.Team).MemberIDs() {
					members[id] = true
				}
			}
		}
		for _, k := range f.Set("user") {
			u := k.Record.(*people.User)
			switch {
			case !u.Active():
			case u.ID == r.User, members[u.ID], !r.Customer.IsZero() && u.Customer == r.Customer:
				who = append(who, catalogue.Span{})
			case r.Role != "" && u.Customer.IsZero():
				for _, held := range u.Roles {
					if held.Role == r.Role {
						who = append(who, catalogue.Span{From: f.Midnight(held.From), To: f.Midnight(held.To)})
					}
				}
			}
		}
	}
	return during(who, "nobody it is distributed to may sign in")
}

// protected: who may read it is settled, and its text is what was submitted.
func protected(d *Document, f *check.Facts) catalogue.Timeline {
	return whileInForce(f, d, func(c process.Content) catalogue.Timeline {
		switch {
		case d.Classification == "":
			return gap("it is not classified")
		case bool(d.Restricted) && len(d.Readers) == 0:
			return gap("it has no list of who may read it")
		case system.ContentHash(Process, c.Record) != string(c.Version.ContentHash):
			return gap(fmt.Sprintf("the content of version %d no longer has the hash it was submitted with", c.Version.Number))
		}
		return listed(d)
	})
}

// listed: it says who gets it, or why nobody does.
func listed(d *Document) catalogue.Timeline {
	if len(d.Distribution) > 0 || blankFor(d, "distribution") {
		return check.Holds()
	}
	return gap("not filled: distribution")
}

// distributed: it says who gets it, and nobody who must know it is late in acknowledging it.
func distributed(d *Document, f *check.Facts) catalogue.Timeline {
	return whileInForce(f, d, func(process.Content) catalogue.Timeline {
		var late time.Time
		for _, x := range f.Children(Acknowledgements.Name, "document", d.ID) {
			if a := x.(*Acknowledgement); a.State == Asked && (late.IsZero() || a.Due.Time().Before(late)) {
				late = a.Due.Time()
			}
		}
		if late.IsZero() {
			return listed(d)
		}
		return catalogue.And(listed(d), catalogue.ConformsUntil(late, catalogue.Gap, "not everybody who must know it has acknowledged it in time"))
	})
}

// stored: its content is here, or it says where it is.
func stored(d *Document, f *check.Facts) catalogue.Timeline {
	return whileInForce(f, d, func(c process.Content) catalogue.Timeline {
		return catalogue.And(placed(d, c), attachedFile(d, c, f))
	})
}

// chained: the versions follow each other without a hole, each with author, and once approved with
// reason and approver; and one is in force at a time.
func chained(d *Document, f *check.Facts) catalogue.Timeline {
	all := f.Versions(d.ID)
	var wrong []string
	for i, c := range all {
		v := c.Version
		say := func(what string) { wrong = append(wrong, fmt.Sprintf("version %d %s", v.Number, what)) }
		if int(v.Number) != i+1 {
			say(fmt.Sprintf("stands where %d should", i+1))
		}
		if v.Author.IsZero() {
			say("has no author")
		}
		if v.Status != record.VersionApproved {
			continue
		}
		if v.ChangeReason == "" {
			say("has no reason")
		}
		if v.Approver.IsZero() {
			say("was approved by no person")
		}
		for _, o := range all[:i] {
			if o := o.Version; o.Status == record.VersionApproved && (o.EffectiveTo == "" || v.EffectiveFrom < o.EffectiveTo) && (v.EffectiveTo == "" || o.EffectiveFrom < v.EffectiveTo) {
				say(fmt.Sprintf("is in force at once with %d", o.Number))
			}
		}
	}
	return whileInForce(f, d, func(process.Content) catalogue.Timeline {
		if len(wrong) > 0 {
			return gap(strings.Join(wrong, ", "))
		}
		return check.Holds()
	})
}

// disposal is how long after its retention has ended a document may wait to be disposed of. Its
// owner is told on the day it ends.
const disposal = 30

// retained: it has a rule, and was disposed of neither early nor late nor against a hold.
func retained(d *Document, f *check.Facts) catalogue.Timeline {
	if d.JudgedAt == 0 {
		return catalogue.Always(catalogue.Vacuous, "no version of it was approved")
	}
	rule := check.Answered(d, retention...)
	switch d.State {
	case Withdrawn:
		if d.RetainUntil != "" && !bool(d.LegalHold) {
			return catalogue.And(rule, catalogue.ConformsUntil(f.Midnight(d.RetainUntil).AddDate(0, 0, disposal), catalogue.Gap,
				"kept past "+string(d.RetainUntil)+", when its retention ended, and nothing holds it"))
		}
	case Disposed:
		until := after(f.Day(d.WithdrawnAt.Time()), d.Retention)
		switch {
		case bool(d.LegalHold):
			return gap("it was disposed of although it was held")
		case until == "" || d.WithdrawnAt == 0:
			return gap("it was disposed of, and nothing says until when it was to be kept")
		case f.Day(d.DisposedAt.Time()) < until:
			return gap("it was disposed of before " + string(until))
		}
	}
	return rule
}

// current: it says where it comes from, and was compared with its source as often as it says.
func current(d *Document, f *check.Facts) catalogue.Timeline {
	from := check.Answered(d, origin...)
	if d.CheckedAt == 0 {
		return catalogue.And(from, catalogue.Always(catalogue.NoEvidence, "it was never compared with its source"))
	}
	until := f.Midnight(d.NextCheck)
	if until.IsZero() {
		until = f.Interval.Period.After(d.CheckedAt.Time())
	}
	return catalogue.And(from, catalogue.ConformsUntil(until, catalogue.Stale, "last compared with its source on "+string(f.Day(d.CheckedAt.Time()))))
}
