package demo

import (
	"context"
)

// document is one controlled document of data/documents.yaml.
type document struct {
	Title, Kind, Fulfils, Describes, Summary, Body string
	Source, Edition                                string // of one from outside
	Compared                                       int    // so many days ago it was compared with its source last
	Draft                                          bool   // no version was ever approved
	Unreviewed                                     bool   // nobody but its author read it before its approval
	Forgotten                                      bool   // its yearly review did not take place
}

// documents writes the controlled documents, or those for which only holds: drafted by one, read by
// another, approved by a third, and looked at again after a year. What three of them lack is told in
// gaps.go.
func (l *load) documents(ctx context.Context, only func(document) bool) error {
	readers := []string{"lena", "jana", "ines", "piotr", "samuel"}
	for i, d := range l.p.Documents {
		if only != nil && !only(d) {
			continue
		}
		if ctx.Err() != nil {
			return nil // the next start goes on
		}
		began := 540 - i*11
		kv := []any{"kind", d.Kind, "classification", "internal", "owner", l.ids["user/birgit"], "summary", d.Summary, "body", d.Body, "language", "en",
			"format", "Markdown", "medium", "electronic", "location", "Steward", "review_interval", "P12M", "retention", "P3Y", "retention_rule", "three years after it is withdrawn",
			"distribution", []line{{"role": "agent"}, {"role": "process_owner"}}, "needed", d.Source == "", "change_reason", "first version"}
		if d.Fulfils != "" {
			kv = append(kv, "fulfils", d.Fulfils)
		}
		if d.Describes != "" {
			kv = append(kv, "describes", d.Describes)
		}
		if d.Source != "" {
			kv = append(kv, "external", true, "source", d.Source, "source_version", d.Edition, "currency_interval", "P12M")
		}
		t, id := l.tell("document", d.Title, "birgit", began, kv...)
		reader := readers[i%len(readers)]
		if !d.Draft {
			t.ago(began-1).commit().then("document", id, "version_submit", "", "birgit")
			if !d.Unreviewed {
				t.ago(began-3).commit().then("document", id, "transition", "endorse", reader).because("read against what we do: it is so")
			}
			t.ago(began-4).commit().then("document", id, "version_approve", "", "maren")
			again := began - 4 - 350
			reviewed := again > 0 && !d.Forgotten
			compare := func(now bool) {
				if d.Compared > 0 && now {
					t.ago(d.Compared).commit().then("document", id, "transition", "confirm_current", "birgit")
				}
			}
			compare(d.Compared > again) // what happened first is told first
			if reviewed {
				t.ago(again).commit().then("document", id, "transition", "review", reader).because("still what we do")
			}
			compare(d.Compared <= again)
		}
		if err := t.end(ctx); err != nil {
			return err
		}
	}
	return nil
}
