package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// makeToken makes a bearer token for the caller: who signs in by password gets one here too.
func makeToken(c *Call) error {
	body, raw, err := c.body(false, bodyLimit)
	if err != nil {
		return err
	}
	if c.Who.Narrow != nil {
		return fault.New(fault.Denied, "a token with scopes makes no further tokens")
	}
	if err := known(body, "name", "scopes", "expires_in", "expires_at"); err != nil {
		return err
	}
	name, err := body.text("name")
	if err != nil {
		return err
	}
	if len(name) > 200 {
		return refuse("name", "too_long", "at most 200 bytes")
	}
	var scopes []string
	if raw, ok := body["scopes"]; ok && string(raw) != "null" {
		if err := json.Unmarshal(raw, &scopes); err != nil {
			return refuse("scopes", "wrong_type", `give a list such as ["incident:read"]`)
		}
	}
	life, err := c.life(body)
	if err != nil {
		return err
	}
	ans, err := c.once(raw, answer{status: http.StatusCreated}, func(keep ...storage.Statement) (*answer, error) {
		token, t, err := c.s.sys.NewToken(c.R.Context(), c.Who.ID, name, scopes, life, keep...)
		if err != nil {
			return nil, err
		}
		plain := appendToken(nil, t)
		b := append(plain[:len(plain)-1:len(plain)-1], `,"token":`...)
		b = append(record.AppendString(b, token), '}')
		c.s.log.Info("token made", "user", c.Who.Name, "token", t.ID.String(), "from", c.R.RemoteAddr)
		return &answer{status: http.StatusCreated, location: "/api/v1/tokens/" + t.ID.String(), body: b, secret: plain}, nil
	})
	if err != nil {
		return err
	}
	return c.answer(ans)
}

// life reads how long a token is to hold; zero is until it is revoked.
func (c *Call) life(body object) (time.Duration, error) {
	var in record.Duration
	var at record.Instant
	if raw, ok := body["expires_in"]; ok {
		if err := in.SetJSON(raw); err != nil || in.Set && in.Seconds <= 0 {
			return 0, refuse("expires_in", "not_a_duration", "give an ISO 8601 duration, such as P30D")
		}
	}
	if raw, ok := body["expires_at"]; ok {
		if err := at.SetJSON(raw); err != nil || at != 0 && !at.Time().After(c.s.sys.Now()) {
			return 0, refuse("expires_at", "out_of_range", "give an RFC 3339 time in the future")
		}
	}
	switch {
	case in.Set && at != 0:
		return 0, refuse("expires_in", "twice", "give expires_in or expires_at")
	case at != 0:
		return at.Time().Sub(c.s.sys.Now()), nil
	}
	return in.Go(), nil
}

func appendToken(b []byte, t *storage.Token) []byte {
	b = members(b, "id", &t.ID, "name", &t.Name, "created_at", &t.CreatedAt, "expires_at", &t.ExpiresAt, "revoked_at", &t.RevokedAt)
	b = append(b[:len(b)-1], `,"scopes":[`...)
	for i, s := range strings.Fields(string(t.Scopes)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = record.AppendString(b, s)
	}
	return append(b, "]}"...)
}

func tokens(c *Call) error {
	ts, err := c.s.sys.Tokens(c.R.Context(), c.Who.ID)
	if err != nil {
		return err
	}
	return c.send(http.StatusOK, items(len(ts), func(b []byte, i int) []byte { return appendToken(b, ts[i]) }))
}

func revokeToken(c *Call) error {
	id, err := c.id("token")
	if err != nil {
		return err
	}
	if err := c.s.sys.RevokeToken(c.R.Context(), id, c.Who.ID); err != nil {
		return err
	}
	return c.none()
}

// me answers who calls and what they may do.
func me(c *Call) error {
	w := c.Who
	res, err := c.s.sys.Get(c.R.Context(), w, "user", w.ID.String())
	title := record.Text(w.Name)
	if err == nil {
		title = res.Record.Head().Title
	} else if !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
		return err
	}
	teams := w.Teams
	if teams == nil {
		teams = []record.ID{}
	}
	out := map[string]any{"id": w.ID.String(), "name": w.Name, "title": string(title), "roles": w.Roles, "teams": teams,
		"permissions": system.Permissions(w), "scopes": w.Narrow, "customer": nil, "zone": c.s.sys.Zone().String()}
	if !w.Customer.IsZero() {
		out["customer"] = w.Customer.String()
	}
	return c.value(http.StatusOK, out)
}

// value sends what is put together from plain values.
func (c *Call) value(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.send(status, b)
}
