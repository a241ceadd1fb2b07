package face

import (
	"encoding/json"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"steward/kernel/record"
)

// Posted reads one value of a form into the JSON that a command takes. What cannot be read is
// passed on as it is, so that the one place that refuses values says what is wrong with it.
func Posted(f *record.Field, vals []string, zone *time.Location) json.RawMessage {
	v := ""
	if len(vals) > 0 {
		v = vals[len(vals)-1] // a check box comes after its hidden "false"
	}
	trimmed := strings.TrimSpace(v)
	if trimmed == "" {
		if f.Kind == record.KBool {
			return json.RawMessage("false")
		}
		return json.RawMessage("null")
	}
	switch f.Kind {
	case record.KBool:
		return quotedUnless(trimmed, trimmed == "true" || trimmed == "false")
	case record.KInt, record.KCount:
		_, err := strconv.ParseInt(trimmed, 10, 64)
		return quotedUnless(strings.TrimLeft(trimmed, "+"), err == nil)
	case record.KTags:
		var list []string
		for _, t := range strings.FieldsFunc(trimmed, func(r rune) bool { return r == ',' || r == '\n' }) {
			if t = strings.TrimSpace(t); t != "" {
				list = append(list, t)
			}
		}
		b, _ := json.Marshal(list) // text
		return b
	case record.KInstant:
		for _, form := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", time.RFC3339} {
			if t, err := time.ParseInLocation(form, trimmed, zone); err == nil {
				return quoted(t.UTC().Format(time.RFC3339))
			}
		}
	case record.KDuration:
		if d, ok := ReadDuration(trimmed); ok {
			return quoted(record.FormatDuration(d))
		}
	case record.KMoney:
		amount, currency, ok := strings.Cut(trimmed, " ")
		if ok {
			b, _ := json.Marshal(map[string]string{"amount": strings.ReplaceAll(amount, ",", "."), "currency": strings.ToUpper(strings.TrimSpace(currency))})
			return b
		}
	case record.KProse:
		return quoted(strings.ReplaceAll(v, "\r\n", "\n"))
	}
	return quoted(trimmed)
}

func quoted(s string) json.RawMessage {
	b, _ := json.Marshal(s) // text
	return b
}

func quotedUnless(s string, plain bool) json.RawMessage {
	if plain {
		return json.RawMessage(s)
	}
	return quoted(s)
}

var spans = regexp.MustCompile(`^(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+)\s*s)?$`)

// ReadDuration reads a duration as people write it (4 h, 1 h 30 min) or as ISO 8601.
// Days are not read: of working time nobody would know how long one is.
func ReadDuration(s string) (time.Duration, bool) {
	if d, err := record.ParseDuration(strings.ToUpper(s)); err == nil {
		return d, true
	}
	m := spans.FindStringSubmatch(strings.ToLower(s))
	if m == nil || m[0] == "" {
		return 0, false
	}
	var d time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		if m[i+1] != "" {
			n, err := strconv.Atoi(m[i+1])
			if err != nil || n > 1_000_000 {
				return 0, false
			}
			d += time.Duration(n) * unit
		}
	}
	return d, true
}

// Values reads what a form sent of the given fields and kinds of lines: only what was in the form
// is set, so that a form with three fields changes three fields. Inputs of lines are named
// KIND.ROW.FIELD, with KIND.ROW.id where the line exists; a row that is blank is no line.
func Values(form url.Values, fields []*record.Field, lines []*record.LineKind, zone *time.Location) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for _, f := range fields {
		if vals, ok := form[f.Name]; ok {
			out[f.Name] = Posted(f, vals, zone)
		}
	}
	for _, l := range lines {
		if rows, ok := linesOf(form, l, zone); ok {
			out[l.Name] = rows
		}
	}
	return out
}

func linesOf(form url.Values, l *record.LineKind, zone *time.Location) (json.RawMessage, bool) {
	byRow := map[int]map[string]json.RawMessage{}
	_, asked := form[l.Name] // a hidden input says that the lines were in the form, even if none is left
	for name, vals := range form {
		rest, ok := strings.CutPrefix(name, l.Name+".")
		if !ok {
			continue
		}
		at, field, ok := strings.Cut(rest, ".")
		n, err := strconv.Atoi(at)
		if !ok || err != nil {
			continue
		}
		asked = true
		if byRow[n] == nil {
			byRow[n] = map[string]json.RawMessage{}
		}
		if field == "id" {
			if vals[0] != "" {
				byRow[n]["id"] = quoted(vals[0])
			}
			continue
		}
		if f := l.Shape.Field(field); f != nil && !f.Stamp {
			byRow[n][field] = Posted(f, vals, zone)
		}
	}
	if !asked {
		return nil, false
	}
	var at []int
	for n := range byRow {
		at = append(at, n)
	}
	sort.Ints(at)
	list := []map[string]json.RawMessage{}
	for _, n := range at {
		filled := false
		for k, v := range byRow[n] {
			filled = filled || k != "id" && string(v) != "null" && string(v) != "false"
		}
		if filled {
			list = append(list, byRow[n])
		}
	}
	b, _ := json.Marshal(list) // made of JSON
	return b, true
}
