package conformity_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
)

func TestAnEmptySystemConformsToNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		r := w.report(time.Time{})
		if len(r.Items) != len(catalogue.All()) || len(r.Items) != 395 {
			w.Fatalf("%d items", len(r.Items))
		}
		for _, i := range r.Items {
			if i.State != catalogue.NoEvidence && i.State != catalogue.Vacuous {
				w.Errorf("%s is %s: %s", i.Requirement.ID, i.State, i.Reason)
			}
			if i.Reason == "" || i.State == catalogue.Vacuous && i.Requirement.Condition != nil && i.Search.Query == "" {
				w.Errorf("%s: %q does not say what was looked for", i.Requirement.ID, i.Reason)
			}
			if len(i.Evidence) > 0 {
				w.Errorf("%s shows evidence: %v", i.Requirement.ID, i.Evidence)
			}
		}
		if len(r.Gaps()) > 0 {
			w.Errorf("%d gaps", len(r.Gaps()))
		}
		if i := r.Item("8.6.1-10"); i.State != catalogue.Vacuous {
			w.Errorf("no major incident: %s", i.State)
		}
	})
}

// midnight lets the day end.
func (w *world) midnight() record.Date {
	day := record.Day(w.now)
	w.pass(w.now.Truncate(24 * time.Hour).Add(24*time.Hour + time.Minute).Sub(w.now))
	return day
}

func TestADayIsKeptOnceAndReadsTheSameLater(t *testing.T) {
	onBoth(t, func(w *world) {
		desk(w)
		w.update("plain", fields{"category": nil}) // something fails
		first := w.midnight()
		n, err := w.e.KeepDue(ctx)
		if err != nil || n != 1 {
			w.Fatalf("kept %d days: %v", n, err)
		}
		if n, err := w.e.KeepDue(ctx); err != nil || n != 0 {
			w.Fatalf("kept %d days again: %v", n, err)
		}
		rows, err := w.e.Kept(ctx, first)
		if err != nil || len(rows) != 395 {
			w.Fatalf("%d rows: %v", len(rows), err)
		}
		runs := w.all("conformity_run", "")
		if len(runs) != 1 || runs[0].(*conformity.Run).Partial.N != 1 || runs[0].(*conformity.Run).Day != first {
			w.Fatalf("runs: %+v", runs)
		}
		same := func(when string) {
			w.Helper()
			c, err := w.e.Restated(ctx, first)
			if err != nil {
				w.Fatal(err)
			}
			if !c.Intact {
				w.Errorf("%s: the rows are not those whose hash is in the log", when)
			}
			for _, r := range c.Restated {
				w.Errorf("%s: %s reads %s (%s), was kept as %s (%s)", when, r.Requirement, r.Now.State, r.Now.Reason, r.Kept.State, r.Kept.Reason)
			}
		}
		same("at once")

		// What happens later changes nothing of that day.
		w.update("plain", fields{"category": "network"})
		w.update("late", fields{"description": nil})
		w.update("boss", fields{"roles": []fields{}})
		w.major("another")
		w.incident("open", 2)
		w.step(w.o.Self(), "policy", "retire", nil)
		same("after other things happened")

		// What is recorded later about that day restates it, and is named.
		w.by(w.o.Self(), lifecycle.Command{Process: "incident", Verb: "create", Replay: true, OccurredAt: w.now.AddDate(0, 0, -1),
			Set: raw(fields{"title": "imported", "opened_at": w.now.AddDate(0, 0, -1).Format(time.RFC3339), "external_source": "old", "external_id": "1"})})
		c, err := w.e.Restated(ctx, first)
		if err != nil {
			w.Fatal(err)
		}
		if len(c.Restated) == 0 {
			w.Fatal("an event recorded later about that day restates nothing")
		}
		for _, r := range c.Restated {
			if !r.Explained() {
				w.Errorf("%s differs and nothing explains it: %s, was %s", r.Requirement, r.Now.Reason, r.Kept.Reason)
			}
		}

		// Two more days: a state that lasts is told since its first day, and a day that nobody kept
		// is caught up.
		w.midnight()
		w.midnight()
		if n, err := w.e.KeepDue(ctx); err != nil || n != 2 {
			w.Fatalf("caught up %d days: %v", n, err)
		}
		h, err := w.e.History(ctx, "8.6.1-10", 10)
		if err != nil || len(h) != 3 || h[0].Since != first || h[0].Population <= h[2].Population {
			w.Errorf("history: %+v %v", h, err)
		}
	})
}

func TestAlteredResultsAreFound(t *testing.T) {
	w := newWorld(t, "sqlite")
	day := w.midnight()
	if _, err := w.e.KeepDue(ctx); err != nil {
		t.Fatal(err)
	}
	rows, err := w.e.Kept(ctx, day)
	if err != nil {
		t.Fatal(err)
	}
	better := *rows[0]
	better.State = "conforms"
	d := record.Text(day)
	st := w.o.Store.Update(storage.TConformity, []string{"state"}, []storage.Cond{storage.Eq("day", &d), storage.Eq("requirement", &better.Requirement)}, 1, storage.Part(&better))
	if err := w.o.Store.Apply(ctx, []storage.Statement{st}); err != nil {
		t.Fatal(err)
	}
	c, err := w.e.Restated(ctx, day)
	if err != nil {
		t.Fatal(err)
	}
	if c.Intact || len(c.Restated) != 1 || c.Restated[0].Explained() {
		t.Errorf("%+v", c)
	}
}

func TestOnlyStewardKeepsResults(t *testing.T) {
	w := newWorld(t, "sqlite")
	root := w.user("root", access.Administrator)
	_, err := w.o.Do(ctx, root, lifecycle.Command{Process: "conformity_run", Verb: "create", Set: raw(fields{"title": "mine", "day": "2026-01-01", "hash": "x"})})
	if !fault.Is(err, fault.Refused) {
		t.Errorf("an administrator kept a day: %v", err)
	}
	w.midnight()
	if _, err := w.e.KeepDue(ctx); err != nil {
		t.Fatal(err)
	}
	run := w.all("conformity_run", "")[0].Head().ID
	_, err = w.o.Do(ctx, root, lifecycle.Command{Process: "conformity_run", Record: run, Verb: "update", Set: raw(fields{"hash": "y"})})
	if !fault.Is(err, fault.Refused) {
		t.Errorf("an administrator changed a hash: %v", err)
	}
}

func TestVerdictsTellWhoFailedWhen(t *testing.T) {
	onBoth(t, func(w *world) {
		desk(w)
		w.update("plain", fields{"category": nil})
		w.incident("stuck", 3) // will be beyond twice its target
		w.midnight()
		keep := func() []*storage.Verdict {
			w.Helper()
			if _, err := w.e.KeepDue(ctx); err != nil {
				w.Fatal(err)
			}
			v, err := w.e.Failed(ctx, w.o.Self(), "8.6.1-01", time.Time{}, time.Time{}, 100)
			if err != nil {
				w.Fatal(err)
			}
			return v
		}
		v := keep()
		if len(v) != 1 || string(v[0].Ref) != w.ids["plain"].Ref() || v[0].UntilAt != storage.Open || v[0].State != "gap" {
			w.Fatalf("%+v", v)
		}
		w.midnight()
		if again := keep(); len(again) != 1 || again[0].ID != v[0].ID {
			w.Errorf("what goes on was written anew: %+v", again)
		}
		w.update("plain", fields{"category": "network"})
		w.midnight()
		end := keep()
		if len(end) != 1 || end[0].UntilAt == storage.Open {
			w.Errorf("it was put right, and still fails: %+v", end)
		}
		if none, err := w.e.Failed(ctx, w.o.Self(), "8.6.1-01", w.now, time.Time{}, 100); err != nil || len(none) != 0 {
			w.Errorf("fails now: %+v %v", none, err)
		}
		if stuck, err := w.e.Failed(ctx, w.o.Self(), "8.6.1-04", time.Time{}, time.Time{}, 100); err != nil || len(stuck) != 1 {
			w.Errorf("stuck: %+v %v", stuck, err)
		}
	})
}

func TestSettingsDecideAndSayWhoSetThem(t *testing.T) {
	onBoth(t, func(w *world) {
		refused := func(set fields, want string) {
			w.Helper()
			_, err := w.o.Do(ctx, w.o.Self(), lifecycle.Command{Process: "conformity_setting", Verb: "create", Set: raw(set)})
			if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), want) {
				w.Errorf("%v: %v", set, err)
			}
		}
		refused(fields{"title": "x", "requirement": "8.6.1-99", "interval": "P1M"}, "unknown_choice")
		refused(fields{"title": "x", "requirement": "8.6.1-01", "interval": "P1M"}, "no_interval")
		refused(fields{"title": "x", "requirement": "4.1-01"}, "required")

		boss, ben := w.user("boss", access.Management), w.user("ben", access.ProcessOwner)
		is := func(asOf time.Time, period, by string) {
			w.Helper()
			if i := w.report(asOf).Item("4.1-01"); i.Interval.Period.String() != period || i.Interval.SetBy != by {
				w.Errorf("as of %v: %s by %q, want %s by %q", asOf, i.Interval.Period, i.Interval.SetBy, period, by)
			}
		}
		is(time.Time{}, "P12M", "")
		w.makeBy(ben, "often", "conformity_setting", fields{"title": "Context twice a year", "requirement": "4.1-01", "interval": "P6M"})
		is(time.Time{}, "P12M", "") // a draft decides nothing
		drafted := w.now
		w.approve("often", 1, ben, boss, nil)
		is(time.Time{}, "P6M", "Boss")
		set := w.now
		w.sleep(48 * time.Hour)
		w.by(ben, w.command("often", "version", "", fields{"interval": "P3M"}))
		w.approve("often", 2, ben, boss, nil)
		is(time.Time{}, "P3M", "Boss")
		is(set, "P6M", "Boss")
		is(drafted, "P12M", "")
		w.step(boss, "often", "retire", nil)
		is(time.Time{}, "P12M", "")
	})
}

func TestWhatChecksReadDoesNotGrowWithTheMembers(t *testing.T) {
	w := newWorld(t, "sqlite")
	desk(w)
	w.incident("one that is open", 3)
	w.report(time.Time{})
	few := w.e.Queries()
	for range 40 {
		w.incident("more", 3)
	}
	w.major("another")
	w.e = conformity.New(w.o.System, catalogue.BuiltIn(), sms.Checks()) // one that has to ask everything
	w.report(time.Time{})
	if many := w.e.Queries(); many != few || few == 0 {
		t.Errorf("%d statements for a few members, %d for many", few, many)
	}
}

func TestVersionsAreThoseThatWereKnown(t *testing.T) {
	at := func(d int) record.Instant { return record.At(time.Date(2026, 3, d, 9, 0, 0, 0, time.UTC)) }
	vs := []process.Content{
		{Version: &record.Version{Number: 1, Status: record.VersionApproved, EffectiveFrom: "2026-03-02", EffectiveTo: "2026-03-10", DraftedAt: at(1), SubmittedAt: at(1), DecidedAt: at(2)}},
		{Version: &record.Version{Number: 2, Status: record.VersionApproved, EffectiveFrom: "2026-03-10", DraftedAt: at(5), SubmittedAt: at(6), DecidedAt: at(8), Approver: record.ID{1}}},
	}
	for _, tc := range []struct {
		day  int
		want string
	}{
		{1, "1 review"}, {2, "1 approved open"}, {5, "1 approved open, 2 draft"}, {7, "1 approved open, 2 review"}, {8, "1 approved 2026-03-10, 2 approved open"},
	} {
		var got []string
		for _, c := range conformity.KnownVersions(vs, at(tc.day)) {
			v := c.Version
			s := fmt.Sprint(v.Number, " ", v.Status)
			switch {
			case v.Status != record.VersionApproved:
			case v.EffectiveTo == "":
				s += " open"
			default:
				s += " " + string(v.EffectiveTo)
			}
			got = append(got, s)
		}
		if g := strings.Join(got, ", "); g != tc.want {
			t.Errorf("on 3-%02d: %s, want %s", tc.day, g, tc.want)
		}
	}
	if vs[1].Version.Status != record.VersionApproved {
		t.Error("what is stored was changed")
	}
}

func TestAskingAgainReadsNothingTwice(t *testing.T) {
	w := newWorld(t, "sqlite")
	desk(w)
	w.report(time.Time{})
	first := w.e.Answers()
	w.report(time.Time{})
	if !maps.Equal(first, w.e.Answers()) {
		t.Error("nothing was recorded, and something was decided again")
	}
	w.incident("late entry", 3)
	w.update("late entry", fields{"category": nil})
	if i := w.item("8.6.1-01"); i.State != catalogue.Partial {
		t.Errorf("a new fact is not seen: %s", i.State)
	}
	w.comment(w.user("ann"), "late entry", "seen")
	w.report(time.Time{})
	// Time alone changes the state, without anything being read.
	w.sleep(40 * 24 * time.Hour)
	if i := w.item("8.6.1-06"); i.State != catalogue.Stale {
		t.Errorf("time passes unseen: %s: %s", i.State, i.Reason)
	}
}

func TestTheFutureIsRefused(t *testing.T) {
	w := newWorld(t, "sqlite")
	if _, err := w.e.Evaluate(ctx, w.now.Add(time.Hour)); !fault.Is(err, fault.BadRequest) {
		t.Error(err)
	}
}

func TestAWithdrawnProcedureWasInForceUntilThen(t *testing.T) {
	onBoth(t, func(w *world) {
		desk(w)
		good := w.now
		if i := w.item("8.6.1-08"); i.State != catalogue.Conforms {
			w.Fatalf("before: %s: %s", i.State, i.Reason)
		}
		w.sleep(24 * time.Hour)
		w.step(w.user("ben"), "procedure", "withdraw", fields{"withdrawal_reason": "no longer used"})
		i := w.item("8.6.1-08")
		if i.State != catalogue.Gap || len(i.Failing) != 1 || !i.Failing[0].Required || strings.Contains(i.Reason, "ever") {
			w.Errorf("only what must be in force now is missing, not what the major incidents were handled by: %s: %s", i.State, i.Reason)
		}
		if s := i.Timeline.StateAt(good); s != catalogue.Conforms {
			w.Errorf("seen from now, it was %s on the day before", s)
		}
		if was := w.report(good).Item("8.6.1-08"); was.State != catalogue.Conforms {
			w.Errorf("as of the day before: %s: %s", was.State, was.Reason)
		}
	})
}
