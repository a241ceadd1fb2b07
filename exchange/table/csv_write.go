package table

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// CSVWriter writes CSV by RFC 4180 (CRLF, quotes where needed) that no spreadsheet runs.
type CSVWriter struct {
	w       *bufio.Writer
	opt     WriteOptions
	columns int
	line    []byte
	err     error
}

// NewCSVWriter writes to w. A delimiter that cannot be one is told by Header.
func NewCSVWriter(w io.Writer, opt WriteOptions) *CSVWriter {
	if opt.Delimiter == 0 {
		opt.Delimiter = ','
	}
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	return &CSVWriter{w: bufio.NewWriterSize(w, 64<<10), opt: opt}
}

// Header writes the column names. They are text from people too: custom fields are named by users.
func (w *CSVWriter) Header(names ...string) error {
	switch {
	case w.err != nil:
		return w.err
	case w.columns > 0:
		return errors.New("table: the header is already written; write it once, first")
	case len(names) == 0:
		return errors.New("table: a table needs a column; name one")
	case strings.IndexByte(",;\t|", w.opt.Delimiter) < 0:
		return fmt.Errorf("table: %q cannot delimit values; take comma, semicolon, tab or pipe", rune(w.opt.Delimiter))
	}
	if w.opt.BOM {
		w.w.WriteString("\uFEFF")
	}
	w.columns = len(names)
	for i, n := range names {
		c := Text(n)
		// Taken for a byte order mark, a declared delimiter or a SYLK file at the start of a file.
		odd := i == 0 && (strings.HasPrefix(c.text, "\uFEFF") || strings.HasPrefix(c.text, "ID") || len(c.text) >= 4 && strings.EqualFold(c.text[:4], "sep="))
		w.value(i, guard(c.text), odd)
	}
	return w.end()
}

// Write writes one record.
func (w *CSVWriter) Write(cells ...Cell) error {
	if w.err != nil {
		return w.err
	}
	if len(cells) != w.columns || w.columns == 0 {
		return fmt.Errorf("table: %d cells for %d columns; write the header first and one cell for each column", len(cells), w.columns)
	}
	for i, c := range cells {
		switch c.kind {
		case textCell:
			w.value(i, guard(c.text), false)
		case instantCell:
			w.value(i, c.at.In(w.opt.Zone).Format(time.RFC3339Nano), false)
		case dayCell:
			w.value(i, c.at.Format(time.DateOnly), false)
		default:
			w.value(i, c.text, false)
		}
	}
	return w.end()
}

// value appends one value. All usual delimiters are quoted, not only the own one, so that no reader
// guesses another.
func (w *CSVWriter) value(i int, s string, quote bool) {
	if i > 0 {
		w.line = append(w.line, w.opt.Delimiter)
	}
	if !quote {
		quote = strings.ContainsAny(s, "\",;\t|\r\n") || s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') ||
			s == "" && w.columns == 1 // an empty line would be no record
	}
	if !quote {
		w.line = append(w.line, s...)
		return
	}
	w.line = append(w.line, '"')
	for {
		k := strings.IndexByte(s, '"')
		if k < 0 {
			break
		}
		w.line = append(w.line, s[:k+1]...)
		w.line = append(w.line, '"')
		s = s[k+1:]
	}
	w.line = append(w.line, s...)
	w.line = append(w.line, '"')
}

func (w *CSVWriter) end() error {
	w.line = append(w.line, '\r', '\n')
	_, w.err = w.w.Write(w.line)
	w.line = w.line[:0]
	return w.err
}

// Close writes what is still held. A table without header is an error: its file would be empty.
func (w *CSVWriter) Close() error {
	if w.err == nil && w.columns == 0 {
		w.err = errors.New("table: no header was written; write one even if there are no records")
	}
	if w.err == nil {
		w.err = w.w.Flush()
	}
	return w.err
}
