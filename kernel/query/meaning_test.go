package query

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var tickets = []ticket{
	{n: 1, title: "VPN drops after 100%", description: "Drops, every hour", state: "new", priority: to[int64](1), urgency: 1, major: true, opened: at("2026-03-11T08:59:59Z"), due: "2026-03-10",
		effort: to[int64](14400), weight: to[int64](1500000), cost: to[int64](125000), currency: "EUR", review: "P3M", service: &vpn, assignee: &anna, teamRef: &network, tags: []string{"a,", "b"}, floor: to[int64](3)},
	{n: 2, title: "École fermée", state: "assigned", priority: to[int64](2), urgency: 2, opened: at("2026-03-04T09:00:00Z"), closed: to(at("2026-03-10T23:30:00Z")), due: "2026-03-11",
		effort: to[int64](0), cost: to[int64](125000), currency: "USD", service: &mail, assignee: &ben, teamRef: &desktop, tags: []string{"vpn", `say "hi"`}},
	{n: 3, title: "file_name", description: `C:\temp`, state: "resolved", urgency: 3, opened: at("2026-01-30T23:00:00Z"), service: &hiddenService, due: "2026-03-12"},
	{n: 4, title: "filename", state: "pending", priority: to[int64](-1), urgency: 1, opened: at("2026-01-31T22:59:59Z"), weight: to[int64](1), cost: to[int64](-5), currency: "EUR", floor: to[int64](0)},
	{n: 5, title: "ÉCOLE", state: "new", urgency: 2, major: true, opened: at("2026-01-31T23:00:00Z"), closed: to(at("2026-03-10T22:59:59Z")), assignee: &anna},
}

// atoms are conditions beside the tickets that they mean.
var atoms = []struct {
	filter string
	want   []int
}{
	{`priority = 1`, []int{1}}, {`priority != 1`, []int{2, 3, 4, 5}}, {`priority <= 2`, []int{1, 2, 4}}, {`priority > 1.0`, []int{2}}, {`priority = -1`, []int{4}},
	{`priority in (1, 2)`, []int{1, 2}}, {`priority not in (1, 2)`, []int{3, 4, 5}}, {`priority is blank`, []int{3, 5}}, {`priority is not blank`, []int{1, 2, 4}},
	{`state in ("new","assigned")`, []int{1, 2, 5}}, {`state != "new"`, []int{2, 3, 4}}, {`major`, []int{1, 5}}, {`major = false`, []int{2, 3, 4}}, {`not major`, []int{2, 3, 4}},
	{`title = "filename"`, []int{4}}, {`title ~ "FILE"`, []int{3, 4}}, {`title ~ "_"`, []int{3}}, {`title ~ "%"`, []int{1}}, {`description ~ "\\"`, []int{3}}, {`not description ~ "drops"`, []int{2, 3, 4, 5}},
	{`title ~ "école"`, []int{2, 5}}, {`title ~ "École"`, []int{2, 5}}, {"title ~ \"E\u0301cole\"", []int{2, 5}}, {`title in ("filename", "ÉCOLE")`, []int{4, 5}},
	{`opened_at > now - 7d`, []int{1}}, {`opened_at >= now - 7d`, []int{1, 2}}, {`opened_at >= now - 168h`, []int{1, 2}}, {`opened_at = 2026-01-31`, []int{3, 4}}, {`opened_at != 2026-01-31`, []int{1, 2, 5}},
	{`opened_at <= 2026-01-31`, []int{3, 4}}, {`opened_at < 2026-01-31`, nil}, {`opened_at > 2026-01-31`, []int{1, 2, 5}}, {`opened_at >= "2026-01-31"`, []int{1, 2, 3, 4, 5}}, {`opened_at in (2026-01-31, 2026-02-01)`, []int{3, 4, 5}},
	{`opened_at not in (2026-01-31, 2026-03-04T10:00:00+01:00)`, []int{1, 5}}, {`opened_at = 2026-03-04T09:00:00Z`, []int{2}}, {`opened_at = 2026-03-04T10:00`, []int{2}}, {`opened_at >= today`, []int{1}},
	{`closed_at = today`, []int{2}}, {`closed_at != today`, []int{1, 3, 4, 5}}, {`closed_at = today - 1d`, []int{5}}, {`opened_at < today - 1mo`, []int{3, 4, 5}},
	{`due_on = today`, []int{2}}, {`due_on < now`, []int{1}}, {`due_on != 2026-03-11`, []int{1, 3, 4, 5}}, {`due_on in ("2026-03-10", 2026-03-12)`, []int{1, 3}}, {`overdue`, []int{1}}, {`not overdue`, []int{2, 3, 4, 5}},
	{`in_force()`, []int{2, 3}}, {`in_force("2026-03-12")`, []int{3}}, {`in_force(today - 1d)`, []int{1, 2, 3}}, {`linked("duplicate")`, []int{1, 4}},
	{`effort = 4h`, []int{1}}, {`effort <= "PT4H"`, []int{1, 2}}, {`effort != "P1D"`, []int{1, 2, 3, 4, 5}}, {`weight = 1.5`, []int{1}}, {`weight < 0.000002`, []int{4}}, {`review = "P3M"`, []int{1}},
	{`cost = "12.50 EUR"`, []int{1}}, {`cost != "12.50 EUR"`, []int{2, 3, 4, 5}}, {`cost < "13 EUR"`, []int{1, 4}}, {`cost in ("12.5 EUR", "12.5 USD")`, []int{1, 2}}, {`cost not in ("12.5 EUR", "-0.0005 EUR")`, []int{2, 3, 5}}, {`cost is blank`, []int{3, 5}},
	{`service = "SVC-3"`, []int{1}}, {`service != "VPN"`, []int{2, 3, 4, 5}}, {`service in ("VPN", "Mail")`, []int{1, 2}}, {`service is blank`, []int{4, 5}}, {`id = "01000000-0000-0000-0000-000000000003"`, []int{3}},
	{`assignee = me`, []int{1, 5}}, {`assignee != me`, []int{2, 3, 4}}, {`assignee in (me, "Ben")`, []int{1, 2, 5}}, {`team = my teams`, []int{1}}, {`team != my_teams`, []int{2, 3, 4, 5}}, {`team in (my_teams)`, []int{1}},
	{`service.criticality = 1`, []int{1}}, {`service.criticality != 1`, []int{2, 3, 4, 5}}, {`service.criticality is blank`, []int{2, 3, 4, 5}}, {`service.criticality is not blank`, []int{1}}, {`service.title ~ "a"`, []int{2}}, {`service.live`, []int{1, 2}},
	{`service.owner = me`, []int{1}}, {`service.criticality in (1, 2)`, []int{1}}, {`service.criticality not in (1, 2)`, []int{2, 3, 4, 5}}, {`service.title = "Hidden"`, nil},
	{`tags = "b"`, []int{1}}, {`tags = "a"`, nil}, {`tags = ","`, nil}, {`tags = "say \"hi\""`, []int{2}}, {`tags != "b"`, []int{2, 3, 4, 5}}, {`tags ~ "PN"`, []int{2}}, {`tags ~ "\""`, []int{2}}, {`tags in ("b", "vpn")`, []int{1, 2}}, {`tags is blank`, []int{3, 4, 5}},
	{`custom.floor = 3`, []int{1}}, {`custom.floor != 3`, []int{2, 3, 4, 5}}, {`custom.floor >= 0`, []int{1, 4}},
	{`text ~ "drop hour"`, []int{1}}, {`text ~ "\"drops every\""`, []int{1}}, {`not text ~ "ecole"`, []int{1, 3, 4}}, {`text ~ "100%"`, []int{1}}, {`text ~ "_"`, []int{3}},
}

func TestEveryConditionFindsWhatItSays(t *testing.T) {
	onBothEngines(t, func(t *testing.T, e engine) {
		e.tables(t)
		for _, k := range tickets {
			e.add(t, k)
		}
		for _, a := range atoms {
			if got := e.find(t, a.filter); !slices.Equal(got, a.want) {
				t.Errorf("%s finds %v, want %v", a.filter, got, a.want)
			}
		}
	})
}

func TestAFilterAndItsNegationGiveEveryRowOnce(t *testing.T) {
	onBothEngines(t, func(t *testing.T, e engine) {
		e.tables(t)
		for _, k := range tickets {
			e.add(t, k)
		}
		for _, a := range atoms {
			for _, k := range tickets {
				if slices.Contains(e.find(t, "not ("+a.filter+")"), k.n) == slices.Contains(a.want, k.n) {
					t.Errorf("%s and its negation agree about ticket %d", a.filter, k.n)
				}
			}
		}
	})
}

// combine builds a random filter of atoms beside what it must find.
func combine(r *rand.Rand, depth int) (string, map[int]bool) {
	found := map[int]bool{}
	if depth == 0 || r.IntN(4) == 0 {
		a := atoms[r.IntN(len(atoms))]
		for _, k := range tickets {
			found[k.n] = slices.Contains(a.want, k.n)
		}
		return a.filter, found
	}
	left, l := combine(r, depth-1)
	op := r.IntN(3)
	if op == 0 {
		for _, k := range tickets {
			found[k.n] = !l[k.n]
		}
		return "not (" + left + ")", found
	}
	right, x := combine(r, depth-1)
	for _, k := range tickets {
		found[k.n] = l[k.n] && x[k.n] || op == 2 && (l[k.n] || x[k.n])
	}
	return "(" + left + ")" + []string{"", " and ", " or "}[op] + "(" + right + ")", found
}

func TestCombinationsFindWhatTheirPartsSay(t *testing.T) {
	onBothEngines(t, func(t *testing.T, e engine) {
		e.tables(t)
		for _, k := range tickets {
			e.add(t, k)
		}
		r := rand.New(rand.NewPCG(1, 2))
		for range 500 {
			filter, found := combine(r, 4)
			var want []int
			for _, k := range tickets {
				if found[k.n] {
					want = append(want, k.n)
				}
			}
			// The canonical form must mean the same.
			if got := e.find(t, MustParse(filter).String()); !slices.Equal(got, want) {
				t.Fatalf("%s finds %v, want %v", filter, got, want)
			}
		}
	})
}

func TestNobodysTeamsFindNothingAndExcludeNothing(t *testing.T) {
	env := testEnv(t)
	env.MyTeams = Self{"team": nil}
	for filter, want := range map[string]string{"team = my_teams": "1 = 0", "team != my_teams": "(1 = 0) is not true"} {
		f, err := Compile(MustParse(filter), desk{"t"}, env, SQLite)
		if err != nil || f.SQL != want {
			t.Errorf("%s: %q, %v; want %q", filter, f.SQL, err, want)
		}
	}
}

func TestNoFilterIsNoCondition(t *testing.T) {
	f, err := Compile(nil, desk{"t"}, testEnv(t), Postgres)
	if err != nil || !f.IsZero() {
		t.Errorf("got %v, %v", f, err)
	}
	scope := Fragment{"t.customer = ?", []any{1}}
	if got := Both(f, scope); got.SQL != scope.SQL || len(got.Args) != 1 {
		t.Errorf("beside a scope: %v", got)
	}
}

func TestAFailureOfTheResolverIsPassedThrough(t *testing.T) {
	env, down := testEnv(t), errors.New("down")
	env.ResolveRef = func(string, string) (ID, bool, error) { return ID{}, false, down }
	if _, err := Compile(MustParse(`service = "VPN"`), desk{"t"}, env, SQLite); err != down {
		t.Errorf("got %v", err)
	}
}

func TestCheckNeedsNobody(t *testing.T) {
	for _, a := range atoms {
		if err := Check(MustParse(a.filter), desk{"t"}); err != nil {
			t.Errorf("%s: %v", a.filter, err)
		}
	}
	if err := Check(MustParse(`service = "gone" and state = "gone"`), desk{"t"}); err == nil || err.(*Error).Reason != ReasonUnknownChoice {
		t.Errorf("got %v", err)
	}
}

func TestRenumberLeavesQuotesAndCommentsAlone(t *testing.T) {
	in := `a = ? and b = 'it''s ?' and "c?" = ? /* ? */ -- ?` + "\n" + `and d like ? escape '\' and e = ?`
	want := `a = $1 and b = 'it''s ?' and "c?" = $2 /* ? */ -- ?` + "\n" + `and d like $3 escape '\' and e = $4`
	if got := Renumber(in); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := Renumber(strings.Repeat("?", 11)); !strings.HasSuffix(got, "$10$11") {
		t.Error(got)
	}
}

// A day begins at the first instant whose date in the zone is not before it.
func TestADayBeginsWhereTheZoneSaysSo(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "America/Havana", "Asia/Beirut", "Atlantic/Azores", "Pacific/Kwajalein", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo"} {
		z := zoneNamed(t, zone)
		for _, year := range []int{1987, 1993, 2011, 2018, 2026} {
			for d := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() == year; d = d.AddDate(0, 0, 1) {
				want := d.Format(time.DateOnly)
				got := dayStart(d.Year(), d.Month(), d.Day(), z)
				if got.In(z).Format(time.DateOnly) < want {
					t.Fatalf("%s: %s begins too early, at %v", zone, want, got)
				}
				for back := time.Minute; back < 30*time.Hour; back += 7 * time.Minute {
					if before := got.Add(-back).In(z); before.Format(time.DateOnly) >= want {
						t.Fatalf("%s: %s begins too late, at %v, though %v is of it", zone, want, got, before)
					}
				}
			}
		}
	}
}

func TestMonthsEndWithinTheMonth(t *testing.T) {
	for _, tc := range []struct{ from, shift, want string }{
		{"2026-03-31", "- 1mo", "2026-02-28"}, {"2024-02-29", "- 1y", "2023-02-28"}, {"2026-01-31", "+ 1mo", "2026-02-28"}, {"2026-12-31", "+ 2mo", "2027-02-28"}, {"2026-01-31", "- 13mo", "2024-12-31"}, {"2026-03-31", "- 2w", "2026-03-17"},
	} {
		env := testEnv(t)
		env.Now = at(tc.from + "T10:00:00Z")
		f, err := Compile(MustParse("due_on = today "+tc.shift), desk{"t"}, env, SQLite)
		if err != nil || fmt.Sprint(f.Args) != "["+tc.want+"]" {
			t.Errorf("%s %s: %v, %v; want %s", tc.from, tc.shift, f.Args, err, tc.want)
		}
	}
}

func TestSevenDaysGoByTheCalendarAndHoursByTheClock(t *testing.T) {
	env := testEnv(t)
	env.Now = at("2026-04-01T10:00:00+02:00") // summer time began on 29 March
	for filter, want := range map[string]string{"opened_at > now - 7d": "2026-03-25T10:00:00+01:00", "opened_at > now - 168h": "2026-03-25T09:00:00+01:00"} {
		f, err := Compile(MustParse(filter), desk{"t"}, env, SQLite)
		if err != nil || f.Args[0] != at(want).UnixMicro() {
			t.Errorf("%s: %v, %v; want %s", filter, f.Args, err, want)
		}
	}
}
