// Package cli is the command line: it turns arguments into calls of boot, system and the API, and
// answers into text.
//
// In: arguments, a config file, environment variables, standard input. Out: what was asked for on
// standard output, errors on standard error, one line a cause.
//
// Start at [Main], then commands below for the list; a group of commands is one file and one line of
// that list. place.go opens the system on this machine, remote.go talks to a running server.
// Always true: exit code 0 is done, 1 failed, 2 wrong usage, 3 a check or verification did not hold;
// a command that only looks sets nothing up and migrates nothing.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"steward/kernel/fault"
)

// Version of the program; set when a release is built.
var Version = "0.1.0-dev"

// The exit codes, as the contract has them.
const (
	exitDone = iota
	exitFailed
	exitUsage
	exitNotHeld
)

// exit is an error that ends the program with a code of its own.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

// notHeld ends with 3: a check or verification did not hold.
func notHeld(format string, args ...any) error {
	return &exit{exitNotHeld, fmt.Errorf(format, args...)}
}

// usage ends with 2: the command cannot be meant so.
func usage(format string, args ...any) error { return &exit{exitUsage, fmt.Errorf(format, args...)} }

// env is what every command gets.
type env struct {
	ctx            context.Context // ends with SIGINT and SIGTERM
	release        func()          // gives the signals back: the next one kills
	stdin          io.Reader
	stdout, stderr io.Writer
}

// commands are all commands, in the order in which help shows them.
type commands struct {
	Serve      serveCmd      `cmd:"" group:"Running" help:"Run everything in one process."`
	Token      tokenCmd      `cmd:"" group:"Running" help:"Bearer tokens: create, list, revoke."`
	User       userCmd       `cmd:"" group:"Running" help:"Users: add, list, disable, enable, password."`
	Get        getCmd        `cmd:"" group:"Records of a running server" help:"Show records."`
	Create     createCmd     `cmd:"" group:"Records of a running server" help:"Make a record."`
	Update     updateCmd     `cmd:"" group:"Records of a running server" help:"Change a record."`
	Do         doCmd         `cmd:"" group:"Records of a running server" help:"Take a step with a record."`
	Comment    commentCmd    `cmd:"" group:"Records of a running server" help:"Answer on a record, or leave a note."`
	Link       linkCmd       `cmd:"" group:"Records of a running server" help:"Join two records."`
	Unlink     unlinkCmd     `cmd:"" group:"Records of a running server" help:"End a link; its history stays."`
	Import     importCmd     `cmd:"" group:"In and out" help:"Take over what other tools and tables hold."`
	Export     exportCmd     `cmd:"" group:"In and out" help:"Write records, or the whole log, to a file."`
	Conformity conformityCmd `cmd:"" group:"Proof" help:"The state of every requirement; exits 3 if there is a gap."`
	Crosswalk  crosswalkCmd  `cmd:"" group:"Proof" help:"The same evidence as ITIL 4, ISO 9001, ISO/IEC 27001, CMMI-SVC and FitSM see it."`
	OSCAL      oscalCmd      `cmd:"" name:"oscal" group:"Proof" help:"Requirements and verdicts as NIST OSCAL documents: catalog, profile, assessment-results."`
	AuditPack  auditPackCmd  `cmd:"" group:"Proof" help:"Write what an auditor asks of a period into one zip, with proofs."`
	Verify     verifyCmd     `cmd:"" group:"Proof" help:"Prove that nothing logged was altered, dropped or back-dated; exits 3 if it was."`
	Checkpoint checkpointCmd `cmd:"" group:"Proof" help:"Write the newest signed checkpoint, so that it can leave the machine."`
	Backup     backupCmd     `cmd:"" group:"Upkeep" help:"Write everything into one file, beside a running server."`
	Restore    restoreCmd    `cmd:"" group:"Upkeep" help:"Put a backup into an empty place."`
	Move       moveCmd       `cmd:"" group:"Upkeep" help:"Copy a whole system between databases and prove that both hold the same."`
	Migrate    migrateCmd    `cmd:"" group:"Upkeep" help:"Bring the schema up to this program's."`
	Doctor     doctorCmd     `cmd:"" group:"Upkeep" help:"Check a system's health and say how to mend it; exits 3 if something does not hold."`
	Completion completionCmd `cmd:"" group:"Upkeep" help:"Print a completion script for bash, zsh or fish."`
	Version    versionCmd    `cmd:"" group:"Upkeep" help:"Print the version."`
}

const about = `Steward, a service management system (ISO/IEC 20000-1).

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a check or verification did not hold.`

// Main runs one command and gives its exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e := &env{ctx, stop, stdin, stdout, stderr}
	settings, err := readSettings(args)
	if err != nil {
		return end(stderr, err)
	}
	var c commands
	helped := -1
	p, err := kong.New(&c, kong.Name("steward"), kong.Description(about), kong.Writers(stdout, stderr),
		kong.Exit(func(n int) { helped = n }), kong.Resolvers(settings), kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.WithHyphenPrefixedParameters(true))
	if err != nil {
		return end(stderr, err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := p.Parse(args)
	if helped >= 0 {
		return helped
	}
	if err != nil {
		fmt.Fprintf(stderr, "steward: %v (steward %s shows how)\n", err, helpFor(err))
		return exitUsage
	}
	return end(stderr, k.Run(e))
}

// helpFor is the call that shows help for the command that was not understood.
func helpFor(err error) string {
	var p *kong.ParseError
	if errors.As(err, &p) && p.Context != nil {
		if n := p.Context.Selected(); n != nil {
			return strings.TrimPrefix(n.FullPath(), "steward ") + " --help"
		}
	}
	return "--help"
}

// end says why a command failed, one line a cause, and gives its exit code.
func end(stderr io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	for _, line := range causes(err) {
		fmt.Fprintln(stderr, "steward:", line)
	}
	var x *exit
	if errors.As(err, &x) {
		return x.code
	}
	return exitFailed
}

func causes(err error) []string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return strings.Split(strings.TrimSpace(err.Error()), "\n")
	}
	var out []string
	if f.Detail != "" && len(f.Refusals) == 0 {
		line := f.Detail
		if f.Position >= 0 {
			line = fmt.Sprintf("%s (at position %d)", line, f.Position)
		}
		out = append(out, line)
	}
	for _, r := range f.Refusals {
		out = append(out, cause(r.Field, r.Reason, r.Mend))
	}
	if len(out) == 0 {
		out = append(out, string(f.Kind))
	}
	return out
}

// cause is one refusal as a line: field, reason, how to mend.
func cause(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ": ")
}

type versionCmd struct{}

func (versionCmd) Run(e *env) error {
	_, err := fmt.Fprintln(e.stdout, "steward", Version)
	return err
}
