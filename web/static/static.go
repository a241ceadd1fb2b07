// Package static holds what browsers fetch beside pages: one style sheet, a few modules of script,
// one file of icons. Everything is embedded, compressed once, and named by its content, so that a
// browser asks for it once.
//
// Start at [URL] and [Handler]. css/ becomes one style sheet, dist/ holds
// the other files; vendor.sh fetches those that others wrote.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

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

type file struct {
	kind        string
	plain, gzip []byte
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
	all := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(content)) {
		all.Write(content[name])
	}
	// One name for all of them: modules import each other by relative names.
	dir := "/static/" + hex.EncodeToString(all.Sum(nil))[:12] + "/"
	for name, b := range content {
		f := &file{kind: kinds[path.Ext(name)], plain: b}
		if f.kind == "" {
			panic("static: " + name + " is of no known type")
		}
		var z bytes.Buffer
		w, _ := gzip.NewWriterLevel(&z, gzip.BestCompression) // a level that exists
		_, _ = w.Write(b)                                     // a buffer takes all
		_ = w.Close()
		f.gzip = z.Bytes()
		urls[name] = dir + name
		byURL[dir+name] = f
	}
}

// URL is the address of a file of dist; it panics on one that is not there, so that every test run
// finds the mistake.
func URL(name string) string {
	u := urls[name]
	if u == "" {
		panic("static: there is no file " + name)
	}
	return u
}

// Handler answers /static/.
func Handler(w http.ResponseWriter, r *http.Request) {
	f := byURL[r.URL.Path]
	if f == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	b := f.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		b = f.gzip
	}
	_, _ = w.Write(b) // who is gone reads nothing
}
