package table

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/unicode"
)

// told is refusals as "line.column reason".
func told(refused []*RowError) []string {
	var out []string
	for _, e := range refused {
		out = append(out, fmt.Sprintf("%d.%d %s", e.Line, e.Column, e.Reason))
	}
	return out
}

func TestABrokenRecordCostsOnlyItself(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		rows       []int // lines of the rows that come
		refused    []string
	}{
		{"too few", "1,a\n2,b,x\n", []int{3}, []string{"2.3 too_few_values"}},
		{"too many", "1,a,x,y\n2,b,x\n", []int{3}, []string{"2.4 too_many_values"}},
		{"zero byte", "1,a\x00b,x\n2,b,x\n", []int{3}, []string{"2.2 nul_byte"}},
		{"not closed, no more quotes", "1,\"a,x\n2,b,x\n3,c,x\n", []int{3, 4}, []string{"2.2 unclosed_quote"}},
		{"not closed, quotes follow", "1,\"a,x\n2,b,x\n3,\"c\",x\n4,d,x\n", []int{3, 4, 5}, []string{"2.2 text_after_quote"}},
		{"not closed, and the next quote ends a value", "1,\"a,x\n2,b,x\n3,c\",x\n4,d,x\n", []int{2, 5}, nil}, // cannot be told from a text of three lines
		{"not closed, swallowed rows would fit", "1,\"a,x\n2,b,x\n3,c\"\n4,d,x\n", []int{3, 5}, []string{"2.3 too_few_values", "4.3 too_few_values"}},
		{"two lines of text, one value missing", "1,\"a\nb\"\n2,b,x\n", []int{4}, []string{"2.3 too_few_values"}},
		{"text after a quote", "1,\"a\"b,x\n2,b,x\n", []int{3}, []string{"2.2 text_after_quote"}},
		{"quotes not doubled in a text of lines", "1,\"say\nthe \"word\"\nthus, yes\",x\n2,b,x\n", []int{5}, []string{"2.2 text_after_quote", "3.1 stray_quote", "4.2 stray_quote"}},
		{"trust returns after a good record", "1,\"a\"b,x\n2,b,x\n3,5\" disk,x\n", []int{3, 4}, []string{"2.2 text_after_quote"}},
		{"bad byte within lines of text", "1,\"a\nb\xFF\nc\",x\n2,bä,x\n3,ö,x\n", []int{5, 6}, []string{"2.2 bad_encoding"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, rows, refused, err := read(t, "ref,title,team\n"+tc.body, "", Options{Encoding: UTF8, Delimiter: ','})
			var lines []int
			for _, r := range rows {
				lines = append(lines, r.Line)
			}
			if err != nil || !slices.Equal(lines, tc.rows) || !slices.Equal(told(refused), tc.refused) {
				t.Errorf("rows on %v, want %v; refused %q, want %q; %v", lines, tc.rows, told(refused), tc.refused, err)
			}
		})
	}
}

func TestAnUnclosedQuoteDoesNotEatALargeFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("ref,title,team\n1,\"never closed,x\n")
	for i := range 200_000 { // 3 MB and more, and records may have 64 kB
		fmt.Fprintf(&b, "%d,some text,x\n", i+2)
	}
	_, rows, refused, err := read(t, b.String(), "", Options{MaxRecord: 64 << 10})
	if err != nil || len(rows) != 200_000 || !slices.Equal(told(refused), []string{"2.0 record_too_long"}) {
		t.Errorf("%d rows, refused %q, %v", len(rows), told(refused), err)
	}
}

func TestBoundsOfValueAndRecord(t *testing.T) {
	body := "ref,title\n1," + strings.Repeat("x", 101) + "\n2," + strings.Repeat("y", 100) + "\n3,\"" + strings.Repeat("z", 101) +
		"\"\n4,ok\n5," + strings.Repeat("ab", 1<<20) + "\n6,ok\n7,\"" + strings.Repeat("a\n", 1<<19) + "\",x\n8,ok\n"
	_, rows, refused, err := read(t, body, "", Options{MaxField: 100, MaxRecord: 1000})
	var refs []string
	for _, r := range rows {
		refs = append(refs, r.Values[0])
	}
	if err != nil || !slices.Equal(refs, []string{"2", "4", "6", "8"}) {
		t.Errorf("rows %q, %v", refs, err)
	}
	if got := told(refused)[:4]; !slices.Equal(got, []string{"2.2 field_too_long", "4.2 field_too_long", "6.0 record_too_long", "8.0 record_too_long"}) {
		t.Errorf("refused %q", got)
	}
}

func TestAFailingSourceIsNotAnEnd(t *testing.T) {
	lost := errors.New("cable pulled")
	for _, content := range []string{"a,b\n1,2\n3,4", "a,b\n1,2\n3,\"4"} {
		r, err := Open(io.MultiReader(strings.NewReader(content), iotest.ErrReader(lost)), "x.csv", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if row, err := r.Next(); err != nil || row.Values[0] != "1" {
			t.Fatal(row, err)
		}
		for range 2 { // and it stays so
			var f *FileError
			if _, err := r.Next(); !errors.As(err, &f) || !errors.Is(err, lost) || f.Reason != Unreadable || f.Line != 2 {
				t.Errorf("%v", err)
			}
		}
	}
	whole := gzipped("a,b\n" + strings.Repeat("1,2\n", 100_000))
	_, rows, _, err := read(t, whole[:len(whole)-9], "x.csv.gz", Options{})
	var f *FileError
	if !errors.As(err, &f) || f.Reason != Damaged || len(rows) < 90_000 {
		t.Errorf("cut gzip: %d rows, %v", len(rows), err)
	}
}

func TestReadsOfAnySizeGiveTheSame(t *testing.T) {
	content := "ref;title\r\n1;\"ä\r\n\"\"x\"\"\"\r\n2;\"b\r\n3;c\r\n" + strings.Repeat("4;d\r\n", 50_000)
	_, want, wantBad, err := read(t, content, "", Options{})
	if err != nil || len(want) != 50_002 || len(wantBad) != 1 {
		t.Fatalf("%d rows, %d refused, %v", len(want), len(wantBad), err)
	}
	for name, src := range map[string]io.Reader{"one byte": iotest.OneByteReader(strings.NewReader(content)), "half": iotest.HalfReader(strings.NewReader(content)), "data with error": iotest.DataErrReader(strings.NewReader(content))} {
		r, err := Open(src, "", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []Row
		bad := 0
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				bad++
				continue
			}
			got = append(got, row)
		}
		if bad != 1 || show(got) != show(want) {
			t.Errorf("%s: %d rows, %d refused", name, len(got), bad)
		}
	}
}

func TestAGzipBombIsRefusedEarly(t *testing.T) {
	bomb := gzipped("a,b\n" + strings.Repeat("1,2\n", 8<<20)) // 32 MB in 0.03
	_, rows, _, err := read(t, bomb, "x.csv.gz", Options{MaxRecord: 1 << 10})
	var f *FileError
	if !errors.As(err, &f) || f.Reason != Bomb {
		t.Errorf("after %d rows: %v", len(rows), err)
	}
	if len(rows) > 2<<20 {
		t.Errorf("%d rows came before it was refused", len(rows))
	}
	_, _, _, err = read(t, gzipped("a,b\n"+strings.Repeat("1,2\n", 1<<20)), "x.csv.gz", Options{MaxBytes: 1 << 20, MaxRatio: 1 << 20})
	if !errors.As(err, &f) || f.Reason != TooLarge {
		t.Errorf("size: %v", err)
	}
	_, _, _, err = read(t, "a,b\n"+strings.Repeat("1,2\n", 1<<20), "x.csv", Options{MaxBytes: 1 << 20})
	if !errors.As(err, &f) || f.Reason != TooLarge {
		t.Errorf("size of a plain file: %v", err)
	}
}

func TestLoneSurrogatesAreRefusedWithTheirPlace(t *testing.T) {
	s := utf16Of("ref,title\n1,😀\n2,?\n3,ok\n", unicode.LittleEndian, unicode.IgnoreBOM)
	s = strings.Replace(s, "?\x00", "\x00\xD8", 1)
	_, rows, refused, err := read(t, s, "", Options{Encoding: UTF16LE})
	if err != nil || len(rows) != 2 || rows[0].Values[1] != "😀" || !slices.Equal(told(refused), []string{"3.2 bad_encoding"}) {
		t.Errorf("%q, %q, %v", show(rows), told(refused), err)
	}
}
