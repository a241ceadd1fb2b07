package pack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// pair is a name with its value.
type pair struct {
	Name string
	value
	Long bool
}

// fileRow is a file that was attached to a record.
type fileRow struct {
	Name, SHA256, Href string
	Size               int64
	Removed            bool
}

// lineTable is the lines of one kind.
type lineTable struct {
	Kind string
	Rows [][]pair
}

// versionView is a version as its record's events make it.
type versionView struct {
	Number string
	Fields []pair
}

// linkRow is a link that held at the instant.
type linkRow struct {
	Kind string
	value
}

// recordView is a record's page.
type recordView struct {
	page
	*RecordAbout
	Resource, Clause, State, JSON string
	Fields                        []pair
	Lines                         []lineTable
	Versions                      []versionView
	Links                         []linkRow
	Files                         []fileRow
	History                       []happening
	Began                         bool
	Incomplete                    string // why its state does not follow from what is in the pack
	Drawn                         bool
	Requirements                  []string
}

// records writes a page and a file for each record in the pack.
func (b *builder) records(ctx context.Context) error {
	rests := map[record.ID][]string{}
	for i := range b.report.Items {
		it := &b.report.Items[i]
		note := func(id record.ID) {
			if l := rests[id]; len(l) == 0 || l[len(l)-1] != it.Requirement.ID {
				rests[id] = append(l, it.Requirement.ID)
			}
		}
		for _, e := range it.Evidence {
			note(e.ID)
		}
		for _, m := range it.Failing[:min(failingShown, len(it.Failing))] {
			note(m.About.ID)
		}
	}
	drawn := map[record.ID]bool{}
	for _, s := range b.spools {
		for id := range s.drawn {
			drawn[id] = true
		}
	}
	files := map[string]string{}
	for _, id := range b.order {
		if err := b.record(ctx, id, drawn[id], rests[id], files); err != nil {
			return fmt.Errorf("%s: %w", b.included[id].Ref, err)
		}
		b.about.Records = append(b.about.Records, *b.included[id])
	}
	slices.SortFunc(b.about.Records, func(x, y RecordAbout) int {
		return cmp.Or(strings.Compare(x.Process, y.Process), strings.Compare(x.ID, y.ID))
	})
	return nil
}

func (b *builder) record(ctx context.Context, id record.ID, drawn bool, rests []string, files map[string]string) error {
	about := b.included[id]
	p := b.sys.Registry.Process(about.Process)
	es, err := b.sys.Store.Events(ctx, []storage.Cond{storage.Eq("record", &id)}, "t.n", 0)
	if err != nil {
		return err
	}
	leaves, err := b.leavesOf(ctx, es)
	if err != nil {
		return err
	}
	base := pathOf(p.Name, about.Ref)
	v := recordView{page: b.page(about.Ref+" "+about.Title, "../../"), RecordAbout: about, Resource: p.Resource, Clause: p.Clause, JSON: path.Base(base) + ".json", Drawn: drawn, Requirements: rests}
	f := Folded{Process: p.Name, Ref: about.Ref, ID: id.String(), AsOf: b.about.To, Events: []Place{}}
	var kept []*storage.Event
	var telling []told
	names := []record.ID{}
	for _, e := range es {
		leaf, ok := leaves[e.Seq]
		if !ok || leaf >= b.head.Size || !b.knows(e) {
			continue
		}
		kept = append(kept, e)
		f.Events = append(f.Events, Place{int64(e.N), leaf})
		if slices.Contains(about.Bodiless, int64(e.N)) {
			continue
		}
		telling = append(telling, told{int64(e.N), e.OccurredAt.Time(), []byte(e.Body)})
		names = append(names, e.Actor, e.ForActor)
		names = b.pointed(names, p, string(e.Body))
	}
	s, err := fold(telling, b.o.To)
	if err != nil {
		return err
	}
	f.Set, f.Lines, f.Versions = s.set, s.lines, s.versions
	v.Began = s.began
	switch {
	case len(about.Withheld) > 0:
		v.Incomplete = "Some events of this record are not for whoever built the pack; what they changed is not shown."
	case len(about.Bodiless) > 0:
		v.Incomplete = "The bodies of some events are not kept any more; what they changed is not shown."
	default:
		if err := b.compare(ctx, p, about, s); err != nil {
			return err
		}
	}
	links, err := b.links(ctx, id)
	if err != nil {
		return err
	}
	for _, l := range links {
		names = append(names, l.A, l.B)
	}
	known, err := b.sees(ctx, names)
	if err != nil {
		return err
	}
	for _, l := range links {
		other, kind := l.B, string(l.Kind)
		if l.B == id {
			other, kind = l.A, b.inverse(l)
		}
		if _, ok := known[other]; ok {
			v.Links = append(v.Links, linkRow{words(kind), b.nameOf(other, known, "../../")})
		}
	}
	b.fields(&v, p, s, known)
	if v.Files, err = b.attached(ctx, telling, files); err != nil {
		return err
	}
	for _, e := range kept {
		v.History = append(v.History, b.happened(p, e, leaves[e.Seq], slices.Contains(about.Bodiless, int64(e.N)), known, "../../"))
	}
	if err := b.a.json(base+".json", f); err != nil {
		return err
	}
	return b.a.file(base+".html", func(w io.Writer) error { return recordPage(v).Render(ctx, w) })
}

// pointed are the records that an event's changes point at.
func (b *builder) pointed(into []record.ID, p *process.Process, raw string) []record.ID {
	var x body
	if json.Unmarshal([]byte(raw), &x) != nil {
		return into
	}
	var parts map[string]json.RawMessage
	if json.Unmarshal([]byte(raw), &parts) == nil {
		for part, x := range parts {
			switch part {
			case "set", "version", "lines", "comment":
			default:
				into = mentioned(into, x)
			}
		}
	}
	for name, pair := range x.Set {
		into = refs(into, p.Shape.Field(name), pair[:]...)
	}
	for name, raw := range x.Version {
		f := p.Shape.Field(name)
		if f == nil {
			f = versionShape.Field(name)
		}
		var pair [2]json.RawMessage
		if json.Unmarshal(raw, &pair) == nil {
			into = refs(into, f, pair[:]...)
		}
	}
	for kind, lines := range x.Lines {
		for _, pair := range lines {
			for _, side := range pair {
				var m map[string]json.RawMessage
				if json.Unmarshal(side, &m) != nil {
					continue
				}
				for name, raw := range m {
					into = refs(into, lineField(p, kind, name), raw)
				}
			}
		}
	}
	return into
}

// compare holds the row that the system answers with against what its events make of it. A
// difference means that one of the two was changed past the log.
func (b *builder) compare(ctx context.Context, p *process.Process, about *RecordAbout, s follows) error {
	if !s.began {
		return nil
	}
	res, err := b.sys.AsOf(ctx, b.sys.Self(), p.Name, about.ID, b.o.To, false)
	if err != nil {
		return err
	}
	fresh := p.New()
	for _, f := range p.RecordFields {
		if untold[f.Name] || f.Kind == record.KSecret || f.Kernel || f.Personal {
			continue
		}
		c := f.Of(fresh)
		if raw, ok := s.set[f.Name]; ok {
			if err := c.SetJSON(raw); err != nil {
				return fmt.Errorf("field %s: %w", f.Name, err)
			}
		}
		if !c.Equal(f.Of(res.Record)) {
			b.about.Differences = append(b.about.Differences, fmt.Sprintf("%s: %s: the record says %s, its history says %s", about.Ref, f.Name, f.Of(res.Record).AppendJSON(nil), c.AppendJSON(nil)))
		}
	}
	return nil
}

// untold are header fields that an event's own columns tell, or that never change.
var untold = map[string]bool{"id": true, "num": true, "n": true, "revision": true, "created_at": true, "updated_at": true,
	"created_by": true, "disordered": true, "phase": true}

// links are those of a record that held at the instant.
func (b *builder) links(ctx context.Context, id record.ID) ([]*storage.Link, error) {
	at := record.At(b.o.To)
	var out []*storage.Link
	for _, end := range []string{"a", "b"} {
		var row *storage.Link
		err := b.sys.Store.Rows(ctx, storage.TLink, []storage.Cond{storage.Eq(end, &id), {Col: "valid_from", Op: "<=", Val: &at}, {Col: "valid_to", Op: ">", Val: &at}}, "t.id", 0,
			func() []storage.Part { row = new(storage.Link); return []storage.Part{storage.Part(row)} },
			func() error { out = append(out, row); return nil })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (b *builder) inverse(l *storage.Link) string {
	if p := b.sys.Registry.Process(string(l.AProcess)); p != nil {
		if k, _, ok := p.Link(string(l.Kind)); ok && k.Inverse != "" {
			return k.Inverse
		}
	}
	return string(l.Kind) + " (from)"
}

// fields fills in what the record says.
func (b *builder) fields(v *recordView, p *process.Process, s follows, known map[record.ID]named) {
	show := func(f *record.Field, name string, raw json.RawMessage) pair {
		x := b.text(f, raw, known, "../../")
		return pair{words(name), x, len(x.Text) > 120 || strings.Contains(x.Text, "\n")}
	}
	taken := map[string]bool{}
	for _, f := range p.Shape.Fields {
		if raw, ok := s.set[f.Name]; ok && !f.Hidden {
			taken[f.Name] = true
			v.Fields = append(v.Fields, show(f, f.Name, raw))
		}
	}
	for _, name := range sortedKeys(s.set) {
		if !taken[name] && p.Shape.Field(name) == nil {
			v.Fields = append(v.Fields, show(nil, name, s.set[name]))
		}
	}
	if raw, ok := s.set["state"]; ok {
		v.State = b.text(p.Shape.Field("state"), raw, known, "").Text
	}
	for _, kind := range sortedKeys(s.lines) {
		t := lineTable{Kind: words(kind)}
		for _, id := range b.byPosition(s.lines[kind]) {
			var m map[string]json.RawMessage
			if json.Unmarshal(s.lines[kind][id], &m) != nil {
				continue
			}
			var row []pair
			for _, name := range sortedKeys(m) {
				if name != "pos" {
					row = append(row, show(lineField(p, kind, name), name, m[name]))
				}
			}
			t.Rows = append(t.Rows, row)
		}
		if len(t.Rows) > 0 {
			v.Lines = append(v.Lines, t)
		}
	}
	numbers := sortedKeys(s.versions)
	slices.SortFunc(numbers, func(x, y string) int { return cmp.Or(len(x)-len(y), strings.Compare(x, y)) })
	for _, n := range numbers {
		x := versionView{Number: n}
		for _, name := range sortedKeys(s.versions[n]) {
			f := p.Shape.Field(name)
			if f == nil {
				f = versionShape.Field(name)
			}
			x.Fields = append(x.Fields, show(f, name, s.versions[n][name]))
		}
		v.Versions = append(v.Versions, x)
	}
}

func (b *builder) byPosition(lines map[string]json.RawMessage) []string {
	ids := sortedKeys(lines)
	pos := map[string]int{}
	for id, raw := range lines {
		var m struct{ Pos int }
		if json.Unmarshal(raw, &m) == nil {
			pos[id] = m.Pos
		}
	}
	slices.SortStableFunc(ids, func(x, y string) int { return pos[x] - pos[y] })
	return ids
}

// opens are the kinds of files that a browser shows without running anything in them.
var opens = map[string]bool{".pdf": true, ".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".txt": true, ".csv": true, ".docx": true, ".xlsx": true, ".pptx": true, ".odt": true, ".ods": true}

// attached are the files that the events put on the record. Their content is in the pack by the very
// hash that the event holds.
func (b *builder) attached(ctx context.Context, events []told, files map[string]string) ([]fileRow, error) {
	var out []fileRow
	for _, e := range events {
		if e.occurred.After(b.o.To) {
			continue
		}
		var x struct {
			Attachment *struct {
				ID, What, Name, SHA256 string
				Size                   int64
			} `json:"attachment"`
		}
		if json.Unmarshal(e.body, &x) != nil || x.Attachment == nil {
			continue
		}
		a := x.Attachment
		if a.What == "removed" {
			for i := range out {
				out[i].Removed = out[i].Removed || out[i].SHA256 == a.SHA256
			}
			continue
		}
		name, err := b.content(ctx, a.Name, a.SHA256, files)
		if err != nil {
			return nil, err
		}
		row := fileRow{Name: a.Name, SHA256: a.SHA256, Size: a.Size}
		if name != "" {
			row.Href = "../../" + name
		}
		out = append(out, row)
	}
	return out, nil
}

// content writes a file's content once and gives its name; "" when it is not kept any more.
func (b *builder) content(ctx context.Context, name, sum string, files map[string]string) (string, error) {
	if have, ok := files[sum]; ok {
		return have, nil
	}
	r, err := b.sys.Blob(ctx, &storage.Attachment{SHA256: record.Text(sum)})
	if err != nil {
		files[sum] = "" // told on the page: a missing content is no reason to have no pack
		b.about.Differences = append(b.about.Differences, fmt.Sprintf("file %s (%s): %v", name, sum, err))
		return "", nil
	}
	defer r.Close()
	ext := strings.ToLower(path.Ext(name))
	if !opens[ext] {
		ext = ".bin"
	}
	files[sum] = "files/" + sum + ext
	return files[sum], b.a.file(files[sum], func(w io.Writer) error { _, err := io.Copy(w, r); return err })
}
