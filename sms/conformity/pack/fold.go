package pack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Folded is a record as it follows from its events.
type Folded struct {
	Process  string                                `json:"process"`
	Ref      string                                `json:"ref"`
	ID       string                                `json:"id"`
	AsOf     time.Time                             `json:"as_of"`
	Events   []Place                               `json:"events"` // all of them, also those after the instant
	Set      map[string]json.RawMessage            `json:"set"`
	Lines    map[string]map[string]json.RawMessage `json:"lines"`
	Versions map[string]map[string]json.RawMessage `json:"versions"`
}

// Place is where an event of a record stands in the log.
type Place struct {
	N    int64 `json:"n"`
	Leaf int64 `json:"leaf"`
}

// told is an event as the fold needs it.
type told struct {
	n        int64
	occurred time.Time
	body     []byte
}

// body is what a fold reads of an event's body.
type body struct {
	Set     map[string][2]json.RawMessage            `json:"set"`
	Lines   map[string]map[string][2]json.RawMessage `json:"lines"`
	Version map[string]json.RawMessage               `json:"version"`
}

// follows is the part of a record that its events decide.
type follows struct {
	set      map[string]json.RawMessage
	lines    map[string]map[string]json.RawMessage
	versions map[string]map[string]json.RawMessage
	began    bool // it was there at the instant
}

// fold is the record as of an instant. The package comment says how.
func fold(events []told, instant time.Time) (follows, error) {
	s := follows{map[string]json.RawMessage{}, map[string]map[string]json.RawMessage{}, map[string]map[string]json.RawMessage{}, false}
	order := slices.Clone(events)
	slices.SortStableFunc(order, func(a, b told) int {
		switch {
		case a.n == 1 && b.n != 1:
			return -1
		case b.n == 1 && a.n != 1:
			return 1
		}
		if c := a.occurred.Compare(b.occurred); c != 0 {
			return c
		}
		return int(a.n - b.n)
	})
	for _, e := range order {
		there := !e.occurred.After(instant)
		s.began = s.began || there
		if !there && e.n != 1 {
			continue
		}
		if err := s.take(e); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *follows) take(e told) error {
	var b body
	if err := json.Unmarshal(e.body, &b); err != nil {
		return fmt.Errorf("event %d: %w", e.n, err)
	}
	for name, pair := range b.Set {
		put(s.set, name, pair[1])
	}
	for kind, changes := range b.Lines {
		m := within(s.lines, kind)
		for id, pair := range changes {
			put(m, id, pair[1])
		}
		if len(m) == 0 {
			delete(s.lines, kind)
		}
	}
	if len(b.Version) == 0 {
		return nil
	}
	number := "1"
	if raw, ok := b.Version["number"]; ok {
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil {
			return fmt.Errorf("event %d: number of a version: %w", e.n, err)
		}
		number = strconv.FormatInt(n, 10)
	}
	m := within(s.versions, number)
	for name, raw := range b.Version {
		if name == "number" {
			continue
		}
		var pair [2]json.RawMessage
		if err := json.Unmarshal(raw, &pair); err != nil {
			return fmt.Errorf("event %d: version: %s: %w", e.n, name, err)
		}
		put(m, name, pair[1])
	}
	return nil
}

func within(m map[string]map[string]json.RawMessage, key string) map[string]json.RawMessage {
	if m[key] == nil {
		m[key] = map[string]json.RawMessage{}
	}
	return m[key]
}

func put(m map[string]json.RawMessage, key string, v json.RawMessage) {
	if v == nil || string(v) == "null" {
		delete(m, key)
		return
	}
	m[key] = v
}

// equal says whether the record says what its events make of it.
func (f *Folded) equal(s follows) bool {
	a, err := json.Marshal([]any{f.Set, f.Lines, f.Versions})
	if err != nil {
		return false
	}
	b, err := json.Marshal([]any{s.set, s.lines, s.versions})
	return err == nil && bytes.Equal(a, b)
}
