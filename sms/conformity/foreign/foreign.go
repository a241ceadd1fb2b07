// Package foreign keeps catalogues of controls that others publish (NIST SP 800-53, a customer's list),
// so that they can be seen beside our own requirements (ISO/IEC 20000-1:2018, 7.5.3: documents of
// external origin are identified).
//
// In: OSCAL catalogues, read by package oscal and taken over by the importer. Out: records with the
// numbers and titles of the controls.
//
// Start at [Process], then [FromOSCAL].
// Always true: no mapping to such a catalogue is known here, so no verdict says anything about it, and
// the crosswalk says that beside it; nobody else's prose is kept.
package foreign

import (
	"encoding/json"
	"io"

	"steward/exchange/importer"
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms/conformity/oscal"
)

// Unmapped is what is said wherever such a catalogue is shown.
const Unmapped = "No mapping between such a catalogue and ISO/IEC 20000-1 is known here: it stands beside the requirements to be read, and no verdict says anything about its controls."

// Catalogue is one edition of somebody else's catalogue. Its title is the publisher's.
type Catalogue struct {
	record.Header
	UUID     record.Text `field:"required,identity,len=36"` // the document's own; a new edition has another
	Edition  record.Text `field:"len=100"`                  // version, as the publisher counts
	Format   record.Text `field:"required,len=40"`          // OSCAL 1.1.2
	Modified record.Text `field:"len=60"`                   // when the publisher last did, as the file has it
	Controls []Control   `lines:"max=5000"`
}

// Control is one of them, in the catalogue's order.
type Control struct {
	record.Line
	Identifier record.Text `field:"required,len=200"` // ac-2.1
	Code       record.Text `field:"required,len=200"` // AC-2(1), as people write it
	Title      record.Text `field:"required,len=500"`
	Chapter    record.Text `field:"len=500"`
	Withdrawn  record.Bool `field:""`
}

// Process is the declaration.
var Process = process.Declare(process.Spec[Catalogue]{
	Name: "control_catalogue", Prefix: "CCT", Clause: "7.5.3",
	Doc:    "Catalogues of controls that others publish, by number and title, beside our own requirements; no mapping to them is known.",
	States: []lifecycle.State{{Name: "listed", Phase: lifecycle.Open}, {Name: "retired", Phase: lifecycle.Void}},
	Lifecycle: lifecycle.Table[Catalogue]{
		{Name: "retire", From: []string{"listed"}, To: "retired"},
		{Name: "relist", From: []string{"retired"}, To: "listed"},
	},
	Grants: access.Table{
		access.ProcessOwner: "read create update comment internal link export do:*", access.Management: "read export",
		access.Auditor: "read internal export",
	},
})

// FromOSCAL reads an OSCAL catalogue as the importer takes it: one record, known by the document's UUID.
func FromOSCAL(r io.Reader) ([]importer.Given, error) {
	x, err := oscal.Read(r)
	if err != nil {
		return nil, err
	}
	type line struct {
		Identifier string `json:"identifier"`
		Code       string `json:"code"`
		Title      string `json:"title"`
		Chapter    string `json:"chapter,omitempty"`
		Withdrawn  bool   `json:"withdrawn,omitempty"`
	}
	lines := make([]line, len(x.Controls))
	for i, k := range x.Controls {
		lines[i] = line{k.ID, k.Number, k.Title, k.Group, k.Withdrawn}
	}
	set := map[string]json.RawMessage{}
	for name, v := range map[string]any{"title": x.Title, "uuid": x.UUID, "edition": x.Version, "format": "OSCAL " + x.OSCAL, "modified": x.Modified, "controls": lines} {
		if v == "" {
			continue
		}
		if set[name], err = json.Marshal(v); err != nil {
			return nil, err
		}
	}
	return []importer.Given{{Key: x.UUID, Set: set}}, nil
}
