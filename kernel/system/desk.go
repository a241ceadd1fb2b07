package system

import (
	"context"

	"steward/kernel/access"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
)

// What one person has on the desk: what was typed and not sent, and how they like to see things.
// Neither is a record: it is nobody else's business, has no history and enters no evidence.

// The largest draft and preference, in bytes, and how many of each a person may have.
const (
	draftLimit      = 256 << 10
	preferenceLimit = 32 << 10
	deskLimit       = 1000
)

// KeepDraft keeps what actor has typed at place; an empty body throws it away.
func (s *System) KeepDraft(ctx context.Context, actor *access.Principal, place, body string) error {
	if err := onDesk("place", place, body, draftLimit); err != nil {
		return err
	}
	key, who := record.Text(place), actor.ID
	stmts := []storage.Statement{s.Store.Remove(storage.TDraft, []storage.Cond{storage.Eq("user", &who), storage.Eq("place", &key)}, -1)}
	if body != "" {
		n, err := s.Drafts(ctx, actor)
		if err != nil {
			return err
		}
		if len(n) >= deskLimit {
			return fault.New(fault.TooLarge, "you have %d drafts; send or discard some first", len(n))
		}
		d := &storage.Draft{User: who, Place: key, Body: record.Prose(body), UpdatedAt: record.At(s.Now())}
		stmts = append(stmts, s.Store.Insert(storage.TDraft, nil, storage.Part(d)))
	}
	return storageFault(s.Store.Apply(ctx, stmts))
}

// DropDraft is the statement that throws a draft away together with what sends it.
func (s *System) DropDraft(actor *access.Principal, place string) storage.Statement {
	key, who := record.Text(place), actor.ID
	return s.Store.Remove(storage.TDraft, []storage.Cond{storage.Eq("user", &who), storage.Eq("place", &key)}, -1)
}

// Draft is what actor has typed at place; nil when nothing.
func (s *System) Draft(ctx context.Context, actor *access.Principal, place string) (*storage.Draft, error) {
	key, who := record.Text(place), actor.ID
	rows, err := rowsOf[storage.Draft](ctx, s, storage.TDraft, []storage.Cond{storage.Eq("user", &who), storage.Eq("place", &key)}, "", 1)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// Drafts are all of actor's, the newest first.
func (s *System) Drafts(ctx context.Context, actor *access.Principal) ([]*storage.Draft, error) {
	who := actor.ID
	return rowsOf[storage.Draft](ctx, s, storage.TDraft, []storage.Cond{storage.Eq("user", &who)}, "t.updated_at desc", deskLimit)
}

// Prefer keeps a preference of actor; an empty value forgets it.
func (s *System) Prefer(ctx context.Context, actor *access.Principal, name, value string) error {
	if err := onDesk("name", name, value, preferenceLimit); err != nil {
		return err
	}
	key, who := record.Text(name), actor.ID
	stmts := []storage.Statement{s.Store.Remove(storage.TPreference, []storage.Cond{storage.Eq("user", &who), storage.Eq("name", &key)}, -1)}
	if value != "" {
		have, err := s.Preferences(ctx, actor)
		if err != nil {
			return err
		}
		if len(have) >= deskLimit {
			return fault.New(fault.TooLarge, "you have %d preferences; no more are kept", len(have))
		}
		p := &storage.Preference{User: who, Name: key, Value: record.Prose(value)}
		stmts = append(stmts, s.Store.Insert(storage.TPreference, nil, storage.Part(p)))
	}
	return storageFault(s.Store.Apply(ctx, stmts))
}

// Preferences are how actor likes to see things, by name.
func (s *System) Preferences(ctx context.Context, actor *access.Principal) (map[string]string, error) {
	who := actor.ID
	rows, err := rowsOf[storage.Preference](ctx, s, storage.TPreference, []storage.Cond{storage.Eq("user", &who)}, "", deskLimit)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, r := range rows {
		out[string(r.Name)] = string(r.Value)
	}
	return out, nil
}

func onDesk(field, key, body string, limit int) error {
	if key == "" || len(key) > 300 {
		return fault.Refuse(lifecycle.Refusal{Field: field, Reason: "length", Mend: "give 1 to 300 characters"})
	}
	if len(body) > limit {
		return fault.New(fault.TooLarge, "at most %d bytes are kept here", limit)
	}
	return nil
}
