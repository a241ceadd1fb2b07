package cli

import (
	"os"
	"strings"

	"steward/boot"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/oscal"
)

type oscalCmd struct {
	Catalog oscalCatalogCmd `cmd:"" help:"The requirements in our own words, a control each."`
	Profile oscalProfileCmd `cmd:"" help:"The profile that selects all of them."`
	Results oscalResultsCmd `cmd:"" name:"assessment-results" help:"The verdicts: observations with links to evidence, and findings."`
}

// oscalOut is where a document goes.
type oscalOut struct {
	place
	Out string `help:"File; by default standard output." placeholder:"FILE"`
}

func (c oscalOut) write(e *env, f func(*boot.Opened, *conformity.Engine) ([]byte, error)) error {
	return c.standing(e, func(o *boot.Opened) error {
		b, err := f(o, conformity.New(o.System, catalogue.BuiltIn(), sms.Checks()))
		if err != nil {
			return err
		}
		if c.Out != "" {
			return os.WriteFile(c.Out, b, 0o600)
		}
		_, err = e.stdout.Write(b)
		return err
	})
}

type oscalCatalogCmd struct{ oscalOut }

func (c *oscalCatalogCmd) Run(e *env) error {
	return c.write(e, func(_ *boot.Opened, eng *conformity.Engine) ([]byte, error) {
		return oscal.Catalog(eng.Catalogue(), eng.Now())
	})
}

type oscalProfileCmd struct {
	oscalOut
	Href string `help:"Where the catalogue lies, as seen from the profile." default:"catalog.json" placeholder:"URL"`
}

func (c *oscalProfileCmd) Run(e *env) error {
	return c.write(e, func(_ *boot.Opened, eng *conformity.Engine) ([]byte, error) {
		return oscal.Profile(eng.Catalogue(), eng.Now(), c.Href)
	})
}

type oscalResultsCmd struct {
	oscalOut
	AsOf string `help:"As of a past day (2026-01-31) or instant." name:"as-of" placeholder:"DATE"`
	URL  string `help:"Address of this Steward, which links to evidence begin with; by default they are relative." name:"url" placeholder:"URL"`
}

func (c *oscalResultsCmd) Run(e *env) error {
	return c.write(e, func(o *boot.Opened, eng *conformity.Engine) ([]byte, error) {
		at, err := asOf(eng, c.AsOf)
		if err != nil {
			return nil, err
		}
		r, err := eng.Evaluate(e.ctx, at)
		if err != nil {
			return nil, err
		}
		views, err := eng.Views(e.ctx, o.Self(), r.Items)
		if err != nil {
			return nil, err
		}
		return oscal.Results(r, views, oscal.Options{Base: strings.TrimRight(c.URL, "/"), Resource: eng.Resource, Catalog: eng.Catalogue()})
	})
}
