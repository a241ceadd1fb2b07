package api

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

func TestAKeyIsTwiceWhateverItsSpelling(t *testing.T) {
	for _, s := range []string{`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"x":{"a":1,"b":{"c":1,"c":2}}}`, `{"l":[{"a":1,"a":1}]}`} {
		if _, err := decode([]byte(s)); err == nil {
			t.Errorf("%s is taken", s)
		}
	}
	for _, s := range []string{`{"a":1,"b":{"a":2}}`, `{"l":[{"a":1},{"a":1}]}`, `{}`, ` { "a" : [ ] } `} {
		if _, err := decode([]byte(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// FuzzBody: whatever comes, the decoder does not panic, takes only valid JSON objects in UTF-8
// without a repeated key, and keeps every value as it was written.
func FuzzBody(f *testing.F) {
	for _, s := range []string{`{"a":1}`, `{"a":1,"a":2}`, `[`, `{"a":{"b":[1,2,{"c":null}]}}`, "\xef\xbb\xbf{}", `{"\ud800":1}`, `{"a":1e999}`, `{"a":"\u0000"}`, `{}{}`, `{"a":1,}`, "null", `{"a"`, `{"a":tru`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := decode(raw)
		if err != nil {
			if fo := faultOf(err); fo == nil || fo.Position < 0 || fo.Position > len(raw)+1 {
				t.Fatalf("%q: %v has no place in it", raw, err)
			}
			return
		}
		if !utf8.Valid(raw) || !json.Valid(raw) {
			t.Fatalf("%q is taken", raw)
		}
		dec := json.NewDecoder(bytes.NewReader(raw))
		if tok, _ := dec.Token(); tok != json.Delim('{') {
			t.Fatalf("%q is no object", raw)
		}
		n := 0
		for dec.More() {
			k, err := dec.Token()
			if err != nil {
				t.Fatalf("%q: %v", raw, err)
			}
			var v json.RawMessage
			if err := dec.Decode(&v); err != nil {
				t.Fatalf("%q: %v", raw, err)
			}
			if !bytes.Equal(bytes.TrimSpace(o[k.(string)]), bytes.TrimSpace(v)) {
				t.Fatalf("%q: %s became %s", raw, v, o[k.(string)])
			}
			n++
		}
		if n != len(o) {
			t.Fatalf("%q: %d keys became %d", raw, n, len(o))
		}
	})
}
