package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
)

const (
	// MaxInt is the largest magnitude of a number in canonical JSON, 2^53 - 1 (RFC 7493, 2.2): beyond
	// it readers that use doubles disagree.
	MaxInt = 1<<53 - 1
	// MaxDepth is how deep arrays and objects may be nested.
	MaxDepth = 64
)

// A FormError says why a value or a text is not canonical JSON.
type FormError struct {
	Path   string // of a value: set.state[1]; "" for the whole
	Offset int    // of a text: byte at which it departs; -1 for a value
	Reason string // stable word
	Mend   string
}

func (e *FormError) Error() string {
	where := e.Path
	if e.Offset >= 0 {
		where += "at byte " + strconv.Itoa(e.Offset)
	} else if where == "" {
		where = "value"
	}
	return where + ": " + e.Reason + ": " + e.Mend
}

// An Appender writes its own canonical JSON, as the cells of a record do.
type Appender interface{ AppendJSON(b []byte) []byte }

// Canonical is the canonical JSON of v: nil, bool, string, int, int32, int64, []any, []string,
// map[string]any, map[string]string, [json.RawMessage] (rewritten where it is not canonical yet)
// and [Appender]. The error is a [*FormError] naming the path.
func Canonical(v any) ([]byte, error) { return AppendCanonical(make([]byte, 0, 256), v) }

// AppendCanonical appends [Canonical] of v to b. After an error b holds a part of it.
func AppendCanonical(b []byte, v any) ([]byte, error) {
	b, err := appendValue(b, v, 0)
	if err != nil {
		return b, err
	}
	return b, nil
}

func refuse(reason, mend string) *FormError {
	return &FormError{Offset: -1, Reason: reason, Mend: mend}
}

func (e *FormError) under(key string) *FormError {
	switch {
	case e.Path == "":
		e.Path = key
	case e.Path[0] == '[':
		e.Path = key + e.Path
	default:
		e.Path = key + "." + e.Path
	}
	return e
}

func appendValue(b []byte, v any, depth int) ([]byte, *FormError) {
	if depth > MaxDepth {
		return b, refuse("too_deep", fmt.Sprintf("nest at most %d arrays and objects", MaxDepth))
	}
	switch v := v.(type) {
	case nil:
		return append(b, "null"...), nil
	case bool:
		return strconv.AppendBool(b, v), nil
	case string:
		return appendChecked(b, v)
	case int:
		return appendInt(b, int64(v))
	case int32:
		return appendInt(b, int64(v))
	case int64:
		return appendInt(b, v)
	case []any:
		return appendList(b, v, depth)
	case []string:
		return appendList(b, v, depth)
	case map[string]any:
		return appendMap(b, v, depth)
	case map[string]string:
		return appendMap(b, v, depth)
	case json.RawMessage:
		if IsCanonical(v) == nil && depth == 0 { // deeper, the depth of the whole must be counted too
			return append(b, v...), nil
		}
		parsed, err := parse(v)
		if err != nil {
			return b, err
		}
		return appendValue(b, parsed, depth)
	case Appender:
		start := len(b)
		b = v.AppendJSON(b)
		if err := IsCanonical(b[start:]); err != nil {
			return b[:start], refuse("not_canonical", fmt.Sprintf("AppendJSON of %T must write canonical JSON: %v", v, err))
		}
		return b, nil
	}
	return b, refuse("wrong_type", fmt.Sprintf("%T cannot be written: use string, int64, bool, nil, a list or a map (decimals and instants as strings)", v))
}

func appendInt(b []byte, n int64) ([]byte, *FormError) {
	if n > MaxInt || n < -MaxInt {
		return b, refuse("too_large", "write integers beyond 2^53 as a string")
	}
	return strconv.AppendInt(b, n, 10), nil
}

func appendChecked(b []byte, s string) ([]byte, *FormError) {
	if !utf8.ValidString(s) {
		return b, refuse("not_utf8", "replace the bytes that are not UTF-8 before writing")
	}
	return AppendString(b, s), nil
}

func appendList[T any](b []byte, list []T, depth int) ([]byte, *FormError) {
	var err *FormError
	b = append(b, '[')
	for i, v := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendValue(b, v, depth+1); err != nil {
			return b, err.under("[" + strconv.Itoa(i) + "]")
		}
	}
	return append(b, ']'), nil
}

func appendMap[T any](b []byte, m map[string]T, depth int) ([]byte, *FormError) {
	var few [16]string // most objects are small: no allocation for their keys
	keys := few[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, CompareKeys[string])
	var err *FormError
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendChecked(b, k); err != nil {
			return b, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, m[k], depth+1); err != nil {
			return b, err.under(k)
		}
	}
	return append(b, '}'), nil
}

// CompareKeys orders keys by UTF-16 code units (RFC 8785, 3.2.3). For UTF-8 that is the order of
// bytes, except that a character beyond U+FFFF (lead byte F0 and up; a surrogate, D800 and up, in
// UTF-16) comes before U+E000 to U+FFFF (lead bytes EE and EF).
func CompareKeys[T string | []byte](a, b T) int {
	n := min(len(a), len(b))
	for i := range n {
		x, y := a[i], b[i]
		if x == y {
			continue
		}
		if x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0) {
			x, y = y, x
		}
		if x < y {
			return -1
		}
		return 1
	}
	return len(a) - len(b)
}

const lowerHex = "0123456789abcdef"

// plain marks the bytes that stand for themselves in a string: all but the controls, quote,
// backslash, and those of 0x80 and above, which are checked as UTF-8.
var plain = func() (t [256]bool) {
	for c := 0x20; c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// AppendString appends s as a canonical JSON string. Bytes that are not UTF-8 become U+FFFD, so
// callers that must not lose any check first ([Entry.Check], [Canonical]).
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[start:i]...), "\ufffd"...)
				start = i + 1
			}
			i += n
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			b = append(b, '\\', 'u', '0', '0', lowerHex[c>>4], lowerHex[c&15])
		}
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

// AppendID appends id as a JSON string in its 36 character form, or null for the zero ID.
func AppendID(b []byte, id [16]byte) []byte {
	if id == ([16]byte{}) {
		return append(b, "null"...)
	}
	b = append(b, '"')
	for i, c := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			b = append(b, '-')
		}
		b = append(b, lowerHex[c>>4], lowerHex[c&15])
	}
	return append(b, '"')
}

const timeForm = "2006-01-02T15:04:05.000000Z"

// AppendTime appends t as a JSON string in UTC with microseconds; what is finer is dropped.
func AppendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		b = append(b, '"')
		return append(t.AppendFormat(b, timeForm), '"')
	}
	hour, minute, second := t.Clock()
	us := t.Nanosecond() / 1000
	return append(b, '"', // by hand: time.AppendFormat takes three times as long, twice an event
		'0'+byte(year/1000), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10), '-',
		'0'+byte(month/10), '0'+byte(month%10), '-', '0'+byte(day/10), '0'+byte(day%10), 'T',
		'0'+byte(hour/10), '0'+byte(hour%10), ':', '0'+byte(minute/10), '0'+byte(minute%10), ':',
		'0'+byte(second/10), '0'+byte(second%10), '.',
		'0'+byte(us/100000), '0'+byte(us/10000%10), '0'+byte(us/1000%10),
		'0'+byte(us/100%10), '0'+byte(us/10%10), '0'+byte(us%10), 'Z', '"')
}
