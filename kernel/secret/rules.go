package secret

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	// MinPassword and MaxPassword are lengths in characters (NIST SP 800-63B; OWASP ASVS 6.2). A longer
	// one is refused, never cut.
	MinPassword = 8
	MaxPassword = 1000

	maxPasswordBytes = 16 * MaxPassword // a character decomposed may take several code points
)

// A Refusal says why a password may not be chosen.
type Refusal struct{ Field, Reason, Mend string }

func (r Refusal) Error() string { return r.Field + ": " + r.Reason + ": " + r.Mend }

// RefusePassword says all that is wrong with a new password, nothing where it may be chosen. names
// are what others know of the person: sign-in name, e-mail address, display name, the product's
// name. There are no rules about kinds of characters: they make passwords worse.
func RefusePassword(password string, names ...string) []Refusal {
	var out []Refusal
	refuse := func(reason, form string, args ...any) {
		out = append(out, Refusal{"password", reason, fmt.Sprintf(form, args...)})
	}
	if !utf8.ValidString(password) || strings.ContainsRune(password, 0) {
		refuse("not_text", "use characters that can be typed")
		return out
	}
	if len(password) > maxPasswordBytes {
		refuse("too_long", "use at most %d characters", MaxPassword)
		return out
	}
	password = typed(password)
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		refuse("too_short", "use at least %d characters; several words are easier to remember", MinPassword)
	case n > MaxPassword:
		refuse("too_long", "use at most %d characters", MaxPassword)
	}
	low := strings.ToLower(password)
	if isCommon(low) {
		refuse("common", "it is among the first that are guessed; use several words that do not belong together")
	}
	if name := nameIn(low, names); name != "" {
		refuse("name", "leave out %q, which others know", name)
	}
	return out
}

//go:embed common.txt
var commonText string

var common = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(commonText) {
		m[w] = true
	}
	return m
})

var plainLetters = strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")

// isCommon finds low among the common ones as it stands, with up to five digits and signs cut off
// its end ("2026!"), and with digits read as letters.
func isCommon(low string) bool {
	r := []rune(low)
	if len(r) == 0 {
		return false
	}
	if strings.Trim(low, string(r[0])) == "" { // one character again and again
		return true
	}
	for cut := range 6 {
		end := len(r) - cut
		if end < 3 || cut > 0 && r[end] >= 'a' && r[end] <= 'z' || cut > 0 && r[end] > 0x7f {
			break
		}
		if word := string(r[:end]); common()[word] || common()[plainLetters.Replace(word)] {
			return true
		}
	}
	half := len(r) / 2
	return len(r)%2 == 0 && half >= 3 && string(r[:half]) == string(r[half:]) && common()[string(r[:half])]
}

// nameIn is the first part of a name, of four characters or more, that low contains forwards or
// backwards and that is at least half of it: "smith" is no objection in a long sentence.
func nameIn(low string, names []string) string {
	length := utf8.RuneCountInString(low)
	for _, name := range names {
		name = strings.ToLower(typed(name))
		parts := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune(" @.-_+", r) })
		for _, part := range append(parts, name) {
			n := utf8.RuneCountInString(part)
			if n >= 4 && 2*n >= length && (strings.Contains(low, part) || strings.Contains(low, reversed(part))) || n > 0 && low == part {
				return part
			}
		}
	}
	return ""
}

func reversed(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}
