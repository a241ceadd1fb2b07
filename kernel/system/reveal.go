package system

import (
	"encoding/json"

	"steward/kernel/storage"
)

// Reveal is an event's body with its sealed values opened, for readers who may see the record;
// what was erased reads as null. The bytes that the log commits to are the event's own.
func (s *System) Reveal(e *storage.Event) map[string]map[string]json.RawMessage {
	out := map[string]map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(e.Body), &out); err != nil {
		return map[string]map[string]json.RawMessage{} // written by another version: nothing to show
	}
	for _, part := range []string{"set", "version"} {
		for name, raw := range out[part] {
			var pair [2]json.RawMessage
			if json.Unmarshal(raw, &pair) != nil || !sealed(pair[0]) && !sealed(pair[1]) {
				continue
			}
			b := []byte{'['}
			b = append(b, s.unseal(e.Record, pair[0])...)
			b = append(b, ',')
			b = append(b, s.unseal(e.Record, pair[1])...)
			out[part][name] = append(b, ']')
		}
	}
	return out
}
