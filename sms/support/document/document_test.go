package document_test

import (
	"testing"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/support/document"
)

func TestNobodyApprovesWhatTheyWrote(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.draft(nil)
		w.do(w.ben, version(id, "version_update", 1, fields{"body": "Every change is assessed."}))
		w.do(w.anna, version(id, "version_submit", 1, nil))
		w.refused(w.anna, version(id, "version_approve", 1, nil), "approver", "own_work")
		w.refused(w.ben, version(id, "version_approve", 1, nil), "approver", "own_work")
		w.do(w.cora, version(id, "version_approve", 1, nil))
		if _, v := w.get(w.anna, id); v.Status != record.VersionApproved || v.Author != w.anna.ID || v.Approver != w.cora.ID {
			w.Errorf("version is %+v", v)
		}
	})
}

func TestOnlyTheNamedApproverApproves(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.draft(fields{"approver": "omar"})
		w.do(w.anna, version(id, "version_submit", 1, nil))
		w.refused(w.cora, version(id, "version_approve", 1, nil), "approver", "not_the_approver")
		w.do(w.omar, version(id, "version_approve", 1, nil))
	})
}

func TestAVersionIsReviewedByEachOfItsReviewersBeforeItIsApproved(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.draft(fields{"reviewers": []fields{{"user": "ben"}, {"user": "anna"}}})
		w.refused(w.ben, step(id, "endorse", "fine", nil), "", "nothing_to_review")
		w.do(w.anna, version(id, "version_submit", 1, nil))
		w.refused(w.cora, version(id, "version_approve", 1, nil), "", "review_missing")
		w.refused(w.omar, step(id, "endorse", "fine", nil), "reviewers", "not_a_reviewer")
		w.refused(w.anna, step(id, "endorse", "fine", nil), "reviewers", "own_work")
		w.do(w.ben, step(id, "endorse", "clear and complete", nil))
		w.refused(w.cora, version(id, "version_approve", 1, nil), "", "review_missing")

		reject := version(id, "version_reject", 1, nil)
		reject.Reason = "anna cannot review herself"
		w.do(w.cora, reject)
		w.do(w.anna, version(id, "version", 0, fields{"body": "Every change is assessed.", "change_reason": "first issue", "reviewers": []fields{{"user": "ben"}}}))
		w.do(w.anna, version(id, "version_submit", 2, nil))
		w.refused(w.cora, version(id, "version_approve", 2, nil), "", "review_missing")
		w.do(w.ben, step(id, "endorse", "still clear", nil))
		w.do(w.cora, version(id, "version_approve", 2, nil))
		d, v := w.get(w.anna, id)
		if v.Number != 2 || v.Reviewer != w.ben.ID {
			w.Errorf("version %d was reviewed by %v, not by ben", v.Number, v.Reviewer)
		}
		last := d.Reviews[len(d.Reviews)-1]
		if last.Reviewer != w.ben.ID || last.ContentHash != v.ContentHash || last.At > v.DecidedAt || last.Remark != "still clear" {
			w.Errorf("the review reads %+v", last)
		}
		w.refused(w.anna, edit(id, fields{"reviews": []fields{}}), "reviews", "read_only")
		if d, _ := w.get(w.anna, id); len(d.Reviews) != 2 {
			w.Errorf("%d reviews are left of 2", len(d.Reviews))
		}
	})
}

func TestAVersionIsApprovedOnlyWhenItIsWholeAndIdentified(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.do(w.anna, lifecycle.Command{Process: "document", Verb: "create", Set: raw(fields{"title": "Bare", "kind": "procedure"})}).Record.Head().ID
		w.do(w.anna, version(id, "version_submit", 1, nil))
		approve := version(id, "version_approve", 1, nil)
		for field, reason := range map[string]string{"body": "empty", "language": "required", "format": "required", "medium": "required",
			"retention": "required", "retention_rule": "required", "distribution": "required", "change_reason": "required"} {
			w.refused(w.cora, approve, field, reason)
		}
		past := w.draft(nil)
		w.do(w.anna, version(past, "version_submit", 1, fields{"effective_from": "2026-03-02", "effective_to": "2026-03-09"}))
		w.sleep("2026-03-10")
		w.refused(w.cora, version(past, "version_approve", 1, nil), "effective_to", "past")
		w.refused(w.cora, version(past, "version_approve", 1, nil), "effective_from", "retroactive")
	})
}

func TestTheVersionInForceIsThatOfTheDayAlsoWhenItsEffectLayAhead(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.inForce(nil)
		w.next(id, "Every change is assessed by the narwhal.")
		w.issue(id, 2, fields{"effective_from": "2026-05-01"})
		reads := func(want string, number record.Count) {
			w.Helper()
			d, v := w.get(w.anna, id)
			if string(d.Body) != "Every change is assessed by the "+want+"." || v.Number != number {
				w.Errorf("on %s version %d is shown: %s", w.o.Today(), v.Number, d.Body)
			}
			l, err := w.o.List(ctx, w.anna, system.ListQuery{Process: "document", InForce: w.o.Today()})
			if err != nil {
				w.Fatal(err)
			}
			if len(l.Records) != 1 || l.Versions[0].Number != number {
				w.Errorf("on %s the list of what is in force shows %d documents", w.o.Today(), len(l.Records))
			}
		}
		reads("walrus", 1)
		w.sleep("2026-04-30")
		reads("walrus", 1)
		w.sleep("2026-05-01") // midnight in Zurich, the day before in UTC
		reads("narwhal", 2)
		for day, want := range map[record.Date]record.Count{"2026-03-02": 1, "2026-04-30": 1, "2026-05-01": 2, "2027-01-01": 2} {
			_, v, err := w.o.Reader().InForce(ctx, "document", id, day)
			if err != nil {
				w.Fatal(err)
			}
			if v == nil || v.Number != want {
				w.Errorf("on %s version %+v is in force, not %d", day, v, want)
			}
		}
		if _, v, err := w.o.Reader().InForce(ctx, "document", id, "2026-03-01"); err != nil || v != nil {
			w.Errorf("before its approval %v was in force (%v)", v, err)
		}
	})
}

func TestNoTwoVersionsAreInForceOnOneDay(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.inForce(nil)
		w.next(id, "Later.")
		w.issue(id, 2, fields{"effective_from": "2026-05-01"})
		w.next(id, "Between.")
		w.do(w.anna, version(id, "version_submit", 3, fields{"effective_from": "2026-04-01"}))
		w.refused(w.cora, version(id, "version_approve", 3, nil), "effective_from", "overlaps")
		w.do(w.cora, version(id, "version_approve", 3, fields{"effective_from": "2026-06-01"}))
		_, all, err := w.o.Versions(ctx, w.anna, "document", id.String())
		if err != nil {
			w.Fatal(err)
		}
		for day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC); day.Year() == 2026; day = day.AddDate(0, 0, 1) {
			n := 0
			for _, c := range all {
				if c.Version.InForce(record.Day(day)) {
					n++
				}
			}
			if n != 1 {
				w.Fatalf("on %s %d versions are in force", record.Day(day), n)
			}
		}
	})
}

func TestWhatWasApprovedNeverChanges(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.inForce(fields{"reviewers": nil, "summary": "How we change"})
		_, first := w.get(w.anna, id)
		w.next(id, "Quite another text.")
		if _, err := w.try(w.anna, version(id, "version_update", 1, fields{"body": "An edited text."})); !fault.Is(err, fault.Illegal) {
			w.Errorf("an approved version could be edited: %v", err)
		}
		w.refused(w.anna, edit(id, fields{"body": "Straight in."}), "body", "versioned")
		w.issue(id, 2, fields{"effective_from": "2026-03-03"})
		w.sleep("2026-04-01")
		_, all, err := w.o.Versions(ctx, w.anna, "document", id.String())
		if err != nil {
			w.Fatal(err)
		}
		for _, c := range all {
			if got := system.ContentHash(document.Process, c.Record); got != string(c.Version.ContentHash) {
				w.Errorf("the hash of version %d does not verify", c.Version.Number)
			}
		}
		old := all[0]
		if old.Version.ContentHash != first.ContentHash || old.Record.(*document.Document).Body != "Every change is assessed by the walrus." {
			w.Errorf("the superseded version now reads %q", old.Record.(*document.Document).Body)
		}
		changed := *old.Record.(*document.Document)
		changed.Body += " "
		if system.ContentHash(document.Process, &changed) == string(first.ContentHash) {
			w.Error("the hash does not tell a changed text")
		}
	})
}

func TestThePastShowsTheTextThatWasInForceThen(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.inForce(nil)
		then := w.now.Add(time.Hour)
		w.sleep("2026-04-10")
		w.next(id, "Every change is assessed by the narwhal.")
		w.issue(id, 2, nil)
		w.do(w.anna, edit(id, fields{"title": "Policy of changes", "classification": "internal"}))
		w.sleep("2026-06-01")
		was, err := w.o.AsOf(ctx, w.anna, "document", id.String(), then, false)
		if err != nil {
			w.Fatal(err)
		}
		if d := was.Record.(*document.Document); was.Version.Number != 1 || d.Body != "Every change is assessed by the walrus." || d.Title != "Change policy" {
			w.Errorf("then it read version %d: %s %s", was.Version.Number, d.Title, d.Body)
		}
		l, err := w.o.List(ctx, w.anna, system.ListQuery{Process: "document", AsOf: then, InForce: "2026-03-02"})
		if err != nil {
			w.Fatal(err)
		}
		if len(l.Records) != 1 || l.Records[0].(*document.Document).Body != "Every change is assessed by the walrus." {
			w.Errorf("the list of then shows %d", len(l.Records))
		}
		if d, v := w.get(w.anna, id); v.Number != 2 || d.Title != "Policy of changes" {
			w.Errorf("now it reads version %d, %s", v.Number, d.Title)
		}
	})
}

func TestFullTextFindsTheVersionInForceAndNoDraft(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.draft(nil)
		finds := func(word string, want int) {
			w.Helper()
			if got := len(w.list(w.anna, "document", `text ~ "`+word+`"`)); got != want {
				w.Errorf("on %s %q finds %d documents, not %d", w.o.Today(), word, got, want)
			}
		}
		finds("policy", 1) // its title is no secret
		finds("walrus", 0)
		w.issue(id, 1, nil)
		finds("walrus", 1)
		w.next(id, "Every change is assessed by the narwhal.")
		finds("narwhal", 0)
		w.do(w.anna, version(id, "version_update", 2, fields{"body": "Every change is assessed by the beluga."}))
		w.do(w.anna, edit(id, fields{"title": "Renamed policy"}))
		finds("beluga", 0)
		finds("renamed", 1)
		finds("walrus", 1)
		w.issue(id, 2, fields{"effective_from": "2026-05-01"})
		finds("walrus", 1)
		w.sleep("2026-05-01") // no job ran
		finds("beluga", 1)
		w.do(w.anna, lifecycle.Command{Process: "document", Record: id, Verb: "comment", Set: raw(fields{"body": "seen"})})
		finds("beluga", 1)
		finds("walrus", 0)
	})
}

func TestAWithdrawnDocumentStaysReadableAndGoesNoFurther(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.inForce(fields{"distribution": []fields{{"user": "ben", "must_know": true}}})
		w.refused(w.anna, step(id, "withdraw", "", nil), "withdrawal_reason", "required")
		w.do(w.anna, step(id, "withdraw", "", fields{"withdrawal_reason": "replaced by the change model"}))
		d, v := w.get(w.anna, id)
		if d.State != document.Withdrawn || d.Body != "Every change is assessed by the walrus." || v.Number != 1 || d.RetainUntil != "2029-03-02" || d.NextReview != "" {
			w.Errorf("withdrawn it reads %s version %d %q, kept until %s", d.State, v.Number, d.Body, d.RetainUntil)
		}
		if n := w.count("acknowledgement", `document = "DOC-1" and state = "asked"`); n != 0 {
			w.Errorf("%d are still asked to acknowledge it", n)
		}
		w.refused(w.anna, version(id, "version", 0, fields{"body": "more"}), "state", "not_active")
		_, es, err := w.o.History(ctx, w.anna, "document", id.String(), 0, 0)
		if err != nil || len(es) < 4 {
			w.Errorf("its history has %d events (%v)", len(es), err)
		}
		w.refused(w.anna, step(id, "reinstate", "", nil), "reason", "required")
		w.do(w.anna, step(id, "reinstate", "needed after all", nil))
		if d, _ := w.get(w.anna, id); d.State != document.Active || d.RetainUntil != "" || d.NextReview != "2027-03-02" {
			w.Errorf("reinstated it is %s, kept until %q, reviewed by %s", d.State, d.RetainUntil, d.NextReview)
		}
	})
}

func TestNothingIsDisposedOfBeforeItsDayOrUnderAHold(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.inForce(fields{"retention": "P1Y"})
		w.do(w.anna, step(id, "withdraw", "", fields{"withdrawal_reason": "no longer needed"}))
		dispose := step(id, "dispose", "retention schedule, line 4", nil)
		w.refused(w.anna, dispose, "retain_until", "too_early")
		w.refused(w.anna, edit(id, fields{"legal_hold": true}), "hold_reason", "required")
		w.do(w.anna, edit(id, fields{"legal_hold": true, "hold_reason": "case 12"}))
		w.until("2027-03-01")
		w.refused(w.anna, dispose, "retain_until", "too_early")
		w.until("2027-03-02")
		w.refused(w.anna, dispose, "legal_hold", "held")
		w.do(w.anna, edit(id, fields{"legal_hold": false}))
		w.refused(w.anna, step(id, "dispose", "", nil), "reason", "required")
		if n := w.count("document", `state = "withdrawn" and retain_until <= today and legal_hold = false`); n != 1 {
			w.Errorf("%d documents are kept past their day", n)
		}
		w.do(w.anna, dispose)
		d, _ := w.get(w.anna, id)
		if d.State != document.Disposed || d.DisposedBy != w.anna.ID {
			w.Errorf("it is %s by %v", d.State, d.DisposedBy)
		}
		was, err := w.o.AsOf(ctx, w.anna, "document", id.String(), time.Date(2026, 3, 2, 22, 0, 0, 0, time.UTC), false)
		if err != nil || was.Record.(*document.Document).Body == "" {
			w.Errorf("what it said is gone: %v", err)
		}
		if lines := w.inbox(w.omar, "retention_ended"); lines != 1 {
			w.Errorf("the owner was told %d times that retention ended", lines)
		}
	})
}

func TestADocumentFromOutsideIsIdentifiedAndComparedWithItsSource(t *testing.T) {
	onBoth(t, func(w *world) {
		bare := fields{"title": "ISO/IEC 20000-1", "kind": "external"}
		for _, field := range []string{"source", "source_version"} {
			w.refused(w.anna, lifecycle.Command{Process: "document", Verb: "create", Set: raw(bare)}, field, "required")
		}
		id := w.draft(fields{"title": "ISO/IEC 20000-1", "kind": "external", "source": "ISO", "source_version": "2018", "body": "", "location": "library, shelf 3"})
		w.issue(id, 1, nil)
		w.until("2027-02-15")
		if n := w.count("task", `parent = "DOC-1" and title ~ "Compare"`); n != 1 {
			w.Errorf("%d tasks ask to compare it", n)
		}
		w.do(w.omar, step(id, "confirm_current", "amendment 1 noted", fields{"source_version": "2018 + Amd 1:2024"}))
		d, _ := w.get(w.anna, id)
		if d.NextCheck != "2028-02-15" || d.CheckedBy != w.omar.ID || d.SourceVersion != "2018 + Amd 1:2024" {
			w.Errorf("next check %s, by %v, %s", d.NextCheck, d.CheckedBy, d.SourceVersion)
		}
		if n := w.count("task", `parent = "DOC-1" and title ~ "Compare" and state = "done"`); n != 1 {
			w.Error("its task is not done")
		}
		other := w.inForce(nil)
		w.refused(w.omar, step(other, "confirm_current", "", nil), "external", "not_external")
	})
}
