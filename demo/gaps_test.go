package demo_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"steward/boot"
	"steward/demo"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
)

// attested are the requirements that only the word of top management decides.
var attested = map[string]bool{"5.1-06": true, "5.1-10": true, "5.1-12": true}

func TestOfWhatIsBuiltAllConformsButTheGapsLeftOnPurpose(t *testing.T) {
	ctx := context.Background()
	wednesday, began := time.Date(2026, 11, 25, 14, 30, 0, 0, time.UTC), time.Now()
	now := func() time.Time { return wednesday.Add(time.Since(began)) }
	o, err := boot.Open(ctx, boot.Options{Data: t.TempDir(), CheapPasswords: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	o.Start(ctx) // timers fire while it is loaded, as they do when it is served
	defer o.Stop()
	l, err := demo.Load(ctx, o, demo.Options{Days: 75})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Wait(); err != nil {
		t.Fatal(err)
	}
	r, err := conformity.New(o.System, catalogue.BuiltIn(), sms.Checks()).Evaluate(ctx, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]bool{}
	at := func(requirement string, state catalogue.State, says string) *conformity.Item {
		expected[requirement] = true
		i := r.Item(requirement)
		if i == nil || !i.Decided || i.State != state {
			t.Errorf("%s: %v, not %s: %s", requirement, i.State, state, i.Reason)
			return i
		}
		if words := i.Reason + failing(i); !strings.Contains(words, says) {
			t.Errorf("%s says %q, and not %q", requirement, words, says)
		}
		return i
	}
	for _, g := range demo.Gaps {
		i := at(g.Requirement, g.State, g.Says)
		found, err := o.List(ctx, o.Self(), system.ListQuery{Process: g.Process, Filter: "title = " + string(record.AppendString(nil, g.Title)), Limit: 100})
		if err != nil || len(found.Records) == 0 {
			t.Errorf("%s: no %s %q shows it (%v)", g.Requirement, g.Process, g.Title, err)
			continue
		}
		if asks := i.Failing; len(asks) > 0 && asks[len(asks)-1].About.Process == g.Process && !record.ID(asks[len(asks)-1].About.ID).IsZero() {
			named := false
			for _, x := range found.Records {
				for _, m := range asks {
					named = named || record.ID(m.About.ID) == x.Head().ID
				}
			}
			if !named {
				t.Errorf("%s does not name the %s %q: %s", g.Requirement, g.Process, g.Title, i.Reason+failing(i))
			}
		}
	}
	for _, u := range demo.Unbuilt {
		at(u.Requirement, u.State, u.Says)
	}
	conform := 0
	for _, i := range r.Items {
		switch {
		case !i.Decided || expected[i.Requirement.ID]:
		case i.State == catalogue.Conforms || i.State == catalogue.Attested && attested[i.Requirement.ID]:
			conform++
		default:
			t.Errorf("%s is %s, which nobody meant: %s", i.Requirement.ID, i.State, i.Reason)
		}
	}
	if len(demo.Gaps) < 20 || conform < 5*len(demo.Gaps) {
		t.Errorf("%d conform beside %d gaps", conform, len(demo.Gaps))
	}
}

// failing are the members that fail, in words.
func failing(i *conformity.Item) string {
	var b strings.Builder
	for _, m := range i.Failing {
		fmt.Fprintf(&b, "; %s: %s", m.About.Ref, m.Verdict.At(i.At).Reason)
	}
	return b.String()
}
