package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"steward/sms"
)

type getCmd struct {
	remote
	output
	Process string   `arg:"" help:"Process or resource, such as incident; or a ref, such as INC-42."`
	Ref     string   `arg:"" optional:"" help:"One record; without it a list."`
	Filter  string   `help:"Filter, such as 'state = \"new\" and priority <= 2'." placeholder:"EXPRESSION"`
	Sort    string   `help:"Order, such as -priority,opened_at." placeholder:"FIELDS"`
	Limit   int      `help:"How many at most." default:"50"`
	All     bool     `help:"All of them, page by page."`
	Fields  []string `help:"Only these fields." placeholder:"FIELD"`
	AsOf    string   `help:"As it was then: an instant or a day." name:"as-of" placeholder:"TIME"`
}

// pageSize is the largest page that the API gives.
const pageSize = 200

func (c *getCmd) Run(e *env) error {
	if p, _, ok := sms.Registry().ParseRef(c.Process); ok && c.Ref == "" {
		c.Process, c.Ref = p.Name, c.Process
	}
	p, err := processOf(c.Process)
	if err != nil {
		return err
	}
	if c.Limit < 1 {
		return usage("--limit: give at least 1, or --all")
	}
	q := url.Values{}
	for k, v := range map[string]string{"as_of": c.AsOf, "fields": strings.Join(c.Fields, ",")} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if c.Ref != "" {
		if c.Filter != "" || c.Sort != "" || c.All {
			return usage("--filter, --sort and --all are for lists")
		}
		v, err := c.call(e, http.MethodGet, "/"+p.Resource+"/"+url.PathEscape(c.Ref)+query(q), nil)
		if err != nil {
			return err
		}
		return c.one(e.stdout, v)
	}
	for k, v := range map[string]string{"filter": c.Filter, "sort": c.Sort} {
		if v != "" {
			q.Set(k, v)
		}
	}
	columns := c.Fields
	if len(columns) == 0 {
		columns = []string{"ref", "state", "title", "updated_at"}
	}
	list := c.list(e.stdout, columns)
	for left := c.Limit; ; {
		n := pageSize
		if !c.All {
			n = min(left, pageSize)
		}
		q.Set("limit", strconv.Itoa(n))
		v, err := c.call(e, http.MethodGet, "/"+p.Resource+query(q), nil)
		if err != nil {
			return err
		}
		items, _ := v["items"].([]any)
		for _, x := range items {
			if m, ok := x.(map[string]any); ok {
				if err := list.add(m); err != nil {
					return err
				}
			}
		}
		left -= len(items)
		next, _ := v["next"].(string)
		if next == "" || !c.All && left <= 0 {
			return list.end()
		}
		q.Set("cursor", next)
	}
}

func query(q url.Values) string {
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

type createCmd struct {
	remote
	output
	File    string   `short:"f" help:"Fields as JSON or YAML; - is standard input." placeholder:"FILE"`
	Process string   `arg:"" help:"Process or resource, such as incident."`
	Fields  []string `arg:"" optional:"" help:"FIELD=VALUE; lines are JSON."`
}

func (c *createCmd) Run(e *env) error {
	p, err := processOf(c.Process)
	if err != nil {
		return err
	}
	body, err := wish(e, p, c.File, c.Fields)
	if err != nil {
		return err
	}
	v, err := c.call(e, http.MethodPost, "/"+p.Resource, body)
	if err != nil {
		return err
	}
	return c.changed(e, v)
}

// changed prints ref and state, which is what a script wants next, or the whole record.
func (o output) changed(e *env, v map[string]any) error {
	if o.Output == "table" {
		_, err := fmt.Fprintln(e.stdout, v["ref"], v["state"])
		return err
	}
	return o.one(e.stdout, v)
}

type updateCmd struct {
	remote
	output
	File     string   `short:"f" help:"Fields as JSON or YAML; - is standard input." placeholder:"FILE"`
	Ref      string   `arg:"" help:"Such as INC-42, or PROCESS/ID."`
	Fields   []string `arg:"" optional:"" help:"FIELD=VALUE; an empty value clears."`
	Revision string   `help:"Only if the record is still at this revision; by default whatever it is." placeholder:"N"`
}

func (c *updateCmd) Run(e *env) error {
	p, path, err := recordOf(c.Ref)
	if err != nil {
		return err
	}
	body, err := wish(e, p, c.File, c.Fields)
	if err != nil {
		return err
	}
	if len(body) == 0 {
		return usage("say what to change: FIELD=VALUE")
	}
	match := "*"
	if c.Revision != "" {
		match = strconv.Quote(c.Revision)
	}
	v, err := c.call(e, http.MethodPatch, path, body, "If-Match", match)
	if err != nil {
		return err
	}
	return c.changed(e, v)
}

type doCmd struct {
	remote
	output
	Ref        string   `arg:"" help:"Such as INC-42, or PROCESS/ID."`
	Transition string   `arg:"" help:"Such as resolve; a wrong one is answered with those that are possible."`
	Fields     []string `arg:"" optional:"" help:"FIELD=VALUE; also reason= and comment=."`
	File       string   `short:"f" help:"Fields as JSON or YAML; - is standard input." placeholder:"FILE"`
}

func (c *doCmd) Run(e *env) error {
	p, path, err := recordOf(c.Ref)
	if err != nil {
		return err
	}
	body, err := wish(e, p, c.File, c.Fields)
	if err != nil {
		return err
	}
	v, err := c.call(e, http.MethodPost, path+"/transitions/"+url.PathEscape(c.Transition), body)
	if err != nil {
		return err
	}
	return c.changed(e, v)
}

type commentCmd struct {
	remote
	output
	Ref      string `arg:"" help:"Such as INC-42, or PROCESS/ID."`
	Text     string `arg:"" help:"What to write; - reads it from standard input."`
	Internal bool   `help:"A note that the customer does not see."`
}

func (c *commentCmd) Run(e *env) error {
	_, path, err := recordOf(c.Ref)
	if err != nil {
		return err
	}
	if c.Text == "-" {
		b, err := io.ReadAll(e.stdin)
		if err != nil {
			return err
		}
		c.Text = strings.TrimRight(string(b), "\n")
	}
	v, err := c.call(e, http.MethodPost, path+"/comments", map[string]any{"body": c.Text, "internal": c.Internal})
	if err != nil {
		return err
	}
	return c.made(e, v)
}

// made prints the id of a comment or link, or all of it.
func (o output) made(e *env, v map[string]any) error {
	if o.Output == "table" {
		_, err := fmt.Fprintln(e.stdout, v["id"])
		return err
	}
	return o.one(e.stdout, v)
}

type linkCmd struct {
	remote
	output
	Ref  string `arg:"" help:"Such as INC-42, or PROCESS/ID."`
	Kind string `arg:"" help:"Such as caused_by; a wrong one is answered with how to find those that there are."`
	To   string `arg:"" help:"The other record: ref or id."`
	From string `help:"Since when it holds; by default from now on." placeholder:"TIME"`
	End  string `help:"Until when it holds." placeholder:"TIME"`
	Note string `help:"A note on it." placeholder:"TEXT"`
}

func (c *linkCmd) Run(e *env) error {
	_, path, err := recordOf(c.Ref)
	if err != nil {
		return err
	}
	body := map[string]any{"kind": c.Kind, "to": c.To}
	for k, v := range map[string]string{"valid_from": c.From, "valid_to": c.End, "note": c.Note} {
		if v != "" {
			body[k] = v
		}
	}
	v, err := c.call(e, http.MethodPost, path+"/links", body)
	if err != nil {
		return err
	}
	return c.made(e, v)
}

type unlinkCmd struct {
	remote
	Ref string `arg:"" help:"Such as INC-42, or PROCESS/ID."`
	ID  string `arg:"" help:"The link's id, as link printed it and get shows it."`
}

func (c *unlinkCmd) Run(e *env) error {
	_, path, err := recordOf(c.Ref)
	if err != nil {
		return err
	}
	_, err = c.call(e, http.MethodDelete, path+"/links/"+url.PathEscape(c.ID), nil)
	return err
}
