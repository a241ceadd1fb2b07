package record

import (
	"encoding/json"
	"sort"
)

// BlankReason says why a field, a link kind or a line kind has no value (the standard's
// "not applicable, because ..."). It counts as an answer.
type BlankReason struct {
	Reason string `json:"reason"`
	By     string `json:"by,omitempty"` // principal
	At     string `json:"at,omitempty"` // RFC 3339
}

// Reasons reads the reasoned blanks of a header.
func (h *Header) Reasons() map[string]BlankReason {
	out := map[string]BlankReason{}
	if h.Blanks != "" {
		if err := json.Unmarshal([]byte(h.Blanks), &out); err != nil {
			panic("record: stored blanks are not JSON: " + err.Error()) // written only by SetReasons
		}
	}
	return out
}

// SetReasons stores reasoned blanks in canonical order.
func (h *Header) SetReasons(m map[string]BlankReason) {
	if len(m) == 0 {
		h.Blanks = ""
		return
	}
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	b := []byte{'{'}
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		v := m[n]
		b = AppendString(b, n)
		b = append(b, `:{"at":`...)
		b = AppendString(b, v.At)
		b = append(b, `,"by":`...)
		b = AppendString(b, v.By)
		b = append(b, `,"reason":`...)
		b = AppendString(b, v.Reason)
		b = append(b, '}')
	}
	h.Blanks = JSON(append(b, '}'))
}

// Answered reports whether field name of r has a value or a reasoned blank.
func Answered(r Record, f *Field) bool {
	if !f.Of(r).Empty() {
		return true
	}
	_, ok := r.Head().Reasons()[f.Name]
	return ok
}
