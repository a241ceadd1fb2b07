package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrMissing is returned where PostgreSQL is not installed.
var ErrMissing = errors.New("PostgreSQL is not installed: on Debian run 'apt-get install postgresql', " +
	"elsewhere put initdb and postgres on PATH, or set " + EnvURL + " to the URL of a server for tests")

// Oldest is the oldest major version that Steward is tested on: drop database with (force) and
// create database with a strategy need it.
const Oldest = 15

// superuser is the server's; the operating system knows no such user, and need not.
const superuser = "steward_test"

// keeper starts a server and ends it when its standard input does. That is when the process which
// holds the other end stops it or dies, in whatever way: no kill, panic or time-out can leave a
// server behind, on any Unix. It runs in a process group of its own, lest Ctrl-C in a terminal end
// the keeper before the server. QUIT is an immediate shutdown: nothing here is worth a checkpoint.
const keeper = `
"$1" -D "$2/data" -c config_file="$2/test.conf" </dev/null >"$2/log" 2>&1 &
server=$!
trap '' INT TERM HUP
cat >/dev/null
kill -QUIT "$server" 2>/dev/null
wait "$server" 2>/dev/null
cd / && rm -rf "$2"
`

// settings make a server fast and forgetful. Durability is not what these tests test; the fault
// tests start servers of their own.
const settings = `listen_addresses = '127.0.0.1'
unix_socket_directories = ''
port = %d
max_connections = 300
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
checkpoint_timeout = 1h
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
`

// Server is a running PostgreSQL server in a temporary folder, reachable on loopback only.
type Server struct {
	dir      string
	port     int
	password string
	keeper   *exec.Cmd
	hold     io.Closer // the keeper's standard input: closing it ends the server
	ended    chan struct{}
	stop     sync.Once
	stopErr  error
}

// URL connects to the server's own database as its superuser.
func (s *Server) URL() string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, s.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Start makes a cluster and starts a server on it, as an unprivileged user when run as root, as
// PostgreSQL demands. ctx bounds the start, not the life of the server. The error wraps
// [ErrMissing] where there is nothing to start.
func Start(ctx context.Context) (s *Server, err error) {
	// Somebody may take the port between our asking for a free one and the server's taking it.
	for range 5 {
		if s, err = start(ctx); !errors.Is(err, errPortTaken) {
			break
		}
	}
	return s, err
}

var errPortTaken = errors.New("pgtest: somebody else took the port")

func start(ctx context.Context) (_ *Server, err error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(reachable(as), "steward-pgtest-")
	if err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	s := &Server{dir: dir, password: rand.Text()}
	defer func() {
		if err != nil {
			_ = s.Stop() // the first error is the one to tell
		}
	}()
	secret := filepath.Join(dir, "password")
	if err := os.WriteFile(secret, []byte(s.password+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("pgtest: %w", err)
	}
	if err := as.own(dir, secret); err != nil {
		return nil, fmt.Errorf("pgtest: handing %s to the user who runs PostgreSQL: %w", dir, err)
	}
	if err := initdb(ctx, filepath.Join(bin, "initdb"), dir, as); err != nil {
		return nil, err
	}
	if s.port, err = freePort(ctx); err != nil {
		return nil, fmt.Errorf("pgtest: no free port: %w", err)
	}
	if err := s.serve(ctx, filepath.Join(bin, "postgres"), as); err != nil {
		return nil, err
	}
	return s, nil
}

// initdb makes the cluster with a UTF-8 locale that folds case beyond ASCII, as production has.
func initdb(ctx context.Context, program, dir string, as account) error {
	var out []byte
	var err error
	for _, locale := range []string{"C.UTF-8", "en_US.UTF-8"} { // macOS has only the second
		data := filepath.Join(dir, "data")
		_ = os.RemoveAll(data) // of the attempt before
		c := exec.CommandContext(ctx, program, "--pgdata="+data, "--username="+superuser, "--auth=scram-sha-256",
			"--pwfile="+filepath.Join(dir, "password"), "--encoding=UTF8", "--locale="+locale, "--no-sync", "--no-instructions")
		as.take(c)
		c.Dir = dir
		if out, err = c.CombinedOutput(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("pgtest: initdb: %w\n%s", err, bytes.TrimSpace(out))
}

// serve starts the keeper and waits until the server answers.
func (s *Server) serve(ctx context.Context, program string, as account) error {
	conf := filepath.Join(s.dir, "test.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, settings, s.port), 0o600); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	if err := as.own(conf); err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	//nolint:noctx // ctx bounds the start; the server lives until Stop
	s.keeper = exec.Command("/bin/sh", "-c", keeper, "pgtest-keeper", program, s.dir)
	as.take(s.keeper)
	s.keeper.Dir = s.dir
	s.keeper.Env = append(os.Environ(), "LC_ALL=C") // its messages are looked at below
	hold, err := s.keeper.StdinPipe()
	if err != nil {
		return fmt.Errorf("pgtest: %w", err)
	}
	s.hold, s.ended = hold, make(chan struct{})
	if err := s.keeper.Start(); err != nil {
		return fmt.Errorf("pgtest: starting PostgreSQL: %w", err)
	}
	ended := s.ended
	go func(c *exec.Cmd) { // ends with the keeper, which Stop waits for
		_ = c.Wait()
		close(ended)
	}(s.keeper)

	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.URL())
		if err == nil {
			var major int
			err = c.QueryRow(ctx, "select current_setting('server_version_num')::int / 10000").Scan(&major)
			_ = c.Close(ctx)
			if err == nil && major < Oldest {
				return fmt.Errorf("pgtest: PostgreSQL %d is too old: install %d or newer", major, Oldest)
			}
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("pgtest: PostgreSQL did not answer: %w\n%s", err, s.log())
		case <-time.After(20 * time.Millisecond):
		}
		switch last := s.lastWords(); {
		case strings.Contains(last, "Address already in use"):
			return errPortTaken
		case last != "":
			return fmt.Errorf("pgtest: PostgreSQL did not start: %s", last)
		}
	}
}

func (s *Server) log() string {
	b, _ := os.ReadFile(filepath.Join(s.dir, "log")) // not there yet: nothing was said
	return string(bytes.TrimSpace(b))
}

// lastWords is what the server said if it gave up, else nothing. It alone knows: the keeper lives
// on, waiting for us.
func (s *Server) lastWords() string {
	log := s.log()
	for line := range strings.Lines(log) {
		if strings.Contains(line, "FATAL:") && !strings.Contains(line, "the database system is starting up") {
			return log
		}
	}
	return ""
}

// halt ends the keeper, which ends the server and removes the folder.
func (s *Server) halt() {
	if s.hold == nil {
		return
	}
	_ = s.hold.Close() // closed twice is closed
	<-s.ended
}

// Stop ends the server and removes its folder. A second call changes nothing.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		s.halt()
		if _, err := os.Stat(s.dir); err == nil {
			s.stopErr = os.RemoveAll(s.dir)
		}
	})
	return s.stopErr
}

func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// places are where packages put the server's programs.
var places = []string{
	"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin",
	"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
}

// binaries is the folder with initdb and postgres: that on PATH, else the newest in places:
// Debian does not put them on PATH.
func binaries() (string, error) {
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if initdb, err = filepath.EvalSymlinks(initdb); err == nil && hasBoth(filepath.Dir(initdb)) {
			return filepath.Dir(initdb), nil
		}
	}
	var found []string
	for _, pattern := range places {
		dirs, err := filepath.Glob(pattern)
		if err != nil {
			return "", fmt.Errorf("pgtest: %w", err)
		}
		for _, d := range dirs {
			if hasBoth(d) {
				found = append(found, d)
			}
		}
	}
	if len(found) == 0 {
		return "", ErrMissing
	}
	return slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) }), nil
}

func hasBoth(dir string) bool {
	for _, name := range []string{"initdb", "postgres"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return false
		}
	}
	return true
}

// version is the number in a path such as /usr/lib/postgresql/15/bin; 0 if it names none.
func version(dir string) int {
	digits := strings.FieldsFunc(dir, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(digits[len(digits)-1]) // digits only; absurdly many sort last
	return n
}
