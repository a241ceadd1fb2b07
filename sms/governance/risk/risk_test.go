package risk_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/governance/risk"
	"steward/store/storetest/migrated"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// world is a provider with risk criteria in force and a clock that the test moves.
type world struct {
	*testing.T
	o   *boot.Opened
	now time.Time
	ids map[string]record.ID
}

type fields map[string]any

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

func onBoth(t *testing.T, f func(w *world)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			w := &world{T: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), ids: map[string]record.ID{}}
			opt := boot.Options{Data: migrated.Data(t), CheapPasswords: true, Now: func() time.Time { return w.now }}
			if engine == "postgres" {
				opt.Data, opt.Database = t.TempDir(), migrated.Postgres(t)
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
			for name, role := range map[string]string{"olga": access.ProcessOwner, "olaf": access.ProcessOwner, "max": access.Management, "ada": access.Agent} {
				w.ids[name] = w.do("", lifecycle.Command{Process: "user", Verb: "create", Set: raw(fields{"title": name, "name": name, "roles": []fields{{"role": role}}})}).Record.Head().ID
			}
			f(w)
		})
	}
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

func (w *world) do(name string, c lifecycle.Command) *system.Result {
	w.Helper()
	c.Door = "test"
	res, err := w.o.Do(w.Context(), w.as(name), c)
	if err != nil {
		w.Fatal(err)
	}
	return res
}

func (w *world) refused(field, reason, name string, c lifecycle.Command) {
	w.Helper()
	c.Door = "test"
	_, err := w.o.Do(w.Context(), w.as(name), c)
	var e *fault.Error
	if !errors.As(err, &e) {
		w.Fatalf("wanted the refusal %s %s, got %v", field, reason, err)
	}
	for _, r := range e.Refusals {
		if r.Reason == reason && strings.HasPrefix(r.Field, field) {
			if r.Mend == "" && r.Reason != "required" {
				w.Errorf("%s does not say how to mend it", reason)
			}
			return
		}
	}
	w.Fatalf("wanted the refusal %s %s, got %v", field, reason, err)
}

// inForce makes a versioned record and puts its first version in force.
func (w *world) inForce(process string, f fields) record.ID {
	w.Helper()
	id := w.do("", lifecycle.Command{Process: process, Verb: "create", Set: raw(f)}).Record.Head().ID
	for _, verb := range []string{"version_submit", "version_approve"} {
		w.do("", lifecycle.Command{Process: process, Record: id, Verb: verb, Number: 1})
	}
	return id
}

// criteria: the line is 8; owners of processes accept up to 12, management up to 20, nobody more.
func (w *world) criteria() record.ID {
	w.Helper()
	return w.inForce("risk_criteria", fields{"title": "Criteria", "acceptance_line": 8,
		"levels":      []fields{{"name": "low", "from": 1}, {"name": "high", "from": 9}, {"name": "extreme", "from": 20}},
		"authorities": []fields{{"role": access.ProcessOwner, "up_to": 12}, {"role": access.Management, "up_to": 20}}})
}

func (w *world) policy(when string, order int, role string) {
	w.Helper()
	w.inForce("approval_policy", fields{"title": "Acceptance by " + role + " " + when, "process": "risk", "gate": "acceptance", "when": when, "order": order,
		"stages": []fields{{"who": "role", "role": role, "quorum": "any"}}})
}

func (w *world) risk(likelihood, consequence int) record.ID {
	w.Helper()
	return w.do("ada", lifecycle.Command{Process: "risk", Verb: "create", Set: raw(fields{"title": "The only expert leaves", "category": "organization",
		"cause": "one person knows it", "effect": "long outages", "customer_impact": "mail is down for days", "owner": w.ids["olga"],
		"likelihood": likelihood, "consequence": consequence})}).Record.Head().ID
}

func step(id record.ID, name string, set fields) lifecycle.Command {
	return lifecycle.Command{Process: "risk", Record: id, Verb: "transition", Name: name, Set: raw(set), Reason: "because"}
}

func edit(id record.ID, set fields) lifecycle.Command {
	return lifecycle.Command{Process: "risk", Record: id, Verb: "update", Set: raw(set)}
}

func (w *world) get(id record.ID) *risk.Risk {
	w.Helper()
	res, err := w.o.Get(w.Context(), w.o.Self(), "risk", id.String())
	if err != nil {
		w.Fatal(err)
	}
	return res.Record.(*risk.Risk)
}

// approve asks at the gate and has somebody say yes.
func (w *world) approve(id record.ID, by, who string) {
	w.Helper()
	r := w.do(by, lifecycle.Command{Process: "risk", Record: id, Verb: "round", Name: risk.Gate}).Side.(*storage.Round)
	w.do(who, lifecycle.Command{Process: "risk", Record: id, Verb: "vote", ID: r.ID, Set: raw(fields{"vote": "yes"})})
}

func (w *world) task(id record.ID, f fields) record.ID {
	w.Helper()
	set := fields{"title": "Train a second person", "parent": id, "kind": "treatment", "mandatory": true}
	for k, v := range f {
		set[k] = v
	}
	return w.do("olga", lifecycle.Command{Process: "task", Verb: "create", Set: raw(set)}).Record.Head().ID
}

// pass lets time go by and fires what is due.
func (w *world) pass(until time.Time) {
	w.Helper()
	for {
		due, err := w.o.DueTimers(w.Context(), until, 100)
		if err != nil {
			w.Fatal(err)
		}
		if len(due) == 0 {
			break
		}
		w.now = due[0].At.Time()
		if err := w.o.Fire(w.Context(), due[0]); err != nil {
			w.Fatal(err)
		}
	}
	w.now = until
}

func (w *world) told(name, topic string) int {
	w.Helper()
	lines, err := w.o.Inbox(w.Context(), w.as(name), false, record.ID{}, 100)
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

func TestARiskIsScoredByTheCriteriaInForce(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.risk(4, 5)
		w.refused("score", "no_criteria", "ada", step(id, "analyse", nil))
		c := w.criteria()
		w.refused("score", "read_only", "ada", edit(id, fields{"score": 1}))
		bare := w.do("ada", lifecycle.Command{Process: "risk", Verb: "create", Set: raw(fields{"title": "x", "category": "other_party"})}).Record.Head().ID
		for _, f := range []string{"cause", "effect", "customer_impact", "likelihood", "consequence", "owner"} {
			w.refused(f, "required", "ada", step(bare, "analyse", nil))
		}
		w.do("ada", step(id, "analyse", nil))
		r := w.get(id)
		if r.Score.N != 20 || r.Level != "extreme" || !bool(r.AboveLine) || r.Criteria != c || r.CriteriaNo.N != 1 || r.AnalysedBy != w.ids["ada"] || r.AnalysedAt == 0 {
			t.Errorf("analysed: %+v", r)
		}
		if r.NextReview != "2027-03-02" {
			t.Errorf("next review %s", r.NextReview)
		}
	})
}

func TestARiskAboveTheLineIsTreatedOnlyWithCompleteActions(t *testing.T) {
	onBoth(t, func(w *world) {
		w.criteria()
		id := w.risk(4, 4)
		w.do("ada", step(id, "analyse", nil))
		plan := fields{"treatment": "reduce", "residual_likelihood": 1, "residual_consequence": 4}
		w.refused("prevents_or_reduces", "required", "olga", step(id, "treat", plan))
		plan["prevents_or_reduces"] = "reduces"
		w.refused("treatment", "no_action", "olga", step(id, "treat", plan))
		a := w.task(id, fields{"assignee": w.ids["ada"]})
		w.refused("TSK-1", "action_incomplete", "olga", step(id, "treat", plan))
		w.do("olga", lifecycle.Command{Process: "task", Record: a, Verb: "update", Set: raw(fields{"due": "2026-04-01T00:00:00Z", "priority": 2})})
		w.do("olga", step(id, "treat", plan))
		w.refused("effectiveness", "required", "olga", step(id, "monitor", fields{"review_every": "P6M"}))
		if r := w.get(id); r.State != risk.Treated || r.ResidualScore.N != 4 || bool(r.AboveLine) || r.Level != "low" {
			t.Errorf("treated: %+v", r)
		}
		// What the action brought is said once it is done, and stays.
		found := fields{"evaluations": []fields{{"task": a, "result": "partly", "finding": "she is slower", "residual_likelihood": 2, "residual_consequence": 4}}}
		w.refused("evaluations", "not_done", "olga", edit(id, found))
		w.refused("", "tasks_open", "olga", step(id, "monitor", fields{"review_every": "P6M", "effectiveness": "effective"}))
		w.do("ada", lifecycle.Command{Process: "task", Record: a, Verb: "transition", Name: "complete", Set: raw(fields{"outcome": "done"})})
		w.do("olga", edit(id, found))
		r := w.get(id)
		if len(r.Evaluations) != 1 || r.Evaluations[0].ResidualScore.N != 8 || r.Evaluations[0].By != w.ids["olga"] || r.Evaluations[0].At == 0 || r.ResidualScore.N != 8 {
			t.Errorf("evaluated: %+v", r.Evaluations)
		}
		w.refused("evaluations", "fixed", "olga", edit(id, fields{"evaluations": []fields{}}))
		w.refused("evaluations", "fixed", "olga", edit(id, fields{"evaluations": []fields{{"id": r.Evaluations[0].ID, "result": "effective"}}}))
		w.do("olga", step(id, "monitor", fields{"review_every": "P6M", "effectiveness": "effective"}))
		if r := w.get(id); r.State != risk.Monitored || r.NextReview != "2026-09-02" || r.EffectivenessBy != w.ids["olga"] {
			t.Errorf("monitored: %+v", r)
		}
		w.pass(time.Date(2026, 9, 3, 0, 0, 0, 0, time.UTC))
		if n := w.told("olga", "risk_review_due"); n != 1 {
			t.Errorf("the owner was asked %d times to review it", n)
		}
		w.do("olga", step(id, "review", nil))
		if r := w.get(id); r.NextReview != "2027-03-03" || r.ReviewedBy != w.ids["olga"] {
			t.Errorf("reviewed: %s", r.NextReview)
		}
	})
}

// ready is an analysed risk that is to be accepted as it is.
func (w *world) ready(likelihood, consequence int, until string) record.ID {
	w.Helper()
	id := w.risk(likelihood, consequence)
	w.do("ada", step(id, "analyse", nil))
	set := fields{"treatment": "accept", "acceptance_reason": "cheaper than the cure"}
	if until != "" {
		set["accepted_until"] = until
	}
	w.do("olga", edit(id, set))
	return id
}

func TestARiskIsAcceptedOnlyByARoleThatCoversItsScore(t *testing.T) {
	onBoth(t, func(w *world) {
		w.criteria()
		id := w.ready(4, 4, "2026-12-31")
		w.refused("gate", "no_policy", "olga", lifecycle.Command{Process: "risk", Record: id, Verb: "round", Name: risk.Gate})
		w.policy("", 50, access.ProcessOwner)
		w.refused("", "approval_missing", "olga", step(id, "accept", nil))
		w.approve(id, "olga", "olaf") // as the policy says, and yet not enough: 16 is above their 12
		w.refused("accepted_by", "not_authorised", "olga", step(id, "accept", nil))
		w.policy("score > 12", 10, access.Management)
		w.do("olga", edit(id, fields{"acceptance_reason": "cheaper than the cure, by far"})) // asked anew
		w.approve(id, "olga", "max")
		w.do("olga", step(id, "accept", nil))
		r := w.get(id)
		if r.State != risk.Accepted || r.AcceptedBy != w.ids["max"] || r.AcceptedAs != access.Management || r.AcceptedScore.N != 16 || r.AcceptedAt == 0 {
			t.Errorf("accepted: %+v", r)
		}
		extreme := w.ready(5, 5, "2026-12-31")
		w.approve(extreme, "olga", "max")
		w.refused("accepted_by", "not_authorised", "olga", step(extreme, "accept", nil))
		small := w.ready(2, 4, "")
		w.approve(small, "olga", "olaf")
		w.do("olga", step(small, "accept", nil)) // at the line: without an end
	})
}

func TestWhatIsAboveTheLineIsNotAcceptedWithoutAnEnd(t *testing.T) {
	onBoth(t, func(w *world) {
		w.criteria()
		w.policy("", 1, access.Management)
		for until, reason := range map[string]string{"": "required", "2026-03-01": "past", "2027-03-03": "too_far"} {
			id := w.ready(3, 4, until)
			w.approve(id, "olga", "max")
			w.refused("accepted_until", reason, "olga", step(id, "accept", nil))
		}
		id := w.ready(3, 4, "2027-03-02")
		w.approve(id, "olga", "max")
		w.refused("accepted_until", "changed_since_approval", "olga", step(id, "accept", fields{"accepted_until": "2026-06-30"}))
		w.do("olga", step(id, "accept", nil))
	})
}

func TestAnAcceptanceThatEndsHasTheRiskAnalysedAgain(t *testing.T) {
	onBoth(t, func(w *world) {
		w.criteria()
		w.policy("", 1, access.Management)
		id := w.ready(3, 4, "2026-06-30")
		w.approve(id, "olga", "max")
		w.do("olga", step(id, "accept", nil))
		w.do("olga", step(id, "monitor", fields{"review_every": "P12M"}))
		w.pass(time.Date(2026, 6, 30, 23, 59, 0, 0, time.UTC))
		if r := w.get(id); r.State != risk.Monitored || w.told("olga", "risk_acceptance_ends_soon") != 1 {
			t.Fatalf("on its last day it is %s, and its owner was warned %d times", r.State, w.told("olga", "risk_acceptance_ends_soon"))
		}
		w.pass(time.Date(2026, 7, 1, 0, 1, 0, 0, time.UTC))
		r := w.get(id)
		if r.State != risk.Analysed || r.Phase != "open" || r.AcceptedAt != 0 || r.AcceptanceEnded == 0 {
			t.Fatalf("the day after it is %s", r.State)
		}
		if w.told("olga", "risk_acceptance_ended") != 1 || w.told("olaf", "risk_acceptance_ended") != 1 {
			t.Error("nobody was told")
		}
		w.refused("", "approval_missing", "olga", step(id, "accept", nil)) // the old approval is spent
	})
}

func TestAnAcceptedRiskThatGrowsIsAcceptedNoLonger(t *testing.T) {
	onBoth(t, func(w *world) {
		w.criteria()
		w.policy("", 1, access.Management)
		for name, change := range map[string]fields{"likelier": {"likelihood": 4}, "for longer": {"accepted_until": "2026-07-31"}, "treated otherwise": {"treatment": "share"}} {
			id := w.ready(3, 4, "2026-06-30")
			w.approve(id, "olga", "max")
			w.do("olga", step(id, "accept", nil))
			w.do("olga", edit(id, fields{"tags": []string{"kept"}}))
			w.do("olga", edit(id, fields{"likelihood": 2}))
			if r := w.get(id); r.State != risk.Accepted {
				t.Fatalf("a smaller risk is %s", r.State)
			}
			w.do("olga", edit(id, change))
			if r := w.get(id); r.State != risk.Analysed || r.AcceptedAt != 0 {
				t.Errorf("%s, and it is %s", name, r.State)
			}
		}
	})
}

func TestWhoScoredARiskDoesNotAcceptIt(t *testing.T) {
	onBoth(t, func(w *world) {
		w.criteria()
		w.policy("", 1, access.Management)
		id := w.risk(3, 4)
		w.do("max", step(id, "analyse", nil))
		w.do("olga", edit(id, fields{"treatment": "accept", "acceptance_reason": "x", "accepted_until": "2026-06-30"}))
		w.refused("gate", "nobody_to_ask", "olga", lifecycle.Command{Process: "risk", Record: id, Verb: "round", Name: risk.Gate})
	})
}

func TestARiskAboveTheLineIsWatchedAndNotClosed(t *testing.T) {
	onBoth(t, func(w *world) {
		w.criteria()
		id := w.risk(4, 4)
		w.do("ada", step(id, "analyse", nil))
		w.refused("close_reason", "required", "olga", step(id, "close", nil))
		w.refused("score", "above_line", "olga", step(id, "close", fields{"close_reason": "we do not like it"}))
		w.do("olga", step(id, "close", fields{"close_reason": "the service has ended", "treatment": "avoid"}))
		w.do("olga", step(id, "reopen", nil))
		if r := w.get(id); r.State != risk.Identified || r.ClosedAt != 0 {
			t.Errorf("reopened: %s", r.State)
		}
	})
}

func TestNewCriteriaApplyToNewJudgements(t *testing.T) {
	onBoth(t, func(w *world) {
		c := w.criteria()
		id := w.risk(2, 4)
		w.do("ada", step(id, "analyse", nil))
		w.do("", lifecycle.Command{Process: "risk_criteria", Record: c, Verb: "version", Set: raw(fields{"acceptance_line": 4})})
		w.now = w.now.AddDate(0, 0, 1)
		for _, verb := range []string{"version_submit", "version_approve"} {
			w.do("", lifecycle.Command{Process: "risk_criteria", Record: c, Verb: verb, Number: 2})
		}
		w.do("olga", edit(id, fields{"source": "audit"}))
		if r := w.get(id); bool(r.AboveLine) || r.CriteriaNo.N != 1 {
			t.Errorf("an edit judged it anew: above %v by version %d", r.AboveLine, r.CriteriaNo.N)
		}
		w.do("ada", step(id, "analyse", nil))
		if r := w.get(id); !bool(r.AboveLine) || r.CriteriaNo.N != 2 {
			t.Errorf("analysed anew: above %v by version %d", r.AboveLine, r.CriteriaNo.N)
		}
		w.refused("authorities", "unknown_choice", "", lifecycle.Command{Process: "risk_criteria", Verb: "create", Set: raw(fields{"title": "x", "acceptance_line": 4, "authorities": []fields{{"role": "king", "up_to": 25}}})})
		w.refused("authorities", "required", "", lifecycle.Command{Process: "risk_criteria", Verb: "create", Set: raw(fields{"title": "x", "acceptance_line": 4})})
	})
}

func TestAnOpportunityIsPursuedOrDeclinedForAReason(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.do("ada", lifecycle.Command{Process: "opportunity", Verb: "create", Set: raw(fields{"title": "Self service", "category": "sms_outcome", "owner": w.ids["olga"]})}).Record.Head().ID
		go_ := func(name string, set fields) lifecycle.Command {
			c := step(id, name, set)
			c.Process = "opportunity"
			return c
		}
		w.refused("benefit", "required", "ada", go_("evaluate", nil))
		w.do("ada", go_("evaluate", fields{"benefit": "fewer calls", "effort": "two weeks", "benefit_score": 4, "effort_score": 2, "customer_impact": "answers at night"}))
		w.refused("decision_reason", "required", "olga", go_("pursue", nil))
		res := w.do("olga", go_("pursue", fields{"decision_reason": "pays for itself"}))
		o := res.Record.(*risk.Opportunity)
		if o.Score.N != 16 || o.DecidedBy != w.ids["olga"] || o.EvaluatedBy != w.ids["ada"] {
			t.Errorf("pursued: %+v", o)
		}
		a := w.task(id, nil)
		w.refused("", "tasks_open", "olga", go_("finish", fields{"result": "done", "effectiveness": "effective"}))
		w.do("olga", lifecycle.Command{Process: "task", Record: a, Verb: "transition", Name: "complete", Set: raw(fields{"outcome": "done"})})
		w.do("olga", go_("finish", fields{"result": "a third fewer calls", "effectiveness": "effective"}))
	})
}

func TestAnAuditorReadsTheRegisterAndChangesNothing(t *testing.T) {
	onBoth(t, func(w *world) {
		w.criteria()
		id := w.risk(3, 3)
		w.ids["audrey"] = w.do("", lifecycle.Command{Process: "user", Verb: "create", Set: raw(fields{"title": "audrey", "name": "audrey", "roles": []fields{{"role": access.Auditor}}})}).Record.Head().ID
		l, err := w.o.List(w.Context(), w.as("audrey"), system.ListQuery{Process: "risk", Filter: `score > 8 and category = "organization"`})
		if err != nil || len(l.Records) != 1 {
			t.Fatalf("the register: %v, %v", l, err)
		}
		for _, c := range []lifecycle.Command{edit(id, fields{"title": "x"}), step(id, "analyse", nil), {Process: "risk", Record: id, Verb: "round", Name: risk.Gate}} {
			if _, err := w.o.Do(w.Context(), w.as("audrey"), c); !fault.Is(err, fault.Denied) {
				t.Errorf("%s %s: %v", c.Verb, c.Name, err)
			}
		}
		if !slices.Contains(risk.Process.Legal(risk.Identified), "analyse") {
			t.Error("an identified risk cannot be analysed")
		}
	})
}
