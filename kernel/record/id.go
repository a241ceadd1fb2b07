package record

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"sync"
	"time"
)

// ID identifies a record, a line, a version or a side row: a UUIDv7 (RFC 9562) made by the node.
// The zero ID means "none". Never read the time out of it: clocks of nodes differ.
type ID [16]byte

var idPool struct {
	sync.Mutex
	buf  [1024]byte
	left int
	last uint64
}

// NewID makes an ID for the instant at. IDs made by one process ascend, also within a
// millisecond, which keeps the primary key index of new records append-mostly.
func NewID(at time.Time) ID {
	var id ID
	p := &idPool
	p.Lock()
	if p.left < 8 {
		if _, err := rand.Read(p.buf[:]); err != nil {
			panic("record: no randomness: " + err.Error()) // crypto/rand never fails on supported systems
		}
		p.left = len(p.buf)
	}
	copy(id[8:], p.buf[len(p.buf)-p.left:][:8])
	p.left -= 8
	// 48 bits of milliseconds and 12 bits of sub-millisecond, kept ascending within this process.
	us := uint64(at.UnixMicro())
	stamp := us/1000<<12 | us%1000*4096/1000
	if stamp <= p.last && p.last-stamp < 1<<24 {
		stamp = p.last + 1
	}
	p.last = stamp
	p.Unlock()
	binary.BigEndian.PutUint64(id[:8], stamp>>12<<16|0x7000|stamp&0xfff)
	id[8] = id[8]&0x3f | 0x80
	return id
}

// IsZero reports whether id is "none".
func (id ID) IsZero() bool { return id == ID{} }

// String is the 36 character form; "" for none.
func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	return string(id.append(nil))
}

func (id ID) append(b []byte) []byte {
	var d [36]byte
	hex.Encode(d[0:8], id[0:4])
	hex.Encode(d[9:13], id[4:6])
	hex.Encode(d[14:18], id[6:8])
	hex.Encode(d[19:23], id[8:10])
	hex.Encode(d[24:36], id[10:16])
	d[8], d[13], d[18], d[23] = '-', '-', '-', '-'
	return append(b, d[:]...)
}

var errID = errors.New("not_an_id")

// ParseID reads the 36 character form.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, errID
	}
	flat := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	if _, err := hex.Decode(id[:], []byte(flat)); err != nil {
		return ID{}, errID
	}
	return id, nil
}

// MarshalText and UnmarshalText make an ID usable as a JSON string and map key.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the 36 character form; empty is none.
func (id *ID) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID{}
		return nil
	}
	v, err := ParseID(string(b))
	*id = v
	return err
}

// Value lets an ID be handed to database/sql where no dialect is known; stores use Bind.
func (id ID) Value() (driver.Value, error) { return id[:], nil }

func (id *ID) Empty() bool       { return id.IsZero() }
func (id *ID) Clear()            { *id = ID{} }
func (id *ID) Equal(o Cell) bool { p, ok := o.(*ID); return ok && *p == *id }
func (id *ID) Copy(o Cell)       { *id = *o.(*ID) }
func (id *ID) Compare(o Cell) int {
	return compareBytes(id[:], o.(*ID)[:])
}

func (id *ID) AppendJSON(b []byte) []byte {
	if id.IsZero() {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = id.append(b)
	return append(b, '"')
}

func (id *ID) SetJSON(raw []byte) error {
	s, null, err := jsonString(raw)
	if err != nil || null {
		*id = ID{}
		return err
	}
	v, err := ParseID(s)
	*id = v
	return err
}

func (id *ID) Bind(d Dialect) any {
	if id.IsZero() {
		return nil
	}
	if d == Postgres {
		return id.String()
	}
	return append([]byte(nil), id[:]...)
}

func (id *ID) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID{}
	case []byte:
		if len(v) == 16 {
			copy(id[:], v)
			return nil
		}
		return id.UnmarshalText(v)
	case [16]byte:
		*id = v
	case string:
		return id.UnmarshalText([]byte(v))
	default:
		return scanError("id", src)
	}
	return nil
}
