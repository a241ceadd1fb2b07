// Package fault is the few kinds of "no" that Steward gives. Doors map a kind to a status in one
// table each; tests compare kinds and reasons, never sentences.
package fault

import (
	"errors"
	"fmt"
	"strings"

	"steward/kernel/lifecycle"
)

// Kind is why a wish was not carried out.
type Kind string

// The kinds, with the HTTP status that contract.md gives them.
const (
	BadQuery     Kind = "bad_query"             // 400: filter, sort or cursor cannot be understood
	BadRequest   Kind = "bad_request"           // 400
	Unauthorised Kind = "unauthenticated"       // 401
	Denied       Kind = "permission_denied"     // 403
	NotFound     Kind = "not_found"             // 404: also for what the caller may not know of
	Illegal      Kind = "illegal_transition"    // 409: with the legal ones
	Conflict     Kind = "conflict"              // 409
	Stale        Kind = "stale"                 // 412: with both versions
	TooLarge     Kind = "too_large"             // 413
	Unsupported  Kind = "unsupported_type"      // 415
	Refused      Kind = "refused"               // 422: with every refusal
	NeedMatch    Kind = "precondition_required" // 428
	TooMany      Kind = "too_many_requests"     // 429
	Unavailable  Kind = "unavailable"           // 503: may be repeated
	NoSpace      Kind = "no_space"              // 507
)

// Error is one answer "no".
type Error struct {
	Kind     Kind
	Detail   string
	Refusals []lifecycle.Refusal
	Legal    []string // of Illegal: what the state allows
	Position int      // of BadQuery: byte offset, -1 when there is none
	Current  any      // of Stale: the record as it now is
	Retry    int      // seconds after which to try again
}

func (e *Error) Error() string {
	parts := []string{string(e.Kind)}
	if e.Detail != "" {
		parts = append(parts, e.Detail)
	}
	for _, r := range e.Refusals {
		parts = append(parts, r.Error())
	}
	return strings.Join(parts, ": ")
}

// New makes an Error of kind k.
func New(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Detail: fmt.Sprintf(format, args...), Position: -1}
}

// Refuse makes a Refused with all refusals.
func Refuse(r ...lifecycle.Refusal) *Error {
	return &Error{Kind: Refused, Detail: "the command was not carried out", Refusals: r, Position: -1}
}

// Is reports whether err is an Error of kind k.
func Is(err error, k Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == k
}
