package style_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"steward/web/static"
	"steward/web/webtest"
)

func TestTheStyleGuideShowsEveryComponentStateAndColour(t *testing.T) {
	s := webtest.Open(t)
	s.User("jana", "", "agent")
	s.Do("customer", "", "create", "", "title", "Harbour")
	s.User("kim", "Harbour", "requester")
	a := s.Browser("jana").Get("/style")
	if a.Status != http.StatusOK {
		t.Fatalf("%d: %s", a.Status, a.Text())
	}
	// Every symbol of a state and every swatch that the style sheet knows is drawn.
	symbols, err := os.ReadFile(filepath.Join("..", "look", "symbols.templ"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`id="(s-[a-z]+)"`).FindAllStringSubmatch(string(symbols), -1) {
		if !strings.Contains(a.Body, `href="#`+m[1]+`"`) {
			t.Errorf("the state %s is not shown", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\.(sw-[a-z0-9-]+) \{`).FindAllStringSubmatch(string(static.Sheet()), -1) {
		if !strings.Contains(a.Body, `"`+m[1]+`"`) {
			t.Errorf("the colour %s is not shown", m[1])
		}
	}
	for _, scheme := range []string{`data-scheme="light"`, `data-scheme="dark"`, `data-density="compact"`, `data-density="comfortable"`} {
		if !strings.Contains(a.Body, scheme) {
			t.Errorf("nothing is shown with %s", scheme)
		}
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(a.Body, -1) {
		if ids[m[1]] {
			t.Errorf("the id %s stands twice", m[1])
		}
		ids[m[1]] = true
	}
	if a := s.Browser("kim").Get("/style"); a.Status == http.StatusOK && a.Path == "/style" {
		t.Error("a customer's user sees it")
	}
}
