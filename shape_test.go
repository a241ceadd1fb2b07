package steward

import (
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"steward/kernel/access"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/sms"
)

var update = flag.Bool("update", false, "write what is declared into testdata/shapes")

// TestWhatADeclarationMeansIsSeenInReview pins fields, states, steps and rights of every process in
// a file: whoever changes a declaration sees, and shows, all that it changes.
func TestWhatADeclarationMeansIsSeenInReview(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range sms.Registry().All {
		path := "testdata/shapes/" + p.Name + ".shape"
		seen[p.Name+".shape"] = true
		want := shape(p)
		if *update {
			if err := os.MkdirAll("testdata/shapes", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v: run go test . -update", err)
		} else if string(got) != want {
			t.Errorf("%s is not what is declared: run go test . -update and look at the difference", path)
		}
	}
	files, err := os.ReadDir("testdata/shapes")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !seen[f.Name()] {
			t.Errorf("testdata/shapes/%s belongs to no process: remove it", f.Name())
		}
	}
}

var headerNames = func() map[string]bool {
	m := map[string]bool{}
	for _, f := range record.ShapeOf[record.Header]("header").Fields {
		m[f.Name] = true
	}
	return m
}()

func shape(p *process.Process) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s /%s clause %s versioned=%v config=%v shared=%v\n\nfields\n", p.Name, p.Prefix, p.Resource, p.Clause, p.Versioned, p.Config, p.Shared)
	content := map[*record.Field]bool{}
	for _, f := range p.Content {
		content[f] = true
	}
	line := func(f *record.Field, indent string) {
		var marks []string
		for name, on := range map[string]bool{"required": f.Required, "stamp": f.Stamp, "hidden": f.Hidden, "index": f.Index, "search": f.Search,
			"unique": f.Unique, "personal": f.Personal, "versioned": content[f]} {
			if on {
				marks = append(marks, name)
			}
		}
		sort.Strings(marks)
		if f.Ref != "" {
			marks = append(marks, "-> "+f.Ref)
		}
		if len(f.Choices) > 0 {
			marks = append(marks, "("+strings.Join(f.Choices, " ")+")")
		}
		fmt.Fprintf(&b, "%s%s %s %s\n", indent, f.Name, f.Kind, strings.Join(marks, " "))
	}
	for _, f := range p.Shape.Fields {
		if !headerNames[f.Name] {
			line(f, "  ")
		}
	}
	for _, l := range p.Shape.Lines {
		fmt.Fprintf(&b, "lines %s\n", l.Name)
		for _, f := range l.Shape.Fields {
			if !f.Hidden {
				line(f, "  ")
			}
		}
	}
	fmt.Fprint(&b, "\nstates\n")
	for _, s := range p.States {
		fmt.Fprintf(&b, "  %s (%s): %s\n", s.Name, s.Phase, strings.Join(p.Legal(s.Name), " "))
	}
	fmt.Fprint(&b, "\nsteps\n")
	for _, t := range p.Transitions {
		var needs []string
		for _, f := range t.Needs {
			needs = append(needs, f.Name)
		}
		fmt.Fprintf(&b, "  %s -> %s needs [%s] gate %q\n", t.Name, t.To, strings.Join(needs, " "), t.Gate)
	}
	fmt.Fprint(&b, "\nlinks\n")
	for _, l := range p.Links {
		fmt.Fprintf(&b, "  %s / %s -> [%s] one=%v acyclic=%v\n", l.Name, l.Inverse, strings.Join(l.To, " "), l.One, l.Acyclic)
	}
	fmt.Fprint(&b, "\nrights\n")
	for _, r := range append(append([]string{}, access.Roles...), access.ExternalAuditor) {
		if v := p.Grants[r]; v != "" {
			fmt.Fprintf(&b, "  %s: %s\n", r, v)
		}
	}
	return strings.ReplaceAll(b.String(), " \n", "\n")
}
