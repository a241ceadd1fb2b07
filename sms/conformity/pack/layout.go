package pack

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
)

// layout holds that the zip is, byte for byte, what packs are written as: the files one behind the
// other, each with a head without time, sums or sizes and those behind it, then the directory, then its
// end. So no bit of it can be changed unseen but the few that deflate leaves unused behind a file, which
// change no file, and there is no second zip inside.
//
// The form is that of APPNOTE.TXT 6.3.10: local headers (4.3.7) and data descriptors (4.3.9) with
// flag 3, central headers (4.3.12), and the end (4.3.16). What does not fit into 32 bits, or more
// than 65,534 files, has the ZIP64 forms besides (4.3.14, 4.3.15, 4.5.3).
func (v *verifier) layout(r io.ReaderAt, size int64) error {
	at := int64(0)
	var directory []byte
	for _, f := range v.order {
		if f.Method != zip.Deflate && f.Method != zip.Store {
			return fail(Layout, f.Name, "it is packed in a way that packs do not use")
		}
		begins := at
		if err := same(r, at, localHead(f)); err != nil {
			return fail(Layout, f.Name, "its head is not where or as packs have it: %v", err)
		}
		at += localLen + int64(len(f.Name)) + int64(f.CompressedSize64)
		trail := descriptor(f)
		if err := same(r, at, trail); err != nil {
			return fail(Layout, f.Name, "what stands behind it is not as packs have it: %v", err)
		}
		at += int64(len(trail))
		directory = appendEntry(directory, f, begins)
	}
	directory = appendEnd(directory, len(v.order), at)
	if err := same(r, at, directory); err != nil || at+int64(len(directory)) != size {
		return fail(Layout, "", "the directory is not as packs have it, or something follows it (%v)", err)
	}
	return nil
}

// Lengths and versions of the parts of a zip.
const (
	localLen           = 30
	version, version64 = 20, 45
	described          = 8 // flag 3: sums and sizes stand behind the content
)

func wide(f *zip.File) bool {
	return f.CompressedSize64 >= math.MaxUint32 || f.UncompressedSize64 >= math.MaxUint32
}

func localHead(f *zip.File) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 0x04034b50)
	for _, x := range []uint16{version, described, f.Method, 0, 0} {
		b = le.AppendUint16(b, x)
	}
	b = append(b, make([]byte, 12)...)
	b = le.AppendUint16(b, uint16(len(f.Name)))
	return append(le.AppendUint16(b, 0), f.Name...)
}

func descriptor(f *zip.File) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(le.AppendUint32(nil, 0x08074b50), f.CRC32)
	if wide(f) {
		return le.AppendUint64(le.AppendUint64(b, f.CompressedSize64), f.UncompressedSize64)
	}
	return le.AppendUint32(le.AppendUint32(b, uint32(f.CompressedSize64)), uint32(f.UncompressedSize64))
}

func appendEntry(b []byte, f *zip.File, begins int64) []byte {
	le := binary.LittleEndian
	needs := uint16(version)
	if wide(f) {
		needs = version64
	}
	b = le.AppendUint32(b, 0x02014b50)
	for _, x := range []uint16{version, needs, described, f.Method, 0, 0} {
		b = le.AppendUint16(b, x)
	}
	b = le.AppendUint32(b, f.CRC32)
	var extra []byte
	if wide(f) || begins >= math.MaxUint32 {
		b = le.AppendUint64(b, math.MaxUint64)
		extra = le.AppendUint16(le.AppendUint16(nil, 1), 24)
		for _, x := range []uint64{f.UncompressedSize64, f.CompressedSize64, uint64(begins)} {
			extra = le.AppendUint64(extra, x)
		}
	} else {
		b = le.AppendUint32(le.AppendUint32(b, uint32(f.CompressedSize64)), uint32(f.UncompressedSize64))
	}
	b = le.AppendUint16(le.AppendUint16(b, uint16(len(f.Name))), uint16(len(extra)))
	b = append(b, make([]byte, 10)...) // no comment, first disk, no marks
	b = le.AppendUint32(b, uint32(min(begins, math.MaxUint32)))
	return append(append(b, f.Name...), extra...)
}

func appendEnd(b []byte, files int, begins int64) []byte {
	le := binary.LittleEndian
	n, length := uint64(files), uint64(len(b))
	at := uint64(begins)
	if n >= math.MaxUint16 || length >= math.MaxUint32 || at >= math.MaxUint32 {
		end := at + length
		b = le.AppendUint64(le.AppendUint32(b, 0x06064b50), 44)
		b = le.AppendUint16(le.AppendUint16(b, version64), version64)
		for _, x := range []uint64{0, n, n, length, at} {
			b = le.AppendUint64(b, x)
		}
		b = le.AppendUint32(le.AppendUint32(b, 0x07064b50), 0)
		b = le.AppendUint32(le.AppendUint64(b, end), 1)
		n, length, at = math.MaxUint16, math.MaxUint32, math.MaxUint32
	}
	b = le.AppendUint32(le.AppendUint32(b, 0x06054b50), 0)
	b = le.AppendUint16(le.AppendUint16(b, uint16(n)), uint16(n))
	b = le.AppendUint32(le.AppendUint32(b, uint32(length)), uint32(at))
	return le.AppendUint16(b, 0)
}

var errDiffers = errors.New("other bytes stand there")

// same reports where what stands at a place is not what it has to be.
func same(r io.ReaderAt, at int64, want []byte) error {
	got := make([]byte, len(want))
	if _, err := r.ReadAt(got, at); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return errDiffers
	}
	return nil
}
