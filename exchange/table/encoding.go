package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/transform"
)

// charset is how the bytes of a record become UTF-8. Encodings in which every ASCII byte means
// itself are decoded record by record, so that a wrong byte can be told with its line and column;
// UTF-16 and the multi-byte encodings of East Asia are decoded as a stream before.
type charset struct {
	name     string
	guessed  bool
	open     bool             // only ASCII so far: the first other byte decides between UTF-8 and Windows-1252
	single   *charmap.Charmap // one byte a character
	replaced bool             // decoded before, with U+FFFD for what had no meaning
}

// sniffCharset looks at the first bytes of a file, of which skip are a byte order mark. wide is the
// byte order of UTF-16, nil for all else; multi is set where the stream has to be decoded first.
func sniffCharset(head []byte, forced string) (c charset, skip int, wide binary.ByteOrder, multi func(io.Reader) io.Reader, err error) {
	utf16 := func(name string, o binary.ByteOrder, skip int, guessed bool) (charset, int, binary.ByteOrder, func(io.Reader) io.Reader, error) {
		return charset{name: name, guessed: guessed}, skip, o, nil, nil
	}
	if bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}) || bytes.HasPrefix(head, []byte{0, 0, 0xFE, 0xFF}) {
		return c, 0, nil, nil, &FileError{Reason: WrongEncoding, Mend: "UTF-32 is not read; save it as UTF-8"}
	}
	name := strings.ToLower(strings.TrimSpace(forced))
	hasMark := func(m string) int {
		if bytes.HasPrefix(head, []byte(m)) {
			return len(m)
		}
		return 0
	}
	switch name {
	case "":
	case UTF8, "utf8":
		return charset{name: UTF8}, hasMark("\xEF\xBB\xBF"), nil, nil, nil
	case UTF16LE, "utf-16":
		return utf16(UTF16LE, binary.LittleEndian, hasMark("\xFF\xFE"), false)
	case UTF16BE:
		return utf16(UTF16BE, binary.BigEndian, hasMark("\xFE\xFF"), false)
	default:
		e, err := htmlindex.Get(name)
		if err != nil {
			return c, 0, nil, nil, &FileError{Reason: WrongEncoding, Mend: fmt.Sprintf("encoding %q is not known; say utf-8, utf-16le, utf-16be, windows-1252 or another label of the WHATWG list", forced)}
		}
		if m, ok := e.(*charmap.Charmap); ok {
			return charset{name: name, single: m}, 0, nil, nil, nil
		}
		return charset{name: name, replaced: true}, 0, nil, func(r io.Reader) io.Reader { return transform.NewReader(r, e.NewDecoder()) }, nil
	}
	switch {
	case hasMark("\xEF\xBB\xBF") > 0:
		return charset{name: UTF8}, 3, nil, nil, nil
	case hasMark("\xFF\xFE") > 0:
		return utf16(UTF16LE, binary.LittleEndian, 2, false)
	case hasMark("\xFE\xFF") > 0:
		return utf16(UTF16BE, binary.BigEndian, 2, false)
	}
	if o := markless16(head); o == binary.LittleEndian {
		return utf16(UTF16LE, o, 0, true)
	} else if o == binary.BigEndian {
		return utf16(UTF16BE, o, 0, true)
	}
	return guess8(head), 0, nil, nil, nil
}

// markless16 tells UTF-16 without a mark by its ASCII characters (delimiters and line ends at
// least), which have a zero byte on one side only. Text in 8-bit encodings has no zero bytes.
func markless16(head []byte) binary.ByteOrder {
	little, big := 0, 0
	for i := 0; i+1 < len(head); i += 2 {
		a, b := head[i], head[i+1]
		switch {
		case b == 0 && asciiText(a):
			little++
		case a == 0 && asciiText(b):
			big++
		}
	}
	units := len(head) / 2
	switch {
	case units == 0 || bytes.IndexByte(head, 0) < 0:
		return nil
	case little > 4*big && little*20 >= units:
		return binary.LittleEndian
	case big > 4*little && big*20 >= units:
		return binary.BigEndian
	}
	return nil
}

func asciiText(b byte) bool { return b >= 0x20 && b < 0x7F || b == '\t' || b == '\n' || b == '\r' }

// guess8 decides between UTF-8 and Windows-1252. A few broken bytes in a file that otherwise is
// UTF-8 are broken records, not another encoding: umlauts of Windows-1252 hardly ever form UTF-8.
func guess8(text []byte) charset {
	good, bad := 0, 0
	for len(text) > 0 {
		if text[0] < utf8.RuneSelf {
			text = text[1:]
			continue
		}
		if !utf8.FullRune(text) { // cut by the end of the sample
			if good == 0 && bad == 0 {
				bad = 1
			}
			break
		}
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		text = text[n:]
	}
	switch {
	case good == 0 && bad == 0:
		return charset{name: UTF8, guessed: true, open: true}
	case good > bad:
		return charset{name: UTF8}
	}
	return charset{name: Windows1252, guessed: true, single: charmap.Windows1252}
}

// settle ends the wait for the first byte that is not ASCII.
func (c *charset) settle(record []byte) {
	if c.open && !isASCII(record) {
		*c = guess8(record)
	}
}

// firstWrong is the offset of the first byte of a record without meaning, -1 if all have one.
func (c *charset) firstWrong(record []byte) int {
	switch {
	case c.single != nil:
		if isASCII(record) {
			return -1
		}
		for i, b := range record {
			if b >= utf8.RuneSelf && c.single.DecodeByte(b) == utf8.RuneError {
				return i
			}
		}
		return -1
	case c.replaced:
		return bytes.Index(record, []byte("\uFFFD"))
	case utf8.Valid(record):
		return -1
	}
	for i := 0; i < len(record); {
		r, n := utf8.DecodeRune(record[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// decode appends record in UTF-8 to dst; only for single.
func (c *charset) decode(dst, record []byte) []byte {
	for _, b := range record {
		if b < utf8.RuneSelf {
			dst = append(dst, b)
		} else {
			dst = utf8.AppendRune(dst, c.single.DecodeByte(b))
		}
	}
	return dst
}

func isASCII(p []byte) bool {
	for ; len(p) >= 8; p = p[8:] {
		if binary.NativeEndian.Uint64(p)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, b := range p {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// utf16Reader turns UTF-16 into UTF-8. A lone surrogate or a last odd byte becomes 0xFF, which no
// UTF-8 text holds: the record in which it stands is then refused with its line and column.
type utf16Reader struct {
	src   io.Reader
	order binary.ByteOrder
	in    [32 << 10]byte
	n     int // bytes in in
	eof   error
	out   []byte // decoded, not yet given
	store []byte
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.eof != nil {
			return 0, u.eof
		}
		k, err := u.src.Read(u.in[u.n:])
		u.n += k
		u.eof = err
		u.decode(err == io.EOF)
	}
	k := copy(p, u.out)
	u.out = u.out[k:]
	return k, nil
}

func (u *utf16Reader) decode(last bool) {
	dst, i := u.store[:0], 0
	for ; i+1 < u.n; i += 2 {
		c := rune(u.order.Uint16(u.in[i:]))
		switch {
		case c < 0xD800 || c > 0xDFFF:
			dst = utf8.AppendRune(dst, c)
		case c < 0xDC00 && i+3 < u.n:
			low := rune(u.order.Uint16(u.in[i+2:]))
			if low < 0xDC00 || low > 0xDFFF {
				dst = append(dst, 0xFF)
				continue
			}
			dst = utf8.AppendRune(dst, 0x10000+(c-0xD800)<<10+(low-0xDC00))
			i += 2
		case c < 0xDC00 && !last: // its other half comes with the next read
			goto done
		default:
			dst = append(dst, 0xFF)
		}
	}
	if last && i < u.n {
		dst, i = append(dst, 0xFF), u.n
	}
done:
	u.n = copy(u.in[:], u.in[i:u.n])
	u.store, u.out = dst, dst
}
