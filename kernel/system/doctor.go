package system

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// Doctor says how deep a system is examined.
type Doctor struct {
	Replay int             // rebuild so many of the newest records of each process from their events; -1 all
	Files  bool            // read every attached file and compare its hash
	Keys   []note.Verifier // of the log; none: the log is not verified
	Served bool            // a server runs on it
}

// Examine looks at everything that must agree and says what does not. It only reads.
func (s *System) Examine(ctx context.Context, d Doctor) ([]storage.Finding, error) {
	out, err := s.Store.Examine(ctx, s.Now(), d.Served)
	if err != nil {
		return out, err
	}
	f, err := s.replayed(ctx, d.Replay)
	if err != nil {
		return out, err
	}
	out = append(out, f)
	if d.Files && s.opt.Blobs != nil {
		if f, err = s.files(ctx); err != nil {
			return out, err
		}
		out = append(out, f)
	}
	if len(d.Keys) > 0 {
		rep, err := s.Verify(ctx, d.Keys, nil)
		if err != nil {
			return out, err
		}
		f := storage.Finding{What: fmt.Sprintf("the log of %d events holds", rep.Leaves)}
		if !rep.Holds() {
			f.Found, f.Mend = rep.Fault.Error(), "keep the database as it is and run steward verify with a checkpoint that was kept outside"
		}
		out = append(out, f)
	}
	return out, nil
}

var errEnough = errors.New("enough")

// each gives the newest n records of p (all of them with -1) with their events up to that state.
func (s *System) each(ctx context.Context, p *process.Process, n int, f func(record.Record, []*storage.Event) error) error {
	if n == 0 {
		return nil
	}
	left := n
	err := s.Each(ctx, s.self, ListQuery{Process: p.Name, Sort: "-id", Lines: true}, func(r record.Record, _ *record.Version) error {
		es, err := s.events(ctx, r.Head().ID, 0, 0)
		if err != nil {
			return err
		}
		es = es[:min(len(es), int(r.Head().N))] // what came since the row was read is not in it
		if err := f(r, es); err != nil {
			return err
		}
		if left--; left == 0 {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// rebuild makes a record of p from nothing but its events.
func (s *System) rebuild(p *process.Process, h *record.Header, es []*storage.Event) (record.Record, error) {
	r := p.New()
	*r.Head() = record.Header{ID: h.ID, Num: h.Num, CreatedBy: h.CreatedBy, Disordered: h.Disordered}
	for _, e := range es {
		if err := s.unwind(p, r, e, 1); err != nil {
			return nil, err
		}
		stamp(r.Head(), e)
	}
	return r, nil
}

// replayed rebuilds records from their events and compares them with their rows.
func (s *System) replayed(ctx context.Context, n int) (storage.Finding, error) {
	seen := 0
	var bad []string
	for _, p := range s.Registry.All {
		err := s.each(ctx, p, n, func(r record.Record, es []*storage.Event) error {
			seen++
			differ, err := s.differs(p, r, es)
			if p.Versioned && err == nil {
				var more []string
				more, err = s.versionsDiffer(ctx, p, r.Head().ID, es)
				differ = append(differ, more...)
			}
			if len(differ) > 0 {
				bad = append(bad, p.Ref(r.Head().Num)+" ("+strings.Join(differ, ", ")+")")
			}
			return err
		})
		if err != nil {
			return storage.Finding{}, err
		}
	}
	return storage.Find(fmt.Sprintf("%d records are what their events make them", seen),
		"somebody changed the row around Steward: look at the record's history; steward doctor --recount puts counters and stamps right, anything else is put right by changing the record", bad), nil
}

// differs names the fields and kinds of line in which a record is not what its events make it.
func (s *System) differs(p *process.Process, r record.Record, es []*storage.Event) ([]string, error) {
	again, err := s.rebuild(p, r.Head(), es)
	if err != nil {
		return nil, err
	}
	erased := false
	for _, e := range es {
		erased = erased || e.Command == "erase"
	}
	var out []string
	for _, f := range p.RecordFields {
		if f.Kind == record.KSecret || f.Personal && erased {
			continue
		}
		if f.Kernel {
			b := newBody()
			if diffMap(f.Name, f.Of(again).(*record.JSON), f.Of(r).(*record.JSON), b); !b.empty() {
				out = append(out, f.Name)
			}
			continue
		}
		if !f.Of(again).Equal(f.Of(r)) {
			out = append(out, f.Name)
		}
	}
	for _, l := range p.RecordLines {
		if diffLines(l, record.BaseOf(again), record.BaseOf(r), newBody()) {
			out = append(out, l.Name)
		}
	}
	return out, nil
}

// versionsDiffer names the versions of a record that are not what was handed in and approved: what is
// in force was agreed to by somebody, so a change around Steward matters here more than anywhere.
func (s *System) versionsDiffer(ctx context.Context, p *process.Process, id record.ID, es []*storage.Event) ([]string, error) {
	all, err := s.Store.Versions(ctx, p, id)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return []string{"it has no version"}, nil
	}
	approved := map[int64]bool{}
	for _, e := range es {
		switch e.Command {
		case "erase":
			return nil, nil // what is personal in its content is gone, and that is so for good
		case "version_approve":
			var n int64
			if json.Unmarshal(s.Reveal(e)["version"]["number"], &n) == nil {
				approved[n] = true
			}
		}
	}
	var out []string
	for _, c := range all {
		v, n := c.Version, fmt.Sprintf("version %d", c.Version.Number)
		switch {
		case v.Status != record.VersionDraft && v.ContentHash != "" && string(v.ContentHash) != ContentHash(p, c.Record):
			out = append(out, n+" is not what was handed in")
		case v.Status == record.VersionApproved && (v.EffectiveFrom == "" || v.ContentHash == ""):
			out = append(out, n+" is approved without a day or hash")
		case v.Status == record.VersionApproved && !approved[int64(v.Number)]:
			out = append(out, n+" is approved and no event says so")
		}
		for _, o := range all {
			w := o.Version
			if v.Number < w.Number && v.Status == record.VersionApproved && w.Status == record.VersionApproved &&
				(w.EffectiveTo == "" || v.EffectiveFrom < w.EffectiveTo) && (v.EffectiveTo == "" || w.EffectiveFrom < v.EffectiveTo) {
				out = append(out, fmt.Sprintf("%s and %d are in force at once", n, w.Number))
			}
		}
	}
	return out, nil
}

// files reads every attached file: each must be there, and have the hash that its record tells.
func (s *System) files(ctx context.Context) (storage.Finding, error) {
	var bad []string
	sound := map[record.Text]bool{}
	last := record.ID{}
	for {
		rows, err := rowsOf[storage.Attachment](ctx, s, storage.TAttachment, []storage.Cond{{Col: "id", Op: ">", Val: &last}}, "t.id", 500)
		if err != nil {
			return storage.Finding{}, err
		}
		for _, a := range rows {
			last = a.ID
			if sound[a.SHA256] {
				continue
			}
			sound[a.SHA256] = true
			f, err := s.opt.Blobs.Open(ctx, string(a.SHA256))
			if err == nil {
				_, err = f.Seek(0, io.SeekEnd)
				_ = f.Close()
			}
			var no *fault.Error
			if errors.As(err, &no) {
				bad = append(bad, fmt.Sprintf("%s of %s: %s", a.Name, s.nameOf(ctx, a.Record), no.Detail))
			} else if err != nil {
				return storage.Finding{}, err
			}
		}
		if len(rows) < 500 {
			break
		}
	}
	return storage.Find(fmt.Sprintf("%d files are there and are what was attached", len(sound)), "put the file back from a backup", bad), nil
}

// Recount puts counters and stamps of all records, and the directory, back to what their events make
// them, and names the records that it mended. What people decided is not touched.
func (s *System) Recount(ctx context.Context) ([]string, error) {
	var mended []string
	for _, p := range s.Registry.All {
		folded := map[string]bool{"due_at": true}
		own := record.ShapeOf[record.Header]("header")
		for _, f := range p.RecordFields {
			folded[f.Name] = folded[f.Name] || f.Stamp && own.Field(f.Name) == nil
		}
		err := s.each(ctx, p, -1, func(r record.Record, es []*storage.Event) error {
			h := r.Head()
			dir := []storage.Statement{s.Store.MendDirectory(p, h.ID)}
			differ, err := s.differs(p, r, es)
			if err != nil {
				return err
			}
			again, err := s.rebuild(p, h, es)
			if err != nil {
				return err
			}
			var cols, names []string
			for _, name := range differ {
				if !folded[name] {
					continue
				}
				names = append(names, name)
				for _, c := range s.tables[p.Name].Record.Cols {
					if c.Field.Name == name {
						cols = append(cols, c.Name)
					}
				}
			}
			if len(cols) > 0 {
				key := []storage.Cond{storage.Eq("id", &h.ID), storage.Eq("n", &h.N)} // unless it has moved on: then the next run mends it
				dir = append([]storage.Statement{s.Store.Update(s.tables[p.Name].Record, cols, key, -1, record.BaseOf(again))}, dir...)
				mended = append(mended, p.Ref(h.Num)+" ("+strings.Join(names, ", ")+")")
			} else if stands, err := s.directoryStands(ctx, p, h); err != nil || stands {
				return err
			} else {
				mended = append(mended, p.Ref(h.Num)+" (directory)")
			}
			return s.Store.Apply(ctx, dir)
		})
		if err != nil {
			return mended, err
		}
	}
	return mended, nil
}

// directoryStands reports whether the directory says of a record what the record says.
func (s *System) directoryStands(ctx context.Context, p *process.Process, h *record.Header) (bool, error) {
	rows, err := rowsOf[storage.Directory](ctx, s, storage.TDirectory, []storage.Cond{storage.Eq("id", &h.ID)}, "", 1)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	return rows[0].Num == h.Num && len(directoryChanges(rows[0], directoryOf(p, h))) == 0, nil
}

// ReleaseTimers lets timers run that were held because too many were long overdue at once.
func (s *System) ReleaseTimers(ctx context.Context) error {
	return s.Store.Apply(ctx, []storage.Statement{s.Store.SetMeta("release_timers", record.At(s.Now()).String())})
}
