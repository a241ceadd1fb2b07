package table

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// sheet streams the rows of one worksheet.
type sheet struct {
	book      *workbook
	part      io.ReadCloser
	dec       *xml.Decoder
	shared    []string
	forms     []form // by style number
	row       int
	width     int
	maxField  int
	maxRecord int
	ended     bool
}

func (t *Reader) openXLSX(in io.Reader, opt Options) error {
	book, name, others, err := openWorkbook(in, opt)
	s := &sheet{book: book, maxField: opt.MaxField, maxRecord: opt.MaxRecord}
	t.src = s
	if err != nil {
		return err
	}
	t.detected.Sheet, t.detected.Ignored = name, others
	if s.shared, err = book.sharedStrings(); err != nil {
		return err
	}
	if s.forms, err = book.forms(); err != nil {
		return err
	}
	if s.part, err = book.open(book.sheet, opt.MaxBytes); err != nil {
		return err
	}
	s.dec = xml.NewDecoder(bufio.NewReaderSize(s.part, 64<<10))
	return nil
}

// Close is called through Reader.Close.
func (s *sheet) Close() error {
	if s.part != nil {
		s.part.Close()
		s.part = nil
	}
	return s.book.close()
}

// record is the next row that has a value. The sheet must be well-formed to its end.
func (s *sheet) record() (values []string, line int, bad *RowError, err error) {
	for {
		tok, err := nextToken(s.dec)
		if err == io.EOF {
			if !s.ended {
				return nil, s.row, nil, unexpected(err)
			}
			return nil, s.row, nil, io.EOF
		}
		if err != nil {
			return nil, s.row, nil, err
		}
		switch e := tok.(type) {
		case xml.EndElement:
			s.ended = s.ended || e.Name.Local == "worksheet"
		case xml.StartElement:
			if e.Name.Local != "row" {
				continue
			}
			s.row++
			if n, err := strconv.Atoi(attr(e, "r")); err == nil && n > 0 && n <= 1<<20 {
				s.row = n
			}
			values, bad, err := s.cells()
			if err != nil {
				return nil, s.row, nil, err
			}
			if bad != nil || len(values) > 0 {
				s.width = max(s.width, len(values))
				return values, s.row, bad, nil
			}
		}
	}
}

// cells reads up to the end of the row. Empty values at its end are left out. The first cell at
// fault refuses the row.
func (s *sheet) cells() (values []string, bad *RowError, err error) {
	values = make([]string, 0, s.width)
	refuse := func(column int, reason, mend string) {
		if bad == nil {
			bad = &RowError{Line: s.row, Column: column, Reason: reason, Mend: mend}
		}
	}
	column, size := 0, 0
	for {
		tok, err := nextToken(s.dec)
		if err != nil {
			return nil, nil, unexpected(err)
		}
		switch e := tok.(type) {
		case xml.EndElement:
			if e.Name.Local == "row" {
				return values, bad, nil
			}
		case xml.StartElement:
			if e.Name.Local != "c" {
				if err := skip(s.dec); err != nil {
					return nil, nil, err
				}
				continue
			}
			column++
			if ref := attr(e, "r"); ref != "" {
				n := columnOf(ref)
				if n < column {
					refuse(column, BadCell, fmt.Sprintf("cell %q is not where it says; save the file again", ref))
					n = column
				}
				column = n
			}
			if column > maxColumns {
				refuse(column, BadCell, "a sheet has no more than 16384 columns")
			}
			text, reason, mend, err := s.cell(e)
			if err != nil {
				return nil, nil, err
			}
			size += len(text)
			switch {
			case reason != "":
				refuse(column, reason, mend)
			case len(text) > s.maxField:
				refuse(column, FieldTooLong, fmt.Sprintf("it has %d bytes; shorten it to %d, or raise the limit", len(text), s.maxField))
			case size > s.maxRecord:
				refuse(0, RecordTooLong, fmt.Sprintf("the row has more than %d bytes; shorten it, or raise the limit", s.maxRecord))
			}
			if bad == nil && text != "" {
				for len(values) < column-1 {
					values = append(values, "")
				}
				values = append(values, text)
			}
		}
	}
}

// columnOf is 28 for AB7, and 0 for what is no cell.
func columnOf(ref string) int {
	n := 0
	for i := 0; i < len(ref); i++ {
		c := ref[i] | 0x20
		if c < 'a' || c > 'z' {
			break
		}
		if n = n*26 + int(c-'a') + 1; n > maxColumns {
			break
		}
	}
	return n
}

// cell reads one cell to its end. reason is set where it has no value that can be taken.
func (s *sheet) cell(c xml.StartElement) (text, reason, mend string, err error) {
	var formula, valued, inValue bool
	for {
		tok, err := nextToken(s.dec)
		if err != nil {
			return "", "", "", unexpected(err)
		}
		switch e := tok.(type) {
		case xml.CharData:
			if inValue {
				text += string(e)
			}
		case xml.StartElement:
			switch e.Name.Local {
			case "v":
				valued, inValue = true, true
			case "is":
				if text, err = richText(s.dec); err != nil {
					return "", "", "", err
				}
				return s.finish(c, text, "inlineStr")
			default:
				formula = formula || e.Name.Local == "f"
				if err := skip(s.dec); err != nil {
					return "", "", "", err
				}
			}
		case xml.EndElement:
			inValue = false
			if e.Name.Local != "c" {
				continue
			}
			if formula && !valued {
				return "", FormulaNotComputed, "its formula has no value yet; open the file in a spreadsheet program, save it and send that", nil
			}
			return s.value(c, text)
		}
	}
}

// finish skips to the end of the cell.
func (s *sheet) finish(c xml.StartElement, text, kind string) (string, string, string, error) {
	if err := skip(s.dec); err != nil {
		return "", "", "", err
	}
	if attr(c, "t") != kind {
		return "", BadCell, "the cell holds a text and says it does not; save the file again", nil
	}
	return text, "", "", nil
}

// value is what a cell with content v means: texts as they are, numbers plainly (no grouping, a point
// for decimals, as many digits as a spreadsheet shows), dates and times by ISO 8601, true and false.
func (s *sheet) value(c xml.StartElement, v string) (text, reason, mend string, err error) {
	switch kind := attr(c, "t"); kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(v))
		switch {
		case v == "":
			return "", "", "", nil
		case err != nil || n < 0 || n >= len(s.shared):
			return "", BadCell, fmt.Sprintf("it refers to text %q, which the file does not have; save the file again", v), nil
		}
		return s.shared[n], "", "", nil
	case "str", "inlineStr":
		return unescapeX(v), "", "", nil
	case "b":
		switch v {
		case "1":
			return "true", "", "", nil
		case "0":
			return "false", "", "", nil
		case "":
			return "", "", "", nil
		}
		return "", BadCell, fmt.Sprintf("%q is neither true nor false; save the file again", v), nil
	case "e":
		return "", CellError, fmt.Sprintf("it shows %s; mend the formula, or empty the cell", v), nil
	case "d":
		return v, "", "", nil
	case "", "n":
		if v = strings.TrimSpace(v); v == "" {
			return "", "", "", nil
		}
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return "", BadCell, fmt.Sprintf("%q is not a number; save the file again", v), nil
		}
		style, _ := strconv.Atoi(attr(c, "s"))
		if style < 0 || style >= len(s.forms) || s.forms[style].kind == asNumber {
			return plainNumber(v, f), "", "", nil
		}
		if text, ok := s.forms[style].render(f, s.book.date1904); ok {
			return text, "", "", nil
		}
		return "", BadCell, fmt.Sprintf("%s is shown as a date and is none; correct it", v), nil
	default:
		return "", BadCell, fmt.Sprintf("cells of type %q are not known; save the file again", kind), nil
	}
}

// plainNumber gives no more than 15 significant digits, as spreadsheets do: 0.1+0.2 is 0.3.
func plainNumber(v string, f float64) string {
	digits := 0
	for i := 0; i < len(v); i++ {
		switch {
		case v[i] >= '0' && v[i] <= '9':
			digits++
		case v[i] != '.' && !(v[i] == '-' && i == 0):
			digits = 99
		}
	}
	if digits <= 15 {
		return v
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// form is how a number format shows a number, as far as it matters.
type form struct {
	kind formKind
	zone string // "Z" or "+02:00", where the format itself says it
}

type formKind int

const (
	asNumber formKind = iota
	asDate
	asTime
	asInstant
	asSpan // hours may exceed 24
)

// render shows a serial number of days. A time of day is never dropped, even where the sheet hides it.
func (f form) render(serial float64, from1904 bool) (string, bool) {
	if f.kind == asSpan {
		sign := ""
		if serial < 0 {
			sign, serial = "-", -serial
		}
		if serial > 1e6 {
			return "", false
		}
		n := int64(math.Round(serial * 86400))
		return fmt.Sprintf("%s%d:%02d:%02d", sign, n/3600, n/60%60, n%60), true
	}
	if serial < 0 || serial >= 2958466 { // 10000-01-01
		return "", false
	}
	day := math.Floor(serial)
	ms := math.Round((serial - day) * 86400e3)
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from1904:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case serial < 60: // the 29th of February 1900, which never was, is day 60
		first = first.AddDate(0, 0, 1)
	}
	at := first.AddDate(0, 0, int(day)).Add(time.Duration(ms) * time.Millisecond)
	clock := "15:04:05"
	if int64(ms)%1000 != 0 {
		clock = "15:04:05.000"
	}
	switch {
	case f.zone != "":
		return at.Format("2006-01-02T"+clock) + f.zone, true
	case f.kind == asTime && day == 0 && ms < 86400e3:
		return at.Format(clock), true
	case f.kind == asDate && (ms == 0 || ms == 86400e3):
		return at.Format("2006-01-02"), true
	}
	return at.Format("2006-01-02 " + clock), true
}

// forms reads the number format of every cell style.
func (w *workbook) forms() (forms []form, err error) {
	if w.styles == "" {
		return nil, nil
	}
	own := map[int]form{}
	inCells := false
	err = w.each(w.styles, func(tok xml.Token) error {
		switch e := tok.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "numFmt":
				if id, err := strconv.Atoi(attr(e, "numFmtId")); err == nil {
					own[id] = formOf(attr(e, "formatCode"))
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if inCells {
					id, _ := strconv.Atoi(attr(e, "numFmtId"))
					f, ok := own[id]
					if !ok {
						f = builtIn(id)
					}
					forms = append(forms, f)
				}
			}
		case xml.EndElement:
			if e.Name.Local == "cellXfs" {
				inCells = false
			}
		}
		return nil
	})
	return forms, err
}

// builtIn is the meaning of the formats that files do not spell out (ECMA-376, 18.8.30).
func builtIn(id int) form {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id >= 34 && id <= 36, id >= 50 && id <= 58:
		return form{kind: asDate}
	case id >= 18 && id <= 21, id == 32, id == 33, id == 45, id == 47:
		return form{kind: asTime}
	case id == 22:
		return form{kind: asInstant}
	case id == 46:
		return form{kind: asSpan}
	}
	return form{}
}

// formOf reads a format code such as `yyyy-mm-dd"T"hh:mm:ss"Z"`: its letters outside quotes, escapes
// and brackets tell. Only the first section counts, the others are for negative numbers and text.
func formOf(code string) form {
	var day, clock, span bool
	zone, quote := "", -1
	for i := 0; i < len(code); i++ {
		c := code[i]
		switch {
		case quote >= 0:
			if c == '"' {
				zone, quote = code[quote:i], -1
			}
			continue
		case c == '"':
			quote = i + 1
			continue
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			n := strings.IndexByte(code[i:], ']')
			if n < 0 {
				return form{}
			}
			switch strings.ToLower(code[i+1 : i+n]) {
			case "h", "hh", "m", "mm", "s", "ss":
				span = true
			}
			i += n
			continue
		case c == ';':
			i = len(code)
			continue
		case c == 'G' || c == 'E' || c == '#' || c == '?': // General, 0.00E+00, #,##0
			return form{}
		case c == 'y' || c == 'd' || c == 'Y' || c == 'D':
			day = true
		case c == 'h' || c == 's' || c == 'H' || c == 'S':
			clock = true
		case c == 'm' || c == 'M':
			if !clock {
				day = day || !strings.ContainsAny(code[i:], "sS:")
			}
		}
		if i < len(code) && c != ' ' {
			zone = ""
		}
	}
	switch {
	case span:
		return form{kind: asSpan}
	case day && clock && isZone(zone):
		return form{kind: asInstant, zone: zone}
	case day && clock:
		return form{kind: asInstant}
	case day:
		return form{kind: asDate}
	case clock:
		return form{kind: asTime}
	}
	return form{}
}

func isZone(s string) bool {
	_, err := time.Parse("Z07:00", s)
	return err == nil
}
