package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// foreignBook is a workbook as another program writes it (excelize without its stream writer).
func foreignBook(t testing.TB, fill func(f *excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// altered is the workbook with one part changed.
func altered(t testing.TB, book, part string, change func(string) string) string {
	t.Helper()
	in, err := zip.NewReader(strings.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	seen := false
	for _, f := range in.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(r)
		s := string(content)
		if f.Name == part {
			s, seen = change(s), true
		}
		w, _ := out.Create(f.Name)
		io.WriteString(w, s)
	}
	if out.Close(); !seen {
		t.Fatalf("no part %s", part)
	}
	return b.String()
}

const sheet1 = "xl/worksheets/sheet1.xml"

func TestASheetIsReadAsItsValuesAre(t *testing.T) {
	book := foreignBook(t, func(f *excelize.File) {
		set := func(cell string, v any) {
			if err := f.SetCellValue("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
		styled := func(cell, format string, v any) {
			id, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err != nil {
				t.Fatal(err)
			}
			set(cell, v)
			f.SetCellStyle("Sheet1", cell, cell, id)
		}
		for i, h := range []string{"text", "number", "when", "flag", "formula", "percent", "last"} {
			set(string(rune('A'+i))+"1", h)
		}
		set("A2", "=1+1")
		set("B2", 0.1+0.2)
		set("C2", time.Date(2016, 2, 29, 1, 16, 0, 0, time.UTC))
		set("D2", true)
		f.SetCellFormula("Sheet1", "E2", "1+1")
		styled("F2", "0.0%", 0.125)
		set("A4", "zeile\nzwei")
		set("B4", 1234567)
		styled("C4", "dd.mm.yyyy", 42429)
		set("D4", "TRUE")
		styled("F4", "#,##0.00 [$€-407]", 1234.5)
		set("G4", "'x")
		styled("C5", "[h]:mm", 1.5)
		styled("B5", "mm:ss", 0.5)
		styled("A5", "[$-409]mmm-yy", 42429)
		styled("D5", `h:mm AM/PM`, 42429.75)
		styled("E5", `0" days"`, 3)
		set("F5", 1e21)
		if _, err := f.NewSheet("More"); err != nil {
			t.Fatal(err)
		}
	})
	// excelize computes nothing on saving; a spreadsheet program stores the value beside the formula
	book = altered(t, book, sheet1, func(s string) string { return strings.Replace(s, "</f>", "</f><v>2</v>", 1) })
	r, rows, refused, err := read(t, book, "b.xlsx", Options{})
	if err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
	want := `2:1 ["=1+1" "0.3" "2016-02-29 01:16:00" "true" "2" "0.125" ""]
4:2 ["zeile\nzwei" "1234567" "2016-02-29" "TRUE" "" "1234.5" "'x"]
5:3 ["2016-02-29" "12:00:00" "36:00:00" "2016-02-29 18:00:00" "3" "1000000000000000000000" ""]
`
	if got := show(rows); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if d := r.Detected(); d.Format != XLSX || d.Sheet != "Sheet1" || !slices.Equal(d.Ignored, []string{"More"}) || d.Columns != 7 {
		t.Errorf("%+v", d)
	}
}

func TestCellsAtFaultAreNamedAndTheOtherRowsCome(t *testing.T) {
	book := foreignBook(t, func(f *excelize.File) {
		for i := 1; i <= 9; i++ {
			f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i), &[]any{fmt.Sprintf("t%d", i), i, "x"})
		}
		f.SetCellFormula("Sheet1", "B3", "B2*2")
		f.SetCellValue("Sheet1", "E6", "under no name")
	})
	book = altered(t, book, sheet1, func(s string) string {
		for _, c := range [][2]string{
			{`<c r="B3" t="str"><f>B2*2</f><v>3</v></c>`, `<c r="B3"><f>B2*2</f></c>`},
			{`<c r="B4"><v>4</v></c>`, `<c r="B4" t="e"><v>#REF!</v></c>`},
			{`<c r="B5"><v>5</v></c>`, `<c r="B5" t="s"><v>999</v></c>`},
			{`<c r="B7"><v>7</v></c>`, `<c r="A7"><v>7</v></c>`},
			{`<c r="B8"><v>8</v></c>`, `<c r="B8"><v>eight</v></c>`},
		} {
			if !strings.Contains(s, c[0]) {
				t.Fatalf("no %s in %s", c[0], s)
			}
			s = strings.Replace(s, c[0], c[1], 1)
		}
		return s
	})
	_, rows, refused, err := read(t, book, "b.xlsx", Options{})
	if err != nil || len(rows) != 2 || rows[0].Line != 2 || rows[1].Line != 9 {
		t.Errorf("%s%v", show(rows), err)
	}
	want := []string{"3.2 formula_not_computed", "4.2 cell_error", "5.2 bad_cell", "6.5 too_many_values", "7.2 bad_cell", "8.2 bad_cell"}
	if got := told(refused); !slices.Equal(got, want) {
		t.Errorf("got %q want %q", got, want)
	}
}

func TestABrokenOrHostileWorkbookIsNeverAShortTable(t *testing.T) {
	book := foreignBook(t, func(f *excelize.File) {
		for i := 1; i <= 50; i++ {
			f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i), &[]any{fmt.Sprintf("t%d", i), i})
		}
	})
	rowEnd := regexp.MustCompile(`</row>`)
	for _, tc := range []struct {
		name, book, reason string
	}{
		{"sheet cut off", altered(t, book, sheet1, func(s string) string { return s[:len(s)*2/3] }), Damaged},
		{"sheet cut after a row", altered(t, book, sheet1, func(s string) string { return s[:rowEnd.FindAllStringIndex(s, -1)[20][1]] }), Damaged},
		{"control character", altered(t, book, sheet1, func(s string) string { return strings.Replace(s, "<v>30</v>", "<v>\x01</v>", 1) }), Damaged},
		{"archive cut off", book[:len(book)/2], Damaged},
		{"archive of something else", altered(t, book, "_rels/.rels", func(s string) string { return "<a/>" }), WrongFormat},
		{"sheet missing", altered(t, book, "xl/_rels/workbook.xml.rels", func(s string) string { return strings.Replace(s, "sheet1.xml", "gone.xml", 1) }), Damaged},
		{"entities", altered(t, book, sheet1, func(s string) string {
			return strings.Replace(s, "<worksheet", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet`, 1)
		}), WrongFormat},
		{"rows bomb", altered(t, book, sheet1, func(s string) string {
			return strings.Replace(s, "</sheetData>", strings.Repeat("<row><c><v>1</v></c></row>", 1<<20)+"</sheetData>", 1)
		}), Bomb},
		{"strings bomb", altered(t, book, "xl/sharedStrings.xml", func(s string) string {
			return strings.Replace(s, "</sst>", strings.Repeat("<si/>", 4<<20)+"</sst>", 1)
		}), Bomb},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, rows, _, err := read(t, tc.book, "b.xlsx", Options{})
			var f *FileError
			if !errors.As(err, &f) || f.Reason != tc.reason {
				t.Errorf("%d rows, %v, want %s", len(rows), err, tc.reason)
			}
		})
	}
	many := func() string {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for i := range 150_000 {
			w.Create(fmt.Sprintf("xl/media/%d", i))
		}
		w.Close()
		return b.String()
	}()
	_, _, _, err := read(t, many, "b.xlsx", Options{})
	var f *FileError
	if !errors.As(err, &f) || f.Reason != Bomb {
		t.Errorf("150,000 parts: %v", err)
	}
}

func TestWhatIsWrittenAsXLSXIsReadBackAndHoldsNoFormula(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 3).Draw(t, "columns")
		names := namesGen(columns).Filter(func(n []string) bool { return !slices.ContainsFunc(n, unwritable) }).Draw(t, "names")
		var want [][]string
		var b bytes.Buffer
		w := NewXLSXWriter(&b, WriteOptions{})
		err := w.Header(names...)
		for range rapid.IntRange(0, 4).Draw(t, "rows") {
			row := rapid.SliceOfN(textGen().Filter(func(s string) bool { return !unwritable(s) }), columns, columns).Draw(t, "row")
			cells := make([]Cell, columns)
			for i, s := range row {
				cells[i] = Text(s)
			}
			if err = errors.Join(err, w.Write(cells...)); slices.ContainsFunc(row, func(s string) bool { return s != "" }) {
				want = append(want, row) // rows without a value are no records in a sheet
			}
		}
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		header, got := recordsOf(t, b.String(), Options{})
		if !slices.Equal(header, names) || !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("header %q rows %q, want %q %q", header, got, names, want)
		}
		z, _ := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		for _, f := range z.File {
			if r, err := f.Open(); err == nil && strings.HasPrefix(f.Name, "xl/worksheets/") {
				if s, _ := io.ReadAll(r); bytes.Contains(s, []byte("<f>")) || bytes.Contains(s, []byte(`t="str"`)) {
					t.Fatalf("%s has a formula: %s", f.Name, s)
				}
			}
		}
	})
}

// unwritable is text with a character that XML has no way to hold; it is written as U+FFFD.
func unwritable(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}

func TestTextLongerThanACellIsCutVisiblyAndCounted(t *testing.T) {
	var b bytes.Buffer
	w := NewXLSXWriter(&b, WriteOptions{})
	long := strings.Repeat("😀", 20_000)
	if err := errors.Join(w.Header("a"), w.Write(Text(long)), w.Write(Text(strings.Repeat("ä", 32767))), w.Close()); err != nil {
		t.Fatal(err)
	}
	_, rows := recordsOf(t, b.String(), Options{})
	if got := rows[0][0]; w.Shortened() != 1 || !strings.HasSuffix(got, "😀"+cutNotice) || len([]rune(rows[1][0])) != 32767 {
		t.Errorf("%d shortened, ends %q", w.Shortened(), got[len(got)-40:])
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if about, _ := f.GetRows(aboutTitle); fmt.Sprint(about) != "[[zone of times UTC] [records 2] [texts cut to 32767 characters 1]]" {
		t.Errorf("about says %q", about)
	}
}

func TestFormatCodesTellDatesFromNumbers(t *testing.T) {
	for code, want := range map[string]form{
		"General": {}, "0.00": {}, "@": {}, "#,##0": {}, `0" days"`: {}, "0.00E+00": {}, `[Red]0;[Blue]-0`: {}, `"Summe" 0`: {},
		"yyyy-mm-dd": {kind: asDate}, "m/d/yy": {kind: asDate}, "mmm": {kind: asDate}, `[$-F800]dddd\, mmmm dd\, yyyy`: {kind: asDate},
		"h:mm": {kind: asTime}, "mm:ss.0": {kind: asTime}, "[h]:mm:ss": {kind: asSpan}, "[mm]": {kind: asSpan},
		"dd.mm.yyyy hh:mm": {kind: asInstant}, `yyyy-mm-dd"T"hh:mm:ss"Z"`: {kind: asInstant, zone: "Z"},
		`yyyy-mm-dd"T"hh:mm:ss"+05:45"`: {kind: asInstant, zone: "+05:45"}, `yyyy-mm-dd hh:mm" Uhr"`: {kind: asInstant},
	} {
		if got := formOf(code); got != want {
			t.Errorf("%q: %+v, want %+v", code, got, want)
		}
	}
}

func TestSerialNumbersAreTheDaysThatSpreadsheetsShow(t *testing.T) {
	for _, tc := range []struct {
		serial float64
		kind   formKind
		old    bool
		want   string
	}{
		{1, asDate, false, "1900-01-01"}, {59, asDate, false, "1900-02-28"}, {61, asDate, false, "1900-03-01"}, {0, asDate, true, "1904-01-01"},
		{42429, asDate, false, "2016-02-29"}, {40967, asDate, true, "2016-02-29"}, {42429.999999999, asInstant, false, "2016-03-01 00:00:00"},
		{0.25, asTime, false, "06:00:00"}, {-0.5, asSpan, false, "-12:00:00"}, {2958465, asDate, false, "9999-12-31"},
	} {
		if got, ok := (form{kind: tc.kind}).render(tc.serial, tc.old); !ok || got != tc.want {
			t.Errorf("%v: %q, want %q", tc.serial, got, tc.want)
		}
	}
	for _, serial := range []float64{-1, 2958466, 1e18} {
		if got, ok := (form{kind: asDate}).render(serial, false); ok {
			t.Errorf("%v: %q", serial, got)
		}
	}
}
