package system_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"steward/kernel/process"
	"steward/kernel/record"
)

// picture is all that a record says, flat: its fields, custom.name, blanks.name and line:kind:id.
// What only counts or stamps the telling (revision, updated_at) is left out.
type picture map[string]string

func picturePart(into picture, prefix string, m record.JSON) {
	if m == "" {
		return
	}
	var values map[string]json.RawMessage
	if err := json.Unmarshal([]byte(m), &values); err != nil {
		panic(err)
	}
	for k, v := range values {
		into[prefix+k] = string(v)
	}
}

func pictureOf(p *process.Process, r record.Record) picture {
	out := picture{}
	h := r.Head()
	for _, f := range p.Shape.Fields {
		switch f.Name {
		case "revision", "n", "updated_at", "created_at", "disordered", "custom", "blanks":
			continue
		}
		if c := f.Of(r); !c.Empty() {
			out[f.Name] = string(c.AppendJSON(nil))
		}
	}
	picturePart(out, "custom.", h.Custom)
	picturePart(out, "blanks.", h.Blanks)
	base := record.BaseOf(r)
	for _, l := range p.Shape.Lines {
		for i := range l.Len(base) {
			at := l.Each(base, i)
			var b []byte
			for _, f := range l.Shape.Fields {
				if f.Name != "parent" {
					b = append(f.At(at).AppendJSON(append(b, ' ')), ';')
				}
			}
			out["line:"+l.Name+":"+l.Head(at).ID.String()] = string(b)
		}
	}
	return out
}

func difference(got, want picture) string {
	var out []string
	for k := range got {
		if got[k] != want[k] {
			out = append(out, fmt.Sprintf("%s is %s, was %q", k, got[k], want[k]))
		}
	}
	for k := range want {
		if _, ok := got[k]; !ok {
			out = append(out, fmt.Sprintf("%s is gone, was %s", k, want[k]))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n\t")
}
