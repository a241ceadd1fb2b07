package ledger

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"
)

func TestCanonicalWritesWhatRFC8785Says(t *testing.T) {
	for _, tc := range []struct {
		v    any
		want string
	}{
		{nil, "null"}, {true, "true"}, {-7, "-7"}, {int64(MaxInt), "9007199254740991"},
		// RFC 8785, 3.2.2.2, without the number: the string of its example
		{"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/", `"€$\u000f\nA'B\"\\\\\"/"`},
		{"\b\t\n\f\r\x00\x1f\x7f<>&\u2028", "\"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f<>&\u2028\""},
		// RFC 8785, 3.2.3: keys in the order of UTF-16 code units
		{map[string]any{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
			"\U0001F600": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"},
			"{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}"},
		{map[string]any{"set": map[string]any{"state": []any{"new", nil}, "b": []string{}}, "a": map[string]string{}}, `{"a":{},"set":{"b":[],"state":["new",null]}}`},
		{json.RawMessage(` { "b" : [ 1 , "\u0041\/\ud83d\ude00\n" ] , "a" : null } `), `{"a":null,"b":[1,"A/😀\n"]}`},
		{[]any{json.RawMessage(`{"b":1,"a":true}`)}, `[{"a":true,"b":1}]`},
	} {
		got, err := Canonical(tc.v)
		if err != nil || string(got) != tc.want {
			t.Errorf("%#v: %s, %v; want %s", tc.v, got, err, tc.want)
		}
		if err := IsCanonical(got); err != nil {
			t.Errorf("%s: own output refused: %v", got, err)
		}
	}
}

func TestCanonicalRefusesWhatItCannotKeep(t *testing.T) {
	for _, tc := range []struct {
		v            any
		path, reason string
	}{
		{1.5, "", "wrong_type"}, {int64(MaxInt) + 1, "", "too_large"}, {"\xff", "", "not_utf8"},
		{map[string]any{"set": map[string]any{"state": []any{"a", time.Now()}}}, "set.state[1]", "wrong_type"},
		{map[string]any{"\xff": 1}, "", "not_utf8"},
		{json.RawMessage(`1.0`), "", "fraction"}, {json.RawMessage(`1e3`), "", "fraction"}, {json.RawMessage(`-0`), "", "leading_zero"},
		{json.RawMessage(`{"a":1,"a":1}`), "", "key_twice"}, {json.RawMessage(`"\ud83d"`), "", "lone_surrogate"},
		{json.RawMessage(`"\ud83dxxxxxx"`), "", "lone_surrogate"}, {json.RawMessage(`"\ude00\ud83d"`), "", "lone_surrogate"},
		{json.RawMessage(`[1,]`), "", "not_json"}, {json.RawMessage(``), "", "not_json"}, {json.RawMessage(`1 2`), "", "trailing_bytes"},
		{json.RawMessage(strings.Repeat("[", MaxDepth+2)), "", "too_deep"}, {json.RawMessage("\"\x01\""), "", "control"},
	} {
		_, err := Canonical(tc.v)
		var f *FormError
		if !errors.As(err, &f) || f.Path != tc.path || f.Reason != tc.reason || f.Mend == "" {
			t.Errorf("%.40v: %v, want %s at %q", tc.v, err, tc.reason, tc.path)
		}
	}
	var deep any = "x"
	for range MaxDepth {
		deep = []any{deep}
	}
	if b, err := Canonical(deep); err != nil || IsCanonical(b) != nil {
		t.Errorf("depth %d: %v, %v", MaxDepth, err, IsCanonical(b))
	}
	if _, err := Canonical([]any{deep}); err == nil {
		t.Errorf("depth %d passed", MaxDepth+1)
	}
}

func TestIsCanonicalNamesTheByte(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":2}`: "", `[]`: "", `"é"`: "", `"\u001f\b"`: "", `{"":0,"\n":{},"a":-1}`: "",
		``: "0 not_json", ` 1`: "0 not_json", `1 `: "1 trailing_bytes", `{"a": 1}`: "5 not_json", `{"a":1, "b":2}`: "7 not_json",
		`{"b":1,"a":2}`: "7 key_order", `{"a":1,"a":2}`: "7 key_order", `{"a":1,"\n":2}`: "7 key_order",
		`1.0`: "1 fraction", `1e2`: "1 fraction", `01`: "0 leading_zero", `-0`: "0 leading_zero", `-`: "1 not_json", `9007199254740992`: "0 too_large",
		`"\u0041"`: "1 escape", `"\/"`: "1 escape", `"\u000A"`: "1 escape", `"\u000a"`: "1 escape", `"\u001F"`: "1 escape", `"\ud83d\ude00"`: "1 escape",
		"\"\n\"": "1 control", "\"a\xff\"": "2 not_utf8", "\"\xed\xa0\x80\"": "1 not_utf8", `"a`: "2 not_json", `{"a":tru}`: "5 not_json", `nul`: "0 not_json",
		`{"a"}`: "4 not_json", `{1:2}`: "1 not_json", `[1,]`: "3 not_json", `{"a":1,}`: "7 not_json", `[1`: "2 not_json",
	} {
		got := ""
		var f *FormError
		if errors.As(IsCanonical([]byte(text)), &f) {
			got = fmt.Sprintf("%d %s", f.Offset, f.Reason)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestKeysSortByUTF16CodeUnits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := CompareKeys(a, b); got < 0 != (want < 0) || got > 0 != (want > 0) {
			t.Fatalf("%q, %q: %d, want %d", a, b, got, want)
		}
	})
	for _, a := range []rune{0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xefff, 0xf000, 0xfffd, 0x10000, 0x10ffff} {
		for _, b := range []rune{0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xefff, 0xf000, 0xfffd, 0x10000, 0x10ffff} {
			want := slices.Compare(utf16.Encode([]rune{a}), utf16.Encode([]rune{b}))
			if got := CompareKeys(string(a), string(b)); got < 0 != (want < 0) || got > 0 != (want > 0) {
				t.Errorf("%U, %U: %d, want %d", a, b, got, want)
			}
		}
	}
}

// anyValue draws values that Canonical accepts.
func anyValue(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.String().AsAny(), rapid.Int64Range(-MaxInt, MaxInt).AsAny(),
	}
	if depth > 0 {
		kinds = append(kinds, rapid.SliceOfN(anyValue(depth-1), 0, 4).AsAny(), rapid.MapOfN(rapid.String(), anyValue(depth-1), 0, 4).AsAny())
	}
	return rapid.OneOf(kinds...)
}

func TestCanonicalHasOneFormForEachValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(3).Draw(t, "v")
		b, err := Canonical(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := IsCanonical(b); err != nil {
			t.Fatalf("%s: %v", b, err)
		}
		loose, err := json.MarshalIndent(v, "", "  ") // other escapes, other order, spaces
		if err != nil {
			t.Fatal(err)
		}
		again, err := Canonical(json.RawMessage(loose))
		if err != nil || !bytes.Equal(b, again) {
			t.Fatalf("%s became %s (%v)", b, again, err)
		}
		back, bad := parse(b)
		if bad != nil {
			t.Fatal(bad)
		}
		if twice, err := Canonical(back); err != nil || !bytes.Equal(b, twice) {
			t.Fatalf("%s read back became %s (%v)", b, twice, err)
		}
	})
}

func FuzzIsCanonical(f *testing.F) {
	for _, s := range []string{`{"a":[1,"x\n",null],"b":{}}`, `"\u001f"`, `-9007199254740991`, `{"😀":1,"ﬀ":2}`, `1.0`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		strict := IsCanonical(text)
		again, err := Canonical(json.RawMessage(text))
		if strict == nil && (err != nil || !bytes.Equal(again, text)) {
			t.Fatalf("%q passed but is rewritten to %q (%v)", text, again, err)
		}
		if err != nil {
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q accepted, encoding/json refuses it", text)
		}
		if IsCanonical(again) != nil {
			t.Fatalf("%q rewritten to %q, which is not canonical", text, again)
		}
		if strict != nil && bytes.Equal(again, text) {
			t.Fatalf("%q is canonical but refused: %v", text, strict)
		}
		var a, b any
		if json.Unmarshal(text, &a) != nil || json.Unmarshal(again, &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("%q changed its meaning as %q", text, again)
		}
	})
}

var body = map[string]any{
	"set":   map[string]any{"state": []any{"new", "assigned"}, "assignee": []any{nil, "0198a2f0-1111-7000-8000-000000000001"}, "title": []any{"Printer \"3rd floor\"", "Printer on the third floor is out of toner again"}},
	"clock": map[string]any{"response": map[string]any{"due": "2026-11-25T12:00:00.000000Z", "spent": int64(3600)}},
}

func BenchmarkCanonicalBody(b *testing.B) {
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = AppendCanonical(buf[:0], body)
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkEncodingJSONBody(b *testing.B) { // the floor to compare with
	b.ReportAllocs()
	for b.Loop() {
		json.Marshal(body)
	}
}

func BenchmarkAppendString(b *testing.B) {
	s := strings.Repeat("The printer on the third floor is out of toner. ", 8)
	buf := make([]byte, 0, 1024)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendString(buf[:0], s)
	}
}

func BenchmarkIsCanonical(b *testing.B) {
	text, _ := Canonical(body)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if IsCanonical(text) != nil {
			b.Fatal("refused")
		}
	}
}
