package crosswalk

import (
	"bytes"
	_ "embed" // crosswalk.yaml travels inside the binary
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"steward/kernel/fault"
	"steward/sms/conformity/catalogue"
)

// Link joins a clause of ISO/IEC 20000-1:2018 with an item of a framework.
type Link struct {
	Clause string `json:"clause"`
	Part   bool   `json:"part"`             // overlaps only partly
	Aspect string `json:"aspect,omitempty"` // only as to this; none: not told
	As     string `json:"as,omitempty"`     // the number above the item that was named
}

// Item is what a framework numbers or names: a practice, a clause, a control, a process area.
type Item struct {
	Code  string
	Topic string // in our words; "" where the code is a name
	Links []Link // in the order of clauses

	Group *Group
}

// Path is the code as a part of an address.
func (i *Item) Path() string { return strings.ReplaceAll(i.Code, " ", "-") }

// Group is a chapter of a framework.
type Group struct {
	Code, Title string
	Items       []*Item
	Links       []Link // to the group as a whole: they show nothing of one item by itself
}

// Framework is one other way to look at the same evidence.
type Framework struct {
	ID, Title   string
	One, Many   string   // what its items are called
	Limits      []string // what the evidence does not show there, whatever the verdicts
	Groups      []*Group
	Unmatched   []string // clauses of 20000-1:2018 without a counterpart in it
	items       map[string]*Item
	aboveOrSelf map[string][]*Item
}

// Items are all items in the framework's order.
func (f *Framework) Items() []*Item {
	var out []*Item
	for _, g := range f.Groups {
		out = append(out, g.Items...)
	}
	return out
}

// Item finds one by its code, or the code as addresses have it. NotFound says what there is.
func (f *Framework) Item(code string) (*Item, error) {
	if i := f.items[code]; i != nil {
		return i, nil
	}
	for _, i := range f.items {
		if i.Path() == code {
			return i, nil
		}
	}
	return nil, fault.New(fault.NotFound, "%s has no %s %q: the page of the framework lists them", f.Title, f.One, code)
}

// Crosswalk is a validated mapping. It is never changed after [Load].
type Crosswalk struct {
	About      string
	Frameworks []*Framework
}

// Framework finds one by its id. NotFound names those there are.
func (c *Crosswalk) Framework(id string) (*Framework, error) {
	var ids []string
	for _, f := range c.Frameworks {
		if f.ID == id {
			return f, nil
		}
		ids = append(ids, f.ID)
	}
	return nil, fault.New(fault.NotFound, "there is no framework %q: write one of %s", id, strings.Join(ids, ", "))
}

//go:embed crosswalk.yaml
var embedded []byte

var builtIn = sync.OnceValue(func() *Crosswalk {
	c, err := Load(embedded, catalogue.BuiltIn())
	if err != nil {
		panic(err) // a test loads it: a binary with a broken mapping is never released
	}
	return c
})

// BuiltIn is the mapping inside this binary.
func BuiltIn() *Crosswalk { return builtIn() }

type file struct {
	About      string `yaml:"about"`
	Frameworks []struct {
		ID     string   `yaml:"id"`
		Title  string   `yaml:"title"`
		Item   string   `yaml:"item"`
		Items  string   `yaml:"items"`
		Limits []string `yaml:"limits"`
		Groups []struct {
			Code  string     `yaml:"code"`
			Title string     `yaml:"title"`
			Items [][]string `yaml:"items"`
		} `yaml:"groups"`
	} `yaml:"frameworks"`
	Clauses []struct {
		Clause string              `yaml:"clause"`
		Links  map[string][]string `yaml:",inline"`
	} `yaml:"clauses"`
}

// Load reads and validates a mapping against the clauses of cat. The error is [catalogue.Faults], or
// that of the YAML parser with its line.
func Load(data []byte, cat *catalogue.Catalogue) (*Crosswalk, error) {
	var in file
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true) // a misspelt key must not silently drop a link
	if err := d.Decode(&in); err != nil {
		return nil, fmt.Errorf("crosswalk: %w", err)
	}
	c := &Crosswalk{About: strings.TrimSpace(in.About)}
	var faults catalogue.Faults
	bad := func(where, reason, mend string) {
		faults = append(faults, catalogue.Fault{Where: where, Reason: reason, Mend: mend})
	}
	by := map[string]*Framework{}
	for _, x := range in.Frameworks {
		f := &Framework{ID: x.ID, Title: x.Title, One: x.Item, Many: x.Items, Limits: x.Limits, items: map[string]*Item{}, aboveOrSelf: map[string][]*Item{}}
		if by[x.ID] != nil {
			bad(x.ID, "twice", "remove one")
		}
		by[x.ID] = f
		c.Frameworks = append(c.Frameworks, f)
		if x.ID == "" || x.Title == "" || x.Item == "" || x.Items == "" || len(x.Limits) == 0 {
			bad(x.ID, "incomplete", "a framework has id, title, item, items and limits: say what the evidence does not show there")
		}
		for _, y := range x.Groups {
			g := &Group{Code: y.Code, Title: y.Title}
			f.Groups = append(f.Groups, g)
			for _, z := range y.Items {
				if len(z) == 0 || len(z) > 2 {
					bad(x.ID+" "+y.Code, "malformed", "an item is [code] or [code, topic]")
					continue
				}
				i := &Item{Code: z[0], Group: g}
				if len(z) == 2 {
					i.Topic = z[1]
				}
				if f.items[i.Code] != nil {
					bad(x.ID+" "+i.Code, "twice", "remove one")
				}
				f.items[i.Code] = i
				for n := i.Code; n != ""; n = above(n) {
					f.aboveOrSelf[n] = append(f.aboveOrSelf[n], i)
				}
				g.Items = append(g.Items, i)
			}
		}
	}
	want := cat.Leaves()
	for n, x := range in.Clauses {
		if n >= len(want) || x.Clause != want[n] {
			bad("clause "+x.Clause, "out_of_order", "clauses follow the catalogue, each once: "+strings.Join(want[min(n, len(want)):min(n+1, len(want))], ""))
			break
		}
		for id, links := range x.Links {
			f := by[id]
			if f == nil {
				bad("clause "+x.Clause, "unknown_framework", fmt.Sprintf("%q is not among the frameworks", id))
				continue
			}
			for _, text := range links {
				if reason := f.join(x.Clause, text); reason != "" {
					bad(fmt.Sprintf("clause %s, %s", x.Clause, id), reason, fmt.Sprintf("%q must be a code of its keys, each once, what limits it in parentheses", text))
				}
			}
		}
		for _, f := range c.Frameworks {
			if len(x.Links[f.ID]) == 0 {
				f.Unmatched = append(f.Unmatched, x.Clause)
			}
		}
	}
	if len(in.Clauses) < len(want) {
		bad("clauses", "missing", "add "+strings.Join(want[len(in.Clauses):], ", ")+", without links where there is no counterpart")
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return c, nil
}

var linkText = regexp.MustCompile(`^([^()]+?)(?: \(([^()]+)\))?$`)

// join adds a link as the file writes it, and says why not.
func (f *Framework) join(clause, text string) string {
	m := linkText.FindStringSubmatch(text)
	if m == nil {
		return "malformed"
	}
	l := Link{Clause: clause, Part: m[2] != ""}
	if m[2] != "part" {
		l.Aspect = m[2]
	}
	if i := f.items[m[1]]; i != nil {
		return add(&i.Links, l)
	}
	for _, g := range f.Groups {
		if g.Code == m[1] {
			return add(&g.Links, l)
		}
	}
	l.As = m[1]
	under := f.aboveOrSelf[m[1]]
	if len(under) == 0 {
		return "unknown_code"
	}
	for _, i := range under {
		if reason := add(&i.Links, l); reason != "" {
			return reason
		}
	}
	return ""
}

// add keeps one link per clause: what names the item beats what names a number above it, and of two
// that name it the file takes back one.
func add(links *[]Link, l Link) string {
	n := slices.IndexFunc(*links, func(x Link) bool { return x.Clause == l.Clause })
	switch {
	case n < 0:
		*links = append(*links, l)
	case (*links)[n].As != "" && l.As == "":
		(*links)[n] = l
	case (*links)[n].As == "" && l.As != "":
	case (*links)[n].Part && !l.Part: // the whole includes the part
		(*links)[n] = l
	case !(*links)[n].Part && l.Part:
	default:
		return "twice"
	}
	return ""
}

// above is the number that stands over a number: 4.4 over 4.4.1. Names have none.
func above(code string) string {
	i := strings.LastIndexByte(code, '.')
	if i < 0 || strings.Contains(code, " ") {
		return ""
	}
	return code[:i]
}
