package system

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"sort"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/secret"
	"steward/kernel/storage"
)

// Account is what the kernel asks of the process "user": who signs in, with which roles.
type Account interface {
	record.Record
	Login() string
	Active() bool
	LastDay() record.Date // after which nobody signs in with it; "" for ever
	Outside() bool        // somebody from outside the organisation, who only looks
	RolesOn(day record.Date) []string
}

// usable reports whether the account may sign in today: it is not disabled, and its time is not over.
// The day is the organisation's.
func (s *System) usable(a Account) bool {
	return a.Active() && (a.LastDay() == "" || s.Today() <= a.LastDay())
}

// Group is what the kernel asks of the process "team".
type Group interface {
	record.Record
	MemberIDs() []record.ID
	LeadIDs() []record.ID
}

// CustomRole is what the kernel asks of the process "role": permissions under a name of its own.
type CustomRole interface {
	record.Record
	RoleName() string
	Permissions() []string // PROCESS:VERB
}

// FieldDefinition is what the kernel asks of the process "custom_field".
type FieldDefinition interface {
	record.Record
	Definition() (process string, f *record.Field)
}

// Principal is the user with what they may do today.
func (s *System) Principal(ctx context.Context, user record.ID) (*access.Principal, error) {
	p := s.Registry.Process("user")
	sh, err := s.cache.shelf(ctx, p)
	if err != nil {
		return nil, err
	}
	s.cache.mu.Lock()
	who := s.cache.people[user]
	s.cache.mu.Unlock()
	if who != nil {
		return who, nil
	}
	r, ok := sh.byID[user].(Account)
	if !ok || !s.usable(r) { // what is kept of it is dropped at midnight: see cache.fresh
		return nil, fault.New(fault.Unauthorised, "there is no such active account")
	}
	h := r.Head()
	who = &access.Principal{ID: user, Name: r.Login(), Customer: h.Customer, Roles: r.RolesOn(s.Today()), Grants: map[string]bool{}, External: r.Outside()}
	roles, err := reader{s}.All(ctx, "role")
	if err != nil {
		return nil, err
	}
	for _, name := range who.Roles {
		if who.External {
			for _, q := range s.Registry.All {
				q.Grants.ExpandLooking(q.Name, name, who.Grants)
			}
			continue // neither all nor what a role of the house's own allows
		}
		if name == access.Administrator {
			who.Grants["*:*"] = true
		}
		for _, q := range s.Registry.All {
			q.Grants.Expand(q.Name, name, who.Grants)
		}
		for _, cr := range roles {
			if c := cr.(CustomRole); c.RoleName() == name && c.Head().Phase != record.Choice(lifecycle.Void) {
				for _, perm := range c.Permissions() {
					who.Grants[perm] = true
				}
			}
		}
	}
	teams, err := reader{s}.All(ctx, "team")
	if err != nil {
		return nil, err
	}
	for _, t := range teams {
		for _, m := range t.(Group).MemberIDs() {
			if m == user {
				who.Teams = append(who.Teams, t.Head().ID)
			}
		}
	}
	s.cache.mu.Lock()
	s.cache.people[user] = who
	s.cache.mu.Unlock()
	return who, nil
}

// HoldersOf are the users who hold role today, of the provider only.
func (s *System) HoldersOf(ctx context.Context, role string) ([]record.ID, error) {
	users, err := reader{s}.All(ctx, "user")
	if err != nil {
		return nil, err
	}
	var out []record.ID
	for _, r := range users {
		a := r.(Account)
		if !s.usable(a) || !a.Head().Customer.IsZero() {
			continue
		}
		for _, x := range a.RolesOn(s.Today()) {
			if x == role {
				out = append(out, a.Head().ID)
				break
			}
		}
	}
	return out, nil
}

// CustomFields are the fields that users added to a process.
func (s *System) CustomFields(ctx context.Context, name string) (map[string]*record.Field, error) {
	defs, err := reader{s}.All(ctx, "custom_field")
	if err != nil {
		return nil, err
	}
	out := map[string]*record.Field{}
	for _, d := range defs {
		if p, f := d.(FieldDefinition).Definition(); p == name && d.Head().Phase == record.Choice(lifecycle.Open) {
			out[f.Name] = f
		}
	}
	return out, nil
}

// NewToken makes a bearer token for user; the token itself is answered once and never kept.
// keep is as for [System.Do].
func (s *System) NewToken(ctx context.Context, user record.ID, name string, scopes []string, life time.Duration, keep ...storage.Statement) (string, *storage.Token, error) {
	who, err := s.Principal(ctx, user)
	if err != nil {
		return "", nil, err
	}
	for _, sc := range scopes {
		p, v, ok := strings.Cut(sc, ":")
		if !ok || (p != "*" && s.Registry.Process(p) == nil) || v == "" {
			return "", nil, fault.Refuse(lifecycle.Refusal{Field: "scopes", Reason: "unknown_permission", Mend: "say PROCESS:VERB, such as incident:read, or *:read"})
		}
	}
	token, hash := secret.NewToken()
	now := s.Now()
	t := &storage.Token{ID: record.NewID(now), Hash: record.Text(hex.EncodeToString(hash[:])), User: who.ID, Name: record.Text(name),
		Scopes: record.Text(strings.Join(scopes, " ")), CreatedAt: record.At(now)}
	if life > 0 {
		t.ExpiresAt = record.At(now.Add(life))
	}
	return token, t, storageFault(s.Store.Apply(ctx, append([]storage.Statement{s.Store.Insert(storage.TToken, nil, storage.Part(t))}, keep...)))
}

// RevokeToken ends a token at once. user, when given, must be its owner.
func (s *System) RevokeToken(ctx context.Context, id, user record.ID) error {
	rows, err := rowsOf[storage.Token](ctx, s, storage.TToken, []storage.Cond{storage.Eq("id", &id)}, "", 1)
	if err != nil {
		return err
	}
	if len(rows) == 0 || !user.IsZero() && rows[0].User != user {
		return fault.New(fault.NotFound, "there is no such token")
	}
	rows[0].RevokedAt = record.At(s.Now())
	err = s.Store.Apply(ctx, []storage.Statement{s.Store.Update(storage.TToken, []string{"revoked_at"}, []storage.Cond{storage.Eq("id", &id)}, 1, storage.Part(rows[0]))})
	s.forgetTokens()
	return err
}

// Tokens are the tokens of a user, newest first.
func (s *System) Tokens(ctx context.Context, user record.ID) ([]*storage.Token, error) {
	return rowsOf[storage.Token](ctx, s, storage.TToken, []storage.Cond{storage.Eq("user", &user)}, "t.id desc", 200)
}

func (s *System) forgetTokens() {
	s.tokenMu.Lock()
	defer s.tokenMu.Unlock()
	clear(s.tokens)
	clear(s.sessions)
}

type heldToken struct {
	t  *storage.Token
	at time.Time
}

// Authenticate finds who bears token. A revoked or expired token, or a disabled account, is
// refused within a second on every node.
func (s *System) Authenticate(ctx context.Context, token string) (*access.Principal, error) {
	no := fault.New(fault.Unauthorised, "the token is not valid")
	sum, ok := secret.HashToken(token)
	if !ok {
		return nil, no
	}
	hash := hex.EncodeToString(sum[:])
	s.tokenMu.Lock()
	h, held := s.tokens[hash]
	s.tokenMu.Unlock()
	if !held || time.Since(h.at) > time.Second {
		key := record.Text(hash)
		rows, err := rowsOf[storage.Token](ctx, s, storage.TToken, []storage.Cond{storage.Eq("hash", &key)}, "", 1)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return nil, no
		}
		h = heldToken{rows[0], time.Now()}
		s.tokenMu.Lock()
		if len(s.tokens) > 10_000 {
			clear(s.tokens)
		}
		s.tokens[hash] = h
		s.tokenMu.Unlock()
	}
	if h.t.RevokedAt != 0 || h.t.ExpiresAt != 0 && h.t.ExpiresAt <= record.At(s.Now()) {
		return nil, no
	}
	who, err := s.Principal(ctx, h.t.User)
	if err != nil {
		if fault.Is(err, fault.Unauthorised) {
			return nil, no
		}
		return nil, err
	}
	if h.t.Scopes == "" {
		return who, nil
	}
	narrowed := *who
	narrowed.TokenID, narrowed.Narrow = h.t.ID, strings.Fields(string(h.t.Scopes))
	return &narrowed, nil
}

// password sets a user's password: one's own, or by an administrator.
func (u *unit) password(w *work, cmd lifecycle.Command, level int) (*Result, error) {
	if w.p.Name != "user" {
		return nil, fault.New(fault.BadRequest, "only a user has a password")
	}
	id := w.rec.Head().ID
	if id != u.actor.ID && !u.actor.May("user", "update") {
		return nil, fault.New(fault.Denied, "you may set only your own password")
	}
	var pw string
	refusals := append(only(cmd, "password"), given(cmd, "password", &pw)...)
	a, _ := w.rec.(Account)
	if u.s.opt.Passwords == nil {
		return nil, fault.New(fault.Unavailable, "passwords are not kept here")
	}
	for _, r := range secret.RefusePassword(pw, a.Login(), string(w.rec.Head().Title)) {
		refusals = append(refusals, lifecycle.Refusal{Field: "password", Reason: r.Reason, Mend: r.Mend})
	}
	if len(refusals) > 0 {
		return nil, fault.Refuse(refusals...)
	}
	hash, err := u.s.opt.Passwords.Hash(u.ctx, pw)
	if err != nil {
		return nil, err
	}
	cmd.Set = map[string]json.RawMessage{}
	before := u.fork(w)
	f := u.facts(w, cmd, before)
	c := &storage.Credential{User: id, Hash: record.Text(hash), ChangedAt: record.At(f.Now)}
	u.stmts = append(u.stmts, u.s.Store.Remove(storage.TCredential, []storage.Cond{storage.Eq("user", &id)}, -1), u.s.Store.Insert(storage.TCredential, nil, storage.Part(c)))
	// Whoever is signed in by the old password is so no longer, through whatever door the new one came.
	open, err := u.s.Sessions(u.ctx, id)
	if err != nil {
		return nil, err
	}
	for _, x := range open {
		x.EndedAt = record.At(u.now)
		u.stmts = append(u.stmts, u.s.Store.Update(storage.TSession, []string{"ended_at"}, []storage.Cond{storage.Eq("id", &x.ID)}, -1, storage.Part(x)))
		u.signsOut = true
	}
	f.Out.Mark = map[string]string{"password": "set"}
	return u.finish(w, before, cmd, f, nil, nil, level)
}

// CheckPassword finds who signs in with login and password. It takes the same time whether the
// login exists or not.
func (s *System) CheckPassword(ctx context.Context, login, password string) (*access.Principal, error) {
	no := fault.New(fault.Unauthorised, "user name or password is wrong")
	hash := ""
	p := s.Registry.Process("user")
	sh, err := s.cache.shelf(ctx, p)
	if err != nil {
		return nil, err
	}
	id := sh.byName[nameKey(login)]
	if !id.IsZero() {
		rows, err := rowsOf[storage.Credential](ctx, s, storage.TCredential, []storage.Cond{storage.Eq("user", &id)}, "", 1)
		if err != nil {
			return nil, err
		}
		if len(rows) > 0 {
			hash = string(rows[0].Hash)
		}
	}
	if s.opt.Passwords == nil {
		return nil, no
	}
	ok, _, err := s.opt.Passwords.Check(ctx, hash, password)
	if err != nil {
		return nil, err
	}
	if !ok || hash == "" {
		return nil, no
	}
	who, err := s.Principal(ctx, id)
	if err != nil {
		return nil, no
	}
	return who, nil
}

// Permissions lists what a principal may do, for the API's own answer.
func Permissions(p *access.Principal) []string {
	out := make([]string, 0, len(p.Grants))
	for k := range p.Grants {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
