package cli

import (
	"fmt"
	"io"

	"steward/boot"
	"steward/kernel/access"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/pack"
	"steward/web/static"
)

type auditPackCmd struct {
	place
	Out          string `help:"File to write; it is there whole or not at all." required:"" placeholder:"FILE.zip"`
	From         string `help:"First day of the period; by default a year before its end." placeholder:"DATE"`
	To           string `help:"Last day of the period, as of which everything is shown; by default now." placeholder:"DATE"`
	As           string `help:"Build with what this user may see and take away; by default with everything but restricted records." placeholder:"USER"`
	Restricted   bool   `help:"Take in restricted records as well; the pack is then as confidential as they are."`
	Seed         string `help:"Draw the samples by this; by default by the root of the log. An auditor may name one." placeholder:"TEXT"`
	Organisation string `help:"Name of the organisation, for the cover; by default the one that the system holds." placeholder:"NAME"`
}

func (c *auditPackCmd) Run(e *env) error {
	return c.standing(e, func(o *boot.Opened) error {
		eng := conformity.New(o.System, catalogue.BuiltIn(), sms.Checks())
		opt := packOptions(o)
		opt.By, opt.Seed, opt.Organisation = pack.Operator(), c.Seed, c.Organisation
		var err error
		switch {
		case c.Restricted && c.As != "":
			return usage("--restricted and --as exclude each other: what a user sees of restricted records is what was shared with them")
		case c.Restricted:
			opt.By = o.Self()
		case c.As != "":
			if opt.By, err = c.who(e, o); err != nil {
				return err
			}
		}
		if opt.From, opt.To, err = pack.Period(eng, o.Zone(), o.Now(), c.From, c.To); err != nil {
			return usage("%v", err)
		}
		opt.Progress = func(part string) { fmt.Fprintln(e.stderr, "writing:", part) }
		var about *pack.About
		err = written(e, c.Out, func(w io.Writer) error {
			about, err = pack.Build(e.ctx, o.System, eng, w, opt)
			return err
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(e.stdout, "%s: %d registers, %d records with proofs, log of %d events\n", c.Out, len(about.Registers), len(about.Records), about.Leaves)
		return err
	})
}

func (c *auditPackCmd) who(e *env, o *boot.Opened) (*access.Principal, error) {
	id, err := user(e.ctx, o, c.As)
	if err != nil {
		return nil, err
	}
	return o.Principal(e.ctx, id)
}

// packOptions is what every pack of a system has in common.
func packOptions(o *boot.Opened) pack.Options {
	return pack.Options{Key: o.VerifierKey, Version: Version, Style: static.Sheet()}
}
