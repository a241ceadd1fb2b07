package calendar

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// sharedData finds shared/data beside the repository; STEWARD_SHARED names the shared folder itself.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	if s := os.Getenv("STEWARD_SHARED"); s != "" {
		return filepath.Join(s, "data", name)
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if p := filepath.Join(dir, "shared", "data", name); exists(p) {
			return p
		}
		if dir == filepath.Dir(dir) {
			t.Skipf("SKIPPED, NOTHING WAS COMPARED: no shared/data/%s in or above the working directory; set STEWARD_SHARED", name)
		}
	}
}

func exists(p string) bool {
	_, err := os.Stat(p)
	return err == nil
}

// differences are where our rules say otherwise than the published data, and why. + is ours only, - is
// the data's only. A difference that is gone must be taken out.
var differences = map[string]struct{ days, why string }{
	"DE-BY-A-2024": {"+08-15", augsburg}, "DE-BY-A-2025": {"+08-15", augsburg},
	"DE-BY-A-2026": {"+08-15", augsburg}, "DE-BY-A-2027": {"+08-15", augsburg},
	"CH-GL-2024": {"+09-15 -12-24 -12-31", glarus}, "CH-GL-2025": {"+09-21 -12-24 -12-31", glarus},
	"CH-GL-2026":  {"+09-20 -12-24 -12-31", glarus},
	"CH-GL-2027":  {"+04-01 -04-08 +09-19 -12-24 -12-31", glarus + "; the Näfelser Fahrt is on the first Thursday of April, the data say on or after the 2nd"},
	"GB-SCT-2026": {"+06-15", "a one-off bank holiday proclaimed in February 2026, after the data were made"},
}

const (
	augsburg = "Augsburg lies in Bavaria and has a Catholic majority, so Mariä Himmelfahrt is a holiday beside the Friedensfest"
	glarus   = "Ruhetagsgesetz of 6 May 2012: the Bettag is a high holiday; Christmas Eve and New Year's Eve are none"
)

func TestHolidaysAreThoseOfThePublishedLists(t *testing.T) {
	f, err := os.Open(sharedData(t, "calendars/holidays-1.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	seen, used := map[string]bool{}, map[string]bool{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		name, isJSON := strings.CutSuffix(path.Base(h.Name), ".json")
		cut := strings.LastIndexByte(name, '-')
		if !isJSON || cut < 0 {
			continue
		}
		code := name[:cut]
		year, err := strconv.Atoi(name[cut+1:])
		if _, ours := setByCode[code]; !ours || err != nil {
			continue
		}
		var list []struct{ Date, Type string }
		if err := json.NewDecoder(r).Decode(&list); err != nil {
			t.Fatalf("%s: %v", h.Name, err)
		}
		theirs := map[string]bool{}
		for _, x := range list {
			if x.Type == "public" {
				theirs[x.Date[5:10]] = true
			}
		}
		seen[code] = true
		holidays, err := Holidays(code, year)
		if err != nil {
			t.Fatal(err)
		}
		var diff []string
		for _, x := range holidays {
			if d := x.Date[5:]; !theirs[d] {
				diff = append(diff, "+"+d)
			}
			theirs[x.Date[5:]] = false
		}
		for d, missing := range theirs {
			if missing {
				diff = append(diff, "-"+d)
			}
		}
		slices.SortFunc(diff, func(a, b string) int { return strings.Compare(a[1:], b[1:]) })
		used[name] = true
		if got, want := strings.Join(diff, " "), sorted(differences[name].days); got != want {
			t.Errorf("%s: differs by %q, expected %q %s", name, got, want, differences[name].why)
		}
	}
	for _, s := range Sets() {
		if !seen[s.Code] {
			t.Errorf("%s was compared with nothing", s.Code)
		}
	}
	for name := range differences {
		if !used[name] {
			t.Errorf("difference %s was never looked at", name)
		}
	}
}

func sorted(days string) string {
	list := strings.Fields(days)
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(a[1:], b[1:]) })
	return strings.Join(list, " ")
}

func TestEasterFallsWhereTheAlmanacSays(t *testing.T) {
	for y, want := range map[int]string{ // earliest and latest possible, and the two corrected years
		1818: "1818-03-22", 1943: "1943-04-25", 1954: "1954-04-18", 1981: "1981-04-19",
		2000: "2000-04-23", 2008: "2008-03-23", 2019: "2019-04-21", 2026: "2026-04-05",
		2038: "2038-04-25", 2049: "2049-04-18", 2076: "2076-04-19", 2285: "2285-03-22",
	} {
		if got := easterSunday(y).String(); got != want {
			t.Errorf("Easter %d = %s, want %s", y, got, want)
		}
	}
}

func TestDaysOutsideTheListsFollowTheLaw(t *testing.T) {
	for _, tc := range []struct {
		set, has, hasNot string
	}{
		{"GB-ENG", "2022-06-02 2022-06-03 2022-09-19 2022-12-27 2022-12-26 2022-01-03", "2022-05-30"},
		{"GB-ENG", "2020-05-08 2021-12-27 2021-12-28 2023-05-08 2023-01-02 2028-01-03", "2020-05-04 2028-01-04"},
		{"GB-SCT", "2022-01-03 2022-01-04 2023-01-02 2023-01-03 2021-01-04 2022-08-01", "2022-04-18 2022-08-29"},
		{"GB-NIR", "2018-03-19 2020-07-13 2029-03-19", "2018-03-20"},
		{"US", "2021-12-31 2022-12-26 2023-11-10 2021-06-18 2027-12-31", "2020-06-19 2022-12-31"},
		{"DE-BE", "2020-05-08 2025-05-08 2028-06-17 2019-03-08 2017-10-31", "2018-03-08 2021-05-08 2018-10-31"},
		{"DE-HH", "2017-10-31 2018-10-31", "2016-10-31"},
		{"DE-BW", "2017-10-31", "2018-10-31"},
		{"DE-MV", "2023-03-08 2016-10-31", "2022-03-08"},
		{"DE-SN", "2022-11-16 2023-11-22", "2023-11-15"},
		{"CH-GL", "2021-04-08 2023-04-13 2026-04-09 2022-04-07 2010-04-08 2012-04-12", "2021-04-01 2023-04-06"},
		{"CH-GE", "2022-09-08 2030-09-05", "2022-09-15"},
		{"CH-AI", "2024-12-26", "2023-12-26 2026-12-26"},
	} {
		on := func(date string) bool {
			year, _ := strconv.Atoi(date[:4])
			list, err := Holidays(tc.set, year)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(list, func(h Holiday) bool { return h.Date == date })
		}
		for _, d := range strings.Fields(tc.has) {
			if !on(d) {
				t.Errorf("%s: %s is no holiday", tc.set, d)
			}
		}
		for _, d := range strings.Fields(tc.hasNot) {
			if on(d) {
				t.Errorf("%s: %s is a holiday", tc.set, d)
			}
		}
	}
}

func TestEverySetIsNamedOrderedAndFree(t *testing.T) {
	codes := map[string]bool{}
	for _, s := range Sets() {
		if codes[s.Code] || s.Name == "" {
			t.Errorf("%+v: code taken or no name", s)
		}
		codes[s.Code] = true
		for y := 2000; y <= 2100; y++ {
			list, err := Holidays(s.Code, y)
			if err != nil || len(list) < 8 {
				t.Fatalf("%s %d: %d holidays, %v", s.Code, y, len(list), err)
			}
			for i, h := range list {
				if h.Name == "" || h.Date[:4] != strconv.Itoa(y) || i > 0 && h.Date < list[i-1].Date {
					t.Errorf("%s %d: %+v", s.Code, y, h)
				}
			}
		}
	}
	if _, err := Holidays("XX", 2026); err == nil {
		t.Error("an unknown set has holidays")
	}
	if _, err := Holidays("DE", 1899); err == nil {
		t.Error("1899 has holidays")
	}
	half, _ := Holidays("CH-SO", 2026)
	if i := slices.IndexFunc(half, func(h Holiday) bool { return h.Date == "2026-05-01" }); i < 0 || half[i].From != "12:00" {
		t.Errorf("1 May in Solothurn: %+v", half)
	}
}
