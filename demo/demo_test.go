package demo_test

import (
	"context"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"steward/boot"
	"steward/demo"
	"steward/kernel/system"
)

func open(t *testing.T, dir string) *boot.Opened {
	t.Helper()
	o, err := boot.Open(context.Background(), boot.Options{Data: dir, CheapPasswords: true})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func count(t *testing.T, o *boot.Opened, process, filter string) int {
	t.Helper()
	n, _, err := o.Count(context.Background(), o.Self(), system.ListQuery{Process: process, Filter: filter})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheDemoIsBelievableWholeAndLoadedOnce(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	o := open(t, dir)
	l, err := demo.Load(ctx, o, demo.Options{Days: 45})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.SignIns) < 6 {
		t.Errorf("only %d sign-ins", len(l.SignIns))
	}
	for _, s := range l.SignIns {
		if _, err := o.CheckPassword(ctx, s.Name, s.Password); err != nil {
			t.Errorf("%s cannot sign in: %v", s.Name, err)
		}
	}
	if err := l.Wait(); err != nil {
		t.Fatal(err)
	}
	all := count(t, o, "incident", "")
	breached := count(t, o, "incident", "breached")
	if all < 200 || breached*100 < all*2 || breached*100 > all*30 {
		t.Errorf("%d of %d incidents are late", breached, all)
	}
	if n := count(t, o, "incident", `major and phase in ("open", "waiting")`); n != 1 {
		t.Errorf("%d major incidents run", n)
	}
	if n := count(t, o, "incident", `opened_at > now or resolved_at > now or closed_at > now`); n != 0 {
		t.Errorf("%d incidents lie in the future", n)
	}
	if n := count(t, o, "document", "in_force()"); n < 10 {
		t.Errorf("%d documents are in force", n)
	}
	for process, want := range map[string]int{"issue": 6, "interested_party": 5, "obligation": 2, "scope": 1, "process": 25, "risk_criteria": 1, "risk": 8, "opportunity": 3, "audit": 5, "objective": 5, "knowledge_article": 11, "improvement": 5, "nonconformity": 3, "policy": 1, "management_review": 3} {
		if n := count(t, o, process, ""); n != want {
			t.Errorf("%d of %s, %d wanted", n, process, want)
		}
	}
	if n := count(t, o, "process", "in_force()"); n != 25 {
		t.Errorf("%d descriptions of processes are in force", n)
	}
	if n := count(t, o, "nonconformity", `phase = "open"`); n != 1 {
		t.Errorf("%d nonconformities are left open on purpose", n)
	}
	if n := count(t, o, "service", `state = "live"`); n != 12 {
		t.Errorf("%d services are live", n)
	}
	if _, err := o.SequenceAll(ctx); err != nil {
		t.Fatal(err)
	}
	if rep, err := o.Verify(ctx, []note.Verifier{o.Verifier}, nil); err != nil || !rep.Holds() {
		t.Errorf("the log: %v %v", rep.Fault, err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}

	o = open(t, dir)
	defer o.Close()
	if l, err = demo.Load(ctx, o, demo.Options{Days: 45}); err != nil {
		t.Fatal(err)
	}
	if err := l.Wait(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, o, "incident", ""); n != all {
		t.Errorf("a second start made %d of %d", n, all)
	}
	if n := count(t, o, "nonconformity", ""); n != 3 {
		t.Errorf("a second start made %d nonconformities of 3", n)
	}
}

func TestAnInterruptedLoadGoesOnWhereItStopped(t *testing.T) {
	dir := t.TempDir()
	o := open(t, dir)
	ctx, stop := context.WithCancel(context.Background())
	l, err := demo.Load(ctx, o, demo.Options{Days: 45})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	_ = l.Wait() // what was under way when it was stopped may say so
	first := count(t, o, "incident", "")
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	o = open(t, dir)
	defer o.Close()
	if l, err = demo.Load(context.Background(), o, demo.Options{Days: 45}); err != nil {
		t.Fatal(err)
	}
	if err := l.Wait(); err != nil {
		t.Fatal(err)
	}
	if all := count(t, o, "incident", ""); all <= first {
		t.Errorf("%d before, %d after", first, all)
	}
	// What its management did goes on as well, up to the end, and nothing of it is there twice.
	for process, want := range map[string]int{"process": 25, "appointment": 20, "audit": 5, "improvement": 5, "management_review": 3, "report_definition": 6} {
		if n := count(t, o, process, ""); n != want {
			t.Errorf("%d of %s, %d wanted", n, process, want)
		}
	}
	if n := count(t, o, "awareness_confirmation", `state = "confirmed"`); n != 5*12-2 {
		t.Errorf("%d confirmed what they know", n)
	}
}

func TestASystemInUseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	o := open(t, dir)
	defer o.Close()
	l, err := demo.Load(context.Background(), o, demo.Options{Days: 5})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Wait(); err != nil || len(l.SignIns) != 0 || count(t, o, "customer", "") != 0 {
		t.Errorf("it was loaded into a system that was set up before: %v", err)
	}
}
