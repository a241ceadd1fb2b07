package pack

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// Names of files that are not pages.
const (
	aboutName    = "pack.json"
	stateName    = "conformity.json"
	logName      = "log/log.gz"
	proofsName   = "log/proofs.jsonl"
	keyName      = "log/log.pub"
	manifestName = "manifest.txt"
	noteName     = "manifest.note"
)

// statementKind is the kind of the statement that signs the manifest.
const statementKind = "audit-pack"

// archive writes files one after the other and remembers their hashes. Files carry no times, so
// that equal content makes equal bytes.
type archive struct {
	z     *zip.Writer
	sums  map[string]string // name -> SHA-256, hex
	bytes int64
}

func newArchive(w io.Writer) *archive {
	return &archive{z: zip.NewWriter(w), sums: map[string]string{}}
}

// file writes one file.
func (a *archive) file(name string, write func(io.Writer) error) error {
	if _, twice := a.sums[name]; twice {
		return fmt.Errorf("audit pack: two files are named %s", name)
	}
	if !inside(name) {
		return fmt.Errorf("audit pack: %q is no name of a file", name)
	}
	method := zip.Deflate
	if path.Ext(name) == ".gz" {
		method = zip.Store
	}
	f, err := a.z.CreateHeader(&zip.FileHeader{Name: name, Method: method})
	if err != nil {
		return err
	}
	h := sha256.New()
	n := &counting{}
	b := bufio.NewWriterSize(io.MultiWriter(f, h, n), 1<<16)
	if err := write(b); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	a.sums[name] = hex.EncodeToString(h.Sum(nil))
	a.bytes += n.n
	return nil
}

func (a *archive) bytesOf(name string, content []byte) error {
	return a.file(name, func(w io.Writer) error { _, err := w.Write(content); return err })
}

// json writes v, indented for people.
func (a *archive) json(name string, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return a.bytesOf(name, b.Bytes())
}

// manifest is the list of all files so far, by name, as sha256sum prints it.
func (a *archive) manifest() []byte {
	names := make([]string, 0, len(a.sums))
	for n := range a.sums {
		names = append(names, n)
	}
	slices.Sort(names)
	var b bytes.Buffer
	for _, n := range names {
		b.WriteString(a.sums[n] + "  " + n + "\n")
	}
	return b.Bytes()
}

// inside reports whether name is a plain path below the pack's folder.
func inside(name string) bool {
	if name == "" || path.Clean(name) != name || path.IsAbs(name) || strings.HasPrefix(name, "..") {
		return false
	}
	return strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/") == ""
}

type counting struct{ n int64 }

func (c *counting) Write(b []byte) (int, error) { c.n += int64(len(b)); return len(b), nil }
