package boot_test

import (
	"context"
	"testing"
	"time"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/people"
	"steward/kernel/record"
	"steward/kernel/system"
)

// A list of the past is kept for its next page. A record that is touched in between used to vanish
// from it: it no longer stood as it was, and had not been wound back.
func TestAListOfThePastKeepsWhatIsTouchedWhileItIsRead(t *testing.T) {
	onBoth(t, func(t *testing.T, o *boot.Opened) {
		ctx := context.Background()
		do := func(c lifecycle.Command) *system.Result {
			t.Helper()
			c.Door = "test"
			return must(o.Do(ctx, o.Self(), c))(t)
		}
		u := do(lifecycle.Command{Process: "user", Verb: "create", Set: set("title", "Ann", "name", "ann", "roles", []any{map[string]any{"role": "agent"}})})
		then := o.Now()
		time.Sleep(2 * time.Millisecond)
		read := func() *people.User {
			t.Helper()
			l := must(o.List(ctx, o.Self(), system.ListQuery{Process: "user", AsOf: then, Lines: true, Filter: `name = "ann"`}))(t)
			if len(l.Records) != 1 {
				t.Fatalf("%d users", len(l.Records))
			}
			n := 0
			err := o.Each(ctx, o.Self(), system.ListQuery{Process: "user", AsOf: then, Filter: `name = "ann"`}, func(record.Record, *record.Version) error { n++; return nil })
			if err != nil || n != 1 {
				t.Errorf("streamed %d: %v", n, err)
			}
			return l.Records[0].(*people.User)
		}
		read()
		id := u.Record.Head().ID
		do(lifecycle.Command{Process: "user", Record: id, Verb: "update", Set: set("title", "Anna", "roles", []any{})})
		if was := read(); was.Title != "Ann" || len(was.Roles) != 1 || was.Roles[0].Role != "agent" {
			t.Errorf("as of then: %s with %v", was.Title, was.Roles)
		}
		now := must(o.List(ctx, o.Self(), system.ListQuery{Process: "user", Lines: true, Filter: `name = "ann"`}))(t).Records[0].(*people.User)
		if now.Title != "Anna" || len(now.Roles) != 0 {
			t.Errorf("now: %s with %v", now.Title, now.Roles)
		}
	})
}
