package conformity

import (
	"encoding/json"
	"fmt"

	"steward/kernel/clock"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// knownVersions are the versions as they were known at an instant: later drafts are not there yet,
// later decisions have not been taken, and an end that a later approval set is open again.
func knownVersions(vs []process.Content, at record.Instant) []process.Content {
	ends := map[record.Date]bool{} // days from which versions are in force that were approved later
	for _, c := range vs {
		if c.Version.Status == record.VersionApproved && c.Version.DecidedAt > at {
			ends[c.Version.EffectiveFrom] = true
		}
	}
	var out []process.Content
	for _, c := range vs {
		if c.Version.DraftedAt > at {
			continue
		}
		v := *c.Version
		if v.DecidedAt > at {
			v.Status, v.DecidedAt, v.Approver, v.Retroactive = record.VersionReview, 0, record.ID{}, false
		}
		if v.SubmittedAt > at {
			v.Status, v.SubmittedAt, v.ContentHash = record.VersionDraft, 0, ""
		}
		if v.Status == record.VersionApproved && ends[v.EffectiveTo] {
			v.EffectiveTo = ""
		}
		out = append(out, process.Content{Version: &v, Record: c.Record})
	}
	return out
}

// knownClocks takes back what happened to clocks after an instant. es are the events since, the
// newest of each record first.
func knownClocks(rows []*storage.Clock, es []*storage.Event, at record.Instant) ([]*storage.Clock, error) {
	type key struct {
		rec  record.ID
		kind string
	}
	by := map[key]*storage.Clock{}
	for _, c := range rows {
		by[key{c.Record, string(c.Kind)}] = c
	}
	for _, e := range es {
		var b struct {
			Clock map[string]map[string][2]json.RawMessage `json:"clock"`
		}
		if err := json.Unmarshal([]byte(e.Body), &b); err != nil {
			return nil, fmt.Errorf("event %d of %s: %w", e.N, e.Record, err)
		}
		for kind, changes := range b.Clock {
			c := by[key{e.Record, kind}]
			if c == nil {
				continue
			}
			for _, col := range storage.TClock.Cols {
				if pair, ok := changes[col.Name]; ok {
					if err := col.At(storage.Part(c)).SetJSON(pair[0]); err != nil {
						return nil, fmt.Errorf("event %d of %s: clock %s: %s: %w", e.N, e.Record, kind, col.Name, err)
					}
				}
			}
		}
	}
	var out []*storage.Clock
	for _, c := range rows {
		if c.StartedAt == 0 || c.State == "" {
			continue // it did not run yet
		}
		var ran, spans clock.Spans
		if err := spans.UnmarshalText([]byte(c.Spans)); err != nil {
			return nil, fmt.Errorf("clock %s: %w", c.ID, err)
		}
		for _, s := range spans { // events do not carry them: those of later are cut off
			if record.At(s.From) > at {
				break
			}
			if record.At(s.To) > at {
				s.To = record.Instant(0).Time()
			}
			ran = append(ran, s)
		}
		text, err := ran.MarshalText()
		if err != nil {
			return nil, err
		}
		c.Spans = record.Prose(text)
		out = append(out, c)
	}
	return out, nil
}
