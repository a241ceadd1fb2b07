package table

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

const (
	sheetRows  = 1 << 20 // of one sheet, with the header
	cellUnits  = 32767   // UTF-16 units of one cell
	cutNotice  = " […cut: a cell holds no more]"
	sheetTitle = "table"
	aboutTitle = "about"
)

// XLSXWriter writes a workbook: sheet "table" with the records and sheet "about" with the zone of
// its times and how many texts were cut. Text is always of type string, never a formula. Instants
// are numbers, so they sort and subtract, whose format shows the offset of their zone.
type XLSXWriter struct {
	out       io.Writer
	opt       WriteOptions
	file      *excelize.File
	sheet     *excelize.StreamWriter
	columns   int
	row       int
	shortened int
	styles    map[string]int
	cells     []any
	err       error
	closed    bool
}

// NewXLSXWriter writes to w, all of it on Close. Close must be called in any case: rows wait on disk.
func NewXLSXWriter(w io.Writer, opt WriteOptions) *XLSXWriter {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	x := &XLSXWriter{out: w, opt: opt, file: excelize.NewFile(excelize.Options{TmpDir: opt.TempDir}), styles: map[string]int{}}
	x.err = x.file.SetSheetName("Sheet1", sheetTitle)
	if x.err == nil {
		x.sheet, x.err = x.file.NewStreamWriter(sheetTitle)
	}
	return x
}

// Header writes the column names.
func (x *XLSXWriter) Header(names ...string) error {
	switch {
	case x.err != nil:
		return x.err
	case x.columns > 0:
		return errors.New("table: the header is already written; write it once, first")
	case len(names) == 0 || len(names) > maxColumns:
		return fmt.Errorf("table: a sheet has 1 to %d columns, not %d", maxColumns, len(names))
	}
	x.columns = len(names)
	x.cells = x.cells[:0]
	for _, n := range names {
		x.cells = append(x.cells, x.fitting(Text(n).text))
	}
	return x.end()
}

// Write writes one record.
func (x *XLSXWriter) Write(cells ...Cell) error {
	if x.err != nil {
		return x.err
	}
	if len(cells) != x.columns || x.columns == 0 {
		return fmt.Errorf("table: %d cells for %d columns; write the header first and one cell for each column", len(cells), x.columns)
	}
	if x.row == sheetRows {
		return fmt.Errorf("table: a sheet has no more than %d rows; narrow the filter, or export CSV", sheetRows)
	}
	x.cells = x.cells[:0]
	for _, c := range cells {
		v, err := x.value(c)
		if err != nil {
			x.err = err
			return err
		}
		x.cells = append(x.cells, v)
	}
	return x.end()
}

func (x *XLSXWriter) end() error {
	x.row++
	x.err = x.sheet.SetRow("A"+strconv.Itoa(x.row), x.cells)
	return x.err
}

// value is what excelize gets: a string becomes an inline string whatever it begins with.
func (x *XLSXWriter) value(c Cell) (any, error) {
	switch c.kind {
	case textCell:
		return x.fitting(c.text), nil
	case boolCell:
		return c.text == "true", nil
	case numberCell:
		return number(c.text), nil
	case dayCell:
		return x.dated(c.at, "yyyy-mm-dd", time.DateOnly)
	case instantCell:
		at := c.at.In(x.opt.Zone)
		clock := "hh:mm:ss"
		if at.Nanosecond() >= int(time.Millisecond/2) {
			at, clock = at.Round(time.Millisecond), "hh:mm:ss.000"
		} else {
			at = at.Truncate(time.Second)
		}
		return x.dated(at, `yyyy-mm-dd"T"`+clock+`"`+at.Format("Z07:00")+`"`, time.RFC3339Nano)
	}
	return nil, nil
}

// dated is a serial number shown by format; before 1900-03-01, where serial numbers are disputed
// (and before 1900 impossible), it is text by layout.
func (x *XLSXWriter) dated(t time.Time, format, layout string) (any, error) {
	_, offset := t.Zone()
	wall := t.Add(time.Duration(offset) * time.Second).UTC()
	if wall.Before(time.Date(1900, 3, 1, 0, 0, 0, 0, time.UTC)) || wall.Year() > 9999 {
		return t.Format(layout), nil
	}
	style, ok := x.styles[format]
	if !ok {
		var err error
		if style, err = x.file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
			return nil, err
		}
		x.styles[format] = style
	}
	// Whole days and the part of a day apart: one division would lose milliseconds.
	ms := wall.UnixMilli() - time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).UnixMilli()
	return excelize.Cell{StyleID: style, Value: float64(ms/86400e3) + float64(ms%86400e3)/86400e3}, nil
}

// number keeps a number that a spreadsheet can hold (15 digits), and all digits of others as text.
func number(s string) any {
	if n := strings.TrimLeft(strings.NewReplacer("-", "", ".", "").Replace(s), "0"); len(n) > 15 {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return f
}

// fitting cuts text to what a cell holds, visibly.
func (x *XLSXWriter) fitting(s string) string {
	if len(s) <= cellUnits {
		return s
	}
	u := utf16.Encode([]rune(s))
	if len(u) <= cellUnits {
		return s
	}
	x.shortened++
	u = u[:cellUnits-len(utf16.Encode([]rune(cutNotice)))]
	if last := u[len(u)-1]; last >= 0xD800 && last < 0xDC00 {
		u = u[:len(u)-1]
	}
	return string(utf16.Decode(u)) + cutNotice
}

// Shortened is how many texts were longer than a cell and were cut. CSV cuts none.
func (x *XLSXWriter) Shortened() int { return x.shortened }

// Close writes the workbook and removes what waited on disk, also after an error.
func (x *XLSXWriter) Close() error {
	if x.closed {
		return x.err
	}
	x.closed = true
	if x.err == nil && x.columns == 0 {
		x.err = errors.New("table: no header was written; write one even if there are no records")
	}
	if x.err == nil {
		x.err = x.complete()
	}
	return errors.Join(x.err, x.file.Close())
}

func (x *XLSXWriter) complete() error {
	if err := x.sheet.Flush(); err != nil {
		return err
	}
	if _, err := x.file.NewSheet(aboutTitle); err != nil {
		return err
	}
	about, err := x.file.NewStreamWriter(aboutTitle)
	if err != nil {
		return err
	}
	for i, row := range [][]any{
		{"zone of times", x.opt.Zone.String()},
		{"records", x.row - 1},
		{"texts cut to 32767 characters", x.shortened},
	} {
		if err := about.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
			return err
		}
	}
	if err := about.Flush(); err != nil {
		return err
	}
	// excelize gathers the archive in a buffer; given our own zip writer, it streams instead.
	x.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(x.out) })
	_, err = x.file.WriteTo(io.Discard)
	return err
}
