package calendar

import "time"

// sets is every holiday set, in the order in which people are shown them.
var sets = concat(german(), austrian(), swiss(), french(), british(), american())

var setByCode = func() map[string]*set {
	m := map[string]*set{}
	for _, s := range sets {
		m[s.Code] = s
	}
	return m
}()

func concat(lists ...[]*set) []*set {
	var all []*set
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func newSet(code, name string, lists ...[]rule) *set {
	s := &set{Set: Set{code, name}}
	for _, l := range lists {
		s.rules = append(s.rules, l...)
	}
	return s
}

// german: Art. 2 (2) of the Unification Treaty for 3 October, the holiday acts of the Länder for the rest.
func german() []*set {
	all := []rule{
		fixed("Neujahr", time.January, 1),
		easter("Karfreitag", -2),
		easter("Ostermontag", 1),
		fixed("Maifeiertag", time.May, 1),
		easter("Christi Himmelfahrt", 39),
		easter("Pfingstmontag", 50),
		fixed("Tag der Deutschen Einheit", time.October, 3),
		once("Reformationstag", 2017, time.October, 31), // its 500th year, in all Länder
		fixed("1. Weihnachtstag", time.December, 25),
		fixed("2. Weihnachtstag", time.December, 26),
	}
	var (
		kings       = fixed("Heilige Drei Könige", time.January, 6)
		women       = fixed("Internationaler Frauentag", time.March, 8)
		corpus      = easter("Fronleichnam", 60)
		peace       = fixed("Augsburger Friedensfest", time.August, 8)
		assumption  = fixed("Mariä Himmelfahrt", time.August, 15)
		reformation = fixed("Reformationstag", time.October, 31)
		saints      = fixed("Allerheiligen", time.November, 1)
		repentance  = rule{name: "Buß- und Bettag", on: func(y int) (day, bool) {
			return onOrAfter(dayOf(y, time.November, 16), 3), true // the Wednesday before 23 November
		}}
	)
	of := func(code, name string, more ...rule) *set { return newSet(code, name, all, more) }
	return []*set{
		of("DE", "Deutschland (in allen Ländern)"),
		of("DE-BW", "Baden-Württemberg", kings, corpus, saints),
		of("DE-BY", "Bayern", kings, corpus, saints),
		of("DE-BY-KATH", "Bayern, Gemeinden mit überwiegend katholischer Bevölkerung", kings, corpus, assumption, saints),
		of("DE-BY-A", "Augsburg", kings, corpus, peace, assumption, saints),
		of("DE-BE", "Berlin", women.since(2019),
			once("75. Jahrestag der Befreiung", 2020, time.May, 8),
			once("80. Jahrestag der Befreiung", 2025, time.May, 8),
			once("75. Jahrestag des Volksaufstandes", 2028, time.June, 17)),
		of("DE-BB", "Brandenburg", easter("Ostersonntag", 0), easter("Pfingstsonntag", 49), reformation),
		of("DE-HB", "Bremen", reformation.since(2018)),
		of("DE-HH", "Hamburg", reformation.since(2018)),
		of("DE-HE", "Hessen", corpus),
		of("DE-MV", "Mecklenburg-Vorpommern", women.since(2023), reformation),
		of("DE-NI", "Niedersachsen", reformation.since(2018)),
		of("DE-NW", "Nordrhein-Westfalen", corpus, saints),
		of("DE-RP", "Rheinland-Pfalz", corpus, saints),
		of("DE-SL", "Saarland", corpus, assumption, saints),
		of("DE-SN", "Sachsen", reformation, repentance),
		of("DE-ST", "Sachsen-Anhalt", kings, reformation),
		of("DE-SH", "Schleswig-Holstein", reformation.since(2018)),
		of("DE-TH", "Thüringen", fixed("Weltkindertag", time.September, 20).since(2019), reformation),
	}
}

// austrian: section 7 of the Arbeitsruhegesetz. The days of the Länder are Landesfeiertage: offices
// and schools are closed on those listed here; a customer who works on them writes an exception.
func austrian() []*set {
	all := []rule{
		fixed("Neujahr", time.January, 1),
		fixed("Heilige Drei Könige", time.January, 6),
		easter("Ostermontag", 1),
		fixed("Staatsfeiertag", time.May, 1),
		easter("Christi Himmelfahrt", 39),
		easter("Pfingstmontag", 50),
		easter("Fronleichnam", 60),
		fixed("Mariä Himmelfahrt", time.August, 15),
		fixed("Nationalfeiertag", time.October, 26),
		fixed("Allerheiligen", time.November, 1),
		fixed("Mariä Empfängnis", time.December, 8),
		fixed("Christtag", time.December, 25),
		fixed("Stefanitag", time.December, 26),
	}
	of := func(code, name string, more ...rule) *set { return newSet(code, name, all, more) }
	return []*set{
		of("AT", "Österreich"),
		of("AT-1", "Burgenland", fixed("Martinstag", time.November, 11)),
		of("AT-2", "Kärnten", fixed("Tag der Volksabstimmung", time.October, 10)),
		of("AT-3", "Niederösterreich"),
		of("AT-4", "Oberösterreich"),
		of("AT-5", "Salzburg", fixed("Rupert", time.September, 24)),
		of("AT-6", "Steiermark"),
		of("AT-7", "Tirol"),
		of("AT-8", "Vorarlberg"),
		of("AT-9", "Wien"),
	}
}

// french: article L3133-1 of the Code du travail; L3134-13 for the departments of Alsace-Moselle.
func french() []*set {
	all := []rule{
		fixed("Nouvel An", time.January, 1),
		easter("Lundi de Pâques", 1),
		fixed("Fête du travail", time.May, 1),
		fixed("Fête de la Victoire 1945", time.May, 8),
		easter("Ascension", 39),
		easter("Lundi de Pentecôte", 50),
		fixed("Fête nationale", time.July, 14),
		fixed("Assomption", time.August, 15),
		fixed("Toussaint", time.November, 1),
		fixed("Armistice 1918", time.November, 11),
		fixed("Noël", time.December, 25),
	}
	alsace := []rule{easter("Vendredi saint", -2), fixed("Lendemain de Noël", time.December, 26)}
	return []*set{
		newSet("FR", "France", all),
		newSet("FR-57", "Moselle", all, alsace),
		newSet("FR-67", "Bas-Rhin", all, alsace),
		newSet("FR-68", "Haut-Rhin", all, alsace),
	}
}

// british: Banking and Financial Dealings Act 1971, schedule 1, with the royal proclamations that
// moved or added days since 2000.
func british() []*set {
	const stand = " (substitute day)"
	monday := func(r rule) rule { return r.replaced(stand, nextMonday) }
	pair := func(r rule) rule { return r.replaced(stand, twoLater) }
	newYear := fixed("New Year's Day", time.January, 1)
	all := []rule{
		easter("Good Friday", -2),
		nth("Early May bank holiday", 1, 1, time.May, 0).notIn(2020),
		once("Early May bank holiday (VE Day)", 2020, time.May, 8),
		last("Spring bank holiday", 1, time.May).notIn(2002, 2012, 2022),
		once("Golden Jubilee", 2002, time.June, 3),
		once("Spring bank holiday", 2002, time.June, 4),
		once("Royal Wedding", 2011, time.April, 29),
		once("Spring bank holiday", 2012, time.June, 4),
		once("Diamond Jubilee", 2012, time.June, 5),
		once("Spring bank holiday", 2022, time.June, 2),
		once("Platinum Jubilee", 2022, time.June, 3),
		once("State Funeral of Queen Elizabeth II", 2022, time.September, 19),
		once("Coronation of King Charles III", 2023, time.May, 8),
		pair(fixed("Christmas Day", time.December, 25)),
		pair(fixed("Boxing Day", time.December, 26)),
	}
	south := []rule{
		monday(newYear),
		easter("Easter Monday", 1),
		last("Summer bank holiday", 1, time.August),
	}
	return []*set{
		newSet("GB-ENG", "England", all, south),
		newSet("GB-WLS", "Wales", all, south),
		newSet("GB-SCT", "Scotland", all, []rule{
			pair(newYear),
			pair(fixed("2nd January", time.January, 2)),
			nth("Summer bank holiday", 1, 1, time.August, 0),
			monday(fixed("St Andrew's Day", time.November, 30)).since(2007),
			once("World Cup bank holiday", 2026, time.June, 15), // proclaimed 4 February 2026
		}),
		newSet("GB-NIR", "Northern Ireland", all, south, []rule{
			monday(fixed("St Patrick's Day", time.March, 17)),
			monday(fixed("Battle of the Boyne (Orangemen's Day)", time.July, 12)),
		}),
	}
}

// american: 5 U.S.C. 6103 (a) and (b), Executive Order 11582 for Sundays. Federal days only;
// Inauguration Day concerns the District of Columbia and is left out.
func american() []*set {
	observed := func(r rule) rule {
		return r.replaced(" (observed)", func(d day) day {
			switch d.weekday() {
			case 6:
				return d - 1
			case 7:
				return d + 1
			}
			return d
		})
	}
	return []*set{newSet("US", "United States (federal)", []rule{
		observed(fixed("New Year's Day", time.January, 1)),
		nth("Martin Luther King Jr. Day", 3, 1, time.January, 0),
		nth("Washington's Birthday", 3, 1, time.February, 0),
		last("Memorial Day", 1, time.May),
		observed(fixed("Juneteenth", time.June, 19)).since(2021),
		observed(fixed("Independence Day", time.July, 4)),
		nth("Labor Day", 1, 1, time.September, 0),
		nth("Columbus Day", 2, 1, time.October, 0),
		observed(fixed("Veterans Day", time.November, 11)),
		nth("Thanksgiving Day", 4, 4, time.November, 0),
		observed(fixed("Christmas Day", time.December, 25)),
	})}
}
