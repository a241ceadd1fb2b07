package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/web/page"
)

// here is who looks at which record at this moment: in memory of this node, for half a minute.
type here struct {
	mu   sync.Mutex
	now  func() time.Time
	at   map[string]map[record.ID]presence // process/ref -> who
	wake []chan struct{}
}

type presence struct {
	Name   string
	Typing bool
	seen   time.Time
}

const presenceLife = 30 * time.Second

func newHere(now func() time.Time) *here {
	return &here{now: now, at: map[string]map[record.ID]presence{}}
}

func (h *here) set(place string, who record.ID, name string, typing bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at[place] == nil {
		h.at[place] = map[record.ID]presence{}
	}
	h.at[place][who] = presence{name, typing, h.now()}
	for k, m := range h.at { // what is old is forgotten by whoever comes next
		for id, x := range m {
			if h.now().Sub(x.seen) > presenceLife {
				delete(m, id)
			}
		}
		if len(m) == 0 {
			delete(h.at, k)
		}
	}
}

// others are who else is at a place.
func (h *here) others(place string, me record.ID) []presence {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []presence
	for id, x := range h.at[place] {
		if id != me && h.now().Sub(x.seen) <= presenceLife {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b presence) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// presence says that the reader is at a record, and answers who else is: only to those who may see
// the record.
func (d *door) presence(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	name, ref := form.Get("process"), form.Get("ref")
	id, err := p.Sys.Lookup(p.Ctx(), p.Who, name, ref)
	if err != nil {
		return err
	}
	if id.IsZero() {
		return fault.New(fault.NotFound, "There is no such record.")
	}
	place := name + "/" + ref
	d.here.set(place, p.Who.ID, string(p.Person.Title), form.Get("typing") == "true")
	type other struct {
		Name   string `json:"name"`
		Typing bool   `json:"typing"`
	}
	out := []other{}
	for _, x := range d.here.others(place, p.Who.ID) {
		out = append(out, other{x.Name, x.Typing})
	}
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	p.W.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = p.W.Write(b)
	return nil
}

// beat is how often a stream says that it lives, so that what stands between does not close it.
const beat = 20 * time.Second

// live streams what others change of what the reader may see. Who reconnects goes on after the last
// event that arrived.
func (d *door) live(p *page.Page) error {
	rc := http.NewResponseController(p.W)
	h := p.W.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	woken, done := p.Sys.Woken()
	defer done()
	after := int64(-1)
	if last := p.R.Header.Get("Last-Event-ID"); last != "" {
		if _, err := fmt.Sscan(last, &after); err != nil {
			after = -1
		}
	}
	if after < 0 {
		n, err := p.Sys.Reader().Leaves(p.Ctx())
		if err != nil {
			return err
		}
		after = n - 1
	}
	if _, err := fmt.Fprint(p.W, "retry: 3000\n\n"); err != nil {
		return nil // who is gone reads nothing
	}
	_ = rc.Flush() // not every connection can
	tick := time.NewTicker(beat)
	defer tick.Stop()
	names := map[record.ID]string{}
	for {
		if _, _, err := p.Sys.Session(p.Ctx(), cookieOf(p)); err != nil {
			return nil // signed out meanwhile
		}
		for {
			cs, err := p.Sys.Feed(p.Ctx(), p.Who, after, 100)
			if err != nil {
				return nil //nolint:nilerr // the answer has begun: the browser comes again
			}
			for _, c := range cs {
				after = c.No
				q := p.Sys.Registry.Process(string(c.Process))
				if c.Actor == p.Who.ID || q == nil || c.Actor.IsZero() && c.Command == "timer" {
					continue
				}
				by, ok := names[c.Actor]
				if !ok {
					by = "Steward"
					if found, err := p.Names([]record.ID{c.Actor}); err == nil && found[c.Actor] != nil {
						by = string(found[c.Actor].Title)
					}
					names[c.Actor] = by
				}
				found, err := p.Names([]record.ID{c.Record})
				if err != nil || found[c.Record] == nil {
					continue
				}
				b, _ := json.Marshal(map[string]string{"process": q.Name, "ref": q.Ref(found[c.Record].Num), "by": by, "command": string(c.Command)}) // text
				if _, err := fmt.Fprintf(p.W, "id: %d\nevent: change\ndata: %s\n\n", c.No, b); err != nil {
					return nil
				}
			}
			if len(cs) < 100 {
				break
			}
		}
		_ = rc.Flush()
		select {
		case <-p.Ctx().Done():
			return nil
		case <-woken:
			// the log is sequenced a moment after the commit
			select {
			case <-p.Ctx().Done():
				return nil
			case <-time.After(1200 * time.Millisecond):
			}
		case <-tick.C:
			if _, err := fmt.Fprint(p.W, ": here\n\n"); err != nil {
				return nil
			}
		}
	}
}

// cookieOf is the reader's session token, to ask whether it still holds.
func cookieOf(p *page.Page) string { return p.Token() }
