package pack

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"steward/exchange/table"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/evaluation/measurement"
)

//go:embed pack.css
var ownStyle []byte

// page is what all pages have in common. Up leads to the top of the pack.
type page struct {
	Title, Up string
	About     *About
	Period    string
}

func (b *builder) page(title, up string) page {
	return page{title, up, &b.about, b.day(b.about.From) + " to " + b.day(b.about.To)}
}

// rowsShown is how many rows of a register its page shows; its files have all of them.
const rowsShown = 500

// registerRow is a row of a register's page.
type registerRow struct {
	Ref, Title, Href, State, Owner, Created, Touched string
	Drawn                                            bool
}

// registerView is a register's page.
type registerView struct {
	page
	RegisterAbout
	Name, Base string
	Rows       []registerRow
	All        bool // every record is shown
}

// registers writes each register as JSON, as CSV and as a page.
func (b *builder) registers(ctx context.Context) error {
	for _, s := range b.spools {
		if s.Population == 0 {
			continue
		}
		if err := b.register(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.p.Name, err)
		}
	}
	return nil
}

// rows reads the register in batches, with the names of what the rows point at.
func (b *builder) rows(ctx context.Context, s *spool, each func([]*Row, map[record.ID]named) error) error {
	var batch []*Row
	flush := func() error {
		var ids []record.ID
		for _, r := range batch {
			for _, f := range s.columns {
				ids = refs(ids, f, r.Fields[f.Name])
			}
		}
		names, err := b.sees(ctx, ids)
		if err != nil {
			return err
		}
		err = each(batch, names)
		batch = batch[:0]
		return err
	}
	err := s.each(func(r *Row) error {
		id, err := record.ParseID(r.ID)
		if err != nil {
			return err
		}
		r.Drawn, r.Page = s.drawn[id], b.included[id] != nil
		if batch = append(batch, r); len(batch) < populationBatch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

func (b *builder) register(ctx context.Context, s *spool) error {
	base := "registers/" + s.p.Name
	err := b.a.file(base+".json", func(w io.Writer) error {
		out, first := bufio.NewWriter(w), true
		err := b.rows(ctx, s, func(rows []*Row, _ map[record.ID]named) error {
			for _, r := range rows {
				line, err := json.Marshal(r)
				if err != nil {
					return err
				}
				lead := ",\n"
				if first {
					lead, first = "[\n", false
				}
				_, _ = out.WriteString(lead) // a bufio.Writer keeps its first error for Flush
				_, _ = out.Write(line)
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, _ = out.WriteString("\n]\n")
		return out.Flush()
	})
	if err != nil {
		return err
	}
	if err := b.a.file(base+".csv", func(w io.Writer) error { return b.table(ctx, s, w) }); err != nil {
		return err
	}
	v := registerView{page: b.page(words(s.p.Resource), "../"), RegisterAbout: s.RegisterAbout, Name: title(strings.ReplaceAll(s.p.Resource, "-", " ")), Base: s.p.Name, All: s.Population <= rowsShown}
	err = b.rows(ctx, s, func(rows []*Row, names map[record.ID]named) error {
		for _, r := range rows {
			if !v.All && !r.Page || len(v.Rows) == 2*rowsShown {
				continue
			}
			text := func(name string) string { return b.text(s.p.Shape.Field(name), r.Fields[name], names, "../").Text }
			x := registerRow{Ref: r.Ref, Title: text("title"), State: text("state"), Owner: cmp.Or(text("owner"), text("assignee"), text("team")), Created: text("created_at"), Drawn: r.Drawn, Touched: "no"}
			if r.Touched {
				x.Touched = "yes"
			}
			if r.Page {
				x.Href = "../" + pathOf(s.p.Name, r.Ref) + ".html"
			}
			v.Rows = append(v.Rows, x)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.a.file(base+".html", func(w io.Writer) error { return registerPage(v).Render(ctx, w) })
}

// table writes a register as CSV: one column a field, references by ref.
func (b *builder) table(ctx context.Context, s *spool, w io.Writer) error {
	out := table.NewCSVWriter(w, table.WriteOptions{Zone: time.UTC})
	head := []string{"ref", "id", "touched", "drawn"}
	for _, f := range s.columns {
		head = append(head, f.Name)
	}
	if err := out.Header(head...); err != nil {
		return err
	}
	err := b.rows(ctx, s, func(rows []*Row, names map[record.ID]named) error {
		for _, r := range rows {
			cells := []table.Cell{table.Text(r.Ref), table.Text(r.ID), table.Bool(r.Touched), table.Bool(r.Drawn)}
			for _, f := range s.columns {
				cells = append(cells, cell(f, r.Fields[f.Name], names))
			}
			if err := out.Write(cells...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return out.Close()
}

func cell(f *record.Field, raw json.RawMessage, names map[record.ID]named) table.Cell {
	if len(raw) == 0 {
		return table.Cell{}
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return table.Text(string(raw))
	}
	switch f.Kind {
	case record.KRef:
		if id, err := record.ParseID(s); err == nil && names[id].Ref != "" {
			return table.Text(names[id].Ref)
		}
	case record.KInstant:
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return table.Instant(t)
		}
	case record.KDecimal:
		return table.Decimal(s)
	}
	return table.Text(s)
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// member is a record that fails a requirement, or one that it rests on.
type member struct {
	value
	Reason, Next, Since string
	seal
}

// requirementView is one requirement on its clause's page.
type requirementView struct {
	conformity.View
	seal
	Req                       *catalogue.Requirement
	SinceText, Span, Interval string
	Members                   []member
	More                      int // failing members that are not named
	Rests                     []member
	Hidden                    int // evidence that the builder may not know of
	Href                      string
}

// clauseView is the page of a clause.
type clauseView struct {
	page
	Number, Name string
	Items        []requirementView
}

func (b *builder) requirement(ctx context.Context, i int, up string) (requirementView, error) {
	it, v := &b.report.Items[i], b.views[i]
	x := requirementView{View: v, seal: seals[it.State], Req: it.Requirement, Href: "clauses/" + it.Requirement.Clause + ".html#r" + it.Requirement.ID, SinceText: "as far back as is known"}
	if v.Since != nil {
		x.SinceText = "since " + b.day(*v.Since)
	}
	if v.Oldest != nil && v.Newest != nil {
		x.Span = b.day(*v.Oldest) + " to " + b.day(*v.Newest)
	}
	if !v.Interval.IsZero() {
		if x.Interval = v.Interval.Words(); v.IntervalBy != "" {
			x.Interval += ", set by " + v.IntervalBy
		}
	}
	failing, err := b.engine.Failing(ctx, b.o.By, it, failingShown)
	if err != nil {
		return x, err
	}
	ids := make([]record.ID, 0, len(failing)+len(v.Evidence))
	for _, m := range failing {
		if m.ID != nil {
			ids = append(ids, *m.ID)
		}
	}
	for _, e := range v.Evidence {
		ids = append(ids, e.ID)
	}
	names, err := b.sees(ctx, ids)
	if err != nil {
		return x, err
	}
	for _, m := range failing {
		row := member{value: value{Text: m.Ref}, Reason: m.Reason, Next: m.NextStep, seal: seals[m.State]}
		if m.ID != nil {
			if _, ok := names[*m.ID]; ok {
				row.value = b.nameOf(*m.ID, names, up)
			}
		}
		if m.Since != nil {
			row.Since = b.day(*m.Since)
		}
		x.Members = append(x.Members, row)
	}
	x.More = v.Failing - len(x.Members)
	for _, e := range v.Evidence {
		row := member{value: value{Text: e.Ref}}
		if _, ok := names[e.ID]; ok {
			row.value = b.nameOf(e.ID, names, up)
		}
		x.Rests = append(x.Rests, row)
	}
	x.Hidden = len(it.Evidence) - len(v.Evidence)
	return x, nil
}

// clauses writes a page for each clause with requirements, and the states as a file.
func (b *builder) clauses(ctx context.Context) error {
	for _, number := range b.engine.Catalogue().Leaves() {
		c, ok := b.engine.Catalogue().Clause(number)
		if !ok {
			continue
		}
		v := clauseView{page: b.page(number+" "+c.Title, "../"), Number: number, Name: c.Title}
		for i := range b.report.Items {
			if b.report.Items[i].Requirement.Clause != number {
				continue
			}
			x, err := b.requirement(ctx, i, "../")
			if err != nil {
				return err
			}
			v.Items = append(v.Items, x)
		}
		if err := b.a.file("clauses/"+number+".html", func(w io.Writer) error { return clausePage(v).Render(ctx, w) }); err != nil {
			return err
		}
	}
	type full struct {
		conformity.View
		Needs string `json:"needs"`
	}
	var out struct {
		At    time.Time `json:"at"`
		Items []full    `json:"items"`
	}
	out.At = b.report.At.UTC()
	for i, v := range b.views {
		out.Items = append(out.Items, full{v, b.report.Items[i].Requirement.Needs})
	}
	return b.a.json(stateName, out)
}

// documentsView is the page of documents.
type documentsView struct {
	page
	Groups []documentGroup
}

type documentGroup struct {
	Process, Name      string
	InForce, Overtaken []documentRow
}

// documents puts the versions that were in force in the period in order.
func (b *builder) documents(ctx context.Context) error {
	v := documentsView{page: b.page("Documents", "")}
	for _, p := range b.sys.Registry.All {
		g := documentGroup{Process: p.Name, Name: title(strings.ReplaceAll(p.Resource, "-", " "))}
		for _, d := range b.docs {
			switch {
			case d.Process != p.Name:
			case d.InForce:
				g.InForce = append(g.InForce, d)
			default:
				g.Overtaken = append(g.Overtaken, d)
			}
		}
		if len(g.InForce)+len(g.Overtaken) > 0 {
			v.Groups = append(v.Groups, g)
		}
	}
	return b.a.file("documents.html", func(w io.Writer) error { return documentsPage(v, b).Render(ctx, w) })
}

// measurementsView is the page of measurements.
type measurementsView struct {
	page
	Charts []chart
}

// measurements draws the readings of the period, metric by metric.
func (b *builder) measurements(ctx context.Context) error {
	metrics, readings := b.sys.Registry.Process(measurement.Metrics.Name), b.sys.Registry.Process(measurement.Readings.Name)
	if metrics == nil || readings == nil || !b.takes(metrics) || !b.takes(readings) {
		return b.drawn(ctx)
	}
	by := map[record.ID]*chart{}
	var order []record.ID
	for _, want := range []string{metrics.Name, readings.Name} {
		var batch []record.Record
		err := b.sys.Each(ctx, b.sys.Self(), system.ListQuery{Process: want, Sort: "id", AsOf: b.o.To}, func(r record.Record, _ *record.Version) error {
			batch = append(batch, r)
			return nil
		})
		if err != nil {
			return err
		}
		ids := make([]record.ID, len(batch))
		for i, r := range batch {
			ids[i] = r.Head().ID
		}
		seen, err := b.visible(ctx, ids)
		if err != nil {
			return err
		}
		for _, r := range batch {
			if !seen[r.Head().ID] {
				continue
			}
			switch x := r.(type) {
			case *measurement.Metric:
				c := &chart{Ref: metrics.Ref(x.Num), Name: string(x.Title), Unit: string(x.Unit), Formula: string(x.Formula), Better: string(x.Better), id: x.ID}
				if x.Target.Set {
					c.Target = &point{Value: float64(x.Target.E6) / 1e6, Text: x.Target.String()}
				}
				by[x.ID] = c
				order = append(order, x.ID)
			case *measurement.Reading:
				c := by[x.Metric]
				to := x.PeriodTo.Time()
				if c == nil || x.State != "recorded" || !to.After(b.o.From) || to.After(b.o.To) {
					continue
				}
				c.Points = append(c.Points, point{At: to, Value: float64(x.Value.E6) / 1e6, Text: x.Value.String(), Met: string(x.Met), Source: string(x.Source), Ref: readings.Ref(x.Num), id: x.ID, Period: b.day(x.PeriodFrom.Time()) + " to " + b.day(to)})
			}
		}
	}
	for _, id := range order {
		c := by[id]
		if len(c.Points) == 0 {
			continue
		}
		slices.SortStableFunc(c.Points, func(x, y point) int { return x.At.Compare(y.At) })
		if err := b.include(ctx, id); err != nil {
			return err
		}
		for _, p := range c.Points {
			if err := b.include(ctx, p.id); err != nil {
				return err
			}
		}
		c.draw()
		b.charts = append(b.charts, *c)
	}
	return b.drawn(ctx)
}

func (b *builder) drawn(ctx context.Context) error {
	v := measurementsView{page: b.page("Measurements", ""), Charts: b.charts}
	for i := range v.Charts {
		c := &v.Charts[i]
		if b.included[c.id] != nil {
			c.Href = pathOf(measurement.Metrics.Name, c.Ref) + ".html"
		}
		for j := range c.Points {
			if b.included[c.Points[j].id] != nil {
				c.Points[j].Href = pathOf(measurement.Readings.Name, c.Points[j].Ref) + ".html"
			}
		}
	}
	return b.a.file("measurements.html", func(w io.Writer) error { return measurementsPage(v).Render(ctx, w) })
}

// coverView is the first page.
type coverView struct {
	page
	Built, To string
	Counts    []stateCount
	Groups    []statementGroup
	Clauses   []clauseRow
	Registers []registerView
	Held, Of  int
	Logged    ledgerCounts
	Documents int
	Charts    int
	Checked   int // by checks in code
	Scope     []documentRow
}

type stateCount struct {
	seal
	N int
}

// statementGroup is the requirements of one state.
type statementGroup struct {
	seal
	State catalogue.State
	Items []requirementView
}

type clauseRow struct {
	Number, Name string
	Counts       []stateCount
	Of           int
}

// cover writes the first page, with the statement of conformity, and the pages about the pack itself.
func (b *builder) cover(ctx context.Context) error {
	v := coverView{page: b.page("Audit pack", ""), Built: b.when(b.about.Built), To: b.when(b.about.To), Logged: b.logged, Documents: len(b.docs), Charts: len(b.charts)}
	byState := map[catalogue.State]*statementGroup{}
	for _, s := range worst {
		byState[s] = &statementGroup{seal: seals[s], State: s}
	}
	byClause := map[string]map[catalogue.State]int{}
	for i := range b.report.Items {
		it := &b.report.Items[i]
		x, err := b.requirement(ctx, i, "")
		if err != nil {
			return err
		}
		byState[it.State].Items = append(byState[it.State].Items, x)
		if byClause[it.Requirement.Clause] == nil {
			byClause[it.Requirement.Clause] = map[catalogue.State]int{}
		}
		byClause[it.Requirement.Clause][it.State]++
		v.Of++
		if !it.State.Fails() {
			v.Held++
		}
		if it.Decided {
			v.Checked++
		}
	}
	for _, s := range worst {
		v.Counts = append(v.Counts, stateCount{seals[s], len(byState[s].Items)})
		if len(byState[s].Items) > 0 && s != catalogue.Conforms && s != catalogue.Vacuous {
			v.Groups = append(v.Groups, *byState[s])
		}
	}
	for _, number := range b.engine.Catalogue().Leaves() {
		c, ok := b.engine.Catalogue().Clause(number)
		if !ok {
			continue
		}
		row := clauseRow{Number: number, Name: c.Title}
		for _, s := range worst {
			if n := byClause[number][s]; n > 0 {
				row.Counts = append(row.Counts, stateCount{seals[s], n})
				row.Of += n
			}
		}
		v.Clauses = append(v.Clauses, row)
	}
	for _, s := range b.spools {
		if s.Population > 0 {
			v.Registers = append(v.Registers, registerView{RegisterAbout: s.RegisterAbout, Name: title(strings.ReplaceAll(s.p.Resource, "-", " ")), Base: s.p.Name})
		}
	}
	var err error
	if v.Scope, err = b.scope(ctx); err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		body func(io.Writer) error
	}{
		{"index.html", func(w io.Writer) error { return coverPage(v).Render(ctx, w) }},
		{"registers.html", func(w io.Writer) error { return registersPage(v).Render(ctx, w) }},
		{"proofs.html", func(w io.Writer) error { return proofsPage(v).Render(ctx, w) }},
		{"style.css", func(w io.Writer) error {
			_, err := w.Write(bytes.Join([][]byte{b.o.Style, ownStyle}, []byte("\n")))
			return err
		}},
	} {
		if err := b.a.file(p.name, p.body); err != nil {
			return err
		}
	}
	return nil
}

// scope is the scope of the management system that was in force at the instant.
func (b *builder) scope(ctx context.Context) ([]documentRow, error) {
	var out []documentRow
	for _, d := range b.docs {
		if d.Process != "document" || !d.InForce {
			continue
		}
		es, err := b.sys.Store.Events(ctx, []storage.Cond{storage.Eq("record", &d.id)}, "t.n", 1)
		if err != nil {
			return nil, err
		}
		for _, e := range es {
			var x body
			if json.Unmarshal([]byte(e.Body), &x) == nil && string(x.Set["fulfils"][1]) == `"scope"` {
				out = append(out, d)
			}
		}
	}
	return out, nil
}
