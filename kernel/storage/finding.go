package storage

import "strings"

// Finding is one thing that was examined. Nothing is Found where it holds.
type Finding struct {
	What  string `json:"what"`            // the promise that was held against the data
	Found string `json:"found,omitempty"` // what does not hold, or what is worth knowing
	Mend  string `json:"mend,omitempty"`
	Note  bool   `json:"note,omitempty"` // worth knowing, and not a failure
}

// Holds reports whether nothing was found that has to be mended.
func (f Finding) Holds() bool { return f.Found == "" || f.Note }

// Listed is how many things a finding names one by one.
const Listed = 10

// Find makes the finding of things that do not hold, of which at most [Listed] are named.
func Find(what, mend string, things []string) Finding {
	f := Finding{What: what}
	if len(things) == 0 {
		return f
	}
	if len(things) > Listed {
		things = append(things[:Listed:Listed], "and more")
	}
	f.Found, f.Mend = strings.Join(things, ", "), mend
	return f
}
