package table

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
)

// XLSX is read here with archive/zip and encoding/xml and not with excelize, which ends a sheet
// quietly where its XML breaks off and does not tell a formula without value from an empty cell.
// Of the archive only the parts that are needed are opened, each bounded, so what else lies in it
// cannot hurt.

const (
	directoryMax     = 8 << 20   // bytes of a zip directory: tens of thousands of parts
	sharedStringsMax = 256 << 20 // the only part that is held in memory
	smallPartMax     = 16 << 20  // workbook, relations, styles
	spoolInMemory    = 8 << 20
)

// workbook is the opened archive.
type workbook struct {
	zip      *zip.Reader
	parts    map[string]*zip.File // by lower-case name
	opt      Options
	size     int64 // bytes of the archive
	tmp      *os.File
	date1904 bool
	sheet    string // part of the first sheet
	shared   string // part of the shared strings, "" if there are none
	styles   string
}

func damaged(mend string, err error) error {
	return &FileError{Reason: Damaged, Mend: mend, Err: err}
}

// directoryReader lets zip.NewReader read no more than a directory of honest size.
type directoryReader struct {
	src  io.ReaderAt
	left int64 // < 0: no bound
}

var errDirectory = errors.New("its directory is too large")

func (d *directoryReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := d.src.ReadAt(p, off)
	if d.left >= 0 {
		if d.left -= int64(n); d.left < 0 {
			d.left = 0
			return 0, errDirectory
		}
	}
	return n, err
}

// openWorkbook spools r (zip is read from its end) and finds the first sheet.
func openWorkbook(r io.Reader, opt Options) (w *workbook, sheet string, others []string, err error) {
	w = &workbook{opt: opt, parts: map[string]*zip.File{}}
	head, err := io.ReadAll(io.LimitReader(r, spoolInMemory))
	if err != nil {
		return w, "", nil, err
	}
	at, size := io.ReaderAt(bytes.NewReader(head)), int64(len(head))
	if len(head) == spoolInMemory {
		if w.tmp, err = os.CreateTemp(opt.TempDir, "steward-table-*.xlsx"); err != nil {
			return w, "", nil, err
		}
		if size, err = io.Copy(w.tmp, io.MultiReader(bytes.NewReader(head), r)); err != nil {
			return w, "", nil, err
		}
		at = w.tmp
	}
	w.size = size
	dir := &directoryReader{src: at, left: directoryMax}
	if w.zip, err = zip.NewReader(dir, size); err != nil {
		if errors.Is(err, errDirectory) {
			return w, "", nil, &FileError{Reason: Bomb, Mend: "its directory of parts is far too large; save it again"}
		}
		return w, "", nil, damaged("it was cut off or altered on its way; send it again", err)
	}
	dir.left = -1
	for _, f := range w.zip.File {
		name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
		if _, ok := w.parts[name]; !ok {
			w.parts[name] = f
		}
	}
	return w.locate()
}

func (w *workbook) close() error {
	if w.tmp == nil {
		return nil
	}
	name := w.tmp.Name()
	err := w.tmp.Close()
	w.tmp = nil
	return errors.Join(err, os.Remove(name))
}

// open is one part, bounded by size and ratio.
func (w *workbook) open(part string, limit int64) (io.ReadCloser, error) {
	f, ok := w.parts[strings.ToLower(part)]
	if !ok {
		return nil, damaged(fmt.Sprintf("its part %s is missing; save it again as XLSX", part), nil)
	}
	if f.Flags&1 != 0 {
		return nil, &FileError{Reason: WrongFormat, Mend: "it is encrypted; save it without a password"}
	}
	z, err := f.Open()
	if err != nil {
		return nil, damaged("it was cut off or altered on its way; send it again", err)
	}
	// What the directory says of sizes is only a claim; but no part is larger packed than the file.
	packed := int64(min(f.CompressedSize64, uint64(w.size)))
	b := &bounded{src: z, packed: func() int64 { return packed }, maxBytes: min(limit, w.opt.MaxBytes), maxRatio: w.opt.MaxRatio}
	return struct {
		io.Reader
		io.Closer
	}{b, z}, nil
}

// each calls f with every start element and character data of a small part.
func (w *workbook) each(part string, f func(xml.Token) error) error {
	r, err := w.open(part, smallPartMax)
	if err != nil {
		return err
	}
	defer r.Close()
	d := xml.NewDecoder(bufio.NewReaderSize(r, 32<<10))
	for {
		tok, err := nextToken(d)
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = f(tok)
		}
		if err != nil {
			return err
		}
	}
}

// nextToken refuses document type declarations (no entity is ever expanded) and tells broken XML.
func nextToken(d *xml.Decoder) (xml.Token, error) {
	tok, err := d.Token()
	if err != nil && err != io.EOF {
		var f *FileError
		if errors.As(err, &f) {
			return nil, err
		}
		return nil, damaged("it is not well-formed inside; open it in a spreadsheet program and save it again", err)
	}
	if _, ok := tok.(xml.Directive); ok {
		return nil, &FileError{Reason: WrongFormat, Mend: "it holds a document type declaration, which no workbook needs; save it again as XLSX"}
	}
	return tok, err
}

// skip passes the rest of the element just started.
func skip(d *xml.Decoder) error {
	for depth := 1; depth > 0; {
		tok, err := nextToken(d)
		if err != nil {
			return unexpected(err)
		}
		switch tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// locate follows the relations from the archive's root to the first sheet.
func (w *workbook) locate() (_ *workbook, sheet string, others []string, err error) {
	main, err := w.relation("_rels/.rels", "", func(_, kind string) bool { return strings.HasSuffix(kind, "/officeDocument") })
	if err == nil && main == "" {
		err = &FileError{Reason: WrongFormat, Mend: "it is an archive but not a workbook; unpack it, or save the table as XLSX"}
	}
	if err != nil {
		return w, "", nil, err
	}
	var ids, names []string
	err = w.each(main, func(tok xml.Token) error {
		e, ok := tok.(xml.StartElement)
		switch {
		case !ok:
		case e.Name.Local == "workbookPr":
			v := attr(e, "date1904")
			w.date1904 = v == "1" || v == "true"
		case e.Name.Local == "sheet":
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					ids, names = append(ids, a.Value), append(names, attr(e, "name"))
				}
			}
		}
		return nil
	})
	if err != nil {
		return w, "", nil, err
	}
	dir, base := path.Split(main)
	rels := dir + "_rels/" + base + ".rels"
	find := func(is func(id, kind string) bool) string {
		var target string
		if err == nil {
			target, err = w.relation(rels, dir, is)
		}
		return target
	}
	for i, id := range ids {
		part := find(func(got, kind string) bool { return got == id && strings.HasSuffix(kind, "/worksheet") })
		switch {
		case part == "": // a chart sheet
		case w.sheet == "":
			w.sheet, sheet = part, names[i]
		default:
			others = append(others, names[i])
		}
	}
	w.shared = find(func(_, kind string) bool { return strings.HasSuffix(kind, "/sharedStrings") })
	w.styles = find(func(_, kind string) bool { return strings.HasSuffix(kind, "/styles") })
	if err == nil && w.sheet == "" {
		err = &FileError{Reason: Empty, Mend: "it has no sheet with cells; send one with a header and records"}
	}
	return w, sheet, others, err
}

// relation is the target of the first relation that is wanted, "" if there is none.
func (w *workbook) relation(part, dir string, wanted func(id, kind string) bool) (target string, err error) {
	if _, ok := w.parts[strings.ToLower(part)]; !ok {
		return "", nil
	}
	err = w.each(part, func(tok xml.Token) error {
		e, ok := tok.(xml.StartElement)
		if ok && target == "" && e.Name.Local == "Relationship" && wanted(attr(e, "Id"), attr(e, "Type")) {
			target = attr(e, "Target")
			if strings.HasPrefix(target, "/") {
				target = target[1:]
			} else {
				target = path.Join(dir, target)
			}
		}
		return nil
	})
	return target, err
}

// sharedStrings reads the table of texts that cells refer to by number.
func (w *workbook) sharedStrings() (texts []string, err error) {
	if w.shared == "" {
		return nil, nil
	}
	r, err := w.open(w.shared, sharedStringsMax)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	d := xml.NewDecoder(bufio.NewReaderSize(r, 64<<10))
	for {
		tok, err := nextToken(d)
		if err == io.EOF {
			return texts, nil
		}
		if err != nil {
			return nil, err
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "si" {
			text, err := richText(d)
			if err != nil {
				return nil, err
			}
			texts = append(texts, text)
		}
	}
}

// richText joins the runs of text up to the end of the element just started. How to pronounce it
// (rPh) is not part of it.
func richText(d *xml.Decoder) (string, error) {
	var text string
	var b strings.Builder
	depth, silent, inText, runs := 1, 0, false, 0
	for depth > 0 {
		tok, err := nextToken(d)
		if err != nil {
			return "", unexpected(err)
		}
		switch e := tok.(type) {
		case xml.StartElement:
			depth++
			if e.Name.Local == "rPh" && silent == 0 {
				silent = depth
			}
			inText = e.Name.Local == "t" && silent == 0
		case xml.EndElement:
			if depth == silent {
				silent = 0
			}
			depth--
			inText = false
		case xml.CharData:
			if inText {
				if runs++; runs == 1 {
					text = string(e)
					continue
				}
				if runs == 2 {
					b.WriteString(text)
				}
				b.Write(e)
			}
		}
	}
	if runs > 1 {
		text = b.String()
	}
	return unescapeX(text), nil
}

func unexpected(err error) error {
	if err == io.EOF {
		return damaged("it was cut off; send it again", io.ErrUnexpectedEOF)
	}
	return err
}

// unescapeX undoes the escapes _xHHHH_ by which XLSX writes what XML cannot hold (ECMA-376, ST_Xstring).
func unescapeX(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if i+7 <= len(s) && s[i] == '_' && s[i+1] == 'x' && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil {
				b.WriteRune(rune(n))
				i += 7
				continue
			}
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String()
}
