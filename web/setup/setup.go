// Package setup is the one page that a new system answers before anybody can sign in: it sets the
// administrator's password, once.
//
// In: a one-time address printed by serve on an empty database. Out: a password; the address is
// dead from then on, and after 24 hours in any case.
// Start at [New].
package setup

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"steward/kernel/fault"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/secret"
	"steward/kernel/storage"
	"steward/kernel/system"
	"steward/web/static"
)

// life is how long the address holds.
const life = 24 * time.Hour

// The system's own setting that remembers the address: its hash and when it ends, or that it was used.
const (
	metaKey = "setup"
	used    = "used"
)

// Door answers /setup and hands everything else on.
type Door struct {
	sys  *system.System
	next http.Handler
	page *template.Template
	once sync.Mutex // held while an address is used, so that it is used once
}

// New puts the page before next.
func New(sys *system.System, next http.Handler) *Door {
	return &Door{sys: sys, next: next, page: template.Must(template.New("setup").Parse(page))}
}

// Invite makes the address's token; only its hash is kept.
func (d *Door) Invite(ctx context.Context) (string, error) {
	token, _ := secret.NewToken()
	mark := hashOf(token) + " " + record.At(d.sys.Now().Add(life)).String()
	return token, d.sys.Store.Apply(ctx, []storage.Statement{d.sys.Store.SetMeta(metaKey, mark)})
}

// Open reports whether an address was given out and not used, whether or not its day is over.
func (d *Door) Open(ctx context.Context) (bool, error) {
	mark, err := d.sys.Store.Meta(ctx, metaKey)
	return mark != "" && mark != used, err
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/setup" {
		d.next.ServeHTTP(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		h.Set("Allow", "GET, POST")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	if err := r.ParseForm(); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if r.Method == http.MethodPost {
		d.once.Lock()
		defer d.once.Unlock()
	}
	token := r.Form.Get("token")
	v := view{Token: token, Sheet: static.URL("steward.css")}
	status := http.StatusOK
	switch err := d.allowed(r.Context(), token); {
	case err != nil:
		status, v.Dead = http.StatusNotFound, true
	case r.Method == http.MethodPost && r.PostForm.Get("password") != r.PostForm.Get("again"):
		status, v.Errors = http.StatusUnprocessableEntity, []string{"The two entries differ: type the same password twice."}
	case r.Method == http.MethodPost:
		if status, v.Errors = d.set(r.Context(), r.PostForm.Get("password")); len(v.Errors) == 0 {
			v.Done = true
		}
	}
	w.WriteHeader(status)
	_ = d.page.Execute(w, v) // a reader who has gone away is no error of ours
}

func (d *Door) allowed(ctx context.Context, token string) error {
	mark, err := d.sys.Store.Meta(ctx, metaKey)
	if err != nil {
		return err
	}
	want, until, ok := strings.Cut(mark, " ")
	if !ok || subtle.ConstantTimeCompare([]byte(want), []byte(hashOf(token))) != 1 {
		return errors.New("unknown")
	}
	t, err := time.Parse(time.RFC3339Nano, until)
	if err != nil || d.sys.Now().After(t) {
		return errors.New("expired")
	}
	return nil
}

// set gives the administrator the password and ends the address, in one transaction.
func (d *Door) set(ctx context.Context, password string) (int, []string) {
	raw, err := json.Marshal(password)
	if err != nil {
		return http.StatusBadRequest, []string{"The password cannot be read."}
	}
	_, err = d.sys.Do(ctx, d.sys.Self(), lifecycle.Command{Process: "user", Ref: "admin", Verb: "password", Door: "setup",
		Set: map[string]json.RawMessage{"password": raw}}, d.sys.Store.SetMeta(metaKey, used))
	var f *fault.Error
	switch {
	case err == nil:
		return http.StatusOK, nil
	case errors.As(err, &f) && len(f.Refusals) > 0:
		var out []string
		for _, r := range f.Refusals {
			out = append(out, r.Mend)
		}
		return http.StatusUnprocessableEntity, out
	}
	return http.StatusInternalServerError, []string{"It was not saved; try again."}
}

type view struct {
	Token      string
	Sheet      string
	Dead, Done bool
	Errors     []string
}

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><title>Set up Steward</title><link rel="stylesheet" href="{{.Sheet}}"></head>
<body class="bare"><main class="bare__m"><div class="bare__card"><h1>Set up Steward</h1>
{{if .Dead}}<p>This address was used, or has expired. Make a token on the machine itself instead: <code>steward token create --user admin</code></p>
{{else if .Done}}<p>The password of <strong>admin</strong> is set. This address is dead from now on.</p><p><a class="btn btn--primary" href="/signin?next=/start">Sign in and take the first steps</a></p>
{{else}}<p>Choose the password of the administrator, <strong>admin</strong>. This page works once.</p>
{{range .Errors}}<p role="alert" class="err">{{.}}</p>{{end}}
<form method="post" action="/setup"><input type="hidden" name="token" value="{{.Token}}"><input name="username" value="admin" autocomplete="username" hidden>
<div class="field"><label for="p">Password</label><input class="input" id="p" name="password" type="password" autocomplete="new-password" required></div>
<div class="field"><label for="q">Again</label><input class="input" id="q" name="again" type="password" autocomplete="new-password" required></div>
<button class="btn btn--primary btn--l">Set the password</button></form>{{end}}
</div></main></body></html>
`
