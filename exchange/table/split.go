package table

import "bytes"

// span is one value within a record: data[from:to]. With doubled set, `""` in it stand for `"`.
type span struct {
	from, to int
	doubled  bool
}

// outcome of cutting one record.
type outcome int

const (
	cut       outcome = iota // a whole record
	needMore                 // the data end before the record does
	unclosed                 // the data end within quotes, and there are no more
	afterText                // something other than a delimiter follows a closing quote
)

// splitter cuts records by RFC 4180, except that a quote within a value that does not start with one
// is an ordinary character (5" disk), as spreadsheets read it.
type splitter struct {
	delim   byte
	lineEnd byte // '\n', before which one '\r' belongs to it, or '\r'
	spans   []span
	bare    int // column of the first such ordinary quote, from 1; 0 if there is none
}

// split cuts the first record of data into s.spans. next is the offset behind its line end. last
// says that no data follow; then the end of data is a line end.
func (s *splitter) split(data []byte, last bool) (next int, o outcome) {
	s.spans, s.bare = s.spans[:0], 0
	i := 0
	for {
		if i < len(data) && data[i] == '"' {
			v := span{from: i + 1}
			i++
			for {
				k := bytes.IndexByte(data[i:], '"')
				if k < 0 {
					if last {
						s.spans = append(s.spans, v)
						return 0, unclosed
					}
					return 0, needMore
				}
				i += k + 1
				if i < len(data) && data[i] == '"' {
					v.doubled = true
					i++
					continue
				}
				if i == len(data) && !last {
					return 0, needMore
				}
				break
			}
			v.to = i - 1
			s.spans = append(s.spans, v)
			switch {
			case i == len(data):
				return i, cut
			case data[i] == s.delim:
				i++
				continue
			case data[i] == s.lineEnd:
				return i + 1, cut
			case data[i] == '\r' && i+1 == len(data):
				if last {
					return i + 1, cut
				}
				return 0, needMore
			case data[i] == '\r' && data[i+1] == s.lineEnd:
				return i + 2, cut
			}
			return 0, afterText
		}
		v := span{from: i}
		for i < len(data) && data[i] != s.delim && data[i] != s.lineEnd {
			if data[i] == '"' && s.bare == 0 {
				s.bare = len(s.spans) + 1
			}
			i++
		}
		if i == len(data) && !last {
			return 0, needMore
		}
		v.to = i
		if i < len(data) && data[i] == s.delim {
			s.spans = append(s.spans, v)
			i++
			continue
		}
		if v.to > v.from && data[v.to-1] == '\r' && s.lineEnd == '\n' {
			v.to--
		}
		s.spans = append(s.spans, v)
		return min(i+1, len(data)), cut
	}
}

// sniffDelimiter finds the delimiter of a sample: the one that gives most records the same number
// of columns as the first, and more than one. Quotes are respected, so commas in text do not count.
// The rest decides between equals: more columns, then the order comma, semicolon, tab, pipe.
func sniffDelimiter(sample []byte, lineEnd byte, whole bool) byte {
	const records = 50
	best, bestShare, bestColumns := byte(','), 0.0, 1
	for _, d := range []byte{',', ';', '\t', '|'} {
		s := splitter{delim: d, lineEnd: lineEnd}
		columns, same, total := 0, 0, 0
		for rest := sample; len(rest) > 0 && total < records; {
			next, o := s.split(rest, whole)
			if o == needMore {
				break
			}
			if o != cut { // as the scanner does: go on with the next physical line
				next = bytes.IndexByte(rest, lineEnd) + 1
				if total++; next == 0 {
					break
				}
				rest = rest[next:]
				continue
			}
			blank := len(s.spans) == 1 && s.spans[0].from == s.spans[0].to
			rest = rest[next:]
			switch {
			case blank:
				continue
			case columns == 0:
				columns = len(s.spans)
			}
			if total++; len(s.spans) == columns {
				same++
			}
		}
		if columns < 2 || total == 0 {
			continue
		}
		share := float64(same) / float64(total)
		if share > bestShare || share == bestShare && columns > bestColumns {
			best, bestShare, bestColumns = d, share, columns
		}
	}
	return best
}

// sniffLineEnd is how the first line outside quotes ends. Old Macintosh programs end records with
// CR and lines within a cell with LF, so quotes count here too.
func sniffLineEnd(sample []byte) (end byte, name string) {
	quoted, loneCR := false, false
	for i, b := range sample {
		switch {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '\n' && i > 0 && sample[i-1] == '\r':
			return '\n', "CRLF"
		case b == '\n':
			return '\n', "LF"
		case b == '\r' && i+1 < len(sample) && sample[i+1] != '\n':
			loneCR = true
		case b == '\r' && i+1 == len(sample):
			loneCR = true
		}
	}
	switch {
	case loneCR:
		return '\r', "CR"
	case bytes.IndexByte(sample, '\n') >= 0: // an odd number of quotes: better LF than one giant line
		return '\n', "LF"
	}
	return '\n', ""
}
