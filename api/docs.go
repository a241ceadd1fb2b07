package api

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"strings"
)

// home leads to what there is to read; the workspace takes its place when it is served.
func home(c *Call) error {
	http.Redirect(c.W, c.R, "/api/docs", http.StatusSeeOther)
	return nil
}

// docs answers the description as a page: no script, one style sheet, nothing from elsewhere.
func docs(c *Call) error {
	c.s.once.Do(c.s.describe)
	h := c.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "public, max-age=300")
	_, _ = c.W.Write(c.s.docs)
	return nil
}

func style(c *Call) error {
	h := c.W.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=300")
	_, _ = c.W.Write([]byte(sheetCSS))
	return nil
}

const sheetCSS = `:root{color-scheme:light dark;--line:#8886}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem}
nav ul{columns:14rem;list-style:none;padding:0}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid var(--line)}
code{font:0.9em ui-monospace,monospace}
h2{margin-top:3rem;border-top:1px solid var(--line);padding-top:1rem}
details{margin:.5rem 0}summary{cursor:pointer}
.m{font-weight:600;white-space:nowrap}
`

// page is the documentation, written from the same table of routes and the same declarations.
func (s *server) page() []byte {
	var b bytes.Buffer
	e := html.EscapeString
	b.WriteString(`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Steward API</title><link rel="stylesheet" href="/api/docs/style.css"></head><body><header><h1>Steward API</h1><p>JSON over HTTP, one resource per process, all alike. The same for programs: <a href="/api/openapi.json">OpenAPI 3.1</a>.</p></header>`)
	b.WriteString(`<main><section><h2 id="begin">How to begin</h2><p>Every call carries <code>Authorization: Bearer TOKEN</code>. A token comes from <code>steward token create --user NAME</code> on the machine, or from <code>POST /api/v1/tokens</code> with user name and password.</p>
<p>Records are named by id or ref (<code>INC-42</code>). A change says what it has seen: <code>If-Match</code> with the <code>ETag</code>, which is the record's revision. A <code>POST</code> with an <code>Idempotency-Key</code> is carried out once. Errors are problem documents (RFC 9457) whose <code>errors</code> name every field, the reason and how to mend it.</p>
<p>Lists take <code>filter</code>, such as <code>state in ("new","assigned") and priority &lt;= 2 and opened_at &gt; now - 7d and text ~ "vpn"</code>, and <code>sort</code>, such as <code>-priority,opened_at</code>. <code>as_of</code> answers what was so, <code>known_at</code> what Steward knew.</p></section>`)
	b.WriteString(`<nav aria-label="Resources"><h2 id="resources">Resources</h2><ul>`)
	for _, p := range s.sys.Registry.All {
		fmt.Fprintf(&b, `<li><a href="#%s">/%s</a></li>`, e(p.Resource), e(p.Resource))
	}
	b.WriteString(`</ul></nav><section><h2 id="general">General</h2>`)
	s.routeTable(&b, "")
	b.WriteString(`</section>`)
	for _, p := range s.sys.Registry.All {
		fmt.Fprintf(&b, `<section><h2 id="%s">/%s</h2><p>%s`, e(p.Resource), e(p.Resource), e(p.Doc))
		if p.Clause != "" {
			fmt.Fprintf(&b, ` ISO/IEC 20000-1:2018, %s.`, e(p.Clause))
		}
		b.WriteString(`</p><table><caption>States</caption><thead><tr><th scope="col">State</th><th scope="col">Phase</th><th scope="col">Steps</th></tr></thead><tbody>`)
		for _, st := range p.States {
			fmt.Fprintf(&b, `<tr><td><code>%s</code></td><td>%s</td><td>%s</td></tr>`, e(st.Name), e(string(st.Phase)), e(strings.Join(p.Legal(st.Name), ", ")))
		}
		b.WriteString(`</tbody></table><details><summary>Fields</summary><table><thead><tr><th scope="col">Field</th><th scope="col">Kind</th><th scope="col">Notes</th></tr></thead><tbody>`)
		for _, f := range p.Shape.Fields {
			if !shows(f) {
				continue
			}
			x := fieldSchema(f)
			var notes []string
			if x["readOnly"] == true {
				notes = append(notes, "read-only")
			}
			if f.Required {
				notes = append(notes, "required")
			}
			if f.Ref != "" {
				notes = append(notes, "points at "+f.Ref)
			}
			if len(f.Choices) > 0 {
				notes = append(notes, "one of "+strings.Join(f.Choices, ", "))
			}
			if f.Max != 0 {
				notes = append(notes, fmt.Sprintf("%d to %d", f.Min, f.Max))
			}
			fmt.Fprintf(&b, `<tr><td><code>%s</code></td><td>%s</td><td>%s</td></tr>`, e(f.Name), e(f.Kind.String()), e(strings.Join(notes, "; ")))
		}
		for _, l := range p.Shape.Lines {
			var names []string
			for _, f := range l.Shape.Fields {
				if shows(f) {
					names = append(names, f.Name)
				}
			}
			fmt.Fprintf(&b, `<tr><td><code>%s</code></td><td>lines</td><td>%s</td></tr>`, e(l.Name), e(strings.Join(names, ", ")))
		}
		b.WriteString(`</tbody></table></details><details><summary>Routes</summary>`)
		s.routeTable(&b, p.Resource)
		b.WriteString(`</details></section>`)
	}
	b.WriteString(`</main></body></html>`)
	return b.Bytes()
}

func (s *server) routeTable(b *bytes.Buffer, resource string) {
	b.WriteString(`<table><thead><tr><th scope="col">Method</th><th scope="col">Path</th><th scope="col">What it does</th></tr></thead><tbody>`)
	for _, r := range s.routes {
		of := ""
		if r.Process != nil {
			of = r.Process.Resource
		}
		if of == resource {
			fmt.Fprintf(b, `<tr><td class="m">%s</td><td><code>%s</code></td><td>%s</td></tr>`, r.Method, html.EscapeString(strings.ReplaceAll(r.Path, "{$}", "")), html.EscapeString(r.Doc))
		}
	}
	b.WriteString(`</tbody></table>`)
}
