package oscal

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// External is a catalogue of controls that somebody else publishes: numbers and titles. Prose is left
// where it is: it belongs to others, and nothing here decides by it.
type External struct {
	UUID     string
	Title    string
	Version  string
	OSCAL    string // version of OSCAL it was written in
	Modified string
	Controls []Control
}

// Control is one of them, in the catalogue's order; enhancements follow the control they belong to.
type Control struct {
	ID        string // ac-2.1
	Number    string // AC-2(1), as people write it; the id where there is no label
	Title     string
	Group     string // titles of the groups it stands in, outermost first
	Withdrawn bool
}

// MaxControls is how many controls a catalogue may have. NIST SP 800-53 has 1,196.
const MaxControls = 5000

// maxBytes bounds what is read: the whole of SP 800-53 with its prose has 10 MB.
const maxBytes = 64 << 20

// maxDepth bounds how deep groups and controls may be nested.
const maxDepth = 16

type foreign struct {
	Catalog *struct {
		UUID     string         `json:"uuid"`
		Metadata metadata       `json:"metadata"`
		Groups   []foreignGroup `json:"groups"`
		Controls []foreignCtl   `json:"controls"`
	} `json:"catalog"`
}

type foreignGroup struct {
	Title    string         `json:"title"`
	Groups   []foreignGroup `json:"groups"`
	Controls []foreignCtl   `json:"controls"`
}

type foreignCtl struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Props []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
		Class string `json:"class"`
	} `json:"props"`
	Controls []foreignCtl `json:"controls"`
}

var validUUID = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// Read reads an OSCAL catalogue in JSON. The error says what is wrong with the file and where.
func Read(r io.Reader) (*External, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxBytes {
		return nil, fmt.Errorf("the file is larger than %d MB: no catalogue of controls is", maxBytes>>20)
	}
	var in foreign
	if err := json.Unmarshal(b, &in); err != nil {
		return nil, fmt.Errorf("this is no OSCAL catalogue in JSON: %w", err)
	}
	if in.Catalog == nil {
		return nil, fmt.Errorf("the file has no member \"catalog\" at its top: give an OSCAL catalogue, or a resolved profile, which is one")
	}
	c := in.Catalog
	out := &External{UUID: strings.ToLower(c.UUID), Title: tidy(c.Metadata.Title), Version: tidy(c.Metadata.Version), OSCAL: tidy(c.Metadata.OSCALVersion), Modified: tidy(c.Metadata.LastModified)}
	switch {
	case !validUUID.MatchString(out.UUID):
		return nil, fmt.Errorf("catalog.uuid: %q is no UUID", c.UUID)
	case out.Title == "":
		return nil, fmt.Errorf("catalog.metadata.title is missing")
	case !strings.HasPrefix(out.OSCAL, "1."):
		return nil, fmt.Errorf("catalog.metadata.oscal-version: %q is not a version 1 of OSCAL", out.OSCAL)
	}
	seen := map[string]bool{}
	if err := out.controls(c.Controls, "", seen, 0); err != nil {
		return nil, err
	}
	if err := out.groups(c.Groups, nil, seen, 0); err != nil {
		return nil, err
	}
	if len(out.Controls) == 0 {
		return nil, fmt.Errorf("the catalogue %q has no controls", out.Title)
	}
	return out, nil
}

func (x *External) groups(gs []foreignGroup, above []string, seen map[string]bool, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("groups are nested deeper than %d", maxDepth)
	}
	for _, g := range gs {
		path := append(above[:len(above):len(above)], tidy(g.Title))
		if err := x.controls(g.Controls, strings.Join(path, " / "), seen, 0); err != nil {
			return err
		}
		if err := x.groups(g.Groups, path, seen, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (x *External) controls(cs []foreignCtl, group string, seen map[string]bool, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("controls are nested deeper than %d", maxDepth)
	}
	for _, c := range cs {
		switch {
		case c.ID == "" || tidy(c.Title) == "":
			return fmt.Errorf("a control in %q has no id or no title (id %q)", group, c.ID)
		case seen[c.ID]:
			return fmt.Errorf("control %s stands in the file twice", c.ID)
		case len(x.Controls) == MaxControls:
			return fmt.Errorf("the catalogue has more than %d controls", MaxControls)
		}
		seen[c.ID] = true
		k := Control{ID: c.ID, Number: c.ID, Title: tidy(c.Title), Group: group}
		for _, p := range c.Props {
			switch {
			case p.Name == "label" && (k.Number == c.ID || p.Class == ""):
				k.Number = tidy(p.Value) // one without a class is the plain one
			case p.Name == "status" && strings.EqualFold(p.Value, "withdrawn"):
				k.Withdrawn = true
			}
		}
		x.Controls = append(x.Controls, k)
		if err := x.controls(c.Controls, group, seen, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// tidy makes one line of a text.
func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }
