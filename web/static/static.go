// Package static holds what browsers fetch beside pages: one style sheet, one script, one file of
// icons, the mark. Everything is embedded, compressed once, and named by its content, so that a
// browser asks for it once, and again only for what changed.
//
// Start at [URL] and [Handler]. css/ becomes one style sheet when the program starts; js/ becomes
// dist/steward.js by `make js`; dist/ holds what is served as it is. vendor.sh fetches those that
// others wrote.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

//go:generate go run steward/web/static/bundle

//go:embed dist css
var files embed.FS

// sheet is the one style sheet: the files of css/ in order of their names, so that each door keeps
// its own part.
func sheet() []byte {
	list, err := fs.Glob(files, "css/*.css")
	if err != nil {
		panic(err)
	}
	var all []byte
	for _, name := range list {
		b, err := files.ReadFile(name)
		if err != nil {
			panic(err)
		}
		all = append(append(all, b...), '\n')
	}
	return all
}

// A file is one that is served. What is packed is packed at the first request for it, once: a command
// that serves nothing waits for nothing.
type file struct {
	kind     string
	plain    []byte
	gzip, br func() []byte
}

var (
	byURL = map[string]*file{}
	urls  = map[string]string{}
)

func init() {
	// The machine's own table of types is not asked: answers must not depend on it.
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}
	list, err := fs.ReadDir(files, "dist")
	if err != nil {
		panic(err)
	}
	content := map[string][]byte{"steward.css": sheet()}
	for _, e := range list {
		b, err := files.ReadFile("dist/" + e.Name())
		if err != nil {
			panic(err)
		}
		content[e.Name()] = b
	}
	for name, b := range content {
		f := &file{kind: kinds[path.Ext(name)], plain: b, gzip: sync.OnceValue(func() []byte { return gzipped(b) }), br: sync.OnceValue(func() []byte { return brotlied(b) })}
		if f.kind == "" {
			panic("static: " + name + " is of no known type")
		}
		sum := sha256.Sum256(b)
		u := "/static/" + hex.EncodeToString(sum[:6]) + "/" + name
		urls[name] = u
		byURL[u] = f
	}
}

func gzipped(b []byte) []byte {
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // a level that exists
	_, _ = w.Write(b)                                     // a buffer takes all
	_ = w.Close()
	return z.Bytes()
}

func brotlied(b []byte) []byte {
	var z bytes.Buffer
	w := brotli.NewWriterLevel(&z, 7) // 40 ms where the best takes 650 and saves a tenth
	_, _ = w.Write(b)                 // a buffer takes all
	_ = w.Close()
	return z.Bytes()
}

// URL is the address of a file; it panics on one that is not there, so that every test run finds the
// mistake.
func URL(name string) string {
	u := urls[name]
	if u == "" {
		panic("static: there is no file " + name)
	}
	return u
}

// Sheet is the style sheet itself, for pages that leave the house, such as audit packs.
func Sheet() []byte { return sheet() }

// Handler answers /static/.
func Handler(w http.ResponseWriter, r *http.Request) {
	f := byURL[r.URL.Path]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	f.send(w, r)
}

// Favicon answers /favicon.ico, which browsers ask for by themselves where a page names no icon: a
// page of another door, a feed, a file.
func Favicon(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	byURL[URL("mark.svg")].send(w, r)
}

func (f *file) send(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Vary", "Accept-Encoding")
	b := f.plain
	switch e := r.Header.Get("Accept-Encoding"); {
	case takes(e, "br"):
		h.Set("Content-Encoding", "br")
		b = f.br()
	case takes(e, "gzip"):
		h.Set("Content-Encoding", "gzip")
		b = f.gzip()
	}
	h.Set("Content-Length", strconv.Itoa(len(b)))
	_, _ = w.Write(b) // who is gone reads nothing
}

// takes reports whether a header Accept-Encoding names coding, and not with weight 0 (RFC 9110, 12.5.3).
func takes(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		n, err := strconv.ParseFloat(q, 64)
		return !ok || err == nil && n > 0
	}
	return false
}
