package table

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sharedData finds a public data set beside the repository; without it the test says so and is skipped.
func sharedData(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("STEWARD_SHARED")
	if root != "" {
		root = filepath.Join(root, "data")
	} else if dir, err := os.Getwd(); err == nil {
		for ; ; dir = filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "shared", "data")); err == nil {
				root = filepath.Join(dir, "shared", "data")
				break
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	file := filepath.Join(root, filepath.FromSlash(name))
	if _, err := os.Stat(file); root == "" || err != nil {
		t.Skipf("NOT TESTED: %s is missing; put shared/data beside the repository or set STEWARD_SHARED", name)
	}
	return file
}

func TestPublicTablesAreReadWhole(t *testing.T) {
	for _, tc := range []struct {
		name             string
		records, columns int
		encoding         string
	}{
		{"servicenow-incident-log.csv.gz", 119_997, 36, UTF8},
		{"tickets/it-support-tickets-1.csv.gz", 2_716, 9, UTF8},
		{"process-logs/italian-helpdesk.csv.gz", 21_348, 10, UTF8},
		{"process-logs/bpi2014-incidents-at-open.csv.gz", 35_208, 12, UTF8},
		{"status/github-downtime-windows-1.csv", 500, 0, UTF8},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f, err := os.Open(sharedData(t, tc.name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			start := time.Now()
			r, err := Open(f, filepath.Base(tc.name), Options{})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for {
				_, err := r.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			d := r.Detected()
			if n != tc.records || tc.columns > 0 && d.Columns != tc.columns || d.Encoding != tc.encoding || d.Delimiter != ',' {
				t.Errorf("%d records, %+v", n, d)
			}
			t.Logf("%d records in %v, %+v", n, time.Since(start), d)
		})
	}
}

// plainTable is 20,000 records of 36 short values, about 6.6 MB, without quotes.
func plainTable() string {
	var b strings.Builder
	for i := range 36 {
		fmt.Fprintf(&b, "column_%d,", i)
	}
	s := strings.TrimSuffix(b.String(), ",") + "\r\n"
	b.Reset()
	b.WriteString(s)
	for i := range 20_000 {
		for k := range 35 {
			fmt.Fprintf(&b, "v%d %d,", k, i%977)
		}
		b.WriteString("29/2/2016 01:16\r\n")
	}
	return b.String()
}

func drain(t testing.TB, content string) (rows int) {
	r, err := Open(strings.NewReader(content), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	for {
		_, err := r.Next()
		var bad *RowError
		if errors.As(err, &bad) {
			t.Fatal(err)
		}
		if err != nil {
			return rows
		}
		rows++
	}
}

func TestAPlainRecordCostsOneStringAndOneSlice(t *testing.T) {
	content := plainTable()
	r, err := Open(strings.NewReader(content), "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := testing.AllocsPerRun(1000, func() {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
	}); got > 2 {
		t.Errorf("%v allocations a record", got)
	}
}

// BenchmarkRead prints rows a second and how many times faster than encoding/csv it is on the same
// text in the same run.
func BenchmarkRead(b *testing.B) {
	short := "ref,title,team\n" + strings.Repeat("INC-1234,printer on fire,network\n", 200_000)
	quoted := "ref,title,team\n" + strings.Repeat("\"INC-1234\",\"printer \"\"on\"\" fire\",\"network\"\n", 200_000)
	for name, content := range map[string]string{"wide": plainTable(), "short": short, "quoted": quoted} {
		b.Run(name, func(b *testing.B) {
			floor := time.Duration(1 << 62)
			for range 3 {
				start := time.Now()
				c := csv.NewReader(strings.NewReader(content))
				for {
					if _, err := c.Read(); err != nil {
						break
					}
				}
				floor = min(floor, time.Since(start))
			}
			rows := 0
			b.SetBytes(int64(len(content)))
			b.ReportAllocs()
			for b.Loop() {
				rows += drain(b, content)
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(floor)/(float64(b.Elapsed())/float64(b.N)), "x-encoding/csv")
		})
	}
}
