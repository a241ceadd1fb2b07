package servicenow

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"steward/exchange/table"
)

// readLog reads a log in which columns stand as given; problems are shown as "line reason" with "-"
// where the row was dropped.
func readLog(t testing.TB, opt Options, columns string, rows ...string) (got []Incident, problems []string, l *Log) {
	t.Helper()
	l, err := Open(open(t, columns, rows...), opt, func(p Problem) {
		s := fmt.Sprintf("%d.%d %s", p.Line, p.Column, p.Reason)
		if p.Dropped {
			s += " -"
		}
		problems = append(problems, s)
		if p.Mend == "" || !strings.HasPrefix(p.Error(), fmt.Sprintf("line %d", p.Line)) {
			t.Errorf("%+v does not say how to mend", p)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for {
		i, err := l.Next()
		if err == io.EOF {
			return got, problems, l
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, i)
	}
}

func open(t testing.TB, columns string, rows ...string) *table.Reader {
	t.Helper()
	r, err := table.Open(strings.NewReader(columns+"\r\n"+strings.Join(rows, "\r\n")+"\r\n"), "log.csv", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const short = "number,incident_state,active,reassignment_count,reopen_count,sys_mod_count,opened_at,sys_updated_at,assignment_group,assigned_to,priority,resolved_at,closed_at"

func TestRowsBecomeIncidentsWithTheirHistory(t *testing.T) {
	got, problems, l := readLog(t, Options{}, short,
		"INC1,New,true,0,0,0,29/2/2016 01:16,29/2/2016 01:23,?,?,3 - Moderate,2/3/2016 09:30,7/3/2016 12:00",
		"INC1,Awaiting Vendor,true,1,0,1,29/2/2016 01:16,29/2/2016 08:53,Group 56,?,2 - High,2/3/2016 09:30,7/3/2016 12:00",
		"INC1,Active,true,1,0,2,29/2/2016 01:16,1/3/2016 07:00,Group 56,Resolver 1,2 - High,2/3/2016 09:30,7/3/2016 12:00",
		"INC1,Resolved,true,1,0,3,29/2/2016 01:16,1/3/2016 08:00,Group 56,Resolver 1,2 - High,2/3/2016 09:30,7/3/2016 12:00",
		"INC1,Active,true,2,1,4,29/2/2016 01:16,1/3/2016 08:01,Group 7,Resolver 1,2 - High,2/3/2016 09:30,7/3/2016 12:00",
		"INC1,Resolved,true,2,1,5,29/2/2016 01:16,2/3/2016 09:30,Group 7,Resolver 2,2 - High,2/3/2016 09:30,7/3/2016 12:00",
		"INC1,Closed,false,2,1,6,29/2/2016 01:16,7/3/2016 12:00,Group 7,Resolver 2,2 - High,2/3/2016 09:30,7/3/2016 12:00",
		"INC2,New,true,0,0,0,1/3/2016 00:00,1/3/2016 00:00,?,?,?,?,?",
	)
	if len(problems) > 0 || len(got) != 2 {
		t.Fatalf("%d incidents, problems %q", len(got), problems)
	}
	i := got[0]
	utc := func(month, day, hour, minute int) time.Time {
		return time.Date(2016, time.Month(month), day, hour, minute, 0, 0, time.UTC)
	}
	if i.Number != "INC1" || !i.OpenedAt.Equal(utc(2, 29, 1, 16)) || !i.ResolvedAt.Equal(utc(3, 2, 9, 30)) || !i.ClosedAt.Equal(utc(3, 7, 12, 0)) || i.Disordered || i.Reappeared {
		t.Errorf("%+v", i)
	}
	if want := (Counts{Reassignments: 2, Reopens: 1, SysMods: 6}); i.Declared != want || i.Seen != want || i.AssigneeChanges != 2 {
		t.Errorf("declared %+v, seen %+v, assignee %d", i.Declared, i.Seen, i.AssigneeChanges)
	}
	var states []string
	for _, s := range i.Snapshots {
		states = append(states, fmt.Sprintf("%d %s%s %s %q %q %d", s.Line, s.State, s.Pending, s.At.Format("2 15:04"), s.Group, s.Assignee, s.Priority))
	}
	if want := []string{`2 new 29 01:23 "" "" 3`, `3 pendingvendor 29 08:53 "Group 56" "" 2`, `4 in_progress 1 07:00 "Group 56" "Resolver 1" 2`, `5 resolved 1 08:00 "Group 56" "Resolver 1" 2`,
		`6 in_progress 1 08:01 "Group 7" "Resolver 1" 2`, `7 resolved 2 09:30 "Group 7" "Resolver 2" 2`, `8 closed 7 12:00 "Group 7" "Resolver 2" 2`}; !slices.Equal(states, want) {
		t.Errorf("%q", states)
	}
	if j := got[1]; j.Number != "INC2" || !j.ResolvedAt.IsZero() || j.Snapshots[0].Priority != 0 || len(j.Snapshots) != 1 {
		t.Errorf("%+v", j)
	}
	if s := l.Summary(); s.Incidents != 2 || s.Snapshots != 8 || s.Rows != 8 || s.Dropped != 0 || s.Reopens != (Agreement{Agree: 2}) {
		t.Errorf("%+v", s)
	}
}

func TestEveryColumnOfTheLogIsTaken(t *testing.T) {
	needed, optional := Fields()
	names := append(slices.Clone(needed), optional...)
	special := map[string]string{"incident_state": "Closed", "active": "false", "made_sla": "true", "knowledge": "true", "u_priority_confirmation": "true", "reassignment_count": "4", "reopen_count": "5",
		"sys_mod_count": "6", "impact": "1 - High", "urgency": "2 - Medium", "priority": "5 - Planning", "opened_at": "1/1/2016 01:00", "sys_created_at": "2/1/2016 01:00", "sys_updated_at": "2016-01-05 01:00:30", "resolved_at": "4/1/2016 01:00:00", "closed_at": "5/1/2016 01:00:30"}
	values := make([]string, len(names))
	for i, n := range names {
		if values[i] = special[n]; values[i] == "" {
			values[i] = "the " + n
		}
	}
	got, problems, _ := readLog(t, Options{}, strings.Join(names, ","), strings.Join(values, ","))
	if len(got) != 1 || !slices.Equal(problems, []string{fmt.Sprintf("2.%d resolved_elsewhere", slices.Index(names, "resolved_at")+1)}) {
		t.Fatalf("%d, %q", len(got), problems)
	}
	day := func(d, s int) time.Time { return time.Date(2016, 1, d, 1, 0, s, 0, time.UTC) }
	want := Incident{Number: "the number", OpenedAt: day(1, 0), OpenedBy: "the opened_by", CreatedAt: day(2, 0), CreatedBy: "the sys_created_by", Caller: "the caller_id", ContactType: "the contact_type",
		Location: "the location", Category: "the category", Subcategory: "the subcategory", Symptom: "the u_symptom", CI: "the cmdb_ci", ProblemID: "the problem_id", RFC: "the rfc", Vendor: "the vendor",
		CausedBy: "the caused_by", ClosedCode: "the closed_code", ResolvedBy: "the resolved_by", ResolvedAt: day(4, 0), ClosedAt: day(5, 30), Declared: Counts{4, 5, 6}}
	snap := Snapshot{Line: 2, At: day(5, 30), State: Closed, SourceState: "Closed", MadeSLA: true, ReassignmentCount: 4, ReopenCount: 5, SysModCount: 6, UpdatedBy: "the sys_updated_by",
		Group: "the assignment_group", Assignee: "the assigned_to", Impact: 1, Urgency: 2, Priority: 5, Caller: "the caller_id", ContactType: "the contact_type", Location: "the location",
		Category: "the category", Subcategory: "the subcategory", Symptom: "the u_symptom", CI: "the cmdb_ci", ProblemID: "the problem_id", RFC: "the rfc", Vendor: "the vendor", CausedBy: "the caused_by",
		KnowledgeUsed: true, PriorityConfirmed: true, Notify: "the notify"}
	if got[0].Snapshots[0] != snap {
		t.Errorf("snapshot\n got %+v\nwant %+v", got[0].Snapshots[0], snap)
	}
	got[0].Snapshots = nil
	if fmt.Sprintf("%+v", got[0]) != fmt.Sprintf("%+v", want) {
		t.Errorf("incident\n got %+v\nwant %+v", got[0], want)
	}
}

func TestABadRowIsDroppedWithAllItsFaultsAndTheOthersStay(t *testing.T) {
	ok := func(number string) string {
		return number + ",New,true,0,0,0,1/3/2016 00:00,1/3/2016 00:00,?,?,3 - Moderate,?,?"
	}
	got, problems, l := readLog(t, Options{}, short,
		ok("INC1"),
		"INC1,-100,true,x,0,0,1/3/2016 00:00,31/2/2016 00:00,?,?,High,?,?",
		"INC1,,maybe,-1,0,0,1/3/2016 00:00,?,?,?,9 - Whatever,?,soon",
		"INC1,New,true,0,0,0",
		"?,New,true,0,0,0,1/3/2016 00:00,1/3/2016 00:00,?,?,?,?,?",
		ok("INC1"),
		"INC2,New,true,0,0,0,1/3/2016 00:00,3/13/2016 00:00,?,?,?,?,?",
		ok("INC3"),
	)
	want := []string{
		"3.8 bad_time -", "3.4 bad_number -", "3.11 bad_code -", "3.2 unknown_state -",
		"4.3 bad_truth -", "4.4 bad_number -", "4.11 bad_code -", "4.13 bad_time -", "4.8 blank -", "4.2 blank -",
		"5.7 too_few_values -", "6.1 blank -", "8.8 bad_time -",
	}
	if !slices.Equal(problems, want) {
		t.Errorf("problems\n got %q\nwant %q", problems, want)
	}
	if len(got) != 2 || got[0].Number != "INC1" || len(got[0].Snapshots) != 2 || got[0].Dropped != 2 || got[1].Number != "INC3" {
		t.Errorf("%+v", got)
	}
	if s := l.Summary(); s.Rows != 8 || s.Dropped != 5 || s.Snapshots != 3 || s.Problems["bad_time"] != 3 {
		t.Errorf("%+v", s)
	}
}

func TestWhatIsOddIsKeptAndTold(t *testing.T) {
	got, problems, l := readLog(t, Options{}, short,
		"INC1,New,true,3,0,5,1/3/2016 09:00,1/3/2016 08:00,A,?,?,2/3/2016 10:00,2/3/2016 11:00",       // opened after
		"INC1,Resolved,false,2,0,6,1/3/2016 09:00,1/3/2016 10:00,A,?,?,2/3/2016 10:00,2/3/2016 11:00", // inactive; falls
		"INC1,Closed,false,3,0,7,1/3/2016 09:01,1/3/2016 09:59,B,?,?,2/3/2016 10:00,2/3/2016 11:00",   // back; opened_at differs
		"INC2,New,true,0,0,0,1/3/2016 09:00,1/3/2016 09:00,A,?,?,?,?",
		"INC1,Active,true,3,0,7,1/3/2016 09:01,1/3/2016 12:00,B,?,?,?,?",
	)
	want := []string{"3.3 active_disagrees", "3.4 count_falls", "4.8 back_in_time", "4.7 value_differs", "2.7 opened_later", "4.12 resolved_elsewhere", "4.13 closed_elsewhere", "6.1 reappears"}
	if !slices.Equal(problems, want) {
		t.Errorf("problems\n got %q\nwant %q", problems, want)
	}
	if len(got) != 3 || !got[0].Disordered || got[0].Snapshots[2].Line != 4 || got[0].Reappeared || !got[2].Reappeared || got[2].Number != "INC1" {
		t.Errorf("%+v", got)
	}
	if s := l.Summary(); s.Dropped != 0 || s.Reassignments != (Agreement{Agree: 1, DeclaredMore: 2}) {
		t.Errorf("%+v", s)
	}
}

func TestHeadersMayBeOthersAndWhatIsMissingIsNamedAtOnce(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	got, problems, _ := readLog(t, Options{Zone: berlin, Columns: map[string]string{"number": "Ticket", "incident_state": "Status", "sys_updated_at": "Stand"}},
		"Stand;Status;Ticket", "1/7/2016 12:00;On Hold;T-1")
	if len(got) != 1 || len(problems) > 0 || got[0].Number != "T-1" || got[0].Snapshots[0].State != Pending || !got[0].Snapshots[0].At.Equal(time.Date(2016, 7, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v %q", got, problems)
	}
	_, err = Open(open(t, "number,title", "1,2"), Options{Columns: map[string]string{"rfc": "Change", "colour": "x"}}, nil)
	for _, part := range []string{"incident_state", "sys_updated_at", `"Change"`, `"colour"`} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not named in %v", part, err)
		}
	}
}

func TestAnIncidentWhoseEndIsLostIsNotGiven(t *testing.T) {
	lost := errors.New("cable pulled")
	content := "number,incident_state,sys_updated_at\nA,New,1/3/2016 09:00\nB,New,1/3/2016 09:00\nB,Act"
	r, err := table.Open(io.MultiReader(strings.NewReader(content), iotest.ErrReader(lost)), "x.csv", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := Open(r, Options{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if i, err := l.Next(); err != nil || i.Number != "A" {
		t.Errorf("%+v %v", i, err)
	}
	for range 2 {
		if i, err := l.Next(); !errors.Is(err, lost) {
			t.Errorf("%+v %v", i, err)
		}
	}
}

func TestOneIncidentCannotTakeAllMemory(t *testing.T) {
	rows := slices.Repeat([]string{"A,New,1/3/2016 09:00"}, 25)
	got, problems, l := readLog(t, Options{MaxSnapshots: 10}, "number,incident_state,sys_updated_at", append(rows, "B,New,1/3/2016 09:00")...)
	if len(got) != 2 || len(got[0].Snapshots) != 10 || len(problems) != 15 || problems[0] != "12.1 too_many_snapshots -" || l.Summary().Dropped != 15 {
		t.Errorf("%d incidents, %q", len(got), problems)
	}
}

func TestTimesAreDayFirstAndNeverGuessed(t *testing.T) {
	for s, want := range map[string]string{
		"29/2/2016 01:16": "2016-02-29 01:16:00", "3/4/2016 1:05": "2016-04-03 01:05:00", "03/04/2016 01:05:59": "2016-04-03 01:05:59",
		"2016-04-03 01:05:59": "2016-04-03 01:05:59", "2016-04-03 01:05": "2016-04-03 01:05:00", "2016-04-03T01:05:59+02:00": "2016-04-02 23:05:59",
		"29/2/2015 01:16": "", "4/13/2016 01:00": "", "1/0/2016 01:00": "", "0/1/2016 01:00": "", "1/1/16 01:00": "", "1/1/2016 24:00": "", "1/1/2016 01:60": "", "1/1/2016": "", "1/1/2016 01": "",
		"1/1/2016 01:00:00:00": "", "1//2016 01:00": "", "1/1/2016 01:00 ": "", "1.1.2016 01:00": "", "": "", "/": "", "2016-13-01 00:00:00": "", "11111/1/2016 01:00": "",
	} {
		got := ""
		if t, ok := parseTime(s, time.UTC); ok {
			got = t.UTC().Format(time.DateTime)
		}
		if got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}

func TestStatesOfTheLogAreStatesOfSteward(t *testing.T) {
	for s, want := range map[string]struct {
		state State
		why   PendingReason
		known bool
	}{
		"New": {New, "", true}, "Active": {InProgress, "", true}, "In Progress": {InProgress, "", true}, "Awaiting User Info": {Pending, AwaitingUserInfo, true},
		"Awaiting Vendor": {Pending, AwaitingVendor, true}, "Awaiting Problem": {Pending, AwaitingProblem, true}, "Awaiting Evidence": {Pending, AwaitingEvidence, true},
		"On Hold": {Pending, "", true}, "Resolved": {Resolved, "", true}, "Closed": {Closed, "", true}, "Canceled": {Cancelled, "", true}, "-100": {}, "closed": {}, "": {},
	} {
		if state, why, known := stateOf(s); state != want.state || why != want.why || known != want.known {
			t.Errorf("%q: %q %q %v", s, state, why, known)
		}
	}
}
