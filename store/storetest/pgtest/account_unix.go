//go:build unix

package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
)

// account is who runs PostgreSQL: ourselves, or somebody unprivileged if we are root.
type account struct{ credential *syscall.Credential } // nil: ourselves

func unprivileged() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return account{}, fmt.Errorf("pgtest: user %s: %w", name, err)
		}
		return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
	}
	return account{}, errors.New("pgtest: PostgreSQL does not run as root: make a user 'postgres', or run the tests as another user")
}

// take makes c run as that account, in a process group of its own.
func (a account) take(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: a.credential}
}

// own hands files over.
func (a account) own(paths ...string) error {
	if a.credential == nil {
		return nil
	}
	for _, p := range paths {
		if err := os.Chown(p, int(a.credential.Uid), int(a.credential.Gid)); err != nil {
			return err
		}
	}
	return nil
}

// inMemory is where Linux keeps files in memory. A database of a test is a thousand small files that
// are soon deleted.
const inMemory = "/dev/shm"

// inMemoryFree is how much room there must be: containers often have no more than a sixteenth of it.
const inMemoryFree = 4 << 30

// reachable is a folder for temporary files that the account can get to: root's own may be closed.
func reachable(a account) string {
	var fs syscall.Statfs_t
	if info, err := os.Stat(inMemory); runtime.GOOS == "linux" && os.Getenv("TMPDIR") == "" && err == nil && info.Mode()&0o002 != 0 &&
		syscall.Statfs(inMemory, &fs) == nil && uint64(fs.Bavail)*uint64(fs.Bsize) > inMemoryFree {
		return inMemory
	}
	dir := os.TempDir()
	if a.credential == nil {
		return dir
	}
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err != nil || info.Mode()&0o001 == 0 {
			return "/tmp"
		}
		if d == filepath.Dir(d) {
			return dir
		}
	}
}
