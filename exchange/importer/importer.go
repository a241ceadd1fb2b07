// Package importer takes over what other tools and spreadsheets hold, through the ordinary road
// with the permission "replay": the source's times become events, nothing is ever rewritten, and a
// second run adds nothing.
//
// In: tables (exchange/table), the ServiceNow incident log (exchange/servicenow). Out: records,
// each with all its events or not at all; a report that names every refused row; a record of the
// run with the hash of its source.
//
// Start at [Run], then the format: csv.go, servicenow.go; given.go for one that another package reads.
// Always true: id and the time at which Steward learned of something never come from outside.
package importer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/system"
)

// Options say how to read a source.
type Options struct {
	Format   string                           // csv or servicenow-csv, or what Read reads
	Process  string                           // of csv, and of what Read reads
	Read     func(io.Reader) ([]Given, error) // of a format that this package does not know; nil: it does
	Columns  map[string]string                // field -> header, where they differ
	Source   string                           // external_source of what is taken; "" is the format's own
	Encoding string                           // forced; "" finds out
	Zone     *time.Location                   // of times without one; nil is UTC
	DryRun   bool                             // decide everything, write nothing
	Name     string                           // of the file, for the record of the run
	Progress func(Report)                     // called now and then
}

// Refused is one row that was not taken.
type Refused struct {
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
	Mend   string `json:"mend,omitempty"`
}

// Report is what a run did.
type Report struct {
	Records   int     `json:"records"`
	Events    int     `json:"events"`
	Refused   int     `json:"refused"`
	Unchanged int     `json:"unchanged"`
	Seconds   float64 `json:"seconds"`

	Rows     []Refused `json:"-"` // at most MaxRefused of them
	Notes    []string  `json:"-"` // what is worth knowing: detected form, inconsistent counters
	Detected string    `json:"-"`
}

// MaxRefused is how many refused rows a report names; the rest is only counted.
const MaxRefused = 10_000

func (r *Report) refuse(x Refused) {
	r.Refused++
	if len(r.Rows) < MaxRefused {
		r.Rows = append(r.Rows, x)
	}
}

// Batch is how many records are decided and written together.
const batch = 400

// Run imports one source as actor, who needs the permission "replay".
func Run(ctx context.Context, s *system.System, actor *access.Principal, r io.Reader, opt Options) (Report, error) {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	start := time.Now()
	sum := sha256.New()
	in := &intake{sys: s, actor: actor, opt: opt, refs: map[string]record.ID{}, start: start}
	var err error
	src := io.TeeReader(r, sum)
	switch {
	case opt.Read != nil:
		err = in.given(ctx, src)
	case opt.Format == "csv":
		err = in.csv(ctx, src)
	case opt.Format == "servicenow-csv":
		err = in.servicenow(ctx, src)
	default:
		return Report{}, fmt.Errorf("unknown format %q: known are csv and servicenow-csv", opt.Format)
	}
	if e := in.landed(); err == nil {
		err = e
	}
	in.report.Seconds = time.Since(start).Seconds()
	in.tell(true)
	if err != nil {
		return in.report, err
	}
	if _, err := io.Copy(io.Discard, src); err != nil { // what a reader left, for the hash
		return in.report, err
	}
	if in.report.Records > 0 && !opt.DryRun {
		if err := in.note(ctx, hex.EncodeToString(sum.Sum(nil))); err != nil {
			return in.report, err
		}
	}
	in.report.Seconds = time.Since(start).Seconds()
	return in.report, nil
}

// intake is one run.
type intake struct {
	sys     *system.System
	actor   *access.Principal
	opt     Options
	report  Report
	refs    map[string]record.ID // names already looked up: process, then name
	start   time.Time
	told    time.Time
	held    []*planned
	landing chan error // the batch that is being written, and its records
	flying  []*planned

	oddities map[string]int    // reported but kept, by reason
	oddFirst map[string]string // the first of each
}

// planned is one record to be taken, with where it stands in the source.
type planned struct {
	past *system.Past
	line int
	rows int
}

// take queues a record and writes a batch when there are enough.
func (in *intake) take(ctx context.Context, p *planned) error {
	in.held = append(in.held, p)
	if len(in.held) >= batch {
		return in.flush(ctx)
	}
	return nil
}

func (in *intake) flush(ctx context.Context) error {
	if len(in.held) == 0 {
		return nil
	}
	past := make([]*system.Past, len(in.held))
	for i, p := range in.held {
		past[i] = p.past
	}
	held := in.held
	in.held = nil
	if in.opt.DryRun {
		if err := in.sys.TryReplay(ctx, in.actor, past); err != nil {
			return err
		}
		in.count(held)
		return nil
	}
	d, err := in.sys.DecideAll(ctx, in.actor, past)
	if err != nil {
		return err
	}
	if err := in.landed(); err != nil { // the batch before: it was written while this one was decided
		return err
	}
	in.landing, in.flying = make(chan error, 1), held
	go func() { in.landing <- d.Land(ctx) }()
	return nil
}

// landed waits for the batch that is being written.
func (in *intake) landed() error {
	if in.landing == nil {
		return nil
	}
	err := <-in.landing
	in.landing = nil
	if err == nil {
		in.count(in.flying)
	}
	return err
}

func (in *intake) count(held []*planned) {
	for _, p := range held {
		if p.past.Err == nil {
			in.report.Records++
			in.report.Events += p.past.Events
			continue
		}
		in.refused(p.line, p.past.Err)
	}
	in.tell(false)
}

// refused reports why a record was not taken: every reason, by line and column.
func (in *intake) refused(line int, err error) {
	var f *fault.Error
	if !errors.As(err, &f) {
		in.report.refuse(Refused{Line: line, Reason: "failed", Mend: err.Error()})
		return
	}
	if len(f.Refusals) == 0 {
		in.report.refuse(Refused{Line: line, Reason: string(f.Kind), Mend: f.Detail})
		return
	}
	n := in.report.Refused
	for _, r := range f.Refusals {
		col := r.Field
		if h := in.opt.Columns[col]; h != "" {
			col = h
		}
		in.report.refuse(Refused{Line: line, Column: col, Reason: r.Reason, Mend: r.Mend})
	}
	in.report.Refused = n + 1 // a row counts once, whatever its reasons
}

func (in *intake) tell(last bool) {
	if in.opt.Progress == nil || !last && time.Since(in.told) < 200*time.Millisecond {
		return
	}
	in.told = time.Now()
	r := in.report
	r.Seconds = time.Since(in.start).Seconds()
	in.opt.Progress(r)
}

// note keeps the record of the run: what was taken from which file, with its hash.
func (in *intake) note(ctx context.Context, sum string) error {
	if in.sys.Registry.Process("import_run") == nil {
		return nil
	}
	title := in.opt.Name
	if title == "" {
		title = in.opt.Format
	}
	mapping, err := json.Marshal(in.opt.Columns)
	if err != nil {
		return err
	}
	set := map[string]json.RawMessage{}
	for k, v := range map[string]any{"title": "Import of " + title, "format": in.opt.Format, "sha256": sum, "records": in.report.Records,
		"events": in.report.Events, "refused": in.report.Refused, "unchanged": in.report.Unchanged, "mapping": string(mapping)} {
		if set[k], err = json.Marshal(v); err != nil {
			return err
		}
	}
	_, err = in.sys.Do(ctx, in.actor, lifecycle.Command{Process: "import_run", Verb: "create", Door: "import", Set: set})
	return err
}

// lookup finds what a name stands for: an id, ref, name, title or external_id; remembered.
func (in *intake) lookup(ctx context.Context, name, text string) (record.ID, error) {
	key := name + "\x00" + text
	if id, ok := in.refs[key]; ok {
		return id, nil
	}
	id, err := in.sys.Lookup(ctx, in.actor, name, text)
	if err != nil {
		return id, err
	}
	if id.IsZero() && name != "*" {
		q := string(record.AppendString(nil, text))
		for _, filter := range []string{"external_id = " + q, "title = " + q} {
			l, err := in.sys.List(ctx, in.actor, system.ListQuery{Process: name, Filter: filter, Limit: 2, Fields: []string{"id"}})
			if err != nil {
				var f *fault.Error
				if errors.As(err, &f) && f.Kind == fault.BadQuery {
					continue // a table too large to look for titles in
				}
				return id, err
			}
			if len(l.Records) == 1 {
				id = l.Records[0].Head().ID
				break
			}
		}
	}
	if !id.IsZero() {
		in.refs[key] = id
	}
	return id, nil
}

// Run records -------------------------------------------------------------

// ImportRun is the record of one import: which file, with which hash and mapping, gave what.
type ImportRun struct {
	record.Header
	Format    record.Text  `field:"required,len=40"`
	SHA256    record.Text  `field:"required,len=64"`
	Mapping   record.Prose `field:""`
	Records   record.Int   `field:""`
	Events    record.Int   `field:""`
	Refused   record.Int   `field:""`
	Unchanged record.Int   `field:""`
}

// Process is the process of import runs.
var Process = process.Declare(process.Spec[ImportRun]{
	Name: "import_run", Prefix: "IMP",
	Doc:    "Imports: which file, with which hash, gave which records.",
	States: []lifecycle.State{{Name: "done", Phase: lifecycle.Done}},
	Grants: access.Table{access.ProcessOwner: "read create export", access.Auditor: "read export", access.Management: "read"},
})
