package query

import (
	"encoding/hex"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// How values become arguments:
//
//	            SQLite                  PostgreSQL
//	bool        int64 0 or 1            bool
//	int         int64                   int64
//	decimal     int64 millionths        int64 millionths
//	money       int64 ten-thousandths   int64 ten-thousandths, beside the currency as string
//	date        string 2026-01-31       the same string, cast by ?::date
//	instant     int64 microseconds      time.Time in UTC
//	duration    int64 seconds           int64 seconds
//	ref         []byte of 16            UUID as string, cast by ?::uuid
//	others      string                  string

func (c *compiler) idArg(id ID) Fragment { return idArg(c.d, id) }

func idArg(d Dialect, id ID) Fragment {
	if d == Postgres {
		return Fragment{"?::uuid", []any{uuidText(id)}}
	}
	return Fragment{"?", []any{id[:]}}
}

func (c *compiler) boolArg(b bool) any { return boolArg(c.d, b) }

func boolArg(d Dialect, b bool) any {
	switch {
	case d == Postgres:
		return b
	case b:
		return int64(1)
	}
	return int64(0)
}

func dateArg(d Dialect, day string) Fragment {
	if d == Postgres {
		return Fragment{"?::date", []any{day}}
	}
	return Fragment{"?", []any{day}}
}

func instantArg(d Dialect, t time.Time) Fragment {
	if d == Postgres {
		return Fragment{"?", []any{t.UTC().Truncate(time.Microsecond)}}
	}
	return Fragment{"?", []any{t.UnixMicro()}}
}

func uuidText(id ID) string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func parseUUID(s string) (id ID, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	n, err := hex.Decode(id[:], []byte(strings.ReplaceAll(s, "-", "")))
	return id, err == nil && n == len(id)
}

func wrongType(t target, v Value) *Error {
	return fail(v.Place, ReasonWrongType, "write "+t.name.Text+" "+example(t.Field), "%s is of kind %s, which %s is not", t.name.Text, t.Kind, v)
}

// plain gives the one argument that stands for v, so that "column = ?" and "column in (?)" say it.
// It is false where equality takes more than that.
func (c *compiler) plain(t target, v Value) (Fragment, bool, error) {
	one := func(arg any, err *Error) (Fragment, bool, error) {
		if err != nil {
			return Fragment{}, false, err
		}
		return Fragment{"?", []any{arg}}, true, nil
	}
	switch t.Kind {
	case Bool:
		if v.Kind != ValueBool {
			return one(nil, wrongType(t, v))
		}
		return one(c.boolArg(v.Text == "true"), nil)
	case Int:
		n, err := number(t, v, 0)
		return one(n, err)
	case Decimal:
		n, err := number(t, v, 6)
		return one(n, err)
	case Duration:
		n, err := duration(t, v)
		return one(n, err)
	case Text, Prose, Period:
		if v.Kind != ValueText {
			return one(nil, textMend(t, v))
		}
		return one(v.Text, nil)
	case Choice:
		return one(v.Text, choice(t, v))
	case Date:
		day, err := c.dateOf(t, v)
		if err != nil {
			return one(nil, err)
		}
		return dateArg(c.d, day), true, nil
	case Instant:
		m, err := c.instantOf(t, v)
		if err != nil {
			return one(nil, err)
		}
		if m.day {
			return Fragment{}, false, nil
		}
		return instantArg(c.d, m.in(c.env.Zone)), true, nil
	case Ref:
		if v.Kind == ValueMyTeams {
			return one(nil, fail(v.Place, ReasonWrongOperator, "use = or in", "my_teams may be several"))
		}
		id, err := c.reference(t, v)
		if err != nil {
			return Fragment{}, false, err
		}
		return c.idArg(id), true, nil
	}
	return Fragment{}, false, nil
}

// compare is "field op v" for every op but != and ~; blank fields give false or null.
func (c *compiler) compare(t target, op Op, v Value) (Fragment, error) {
	col := t.column(c.d)
	switch t.Kind {
	case Money:
		amount, currency, err := money(t, v)
		if err != nil {
			return Fragment{}, err
		}
		return Fragment{"(" + t.Currency + " = ? and " + col + " " + string(op) + " ?)", []any{currency, amount}}, nil
	case Tags:
		if v.Kind != ValueText {
			return Fragment{}, textMend(t, v)
		}
		if c.d == Postgres {
			return Fragment{col + "::jsonb @> to_jsonb(?::text)", []any{v.Text}}, nil
		}
		return Fragment{"exists (select 1 from json_each(" + col + ") where json_each.value = ?)", []any{v.Text}}, nil
	}
	x, ok, err := c.plain(t, v)
	if err != nil {
		return Fragment{}, err
	}
	if ok {
		return Fragment{col + " " + string(op) + " " + x.SQL, x.Args}, nil
	}
	m, bad := c.instantOf(t, v)
	if bad != nil {
		return Fragment{}, bad
	}
	from := instantArg(c.d, m.in(c.env.Zone))
	m.t = m.t.AddDate(0, 0, 1)
	next := instantArg(c.d, m.in(c.env.Zone))
	switch op {
	case Lt:
		return Fragment{col + " < ?", from.Args}, nil
	case Le:
		return Fragment{col + " < ?", next.Args}, nil
	case Gt:
		return Fragment{col + " >= ?", next.Args}, nil
	case Ge:
		return Fragment{col + " >= ?", from.Args}, nil
	}
	return Fragment{"(" + col + " >= ? and " + col + " < ?)", append(from.Args, next.Args...)}, nil
}

func number(t target, v Value, scale int) (int64, *Error) {
	if v.Kind != ValueNumber {
		return 0, wrongType(t, v)
	}
	n, reason := scaled(v.Text, scale)
	switch reason {
	case ReasonBadNumber:
		if scale == 0 {
			return 0, fail(v.Place, reason, "write "+t.name.Text+" = 1", "%s is a whole number", t.name.Text)
		}
		return 0, fail(v.Place, reason, "round it", "%s has at most %d decimals", t.name.Text, scale)
	case ReasonOutOfRange:
		return 0, fail(v.Place, reason, "", "%s is too large", v.Text)
	}
	return n, nil
}

func duration(t target, v Value) (int64, *Error) {
	n, ok := int64(0), false
	switch v.Kind {
	case ValueSpan:
		if n, ok = v.Shift.seconds(); !ok {
			return 0, fail(v.Place, ReasonBadDuration, "write it in days: 90d", "how long %s is depends on when it begins", v)
		}
	case ValueText:
		if n, ok = isoSeconds(v.Text); !ok {
			return 0, fail(v.Place, ReasonBadDuration, `write 4h or "PT4H"`, "%s is no duration", v)
		}
	default:
		return 0, wrongType(t, v)
	}
	return n, nil
}

// money reads "12.50 EUR".
func money(t target, v Value) (amount int64, currency string, err *Error) {
	if v.Kind != ValueText {
		return 0, "", fail(v.Place, ReasonWrongType, `write an amount and a currency: "12.50 EUR"`, "%s is of kind money, which %s is not", t.name.Text, v)
	}
	digits, currency, _ := strings.Cut(strings.TrimSpace(v.Text), " ")
	positive := strings.TrimPrefix(digits, "-")
	whole, frac, dotted := strings.Cut(positive, ".")
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" ||
		whole == "" || strings.Trim(whole+frac, "0123456789") != "" || dotted && frac == "" {
		return 0, "", fail(v.Place, ReasonWrongType, `write an amount and a currency: "12.50 EUR"`, "%s is no amount of money", v)
	}
	amount, reason := scaled(strings.TrimSuffix(digits, positive)+canonicalNumber(positive), 4)
	if reason != "" {
		return 0, "", fail(v.Place, reason, "money has at most four decimals and 14 digits before them", "%s is no amount of money", v)
	}
	return amount, currency, nil
}

func textMend(t target, v Value) *Error {
	return fail(v.Place, ReasonWrongType, "put it in quotes: "+quoteText(v.String()), "%s is of kind %s, which %s is not", t.name.Text, t.Kind, v)
}

func choice(t target, v Value) *Error {
	if v.Kind != ValueText {
		return textMend(t, v)
	}
	if len(t.Choices) == 0 {
		return nil
	}
	for _, code := range t.Choices {
		if code == v.Text {
			return nil
		}
	}
	mend := "write one of " + strings.Join(t.Choices, ", ")
	if n := nearest(v.Text, t.Choices); n != "" {
		mend = "did you mean " + quoteText(n) + "? The choices are " + strings.Join(t.Choices, ", ")
	}
	return fail(v.Place, ReasonUnknownChoice, mend, "%s has no choice %s", t.name.Text, v)
}

// moment evaluates a date, an instant, now or today.
func (c *compiler) moment(v Value) (moment, *Error) {
	switch v.Kind {
	case ValueMoment, ValueText:
		m, reason := parseMoment(v.Text)
		if reason != "" {
			return m, fail(v.Place, reason, "write 2026-01-31 or 2026-01-31T08:00:00Z", "%s is no date", v)
		}
		return m, nil
	}
	if v.Kind == ValueToday && (v.Shift.Unit == "s" || v.Shift.Unit == "m" || v.Shift.Unit == "h") {
		return moment{}, fail(v.Place, ReasonBadDuration, "write now for an instant", "a day moves by whole days (units d w mo y)")
	}
	t := c.env.Now.In(c.env.Zone)
	if v.Kind == ValueToday {
		t = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	}
	t, ok := v.Shift.addTo(t)
	if !ok {
		return moment{}, fail(v.Place, ReasonOutOfRange, "", "%s is outside of the years 1 to 9999", v)
	}
	return moment{t: t, day: v.Kind == ValueToday}, nil
}

// day is the calendar day of a moment, in the reader's zone.
func (c *compiler) day(v Value) (string, error) {
	m, err := c.moment(v)
	if err != nil {
		return "", err
	}
	return m.dayIn(c.env.Zone), nil
}

func (m moment) dayIn(zone *time.Location) string {
	if m.day || m.local {
		return m.t.Format(time.DateOnly)
	}
	return m.t.In(zone).Format(time.DateOnly)
}

func (c *compiler) dateOf(t target, v Value) (string, *Error) {
	m, err := c.instantOf(t, v)
	if err != nil {
		return "", err
	}
	if !m.day && v.Kind != ValueNow {
		return "", fail(v.Place, ReasonWrongType, "write "+t.name.Text+" = "+m.dayIn(c.env.Zone), "%s is a day, %s has a time", t.name.Text, v)
	}
	return m.dayIn(c.env.Zone), nil
}

func (c *compiler) instantOf(t target, v Value) (moment, *Error) {
	switch v.Kind {
	case ValueMoment, ValueText, ValueNow, ValueToday:
		return c.moment(v)
	}
	return moment{}, wrongType(t, v)
}

// reference finds the record that v means.
func (c *compiler) reference(t target, v Value) (ID, error) {
	switch v.Kind {
	case ValueMe:
		ids, err := c.self(t, v, c.env.Me)
		if err != nil || len(ids) == 0 {
			return ID{}, err
		}
		return ids[0], nil
	case ValueText:
	default:
		return ID{}, wrongType(t, v)
	}
	if id, ok := parseUUID(v.Text); ok || c.dry {
		return id, nil
	}
	if c.env.ResolveRef != nil {
		id, ok, err := c.env.ResolveRef(t.Ref, v.Text)
		if err != nil || ok {
			return id, err
		}
	}
	return ID{}, fail(v.Place, ReasonUnknownReference, "write its ref, its full name or its id", "there is no %s %s", t.Ref, v)
}

// self is whom me or my_teams means beside a field.
func (c *compiler) self(t target, v Value, who Self) ([]ID, error) {
	if t.Kind != Ref {
		return nil, wrongType(t, v)
	}
	if c.dry {
		return nil, nil
	}
	ids, ok := who[t.Ref]
	if !ok {
		return nil, fail(v.Place, ReasonWrongType, "name one", "%s refers to a %s, which %s is not", t.name.Text, t.Ref, v)
	}
	if len(ids) == 0 && v.Kind == ValueMe {
		return nil, fail(v.Place, ReasonUnknownReference, "sign in, or name someone", "nobody is meant by me here")
	}
	return ids, nil
}

// contains is "field ~ v".
func (c *compiler) contains(t target, v Value) (Fragment, error) {
	if v.Kind != ValueText {
		return Fragment{}, textMend(t, v)
	}
	if t.Kind == Search {
		phrases, err := searchQuery(v.Text)
		if err != nil {
			return Fragment{}, fail(v.Place, err.Reason, err.Mend, "%s", err.Detail)
		}
		return parens(c.s.Search(c.d, phrases)), nil
	}
	if strings.TrimSpace(v.Text) == "" {
		return Fragment{}, fail(v.Place, ReasonNothingToFind, "write a part of the text, or is blank", "this holds nothing to look for")
	}
	if t.Folded != "" {
		return Fragment{t.Folded + ` like ? escape '\'`, []any{"%" + escapeLike(Fold(v.Text)) + "%"}}, nil
	}
	// Both sides are lowered by the engine itself. SQLite lowers ASCII only, so what lies beyond is
	// asked for in each of its usual spellings.
	spellings := []string{v.Text}
	for _, s := range []string{norm.NFC.String(v.Text), norm.NFD.String(v.Text), strings.ToLower(norm.NFC.String(v.Text)), strings.ToUpper(norm.NFC.String(v.Text))} {
		if !sameLetters(s, spellings) {
			spellings = append(spellings, s)
		}
	}
	col, open, shut := t.column(c.d), "", ""
	switch {
	case t.Kind == Tags && c.d == Postgres:
		open, shut = "exists (select 1 from jsonb_array_elements_text("+col+"::jsonb) as tag(word) where ", ")"
		col = "tag.word"
	case t.Kind == Tags:
		open, shut = "exists (select 1 from json_each("+col+") where ", ")"
		col = "json_each.value"
	case len(spellings) > 1:
		open, shut = "(", ")"
	}
	var parts []Fragment
	for _, s := range spellings {
		parts = append(parts, Fragment{"lower(" + col + `) like lower(?) escape '\'`, []any{"%" + escapeLike(s) + "%"}})
	}
	f := joined(" or ", parts)
	return Fragment{open + f.SQL + shut, f.Args}, nil
}

// sameLetters tells whether s is one of known but for ASCII case.
func sameLetters(s string, known []string) bool {
	for _, k := range known {
		if lowerASCII(k) == lowerASCII(s) {
			return true
		}
	}
	return false
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// escapeLike makes % _ and \ stand for themselves under escape '\'.
func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}
