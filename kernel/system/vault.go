package system

import (
	"context"
	"encoding/base64"
	"errors"
	"sync"

	"steward/kernel/record"
	"steward/kernel/secret"
	"steward/kernel/storage"
)

// Keys is the vault of a system: data keys wrapped in its own tables, under a master key that
// stands outside the database.
type Keys struct {
	Vault *secret.Vault
	sys   *System
	mu    sync.Mutex
	open  map[record.ID]*secret.Key
}

// NewKeys makes the vault. Bind it to its system before use.
func NewKeys(v *secret.Vault) *Keys { return &Keys{Vault: v, open: map[record.ID]*secret.Key{}} }

// ErrErased says that the key of a subject was destroyed.
var ErrErased = errors.New("erased")

func (k *Keys) key(ctx context.Context, subject record.ID) (*secret.Key, error) {
	k.mu.Lock()
	key := k.open[subject]
	k.mu.Unlock()
	if key != nil {
		return key, nil
	}
	rows, err := rowsOf[storage.VaultKey](ctx, k.sys, storage.TVaultKey, []storage.Cond{storage.Eq("subject", &subject)}, "", 1)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	if rows[0].ErasedAt != 0 {
		return nil, ErrErased
	}
	wrapped, err := base64.StdEncoding.DecodeString(string(rows[0].Wrapped))
	if err != nil {
		return nil, err
	}
	return k.Vault.Key(subject.String(), wrapped)
}

// Seal encrypts plain under the subject's key; the first time, the key comes with a statement
// that keeps it.
func (k *Keys) Seal(ctx context.Context, subject record.ID, plain []byte) ([]byte, []storage.Statement, error) {
	key, err := k.key(ctx, subject)
	if err != nil {
		return nil, nil, err
	}
	var keep []storage.Statement
	if key == nil {
		var wrapped []byte
		key, wrapped = k.Vault.NewKey(subject.String())
		row := &storage.VaultKey{Subject: subject, Wrapped: record.Text(base64.StdEncoding.EncodeToString(wrapped)), CreatedAt: record.At(k.sys.Now())}
		keep = append(keep, k.sys.Store.Insert(storage.TVaultKey, nil, storage.Part(row)))
	}
	return key.Seal("event", plain), keep, nil
}

// Open decrypts; ErrErased when the key was destroyed.
func (k *Keys) Open(ctx context.Context, subject record.ID, sealed []byte) ([]byte, error) {
	key, err := k.key(ctx, subject)
	if err != nil {
		return nil, err
	}
	if key == nil {
		return nil, ErrErased
	}
	return key.Open("event", sealed)
}

// Destroy makes the statements that destroy the subject's key.
func (k *Keys) Destroy(ctx context.Context, subject record.ID) ([]storage.Statement, error) {
	k.mu.Lock()
	delete(k.open, subject)
	k.mu.Unlock()
	row := &storage.VaultKey{Subject: subject, CreatedAt: record.At(k.sys.Now()), ErasedAt: record.At(k.sys.Now())}
	return []storage.Statement{
		k.sys.Store.Remove(storage.TVaultKey, []storage.Cond{storage.Eq("subject", &subject)}, -1),
		k.sys.Store.Insert(storage.TVaultKey, nil, storage.Part(row)),
	}, nil
}
