package table

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// scanner reads the records of a CSV. It works on one large buffer: a record without quotes costs one
// search for its end, one string and one slice, none per value.
//
// How a broken quote is survived: a quote that is opened and not closed would make everything up to
// the next quote one value, thousands of rows later perhaps. So a record that goes wrong costs
// only its first physical line; reading resumes on the next one, which still is in the buffer because
// a record is no longer than maxRecord. As that line may as well be the inside of a text that was
// badly quoted, lines with quotes out of place are refused until one record is in order again.
type scanner struct {
	splitter
	src      io.Reader
	buf      []byte
	pos, end int // buf[pos:end] is still to be read
	eof      bool
	failed   error // of src, once the data before it are used up
	line     int   // physical line at pos, from 1
	text     charset
	suspect  bool // since a record was badly quoted, none has been in order
	keep     bool // leave apostrophe guards

	maxField, maxRecord int
	width               int // values of the last record: how many to expect
	last                lastRecord
	decoded             []byte
	joined              []byte
}

// lastRecord is where the record just given stands in the buffer, for rewind.
type lastRecord struct{ from, to, line int }

const firstBuffer = 256 << 10

func newScanner(src io.Reader, text charset, o Options) *scanner {
	s := &scanner{src: src, text: text, line: 1, keep: o.KeepApostrophes, maxField: o.MaxField, maxRecord: o.MaxRecord}
	s.buf = make([]byte, firstBuffer)
	s.fill()
	return s
}

// fill reads until the buffer is full, doubling it if it holds nothing but one record. false means
// that nothing came: the source is at its end, or the record is too long.
func (s *scanner) fill() bool {
	if s.eof {
		return false
	}
	if s.pos > 0 {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	} else if s.end == len(s.buf) {
		if len(s.buf) >= 2*s.maxRecord {
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	before := s.end
	for s.end < len(s.buf) && !s.eof {
		n, err := s.src.Read(s.buf[s.end:])
		s.end += n
		if err != nil {
			s.eof = true
			if err != io.EOF {
				s.failed = err
			}
		}
	}
	return s.end > before
}

// record is the next record: its values, or why it was refused. err is io.EOF or a FileError.
func (s *scanner) record() (values []string, line int, bad *RowError, err error) {
	for {
		data := s.buf[s.pos:s.end]
		line = s.line
		n := bytes.IndexByte(data, s.lineEnd)
		if n < 0 {
			if s.fill() {
				continue
			}
			if s.failed != nil { // what is left is a part of a record: better none than a wrong one
				return nil, line, nil, s.failed
			}
			if len(data) == 0 {
				return nil, line, nil, io.EOF
			}
			if !s.eof || len(data) > s.maxRecord {
				return nil, line, s.refuse(0, RecordTooLong, s.tooLong()), nil
			}
			n = len(data)
		}
		if bytes.IndexByte(data[:n], '"') >= 0 {
			values, line, bad, again := s.quoted()
			if again {
				continue
			}
			if s.failed != nil && values == nil && bad == nil {
				return nil, line, nil, s.failed
			}
			return values, line, bad, nil
		}
		next := min(n+1, len(data))
		if s.lineEnd == '\n' && n > 0 && data[n-1] == '\r' {
			n--
		}
		if n == 0 {
			s.take(next, 1)
			continue
		}
		if next > s.maxRecord {
			return nil, line, s.refuse(0, RecordTooLong, s.tooLong()), nil
		}
		s.take(next, 1)
		values, bad = s.plain(data[:n], line)
		return values, line, bad, nil
	}
}

// take moves past n bytes and remembers them as the last record.
func (s *scanner) take(n, lines int) {
	s.last = lastRecord{from: s.pos, to: s.pos + n, line: s.line}
	s.pos += n
	s.line += lines
}

// plain cuts a record that has no quotes.
func (s *scanner) plain(rec []byte, line int) ([]string, *RowError) {
	rec, bad := s.legible(rec, line, nil)
	if bad != nil {
		return nil, bad
	}
	rest := string(rec)
	values := make([]string, 0, max(s.width, 1))
	for {
		k := strings.IndexByte(rest, s.delim)
		if k < 0 {
			break
		}
		values = append(values, rest[:k])
		rest = rest[k+1:]
	}
	return s.finish(append(values, rest), line)
}

// quoted cuts a record that has quotes on its first line. again asks to start over with more data.
func (s *scanner) quoted() (values []string, line int, bad *RowError, again bool) {
	data := s.buf[s.pos:s.end]
	next, o := s.split(data, s.eof && s.failed == nil)
	line = s.line
	switch o {
	case needMore:
		if s.fill() {
			return nil, line, nil, true
		}
		if s.failed != nil {
			return nil, line, nil, false
		}
		return nil, line, s.refuse(0, RecordTooLong, s.tooLong()), false
	case unclosed:
		return nil, line, s.refuse(len(s.spans), UnclosedQuote, "a quote is opened and not closed before the end; close it, or double it if it belongs to the text"), false
	case afterText:
		return nil, line, s.refuse(len(s.spans), TextAfterQuote, "text follows a closing quote; double the quotes that belong to the text"), false
	}
	if next > s.maxRecord {
		return nil, line, s.refuse(0, RecordTooLong, s.tooLong()), false
	}
	if s.suspect && s.bare > 0 {
		return nil, line, s.refuse(s.bare, StrayQuote, "the record before is badly quoted and this line has quotes out of place; mend both"), false
	}
	rec := data[:next]
	s.take(next, max(1, bytes.Count(rec, []byte{s.lineEnd})))
	plain, bad := s.legible(rec, line, s.spans)
	if bad != nil {
		return nil, line, bad, false
	}
	if s.text.single != nil && !isASCII(rec) {
		s.split(plain, true) // the spans moved
	}
	values, bad = s.finish(s.values(plain), line)
	return values, line, bad, false
}

// values makes one string of the record and cuts it at the spans.
func (s *scanner) values(rec []byte) []string {
	out := make([]string, len(s.spans))
	doubled := false
	for _, v := range s.spans {
		doubled = doubled || v.doubled
	}
	if !doubled {
		whole := string(rec)
		for i, v := range s.spans {
			out[i] = whole[v.from:v.to]
		}
		return out
	}
	s.joined = s.joined[:0]
	for i, v := range s.spans {
		from := len(s.joined)
		for rest := rec[v.from:v.to]; ; {
			k := -1
			if v.doubled {
				k = bytes.IndexByte(rest, '"')
			}
			if k < 0 {
				s.joined = append(s.joined, rest...)
				break
			}
			s.joined = append(s.joined, rest[:k+1]...)
			rest = rest[k+2:]
		}
		s.spans[i] = span{from: from, to: len(s.joined)}
	}
	whole := string(s.joined)
	for i, v := range s.spans {
		out[i] = whole[v.from:v.to]
	}
	return out
}

// legible is the record in UTF-8, or why it has none.
func (s *scanner) legible(rec []byte, line int, spans []span) ([]byte, *RowError) {
	if s.text.open {
		s.text.settle(rec)
	}
	if i := s.text.firstWrong(rec); i >= 0 {
		return nil, &RowError{Line: line, Column: s.columnAt(rec, i, spans), Reason: BadEncoding,
			Mend: fmt.Sprintf("byte 0x%02X has no meaning in %s; save the file as UTF-8, or say its encoding", rec[i], s.text.name)}
	}
	if i := bytes.IndexByte(rec, 0); i >= 0 {
		return nil, &RowError{Line: line, Column: s.columnAt(rec, i, spans), Reason: NulByte, Mend: "take the zero byte out; text has none"}
	}
	if s.text.single != nil && !isASCII(rec) {
		s.decoded = s.text.decode(s.decoded[:0], rec)
		return s.decoded, nil
	}
	return rec, nil
}

func (s *scanner) columnAt(rec []byte, at int, spans []span) int {
	if spans == nil {
		return bytes.Count(rec[:at], []byte{s.delim}) + 1
	}
	for i, v := range spans {
		if at <= v.to {
			return i + 1
		}
	}
	return len(spans)
}

// finish takes guards off and holds the bounds.
func (s *scanner) finish(values []string, line int) ([]string, *RowError) {
	s.width = len(values)
	for i, v := range values {
		if len(v) > s.maxField {
			return nil, &RowError{Line: line, Column: i + 1, Reason: FieldTooLong, Mend: fmt.Sprintf("it has %d bytes; shorten it to %d, or raise the limit", len(v), s.maxField)}
		}
		if len(v) > 1 && v[0] == '\'' && !s.keep {
			values[i] = unguard(v)
		}
	}
	return values, nil
}

func (s *scanner) tooLong() string {
	return fmt.Sprintf("it has more than %d bytes, or a quote in it is not closed; mend it, or raise the limit", s.maxRecord)
}

// refuse gives up the first physical line at pos and resumes behind it.
func (s *scanner) refuse(column int, reason, mend string) *RowError {
	bad := &RowError{Line: s.line, Column: column, Reason: reason, Mend: mend}
	s.suspect = true
	for {
		if n := bytes.IndexByte(s.buf[s.pos:s.end], s.lineEnd); n >= 0 {
			s.take(n+1, 1)
			return bad
		}
		s.pos = s.end
		if !s.fill() {
			s.take(0, 1)
			return bad
		}
	}
}

// rewind is asked when a record of several lines does not fit the header. If one of its further
// lines alone would fit, a quote that was not closed is likelier than a text that looks like a
// row: reading resumes on the second line. Otherwise the record is left as a whole.
func (s *scanner) rewind(columns int) {
	rec := s.buf[s.last.from:s.last.to]
	first := bytes.IndexByte(rec, s.lineEnd) + 1
	if first == 0 || first == len(rec) {
		return
	}
	for rest := rec[first:]; len(rest) > 0; {
		one := rest
		if n := bytes.IndexByte(rest, s.lineEnd); n >= 0 {
			one = rest[:n+1]
		}
		if bytes.Count(one, []byte{s.delim}) >= columns-1 {
			s.pos, s.line, s.suspect = s.last.from+first, s.last.line+1, true
			return
		}
		rest = rest[len(one):]
	}
}
