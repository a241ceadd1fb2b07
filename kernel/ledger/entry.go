package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// EncodingVersion stands as "v" in every header; see the package comment.
const EncodingVersion = 1

// An Entry is one event of the history as the log commits to it. Times are microseconds, UTC. The
// zero Actor, ForActor or Record means none.
type Entry struct {
	Seq             int64    // the database's number of the event; kept by move, backup and restore
	Record          [16]byte // the record it is an event of
	Process         string
	N               int64 // 1, 2, 3 ... within its record
	Revision        int64
	At, OccurredAt  time.Time
	Actor, ForActor [16]byte
	Door, Command   string
	Cause           int64 // seq of the event that led to it, 0 for none
	Reason          string
	Body            []byte   // canonical JSON, the very bytes stored
	BodyHash        [32]byte // SHA-256 of the body; needed only where the body itself is not there
}

// An EntryError says which part of an entry keeps it from becoming a leaf.
type EntryError struct{ Field, Reason, Mend string }

func (e *EntryError) Error() string { return e.Field + ": " + e.Reason + ": " + e.Mend }

// Check says whether e may be written: only of entries that pass is [LeafData] injective and
// readable in another language. Writers call it before the transaction, including the check of
// the body, which costs about as much as hashing it.
func (e *Entry) Check() error {
	if err := e.encodable(); err != nil {
		return err
	}
	if e.Seq < 1 || e.N < 1 {
		return &EntryError{"seq, n", "not_positive", "number events from 1"}
	}
	if err := IsCanonical(e.Body); err != nil {
		return &EntryError{"body", "not_canonical", "write it with Canonical: " + err.Error()}
	}
	return nil
}

// encodable says whether the header comes back from its encoding as it went in.
func (e *Entry) encodable() error {
	for _, f := range [...]struct{ name, text string }{
		{"process", e.Process}, {"door", e.Door}, {"command", e.Command}, {"reason", e.Reason},
	} {
		if !utf8.ValidString(f.text) {
			return &EntryError{f.name, "not_utf8", "replace the bytes that are not UTF-8"}
		}
	}
	for _, f := range [...]struct {
		name string
		n    int64
	}{{"seq", e.Seq}, {"n", e.N}, {"revision", e.Revision}, {"cause", e.Cause}} {
		if f.n < -MaxInt || f.n > MaxInt {
			return &EntryError{f.name, "too_large", "numbers end at 2^53 - 1"}
		}
	}
	for _, f := range [...]struct {
		name string
		t    time.Time
	}{{"at", e.At}, {"occurred_at", e.OccurredAt}} {
		if y := f.t.UTC().Year(); y < 1 || y > 9999 {
			return &EntryError{f.name, "year", "years run from 1 to 9999"}
		}
		if f.t.Nanosecond()%1000 != 0 {
			return &EntryError{f.name, "too_fine", "truncate instants to microseconds"}
		}
	}
	return nil
}

// LeafData is what the leaf of a whole event hashes: its header, with the hash of its body. The
// package comment is the specification.
func LeafData(e Entry) []byte {
	e.BodyHash = sha256.Sum256(e.Body)
	return HeaderData(e)
}

// HeaderData is LeafData of an event whose body is gone: BodyHash stands for it.
func HeaderData(e Entry) []byte {
	return appendHeader(make([]byte, 0, 500+len(e.Process)+len(e.Door)+len(e.Command)+len(e.Reason)), &e)
}

func appendHeader(b []byte, e *Entry) []byte {
	b = AppendID(append(b, `{"actor":`...), e.Actor)
	b = AppendTime(append(b, `,"at":`...), e.At)
	b = hex.AppendEncode(append(b, `,"body_sha256":"`...), e.BodyHash[:])
	b = append(b, '"')
	b = strconv.AppendInt(append(b, `,"cause":`...), e.Cause, 10)
	b = AppendString(append(b, `,"command":`...), e.Command)
	b = AppendString(append(b, `,"door":`...), e.Door)
	b = AppendID(append(b, `,"for_actor":`...), e.ForActor)
	b = strconv.AppendInt(append(b, `,"n":`...), e.N, 10)
	b = AppendTime(append(b, `,"occurred_at":`...), e.OccurredAt)
	b = AppendString(append(b, `,"process":`...), e.Process)
	b = AppendString(append(b, `,"reason":`...), e.Reason)
	b = AppendID(append(b, `,"record":`...), e.Record)
	b = strconv.AppendInt(append(b, `,"revision":`...), e.Revision, 10)
	b = strconv.AppendInt(append(b, `,"seq":`...), e.Seq, 10)
	return append(b, `,"v":1}`...)
}

// LeafHash is the hash of a leaf with this data, SHA-256(0x00 || data) (RFC 6962, 2.1).
func LeafHash(data []byte) tlog.Hash { return tlog.RecordHash(data) }

// A Hasher makes leaf hashes of entries one after the other, reusing its buffer. It is for one
// goroutine; the zero Hasher is ready.
type Hasher struct{ buf []byte }

// Hash is LeafHash(LeafData(e)). Of an entry whose BodyHash is set and is not its body's it is the
// hash of no leaf.
func (h *Hasher) Hash(e *Entry) tlog.Hash {
	given := e.BodyHash
	x := *e
	x.BodyHash = sha256.Sum256(e.Body)
	h.buf = appendHeader(append(h.buf[:0], 0), &x)
	if given != x.BodyHash && given != [32]byte{} {
		h.buf = append(h.buf, given[:]...)
	}
	return sha256.Sum256(h.buf)
}

// HashHeader is LeafHash(HeaderData(e)).
func (h *Hasher) HashHeader(e *Entry) tlog.Hash {
	h.buf = appendHeader(append(h.buf[:0], 0), e)
	return sha256.Sum256(h.buf)
}
