package ledger

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"iter"
	"strconv"
	"unicode/utf8"
)

// MaxLine is the length in bytes a line of a bundle may have; prose beyond 2 kB is kept by its
// hash, so real ones are far below.
const MaxLine = 64 << 20

const bundleHead = `{"bundle":"steward-log","v":1}` + "\n"

// WriteBundle writes the log to w as a bundle: everything an auditor needs but the public key and
// the checkpoints kept outside, which must not come from the same hand. A log that does not hold is
// written as it is. The package comment is the format.
func WriteBundle(ctx context.Context, w io.Writer, src Source) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(z, 1<<16)
	out.WriteString(bundleHead) // a bufio.Writer keeps its first error for Flush
	var count bundleCount
	var line []byte
	for it, err := range merge(ctx, src) {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("bundle: after %d leaves: %w", count.leaves, err)
		}
		count.add(it.kind)
		if line = appendItem(line[:0], &it); len(line) > MaxLine {
			return fmt.Errorf("bundle: leaf %d: line of %d bytes: keep long prose by its hash", it.leaf.No, len(line))
		}
		if _, err := out.Write(line); err != nil {
			return fmt.Errorf("bundle: %w", err)
		}
	}
	out.Write(count.append(line[:0]))
	if err := out.Flush(); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("bundle: %w", err)
	}
	return nil
}

// VerifyBundle checks a bundle as [Verify] checks a log, without the system it came from. A file
// that is cut or not in the form of a bundle is a fault of kind [BundleMalformed] with its line.
func VerifyBundle(ctx context.Context, r io.Reader, opt Options) (Report, error) {
	v, err := newChecker(opt)
	if err != nil {
		return Report{}, err
	}
	return v.run(ctx, readBundle(r), opt.Workers)
}

// Leaves reads the leaves of a bundle, for who looks into one that holds. What is wrong with the form
// comes as an error that is a [*Fault]; hashes and signatures are not looked at.
func Leaves(r io.Reader) iter.Seq2[Leaf, error] {
	return func(yield func(Leaf, error) bool) {
		for it, err := range readBundle(r) {
			if err == nil && it.kind != leafItem {
				continue
			}
			if !yield(it.leaf, err) {
				return
			}
		}
	}
}

// Checkpoints reads the checkpoints of a bundle, as [Leaves] reads its leaves.
func Checkpoints(r io.Reader) iter.Seq2[StoredCheckpoint, error] {
	return func(yield func(StoredCheckpoint, error) bool) {
		for it, err := range readBundle(r) {
			if err == nil && it.kind != checkpointItem {
				continue
			}
			if !yield(it.checkpoint, err) {
				return
			}
		}
	}
}

type bundleCount struct{ leaves, checkpoints, pending int64 }

func (c *bundleCount) add(k itemKind) {
	switch k {
	case leafItem:
		c.leaves++
	case checkpointItem:
		c.checkpoints++
	case pendingItem:
		c.pending++
	}
}

func (c *bundleCount) append(b []byte) []byte {
	return fmt.Appendf(b, `{"checkpoints":%d,"end":true,"leaves":%d,"pending":%d}`+"\n", c.checkpoints, c.leaves, c.pending)
}

// appendItem is the only writer of lines; the reader compares with what it makes.
func appendItem(b []byte, it *item) []byte {
	if it.kind == checkpointItem {
		b = strconv.AppendInt(append(b, `{"checkpoint":`...), it.checkpoint.Size, 10)
		return append(AppendString(append(b, `,"note":`...), it.checkpoint.Note), "}\n"...)
	}
	l := &it.leaf
	b = append(b, '{')
	e := l.Entry
	if it.kind == pendingItem || l.Held == Whole {
		if e.BodyHash == [32]byte{} { // else it was read, and is written as it stands
			e.BodyHash = sha256.Sum256(e.Body)
		}
		if utf8.Valid(l.Entry.Body) {
			b = AppendString(append(b, `"body":`...), string(l.Entry.Body))
		} else {
			b = append(append(b, `"body64":"`...), base64.StdEncoding.EncodeToString(l.Entry.Body)...)
			b = append(b, '"')
		}
		b = append(b, ',')
	}
	if it.kind == pendingItem {
		return append(appendHeader(append(b, `"head":`...), &e), `,"pending":true}`+"\n"...)
	}
	b = base64.StdEncoding.AppendEncode(append(b, `"hash":"`...), l.Hash[:])
	b = append(b, '"')
	if l.Held == Whole || l.Held == Bodiless {
		b = appendHeader(append(b, `,"head":`...), &e)
	}
	b = strconv.AppendInt(append(b, `,"leaf":`...), l.No, 10)
	if l.Held == Lost {
		b = append(b, `,"lost":true`...)
	}
	return append(b, "}\n"...)
}

// readBundle reads the lines of a bundle. What is wrong with the form comes as an error that is a
// [*Fault].
func readBundle(r io.Reader) iter.Seq2[item, error] {
	return func(yield func(item, error) bool) {
		no := 0
		malformed := func(form string, args ...any) {
			yield(item{}, &Fault{Kind: BundleMalformed, Line: no, Detail: fmt.Sprintf(form, args...)})
		}
		z, err := gzip.NewReader(r)
		if err != nil {
			malformed("not a gzip file: %v", err)
			return
		}
		in := bufio.NewReaderSize(z, 1<<16)
		var count bundleCount
		var line, again []byte
		for {
			no++
			line, err = readLine(in, line[:0])
			if err != nil {
				malformed("the file is cut or damaged here, its end line is missing: %v", err)
				return
			}
			if no == 1 {
				if string(line) != bundleHead {
					malformed("the first line of a bundle is %s", bundleHead)
					return
				}
				continue
			}
			if again = count.append(again[:0]); bytes.Equal(again, line) {
				if _, err := in.ReadByte(); err != io.EOF {
					no++
					malformed("something follows the end line, or the file is damaged there: %v", err)
				}
				return
			}
			it, ok := parseItem(line)
			if again = appendItem(again[:0], &it); !ok || !bytes.Equal(again, line) {
				malformed("not exactly in the form of a bundle's line, or an end line that counts wrong")
				return
			}
			if count.add(it.kind); count.pending > 0 && it.kind != pendingItem {
				malformed("events without a leaf stand after the last leaf")
				return
			}
			if !yield(it, nil) {
				return
			}
		}
	}
}

func readLine(in *bufio.Reader, line []byte) ([]byte, error) {
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case err != bufio.ErrBufferFull:
			return line, err
		case len(line) > MaxLine:
			return line, fmt.Errorf("longer than %d bytes", MaxLine)
		}
	}
}
