package browser

import (
	"compress/gzip"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe.min.js.gz testdata/html-validate.js.gz
var tools embed.FS

var axe = sync.OnceValue(func() string { return tool("axe.min.js.gz") })

// tool is a script that is put into a page by the DevTools protocol, which the page's policy does
// not concern.
func tool(name string) string {
	f, err := tools.Open("testdata/" + name)
	if err != nil {
		panic(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		panic(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		panic(err)
	}
	return string(b)
}

var seen = struct {
	sync.Mutex
	pages map[string]bool
	took  map[string]time.Duration
	times map[string]int
}{pages: map[string]bool{}, took: map[string]time.Duration{}, times: map[string]int{}}

// see holds the page, as it stands now, to what every page owes: the HTML that came is valid, axe
// finds nothing in light, in dark and on a phone, and nobody has to scroll sideways at 320 px or at
// 200 % zoom. A page is looked at once in a run, by the name it is given.
func (b *tab) see(name string) {
	b.t.Helper()
	b.rest()
	seen.Lock()
	before := seen.pages[name]
	seen.pages[name] = true
	seen.Unlock()
	if before {
		return
	}
	b.valid(name)
	if b.mute { // axe needs what the page must do without
		b.scripts(true)
		defer b.scripts(false)
	}
	// Colours are what dark changes, and what a phone does not; ./test.sh long holds all to all.
	b.axe(name+", light", nil)
	b.scheme("dark")
	b.axe(name+", dark", fields{"runOnly": []string{"color-contrast"}})
	b.scheme("light")
	b.size(360, 780, 1)
	b.axe(name+", phone", fields{"runOnly": []string{"target-size", "scrollable-region-focusable", "button-name", "link-name", "label", "aria-hidden-focus", "landmark-unique", "meta-viewport"}})
	b.size(320, 700, 1)
	b.narrow(name + " at 320 px")
	b.size(720, 450, 2)
	b.narrow(name + " at 200 %")
	b.size(1440, 900, 1)
	b.rest()
}

// narrow holds that the page as a whole does not scroll sideways.
func (b *tab) narrow(name string) {
	b.t.Helper()
	wide := js[string](b, `(() => {
		const root = document.documentElement;
		if (root.scrollWidth <= root.clientWidth) return '';
		const beyond = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 0.5);
		const free = beyond.filter((e) => {
			for (let p = e.parentElement; p && p !== document.body; p = p.parentElement) if (getComputedStyle(p).overflowX !== 'visible') return false;
			return true;
		});
		const out = (free.length ? free : beyond.filter((e) => getComputedStyle(e).position === 'absolute')).slice(0, 4).map((e) => e.outerHTML.slice(0, 140) + ' ends at ' + Math.round(e.getBoundingClientRect().right));
		return root.scrollWidth + ' px of ' + root.clientWidth + ': ' + out.join('; ');
	})()`)
	if wide != "" {
		b.t.Errorf("%s scrolls sideways, %s", name, wide)
	}
}

// axe runs all rules of WCAG 2.2 A and AA and of good practice.
func (b *tab) axe(name string, less fields) {
	b.t.Helper()
	began := time.Now()
	if !js[bool](b, `!!window.axe`) {
		js[bool](b, axe()+`; true`)
	}
	type finding struct {
		ID, Help string
		Nodes    []struct {
			HTML           string
			FailureSummary string `json:"failureSummary"`
		}
	}
	how := fields{"runOnly": []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"}, "resultTypes": []string{"violations"}, "preload": false, "elementRef": false}
	if !long() {
		maps.Copy(how, less)
	}
	options, err := json.Marshal(how)
	if err != nil {
		b.t.Fatal(err)
	}
	raw := js[string](b, `axe.run(document, `+string(options)+`)
		.then((r) => JSON.stringify(r.violations.map((v) => ({ id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map((n) => ({ html: n.html.slice(0, 300), failureSummary: n.failureSummary })) }))))`)
	var all []finding
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		b.t.Fatal(err)
	}
	for _, f := range all {
		var where []string
		for _, n := range f.Nodes {
			where = append(where, strings.Join(strings.Fields(n.HTML+" ("+n.FailureSummary+")"), " "))
		}
		b.t.Errorf("axe, %s: %s: %s\n\t%s", name, f.ID, f.Help, strings.Join(where, "\n\t"))
	}
	took("axe "+name[strings.LastIndex(name, ",")+2:], began)
}

func took(what string, began time.Time) {
	seen.Lock()
	defer seen.Unlock()
	seen.took[what] += time.Since(began)
	seen.times[what]++
}

var judge struct {
	sync.Mutex
	ctx context.Context
}

// valid holds that the document as the server wrote it is valid HTML, and the page says its language
// and name.
func (b *tab) valid(name string) {
	b.t.Helper()
	b.mu.Lock()
	id := b.document
	b.mu.Unlock()
	res := call(b, func(ctx context.Context, p network.GetResponseBodyParams) (network.GetResponseBodyResult, error) {
		return chromedp.Call(ctx, network.GetResponseBody, p)
	}, network.GetResponseBodyParams{RequestID: id})
	validHTML(b.t, name, string(res.Body), true)
}

// validHTML holds a document, or a part of one, to the content models of the HTML standard, in a tab
// of the validator's own.
func validHTML(t *testing.T, name, html string, whole bool) {
	t.Helper()
	began := time.Now()
	browser := chromium(t)
	judge.Lock()
	defer judge.Unlock()
	if judge.ctx == nil {
		ctx, end := chromedp.NewContext(browser)
		if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](tool("html-validate.js.gz")+`; window.judge = new validator.HtmlValidate(new validator.StaticConfigLoader({ extends: ['html-validate:standard'], elements: ['html5'] })); true`)); err != nil {
			end()
			t.Fatal(err)
		}
		judge.ctx = ctx
	}
	raw, err := chromedp.Run(judge.ctx, chromedp.Evaluate[string](`judge.validateString(`+quote(html)+`).then((r) => JSON.stringify(r.results.flatMap((x) => x.messages.map((m) => m.line + ': ' + m.ruleId + ': ' + m.message))))`, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(html, "\n")
	for i, f := range found {
		if i == 8 {
			t.Errorf("%s: %d more", name, len(found)-i)
			break
		}
		var n int
		_, _ = fmt.Sscanf(f, "%d:", &n) // the validator wrote it
		line := ""
		if n > 0 && n <= len(lines) && len(lines[n-1]) < 400 {
			line = " in " + lines[n-1]
		}
		t.Errorf("the HTML of %s, line %s%s", name, f, line)
	}
	if whole && (!strings.Contains(html, "<html lang=") || strings.Contains(html, "<title></title>") || !strings.Contains(html, "<title>")) {
		t.Errorf("%s does not say its language or its name", name)
	}
	took("html", began)
}
