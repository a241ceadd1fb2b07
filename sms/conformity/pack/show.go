package pack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/sms/conformity/catalogue"
)

// value is something to read, with where it leads.
type value struct{ Text, Href string }

// words makes a name of code readable: reassignment_count is "reassignment count".
func words(name string) string { return strings.ReplaceAll(name, "_", " ") }

// sealedText stands where a value is personal data.
const sealedText = "personal data, not part of the pack"

// text is a value of a field in its JSON form, for people. up leads to the top of the pack.
func (b *builder) text(f *record.Field, raw json.RawMessage, names map[record.ID]named, up string) value {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return value{}
	case f != nil && f.Personal || strings.HasPrefix(string(raw), `{"sealed":`):
		return value{Text: sealedText}
	}
	kind := record.KText
	if f != nil {
		kind = f.Kind
	}
	var s string
	plain := json.Unmarshal(raw, &s) == nil
	switch {
	case kind == record.KRef && plain:
		id, err := record.ParseID(s)
		if err != nil {
			return value{Text: s}
		}
		return b.nameOf(id, names, up)
	case kind == record.KInstant && plain:
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return value{Text: b.when(t)}
		}
	case kind == record.KChoice && plain:
		return value{Text: words(s)}
	case kind == record.KBool:
		if string(raw) == "true" {
			return value{Text: "yes"}
		}
		return value{Text: "no"}
	case kind == record.KMoney:
		var m struct{ Amount, Currency string }
		if json.Unmarshal(raw, &m) == nil {
			return value{Text: m.Amount + " " + m.Currency}
		}
	case kind == record.KTags:
		var tags []string
		if json.Unmarshal(raw, &tags) == nil {
			return value{Text: strings.Join(tags, ", ")}
		}
	}
	if plain {
		return value{Text: s}
	}
	return value{Text: string(raw)}
}

// nameOf is a record by its name, with its page where it has one.
func (b *builder) nameOf(id record.ID, names map[record.ID]named, up string) value {
	n, ok := names[id]
	if !ok {
		return value{Text: "a record that is not part of the pack"}
	}
	v := value{Text: n.Ref + " " + n.Title}
	if n.Process == "user" || n.Process == "team" || n.Process == "customer" {
		v.Text = n.Title
	}
	if b.included[id] != nil {
		v.Href = up + pathOf(n.Process, n.Ref) + ".html"
	}
	return v
}

// when is an instant in the organisation's zone.
func (b *builder) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(b.sys.Zone()).Format("2 Jan 2006, 15:04:05")
}

// day is the day of an instant in the organisation's zone.
func (b *builder) day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(b.sys.Zone()).Format("2 Jan 2006")
}

// refs are the records that raw values of fields point at.
func refs(into []record.ID, f *record.Field, raws ...json.RawMessage) []record.ID {
	if f == nil || f.Kind != record.KRef {
		return into
	}
	for _, raw := range raws {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			continue
		}
		if id, err := record.ParseID(s); err == nil {
			into = append(into, id)
		}
	}
	return into
}

// seal is a state as shape, colour and word.
type seal struct{ Shape, Tone, Word string }

var seals = map[catalogue.State]seal{
	catalogue.Conforms: {"done", "green", "Conforms"}, catalogue.Attested: {"seal", "blue", "Attested"}, catalogue.Partial: {"half", "amber", "Partial"}, catalogue.Stale: {"clock", "amber", "Stale"},
	catalogue.Gap: {"oct", "red", "Gap"}, catalogue.NoEvidence: {"q", "grey", "No evidence"}, catalogue.Vacuous: {"empty", "grey", "Nothing to judge"},
}

// worst is from worst to best, as the statement tells them: what rests on a person's word stands
// among what a reader must look at.
var worst = []catalogue.State{catalogue.Gap, catalogue.Partial, catalogue.Stale, catalogue.Attested, catalogue.NoEvidence, catalogue.Vacuous, catalogue.Conforms}

// change is what an event did to one thing.
type change struct {
	What     string
	Old, New value
}

// happening is an event as the pages show it.
type happening struct {
	N, Leaf                    int64
	When, Recorded             string // recorded: when it was recorded, if later than it occurred
	Who, For                   value
	Did, Reason, Comment, Gone string
	Internal                   bool
	After                      bool // after the instant
	Changes                    []change
}

// late is how much later than it occurred an event may be recorded before it is told.
const late = time.Hour

// changesOf are the changes of an event's body, by name.
func (b *builder) changesOf(p *process.Process, raw string, names map[record.ID]named, up string) (out []change, comment string) {
	var parts map[string]map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &parts) != nil {
		return []change{{What: "not readable by this program"}}, ""
	}
	for _, part := range []string{"set", "version"} {
		for _, name := range sortedKeys(parts[part]) {
			f := p.Shape.Field(name)
			if f == nil && part == "version" {
				f = versionShape.Field(name)
			}
			var pair [2]json.RawMessage
			if json.Unmarshal(parts[part][name], &pair) != nil {
				out = append(out, change{What: part + " " + words(name), New: value{Text: string(parts[part][name])}})
				continue
			}
			if f != nil && f.Stamp && f.Kind == record.KCount {
				continue // counters say nothing that the events beside them do not
			}
			what := words(name)
			if part == "version" && name == "status" {
				what = "state of the version"
			}
			out = append(out, change{what, b.text(f, pair[0], names, up), b.text(f, pair[1], names, up)})
		}
	}
	for _, kind := range sortedKeys(parts["lines"]) {
		var lines map[string][2]json.RawMessage
		if json.Unmarshal(parts["lines"][kind], &lines) != nil {
			continue
		}
		for _, id := range sortedKeys(lines) {
			out = append(out, change{words(kind), b.line(p, kind, lines[id][0], names, up), b.line(p, kind, lines[id][1], names, up)})
		}
	}
	for _, part := range sortedKeys(parts) {
		switch part {
		case "set", "version", "lines":
			continue
		case "comment":
			var text string
			if json.Unmarshal(parts[part]["body"], &text) == nil {
				comment = text
			}
			continue
		}
		for _, name := range sortedKeys(parts[part]) {
			out = append(out, b.aside(part, name, parts[part][name], names, up))
		}
	}
	return out, comment
}

// line is a line of a record in one sentence.
func (b *builder) line(p *process.Process, kind string, raw json.RawMessage, names map[record.ID]named, up string) value {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil || m == nil {
		return value{}
	}
	var parts []string
	for _, name := range sortedKeys(m) {
		if name == "pos" {
			continue
		}
		parts = append(parts, words(name)+": "+b.text(lineField(p, kind, name), m[name], names, up).Text)
	}
	return value{Text: strings.Join(parts, "; ")}
}

func lineField(p *process.Process, kind, name string) *record.Field {
	if l := p.Shape.Line(kind); l != nil {
		return l.Shape.Field(name)
	}
	return nil
}

var versionShape = record.ShapeOf[record.Version]("version")

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// number is a count with its thousands apart.
func number[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// happened is an event as pages tell it.
func (b *builder) happened(p *process.Process, e *storage.Event, leaf int64, gone bool, names map[record.ID]named, up string) happening {
	h := happening{N: int64(e.N), Leaf: leaf, When: b.when(e.OccurredAt.Time()), Did: words(string(e.Command)), Reason: string(e.Reason), Internal: bool(e.Internal), After: e.OccurredAt > record.At(b.o.To)}
	if e.At.Time().Sub(e.OccurredAt.Time()) > late {
		h.Recorded = b.when(e.At.Time())
	}
	h.Who = value{Text: "Steward"}
	if !e.Actor.IsZero() {
		h.Who = b.nameOf(e.Actor, names, up)
	}
	if !e.ForActor.IsZero() {
		h.For = b.nameOf(e.ForActor, names, up)
	}
	if gone {
		h.Gone = "The body of this event is not kept any more; its hash is."
		return h
	}
	h.Changes, h.Comment = b.changesOf(p, string(e.Body), names, up)
	return h
}

func plural(n int, one, many string) string {
	if n == 1 {
		return fmt.Sprintf("1 %s", one)
	}
	return number(n) + " " + many
}

// judgedWords says how much a verdict looked at.
func judgedWords(v *requirementView) string {
	s := plural(v.Population, "member", "members") + ", " + number(v.Failing) + " failing"
	if v.Span != "" {
		s += "; evidence from " + v.Span
	}
	return s
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func join(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = words(s)
	}
	return strings.Join(out, ", ")
}

// clauseOf is the clause of a requirement: its id without the number behind the hyphen.
func clauseOf(requirement string) string {
	c, _, _ := strings.Cut(requirement, "-")
	return c
}
