package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
)

// TokenPrefix begins every token, so that scanners find one that was left in a file.
const TokenPrefix = "stw_"

const tokenBytes = 20 // 160 bits, 32 characters without padding

var tokenText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// A TokenHash is what is stored of a token.
type TokenHash [sha256.Size]byte

// NewToken makes a token from 160 random bits. It is shown once; the hash is stored.
func NewToken() (token string, hash TokenHash) {
	var b [tokenBytes]byte
	rand.Read(b[:])
	token = TokenPrefix + tokenText.EncodeToString(b[:])
	return token, sha256.Sum256([]byte(token))
}

// HashToken is the hash to look a presented token up by; not ok where it is no token at all.
func HashToken(token string) (hash TokenHash, ok bool) {
	text, ok := strings.CutPrefix(token, TokenPrefix)
	if !ok || len(text) != tokenText.EncodedLen(tokenBytes) {
		return hash, false
	}
	if _, err := tokenText.DecodeString(text); err != nil {
		return hash, false
	}
	return sha256.Sum256([]byte(token)), true
}

// Equal compares in constant time, for code that has found a row by something else than the hash.
func (h TokenHash) Equal(o TokenHash) bool { return subtle.ConstantTimeCompare(h[:], o[:]) == 1 }
