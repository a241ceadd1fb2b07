package system_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

// guest is an auditor from outside, whose account ends.
func (w *world) guest(name, until string) record.ID {
	w.Helper()
	w.ids[name] = w.do("", lifecycle.Command{Process: "user", Verb: "create", Set: raw(fields{"title": name, "name": name, "external": true, "until": until,
		"roles": []fields{{"role": access.Auditor}}})}).Record.Head().ID
	return w.ids[name]
}

func TestAnAccountThatEndsIsRefusedEverywhereFromTheNextDayOn(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.guest("eve", "2026-03-04")
		w.do("", lifecycle.Command{Process: "user", Record: id, Verb: "password", Set: raw(fields{"password": "a long and winding road"})})
		token, _, err := w.o.NewToken(w.Context(), id, "test", nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		session, _, err := w.o.NewSession(w.Context(), id, "", "")
		if err != nil {
			t.Fatal(err)
		}
		doors := map[string]func() error{
			"token":    func() error { _, err := w.o.Authenticate(w.Context(), token); return err },
			"session":  func() error { _, _, err := w.o.Session(w.Context(), session); return err },
			"password": func() error { _, err := w.o.CheckPassword(w.Context(), "eve", "a long and winding road"); return err },
			"sign-in":  func() error { _, _, err := w.o.NewSession(w.Context(), id, "", ""); return err },
			"one-time": func() error { _, err := w.o.NewOneTime(w.Context(), w.o.Self(), id, "invitation"); return err },
			"a token":  func() error { _, _, err := w.o.NewToken(w.Context(), id, "more", nil, 0); return err },
		}
		at := func(when string, want bool) {
			w.Helper()
			var err error
			if w.now, err = time.ParseInLocation("2006-01-02 15:04", when, w.o.Zone()); err != nil {
				w.Fatal(err)
			}
			for name, try := range doors {
				if name == "session" && want {
					if session, _, err = w.o.NewSession(w.Context(), id, "", ""); err != nil { // idle ones lapse by themselves
						w.Fatal(err)
					}
				}
				if err := try(); (err == nil) != want || !want && !fault.Is(err, fault.Unauthorised) {
					w.Errorf("at %s %s: %v", when, name, err)
				}
			}
		}
		at("2026-03-04 23:59", true)
		at("2026-03-05 00:00", false)
		w.do("", lifecycle.Command{Process: "user", Record: id, Verb: "update", Set: raw(fields{"until": "2026-03-09"})})
		at("2026-03-05 00:01", true)
		w.refused("past", "", lifecycle.Command{Process: "user", Record: id, Verb: "update", Set: raw(fields{"until": "2026-03-04"})})
	})
}

func TestARoleThatEndsGivesNothingFromThatDayOn(t *testing.T) {
	onBoth(t, func(w *world) {
		w.ids["ivy"] = w.do("", lifecycle.Command{Process: "user", Verb: "create", Set: raw(fields{"title": "ivy", "name": "ivy",
			"roles": []fields{{"role": access.Auditor, "to": "2026-03-05"}}})}).Record.Head().ID
		if !w.as("ivy").Reads("audit") {
			t.Fatal("an auditor reads no audits")
		}
		w.now = time.Date(2026, 3, 5, 1, 0, 0, 0, w.o.Zone())
		if who := w.as("ivy"); who.Reads("audit") || who.Has(access.Auditor) {
			t.Errorf("the role holds on after its end: %v", who.Roles)
		}
	})
}

func TestAnAccountFromOutsideEndsAndOnlyAudits(t *testing.T) {
	onBoth(t, func(w *world) {
		make := func(more fields) lifecycle.Command {
			f := fields{"title": "eve", "name": "eve", "external": true, "until": "2026-03-20", "roles": []fields{{"role": access.Auditor}}}
			for k, v := range more {
				f[k] = v
			}
			return lifecycle.Command{Process: "user", Verb: "create", Set: raw(f)}
		}
		w.refused("required", "", make(fields{"until": nil}))
		w.refused("only_auditor", "", make(fields{"roles": []fields{{"role": access.Auditor}, {"role": access.Administrator}}}))
		w.refused("past", "", make(fields{"until": "2026-03-01"}))
		w.do("", make(nil))
	})
}

// TestAnAuditorFromOutsideChangesNothing walks every process and verb: what such an account may do
// is to look, and what the process grants to it by name.
func TestAnAuditorFromOutsideChangesNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		w.guest("eve", "2026-03-20")
		w.user("ivy", access.Auditor)
		w.user("gus", access.Agent)
		eve, ivy := w.as("eve"), w.as("ivy")
		verbs := append(slices.Clone(access.Verbs), "do:start", "do:resolve", "do:report", "do:sign")
		for _, p := range w.o.Registry.All {
			named := strings.Fields(p.Grants[access.ExternalAuditor])
			for _, v := range verbs {
				looks := slices.Contains(access.Looking, v)
				if got := eve.May(p.Name, v); got && !looks && !slices.Contains(named, v) && !(strings.HasPrefix(v, "do:") && slices.Contains(named, "do:*")) {
					w.Errorf("%s: may %s", p.Name, v)
				} else if looks && got != ivy.May(p.Name, v) {
					w.Errorf("%s: %s is %v, and %v for the auditors of the house", p.Name, v, got, !got)
				}
			}
		}
		id := w.do("gus", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(fields{"title": "It broke", "impact": 2, "urgency": 2})}).Record.Head().ID
		on := func(verb, name string, f fields) lifecycle.Command {
			return lifecycle.Command{Process: "incident", Record: id, Verb: verb, Name: name, Set: raw(f)}
		}
		for _, c := range []lifecycle.Command{on("update", "", fields{"title": "x"}), on("transition", "start", nil), on("comment", "", fields{"body": "x"}),
			on("comment", "", fields{"body": "x", "internal": true}), on("link", "related_to", fields{"to": "INC-1"}), on("grant", "", fields{"to": "eve"}),
			{Process: "incident", Verb: "create", Set: raw(fields{"title": "Another", "impact": 2, "urgency": 2})},
			{Process: "user", Record: w.ids["gus"], Verb: "password", Set: raw(fields{"password": "a long and winding road"})}} {
			w.refused("permission_denied", "eve", c)
		}
		a, err := w.o.Upload(w.Context(), strings.NewReader("proof"), "proof.txt")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.o.Attach(w.Context(), eve, "incident", id.String(), a, "test"); !fault.Is(err, fault.Denied) {
			t.Errorf("she attached a file: %v", err)
		}
		if _, err := w.o.Get(w.Context(), eve, "incident", id.String()); err != nil {
			t.Errorf("an auditor from outside reads no incident: %v", err)
		}
	})
}

func TestNobodyFromOutsideIsAskedForApproval(t *testing.T) {
	onBoth(t, func(w *world) {
		w.user("gus", access.Agent)
		w.guest("eve", "2026-03-20")
		w.user("mia", access.Management)
		w.policy("", 1, fields{"who": "user", "user": w.ids["mia"], "delegable": true})
		m := w.matter("gus", nil)
		r := w.round("gus", m)
		if _, err := w.try("eve", vote(m, r.ID, "yes")); err == nil {
			t.Error("she voted")
		}
		var got []string
		for _, x := range w.rounds(m)[0].Votes {
			got = append(got, x.Voter.String())
		}
		if !slices.Equal(got, []string{w.ids["mia"].String()}) {
			t.Errorf("asked are %v", got)
		}
	})
}
