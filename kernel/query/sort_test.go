package query

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// randomTickets have few different values, so that most orders are decided by the last keys.
func randomTickets(r *rand.Rand, n int) []ticket {
	maybe := func(v int64) *int64 {
		if r.IntN(3) == 0 {
			return nil
		}
		return &v
	}
	var out []ticket
	for i := range n {
		k := ticket{n: i + 1, title: fmt.Sprint("t", r.IntN(3)), state: "new", priority: maybe(r.Int64N(3)), urgency: r.Int64N(3), major: r.IntN(2) == 0,
			opened: time.UnixMicro(1_750_000_000_000_000 + r.Int64N(3)), effort: maybe(r.Int64N(2))}
		if r.IntN(3) > 0 {
			k.closed = to(time.UnixMicro(1_750_000_000_000_000 + r.Int64N(2)))
		}
		if r.IntN(3) > 0 {
			k.due = fmt.Sprint("2026-01-0", 1+r.IntN(3))
		}
		if k.cost = maybe(r.Int64N(2)); k.cost != nil {
			k.currency = []string{"EUR", "USD"}[r.IntN(2)]
		}
		out = append(out, k)
	}
	return out
}

// compareBy is the order of one field in Go: blank is lowest.
func compareBy(field string, a, b ticket) int {
	blank := func(x, y bool) int { return cmp.Compare(b2i(!x), b2i(!y)) }
	number := func(x, y *int64) int {
		if x == nil || y == nil {
			return blank(x == nil, y == nil)
		}
		return cmp.Compare(*x, *y)
	}
	switch field {
	case "title":
		return strings.Compare(a.title, b.title)
	case "priority":
		return number(a.priority, b.priority)
	case "urgency":
		return cmp.Compare(a.urgency, b.urgency)
	case "major":
		return cmp.Compare(b2i(a.major), b2i(b.major))
	case "opened_at":
		return a.opened.Compare(b.opened)
	case "closed_at":
		if a.closed == nil || b.closed == nil {
			return blank(a.closed == nil, b.closed == nil)
		}
		return a.closed.Compare(*b.closed)
	case "due_on":
		return strings.Compare(a.due, b.due)
	case "effort":
		return number(a.effort, b.effort)
	case "cost":
		return cmp.Or(strings.Compare(a.currency, b.currency), number(a.cost, b.cost))
	case "id":
		return cmp.Compare(a.n, b.n)
	}
	panic(field)
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sortInGo(o Order, list []ticket) []int {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b ticket) int {
		for _, k := range o.Keys {
			c := compareBy(k.Field.Name, a, b)
			if k.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	var out []int
	for _, k := range list {
		out = append(out, k.n)
	}
	return out
}

// walk reads page after page by sealed cursors, as a client of the API does.
func walk(t *testing.T, e engine, o Order, size int) []int {
	t.Helper()
	sealer, err := NewSealer([]byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	where, args := "1 = 1", []any(nil)
	for page := 0; page < 100; page++ {
		rows := e.query(t, "select "+strings.Join(o.Columns(e.dialect), ", ")+" from incident t where "+where+" order by "+o.By(e.dialect)+fmt.Sprint(" limit ", size), args...)
		for _, row := range rows {
			id, _ := normal(Ref, row[len(row)-1])
			raw := id.(ID)
			out = append(out, int(binary.BigEndian.Uint32(raw[12:])))
		}
		if len(rows) < size {
			return out
		}
		token, err := sealer.Seal(o, rows[size-1], []byte("q"), []byte("s"))
		if err != nil {
			t.Fatal(err)
		}
		values, err := sealer.Open(o, token, []byte("q"), []byte("s"))
		if err != nil {
			t.Fatal(err)
		}
		f, err := o.After(e.dialect, values)
		if err != nil {
			t.Fatal(err)
		}
		where, args = f.SQL, f.Args
	}
	t.Fatalf("%s: never ends", o)
	return nil
}

func TestWalkingPagesOfAnySizeGivesEachRowOnceInOrder(t *testing.T) {
	onBothEngines(t, func(t *testing.T, e engine) {
		e.tables(t)
		r := rand.New(rand.NewPCG(3, 4))
		list := randomTickets(r, 40)
		for _, k := range list {
			e.add(t, k)
		}
		orders := []string{"", "-id", "priority", "-priority", "urgency,opened_at", "-urgency,-opened_at", "-urgency,opened_at", "urgency,-id", "cost", "-cost,priority", "-priority,-closed_at", "priority,-effort,due_on", "-due_on,title", "major,-priority", "-major,-urgency,-title"}
		names := []string{"title", "priority", "urgency", "major", "opened_at", "closed_at", "due_on", "effort", "cost"}
		for range 40 {
			r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
			var keys []string
			for _, n := range names[:1+r.IntN(3)] {
				keys = append(keys, []string{"", "-"}[r.IntN(2)]+n)
			}
			orders = append(orders, strings.Join(keys, ","))
		}
		for i, s := range orders {
			o, err := ParseSort(s, desk{"t"})
			if err != nil {
				t.Fatal(err)
			}
			want := sortInGo(o, list)
			sizes := []int{1, 3, 7, 39, 40, 41}
			if i < 15 {
				sizes = nil
				for n := range len(list) + 1 {
					sizes = append(sizes, n+1)
				}
			}
			for _, size := range sizes {
				if got := walk(t, e, o, size); !slices.Equal(got, want) {
					t.Fatalf("%s by pages of %d:\ngot  %v\nwant %v", o, size, got, want)
				}
			}
		}
	})
}

func TestAPageBeginsInTheIndex(t *testing.T) {
	e := onSQLite(t)
	e.tables(t)
	values := func(o Order) []any {
		var out []any
		for _, k := range o.Keys {
			if k.Field.Kind == Ref {
				out = append(out, idOf(1))
			} else {
				out = append(out, int64(1))
			}
		}
		return out
	}
	for sort, want := range map[string]string{
		"urgency,opened_at":   "SEARCH t USING INDEX by_urgency ((urgency,opened_at,id)>(?,?,?))",
		"-urgency,-opened_at": "SEARCH t USING INDEX by_urgency ((urgency,opened_at,id)<(?,?,?))",
		"urgency,-opened_at":  "SEARCH t USING INDEX by_urgency (urgency>?)",
		"-urgency,opened_at":  "SEARCH t USING INDEX by_urgency (urgency<?)",
	} {
		o, err := ParseSort(sort, desk{"t"})
		if err != nil {
			t.Fatal(err)
		}
		f, err := o.After(SQLite, values(o))
		if err != nil {
			t.Fatal(err)
		}
		plan := fmt.Sprint(e.query(t, "explain query plan select t.title from incident t where "+f.SQL+" order by "+o.By(SQLite)+" limit 50", f.Args...))
		if !strings.Contains(plan, want) {
			t.Errorf("%s: plan is %s, want %s", sort, plan, want)
		}
	}
}

func TestAnOrderEndsWithTheIdAndPrintsItself(t *testing.T) {
	for in, want := range map[string]string{"": "id", " -priority , opened_at": "-priority,opened_at,id", "+title,-urgency": "title,-urgency,-id", "-id": "-id"} {
		o, err := ParseSort(in, desk{"t"})
		if err != nil || o.String() != want {
			t.Errorf("%q is %s, %v; want %s", in, o, err, want)
			continue
		}
		if again, err := ParseSort(o.String(), desk{"t"}); err != nil || again.String() != want {
			t.Errorf("%s read again is %s, %v", want, again, err)
		}
	}
	o, _ := ParseSort("-priority,urgency", desk{"t"})
	if got := o.By(Postgres); got != "t.priority desc nulls last, t.urgency, t.id" {
		t.Error(got)
	}
	up, _ := ParseSort("priority", desk{"t"})
	if got := up.By(Postgres); got != "t.priority nulls first, t.id" {
		t.Error(got)
	}
	if got := o.By(SQLite); got != "t.priority desc, t.urgency, t.id" {
		t.Error(got)
	}
}

func TestSortIsRefusedWithThePlaceAndTheRemedy(t *testing.T) {
	for _, tc := range []struct {
		sort, reason string
		pos          int
		mend         string
	}{
		{"priority,-opend_at", ReasonUnknownField, 10, "did you mean opened_at?"}, {"description", ReasonNotSortable, 0, "sortable fields are id, title, state"},
		{"priority,,title", ReasonSyntax, 9, ""}, {"title,-title", ReasonSyntax, 7, "once"}, {"id,title", ReasonSyntax, 3, "last"}, {"-", ReasonSyntax, 1, ""},
		{"salary", ReasonSensitive, 0, ""}, {"text", ReasonNotSortable, 0, ""}, {"title,state,urgency,major,priority,due_on", ReasonTooManyTerms, 35, ""},
	} {
		_, err := ParseSort(tc.sort, desk{"t"})
		e, ok := err.(*Error)
		if !ok || e.Reason != tc.reason || e.Pos != tc.pos || !strings.Contains(e.Mend, tc.mend) {
			t.Errorf("%q: %v; want %s at %d, mend %q", tc.sort, err, tc.reason, tc.pos, tc.mend)
		}
	}
}

func testSealer(t testing.TB) *Sealer {
	t.Helper()
	s, err := NewSealer([]byte("a secret of the test's own"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestACursorServesItsOwnListOnly(t *testing.T) {
	s := testSealer(t)
	o, _ := ParseSort("-priority,due_on,opened_at", desk{"t"})
	opened := time.UnixMicro(1_750_000_000_000_001).UTC()
	token, err := s.Seal(o, []any{nil, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), opened, "01000000-0000-0000-0000-000000000003"}, []byte("q"), []byte("s"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Open(o, token, []byte("q"), []byte("s"))
	if want := []any{nil, "2026-01-02", opened.UnixMicro(), idOf(3)}; err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %v, %v; want %v", got, err, want)
	}
	other, _ := ParseSort("-priority,due_on,-opened_at", desk{"t"})
	stranger, _ := NewSealer([]byte("a secret of another system"))
	refused := func(what string, values []any, err error) {
		t.Helper()
		if e, ok := err.(*Error); !ok || e.Reason != ReasonBadCursor || values != nil {
			t.Errorf("%s: %v, %v", what, values, err)
		}
	}
	open := func(what string, s *Sealer, o Order, token, query, scope string) {
		t.Helper()
		values, err := s.Open(o, token, []byte(query), []byte(scope))
		refused(what, values, err)
	}
	open("another query", s, o, token, "r", "s")
	open("another scope", s, o, token, "q", "t")
	open("bytes moved between query and scope", s, o, token, "qs", "")
	open("another order", s, other, token, "q", "s")
	open("another secret", stranger, o, token, "q", "s")
	open("nothing", s, o, "", "q", "s")
	for i := range token {
		for _, c := range []byte("Ab-_=") {
			if token[i] != c {
				open("altered", s, o, token[:i]+string(c)+token[i+1:], "q", "s")
			}
		}
		open("cut short", s, o, token[:i], "q", "s")
	}
	_, err = o.After(SQLite, []any{nil, nil, nil, nil})
	refused("a blank where none can be", nil, err)
	_, err = o.After(SQLite, []any{"x", nil, int64(1), idOf(1)})
	refused("a text for a number", nil, err)
	_, err = o.After(SQLite, []any{nil})
	refused("too few values", nil, err)
}

func TestTwoCursorsOfOnePositionDiffer(t *testing.T) {
	s, o := testSealer(t), Order{Keys: []SortKey{{Field: deskFields[0]}}}
	a, errA := s.Seal(o, []any{idOf(1)}, nil, nil)
	b, errB := s.Seal(o, []any{idOf(1)}, nil, nil)
	if errA != nil || errB != nil || a == b {
		t.Errorf("%q, %v; %q, %v", a, errA, b, errB)
	}
	if _, err := NewSealer([]byte("short")); err == nil {
		t.Error("a short secret was taken")
	}
}

func TestFingerprintsKeepTheirPartsApart(t *testing.T) {
	if bytes.Equal(Fingerprint("a", "bc"), Fingerprint("ab", "c")) || bytes.Equal(Fingerprint(), Fingerprint("")) || !bytes.Equal(Fingerprint("a"), Fingerprint("a")) {
		t.Error("fingerprints run together")
	}
}

func FuzzForeignCursorIsRefused(f *testing.F) {
	f.Add("", uint(0), byte(0))
	f.Add("AAAA", uint(3), byte(1))
	s := testSealer(f)
	o, _ := ParseSort("priority", desk{"t"})
	good, _ := s.Seal(o, []any{int64(1), idOf(1)}, nil, nil)
	f.Fuzz(func(t *testing.T, token string, i uint, x byte) {
		altered := []byte(good)
		altered[i%uint(len(altered))] ^= x
		for _, bad := range []string{token, string(altered)} {
			values, err := s.Open(o, bad, nil, nil)
			if bad == good {
				continue
			}
			if e, ok := err.(*Error); !ok || e.Reason != ReasonBadCursor || values != nil {
				t.Errorf("%q gives %v, %v", bad, values, err)
			}
		}
	})
}
