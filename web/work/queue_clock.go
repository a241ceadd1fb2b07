package work

import (
	"fmt"
	"time"

	"steward/kernel/calendar"
	"steward/kernel/clock"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/agreement/calendars"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// clocksOf are the service level clocks of many records, in one question, as chips. The caller has
// seen the records.
func clocksOf(p *page.Page, ids []record.ID) (map[record.ID][]look.Clock, error) {
	out := map[record.ID][]look.Clock{}
	if len(ids) == 0 {
		return out, nil
	}
	cells := make([]record.Cell, len(ids))
	for i := range ids {
		cells[i] = &ids[i]
	}
	var rows []*storage.Clock
	var row *storage.Clock
	err := p.Sys.Store.Rows(p.Ctx(), storage.TClock, []storage.Cond{{Col: "record", Op: "in", Val: cells}}, "t.id", 0, func() []storage.Part {
		row = new(storage.Clock)
		return []storage.Part{storage.Part(row)}
	}, func() error { rows = append(rows, row); return nil })
	if err != nil {
		return nil, err
	}
	hours := map[[2]record.ID]*calendar.Calendar{}
	for _, k := range rows {
		if k.State == "dropped" {
			continue
		}
		key := [2]record.ID{k.Calendar, k.CalendarVersion}
		h, known := hours[key]
		if !known && !k.Calendar.IsZero() && p.Sys.Registry.Process("calendar") != nil {
			if h, err = calendars.Version(p.Ctx(), p.Sys.Reader(), k.Calendar, k.CalendarVersion); err != nil {
				return nil, err
			}
			hours[key] = h
		}
		c, err := chipOf(p, k, h)
		if err != nil {
			return nil, err
		}
		out[k.Record] = append(out[k.Record], c)
	}
	return out, nil
}

// chipOf is one clock as people read it at this moment.
func chipOf(p *page.Page, k *storage.Clock, h *calendar.Calendar) (look.Clock, error) {
	label := face.Human(string(k.Kind))
	switch k.Kind {
	case "resolution":
		label = "Resolve"
	case "response":
		label = "Respond"
	}
	c := look.Clock{ID: k.ID.String(), Label: label, State: string(k.State)}
	x := clock.Clock{Target: time.Duration(k.TargetS) * time.Second, EndedAt: k.EndedAt.Time()}
	if err := x.Spans.UnmarshalText([]byte(k.Spans)); err != nil {
		return c, err
	}
	late, elapsed := k.BreachedAt.Time(), time.Duration(0)
	if h != nil {
		c.State, late, elapsed = string(x.State(h, p.Now)), x.BreachedAt(h, p.Now), x.Elapsed(h, p.Now)
	}
	if x.Target > 0 {
		c.Used = int(min(100, 100*elapsed/x.Target))
	}
	target := "Target " + face.Duration(x.Target) + " of working time"
	if d := k.DueAt.Time(); !k.DueAt.Empty() {
		c.Due = "due " + look.Exact(d, p.Zone)
	}
	switch {
	case c.State == "met":
		c.Tone, c.Left, c.Explain = "green", "met", target+"; used "+face.Duration(elapsed.Truncate(time.Minute))+"."
	case !late.IsZero() && !x.EndedAt.IsZero():
		c.State, c.Tone, c.Left = "breached", "red", "missed"
		c.Explain = target + "; missed on " + look.Exact(late, p.Zone) + "."
	case !late.IsZero():
		c.State, c.Tone, c.Left = "breached", "red", "late "+look.Span(p.Now.Sub(late))
		c.Explain = target + "; late since " + look.Exact(late, p.Zone) + "."
	case c.State == "paused":
		c.Tone, c.Left = "grey", look.Span(max(0, x.Target-elapsed))
		c.Explain = target + "; stands still while we wait, " + face.Duration((x.Target - elapsed).Truncate(time.Minute)) + " are left."
	default:
		due := k.DueAt.Time()
		c.State, c.Left, c.DueISO = "running", look.Span(due.Sub(p.Now)), due.UTC().Format(time.RFC3339)
		if c.Used >= 75 {
			c.Tone = "amber"
		}
		c.Explain = fmt.Sprintf("%s, %d %% used; %s.", target, c.Used, c.Due)
	}
	return c, nil
}

// nearest is the clock that a list shows of a record: what is running out first, else what stands
// still, else how the last one ended.
func nearest(cs []look.Clock) *look.Clock {
	var best *look.Clock
	rank := func(c *look.Clock) int {
		switch {
		case c.State == "breached" && c.Left != "missed":
			return 0
		case c.State == "running":
			return 1
		case c.State == "paused":
			return 2
		case c.Label == "Resolve":
			return 3
		}
		return 4
	}
	for i := range cs {
		c := &cs[i]
		if best == nil || rank(c) < rank(best) || rank(c) == rank(best) && c.DueISO < best.DueISO {
			best = c
		}
	}
	return best
}

// dueChip is the promise of a record that has no clocks, only a day.
func dueChip(p *page.Page, due record.Instant, over bool) *look.Clock {
	if due.Empty() {
		return nil
	}
	d := due.Time()
	c := &look.Clock{Label: "Due", State: "running", Left: look.Span(d.Sub(p.Now)), Due: look.Exact(d, p.Zone), Explain: look.Exact(d, p.Zone), DueISO: d.UTC().Format(time.RFC3339)}
	switch {
	case over:
		return nil
	case d.Before(p.Now):
		c.State, c.Tone, c.Left, c.DueISO = "breached", "red", "late "+look.Span(p.Now.Sub(d)), ""
	case d.Sub(p.Now) < 24*time.Hour:
		c.Tone = "amber"
	}
	return c
}
