package api

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"steward/kernel/access"
	"steward/kernel/fault"
)

// signIn finds who calls: by bearer token, and where the route says so by user name and password.
func (c *Call) signIn() error {
	who, err := c.s.bearer(c.R)
	if err == nil {
		c.Who = who
		return nil
	}
	if name, password, ok := c.R.BasicAuth(); ok && c.route.Basic {
		c.Who, err = c.password(name, password)
	}
	if fault.Is(err, fault.Unauthorised) {
		c.s.log.Info("sign-in refused", "route", c.R.Pattern, "from", c.R.RemoteAddr)
	}
	return err
}

func (s *server) bearer(r *http.Request) (*access.Principal, error) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || len(r.Header.Values("Authorization")) > 1 {
		return nil, fault.New(fault.Unauthorised, "send Authorization: Bearer TOKEN")
	}
	return s.sys.Authenticate(r.Context(), strings.TrimSpace(token))
}

// password checks a password as slowly as guessing deserves. Whether the name or the password was
// wrong is not told.
func (c *Call) password(name, password string) (*access.Principal, error) {
	ok, wait := c.s.throttle.Allow(name, c.R.RemoteAddr)
	if !ok {
		f := fault.New(fault.TooMany, "too many wrong tries; wait before the next")
		f.Retry = max(1, int(math.Ceil(wait.Seconds())))
		return nil, f
	}
	who, err := c.s.sys.CheckPassword(c.R.Context(), name, password)
	if err != nil {
		if fault.Is(err, fault.Unauthorised) {
			c.s.throttle.Fail(name, c.R.RemoteAddr)
		}
		return nil, err
	}
	c.s.throttle.Succeed(name, c.R.RemoteAddr)
	c.s.log.Info("signed in", "user", who.Name, "from", c.R.RemoteAddr)
	return who, nil
}

// local reports whether the request comes from this machine itself, not through a proxy on it.
func local(r *http.Request) bool {
	for _, h := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if r.Header.Get(h) != "" {
			return false
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// still reports whether the token of a stream is good yet.
func (c *Call) still() bool {
	who, err := c.s.bearer(c.R)
	if err != nil {
		return false
	}
	c.Who = who // roles may have changed
	return true
}

// recheck is how often a stream looks at its token.
const recheck = 2 * time.Second
