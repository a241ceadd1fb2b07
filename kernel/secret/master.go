package secret

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const masterWord = "steward-master-key"

type master struct {
	id  ID
	key []byte
}

func newMaster() master {
	m := master{key: make([]byte, keyBytes)}
	rand.Read(m.key)
	rand.Read(m.id[:])
	return m
}

// CreateMaster makes the file of master keys with one key, readable by its owner only. It never
// overwrites: losing a master key loses all it protects. The file belongs outside the database's
// folder and outside its backups.
func CreateMaster(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("file of master keys %s: exists: it is never overwritten; use it, or choose another path: %w", path, os.ErrExist)
	}
	if err != nil {
		return fmt.Errorf("file of master keys: %w", err)
	}
	if err := finish(f, path, []master{newMaster()}); err != nil {
		os.Remove(path) // half a file would stand in the way of the next try
		return err
	}
	return nil
}

// OpenVault reads the file of master keys. It refuses one that others than the owner may read or
// write, and one that is missing: it is never made silently, since a new key opens nothing old.
func OpenVault(path string) (*Vault, error) {
	masters, err := readMasters(path)
	if err != nil {
		return nil, err
	}
	v := &Vault{masters: map[ID]cipher.AEAD{}, current: masters[0].id}
	for _, m := range masters {
		v.masters[m.id] = newAEAD(m.key)
	}
	return v, nil
}

// RotateMaster puts a new master key in front; the older ones stay and open what they wrapped. Then
// open the vault anew on every node, Rewrap every stored key, and RetireMasters. The file is
// replaced as a whole or not at all.
func RotateMaster(path string) error {
	masters, err := readMasters(path)
	if err != nil {
		return err
	}
	return replace(path, append([]master{newMaster()}, masters...))
}

// RetireMasters drops all master keys but the current one. What is not rewrapped by then is lost.
func RetireMasters(path string) error {
	masters, err := readMasters(path)
	if err != nil {
		return err
	}
	return replace(path, masters[:1])
}

func replace(path string, masters []master) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".master-*") // 0600
	if err != nil {
		return fmt.Errorf("file of master keys: %w", err)
	}
	if err := finish(f, f.Name(), masters); err != nil {
		os.Remove(f.Name())
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("file of master keys: %w", err)
	}
	return syncFolder(path)
}

// finish writes the keys so that they survive a power failure before anything is wrapped with them.
func finish(f *os.File, path string, masters []master) error {
	var text strings.Builder
	for _, m := range masters {
		fmt.Fprintf(&text, "%s %v %s\n", masterWord, m.id, base64.StdEncoding.EncodeToString(m.key))
	}
	_, err := f.WriteString(text.String())
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("file of master keys %s: %w", path, err)
	}
	return syncFolder(path)
}

func syncFolder(path string) error {
	if runtime.GOOS == "windows" { // folders cannot be synced there
		return nil
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("folder of the master keys: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("folder of the master keys: %w", err)
	}
	return nil
}

func readMasters(path string) ([]master, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("file of master keys: %w: put it back from where it is kept; only a system that never had one creates it", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("file of master keys %s: open_to_others: mode is %04o: chmod 600 it, and rotate the key if others had access", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("file of master keys: %w", err)
	}
	var out []master
	seen := map[ID]bool{}
	for line := range strings.Lines(string(text)) {
		m, ok := parseMaster(strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r"))
		if !ok || seen[m.id] {
			return nil, fmt.Errorf("file of master keys %s, line %d: malformed: put back the file as it was made", path, len(out)+1)
		}
		seen[m.id] = true
		out = append(out, m)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("file of master keys %s: empty: put back the file as it was made", path)
	}
	return out, nil
}

func parseMaster(line string) (m master, ok bool) {
	parts := strings.Split(line, " ")
	if len(parts) != 3 || parts[0] != masterWord {
		return m, false
	}
	id, err := hex.DecodeString(parts[1])
	if err != nil || len(id) != idBytes {
		return m, false
	}
	m.id = ID(id)
	m.key, err = base64.StdEncoding.Strict().DecodeString(parts[2])
	return m, err == nil && len(m.key) == keyBytes
}
