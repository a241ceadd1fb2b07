package ledger

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

func TestCheckpointComesBackAsItWasSigned(t *testing.T) {
	k := newKey(t, "3f1c9a")
	c := Checkpoint{Size: 20852163, Root: leafNo(1), Time: time.Date(2026, 11, 25, 9, 0, 0, 1_999, time.FixedZone("", 3600))}
	text, err := SignCheckpoint(c, k.Signer)
	if err != nil {
		t.Fatal(err)
	}
	if want := "steward/3f1c9a\n20852163\n" + leafNo(1).String() + "\ntime 2026-11-25T08:00:00.000001Z\n\n— steward/3f1c9a "; !strings.HasPrefix(text, want) {
		t.Errorf("text %q, want %q", text, want)
	}
	got, err := ParseCheckpoint(text, k.Verifier)
	c.Origin, c.Time = "steward/3f1c9a", c.Time.UTC().Truncate(time.Microsecond)
	if err != nil || got != c {
		t.Errorf("%+v, %v; want %+v", got, err, c)
	}
	other := newKey(t, "witness")
	cosigned, err := note.Open([]byte(text), note.VerifierList(k.Verifier))
	if err != nil {
		t.Fatal(err)
	}
	both, err := note.Sign(cosigned, other.Signer)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ParseCheckpoint(string(both), k.Verifier); err != nil || got != c {
		t.Errorf("with a witness: %v, %v", got, err)
	}
	if _, err := ParseCheckpoint(string(both), other.Verifier); !errors.Is(err, ErrBadCheckpoint) {
		t.Errorf("a witness's key alone vouches for the log: %v", err)
	}
}

func TestCheckpointsThatAreNotOursAreRefused(t *testing.T) {
	k, other := newKey(t, "a"), newKey(t, "a")
	text, err := SignCheckpoint(Checkpoint{Size: 3, Root: leafNo(1), Time: dayOne}, k.Signer)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(text string) string {
		b, err := note.Sign(&note.Note{Text: text}, k.Signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	root := leafNo(1).String()
	for _, tc := range []struct {
		name, text string
		key        note.Verifier
		want       error
	}{
		{"other key", text, other.Verifier, ErrOtherKey},
		{"size changed", strings.Replace(text, "\n3\n", "\n4\n", 1), k.Verifier, ErrBadSignature},
		{"time changed", strings.Replace(text, "2026", "2025", 1), k.Verifier, ErrBadSignature},
		{"empty", "", k.Verifier, ErrBadCheckpoint},
		{"signature cut", text[:len(text)-4] + "\n", k.Verifier, ErrBadCheckpoint},
		{"no time", sign("steward/a\n3\n" + root + "\n"), k.Verifier, ErrBadCheckpoint},
		{"a line more", sign("steward/a\n3\n" + root + "\ntime 2026-11-25T08:00:00.000000Z\nx\n"), k.Verifier, ErrBadCheckpoint},
		{"time in another form", sign("steward/a\n3\n" + root + "\ntime 2026-11-25T08:00:00Z\n"), k.Verifier, ErrBadCheckpoint},
		{"leading zero", sign("steward/a\n03\n" + root + "\ntime 2026-11-25T08:00:00.000000Z\n"), k.Verifier, ErrBadCheckpoint},
		{"negative", sign("steward/a\n-3\n" + root + "\ntime 2026-11-25T08:00:00.000000Z\n"), k.Verifier, ErrBadCheckpoint},
		{"origin of another", sign("steward/b\n3\n" + root + "\ntime 2026-11-25T08:00:00.000000Z\n"), k.Verifier, ErrBadCheckpoint},
	} {
		if c, err := ParseCheckpoint(tc.text, tc.key); !errors.Is(err, tc.want) || c != (Checkpoint{}) {
			t.Errorf("%s: %v, %v; want %v", tc.name, c, err, tc.want)
		}
	}
	if _, err := SignCheckpoint(Checkpoint{Origin: "steward/b", Time: dayOne}, k.Signer); err == nil {
		t.Error("signed a checkpoint of another system")
	}
	if _, err := SignCheckpoint(Checkpoint{Size: -1, Time: dayOne}, k.Signer); err == nil {
		t.Error("signed a negative size")
	}
}

func TestKeysAreNamedAfterTheSystem(t *testing.T) {
	for _, id := range []string{"", "a b", "a+b", "a/b", "ä", strings.Repeat("x", 65)} {
		if _, _, err := GenerateKey(id); err == nil {
			t.Errorf("system id %q accepted", id)
		}
	}
	s, p, err := GenerateKey("a-1._Z")
	if err != nil || !strings.HasPrefix(s, "PRIVATE+KEY+steward/a-1._Z+") || !strings.HasPrefix(p, "steward/a-1._Z+") {
		t.Fatalf("%s %s %v", s, p, err)
	}
	if _, err := NewSigner(s[:len(s)-3]); err == nil || strings.Contains(err.Error(), s[30:50]) {
		t.Errorf("a cut key: %v", err)
	}
	if _, err := NewVerifier("steward/a+00000000+AAAA"); err == nil {
		t.Error("a false public key was read")
	}
}

func FuzzParseCheckpoint(f *testing.F) {
	k := newKey(f, "fuzz")
	text, err := SignCheckpoint(Checkpoint{Size: 3, Root: leafNo(1), Time: dayOne}, k.Signer)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, "steward/fuzz\n3\n"+leafNo(1).String()+"\ntime 2026-11-25T08:00:00.000000Z\n")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, raw, body string) {
		// Not signed by us: whatever passes must be the one text that was signed.
		if c, err := ParseCheckpoint(raw, k.Verifier); err == nil && c.Size != 3 {
			t.Fatalf("%q passed as %+v", raw, c)
		}
		// Signed by us, whatever it says: what is read must be all that it says.
		signed, err := note.Sign(&note.Note{Text: body}, k.Signer)
		if err != nil {
			return
		}
		if c, err := ParseCheckpoint(string(signed), k.Verifier); err == nil && c.text() != body {
			t.Fatalf("%q read as %+v", body, c)
		}
	})
}
