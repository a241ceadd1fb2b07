// Package differ shows what differs between two texts, word by word, for people.
//
// Start at [Words] and [HTML].
package differ

import (
	"context"
	"io"
	"regexp"

	"github.com/a-h/templ"
	"github.com/sergi/go-diff/diffmatchpatch"
)

// Part is a stretch of text: in both (0), only in the first (-1) or only in the second (1).
type Part struct {
	Only int
	Text string
}

var word = regexp.MustCompile(`\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]`)

// firstRune is where the alphabet that words are mapped to begins: beyond ASCII, and it jumps over
// the surrogates, which are no runes.
const firstRune, surrogates, afterSurrogates = 0x100, 0xD800, 0xE000

// Words compares a and b. Texts with more different words than there are runes are compared as a
// whole: what is replaced is still all shown.
func Words(a, b string) []Part {
	index := map[string]rune{}
	var names []string
	encode := func(s string) ([]rune, bool) {
		var out []rune
		for _, w := range word.FindAllString(s, -1) {
			r, ok := index[w]
			if !ok {
				r = rune(firstRune + len(names))
				if r >= surrogates {
					r += afterSurrogates - surrogates
				}
				if r > 0x10FFFF {
					return nil, false
				}
				index[w] = r
				names = append(names, w)
			}
			out = append(out, r)
		}
		return out, true
	}
	x, ok1 := encode(a)
	y, ok2 := encode(b)
	if !ok1 || !ok2 {
		return []Part{{-1, a}, {1, b}}
	}
	d := diffmatchpatch.New()
	var out []Part
	for _, p := range d.DiffCleanupSemantic(d.DiffMainRunes(x, y, false)) {
		var text []byte
		for _, r := range p.Text {
			i := int(r) - firstRune
			if r >= afterSurrogates {
				i -= afterSurrogates - surrogates
			}
			text = append(text, names[i]...)
		}
		out = append(out, Part{int(p.Type), string(text)})
	}
	return out
}

// HTML marks what was taken away and what was put in, for eyes and for screen readers.
func HTML(a, b string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		var err error
		write := func(s string) {
			if err == nil {
				_, err = io.WriteString(w, s)
			}
		}
		for _, p := range Words(a, b) {
			text := templ.EscapeString(p.Text)
			switch p.Only {
			case -1:
				write(`<del>` + text + `</del>`)
			case 1:
				write(`<ins>` + text + `</ins>`)
			default:
				write(text)
			}
		}
		return err
	})
}
