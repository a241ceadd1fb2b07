package query

import (
	"strings"
	"testing"
)

// In each input | is the cursor; what is offered is shown as the input with the word put in.
func TestCompletionOffersWhatMayStandThere(t *testing.T) {
	for _, tc := range []struct{ input, want string }{
		{"pri|", "priority"}, {"|", "id title description text state"}, {"major and op|", "opened_at"}, {"(ov|", "overdue"}, {"li|", "linked("}, {"not ma|", "major"}, {"sal|", ""}, {"custom.f|", "custom.floor"},
		{"service.c|", "service.criticality"}, {"service.|", "service.criticality service.title service.owner service.live"}, {"nothing.|", ""},
		{"priority |", "= != < <= > >= in not in is blank is not blank"}, {"major |", "= != and or"}, {"state n|", "not in"}, {"state not |", "in"}, {"state is |", "blank not blank"}, {"state is not |", "blank"}, {"text |", "~"}, {"nonsense |", ""}, {"(overdue |", "and or )"},
		{"state = |", `"new" "assigned" "in_progress" "pending" "resolved"`}, {`state = "in|`, `"in_progress"`}, {`state = 'n|`, `"new"`}, {"state = as|", `"assigned"`}, {`state in ("new", "a|`, `"assigned"`}, {`state in |`, `(`}, {`state in ("new" |`, `, )`},
		{"major = t|", "true"}, {"assignee = m|", "me my_teams"}, {"opened_at > n|", "now now - 7d"}, {"priority = 1 |", "and or"}, {"priority = 1 an|", "and"}, {"(priority = 1 |", "and or )"}, {"(priority = 1) |", "and or"}, {"opened_at > now - 7d |", "and or"},
		{"priority = = |", ""}, {"priority = 1 priority|", ""}, {"priority = 1 and § |", ""},
	} {
		input, rest, _ := strings.Cut(tc.input, "|")
		var got []string
		for _, s := range Complete(desk{"t"}, input+rest, len(input)) {
			if s.Class == "" || s.From > len(input) || s.To < s.From {
				t.Errorf("%s: %+v", tc.input, s)
			}
			got = append(got, s.Text)
		}
		text := strings.Join(got, " ")
		if tc.input == "|" {
			text = text[:len(tc.want)]
		}
		if text != tc.want {
			t.Errorf("%s offers %s, want %s", tc.input, text, tc.want)
		}
	}
}

func TestACompletionReplacesTheWholeWord(t *testing.T) {
	for input, want := range map[string]string{
		"pri|ority = 1": "priority = 1", `state = "n|ew" and major`: `state = "new" and major`, `state = "pend|`: `state = "pending"`, "major and |": "major and id", "service.cri|t": "service.criticality",
	} {
		before, after, _ := strings.Cut(input, "|")
		got := Complete(desk{"t"}, before+after, len(before))
		if len(got) == 0 {
			t.Errorf("%s: nothing offered", input)
			continue
		}
		if s := (before + after)[:got[0].From] + got[0].Text + (before + after)[got[0].To:]; s != want {
			t.Errorf("%s becomes %s, want %s", input, s, want)
		}
	}
}

func FuzzCompletionNeverFailsAndStaysInside(f *testing.F) {
	f.Add("service.crit and state in (\"n", 14)
	f.Add("é = 'ü", 3)
	f.Fuzz(func(t *testing.T, s string, cursor int) {
		for _, c := range Complete(desk{"t"}, s, cursor) {
			if c.From < 0 || c.From > c.To || c.To > len(s) {
				t.Errorf("%q at %d: %+v", s, cursor, c)
			}
		}
	})
}

func TestOnlyFiltersThatAnIndexCanAnswerAreServable(t *testing.T) {
	for filter, want := range map[string]bool{
		"priority = 1": true, "priority != 1": false, "priority > 1 and title ~ 'x'": true, "title ~ 'x'": false, "title = 'x'": false, "text ~ 'x' and title = 'y'": true,
		"state in ('new')": true, "state not in ('new')": false, "not priority = 1": false, "priority = 1 or state = 'new'": true, "priority = 1 or title = 'x'": false, "(priority = 1 or title = 'x') and opened_at > now - 1d": true,
		"overdue": true, "in_force()": false, "major": false, "priority is blank": true, "priority is not blank": false, "service.criticality = 1": false, "service = 'VPN'": true, "tags = 'x'": false,
	} {
		e := MustParse(filter)
		if got := Servable(e, desk{"t"}); got != want {
			t.Errorf("%s: servable is %v", filter, got)
		}
		if err := CheckServable(e, desk{"t"}, ServableRows); err != nil {
			t.Errorf("%s: refused on a small table: %v", filter, err)
		}
		err := CheckServable(e, desk{"t"}, ServableRows+1)
		if bad, ok := err.(*Error); (err == nil) != want || !want && (!ok || bad.Reason != ReasonUnservable || !strings.Contains(bad.Mend, "id, text, state, priority, opened_at, service")) {
			t.Errorf("%s on a large table: %v", filter, err)
		}
	}
	if !Servable(nil, desk{"t"}) || CheckServable(nil, desk{"t"}, 1e9) != nil {
		t.Error("a list without a filter was refused")
	}
}

func TestTheNameThatWasMeantIsTheOneFewestSlipsAway(t *testing.T) {
	for word, want := range map[string]string{"ownre": "owner", "OWNER": "owner", "owne": "owned", "titl": "title", "zzz": "", "x": ""} {
		if got := nearest(word, []string{"owned", "owner", "title", "xyz"}); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}
