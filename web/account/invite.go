package account

import (
	"net/http"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/people"
	"steward/kernel/record"
	"steward/kernel/system"
	"steward/web/face"
	"steward/web/look"
	"steward/web/page"
)

// account is one user as the page of sign-ins shows it.
type account struct {
	Ref, Name, Login, Customer, State string
	Active                            bool
}

type peoplePage struct {
	People              []account
	Address, For, Until string
}

func mayInvite(p *page.Page) error {
	if !p.Who.May("user", "update") {
		return fault.New(fault.Denied, "Only those who may change users may invite them.")
	}
	return nil
}

func accounts(p *page.Page) error {
	if err := mayInvite(p); err != nil {
		return err
	}
	return showAccounts(p, peoplePage{})
}

func showAccounts(p *page.Page, v peoplePage) error {
	all, err := p.Sys.Reader().All(p.Ctx(), "user")
	if err != nil {
		return err
	}
	customers, err := p.Sys.Reader().All(p.Ctx(), "customer")
	if err != nil {
		return err
	}
	names := map[any]string{}
	for _, c := range customers {
		names[c.Head().ID] = string(c.Head().Title)
	}
	q := p.Sys.Registry.Process("user")
	for _, r := range all {
		u := r.(*people.User)
		if u.Kind == "service" {
			continue
		}
		v.People = append(v.People, account{Ref: q.Ref(u.Num), Name: string(u.Title), Login: string(u.Name), Customer: names[u.Customer], State: face.Human(string(u.State)), Active: u.Active()})
	}
	return p.OK(p.Frame("Sign-in of users"), peopleBody(v))
}

// invite makes a one-time address, or signs a user out everywhere.
func invite(p *page.Page) error {
	if err := mayInvite(p); err != nil {
		return err
	}
	form, err := p.Form()
	if err != nil {
		return err
	}
	res, err := p.Sys.Get(p.Ctx(), p.Who, "user", p.R.PathValue("ref"))
	if err != nil {
		return err
	}
	u := res.Record.(*people.User)
	kind := form.Get("kind")
	switch kind {
	case "end":
		if err := p.Sys.EndSessions(p.Ctx(), u.ID); err != nil {
			return err
		}
		p.Redirect("/accounts")
		return nil
	case system.Invitation, system.Reset:
	default:
		return fault.New(fault.BadRequest, "There is no such thing to do.")
	}
	token, err := p.Sys.NewOneTime(p.Ctx(), p.Who, u.ID, kind)
	if err != nil {
		return err
	}
	life := system.InvitationLife
	if kind == system.Reset {
		life = system.ResetLife
	}
	return showAccounts(p, peoplePage{Address: p.Origin() + "/welcome?token=" + token, For: string(u.Title), Until: look.Exact(p.Now.Add(life), p.Zone)})
}

func welcome(p *page.Page) error {
	token := p.Query("token")
	x, err := p.Sys.OneTime(p.Ctx(), token)
	if fault.Is(err, fault.NotFound) {
		return showOneTime(p, http.StatusNotFound, oneTimeBody("", "", "", true, nil))
	}
	if err != nil {
		return err
	}
	u, err := p.Sys.Reader().Get(p.Ctx(), "user", x.User)
	if err != nil {
		return err
	}
	return showOneTime(p, http.StatusOK, oneTimeBody(token, string(u.Head().Title), loginOf(u), false, nil))
}

// loginOf is the name that a user signs in with: a browser keeps it with the password.
func loginOf(r record.Record) string {
	if u, ok := r.(*people.User); ok {
		return u.Login()
	}
	return ""
}

func showOneTime(p *page.Page, status int, body page.Component) error {
	return p.Work(status, look.Frame{Title: "Welcome", Lang: "en", Kind: "bare", Density: "comfortable"}, body)
}

// useOneTime sets the password and ends the address in one transaction, then signs in.
func useOneTime(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	token := form.Get("token")
	x, err := p.Sys.OneTime(p.Ctx(), token)
	if fault.Is(err, fault.NotFound) {
		return showOneTime(p, http.StatusNotFound, oneTimeBody("", "", "", true, nil))
	}
	if err != nil {
		return err
	}
	u, err := p.Sys.Reader().Get(p.Ctx(), "user", x.User)
	if err != nil {
		return err
	}
	name := string(u.Head().Title)
	if form.Get("password") != form.Get("again") {
		return showOneTime(p, http.StatusUnprocessableEntity, oneTimeBody(token, name, loginOf(u), false, []string{"The two entries differ: type the same password twice."}))
	}
	if err := setPassword(p, x.User, form.Get("password"), p.Sys.UseOneTime(x)); err != nil {
		errs, ok := page.Refusals(err)
		if !ok {
			return err
		}
		var all []string
		for _, m := range errs {
			all = append(all, strings.ToUpper(m[:1])+m[1:]+".")
		}
		return showOneTime(p, http.StatusUnprocessableEntity, oneTimeBody(token, name, loginOf(u), false, all))
	}
	if err := p.Enter(x.User); err != nil {
		return err
	}
	p.Redirect("/")
	return nil
}

// browser names what signed in, as far as it says so of itself.
func browser(agent string) string {
	for _, b := range []struct{ mark, name string }{{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}} {
		if strings.Contains(agent, b.mark) {
			for _, o := range []struct{ mark, name string }{{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"}} {
				if strings.Contains(agent, o.mark) {
					return b.name + " on " + o.name
				}
			}
			return b.name
		}
	}
	return "A program"
}
