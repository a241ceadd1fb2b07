package table

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// ratioFree bytes may come out of any compressed stream before its ratio is judged: small files of
// one repeated line are honest.
const ratioFree = 1 << 20

// counter counts what was taken from a compressed source.
type counter struct {
	src io.Reader
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded ends with a FileError where src gives more than maxBytes, or more than maxRatio times what
// went in. Any other failure of src but io.EOF becomes a FileError as well.
type bounded struct {
	src      io.Reader
	packed   func() int64 // compressed bytes taken so far; nil when src is not compressed
	out      int64
	maxBytes int64
	maxRatio int64
	failed   error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.failed != nil {
		return 0, b.failed
	}
	n, err := b.src.Read(p)
	b.out += int64(n)
	switch {
	case b.out > b.maxBytes:
		b.failed = &FileError{Reason: TooLarge, Mend: fmt.Sprintf("it holds more than %d bytes; split it, or raise the limit", b.maxBytes)}
	case b.packed != nil && b.out > ratioFree && b.out/b.maxRatio > b.packed():
		b.failed = &FileError{Reason: Bomb, Mend: fmt.Sprintf("it unpacks to more than %d times its size; send it unpacked", b.maxRatio)}
	case err == nil || err == io.EOF:
		return n, err
	default:
		b.failed = asFileError(err, b.packed != nil)
	}
	return 0, b.failed
}

// asFileError gives err the form that callers can show. Of a compressed source, an end that comes
// early or a wrong checksum is damage and not a failure to read.
func asFileError(err error, packed bool) error {
	var f *FileError
	if errors.As(err, &f) {
		return f
	}
	if packed || errors.Is(err, io.ErrUnexpectedEOF) {
		return &FileError{Reason: Damaged, Mend: "it was cut off or altered on its way; send it again", Err: err}
	}
	return &FileError{Reason: Unreadable, Mend: "try again", Err: err}
}

// unzip is the bounded content of a gzip stream of one or more members.
func unzip(src io.Reader, o Options) (io.Reader, error) {
	in := &counter{src: src}
	z, err := gzip.NewReader(in)
	if err != nil {
		return nil, asFileError(err, true)
	}
	return &bounded{src: z, packed: func() int64 { return in.n }, maxBytes: o.MaxBytes, maxRatio: o.MaxRatio}, nil
}
