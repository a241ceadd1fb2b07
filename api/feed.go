package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strconv"
	"time"

	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// Positions of the feed begin with 1, so that after=0 is the beginning.

// appendEvent writes an event without braces. names are who acted and what was joined, as far as
// the caller sees them.
func (c *Call) appendEvent(b []byte, e *storage.Event, names map[record.ID]*storage.Directory) []byte {
	p := c.s.sys.Registry.Process(string(e.Process))
	b = append(b, `"n":`...)
	b = e.N.AppendJSON(b)
	for _, m := range []struct {
		name string
		cell record.Cell
	}{{"process", &e.Process}, {"record", &e.Record}, {"revision", &e.Revision}, {"at", &e.At}, {"occurred_at", &e.OccurredAt},
		{"command", &e.Command}, {"actor", &e.Actor}, {"for", &e.ForActor}, {"door", &e.Door}, {"reason", (*record.Text)(&e.Reason)}, {"internal", &e.Internal}} {
		b = append(append(b, ','), '"')
		b = append(append(b, m.name...), `":`...)
		b = m.cell.AppendJSON(b)
	}
	b = append(b, `,"actor_name":`...)
	if d := names[e.Actor]; d != nil {
		b = d.Title.AppendJSON(b)
	} else if e.Actor.IsZero() {
		b = append(b, `"Steward"`...)
	} else {
		b = append(b, "null"...)
	}
	b = append(b, `,"changes":{`...)
	parts := c.s.sys.Reveal(e)
	first := true
	for _, part := range sortedKeys(parts) {
		m := parts[part]
		if part == "version" && !c.Who.Drafts(string(e.Process)) {
			continue
		}
		kept := []byte{}
		for _, name := range sortedKeys(m) {
			if part == "link" && !c.seesLink(m[name], names) {
				continue
			}
			if part == "lines" && p != nil && contentLine(p, name) && !c.Who.Drafts(p.Name) {
				continue // they are written in drafts only
			}
			if part == "set" && p != nil {
				if f := p.Shape.Field(name); f != nil && !shows(f) {
					continue
				}
			}
			if len(kept) > 0 {
				kept = append(kept, ',')
			}
			kept = append(record.AppendString(kept, name), ':')
			kept = append(kept, m[name]...)
		}
		if len(kept) == 0 {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(record.AppendString(b, part), `:{`...)
		b = append(append(b, kept...), '}')
	}
	return append(b, '}')
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

// contentLine reports whether lines of that name belong to versions.
func contentLine(p *process.Process, name string) bool {
	for _, l := range p.ContentLines {
		if l.Name == name {
			return true
		}
	}
	return false
}

func linkEnd(raw json.RawMessage) record.ID {
	var l struct {
		To record.ID `json:"to"`
	}
	_ = json.Unmarshal(raw, &l) // written by the kernel
	return l.To
}

func (c *Call) seesLink(raw json.RawMessage, names map[record.ID]*storage.Directory) bool {
	to := linkEnd(raw)
	return to.IsZero() || names[to] != nil
}

// tellers looks up who acted and what was joined in the events, in one question.
func (c *Call) tellers(es []*storage.Event) (map[record.ID]*storage.Directory, error) {
	var ids []record.ID
	for _, e := range es {
		ids = append(ids, e.Actor)
		var b struct {
			Link map[string]json.RawMessage `json:"link"`
		}
		if json.Unmarshal([]byte(e.Body), &b) == nil {
			for _, raw := range b.Link {
				ids = append(ids, linkEnd(raw))
			}
		}
	}
	return c.s.directory(c.R.Context(), c.Who, ids)
}

// events answers what happened after a position, over all processes.
func events(c *Call) error {
	after, err := c.whole("after", 0)
	if err != nil {
		return err
	}
	n, err := c.limit()
	if err != nil {
		return err
	}
	tip, err := c.newest()
	if err != nil {
		return err
	}
	cs, err := c.s.sys.Feed(c.R.Context(), c.Who, after-1, n)
	if err != nil {
		return err
	}
	texts, err := c.changes(cs)
	if err != nil {
		return err
	}
	b := items(len(cs), func(b []byte, i int) []byte { return append(b, texts[i]...) })
	last := after
	if len(cs) > 0 {
		last = cs[len(cs)-1].No + 1
	}
	if len(cs) < n {
		last = max(last, tip) // what lies before and is not for the caller is not looked through again
	}
	b = strconv.AppendInt(append(b[:len(b)-1], `,"next":`...), last, 10)
	return c.send(http.StatusOK, append(b, '}'))
}

func (c *Call) changes(cs []system.Change) ([][]byte, error) {
	es := make([]*storage.Event, len(cs))
	ids := make([]record.ID, len(cs))
	for i := range cs {
		es[i], ids[i] = cs[i].Event, cs[i].Record
	}
	names, err := c.tellers(es)
	if err != nil {
		return nil, err
	}
	about, err := c.s.directory(c.R.Context(), c.Who, ids)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(cs))
	for i := range cs {
		b := strconv.AppendInt([]byte(`{"seq":`), cs[i].No+1, 10)
		if d := about[cs[i].Record]; d != nil {
			if p := c.s.sys.Registry.Process(string(d.Process)); p != nil {
				b = record.AppendString(append(b, `,"ref":`...), p.Ref(d.Num))
				b = record.AppendString(append(b, `,"resource":`...), p.Resource)
			}
		}
		b = c.appendEvent(append(b, ','), cs[i].Event, names)
		out[i] = append(b, '}')
	}
	return out, nil
}

// beat is how often a silent stream says that it lives.
const beat = 15 * time.Second

// stream is the feed as server-sent events. It ends within recheck of its token's end, and when
// the reader is too slow to take what is sent within writeBudget.
func stream(c *Call) error {
	after, err := c.whole("after", -1)
	if err != nil {
		return err
	}
	if v := c.R.Header.Get("Last-Event-ID"); v != "" && after < 0 {
		if after, err = strconv.ParseInt(v, 10, 64); err != nil || after < 0 {
			return fault.New(fault.BadRequest, "Last-Event-ID takes a position of the feed")
		}
	}
	if after < 0 {
		if after, err = c.newest(); err != nil {
			return err
		}
	}
	rc := http.NewResponseController(c.W)
	h := c.W.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	c.W.WriteHeader(http.StatusOK)
	if c.R.Method == http.MethodHead {
		return nil
	}
	c.s.meter.streams.Inc()
	defer c.s.meter.streams.Dec()
	defer func() { _ = rc.SetWriteDeadline(time.Time{}) }()
	say := func(text string) error {
		_ = rc.SetWriteDeadline(time.Now().Add(writeBudget)) // not every connection knows deadlines
		if _, err := fmt.Fprint(c.W, text); err != nil {
			return err
		}
		return rc.Flush()
	}
	if say("retry: 2000\n: here\n\n") != nil {
		return nil
	}
	woken, done := c.s.sys.Woken()
	defer done()
	looked, spoke, eager := time.Now(), time.Now(), time.Now()
	next := time.NewTimer(0)
	defer next.Stop()
	soon := true
	for {
		select {
		case <-c.R.Context().Done():
			return nil
		case <-woken:
			eager = time.Now().Add(1500 * time.Millisecond) // the log gives it its place in a moment
			if !soon {
				soon = true
				next.Reset(50 * time.Millisecond)
			}
			continue
		case <-next.C:
		}
		if time.Since(looked) >= recheck {
			if looked = time.Now(); !c.still() {
				_ = say("event: end\ndata: {\"reason\":\"the token is not valid any more\"}\n\n")
				return nil
			}
		}
		sent, err := c.pass(&after, say)
		if err != nil {
			return nil // the reader comes back with its last position
		}
		if sent {
			spoke = time.Now()
		}
		if time.Since(spoke) >= beat {
			if spoke = time.Now(); say(": beat\n\n") != nil {
				return nil
			}
		}
		if soon = time.Now().Before(eager); soon {
			next.Reset(50 * time.Millisecond)
		} else {
			next.Reset(time.Second) // another node's commits wake nobody here
		}
	}
}

// pass sends what happened after a position and moves it on.
func (c *Call) pass(after *int64, say func(string) error) (sent bool, err error) {
	for {
		tip, err := c.newest()
		if err != nil || tip <= *after {
			return sent, err
		}
		cs, err := c.s.sys.Feed(c.R.Context(), c.Who, *after-1, 200)
		if err != nil {
			return sent, err
		}
		texts, err := c.changes(cs)
		if err != nil {
			return sent, err
		}
		for i := range cs {
			if err := say(fmt.Sprintf("id: %d\nevent: change\ndata: %s\n\n", cs[i].No+1, texts[i])); err != nil {
				return sent, err
			}
			*after, sent = cs[i].No+1, true
		}
		if len(cs) < 200 {
			*after = max(*after, tip)
			return sent, nil
		}
	}
}

// writeBudget is how long a reader may take to accept what is sent.
const writeBudget = 10 * time.Second

// newest is the last position of the feed.
func (c *Call) newest() (int64, error) {
	ls, err := rows[storage.Leaf](c, storage.TLeaf, nil, "t.no desc", 1)
	if err != nil || len(ls) == 0 {
		return 0, err
	}
	return int64(ls[0].No) + 1, nil
}
