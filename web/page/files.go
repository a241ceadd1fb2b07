package page

import (
	"mime"
	"net/http"

	"steward/kernel/storage"
)

// SendFile answers an attachment that the reader has been found to see: always as a download, never
// as something that this site's pages would run (trust.md 1.3.4, 3.2.1).
func SendFile(p *Page, a *storage.Attachment) error {
	b, err := p.Sys.Blob(p.Ctx(), a)
	if err != nil {
		return err
	}
	defer b.Close()
	h := p.W.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": string(a.Name)}))
	http.ServeContent(p.W, p.R, "", a.At.Time(), b)
	return nil
}
