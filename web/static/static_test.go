package static

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/andybalholm/brotli"
)

func ask(url, accept string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	if accept != "" {
		r.Header.Set("Accept-Encoding", accept)
	}
	w := httptest.NewRecorder()
	Handler(w, r)
	return w.Result()
}

func TestEveryFileIsTheSameInEachCoding(t *testing.T) {
	for name, u := range urls {
		plain, err := io.ReadAll(ask(u, "").Body)
		if err != nil || len(plain) == 0 {
			t.Fatalf("%s: %d bytes, %v", name, len(plain), err)
		}
		z, err := gzip.NewReader(ask(u, "gzip, deflate").Body)
		if err != nil {
			t.Fatal(name, err)
		}
		if b, err := io.ReadAll(z); err != nil || !bytes.Equal(b, plain) {
			t.Errorf("%s differs by gzip: %v", name, err)
		}
		if b, err := io.ReadAll(brotli.NewReader(ask(u, "gzip, br").Body)); err != nil || !bytes.Equal(b, plain) {
			t.Errorf("%s differs by brotli: %v", name, err)
		}
	}
}

func TestACodingThatIsRefusedIsNotSent(t *testing.T) {
	for accept, want := range map[string]string{"": "", "identity": "", "br;q=0, gzip;q=0": "", "br; q=0, gzip": "gzip", "GZIP;q=0.5": "gzip", "vibrant": "", "gzip, br;q=0.1": "br"} {
		if got := ask(URL("steward.css"), accept).Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: %q, want %q", accept, got, want)
		}
	}
}

// What every page of the workspace loads beside its HTML: design/ui.md gives a cold page 120 kB and
// 8 requests, and the page itself, its counts and its stream take three of them.
func TestWhatEveryPageLoadsStaysSmall(t *testing.T) {
	all := 0
	for _, name := range []string{"steward.css", "steward.js", "icons.svg", "mark.svg"} {
		b, err := io.ReadAll(ask(URL(name), "gzip").Body)
		if err != nil {
			t.Fatal(err)
		}
		all += len(b)
	}
	t.Logf("%d bytes by gzip", all)
	if all > 80_000 {
		t.Errorf("what every page loads is %d bytes by gzip: more than 80,000", all)
	}
}

func TestAnOldAddressIsNotAnsweredByOtherContent(t *testing.T) {
	if r := ask("/static/000000000000/steward.css", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("an address of other content: %d", r.StatusCode)
	}
	if c := ask(URL("steward.js"), "").Header.Get("Cache-Control"); c != "public, max-age=31536000, immutable" {
		t.Errorf("Cache-Control %q", c)
	}
}

func TestABrowserThatAsksForAnIconByItselfFindsOne(t *testing.T) {
	w := httptest.NewRecorder()
	Favicon(w, httptest.NewRequest(http.MethodGet, "/favicon.ico", nil))
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "image/svg+xml" || !bytes.Contains(w.Body.Bytes(), []byte("<svg")) {
		t.Errorf("%d %s %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
}
