// Package boot opens a system: database, keys, files, and what a new system begins with. It is
// the one place that knows how the parts fit; commands and tests start here.
//
// Start at [Open].
package boot

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/kernel/ledger"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/secret"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms"
	"steward/sms/resolution/incident"
	"steward/store"
)

// Options say where a system lives. Zero values: ./data, SQLite in it, the real clock.
type Options struct {
	Data           string // folder of keys, files and the SQLite database
	Database       string // sqlite:PATH or postgres://...; "" is sqlite:DATA/steward.db
	Now            func() time.Time
	Log            *slog.Logger
	Zone           *time.Location
	Exclusive      bool              // hold the folder for this process alone, as a server does
	Registry       *process.Registry // nil: all processes
	Plain          bool              // no vault: tests of single processes
	Keyless        bool              // do without the keys when they are elsewhere: for what neither logs nor seals
	CheapPasswords bool              // tests: a cost that takes no time
}

// Opened is a running system with what belongs to it.
type Opened struct {
	*system.System
	Store       *store.Store
	Data        string
	Database    string
	Verifier    note.Verifier
	VerifierKey string
	Fresh       bool     // this call set the system up
	made        []string // key files that this call made
	unlock      func()
}

// Close lets go of everything. The system must have been stopped.
func (o *Opened) Close() error {
	o.System.Close()
	err := o.Store.Close()
	if o.unlock != nil {
		o.unlock()
	}
	return err
}

// Open opens the system in o.Data, migrates its schema, and sets it up when it is new.
func Open(ctx context.Context, o Options) (*Opened, error) {
	if o.Data == "" {
		o.Data = "data"
	}
	if err := os.MkdirAll(o.Data, 0o700); err != nil {
		return nil, err
	}
	if o.Database == "" {
		o.Database = "sqlite:" + filepath.Join(o.Data, "steward.db")
	}
	if o.Registry == nil {
		o.Registry = sms.Registry()
	}
	out := &Opened{Data: o.Data, Database: o.Database}
	if o.Exclusive {
		unlock, err := lockFolder(o.Data)
		if err != nil {
			return nil, err
		}
		out.unlock = unlock
	}
	fail := func(err error) (*Opened, error) {
		if out.unlock != nil {
			out.unlock()
		}
		return nil, err
	}
	if err := store.Migrate(ctx, o.Database); err != nil {
		return fail(err)
	}
	st, err := store.Open(ctx, o.Database, o.Registry)
	if err != nil {
		return fail(err)
	}
	out.Store = st
	opt := system.Options{Now: o.Now, Log: o.Log, Zone: o.Zone, Blobs: newFolder(filepath.Join(o.Data, "files"))}
	if err := out.keys(ctx, o, &opt); err != nil {
		_ = st.Close()
		return fail(err)
	}
	out.System = system.New(st, o.Registry, opt)
	if err := out.setUp(ctx); err != nil {
		_ = st.Close()
		return fail(err)
	}
	return out, nil
}

// keys reads, or makes, the key of the log and the master key of the vault. Both stand outside
// the database: who has only that can neither sign nor read what is sealed.
func (out *Opened) keys(ctx context.Context, o Options, opt *system.Options) error {
	id, err := out.Store.Meta(ctx, "system")
	if err != nil {
		return err
	}
	if id == "" {
		id = record.NewID(time.Now()).String()
		secret := make([]byte, 32)
		_, _ = rand.Read(secret) // never fails
		err := out.Store.Apply(ctx, []storage.Statement{out.Store.NewMeta("system", id), out.Store.NewMeta("secret", hex.EncodeToString(secret))})
		var taken *storage.Conflict
		if errors.As(err, &taken) { // another process starts on the same empty database
			id, err = out.Store.Meta(ctx, "system")
		}
		if err != nil {
			return err
		}
	}
	if lost, err := out.keysLost(ctx, o); err != nil || lost && o.Keyless {
		return err
	} else if lost {
		return keysElsewhere(o.Data)
	}
	path := filepath.Join(o.Data, "log.key")
	signer, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		s, v, err := ledger.GenerateKey(id)
		if err != nil {
			return err
		}
		// The public one first: whoever is killed between the two begins anew.
		if err := os.WriteFile(filepath.Join(o.Data, "log.pub"), []byte(v+"\n"), 0o600); err != nil {
			return err
		}
		if err := writeOnce(path, s+"\n"); err != nil {
			return err
		}
		signer = []byte(s)
		out.made = append(out.made, path, filepath.Join(o.Data, "log.pub"))
	} else if err != nil {
		return err
	}
	if opt.Signer, err = ledger.NewSigner(strings.TrimSpace(string(signer))); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	pub, err := os.ReadFile(filepath.Join(o.Data, "log.pub"))
	if err != nil {
		return err
	}
	out.VerifierKey = strings.TrimSpace(string(pub))
	if out.Verifier, err = ledger.NewVerifier(out.VerifierKey); err != nil {
		return err
	}
	if known, err := out.Store.Meta(ctx, logPub); err != nil {
		return err
	} else if known != "" && known != out.VerifierKey && !o.Keyless {
		return out.tooLate()
	}
	cost := secret.DefaultCost
	if o.CheapPasswords {
		cost = secret.Cost{MemoryKiB: 8, Passes: 1, Lanes: 1}
	}
	if opt.Passwords, err = secret.NewPasswords(cost, 0); err != nil {
		return err
	}
	if o.Plain {
		return nil
	}
	master := filepath.Join(o.Data, "master.key")
	if _, err := os.Stat(master); errors.Is(err, fs.ErrNotExist) {
		if err := secret.CreateMaster(master); err != nil {
			return err
		}
		out.made = append(out.made, master)
	}
	v, err := secret.OpenVault(master)
	if err != nil {
		return err
	}
	opt.Vault = system.NewKeys(v)
	return nil
}

// logPub is the setting that keeps the public key of the log, so that a folder with the keys of
// another system, or of a start that lost the race for an empty database, is found at once.
const logPub = "log_pub"

func keysElsewhere(folder string) error {
	return fmt.Errorf("the keys of this system are not in the folder %s: give the folder it was set up with (--data), or put log.key, log.pub and master.key there from a backup; new ones would neither continue its log nor open what is sealed", folder)
}

// keysLost reports whether the system was set up before and its keys are not in the folder.
func (out *Opened) keysLost(ctx context.Context, o Options) (bool, error) {
	if done, err := out.Store.Meta(ctx, "set_up"); err != nil || done == "" {
		return false, err
	}
	names := []string{"log.key", "log.pub"}
	if !o.Plain {
		names = append(names, "master.key")
	}
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(o.Data, name)); errors.Is(err, fs.ErrNotExist) {
			return true, nil
		} else if err != nil {
			return false, err
		}
	}
	return false, nil
}

func writeOnce(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// setUp gives a new system its administrator and the settings without which no promise can be
// made. Every one of them is an ordinary record, made by an ordinary command. Of several processes
// that start on one empty database one begins; who was stopped halfway goes on at the next start.
func (out *Opened) setUp(ctx context.Context) error {
	if done, err := out.Store.Meta(ctx, "set_up"); err != nil || done != "" {
		return err
	}
	policy, err := out.Store.Meta(ctx, "set_up_begun")
	if err != nil {
		return err
	}
	s := out.System
	if policy == "" {
		id := record.NewID(s.Now())
		policy = id.String()
		var cmds []lifecycle.Command
		if s.Registry.Process("user") != nil {
			cmds = append(cmds, lifecycle.Command{Process: "user", Verb: "create", Door: "setup", Set: values(map[string]any{
				"title": "Administrator", "name": "admin", "roles": []map[string]any{{"role": "administrator"}}})})
		}
		if s.Registry.Process("incident_policy") != nil {
			cmds = append(cmds, lifecycle.Command{Process: "incident_policy", Verb: "create", ID: id, Door: "setup", Set: values(incident.Standard())})
		}
		_, _, err := s.DoAll(ctx, s.Self(), cmds, out.Store.NewMeta("set_up_begun", policy), out.Store.SetMeta(logPub, out.VerifierKey))
		if err != nil {
			if begun, e := out.Store.Meta(ctx, "set_up_begun"); e != nil || begun == "" {
				return fmt.Errorf("set up: %w", err)
			}
			return out.tooLate()
		}
		out.Fresh = true
	}
	if s.Registry.Process("incident_policy") != nil {
		if err := out.approve(ctx, policy); err != nil {
			return fmt.Errorf("set up: %w", err)
		}
	}
	return out.Store.Apply(ctx, []storage.Statement{out.Store.SetMeta("set_up", record.At(s.Now()).String())})
}

// approve puts the first incident policy in force, from wherever it stands.
func (out *Opened) approve(ctx context.Context, policy string) error {
	s := out.System
	for {
		res, all, err := s.Versions(ctx, s.Self(), "incident_policy", policy)
		if err != nil {
			return err
		}
		verb := map[record.Choice]string{record.VersionDraft: "version_submit", record.VersionReview: "version_approve"}[all[0].Version.Status]
		if verb == "" {
			return nil
		}
		if _, err := s.Do(ctx, s.Self(), lifecycle.Command{Process: "incident_policy", Record: res.Record.Head().ID, Verb: verb, Number: 1, Door: "setup"}); err != nil {
			return err
		}
	}
}

// tooLate takes away the keys that this call made: another process was quicker, and what is sealed
// and signed from now on is so with that one's.
func (out *Opened) tooLate() error {
	for _, path := range out.made {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return keysElsewhere(out.Data)
}

// values turns plain Go values into what a command sets.
func values(m map[string]any) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for k, v := range m {
		b, err := json.Marshal(v)
		if err != nil {
			panic("boot: " + k + ": " + err.Error()) // literals of this package
		}
		out[k] = b
	}
	return out
}
