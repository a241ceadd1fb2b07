package oscal

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // UUID version 5 is defined by it (RFC 9562); it protects nothing
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Version of OSCAL that is written.
const Version = "1.1.2"

// space is the namespace of the UUIDs of this product; any fixed value would do, and it never changes.
var space = [16]byte{0x5e, 0x1d, 0x0a, 0x0c, 0x33, 0x0e, 0x4f, 0x5b, 0x9a, 0x41, 0x6d, 0xd2, 0x0c, 0x57, 0x2f, 0x10}

// ns is the namespace of properties that OSCAL does not define.
const ns = "urn:steward:oscal"

// uuid is version 5 of RFC 9562: the same name, the same id.
func uuid(name string) string {
	h := sha1.New() //nolint:gosec // as above
	h.Write(space[:])
	h.Write([]byte(name))
	b := h.Sum(nil)[:16]
	b[6], b[8] = b[6]&0x0f|0x50, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// digest names a content.
func digest(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

type metadata struct {
	Title        string     `json:"title"`
	LastModified string     `json:"last-modified"`
	Version      string     `json:"version"`
	OSCALVersion string     `json:"oscal-version"`
	Props        []property `json:"props,omitempty"`
	Remarks      string     `json:"remarks,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	NS    string `json:"ns,omitempty"`
	Value string `json:"value"`
}

// own is a property of ours.
func own(name, value string) property { return property{name, ns, value} }

type all struct{}

type link struct {
	Href string `json:"href"`
	Rel  string `json:"rel,omitempty"`
}

type resource struct {
	UUID        string `json:"uuid"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Links       []link `json:"rlinks,omitempty"`
}

type backMatter struct {
	Resources []resource `json:"resources,omitempty"`
}

// instant is a time as OSCAL takes it: with a zone, here always UTC.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// write makes the bytes of a document.
func write(root string, v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(map[string]any{root: v})
	return b.Bytes(), err
}

// paraphrase goes into every document.
const paraphrase = "The requirements are a paraphrase of ISO/IEC 20000-1:2018 with its amendment of 2024 in our own words, unverified against a licensed copy; the standard is copyrighted and not reproduced."
