package text

import (
	"regexp"
	"slices"
	"testing"
	"time"
)

var verbs = regexp.MustCompile(`%[a-z]`)

func TestEveryTextIsThereInEveryLanguageWithTheSamePlaces(t *testing.T) {
	for key, row := range Catalogue {
		want := verbs.FindAllString(row[0], -1)
		for i, s := range row {
			if s == "" {
				t.Errorf("%s is missing in %s", key, Languages[i])
			}
			if !slices.Equal(verbs.FindAllString(s, -1), want) {
				t.Errorf("%s has other places to fill in: %q and %q", key, row[0], s)
			}
		}
	}
}

func TestAMomentReadsAsItsReadersWriteIt(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 23, 30, 0, 0, time.UTC)
	for lang, want := range map[string]string{"en": "2 March 2026, 00:30", "de": "2. März 2026, 00:30 Uhr", "fr": "2 mars 2026 à 00 h 30", "es": "2 de marzo de 2026, 00:30", "xx": "2 March 2026, 00:30"} {
		if got := For(lang, berlin).Moment(at); got != want {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
	}
}
