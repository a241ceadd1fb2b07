// Package account is how people come in and how they like it: signing in and out, invitations and
// new passwords by one-time addresses, where one is signed in, preferences.
//
// Start at [Routes].
// Always true: a wrong name and a wrong password look and cost the same; guessing slows the
// guesser and nobody else; a one-time address works once.
package account

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"

	"steward/kernel/fault"
	"steward/web/look"
	"steward/web/page"
	"steward/web/text"
)

// Routes of the package.
func Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /signin", Serve: askSignIn},
		{Pattern: "POST /signin", Limit: 4 << 20, Serve: signIn},
		{Pattern: "POST /signout", Serve: signOut},
		{Pattern: "GET /welcome", Serve: welcome},
		{Pattern: "POST /welcome", Serve: useOneTime},
		{Pattern: "GET /me", For: page.SignedIn, Serve: me},
		{Pattern: "POST /me/preferences", For: page.SignedIn, Serve: savePreferences},
		{Pattern: "POST /me/password", For: page.SignedIn, Serve: changePassword},
		{Pattern: "POST /me/sessions/{id}/end", For: page.SignedIn, Serve: endSession},
		{Pattern: "POST /me/tokens", For: page.Provider, Serve: makeToken},
		{Pattern: "POST /me/tokens/{id}/revoke", For: page.Provider, Serve: revokeToken},
		{Pattern: "GET /accounts", For: page.Provider, Serve: accounts},
		{Pattern: "POST /accounts/{ref}/invite", For: page.Provider, Serve: invite},
	}
}

func askSignIn(p *page.Page) error {
	if p.Who != nil {
		p.Redirect(home(p))
		return nil
	}
	return showSignIn(p, http.StatusOK, "", "", "")
}

func home(p *page.Page) string {
	if next := p.Query("next"); strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") {
		return next
	}
	if p.Who != nil && !p.Who.Customer.IsZero() {
		return "/portal"
	}
	return "/"
}

// AskAgain asks somebody to sign in whose session ended before a form was sent: what was typed goes
// along, and is shown once more afterwards.
func AskAgain(p *page.Page, h page.Held) error {
	return showSignIn(p, http.StatusUnauthorized, "", "", h.String())
}

func showSignIn(p *page.Page, status int, name, problem, held string) error {
	t := text.For(p.Lang, p.Zone)
	f := look.Frame{Title: t.Say("signin"), Lang: p.Lang, Kind: "bare", Density: "comfortable"}
	return p.Work(status, f, signInForm(t, p.Query("next"), name, problem, held, p.Site.Offered()))
}

func signIn(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	name := strings.TrimSpace(form.Get("name"))
	ok, wait := p.Site.Throttle.Allow(name, p.R.RemoteAddr)
	if !ok {
		n := max(1, int(math.Ceil(wait.Seconds())))
		p.W.Header().Set("Retry-After", fmt.Sprint(n))
		return showSignIn(p, http.StatusTooManyRequests, name, text.For(p.Lang, p.Zone).Say("signin.wait", n), form.Get("held"))
	}
	who, err := p.Sys.CheckPassword(p.Ctx(), name, form.Get("password"))
	if fault.Is(err, fault.Unauthorised) {
		p.Site.Throttle.Fail(name, p.R.RemoteAddr)
		return showSignIn(p, http.StatusUnprocessableEntity, name, text.For(p.Lang, p.Zone).Say("signin.wrong"), form.Get("held"))
	}
	if err != nil {
		return err
	}
	p.Site.Throttle.Succeed(name, p.R.RemoteAddr)
	if p.Who != nil { // whoever was signed in here is no longer
		if err := p.Leave(); err != nil {
			return err
		}
	}
	if err := p.Enter(who.ID); err != nil {
		return err
	}
	p.Who = who
	p.Site.Log.Info("signed in", "user", who.Name, "from", p.R.RemoteAddr)
	if h, ok := page.ParseHeld(form.Get("held")); ok {
		t := text.For(p.Lang, p.Zone)
		return p.OK(look.Frame{Title: t.Say("held.again"), Lang: p.Lang, Kind: "bare", Density: "comfortable"}, heldForm(t, h, home(p)))
	}
	p.Redirect(home(p))
	return nil
}

func signOut(p *page.Page) error {
	if err := p.Leave(); err != nil {
		return err
	}
	p.Redirect("/signin")
	return nil
}

// signInURL keeps where to go on to.
func signInURL(next string) string {
	if next == "" {
		return "/signin"
	}
	return "/signin?next=" + url.QueryEscape(next)
}

// heldLabel is the name of an input in words.
func heldLabel(name string) string { return strings.ReplaceAll(name, "_", " ") }
