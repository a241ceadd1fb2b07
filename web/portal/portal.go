// Package portal is the door for customers: plain words, no priority field, no term of the trade.
// They report what does not work, see where it stands, answer, say whether it is solved, and read
// how their services are and what was promised (ISO/IEC 20000-1:2018, 8.3.2, 8.3.3 and 8.6.1 show
// themselves here to those they are for).
//
// In: people of a customer. Out: incidents, comments, files, steps: ordinary commands.
//
// Start at [Routes]. home.go is the start, matter.go one matter, report.go the form, services.go the
// state of services and what was promised.
// Always true: every page works without script and in each of the languages; what is not the
// customer's, or is internal, is not there; what was typed survives a mistake.
package portal

import (
	"net/http"
	"strings"
	"time"

	"steward/kernel/fault"
	"steward/kernel/people"
	"steward/kernel/process"
	"steward/kernel/record"
	"steward/web/look"
	"steward/web/page"
	"steward/web/text"
)

// Routes of the portal.
func Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /portal", For: page.Customer, Serve: home},
		{Pattern: "GET /portal/search", For: page.Customer, Serve: search},
		{Pattern: "GET /portal/report", For: page.Customer, Serve: askReport},
		{Pattern: "POST /portal/report", For: page.Customer, Limit: 32 << 20, Serve: takeReport},
		{Pattern: "GET /portal/matters", For: page.Customer, Serve: matters},
		{Pattern: "GET /portal/matters/{ref}", For: page.Customer, Serve: matter},
		{Pattern: "POST /portal/matters/{ref}/answer", For: page.Customer, Limit: 32 << 20, Serve: answer},
		{Pattern: "POST /portal/matters/{ref}/{step}", For: page.Customer, Serve: decide},
		{Pattern: "GET /portal/matters/{ref}/files/{id}", For: page.Customer, Serve: sendFile},
		{Pattern: "GET /portal/promised", For: page.Customer, Serve: promised},
		{Pattern: "GET /status", Serve: status},
		{Pattern: "GET /status/feed.xml", Serve: feed},
		{Pattern: "GET /portal/accent/{colours}", Serve: accent},
		{Pattern: "POST /lang", Serve: chooseLanguage},
	}
}

// shell is what each portal page has around it.
type shell struct {
	p *page.Page
	T text.Reader
}

func begin(p *page.Page) shell { return shell{p, text.For(p.Lang, p.Zone)} }

func (s shell) frame(key string) look.Frame {
	p := s.p
	f := look.Frame{Title: s.T.Say(key), Lang: s.T.Lang, Kind: "portal", Scheme: p.Prefs[page.PrefScheme], Density: "comfortable", Words: s.T.Word, Path: p.R.URL.Path}
	item := func(key, href string) look.Item {
		return look.Item{Label: s.T.Say(key), Href: href, Current: p.R.URL.Path == href}
	}
	if p.Who == nil {
		f.Foot = []look.Item{item("status", "/status"), item("signin", "/signin")}
		f.Brand = s.author()
		return f
	}
	f.Name = string(p.Person.Title)
	if p.Who.Customer.IsZero() {
		f.Foot = []look.Item{item("status", "/status")}
		return f
	}
	f.Foot = []look.Item{item("home", "/portal"), item("report", "/portal/report"), item("matters", "/portal/matters"), item("status", "/status"), item("promised", "/portal/promised")}
	if r, err := p.Sys.Reader().Get(p.Ctx(), "customer", p.Who.Customer); err == nil && r != nil {
		c := r.(*people.Customer)
		f.Brand, f.Sheet = c.Brand(), accentURL(c)
		f.Notices = c.NoticesOn(record.Day(p.Now.In(p.Zone)), s.T.Lang)
	}
	return f
}

func (s shell) ok(key string, body page.Component) error {
	return s.p.Work(http.StatusOK, s.frame(key), body)
}

// incidents is the process of matters; it is always there for those who may report.
func incidents(p *page.Page) (*process.Process, error) {
	if q := p.Process("incident"); q != nil {
		return q, nil
	}
	return nil, fault.New(fault.NotFound, "There is no page at this address.")
}

// chooseLanguage keeps the language that somebody chose, on this browser.
func chooseLanguage(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	for _, l := range text.Languages {
		if l == form.Get("lang") {
			http.SetCookie(p.W, &http.Cookie{Name: "lang", Value: l, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: p.R.TLS != nil})
		}
	}
	to := form.Get("to")
	if !strings.HasPrefix(to, "/") {
		to = "/portal"
	}
	p.Redirect(to)
	return nil
}

// stage is one step of a matter's way.
type stage struct {
	Word, When string
	State      string // done, now or next
	Shape      string
	Tone       string
}

// stagesOf says in the customer's words where a matter stands, with the days that are known.
func (s shell) stagesOf(state, wait string, recorded, started, solved, ended, due time.Time) []stage {
	day := func(key string, t time.Time) string {
		if t.IsZero() || t.Unix() <= 0 {
			return ""
		}
		return s.T.Say(key, s.T.Moment(t))
	}
	if state == "cancelled" {
		return []stage{{s.T.Say("step.received"), s.T.Moment(recorded), "done", "done", "green"}, {s.T.Say("step.cancelled"), day("since", ended), "now", "slash", "grey"}}
	}
	out := []stage{{Word: s.T.Say("step.received"), When: s.T.Moment(recorded), State: "done"}}
	looking := stage{Word: s.T.Say("step.looking"), When: day("since", started)}
	switch {
	case state == "pending" && wait == "customer":
		looking.Word = s.T.Say("step.waiting")
	case state == "pending":
		looking.Word = s.T.Say("step.others")
	}
	done := stage{Word: s.T.Say("step.solved"), When: day("by", due)}
	closed := stage{Word: s.T.Say("step.closed")}
	switch state {
	case "new", "assigned":
		out[0].State = "now"
		looking.State, done.State, closed.State = "next", "next", "next"
		looking.When = ""
	case "in_progress", "pending":
		looking.State, done.State, closed.State = "now", "next", "next"
	case "resolved":
		looking.State, done.State, closed.State = "done", "now", "next"
		done.When = day("since", solved)
	case "closed":
		looking.State, done.State, closed.State = "done", "done", "now"
		done.When, closed.When = day("since", solved), day("since", ended)
	}
	out = append(out, looking, done, closed)
	for i := range out {
		switch out[i].State {
		case "done":
			out[i].Shape, out[i].Tone = "done", "green"
		case "now":
			out[i].Shape, out[i].Tone = "half", "blue"
		default:
			out[i].Shape, out[i].Tone = "ring", "grey"
		}
	}
	return out
}
