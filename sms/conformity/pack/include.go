package pack

import (
	"bufio"
	"bytes"
	"container/heap"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"time"

	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
)

// smallest is how many records of a register are in the pack without a sample being drawn.
const smallest = 60

// failingShown is how many failing members of a requirement are named and get a page.
const failingShown = 100

// sampleOf is how many of n records are in the pack.
func sampleOf(n int) int {
	if n <= smallest {
		return n
	}
	root := int(math.Sqrt(float64(n)))
	for root*root < n { // the root is rounded either way
		root++
	}
	return max(smallest, root)
}

// rank orders the records of a register by chance, for whoever knows the seed always by the same.
func rank(seed, process, id string) [32]byte {
	return sha256.Sum256([]byte(seed + "\n" + process + "\n" + id))
}

// draw keeps those of the records it sees that have the smallest ranks.
type draw struct {
	want int
	kept ranks
}

type ranked struct {
	rank [32]byte
	id   record.ID
}

// ranks is a heap with the largest rank on top.
type ranks []ranked

func (r ranks) Len() int           { return len(r) }
func (r ranks) Less(i, j int) bool { return bytes.Compare(r[i].rank[:], r[j].rank[:]) > 0 }
func (r ranks) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }
func (r *ranks) Push(x any)        { *r = append(*r, x.(ranked)) }
func (r *ranks) Pop() any {
	old := *r
	x := old[len(old)-1]
	*r = old[:len(old)-1]
	return x
}

func (d *draw) see(x ranked) {
	switch {
	case len(d.kept) < d.want:
		heap.Push(&d.kept, x)
	case d.want > 0 && bytes.Compare(x.rank[:], d.kept[0].rank[:]) < 0:
		d.kept[0] = x
		heap.Fix(&d.kept, 0)
	}
}

// spool is a register on its way: one row a line, in a file that is gone afterwards.
type spool struct {
	p       *process.Process
	f       *os.File
	drawn   map[record.ID]bool
	columns []*record.Field
	RegisterAbout
}

// include gives a record a page of its own, if the builder sees it.
func (b *builder) include(ctx context.Context, ids ...record.ID) error {
	seen, err := b.sees(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		n, ok := seen[id]
		if !ok || b.included[id] != nil {
			continue
		}
		b.included[id] = &RecordAbout{Process: n.Process, Ref: n.Ref, ID: id.String(), Title: n.Title}
		b.order = append(b.order, id)
	}
	return nil
}

// look finds which records something happened to in the period, from the log, and takes in those
// that requirements rest on.
func (b *builder) look(ctx context.Context) error {
	from, to := b.o.From, b.o.To
	err := b.log(ctx, b.about.Window, func(page []logged) error {
		var ids []record.ID
		for i := range page {
			l := &page[i]
			if l.e == nil || !l.seen {
				continue
			}
			if at := l.e.OccurredAt.Time(); !at.Before(from) && !at.After(to) {
				ids = append(ids, l.e.Record)
			}
		}
		for _, id := range ids {
			b.touched[id] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range b.report.Items {
		it := &b.report.Items[i]
		var ids []record.ID
		for _, e := range it.Evidence {
			ids = append(ids, e.ID)
		}
		for _, m := range it.Failing[:min(failingShown, len(it.Failing))] {
			ids = append(ids, m.About.ID)
		}
		if err := b.include(ctx, ids...); err != nil {
			return err
		}
	}
	return nil
}

// populations streams every process into its register and draws the samples.
func (b *builder) populations(ctx context.Context) error {
	for _, p := range b.sys.Registry.All {
		if !b.takes(p) {
			continue
		}
		s, err := b.population(ctx, p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		if s.Population == 0 {
			continue
		}
		b.about.Registers = append(b.about.Registers, s.RegisterAbout)
	}
	return nil
}

// populationBatch is how many records are held at a time.
const populationBatch = 500

func (b *builder) population(ctx context.Context, p *process.Process) (*spool, error) {
	f, err := os.CreateTemp("", "steward-register-*")
	if err != nil {
		return nil, err
	}
	s := &spool{p: p, f: f, drawn: map[record.ID]bool{}, RegisterAbout: RegisterAbout{Process: p.Name, Clause: p.Clause, Doc: p.Doc}}
	b.spools = append(b.spools, s)
	for _, fd := range p.Shape.Fields {
		if shows(fd) && fd.Name != "id" {
			s.columns = append(s.columns, fd)
		}
	}
	var batch []record.Record
	var inForce []record.ID
	flush := func() error {
		ids := make([]record.ID, len(batch))
		for i, r := range batch {
			ids[i] = r.Head().ID
		}
		seen, err := b.visible(ctx, ids)
		if err != nil {
			return err
		}
		var out []byte
		for _, r := range batch {
			h := r.Head()
			touched := b.touched[h.ID]
			closed := h.Phase == record.Choice(lifecycle.Done) || h.Phase == record.Choice(lifecycle.Void)
			if !seen[h.ID] || !touched && closed {
				continue
			}
			s.Population++
			if touched {
				s.Touched++
			}
			if p.Versioned {
				inForce = append(inForce, h.ID)
			}
			out = s.appendRow(out, r, touched)
		}
		batch = batch[:0]
		_, err = s.f.Write(out)
		return err
	}
	err = b.sys.Each(ctx, b.sys.Self(), system.ListQuery{Process: p.Name, Sort: "id", AsOf: b.o.To}, func(r record.Record, _ *record.Version) error {
		if batch = append(batch, r); len(batch) < populationBatch {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err != nil {
		return nil, err
	}
	d := draw{want: sampleOf(s.Population)}
	err = s.each(func(r *Row) error {
		id, err := record.ParseID(r.ID)
		d.see(ranked{rank(b.about.Seed, p.Name, r.ID), id})
		return err
	})
	if err != nil {
		return nil, err
	}
	s.Sample = len(d.kept)
	slices.SortFunc(d.kept, func(x, y ranked) int { return bytes.Compare(x.rank[:], y.rank[:]) })
	for _, x := range d.kept {
		s.drawn[x.id] = true
		if err := b.include(ctx, x.id); err != nil {
			return nil, err
		}
	}
	return s, b.versions(ctx, p, inForce)
}

// Row is one line of a register.
type Row struct {
	ID      string                     `json:"id"`
	Ref     string                     `json:"ref"`
	Touched bool                       `json:"touched"`
	Drawn   bool                       `json:"drawn"` // in the sample
	Page    bool                       `json:"page"`  // in the pack: drawn, or a requirement rests on it
	Fields  map[string]json.RawMessage `json:"fields"`
}

// shows says whether a field stands in registers: what is personal does not leave the house.
func shows(f *record.Field) bool {
	return !f.Hidden && !f.Personal && f.Kind != record.KSecret && f.Kind != record.KJSON
}

func (s *spool) appendRow(out []byte, r record.Record, touched bool) []byte {
	h := r.Head()
	fields := map[string]json.RawMessage{}
	base := record.BaseOf(r)
	for _, f := range s.columns {
		if c := f.At(base); !c.Empty() {
			fields[f.Name] = c.AppendJSON(nil)
		}
	}
	for name, v := range system.CustomValues(r) {
		fields["custom."+name] = v
	}
	line, err := json.Marshal(Row{ID: h.ID.String(), Ref: s.p.Ref(h.Num), Touched: touched, Fields: fields})
	if err != nil {
		panic("pack: " + err.Error()) // cells write JSON
	}
	return append(append(out, line...), '\n')
}

// each reads the register from its start.
func (s *spool) each(f func(*Row) error) error {
	if _, err := s.f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	d := json.NewDecoder(bufio.NewReaderSize(s.f, 1<<16))
	for d.More() {
		var r Row
		if err := d.Decode(&r); err != nil {
			return err
		}
		if err := f(&r); err != nil {
			return err
		}
	}
	return nil
}

// documentRow is one version that was in force at some time of the period.
type documentRow struct {
	Process, Ref, Title, State, Hash, Author, Approver string
	id                                                 record.ID
	Number                                             int64
	From, To                                           string
	Decided                                            time.Time
	InForce                                            bool // on the last day
	Retroactive                                        bool
}

// versions takes in the versioned records that had something in force in the period.
func (b *builder) versions(ctx context.Context, p *process.Process, ids []record.ID) error {
	first, last := record.Day(b.o.From.In(b.sys.Zone())), record.Day(b.o.To.In(b.sys.Zone()))
	for _, id := range ids {
		vs, err := b.sys.Store.Versions(ctx, p, id)
		if err != nil {
			return err
		}
		for _, c := range vs {
			v := c.Version
			if v.Status != record.VersionApproved || v.DecidedAt > record.At(b.o.To) || v.EffectiveFrom == "" || v.EffectiveFrom > last || v.EffectiveTo != "" && v.EffectiveTo <= first {
				continue
			}
			if err := b.include(ctx, id); err != nil {
				return err
			}
			at := b.included[id]
			if at == nil {
				continue
			}
			people, err := b.sees(ctx, []record.ID{v.Author, v.Approver})
			if err != nil {
				return err
			}
			b.docs = append(b.docs, documentRow{Process: p.Name, Ref: at.Ref, Title: at.Title, State: "approved", Hash: string(v.ContentHash), id: id, Author: people[v.Author].Title, Approver: people[v.Approver].Title,
				Number: int64(v.Number), From: string(v.EffectiveFrom), To: string(v.EffectiveTo), Decided: v.DecidedAt.Time(), InForce: v.InForce(last), Retroactive: bool(v.Retroactive)})
		}
	}
	return nil
}
