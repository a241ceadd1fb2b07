package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// screen is a page of the demo as somebody sees it.
type screen struct{ name, who, path string }

// screens are the pages whose pictures are looked at.
var screens = []screen{
	{"signin", "", "/signin"},
	{"queue", "jana", "/incidents"},
	{"my-work", "jana", "/my-work"},
	{"record", "jana", ""}, // the first of the queue
	{"new-incident", "jana", "/incidents/new"},
	{"major", "jana", "/major"},
	{"services", "jana", "/services"},
	{"approvals", "maren", "/approvals"},
	{"cockpit", "maren", "/cockpit"},
	{"clause", "maren", "/cockpit/clauses/8.6"},
	{"documents", "birgit", "/documents"},
	{"risks", "birgit", "/risks"},
	{"me", "jana", "/me"},
	{"portal", "olaf", "/portal"},
	{"portal-report", "olaf", "/portal/report"},
	{"portal-matters", "olaf", "/portal/matters"},
	{"portal-promised", "olaf", "/portal/promised"},
	{"status", "", "/status"},
	{"start", "admin", "/start"},
}

// shown are those that the README shows: page, width, scheme.
var shown = []struct {
	page   string
	width  int64
	scheme string
}{
	{"queue", 1440, "light"}, {"record", 1440, "dark"}, {"cockpit", 1440, "light"}, {"portal", 1440, "light"},
	{"queue", 360, "light"}, {"record", 360, "dark"}, {"portal", 360, "light"},
}

// TestScreenshots writes pictures of the demo: with -out those that the README shows, with -every too
// all pages at three widths, light and dark, to be looked at.
func TestScreenshots(t *testing.T) {
	if *pictures == "" {
		t.Skip("no pictures were asked for: make screenshots writes those of the README")
	}
	chromium(t)
	out, err := filepath.Abs(*pictures)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		t.Fatal(err)
	}
	s := &server{url: *demoAt, dir: folder(t)}
	if s.url == "" {
		s.start(t, "127.0.0.1:0", "--demo")
		atEnd(s.stop)
	}
	tabs := map[string]*tab{}
	// What happened last is told last: while no record of the last days is there, the demo is not whole.
	tabs["jana"] = open(t, s)
	tabs["jana"].signInWith("jana", demoPassword, "/me")
	for until := time.Now().Add(5 * time.Minute); recordOf(tabs["jana"]) == "" && time.Now().Before(until); {
		time.Sleep(2 * time.Second)
	}
	for _, sc := range screens {
		var want []string
		for _, w := range []int64{1440, 768, 360} {
			for _, scheme := range []string{"light", "dark"} {
				readme := false
				for _, x := range shown {
					readme = readme || x.page == sc.name && x.width == w && x.scheme == scheme
				}
				if (*every && (*only == "" || strings.Contains(*only, sc.name))) || readme && *only == "" {
					want = append(want, fmt.Sprintf("%d-%s", w, scheme))
				}
			}
		}
		if len(want) == 0 {
			continue
		}
		b := tabs[sc.who]
		if b == nil {
			b = open(t, s)
			tabs[sc.who] = b
			if sc.who != "" {
				b.signInWith(sc.who, demoPassword, "/me")
			}
		}
		path := sc.path
		if sc.name == "record" {
			if path = recordOf(b); path == "" {
				t.Fatal("the demo has no record to show")
			}
		}
		for _, x := range want {
			var w int64
			var scheme string
			if _, err := fmt.Sscanf(strings.ReplaceAll(x, "-", " "), "%d %s", &w, &scheme); err != nil {
				t.Fatal(err)
			}
			h := map[int64]int64{1440: 900, 768: 1024, 360: 780}[w]
			b.size(w, h, 1)
			b.scheme(scheme)
			b.goTo(path)
			b.until(`document.fonts.status === 'loaded'`)
			b.picture(filepath.Join(out, sc.name+"-"+x+".webp"))
		}
	}
}

// recordOf is the address of an incident in hand that pictures show; "" while there is none.
func recordOf(b *tab) string {
	b.goTo("/incidents?view=all&sort=priority&filter=" + escape(`state = "in_progress"`))
	return js[string](b, `document.querySelector('tr.row .q-t a')?.getAttribute('href') || ''`)
}

// picture writes what the tab shows.
func (b *tab) picture(path string) {
	b.t.Helper()
	quality := int64(72)
	res := call(b, func(ctx context.Context, p page.CaptureScreenshotParams) (page.CaptureScreenshotResult, error) {
		return chromedp.Call(ctx, page.CaptureScreenshot, p)
	}, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: &quality})
	if err := os.WriteFile(path, res.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
