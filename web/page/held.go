package page

import (
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Held is a form that came from somebody whose session had ended. It was not carried out; after
// signing in, the one who sent it sees it again and sends it, or does not.
type Held struct {
	Action string     `json:"action"`
	Values url.Values `json:"values"`
	Files  bool       `json:"files,omitempty"` // some came with it; those are gone
}

// held reads what was posted; ok says that it is worth handing back. Passwords are never.
func (p *Page) held() (Held, bool) {
	h := Held{Action: p.R.URL.RequestURI()}
	if p.R.Method != http.MethodPost || p.Part() || p.R.Header.Get("Sec-Fetch-Mode") != "navigate" {
		return h, false // a script asked; it keeps what it has
	}
	form, err := p.Form()
	if err != nil || len(form) == 0 {
		return h, false
	}
	for name := range form {
		if strings.Contains(name, "password") {
			return h, false
		}
	}
	h.Values = form
	h.Files = p.R.MultipartForm != nil && slices.ContainsFunc(p.R.MultipartForm.File["file"], func(f *multipart.FileHeader) bool { return f.Size > 0 })
	return h, true
}

// String is how it goes along with the sign-in.
func (h Held) String() string {
	b, _ := json.Marshal(h) // text
	return string(b)
}

// ParseHeld reads what String wrote, as it comes back from a browser: only pages of this site count.
func ParseHeld(s string) (Held, bool) {
	var h Held
	if s == "" || json.Unmarshal([]byte(s), &h) != nil || len(h.Values) == 0 {
		return h, false
	}
	return h, strings.HasPrefix(h.Action, "/") && !strings.HasPrefix(h.Action, "//") && !strings.Contains(h.Action, "\\")
}

// Names of the values in a steady order.
func (h Held) Names() []string {
	var out []string
	for n := range h.Values {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
