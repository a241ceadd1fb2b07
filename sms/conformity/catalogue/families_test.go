package catalogue

import (
	"testing"
	"time"
)

func TestFamilies(t *testing.T) {
	var never time.Time
	week := MustPeriod("P7D")
	someone, other := [16]byte{1}, [16]byte{2}
	can := func(from, to string) bool { return from == "" && to == "new" || from == "new" && to == "done" }
	for _, tc := range []struct {
		name string
		got  Timeline
		want string
	}{
		{"in force with an end", InForce(d(5), d(9)), "gap: none is in force | 5 conforms: in force | 9 gap: none is in force"},
		{"in force and open", InForce(d(5), never), "gap: none is in force | 5 conforms: in force"},
		{"none at all", AtLeastOne(), "gap: none is in force"},
		{
			"two, at least one", AtLeastOne(Span{"v1", d(2), d(6)}, Span{"v2", d(4), never}),
			"gap: none is in force | 2 conforms: in force v1 | 4 conforms: in force v1, v2 | 6 conforms: in force v2",
		},
		{
			"two overlap, exactly one", ExactlyOne(Span{"v1", d(2), d(6)}, Span{"v2", d(4), never}),
			"gap: none is in force | 2 conforms: in force v1 | 4 gap: 2 are in force at once: v1, v2 | 6 conforms: in force v2",
		},
		{
			"two follow, exactly one", ExactlyOne(Span{"v2", d(6), never}, Span{"v1", d(2), d(6)}),
			"gap: none is in force | 2 conforms: in force v1 | 6 conforms: in force v2",
		},

		{"filled", Filled(Answer{"owner", true, ""}, Answer{"exit", false, "no data held"}), "conforms"},
		{"not filled", Filled(Answer{"owner", false, " "}, Answer{"cause", true, ""}, Answer{"exit", false, ""}), "gap: not filled: owner, exit"},

		{"linked", Linked("plan", "", Target{"DOC-1", "draft", false}, Target{"DOC-2", "in_force", true}), "conforms: plan DOC-2"},
		{"linked to a draft", Linked("plan", "", Target{"DOC-1", "draft", false}), "gap: no plan in a state that counts: DOC-1 is draft"},
		{"reasoned none", Linked("plan", "nothing depends on it"), "conforms: no plan: nothing depends on it"},
		{"none", Linked("plan", ""), "gap: no link to any plan"},

		{"covered", Covered("plan", InForce(d(1), d(3)), InForce(d(2), d(8))), "gap: none is in force | 1 conforms: in force | 8 gap: none is in force"},
		{"not covered", Covered("plan"), "gap: no plan covers it"},

		{"fresh", FreshUntil(d(3), week, "test"), "no_evidence: no test was on record | 3 conforms: test of 2026-01-03 | 10 stale: last test on 2026-01-03, older than 7 days"},
		{"never", FreshUntil(never, week, "test"), "no_evidence: no test is on record"},
		{"no interval", FreshUntil(d(3), Period{}, "test"), "no_evidence: no test was on record | 3 conforms: test of 2026-01-03"},

		{"in order", Ordered(Moment{"approval", d(2)}, Moment{"start", d(3)}), "vacuous: no start yet | 3 conforms: approval before start"},
		{"together", Ordered(Moment{"approval", d(3)}, Moment{"start", d(3)}), "vacuous: no start yet | 3 conforms: approval before start"},
		{
			"out of order", Ordered(Moment{"approval", d(4)}, Moment{"start", d(3)}),
			"vacuous: no start yet | 3 gap: approval on 2026-01-04 00:00 UTC, after start on 2026-01-03 00:00 UTC",
		},
		{"the first is missing", Ordered(Moment{"approval", never}, Moment{"start", d(3)}), "vacuous: no start yet | 3 gap: start without approval"},
		{"nothing to order", Ordered(Moment{"approval", d(4)}, Moment{"start", never}), "vacuous: no start yet"},

		{
			"answered in time", AnsweredWithin(Moment{"report", d(2)}, week, Moment{"review", d(9)}),
			"vacuous: no report yet | 2 conforms: review due by 2026-01-09 00:00 UTC | 9 conforms: review in time",
		},
		{
			"answered late", AnsweredWithin(Moment{"report", d(2)}, week, Moment{"review", d(12)}),
			"vacuous: no report yet | 2 conforms: review due by 2026-01-09 00:00 UTC | 9 gap: no review by 2026-01-09 00:00 UTC" +
				" | 12 gap: review on 2026-01-12 00:00 UTC, late: due by 2026-01-09 00:00 UTC",
		},
		{
			"not answered", AnsweredWithin(Moment{"report", d(2)}, week, Moment{"review", never}),
			"vacuous: no report yet | 2 conforms: review due by 2026-01-09 00:00 UTC | 9 gap: no review by 2026-01-09 00:00 UTC",
		},
		{
			"answered before it was asked", AnsweredWithin(Moment{"report", d(2)}, week, Moment{"review", d(1)}),
			"vacuous: no report yet | 2 conforms: review due by 2026-01-09 00:00 UTC | 9 gap: no review by 2026-01-09 00:00 UTC",
		},
		{"never asked", AnsweredWithin(Moment{"report", never}, week, Moment{"review", d(1)}), "vacuous: no report yet"},

		{"open action", NotOverdue(d(5), never), "conforms: due 2026-01-05 | 5 gap: overdue since 2026-01-05"},
		{"done in time", NotOverdue(d(5), d(4)), "conforms: due 2026-01-05 | 4 conforms: done on 2026-01-04"},
		{"done late", NotOverdue(d(5), d(8)), "conforms: due 2026-01-05 | 5 gap: overdue since 2026-01-05 | 8 conforms: done on 2026-01-08"},
		{"delay decided", NotOverdue(d(5), never, never, d(6)), "conforms: due 2026-01-05 | 5 gap: overdue since 2026-01-05 | 6 conforms: delay decided on 2026-01-06"},
		{"no due date", NotOverdue(never, d(8)), "gap: open without a due date | 8 conforms: done on 2026-01-08"},

		{"share met exactly", Share(19, 20, 95), "conforms: 19 of 20, asked for are 95 %"},
		{"share missed", Share(18, 20, 95), "partial: 18 of 20, asked for are 95 %"},
		{"nobody did", Share(0, 20, 95), "gap: 0 of 20, asked for are 95 %"},
		{"nobody to ask", Share(0, 0, 95), "vacuous: there is nobody to ask it of"},

		{"two persons", Segregated(Actor{Step: "draft", Who: someone}, Actor{Step: "approval", Who: other, Role: "approver", Holds: true}), "conforms"},
		{"one person", Segregated(Actor{Step: "draft", Who: someone}, Actor{Step: "approval", Who: someone}), "gap: draft and approval by the same person"},
		{"one for the other", Segregated(Actor{Step: "draft", Who: someone}, Actor{Step: "approval", Who: other, For: someone}), "gap: draft and approval by the same person"},
		{"both for a third", Segregated(Actor{Step: "draft", Who: someone, For: [16]byte{3}}, Actor{Step: "approval", Who: other, For: [16]byte{3}}), "gap: draft and approval by the same person"},
		{"without the role", Segregated(Actor{Step: "approval", Who: other, Role: "approver"}), "gap: approval by somebody without the role approver"},
		{"not yet", Segregated(Actor{Step: "approval", Role: "approver"}), "vacuous: no step was taken yet"},

		{"the same", Consistent(Source{"SLA", "99.9"}, Source{"target", "99.9"}), "conforms"},
		{"differs", Consistent(Source{"SLA", "99.9"}, Source{"plan", "99.9"}, Source{"target", "99"}), `gap: SLA says "99.9", target says "99"`},
		{"nothing to compare", Consistent(Source{"SLA", "99.9"}), "no_evidence: there is nothing to compare"},
		{"same set", ConsistentSets("scope", []string{"a", "b"}, "catalogue", []string{"b", "a"}), "conforms"},
		{
			"sets differ", ConsistentSets("scope", []string{"c", "a", "b"}, "catalogue", []string{"a", "d"}),
			"gap: in scope and not in catalogue: b, c; in catalogue and not in scope: d",
		},
		{"empty sets", ConsistentSets("scope", nil, "catalogue", nil), "no_evidence: neither scope nor catalogue names anything"},

		{"whole chain", CompleteChain([]Step{{1, "", "new", d(1)}, {2, "new", "done", d(2)}}, can), "no_evidence: there was no history | 1 conforms"},
		{
			"number missing", CompleteChain([]Step{{1, "", "new", d(1)}, {3, "new", "done", d(2)}}, can),
			"no_evidence: there was no history | 1 conforms | 2 gap: entry 3 follows where 2 should",
		},
		{"forbidden", CompleteChain([]Step{{1, "", "done", d(1)}}, can), "no_evidence: not judged | 1 gap: entry 1 went from  to done, which is not allowed"},
		{
			"jump", CompleteChain([]Step{{1, "", "new", d(1)}, {2, "open", "done", d(2)}}, can),
			"no_evidence: there was no history | 1 conforms | 2 gap: entry 2 goes on from open, the one before ended in new",
		},
		{"no chain", CompleteChain(nil, can), "no_evidence: there is no history"},

		{
			"attested", AttestedBy(Statement{Signed: d(2), Expires: d(9), Role: "top management", Document: "sha256:1"}),
			"no_evidence: nobody had signed | 2 attested: signed on 2026-01-02 as top management | 9 stale: the statement of 2026-01-02 expired",
		},
		{"not signed", AttestedBy(Statement{Expires: d(9), Role: "top management"}), "no_evidence: nobody has signed"},
		{
			"signed without anything", AttestedBy(Statement{Signed: d(2), OnlySelf: true}),
			"no_evidence: nobody had signed | 2 gap: the signer held no role of authority; no document is attached; it does not expire; the signer is its only subject",
		},
	} {
		if got := show(tc.got); got != tc.want {
			t.Errorf("%s:\n got %s\nwant %s", tc.name, got, tc.want)
		}
	}
}
