package secret

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func newVault(t testing.TB) (*Vault, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master")
	if err := CreateMaster(path); err != nil {
		t.Fatal(err)
	}
	return openVault(t, path), path
}

func openVault(t testing.TB, path string) *Vault {
	t.Helper()
	v, err := OpenVault(path)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWhatWasSealedOpensWithTheStoredKey(t *testing.T) {
	v, path := newVault(t)
	rapid.Check(t, func(t *rapid.T) {
		subject, place := rapid.String().Draw(t, "subject"), rapid.String().Draw(t, "place")
		text := rapid.SliceOf(rapid.Byte()).Draw(t, "text")
		key, wrapped := v.NewKey(subject)
		sealed := key.Seal(place, text)
		if len(wrapped) != wrappedSize || len(sealed) != len(text)+sealedExtra {
			t.Fatalf("sizes %d, %d", len(wrapped), len(sealed))
		}
		if id, err := SealedBy(sealed); err != nil || id != key.ID() {
			t.Fatalf("key id %v, %v", id, err)
		}
		later, err := OpenVault(path) // another process, another day
		if err != nil {
			t.Fatal(err)
		}
		again, err := later.Key(subject, wrapped)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := again.Open(place, sealed); err != nil || !bytes.Equal(got, text) {
			t.Fatalf("%q, %v", got, err)
		}
		if len(text) > 8 && bytes.Contains(sealed, text) {
			t.Fatal("the text stands in the ciphertext")
		}
		if bytes.Equal(sealed, key.Seal(place, text)) {
			t.Fatal("the same nonce twice")
		}
	})
}

func TestSwappedCiphertextsDoNotOpen(t *testing.T) {
	v, _ := newVault(t)
	anna, annaWrapped := v.NewKey("anna")
	bert, bertWrapped := v.NewKey("bert")
	a, b := anna.Seal("phone", []byte("111")), bert.Seal("phone", []byte("222"))
	if _, err := anna.Open("phone", b); !errors.Is(err, ErrOtherKey) {
		t.Errorf("bert's text at anna's: %v", err)
	}
	copy(b[1:], a[1:1+idBytes]) // with the key id made to fit
	if _, err := anna.Open("phone", b); !errors.Is(err, ErrForged) {
		t.Errorf("bert's text under anna's key id: %v", err)
	}
	mail := anna.Seal("mail", []byte("anna@example.org"))
	if _, err := anna.Open("phone", mail); !errors.Is(err, ErrForged) {
		t.Errorf("anna's mail as her phone: %v", err)
	}
	if _, err := v.Key("anna", bertWrapped); !errors.Is(err, ErrForged) {
		t.Errorf("bert's key as anna's: %v", err)
	}
	if k, err := v.Key("anna", annaWrapped); err != nil || k.ID() != anna.ID() {
		t.Errorf("anna's own: %v", err)
	}
	x, _ := v.NewKey("ab")
	if _, err := (&Key{x.id, "a", x.aead}).Open("bc", x.Seal("c", nil)); !errors.Is(err, ErrForged) {
		t.Error("subject and place run into each other")
	}
}

func TestEveryAlteredByteIsNoticed(t *testing.T) {
	v, _ := newVault(t)
	key, wrapped := v.NewKey("anna")
	sealed := key.Seal("p", []byte("text"))
	for i := range sealed {
		c := bytes.Clone(sealed)
		c[i] ^= 1
		if _, err := key.Open("p", c); !errors.Is(err, ErrForged) && !errors.Is(err, ErrOtherKey) {
			t.Errorf("byte %d: %v", i, err)
		}
		if _, err := key.Open("p", sealed[:i]); !errors.Is(err, ErrForged) {
			t.Errorf("cut to %d: %v", i, err)
		}
	}
	for i := range wrapped {
		c := bytes.Clone(wrapped)
		c[i] ^= 1
		if _, err := v.Key("anna", c); !errors.Is(err, ErrForged) && !errors.Is(err, ErrNoMaster) {
			t.Errorf("wrapped, byte %d: %v", i, err)
		}
	}
}

func TestADestroyedKeyIsErased(t *testing.T) {
	v, _ := newVault(t)
	old, _ := v.NewKey("anna")
	sealed := old.Seal("phone", []byte("111"))
	if _, err := v.Key("anna", nil); !errors.Is(err, ErrErased) {
		t.Errorf("%v", err)
	}
	if _, _, err := v.Rewrap("anna", nil); !errors.Is(err, ErrErased) {
		t.Errorf("rewrapped: %v", err)
	}
	anew, _ := v.NewKey("anna") // she comes back
	if _, err := anew.Open("phone", sealed); !errors.Is(err, ErrOtherKey) {
		t.Errorf("a new key opens what was erased: %v", err)
	}
}

func TestRotationRewrapsKeysAndLeavesTextsAlone(t *testing.T) {
	v, path := newVault(t)
	key, wrapped := v.NewKey("anna")
	sealed := key.Seal("phone", []byte("111"))
	if same, changed, err := v.Rewrap("anna", wrapped); err != nil || changed || !bytes.Equal(same, wrapped) {
		t.Errorf("rewrapped without need: %v %v", changed, err)
	}
	if err := RotateMaster(path); err != nil {
		t.Fatal(err)
	}
	both := openVault(t, path)
	if both.Current() == v.Current() {
		t.Fatal("the master key is the same")
	}
	now, changed, err := both.Rewrap("anna", wrapped)
	if err != nil || !changed || bytes.Equal(now, wrapped) {
		t.Fatalf("%v %v", changed, err)
	}
	if _, err := v.Key("anna", now); !errors.Is(err, ErrNoMaster) {
		t.Errorf("a node that has not read the new key: %v", err)
	}
	if err := RetireMasters(path); err != nil {
		t.Fatal(err)
	}
	one := openVault(t, path)
	again, err := one.Key("anna", now)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("phone", sealed); err != nil || string(got) != "111" {
		t.Errorf("%q %v", got, err)
	}
	if _, err := one.Key("anna", wrapped); !errors.Is(err, ErrNoMaster) {
		t.Errorf("what was not rewrapped: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("files left behind: %v", left)
	}
}

func TestTheFileOfMasterKeysIsGuarded(t *testing.T) {
	_, path := newVault(t)
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	before, _ := os.ReadFile(path)
	if err := CreateMaster(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("created over an existing one: %v", err)
	}
	if err := RotateMaster(path); err != nil {
		t.Fatal(err)
	}
	after, _ := os.ReadFile(path)
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 || !bytes.HasSuffix(after, before) {
		t.Errorf("after rotation: mode %v, the old key kept: %v", info.Mode(), bytes.HasSuffix(after, before))
	}
	key := strings.Fields(string(before))[2]
	for name, text := range map[string]string{"empty": "", "cut": string(before[:40]), "twice": string(before) + string(before), "a line more": string(before) + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenVault(path); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.WriteFile(path, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenVault(path); err == nil || !strings.Contains(err.Error(), "open_to_others") {
		t.Errorf("readable by the group: %v", err)
	}
	if _, err := OpenVault(filepath.Join(t.TempDir(), "missing")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	v, _ := newVault(f)
	key, wrapped := v.NewKey("anna")
	sealed := key.Seal("p", []byte("text"))
	f.Add(sealed)
	f.Add(wrapped)
	f.Fuzz(func(t *testing.T, b []byte) {
		if text, err := key.Open("p", b); (err == nil) != bytes.Equal(b, sealed) {
			t.Fatalf("%x opened as %q, %v", b, text, err)
		}
		if _, err := v.Key("anna", b); (err == nil) != bytes.Equal(b, wrapped) {
			t.Fatalf("%x unwrapped: %v", b, err)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	v, _ := newVault(b)
	key, _ := v.NewKey("anna")
	text := bytes.Repeat([]byte("x"), 400)
	b.SetBytes(400)
	b.ReportAllocs()
	for b.Loop() {
		key.Seal("incident/1/description", text)
	}
}
