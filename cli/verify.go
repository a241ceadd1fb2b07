package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"steward/boot"
	"steward/kernel/ledger"
	"steward/sms/conformity/pack"
)

type verifyCmd struct {
	place
	output
	File       string   `arg:"" optional:"" help:"An audit pack, or a log that export log wrote; without it, this system's own log."`
	Key        []string `help:"Public key that the log is signed with, or a file with it (log.pub); by default the one in the data folder, of a pack without one the pack's own." placeholder:"PUB"`
	Checkpoint []string `help:"Checkpoint that was kept outside the system." placeholder:"FILE"`
}

func (c *verifyCmd) Run(e *env) error {
	var opt ledger.Options
	for _, path := range c.Checkpoint {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		opt.Outside = append(opt.Outside, string(b))
	}
	zipped, err := isZip(c.File)
	if err != nil {
		return err
	}
	if zipped {
		return c.pack(e, opt.Outside)
	}
	if opt.Keys, err = c.keys(); err != nil {
		return err
	}
	if c.File == "" {
		return c.standing(e, func(o *boot.Opened) error {
			rep, err := ledger.Verify(e.ctx, o.LogSource(), opt)
			if err != nil {
				return err
			}
			return c.tell(e, rep)
		})
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	rep, err := ledger.VerifyBundle(e.ctx, f, opt)
	if err != nil {
		return err
	}
	return c.tell(e, rep)
}

// isZip reports whether a file begins as zips do.
func isZip(path string) (bool, error) {
	if path == "" {
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, 2)
	n, err := io.ReadFull(f, head)
	if err != nil && n < len(head) {
		return strings.HasSuffix(path, ".zip"), nil // too short to be anything; told as what it is named
	}
	return string(head) == "PK" || strings.HasSuffix(path, ".zip"), nil
}

// pack verifies an audit pack. An auditor has no data folder: without a key the pack's own is taken,
// and the answer says so.
func (c *verifyCmd) pack(e *env, outside []string) error {
	keys, err := c.keys()
	var x *exit
	if errors.As(err, &x) && len(c.Key) == 0 {
		keys, err = nil, nil
	}
	if err != nil {
		return err
	}
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	rep, err := pack.Verify(e.ctx, f, st.Size(), keys, outside)
	if err != nil {
		return err
	}
	if c.Output == "table" {
		if a := rep.About; a != nil {
			fmt.Fprintf(e.stdout, "audit pack of %s, %s to %s, built %s by %s\n", a.System, a.From.Format(time.DateOnly), a.To.Format(time.DateOnly), a.Built.Format(time.RFC3339), a.By)
		}
		fmt.Fprintf(e.stdout, "%d files, %d events, %d checkpoints and %d outside checkpoints, %d records, %d proofs, %d rows of registers hold\n",
			rep.Files, rep.Log.Leaves, rep.Log.Checkpoints, rep.Log.Outside, rep.Records, rep.Proofs, rep.Rows)
		for _, x := range rep.Caveats {
			fmt.Fprintln(e.stdout, "note:", x)
		}
		if rep.Holds() {
			fmt.Fprintln(e.stdout, "the pack holds")
		} else {
			fmt.Fprintln(e.stdout, "first thing that does not hold:", rep.Fault)
		}
	} else {
		out := map[string]any{"holds": rep.Holds(), "files": rep.Files, "events": rep.Log.Leaves, "checkpoints": rep.Log.Checkpoints, "outside_checkpoints": rep.Log.Outside,
			"records": rep.Records, "proofs": rep.Proofs, "rows": rep.Rows, "manifest": rep.Manifest, "caveats": rep.Caveats}
		if f := rep.Fault; f != nil {
			out["fault"] = map[string]any{"kind": string(f.Kind), "file": f.File, "leaf": f.Leaf, "detail": f.Detail}
		}
		if err := c.one(e.stdout, out); err != nil {
			return err
		}
	}
	if !rep.Holds() {
		return notHeld("the pack does not hold: %v", rep.Fault)
	}
	return nil
}

// keys are the public keys given, else the one in the data folder.
func (c *verifyCmd) keys() ([]note.Verifier, error) {
	paths := c.Key
	if len(paths) == 0 {
		paths = []string{filepath.Join(c.Data, "log.pub")}
	}
	var out []note.Verifier
	for _, path := range paths {
		if v, err := ledger.NewVerifier(path); err == nil && len(c.Key) > 0 {
			out = append(out, v) // the key itself, as it stands in the file
			continue
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) && len(c.Key) == 0 {
			return nil, usage("say with --key which public key the log is signed with: there is no %s", path)
		}
		if errors.Is(err, os.ErrNotExist) {
			return nil, usage("--key: %q is neither a public key (NAME+HASH+KEY, as it stands in log.pub) nor a file with one", path)
		}
		if err != nil {
			return nil, err
		}
		v, err := ledger.NewVerifier(strings.TrimSpace(string(b)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// tell prints what was read, what cannot be known, and the first position that does not hold.
func (c *verifyCmd) tell(e *env, rep ledger.Report) error {
	if c.Output == "table" {
		fmt.Fprintf(e.stdout, "%d events read, %d checkpoints and %d outside checkpoints hold, %d events wait for their leaf\n", rep.Leaves, rep.Checkpoints, rep.Outside, rep.Pending)
		for _, x := range rep.Caveats {
			fmt.Fprintln(e.stdout, "note:", x)
		}
		if rep.Holds() {
			fmt.Fprintln(e.stdout, "the log holds")
		} else {
			fmt.Fprintln(e.stdout, "first position that does not hold:", rep.Fault)
		}
	} else {
		out := map[string]any{"holds": rep.Holds(), "events": rep.Leaves, "checkpoints": rep.Checkpoints, "outside_checkpoints": rep.Outside,
			"pending": rep.Pending, "root": rep.Root.String(), "caveats": rep.Caveats}
		if f := rep.Fault; f != nil {
			out["fault"] = map[string]any{"kind": string(f.Kind), "leaf": f.Leaf, "until": f.Until, "event": f.Seq, "checkpoint": f.Checkpoint, "line": f.Line, "detail": f.Detail}
		}
		if err := c.one(e.stdout, out); err != nil {
			return err
		}
	}
	if !rep.Holds() {
		return notHeld("the log does not hold: %v", rep.Fault)
	}
	return nil
}

type checkpointCmd struct {
	place
	Out string `help:"File to write; standard output by default." placeholder:"FILE"`
}

// Run waits a moment for a running server to sign for what has just happened.
func (c *checkpointCmd) Run(e *env) error {
	return c.standing(e, func(o *boot.Opened) error {
		if err := sequenced(e, o); err != nil {
			return err
		}
		for try := 1; ; try++ {
			last := ""
			for cp, err := range o.LogSource().Checkpoints(e.ctx) {
				if err != nil {
					return err
				}
				last = cp.Note
			}
			if last != "" {
				return written(e, c.Out, func(w io.Writer) error {
					_, err := io.WriteString(w, last)
					return err
				})
			}
			if try > 3 {
				return errors.New("there is no checkpoint yet: one is signed a second after the first event")
			}
			time.Sleep(time.Second)
		}
	})
}
