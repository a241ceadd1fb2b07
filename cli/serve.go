package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"steward/api"
	"steward/api/proof"
	"steward/boot"
	"steward/sms"
	"steward/sms/conformity"
	"steward/sms/conformity/catalogue"
	"steward/sms/conformity/pack"
	"steward/web"
	"steward/web/page"
	"steward/web/setup"
)

type serveCmd struct {
	place
	Addr string `help:"Where to answer; port 0 takes a free one." default:"127.0.0.1:8080" env:"STEWARD_ADDR" placeholder:"HOST:PORT"`
	Demo bool   `help:"Load the demo provider once into an empty database and print its sign-ins." env:"STEWARD_DEMO"`
	Zone string `help:"The organisation's zone: what a day is." default:"UTC" env:"STEWARD_ZONE" placeholder:"ZONE"`
	Log  string `help:"How much to log to standard error: debug, info, warn or error." default:"info" enum:"debug,info,warn,error" env:"STEWARD_LOG"`
}

// grace is how long a stop waits for requests that are being answered.
const grace = 10 * time.Second

// Run serves until it is told to stop, then finishes what is under way.
func (c *serveCmd) Run(e *env) error {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return usage("--zone: %q is not known: give an IANA name such as Europe/Berlin", c.Zone)
	}
	if _, _, err := net.SplitHostPort(c.Addr); err != nil {
		return usage("--addr: %q is not HOST:PORT, such as 127.0.0.1:8080", c.Addr)
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Log)); err != nil {
		return usage("--log: %v", err)
	}
	log := slog.New(slog.NewJSONHandler(e.stderr, &slog.HandlerOptions{Level: level}))
	slog.SetDefault(log)
	o, err := boot.Open(e.ctx, boot.Options{Data: c.Data, Database: c.Database, Zone: zone, Log: log, Exclusive: true})
	if errors.Is(err, context.Canceled) && e.ctx.Err() != nil {
		return nil // told to stop before it began: every step so far is whole or will be taken again
	}
	if err != nil {
		return err
	}
	err = c.serve(e, o, log)
	if e := o.Close(); err == nil {
		err = e
	}
	return err
}

// serve runs what runs by itself and answers, until e.ctx ends. It leaves nothing running.
func (c *serveCmd) serve(e *env, o *boot.Opened, log *slog.Logger) (err error) {
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return err
	}
	bg, stop := context.WithCancel(context.WithoutCancel(e.ctx))
	var running sync.WaitGroup
	o.Start(bg)
	engine := conformity.New(o.System, catalogue.BuiltIn(), sms.Checks())
	running.Go(func() { engine.Run(bg, func(err error) { log.Error("conformity", "error", err) }) })
	defer func() {
		stop()
		running.Wait()
		o.Stop()
	}()

	streams, endStreams := context.WithCancel(bg)
	s := &site{sys: o, streams: streams}
	packs := pack.NewPress(o.System, engine, packOptions(o))
	machines := api.New(o.System, api.Options{Log: log, Version: Version, Health: s.health, Extra: proof.Routes(engine, o.Registry, packs)})
	people := web.New(o.System, web.Options{Log: log, Version: Version, Engine: engine, Packs: packs})
	door := setup.New(o.System, doors(machines, people))
	s.next = door
	// Bodies and answers have time budgets of their own in package api, because streams have none.
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	defer func() {
		s.draining.Store(true)
		end, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), grace)
		defer cancel()
		endStreams() // streams end at once, requests are finished
		if err := srv.Shutdown(end); err != nil {
			_ = srv.Close() // those that would not end
			log.Warn("some requests did not end in time", "waited", grace)
		}
	}()

	var accounts []signIn
	var offered []page.Account
	if c.Demo {
		var done func()
		if accounts, done, err = loadDemo(bg, o, log); err != nil {
			return err
		}
		if done != nil {
			running.Go(done)
		}
	}
	url := urlOf(l.Addr())
	fmt.Fprintln(e.stdout, "Steward answers at", url)
	for _, a := range accounts {
		fmt.Fprintf(e.stdout, "  %-12s %-18s password %s\n", a.Name, a.Role, a.Password)
		offered = append(offered, page.Account{Name: a.Name, Title: a.Title, Role: a.Role, Password: a.Password})
	}
	people.Site.Offer(offered)
	if !c.Demo {
		if err := invite(bg, e.stdout, o, door, url); err != nil {
			return err
		}
	}
	select {
	case err := <-failed:
		return err
	case <-e.ctx.Done():
		e.release() // a second signal kills
		log.Info("stopping")
		return nil
	}
}

// invite prints the one-time set-up address of a new system, and again after a start without its
// being used: what was printed before is dead then.
func invite(ctx context.Context, w io.Writer, o *boot.Opened, door *setup.Door, url string) error {
	if !o.Fresh {
		if open, err := door.Open(ctx); err != nil || !open {
			return err
		}
	}
	token, err := door.Invite(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "Set the administrator's password, once and within a day, at %s/setup?token=%s\n", url, token)
	return err
}

// doors sends each request to the door it is for: what machines ask has a few names of its own.
func doors(machines, people http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case strings.HasPrefix(path, "/api/"), path == "/api", path == "/healthz", path == "/readyz", path == "/metrics":
			machines.ServeHTTP(w, r)
		default:
			people.ServeHTTP(w, r)
		}
	})
}

// urlOf is the address to type in: a listener on all addresses is reached at this machine's own.
func urlOf(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if ok && t.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", t.Port)
	}
	return "http://" + a.String()
}

// site is what all requests pass.
type site struct {
	sys      *boot.Opened
	next     http.Handler
	draining atomic.Bool
	streams  context.Context // ends when streams should
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v1/stream" || r.URL.Path == "/live" {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.streams, cancel)()
		r = r.WithContext(ctx)
	}
	s.next.ServeHTTP(w, r)
}

// health says whether requests should be sent here.
func (s *site) health(ctx context.Context) error {
	if s.draining.Load() {
		return errors.New("stopping")
	}
	_, err := s.sys.Store.Meta(ctx, "system")
	return err
}
