package evidencerequest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/evaluation/evidencerequest"
	"steward/sms/evaluation/sample"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

type fields map[string]any

// world is a provider with incidents, a process owner, and two auditors: ivy of the house, eve from
// outside. The test moves its clock.
type world struct {
	*testing.T
	o   *boot.Opened
	now time.Time
	ids map[string]record.ID
}

func onBoth(t *testing.T, f func(w *world)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w := &world{T: t, now: time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC), ids: map[string]record.ID{}}
			opt := boot.Options{Data: t.TempDir(), CheapPasswords: true, Now: func() time.Time { return w.now }}
			if engine == "postgres" {
				opt.Database = pgtest.URL(t)
			}
			o, err := boot.Open(context.Background(), opt)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := o.Close(); err != nil {
					t.Error(err)
				}
			})
			w.o = o
			for name, role := range map[string]string{"olga": access.ProcessOwner, "mia": access.Management, "gus": access.Agent, "ivy": access.Auditor, "ian": access.Auditor, "eve": access.Auditor, "eric": access.Auditor} {
				f := fields{"title": name, "name": name, "roles": []fields{{"role": role}}}
				if name[0] == 'e' {
					f["external"], f["until"] = true, "2026-12-31"
				}
				w.ids[name] = w.do("", lifecycle.Command{Process: "user", Verb: "create", Set: raw(f)}).Record.Head().ID
			}
			described := w.do("", lifecycle.Command{Process: "process", Verb: "create", Set: raw(fields{"title": "Incident management", "name": "incident", "owner": "olga"})})
			w.ids["map"] = described.Record.Head().ID
			f(w)
		})
	}
}

func raw(v fields) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for k, x := range v {
		b, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		m[k] = b
	}
	return m
}

func (w *world) as(name string) *access.Principal {
	w.Helper()
	if name == "" {
		return w.o.Self()
	}
	p, err := w.o.Principal(w.Context(), w.ids[name])
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// try carries out a command as somebody; every command takes a second.
func (w *world) try(name string, c lifecycle.Command) (*system.Result, error) {
	w.Helper()
	w.now = w.now.Add(time.Second)
	c.Door = "test"
	return w.o.Do(w.Context(), w.as(name), c)
}

func (w *world) do(name string, c lifecycle.Command) *system.Result {
	w.Helper()
	res, err := w.try(name, c)
	if err != nil {
		w.Fatalf("%s: %s %s %s: %v", name, c.Verb, c.Process, c.Name, err)
	}
	return res
}

func (w *world) refused(reason, name string, c lifecycle.Command) {
	w.Helper()
	_, err := w.try(name, c)
	var e *fault.Error
	if errors.As(err, &e) {
		if string(e.Kind) == reason {
			return
		}
		for _, r := range e.Refusals {
			if r.Reason == reason && r.Mend != "" {
				return
			}
		}
	}
	w.Errorf("%s: %s %s %s: wanted %s, got %v", name, c.Verb, c.Process, c.Name, reason, err)
}

func (w *world) told(name, topic string) bool {
	w.Helper()
	lines, err := w.o.Inbox(w.Context(), w.as(name), false, record.ID{}, 100)
	if err != nil {
		w.Fatal(err)
	}
	return slices.ContainsFunc(lines, func(l system.InboxLine) bool { return string(l.Topic) == topic })
}

// works reports whether a record is among what waits for somebody.
func (w *world) works(name string, id record.ID) bool {
	w.Helper()
	ds, err := w.o.MyWork(w.Context(), w.as(name), 50)
	if err != nil {
		w.Fatal(err)
	}
	for _, d := range ds {
		if d.ID == id {
			return true
		}
	}
	return false
}

func (w *world) pass(d time.Duration) {
	w.Helper()
	end := w.now.Add(d)
	for {
		due, err := w.o.DueTimers(w.Context(), end, 1)
		if err != nil {
			w.Fatal(err)
		}
		if len(due) == 0 {
			break
		}
		if at := due[0].At.Time(); at.After(w.now) {
			w.now = at
		}
		if err := w.o.Fire(w.Context(), due[0]); err != nil {
			w.Fatal(err)
		}
	}
	w.now = end
}

func create(process string, f fields) lifecycle.Command {
	return lifecycle.Command{Process: process, Verb: "create", Set: raw(f)}
}

func step(process string, id record.ID, name, reason string, f fields) lifecycle.Command {
	return lifecycle.Command{Process: process, Record: id, Verb: "transition", Name: name, Reason: reason, Set: raw(f)}
}

func edit(process string, id record.ID, f fields) lifecycle.Command {
	return lifecycle.Command{Process: process, Record: id, Verb: "update", Set: raw(f)}
}

// incidents are n of each of three months.
func (w *world) incidents(n int) {
	w.Helper()
	for m := range 3 {
		w.now = time.Date(2026, time.Month(1+m), 10, 9, 0, 0, 0, time.UTC)
		for i := range n {
			w.do("gus", create("incident", fields{"title": fmt.Sprintf("%d of month %d", i, m+1), "impact": 3, "urgency": 3}))
		}
	}
}

func (w *world) sample(by string, more fields) record.ID {
	w.Helper()
	f := fields{"title": "Incidents of the quarter", "process": "incident", "from": "2026-01-01", "to": "2026-03-31", "size": 6}
	for k, v := range more {
		f[k] = v
	}
	return w.do(by, create("sample", f)).Record.Head().ID
}

func (w *world) seen(id record.ID) *sample.Sample {
	w.Helper()
	r, err := w.o.Get(w.Context(), w.o.Self(), "sample", id.String())
	if err != nil {
		w.Fatal(err)
	}
	return r.Record.(*sample.Sample)
}

func drawn(s *sample.Sample) []record.ID {
	var out []record.ID
	for _, it := range s.Items {
		out = append(out, it.Record)
	}
	return out
}

func TestTheSameSeedAndPopulationDrawTheSameRecords(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incidents(10)
		w.now = w.now.Add(time.Hour)
		a := w.sample("eve", nil)
		w.do("eve", step("sample", a, "draw", "", nil))
		first := w.seen(a)
		if first.Population != 30 || len(first.Items) != 6 || len(first.Hash) != 64 || len(first.Seed) != 32 || bool(first.SeedGiven) || first.DrawnBy != w.ids["eve"] {
			t.Fatalf("drawn: %+v", first)
		}
		b := w.sample("ivy", fields{"seed": string(first.Seed)})
		w.do("ivy", step("sample", b, "draw", "", nil))
		if second := w.seen(b); !slices.Equal(drawn(first), drawn(second)) || second.Hash != first.Hash || !bool(second.SeedGiven) {
			t.Errorf("the same seed drew %v and %v", drawn(first), drawn(second))
		}
		c := w.sample("ivy", fields{"by_month": true})
		w.do("ivy", step("sample", c, "draw", "", nil))
		months := map[record.Text]int{}
		for _, it := range w.seen(c).Items {
			months[it.Month]++
		}
		if months["2026-01"] != 2 || months["2026-02"] != 2 || months["2026-03"] != 2 {
			t.Errorf("by month: %v", months)
		}
		// The records go on; what was drawn can be drawn again all the same.
		w.now = w.now.Add(24 * time.Hour)
		w.do("gus", create("incident", fields{"title": "A later one", "impact": 3, "urgency": 3}))
		w.do("gus", step("incident", first.Items[0].Record, "start", "", nil))
		w.do("ian", step("sample", a, "repeat", "", nil))
		if s := w.seen(a); s.Repeated != "same" {
			t.Errorf("drawn again: %s %s", s.Repeated, s.RepeatWhy)
		}
		w.do("", lifecycle.Command{Process: "incident", Verb: "create", Replay: true, OccurredAt: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), Set: raw(fields{"title": "Recorded late", "impact": 3, "urgency": 3})})
		w.do("ian", step("sample", a, "repeat", "", nil))
		if s := w.seen(a); s.Repeated != "differs" || s.RepeatWhy == "" {
			t.Errorf("a record came later, and drawing again is %q", s.Repeated)
		}
	})
}

func TestWhatWasDrawnStaysAndIsJudgedByOthers(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incidents(3)
		w.now = w.now.Add(time.Hour)
		w.refused("unknown_choice", "ivy", create("sample", fields{"title": "x", "process": "nothing", "from": "2026-01-01", "to": "2026-02-01", "size": 3}))
		w.refused("bad_query", "ivy", create("sample", fields{"title": "x", "process": "incident", "filter": "colour = 3", "from": "2026-01-01", "to": "2026-02-01", "size": 3}))
		w.refused("before_start", "ivy", create("sample", fields{"title": "x", "process": "incident", "from": "2026-03-01", "to": "2026-02-01", "size": 3}))
		none := w.sample("ivy", fields{"filter": "priority = 1"})
		w.refused("nothing_there", "ivy", step("sample", none, "draw", "", nil))

		id := w.sample("eve", fields{"filter": `state = "new"`, "size": 3})
		w.refused("not_yours", "eric", edit("sample", id, fields{"size": 4}))
		w.do("eve", step("sample", id, "draw", "", nil))
		s := w.seen(id)
		w.refused("fixed", "eve", edit("sample", id, fields{"size": 4}))
		w.refused("fixed", "eve", edit("sample", id, fields{"items": []fields{}}))
		line := func(i int, f fields) fields {
			f["id"] = s.Items[i].ID.String()
			return f
		}
		rest := []fields{line(1, fields{}), line(2, fields{})}
		w.refused("required", "eve", edit("sample", id, fields{"items": append([]fields{line(0, fields{"verdict": "finding"})}, rest...)}))
		w.do("eve", edit("sample", id, fields{"items": append([]fields{line(0, fields{"verdict": "finding", "note": "nobody was told"})}, rest...)}))
		w.refused("required", "eve", step("sample", id, "close", "", fields{"summary": "one of three"}))
		w.refused("not_yours", "eric", edit("sample", id, fields{"items": append([]fields{line(0, fields{"verdict": "ok"})}, rest...)}))
		w.do("eve", edit("sample", id, fields{"items": []fields{line(0, fields{"verdict": "finding", "note": "nobody was told"}), line(1, fields{"verdict": "ok"}), line(2, fields{"verdict": "ok"})}}))
		w.do("eve", step("sample", id, "close", "", fields{"summary": "one of three"}))
		if s := w.seen(id); s.Judged != 3 || s.Findings != 1 || s.Items[0].JudgedBy != w.ids["eve"] || s.Items[0].JudgedAt == 0 {
			t.Errorf("judged: %+v", s)
		}
	})
}

func TestNobodyDrawsFromWhatTheyRun(t *testing.T) {
	onBoth(t, func(w *world) {
		w.incidents(2)
		w.now = w.now.Add(time.Hour)
		w.do("", edit("process", w.ids["map"], fields{"owner": "ivy"}))
		id := w.sample("ivy", nil)
		w.refused("own_work", "ivy", step("sample", id, "draw", "", nil))
		w.do("ian", step("sample", id, "draw", "", nil))
		s := w.seen(id)
		w.do("gus", edit("incident", s.Items[0].Record, fields{"owner": "ian"}))
		var lines []fields
		for _, it := range s.Items {
			lines = append(lines, fields{"id": it.ID.String()})
		}
		lines[0]["verdict"] = "ok"
		w.refused("own_work", "ian", edit("sample", id, fields{"items": lines}))
		delete(lines[0], "verdict")
		lines[1]["verdict"] = "ok"
		w.do("ian", edit("sample", id, fields{"items": lines}))
	})
}

func (w *world) request(by string, more fields) record.ID {
	w.Helper()
	f := fields{"title": "Minutes of the last review", "wanted": "Show who took part.", "due": "2026-01-12"}
	for k, v := range more {
		f[k] = v
	}
	return w.do(by, create("evidence_request", f)).Record.Head().ID
}

func (w *world) asked(id record.ID) *evidencerequest.Request {
	w.Helper()
	r, err := w.o.Get(w.Context(), w.o.Self(), "evidence_request", id.String())
	if err != nil {
		w.Fatal(err)
	}
	return r.Record.(*evidencerequest.Request)
}

func TestARequestForEvidenceGoesToTheOwnerAndBack(t *testing.T) {
	onBoth(t, func(w *world) {
		const p = "evidence_request"
		id := w.request("eve", fields{"process": "incident", "requirement": "9.2-01"})
		if q := w.asked(id); q.Provider != w.ids["olga"] || q.Assignee != w.ids["olga"] || q.AskedBy != w.ids["eve"] {
			t.Fatalf("asked: %+v", q)
		}
		if !w.told("olga", "evidence_asked") || !w.works("olga", id) || w.works("eve", id) {
			t.Error("the owner does not hear of it")
		}
		w.refused("permission_denied", "eve", step(p, id, "answer", "", fields{"answer": "I say so"}))
		w.refused("own_work", "eve", edit(p, id, fields{"answer": "I say so"}))
		w.refused("not_yours", "gus", step(p, id, "answer", "", fields{"answer": "I say so"}))
		w.refused("not_yours", "olga", edit(p, id, fields{"wanted": "Something easier."}))
		w.refused("not_yours", "eric", edit(p, id, fields{"wanted": "Something else."}))
		w.refused("required", "olga", step(p, id, "answer", "", nil))
		w.do("olga", lifecycle.Command{Process: p, Record: id, Verb: "link", Name: "shown_by", Set: raw(fields{"to": w.ids["map"].String()})})
		w.do("olga", step(p, id, "answer", "", fields{"answer": "All of us."}))
		if !w.told("eve", "evidence_answered") || !w.works("eve", id) || w.works("olga", id) {
			t.Error("the auditor does not hear of the answer")
		}
		w.refused("permission_denied", "olga", step(p, id, "accept", "", nil))
		w.refused("not_yours", "eric", step(p, id, "accept", "", nil))
		w.refused("fixed", "olga", edit(p, id, fields{"answer": "Nearly all of us."}))
		w.refused("required", "eve", step(p, id, "ask_again", "", nil))
		w.do("eve", step(p, id, "ask_again", "", fields{"remark": "By name, please.", "due": "2026-01-14"}))
		if q := w.asked(id); len(q.Earlier) != 1 || q.Earlier[0].Answer != "All of us." || q.Answer != "" || q.Assignee != w.ids["olga"] {
			t.Errorf("asked again: %+v", q)
		}
		w.refused("fixed", "olga", edit(p, id, fields{"earlier": []fields{}}))
		w.do("olga", edit(p, id, fields{"assignee": "mia"})) // handed on
		if !w.told("mia", "evidence_asked") {
			t.Error("who it was handed to does not hear of it")
		}
		w.do("mia", step(p, id, "answer", "", fields{"answer": "Mia and Max."}))
		w.do("eve", step(p, id, "accept", "", nil))
		if q := w.asked(id); q.State != "accepted" || q.DecidedBy != w.ids["eve"] || !w.told("mia", "evidence_accepted") {
			t.Errorf("accepted: %+v", q)
		}
	})
}

func TestARequestThatNobodyAnswersIsToldWhenItIsDue(t *testing.T) {
	onBoth(t, func(w *world) {
		w.refused("past", "ivy", create("evidence_request", fields{"title": "x", "wanted": "y", "due": "2026-01-01"}))
		w.refused("own_work", "ivy", create("evidence_request", fields{"title": "x", "wanted": "y", "due": "2026-01-12", "provider": "ivy"}))
		late, done := w.request("ivy", fields{"provider": "gus"}), w.request("ivy", fields{"provider": "mia"})
		w.do("mia", step("evidence_request", done, "answer", "", fields{"answer": "Here."}))
		w.pass(9 * 24 * time.Hour)
		if !w.told("gus", "evidence_due") || !w.told("ivy", "evidence_due") || w.told("mia", "evidence_due") {
			t.Error("who was told that it is late?")
		}
		w.do("ivy", step("evidence_request", late, "withdraw", "not needed any more", nil))
		if w.works("gus", late) {
			t.Error("what was withdrawn still waits")
		}
	})
}
