package query

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what comes out into testdata/filters.txt")

// Each expression of testdata/filters.txt stands beside its canonical form and its SQL on both
// engines, or the error it gives.
func TestFiltersBecomeTheSQLOnFile(t *testing.T) {
	const file = "testdata/filters.txt"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	n := 0
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			out.WriteString(line)
		}
		if src, ok := strings.CutPrefix(line, "> "); ok {
			n++
			out.WriteString("\n" + line + outcome(t, strings.TrimSuffix(src, "\n")))
		}
	}
	if n < 60 {
		t.Errorf("only %d expressions on file", n)
	}
	if *update {
		if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, want := strings.Split(out.String(), "\n"), strings.Split(string(raw), "\n")
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("%s:%d differs (see what -update makes of it)\ngot  %s\nwant %s", file, i+1, strings.Join(got[min(i, len(got)):min(i+1, len(got))], ""), strings.Join(want[min(i, len(want)):min(i+1, len(want))], ""))
		}
	}
}

func outcome(t *testing.T, src string) string {
	e, err := Parse(src)
	if err != nil {
		return complaint(err)
	}
	out := "  " + e.String() + "\n"
	var same string
	for _, d := range []Dialect{SQLite, Postgres} {
		f, err := Compile(e, desk{"t"}, testEnv(t), d)
		if err != nil {
			return out + complaint(err)
		}
		text := "\t" + f.SQL + "\n"
		if d == Postgres {
			text = "\t" + Renumber(f.SQL) + "\n"
		}
		if len(f.Args) > 0 {
			text += "\t\t"
			for i, a := range f.Args {
				if i > 0 {
					text += ", "
				}
				if b, ok := a.([]byte); ok {
					text += fmt.Sprintf("%x", b)
				} else {
					text += fmt.Sprintf("%T %v", a, a)
				}
			}
			text += "\n"
		}
		if text != same {
			out += text
		}
		same = text
	}
	return out
}

func complaint(err error) string {
	e, ok := err.(*Error)
	if !ok {
		return "  not an *Error: " + err.Error() + "\n"
	}
	return fmt.Sprintf("  error %d (%d:%d) %s: %s | %s\n", e.Pos, e.Line, e.Column, e.Reason, e.Detail, e.Mend)
}

func TestLimitsAreHeldWithoutHarm(t *testing.T) {
	terms := func(n int) string { return strings.TrimSuffix(strings.Repeat("major and ", n), " and ") }
	values := func(n int) string { return "priority in (" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + ")" }
	for _, tc := range []struct {
		what, src, reason string
		pos               int
	}{
		{"40 terms", terms(MaxTerms), "", 0}, {"41 terms", terms(MaxTerms + 1), ReasonTooManyTerms, 400},
		{"500 values", values(MaxValues), "", 0}, {"501 values", values(MaxValues + 1), ReasonTooManyValues, 13 + 2*MaxValues},
		{"50 parentheses", strings.Repeat("(", 50) + "major" + strings.Repeat(")", 50), "", 0}, {"51 parentheses", strings.Repeat("(", 51) + "major" + strings.Repeat(")", 51), ReasonTooDeep, 51},
		{"100,000 parentheses", strings.Repeat("(", 100_000), ReasonTooLong, MaxBytes}, {"7,000 parentheses", strings.Repeat("(", 7000), ReasonTooDeep, 51}, {"1,900 nots", strings.Repeat("not ", 1900) + "major", ReasonTooDeep, 204},
		{"8,000 bytes", "title = \"" + strings.Repeat("x", MaxBytes-10) + "\"", "", 0}, {"8,001 bytes", "title = \"" + strings.Repeat("x", MaxBytes-9) + "\"", ReasonTooLong, MaxBytes},
		{"8,000 bytes that become more", "title = '" + strings.Repeat("\t", MaxBytes-10) + "'", ReasonTooLong, MaxBytes},
	} {
		e, err := Parse(tc.src)
		if tc.reason == "" {
			if err != nil {
				t.Errorf("%s: %v", tc.what, err)
			} else if !MustParse(e.String()).Equal(e) {
				t.Errorf("%s: not what it prints", tc.what)
			}
			continue
		}
		if bad, ok := err.(*Error); !ok || bad.Reason != tc.reason || bad.Pos != tc.pos {
			t.Errorf("%s: %v; want %s at %d", tc.what, err, tc.reason, tc.pos)
		}
	}
}

func TestAnErrorTellsLineAndCharacter(t *testing.T) {
	_, err := Parse("title = \"é\"\n  and prioritee ~~")
	if e, ok := err.(*Error); !ok || e.Place != (Place{30, 2, 18}) {
		t.Errorf("%+v", err)
	}
	_, err = Compile(MustParse("title = 'é' and\n(major or prioritee = 1)"), desk{"t"}, testEnv(t), SQLite)
	if e, ok := err.(*Error); !ok || e.Place != (Place{27, 2, 11}) || e.Mend != "did you mean priority?" {
		t.Errorf("%+v", err)
	}
}

func TestNoValueEverStandsInTheSQL(t *testing.T) {
	const evil = `x' or 1=1; drop table incident; -- ? "`
	for _, filter := range []string{"title = %s", "title != %s", "title ~ %s", "title in (%s)", "description not in (%s, 'y')", "tags = %s", "tags ~ %s", "review = %s", "text ~ %s", "service.title ~ %s"} {
		for _, d := range []Dialect{SQLite, Postgres} {
			f, err := Compile(MustParse(strings.ReplaceAll(filter, "%s", quoteText(evil))), desk{"t"}, testEnv(t), d)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(f.SQL, "drop") || strings.Contains(f.SQL, "1=1") {
				t.Errorf("%s: %s", filter, f.SQL)
			}
		}
	}
}

func TestAllJoinsFilters(t *testing.T) {
	if got := All(nil, MustParse("major"), nil, MustParse("priority = 1 and title ~ 'x'"), MustParse("overdue or major")).String(); got != `major and priority = 1 and title ~ "x" and (overdue or major)` {
		t.Error(got)
	}
	if All(nil, nil) != nil {
		t.Error("nothing became something")
	}
	if got := strings.Join(Fields(MustParse("not (major or a.b is blank) and major and f(1) and x in (2)")), " "); got != "major a.b f x" {
		t.Error(got)
	}
}

func FuzzFilterMeansWhatItPrints(f *testing.F) {
	for _, a := range atoms {
		f.Add(a.filter)
	}
	f.Add(`not not (a or (b or c) and d) and x != -00.50 or y in (now + 0d, 'it''s', "\u00e9\n", me, my teams, -4h)`)
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s)
		if err != nil {
			bad, ok := err.(*Error)
			if !ok || bad.Pos < 0 || bad.Pos > len(s) || bad.Reason == "" || bad.Place != placeOf(s, bad.Pos) {
				t.Fatalf("%q: %+v", s, err)
			}
			return
		}
		again, err := Parse(e.String())
		if err != nil || !again.Equal(e) || again.String() != e.String() {
			t.Fatalf("%q became %q, then %v, %v", s, e, again, err)
		}
		for _, d := range []Dialect{SQLite, Postgres} {
			c, err := Compile(e, desk{"t"}, testEnv(t), d)
			if bad, ok := err.(*Error); err != nil && (!ok || bad.Pos > len(s) || bad.Place != placeOf(s, bad.Pos)) {
				t.Fatalf("%q: %+v", s, err)
			}
			if n := strings.Count(c.SQL, "?"); err == nil && n != len(c.Args) {
				t.Fatalf("%q: %d placeholders, %d arguments: %s", s, n, len(c.Args), c.SQL)
			}
		}
		Servable(e, desk{"t"})
	})
}
