package table

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// FuzzReaderNeverLosesRows puts anything between good rows. The rows behind have no quotes, so
// nothing between can rightly claim them: all of them must come, and every line that is not empty
// must be in a row or be named by a refusal.
func FuzzReaderNeverLosesRows(f *testing.F) {
	for _, s := range []string{"", "\"", "a,\"b", "\"a\"b", "\"\"\"", "\xFF\xFE", "a,b\r\nc,\"d\n\"e", "x,\"1\n2,3\n4\"", "\"a\n\n\nb", "'=1,'\n,", "\x00", "\r", ",,,,\"", "\"\"x\n\"\"\"y,", strings.Repeat("\"", 50), "\"" + strings.Repeat("q\n", 90)} {
		f.Add(s, uint8(10))
	}
	f.Fuzz(func(t *testing.T, garbage string, bound uint8) {
		if len(garbage) > 4<<10 {
			return
		}
		const after = 20
		var b strings.Builder
		b.WriteString("h1,h2\nfirst,1\n" + garbage + "\n")
		for i := range after {
			fmt.Fprintf(&b, "last,%d\n", i)
		}
		lines := strings.Split(b.String(), "\n")
		r, err := Open(strings.NewReader(b.String()), "", Options{Delimiter: ',', Encoding: UTF8, MaxRecord: 64 + int(bound), MaxField: 50 + int(bound)})
		if err != nil {
			t.Fatal(err)
		}
		got, covered, before := 0, 1, 0 // lines covered so far, number before
		var lastBad *RowError
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			var bad *RowError
			if err != nil && !errors.As(err, &bad) {
				t.Fatal(err)
			}
			if row.Line <= covered && lastBad == nil || row.Number != before+1 {
				t.Fatalf("line %d, number %d after line %d, number %d", row.Line, row.Number, covered, before)
			}
			for n := covered + 1; n < row.Line; n++ {
				if lastBad == nil && strings.Trim(lines[n-1], "\r") != "" {
					t.Fatalf("line %d %q is neither in a row nor refused", n, lines[n-1])
				}
			}
			before, covered, lastBad = row.Number, row.Line, bad
			if bad != nil {
				if bad.Line != row.Line || bad.Reason == "" || bad.Mend == "" {
					t.Fatalf("%+v", bad)
				}
				continue
			}
			if len(row.Values) != 2 {
				t.Fatalf("%q", row.Values)
			}
			covered += strings.Count(strings.Join(row.Values, ""), "\n")
			if row.Values[0] == "last" && row.Values[1] == fmt.Sprint(got) && row.Line == len(lines)-after+got {
				got++
			}
		}
		if got != after {
			t.Fatalf("%d of %d rows came after %q", got, after, garbage)
		}
	})
}

// FuzzOpenEndsWithoutHarm reads anything as anything.
func FuzzOpenEndsWithoutHarm(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"), "x.csv")
	f.Add([]byte("\xFF\xFEa\x00,\x00b\x00"), "")
	f.Add([]byte(gzipped("a;b\r\n1;2\r\n")), "x.gz")
	f.Add([]byte("PK\x03\x04"), "x.xlsx")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		r, err := Open(strings.NewReader(string(content)), name, Options{RenameHeaders: true, MaxBytes: 1 << 20})
		if err != nil {
			var bad *FileError
			if !errors.As(err, &bad) {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		defer r.Close()
		for n := 0; ; n++ {
			row, err := r.Next()
			var bad *RowError
			if err == nil && len(row.Values) != len(r.Header()) {
				t.Fatalf("%d values for %d columns", len(row.Values), len(r.Header()))
			}
			if err != nil && !errors.As(err, &bad) {
				return
			}
			if n > 2<<20 {
				t.Fatal("no end")
			}
		}
	})
}
