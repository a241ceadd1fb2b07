package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"steward/sms/conformity/guidance"
)

// guidanceCmd needs no system: the guidance is in the program.
type guidanceCmd struct {
	output
	Clause string `arg:"" optional:"" help:"A clause such as 8.6.1, or one above it such as 8.6; none lists all."`
}

func (c *guidanceCmd) Run(e *env) error {
	found := guidance.All()
	if c.Clause != "" {
		if found = guidance.Under(c.Clause); len(found) == 0 {
			return usage("no clause %s holds requirements; steward guidance lists those that do", c.Clause)
		}
		if c.Output == "table" || c.Output == "" {
			var texts []string
			for _, g := range found {
				texts = append(texts, g.Words())
			}
			_, err := fmt.Fprint(e.stdout, strings.Join(texts, "\n"))
			return err
		}
	}
	b, err := json.Marshal(found)
	if err != nil {
		return err
	}
	var rows []map[string]any
	if err := json.Unmarshal(b, &rows); err != nil {
		return err
	}
	for i, g := range found {
		if p := guidance.PhaseOf(g.Number); p != nil {
			rows[i]["phase"] = p.Number
		}
	}
	return c.rows(e.stdout, []string{"clause", "title", "phase"}, rows)
}
