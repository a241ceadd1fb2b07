package store

import (
	"testing"

	"steward/kernel/query"
)

func TestAFilterOfAFewStatesIsReadStateByStateAndMeansTheSame(t *testing.T) {
	for in, want := range map[string][]string{
		`phase in ("open", "waiting")`:                     {`phase = "open"`, `phase = "waiting"`},
		`team = "x" and state in ("new", "new", "closed")`: {`team = "x" and state = "new"`, `team = "x" and state = "closed"`},
		`phase not in ("open", "waiting")`:                 nil,
		`phase in ("open", "waiting") or priority = 1`:     nil,
		`priority in (1, 2)`:                               nil,
	} {
		got := split(query.MustParse(in))
		if len(got) != len(want) {
			t.Errorf("%s: %v", in, got)
			continue
		}
		for i := range got {
			if got[i].String() != want[i] {
				t.Errorf("%s: %s, not %s", in, got[i], want[i])
			}
		}
	}
}
