package query

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	tokEnd    tokenKind = iota
	tokName             // field, predicate or keyword
	tokString           // text between quotes, escapes undone
	tokNumber           // canonical: no leading or trailing zeros
	tokMoment           // date or instant without quotes, canonical
	tokSpan             // 7d, 4h
	tokSign             // = != < <= > >= ~ ( ) , + -
)

type token struct {
	kind tokenKind
	at   Place
	end  int    // byte offset after it
	text string // names as written
	n    int64  // of a span
	unit string // of a span
}

// is tells whether t is that keyword; keywords are not case-sensitive.
func (t token) is(word string) bool {
	return t.kind == tokName && strings.EqualFold(t.text, word)
}

func (t token) sign(s string) bool { return t.kind == tokSign && t.text == s }

// quote shows the token in an error.
func (t token) quote() string {
	switch t.kind {
	case tokEnd:
		return "the end"
	case tokString:
		return "a text"
	}
	return t.text
}

type lexer struct {
	src string
	at  Place
}

// lex splits src into words. When it fails it also gives the words before the failure, for completion.
func lex(src string) ([]token, *Error) {
	l := lexer{src, Place{0, 1, 1}}
	var out []token
	for {
		t, err := l.next()
		if err != nil {
			return out, err
		}
		out = append(out, t)
		if t.kind == tokEnd {
			return out, nil
		}
	}
}

// advance moves over n bytes and keeps count of lines and characters.
func (l *lexer) advance(n int) {
	for _, b := range []byte(l.src[l.at.Pos : l.at.Pos+n]) {
		if b == '\n' {
			l.at.Line++
			l.at.Column = 1
		} else if utf8.RuneStart(b) {
			l.at.Column++
		}
	}
	l.at.Pos += n
}

func (l *lexer) rest() string { return l.src[l.at.Pos:] }

// here is the place n bytes further on.
func (l *lexer) here(n int) Place {
	ahead := *l
	ahead.advance(n)
	return ahead.at
}

func (l *lexer) take(k tokenKind, n int, text string) token {
	t := token{kind: k, at: l.at, text: text}
	l.advance(n)
	t.end = l.at.Pos
	return t
}

func (l *lexer) next() (token, *Error) {
	for l.at.Pos < len(l.src) {
		r, n := utf8.DecodeRuneInString(l.rest())
		if !unicode.IsSpace(r) {
			break
		}
		l.advance(n)
	}
	s := l.rest()
	if s == "" {
		return token{kind: tokEnd, at: l.at, end: l.at.Pos}, nil
	}
	switch c := s[0]; {
	case isLetter(c):
		return l.name(s)
	case isDigit(c):
		return l.number(s)
	case c == '"' || c == '\'':
		return l.text(s)
	}
	for _, sign := range []string{"!=", "<=", ">=", "=", "<", ">", "~", "(", ")", ",", "+", "-"} {
		if strings.HasPrefix(s, sign) {
			for foreign, mend := range map[string]string{"==": "write =", "<>": "write !=", "=~": "write ~"} {
				if strings.HasPrefix(s, foreign) {
					return token{}, fail(l.at, ReasonSyntax, mend, "%s is no operator", foreign)
				}
			}
			return l.take(tokSign, len(sign), sign), nil
		}
	}
	for foreign, mend := range map[string]string{"&&": "write and", "||": "write or", "!": "write not, or != between field and value", "“": `write "`, "”": `write "`, "„": `write "`} {
		if strings.HasPrefix(s, foreign) {
			return token{}, fail(l.at, ReasonBadCharacter, mend, "%s is not part of the language", foreign)
		}
	}
	r, n := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError && n == 1 {
		return token{}, fail(l.at, ReasonBadCharacter, "send the filter as UTF-8", "this is not UTF-8")
	}
	return token{}, fail(l.at, ReasonBadCharacter, "put text in quotes", "%q is not part of the language", string(r))
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// name reads priority, custom.floor, service.criticality.
func (l *lexer) name(s string) (token, *Error) {
	i := 0
	for i < len(s) && (isLetter(s[i]) || isDigit(s[i])) {
		i++
		if i < len(s) && s[i] == '.' {
			if i+1 == len(s) || !isLetter(s[i+1]) && !isDigit(s[i+1]) {
				return token{}, fail(l.here(i), ReasonSyntax, "", "a field is missing after %s", s[:i+1])
			}
			i++
		}
	}
	return l.take(tokName, i, s[:i]), nil
}

// number reads 12, 12.50, 7d, 2026-01-31 and 2026-01-31T08:00:00Z.
func (l *lexer) number(s string) (token, *Error) {
	if n := momentLength(s); n > 0 {
		if n < len(s) && (isLetter(s[n]) || isDigit(s[n])) {
			return token{}, fail(l.at, ReasonBadDate, "write 2026-01-31 or 2026-01-31T08:00:00Z", "this is no date")
		}
		m, reason := parseMoment(s[:n])
		if reason != "" {
			return token{}, fail(l.at, reason, "write 2026-01-31 or 2026-01-31T08:00:00Z", "there is no %s", s[:n])
		}
		return l.take(tokMoment, n, m.String()), nil
	}
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	if i < len(s) && isLetter(s[i]) {
		j := i
		for j < len(s) && (isLetter(s[j]) || isDigit(s[j])) {
			j++
		}
		unit := strings.ToLower(s[i:j])
		if unitSeconds[unit] == 0 {
			return token{}, fail(l.here(i), ReasonBadDuration, `write 4h or 7d (units s m h d w mo y), or "PT1H30M"`, "%s is no unit of time", s[i:j])
		}
		n, ok := smallInt(s[:i])
		if !ok {
			return token{}, fail(l.at, ReasonOutOfRange, "", "%s is too long", s[:j])
		}
		t := l.take(tokSpan, j, s[:j])
		t.n, t.unit = n, unit
		return t, nil
	}
	if i < len(s) && s[i] == '.' {
		j := i + 1
		for j < len(s) && isDigit(s[j]) {
			j++
		}
		if j == i+1 || j < len(s) && (isLetter(s[j]) || s[j] == '.') {
			return token{}, fail(l.at, ReasonBadNumber, "write 12 or 12.5", "this is no number")
		}
		i = j
	}
	return l.take(tokNumber, i, canonicalNumber(s[:i])), nil
}

// text reads 'it' or "it" with the escapes \\ \" \' \n \r \t \u00e9.
func (l *lexer) text(s string) (token, *Error) {
	var b strings.Builder
	for i := 1; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == rune(s[0]):
			return l.take(tokString, i+1, b.String()), nil
		case r == utf8.RuneError && n == 1:
			return token{}, fail(l.here(i), ReasonBadCharacter, "send the filter as UTF-8", "this is not UTF-8")
		case r == 0:
			return token{}, fail(l.here(i), ReasonBadCharacter, "", "text cannot hold the character 0")
		case r != '\\':
			b.WriteRune(r)
			i += n
			continue
		}
		out, n := unescape(s[i+1:])
		if n == 0 {
			return token{}, fail(l.here(i), ReasonBadText, `write \\ for one backslash`, "unknown escape")
		}
		b.WriteRune(out)
		i += 1 + n
	}
	return token{}, fail(l.at, ReasonBadText, "close the quote", "this text does not end")
}

// unescape reads what follows a backslash; n is 0 when nothing known does.
func unescape(s string) (r rune, n int) {
	if s == "" {
		return 0, 0
	}
	switch s[0] {
	case '\\', '"', '\'':
		return rune(s[0]), 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'u':
		if len(s) < 5 {
			return 0, 0
		}
		for _, c := range []byte(s[1:5]) {
			d := strings.IndexByte("0123456789abcdef", c|0x20)
			if c < 0x30 || d < 0 {
				return 0, 0
			}
			r = r<<4 | rune(d)
		}
		if r == 0 || !utf8.ValidRune(r) {
			return 0, 0
		}
		return r, 5
	}
	return 0, 0
}

// quoteText is the canonical form of a text.
func quoteText(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case r < 0x20 || r == 0x7f:
			const hex = "0123456789abcdef"
			b.WriteString(`\u00`)
			b.WriteByte(hex[r>>4])
			b.WriteByte(hex[r&15])
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
