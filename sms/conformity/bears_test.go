package conformity_test

import (
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/crosswalk"
)

// bears is what a record shows, by requirement.
func (w *world) bears(name string, asOf time.Time) map[string]conformity.Borne {
	w.Helper()
	r := w.ids[name]
	all, err := w.e.Bears(ctx, w.o.Self(), r.Process.Name, r.Ref(), asOf)
	if err != nil {
		w.Fatal(err)
	}
	out := map[string]conformity.Borne{}
	for _, b := range all {
		if _, twice := out[b.Requirement.ID]; twice {
			w.Errorf("%s twice for %s", b.Requirement.ID, name)
		}
		out[b.Requirement.ID] = b
	}
	return out
}

func TestARecordBearsOnTheRequirementsItIsAskedForAndThoseThatRestOnIt(t *testing.T) {
	atOnce(t, func(w *world) {
		before := w.now
		desk(w)
		chamber(w)
		inc := w.bears("plain", time.Time{})
		if b := inc["8.6.1-02"]; b.State != catalogue.Conforms {
			w.Errorf("its priority: %+v", b)
		}
		if _, ok := inc["8.6.1-10"]; ok {
			w.Error("a plain incident is asked what is asked of major ones")
		}
		if _, ok := inc["9.2-01"]; ok {
			w.Error("an incident shows an audit programme")
		}
		audit := w.bears("audit", time.Time{})
		if len(audit) == 0 {
			w.Fatal("an audit shows nothing")
		}
		for id, b := range audit {
			whole := w.item(id)
			if b.Requirement.ID != id || !whole.State.Holds() && b.State.Fails() && b.Reason == "" {
				w.Errorf("%s: %+v", id, b)
			}
		}
		for _, id := range []string{"9.2-04", "9.2-01"} { // asked of each audit; and of the programme, which rests on it
			if b := audit[id]; b.State != catalogue.Conforms {
				w.Errorf("%s: %+v", id, b)
			}
		}
		if past := w.bears("plain", before); len(past) > 0 {
			w.Errorf("before there was anything: %v", past)
		}

		// What the record lacks it lacks for every framework; what was so then stays so as of then.
		held := w.now
		w.pass(time.Hour)
		w.update("plain", fields{"category": nil})
		now, then := w.bears("plain", time.Time{})["8.6.1-01"], w.bears("plain", held)["8.6.1-01"]
		if now.State != catalogue.Gap || now.Reason == "" || then.State != catalogue.Conforms {
			w.Errorf("now %+v, then %+v", now, then)
		}

		// The same evidence as another framework sees it follows the verdicts, as of any day.
		f, err := crosswalk.BuiltIn().Framework("fitsm-1")
		if err != nil {
			w.Fatal(err)
		}
		for _, tc := range []struct {
			at    time.Time
			state catalogue.State
		}{{held, catalogue.Conforms}, {time.Time{}, catalogue.Partial}} {
			p := f.Picture(w.report(tc.at))
			for _, v := range p.Items {
				if v.Code != "PR9" {
					continue
				}
				found := false
				for _, d := range v.Duties {
					if d.Requirement == "8.6.1-01" {
						found = d.State == tc.state
					}
				}
				if !found {
					w.Errorf("as of %v PR9 does not say that 8.6.1-01 is %s", tc.at, tc.state)
				}
			}
		}

		if _, err := w.e.Bears(ctx, w.o.Self(), "incident", "INC-999", time.Time{}); !fault.Is(err, fault.NotFound) {
			w.Error(err)
		}
		if _, err := w.e.Bears(ctx, w.user("stranger", access.Requester), "audit", w.ids["audit"].Ref(), time.Time{}); err == nil {
			w.Error("read by one who may not know of it")
		}
	})
}
