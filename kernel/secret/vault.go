package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
)

const (
	wrappedForm = 1
	sealedForm  = 2
	idBytes     = 8
	nonceBytes  = 12
	tagBytes    = 16
	keyBytes    = 32
	wrappedSize = 1 + 2*idBytes + nonceBytes + keyBytes + tagBytes
	sealedExtra = 1 + idBytes + nonceBytes + tagBytes
)

var (
	// ErrErased says that the key of a subject was destroyed, so that what it sealed is gone.
	ErrErased = errors.New("erased: the key was destroyed")
	// ErrOtherKey says that a text was sealed with another key than the one at hand.
	ErrOtherKey = errors.New("sealed with another key: open it with the key whose id it bears")
	// ErrForged says that a ciphertext was altered, or belongs to another subject or place.
	ErrForged = errors.New("altered, or of another subject or place")
	// ErrNoMaster says that the master key that wrapped a key is not in the file.
	ErrNoMaster = errors.New("master key missing: put back the file of master keys that was in use then")
)

// An ID names a key without saying anything about it.
type ID [idBytes]byte

func (id ID) String() string { return hex.EncodeToString(id[:]) }

// Vault wraps the keys of subjects with the master keys. A subject is whoever or whatever is erased
// at once: a person, or a record for its prose. The wrapped key is stored in the database beside the
// subject's id; destroying that row erases all it sealed, in every copy of the database that is
// taken afterwards. Safe for use by many goroutines.
type Vault struct {
	masters map[ID]cipher.AEAD
	current ID
}

// A Key seals the personal parts of one subject. Safe for use by many goroutines.
type Key struct {
	id      ID
	subject string
	aead    cipher.AEAD
}

// ID is the key's id, which everything it sealed bears.
func (k *Key) ID() ID { return k.id }

// Current is the master key that new keys are wrapped with.
func (v *Vault) Current() ID { return v.current }

// NewKey makes a key for a subject. wrapped, of 77 bytes, is to be stored.
func (v *Vault) NewKey(subject string) (k *Key, wrapped []byte) {
	raw := make([]byte, keyBytes)
	rand.Read(raw) // crypto/rand.Read never fails since Go 1.24
	var id ID
	rand.Read(id[:])
	return &Key{id, subject, newAEAD(raw)}, v.wrap(subject, id, raw)
}

func (v *Vault) wrap(subject string, id ID, raw []byte) []byte {
	head := append(append([]byte{wrappedForm}, v.current[:]...), id[:]...)
	return encrypt(v.masters[v.current], head, subject, "", raw)
}

func (v *Vault) unwrap(subject string, wrapped []byte) (id ID, raw []byte, err error) {
	if len(wrapped) == 0 {
		return id, nil, fmt.Errorf("key of %q: %w", subject, ErrErased)
	}
	if len(wrapped) != wrappedSize || wrapped[0] != wrappedForm {
		return id, nil, fmt.Errorf("key of %q: %w: not a wrapped key", subject, ErrForged)
	}
	master := v.masters[ID(wrapped[1:1+idBytes])]
	if master == nil {
		return id, nil, fmt.Errorf("key of %q, wrapped with %x: %w", subject, wrapped[1:1+idBytes], ErrNoMaster)
	}
	raw, err = decrypt(master, wrapped, 1+2*idBytes, subject, "")
	if err != nil {
		return id, nil, fmt.Errorf("key of %q: %w", subject, err)
	}
	return ID(wrapped[1+idBytes : 1+2*idBytes]), raw, nil
}

// Key unwraps the key of a subject. An empty wrapped key is a destroyed one: [ErrErased].
func (v *Vault) Key(subject string, wrapped []byte) (*Key, error) {
	id, raw, err := v.unwrap(subject, wrapped)
	if err != nil {
		return nil, err
	}
	return &Key{id, subject, newAEAD(raw)}, nil
}

// Rewrap wraps a key with the current master key; not changed where it is already. Nothing that the
// key sealed needs to be touched.
func (v *Vault) Rewrap(subject string, wrapped []byte) (now []byte, changed bool, err error) {
	id, raw, err := v.unwrap(subject, wrapped)
	if err != nil {
		return nil, false, err
	}
	if ID(wrapped[1:1+idBytes]) == v.current {
		return wrapped, false, nil
	}
	return v.wrap(subject, id, raw), true, nil
}

// Seal encrypts text for a place, such as "incident/<id>/description/7": it opens there only, so two
// sealed texts of one subject cannot change places unseen. The result is 37 bytes longer than text.
func (k *Key) Seal(place string, text []byte) []byte {
	return encrypt(k.aead, append([]byte{sealedForm}, k.id[:]...), k.subject, place, text)
}

// Open decrypts what Seal made for the same subject and place: [ErrForged] where it is altered or of
// another subject or place, [ErrOtherKey] where another key sealed it.
func (k *Key) Open(place string, sealed []byte) ([]byte, error) {
	id, err := SealedBy(sealed)
	if err != nil {
		return nil, fmt.Errorf("%s of %q: %w", place, k.subject, err)
	}
	if id != k.id {
		return nil, fmt.Errorf("%s of %q, key %v: %w", place, k.subject, id, ErrOtherKey)
	}
	text, err := decrypt(k.aead, sealed, 1+idBytes, k.subject, place)
	if err != nil {
		return nil, fmt.Errorf("%s of %q: %w", place, k.subject, err)
	}
	return text, nil
}

// SealedBy is the id of the key that sealed a text, to find its row by.
func SealedBy(sealed []byte) (ID, error) {
	if len(sealed) < sealedExtra || sealed[0] != sealedForm {
		return ID{}, fmt.Errorf("%w: not a sealed text", ErrForged)
	}
	return ID(sealed[1 : 1+idBytes]), nil
}

func encrypt(a cipher.AEAD, head []byte, subject, place string, text []byte) []byte {
	ad := associated(head, subject, place)
	out := make([]byte, len(head)+nonceBytes, len(head)+nonceBytes+len(text)+tagBytes)
	copy(out, head)
	nonce := out[len(head):]
	rand.Read(nonce) // random: at most 2^32 texts a key (NIST SP 800-38D, 8.3), far above a subject's
	return a.Seal(out, nonce, text, ad)
}

func decrypt(a cipher.AEAD, sealed []byte, head int, subject, place string) ([]byte, error) {
	nonce, rest := sealed[head:head+nonceBytes], sealed[head+nonceBytes:]
	text, err := a.Open([]byte{}, nonce, rest, associated(sealed[:head], subject, place))
	if err != nil {
		return nil, ErrForged // the cause says no more, on purpose
	}
	return text, nil
}

func associated(head []byte, subject, place string) []byte {
	ad := make([]byte, 0, len(head)+4+len(subject)+len(place))
	ad = append(ad, head...)
	ad = binary.BigEndian.AppendUint32(ad, uint32(len(subject)))
	ad = append(ad, subject...)
	return append(ad, place...)
}

// newAEAD is AES-256-GCM; it cannot fail for a key of 32 bytes.
func newAEAD(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("secret: " + err.Error())
	}
	a, err := cipher.NewGCM(block)
	if err != nil {
		panic("secret: " + err.Error())
	}
	return a
}
