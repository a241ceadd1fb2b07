package catalogue

import (
	"bytes"
	_ "embed" // catalogue.yaml travels inside the binary
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Kind is what the evidence of a requirement chiefly is.
type Kind string

// The kinds. Documents are maintained (the version in force counts), the others are retained.
const (
	Document    Kind = "document"
	Record      Kind = "record"
	Process     Kind = "process"
	Measurement Kind = "measurement"
	Review      Kind = "review"
	Decision    Kind = "decision"
)

var kinds = []Kind{Document, Record, Process, Measurement, Review, Decision}

// Requirement is one duty that can be tested on its own.
type Requirement struct {
	ID        string     `yaml:"id"`        // clause, hyphen, two digits: 8.6.1-09; stable for ever
	Clause    string     `yaml:"clause"`    // 8.6.1
	Needs     string     `yaml:"needs"`     // what must be so, in our words
	Kind      Kind       `yaml:"kind"`      //
	Evidence  string     `yaml:"evidence"`  // what an auditor would look at
	Check     string     `yaml:"check"`     // what a machine can decide
	Interval  *Interval  `yaml:"interval"`  // nil: no rhythm
	Condition *Condition `yaml:"condition"` // nil: due from the first day
	Attested  bool       `yaml:"attested"`  // only a signed statement can show it
	Advisory  bool       `yaml:"advisory"`  // worth seeing, never counts against conformity

	Title string `yaml:"-"` // of its clause
}

// Interval is how often a duty is due or how old its evidence may be.
type Interval struct {
	Planned  bool   `yaml:"planned"`  // the standard asks for planned intervals; else a window of this product
	Default  Period `yaml:"default"`  // used until somebody sets another; zero: Note says what sets the rhythm
	Readings Period `yaml:"readings"` // shorter rhythm in which figures must come in; zero: none
	Note     string `yaml:"note"`
}

// Condition is what must have occurred before a duty is due.
type Condition struct {
	When      string `yaml:"when"`             // "a major incident exists"
	Always    string `yaml:"always"`           // the part of the duty that holds regardless; usually none
	Warn      string `yaml:"warn_when_silent"` // why an empty search is suspicious; none: it is not
	SilentFor Period `yaml:"silent_for"`       // suspicious only after so long a search; zero: at once
}

// Blocks reports whether s, as the state of r, counts against conformity.
func (r *Requirement) Blocks(s State) bool { return s.Fails() && !r.Advisory }

// Clause is a clause of the standard with what lies beneath it.
type Clause struct {
	Number       string // 8.6.1
	Title        string
	Clauses      []*Clause      // directly beneath, in the standard's order
	Requirements []*Requirement // of this clause itself, by number
}

// All is every requirement of c and of the clauses beneath it, in the standard's order.
func (c *Clause) All() []*Requirement {
	all := slices.Clone(c.Requirements)
	for _, sub := range c.Clauses {
		all = append(all, sub.All()...)
	}
	return all
}

// Catalogue is a validated set of requirements. It is never changed after [Load].
type Catalogue struct {
	all     []*Requirement
	byID    map[string]*Requirement
	clauses map[string]*Clause
	top     []*Clause
}

// All is every requirement in the standard's order. The caller must not change them.
func (c *Catalogue) All() []*Requirement { return slices.Clone(c.all) }

// ByID finds a requirement.
func (c *Catalogue) ByID(id string) (*Requirement, bool) { r, ok := c.byID[id]; return r, ok }

// Clauses is the tree, beginning with the clauses that have one number (4 to 10).
func (c *Catalogue) Clauses() []*Clause { return slices.Clone(c.top) }

// Beneath reports whether clause is the one of that number or stands under it: 8.6.1 under 8.6, and
// 8.10 not under 8.1.
func Beneath(clause, number string) bool {
	return clause == number || strings.HasPrefix(clause, number+".")
}

// Clause finds a clause by its number.
func (c *Catalogue) Clause(number string) (*Clause, bool) { k, ok := c.clauses[number]; return k, ok }

//go:embed catalogue.yaml
var embedded []byte

var builtIn = sync.OnceValue(func() *Catalogue {
	c, err := Load(embedded)
	if err != nil {
		panic(err) // a test loads it: a binary with a broken catalogue is never released
	}
	return c
})

// Leaves are the numbers of the clauses that hold requirements themselves, in the standard's order.
func (c *Catalogue) Leaves() []string {
	var out []string
	for _, r := range c.all {
		if len(out) == 0 || out[len(out)-1] != r.Clause {
			out = append(out, r.Clause)
		}
	}
	return out
}

// IsClause reports whether the standard has a clause of this number with requirements in it.
func IsClause(number string) bool { _, ok := builtIn().Clause(number); return ok }

// BuiltIn is the catalogue inside this binary.
func BuiltIn() *Catalogue { return builtIn() }

// All is every requirement of the built-in catalogue, in the standard's order.
func All() []*Requirement { return builtIn().All() }

// ByID finds a requirement of the built-in catalogue.
func ByID(id string) (*Requirement, bool) { return builtIn().ByID(id) }

// Clauses is the clause tree of the built-in catalogue: 4 to 10.
func Clauses() []*Clause { return builtIn().Clauses() }

// A Fault is one thing that is wrong with a catalogue file.
type Fault struct{ Where, Reason, Mend string }

func (f Fault) String() string { return f.Where + ": " + f.Reason + ": " + f.Mend }

// Faults is everything that is wrong with a catalogue file, not only the first.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.String()
	}
	return "catalogue: " + strings.Join(lines, "; ")
}

// Load reads and validates a catalogue file. The error is [Faults], or that of the YAML parser
// with its line.
func Load(data []byte) (*Catalogue, error) {
	var file struct {
		Clauses []struct {
			Number string `yaml:"number"`
			Title  string `yaml:"title"`
		} `yaml:"clauses"`
		Requirements []*Requirement `yaml:"requirements"`
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true) // a misspelt key must not silently drop a condition
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	c := &Catalogue{all: file.Requirements, byID: map[string]*Requirement{}, clauses: map[string]*Clause{}}
	var faults Faults
	bad := func(where, reason, mend string, args ...any) {
		faults = append(faults, Fault{where, reason, fmt.Sprintf(mend, args...)})
	}

	last := ""
	for _, in := range file.Clauses {
		where := "clause " + in.Number
		k := &Clause{Number: in.Number, Title: in.Title}
		parent := parentOf(in.Number)
		switch {
		case !validNumber(in.Number):
			bad(where, "malformed", "write numbers with points between, such as '8.6.1', in quotes")
			continue
		case c.clauses[in.Number] != nil:
			bad(where, "twice", "remove one")
			continue
		case last != "" && compareNumbers(last, in.Number) > 0:
			bad(where, "out_of_order", "put it before %s", last)
		case parent != "" && c.clauses[parent] == nil:
			bad(where, "no_parent", "add clause %s before it", parent)
		case strings.TrimSpace(in.Title) == "":
			bad(where, "no_title", "give it one")
		}
		last = in.Number
		c.clauses[in.Number] = k
		if p := c.clauses[parent]; p != nil {
			p.Clauses = append(p.Clauses, k)
		} else {
			c.top = append(c.top, k)
		}
	}

	lastClause := ""
	for _, r := range file.Requirements {
		if r == nil {
			bad("requirements", "empty", "remove the empty entry")
			continue
		}
		k := c.clauses[r.Clause]
		if c.byID[r.ID] != nil {
			bad(r.ID, "twice", "ids are stable and unique: give one of them the next number of its clause")
			continue
		}
		c.byID[r.ID] = r
		if k == nil {
			bad(r.ID, "unknown_clause", "add clause %q to the list or correct it", r.Clause)
			continue
		}
		if lastClause != "" && compareNumbers(lastClause, r.Clause) > 0 {
			bad(r.ID, "out_of_order", "requirements follow their clauses: put it before those of %s", lastClause)
		}
		lastClause = r.Clause
		k.Requirements = append(k.Requirements, r)
		if want := fmt.Sprintf("%s-%02d", r.Clause, len(k.Requirements)); r.ID != want {
			bad(r.ID, "wrong_id", "entries of a clause are numbered without gaps: this one is %s", want)
		}
		r.Title = k.Title
		for _, f := range r.faults() {
			bad(r.ID, f.Reason, "%s", f.Mend)
		}
	}
	if len(file.Requirements) == 0 {
		bad("requirements", "empty", "a catalogue without requirements would call every system conforming")
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

// faults is what is wrong with the entry by itself.
func (r *Requirement) faults() []Fault {
	var f []Fault
	bad := func(reason, mend string) { f = append(f, Fault{Reason: reason, Mend: mend}) }
	for _, part := range []struct{ name, text string }{{"needs", r.Needs}, {"evidence", r.Evidence}, {"check", r.Check}} {
		if strings.TrimSpace(part.text) == "" {
			bad("no_"+part.name, "fill "+part.name)
		}
	}
	if !slices.Contains(kinds, r.Kind) {
		bad("unknown_kind", fmt.Sprintf("%q is not one of %v", r.Kind, kinds))
	}
	if i := r.Interval; i != nil {
		if i.Default.IsZero() && i.Note == "" {
			bad("no_interval", "give interval a default, or a note that says what sets the rhythm")
		}
		if i.Planned && i.Default.IsZero() {
			bad("no_default", "a planned interval needs a default, or nothing would ever be due")
		}
	}
	if c := r.Condition; c != nil {
		if c.When == "" {
			bad("no_condition", "fill condition.when")
		}
		if !c.SilentFor.IsZero() && c.Warn == "" {
			bad("no_warning", "silent_for needs warn_when_silent")
		}
	}
	return f
}

func parentOf(number string) string {
	if i := strings.LastIndexByte(number, '.'); i >= 0 {
		return number[:i]
	}
	return ""
}

func validNumber(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if n, err := strconv.Atoi(part); err != nil || n < 1 || strconv.Itoa(n) != part {
			return false
		}
	}
	return true
}

// compareNumbers orders clauses as the standard does: 9.4 before 10.1.
func compareNumbers(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(x, y string) int {
		m, _ := strconv.Atoi(x) // both were found valid
		n, _ := strconv.Atoi(y)
		return m - n
	})
}
