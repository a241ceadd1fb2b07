package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAStopFinishesWhatIsUnderWay: a request that has begun is answered and kept, a stream ends, new
// connections are refused, and the program ends with 0 long before its time is up.
func TestAStopFinishesWhatIsUnderWay(t *testing.T) {
	p := &program{t: t, path: build(t), dir: t.TempDir(), env: append(os.Environ(), "STEWARD_DATA=data")}
	p.token = p.run("token", "create", "--user", "admin")
	p.start()
	ended := make(chan error, 1)
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })

	stream, err := http.NewRequest("GET", p.url+"/api/v1/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	stream.Header.Set("Authorization", "Bearer "+p.token)
	live, err := http.DefaultClient.Do(stream)
	if err != nil || live.StatusCode != 200 {
		t.Fatal(live, err)
	}
	defer live.Body.Close()

	host := strings.TrimPrefix(p.url, "http://")
	c, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	body := `{"title":"begun before the stop"}`
	fmt.Fprintf(c, "POST /api/v1/incidents HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", host, p.token, len(body), body[:10])
	time.Sleep(200 * time.Millisecond)

	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	go func() { ended <- p.cmd.Wait() }()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		x, err := net.Dial("tcp", host)
		if err != nil {
			break
		}
		_ = x.Close()
		if time.Now().After(end) {
			t.Fatal("new connections are still taken")
		}
	}
	if _, err := new(bytes.Buffer).ReadFrom(live.Body); err != nil && !strings.Contains(err.Error(), "EOF") {
		t.Errorf("the stream: %v", err)
	}
	fmt.Fprint(c, body[10:])
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || res.StatusCode != 201 {
		t.Fatalf("the request that was under way: %v %v", res, err)
	}
	_ = res.Body.Close()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v: %s", err, p.log)
		}
	case <-time.After(9 * time.Second):
		t.Fatal("it does not end")
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
	if out := p.run("export", "incident", "--fields", "title"); !strings.Contains(out, "begun before the stop") {
		t.Errorf("what was acknowledged is not there: %s", out)
	}
	if out := p.run("verify"); strings.Contains(out, "not signed for") || !strings.Contains(out, " 0 events wait") {
		t.Errorf("the log was not finished: %s", out)
	}
}
