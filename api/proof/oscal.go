package proof

import (
	"net/http"

	"steward/api"
	"steward/sms/conformity"
	"steward/sms/conformity/oscal"
)

// document answers a document of OSCAL as it is.
func document(c *api.Call, b []byte, err error) error {
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "application/json")
	c.W.WriteHeader(http.StatusOK)
	_, _ = c.W.Write(b) // a caller who has gone away is no error of ours
	return nil
}

func (d door) oscalCatalog(c *api.Call) error {
	if err := conformity.May(c.Who); err != nil {
		return err
	}
	b, err := oscal.Catalog(d.e.Catalogue(), d.e.Now())
	return document(c, b, err)
}

func (d door) oscalProfile(c *api.Call) error {
	if err := conformity.May(c.Who); err != nil {
		return err
	}
	b, err := oscal.Profile(d.e.Catalogue(), d.e.Now(), "catalog") // beside this answer
	return document(c, b, err)
}

func (d door) oscalResults(c *api.Call) error {
	r, err := d.report(c)
	if err != nil {
		return err
	}
	views, err := d.e.Views(c.R.Context(), c.Who, r.Items)
	if err != nil {
		return err
	}
	b, err := oscal.Results(r, views, oscal.Options{Resource: d.e.Resource, Catalog: d.e.Catalogue()})
	return document(c, b, err)
}

// oscalSchema names NIST's schema of a document and says no more than its root: the whole is theirs.
func oscalSchema(root string) schema {
	return schema{"type": "object", "required": []string{root}, "properties": schema{root: schema{"type": "object"}},
		"externalDocs": schema{"url": "https://pages.nist.gov/OSCAL-Reference/models/v" + oscal.Version + "/", "description": "NIST OSCAL " + oscal.Version}}
}
