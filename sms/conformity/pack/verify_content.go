package pack

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"steward/kernel/ledger"
	"steward/kernel/record"
)

// seenRecord is what the log says of a record in the pack.
type seenRecord struct {
	about  *RecordAbout
	events []told
	places []Place
	gone   []int64
	ns     []int64
	says   map[string]json.RawMessage // what its events make of its fields; nil where not all can be read
}

// content holds records, proofs and registers against the log, whose leaves have been proved.
func (v *verifier) content() error {
	a := v.rep.About
	in := map[string]*seenRecord{}
	for i := range a.Records {
		r := &a.Records[i]
		if in[r.ID] != nil {
			return fail(RecordIncomplete, aboutName, "%s stands in it twice", r.Ref)
		}
		in[r.ID] = &seenRecord{about: r}
	}
	touched := map[string]map[string]bool{}
	var proofs []proved
	if err := v.walk(in, touched, &proofs); err != nil {
		return err
	}
	for i := range a.Records {
		if err := v.record(in[a.Records[i].ID]); err != nil {
			return err
		}
		v.rep.Records++
	}
	if err := v.proofs(proofs); err != nil {
		return err
	}
	return v.registers(touched, in)
}

// walk reads the log once: the events of records in the pack, and which records the heads name.
func (v *verifier) walk(in map[string]*seenRecord, touched map[string]map[string]bool, proofs *[]proved) error {
	a := v.rep.About
	if err := v.window(); err != nil {
		return err
	}
	f, err := v.files[logName].Open()
	if err != nil {
		return err
	}
	defer f.Close()
	withheld := int64(0)
	for l, err := range ledger.Leaves(f) {
		if err != nil {
			return err
		}
		if l.Held == ledger.HashOnly {
			if l.No >= a.Window {
				withheld++
			}
			continue
		}
		e := &l.Entry
		id := uuid(e.Record)
		if !e.OccurredAt.Before(a.From) && !e.OccurredAt.After(a.To) && l.No >= a.Window {
			if touched[e.Process] == nil {
				touched[e.Process] = map[string]bool{}
			}
			touched[e.Process][id] = true
		}
		r := in[id]
		if r == nil {
			continue
		}
		if e.Process != r.about.Process {
			return &Fault{Kind: RecordAltered, File: aboutName, Leaf: l.No, Detail: fmt.Sprintf("%s is of the process %s, the log says %s", r.about.Ref, r.about.Process, e.Process)}
		}
		*proofs = append(*proofs, proved{l.No, l.Hash})
		r.ns = append(r.ns, e.N)
		r.places = append(r.places, Place{e.N, l.No})
		if l.Held == ledger.Bodiless {
			r.gone = append(r.gone, e.N)
			continue
		}
		r.events = append(r.events, told{e.N, e.OccurredAt, e.Body})
	}
	if withheld != a.Withheld || a.Whole && withheld > 0 {
		return fail(WindowDiffers, logName, "of %d leaves from %d on only the hash is there, the pack says of %d: heads were taken out", withheld, a.Window, a.Withheld)
	}
	return nil
}

// window checks from which leaf on heads have to be there.
func (v *verifier) window() error {
	a := v.rep.About
	f, err := v.files[logName].Open()
	if err != nil {
		return err
	}
	defer f.Close()
	want := int64(0)
	for c, err := range ledger.Checkpoints(f) {
		if err != nil {
			return err
		}
		k, err := ledger.ParseCheckpoint(c.Note, v.keys...)
		if err != nil {
			return err // cannot be: the log holds
		}
		if k.Time.After(a.From.Add(-Skew)) {
			break
		}
		want = k.Size
	}
	if a.Window != want {
		return fail(WindowDiffers, aboutName, "heads begin at leaf %d; of a period from %s they have to begin at leaf %d", a.Window, a.From.Format(time.RFC3339), want)
	}
	return nil
}

// record checks that all events of a record are there, and that its file follows from them.
func (v *verifier) record(r *seenRecord) error {
	name := pathOf(r.about.Process, r.about.Ref) + ".json"
	all := slices.Concat(r.ns, r.about.Withheld)
	slices.Sort(all)
	for i, n := range all {
		if n != int64(i+1) {
			return fail(RecordIncomplete, name, "event %d of %s is not there", i+1, r.about.Ref)
		}
	}
	if int64(len(all)) != r.about.Events || len(all) == 0 {
		return fail(RecordIncomplete, name, "%d events of %s are there, %d there have to be", len(all), r.about.Ref, r.about.Events)
	}
	if !slices.Equal(r.gone, r.about.Bodiless) && len(r.gone)+len(r.about.Bodiless) > 0 {
		return fail(RecordIncomplete, name, "the bodies of the events %v of %s are not there, said are %v", r.gone, r.about.Ref, r.about.Bodiless)
	}
	if v.files[name] == nil {
		return fail(FileMissing, name, "the record is in the pack, its file is not")
	}
	b, err := v.read(name)
	if err != nil {
		return err
	}
	var f Folded
	if err := json.Unmarshal(b, &f); err != nil {
		return fail(RecordAltered, name, "%v", err)
	}
	s, err := fold(r.events, v.rep.About.To)
	if err != nil {
		return fail(RecordAltered, name, "%v", err)
	}
	if f.ID != r.about.ID || f.Process != r.about.Process || f.Ref != r.about.Ref || !f.AsOf.Equal(v.rep.About.To) || !slices.Equal(f.Events, r.places) || !f.equal(s) {
		return fail(RecordAltered, name, "what it says of %s does not follow from the events in the log", r.about.Ref)
	}
	if r.events = nil; s.began && len(r.gone)+len(r.about.Withheld) == 0 {
		r.says = s.set
	}
	return nil
}

// proofs checks that each event of a record in the pack has a proof that holds.
func (v *verifier) proofs(want []proved) error {
	f, err := v.files[proofsName].Open()
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	for _, w := range want {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return &Fault{Kind: ProofWrong, File: proofsName, Leaf: w.leaf, Detail: fmt.Sprintf("leaf %d has no proof", w.leaf)}
		}
		var p proof
		if err := json.Unmarshal(line, &p); err != nil || p.Leaf != w.leaf || p.Hash != w.hash.String() {
			return &Fault{Kind: ProofWrong, File: proofsName, Leaf: w.leaf, Detail: fmt.Sprintf("the proof of leaf %d is expected here", w.leaf)}
		}
		path := make(tlog.RecordProof, len(p.Path))
		for i, text := range p.Path {
			raw, err := base64.StdEncoding.DecodeString(text)
			if err != nil || copy(path[i][:], raw) != len(raw) || len(raw) != len(path[i]) {
				return &Fault{Kind: ProofWrong, File: proofsName, Leaf: w.leaf, Detail: "no hash in base64"}
			}
		}
		if err := ledger.CheckInclusion(v.rep.Log.Last, w.leaf, w.hash, path); err != nil {
			return &Fault{Kind: ProofWrong, File: proofsName, Leaf: w.leaf, Detail: err.Error()}
		}
		v.rep.Proofs++
	}
	if _, err := in.ReadByte(); err != io.EOF {
		return fail(ProofWrong, proofsName, "it goes on after the last event of a record in the pack")
	}
	return nil
}

// registers checks that registers name every record of the period, and that samples are those that
// the seed draws.
func (v *verifier) registers(touched map[string]map[string]bool, in map[string]*seenRecord) error {
	listed := map[string]bool{}
	for i := range v.rep.About.Registers {
		r := &v.rep.About.Registers[i]
		if listed[r.Process] {
			return fail(RegisterWrong, aboutName, "the register of %s stands in it twice", r.Process)
		}
		listed[r.Process] = true
		if err := v.register(r, touched[r.Process], in); err != nil {
			return err
		}
	}
	names := sortedKeys(touched)
	for _, process := range names {
		if !listed[process] {
			return fail(RegisterWrong, aboutName, "%d records of %s were touched in the period, and there is no register of it", len(touched[process]), process)
		}
	}
	return nil
}

func (v *verifier) register(about *RegisterAbout, touched map[string]bool, in map[string]*seenRecord) error {
	name := "registers/" + about.Process + ".json"
	if v.files[name] == nil || v.files["registers/"+about.Process+".csv"] == nil {
		return fail(FileMissing, name, "the register is not in the pack")
	}
	f, err := v.files[name].Open()
	if err != nil {
		return err
	}
	defer f.Close()
	d := draw{want: sampleOf(about.Population)}
	lines, done, err := v.table("registers/" + about.Process + ".csv")
	if err != nil {
		return err
	}
	defer done()
	seen, drawn, rows := map[string]bool{}, map[string]bool{}, 0
	hits := 0
	err = rowsOf(f, func(r *Row) error {
		rows++
		v.rep.Rows++
		if seen[r.ID] {
			return fail(RegisterWrong, name, "%s stands in it twice", r.Ref)
		}
		seen[r.ID] = true
		if r.Touched {
			hits++
		}
		if r.Touched != touched[r.ID] {
			return fail(RegisterWrong, name, "%s: the register says touched in the period: %t; the log says %t", r.Ref, r.Touched, touched[r.ID])
		}
		if r.Drawn {
			drawn[r.ID] = true
		}
		if r.Page != (in[r.ID] != nil) || r.Drawn && !r.Page {
			return fail(SampleWrong, name, "%s: whether it has a page is not so", r.Ref)
		}
		if err := lines(r); err != nil {
			return err
		}
		if p := in[r.ID]; p != nil {
			for _, field := range sortedKeys(r.Fields) {
				if says, ok := p.says[field]; ok && !sameJSON(says, r.Fields[field]) {
					return fail(RegisterAltered, name, "%s: of %s it says %s, the events say %s", r.Ref, field, r.Fields[field], says)
				}
			}
		}
		x := ranked{rank: rank(v.rep.About.Seed, about.Process, r.ID)}
		raw, err := unuuid(r.ID)
		if err != nil {
			return fail(RegisterWrong, name, "%s: %q is no id", r.Ref, r.ID)
		}
		x.id = raw
		d.see(x)
		return nil
	})
	var bad *Fault
	if err != nil && !errors.As(err, &bad) {
		return fail(RegisterWrong, name, "%v", err)
	}
	if err != nil {
		return err
	}
	if err := lines(nil); err != nil {
		return err
	}
	for _, id := range sortedKeys(touched) {
		if !seen[id] {
			return fail(RegisterWrong, name, "record %s was touched in the period and is not in the register", id)
		}
	}
	if rows != about.Population || hits != about.Touched || len(drawn) != about.Sample || len(d.kept) != about.Sample {
		return fail(RegisterWrong, name, "%d records, %d of them touched, %d drawn; said are %d, %d and %d", rows, hits, len(drawn), about.Population, about.Touched, about.Sample)
	}
	for _, x := range d.kept {
		if !drawn[uuid(x.id)] {
			return fail(SampleWrong, name, "the seed draws record %s, which is not in the sample", uuid(x.id))
		}
	}
	return nil
}

// table reads the CSV of a register beside its JSON: given a row, it holds the next line against it,
// and given none, that there is no further line.
func (v *verifier) table(name string) (next func(*Row) error, done func(), err error) {
	f, err := v.files[name].Open()
	if err != nil {
		return nil, nil, fail(FileAltered, name, "%v", err)
	}
	in := csv.NewReader(f)
	in.ReuseRecord = true
	columns := map[string]int{}
	head, err := in.Read()
	for i, c := range head {
		columns[c] = i
	}
	if err != nil || len(head) < 4 || !slices.Equal(head[:4], []string{"ref", "id", "touched", "drawn"}) {
		_ = f.Close() // the error that matters is the other
		return nil, nil, fail(RegisterAltered, name, "the columns of a register begin with ref, id, touched, drawn")
	}
	return func(r *Row) error {
		line, err := in.Read()
		switch {
		case r == nil && err == io.EOF:
			return nil
		case r == nil || err != nil:
			return fail(RegisterAltered, name, "it has not as many lines as the register has rows (%v)", err)
		case !slices.Equal(line[:4], []string{r.Ref, r.ID, strconv.FormatBool(r.Touched), strconv.FormatBool(r.Drawn)}):
			return fail(RegisterAltered, name, "line %q: the register says %s", line[:4], r.Ref)
		}
		for _, field := range sortedKeys(r.Fields) {
			if i, ok := columns[field]; ok && plainCell(r.Fields[field]) && line[i] != strings.Trim(string(r.Fields[field]), `"`) {
				return fail(RegisterAltered, name, "%s: of %s it says %q, the register says %s", r.Ref, field, line[i], r.Fields[field])
			}
		}
		return nil
	}, func() { _ = f.Close() }, nil
}

// plainCell says whether a value stands in a table as it stands in JSON: words of small letters, and
// whole numbers. Names stand there for references, times have a form of their own, and what could run
// as a formula is made harmless.
func plainCell(raw json.RawMessage) bool {
	return plainWord.Match(raw)
}

var plainWord = regexp.MustCompile(`^("[a-z_]{1,30}"|[0-9]{1,15}|true|false)$`)

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// rowsOf reads the rows of a register as [builder.register] writes them, one a line.
func rowsOf(r io.Reader, each func(*Row) error) error {
	in := bufio.NewReaderSize(r, 1<<16)
	if first, err := in.ReadString('\n'); err != nil || first != "[\n" {
		return errors.New("the first line of a register is [")
	}
	for more := true; ; { // a register without rows is not written
		line, err := in.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("the register is cut: %w", err)
		}
		line = bytes.TrimSuffix(line, []byte("\n"))
		end := string(line) == "]"
		if end == more {
			return errors.New("a comma stands between two rows and nowhere else")
		}
		if end {
			if _, err := in.ReadByte(); err != io.EOF {
				return errors.New("something follows the end of the register")
			}
			return nil
		}
		line, more = bytes.CutSuffix(line, []byte(","))
		var row Row
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		if err := each(&row); err != nil {
			return err
		}
	}
}

func uuid(id [16]byte) string {
	return strings.Trim(string(ledger.AppendID(nil, id)), `"`)
}

func unuuid(s string) (record.ID, error) { return record.ParseID(s) }
