package table

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Cell is one value to be written. Its kind decides whether it can be taken for a formula: only
// [Text] comes from people, and only Text is guarded. The zero Cell is empty.
type Cell struct {
	kind cellKind
	text string
	at   time.Time
}

type cellKind int

const (
	blankCell cellKind = iota
	textCell
	numberCell // text is a plain decimal
	boolCell
	instantCell
	dayCell
)

// Text is free text. Zero bytes and bytes that are no UTF-8 are written as U+FFFD.
func Text(s string) Cell {
	if s == "" {
		return Cell{}
	}
	return Cell{kind: textCell, text: strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")}
}

// Integer is a whole number.
func Integer(n int64) Cell { return Cell{kind: numberCell, text: strconv.FormatInt(n, 10)} }

// Decimal is a number such as "-12.50", kept digit by digit. What is no plain decimal (an optional
// minus, digits, an optional point with digits) is written as Text.
func Decimal(s string) Cell {
	digits := strings.TrimPrefix(s, "-")
	whole, part, point := strings.Cut(digits, ".")
	if !allDigits(whole) || point && !allDigits(part) {
		return Text(s)
	}
	return Cell{kind: numberCell, text: s}
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Number is a floating-point number; infinities and NaN are written as Text.
func Number(f float64) Cell {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return Text(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return Cell{kind: numberCell, text: strconv.FormatFloat(f, 'f', -1, 64)}
}

// Bool is true or false.
func Bool(b bool) Cell { return Cell{kind: boolCell, text: strconv.FormatBool(b)} }

// Instant is a point in time, written in the zone of the file with its offset, so that every reader
// sees the same instant. The zero time is empty.
func Instant(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{kind: instantCell, at: t}
}

// Day is the calendar date that t shows, without zone. The zero time is empty.
func Day(t time.Time) Cell {
	if t.IsZero() {
		return Cell{}
	}
	return Cell{kind: dayCell, at: time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)}
}

// WriteOptions shape the file. The zero value is UTF-8 without mark, commas, UTC.
type WriteOptions struct {
	Delimiter byte           // CSV: 0 means comma
	BOM       bool           // CSV: a byte order mark, by which Excel knows UTF-8
	Zone      *time.Location // of instants; nil means UTC
	TempDir   string         // XLSX: where rows wait until the file is complete; "" is the system's
}

// Writer is a table being written. Header comes first and once; then every Write has as many
// cells. A file is complete only after Close has returned nil. Writers do not close what they
// write to, and hold one row in memory (XLSX: about 16 MiB, the rest waits on disk).
type Writer interface {
	Header(names ...string) error
	Write(cells ...Cell) error
	Close() error
}

var (
	_ Writer = (*CSVWriter)(nil)
	_ Writer = (*XLSXWriter)(nil)
)
