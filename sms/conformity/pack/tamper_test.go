package pack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"steward/boot"
	"steward/kernel/ledger"
	"steward/sms/conformity/pack"
)

// original is a pack, with what an auditor holds besides and what a forger may have.
type original struct {
	zip   []byte
	files []file
	about pack.About
	key   string      // the public key, known another way
	kept  string      // a checkpoint that was kept outside
	owner note.Signer // the true key, in the hands of whoever runs the system
	other note.Signer // a key that a stranger made, under the same name
	alien string      // its public half
}

// once is the pack that most tests change; it takes longer to make than to look at.
var once struct {
	sync.Mutex
	*original
}

func newOriginal(t testing.TB) *original {
	t.Helper()
	once.Lock()
	defer once.Unlock()
	if once.original == nil {
		once.original = makeOriginal(t)
	}
	return once.original
}

func makeOriginal(t testing.TB) *original {
	t.Helper()
	w := newWorld(t, boot.Options{Data: t.TempDir()})
	w.provider()
	x := &original{key: w.o.VerifierKey, kept: w.checkpoint(), owner: w.signer()}
	x.zip, _ = w.pack(w.options(w.o.Self()))
	x.files = files(t, x.zip)
	if err := json.Unmarshal(find(x.files, "pack.json").content, &x.about); err != nil {
		t.Fatal(err)
	}
	_, id, _ := strings.Cut(x.about.System, "/")
	private, public, err := ledger.GenerateKey(id)
	if err != nil {
		t.Fatal(err)
	}
	x.alien = public
	if x.other, err = ledger.NewSigner(private); err != nil {
		t.Fatal(err)
	}
	return x
}

// copied is the pack's files, to be changed.
func (x *original) copied() []file {
	out := make([]file, len(x.files))
	for i, f := range x.files {
		out[i] = file{f.name, bytes.Clone(f.content)}
	}
	return out
}

// sealed makes the list of files and the signature again, as whoever has the key can.
func sealed(t testing.TB, fs []file, by note.Signer) []byte {
	t.Helper()
	var about pack.About
	if err := json.Unmarshal(find(fs, "pack.json").content, &about); err != nil {
		t.Fatal(err)
	}
	fs = slices.DeleteFunc(slices.Clone(fs), func(f file) bool { return f.name == "manifest.txt" || f.name == "manifest.note" })
	byName := slices.Clone(fs)
	slices.SortFunc(byName, func(a, b file) int { return strings.Compare(a.name, b.name) })
	var list bytes.Buffer
	for _, f := range byName {
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256(f.content), f.name)
	}
	text, err := ledger.SignStatement("audit-pack", []string{"built " + about.Built.Format(time.RFC3339Nano), fmt.Sprintf("log %d %s", about.Leaves, about.Root),
		fmt.Sprintf("files %d", len(byName)), fmt.Sprintf("sha256 %x", sha256.Sum256(list.Bytes()))}, by)
	if err != nil {
		t.Fatal(err)
	}
	return zipped(t, append(fs, file{"manifest.txt", list.Bytes()}, file{"manifest.note", []byte(text)}))
}

func TestOneByteOfAnyFileIsFound(t *testing.T) {
	x := newOriginal(t)
	if again := zipped(t, x.files); !bytes.Equal(again, x.zip) {
		t.Fatal("the test does not write zips as packs are written")
	}
	if again := sealed(t, x.files, x.owner); !bytes.Equal(again, x.zip) {
		t.Fatal("the test does not seal packs as they are sealed")
	}
	dice := rand.New(rand.NewPCG(1, 2))
	cases := []judged{{"as it is", x.zip, []string{x.key}, []string{x.kept}, ""}}
	for i, f := range x.files {
		fs := x.copied()
		at := dice.IntN(len(f.content))
		fs[i].content[at] ^= 1 << dice.IntN(8)
		want := "file_altered"
		switch f.name {
		case "manifest.txt":
			want = "manifest_altered"
		case "manifest.note":
			want = "*"
		}
		cases = append(cases, judged{fmt.Sprintf("%s, byte %d", f.name, at), zipped(t, fs), []string{x.key}, nil, want})
		switch f.name {
		case "manifest.txt", "manifest.note":
			continue
		}
		if i%8 == 0 { // a stranger makes list and signature fit
			fs = x.copied()
			fs[i].content[at] ^= 1 << dice.IntN(8)
			if f.name != "pack.json" {
				cases = append(cases, judged{f.name + ", sealed again by a stranger", sealed(t, fs, x.other), []string{x.key}, nil, "other_key"})
			}
		}
	}
	kinds := judge(t, cases)
	t.Logf("%d packs: %v", len(cases), kinds)
}

func TestOneByteAnywhereInTheZipIsFound(t *testing.T) {
	x := newOriginal(t)
	dice := rand.New(rand.NewPCG(3, 4))
	var cases []judged
	for i := range 150 {
		z := bytes.Clone(x.zip)
		at := dice.IntN(len(z))
		if i%3 == 0 { // the directory and the end, where most of what is not content stands
			at = len(z) - 1 - dice.IntN(len(x.files)*80)
		}
		z[at] ^= 1 << dice.IntN(8)
		want := "*"
		if x.sameFiles(z) {
			want = "" // one of the up to seven bits that deflate leaves unused at the end of a file
		}
		cases = append(cases, judged{fmt.Sprintf("byte %d of %d", at, len(z)), z, []string{x.key}, []string{x.kept}, want})
	}
	for _, n := range []int{0, 1, 21, 100, len(x.zip) / 2, len(x.zip) - 1} {
		cases = append(cases, judged{fmt.Sprintf("cut to %d", n), x.zip[:n], []string{x.key}, nil, "*"})
	}
	cases = append(cases, judged{"a byte more", append(bytes.Clone(x.zip), 0), []string{x.key}, nil, "*"},
		judged{"a byte before", append([]byte{0}, x.zip...), []string{x.key}, nil, "*"})
	kinds := judge(t, cases)
	t.Logf("%d packs: %v", len(cases), kinds)
}

// sameFiles reports whether a zip holds the very same files.
func (x *original) sameFiles(z []byte) bool {
	r, err := zip.NewReader(bytes.NewReader(z), int64(len(z)))
	if err != nil || len(r.File) != len(x.files) {
		return false
	}
	for i, f := range r.File {
		in, err := f.Open()
		if err != nil {
			return false
		}
		b, err := io.ReadAll(in)
		if err != nil || f.Name != x.files[i].name || !bytes.Equal(b, x.files[i].content) {
			return false
		}
	}
	// What stands between and behind the files has to be as it was as well.
	for i, f := range r.File {
		at, _ := f.DataOffset()
		end, next := at+int64(f.CompressedSize64), int64(len(z))
		if i+1 < len(r.File) {
			next, _ = r.File[i+1].DataOffset()
		}
		if !bytes.Equal(z[end:next], x.zip[end:next]) {
			return false
		}
	}
	return true
}

func TestAFileAddedTakenAwayOrTwiceThereIsFound(t *testing.T) {
	x := newOriginal(t)
	with := func(fs []file) []byte { return zipped(t, fs) }
	fs := x.copied()
	page := slices.IndexFunc(fs, func(f file) bool { return strings.HasPrefix(f.name, "records/incident/") })
	without := slices.Delete(x.copied(), page, page+1)
	doc := slices.IndexFunc(fs, func(f file) bool { return strings.HasPrefix(f.name, "records/") && strings.HasSuffix(f.name, ".json") })
	key, kept := []string{x.key}, []string{x.kept}
	judge(t, []judged{
		{"a page is taken away", with(without), key, kept, "file_missing"},
		{"a page is taken away, sealed by the owner", sealed(t, slices.Delete(x.copied(), doc, doc+1), x.owner), key, kept, "file_missing"},
		{"a page is added", with(append(x.copied(), file{"records/incident/INC-999.html", []byte("<p>all is well</p>")})), key, kept, "file_unlisted"},
		{"a page is there twice", with(append(x.copied(), fs[page])), key, kept, "layout"},
		{"a name leads out of it", with(append(x.copied(), file{"../../outside.html", []byte("x")})), key, kept, "layout"},
		{"the log is taken away", with(slices.DeleteFunc(x.copied(), func(f file) bool { return f.name == "log/log.gz" })), key, kept, "not_a_pack"},
		{"the signature is taken away", with(slices.DeleteFunc(x.copied(), func(f file) bool { return f.name == "manifest.note" })), key, kept, "not_a_pack"},
		{"not a zip", []byte("PK, said the auditor"), key, kept, "not_a_pack"},
		{"another system's key", x.zip, []string{x.alien}, kept, "other_key"},
	})
}

// held is the log of a pack, to be changed.
type held struct {
	leaves []ledger.Leaf
	points []ledger.StoredCheckpoint
}

func (x *original) log(t testing.TB) *held {
	t.Helper()
	h := &held{}
	gz := find(x.files, "log/log.gz").content
	for l, err := range ledger.Leaves(bytes.NewReader(gz)) {
		if err != nil {
			t.Fatal(err)
		}
		h.leaves = append(h.leaves, l)
	}
	for c, err := range ledger.Checkpoints(bytes.NewReader(gz)) {
		if err != nil {
			t.Fatal(err)
		}
		h.points = append(h.points, c)
	}
	return h
}

func (h *held) Leaves(context.Context) iter.Seq2[ledger.Leaf, error] {
	return func(yield func(ledger.Leaf, error) bool) {
		for _, l := range h.leaves {
			if !yield(l, nil) {
				return
			}
		}
	}
}

func (h *held) Checkpoints(context.Context) iter.Seq2[ledger.StoredCheckpoint, error] {
	return func(yield func(ledger.StoredCheckpoint, error) bool) {
		for _, c := range h.points {
			if !yield(c, nil) {
				return
			}
		}
	}
}

func (h *held) Pending(context.Context) iter.Seq2[ledger.Entry, error] {
	return func(func(ledger.Entry, error) bool) {}
}

func (h *held) bundle(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := ledger.WriteBundle(ctx, &b, h); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// fitted numbers leaves, and hashes those again whose event is there.
func (h *held) fitted() {
	for i := range h.leaves {
		l := &h.leaves[i]
		l.No = int64(i)
		if l.Held == ledger.Whole {
			l.Entry.BodyHash = sha256.Sum256(l.Entry.Body)
		}
		if l.Held == ledger.Whole || l.Held == ledger.Bodiless {
			l.Hash = ledger.LeafHash(ledger.HeaderData(l.Entry))
		}
	}
}

// signed makes the checkpoints anew, as whoever has a key can; the last one covers all leaves.
func (h *held) signed(t testing.TB, by note.Signer) (root tlog.Hash) {
	t.Helper()
	var e ledger.Edge
	for i := range h.points {
		c := &h.points[i]
		_, stamp, _ := strings.Cut(c.Note, "\ntime ")
		stamp, _, _ = strings.Cut(stamp, "\n")
		at, err := time.Parse(time.RFC3339Nano, stamp)
		if err != nil {
			t.Fatal(err)
		}
		if c.Size = min(c.Size, int64(len(h.leaves))); i == len(h.points)-1 {
			c.Size = int64(len(h.leaves))
		}
		for e.Size() < c.Size {
			e.Push(h.leaves[e.Size()].Hash, nil)
		}
		if c.Note, err = ledger.SignCheckpoint(ledger.Checkpoint{Size: e.Size(), Root: e.Root(), Time: at}, by); err != nil {
			t.Fatal(err)
		}
	}
	return e.Root()
}

// manipulation is what is done to the log.
type manipulation struct {
	name string
	do   func(h *held)
	raw  string // the kind that is found where nothing else is touched
}

// manipulations are those that the contract names, and some besides. Each leaves the hashes as they
// are.
func manipulations(x *original, t testing.TB) []manipulation {
	h := x.log(t)
	// An event of an incident with others before and behind it, in the window.
	middle, last := -1, -1
	of := map[[16]byte][]int{}
	for i, l := range h.leaves {
		if l.Held == ledger.Whole && l.No >= x.about.Window && l.Entry.Process == "incident" {
			of[l.Entry.Record] = append(of[l.Entry.Record], i)
		}
	}
	for _, at := range of {
		if len(at) >= 4 && middle < 0 {
			middle, last = at[1], at[len(at)-1]
		}
	}
	if middle < 0 {
		t.Fatal("no record with a history to take something out of")
	}
	earlier := func(e *ledger.Entry) { e.OccurredAt = e.OccurredAt.AddDate(0, 0, -30) }
	return []manipulation{
		{"an event is dropped", func(h *held) { h.leaves = slices.Delete(h.leaves, middle, middle+1) }, "leaf_missing"},
		{"the last event of a record is dropped", func(h *held) { h.leaves = slices.Delete(h.leaves, last, last+1) }, "leaf_missing"},
		{"an event is hidden behind its hash", func(h *held) { h.leaves[middle].Held, h.leaves[middle].Entry = ledger.HashOnly, ledger.Entry{} }, "window_differs"},
		{"an event is inserted", func(h *held) {
			l := h.leaves[last]
			l.Entry.N, l.Entry.Command = l.Entry.N+1, "close"
			h.leaves = slices.Insert(h.leaves, last+1, l)
			for i := range h.leaves {
				h.leaves[i].No = int64(i)
			}
		}, "altered"},
		{"an event is said to have occurred earlier", func(h *held) { earlier(&h.leaves[middle].Entry) }, "altered"},
		{"an event is said to have been recorded earlier", func(h *held) {
			e := &h.leaves[middle].Entry
			earlier(e)
			e.At = e.OccurredAt
		}, "altered"},
		{"an event says something else", func(h *held) {
			e := &h.leaves[middle].Entry
			e.Body = bytes.Replace(e.Body, []byte(`"body"`), []byte(`"bode"`), 1)
			e.Body = append(e.Body[:len(e.Body)-1:len(e.Body)-1], []byte(`,"zzz":{}}`)...)
			e.BodyHash = sha256.Sum256(e.Body)
		}, "altered"},
		{"two events change places", func(h *held) {
			h.leaves[middle].Entry, h.leaves[last].Entry = h.leaves[last].Entry, h.leaves[middle].Entry
		}, "altered"},
		{"the log is cut behind a leaf", func(h *held) { h.leaves = h.leaves[:len(h.leaves)-3] }, "truncated"},
	}
}

// forged is the pack with a log that a manipulation changed. How far the forger goes: the file alone;
// hashes of leaves made to fit; checkpoints signed anew as well, with everything that follows from
// them.
func (x *original) forged(t testing.TB, m manipulation, fit, sign bool, by note.Signer) []byte {
	t.Helper()
	h, fs := x.log(t), x.copied()
	m.do(h)
	if fit {
		h.fitted()
	}
	if sign {
		root := h.signed(t, by)
		a := x.about
		a.Leaves, a.Root = int64(len(h.leaves)), root.String()
		b, err := json.MarshalIndent(a, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		find(fs, "pack.json").content = append(b, '\n')
		find(fs, "log/proofs.jsonl").content = h.proofs(t, a)
	}
	find(fs, "log/log.gz").content = h.bundle(t)
	return sealed(t, fs, by)
}

// proofs are those of the records in the pack, made anew.
func (h *held) proofs(t testing.TB, a pack.About) []byte {
	t.Helper()
	in := map[string]bool{}
	for _, r := range a.Records {
		in[r.ID] = true
	}
	var hashes []ledger.IndexedHash
	var e ledger.Edge
	for _, l := range h.leaves {
		hashes = e.Push(l.Hash, hashes)
	}
	byIndex := map[int64]tlog.Hash{}
	for _, x := range hashes {
		byIndex[x.Index] = x.Hash
	}
	var out bytes.Buffer
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var got []tlog.Hash
		for _, i := range at {
			got = append(got, byIndex[i])
		}
		return got, nil
	})
	for _, l := range h.leaves {
		id := strings.Trim(string(ledger.AppendID(nil, l.Entry.Record)), `"`)
		if l.Held == ledger.HashOnly || !in[id] {
			continue
		}
		path, err := ledger.Prove(int64(len(h.leaves)), l.No, reader)
		if err != nil {
			t.Fatal(err)
		}
		texts := []string{}
		for _, p := range path {
			texts = append(texts, base64.StdEncoding.EncodeToString(p[:]))
		}
		line, err := json.Marshal(map[string]any{"leaf": l.No, "hash": l.Hash.String(), "path": texts})
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(line, '\n'))
	}
	return out.Bytes()
}

func TestAnEventDroppedInsertedOrBackDatedIsFound(t *testing.T) {
	x := newOriginal(t)
	key, kept := []string{x.key}, []string{x.kept}
	var cases []judged
	for _, m := range manipulations(x, t) {
		cases = append(cases,
			// File hashes, list and signature fit, by the true key: the log itself shows it.
			judged{m.name + "; sealed by the owner", x.forged(t, m, false, false, x.owner), key, nil, m.raw},
			// The hashes of leaves fit as well: the tree shows it.
			judged{m.name + "; leaves hashed anew, sealed by the owner", x.forged(t, m, true, false, x.owner), key, nil, "*"},
			// A stranger signs all of it anew, and puts his own key into the pack.
			judged{m.name + "; all signed anew by a stranger", x.forged(t, m, true, true, x.other), key, kept, "other_key"},
			// Whoever has the true key signs all of it anew: pages and records do not follow any more,
			// or else the checkpoint that was kept outside shows it.
			judged{m.name + "; all signed anew by the owner, against a checkpoint", x.forged(t, m, true, true, x.owner), key, kept, "*"},
		)
	}
	kinds := judge(t, cases)
	t.Logf("%d packs: %v", len(cases), kinds)
	if kinds["replaced"] < 3 {
		t.Errorf("%d were found by the checkpoint kept outside alone", kinds["replaced"])
	}
}

// TestWhatTheOwnerSignsHasToFollowFromTheLog is about an owner who leaves the log as it is and has
// the rest say something else.
func TestWhatTheOwnerSignsHasToFollowFromTheLog(t *testing.T) {
	x := newOriginal(t)
	key := []string{x.key}
	edit := func(name, from, to string) []byte {
		fs := x.copied()
		f := find(fs, name)
		if f == nil || !bytes.Contains(f.content, []byte(from)) {
			t.Fatalf("%s does not hold %q", name, from)
		}
		f.content = bytes.Replace(f.content, []byte(from), []byte(to), 1)
		return sealed(t, fs, x.owner)
	}
	rec := ""
	for _, r := range x.about.Records {
		if r.Process == "incident" && r.Events == 4 {
			rec = "records/incident/" + r.Ref + ".json"
		}
	}
	rows := string(find(x.files, "registers/incident.json").content)
	lines := strings.Split(rows, "\n")
	undrawn, touched := "", ""
	for _, l := range lines {
		if strings.Contains(l, `"drawn":false`) {
			undrawn = l
		}
		if strings.Contains(l, `"touched":true`) && strings.HasSuffix(l, ",") {
			touched = l
		}
	}
	drawn := ""
	for _, l := range lines {
		if strings.Contains(l, `"drawn":true`) && strings.Contains(l, `"state":"new"`) {
			drawn = l
		}
	}
	csv := string(find(x.files, "registers/incident.csv").content)
	lastLine := csv[strings.LastIndexByte(csv[:len(csv)-1], '\n')+1:]
	if drawn == "" || rec == "" || undrawn == "" || touched == "" {
		t.Fatalf("record %q, undrawn %q, touched %q", rec, undrawn, touched)
	}
	missing := func() []byte { // from register and table alike
		fs := x.copied()
		f, table := find(fs, "registers/incident.json"), find(fs, "registers/incident.csv")
		f.content = bytes.Replace(f.content, []byte(touched+"\n"), nil, 1)
		var row pack.Row
		if err := json.Unmarshal([]byte(strings.TrimSuffix(touched, ",")), &row); err != nil {
			t.Fatal(err)
		}
		kept := slices.DeleteFunc(strings.SplitAfter(string(table.content), "\n"), func(l string) bool { return strings.HasPrefix(l, row.Ref+",") })
		table.content = []byte(strings.Join(kept, ""))
		return sealed(t, fs, x.owner)
	}
	judge(t, []judged{
		{"a record says something else", edit(rec, "it is slow", "it is quick"), key, nil, "record_altered"},
		{"a record names an event less", edit("pack.json", `"events": 4`, `"events": 3`), key, nil, "record_incomplete"},
		{"a record of the period is missing from its register", missing(), key, nil, "register_incomplete"},
		{"a register that is no JSON", edit("registers/incident.json", touched+"\n", touched+",\n"), key, nil, "register_incomplete"},
		{"a record is said not to have been touched", edit("registers/incident.json", touched, strings.Replace(touched, `"touched":true`, `"touched":false`, 1)), key, nil, "register_incomplete"},
		{"a register says other than the events", edit("registers/incident.json", drawn, strings.Replace(drawn, `"state":"new"`, `"state":"closed"`, 1)), key, nil, "register_altered"},
		{"the table of a register says other than it", edit("registers/incident.csv", lastLine, strings.Replace(lastLine, ",new,", ",closed,", 1)), key, nil, "register_altered"},
		{"the table of a register lacks a line", edit("registers/incident.csv", lastLine, ""), key, nil, "register_altered"},
		{"the table of a register has a line more", edit("registers/incident.csv", lastLine, lastLine+lastLine), key, nil, "register_altered"},
		{"a sample that was chosen", edit("registers/incident.json", undrawn, strings.Replace(undrawn, `"drawn":false`, `"drawn":true`, 1)), key, nil, "*"},
		{"another seed is named than drew", edit("pack.json", `"seed": "`, `"seed": "0`), key, nil, "sample_wrong"},
		{"the window begins later", edit("pack.json", fmt.Sprintf(`"window": %d`, x.about.Window), fmt.Sprintf(`"window": %d`, x.about.Window+5)), key, nil, "window_differs"},
		{"another root is named", edit("pack.json", x.about.Root[:8], "AAAAAAAA"), key, nil, "log_differs"},
		{"a proof is taken away", edit("log/proofs.jsonl", string(find(x.files, "log/proofs.jsonl").content[:bytes.IndexByte(find(x.files, "log/proofs.jsonl").content, '\n')+1]), ""), key, nil, "proof_wrong"},
		{"it is of another form", edit("pack.json", `"v": 1`, `"v": 2`), key, nil, "not_a_pack"},
	})
}

// TestAWholeLogPutInThePlaceOfAnotherIsFoundByTheCheckpointKeptOutside lets the owner of the key tell
// another history from some day on: a pack of it holds by itself, as it must, and says so.
func TestAWholeLogPutInThePlaceOfAnotherIsFoundByTheCheckpointKeptOutside(t *testing.T) {
	w := newWorld(t, boot.Options{Data: t.TempDir()})
	w.provider()
	before := w.checkpoint()
	fork := t.TempDir()
	if err := w.o.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(fork, os.DirFS(w.data)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"log.key", "master.key"} {
		if err := os.Chmod(filepath.Join(fork, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reopen := func(data string) *world {
		v := *w
		v.data = data
		o, err := boot.Open(ctx, boot.Options{Data: data, CheapPasswords: true, Now: func() time.Time { return v.now }})
		if err != nil {
			t.Fatal(err)
		}
		v.o = o
		v.e = newEngine(o)
		return &v
	}
	true_ := reopen(w.data)
	w.o = true_.o // closed by the world's own clean-up
	true_.incident("the one that nobody should know of")
	true_.by(true_.who("ann"), true_.command("the one that nobody should know of", "comment", "", fields{"body": "our fault"}))
	kept := true_.checkpoint()
	honest, _ := true_.pack(true_.options(true_.o.Self()))

	false_ := reopen(fork)
	defer false_.o.Close()
	false_.now = false_.now.Add(time.Minute)
	short, _ := false_.pack(false_.options(false_.o.Self()))
	for i := range 5 {
		false_.incident(fmt.Sprintf("harmless %d", i))
	}
	long, _ := false_.pack(false_.options(false_.o.Self()))
	key := []string{w.o.VerifierKey}
	judge(t, []judged{
		{"the true one", honest, key, []string{kept, before}, ""},
		{"the false one by itself", long, key, nil, ""},
		{"the false one against a checkpoint from before", long, key, []string{before}, ""},
		{"the false one", long, key, []string{kept}, "replaced"},
		{"the false one against both", long, key, []string{before, kept}, "replaced"},
		{"the end left out", short, key, []string{kept}, "truncated"},
		{"a checkpoint of a stranger", honest, key, []string{strings.Replace(kept, "steward/", "stewart/", 1)}, "*"},
	})
	if rep := verified(t, long, w.keys()); len(rep.Caveats) != 1 || !strings.Contains(rep.Caveats[0], "replacement of the whole log cannot be excluded") {
		t.Errorf("of the false one by itself it is said %q", rep.Caveats)
	}
	second(t, 3, `"kind": "replaced"`, file{"pack.zip", long}, w.o.VerifierKey, kept)
	second(t, 0, "cannot be excluded", file{"pack.zip", long}, w.o.VerifierKey)
	second(t, 0, "not known", file{"pack.zip", long}, "")
}

// TestHeadsAreThereFromTheLastCheckpointBeforeThePeriodOn is about a log that is older than the
// period: of what happened before it, records without a page are there by their hash alone.
func TestHeadsAreThereFromTheLastCheckpointBeforeThePeriodOn(t *testing.T) {
	w := newWorld(t, boot.Options{Data: t.TempDir()})
	w.earlier = 70
	w.now = time.Now().UTC().Truncate(time.Microsecond) // leaves are signed for by the real clock
	w.provider()
	w.sequence()
	var at []time.Time
	var sizes []int64
	for c, err := range w.o.LogSource().Checkpoints(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		k, err := ledger.ParseCheckpoint(c.Note, w.keys()...)
		if err != nil {
			t.Fatal(err)
		}
		at, sizes = append(at, k.Time), append(sizes, k.Size)
	}
	if len(at) != 2 {
		t.Fatalf("%d checkpoints", len(at))
	}
	o := w.options(w.o.Self())
	o.From = at[0].Add(at[1].Sub(at[0])/2 + pack.Skew)
	x := &original{key: w.o.VerifierKey, kept: w.checkpoint(), owner: w.signer()}
	x.zip, _ = w.pack(o)
	x.files = files(t, x.zip)
	if err := json.Unmarshal(find(x.files, "pack.json").content, &x.about); err != nil {
		t.Fatal(err)
	}
	if x.about.Window != sizes[0] || x.about.Leaves != sizes[1] {
		t.Fatalf("the window begins at leaf %d of %d, the checkpoints are of %v", x.about.Window, x.about.Leaves, sizes)
	}
	bare, behind := 0, -1
	for i, l := range x.log(t).leaves {
		if l.Held == ledger.HashOnly {
			if bare++; l.No >= x.about.Window {
				t.Errorf("of leaf %d the hash alone is there", l.No)
			}
		}
		if l.Held == ledger.Bodiless && l.No >= x.about.Window {
			behind = i
		}
	}
	if bare == 0 || behind < 0 {
		t.Fatalf("%d leaves by their hash alone, %d the last by its head", bare, behind)
	}
	hide := manipulation{"a head of the period is hidden", func(h *held) { h.leaves[behind].Held, h.leaves[behind].Entry = ledger.HashOnly, ledger.Entry{} }, ""}
	later := x.copied()
	f := find(later, "pack.json")
	f.content = bytes.Replace(f.content, []byte(fmt.Sprintf(`"window": %d`, sizes[0])), []byte(fmt.Sprintf(`"window": %d`, sizes[1])), 1)
	judge(t, []judged{
		{"as it is", x.zip, []string{x.key}, []string{x.kept}, ""},
		{hide.name, x.forged(t, hide, false, false, x.owner), []string{x.key}, nil, "window_differs"},
		{"the window is moved", sealed(t, later, x.owner), []string{x.key}, nil, "window_differs"},
	})
}
