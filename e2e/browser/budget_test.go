package browser

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// What a cold queue may cost (design, ui.md).
const (
	mostRequests = 8
	mostBytes    = 120_000
)

func TestAColdQueueIsWithinItsBudget(t *testing.T) {
	t.Parallel()
	w := world(t)
	b := open(t, w)
	b.signIn("jana", "/my-work")
	call(b, func(ctx context.Context, _ struct{}) (chromedp.Void, error) {
		_, err := chromedp.Call(ctx, network.ClearBrowserCache, chromedp.Void{})
		return chromedp.Void{}, err
	}, struct{}{})
	b.mu.Lock()
	b.requests, b.byID = nil, map[network.RequestID]int{}
	b.mu.Unlock()
	b.goTo("/incidents")
	b.until(`document.querySelector('#q-prev')?.dataset.ref`)
	b.rest()
	b.mu.Lock()
	n, bytes, list := 0, 0.0, ""
	for _, r := range b.requests {
		n++
		bytes += r.Bytes
		list += fmt.Sprintf("\n\t%6.0f %d %s", r.Bytes, r.Status, r.URL)
		if r.Cached {
			t.Errorf("%s came from the cache: the queue was not cold", r.URL)
		}
	}
	b.mu.Unlock()
	if n > mostRequests || bytes > mostBytes || n < 3 || bytes < 10_000 {
		t.Errorf("a cold queue takes %d requests and %.0f bytes; at most %d and %d:%s", n, bytes, mostRequests, mostBytes, list)
	}
	paint := js[float64](b, `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1`)
	fmt.Printf("cold queue: %d requests, %.0f bytes, first paint after %.0f ms\n", n, bytes, paint)

	opened := js[float64](b, `new Promise((done) => { const t = performance.now(); document.querySelectorAll('tr.row')[1].click(); const at = () => document.querySelector('#q-prev')?.dataset.ref === document.querySelectorAll('tr.row')[1].dataset.ref ? requestAnimationFrame(() => done(performance.now() - t)) : setTimeout(at, 2); at(); })`)
	fmt.Printf("from a click on a row to its preview: %.0f ms (90 of them waited for the next key)\n", opened)
	b.rest()
	b.key("k", chromedp.ModifierCtrl)
	b.until(`document.querySelector('dialog.pal[open] [role=option]')`)
	b.rest()
	answered := js[float64](b, `new Promise((done) => { const i = document.querySelector('dialog.pal input'); const l = document.querySelector('#pal-list'); new MutationObserver(() => requestAnimationFrame(() => done(performance.now() - t))).observe(l, { childList: true }); const t = performance.now(); i.value = 'vpn'; i.dispatchEvent(new Event('input', { bubbles: true })); })`)
	fmt.Printf("from a key in the palette to its answer: %.0f ms (60 of them waited for the next key)\n", answered)
	b.rest()
}
