package table

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// read gives all rows and refusals of content; err is what ended it other than io.EOF.
func read(t testing.TB, content, name string, o Options) (r *Reader, rows []Row, refused []*RowError, err error) {
	t.Helper()
	r, err = Open(strings.NewReader(content), name, o)
	if err != nil {
		return r, nil, nil, err
	}
	t.Cleanup(func() { r.Close() })
	for {
		row, err := r.Next()
		var bad *RowError
		switch {
		case err == io.EOF:
			return r, rows, refused, nil
		case errors.As(err, &bad):
			refused = append(refused, bad)
		case err != nil:
			return r, rows, refused, err
		default:
			rows = append(rows, row)
		}
	}
}

// show is rows as lines "line:number a|b|c".
func show(rows []Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%d:%d %q\n", r.Line, r.Number, r.Values)
	}
	return b.String()
}

func utf16Of(s string, e unicode.Endianness, bom unicode.BOMPolicy) string {
	out, err := unicode.UTF16(e, bom).NewEncoder().String(s)
	if err != nil {
		panic(err)
	}
	return out
}

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.String()
}

// TestEveryWayATableIsSentIsUnderstood is fault F42, row by row.
func TestEveryWayATableIsSentIsUnderstood(t *testing.T) {
	const text = "ref,title,team\r\nINC-1,Drucker für Zoë – kaputt,Söder\r\nINC-2,ok,\r\n"
	want := `2:1 ["INC-1" "Drucker für Zoë – kaputt" "Söder"]` + "\n" + `3:2 ["INC-2" "ok" ""]` + "\n"
	cp1252, _ := charmap.Windows1252.NewEncoder().String(text)
	sjis, _ := japanese.ShiftJIS.NewEncoder().String("ref,title,team\n1,日本|語,表\n")
	plain := Detection{Format: CSV, Encoding: UTF8, Delimiter: ',', LineEnd: "CRLF", Columns: 3}
	for _, tc := range []struct {
		name, content string
		opt           Options
		want          string
		detect        func(*Detection)
	}{
		{"utf-8", text, Options{}, want, func(*Detection) {}},
		{"byte order mark", "\uFEFF" + text, Options{}, want, func(d *Detection) { d.BOM = true }},
		{"mark before a quote", "\uFEFF" + `"ref","title","team"` + "\r\n1,2,3", Options{}, `2:1 ["1" "2" "3"]` + "\n", func(d *Detection) { d.BOM = true }},
		{"utf-16 le with mark", utf16Of(text, unicode.LittleEndian, unicode.UseBOM), Options{}, want, func(d *Detection) { d.BOM, d.Encoding = true, UTF16LE }},
		{"utf-16 be with mark", utf16Of(text, unicode.BigEndian, unicode.UseBOM), Options{}, want, func(d *Detection) { d.BOM, d.Encoding = true, UTF16BE }},
		{"utf-16 le without", utf16Of(text, unicode.LittleEndian, unicode.IgnoreBOM), Options{}, want, func(d *Detection) { d.Encoding, d.Guessed = UTF16LE, true }},
		{"utf-16 be without", utf16Of(text, unicode.BigEndian, unicode.IgnoreBOM), Options{}, want, func(d *Detection) { d.Encoding, d.Guessed = UTF16BE, true }},
		{"windows-1252 guessed", cp1252, Options{}, want, func(d *Detection) { d.Encoding, d.Guessed = Windows1252, true }},
		{"windows-1252 said", cp1252, Options{Encoding: "Windows-1252"}, want, func(d *Detection) { d.Encoding = Windows1252 }},
		{"multi-byte said", sjis, Options{Encoding: "shift_jis"}, `2:1 ["1" "日本|語" "表"]` + "\n", func(d *Detection) { d.Encoding, d.LineEnd = "shift_jis", "LF" }},
		{"semicolon", strings.ReplaceAll(text, ",", ";"), Options{}, want, func(d *Detection) { d.Delimiter = ';' }},
		{"tab", strings.ReplaceAll(text, ",", "\t"), Options{}, want, func(d *Detection) { d.Delimiter = '\t' }},
		{"pipe", strings.ReplaceAll(text, ",", "|"), Options{}, want, func(d *Detection) { d.Delimiter = '|' }},
		{"declared delimiter", "sep=|\r\nref|title|team\r\na,b|c;d|e\r\n", Options{}, `3:1 ["a,b" "c;d" "e"]` + "\n", func(d *Detection) { d.Delimiter, d.Guessed = '|', true }},
		{"semicolon with commas in text", "ref;title;team\r\n1;a, b, c;x\r\n2;d,e;y\r\n", Options{}, `2:1 ["1" "a, b, c" "x"]` + "\n" + `3:2 ["2" "d,e" "y"]` + "\n", func(d *Detection) { d.Delimiter, d.Guessed = ';', true }},
		{"quoted newline and quote", "ref,title,team\r\n1,\"a \"\"b\"\"\r\nc,d\",x\r\n2,e,y\r\n", Options{}, `2:1 ["1" "a \"b\"\r\nc,d" "x"]` + "\n" + `4:2 ["2" "e" "y"]` + "\n", func(d *Detection) { d.Guessed = true }},
		{"quote within a value", "ref,title,team\r\n1,5\" disk,x\r\n", Options{}, `2:1 ["1" "5\" disk" "x"]` + "\n", func(d *Detection) { d.Guessed = true }},
		{"empty last column", "ref,title,team,\r\n1,a,x,\r\n2,b,y\r\n", Options{}, `2:1 ["1" "a" "x"]` + "\n" + `3:2 ["2" "b" "y"]` + "\n", func(d *Detection) { d.Guessed = true }},
		{"delimiter after each row", "ref,title,team\r\n1,a,x,\r\n", Options{}, `2:1 ["1" "a" "x"]` + "\n", func(d *Detection) { d.Guessed = true }},
		{"LF, no end at the end", "ref,title,team\n1,a,x\n2,b,y", Options{}, `2:1 ["1" "a" "x"]` + "\n" + `3:2 ["2" "b" "y"]` + "\n", func(d *Detection) { d.LineEnd, d.Guessed = "LF", true }},
		{"CR, LF within a cell", "ref,title,team\r1,\"a\nb\",x\r2,b,y\r", Options{}, `2:1 ["1" "a\nb" "x"]` + "\n" + `3:2 ["2" "b" "y"]` + "\n", func(d *Detection) { d.LineEnd, d.Guessed = "CR", true }},
		{"empty lines", "ref,title,team\n\n1,a,x\n\r\n\n2,b,y\n\n", Options{}, `3:1 ["1" "a" "x"]` + "\n" + `6:2 ["2" "b" "y"]` + "\n", func(d *Detection) { d.LineEnd, d.Guessed = "LF", true }},
		{"formulas are text", "ref,title,team\n=1+1,\"=cmd|' /C calc'!A0\",@x\n", Options{}, `2:1 ["=1+1" "=cmd|' /C calc'!A0" "@x"]` + "\n", func(d *Detection) { d.LineEnd, d.Guessed = "LF", true }},
		{"guards come off", "ref,title,team\n'=1+1,''-5,'tis\n", Options{}, `2:1 ["=1+1" "'-5" "'tis"]` + "\n", func(d *Detection) { d.LineEnd, d.Guessed = "LF", true }},
		{"guards are kept", "ref,title,team\n'=1+1,''-5,'tis\n", Options{KeepApostrophes: true}, `2:1 ["'=1+1" "''-5" "'tis"]` + "\n", func(d *Detection) { d.LineEnd, d.Guessed = "LF", true }},
		{"gzip", gzipped(text), Options{}, want, func(d *Detection) { d.Compression = "gzip" }},
		{"gzip of utf-16", gzipped(utf16Of(text, unicode.LittleEndian, unicode.UseBOM)), Options{}, want, func(d *Detection) { d.Compression, d.BOM, d.Encoding = "gzip", true, UTF16LE }},
		{"two gzip members", gzipped(text[:20]) + gzipped(text[20:]), Options{}, want, func(d *Detection) { d.Compression = "gzip" }},
		{"short rows filled by choice", "ref,title,team\n1,a\n", Options{PadShort: true}, `2:1 ["1" "a" ""]` + "\n", func(d *Detection) { d.LineEnd, d.Guessed = "LF", true }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, rows, refused, err := read(t, tc.content, "", tc.opt)
			if err != nil || len(refused) > 0 {
				t.Fatalf("refused %v, %v", refused, err)
			}
			if got := show(rows); got != tc.want {
				t.Errorf("got\n%swant\n%s", got, tc.want)
			}
			if !slices.Equal(r.Header(), []string{"ref", "title", "team"}) {
				t.Errorf("header %q", r.Header())
			}
			d := plain
			tc.detect(&d)
			if got := r.Detected(); fmt.Sprint(got) != fmt.Sprint(d) {
				t.Errorf("detected %+v, want %+v", got, d)
			}
		})
	}
}

func TestOneBadRowInTenThousandIsNamedAndTheOthersCome(t *testing.T) {
	var b strings.Builder
	b.WriteString("ref,title,team\r\n")
	for i := 1; i <= 10000; i++ {
		if i == 7777 {
			b.WriteString("INC-7777,\xC3(\xA4,x\r\n")
			continue
		}
		fmt.Fprintf(&b, "INC-%d,Gerät,x\r\n", i)
	}
	_, rows, refused, err := read(t, b.String(), "big.csv", Options{})
	if err != nil || len(rows) != 9999 || len(refused) != 1 {
		t.Fatalf("%d rows, refused %v, %v", len(rows), refused, err)
	}
	if got, want := *refused[0], (RowError{Line: 7778, Number: 7777, Column: 2, Header: "title", Reason: BadEncoding, Mend: refused[0].Mend}); got != want || !strings.Contains(got.Mend, "0xC3") {
		t.Errorf("got %+v", got)
	}
	if rows[7776].Number != 7778 || rows[7776].Line != 7779 {
		t.Errorf("the row after: %+v", rows[7776])
	}
}

func TestHeadersThatCannotBeToldApartAreRefusedAllAtOnce(t *testing.T) {
	const content = " Status ,Title,,Status,Status_2,\n1,2,3,4,5,\n"
	_, _, _, err := read(t, content, "x.csv", Options{})
	var f *FileError
	if !errors.As(err, &f) || f.Reason != BadHeader {
		t.Fatalf("%v", err)
	}
	var got []string
	for _, e := range f.Err.(interface{ Unwrap() []error }).Unwrap() {
		bad := e.(*RowError)
		got = append(got, fmt.Sprintf("%d %d %s %s", bad.Line, bad.Column, bad.Header, bad.Reason))
	}
	if want := []string{"1 3  " + BlankHeader, "1 4 Status " + DuplicateHeader}; !slices.Equal(got, want) {
		t.Errorf("got %q want %q", got, want)
	}
	r, rows, _, err := read(t, content, "x.csv", Options{RenameHeaders: true})
	if err != nil || !slices.Equal(r.Header(), []string{"Status", "Title", "column_3", "Status_3", "Status_2"}) || len(rows) != 1 {
		t.Errorf("renamed: %q, %d rows, %v", r.Header(), len(rows), err)
	}
}

func TestTheFirstForeignByteSettlesTheEncoding(t *testing.T) {
	filler := strings.Repeat("1,plain\n", 100_000) // far beyond what Open looks at
	for _, tc := range []struct{ last, value, encoding string }{
		{"2,Z\xFCrich\n", "Zürich", Windows1252},
		{"2,Zürich\n", "Zürich", UTF8},
	} {
		r, err := Open(strings.NewReader("ref,town\n"+filler+tc.last), "x.csv", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := r.Detected(); d.Encoding != UTF8 || !d.Guessed {
			t.Errorf("before: %+v", d)
		}
		var last Row
		for row, err := r.Next(); err != io.EOF; row, err = r.Next() {
			if err != nil {
				t.Fatal(err)
			}
			last = row
		}
		if last.Number != 100_001 || last.Values[1] != tc.value || r.Detected().Encoding != tc.encoding {
			t.Errorf("%+v %+v", last, r.Detected())
		}
	}
}

func TestAFileThatIsSomethingElseIsRefused(t *testing.T) {
	for _, tc := range []struct {
		content, name string
		opt           Options
		reason        string
	}{
		{"", "x.csv", Options{}, Empty},
		{"\n\n", "x.csv", Options{}, Empty},
		{"\uFEFF", "x.csv", Options{}, Empty},
		{",,\n1,2,3\n", "x.csv", Options{}, BadHeader},
		{"a,\"b\n1,2\n", "x.csv", Options{}, BadHeader},
		{"a,b\n1,2\n", "x.xlsx", Options{}, WrongFormat},
		{"a,b\n1,2\n", "x", Options{Format: XLSX}, WrongFormat},
		{"a,b\n1,2\n", "x", Options{Format: "ods"}, WrongFormat},
		{"a,b\n1,2\n", "x", Options{Delimiter: '"'}, WrongFormat},
		{"a,b\n1,2\n", "x", Options{Encoding: "klingon"}, WrongEncoding},
		{"PK\x03\x04....", "x.csv", Options{}, WrongFormat},
		{"PK\x03\x04....", "x.xlsx", Options{}, Damaged},
		{string(oleMagic) + "....", "x.xls", Options{}, WrongFormat},
		{"\xFF\xFE\x00\x00a\x00\x00\x00", "x.csv", Options{}, WrongEncoding},
		{gzipped(gzipped("a,b\n1,2\n")), "x.csv.gz", Options{}, WrongFormat},
		{"\x1F\x8Bnot gzip at all", "x.csv.gz", Options{}, Damaged},
	} {
		_, _, _, err := read(t, tc.content, tc.name, tc.opt)
		var f *FileError
		if !errors.As(err, &f) || f.Reason != tc.reason || f.Mend == "" || f.Name != tc.name {
			t.Errorf("%q %q: %v, want %s", tc.content, tc.name, err, tc.reason)
		}
	}
}
