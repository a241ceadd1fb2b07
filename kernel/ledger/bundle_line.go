package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// lineReader reads the keys of a bundle's line in their one order. Values may be read loosely:
// readBundle compares the whole line with its own encoding, and that is what makes the form strict.
// encoding/json in its place makes verifying a million events five times slower.
type lineReader struct {
	scanner
	bad bool
}

// parseItem reads one line, without its line feed being looked at; not ok where it is of no form.
func parseItem(line []byte) (it item, ok bool) {
	r := lineReader{scanner: scanner{text: line, strict: true}}
	if r.is(`{"checkpoint":`) {
		it.kind, it.checkpoint.Size = checkpointItem, r.int()
		r.must(`,"note":`)
		it.checkpoint.Note = r.string()
		return it, !r.bad
	}
	l := &it.leaf
	r.must(`{`)
	body := true
	switch {
	case r.is(`"body":`):
		l.Entry.Body = []byte(r.string())
	case r.is(`"body64":`):
		l.Entry.Body = r.base64()
	default:
		body = false
	}
	if body {
		r.must(`,`)
	}
	if body && r.is(`"head":`) {
		it.kind = pendingItem
		r.header(&l.Entry)
		return it, !r.bad
	}
	r.must(`"hash":`)
	if h := r.base64(); copy(l.Hash[:], h) != len(h) || len(h) != len(l.Hash) {
		return it, false
	}
	l.Held = HashOnly
	if r.is(`,"head":`) {
		l.Held = Bodiless
		r.header(&l.Entry)
		if body {
			l.Held = Whole
		}
	}
	r.must(`,"leaf":`)
	l.No = r.int()
	if r.is(`,"lost":`) {
		l.Held = Lost
	}
	return it, !r.bad
}

func (r *lineReader) header(e *Entry) {
	r.must(`{"actor":`)
	e.Actor = r.id()
	r.must(`,"at":`)
	e.At = r.time()
	r.must(`,"body_sha256":`)
	if digits := r.string(); len(digits) == hex.EncodedLen(len(e.BodyHash)) {
		_, err := hex.Decode(e.BodyHash[:], []byte(digits))
		r.bad = r.bad || err != nil
	} else {
		r.bad = true
	}
	r.must(`,"cause":`)
	e.Cause = r.int()
	r.must(`,"command":`)
	e.Command = r.string()
	r.must(`,"door":`)
	e.Door = r.string()
	r.must(`,"for_actor":`)
	e.ForActor = r.id()
	r.must(`,"n":`)
	e.N = r.int()
	r.must(`,"occurred_at":`)
	e.OccurredAt = r.time()
	r.must(`,"process":`)
	e.Process = r.string()
	r.must(`,"reason":`)
	e.Reason = r.string()
	r.must(`,"record":`)
	e.Record = r.id()
	r.must(`,"revision":`)
	e.Revision = r.int()
	r.must(`,"seq":`)
	e.Seq = r.int()
	r.must(`,"v":1}`)
}

// is goes past s if it comes next.
func (r *lineReader) is(s string) bool {
	if r.bad || !bytes.HasPrefix(r.text[r.pos:], []byte(s)) {
		return false
	}
	r.pos += len(s)
	return true
}

func (r *lineReader) must(s string) {
	if !r.is(s) {
		r.bad = true
	}
}

func (r *lineReader) string() string {
	if r.bad {
		return ""
	}
	s, err := r.str()
	r.bad = err != nil
	return s
}

func (r *lineReader) base64() []byte {
	b, err := base64.StdEncoding.DecodeString(r.string())
	r.bad = r.bad || err != nil
	return b
}

// int reads all of int64: an altered event may hold what no canonical header may.
func (r *lineReader) int() int64 {
	start := r.pos
	for c := r.peek(); c == '-' || c >= '0' && c <= '9'; c = r.peek() {
		r.pos++
	}
	n, err := strconv.ParseInt(string(r.text[start:r.pos]), 10, 64)
	r.bad = r.bad || err != nil
	return n
}

func (r *lineReader) id() (id [16]byte) {
	if r.is("null") {
		return id
	}
	digits := strings.ReplaceAll(r.string(), "-", "")
	if len(digits) != hex.EncodedLen(len(id)) { // hex.Decode would write beyond id
		r.bad = true
		return id
	}
	_, err := hex.Decode(id[:], []byte(digits))
	r.bad = r.bad || err != nil
	return id
}

func (r *lineReader) time() time.Time {
	t, err := time.Parse(timeForm, r.string())
	r.bad = r.bad || err != nil
	return t
}
