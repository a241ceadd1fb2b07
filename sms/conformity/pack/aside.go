package pack

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"steward/kernel/record"
)

// What stands in an event beside fields, lines and versions (clocks, links, votes, marks, files) has
// no declaration that says how to show it. It is read by its form: names with values, or with pairs of
// an old and a new one.

// isID is the form of a record's id.
var isID = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// mentioned are the ids that stand anywhere in raw.
func mentioned(into []record.ID, raw json.RawMessage) []record.ID {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return into
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if isID.MatchString(v) {
				if id, err := record.ParseID(v); err == nil {
					into = append(into, id)
				}
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	walk(v)
	return into
}

// aside is one such thing in words. A link is its kind and where it leads; ids that are of no record
// that the reader could open say nothing and are left out.
func (b *builder) aside(part, name string, raw json.RawMessage, names map[record.ID]named, up string) change {
	c := change{What: words(part)}
	if !isID.MatchString(name) {
		c.What += " " + words(strings.ReplaceAll(name, ":", " "))
	}
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		c.New = value{Text: words(b.aword(raw, names))}
		return c
	}
	if part == "link" {
		var l struct{ Kind, To, What string }
		if json.Unmarshal(raw, &l) == nil && l.To != "" {
			if id, err := record.ParseID(l.To); err == nil {
				c.What, c.New = "link "+words(l.Kind)+" "+l.What, b.nameOf(id, names, up)
				return c
			}
		}
	}
	var parts []string
	for _, key := range sortedKeys(m) {
		var pair [2]json.RawMessage
		var list []json.RawMessage
		text := ""
		switch {
		case json.Unmarshal(m[key], &list) == nil && len(list) == 2 && json.Unmarshal(m[key], &pair) == nil:
			old, now := b.aword(pair[0], names), b.aword(pair[1], names)
			if text = now; old != "" && old != "0" && now != "" {
				text = old + " → " + now
			} else if now == "" && old != "" {
				text = "taken away"
			}
		case list != nil:
			var each []string
			for _, x := range list {
				if s := b.aword(x, names); s != "" {
					each = append(each, s)
				}
			}
			text = strings.Join(each, ", ")
		default:
			text = b.aword(m[key], names)
		}
		if text != "" {
			parts = append(parts, words(key)+": "+text)
		}
	}
	c.New = value{Text: strings.Join(parts, "; ")}
	return c
}

// aword is a value by itself: a name for an id, a time as people read it.
func (b *builder) aword(raw json.RawMessage, names map[record.ID]named) string {
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return string(raw)
	}
	if isID.MatchString(s) {
		id, err := record.ParseID(s)
		if _, ok := names[id]; err != nil || !ok {
			return ""
		}
		return b.nameOf(id, names, "").Text
	}
	if strings.Count(s, "/") > 0 && isID.MatchString(strings.Split(s, "/")[0]) {
		return "" // a key made of ids
	}
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return b.when(t)
	}
	return s
}
