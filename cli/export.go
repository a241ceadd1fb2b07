package cli

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"steward/api"
	"steward/boot"
	"steward/kernel/ledger"
	"steward/kernel/process"
)

type exportCmd struct {
	place
	Process string   `arg:"" help:"Process or resource, such as incident; or log for the whole tamper-evident log."`
	Filter  string   `help:"Filter, such as 'state = \"new\"'." placeholder:"EXPRESSION"`
	Sort    string   `help:"Order, such as -priority,opened_at." placeholder:"FIELDS"`
	Fields  []string `help:"Only these fields." placeholder:"FIELD"`
	AsOf    string   `help:"As it was then: an instant or a day." name:"as-of" placeholder:"TIME"`
	Format  string   `help:"csv, json, xlsx or yaml." default:"csv" enum:"csv,json,xlsx,yaml"`
	Out     string   `help:"File to write; standard output by default." placeholder:"FILE"`
	Server  string   `help:"Ask this running server, as the token's user; by default everything is read from the place itself." placeholder:"URL"`
	Token   string   `help:"Bearer token for --server." env:"STEWARD_TOKEN" placeholder:"TOKEN"`
}

func (c *exportCmd) Run(e *env) error {
	if c.Process == "log" {
		if c.Server != "" {
			return usage("the log is exported where it lies: leave --server out")
		}
		return c.standing(e, func(o *boot.Opened) error {
			if err := sequenced(e, o); err != nil {
				return err
			}
			return written(e, c.Out, func(w io.Writer) error { return ledger.WriteBundle(e.ctx, w, o.LogSource()) })
		})
	}
	p, err := processOf(c.Process)
	if err != nil {
		return err
	}
	q := url.Values{"format": {c.Format}}
	if c.Format == "yaml" {
		q.Set("format", "json")
	}
	for k, v := range map[string]string{"filter": c.Filter, "sort": c.Sort, "as_of": c.AsOf} {
		if v != "" {
			q.Set(k, v)
		}
	}
	if len(c.Fields) > 0 {
		q.Set("fields", strings.Join(c.Fields, ","))
	}
	read := func(w io.Writer) error { return c.ask(e, p, q, w) }
	if c.Server != "" {
		return written(e, c.Out, c.formatted(read))
	}
	return c.standing(e, func(o *boot.Opened) error {
		read = func(w io.Writer) error { return api.Export(e.ctx, o.System, o.Self(), w, p.Name, q) }
		return written(e, c.Out, c.formatted(read))
	})
}

// ask has a running server write the export to w.
func (c *exportCmd) ask(e *env, p *process.Process, q url.Values, w io.Writer) error {
	r := remote{Server: c.Server, Token: c.Token}
	res, err := r.send(e, http.MethodGet, "/"+p.Resource+"/export?"+q.Encode(), nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= 400 {
		b, err := io.ReadAll(res.Body)
		if err != nil {
			return err
		}
		_, err = r.answer(res.StatusCode, b)
		return err
	}
	if _, err := io.Copy(w, res.Body); err != nil {
		return fmt.Errorf("the export broke off: %w", err)
	}
	return nil
}

// formatted turns what read writes into YAML when that was asked for, one document a record.
func (c *exportCmd) formatted(read func(io.Writer) error) func(io.Writer) error {
	if c.Format != "yaml" {
		return read
	}
	return func(w io.Writer) error {
		in, out := io.Pipe()
		failed := make(chan error, 1)
		go func() {
			err := read(out)
			_ = out.CloseWithError(err) // never fails
			failed <- err
		}()
		err := documents(in, w)
		_ = in.CloseWithError(io.ErrClosedPipe) // never fails
		if e := <-failed; e != nil && e != io.ErrClosedPipe {
			return e
		}
		return err
	}
}

// documents reads {"items":[...]} piece by piece and writes each item as a YAML document.
func documents(r io.Reader, w io.Writer) error {
	d := json.NewDecoder(r)
	d.UseNumber()
	for range 3 { // {, "items", [
		if _, err := d.Token(); err != nil {
			return err
		}
	}
	for d.More() {
		var m map[string]any
		if err := d.Decode(&m); err != nil {
			return err
		}
		if _, err := io.WriteString(w, "---\n"); err != nil {
			return err
		}
		if err := yamlTo(w, numbers(m)); err != nil {
			return err
		}
	}
	for range 2 { // ], }
		if _, err := d.Token(); err != nil {
			return err
		}
	}
	return nil
}

// written has f write to path, or to standard output when there is none. The file is there whole or
// not at all: one that is in place stays until the new one is complete.
func written(e *env, path string, f func(io.Writer) error) error {
	if path == "" {
		b := bufio.NewWriterSize(e.stdout, 1<<16)
		if err := f(b); err != nil {
			return err
		}
		return b.Flush()
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".steward-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	b := bufio.NewWriterSize(tmp, 1<<20)
	err = f(b)
	for _, step := range []func() error{b.Flush, tmp.Sync} {
		if err == nil {
			err = step()
		}
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
