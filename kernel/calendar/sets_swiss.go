package calendar

import (
	"strings"
	"time"
)

// swissDays are the holidays that several cantons share, with their names in German, French and
// Italian.
var swissDays = map[string]struct {
	rule
	de, fr, it string
}{
	"newyear":     {fixed("", time.January, 1), "Neujahr", "Nouvel An", "Capodanno"},
	"2jan":        {fixed("", time.January, 2), "Berchtoldstag", "2 janvier", "2 gennaio"},
	"epiphany":    {fixed("", time.January, 6), "Dreikönigstag", "Épiphanie", "Epifania"},
	"joseph":      {fixed("", time.March, 19), "Josefstag", "Saint-Joseph", "San Giuseppe"},
	"goodfriday":  {easter("", -2), "Karfreitag", "Vendredi saint", "Venerdì santo"},
	"easter":      {easter("", 0), "Ostersonntag", "Pâques", "Domenica di Pasqua"},
	"eastermon":   {easter("", 1), "Ostermontag", "Lundi de Pâques", "Lunedì dell'Angelo"},
	"labour":      {fixed("", time.May, 1), "Tag der Arbeit", "Fête du travail", "Festa del lavoro"},
	"labourpm":    {fixed("", time.May, 1).fromHour(12), "Tag der Arbeit", "Fête du travail", "Festa del lavoro"},
	"ascension":   {easter("", 39), "Auffahrt", "Ascension", "Ascensione"},
	"whitsun":     {easter("", 49), "Pfingstsonntag", "Pentecôte", "Pentecoste"},
	"whitmon":     {easter("", 50), "Pfingstmontag", "Lundi de Pentecôte", "Lunedì di Pentecoste"},
	"corpus":      {easter("", 60), "Fronleichnam", "Fête-Dieu", "Corpus Domini"},
	"federal":     {fixed("", time.August, 1), "Bundesfeiertag", "Fête nationale", "Festa nazionale"},
	"assumption":  {fixed("", time.August, 15), "Mariä Himmelfahrt", "Assomption", "Assunzione"},
	"fast":        {nth("", 3, 7, time.September, 0), "Eidg. Dank-, Buss- und Bettag", "Jeûne fédéral", "Digiuno federale"},
	"saints":      {fixed("", time.November, 1), "Allerheiligen", "Toussaint", "Ognissanti"},
	"conception":  {fixed("", time.December, 8), "Mariä Empfängnis", "Immaculée Conception", "Immacolata Concezione"},
	"christmas":   {fixed("", time.December, 25), "Weihnachtstag", "Noël", "Natale"},
	"stephen":     {fixed("", time.December, 26), "Stephanstag", "Saint-Étienne", "Santo Stefano"},
	"stephenAI":   {fixed("", time.December, 26).notOn(2, 6), "Stephanstag", "", ""}, // no third free day in a row
	"stephenAR":   {fixed("", time.December, 26).notOn(1), "Stephanstag", "", ""},
	"stephenUR":   {fixed("", time.December, 26).notOn(1, 5), "Stephanstag", "", ""},
	"christmaspm": {fixed("", time.December, 24).fromHour(12), "", "Veille de Noël", ""},
}

// swiss: only 1 August is federal (Federal Constitution, art. 110); every canton has its own act.
// Some cantons leave days to districts or communes (AG, FR, NE, SO, ...); the sets here hold every
// day that is free in a large part of the canton, and exceptions serve the rest. "CH" holds what is
// free in most cantons.
func swiss() []*set {
	of := func(code, name, language, days string, own ...rule) *set {
		var rules []rule
		for _, key := range strings.Fields(days) {
			d, ok := swissDays[key]
			if !ok {
				panic("calendar: " + code + ": no Swiss holiday called " + key)
			}
			rules = append(rules, d.rule.named(map[string]string{"de": d.de, "fr": d.fr, "it": d.it}[language]))
		}
		return newSet(code, name, rules, own)
	}
	// The Thursday that remembers the battle of 1388: the first of April, a week later in Holy Week.
	nafels := rule{name: "Näfelser Fahrt", on: func(y int) (day, bool) {
		d := onOrAfter(dayOf(y, time.April, 1), 4)
		if d == easterSunday(y)-3 {
			d += 7
		}
		return d, true
	}}
	const (
		west    = "newyear goodfriday easter ascension whitsun federal christmas "
		protest = "newyear goodfriday easter eastermon ascension whitsun whitmon federal fast christmas stephen "
		cath    = "newyear goodfriday easter ascension whitsun corpus federal assumption fast saints conception christmas "
	)
	return []*set{
		of("CH", "Schweiz (in den meisten Kantonen)", "de", protest),
		of("CH-AG", "Aargau", "de", protest+"2jan labour corpus assumption saints conception"),
		of("CH-AI", "Appenzell Innerrhoden", "de",
			"newyear goodfriday easter eastermon ascension whitsun whitmon corpus federal assumption fast saints christmas stephenAI",
			fixed("Mauritiustag", time.September, 22)),
		of("CH-AR", "Appenzell Ausserrhoden", "de",
			"newyear goodfriday easter eastermon ascension whitsun whitmon federal fast christmas stephenAR"),
		of("CH-BE", "Bern", "de", protest+"2jan"),
		of("CH-BL", "Basel-Landschaft", "de", protest+"labour"),
		of("CH-BS", "Basel-Stadt", "de", protest+"labour"),
		of("CH-FR", "Fribourg", "fr", west+"corpus assumption fast saints conception"),
		of("CH-GE", "Genève", "fr", west+"eastermon whitmon",
			nth("Jeûne genevois", 1, 7, time.September, 4),
			fixed("Restauration de la République", time.December, 31)),
		of("CH-GL", "Glarus", "de", protest+"saints", nafels),
		of("CH-GR", "Graubünden", "de", "newyear easter eastermon ascension whitsun whitmon federal fast christmas stephen"),
		of("CH-JU", "Jura", "fr", west+"2jan eastermon labour whitmon corpus assumption fast saints",
			fixed("Plébiscite jurassien", time.June, 23)),
		of("CH-LU", "Luzern", "de", cath+"stephen"),
		of("CH-NE", "Neuchâtel", "fr", west+"eastermon labour corpus fast",
			fixed("Instauration de la République", time.March, 1)),
		of("CH-NW", "Nidwalden", "de", cath+"joseph"),
		of("CH-OW", "Obwalden", "de", cath, fixed("Bruderklausenfest", time.September, 25)),
		of("CH-SG", "St. Gallen", "de", protest+"saints"),
		of("CH-SH", "Schaffhausen", "de", protest+"labour"),
		of("CH-SO", "Solothurn", "de",
			"newyear joseph goodfriday easter labourpm ascension whitsun corpus federal assumption fast saints christmas"),
		of("CH-SZ", "Schwyz", "de", protest+"epiphany joseph corpus assumption saints conception"),
		of("CH-TG", "Thurgau", "de", protest+"2jan labour"),
		of("CH-TI", "Ticino", "it",
			"newyear epiphany joseph easter eastermon labour ascension whitsun whitmon corpus federal assumption fast saints conception christmas stephen",
			fixed("Santi Pietro e Paolo", time.June, 29)),
		of("CH-UR", "Uri", "de",
			"newyear epiphany joseph goodfriday easter eastermon ascension whitsun whitmon corpus federal assumption fast saints conception christmas stephenUR"),
		of("CH-VD", "Vaud", "fr", west+"2jan eastermon whitmon fast",
			nth("Lundi du Jeûne fédéral", 3, 7, time.September, 1)),
		of("CH-VS", "Valais", "fr",
			"newyear joseph easter labourpm ascension whitsun whitmon corpus federal assumption fast saints conception christmaspm christmas"),
		of("CH-ZG", "Zug", "de", cath),
		of("CH-ZH", "Zürich", "de", protest+"labour"),
	}
}
