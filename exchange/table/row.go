package table

import (
	"fmt"
	"strings"
)

// Row is one record. Values has exactly as many entries as the header and belongs to the caller.
type Row struct {
	Line   int // physical line on which the record starts, from 1; in XLSX the sheet's row
	Number int // record number, from 1; refused records count
	Values []string
}

// Reasons of a [RowError].
const (
	TooFewValues       = "too_few_values"
	TooManyValues      = "too_many_values"
	UnclosedQuote      = "unclosed_quote"
	TextAfterQuote     = "text_after_quote"
	StrayQuote         = "stray_quote"
	BadEncoding        = "bad_encoding"
	NulByte            = "nul_byte"
	FieldTooLong       = "field_too_long"
	RecordTooLong      = "record_too_long"
	BlankHeader        = "blank_header"
	DuplicateHeader    = "duplicate_header"
	FormulaNotComputed = "formula_not_computed"
	CellError          = "cell_error"
	BadCell            = "bad_cell"
)

// RowError says why one record was refused. The records after it are still to come.
type RowError struct {
	Line   int    // as in Row
	Number int    // as in Row; 0 in the header
	Column int    // from 1; 0 when the whole record is meant
	Header string // name of that column, "" if it has none
	Reason string // one of the reasons above
	Mend   string
}

func (e *RowError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d", e.Line)
	if e.Column > 0 {
		fmt.Fprintf(&b, ", column %d", e.Column)
	}
	if e.Header != "" {
		fmt.Fprintf(&b, " (%s)", e.Header)
	}
	return b.String() + ": " + e.Reason + ": " + e.Mend
}

// Reasons of a [FileError].
const (
	Empty         = "empty"
	Unreadable    = "unreadable" // the source failed; Err says how
	Damaged       = "damaged"
	TooLarge      = "too_large"
	Bomb          = "bomb" // unpacks to far more than an honest file would
	WrongFormat   = "wrong_format"
	WrongEncoding = "wrong_encoding"
	BadHeader     = "bad_header" // Err joins a RowError for each column
)

// FileError says why a file, or the rest of it, cannot be read. It is final.
type FileError struct {
	Name   string
	Line   int // the last line known to be good, 0 before the first
	Reason string
	Mend   string
	Err    error // cause, may be nil
}

func (e *FileError) Error() string {
	var b strings.Builder
	if e.Name != "" {
		b.WriteString(e.Name + ": ")
	}
	if e.Line > 0 {
		fmt.Fprintf(&b, "after line %d: ", e.Line)
	}
	b.WriteString(e.Reason + ": " + e.Mend)
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *FileError) Unwrap() error { return e.Err }
