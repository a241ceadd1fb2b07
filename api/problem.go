package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/system"
)

const methodNotAllowed fault.Kind = "method_not_allowed"

// kinds is the one table from the kernel's kinds of "no" to HTTP.
var kinds = map[fault.Kind]struct {
	status int
	title  string
}{
	fault.BadQuery:     {400, "The query cannot be understood"},
	fault.BadRequest:   {400, "The request cannot be understood"},
	fault.Unauthorised: {401, "Sign in first"},
	fault.Denied:       {403, "You do not have the permission"},
	fault.NotFound:     {404, "There is no such thing"},
	methodNotAllowed:   {405, "This method is not answered here"},
	fault.Illegal:      {409, "The state does not allow this"},
	fault.Conflict:     {409, "This conflicts with what is there"},
	fault.Stale:        {412, "The record has changed meanwhile"},
	fault.TooLarge:     {413, "The content is too large"},
	fault.Unsupported:  {415, "This media type is not taken here"},
	fault.Refused:      {422, "The command was not carried out"},
	fault.NeedMatch:    {428, "Say which revision you have seen"},
	fault.TooMany:      {429, "Too many requests"},
	fault.Unavailable:  {503, "Not available at the moment"},
	fault.NoSpace:      {507, "No space is left"},
}

// faultOf is err as a "no"; nil when it is none and must stay unknown to the caller.
func faultOf(err error) *fault.Error {
	var f *fault.Error
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &large):
		return fault.New(fault.TooLarge, "at most %d bytes are taken here", large.Limit)
	case errors.Is(err, context.DeadlineExceeded):
		f := fault.New(fault.Unavailable, "this took too long; ask for less, or again")
		f.Retry = 5
		return f
	case errors.Is(err, context.Canceled):
		f := fault.New(fault.Unavailable, "the request was given up")
		f.Retry = 1
		return f
	}
	return nil
}

// statusOf is the status that err is answered with.
func statusOf(err error) int {
	if f := faultOf(err); f != nil && kinds[f.Kind].status != 0 {
		return kinds[f.Kind].status
	}
	return http.StatusInternalServerError
}

// problem answers err.
func (s *server) problem(w http.ResponseWriter, r *http.Request, err error) {
	f := faultOf(err)
	if f == nil {
		panic(err) // answered with an id, logged with its text
	}
	var beside []byte
	var st *staleSeen
	if errors.As(err, &st) && st.seen != never {
		beside = strconv.AppendInt([]byte(`,"your_revision":`), st.seen, 10)
	}
	var rs *withResults
	if errors.As(err, &rs) {
		beside = append(append(beside, `,"results":`...), rs.results...)
	}
	status, body := s.problemOf(f, beside)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	switch f.Kind {
	case fault.Unauthorised:
		challenge := `Bearer realm="steward"`
		if strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
			challenge += `, error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	case fault.TooLarge:
		h.Set("Connection", "close")
	}
	if f.Retry > 0 {
		h.Set("Retry-After", strconv.Itoa(f.Retry))
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// problemOf is the RFC 9457 document of f; more are further members, each with its comma.
func (s *server) problemOf(f *fault.Error, more []byte) (int, []byte) {
	k, ok := kinds[f.Kind]
	if !ok {
		k.status, k.title = 500, "Something went wrong"
	}
	b := append([]byte(nil), `{"type":"urn:steward:problem:`...)
	b = append(b, f.Kind...)
	b = append(b, `","title":`...)
	b = record.AppendString(b, k.title)
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(k.status), 10)
	b = append(b, `,"detail":`...)
	b = record.AppendString(b, f.Detail)
	if f.Kind == fault.BadQuery && len(f.Legal) == 1 {
		b = append(b, `,"errors":[{"field":"query","reason":`...)
		b = append(record.AppendString(b, f.Legal[0]), `}]`...)
	} else if f.Legal != nil {
		b = append(b, `,"legal":[`...)
		for i, l := range f.Legal {
			if i > 0 {
				b = append(b, ',')
			}
			b = record.AppendString(b, l)
		}
		b = append(b, ']')
	}
	if len(f.Refusals) > 0 {
		b = append(b, `,"errors":[`...)
		for i, x := range f.Refusals {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"field":`...)
			b = record.AppendString(b, x.Field)
			b = append(b, `,"reason":`...)
			b = record.AppendString(b, x.Reason)
			if x.Mend != "" {
				b = append(b, `,"mend":`...)
				b = record.AppendString(b, x.Mend)
			}
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	if f.Position >= 0 {
		b = append(b, `,"position":`...)
		b = strconv.AppendInt(b, int64(f.Position), 10)
	}
	if cur, ok := f.Current.(*system.Result); ok {
		b = append(b, `,"current":`...)
		b = s.appendRecord(b, cur.Process, cur.Record, cur.Version, nil)
	}
	b = append(b, more...)
	return k.status, append(b, '}')
}

// broken answers what must not happen.
func (s *server) broken(w http.ResponseWriter, _ *http.Request, id string) {
	h := w.Header()
	h.Set("Content-Type", "application/problem+json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusInternalServerError)
	b := append([]byte(nil), `{"type":"urn:steward:problem:internal","title":"Something went wrong","status":500,"detail":"It was logged under this id; what you sent may not have been done.","id":`...)
	b = record.AppendString(b, id)
	_, _ = w.Write(append(b, '}'))
}
