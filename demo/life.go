package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// plan is one incident that will have happened.
type plan struct {
	key      string
	at       time.Time
	kind     []any // a row of data/provider.yaml
	customer int
	seed     uint64
	special  string // "", "major-past", "major-running" or "forgotten"
}

func (p plan) text(i int) string { return p.kind[i].(string) }
func (p plan) number(i int) int  { return p.kind[i].(int) }

// plan works out eighteen months, the newest first: more on working days, most on Mondays and in
// the morning, growing over time, with a spike on the second Tuesday of a month, when updates come.
func (l *load) plan() []plan {
	r := rand.New(rand.NewPCG(20000, 1))
	total := 0
	for _, k := range l.p.Incidents {
		total += k[2].(int)
	}
	var out []plan
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		zone = time.UTC
	}
	for day := l.days; day >= 0; day-- {
		d := l.now.In(zone).AddDate(0, 0, -day)
		load := 8.0 + 4*float64(l.days-day)/float64(l.days+1)
		switch d.Weekday() {
		case time.Saturday, time.Sunday:
			load = 1
		case time.Monday:
			load *= 1.5
		case time.Tuesday:
			if d.Day() > 7 && d.Day() <= 14 {
				load *= 2.2
			}
		}
		n := int(load*(0.7+0.6*r.Float64()) + 0.5)
		for i := range n {
			hour := 7 + int(4*r.Float64()*r.Float64()*2.6)
			at := time.Date(d.Year(), d.Month(), d.Day(), hour, r.IntN(60), r.IntN(60), 0, zone)
			seed := r.Uint64()
			pick := r.IntN(total)
			var kind []any
			for _, k := range l.p.Incidents {
				if pick -= k[2].(int); pick < 0 {
					kind = k
					break
				}
			}
			if at.After(l.now.Add(-5 * time.Minute)) {
				continue
			}
			out = append(out, plan{key: fmt.Sprintf("%s-%02d", d.Format("20060102"), i), at: at, kind: kind, customer: int(seed % 3), seed: seed})
		}
	}
	out = append(out, plan{key: "major-past", at: l.now.AddDate(0, 0, -l.days/9), kind: l.p.Incidents[16], customer: 1, seed: 7, special: "major-past"},
		plan{key: "major-running", at: l.now.Add(-65 * time.Minute), kind: l.p.Incidents[4], customer: 0, seed: 8, special: "major-running"},
		plan{key: "forgotten", at: l.now.AddDate(0, 0, -3), kind: l.p.Incidents[13], customer: 0, seed: 9, special: "forgotten"})
	sort.SliceStable(out, func(i, j int) bool { return out[i].at.After(out[j].at) })
	return out
}

// story gathers the commands of one incident, each by somebody at some time; what would come after
// now has not happened.
type story struct {
	l    *load
	id   record.ID
	at   time.Time
	cmds []lifecycle.Command
	over bool
}

func (s *story) then(after time.Duration, by *access.Principal, verb, name string, values map[string]json.RawMessage) {
	s.at = s.at.Add(after)
	if s.over || s.at.After(s.l.now) {
		s.over = true
		return
	}
	reason := ""
	if raw, ok := values["reason"]; ok {
		_ = json.Unmarshal(raw, &reason) // a literal
		delete(values, "reason")
	}
	s.cmds = append(s.cmds, lifecycle.Command{Process: "incident", Record: s.id, Verb: verb, Name: name, By: by, OccurredAt: s.at, Set: values, Reason: reason, Door: "demo"})
}

// live lets one incident happen, in one transaction, unless it has.
func (l *load) live(ctx context.Context, p plan) error {
	known, err := l.o.Known(ctx, source, []string{p.key})
	if err != nil || len(known) > 0 {
		return err
	}
	r := rand.New(rand.NewPCG(p.seed, 2))
	c := l.p.Customers[p.customer]
	reporter := l.who[c.Users[r.IntN(len(c.Users))].Name]
	desk := l.who[[]string{"jana", "tom", "aylin"}[r.IntN(3)]]
	team := l.teamOf[p.text(0)]
	expert := desk
	for _, t := range l.p.Teams {
		if t.Name == team {
			expert = l.who[t.People[r.IntN(len(t.People))]]
		}
	}
	s := &story{l: l, id: record.NewID(l.o.Now()), at: p.at}
	some := func(least, most time.Duration) time.Duration {
		return least + time.Duration(r.Int64N(int64(most-least)))
	}
	impact, urgency := p.number(3), p.number(4)
	if r.IntN(9) == 0 && urgency > 1 {
		urgency--
	}
	channel := []string{"phone", "phone", "portal", "email"}[r.IntN(4)]
	s.then(0, desk, "create", "", set("title", p.text(5), "description", p.text(6), "service", l.ids["service/"+p.text(0)], "category", p.text(1),
		"reporter", reporter.ID, "customer", l.ids["customer/"+c.Name], "impact", impact, "urgency", urgency, "channel", channel, "major_decision", "no"))
	s.cmds[0].ID = s.id
	switch p.special {
	case "major-past", "major-running":
		l.major(s, p.special, desk, expert, reporter)
	case "forgotten": // nobody looked at it since: conformity names it (8.6.1-06)
		s.then(10*time.Minute, desk, "transition", "assign", set("team", l.ids["team/"+team], "assignee", expert.ID))
		s.then(20*time.Minute, expert, "transition", "start", nil)
		s.then(40*time.Minute, expert, "comment", "", set("body", "The maker of the app has the log, and will call back.", "internal", true))
	default:
		l.ordinary(s, p, r, some, desk, expert, reporter, team)
	}
	if !strings.HasPrefix(p.special, "major") {
		if err := s.watched(l.promises, p.customer, impact, urgency); err != nil {
			return err
		}
	}
	keep := &storage.ImportRow{Source: source, Key: record.Text(p.key), Digest: "1", Record: s.id}
	_, i, err := l.o.DoAll(ctx, l.o.Self(), s.cmds, l.o.Store.Insert(storage.TImportRow, nil, storage.Part(keep)))
	if err != nil && i >= 0 {
		return fmt.Errorf("demo: incident %s, %s %s: %w", p.key, s.cmds[i].Verb, s.cmds[i].Name, err)
	}
	return err
}

func (l *load) ordinary(s *story, p plan, r *rand.Rand, some func(a, b time.Duration) time.Duration, desk, expert, reporter *access.Principal, team string) {
	slow := r.IntN(14) == 0 // these break their promise
	stage := 9              // how far it has come: of the last days some are still being worked on
	if l.now.Sub(p.at) < 4*24*time.Hour {
		stage = r.IntN(12)
	}
	if stage == 0 && l.now.Sub(p.at) < 24*time.Hour {
		return // nobody has looked at it yet
	}
	s.then(some(2*time.Minute, 25*time.Minute), desk, "transition", "assign", set("team", l.ids["team/Service desk"], "assignee", desk.ID))
	if r.IntN(4) == 0 {
		s.then(some(time.Minute, 10*time.Minute), desk, "comment", "", set("body", "Thank you, we are looking at it.", "internal", false))
	}
	if stage <= 1 {
		return
	}
	if expert != desk {
		s.then(some(5*time.Minute, 40*time.Minute), desk, "update", "", set("team", l.ids["team/"+team], "assignee", expert.ID))
	}
	begin := some(3*time.Minute, 50*time.Minute)
	if slow {
		begin += some(4*time.Hour, 30*time.Hour)
	}
	s.then(begin, expert, "transition", "start", nil)
	switch {
	case stage <= 3:
		return
	case stage == 4:
		s.then(some(10*time.Minute, 2*time.Hour), expert, "transition", "wait", set("wait_reason", "customer", "comment", "Can you tell us since when?"))
		return
	}
	if r.IntN(5) == 0 {
		s.then(some(10*time.Minute, 2*time.Hour), expert, "transition", "wait", set("wait_reason", []string{"customer", "supplier", "other"}[r.IntN(3)], "comment", "Can you tell us since when?"))
		s.then(some(time.Hour, 20*time.Hour), expert, "transition", "resume", nil)
	}
	s.then(some(5*time.Minute, 90*time.Minute), expert, "comment", "", set("body", "Found it: "+p.text(7), "internal", true))
	work := some(5*time.Minute, 3*time.Hour)
	if slow {
		s.then(some(time.Hour, 8*time.Hour), desk, "transition", "escalate", set("reason", "the promise is at risk"))
		work += some(20*time.Hour, 90*time.Hour)
	}
	s.then(work, expert, "transition", "resolve", set("resolution", p.text(7), "resolution_code", []string{"fixed", "fixed", "workaround", "explained"}[r.IntN(4)]))
	if r.IntN(40) == 0 {
		s.then(some(time.Hour, 20*time.Hour), reporter, "transition", "reopen", set("reason", "It is back.", "comment", "It happened again this morning."))
		s.then(some(time.Hour, 6*time.Hour), expert, "transition", "resolve", set("resolution", p.text(7)+" The second time for good.", "resolution_code", "fixed"))
	}
	if r.IntN(3) > 0 {
		s.then(some(time.Hour, 40*time.Hour), reporter, "transition", "close", nil)
	} else {
		s.then(closing(s.at), nil, "transition", "close", set("reason", "no answer in time after it was resolved"))
	}
}

// closing is how long after at an incident closes by itself: five working days on.
func closing(at time.Time) time.Duration {
	end := at
	for left := 5; left > 0; {
		end = end.AddDate(0, 0, 1)
		if d := end.Weekday(); d != time.Saturday && d != time.Sunday {
			left--
		}
	}
	return end.Sub(at)
}

func (l *load) major(s *story, which string, desk, expert, reporter *access.Principal) {
	lead := l.who["birgit"]
	s.then(4*time.Minute, desk, "update", "", set("impact", 1, "urgency", 1, "major", true, "major_criterion", "critical_service_down", "major_procedure", l.ids["document/"+majorProcedure]))
	s.then(2*time.Minute, desk, "transition", "assign", set("team", l.ids["team/Networks"], "assignee", expert.ID))
	s.then(5*time.Minute, lead, "update", "", set("major_lead", lead.ID))
	s.then(3*time.Minute, expert, "transition", "start", nil)
	s.then(10*time.Minute, lead, "comment", "", set("body", "We know the cause and work on it. Next news within the hour.", "internal", false))
	if which == "major-running" {
		s.then(20*time.Minute, expert, "comment", "", set("body", "The spare part is on its way from Husum.", "internal", true))
		return
	}
	s.then(50*time.Minute, expert, "transition", "resolve", set("resolution", "Certificate renewed; service is back for everybody.", "resolution_code", "fixed"))
	s.then(30*time.Hour, lead, "update", "", set("major_report", "From 9:12 to 10:26 nobody could sign in. The certificate of the directory had expired.",
		"major_review", "The expiry was known to one person only. A register of all certificates with reminders is proposed as an improvement."))
	s.then(20*time.Hour, reporter, "transition", "close", nil)
}
