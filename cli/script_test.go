package cli_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"steward/cli"
	_ "steward/store" // the driver of SQLite
	"steward/store/storetest/pgtest"
)

// TestMain runs the program itself where a script says `steward`.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"steward": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestSessions runs what people type and see: testdata/script.
func TestSessions(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireUniqueNames: true,
		Cmds: words})
}

// words are what scripts may say besides testscript's own.
var words = map[string]func(*testscript.TestScript, bool, []string){"server": server, "sql": query, "ask": ask, "from": from, "code": code,
	"sleep-second": func(*testscript.TestScript, bool, []string) { time.Sleep(1100 * time.Millisecond) }} // what a token may be is kept for a second

// TestASessionOnPostgres runs the sessions that name no engine on the other one too.
func TestASessionOnPostgres(t *testing.T) {
	for _, name := range []string{"session", "records", "users", "doctor_healthy"} {
		t.Run(name, func(t *testing.T) {
			db := pgtest.URL(t)
			testscript.Run(t, testscript.Params{Files: []string{"testdata/script/" + name + ".txt"},
				Setup: func(e *testscript.Env) error { e.Setenv("STEWARD_DATABASE", db); return nil },
				Cmds:  words})
		})
	}
}

// served are the servers that scripts run, by their working directory.
var served sync.Map

type running struct {
	cmd  *exec.Cmd
	out  said
	done chan error
}

// said is what a program has printed so far.
type said struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// server start ARG... runs `steward serve` until it answers and sets STEWARD_SERVER; server
// says TEXT waits until it has printed that and puts all it has printed into the file served; server
// stop ends it with SIGTERM and wants code 0; server kill ends it as a power cut does.
func server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: server start|says|stop|kill")
	}
	work := ts.Getenv("WORK")
	switch args[0] {
	case "start":
		path := ""
		for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
			if p := filepath.Join(dir, "steward"); path == "" {
				if _, err := os.Stat(p); err == nil {
					path = p
				}
			}
		}
		c := exec.Command(path, append([]string{"serve", "--addr", "127.0.0.1:0"}, args[1:]...)...)
		c.Dir = ts.MkAbs(".")
		for _, name := range []string{"PATH", "HOME", "TMPDIR", "STEWARD_DATA", "STEWARD_DATABASE", "STEWARD_CONFIG", "STEWARD_ZONE"} {
			if v := ts.Getenv(name); v != "" {
				c.Env = append(c.Env, name+"="+v)
			}
		}
		log := &strings.Builder{}
		c.Stderr = log
		stdout, err := c.StdoutPipe()
		ts.Check(err)
		ts.Check(c.Start())
		r := &running{cmd: c, done: make(chan error, 1)}
		served.Store(work, r)
		ts.Defer(func() { _ = c.Process.Kill() })
		in := bufio.NewReader(stdout)
		line, err := in.ReadString('\n')
		addr, ok := strings.CutPrefix(strings.TrimSpace(line), "Steward answers at ")
		if err != nil || !ok {
			_ = c.Wait()
			ts.Fatalf("serve says %q: %s", line, log)
		}
		ts.Setenv("STEWARD_SERVER", addr)
		_, _ = r.out.Write([]byte(line))
		go func() {
			_, _ = io.Copy(&r.out, in) // ends with the program
			r.done <- c.Wait()
		}()
	case "says":
		v, ok := served.Load(work)
		if !ok || len(args) != 2 {
			ts.Fatalf("no server runs, or nothing to wait for")
		}
		r := v.(*running)
		for end := time.Now().Add(10 * time.Second); !strings.Contains(r.out.String(), args[1]); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				ts.Fatalf("serve does not say %q but %q", args[1], r.out.String())
			}
		}
		ts.Check(os.WriteFile(ts.MkAbs("served"), []byte(r.out.String()), 0o600))
	case "stop", "kill":
		v, ok := served.LoadAndDelete(work)
		if !ok {
			ts.Fatalf("no server runs")
		}
		r := v.(*running)
		sig := syscall.SIGTERM
		if args[0] == "kill" {
			sig = syscall.SIGKILL
		}
		ts.Check(r.cmd.Process.Signal(sig))
		select {
		case err := <-r.done:
			if args[0] == "stop" && err != nil {
				ts.Fatalf("serve ended with %v: %s", err, r.cmd.Stderr)
			}
		case <-time.After(20 * time.Second):
			ts.Fatalf("serve does not end: %s", r.cmd.Stderr)
		}
		ts.Check(os.WriteFile(ts.MkAbs("served"), []byte(r.out.String()), 0o600))
	default:
		ts.Fatalf("unknown: server %s", args[0])
	}
}

// code N PROGRAM ARG... wants the program to end with exactly that code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N PROGRAM ARG...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var x *exec.ExitError
	if errors.As(err, &x) {
		got = x.ExitCode()
	} else {
		ts.Check(err)
	}
	if fmt.Sprint(got) != args[0] {
		ts.Fatalf("%s ended with %d, not %s", strings.Join(args[1:], " "), got, args[0])
	}
}

// sql FILE STATEMENT writes to a database around Steward, as somebody does who has its file.
func query(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sql FILE STATEMENT")
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: ts.MkAbs(args[0])}).EscapedPath()+"?_pragma=busy_timeout(10000)")
	ts.Check(err)
	defer db.Close()
	res, err := db.Exec(args[1])
	ts.Check(err)
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		ts.Fatalf("%s changed nothing (%v)", args[1], err)
	}
}

// ask STATUS METHOD PATH [NAME=VALUE...] asks the server as a browser does; the answer is in the file
// answer. from FILE NAME PATTERN... sets an environment variable to what follows the words in FILE.
func ask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: ask STATUS METHOD PATH [NAME=VALUE...]")
	}
	form := url.Values{}
	for _, a := range args[3:] {
		k, v, _ := strings.Cut(a, "=")
		form.Set(k, v)
	}
	var body io.Reader
	if len(form) > 0 {
		body = strings.NewReader(form.Encode())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, args[1], ts.Getenv("STEWARD_SERVER")+args[2], body)
	ts.Check(err)
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := http.DefaultClient.Do(r)
	ts.Check(err)
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("answer"), b, 0o600))
	if fmt.Sprint(res.StatusCode) != args[0] {
		ts.Fatalf("%s %s answers %d: %s", args[1], args[2], res.StatusCode, b)
	}
}

// from FILE NAME BEFORE sets NAME to the word that follows BEFORE in FILE; stdout is a file too.
func from(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: from FILE NAME BEFORE")
	}
	_, after, ok := strings.Cut(ts.ReadFile(args[0]), args[2])
	if f := strings.Fields(after); ok && len(f) > 0 {
		ts.Setenv(args[1], f[0])
		return
	}
	ts.Check(errors.New(args[0] + " does not say " + args[2]))
}
