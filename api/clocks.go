package api

import (
	"net/http"
	"time"

	"steward/kernel/calendar"
	"steward/kernel/clock"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/agreement/calendars"
)

// clocks answers how far each promise is used up at this moment, not when it was last written.
func clocks(c *Call) error {
	res, err := c.seen()
	if err != nil {
		return err
	}
	ks, err := c.s.sys.Clocks(c.R.Context(), res.Record.Head().ID)
	if err != nil {
		return err
	}
	var ids []record.ID
	for _, k := range ks {
		ids = append(ids, k.Agreement, k.Calendar)
	}
	names, err := c.s.directory(c.R.Context(), c.Who, ids)
	if err != nil {
		return err
	}
	out := make([][]byte, 0, len(ks))
	for _, k := range ks {
		if k.State == "dropped" {
			continue
		}
		b, err := c.clock(k, names)
		if err != nil {
			return err
		}
		out = append(out, b)
	}
	return c.send(http.StatusOK, items(len(out), func(b []byte, i int) []byte { return append(b, out[i]...) }))
}

func (c *Call) clock(k *storage.Clock, names map[record.ID]*storage.Directory) ([]byte, error) {
	now := c.s.sys.Now()
	var hours *calendar.Calendar
	var err error
	if c.s.sys.Registry.Process("calendar") != nil && !k.Calendar.IsZero() {
		if hours, err = calendars.Version(c.R.Context(), c.s.sys.Reader(), k.Calendar, k.CalendarVersion); err != nil {
			return nil, err
		}
	}
	x := clock.Clock{Target: time.Duration(k.TargetS) * time.Second, EndedAt: k.EndedAt.Time()}
	if err := x.Spans.UnmarshalText([]byte(k.Spans)); err != nil {
		return nil, err
	}
	target, elapsed := record.Seconds(x.Target), record.Duration{}
	state, breached := record.Text(k.State), k.BreachedAt
	if hours != nil {
		elapsed = record.Seconds(x.Elapsed(hours, now))
		state, breached = record.Text(x.State(hours, now)), record.At(x.BreachedAt(hours, now))
	}
	b := members(nil, "id", &k.ID, "kind", &k.Kind, "target", &target, "state", &state, "elapsed", &elapsed, "started_at", &k.StartedAt,
		"due_at", &k.DueAt, "breached_at", &breached, "ended_at", &k.EndedAt, "warned_at", &k.WarnedAt, "escalated_at", &k.EscalatedAt,
		"agreement", &k.Agreement, "agreement_version", &k.AgreementVersion, "calendar", &k.Calendar, "calendar_version", &k.CalendarVersion)
	b = append(b[:len(b)-1], `,"refs":{`...)
	first := true
	for _, r := range []struct {
		name string
		id   record.ID
	}{{"agreement", k.Agreement}, {"calendar", k.Calendar}} {
		if d := names[r.id]; d != nil {
			if !first {
				b = append(b, ',')
			}
			first = false
			b = append(record.AppendString(b, r.name), ':')
			b = c.s.appendNamed(b, d)
		}
	}
	return append(b, "}}"...), nil
}
