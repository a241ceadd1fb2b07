// Package steward holds no code of its own: its tests hold the rules of the house.
package steward

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"steward/kernel/record"
	"steward/sms"
	"steward/store"
)

// rules say what a folder may import of the house; the first that fits a package counts. The order
// of the rooms is docs/architecture.md.
var rules = []struct {
	room, may string
}{
	{"kernel/record", ""},
	{"kernel/query", ""}, {"kernel/calendar", ""}, {"kernel/secret", ""}, {"kernel/ledger", ""},
	{"kernel/clock", "kernel/calendar"},
	{"kernel", "kernel"},
	{"exchange/table", ""}, {"exchange/servicenow", "exchange/table"},
	{"exchange", "exchange kernel"},
	{"sms/conformity/catalogue", ""},
	{"sms/portfolio", "sms/portfolio sms/conformity/check sms/conformity/catalogue kernel"},
	{"sms/agreement", "sms/agreement sms/portfolio sms/conformity/check sms/conformity/catalogue kernel"},
	{"sms/support", "sms/support sms/portfolio sms/agreement sms/conformity/check sms/conformity/catalogue kernel"},
	// Leadership keeps nothing: it judges what top management did in all processes, and none imports it.
	{"sms/governance/leadership", "sms/governance sms/support sms/evaluation sms/improvement sms/portfolio sms/conformity/check sms/conformity/catalogue kernel"},
	{"sms/governance", "sms/governance sms/conformity/check sms/conformity/catalogue kernel"},
	{"sms/resolution", "sms/resolution sms/agreement sms/portfolio sms/conformity/check sms/conformity/catalogue kernel"},
	{"sms/evaluation", "sms/evaluation sms/conformity/check sms/conformity/catalogue kernel"},
	{"sms/improvement", "sms/improvement sms/conformity/check sms/conformity/catalogue kernel"},
	{"sms", "sms exchange kernel"},
	{"store/cmd", "store sms kernel"},
	{"store", "store kernel"},
	{"boot", "store sms kernel"},
	{"demo", "boot sms kernel"},
	{"api", "api sms exchange kernel"},
	{"web/webtest", "web boot sms kernel store/storetest"},
	{"web", "web sms exchange kernel"},
	{"cli", "api web demo boot store sms exchange kernel"},
	{"bench", "api boot store sms kernel"},
	{"cmd", "cli"},
}

func packages(t *testing.T, each func(dir string, f *ast.File, set *token.FileSet, path string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata" || d.Name() == "data") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		each(filepath.ToSlash(filepath.Dir(path)), f, set, filepath.ToSlash(path))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func under(dir, room string) bool { return dir == room || strings.HasPrefix(dir, room+"/") }

func TestNobodyImportsAgainstTheRulesOfTheHouse(t *testing.T) {
	packages(t, func(dir string, f *ast.File, _ *token.FileSet, path string) {
		for _, r := range rules {
			if !under(dir, r.room) {
				continue
			}
		imports:
			for _, im := range f.Imports {
				name, err := strconv.Unquote(im.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				own, ours := strings.CutPrefix(name, "steward/")
				if !ours {
					if r.room != "store" && r.room != "store/cmd" && (name == "database/sql" || strings.HasPrefix(name, "github.com/jackc/") || strings.HasPrefix(name, "modernc.org/")) && name != "database/sql/driver" {
						t.Errorf("%s imports %s: SQL belongs to store", path, name)
					}
					continue
				}
				for _, may := range strings.Fields(r.may) {
					if under(own, may) {
						continue imports
					}
				}
				if !under(own, r.room) {
					t.Errorf("%s imports %s: what stands under %s may import only: %s", path, own, r.room, r.may)
				}
			}
			return
		}
	})
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	said := map[string]bool{}
	packages(t, func(dir string, f *ast.File, _ *token.FileSet, _ string) {
		said[dir] = said[dir] || f.Doc != nil && len(f.Doc.Text()) > 40
	})
	for dir, ok := range said {
		if !ok {
			t.Errorf("package %s has no comment that says what it is for and where to begin", dir)
		}
	}
}

var sqlText = regexp.MustCompile(`(?i)^\s*(select .+ from |insert into |update \w+ set |delete from |create (table|index) )`)

func TestSQLStandsOnlyInStore(t *testing.T) {
	packages(t, func(dir string, f *ast.File, set *token.FileSet, path string) {
		if under(dir, "store") || under(dir, "bench") || under(dir, "kernel/query") {
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil && sqlText.MatchString(s) {
					t.Errorf("%s: %q is SQL: only store speaks it", set.Position(lit.Pos()), s)
				}
			}
			return true
		})
	})
}

func TestRandomnessForSecretsIsNeverMathRand(t *testing.T) {
	packages(t, func(dir string, f *ast.File, _ *token.FileSet, path string) {
		for _, im := range f.Imports {
			if strings.HasPrefix(im.Path.Value, `"math/rand`) && !under(dir, "demo") && !under(dir, "bench") {
				t.Errorf("%s imports %s: ids and tokens come from crypto/rand", path, im.Path.Value)
			}
		}
	})
}

func TestTheFirstMigrationIsWhatIsDeclared(t *testing.T) {
	for d, name := range map[record.Dialect]string{record.SQLite: "sqlite", record.Postgres: "postgres"} {
		b, err := os.ReadFile("store/migrations/" + name + "/00001_steward.sql")
		if err != nil {
			t.Fatal(err)
		}
		if want := store.Migration(d, sms.Registry()); want != string(b) {
			t.Errorf("store/migrations/%s differs from the declarations: run go run ./store/cmd/schema", name)
		}
	}
}
