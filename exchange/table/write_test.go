package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// nasty is text that has a meaning to somebody on the way.
var nasty = []string{"", " ", "a", "=1+1", "+3.2", "-5", "@x", "\tx", "\rx", "'", "''=1", "'tis", "-", "\"", "\"\"", "a\"b", "a,b", "a;b", "a\tb", "a|b", "x\r\ny", "x\ny", "x\ry", "\n", "\r\n",
	"ID", "sep=;", "\uFEFF", "ä", "😀", "日本", "_x0041_", "&<>", "]]>", "a  b ", "1e5", "0012", "true", "#REF!", "\u0085", "\u2028", "é", "=cmd|' /C calc'!A0", "x\x01y"}

func textGen() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(nasty), rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(nasty), 1, 4).Draw(t, "parts"), "")
	}), rapid.String().Filter(func(s string) bool { return !strings.Contains(s, "\x00") }))
}

// names are distinct column names that trimming leaves alone.
func namesGen(n int) *rapid.Generator[[]string] {
	return rapid.SliceOfNDistinct(textGen().Filter(func(s string) bool { return s != "" && strings.TrimSpace(s) == s }), n, n, func(s string) string { return s })
}

func recordsOf(t interface{ Fatal(...any) }, content string, o Options) (header []string, out [][]string) {
	r, err := Open(strings.NewReader(content), "", o)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		row, err := r.Next()
		if err == io.EOF {
			return r.Header(), out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, row.Values)
	}
}

func TestWhatIsWrittenAsCSVIsReadBackAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		names := namesGen(columns).Draw(t, "names")
		opt := WriteOptions{Delimiter: rapid.SampledFrom([]byte{0, ';', '\t', '|'}).Draw(t, "delimiter"), BOM: rapid.Bool().Draw(t, "bom")}
		var b bytes.Buffer
		w := NewCSVWriter(&b, opt)
		check := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
		}
		check(w.Header(names...))
		var want [][]string
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			row := rapid.SliceOfN(textGen(), columns, columns).Draw(t, "row")
			want = append(want, row)
			cells := make([]Cell, columns)
			for i, s := range row {
				cells[i] = Text(s)
			}
			check(w.Write(cells...))
		}
		check(w.Close())
		// nothing but what the file itself tells: no option
		header, got := recordsOf(t, b.String(), Options{})
		if !slices.Equal(header, names) || !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("header %q rows %q, want %q %q in\n%q", header, got, names, want, b.String())
		}
		// and no spreadsheet finds a formula, asked through a foreign reader
		foreign := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\uFEFF")))
		foreign.Comma = rune(w.opt.Delimiter)
		all, err := foreign.ReadAll()
		check(err)
		for _, row := range all {
			for _, s := range row {
				if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
					t.Fatalf("cell %q can run", s)
				}
			}
		}
	})
}

func TestWhatOthersWriteIsReadAsTheyReadIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(2, 4).Draw(t, "columns")
		gen := textGen().Filter(func(s string) bool { return !strings.Contains(s, "\r") }) // encoding/csv changes CRLF within values
		want := rapid.SliceOfN(rapid.SliceOfN(gen, columns, columns), 1, 6).Draw(t, "rows")
		var b strings.Builder
		b.WriteString("h" + strings.Repeat(",h", columns-1) + "\n")
		w := csv.NewWriter(&b)
		w.UseCRLF = false
		w.WriteAll(want)
		_, got := recordsOf(t, b.String(), Options{RenameHeaders: true, KeepApostrophes: true, Delimiter: ',', Encoding: UTF8})
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("got %q want %q", got, want)
		}
	})
}

func TestNumbersAndTimesStayWhatTheyAre(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 31, 21, 59, 59, 123e6, time.UTC)
	cells := []Cell{Integer(-5), Decimal("-12.50"), Decimal("+3.2"), Decimal("123456789012345678.90"), Number(3.25), Number(math.Inf(-1)), Bool(true), Instant(at), Instant(time.Time{}), Day(at), {}, Text("-5"), Instant(time.Date(1850, 1, 1, 0, 0, 0, 0, time.UTC))}
	names := strings.Split("a b c d e f g h i j k l m", " ")
	for _, tc := range []struct {
		open func(io.Writer) Writer
		want string // as read
		raw  string // as written
	}{
		{func(w io.Writer) Writer { return NewCSVWriter(w, WriteOptions{Zone: berlin}) },
			"-5 -12.50 +3.2 123456789012345678.90 3.25 -Inf true 2026-03-31T23:59:59.123+02:00  2026-03-31  -5 1850-01-01T00:53:28+00:53",
			"a,b,c,d,e,f,g,h,i,j,k,l,m\r\n-5,-12.50,'+3.2,123456789012345678.90,3.25,'-Inf,true,2026-03-31T23:59:59.123+02:00,,2026-03-31,,'-5,1850-01-01T00:53:28+00:53\r\n"},
		{func(w io.Writer) Writer { return NewXLSXWriter(w, WriteOptions{Zone: berlin, TempDir: t.TempDir()}) },
			"-5 -12.5 +3.2 123456789012345678.90 3.25 -Inf true 2026-03-31T23:59:59.123+02:00  2026-03-31  -5 1850-01-01T00:53:28+00:53", ""},
	} {
		var b bytes.Buffer
		w := tc.open(&b)
		for _, err := range []error{w.Header(names...), w.Write(cells...), w.Close()} {
			if err != nil {
				t.Fatal(err)
			}
		}
		_, rows := recordsOf(t, b.String(), Options{})
		if got := strings.Join(rows[0], " "); got != tc.want {
			t.Errorf("%T\n got %s\nwant %s", w, got, tc.want)
		}
		if tc.raw != "" && b.String() != tc.raw {
			t.Errorf("%T wrote %q", w, b.String())
		}
	}
}

func TestOneInstantIsOneInstantInEveryZoneAndFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/Toronto", "Asia/Kathmandu", "Australia/Lord_Howe"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		at := time.UnixMilli(rapid.Int64Range(-2e12, 7e12).Draw(t, "ms"))
		var c, x bytes.Buffer
		for _, w := range []Writer{NewCSVWriter(&c, WriteOptions{Zone: zone}), NewXLSXWriter(&x, WriteOptions{Zone: zone})} {
			if err := errors.Join(w.Header("at"), w.Write(Instant(at)), w.Close()); err != nil {
				t.Fatal(err)
			}
		}
		for _, content := range []string{c.String(), x.String()} {
			_, rows := recordsOf(t, content, Options{})
			got, err := time.Parse(time.RFC3339, rows[0][0])
			// offsets of old local mean times have seconds, which RFC 3339 cannot show
			if diff := got.Sub(at).Abs(); err != nil || diff >= time.Minute || diff > 0 && at.Year() > 1950 {
				t.Fatalf("%v read as %q (%v)", at.In(zone), rows[0][0], err)
			}
		}
	})
}

func TestAWriterRefusesWhatIsNoTable(t *testing.T) {
	for name, open := range map[string]func(io.Writer) Writer{
		"csv":  func(w io.Writer) Writer { return NewCSVWriter(w, WriteOptions{}) },
		"xlsx": func(w io.Writer) Writer { return NewXLSXWriter(w, WriteOptions{}) },
	} {
		w := open(io.Discard)
		if w.Write(Text("x")) == nil || w.Header() == nil {
			t.Errorf("%s: a row before the header, or no column, was taken", name)
		}
		if err := w.Header("a", "b"); err != nil {
			t.Fatal(err)
		}
		if w.Write(Text("x")) == nil || w.Header("c", "d") == nil {
			t.Errorf("%s: a short row, or a second header, was taken", name)
		}
		if err := errors.Join(w.Write(Text("x"), Text("y")), w.Close()); err != nil {
			t.Errorf("%s: %v after refusals", name, err)
		}
		if open(io.Discard).Close() == nil {
			t.Errorf("%s: an empty file was taken for a table", name)
		}
	}
	if NewCSVWriter(io.Discard, WriteOptions{Delimiter: '='}).Header("a") == nil {
		t.Error("csv: '=' delimits")
	}
}

func TestALargeWorkbookWaitsOnDiskAndLeavesNothingThere(t *testing.T) {
	dir := t.TempDir()
	var b bytes.Buffer
	w := NewXLSXWriter(&b, WriteOptions{TempDir: dir})
	if err := w.Header("ref", "text"); err != nil {
		t.Fatal(err)
	}
	const rows = 14_000
	noise := uint64(1) // so that the file is larger than what the reader keeps in memory
	for i := range rows {
		var s strings.Builder
		for range 100 {
			noise = noise*6364136223846793005 + 1442695040888963407
			s.WriteString(time.Duration(noise >> 1).String())
		}
		if err := w.Write(Integer(int64(i)), Text(s.String())); err != nil {
			t.Fatal(err)
		}
	}
	if waiting, _ := os.ReadDir(dir); len(waiting) == 0 {
		t.Error("nothing waits on disk: it must be in memory")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() < spoolInMemory {
		t.Fatalf("only %d bytes", b.Len())
	}
	r, err := Open(&b, "x.xlsx", Options{TempDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; err == nil; n++ {
		_, err = r.Next()
	}
	if err != io.EOF || n != rows+1 {
		t.Errorf("%d rows, %v", n-1, err)
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
