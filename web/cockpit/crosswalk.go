package cockpit

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/crosswalk"
	"steward/sms/conformity/foreign"
	"steward/web/look"
	"steward/web/page"
)

// crosswalkRoutes are the pages on which the same evidence is seen by other frameworks.
func (d door) crosswalkRoutes() []page.Route {
	return []page.Route{
		{Pattern: "GET /cockpit/crosswalk", For: page.Provider, Serve: d.frameworks},
		{Pattern: "GET /cockpit/crosswalk/{framework}", For: page.Provider, Serve: d.framework},
		{Pattern: "GET /cockpit/crosswalk/{framework}/{item}", For: page.Provider, Serve: d.item},
		{Pattern: "GET /cockpit/crosswalk/records/{ref}", For: page.Provider, Serve: d.serves},
	}
}

// seen are how much of an item is shown, as shape, colour and word.
var seen = map[crosswalk.Seen]seal{
	crosswalk.Supported: {"done", "green", "Supported"}, crosswalk.InPart: {"half", "amber", "In part"}, crosswalk.Unsupported: {"q", "grey", "Not supported"},
	crosswalk.GroupOnly: {"empty", "grey", "Only as a group"}, crosswalk.NotCovered: {"empty", "grey", "Not covered"},
}

type seenCount struct {
	seal
	N int
}

type frameworkRow struct {
	Title, Href, What string
	Totals            crosswalk.Totals
	Counts            []seenCount
}

type frameworksView struct {
	About string
	At    time.Time
	AsOf  string
	Rows  []frameworkRow
	Other []otherRow
	Zone  *time.Location
}

// otherRow is a catalogue of controls that no mapping leads to.
type otherRow struct {
	Ref, Title, Href, Edition string
	Controls                  int
}

// others are the catalogues of others on record, as far as who is signed in sees them. They are not
// wound back: they are not evidence.
func others(p *page.Page) ([]otherRow, error) {
	q := p.Process(foreign.Process.Name)
	if q == nil {
		return nil, nil
	}
	l, err := p.Sys.List(p.Ctx(), p.Who, system.ListQuery{Process: q.Name, Filter: `state = "listed"`, Sort: "title", Limit: 50, Lines: true})
	if err != nil {
		return nil, err
	}
	var out []otherRow
	for _, r := range l.Records {
		k := r.(*foreign.Catalogue)
		out = append(out, otherRow{q.Ref(k.Num), string(k.Title), page.Path(q, r), string(k.Edition), len(k.Controls)})
	}
	return out, nil
}

func countsOf(t crosswalk.Totals) []seenCount {
	var out []seenCount
	for _, s := range crosswalk.AllSeen {
		out = append(out, seenCount{seen[s], t.Number(s)})
	}
	return out
}

func (d door) frameworks(p *page.Page) error {
	if ref := strings.TrimSpace(p.Query("record")); ref != "" {
		p.Redirect(with("/cockpit/crosswalk/records/"+url.PathEscape(ref), p.Query("as_of")))
		return nil
	}
	r, asOf, err := d.report(p)
	if err != nil {
		return err
	}
	x := crosswalk.BuiltIn()
	v := frameworksView{About: x.About, At: r.At, AsOf: asOf, Zone: p.Zone}
	for _, f := range x.Frameworks {
		pic := f.Picture(r)
		v.Rows = append(v.Rows, frameworkRow{f.Title, with("/cockpit/crosswalk/"+f.ID, asOf), f.Many, pic.Totals, countsOf(pic.Totals)})
	}
	if v.Other, err = others(p); err != nil {
		return err
	}
	return p.OK(p.Frame("Crosswalk", cockpitCrumb(asOf)), frameworksBody(v))
}

func cockpitCrumb(asOf string) look.Crumb {
	return look.Crumb{Label: "Cockpit", Href: with("/cockpit", asOf)}
}

func crosswalkCrumb(asOf string) look.Crumb {
	return look.Crumb{Label: "Crosswalk", Href: with("/cockpit/crosswalk", asOf)}
}

type linkRow struct{ Text, Title, Href string }

type xItem struct {
	Code, Topic, Href string
	seal
	Links    []linkRow
	Conforms int
	Of       int
	Share    int
	NotShown []string
}

type xGroup struct {
	Title string
	Items []xItem
}

type frameworkView struct {
	Path, Title, What, About string
	At                       time.Time
	AsOf                     string
	Totals                   crosswalk.Totals
	Counts                   []seenCount
	Groups                   []xGroup
	Limits                   []string
	Unmatched                []linkRow
	Zone                     *time.Location
}

// clauseLink leads to a clause of ISO/IEC 20000-1; text is how the link is written.
func (d door) clauseLink(clause, text, asOf string) linkRow {
	l := linkRow{Text: text, Href: with("/cockpit/clauses/"+clause, asOf)}
	if c, ok := d.e.Catalogue().Clause(clause); ok {
		l.Title = c.Title
	}
	return l
}

func (d door) itemOf(f *crosswalk.Framework, i crosswalk.ItemView, asOf string) xItem {
	x := xItem{Code: i.Code, Topic: i.Topic, Href: with("/cockpit/crosswalk/"+f.ID+"/"+url.PathEscape(i.Of.Path()), asOf), seal: seen[i.Seen],
		Conforms: i.Conforms, Of: i.Requirements, Share: i.Share, NotShown: i.NotShown}
	for _, l := range i.Links {
		x.Links = append(x.Links, d.clauseLink(l.Clause, l.Text(), asOf))
	}
	return x
}

// picture is the framework of the address as of the day in it.
func (d door) picture(p *page.Page) (*crosswalk.Picture, string, error) {
	if err := conformity.May(p.Who); err != nil {
		return nil, "", err
	}
	f, err := crosswalk.BuiltIn().Framework(p.R.PathValue("framework"))
	if err != nil {
		return nil, "", err
	}
	r, asOf, err := d.report(p)
	if err != nil {
		return nil, "", err
	}
	return f.Picture(r), asOf, nil
}

func (d door) framework(p *page.Page) error {
	pic, asOf, err := d.picture(p)
	if err != nil {
		return err
	}
	f := pic.Framework
	v := frameworkView{Path: "/cockpit/crosswalk/" + f.ID, Title: f.Title, What: f.Many, About: crosswalk.BuiltIn().About, At: pic.At, AsOf: asOf, Totals: pic.Totals, Counts: countsOf(pic.Totals), Limits: f.Limits, Zone: p.Zone}
	for _, i := range pic.Items {
		if n := len(v.Groups); n == 0 || v.Groups[n-1].Title != i.Group {
			v.Groups = append(v.Groups, xGroup{Title: i.Group})
		}
		g := &v.Groups[len(v.Groups)-1]
		g.Items = append(g.Items, d.itemOf(f, i, asOf))
	}
	for _, c := range f.Unmatched {
		v.Unmatched = append(v.Unmatched, d.clauseLink(c, c, asOf))
	}
	return p.OK(p.Frame(f.Title, cockpitCrumb(asOf), crosswalkCrumb(asOf)), frameworkBody(v))
}

type xRecord struct {
	memberRow
	Serves string
}

type itemView struct {
	xItem
	Path, Framework string
	AsOf            string
	Part            int // requirements that come by partial links
	Rows            []itemRow
	Evidence        []xRecord
	More            int // records of evidence that are not named
	Limits          []string
}

// evidenceShown bounds what a page names; each requirement's own page has more.
const evidenceShown = 60

func (d door) item(p *page.Page) error {
	pic, asOf, err := d.picture(p)
	if err != nil {
		return err
	}
	f := pic.Framework
	it, err := f.Item(p.R.PathValue("item"))
	if err != nil {
		return err
	}
	n := slices.IndexFunc(pic.Items, func(i crosswalk.ItemView) bool { return i.Of == it })
	x := pic.Items[n]
	v := itemView{xItem: d.itemOf(f, x, asOf), Path: "/cockpit/crosswalk/" + f.ID + "/" + url.PathEscape(it.Path()), Framework: f.Title, AsOf: asOf, Limits: f.Limits}
	var all []catalogue.Evidence
	had := map[record.ID]bool{}
	for _, duty := range x.Duties {
		row := rowOf(*duty.Item, asOf)
		if duty.Part {
			v.Part++
		}
		v.Rows = append(v.Rows, row)
		for _, e := range duty.Item.Evidence {
			if !had[e.ID] {
				had[e.ID] = true
				all = append(all, e)
			}
		}
	}
	slices.SortFunc(all, func(a, b catalogue.Evidence) int {
		return cmp.Or(cmp.Compare(a.Process, b.Process), b.At.Compare(a.At))
	})
	ids := make([]record.ID, len(all))
	for i, e := range all {
		ids[i] = e.ID
	}
	names, err := p.Names(ids)
	if err != nil {
		return err
	}
	for _, e := range all {
		dir := names[e.ID]
		switch {
		case dir == nil: // not to be known of
		case len(v.Evidence) == evidenceShown:
			v.More++
		default:
			v.Evidence = append(v.Evidence, xRecord{memberRow{Ref: e.Ref, Title: string(dir.Title), Href: p.Address(dir)}, with("/cockpit/crosswalk/records/"+e.Ref, asOf)})
		}
	}
	return p.OK(p.Frame(it.Code, cockpitCrumb(asOf), crosswalkCrumb(asOf), look.Crumb{Label: f.Title, Href: with("/cockpit/crosswalk/"+f.ID, asOf)}), itemBody(v))
}

type servedRow struct {
	Code, Topic, Href string
	Part              bool
	Verdicts          []linkRow
}

type serviceGroup struct {
	Title string
	Items []servedRow
}

type servesView struct {
	Ref, Title, Href, Path, AsOf, About string
	Groups                              []serviceGroup
	Bears                               []itemRow
	Items, Frameworks                   int
}

func (d door) serves(p *page.Page) error {
	if err := conformity.May(p.Who); err != nil {
		return err
	}
	ref, asOf := p.R.PathValue("ref"), p.Query("as_of")
	q, _, ok := p.Sys.Registry.ParseRef(ref)
	if !ok {
		return fault.New(fault.NotFound, "There is no record %s: write a reference such as DOC-7.", ref)
	}
	at, err := d.e.Instant(asOf)
	if err != nil {
		return err
	}
	res, err := p.Sys.Get(p.Ctx(), p.Who, q.Name, ref)
	if err != nil {
		return err
	}
	bears, err := d.e.Bears(p.Ctx(), p.Who, q.Name, ref, at)
	if err != nil {
		return err
	}
	x := crosswalk.BuiltIn()
	v := servesView{Ref: res.Ref(), Title: string(res.Record.Head().Title), Href: page.Path(q, res.Record), Path: "/cockpit/crosswalk/records/" + res.Ref(), AsOf: asOf, About: x.About}
	for _, b := range bears {
		v.Bears = append(v.Bears, itemRow{ID: b.Requirement.ID, Needs: b.Requirement.Needs, Reason: b.Reason, Href: with("/cockpit/requirements/"+b.Requirement.ID, asOf), seal: seals[b.State]})
	}
	for _, s := range x.Serves(bears) {
		g := serviceGroup{Title: s.Title}
		for _, i := range s.Items {
			row := servedRow{i.Code, i.Topic, with("/cockpit/crosswalk/"+s.Framework+"/"+url.PathEscape(i.Of.Path()), asOf), i.Part, nil}
			for _, o := range i.Verdicts {
				row.Verdicts = append(row.Verdicts, linkRow{o.Requirement, seals[o.State].Word, with("/cockpit/requirements/"+o.Requirement, asOf)})
			}
			g.Items = append(g.Items, row)
		}
		if len(g.Items) > 0 {
			v.Frameworks++
			v.Items += len(g.Items)
			v.Groups = append(v.Groups, g)
		}
	}
	return p.OK(p.Frame(v.Ref+" in the crosswalk", cockpitCrumb(asOf), crosswalkCrumb(asOf)), servesBody(v))
}

// many is a number of things in words.
func many(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// seenHeads are the words above the numbers, in their order.
func seenHeads() []string {
	var out []string
	for _, s := range crosswalk.AllSeen {
		out = append(out, seen[s].Word)
	}
	return out
}
