// Package e2e holds tests that run the real program and treat it badly.
package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
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

	"steward/store/storetest/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// build makes the program as it is installed.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "steward")
	if out, err := exec.Command("go", "build", "-o", path, "steward/cmd/steward").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	return path
}

// program is one system that is started and killed.
type program struct {
	t     *testing.T
	path  string
	dir   string
	env   []string
	cmd   *exec.Cmd
	log   *bytes.Buffer
	url   string
	token string
}

func (p *program) command(args ...string) *exec.Cmd {
	c := exec.Command(p.path, args...)
	c.Dir, c.Env = p.dir, p.env
	return c
}

// run wants a command to end with 0 and gives what it printed.
func (p *program) run(args ...string) string {
	p.t.Helper()
	var out, bad bytes.Buffer
	c := p.command(args...)
	c.Stdout, c.Stderr = &out, &bad
	if err := c.Run(); err != nil {
		p.t.Fatalf("steward %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), bad.String())
	}
	return strings.TrimSpace(out.String())
}

func (p *program) start() {
	p.t.Helper()
	p.log = &bytes.Buffer{}
	p.cmd = p.command("serve", "--addr", "127.0.0.1:0", "--log", "warn")
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	r := bufio.NewReader(out)
	line, err := r.ReadString('\n')
	var ok bool
	if p.url, ok = strings.CutPrefix(strings.TrimSpace(line), "Steward answers at "); !ok {
		_ = p.cmd.Wait()
		p.t.Fatalf("serve says %q (%v): %s", line, err, p.log)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }() // ends with the program
}

func (p *program) kill() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
	_ = p.cmd.Wait() // "killed" is what was wanted
	if s := p.log.String(); strings.Contains(s, "panic") || strings.Contains(s, `"ERROR"`) {
		p.t.Errorf("the log of the killed server: %s", s)
	}
}

// wish is one request that is repeated with its key until it is answered.
type wish struct{ method, path, key, body string }

var errKilled = errors.New("no answer")

// send gives the answer; errKilled when there was none.
func (p *program) send(c *http.Client, w wish) (int, map[string]any, error) {
	r, err := http.NewRequest(w.method, p.url+"/api/v1"+w.path, strings.NewReader(w.body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Authorization", "Bearer "+p.token)
	if w.body != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", w.key)
	}
	res, err := c.Do(r)
	if err != nil {
		return 0, nil, errKilled
	}
	defer res.Body.Close()
	var m map[string]any
	if err := json.NewDecoder(res.Body).Decode(&m); err != nil {
		return 0, nil, errKilled
	}
	return res.StatusCode, m, nil
}

// acked is what the server has said is done.
type acked struct {
	mu      sync.Mutex
	refs    map[string]string // title -> ref
	started map[string]bool   // ref: was started, with a comment, in one command
	pairs   map[string]bool   // key of a batch of two
	open    []wish            // that were never answered
}

func (a *acked) keep(f func()) { a.mu.Lock(); defer a.mu.Unlock(); f() }

// write gives one command after the other until there is no answer.
func (p *program) write(a *acked, name string) error {
	c := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
	defer c.CloseIdleConnections()
	for n := 0; ; n++ {
		title := fmt.Sprintf("%s-%d", name, n)
		w := wish{"POST", "/incidents", title, fmt.Sprintf(`{"title":%q,"impact":2,"urgency":2}`, title)}
		status, m, err := p.send(c, w)
		switch {
		case errors.Is(err, errKilled):
			a.keep(func() { a.open = append(a.open, w) })
			return nil
		case err != nil || status != 201:
			return fmt.Errorf("create: %d %v %w", status, m, err)
		}
		ref := m["ref"].(string)
		a.keep(func() { a.refs[title] = ref })
		if n%3 == 0 {
			w := wish{"POST", "/incidents/" + ref + "/transitions/start", title + "-start", `{"comment":"on it"}`}
			switch status, m, err := p.send(c, w); {
			case errors.Is(err, errKilled):
				a.keep(func() { a.open = append(a.open, w) })
				return nil
			case err != nil || status != 200:
				return fmt.Errorf("start: %d %v %w", status, m, err)
			}
			a.keep(func() { a.started[ref] = true })
		}
		if n%5 == 0 {
			key := title + "-pair"
			one := func(half string) string {
				return fmt.Sprintf(`{"method":"POST","path":"/api/v1/incidents","body":{"title":%q}}`, key+half)
			}
			w := wish{"POST", "/batch", key, `{"atomic":true,"commands":[` + one("/a") + "," + one("/b") + `]}`}
			switch status, m, err := p.send(c, w); {
			case errors.Is(err, errKilled):
				a.keep(func() { a.open = append(a.open, w) })
				return nil
			case err != nil || status != 200:
				return fmt.Errorf("batch: %d %v %w", status, m, err)
			}
			a.keep(func() { a.pairs[key] = true })
		}
	}
}

type row struct{ ref, state string }

// all reads every incident and wants each ref once.
func (p *program) all() map[string][]row {
	p.t.Helper()
	out, refs := map[string][]row{}, map[string]bool{}
	q := url.Values{"limit": {"200"}, "sort": {"id"}, "fields": {"ref,title,state"}}
	for {
		status, m, err := p.send(http.DefaultClient, wish{"GET", "/incidents?" + q.Encode(), "", ""})
		if err != nil || status != 200 {
			p.t.Fatalf("list: %d %v %v", status, m, err)
		}
		for _, x := range m["items"].([]any) {
			r := x.(map[string]any)
			ref, title := r["ref"].(string), r["title"].(string)
			if refs[ref] {
				p.t.Errorf("the ref %s is there twice", ref)
			}
			refs[ref] = true
			out[title] = append(out[title], row{ref, r["state"].(string)})
		}
		next, ok := m["next"].(string)
		if !ok {
			return out
		}
		q.Set("cursor", next)
	}
}

// check holds what is there against what was said to be done.
func (p *program) check(a *acked) {
	t := p.t
	t.Helper()
	there := p.all()
	for title, ref := range a.refs {
		if rs := there[title]; len(rs) != 1 || rs[0].ref != ref {
			t.Errorf("%s was acknowledged as %s; there is %v", title, ref, rs)
		}
	}
	for title, rs := range there {
		if len(rs) > 1 {
			t.Errorf("%s is there %d times", title, len(rs))
		}
		if key, ok := strings.CutSuffix(title, "/a"); ok && len(there[key+"/b"]) != 1 {
			t.Errorf("half of the batch %s is missing", key)
		}
		if key, ok := strings.CutSuffix(title, "/b"); ok && len(there[key+"/a"]) != 1 {
			t.Errorf("half of the batch %s is missing", key)
		}
		status, m, err := p.send(http.DefaultClient, wish{"GET", "/incidents/" + rs[0].ref + "/comments", "", ""})
		if err != nil || status != 200 {
			t.Fatalf("comments: %d %v %v", status, m, err)
		}
		said, began := len(m["items"].([]any)), rs[0].state == "in_progress"
		if began && said != 1 || !began && said != 0 {
			t.Errorf("%s (%s) is %s and has %d comments: half of a command", rs[0].ref, title, rs[0].state, said)
		}
		if a.started[rs[0].ref] && !began {
			t.Errorf("%s was acknowledged as started and is %s", rs[0].ref, rs[0].state)
		}
	}
	for key := range a.pairs {
		if len(there[key+"/a"]) != 1 || len(there[key+"/b"]) != 1 {
			t.Errorf("the batch %s was acknowledged and is not there", key)
		}
	}
}

// TestNoAcknowledgedWriteIsLostWhenTheProgramIsKilled: eight writers, kill -9, three rounds.
func TestNoAcknowledgedWriteIsLostWhenTheProgramIsKilled(t *testing.T) {
	path := build(t)
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			p := &program{t: t, path: path, dir: t.TempDir(), env: append(os.Environ(), "STEWARD_DATA=data")}
			if engine == "postgres" {
				p.env = append(p.env, "STEWARD_DATABASE="+pgtest.URL(t))
			}
			p.token = p.run("token", "create", "--user", "admin")
			a := &acked{refs: map[string]string{}, started: map[string]bool{}, pairs: map[string]bool{}}
			t.Cleanup(func() {
				if p.cmd != nil && p.cmd.ProcessState == nil {
					p.kill()
				}
			})
			for round := range 3 {
				p.start()
				for _, w := range a.open { // what was never answered is asked again with its key
					status, m, err := p.send(http.DefaultClient, w)
					// A batch that landed while its answer was lost is said to have been carried out.
					done := status == 409 && w.path == "/batch" && strings.Contains(fmt.Sprint(m["detail"]), "was carried out")
					if err != nil || status != 200 && status != 201 && !done {
						t.Errorf("repeating %s: %d %v %v", w.key, status, m, err)
					} else if w.path == "/batch" {
						a.pairs[w.key] = true
					}
				}
				a.open = nil
				p.check(a)
				var writers sync.WaitGroup
				failed := make(chan error, 8)
				for w := range 8 {
					writers.Go(func() { failed <- p.write(a, fmt.Sprintf("r%dw%d", round, w)) })
				}
				time.Sleep(400*time.Millisecond + rand.N(600*time.Millisecond))
				p.kill()
				writers.Wait()
				for range 8 {
					if err := <-failed; err != nil {
						t.Error(err)
					}
				}
				p.run("doctor", "--replay", "-1")
				p.run("verify")
			}
			p.start()
			p.check(a)
			if len(a.refs) < 24 {
				t.Errorf("only %d writes were acknowledged: nothing was tested", len(a.refs))
			}
			t.Logf("%d creates, %d steps and %d batches were acknowledged", len(a.refs), len(a.started), len(a.pairs))
			p.run("verify") // beside the server
			if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := p.cmd.Wait(); err != nil {
				t.Errorf("serve ended with %v: %s", err, p.log)
			}
			p.run("doctor")
			p.run("verify")
		})
	}
}
