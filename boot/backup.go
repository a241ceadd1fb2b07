package boot

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms"
	"steward/store"
)

// Manifest is the last file of a backup: what it holds, and that it is whole.
type Manifest struct {
	Format  int               `json:"format"`
	Made    time.Time         `json:"made"`
	System  string            `json:"system"`
	Files   map[string]string `json:"files"` // name -> SHA-256
	Digests store.Digests     `json:"digests"`
}

// manifestName is the name of the manifest inside the archive.
const manifestName = "manifest.json"

// Backup writes everything that a system needs into one file: the database as one consistent
// snapshot, attachments, keys. It runs beside a server. The file is read back and checked before
// the call returns; a failed backup leaves nothing behind, least of all in place of an older one.
func (o *Opened) Backup(ctx context.Context, out string) (Manifest, error) {
	tmp, err := os.MkdirTemp(filepath.Dir(out), ".backup-*")
	if err != nil {
		return Manifest{}, err
	}
	defer os.RemoveAll(tmp)
	db := filepath.Join(tmp, "steward.db")
	m := Manifest{Format: 1, Made: time.Now().UTC().Truncate(time.Second), Files: map[string]string{}}
	if m.System, err = o.Store.Meta(ctx, "system"); err != nil {
		return m, err
	}
	if o.Store.Dialect() == record.SQLite {
		if err := o.Store.SnapshotInto(ctx, db); err != nil {
			return m, fmt.Errorf("copy the database: %w", err)
		}
	} else if err := copyInto(ctx, o.Store, "sqlite:"+db, o.Registry); err != nil {
		return m, err
	}
	if m.Digests, err = digestsOf(ctx, "sqlite:"+db, o.Registry); err != nil {
		return m, err
	}
	part := filepath.Join(tmp, "backup")
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return m, err
	}
	defer f.Close()
	if err := o.archive(f, db, &m); err != nil {
		return m, err
	}
	if err := f.Sync(); err != nil {
		return m, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return m, err
	}
	if _, err := readBackup(f, ""); err != nil {
		return m, fmt.Errorf("the backup was written but does not read back: %w", err)
	}
	if err := os.Rename(part, out); err != nil {
		return m, err
	}
	return m, syncDir(filepath.Dir(out))
}

func (o *Opened) archive(f io.Writer, db string, m *Manifest) error {
	z := gzip.NewWriter(f)
	t := tar.NewWriter(z)
	add := func(name, path string) error {
		in, err := os.Open(path)
		if err != nil {
			return err
		}
		defer in.Close()
		st, err := in.Stat()
		if err != nil {
			return err
		}
		if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: st.Size(), ModTime: m.Made, Typeflag: tar.TypeReg}); err != nil {
			return err
		}
		h := sha256.New()
		if _, err := io.Copy(io.MultiWriter(t, h), io.LimitReader(in, st.Size())); err != nil {
			return err
		}
		m.Files[name] = hex.EncodeToString(h.Sum(nil))
		return nil
	}
	if err := add("steward.db", db); err != nil {
		return err
	}
	for _, key := range []string{"log.key", "log.pub", "master.key"} {
		if err := add(key, filepath.Join(o.Data, key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	files := filepath.Join(o.Data, "files")
	err := filepath.WalkDir(files, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // no attachment was ever kept
		}
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), "upload-") {
			return err
		}
		rel, err := filepath.Rel(files, path)
		if err != nil {
			return err
		}
		return add("files/"+filepath.ToSlash(rel), path)
	})
	if err != nil {
		return err
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := t.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(raw)), ModTime: m.Made, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	if _, err := t.Write(raw); err != nil {
		return err
	}
	if err := t.Close(); err != nil {
		return err
	}
	return z.Close()
}

// readBackup reads an archive through, into dir when one is given, and holds it against its
// manifest. Names that lead out of the folder, links and anything but plain files are refused.
func readBackup(r io.Reader, dir string) (Manifest, error) {
	var m Manifest
	z, err := gzip.NewReader(r)
	if err != nil {
		return m, errors.New("this is no backup of Steward")
	}
	var root *os.Root
	if dir != "" {
		if root, err = os.OpenRoot(dir); err != nil {
			return m, err
		}
		defer root.Close()
	}
	t := tar.NewReader(z)
	sums := map[string]string{}
	seen := false
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, fmt.Errorf("the backup is damaged: %w", err)
		}
		if h.Typeflag != tar.TypeReg || !filepath.IsLocal(h.Name) {
			return m, fmt.Errorf("the backup holds %q, which does not belong there", h.Name)
		}
		if h.Name == manifestName {
			raw, err := io.ReadAll(io.LimitReader(t, 64<<20))
			if err != nil {
				return m, err
			}
			if err := json.Unmarshal(raw, &m); err != nil {
				return m, fmt.Errorf("the backup's manifest cannot be read: %w", err)
			}
			seen = true
			continue
		}
		sum := sha256.New()
		w := io.Writer(sum)
		var f *os.File
		if root != nil {
			if err := root.MkdirAll(filepath.Dir(h.Name), 0o700); err != nil {
				return m, err
			}
			if f, err = root.OpenFile(h.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
				return m, err
			}
			w = io.MultiWriter(sum, f)
		}
		_, err = io.Copy(w, t)
		if f != nil {
			if e := f.Sync(); err == nil {
				err = e
			}
			if e := f.Close(); err == nil {
				err = e
			}
		}
		if err != nil {
			return m, fmt.Errorf("the backup is damaged at %s: %w", h.Name, err)
		}
		sums[h.Name] = hex.EncodeToString(sum.Sum(nil))
	}
	if !seen || m.Format != 1 {
		return m, errors.New("the backup has no manifest that this Steward understands: it was cut short, or made by a newer one")
	}
	names := make([]string, 0, len(m.Files))
	for n := range m.Files {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if sums[n] != m.Files[n] {
			return m, fmt.Errorf("the backup is damaged: %s is not what was written", n)
		}
		delete(sums, n)
	}
	for n := range sums {
		return m, fmt.Errorf("the backup holds %q, which its manifest does not name", n)
	}
	return m, nil
}

// Restore puts a backup into an empty data folder (and, with a PostgreSQL database, into that
// empty database), and proves that it holds what was backed up.
func Restore(ctx context.Context, from string, o Options) (Manifest, error) {
	if o.Data == "" {
		o.Data = "data"
	}
	reg := o.Registry
	if reg == nil {
		reg = sms.Registry()
	}
	for _, name := range []string{"steward.db", "log.key", "files", "master.key"} {
		if _, err := os.Stat(filepath.Join(o.Data, name)); err == nil {
			return Manifest{}, fmt.Errorf("the folder %s holds a system already (%s): restore into an empty one", o.Data, name)
		}
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return Manifest{}, err
	}
	f, err := os.Open(from)
	if err != nil {
		return Manifest{}, err
	}
	defer f.Close()
	tmp, err := os.MkdirTemp(o.Data, ".restore-*")
	if err != nil {
		return Manifest{}, err
	}
	defer os.RemoveAll(tmp)
	m, err := readBackup(f, tmp)
	if err != nil {
		return m, err
	}
	url := "sqlite:" + filepath.Join(tmp, "steward.db")
	have, err := digestsOf(ctx, url, reg)
	if err != nil {
		return m, err
	}
	if diff := m.Digests.Diff(have); len(diff) > 0 {
		return m, fmt.Errorf("the restored database is not what was backed up: %s", strings.Join(diff, "; "))
	}
	if o.Database != "" && !strings.HasPrefix(o.Database, "sqlite:") {
		if _, err := Move(ctx, url, o.Database, reg, nil); err != nil {
			return m, err
		}
		if err := os.Remove(filepath.Join(tmp, "steward.db")); err != nil {
			return m, err
		}
	} else if path, ok := strings.CutPrefix(o.Database, "sqlite:"); ok {
		if _, err := os.Stat(path); err == nil {
			return m, fmt.Errorf("%s is there already: restore into an empty place", path)
		}
		if err := os.Rename(filepath.Join(tmp, "steward.db"), path); err != nil {
			return m, err
		}
	}
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return m, err
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, "steward.db-") {
			continue // of the check just made
		}
		if err := os.Rename(filepath.Join(tmp, name), filepath.Join(o.Data, name)); err != nil {
			return m, err
		}
	}
	return m, syncDir(o.Data)
}

func digestsOf(ctx context.Context, url string, reg *process.Registry) (store.Digests, error) {
	if err := store.Migrate(ctx, url); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, url, reg)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	if bad, err := s.Integrity(ctx); err != nil || bad != "" {
		return nil, fmt.Errorf("the database is damaged: %s %v", bad, err)
	}
	return s.Digests(ctx)
}

func copyInto(ctx context.Context, from *store.Store, url string, reg *process.Registry) error {
	if err := store.Migrate(ctx, url); err != nil {
		return err
	}
	to, err := store.Open(ctx, url, reg)
	if err != nil {
		return err
	}
	defer to.Close()
	_, err = store.Copy(ctx, from, to, nil)
	return err
}

// Move copies a whole system between databases and proves that both hold the same. The target
// must be empty; the source is only read.
func Move(ctx context.Context, from, to string, reg *process.Registry, progress func(table string, rows int)) (store.Digests, error) {
	if reg == nil {
		reg = sms.Registry()
	}
	if err := store.Migrate(ctx, to); err != nil {
		return nil, err
	}
	a, err := store.Open(ctx, from, reg)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	b, err := store.Open(ctx, to, reg)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	read, err := store.Copy(ctx, a, b, progress)
	if err != nil {
		return nil, err
	}
	have, err := b.Digests(ctx)
	if err != nil {
		return nil, err
	}
	if diff := read.Diff(have); len(diff) > 0 {
		return read, fmt.Errorf("source and target differ: %s", strings.Join(diff, "; "))
	}
	return read, nil
}
