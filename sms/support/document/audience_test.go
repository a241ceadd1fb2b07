package document_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/sms/support/document"
)

// inbox counts what who was told of a topic.
func (w *world) inbox(who *access.Principal, topic string) int {
	w.Helper()
	lines, err := w.o.Inbox(ctx, who, false, record.ID{}, 500)
	if err != nil {
		w.Fatal(err)
	}
	n := 0
	for _, l := range lines {
		if string(l.Topic) == topic {
			n++
		}
	}
	return n
}

func (w *world) team(name string, members ...string) *lifecycle.Command {
	w.Helper()
	var ms []fields
	for _, m := range members {
		ms = append(ms, fields{"user": m})
	}
	r := w.make("team", fields{"title": name, "members": ms})
	return &lifecycle.Command{Process: "team", Record: r.Record.Head().ID, Verb: "update"}
}

func (w *world) ack(who *access.Principal, a record.Record) lifecycle.Command {
	return lifecycle.Command{Process: "acknowledgement", Record: a.Head().ID, Verb: "transition", Name: "acknowledge"}
}

func TestThoseWhoMustKnowAreAskedOnceAndAnswerForThemselves(t *testing.T) {
	onBoth(t, func(w *world) {
		dan, eva := w.user("dan", "", access.Agent), w.user("eva", "", access.Agent)
		w.user("fritz", "", access.Agent)
		team := w.team("Desk", "dan", "eva")
		id := w.inForce(fields{"distribution": []fields{{"team": "Desk", "must_know": true}, {"user": "dan", "must_know": true}, {"role": access.Auditor, "must_know": true}, {"user": "fritz"}}})
		_, v := w.get(w.anna, id)
		if n := w.count("acknowledgement", `document = "DOC-1"`); n != 2 {
			w.Fatalf("%d were asked, not 2", n)
		}
		mine := w.list(dan, "acknowledgement", "")
		if len(mine) != 1 {
			w.Fatalf("dan sees %d acknowledgements, not only his own", len(mine))
		}
		a := mine[0].(*document.Acknowledgement)
		if string(a.VersionID) != v.ID.String() || a.Version.N != 1 || a.Reporter != dan.ID || a.Due.Time().In(w.o.Zone()).Format(time.DateOnly) != "2026-03-16" {
			w.Errorf("dan was asked %+v", a)
		}
		if n := w.inbox(dan, "acknowledge"); n != 1 {
			w.Errorf("dan was told %d times", n)
		}
		work, err := w.o.MyWork(ctx, dan, 10)
		if err != nil || len(work) != 1 {
			w.Errorf("dan has %d things to do (%v)", len(work), err)
		}
		if _, err := w.try(eva, w.ack(eva, a)); !fault.Is(err, fault.NotFound) {
			w.Errorf("eva could see what dan is asked: %v", err)
		}
		w.refused(w.anna, w.ack(w.anna, a), "reporter", "not_yours")
		w.refused(w.o.Self(), w.ack(nil, a), "reporter", "not_yours")
		share := func(want, of int) {
			w.Helper()
			done := w.count("acknowledgement", `document = "DOC-1" and version = 1 and state = "acknowledged"`)
			all := w.count("acknowledgement", `document = "DOC-1" and version = 1 and state != "lapsed"`)
			if done != want || all != of {
				w.Errorf("%d of %d acknowledged, not %d of %d", done, all, want, of)
			}
		}
		share(0, 2)
		w.do(dan, w.ack(dan, a))
		share(1, 2)

		team.Set = raw(fields{"members": []fields{{"user": "dan"}, {"user": "fritz"}}})
		w.do(w.o.Self(), *team)
		w.do(w.anna, step(id, "distribute", "people moved", nil))
		share(1, 2) // dan has answered, eva is asked no more, fritz is asked now
		w.do(w.anna, step(id, "distribute", "once more", nil))
		share(1, 2)
		if _, err := w.try(w.anna, lifecycle.Command{Process: "acknowledgement", Verb: "create", Set: raw(fields{})}); !fault.Is(err, fault.Denied) {
			w.Errorf("somebody could ask by hand: %v", err)
		}
	})
}

func TestANewVersionLetsLapseWhatIsOpenAboutOlderOnes(t *testing.T) {
	onBoth(t, func(w *world) {
		dan := w.user("dan", "", access.Agent)
		w.user("eva", "", access.Agent)
		id := w.inForce(fields{"distribution": []fields{{"role": access.Agent, "must_know": true}}})
		w.do(dan, w.ack(dan, w.list(dan, "acknowledgement", "")[0]))
		w.next(id, "Another text.")
		w.issue(id, 2, fields{"effective_from": "2026-04-01"})
		for filter, want := range map[string]int{`version = 1 and state = "acknowledged"`: 1, `version = 1 and state = "lapsed"`: 1,
			`version = 2 and state = "asked"`: 2, `state = "asked"`: 2} {
			if n := w.count("acknowledgement", `document = "DOC-1" and `+filter); n != want {
				w.Errorf("%s: %d, not %d", filter, n, want)
			}
		}
		open := w.list(dan, "acknowledgement", `state = "asked"`)[0].(*document.Acknowledgement)
		if got := open.Due.Time().In(w.o.Zone()).Format(time.DateOnly); got != "2026-04-15" {
			w.Errorf("what comes into force on 1 April is to be known by %s", got)
		}
	})
}

func TestMoreThanOneTransactionHoldsAreNotAskedAtOnce(t *testing.T) {
	onBoth(t, func(w *world) {
		if testing.Short() {
			w.Skip("makes 2,001 users")
		}
		var cmds []lifecycle.Command
		for i := range 2001 {
			cmds = append(cmds, lifecycle.Command{Process: "user", Verb: "create", Door: "test",
				Set: raw(fields{"title": fmt.Sprint("agent ", i), "name": fmt.Sprint("agent", i), "roles": []fields{{"role": access.Agent}}})})
		}
		if _, _, err := w.o.DoAll(ctx, w.o.Self(), cmds); err != nil {
			w.Fatal(err)
		}
		id := w.draft(fields{"distribution": []fields{{"role": access.Agent, "must_know": true}}})
		w.do(w.anna, version(id, "version_submit", 1, nil))
		w.refused(w.cora, version(id, "version_approve", 1, nil), "distribution", "too_many")
		if n := w.count("acknowledgement", ""); n != 0 {
			w.Errorf("%d were asked nevertheless", n)
		}
		w.do(w.o.Self(), lifecycle.Command{Process: "user", Ref: "agent7", Verb: "transition", Name: "disable"})
		start := time.Now()
		w.do(w.cora, version(id, "version_approve", 1, nil))
		w.Logf("2,000 asked in %v", time.Since(start).Round(time.Millisecond))
		if n := w.count("acknowledgement", `document = "DOC-1" and version = 1`); n != 2000 {
			w.Errorf("%d were asked, not 2,000", n)
		}
	})
}

func TestTheOwnerIsAskedOnceForEachReviewThatIsDue(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.inForce(nil)
		asked := func(tasks int) {
			w.Helper()
			if n := w.count("task", `parent = "DOC-1"`); n != tasks || w.inbox(w.omar, "review_due") != tasks {
				w.Errorf("on %s there are %d tasks and %d notices, not %d", w.o.Today(), n, w.inbox(w.omar, "review_due"), tasks)
			}
		}
		if d, _ := w.get(w.anna, id); d.NextReview != "2027-03-02" {
			w.Errorf("next review is %s", d.NextReview)
		}
		w.until("2027-01-30")
		asked(0)
		w.until("2027-01-31") // thirty days before
		asked(1)
		w.do(w.anna, edit(id, fields{"title": "Renamed policy"})) // sets no timer again
		w.until("2027-03-10")
		asked(1)
		if n := w.count("document", `next_review < today and state = "active"`); n != 1 {
			w.Errorf("%d documents are past their review", n)
		}
		task := w.list(w.omar, "task", `parent = "DOC-1"`)[0].Head()
		if task.Assignee != w.omar.ID || task.DueAt.Time().In(w.o.Zone()).Format(time.DateOnly) != "2027-03-02" {
			w.Errorf("the task is %s's, due %s", task.Assignee, task.DueAt.String())
		}
		w.refused(w.anna, step(id, "review", "fine", nil), "reviewed_by", "own_work")
		w.do(w.omar, step(id, "review", "still suitable", nil))
		d, _ := w.get(w.anna, id)
		if d.NextReview != "2028-03-10" || d.ReviewedBy != w.omar.ID || len(d.Reviews) != 1 || d.Reviews[0].Kind != "periodic" {
			w.Errorf("next review %s, by %v, %d reviews", d.NextReview, d.ReviewedBy, len(d.Reviews))
		}
		if n := w.count("task", `parent = "DOC-1" and state = "done"`); n != 1 {
			w.Error("the task of the review is not done")
		}
		w.until("2028-03-01")
		asked(2)
		w.do(w.anna, edit(id, fields{"review_interval": "P3Y"})) // another due day: asked for again
		w.until("2029-03-01")
		asked(2)
	})
}

func TestWhatIsConfidentialIsReadOnlyByThoseNamedOnIt(t *testing.T) {
	onBoth(t, func(w *world) {
		dan, eva := w.user("dan", "", access.Agent), w.user("eva", "", access.Auditor)
		team := w.team("Board", "eva")
		id := w.draft(fields{"classification": "confidential", "approver": "cora", "distribution": []fields{{"team": "Board"}}, "reviewers": []fields{{"user": "ben"}}})
		see := func(who *access.Principal, want bool) {
			w.Helper()
			if got := w.sees(who, id); got != want {
				w.Errorf("%s sees it: %v", who.Name, got)
			}
		}
		for _, who := range []*access.Principal{w.anna, w.omar, w.ben, w.cora, eva} {
			see(who, true)
		}
		see(dan, false)
		if hits := w.list(dan, "document", `text ~ "policy"`); len(hits) != 0 {
			w.Error("the full text betrays it")
		}
		team.Set = raw(fields{"members": []fields{{"user": "dan"}}})
		w.do(w.o.Self(), *team)
		see(dan, true) // at once, by the team
		see(eva, false)
		w.do(w.anna, version(id, "version_update", 1, fields{"reviewers": []fields{}}))
		see(w.ben, false)
		w.refused(w.anna, edit(id, fields{"readers": []fields{}}), "readers", "read_only")
		see(dan, true)
		w.do(w.anna, edit(id, fields{"classification": "internal"}))
		see(eva, true)
		if d, _ := w.get(w.anna, id); bool(d.Restricted) || len(d.Readers) != 0 {
			w.Errorf("an internal document is restricted: %v, with %d readers", d.Restricted, len(d.Readers))
		}
		w.do(w.anna, edit(id, fields{"classification": "restricted", "distribution": []fields{{"user": "eva"}}}))
		see(dan, false)
		see(eva, true)
		w.refused(w.anna, edit(id, fields{"distribution": []fields{{"role": access.Agent}}}), "", "names_only")
	})
}

func TestCustomersReadOnlyWhatIsPublicInForceAndMeantForThem(t *testing.T) {
	onBoth(t, func(w *world) {
		acme, beta := w.make("customer", fields{"title": "Acme"}), w.make("customer", fields{"title": "Beta"})
		rita, bob := w.user("rita", acme.Ref(), access.Requester), w.user("bob", beta.Ref(), access.CustomerManager)
		w.team("Mixed", "ben", "rita")
		see := func(who *access.Principal, id record.ID, want bool, when string) {
			w.Helper()
			if got := w.sees(who, id); got != want {
				w.Errorf("%s: %s sees it: %v", when, who.Name, got)
			}
		}
		internal := w.inForce(fields{"distribution": []fields{{"team": "Board of Acme", "user": nil}}[:0], "blanks": fields{"distribution": fields{"reason": "stands in the handbook"}}})
		see(rita, internal, false, "internal")
		see(bob, internal, false, "internal")
		w.refused(w.anna, edit(internal, fields{"distribution": []fields{{"customer": acme.Ref()}}}), "", "not_public")
		w.refused(w.anna, edit(internal, fields{"distribution": []fields{{"team": "Mixed"}}}), "", "not_for_customers")
		w.refused(w.anna, edit(internal, fields{"reporter": "rita"}), "reporter", "not_for_customers")
		w.refused(w.anna, edit(internal, fields{"owner": "rita"}), "owner", "not_for_customers")

		id := w.draft(fields{"classification": "public", "distribution": []fields{{"customer": acme.Ref(), "must_know": true}}})
		see(rita, id, false, "draft")
		w.issue(id, 1, fields{"effective_from": "2026-04-01"})
		see(rita, id, false, "approved, not in force")
		w.until("2026-04-01")
		see(rita, id, true, "in force")
		see(bob, id, false, "of another customer")
		mine := w.list(rita, "acknowledgement", "")
		if len(mine) != 1 || mine[0].Head().Customer != acme.Record.Head().ID {
			w.Fatalf("rita was asked %d times", len(mine))
		}
		w.do(rita, w.ack(rita, mine[0]))
		if _, all, err := w.o.Versions(ctx, rita, "document", id.String()); err != nil || len(all) != 1 {
			w.Errorf("rita reads %d versions (%v)", len(all), err)
		}
		w.next(id, "A draft about the narwhal.")
		if _, all, err := w.o.Versions(ctx, rita, "document", id.String()); err != nil || len(all) != 1 {
			w.Errorf("rita reads a draft: %d versions (%v)", len(all), err)
		}
		if d, v := w.get(rita, id); v.Number != 1 || d.Body != "Every change is assessed by the walrus." {
			w.Errorf("rita reads version %d", v.Number)
		}
		w.refused(w.anna, edit(id, fields{"classification": "internal"}), "", "not_public")
		w.do(w.anna, edit(id, fields{"classification": "internal", "distribution": []fields{{"user": "ben"}}}))
		see(rita, id, false, "internal again")
		w.do(w.anna, edit(id, fields{"classification": "public", "distribution": []fields{{"customer": acme.Ref()}, {"customer": beta.Ref()}}}))
		see(bob, id, true, "distributed to both")
		w.do(w.anna, step(id, "withdraw", "", fields{"withdrawal_reason": "over"}))
		see(bob, id, false, "withdrawn")
	})
}

func TestAVersionsFileIsNotTakenOff(t *testing.T) {
	onBoth(t, func(w *world) {
		w.refused(w.anna, lifecycle.Command{Process: "document", Verb: "create", Set: raw(policy(fields{"file": "deadbeef"}))}, "file", "not_a_hash")
		a, err := w.o.Upload(ctx, strings.NewReader("the plan as a file"), "plan.txt")
		if err != nil {
			w.Fatal(err)
		}
		id := w.draft(fields{"body": "", "file": string(a.SHA256)})
		r, err := w.o.Attach(ctx, w.anna, "document", id.String(), a, "test")
		if err != nil {
			w.Fatal(err)
		}
		w.issue(id, 1, nil)
		got, err := w.o.Attachments(ctx, w.anna, "document", id.String())
		if err != nil || len(got) != 1 {
			w.Fatalf("%d files (%v)", len(got), err)
		}
		if d, _ := w.get(w.anna, id); d.File != got[0].SHA256 {
			w.Error("the version does not name its file")
		}
		w.refused(w.anna, lifecycle.Command{Process: "document", Record: id, Verb: "detach", ID: attachmentOf(r)}, "file", "in_use")
	})
}
