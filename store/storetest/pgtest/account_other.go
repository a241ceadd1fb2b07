//go:build !unix

package pgtest

import (
	"os"
	"os/exec"
)

// account is ourselves: there is no other user to become here.
type account struct{}

// unprivileged refuses: the keeper is a Unix shell. A server can still be named by its URL.
func unprivileged() (account, error) { return account{}, ErrMissing }

func (account) take(*exec.Cmd)      {}
func (account) own(...string) error { return nil }
func reachable(account) string      { return os.TempDir() }
