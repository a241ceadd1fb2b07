package clock

import (
	"bytes"
	"fmt"
	"strconv"
	"time"
)

// Span is a stretch in which a clock ran: it holds From and not To. To is zero while it still runs.
type Span struct{ From, To time.Time }

// Spans are the stretches in which a clock ran: in order, without overlap, only the last one may still
// run. One may be empty, and may begin where the one before ended.
//
// For storage they are one short text, which is JSON: pairs of microseconds since 1970 UTC, a
// single one for a span that still runs, as in [[1795190400000000,1795194000000000],[1795197600000000]].
type Spans []Span

// MarshalText writes the spans as described at [Spans].
func (s Spans) MarshalText() ([]byte, error) {
	b := []byte{'['}
	for i, x := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '[')
		b = strconv.AppendInt(b, x.From.UnixMicro(), 10)
		if !x.To.IsZero() {
			b = append(b, ',')
			b = strconv.AppendInt(b, x.To.UnixMicro(), 10)
		}
		b = append(b, ']')
	}
	return append(b, ']'), nil
}

// MarshalJSON writes the same as MarshalText: arrays of numbers, not a string.
func (s Spans) MarshalJSON() ([]byte, error) { return s.MarshalText() }

// UnmarshalText reads what MarshalText writes and nothing else: no spaces, no spans out of order. On
// an error s is left as it was.
func (s *Spans) UnmarshalText(text []byte) error {
	inner, ok := cut(text)
	if !ok {
		return fmt.Errorf("spans: format: %.40q is no list in brackets; write [] for none", text)
	}
	var out Spans
	for len(inner) > 0 {
		end := bytes.IndexByte(inner, ']')
		pair, ok := cut(inner[:end+1])
		if !ok {
			return fmt.Errorf("spans[%d]: format: write [from,to] or, for the last one, [from]", len(out))
		}
		x, err := parse(pair)
		if err != nil {
			return fmt.Errorf("spans[%d]: format: %w", len(out), err)
		}
		if n := len(out); n > 0 && (out[n-1].To.IsZero() || x.From.Before(out[n-1].To)) {
			return fmt.Errorf("spans[%d]: order: it must not begin before the one before has ended", n)
		}
		if !x.To.IsZero() && x.To.Before(x.From) {
			return fmt.Errorf("spans[%d]: order: it must not end before it began", len(out))
		}
		out = append(out, x)
		if inner = inner[end+1:]; len(inner) == 0 {
			break
		}
		if inner[0] != ',' || len(inner) == 1 {
			return fmt.Errorf("spans[%d]: format: one comma stands between two spans", len(out))
		}
		inner = inner[1:]
	}
	*s = out
	return nil
}

// UnmarshalJSON reads what MarshalJSON writes; null leaves s as it was.
func (s *Spans) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	return s.UnmarshalText(b)
}

// cut takes the brackets off.
func cut(b []byte) ([]byte, bool) {
	if len(b) < 2 || b[0] != '[' || b[len(b)-1] != ']' {
		return nil, false
	}
	return b[1 : len(b)-1], true
}

func parse(pair []byte) (Span, error) {
	from, to, closed := bytes.Cut(pair, []byte{','})
	var x Span
	var err error
	if x.From, err = micros(from); err == nil && closed {
		x.To, err = micros(to)
	}
	return x, err
}

func micros(b []byte) (time.Time, error) {
	n, err := strconv.ParseInt(string(b), 10, 64)
	t := time.UnixMicro(n).UTC()
	if err != nil || strconv.FormatInt(n, 10) != string(b) || t.IsZero() {
		return time.Time{}, fmt.Errorf("%.30q is no count of microseconds since 1970", b)
	}
	return t, nil
}
