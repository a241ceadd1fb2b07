package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a page may take; it is never what a test measures.
const patience = 90 * time.Second

// tab is one tab of somebody's browser. What the page complains of fails the test.
type tab struct {
	t   *testing.T
	w   *server
	ctx context.Context

	mute     bool // scripts are off
	mu       sync.Mutex
	faults   []string
	waived   []waiver
	flying   map[network.RequestID]flight
	last     time.Time // when something came or went on the wire
	document network.RequestID
	requests []request
	byID     map[network.RequestID]int
}

// request is one answer from the wire.
type request struct {
	URL, Kind string
	Status    int64
	Bytes     float64 // as they came: headers and compressed body
	Cached    bool
}

// flight is a request that is not answered yet, of which document.
type flight struct {
	url    string
	loader cdp.LoaderID
}

// spoken is the status of what is no answer but a word on the console.
const spoken = -1

// waiver says that a refusal is wanted: status 0 is no answer at all.
type waiver struct {
	status int64
	path   string
	used   bool
}

// open is a new browser of somebody's own, at no page yet.
func open(t *testing.T, w *server) *tab {
	t.Helper()
	return newTab(t, w, chromium(t), chromedp.WithNewBrowserContext())
}

// another is a further tab of the same browser: same cookies.
func (b *tab) another() *tab {
	b.t.Helper()
	return newTab(b.t, b.w, b.ctx)
}

func newTab(t *testing.T, w *server, parent context.Context, opts ...chromedp.ContextOption) *tab {
	t.Helper()
	b := &tab{t: t, w: w, flying: map[network.RequestID]flight{}, byID: map[network.RequestID]int{}, last: time.Now()}
	ctx, end := chromedp.NewContext(parent, append(opts, chromedp.WithListener(b.hear))...)
	b.ctx = ctx
	t.Cleanup(func() {
		b.hold()
		end()
	})
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
			Source: `addEventListener('securitypolicyviolation', (e) => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile));`})
		if err == nil { // several people look at once, and each has the focus in their own window
			_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		}
		return err
	}))
	b.size(1440, 900, 1)
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	if chromedp.FromContext(b.ctx).Target == nil { // what begins a tab must not end with its step
		end()
		ctx, end = b.ctx, func() {}
	}
	defer end()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%v, at %s", err, b.where())
	}
}

// call gives a command of the DevTools protocol.
func call[P, R any](b *tab, f func(context.Context, P) (R, error), params P) R {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	r, err := f(ctx, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// js evaluates an expression, or a promise of one.
func js[T any](b *tab, expression string) T {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("%v\nof %s", err, head(expression, 300))
	}
	return v
}

func head(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

func quote(s string) string {
	b, _ := json.Marshal(s) // text
	return string(b)
}

// --- what the page says of itself -------------------------------------------------------------------

func (b *tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		var words []string
		for _, a := range e.Args {
			if a.Description != "" {
				words = append(words, a.Description)
			} else {
				words = append(words, strings.Trim(string(a.Value), `"`))
			}
		}
		b.refused(spoken, fmt.Sprintf("console.%s: %s", e.Type, strings.Join(words, " ")))
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, "exception: "+e.ExceptionDetails.Text+" "+thrown(e.ExceptionDetails))
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork { // those are held by their status below
			b.faults = append(b.faults, fmt.Sprintf("log %s %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text))
		}
	case *network.EventRequestWillBeSent:
		b.last = time.Now()
		if e.Type != network.ResourceTypeEventSource {
			b.flying[e.RequestID] = flight{e.Request.URL, e.LoaderID}
		}
	case *page.EventFrameNavigated:
		for id, f := range b.flying { // what the page before waited for ends without a word
			if e.Frame.ParentID == "" && f.loader != e.Frame.LoaderID {
				delete(b.flying, id)
			}
		}
	case *network.EventResponseReceived:
		b.last = time.Now()
		b.byID[e.RequestID] = len(b.requests)
		b.requests = append(b.requests, request{URL: e.Response.URL, Kind: string(e.Type), Status: e.Response.Status, Cached: e.Response.FromDiskCache})
		if e.Type == network.ResourceTypeDocument {
			b.document = e.RequestID
		}
		if e.Type == network.ResourceTypeFetch && (e.Response.Status >= 400 || strings.HasSuffix(e.Response.URL, "/drafts") || strings.HasSuffix(e.Response.URL, "/presence")) {
			delete(b.flying, e.RequestID) // whose body no script reads, and which so never ends
		}
		if e.Response.Status >= 400 {
			b.refused(e.Response.Status, e.Response.URL)
		}
	case *network.EventLoadingFinished:
		b.last = time.Now()
		delete(b.flying, e.RequestID)
		if i, ok := b.byID[e.RequestID]; ok {
			b.requests[i].Bytes = e.EncodedDataLength
		}
	case *network.EventLoadingFailed:
		b.last = time.Now()
		at := b.flying[e.RequestID].url
		delete(b.flying, e.RequestID)
		if !e.Canceled && e.ErrorText != "net::ERR_ABORTED" {
			if at == "" && e.Type == network.ResourceTypeEventSource {
				at = b.w.url + "/live"
			}
			b.refused(0, at+" "+e.ErrorText)
		}
	}
}

func thrown(d *runtime.ExceptionDetails) string {
	if d.Exception == nil {
		return ""
	}
	return d.Exception.Description
}

// refused notes an answer that is a refusal, unless the test wants it.
func (b *tab) refused(status int64, at string) {
	for i := range b.waived {
		if w := &b.waived[i]; w.status == status && strings.Contains(at, w.path) {
			w.used = true
			return
		}
	}
	if status != spoken {
		at = fmt.Sprintf("%d for %s", status, at)
	}
	b.faults = append(b.faults, at)
}

// waive says that answers of this status at addresses that hold path are wanted.
func (b *tab) waive(status int64, path string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waived = append(b.waived, waiver{status: status, path: path})
}

// hold fails the test by what the pages so far complained of.
func (b *tab) hold() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.t.Errorf("the browser complains: %s", f)
	}
	b.faults = nil
	if b.t.Failed() {
		return
	}
	for _, w := range b.waived {
		if !w.used && w.status > 0 {
			b.t.Errorf("no %d came from %s: the test waives what does not happen", w.status, w.path)
		}
	}
	b.waived = nil
}

// --- going about ------------------------------------------------------------------------------------

// where is the path of the page.
func (b *tab) where() string {
	ctx, end := context.WithTimeout(b.ctx, patience)
	defer end()
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "nowhere: " + err.Error()
	}
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	return u.RequestURI()
}

// goTo opens a page and waits until it rests.
func (b *tab) goTo(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.w.url + path))
	b.rest()
}

// rest waits until the page is whole and nothing is asked of the server any more.
func (b *tab) rest() {
	b.t.Helper()
	end := time.Now().Add(patience)
	for {
		b.mu.Lock()
		quiet := len(b.flying) == 0 && time.Since(b.last) > 80*time.Millisecond
		b.mu.Unlock()
		if quiet && js[bool](b, `document.readyState === 'complete'`) {
			return
		}
		if time.Now().After(end) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.t.Fatalf("the page does not come to rest: %v", b.flying)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// leads does what leads to another page and waits for that.
func (b *tab) leads(f func()) {
	b.t.Helper()
	js[bool](b, `window.stewardWas = true`)
	f()
	b.until(`!window.stewardWas && document.readyState === 'complete'`)
	b.rest()
}

// until waits for a condition in the page.
func (b *tab) until(condition string) {
	b.t.Helper()
	end := time.Now().Add(patience)
	for {
		ctx, stop := context.WithTimeout(b.ctx, patience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+condition+")"))
		stop()
		if err == nil && ok {
			return
		}
		if time.Now().After(end) {
			if name, what, ok := strings.Cut(condition, finder); ok { // as people would say it
				condition = name + "there is " + what
			}
			b.t.Fatalf("never comes true at %s: %s (%v)\nthe focus is on %s\nthe page reads: %s", b.where(), condition, err, js[string](b, `(({ tagName, id, value }) => [tagName, id, value].join(' '))(document.activeElement)`),
				head(js[string](b, `(document.querySelector('dialog[open]') || document.querySelector('main') || document.body).innerText.replace(/\n\s*/g, '\n')`), 1200))
		}
		time.Sleep(25 * time.Millisecond)
	}
}

// reads waits until the page shows all of the words.
func (b *tab) reads(words ...string) {
	b.t.Helper()
	for _, w := range words {
		b.until(`document.body.innerText.includes(` + quote(w) + `)`)
	}
}

// lacks holds that the page does not show the words.
func (b *tab) lacks(words ...string) {
	b.t.Helper()
	text := js[string](b, `document.body.innerText`)
	for _, w := range words {
		if strings.Contains(text, w) {
			b.t.Errorf("%s shows %q", b.where(), w)
		}
	}
}

// at waits until the page is at path.
func (b *tab) at(path string) {
	b.t.Helper()
	b.until(`(location.pathname + location.search).startsWith(` + quote(path) + `)`)
}

// value is what stands in an input.
func (b *tab) value(css string) string {
	b.t.Helper()
	return js[string](b, `document.querySelector(`+quote(css)+`).value`)
}

func (b *tab) size(width, height int64, scale float64) {
	b.t.Helper()
	call(b, func(ctx context.Context, p emulation.SetDeviceMetricsOverrideParams) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, p)
		return chromedp.Void{}, err
	}, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: scale})
}

// scheme is "light" or "dark", as the system would ask for it.
func (b *tab) scheme(name string) {
	b.t.Helper()
	call(b, func(ctx context.Context, p emulation.SetEmulatedMediaParams) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, p)
		return chromedp.Void{}, err
	}, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// noScript turns the scripts of pages off; what a test evaluates runs all the same.
func (b *tab) noScript() { b.t.Helper(); b.scripts(false) }

func (b *tab) scripts(on bool) {
	b.t.Helper()
	b.mute = !on
	call(b, func(ctx context.Context, p emulation.SetScriptExecutionDisabledParams) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, p)
		return chromedp.Void{}, err
	}, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// --- the mouse --------------------------------------------------------------------------------------

// finder is how a person finds something on a page: by what it is and what it is called.
const finder = `(() => {
	const shown = (e) => { if (!e.checkVisibility()) return false; const r = e.getBoundingClientRect(); return r.width > 0 && r.height > 0 && getComputedStyle(e).visibility !== 'hidden'; };
	const squeeze = (s) => s.replace(/\s+/g, ' ').trim();
	const name = (e) => {
		if (e.getAttribute('aria-label')) return squeeze(e.getAttribute('aria-label'));
		const by = e.getAttribute('aria-labelledby');
		if (by) return squeeze(by.split(' ').map((i) => document.getElementById(i)?.textContent || '').join(' '));
		if (e.labels?.length) return squeeze([...e.labels].map((l) => { const c = l.cloneNode(true); c.querySelectorAll('[aria-hidden=true], textarea, select, input').forEach((x) => x.remove()); return c.textContent; }).join(' '));
		const c = e.cloneNode(true);
		c.querySelectorAll('[aria-hidden=true]').forEach((x) => x.remove());
		return squeeze(c.textContent);
	};
	const kinds = { button: 'button, summary, [role=button]', link: 'a[href]', field: 'input:not([type=hidden]), textarea, select', option: '[role=option]' };
	return (kind, wanted) => {
		const scope = document.querySelector('dialog[open]') || document;
		const all = [...scope.querySelectorAll(kinds[kind])].filter(shown);
		return all.find((e) => name(e) === wanted) || all.find((e) => name(e).startsWith(wanted)) || (kind === 'option' && all.find((e) => name(e).includes(wanted)));
	};
})()`

// spot is the middle of an element, scrolled into sight; it fails on what something else covers.
func (b *tab) spot(element, what string) (x, y float64) {
	b.t.Helper()
	b.until(element)
	got := js[map[string]any](b, `(() => {
		const e = `+element+`;
		e.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
		const r = e.getClientRects()[0]; // of a link over two lines the first
		const x = r.left + Math.min(r.width / 2, 400), y = r.top + r.height / 2;
		const top = document.elementFromPoint(x, y);
		const hit = top && (e.contains(top) || [...(e.labels || [])].some((l) => l.contains(top)));
		return { x, y, cover: hit ? '' : top ? top.outerHTML.slice(0, 200) : 'nothing' };
	})()`)
	if c := got["cover"].(string); c != "" {
		b.t.Fatalf("%s at %s cannot be clicked, above it lies %s", what, b.where(), c)
	}
	return got["x"].(float64), got["y"].(float64)
}

// click presses the left button on something by kind (button, link, field, option) and name.
func (b *tab) click(kind, name string) {
	b.t.Helper()
	x, y := b.spot(finder+`(`+quote(kind)+`, `+quote(name)+`)`, kind+" "+name)
	b.do(chromedp.MouseClickXY(x, y))
}

// clickAt presses the left button on what a selector finds.
func (b *tab) clickAt(css string) {
	b.t.Helper()
	x, y := b.spot(`document.querySelector(`+quote(css)+`)`, css)
	b.do(chromedp.MouseClickXY(x, y))
}

// find names a record: where few can be meant it picks one, else it writes and takes what is offered
// by a click.
func (b *tab) find(name, text, option string) {
	b.t.Helper()
	if js[bool](b, finder+`(`+quote("field")+`, `+quote(name)+`)?.tagName === 'SELECT'`) {
		b.choose(name, option)
		return
	}
	b.fill(name, text)
	b.click("option", option)
}

// fill clicks into a field and writes over what is there.
func (b *tab) fill(name, text string) {
	b.t.Helper()
	b.click("field", name)
	b.key("a", chromedp.ModifierCtrl)
	b.write(text)
}

// choose picks an option of a select by its words.
func (b *tab) choose(name, option string) {
	b.t.Helper()
	b.click("field", name)
	b.key(kb.Escape) // the list that the click opened
	ok := js[bool](b, `(() => {
		const e = `+finder+`('field', `+quote(name)+`);
		const o = [...e.options].find((o) => o.textContent.trim().startsWith(`+quote(option)+`));
		if (!o) return false;
		e.value = o.value;
		e.dispatchEvent(new Event('input', { bubbles: true }));
		e.dispatchEvent(new Event('change', { bubbles: true }));
		return true;
	})()`)
	if !ok {
		b.t.Fatalf("%s does not offer %s", name, option)
	}
}

// --- the keyboard -----------------------------------------------------------------------------------

// key presses a key, with modifiers, as a keyboard does: a page that refuses the key gets no letter.
func (b *tab) key(k string, mods ...chromedp.Modifier) {
	b.t.Helper()
	var held int64
	for _, m := range mods {
		held |= int64(m)
	}
	for _, r := range k {
		var down, up *input.DispatchKeyEventParams
		for _, e := range kb.Encode(r) {
			e.Modifiers |= held
			switch e.Type {
			case input.DispatchKeyEventTypeKeyUp:
				up = e
			case input.DispatchKeyEventTypeChar: // one event, as keyDown with its text, can be refused whole
				if held&^int64(chromedp.ModifierShift) == 0 {
					down.Text, down.UnmodifiedText = e.Text, e.UnmodifiedText
				}
			default:
				down = e
			}
		}
		if down.Type = input.DispatchKeyEventTypeKeyDown; down.Text == "" {
			down.Type = input.DispatchKeyEventTypeRawKeyDown
		}
		for _, e := range []*input.DispatchKeyEventParams{down, up} {
			call(b, func(ctx context.Context, p input.DispatchKeyEventParams) (chromedp.Void, error) {
				_, err := chromedp.Call(ctx, input.DispatchKeyEvent, p)
				return chromedp.Void{}, err
			}, *e)
		}
	}
}

// write types text where the focus is: its first letters by their keys, the rest at once, as an input
// method does.
func (b *tab) write(text string) {
	b.t.Helper()
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.key(kb.Enter)
		}
		n := min(len(line), 12)
		if !plain(line) {
			n = 0
		}
		b.key(line[:n])
		if n == len(line) {
			continue
		}
		call(b, func(ctx context.Context, p input.InsertTextParams) (chromedp.Void, error) {
			_, err := chromedp.Call(ctx, input.InsertText, p)
			return chromedp.Void{}, err
		}, input.InsertTextParams{Text: line[n:]})
	}
}

func plain(s string) bool {
	return !slices.ContainsFunc([]rune(s), func(r rune) bool { return r < 32 || r > 126 })
}

// tabTo goes on by Tab until the focus is on something by kind and name, as who has no mouse must;
// what has the focus must show it.
func (b *tab) tabTo(kind, name string) {
	b.t.Helper()
	b.tabUntil(kind+" "+name, `document.activeElement === `+finder+`(`+quote(kind)+`, `+quote(name)+`)`)
}

func (b *tab) tabUntil(what, condition string) {
	b.t.Helper()
	b.until(`document.readyState === 'complete'`)
	for range 150 {
		if js[bool](b, "!!("+condition+")") {
			b.focused(what)
			return
		}
		b.key(kb.Tab)
	}
	b.t.Fatalf("%s at %s is not reached by Tab", what, b.where())
}

// focused holds that whoever looks sees where the focus is.
func (b *tab) focused(what string) {
	b.t.Helper()
	ok := js[bool](b, `(() => {
		const e = document.activeElement;
		const ring = (x) => { const s = getComputedStyle(x); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none'; };
		return ring(e) || [...(e.labels || [])].some(ring) || !!e.closest('.look, .q-combo, label') && ring(e.closest('.look, .q-combo, label'));
	})()`)
	if !ok {
		b.t.Errorf("%s at %s has the focus and does not show it", what, b.where())
	}
}

// signIn signs somebody in by keyboard: the page puts nothing in the way.
func (b *tab) signIn(name, next string) {
	b.t.Helper()
	b.signInWith(name, password, next)
}

func (b *tab) signInWith(name, password, next string) {
	b.t.Helper()
	b.goTo("/signin?next=" + url.QueryEscape(next))
	b.tabTo("field", "User name")
	b.write(name)
	b.key(kb.Tab)
	b.write(password)
	b.leads(func() { b.key(kb.Enter) })
	b.at(next)
}

func escape(s string) string { return url.QueryEscape(s) }
