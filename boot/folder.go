package boot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"steward/kernel/fault"
)

// lockFolder holds dir for this process. A second one is refused and told who holds it.
func lockFolder(dir string) (func(), error) {
	path := filepath.Join(dir, "steward.lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		pid, _ := io.ReadAll(io.LimitReader(f, 20))
		_ = f.Close()
		return nil, fmt.Errorf("the folder %s is in use by another steward (process %s): stop that one, or use another folder with --data", dir, strings.TrimSpace(string(pid)))
	}
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return func() { _ = unix.Flock(int(f.Fd()), unix.LOCK_UN); _ = f.Close() }, nil
}

// folder keeps files by content hash: ab/cdef... Nothing but a hash is ever part of a path.
type folder struct{ dir string }

func newFolder(dir string) folder { return folder{dir} }

// Put keeps what r gives, at most limit bytes.
func (d folder) Put(ctx context.Context, r io.Reader, limit int64) (string, int64, []byte, error) {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return "", 0, nil, err
	}
	tmp, err := os.CreateTemp(d.dir, "upload-*")
	if err != nil {
		return "", 0, nil, err
	}
	defer os.Remove(tmp.Name())
	h := sha256.New()
	head := &limited{left: 512}
	n, err := io.Copy(io.MultiWriter(tmp, h, head), io.LimitReader(r, limit+1))
	if err == nil && n > limit {
		err = fault.New(fault.TooLarge, "a file has at most %d bytes", limit)
	}
	if err == nil {
		err = tmp.Sync()
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return "", 0, nil, err
	}
	sum := hex.EncodeToString(h.Sum(nil))
	path := d.path(sum)
	if _, err := os.Stat(path); err == nil {
		return sum, n, head.b, nil // kept already: equal content is kept once
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", 0, nil, err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return "", 0, nil, err
	}
	return sum, n, head.b, syncDir(filepath.Dir(path))
}

func (d folder) path(sum string) string { return filepath.Join(d.dir, sum[:2], sum[2:]) }

// Open gives the content after its hash has been checked, so that an altered file is never served.
func (d folder) Open(_ context.Context, sum string) (io.ReadSeekCloser, error) {
	if len(sum) != 64 || strings.Trim(sum, "0123456789abcdef") != "" {
		return nil, fault.New(fault.NotFound, "there is no such file")
	}
	f, err := os.Open(d.path(sum))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "the content of this file is missing; restore it from a backup")
	}
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		_ = f.Close()
		return nil, err
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		_ = f.Close()
		return nil, fault.New(fault.Conflict, "the content of this file was altered and is not served; restore it from a backup")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// limited keeps the first bytes of what is written to it.
type limited struct {
	b    []byte
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if n := min(len(p), l.left); n > 0 {
		l.b = append(l.b, p[:n]...)
		l.left -= n
	}
	return len(p), nil
}

// Running says which process holds dir as a server does; "" when none does.
func Running(dir string) (pid string, err error) {
	f, err := os.Open(filepath.Join(dir, "steward.lock"))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	if err := unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB); err == nil {
		return "", nil // closing lets go of it
	}
	text, err := io.ReadAll(io.LimitReader(f, 20))
	return strings.TrimSpace(string(text)), err
}

// LooseKeys names files with keys in dir that others than their owner can read.
func LooseKeys(dir string) ([]string, error) {
	var loose []string
	for _, name := range []string{"log.key", "master.key"} {
		st, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if st.Mode().Perm()&0o077 != 0 {
			loose = append(loose, fmt.Sprintf("%s has mode %04o", name, st.Mode().Perm()))
		}
	}
	return loose, nil
}

// Space is how many bytes are free, and how many there are, where dir lies.
func Space(dir string) (free, all uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, err
	}
	return st.Bavail * uint64(st.Bsize), st.Blocks * uint64(st.Bsize), nil
}
