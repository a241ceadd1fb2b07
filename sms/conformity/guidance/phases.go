package guidance

import (
	"fmt"
	"slices"
	"strings"

	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
)

// Phase is one stretch of the way to a system that can be certified.
type Phase struct {
	Number     int      `yaml:"-" json:"number"`
	Key        string   `yaml:"key" json:"key"`
	Title      string   `yaml:"title" json:"title"`
	Aim        string   `yaml:"aim" json:"aim"`
	Weeks      Weeks    `yaml:"weeks" json:"weeks"`
	Steps      []string `yaml:"steps" json:"steps"`
	Clauses    []string `yaml:"clauses" json:"clauses"`       // that hold requirements themselves
	Everything bool     `yaml:"everything" json:"everything"` // it is about all requirements, whichever phase they came in
}

// Weeks is how long a phase takes organizations of three sizes, from and to.
type Weeks struct {
	Ten      [2]int `yaml:"ten" json:"ten"`
	Hundred  [2]int `yaml:"hundred" json:"hundred"`
	Thousand [2]int `yaml:"thousand" json:"thousand"`
}

// Phases is the plan, in order.
func Phases() []*Phase { return slices.Clone(all().phases) }

// phased holds that each clause comes in exactly one phase.
func (l *loaded) phased() error {
	seen := map[string]string{}
	for i, p := range l.phases {
		if p == nil {
			return fmt.Errorf("guidance: phases.yaml: entry %d is empty", i+1)
		}
		p.Number = i + 1
		if p.Everything == (len(p.Clauses) > 0) {
			return fmt.Errorf("guidance: phase %s: name its clauses, or say that it is about everything", p.Key)
		}
		for _, c := range p.Clauses {
			if l.clauses[c] == nil || seen[c] != "" {
				return fmt.Errorf("guidance: phase %s: clause %s holds no requirements, or comes in %s already", p.Key, c, seen[c])
			}
			seen[c] = p.Key
		}
	}
	for _, c := range l.order {
		if seen[c.Number] == "" {
			return fmt.Errorf("guidance: clause %s comes in no phase", c.Number)
		}
	}
	return nil
}

// Has reports whether a requirement of the clause belongs to the phase.
func (p *Phase) Has(clause string) bool { return p.Everything || slices.Contains(p.Clauses, clause) }

// PhaseOf is the phase in which a clause comes first; nil for a number without requirements.
func PhaseOf(clause string) *Phase {
	for _, p := range all().phases {
		if slices.Contains(p.Clauses, clause) {
			return p
		}
	}
	return nil
}

// Standing is how far a phase has come by the verdicts of one instant.
type Standing struct {
	*Phase
	Of    int                // requirements
	Held  int                // of them conform, or are attested
	Idle  int                // of them have nothing to judge yet: neither done nor missing
	Share int                // percent of those with something to judge that hold; 0 when there are none
	Next  []*conformity.Item // what is to be done first, at most [NextShown]
}

// NextShown bounds what a phase names as next.
const NextShown = 5

// Done reports that nothing of the phase is missing, and that something of it holds.
func (s *Standing) Done() bool { return s.Held > 0 && s.Held+s.Idle == s.Of }

// Progress is how far each phase has come in a report, of today or of a past day. What is advisory
// counts neither way.
func Progress(r *conformity.Report) []*Standing {
	var out []*Standing
	for _, p := range Phases() {
		s := &Standing{Phase: p}
		var missing []*conformity.Item
		for i := range r.Items {
			it := &r.Items[i]
			if it.Requirement.Advisory || !p.Has(it.Requirement.Clause) {
				continue
			}
			s.Of++
			switch {
			case it.State == catalogue.Conforms || it.State == catalogue.Attested:
				s.Held++
			case it.State == catalogue.Vacuous:
				s.Idle++
			default:
				missing = append(missing, it)
			}
		}
		if judged := s.Of - s.Idle; judged > 0 {
			s.Share = s.Held * 100 / judged
		}
		// What can be done here comes first; the rest has to be shown by other means for now.
		slices.SortStableFunc(missing, func(a, b *conformity.Item) int {
			switch {
			case a.Decided == b.Decided:
				return 0
			case a.Decided:
				return -1
			}
			return 1
		})
		s.Next = missing[:min(NextShown, len(missing))]
		out = append(out, s)
	}
	return out
}

// Words is the guidance as plain text of lines, for a terminal.
func (c *Clause) Words() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", c.Number, c.Title)
	for _, part := range []struct{ title, text string }{{"What it wants", c.Wants}, {"With ten people", c.Ten}, {"With a hundred", c.Hundred}, {"With a thousand", c.Thousand}, {"What an auditor asks", c.Auditor}} {
		fmt.Fprintf(&b, "\n%s\n%s\n", part.title, fold(part.text, 96))
	}
	b.WriteString("\nCommon findings\n")
	for _, f := range c.Findings {
		b.WriteString("- " + strings.TrimSpace(strings.ReplaceAll(fold(f, 94), "\n", "\n  ")) + "\n")
	}
	fmt.Fprintf(&b, "\nServed by: %s\n", strings.Join(append(slices.Clone(c.Processes), c.Screens...), ", "))
	if p := PhaseOf(c.Number); p != nil {
		fmt.Fprintf(&b, "Phase %d: %s\n", p.Number, p.Title)
	}
	return b.String()
}

// fold breaks text into lines of at most width characters, at blanks.
func fold(text string, width int) string {
	var b strings.Builder
	col := 0
	for i, w := range strings.Fields(text) {
		n := len([]rune(w))
		switch {
		case i == 0:
		case col+1+n > width:
			b.WriteByte('\n')
			col = 0
		default:
			b.WriteByte(' ')
			col++
		}
		b.WriteString(w)
		col += n
	}
	return b.String()
}
