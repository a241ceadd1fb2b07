package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms"
)

// remote is a running server and who asks it.
type remote struct {
	Server string `help:"Address of the server." default:"http://127.0.0.1:8080" env:"STEWARD_SERVER" placeholder:"URL"`
	Token  string `help:"Bearer token, as steward token create prints it." env:"STEWARD_TOKEN" placeholder:"TOKEN"`
}

// tries is how often a request is sent that the server says may be repeated.
const tries = 3

// call asks the server. An answer that is a problem becomes an error, one line a cause. A POST
// carries a key, so that repeating it does nothing twice.
func (r remote) call(e *env, method, path string, body any, header ...string) (map[string]any, error) {
	if method == http.MethodPost {
		header = append(header, "Idempotency-Key", record.NewID(time.Now()).String())
	}
	for try := 1; ; try++ {
		res, err := r.send(e, method, path, body, header...)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("the answer of %s broke off: %w", r.Server, err)
		}
		wait, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		if (res.StatusCode == http.StatusServiceUnavailable || res.StatusCode == http.StatusTooManyRequests) && wait > 0 && try < tries {
			select {
			case <-time.After(time.Duration(min(wait, 10)) * time.Second):
				continue
			case <-e.ctx.Done():
				return nil, e.ctx.Err()
			}
		}
		return r.answer(res.StatusCode, b)
	}
}

func (r remote) send(e *env, method, path string, body any, header ...string) (*http.Response, error) {
	base, err := url.Parse(strings.TrimRight(r.Server, "/"))
	if err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Host == "" {
		return nil, usage("--server: %q is no address such as http://127.0.0.1:8080", r.Server)
	}
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(e.ctx, method, base.String()+"/api/v1"+path, in)
	if err != nil {
		return nil, err
	}
	if r.Token != "" {
		req.Header.Set("Authorization", "Bearer "+r.Token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return nil, fmt.Errorf("no server answers at %s (%v): start one with steward serve, or give its address with --server", r.Server, op.Err)
	}
	return res, err
}

func (r remote) answer(status int, b []byte) (map[string]any, error) {
	out := map[string]any{}
	if len(b) > 0 {
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := d.Decode(&out); err != nil {
			return nil, fmt.Errorf("%s answered %d with something that is not a JSON object: is it a Steward server?", r.Server, status)
		}
	}
	if status >= 400 {
		return nil, problem(status, out)
	}
	return out, nil
}

// problem is an RFC 9457 document as an error, one line a cause.
func problem(status int, p map[string]any) error {
	text := func(m map[string]any, k string) string { s, _ := m[k].(string); return s }
	var lines []string
	errs, _ := p["errors"].([]any)
	for _, x := range errs {
		if m, ok := x.(map[string]any); ok {
			lines = append(lines, cause(text(m, "field"), text(m, "reason"), text(m, "mend")))
		}
	}
	first := text(p, "detail")
	if first == "" {
		first = strings.TrimSpace(text(p, "title"))
	}
	if pos, ok := p["position"]; ok {
		first = fmt.Sprintf("%s (at position %v)", first, pos)
	}
	if legal, ok := p["legal"].([]any); ok && len(legal) > 0 {
		first += "; possible here: " + strings.Trim(fmt.Sprint(legal), "[]")
	}
	if status == http.StatusUnauthorized {
		first += "; give a token with --token or STEWARD_TOKEN"
	}
	if len(errs) == 0 || p["position"] != nil {
		lines = append([]string{fmt.Sprintf("%s (%d)", first, status)}, lines...)
	}
	return errors.New(strings.Join(lines, "\n"))
}

// processOf finds a process by its name or resource.
func processOf(name string) (*process.Process, error) {
	reg := sms.Registry()
	if p := reg.Process(strings.ReplaceAll(name, "-", "_")); p != nil {
		return p, nil
	}
	if p := reg.Resource(name); p != nil {
		return p, nil
	}
	return nil, usage("there is no process %s; there are %s", name, strings.Join(processNames(), ", "))
}

// recordOf finds what INC-42 or PROCESS/NAME names: the process, and the path below /api/v1.
func recordOf(ref string) (*process.Process, string, error) {
	if p, _, ok := sms.Registry().ParseRef(ref); ok {
		return p, "/" + p.Resource + "/" + url.PathEscape(ref), nil
	}
	if kind, name, ok := strings.Cut(ref, "/"); ok && name != "" {
		p, err := processOf(kind)
		if err != nil {
			return nil, "", err
		}
		return p, "/" + p.Resource + "/" + url.PathEscape(name), nil
	}
	return nil, "", usage("%q names no record: give a ref such as INC-42, or PROCESS/ID", ref)
}
