package proof

import (
	"time"

	"steward/api"
	"steward/sms/conformity"
	"steward/sms/conformity/crosswalk"
)

// framework is one other way to look at the evidence, summed up.
type framework struct {
	Framework string           `json:"framework"`
	Title     string           `json:"title"`
	What      string           `json:"what"`   // what its items are called
	Limits    []string         `json:"limits"` // what the evidence does not show there, whatever the verdicts
	Unmatched []string         `json:"clauses_without_counterpart"`
	Totals    crosswalk.Totals `json:"totals"`
}

func frameworkOf(p *crosswalk.Picture) framework {
	f := p.Framework
	out := framework{f.ID, f.Title, f.Many, f.Limits, []string{}, p.Totals}
	out.Unmatched = append(out.Unmatched, f.Unmatched...)
	return out
}

func (d door) frameworks(c *api.Call) error {
	r, err := d.report(c)
	if err != nil {
		return err
	}
	x := crosswalk.BuiltIn()
	items := []framework{}
	for _, f := range x.Frameworks {
		items = append(items, frameworkOf(f.Picture(r)))
	}
	return send(c, struct {
		About string      `json:"about"`
		At    time.Time   `json:"at"`
		Items []framework `json:"items"`
	}{x.About, r.At.UTC(), items})
}

func (d door) framework(c *api.Call) error {
	if err := conformity.May(c.Who); err != nil {
		return err // before the name is judged: who may not see it learns nothing
	}
	x := crosswalk.BuiltIn()
	f, err := x.Framework(c.R.PathValue("framework"))
	if err != nil {
		return err
	}
	r, err := d.report(c)
	if err != nil {
		return err
	}
	p := f.Picture(r)
	return send(c, struct {
		About string    `json:"about"`
		At    time.Time `json:"at"`
		framework
		Items []crosswalk.ItemView `json:"items"`
	}{x.About, r.At.UTC(), frameworkOf(p), p.Items})
}

func (d door) serves(c *api.Call) error {
	if err := conformity.May(c.Who); err != nil {
		return err
	}
	at, err := d.e.Instant(c.R.URL.Query().Get("as_of"))
	if err != nil {
		return err
	}
	bears, err := d.e.Bears(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"), at)
	if err != nil {
		return err
	}
	return send(c, map[string]any{"about": crosswalk.BuiltIn().About, "items": crosswalk.BuiltIn().Serves(bears)})
}

type schema = map[string]any

var (
	words  = schema{"type": "string"}
	number = schema{"type": "integer"}
	flag   = schema{"type": "boolean"}
)

func list(of any) schema { return schema{"type": "array", "items": of} }

func object(of schema, more ...schema) schema {
	all := schema{}
	for _, m := range append([]schema{of}, more...) {
		for k, v := range m {
			all[k] = v
		}
	}
	return schema{"type": "object", "properties": all}
}

func oneOf[T ~string](of ...T) schema { return schema{"type": "string", "enum": of} }

// The answers as the description of the API has them.
var (
	countsSchema = schema{"requirements": number, "conforms": number, "attested": number, "vacuous": number, "failing": number, "undecided": number, "advisory": number,
		"share": schema{"type": "integer", "minimum": 0, "maximum": 100, "description": "percent that conform, rounded down"}}
	frameworkSchema = schema{"framework": words, "title": words, "what": words, "limits": list(words), "clauses_without_counterpart": list(words),
		"totals": object(schema{"items": number, "supported": number, "in_part": number, "unsupported": number, "group_only": number, "not_covered": number}, countsSchema)}
	headSchema = schema{"about": words, "at": schema{"type": "string", "format": "date-time"}}
	linkSchema = object(schema{"clause": words, "part": flag, "aspect": words, "as": words})
	itemSchema = object(schema{"code": words, "topic": words, "group": words, "seen": oneOf(crosswalk.AllSeen...), "does_not_show": list(words), "links": list(linkSchema),
		"bearing": list(object(schema{"requirement": words, "state": words, "part": flag}))}, countsSchema)
	frameworksSchema = object(schema{"items": list(object(frameworkSchema))}, headSchema)
	pictureSchema    = object(schema{"items": list(itemSchema)}, headSchema, frameworkSchema)
	servesSchema     = object(schema{"about": words, "items": list(object(schema{"framework": words, "title": words,
		"items": list(object(schema{"code": words, "topic": words, "part": flag, "verdicts": list(object(schema{"requirement": words, "state": words, "reason": words}))}))}))})
)
