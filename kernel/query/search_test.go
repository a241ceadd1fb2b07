package query

import (
	"strings"
	"testing"
)

// names are those that other systems could not find (F32), and more of their kind.
var names = []string{
	"Z&Z", "l'accès", "100%", "_", `\`, `"`, "[æ", "C++", "C", "#42", "42", "🔥 fire", "👩‍💻 laptop", "İstanbul ısı", "Cafe\u0301", "Straße 7", "طَابِعَة", "東京タワー", "ตู้เย็น", "が", "か",
	"foo, bar", "foo bar", "e-mail", "15\" monitor", "C:\\temp\\x", "a_b", "ﬁle", "Ｗｉｄｅ", "½ cup", "हिन्दी", "한국어", "𞤀𞤁 adlam", "𠮷野家", "u002b", "ƿ2b", "§ 5", "?", "-", "soft\u00adhyphen", "zero\u200bwidth", "NEAR AND OR NOT", "a* b^ (c)", "Ǆ", "ΣΊΣΥΦΟΣ", "ᦰᦱ", "𱍐字", "𞓐𞓑", "௰",
}

func searchable(t *testing.T, e engine) func(q string) []string {
	e.tables(t)
	for i, name := range names {
		e.add(t, ticket{n: i + 1, title: name, state: "new", opened: at("2026-01-01T00:00:00Z")})
	}
	return func(q string) []string {
		t.Helper()
		var out []string
		for _, n := range e.find(t, "text ~ "+quoteText(q)) {
			out = append(out, names[n-1])
		}
		return out
	}
}

func TestEveryNameIsFoundByItself(t *testing.T) {
	onBothEngines(t, func(t *testing.T, e engine) {
		search := searchable(t, e)
		for _, name := range names {
			found := false
			for _, got := range search(name) {
				found = found || got == name
			}
			if !found {
				t.Errorf("%q is not found by itself: %q", name, IndexText(name))
			}
		}
	})
}

func TestSearchFindsWhatPeopleMean(t *testing.T) {
	onBothEngines(t, func(t *testing.T, e engine) {
		search := searchable(t, e)
		for _, tc := range []struct{ q, want string }{
			{"z&z", "Z&Z"}, {"z & z", "Z&Z"}, {"accès", "l'accès"}, {"ACCE\u0300S", "l'accès"}, {"l’acc", "l'accès"}, {"100%", "100%"}, {"100", "100%"}, {"%", "100%"}, {`"`, `"|15" monitor`}, {"[Æ", "[æ"},
			{"c++", "C++"}, {"#42", "#42"}, {"42", "#42|42"}, {"#4", "#42"}, {"🔥", "🔥 fire"}, {"👩", "👩‍💻 laptop"}, {"istanbul", "İstanbul ısı"}, {"ISTANBUL ISI", "İstanbul ısı"}, {"ıstan", "İstanbul ısı"},
			{"café", "Cafe\u0301"}, {"cafe", "Cafe\u0301"}, {"strasse", "Straße 7"}, {"STRASSE", "Straße 7"}, {"straße", "Straße 7"}, {"طابعة", "طَابِعَة"}, {"京タ", "東京タワー"}, {"東 ワ", "東京タワー"}, {"京東", ""}, {"เย็น", "ตู้เย็น"}, {"が", "が"}, {"か", "か"},
			{"foo bar", "foo, bar|foo bar"}, {"bar foo", "foo, bar|foo bar"}, {`"foo bar"`, "foo, bar|foo bar"}, {`"bar foo"`, ""}, {"fo ba", "foo, bar|foo bar"}, {`"fo"`, ""}, {"mail", "e-mail"}, {`15"`, `15" monitor`}, {`c:\t`, `C:\temp\x`}, {"b", "foo, bar|foo bar|a_b|a* b^ (c)"},
			{"file", "ﬁle"}, {"wide", "Ｗｉｄｅ"}, {"한국", "한국어"}, {"𞤢", "𞤀𞤁 adlam"}, {"𠮷", "𠮷野家"}, {"u00", "u002b"}, {"2b", ""}, {"w2b", "ƿ2b"}, {"§", "§ 5"}, {"?", "?"}, {"softhyphen", "soft\u00adhyphen"}, {"width", "zero\u200bwidth"},
			{"AND OR", "NEAR AND OR NOT"}, {"a*", "a* b^ (c)"}, {"NEAR(", "NEAR AND OR NOT"}, {"σίσυφος", "ΣΊΣΥΦΟΣ"}, {"accès AND", ""},
		} {
			if got := strings.Join(search(tc.q), "|"); got != tc.want {
				t.Errorf("%q finds %q, want %q", tc.q, got, tc.want)
			}
		}
	})
}

func TestSearchForNothingIsAnErrorAndNotNone(t *testing.T) {
	for _, q := range []string{"", "  \n", "\u0301", "\u200b \u00ad"} {
		if got, err := SearchQuery(q); err == nil || err.(*Error).Reason != ReasonNothingToFind {
			t.Errorf("%q: %v, %v", q, got, err)
		}
	}
	if _, err := SearchQuery(strings.Repeat("w ", MaxPhrases+1)); err == nil || err.(*Error).Reason != ReasonTooManyTerms {
		t.Errorf("too many words: %v", err)
	}
	_, err := Compile(MustParse(`major and text ~ ""`), desk{"t"}, testEnv(t), SQLite)
	if e, ok := err.(*Error); !ok || e.Reason != ReasonNothingToFind || e.Pos != 17 {
		t.Errorf("in a filter: %v", err)
	}
}

func TestTokensAreLettersAndDigitsOnly(t *testing.T) {
	for in, want := range map[string]string{"C++ is 100% ok.": "c ƿ2b ƿ2b is 100 ƿ25 ok ƿ2e", "Z&Z, 'a-b'": "z ƿ26 z a b ƿ2c ƿ27 ƿ2d", "\x00a\xffb": "a b", "𞤢b": "ƿ1e922b", "𱍐": "ƿ31350", "٣x": "٣x", "⑨": "9", "ⓐ": "a", "௰": "ƿbf0", strings.Repeat("x", 100): strings.Repeat("x", maxWord)} {
		if got := IndexText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	phrases, err := SearchQuery(`C++ "exact words" pre`)
	if err != nil {
		t.Fatal(err)
	}
	if got := FTS5Query(phrases); got != `"c ƿ2b ƿ2b" AND "exact words" AND "pre" *` {
		t.Error(got)
	}
	if got := TSQuery(phrases); got != `('c' <-> 'ƿ2b' <-> 'ƿ2b') & ('exact' <-> 'words') & ('pre':*)` {
		t.Error(got)
	}
}

func FuzzAnyTextIsFoundByItself(f *testing.F) {
	for _, name := range names {
		f.Add(name)
	}
	e := onSQLite(f)
	e.exec(f, `create virtual table search using fts5(words, tokenize='unicode61')`)
	f.Fuzz(func(t *testing.T, s string) {
		phrases, err := SearchQuery(s)
		if err != nil {
			if bad := err.(*Error); bad.Reason == ReasonNothingToFind && len(SearchTokens(s)) > 0 {
				t.Errorf("%q holds %q but cannot be asked for", s, SearchTokens(s))
			}
			return
		}
		e.exec(t, `delete from search`)
		e.exec(t, `insert into search values (?)`, IndexText(s))
		if len(e.query(t, `select 1 from search where search match ?`, FTS5Query(phrases))) != 1 {
			t.Errorf("%q is indexed as %q and not found by %s", s, IndexText(s), FTS5Query(phrases))
		}
	})
}
