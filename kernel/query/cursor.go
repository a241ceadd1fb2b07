package query

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// A Sealer makes the cursors that API clients carry from page to page. A token is encrypted and
// bound to the order, the query and the scope it was made for: it tells its bearer nothing, and
// altered or used elsewhere it is refused. It may be used by many goroutines.
type Sealer struct{ aead cipher.AEAD }

// NewSealer takes a secret of at least 16 bytes. All nodes of an installation need the same one.
func NewSealer(secret []byte) (*Sealer, error) {
	if len(secret) < 16 {
		return nil, errors.New("query: the secret for cursors has fewer than 16 bytes: give a longer one")
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "steward list cursor 1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Sealer{aead}, nil
}

// Fingerprint is a hash of parts, in which "a","bc" and "ab","c" differ. Use it for the query (process
// and canonical filter) and for the scope (whatever decides what is seen).
func Fingerprint(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// Seal makes the token for the position after the record whose values of o.Columns are given.
func (s *Sealer) Seal(o Order, values []any, query, scope []byte) (string, error) {
	values, err := o.position(values)
	if err != nil {
		return "", err
	}
	var b []byte
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			b = append(b, 'n')
		case int64:
			b = binary.AppendVarint(append(b, 'i'), v)
		case string:
			b = binary.AppendUvarint(append(b, 's'), uint64(len(v)))
			b = append(b, v...)
		case ID:
			b = append(append(b, 'r'), v[:]...)
		}
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, b, bind(o, query, scope))), nil
}

// Open gives the values that Seal was given, in the form that After takes. Reason "bad_cursor" if the
// token was altered or made for another order, query, scope or secret; which of these is not said.
func (s *Sealer) Open(o Order, token string, query, scope []byte) ([]any, error) {
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, badCursor("it was altered")
	}
	b, err := s.aead.Open(nil, nil, sealed, bind(o, query, scope))
	if err != nil {
		return nil, badCursor("it was altered or belongs to another list")
	}
	var values []any
	for len(b) > 0 {
		tag := b[0]
		b = b[1:]
		n := 0
		switch tag {
		case 'n':
			values = append(values, nil)
		case 'i':
			var v int64
			if v, n = binary.Varint(b); n <= 0 {
				return nil, badCursor("it is cut short")
			}
			values = append(values, v)
		case 's':
			size, k := binary.Uvarint(b)
			if k <= 0 || size > uint64(len(b)-k) {
				return nil, badCursor("it is cut short")
			}
			n = k + int(size)
			values = append(values, string(b[k:n]))
		case 'r':
			if n = len(ID{}); len(b) < n {
				return nil, badCursor("it is cut short")
			}
			values = append(values, ID(b[:n]))
		default:
			return nil, badCursor("it is of another version")
		}
		b = b[n:]
	}
	return o.position(values)
}

func bind(o Order, query, scope []byte) []byte {
	return Fingerprint("cursor 1", o.String(), string(query), string(scope))
}

func badCursor(why string) *Error {
	return fail(Place{0, 1, 1}, ReasonBadCursor, "ask for the first page again, without a cursor", "this cursor cannot be used: %s", why)
}
