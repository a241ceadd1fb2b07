package calendar

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func compile(t testing.TB, s Spec) *Calendar {
	t.Helper()
	c, problems := Compile(s)
	if problems != nil {
		t.Fatal(problems)
	}
	return c
}

func week(zone string, spans ...string) Spec {
	s := Spec{Zone: zone}
	for d := 1; d <= 5; d++ {
		for _, x := range spans {
			from, to, _ := strings.Cut(x, "-")
			s.Hours = append(s.Hours, Hours{d, from, to})
		}
	}
	return s
}

func daily(zone string, spans ...string) Spec {
	s := week(zone, spans...)
	for _, d := range []int{6, 7} {
		for _, x := range spans {
			from, to, _ := strings.Cut(x, "-")
			s.Hours = append(s.Hours, Hours{d, from, to})
		}
	}
	return s
}

func TestWorkIsUsedUpAtTheEarliestInstant(t *testing.T) {
	c := compile(t, week("Europe/Berlin", "08:00-12:00", "13:00-17:00"))
	for _, tc := range []struct {
		from string
		work time.Duration
		want string
	}{
		{"2026-11-20 13:00:00", 4 * time.Hour, "2026-11-20 17:00:00"}, // Friday, not Monday 08:00
		{"2026-11-20 08:00:00", 4 * time.Hour, "2026-11-20 12:00:00"}, // not 13:00
		{"2026-11-20 16:50:00", 8 * time.Hour, "2026-11-23 16:50:00"},
		{"2026-11-21 10:00:00", 1 * time.Second, "2026-11-23 08:00:01"},
		{"2026-11-21 10:00:00", 0, "2026-11-21 10:00:00"},
		{"2026-11-21 10:00:00", -time.Hour, "2026-11-21 10:00:00"},
		{"2026-11-20 12:00:00", time.Hour, "2026-11-20 14:00:00"},
		{"2026-11-20 17:00:00", time.Nanosecond, "2026-11-23 08:00:00"},
	} {
		got, ok := c.Add(at(t, "Europe/Berlin", tc.from), tc.work)
		want := at(t, "Europe/Berlin", tc.want)
		if tc.work == time.Nanosecond {
			want = want.Add(1)
		}
		if !ok || !got.Equal(want) {
			t.Errorf("Add(%s, %v) = %v, want %v", tc.from, tc.work, got, want)
		}
	}
}

func TestNanosecondsAreKept(t *testing.T) {
	c := compile(t, week("Europe/Berlin", "08:00-17:00"))
	a := at(t, "Europe/Berlin", "2026-11-20 16:59:59").Add(999_999_999)
	b := at(t, "Europe/Berlin", "2026-11-23 08:00:00").Add(5)
	if got := c.Between(a, b); got != 6 {
		t.Errorf("Between = %d ns, want 6", got)
	}
	if got, _ := c.Add(a, 6); !got.Equal(b) {
		t.Errorf("Add = %v, want %v", got, b)
	}
}

func TestRoundTheClockHasNoClosedMinute(t *testing.T) { // F16
	c := Always("America/New_York")
	a := time.Date(2026, 1, 1, 23, 59, 30, 0, time.UTC)
	for _, d := range []time.Duration{time.Minute, 24 * time.Hour, 400 * 24 * time.Hour, 49 * 365 * 24 * time.Hour} {
		if got, ok := c.Add(a, d); !ok || !got.Equal(a.Add(d)) {
			t.Errorf("Add(%v) = %v", d, got)
		}
		if got := c.Between(a, a.Add(d)); got != d {
			t.Errorf("Between = %v, want %v", got, d)
		}
	}
}

func TestChangeDaysCountRealTime(t *testing.T) { // F21
	for _, tc := range []struct {
		name, zone, hours, date string
		want                    time.Duration
	}{
		{"spring forward", "Europe/Berlin", "00:00-24:00", "2027-03-28", 23 * time.Hour},
		{"fall back", "Europe/Berlin", "00:00-24:00", "2027-10-31", 25 * time.Hour},
		{"begins in the gap", "Europe/Berlin", "02:30-04:00", "2027-03-28", time.Hour},
		{"ends in the gap", "Europe/Berlin", "01:00-02:30", "2027-03-28", time.Hour},
		{"lies in the gap", "Europe/Berlin", "02:10-02:50", "2027-03-28", 0},
		{"around the overlap", "Europe/Berlin", "01:00-04:00", "2027-10-31", 4 * time.Hour},
		{"lies in the overlap, happens twice", "Europe/Berlin", "02:10-02:50", "2027-10-31", 80 * time.Minute},
		{"ends in the overlap", "Europe/Berlin", "01:00-02:30", "2027-10-31", 2 * time.Hour},
		{"half an hour forward", "Australia/Lord_Howe", "00:00-24:00", "2026-10-04", 23*time.Hour + 30*time.Minute},
		{"half an hour back", "Australia/Lord_Howe", "00:00-24:00", "2026-04-05", 24*time.Hour + 30*time.Minute},
		{"day begins at 01:00", "America/Sao_Paulo", "00:00-24:00", "2018-11-04", 23 * time.Hour},
		{"last hour twice", "America/Sao_Paulo", "23:00-24:00", "2019-02-16", 2 * time.Hour},
		{"a date left out", "Pacific/Apia", "00:00-24:00", "2011-12-30", 0},
		{"the date after it", "Pacific/Apia", "00:00-24:00", "2011-12-31", 24 * time.Hour},
		{"change at 00:01", "America/St_Johns", "00:00-24:00", "2010-11-06", 24*time.Hour + 59*time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := compile(t, daily(tc.zone, tc.hours))
			year := at(t, "UTC", tc.date+" 00:00:00").Year()
			days := c.Days(year)
			i := slices.IndexFunc(days, func(d Day) bool { return d.Date == tc.date })
			if got := time.Duration(days[i].Working) * time.Second; got != tc.want {
				t.Errorf("%s has %v of %s, want %v: %v", tc.date, got, tc.hours, tc.want, days[i].Spans)
			}
		})
	}
	c := compile(t, daily("Europe/Berlin", "08:00-17:00"))
	a, b := at(t, "Europe/Berlin", "2027-03-27 16:00:00"), at(t, "Europe/Berlin", "2027-03-28 09:00:00")
	if got := c.Between(a, b); got != 2*time.Hour {
		t.Errorf("over the change day %v, want 2h", got)
	}
}

func TestExceptionsComeBeforeHolidaysBeforeTheWeek(t *testing.T) {
	s := week("Europe/Zurich", "08:00-12:00", "13:00-17:00")
	s.HolidaySets = []string{"CH-SO"}
	s.Exceptions = []Exception{
		{Date: "2026-12-24", Working: true, From: "08:00", To: "12:00", Name: "short day"},
		{Date: "2026-12-25", Working: true, From: "09:00", To: "10:00", Name: "on duty, morning"},
		{Date: "2026-12-25", Working: true, From: "14:00", To: "15:00", Name: "on duty, afternoon"},
		{Date: "2026-12-26", Working: true, Name: "stocktaking"},
		{Date: "2026-12-28", Name: "closed"},
		{Date: "2026-12-29", From: "11:00", To: "14:00", Name: "meeting"},
		{Date: "2026-12-30", Working: true, From: "06:00", To: "09:00", Name: "early"},
		{Date: "2026-12-30", From: "07:00", To: "07:30", Name: "drill"},
	}
	c := compile(t, s)
	want := map[string]string{
		"2026-05-01": "08:00-12:00", // half a holiday in Solothurn
		"2026-12-23": "08:00-12:00 13:00-17:00",
		"2026-12-24": "08:00-12:00",
		"2026-12-25": "09:00-10:00 14:00-15:00",
		"2026-12-26": "00:00-00:00",
		"2026-12-27": "",
		"2026-12-28": "",
		"2026-12-29": "08:00-11:00 14:00-17:00",
		"2026-12-30": "06:00-07:00 07:30-09:00",
		"2026-08-15": "",
	}
	for _, d := range c.Days(2026) {
		w, ok := want[d.Date]
		if !ok {
			continue
		}
		var got []string
		for _, s := range d.Spans {
			got = append(got, s.From.Format("15:04")+"-"+s.To.Format("15:04"))
		}
		if strings.Join(got, " ") != w {
			t.Errorf("%s: %v, want %s", d.Date, got, w)
		}
	}
	d := c.Day(at(t, "Europe/Zurich", "2026-12-25 23:59:59"))
	if d.Date != "2026-12-25" || d.Weekday != 5 || d.Working != 7200 || !slices.Equal(d.Holidays, []string{"Weihnachtstag"}) || len(d.Exceptions) != 2 {
		t.Errorf("Day = %+v", d)
	}
}

func TestEveryProblemIsReported(t *testing.T) {
	_, got := Compile(Spec{
		Zone: "Europe/Atlantis",
		Hours: []Hours{
			{0, "08:00", "17:00"}, {8, "8:00", ""}, {1, "24:00", "24:00"}, {1, "17:00", "08:00"},
			{2, "08:00", "12:00"}, {2, "12:00", "13:00"}, {2, "11:59", "14:00"}, {3, "08:60", "25:00"}, {4, "08:00", "08:00"},
		},
		HolidaySets: []string{"DE-BY", "XX", "DE-BY"},
		Exceptions: []Exception{
			{Date: "2026-02-29"}, {Date: "1066-10-14"}, {Date: "2026-01-02", From: "08:00"},
			{Date: "2026-01-03", Working: true}, {Date: "2026-01-03"},
			{Date: "2026-01-04", Working: true, From: "08:00", To: "12:00"}, {Date: "2026-01-04", Working: true, From: "10:00", To: "11:00"},
			{Date: "2026-01-04", Working: true, From: "11:30", To: "13:00"},
		},
	})
	want := []string{
		"zone unknown", "hours[0].weekday range", "hours[1].weekday range", "hours[1].from format", "hours[1].to required",
		"hours[2].from format", "hours[3].to order", "hours[7].from format", "hours[7].to format", "hours[8].to order", "hours[6].from overlap", "hours[5].from overlap",
		"holiday_sets[1] unknown", "holiday_sets[2] duplicate",
		"exceptions[0].date format", "exceptions[1].date range", "exceptions[2].to required", "exceptions[4].working contradiction",
		"exceptions[6].from overlap", "exceptions[7].from overlap",
	}
	var have []string
	for _, p := range got {
		have = append(have, p.Field+" "+p.Reason)
		if p.Mend == "" {
			t.Errorf("%s does not say how to mend it", p.Field)
		}
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("got  %q\nwant %q", have, want)
	}
	for _, tc := range []struct {
		spec Spec
		want string
	}{
		{Spec{Zone: "UTC"}, "hours required"},
		{Spec{Zone: "UTC", Exceptions: []Exception{{Date: "2026-01-01"}}}, "hours required"},
		{week("", "08:00-09:00"), "zone required"},
		{week("Local", "08:00-09:00"), "zone unknown"},
		{week("../UTC", "08:00-09:00"), "zone unknown"},
	} {
		c, p := Compile(tc.spec)
		if c != nil || len(p) != 1 || p[0].Field+" "+p[0].Reason != tc.want {
			t.Errorf("%+v: %v, want %s", tc.spec, p, tc.want)
		}
	}
}

func TestLittleWorkAndFarTimesEnd(t *testing.T) {
	once := compile(t, Spec{Zone: "UTC", Exceptions: []Exception{{Date: "2030-06-01", Working: true, From: "10:00", To: "11:00"}}})
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got, ok := once.Add(from, time.Hour); !ok || !got.Equal(time.Date(2030, 6, 1, 11, 0, 0, 0, time.UTC)) {
		t.Errorf("Add = %v %v", got, ok)
	}
	if got, ok := once.Add(from, time.Hour+1); ok {
		t.Errorf("Add found %v", got)
	}
	if got, ok := once.NextOpen(from); !ok || !got.Equal(time.Date(2030, 6, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("NextOpen = %v %v", got, ok)
	}
	if _, ok := once.NextOpen(time.Date(1975, 1, 1, 0, 0, 0, 0, time.UTC)); ok {
		t.Error("NextOpen looked further than 50 years")
	}
	if _, ok := once.NextOpen(time.Date(2030, 6, 1, 11, 0, 0, 0, time.UTC)); ok {
		t.Error("NextOpen found time after the last span")
	}
	c := Always("UTC")
	if got := c.Between(time.Time{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)); got < 292*365*24*time.Hour {
		t.Errorf("Between = %v, want the longest Duration", got)
	}
	if got := c.Between(from, from.Add(-time.Hour)); got != 0 {
		t.Errorf("Between backwards = %v", got)
	}
	if c.Open(time.Time{}) || c.Open(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Error("open outside 1900 to 2299")
	}
	if _, ok := c.Add(from, 51*366*24*time.Hour); ok {
		t.Error("Add went further than 50 years")
	}
	if got, ok := c.NextOpen(time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)); !ok || got.Year() != 1900 {
		t.Errorf("NextOpen = %v %v", got, ok)
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	s := week("Europe/Berlin", "08:00-17:00")
	s.HolidaySets = []string{"DE-BE"}
	a, b := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	want := compile(t, s).Between(a, b)
	c := compile(t, s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if got := c.Between(a, b); got != want {
				t.Errorf("Between = %v, want %v", got, want)
			}
		})
	}
	wg.Wait()
}

func ExampleCalendar_Add() {
	c, problems := Compile(Spec{
		Zone:        "Europe/Berlin",
		Hours:       []Hours{{3, "08:00", "17:00"}, {4, "08:00", "17:00"}, {5, "08:00", "17:00"}},
		HolidaySets: []string{"DE-BY"},
	})
	if problems != nil {
		panic(problems)
	}
	opened := time.Date(2026, 4, 2, 14, 0, 0, 0, c.Location()) // Maundy Thursday
	due, _ := c.Add(opened, 4*time.Hour)
	fmt.Println(due)
	// Output: 2026-04-08 09:00:00 +0200 CEST
}

func benchmarkCalendar(b *testing.B) *Calendar {
	s := week("Europe/Berlin", "08:00-12:00", "13:00-17:00")
	s.HolidaySets = []string{"DE-BY"}
	return compile(b, s)
}

func BenchmarkAddFourHours(b *testing.B) { benchmarkAdd(b, 4*time.Hour) }
func BenchmarkAddTenYears(b *testing.B)  { benchmarkAdd(b, 10*250*8*time.Hour) }

func benchmarkAdd(b *testing.B, work time.Duration) {
	c, from := benchmarkCalendar(b), time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	c.Add(from, work)
	b.ReportAllocs()
	for b.Loop() {
		c.Add(from, work)
	}
}

func BenchmarkBetweenDays(b *testing.B)    { benchmarkBetween(b, 90*time.Hour) }
func BenchmarkBetweenDecades(b *testing.B) { benchmarkBetween(b, 30*365*24*time.Hour) }

func benchmarkBetween(b *testing.B, apart time.Duration) {
	c, from := benchmarkCalendar(b), time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)
	c.Between(from, from.Add(apart))
	b.ReportAllocs()
	for b.Loop() {
		c.Between(from, from.Add(apart))
	}
}

func BenchmarkBuildYear(b *testing.B) {
	c := benchmarkCalendar(b)
	b.ReportAllocs()
	for b.Loop() {
		c.build(2026)
	}
}
