package record

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The Go types a declared struct uses. All string kinds share one representation, so that one
// cell implementation serves them.
type (
	Text   string // one line
	Prose  string // Markdown
	Choice string // a declared code
	Date   string // YYYY-MM-DD
	Period string // ISO 8601 calendar period, such as P3M
	URL    string // absolute address
	Secret string // never answered
	Bool   bool   // never blank
	Count  int64  // never blank
)

// Int is a whole number that may be blank.
type Int struct {
	N   int64
	Set bool
}

// Decimal is an exact decimal in millionths.
type Decimal struct {
	E6  int64
	Set bool
}

// Money is an amount in ten-thousandths of a currency; an empty currency means blank.
type Money struct {
	E4       int64
	Currency Text
}

// Instant is microseconds since 1970 UTC; 0 means blank.
type Instant int64

// Duration is a span of whole seconds that may be blank.
type Duration struct {
	Seconds int64
	Set     bool
}

// Tags is a sorted set of short words. Treat it as immutable: replace, never change in place.
type Tags []string

// JSON is canonical JSON of the kernel's own maps. Immutable.
type JSON string

// N makes an Int.
func N(n int64) Int { return Int{n, true} }

// Seconds makes a Duration.
func Seconds(d time.Duration) Duration { return Duration{int64(d / time.Second), true} }

// At makes an Instant; the zero time is blank.
func At(t time.Time) Instant {
	if t.IsZero() {
		return 0
	}
	return Instant(t.UnixMicro())
}

// Time is the instant as time.Time in UTC; blank gives the zero time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).UTC()
}

// Go is the duration as time.Duration.
func (d Duration) Go() time.Duration { return time.Duration(d.Seconds) * time.Second }

// Day is the date of t in its own location.
func Day(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

var (
	errType  = errors.New("wrong_type")
	errRange = errors.New("out_of_range")
)

func scanError(kind string, src any) error {
	return fmt.Errorf("record: cannot read %T as %s", src, kind)
}

func compareBytes(a, b []byte) int { return bytes.Compare(a, b) }

// jsonString reads a JSON string or null without allocating for the common plain case.
func jsonString(raw []byte) (s string, null bool, err error) {
	raw = bytes.TrimSpace(raw)
	if string(raw) == "null" {
		return "", true, nil
	}
	if len(raw) < 2 || raw[0] != '"' {
		return "", false, errType
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return "", false, errType
	}
	return s, false, nil
}

const hexDigits = "0123456789abcdef"

// AppendString appends s as a JSON string escaped as RFC 8785 says; invalid UTF-8 becomes U+FFFD.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= 0x20 && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			case '\b':
				b = append(b, '\\', 'b')
			case '\f':
				b = append(b, '\\', 'f')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			}
			i++
			start = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			b = append(b, s[start:i]...)
			b = append(b, "\ufffd"...)
			i++
			start = i
			continue
		}
		i += n
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// text cells ---------------------------------------------------------------

func (t *Text) Empty() bool        { return *t == "" }
func (t *Text) Clear()             { *t = "" }
func (t *Text) Equal(o Cell) bool  { p, ok := o.(*Text); return ok && *p == *t }
func (t *Text) Copy(o Cell)        { *t = *o.(*Text) }
func (t *Text) Compare(o Cell) int { return strings.Compare(string(*t), string(*o.(*Text))) }
func (t *Text) AppendJSON(b []byte) []byte {
	if *t == "" {
		return append(b, "null"...)
	}
	return AppendString(b, string(*t))
}

func (t *Text) SetJSON(raw []byte) error {
	s, _, err := jsonString(raw)
	*t = Text(s)
	return err
}

func (t *Text) Bind(Dialect) any {
	if *t == "" {
		return nil
	}
	return string(*t)
}

func (t *Text) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*t = ""
	case string:
		*t = Text(v)
	case []byte:
		*t = Text(v)
	case time.Time: // a PostgreSQL date
		*t = Text(v.Format(time.DateOnly))
	default:
		return scanError("text", src)
	}
	return nil
}

// bool ----------------------------------------------------------------------

func (c *Bool) Empty() bool        { return false }
func (c *Bool) Clear()             { *c = false }
func (c *Bool) Equal(o Cell) bool  { p, ok := o.(*Bool); return ok && *p == *c }
func (c *Bool) Copy(o Cell)        { *c = *o.(*Bool) }
func (c *Bool) Compare(o Cell) int { return cmp.Compare(b2i(bool(*c)), b2i(bool(*o.(*Bool)))) }
func (c *Bool) AppendJSON(b []byte) []byte {
	return strconv.AppendBool(b, bool(*c))
}

func (c *Bool) SetJSON(raw []byte) error {
	switch string(bytes.TrimSpace(raw)) {
	case "true":
		*c = true
	case "false", "null":
		*c = false
	default:
		return errType
	}
	return nil
}

func (c *Bool) Bind(d Dialect) any {
	if d == Postgres {
		return bool(*c)
	}
	return b2i(bool(*c))
}

func b2i(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (c *Bool) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c = false
	case bool:
		*c = Bool(v)
	case int64:
		*c = v != 0
	default:
		return scanError("bool", src)
	}
	return nil
}

// count ---------------------------------------------------------------------

func (c *Count) Empty() bool        { return false }
func (c *Count) Clear()             { *c = 0 }
func (c *Count) Equal(o Cell) bool  { p, ok := o.(*Count); return ok && *p == *c }
func (c *Count) Copy(o Cell)        { *c = *o.(*Count) }
func (c *Count) Compare(o Cell) int { return cmp.Compare(*c, *o.(*Count)) }
func (c *Count) AppendJSON(b []byte) []byte {
	return strconv.AppendInt(b, int64(*c), 10)
}

func (c *Count) SetJSON(raw []byte) error {
	n, null, err := jsonInt(raw)
	if null {
		n = 0
	}
	*c = Count(n)
	return err
}
func (c *Count) Bind(Dialect) any { return int64(*c) }
func (c *Count) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c = 0
	case int64:
		*c = Count(v)
	default:
		return scanError("count", src)
	}
	return nil
}

func jsonInt(raw []byte) (n int64, null bool, err error) {
	s := string(bytes.TrimSpace(raw))
	if s == "null" {
		return 0, true, nil
	}
	n, err = strconv.ParseInt(s, 10, 64)
	if err != nil {
		if errors.Is(err, strconv.ErrRange) {
			return 0, false, errRange
		}
		return 0, false, errType
	}
	if n > 1<<53 || n < -(1<<53) { // RFC 8785: beyond that a reader's number is no longer exact
		return 0, false, errRange
	}
	return n, false, nil
}

// int -----------------------------------------------------------------------

func (c *Int) Empty() bool       { return !c.Set }
func (c *Int) Clear()            { *c = Int{} }
func (c *Int) Equal(o Cell) bool { p, ok := o.(*Int); return ok && *p == *c }
func (c *Int) Copy(o Cell)       { *c = *o.(*Int) }
func (c *Int) Compare(o Cell) int {
	p := o.(*Int)
	if c.Set != p.Set {
		return cmp.Compare(b2i(c.Set), b2i(p.Set))
	}
	return cmp.Compare(c.N, p.N)
}

func (c *Int) AppendJSON(b []byte) []byte {
	if !c.Set {
		return append(b, "null"...)
	}
	return strconv.AppendInt(b, c.N, 10)
}

func (c *Int) SetJSON(raw []byte) error {
	n, null, err := jsonInt(raw)
	*c = Int{n, !null && err == nil}
	return err
}

func (c *Int) Bind(Dialect) any {
	if !c.Set {
		return nil
	}
	return c.N
}

func (c *Int) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c = Int{}
	case int64:
		*c = Int{v, true}
	default:
		return scanError("int", src)
	}
	return nil
}

// decimal -------------------------------------------------------------------

func (c *Decimal) Empty() bool       { return !c.Set }
func (c *Decimal) Clear()            { *c = Decimal{} }
func (c *Decimal) Equal(o Cell) bool { p, ok := o.(*Decimal); return ok && *p == *c }
func (c *Decimal) Copy(o Cell)       { *c = *o.(*Decimal) }
func (c *Decimal) Compare(o Cell) int {
	p := o.(*Decimal)
	if c.Set != p.Set {
		return cmp.Compare(b2i(c.Set), b2i(p.Set))
	}
	return cmp.Compare(c.E6, p.E6)
}

// String is the shortest exact form, such as 12.5; "" when blank.
func (c Decimal) String() string {
	if !c.Set {
		return ""
	}
	return formatScaled(c.E6, 6, 0)
}

func (c *Decimal) AppendJSON(b []byte) []byte {
	if !c.Set {
		return append(b, "null"...)
	}
	return AppendString(b, c.String())
}

func (c *Decimal) SetJSON(raw []byte) error {
	raw = bytes.TrimSpace(raw)
	s := string(raw)
	if len(raw) > 0 && raw[0] == '"' || s == "null" {
		var null bool
		var err error
		if s, null, err = jsonString(raw); err != nil || null {
			*c = Decimal{}
			return err
		}
	}
	n, err := parseScaled(s, 6)
	*c = Decimal{n, err == nil}
	return err
}

func (c *Decimal) Bind(Dialect) any {
	if !c.Set {
		return nil
	}
	return c.E6
}

func (c *Decimal) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c = Decimal{}
	case int64:
		*c = Decimal{v, true}
	default:
		return scanError("decimal", src)
	}
	return nil
}

// formatScaled writes n / 10^scale with at least min decimals.
func formatScaled(n int64, scale, min int) string {
	neg := n < 0
	s := strconv.FormatInt(n, 10)
	if neg {
		s = s[1:]
	}
	for len(s) <= scale {
		s = "0" + s
	}
	whole, frac := s[:len(s)-scale], strings.TrimRight(s[len(s)-scale:], "0")
	for len(frac) < min {
		frac += "0"
	}
	if frac != "" {
		whole += "." + frac
	}
	if neg {
		whole = "-" + whole
	}
	return whole
}

// parseScaled reads a plain decimal exactly; more decimals than scale are refused, never rounded.
func parseScaled(s string, scale int) (int64, error) {
	whole, frac, _ := strings.Cut(s, ".")
	if len(frac) > scale {
		if strings.Trim(frac[scale:], "0") != "" {
			return 0, errors.New("too_precise")
		}
		frac = frac[:scale]
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(whole, "-"), "+")
	if digits == "" || strings.Trim(digits+frac, "0123456789") != "" {
		return 0, errType
	}
	n, err := strconv.ParseInt(whole+frac+strings.Repeat("0", scale-len(frac)), 10, 64)
	if err != nil {
		return 0, errRange
	}
	return n, nil
}

// money ---------------------------------------------------------------------

func (c *Money) Empty() bool       { return c.Currency == "" }
func (c *Money) Clear()            { *c = Money{} }
func (c *Money) Equal(o Cell) bool { p, ok := o.(*Money); return ok && *p == *c }
func (c *Money) Copy(o Cell)       { *c = *o.(*Money) }
func (c *Money) Compare(o Cell) int {
	p := o.(*Money)
	return cmp.Or(strings.Compare(string(c.Currency), string(p.Currency)), cmp.Compare(c.E4, p.E4))
}

func (c *Money) AppendJSON(b []byte) []byte {
	if c.Currency == "" {
		return append(b, "null"...)
	}
	b = append(b, `{"amount":`...)
	b = AppendString(b, formatScaled(c.E4, 4, 2))
	b = append(b, `,"currency":`...)
	b = AppendString(b, string(c.Currency))
	return append(b, '}')
}

func (c *Money) SetJSON(raw []byte) error {
	*c = Money{}
	if string(bytes.TrimSpace(raw)) == "null" {
		return nil
	}
	var v struct{ Amount, Currency string }
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return errType
	}
	if len(v.Currency) != 3 || strings.ToUpper(v.Currency) != v.Currency {
		return errors.New("unknown_currency")
	}
	n, err := parseScaled(v.Amount, 4)
	if err != nil {
		return err
	}
	*c = Money{n, Text(v.Currency)}
	return nil
}

// Bind and Scan are not used: money has two columns, see [Shape].
func (c *Money) Bind(Dialect) any   { return c.E4 }
func (c *Money) Scan(src any) error { return (*Count)(&c.E4).Scan(src) }

// instant -------------------------------------------------------------------

const instantLayout = "2006-01-02T15:04:05.999999Z07:00"

func (c *Instant) Empty() bool        { return *c == 0 }
func (c *Instant) Clear()             { *c = 0 }
func (c *Instant) Equal(o Cell) bool  { p, ok := o.(*Instant); return ok && *p == *c }
func (c *Instant) Copy(o Cell)        { *c = *o.(*Instant) }
func (c *Instant) Compare(o Cell) int { return cmp.Compare(*c, *o.(*Instant)) }
func (c *Instant) AppendJSON(b []byte) []byte {
	if *c == 0 {
		return append(b, "null"...)
	}
	b = append(b, '"')
	b = c.Time().AppendFormat(b, instantLayout)
	return append(b, '"')
}

// String is RFC 3339 in UTC with at most microseconds; "" when blank.
func (c Instant) String() string {
	if c == 0 {
		return ""
	}
	return c.Time().Format(instantLayout)
}

func (c *Instant) SetJSON(raw []byte) error {
	s, null, err := jsonString(raw)
	if err != nil || null {
		*c = 0
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return errors.New("not_an_instant")
	}
	if t.Year() < 1900 || t.Year() > 2200 {
		return errRange
	}
	*c = At(t)
	return nil
}

func (c *Instant) Bind(d Dialect) any {
	switch {
	case *c == 0:
		return nil
	case d == Postgres:
		return c.Time()
	}
	return int64(*c)
}

func (c *Instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c = 0
	case int64:
		*c = Instant(v)
	case time.Time:
		*c = At(v)
	default:
		return scanError("instant", src)
	}
	return nil
}

// duration ------------------------------------------------------------------

func (c *Duration) Empty() bool       { return !c.Set }
func (c *Duration) Clear()            { *c = Duration{} }
func (c *Duration) Equal(o Cell) bool { p, ok := o.(*Duration); return ok && *p == *c }
func (c *Duration) Copy(o Cell)       { *c = *o.(*Duration) }
func (c *Duration) Compare(o Cell) int {
	p := o.(*Duration)
	if c.Set != p.Set {
		return cmp.Compare(b2i(c.Set), b2i(p.Set))
	}
	return cmp.Compare(c.Seconds, p.Seconds)
}

// String is the ISO 8601 form in hours, minutes and seconds, such as PT4H30M.
func (c Duration) String() string {
	if !c.Set {
		return ""
	}
	return FormatDuration(c.Go())
}

func (c *Duration) AppendJSON(b []byte) []byte {
	if !c.Set {
		return append(b, "null"...)
	}
	return AppendString(b, c.String())
}

func (c *Duration) SetJSON(raw []byte) error {
	s, null, err := jsonString(raw)
	if err != nil || null {
		*c = Duration{}
		return err
	}
	d, err := ParseDuration(s)
	*c = Duration{int64(d / time.Second), err == nil}
	return err
}

func (c *Duration) Bind(Dialect) any {
	if !c.Set {
		return nil
	}
	return c.Seconds
}

func (c *Duration) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c = Duration{}
	case int64:
		*c = Duration{v, true}
	default:
		return scanError("duration", src)
	}
	return nil
}

// FormatDuration writes d as ISO 8601 in hours, minutes and seconds; days are never used, since
// a day of a promise is the calendar's, not 24 hours.
func FormatDuration(d time.Duration) string {
	neg := d < 0
	if neg {
		d = -d
	}
	b := []byte("PT")
	if neg {
		b = []byte("-PT")
	}
	total := int64(d / time.Second)
	h, m, s := total/3600, total/60%60, total%60
	if h != 0 {
		b = append(strconv.AppendInt(b, h, 10), 'H')
	}
	if m != 0 {
		b = append(strconv.AppendInt(b, m, 10), 'M')
	}
	if s != 0 || total == 0 {
		b = append(strconv.AppendInt(b, s, 10), 'S')
	}
	return string(b)
}

// ParseDuration reads ISO 8601 durations of weeks, days, hours, minutes and seconds; a day is 24
// hours. Months and years are refused: how long they last depends on the day they start.
func ParseDuration(s string) (time.Duration, error) {
	bad := errors.New("not_a_duration")
	if len(s) < 3 || s[0] != 'P' {
		return 0, bad
	}
	var total int64
	inTime, digits, parts := false, "", 0
	for _, r := range s[1:] {
		if r >= '0' && r <= '9' {
			digits += string(r)
			continue
		}
		if r == 'T' && !inTime && digits == "" {
			inTime = true
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 40)
		if err != nil {
			return 0, bad
		}
		var unit int64
		switch {
		case !inTime && r == 'W':
			unit = 7 * 86400
		case !inTime && r == 'D':
			unit = 86400
		case inTime && r == 'H':
			unit = 3600
		case inTime && r == 'M':
			unit = 60
		case inTime && r == 'S':
			unit = 1
		default:
			return 0, bad
		}
		if n > (1<<33)/unit {
			return 0, errRange
		}
		total += n * unit
		digits = ""
		parts++
	}
	if digits != "" || parts == 0 {
		return 0, bad
	}
	return time.Duration(total) * time.Second, nil
}

// tags ----------------------------------------------------------------------

func (c *Tags) Empty() bool        { return len(*c) == 0 }
func (c *Tags) Clear()             { *c = nil }
func (c *Tags) Equal(o Cell) bool  { p, ok := o.(*Tags); return ok && c.text() == p.text() }
func (c *Tags) Copy(o Cell)        { *c = *o.(*Tags) }
func (c *Tags) Compare(o Cell) int { return strings.Compare(c.text(), o.(*Tags).text()) }
func (c *Tags) text() string       { return string(c.AppendJSON(nil)) }
func (c *Tags) AppendJSON(b []byte) []byte {
	b = append(b, '[')
	for i, t := range *c {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendString(b, t)
	}
	return append(b, ']')
}

func (c *Tags) SetJSON(raw []byte) error {
	var v []string
	if err := json.Unmarshal(raw, &v); err != nil {
		return errType
	}
	seen := map[string]bool{}
	out := Tags{}
	for _, t := range v {
		t = strings.TrimSpace(t)
		if t == "" || utf8.RuneCountInString(t) > 60 || strings.ContainsAny(t, "\n\r\t") {
			return errors.New("bad_tag")
		}
		if !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	if len(out) > 50 {
		return errors.New("too_many")
	}
	sort.Strings(out)
	if len(out) == 0 {
		out = nil
	}
	*c = out
	return nil
}

func (c *Tags) Bind(Dialect) any {
	if len(*c) == 0 {
		return nil
	}
	return c.text()
}

func (c *Tags) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c = nil
		return nil
	case string:
		return c.SetJSON([]byte(v))
	case []byte:
		return c.SetJSON(v)
	}
	return scanError("tags", src)
}

// json ----------------------------------------------------------------------

func (c *JSON) Empty() bool        { return *c == "" }
func (c *JSON) Clear()             { *c = "" }
func (c *JSON) Equal(o Cell) bool  { p, ok := o.(*JSON); return ok && *p == *c }
func (c *JSON) Copy(o Cell)        { *c = *o.(*JSON) }
func (c *JSON) Compare(o Cell) int { return strings.Compare(string(*c), string(*o.(*JSON))) }
func (c *JSON) AppendJSON(b []byte) []byte {
	if *c == "" {
		return append(b, "null"...)
	}
	return append(b, *c...)
}

func (c *JSON) SetJSON(raw []byte) error {
	if s := string(bytes.TrimSpace(raw)); s != "null" && s != "{}" {
		*c = JSON(s)
	} else {
		*c = ""
	}
	return nil
}

func (c *JSON) Bind(Dialect) any {
	if *c == "" {
		return nil
	}
	return string(*c)
}

func (c *JSON) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*c = ""
	case string:
		*c = JSON(v)
	case []byte:
		*c = JSON(v)
	default:
		return scanError("json", src)
	}
	return nil
}

// NewCell makes a blank cell of kind k, for values that stand in no struct.
func NewCell(k Kind) Cell {
	switch k {
	case KBool:
		return new(Bool)
	case KInt:
		return new(Int)
	case KCount:
		return new(Count)
	case KDecimal:
		return new(Decimal)
	case KMoney:
		return new(Money)
	case KInstant:
		return new(Instant)
	case KDuration:
		return new(Duration)
	case KRef:
		return new(ID)
	case KTags:
		return new(Tags)
	case KJSON:
		return new(JSON)
	}
	return new(Text)
}
