package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"steward/sms"
)

func TestAValueIsReadAsItsFieldWantsIt(t *testing.T) {
	p := sms.Registry().Process("incident")
	for _, tc := range []struct{ name, text, want string }{
		{"title", "404", `"404"`}, {"title", "true", `"true"`}, {"title", `{"a":1}`, `"{\"a\":1}"`}, {"description", "", `""`},
		{"impact", "2", `2`}, {"impact", "", `null`}, {"impact", "high", `"high"`}, {"impact", "12345678901234567890", `12345678901234567890`},
		{"major", "true", `true`}, {"service", "SVC-1", `"SVC-1"`}, {"service", "null", `null`},
		{"tags", "net, vpn ,", `["net","vpn"]`}, {"tags", `["a b"]`, `["a b"]`}, {"tags", "", `null`},
		{"comment", "42", `"42"`}, {"internal", "true", `true`}, {"reason", "because", `"because"`},
		{"custom.floor", "3", `3`}, {"custom.floor", "third", `"third"`}, {"blanks", `{"impact":{"reason":"unknown"}}`, `{"impact":{"reason":"unknown"}}`},
	} {
		v, err := value(p, tc.name, tc.text)
		if err != nil {
			t.Errorf("%s=%s: %v", tc.name, tc.text, err)
			continue
		}
		if b, err := json.Marshal(v); err != nil || string(b) != tc.want {
			t.Errorf("%s=%s became %s, want %s (%v)", tc.name, tc.text, b, tc.want, err)
		}
	}
	if _, err := value(p, "blanks", "nonsense"); err == nil {
		t.Error("blanks that are no JSON were taken")
	}
}

func TestAYAMLFileSaysWhatTheSameJSONSays(t *testing.T) {
	var y, j map[string]any
	if err := document([]byte("title: 2026-01-31\nimpact: 2\nmajor: yes\nopened_at: 2026-01-31T10:00:00Z\ntags: [a, 'b']\nowner: ~\nlines:\n  - from: \"08:00\"\n    weekday: 1\n"), &y); err != nil {
		t.Fatal(err)
	}
	if err := document([]byte(`{"title":"2026-01-31","impact":2,"major":"yes","opened_at":"2026-01-31T10:00:00Z","tags":["a","b"],"owner":null,"lines":[{"from":"08:00","weekday":1}]}`), &j); err != nil {
		t.Fatal(err)
	}
	a, err := json.Marshal(y)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	if string(a) != string(b) {
		t.Errorf("YAML: %s\nJSON: %s", a, b)
	}
	for _, bad := range []string{"- a\n", "a: [", "a: &x 1\nb: *x\n"} {
		if err := document([]byte(bad), &y); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestALifetimeIsReadInDaysHoursOrISO(t *testing.T) {
	for text, hours := range map[string]float64{"90d": 2160, "12h": 12, "P1D": 24, "PT1H30M": 1.5, "": 0} {
		if d, err := lifetime(text); err != nil || d.Hours() != hours {
			t.Errorf("%q: %v %v", text, d, err)
		}
	}
	for _, bad := range []string{"0d", "-1h", "soon", "d", "99999999d"} {
		if _, err := lifetime(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestNothingThatATerminalWouldObeyIsPrinted(t *testing.T) {
	if got := cell("a\x1b[31mb\nc\u009bd\x7f"); strings.ContainsAny(got, "\x1b\n\u009b\x7f") {
		t.Errorf("%q", got)
	}
	if got := cell(strings.Repeat("ü", 500)); len([]rune(got)) != widest {
		t.Errorf("%d characters wide", len([]rune(got)))
	}
}

func TestAPasswordInAnAddressIsNotShown(t *testing.T) {
	for url, want := range map[string]string{"postgres://steward:secret@db/x": "postgres://steward@db/x", "postgres://db/x": "postgres://db/x", "sqlite:a/b.db": "sqlite:a/b.db"} {
		if got := shown(url); got != want {
			t.Errorf("%s is shown as %s, want %s", url, got, want)
		}
	}
}
