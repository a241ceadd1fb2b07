package system_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// rounds is how much a random test does: short every day, long when STEWARD_LONG is set.
func rounds(short, long int) int {
	if os.Getenv("STEWARD_LONG") != "" {
		return long
	}
	return short
}

// dice gives a random walk that can be repeated: its seed is logged, STEWARD_SEED sets it.
func dice(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("STEWARD_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("STEWARD_SEED=%d repeats this walk", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// telling is one event as the test saw it: what it changed, when that was so, when Steward knew.
type telling struct {
	so, known record.Instant
	change    picture // "" takes a value away
	after     picture // what Get answered
	revision  record.Count
	n         record.Count
}

// life is what the test itself kept of one record.
type life struct {
	p          *process.Process
	id         record.ID
	told       []telling
	disordered bool
}

// soAt is what was so at an instant: the changes in the order in which they took place. nil: not there yet.
func (l *life) soAt(at record.Instant) picture {
	var past []telling
	for _, t := range l.told {
		if t.so <= at {
			past = append(past, t)
		}
	}
	if len(past) == 0 || past[0].n != 1 {
		return nil
	}
	slices.SortStableFunc(past[1:], func(a, b telling) int { return cmp.Compare(a.so, b.so) })
	out := picture{}
	for _, t := range past {
		for k, v := range t.change {
			if out[k] = v; v == "" {
				delete(out, k)
			}
		}
	}
	return out
}

// knownAt is what Steward knew at an instant.
func (l *life) knownAt(at record.Instant) picture {
	var out picture
	for _, t := range l.told {
		if t.known <= at {
			out = t.after
		}
	}
	return out
}

type walk struct {
	*world
	r     *rand.Rand
	lives []*life
	links map[record.ID][]record.ID // open, from a record
}

// see looks at a record after a command and keeps what it sees.
func (w *walk) see(l *life) {
	w.Helper()
	res, es, err := w.o.History(w.Context(), w.o.Self(), l.p.Name, l.id.String(), int64(len(l.told)), 0)
	if err != nil {
		w.Fatal(err)
	}
	now := pictureOf(l.p, res.Record)
	if len(es) == 0 {
		if d := difference(now, l.told[len(l.told)-1].after); d != "" {
			w.Fatalf("changed without an event:\n\t%s", d)
		}
		return
	}
	if len(es) > 1 {
		w.Fatalf("one command, %d events of one record", len(es))
	}
	before := picture{}
	if len(l.told) > 0 {
		before = l.told[len(l.told)-1].after
		l.disordered = l.disordered || es[0].OccurredAt < slices.MaxFunc(l.told, func(a, b telling) int { return cmp.Compare(a.so, b.so) }).so
	}
	change := picture{}
	for k, v := range now {
		if before[k] != v {
			change[k] = v
		}
	}
	for k := range before {
		if _, ok := now[k]; !ok {
			change[k] = ""
		}
	}
	l.told = append(l.told, telling{so: es[0].OccurredAt, known: es[0].At, change: change, after: now, revision: res.Record.Head().Revision, n: es[0].N})
}

func pick[T any](w *walk, from ...T) T { return from[w.r.IntN(len(from))] }

// values are some fields for a record of a process.
func (w *walk) values(name string) fields {
	f := fields{}
	all := map[string]func() any{
		"title": func() any { return fmt.Sprintf("t%d", w.r.IntN(6)) },
		"tags":  func() any { return pick(w, []string{}, []string{"a"}, []string{"a", "b"}, []string{"ü"}) },
	}
	if name == "incident" {
		all["description"] = func() any { return pick(w, "", "one\ntwo", "„drei“ 🙂") }
		all["impact"] = func() any { return 1 + w.r.IntN(4) }
		all["urgency"] = func() any { return 2 + w.r.IntN(3) }
		all["category"] = func() any { return pick[any](w, nil, "net", "Mail") }
		all["custom"] = func() any {
			return pick(w, fields{"floor": w.r.IntN(3)}, fields{"room": pick(w, "a", "B")}, fields{"floor": nil})
		}
	} else {
		all["amount"] = func() any { return pick[any](w, nil, -1, 0, 7) }
		all["remark"] = func() any { return pick(w, "", "r", "R") }
		all["parts"] = func() any {
			parts := []fields{}
			for range w.r.IntN(4) {
				parts = append(parts, fields{"what": pick(w, "bolt", "nut", "nut")})
			}
			return parts
		}
	}
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if w.r.IntN(3) == 0 {
			f[k] = all[k]()
		}
	}
	return f
}

// step does one random thing to one random record; a refusal is part of life.
func (w *walk) step() {
	w.Helper()
	w.now = w.now.Add(time.Duration(w.r.IntN(5)) * 20 * time.Minute) // often not at all
	if len(w.lives) < 2 || len(w.lives) < 9 && w.r.IntN(8) == 0 {
		name := pick(w, "incident", "incident", "matter")
		f := w.values(name)
		if f["title"] == nil {
			f["title"] = "t0"
		}
		c := lifecycle.Command{Process: name, Verb: "create", Set: raw(f)}
		if w.r.IntN(4) == 0 {
			c.OccurredAt = w.now.Add(-time.Duration(w.r.IntN(100)) * time.Hour)
		}
		res := w.do("", c)
		l := &life{p: res.Process, id: res.Record.Head().ID}
		w.lives = append(w.lives, l)
		w.see(l)
		return
	}
	l := pick(w, w.lives...)
	c := lifecycle.Command{Process: l.p.Name, Record: l.id}
	switch w.r.IntN(10) {
	case 0, 1, 2:
		c.Verb, c.Set = "update", raw(w.values(l.p.Name))
	case 3, 4:
		c.Verb = "transition"
		if l.p.Name == "incident" {
			c.Name = pick(w, "start", "wait", "resume", "resume", "resolve", "reopen", "cancel", "escalate")
			switch c.Name {
			case "wait":
				c.Set = raw(fields{"wait_reason": pick(w, "customer", "supplier")})
			case "resolve":
				c.Set = raw(fields{"resolution": "done", "resolution_code": "fixed"})
			}
		} else {
			c.Name = pick(w, "finish", "withdraw")
		}
	case 5:
		c.Verb, c.Set = "comment", raw(fields{"body": "said", "internal": w.r.IntN(2) == 0})
	case 6:
		if l.p.Name != "incident" {
			return
		}
		if open := w.links[l.id]; len(open) > 0 && w.r.IntN(2) == 0 {
			c.Verb, c.ID = "unlink", open[0]
			w.links[l.id] = open[1:]
		} else {
			c.Verb, c.Name, c.Set = "link", "related_to", raw(fields{"to": pick(w, w.lives...).id.String()})
		}
	case 7:
		if l.p.Name != "matter" {
			return
		}
		c.Verb, c.Name, c.Set = "line", "parts", raw(fields{"what": "washer"})
	default: // what a source tells late, often out of order
		c.Verb, c.Set, c.Door = "update", raw(w.values(l.p.Name)), "import"
		made := l.told[0].so.Time()
		c.OccurredAt = made.Add(time.Duration(w.r.Int64N(int64(w.now.Sub(made)) + 1))).Truncate(time.Microsecond)
		past := &system.Past{Record: l.id, Commands: []lifecycle.Command{c}}
		if err := w.o.Replay(w.Context(), w.o.Self(), []*system.Past{past}); err != nil {
			w.Fatal(err)
		}
		if past.Err != nil {
			w.allowed(past.Err)
		}
		w.see(l)
		return
	}
	if w.r.IntN(5) == 0 {
		c.OccurredAt = w.now.Add(-time.Duration(w.r.IntN(300)) * time.Minute)
	}
	res, err := w.try("", c)
	if err != nil {
		w.allowed(err)
	} else if x, ok := res.Side.(*storage.Link); ok && c.Verb == "link" {
		w.links[l.id] = append(w.links[l.id], x.ID)
	}
	w.see(l)
	for _, other := range w.lives { // nothing else was touched
		if other != l && w.r.IntN(4) == 0 {
			w.see(other)
		}
	}
}

// allowed ends the test over an error that is no refusal.
func (w *walk) allowed(err error) {
	w.Helper()
	if !fault.Is(err, fault.Refused) && !fault.Is(err, fault.Illegal) {
		w.Fatal(err)
	}
}

// wish is a filter with what it means, told apart from the query language.
type wish struct {
	process, filter string
	means           func(picture) bool
}

var wishes = []wish{
	{"incident", ``, func(picture) bool { return true }},
	{"incident", `state = "pending"`, func(p picture) bool { return p["state"] == `"pending"` }},
	{"incident", `state in ("new","in_progress")`, func(p picture) bool { return p["state"] == `"new"` || p["state"] == `"in_progress"` }},
	{"incident", `phase = "waiting" or tags = "b"`, func(p picture) bool { return p["phase"] == `"waiting"` || strings.Contains(p["tags"], `"b"`) }},
	{"incident", `impact <= 2 and category is blank`, func(p picture) bool {
		return (p["impact"] == "1" || p["impact"] == "2") && p["category"] == ""
	}},
	{"incident", `custom.floor = 1`, func(p picture) bool { return p["custom.floor"] == "1" }},
	{"incident", `not (title = "t1")`, func(p picture) bool { return p["title"] != `"t1"` }},
	{"matter", `amount is blank or amount < 1`, func(p picture) bool {
		return p["amount"] == "" || p["amount"] == "-1" || p["amount"] == "0"
	}},
	{"matter", `state = "open"`, func(p picture) bool { return p["state"] == `"open"` }},
}

// pages walks all pages of a list.
func (w *world) pages(actor *access.Principal, lq system.ListQuery) []record.Record {
	w.Helper()
	var out []record.Record
	for n := 0; ; n++ {
		l, err := w.o.List(w.Context(), actor, lq)
		if err != nil {
			w.Fatalf("%+v: %v", lq, err)
		}
		if lq.Limit > 0 && len(l.Records) > lq.Limit {
			w.Fatalf("a page of %d at limit %d", len(l.Records), lq.Limit)
		}
		out = append(out, l.Records...)
		if l.Next == "" {
			return out
		}
		if len(l.Records) == 0 || n > 10_000 {
			w.Fatal("an empty page says that there are more")
		}
		lq.Cursor = l.Next
	}
}

// listedThen holds a list of the past against what the test kept of every record.
func (w *walk) listedThen(x wish, at record.Instant, known bool) {
	w.Helper()
	want := map[record.ID]picture{}
	for _, l := range w.lives {
		if l.p.Name != x.process {
			continue
		}
		was := l.soAt(at)
		if known {
			was = l.knownAt(at)
		}
		if was != nil && x.means(was) {
			want[l.id] = was
		}
	}
	lq := system.ListQuery{Process: x.process, Filter: x.filter, Sort: pick(w, "title,-id", "-title,id", "id", "state,id"), Limit: 1 + w.r.IntN(3), Lines: true}
	if known {
		lq.KnownAt = at.Time()
	} else {
		lq.AsOf = at.Time()
	}
	about := fmt.Sprintf("%s where %s by %s at %s (known %v)", x.process, x.filter, lq.Sort, at.Time(), known)
	listed := w.pages(w.o.Self(), lq)
	seen := map[record.ID]bool{}
	key := ""
	for _, r := range listed {
		id := r.Head().ID
		if seen[id] {
			w.Errorf("%s: %s is listed twice", about, id)
		}
		seen[id] = true
		was, ok := want[id]
		p := w.o.Registry.Process(x.process)
		if !ok {
			w.Errorf("%s: %s is listed:\n\t%s", about, id, difference(pictureOf(p, r), picture{}))
			continue
		}
		if d := difference(pictureOf(p, r), was); d != "" {
			w.Errorf("%s: %s:\n\t%s", about, id, d)
		}
		by := was[strings.Trim(strings.Split(lq.Sort, ",")[0], "-")]
		if key != "" && (strings.HasPrefix(lq.Sort, "-") && by > key || !strings.HasPrefix(lq.Sort, "-") && by < key) {
			w.Errorf("%s: %s after %s", about, by, key)
		}
		key = by
	}
	for id := range want {
		if !seen[id] {
			w.Errorf("%s: %s is missing", about, id)
		}
	}
	n, exact, err := w.o.Count(w.Context(), w.o.Self(), system.ListQuery{Process: x.process, Filter: x.filter, AsOf: lq.AsOf, KnownAt: lq.KnownAt})
	if err != nil || !exact || n != len(want) {
		w.Errorf("%s: counted %d (exact %v), it was %d: %v", about, n, exact, len(want), err)
	}
	streamed := 0
	err = w.o.Each(w.Context(), w.o.Self(), system.ListQuery{Process: x.process, Filter: x.filter, AsOf: lq.AsOf, KnownAt: lq.KnownAt},
		func(record.Record, *record.Version) error { streamed++; return nil })
	if err != nil || streamed != len(want) {
		w.Errorf("%s: streamed %d, it was %d: %v", about, streamed, len(want), err)
	}
}

// wasThen holds one record of the past against what the test kept of it.
func (w *walk) wasThen(l *life, at record.Instant, known bool) {
	w.Helper()
	want := l.soAt(at)
	if known {
		want = l.knownAt(at)
	}
	res, err := w.o.AsOf(w.Context(), w.o.Self(), l.p.Name, l.id.String(), at.Time(), known)
	if want == nil {
		if !fault.Is(err, fault.NotFound) {
			w.Errorf("%s was there at %s, before it was made: %v", l.id, at.Time(), err)
		}
		return
	}
	if err != nil {
		w.Errorf("%s at %s (known %v): %v", l.id, at.Time(), known, err)
		return
	}
	if d := difference(pictureOf(l.p, res.Record), want); d != "" {
		w.Errorf("%s at %s (known %v, disordered %v):\n\t%s", l.id, at.Time(), known, l.disordered, d)
	}
	if known || !l.disordered {
		var last telling
		for _, t := range l.told {
			if when := map[bool]record.Instant{true: t.known, false: t.so}[known]; when <= at {
				last = t
			}
		}
		if h := res.Record.Head(); h.Revision != last.revision || h.N != last.n {
			w.Errorf("%s at %s (known %v): revision %d of event %d, was %d of %d", l.id, at.Time(), known, h.Revision, h.N, last.revision, last.n)
		}
	}
}

func TestThePastIsWhatWasSeenThen(t *testing.T) {
	onBoth(t, func(w *world) {
		w.now = time.Now().UTC().Truncate(time.Microsecond) // known_at speaks of the database's clock
		k := &walk{world: w, r: dice(w.T), links: map[record.ID][]record.ID{}}
		for _, f := range []fields{{"title": "Floor", "process": "incident", "name": "floor", "kind": "int"}, {"title": "Room", "process": "incident", "name": "room", "kind": "text"}} {
			w.do("", lifecycle.Command{Process: "custom_field", Verb: "create", Set: raw(f)})
		}
		for round := range rounds(2, 30) {
			for range 60 {
				k.step()
			}
			w.now = w.now.Add(time.Hour)
			for _, l := range k.lives {
				for range min(len(l.told), 30) {
					x := pick(k, l.told...)
					for _, d := range []record.Instant{-1, 0, 1} {
						if k.r.IntN(3) == 0 {
							k.wasThen(l, x.so+d, false)
						}
						if d < 1 && k.r.IntN(3) == 0 {
							k.wasThen(l, x.known+d, true)
						}
					}
				}
				if l.disordered && round == 0 {
					w.Logf("%s has events out of order", l.id)
				}
			}
			for range 40 {
				l := pick(k, k.lives...)
				x := pick(k, l.told...)
				d := record.Instant(k.r.IntN(3) - 1)
				k.listedThen(pick(k, wishes...), x.so+d, false)
				k.listedThen(pick(k, wishes...), x.known+min(d, 0), true)
			}
			if w.Failed() {
				return
			}
		}
	})
}

// A source may tell of something before it tells when the record was made there. The record is then as
// old as the oldest of it, and is never seen without what it was made with.
func TestWhatIsToldOfTheTimeBeforeItsMakingIsNoHalfRecord(t *testing.T) {
	onBoth(t, func(w *world) {
		id := w.do("", lifecycle.Command{Process: "incident", Verb: "create", Set: raw(fields{"title": "made", "impact": 2})}).Record.Head().ID
		made := w.now
		early := made.Add(-48 * time.Hour)
		past := &system.Past{Record: id, Commands: []lifecycle.Command{{Process: "incident", Record: id, Verb: "update", Door: "import", OccurredAt: early, Set: raw(fields{"category": "net"})}}}
		if err := w.o.Replay(w.Context(), w.o.Self(), []*system.Past{past}); err != nil || past.Err != nil {
			w.Fatal(err, past.Err)
		}
		w.now = w.now.Add(time.Hour)
		for at, there := range map[time.Time]bool{early.Add(-time.Second): false, early.Add(time.Hour): true, made: true, w.now: true} {
			l := w.pages(w.o.Self(), system.ListQuery{Process: "incident", AsOf: at})
			res, err := w.o.AsOf(w.Context(), w.o.Self(), "incident", id.String(), at, false)
			if (err == nil) != there || (len(l) == 1) != there {
				w.Errorf("at %s: %d listed, %v", at, len(l), err)
				continue
			}
			if !there {
				continue
			}
			for _, r := range []record.Record{l[0], res.Record} {
				if h := r.Head(); h.Title != "made" || h.State == "" || h.Phase == "" {
					w.Errorf("at %s it is half a record: %q in state %q, phase %q", at, h.Title, h.State, h.Phase)
				}
			}
		}
	})
}
