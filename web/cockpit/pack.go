package cockpit

import (
	"net/http"
	"time"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/sms/conformity/pack"
	"steward/web/look"
	"steward/web/page"
)

// packView is the page that offers an audit pack.
type packView struct {
	From, To, Today string
}

// offers reports whether packs can be made here and the reader may take one.
func (d door) offers(p *page.Page) error {
	if d.press == nil {
		return fault.New(fault.NotFound, "There is no page at this address.")
	}
	return pack.May(p.Who)
}

func (d door) packPage(p *page.Page) error {
	if err := d.offers(p); err != nil {
		return err
	}
	today := p.Now.In(p.Sys.Zone())
	v := packView{From: string(record.Day(today.AddDate(-1, 0, 0))), To: string(record.Day(today)), Today: string(record.Day(today))}
	return p.OK(p.Frame("Audit pack", look.Crumb{Label: "Cockpit", Href: "/cockpit"}), packBody(v))
}

// makePack answers the pack itself. It is asked for by a form, so that no link and no other site sets
// the work off.
func (d door) makePack(p *page.Page) error {
	if err := d.offers(p); err != nil {
		return err
	}
	m, err := d.press.Make(p.Ctx(), p.Who, p.R.PostFormValue("from"), p.R.PostFormValue("to"), p.R.PostFormValue("seed"))
	if err != nil {
		return err
	}
	defer m.Close()
	h := p.W.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+m.Name+`"`)
	http.ServeContent(p.W, p.R, "", time.Time{}, m)
	return nil
}
