// Package demo is a believable provider: three customers with agreements of their own, five teams,
// a dozen services, eighteen months of incidents, a dozen documents, objectives, an audit, improvements, risks. Everything enters by ordinary
// commands, each by the person who would give it, at the time at which it would have been.
//
// In: data/*.yaml. Out: records with their history.
// Start at [Load]; people.go makes the provider, life.go its incidents, governance.go and context.go what its management does.
// Always true: nothing of the demo lies in the future; a second start adds nothing, and one that
// was killed halfway goes on where it stopped, since every incident is one transaction.
package demo

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"steward/boot"
	"steward/kernel/access"
	"steward/kernel/lifecycle"
	"steward/kernel/record"
	"steward/kernel/system"
)

//go:embed data/*.yaml
var data embed.FS

// eighteenMonths is how many days of history there are.
const eighteenMonths = 548

// source is the external_source of what the demo makes.
const source = "demo"

// Options of a load. Zero values are those of `serve --demo`.
type Options struct {
	Log  *slog.Logger
	Days int // of history; 0 is 548, eighteen months
}

// SignIn is an account to try things with.
type SignIn struct{ Name, Title, Role, Password string }

// Loaded is a demo that can be used while the rest of its history comes in behind.
type Loaded struct {
	SignIns []SignIn
	done    sync.WaitGroup
	err     error
}

// Wait waits until everything is in, or the load was stopped, and says what went wrong.
func (l *Loaded) Wait() error { l.done.Wait(); return l.err }

type provider struct {
	Teams []struct {
		Name   string
		People []string
	}
	People    []person
	Customers []struct {
		Name    string
		Users   []person
		Targets map[int][]string
	}
	Services []struct {
		Name        string
		Criticality int
		Team        string
		Supports    []string
	}
	Incidents [][]any
	Documents []document

	Policy        string
	Processes     []described
	ServicesKnown []worth `yaml:"services_known"`
	Awareness     []topic
	Competences   []ability
	Reviews       []held
}

type person struct {
	Name, Title string
	Roles       []string
	SignIn      bool `yaml:"sign_in"`
}

// load is one run.
type load struct {
	o      *boot.Opened
	p      provider
	log    *slog.Logger
	days   int
	now    time.Time
	who    map[string]*access.Principal
	ids    map[string]record.ID // by process and name
	teamOf map[string]string    // service -> team

	promises *promises // to customers; see promises.go
}

// Load makes the provider in an empty system and begins to load its history, the newest first; it
// comes back when there is enough to look at. In a system that is not empty and not the demo's it
// does nothing.
func Load(ctx context.Context, o *boot.Opened, opt Options) (*Loaded, error) {
	out := &Loaded{}
	mark, err := o.Store.Meta(ctx, "demo")
	if err != nil {
		return nil, err
	}
	if mark == "" && !o.Fresh {
		return out, nil
	}
	l := &load{o: o, log: opt.Log, days: opt.Days, who: map[string]*access.Principal{}, ids: map[string]record.ID{}, teamOf: map[string]string{}}
	if l.log == nil {
		l.log = slog.Default()
	}
	if l.days == 0 {
		l.days = eighteenMonths
	}
	for _, name := range []string{"provider", "documents", "management", "reviews"} {
		text, err := data.ReadFile("data/" + name + ".yaml")
		if err == nil {
			err = yaml.Unmarshal(text, &l.p)
		}
		if err != nil {
			return nil, fmt.Errorf("demo: %s: %w", name, err)
		}
	}
	l.now = o.Now()
	if began, err := time.Parse(time.RFC3339Nano, mark); err == nil {
		l.now = began // the same eighteen months as when it began
	}
	if err := l.people(ctx); err != nil {
		return nil, err
	}
	if err := l.rules(ctx); err != nil {
		return nil, err
	}
	out.SignIns = l.signIns()
	plans := l.plan()
	first := min(len(plans), 150)
	for _, p := range plans[:first] {
		if err := l.live(ctx, p); err != nil {
			return nil, err
		}
	}
	out.done.Add(1)
	go func() {
		defer out.done.Done()
		out.err = l.rest(ctx, plans[first:])
	}()
	return out, nil
}

// rest loads what is older, behind.
func (l *load) rest(ctx context.Context, plans []plan) error {
	began := time.Now()
	err := l.each(ctx, func(ctx context.Context) error { return l.documents(ctx, nil) }, l.governance, func(ctx context.Context) error {
		for _, p := range plans {
			if ctx.Err() != nil {
				return nil
			}
			if err := l.live(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}, l.figures)
	if err != nil {
		l.log.Error("demo", "error", err)
		return err
	}
	if ctx.Err() != nil {
		return nil // the next start goes on
	}
	l.log.Info("the demo is complete", "incidents", len(plans), "seconds", int(time.Since(began).Seconds()))
	return nil
}

// do gives one command as somebody, at some time.
func (l *load) do(ctx context.Context, c lifecycle.Command) (*system.Result, error) {
	c.Door = "demo"
	return l.o.Do(ctx, l.o.Self(), c)
}

func set(kv ...any) map[string]json.RawMessage {
	m := map[string]json.RawMessage{}
	for i := 0; i < len(kv); i += 2 {
		b, err := json.Marshal(kv[i+1])
		if err != nil {
			panic("demo: " + err.Error()) // literals of this package
		}
		m[kv[i].(string)] = b
	}
	return m
}
