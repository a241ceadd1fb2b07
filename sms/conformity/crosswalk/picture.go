package crosswalk

import (
	"fmt"
	"slices"
	"time"

	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
)

// Seen is how much of an item the evidence shows. None of the words says that a framework is conformed to.
type Seen string

// The words, best first.
const (
	Supported   Seen = "supported"   // by a link that is not partial, and all that bears on it holds
	InPart      Seen = "in_part"     // by partial links only, or some of what bears on it does not hold
	Unsupported Seen = "unsupported" // requirements bear on it, and none of them conforms
	GroupOnly   Seen = "group_only"  // only its group as a whole is linked
	NotCovered  Seen = "not_covered" // no clause of ISO/IEC 20000-1 is linked to it
)

// AllSeen are the words in their order.
var AllSeen = []Seen{Supported, InPart, Unsupported, GroupOnly, NotCovered}

// Counts are requirements by what their verdicts say. Advisory ones count nowhere but in Advisory.
type Counts struct {
	Requirements int `json:"requirements"`
	Conforms     int `json:"conforms"` // records show it
	Attested     int `json:"attested"` // a person signed for it
	Vacuous      int `json:"vacuous"`  // no occasion yet
	Failing      int `json:"failing"`  // partial, stale, gap and no evidence
	Undecided    int `json:"undecided"`
	Advisory     int `json:"advisory"`
	Share        int `json:"share"` // percent that conform, rounded down: 100 means all
}

// count adds a requirement. Undecided are those of the failing that no check decides.
func (c *Counts) count(i *conformity.Item) {
	if i.Requirement.Advisory {
		c.Advisory++
		return
	}
	c.Requirements++
	switch i.State {
	case catalogue.Conforms:
		c.Conforms++
	case catalogue.Attested:
		c.Attested++
	case catalogue.Vacuous:
		c.Vacuous++
	default:
		c.Failing++
		if !i.Decided {
			c.Undecided++
		}
	}
	c.Share = c.Conforms * 100 / c.Requirements
}

// Duty is a requirement that bears on an item.
type Duty struct {
	Requirement string          `json:"requirement"`
	State       catalogue.State `json:"state"`
	Part        bool            `json:"part"` // through links that overlap only partly

	Item *conformity.Item `json:"-"`
}

// ItemView is an item with what the verdicts of a day show of it.
type ItemView struct {
	Code  string `json:"code"`
	Topic string `json:"topic,omitempty"`
	Group string `json:"group"`
	Seen  Seen   `json:"seen"`
	Counts
	NotShown []string `json:"does_not_show"`
	Links    []Link   `json:"links"`
	Duties   []Duty   `json:"bearing"`

	Of *Item `json:"-"`
}

// Totals sum a framework up.
type Totals struct {
	Items       int `json:"items"`
	Supported   int `json:"supported"`
	InPart      int `json:"in_part"`
	Unsupported int `json:"unsupported"`
	GroupOnly   int `json:"group_only"`
	NotCovered  int `json:"not_covered"`
	Counts          // of the requirements that bear on any item
}

// Picture is a framework as the verdicts of a day show it.
type Picture struct {
	Framework *Framework
	At        time.Time
	Totals    Totals
	Items     []ItemView
}

// Picture computes what r shows of the framework.
func (f *Framework) Picture(r *conformity.Report) *Picture {
	byClause := map[string][]*conformity.Item{}
	for n := range r.Items {
		i := &r.Items[n]
		byClause[i.Requirement.Clause] = append(byClause[i.Requirement.Clause], i)
	}
	p := &Picture{Framework: f, At: r.At}
	bearing := map[string]bool{}
	for _, i := range f.Items() {
		v := ItemView{Code: i.Code, Topic: i.Topic, Group: i.Group.Title, Links: i.Links, Duties: []Duty{}, Of: i}
		if v.Links == nil {
			v.Links = []Link{}
		}
		for _, l := range i.Links {
			for _, q := range byClause[l.Clause] {
				v.count(q)
				v.Duties = append(v.Duties, Duty{q.Requirement.ID, q.State, l.Part, q})
				if !bearing[q.Requirement.ID] {
					bearing[q.Requirement.ID] = true
					p.Totals.count(q)
				}
			}
		}
		v.judge()
		p.Totals.Items++
		*p.Totals.of(v.Seen)++
		p.Items = append(p.Items, v)
	}
	return p
}

func (t *Totals) of(s Seen) *int {
	switch s {
	case Supported:
		return &t.Supported
	case InPart:
		return &t.InPart
	case Unsupported:
		return &t.Unsupported
	case GroupOnly:
		return &t.GroupOnly
	}
	return &t.NotCovered
}

// Number is how many items are seen so.
func (t *Totals) Number(s Seen) int { return *t.of(s) }

// judge says how much is seen, and what is not.
func (v *ItemView) judge() {
	v.NotShown = []string{}
	say := func(format string, args ...any) { v.NotShown = append(v.NotShown, fmt.Sprintf(format, args...)) }
	switch {
	case len(v.Links) > 0:
	case len(v.Of.Group.Links) > 0:
		v.Seen = GroupOnly
		for _, l := range v.Of.Group.Links {
			say("only its group as a whole is linked, by clause %s: that shows nothing of %s by itself", l.Text(), v.Code)
		}
		return
	default:
		v.Seen = NotCovered
		say("no clause of ISO/IEC 20000-1:2018 is linked to it")
		return
	}
	whole := slices.ContainsFunc(v.Duties, func(d Duty) bool {
		return !d.Part && (d.State == catalogue.Conforms || d.State == catalogue.Attested) && !d.Item.Requirement.Advisory
	})
	switch {
	case v.Conforms+v.Attested == 0:
		v.Seen = Unsupported
	case whole && v.Failing == 0:
		v.Seen = Supported
	default:
		v.Seen = InPart
	}
	if !slices.ContainsFunc(v.Links, func(l Link) bool { return !l.Part }) {
		say("no clause overlaps with it wholly")
	}
	for _, l := range v.Links {
		if l.Part {
			say("clause %s bears on it %s", l.Clause, l.limit())
		}
		if l.As != "" {
			say("clause %s is linked to %s as a whole, not to this in particular", l.Clause, l.As)
		}
	}
	of := v.Requirements
	if n := v.Failing - v.Undecided; n > 0 {
		say("%d of %d requirements are not met", n, of)
	}
	if v.Undecided > 0 {
		say("%d of %d requirements: nothing of that kind is kept yet", v.Undecided, of)
	}
	if v.Vacuous > 0 {
		say("%d of %d requirements had no occasion yet", v.Vacuous, of)
	}
	if v.Attested > 0 {
		say("%d of %d requirements rest on a person's word", v.Attested, of)
	}
}

// limit is how far a link reaches, in words.
func (l Link) limit() string {
	if l.Aspect != "" {
		return "only as to: " + l.Aspect
	}
	return "only partly"
}

// Text is a link as people write it: 8.2.4 (part).
func (l Link) Text() string {
	switch {
	case l.Aspect != "":
		return l.Clause + " (" + l.Aspect + ")"
	case l.Part:
		return l.Clause + " (part)"
	}
	return l.Clause
}

// Served is an item of a framework that a record's verdicts serve.
type Served struct {
	Code     string      `json:"code"`
	Topic    string      `json:"topic,omitempty"`
	Part     bool        `json:"part"` // every link to it overlaps only partly
	Verdicts []OfARecord `json:"verdicts"`

	Of *Item `json:"-"`
}

// OfARecord is what the record itself shows for a requirement, not what all of its kind do.
type OfARecord struct {
	Requirement string          `json:"requirement"`
	State       catalogue.State `json:"state"`
	Reason      string          `json:"reason,omitempty"`
}

// Service is what one record serves in one framework.
type Service struct {
	Framework string   `json:"framework"`
	Title     string   `json:"title"`
	Items     []Served `json:"items"`

	Of *Framework `json:"-"`
}

// Serves are the items of every framework on which the requirements bear that a record shows
// something for. A link to a group as a whole does not count.
func (c *Crosswalk) Serves(bears []conformity.Borne) []Service {
	byClause := map[string][]OfARecord{}
	for _, b := range bears {
		byClause[b.Requirement.Clause] = append(byClause[b.Requirement.Clause], OfARecord{b.Requirement.ID, b.State, b.Reason})
	}
	var out []Service
	for _, f := range c.Frameworks {
		s := Service{Framework: f.ID, Title: f.Title, Items: []Served{}, Of: f}
		for _, i := range f.Items() {
			v := Served{Code: i.Code, Topic: i.Topic, Part: true, Of: i}
			for _, l := range i.Links {
				if verdicts := byClause[l.Clause]; len(verdicts) > 0 {
					v.Verdicts = append(v.Verdicts, verdicts...)
					v.Part = v.Part && l.Part
				}
			}
			if len(v.Verdicts) > 0 {
				s.Items = append(s.Items, v)
			}
		}
		out = append(out, s)
	}
	return out
}
