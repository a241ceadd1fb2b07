package cockpit

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"steward/exchange/table"
	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// Who looked at what: what an auditor saw can be shown, and who opened which document.

// looksShown is how many a page holds.
const looksShown = 100

type lookRow struct {
	At                                 time.Time
	Who, What, Ref, Title, Href, Asked string
	Door, Origin, Answer               string
}

type looksView struct {
	Rows                  []lookRow
	Who, Record, From, To string // as they were asked for
	All                   bool   // everybody's, and not only the reader's own
	Older, File           string // addresses
	Now                   time.Time
	Zone                  *time.Location
}

// looksQuery reads what is asked for from the address.
func looksQuery(p *page.Page) (system.LookQuery, error) {
	q := system.LookQuery{Limit: looksShown}
	refuse := func(field, mend string) error {
		return fault.Refuse(lifecycle.Refusal{Field: field, Reason: "unknown_reference", Mend: mend})
	}
	var err error
	if who := p.Query("who"); who != "" {
		if q.Principal, err = p.Sys.Lookup(p.Ctx(), p.Who, "user", who); err != nil {
			return q, err
		} else if q.Principal.IsZero() {
			return q, refuse("who", "give the sign-in name or ref of a user")
		}
	}
	if ref := p.Query("record"); ref != "" {
		if q.Record, err = p.Sys.Lookup(p.Ctx(), p.Who, "*", ref); err != nil {
			return q, err
		} else if q.Record.IsZero() {
			return q, refuse("record", "give a ref such as DOC-12")
		}
	}
	for _, x := range []struct {
		name string
		days int
		into *time.Time
	}{{"from", 0, &q.From}, {"to", 1, &q.To}} {
		if v := p.Query(x.name); v != "" {
			d, err := time.ParseInLocation(time.DateOnly, v, p.Zone)
			if err != nil {
				return q, fault.Refuse(lifecycle.Refusal{Field: x.name, Reason: "wrong_type", Mend: "give a day such as 2026-03-31"})
			}
			*x.into = d.AddDate(0, 0, x.days)
		}
	}
	if v := p.Query("before"); v != "" {
		if q.Before, err = record.ParseID(v); err != nil {
			return q, fault.New(fault.BadRequest, "There is no such page of this list.")
		}
	}
	return q, nil
}

func (d door) looks(p *page.Page) error {
	q, err := looksQuery(p)
	if err != nil {
		return err
	}
	rows, err := p.Sys.Looks(p.Ctx(), p.Who, q)
	if err != nil {
		return err
	}
	v := looksView{Who: p.Query("who"), Record: p.Query("record"), From: p.Query("from"), To: p.Query("to"), All: system.SeesLooks(p.Who), Now: p.Now, Zone: p.Zone}
	if v.Rows, err = lookRows(p, rows); err != nil {
		return err
	}
	asked := url.Values{}
	for _, name := range []string{"who", "record", "from", "to"} {
		if x := p.Query(name); x != "" {
			asked.Set(name, x)
		}
	}
	v.File = "/cockpit/looks.csv?" + asked.Encode()
	if len(rows) == looksShown {
		asked.Set("before", rows[len(rows)-1].ID.String())
		v.Older = "/cockpit/looks?" + asked.Encode()
	}
	return p.OK(p.Frame("Who looked at what", look.Crumb{Label: "Cockpit", Href: "/cockpit"}), looksBody(v))
}

func lookRows(p *page.Page, rows []*storage.Look) ([]lookRow, error) {
	var ids []record.ID
	for _, l := range rows {
		ids = append(ids, l.Principal, l.Record)
	}
	names, err := p.Names(ids)
	if err != nil {
		return nil, err
	}
	var out []lookRow
	for _, l := range rows {
		x := lookRow{At: l.At.Time(), Who: names.Title(l.Principal), What: face.Human(string(l.What)), Asked: string(l.Asked), Door: string(l.Door), Origin: string(l.Origin), Answer: answers(int(l.Status))}
		if dir := names[l.Record]; dir != nil {
			x.Ref, x.Title, x.Href = p.Sys.Registry.Process(string(dir.Process)).Ref(dir.Num), string(dir.Title), p.Address(dir)
		}
		out = append(out, x)
	}
	return out, nil
}

// answers is a status in words.
func answers(status int) string {
	switch {
	case status == 0:
		return "Sent as a stream"
	case status < 400:
		return "Shown"
	case status == http.StatusForbidden || status == http.StatusNotFound:
		return "Refused"
	}
	return "Failed, " + strconv.Itoa(status)
}

// looksFile sends the same as CSV, page by page.
func (d door) looksFile(p *page.Page) error {
	q, err := looksQuery(p)
	if err != nil {
		return err
	}
	q.Limit = 500
	rows, err := p.Sys.Looks(p.Ctx(), p.Who, q) // what is wrong with it is told before anything is sent
	if err != nil {
		return err
	}
	h := p.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="looks-%s.csv"`, p.Now.In(p.Zone).Format(time.DateOnly)))
	out := table.NewCSVWriter(p.W, table.WriteOptions{Zone: p.Zone, BOM: true})
	if err := writeLooks(p, q, rows, out); err != nil {
		p.Site.Log.Error("export broke off", "of", "looks", "error", err)
		panic(http.ErrAbortHandler) // the reader must not take half a list for the whole
	}
	return nil
}

func writeLooks(p *page.Page, q system.LookQuery, rows []*storage.Look, out table.Writer) error {
	if err := out.Header("At", "Who", "What", "Record", "Title", "Asked", "Door", "Origin", "Answer"); err != nil {
		return err
	}
	for len(rows) > 0 {
		shown, err := lookRows(p, rows)
		if err != nil {
			return err
		}
		for _, x := range shown {
			if err := out.Write(table.Instant(x.At), table.Text(x.Who), table.Text(x.What), table.Text(x.Ref), table.Text(x.Title), table.Text(x.Asked),
				table.Text(x.Door), table.Text(x.Origin), table.Text(x.Answer)); err != nil {
				return err
			}
		}
		q.Before = rows[len(rows)-1].ID
		if rows, err = p.Sys.Looks(p.Ctx(), p.Who, q); err != nil {
			return err
		}
	}
	return out.Close()
}
