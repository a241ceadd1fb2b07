package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"steward/kernel/lifecycle"
)

func (w *world) password(name, pw string) {
	w.t.Helper()
	if _, err := w.sys.Do(context.Background(), w.sys.Self(), lifecycle.Command{Process: "user", Ref: name, Verb: "password", Set: values("password", pw), Door: "test"}); err != nil {
		w.t.Fatal(err)
	}
}

func TestSigningInByPasswordGivesATokenAndGuessingIsSlowedDown(t *testing.T) {
	onBoth(t, func(w *world) {
		w.password("ann", "correct horse battery")
		basic := func(name, pw string, body any) *got {
			return w.call("", "POST", "/tokens", body, "Authorization", "Basic "+base64of(name+":"+pw))
		}
		g := basic("ann", "correct horse battery", map[string]any{"name": "laptop", "expires_in": "PT1H", "scopes": []string{"incident:read"}}).is(201)
		g.want("name", "laptop").want("scopes", "[incident:read]")
		g.text("expires_at")
		w.tokens["laptop"] = g.text("token")
		w.call("laptop", "GET", "/incidents", nil).is(200)
		w.call("laptop", "POST", "/incidents", map[string]any{"title": "x"}).is(403)
		w.call("laptop", "POST", "/tokens", nil).is(403)
		w.call("laptop", "GET", "/services", nil).is(403)
		w.call("", "GET", "/incidents", nil, "Authorization", "Basic "+base64of("ann:correct horse battery")).is(401)
		one, two := basic("ann", "wrong", nil).is(401), basic("nobody", "wrong", nil).is(401)
		if one.Raw != two.Raw {
			t.Errorf("a wrong name reads differently: %s %s", one.Raw, two.Raw)
		}
		slowed := false
		for range 12 {
			g := basic("ann", "wrong", nil)
			if g.Status == 429 {
				slowed = true
				if g.Header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
			}
		}
		if !slowed {
			t.Error("guessing is not slowed down")
		}
		list := w.call("ann", "GET", "/tokens", nil).is(200)
		if strings.Contains(list.Raw, "stw_") || strings.Contains(list.Raw, `"hash"`) {
			t.Errorf("%s", list.Raw)
		}
		w.call("rita", "DELETE", "/tokens/"+g.text("id"), nil).is(404)
		w.call("ann", "DELETE", "/tokens/"+g.text("id"), nil).is(204)
		w.call("laptop", "GET", "/incidents", nil).is(401)
		w.call("ann", "POST", "/tokens", map[string]any{"scopes": []string{"nonsense"}}).is(422)
		w.call("ann", "POST", "/tokens", map[string]any{"expires_in": "soon"}).is(422)
		w.call("ann", "POST", "/tokens", map[string]any{"user": "adm"}).is(422)
		w.call("ann", "POST", "/tokens", map[string]any{"expires_at": "2001-01-01T00:00:00Z"}).is(422)
	})
}

func TestARoleTakenAwayIsGoneWithTheNextRequest(t *testing.T) {
	onBoth(t, func(w *world) {
		w.call("ann", "GET", "/incidents", nil).is(200)
		w.call("adm", "PATCH", "/users/ann", map[string]any{"roles": []any{map[string]any{"role": "approver"}}}, "If-Match", "*").is(200)
		w.call("ann", "POST", "/incidents", map[string]any{"title": "x"}).is(403)
		w.call("adm", "POST", "/users/ann/transitions/disable", nil).is(200)
		w.eventually("a disabled account is refused", func() bool { return w.call("ann", "GET", "/me", nil).Status == 401 })
	})
}

func TestMeSaysWhoCallsAndWhatTheyMayDo(t *testing.T) {
	onBoth(t, func(w *world) {
		g := w.call("rita", "GET", "/me", nil).is(200).want("name", "rita").want("roles", "[requester]")
		if g.at("customer") == nil || !strings.Contains(g.Raw, "incident:create") {
			t.Errorf("%s", g.Raw)
		}
		w.call("ann", "GET", "/me", nil).is(200).want("customer", nil)
	})
}

func TestAPasswordIsSetByItsOwnerAndToldToNobody(t *testing.T) {
	onBoth(t, func(w *world) {
		w.call("ann", "POST", "/users/ann/password", map[string]any{"password": "purple monkey dishwasher"}).is(204)
		w.call("ann", "POST", "/users/mia/password", map[string]any{"password": "purple monkey dishwasher"}).is(403)
		w.call("ann", "POST", "/users/ann/password", map[string]any{"password": "short"}).is(422)
		for _, p := range []string{"/users/ann", "/users/ann/history", "/users", "/events?limit=200"} {
			if g := w.call("adm", "GET", p, nil).is(200); strings.Contains(g.Raw, "dishwasher") || strings.Contains(g.Raw, "argon2") {
				t.Errorf("%s tells the password", p)
			}
		}
	})
}

func TestAnExpiredTokenIsNoToken(t *testing.T) {
	onBoth(t, func(w *world) {
		g := w.call("ann", "POST", "/tokens", map[string]any{"expires_at": w.sys.Now().Add(1500 * time.Millisecond).Format(time.RFC3339Nano)}).is(201)
		w.tokens["brief"] = g.text("token")
		w.call("brief", "GET", "/me", nil).is(200)
		w.eventually("it expires", func() bool { return w.call("brief", "GET", "/me", nil).Status == 401 })
		w.tokens["bad"] = "stw_nonsense"
		if c := w.call("bad", "GET", "/me", nil).is(401).Header.Get("WWW-Authenticate"); !strings.Contains(c, "invalid_token") {
			t.Errorf("challenge %s", c)
		}
	})
}
