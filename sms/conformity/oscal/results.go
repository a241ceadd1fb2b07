package oscal

import (
	"fmt"
	"strings"

	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
)

type resultsDoc struct {
	UUID     string      `json:"uuid"`
	Metadata metadata    `json:"metadata"`
	ImportAP href        `json:"import-ap"`
	Results  []result    `json:"results"`
	Back     *backMatter `json:"back-matter"`
}

type href struct {
	Href string `json:"href"`
}

type result struct {
	UUID         string        `json:"uuid"`
	Title        string        `json:"title"`
	Description  string        `json:"description"`
	Start        string        `json:"start"`
	End          string        `json:"end"`
	Props        []property    `json:"props"`
	Reviewed     reviewed      `json:"reviewed-controls"`
	Observations []observation `json:"observations,omitempty"`
	Findings     []finding     `json:"findings,omitempty"`
}

type reviewed struct {
	Selections []selection `json:"control-selections"`
}

type selection struct {
	All *all        `json:"include-all,omitempty"`
	IDs []controlOn `json:"include-controls,omitempty"`
}

type controlOn struct {
	ID string `json:"control-id"`
}

type observation struct {
	UUID        string     `json:"uuid"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Props       []property `json:"props"`
	Methods     []string   `json:"methods"`
	Types       []string   `json:"types"`
	Evidence    []evidence `json:"relevant-evidence,omitempty"`
	Collected   string     `json:"collected"`
	Expires     string     `json:"expires,omitempty"`
}

type evidence struct {
	Href        string `json:"href"`
	Description string `json:"description"`
}

type finding struct {
	UUID        string     `json:"uuid"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Props       []property `json:"props"`
	Target      target     `json:"target"`
	Related     []related  `json:"related-observations"`
}

type target struct {
	Type   string `json:"type"`
	ID     string `json:"target-id"`
	Status status `json:"status"`
}

type status struct {
	State   string `json:"state"`
	Reason  string `json:"reason"`
	Remarks string `json:"remarks,omitempty"`
}

type related struct {
	UUID string `json:"observation-uuid"`
}

// Options of [Results].
type Options struct {
	Base     string                      // of links to records: https://steward.example; "" makes them relative
	Resource func(process string) string // name of the resource of a process
	Catalog  *catalogue.Catalogue        // whose controls the findings name
}

// Results are the verdicts of r as OSCAL assessment results: an observation for each requirement with
// the records it rests on, and a finding for each that was due. views are r's items as the asker may
// see them, in the same order.
func Results(r *conformity.Report, views []conformity.View, opt Options) ([]byte, error) {
	k, err := catalogOf(opt.Catalog, r.At)
	if err != nil {
		return nil, err
	}
	at := instant(r.At)
	res := result{Title: "State of every requirement", Start: at, End: at,
		Description: fmt.Sprintf("Computed from the records as of %s, with %d leaves in the log. What nothing is kept of counts as not satisfied.", at, r.Leaves),
		Props:       []property{own("log-leaves", fmt.Sprint(r.Leaves))}}
	if len(views) == len(opt.Catalog.All()) {
		res.Reviewed.Selections = []selection{{All: &all{}}}
	} else {
		var some selection
		for _, v := range views {
			some.IDs = append(some.IDs, controlOn{controlID(v.Requirement)})
		}
		res.Reviewed.Selections = []selection{some}
	}
	for _, v := range views {
		o := observe(v, at, opt)
		res.Observations = append(res.Observations, o)
		if f, due := find(v, opt.Catalog); due {
			res.Findings = append(res.Findings, f)
		}
	}
	sum, err := digest(res)
	if err != nil {
		return nil, err
	}
	res.UUID = uuid("result/" + sum)
	for i := range res.Observations {
		res.Observations[i].UUID = uuid("observation/" + sum + "/" + views[i].Requirement)
	}
	for i := range res.Findings {
		f := &res.Findings[i]
		f.UUID = uuid("finding/" + sum + "/" + f.Target.ID)
		requirement := strings.TrimSuffix(strings.TrimPrefix(f.Target.ID, "req-"), "_obj")
		f.Related = []related{{uuid("observation/" + sum + "/" + requirement)}}
	}
	plan := resource{UUID: uuid("plan/" + k.UUID), Title: "No assessment plan",
		Description: "There is no separate plan: every check runs over all records all the time. The controls are those of the catalogue " + k.UUID + ", version " + k.Metadata.Version + "."}
	d := &resultsDoc{UUID: uuid("results/" + sum), ImportAP: href{"#" + plan.UUID}, Results: []result{res}, Back: &backMatter{[]resource{plan}},
		Metadata: metadata{Title: "Conformity with ISO/IEC 20000-1:2018, computed from records", LastModified: at, Version: at, OSCALVersion: Version,
			Remarks: "A finding of satisfied is what the records show; a certificate is given by an accredited body. " + paraphrase}}
	return write("assessment-results", d)
}

func observe(v conformity.View, at string, opt Options) observation {
	method := "TEST"
	if v.State == catalogue.Attested {
		method = "INTERVIEW" // a person said so
	}
	o := observation{Title: v.Requirement + " " + v.Title, Description: sentence(v.Reason), Methods: []string{method}, Types: []string{"control-objective"}, Collected: at,
		Props: []property{own("state", string(v.State)), own("population", fmt.Sprint(v.Population)), own("failing", fmt.Sprint(v.Failing))}}
	if v.Since != nil {
		o.Props = append(o.Props, own("since", instant(*v.Since)))
	}
	if v.CheckVersion > 0 {
		o.Props = append(o.Props, own("check-version", fmt.Sprint(v.CheckVersion)))
	}
	if v.Changes != nil && !v.State.Fails() {
		o.Expires = instant(*v.Changes)
	}
	for _, e := range v.Evidence {
		o.Evidence = append(o.Evidence, evidence{opt.Base + "/api/v1/" + opt.Resource(e.Process) + "/" + e.Ref, e.Process + " " + e.Ref})
	}
	return o
}

// find is the finding on a requirement; false for one that had no occasion: neither word of OSCAL
// would be true of it.
func find(v conformity.View, c *catalogue.Catalogue) (finding, bool) {
	f := finding{Title: v.Requirement + " " + v.Title, Description: sentence(v.Reason), Props: []property{own("state", string(v.State))}, Related: []related{},
		Target: target{Type: "objective-id", ID: objectiveID(v.Requirement)}}
	if r, ok := c.ByID(v.Requirement); ok {
		f.Description = r.Needs + " " + f.Description
	}
	if v.NextStep != "" && v.State.Fails() {
		f.Description += " Next step: " + sentence(v.NextStep)
	}
	s := &f.Target.Status
	switch v.State {
	case catalogue.Vacuous:
		return f, false
	case catalogue.Conforms:
		*s = status{"satisfied", "pass", ""}
	case catalogue.Attested:
		*s = status{"satisfied", "other", "It rests on a statement that a person signed, not on records of the work."}
	case catalogue.NoEvidence:
		*s = status{"not-satisfied", "other", "Nothing shows it either way."}
		if !v.Decided {
			s.Remarks = "Nothing of that kind is kept by this system: show it by other means."
		}
	default:
		*s = status{"not-satisfied", "fail", ""}
	}
	if v.Advisory {
		f.Props = append(f.Props, own("advisory", "true"))
	}
	return f, true
}

// sentence ends a reason as a sentence; a reason that is missing says so.
func sentence(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return "No reason is recorded."
	}
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}
