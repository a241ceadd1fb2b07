// Package cockpit is the door for leaders and auditors: the map of clauses 4 to 10 by computed
// states, from a clause to its requirements, from a requirement to the members that fail and the
// records that show it, and what goes stale next; the same seen by other frameworks (crosswalk.go); as
// of today or of a past day. Beside it stand guidance on each clause and the plan of phases with how far
// each has come.
//
// In: the conformity engine's answers and the guidance in the program, nothing of its own. Out: pages;
// every figure opens the records it was counted from, as far as the reader may see them.
//
// Start at [Routes].
// Always true: the picture is never better than the records: what nothing is kept of reads as no
// evidence, and a person's word is told apart from what records show.
package cockpit

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/pack"
	"steward/web/look"
	"steward/web/page"
)

// Routes over the engine; press, if there is one, makes audit packs.
func Routes(e *conformity.Engine, press *pack.Press) []page.Route {
	d := door{e, press}
	return append(d.crosswalkRoutes(), []page.Route{
		{Pattern: "GET /cockpit", For: page.Provider, Serve: d.home},
		{Pattern: "GET /cockpit/clauses/{clause}", For: page.Provider, Serve: d.clause},
		{Pattern: "GET /cockpit/requirements/{id}", For: page.Provider, Serve: d.requirement},
		{Pattern: "GET /cockpit/guidance", For: page.Provider, Serve: d.guidanceList},
		{Pattern: "GET /cockpit/guidance/{clause}", For: page.Provider, Serve: d.guidanceOn},
		{Pattern: "GET /cockpit/plan", For: page.Provider, Serve: d.plan},
		{Pattern: "GET /cockpit/readiness/{stage}", For: page.Provider, Serve: d.readiness},
		{Pattern: "GET /cockpit/todo", For: page.Provider, Serve: d.todo},
		{Pattern: "GET /cockpit/trails", For: page.Provider, Serve: d.trails},
		{Pattern: "GET /cockpit/trails/services/{ref}", For: page.Provider, Serve: d.serviceTrail},
		{Pattern: "GET /cockpit/trails/processes/{name}", For: page.Provider, Serve: d.processTrail},
		{Pattern: "GET /cockpit/trails/missed/{name}/{ref}", For: page.Provider, Serve: d.missed},
		{Pattern: "GET /cockpit/audit-pack", For: page.Provider, Serve: d.packPage},
		{Pattern: "POST /cockpit/audit-pack", For: page.Provider, Long: true, Serve: d.makePack},
		{Pattern: "GET /cockpit/audit", For: page.Provider, Serve: d.audits},
		{Pattern: "GET /cockpit/samples/{ref}", For: page.Provider, Serve: d.judge},
		{Pattern: "POST /cockpit/samples/{ref}", For: page.Provider, Serve: d.takeVerdicts},
		{Pattern: "GET /cockpit/looks", For: page.Provider, Serve: d.looks},
		{Pattern: "GET /cockpit/looks.csv", For: page.Provider, Long: true, Serve: d.looksFile},
	}...)
}

type door struct {
	e     *conformity.Engine
	press *pack.Press
}

// seal is a state as shape, colour and word.
type seal struct{ Shape, Tone, Word string }

var seals = map[catalogue.State]seal{
	catalogue.Conforms: {"done", "green", "Conforms"}, catalogue.Attested: {"seal", "blue", "Attested"}, catalogue.Partial: {"half", "amber", "Partial"}, catalogue.Stale: {"clock", "amber", "Stale"},
	catalogue.Gap: {"oct", "red", "Gap"}, catalogue.NoEvidence: {"q", "grey", "No evidence"}, catalogue.Vacuous: {"empty", "grey", "Nothing to judge"},
}

// order is from best to worst: a clause shows its worst.
var order = []catalogue.State{catalogue.Conforms, catalogue.Attested, catalogue.Vacuous, catalogue.Stale, catalogue.Partial, catalogue.NoEvidence, catalogue.Gap}

type tile struct {
	Number, Title, Href string
	seal
	Held, Of int
}

type clauseRow struct {
	Number, Title string
	Tiles         []tile
}

type stateCount struct {
	seal
	N    int
	Href string
}

type soon struct {
	ID, What, Href, To string
	At                 time.Time
}

type promise struct {
	Month     string
	Met, Late int
}

type homeView struct {
	At       time.Time
	AsOf     string
	Clauses  []clauseRow
	Counts   []stateCount
	Held, Of int
	Judged   int // by checks in code
	Soon     []soon
	Gaps     []itemRow
	Promises []promise
	Risks    []riskRow
	Trend    []conformity.Day
	From     map[conformity.Basis]int // of those that hold, decided from what
	Empty    bool
	Pack     bool // an audit pack is offered
	Now      time.Time
	Zone     *time.Location
	Query    string
}

type riskRow struct{ Ref, Title, Href, Score, State string }

type itemRow struct {
	ID, Needs, Reason, Next, Href string
	seal
	Since   time.Time
	Decided bool
}

// report is what the engine answers for the day in the address.
func (d door) report(p *page.Page) (*conformity.Report, string, error) {
	if err := conformity.May(p.Who); err != nil {
		return nil, "", err
	}
	asOf := p.Query("as_of")
	at, err := d.e.Instant(asOf)
	if err != nil {
		return nil, "", err
	}
	r, err := d.e.Evaluate(p.Ctx(), at)
	return r, asOf, err
}

func with(path, asOf string) string {
	if asOf == "" {
		return path
	}
	return path + "?as_of=" + url.QueryEscape(asOf)
}

// group is the clause that a tile stands for: two numbers deep, 8.6.1 under 8.6.
func group(clause string) string {
	parts := strings.Split(clause, ".")
	return strings.Join(parts[:min(2, len(parts))], ".")
}

func (d door) home(p *page.Page) error {
	r, asOf, err := d.report(p)
	if err != nil {
		return err
	}
	v := homeView{At: r.At, AsOf: asOf, Now: p.Now, Zone: p.Zone, Pack: d.offers(p) == nil}
	byState := map[catalogue.State]int{}
	type sum struct {
		worst    int
		held, of int
	}
	groups := map[string]*sum{}
	for _, it := range r.Items {
		byState[it.State]++
		v.Of++
		if it.Decided {
			v.Judged++
		}
		g := groups[group(it.Requirement.Clause)]
		if g == nil {
			g = &sum{}
			groups[group(it.Requirement.Clause)] = g
		}
		g.of++
		if it.State.Shown() {
			v.Held++
			g.held++
		}
		if k := slices.Index(order, it.State); k > g.worst {
			g.worst = k
		}
		if it.State == catalogue.Gap || it.State == catalogue.Partial {
			v.Gaps = append(v.Gaps, rowOf(it, asOf))
		}
		if !it.Changes.IsZero() && it.Changes.After(r.At) && it.Changes.Before(r.At.AddDate(0, 0, 90)) && !it.State.Fails() {
			to := it.Timeline.At(it.Changes)
			if to.State.Fails() {
				v.Soon = append(v.Soon, soon{it.Requirement.ID, it.Requirement.Needs, with("/cockpit/requirements/"+it.Requirement.ID, asOf), seals[to.State].Word, it.Changes})
			}
		}
	}
	slices.SortFunc(v.Soon, func(a, b soon) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(v.Gaps, func(a, b itemRow) int { return strings.Compare(a.Tone, b.Tone) * -1 })
	if len(v.Gaps) > 12 {
		v.Gaps = v.Gaps[:12]
	}
	for i := range order {
		s := order[i]
		v.Counts = append(v.Counts, stateCount{seals[s], byState[s], with("/cockpit/clauses/all", asOf) + amp(asOf) + "state=" + string(s)})
	}
	for _, top := range d.e.Catalogue().Clauses() {
		row := clauseRow{Number: top.Number, Title: top.Title}
		for _, c := range top.Clauses {
			if g := groups[c.Number]; g != nil {
				row.Tiles = append(row.Tiles, tile{c.Number, c.Title, with("/cockpit/clauses/"+c.Number, asOf), seals[order[g.worst]], g.held, g.of})
			}
		}
		v.Clauses = append(v.Clauses, row)
	}
	v.Empty, v.From = v.Held == 0, r.HeldFrom()
	if asOf == "" {
		if v.Promises, err = promises(p); err != nil {
			return err
		}
		if v.Risks, err = risks(p); err != nil {
			return err
		}
		if v.Trend, err = d.e.Trend(p.Ctx(), trendDays); err != nil {
			return err
		}
	}
	return p.OK(p.Frame("Cockpit"), homeBody(v))
}

// trendDays is how far back the line of the cockpit goes.
const trendDays = 180

func amp(asOf string) string {
	if asOf == "" {
		return "?"
	}
	return "&"
}

// promises are the service level clocks that ended in the last six months, by month.
func promises(p *page.Page) ([]promise, error) {
	if !p.Who.Reads("incident") {
		return nil, nil
	}
	var out []promise
	first := time.Date(p.Now.In(p.Zone).Year(), p.Now.In(p.Zone).Month(), 1, 0, 0, 0, 0, p.Zone)
	for m := -5; m <= 0; m++ {
		from, to := first.AddDate(0, m, 0), first.AddDate(0, m+1, 0)
		span := fmt.Sprintf(`opened_at >= "%s" and opened_at < "%s" and phase = "done"`, from.UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339))
		all, _, err := p.Sys.Count(p.Ctx(), p.Who, system.ListQuery{Process: "incident", Filter: span})
		if err != nil {
			return nil, err
		}
		late, _, err := p.Sys.Count(p.Ctx(), p.Who, system.ListQuery{Process: "incident", Filter: span + ` and breached`})
		if err != nil {
			return nil, err
		}
		out = append(out, promise{from.Format("Jan 2006"), all - late, late})
	}
	return out, nil
}

// risks are the worst that are open.
func risks(p *page.Page) ([]riskRow, error) {
	q := p.Process("risk")
	if q == nil {
		return nil, nil
	}
	l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: "risk", Filter: `phase = "open"`, Sort: "-score", Limit: 5})
	if err != nil {
		return nil, err
	}
	var out []riskRow
	for _, r := range l.Records {
		h := r.Head()
		row := riskRow{Ref: q.Ref(h.Num), Title: string(h.Title), Href: page.Path(q, r), State: string(h.State)}
		if n, ok := q.Shape.Field("score").Of(r).(*record.Int); ok && n.Set {
			row.Score = fmt.Sprint(n.N)
		}
		out = append(out, row)
	}
	return out, nil
}

func rowOf(it conformity.Item, asOf string) itemRow {
	return itemRow{ID: it.Requirement.ID, Needs: it.Requirement.Needs, Reason: it.Reason, Next: it.NextStep, Href: with("/cockpit/requirements/"+it.Requirement.ID, asOf), seal: seals[it.State], Since: it.Since, Decided: it.Decided}
}

type clauseView struct {
	Number, Title string
	Items         []itemRow
	AsOf          string
	Now           time.Time
	Zone          *time.Location
}

func (d door) clause(p *page.Page) error {
	r, asOf, err := d.report(p)
	if err != nil {
		return err
	}
	number, state := p.R.PathValue("clause"), p.Query("state")
	v := clauseView{Number: number, AsOf: asOf, Now: p.Now, Zone: p.Zone}
	if number == "all" {
		v.Title = "All requirements"
		if s, ok := seals[catalogue.State(state)]; ok {
			v.Title = "Requirements: " + strings.ToLower(s.Word)
		}
	} else {
		c, ok := d.e.Catalogue().Clause(number)
		if !ok {
			return fault.New(fault.NotFound, "The standard has no clause %s with requirements.", number)
		}
		v.Title = number + " " + c.Title
	}
	for _, it := range r.Items {
		c := it.Requirement.Clause
		if number != "all" && !catalogue.Beneath(c, number) || state != "" && string(it.State) != state {
			continue
		}
		v.Items = append(v.Items, rowOf(it, asOf))
	}
	return p.OK(p.Frame(v.Title, look.Crumb{Label: "Cockpit", Href: with("/cockpit", asOf)}), clauseBody(v))
}

type memberRow struct{ Ref, Title, Href, Reason, Next, State string }

type day struct {
	Day  string
	Tone string
	Word string
}

type requirementView struct {
	itemRow
	Clause, ClauseHref, Kind, EvidenceWanted, Check string
	Population                                      int
	Failing                                         []memberRow
	FailingN                                        int
	Evidence                                        []memberRow
	Oldest, Newest                                  string
	Interval, SetBy                                 string
	Condition                                       string
	Changes                                         time.Time
	To                                              string
	Days                                            []day
	From                                            string // what it was decided from
	Share                                           conformity.Share
	Query, QueryHref                                string
	AsOf                                            string
	Now                                             time.Time
	Zone                                            *time.Location
}

// failingShown bounds what a page names; the list behind it has the rest.
const failingShown = 100

func (d door) requirement(p *page.Page) error {
	r, asOf, err := d.report(p)
	if err != nil {
		return err
	}
	it := r.Item(p.R.PathValue("id"))
	if it == nil {
		return fault.New(fault.NotFound, "There is no such requirement.")
	}
	v := requirementView{itemRow: rowOf(*it, asOf), Clause: it.Requirement.Clause + " " + it.Requirement.Title, ClauseHref: with("/cockpit/clauses/"+it.Requirement.Clause, asOf), Kind: string(it.Requirement.Kind),
		EvidenceWanted: it.Requirement.Evidence, Check: it.Requirement.Check, Population: it.Population, FailingN: len(it.Failing), AsOf: asOf, Now: p.Now, Zone: p.Zone}
	if !it.Interval.Period.IsZero() {
		v.Interval = it.Interval.Period.Words()
		v.SetBy = it.Interval.SetBy
	}
	if c := it.Requirement.Condition; c != nil {
		v.Condition = c.When
	}
	if !it.Changes.IsZero() {
		v.Changes, v.To = it.Changes, seals[it.Timeline.At(it.Changes).State].Word
	}
	v.Oldest, v.Newest = dated(it.Oldest, p), dated(it.Newest, p)
	var ids []record.ID
	for _, m := range it.Failing {
		ids = append(ids, m.About.ID)
	}
	for _, e := range it.Evidence {
		ids = append(ids, e.ID)
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	row := func(e catalogue.Evidence) memberRow {
		m := memberRow{Ref: e.Ref}
		if dir := names[e.ID]; dir != nil {
			m.Title, m.Href = string(dir.Title), p.Address(dir)
		}
		return m
	}
	for i, m := range it.Failing {
		if i == failingShown {
			break
		}
		x := row(m.About)
		s := m.Verdict.At(r.At)
		x.Reason, x.State, x.Next = s.Reason, seals[s.State].Word, m.NextStep
		v.Failing = append(v.Failing, x)
	}
	for _, e := range it.Evidence {
		v.Evidence = append(v.Evidence, row(e))
	}
	if v.Days, v.Share, err = d.days(p, it.Requirement.ID); err != nil {
		return err
	}
	v.From = map[conformity.Basis]string{conformity.Operation: "records that the work made", conformity.Statement: "what was written to say so"}[it.Basis]
	if q := it.Search.Query; q != "" {
		v.Query = q
	}
	return p.Work(http.StatusOK, p.Frame(v.ID+" "+v.Clause, look.Crumb{Label: "Cockpit", Href: with("/cockpit", asOf)}, look.Crumb{Label: it.Requirement.Clause, Href: v.ClauseHref}), requirementBody(v))
}

func dated(e catalogue.Evidence, p *page.Page) string {
	if e.At.IsZero() {
		return ""
	}
	return e.Ref + ", " + e.At.In(p.Zone).Format("2 Jan 2006")
}

// days are the states that were kept at the end of each of the last ninety days, oldest first.
func (d door) days(p *page.Page, id string) ([]day, conformity.Share, error) {
	kept, err := d.e.History(p.Ctx(), id, 90)
	share := conformity.ShareOf(kept)
	if err != nil {
		return nil, share, err
	}
	slices.SortFunc(kept, func(a, b *storage.ConformityResult) int { return strings.Compare(string(a.Day), string(b.Day)) })
	var out []day
	for _, k := range kept {
		s := seals[catalogue.State(k.State)]
		out = append(out, day{string(k.Day), s.Tone, s.Word})
	}
	return out, share, nil
}
