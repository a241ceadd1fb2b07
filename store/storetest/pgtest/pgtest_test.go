//go:build unix

package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) {
	if os.Getenv("PGTEST_DIE") != "" {
		dieHoldingAServer()
	}
	Main(m)
}

// connect opens a connection for the length of the test.
func connect(t *testing.T, to string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	a, b := URL(t), URL(t)
	if a == b {
		t.Fatalf("the same database twice: %s", a)
	}
	if _, err := connect(t, a).Exec(t.Context(), "create table only_here (x int)"); err != nil {
		t.Fatal(err)
	}
	var tables int
	if err := connect(t, b).QueryRow(t.Context(), "select count(*) from pg_tables where tablename = 'only_here'").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("the other test's table is seen %d times, %v", tables, err)
	}
	var encoding, folded string
	if err := connect(t, b).QueryRow(t.Context(), "select current_setting('server_encoding'), lower('ÄÉ')").Scan(&encoding, &folded); err != nil {
		t.Fatal(err)
	}
	if encoding != "UTF8" || folded != "äé" {
		t.Errorf("encoding %s, and ÄÉ in lower case is %s: not what production has", encoding, folded)
	}
}

func TestDatabaseIsGoneAfterItsTestThoughSomebodyIsConnected(t *testing.T) {
	admin := connect(t, mustServer(t))
	var name string
	var left *pgx.Conn
	t.Run("a test that forgets to close", func(t *testing.T) {
		to := URL(t)
		u, err := url.Parse(to)
		if err != nil {
			t.Fatal(err)
		}
		name = strings.TrimPrefix(u.Path, "/")
		if left, err = pgx.Connect(t.Context(), to); err != nil {
			t.Fatal(err)
		}
	})
	defer func() { _ = left.Close(context.Background()) }()
	var n int
	if err := admin.QueryRow(t.Context(), "select count(*) from pg_database where datname = $1", name).Scan(&n); err != nil || n != 0 {
		t.Errorf("database %s is there %d times after its test, %v", name, n, err)
	}
}

func TestManyTestsMayAskAtOnce(t *testing.T) {
	mustServer(t)
	var urls sync.Map
	t.Run("all", func(t *testing.T) {
		for range 8 {
			t.Run("one", func(t *testing.T) {
				t.Parallel()
				u := URL(t)
				if _, twice := urls.LoadOrStore(u, true); twice {
					t.Errorf("%s was given twice", u)
				}
				if err := connect(t, u).Ping(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
	})
}

func mustServer(t *testing.T) string {
	t.Helper()
	URL(t) // skips or fails as any test would
	s, err := serverURL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestServerRefusesWhoeverDoesNotKnowThePassword(t *testing.T) {
	s := start1(t)
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(superuser, "guessed")
	if c, err := pgx.Connect(t.Context(), u.String()); err == nil {
		_ = c.Close(t.Context())
		t.Error("anybody on this machine may use the server, and with it the account that runs it")
	}
}

// start1 starts a server besides the shared one.
func start1(t *testing.T) *Server {
	t.Helper()
	s, err := Start(t.Context())
	if errors.Is(err, ErrMissing) && os.Getenv("CI") != "true" {
		t.Skipf("NOT TESTED: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestStopLeavesNothingBehind(t *testing.T) {
	s := start1(t)
	pid := postmaster(t, s.dir)
	if !alive(pid) {
		t.Fatalf("postmaster %d is not running while the server answers", pid)
	}
	for range 2 { // the second call changes nothing
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if alive(pid) {
		t.Errorf("postmaster %d is still running", pid)
	}
	if _, err := os.Stat(s.dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", s.dir, err)
	}
}

// dieHoldingAServer is what another test process does for the next test.
func dieHoldingAServer() {
	s, err := Start(context.Background())
	if err != nil {
		fmt.Println("ERROR", err)
		os.Exit(1)
	}
	fmt.Println(s.dir)
	if os.Getenv("PGTEST_DIE") == "panic" {
		panic("as a test would")
	}
	time.Sleep(time.Hour)
}

func TestServerDoesNotOutliveATestProcessThatIsKilledOrPanics(t *testing.T) {
	if _, err := binaries(); err != nil && os.Getenv("CI") != "true" {
		t.Skipf("NOT TESTED: %v", err)
	}
	for _, how := range []string{"kill", "panic"} {
		t.Run(how, func(t *testing.T) {
			c := exec.Command(os.Args[0], "-test.run=^$")
			c.Env = append(os.Environ(), "PGTEST_DIE="+how)
			out, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			dir, err := bufio.NewReader(out).ReadString('\n')
			if dir = strings.TrimSpace(dir); err != nil || strings.HasPrefix(dir, "ERROR") {
				t.Fatalf("no server: %s, %v", dir, err)
			}
			pid := 0
			if how == "kill" { // the panicking one may be gone before we look
				pid = postmaster(t, dir)
				if err := c.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			if err := c.Wait(); err == nil {
				t.Error("the process ended well")
			}
			// The folder goes last, after the server. Nobody tells us: look until it is gone.
			for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
				if _, err := os.Stat(dir); os.IsNotExist(err) {
					break
				}
				if time.Now().After(deadline) {
					t.Fatalf("%s is still there", dir)
				}
			}
			if pid != 0 && alive(pid) {
				t.Errorf("postmaster %d is still running", pid)
			}
		})
	}
}

// unshared makes the test begin as a process does, with no server known.
func unshared(t *testing.T) {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	keptURL, keptErr, keptOwn := sharedURL, sharedErr, ownStarted
	sharedURL, sharedErr, ownStarted = "", nil, nil
	t.Cleanup(func() {
		shared.Lock()
		defer shared.Unlock()
		sharedURL, sharedErr, ownStarted = keptURL, keptErr, keptOwn
	})
}

// outcome is a test that only notes how it ended.
type outcome struct {
	testing.TB
	how, why string
}

func (o *outcome) Helper() {}
func (o *outcome) Skipf(format string, args ...any) {
	o.how, o.why = "skipped", fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (o *outcome) Fatalf(format string, args ...any) {
	o.how, o.why = "failed", fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestWithoutPostgreSQLTestsAreSkippedLoudlyAndFailInCI(t *testing.T) {
	kept := places
	places = nil
	defer func() { places = kept }()
	t.Setenv("PATH", t.TempDir())
	t.Setenv(EnvURL, "")
	for ci, want := range map[string]string{"": "skipped", "true": "failed"} {
		unshared(t)
		t.Setenv("CI", ci)
		var o outcome
		done := make(chan struct{})
		go func() {
			defer close(done)
			URL(&o)
		}()
		<-done
		if o.how != want || !strings.Contains(o.why, "apt-get install postgresql") {
			t.Errorf("with CI=%q it %s saying %q, want %s and how to install", ci, o.how, o.why, want)
		}
	}
}

func TestServerGivenByItsURLIsUsedAndNotStopped(t *testing.T) {
	s := start1(t)
	unshared(t)
	t.Setenv(EnvURL, s.URL())
	if to := URL(t); !strings.Contains(to, ":"+strconv.Itoa(s.port)+"/") {
		t.Errorf("%s is not on the server given, %s", to, s.URL())
	}
	if err := stopShared(); err != nil {
		t.Fatal(err)
	}
	if !alive(postmaster(t, s.dir)) {
		t.Error("a server that others use was stopped")
	}
}

func TestMissingPostgreSQLSaysHowToGetIt(t *testing.T) {
	for _, part := range []string{"apt-get install postgresql", EnvURL} {
		if !strings.Contains(ErrMissing.Error(), part) {
			t.Errorf("%q does not name %q", ErrMissing, part)
		}
	}
}

func TestNewestInstalledVersionIsTaken(t *testing.T) {
	for dir, want := range map[string]int{
		"/usr/lib/postgresql/15/bin": 15, "/usr/pgsql-18/bin": 18, "/usr/local/pgsql/bin": 0, "/opt/homebrew/opt/postgresql@16/bin": 16,
	} {
		if got := version(filepath.FromSlash(dir)); got != want {
			t.Errorf("%s is version %d, want %d", dir, got, want)
		}
	}
}

// postmaster is the server's process id, from the first line of its pid file.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(b), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// alive reports whether pid runs. One that has ended and waits to be reaped does not.
func alive(pid int) bool {
	if runtime.GOOS == "linux" {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			return false
		}
		fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		return fields[0] != "Z"
	}
	return syscall.Kill(pid, 0) == nil
}
