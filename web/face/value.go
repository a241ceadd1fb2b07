package face

import (
	"encoding/json"
	"strings"
	"time"
	"unsafe"

	"steward/kernel/record"
	"steward/kernel/storage"
)

// Names are the records that values point at, as far as the reader sees them.
type Names map[record.ID]*storage.Directory

// Title of the record id, or a word for one that may not be known.
func (n Names) Title(id record.ID) string {
	if d := n[id]; d != nil {
		return string(d.Title)
	}
	if id.IsZero() {
		return ""
	}
	return "not visible to you"
}

// RefIDs are what the reference fields among fs point at.
func RefIDs(fs []*record.Field, base unsafe.Pointer) []record.ID {
	var out []record.ID
	for _, f := range fs {
		if f.Kind == record.KRef && f.Ref != "" {
			if id := *f.At(base).(*record.ID); !id.IsZero() {
				out = append(out, id)
			}
		}
	}
	return out
}

// LineRefs are what the references within the lines of a record point at.
func LineRefs(ls []*record.LineKind, base unsafe.Pointer) []record.ID {
	var out []record.ID
	for _, l := range ls {
		for i := range l.Len(base) {
			out = append(out, RefIDs(l.Shape.Fields, l.Each(base, i))...)
		}
	}
	return out
}

// Text is a value in plain words, such as for a row of history or a tooltip.
func Text(f *record.Field, c record.Cell, names Names, zone *time.Location) string {
	if c.Empty() {
		return ""
	}
	switch v := c.(type) {
	case *record.ID:
		return names.Title(*v)
	case *record.Instant:
		return v.Time().In(zone).Format("2 Jan 2006, 15:04")
	case *record.Bool:
		if *v {
			return "Yes"
		}
		return "No"
	case *record.Int:
		if s := Scale(f.Name, v.N); s != "" {
			return s
		}
	case *record.Duration:
		return Duration(v.Go())
	case *record.Tags:
		return strings.Join(*v, ", ")
	case *record.Text:
		switch f.Kind {
		case record.KChoice:
			return Human(string(*v))
		case record.KDate:
			if d, err := time.Parse(time.DateOnly, string(*v)); err == nil {
				return d.Format("2 Jan 2006")
			}
		}
		return string(*v)
	}
	return Plain(c)
}

// Duration is a duration in words: 4 h, 1 h 30 min. Days are not used: of working time nobody would
// know how long one is.
func Duration(d time.Duration) string {
	var parts []string
	for _, u := range []struct {
		d    time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / u.d; n > 0 {
			parts = append(parts, itoa(int64(n))+" "+u.name)
			d -= n * u.d
		}
	}
	if len(parts) == 0 {
		return "0 min"
	}
	return strings.Join(parts, " ")
}

func itoa(n int64) string {
	b, _ := json.Marshal(n) // a number
	return string(b)
}

// Plain is a value as it stands in the API, without quotes: what an input shows.
func Plain(c record.Cell) string {
	if c.Empty() {
		return ""
	}
	raw := c.AppendJSON(nil)
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// Given is a value as an input of its kind shows it: instants in the reader's zone.
func Given(f *record.Field, c record.Cell, zone *time.Location) string {
	if c.Empty() {
		return ""
	}
	switch v := c.(type) {
	case *record.Instant:
		return v.Time().In(zone).Format("2006-01-02T15:04")
	case *record.Tags:
		return strings.Join(*v, ", ")
	case *record.Money:
		raw := map[string]string{}
		_ = json.Unmarshal(c.AppendJSON(nil), &raw) // our own writing
		return raw["amount"] + " " + raw["currency"]
	case *record.Duration:
		return Duration(v.Go())
	}
	return Plain(c)
}
