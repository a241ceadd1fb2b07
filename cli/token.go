package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"steward/boot"
	"steward/kernel/record"
)

type tokenCmd struct {
	Create tokenCreate `cmd:"" help:"Print a new bearer token alone on standard output."`
	List   tokenList   `cmd:"" help:"List a user's tokens."`
	Revoke tokenRevoke `cmd:"" help:"End a token at once."`
}

type tokenCreate struct {
	place
	User    string   `required:"" help:"Whose token: user name or ref." placeholder:"NAME"`
	Name    string   `help:"What it is for." default:"command line"`
	Expires string   `help:"How long it holds, such as 90d, 12h or P90D; by default for ever." placeholder:"DURATION"`
	Scopes  []string `help:"Narrow it: PROCESS:VERB, such as incident:read or *:read." placeholder:"PROCESS:VERB"`
}

// Run works beside a server, and on PostgreSQL from any machine that reaches the database: a token
// needs neither the log nor the vault. A fresh place is set up first.
func (c *tokenCreate) Run(e *env) error {
	life, err := lifetime(c.Expires)
	if err != nil {
		return err
	}
	return c.opened(e.ctx, boot.Options{Data: c.Data, Database: c.Database, Keyless: true}, func(o *boot.Opened) error {
		id, err := user(e.ctx, o, c.User)
		if err != nil {
			return err
		}
		token, _, err := o.NewToken(e.ctx, id, c.Name, c.Scopes, life)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.stdout, token)
		return err
	})
}

// lifetime reads 90d, 12h or an ISO 8601 duration; 0 is for ever.
func lifetime(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	if days, ok := strings.CutSuffix(s, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 36500 {
			return time.Duration(n) * 24 * time.Hour, nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return d, nil
	}
	if d, err := record.ParseDuration(s); err == nil && d > 0 {
		return time.Duration(d), nil
	}
	return 0, usage("--expires: %q is no lifetime: say 90d, 12h or P90D", s)
}

type tokenList struct {
	place
	output
	User string `required:"" help:"Whose tokens: user name or ref." placeholder:"NAME"`
}

func (c *tokenList) Run(e *env) error {
	return c.standing(e, func(o *boot.Opened) error {
		id, err := user(e.ctx, o, c.User)
		if err != nil {
			return err
		}
		ts, err := o.Tokens(e.ctx, id)
		if err != nil {
			return err
		}
		rows := []map[string]any{}
		for _, t := range ts {
			rows = append(rows, map[string]any{"id": t.ID.String(), "name": string(t.Name), "scopes": string(t.Scopes), "created_at": instant(t.CreatedAt),
				"expires_at": instant(t.ExpiresAt), "revoked_at": instant(t.RevokedAt)})
		}
		return c.rows(e.stdout, []string{"id", "name", "scopes", "created_at", "expires_at", "revoked_at"}, rows)
	})
}

// instant is nil for none, so that it reads as null.
func instant(t record.Instant) any {
	if t == 0 {
		return nil
	}
	return t.String()
}

type tokenRevoke struct {
	place
	ID string `arg:"" help:"Its id, as token list shows it."`
}

func (c *tokenRevoke) Run(e *env) error {
	id, err := record.ParseID(c.ID)
	if err != nil {
		return usage("%q is no id: steward token list --user NAME shows them", c.ID)
	}
	return c.standing(e, func(o *boot.Opened) error { return o.RevokeToken(e.ctx, id, record.ID{}) })
}
