package query

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// symbolMark begins the tokens of signs: + is ƿ2b. It is a letter to both engines' tokenizers, and no
// word holds it, since Fold writes w for it; so no search for a word meets a sign by chance.
const symbolMark = 'ƿ'

// maxWord is the length in characters at which words are cut, in the index and in what is asked.
const maxWord = 64

// Fold brings spellings together that people do not tell apart: compatibility forms (ﬁ fi, full
// width), case (all of it: ß is ss), accents, dotted and dotless i, invisible characters.
func Fold(s string) string {
	ascii := true
	for i := range len(s) {
		ascii = ascii && s[i] < 0x80
	}
	if ascii {
		return lowerASCII(s)
	}
	s = norm.NFKD.String(cases.Fold().String(norm.NFKC.String(strings.ToValidUTF8(s, " "))))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == 0x3099 || r == 0x309A:
			return r // the voicing of kana: another sound, not an accent
		case r == 'ı':
			return 'i'
		case r == symbolMark:
			return 'w'
		case r == 0x200B:
			return ' ' // zero width space parts words
		case unicode.Is(unicode.M, r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

type tokenClass uint8

const (
	wordToken   tokenClass = iota // letters and digits
	runeToken                     // one character of a script without spaces
	symbolToken                   // a sign such as +
)

type searchToken struct {
	text  string
	class tokenClass
}

// scan splits text into its words and signs, in order, and the punctuation of sentences, each once.
// Punctuation parts words and is nothing to step over: "foo, bar" holds the phrase foo bar.
func scan(text string) (tokens []searchToken, quiet []string) {
	var word []rune
	flush := func() {
		if len(word) > 0 {
			tokens = append(tokens, searchToken{encode(word[:min(len(word), maxWord)]), wordToken})
			word = word[:0]
		}
	}
	for _, r := range Fold(text) {
		switch {
		case isSpaceless(r):
			flush()
			tokens = append(tokens, searchToken{encode([]rune{r}), runeToken})
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.M, r):
			word = append(word, r)
		case unicode.IsSpace(r) || unicode.IsControl(r):
			flush()
		case isQuiet(r):
			flush()
			if t := symbol(r); !slices.Contains(quiet, t) {
				quiet = append(quiet, t)
			}
		default:
			flush()
			tokens = append(tokens, searchToken{symbol(r), symbolToken})
		}
	}
	flush()
	return tokens, quiet
}

func symbol(r rune) string { return string(symbolMark) + strconv.FormatInt(int64(r), 16) }

// encode writes letters that the engines' tokenizers may not know by their number.
func encode(word []rune) string {
	var b strings.Builder
	for _, r := range word {
		if knownLetter(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(symbol(r))
		}
	}
	return b.String()
}

// knownLetter tells the characters that FTS5's unicode61 and PostgreSQL's parser, in whatever locale,
// both take for part of a word. Tried on all letters and numbers of Unicode: they differ about
// numbers other than digits, whatever lies beyond the first plane, and two blocks whose classes
// changed after the tables of FTS5 were made.
func knownLetter(r rune) bool {
	newTaiLue, vedic := r >= 0x1980 && r <= 0x19DF, r >= 0x1CD0 && r <= 0x1CFF
	return r <= 0xFFFF && (unicode.IsLetter(r) || unicode.IsDigit(r)) && !newTaiLue && !vedic
}

// isSpaceless tells scripts that do not part words by spaces.
func isSpaceless(r rune) bool {
	return r > 0xE00 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) || r == 'ー')
}

// isQuiet tells the punctuation of sentences in any script from signs that carry meaning.
func isQuiet(r rune) bool {
	if r < 0x80 {
		return strings.ContainsRune(`.,;:!?()'"-`, r)
	}
	return unicode.Is(unicode.P, r) && !strings.ContainsRune("§¶†‡‰‱※", r)
}

// SearchTokens is what the search index holds of a text: its words and signs in order, then its
// punctuation, each once, so that even a lone quotation mark is found.
func SearchTokens(text string) []string {
	tokens, quiet := scan(text)
	out := make([]string, 0, len(tokens)+len(quiet))
	for _, t := range tokens {
		out = append(out, t.text)
	}
	return append(out, quiet...)
}

// IndexText is what to hand to FTS5 (tokenizer unicode61) and to to_tsvector('simple', ...).
func IndexText(text string) string { return strings.Join(SearchTokens(text), " ") }

// A Phrase is tokens that follow each other.
type Phrase struct {
	Tokens []string
	Prefix bool // the last one may go on
}

// MaxPhrases is how many words and phrases may be asked for at once.
const MaxPhrases = 20

// SearchQuery reads what a person typed into a search field: all of its words must occur. Each is
// folded as the index is, and begins a word (vp finds VPN); a run of signs and words without a
// space, such as C++ or l'accès, is a phrase; between quotes stands a phrase of whole words. No sign
// is an operator, so nothing but the absence of anything to look for is an error.
func SearchQuery(q string) ([]Phrase, error) {
	phrases, err := searchQuery(q)
	if err != nil {
		return nil, err
	}
	return phrases, nil
}

func searchQuery(q string) ([]Phrase, *Error) {
	var out []Phrase
	for _, term := range splitTerms(q) {
		tokens, quiet := scan(term.text)
		if len(tokens) == 0 {
			for _, t := range quiet {
				out = append(out, Phrase{[]string{t}, false})
			}
			continue
		}
		var p Phrase
		for _, t := range tokens {
			p.Tokens = append(p.Tokens, t.text)
		}
		last := tokens[len(tokens)-1]
		p.Prefix = !term.quoted && last.class == wordToken
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, fail(Place{0, 1, 1}, ReasonNothingToFind, "write at least one word", "there is nothing to search for")
	}
	if len(out) > MaxPhrases {
		return nil, fail(Place{0, 1, 1}, ReasonTooManyTerms, "leave some out", "a search has at most %d words", MaxPhrases)
	}
	return out, nil
}

type searchTerm struct {
	text   string
	quoted bool
}

// splitTerms parts at white space outside of quotes. A quotation mark opens only at the beginning of
// a term and only if another closes at the end of one: 15" and a lone " mean themselves.
func splitTerms(q string) []searchTerm {
	var out []searchTerm
	for {
		q = strings.TrimLeftFunc(q, unicode.IsSpace)
		if q == "" {
			return out
		}
		if n := quotedLength(q); n > 0 {
			out = append(out, searchTerm{q[1 : n-1], true})
			q = q[n:]
			continue
		}
		end := strings.IndexFunc(q, unicode.IsSpace)
		if end < 0 {
			end = len(q)
		}
		out = append(out, searchTerm{q[:end], false})
		q = q[end:]
	}
}

func quotedLength(q string) int {
	if q[0] != '"' {
		return 0
	}
	for i := 2; i < len(q); i++ {
		if q[i] != '"' || strings.TrimSpace(q[1:i]) == "" {
			continue
		}
		rest := q[i+1:]
		if rest == "" || strings.IndexFunc(rest, unicode.IsSpace) == 0 {
			return i + 1
		}
	}
	return 0
}

// FTS5Query is the right side of MATCH for SQLite.
func FTS5Query(phrases []Phrase) string {
	var parts []string
	for _, p := range phrases {
		// Tokens are letters and digits, so the quotes cannot be left.
		s := `"` + strings.Join(p.Tokens, " ") + `"`
		if p.Prefix {
			s += " *"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " AND ")
}

// TSQuery is the argument of to_tsquery('simple', ?) for PostgreSQL.
func TSQuery(phrases []Phrase) string {
	var parts []string
	for _, p := range phrases {
		s := "'" + strings.Join(p.Tokens, "' <-> '") + "'"
		if p.Prefix {
			s += ":*"
		}
		parts = append(parts, "("+s+")")
	}
	return strings.Join(parts, " & ")
}
