package oscal

import (
	"time"

	"steward/sms/conformity/catalogue"
)

type catalogDoc struct {
	UUID     string   `json:"uuid"`
	Metadata metadata `json:"metadata"`
	Groups   []group  `json:"groups"`
}

type group struct {
	ID       string     `json:"id"`
	Class    string     `json:"class"`
	Title    string     `json:"title"`
	Props    []property `json:"props"`
	Groups   []group    `json:"groups,omitempty"`
	Controls []control  `json:"controls,omitempty"`
}

type control struct {
	ID    string     `json:"id"`
	Class string     `json:"class"`
	Title string     `json:"title"`
	Props []property `json:"props"`
	Parts []part     `json:"parts"`
}

type part struct {
	ID    string     `json:"id,omitempty"`
	Name  string     `json:"name"`
	Props []property `json:"props,omitempty"`
	Prose string     `json:"prose,omitempty"`
	Parts []part     `json:"parts,omitempty"`
}

// controlID is a requirement's id as OSCAL takes it: 8.6.1-09 is req-8.6.1-09.
func controlID(requirement string) string { return "req-" + requirement }

// objectiveID is the part of a control that findings are about.
func objectiveID(requirement string) string { return controlID(requirement) + "_obj" }

// Catalog is the requirements as an OSCAL catalogue: a group per clause, a control per requirement,
// each with what must be so (statement), what is checked (assessment-objective) and what an auditor
// would look at (assessment-method). at is when it is written.
func Catalog(c *catalogue.Catalogue, at time.Time) ([]byte, error) {
	d, err := catalogOf(c, at)
	if err != nil {
		return nil, err
	}
	return write("catalog", d)
}

func catalogOf(c *catalogue.Catalogue, at time.Time) (*catalogDoc, error) {
	d := &catalogDoc{}
	for _, k := range c.Clauses() {
		d.Groups = append(d.Groups, groupOf(k))
	}
	sum, err := digest(d.Groups)
	if err != nil {
		return nil, err
	}
	d.UUID = uuid("catalog/" + sum)
	d.Metadata = metadata{Title: "Requirements of ISO/IEC 20000-1:2018 in Steward's words", LastModified: instant(at), Version: sum[:12], OSCALVersion: Version, Remarks: paraphrase}
	return d, nil
}

func groupOf(k *catalogue.Clause) group {
	g := group{ID: "clause-" + k.Number, Class: "clause", Title: k.Title, Props: []property{{Name: "label", Value: k.Number}}}
	for _, sub := range k.Clauses {
		g.Groups = append(g.Groups, groupOf(sub))
	}
	for _, r := range k.Requirements {
		g.Controls = append(g.Controls, controlOf(r))
	}
	return g
}

func controlOf(r *catalogue.Requirement) control {
	id := controlID(r.ID)
	c := control{ID: id, Class: "requirement", Title: r.ID + " " + r.Title, Props: []property{{Name: "label", Value: r.ID}, own("kind", string(r.Kind))}}
	if r.Advisory {
		c.Props = append(c.Props, own("advisory", "true"))
	}
	if r.Attested {
		c.Props = append(c.Props, own("attested", "true"))
	}
	if r.Condition != nil {
		c.Props = append(c.Props, own("due-when", r.Condition.When))
	}
	if r.Interval != nil && !r.Interval.Default.IsZero() {
		c.Props = append(c.Props, own("interval", r.Interval.Default.String()))
	}
	c.Parts = []part{
		{ID: id + "_smt", Name: "statement", Prose: r.Needs},
		{ID: objectiveID(r.ID), Name: "assessment-objective", Prose: r.Check},
		{ID: id + "_asm", Name: "assessment-method", Props: []property{{Name: "method", Value: "EXAMINE"}}, Parts: []part{{Name: "assessment-objects", Prose: r.Evidence}}},
	}
	return c
}

type profileDoc struct {
	UUID     string      `json:"uuid"`
	Metadata metadata    `json:"metadata"`
	Imports  []imported  `json:"imports"`
	Merge    merge       `json:"merge"`
	Back     *backMatter `json:"back-matter,omitempty"`
}

type imported struct {
	Href string `json:"href"`
	All  all    `json:"include-all"`
}

type merge struct {
	AsIs bool `json:"as-is"`
}

// Profile selects every requirement: no clause of 4 to 10 may be excluded. href is where the catalogue
// lies, as seen from the profile.
func Profile(c *catalogue.Catalogue, at time.Time, href string) ([]byte, error) {
	k, err := catalogOf(c, at)
	if err != nil {
		return nil, err
	}
	res := resource{UUID: k.UUID, Title: k.Metadata.Title, Description: "The catalogue, version " + k.Metadata.Version + ".", Links: []link{{Href: href}}}
	d := &profileDoc{UUID: uuid("profile/" + k.UUID + "/" + href), Imports: []imported{{Href: "#" + res.UUID}}, Merge: merge{true}, Back: &backMatter{[]resource{res}},
		Metadata: metadata{Title: "ISO/IEC 20000-1:2018, all requirements", LastModified: instant(at), Version: k.Metadata.Version, OSCALVersion: Version,
			Remarks: "All requirements are selected: whoever claims conformity may exclude none. " + paraphrase}}
	return write("profile", d)
}
