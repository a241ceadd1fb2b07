package browser

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// password of everybody in the worlds of these tests, and of everybody in the demo.
const (
	password     = "correct horse battery"
	demoPassword = "nordlicht-demo-2026"
)

// server is one running program over a folder of its own.
type server struct {
	dir, url, token string
	setup           string // the one-time address that it printed
	cmd             *exec.Cmd
	log             *locked
}

// locked is a buffer that a process writes and a test reads.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) { l.mu.Lock(); defer l.mu.Unlock(); return l.b.Write(p) }
func (l *locked) String() string              { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

// run gives a command of the program over the server's folder.
func (s *server) run(t testing.TB, stdin string, args ...string) string {
	t.Helper()
	c := exec.Command(program(t), args...)
	c.Env = append(os.Environ(), "STEWARD_DATA="+s.dir)
	c.Stdin = strings.NewReader(stdin)
	var out, bad bytes.Buffer
	c.Stdout, c.Stderr = &out, &bad
	if err := c.Run(); err != nil {
		t.Fatalf("steward %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), bad.String())
	}
	return strings.TrimSpace(out.String())
}

// start starts it; addr ":0" takes a free port.
func (s *server) start(t testing.TB, addr string, more ...string) {
	t.Helper()
	s.log = &locked{}
	s.cmd = exec.Command(program(t), append([]string{"serve", "--addr", addr, "--log", "warn", "--zone", "Europe/Berlin"}, more...)...)
	s.cmd.Env = append(os.Environ(), "STEWARD_DATA="+s.dir)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		err = s.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := make(chan string, 16)
	go func() {
		for r := bufio.NewScanner(out); r.Scan(); {
			lines <- r.Text()
		}
		close(lines)
	}()
	for s.url = ""; s.url == ""; {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("the server ended: %s", s.log)
			}
			s.url, _ = strings.CutPrefix(line, "Steward answers at ")
		case <-time.After(time.Minute):
			t.Fatalf("the server does not answer: %s", s.log)
		}
	}
	if len(more) == 0 && s.token == "" { // a new system says where its first account gets a password
		select {
		case line := <-lines:
			if i := strings.Index(line, "/setup?token="); i >= 0 {
				s.setup = line[i:]
			}
		case <-time.After(10 * time.Second):
		}
	}
	go func() { // the rest is read so that nothing blocks
		for range lines {
		}
	}()
}

// stop ends it as an operator does.
func (s *server) stop() error {
	if s.cmd == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.cmd.Wait()
	s.cmd = nil
	if l := s.log.String(); err == nil && (strings.Contains(l, `"ERROR"`) || strings.Contains(l, "panic")) {
		err = fmt.Errorf("the log of the server: %s", l)
	}
	return err
}

// api calls the API as admin and wants success.
func (s *server) api(t testing.TB, method, path string, body any) map[string]any {
	t.Helper()
	return s.apiAs(t, s.token, method, path, body)
}

func (s *server) apiAs(t testing.TB, token, method, path string, body any) map[string]any {
	t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+"/api/v1"+path, in)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 300 {
		t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, raw)
	}
	var m map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
	return m
}

// make makes a record and gives its ref.
func (s *server) make(t testing.TB, resource string, fields map[string]any) string {
	t.Helper()
	ref, _ := s.api(t, "POST", "/"+resource, fields)["ref"].(string)
	if ref == "" {
		t.Fatalf("%s: the answer has no ref", resource)
	}
	return ref
}

type fields = map[string]any

// user makes somebody who may sign in.
func (s *server) user(t testing.TB, name, title, customer string, roles ...string) {
	t.Helper()
	var held []fields
	for _, r := range roles {
		held = append(held, fields{"role": r})
	}
	f := fields{"title": title, "name": name, "roles": held}
	if customer != "" {
		f["customer"] = customer
	}
	s.make(t, "users", f)
	s.api(t, "POST", "/users/"+name+"/password", fields{"password": password})
}

var small struct {
	once sync.Once
	s    *server
}

// world is the one small provider that the tests share: two customers, four services, an agreement
// whose clocks run, sixty incidents, a document in force. Tests make the records that they change.
func world(t *testing.T) *server {
	t.Helper()
	chromium(t) // who has no browser needs no world
	shared.Lock()
	defer shared.Unlock()
	if small.s != nil {
		return small.s
	}
	s := &server{dir: folder(t)}
	s.token = s.run(t, "", "token", "create", "--user", "admin")
	s.start(t, "127.0.0.1:0")
	atEnd(s.stop)
	s.settle(t)
	small.s = s
	return s
}

// settle gives a new system its people, promises and work.
func (s *server) settle(t *testing.T) {
	t.Helper()
	s.api(t, "POST", "/users/admin/password", fields{"password": password})
	harbour := s.make(t, "customers", fields{"title": "Hafenlogistik Nord"})
	other := s.make(t, "customers", fields{"title": "Café Zoë & Söhne"})
	s.user(t, "jana", "Jana Petersen", "", "agent")
	s.user(t, "kim", "Kim Özdemir", "", "agent")
	s.user(t, "nils", "Nils Brandt", "", "agent") // whose session ends while others work
	s.user(t, "birgit", "Birgit Ahlers", "", "process_owner")
	s.user(t, "maren", "Maren Vogt", "", "process_owner", "manager")
	s.user(t, "felix", "Felix Brandt", "", "auditor")
	s.user(t, "olaf", "Olaf Claasen", harbour, "customer_manager")
	s.user(t, "amadou", "Amadou Diallo", harbour, "requester")
	s.user(t, "omar", "عمر الخطيب", harbour, "requester") // and his
	s.user(t, "zoe", "Zoë Martin", other, "customer_manager")
	team := s.make(t, "teams", fields{"title": "Service Desk", "members": []fields{{"user": "jana", "lead": true}, {"user": "kim"}}})
	var hours []fields
	for d := 1; d <= 7; d++ {
		hours = append(hours, fields{"weekday": d, "from": "00:00", "to": "24:00"})
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().In(berlin).Format(time.DateOnly)
	birgit := s.run(t, "", "token", "create", "--user", "birgit")
	approve := func(path string) {
		s.api(t, "POST", path+"/versions/1/transitions/submit", fields{})
		s.apiAs(t, birgit, "POST", path+"/versions/1/transitions/approve", fields{})
	}
	cal := s.make(t, "calendars", fields{"title": "Round the clock", "zone": "Europe/Berlin", "hours": hours, "effective_from": today})
	approve("/calendars/" + cal)
	var services []string
	for _, name := range []string{"E-mail", "Warehouse handhelds", "Remote access (VPN)", "Kundenbeziehungsmanagementsystem"} {
		v := s.make(t, "services", fields{"title": name, "criticality": 2, "owner": "birgit", "team": team})
		s.api(t, "POST", "/services/"+v+"/transitions/go_live", fields{})
		services = append(services, v)
	}
	var targets []fields
	for p, d := range [][2]string{1: {"PT15M", "PT4H"}, 2: {"PT30M", "PT8H"}, 3: {"PT4H", "P1D"}, 4: {"PT8H", "P5D"}} {
		if p > 0 {
			targets = append(targets, fields{"kind": "response", "priority": p, "duration": d[0]}, fields{"kind": "resolution", "priority": p, "duration": d[1]})
		}
	}
	agr := s.make(t, "agreements", fields{"title": "Agreement with Hafenlogistik", "customer": harbour, "calendar": cal, "owner": "birgit", "review_every": "P12M", "targets": targets, "effective_from": today})
	approve("/agreements/" + agr)
	titles := []string{"Nothing prints at gate 4", "Donaudampfschifffahrtsgesellschaftskapitänsmützenverwaltung startet nicht", "لا يعمل البريد الإلكتروني منذ الصباح", "Handheld loses the network 📶 between aisles 7 and 9",
		"<script>alert('x')</script> in the subject", "VPN asks for the password again and again", "Mailbox is full", "The screen stays dark"}
	for i := range 60 {
		customer := harbour
		if i%4 == 3 {
			customer = other
		}
		ref := s.make(t, "incidents", fields{"title": titles[i%len(titles)], "customer": customer, "service": services[i%len(services)], "impact": i%4 + 1, "urgency": (i/2)%4 + 1, "team": team, "description": "Since this morning. It **was** fine yesterday."})
		if i%3 == 0 {
			s.api(t, "POST", "/incidents/"+ref+"/transitions/start", fields{"assignee": "kim"})
		}
	}
	s.make(t, "documents", fields{"title": "Backup policy", "kind": "policy", "classification": "internal", "owner": "birgit", "body": "We back up **every night**.", "format": "text", "medium": "electronic", "language": "en",
		"retention": "P6Y", "retention_rule": "tax law", "location": "Steward", "review_interval": "P1Y", "distribution": []fields{{"role": "agent"}}})
}

// incident makes one of the first customer for a test of its own.
func (s *server) incident(t testing.TB, title string, more ...fields) string {
	t.Helper()
	f := fields{"title": title, "customer": "Hafenlogistik Nord", "service": "E-mail", "impact": 3, "urgency": 3, "description": "As it was."}
	for _, m := range more {
		for k, v := range m {
			f[k] = v
		}
	}
	return s.make(t, "incidents", f)
}

// incidentOf is the record as the API tells it.
func (s *server) incidentOf(t testing.TB, ref string) map[string]any {
	t.Helper()
	return s.api(t, "GET", "/incidents/"+ref, nil)
}
