package cli

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"
	"golang.org/x/term"

	"steward/boot"
	"steward/exchange/importer"
	"steward/sms/conformity/foreign"
)

type importCmd struct {
	place
	Format   string            `arg:"" enum:"csv,servicenow-csv,oscal-catalog" help:"csv, servicenow-csv or oscal-catalog."`
	Files    []string          `arg:"" name:"file" help:"Files; .gz is read too."`
	Process  string            `help:"What the rows of csv are, such as incident." placeholder:"NAME"`
	Column   map[string]string `help:"The header of a field where it is not the field's name." placeholder:"FIELD=HEADER" mapsep:"none"`
	Mapping  string            `help:"A YAML file of such lines, FIELD: HEADER; --column goes before it." placeholder:"FILE" type:"existingfile"`
	Source   string            `help:"external_source of what is taken; by default the format's own." placeholder:"NAME"`
	Encoding string            `help:"Force an encoding, such as windows-1252; by default it is found out." placeholder:"NAME"`
	Zone     string            `help:"Zone of times that name none." default:"UTC"`
	DryRun   bool              `help:"Decide everything and write nothing." name:"dry-run"`
	Atomic   bool              `help:"All or nothing: write only if no row is refused."`
}

func (c *importCmd) Run(e *env) error {
	process := ""
	if c.Format == "csv" {
		if c.Process == "" {
			return usage("--process: say which records the rows are, such as incident")
		}
		p, err := processOf(c.Process)
		if err != nil {
			return err
		}
		process = p.Name
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return usage("--zone: %q is not known: give an IANA name such as Europe/Berlin", c.Zone)
	}
	if err := c.mapping(); err != nil {
		return err
	}
	var read func(io.Reader) ([]importer.Given, error)
	if c.Format == "oscal-catalog" {
		process, read = foreign.Process.Name, gunzipped(foreign.FromOSCAL)
	}
	opt := importer.Options{Format: c.Format, Process: process, Read: read, Columns: c.Column, Source: c.Source, Encoding: c.Encoding, Zone: zone, DryRun: c.DryRun}
	var sum importer.Report
	err = c.with(e, func(o *boot.Opened) error {
		if c.Atomic && !c.DryRun {
			try := opt
			try.DryRun = true
			sum, err = c.files(e, o, try)
			if err != nil || sum.Refused > 0 {
				sum.Records, sum.Events = 0, 0
				return err
			}
		}
		if sum, err = c.files(e, o, opt); err != nil || c.DryRun {
			return err
		}
		return sequenced(e, o)
	})
	for _, r := range sum.Rows {
		fmt.Fprintf(e.stderr, "line %d: %s\n", r.Line, cause(r.Column, r.Reason, r.Mend))
	}
	if n := sum.Refused - len(sum.Rows); n > 0 {
		fmt.Fprintf(e.stderr, "and %d more rows\n", n)
	}
	for _, n := range sum.Notes {
		fmt.Fprintln(e.stderr, "note:", n)
	}
	if err != nil {
		return err
	}
	line, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(e.stdout, "%s\n", line); err != nil {
		return err
	}
	if sum.Refused > 0 {
		return fmt.Errorf("%d rows were refused", sum.Refused)
	}
	return nil
}

// mapping adds the columns that the mapping file names and the command line does not.
func (c *importCmd) mapping() error {
	if c.Mapping == "" {
		return nil
	}
	raw, err := os.ReadFile(c.Mapping)
	if err != nil {
		return err
	}
	named := map[string]string{}
	if err := yaml.Unmarshal(raw, &named); err != nil {
		return usage("--mapping: %s is not lines of FIELD: HEADER: %v", c.Mapping, err)
	}
	if c.Column == nil {
		c.Column = map[string]string{}
	}
	for field, header := range named {
		if _, given := c.Column[field]; !given {
			c.Column[field] = header
		}
	}
	return nil
}

// gunzipped reads what is packed as what it was.
func gunzipped(read func(io.Reader) ([]importer.Given, error)) func(io.Reader) ([]importer.Given, error) {
	return func(r io.Reader) ([]importer.Given, error) {
		in := bufio.NewReader(r)
		if magic, err := in.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
			return read(in)
		}
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		return read(z)
	}
}

// files takes one file after the other and adds up what came of them.
func (c *importCmd) files(e *env, o *boot.Opened, opt importer.Options) (importer.Report, error) {
	var sum importer.Report
	for _, path := range c.Files {
		rep, err := c.file(e, o, path, opt)
		sum.Records += rep.Records
		sum.Events += rep.Events
		sum.Refused += rep.Refused
		sum.Unchanged += rep.Unchanged
		sum.Seconds += rep.Seconds
		sum.Rows = append(sum.Rows, rep.Rows...)
		sum.Notes = append(sum.Notes, rep.Notes...)
		if rep.Detected != "" {
			sum.Notes = append(sum.Notes, filepath.Base(path)+": read as "+rep.Detected)
		}
		if err != nil {
			return sum, fmt.Errorf("%s: %w", path, err)
		}
	}
	return sum, nil
}

func (c *importCmd) file(e *env, o *boot.Opened, path string, opt importer.Options) (importer.Report, error) {
	f, err := os.Open(path)
	if err != nil {
		return importer.Report{}, err
	}
	defer f.Close()
	opt.Name = filepath.Base(path)
	opt.Progress = e.progress(opt.Name)
	return importer.Run(e.ctx, o.System, o.Self(), bufio.NewReaderSize(f, 1<<20), opt)
}

// reported is how often progress is told where no terminal shows it in place.
const reported = 10 * time.Second

// progress tells how far an import is: in place on a terminal, else as a line now and then.
func (e *env) progress(name string) func(importer.Report) {
	t, ok := e.stderr.(*os.File)
	terminal := ok && term.IsTerminal(int(t.Fd()))
	last := time.Now()
	return func(r importer.Report) {
		line := fmt.Sprintf("%s: %d records, %d events, %d refused, %d unchanged, %.0f events/s", name, r.Records, r.Events, r.Refused, r.Unchanged, float64(r.Events)/max(r.Seconds, 0.001))
		switch {
		case terminal:
			fmt.Fprintf(e.stderr, "\r%s ", line)
		case time.Since(last) >= reported:
			last = time.Now()
			fmt.Fprintln(e.stderr, line)
		}
	}
}
