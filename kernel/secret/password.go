package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// A Cost is what one hash takes (RFC 9106).
type Cost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
}

// DefaultCost is memory and passes of RFC 9106, section 4, second choice, with one lane, so that a
// sign-in takes one core and not all; every figure is above the least that OWASP's Password
// Storage Cheat Sheet asks for (46 MiB with 1 pass, 19 MiB with 2).
var DefaultCost = Cost{MemoryKiB: 64 << 10, Passes: 3, Lanes: 1}

// What a stored hash may ask for: whoever can write one must not be able to take all the memory.
const (
	maxMemoryKiB = 1 << 20
	maxPasses    = 32
	maxLanes     = 16
	saltBytes    = 16
	hashBytes    = 32
)

var (
	// ErrBusy says that too many passwords are being hashed; answer 503 and try again.
	ErrBusy = errors.New("password: busy: too many sign-ins at once, try again in a moment")
	// ErrHash says that a stored hash is not one of ours.
	ErrHash = errors.New("password hash: malformed: set a new password")
)

// Passwords hashes and checks passwords, a bounded number at a time, because each takes
// Cost.MemoryKiB. It is safe for use by many goroutines.
type Passwords struct {
	cost    Cost
	slots   chan struct{}
	waiting atomic.Int64
	decoy   string // hash of a password nobody has
}

// maxWaiting is how many may queue for a slot; more would wait longer than anybody does.
const maxWaiting = 64

// NewPasswords hashes at most parallel passwords at a time; 0: one per core, at most 4.
func NewPasswords(c Cost, parallel int) (*Passwords, error) {
	if c.MemoryKiB < 8*uint32(c.Lanes) || c.MemoryKiB > maxMemoryKiB || c.Passes < 1 || c.Passes > maxPasses || c.Lanes < 1 || c.Lanes > maxLanes {
		return nil, fmt.Errorf("password cost %+v: out_of_range: memory up to 1 GiB and 8 KiB a lane, passes up to %d, lanes up to %d", c, maxPasses, maxLanes)
	}
	if parallel <= 0 {
		parallel = min(runtime.NumCPU(), 4)
	}
	p := &Passwords{cost: c, slots: make(chan struct{}, parallel)}
	var salt [saltBytes]byte
	rand.Read(salt[:]) // crypto/rand.Read never fails since Go 1.24
	p.decoy = encode(c, salt[:], make([]byte, hashBytes))
	return p, nil
}

// Hash is the PHC string of a password with a fresh salt. It waits for a slot; [ErrBusy] or the
// error of ctx where there is none.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	key, err := p.derive(ctx, password, salt, p.cost, hashBytes)
	if err != nil {
		return "", err
	}
	return encode(p.cost, salt, key), nil
}

// Check says whether password is the one that hash was made of, and whether the hash should be made
// anew now that the password is known, because the cost was raised. The empty hash stands for an
// account that does not exist or has no password: the answer is no, after the same work.
func (p *Passwords) Check(ctx context.Context, hash, password string) (ok, renew bool, err error) {
	unknown := hash == ""
	if unknown {
		hash = p.decoy
	}
	c, salt, want, err := decode(hash)
	if err != nil {
		return false, false, err
	}
	got, err := p.derive(ctx, password, salt, c, len(want))
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && !unknown
	return ok, ok && c != p.cost, nil
}

func (p *Passwords) derive(ctx context.Context, password string, salt []byte, c Cost, size int) ([]byte, error) {
	if len(password) > maxPasswordBytes { // bytes; rules count characters
		return nil, fmt.Errorf("password: too_long: at most %d characters", MaxPassword)
	}
	if p.waiting.Add(1) > maxWaiting+int64(cap(p.slots)) {
		p.waiting.Add(-1)
		return nil, ErrBusy
	}
	defer p.waiting.Add(-1)
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w (%w)", ErrBusy, ctx.Err())
	}
	return argon2.IDKey([]byte(typed(password)), salt, c.Passes, c.MemoryKiB, c.Lanes, uint32(size)), nil
}

// typed is a password as it counts: one keyboard sends é as one character, another as two.
func typed(password string) string { return norm.NFC.String(password) }

func encode(c Cost, salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.MemoryKiB, c.Passes, c.Lanes, b64(salt), b64(key))
}

func decode(hash string) (c Cost, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, ErrHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); err != nil {
		return c, nil, nil, ErrHash
	}
	salt, saltErr := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	switch {
	case saltErr != nil, keyErr != nil, len(salt) < 8, len(salt) > 64, len(key) < 16, len(key) > 64,
		c.MemoryKiB > maxMemoryKiB, c.MemoryKiB < 8*uint32(c.Lanes), c.Passes < 1, c.Passes > maxPasses, c.Lanes < 1, c.Lanes > maxLanes,
		encode(c, salt, key) != hash: // one form only
		return c, nil, nil, ErrHash
	}
	return c, salt, key, nil
}
