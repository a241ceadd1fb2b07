package boot_test

import (
	"context"
	"strings"
	"testing"

	"steward/boot"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// What was approved is what somebody answers for: whoever changes it with another program than
// Steward is found.
func TestTheDoctorFindsAVersionThatIsNotWhatWasApproved(t *testing.T) {
	onBoth(t, func(t *testing.T, o *boot.Opened) {
		ctx := context.Background()
		run := func(sql string) {
			t.Helper()
			if err := o.Store.Apply(ctx, []storage.Statement{{SQL: sql, Want: -1}}); err != nil {
				t.Fatal(err)
			}
		}
		found := func() string {
			t.Helper()
			var out []string
			for _, f := range must(o.Examine(ctx, system.Doctor{Replay: -1}))(t) {
				if strings.Contains(f.What, "what their events make them") {
					out = append(out, f.Found)
				}
			}
			return strings.Join(out, "; ")
		}
		if f := found(); f != "" {
			t.Fatalf("a new system: %s", f)
		}
		for _, x := range []struct{ change, back, want string }{
			{"update incident_policy_version set close_after_days = 99", "update incident_policy_version set close_after_days = 5", "is not what was handed in"},
			{"update incident_policy_version set effective_from = null", "", "is approved without a day"},
		} {
			run(x.change)
			if f := found(); !strings.Contains(f, x.want) {
				t.Errorf("after %q: %q, want %q", x.change, f, x.want)
			}
			if x.back != "" {
				run(x.back)
			}
		}
	})
}
