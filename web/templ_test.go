package web

import (
	"bytes"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/a-h/templ/generator"
	templ "github.com/a-h/templ/parser/v2"
)

func TestTheComponentsThatAreBuiltAreMadeOfTheirSourcesAsTheyAre(t *testing.T) {
	n := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".templ") {
			return err
		}
		n++
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		parsed, err := templ.ParseString(string(source))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		var b bytes.Buffer
		if _, err := generator.Generate(parsed, &b, generator.WithFileName(filepath.ToSlash(path))); err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		want, err := format.Source(b.Bytes())
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		made := strings.TrimSuffix(path, ".templ") + "_templ.go"
		got, err := os.ReadFile(made)
		if err != nil {
			return err
		}
		if !bytes.Equal(body(got), body(want)) {
			t.Errorf("web/%s is not what web/%s makes: run make templ", made, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatal("there are no components")
	}
}

// body is generated code without the line that names the version of what made it.
func body(code []byte) []byte {
	_, rest, _ := bytes.Cut(code, []byte("\npackage "))
	return rest
}
