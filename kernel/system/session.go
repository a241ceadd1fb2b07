package system

import (
	"context"
	"encoding/hex"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/secret"
	"steward/kernel/storage"
)

// How long a person stays signed in: until so long after the last request, and never longer in all.
const (
	SessionIdle = 12 * time.Hour
	SessionLife = 14 * 24 * time.Hour
)

// seenEvery is how exactly the last request of a session is kept: a read should not cost a write.
const seenEvery = time.Minute

type heldSession struct {
	s  *storage.Session
	at time.Time
}

// NewSession signs user in: the token is answered once and never kept. agent is what the browser
// says of itself, origin the address it came from.
func (s *System) NewSession(ctx context.Context, user record.ID, agent, origin string) (string, *storage.Session, error) {
	if _, err := s.Principal(ctx, user); err != nil {
		return "", nil, err
	}
	token, hash := secret.NewToken()
	now := s.Now()
	x := &storage.Session{ID: record.NewID(now), Hash: record.Text(hex.EncodeToString(hash[:])), User: user,
		Agent: record.Text(shortened(agent, 300)), Origin: record.Text(shortened(origin, 100)),
		CreatedAt: record.At(now), SeenAt: record.At(now), ExpiresAt: record.At(now.Add(SessionLife))}
	return token, x, storageFault(s.Store.Apply(ctx, []storage.Statement{s.Store.Insert(storage.TSession, nil, storage.Part(x))}))
}

// Session finds who is signed in with token. One that ended, lapsed, or whose account was disabled
// is refused within a second on every node.
func (s *System) Session(ctx context.Context, token string) (*access.Principal, *storage.Session, error) {
	no := fault.New(fault.Unauthorised, "you are not signed in, or no longer")
	sum, ok := secret.HashToken(token)
	if !ok {
		return nil, nil, no
	}
	hash := hex.EncodeToString(sum[:])
	s.tokenMu.Lock()
	h, held := s.sessions[hash]
	s.tokenMu.Unlock()
	if !held || time.Since(h.at) > time.Second {
		key := record.Text(hash)
		rows, err := rowsOf[storage.Session](ctx, s, storage.TSession, []storage.Cond{storage.Eq("hash", &key)}, "", 1)
		if err != nil {
			return nil, nil, err
		}
		if len(rows) == 0 {
			return nil, nil, no
		}
		h = heldSession{rows[0], time.Now()}
		s.tokenMu.Lock()
		if len(s.sessions) > 10_000 {
			clear(s.sessions)
		}
		s.sessions[hash] = h
		s.tokenMu.Unlock()
	}
	now := s.Now()
	if h.s.EndedAt != 0 || !now.Before(h.s.ExpiresAt.Time()) || now.Sub(h.s.SeenAt.Time()) > SessionIdle {
		return nil, nil, no
	}
	who, err := s.Principal(ctx, h.s.User)
	if fault.Is(err, fault.Unauthorised) {
		return nil, nil, no
	}
	if err != nil {
		return nil, nil, err
	}
	if now.Sub(h.s.SeenAt.Time()) > seenEvery {
		seen := *h.s
		seen.SeenAt = record.At(now)
		if err := s.changeSession(ctx, &seen, "seen_at"); err != nil {
			return nil, nil, err
		}
		s.tokenMu.Lock()
		s.sessions[hash] = heldSession{&seen, h.at}
		s.tokenMu.Unlock()
	}
	return who, h.s, nil
}

func (s *System) changeSession(ctx context.Context, x *storage.Session, col string) error {
	return storageFault(s.Store.Apply(ctx, []storage.Statement{
		s.Store.Update(storage.TSession, []string{col}, []storage.Cond{storage.Eq("id", &x.ID)}, -1, storage.Part(x))}))
}

// Sessions are where user is signed in, newest first.
func (s *System) Sessions(ctx context.Context, user record.ID) ([]*storage.Session, error) {
	rows, err := rowsOf[storage.Session](ctx, s, storage.TSession, []storage.Cond{storage.Eq("user", &user)}, "t.id desc", 200)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	var out []*storage.Session
	for _, x := range rows {
		if x.EndedAt == 0 && now.Before(x.ExpiresAt.Time()) && now.Sub(x.SeenAt.Time()) <= SessionIdle {
			out = append(out, x)
		}
	}
	return out, nil
}

// EndSession signs out one session of user.
func (s *System) EndSession(ctx context.Context, id, user record.ID) error {
	rows, err := rowsOf[storage.Session](ctx, s, storage.TSession, []storage.Cond{storage.Eq("id", &id)}, "", 1)
	if err != nil {
		return err
	}
	if len(rows) == 0 || rows[0].User != user {
		return fault.New(fault.NotFound, "there is no such session")
	}
	rows[0].EndedAt = record.At(s.Now())
	err = s.changeSession(ctx, rows[0], "ended_at")
	s.forgetTokens()
	return err
}

// EndSessions signs user out everywhere.
func (s *System) EndSessions(ctx context.Context, user record.ID) error {
	open, err := s.Sessions(ctx, user)
	if err != nil {
		return err
	}
	for _, x := range open {
		x.EndedAt = record.At(s.Now())
		if err := s.changeSession(ctx, x, "ended_at"); err != nil {
			return err
		}
	}
	s.forgetTokens()
	return nil
}

// What a one-time address is for, and how long it holds.
const (
	Invitation     = "invitation"
	Reset          = "reset"
	InvitationLife = 7 * 24 * time.Hour
	ResetLife      = time.Hour
)

// NewOneTime makes a one-time address's token with which user may choose a password; only its hash
// is kept. Earlier unused ones of the user are dead from then on.
func (s *System) NewOneTime(ctx context.Context, actor *access.Principal, user record.ID, kind string) (string, error) {
	if !actor.May("user", "update") {
		return "", fault.New(fault.Denied, "you may not invite users")
	}
	if _, err := s.Principal(ctx, user); err != nil {
		return "", err
	}
	life := InvitationLife
	if kind == Reset {
		life = ResetLife
	}
	token, hash := secret.NewToken()
	now := record.At(s.Now())
	x := &storage.OneTime{Hash: record.Text(hex.EncodeToString(hash[:])), User: user, Kind: record.Choice(kind), MadeBy: actor.ID,
		CreatedAt: now, ExpiresAt: record.At(s.Now().Add(life))}
	dead := &storage.OneTime{UsedAt: now}
	return token, storageFault(s.Store.Apply(ctx, []storage.Statement{
		s.Store.Update(storage.TOneTime, []string{"used_at"}, []storage.Cond{storage.Eq("user", &user), {Col: "used_at", Op: "null"}}, -1, storage.Part(dead)),
		s.Store.Insert(storage.TOneTime, nil, storage.Part(x))}))
}

// OneTime finds the user whose one-time token this is; NotFound when it was used or is over.
func (s *System) OneTime(ctx context.Context, token string) (*storage.OneTime, error) {
	no := fault.New(fault.NotFound, "this address was used, or has expired")
	sum, ok := secret.HashToken(token)
	if !ok {
		return nil, no
	}
	key := record.Text(hex.EncodeToString(sum[:]))
	rows, err := rowsOf[storage.OneTime](ctx, s, storage.TOneTime, []storage.Cond{storage.Eq("hash", &key)}, "", 1)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 || rows[0].UsedAt != 0 || record.At(s.Now()) >= rows[0].ExpiresAt {
		return nil, no
	}
	return rows[0], nil
}

// UseOneTime is the statement that ends x in the transaction of what it is used for; that fails
// when somebody else was quicker.
func (s *System) UseOneTime(x *storage.OneTime) storage.Statement {
	used := *x
	used.UsedAt = record.At(s.Now())
	return s.Store.Update(storage.TOneTime, []string{"used_at"}, []storage.Cond{storage.Eq("hash", &x.Hash), {Col: "used_at", Op: "null"}}, 1, storage.Part(&used))
}

func shortened(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}
