package api

import (
	"net/http"

	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
)

// node is an object being described. Its members are written in the order of their names.
type node = map[string]any

// resource is a process as the API tells of it: schema, states, transitions, links.
func (s *server) resource(p *process.Process, custom map[string]*record.Field, who *access.Principal) node {
	states := []node{}
	for i, st := range p.States {
		states = append(states, node{"name": st.Name, "phase": st.Phase, "initial": i == 0, "transitions": p.Legal(st.Name)})
	}
	transitions := []node{}
	for i := range p.Transitions {
		t := &p.Transitions[i]
		from := t.From
		if len(from) == 0 {
			from = []string{}
			for _, st := range p.States {
				if st.Name != t.To {
					from = append(from, st.Name)
				}
			}
		}
		needs := []string{}
		for _, f := range t.Needs {
			needs = append(needs, f.Name)
		}
		x := node{"name": t.Name, "from": from, "to": nil, "needs": needs}
		if t.To != "" {
			x["to"] = t.To
		}
		if t.Gate != "" {
			x["gate"] = t.Gate
		}
		if t.Tasks {
			x["needs_tasks_done"] = true
		}
		transitions = append(transitions, x)
	}
	out := node{"process": p.Name, "resource": p.Resource, "href": "/api/v1/" + p.Resource, "prefix": p.Prefix, "clause": p.Clause, "doc": p.Doc,
		"versioned": p.Versioned, "configuration": p.Config, "named_by": p.NameField, "schema": s.schemaOf(p, custom, "/api/openapi.json"),
		"states": states, "transitions": transitions, "links": s.linkKinds(p), "clocks": p.Clocks != nil}
	if who != nil {
		out["permissions"] = permissions(p, who)
	}
	return out
}

func permissions(p *process.Process, who *access.Principal) []string {
	out := []string{}
	for _, v := range access.Verbs {
		if v != "do:*" && who.May(p.Name, v) {
			out = append(out, v)
		}
	}
	for i := range p.Transitions {
		if v := "do:" + p.Transitions[i].Name; who.May(p.Name, v) {
			out = append(out, v)
		}
	}
	return out
}

// linkKinds are the kinds that a record of p may be joined by, from either end.
func (s *server) linkKinds(p *process.Process) []node {
	out := []node{}
	for _, k := range p.Links {
		to := k.To
		if to == nil {
			to = []string{}
		}
		out = append(out, node{"name": k.Name, "inverse": k.Inverse, "to": to, "one": k.One, "acyclic": k.Acyclic, "outward": true})
	}
	for _, q := range s.sys.Registry.All {
		for _, k := range q.Links {
			if k.Inverse == "" {
				continue
			}
			fits := len(k.To) == 0
			for _, t := range k.To {
				fits = fits || t == p.Name
			}
			if fits {
				out = append(out, node{"name": k.Inverse, "inverse": k.Name, "to": []string{q.Name}, "one": false, "acyclic": k.Acyclic, "outward": false})
			}
		}
	}
	return out
}

// schemaOf is the JSON Schema of a record of p, with the fields that users added.
// Within the description itself the shared schemas stand in the same document, base "".
func (s *server) schemaOf(p *process.Process, custom map[string]*record.Field, base string) node {
	content := map[string]bool{}
	for _, f := range p.Content {
		content[f.Name] = true
	}
	props := node{"ref": node{"type": "string", "readOnly": true, "pattern": "^" + p.Prefix + "-[1-9][0-9]*$", "x-kind": "text"}}
	required := []string{}
	for _, f := range p.Shape.Fields {
		if !shows(f) {
			if f.Kind == record.KSecret && !f.Hidden {
				x := fieldSchema(f)
				x["writeOnly"] = true
				props[f.Name] = x
			}
			continue
		}
		x := fieldSchema(f)
		if content[f.Name] {
			x["x-versioned"] = true
		}
		switch f.Name {
		case "state":
			names := []string{}
			for _, st := range p.States {
				names = append(names, st.Name)
			}
			x["enum"] = names
		case "phase":
			x["enum"] = []lifecycle.Phase{lifecycle.Draft, lifecycle.Open, lifecycle.Waiting, lifecycle.Done, lifecycle.Void}
		case "custom":
			inner := node{}
			for name, g := range custom {
				inner[name] = fieldSchema(g)
			}
			x["properties"], x["readOnly"] = inner, false
		case "blanks":
			x["readOnly"] = false
			x["additionalProperties"] = node{"type": "object", "properties": node{"reason": node{"type": "string"}, "by": node{"type": "string", "readOnly": true}, "at": node{"type": "string", "readOnly": true}}}
		}
		if f.Required {
			required = append(required, f.Name)
		}
		props[f.Name] = x
	}
	for _, l := range p.Shape.Lines {
		inner := node{}
		need := []string{}
		for _, f := range l.Shape.Fields {
			if shows(f) {
				inner[f.Name] = fieldSchema(f)
				if f.Required {
					need = append(need, f.Name)
				}
			}
		}
		x := node{"type": "array", "maxItems": l.Max, "x-kind": "lines", "items": node{"type": "object", "properties": inner, "required": need}}
		if p.Versioned && !l.Identity {
			x["x-versioned"] = true
		}
		props[l.Name] = x
	}
	if p.Versioned {
		inner := node{}
		for _, f := range versionShape.Fields {
			if f.Hidden {
				continue
			}
			name := f.Name
			if name == "status" {
				name = "state"
			}
			inner[name] = fieldSchema(f)
		}
		inner["state"].(node)["enum"] = []string{record.VersionDraft, record.VersionReview, record.VersionApproved, record.VersionRejected}
		props["version"] = node{"type": []string{"object", "null"}, "readOnly": true, "properties": inner}
	}
	props["links"] = node{"type": "array", "readOnly": true, "items": node{"$ref": base + "#/components/schemas/link"}}
	props["refs"] = node{"type": "object", "readOnly": true, "additionalProperties": node{"$ref": base + "#/components/schemas/named"}}
	return node{"type": "object", "title": p.Name, "description": p.Doc, "properties": props, "required": required}
}

// fieldSchema is the JSON Schema of one field, with its marks as extensions.
func fieldSchema(f *record.Field) node {
	k := record.Kinds[f.Kind]
	x := node{"x-kind": k.Name}
	switch {
	case f.Required && f.NotNull, f.Kind == record.KBool, f.Kind == record.KCount, f.Kind == record.KTags, f.Kind == record.KJSON:
		x["type"] = k.Schema
	default:
		x["type"] = []string{k.Schema, "null"}
	}
	if k.Format != "" {
		x["format"] = k.Format
	}
	switch f.Kind {
	case record.KTags:
		x["items"] = node{"type": "string", "maxLength": 60}
		x["maxItems"] = 50
	case record.KMoney:
		x["properties"] = node{"amount": node{"type": "string", "format": "decimal"}, "currency": node{"type": "string", "pattern": "^[A-Z]{3}$"}}
	case record.KRef:
		if f.Ref != "" {
			x["x-ref"] = f.Ref
		}
	}
	if len(f.Choices) > 0 {
		codes := []any{}
		for _, c := range f.Choices {
			codes = append(codes, c)
		}
		if !f.Required {
			codes = append(codes, nil)
		}
		x["enum"] = codes
	}
	if f.MaxLen > 0 {
		x["maxLength"] = f.MaxLen
	}
	if f.Kind == record.KInt && (f.Min != 0 || f.Max != 0) {
		x["minimum"], x["maximum"] = f.Min, f.Max
	}
	if f.Default != "" {
		x["x-default"] = f.Default
	}
	for name, on := range map[string]bool{"readOnly": f.Stamp || f.Kernel, "x-required": f.Required, "x-search": f.Search, "x-unique": f.Unique,
		"x-personal": f.Personal, "x-identity": f.Identity, "x-indexed": f.Index} {
		if on {
			x[name] = true
		}
	}
	return x
}

// index lists all resources.
func index(c *Call) error {
	all := []node{}
	for _, p := range c.s.sys.Registry.All {
		custom, err := c.s.sys.CustomFields(c.R.Context(), p.Name)
		if err != nil {
			return err
		}
		all = append(all, c.s.resource(p, custom, c.Who))
	}
	return c.value(http.StatusOK, node{"version": c.s.opt.Version, "resources": all, "description": "/api/openapi.json", "documentation": "/api/docs"})
}

// schema tells of one resource.
func schema(c *Call) error {
	custom, err := c.s.sys.CustomFields(c.R.Context(), c.Process.Name)
	if err != nil {
		return err
	}
	return c.value(http.StatusOK, c.s.resource(c.Process, custom, c.Who))
}
