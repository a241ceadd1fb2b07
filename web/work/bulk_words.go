package work

import (
	"fmt"
	"net/url"
	"slices"
	"steward/kernel/process"
	"steward/web/face"
	"strconv"
)

// result says what was done, in one sentence.
func (v bulkView) result() string {
	word := "changed"
	if v.Act == "undo" {
		word = "as before"
	}
	if len(v.Refs) == 1 && v.Will == 1 {
		return v.Refs[0] + " " + word
	}
	s := fmt.Sprintf("%d %s", v.Will, word)
	if n := v.count(func(l bulkLine) bool { return l.Same }); n > 0 {
		s += fmt.Sprintf(", %d were so already", n)
	}
	if n := v.count(func(l bulkLine) bool { return l.Refused != "" }); n > 0 {
		s += fmt.Sprintf(", %d not", n)
	}
	return s
}

func (v bulkView) count(f func(bulkLine) bool) int {
	n := 0
	for _, l := range v.Lines {
		if f(l) {
			n++
		}
	}
	return n
}

// kept are the values that go along from one step to the next.
func (v bulkView) kept() []struct{ Name, Value string } {
	var out []struct{ Name, Value string }
	put := func(n, val string) { out = append(out, struct{ Name, Value string }{n, val}) }
	for _, r := range v.Refs {
		put("ref", r)
		if v.Rev[r] > 0 {
			put("rev."+r, strconv.FormatInt(v.Rev[r], 10))
		}
	}
	if v.Act != "" {
		put("act", v.Act)
	}
	put("back", v.Back)
	if from := v.Form.Get("from"); from != "" {
		put("from", from)
	}
	if v.Field != nil {
		put("field", v.Field.Name)
	}
	if v.Step != nil {
		put("step", v.Step.Name)
	}
	for _, a := range v.Asked {
		if v.Step != nil && !slices.Contains(v.Step.Needs, a.F) {
			put("also", a.F.Name)
		}
	}
	return out
}

// filled are the values that were given, for the step from looking to doing.
func (v bulkView) filled() []struct{ Name, Value string } {
	out := v.kept()
	put := func(n, val string) { out = append(out, struct{ Name, Value string }{n, val}) }
	for _, a := range v.Asked {
		for _, val := range v.Form[a.F.Name] {
			put(a.F.Name, val)
		}
	}
	for _, n := range []string{"comment", "internal", "reason"} {
		if v.Form.Get(n) != "" {
			put(n, v.Form.Get(n))
		}
	}
	return out
}

// verb is what the last button says.
func (v bulkView) verb() string {
	n := ""
	if len(v.Refs) > 1 {
		n = fmt.Sprintf(" %d", v.Will)
	}
	switch v.Act {
	case actAssign:
		return "Assign" + n
	case actStep:
		return face.Human(v.Step.Name) + n
	case actComment:
		return "Write on" + n
	}
	return "Change" + n
}

// outlook says how many will change and how many not.
func (v bulkView) outlook() string {
	s := fmt.Sprintf("%d will change", v.Will)
	if n := v.count(func(l bulkLine) bool { return l.Refused != "" }); n > 0 {
		s += fmt.Sprintf(", %d will not", n)
	}
	if v.Act == actAssign || v.Act == actField {
		return s + ". You can undo it."
	}
	return s + "."
}

func bulkAt(q *process.Process, kv ...string) string {
	x := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		x.Add(kv[i], kv[i+1])
	}
	return at(q, "/bulk", x)
}
