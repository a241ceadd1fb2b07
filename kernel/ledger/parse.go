package ledger

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// IsCanonical says at which byte text departs from canonical JSON, as a [*FormError], or nil. It
// allocates nothing for texts whose keys hold no escapes.
func IsCanonical(text []byte) error {
	s := scanner{text: text, strict: true}
	if err := s.check(0); err != nil {
		return err
	}
	if s.pos != len(text) {
		return s.err("trailing_bytes", "end the text after its one value")
	}
	return nil
}

// parse reads JSON that need not be canonical, for [Canonical] to rewrite. Stricter than
// encoding/json: equal keys, lone surrogates and bytes that are not UTF-8 are refused, because
// whatever were made of them would be our own invention under somebody's signature.
func parse(text []byte) (any, *FormError) {
	s := scanner{text: text}
	s.space()
	v, err := s.value(0)
	if err != nil {
		return nil, err
	}
	if s.space(); s.pos != len(text) {
		return nil, s.err("trailing_bytes", "end the text after its one value")
	}
	return v, nil
}

type scanner struct {
	text   []byte
	pos    int
	strict bool // only canonical escapes
}

func (s *scanner) err(reason, mend string) *FormError {
	return &FormError{Offset: s.pos, Reason: reason, Mend: mend}
}

func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	for !s.strict && s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) word(w string) *FormError {
	if !bytes.HasPrefix(s.text[s.pos:], []byte(w)) {
		return s.err("not_json", "write "+w)
	}
	s.pos += len(w)
	return nil
}

func (s *scanner) tooDeep() *FormError {
	return s.err("too_deep", "nest at most "+strconv.Itoa(MaxDepth)+" arrays and objects")
}

// check walks one value without building it.
func (s *scanner) check(depth int) *FormError {
	if depth > MaxDepth {
		return s.tooDeep()
	}
	switch c := s.peek(); {
	case c == '"':
		_, _, err := s.rawString()
		return err
	case c == '-' || c >= '0' && c <= '9':
		_, err := s.number()
		return err
	case c == '[':
		s.pos++
		if s.peek() == ']' {
			s.pos++
			return nil
		}
		for {
			if err := s.check(depth + 1); err != nil {
				return err
			}
			if more, err := s.more(']'); err != nil || !more {
				return err
			}
		}
	case c == '{':
		return s.checkObject(depth)
	}
	return s.literal()
}

func (s *scanner) checkObject(depth int) *FormError {
	s.pos++
	if s.peek() == '}' {
		s.pos++
		return nil
	}
	var last []byte // the key before, unescaped
	for first := true; ; first = false {
		at := s.pos
		raw, escaped, err := s.rawString()
		if err != nil {
			return err
		}
		key := raw
		if escaped {
			s.pos = at
			k, err := s.str()
			if err != nil {
				return err
			}
			key = []byte(k)
		}
		if !first && CompareKeys(last, key) >= 0 {
			s.pos = at
			return s.err("key_order", "sort keys by UTF-16 code units and write each once")
		}
		last = key
		if err := s.colon(); err != nil {
			return err
		}
		if err := s.check(depth + 1); err != nil {
			return err
		}
		if more, err := s.more('}'); err != nil || !more {
			return err
		}
	}
}

func (s *scanner) colon() *FormError {
	if s.peek() != ':' {
		return s.err("not_json", "write a colon directly after the key")
	}
	s.pos++
	return nil
}

// more reads the comma before the next element, or the closing bracket.
func (s *scanner) more(end byte) (bool, *FormError) {
	s.space()
	switch s.peek() {
	case ',':
		s.pos++
		s.space()
		return true, nil
	case end:
		s.pos++
		return false, nil
	}
	return false, s.err("not_json", "write a comma or "+string(rune(end))+" with no space around it")
}

func (s *scanner) literal() *FormError {
	switch s.peek() {
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	return s.err("not_json", "write a value, with no space before it")
}

// number reads an integer. What follows it decides nothing here: ".5" or "e3" fail as a missing comma
// would, but with a reason of their own.
func (s *scanner) number() (int64, *FormError) {
	start := s.pos
	if s.peek() == '-' {
		s.pos++
	}
	digits := s.pos
	for s.peek() >= '0' && s.peek() <= '9' {
		s.pos++
	}
	lit := s.text[start:s.pos]
	switch c := s.peek(); {
	case s.pos == digits:
		return 0, s.err("not_json", "write digits after the minus")
	case c == '.' || c == 'e' || c == 'E':
		return 0, s.err("fraction", "write numbers that are not integers as strings")
	case s.text[digits] == '0' && len(lit) > 1:
		s.pos = start
		return 0, s.err("leading_zero", "write zero as 0, other integers without leading zeros")
	}
	n, err := strconv.ParseInt(string(lit), 10, 64)
	if err != nil || n > MaxInt || n < -MaxInt {
		s.pos = start
		return 0, s.err("too_large", "write integers beyond 2^53 as a string")
	}
	return n, nil
}

// rawString skips one string in canonical form (strict) or in any form (otherwise), and returns the
// bytes between its quotes, still escaped.
func (s *scanner) rawString() (raw []byte, escaped bool, err *FormError) {
	if s.peek() != '"' {
		return nil, false, s.err("not_json", "write a key in quotes")
	}
	t, i := s.text, s.pos+1
	start := i
	for i < len(t) {
		c := t[i]
		switch {
		case plain[c]:
			i++
		case c == '"':
			s.pos = i + 1
			return t[start:i], escaped, nil
		case c == '\\':
			escaped = true
			n := escapeLength(t[i:], s.strict)
			if n == 0 {
				s.pos = i
				return nil, false, s.err("escape", `escape only with \" \\ \b \t \n \f \r and \u00xx in lower case for the other controls`)
			}
			i += n
		case c < 0x20:
			s.pos = i
			return nil, false, s.err("control", "escape characters below U+0020")
		default:
			r, n := utf8.DecodeRune(t[i:])
			if r == utf8.RuneError && n == 1 {
				s.pos = i
				return nil, false, s.err("not_utf8", "replace the bytes that are not UTF-8")
			}
			i += n
		}
	}
	s.pos = len(t)
	return nil, false, s.err("not_json", "close the string")
}

// escapeLength is the length of the escape at the start of t, 0 where it is not allowed.
func escapeLength(t []byte, strict bool) int {
	if len(t) < 2 {
		return 0
	}
	switch t[1] {
	case '"', '\\', 'b', 't', 'n', 'f', 'r':
		return 2
	case '/':
		if !strict {
			return 2
		}
	case 'u':
		r, ok := hex4(t)
		if !ok {
			return 0
		}
		if !strict {
			return 6
		}
		short := r == '\b' || r == '\t' || r == '\n' || r == '\f' || r == '\r'
		upper := t[4] >= 'A' && t[4] <= 'F' || t[5] >= 'A' && t[5] <= 'F'
		if r < 0x20 && !short && !upper {
			return 6
		}
	}
	return 0
}

func hex4(t []byte) (rune, bool) {
	if len(t) < 6 || t[0] != '\\' || t[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range t[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// str reads one string and resolves its escapes.
func (s *scanner) str() (string, *FormError) {
	start := s.pos
	raw, escaped, err := s.rawString()
	if err != nil {
		return "", err
	}
	if !escaped {
		return string(raw), nil
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		switch c := raw[i+1]; c {
		case 'b':
			out = append(out, '\b')
		case 't':
			out = append(out, '\t')
		case 'n':
			out = append(out, '\n')
		case 'f':
			out = append(out, '\f')
		case 'r':
			out = append(out, '\r')
		case 'u':
			r, _ := hex4(raw[i:])
			if utf16.IsSurrogate(r) {
				low, _ := hex4(raw[i+6:])
				if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
					s.pos = start + 1 + i
					return "", s.err("lone_surrogate", "write a character outside the basic plane as two surrogates or as UTF-8")
				}
				i += 6
			}
			out = utf8.AppendRune(out, r)
			i += 4
		default:
			out = append(out, c)
		}
		i += 2
	}
	return string(out), nil
}

// value reads one value of JSON in any form.
func (s *scanner) value(depth int) (any, *FormError) {
	if depth > MaxDepth {
		return nil, s.tooDeep()
	}
	switch c := s.peek(); {
	case c == '"':
		return result(s.str())
	case c == '-' || c >= '0' && c <= '9':
		return result(s.number())
	case c == '[':
		list := []any{}
		s.pos++
		if s.space(); s.peek() == ']' {
			s.pos++
			return list, nil
		}
		for {
			v, err := s.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
			if more, err := s.more(']'); err != nil || !more {
				return list, err
			}
		}
	case c == '{':
		m := map[string]any{}
		s.pos++
		if s.space(); s.peek() == '}' {
			s.pos++
			return m, nil
		}
		for {
			at := s.pos
			k, err := s.str()
			if err != nil {
				return nil, err
			}
			if _, twice := m[k]; twice {
				s.pos = at
				return nil, s.err("key_twice", "write each key of an object once")
			}
			s.space()
			if err := s.colon(); err != nil {
				return nil, err
			}
			s.space()
			if m[k], err = s.value(depth + 1); err != nil {
				return nil, err
			}
			if more, err := s.more('}'); err != nil || !more {
				return m, err
			}
		}
	case c == 'n':
		return nil, s.literal()
	}
	isTrue := s.peek() == 't'
	return isTrue, s.literal()
}

func result[T any](v T, err *FormError) (any, *FormError) { return v, err }
