package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"steward/kernel/fault"
	"steward/kernel/record"
)

// The largest bodies taken, in bytes.
const (
	bodyLimit  = 1 << 20
	batchLimit = 16 << 20 // a thousand commands
)

// deepest is how deep a body may be nested.
const deepest = 64

// object is a JSON object as it came: values stay as they were written.
type object map[string]json.RawMessage

// text takes a string member out of o; "" when it is not there.
func (o object) text(name string) (string, error) {
	raw, ok := o[name]
	if !ok || string(raw) == "null" {
		return "", nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", refuse(name, "wrong_type", "give text")
	}
	return s, nil
}

// body reads the request's JSON object. need says that there must be one.
func (c *Call) body(need bool, limit int64) (object, []byte, error) {
	raw, err := c.raw(need, limit)
	if err != nil || len(raw) == 0 {
		return object{}, raw, err
	}
	o, err := decode(raw)
	return o, raw, err
}

func (c *Call) raw(need bool, limit int64) ([]byte, error) {
	if c.R.ContentLength > limit {
		return nil, fault.New(fault.TooLarge, "at most %d bytes are taken here", limit)
	}
	raw, err := io.ReadAll(c.paced(limit))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, fault.New(fault.BadRequest, "the body broke off")
	}
	given := c.R.Header.Get("Content-Type")
	if len(raw) == 0 && !need && given == "" {
		return nil, nil
	}
	kind, params, err := mime.ParseMediaType(given)
	if err != nil || kind != "application/json" && kind != "application/merge-patch+json" || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return nil, fault.New(fault.Unsupported, "send application/json or application/merge-patch+json in UTF-8")
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		if need {
			return nil, fault.New(fault.BadRequest, "a JSON object is expected in the body")
		}
		return nil, nil
	}
	return raw, nil
}

// pace is how long a sender may be silent within a body.
const pace = 30 * time.Second

// paced is the body, of at most limit bytes, from a sender who goes on sending.
func (c *Call) paced(limit int64) io.Reader {
	return &pacedReader{http.NewResponseController(c.W), http.MaxBytesReader(c.W, c.R.Body, limit)}
}

type pacedReader struct {
	rc *http.ResponseController
	r  io.Reader
}

func (p *pacedReader) Read(b []byte) (int, error) {
	_ = p.rc.SetReadDeadline(time.Now().Add(pace)) // not every connection knows deadlines
	n, err := p.r.Read(b)
	if err != nil {
		_ = p.rc.SetReadDeadline(time.Time{})
	}
	return n, err
}

func malformed(at int64, what string) error {
	f := fault.New(fault.BadRequest, "the body is not the JSON that is expected: %s", what)
	f.Position = int(at)
	return f
}

// decode reads one JSON object strictly: UTF-8, no key twice, nothing after it, not too deep. What
// two readers could understand in two ways is refused.
func decode(raw []byte) (object, error) {
	if !utf8.Valid(raw) {
		at := 0
		for at < len(raw) {
			r, n := utf8.DecodeRune(raw[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return nil, malformed(int64(at), "it is not UTF-8")
	}
	if err := strict(raw); err != nil {
		return nil, err
	}
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		var s *json.SyntaxError
		if errors.As(err, &s) {
			return nil, malformed(s.Offset, s.Error())
		}
		return nil, malformed(0, "an object is expected")
	}
	if o == nil {
		return nil, malformed(0, "an object is expected")
	}
	return o, nil
}

// strict walks the tokens once.
func strict(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	type level struct {
		keys map[string]bool // nil: an array
		key  bool            // the next string is a key
	}
	var open []level
	done := false
	for {
		before := dec.InputOffset()
		t, err := dec.Token()
		if err == io.EOF {
			if len(open) > 0 || !done {
				return malformed(before, "it ends too early")
			}
			return nil
		}
		if err != nil {
			var s *json.SyntaxError
			if errors.As(err, &s) {
				return malformed(s.Offset, s.Error())
			}
			return malformed(dec.InputOffset(), "it ends too early")
		}
		if done {
			return malformed(before, "something follows after its end")
		}
		n := len(open)
		if d, ok := t.(json.Delim); ok {
			switch d {
			case '{', '[':
				if n >= deepest {
					return malformed(before, "it is nested too deep")
				}
				l := level{}
				if d == '{' {
					l = level{map[string]bool{}, true}
				}
				open = append(open, l)
				continue
			}
			open = open[:n-1]
			n--
		} else if n > 0 && open[n-1].key {
			k, ok := t.(string)
			if !ok {
				return malformed(before, "a key is expected")
			}
			if open[n-1].keys[k] {
				return malformed(dec.InputOffset(), "the key "+strconv.Quote(k)+" is there twice")
			}
			open[n-1].keys[k] = true
			open[n-1].key = false
			continue
		}
		if n == 0 {
			done = true
		} else if open[n-1].keys != nil {
			open[n-1].key = true
		}
	}
}

// matched reads If-Match: the revision seen; 0 with ok for "*"; not ok when there is none.
func matched(h http.Header) (revision int64, ok bool, err error) {
	v := strings.TrimSpace(h.Get("If-Match"))
	return revisionOf(v)
}

func revisionOf(v string) (revision int64, ok bool, err error) {
	if v == "" {
		return 0, false, nil
	}
	if v == "*" {
		return 0, true, nil
	}
	digits, quoted := strings.CutPrefix(v, `"`)
	digits, closed := strings.CutSuffix(digits, `"`)
	n, bad := strconv.ParseInt(digits, 10, 64)
	if quoted != closed || bad != nil || n <= 0 {
		return never, true, nil // a tag that was never given: it matches nothing
	}
	return n, true, nil
}

// never is a revision that no record reaches.
const never = int64(1) << 62

// limit reads how many are asked for.
func (c *Call) limit() (int, error) {
	v := c.R.URL.Query().Get("limit")
	if v == "" && !c.R.URL.Query().Has("limit") {
		return 50, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 200 {
		return 0, fault.New(fault.BadRequest, "limit takes 1 to 200")
	}
	return n, nil
}

// slack is how far a caller's clock may be ahead when it asks for "now".
const slack = 5 * time.Second

// instant reads a moment of the past: an RFC 3339 time, or a day, which means its end.
func (c *Call) instant(name string) (time.Time, error) {
	v := c.R.URL.Query().Get(name)
	if v == "" {
		return time.Time{}, nil
	}
	now := c.s.sys.Now()
	at, err := time.Parse(time.RFC3339Nano, strings.ReplaceAll(v, " ", "+")) // a bare + in a query reads as a space
	if err != nil {
		day, err := time.ParseInLocation(time.DateOnly, v, c.s.sys.Zone())
		if err != nil {
			return at, fault.New(fault.BadRequest, "%s takes an RFC 3339 time or a day, such as 2026-01-31T08:00:00Z or 2026-01-31", name)
		}
		if day.After(now) {
			return at, fault.New(fault.BadRequest, "%s lies in the future: nobody knows yet", name)
		}
		at = day.AddDate(0, 0, 1).Add(-time.Microsecond)
		if at.After(now) {
			at = now
		}
		return at.UTC(), nil
	}
	if at.After(now) {
		if at.Sub(now) > slack {
			return at, fault.New(fault.BadRequest, "%s lies in the future: nobody knows yet", name)
		}
		at = now
	}
	return at.UTC().Truncate(time.Microsecond), nil
}

// past reads as_of and known_at; the zero time when neither was given.
func (c *Call) past() (at time.Time, known bool, err error) {
	so, err := c.instant("as_of")
	if err != nil {
		return at, false, err
	}
	knew, err := c.instant("known_at")
	if err != nil {
		return at, false, err
	}
	switch {
	case !so.IsZero() && !knew.IsZero():
		return at, false, fault.New(fault.BadRequest, "give as_of or known_at, not both")
	case !knew.IsZero():
		return knew, true, nil
	}
	return so, false, nil
}

// day reads a date of the query.
func (c *Call) day(name string) (record.Date, error) {
	v := c.R.URL.Query().Get(name)
	if v == "" {
		return "", nil
	}
	if _, err := time.Parse(time.DateOnly, v); err != nil {
		return "", fault.New(fault.BadRequest, "%s takes a day, such as 2026-01-31", name)
	}
	return record.Date(v), nil
}

// flag reads a yes or no of the query.
func (c *Call) flag(name string) (bool, error) {
	switch c.R.URL.Query().Get(name) {
	case "", "false", "0":
		return false, nil
	case "true", "1":
		return true, nil
	}
	return false, fault.New(fault.BadRequest, "%s takes true or false", name)
}

// id reads an id out of the path; what is none names nothing.
func (c *Call) id(name string) (record.ID, error) {
	id, err := record.ParseID(c.R.PathValue(name))
	if err != nil || id.IsZero() {
		return id, fault.New(fault.NotFound, "there is no such %s", name)
	}
	return id, nil
}
