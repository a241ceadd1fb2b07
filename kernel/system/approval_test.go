package system_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// staff are people of every kind; ask is the one who asks.
func (w *world) staff() {
	w.user("ask", access.Agent)
	w.user("ann", access.Approver)
	w.user("ben", access.Approver)
	w.user("cem", access.Approver)
	w.user("dora", access.Management)
	w.user("owner", access.ProcessOwner)
}

func (w *world) delegate(by, from, to string, starts, ends time.Time) record.ID {
	w.Helper()
	return w.do(by, lifecycle.Command{Process: "delegation", Verb: "create", Set: raw(fields{"from": w.ids[from], "to": w.ids[to], "starts": starts, "ends": ends})}).Record.Head().ID
}

func byUser(w *world, name string, more ...any) fields {
	f := fields{"who": "user", "user": w.ids[name]}
	for i := 0; i < len(more); i += 2 {
		f[more[i].(string)] = more[i+1]
	}
	return f
}

func role(name, quorum string, more ...any) fields {
	f := fields{"who": "role", "role": name, "quorum": quorum}
	for i := 0; i < len(more); i += 2 {
		f[more[i].(string)] = more[i+1]
	}
	return f
}

func TestAStepWithAGateIsTakenOnlyWhenEnoughAgreed(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, role(access.Approver, "2"), byUser(w, "dora"))
		m := w.matter("ask", nil)
		w.refused("approval_missing", "ask", step(m, "approve"))
		r := w.round("ask", m)
		w.refused("already_asked", "ask", lifecycle.Command{Process: "matter", Record: m, Verb: "round", Name: "release"})
		if r.Stage != 1 || r.Stages != 2 || len(w.rounds(m)[0].Votes) != 3 {
			t.Fatalf("round = %+v", r)
		}
		if mine, err := w.o.MyApprovals(t.Context(), w.as("ann")); err != nil || len(mine) != 1 || mine[0].Record.ID != m {
			t.Errorf("ann sees %v, %v", mine, err) // though she reads only what she was granted
		}
		w.do("ann", vote(m, r.ID, "yes"))
		w.refused("voted", "ann", vote(m, r.ID, "no", "reason", "second thoughts"))
		w.refused("approval_missing", "ask", step(m, "approve"))
		w.do("ben", vote(m, r.ID, "yes"))
		rs := w.rounds(m)
		if len(rs) != 2 || rs[0].Outcome != "granted" || rs[1].Stage != 2 || rs[1].Outcome != "open" {
			t.Fatalf("after the quorum: %v", rs)
		}
		if !slices.Contains(w.told("cem"), "approval_asked") {
			t.Errorf("cem was told %v", w.told("cem"))
		}
		for _, v := range rs[0].Votes {
			if v.Voter == w.ids["cem"] && v.Vote != "cancelled" {
				t.Errorf("cem is still asked: %s", v.Vote)
			}
		}
		w.refused("closed", "cem", vote(m, r.ID, "yes")) // he still sees it: he may not vote
		w.refused("approval_missing", "ask", step(m, "approve"))
		w.do("dora", vote(m, rs[1].ID, "yes"))
		w.refused("already_granted", "ask", lifecycle.Command{Process: "matter", Record: m, Verb: "round", Name: "release"})
		res := w.do("ask", step(m, "approve"))
		if res.Record.Head().State != "approved" || res.Record.(*Matter).Heard != "vote granted" {
			t.Errorf("state %s, heard %q", res.Record.Head().State, res.Record.(*Matter).Heard)
		}
		if !slices.Contains(w.told("ask"), "approval_granted") {
			t.Errorf("who asked was told %v", w.told("ask"))
		}
	})
}

// F38: quorum reached: who is not needed any more is told.
func TestWhoIsNotNeededAnyMoreIsToldAndSeesWhatBecameOfIt(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, role(access.Approver, "any"))
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		if _, err := w.o.Get(t.Context(), w.as("cem"), "matter", m.String()); err != nil {
			t.Fatal(err)
		}
		w.do("ann", vote(m, r.ID, "yes"))
		if got := w.told("cem"); !slices.Contains(got, "approval_not_needed") {
			t.Errorf("cem was told %v", got)
		}
		if got := w.told("ben"); slices.Contains(got, "approval_granted") {
			t.Errorf("ben, who did not ask, was told %v", got)
		}
	})
}

// notices counts lines of an inbox, seen or not.
func (w *world) notices(to record.ID, topic string) int {
	n, word := 0, record.Text(topic)
	err := w.o.Store.Rows(w.Context(), storage.TNotice, []storage.Cond{storage.Eq("recipient", &to), storage.Eq("topic", &word)}, "", 0,
		func() []storage.Part { return []storage.Part{storage.Part(new(storage.Notice))} }, func() error { n++; return nil })
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// F38: refused, then asked again: each round is a record of its own.
func TestARefusalThatCannotBeOutvotedEndsTheRoundAndMayBeAskedAgain(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, role(access.Approver, "majority"))
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		w.refused("required", "ann", vote(m, r.ID, "no"))
		w.do("ann", vote(m, r.ID, "no", "reason", "too dear"))
		if w.last(m) != "open" {
			t.Fatalf("one no of three ends it: %s", w.last(m))
		}
		w.do("ben", vote(m, r.ID, "no", "reason", "too late"))
		if w.last(m) != "refused" {
			t.Fatalf("two of three said no: %s", w.last(m))
		}
		w.refused("approval_missing", "ask", step(m, "approve"))
		again := w.round("ask", m)
		rs := w.rounds(m)
		if len(rs) != 2 || rs[0].Outcome != "refused" || again.ID == r.ID || again.Request == r.Request {
			t.Errorf("asking again is not a round of its own: %v", rs)
		}
		w.do("ann", vote(m, again.ID, "yes"))
		w.do("cem", vote(m, again.ID, "yes"))
		w.do("ask", step(m, "approve"))
	})
}

func TestNobodyVotesOnTheirOwnWork(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.user("boss", access.Approver, access.Agent)
		w.policy("", 1, role(access.Approver, "any", "delegable", true))
		w.user("bill", access.Approver, access.Agent)
		m := w.matter("boss", fields{"doer": w.ids["bill"]})
		r := w.round("boss", m)
		for _, v := range w.rounds(m)[0].Votes {
			if v.Voter == w.ids["boss"] || v.Voter == w.ids["bill"] {
				t.Error("somebody is asked about their own work")
			}
		}
		w.refused("own_work", "boss", vote(m, r.ID, "yes"))
		w.refused("own_work", "bill", vote(m, r.ID, "yes"))
		// not by a delegation to them ...
		w.delegate("ann", "ann", "boss", w.now, w.now.Add(time.Hour))
		w.refused("own_work", "boss", vote(m, r.ID, "yes", "for", "ann"))
		// ... nor by one from them ...
		w.delegate("boss", "boss", "dora", w.now, w.now.Add(time.Hour))
		w.refused("own_work", "dora", vote(m, r.ID, "yes", "for", "boss"))
		// ... nor by a token ...
		token, _, err := w.o.NewToken(t.Context(), w.ids["boss"], "t", []string{"matter:*"}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		boss, err := w.o.Authenticate(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = w.o.Do(t.Context(), boss, vote(m, r.ID, "yes")); !strings.Contains(err.Error(), "own_work") {
			t.Errorf("by a token: %v", err)
		}
		// ... nor by Steward itself.
		w.refused("permission_denied", "", vote(m, r.ID, "yes"))
		// And who became its doer after saying yes approved nothing.
		w.do("ann", vote(m, r.ID, "yes"))
		w.do("boss", lifecycle.Command{Process: "matter", Record: m, Verb: "update", Set: raw(fields{"doer": w.ids["ann"]})})
		w.refused("approval_missing", "boss", step(m, "approve"))
	})
}

func TestATokenForListsCastsNoVote(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, byUser(w, "ann"))
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		token, _, err := w.o.NewToken(t.Context(), w.ids["ann"], "lists", []string{"*:read"}, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		ann, err := w.o.Authenticate(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.o.Do(t.Context(), ann, vote(m, r.ID, "yes")); !fault.Is(err, fault.Denied) {
			t.Errorf("a token to read with voted: %v", err)
		}
		w.do("ann", vote(m, r.ID, "yes"))
	})
}

// F38: the substitute is told and named, while the period lasts.
func TestADelegateAnswersWhileTheDelegationHoldsAndNotAfter(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, byUser(w, "ann", "delegable", true), byUser(w, "ann", "delegable", true), byUser(w, "ann"))
		d := w.delegate("ann", "ann", "ben", w.now, w.now.Add(2*time.Hour))
		w.delegate("ben", "ben", "dora", w.now, w.now.Add(2*time.Hour))
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		if !slices.Contains(w.told("ben"), "approval_asked") {
			t.Errorf("the substitute was told %v", w.told("ben"))
		}
		mine, err := w.o.MyApprovals(t.Context(), w.as("ben"))
		if err != nil || len(mine) != 1 || mine[0].For != w.ids["ann"] {
			t.Errorf("ben's approvals: %v, %v", mine, err)
		}
		w.refused("required", "ben", vote(m, r.ID, "yes"))                     // for whom?
		w.refused("no_delegation", "dora", vote(m, r.ID, "yes", "for", "ann")) // one hop
		v := w.do("ben", vote(m, r.ID, "yes", "for", "ann")).Side.(*storage.Vote)
		if v.Voter != w.ids["ann"] || v.By != w.ids["ben"] || v.Delegation != d {
			t.Errorf("vote = %+v", v)
		}
		w.pass(3 * time.Hour)
		r2 := w.rounds(m)[1]
		w.refused("no_delegation", "ben", vote(m, r2.ID, "yes", "for", "ann"))
		w.do("ann", vote(m, r2.ID, "yes"))
		r3 := w.rounds(m)[2]
		w.delegate("ann", "ann", "ben", w.now, w.now.Add(2*time.Hour))
		w.refused("not_delegable", "ben", vote(m, r3.ID, "yes", "for", "ann"))
	})
}

func TestADelegateOfTwoAnswersOnceInARound(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, role(access.Approver, "all", "delegable", true))
		w.delegate("ann", "ann", "dora", w.now, w.now.Add(time.Hour))
		w.delegate("ben", "ben", "dora", w.now, w.now.Add(time.Hour))
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		w.do("dora", vote(m, r.ID, "yes", "for", "ann"))
		w.refused("voted", "dora", vote(m, r.ID, "yes", "for", "ben"))
		w.refused("voted", "ann", vote(m, r.ID, "no", "reason", "I am back"))
	})
}

func TestADelegationMadeWhileARoundWaitsTellsTheSubstitute(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, byUser(w, "ann", "delegable", true))
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		w.delegate("ann", "ann", "ben", w.now.Add(time.Hour), w.now.Add(9*time.Hour))
		if slices.Contains(w.told("ben"), "approval_asked") {
			t.Error("told before the delegation begins")
		}
		w.pass(2 * time.Hour)
		if !slices.Contains(w.told("ben"), "approval_asked") {
			t.Errorf("ben was told %v", w.told("ben"))
		}
		w.do("ben", vote(m, r.ID, "yes", "for", "ann"))
		if w.last(m) != "granted" {
			t.Errorf("it is %s", w.last(m))
		}
	})
}

// F38: an approver who is disabled.
func TestADisabledVoterIsLeftOutAndTheirDelegateAsked(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, role(access.Approver, "all", "delegable", true))
		w.delegate("ann", "ann", "dora", w.now, w.now.Add(100*time.Hour))
		for _, n := range []string{"ann", "cem"} {
			w.do("", lifecycle.Command{Process: "user", Record: w.ids[n], Verb: "transition", Name: "disable"})
		}
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		asked := map[record.ID]record.ID{}
		for _, v := range w.rounds(m)[0].Votes {
			asked[v.Voter] = v.Instead
		}
		if len(asked) != 2 || asked[w.ids["dora"]] != w.ids["ann"] {
			t.Fatalf("asked: %v", asked)
		}
		w.do("ben", vote(m, r.ID, "yes"))
		w.do("dora", vote(m, r.ID, "yes"))
		if w.last(m) != "granted" {
			t.Errorf("it is %s", w.last(m))
		}
	})
}

func TestAVoterDisabledWhileARoundWaitsDoesNotHoldItUp(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, role(access.Approver, "all"))
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		w.do("ann", vote(m, r.ID, "yes"))
		w.do("ben", vote(m, r.ID, "yes"))
		w.do("", lifecycle.Command{Process: "user", Record: w.ids["cem"], Verb: "transition", Name: "disable"})
		if w.last(m) != "granted" {
			t.Errorf("it is %s: %v", w.last(m), w.rounds(m)[0].Why)
		}
		other := w.matter("ask", nil)
		w.round("ask", other)
		for _, n := range []string{"ann", "ben"} {
			w.do("", lifecycle.Command{Process: "user", Record: w.ids[n], Verb: "transition", Name: "disable"})
		}
		if w.last(other) != "lapsed" {
			t.Errorf("with nobody left it is %s, not granted and not stuck", w.last(other))
		}
	})
}

// F38: the substitute's period ends meanwhile.
func TestADisabledVoterWhoseSubstitutesTimeEndsDoesNotHoldARoundUp(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, byUser(w, "ann", "delegable", true, "due", "P30D"))
		w.delegate("ann", "ann", "ben", w.now, w.now.Add(2*time.Hour))
		m := w.matter("ask", nil)
		w.round("ask", m)
		w.do("", lifecycle.Command{Process: "user", Record: w.ids["ann"], Verb: "transition", Name: "disable"})
		if w.last(m) != "open" {
			t.Fatalf("ben could still answer, and it is %s", w.last(m))
		}
		w.pass(3 * time.Hour)
		if w.last(m) != "lapsed" || !slices.Contains(w.told("ask"), "approval_lapsed") {
			t.Errorf("it is %s; who asked was told %v", w.last(m), w.told("ask"))
		}
	})
}

// F38: an approver who is the requester.
func TestTheRequesterIsSkippedAndOnlyAnEarlierDelegateStandsIn(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.user("head", access.Agent)
		w.policy("", 1, byUser(w, "head", "delegable", true))
		m := w.matter("head", nil)
		w.delegate("head", "head", "ann", w.now, w.now.Add(100*time.Hour))
		_, err := w.try("head", lifecycle.Command{Process: "matter", Record: m, Verb: "round", Name: "release"})
		if err == nil || !strings.Contains(err.Error(), "nobody_to_ask") || !strings.Contains(err.Error(), "head asks for it") {
			t.Fatalf("a requester chose who judges: %v", err)
		}
		w.now = w.now.Add(time.Minute)
		later := w.matter("head", nil)
		r := w.round("head", later)
		w.do("ann", vote(later, r.ID, "yes"))
		if w.last(later) != "granted" {
			t.Errorf("it is %s", w.last(later))
		}
	})
}

func TestARequesterWhoMayVoteIsNeverTheOnlyOne(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.user("both", access.Agent, access.Approver)
		w.policy("", 1, role(access.Approver, "any", "requester_may_vote", true))
		m := w.matter("both", nil)
		r := w.round("both", m)
		w.do("both", vote(m, r.ID, "yes"))
		if w.last(m) != "open" {
			t.Fatalf("the requester's own yes is enough: %s", w.last(m))
		}
		w.do("ann", vote(m, r.ID, "yes"))
		if w.last(m) != "granted" {
			t.Errorf("it is %s", w.last(m))
		}
	})
}

// F38: nothing waits for ever.
func TestALateRoundIsEscalatedAndThenLapses(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.do("", lifecycle.Command{Process: "team", Verb: "create", Set: raw(fields{"title": "Board", "members": []fields{{"user": w.ids["dora"], "lead": true}, {"user": w.ids["ann"]}}})})
		w.policy("", 1, byUser(w, "ann", "due", "PT4H"))
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		w.pass(4 * time.Hour)
		if w.last(m) != "open" || w.rounds(m)[0].LateAt == 0 {
			t.Fatalf("after its time it is %s", w.last(m))
		}
		for _, n := range []string{"dora", "owner", "ann", "ask"} {
			if !slices.Contains(w.told(n), "approval_late") {
				t.Errorf("%s was told %v", n, w.told(n))
			}
		}
		w.pass(5 * time.Hour)
		if w.last(m) != "lapsed" {
			t.Errorf("it waits for ever: %s", w.last(m))
		}
		w.refused("closed", "ann", vote(m, r.ID, "yes"))
		w.round("ask", m)
	})
}

func TestALateRoundLapsesAtOnceWhenThePolicySaysSo(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, byUser(w, "ann", "due", "PT4H", "on_late", "lapse"))
		m := w.matter("ask", nil)
		w.round("ask", m)
		w.pass(4 * time.Hour)
		if w.last(m) != "lapsed" || !slices.Contains(w.told("ask"), "approval_lapsed") {
			t.Errorf("it is %s; who asked was told %v", w.last(m), w.told("ask"))
		}
	})
}

func TestTouchingWhatIsCoveredEndsTheApproval(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, byUser(w, "ann"))
		set := func(m record.ID, f fields) {
			t.Helper()
			w.do("ask", lifecycle.Command{Process: "matter", Record: m, Verb: "update", Set: raw(f)})
		}
		m := w.matter("ask", nil)
		r := w.round("ask", m)
		set(m, fields{"remark": "not covered"})
		if w.last(m) != "open" {
			t.Fatalf("an uncovered field ended it: %s", w.last(m))
		}
		set(m, fields{"amount": 500})
		if w.last(m) != "void" || w.notices(w.ids["ann"], "approval_not_needed") != 1 {
			t.Fatalf("the amount changed and it is %s", w.last(m))
		}
		w.refused("closed", "ann", vote(m, r.ID, "yes"))

		r = w.round("ask", m)
		w.do("ann", vote(m, r.ID, "yes"))
		set(m, fields{"parts": []fields{{"what": "one more"}}}) // a line counts too
		w.refused("approval_missing", "ask", step(m, "approve"))
		set(m, fields{"parts": []fields{}})
		w.refused("approval_missing", "ask", step(m, "approve")) // putting it back does not bring it back

		r = w.round("ask", m)
		w.do("ann", vote(m, r.ID, "yes"))
		sly := step(m, "approve")
		sly.Set = raw(fields{"amount": 1_000_000})
		w.refused("changed_since_approval", "ask", sly)
		w.do("ask", step(m, "void"))
		w.refused("approval_missing", "ask", step(m, "approve"))
	})
}

// F38: closed or withdrawn while it waits.
func TestAWithdrawnRecordAsksNobody(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, role(access.Approver, "all"))
		for _, how := range []string{"withdraw", "finish"} {
			m := w.matter("ask", nil)
			r := w.round("ask", m)
			w.do("ask", step(m, how))
			if w.last(m) != "cancelled" {
				t.Errorf("after %s it is %s", how, w.last(m))
			}
			for _, v := range w.rounds(m)[0].Votes {
				if v.Vote != "cancelled" {
					t.Errorf("after %s somebody is still asked", how)
				}
			}
			w.refused("closed", "ann", vote(m, r.ID, "yes"))
			w.refused("ended", "ask", lifecycle.Command{Process: "matter", Record: m, Verb: "round", Name: "release"})
		}
	})
}

func TestAnEmptyElectorateIsRefusedAndSaysWhoIsMissing(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		round := func(m record.ID) lifecycle.Command {
			return lifecycle.Command{Process: "matter", Record: m, Verb: "round", Name: "release"}
		}
		m := w.matter("ask", nil)
		w.refused("no_policy", "ask", round(m))
		w.refused("unknown_gate", "ask", lifecycle.Command{Process: "matter", Record: m, Verb: "round", Name: "nowhere"})
		w.user("blind") // no role: may not read a matter
		w.policy("amount = 1", 1, byUser(w, "blind"))
		w.policy("amount = 2", 2, fields{"who": "owner"})
		w.policy("amount = 3", 3, role(access.Approver, "4"))
		w.policy("amount = 4", 4, byUser(w, "ann"), fields{"who": "team_lead"})
		for amount, want := range map[int][2]string{1: {"nobody_to_ask", "blind may not read it"}, 2: {"nobody_to_ask", "has no owner"},
			3: {"too_few_to_ask", "3 can vote and the quorum is 4"}, 4: {"nobody_to_ask", "stage 2: the record has no team"}} {
			_, err := w.try("ask", round(w.matter("ask", fields{"amount": amount})))
			if err == nil || !strings.Contains(err.Error(), want[0]) || !strings.Contains(err.Error(), want[1]) {
				t.Errorf("amount %d: %v, wanted %v", amount, err, want)
			}
		}
	})
}

func TestTheFirstPolicyInForceThatFitsIsTakenAndPinned(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 50, byUser(w, "ann"))
		big := w.policy("amount > 100", 10, byUser(w, "ben"), byUser(w, "cem"))
		w.refused("not_a_filter", "", lifecycle.Command{Process: "approval_policy", Verb: "create", Set: raw(fields{"title": "x", "process": "matter", "gate": "release", "when": "amont > 1", "stages": []fields{byUser(w, "ann")}})})
		w.refused("unknown_gate", "", lifecycle.Command{Process: "approval_policy", Verb: "create", Set: raw(fields{"title": "x", "process": "matter", "gate": "nowhere", "stages": []fields{byUser(w, "ann")}})})
		if r := w.rounds(w.asking(fields{"amount": 5})); r[0].Votes[0].Voter != w.ids["ann"] {
			t.Error("the small one did not go to ann")
		}
		m := w.asking(fields{"amount": 500})
		r := w.rounds(m)[0]
		if r.Votes[0].Voter != w.ids["ben"] {
			t.Error("the big one did not go to ben")
		}
		// A new version does not change what was begun under the old one.
		w.do("", lifecycle.Command{Process: "approval_policy", Record: big.Record.Head().ID, Verb: "version", Set: raw(fields{"stages": []fields{byUser(w, "dora")}})})
		w.now = w.now.AddDate(0, 0, 1)
		for _, verb := range []string{"version_submit", "version_approve"} {
			w.do("", lifecycle.Command{Process: "approval_policy", Record: big.Record.Head().ID, Verb: verb, Number: 2})
		}
		w.do("ben", vote(m, r.ID, "yes"))
		if rs := w.rounds(m); rs[1].Votes[0].Voter != w.ids["cem"] {
			t.Error("the second stage is not the one that was begun with")
		}
		if r := w.rounds(w.asking(fields{"amount": 500})); r[0].Votes[0].Voter != w.ids["dora"] {
			t.Error("a new asking does not go by the new version")
		}
	})
}

func (w *world) asking(f fields) record.ID {
	w.Helper()
	m := w.matter("ask", f)
	w.round("ask", m)
	return m
}

func TestWhatIsMadeAndAskedInOneTransactionGoesByWhatItWillBe(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("amount > 100", 10, byUser(w, "ben"))
		w.policy("", 50, byUser(w, "ann"))
		id := record.NewID(w.now)
		_, _, err := w.o.DoAll(t.Context(), w.as("ask"), []lifecycle.Command{
			{Process: "matter", Verb: "create", ID: id, Set: raw(fields{"title": "at once", "amount": 1})},
			{Process: "matter", Record: id, Verb: "update", Set: raw(fields{"amount": 700})},
			step(id, "submit"),
		})
		if err != nil {
			t.Fatal(err)
		}
		rs := w.rounds(id)
		if len(rs) != 1 || rs[0].Votes[0].Voter != w.ids["ben"] || rs[0].OpenedBy != w.ids["ask"] {
			t.Errorf("rounds = %+v", rs)
		}
	})
}

func TestOfTwoVotesAtTheSameMomentBothCountAndOneDecides(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, role(access.Approver, "2"), byUser(w, "dora"))
		for range 5 {
			m := w.matter("ask", nil)
			r := w.round("ask", m)
			var wg sync.WaitGroup
			errs := make([]error, 3)
			for i, n := range []string{"ann", "ben", "ann"} {
				who := w.as(n)
				wg.Add(1)
				go func() {
					defer wg.Done()
					_, errs[i] = w.o.Do(t.Context(), who, vote(m, r.ID, "yes"))
				}()
			}
			wg.Wait()
			if errs[1] != nil || (errs[0] == nil) == (errs[2] == nil) {
				t.Fatalf("ann %v and %v, ben %v", errs[0], errs[2], errs[1])
			}
			rs := w.rounds(m)
			if len(rs) != 2 || rs[0].Outcome != "granted" || rs[1].Outcome != "open" || len(rs[1].Votes) != 1 {
				t.Fatalf("rounds = %+v", rs)
			}
		}
	})
}

func TestOfAYesAndANoAtTheSameMomentExactlyOneDecides(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.policy("", 1, byUser(w, "ann"))
		w.policy("amount = 9", 0, fields{"who": "role", "role": access.Approver, "quorum": "any"})
		m := w.matter("ask", fields{"amount": 9})
		r := w.round("ask", m)
		var wg sync.WaitGroup
		var errs [2]error
		change := lifecycle.Command{Process: "matter", Record: m, Verb: "update", Set: raw(fields{"amount": 10})}
		ann, ask := w.as("ann"), w.as("ask")
		wg.Add(2)
		go func() { defer wg.Done(); _, errs[0] = w.o.Do(t.Context(), ann, vote(m, r.ID, "yes")) }()
		go func() { defer wg.Done(); _, errs[1] = w.o.Do(t.Context(), ask, change) }()
		wg.Wait()
		if errs[1] != nil {
			t.Fatal(errs[1])
		}
		var e *fault.Error
		if errs[0] != nil && !errors.As(errs[0], &e) {
			t.Fatal(errs[0])
		}
		// Whoever was first: what was changed is not approved.
		w.refused("approval_missing", "ask", step(m, "approve"))
		if w.last(m) != "void" {
			t.Errorf("it is %s", w.last(m))
		}
	})
}

func TestADelegationIsMadeByWhomItStandsForAndLeadsNoFurther(t *testing.T) {
	onBoth(t, func(w *world) {
		w.staff()
		w.user("root", access.Administrator)
		make := func(from, to string, ends time.Time) lifecycle.Command {
			return lifecycle.Command{Process: "delegation", Verb: "create", Set: raw(fields{"from": w.ids[from], "to": w.ids[to], "ends": ends})}
		}
		hour := w.now.Add(time.Hour)
		w.refused("not_yours", "ben", make("ann", "ben", hour))
		w.refused("itself", "ann", make("ann", "ann", hour))
		w.refused("before_start", "ann", make("ann", "ben", w.now.Add(-time.Hour)))
		d := w.do("ann", make("ann", "ben", hour)).Record.Head()
		w.do("root", make("cem", "ben", hour))
		if d.Title != "ben for ann" {
			t.Errorf("title %q", d.Title)
		}
		end := lifecycle.Command{Process: "delegation", Record: d.ID, Verb: "transition", Name: "end"}
		w.refused("not_yours", "dora", end)
		w.refused("fixed", "ann", lifecycle.Command{Process: "delegation", Record: d.ID, Verb: "update", Set: raw(fields{"to": w.ids["cem"]})})
		w.do("ann", end)
	})
}
