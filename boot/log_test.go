package boot_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/system"
	"steward/store/storetest/pgtest"
)

func TestVerifyHoldsWhileOthersWrite(t *testing.T) {
	onBoth(t, func(t *testing.T, o *boot.Opened) {
		ctx, stop := context.WithCancel(context.Background())
		var writers sync.WaitGroup
		for i := range 4 {
			writers.Go(func() {
				for n := 0; ctx.Err() == nil && n < 20_000; n++ {
					if _, err := o.Do(context.Background(), o.Self(), lifecycle.Command{Process: "incident", Verb: "create", Door: "test", Set: set("title", fmt.Sprint(i, n))}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		leaves, rounds := int64(0), 0
		for end := time.Now().Add(20 * time.Second); (rounds < 12 || leaves < 300) && time.Now().Before(end); rounds++ {
			rep := must(o.Verify(ctx, []note.Verifier{o.Verifier}, nil))(t)
			if !rep.Holds() {
				t.Errorf("after %d leaves: %v", rep.Leaves, rep.Fault)
				break
			}
			leaves = rep.Leaves
		}
		found := must(o.Examine(ctx, system.Doctor{Replay: 50, Served: true}))(t)
		for _, f := range found {
			if !f.Holds() {
				t.Errorf("%s: %s", f.What, f.Found)
			}
		}
		stop()
		writers.Wait()
		if leaves < 300 {
			t.Errorf("only %d leaves were verified", leaves)
		}
	})
}

func TestNothingWaitsForItsSignatureAfterTheEnd(t *testing.T) {
	ctx := context.Background()
	opt := boot.Options{Data: t.TempDir(), CheapPasswords: true}
	o := must(boot.Open(ctx, opt))(t)
	for i := range 3 {
		must(o.Do(ctx, o.Self(), lifecycle.Command{Process: "incident", Verb: "create", Door: "test", Set: set("title", fmt.Sprint(i))}))(t)
		must(o.SequenceAll(ctx))(t) // within a second of the one before
	}
	rep := must(o.Verify(ctx, []note.Verifier{o.Verifier}, nil))(t)
	if !rep.Holds() || rep.Last.Size != rep.Leaves || rep.Pending != 0 {
		t.Errorf("%d leaves, signed for %d, %d pending: %v", rep.Leaves, rep.Last.Size, rep.Pending, rep.Fault)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestASystemIsNotOpenedWithNewKeys(t *testing.T) {
	ctx := context.Background()
	db := pgtest.URL(t)
	first := must(boot.Open(ctx, boot.Options{Data: t.TempDir(), Database: db, CheapPasswords: true}))(t)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if o, err := boot.Open(ctx, boot.Options{Data: other, Database: db, CheapPasswords: true}); err == nil {
		_ = o.Close()
		t.Error("another folder was given keys of its own")
	} else if !strings.Contains(err.Error(), "--data") {
		t.Errorf("the error does not say how to mend: %v", err)
	}
	o := must(boot.Open(ctx, boot.Options{Data: other, Database: db, Keyless: true, CheapPasswords: true}))(t)
	if err := o.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(other, "log.key")); err == nil {
		t.Error("a key was made")
	}
}
