package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"steward/kernel/ledger"
)

func TestAPublicKeyIsGivenAsItselfOrAsItsFile(t *testing.T) {
	_, pub, err := ledger.GenerateKey("019c3f5c-d50d-77df-9a8f-a373f2d792fc")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "log.pub")
	if err := os.WriteFile(path, []byte(pub+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, given := range []string{pub, path} {
		c := verifyCmd{Key: []string{given}}
		vs, err := c.keys()
		if err != nil || len(vs) != 1 || !strings.HasPrefix(pub, vs[0].Name()+"+") {
			t.Errorf("%s: %v, %v", given, vs, err)
		}
	}
	c := verifyCmd{Key: []string{pub[:len(pub)-4]}}
	if _, err := c.keys(); err == nil || !strings.Contains(err.Error(), "neither a public key") {
		t.Errorf("half a key: %v", err)
	}
}
