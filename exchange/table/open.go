package table

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Reader gives the records of one table. It is for one goroutine.
type Reader struct {
	name     string
	src      source
	header   []string
	detected Detection
	csv      *scanner // nil for XLSX
	pad      bool
	number   int
	line     int
	done     error
}

// source gives raw records. err is io.EOF or final; bad is for one record.
type source interface {
	record() (values []string, line int, bad *RowError, err error)
}

// Open reads the header of r and finds out what r is. name is the file's name: it is named in errors,
// and an ending that contradicts the content is refused; "" says nothing. The Reader does not close r.
//
// Errors are a FileError. With reason bad_header it joins a RowError for each column at fault.
func Open(r io.Reader, name string, opt Options) (*Reader, error) {
	opt = opt.withDefaults()
	t := &Reader{name: name, pad: opt.PadShort}
	if err := t.open(r, opt); err != nil {
		t.Close()
		return nil, t.named(err)
	}
	return t, nil
}

var (
	gzipMagic = []byte{0x1F, 0x8B}
	zipMagic  = []byte("PK\x03\x04")
	oleMagic  = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}
)

func (t *Reader) open(r io.Reader, opt Options) error {
	in := bufio.NewReaderSize(&bounded{src: r, maxBytes: opt.MaxBytes}, 64<<10)
	head, err := in.Peek(64 << 10)
	if bytes.HasPrefix(head, gzipMagic) {
		unpacked, err := unzip(in, opt)
		if err != nil {
			return err
		}
		t.detected.Compression = "gzip"
		in = bufio.NewReaderSize(unpacked, 64<<10)
		if head, err = in.Peek(64 << 10); len(head) == 0 && err != io.EOF {
			return err
		}
	} else if len(head) == 0 && err != io.EOF {
		return err
	}
	if err := t.format(head, opt.Format); err != nil {
		return err
	}
	if t.detected.Format == XLSX {
		err = t.openXLSX(in, opt)
	} else {
		err = t.openCSV(in, head, opt)
	}
	if err != nil {
		return err
	}
	return t.readHeader(opt)
}

// format decides by content; the name may only agree.
func (t *Reader) format(head []byte, forced Format) error {
	ending := strings.ToLower(path.Ext(strings.TrimSuffix(strings.ToLower(t.name), ".gz")))
	zip := bytes.HasPrefix(head, zipMagic)
	wrong := func(mend string) error { return &FileError{Reason: WrongFormat, Mend: mend} }
	switch {
	case len(head) == 0:
		return &FileError{Reason: Empty, Mend: "it has no content; send a file with a header and records"}
	case bytes.HasPrefix(head, gzipMagic):
		return wrong("it is gzipped more than once; unpack it")
	case bytes.HasPrefix(head, oleMagic):
		return wrong("it is an old or a password-protected workbook; save it as XLSX without password, or as CSV")
	case zip && (forced == CSV || ending == ".csv" || ending == ".tsv" || ending == ".txt"):
		return wrong("it is an archive or workbook and not text; name it .xlsx, or save it as CSV")
	case !zip && (forced == XLSX || ending == ".xlsx" || ending == ".xlsm"):
		return wrong("it is not a workbook; name it .csv if it is text, or save it as XLSX")
	case forced != "" && forced != CSV && forced != XLSX:
		return wrong(fmt.Sprintf("format %q is not read here; say csv or xlsx", forced))
	}
	t.detected.Format = CSV
	if zip {
		t.detected.Format = XLSX
	}
	return nil
}

func (t *Reader) openCSV(in *bufio.Reader, head []byte, opt Options) error {
	text, mark, wide, multi, err := sniffCharset(head, opt.Encoding)
	if err != nil {
		return err
	}
	if _, err := in.Discard(mark); err != nil {
		return err
	}
	t.detected.BOM = mark > 0
	var src io.Reader = in
	switch {
	case wide != nil:
		src = &utf16Reader{src: in, order: wide}
	case multi != nil:
		src = multi(in)
	}
	s := newScanner(src, text, opt)
	sample := s.buf[:s.end]
	s.lineEnd, t.detected.LineEnd = sniffLineEnd(sample)
	if s.delim = opt.Delimiter; s.delim == 0 {
		// Excel writes the delimiter into a first line of its own, and hides that line.
		if d, n := declaredDelimiter(sample, s.lineEnd); n > 0 {
			s.delim = d
			s.take(n, 1)
		} else {
			s.delim = sniffDelimiter(sample[:min(len(sample), 64<<10)], s.lineEnd, s.eof && len(sample) <= 64<<10)
		}
	}
	if s.delim == '"' || s.delim == '\n' || s.delim == '\r' || s.delim >= 0x80 {
		return &FileError{Reason: WrongFormat, Mend: fmt.Sprintf("%q cannot be a delimiter; say comma, semicolon, tab or pipe", rune(s.delim))}
	}
	t.detected.Delimiter = s.delim
	t.csv, t.src = s, s
	return nil
}

// declaredDelimiter reads a first line such as "sep=;". n is its length with its line end, 0 if
// there is no such line.
func declaredDelimiter(sample []byte, lineEnd byte) (d byte, n int) {
	n = bytes.IndexByte(sample, lineEnd) + 1
	line := bytes.TrimRight(sample[:n], "\r\n")
	if len(line) != 5 || !strings.EqualFold(string(line[:4]), "sep=") {
		return 0, 0
	}
	return line[4], n
}

// readHeader takes the first record as column names. Blank columns at the end are what a trailing
// delimiter leaves; they are dropped, and rows may have nothing beneath them.
func (t *Reader) readHeader(opt Options) error {
	names, line, bad, err := t.src.record()
	switch {
	case err == io.EOF:
		return &FileError{Reason: Empty, Mend: "it has no records; send a file with a header and records"}
	case err != nil:
		return err
	case bad != nil:
		return &FileError{Reason: BadHeader, Mend: "mend the first line", Err: bad}
	case len(names) > maxColumns:
		return &FileError{Reason: BadHeader, Mend: fmt.Sprintf("the first line has %d columns, more than %d; check the delimiter", len(names), maxColumns)}
	}
	t.line = line
	for i := range names {
		names[i] = strings.TrimSpace(names[i])
	}
	used := len(names)
	for used > 0 && names[used-1] == "" {
		used--
	}
	if used == 0 {
		return &FileError{Reason: BadHeader, Line: line, Mend: "the first line names no column; put the column names there"}
	}
	names = names[:used]
	var faults []error
	taken := make(map[string]int, used) // name to the column that has it
	for i, n := range names {
		if _, ok := taken[n]; !ok && n != "" {
			taken[n] = i + 1
		}
	}
	for i, n := range names {
		first := taken[n]
		switch {
		case n != "" && first == i+1:
		case opt.RenameHeaders:
			names[i] = freeName(n, i+1, taken)
			taken[names[i]] = i + 1
		case n == "":
			faults = append(faults, &RowError{Line: line, Column: i + 1, Reason: BlankHeader, Mend: "name the column, or let blank columns be named by their number"})
		default:
			faults = append(faults, &RowError{Line: line, Column: i + 1, Header: n, Reason: DuplicateHeader, Mend: fmt.Sprintf("column %d has that name too; rename one, or let the second be numbered", first)})
		}
	}
	if len(faults) > 0 {
		return &FileError{Reason: BadHeader, Mend: fmt.Sprintf("%d column names cannot be used", len(faults)), Err: errors.Join(faults...)}
	}
	t.header = names
	t.detected.Columns = used
	return nil
}

func freeName(n string, column int, taken map[string]int) string {
	stem, k := n, 2
	if n == "" {
		stem, k = "column", column
	}
	for ; ; k++ {
		name := fmt.Sprintf("%s_%d", stem, k)
		if _, ok := taken[name]; !ok {
			return name
		}
	}
}

// Header is the column names, trimmed, each of them once. It must not be changed.
func (t *Reader) Header() []string { return t.header }

// Detected is what the file turned out to be.
func (t *Reader) Detected() Detection {
	d := t.detected
	if t.csv != nil {
		d.Encoding, d.Guessed = t.csv.text.name, t.csv.text.guessed
	}
	return d
}

// Next is the next record. The error is
//   - a *RowError: this record was refused, the Row holds its Line and Number only; go on;
//   - io.EOF: there are no more;
//   - a *FileError: the rest cannot be read. What came before is good.
func (t *Reader) Next() (Row, error) {
	if t.done != nil {
		return Row{}, t.done
	}
	values, line, bad, err := t.src.record()
	if err != nil {
		t.done = err
		if err != io.EOF {
			t.done = t.named(err)
		}
		return Row{}, t.done
	}
	t.number++
	t.line = line
	row := Row{Line: line, Number: t.number}
	if bad == nil {
		row.Values, bad = t.fit(values, line)
	}
	if bad != nil {
		bad.Number = t.number
		if bad.Column > 0 && bad.Column <= len(t.header) {
			bad.Header = t.header[bad.Column-1]
		}
		return row, bad
	}
	return row, nil
}

// fit makes values as many as the header.
func (t *Reader) fit(values []string, line int) ([]string, *RowError) {
	want := len(t.header)
	if len(values) == want {
		t.inOrder()
		return values, nil
	}
	if len(values) < want {
		if t.pad || t.csv == nil {
			t.inOrder()
			return append(values, make([]string, want-len(values))...), nil
		}
		t.rewind()
		return nil, &RowError{Line: line, Column: len(values) + 1, Reason: TooFewValues, Mend: fmt.Sprintf("it has %d values and the header %d; add what is missing, or let short records be filled", len(values), want)}
	}
	for i, v := range values[want:] {
		if v != "" {
			t.rewind()
			return nil, &RowError{Line: line, Column: want + i + 1, Reason: TooManyValues, Mend: fmt.Sprintf("it has %d values and the header %d names; put quotes around values that contain the delimiter, or name the column", len(values), want)}
		}
	}
	// Some programs end each row, but not the header, with a delimiter.
	t.inOrder()
	return values[:want:want], nil
}

func (t *Reader) inOrder() {
	if t.csv != nil {
		t.csv.suspect = false
	}
}

func (t *Reader) rewind() {
	if t.csv != nil {
		t.csv.rewind(len(t.header))
	}
}

func (t *Reader) named(err error) error {
	var f *FileError
	if !errors.As(err, &f) {
		f = &FileError{Reason: Unreadable, Mend: "try again", Err: err}
	}
	named := *f
	named.Name = t.name
	if t.header != nil {
		named.Line = t.line
	}
	return &named
}

// Close gives back what a large workbook took on disk. It is always safe to call, also twice.
func (t *Reader) Close() error {
	if c, ok := t.src.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
