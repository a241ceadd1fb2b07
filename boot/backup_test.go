package boot_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/system"
	"steward/store/storetest/pgtest"
)

func filled(t *testing.T, o *boot.Opened) string {
	t.Helper()
	ctx := context.Background()
	for _, title := range []string{"Printer smokes", "VPN is slow", "Ünïcode ✓ Straße"} {
		r := must(o.Do(ctx, o.Self(), lifecycle.Command{Process: "incident", Verb: "create", Door: "test", Set: set("title", title, "tags", []string{"a", "b"})}))(t)
		must(o.Do(ctx, o.Self(), lifecycle.Command{Process: "incident", Record: r.Record.Head().ID, Verb: "comment", Door: "test", Set: set("body", "seen")}))(t)
		a := must(o.Upload(ctx, strings.NewReader("content of "+title), "a.txt"))(t)
		must(o.Attach(ctx, o.Self(), "incident", r.Ref(), a, "test"))(t)
	}
	must(o.SequenceAll(ctx))(t)
	return "INC-3"
}

func TestABackupRestoresEverythingOnEitherEngine(t *testing.T) {
	onBoth(t, func(t *testing.T, o *boot.Opened) {
		ctx := context.Background()
		ref := filled(t, o)
		time.Sleep(1100 * time.Millisecond)
		must(o.SequenceAll(ctx))(t)
		out := filepath.Join(t.TempDir(), "b.steward")
		m := must(o.Backup(ctx, out))(t)
		if len(m.Files) < 6 {
			t.Errorf("the backup holds only %v", m.Files)
		}
		for _, target := range []string{"", "postgres"} {
			opt := boot.Options{Data: t.TempDir(), CheapPasswords: true}
			if target != "" {
				opt.Database = pgtest.URL(t)
			}
			must(boot.Restore(ctx, out, opt))(t)
			r := must(boot.Open(ctx, opt))(t)
			got := must(r.Get(ctx, r.Self(), "incident", ref))(t)
			if got.Record.Head().Title != "Ünïcode ✓ Straße" {
				t.Errorf("restored title %q", got.Record.Head().Title)
			}
			as := must(r.Attachments(ctx, r.Self(), "incident", ref))(t)
			b := must(r.Blob(ctx, as[0]))(t)
			var buf bytes.Buffer
			_, _ = buf.ReadFrom(b)
			_ = b.Close()
			if buf.String() != "content of Ünïcode ✓ Straße" {
				t.Errorf("restored file %q", buf.String())
			}
			l := must(r.List(ctx, r.Self(), system.ListQuery{Process: "incident", Filter: `text ~ "strasse"`}))(t)
			if len(l.Records) != 1 {
				t.Errorf("full text finds %d", len(l.Records))
			}
			next := must(r.Do(ctx, r.Self(), lifecycle.Command{Process: "incident", Verb: "create", Door: "test", Set: set("title", "next")}))(t)
			if next.Ref() != "INC-4" {
				t.Errorf("the next ref is %s", next.Ref())
			}
			must(r.SequenceAll(ctx))(t)
			if rep := must(r.Verify(ctx, []note.Verifier{r.Verifier}, nil))(t); !rep.Holds() {
				t.Errorf("the restored log does not hold: %v", rep.Fault)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := boot.Restore(ctx, out, boot.Options{Data: o.Data}); err == nil {
			t.Error("a restore over a system in use was not refused")
		}
	})
}

func TestADamagedBackupIsRefusedAndNamesWhatIsDamaged(t *testing.T) {
	o := must(boot.Open(context.Background(), boot.Options{Data: t.TempDir(), CheapPasswords: true}))(t)
	defer o.Close()
	filled(t, o)
	out := filepath.Join(t.TempDir(), "b.steward")
	must(o.Backup(context.Background(), out))(t)
	raw, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{len(raw) / 3, len(raw) / 2, len(raw) - 30} {
		bad := bytes.Clone(raw)
		bad[at] ^= 0x40
		path := filepath.Join(t.TempDir(), "bad")
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if _, err := boot.Restore(context.Background(), path, boot.Options{Data: dir}); err == nil {
			t.Errorf("a backup with byte %d changed was restored", at)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("a refused restore left %v behind", left)
		}
	}
}
