// Command bundle makes the one script that pages load, dist/steward.js, of the modules in js/. Its
// result is committed, so that building Steward needs no bundler; a test holds it to its sources.
//
// Run it by `make js` after an edit in web/static/js.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

const target = "dist/steward.js"

// bundle is the script made of the modules below dir, the folder web/static.
func bundle(dir string) ([]byte, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	res := api.Build(api.BuildOptions{
		AbsWorkingDir: abs, EntryPoints: []string{"js/main.js"}, Outfile: target,
		Bundle: true, Format: api.FormatESModule, Target: api.ES2022, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifySyntax: true, MinifyIdentifiers: true,
		Banner: map[string]string{"js": "// Made of the modules in web/static/js by `make js`. Holds htmx 2.0.11 (0BSD, htmx-LICENSE.txt)."},
		// eval would be refused by the content security policy; htmx only keeps it behind allowEval.
		LogOverride: map[string]api.LogLevel{"direct-eval": api.LogLevelSilent},
	})
	for _, m := range append(res.Errors, res.Warnings...) {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		return nil, fmt.Errorf("%s%s", where, m.Text)
	}
	return res.OutputFiles[0].Contents, nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	const dir = "web/static"
	b, err := bundle(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, target), b, 0o644)
}
