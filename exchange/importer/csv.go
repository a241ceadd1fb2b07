package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"time"

	"steward/exchange/table"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
)

// columnOf is what one column of a table means.
type columnOf struct {
	at      int
	name    string        // header
	field   *record.Field // nil: one of the special ones
	special string        // external_id, external_source, state, comment, or a time of a step: at:STATE
}

// csv takes a table whose headers are field names.
func (in *intake) csv(ctx context.Context, r io.Reader) error {
	p := in.sys.Registry.Process(in.opt.Process)
	if p == nil {
		return fmt.Errorf("there is no process %q: say --process NAME", in.opt.Process)
	}
	t, err := table.Open(r, in.opt.Name, table.Options{Encoding: in.opt.Encoding})
	if err != nil {
		return err
	}
	defer t.Close()
	cols, err := in.columns(ctx, p, t.Header())
	if err != nil {
		return err
	}
	seen := map[string]int{}
	type row struct {
		table.Row
		key, digest string
	}
	var rows []row
	work := func() error {
		keys := make([]string, len(rows))
		for i, x := range rows {
			keys[i] = x.key
		}
		known, err := in.sys.Known(ctx, in.sourceName(), keys)
		if err != nil {
			return err
		}
		for _, x := range rows {
			old := known[x.key]
			if old != nil && string(old.Digest) == x.digest {
				in.report.Unchanged++
				continue
			}
			past, bad := in.plan(ctx, p, cols, x.Row, x.key, x.digest)
			if len(bad) > 0 {
				n := in.report.Refused
				for _, b := range bad {
					in.report.refuse(b)
				}
				in.report.Refused = n + 1
				continue
			}
			if old != nil {
				in.again(p, past, old.Record)
			}
			if err := in.take(ctx, &planned{past: past, line: x.Line, rows: 1}); err != nil {
				return err
			}
		}
		rows = rows[:0]
		return in.flush(ctx)
	}
	for {
		x, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		var bad *table.RowError
		if errors.As(err, &bad) {
			col := bad.Header
			if col == "" && bad.Column > 0 {
				col = "column " + strconv.Itoa(bad.Column)
			}
			in.report.refuse(Refused{Line: bad.Line, Column: col, Reason: bad.Reason, Mend: bad.Mend})
			continue
		}
		if err != nil {
			return err
		}
		key, digest := keyOf(cols, x, seen)
		rows = append(rows, row{x, key, digest})
		if len(rows) == batch {
			if err := work(); err != nil {
				return err
			}
		}
	}
	if err := work(); err != nil {
		return err
	}
	d := t.Detected()
	in.report.Detected = fmt.Sprintf("%s, delimiter %q, %d columns", d.Encoding, string(rune(d.Delimiter)), d.Columns)
	in.tell(true)
	return nil
}

func (in *intake) sourceName() string {
	if in.opt.Source != "" {
		return in.opt.Source
	}
	return in.opt.Format
}

// columns works out what each header means; one that means nothing is told, not dropped in silence.
func (in *intake) columns(ctx context.Context, p *process.Process, header []string) ([]columnOf, error) {
	named := map[string]string{}
	for field, h := range in.opt.Columns {
		named[h] = field
	}
	custom, err := in.sys.CustomFields(ctx, p.Name)
	if err != nil {
		return nil, err
	}
	var out []columnOf
	var unknown []string
	have := map[string]bool{}
	for i, h := range header {
		have[h] = true
		name := h
		if f, ok := named[h]; ok {
			name = f
		}
		name = strings.ToLower(strings.TrimSpace(name))
		c := columnOf{at: i, name: h}
		f := p.Shape.Field(name)
		state, isAt := strings.CutSuffix(name, "_at")
		switch {
		case name == "external_id" || name == "external_source" || name == "state" || name == "comment":
			c.special = name
		case name == "opened_at" || name == "created_at":
			c.special = "at:"
		case isAt && stateOf(p, state):
			c.special = "at:" + state
		case f != nil && !f.Hidden && !f.Kernel && f.Name != "id" && (!f.Stamp || !headerStamp[f.Name]):
			c.field = f
		case strings.HasPrefix(name, "custom.") && custom[strings.TrimPrefix(name, "custom.")] != nil:
			c.field = custom[strings.TrimPrefix(name, "custom.")]
		default:
			unknown = append(unknown, h)
			continue
		}
		out = append(out, c)
	}
	var missing []string
	for field, h := range in.opt.Columns {
		if !have[h] {
			missing = append(missing, field+"="+h)
		}
	}
	sort.Strings(missing)
	if len(missing) > 0 {
		return nil, fmt.Errorf("the file has no column for --column %s", strings.Join(missing, ", "))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no column of the file is a field of %s; name them with --column FIELD=HEADER", p.Name)
	}
	if len(unknown) > 0 {
		in.report.Notes = append(in.report.Notes, "not taken, since "+p.Name+" has no such field: "+strings.Join(unknown, ", ")+" (use --column FIELD=HEADER)")
	}
	return out, nil
}

var headerStamp = map[string]bool{"id": true, "num": true, "phase": true, "created_by": true, "revision": true, "n": true,
	"updated_at": true, "created_at": true, "disordered": true, "restricted": true, "due_at": true}

func stateOf(p *process.Process, name string) bool { _, ok := p.State(name); return ok }

// keyOf is what a row is known by: its external_id, else its content and how often that came.
func keyOf(cols []columnOf, x table.Row, seen map[string]int) (key, digest string) {
	h := sha256.New()
	for _, c := range cols {
		fmt.Fprintf(h, "%s\x00%s\x00", c.name, x.Values[c.at])
		if c.special == "external_id" && strings.TrimSpace(x.Values[c.at]) != "" {
			key = strings.TrimSpace(x.Values[c.at])
		}
		if c.special == "external_source" && x.Values[c.at] != "" {
			defer func(s string) { key = s + "\x00" + key }(x.Values[c.at])
		}
	}
	digest = hex.EncodeToString(h.Sum(nil)[:16])
	if key == "" {
		seen[digest]++
		key = fmt.Sprintf("row:%s:%d", digest, seen[digest])
	}
	return key, digest
}

// plan turns a row into the commands that make its record what the source says it became.
func (in *intake) plan(ctx context.Context, p *process.Process, cols []columnOf, x table.Row, key, digest string) (*system.Past, []Refused) {
	var bad []Refused
	set := map[string]json.RawMessage{}
	custom := map[string]json.RawMessage{}
	times := map[string]time.Time{}
	var state, comment string
	refuse := func(c columnOf, reason, mend string) {
		bad = append(bad, Refused{Line: x.Line, Column: c.name, Reason: reason, Mend: mend})
	}
	for _, c := range cols {
		v := strings.TrimSpace(x.Values[c.at])
		if v == "" {
			continue
		}
		switch {
		case c.special == "state":
			state = strings.ToLower(strings.ReplaceAll(v, " ", "_"))
			if !stateOf(p, state) {
				refuse(c, "unknown_choice", "give one of "+strings.Join(stateNames(p), ", "))
			}
		case c.special == "comment":
			comment = v
		case strings.HasPrefix(c.special, "at:"):
			t, err := ParseTime(v, in.opt.Zone)
			if err != nil {
				refuse(c, "not_an_instant", "give a time such as 2026-01-31T08:00:00Z or 2026-01-31 08:00")
				continue
			}
			if t.After(in.sys.Now().Add(5 * time.Minute)) {
				refuse(c, "in_the_future", "an import tells what was")
				continue
			}
			times[strings.TrimPrefix(c.special, "at:")] = t
		case c.special != "":
			set[c.special] = record.AppendString(nil, v)
		default:
			raw, reason, mend, err := in.value(ctx, c.field, x.Values[c.at])
			if err != nil {
				refuse(c, "unreadable", err.Error())
			} else if reason != "" {
				refuse(c, reason, mend)
			} else if c.field.Custom {
				custom[c.field.Name] = raw
			} else {
				set[c.field.Name] = raw
			}
		}
	}
	if len(bad) > 0 {
		return nil, bad
	}
	if len(custom) > 0 {
		set["custom"], _ = json.Marshal(custom)
	}
	if set["external_source"] == nil {
		set["external_source"] = record.AppendString(nil, in.sourceName())
	}
	if set["external_id"] == nil {
		set["external_id"] = record.AppendString(nil, key)
	}
	if state == "" {
		state = lastState(p, times)
	}
	past := &system.Past{Source: in.sourceName(), Key: key, Digest: digest, Record: record.NewID(in.sys.Now())}
	path, ok := steps(p, state)
	if !ok {
		return nil, []Refused{{Line: x.Line, Column: "state", Reason: "unreachable", Mend: "no steps lead to " + state}}
	}
	// Fields that a step asks for are told at that step, so that history reads as it was.
	later := map[string]string{}
	for _, t := range path {
		for _, f := range t.Needs {
			later[f.Name] = t.Name
		}
	}
	at := times[""]
	first := lifecycle.Command{Process: p.Name, Verb: "create", ID: past.Record, Door: "import", OccurredAt: at, Set: map[string]json.RawMessage{}}
	for name, raw := range set {
		if later[name] == "" {
			first.Set[name] = raw
		}
	}
	past.Commands = append(past.Commands, first)
	for _, t := range path {
		c := lifecycle.Command{Process: p.Name, Record: past.Record, Verb: "transition", Name: t.Name, Door: "import", Set: map[string]json.RawMessage{}}
		if when, ok := times[t.To]; ok {
			at = when
		}
		c.OccurredAt = at
		for name, step := range later {
			if step == t.Name && set[name] != nil {
				c.Set[name] = set[name]
			}
		}
		past.Commands = append(past.Commands, c)
	}
	if comment != "" {
		past.Commands = append(past.Commands, lifecycle.Command{Process: p.Name, Record: past.Record, Verb: "comment", Door: "import",
			OccurredAt: at, Set: map[string]json.RawMessage{"body": record.AppendString(nil, comment)}})
	}
	return past, nil
}

// again turns a plan for a record that is here already into an edit: what the source now says.
func (in *intake) again(p *process.Process, past *system.Past, id record.ID) {
	past.Record = id
	set := map[string]json.RawMessage{}
	for _, c := range past.Commands {
		for k, v := range c.Set {
			if k != "external_id" && k != "external_source" {
				set[k] = v
			}
		}
	}
	past.Commands = []lifecycle.Command{{Process: p.Name, Record: id, Verb: "update", Door: "import", Set: set, Reason: "the source has changed"}}
}

func stateNames(p *process.Process) []string {
	var out []string
	for _, s := range p.States {
		out = append(out, s.Name)
	}
	return out
}

// lastState is the state that the latest of the times speaks of.
func lastState(p *process.Process, times map[string]time.Time) string {
	state := p.States[0].Name
	var latest time.Time
	for _, s := range p.States {
		if t, ok := times[s.Name]; ok && !t.Before(latest) {
			state, latest = s.Name, t
		}
	}
	return state
}

// steps is the shortest way from the first state to state; of equal ones the first declared.
func steps(p *process.Process, state string) ([]process.Transition, bool) {
	start := p.States[0].Name
	if state == start {
		return nil, true
	}
	type node struct {
		at   string
		path []process.Transition
	}
	queue := []node{{at: start}}
	seen := map[string]bool{start: true}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for i := range p.Transitions {
			t := p.Transitions[i]
			if t.To == "" || t.Name == "merge" || !t.Leaves(n.at) || seen[t.To] {
				continue
			}
			path := append(append([]process.Transition(nil), n.path...), t)
			if t.To == state {
				return path, true
			}
			seen[t.To] = true
			queue = append(queue, node{t.To, path})
		}
	}
	return nil, false
}

// value reads a cell's text as the field's kind.
func (in *intake) value(ctx context.Context, f *record.Field, text string) (raw json.RawMessage, reason, mend string, err error) {
	v := strings.TrimSpace(text)
	switch f.Kind {
	case record.KText, record.KChoice, record.KURL, record.KPeriod:
		raw = record.AppendString(nil, v)
	case record.KProse:
		raw = record.AppendString(nil, text)
	case record.KBool:
		switch strings.ToLower(v) {
		case "true", "yes", "1", "y", "x", "ja", "oui", "si", "sí":
			raw = json.RawMessage("true")
		case "false", "no", "0", "n", "nein", "non":
			raw = json.RawMessage("false")
		default:
			return nil, "wrong_type", "give yes or no", nil
		}
	case record.KInt, record.KCount:
		lead, _, _ := strings.Cut(v, " - ") // "2 - Medium"
		n, e := strconv.ParseInt(strings.TrimSpace(lead), 10, 64)
		if e != nil {
			return nil, "wrong_type", "give a whole number", nil
		}
		raw = strconv.AppendInt(nil, n, 10)
	case record.KDecimal:
		raw = record.AppendString(nil, v)
	case record.KMoney:
		amount, currency, ok := strings.Cut(v, " ")
		if !ok {
			return nil, "wrong_type", "give an amount and a currency, such as 12.50 EUR", nil
		}
		raw, _ = json.Marshal(map[string]string{"amount": amount, "currency": currency})
	case record.KDate:
		t, e := ParseTime(v, in.opt.Zone)
		if e != nil {
			return nil, "not_a_date", "give a date such as 2026-01-31", nil
		}
		raw = record.AppendString(nil, t.In(in.opt.Zone).Format(time.DateOnly))
	case record.KInstant:
		t, e := ParseTime(v, in.opt.Zone)
		if e != nil {
			return nil, "not_an_instant", "give a time such as 2026-01-31T08:00:00Z or 2026-01-31 08:00", nil
		}
		i := record.At(t)
		raw = i.AppendJSON(nil)
	case record.KDuration:
		if d, e := time.ParseDuration(v); e == nil {
			v = record.FormatDuration(d)
		}
		raw = record.AppendString(nil, v)
	case record.KTags:
		var tags []string
		for _, t := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' }) {
			if t = strings.TrimSpace(t); t != "" {
				tags = append(tags, t)
			}
		}
		raw, _ = json.Marshal(tags)
	case record.KRef:
		id, e := in.lookup(ctx, f.Ref, v)
		if e != nil {
			var fe *fault.Error
			if !errors.As(e, &fe) {
				return nil, "", "", e
			}
		}
		if id.IsZero() {
			return nil, "unknown_reference", fmt.Sprintf("there is no %s %q: import it first", f.Ref, v), nil
		}
		raw = id.AppendJSON(nil)
	default:
		return nil, "not_importable", "this field does not come from a table", nil
	}
	cell := record.NewCell(f.Kind)
	if e := cell.SetJSON(raw); e != nil {
		return nil, "wrong_type", "not understood: " + v, nil
	}
	if r := system.Check(f, cell); r != nil {
		return nil, r.Reason, r.Mend, nil
	}
	return raw, "", "", nil
}

var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02", "2/1/2006 15:04:05", "2/1/2006 15:04", "2.1.2006 15:04:05", "2.1.2006 15:04", "2.1.2006"}

// ParseTime reads the ways in which tables write times; one without a zone is in zone. Dates with
// slashes are day first.
func ParseTime(s string, zone *time.Location) (time.Time, error) {
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, s, zone); err == nil {
			if t.Year() < 1900 || t.Year() > 2200 {
				return time.Time{}, errors.New("out_of_range")
			}
			return t, nil
		}
	}
	return time.Time{}, errors.New("not_an_instant")
}
