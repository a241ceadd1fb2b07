package pack

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/kernel/ledger"
)

// Kind says in which way a pack does not hold. The words are stable; those of kernel/ledger are used
// for what is wrong with the log and with signatures.
type Kind string

const (
	NotAPack         Kind = "not_a_pack"          // no zip, or without the files that every pack has
	Layout           Kind = "layout"              // the zip holds bytes that no pack holds
	FileMissing      Kind = "file_missing"        // listed and not there
	FileUnlisted     Kind = "file_unlisted"       // there and not listed
	FileAltered      Kind = "file_altered"        // does not have its hash
	ManifestAltered  Kind = "manifest_altered"    // the list of files is not the one that was signed
	BadStatement     Kind = "bad_statement"       // what was signed is not the statement of a pack
	LogDiffers       Kind = "log_differs"         // the log is not the one that the pack says it is of
	WindowDiffers    Kind = "window_differs"      // heads are missing from where they have to begin
	RecordIncomplete Kind = "record_incomplete"   // events of a record are not all there
	RecordAltered    Kind = "record_altered"      // a record does not follow from its events
	ProofWrong       Kind = "proof_wrong"         // a proof is missing, or does not prove
	RegisterWrong    Kind = "register_incomplete" // a register lacks a record of the period, or has one too many
	RegisterAltered  Kind = "register_altered"    // a register says other than the events of a record with a page, or its table other than it
	SampleWrong      Kind = "sample_wrong"        // the sample is not what the seed draws
)

// Fault is the first thing that does not hold.
type Fault struct {
	Kind   Kind
	File   string // of the pack
	Leaf   int64  // of the log, where it is about one; else -1
	Detail string
}

func (f *Fault) Error() string {
	s := string(f.Kind) + ": " + f.Detail
	if f.File != "" {
		s = f.File + ": " + s
	}
	return s
}

// Report says what was looked at and the first thing that does not hold.
type Report struct {
	Fault    *Fault // nil: the pack holds, within the caveats
	About    *About // what it is of; nil where that could not be read
	Files    int
	Log      ledger.Report
	Records  int
	Proofs   int
	Rows     int // of registers
	OwnKey   bool
	Manifest string // SHA-256 of the list of files: equal ones are packs of equal content
	Caveats  []string
}

// Holds says whether nothing was found.
func (r *Report) Holds() bool { return r.Fault == nil }

// What a pack that holds still cannot show; the first sentence stands where it is true.
const (
	noOutside = "No checkpoint kept outside the system was given: replacement of the whole log cannot be excluded."
	ownKey    = "No public key was given: the key in the pack itself was used, and who signed it is not known."
)

// Verify checks a pack by itself: no database, no network. keys are the public keys of the log that
// came another way (none: the one in the pack is used, and that is said); outside are checkpoints that
// were kept outside. The error is about reading; what is wrong with the pack is in the report.
func Verify(ctx context.Context, r io.ReaderAt, size int64, keys []note.Verifier, outside []string) (*Report, error) {
	v := &verifier{ctx: ctx, keys: keys, outside: outside, rep: &Report{}}
	err := v.run(r, size)
	var f *Fault
	if errors.As(err, &f) {
		v.rep.Fault, err = f, nil
	}
	v.caveats()
	return v.rep, err
}

// verifier is one pass over a pack.
type verifier struct {
	ctx     context.Context
	keys    []note.Verifier
	outside []string
	files   map[string]*zip.File
	order   []*zip.File
	note    []string // lines of the statement
	rep     *Report
}

func fail(kind Kind, file, form string, args ...any) error {
	return &Fault{Kind: kind, File: file, Leaf: -1, Detail: fmt.Sprintf(form, args...)}
}

func (v *verifier) run(r io.ReaderAt, size int64) error {
	for _, step := range []func() error{
		func() error { return v.open(r, size) }, v.signature, v.listed, v.log, v.about, v.content,
	} {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// open reads the zip's directory and holds it to the form that packs have, so that two programs
// cannot find different files in it.
func (v *verifier) open(r io.ReaderAt, size int64) error {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fail(NotAPack, "", "not a whole zip file: %v", err)
	}
	v.files = map[string]*zip.File{}
	for _, f := range z.File {
		if !inside(f.Name) {
			return fail(Layout, "", "%q is no name of a file of a pack", f.Name)
		}
		if v.files[f.Name] != nil {
			return fail(Layout, f.Name, "the name comes twice")
		}
		v.files[f.Name] = f
		v.order = append(v.order, f)
	}
	for _, name := range []string{noteName, manifestName, aboutName, logName, proofsName, keyName, stateName, "index.html"} {
		if v.files[name] == nil {
			return fail(NotAPack, name, "every pack has this file, this zip has not")
		}
	}
	return v.layout(r, size)
}

// limit of what is read whole: lists, the note, what the pack is of.
const limit = 512 << 20

func (v *verifier) read(name string) ([]byte, error) {
	f, err := v.files[name].Open()
	if err != nil {
		return nil, fail(FileAltered, name, "%v", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fail(FileAltered, name, "%v", err)
	}
	if len(b) > limit {
		return nil, fail(NotAPack, name, "larger than %d bytes", limit)
	}
	return b, nil
}

// signature checks who signed the list of files, and that it is the list.
func (v *verifier) signature() error {
	if len(v.keys) == 0 {
		b, err := v.read(keyName)
		if err != nil {
			return err
		}
		key, err := ledger.NewVerifier(string(b))
		if err != nil {
			return fail(NotAPack, keyName, "%v", err)
		}
		v.keys, v.rep.OwnKey = []note.Verifier{key}, true
	}
	text, err := v.read(noteName)
	if err != nil {
		return err
	}
	if v.note, err = ledger.ParseStatement(statementKind, string(text), v.keys...); err != nil {
		kind := BadStatement
		switch {
		case errors.Is(err, ledger.ErrOtherKey):
			kind = Kind(ledger.OtherKey)
		case errors.Is(err, ledger.ErrBadSignature):
			kind = Kind(ledger.BadSignature)
		}
		return fail(kind, noteName, "%v", err)
	}
	list, err := v.read(manifestName)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(list)
	v.rep.Manifest = hex.EncodeToString(sum[:])
	if len(v.note) != 4 || !strings.HasPrefix(v.note[0], "built ") || !strings.HasPrefix(v.note[1], "log ") {
		return fail(BadStatement, noteName, "expected are four lines: built, log, files, sha256")
	}
	if v.note[3] != "sha256 "+v.rep.Manifest {
		return fail(ManifestAltered, manifestName, "it hashes to %s, signed was %q", v.rep.Manifest, v.note[3])
	}
	return nil
}

// listed checks every file against the list.
func (v *verifier) listed() error {
	list, err := v.read(manifestName)
	if err != nil {
		return err
	}
	listed, last := map[string]bool{manifestName: true, noteName: true}, ""
	for line := range bytes.Lines(list) {
		text, whole := strings.CutSuffix(string(line), "\n")
		sum, name, ok := strings.Cut(text, "  ")
		if !ok || !whole || name <= last {
			return fail(BadStatement, manifestName, "line %q: expected is a hash, two spaces, a name, by name", text)
		}
		last = name
		listed[name] = true
		f := v.files[name]
		if f == nil {
			return fail(FileMissing, name, "it is listed and not in the pack")
		}
		got, err := v.hash(f)
		if err != nil {
			return err
		}
		if got != sum {
			return fail(FileAltered, name, "it hashes to %s, listed is %s", got, sum)
		}
		v.rep.Files++
	}
	for _, f := range v.order {
		if !listed[f.Name] {
			return fail(FileUnlisted, f.Name, "it is in the pack and not listed")
		}
	}
	if v.note[2] != "files "+strconv.Itoa(v.rep.Files) {
		return fail(BadStatement, noteName, "%d files are listed, signed was %q", v.rep.Files, v.note[2])
	}
	return nil
}

func (v *verifier) hash(f *zip.File) (string, error) {
	if err := v.ctx.Err(); err != nil {
		return "", err
	}
	r, err := f.Open()
	if err != nil {
		return "", fail(FileAltered, f.Name, "%v", err)
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", fail(FileAltered, f.Name, "%v", err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// log checks the log as a log.
func (v *verifier) log() error {
	f, err := v.files[logName].Open()
	if err != nil {
		return fail(FileAltered, logName, "%v", err)
	}
	defer f.Close()
	if v.rep.Log, err = ledger.VerifyBundle(v.ctx, f, ledger.Options{Keys: v.keys, Outside: v.outside}); err != nil {
		return err
	}
	if x := v.rep.Log.Fault; x != nil {
		f := &Fault{Kind: Kind(x.Kind), File: logName, Leaf: x.Leaf, Detail: x.Error()}
		if x.Kind == ledger.Truncated && x.Outside > 0 {
			f.Detail += "; if the checkpoint is newer than the pack it proves nothing about it: have a pack built anew"
		}
		return f
	}
	return nil
}

// about reads what the pack says it is of, and holds it against the log and the statement.
func (v *verifier) about() error {
	b, err := v.read(aboutName)
	if err != nil {
		return err
	}
	a := new(About)
	if err := json.Unmarshal(b, a); err != nil || a.Pack != "steward-audit-pack" || a.V != 1 {
		return fail(NotAPack, aboutName, "not what a pack is of, or of a later form (%v)", err)
	}
	for _, at := range []time.Time{a.From, a.To, a.Built} {
		if !at.Equal(at.Truncate(time.Microsecond)) || at.Location() != time.UTC {
			return fail(NotAPack, aboutName, "%s: times are in UTC and have at most six digits of a second", at)
		}
	}
	v.rep.About = a
	l := &v.rep.Log
	if l.Last.Size != a.Leaves || l.Leaves != a.Leaves || l.Root.String() != a.Root || l.Last.Origin != a.System || l.Pending != 0 {
		return fail(LogDiffers, aboutName, "it says %d leaves of %s with root %s; the log has %d, its newest checkpoint is of %d", a.Leaves, a.System, a.Root, l.Leaves, l.Last.Size)
	}
	if v.note[1] != "log "+strconv.FormatInt(a.Leaves, 10)+" "+a.Root || v.note[0] != "built "+a.Built.Format(time.RFC3339Nano) {
		return fail(LogDiffers, noteName, "what was signed is not what %s says", aboutName)
	}
	return nil
}

func (v *verifier) caveats() {
	r := v.rep
	add := func(form string, args ...any) { r.Caveats = append(r.Caveats, fmt.Sprintf(form, args...)) }
	if len(v.outside) == 0 {
		add(noOutside)
	}
	if r.OwnKey {
		add(ownKey)
	}
	if a := r.About; a != nil {
		if a.Withheld > 0 {
			add("%d events of the time since the period began were not for whoever built the pack: of them the hash alone is there.", a.Withheld)
		}
		if n := len(a.Differences); n > 0 {
			add("By the pack's own account, values that differ from what their history makes of them: %d.", n)
		}
		gone := 0
		for _, x := range a.Records {
			gone += len(x.Bodiless)
		}
		if gone > 0 {
			add("The bodies of %d events of records in the pack are not kept any more.", gone)
		}
	}
	for _, c := range r.Log.Caveats {
		if strings.HasPrefix(c, "The outside checkpoints vouch") {
			add("%s", c)
		}
	}
}
