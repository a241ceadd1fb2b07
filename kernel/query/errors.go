package query

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// The reasons of errors: stable words, whose sentences in all languages stand in the text catalogue.
const (
	ReasonEmpty            = "empty"             // nothing was asked
	ReasonTooLong          = "too_long"          // over MaxBytes, as written or in canonical form
	ReasonTooManyTerms     = "too_many_terms"    // over MaxTerms
	ReasonTooManyValues    = "too_many_values"   // over MaxValues in one list
	ReasonTooDeep          = "too_deep"          // over MaxDepth
	ReasonBadCharacter     = "bad_character"     // no word of the language begins like this
	ReasonBadText          = "bad_text"          // quote not closed, unknown escape
	ReasonBadNumber        = "bad_number"        // not a number, or not one that the field can hold
	ReasonBadDate          = "bad_date"          // not a day or instant of the calendar
	ReasonBadDuration      = "bad_duration"      // not a duration
	ReasonSyntax           = "syntax"            // another word was expected here
	ReasonUnknownField     = "unknown_field"     //
	ReasonUnknownPredicate = "unknown_predicate" //
	ReasonBadArguments     = "bad_arguments"     // a predicate was given too few, too many or wrong ones
	ReasonUnknownChoice    = "unknown_choice"    //
	ReasonUnknownReference = "unknown_reference" // no record of that name, or none the reader may see
	ReasonWrongType        = "wrong_type"        // the value is of another kind than the field
	ReasonWrongOperator    = "wrong_operator"    // the field cannot be compared in this way
	ReasonOutOfRange       = "out_of_range"      // too large, too far away
	ReasonSensitive        = "sensitive_field"   // the reader may not know its values
	ReasonNotSortable      = "not_sortable"      //
	ReasonBadCursor        = "bad_cursor"        // altered, or of another query or scope
	ReasonNothingToFind    = "nothing_to_search" // a search without a word or sign in it
	ReasonUnservable       = "unservable"        // no index can answer it
)

// A Place is where something stands in what was typed.
type Place struct {
	Pos    int // byte offset, from 0
	Line   int // from 1
	Column int // in characters, from 1
}

// An Error says why a query was refused. People see it, so it says where and how to mend it.
type Error struct {
	Place
	Reason string // one of the Reason constants
	Detail string // what is wrong, in plain English
	Mend   string // what to do about it; may be empty
}

func (e *Error) Error() string {
	s := fmt.Sprintf("at %d: %s: %s", e.Pos, e.Reason, e.Detail)
	if e.Mend != "" {
		s += ": " + e.Mend
	}
	return s
}

func fail(at Place, reason, mend, format string, args ...any) *Error {
	return &Error{Place: at, Reason: reason, Detail: fmt.Sprintf(format, args...), Mend: mend}
}

// placeOf counts lines and characters up to pos.
func placeOf(src string, pos int) Place {
	before := src[:pos]
	start := strings.LastIndexByte(before, '\n') + 1
	return Place{pos, strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1}
}

// nearest gives the name that was probably meant, or "".
func nearest(word string, names []string) string {
	word = strings.ToLower(word)
	best, least := "", (len(word)+2)/3+1 // one slip in three letters
	for _, n := range names {
		if d := distance(word, strings.ToLower(n), least); d < least && d < len(word) {
			best, least = n, d
		}
	}
	return best
}

// distance counts the letters to insert, drop, change or swap with their neighbour (optimal string
// alignment). It gives up with limit once the lengths alone differ by as much.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit || len(a) > 100 || len(b) > 100 {
		return limit
	}
	var two, one []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		two, one, row = one, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// didYouMean is the mend of an unknown name.
func didYouMean(word string, names []string, what string) string {
	if n := nearest(word, names); n != "" {
		return fmt.Sprintf("did you mean %s?", n)
	}
	if len(names) == 0 {
		return ""
	}
	const show = 12
	if len(names) > show {
		return what + " such as " + strings.Join(names[:show], ", ")
	}
	return what + " are " + strings.Join(names, ", ")
}
