package account

import (
	"encoding/json"
	"net/http"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/web/look"
	"steward/web/page"
)

// mePage is what one's own page shows.
type mePage struct {
	Name, Login, Email       string
	Language, Zone           string
	Scheme, Density          string
	Sessions                 []*storage.Session
	This                     record.ID
	Tokens                   []*storage.Token
	Fresh                    string // a token just made, shown once
	Errors                   map[string]string
	Done                     string
	Now                      time.Time
	At                       *time.Location
	Customer                 bool
	TokenName, TokenLifeDays string
}

func me(p *page.Page) error { return showMe(p, http.StatusOK, mePage{}) }

func showMe(p *page.Page, status int, v mePage) error {
	v.Name, v.Login, v.Email = string(p.Person.Title), string(p.Person.Name), string(p.Person.Email)
	v.Language, v.Zone = string(p.Person.Language), string(p.Person.Zone)
	v.Scheme, v.Density = p.Prefs[page.PrefScheme], p.Prefs[page.PrefDensity]
	v.Now, v.At, v.This, v.Customer = p.Now, p.Zone, p.Session.ID, !p.Who.Customer.IsZero()
	var err error
	if v.Sessions, err = p.Sys.Sessions(p.Ctx(), p.Who.ID); err != nil {
		return err
	}
	tokens, err := p.Sys.Tokens(p.Ctx(), p.Who.ID)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.RevokedAt == 0 && (t.ExpiresAt == 0 || t.ExpiresAt.Time().After(p.Now)) {
			v.Tokens = append(v.Tokens, t)
		}
	}
	if p.Query("done") == "1" && v.Done == "" {
		v.Done = "Saved."
	}
	f := p.Frame("Your account")
	if v.Customer {
		f = look.Frame{Title: "Your account", Lang: p.Lang, Kind: "bare", Scheme: f.Scheme, Density: "comfortable"}
	}
	return p.Work(status, f, meBody(v))
}

// savePreferences keeps how things are shown: a person's own matter, not a record's.
func savePreferences(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	errs := map[string]string{}
	zone := form.Get("zone")
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		errs["zone"] = "give an IANA name such as Europe/Berlin"
	}
	for name, allowed := range map[string][]string{page.PrefScheme: {"", "light", "dark"}, page.PrefDensity: {"compact", "comfortable"}} {
		if !contains(allowed, form.Get(name)) {
			errs[name] = "choose one of those offered"
		}
	}
	if l := form.Get("language"); l != "" && !contains(page.Languages, l) {
		errs["language"] = "choose one of those offered"
	}
	if len(errs) > 0 {
		return showMe(p, http.StatusUnprocessableEntity, mePage{Errors: errs})
	}
	for _, name := range []string{page.PrefScheme, page.PrefDensity} {
		if err := p.Sys.Prefer(p.Ctx(), p.Who, name, form.Get(name)); err != nil {
			return err
		}
	}
	// Language and zone stand on the account, where mails and others look for them. A person may
	// set them without the right to change accounts: Steward does it for them.
	set := map[string]json.RawMessage{"language": quoted(form.Get("language")), "zone": quoted(zone)}
	if string(p.Person.Language) != form.Get("language") || string(p.Person.Zone) != zone {
		_, err := p.Sys.Do(p.Ctx(), p.Sys.Self(), lifecycle.Command{Process: "user", Record: p.Who.ID, Verb: "update", Set: set, Door: "web", Reason: "set by the person"})
		if err != nil {
			return err
		}
	}
	p.Redirect("/me?done=1")
	return nil
}

func quoted(s string) json.RawMessage {
	if s == "" {
		return json.RawMessage("null")
	}
	b, _ := json.Marshal(s) // text
	return b
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// changePassword asks for the old one: an open browser is not yet its owner.
func changePassword(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	if ok, wait := p.Site.Throttle.Allow(p.Who.Name, p.R.RemoteAddr); !ok {
		return &fault.Error{Kind: fault.TooMany, Detail: "Too many wrong tries; wait before the next.", Retry: int(wait.Seconds()) + 1, Position: -1}
	}
	if _, err := p.Sys.CheckPassword(p.Ctx(), p.Who.Name, form.Get("old")); fault.Is(err, fault.Unauthorised) {
		p.Site.Throttle.Fail(p.Who.Name, p.R.RemoteAddr)
		return showMe(p, http.StatusUnprocessableEntity, mePage{Errors: map[string]string{"old": "that is not your password"}})
	} else if err != nil {
		return err
	}
	if form.Get("password") != form.Get("again") {
		return showMe(p, http.StatusUnprocessableEntity, mePage{Errors: map[string]string{"again": "type the same password twice"}})
	}
	if err := setPassword(p, p.Who.ID, form.Get("password")); err != nil {
		if errs, ok := page.Refusals(err); ok {
			return showMe(p, http.StatusUnprocessableEntity, mePage{Errors: errs})
		}
		return err
	}
	if err := p.Enter(p.Who.ID); err != nil { // a new password ended every session, this one too
		return err
	}
	p.Redirect("/me?done=1")
	return nil
}

func setPassword(p *page.Page, user record.ID, password string, keep ...storage.Statement) error {
	raw, err := json.Marshal(password)
	if err != nil {
		return fault.New(fault.BadRequest, "the password cannot be read")
	}
	_, err = p.Sys.Do(p.Ctx(), p.Sys.Self(), lifecycle.Command{Process: "user", Record: user, Verb: "password", Door: "web", Set: map[string]json.RawMessage{"password": raw}}, keep...)
	return err
}

func endSession(p *page.Page) error {
	id, err := record.ParseID(p.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such session.")
	}
	if err := p.Sys.EndSession(p.Ctx(), id, p.Who.ID); err != nil {
		return err
	}
	if id == p.Session.ID {
		p.Redirect("/signin")
		return nil
	}
	p.Redirect("/me?done=1")
	return nil
}

func makeToken(p *page.Page) error {
	form, err := p.Form()
	if err != nil {
		return err
	}
	days := map[string]time.Duration{"7": 7, "30": 30, "90": 90, "365": 365}[form.Get("days")]
	if days == 0 || form.Get("token") == "" {
		return showMe(p, http.StatusUnprocessableEntity, mePage{Errors: map[string]string{"token": "say what it is for, and how long it holds"}, TokenName: form.Get("token")})
	}
	token, _, err := p.Sys.NewToken(p.Ctx(), p.Who.ID, form.Get("token"), nil, days*24*time.Hour)
	if err != nil {
		return err
	}
	return showMe(p, http.StatusOK, mePage{Fresh: token})
}

func revokeToken(p *page.Page) error {
	id, err := record.ParseID(p.R.PathValue("id"))
	if err != nil {
		return fault.New(fault.NotFound, "There is no such token.")
	}
	if err := p.Sys.RevokeToken(p.Ctx(), id, p.Who.ID); err != nil {
		return err
	}
	p.Redirect("/me?done=1")
	return nil
}
