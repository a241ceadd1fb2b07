package conformity_test

import (
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/record"
	"steward/sms/conformity/catalogue"
)

// lookout is a provider that knows its context (4.1), its parties and what they require (4.2), and has
// drawn the limits of its system (4.3): it covers mail, leaves games out, and is asked nothing of chat,
// which is not delivered yet.
func lookout(w *world) {
	w.Helper()
	olga := w.user("olga", access.ProcessOwner)
	w.user("boss", access.Management)
	for name, set := range map[string]fields{
		"market":  {"kind": "external", "topic": "market"},
		"skills":  {"kind": "internal", "topic": "people"},
		"climate": {"kind": "external", "topic": "climate_change"},
	} {
		set["title"], set["owner"], set["effect"] = name, w.ids["olga"].Ref(), "promises get harder to keep"
		w.makeBy(olga, name, "issue", set)
	}
	w.step(w.user("boss"), "climate", "decide", fields{"relevance": "not_relevant", "relevance_why": "two halls on high ground, cooled by the river all year"})

	for _, kind := range []string{"customer", "user", "supplier"} {
		w.makeBy(olga, kind, "interested_party", fields{"title": "Our " + kind, "kind": kind, "relevance": "without them no service", "owner": w.ids["olga"].Ref(),
			"requirements": []fields{{"what": "answers within the hour", "kind": "service"}}})
		w.step(olga, kind, "review", fields{"climate": "no"})
	}
	w.makeBy(olga, "regulator", "interested_party", fields{"title": "Regulators", "kind": "regulator"})
	w.step(olga, "regulator", "rule_out", fields{"none_why": "the register of supervised trades does not list ours"})
	w.makeBy(olga, "staff", "interested_party", fields{"title": "Staff", "kind": "employee", "relevance": "they do the work", "owner": w.ids["olga"].Ref()})
	w.step(olga, "staff", "review", fields{"climate": "yes", "climate_what": "cool rooms in summer"})
	w.makeBy(olga, "labour", "obligation", fields{"title": "Working hours", "kind": "legal", "source": "Arbeitszeitgesetz, 3 and 5", "party": w.ids["staff"].Ref(),
		"requires": "rest of eleven hours between shifts", "applies_to": "duty at night", "owner": w.ids["olga"].Ref()})

	for _, name := range []string{"mail", "games", "chat"} {
		w.makeBy(olga, name, "service", fields{"title": name, "owner": w.ids["olga"].Ref()})
		if name != "chat" {
			w.step(olga, name, "go_live", nil)
		}
	}
	w.makeBy(olga, "scope", "scope", fields{"title": "Scope of the system", "owner": w.ids["olga"].Ref(), "audience": "everybody, on the wall and here",
		"organization": "Nordlicht IT", "statement": "The system of Nordlicht IT that delivers mail from Husum", "customers": "two, in Husum", "technology": "two halls",
		"locations": []fields{{"place": "Husum"}}, "services": []fields{{"service": w.ids["mail"].Ref()}},
		"parties":    []fields{{"name": "Telecom", "part": "the line", "control": "Olga reads its figures each month"}},
		"exclusions": []fields{{"kind": "service", "service": w.ids["games"].Ref(), "what": "games", "justification": "for staff, no customer uses it"}},
		"blanks":     fields{"units": fields{"reason": "all of it"}}})
	w.approve("scope", 1, olga, w.user("boss"), nil)
	for _, name := range []string{"market", "staff", "mail"} {
		w.link("scope", "takes_account_of", name)
	}
}

// link joins two records.
func (w *world) link(name, kind, to string) {
	w.Helper()
	w.ids[name+" "+kind+" "+to] = w.by(w.o.Self(), w.command(name, "link", kind, fields{"to": w.id(to)}))
}

// renewedScope is a next version of the scope, on a next day.
func (w *world) renewedScope(set fields) {
	w.Helper()
	w.pass(24 * time.Hour)
	r := w.by(w.user("olga"), w.command("scope", "version", "", set))
	w.approve("scope", int(r.Version.Number), w.user("olga"), w.user("boss"), nil)
}

var contextMutations = func() map[string][]mutation {
	step := func(name, transition string, set fields) func(*world) {
		return func(w *world) { w.step(w.user("olga"), name, transition, set) }
	}
	aged := mutation{"a year passes", func(w *world) { w.pass(370 * 24 * time.Hour) }, func(w *world) {
		w.step(w.user("olga"), "market", "review", nil)
		w.step(w.user("olga"), "skills", "review", nil)
		w.step(w.user("olga"), "climate", "decide", nil)
		for _, p := range []string{"customer", "user", "supplier", "staff"} {
			w.step(w.user("olga"), p, "review", nil)
		}
		w.step(w.user("olga"), "regulator", "rule_out", nil)
		w.step(w.user("olga"), "labour", "review", fields{"fulfilment": "met", "how_met": "the plan of shifts keeps it"})
		w.step(w.user("olga"), "scope", "review", nil)
	}}
	retired := mutation{"the scope is retired", step("scope", "retire", nil), step("scope", "reactivate", nil)}
	lapsed := mutation{"its version ends", func(w *world) {
		w.renewedScope(fields{"effective_to": string(record.Day(w.now.AddDate(0, 0, 5)))})
		w.pass(6 * 24 * time.Hour)
	}, func(w *world) { w.renewedScope(fields{"effective_to": nil}) }}
	return map[string][]mutation{
		"4.1-01": {emptied("market", "effect", "prices fall"), emptied("market", "owner", "olga"),
			{"the only one is closed", step("market", "close", fields{"close_reason": "the market is as it was"}), step("market", "reopen", nil)},
			{"it is decided not to be relevant", step("market", "decide", fields{"relevance": "not_relevant", "relevance_why": "we sell nothing"}), step("market", "decide", fields{"relevance": "relevant", "relevance_why": "we do"})},
			aged},
		"4.1-02": {emptied("skills", "effect", "nobody knows the old system"), {"it was none", step("skills", "withdraw", nil), step("skills", "reopen", nil)}, aged},
		"4.1-03": {aged, {"the issue is withdrawn", step("climate", "withdraw", nil), step("climate", "reopen", nil)},
			{"a second one is not decided", func(w *world) {
				w.makeBy(w.user("ann", access.Agent), "heat", "issue", fields{"title": "Heat in the halls", "kind": "internal", "topic": "climate_change"})
			}, func(w *world) {
				w.step(w.user("olga"), "heat", "decide", fields{"relevance": "relevant", "relevance_why": "cooling costs more each year"})
				w.update("heat", fields{"owner": "olga", "effect": "outages in summer"})
			}}},
		"4.2-01": {emptied("customer", "relevance", "they pay"), emptied("user", "owner", "olga"),
			{"the only supplier ends", step("supplier", "end", fields{"end_reason": "we do it ourselves"}), step("supplier", "reactivate", nil)},
			{"nothing says any more why there is no regulator", func(w *world) { w.importing("regulator", fields{"none_why": nil}) }, func(w *world) { w.importing("regulator", fields{"none_why": "none supervises us"}) }},
			aged},
		"4.2-02": {{"what it requires is emptied", func(w *world) { w.update("user", fields{"requirements": []fields{}}) }, func(w *world) {
			w.update("user", fields{"blanks": fields{"requirements": fields{"reason": "its people ask through their employer, the customer"}}})
		}}, {"the obligation that one rests on ends", step("labour", "end", fields{"end_reason": "repealed"}), step("labour", "reactivate", nil)}, aged},
		"4.3-01": {retired, lapsed},
		"4.3-02": {{"an issue that it rests on changes", func(w *world) { w.update("market", fields{"effect": "prices fall by half"}) }, step("scope", "review", nil)},
			{"the only issue that it links is withdrawn", step("market", "withdraw", nil), func(w *world) {
				w.step(w.user("olga"), "market", "reopen", nil)
				w.step(w.user("olga"), "scope", "review", nil)
			}},
			{"what a party requires changes", func(w *world) {
				w.update("staff", fields{"requirements": []fields{{"what": "quiet rooms", "kind": "other"}}})
			}, step("scope", "review", nil)}, retired},
		"4.3-03": {{"a service is delivered that the scope says nothing of", step("chat", "go_live", nil), func(w *world) {
			w.renewedScope(fields{"services": []fields{{"service": w.ids["mail"].Ref()}, {"service": w.ids["chat"].Ref()}}})
			w.step(w.user("olga"), "scope", "review", nil)
		}},
			{"a service that it covers has ended", step("chat", "retire", nil), func(w *world) {
				w.renewedScope(fields{"services": []fields{{"service": w.ids["mail"].Ref()}}})
			}}, retired},
		"4.3-04": {retired, lapsed},
		"4.3-05": {emptied("scope", "audience", "everybody, here"), aged, retired,
			{"its own review was due earlier", func(w *world) {
				w.update("scope", fields{"review_every": "P1M"})
				w.pass(40 * 24 * time.Hour)
			}, step("scope", "review", nil)}},
		"7.5.4-01": {retired},
	}
}()

// TestTheClimateQuestionOfPartiesNeverFails: it stands in a note of the standard. It conforms while
// every review answers it, and otherwise asks for nothing and says what is open.
func TestTheClimateQuestionOfPartiesNeverFails(t *testing.T) {
	onBoth(t, func(w *world) {
		is := func(when string, want catalogue.State) {
			w.Helper()
			i := w.item("4.2-03")
			if i.State != want || i.State.Fails() || i.Reason == "" || i.Requirement.Blocks(i.State) {
				w.Errorf("%s: %s (%s), want %s", when, i.State, i.Reason, want)
			}
		}
		is("nothing is on record", catalogue.Vacuous)
		lookout(w)
		is("every review answers", catalogue.Conforms)
		w.makeBy(w.user("olga"), "press", "interested_party", fields{"title": "Press", "kind": "public"})
		is("one was never asked", catalogue.Vacuous)
		w.step(w.user("olga"), "press", "review", fields{"climate": "no"})
		is("it was asked", catalogue.Conforms)
		w.pass(370 * 24 * time.Hour)
		is("the answers are a year old", catalogue.Vacuous)
	})
}
