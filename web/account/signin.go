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
)

// Routes of the package.
func Routes() []page.Route {
	return []page.Route{
		{Pattern: "GET /signin", Serve: askSignIn},
		{Pattern: "POST /signin", Serve: signIn},
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
	return showSignIn(p, http.StatusOK, "", "")
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

func showSignIn(p *page.Page, status int, name, problem string) error {
	f := look.Frame{Title: "Sign in", Lang: p.Lang, Kind: "bare", Density: "comfortable"}
	return p.Work(status, f, signInForm(p.Query("next"), name, problem, p.Site.Offered()))
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
		return showSignIn(p, http.StatusTooManyRequests, name, fmt.Sprintf("Too many wrong tries. Wait %d s before the next.", n))
	}
	who, err := p.Sys.CheckPassword(p.Ctx(), name, form.Get("password"))
	if fault.Is(err, fault.Unauthorised) {
		p.Site.Throttle.Fail(name, p.R.RemoteAddr)
		return showSignIn(p, http.StatusUnprocessableEntity, name, "User name or password is wrong.")
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
