package catalogue

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPeriodClampsAtTheEndOfTheMonth(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ from, period, want string }{
		{"2026-01-31 09:30", "P1M", "2026-02-28 09:30"},
		{"2028-01-31 09:30", "P1M", "2028-02-29 09:30"},
		{"2028-02-29 12:00", "P12M", "2029-02-28 12:00"},
		{"2028-02-29 12:00", "P4Y", "2032-02-29 12:00"},
		{"2026-08-31 00:00", "P3M", "2026-11-30 00:00"},
		{"2026-11-30 00:00", "P3M", "2027-02-28 00:00"},
		{"2026-12-15 00:00", "P1M", "2027-01-15 00:00"},
		{"2026-03-10 08:00", "P2W", "2026-03-24 08:00"},
		{"2026-01-31 08:00", "P1M1D", "2026-03-01 08:00"}, // months first, then days
		{"2026-03-28 12:00", "P1D", "2026-03-29 12:00"},   // a day of 23 hours
		{"2026-03-28 12:00", "PT24H", "2026-03-29 13:00"}, // 24 hours are not that day
		{"2026-10-25 00:30", "PT4H", "2026-10-25 03:30"},  // the hour from 2 to 3 comes twice
	} {
		from, _ := time.ParseInLocation("2006-01-02 15:04", tc.from, berlin)
		if got := MustPeriod(tc.period).After(from).Format("2006-01-02 15:04"); got != tc.want {
			t.Errorf("%s after %s = %s, want %s", tc.period, tc.from, got, tc.want)
		}
	}
}

func TestPeriodIsReadAndWritten(t *testing.T) {
	for _, tc := range []struct{ in, out, words string }{
		{"P12M", "P12M", "12 months"},
		{"P1Y", "P12M", "12 months"},
		{"P1Y6M", "P18M", "18 months"},
		{"P1M", "P1M", "1 month"},
		{"P2W", "P14D", "14 days"},
		{"P90D", "P90D", "90 days"},
		{"PT60M", "PT1H", "1 hour"},
		{"PT1H30M", "PT1H30M", "1 hour 30 minutes"},
		{"P1DT1S", "P1DT1S", "1 day 1 second"},
	} {
		p, err := ParsePeriod(tc.in)
		if err != nil || p.String() != tc.out || p.Words() != tc.words {
			t.Errorf("%s = %q, %q, %v; want %q, %q", tc.in, p, p.Words(), err, tc.out, tc.words)
		}
	}
	for _, in := range []string{
		"", "P", "PT", "P1YT", "12M", "P12", "P-1M", "P1.5M", "P1M2M", "P1D1M", "P0M", "p1m", "P1M ", "P9999999M", "P999999Y", "P1H", "PT1D", "P1MT",
	} {
		if p, err := ParsePeriod(in); err == nil {
			t.Errorf("%q was read as %v", in, p)
		}
	}
}

func TestPeriodProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Period{
			Months: rapid.IntRange(0, 500).Draw(t, "months"),
			Days:   rapid.IntRange(0, 500).Draw(t, "days"),
			Clock:  time.Duration(rapid.IntRange(0, 200_000).Draw(t, "seconds")) * time.Second,
		}
		if !p.IsZero() {
			if q, err := ParsePeriod(p.String()); err != nil || q != p {
				t.Errorf("%+v is written %s and read %+v, %v", p, p, q, err)
			}
		}
		a := time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, "a"), 0).UTC()
		b := time.Unix(rapid.Int64Range(-1e9, 4e9).Draw(t, "b"), 0).UTC()
		if a.After(b) {
			a, b = b, a
		}
		if p.After(a).After(p.After(b)) {
			t.Errorf("%v turns %v <= %v around", p, a, b)
		}
		if p.After(a).Before(a) {
			t.Errorf("%v after %v is earlier", p, a)
		}
		m := Period{Months: p.Months}.After(a)
		if want := (int(a.Month()) - 1 + p.Months) % 12; int(m.Month())-1 != want || m.Day() > a.Day() {
			t.Errorf("%d months after %v is %v: another month, or a later day of it", p.Months, a, m)
		}
	})
}
