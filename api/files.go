package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"steward/kernel/fault"
	"steward/kernel/record"
	"steward/kernel/storage"
	"steward/kernel/system"
)

// attach takes a file: as multipart/form-data with a part "file" (and "internal"), or as the body
// itself with its name in ?name=.
func attach(c *Call) error {
	if _, err := c.seen(); err != nil {
		return err
	}
	if !c.Who.May(c.Process.Name, "attach") { // before a single byte is kept
		return fault.New(fault.Denied, "you may not attach files to a %s", c.Process.Name)
	}
	if c.R.ContentLength > system.AttachmentLimit+bodyLimit {
		return fault.New(fault.TooLarge, "a file has at most %d bytes", system.AttachmentLimit)
	}
	in := c.paced(system.AttachmentLimit + bodyLimit)
	kind, params, err := mime.ParseMediaType(c.R.Header.Get("Content-Type"))
	if err != nil {
		return fault.New(fault.Unsupported, "say what you send: multipart/form-data, or the type of the file")
	}
	internal, err := c.flag("internal")
	if err != nil {
		return err
	}
	var a *storage.Attachment
	if kind == "multipart/form-data" {
		a, err = c.form(in, params["boundary"], &internal)
	} else {
		a, err = c.s.sys.Upload(c.R.Context(), in, c.R.URL.Query().Get("name"))
	}
	if err != nil {
		return err
	}
	a.Internal = record.Bool(internal)
	sum := []byte(string(a.SHA256) + "\x00" + string(a.Name))
	hint := answer{status: http.StatusCreated, location: "/api/v1/" + c.Process.Resource + "/" + c.R.PathValue("id")}
	ans, err := c.once(sum, hint, func(keep ...storage.Statement) (*answer, error) {
		res, err := c.s.sys.Attach(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"), a, "api", keep...)
		if err != nil {
			return nil, err
		}
		row := res.Side.(*storage.Attachment)
		return &answer{status: http.StatusCreated, body: appendAttachment(nil, row),
			location: "/api/v1/" + c.Process.Resource + "/" + res.Record.Head().ID.String() + "/attachments/" + row.ID.String()}, nil
	})
	if err != nil {
		return err
	}
	return c.answer(ans)
}

// form reads a multipart body part by part; the file streams to where it is kept.
func (c *Call) form(in io.Reader, boundary string, internal *bool) (*storage.Attachment, error) {
	if boundary == "" {
		return nil, fault.New(fault.BadRequest, "the multipart body has no boundary")
	}
	var a *storage.Attachment
	mr := multipart.NewReader(in, boundary)
	for n := 0; ; n++ {
		p, err := mr.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		switch {
		case n > 10:
			return nil, fault.New(fault.BadRequest, "at most ten parts, of which one is the file")
		case p.FormName() == "file" && a == nil:
			if a, err = c.s.sys.Upload(c.R.Context(), p, p.FileName()); err != nil {
				return nil, broken(err)
			}
		case p.FormName() == "internal":
			v, err := io.ReadAll(io.LimitReader(p, 10))
			if err != nil {
				return nil, broken(err)
			}
			*internal = string(v) == "true" || string(v) == "1"
		default:
			return nil, refuse(p.FormName(), "unknown_field", "known parts are file (one) and internal")
		}
	}
	if a == nil {
		return nil, refuse("file", "required", "send the file in a part named file")
	}
	return a, nil
}

// broken tells a body that broke off from what must not happen.
func broken(err error) error {
	var large *http.MaxBytesError
	if faultOf(err) != nil || errors.As(err, &large) {
		return err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, multipart.ErrMessageTooLarge) || strings.HasPrefix(err.Error(), "multipart:") || strings.HasPrefix(err.Error(), "mime:") {
		return fault.New(fault.BadRequest, "the multipart body is broken: %s", err)
	}
	return err
}

// attachment gives a file's content: always to be saved, never shown by the browser.
func attachment(c *Call) error {
	id, err := c.id("attachment")
	if err != nil {
		if _, e := c.seen(); e != nil {
			return e
		}
		return err
	}
	a, err := c.s.sys.Attachment(c.R.Context(), c.Who, c.Process.Name, c.R.PathValue("id"), id)
	if err != nil {
		return err
	}
	f, err := c.s.sys.Blob(c.R.Context(), a)
	if err != nil {
		return err
	}
	defer f.Close()
	h := c.W.Header()
	h.Set("Content-Type", string(a.Type))
	h.Set("Content-Disposition", disposition(string(a.Name)))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; frame-ancestors 'none'")
	h.Set("ETag", `"`+string(a.SHA256)+`"`)
	http.ServeContent(c.W, c.R, "", a.At.Time(), f)
	return nil
}

// disposition is RFC 6266: a plain name for old readers, the true one in RFC 8187's encoding.
func disposition(name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	return `attachment; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
