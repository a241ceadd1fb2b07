package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"steward/boot"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
)

type userCmd struct {
	Add      userAdd      `cmd:"" help:"Add a user."`
	List     userList     `cmd:"" help:"List users."`
	Disable  userDisable  `cmd:"" help:"End an account; its name stays where it was written."`
	Enable   userEnable   `cmd:"" help:"Take the end back."`
	Password userPassword `cmd:"" help:"Set a password from standard input."`
}

// door is how the history tells that something was done on the machine itself.
const door = "cli"

type userAdd struct {
	place
	Name          string   `arg:"" help:"The name to sign in with."`
	Role          []string `required:"" help:"administrator, agent, process_owner, manager, approver, auditor, requester, customer_manager, or one of your own."`
	Title         string   `help:"The name that people are shown by." placeholder:"NAME"`
	Email         string   `help:"E-mail address." placeholder:"ADDRESS"`
	Customer      string   `help:"The customer to whom the user belongs: ref or name." placeholder:"CUSTOMER"`
	Until         string   `help:"The last day of the account, such as 2026-12-31." placeholder:"DAY"`
	External      bool     `help:"Somebody from outside who audits: looks, and asks for samples and evidence; needs --until."`
	PasswordStdin bool     `help:"Read the password from standard input." name:"password-stdin"`
}

func (c *userAdd) Run(e *env) error {
	title := c.Title
	if title == "" {
		title = c.Name
	}
	roles := []map[string]string{}
	for _, r := range c.Role {
		roles = append(roles, map[string]string{"role": r})
	}
	set := map[string]json.RawMessage{"title": raw(title), "name": raw(c.Name), "roles": raw(roles)}
	for field, v := range map[string]string{"email": c.Email, "customer": c.Customer, "until": c.Until} {
		if v != "" {
			set[field] = raw(v)
		}
	}
	if c.External {
		set["external"] = raw(true)
	}
	secret := ""
	if c.PasswordStdin {
		var err error
		if secret, err = password(e.stdin); err != nil {
			return err
		}
	}
	return c.with(e, func(o *boot.Opened) error {
		id := record.NewID(o.Now())
		cmds := []lifecycle.Command{{Process: "user", Verb: "create", ID: id, Door: door, Set: set}}
		if c.PasswordStdin {
			cmds = append(cmds, lifecycle.Command{Process: "user", Record: id, Verb: "password", Door: door, Set: map[string]json.RawMessage{"password": raw(secret)}})
		}
		res, _, err := o.DoAll(e.ctx, o.Self(), cmds)
		if err != nil {
			return err
		}
		if err := sequenced(e, o); err != nil {
			return err
		}
		_, err = fmt.Fprintln(e.stdout, res[0].Ref())
		return err
	})
}

// password reads one line, without its end.
func password(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, 8192))
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

type userList struct {
	place
	output
}

func (c *userList) Run(e *env) error {
	return c.standing(e, func(o *boot.Opened) error {
		p := o.Registry.Process("user")
		rows := []map[string]any{}
		err := o.Each(e.ctx, o.Self(), system.ListQuery{Process: p.Name, Sort: "id", Lines: true}, func(r record.Record, _ *record.Version) error {
			a, h := r.(system.Account), r.Head()
			rows = append(rows, map[string]any{"ref": p.Ref(h.Num), "name": a.Login(), "title": string(h.Title), "state": string(h.State), "roles": strings.Join(a.RolesOn(o.Today()), " ")})
			return nil
		})
		if err != nil {
			return err
		}
		return c.rows(e.stdout, []string{"ref", "name", "title", "state", "roles"}, rows)
	})
}

type userDisable struct{ account }

func (c *userDisable) Run(e *env) error { return c.do(e, "disable", nil) }

type userEnable struct{ account }

func (c *userEnable) Run(e *env) error { return c.do(e, "enable", nil) }

type userPassword struct{ account }

func (c *userPassword) Run(e *env) error {
	pw, err := password(e.stdin)
	if err != nil {
		return err
	}
	return c.do(e, "password", map[string]json.RawMessage{"password": raw(pw)})
}

// account is a user that is there.
type account struct {
	place
	Name string `arg:"" help:"User name or ref."`
}

// do carries out one command on the account: a transition unless there is something to set.
func (a *account) do(e *env, name string, set map[string]json.RawMessage) error {
	return a.standing(e, func(o *boot.Opened) error {
		id, err := user(e.ctx, o, a.Name)
		if err != nil {
			return err
		}
		cmd := lifecycle.Command{Process: "user", Record: id, Verb: "transition", Name: name, Door: door}
		if set != nil {
			cmd.Verb, cmd.Name, cmd.Set = name, "", set
		}
		if _, err := o.Do(e.ctx, o.Self(), cmd); err != nil {
			return err
		}
		return sequenced(e, o)
	})
}
