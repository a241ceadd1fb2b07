package cli

import (
	"encoding/json"
	"time"

	"steward/boot"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
)

type conformityCmd struct {
	place
	output
	AsOf   string `help:"As of a past day (2026-01-31) or instant." name:"as-of" placeholder:"DATE"`
	Clause string `help:"Only this clause and what is under it." placeholder:"C"`
}

func (c *conformityCmd) Run(e *env) error {
	return c.standing(e, func(o *boot.Opened) error {
		eng := conformity.New(o.System, catalogue.BuiltIn(), sms.Checks())
		var at time.Time
		if c.AsOf != "" {
			var err error
			if at, err = eng.Instant(c.AsOf); err != nil {
				return usage("--as-of: %v", err)
			}
		}
		rep, err := eng.Evaluate(e.ctx, at)
		if err != nil {
			return err
		}
		if c.Clause != "" {
			rep = rep.Under(c.Clause)
		}
		views, err := eng.Views(e.ctx, o.Self(), rep.Items)
		if err != nil {
			return err
		}
		b, err := json.Marshal(views)
		if err != nil {
			return err
		}
		var rows []map[string]any
		if err := json.Unmarshal(b, &rows); err != nil {
			return err
		}
		if err := c.rows(e.stdout, []string{"requirement", "state", "reason", "next_step"}, rows); err != nil {
			return err
		}
		if n := len(rep.Gaps()); n > 0 {
			return notHeld("%d requirements are not met", n)
		}
		return nil
	})
}
