package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"sort"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// output is how data is printed.
type output struct {
	Output string `help:"table, json or yaml." short:"o" default:"table" enum:"table,json,yaml"`
}

// rows prints rows: as a table of the columns, or whole.
func (o output) rows(w io.Writer, columns []string, rows []map[string]any) error {
	l := o.list(w, columns)
	for _, r := range rows {
		if err := l.add(r); err != nil {
			return err
		}
	}
	return l.end()
}

// list prints rows as they come: a table is aligned per so many rows, so that a long list neither
// waits for its end nor fills the memory.
func (o output) list(w io.Writer, columns []string) *listed {
	return &listed{kind: o.Output, w: w, columns: columns}
}

type listed struct {
	kind    string
	w       io.Writer
	columns []string
	t       *tabwriter.Writer
	n       int
}

func (l *listed) add(r map[string]any) error {
	l.n++
	switch l.kind {
	case "json":
		sep := ",\n  "
		if l.n == 1 {
			sep = "[\n  "
		}
		var b bytes.Buffer
		b.WriteString(sep)
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("  ", "  ")
		if err := enc.Encode(r); err != nil {
			return err
		}
		_, err := l.w.Write(bytes.TrimRight(b.Bytes(), "\n"))
		return err
	case "yaml":
		return yamlTo(l.w, []any{numbers(r)})
	}
	l.head()
	cells := make([]string, len(l.columns))
	for i, c := range l.columns {
		cells[i] = cell(r[c])
	}
	fmt.Fprintln(l.t, strings.Join(cells, "\t"))
	if l.n%pageSize == 0 {
		return l.t.Flush()
	}
	return nil
}

func (l *listed) head() {
	if l.t == nil {
		l.t = tabwriter.NewWriter(l.w, 0, 4, 2, ' ', 0)
		fmt.Fprintln(l.t, strings.ToUpper(strings.Join(l.columns, "\t")))
	}
}

func (l *listed) end() error {
	switch l.kind {
	case "json":
		text := "\n]\n"
		if l.n == 0 {
			text = "[]\n"
		}
		_, err := io.WriteString(l.w, text)
		return err
	case "yaml":
		if l.n == 0 {
			_, err := io.WriteString(l.w, "[]\n")
			return err
		}
		return nil
	}
	l.head()
	return l.t.Flush()
}

// one prints one thing.
func (o output) one(w io.Writer, v map[string]any) error {
	switch o.Output {
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	case "yaml":
		return yamlTo(w, numbers(v))
	}
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, k := range keys(v) {
		if text := cell(v[k]); text != "" && text != "[]" && text != "{}" {
			fmt.Fprintf(t, "%s\t%s\n", k, text)
		}
	}
	return t.Flush()
}

// widest is how many characters a cell of a table shows.
const widest = 100

func cell(v any) string {
	s := ""
	switch x := v.(type) {
	case nil:
	case string:
		s = x
	case float64, bool, int, int64, json.Number:
		s = fmt.Sprint(x)
	default:
		b, err := json.Marshal(x)
		if err != nil {
			return fmt.Sprint(x)
		}
		s = string(b)
	}
	s = strings.Map(func(r rune) rune { // what a terminal would obey is not printed
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return ' '
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > widest {
		s = string([]rune(s)[:widest-1]) + "…"
	}
	return s
}

// numbers turns the numbers of JSON, kept as they were written, into YAML's.
func numbers(v any) any {
	switch x := v.(type) {
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return n
		}
		f, err := x.Float64()
		if err != nil {
			return x.String()
		}
		return f
	case map[string]any:
		out := make(map[string]any, len(x))
		for k, y := range x {
			out[k] = numbers(y)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, y := range x {
			out[i] = numbers(y)
		}
		return out
	}
	return v
}

func yamlTo(w io.Writer, v any) error {
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return enc.Close()
}

// keys are those of m: first what names a record, then the others in order.
func keys(m map[string]any) []string {
	var out, rest []string
	for _, k := range []string{"ref", "id", "title", "state"} {
		if _, ok := m[k]; ok {
			out = append(out, k)
		}
	}
	for k := range m {
		if k != "ref" && k != "id" && k != "title" && k != "state" {
			rest = append(rest, k)
		}
	}
	sort.Strings(rest)
	return append(out, rest...)
}
