package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/system"
)

// Export writes to w what `GET /api/v1/RESOURCE/export` answers to who: the same bytes, without a
// server. q are the route's query parameters, such as filter, sort, fields and format.
func Export(ctx context.Context, sys *system.System, who *access.Principal, w io.Writer, name string, q url.Values) (err error) {
	p := sys.Registry.Process(name)
	if p == nil {
		return fault.New(fault.NotFound, "there is no process %s", name)
	}
	s := newServer(sys, Options{})
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "/api/v1/"+p.Resource+"/export?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	out := &plainWriter{w: w, h: http.Header{}}
	defer func() { // a half answer is given up as a server does it
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			if err = out.err; err == nil {
				err = errors.New("the export broke off; see the log")
			}
		default:
			panic(v)
		}
	}()
	for _, rt := range s.routes {
		if rt.Process == p && rt.Method == http.MethodGet && strings.HasSuffix(rt.Path, "/export") {
			c := &Call{W: out, R: r, Who: who, Process: p, s: s, route: rt}
			if err := c.known(); err != nil {
				return err
			}
			return rt.Serve(c)
		}
	}
	return fault.New(fault.NotFound, "%s has no export", name)
}

// plainWriter takes an answer whose status and headers nobody reads.
type plainWriter struct {
	w   io.Writer
	h   http.Header
	err error
}

func (p *plainWriter) Header() http.Header { return p.h }
func (p *plainWriter) WriteHeader(int)     {}
func (p *plainWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	if err != nil {
		p.err = err
	}
	return n, err
}
