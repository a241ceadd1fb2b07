package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Checkpoint is what a signed note says: this log had Size leaves and this Root at that Time.
type Checkpoint struct {
	Origin string // steward/<system id>
	Size   int64
	Root   tlog.Hash
	Time   time.Time // UTC, microseconds
}

// What is wrong with the text of a checkpoint or statement; see [ParseCheckpoint], [ParseStatement].
var (
	ErrOtherKey      = errors.New("not signed with a key of this log")
	ErrBadSignature  = errors.New("the signature does not fit the text")
	ErrBadCheckpoint = errors.New("not the text of a checkpoint")
	ErrBadStatement  = errors.New("not the text of a statement of this kind")
)

// Origin is the first line of a system's checkpoints and the name of its key. The id is 1 to 64
// letters, digits, dots, hyphens and underscores, and never changes: a moved or restored system
// keeps it.
func Origin(systemID string) (string, error) {
	bad := strings.TrimLeft(systemID, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
	if systemID == "" || len(systemID) > 64 || bad != "" {
		return "", fmt.Errorf("system id %q: not_an_id: use 1 to 64 letters, digits, dots, hyphens and underscores", systemID)
	}
	return "steward/" + systemID, nil
}

// GenerateKey makes the key pair of a system's log. signer is secret and belongs outside the
// database; verifier is public and belongs with the auditor. Both are texts of one line (note
// format), read by [NewSigner] and [NewVerifier].
func GenerateKey(systemID string) (signer, verifier string, err error) {
	name, err := Origin(systemID)
	if err != nil {
		return "", "", err
	}
	return note.GenerateKey(rand.Reader, name)
}

// NewSigner reads a signing key. The error never holds the key.
func NewSigner(key string) (note.Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(key))
	if err != nil {
		return nil, fmt.Errorf("signing key: malformed: it is one line beginning PRIVATE+KEY+steward/")
	}
	return s, nil
}

// NewVerifier reads a public key.
func NewVerifier(key string) (note.Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return nil, fmt.Errorf("public key %.60q: malformed: it is one line, steward/<system id>+<8 hex digits>+<base64>", key)
	}
	return v, nil
}

// SignCheckpoint is the signed note of c. The signer must bear the name of c.Origin; an empty
// Origin takes the signer's. Time is cut to microseconds.
func SignCheckpoint(c Checkpoint, s note.Signer) (string, error) {
	if c.Origin == "" {
		c.Origin = s.Name()
	}
	if c.Origin != s.Name() {
		return "", fmt.Errorf("checkpoint of %q: key belongs to %q: sign with the key of this log", c.Origin, s.Name())
	}
	if c.Size < 0 || c.Time.UTC().Year() < 1 || c.Time.UTC().Year() > 9999 {
		return "", fmt.Errorf("checkpoint of %d leaves at %v: size or time out of range", c.Size, c.Time)
	}
	signed, err := note.Sign(&note.Note{Text: c.text()}, s)
	if err != nil {
		return "", fmt.Errorf("checkpoint of %d leaves: %w", c.Size, err)
	}
	return string(signed), nil
}

func (c Checkpoint) text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\ntime " + c.Time.UTC().Format(timeForm) + "\n"
}

// ParseCheckpoint reads a signed note. It must be signed by one of the verifiers (several where the
// key was changed) and be exactly the four lines of a checkpoint of the signer's log; signatures by
// others are ignored. The error wraps [ErrOtherKey], [ErrBadSignature] or [ErrBadCheckpoint].
func ParseCheckpoint(text string, verifiers ...note.Verifier) (Checkpoint, error) {
	n, err := note.Open([]byte(text), note.VerifierList(verifiers...))
	if err != nil {
		var none *note.UnverifiedNoteError
		var invalid *note.InvalidSignatureError
		switch {
		case errors.As(err, &none):
			return Checkpoint{}, fmt.Errorf("checkpoint: %w: give the public key it was signed with", ErrOtherKey)
		case errors.As(err, &invalid):
			return Checkpoint{}, fmt.Errorf("checkpoint: %w: text or signature was altered", ErrBadSignature)
		}
		return Checkpoint{}, fmt.Errorf("checkpoint: %w: %w", ErrBadCheckpoint, err)
	}
	c, ok := readCheckpoint(n.Text)
	// The whole text is compared, so that one checkpoint has one form only.
	own := func(s note.Signature) bool { return s.Name == c.Origin }
	if !ok || c.text() != n.Text || !slices.ContainsFunc(n.Sigs, own) {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w: four lines are expected: origin, size, root, time", ErrBadCheckpoint)
	}
	return c, nil
}

func readCheckpoint(text string) (c Checkpoint, ok bool) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return c, false
	}
	c.Origin = lines[0]
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 {
		return c, false
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return c, false
	}
	stamp, ok := strings.CutPrefix(lines[3], "time ")
	if !ok {
		return c, false
	}
	c.Time, err = time.Parse(timeForm, stamp)
	return c, err == nil
}

// SignStatement signs lines of another kind than a checkpoint with the key of the log, as a note of
// the origin, the kind, and the lines. A kind begins with a letter, so that no statement can be read
// as a checkpoint, whose second line is a number.
func SignStatement(kind string, lines []string, s note.Signer) (string, error) {
	text, err := statement(s.Name(), kind, lines)
	if err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return "", fmt.Errorf("statement %s: %w", kind, err)
	}
	return string(signed), nil
}

func statement(origin, kind string, lines []string) (string, error) {
	if kind == "" || kind[0] < 'a' || kind[0] > 'z' {
		return "", fmt.Errorf("statement %q: kind: malformed: begin it with a small letter", kind)
	}
	all := append([]string{origin, kind}, lines...)
	for _, l := range all {
		if strings.ContainsFunc(l, func(r rune) bool { return r < 0x20 }) {
			return "", fmt.Errorf("statement %s: line %q: bad_character: a line holds no control characters", kind, l)
		}
	}
	return strings.Join(all, "\n") + "\n", nil
}

// ParseStatement reads a statement of a kind and gives its lines. It must be signed by one of the
// verifiers, whose log it is about. The error wraps [ErrOtherKey], [ErrBadSignature] or
// [ErrBadStatement].
func ParseStatement(kind, text string, verifiers ...note.Verifier) ([]string, error) {
	n, err := note.Open([]byte(text), note.VerifierList(verifiers...))
	if err != nil {
		var none *note.UnverifiedNoteError
		var invalid *note.InvalidSignatureError
		switch {
		case errors.As(err, &none):
			return nil, fmt.Errorf("statement: %w: give the public key it was signed with", ErrOtherKey)
		case errors.As(err, &invalid):
			return nil, fmt.Errorf("statement: %w: text or signature was altered", ErrBadSignature)
		}
		return nil, fmt.Errorf("statement: %w: %w", ErrBadStatement, err)
	}
	lines := strings.Split(strings.TrimSuffix(n.Text, "\n"), "\n")
	own := func(s note.Signature) bool { return s.Name == lines[0] }
	if len(lines) < 2 || lines[1] != kind || !slices.ContainsFunc(n.Sigs, own) {
		return nil, fmt.Errorf("statement: %w: expected are the origin, %s, and its lines", ErrBadStatement, kind)
	}
	return lines[2:], nil
}
