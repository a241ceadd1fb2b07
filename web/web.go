// Package web is the door for people: workspace, portal, cockpit and status page, as HTML that the
// server writes and script only quickens.
//
// In: requests of browsers; see web/page. Out: pages made of web/look and web/face.
//
// Start at [New], which is the table of contents.
package web

import (
	"log/slog"
	"net/http"

	"steward/kernel/system"
	"steward/sms/conformity"
	"steward/sms/conformity/pack"
	"steward/web/account"
	"steward/web/cockpit"
	"steward/web/desk"
	"steward/web/look"
	"steward/web/page"
	"steward/web/portal"
	"steward/web/start"
	"steward/web/style"
	"steward/web/work"
)

// Door is all pages.
type Door struct {
	http.Handler
	Site *page.Site
}

// Options of the door.
type Options struct {
	Log     *slog.Logger
	Version string
	Engine  *conformity.Engine // decides what the cockpit shows
	Packs   *pack.Press        // makes audit packs; nil: none are offered
}

// New is the door for people over sys.
func New(sys *system.System, opt Options) *Door {
	s := page.NewSite(sys, opt.Log, opt.Version)
	s.ShowErrors(showError)
	s.AskAgain(account.AskAgain)
	s.Add(account.Routes()...)
	s.Add(start.Routes(opt.Engine)...)
	s.Add(desk.Routes(s)...)
	s.Add(cockpit.Routes(opt.Engine, opt.Packs)...)
	s.Add(style.Routes()...)
	s.Add(portal.Routes()...)
	s.Add(work.Routes(s)...)
	return &Door{s.Handler(), s}
}

func showError(p *page.Page, status int, title, text string) error {
	if p.Part() {
		return p.Show(status, look.Problem(title+". "+text))
	}
	f := p.Frame(title)
	if p.Who != nil && !p.Who.Customer.IsZero() {
		f.Kind = "bare"
	}
	return p.Work(status, f, look.Failed(title, text, p.Who != nil))
}
