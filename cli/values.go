package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"steward/kernel/process"
	"steward/kernel/record"
)

// wish reads the fields of a command: first those of a JSON or YAML file, then FIELD=VALUE arguments.
func wish(e *env, p *process.Process, file string, args []string) (map[string]any, error) {
	out := map[string]any{}
	if file != "" {
		in := e.stdin
		if file != "-" {
			f, err := os.Open(file)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			in = f
		}
		b, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		if err := document(b, &out); err != nil {
			return nil, usage("%s: %v", file, err)
		}
	}
	for _, a := range args {
		name, text, ok := strings.Cut(a, "=")
		if !ok || name == "" {
			return nil, usage("%q is not FIELD=VALUE", a)
		}
		v, err := value(p, name, text)
		if err != nil {
			return nil, usage("%s: %v", name, err)
		}
		if custom, ok := strings.CutPrefix(name, "custom."); ok {
			m, _ := out["custom"].(map[string]any)
			if m == nil {
				m = map[string]any{}
				out["custom"] = m
			}
			m[custom] = v
			continue
		}
		out[name] = v
	}
	return out, nil
}

// document reads one JSON or YAML object. JSON keeps its numbers as they are written.
func document(b []byte, into *map[string]any) error {
	if strings.HasPrefix(strings.TrimSpace(string(b)), "{") {
		d := json.NewDecoder(strings.NewReader(string(b)))
		d.UseNumber()
		return d.Decode(into)
	}
	// Plain nodes, so that 2026-01-31 stays the text that the API takes and is not made an instant.
	var n yaml.Node
	if err := yaml.Unmarshal(b, &n); err != nil {
		return err
	}
	v, err := plain(&n)
	if err != nil || v == nil {
		return err
	}
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("one object of fields is expected")
	}
	*into = m
	return nil
}

func plain(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.AliasNode:
		return nil, fmt.Errorf("line %d: aliases are not read", n.Line)
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			v, err := plain(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			m[n.Content[i].Value] = v
		}
		return m, nil
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			v, err := plain(c)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	case yaml.ScalarNode:
		switch n.Tag {
		case "!!null":
			return nil, nil
		case "!!bool", "!!int", "!!float":
			var v any
			err := n.Decode(&v)
			return v, err
		}
		return n.Value, nil
	}
	return nil, nil
}

// value reads the text of FIELD=VALUE as the field's kind wants it: "title=404" is a title, not a
// number. An empty value clears; "null" does so too where text could not mean it.
func value(p *process.Process, name, text string) (any, error) {
	f := p.Shape.Field(name)
	if f == nil {
		if p.Shape.Line(name) != nil || strings.HasPrefix(name, "custom.") {
			var v any
			if err := json.Unmarshal([]byte(text), &v); err == nil {
				return v, nil
			}
			if !strings.HasPrefix(name, "custom.") {
				return nil, fmt.Errorf("give JSON, such as [{...}]")
			}
		}
		switch text {
		case "true", "false":
			return text == "true", nil
		}
		return text, nil
	}
	switch {
	case f.Kind == record.KText || f.Kind == record.KProse:
		return text, nil
	case text == "" || text == "null":
		return nil, nil
	}
	switch f.Kind {
	case record.KBool, record.KInt, record.KCount, record.KJSON:
		var v any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		if d.Decode(&v) == nil && !d.More() {
			return v, nil
		}
		if f.Kind == record.KJSON {
			return nil, fmt.Errorf("give JSON, such as {...}")
		}
	case record.KTags:
		var v []any
		if json.Unmarshal([]byte(text), &v) == nil {
			return v, nil
		}
		tags := []string{}
		for _, t := range strings.Split(text, ",") {
			if t = strings.TrimSpace(t); t != "" {
				tags = append(tags, t)
			}
		}
		return tags, nil
	case record.KMoney:
		var v map[string]any
		if json.Unmarshal([]byte(text), &v) == nil {
			return v, nil
		}
		amount, currency, ok := strings.Cut(strings.TrimSpace(text), " ")
		if !ok {
			return nil, fmt.Errorf("give an amount and its currency, such as 12.50 EUR")
		}
		return map[string]any{"amount": amount, "currency": strings.TrimSpace(currency)}, nil
	}
	return text, nil // what is wrong with it the server says best
}
