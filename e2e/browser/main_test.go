// Package browser holds tests that drive Chromium over the real program, as people do: by mouse and
// by keyboard alone, in light, dark and on a phone, with a colleague at the same record, with the
// connection or the session gone while they type.
//
// In: the program, built once, over one small world of its own (world_test.go). Out: what broke, and
// a few printed figures. Start at [open] (a browser of somebody's own) and [tab.see] (what is held of
// every page that is seen). screens_test.go writes the pictures of docs/screenshots.
// Always true: no page may write a word to the console, break its own content security policy, or
// ask for what is not there; a test says beforehand which refusals it provokes.
package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var (
	pictures = flag.String("out", "", "the folder into which TestScreenshots writes; without it that test is skipped")
	every    = flag.Bool("every", false, "with -out: all pages at all widths, light and dark")
	only     = flag.String("only", "", "with -every: the names of the pages, such as queue,record")
	demoAt   = flag.String("demo", "", "with -out: the address of a demo that runs, instead of one made for it")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if testing.Verbose() {
		for what, d := range seen.took {
			fmt.Printf("%s: %d times, %v\n", what, seen.times[what], d.Round(time.Millisecond))
		}
	}
	if err := shutDown(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// chromiumPath is where the browser is; "" is nowhere.
func chromiumPath() string {
	if p := os.Getenv("STEWARD_TEST_CHROMIUM"); p != "" {
		return p
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

var shared struct {
	sync.Mutex
	dir     string // of all that is left behind until the end
	steward string // the program
	browser context.Context
	ends    []func() error // in this order
}

// ran keeps what has to be ended when the tests are over.
func atEnd(f func() error) { shared.ends = append([]func() error{f}, shared.ends...) }

func shutDown() error {
	shared.Lock()
	defer shared.Unlock()
	var first error
	for _, f := range shared.ends {
		if err := f(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// folder is a folder that lives as long as the tests.
func folder(t testing.TB) string {
	t.Helper()
	if shared.dir == "" {
		dir, err := os.MkdirTemp("", "steward-browser-")
		if err != nil {
			t.Fatal(err)
		}
		shared.dir = dir
		atEnd(func() error { return os.RemoveAll(dir) })
	}
	dir, err := os.MkdirTemp(shared.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// program is the real program, built once.
func program(t testing.TB) string {
	t.Helper()
	if shared.steward == "" {
		path := filepath.Join(folder(t), "steward")
		if out, err := exec.Command("go", "build", "-o", path, "steward/cmd/steward").CombinedOutput(); err != nil {
			t.Fatalf("build: %v: %s", err, out)
		}
		shared.steward = path
	}
	return shared.steward
}

// chromium is the one browser of all tests; each somebody gets a profile of their own in it.
func chromium(t testing.TB) context.Context {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.browser != nil {
		return shared.browser
	}
	path := chromiumPath()
	if path == "" {
		t.Skip("BROWSER TESTS ARE SKIPPED: there is no Chromium. Install it (Debian: apt-get install chromium) or name it in STEWARD_TEST_CHROMIUM.")
	}
	var out strings.Builder
	opts := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(path), chromedp.CombinedOutput(&out),
		chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("lang", "en-US"), chromedp.WSURLReadTimeout(time.Minute))
	if os.Geteuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // Chromium refuses root with a sandbox
	}
	alloc, endAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx); err != nil {
		endAlloc()
		t.Fatalf("Chromium does not start: %v\n%s", err, out.String())
	}
	shared.browser = ctx
	atEnd(func() error { end(); endAlloc(); return nil })
	return ctx
}

// long reports whether the slow half is asked for: ./test.sh long.
func long() bool { return os.Getenv("STEWARD_LONG") != "" }
