package pack

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/ledger"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/conformity"
)

// Options say what a pack is of.
type Options struct {
	From, To     time.Time         // the period; To is the instant that everything is shown as of
	By           *access.Principal // whose scope bounds what is in it
	Built        time.Time         // when it is built; zero: now
	Seed         string            // of the samples; "": drawn from the root of the log
	Organisation string            // for the cover; "": what the provider's own record says
	Version      string            // of the program
	Key          string            // the public key of the log
	Style        []byte            // style sheet of the pages
	Progress     func(string)      // is told what is being written; may be nil
}

// About is what a pack is of, in pack.json.
type About struct {
	Pack         string          `json:"pack"` // steward-audit-pack
	V            int             `json:"v"`
	Organisation string          `json:"organisation"`
	System       string          `json:"system"` // origin of its log
	From         time.Time       `json:"from"`
	To           time.Time       `json:"to"` // the instant
	Built        time.Time       `json:"built"`
	By           string          `json:"by"`
	Whole        bool            `json:"whole"` // by whoever sees everything
	Program      string          `json:"program"`
	Leaves       int64           `json:"leaves"`
	Root         string          `json:"root"`
	Window       int64           `json:"window"`
	Withheld     int64           `json:"withheld"`
	Seed         string          `json:"seed"`
	LeftOut      []string        `json:"left_out"` // processes that whoever built it may not take away
	Differences  []string        `json:"differences"`
	Registers    []RegisterAbout `json:"registers"`
	Records      []RecordAbout   `json:"records"`
}

// RegisterAbout is one register.
type RegisterAbout struct {
	Process    string `json:"process"`
	Clause     string `json:"clause"`
	Doc        string `json:"doc"`
	Population int    `json:"population"`
	Touched    int    `json:"touched"` // of these, in the period
	Sample     int    `json:"sample"`  // drawn; as many as the population: all of them
}

// RecordAbout is one record with a page of its own.
type RecordAbout struct {
	Process  string  `json:"process"`
	Ref      string  `json:"ref"`
	ID       string  `json:"id"`
	Title    string  `json:"title"`
	Events   int64   `json:"events"`
	Withheld []int64 `json:"withheld,omitempty"` // numbers of events of which the builder may not know
	Bodiless []int64 `json:"bodiless,omitempty"` // numbers of events whose body is gone
}

// Operator is who builds a pack on the machine itself: with all that an administrator may see and take
// away, which is everything but restricted records that nobody shared with them. Whoever has to take
// those in as well builds as Steward itself ([system.System.Self]).
func Operator() *access.Principal {
	return &access.Principal{Name: "operator", Roles: []string{access.Administrator}, Grants: map[string]bool{"*:*": true}}
}

// May reports whether actor may make audit packs: administrators, top management and auditors.
func May(actor *access.Principal) error {
	if err := conformity.May(actor); err != nil {
		return err
	}
	if actor.System || actor.Has(access.Administrator) || actor.Has(access.Management) || actor.Has(access.Auditor) {
		if actor.May(conformity.Runs.Name, "export") {
			return nil
		}
	}
	return fault.New(fault.Denied, "audit packs are for administrators, top management and auditors")
}

// Period reads the ends of a period as people give them: days or instants, "" for the default, which
// is the year that ends now.
func Period(e *conformity.Engine, zone *time.Location, now time.Time, from, to string) (begin, end time.Time, err error) {
	if end, err = e.Instant(to); err != nil {
		return begin, end, fault.New(fault.BadRequest, "to: takes an RFC 3339 time or a day that has begun, such as 2026-01-31")
	}
	if end.IsZero() {
		end = now
	}
	switch d, wrong := time.ParseInLocation(time.DateOnly, from, zone); {
	case from == "":
		begin = end.AddDate(-1, 0, 0)
	case wrong == nil:
		begin = d.UTC()
	default:
		if begin, err = time.Parse(time.RFC3339Nano, from); err != nil {
			return begin, end, fault.New(fault.BadRequest, "from: takes an RFC 3339 time or a day, such as 2026-01-31")
		}
	}
	if !begin.Before(end) {
		return begin, end, fault.New(fault.BadRequest, "from: the period has to begin before it ends (%s)", end.Format(time.RFC3339))
	}
	return begin.UTC().Truncate(time.Microsecond), end.UTC(), nil
}

// builder builds one pack. It is used by one goroutine.
type builder struct {
	sys    *system.System
	engine *conformity.Engine
	o      Options
	a      *archive
	about  About
	report *conformity.Report
	views  []conformity.View
	head   ledger.Checkpoint // the newest; its leaves are what is in the pack

	touched  map[record.ID]bool // what happened to in the period, as far as the builder sees
	included map[record.ID]*RecordAbout
	order    []record.ID // of included, as they were taken in
	spools   []*spool
	proofs   []proved
	names    map[record.ID]named
	logged   ledgerCounts
	docs     []documentRow
	charts   []chart
}

// Build writes a pack of sys to w. The file is whole only when it returns nil.
func Build(ctx context.Context, sys *system.System, e *conformity.Engine, w io.Writer, o Options) (*About, error) {
	if err := May(o.By); err != nil {
		return nil, err
	}
	if o.Built.IsZero() {
		o.Built = sys.Now()
	}
	for _, at := range []*time.Time{&o.From, &o.To, &o.Built} { // nothing is kept more finely
		*at = at.UTC().Truncate(time.Microsecond)
	}
	if o.Organisation == "" {
		name, err := organisation(ctx, sys)
		if err != nil {
			return nil, err
		}
		o.Organisation = name
	}
	b := &builder{sys: sys, engine: e, o: o, a: newArchive(w), touched: map[record.ID]bool{}, included: map[record.ID]*RecordAbout{}, names: map[record.ID]named{}}
	defer b.drop()
	if err := b.build(ctx); err != nil {
		return nil, fmt.Errorf("audit pack: %w", err)
	}
	return &b.about, nil
}

// organisation is what the provider calls itself; "" where nobody has said it yet.
func organisation(ctx context.Context, sys *system.System) (string, error) {
	all, err := sys.Reader().All(ctx, people.Organisations.Name)
	if err != nil {
		return "", err
	}
	for _, x := range all {
		if x.Head().State == "active" {
			return string(x.Head().Title), nil
		}
	}
	return "", nil
}

// section is one part of a pack. Those that come later may rest on what earlier ones found.
type section struct {
	name  string
	write func(*builder, context.Context) error
}

// sections are what a pack is made of, in the order in which it is written. An annex (such as the
// requirements of another standard, by a crosswalk) is one more line here and one in parts below.
var sections = []section{
	{"log", (*builder).freeze},
	{"requirements", (*builder).evaluate},
	{"what happened in the period", (*builder).look},
	{"registers", (*builder).populations},
	{"documents", (*builder).documents},
	{"measurements", (*builder).measurements},
	{"history", (*builder).history},
	{"proofs", (*builder).prove},
	{"records", (*builder).records},
	{"registers", (*builder).registers},
	{"clauses", (*builder).clauses},
	{"cover", (*builder).cover},
	{"manifest", (*builder).sign},
}

func (b *builder) build(ctx context.Context) error {
	for _, s := range sections {
		if err := ctx.Err(); err != nil {
			return err
		}
		if b.o.Progress != nil {
			b.o.Progress(s.name)
		}
		if err := s.write(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return nil
}

func (b *builder) drop() {
	for _, s := range b.spools {
		_ = s.f.Close()
		_ = os.Remove(s.f.Name())
	}
}

// Skew is how far an event's time may lie before the checkpoint that its leaf comes after.
const Skew = ledger.DefaultSkew

// freeze has everything that was recorded so far signed for, and fixes which leaves are in the pack.
func (b *builder) freeze(ctx context.Context) error {
	key, err := ledger.NewVerifier(b.o.Key)
	if err != nil {
		return err
	}
	if b.head, err = b.newest(ctx, key); err != nil {
		return err
	}
	b.about = About{Pack: "steward-audit-pack", V: 1, Organisation: b.o.Organisation, System: b.head.Origin, From: b.o.From, To: b.o.To, Built: b.o.Built,
		By: cmp.Or(b.o.By.Name, b.o.By.ID.String()), Whole: b.o.By.System, Program: b.o.Version, Leaves: b.head.Size, Root: b.head.Root.String(), Seed: b.o.Seed,
		LeftOut: []string{}, Differences: []string{}, Registers: []RegisterAbout{}, Records: []RecordAbout{}}
	if b.about.Seed == "" {
		sum := sha256.Sum256([]byte("steward audit pack sample\n" + b.about.Root + "\n"))
		b.about.Seed = hex.EncodeToString(sum[:])
	}
	if b.about.Window, err = b.window(ctx); err != nil {
		return err
	}
	for _, p := range b.sys.Registry.All {
		if !b.takes(p) {
			b.about.LeftOut = append(b.about.LeftOut, p.Name)
		}
	}
	return nil
}

// newest is a checkpoint that covers every event there is now.
func (b *builder) newest(ctx context.Context, key note.Verifier) (c ledger.Checkpoint, err error) {
	last, err := b.sys.Store.Events(ctx, nil, "t.seq desc", 1)
	if err != nil {
		return c, err
	}
	for try := range 20 { // another node may be signing just now
		if try > 0 {
			select {
			case <-ctx.Done():
				return c, ctx.Err()
			case <-time.After(250 * time.Millisecond):
			}
		}
		if _, err := b.sys.SequenceAll(ctx); err != nil {
			return c, err
		}
		var row storage.Checkpoint
		err := b.sys.Store.Rows(ctx, storage.TCheckpoint, nil, "t.size desc", 1, func() []storage.Part { return []storage.Part{storage.Part(&row)} }, func() error { return nil })
		if err != nil {
			return c, err
		}
		if row.Note == "" {
			continue
		}
		if c, err = ledger.ParseCheckpoint(string(row.Note), key); err != nil {
			return c, fmt.Errorf("newest checkpoint: %w", err)
		}
		covered := true
		for _, e := range last {
			leaves, err := b.leavesOf(ctx, []*storage.Event{e})
			if err != nil {
				return c, err
			}
			no, ok := leaves[e.Seq]
			covered = ok && no < c.Size
		}
		if covered {
			return c, nil
		}
	}
	return c, errors.New("what was recorded last has no signed place in the log yet: see whether the server runs and its log.key is there, then build again")
}

// window is the size of the newest checkpoint that was signed before the period by more than clocks
// may differ: no event of the period stands before it.
func (b *builder) window(ctx context.Context) (int64, error) {
	before := record.At(b.o.From.Add(-Skew))
	if before <= 0 {
		return 0, nil
	}
	var row storage.Checkpoint
	err := b.sys.Store.Rows(ctx, storage.TCheckpoint, []storage.Cond{{Col: "at", Op: "<=", Val: &before}}, "t.size desc", 1,
		func() []storage.Part { return []storage.Part{storage.Part(&row)} }, func() error { return nil })
	return int64(row.Size), err
}

// evaluate works out the state of every requirement.
func (b *builder) evaluate(ctx context.Context) (err error) {
	if b.report, err = b.engine.Evaluate(ctx, b.o.To); err != nil {
		return err
	}
	if b.views, err = b.engine.Views(ctx, b.o.By, b.report.Items); err != nil {
		return err
	}
	for i := range b.views {
		if err := b.mask(ctx, &b.report.Items[i], &b.views[i]); err != nil {
			return err
		}
	}
	return nil
}

// mask takes a reason away that names records of which the builder may not know. How many there are
// stays.
func (b *builder) mask(ctx context.Context, it *conformity.Item, v *conformity.View) error {
	var ids []record.ID
	named := map[record.ID]string{}
	note := func(id record.ID, ref string) {
		if !id.IsZero() && ref != "" && strings.Contains(v.Reason, ref) {
			ids = append(ids, id)
			named[id] = ref
		}
	}
	for _, m := range it.Failing[:min(failingShown, len(it.Failing))] {
		note(m.About.ID, m.About.Ref)
	}
	for _, e := range it.Evidence {
		note(e.ID, e.Ref)
	}
	seen, err := b.sees(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, ok := seen[id]; !ok {
			v.Reason = fmt.Sprintf("%d of %d fail; which ones is not for whoever built the pack", v.Failing, v.Population)
			return nil
		}
	}
	return nil
}

// takes reports whether the builder may take records of p away.
func (b *builder) takes(p *process.Process) bool {
	return b.o.By.Reads(p.Name) && b.o.By.May(p.Name, "export")
}

// sees is which of the records the builder sees and may take away.
func (b *builder) sees(ctx context.Context, ids []record.ID) (map[record.ID]named, error) {
	out := make(map[record.ID]named, len(ids))
	var ask []record.Cell
	if len(b.names) > namesHeld {
		clear(b.names)
	}
	for i := range ids {
		n, ok := b.names[ids[i]]
		if ok {
			if n.Process != "" {
				out[ids[i]] = n
			}
			continue
		}
		if !ids[i].IsZero() {
			b.names[ids[i]] = named{}
			ask = append(ask, &ids[i])
		}
	}
	scopes := b.sys.Scopes(b.o.By)
	for len(ask) > 0 {
		n := min(len(ask), 500)
		ds, err := b.sys.Store.Directory(ctx, scopes, []storage.Cond{{Col: "id", Op: "in", Val: ask[:n]}}, "", 0)
		if err != nil {
			return nil, err
		}
		for _, d := range ds {
			p := b.sys.Registry.Process(string(d.Process))
			if p == nil || !b.takes(p) {
				continue
			}
			x := named{p.Name, p.Ref(d.Num), string(d.Title)}
			b.names[d.ID], out[d.ID] = x, x
		}
		ask = ask[n:]
	}
	return out, nil
}

// named is a record by its name.
type named struct{ Process, Ref, Title string }

// namesHeld is how many names are remembered.
const namesHeld = 50_000

// sign closes the pack: what it is of, the list of files, and the signature under it.
func (b *builder) sign(context.Context) error {
	if err := b.a.bytesOf(keyName, []byte(b.o.Key+"\n")); err != nil {
		return err
	}
	if err := b.a.json(aboutName, b.about); err != nil {
		return err
	}
	list := b.a.manifest()
	sum := sha256.Sum256(list)
	text, err := b.sys.Vouch(statementKind, []string{
		"built " + b.about.Built.Format(time.RFC3339Nano), "log " + strconv.FormatInt(b.about.Leaves, 10) + " " + b.about.Root,
		"files " + strconv.Itoa(len(b.a.sums)), "sha256 " + hex.EncodeToString(sum[:])})
	if err != nil {
		return err
	}
	if err := b.a.bytesOf(manifestName, list); err != nil {
		return err
	}
	if err := b.a.bytesOf(noteName, []byte(text)); err != nil {
		return err
	}
	return b.a.z.Close()
}
