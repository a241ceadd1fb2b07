// Package markdown turns what people write into HTML that cannot do anything: raw HTML stays text,
// links go to http, https and mailto only (trust.md 1.2.2, 1.3.5).
//
// Start at [Render].
package markdown

import (
	"bytes"
	"context"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

var md = goldmark.New(
	goldmark.WithParser(plain()),
	goldmark.WithExtensions(extension.NewLinkify(), extension.Table, extension.Strikethrough),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(harmless{}, 100))),
)

// plain is CommonMark that knows no HTML: <tags>, such as those of a log that somebody pastes, are
// text like any other. Leaving them to the renderer would drop them without a word.
func plain() parser.Parser {
	without := func(all []util.PrioritizedValue, kind any) []util.PrioritizedValue {
		return slices.DeleteFunc(all, func(v util.PrioritizedValue) bool { return reflect.TypeOf(v.Value) == reflect.TypeOf(kind) })
	}
	return parser.NewParser(parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
		parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))
}

// harmless takes away what a reader's browser should not follow or fetch: links to other schemes,
// and pictures from elsewhere, which would tell others who reads.
type harmless struct{}

func (harmless) Transform(doc *ast.Document, reader text.Reader, _ parser.Context) {
	var bad []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch x := n.(type) {
		case *ast.Link:
			if !allowed(string(x.Destination)) {
				bad = append(bad, n)
			}
		case *ast.Image:
			bad = append(bad, n)
		case *ast.AutoLink:
			if !allowed(string(x.URL(reader.Source()))) && x.AutoLinkType != ast.AutoLinkEmail {
				bad = append(bad, n)
			}
		case *ast.Heading:
			x.Level = min(6, x.Level+2) // below the headings of the page
		}
		return ast.WalkContinue, nil
	})
	for _, n := range bad {
		parent := n.Parent()
		if a, ok := n.(*ast.AutoLink); ok {
			parent.ReplaceChild(parent, n, ast.NewString(a.Label(reader.Source())))
			continue
		}
		for c := n.FirstChild(); c != nil; {
			next := c.NextSibling()
			parent.InsertBefore(parent, n, c)
			c = next
		}
		parent.RemoveChild(parent, n)
	}
}

func allowed(url string) bool {
	low := strings.ToLower(strings.TrimSpace(url))
	for _, p := range []string{"http://", "https://", "mailto:"} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return strings.HasPrefix(low, "/") && !strings.HasPrefix(low, "//") && !strings.Contains(low, "\\")
}

// Render is source as HTML. Source that cannot be read is not possible: everything is Markdown.
func Render(source string) string {
	var b bytes.Buffer
	if err := md.Convert([]byte(source), &b); err != nil {
		return templ.EscapeString(source)
	}
	return b.String()
}

// HTML is source as a component.
func HTML(source string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, Render(source))
		return err
	})
}
