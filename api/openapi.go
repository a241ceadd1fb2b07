package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"steward/kernel/process"
)

// openapi answers the OpenAPI 3.1 description. It is the same for everyone, and says nothing of
// what is stored.
func openapi(c *Call) error {
	c.s.once.Do(c.s.describe)
	c.W.Header().Set("Cache-Control", "public, max-age=300")
	return c.send(http.StatusOK, c.s.openapi)
}

// describe makes description and documentation, once.
func (s *server) describe() {
	schemas := fixedSchemas()
	for _, p := range s.sys.Registry.All {
		whole := s.schemaOf(p, nil, "")
		schemas[p.Name+"_new"] = node{"allOf": []node{ref(p.Name)}, "type": "object", "required": whole["required"]}
		delete(whole, "required") // of a new one; a patch leaves out what stays
		schemas[p.Name] = whole
		schemas[p.Name+"_list"] = node{"type": "object", "required": []string{"items"}, "properties": node{
			"items": node{"type": "array", "items": ref(p.Name)}, "next": node{"type": "string", "description": "the cursor of the next page; absent on the last"}}}
		if p.Versioned {
			v := node{"allOf": []node{ref("version_head")}, "type": "object", "properties": node{"content": node{"type": "object"}}}
			schemas[p.Name+"_version"] = v
			schemas[p.Name+"_version_list"] = listOf(ref(p.Name + "_version"))
		}
	}
	paths := node{}
	for _, r := range s.routes {
		path := strings.ReplaceAll(r.Path, "{$}", "")
		at, ok := paths[path].(node)
		if !ok {
			at = node{}
			paths[path] = at
		}
		at[strings.ToLower(r.Method)] = s.operation(r, path)
	}
	doc := node{
		"openapi": "3.1.0",
		"info":    node{"title": "Steward", "version": "1", "description": "Service management as ISO/IEC 20000-1:2018 describes it. One resource per process, all alike."},
		"servers": []node{{"url": "/"}},
		"paths":   paths,
		"components": node{
			"schemas":         schemas,
			"securitySchemes": node{"bearer": node{"type": "http", "scheme": "bearer"}, "password": node{"type": "http", "scheme": "basic"}},
			"responses": node{"problem": node{"description": "Why not (RFC 9457).",
				"content": node{"application/problem+json": node{"schema": ref("problem")}}}},
		},
	}
	b, err := json.Marshal(doc)
	if err != nil {
		panic(err) // made of plain values above
	}
	s.openapi = b
	s.docs = s.page()
}

func ref(name string) node { return node{"$ref": "#/components/schemas/" + name} }

func listOf(x node) node {
	return node{"type": "object", "required": []string{"items"}, "properties": node{"items": node{"type": "array", "items": x}}}
}

// operation describes one route.
func (s *server) operation(r *Route, path string) node {
	op := node{"operationId": operationID(r, path), "summary": r.Doc}
	if r.Process != nil {
		op["tags"] = []string{r.Process.Resource}
	} else {
		op["tags"] = []string{"general"}
	}
	if r.Open {
		op["security"] = []node{}
	} else {
		op["security"] = []node{{"bearer": []string{}}}
		if r.Basic {
			op["security"] = []node{{"bearer": []string{}}, {"password": []string{}}}
		}
	}
	params := []node{}
	for _, seg := range strings.Split(path, "/") {
		if strings.HasPrefix(seg, "{") {
			params = append(params, node{"name": strings.Trim(seg, "{}"), "in": "path", "required": true, "schema": node{"type": "string"}})
		}
	}
	for _, q := range r.Query {
		params = append(params, node{"name": q, "in": "query", "description": queryDocs[q], "schema": querySchemas[q]})
	}
	if r.match {
		params = append(params, node{"name": "If-Match", "in": "header", "required": true, "description": "the ETag that was seen, or *", "schema": node{"type": "string"}})
	}
	if r.Method == http.MethodPost {
		params = append(params, node{"name": "Idempotency-Key", "in": "header", "description": "carried out once for 24 hours", "schema": node{"type": "string", "maxLength": 200}})
	}
	op["parameters"] = params
	if r.Takes != "" {
		op["requestBody"] = takes(r)
	}
	status := r.Status
	if status == 0 {
		status = http.StatusOK
	}
	answer := node{"description": http.StatusText(status)}
	kind := r.Kind
	if kind == "" {
		kind = "application/json"
	}
	switch {
	case status == http.StatusNoContent || status == http.StatusSeeOther:
	case r.Gives != "":
		answer["content"] = node{kind: node{"schema": given(r)}}
	case r.Answer != nil:
		answer["content"] = node{kind: node{"schema": r.Answer}}
	default:
		answer["content"] = node{kind: node{"schema": node{}}}
	}
	if r.Gives == "record" || r.Gives == "version" {
		answer["headers"] = node{"ETag": node{"description": "its revision", "schema": node{"type": "string"}}}
	}
	op["responses"] = node{fmt.Sprint(status): answer, "default": node{"$ref": "#/components/responses/problem"}}
	return op
}

func operationID(r *Route, path string) string {
	words := []string{strings.ToLower(r.Method)}
	for _, seg := range strings.Split(strings.TrimPrefix(path, "/api/v1"), "/") {
		if seg = strings.Trim(seg, "{}"); seg != "" {
			words = append(words, strings.NewReplacer("-", "_", ".", "_").Replace(seg))
		}
	}
	if strings.HasSuffix(path, "/") {
		words = append(words, "root")
	}
	if !strings.HasPrefix(path, "/api/v1") {
		words = append(words, "top")
	}
	return strings.Join(words, "_")
}

// given is the schema of the answer, by the process where it depends on it.
func given(r *Route) node {
	if p := r.Process; p != nil {
		switch r.Gives {
		case "record":
			return ref(p.Name)
		case "list":
			return ref(p.Name + "_list")
		case "version", "version_list":
			return ref(p.Name + "_" + r.Gives)
		case "line":
			return lineSchema(p)
		case "line_list":
			return listOf(lineSchema(p))
		}
	}
	return ref(r.Gives)
}

func lineSchema(p *process.Process) node {
	kinds := []node{}
	for _, l := range p.Shape.Lines {
		inner := node{}
		for _, f := range l.Shape.Fields {
			if shows(f) {
				inner[f.Name] = fieldSchema(f)
			}
		}
		kinds = append(kinds, node{"type": "object", "title": l.Name, "properties": inner})
	}
	return node{"anyOf": kinds}
}

func takes(r *Route) node {
	x := ref(r.Takes)
	kind := "application/json"
	switch {
	case r.Takes == "file":
		return node{"required": true, "content": node{"multipart/form-data": node{"schema": x}, "application/octet-stream": node{"schema": node{"type": "string", "format": "binary"}}}}
	case r.Process != nil && r.Takes == "new":
		x = ref(r.Process.Name + "_new")
	case r.Process != nil && r.Takes == "patch":
		x = ref(r.Process.Name)
	case r.Process != nil && r.Takes == "line":
		x = lineSchema(r.Process)
	case r.Process != nil && r.Takes == "version":
		x = ref(r.Process.Name + "_version")
	}
	if r.match {
		kind = "application/merge-patch+json"
	}
	return node{"required": r.Takes == "new" || r.Takes == "patch" || r.match, "content": node{kind: node{"schema": x}}}
}

var queryDocs = map[string]string{
	"filter":      "one expression, such as state in (\"new\",\"assigned\") and priority <= 2 and text ~ \"vpn\"",
	"sort":        "fields, such as -priority,opened_at",
	"limit":       "1 to 200; 50 when absent",
	"cursor":      "next of the page before; for completion a place in the filter",
	"fields":      "members to answer, such as ref,title,state",
	"expand":      "refs: names what references point at",
	"as_of":       "what was so at a time or at the end of a day",
	"known_at":    "what Steward knew at a time or at the end of a day",
	"in_force_on": "versioned records: with the content in force on a day",
	"after":       "what comes after this position",
	"q":           "words to find",
	"format":      "csv, json or xlsx",
	"all":         "true: ended links too",
	"unread":      "true: only what is unread",
	"before":      "id of the last notice seen",
	"version":     "of the version with this number",
	"name":        "name of the file",
	"internal":    "true: not for customers",
}

var querySchemas = func() map[string]node {
	out := map[string]node{}
	for n := range queryDocs {
		out[n] = node{"type": "string"}
	}
	out["limit"] = node{"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
	out["after"] = node{"type": "integer", "minimum": 0}
	out["version"] = node{"type": "integer", "minimum": 1}
	for _, n := range []string{"all", "unread", "internal"} {
		out[n] = node{"type": "boolean"}
	}
	out["in_force_on"] = node{"type": "string", "format": "date"}
	out["format"] = node{"type": "string", "enum": []string{"csv", "json", "xlsx"}}
	out["expand"] = node{"type": "string", "enum": []string{"refs"}}
	return out
}()
