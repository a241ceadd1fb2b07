package cli

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"steward/boot"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/crosswalk"
)

type crosswalkCmd struct {
	place
	output
	Framework string `arg:"" optional:"" help:"Such as itil4 or iso27001-2022; without it, all of them in one line each."`
	AsOf      string `help:"As of a past day (2026-01-31) or instant." name:"as-of" placeholder:"DATE"`
	Record    string `help:"What one record serves, such as DOC-7." placeholder:"REF"`
}

func (c *crosswalkCmd) Run(e *env) error {
	x := crosswalk.BuiltIn()
	frameworks := x.Frameworks
	if c.Framework != "" {
		f, err := x.Framework(c.Framework)
		if err != nil {
			return usage("%v", err)
		}
		frameworks = []*crosswalk.Framework{f}
	}
	return c.standing(e, func(o *boot.Opened) error {
		eng := conformity.New(o.System, catalogue.BuiltIn(), sms.Checks())
		at, err := asOf(eng, c.AsOf)
		if err != nil {
			return err
		}
		if c.Record != "" {
			return c.serves(e, o, eng, at, frameworks)
		}
		rep, err := eng.Evaluate(e.ctx, at)
		if err != nil {
			return err
		}
		if c.Framework == "" {
			return c.all(e, rep, frameworks)
		}
		return c.one(e, frameworks[0].Picture(rep))
	})
}

// asOf reads --as-of.
func asOf(eng *conformity.Engine, text string) (time.Time, error) {
	at, err := eng.Instant(text)
	if err != nil {
		return at, usage("--as-of: %v", err)
	}
	return at, nil
}

// members is a value of named members as rows are printed.
func members(v any) (map[string]any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	return out, json.Unmarshal(b, &out)
}

func (c *crosswalkCmd) all(e *env, rep *conformity.Report, frameworks []*crosswalk.Framework) error {
	l := c.list(e.stdout, []string{"framework", "title", "items", "supported", "in_part", "unsupported", "group_only", "not_covered", "requirements", "share"})
	for _, f := range frameworks {
		row, err := members(f.Picture(rep).Totals)
		if err != nil {
			return err
		}
		row["framework"], row["title"], row["limits"], row["clauses_without_counterpart"] = f.ID, f.Title, f.Limits, f.Unmatched
		if err := l.add(row); err != nil {
			return err
		}
	}
	return l.end()
}

func (c *crosswalkCmd) one(e *env, p *crosswalk.Picture) error {
	l := c.list(e.stdout, []string{"code", "topic", "seen", "requirements", "conforms", "share", "clauses", "does_not_show"})
	for _, i := range p.Items {
		row, err := members(i)
		if err != nil {
			return err
		}
		if c.Output == "table" {
			var links []string
			for _, k := range i.Links {
				links = append(links, k.Text())
			}
			row["clauses"], row["does_not_show"] = strings.Join(links, " "), strings.Join(i.NotShown, "; ")
		}
		if err := l.add(row); err != nil {
			return err
		}
	}
	if err := l.end(); err != nil || c.Output != "table" {
		return err
	}
	f, t := p.Framework, p.Totals
	fmt.Fprintf(e.stdout, "\n%s: of %d %s %d are supported, %d in part, %d not, %d only as a group, %d are not covered; of the %d requirements that bear on them %d conform (%d %%).\n",
		f.Title, t.Items, f.Many, t.Supported, t.InPart, t.Unsupported, t.GroupOnly, t.NotCovered, t.Requirements, t.Conforms, t.Share)
	if len(f.Unmatched) > 0 {
		fmt.Fprintf(e.stdout, "Without a counterpart there: clauses %s.\n", strings.Join(f.Unmatched, ", "))
	}
	for _, limit := range f.Limits {
		fmt.Fprintln(e.stdout, "-", limit)
	}
	_, err := fmt.Fprintln(e.stdout, crosswalk.BuiltIn().About)
	return err
}

func (c *crosswalkCmd) serves(e *env, o *boot.Opened, eng *conformity.Engine, at time.Time, frameworks []*crosswalk.Framework) error {
	p, _, ok := o.Registry.ParseRef(c.Record)
	if !ok {
		return usage("--record: %q is no reference such as DOC-7", c.Record)
	}
	bears, err := eng.Bears(e.ctx, o.Self(), p.Name, c.Record, at)
	if err != nil {
		return err
	}
	l := c.list(e.stdout, []string{"framework", "code", "topic", "part", "requirements"})
	for _, s := range crosswalk.BuiltIn().Serves(bears) {
		if len(frameworks) == 1 && s.Framework != frameworks[0].ID {
			continue
		}
		for _, i := range s.Items {
			row, err := members(i)
			if err != nil {
				return err
			}
			var rs []string
			for _, v := range i.Verdicts {
				rs = append(rs, v.Requirement+" "+string(v.State))
			}
			row["framework"], row["requirements"] = s.Framework, strings.Join(rs, ", ")
			if err := l.add(row); err != nil {
				return err
			}
		}
	}
	return l.end()
}
