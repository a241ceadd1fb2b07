// Package guidance tells people what each clause of ISO/IEC 20000-1:2018 wants, in plain words of our
// own: how organizations of ten, a hundred and a thousand people meet it, what an auditor asks, what
// is commonly found wrong, and which processes and screens of Steward serve it. It also holds the plan
// by which a system is built up, in phases (clauses 4 to 10; after the advice of parts 2, 3, 5, 11 and 12 of the series).
//
// In: the YAML files beside this one, kept by hand. Out: a [Clause] by its number, the [Phases], and
// how far each has come by the verdicts of the day ([Progress]).
//
// Start at [Of] and [Phases].
// Always true: every clause that holds requirements has guidance and belongs to exactly one phase;
// nothing is empty, no two texts are the same; what is named as serving a clause is there. Nothing is
// quoted from a standard. Sizes, intervals and durations are practice, not duties.
package guidance

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"steward/sms/conformity/catalogue"
)

// Clause is the guidance on one clause.
type Clause struct {
	Number    string   `yaml:"-" json:"clause"`
	Title     string   `yaml:"-" json:"title"`
	Wants     string   `yaml:"wants" json:"wants"`
	Ten       string   `yaml:"ten" json:"ten"`           // how ten people do it
	Hundred   string   `yaml:"hundred" json:"hundred"`   //
	Thousand  string   `yaml:"thousand" json:"thousand"` //
	Auditor   string   `yaml:"auditor" json:"auditor"`   // what they ask and look at
	Findings  []string `yaml:"findings" json:"findings"` // that are common
	Processes []string `yaml:"processes" json:"processes"`
	Screens   []string `yaml:"screens" json:"screens,omitempty"` // pages that are no list of records
}

//go:embed clauses_*.yaml phases.yaml
var files embed.FS

type loaded struct {
	clauses map[string]*Clause
	order   []*Clause
	phases  []*Phase
}

var all = sync.OnceValue(func() *loaded {
	l, err := load()
	if err != nil {
		panic(err) // a test loads it: a binary with broken guidance is never released
	}
	return l
})

func read(name string, into any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true) // a misspelt key must not silently drop a text
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("guidance: %s: %w", name, err)
	}
	return nil
}

func load() (*loaded, error) {
	l := &loaded{clauses: map[string]*Clause{}}
	names, err := files.ReadDir(".")
	if err != nil {
		return nil, err
	}
	for _, f := range names {
		if !strings.HasPrefix(f.Name(), "clauses_") {
			continue
		}
		one := map[string]*Clause{}
		if err := read(f.Name(), &one); err != nil {
			return nil, err
		}
		for number, c := range one {
			k, ok := catalogue.BuiltIn().Clause(number)
			if !ok || c == nil || l.clauses[number] != nil {
				return nil, fmt.Errorf("guidance: %s: clause %s is unknown, empty, or there twice", f.Name(), number)
			}
			c.Number, c.Title = number, k.Title
			l.clauses[number] = c
		}
	}
	for _, number := range catalogue.BuiltIn().Leaves() {
		if l.clauses[number] == nil {
			return nil, fmt.Errorf("guidance: clause %s has none", number)
		}
		l.order = append(l.order, l.clauses[number])
	}
	if len(l.order) != len(l.clauses) {
		return nil, fmt.Errorf("guidance: there is some on a clause that holds no requirements: %v", slices.Sorted(maps.Keys(l.clauses)))
	}
	if err := read("phases.yaml", &l.phases); err != nil {
		return nil, err
	}
	return l, l.phased()
}

// All is the guidance on every clause that holds requirements, in the standard's order.
func All() []*Clause { return slices.Clone(all().order) }

// Of is the guidance on a clause that holds requirements itself.
func Of(number string) (*Clause, bool) { c, ok := all().clauses[number]; return c, ok }

// Under is the guidance on a clause and those beneath it: of 8.6 that on 8.6.1 to 8.6.3.
func Under(number string) []*Clause {
	var out []*Clause
	for _, c := range all().order {
		if catalogue.Beneath(c.Number, number) {
			out = append(out, c)
		}
	}
	return out
}
