package page

import (
	"net/url"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
)

func escaped(s string) string { return url.QueryEscape(s) }

// Form is what was posted, read once; a body that cannot be read is the sender's mistake.
func (p *Page) Form() (url.Values, error) {
	if err := p.R.ParseMultipartForm(1 << 20); err != nil && p.R.Form == nil {
		return nil, fault.New(fault.BadRequest, "what was sent cannot be read")
	}
	return p.R.PostForm, nil
}

// Query is one parameter of the address.
func (p *Page) Query(name string) string { return p.R.URL.Query().Get(name) }

// Past reads the as_of of the address, in the reader's zone: a day means its end. The zero time
// when there is none.
func (p *Page) Past() (time.Time, error) {
	v := p.Query("as_of")
	if v == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(form, v, p.Zone); err == nil {
			return p.past(t)
		}
	}
	d, err := time.ParseInLocation(time.DateOnly, v, p.Zone)
	if err != nil {
		return time.Time{}, fault.Refuse(lifecycle.Refusal{Field: "as_of", Reason: "wrong_type", Mend: "give a day such as 2026-03-31, or a day and a time"})
	}
	end := d.AddDate(0, 0, 1).Add(-time.Microsecond)
	if end.After(p.Now) && !d.After(p.Now) {
		end = p.Now
	}
	return p.past(end)
}

func (p *Page) past(t time.Time) (time.Time, error) {
	if t.After(p.Now) {
		return time.Time{}, fault.Refuse(lifecycle.Refusal{Field: "as_of", Reason: "future", Mend: "give a moment that has passed"})
	}
	return t, nil
}

// Refusals are what a form has to show beside its fields; ok says that err was of that kind.
func Refusals(err error) (map[string]string, bool) {
	_, f := Status(err)
	if f == nil || f.Kind != fault.Refused {
		return nil, false
	}
	out := map[string]string{}
	for _, r := range f.Refusals {
		m := r.Mend
		if m == "" {
			m = r.Reason
		}
		if out[r.Field] != "" {
			m = out[r.Field] + "; " + m
		}
		out[r.Field] = m
	}
	return out, true
}

// Instant is t in the reader's zone, to the minute.
func (p *Page) Instant(t record.Instant) string {
	if t == 0 {
		return ""
	}
	return t.Time().In(p.Zone).Format("2006-01-02 15:04")
}
