// Package text is the one catalogue of what Steward says to customers, in English, German, French
// and Spanish: portal, status page, sign-in. The workspace speaks English.
//
// Start at [For] and [Catalogue]. A test holds that every text is there in every language, with the
// same places to fill in.
package text

import (
	"fmt"
	"strings"
	"time"
)

// Languages in the order of the columns of [Catalogue].
var Languages = []string{"en", "de", "fr", "es"}

// Names of the languages, in themselves.
var Names = map[string]string{"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}

// Reader is somebody who reads in a language and a zone.
type Reader struct {
	Lang string
	Zone *time.Location
	col  int
}

// For is a reader; an unknown language reads English.
func For(lang string, zone *time.Location) Reader {
	for i, l := range Languages {
		if l == lang {
			return Reader{lang, zone, i}
		}
	}
	return Reader{"en", zone, 0}
}

// Say is the text of key with its places filled in. A key that is not there is a mistake that a test
// finds; readers see the key.
func (r Reader) Say(key string, args ...any) string {
	row, ok := Catalogue[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return row[r.col]
	}
	return fmt.Sprintf(row[r.col], args...)
}

// Word is Say for components that take a function of one word.
func (r Reader) Word(key string) string { return r.Say(key) }

var months = [4][12]string{
	{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
}

// Day is a day as the reader writes it.
func (r Reader) Day(t time.Time) string {
	t = t.In(r.Zone)
	m := months[r.col][t.Month()-1]
	switch r.Lang {
	case "de":
		return fmt.Sprintf("%d. %s %d", t.Day(), m, t.Year())
	case "es":
		return fmt.Sprintf("%d de %s de %d", t.Day(), m, t.Year())
	}
	return fmt.Sprintf("%d %s %d", t.Day(), m, t.Year())
}

// Moment is a day with the time, in the reader's zone.
func (r Reader) Moment(t time.Time) string {
	clock := t.In(r.Zone).Format("15:04")
	switch r.Lang {
	case "de":
		return r.Day(t) + ", " + clock + " Uhr"
	case "fr":
		return r.Day(t) + " à " + strings.Replace(clock, ":", " h ", 1)
	case "es":
		return r.Day(t) + ", " + clock
	}
	return r.Day(t) + ", " + clock
}

// Span is a duration in the reader's words.
func (r Reader) Span(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %02d min", h, m)
}
