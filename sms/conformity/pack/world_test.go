package pack_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/ledger"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/pack"
	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var ctx = context.Background()

// fields is what a command sets.
type fields map[string]any

// world is a system whose clock the test moves; nothing runs by itself in it.
type world struct {
	testing.TB
	o    *boot.Opened
	e    *conformity.Engine
	data string
	now  time.Time
	ids  map[string]*system.Result

	earlier int // further customers from before the period
}

// promise is something that a pack keeps, over a world that others look at too.
type promise struct {
	name string
	kept func(w *world)
}

// overBoth holds the promises over a provider on each engine. A database is made once for all of
// them, since that takes longest.
func overBoth(t *testing.T, promises []promise) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			opt := boot.Options{Data: t.TempDir()}
			if engine == "postgres" {
				opt.Database = pgtest.URL(t)
			}
			w := newWorld(t, opt)
			w.provider()
			for _, p := range promises {
				t.Run(p.name, func(t *testing.T) {
					w.TB = t
					p.kept(w)
				})
			}
			w.TB = t
		})
	}
}

func newWorld(t testing.TB, opt boot.Options) *world {
	t.Helper()
	w := &world{TB: t, data: opt.Data, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), ids: map[string]*system.Result{}}
	opt.CheapPasswords, opt.Now = true, func() time.Time { return w.now }
	o, err := boot.Open(ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.o.Close(); err != nil {
			t.Error(err)
		}
	})
	w.o, w.e = o, newEngine(o)
	return w
}

// What stands in records of the world and must not be read from a pack.
const (
	password   = "a-password-nobody-may-read"
	mailbox    = "erna.erased@example.org"
	restricted = "the vault stands behind the boiler"
	whispered  = "between us, the customer exaggerates"
)

// provider fills the world with a small provider: what happened before the period, and what happened
// in it.
func (w *world) provider() {
	w.Helper()
	self := w.o.Self()
	w.user("ann", access.Agent)
	w.user("olga", access.ProcessOwner)
	w.user("mia", access.Management)
	w.user("audrey", access.Auditor)
	w.make(self, "acme", "customer", fields{"title": "Acme"})
	w.make(self, "mail", "service", fields{"title": "E-mail", "owner": w.ref("olga")})
	w.document("procedure", "internal", "First do this, then that.")
	w.document("crown", "restricted", restricted)
	for i := range w.earlier {
		w.make(self, fmt.Sprintf("customer %d", i), "customer", fields{"title": fmt.Sprintf("Customer %d", i)})
	}
	w.incident("old")
	w.sequence()

	w.now = w.now.AddDate(0, 1, 0) // the period begins in between
	w.renew("procedure", "First do that, then this.")
	for i := range 63 {
		w.incident(fmt.Sprintf("slow %d", i))
	}
	w.by(w.who("ann"), w.command("slow 1", "comment", "", fields{"body": "we look into it"}))
	w.by(w.who("ann"), w.command("slow 1", "comment", "", fields{"body": whispered, "internal": true}))
	a, err := w.o.Upload(ctx, strings.NewReader("what the screen said"), "screen.txt")
	if err != nil {
		w.Fatal(err)
	}
	if _, err := w.o.Attach(ctx, w.who("ann"), "incident", w.ref("slow 1"), a, "test"); err != nil {
		w.Fatal(err)
	}
	w.make(w.who("olga"), "metric", "metric", fields{"title": "Happy callers", "of": "service", "service": w.ref("mail"), "formula": "answers of yes in a hundred", "source": "entered", "method": "compared with last time",
		"frequency": "P1M", "evaluate_every": "P1M", "owner": w.ref("olga"), "target": "90", "better": "higher"})
	for i, v := range []string{"87.5", "93"} {
		day := w.now.AddDate(0, 0, i-5)
		w.make(w.who("olga"), "reading "+v, "reading", fields{"title": "Read", "source": "counted by hand", "metric": w.ref("metric"), "value": v,
			"period_from": day.AddDate(0, 0, -1).Format(time.RFC3339), "period_to": day.Format(time.RFC3339)})
	}
	w.user("erna", access.Agent)
	w.by(self, w.command("erna", "update", "", fields{"email": mailbox}))
	w.by(self, w.command("erna", "password", "", fields{"password": password}))
	w.sequence()
	w.now = w.now.Add(time.Hour)
}

func raw(v fields) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for k, x := range v {
		b, err := json.Marshal(x)
		if err != nil {
			panic(err)
		}
		m[k] = b
	}
	return m
}

func (w *world) user(name string, roles ...string) {
	w.Helper()
	var held []fields
	for _, r := range roles {
		held = append(held, fields{"role": r})
	}
	w.make(w.o.Self(), name, "user", fields{"title": strings.ToUpper(name[:1]) + name[1:], "name": name, "roles": held})
}

func (w *world) who(name string) *access.Principal {
	w.Helper()
	p, err := w.o.Principal(ctx, w.id(name))
	if err != nil {
		w.Fatal(err)
	}
	return p
}

func (w *world) id(name string) record.ID { return w.ids[name].Record.Head().ID }
func (w *world) ref(name string) string   { return w.ids[name].Ref() }

// by carries out a command; every command takes a second.
func (w *world) by(who *access.Principal, c lifecycle.Command) *system.Result {
	w.Helper()
	w.now = w.now.Add(time.Second)
	c.Door = "test"
	r, err := w.o.Do(ctx, who, c)
	if err != nil {
		w.Fatalf("%s %s %s: %v", c.Verb, c.Process, c.Name, err)
	}
	return r
}

func (w *world) make(who *access.Principal, name, process string, set fields) {
	w.Helper()
	w.ids[name] = w.by(who, lifecycle.Command{Process: process, Verb: "create", Set: raw(set)})
}

func (w *world) command(name, verb, what string, set fields) lifecycle.Command {
	w.Helper()
	return lifecycle.Command{Process: w.ids[name].Process.Name, Record: w.id(name), Verb: verb, Name: what, Set: raw(set), Reason: "the test wants it"}
}

func (w *world) incident(name string) {
	w.Helper()
	w.make(w.who("ann"), name, "incident", fields{"title": name, "description": "it is slow", "category": "network", "impact": 3, "urgency": 3, "customer": w.ref("acme"), "service": w.ref("mail"), "channel": "phone"})
}

// document is one that olga wrote and mia approved.
func (w *world) document(name, class, body string) {
	w.Helper()
	w.make(w.who("olga"), name, "document", fields{"title": name, "kind": "procedure", "classification": class, "owner": w.ref("olga"), "language": "en", "format": "Markdown", "medium": "electronic", "retention": "P30Y",
		"retention_rule": "thirty years", "change_reason": "first issue", "body": body, "distribution": []fields{{"user": w.ref("mia")}}, "review_interval": "P20Y"})
	w.approve(name, 1)
}

func (w *world) renew(name, body string) {
	w.Helper()
	r := w.by(w.who("olga"), w.command(name, "version", "", fields{"body": body, "change_reason": "times change"}))
	w.approve(name, int(r.Version.Number))
}

func (w *world) approve(name string, number int) {
	w.Helper()
	c := w.command(name, "version_submit", "", nil)
	c.Number = number
	w.by(w.who("olga"), c)
	c.Verb = "version_approve"
	w.by(w.who("mia"), c)
}

// sequence gives every event its leaf and signs for them.
func (w *world) sequence() {
	w.Helper()
	if _, err := w.o.SequenceAll(ctx); err != nil {
		w.Fatal(err)
	}
}

// checkpoint is the newest, to be kept outside.
func (w *world) checkpoint() string {
	w.Helper()
	w.sequence()
	last := ""
	for c, err := range w.o.LogSource().Checkpoints(ctx) {
		if err != nil {
			w.Fatal(err)
		}
		last = c.Note
	}
	return last
}

func (w *world) keys() []note.Verifier {
	w.Helper()
	k, err := ledger.NewVerifier(w.o.VerifierKey)
	if err != nil {
		w.Fatal(err)
	}
	return []note.Verifier{k}
}

// options of a pack of the last three weeks, built by somebody.
func (w *world) options(by *access.Principal) pack.Options {
	return pack.Options{From: w.now.AddDate(0, 0, -21), To: w.now, By: by, Built: w.now, Organisation: "Nord & Light <b>", Version: "test", Key: w.o.VerifierKey, Style: []byte("body { color: CanvasText; }")}
}

func (w *world) pack(o pack.Options) ([]byte, *pack.About) {
	w.Helper()
	var b bytes.Buffer
	about, err := pack.Build(ctx, w.o.System, w.e, &b, o)
	if err != nil {
		w.Fatal(err)
	}
	return b.Bytes(), about
}

// verified is what the verifier says of a pack.
func verified(t testing.TB, zipped []byte, keys []note.Verifier, outside ...string) *pack.Report {
	t.Helper()
	rep, err := pack.Verify(ctx, bytes.NewReader(zipped), int64(len(zipped)), keys, outside)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// file of a pack, in the order of the zip.
type file struct {
	name    string
	content []byte
}

// files are what is in a pack.
func files(t testing.TB, zipped []byte) []file {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(zipped), int64(len(zipped)))
	if err != nil {
		t.Fatal(err)
	}
	var out []file
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, file{f.Name, b})
	}
	return out
}

func find(fs []file, name string) *file {
	i := slices.IndexFunc(fs, func(f file) bool { return f.name == name })
	if i < 0 {
		return nil
	}
	return &fs[i]
}

// zipped writes files as packs are written.
func zipped(t testing.TB, fs []file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range fs {
		method := zip.Deflate
		if filepath.Ext(f.name) == ".gz" {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(f.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// opened is everything in a pack that could be read, log and all, under the name of its file.
func opened(t testing.TB, pack []byte) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range files(t, pack) {
		out[f.name] = string(f.content)
		if filepath.Ext(f.name) == ".gz" {
			out[f.name] = string(gunzip(t, f.content))
		}
	}
	return out
}

func gunzip(t testing.TB, b []byte) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// signer is the key of the world's log, which is in the hands of whoever runs it.
func (w *world) signer() note.Signer {
	w.Helper()
	b, err := os.ReadFile(filepath.Join(w.data, "log.key"))
	if err != nil {
		w.Fatal(err)
	}
	s, err := ledger.NewSigner(string(b))
	if err != nil {
		w.Fatal(err)
	}
	return s
}

func newEngine(o *boot.Opened) *conformity.Engine {
	return conformity.New(o.System, catalogue.BuiltIn(), sms.Checks())
}
