package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// answer is what a write gives back.
type answer struct {
	status   int
	location string
	etag     string
	body     []byte
	replayed bool
	id       string // of what was made, for later commands of a batch
	secret   []byte // what is remembered instead of a body that must not be kept
}

// write is the handler of every step: decode, the road, encode.
func write(st *step) func(*Call) error {
	return func(c *Call) error {
		body, raw, err := c.body(st.method == http.MethodPatch || len(st.path) == 0, bodyLimit)
		if err != nil {
			return err
		}
		at := make([]string, len(st.path))
		for i, s := range st.path {
			if at[i] = s; s[0] == '{' {
				at[i] = c.R.PathValue(strings.Trim(s, "{}"))
			}
		}
		w, err := wishOf(st, c.Process, at, body)
		if err != nil {
			if len(at) > 0 { // what the path names wrongly is told only to those who may know the record
				if _, e := c.seen(); e != nil {
					return e
				}
			}
			return err
		}
		rev, matched, err := matched(c.R.Header)
		if err != nil {
			return err
		}
		if w.match && !matched {
			return c.needsMatch(w)
		}
		w.cmd.IfMatch = rev
		if w.cmd.Verb == "create" {
			w.cmd.ID = record.NewID(c.s.sys.Now())
		}
		ans, err := c.once(raw, w.hint(c.Process), func(keep ...storage.Statement) (*answer, error) {
			return c.s.carry(c.R.Context(), c.Who, c.Process, w, keep...)
		})
		if err != nil {
			return c.stale(err, rev)
		}
		return c.answer(ans)
	}
}

// hint is what is known of the answer before.
func (w *wish) hint(p *process.Process) answer {
	ref := w.cmd.Ref
	if w.cmd.Verb == "create" {
		ref = w.cmd.ID.String()
	}
	return answer{status: w.status, location: "/api/v1/" + p.Resource + "/" + ref}
}

// needsMatch refuses a change by somebody who does not say what they have seen. What they may not
// know of or not change is told first.
func (c *Call) needsMatch(w *wish) error {
	if _, err := c.seen(); err != nil {
		return err
	}
	if !c.Who.May(c.Process.Name, "update") {
		return fault.New(fault.Denied, "you may not change %s", c.Process.Name)
	}
	return fault.New(fault.NeedMatch, "send If-Match with the ETag that you have seen, or * to change it whatever it is")
}

// staleSeen is a Stale fault with the revision that the caller named.
type staleSeen struct {
	no   *fault.Error
	seen int64
}

func (s *staleSeen) Error() string { return s.no.Error() }
func (s *staleSeen) Unwrap() error { return s.no }

func (c *Call) stale(err error, rev int64) error {
	if f := faultOf(err); f != nil && f.Kind == fault.Stale {
		return &staleSeen{f, rev}
	}
	return err
}

// carry has a command carried out and shows what came of it.
func (s *server) carry(ctx context.Context, who *access.Principal, p *process.Process, w *wish, keep ...storage.Statement) (*answer, error) {
	began := time.Now()
	res, err := s.sys.Do(ctx, who, w.cmd, keep...)
	s.meter.command(p.Name, w.cmd.Verb, err, time.Since(began))
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, who, p, w, res)
}

// shown is the answer to a command that was carried out.
func (s *server) shown(ctx context.Context, who *access.Principal, p *process.Process, w *wish, res *system.Result) (*answer, error) {
	h := res.Record.Head()
	base := "/api/v1/" + p.Resource + "/" + h.ID.String()
	a := &answer{status: w.status, id: h.ID.String()}
	switch w.show {
	case showRecord:
		a.etag = etag(res.Record)
		if w.status == http.StatusCreated {
			a.location = base
		}
		m := &more{links: []byte("[]")}
		if !res.Fresh {
			ls, err := s.sys.Links(ctx, who, p.Name, a.id, time.Time{}, false)
			if err != nil && !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
				return nil, err // it may have moved out of sight by this very command
			}
			m.links = s.appendLinks(nil, ls)
		}
		a.body = s.appendRecord(nil, p, res.Record, res.Version, m)
	case showComment:
		k := res.Side.(*storage.Comment)
		a.id = k.ID.String()
		a.location = base + "/comments/" + a.id
		a.body = appendComment(nil, k)
	case showLink:
		l := res.Side.(*storage.Link)
		a.id = l.ID.String()
		a.location = base + "/links/" + a.id
		b, err := s.oneLink(ctx, who, p, res, l)
		if err != nil {
			return nil, err
		}
		a.body = b
	case showVersion:
		a.etag = etag(res.Record)
		a.location = base + "/versions/" + strconv.Itoa(int(res.Version.Number))
		a.body = s.appendContent(nil, p, res.Record, res.Version)
		a.id = res.Version.ID.String()
	case showLine:
		a.etag = etag(res.Record)
		at := res.Side.(system.LineAt)
		l := p.Shape.Line(at.Kind)
		a.id = at.ID.String()
		a.location = base + "/lines/" + at.Kind + "/" + a.id
		b := record.BaseOf(res.Record)
		for i := range l.Len(b) {
			if x := l.Each(b, i); l.Head(x).ID == at.ID {
				a.body = appendLine(nil, l, x)
			}
		}
	case showSide:
		switch x := res.Side.(type) {
		case *storage.Round:
			a.id = x.ID.String()
			a.location = base + "/approvals/" + a.id
			a.body = s.appendRound(nil, x, nil)
		case *storage.Vote:
			a.id = x.ID.String()
			a.body = appendVote(nil, x)
		default:
			a.body = s.appendRecord(nil, p, res.Record, res.Version, nil)
		}
	}
	if a.status != http.StatusCreated {
		a.location = ""
	}
	return a, nil
}

// answer sends what a write gave back.
func (c *Call) answer(a *answer) error {
	h := c.W.Header()
	if a.location != "" {
		h.Set("Location", a.location)
	}
	if a.etag != "" {
		h.Set("ETag", a.etag)
	}
	if a.replayed {
		h.Set("Idempotency-Replayed", "true")
	}
	if a.status == http.StatusNoContent {
		return c.none()
	}
	return c.send(a.status, a.body)
}

// digest names a request, so that a key is never used for two different ones.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		for i, x := 0, len(p); i < 8; i++ {
			n[i] = byte(x >> (8 * i))
		}
		_, _ = h.Write(n[:])
		_, _ = h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}
