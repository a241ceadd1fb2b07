package differ

import (
	"bytes"
	"context"
	"math/rand/v2"
	"strings"
	"testing"
)

func rebuilt(parts []Part, side int) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Only == 0 || p.Only == side {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestBothTextsCanBeReadFromTheDifference(t *testing.T) {
	words := strings.Fields("the a backup restore € größe مرحبا 👍 . , ;\n service every day night hour")
	r := rand.New(rand.NewPCG(1, 2))
	text := func() string {
		var b strings.Builder
		for range r.IntN(40) {
			b.WriteString(words[r.IntN(len(words))])
			b.WriteString([]string{" ", "\n", "  "}[r.IntN(3)])
		}
		return b.String()
	}
	for range 500 {
		a, b := text(), text()
		parts := Words(a, b)
		if rebuilt(parts, -1) != a || rebuilt(parts, 1) != b {
			t.Fatalf("%q and %q became %v", a, b, parts)
		}
	}
	var many strings.Builder
	for i := range 70_000 { // more different words than fit below the surrogates
		many.WriteString(strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("9", i%5) + "w" + itoa(i) + " ")
	}
	if parts := Words(many.String(), many.String()+"end"); rebuilt(parts, 1) != many.String()+"end" {
		t.Error("a long text lost words")
	}
}

func itoa(i int) string {
	s := ""
	for ; i > 0; i /= 10 {
		s = string(rune('0'+i%10)) + s
	}
	return s
}

func TestTextStaysText(t *testing.T) {
	var b bytes.Buffer
	if err := HTML("<script>a</script>", "<script>b</script>").Render(context.Background(), &b); err != nil || strings.Contains(b.String(), "<script>") {
		t.Errorf("%v %s", err, b.String())
	}
}
